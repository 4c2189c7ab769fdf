//! The document that the command line names.

use std::path::Path;
use std::sync::Arc;

use super::{DocumentArgs, NotesError};
use crate::audio::{AudioSource, content_key};
use crate::format;
use crate::library::{ContentHash, DocumentFiles, FileIdentity, Store, StoredDocument};
use crate::reader::{Half, ReadFailure, half_of, read_transcript_file};
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
            let (identity, read) = read_transcript(path)?;
            files.transcript = Some(identity);
            transcript = Some(read);
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
            transcript = text
                .and_then(|file| read_transcript(&file.path).ok())
                .map(|(_, read)| read);
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

fn read_transcript(path: &Path) -> Result<(FileIdentity, Arc<Transcript>), NotesError> {
    let bytes = read_transcript_file(path)?;
    let extension = path
        .extension()
        .map(|extension| extension.to_string_lossy().to_ascii_lowercase());
    let reading = format::read(&bytes, extension.as_deref()).map_err(|source| {
        let name = path.display().to_string();
        ReadFailure::Content { name, source }
    })?;
    let identity = FileIdentity::new(ContentHash::of_bytes(&bytes), path);
    Ok((identity, Arc::new(reading.transcript)))
}
