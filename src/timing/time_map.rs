//! Where in the recording a transcript time is heard.
//!
//! The map is made of straight pieces, each with its rate. Between two of them the recording may have more than the
//! transcript, such as an advertisement, or the transcript more than the recording. Both clocks only ever go on: what is
//! said later is heard later.

use std::sync::Arc;

use crate::time::{CueSpan, CueTime, MediaSpan, MediaTime, TimeDelta};

/// As far as a piece goes that has no end: three years, beyond every recording, and where sums are still exact.
const FAR: i64 = 100_000_000_000_000;
/// Slower or faster no tape runs: a rate outside of this is a mistake.
const RATES: std::ops::RangeInclusive<f64> = 0.2..=5.0;

/// A straight piece: from a cue time and where that is heard, up to where the next begins at the latest.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Piece {
    /// In microseconds of the transcript, the end left out.
    cue: (i64, i64),
    /// In microseconds of the recording.
    media: (i64, i64),
    /// A place it goes through.
    through: (i64, i64),
    /// Recording time in each transcript time.
    rate: f64,
    /// Whether that is known, and not only likely.
    sure: bool,
}

impl Piece {
    /// From the beginning of time to its end.
    fn shifted(offset: i64) -> Self {
        let offset = offset.clamp(-FAR, FAR);
        Self {
            cue: (-FAR, FAR),
            media: (-FAR + offset, FAR + offset),
            through: (0, offset),
            rate: 1.0,
            sure: true,
        }
    }

    /// From a place on.
    fn from(cue: i64, media: i64, rate: f64, sure: bool) -> Self {
        let mut piece = Self {
            cue: (cue, FAR.max(cue)),
            media: (media, FAR.max(media)),
            through: (cue, media),
            rate,
            sure,
        };
        piece.media.1 = piece.media_at(piece.cue.1);
        piece
    }

    fn media_at(&self, cue: i64) -> i64 {
        let (from, to) = self.through;
        to.saturating_add(scaled(cue.saturating_sub(from), self.rate))
    }

    fn cue_at(&self, media: i64) -> i64 {
        let (to, from) = self.through;
        to.saturating_add(scaled(media.saturating_sub(from), self.rate.recip()))
    }

    /// Ends it before a place, whichever clock comes there first.
    fn end_at(&mut self, cue: i64, media: i64) {
        let last = cue.min(self.cue_at(media)).max(self.cue.0);
        self.cue.1 = self.cue.1.min(last);
        self.media.1 = self.media_at(self.cue.1).clamp(self.media.0, media.max(self.media.0));
    }
}

/// So many microseconds at another rate; exactly the same at the rate 1.
fn scaled(micros: i64, rate: f64) -> i64 {
    if (rate - 1.0).abs() < f64::EPSILON {
        micros
    } else {
        (micros as f64 * rate).round() as i64
    }
}

/// The map from the transcript's clock to the recording's.
#[derive(Debug, Clone, PartialEq)]
pub struct TimeMap {
    /// In order on both clocks, and never none.
    pieces: Arc<[Piece]>,
}

impl Default for TimeMap {
    fn default() -> Self {
        Self::shifted(TimeDelta::ZERO)
    }
}

impl TimeMap {
    /// The transcript is heard `offset` later than it says.
    pub fn shifted(offset: TimeDelta) -> Self {
        Self {
            pieces: [Piece::shifted(offset.as_micros())].into(),
        }
    }

    /// The piece that holds a cue time, or else the one before it.
    fn piece_of_cue(&self, cue: i64) -> usize {
        let begun = self.pieces.partition_point(|piece| piece.cue.0 <= cue);
        begun.saturating_sub(1)
    }

    fn piece_of_media(&self, media: i64) -> usize {
        let begun = self.pieces.partition_point(|piece| piece.media.0 <= media);
        begun.saturating_sub(1)
    }

    /// Where in the recording a transcript time is heard. What the recording has not is where it would be: at the cut.
    pub fn media_from_cue(&self, t: CueTime) -> MediaTime {
        let cue = t.as_micros().clamp(-FAR, FAR);
        let Some(piece) = self.pieces.get(self.piece_of_cue(cue)) else {
            return MediaTime::from_micros(cue);
        };
        MediaTime::from_micros(piece.media_at(cue).clamp(piece.media.0, piece.media.1))
    }

    /// Which transcript time an instant of the recording has; none where the recording has more than the transcript.
    pub fn cue_from_media(&self, t: MediaTime) -> Option<CueTime> {
        let media = t.as_micros().clamp(-FAR, FAR);
        let piece = self.pieces.get(self.piece_of_media(media))?;
        let within = (piece.media.0..piece.media.1).contains(&media);
        within.then(|| CueTime::from_micros(piece.cue_at(media).clamp(piece.cue.0, piece.cue.1)))
    }

    /// The same, and where the recording has more, the transcript time that was reached before that.
    pub fn cue_reached(&self, t: MediaTime) -> CueTime {
        let media = t.as_micros().clamp(-FAR, FAR);
        let Some(piece) = self.pieces.get(self.piece_of_media(media)) else {
            return CueTime::from_micros(media);
        };
        CueTime::from_micros(piece.cue_at(media.min(piece.media.1)).clamp(piece.cue.0, piece.cue.1))
    }

    /// A transcript span on the recording's clock. One that ends where the recording has more ends before that.
    pub fn media_span_from_cue(&self, span: CueSpan) -> MediaSpan {
        let start = self.media_from_cue(span.start);
        let end = span.end.as_micros().clamp(-FAR, FAR);
        let last = self.pieces.get(self.piece_of_cue(end.saturating_sub(1)));
        let end = last.map_or(start.as_micros(), |piece| {
            piece.media_at(end.min(piece.cue.1)).clamp(piece.media.0, piece.media.1)
        });
        MediaSpan::new(start, MediaTime::from_micros(end).max(start))
    }

    /// Whether it is known, and not only likely, what is spoken at an instant.
    pub fn is_sure(&self, t: MediaTime) -> bool {
        let media = t.as_micros().clamp(-FAR, FAR);
        self.pieces
            .get(self.piece_of_media(media))
            .is_none_or(|piece| piece.sure)
    }

    /// The straight pieces, each as its spans on both clocks; those at the ends go on for ever.
    pub fn pieces(&self) -> impl Iterator<Item = (CueSpan, MediaSpan)> {
        self.pieces.iter().map(|piece| {
            (
                CueSpan::new(CueTime::from_micros(piece.cue.0), CueTime::from_micros(piece.cue.1)),
                MediaSpan::new(
                    MediaTime::from_micros(piece.media.0),
                    MediaTime::from_micros(piece.media.1),
                ),
            )
        })
    }

    /// Whether the recording has what is said at a transcript time.
    pub fn is_heard(&self, t: CueTime) -> bool {
        let cue = t.as_micros().clamp(-FAR, FAR);
        let piece = self.pieces.get(self.piece_of_cue(cue));
        piece.is_some_and(|piece| (piece.cue.0..piece.cue.1).contains(&cue))
    }

    /// The stretch of the recording that holds an instant and is not in the transcript.
    pub fn extra_at(&self, t: MediaTime) -> Option<MediaSpan> {
        let media = t.as_micros().clamp(-FAR, FAR);
        let at = self.piece_of_media(media);
        let (before, after) = (self.pieces.get(at)?, self.pieces.get(at + 1)?);
        (before.media.1 <= media).then(|| {
            MediaSpan::new(
                MediaTime::from_micros(before.media.1),
                MediaTime::from_micros(after.media.0),
            )
        })
    }

    /// The stretches within a span that are not in the transcript.
    pub fn extra_in(&self, span: MediaSpan) -> impl Iterator<Item = MediaSpan> {
        let first = self.piece_of_media(span.start.as_micros().clamp(-FAR, FAR));
        let pairs = self.pieces.get(first..).unwrap_or_default().windows(2);
        let between = pairs.filter_map(|pair| match pair {
            [before, after] if after.media.0 > before.media.1 => Some(MediaSpan::new(
                MediaTime::from_micros(before.media.1),
                MediaTime::from_micros(after.media.0),
            )),
            _ => None,
        });
        between
            .skip_while(move |extra| extra.end <= span.start)
            .take_while(move |extra| extra.start < span.end)
    }

    /// The next instant after one at which a piece begins or ends.
    pub fn next_cut(&self, t: MediaTime) -> Option<MediaTime> {
        let media = t.as_micros();
        let at = self.piece_of_media(media);
        let here = self.pieces.get(at)?.media.1;
        let next = self.pieces.get(at + 1)?.media.0;
        Some(MediaTime::from_micros(if here > media { here } else { next }))
    }

    /// From what is known of the places, in whatever order: see [`super::Timing`].
    pub(super) fn of(offset: TimeDelta, marks: impl Iterator<Item = Mark>) -> Self {
        let (mut extra, mut others): (Vec<Mark>, Vec<Mark>) = marks
            .map(Mark::within)
            .partition(|mark| matches!(mark, Mark::Extra { .. }));
        // Each on its own clock; from the end, so that they can be taken off there.
        extra.sort_by_key(|mark| std::cmp::Reverse(mark.from()));
        others.sort_by_key(|mark| std::cmp::Reverse(mark.from()));
        let mut pieces = vec![Piece::shifted(offset.as_micros())];
        while let Some(last) = pieces.last() {
            // The one that comes first on the transcript's clock, as far as the map is known.
            let mark = match (extra.last(), others.last()) {
                (Some(first), Some(other)) if last.cue_at(first.from()) <= other.from() => extra.pop(),
                (Some(_), None) => extra.pop(),
                (_, _) => others.pop(),
            };
            let Some(mark) = mark else { break };
            lay(&mut pieces, &mark);
        }
        Self { pieces: pieces.into() }
    }
}

/// What the map goes by, in microseconds.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Mark {
    /// From here on it is as far off as here.
    Shift { cue: i64, media: i64, sure: bool },
    /// Between the mark before and this one, and from here on, it is as much slower or faster as that makes it.
    Stretch { cue: i64, media: i64 },
    /// The recording has this, the transcript has not.
    Extra { from: i64, to: i64 },
    /// The transcript has this, the recording has not.
    Missing { from: i64, to: i64 },
}

impl Mark {
    /// Where it begins on its own clock: the recording's for what only that has.
    fn from(&self) -> i64 {
        match *self {
            Self::Shift { cue, .. } | Self::Stretch { cue, .. } => cue,
            Self::Missing { from, .. } | Self::Extra { from, .. } => from,
        }
    }

    /// Nearer than where sums overflow.
    fn within(self) -> Self {
        let near = |micros: i64| micros.clamp(1 - FAR, FAR - 1);
        match self {
            Self::Shift { cue, media, sure } => Self::Shift {
                cue: near(cue),
                media: near(media),
                sure,
            },
            Self::Stretch { cue, media } => Self::Stretch {
                cue: near(cue),
                media: near(media),
            },
            Self::Extra { from, to } => Self::Extra {
                from: near(from),
                to: near(to),
            },
            Self::Missing { from, to } => Self::Missing {
                from: near(from),
                to: near(to),
            },
        }
    }
}

/// Ends the last piece at a mark and begins the next there.
fn lay(pieces: &mut Vec<Piece>, mark: &Mark) {
    let Some(last) = pieces.last_mut() else { return };
    let next = match *mark {
        Mark::Shift { cue, media, sure } => Piece::from(cue, media, 1.0, sure),
        Mark::Stretch { cue, media } => {
            let (from, to) = last.through;
            let rate = (media - to) as f64 / (cue - from) as f64;
            // The beginning of time is no place to measure from.
            let begins = last.cue.0 > -FAR && cue > from;
            if begins && RATES.contains(&rate) {
                last.rate = rate;
                last.media.1 = last.media_at(last.cue.1);
                Piece::from(cue, media, rate, last.sure)
            } else {
                Piece::from(cue, media, 1.0, last.sure)
            }
        }
        Mark::Missing { from, to } if from >= last.cue.0 => Piece::from(to, last.media_at(from), last.rate, last.sure),
        Mark::Extra { from, to } if from >= last.media.0 => Piece::from(last.cue_at(from), to, last.rate, last.sure),
        // It lies in what another mark has taken.
        Mark::Missing { .. } | Mark::Extra { .. } => return,
    };
    let (cue, media) = match *mark {
        Mark::Missing { from, .. } => (from, next.media.0),
        Mark::Extra { from, .. } => (next.cue.0, from),
        Mark::Shift { .. } | Mark::Stretch { .. } => next.through,
    };
    // A mark that leads back before the last one corrects it.
    while let Some(last) = pieces.last_mut() {
        if next.media.0 > last.media.0 && next.cue.0 > last.cue.0 {
            last.end_at(cue, media);
            break;
        }
        pieces.pop();
    }
    pieces.push(next);
}
