//! A transcript's file, from the disk to what was read: the same for the window and the command line.

use std::fs::File;
use std::io::{BufReader, Read};
use std::path::Path;

use serde::{Deserialize, Serialize};

use super::pairing::{Half, half_of};
use crate::audio::{self, AudioSource};
use crate::format::{self, Format, Reading};
use crate::library::ContentHash;

/// Why a transcript could not be read.
#[derive(Debug, thiserror::Error)]
pub enum ReadFailure {
    /// The file could not be opened or read.
    #[error("{name} cannot be read: {source}")]
    File {
        /// The file's name.
        name: String,
        /// Why.
        source: std::io::Error,
    },
    /// It is a folder.
    #[error("{name} is a folder; please choose a transcript or a recording in it")]
    Folder {
        /// The folder's name.
        name: String,
    },
    /// What is in it is no transcript.
    #[error("{name}: {source}")]
    Content {
        /// The file's name.
        name: String,
        /// Why.
        source: format::ReadError,
    },
}

/// What a person says of how a file is to be read; what is not said is found out.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct HowToRead {
    /// The format.
    pub format: Option<Format>,
    /// The character encoding.
    pub encoding: Option<String>,
    /// The tier, track or style, where the file has several.
    pub tier: Option<String>,
    /// Frames a second, where times count frames.
    pub frame_rate: Option<f64>,
    /// Whether cues that repeat each other are kept.
    pub raw: bool,
}

impl HowToRead {
    /// As the library keeps it; none where everything is found out.
    pub(super) fn to_keep(&self) -> Option<String> {
        if *self == Self::default() {
            return None;
        }
        serde_json::to_string(self).ok()
    }

    /// What the library kept; everything is found out where it kept nothing.
    pub fn kept(text: Option<&str>) -> Self {
        text.and_then(|text| serde_json::from_str(text).ok())
            .unwrap_or_default()
    }
}

/// A transcript as it lay on the disk.
#[derive(Debug)]
pub struct TranscriptFile {
    /// What was read.
    pub reading: Reading,
    /// Its content, by which the library knows it.
    pub hash: ContentHash,
}

/// Reads and hashes the transcript at `path`; `-` is the standard input. A feed stands for the transcript it names, if
/// that lies beside it.
pub fn read_transcript(path: &Path, how: &HowToRead) -> Result<TranscriptFile, ReadFailure> {
    let read = read_one(path, how);
    // The names are bare, so they lead nowhere else; and one feed does not lead to the next.
    if let Err(ReadFailure::Content { source, .. }) = &read
        && let format::ReadError::PointsTo { names } = source
        && let Some(beside) = names
            .iter()
            .map(|name| path.with_file_name(name))
            .find(|path| path.is_file())
    {
        return read_one(&beside, how);
    }
    read
}

fn read_one(path: &Path, how: &HowToRead) -> Result<TranscriptFile, ReadFailure> {
    if path != Path::new("-") && half_of(path) == Half::Recording {
        return read_inside(path, how);
    }
    let bytes = if path == Path::new("-") {
        bytes_of(&mut std::io::stdin().lock(), 0).map_err(|source| ReadFailure::File {
            name: "the standard input".to_owned(),
            source,
        })?
    } else {
        bytes_at(path)?
    };
    let extension = path.extension().and_then(|extension| extension.to_str());
    let reading = read_bytes(&bytes, extension, how).map_err(|source| ReadFailure::Content {
        name: name_of(path),
        source,
    })?;
    let hash = ContentHash::of_bytes(&bytes);
    Ok(TranscriptFile { reading, hash })
}

/// Reads the transcript inside a recording: a text track, lyrics.
fn read_inside(path: &Path, how: &HowToRead) -> Result<TranscriptFile, ReadFailure> {
    let failed = |source| ReadFailure::File {
        name: name_of(path),
        source,
    };
    let file = File::open(path).map_err(failed)?;
    if file.metadata().map_err(failed)?.is_dir() {
        return Err(ReadFailure::Folder { name: name_of(path) });
    }
    let extension = path.extension().and_then(|extension| extension.to_str());
    let read = format::read_media(&mut BufReader::new(file), &options(how, extension));
    let reading = read.map_err(|source| ReadFailure::Content {
        name: name_of(path),
        source,
    })?;
    // The recording has its own identity; its text is another part of the document.
    let key = audio::content_key(&AudioSource::File(path.to_owned())).map_err(failed)?;
    let hash = ContentHash::of_bytes(&[key.as_slice(), b"the text inside"].concat());
    Ok(TranscriptFile { reading, hash })
}

/// Reads a transcript that is in memory.
pub(super) fn read_bytes(bytes: &[u8], extension: Option<&str>, how: &HowToRead) -> Result<Reading, format::ReadError> {
    format::read(bytes, &options(how, extension))
}

fn options<'a>(how: &'a HowToRead, extension: Option<&'a str>) -> format::Options<'a> {
    format::Options {
        extension,
        format: how.format,
        encoding: how.encoding.as_deref(),
        raw: how.raw,
        tier: how.tier.as_deref(),
        frame_rate: how.frame_rate,
    }
}

/// The bytes of a file, of one that is too large not more than shows that it is.
fn bytes_at(path: &Path) -> Result<Vec<u8>, ReadFailure> {
    let name = name_of(path);
    let failed = |source| ReadFailure::File {
        name: name.clone(),
        source,
    };
    let meta = std::fs::metadata(path).map_err(failed)?;
    if meta.is_dir() {
        return Err(ReadFailure::Folder { name });
    }
    if meta.len() > format::MAX_BYTES {
        let (size, limit) = (meta.len(), format::MAX_BYTES);
        let source = format::ReadError::TooLarge { size, limit };
        return Err(ReadFailure::Content { name, source });
    }
    File::open(path)
        .and_then(|mut file| bytes_of(&mut file, meta.len()))
        .map_err(failed)
}

/// Reads one byte more than is allowed: a pipe or a growing file tells no true size beforehand.
fn bytes_of(source: &mut dyn Read, expected: u64) -> std::io::Result<Vec<u8>> {
    let mut bytes = Vec::with_capacity(usize::try_from(expected).unwrap_or(0).saturating_add(1));
    source.take(format::MAX_BYTES + 1).read_to_end(&mut bytes)?;
    Ok(bytes)
}

fn name_of(path: &Path) -> String {
    path.file_name().map_or_else(
        || path.display().to_string(),
        |name| name.to_string_lossy().into_owned(),
    )
}
