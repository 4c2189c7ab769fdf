//! Resamplers side by side.

use rubato::audioadapter_buffers::direct::SequentialSliceOfVecs;
use rubato::{
    Async, Fft, FixedAsync, FixedSync, Resampler, SincInterpolationParameters, SincInterpolationType, WindowFunction,
};

use crate::spectrum::Analyser;
use crate::{Outcome, timed};

/// The one that Earmark plays with.
#[path = "../../../src/audio/resample.rs"]
mod ours;

/// A telephone, a voice recorder, a compact disc, a studio, each to what devices run at.
const RATES: [(u32, u32); 6] = [
    (8_000, 48_000),
    (16_000, 48_000),
    (22_050, 48_000),
    (44_100, 48_000),
    (48_000, 44_100),
    (96_000, 48_000),
];
/// So much of it is taken, in seconds.
const LENGTH: u32 = 60;

type Resample = fn(&[f32], u32, u32) -> Outcome<Vec<f32>>;

const RESAMPLERS: [(&str, Resample); 4] = [
    ("Earmark", earmark),
    ("rubato Fft", fft),
    ("rubato sinc, 128 taps", sinc),
    ("linear, as rodio's own", linear),
];

pub fn compare() -> Outcome<()> {
    println!(
        "| rates | resampler | a tone at half of the band | at 7/8 of it | loudness there, dB | over the band's end | CPU, s an hour |"
    );
    println!("|---|---|---|---|---|---|---|");
    for (from, to) in RATES {
        for (name, resample) in RESAMPLERS {
            // What both rates can hold.
            let band = from.min(to) as f32 / 2.0;
            let (half, _) = purity(resample, from, to, (band * 0.5).round())?;
            let (high, level) = purity(resample, from, to, (band * 0.875).round())?;
            // Above what the lower rate can hold; what comes of it is not to be heard.
            let over = if to < from {
                let (_, level) = loudness(resample, from, to, (to as f32 * 0.525).round())?;
                format!("{level:.0} dB")
            } else {
                String::new()
            };
            let noise: Vec<f32> = tone(from, band * 0.3, LENGTH);
            let (_, seconds) = timed(|| resample(&noise, from, to))?;
            println!(
                "| {from} to {to} | {name} | {half:.0} dB pure | {high:.0} dB pure | {level:+.1} | {over} | {:.2} |",
                seconds / f64::from(LENGTH) * 3_600.0
            );
        }
    }
    Ok(())
}

fn tone(rate: u32, hertz: f32, seconds: u32) -> Vec<f32> {
    (0..rate * seconds)
        .map(|frame| (std::f64::consts::TAU * f64::from(hertz) * f64::from(frame) / f64::from(rate)).sin() as f32 * 0.5)
        .collect()
}

/// How far everything else lies below the tone, and how loud the tone is beside what went in, in decibels.
fn purity(resample: Resample, from: u32, to: u32, hertz: f32) -> Outcome<(f32, f32)> {
    let (powers, width) = spectrum(resample, from, to, hertz)?;
    let at = (hertz / width).round() as usize;
    // The window spreads the tone over a few bins.
    let own = at.saturating_sub(8)..=at + 8;
    let tone: f32 = powers
        .iter()
        .enumerate()
        .filter(|(bin, _)| own.contains(bin))
        .map(|(_, power)| power)
        .sum();
    let rest: f32 = powers
        .iter()
        .enumerate()
        .filter(|(bin, _)| !own.contains(bin))
        .map(|(_, power)| power)
        .sum();
    Ok((
        10.0 * (tone / rest.max(f32::MIN_POSITIVE)).log10(),
        10.0 * (tone / full(powers.len())).log10(),
    ))
}

/// How loud all that comes out is beside what went in.
fn loudness(resample: Resample, from: u32, to: u32, hertz: f32) -> Outcome<(f32, f32)> {
    let (powers, _) = spectrum(resample, from, to, hertz)?;
    let all: f32 = powers.iter().sum();
    Ok((all, 10.0 * (all / full(powers.len())).max(1e-15).log10()))
}

/// The power of a tone of half the height in the spectrum of a Hann window of twice so many samples.
fn full(bins: usize) -> f32 {
    let size = 2.0 * (bins as f32 - 1.0);
    (0.5 * size / 2.0).powi(2) * 0.375
}

/// The powers of a second from the middle, and the width of a bin.
fn spectrum(resample: Resample, from: u32, to: u32, hertz: f32) -> Outcome<(Vec<f32>, f32)> {
    let out = resample(&tone(from, hertz, 3), from, to)?;
    let analyser = Analyser::new(to as usize);
    let middle = out.get(to as usize..2 * to as usize).ok_or("it is too short")?;
    Ok((analyser.powers(middle), 1.0))
}

fn earmark(samples: &[f32], from: u32, to: u32) -> Outcome<Vec<f32>> {
    let mut resample = ours::Resample::new(1, from, to);
    let mut out = Vec::new();
    for block in samples.chunks(1_152) {
        resample.push(block, &mut out);
    }
    resample.finish(&mut out);
    Ok(out)
}

fn fft(samples: &[f32], from: u32, to: u32) -> Outcome<Vec<f32>> {
    all(
        Fft::<f32>::new(from as usize, to as usize, 1_024, 1, FixedSync::Input)?,
        samples,
    )
}

fn sinc(samples: &[f32], from: u32, to: u32) -> Outcome<Vec<f32>> {
    let parameters = SincInterpolationParameters {
        sinc_len: 128,
        f_cutoff: None,
        interpolation: SincInterpolationType::Linear,
        oversampling_factor: 512,
        window: WindowFunction::Blackman2,
    };
    let ratio = f64::from(to) / f64::from(from);
    all(
        Async::<f32>::new_sinc(ratio, 1.0, &parameters, 1_024, 1, FixedAsync::Input)?,
        samples,
    )
}

fn all(mut resampler: impl Resampler<f32>, samples: &[f32]) -> Outcome<Vec<f32>> {
    let input = vec![samples.to_vec()];
    let input = SequentialSliceOfVecs::new(&input, 1, samples.len()).map_err(|error| format!("{error:?}"))?;
    let out = resampler.process_all(&input, samples.len(), None)?;
    Ok(out.take_data())
}

fn linear(samples: &[f32], from: u32, to: u32) -> Outcome<Vec<f32>> {
    let frames = samples.len() as u64 * u64::from(to) / u64::from(from);
    Ok((0..frames)
        .map(|frame| {
            let place = frame as f64 * f64::from(from) / f64::from(to);
            let (whole, rest) = (place as usize, place.fract() as f32);
            let next = samples.get(whole + 1).copied().unwrap_or_default();
            samples[whole] * (1.0 - rest) + next * rest
        })
        .collect())
}
