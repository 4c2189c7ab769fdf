//! What can go wrong with a recording, said for a person: what, where, what to do; the path last.

use std::io;

use super::AudioSource;

/// Why a recording cannot be opened, decoded or cut.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AudioError {
    /// The file cannot be read.
    #[error("cannot read the recording ({why}): {name}")]
    Io {
        /// Which file.
        name: String,
        /// What the system says.
        why: String,
    },
    /// A folder was given.
    #[error("this is a folder, choose a recording in it: {name}")]
    Folder {
        /// Which one.
        name: String,
    },
    /// The file has no bytes, or no sound in it.
    #[error("there is no sound in this file: {name}")]
    Empty {
        /// Which file.
        name: String,
    },
    /// No demuxer takes it.
    #[error("no sound was recognised{}: {name}", help_of_ffmpeg(*asked_ffmpeg))]
    Unrecognised {
        /// Whether ffmpeg was asked as well.
        asked_ffmpeg: bool,
        /// Which file.
        name: String,
    },
    /// It ends before it says what is in it: a download or a recording that was broken off.
    #[error("the file is incomplete: its index (moov) is missing; save or download it once more: {name}")]
    Incomplete {
        /// Which file.
        name: String,
    },
    /// The container is known, the codec is not.
    #[error("its sound is coded as {codec}, which is not decoded here{}: {name}", help_of_ffmpeg(*asked_ffmpeg))]
    Unsupported {
        /// Whether ffmpeg was asked as well.
        asked_ffmpeg: bool,
        /// The codec or feature.
        codec: String,
        /// Which file.
        name: String,
    },
    /// Its header says what no recording has.
    #[error("its header says {rate} samples a second, which no recording has: {name}")]
    Rate {
        /// Samples a second.
        rate: u32,
        /// Which file.
        name: String,
    },
    /// It is no longer what was opened.
    #[error("the recording was moved, replaced or changed while it was open; open it again: {name}")]
    Changed {
        /// Which file.
        name: String,
    },
    /// It ends before its length, which it tells itself.
    #[error("the recording breaks off here: it was cut off, or is still being written: {name}")]
    BreaksOff {
        /// Which file.
        name: String,
    },
    /// It breaks in the middle.
    #[error("the recording is damaged ({why}): {name}")]
    Broken {
        /// What the demuxer or decoder says.
        why: String,
        /// Which file.
        name: String,
    },
    /// The engine's thread failed; it goes on without a recording.
    #[error("the sound engine failed and was started again ({why}); open the recording again")]
    Engine {
        /// What it said.
        why: String,
    },
}

fn help_of_ffmpeg(was_asked: bool) -> &'static str {
    if was_asked {
        ", nor by ffmpeg"
    } else {
        "; install ffmpeg, which decodes more, or convert it (ffmpeg -i IN OUT.flac)"
    }
}

impl AudioError {
    /// The same, with ffmpeg asked in vain.
    pub(super) fn after_ffmpeg(mut self) -> Self {
        if let Self::Unrecognised { asked_ffmpeg, .. } | Self::Unsupported { asked_ffmpeg, .. } = &mut self {
            *asked_ffmpeg = true;
        }
        self
    }

    /// An input/output error of this source.
    pub(super) fn io(source: &AudioSource, error: &io::Error) -> Self {
        if error.kind() == io::ErrorKind::IsADirectory {
            return Self::Folder { name: source.name() };
        }
        Self::Io {
            name: source.name(),
            why: error.to_string(),
        }
    }
}
