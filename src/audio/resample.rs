//! From the recording's sample rate to the device's: a windowed sinc, one row of coefficients for each phase.
//!
//! Output frame `k` is the input at `k × in ÷ out` exactly: the filter looks as far ahead as back, so there is no
//! delay to account for, and the clock can be counted in output frames. rodio's own conversion is a straight line
//! between samples, which makes 16 kHz speech dull on a 48 kHz device.

use std::f64::consts::PI;

/// Zero crossings of the sinc on each side.
const CROSSINGS: usize = 16;
/// More phases than this are rounded to the nearest: odd rates would make tables of megabytes.
const MOST_PHASES: u64 = 2048;
/// The shape of the Kaiser window: 80 dB of stop band.
const KAISER_BETA: f64 = 8.0;
/// How much of the band is kept; the rest is the slope of the filter.
const ROLL_OFF: f64 = 0.94;
/// The filter grows with the ratio when rates go down; beyond this ratio it aliases instead of growing on.
const STEEPEST: f64 = 16.0;

/// Resamples a stream of interleaved samples.
pub(super) struct Resample {
    channels: usize,
    from: u64,
    to: u64,
    half: usize,
    phases: u64,
    /// `phases` rows of `2 × half` coefficients.
    table: Vec<f32>,
    /// Input from frame `input_start − half` on; zeros stand before the first.
    input: Vec<f32>,
    input_start: u64,
    received: u64,
    produced: u64,
}

impl Resample {
    /// From one rate to another; equal rates pass the samples through.
    pub fn new(channels: usize, from: u32, to: u32) -> Self {
        let (from, to) = (u64::from(from.max(1)), u64::from(to.max(1)));
        let divisor = greatest_common_divisor(from, to);
        let (from, to) = (from / divisor, to / divisor);
        let phases = to.min(MOST_PHASES);
        let ratio = (from as f64 / to as f64).clamp(1.0, STEEPEST);
        let half = (CROSSINGS as f64 * ratio).ceil() as usize;
        let cutoff = ROLL_OFF / ratio;
        let mut table = Vec::with_capacity(if from == to { 0 } else { phases as usize * 2 * half });
        for phase in 0..if from == to { 0 } else { phases } {
            let fraction = phase as f64 / phases as f64;
            let row: Vec<f64> = (0..2 * half)
                .map(|tap| {
                    let x = tap as f64 - (half as f64 - 1.0) - fraction;
                    cutoff * sinc(cutoff * x) * kaiser(x / half as f64)
                })
                .collect();
            // Each phase passes a constant unchanged, or it would be heard as a tone.
            let sum: f64 = row.iter().sum();
            table.extend(row.iter().map(|c| (c / sum) as f32));
        }
        let channels = channels.max(1);
        let input = vec![0.0; (half - 1) * channels];
        Self {
            channels,
            from,
            to,
            half,
            phases,
            table,
            input,
            input_start: 0,
            received: 0,
            produced: 0,
        }
    }

    /// Takes in samples and appends what can be made of them to `out`.
    pub fn push(&mut self, samples: &[f32], out: &mut Vec<f32>) {
        if self.from == self.to {
            out.extend_from_slice(samples);
            return;
        }
        self.received += (samples.len() / self.channels) as u64;
        self.input.extend_from_slice(samples);
        self.produce(self.received, out);
    }

    /// Says that no more samples come, and appends the rest: `input × out ÷ in` frames in all, rounded up.
    pub fn finish(&mut self, out: &mut Vec<f32>) {
        if self.from == self.to {
            return;
        }
        self.input.resize(self.input.len() + self.half * self.channels, 0.0);
        self.produce(self.received + self.half as u64, out);
    }

    /// Makes all output whose filter lies within the first `available` input frames.
    fn produce(&mut self, available: u64, out: &mut Vec<f32>) {
        loop {
            let position = self.produced * self.from;
            let (mut whole, rest) = (position / self.to, position % self.to);
            if whole >= self.received {
                break;
            }
            let mut phase = (rest * self.phases + self.to / 2) / self.to;
            if phase == self.phases {
                (whole, phase) = (whole + 1, 0);
            }
            if whole + self.half as u64 >= available {
                break;
            }
            let row = phase as usize * 2 * self.half;
            let coefficients = self.table.get(row..row + 2 * self.half).unwrap_or_default();
            let from = (whole - self.input_start) as usize * self.channels;
            let taps = self
                .input
                .get(from..from + 2 * self.half * self.channels)
                .unwrap_or_default();
            if self.channels == 1 {
                out.push(taps.iter().zip(coefficients).map(|(sample, c)| sample * c).sum());
            } else {
                for channel in 0..self.channels {
                    let samples = taps.iter().skip(channel).step_by(self.channels);
                    out.push(samples.zip(coefficients).map(|(sample, c)| sample * c).sum());
                }
            }
            self.produced += 1;
        }
        let done = ((self.produced * self.from / self.to).saturating_sub(self.input_start)) as usize;
        if done > 4096 {
            self.input.drain(..(done * self.channels).min(self.input.len()));
            self.input_start += done as u64;
        }
    }
}

fn greatest_common_divisor(a: u64, b: u64) -> u64 {
    if b == 0 { a } else { greatest_common_divisor(b, a % b) }
}

fn sinc(x: f64) -> f64 {
    if x.abs() < 1e-9 { 1.0 } else { (PI * x).sin() / (PI * x) }
}

/// The Kaiser window over −1 to 1.
fn kaiser(x: f64) -> f64 {
    let bessel = |x: f64| {
        let (mut sum, mut term) = (1.0, 1.0);
        for k in 1..32 {
            term *= (x / 2.0 / f64::from(k)).powi(2);
            sum += term;
        }
        sum
    };
    if x.abs() >= 1.0 {
        0.0
    } else {
        bessel(KAISER_BETA * (1.0 - x * x).sqrt()) / bessel(KAISER_BETA)
    }
}

#[cfg(test)]
mod tests {
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
        for (from, to) in [
            (16_000, 48_000),
            (22_050, 48_000),
            (44_100, 48_000),
            (48_000, 44_100),
            (96_000, 44_100),
            (11_025, 44_101),
        ] {
            let out = run(&sine(1_000.0, from, 8_000), 1, from, to, 577);
            assert_eq!(
                out.len() as u64,
                (8_000 * u64::from(to)).div_ceil(u64::from(from)),
                "{from} to {to}"
            );
            let wanted = sine(1_000.0, to, out.len());
            let edge = 200;
            for i in edge..out.len() - edge {
                assert!(
                    (out[i] - wanted[i]).abs() < 2e-3,
                    "{from} to {to}, frame {i}: {} for {}",
                    out[i],
                    wanted[i]
                );
            }
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
