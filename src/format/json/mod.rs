//! JSON as recognisers and services write it: one tree for all, and a file for each dialect.
//!
//! The dialects share their shapes and differ in their names, so each is told by a pair of names no other has; a test
//! of the fixtures holds that no file is taken for two.

pub(super) mod assemblyai;
pub(super) mod aws;
pub(super) mod azure;
pub(super) mod chapters;
pub(super) mod deepgram;
pub(super) mod earmark;
pub(super) mod elevenlabs;
pub(super) mod gladia;
pub(super) mod google;
pub(super) mod json3;
mod mend;
pub(super) mod otr;
pub(super) mod podcast;
pub(super) mod revai;
pub(super) mod speechmatics;
pub(super) mod tree;
pub(super) mod whisper;

use std::borrow::Cow;

pub(super) use tree::{Tree, Value};

use super::draft::Drafts;
use super::markup::Plain;
use super::stamp::read_time;
use super::warning::shorten;
use super::{Format, Input, ReadError, WarningKind, Warnings};
use crate::time::CueTime;
use crate::transcript::word_ranges;

/// The outermost value of an input that is JSON, or was said to be.
fn root<'t>(input: &'t Input<'_>, format: Format) -> Result<Value<'t>, ReadError> {
    let as_format = Some(format);
    let tree = input.json.as_ref();
    tree.map(Tree::root).ok_or(ReadError::NoCue { as_format })
}

/// A word as a file tells it.
#[derive(Debug, Clone, Default)]
pub(super) struct Heard<'t> {
    /// As it is written, with its blanks.
    pub text: &'t str,
    /// When it is said, where the file tells.
    pub start: Option<CueTime>,
    /// Until when, where the file tells.
    pub end: Option<CueTime>,
    /// Who says it, where the words tell.
    pub speaker: Option<Cow<'t, str>>,
}

/// Reads the words of a cue, where they make up its text; else the text without them. Gives back how many had no time.
///
/// Recognisers write a word with the blank before it, and a word in pieces without; some leave all blanks out. The
/// text tells which: it is followed word by word, and what stands between two words there stands between them here.
/// Where the words' speakers change, another voice begins.
pub(super) fn read_words<'t>(text: &'t str, words: impl Iterator<Item = Heard<'t>>, plain: &mut Plain) -> usize {
    let mut rest = text;
    let mut untimed = 0;
    let mut voice: Option<Cow<'t, str>> = None;
    for Heard {
        text: word,
        start,
        end,
        speaker,
    } in words
    {
        let bare = word.trim();
        if bare.is_empty() {
            continue;
        }
        untimed += usize::from(start.is_none());
        let count = plain.words.len();
        // Only a little ahead: a word that the text does not have must not swallow what follows.
        let near = rest.get(..rest.floor_char_boundary(bare.len() + 64)).unwrap_or(rest);
        let from = near.len() - near.trim_start().len();
        let at = match near.get(from..) {
            Some(ahead) if ahead.starts_with(bare) => Some(from),
            _ => near.find(bare),
        };
        match at {
            Some(at) => {
                plain.literal(rest.get(..at).unwrap_or(""));
                plain.word(bare, start, end);
                rest = rest.get(at + bare.len()..).unwrap_or("");
            }
            None if text.trim().is_empty() => plain.word(word, start, end),
            None => {}
        }
        if speaker.is_none() || speaker == voice {
            continue;
        }
        if let (Some(before), Some(piece)) = (&voice, plain.words.get(count)) {
            if plain.voices.is_empty() {
                plain.voices.push((0, before.clone().into_owned()));
            }
            // What touches the word before it is of the new voice, too: a quotation mark.
            let floor = count.checked_sub(1).and_then(|before| plain.words.get(before));
            let floor = floor.map_or(0, |before| before.bytes.end);
            let lead = plain.text.get(floor..piece.bytes.start).unwrap_or("");
            let blank = lead.char_indices().rev().find(|(_, c)| c.is_whitespace());
            let at = floor + blank.map_or(0, |(at, c)| at + c.len_utf8());
            plain
                .voices
                .push((at, speaker.clone().unwrap_or_default().into_owned()));
        }
        voice = speaker;
    }
    plain.literal(rest);
    untimed
}

/// Reads a text whose words are told as they sound: without capitals and marks, numbers in letters. A word of the text
/// has the time of the one it is found to be; where several were written as one, or one as several, the first has the
/// time of the first.
fn read_spoken(text: &str, spoken: &[Heard<'_>], plain: &mut Plain) {
    let bare = |word: &str| -> String {
        let letters = word.chars().filter(|c| c.is_alphanumeric());
        letters.flat_map(char::to_lowercase).collect()
    };
    let shown_bare: Vec<String> = text
        .split_whitespace()
        .map(bare)
        .filter(|word| !word.is_empty())
        .collect();
    let spoken_bare: Vec<String> = spoken.iter().map(|word| bare(word.text)).collect();
    let mut pairs = pair_words(&shown_bare, &spoken_bare).into_iter();
    for word in text.split_whitespace() {
        plain.blank();
        if !word.chars().any(char::is_alphanumeric) {
            plain.literal(word);
            continue;
        }
        let (first, last) = pairs.next().unwrap_or_default();
        let start = first.and_then(|at| spoken.get(at)?.start);
        let end = last.and_then(|at| spoken.get(at)?.end);
        plain.word(word, start, end);
    }
}

/// For each word as shown the first and the last of the spoken ones that it stands for, as far as that is known.
fn pair_words(shown: &[String], spoken: &[String]) -> Vec<(Option<usize>, Option<usize>)> {
    /// So many words ahead are looked for the next that is the same.
    const AHEAD: usize = 8;
    let alike = shown.iter().zip(spoken).filter(|(a, b)| a == b).count();
    if shown.len() == spoken.len() && alike * 2 >= shown.len() {
        return (0..shown.len()).map(|at| (Some(at), Some(at))).collect();
    }
    let mut pairs = Vec::with_capacity(shown.len());
    let (mut a, mut b) = (0, 0);
    while a < shown.len() {
        let is_same = |(in_a, in_b): &(usize, usize)| {
            let word = shown.get(a + in_a);
            word.is_some() && word == spoken.get(b + in_b)
        };
        // The nearest that are the same, with as little as possible passed over.
        let near = (0..=2 * AHEAD).flat_map(|sum| (0..=sum).map(move |in_a| (in_a, sum - in_a)));
        let found = near.filter(|pair| pair.0 <= AHEAD && pair.1 <= AHEAD).find(is_same);
        let (passed_a, passed_b) = found.unwrap_or((AHEAD, AHEAD));
        let (passed_a, passed_b) = (passed_a.min(shown.len() - a), passed_b.min(spoken.len() - b));
        // What was passed over on both sides is the same in another writing.
        let first = (passed_b > 0).then_some(b);
        let last = (passed_b > 0 && passed_a == 1).then(|| b + passed_b - 1);
        pairs.extend((0..passed_a).map(|place| if place == 0 { (first, last) } else { (None, None) }));
        (a, b) = (a + passed_a, b + passed_b);
        if found.is_some() {
            pairs.push((Some(b), Some(b)));
            (a, b) = (a + 1, b + 1);
        }
    }
    pairs
}

/// Whether the texts of a list are single words rather than phrases. Scripts that write no blanks are told by how many
/// words the usual borders make of one.
fn are_words<'t>(texts: impl Iterator<Item = &'t str>) -> bool {
    let (mut texts_seen, mut phrases, mut words) = (0_usize, 0_usize, 0_usize);
    for text in texts.map(str::trim).filter(|text| !text.is_empty()) {
        texts_seen += 1;
        phrases += usize::from(text.contains(char::is_whitespace));
        words += if text.is_ascii() { 1 } else { word_ranges(text).len() };
    }
    texts_seen >= 2 && phrases * 20 <= texts_seen && words * 2 <= texts_seen * 5
}

/// Whom a field names: services that number their speakers mean nobody's name by it.
fn speaker(value: Option<Value<'_>>) -> Option<Cow<'_, str>> {
    let value = value?;
    let Some(name) = value.str() else {
        let number = value.number().filter(|number| *number >= 0.0)?;
        return Some(Cow::Owned(format!("Speaker {number}")));
    };
    let name = name.trim();
    let is_letter = name.chars().count() == 1 && name.starts_with(char::is_alphanumeric);
    let is_number = !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_digit());
    if is_letter || is_number {
        return Some(Cow::Owned(format!("Speaker {name}")));
    }
    // whisper.cpp writes `?` where it cannot tell.
    name.contains(char::is_alphanumeric).then_some(Cow::Borrowed(name))
}

/// Whom a channel of the recording stands for, where several were recognised by themselves.
fn channel(number: f64) -> String {
    format!("Channel {number}")
}

/// The same for a channel with a label: `ch_0` and `channel_1` are numbers in other clothes.
fn channel_of(label: &str) -> Cow<'_, str> {
    let number = label.strip_prefix("channel_").or_else(|| label.strip_prefix("ch_"));
    match number.and_then(|number| number.parse().ok()) {
        Some(number) => channel(number).into(),
        None => label.into(),
    }
}

/// The seconds of a value, or its time as a clock shows it.
fn seconds_or_clock(value: Option<Value<'_>>) -> Option<CueTime> {
    let value = value?;
    let as_clock = || Some(read_time(value.str()?.trim().as_bytes())?.time);
    value.number().map(tree::time_from_secs).or_else(as_clock)
}

/// When a cue begins; one without a start is put behind the one before, and told.
fn start_of(start: Option<CueTime>, text: &str, line: u32, drafts: &Drafts, warnings: &mut Warnings) -> CueTime {
    start.unwrap_or_else(|| {
        if !text.trim().is_empty() {
            let what = "a cue without a start was put behind the one before";
            let text = shorten(text);
            warnings.push(line, WarningKind::Malformed { what, text });
        }
        let last = drafts.cues.last();
        last.map_or(CueTime::ZERO, |cue| cue.end.unwrap_or(cue.start))
    })
}

/// Puts the cues in order where the file tells one channel after the other: nothing there is wrong.
fn interleave(drafts: &mut Drafts) {
    drafts.cues.sort_by_key(|cue| cue.start);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spoken(text: &str, words: &[(&'static str, i64)]) -> Vec<(String, Option<i64>)> {
        let heard: Vec<Heard<'_>> = words
            .iter()
            .map(|&(text, at)| Heard {
                text,
                start: Some(CueTime::from_millis(at)),
                ..Heard::default()
            })
            .collect();
        let mut plain = Plain::default();
        read_spoken(text, &heard, &mut plain);
        let word = |piece: &super::super::markup::TimedPiece| {
            let at = piece.start.map(|at| at.as_micros() / 1_000);
            (plain.text[piece.bytes.clone()].to_owned(), at)
        };
        plain.words.iter().map(word).collect()
    }

    #[test]
    fn written_words_are_found_among_the_spoken() {
        let found = spoken(
            "Well, 25 dollars — twenty-six.",
            &[
                ("well", 1),
                ("twenty", 2),
                ("five", 3),
                ("dollars", 4),
                ("twenty", 5),
                ("six", 6),
            ],
        );
        let expected = [
            ("Well,", Some(1)),
            ("25", Some(2)),
            ("dollars", Some(4)),
            ("twenty-six.", Some(5)),
        ];
        assert_eq!(found, expected.map(|(word, at)| (word.to_owned(), at)));
        assert_eq!(spoken("No.", &[]), [("No.".to_owned(), None)]);
        let found = spoken("It's $5", &[("it's", 1), ("five", 2), ("dollars", 3)]);
        assert_eq!(found, [("It's".to_owned(), Some(1)), ("$5".to_owned(), Some(2))]);
    }

    #[test]
    fn single_words_are_told_from_phrases() {
        assert!(are_words(["I", "am", "here."].into_iter()));
        assert!(are_words(["今日", "は", "雨", "です"].into_iter()));
        assert!(!are_words(["Good morning.", "Hello."].into_iter()));
        assert!(!are_words(
            ["今日は雨が降るでしょう。", "傘を持って行きましょう。"].into_iter()
        ));
        assert!(!are_words(["Alone."].into_iter()));
    }

    #[test]
    fn numbers_are_no_names() {
        let tree =
            Tree::read(r#"{"a": 0, "b": "1", "c": "B", "d": "Ada", "e": null, "f": "", "g": "spk_0"}"#).expect("JSON");
        let name = |key| speaker(tree.root().get(key)).map(Cow::into_owned);
        let names = ["a", "b", "c", "d", "e", "f", "g"].map(name);
        let expected = [
            Some("Speaker 0"),
            Some("Speaker 1"),
            Some("Speaker B"),
            Some("Ada"),
            None,
            None,
            Some("spk_0"),
        ];
        assert_eq!(names, expected.map(|name| name.map(str::to_owned)));
    }
}
