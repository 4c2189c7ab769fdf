//! WebVTT, by the W3C's description (<https://www.w3.org/TR/webvtt1/>), section 6.1 for the parsing.
//!
//! Cues are found by their time lines. Between two of them stand the text of the first, down to a blank line, then
//! blocks (`NOTE`, `STYLE`, `REGION`), then the identifier of the second. Voices, classes, ruby, languages and times
//! inside a text are `markup`'s work; a cue of several voices becomes one for each.
//!
//! Whatever is no speech is kept for writing, and so is the way in which the file writes it: a clean file is written
//! as it was read, to the byte, but for line ends and the byte order mark.
//!
//! Read beyond the description, since such files are about: no header; no blank line between cues, or one between
//! times and text; lost line breaks; times as SubRip writes them; arrows that are speech; `<` and `&` that stand for
//! themselves. What YouTube calls blank is a line with a space, so only an empty line ends a cue.
//!
//! `X-TIMESTAMP-MAP` (HTTP Live Streaming, RFC 8216 section 3.5) says where a segment lies on the clock of its stream.
//! The file does not say where on that clock the recording begins, so the first one moves nothing; where segments were
//! put together in one file, the further ones move their cues by the difference to the first.

mod reader;

use std::borrow::Cow;

use super::draft::Drafts;
use super::formats::{Family, Format, Holds, Spec};
use super::stamp::{TimeLine, TimeLines};
use super::writing::{Output, WholeCue, around_words, line_ends_as_word, line_ends_of, whole_cues};
use super::{Input, ReadError, Warnings};
use crate::time::{CueTime, push_hms_millis};
use crate::transcript::{Cue, Transcript};

/// The row of this format.
pub(in crate::format) const SPEC: Spec = Spec {
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

const HOLDS: Holds = Holds::ALL_BUT_CHAPTERS;

/// Whether the text begins as a WebVTT file does (section 4.1): the signature, then a blank or nothing.
pub(in crate::format) fn has_header(text: &str) -> bool {
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
pub(in crate::format) fn lost_its_header(input: &Input<'_>, first: TimeLine) -> bool {
    let line = input.text.get(first.from..first.to).unwrap_or("");
    input.options.has_extension("vtt") && line.contains('.')
}

/// Reads the cues of a WebVTT file.
fn read(input: &Input<'_>, drafts: &mut Drafts, warnings: &mut Warnings) -> Result<(), ReadError> {
    reader::parse(input.text, drafts, warnings);
    Ok(())
}

/// Writes WebVTT; what was read from it is given back as it was: header, style sheets, regions, comments, settings,
/// markup, and the way times are written.
fn write(transcript: &Transcript, out: &mut Output) {
    let kept = transcript.kept.as_deref().filter(|kept| kept.format == SPEC.key);
    let style = kept.map(|kept| Style::from_words(&kept.style)).unwrap_or_default();
    match kept.map(|kept| kept.head.as_str()).filter(|head| !head.is_empty()) {
        Some(head) => out.text(head),
        None => write_header(transcript, out),
    }
    let blocks = kept.map(|kept| kept.blocks.as_slice()).unwrap_or_default();
    let mut blocks = blocks.iter().peekable();
    for (whole, number) in whole_cues(transcript, SPEC.key).zip(1_usize..) {
        while let Some((_, block)) = blocks.next_if(|(before, _)| *before <= whole.first.0) {
            write_block(block, out);
        }
        out.text("\n");
        match whole.origin().and_then(|origin| origin.identifier.as_deref()) {
            Some("") => {}
            Some(identifier) => out.line(identifier),
            None if style.numbered => out.line(&number.to_string()),
            None => {}
        }
        write_time_line(&whole, style, out);
        if let Some(payload) = whole.payload() {
            out.line(payload);
        } else if let Some(cue) = whole.cue() {
            write_payload(cue, transcript.speaker_name(cue.speaker), out);
        }
    }
    for (_, block) in blocks {
        write_block(block, out);
    }
    out.end_with(style.ends.unwrap_or(1));
}

fn write_header(transcript: &Transcript, out: &mut Output) {
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

/// A block, or further blank lines where the file has more than one.
fn write_block(block: &str, out: &mut Output) {
    if block.starts_with('\n') {
        out.text(block);
    } else {
        out.text("\n");
        out.line(block);
    }
}

fn write_time_line(whole: &WholeCue<'_>, style: Style, out: &mut Output) {
    // As it was written, if these are its times still.
    let as_written = whole.extra().filter(|line| {
        let read = TimeLines::new(line).next();
        read.is_some_and(|read| (read.start, read.end) == (whole.span.start, whole.span.end))
    });
    if let Some(line) = as_written {
        return out.line(line);
    }
    push_times(whole.span.start, whole.span.end, style.short, out.buffer());
    if let Some(settings) = whole.settings().filter(|settings| !settings.starts_with("X1:")) {
        out.text(" ");
        out.text(settings);
    }
    out.text("\n");
}

fn push_times(start: CueTime, end: CueTime, short: bool, out: &mut String) {
    push_stamp(start, short, out);
    out.push_str(" --> ");
    push_stamp(end, short, out);
}

/// `short` leaves hours of zero out.
fn push_stamp(time: CueTime, short: bool, out: &mut String) {
    let from = out.len();
    push_hms_millis(time - CueTime::ZERO, '.', out);
    if short && out.get(from..).is_some_and(|stamp| stamp.starts_with("00:")) {
        out.replace_range(from..from + "00:".len(), "");
    }
}

/// The text with its voice, its words with their times. A word without a given time gets none.
fn write_payload(cue: &Cue, name: Option<&str>, out: &mut Output) {
    if let Some(name) = name {
        out.text("<v ");
        out.text(&escaped(name));
        out.text(">");
    }
    // Somebody quotes a time line: lenient readers know its arrow by its entity, too. A mark that nobody sees, and every
    // reader drops, takes it apart.
    let quotes_times = TimeLines::new(&cue.text).next().is_some();
    let escaped = |text| match escaped(text) {
        text if quotes_times => Cow::Owned(text.replace("&gt;", "\u{feff}&gt;").replace('→', "\u{feff}→")),
        text => text,
    };
    for (before, word) in around_words(cue) {
        out.text(&escaped(before));
        if let Some((word, text)) = word {
            if word.given {
                out.text("<");
                push_stamp(word.span.start, false, out.buffer());
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

/// How a file writes what can be written in several ways.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Style {
    /// Hours of zero are left out.
    short: bool,
    /// The identifiers are running numbers.
    numbered: bool,
    /// With how many line breaks the file ends, where it is not one.
    ends: Option<usize>,
}

impl Style {
    fn from_words(words: &str) -> Self {
        let has = |word| words.split(' ').any(|own| own == word);
        Self {
            short: has("short"),
            numbered: has("numbered"),
            ends: words.split(' ').find_map(line_ends_of),
        }
    }

    fn to_words(self) -> String {
        let mut words = Vec::new();
        words.extend(self.short.then(|| "short".to_owned()));
        words.extend(self.numbered.then(|| "numbered".to_owned()));
        words.extend(self.ends.map(line_ends_as_word));
        words.join(" ")
    }
}

fn is_blank(c: char) -> bool {
    c.is_whitespace() || c == '\u{feff}'
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_header_is_told_from_words_that_begin_like_it() {
        for header in ["WEBVTT", "\u{feff}WEBVTT - a title", "WEBVTT\n", "\n\nWEBVTT\t"] {
            assert!(has_header(header), "{header:?}");
        }
        assert!(!has_header("WEBVTTX\n"));
        assert!(!has_header("1\nWEBVTT"));
    }
}
