//! The sound of a passage, cut out to the sample.

use std::io::{self, Seek, Write};

use super::probe::{frame_at, media_time};
use super::wav::{WavFormat, WavWriter};
use super::{AudioError, AudioSource, Decoder};
use crate::time::{MediaSpan, format_hms_millis};

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
    /// The clip cannot be written.
    #[error("cannot write the clip: {0}")]
    Write(#[source] io::Error),
}

/// Writes exactly the frames of `[span.start, span.end)` as WAV and says how many they were. An end behind the
/// recording's counts as the recording's.
pub fn clip(
    source: &AudioSource,
    span: MediaSpan,
    format: WavFormat,
    out: impl Write + Seek,
) -> Result<u64, ClipError> {
    let mut decoder = Decoder::open(source)?;
    let rate = decoder.sample_rate();
    let (from, to) = (frame_at(span.start, rate), frame_at(span.end, rate));
    let channels = usize::from(decoder.channels());
    let mut writer = WavWriter::new(out, format, rate, decoder.channels()).map_err(ClipError::Write)?;
    decoder.seek(from)?;
    let mut written = 0;
    while from + written < to {
        let Some(block) = decoder.next_block()? else { break };
        let wanted = (to - block.first_frame).min((block.samples.len() / channels) as u64);
        let samples = block.samples.get(..wanted as usize * channels).unwrap_or(block.samples);
        writer.write(samples).map_err(ClipError::Write)?;
        written += wanted;
    }
    if written == 0 {
        let shown = |time: crate::time::MediaTime| format_hms_millis(time - crate::time::MediaTime::ZERO, '.');
        let end = decoder.measure()?;
        return Err(ClipError::Nothing {
            from: shown(span.start),
            to: shown(span.end),
            end: shown(media_time(end, rate)),
            name: source.name(),
        });
    }
    writer.finish().map_err(ClipError::Write)?;
    Ok(written)
}
