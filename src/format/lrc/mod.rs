//! LRC, the lyrics of music players, and its enhanced form with a time for each word.
//!
//! `[mm:ss.xx]text`; several codes before one text repeat it, a code without text ends what came before, and
//! `<mm:ss.xx>` inside a line times the words. There is no description to hold to: hundredths, thousandths, none at
//! all and `[mm:ss:xx]` are all met. Lines of `[key:value]` tell of the song. `[offset:+500]` moves all by half a
//! second: to the earlier, as most players read it. `M:`, `F:` and `D:` (he, she, both) are Walaoke's, and hold until
//! the next.

mod write;

use super::draft::{Draft, Drafts, NameId, source_range};
use super::formats::{Family, Format, Holds, Spec};
use super::markup::Plain;
use super::shape::{self, Shape, beginning};
use super::stamp::read_time;
use super::warning::shorten;
use super::{Input, ReadError, WarningKind, Warnings};
use crate::time::{CueTime, TimeDelta};
use crate::transcript::is_non_speech;

/// The row of this format.
pub(super) const SPEC: Spec = Spec {
    format: Format::Lrc,
    key: "lrc",
    name: "LRC",
    extensions: &["lrc", "elrc"],
    from: "music players, audiobook tools",
    family: Family::Text,
    recognise,
    read,
    write: Some((write::write, HOLDS)),
};

const HOLDS: Holds = Holds {
    lines: false,
    ..Holds::ALL_BUT_CHAPTERS
};

/// What the lines that tell of the song begin with.
const KEYS: [&str; 14] = [
    "ti", "ar", "al", "au", "lr", "by", "re", "ve", "la", "length", "offset", "tool", "id", "#",
];
/// So many bytes of text are sung again at most: codes are short and lines may be long, so a small file could ask for
/// more than any memory holds.
const MOST_REPEATED: usize = 4 << 20;
/// The last word of a line that tells no end lasts so long, and as long for each letter.
const TIME_OF_WORD: TimeDelta = TimeDelta::from_millis(300);
const TIME_OF_LETTER: TimeDelta = TimeDelta::from_millis(60);

/// Times as only lyrics have them; or any in brackets, where the file tells of a song or is called so.
fn recognise(input: &Input<'_>) -> Option<&'static str> {
    let shape = shape::of(input.text);
    let is_called_so = input.options.has_extension("lrc");
    // Lyrics have a code on every line. Text with time codes has paragraphs, which are no more than stray lines here.
    let (mut lines, mut coded, mut has_tags) = (0_usize, 0_usize, false);
    for line in beginning(input.text)
        .lines()
        .map(trimmed)
        .filter(|line| !line.is_empty())
    {
        let has_code = leading_stamp(line, false).is_some();
        let is_tag = !has_code && tag(line).is_some();
        lines += 1;
        coded += usize::from(has_code || is_tag);
        has_tags |= is_tag;
    }
    if coded * 4 < lines * 3 && !is_called_so {
        return None;
    }
    match shape {
        Some(Shape::Lrc) => Some("times of minutes, seconds and hundredths in brackets"),
        None if has_tags && coded > 1 => Some("times in brackets below the tags of a song"),
        None if is_called_so && coded > 0 => Some("its name says so, and there are times in brackets"),
        _ => None,
    }
}

/// Reads the cues of an LRC file.
fn read(input: &Input<'_>, drafts: &mut Drafts, warnings: &mut Warnings) -> Result<(), ReadError> {
    let has_hours = has_hours(input.text);
    let mut reader = Reader {
        source: input.text,
        has_hours,
        offset: TimeDelta::ZERO,
        voice: None,
        may_repeat: MOST_REPEATED,
        lines: Vec::new(),
    };
    for (number, line) in (1_u32..).zip(input.text.split('\n')) {
        reader.line(number, trimmed(line), drafts, warnings);
    }
    reader.finish(drafts);
    Ok(())
}

fn trimmed(line: &str) -> &str {
    line.trim_start_matches('\u{feff}').trim()
}

/// The key and the value of a line that tells of the song.
fn tag(line: &str) -> Option<(&'static str, &str)> {
    let (key, value) = line.strip_prefix('[')?.strip_suffix(']')?.split_once(':')?;
    let key = KEYS.into_iter().find(|known| known.eq_ignore_ascii_case(key.trim()))?;
    Some((key, value.trim()))
}

/// The time at the start of a text between `[` and `]`, and the bytes it takes with them.
fn leading_stamp(text: &str, has_hours: bool) -> Option<(CueTime, usize)> {
    enclosed(text, '[', ']', has_hours)
}

fn enclosed(text: &str, open: char, close: char, has_hours: bool) -> Option<(CueTime, usize)> {
    const LONGEST: usize = 32;
    let inside = text.strip_prefix(open)?;
    let end = inside.bytes().take(LONGEST).position(|byte| byte == close as u8)?;
    let inside = inside.get(..end)?;
    let stamp = read_time(inside.as_bytes()).filter(|stamp| stamp.length == inside.len())?;
    // `mm:ss:xx`, unless the file's third numbers are seconds.
    let mut parts = inside.split(':');
    let third = parts.nth(2).filter(|third| third.len() == 2 && !has_hours);
    let time = match third.filter(|third| third.bytes().all(|byte| byte.is_ascii_digit())) {
        Some(hundredths) => {
            let minutes = read_time(inside.get(..inside.len() - 3)?.as_bytes())?;
            minutes.time + TimeDelta::from_millis(hundredths.parse::<i64>().ok()? * 10)
        }
        None => stamp.time,
    };
    Some((time, end + 2))
}

/// Whether `[00:12:03]` means hours: among hundredths, two of five are above 59, so a dozen that never are mean so.
fn has_hours(text: &str) -> bool {
    const ENOUGH: usize = 12;
    let third = |line: &str| {
        let inside = trimmed(line).strip_prefix('[')?.split(']').next()?;
        let mut parts = inside.split(':').skip(2);
        parts.next().filter(|_| parts.next().is_none())?.parse::<u32>().ok()
    };
    let thirds: Vec<u32> = beginning(text).lines().filter_map(third).collect();
    thirds.len() >= ENOUGH && thirds.iter().all(|third| *third < 60)
}

/// A code and what follows it.
struct Line<'a> {
    number: u32,
    start: CueTime,
    /// So much later than the first code of its line: its words are that much later as well.
    moved: TimeDelta,
    text: &'a str,
    voice: Option<NameId>,
}

struct Reader<'a> {
    source: &'a str,
    has_hours: bool,
    offset: TimeDelta,
    voice: Option<NameId>,
    /// How many bytes of text may still be sung again.
    may_repeat: usize,
    lines: Vec<Line<'a>>,
}

impl<'a> Reader<'a> {
    fn line(&mut self, number: u32, line: &'a str, drafts: &mut Drafts, warnings: &mut Warnings) {
        if let Some((key, value)) = tag(line).filter(|_| leading_stamp(line, self.has_hours).is_none()) {
            return self.tag(number, line, (key, value), drafts, warnings);
        }
        let first = self.lines.len();
        let mut text = line;
        let mut first_start = None;
        while let Some((start, length)) = leading_stamp(text, self.has_hours) {
            text = text.get(length..).unwrap_or("");
            let moved = start - *first_start.get_or_insert(start);
            let voice = None;
            self.lines.push(Line {
                number,
                start,
                moved,
                text,
                voice,
            });
        }
        if first == self.lines.len() {
            if !line.is_empty() {
                let text = shorten(line);
                warnings.push(number, WarningKind::StrayText { text });
            }
            return;
        }
        let text = text.trim();
        let (voice, sung) = voice_of(text);
        if let Some(voice) = voice {
            self.voice = drafts.names.id(voice);
        }
        let is_sound = voice.is_none() && is_non_speech(sung);
        let times = self.lines.len() - first;
        let allowed = self
            .may_repeat
            .checked_div(sung.len())
            .map_or(times, |more| times.min(1 + more));
        if allowed < times {
            let (what, text) = ("times at which a text is sung once more were left out", shorten(line));
            warnings.push(number, WarningKind::Malformed { what, text });
            self.lines.truncate(first + allowed);
        }
        self.may_repeat -= (allowed - 1) * sung.len();
        for line in self.lines.iter_mut().skip(first) {
            line.text = sung;
            line.voice = self.voice.filter(|_| !is_sound);
        }
    }

    /// What a line tells of the song. All but the offset is kept for writing; that one is in the times.
    fn tag(
        &mut self,
        number: u32,
        line: &str,
        (key, value): (&str, &str),
        drafts: &mut Drafts,
        warnings: &mut Warnings,
    ) {
        match key {
            "ti" if !value.is_empty() => drafts.title = Some(value.to_owned()),
            "la" if !value.is_empty() => drafts.language = Some(value.chars().take(35).collect()),
            "offset" => {
                match value
                    .trim_end_matches("ms")
                    .trim()
                    .trim_start_matches('+')
                    .parse::<i64>()
                {
                    Ok(millis) => self.offset = TimeDelta::from_millis(millis),
                    Err(_) if value.is_empty() => {}
                    Err(_) => {
                        let (what, text) = ("an offset that is no number", shorten(value));
                        warnings.push(number, WarningKind::Malformed { what, text });
                    }
                }
                return;
            }
            _ => {}
        }
        if self.lines.is_empty() {
            drafts.head.push_str(line);
            drafts.head.push('\n');
        } else {
            drafts.blocks.push((number, line.to_owned()));
        }
    }

    fn finish(mut self, drafts: &mut Drafts) {
        // Where a text has several codes its lines stand in no order, and that is no fault.
        if self.lines.iter().any(|line| line.moved != TimeDelta::ZERO) {
            self.lines.sort_by_key(|line| line.start);
        }
        let ends = ends(&self.lines);
        let mut plain = Plain::default();
        for (line, end) in self.lines.iter().zip(ends) {
            if line.text.is_empty() {
                continue; // the end of what came before
            }
            let mut draft = Draft::new(line.number, line.start - self.offset, end.map(|end| end - self.offset));
            plain.clear();
            let delay = line.moved - self.offset;
            let within =
                |time: CueTime| time >= line.start - line.moved && end.is_none_or(|end| time <= end - line.moved);
            read_words(line.text, delay, self.has_hours, within, &mut plain);
            let last = plain.stamps.last().copied();
            if let Some((at, time)) = last {
                let letters = plain.text.get(at..).unwrap_or("").trim().chars().count();
                if letters == 0 && time > draft.start {
                    draft.end = Some(time);
                }
                let spoken = TIME_OF_WORD + TIME_OF_LETTER.scaled(letters as f64);
                draft.end = draft.end.or(Some(time.max(draft.start) + spoken));
            }
            draft.name = line.voice;
            // Codes inside are right as they stand only where nothing was moved.
            if last.is_none() || delay == TimeDelta::ZERO && !self.has_hours {
                draft.payload = source_range(self.source, self.whole_text(line));
            }
            drafts.add(draft, &plain);
        }
    }

    /// The text of a line with the mark of its voice.
    fn whole_text(&self, line: &Line<'a>) -> &'a str {
        let text = source_range(self.source, line.text).range();
        let before = self.source.get(..text.start).unwrap_or("");
        let from = before.rfind(']').map_or(text.start, |at| at + 1);
        self.source.get(from..text.end).unwrap_or(line.text).trim()
    }
}

/// When each line ends: where the next later one begins.
fn ends(lines: &[Line<'_>]) -> Vec<Option<CueTime>> {
    let mut starts: Vec<CueTime> = lines.iter().map(|line| line.start).collect();
    starts.sort_unstable();
    let next = |start| starts.get(starts.partition_point(|other| *other <= start)).copied();
    lines.iter().map(|line| next(line.start)).collect()
}

/// Walaoke's mark of a voice, and the text after it.
fn voice_of(text: &str) -> (Option<&str>, &str) {
    let marked = text.split_at_checked(2).filter(|(mark, rest)| {
        matches!(*mark, "M:" | "F:" | "D:") && (rest.is_empty() || rest.starts_with(char::is_whitespace))
    });
    match marked {
        Some((mark, rest)) => (mark.get(..1), rest.trim_start()),
        None => (None, text),
    }
}

/// Reads a text with codes for its words, which are `delay` later than they say. In square
/// brackets they count only within the line's time: people write times there as well.
fn read_words(text: &str, delay: TimeDelta, has_hours: bool, within: impl Fn(CueTime) -> bool, plain: &mut Plain) {
    let mut rest = text;
    while let Some(at) = rest.find(['<', '[']) {
        let (before, from) = rest.split_at_checked(at).unwrap_or((rest, ""));
        plain.literal(before);
        let bracketed = || leading_stamp(from, has_hours).filter(|(time, _)| within(*time));
        let stamp = enclosed(from, '<', '>', has_hours).or_else(bracketed);
        rest = if let Some((time, length)) = stamp {
            plain.stamp(time + delay);
            from.get(length..).unwrap_or("")
        } else {
            let (sign, after) = from.split_at_checked(1).unwrap_or((from, ""));
            plain.literal(sign);
            after
        };
    }
    plain.literal(rest);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_of_every_shape_are_read() {
        for (text, expected) in [
            ("[01:02.50]", Some(62_500)),
            ("[01:02.503]", Some(62_503)),
            ("[01:02]", Some(62_000)),
            ("[01:02:50]", Some(62_500)),
            ("[1:2.5]", Some(62_500)),
            ("[100:00.00]", Some(6_000_000)),
            ("[01:00:02.50]", Some(3_602_500)),
            ("[ti:x]", None),
            ("[01:02", None),
            ("01:02", None),
        ] {
            let millis = leading_stamp(text, false).map(|(time, _)| time.as_micros() / 1_000);
            assert_eq!(millis, expected, "{text}");
        }
        let with_hours = leading_stamp("[01:02:50]", true).map(|(time, _)| time.as_micros() / 1_000_000);
        assert_eq!(with_hours, Some(3_770));
    }

    #[test]
    fn voices_are_told_from_words() {
        assert_eq!(voice_of("M: la"), (Some("M"), "la"));
        assert_eq!(voice_of("D:"), (Some("D"), ""));
        for text in ["M:la", "Me: la", "X: la", "é", ""] {
            assert_eq!(voice_of(text), (None, text));
        }
    }
}
