//! Texts with a time each, the `SYLT` frame of ID3v2: lines, words or syllables, which only the texts tell apart.
//!
//! The description wants a line break before the first text of a line and blanks where words end, so that syllables
//! can be timed. Many write whole lines without a break, or words without blanks.

use super::super::draft::{Draft, Drafts};
use super::super::flow::Flow;
use super::super::markup::Plain;
use super::super::{Options, WarningKind, Warnings};
use super::id3_frames::Coding;
use super::{Label, decoded, language, number, tidy};
use crate::time::CueTime;

/// Frames a second of the usual MP3: 1152 samples each, 44,100 a second. Times 1000.
const USUAL_RATE: u32 = 38_281;

/// Texts with a time each.
#[derive(Debug)]
pub(super) struct Timed {
    /// Its language, and what it is called.
    pub label: Label,
    /// Whether it is text that is spoken or sung, and no chords, events or addresses.
    pub is_speech: bool,
    /// Whether times count frames of the sound.
    in_frames: bool,
    /// The texts, and the times as they are counted.
    pub pieces: Vec<(String, u64)>,
}

impl Timed {
    /// Reads a frame's content.
    pub fn read(content: &[u8]) -> Option<Self> {
        const FRAMES: u8 = 1;
        let coding = Coding(*content.first()?);
        let told = decoded(content.get(1..4)?, encoding_rs::WINDOWS_1252).to_ascii_lowercase();
        let (unit, kind) = (*content.get(4)?, *content.get(5)?);
        let mut mark = [0xff, 0xfe];
        let (name, mut rest) = coding.text(content.get(6..)?, &mut mark);
        let mut pieces = Vec::new();
        while rest.len() >= 5 {
            let (text, after) = coding.text(rest, &mut mark);
            let Some(time) = number(after, 0, 4) else { break };
            pieces.push((text, time));
            rest = after.get(4..).unwrap_or_default();
        }
        Some(Self {
            label: Label {
                name: tidy(&name),
                language: language(&told),
                is_default: true,
                is_forced: false,
            },
            is_speech: kind <= 2,
            in_frames: unit == FRAMES,
            pieces,
        })
    }

    /// Makes cues of it.
    pub fn add(&self, options: &Options<'_>, drafts: &mut Drafts, warnings: &mut Warnings) {
        let rate = options.frame_rate.filter(|rate| *rate > 0.0);
        if self.in_frames && rate.is_none() {
            let assumed = USUAL_RATE;
            warnings.push(0, WarningKind::FrameRate { assumed });
        }
        let rate = rate.unwrap_or(f64::from(USUAL_RATE) / 1e3);
        let time = |count: u64| {
            if self.in_frames {
                CueTime::from_secs_f64(count as f64 / rate)
            } else {
                CueTime::from_millis(i64::try_from(count).unwrap_or(i64::MAX))
            }
        };
        let is_line_start = |text: &str| text.starts_with(['\n', '\r']);
        let starts = self
            .pieces
            .iter()
            .skip(1)
            .filter(|(text, _)| is_line_start(text))
            .count();
        let has_blanks = |(text, _): &(String, u64)| text.trim().contains(char::is_whitespace);
        let spoken = self.pieces.iter().filter(|(text, _)| !text.trim().is_empty()).count();
        let sentences = self.pieces.iter().filter(|piece| has_blanks(piece)).count();
        let rows = self.pieces.iter().map(|(text, count)| (text.as_str(), time(*count)));
        if starts > 0 && starts + 1 < spoken {
            lines_of_words(rows, drafts);
        } else if starts > 0 || sentences * 2 > spoken || spoken < 2 {
            whole_lines(rows, drafts);
        } else {
            words(rows, drafts, warnings);
        }
    }
}

/// A cue for each text; an empty one ends the one before.
fn whole_lines<'t>(rows: impl Iterator<Item = (&'t str, CueTime)>, drafts: &mut Drafts) {
    let mut plain = Plain::default();
    for (text, start) in rows {
        plain.clear();
        plain.literal(text);
        if let (true, Some(last)) = (plain.text.is_empty(), drafts.cues.last_mut()) {
            last.end = last.end.or(Some(start));
        } else if !plain.text.is_empty() {
            drafts.add(Draft::new(0, start, None), &plain);
        }
    }
}

/// A cue for each line, its words timed; a line begins with a break.
fn lines_of_words<'t>(rows: impl Iterator<Item = (&'t str, CueTime)>, drafts: &mut Drafts) {
    let mut plain = Plain::default();
    let mut line: Option<CueTime> = None;
    let mut close = |plain: &mut Plain, start: Option<CueTime>, end: Option<CueTime>| {
        if let (Some(start), false) = (start, plain.text.is_empty()) {
            drafts.add(Draft::new(0, start, end), plain);
        }
        plain.clear();
    };
    let mut rows = rows.peekable();
    while let Some((text, start)) = rows.next() {
        if text.starts_with(['\n', '\r']) {
            close(&mut plain, line.take(), Some(start));
        }
        let end = rows.peek().map(|(_, next)| *next);
        line = line.or(Some(start));
        let text = text.trim_start_matches(['\n', '\r']);
        plain.word(text, Some(start), end);
    }
    close(&mut plain, line, None);
}

/// Words without lines. Where any has a blank at its end, those without one are syllables of the word before.
fn words<'t>(rows: impl Iterator<Item = (&'t str, CueTime)> + Clone, drafts: &mut Drafts, warnings: &mut Warnings) {
    let is_open = |text: &str| text.starts_with(char::is_whitespace) || text.ends_with(char::is_whitespace);
    let has_syllables = rows.clone().any(|(text, _)| is_open(text));
    let mut words: Vec<(String, CueTime)> = Vec::new();
    let mut parted = true;
    for (text, start) in rows {
        match words.last_mut() {
            Some((word, _)) if has_syllables && !parted && !text.starts_with(char::is_whitespace) => {
                word.push_str(text.trim());
            }
            _ => words.push((text.trim().to_owned(), start)),
        }
        parted = text.ends_with(char::is_whitespace) || text.is_empty();
    }
    let mut flow = Flow::new(drafts);
    let ends = words.iter().skip(1).map(|(_, start)| Some(*start)).chain([None]);
    for ((word, start), end) in words.iter().zip(ends) {
        flow.word(0, word, Some(*start), end, None);
    }
    flow.finish(warnings);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(pieces: &[(&str, u64)]) -> Vec<(i64, String, usize)> {
        let timed = Timed {
            label: Label::default(),
            is_speech: true,
            in_frames: false,
            pieces: pieces.iter().map(|(text, time)| ((*text).to_owned(), *time)).collect(),
        };
        let (mut drafts, mut warnings) = (Drafts::default(), Warnings::default());
        timed.add(&Options::default(), &mut drafts, &mut warnings);
        let cue = |cue: &Draft| {
            (
                cue.start.as_micros() / 1_000,
                drafts.text_of(cue).to_owned(),
                cue.words.len(),
            )
        };
        drafts.cues.iter().map(cue).collect()
    }

    #[test]
    fn lines_words_and_syllables_are_told_apart() {
        let lines = read(&[
            ("It rained", 0),
            ("the whole night", 900),
            ("", 2_000),
            ("and day", 3_000),
        ]);
        assert_eq!(lines[1], (900, "the whole night".to_owned(), 0));
        let words = read(&[
            ("It", 0),
            (" rai", 200),
            ("ned", 300),
            ("\nall", 900),
            (" night", 1_200),
        ]);
        assert_eq!(
            words,
            [(0, "It rained".to_owned(), 2), (900, "all night".to_owned(), 2)]
        );
        let flow = read(&[("It", 0), ("rained", 200), ("all", 900)]);
        assert_eq!(flow, [(0, "It rained all".to_owned(), 3)]);
        let flow = read(&[("It ", 0), ("rai", 200), ("ned", 900)]);
        assert_eq!(flow, [(0, "It rained".to_owned(), 2)]);
    }
}
