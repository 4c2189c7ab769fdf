//! Which cues hold an instant.
//!
//! Lookups run on every painted frame; both kinds are a binary search over starts that are already in order.

use super::{CueId, Transcript};
use crate::time::{CueSpan, CueTime};

/// Time → cue, for a list of spans ordered by start.
#[derive(Debug, Clone, Default)]
pub struct CueIndex {
    starts: Vec<CueTime>,
    ends: Vec<CueTime>,
    /// The latest end among the cues up to and including this one: where to stop looking back.
    latest_ends: Vec<CueTime>,
}

impl CueIndex {
    /// Builds the index of a transcript.
    pub fn new(transcript: &Transcript) -> Self {
        let mut index = Self::default();
        let mut latest = CueTime::from_micros(i64::MIN);
        for cue in &transcript.cues {
            latest = latest.max(cue.span.end);
            index.starts.push(cue.span.start);
            index.ends.push(cue.span.end);
            index.latest_ends.push(latest);
        }
        index
    }

    /// The cues that hold `t`, the one that began last first.
    pub fn active(&self, t: CueTime) -> impl Iterator<Item = CueId> + '_ {
        let after = self.starts.partition_point(|&start| start <= t);
        (0..after)
            .rev()
            .take_while(move |&i| self.latest_ends[i] > t)
            .filter(move |&i| self.ends[i] > t)
            .map(|i| CueId(i as u32))
    }

    /// The cue that is being spoken at `t`: of those that hold it, the one that began last.
    pub fn primary(&self, t: CueTime) -> Option<CueId> {
        self.active(t).next()
    }

    /// The last cue that begins at or before `t`, whether it still holds it or not.
    pub fn begun(&self, t: CueTime) -> Option<CueId> {
        self.starts
            .partition_point(|&start| start <= t)
            .checked_sub(1)
            .map(|i| CueId(i as u32))
    }

    /// The next instant after `t` at which a cue begins or ends.
    pub fn next_change(&self, t: CueTime) -> Option<CueTime> {
        let next_start = self
            .starts
            .get(self.starts.partition_point(|&start| start <= t))
            .copied();
        let next_end = self.active(t).map(|id| self.ends[id.index()]).min();
        match (next_start, next_end) {
            (Some(start), Some(end)) => Some(start.min(end)),
            (start, end) => start.or(end),
        }
    }

    /// From the first start to the last end.
    pub fn extent(&self) -> Option<CueSpan> {
        Some(CueSpan::new(*self.starts.first()?, *self.latest_ends.last()?))
    }
}
