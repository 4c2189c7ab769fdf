//! Places and stretches in the text, independent of how it is laid out.

use super::{CueId, Transcript};

/// A place between two characters of a transcript.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TextPoint {
    /// The cue.
    pub cue: CueId,
    /// Bytes from the start of the cue's text; on a character border.
    pub byte: u32,
}

impl TextPoint {
    /// A place in a cue.
    pub const fn new(cue: CueId, byte: u32) -> Self {
        Self { cue, byte }
    }
}

/// A stretch of text `[start, end)`, which may cross cues.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Passage {
    /// The first character.
    pub start: TextPoint,
    /// The place after the last character.
    pub end: TextPoint,
}

impl Passage {
    /// The passage between two points, in either order.
    pub fn between(a: TextPoint, b: TextPoint) -> Self {
        Self {
            start: a.min(b),
            end: a.max(b),
        }
    }

    /// All of one cue.
    pub fn of_cue(transcript: &Transcript, id: CueId) -> Option<Self> {
        let cue = transcript.cue(id)?;
        Some(Self {
            start: TextPoint::new(id, 0),
            end: TextPoint::new(id, cue.text.len() as u32),
        })
    }

    /// Whether it holds no character.
    pub fn is_empty(self) -> bool {
        self.start == self.end
    }

    /// The cues it touches, with the byte range inside each (not empty unless the cue is).
    pub fn pieces(self, transcript: &Transcript) -> impl Iterator<Item = (CueId, std::ops::Range<usize>)> + '_ {
        let last = self.end.cue.0.min(
            u32::try_from(transcript.cues.len())
                .unwrap_or(u32::MAX)
                .saturating_sub(1),
        );
        (self.start.cue.0..=last).filter_map(move |index| {
            let id = CueId(index);
            let length = transcript.cue(id)?.text.len();
            let from = if id == self.start.cue {
                (self.start.byte as usize).min(length)
            } else {
                0
            };
            let to = if id == self.end.cue {
                (self.end.byte as usize).min(length)
            } else {
                length
            };
            (from < to).then_some((id, from..to))
        })
    }

    /// The text, cues and line breaks joined by single spaces.
    pub fn text(self, transcript: &Transcript) -> String {
        let mut out = String::new();
        for (id, range) in self.pieces(transcript) {
            let piece = transcript.cue(id).map_or("", |cue| cue.slice(range));
            for part in piece.split_whitespace() {
                if !out.is_empty() {
                    out.push(' ');
                }
                out.push_str(part);
            }
        }
        out
    }

    /// When it is spoken: from its first word to its last, on the transcript's clock.
    pub fn span(self, transcript: &Transcript) -> Option<crate::time::CueSpan> {
        let mut found: Option<crate::time::CueSpan> = None;
        for (id, range) in self.pieces(transcript) {
            for word in transcript.words(id).iter() {
                let bytes = word.bytes();
                if bytes.start < range.end && range.start < bytes.end {
                    let start = found.map_or(word.span.start, |span| span.start.min(word.span.start));
                    let end = found.map_or(word.span.end, |span| span.end.max(word.span.end));
                    found = Some(crate::time::CueSpan::new(start, end));
                }
            }
        }
        found.or_else(|| transcript.cue(self.start.cue).map(|cue| cue.span))
    }
}
