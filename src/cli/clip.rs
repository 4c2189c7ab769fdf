//! `earmark clip`: a passage of a recording as a WAV file, exactly its samples, or those at another speed.

use std::io::{self, ErrorKind, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use clap::Args;

use crate::audio::{self, AudioSource, ClipError, WavFormat};
use crate::library::{WriteError, write_atomically_with};
use crate::time::{MediaSpan, MediaTime, TimecodeError, parse_timecode};

/// `earmark clip`.
#[derive(Debug, Clone, Args)]
pub struct ClipArgs {
    /// The recording.
    audio: PathBuf,
    /// Where it begins: 1:02:03, 62:03.5, 3723 or 1h2m3s.
    #[arg(long, value_name = "TIME")]
    from: String,
    /// Where it ends.
    #[arg(long, value_name = "TIME")]
    to: String,
    /// The WAV file to write; `-` is the standard output.
    #[arg(short, long, value_name = "OUT.wav")]
    output: PathBuf,
    /// So many times as fast, with the pitch kept; 1 leaves the samples as they are.
    #[arg(long, value_name = "S", default_value_t = 1.0)]
    speed: f64,
    /// 32-bit float samples instead of 16-bit.
    #[arg(long)]
    float: bool,
}

/// Why a passage was not written.
#[derive(Debug, thiserror::Error)]
pub enum ClipCommandError {
    /// A time is not one.
    #[error(transparent)]
    Time(#[from] TimecodeError),
    /// The passage ends before it begins.
    #[error("the passage ends before it begins: {from} to {to}")]
    Backwards {
        /// What was typed for its start.
        from: String,
        /// What was typed for its end.
        to: String,
    },
    /// The sound could not be cut out.
    #[error(transparent)]
    Clip(#[from] ClipError),
    /// The file could not be written. What was there before is untouched.
    #[error(transparent)]
    Write(#[from] WriteError),
}

/// Writes the sound between two time codes to a WAV file, which appears whole or not at all.
pub fn clip(args: &ClipArgs, out: &mut dyn Write) -> Result<(), ClipCommandError> {
    let (start, end) = (
        MediaTime::ZERO + parse_timecode(&args.from)?,
        MediaTime::ZERO + parse_timecode(&args.to)?,
    );
    if end <= start {
        return Err(ClipCommandError::Backwards {
            from: args.from.clone(),
            to: args.to.clone(),
        });
    }
    let format = if args.float {
        WavFormat::Float32
    } else {
        WavFormat::Int16
    };
    let source = AudioSource::File(args.audio.clone());
    let span = MediaSpan::new(start, end);
    if args.output == Path::new("-") {
        audio::clip(&source, span, args.speed, format, OneWay(out))?;
        return Ok(());
    }
    write_atomically_with(&args.output, std::slice::from_ref(&args.audio), |out| {
        audio::clip(&source, span, args.speed, format, out)?;
        Ok(())
    })
}

/// An output in which one cannot go back.
struct OneWay<'a>(&'a mut dyn Write);

impl Write for OneWay<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

impl Seek for OneWay<'_> {
    fn seek(&mut self, _to: SeekFrom) -> io::Result<u64> {
        Err(ErrorKind::NotSeekable.into())
    }
}
