//! Cues joined for reading: by speaker, sentence end and pause. The cues themselves stay as they are.

use std::ops::Range;

use super::{CueId, SpeakerId, Transcript};
use crate::time::TimeDelta;

/// A pause this long ends a paragraph wherever it falls in a sentence.
const LONG_PAUSE: TimeDelta = TimeDelta::from_millis(4_000);
/// A pause this long ends a paragraph after a full sentence.
const PAUSE: TimeDelta = TimeDelta::from_millis(1_500);
/// From here a paragraph ends with the next sentence. About eight lines of a comfortable column.
const SOFT_LENGTH: usize = 480;
/// And from here with the next comma, then with the next cue: transcripts without any punctuation exist.
const HARD_LENGTH: usize = 900;

/// A run of cues that reads as one paragraph.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Paragraph {
    /// Who speaks.
    pub speaker: Option<SpeakerId>,
    /// The cues, as places in [`Transcript::cues`].
    pub cues: Range<u32>,
}

impl Paragraph {
    /// The first cue.
    pub fn first(&self) -> CueId {
        CueId(self.cues.start)
    }

    /// Whether the cue belongs to it.
    pub fn contains(&self, id: CueId) -> bool {
        self.cues.contains(&id.0)
    }
}

/// Groups all cues into paragraphs, in order, none left out.
pub fn paragraphs(transcript: &Transcript) -> Vec<Paragraph> {
    let mut out: Vec<Paragraph> = Vec::new();
    let mut length = 0;
    for (i, cue) in transcript.cues.iter().enumerate() {
        let joins = i > 0 && out.last().is_some_and(|paragraph| paragraph.speaker == cue.speaker) && {
            let before = &transcript.cues[i - 1];
            let pause = cue.span.start - before.span.end;
            let sentence_over = ends_sentence(&before.text);
            !(pause >= LONG_PAUSE
                || sentence_over && (pause >= PAUSE || length >= SOFT_LENGTH)
                || length >= HARD_LENGTH && (ends_clause(&before.text) || length >= HARD_LENGTH + HARD_LENGTH / 3))
        };
        match out.last_mut() {
            Some(paragraph) if joins => {
                paragraph.cues.end = i as u32 + 1;
                length += cue.text.len() + 1;
            }
            _ => {
                out.push(Paragraph {
                    speaker: cue.speaker,
                    cues: i as u32..i as u32 + 1,
                });
                length = cue.text.len();
            }
        }
    }
    out
}

fn last_mark(text: &str) -> Option<char> {
    text.trim_end()
        .trim_end_matches(['"', '\'', ')', ']', '”', '’', '»'])
        .chars()
        .next_back()
}

fn ends_sentence(text: &str) -> bool {
    matches!(
        last_mark(text),
        Some('.' | '?' | '!' | '…' | '。' | '？' | '！' | '؟' | '।')
    )
}

fn ends_clause(text: &str) -> bool {
    ends_sentence(text) || matches!(last_mark(text), Some(',' | ';' | ':' | '—' | '–' | '，' | '、'))
}
