//! The engine, with an output whose callbacks the test makes: what it plays, where it says it is, what it tells.
//!
//! The recording is a ramp: each sample tells which frame it is, so that what comes out tells where it came from.

use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::Receiver;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use earmark::audio::{
    AudioSource, DeviceState, Engine, EngineCommand, EngineEvent, FeedSource, Loop, Lost, MakeSource, OpenOutput,
    Output, OutputFormat, Playhead, Stamper,
};
use earmark::time::{MediaSpan, MediaTime, TimeDelta};

use super::{Dice, fixture, memory, wav};

const RATE: u32 = 8_000;
const FADE: usize = 40; // 5 ms
const LATENCY: Duration = Duration::from_millis(50);

/// An output that plays only when it is pulled.
#[derive(Clone, Default)]
pub(super) struct Hand {
    open: Arc<Mutex<Option<Opened>>>,
    missing: Arc<AtomicBool>,
    opened: Arc<Mutex<u32>>,
}

struct Opened {
    source: FeedSource,
    stamper: Stamper,
    lost: Lost,
    base: Instant,
    handed: u64,
}

/// Closes the output when the engine lets go of it.
struct CloseOnDrop(Hand);

impl Drop for CloseOnDrop {
    fn drop(&mut self) {
        *self.0.open.lock().unwrap() = None;
    }
}

impl Output for Hand {
    fn look(&mut self) -> Result<(), String> {
        if self.missing.load(Ordering::SeqCst) {
            Err("unplugged".to_owned())
        } else {
            Ok(())
        }
    }

    fn open(&mut self, make: MakeSource<'_>, lost: Lost) -> Result<OpenOutput, String> {
        self.look()?;
        let source = make(OutputFormat {
            rate: RATE,
            channels: 2,
        });
        let stamper = source.stamper();
        *self.opened.lock().unwrap() += 1;
        *self.open.lock().unwrap() = Some(Opened {
            source,
            stamper,
            lost,
            base: Instant::now(),
            handed: 0,
        });
        Ok(Box::new(CloseOnDrop(self.clone())))
    }
}

/// The engine with its hand, and a log of what was heard.
pub(super) struct Rig {
    hand: Hand,
    pub(super) engine: Engine,
    events: Receiver<EngineEvent>,
    pub(super) playhead: Playhead,
}

/// A ramp: sample `i` is `(i + 1) / 2^23`, exact in a float, never silent.
pub(super) fn ramp(frames: u32) -> AudioSource {
    let samples: Vec<f32> = (1..=frames).map(|i| i as f32 / 8_388_608.0).collect();
    memory(wav(&samples, RATE, 1))
}

/// Which frame of the ramp a sample is.
pub(super) fn frame_of(sample: f32) -> i64 {
    (sample * 8_388_608.0).round() as i64 - 1
}

impl Rig {
    pub(super) fn new() -> Self {
        Self::with_cache(None)
    }

    pub(super) fn with_cache(cache: Option<PathBuf>) -> Self {
        let hand = Hand::default();
        let (engine, events) = Engine::start_on(Box::new(hand.clone()), cache, || {});
        let playhead = engine.playhead();
        Self {
            hand,
            engine,
            events,
            playhead,
        }
    }

    pub(super) fn loaded(source: AudioSource, at_ms: i64) -> Self {
        let rig = Self::new();
        rig.load(source, at_ms);
        rig
    }

    pub(super) fn load(&self, source: AudioSource, at_ms: i64) {
        self.engine.send(EngineCommand::Load {
            source,
            at: MediaTime::from_millis(at_ms),
            generation: 3,
        });
        self.wait(|event| matches!(event, EngineEvent::Loaded { generation: 3, .. }));
    }

    /// Waits for an event; those before it are passed over.
    pub(super) fn wait(&self, wanted: impl Fn(&EngineEvent) -> bool) -> EngineEvent {
        loop {
            let event = self
                .events
                .recv_timeout(Duration::from_secs(20))
                .expect("the event comes");
            if wanted(&event) {
                return event;
            }
        }
    }

    pub(super) fn play(&self) {
        self.engine.send(EngineCommand::Play);
        self.wait(|event| matches!(event, EngineEvent::Playing));
    }

    /// One callback of the device: 20 ms, or nothing if it is closed. Gives the left samples and what was heard then.
    pub(super) fn pull(&self) -> Vec<f32> {
        let mut open = self.hand.open.lock().unwrap();
        let Some(opened) = open.as_mut() else { return Vec::new() };
        opened.stamper.begin_callback(opened.now(), LATENCY);
        opened.handed += 160;
        (0..160).map(|_| opened.source.next_frame()[0]).collect()
    }

    /// Callbacks until so many frames that are not silence have come.
    pub(super) fn hear(&self, count: usize) -> Vec<f32> {
        let deadline = Instant::now() + Duration::from_secs(20);
        let mut heard = Vec::new();
        while heard.len() < count {
            heard.extend(self.pull().into_iter().filter(|sample| *sample != 0.0));
            assert!(Instant::now() < deadline, "only {} frames came", heard.len());
            std::thread::yield_now();
        }
        heard
    }

    /// The same at the pace of a device. The engine sleeps for as long as what it has made lasts: a hand that draws
    /// faster finds the ring dry.
    pub(super) fn hear_in_time(&self, count: usize) -> Vec<f32> {
        let begun = Instant::now();
        let (mut heard, mut asked) = (Vec::new(), 0);
        while heard.len() < count {
            let due = begun + Duration::from_millis(20 * asked);
            std::thread::sleep(due.saturating_duration_since(Instant::now()));
            heard.extend(self.pull().into_iter().filter(|sample| *sample != 0.0));
            asked += 1;
            assert!(asked < 1_000, "only {} frames came", heard.len());
        }
        heard
    }

    /// Callbacks until an event comes.
    pub(super) fn pull_until(&self, wanted: impl Fn(&EngineEvent) -> bool) -> Vec<f32> {
        let deadline = Instant::now() + Duration::from_secs(20);
        let mut heard = Vec::new();
        loop {
            if let Ok(event) = self.events.try_recv()
                && wanted(&event)
            {
                return heard;
            }
            heard.extend(self.pull().into_iter().filter(|sample| *sample != 0.0));
            assert!(Instant::now() < deadline, "the event did not come");
            std::thread::yield_now();
        }
    }

    /// The playhead at the instant of the last callback's end.
    pub(super) fn shown_ms(&self) -> f64 {
        let open = self.hand.open.lock().unwrap();
        let now = open.as_ref().map_or_else(Instant::now, Opened::now);
        self.playhead.at(now).as_millis_f64()
    }
}

impl Opened {
    /// Time goes by the frames that were pulled.
    fn now(&self) -> Instant {
        self.base + Duration::from_micros(self.handed * 1_000_000 / u64::from(RATE))
    }
}

/// That the frames follow each other without a gap from `first` on.
fn assert_unbroken(samples: &[f32], first: i64) {
    for (i, sample) in samples.iter().enumerate() {
        assert_eq!(frame_of(*sample), first + i as i64, "sample {i}");
    }
}

#[test]
fn every_frame_is_played_once_and_in_order() {
    let rig = Rig::loaded(ramp(40_000), 1_000);
    rig.play();
    let heard = rig.hear(20_000);
    assert_unbroken(&heard[FADE..], 8_000 + FADE as i64);
}

/// Where the frames of a ramp do not follow each other: after how many, which was the last, and which would be the first
/// had it not been faded in.
fn turns(heard: &[f32]) -> Vec<(usize, i64, i64)> {
    let mut found: Vec<(usize, i64, i64)> = Vec::new();
    let (mut last, mut at) = (0, 1);
    while let (Some(before), Some(here)) = (heard.get(at - 1), heard.get(at)) {
        if frame_of(*here) != frame_of(*before) + 1 {
            let faded = heard.get(at + FADE).map_or(0, |faded| frame_of(*faded));
            found.push((at - last, frame_of(*before), faded - FADE as i64));
            last = at;
            at += FADE;
        }
        at += 1;
    }
    found
}

#[test]
fn a_stretch_is_repeated_to_the_sample() {
    let rig = Rig::loaded(ramp(80_000), 900);
    let span = MediaSpan::new(MediaTime::from_millis(1_000), MediaTime::from_millis(1_625));
    rig.engine.send(EngineCommand::SetLoop(Some(Loop {
        span,
        times: None,
        pause: TimeDelta::ZERO,
    })));
    rig.play();
    let heard = rig.hear_in_time(5_000 * 4);
    let turns = turns(&heard[FADE..]);
    assert!(turns.len() >= 3, "{turns:?}");
    for (place, (after, end, start)) in turns.iter().enumerate() {
        assert_eq!((*end, *start), (12_999, 8_000), "turn {place}: {turns:?}");
        assert!(place == 0 || *after == 5_000, "turn {place}: {turns:?}");
    }
    // The playhead is inside, and goes back with the sound.
    let (mut least, mut most) = (f64::MAX, 0.0_f64);
    for _ in 0..60 {
        rig.hear_in_time(160);
        std::thread::sleep(Duration::from_millis(19));
        least = least.min(rig.shown_ms());
        most = most.max(rig.shown_ms());
    }
    assert!((1_000.0..1_060.0).contains(&least), "{least}");
    assert!((1_565.0..1_626.0).contains(&most), "{most}");
    // Let go, it plays on from where it is.
    rig.engine.send(EngineCommand::SetLoop(None));
    let heard = rig.hear_in_time(12_000);
    assert!(frame_of(heard[heard.len() - 1]) > 14_000);
}

#[test]
fn a_stretch_that_is_let_go_is_not_repeated_once_more() {
    let rig = Rig::loaded(ramp(80_000), 1_000);
    let span = MediaSpan::new(MediaTime::from_millis(1_000), MediaTime::from_millis(1_625));
    let stretch = Loop {
        span,
        times: None,
        pause: TimeDelta::ZERO,
    };
    rig.engine.send(EngineCommand::SetLoop(Some(stretch)));
    rig.play();
    // Near its end the next lap is ready.
    let heard = rig.hear_in_time(4_000);
    assert!(frame_of(heard[heard.len() - 1]) < 12_500);
    rig.engine.send(EngineCommand::SetLoop(None));
    let heard = rig.hear_in_time(8_000);
    assert!(turns(&heard).is_empty(), "{:?}", turns(&heard));
    assert!(frame_of(heard[heard.len() - 1]) > 18_000);
}

#[test]
fn a_stretch_is_repeated_so_often_with_silence_between() {
    let rig = Rig::loaded(ramp(80_000), 0);
    let span = MediaSpan::new(MediaTime::ZERO, MediaTime::from_millis(500));
    rig.engine.send(EngineCommand::SetLoop(Some(Loop {
        span,
        times: Some(3),
        pause: TimeDelta::from_millis(250),
    })));
    rig.play();
    // Three times half a second, twice a quarter of one between, and what follows.
    let begun = Instant::now();
    let mut all = Vec::new();
    for asked in 0..125 {
        let due = begun + Duration::from_millis(20 * asked);
        std::thread::sleep(due.saturating_duration_since(Instant::now()));
        all.extend(rig.pull());
    }
    // The sound before fades out into them.
    let silences = all.split(|sample| *sample != 0.0).map(<[f32]>::len);
    let pauses: Vec<usize> = silences.filter(|length| (1_950..=2_000).contains(length)).collect();
    assert_eq!(pauses.len(), 2, "{pauses:?}");
    let last = frame_of(all[all.len() - 1]);
    assert!(last > 4_000, "after the third time it goes on: {last}");
}

#[test]
fn a_pause_keeps_its_place_to_the_sample() {
    let rig = Rig::loaded(ramp(80_000), 0);
    rig.play();
    let mut heard = rig.hear(5_000);
    rig.engine.send(EngineCommand::Pause);
    heard.extend(rig.pull_until(|event| matches!(event, EngineEvent::Paused)));
    let faded = heard.len();
    assert!(
        (rig.shown_ms() - faded as f64 / 8.0).abs() < 0.2,
        "{} after {faded} frames",
        rig.shown_ms()
    );
    assert!(!rig.playhead.playing());
    rig.play();
    heard.extend(rig.hear(5_000));
    assert_unbroken(&heard[FADE..faded - FADE], FADE as i64);
    assert_unbroken(&heard[faded + FADE..], (faded + FADE) as i64);
}

#[test]
fn a_device_that_was_closed_while_paused_goes_on_where_it_stopped() {
    let rig = Rig::loaded(ramp(80_000), 0);
    rig.play();
    let mut heard = rig.hear(5_000);
    rig.engine.send(EngineCommand::Pause);
    heard.extend(rig.pull_until(|event| matches!(event, EngineEvent::Paused)));
    let deadline = Instant::now() + Duration::from_secs(10);
    while rig.hand.open.lock().unwrap().is_some() {
        assert!(Instant::now() < deadline, "the device is closed after two seconds");
        std::thread::yield_now();
    }
    let place = heard.len();
    assert!((rig.shown_ms() - place as f64 / 8.0).abs() < 0.2);
    rig.play();
    assert_unbroken(&rig.hear(3_000)[FADE..], (place + FADE) as i64);
    assert_eq!(*rig.hand.opened.lock().unwrap(), 2);
}

#[test]
fn a_seek_lands_on_its_frame_and_is_shown_at_once() {
    let rig = Rig::loaded(ramp(400_000), 0);
    rig.play();
    let mut dice = Dice(5);
    for _ in 0..20 {
        let before = frame_of(rig.hear(1_000)[999]);
        let mut target = dice.below(390_000) as i64;
        // Close by, the old sound could be taken for the new.
        if (target - before).abs() < 5_000 {
            target = (target + 200_000) % 390_000;
        }
        rig.engine
            .send(EngineCommand::Seek(MediaTime::from_micros(target * 125)));
        assert!(
            (rig.shown_ms() - target as f64 / 8.0).abs() < 0.2,
            "shown before it is heard"
        );
        let from = loop {
            let heard = rig.hear(160);
            // The fade from the old place to the new is a mixture of both, in which no two frames follow each other.
            let is_there = |pair: &[f32]| {
                let (here, next) = (frame_of(pair[0]), frame_of(pair[1]));
                next == here + 1 && (FADE as i64 - 1..1_000).contains(&(here - target))
            };
            if let Some(at) = heard.windows(2).position(is_there) {
                break (frame_of(heard[at]), heard[at..].to_vec());
            }
        };
        assert_unbroken(&from.1, from.0);
        assert_unbroken(&rig.hear(500), from.0 + from.1.len() as i64);
    }
}

#[test]
fn scrubbing_comes_down_to_the_last_seek() {
    let rig = Rig::loaded(ramp(400_000), 0);
    rig.play();
    rig.hear(1_000);
    for target in 0..500 {
        rig.engine
            .send(EngineCommand::Seek(MediaTime::from_millis(target * 80)));
    }
    let wanted = 499 * 640;
    let deadline = Instant::now() + Duration::from_secs(20);
    while !rig
        .pull()
        .iter()
        .any(|sample| (wanted..wanted + 2_000).contains(&frame_of(*sample)))
    {
        assert!(Instant::now() < deadline);
        std::thread::yield_now();
    }
}

#[test]
fn a_seek_while_paused_waits_there() {
    let rig = Rig::loaded(ramp(80_000), 0);
    rig.engine.send(EngineCommand::Seek(MediaTime::from_millis(4_000)));
    assert!((rig.shown_ms() - 4_000.0).abs() < 0.2);
    rig.play();
    assert_unbroken(&rig.hear(1_000)[FADE..], 32_000 + FADE as i64);
    rig.engine.send(EngineCommand::Pause);
    rig.pull_until(|event| matches!(event, EngineEvent::Paused));
    rig.engine.send(EngineCommand::Seek(MediaTime::from_millis(1_000)));
    rig.play();
    let heard = rig.hear(2_000);
    assert_unbroken(&heard[1_000..], frame_of(heard[1_000]));
    assert!((8_000..9_100).contains(&frame_of(heard[1_000])));
}

#[test]
fn the_end_is_told_when_it_was_heard_and_play_begins_again() {
    let rig = Rig::loaded(ramp(20_000), 2_000);
    rig.play();
    let heard = rig.pull_until(|event| matches!(event, EngineEvent::Ended));
    assert_unbroken(&heard[FADE..], 16_000 + FADE as i64);
    assert_eq!(heard.len(), 4_000);
    assert!((rig.shown_ms() - 2_500.0).abs() < 0.2);
    rig.play();
    assert!(rig.shown_ms() < 100.0);
    assert_unbroken(&rig.hear(4_000)[FADE..], FADE as i64);

    rig.engine.send(EngineCommand::Seek(MediaTime::from_millis(99_000)));
    rig.pull_until(|event| matches!(event, EngineEvent::Ended));
    assert!((rig.shown_ms() - 2_500.0).abs() < 0.2);
}

#[test]
fn the_playhead_is_what_is_heard_at_every_speed() {
    let rig = Rig::loaded(ramp(4_000_000), 0);
    let mut dice = Dice(9);
    rig.play();
    // The frame of the ramp in each frame given to the device; silence, where the ring was dry, is none.
    let mut given: Vec<Option<f64>> = Vec::new();
    let (mut shown_before, mut speed, mut compared) = (0.0, 1.0_f32, 0);
    let deadline = Instant::now() + Duration::from_secs(30);
    while compared < 400 {
        assert!(Instant::now() < deadline, "only {compared} times was anything heard");
        let samples = rig.pull();
        given.extend(
            samples
                .iter()
                .map(|&sample| (sample != 0.0).then(|| frame_of(sample) as f64)),
        );
        let shown = rig.shown_ms();
        assert!(shown >= shown_before, "it went back from {shown_before} to {shown}");
        shown_before = shown;
        // A device asks every 20 ms; one that asks as fast as it can would find the ring dry most of the time.
        std::thread::sleep(Duration::from_millis(2));
        // Heard is what was handed over 50 ms ago. In the 5 ms after silence the volume rises, and the samples tell
        // nothing.
        let Some(at) = given.len().checked_sub(400).filter(|at| *at > FADE) else {
            continue;
        };
        if given[at - FADE..].iter().any(Option::is_none) {
            continue;
        }
        if let Some(heard) = given[at] {
            // A piece of stretched sound plays at its own pace around its middle: that is up to 12 ms of hearing.
            let off = (shown - heard / 8.0).abs();
            assert!(
                off < 12.0 * f64::from(speed.max(1.0)),
                "speed {speed}: shown {shown}, heard {}",
                heard / 8.0
            );
            compared += 1;
            if compared % 25 == 0 {
                speed = 0.4 + dice.below(73) as f32 / 20.0;
                rig.engine.send(EngineCommand::SetSpeed(speed));
            }
        }
    }
    assert!((rig.playhead.speed() - speed).abs() < 1e-6);
}

#[test]
fn without_a_device_it_says_so_and_tells_when_one_comes() {
    let rig = Rig::new();
    rig.hand.missing.store(true, Ordering::SeqCst);
    rig.engine.send(EngineCommand::Load {
        source: ramp(8_000),
        at: MediaTime::ZERO,
        generation: 1,
    });
    rig.wait(|event| matches!(event, EngineEvent::Loaded { .. }));
    rig.wait(|event| matches!(event, EngineEvent::Device(DeviceState::Missing(_))));
    rig.engine.send(EngineCommand::Play);
    let told = rig.wait(|event| matches!(event, EngineEvent::Device(_)));
    assert!(matches!(told, EngineEvent::Device(DeviceState::Missing(why)) if why == "unplugged"));
    assert!(!rig.playhead.playing());
    rig.engine.send(EngineCommand::Seek(MediaTime::from_millis(500)));
    rig.hand.missing.store(false, Ordering::SeqCst);
    rig.wait(|event| matches!(event, EngineEvent::Device(DeviceState::Ready)));
    assert_eq!(
        *rig.hand.opened.lock().unwrap(),
        0,
        "it tells, and does not begin by itself"
    );
    rig.play();
    assert_unbroken(&rig.hear(1_000)[FADE..], 4_000 + FADE as i64);
}

#[test]
fn a_device_lost_while_playing_pauses_at_what_was_heard_last() {
    let rig = Rig::loaded(ramp(80_000), 0);
    rig.play();
    rig.hear(8_000);
    let shown = rig.shown_ms();
    rig.hand.missing.store(true, Ordering::SeqCst);
    // The word comes from the device's own thread, which holds nothing of ours.
    let lost = std::mem::replace(
        &mut rig.hand.open.lock().unwrap().as_mut().unwrap().lost,
        Box::new(|_| {}),
    );
    lost("unplugged".to_owned());
    rig.wait(|event| matches!(event, EngineEvent::Device(DeviceState::Missing(_))));
    rig.wait(|event| matches!(event, EngineEvent::Paused));
    assert!(
        (rig.shown_ms() - shown).abs() < 60.0,
        "{} after {shown}",
        rig.shown_ms()
    );
    rig.hand.missing.store(false, Ordering::SeqCst);
    rig.wait(|event| matches!(event, EngineEvent::Device(DeviceState::Ready)));
    let place = (rig.shown_ms() * 8.0).round() as i64;
    rig.play();
    assert_unbroken(&rig.hear(1_000)[FADE..], place + FADE as i64);
}

#[test]
fn what_cannot_be_loaded_is_told_and_does_no_harm() {
    let rig = Rig::loaded(ramp(80_000), 0);
    rig.engine.send(EngineCommand::Load {
        source: memory(vec![1; 999]),
        at: MediaTime::ZERO,
        generation: 4,
    });
    rig.wait(|event| matches!(event, EngineEvent::LoadFailed { generation: 4, .. }));
    for command in [
        EngineCommand::Play,
        EngineCommand::Pause,
        EngineCommand::Seek(MediaTime::MAX),
    ] {
        rig.engine.send(command);
    }
    rig.engine.send(EngineCommand::Unload);
    let source = AudioSource::File(fixture("pips.ogg"));
    rig.engine.send(EngineCommand::Load {
        source,
        at: MediaTime::from_millis(100),
        generation: 5,
    });
    rig.wait(|event| matches!(event, EngineEvent::Loaded { generation: 5, .. }));
    assert!((rig.shown_ms() - 100.0).abs() < 0.2);
}

#[test]
fn the_volume_is_heard_in_even_steps() {
    let rig = Rig::loaded(ramp(4_000_000), 200_000);
    rig.engine.send(EngineCommand::SetVolume(0.5));
    rig.play();
    let heard = rig.hear(8_000);
    let loudness = heard[4_000] * 8_388_608.0 / (1_600_000.0 + 4_001.0);
    assert!((loudness - 0.125).abs() < 0.001, "{loudness}");
}
