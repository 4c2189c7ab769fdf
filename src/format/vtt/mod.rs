//! WebVTT, by the W3C's description (<https://www.w3.org/TR/webvtt1/>), section 6.1 for the parsing.
//!
//! Blocks are parted by blank lines; a block with a time line is a cue, `NOTE`, `STYLE` and `REGION` are passed over.
//! Kept are a cue's identifier and settings, the header's language, voices and the times inside a payload. A cue with
//! several voices becomes one cue for each. Also read: a missing header, and files whose line breaks were lost.

use std::borrow::Cow;

use super::draft::{Draft, Drafts, source_range};
use super::formats::{Family, Format, Holds, Spec};
use super::markup::Plain;
use super::stamp::{TimeLine, TimeLines};
use super::warning::shorten;
use super::writing::{Output, around_words, whole_cues};
use super::{Input, ReadError, WarningKind, Warnings, srt};
use crate::time::{CueTime, format_hms_millis};
use crate::transcript::{Cue, CueOrigin, Transcript};

/// The row of this format.
pub(super) const SPEC: Spec = Spec {
    format: Format::WebVtt,
    key: "vtt",
    name: "WebVTT",
    extensions: &["vtt", "webvtt"],
    from: "the web, Zoom, Teams, YouTube, Whisper",
    family: Family::Text,
    recognise,
    read,
    write: Some((write, HOLDS)),
};

const HOLDS: Holds = Holds {
    words: true,
    speakers: true,
    ends: true,
    lines: true,
    language: true,
    title: true,
    ..Holds::NOTHING_MORE
};

/// Whether the text begins as a WebVTT file does (section 4.1): the signature, then a blank or nothing.
pub(super) fn has_header(text: &str) -> bool {
    let rest = text.trim_start_matches(is_blank).strip_prefix("WEBVTT");
    rest.is_some_and(|rest| rest.chars().next().is_none_or(char::is_whitespace))
}

/// The signature, or what is left of the format without it.
fn recognise(input: &Input<'_>) -> Option<&'static str> {
    if has_header(input.text) {
        return Some("it begins with WEBVTT");
    }
    let first = TimeLines::new(input.text).next()?;
    lost_its_header(input, first).then_some("its name says so and its times have points")
}

/// A WebVTT file that lost its first line can only be told by its name and its decimal points.
pub(super) fn lost_its_header(input: &Input<'_>, first: TimeLine) -> bool {
    let line = input.text.get(first.from..first.to).unwrap_or("");
    input.options.has_extension("vtt") && line.contains('.')
}

/// Reads the cues of a WebVTT file.
fn read(input: &Input<'_>, drafts: &mut Drafts, warnings: &mut Warnings) -> Result<(), ReadError> {
    parse(input.text, drafts, warnings);
    Ok(())
}

/// Writes WebVTT; what was read from it is given back as it was: header, style sheets, regions, comments, settings,
/// markup.
fn write(transcript: &Transcript, out: &mut Output) {
    let kept = transcript.kept.as_deref().filter(|kept| kept.format == "vtt");
    match kept.map(|kept| kept.head.as_str()).filter(|head| !head.is_empty()) {
        Some(head) => out.text(head),
        None => {
            out.text("WEBVTT");
            if let Some(title) = &transcript.title {
                out.text(" - ");
                out.text(&title.replace("-->", "->").replace('\n', " "));
            }
            if let Some(language) = &transcript.language {
                out.text("\nLanguage: ");
                out.text(language);
            }
            out.text("\n");
        }
    }
    let mut blocks = kept
        .map(|kept| kept.blocks.as_slice())
        .unwrap_or_default()
        .iter()
        .peekable();
    for whole in whole_cues(transcript, "vtt") {
        while let Some((_, block)) = blocks.next_if(|(before, _)| *before <= whole.first.0) {
            out.text("\n");
            out.line(block);
        }
        out.text("\n");
        if let Some(identifier) = whole.origin().and_then(|origin| origin.identifier.as_deref()) {
            out.line(identifier);
        }
        out.text(&stamp(whole.span.start));
        out.text(" --> ");
        out.text(&stamp(whole.span.end));
        if let Some(settings) = whole.settings().filter(|settings| !settings.starts_with("X1:")) {
            out.text(" ");
            out.text(settings);
        }
        out.text("\n");
        if let Some(payload) = whole.payload() {
            out.line(payload);
        } else if let Some(cue) = whole.cue() {
            write_payload(cue, transcript.speaker_name(cue.speaker), out);
        }
    }
    for (_, block) in blocks {
        out.text("\n");
        out.line(block);
    }
}

fn stamp(time: CueTime) -> String {
    format_hms_millis(time - CueTime::ZERO, '.')
}

/// The text with its voice, its words with their times. A word without a given time gets none.
fn write_payload(cue: &Cue, name: Option<&str>, out: &mut Output) {
    if let Some(name) = name {
        out.text("<v ");
        out.text(&escaped(name));
        out.text(">");
    }
    for (before, word) in around_words(cue) {
        out.text(&escaped(before));
        if let Some((word, text)) = word {
            if word.given {
                out.text("<");
                out.text(&stamp(word.span.start));
                out.text(">");
            }
            out.text(&escaped(text));
        }
    }
    out.text("\n");
}

/// Section 3.3: `&`, `<` and `>` cannot stand for themselves, and `-->` would begin a cue.
fn escaped(text: &str) -> Cow<'_, str> {
    if text.contains(['&', '<', '>']) {
        Cow::Owned(text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;"))
    } else {
        Cow::Borrowed(text)
    }
}

/// Reads the cues of a WebVTT text.
pub(super) fn parse(text: &str, drafts: &mut Drafts, warnings: &mut Warnings) {
    if let Some(body) = flat_body(text) {
        return srt::parse(body, drafts, warnings);
    }
    let mut reader = Reader {
        source: text,
        drafts,
        warnings,
        plain: Plain::default(),
        cues: 0,
    };
    let mut lines = Lines { rest: text, number: 0 };
    if has_header(text) {
        reader.header(&mut lines);
    } else {
        let text = "WEBVTT".to_owned();
        reader.warnings.push(
            1,
            WarningKind::Malformed {
                what: "the first line is missing",
                text,
            },
        );
    }
    while let Some(line) = lines.next() {
        if !is_empty(line.text) {
            reader.block(line, &mut lines);
        }
    }
}

/// What follows the signature where no time line stands on a line by itself.
fn flat_body(text: &str) -> Option<&str> {
    let first = TimeLines::new(text).next()?;
    let rest = text.trim_start_matches(is_blank).strip_prefix("WEBVTT").unwrap_or(text);
    (!first.at_line_start && !rest.trim().contains('\n')).then_some(rest)
}

fn is_blank(c: char) -> bool {
    c.is_whitespace() || c == '\u{feff}'
}

/// Only an empty line ends a block (section 6.1); one that holds a space does not, and YouTube writes such lines.
fn is_empty(line: &str) -> bool {
    line.is_empty()
}

#[derive(Clone, Copy)]
struct Line<'a> {
    text: &'a str,
    number: u32,
}

#[derive(Clone)]
struct Lines<'a> {
    rest: &'a str,
    number: u32,
}

impl<'a> Lines<'a> {
    /// The next line that belongs to the block: neither empty nor a time line.
    fn next_of_payload(&mut self) -> Option<Line<'a>> {
        let mut ahead = self.clone();
        let line = ahead
            .next()
            .filter(|line| !is_empty(line.text) && time_line(line.text).is_none())?;
        *self = ahead;
        Some(line)
    }
}

impl<'a> Iterator for Lines<'a> {
    type Item = Line<'a>;

    fn next(&mut self) -> Option<Line<'a>> {
        if self.rest.is_empty() {
            return None;
        }
        let (text, rest) = self.rest.split_once('\n').unwrap_or((self.rest, ""));
        self.rest = rest;
        self.number = self.number.saturating_add(1);
        Some(Line {
            text,
            number: self.number,
        })
    }
}

/// The times of a line that is a time line.
fn time_line(text: &str) -> Option<TimeLine> {
    // Most lines are text, and text seldom holds this sign.
    if !text.contains(['>', '→']) {
        return None;
    }
    TimeLines::new(text).next().filter(|line| line.at_line_start)
}

struct Reader<'a> {
    source: &'a str,
    drafts: &'a mut Drafts,
    warnings: &'a mut Warnings,
    plain: Plain,
    cues: usize,
}

impl Reader<'_> {
    /// The signature's line and the headers below it. `Kind` and `Language` come from an early draft of the format
    /// and are still written by YouTube.
    fn header(&mut self, lines: &mut Lines<'_>) {
        let from = lines.rest;
        let signature = lines.by_ref().find(|line| line.text.contains("WEBVTT"));
        let title = signature.and_then(|line| line.text.split_once("WEBVTT")?.1.trim().strip_prefix('-'));
        self.drafts.title = title.map(|title| title.trim().to_owned());
        if signature.is_none_or(|line| line.text.trim_end().ends_with("-->")) {
            return;
        }
        while let Some(line) = lines.next_of_payload() {
            if let Some((name, value)) = line.text.split_once(':')
                && name.trim().eq_ignore_ascii_case("language")
                && !value.trim().is_empty()
            {
                self.drafts.language = Some(value.trim().chars().take(35).collect());
            }
        }
        let length = from.len() - lines.rest.len();
        self.drafts.head = from.get(..length).unwrap_or("").trim_start_matches(is_blank).to_owned();
    }

    /// A block whose first line is `first`.
    fn block(&mut self, first: Line<'_>, lines: &mut Lines<'_>) {
        if let Some(times) = time_line(first.text) {
            return self.cue(None, first, times, lines);
        }
        if is_comment(first.text) || is_definition(first.text, lines) {
            let mut block = first.text.to_owned();
            while let Some(line) = lines.next_of_payload() {
                block.push('\n');
                block.push_str(line.text);
            }
            self.drafts.blocks.push((first.number, block));
            return;
        }
        // An identifier: the line above the times.
        let mut ahead = lines.clone();
        if let Some((second, times)) = ahead.next().and_then(|line| Some((line, time_line(line.text)?))) {
            *lines = ahead;
            return self.cue(Some(first.text.trim()), second, times, lines);
        }
        let text = shorten(first.text);
        let kind = if first.text.contains("-->") {
            // The description drops such a cue; with the cue before, its text would be read at the wrong time.
            while lines.next_of_payload().is_some() {}
            WarningKind::Malformed {
                what: "a cue whose times cannot be read was left out",
                text,
            }
        } else {
            WarningKind::StrayText { text }
        };
        self.warnings.push(first.number, kind);
    }

    /// Whether a block of text follows that belongs to nothing else.
    fn is_text_alone(lines: &Lines<'_>) -> bool {
        let mut ahead = lines.clone();
        ahead.next_of_payload().is_some_and(|first| {
            let is_other = is_comment(first.text) || is_definition(first.text, &ahead) || first.text.contains("-->");
            !is_other && ahead.next().is_none_or(|second| time_line(second.text).is_none())
        })
    }

    fn cue(&mut self, identifier: Option<&str>, head: Line<'_>, times: TimeLine, lines: &mut Lines<'_>) {
        self.cues += 1;
        // A blank line between the times and the text is no end: there was nothing yet to end.
        let mut ahead = lines.clone();
        while ahead.clone().next().is_some_and(|line| is_empty(line.text)) {
            ahead.next();
        }
        if Self::is_text_alone(&ahead) {
            *lines = ahead;
        }
        let payload_from = lines.rest;
        let mut length = 0;
        let mut ahead = lines.clone();
        while let Some(line) = ahead.next_of_payload() {
            // The line above a time line is its identifier where the blank line between two cues is missing.
            let is_identifier =
                is_number(line.text) && ahead.clone().next().is_some_and(|next| time_line(next.text).is_some());
            if is_identifier {
                break;
            }
            *lines = ahead.clone();
            length = payload_from.len() - lines.rest.len();
        }
        let mut draft = Draft::new(head.number, times.start, Some(times.end));
        let settings = head.text.get(times.settings..).unwrap_or("").trim();
        let identifier = identifier.filter(|id| !id.is_empty() && id.parse() != Ok(self.cues));
        if !settings.is_empty() || identifier.is_some() {
            let settings = Some(settings.to_owned()).filter(|settings| !settings.is_empty());
            draft.origin = Some(Box::new(CueOrigin {
                identifier: identifier.map(str::to_owned),
                settings,
                ..CueOrigin::default()
            }));
        }
        let payload = payload_from.get(..length).unwrap_or("");
        draft.payload = source_range(self.source, payload);
        self.plain.read(payload, false, head.number, self.warnings);
        self.drafts.add(draft, &self.plain);
    }
}

fn is_number(text: &str) -> bool {
    let text = text.trim();
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// `NOTE` and nothing longer (section 4.1): a cue may be called `NOTEBOOK`.
fn is_comment(text: &str) -> bool {
    text.strip_prefix("NOTE")
        .is_some_and(|rest| rest.is_empty() || rest.starts_with([' ', '\t']))
}

/// A style sheet or a region; a cue whose identifier is that word has its times below.
fn is_definition(text: &str, lines: &Lines<'_>) -> bool {
    matches!(text.trim_end(), "STYLE" | "REGION")
        && lines.clone().next().is_none_or(|next| time_line(next.text).is_none())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::CueTime;

    fn read(text: &str) -> (Drafts, Vec<(u32, &'static str)>) {
        let (mut drafts, mut warnings) = (Drafts::default(), Warnings::default());
        parse(text, &mut drafts, &mut warnings);
        (
            drafts,
            warnings
                .into_sorted()
                .iter()
                .map(|warning| (warning.line, warning.kind.name()))
                .collect(),
        )
    }

    fn texts(drafts: &Drafts) -> Vec<&str> {
        drafts.cues.iter().map(|cue| drafts.text_of(cue)).collect()
    }

    #[test]
    fn the_header_is_told_from_words_that_begin_like_it() {
        for header in ["WEBVTT", "\u{feff}WEBVTT - a title", "WEBVTT\n", "\n\nWEBVTT\t"] {
            assert!(has_header(header), "{header:?}");
        }
        assert!(!has_header("WEBVTTX\n"));
        assert!(!has_header("1\nWEBVTT"));
    }

    #[test]
    fn blocks_of_every_kind() {
        let (drafts, warnings) = read(
            "WEBVTT - a talk\nKind: captions\nLanguage: en-GB\n\nSTYLE\n::cue { color: red }\n\nREGION\nid:r\n\n\
             NOTE about\nthis\n\nintro\n00:01.000 --> 00:02.000 align:start line:0\nOne\n\n2\n00:00:02.000 --> 00:00:03.000\nTwo\nlines\n",
        );
        assert_eq!(warnings, []);
        assert_eq!(drafts.language.as_deref(), Some("en-GB"));
        assert_eq!(texts(&drafts), ["One", "Two\nlines"]);
        let origin = drafts.cues[0].origin.as_deref();
        let expected = CueOrigin {
            identifier: Some("intro".into()),
            settings: Some("align:start line:0".into()),
            ..CueOrigin::default()
        };
        assert_eq!(origin, Some(&expected));
        assert_eq!(drafts.cues[1].origin, None);
    }

    #[test]
    fn blank_lines_may_be_missing_and_lines_with_a_space_are_not_blank() {
        let (drafts, warnings) = read(
            "WEBVTT\n00:01.000 --> 00:02.000\nOne\n00:02.000 --> 00:03.000\n \nTwo\n3\n00:03.000 --> 00:04.000\nThree",
        );
        assert_eq!(texts(&drafts), ["One", "Two", "Three"]);
        assert_eq!(warnings, []);
    }

    #[test]
    fn stray_blocks_are_told() {
        let (drafts, warnings) =
            read("WEBVTT\n\n00:01.000 --> 00:02.000\nOne\n\nNOTEBOOK\nof nothing\n\n00:bad --> 00:03.000\n");
        assert_eq!(texts(&drafts), ["One"]);
        assert_eq!(warnings, [(6, "stray-text"), (7, "stray-text"), (9, "malformed")]);
    }

    #[test]
    fn words_have_the_times_given() {
        let (drafts, _) = read("WEBVTT\n\n00:01.000 --> 00:03.000\n<00:01.000>Hello <00:02.000><c>world</c>\n");
        assert_eq!(texts(&drafts), ["Hello world"]);
        let starts: Vec<CueTime> = drafts.words.iter().map(|word| word.span.start).collect();
        assert_eq!(starts, [CueTime::from_millis(1_000), CueTime::from_millis(2_000)]);
    }

    #[test]
    fn a_missing_header_and_lost_line_breaks() {
        let (drafts, warnings) = read("00:01.000 --> 00:02.000\nOne\n");
        assert_eq!((texts(&drafts), warnings), (vec!["One"], vec![(1, "malformed")]));
        let (drafts, warnings) = read("WEBVTT 00:01.000 --> 00:02.000 One 00:02.000 --> 00:03.000 Two");
        assert_eq!(texts(&drafts), ["One", "Two"]);
        assert!(warnings.contains(&(1, "lost-line-breaks")));
    }
}
