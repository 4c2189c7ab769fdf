//! Going back a little when playing goes on: off, a fixed while, or the longer the longer one was away.

use std::time::{Duration, Instant};

use jiff::Timestamp;

use super::Reader;
use crate::time::{MediaTime, TimeDelta};
use crate::timing::Timeline;

/// Less than this is not worth a jump.
const LITTLE: TimeDelta = TimeDelta::from_millis(300);
/// A cue that began longer than this before the place to go back to is not heard again from its start.
const FAR: TimeDelta = TimeDelta::from_millis(5_000);
/// Away for so many seconds, one goes back so many; in between along the logarithm, as memory fades.
const FADING: [(f64, f64); 4] = [(5.0, 0.0), (30.0, 2.0), (600.0, 5.0), (86_400.0, 15.0)];

/// How far to go back when playing goes on.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub enum ResumeRewind {
    /// Not at all.
    Off,
    /// So many seconds, 1 to 30.
    Fixed(f32),
    /// By the length of the pause: nothing after a moment, a few seconds after minutes, 15 after a day.
    #[default]
    ByPause,
}

impl ResumeRewind {
    /// So many seconds, of what is possible.
    pub fn fixed(secs: f32) -> Self {
        Self::Fixed(if secs.is_finite() { secs.clamp(1.0, 30.0) } else { 1.0 })
    }

    /// In the library: `off`, `by pause`, or the seconds.
    pub fn to_value(self) -> String {
        match self {
            Self::Off => "off".to_owned(),
            Self::Fixed(secs) => secs.to_string(),
            Self::ByPause => "by pause".to_owned(),
        }
    }

    /// What [`ResumeRewind::to_value`] wrote.
    pub fn from_value(value: &str) -> Option<Self> {
        match value {
            "off" => Some(Self::Off),
            "by pause" => Some(Self::ByPause),
            secs => match secs.parse::<f32>().ok().filter(|secs| secs.is_finite())? {
                // No seconds at all was how one said "off" before.
                secs if secs <= 0.0 => Some(Self::Off),
                secs => Some(Self::fixed(secs)),
            },
        }
    }

    /// How far to go back after so long.
    pub fn after(self, away: Duration) -> TimeDelta {
        match self {
            Self::Off => TimeDelta::ZERO,
            Self::Fixed(secs) => TimeDelta::from_secs_f64(f64::from(secs)),
            Self::ByPause => TimeDelta::from_secs_f64(faded(away.as_secs_f64())),
        }
    }
}

fn faded(away: f64) -> f64 {
    let after = FADING.partition_point(|(pause, _)| *pause <= away);
    let known = |place: usize| FADING.get(place).copied();
    match (after.checked_sub(1).and_then(known), known(after)) {
        (None, _) => 0.0,
        (Some((_, most)), None) => most,
        (Some((pause, back)), Some((longer, further))) => {
            back + (further - back) * (away / pause).ln() / (longer / pause).ln()
        }
    }
}

/// When playing stopped, by the clock that only goes forward, and by the one that also counts while the machine sleeps.
#[derive(Debug, Clone, Copy)]
pub(super) struct Stopped {
    at: Instant,
    on: Timestamp,
}

impl Stopped {
    fn away(self, now: Instant) -> Duration {
        let slept = Timestamp::now().duration_since(self.on);
        let slept = Duration::try_from(slept).unwrap_or_default();
        now.saturating_duration_since(self.at).max(slept)
    }
}

impl Reader {
    /// Playing has stopped: a pause begins.
    pub(super) fn pause_begins(&mut self) {
        let at = self.clock.unwrap_or_else(Instant::now);
        self.stopped = Some(Stopped {
            at,
            on: Timestamp::now(),
        });
    }

    /// Playing goes on: after a pause a little further back, unless the person has chosen a place meanwhile.
    pub(super) fn pause_ends(&mut self) {
        let Some(stopped) = self.stopped.take() else { return };
        let now = self.clock.unwrap_or_else(Instant::now);
        let position = self.playback.position;
        let mut to = self.rewound(position, stopped.away(now));
        if let Some(span) = self.playback.looping.filter(|span| span.contains(position)) {
            to = to.max(span.start);
        }
        if to < position {
            self.move_to(to);
        }
    }

    /// Where to go on from a place one was away from for so long.
    pub(super) fn rewound(&self, position: MediaTime, away: Duration) -> MediaTime {
        let back = self.settings.resume_rewind.after(away);
        if back < LITTLE {
            return position;
        }
        let target = (position - back).max(MediaTime::ZERO);
        let timeline = self.document.as_ref().and_then(|document| document.timeline.as_ref());
        timeline.map_or(target, |timeline| snapped(timeline, target, position))
    }
}

/// The start of the word or cue that is heard at `target`, so that nothing begins in the middle of a word; between cues
/// the start of the next one, for there is nothing to hear before it. Never after `latest`.
fn snapped(timeline: &Timeline, target: MediaTime, latest: MediaTime) -> MediaTime {
    let Some(cue) = timeline.primary(target) else {
        let next = timeline.next_change(target).filter(|next| *next <= latest);
        return next.unwrap_or(target);
    };
    let Some(span) = timeline.span(cue) else { return target };
    let given = timeline
        .transcript()
        .cue(cue)
        .is_some_and(|cue| !cue.given_words.is_empty());
    // Where word times are only estimated, the cue's start is the surer one.
    if !given && target - span.start <= FAR {
        return span.start.max(MediaTime::ZERO);
    }
    let words = timeline.words(cue);
    let starts = words.iter().map(|word| timeline.word_span(word).start);
    let word = starts.take_while(|start| *start <= target).last();
    word.unwrap_or(span.start).max(MediaTime::ZERO)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longer_the_pause_the_further_back() {
        let after = |secs: u64| ResumeRewind::ByPause.after(Duration::from_secs(secs)).as_secs_f64();
        for (pause, back) in [
            (0, 0.0),
            (4, 0.0),
            (30, 2.0),
            (600, 5.0),
            (86_400, 15.0),
            (9_000_000, 15.0),
        ] {
            assert!((after(pause) - back).abs() < 1e-6, "{pause} s: {}", after(pause));
        }
        let pauses = [5, 6, 20, 31, 100, 599, 700, 4_000, 80_000];
        assert!(pauses.windows(2).all(|two| after(two[0]) < after(two[1])));
    }

    #[test]
    fn what_is_kept_is_read_again() {
        for way in [ResumeRewind::Off, ResumeRewind::Fixed(7.0), ResumeRewind::ByPause] {
            assert_eq!(ResumeRewind::from_value(&way.to_value()), Some(way));
        }
        assert_eq!(ResumeRewind::from_value("0"), Some(ResumeRewind::Off));
        assert_eq!(ResumeRewind::from_value("900"), Some(ResumeRewind::Fixed(30.0)));
        assert_eq!(ResumeRewind::from_value("NaN"), None);
        assert_eq!(ResumeRewind::from_value("sometimes"), None);
    }
}
