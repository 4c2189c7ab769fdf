//! Plain text with time codes, as recorders, meeting programs and people write it.
//!
//! A time code at the start of a line (`[00:12:03] text`, `(12:03)`, `#03:45.2#`, `12:03 text`, `[0:00 --> 0:04]`),
//! on a line by itself, or behind a name (`Speaker 1  0:12`, `Ada (0:12): text`) begins a cue. A bare `10:30` begins
//! one only where the file does so throughout: people speak of times. Where the file gives starts alone, a cue lasts
//! to the next.

use std::ops::Range;

use super::draft::{Draft, Drafts, MAX_CUES};
use super::formats::{Family, Format, Holds, Spec};
use super::markup::{Plain, without_tags};
use super::speakers::{Form, name_form};
use super::stamp::{LineCounter, Stamp, TimeLines, read_time, skip_blanks};
use super::warning::shorten;
use super::writing::Output;
use super::{Input, ReadError, WarningKind, Warnings};
use crate::time::{CueTime, TimeDelta, format_hms_millis};
use crate::transcript::Transcript;

/// The row of this format.
pub(super) const SPEC: Spec = Spec {
    format: Format::TimedText,
    key: "text",
    name: "text with time codes",
    extensions: &["txt", "text", "md"],
    from: "Otter, Zoom, Meet, YouTube's panel, f4, people",
    family: Family::Text,
    recognise,
    read,
    write: Some((write, HOLDS)),
};

const HOLDS: Holds = Holds {
    speakers: true,
    ends: true,
    lines: true,
    ..Holds::NOTHING_MORE
};

/// A name before a time code is no longer than this, in bytes.
const LONGEST_NAME: usize = 64;

/// Time codes at the places where cues begin, and no arrows but those between brackets.
fn recognise(input: &Input<'_>) -> Option<&'static str> {
    let first = TimeLines::new(input.text).next();
    let is_log = |from| input.text.get(..from).is_some_and(|before| before.ends_with('['));
    let may_be = first.is_none_or(|first| is_log(first.from));
    (may_be && has_stamps(input.text)).then_some("time codes at the starts of lines")
}

/// Reads the cues of a text with time codes.
fn read(input: &Input<'_>, drafts: &mut Drafts, warnings: &mut Warnings) -> Result<(), ReadError> {
    parse(input.text, drafts, warnings);
    Ok(())
}

/// Writes `[00:12:03.250] Name: text`; a cue that does not last to the next with both its times.
fn write(transcript: &Transcript, out: &mut Output) {
    let clock = |time: CueTime| format_hms_millis(time - CueTime::ZERO, '.');
    let mut next = transcript.cues.iter().skip(1);
    for cue in &transcript.cues {
        out.text("[");
        out.text(&clock(cue.span.start));
        if next.next().is_none_or(|next| next.span.start != cue.span.end) {
            out.text(" --> ");
            out.text(&clock(cue.span.end));
        }
        out.text("] ");
        if let Some(name) = transcript.speaker_name(cue.speaker) {
            out.text(name);
            out.text(": ");
        }
        out.line(&without_tags(&cue.text));
    }
}

/// Whether cues begin anywhere in the text.
fn has_stamps(text: &str) -> bool {
    !marks(text).is_empty()
}

fn parse(text: &str, drafts: &mut Drafts, warnings: &mut Warnings) {
    let mut lines = LineCounter::new(text);
    let mut plain = Plain::default();
    let mut marks = marks(text).into_iter().peekable();
    let lead = marks
        .peek()
        .and_then(|first| text.get(..first.from))
        .unwrap_or(text)
        .trim();
    if !lead.is_empty() {
        warnings.push(1, WarningKind::StrayText { text: shorten(lead) });
    }
    while let Some(mark) = marks.next() {
        let line = lines.line_at(mark.from);
        let to = marks.peek().map_or(text.len(), |next| next.from);
        let mut draft = Draft::new(line, mark.start, mark.end);
        draft.name = mark.name.and_then(|name| drafts.names.id(text.get(name)?));
        plain.read(text.get(mark.text_from..to).unwrap_or(""), false, line, warnings);
        let name = draft.name;
        let first = drafts.cues.len();
        drafts.add(draft, &plain);
        for cue in drafts.cues.iter_mut().skip(first) {
            cue.name = cue.name.or(name);
        }
    }
    share_starts(drafts);
}

/// Codes without fractions often give several cues one start. These share the time to the next start by the length
/// of their text, or only the last of them could ever be lit.
fn share_starts(drafts: &mut Drafts) {
    let mut cues = std::mem::take(&mut drafts.cues);
    let mut rest = cues.as_mut_slice();
    while let Some(first) = rest.first() {
        let start = first.start;
        let count = rest
            .iter()
            .take_while(|cue| cue.start == start && cue.end.is_none())
            .count()
            .max(1);
        let Some((run, after)) = rest.split_at_mut_checked(count) else {
            break;
        };
        let next = after.first().map(|cue| cue.start).filter(|&next| next > start);
        if let (true, Some(next)) = (count > 1, next) {
            let letters: Vec<f64> = run.iter().map(|cue| drafts.text_of(cue).len() as f64 + 1.0).collect();
            let total: f64 = letters.iter().sum();
            let mut passed = 0.0;
            for (cue, letters) in run.iter_mut().zip(letters) {
                cue.start = start + (next - start).scaled(passed / total);
                passed += letters;
            }
        }
        rest = after;
    }
    drafts.cues = cues;
}

/// A place where a cue begins.
#[derive(Debug)]
struct Mark {
    style: Style,
    start: CueTime,
    end: Option<CueTime>,
    /// The name that stands before the time code.
    name: Option<Range<usize>>,
    /// Where the mark begins, and where the text after it does.
    from: usize,
    text_from: usize,
    /// Whether it can hardly be anything but a time code: it has hours or a fraction, or the name is one by form.
    is_certain: bool,
}

/// How a time code is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Style {
    /// `[0:12]`, `(0:12)`, `#0:12#`.
    Enclosed,
    /// `0:12`.
    Bare,
    /// `Ada  0:12`.
    Named,
}

/// The places where cues begin: the codes of the one style the file keeps to.
fn marks(text: &str) -> Vec<Mark> {
    let mut marks = Vec::new();
    let mut from = 0;
    for line in text.split('\n') {
        add_marks(line, from, &mut marks);
        from += line.len() + 1;
        if marks.len() > MAX_CUES {
            break;
        }
    }
    let all = marks.len();
    drop_spoken_times(&mut marks);
    let spoken = all - marks.len();
    let count = |style| marks.iter().filter(|mark| mark.style == style).count();
    let (enclosed, bare, named) = (count(Style::Enclosed), count(Style::Bare), count(Style::Named));
    let keeps_bare = bare > enclosed + named && bare >= spoken * 2 && is_kept_to(&marks, Style::Bare);
    let keeps_named = named > 0 && is_kept_to(&marks, Style::Named);
    marks.retain(|mark| match mark.style {
        Style::Enclosed => true,
        Style::Bare => keeps_bare,
        Style::Named => keeps_named,
    });
    marks
}

/// Whether a style that could be chance is used throughout: one certain mark, or several whose times hardly ever go
/// back.
fn is_kept_to(marks: &[Mark], style: Style) -> bool {
    let starts: Vec<CueTime> = marks
        .iter()
        .filter(|mark| mark.style == style)
        .map(|mark| mark.start)
        .collect();
    let back = starts.windows(2).filter(|pair| pair.first() > pair.last()).count();
    let is_certain = marks.iter().any(|mark| mark.style == style && mark.is_certain);
    (starts.len() >= 2 || is_certain) && back * 10 <= starts.len()
}

/// "10:30 meeting with Ada" at the start of a line, among codes around 0:12: later than the code after it, which goes
/// on from the one before.
fn drop_spoken_times(marks: &mut Vec<Mark>) {
    let mut before = CueTime::ZERO;
    let mut ahead: Vec<CueTime> = marks.iter().skip(1).map(|mark| mark.start).collect();
    ahead.push(CueTime::MAX);
    let mut ahead = ahead.into_iter();
    marks.retain(|mark| {
        let next = ahead.next().unwrap_or(CueTime::MAX);
        let is_spoken = mark.style == Style::Bare && !mark.is_certain && mark.start > next && next >= before;
        if !is_spoken {
            before = mark.start;
        }
        !is_spoken
    });
}

/// Adds the marks of a line that begins at `from`.
fn add_marks(line: &str, from: usize, marks: &mut Vec<Mark>) {
    let lead = line.len() - line.trim_start_matches(is_ornament).len();
    let start = line.get(lead..).unwrap_or("");
    let Some((mut mark, open)) = mark_at(start) else { return };
    let place = from + lead;
    mark.from = from;
    mark.text_from += place;
    mark.name = mark.name.map(|name| name.start + place..name.end + place);
    let mut looked = mark.text_from - from;
    marks.push(mark);
    // Lines run together: the same enclosed code further on in the line.
    let Some(open @ ('[' | '#')) = open else { return };
    while let Some(at) = line
        .get(looked..)
        .and_then(|rest| rest.find(open))
        .map(|at| looked + at)
    {
        looked = at + 1;
        if let Some((mut mark, _)) = line.get(at..).and_then(enclosed) {
            mark.from = from + at;
            mark.text_from += from + at;
            looked = mark.text_from - from;
            marks.push(mark);
        }
    }
}

/// Blanks, bullets and the stars of Markdown before a time code.
fn is_ornament(c: char) -> bool {
    c.is_whitespace() || matches!(c, '*' | '_' | '-' | '•' | '–' | '>' | '\u{feff}')
}

/// The mark at the start of a text, its places counted from there, and the sign it opens with.
fn mark_at(text: &str) -> Option<(Mark, Option<char>)> {
    enclosed(text).or_else(|| bare(text)).or_else(|| named(text))
}

/// `[0:12]`, `(0:12)`, `#0:12#`, `{0:12}`, and two times with an arrow or a dash.
fn enclosed(text: &str) -> Option<(Mark, Option<char>)> {
    let open = text.chars().next()?;
    let close = match open {
        '[' => b']',
        '(' => b')',
        '{' => b'}',
        '#' => b'#',
        _ => return None,
    };
    let mut times = Times::read(text.get(1..)?)?;
    let mut after = skip_blanks(text.as_bytes(), 1 + times.length);
    // f4 writes tenths after a hyphen: `#00:03:45-2#`.
    if let Some(&[b'-', tenths @ b'0'..=b'9', b'#', ..]) = text.as_bytes().get(after..) {
        times.start += TimeDelta::from_millis(i64::from(tenths - b'0') * 100);
        after += 2;
    }
    (text.as_bytes().get(after) == Some(&close))
        .then(|| (times.mark(Style::Enclosed, skip_separator(text, after + 1)), Some(open)))
}

/// `0:12 text`.
fn bare(text: &str) -> Option<(Mark, Option<char>)> {
    let times = Times::read(text)?;
    let rest = text.get(times.length..)?;
    let is_parted = rest.is_empty() || rest.starts_with(|c: char| c.is_whitespace() || matches!(c, '|' | '-' | '–'));
    (is_parted && !is_time_of_day(rest)).then(|| (times.mark(Style::Bare, skip_separator(text, times.length)), None))
}

/// `10:30 am`: nobody writes so of a recording.
fn is_time_of_day(rest: &str) -> bool {
    let word = rest
        .split_whitespace()
        .next()
        .unwrap_or("")
        .trim_end_matches([',', ';', ':']);
    let word = word.strip_suffix('.').unwrap_or(word);
    ["am", "pm", "a.m", "p.m", "o'clock", "uhr"]
        .iter()
        .any(|time| word.eq_ignore_ascii_case(time))
}

/// `Ada Reyes  0:12` at the end of its line, `Ada Reyes (0:12): text`.
fn named(text: &str) -> Option<(Mark, Option<char>)> {
    let head = text.get(..text.floor_char_boundary(LONGEST_NAME))?;
    let (at, mut mark) = if let Some(at) = head.find(['(', '[']) {
        (at, enclosed(text.get(at..)?)?.0)
    } else {
        let line = text.trim_end();
        let last_word = line.split_whitespace().next_back()?;
        let at = line.len() - last_word.len();
        (at, bare(last_word)?.0)
    };
    let is_joint = |c: char| c.is_whitespace() || matches!(c, ',' | ':' | '-' | '–' | '*' | '|');
    let name = head.get(..at)?.trim_end_matches(is_joint);
    let form = name_form(name)?;
    // "Meet me at 10:30" ends with a time, too.
    if form == Form::Loose && name.contains(' ') {
        return None;
    }
    mark.style = Style::Named;
    mark.is_certain = form == Form::Name;
    mark.name = Some(0..name.len());
    mark.text_from += at;
    Some((mark, None))
}

/// One or two times.
struct Times {
    start: CueTime,
    end: Option<CueTime>,
    precise: bool,
    /// The bytes they take.
    length: usize,
}

impl Times {
    fn read(text: &str) -> Option<Self> {
        let first = read_time(text.as_bytes()).filter(|stamp| stamp.in_range)?;
        let second = end_of_range(text, first.length);
        Some(Self {
            start: first.time,
            end: second.map(|(stamp, _)| stamp.time),
            precise: first.precise,
            length: second.map_or(first.length, |(_, length)| length),
        })
    }

    fn mark(&self, style: Style, text_from: usize) -> Mark {
        Mark {
            style,
            start: self.start,
            end: self.end,
            name: None,
            from: 0,
            text_from,
            is_certain: self.precise,
        }
    }
}

/// The second time of `0:12 --> 0:15`, `0:12 - 0:15`, or YouTube's `0:00:12.000,0:00:15.000`.
fn end_of_range(text: &str, from: usize) -> Option<(Stamp, usize)> {
    let at = skip_blanks(text.as_bytes(), from);
    let rest = text.get(at..)?;
    let joint = ["-->", "->", "→", "–", "—", "-", ","]
        .into_iter()
        .find(|joint| rest.starts_with(joint))?;
    let at = skip_blanks(text.as_bytes(), at + joint.len());
    let stamp = read_time(text.as_bytes().get(at..)?).filter(|stamp| stamp.in_range)?;
    Some((stamp, at + stamp.length))
}

/// The place after what may stand between a time code and its text: `[0:12]: text`, `0:12 - text`, `**[0:12]** text`.
fn skip_separator(text: &str, from: usize) -> usize {
    let rest = text.get(from..).unwrap_or("");
    let is_separator = |c: char| matches!(c, ' ' | '\t' | ':' | '-' | '–' | '|' | '*' | '_');
    from + (rest.len() - rest.trim_start_matches(is_separator).len())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `start-end name|text`, the end left out where the file tells none.
    fn read(text: &str) -> Vec<String> {
        let (mut drafts, mut warnings) = (Drafts::default(), Warnings::default());
        parse(text, &mut drafts, &mut warnings);
        let cue = |cue: &Draft| {
            let seconds = |time: CueTime| time.as_secs_f64();
            let end = cue.end.map(|end| format!("-{}", seconds(end))).unwrap_or_default();
            let name = cue.name.map_or("", |name| drafts.names.get(name));
            format!("{}{end} {name}|{}", seconds(cue.start), drafts.text_of(cue))
        };
        drafts.cues.iter().map(cue).collect()
    }

    #[test]
    fn time_codes_of_every_shape() {
        for (text, expected) in [
            ("[00:12:03] Hi", "723 |Hi"),
            ("(12:03) Hi", "723 |Hi"),
            ("(12:03): Hi", "723 |Hi"),
            ("#03:45.2# Hi", "225.2 |Hi"),
            ("#00:03:45-2# Hi", "225.2 |Hi"),
            ("**[00:00:04]** Hi", "4 |Hi"),
            ("- [0:04] Hi", "4 |Hi"),
            ("00:00:04 Hi", "4 |Hi"),
            ("[00:00.000 --> 00:04.000]  Hi", "0-4 |Hi"),
            ("[00:00:01 - 00:00:04] Hi", "1-4 |Hi"),
            ("0:00:01.000,0:00:04.000\nHi", "1-4 |Hi"),
            ("Speaker 1  0:12\nHi", "12 Speaker 1|Hi"),
            ("Ada Reyes (0:12): Hi", "12 Ada Reyes|Hi"),
            ("Ada Reyes [0:12] Hi\nthere", "12 Ada Reyes|Hi\nthere"),
        ] {
            assert_eq!(read(text), [expected], "{text}");
        }
    }

    #[test]
    fn bare_codes_count_where_they_are_the_rule() {
        assert_eq!(read("0:00\nHi\nyou\n0:05\nthere"), ["0 |Hi\nyou", "5 |there"]);
        assert_eq!(read("0:00 Hi\n0:05 - there"), ["0 |Hi", "5 |there"]);
        assert_eq!(
            read("0:00 Hi\n0:05 we had a\n10:30 meeting\n0:12 there")[1],
            "5 |we had a\n10:30 meeting"
        );
        assert_eq!(
            read("[0:00] Hi\n10:30 meeting\n11:00 lunch\n[0:04] there")[0],
            "0 |Hi\n10:30 meeting\n11:00 lunch"
        );
    }

    #[test]
    fn times_in_prose_are_no_time_codes() {
        for text in [
            "10:30 meeting",
            "Meet me at 10:30",
            "10:30 am we met\n11:00 am we left",
            "it is 10:30",
            "On Monday 10:30",
            "[10:75] no time",
            "1:234 go",
            "He said (in 2019) so",
        ] {
            assert!(!has_stamps(text), "{text}");
        }
    }

    #[test]
    fn enclosed_codes_in_one_long_line() {
        assert_eq!(
            read("[00:00:01] Ada: Hi (really) [laughs] [00:00:04] Yes"),
            ["1 |Ada: Hi (really) [laughs]", "4 |Yes"]
        );
    }

    #[test]
    fn cues_with_one_start_share_the_time() {
        assert_eq!(
            read("[0:10] abc\n[0:10] abcdefg\n[0:16] x"),
            ["10 |abc", "12 |abcdefg", "16 |x"]
        );
    }
}
