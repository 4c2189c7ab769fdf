//! SBV (SubViewer as YouTube writes it), what YouTube Studio hands out and takes in.
//!
//! A line of two times, `0:00:01.000,0:00:04.000`, then the text, then a blank line. Line breaks stand as they are or
//! as `[br]`. `>>` marks a change of the speaker, as in all captions. There is no header and no markup.

use std::borrow::Cow;

use super::draft::{Draft, Drafts, source_range};
use super::formats::{Family, Format, Holds, Spec};
use super::markup::{Plain, guarded};
use super::shape::{self, Shape};
use super::stamp::{Pair, read_pair};
use super::warning::shorten;
use super::writing::{Output, whole_cues};
use super::{Input, ReadError, WarningKind, Warnings};
use crate::time::{CueTime, format_hms_millis};
use crate::transcript::Transcript;

/// The row of this format.
pub(super) const SPEC: Spec = Spec {
    format: Format::Sbv,
    key: "sbv",
    name: "SBV",
    extensions: &["sbv"],
    from: "YouTube Studio",
    family: Family::Text,
    recognise,
    read,
    write: Some((write, HOLDS)),
};

const HOLDS: Holds = Holds::CAPTIONS;

fn recognise(input: &Input<'_>) -> Option<&'static str> {
    (shape::of(input.text) == Some(Shape::Sbv)).then_some("two times with a comma between and milliseconds")
}

/// Reads the cues of an SBV file.
fn read(input: &Input<'_>, drafts: &mut Drafts, warnings: &mut Warnings) -> Result<(), ReadError> {
    let lead = read_blocks(input.text, with_line_breaks, drafts, warnings);
    let stray = lead.trim_matches(|c: char| c.is_whitespace() || c == '\u{feff}');
    if !stray.is_empty() {
        let text = shorten(stray);
        warnings.push(1, WarningKind::StrayText { text });
    }
    Ok(())
}

/// Writes SBV, the speaker before the text.
fn write(transcript: &Transcript, out: &mut Output) {
    for whole in whole_cues(transcript, "sbv") {
        let (start, end) = (stamp(whole.span.start), stamp(whole.span.end));
        out.line(&format!("{start},{end}"));
        if let Some(payload) = whole.payload() {
            out.text(payload);
        } else if let Some(cue) = whole.cue() {
            let mut text = String::new();
            if let Some(name) = transcript.speaker_name(cue.speaker) {
                text.push_str(name);
                text.push_str(": ");
            }
            text.push_str(&guarded(&cue.text));
            out.text(&without_time_lines(&text));
        }
        out.text("\n\n");
    }
}

/// Hours have one digit while one will do.
fn stamp(time: CueTime) -> String {
    let clock = format_hms_millis(time - CueTime::ZERO, '.');
    match clock
        .strip_prefix('0')
        .filter(|rest| rest.starts_with(|c: char| c.is_ascii_digit()))
    {
        Some(shorter) => shorter.to_owned(),
        None => clock,
    }
}

/// A text in which no line is taken for the times of the next cue.
fn without_time_lines(text: &str) -> Cow<'_, str> {
    if text.lines().any(|line| read_pair(line).is_some()) {
        Cow::Owned(format!("[br]{}", text.replace('\n', "[br]")))
    } else {
        Cow::Borrowed(text)
    }
}

/// Reads cues that begin with a line of two times, and gives back what stands before the first. `clean` takes from a
/// payload what the format alone writes.
pub(super) fn read_blocks<'a>(
    text: &'a str,
    clean: fn(&str) -> Cow<'_, str>,
    drafts: &mut Drafts,
    warnings: &mut Warnings,
) -> &'a str {
    let mut plain = Plain::default();
    let mut lead = text;
    let mut open: Option<(u32, Pair, usize)> = None;
    let mut at = 0;
    let mut close = |open: Option<(u32, Pair, usize)>, to: usize, warnings: &mut Warnings| {
        let Some((line, pair, from)) = open else { return };
        let body = text.get(from..to).unwrap_or("").trim();
        let mut draft = Draft::new(line, pair.start, Some(pair.end));
        draft.payload = source_range(text, body);
        plain.read(&clean(body), false, line, warnings);
        drafts.add(draft, &plain);
    };
    for (number, line) in (1_u32..).zip(text.split('\n')) {
        let to = at + line.len() + 1;
        if let Some(pair) = read_pair(line) {
            if open.is_none() {
                lead = text.get(..at).unwrap_or("");
            }
            close(open, at, warnings);
            open = Some((number, pair, to));
        } else if looks_like_times(line) {
            let text = shorten(line);
            warnings.push(number, WarningKind::BadTimeLine { text });
        }
        at = to;
    }
    close(open, text.len(), warnings);
    lead
}

/// Digits, colons and a comma and nothing else: times with a mistake.
fn looks_like_times(line: &str) -> bool {
    let line = line.trim();
    line.contains(',')
        && line.matches(':').take(2).count() == 2
        && line
            .bytes()
            .all(|b| b.is_ascii_digit() || matches!(b, b':' | b'.' | b',' | b' ' | b'-'))
}

/// `[br]` is a line break.
pub(super) fn with_line_breaks(text: &str) -> Cow<'_, str> {
    if text.contains("[br]") || text.contains("[BR]") {
        Cow::Owned(text.replace("[br]", "\n").replace("[BR]", "\n"))
    } else {
        Cow::Borrowed(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_that_looks_like_times_stays_text() {
        let text = "0:00:01.000,0:00:04.000\nsaid the sheet";
        let written = format!("0:00:00.000,0:00:01.000\n{}\n\n", without_time_lines(text));
        let (mut drafts, mut warnings) = (Drafts::default(), Warnings::default());
        assert_eq!(read_blocks(&written, with_line_breaks, &mut drafts, &mut warnings), "");
        let texts: Vec<&str> = drafts.cues.iter().map(|cue| drafts.text_of(cue)).collect();
        assert_eq!(texts, [text]);
    }

    #[test]
    fn hours_have_the_digits_they_need() {
        assert_eq!(stamp(CueTime::from_millis(1_234)), "0:00:01.234");
        assert_eq!(stamp(CueTime::from_millis(36_000_000)), "10:00:00.000");
        assert_eq!(stamp(CueTime::from_millis(360_000_000)), "100:00:00.000");
    }
}
