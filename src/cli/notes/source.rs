//! The document that the command line names.

use std::sync::Arc;

use super::{DocumentArgs, NotesError};
use crate::audio::{AudioSource, content_key};
use crate::library::{ContentHash, DocumentFiles, FileIdentity, Store, StoredDocument};
use crate::reader::{Half, HowToRead, half_of, read_transcript};
use crate::transcript::Transcript;

/// The files, what the library knows of them, and the text.
pub(super) struct Source {
    pub files: DocumentFiles,
    pub known: Option<StoredDocument>,
    pub transcript: Option<Arc<Transcript>>,
}

impl Source {
    /// Reads and looks up; the library is not changed. A recording that was open with a transcript brings it along.
    pub(super) fn read(args: &DocumentArgs, store: &Store) -> Result<Self, NotesError> {
        let (text, sound) = match half_of(&args.file) {
            Half::Transcript => (Some(&args.file), args.recording.as_ref()),
            Half::Recording => (None, Some(&args.file)),
        };
        let mut files = DocumentFiles::default();
        let mut transcript = None;
        if let Some(path) = text {
            let file = read_transcript(path, &args.reading.how())?;
            files.transcript = Some(FileIdentity::new(file.hash, path));
            transcript = Some(Arc::new(file.reading.transcript));
        }
        if let Some(path) = sound {
            let key = content_key(&AudioSource::File(path.clone())).map_err(|source| NotesError::Recording {
                path: path.clone(),
                source,
            })?;
            files.recording = Some(FileIdentity::new(ContentHash(key), path));
        }
        let known = store.find_document(&files)?;
        if let Some(document) = &known {
            // As in the window: what is not said now is as it was the last time.
            let (said, kept) = (args.reading.how(), HowToRead::kept(document.how_to_read.as_deref()));
            let how = if said == HowToRead::default() { &kept } else { &said };
            let path = match (text, &transcript) {
                (Some(path), _) if *how != said => Some(path.clone()),
                (None, None) => store.files(document.id)?.transcript.map(|file| file.path),
                _ => None,
            };
            let read = path.and_then(|path| read_transcript(&path, how).ok());
            transcript = read.map(|file| Arc::new(file.reading.transcript)).or(transcript);
        }
        if known.is_none() {
            let stem = args.file.file_stem().unwrap_or_default();
            files.title = stem.to_string_lossy().into_owned();
        }
        Ok(Self {
            files,
            known,
            transcript,
        })
    }

    /// The document, made if it is not known yet.
    pub(super) fn open(&self, store: &mut Store) -> Result<StoredDocument, NotesError> {
        Ok(store.open_document(&self.files)?)
    }
}
