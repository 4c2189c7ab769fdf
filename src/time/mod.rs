//! The two clocks, kept apart by their types.
//!
//! [`MediaTime`] is a point on the recording's clock, [`CueTime`] a point on the clock the transcript was written
//! against. They differ as soon as a recording carries other advertisements than the one that was transcribed, so
//! only [`crate::timing`] turns one into the other. All arithmetic saturates: times come from files.

mod timecode;

pub use timecode::{
    TimecodeError, format_clock, format_clock_tenths, format_hms_millis, parse_timecode, push_hms_millis,
};

use std::ops::{Add, AddAssign, Neg, Sub};

use serde::{Deserialize, Serialize};

/// A difference between two points of the same clock, in microseconds. May be negative.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct TimeDelta(i64);

impl TimeDelta {
    /// No difference.
    pub const ZERO: Self = Self(0);

    /// From whole microseconds.
    pub const fn from_micros(micros: i64) -> Self {
        Self(micros)
    }

    /// From whole milliseconds.
    pub const fn from_millis(millis: i64) -> Self {
        Self(millis.saturating_mul(1_000))
    }

    /// From seconds; what is not finite counts as zero.
    pub fn from_secs_f64(secs: f64) -> Self {
        Self(micros_from_secs(secs))
    }

    /// Whole microseconds.
    pub const fn as_micros(self) -> i64 {
        self.0
    }

    /// Milliseconds with their fraction.
    pub fn as_millis_f64(self) -> f64 {
        self.0 as f64 / 1e3
    }

    /// Seconds with their fraction.
    pub fn as_secs_f64(self) -> f64 {
        self.0 as f64 / 1e6
    }

    /// The difference stretched by `factor`; what is not finite counts as zero.
    #[must_use]
    pub fn scaled(self, factor: f64) -> Self {
        Self(micros_from_secs(self.as_secs_f64() * factor))
    }

    /// The same as a [`std::time::Duration`]; negative differences are zero.
    pub fn to_duration(self) -> std::time::Duration {
        std::time::Duration::from_micros(u64::try_from(self.0).unwrap_or(0))
    }
}

impl From<std::time::Duration> for TimeDelta {
    fn from(duration: std::time::Duration) -> Self {
        Self(i64::try_from(duration.as_micros()).unwrap_or(i64::MAX))
    }
}

impl Neg for TimeDelta {
    type Output = Self;
    fn neg(self) -> Self {
        Self(self.0.saturating_neg())
    }
}

impl Add for TimeDelta {
    type Output = Self;
    fn add(self, rhs: Self) -> Self {
        Self(self.0.saturating_add(rhs.0))
    }
}

impl Sub for TimeDelta {
    type Output = Self;
    fn sub(self, rhs: Self) -> Self {
        Self(self.0.saturating_sub(rhs.0))
    }
}

fn micros_from_secs(secs: f64) -> i64 {
    // `as` saturates and turns NaN into 0, which is what a time read from a file should do.
    (secs * 1e6).round() as i64
}

macro_rules! clock {
    ($(#[$doc:meta])* $point:ident, $(#[$span_doc:meta])* $span:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        pub struct $point(i64);

        impl $point {
            /// The clock's zero.
            pub const ZERO: Self = Self(0);
            /// Later than everything.
            pub const MAX: Self = Self(i64::MAX);

            /// From whole microseconds.
            pub const fn from_micros(micros: i64) -> Self {
                Self(micros)
            }

            /// From whole milliseconds.
            pub const fn from_millis(millis: i64) -> Self {
                Self(millis.saturating_mul(1_000))
            }

            /// From seconds; what is not finite counts as zero.
            pub fn from_secs_f64(secs: f64) -> Self {
                Self(micros_from_secs(secs))
            }

            /// Whole microseconds.
            pub const fn as_micros(self) -> i64 {
                self.0
            }

            /// Milliseconds with their fraction.
            pub fn as_millis_f64(self) -> f64 {
                self.0 as f64 / 1e3
            }

            /// Seconds with their fraction.
            pub fn as_secs_f64(self) -> f64 {
                self.0 as f64 / 1e6
            }
        }

        impl Add<TimeDelta> for $point {
            type Output = Self;
            fn add(self, rhs: TimeDelta) -> Self {
                Self(self.0.saturating_add(rhs.0))
            }
        }

        impl AddAssign<TimeDelta> for $point {
            fn add_assign(&mut self, rhs: TimeDelta) {
                *self = *self + rhs;
            }
        }

        impl Sub<TimeDelta> for $point {
            type Output = Self;
            fn sub(self, rhs: TimeDelta) -> Self {
                Self(self.0.saturating_sub(rhs.0))
            }
        }

        impl Sub for $point {
            type Output = TimeDelta;
            fn sub(self, rhs: Self) -> TimeDelta {
                TimeDelta(self.0.saturating_sub(rhs.0))
            }
        }

        $(#[$span_doc])*
        #[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
        pub struct $span {
            /// The first instant that belongs to it.
            pub start: $point,
            /// The first instant that no longer does.
            pub end: $point,
        }

        impl $span {
            /// The span between two points; an end before the start gives an empty span at the start.
            pub fn new(start: $point, end: $point) -> Self {
                Self { start, end: end.max(start) }
            }

            /// Whether `t` lies inside, the end left out.
            pub fn contains(self, t: $point) -> bool {
                self.start <= t && t < self.end
            }

            /// How long it is.
            pub fn length(self) -> TimeDelta {
                self.end - self.start
            }

            /// Whether it holds no instant at all.
            pub fn is_empty(self) -> bool {
                self.end <= self.start
            }
        }
    };
}

clock!(
    /// A point on the recording's own clock, in microseconds from its first sample.
    MediaTime,
    /// A half-open stretch `[start, end)` of the recording.
    MediaSpan
);
clock!(
    /// A point on the clock the transcript was written against, in microseconds.
    CueTime,
    /// A half-open stretch `[start, end)` of the transcript's clock.
    CueSpan
);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_are_half_open() {
        let span = MediaSpan::new(MediaTime::from_millis(10), MediaTime::from_millis(20));
        assert!(!span.contains(MediaTime::from_micros(9_999)));
        assert!(span.contains(MediaTime::from_millis(10)));
        assert!(!span.contains(MediaTime::from_millis(20)));
    }

    #[test]
    fn arithmetic_saturates() {
        assert_eq!(MediaTime::MAX + TimeDelta::from_millis(1), MediaTime::MAX);
        assert_eq!(MediaTime::from_secs_f64(f64::NAN), MediaTime::ZERO);
        assert_eq!(CueTime::from_secs_f64(f64::INFINITY), CueTime::MAX);
    }

    #[test]
    fn an_end_before_its_start_is_an_empty_span() {
        let span = CueSpan::new(CueTime::from_millis(5), CueTime::from_millis(3));
        assert!(span.is_empty());
        assert_eq!(span.length(), TimeDelta::ZERO);
    }
}
