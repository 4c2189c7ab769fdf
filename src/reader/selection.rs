//! Marked words: a fixed end and a moving one, on word borders.

use crate::transcript::{CueId, Passage, TextPoint, Transcript};

/// Words that are marked, in transcript places, so that both views show the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Selection {
    /// The end that stays.
    pub anchor: Passage,
    /// The end that moves.
    pub head: Passage,
}

impl Selection {
    /// One stretch, marked whole.
    pub fn of(passage: Passage) -> Self {
        Self {
            anchor: passage,
            head: passage,
        }
    }

    /// Everything from one end to the other.
    pub fn passage(self) -> Passage {
        Passage {
            start: self.anchor.start.min(self.head.start),
            end: self.anchor.end.max(self.head.end),
        }
    }

    /// The whole text.
    pub fn all(transcript: &Transcript) -> Option<Self> {
        let last = transcript.cues.len().checked_sub(1)?;
        let start = TextPoint::new(CueId(0), 0);
        let end = TextPoint::new(CueId(last as u32), transcript.cues.get(last)?.text.len() as u32);
        Some(Self::of(Passage { start, end }))
    }
}
