//! `earmark clip`: a passage of a recording as a WAV file, exactly its samples.

use std::path::Path;

use crate::audio::{self, AudioSource, ClipError, WavFormat};
use crate::library::{WriteError, write_atomically_with};
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
    /// The file could not be written. What was there before is untouched.
    #[error(transparent)]
    Write(#[from] WriteError),
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
    let span = MediaSpan::new(start, end);
    write_atomically_with(output, &[path.to_owned()], |out| {
        audio::clip(&source, span, format, out)?;
        Ok(())
    })
}
