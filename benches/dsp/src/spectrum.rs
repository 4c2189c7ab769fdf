//! What is measured of sound: spectra, the place of a tone, the beginnings of bursts.

use std::f32::consts::TAU;

use realfft::RealFftPlanner;

/// The powers of one Hann-windowed frame.
pub struct Analyser {
    fft: std::sync::Arc<dyn realfft::RealToComplex<f32>>,
    window: Vec<f32>,
}

impl Analyser {
    pub fn new(size: usize) -> Self {
        let window = (0..size)
            .map(|i| 0.5 - 0.5 * (TAU * i as f32 / size as f32).cos())
            .collect();
        Self {
            fft: RealFftPlanner::new().plan_fft_forward(size),
            window,
        }
    }

    pub fn size(&self) -> usize {
        self.window.len()
    }

    pub fn powers(&self, samples: &[f32]) -> Vec<f32> {
        let mut input: Vec<f32> = samples
            .iter()
            .zip(&self.window)
            .map(|(sample, weight)| sample * weight)
            .collect();
        input.resize(self.size(), 0.0);
        let mut output = self.fft.make_output_vec();
        if self.fft.process(&mut input, &mut output).is_err() {
            return Vec::new();
        }
        output.iter().map(|bin| bin.norm_sqr()).collect()
    }
}

/// The frequency of the strongest tone between two frequencies, in hertz: the centre of its peak.
pub fn tone(samples: &[f32], rate: u32, from: f32, to: f32) -> f32 {
    let analyser = Analyser::new(samples.len());
    let powers = analyser.powers(samples);
    let width = rate as f32 / analyser.size() as f32;
    let bins = (from / width) as usize..(to / width) as usize;
    let peak = bins.max_by(|a, b| powers[*a].total_cmp(&powers[*b])).unwrap_or(0);
    let around = peak.saturating_sub(3)..=peak + 3;
    let (sum, weight) = around.fold((0.0, 0.0), |(sum, weight), bin| {
        (sum + bin as f32 * powers[bin], weight + powers[bin])
    });
    sum / weight * width
}

/// How far two sounds differ, in decibels: the root mean square over the bins up to `top` hertz of the difference of their
/// log spectra, as a mean over the frames in which somebody speaks. `place` says which sample of the first is heard at a
/// sample of the second. Of a few small delays that one counts with which they are most alike: what it costs to be late is
/// another question.
pub fn log_spectral_distance(was: &[f32], is: &[f32], rate: u32, top: f32, place: impl Fn(f64) -> f64) -> f32 {
    const DELAYS_MS: std::ops::RangeInclusive<i32> = -16..=16;
    let analyser = Analyser::new((rate as f32 * 0.025) as usize);
    let bins = (top / rate as f32 * analyser.size() as f32) as usize;
    let half = analyser.size() / 2;
    let at = |sound: &[f32], centre: f64| -> Option<Vec<f32>> {
        let from = (centre.round() as usize).checked_sub(half)?;
        Some(analyser.powers(sound.get(from..from + analyser.size())?))
    };
    let frames: Vec<(f64, Vec<f32>)> = (0..is.len() / (rate as usize / 50))
        .map(|frame| frame as f64 * f64::from(rate) / 50.0)
        .filter_map(|centre| Some((centre, at(is, centre)?)))
        .collect();
    let with_delay = |delay: f64| {
        let pairs: Vec<(Vec<f32>, &Vec<f32>)> = frames
            .iter()
            .filter_map(|(centre, is)| Some((at(was, place(*centre - delay))?, is)))
            .collect();
        let loudness = |powers: &[f32]| powers.iter().take(bins).sum::<f32>();
        let loudest = pairs.iter().map(|(was, _)| loudness(was)).fold(0.0, f32::max);
        let (mut sum, mut count) = (0.0, 0);
        for (was, is) in &pairs {
            if loudness(was) < loudest * 1e-4 {
                continue;
            }
            // Nobody hears what is 60 dB under the loudest bin of the frame.
            let floor = was.iter().fold(0.0_f32, |most, power| most.max(*power)) * 1e-6;
            let squares = was.iter().zip(is.iter()).take(bins).map(|(a, b)| {
                let difference = 10.0 * ((a + floor) / (b + floor)).log10();
                difference * difference
            });
            sum += (squares.sum::<f32>() / bins as f32).sqrt();
            count += 1;
        }
        sum / count as f32
    };
    DELAYS_MS
        .step_by(2)
        .map(|ms| with_delay(f64::from(ms) * f64::from(rate) / 1e3))
        .fold(f32::INFINITY, f32::min)
}

/// Where bursts begin after silence, in samples: the first sample over a tenth of the burst's peak.
pub fn beginnings(samples: &[f32], rate: u32) -> Vec<usize> {
    let quiet = rate as usize / 20;
    let loudest = samples.iter().fold(0.0_f32, |most, sample| most.max(sample.abs()));
    let mut found = Vec::new();
    let mut since = quiet;
    for (index, sample) in samples.iter().enumerate() {
        if sample.abs() > loudest / 10.0 {
            if since >= quiet {
                found.push(index);
            }
            since = 0;
        } else {
            since += 1;
        }
    }
    found
}
