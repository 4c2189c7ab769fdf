//! The playhead: which instant of the recording is being heard.
//!
//! The truth is counted, not timed: frames that went to the device, minus those it has not played yet, each known to
//! come from one place of the recording. Between two callbacks of the device the monotonic clock carries it on. It
//! never goes back except through a seek or a load, and never past what was handed over. From the moment a seek is
//! asked for until its sound is heard, it stands at the target: the screen answers at once.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use super::meter::Meter;
use crate::time::{MediaTime, TimeDelta};

/// How many rings are remembered; the meter remembers as many runs.
const SEGMENTS: usize = 16;

/// A handle on the playhead, cheap to clone and to read on every painted frame.
#[derive(Debug, Clone, Default)]
pub struct Playhead {
    state: Arc<Mutex<State>>,
}

/// Where the frames of one ring come from.
#[derive(Debug, Clone, Copy)]
pub(super) struct Segment {
    /// The ring's number.
    pub ring: u64,
    /// Which seek or load it answers.
    pub ticket: u64,
    /// How often a repeated stretch has turned back since: as a seek does, that leads back.
    pub lap: u64,
    /// How many frames of silence stand before the first one of sound.
    pub silence: u64,
    /// The instant its first frame comes from.
    pub begins: MediaTime,
    /// Recording time in each of its frames.
    pub micros_per_frame: f64,
}

impl Segment {
    fn at(&self, frame: f64) -> MediaTime {
        let sounding = (frame - self.silence as f64).max(0.0);
        self.begins + TimeDelta::from_micros((sounding * self.micros_per_frame).round() as i64)
    }
}

#[derive(Debug, Default)]
struct State {
    /// The end of the recording, where known.
    length: Option<MediaTime>,
    /// Where it stands while nothing sounds, and the last seek or load that is in it.
    resting: MediaTime,
    ticket: u64,
    /// The open device and the rings it was given.
    meter: Option<Arc<Meter>>,
    segments: VecDeque<Segment>,
    /// A seek that is not heard yet.
    sought: Option<(u64, MediaTime)>,
    /// What was shown last, and for which seek and lap: it does not go back.
    shown: ((u64, u64), MediaTime),
    playing: bool,
    speed: f32,
    /// How much later than it says the device is heard.
    delay: TimeDelta,
}

impl Playhead {
    /// The instant being heard now.
    pub fn now(&self) -> MediaTime {
        self.at(Instant::now())
    }

    /// The instant being heard at a given one; later calls with earlier instants do not go back.
    pub fn at(&self, now: Instant) -> MediaTime {
        self.lock().at(now)
    }

    /// Whether it moves, or is about to.
    pub fn playing(&self) -> bool {
        self.lock().playing
    }

    /// The speed it moves at, 1.0 at first.
    pub fn speed(&self) -> f32 {
        let speed = self.lock().speed;
        if speed > 0.0 { speed } else { 1.0 }
    }

    /// Shows the target of a seek from now on, until the sound is there.
    pub(super) fn seek(&self, ticket: u64, target: MediaTime) {
        self.lock().sought = Some((ticket, target.max(MediaTime::ZERO)));
    }

    /// Says how long the recording is.
    pub(super) fn set_length(&self, length: Option<MediaTime>) {
        self.lock().length = length;
    }

    pub(super) fn set_playing(&self, playing: bool) {
        self.lock().playing = playing;
    }

    pub(super) fn set_speed(&self, speed: f32) {
        self.lock().speed = speed;
    }

    /// Says how much later than it says the device is heard.
    pub(super) fn set_delay(&self, delay: TimeDelta) {
        self.lock().delay = delay;
    }

    /// A device was opened; until it sounds the playhead stands where it is.
    pub(super) fn open(&self, meter: Arc<Meter>) {
        let mut state = self.lock();
        state.meter = Some(meter);
        state.segments.clear();
    }

    /// A ring is on its way to the device.
    pub(super) fn add(&self, segment: Segment) {
        let mut state = self.lock();
        if state.segments.len() >= SEGMENTS {
            state.segments.pop_front();
        }
        state.segments.push_back(segment);
    }

    /// Nothing sounds any more: it stands here, and the seeks up to `ticket` are done.
    pub(super) fn rest(&self, at: MediaTime, ticket: u64) {
        let mut state = self.lock();
        state.meter = None;
        state.segments.clear();
        state.resting = at;
        state.ticket = ticket;
        state.shown = ((ticket, 0), at);
        if state.sought.is_some_and(|(sought, _)| sought <= ticket) {
            state.sought = None;
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn at(&mut self, now: Instant) -> MediaTime {
        let heard = self.heard(now);
        let (ticket, lap) = heard.map_or((self.ticket, 0), |(turn, _)| turn);
        if let Some((sought, target)) = self.sought {
            if heard.is_none() || ticket < sought {
                return self.inside(target);
            }
            self.sought = None;
        }
        let mut time = self.inside(heard.map_or(self.resting, |(_, time)| time));
        if self.shown.0 == (ticket, lap) {
            time = time.max(self.shown.1);
        }
        self.shown = ((ticket, lap), time);
        time
    }

    /// What is heard, and which seek and lap it belongs to; `None` before the device's first sound.
    fn heard(&self, now: Instant) -> Option<((u64, u64), MediaTime)> {
        let report = self.meter.as_ref()?.read();
        let behind = self.delay.as_secs_f64() * f64::from(report.rate);
        let heard = (report.heard_at(now) - behind).min(report.handed as f64);
        let (ring, frame) = report.source_of(heard)?;
        let segment = self.segments.iter().find(|segment| segment.ring == ring)?;
        Some(((segment.ticket, segment.lap), segment.at(frame)))
    }

    fn inside(&self, time: MediaTime) -> MediaTime {
        time.clamp(
            MediaTime::ZERO,
            self.length.unwrap_or(MediaTime::MAX).max(MediaTime::ZERO),
        )
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use proptest::prelude::*;

    use super::*;
    use crate::audio::feed::{FeedSource, Feeder, Frame, Ring, Stamper, feed};

    const RATE: u32 = 48_000;

    struct Rig {
        base: Instant,
        meter: Arc<Meter>,
        playhead: Playhead,
    }

    impl Rig {
        fn new() -> Self {
            let base = Instant::now();
            let meter = Arc::new(Meter::new(RATE, base));
            let playhead = Playhead::default();
            playhead.open(Arc::clone(&meter));
            Self { base, meter, playhead }
        }

        fn ring(&self, ring: u64, ticket: u64, begins_ms: i64, speed: f64) {
            let begins = MediaTime::from_millis(begins_ms);
            let micros_per_frame = speed * 1e6 / f64::from(RATE);
            self.playhead.add(Segment {
                ring,
                ticket,
                lap: 0,
                silence: 0,
                begins,
                micros_per_frame,
            });
        }

        /// Hands over some milliseconds of sound; the device is 50 ms behind.
        fn hand(&self, millis: u64) {
            (0..millis * 48).for_each(|_| self.meter.count_frame());
            let now = self.now();
            self.meter.stamp(self.meter.handed() as f64 - 2_400.0, now, true);
        }

        /// The instant at which what was handed last was handed.
        fn now(&self) -> Instant {
            self.base + Duration::from_nanos(self.meter.handed() * 1_000_000_000 / u64::from(RATE))
        }

        fn shows(&self, after_ms: u64) -> f64 {
            self.playhead
                .at(self.now() + Duration::from_millis(after_ms))
                .as_millis_f64()
        }
    }

    #[test]
    fn latency_is_taken_off_and_time_goes_on_between_callbacks() {
        let rig = Rig::new();
        rig.ring(1, 1, 10_000, 1.0);
        rig.meter.begin_run(1, 0);
        rig.hand(100);
        assert!((rig.shows(0) - 10_050.0).abs() < 0.1);
        assert!((rig.shows(20) - 10_070.0).abs() < 0.1);
        assert!(
            (rig.shows(5_000) - 10_100.0).abs() < 0.1,
            "never beyond what was handed over"
        );
    }

    #[test]
    fn a_seek_is_shown_at_once_and_until_it_is_heard() {
        let rig = Rig::new();
        rig.ring(1, 1, 10_000, 1.0);
        rig.meter.begin_run(1, 0);
        rig.hand(100);
        rig.playhead.seek(2, MediaTime::from_millis(3_000));
        assert!((rig.shows(30) - 3_000.0).abs() < 0.1);
        rig.ring(2, 2, 3_000, 1.0);
        rig.meter.begin_run(2, 0);
        rig.hand(40);
        assert!(
            (rig.shows(0) - 3_000.0).abs() < 0.1,
            "the old sound is still in the device"
        );
        rig.hand(40);
        assert!((rig.shows(0) - 3_030.0).abs() < 0.1);
    }

    #[test]
    fn a_change_of_speed_neither_jumps_nor_goes_back() {
        let rig = Rig::new();
        rig.ring(1, 1, 0, 1.0);
        rig.meter.begin_run(1, 0);
        rig.hand(1_000);
        rig.ring(2, 1, 1_000, 3.0);
        rig.meter.begin_run(2, 0);
        let mut last = rig.shows(0);
        for _ in 0..40 {
            rig.hand(10);
            for after in [0, 3, 9, 4] {
                let shown = rig.shows(after);
                assert!(shown >= last && shown - last < 31.0, "{last} to {shown}");
                last = shown;
            }
        }
        assert!((last - (1_000.0 + 3.0 * (400.0 - 50.0 + 9.0))).abs() < 31.0);
    }

    #[test]
    fn pausing_stands_at_the_last_frame_heard() {
        let rig = Rig::new();
        rig.ring(1, 1, 0, 1.0);
        rig.meter.begin_run(1, 0);
        rig.hand(500);
        rig.meter.end_run();
        rig.hand(200);
        assert!((rig.shows(0) - 500.0).abs() < 0.1);
        rig.playhead.rest(MediaTime::from_millis(500), 1);
        assert!((rig.shows(1_000) - 500.0).abs() < 0.1);
    }

    #[test]
    fn a_device_that_is_heard_later_than_it_says_is_waited_for() {
        let rig = Rig::new();
        rig.ring(1, 1, 10_000, 1.0);
        rig.meter.begin_run(1, 0);
        rig.hand(400);
        rig.playhead.set_delay(TimeDelta::from_millis(200));
        assert!((rig.shows(0) - 10_150.0).abs() < 0.1);
        rig.playhead.set_delay(TimeDelta::from_millis(-500));
        assert!(
            (rig.shows(0) - 10_400.0).abs() < 0.1,
            "never beyond what was handed over"
        );
    }

    #[test]
    fn nothing_lies_beyond_the_end() {
        let playhead = Playhead::default();
        playhead.set_length(Some(MediaTime::from_millis(1_000)));
        playhead.seek(1, MediaTime::from_millis(9_000));
        assert_eq!(playhead.now(), MediaTime::from_millis(1_000));
        playhead.rest(MediaTime::from_millis(400), 1);
        assert_eq!(playhead.now(), MediaTime::from_millis(400));
    }

    /// What is done to a feed, in turn.
    #[derive(Debug, Clone, Copy)]
    enum Deed {
        /// The device asks for so many frames.
        Callback(u64),
        /// So many more frames come into the ring; without them it runs dry.
        Fill(u64),
        Seek(i64),
        /// A ring at another speed takes over a little later.
        Speed(u8),
        /// A ring that begins anew takes over a little later, after some silence.
        Lap(u64),
        Play(bool),
    }

    fn deeds() -> impl Strategy<Value = Vec<Deed>> {
        let deed = prop_oneof![
            8 => (64..2_048_u64).prop_map(Deed::Callback),
            6 => (64..4_096_u64).prop_map(Deed::Fill),
            1 => (0..3_600_000_i64).prop_map(Deed::Seek),
            1 => (8..80_u8).prop_map(Deed::Speed),
            1 => (0..2_000_u64).prop_map(Deed::Lap),
            1 => any::<bool>().prop_map(Deed::Play),
        ];
        proptest::collection::vec(deed, 1..300)
    }

    /// A feed whose frames tell where they come from: the ring on the right, its frame on the left.
    struct World {
        base: Instant,
        feeder: Feeder,
        source: FeedSource,
        stamper: Stamper,
        playhead: Playhead,
        producer: Option<rtrb::Producer<Frame>>,
        segments: Vec<Segment>,
        produced: u64,
        speed: f64,
        /// For each frame given to the device, its ring and frame; none in silence and while anything fades.
        given: Vec<Option<(u64, u64)>>,
    }

    impl World {
        const LATENCY: u64 = 2_400;

        fn new() -> Self {
            let base = Instant::now();
            let (feeder, source) = feed(RATE, 2, base);
            let playhead = Playhead::default();
            playhead.open(Arc::clone(feeder.meter()));
            feeder.set_playing(true);
            let stamper = source.stamper();
            let mut world = Self {
                base,
                feeder,
                source,
                stamper,
                playhead,
                producer: None,
                segments: Vec::new(),
                produced: 0,
                speed: 1.0,
                given: Vec::new(),
            };
            world.ring(MediaTime::ZERO, 1, 0, 0, None);
            world
        }

        /// The instant so many frames after the device was opened: it plays as many as go by.
        fn instant(&self, frames: u64) -> Instant {
            self.base + Duration::from_nanos(frames * 1_000_000_000 / u64::from(RATE))
        }

        fn ring(&mut self, begins: MediaTime, ticket: u64, lap: u64, silence: u64, after: Option<(u64, u64)>) {
            let ring = self.segments.len() as u64 + 1;
            let (producer, frames) = rtrb::RingBuffer::new(1 << 16);
            if self
                .feeder
                .hand_over(Ring {
                    id: ring,
                    frames,
                    after,
                })
                .is_err()
            {
                return;
            }
            let segment = Segment {
                ring,
                ticket,
                lap,
                silence,
                begins,
                micros_per_frame: self.speed * 1e6 / f64::from(RATE),
            };
            self.segments.push(segment);
            self.playhead.add(segment);
            self.producer = Some(producer);
            self.produced = 0;
            self.fill(1_000);
        }

        fn fill(&mut self, count: u64) {
            let ring = self.segments.len() as f32 / 1_024.0;
            let Some(producer) = &mut self.producer else { return };
            for _ in 0..count {
                let frame = [self.produced as f32 / 8_388_608.0, ring];
                if producer.push(frame).is_err() {
                    return;
                }
                self.produced += 1;
            }
        }

        fn callback(&mut self, count: u64) {
            let now = self.instant(self.given.len() as u64);
            let latency = Duration::from_nanos(Self::LATENCY * 1_000_000_000 / u64::from(RATE));
            self.stamper.begin_callback(now, latency);
            for _ in 0..count {
                let [left, right] = self.source.next_frame();
                let (ring, frame) = (right * 1_024.0, left * 8_388_608.0);
                let is_pure = ring >= 1.0 && ring.fract() == 0.0 && frame.fract() == 0.0;
                self.given.push(is_pure.then_some((ring as u64, frame as u64)));
            }
        }

        /// A ring that takes over where the last one will be in 60 ms, as a change of speed does.
        fn follow(&mut self, begins: Option<MediaTime>, silence: u64) {
            let Some(last) = self.segments.last().copied() else {
                return;
            };
            let played = self.feeder.meter().read().consumed(last.ring);
            if played == 0 {
                return;
            }
            let join = (played + 2_880).min(self.produced);
            let (begins, lap) = match begins {
                Some(begins) => (begins, last.lap + 1),
                None => (last.at(join as f64), last.lap),
            };
            self.ring(begins, last.ticket, lap, silence, Some((last.ring, join)));
        }

        fn does(&mut self, deed: Deed) {
            let ticket = self.segments.last().map_or(0, |segment| segment.ticket);
            match deed {
                Deed::Callback(count) => self.callback(count),
                Deed::Fill(count) => self.fill(count),
                Deed::Seek(millis) => {
                    let target = MediaTime::from_millis(millis);
                    self.playhead.seek(ticket + 1, target);
                    self.ring(target, ticket + 1, 0, 0, None);
                }
                Deed::Speed(twentieths) => {
                    self.speed = f64::from(twentieths) / 20.0;
                    self.follow(None, 0);
                }
                Deed::Lap(silence) => {
                    let begins = self.segments.last().map_or(MediaTime::ZERO, |segment| segment.begins);
                    self.follow(Some(begins), silence);
                }
                Deed::Play(on) => self.feeder.set_playing(on),
            }
        }

        /// What is shown, and what is heard, so many frames after the last callback began. None where nobody could tell
        /// by ear.
        fn compare(&self, before: u64, after: u64) -> (MediaTime, Option<(Segment, MediaTime)>) {
            let shown = self.playhead.at(self.instant(before + after));
            let heard = (before + after).checked_sub(Self::LATENCY);
            let given = heard.and_then(|heard| self.given.get(heard as usize).copied().flatten());
            let truth = given.and_then(|(ring, frame)| {
                let segment = *self.segments.get(ring.checked_sub(1)? as usize)?;
                Some((segment, segment.at(frame as f64)))
            });
            (shown, truth)
        }
    }

    proptest! {
        /// Whatever is done, it shows what is heard, to within a callback, and goes back only by a seek or a lap.
        #[test]
        fn it_shows_what_is_heard(deeds in deeds()) {
            let mut world = World::new();
            let mut last = (MediaTime::ZERO, (0, 0));
            for deed in deeds {
                let before = world.given.len() as u64;
                world.does(deed);
                let count = world.given.len() as u64 - before;
                for after in [0, count / 2, count] {
                    let (shown, truth) = world.compare(before, after);
                    let Some((segment, heard)) = truth else { continue };
                    let newest = world.segments.last().map_or(0, |segment| segment.ticket);
                    if segment.ticket < newest {
                        continue; // a seek is shown before it is heard
                    }
                    let callback = segment.micros_per_frame * 2_048.0;
                    let off = (shown - heard).as_micros().unsigned_abs() as f64;
                    prop_assert!(off <= callback, "shown {shown:?}, heard {heard:?} after {deed:?}");
                    let turn = (segment.ticket, segment.lap);
                    prop_assert!(turn != last.1 || shown >= last.0, "back from {:?} to {shown:?}", last.0);
                    last = (shown, turn);
                }
            }
        }
    }
}
