//! Work that touches files, done on threads of its own: found, read, hashed, placed.

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::event::{Event, Listing, ReadTranscript};
use super::pairing::{Half, half_of, partner};
use super::transcript_file::{HowToRead, ReadFailure, TranscriptFile, read_bytes, read_transcript};
use crate::audio::{self, AudioSource};
use crate::format;
use crate::library::{ContentHash, DocumentFiles, FileIdentity};
use crate::notes::{self, Annotation, Placement, PlacementIndex};
use crate::timing::{Timeline, Timing};
use crate::transcript::{Transcript, paragraphs};

const DEMO_TRANSCRIPT: &[u8] = include_bytes!("../../assets/demo/talking-about-maps.vtt");
const DEMO_RECORDING: &[u8] = include_bytes!("../../assets/demo/talking-about-maps.mp3");

/// Finds and reads a document's files, telling each step as it is done.
pub(super) fn read_document(
    generation: u64,
    transcript: Option<PathBuf>,
    recording: Option<PathBuf>,
    how: &HowToRead,
    tell: &impl Fn(Event),
) {
    let (mut transcript, recording) = pair(transcript, recording);
    let sound = recording.clone().map(AudioSource::File);
    // Without a transcript beside it, the recording may hold one.
    let inside = transcript.is_none();
    if inside {
        transcript.clone_from(&recording);
    }
    tell(Event::Found {
        generation,
        transcript: transcript.clone(),
        recording: sound.clone(),
    });

    let mut files = DocumentFiles::default();
    if let Some(path) = transcript {
        match read_transcript(&path, how) {
            Ok(TranscriptFile { reading, hash }) => {
                tell(Event::Transcript {
                    generation,
                    read: prepared(reading),
                });
                files.transcript = Some(FileIdentity::new(hash, &path));
            }
            Err(_) if inside => tell(Event::NothingInside { generation }),
            Err(failure) => return tell(Event::ReadFailed { generation, failure }),
        }
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
    match read_bytes(DEMO_TRANSCRIPT, Some("vtt"), &HowToRead::default()) {
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

/// Reads a transcript again, in another way.
pub(super) fn read_again(generation: u64, path: &Path, how: &HowToRead, tell: &impl Fn(Event)) {
    match read_transcript(path, how) {
        Ok(file) => tell(Event::Transcript {
            generation,
            read: prepared(file.reading),
        }),
        Err(failure) => tell(Event::ReadFailed { generation, failure }),
    }
}

fn prepared(reading: format::Reading) -> ReadTranscript {
    let paragraphs = Arc::new(paragraphs(&reading.transcript));
    ReadTranscript {
        transcript: Arc::new(reading.transcript),
        paragraphs,
        warnings: Arc::new(reading.warnings),
        format: reading.format,
        why: reading.why,
        encoding: reading.encoding,
        tiers: reading.tiers,
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
    // What is taken out of a pipe is gone.
    if !path.is_file() {
        return false;
    }
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
    changed: Option<Timing>,
) -> Vec<(Annotation, Placement, bool)> {
    let Some(transcript) = transcript else {
        return annotations
            .into_iter()
            .map(|annotation| (annotation, Placement::Instant, false))
            .collect();
    };
    let index = PlacementIndex::new(transcript);
    let timeline = changed.map(|timing| Timeline::new(Arc::clone(transcript), timing));
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
