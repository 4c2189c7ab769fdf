//! From the engine to the device: rings of finished frames, and the rodio source that plays them.
//!
//! Everything the source does in the audio callback is: take a frame out of a ring, scale it, count it. It takes no
//! lock, allocates and frees nothing, reads no file. A seek or a change of speed comes as a whole new ring over a
//! small channel; the source fades from the old to the new and sends the old one back, to be dropped by the engine.

use std::num::NonZero;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::time::{Duration, Instant};

use rtrb::{Consumer, Producer, RingBuffer};

use super::meter::{Meter, Smoother};

/// One instant of sound, left and right.
pub type Frame = [f32; 2];

/// How long pausing, resuming and changing rings take to fade, against clicks.
const FADE_SECS: f32 = 0.005;
/// How long the limiter takes to let go.
const RELEASE_SECS: f32 = 0.1;
/// Callbacks this soon after the first only fill the device's buffer.
const FILLING: Duration = Duration::from_millis(5);
/// How many rings may be under way to the source or back: more seeks than that wait for the next callback.
const RINGS_UNDER_WAY: usize = 32;

/// A ring on its way to the source.
#[derive(Debug)]
pub(super) struct Ring {
    /// Its number, from 1 on.
    pub id: u64,
    /// The frames.
    pub frames: Consumer<Frame>,
    /// Take over when this ring has played so many frames; `None` for at once, as when another ring is playing.
    pub after: Option<(u64, u64)>,
}

/// What the engine turns while the source plays.
#[derive(Debug, Default)]
struct Controls {
    playing: AtomicBool,
    gain: AtomicU32,
    mono: AtomicBool,
    balance: AtomicU32,
}

/// What one hears of a recording.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Mix {
    /// 0 to 2.
    pub volume: f32,
    /// How much louder or softer besides, in decibels.
    pub gain: f32,
    /// Both sides on both ears.
    pub mono: bool,
    /// −1 only the left side, 1 only the right one.
    pub balance: f32,
}

impl Mix {
    const LOUDEST: f32 = 2.0;
    const MOST_GAIN: f32 = 24.0;
}

impl Default for Mix {
    fn default() -> Self {
        Self {
            volume: 1.0,
            gain: 0.0,
            mono: false,
            balance: 0.0,
        }
    }
}

/// The engine's end of the feed.
#[derive(Debug)]
pub(super) struct Feeder {
    rings: Producer<Ring>,
    used: Consumer<Ring>,
    controls: Arc<Controls>,
    meter: Arc<Meter>,
}

impl Feeder {
    /// Hands over a ring. When too many are under way it comes back.
    pub fn hand_over(&mut self, ring: Ring) -> Result<(), Ring> {
        self.collect();
        self.rings.push(ring).map_err(|rtrb::PushError::Full(ring)| ring)
    }

    /// Drops the rings that have been played.
    pub fn collect(&mut self) {
        while self.used.pop().is_ok() {}
    }

    /// Plays or pauses, with a short fade.
    pub fn set_playing(&self, playing: bool) {
        self.controls.playing.store(playing, Ordering::Release);
    }

    /// Sets what one hears of it.
    pub fn set_mix(&self, mix: Mix) {
        // Loudness goes with the cube, as in PulseAudio, so that even steps sound even.
        let level = 10.0_f32.powf(mix.gain.clamp(-Mix::MOST_GAIN, Mix::MOST_GAIN) / 20.0);
        let gain = mix.volume.clamp(0.0, Mix::LOUDEST).powi(3) * level;
        self.controls.gain.store(gain.to_bits(), Ordering::Release);
        self.controls.mono.store(mix.mono, Ordering::Release);
        let balance = mix.balance.clamp(-1.0, 1.0);
        self.controls.balance.store(balance.to_bits(), Ordering::Release);
    }

    /// What the output has come to.
    pub fn meter(&self) -> &Arc<Meter> {
        &self.meter
    }
}

/// Both ends of a feed for an output of this rate and number of channels, opened at this instant.
pub(super) fn feed(rate: u32, channels: u16, now: Instant) -> (Feeder, FeedSource) {
    let (rings, incoming) = RingBuffer::new(RINGS_UNDER_WAY);
    // Room for every ring that can exist, so that giving one back never fails.
    let (outgoing, used) = RingBuffer::new(2 * RINGS_UNDER_WAY);
    let meter = Arc::new(Meter::new(rate, now));
    let controls = Arc::new(Controls {
        playing: AtomicBool::new(false),
        gain: AtomicU32::new(1.0_f32.to_bits()),
        mono: AtomicBool::new(false),
        balance: AtomicU32::new(0.0_f32.to_bits()),
    });
    let rate = NonZero::new(rate).unwrap_or(NonZero::<u32>::MIN);
    let channels = NonZero::new(channels.min(2)).unwrap_or(NonZero::<u16>::MIN);
    let source = FeedSource {
        incoming,
        outgoing,
        controls: Arc::clone(&controls),
        meter: Arc::clone(&meter),
        rate,
        channels,
        current: None,
        next: None,
        fading_out: None,
        playing: 0.0,
        gain: 1.0,
        sides: [1.0; 2],
        mono: 0.0,
        limit: 1.0,
        release: 1.0 / (RELEASE_SECS * rate.get() as f32).max(1.0),
        fade: 1.0,
        step: 1.0 / (FADE_SECS * rate.get() as f32).max(1.0),
        running: false,
        held: None,
    };
    (
        Feeder {
            rings,
            used,
            controls,
            meter,
        },
        source,
    )
}

/// A ring being played, and how far.
struct Playing {
    ring: Ring,
    taken: u64,
}

/// The rodio source. Give it to a mixer, and its [`Stamper`] to the callback.
pub struct FeedSource {
    incoming: Consumer<Ring>,
    outgoing: Producer<Ring>,
    controls: Arc<Controls>,
    meter: Arc<Meter>,
    rate: NonZero<u32>,
    channels: NonZero<u16>,
    current: Option<Playing>,
    next: Option<Ring>,
    fading_out: Option<Ring>,
    /// 0 paused, 1 playing, between while it fades.
    playing: f32,
    gain: f32,
    /// How loud each side is.
    sides: Frame,
    /// 1 both sides on both ears, between while it changes.
    mono: f32,
    /// What the limiter leaves of the sound, and how fast it lets go.
    limit: f32,
    release: f32,
    /// How far the current ring has been faded in over the one before.
    fade: f32,
    step: f32,
    running: bool,
    /// The right sample of a frame whose left one has been given.
    held: Option<f32>,
}

/// Tells the clock what the device says about its latency, at each callback.
pub struct Stamper {
    meter: Arc<Meter>,
    smoother: Smoother,
    first: Option<Instant>,
}

impl Stamper {
    /// A callback begins: it is `now`, and the first frame taken in it will be heard after `latency`.
    pub fn begin_callback(&mut self, now: Instant, latency: Duration) {
        let rate = self.meter.rate();
        let measured = self.meter.handed() as f64 - latency.as_secs_f64() * f64::from(rate);
        let heard = self.smoother.update(now, measured, rate);
        // A device that is woken up may take a second to begin. The clock waits for it to ask for more.
        let first = *self.first.get_or_insert(now);
        let moving = now.saturating_duration_since(first) > FILLING;
        self.meter.stamp(heard, now, moving);
    }
}

impl FeedSource {
    /// Frames a second.
    pub fn rate(&self) -> u32 {
        self.rate.get()
    }

    /// The number of the ring it takes from, 0 before the first: it changes with every seek, which can so be timed.
    pub fn ring(&self) -> u64 {
        self.current.as_ref().map_or(0, |current| current.ring.id)
    }

    /// Whether the last frame was sound of a recording, and not the silence of a pause or of a ring that ran dry.
    pub fn is_running(&self) -> bool {
        self.running
    }

    /// What has to be told of each callback of the device this source plays on.
    pub fn stamper(&self) -> Stamper {
        Stamper {
            meter: Arc::clone(&self.meter),
            smoother: Smoother::default(),
            first: None,
        }
    }

    /// The next frame for the device, silence included.
    pub fn next_frame(&mut self) -> Frame {
        self.receive();
        let wanted = if self.controls.playing.load(Ordering::Acquire) {
            1.0
        } else {
            0.0
        };
        self.playing = approach(self.playing, wanted, self.step);
        let gain = f32::from_bits(self.controls.gain.load(Ordering::Acquire));
        self.gain = approach(self.gain, gain, self.step);
        let frame = if self.playing > 0.0 { self.take_frame() } else { None };
        match (frame, self.running) {
            (Some(_), false) => {
                let (id, at) = self
                    .current
                    .as_ref()
                    .map_or((0, 0), |current| (current.ring.id, current.taken - 1));
                self.meter.begin_run(id, at);
                self.running = true;
            }
            (None, true) => {
                self.meter.end_run();
                self.running = false;
            }
            _ => {}
        }
        self.meter.count_frame();
        frame.map_or([0.0; 2], |frame| self.mix(frame))
    }

    /// A frame as it is to be heard: mono, balance, volume, limited to what a device can play.
    fn mix(&mut self, [left, right]: Frame) -> Frame {
        let balance = f32::from_bits(self.controls.balance.load(Ordering::Acquire));
        let mono = f32::from(u8::from(self.controls.mono.load(Ordering::Acquire)));
        self.mono = approach(self.mono, mono, self.step);
        let wanted = [(1.0 - balance).min(1.0), (1.0 + balance).min(1.0)];
        for (side, wanted) in self.sides.iter_mut().zip(wanted) {
            *side = approach(*side, wanted, self.step);
        }
        let middle = f32::midpoint(left, right);
        let level = self.gain * self.playing;
        let [left_side, right_side] = self.sides;
        let own = |sample: f32, side: f32| (sample + (middle - sample) * self.mono) * side * level;
        let frame = [own(left, left_side), own(right, right_side)];
        // Loud places are held down at once and let go slowly: nothing is cut off, and nothing pumps.
        let peak = frame.iter().fold(0.0_f32, |peak, sample| peak.max(sample.abs()));
        let most = if peak > 1.0 { 1.0 / peak } else { 1.0 };
        self.limit = most.min(approach(self.limit, 1.0, (1.0 - self.limit) * self.release));
        frame.map(|sample| sample * self.limit)
    }

    /// Takes in rings that have arrived; the last one counts.
    fn receive(&mut self) {
        if !self.incoming.is_empty()
            && let Ok(ring) = self.incoming.pop()
            && let Some(overtaken) = self.next.replace(ring)
        {
            self.give_back(overtaken);
        }
        let due = match (&self.next, &self.current) {
            (Some(next), Some(current)) => next
                .after
                .is_none_or(|(ring, frames)| current.ring.id != ring || current.taken >= frames),
            (Some(_), None) => true,
            (None, _) => false,
        };
        if due && let Some(ring) = self.next.take() {
            self.change_to(ring);
        }
    }

    fn change_to(&mut self, ring: Ring) {
        let old = self.current.replace(Playing { ring, taken: 0 });
        if self.running {
            self.meter.end_run();
            self.running = false;
        }
        // Nothing is heard while paused, so nothing needs to fade.
        self.fade = if self.playing > 0.0 { 0.0 } else { 1.0 };
        let faded = std::mem::replace(&mut self.fading_out, old.map(|old| old.ring));
        if let Some(ring) = faded {
            self.give_back(ring);
        }
    }

    /// A frame of the current ring, mixed with the end of the one before while that fades out.
    fn take_frame(&mut self) -> Option<Frame> {
        let current = self.current.as_mut()?;
        let mut frame = current.ring.frames.pop().ok()?;
        current.taken += 1;
        if self.fade < 1.0 {
            self.fade = approach(self.fade, 1.0, self.step);
            let old = self
                .fading_out
                .as_mut()
                .and_then(|ring| ring.frames.pop().ok())
                .unwrap_or_default();
            for (sample, old) in frame.iter_mut().zip(old) {
                *sample = *sample * self.fade + old * (1.0 - self.fade);
            }
        } else if let Some(ring) = self.fading_out.take() {
            self.give_back(ring);
        }
        Some(frame)
    }

    fn give_back(&mut self, ring: Ring) {
        if let Err(rtrb::PushError::Full(ring)) = self.outgoing.push(ring) {
            // There is room for every ring there can be; a leak is still better than freeing memory here.
            std::mem::forget(ring);
        }
    }
}

/// `from` moved towards `to` by at most `step`.
fn approach(from: f32, to: f32, step: f32) -> f32 {
    // A sum of steps falls short by a rounding error; half of one is near enough.
    if (to - from).abs() <= 1.5 * step {
        to
    } else {
        from + step.copysign(to - from)
    }
}

impl Iterator for FeedSource {
    type Item = rodio::Sample;

    fn next(&mut self) -> Option<rodio::Sample> {
        if let Some(right) = self.held.take() {
            return Some(right);
        }
        let [left, right] = self.next_frame();
        if self.channels.get() == 1 {
            return Some(f32::midpoint(left, right));
        }
        self.held = Some(right);
        Some(left)
    }
}

impl rodio::Source for FeedSource {
    fn current_span_len(&self) -> Option<usize> {
        None
    }

    fn channels(&self) -> rodio::ChannelCount {
        self.channels
    }

    fn sample_rate(&self) -> rodio::SampleRate {
        self.rate
    }

    fn total_duration(&self) -> Option<Duration> {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RATE: u32 = 1000; // a fade takes five frames

    fn ring(id: u64, frames: impl IntoIterator<Item = f32>, after: Option<(u64, u64)>) -> Ring {
        let (mut producer, consumer) = RingBuffer::new(4096);
        for sample in frames {
            producer.push([sample; 2]).unwrap();
        }
        Ring {
            id,
            frames: consumer,
            after,
        }
    }

    fn pull(source: &mut FeedSource, count: usize) -> Vec<f32> {
        (0..count).map(|_| source.next_frame()[0]).collect()
    }

    #[test]
    fn it_fades_in_and_out_and_keeps_its_place() {
        let (mut feeder, mut source) = feed(RATE, 2, Instant::now());
        feeder
            .hand_over(ring(1, (0..100).map(|i| i as f32 / 128.0), None))
            .unwrap();
        assert_eq!(pull(&mut source, 3), [0.0; 3]);
        feeder.set_playing(true);
        let heard = pull(&mut source, 20);
        assert!((heard[1] - 0.4 / 128.0).abs() < 1e-6);
        assert_eq!(heard[10..], (10..20).map(|i| i as f32 / 128.0).collect::<Vec<_>>());
        feeder.set_playing(false);
        pull(&mut source, 50);
        assert_eq!(source.meter.read().consumed(1), 24); // four more while it fades
        assert!(source.meter.read().is_still());
        feeder.set_playing(true);
        pull(&mut source, 10);
        assert_eq!(source.meter.read().consumed(1), 34);
    }

    #[test]
    fn a_ring_takes_over_at_its_frame_and_the_old_one_comes_back() {
        let (mut feeder, mut source) = feed(RATE, 2, Instant::now());
        feeder.set_playing(true);
        feeder.hand_over(ring(1, [0.25; 100], None)).unwrap();
        pull(&mut source, 10);
        feeder.hand_over(ring(2, [0.75; 100], Some((1, 20)))).unwrap();
        let heard = pull(&mut source, 30);
        assert_eq!(heard[..10], [0.25; 10]);
        assert!(heard[10..15].windows(2).all(|pair| pair[0] < pair[1]), "{heard:?}");
        assert_eq!(heard[15..], [0.75; 15]);
        let report = source.meter.read();
        assert_eq!((report.consumed(1), report.consumed(2)), (20, 20));
        assert_eq!(report.source_of(20.0), Some((2, 0.0)));
        assert_eq!(feeder.used.pop().unwrap().id, 1);
    }

    #[test]
    fn a_dry_ring_is_silence_and_ends_the_run() {
        let (mut feeder, mut source) = feed(RATE, 2, Instant::now());
        feeder.set_playing(true);
        feeder.hand_over(ring(1, [1.0; 10], None)).unwrap();
        let heard = pull(&mut source, 20);
        assert_eq!(heard[10..], [0.0; 10]);
        assert_eq!(source.meter.read().source_of(15.0), Some((1, 10.0)));
    }

    #[test]
    fn a_burst_of_seeks_loses_no_ring() {
        let (mut feeder, mut source) = feed(RATE, 2, Instant::now());
        feeder.set_playing(true);
        let mut sent = 0;
        for id in 1..=40 {
            if feeder.hand_over(ring(id, [id as f32; 50], None)).is_ok() {
                sent = id;
            }
        }
        pull(&mut source, 80);
        assert_eq!(source.meter.read().runs[0].ring, sent);
        assert_eq!(std::iter::from_fn(|| feeder.used.pop().ok()).count() as u64, sent - 1);
    }

    #[test]
    fn silence_is_the_zero_of_the_volume() {
        let (mut feeder, mut source) = feed(RATE, 1, Instant::now());
        feeder.set_mix(Mix {
            volume: 0.0,
            ..Mix::default()
        });
        feeder.set_playing(true);
        feeder.hand_over(ring(1, [0.25; 100], None)).unwrap();
        pull(&mut source, 10);
        assert!((0..20).all(|_| source.next() == Some(0.0)));
    }

    fn heard(mix: Mix, samples: &[f32]) -> Vec<Frame> {
        let (mut feeder, mut source) = feed(RATE, 2, Instant::now());
        let (mut producer, frames) = RingBuffer::new(4096);
        for pair in samples.chunks(2) {
            producer.push([pair[0], pair[1]]).unwrap();
        }
        feeder.set_mix(mix);
        feeder.set_playing(true);
        feeder
            .hand_over(Ring {
                id: 1,
                frames,
                after: None,
            })
            .unwrap();
        (0..samples.len() / 2).map(|_| source.next_frame()).collect()
    }

    #[test]
    fn sides_are_mixed_as_one_likes() {
        let sound = [0.5, -0.25].repeat(200);
        let usual = Mix::default();
        for (mix, wanted) in [
            (usual, [0.5, -0.25]),
            (Mix { mono: true, ..usual }, [0.125; 2]),
            (Mix { balance: 1.0, ..usual }, [0.0, -0.25]),
            (Mix { balance: -0.5, ..usual }, [0.5, -0.125]),
        ] {
            // To the bit, as nothing but ones and halves is reckoned with.
            assert!(heard(mix, &sound).last() == Some(&wanted), "{mix:?}");
        }
    }

    #[test]
    fn twice_the_volume_is_louder_and_never_too_loud() {
        let loud = Mix {
            volume: 2.0,
            ..Mix::default()
        };
        let [left, _] = *heard(loud, &[0.05; 400]).last().unwrap();
        assert!((left - 0.4).abs() < 1e-6, "{left}");
        let sound: Vec<f32> = (0..4_000).map(|i| (i as f32 / 7.0).sin() * 0.9).collect();
        let frames = heard(loud, &sound);
        assert!(frames.iter().flatten().all(|sample| sample.abs() <= 1.000_001));
        assert!(frames.iter().flatten().any(|sample| sample.abs() > 0.99));
    }
}
