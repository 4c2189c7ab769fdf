//! What stands in each row: a cue in the lines view, a paragraph in the reading view.

use std::ops::Range;

use crate::reader::{Document, View};
use crate::timing::Timeline;
use crate::transcript::{CueId, Paragraph, SpeakerId, TextPoint, Transcript};

/// A cue's text inside a row's text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Piece {
    /// The cue.
    pub cue: CueId,
    /// Where it begins in the row's text, in bytes.
    pub start: usize,
    /// How many bytes it has.
    pub len: usize,
}

/// A document's rows in one view.
#[derive(Clone, Copy)]
pub struct Rows<'a> {
    /// The transcript on the recording's clock.
    pub timeline: &'a Timeline,
    paragraphs: &'a [Paragraph],
    view: View,
}

impl<'a> Rows<'a> {
    /// The rows of an open document, when it has a transcript.
    pub fn of(document: &'a Document, view: View) -> Option<Self> {
        let timeline = document.timeline.as_ref()?;
        let paragraphs = document.read.as_ref()?.paragraphs.as_slice();
        Some(Self {
            timeline,
            paragraphs,
            view,
        })
    }

    fn transcript(&self) -> &'a Transcript {
        self.timeline.transcript()
    }

    /// How many.
    pub fn len(&self) -> usize {
        match self.view {
            View::Lines => self.transcript().cues.len(),
            View::Reading => self.paragraphs.len(),
        }
    }

    /// The cues of a row, as places in the transcript.
    pub fn cues(&self, row: usize) -> Range<u32> {
        match self.view {
            View::Lines => row as u32..(row as u32).saturating_add(1),
            View::Reading => self
                .paragraphs
                .get(row)
                .map_or(0..0, |paragraph| paragraph.cues.clone()),
        }
    }

    /// The row that holds a cue.
    pub fn row_of(&self, cue: CueId) -> usize {
        match self.view {
            View::Lines => cue.index(),
            View::Reading => self.paragraphs.partition_point(|paragraph| paragraph.cues.end <= cue.0),
        }
    }

    /// Who speaks in a row.
    pub fn speaker(&self, row: usize) -> Option<SpeakerId> {
        self.transcript().cue(CueId(self.cues(row).start))?.speaker
    }

    /// Whether the speaker's name is shown: where it changes.
    pub fn names_speaker(&self, row: usize) -> bool {
        row == 0 || self.speaker(row) != self.speaker(row - 1)
    }

    /// How many bytes of text a row has: for estimates.
    pub fn text_len(&self, row: usize) -> usize {
        self.cues(row)
            .filter_map(|cue| self.transcript().cue(CueId(cue)))
            .map(|cue| cue.text.len() + 1)
            .sum()
    }

    /// A row's text, and which cue each part of it belongs to. Line breaks are shown as spaces.
    pub fn text(&self, row: usize) -> (String, Vec<Piece>) {
        let mut text = String::new();
        let mut pieces = Vec::new();
        for cue in self.cues(row) {
            let id = CueId(cue);
            let Some(cue) = self.transcript().cue(id) else { continue };
            if !text.is_empty() {
                text.push(' ');
            }
            pieces.push(Piece {
                cue: id,
                start: text.len(),
                len: cue.text.len(),
            });
            // A line break and a space have one byte each, so places in the cue stay true.
            text.extend(cue.text.chars().map(|c| if c == '\n' { ' ' } else { c }));
        }
        (text, pieces)
    }
}

/// The part of a row's text that a stretch of the transcript covers.
pub fn range_in_row(pieces: &[Piece], start: TextPoint, end: TextPoint) -> Option<Range<usize>> {
    let (first, last) = (pieces.first()?, pieces.last()?);
    if end.cue < first.cue || start.cue > last.cue {
        return None;
    }
    let offset = |point: TextPoint| {
        let piece = pieces.iter().find(|piece| piece.cue == point.cue)?;
        Some(piece.start + (point.byte as usize).min(piece.len))
    };
    let from = if start.cue < first.cue { 0 } else { offset(start)? };
    let to = if end.cue > last.cue {
        last.start + last.len
    } else {
        offset(end)?
    };
    (from < to).then_some(from..to)
}

/// The place in the transcript of a byte of a row's text.
pub fn point_in_row(pieces: &[Piece], byte: usize) -> Option<TextPoint> {
    let after = pieces.partition_point(|piece| piece.start <= byte);
    let piece = pieces.get(after.checked_sub(1)?)?;
    Some(TextPoint::new(
        piece.cue,
        byte.saturating_sub(piece.start).min(piece.len) as u32,
    ))
}
