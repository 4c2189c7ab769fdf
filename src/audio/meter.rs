//! What the audio callback tells the rest of the program, without a lock: how far the device has come, and which
//! stretch of which ring it was given.
//!
//! A stream of output frames is counted from the opening of the device. A *run* is an unbroken stretch of it that
//! came from one ring; a pause, a dry ring or a change of ring ends it. From the runs and one stamp ("at this instant
//! this output frame was being heard") the clock works out which frame of which ring is heard now.
//! One thread writes, any may read: a seqlock made of atomics, after Boehm's "Can seqlocks get along with programming
//! language memory models?" (2012).

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering, fence};
use std::time::{Duration, Instant};

/// How many runs are remembered: those the device may still be playing, with room for a burst of seeks.
const RUNS: usize = 16;

/// An unbroken stretch of output that came from one ring.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Run {
    /// Which ring; 0 is none.
    pub ring: u64,
    /// The output frame it begins with.
    pub begins: u64,
    /// The frame of the ring that is at `begins`.
    pub ring_frame: u64,
    /// The output frame it ended before; `None` while it goes on.
    pub ended: Option<u64>,
}

/// The state of the output at one instant.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Report {
    /// Which output frame was being heard at `at`; before the first sound it is negative.
    pub heard: f64,
    /// When.
    pub at: Instant,
    /// Whether the device had begun to play by then.
    pub moving: bool,
    /// How many frames the device had been given.
    pub handed: u64,
    /// Frames a second.
    pub rate: u32,
    /// The last runs, the newest first.
    pub runs: [Run; RUNS],
}

impl Report {
    /// Which output frame is heard at an instant: carried on from the stamp, never beyond what was handed over.
    pub fn heard_at(&self, now: Instant) -> f64 {
        let since = if self.moving {
            now.saturating_duration_since(self.at).as_secs_f64()
        } else {
            0.0
        };
        (self.heard + since * f64::from(self.rate)).min(self.handed as f64)
    }

    /// Which frame of which ring is at an output frame. In a silence between runs it is the end of the run before.
    pub fn source_of(&self, output: f64) -> Option<(u64, f64)> {
        let run = self
            .runs
            .iter()
            .find(|run| run.ring != 0 && run.begins as f64 <= output)?;
        let end = run.ended.unwrap_or(self.handed);
        let into = output.min(end as f64) - run.begins as f64;
        Some((run.ring, run.ring_frame as f64 + into.max(0.0)))
    }

    /// How many frames of this ring the device has been given.
    pub fn consumed(&self, ring: u64) -> u64 {
        let run = self.runs.iter().find(|run| run.ring == ring);
        run.map_or(0, |run| {
            run.ring_frame + run.ended.unwrap_or(self.handed).saturating_sub(run.begins)
        })
    }

    /// Whether nothing is being taken from any ring.
    pub fn is_still(&self) -> bool {
        self.runs.first().is_none_or(|run| run.ring == 0 || run.ended.is_some())
    }
}

/// The shared side of the output, written by the audio callback.
#[derive(Debug)]
pub struct Meter {
    base: Instant,
    rate: u32,
    sequence: AtomicU64,
    heard: AtomicU64,
    at: AtomicU64,
    moving: AtomicBool,
    handed: AtomicU64,
    /// Ring, begin, ring frame, end (`u64::MAX` while it goes on) of each run; the newest at `newest`.
    runs: [[AtomicU64; 4]; RUNS],
    newest: AtomicU64,
}

impl Meter {
    /// For an output of so many frames a second, opened at this instant.
    pub fn new(rate: u32, base: Instant) -> Self {
        let zero = || AtomicU64::new(0);
        Self {
            base,
            rate: rate.max(1),
            sequence: zero(),
            heard: zero(),
            at: zero(),
            moving: AtomicBool::new(false),
            handed: zero(),
            runs: std::array::from_fn(|_| std::array::from_fn(|_| zero())),
            newest: zero(),
        }
    }

    /// Frames a second.
    pub fn rate(&self) -> u32 {
        self.rate
    }

    /// A consistent picture of the output.
    pub fn read(&self) -> Report {
        loop {
            let before = self.sequence.load(Ordering::Acquire);
            let report = self.read_loose();
            fence(Ordering::Acquire);
            if before.is_multiple_of(2) && self.sequence.load(Ordering::Relaxed) == before {
                return report;
            }
            std::hint::spin_loop();
        }
    }

    fn read_loose(&self) -> Report {
        let newest = self.newest.load(Ordering::Relaxed) as usize;
        let run = |back: usize| {
            let slot = self.runs.get((newest + RUNS - back) % RUNS)?;
            let [ring, begins, ring_frame, ended] = slot.each_ref().map(|part| part.load(Ordering::Relaxed));
            Some(Run {
                ring,
                begins,
                ring_frame,
                ended: (ended != u64::MAX).then_some(ended),
            })
        };
        Report {
            heard: f64::from_bits(self.heard.load(Ordering::Relaxed)),
            at: self.base + Duration::from_nanos(self.at.load(Ordering::Relaxed)),
            moving: self.moving.load(Ordering::Relaxed),
            handed: self.handed.load(Ordering::Relaxed),
            rate: self.rate,
            runs: std::array::from_fn(|back| run(back).unwrap_or_default()),
        }
    }

    fn write(&self, change: impl FnOnce()) {
        let sequence = self.sequence.load(Ordering::Relaxed);
        self.sequence.store(sequence.wrapping_add(1), Ordering::Relaxed);
        fence(Ordering::Release);
        change();
        self.sequence.store(sequence.wrapping_add(2), Ordering::Release);
    }

    /// Says which output frame is heard at an instant, and whether the device has begun to play. From the audio
    /// callback only.
    pub(super) fn stamp(&self, heard: f64, now: Instant, moving: bool) {
        let at = now.saturating_duration_since(self.base).as_nanos();
        self.write(|| {
            self.heard.store(heard.to_bits(), Ordering::Relaxed);
            self.at.store(u64::try_from(at).unwrap_or(u64::MAX), Ordering::Relaxed);
            self.moving.store(moving, Ordering::Relaxed);
        });
    }

    /// How many frames have been handed over. From the audio callback only.
    pub(super) fn handed(&self) -> u64 {
        self.handed.load(Ordering::Relaxed)
    }

    /// Counts a frame. From the audio callback only.
    pub(super) fn count_frame(&self) {
        // No picture is torn by this: a reader sees a frame more or less.
        self.handed.store(self.handed().wrapping_add(1), Ordering::Release);
    }

    /// Begins a run at the next frame, ending the one before. From the audio callback only.
    pub(super) fn begin_run(&self, ring: u64, ring_frame: u64) {
        let handed = self.handed();
        let newest = self.newest.load(Ordering::Relaxed) as usize;
        self.write(|| {
            self.close(newest, handed);
            let next = (newest + 1) % RUNS;
            if let Some(slot) = self.runs.get(next) {
                for (part, value) in slot.iter().zip([ring, handed, ring_frame, u64::MAX]) {
                    part.store(value, Ordering::Relaxed);
                }
            }
            self.newest.store(next as u64, Ordering::Relaxed);
        });
    }

    /// Ends the run at the next frame. From the audio callback only.
    pub(super) fn end_run(&self) {
        let newest = self.newest.load(Ordering::Relaxed) as usize;
        let handed = self.handed();
        self.write(|| self.close(newest, handed));
    }

    fn close(&self, run: usize, at: u64) {
        if let Some([_, _, _, ended]) = self.runs.get(run)
            && ended.load(Ordering::Relaxed) == u64::MAX
        {
            ended.store(at, Ordering::Relaxed);
        }
    }
}

/// Smooths what the device says about its latency: the answers of sound servers jump by a few milliseconds.
#[derive(Debug, Default)]
pub(super) struct Smoother {
    last: Option<(Instant, f64)>,
    stamps: u32,
}

impl Smoother {
    /// A jump of more than this is not noise but a change: the device stalled or was moved.
    const JUMP_SECS: f64 = 0.040;
    /// How much of the difference is taken over at each stamp.
    const GAIN: f64 = 0.08;

    /// Which frame is heard now, from what the device says and what was expected.
    pub fn update(&mut self, now: Instant, measured: f64, rate: u32) -> f64 {
        let rate = f64::from(rate);
        self.stamps = self.stamps.saturating_add(1);
        let heard = match self.last {
            Some((then, heard)) => {
                let expected = heard + now.saturating_duration_since(then).as_secs_f64() * rate;
                let off = measured - expected;
                // The first stamps are averaged, so that a first one that was off is soon outvoted.
                let gain = (1.0 / f64::from(self.stamps)).max(Self::GAIN);
                if off.abs() > Self::JUMP_SECS * rate {
                    measured
                } else {
                    expected + gain * off
                }
            }
            None => measured,
        };
        self.last = Some((now, heard));
        heard
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_heard_is_found_in_its_run() {
        let base = Instant::now();
        let meter = Meter::new(1000, base);
        meter.begin_run(7, 0);
        (0..100).for_each(|_| meter.count_frame());
        meter.end_run();
        (0..50).for_each(|_| meter.count_frame());
        meter.begin_run(7, 100);
        (0..30).for_each(|_| meter.count_frame());
        meter.begin_run(8, 0);
        (0..20).for_each(|_| meter.count_frame());
        meter.stamp(60.0, base, true);
        let report = meter.read();
        assert_eq!(report.handed, 200);
        for (output, expected) in [
            (0.0, Some((7, 0.0))),
            (60.0, Some((7, 60.0))),
            (120.0, Some((7, 100.0))),
            (160.0, Some((7, 110.0))),
            (190.0, Some((8, 10.0))),
            (500.0, Some((8, 20.0))),
            (-1.0, None),
        ] {
            assert_eq!(report.source_of(output), expected, "{output}");
        }
        assert_eq!(report.consumed(7), 130);
        assert_eq!(report.consumed(8), 20);
        assert!(!report.is_still());
        assert!((report.heard_at(base + Duration::from_millis(40)) - 100.0).abs() < 1e-6);
        assert!((report.heard_at(base + Duration::from_secs(9)) - 200.0).abs() < 1e-6);
    }

    #[test]
    fn jitter_is_smoothed_and_jumps_are_taken() {
        let base = Instant::now();
        let mut smoother = Smoother::default();
        let mut worst = 0.0_f64;
        for i in 0..400_u32 {
            let now = base + Duration::from_millis(u64::from(i) * 25);
            let truth = f64::from(i) * 25.0 * 48.0;
            let noise = if i % 2 == 0 { 240.0 } else { -240.0 };
            let heard = smoother.update(now, truth + noise, 48_000);
            if i > 20 {
                worst = worst.max((heard - truth).abs());
            }
        }
        assert!(worst < 30.0, "{worst} frames off");
        let later = smoother.update(base + Duration::from_secs(20), 0.0, 48_000);
        assert!(later.abs() < f64::EPSILON);
    }

    #[test]
    fn a_reader_never_sees_half_a_change() {
        let meter = std::sync::Arc::new(Meter::new(1000, Instant::now()));
        let writer = std::sync::Arc::clone(&meter);
        let handle = std::thread::Builder::new()
            .name("writer".into())
            .spawn(move || {
                for i in 1..50_000 {
                    writer.begin_run(i, i * 3);
                    writer.count_frame();
                }
            })
            .unwrap();
        while !handle.is_finished() {
            let run = meter.read().runs[0];
            assert_eq!(run.ring_frame, run.ring * 3);
        }
        handle.join().unwrap();
    }
}
