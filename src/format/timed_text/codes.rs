//! How time codes are written: between brackets and hashes, bare, behind a name.

use super::super::speakers::{Form, name_form};
use super::super::stamp::{Stamp, read_time, skip_blanks};
use super::marks::{Mark, Place, Style};
use crate::time::{CueTime, TimeDelta};

/// A name before a time code is no longer than this, in bytes.
const LONGEST_NAME: usize = 64;

/// Blanks, bullets and the stars of Markdown before a time code.
pub(super) fn is_ornament(c: char) -> bool {
    c.is_whitespace() || matches!(c, '*' | '_' | '-' | '•' | '–' | '>' | '\u{feff}')
}

/// The mark at the start of a text, its places counted from there, and the sign it opens with.
pub(super) fn mark_at(text: &str) -> Option<(Mark, Option<char>)> {
    enclosed(text).or_else(|| bare(text)).or_else(|| named(text))
}

/// `[0:12]`, `(0:12)`, `#0:12#`, `{0:12}`, and two times with an arrow or a dash.
pub(super) fn enclosed(text: &str) -> Option<(Mark, Option<char>)> {
    let open = text.chars().next()?;
    let close = match open {
        '[' => b']',
        '(' => b')',
        '{' => b'}',
        '#' => b'#',
        _ => return None,
    };
    let inside = text.get(1..)?;
    let mut times = Times::read(inside).or_else(|| Times::of_seconds(inside))?;
    let mut after = 1 + times.length;
    // f4 and MAXQDA write tenths after a hyphen: `#00:03:45-2#`.
    if let Some((fraction, length)) = text.get(after..).and_then(hyphened_fraction) {
        times.start += fraction;
        after += length;
    }
    after = skip_blanks(text.as_bytes(), after);
    if text.as_bytes().get(after) != Some(&close) {
        return None;
    }
    after += 1;
    // A link of Markdown: `[0:12](https://example.org/?t=12) text`.
    after += text.get(after..).map_or(0, link_length);
    Some((times.mark(Style::Enclosed, skip_separator(text, after)), Some(open)))
}

/// `-2` before the closing sign: a fraction.
fn hyphened_fraction(text: &str) -> Option<(TimeDelta, usize)> {
    let digits = text.strip_prefix('-')?;
    let count = digits.bytes().take(4).take_while(u8::is_ascii_digit).count();
    let digits = digits.get(..count).filter(|_| (1..=3).contains(&count))?;
    let number: i64 = digits.parse().ok()?;
    let unit = [100, 10, 1].get(digits.len() - 1)?;
    Some((TimeDelta::from_millis(number * unit), 1 + digits.len()))
}

/// The length of `(https://…)` or `()` at the start of a text.
fn link_length(text: &str) -> usize {
    const LONGEST: usize = 500;
    let end = text
        .bytes()
        .take(LONGEST)
        .position(|byte| byte == b')' || byte.is_ascii_whitespace());
    let link = end
        .and_then(|end| text.get(..=end))
        .filter(|link| link.starts_with('(') && link.ends_with(')'));
    link.filter(|link| *link == "()" || link.contains("://") || link.starts_with("(#"))
        .map_or(0, str::len)
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
    if let Some(mark) = bracketed_name(text) {
        return Some((mark, None));
    }
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

/// `[Ada Reyes] 13:05:07` on a line, as Zoom saves captions.
fn bracketed_name(text: &str) -> Option<Mark> {
    let (name, rest) = text.strip_prefix('[')?.split_once(']')?;
    let after = rest.trim();
    let stamp = read_time(after.as_bytes()).filter(|stamp| stamp.in_range && stamp.length == after.len())?;
    if name.len() > LONGEST_NAME {
        return None;
    }
    name_form(name)?;
    let times = Times {
        start: stamp.time,
        end: None,
        precise: stamp.precise,
        length: 0,
    };
    let mut mark = times.mark(Style::Named, text.len());
    mark.name = Some(1..1 + name.len());
    Some(mark)
}

/// The times a text consists of, and nothing else, without the brackets around them.
pub(in crate::format) fn only_times(text: &str) -> Option<&str> {
    let inside = text.trim_matches(['[', ']', '(', ')']).trim();
    let times = Times::read(inside)?;
    (times.length == inside.len()).then_some(inside)
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

    /// `0.00s -> 4.20s`, as scripts around faster-whisper print it.
    fn of_seconds(text: &str) -> Option<Self> {
        let (start, length) = seconds(text)?;
        let rest = text.get(length..)?;
        let arrow = rest
            .trim_start()
            .strip_prefix("-->")
            .or_else(|| rest.trim_start().strip_prefix("->"))?;
        let at = text.len() - arrow.trim_start_matches(' ').len();
        let (end, end_length) = seconds(text.get(at..)?)?;
        Some(Self {
            start,
            end: Some(end),
            precise: true,
            length: at + end_length,
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
            place: Place::Lead,
            is_certain: self.precise,
            is_round: false,
        }
    }
}

/// `4.20s` at the start of a text, and its length.
fn seconds(text: &str) -> Option<(CueTime, usize)> {
    let length = text
        .bytes()
        .take(16)
        .take_while(|byte| byte.is_ascii_digit() || *byte == b'.')
        .count();
    let seconds: f64 = text.get(..length)?.parse().ok()?;
    (text.as_bytes().get(length) == Some(&b's')).then(|| (CueTime::from_secs_f64(seconds), length + 1))
}

/// The second time of `0:12 --> 0:15`, `0:12 - 0:15`, or YouTube's `0:00:12.000,0:00:15.000`.
fn end_of_range(text: &str, from: usize) -> Option<(Stamp, usize)> {
    let at = skip_blanks(text.as_bytes(), from);
    let rest = text.get(at..)?;
    let joint = ["-->", "->", "–>", "—>", "→", "–", "—", "-", ","]
        .into_iter()
        .find(|joint| rest.starts_with(joint))?;
    let at = skip_blanks(text.as_bytes(), at + joint.len());
    let stamp = read_time(text.as_bytes().get(at..)?).filter(|stamp| stamp.in_range)?;
    Some((stamp, at + stamp.length))
}

/// What may stand between a time code and its text.
pub(super) fn is_separator(c: char) -> bool {
    matches!(c, ' ' | '\t' | ':' | '-' | '–' | '|' | '*' | '_')
}

/// The place after what may stand between a time code and its text: `[0:12]: text`, `0:12 - text`, `**[0:12]** text`.
fn skip_separator(text: &str, from: usize) -> usize {
    let rest = text.get(from..).unwrap_or("");
    from + (rest.len() - rest.trim_start_matches(is_separator).len())
}
