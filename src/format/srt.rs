//! SubRip, as players and converters write it: there is no description to hold to.
//!
//! Cues are told apart by their time lines alone, wherever these stand. So one reader takes the ordinary file, the
//! one without blank lines, and the one whose every line break was lost on its way through a web page or a database
//! (`1 00:00:02,400 --> 00:00:07,040 Hello 2 00:00:07,040 --> ...`). What stands between two time lines is text,
//! but for the number of the second cue; the hard part is to tell that number from one that was spoken.

use super::draft::{Draft, Drafts, source_range};
use super::formats::{Family, Format, Holds, Spec};
use super::markup::{Plain, guarded};
use super::stamp::{LineCounter, TimeLine, TimeLines, skip_blanks};
use super::warning::shorten;
use super::writing::{MOST_LINE_ENDS, Output, line_ends_as_word, line_ends_of, whole_cues, without_arrows};
use super::{Input, ReadError, WarningKind, Warnings, vtt};
use crate::time::{CueTime, push_hms_millis};
use crate::transcript::{CueOrigin, Transcript};

/// The row of this format.
pub(super) const SPEC: Spec = Spec {
    format: Format::Srt,
    key: "srt",
    name: "SubRip",
    extensions: &["srt"],
    from: "Whisper, yt-dlp, Otter, Descript, podcast hosts",
    family: Family::Text,
    recognise,
    read,
    write: Some((write, HOLDS)),
};

const HOLDS: Holds = Holds::CAPTIONS;

/// A time line is enough: everything else of the format is left out by somebody.
fn recognise(input: &Input<'_>) -> Option<&'static str> {
    let first = TimeLines::new(input.text).next()?;
    // `[00:00.000 --> 00:04.000] text`: the log of a speech recogniser.
    let is_log = input.text.get(..first.from).is_some_and(|before| before.ends_with('['));
    (!is_log && !vtt::lost_its_header(input, first)).then_some("two times with an arrow between")
}

/// Reads the cues of a SubRip file.
fn read(input: &Input<'_>, drafts: &mut Drafts, warnings: &mut Warnings) -> Result<(), ReadError> {
    parse(input.text, 0, Numbers::Due, drafts, warnings);
    let text = input.text.trim_end_matches('\n');
    let ends = input.text.len() - text.len();
    let mut style = Vec::new();
    if text.trim_start_matches(is_blank).starts_with("0\n") {
        style.push(FROM_ZERO.to_owned());
    }
    if ends != USUAL_LINE_ENDS {
        style.push(line_ends_as_word(ends.min(MOST_LINE_ENDS)));
    }
    drafts.style = style.join(" ");
    Ok(())
}

/// The word of [`crate::transcript::Kept::style`] for a file whose first cue has the number 0.
const FROM_ZERO: &str = "zero";
/// A blank line stands behind each cue, the last one included.
const USUAL_LINE_ENDS: usize = 2;

/// Writes SubRip. Times are cut to milliseconds; the speaker stands before the text.
fn write(transcript: &Transcript, out: &mut Output) {
    let kept = transcript.kept.as_deref().filter(|kept| kept.format == SPEC.key);
    let style = kept.map(|kept| kept.style.as_str()).unwrap_or_default();
    let first = usize::from(!style.split(' ').any(|word| word == FROM_ZERO));
    for (place, whole) in whole_cues(transcript, SPEC.key).enumerate() {
        out.line(&(place + first).to_string());
        push_hms_millis(whole.span.start - CueTime::ZERO, ',', out.buffer());
        out.text(" --> ");
        push_hms_millis(whole.span.end - CueTime::ZERO, ',', out.buffer());
        if let Some(settings) = whole.settings().filter(|settings| settings.starts_with("X1:")) {
            out.text(" ");
            out.text(settings);
        }
        out.text("\n");
        if let Some(payload) = whole.payload() {
            out.text(payload);
        } else if let Some(cue) = whole.cue() {
            if let Some(name) = transcript.speaker_name(cue.speaker) {
                out.text(name);
                out.text(": ");
            }
            out.text(&without_arrows(&guarded(&cue.text)));
        }
        out.text("\n\n");
    }
    out.end_with(style.split(' ').find_map(line_ends_of).unwrap_or(USUAL_LINE_ENDS));
}

/// Whether cues must have numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Numbers {
    /// What is missing or wrong is told.
    Due,
    /// It need not be.
    Optional,
}

/// Reads the cues of a SubRip text that begins at `from`.
pub(super) fn parse(text: &str, from: usize, numbers: Numbers, drafts: &mut Drafts, warnings: &mut Warnings) {
    let mut heads = Heads {
        text,
        time_lines: TimeLines::starting_at(text, from),
        from,
    }
    .peekable();
    let mut lines = LineCounter::new(text);
    let mut numbering = Numbering::new(numbers);
    let mut plain = Plain::default();
    let mut open: Option<(Draft, TimeLine)> = None;
    let mut lost_breaks = false;
    while let Some(head) = heads.next() {
        let from = open.as_ref().map_or(from, |(_, line)| line.to);
        if let Some(at) = head.line.rejected {
            tell_bad_time_line(text, from, at, lines.line_at(at), warnings);
        }
        let number_line = head.number.as_ref().map(|number| lines.line_at(number.at));
        let line_number = lines.line_at(head.line.from);
        let follows = heads
            .peek()
            .and_then(|next| next.number.as_ref())
            .map(|number| number.value);
        let to = numbering.text_end(&head, follows, from, number_line.unwrap_or(line_number), warnings);
        let body = text.get(from..to).unwrap_or("");
        match open.take() {
            Some((draft, line)) => close(draft, text, body, is_flat(text, line), &mut plain, drafts, warnings),
            None => tell_stray(body, warnings),
        }
        if !lost_breaks && (!head.line.at_line_start || is_flat(text, head.line)) {
            lost_breaks = true;
            warnings.push(line_number, WarningKind::LostLineBreaks);
        }
        let mut draft = Draft::new(line_number, head.line.start, Some(head.line.end));
        let settings = text.get(head.line.settings..head.line.to).unwrap_or("").trim();
        if !settings.is_empty() {
            draft.origin = Some(Box::new(CueOrigin {
                identifier: None,
                settings: Some(settings.to_owned()),
                ..CueOrigin::default()
            }));
        }
        open = Some((draft, head.line));
    }
    if let Some((draft, line)) = open {
        let body = text.get(line.to..).unwrap_or("");
        let mut rest = TimeLines::new(body);
        if rest.next().is_none()
            && let Some(at) = rest.rejected()
        {
            tell_bad_time_line(text, line.to, line.to + at, lines.line_at(line.to + at), warnings);
        }
        close(draft, text, body, is_flat(text, line), &mut plain, drafts, warnings);
    }
}

fn close(
    mut draft: Draft,
    source: &str,
    body: &str,
    flat: bool,
    plain: &mut Plain,
    drafts: &mut Drafts,
    warnings: &mut Warnings,
) {
    plain.read(body, flat, draft.line, warnings);
    if !flat {
        draft.payload = source_range(source, body.trim_matches(is_blank));
    }
    drafts.add(draft, plain);
}

/// Whether the text begins on the line of its times.
fn is_flat(text: &str, line: TimeLine) -> bool {
    text.as_bytes()
        .get(skip_blanks(text.as_bytes(), line.to))
        .is_some_and(|&byte| byte != b'\n')
}

fn tell_stray(body: &str, warnings: &mut Warnings) {
    let text = body.trim_matches(is_blank);
    if !text.is_empty() {
        warnings.push(1, WarningKind::StrayText { text: shorten(text) });
    }
}

/// An arrow that no two times surround is speech, unless one side looks like a time. No more is looked at than a time
/// and its line are long: a text may be all arrows and no blank.
pub(super) fn tell_bad_time_line(text: &str, floor: usize, at: usize, line: u32, warnings: &mut Warnings) {
    const LONGEST_TIME: usize = 64;
    const LONGEST_SHOWN: usize = 400;
    let floor = text.ceil_char_boundary(floor.max(at.saturating_sub(LONGEST_TIME)));
    let before = text.get(floor..at).unwrap_or("");
    let first = before.trim_end();
    let first = first.rsplit(char::is_whitespace).next().unwrap_or("");
    let behind = |from: usize, length: usize| {
        text.get(from..text.floor_char_boundary(from.saturating_add(length)))
            .unwrap_or("")
    };
    let arrow = behind(at, 2 * LONGEST_TIME).trim_start_matches(['-', '–', '—', '=', '>', '→', ' ', '\t']);
    let second = arrow.split(char::is_whitespace).next().unwrap_or("");
    let looks_like_time = |side: &str| side.starts_with(|c: char| c.is_ascii_digit()) && side.contains(':');
    if looks_like_time(first) || looks_like_time(second) {
        let from = at - (before.len() - before.trim_end().len()) - first.len();
        let shown = behind(from, LONGEST_SHOWN).lines().next().unwrap_or("");
        warnings.push(line, WarningKind::BadTimeLine { text: shorten(shown) });
    }
}

fn is_blank(c: char) -> bool {
    c.is_whitespace() || c == '\u{feff}'
}

/// A time line and the number that may stand before it.
struct Head<'a> {
    line: TimeLine,
    number: Option<Number<'a>>,
}

struct Heads<'a> {
    text: &'a str,
    time_lines: TimeLines<'a>,
    from: usize,
}

impl<'a> Iterator for Heads<'a> {
    type Item = Head<'a>;

    fn next(&mut self) -> Option<Head<'a>> {
        let line = self.time_lines.next()?;
        let number = Number::before(self.text, self.from, line);
        self.from = line.to;
        Some(Head { line, number })
    }
}

/// Digits directly before a time line: its number, or the last word of the cue before.
struct Number<'a> {
    digits: &'a str,
    value: u64,
    /// Where the digits begin.
    at: usize,
    /// Whether they are a line by themselves, after a blank line or at the start of the file.
    is_block_head: bool,
    /// Whether no blank parts them from the time.
    is_glued: bool,
}

impl<'a> Number<'a> {
    fn before(text: &'a str, floor: usize, line: TimeLine) -> Option<Self> {
        let before = text.get(floor..line.from)?;
        let trimmed = if line.glued > 0 {
            before
        } else {
            before.trim_end_matches(is_blank)
        };
        let count = match line.glued {
            0 => trimmed.bytes().rev().take_while(u8::is_ascii_digit).count(),
            glued => glued,
        };
        let (lead, digits) = trimmed.split_at_checked(trimmed.len() - count)?;
        let value = digits.parse().ok()?;
        let is_word = lead.chars().next_back().is_none_or(is_blank);
        if !is_word && line.glued == 0 {
            return None;
        }
        let gap = before.get(trimmed.len()..)?;
        let is_block_head = gap.contains('\n') && follows_blank_line(lead, floor == 0);
        Some(Self {
            digits,
            value,
            at: floor + lead.len(),
            is_block_head,
            is_glued: line.glued > 0,
        })
    }
}

/// Whether a blank line ends `lead`, or nothing at all stands in it at the start of the file.
fn follows_blank_line(lead: &str, at_file_start: bool) -> bool {
    let blanks = lead.trim_end_matches(is_blank);
    let breaks = lead
        .get(blanks.len()..)
        .unwrap_or("")
        .bytes()
        .filter(|&byte| byte == b'\n')
        .take(2)
        .count();
    breaks == 2 || at_file_start && blanks.is_empty()
}

/// Keeps count of the cues, to know their numbers from numbers of the text.
struct Numbering {
    numbers: Numbers,
    /// How many cues went before.
    passed: u64,
    /// The number of the cue before, counted on where it was missing.
    last: u64,
    /// The last number that was really there.
    last_found: u64,
    /// Whether the first cue has a number.
    is_numbered: bool,
}

impl Numbering {
    fn new(numbers: Numbers) -> Self {
        Self {
            numbers,
            passed: 0,
            last: 0,
            last_found: 0,
            is_numbered: false,
        }
    }

    /// Where the text before `head` ends: before its number, if that is one, else before its times.
    fn text_end(
        &mut self,
        head: &Head<'_>,
        follows: Option<u64>,
        floor: usize,
        line: u32,
        warnings: &mut Warnings,
    ) -> usize {
        let expected = self.last + 1;
        let taken = head
            .number
            .as_ref()
            .and_then(|number| self.number_in(number, follows, floor));
        if self.passed == 0 {
            self.is_numbered = taken.is_some();
        }
        match taken {
            _ if self.numbers == Numbers::Optional => {}
            Some((value, _)) if value != expected && value != self.last_found + 1 && (self.passed > 0 || value > 1) => {
                warnings.push(
                    line,
                    WarningKind::WrongIndex {
                        expected,
                        found: value.to_string(),
                    },
                );
            }
            // A file without any number is told once.
            None if self.is_numbered || self.passed == 0 => {
                warnings.push(
                    line,
                    WarningKind::WrongIndex {
                        expected,
                        found: "none".to_owned(),
                    },
                );
            }
            _ => {}
        }
        self.passed += 1;
        self.last = taken.map_or(expected, |(value, _)| value);
        if let Some((value, _)) = taken {
            self.last_found = value;
        }
        taken.map_or(
            head.line.from - if head.number.is_none() { head.line.glued } else { 0 },
            |(_, at)| at,
        )
    }

    /// The number and its place, when it belongs to the structure: it is a line by itself at the head of a block, or
    /// goes on counting, or the next one goes on counting from it.
    fn number_in(&self, number: &Number<'_>, follows: Option<u64>, floor: usize) -> Option<(u64, usize)> {
        let value = number.value;
        let expected = self.last + 1;
        let is_first = self.passed == 0;
        let counts_on = follows == value.checked_add(1)
            || is_first && (value <= 1 || number.at == floor)
            || self.is_numbered && (value == expected || value == self.last_found + 1);
        if counts_on || number.is_block_head {
            return Some((value, number.at));
        }
        // "in 2019" and the number 26 may have run together as well: `201926`.
        let due = expected.to_string();
        let text_digits = number.digits.strip_suffix(due.as_str())?;
        (number.is_glued && self.is_numbered).then_some((expected, number.at + text_digits.len()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> (Vec<String>, Vec<(u32, &'static str)>) {
        let (mut drafts, mut warnings) = (Drafts::default(), Warnings::default());
        parse(text, 0, Numbers::Due, &mut drafts, &mut warnings);
        let texts = drafts.cues.iter().map(|cue| drafts.text_of(cue).to_owned()).collect();
        (
            texts,
            warnings
                .into_sorted()
                .iter()
                .map(|warning| (warning.line, warning.kind.name()))
                .collect(),
        )
    }

    const A: &str = "00:00:01,000 --> 00:00:02,000";
    const B: &str = "00:00:02,000 --> 00:00:03,000";
    const C: &str = "00:00:03,000 --> 00:00:04,000";

    #[test]
    fn the_ordinary_file() {
        let (texts, warnings) = read(&format!("1\n{A}\nOne\nmore\n\n2\n{B}\nTwo\n\n3\n{C}\nThree\n"));
        assert_eq!(texts, ["One\nmore", "Two", "Three"]);
        assert_eq!(warnings, []);
    }

    #[test]
    fn lost_line_breaks() {
        for gap in [" ", "\t", "\u{a0}", "  "] {
            let text = format!("1 {A} One in 2019 2 {B} Two of 3 3 {C} Three").replace(' ', gap);
            let (texts, warnings) = read(&text);
            assert_eq!(texts, ["One in 2019", "Two of 3", "Three"], "{gap:?}");
            assert_eq!(warnings, [(1, "lost-line-breaks")]);
        }
    }

    #[test]
    fn nothing_put_where_line_breaks_were() {
        let (texts, _) = read(&format!("1{A}One in 20192{B}Two.3{C}Three"));
        assert_eq!(texts, ["One in 2019", "Two.", "Three"]);
    }

    #[test]
    fn numbers_of_the_text_stay() {
        let (texts, _) = read(&format!(
            "1 {A} we had 25 in 2019 2 {B} and then 26 {C} no number before me"
        ));
        assert_eq!(texts, ["we had 25 in 2019", "and then 26", "no number before me"]);
        let (texts, _) = read(&format!("{A} I have 2 {B} you have 3 {C} good"));
        // Both go on counting: this cannot be told from numbers, and is rarer than files that begin late.
        assert_eq!(texts[0], "I have");
        let (texts, _) = read(&format!("{A} I have 2 {B} you have many {C} good"));
        assert_eq!(texts, ["I have 2", "you have many", "good"]);
    }

    #[test]
    fn blank_lines_missing_or_too_many() {
        let (texts, warnings) = read(&format!("1\n{A}\nOne\n2019\n2\n{B}\n\nTwo\n\nstill two\n3\n{C}\nThree"));
        assert_eq!(texts, ["One\n2019", "Two\nstill two", "Three"]);
        assert_eq!(warnings, []);
    }

    #[test]
    fn wrong_and_missing_numbers() {
        let (texts, warnings) = read(&format!("1\n{A}\nOne\n\n7\n{B}\nTwo\n\n{C}\nThree\n"));
        assert_eq!(texts, ["One", "Two", "Three"]);
        assert_eq!(warnings, [(5, "wrong-index"), (9, "wrong-index")]);
        assert_eq!(
            read(&format!("{A}\nOne\n\n{B}\nTwo\n\n{C}\nThree\n")).1,
            [(1, "wrong-index")]
        );
        assert_eq!(read(&format!("0\n{A}\nOne\n\n1\n{B}\nTwo\n")).1, []);
    }

    #[test]
    fn what_precedes_the_first_cue_is_told() {
        let (texts, warnings) = read(&format!("My talk\n\n1\n{A}\nOne"));
        assert_eq!((texts, warnings), (vec!["One".to_owned()], vec![(1, "stray-text")]));
    }

    #[test]
    fn unreadable_time_lines_are_kept_as_text() {
        let (texts, warnings) = read(&format!(
            "1\n{A}\nOne\n\n2\n00:00:xx,000 --> 00:00:03,000\nTwo\n\n3\n{C}\nA --> B"
        ));
        assert_eq!(texts, ["One\n2\n00:00:xx,000 --> 00:00:03,000\nTwo", "A --> B"]);
        assert_eq!(warnings, [(6, "bad-time-line"), (9, "wrong-index")]);
    }

    #[test]
    fn coordinates_are_kept() {
        let (mut drafts, mut warnings) = (Drafts::default(), Warnings::default());
        parse(
            &format!("1\n{A} X1:40 X2:600 Y1:20 Y2:50\nOne"),
            0,
            Numbers::Due,
            &mut drafts,
            &mut warnings,
        );
        let settings = drafts.cues[0]
            .origin
            .as_ref()
            .and_then(|origin| origin.settings.as_deref());
        assert_eq!(settings, Some("X1:40 X2:600 Y1:20 Y2:50"));
    }
}
