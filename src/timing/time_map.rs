//! Where in the recording a transcript time is heard.

use crate::time::{CueSpan, CueTime, MediaSpan, MediaTime, TimeDelta};

/// A constant shift between the two clocks.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct TimeMap {
    offset: TimeDelta,
}

impl TimeMap {
    /// Both clocks tell the same.
    pub const IDENTITY: Self = Self {
        offset: TimeDelta::ZERO,
    };

    /// The transcript is heard `offset` later than it says.
    pub const fn shifted(offset: TimeDelta) -> Self {
        Self { offset }
    }

    /// How much later than it says the transcript is heard.
    pub const fn offset(self) -> TimeDelta {
        self.offset
    }

    /// Where in the recording a transcript time is heard.
    pub fn media_from_cue(self, t: CueTime) -> MediaTime {
        MediaTime::from_micros(t.as_micros()) + self.offset
    }

    /// Which transcript time an instant of the recording has.
    pub fn cue_from_media(self, t: MediaTime) -> CueTime {
        CueTime::from_micros((t - self.offset).as_micros())
    }

    /// A transcript span on the recording's clock.
    pub fn media_span_from_cue(self, span: CueSpan) -> MediaSpan {
        MediaSpan::new(self.media_from_cue(span.start), self.media_from_cue(span.end))
    }
}
