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
/// How much more than its part a ring holds, for the next to fade in over.
const BEYOND_SECS: f64 = 0.010;

/// Which part of the recording a ring holds.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Part {
    /// The recording's frame it begins with.
    pub begins: u64,
    /// The frame it ends before, and a little more, for what follows to fade in over; to the end where it is none.
    pub until: Option<u64>,
    /// How many frames of silence come first, of the device's.
    pub silence: u64,
    /// How often a repeated stretch has turned back.
    pub lap: u64,
}

/// Which frames of a ring are which of the recording.
#[derive(Debug, Clone, Copy)]
pub(super) struct Map {
    /// The ring's number.
    pub ring: u64,
    begins: u64,
    silence: u64,
    /// Recording frames in each frame of the ring.
    pace: f64,
}

impl Map {
    /// The recording's frame at one of the ring's.
    pub fn recording_frame(self, frame: u64) -> u64 {
        let sounding = frame.saturating_sub(self.silence);
        self.begins + (sounding as f64 * self.pace).round() as u64
    }
}

/// A ring being filled.
pub(super) struct Voice {
    map: Map,
    part: Part,
    ring: Producer<Frame>,
    renderer: Renderer,
    ready: Vec<Frame>,
    ready_from: usize,
    produced: u64,
    /// Nothing more comes from the decoder: the end, or it broke.
    drained: bool,
    after: Option<(u64, u64)>,
    sample_rate: u32,
    channels: usize,
    device_rate: u32,
    /// Filled to the brim since it was last half empty.
    resting: bool,
}

impl Voice {
    /// A ring for a part of the recording, at whose beginning the decoder must stand; and its other end.
    pub fn new(
        id: u64,
        decoder: &Decoder,
        part: Part,
        speed: f32,
        device_rate: u32,
        after: Option<(u64, u64)>,
    ) -> (Self, Ring) {
        let (ring, frames) = RingBuffer::new(((f64::from(device_rate) * RING_SECS) as usize).max(1024));
        let sample_rate = decoder.sample_rate();
        let map = Map {
            ring: id,
            begins: part.begins,
            silence: part.silence,
            pace: f64::from(speed) * f64::from(sample_rate) / f64::from(device_rate),
        };
        let voice = Self {
            map,
            part,
            ring,
            renderer: Renderer::new(sample_rate, decoder.channels(), speed, device_rate),
            ready: vec![[0.0; 2]; part.silence as usize],
            ready_from: 0,
            produced: 0,
            drained: false,
            after,
            sample_rate,
            channels: usize::from(decoder.channels()),
            device_rate,
            resting: false,
        };
        (voice, Ring { id, frames, after })
    }

    /// Its number.
    pub fn id(&self) -> u64 {
        self.map.ring
    }

    /// Which of its frames are which of the recording.
    pub fn map(&self) -> Map {
        self.map
    }

    /// The part of the recording it holds, and the ring and frame after which it takes over.
    pub fn part(&self) -> (Part, Option<(u64, u64)>) {
        (self.part, self.after)
    }

    /// The frame at which its part ends, where it does before the recording.
    pub fn end(&self) -> Option<u64> {
        let frames = self.part.until?.saturating_sub(self.part.begins);
        Some(self.part.silence + (frames as f64 / self.map.pace).round() as u64)
    }

    /// How many frames have gone into the ring.
    pub fn produced(&self) -> u64 {
        self.produced
    }

    /// The recording's frame at one of its frames.
    pub fn recording_frame(&self, frame: u64) -> u64 {
        self.map.recording_frame(frame)
    }

    /// What the clock needs to know of it.
    pub fn segment(&self, ticket: u64) -> Segment {
        let micros_per_frame = self.map.pace * 1e6 / f64::from(self.sample_rate);
        Segment {
            ring: self.map.ring,
            ticket,
            lap: self.part.lap,
            silence: self.part.silence,
            begins: media_time(self.part.begins, self.sample_rate),
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
            let last = self.last_frame();
            let block = if decoder.position() < last {
                decoder.next_block()?
            } else {
                None
            };
            if let Some(block) = block {
                let room = last.saturating_sub(block.first_frame) as usize;
                let samples = room.saturating_mul(self.channels);
                let samples = block.samples.get(..samples).unwrap_or(block.samples);
                self.renderer.push(samples, &mut self.ready);
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

    /// The frame of the recording it takes nothing from on: a little behind the end of its part.
    fn last_frame(&self) -> u64 {
        let beyond = (self.map.pace * BEYOND_SECS * f64::from(self.device_rate)).ceil() as u64;
        self.part.until.map_or(u64::MAX, |until| until.saturating_add(beyond))
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
