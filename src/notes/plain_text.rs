//! A transcript as one string: what quotes are taken from and looked for in.
//!
//! Line breaks and cue borders are where a program happened to cut, so they become single spaces, and nothing at all
//! between characters of scripts that write no spaces. The same words cut into other cues give the same string.

use std::ops::Range;

use crate::transcript::{CueId, Passage, TextPoint, Transcript};

/// Which side of a passage a place is: a start belongs to the character after it, an end to the one before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Edge {
    Start,
    End,
}

#[derive(Debug, Clone, Copy)]
struct CueStart {
    byte: usize,
    char: usize,
    /// Bytes of the cue in the plain text; the same as in the cue exactly where nothing was changed.
    length: usize,
}

/// The string, and where in it each cue begins.
#[derive(Debug, Clone, Default)]
pub(super) struct PlainText {
    text: String,
    cues: Vec<CueStart>,
}

impl PlainText {
    pub(super) fn new(transcript: &Transcript) -> Self {
        let mut plain = Self {
            text: String::new(),
            cues: Vec::with_capacity(transcript.cues.len()),
        };
        let mut chars = 0;
        for cue in &transcript.cues {
            if needs_space(plain.text.chars().next_back(), &cue.text) {
                plain.text.push(' ');
                chars += 1;
            }
            let byte = plain.text.len();
            push_plain(&cue.text, &mut plain.text);
            plain.cues.push(CueStart {
                byte,
                char: chars,
                length: plain.text.len() - byte,
            });
            chars += plain.text.get(byte..).map_or(0, |text| text.chars().count());
        }
        plain
    }

    pub(super) fn text(&self) -> &str {
        &self.text
    }

    /// The text in a byte range, empty where it does not fit.
    pub(super) fn slice(&self, range: Range<usize>) -> &str {
        self.text.get(range).unwrap_or("")
    }

    /// Where a passage stands; white space at its ends is not part of it. `None` when nothing is left.
    pub(super) fn range_of(&self, transcript: &Transcript, passage: Passage) -> Option<Range<usize>> {
        let start = self.byte_of(transcript, passage.start)?;
        let text = self.text.get(start..self.byte_of(transcript, passage.end)?)?;
        let start = start + (text.len() - text.trim_start().len());
        let length = text.trim().len();
        (length > 0).then_some(start..start + length)
    }

    fn byte_of(&self, transcript: &Transcript, point: TextPoint) -> Option<usize> {
        let cue = *self.cues.get(point.cue.index())?;
        let raw = &transcript.cue(point.cue)?.text;
        let byte = point.byte as usize;
        let inside = if cue.length == raw.len() {
            byte.min(raw.len())
        } else {
            plain_length(raw, byte)
        };
        Some(self.text.floor_char_boundary(cue.byte + inside))
    }

    /// The passage of a byte range of the text.
    pub(super) fn passage_of(&self, transcript: &Transcript, range: Range<usize>) -> Option<Passage> {
        Some(Passage {
            start: self.point_at(transcript, range.start, Edge::Start)?,
            end: self.point_at(transcript, range.end, Edge::End)?,
        })
    }

    fn point_at(&self, transcript: &Transcript, byte: usize, edge: Edge) -> Option<TextPoint> {
        let held = if edge == Edge::End { byte.checked_sub(1)? } else { byte };
        // A cue without words shares its start with what follows it; the last with this start has the words.
        let index = self.cues.partition_point(|cue| cue.byte <= held).checked_sub(1)?;
        let index = (0..=index)
            .rev()
            .find(|&i| self.cues.get(i).is_some_and(|cue| cue.length > 0))?;
        let cue = self.cues.get(index)?;
        let id = CueId(u32::try_from(index).ok()?);
        let raw = &transcript.cue(id)?.text;
        let inside = byte.saturating_sub(cue.byte).min(cue.length);
        let byte = if cue.length == raw.len() {
            inside
        } else {
            raw_byte(raw, inside, edge)
        };
        Some(TextPoint::new(id, u32::try_from(byte).ok()?))
    }

    /// How many code points stand before a byte.
    pub(super) fn chars_before(&self, byte: usize) -> usize {
        let index = self.cues.partition_point(|cue| cue.byte <= byte).saturating_sub(1);
        self.cues
            .get(index)
            .map_or(0, |cue| cue.char + self.slice(cue.byte..byte).chars().count())
    }

    /// The byte at which the code point with this number begins; the end of the text for numbers beyond it.
    pub(super) fn byte_of_char(&self, number: usize) -> usize {
        let index = self.cues.partition_point(|cue| cue.char <= number).saturating_sub(1);
        let Some(cue) = self.cues.get(index) else { return 0 };
        let rest = self.text.get(cue.byte..).unwrap_or("");
        rest.char_indices()
            .nth(number.saturating_sub(cue.char))
            .map_or(self.text.len(), |(at, _)| cue.byte + at)
    }
}

/// Any text in the same form: for quotes that come from elsewhere.
pub(super) fn plain(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    push_plain(text, &mut out);
    out
}

fn push_plain(raw: &str, out: &mut String) {
    if is_plain(raw) {
        out.push_str(raw);
    } else {
        each_plain(raw, |_, c| out.push(c));
    }
}

/// Whether a text has no white space but single spaces between words. Says no where it would have to look closer.
fn is_plain(raw: &str) -> bool {
    let mut before = b' ';
    for byte in raw.bytes() {
        if !byte.is_ascii() || byte < b' ' || byte == b' ' && before == b' ' {
            return false;
        }
        before = byte;
    }
    before != b' ' || raw.is_empty()
}

/// Calls `each` with every character of the plain form and the byte of `raw` it comes from.
fn each_plain(raw: &str, mut each: impl FnMut(usize, char)) {
    let mut last: Option<char> = None;
    let mut space: Option<(usize, bool)> = None;
    for (at, c) in raw.char_indices() {
        if c.is_whitespace() {
            let line_break = matches!(c, '\n' | '\r' | '\u{2028}' | '\u{2029}');
            let (from, broken) = space.unwrap_or((at, false));
            space = Some((from, broken || line_break));
            continue;
        }
        if let (Some((from, broken)), Some(before)) = (space.take(), last)
            && !(broken && writes_no_spaces(before) && writes_no_spaces(c))
        {
            each(from, ' ');
        }
        each(at, c);
        last = Some(c);
    }
}

/// How long the plain form of the first `byte` bytes is, up to the word they end in or before.
fn plain_length(raw: &str, byte: usize) -> usize {
    let mut length = 0;
    each_plain(raw, |at, c| {
        if at < byte {
            length += c.len_utf8();
        }
    });
    length
}

/// The byte of `raw` at which its plain form has `plain` bytes.
fn raw_byte(raw: &str, plain: usize, edge: Edge) -> usize {
    let mut made = 0;
    let mut start = raw.len();
    let mut end = 0;
    each_plain(raw, |at, c| {
        if made == plain {
            start = at;
        }
        made += c.len_utf8();
        if made <= plain {
            end = at + c.len_utf8();
        }
    });
    if edge == Edge::Start { start } else { end }
}

fn needs_space(before: Option<char>, raw: &str) -> bool {
    match (before, raw.trim_start().chars().next()) {
        (Some(before), Some(after)) => !(writes_no_spaces(before) && writes_no_spaces(after)),
        _ => false,
    }
}

/// Han, kana and their punctuation: a line break between two of them stands for nothing.
fn writes_no_spaces(c: char) -> bool {
    matches!(u32::from(c), 0x3001..=0x30FF | 0x3400..=0x4DBF | 0x4E00..=0x9FFF | 0xF900..=0xFAFF | 0xFF01..=0xFF60 | 0x20000..=0x2FA1F)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::{CueSpan, CueTime};
    use crate::transcript::Cue;

    fn transcript(texts: &[&str]) -> Transcript {
        let cue = |text: &&str| Cue {
            span: CueSpan::new(CueTime::ZERO, CueTime::from_millis(1)),
            speaker: None,
            text: (*text).into(),
            given_words: Box::default(),
            origin: None,
        };
        Transcript {
            cues: texts.iter().map(cue).collect(),
            ..Transcript::default()
        }
    }

    #[test]
    fn cuts_do_not_show() {
        for cut in [
            &["One day, two\u{a0}nights", "and a morning."][..],
            &["One day,", "", "  two nights\nand", " a  morning.\n"],
            &["One", "day, two nights and a morning."],
        ] {
            assert_eq!(
                PlainText::new(&transcript(cut)).text(),
                "One day, two nights and a morning."
            );
        }
        assert_eq!(
            PlainText::new(&transcript(&["今日は", "いい\n天気", "です。 Yes"])).text(),
            "今日はいい天気です。 Yes"
        );
        assert_eq!(plain("  a \n b "), "a b");
        assert_eq!(PlainText::new(&transcript(&["", " ", "\n"])).text(), "");
    }

    #[test]
    fn every_word_goes_there_and_back() {
        let transcript = transcript(&[
            "",
            "One day,",
            " ",
            "  zwei Näch\u{a0}te\nund ",
            "今日\n は",
            "ein  Mörgen.",
        ]);
        let plain = PlainText::new(&transcript);
        assert_eq!(plain.text(), "One day, zwei Näch te und 今日は ein Mörgen.");
        let words: Vec<Range<usize>> = plain
            .text()
            .split(' ')
            .map(|word| {
                let start = word.as_ptr() as usize - plain.text().as_ptr() as usize;
                start..start + word.len()
            })
            .collect();
        for (i, first) in words.iter().enumerate() {
            for last in &words[i..] {
                let range = first.start..last.end;
                let passage = plain.passage_of(&transcript, range.clone()).unwrap();
                assert_eq!(plain.range_of(&transcript, passage), Some(range.clone()), "{passage:?}");
                assert_eq!(
                    super::plain(&passage.text(&transcript)).replace("日 は", "日は"),
                    plain.slice(range)
                );
            }
        }
    }

    #[test]
    fn code_points_are_counted_as_they_stand() {
        let transcript = transcript(&["Näh", "", "ö x", "", "end"]);
        let plain = PlainText::new(&transcript);
        assert_eq!(plain.text(), "Näh ö x end");
        for (number, (byte, _)) in plain.text().char_indices().enumerate() {
            assert_eq!(plain.chars_before(byte), number);
            assert_eq!(plain.byte_of_char(number), byte);
        }
        assert_eq!(plain.byte_of_char(usize::MAX), plain.text().len());
        assert_eq!(plain.chars_before(plain.text().len()), 11);
    }
}
