//! Stretchers side by side.

use std::num::{NonZeroU16, NonZeroU32};
use std::path::Path;
use std::process::Command;

use crate::spectrum::{beginnings, log_spectral_distance, tone};
use crate::{Outcome, timed};

/// The one that Earmark plays with.
#[path = "../../../src/audio/stretch.rs"]
mod ours;

const SPEEDS: [f32; 4] = [0.5, 1.5, 2.0, 3.0];
/// What speech says lies below.
const TOP: f32 = 8_000.0;
/// The pitch that has to stay: a man's voice.
const PITCH: f32 = 130.0;

/// One channel at a rate and a speed.
type Stretcher = fn(&[f32], u32, f32) -> Outcome<Vec<f32>>;

const STRETCHERS: [(&str, Stretcher); 6] = [
    ("Earmark", earmark),
    ("wsola", wsola),
    ("timestretch", timestretch),
    ("signalsmith-stretch", signalsmith),
    ("ffmpeg atempo", |samples, rate, speed| {
        ffmpeg(samples, rate, &format!("atempo={speed}"))
    }),
    ("ffmpeg rubberband", |samples, rate, speed| {
        ffmpeg(samples, rate, &format!("rubberband=tempo={speed}"))
    }),
];

pub fn compare(path: &Path) -> Outcome<()> {
    let mut speech = hound::WavReader::open(path)?;
    let rate = speech.spec().sample_rate;
    let samples: Vec<f32> = speech
        .samples::<i16>()
        .map(|sample| Ok(f32::from(sample?) / 32_768.0))
        .collect::<Outcome<_>>()?;
    let bursts = bursts(rate);
    let begun = beginnings(&bursts, rate);
    let voice = voice(rate);
    println!(
        "| speed | stretcher | log-spectral distance, dB | beginnings late, ms | spread of that, 95 of 100, ms | pitch, cents | length, % | CPU, s an hour heard |"
    );
    println!("|---|---|---|---|---|---|---|---|");
    for speed in SPEEDS {
        for (name, stretch) in STRETCHERS {
            let Ok((out, seconds)) = timed(|| stretch(&samples, rate, speed)) else {
                println!("| {speed} | {name} | not here | | | | | |");
                continue;
            };
            let heard = out.len() as f64 / f64::from(rate);
            let length = (out.len() as f64 * f64::from(speed) / samples.len() as f64 - 1.0) * 100.0;
            // A burst each, in order; one that is lost or doubled would show as a spread of seconds.
            let late: Vec<f64> = beginnings(&stretch(&bursts, rate, speed)?, rate)
                .iter()
                .zip(&begun)
                .map(|(is, was)| (*is as f64 - *was as f64 / f64::from(speed)) * 1e3 / f64::from(rate))
                .collect();
            let median = rank(&late, 0.5);
            let spread = rank(&late.iter().map(|late| (late - median).abs()).collect::<Vec<_>>(), 0.95);
            let pitched = stretch(&voice, rate, speed)?;
            // A second from the middle, with nothing of its ends.
            let middle = pitched.get(pitched.len() / 2 - rate as usize..pitched.len() / 2 + rate as usize);
            let pitch = tone(middle.ok_or("it is too short")?, rate, PITCH * 0.9, PITCH * 1.1);
            let cents = 1_200.0 * (pitch / PITCH).log2();
            let distance = log_spectral_distance(&samples, &out, rate, TOP, |frame| frame * f64::from(speed));
            println!(
                "| {speed} | {name} | {distance:.2} | {median:+.1} | {spread:.1} | {cents:+.1} | {length:+.3} | {:.2} |",
                seconds / heard * 3_600.0
            );
        }
    }
    Ok(())
}

fn rank(values: &[f64], share: f64) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted
        .get(((sorted.len() as f64 * share) as usize).min(sorted.len().saturating_sub(1)))
        .copied()
        .unwrap_or(f64::NAN)
}

/// Short tones at uneven distances, each beginning at its full height: as a consonant does.
fn bursts(rate: u32) -> Vec<f32> {
    let mut samples = vec![0.0; 60 * rate as usize];
    let mut state = 7_u64;
    let mut at = rate as usize / 2;
    while at + rate as usize / 2 < samples.len() {
        for (index, sample) in samples[at..].iter_mut().take(rate as usize * 150 / 1_000).enumerate() {
            *sample = 0.5 * (std::f32::consts::TAU * 500.0 * index as f32 / rate as f32).cos();
        }
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        at += rate as usize * (500 + (state >> 33) as usize % 500) / 1_000;
    }
    samples
}

/// Twenty seconds of a held vowel: harmonics that grow softer.
fn voice(rate: u32) -> Vec<f32> {
    (0..20 * rate)
        .map(|frame| {
            let phase = std::f64::consts::TAU * f64::from(PITCH) * f64::from(frame) / f64::from(rate);
            (1..20)
                .map(|harmonic| (phase * f64::from(harmonic)).sin() as f32 / harmonic as f32)
                .sum::<f32>()
                * 0.2
        })
        .collect()
}

fn earmark(samples: &[f32], rate: u32, speed: f32) -> Outcome<Vec<f32>> {
    let mut stretch = ours::Stretch::new(rate, 1, speed);
    let mut out = Vec::new();
    for block in samples.chunks(1_152) {
        stretch.push(block, &mut out);
    }
    stretch.finish(&mut out);
    Ok(out)
}

fn wsola(samples: &[f32], rate: u32, speed: f32) -> Outcome<Vec<f32>> {
    Ok(wsola::stretch(
        samples,
        NonZeroU32::new(rate).ok_or("no rate")?,
        NonZeroU16::MIN,
        speed,
    )?)
}

fn timestretch(samples: &[f32], rate: u32, speed: f32) -> Outcome<Vec<f32>> {
    use timestretch::{Parameters, SessionConfig, TempoRate, render};
    let tempo = TempoRate::new(f64::from(speed)).map_err(|error| format!("{error:?}"))?;
    let config = SessionConfig {
        source_sample_rate: rate,
        output_sample_rate: rate,
        channels: 1,
        parameters: Parameters::keylock(tempo),
        ..SessionConfig::default()
    };
    Ok(render(samples, config).map_err(|error| format!("{error:?}"))?.samples)
}

fn signalsmith(samples: &[f32], rate: u32, speed: f32) -> Outcome<Vec<f32>> {
    let mut stretch = ssstretch::Stretch::new();
    stretch.preset_default(1, rate as f32);
    // It is told of what it looks ahead for, and what comes out before its first sample is taken off.
    let ahead = stretch.input_latency() as usize;
    let behind = stretch.output_latency() as usize;
    let mut input = samples.to_vec();
    input.resize(
        samples.len() + ahead + (behind as f32 * speed).ceil() as usize + rate as usize,
        0.0,
    );
    stretch.seek_vec(&[input[..ahead].to_vec()], ahead as i32, f64::from(speed));
    let length = (samples.len() as f64 / f64::from(speed)).round() as usize;
    let mut out = Vec::new();
    let (mut taken, mut made) = (ahead, 0_usize);
    while made < length + behind {
        let frames = 1_024.min(length + behind - made);
        let until = ahead + ((made + frames) as f64 * f64::from(speed)).round() as usize;
        let block = input.get(taken..until).ok_or("there is too little sound")?.to_vec();
        let mut heard = vec![Vec::new()];
        stretch.process_vec(&[block], (until - taken) as i32, &mut heard, frames as i32);
        out.append(&mut heard[0]);
        (taken, made) = (until, made + frames);
    }
    Ok(out.split_off(behind))
}

/// A program; what it takes to read and write the files counts as well.
fn ffmpeg(samples: &[f32], rate: u32, filter: &str) -> Outcome<Vec<f32>> {
    let folder = std::env::temp_dir().join(format!("earmark-dsp-{}", std::process::id()));
    std::fs::create_dir_all(&folder)?;
    let (before, after) = (folder.join("before.wav"), folder.join("after.wav"));
    let spec = hound::WavSpec {
        channels: 1,
        sample_rate: rate,
        bits_per_sample: 32,
        sample_format: hound::SampleFormat::Float,
    };
    let mut writer = hound::WavWriter::create(&before, spec)?;
    for sample in samples {
        writer.write_sample(*sample)?;
    }
    writer.finalize()?;
    let status = Command::new("ffmpeg")
        .args(["-v", "error", "-y", "-threads", "1", "-i"])
        .arg(&before)
        .args(["-filter:a", filter, "-c:a", "pcm_f32le"])
        .arg(&after)
        .status()?;
    if !status.success() {
        return Err("it failed".into());
    }
    let out = hound::WavReader::open(&after)?
        .samples::<f32>()
        .collect::<Result<_, _>>()?;
    std::fs::remove_dir_all(&folder)?;
    Ok(out)
}
