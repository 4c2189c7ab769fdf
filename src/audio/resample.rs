//! From the recording's sample rate to the device's, by the resamplers of rubato.
//!
//! Output frame `k` is the input at `k × in ÷ out`: the resampler's delay is taken off, so that the clock can be counted
//! in output frames. rodio's own conversion is a straight line between samples, which makes 16 kHz speech dull on a
//! 48 kHz device.

use rubato::audioadapter_buffers::direct::InterleavedSlice;
use rubato::{
    Async, Fft, FixedAsync, FixedSync, Resampler, SincInterpolationParameters, SincInterpolationType, WindowFunction,
};

/// About how many input frames are worked on at a time: what a seek has to decode before it is heard.
const CHUNK: usize = 256;
/// Rates with a longer common period than this would make the chunk longer as well.
const LONGEST_PERIOD: usize = 1024;
/// For such rates: the length of the filter, and at how many places between two samples it is known.
const SINC: (usize, usize) = (128, 256);

/// Resamples a stream of interleaved samples.
pub(super) struct Resample {
    channels: usize,
    from: u64,
    to: u64,
    /// None where there is nothing to do.
    resampler: Option<Box<dyn Resampler<f32>>>,
    /// What waits for a chunk to be full.
    input: Vec<f32>,
    chunk: Vec<f32>,
    /// Frames to come that are the resampler's delay and no sound.
    delay: usize,
    received: u64,
    produced: u64,
}

impl Resample {
    /// From one rate to another; equal rates pass the samples through, and so do rates that nobody can resample.
    pub fn new(channels: usize, from: u32, to: u32) -> Self {
        let channels = channels.max(1);
        let resampler = (from != to)
            .then(|| resampler(channels, from.max(1) as usize, to.max(1) as usize))
            .flatten();
        let (resampler, delay) = resampler.unzip();
        let delay = delay.unwrap_or(0);
        let most = resampler.as_ref().map_or(0, |resampler| resampler.output_frames_max());
        Self {
            channels,
            from: u64::from(from.max(1)),
            to: u64::from(to.max(1)),
            resampler,
            input: Vec::new(),
            chunk: vec![0.0; most * channels],
            delay,
            received: 0,
            produced: 0,
        }
    }

    /// Takes in samples and appends what can be made of them to `out`.
    pub fn push(&mut self, samples: &[f32], out: &mut Vec<f32>) {
        if self.resampler.is_none() {
            out.extend_from_slice(samples);
            return;
        }
        self.received += (samples.len() / self.channels) as u64;
        self.input.extend_from_slice(samples);
        while self.resample_chunk(out) {}
    }

    /// Says that no more samples come, and appends the rest: `input × out ÷ in` frames in all, rounded up.
    pub fn finish(&mut self, out: &mut Vec<f32>) {
        let length = (self.received * self.to).div_ceil(self.from);
        while self.produced < length {
            let Some(resampler) = &self.resampler else { return };
            let frames = resampler.input_frames_next();
            self.input.resize((frames * self.channels).max(self.input.len()), 0.0);
            if !self.resample_chunk(out) {
                break;
            }
        }
        let surplus = self.produced.saturating_sub(length) as usize * self.channels;
        out.truncate(out.len().saturating_sub(surplus));
        self.produced = self.produced.min(length);
    }

    /// Resamples a chunk, if there is one.
    fn resample_chunk(&mut self, out: &mut Vec<f32>) -> bool {
        let Some(resampler) = &mut self.resampler else {
            return false;
        };
        let frames = resampler.input_frames_next();
        if self.input.len() < frames * self.channels {
            return false;
        }
        let room = self.chunk.len() / self.channels;
        let made = InterleavedSlice::new(&self.input, self.channels, frames)
            .ok()
            .zip(InterleavedSlice::new_mut(&mut self.chunk, self.channels, room).ok())
            .and_then(|(input, mut chunk)| resampler.process_into_buffer(&input, &mut chunk, None).ok());
        // The sizes are those that it asks for, so that it does not fail.
        let Some((taken, made)) = made else {
            self.resampler = None;
            return false;
        };
        self.input.drain(..taken * self.channels);
        let silent = self.delay.min(made);
        self.delay -= silent;
        let heard = self.chunk.get(silent * self.channels..made * self.channels);
        out.extend_from_slice(heard.unwrap_or_default());
        self.produced += (made - silent) as u64;
        taken > 0
    }
}

/// By Fourier transforms where the rates have a short common period, as all usual ones have: purer and faster than a
/// table of coefficients, and its delay, given with it, is a whole number of frames.
fn resampler(channels: usize, from: usize, to: usize) -> Option<(Box<dyn Resampler<f32>>, usize)> {
    let period = from / greatest_common_divisor(from, to);
    if period.max(to / greatest_common_divisor(from, to)) <= LONGEST_PERIOD {
        // An even number of periods, so that half of them, the delay, is a whole number of frames.
        let chunk = CHUNK.div_ceil(2 * period) * 2 * period;
        let window = WindowFunction::BlackmanHarris2;
        let fft = Fft::new_custom(from, to, chunk, 1, channels, window, FixedSync::Both).ok()?;
        let delay = fft.output_delay();
        return Some((Box::new(fft), delay));
    }
    let parameters = SincInterpolationParameters {
        sinc_len: SINC.0,
        f_cutoff: None,
        oversampling_factor: SINC.1,
        interpolation: SincInterpolationType::Quadratic,
        window: WindowFunction::BlackmanHarris2,
    };
    let ratio = to as f64 / from as f64;
    let sinc = Async::new_sinc(ratio, 1.0, &parameters, CHUNK, channels, FixedAsync::Input).ok()?;
    // Its first frame is the one behind the place where the filter begins.
    let delay = (SINC.0 as f64 / 2.0 * ratio - 1.0).round() as usize;
    Some((Box::new(sinc), delay))
}

fn greatest_common_divisor(a: usize, b: usize) -> usize {
    if b == 0 { a } else { greatest_common_divisor(b, a % b) }
}

#[cfg(test)]
mod tests {
    use std::f64::consts::PI;

    use super::*;

    fn run(input: &[f32], channels: usize, from: u32, to: u32, block: usize) -> Vec<f32> {
        let mut resample = Resample::new(channels, from, to);
        let mut out = Vec::new();
        for part in input.chunks(block * channels) {
            resample.push(part, &mut out);
        }
        resample.finish(&mut out);
        out
    }

    fn sine(hertz: f64, rate: u32, frames: usize) -> Vec<f32> {
        (0..frames)
            .map(|i| (2.0 * PI * hertz * i as f64 / f64::from(rate)).sin() as f32)
            .collect()
    }

    #[test]
    fn a_sine_comes_out_as_the_same_sine() {
        for (from, to, allowed) in [
            (16_000, 48_000, 2e-4),
            (22_050, 48_000, 2e-4),
            (44_100, 48_000, 2e-4),
            (48_000, 44_100, 2e-4),
            (96_000, 44_100, 2e-4),
            // Rates that no device has: right to a frame.
            (11_025, 44_101, 0.15),
        ] {
            let out = run(&sine(1_000.0, from, 8_000), 1, from, to, 577);
            let length = (8_000 * u64::from(to)).div_ceil(u64::from(from));
            assert_eq!(out.len() as u64, length, "{from} to {to}");
            let wanted = sine(1_000.0, to, out.len());
            // The sudden beginning and end have every frequency in them.
            let edge = 600;
            for i in edge..out.len() - edge {
                let off = (out[i] - wanted[i]).abs();
                assert!(off < allowed, "{from} to {to}, frame {i}: {} for {}", out[i], wanted[i]);
            }
        }
    }

    #[test]
    fn the_beginning_is_where_it_was() {
        for (from, to) in [
            (16_000, 48_000),
            (44_100, 48_000),
            (48_000, 44_100),
            (11_025, 44_101),
            (44_101, 11_025),
        ] {
            let mut input = vec![0.0; from as usize];
            input[from as usize / 2] = 1.0;
            let out = run(&input, 1, from, to, 1_152);
            let wanted = f64::from(from / 2) * f64::from(to) / f64::from(from);
            let loudest = (0..out.len()).max_by(|a, b| out[*a].abs().total_cmp(&out[*b].abs()));
            let off = loudest.unwrap() as f64 - wanted;
            assert!(off.abs() <= 1.0, "{from} to {to}: {off}");
        }
    }

    #[test]
    fn any_rates_can_be_asked_for() {
        for (from, to) in [(100, 48_000), (99_991, 44_100), (1_536_000, 8_000), (8_000, 7_999)] {
            let out = run(&sine(1.0, 8_000, 4_000), 1, from, to, 577);
            let length = (4_000 * u64::from(to)).div_ceil(u64::from(from));
            assert_eq!(out.len() as u64, length, "{from} to {to}");
        }
    }

    #[test]
    fn what_the_lower_rate_cannot_hold_is_filtered_out() {
        let out = run(&sine(20_000.0, 48_000, 20_000), 1, 48_000, 16_000, 1_000);
        assert!(out[200..out.len() - 200].iter().all(|s| s.abs() < 1e-3));
    }

    #[test]
    fn equal_rates_are_transparent_and_blocks_do_not_matter() {
        let input = sine(700.0, 44_100, 9_999);
        assert_eq!(run(&input, 1, 44_100, 44_100, 100), input);
        let stereo: Vec<f32> = input.iter().flat_map(|&s| [s, -s]).collect();
        let out = run(&stereo, 2, 44_100, 48_000, 64);
        assert_eq!(out, run(&stereo, 2, 44_100, 48_000, 4_001));
        assert!(out.chunks(2).all(|frame| (frame[0] + frame[1]).abs() < 1e-9));
    }
}
