//! Work that touches files, done on threads of its own: found, read, hashed, placed.

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::event::{Event, Listing, ReadTranscript};
use super::pairing::{Half, half_of, partner};
use crate::audio::{self, AudioSource};
use crate::format;
use crate::library::{ContentHash, DocumentFiles, FileIdentity};
use crate::notes::{self, Annotation, Placement, PlacementIndex};
use crate::timing::{TimeMap, Timeline};
use crate::transcript::{Transcript, paragraphs};

const DEMO_TRANSCRIPT: &[u8] = include_bytes!("../../assets/demo/talking-about-maps.vtt");
const DEMO_RECORDING: &[u8] = include_bytes!("../../assets/demo/talking-about-maps.mp3");

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
    /// It is longer than any transcript.
    #[error("{name} has {megabytes} MB; a transcript may have {limit} MB at most")]
    TooLarge {
        /// The file's name.
        name: String,
        /// Its size.
        megabytes: u64,
        /// The limit.
        limit: u64,
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

/// Reads a transcript file whole, refusing what is too large before it is in memory.
pub fn read_transcript_file(path: &Path) -> Result<Vec<u8>, ReadFailure> {
    let name = name_of(path);
    let failed = |source| ReadFailure::File {
        name: name.clone(),
        source,
    };
    let meta = std::fs::metadata(path).map_err(failed)?;
    if meta.is_dir() {
        return Err(ReadFailure::Folder { name });
    }
    let limit = format::MAX_BYTES;
    let too_large = |bytes: u64| ReadFailure::TooLarge {
        name: name.clone(),
        megabytes: bytes >> 20,
        limit: limit >> 20,
    };
    if meta.len() > limit {
        return Err(too_large(meta.len()));
    }
    // Reads one byte more than is allowed: a pipe or a growing file tells no true size beforehand.
    let mut bytes = Vec::with_capacity(usize::try_from(meta.len()).unwrap_or(0).saturating_add(1));
    File::open(path)
        .map_err(failed)?
        .take(limit + 1)
        .read_to_end(&mut bytes)
        .map_err(failed)?;
    if bytes.len() as u64 > limit {
        return Err(too_large(bytes.len() as u64));
    }
    Ok(bytes)
}

fn name_of(path: &Path) -> String {
    path.file_name().map_or_else(
        || path.display().to_string(),
        |name| name.to_string_lossy().into_owned(),
    )
}

/// Finds and reads a document's files, telling each step as it is done.
pub(super) fn read_document(
    generation: u64,
    transcript: Option<PathBuf>,
    recording: Option<PathBuf>,
    tell: &impl Fn(Event),
) {
    let (transcript, recording) = pair(transcript, recording);
    let sound = recording.clone().map(AudioSource::File);
    tell(Event::Found {
        generation,
        transcript: transcript.clone(),
        recording: sound.clone(),
    });

    let mut files = DocumentFiles::default();
    if let Some(path) = transcript {
        let bytes = match read_transcript_file(&path) {
            Ok(bytes) => bytes,
            Err(failure) => return tell(Event::ReadFailed { generation, failure }),
        };
        let extension = path.extension().map(|ext| ext.to_string_lossy().to_ascii_lowercase());
        match format::read(&bytes, extension.as_deref()) {
            Ok(reading) => tell(Event::Transcript {
                generation,
                read: prepared(reading),
            }),
            Err(source) => {
                let failure = ReadFailure::Content {
                    name: name_of(&path),
                    source,
                };
                return tell(Event::ReadFailed { generation, failure });
            }
        }
        files.transcript = Some(FileIdentity::new(ContentHash::of_bytes(&bytes), &path));
    }
    files.recording = sound.and_then(|source| {
        let key = audio::content_key(&source).ok()?;
        Some(FileIdentity::new(ContentHash(key), recording.as_deref()?))
    });
    if files.transcript.is_some() || files.recording.is_some() {
        tell(Event::Identified { generation, files });
    }
}

/// Reads the built-in demo.
pub(super) fn read_demo(generation: u64, tell: &impl Fn(Event)) {
    let source = AudioSource::Memory(DEMO_RECORDING);
    tell(Event::Found {
        generation,
        transcript: None,
        recording: Some(source),
    });
    match format::read(DEMO_TRANSCRIPT, Some("vtt")) {
        Ok(reading) => tell(Event::Transcript {
            generation,
            read: prepared(reading),
        }),
        Err(source) => {
            let failure = ReadFailure::Content {
                name: "the demo".to_owned(),
                source,
            };
            return tell(Event::ReadFailed { generation, failure });
        }
    }
    // The demo has no place on the disk; its content is enough to keep notes on it.
    let hash = ContentHash::of_bytes(DEMO_TRANSCRIPT);
    let transcript = Some(FileIdentity {
        hash,
        path: PathBuf::new(),
    });
    tell(Event::Identified {
        generation,
        files: DocumentFiles {
            transcript,
            ..DocumentFiles::default()
        },
    });
}

fn prepared(reading: format::Reading) -> ReadTranscript {
    let paragraphs = Arc::new(paragraphs(&reading.transcript));
    ReadTranscript {
        transcript: Arc::new(reading.transcript),
        paragraphs,
        warnings: Arc::new(reading.warnings),
        format: reading.format,
        encoding: reading.encoding,
    }
}

/// Completes a pair by what lies in the same folder; a file under a strange name is sniffed.
fn pair(transcript: Option<PathBuf>, recording: Option<PathBuf>) -> (Option<PathBuf>, Option<PathBuf>) {
    let (transcript, recording) = match (transcript, recording) {
        (Some(text), None) if half_of(&text) == Half::Transcript && looks_like_sound(&text) => (None, Some(text)),
        (Some(text), Some(sound)) if half_of(&sound) == Half::Transcript && looks_like_sound(&text) => {
            (Some(sound), Some(text))
        }
        given => given,
    };
    match (transcript, recording) {
        (Some(text), None) => {
            let found = partner(&text, &listing(&text));
            (Some(text), found)
        }
        (None, Some(sound)) => {
            let found = partner(&sound, &listing(&sound));
            (found, Some(sound))
        }
        both => both,
    }
}

/// The files beside this one. A folder of many thousand files is not worth the wait: names beyond that are not seen.
fn listing(path: &Path) -> Vec<PathBuf> {
    let folder = path
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty())
        .unwrap_or(Path::new("."));
    let Ok(entries) = std::fs::read_dir(folder) else {
        return Vec::new();
    };
    // Paths are made like the one given, so that a name compares equal to it.
    let parent = path.parent().unwrap_or(Path::new(""));
    let mut files: Vec<PathBuf> = entries
        .take(20_000)
        .filter_map(Result::ok)
        .filter(|entry| entry.file_type().is_ok_and(|kind| !kind.is_dir()))
        .map(|entry| parent.join(entry.file_name()))
        .collect();
    files.sort();
    files
}

/// What a folder holds: names, folders first, hidden ones left out.
pub(super) fn list(folder: PathBuf) -> Listing {
    let Ok(found) = std::fs::read_dir(&folder) else {
        return Listing {
            folder,
            entries: Vec::new(),
        };
    };
    let mut entries: Vec<(String, bool)> = found
        .take(5_000)
        .filter_map(Result::ok)
        .map(|entry| (entry.file_name().to_string_lossy().into_owned(), entry.path().is_dir()))
        .filter(|(name, _)| !name.starts_with('.'))
        .collect();
    entries.sort_by_key(|(name, is_folder)| (!is_folder, name.to_lowercase()));
    Listing { folder, entries }
}

/// Whether the first bytes are those of a sound or video container.
fn looks_like_sound(path: &Path) -> bool {
    let mut head = [0u8; 12];
    let read = File::open(path).and_then(|mut file| file.read(&mut head)).unwrap_or(0);
    let head = head.get(..read).unwrap_or(&[]);
    let starts = |magic: &[u8]| head.starts_with(magic);
    starts(b"ID3")
        || starts(b"RIFF")
        || starts(b"fLaC")
        || starts(b"OggS")
        || starts(b"FORM")
        || starts(&[0x1a, 0x45, 0xdf, 0xa3])
        || head.get(4..8) == Some(b"ftyp")
        || (head.first() == Some(&0xff)
            && head
                .get(1)
                .is_some_and(|b| b & 0xe0 == 0xe0 && *b != 0xff && *b != 0xfe))
}

/// Finds the annotations' places; where the text has `changed`, those that moved with their words get fresh targets.
pub(super) fn place(
    annotations: Vec<Annotation>,
    transcript: Option<&Arc<Transcript>>,
    changed: Option<TimeMap>,
) -> Vec<(Annotation, Placement, bool)> {
    let Some(transcript) = transcript else {
        return annotations
            .into_iter()
            .map(|annotation| (annotation, Placement::Instant, false))
            .collect();
    };
    let index = PlacementIndex::new(transcript);
    let timeline = changed.map(|map| Timeline::new(Arc::clone(transcript), map));
    annotations
        .into_iter()
        .map(|mut annotation| {
            let placement = notes::place(&annotation.target, &index);
            let span = match (&timeline, placement) {
                (Some(timeline), Placement::Passage(passage)) => timeline.passage_span(passage),
                _ => None,
            };
            let fresh = span.map(|span| notes::refreshed(&annotation.target, placement, &index, span));
            let moved = fresh.as_ref().is_some_and(|fresh| *fresh != annotation.target);
            if let Some(fresh) = fresh {
                annotation.target = fresh;
            }
            (annotation, placement, moved)
        })
        .collect()
}
