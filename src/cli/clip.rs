//! `earmark clip`: a passage of a recording as a WAV file, exactly its samples.

use std::ffi::OsString;
use std::fs::{self, File};
use std::io::{self, BufWriter};
use std::path::{Path, PathBuf};

use crate::audio::{self, AudioSource, ClipError, WavFormat};
use crate::library::is_special;
use crate::time::{MediaSpan, MediaTime, TimecodeError, parse_timecode};

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
    /// The clip would replace what it is cut from.
    #[error("that is the recording itself; choose another name: {}", .0.display())]
    Itself(PathBuf),
    /// The file could not be written. What was there before is untouched.
    #[error("cannot write the clip: {source}: {}", path.display())]
    Write {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
}

/// Writes the sound of `path` between two time codes to the WAV file `output`, which appears whole or not at all.
pub fn clip(path: &Path, from: &str, to: &str, output: &Path, float: bool) -> Result<(), ClipCommandError> {
    let (start, end) = (
        MediaTime::ZERO + parse_timecode(from)?,
        MediaTime::ZERO + parse_timecode(to)?,
    );
    if end <= start {
        return Err(ClipCommandError::Backwards {
            from: from.to_owned(),
            to: to.to_owned(),
        });
    }
    let format = if float { WavFormat::Float32 } else { WavFormat::Int16 };
    let source = AudioSource::File(path.to_owned());
    if matches!((path.canonicalize(), output.canonicalize()), (Ok(own), Ok(other)) if own == other) {
        return Err(ClipCommandError::Itself(output.to_owned()));
    }
    let span = MediaSpan::new(start, end);
    if is_special(output) {
        return write(&source, span, format, output, output);
    }
    let half_done = beside(output);
    let written = write(&source, span, format, &half_done, output);
    if written.is_err() {
        // It may never have been made.
        drop(fs::remove_file(&half_done));
    }
    written
}

fn write(
    source: &AudioSource,
    span: MediaSpan,
    format: WavFormat,
    half_done: &Path,
    output: &Path,
) -> Result<(), ClipCommandError> {
    let failed = |source: io::Error| ClipCommandError::Write {
        path: output.to_owned(),
        source,
    };
    let file = File::options()
        .write(true)
        .create(true)
        .truncate(true)
        .open(half_done)
        .map_err(failed)?;
    let mut out = BufWriter::new(file);
    audio::clip(source, span, format, &mut out).map_err(|error| match error {
        ClipError::Write(error) => failed(error),
        other => other.into(),
    })?;
    let file = out.into_inner().map_err(|error| failed(error.into_error()))?;
    if half_done == output {
        return Ok(());
    }
    file.sync_all().map_err(failed)?;
    fs::rename(half_done, output).map_err(failed)
}

/// A name beside the output that no other run uses.
fn beside(output: &Path) -> PathBuf {
    let mut name = output.file_name().map(OsString::from).unwrap_or_default();
    name.push(format!(".{}.tmp", std::process::id()));
    output.with_file_name(name)
}
