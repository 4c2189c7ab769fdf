//! One ring being filled: from a frame of the recording on, at one speed, for one device.

use std::time::Duration;

use rtrb::{Producer, RingBuffer};

use super::clock::Segment;
use super::feed::{Frame, Ring};
use super::probe::media_time;
use super::render::Renderer;
use super::{AudioError, Decoder};

/// How much sound a ring holds.
const RING_SECS: f64 = 0.5;
/// How much is decoded before a ring is handed over, so that it does not run dry at once.
const PREFILL_SECS: f64 = 0.030;

/// A ring being filled.
pub(super) struct Voice {
    id: u64,
    ring: Producer<Frame>,
    renderer: Renderer,
    ready: Vec<Frame>,
    ready_from: usize,
    produced: u64,
    /// Nothing more comes from the decoder: the end, or it broke.
    drained: bool,
    begins: u64,
    after: Option<(u64, u64)>,
    sample_rate: u32,
    device_rate: u32,
    /// Recording frames in each frame of the ring.
    pace: f64,
    /// Filled to the brim since it was last half empty.
    resting: bool,
}

impl Voice {
    /// A ring that begins with this frame of the recording, where the decoder must stand; and its other end.
    pub fn new(
        id: u64,
        decoder: &Decoder,
        begins: u64,
        speed: f32,
        device_rate: u32,
        after: Option<(u64, u64)>,
    ) -> (Self, Ring) {
        let (ring, frames) = RingBuffer::new(((f64::from(device_rate) * RING_SECS) as usize).max(1024));
        let sample_rate = decoder.sample_rate();
        let voice = Self {
            id,
            ring,
            renderer: Renderer::new(sample_rate, decoder.channels(), speed, device_rate),
            ready: Vec::new(),
            ready_from: 0,
            produced: 0,
            drained: false,
            begins,
            after,
            sample_rate,
            device_rate,
            pace: f64::from(speed) * f64::from(sample_rate) / f64::from(device_rate),
            resting: false,
        };
        (voice, Ring { id, frames, after })
    }

    /// Its number.
    pub fn id(&self) -> u64 {
        self.id
    }

    /// The recording's frame it began with, and the ring and frame after which it takes over.
    pub fn begins(&self) -> (u64, Option<(u64, u64)>) {
        (self.begins, self.after)
    }

    /// How many frames have gone into the ring.
    pub fn produced(&self) -> u64 {
        self.produced
    }

    /// The recording's frame at one of its frames.
    pub fn recording_frame(&self, frame: u64) -> u64 {
        self.begins + (frame as f64 * self.pace).round() as u64
    }

    /// What the clock needs to know of it.
    pub fn segment(&self, ticket: u64) -> Segment {
        let micros_per_frame = self.pace * 1e6 / f64::from(self.sample_rate);
        Segment {
            ring: self.id,
            ticket,
            begins: media_time(self.begins, self.sample_rate),
            micros_per_frame,
        }
    }

    /// Whether there is enough in it to begin.
    pub fn can_begin(&self) -> bool {
        self.is_complete() || self.produced >= (PREFILL_SECS * f64::from(self.device_rate)) as u64
    }

    /// Whether everything up to the end of the recording has gone into the ring.
    pub fn is_complete(&self) -> bool {
        self.drained && self.ready_from >= self.ready.len()
    }

    /// Stops it where it is: the decoder broke.
    pub fn cut_off(&mut self) {
        self.drained = true;
    }

    /// Puts more into the ring; `false` when there is nothing to do for now.
    pub fn fill(&mut self, decoder: &mut Decoder) -> Result<bool, AudioError> {
        if self.is_complete() {
            return Ok(false);
        }
        let room = self.ring.slots();
        // Filled again only when half of it is gone, so that the thread sleeps for long stretches.
        if room == 0 || (self.resting && 2 * room < self.capacity()) {
            self.resting = true;
            return Ok(false);
        }
        self.resting = false;
        if self.ready_from >= self.ready.len() {
            self.ready.clear();
            self.ready_from = 0;
            if let Some(block) = decoder.next_block()? {
                self.renderer.push(block.samples, &mut self.ready);
            } else {
                self.renderer.finish(&mut self.ready);
                self.drained = true;
            }
        }
        let waiting = self.ready.get(self.ready_from..).unwrap_or_default();
        let (taken, _) = self.ring.push_partial_slice(waiting);
        self.ready_from += taken.len();
        self.produced += taken.len() as u64;
        Ok(true)
    }

    /// When it should be filled again, counted from now.
    pub fn half_empty_in(&self) -> Duration {
        let held = self.capacity().saturating_sub(self.ring.slots());
        let spare = held.saturating_sub(self.capacity() / 2);
        Duration::from_micros(spare as u64 * 1_000_000 / u64::from(self.device_rate.max(1)))
    }

    fn capacity(&self) -> usize {
        self.ring.buffer().capacity()
    }
}
