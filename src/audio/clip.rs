//! The sound of a passage, cut out to the sample; faster or slower, if somebody wants that, with its pitch kept.

use std::io::{self, Seek, Write};

use super::probe::{frame_at, media_time};
use super::stretch::{SPEEDS, Stretch};
use super::wav::{Frames, WavFormat, WavWriter};
use super::{AudioError, AudioSource, Decoder};
use crate::time::{MediaSpan, MediaTime, format_hms_millis};

/// Why a passage could not be cut out.
#[derive(Debug, thiserror::Error)]
pub enum ClipError {
    /// The recording cannot be read.
    #[error(transparent)]
    Audio(#[from] AudioError),
    /// The passage is empty or lies behind the end.
    #[error("nothing lies between {from} and {to}, the recording ends at {end}: {name}")]
    Nothing {
        /// The start that was asked for.
        from: String,
        /// The end that was asked for.
        to: String,
        /// Where the recording ends.
        end: String,
        /// The recording.
        name: String,
    },
    /// The speed cannot be had.
    #[error("a speed is {slowest} to {fastest}, not {speed}")]
    Speed {
        /// What was asked for.
        speed: f64,
        /// The slowest that can be had.
        slowest: f32,
        /// The fastest.
        fastest: f32,
    },
    /// The clip cannot be written.
    #[error("cannot write the clip: {0}")]
    Write(#[source] io::Error),
}

/// Writes the frames of `[span.start, span.end)` as WAV and says how many came of them: at speed 1 exactly these frames,
/// else `frames ÷ speed`, rounded, as the engine would play them. An end behind the recording's counts as the
/// recording's.
///
/// `out` may be a pipe: where the number of frames is known beforehand, as it is but for an end behind that of a
/// recording whose length is an estimate, the file is as it would be anywhere.
pub fn clip(
    source: &AudioSource,
    span: MediaSpan,
    speed: f64,
    format: WavFormat,
    out: impl Write + Seek,
) -> Result<u64, ClipError> {
    let (slowest, fastest) = (*SPEEDS.start(), *SPEEDS.end());
    if !(f64::from(slowest)..=f64::from(fastest)).contains(&f64::from(speed as f32)) {
        return Err(ClipError::Speed {
            speed,
            slowest,
            fastest,
        });
    }
    // So near, the stretch leaves the samples as they are.
    let speed = if (speed - 1.0).abs() < 1e-6 { 1.0 } else { speed };
    let mut decoder = Decoder::open(source)?;
    let rate = decoder.sample_rate();
    let (from, to) = (frame_at(span.start, rate), frame_at(span.end, rate));
    let channels = usize::from(decoder.channels());
    let asked_for = to.saturating_sub(from);
    let frames = Frames {
        expected: there(&decoder, to).map(|to| scaled(to.saturating_sub(from), speed)),
        most: scaled(asked_for, speed),
    };
    let mut pace = Pace::new(rate, channels, speed);
    let mut writer = WavWriter::new(out, format, rate, decoder.channels(), frames);
    decoder.seek_by_decoding(from)?;
    let mut taken = 0;
    while taken < asked_for {
        let Some(block) = decoder.next_block()? else { break };
        let wanted = (to - block.first_frame).min((block.samples.len() / channels) as u64);
        let samples = block.samples.get(..wanted as usize * channels).unwrap_or(block.samples);
        writer.write(pace.push(samples)).map_err(ClipError::Write)?;
        taken += wanted;
    }
    if taken == 0 {
        let shown = |time: MediaTime| format_hms_millis(time - MediaTime::ZERO, '.');
        let end = decoder.measure()?;
        return Err(ClipError::Nothing {
            from: shown(span.start),
            to: shown(span.end),
            end: shown(media_time(end, rate)),
            name: source.name(),
        });
    }
    writer.write(pace.finish(taken)).map_err(ClipError::Write)?;
    writer.finish().map_err(ClipError::Write)?;
    Ok(scaled(taken, speed))
}

/// Where a passage with this end does end, if that can be told.
fn there(decoder: &Decoder, to: u64) -> Option<u64> {
    let length = decoder.length()?;
    if decoder.is_exact() {
        Some(to.min(length))
    } else {
        // An estimate can be wrong, but a passage that it puts inside is there as a rule.
        (to <= length).then_some(to)
    }
}

fn scaled(frames: u64, speed: f64) -> u64 {
    (frames as f64 / speed).round() as u64
}

/// The samples at their speed.
struct Pace {
    stretch: Stretch,
    channels: usize,
    speed: f64,
    /// How many samples came out, and those of the last block.
    handed: u64,
    ready: Vec<f32>,
}

impl Pace {
    fn new(rate: u32, channels: usize, speed: f64) -> Self {
        Self {
            stretch: Stretch::new(rate, channels, speed as f32),
            channels,
            speed,
            handed: 0,
            ready: Vec::new(),
        }
    }

    fn push(&mut self, samples: &[f32]) -> &[f32] {
        self.ready.clear();
        self.stretch.push(samples, &mut self.ready);
        self.handed += self.ready.len() as u64;
        &self.ready
    }

    /// The rest, after so many frames of the recording.
    fn finish(&mut self, taken: u64) -> &[f32] {
        self.ready.clear();
        self.stretch.finish(&mut self.ready);
        // The engine reckons with a speed of 32 bits, which is a few frames in an hour.
        let wanted = scaled(taken, self.speed) * self.channels as u64;
        self.ready.resize(wanted.saturating_sub(self.handed) as usize, 0.0);
        &self.ready
    }
}
