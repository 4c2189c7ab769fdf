//! The document that the command line names.

use std::sync::Arc;

use super::{DocumentArgs, NotesError};
use crate::audio::{AudioSource, content_key};
use crate::library::{ContentHash, DocumentFiles, FileIdentity, Store, StoredDocument};
use crate::reader::{Half, half_of, read_transcript};
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
        if let (None, Some(document)) = (&transcript, &known) {
            let text = store.files(document.id)?.transcript;
            let read = text.and_then(|file| read_transcript(&file.path, &args.reading.how()).ok());
            transcript = read.map(|file| Arc::new(file.reading.transcript));
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
