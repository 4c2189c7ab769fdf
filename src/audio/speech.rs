//! How loud a recording is in the bands that speech lives in, fifty times a second: what a transcript is fitted to.
//!
//! It is measured beside the peaks, so it has to be cheap. The sound is folded down and thinned out to about 11 kHz, by
//! means of neighbours and without a proper filter, since only levels are wanted, and each fiftieth of a second is taken
//! apart by one small Fourier transform.

use std::sync::Arc;

use realfft::num_complex::Complex;
use realfft::{RealFftPlanner, RealToComplex};

/// Bands, from the voice's own pitch up to the sibilants.
pub const SPEECH_BANDS: usize = 8;
/// Levels a second.
pub const SPEECH_RATE: u64 = 50;
/// Between these, in Hz, lie the bands.
const EDGES: [f32; SPEECH_BANDS + 1] = [80.0, 250.0, 450.0, 750.0, 1_150.0, 1_700.0, 2_400.0, 3_300.0, 4_500.0];
/// About so many samples a second are looked at.
const THINNED: u32 = 11_025;
/// A level is in half decibels over this many decibels, so that it fits a byte.
const FLOOR_DB: f32 = -110.0;

/// The levels of one fiftieth of a second, in half decibels over −110 dB of full scale.
pub type SpeechLevel = [u8; SPEECH_BANDS];

/// Listens to the blocks of a recording.
pub(super) struct SpeechMeter {
    rate: u64,
    channels: usize,
    /// So many frames become one sample.
    thin: usize,
    transform: Arc<dyn RealToComplex<f32>>,
    shape: Vec<f32>,
    /// The bin of the transform that each band begins with, and the one the last ends with.
    edges: [usize; SPEECH_BANDS + 1],
    /// Stretches that were heard, each with its first level's number.
    heard: Vec<(u64, Vec<SpeechLevel>)>,
    /// The frame that is expected next, the level it belongs to, and the frame that ends that.
    next: u64,
    ends: u64,
    /// A sample that is not complete, and of how many frames it is.
    sum: f32,
    summed: usize,
    samples: Vec<f32>,
    spectrum: Vec<Complex<f32>>,
    scratch: Vec<Complex<f32>>,
}

impl SpeechMeter {
    /// For a recording of this format.
    pub fn new(sample_rate: u32, channels: u16) -> Self {
        let thin = (sample_rate.saturating_add(THINNED / 2) / THINNED).max(1);
        let thinned = sample_rate as f32 / thin as f32;
        // Below 100 Hz nobody speaks; there only has to be some size.
        let samples = (thinned / SPEECH_RATE as f32).ceil().max(2.0) as usize;
        let size = samples.next_power_of_two();
        let transform = RealFftPlanner::new().plan_fft_forward(size);
        let shape = (0..samples)
            .map(|i| 0.5 - 0.5 * (std::f32::consts::TAU * (i as f32 + 0.5) / samples as f32).cos())
            .collect();
        let spectrum = transform.make_output_vec();
        let edges = EDGES.map(|hertz| ((hertz / thinned * size as f32).round() as usize).clamp(1, spectrum.len()));
        Self {
            rate: u64::from(sample_rate.max(1)),
            channels: usize::from(channels.max(1)),
            thin: thin as usize,
            shape,
            edges,
            heard: Vec::new(),
            next: u64::MAX,
            ends: 0,
            sum: 0.0,
            summed: 0,
            samples: Vec::with_capacity(size),
            scratch: transform.make_scratch_vec(),
            spectrum,
            transform,
        }
    }

    /// Takes in a block that begins with this frame. One that does not follow the last begins a new stretch.
    pub fn listen(&mut self, first_frame: u64, samples: &[f32]) {
        if first_frame != self.next {
            self.close();
            // A stretch begins with the first level that is whole.
            let level = first_frame.saturating_mul(SPEECH_RATE).div_ceil(self.rate);
            self.heard.push((level, Vec::new()));
            self.next = first_frame;
            self.ends = self.end_of(level);
        }
        let mut rest = samples;
        while rest.len() >= self.channels {
            let room = usize::try_from(self.ends - self.next).unwrap_or(usize::MAX).max(1);
            let count = room
                .saturating_mul(self.channels)
                .min(rest.len() - rest.len() % self.channels);
            let (now, later) = rest.split_at(count);
            self.thin_out(now);
            self.next += (count / self.channels) as u64;
            if self.next >= self.ends {
                self.close();
            }
            rest = later;
        }
    }

    /// What several have heard of one recording, in order; silence where none of them has listened.
    pub fn together(meters: Vec<Self>) -> Arc<[SpeechLevel]> {
        let mut all = Vec::new();
        for (first, levels) in meters.into_iter().flat_map(Self::finish) {
            let Ok(first) = usize::try_from(first) else { continue };
            if all.len() < first + levels.len() {
                all.resize(first + levels.len(), [0; SPEECH_BANDS]);
            }
            for (slot, level) in all.iter_mut().skip(first).zip(levels) {
                *slot = level;
            }
        }
        all.into()
    }

    fn finish(mut self) -> Vec<(u64, Vec<SpeechLevel>)> {
        // Less than half of one is no level.
        if self.samples.len() * 2 > self.shape.len() {
            self.close();
        }
        self.heard
    }

    fn end_of(&self, level: u64) -> u64 {
        // Below 50 Hz several end at one frame; each still takes a frame at least.
        ((level + 1) * self.rate / SPEECH_RATE).max(self.next + 1)
    }

    fn thin_out(&mut self, mut frames: &[f32]) {
        let group = self.thin * self.channels;
        if self.summed > 0 {
            let missing = (self.thin - self.summed) * self.channels;
            let (now, later) = frames.split_at(missing.min(frames.len()));
            self.sum += now.iter().sum::<f32>();
            self.summed += now.len() / self.channels;
            if self.summed == self.thin {
                self.samples.push(self.sum);
                (self.sum, self.summed) = (0.0, 0);
            }
            frames = later;
        }
        let groups = frames.chunks_exact(group);
        let rest = groups.remainder();
        self.samples.extend(groups.map(|group| group.iter().sum::<f32>()));
        if !rest.is_empty() {
            self.sum = rest.iter().sum();
            self.summed = rest.len() / self.channels;
        }
    }

    /// The level that was being heard is whole.
    fn close(&mut self) {
        if let Some((first, levels)) = self.heard.last_mut()
            && !self.samples.is_empty()
        {
            let mut input = self.transform.make_input_vec();
            for ((slot, sample), shape) in input.iter_mut().zip(&self.samples).zip(&self.shape) {
                *slot = sample * shape;
            }
            let mut level = [0; SPEECH_BANDS];
            let done = self
                .transform
                .process_with_scratch(&mut input, &mut self.spectrum, &mut self.scratch);
            if done.is_ok() {
                // A tone of full scale has half of the sum of the window's values in its bin.
                let scale = 2.0 / (self.shape.len() as f32 * (self.thin * self.channels) as f32);
                for (slot, edges) in level.iter_mut().zip(self.edges.windows(2)) {
                    let &[from, to] = edges else { continue };
                    let band = self.spectrum.get(from..to.max(from)).unwrap_or_default();
                    let energy: f32 = band.iter().map(Complex::norm_sqr).sum();
                    let decibels = 10.0 * (energy * scale * scale).max(1e-20).log10();
                    *slot = ((decibels - FLOOR_DB) * 2.0).clamp(0.0, 255.0) as u8;
                }
            }
            levels.push(level);
            let level = *first + levels.len() as u64;
            self.ends = self.end_of(level);
        }
        self.samples.clear();
        (self.sum, self.summed) = (0.0, 0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tone(hertz: f32, rate: u32, channels: usize, seconds: f32) -> Vec<f32> {
        (0..(rate as f32 * seconds) as usize)
            .flat_map(|i| {
                let value = (std::f32::consts::TAU * hertz * i as f32 / rate as f32).sin() * 0.1;
                std::iter::repeat_n(value, channels)
            })
            .collect()
    }

    #[test]
    fn a_tone_is_loud_in_its_band_at_its_time() {
        for (rate, channels) in [(8_000, 1), (16_000, 1), (44_100, 2), (48_000, 2), (192_000, 6)] {
            let mut samples = vec![0.0; rate as usize * usize::from(channels)];
            samples.extend(tone(1_400.0, rate, usize::from(channels), 1.0));
            let mut meter = SpeechMeter::new(rate, channels);
            let mut at = 0;
            for block in samples.chunks(1_152 * usize::from(channels)) {
                meter.listen(at, block);
                at += (block.len() / usize::from(channels)) as u64;
            }
            let levels = SpeechMeter::together(vec![meter]);
            assert_eq!(levels.len(), 100, "{rate} Hz");
            assert_eq!(levels[49], [0; SPEECH_BANDS], "{rate} Hz");
            let loudest = levels[60].iter().max().unwrap();
            assert_eq!(levels[60][4], *loudest, "{rate} Hz: {:?}", levels[60]);
            let decibels = f32::from(*loudest) / 2.0 + FLOOR_DB;
            assert!((decibels + 20.0).abs() < 7.0, "{rate} Hz: {decibels}");
        }
    }

    #[test]
    fn stretches_come_together_as_if_heard_at_once() {
        let samples = tone(700.0, 44_100, 1, 12.0);
        let mut whole = SpeechMeter::new(44_100, 1);
        whole.listen(0, &samples);
        let mut parts = Vec::new();
        for from in [4, 0, 8] {
            let frame = from * 44_100;
            let mut meter = SpeechMeter::new(44_100, 1);
            meter.listen(frame as u64, &samples[frame..frame + 4 * 44_100]);
            parts.push(meter);
        }
        assert_eq!(SpeechMeter::together(vec![whole]), SpeechMeter::together(parts));
    }
}
