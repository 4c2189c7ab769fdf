//! Speed without a change of pitch: waveform-similarity overlap-add (WSOLA, Verhelst and Roelands 1993).
//!
//! Pieces of 20 ms are taken from the recording at `speed` times the pace at which they are laid down, each shifted by
//! up to 8 ms to where it fits best onto the one before. For a single voice that sounds cleaner than a phase vocoder,
//! which smears the consonants, and costs far less. The centre of each piece stays within the shift of its true
//! place, so `input frame = output frame × speed` holds at every instant without drift, and the lengths hold exactly.

use std::f32::consts::PI;
use std::ops::RangeInclusive;

/// From the slowest speed to the fastest.
pub const SPEEDS: RangeInclusive<f32> = 0.4..=4.0;

/// A speed that can be had; what is no number counts as 1.
pub(super) fn possible(speed: f32) -> f32 {
    if speed.is_finite() {
        speed.clamp(*SPEEDS.start(), *SPEEDS.end())
    } else {
        1.0
    }
}

/// Half a piece: how far apart the pieces are laid down. Longer than a pitch period of a deep voice.
const HOP_SECS: f64 = 0.010;
/// How far a piece may be shifted. Two shifts span the longest pitch period of speech, so a fit is always in reach.
const SHIFT_SECS: f64 = 0.008;
/// The fit is first sought on every fourth place, then around the best one.
const COARSE: usize = 4;
/// Where the sound is so many times louder than what would go on, something begins: there is nothing to fit it to, and it
/// is to begin at its time.
const ONSET: f32 = 10.0;
/// How much less a fit at the end of the shift counts than one at the true place.
const OFF_PLACE: f32 = 0.5;

/// Stretches a stream of interleaved samples.
pub(super) struct Stretch {
    channels: usize,
    speed: f64,
    hop: usize,
    shift: usize,
    window: Vec<f32>,
    /// Input not yet done with, from `input_start` on (in frames), and its channels summed for comparing.
    input: Vec<f32>,
    mono: Vec<f32>,
    input_start: u64,
    received: u64,
    finished: bool,
    /// Which piece comes next, and where the one before was taken.
    piece: u64,
    previous: u64,
    /// The fading half of the piece before, to be overlapped.
    tail: Vec<f32>,
    produced: u64,
}

impl Stretch {
    /// For a stream of this format. The speed is clamped to 0.4 to 4.0; at 1.0 the samples pass through untouched.
    pub fn new(sample_rate: u32, channels: usize, speed: f32) -> Self {
        let speed = f64::from(possible(speed));
        let hop = ((f64::from(sample_rate) * HOP_SECS) as usize).max(8);
        let shift = ((f64::from(sample_rate) * SHIFT_SECS) as usize).max(4);
        let window = (0..hop)
            .map(|i| 0.5 - 0.5 * (PI * (i as f32 + 0.5) / hop as f32).cos())
            .collect();
        Self {
            channels: channels.max(1),
            speed,
            hop,
            shift,
            window,
            input: Vec::new(),
            mono: Vec::new(),
            input_start: 0,
            received: 0,
            finished: false,
            piece: 0,
            previous: 0,
            tail: Vec::new(),
            produced: 0,
        }
    }

    /// Takes in samples and appends what can be made of them to `out`.
    pub fn push(&mut self, samples: &[f32], out: &mut Vec<f32>) {
        if self.passes_through() {
            out.extend_from_slice(samples);
            return;
        }
        self.input.extend_from_slice(samples);
        self.mono.extend(
            samples
                .chunks_exact(self.channels)
                .map(|frame| frame.iter().sum::<f32>()),
        );
        self.received += (samples.len() / self.channels) as u64;
        while self.lay_piece(out) {}
    }

    /// Says that no more samples come, and appends the rest. The whole output then has `input ÷ speed` frames, rounded.
    pub fn finish(&mut self, out: &mut Vec<f32>) {
        if self.passes_through() || self.finished {
            return;
        }
        self.finished = true;
        while self.produced < self.length() && self.lay_piece(out) {}
    }

    fn passes_through(&self) -> bool {
        (self.speed - 1.0).abs() < 1e-6
    }

    /// How many frames the output has in the end.
    fn length(&self) -> u64 {
        (self.received as f64 / self.speed).round() as u64
    }

    /// Lays down the next piece, if all the input it may need is there. Half a piece of output is then ready.
    fn lay_piece(&mut self, out: &mut Vec<f32>) -> bool {
        let hop = self.hop as u64;
        let centre = (self.piece + 1) * hop;
        let place = ((centre as f64 * self.speed) as u64).saturating_sub(hop);
        let latest = place.max(self.previous + hop) + self.shift as u64 + 2 * hop;
        if !self.finished && self.received < latest {
            return false;
        }
        let taken = if self.piece == 0 { 0 } else { self.best_fit(place) };
        let first = self.piece == 0;
        let ready_from = out.len();
        for i in 0..self.hop {
            let rising = if first {
                1.0
            } else {
                self.window.get(i).copied().unwrap_or(0.0)
            };
            for channel in 0..self.channels {
                let fading = self.tail.get(i * self.channels + channel).copied().unwrap_or(0.0);
                out.push(fading + rising * self.sample(taken + i as u64, channel));
            }
        }
        self.tail.clear();
        for i in 0..self.hop {
            let fading = self.window.get(self.hop - 1 - i).copied().unwrap_or(0.0);
            for channel in 0..self.channels {
                let sample = self.sample(taken + hop + i as u64, channel);
                self.tail.push(fading * sample);
            }
        }
        self.piece += 1;
        self.previous = taken;
        self.produced += hop;
        if self.finished && self.produced > self.length() {
            let surplus = (self.produced - self.length()) as usize * self.channels;
            out.truncate(out.len().saturating_sub(surplus).max(ready_from));
        }
        self.forget();
        true
    }

    /// Where, at most a shift from `place`, the sound goes on most like it would have after the piece before.
    fn best_fit(&self, place: u64) -> u64 {
        let natural = self.previous + self.hop as u64;
        if self.energy(place) > ONSET * self.energy(natural) {
            return place;
        }
        let from = place.saturating_sub(self.shift as u64);
        let to = place + self.shift as u64;
        let shift = self.shift as f32;
        let score = |at: u64| {
            let off = at.abs_diff(place) as f32 / shift;
            self.likeness(natural, at) * (1.0 - OFF_PLACE * off * off)
        };
        let best = |places: &mut dyn Iterator<Item = u64>, first: u64| {
            let first = (score(first), first);
            let scored = places.map(|at| (score(at), at));
            scored
                .fold(first, |best, next| if next.0 > best.0 { next } else { best })
                .1
        };
        let around = best(&mut (from..=to).step_by(COARSE), place);
        let fine = COARSE as u64 - 1;
        best(
            &mut (around.saturating_sub(fine).max(from)..=(around + fine).min(to)),
            around,
        )
    }

    /// The hop that begins at a place, its channels summed.
    fn hop_at(&self, at: u64) -> &[f32] {
        let from = (at.saturating_sub(self.input_start) as usize).min(self.mono.len());
        self.mono
            .get(from..(from + self.hop).min(self.mono.len()))
            .unwrap_or_default()
    }

    fn energy(&self, at: u64) -> f32 {
        self.hop_at(at).iter().map(|sample| sample * sample).sum()
    }

    /// How alike the hops beginning at two places are: the correlation over the energy of the second.
    fn likeness(&self, a: u64, b: u64) -> f32 {
        let (mut product, mut energy) = (0.0, 1e-9);
        for (x, y) in self.hop_at(a).iter().zip(self.hop_at(b)) {
            product += x * y;
            energy += y * y;
        }
        product / energy.sqrt()
    }

    fn sample(&self, frame: u64, channel: usize) -> f32 {
        let at = frame.saturating_sub(self.input_start) as usize * self.channels + channel;
        self.input.get(at).copied().unwrap_or(0.0)
    }

    /// Drops the input that no later piece can reach.
    fn forget(&mut self) {
        let hop = self.hop as u64;
        let place = (((self.piece + 1) * hop) as f64 * self.speed) as u64;
        let needed = place.saturating_sub(hop + self.shift as u64).min(self.previous + hop);
        let done = (needed.saturating_sub(self.input_start) as usize).min(self.mono.len());
        // Moving the rest to the front costs; a second's worth at a time keeps that rare.
        if done > 100 * self.hop {
            self.input.drain(..done * self.channels);
            self.mono.drain(..done);
            self.input_start += done as u64;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RATE: u32 = 16_000;

    fn run(input: &[f32], channels: usize, speed: f32, block: usize) -> Vec<f32> {
        let mut stretch = Stretch::new(RATE, channels, speed);
        let mut out = Vec::new();
        for part in input.chunks(block * channels) {
            stretch.push(part, &mut out);
        }
        stretch.finish(&mut out);
        out
    }

    fn sine(hertz: f32, frames: usize) -> Vec<f32> {
        (0..frames)
            .map(|i| (2.0 * PI * hertz * i as f32 / RATE as f32).sin())
            .collect()
    }

    fn rising_crossings(samples: &[f32]) -> usize {
        samples
            .windows(2)
            .filter(|pair| pair[0] < 0.0 && pair[1] >= 0.0)
            .count()
    }

    #[test]
    fn lengths_hold_to_the_frame() {
        for speed in [0.5, 0.75, 0.9, 1.0, 1.1, 1.25, 1.5, 2.0, 2.7, 3.0] {
            for frames in [0, 1, 100, 1_600, 16_001, 40_000] {
                let out = run(&sine(200.0, frames), 1, speed, 577);
                let expected = (frames as f64 / f64::from(speed)).round() as usize;
                assert_eq!(out.len(), expected, "{frames} frames at {speed}");
            }
        }
    }

    #[test]
    fn speed_one_is_transparent() {
        let input = sine(313.0, 5_000);
        assert_eq!(run(&input, 1, 1.0, 333), input);
    }

    #[test]
    fn the_pitch_stays() {
        for speed in [0.5, 0.8, 1.3, 2.0, 3.0] {
            for hertz in [110.0, 220.0, 440.0] {
                let out = run(&sine(hertz, 64_000), 1, speed, 1_152);
                let middle = &out[1_600..out.len() - 1_600];
                let measured = rising_crossings(middle) as f32 * RATE as f32 / middle.len() as f32;
                assert!(
                    (measured - hertz).abs() < hertz * 0.02,
                    "{hertz} Hz at {speed} became {measured}"
                );
                let loudest = middle.iter().fold(0.0_f32, |peak, s| peak.max(s.abs()));
                let quietest_peak = middle
                    .chunks(400)
                    .map(|c| c.iter().fold(0.0_f32, |p, s| p.max(s.abs())))
                    .fold(2.0, f32::min);
                assert!(
                    loudest < 1.1 && quietest_peak > 0.8,
                    "{hertz} at {speed}: {quietest_peak} to {loudest}"
                );
            }
        }
    }

    #[test]
    fn events_stay_at_their_place() {
        // A burst each half second; its place in the output must be the input's over the speed.
        let mut input = vec![0.0; 64_000];
        for burst in (4_000..60_000).step_by(8_000) {
            input[burst..burst + 400].copy_from_slice(&sine(500.0, 400));
        }
        for speed in [0.5, 0.7, 1.4, 2.0, 3.0] {
            let out = run(&input, 1, speed, 1_152);
            for burst in (4_000..60_000_usize).step_by(8_000) {
                let expected = (burst + 200) as f32 / speed;
                let near = (expected - 1_200.0) as usize..(expected + 1_200.0) as usize;
                let weight = |i: usize| out[i] * out[i];
                let total: f32 = near.clone().map(weight).sum();
                let centre = near.map(|i| i as f32 * weight(i)).sum::<f32>() / total;
                let off = (centre - expected).abs() / RATE as f32;
                assert!(off < 0.012, "burst at {burst}, speed {speed}: {off} s off");
            }
        }
    }

    #[test]
    fn channels_stay_apart_and_blocks_do_not_matter() {
        let stereo: Vec<f32> = sine(200.0, 20_000).iter().flat_map(|&s| [s, 0.0]).collect();
        let out = run(&stereo, 2, 1.7, 1_000);
        assert!(out.chunks(2).all(|frame| frame[1] == 0.0));
        assert_eq!(out, run(&stereo, 2, 1.7, 37));
    }
}
