//! What stands in each row: a cue in the lines view, a paragraph in the reading view.

use std::ops::Range;

use crate::reader::{Document, View};
use crate::time::{MediaSpan, MediaTime, TimeDelta};
use crate::timing::Timeline;
use crate::transcript::{CueId, Paragraph, Passage, SpeakerId, TextPoint, Transcript};

/// A silence up to this long is a pause; what is longer is told as not being in the transcript.
const LONGEST_PAUSE: TimeDelta = TimeDelta::from_millis(10_000);
/// How many cues before a row are asked when they end.
const LOOK_BACK: u32 = 8;

/// A cue's text, or a part of it, inside a row's text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Piece {
    /// The cue.
    pub cue: CueId,
    /// Where it begins in the cue's text, in bytes: a paragraph may begin inside a cue.
    pub from: usize,
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

    /// Where a row's text begins and ends.
    fn extent(&self, row: usize) -> Option<(TextPoint, TextPoint)> {
        match self.view {
            View::Lines => {
                let cue = CueId(u32::try_from(row).ok()?);
                let length = self.transcript().cue(cue)?.text.len();
                Some((TextPoint::new(cue, 0), TextPoint::new(cue, length as u32)))
            }
            View::Reading => self
                .paragraphs
                .get(row)
                .map(|paragraph| (paragraph.start, paragraph.end)),
        }
    }

    /// The first character of a row.
    pub fn start(&self, row: usize) -> TextPoint {
        self.extent(row).map_or(TextPoint::new(CueId(0), 0), |(start, _)| start)
    }

    /// The row that holds a place.
    pub fn row_of(&self, point: TextPoint) -> usize {
        match self.view {
            View::Lines => point.cue.index(),
            View::Reading => self
                .paragraphs
                .partition_point(|paragraph| paragraph.start <= point)
                .saturating_sub(1),
        }
    }

    /// The place being spoken at `t`, or spoken last.
    pub fn spoken_at(&self, t: MediaTime) -> Option<TextPoint> {
        let cue = self.timeline.primary(t).or_else(|| self.timeline.begun(t))?;
        let words = self.timeline.words(cue);
        let word = self.timeline.word_at(cue, t).and_then(|word| words.get(word));
        Some(TextPoint::new(cue, word.map_or(0, |word| word.range.start)))
    }

    /// Who speaks in a row.
    pub fn speaker(&self, row: usize) -> Option<SpeakerId> {
        self.transcript().cue(self.start(row).cue)?.speaker
    }

    /// Whether the speaker's name is shown: where it changes.
    pub fn names_speaker(&self, row: usize) -> bool {
        row == 0 || self.speaker(row) != self.speaker(row - 1)
    }

    /// What is heard before a row and stands in no cue, where that is long: the transcript was made for another
    /// recording, or leaves something out.
    pub fn gap_before(&self, row: usize) -> Option<MediaSpan> {
        let start = self.start(row);
        if start.byte > 0 || start.cue.0 == 0 {
            return None;
        }
        let begins = self.timeline.span(start.cue)?.start;
        // Cues overlap; the one that ends last is seldom far from the one before.
        let before = start.cue.0.saturating_sub(LOOK_BACK)..start.cue.0;
        let ended = before
            .filter_map(|cue| Some(self.timeline.span(CueId(cue))?.end))
            .max()?;
        (begins - ended > LONGEST_PAUSE).then(|| MediaSpan::new(ended, begins))
    }

    /// How many bytes of text a row has: for estimates.
    pub fn text_len(&self, row: usize) -> usize {
        let Some((start, end)) = self.extent(row) else { return 0 };
        let cues = start.cue.0..=end.cue.0;
        let all: usize = cues
            .filter_map(|cue| self.transcript().cue(CueId(cue)))
            .map(|cue| cue.text.len() + 1)
            .sum();
        let after = self
            .transcript()
            .cue(end.cue)
            .map_or(0, |cue| cue.text.len().saturating_sub(end.byte as usize));
        all.saturating_sub(start.byte as usize + after)
    }

    /// A row's text, and which cue each part of it belongs to. Line breaks are shown as spaces.
    pub fn text(&self, row: usize) -> (String, Vec<Piece>) {
        let mut text = String::new();
        let mut pieces = Vec::new();
        let Some((start, end)) = self.extent(row) else {
            return (text, pieces);
        };
        for (cue, range) in (Passage { start, end }).pieces(self.transcript()) {
            let Some(part) = self.transcript().cue(cue).map(|known| known.slice(range.clone())) else {
                continue;
            };
            if !text.is_empty() {
                text.push(' ');
            }
            pieces.push(Piece {
                cue,
                from: range.start,
                start: text.len(),
                len: part.len(),
            });
            // A line break and a space have one byte each, so places in the cue stay true.
            text.extend(part.chars().map(|c| if c == '\n' { ' ' } else { c }));
        }
        (text, pieces)
    }
}

/// The part of a row's text that a stretch of the transcript covers.
pub fn range_in_row(pieces: &[Piece], start: TextPoint, end: TextPoint) -> Option<Range<usize>> {
    let touched = |piece: &&Piece| {
        let from = TextPoint::new(piece.cue, piece.from as u32);
        let to = TextPoint::new(piece.cue, (piece.from + piece.len) as u32);
        from < end && start < to
    };
    let (first, last) = (pieces.iter().find(touched)?, pieces.iter().rev().find(touched)?);
    let offset = |piece: &Piece, byte: usize| piece.start + byte.saturating_sub(piece.from).min(piece.len);
    let from = if start.cue == first.cue {
        offset(first, start.byte as usize)
    } else {
        first.start
    };
    let to = if end.cue == last.cue {
        offset(last, end.byte as usize)
    } else {
        last.start + last.len
    };
    (from < to).then_some(from..to)
}

/// The place in the transcript of a byte of a row's text.
pub fn point_in_row(pieces: &[Piece], byte: usize) -> Option<TextPoint> {
    let after = pieces.partition_point(|piece| piece.start <= byte);
    let piece = pieces.get(after.checked_sub(1)?)?;
    let inside = byte.saturating_sub(piece.start).min(piece.len);
    Some(TextPoint::new(piece.cue, (piece.from + inside) as u32))
}
