//! What is known of where a transcript lies in its recording, by hand or found out: kept for the document, changed and
//! taken back as a whole.

use serde::{Deserialize, Serialize};

use super::TimeMap;
use super::time_map::Mark;
use crate::time::{CueSpan, CueTime, MediaSpan, MediaTime, TimeDelta};

/// A place that is known on both clocks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Anchor {
    /// On the transcript's clock.
    pub cue: CueTime,
    /// Where that is heard.
    pub media: MediaTime,
    /// Whether what lies between the place before and this one is slower or faster; otherwise it is shifted from here on.
    pub stretches: bool,
    /// Who says so.
    #[serde(default)]
    pub origin: Origin,
}

/// Something that is known of a timing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TimingMark {
    /// The anchor at this transcript time.
    Anchor(CueTime),
    /// What only the recording has, by where it begins.
    ExtraStart(MediaTime),
    /// The same, by where it ends.
    ExtraEnd(MediaTime),
    /// What only the transcript has, by where it begins.
    Missing(CueTime),
}

/// From so much on, what was found out is taken for sure.
pub(super) const SURE_PERCENT: u8 = 50;

/// Where something that is known comes from.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Origin {
    /// A person said so.
    #[default]
    Hand,
    /// It was found out, and is so sure.
    Fitted {
        /// 0 to 100.
        percent: u8,
    },
}

/// Where the transcript lies in the recording.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Timing {
    /// How much later than it says everything is heard, before the first anchor.
    pub offset: TimeDelta,
    /// Known places, at most one for each transcript time.
    pub anchors: Vec<Anchor>,
    /// Stretches of the recording that are not in the transcript, such as advertisements.
    pub extra: Vec<MediaSpan>,
    /// Stretches of the transcript that are not in the recording.
    pub missing: Vec<CueSpan>,
}

impl Origin {
    /// Whether one may go by it.
    pub fn is_sure(self) -> bool {
        match self {
            Self::Hand => true,
            Self::Fitted { percent } => percent >= SURE_PERCENT,
        }
    }
}

impl Timing {
    /// Only a shift.
    pub fn shifted(offset: TimeDelta) -> Self {
        Self {
            offset,
            ..Self::default()
        }
    }

    /// Whether everything is heard just when it says.
    pub fn is_identity(&self) -> bool {
        self.is_a_shift() && self.offset == TimeDelta::ZERO
    }

    /// Whether there is nothing but a shift.
    pub fn is_a_shift(&self) -> bool {
        self.anchors.is_empty() && self.extra.is_empty() && self.missing.is_empty()
    }

    /// The map that goes through all of it.
    pub fn map(&self) -> TimeMap {
        let anchors = self.anchors.iter().map(|anchor| {
            let (cue, media) = (anchor.cue.as_micros(), anchor.media.as_micros());
            if anchor.stretches {
                Mark::Stretch { cue, media }
            } else {
                let sure = anchor.origin.is_sure();
                Mark::Shift { cue, media, sure }
            }
        });
        let extra = self
            .extra
            .iter()
            .filter(|span| !span.is_empty())
            .map(|span| Mark::Extra {
                from: span.start.as_micros(),
                to: span.end.as_micros(),
            });
        let missing = self
            .missing
            .iter()
            .filter(|span| !span.is_empty())
            .map(|span| Mark::Missing {
                from: span.start.as_micros(),
                to: span.end.as_micros(),
            });
        TimeMap::of(self.offset, anchors.chain(extra).chain(missing))
    }

    /// All of it later, or earlier.
    pub fn shift(&mut self, by: TimeDelta) {
        self.offset = self.offset + by;
        for anchor in &mut self.anchors {
            anchor.media += by;
        }
        for span in &mut self.extra {
            *span = MediaSpan::new(span.start + by, span.end + by);
        }
    }

    /// A transcript time is heard now: from there on, up to the next anchor.
    pub fn anchor(&mut self, cue: CueTime, media: MediaTime, stretches: bool) {
        self.anchors.retain(|anchor| anchor.cue != cue);
        self.anchors.push(Anchor {
            cue,
            media,
            stretches,
            origin: Origin::Hand,
        });
        self.anchors.sort_by_key(|anchor| anchor.cue);
    }

    /// Takes something away that was known.
    pub fn remove(&mut self, mark: TimingMark) {
        match mark {
            TimingMark::Anchor(cue) => self.anchors.retain(|anchor| anchor.cue != cue),
            TimingMark::ExtraStart(at) => self.extra.retain(|span| span.start != at),
            TimingMark::ExtraEnd(at) => self.extra.retain(|span| span.end != at),
            TimingMark::Missing(at) => self.missing.retain(|span| span.start != at),
        }
    }

    /// Moves something that is known in the recording. What was found out is by hand from then on; what only the transcript
    /// has stays where it is.
    pub fn move_to(&mut self, mark: TimingMark, to: MediaTime) {
        match mark {
            TimingMark::Anchor(cue) => {
                for anchor in self.anchors.iter_mut().filter(|anchor| anchor.cue == cue) {
                    (anchor.media, anchor.origin) = (to, Origin::Hand);
                }
            }
            TimingMark::ExtraStart(at) => {
                for span in self.extra.iter_mut().filter(|span| span.start == at) {
                    *span = MediaSpan::new(to.min(span.end), span.end);
                }
            }
            TimingMark::ExtraEnd(at) => {
                for span in self.extra.iter_mut().filter(|span| span.end == at) {
                    *span = MediaSpan::new(span.start, to.max(span.start));
                }
            }
            TimingMark::Missing(_) => {}
        }
    }

    /// The recording has a stretch that the transcript has not; anchors in it were wrong.
    pub fn add_extra(&mut self, span: MediaSpan) {
        self.anchors.retain(|anchor| !span.contains(anchor.media));
        self.extra.push(span);
    }

    /// The transcript has a stretch that the recording has not; anchors in it were wrong.
    pub fn add_missing(&mut self, span: CueSpan) {
        self.anchors.retain(|anchor| !span.contains(anchor.cue));
        self.missing.push(span);
    }
}
