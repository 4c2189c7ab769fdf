//! The library without a thread: what [`super::Library`] and the command line both use. Every call waits for the disk.

use std::path::{Path, PathBuf};
use std::time::Duration;

use jiff::Timestamp;
use rusqlite::{Connection, Transaction, TransactionBehavior};

use super::{
    DocumentFiles, DocumentId, Health, LibraryError, Place, Recent, StoredDocument, documents, notes, opening, settings,
};
use crate::notes::{Annotation, AnnotationId};

/// How long a write waits for another program's before it fails.
const PATIENCE: Duration = Duration::from_secs(5);

/// Where the library lies unless one says otherwise: `EARMARK_LIBRARY`, else in the platform's data folder. `None`
/// where the platform knows no such folder.
pub fn default_path() -> Option<PathBuf> {
    let chosen = std::env::var_os("EARMARK_LIBRARY").filter(|path| !path.is_empty());
    chosen.map(PathBuf::from).or_else(|| {
        let folders = directories::ProjectDirs::from("app", "earmark", "Earmark")?;
        Some(folders.data_dir().join("library.sqlite"))
    })
}

/// The library's file, open.
#[derive(Debug)]
pub struct Store {
    connection: Option<Connection>,
    health: Health,
}

impl Store {
    /// Opens the library at a path; folders and file are made as needed. What is wrong with it is in
    /// [`Store::health`]: opening itself does not fail.
    pub fn open(path: &Path) -> Self {
        Self::open_with_patience(path, PATIENCE)
    }

    /// The same, with another time that a write waits for another program's.
    pub fn open_with_patience(path: &Path, patience: Duration) -> Self {
        let opened = opening::open(path, patience);
        Self {
            connection: opened.connection,
            health: opened.health,
        }
    }

    /// How it was found.
    pub fn health(&self) -> &Health {
        &self.health
    }

    /// Finds the document of these files, or makes it. In a library that cannot be written, an unknown document gets
    /// the number 0, on which nothing can be kept.
    pub fn open_document(&mut self, files: &DocumentFiles) -> Result<StoredDocument, LibraryError> {
        if !matches!(self.health, Health::Ready | Health::SetAside { .. }) {
            let known = if self.connection.is_some() {
                self.find_document(files)?
            } else {
                None
            };
            let unknown = StoredDocument {
                id: DocumentId(0),
                annotations: Vec::new(),
                place: None,
                how_to_read: None,
                transcript_changed: false,
            };
            return Ok(known.unwrap_or(unknown));
        }
        self.write(|transaction| documents::open(transaction, files, Timestamp::now()))
    }

    /// The document of these files, if it is known. Nothing is written.
    pub fn find_document(&self, files: &DocumentFiles) -> Result<Option<StoredDocument>, LibraryError> {
        let connection = self.readable()?;
        let Some(id) = documents::find(connection, files)? else {
            return Ok(None);
        };
        let changed = documents::transcript_changed(connection, id, files)?;
        documents::load(connection, id, changed).map(Some)
    }

    /// A document's files as they were seen last.
    pub fn files(&self, document: DocumentId) -> Result<DocumentFiles, LibraryError> {
        let connection = self.readable()?;
        documents::files(connection, documents::resolve(connection, document)?)
    }

    /// A document's annotations that are not deleted, ordered by time.
    pub fn annotations(&self, document: DocumentId) -> Result<Vec<Annotation>, LibraryError> {
        let connection = self.readable()?;
        notes::annotations(connection, documents::resolve(connection, document)?)
    }

    /// Inserts or replaces annotations, all or none. They are on the disk when this returns.
    pub fn put_annotations(&mut self, document: DocumentId, annotations: &[Annotation]) -> Result<(), LibraryError> {
        self.write(|transaction| notes::put(transaction, document, annotations))
    }

    /// Marks annotations deleted; putting them again brings them back. Gives how many of them were there.
    pub fn delete_annotations(&mut self, document: DocumentId, ids: &[AnnotationId]) -> Result<usize, LibraryError> {
        self.write(|transaction| notes::delete(transaction, document, ids, Timestamp::now()))
    }

    /// Notes where one is.
    pub fn put_place(&mut self, document: DocumentId, place: &Place) -> Result<(), LibraryError> {
        self.write(|transaction| documents::put_place(transaction, document, place))
    }

    /// Keeps how a document's transcript is to be read; none is as it seems best.
    pub fn put_how_to_read(&mut self, document: DocumentId, how: Option<&str>) -> Result<(), LibraryError> {
        self.write(|transaction| documents::put_how_to_read(transaction, document, how))
    }

    /// The documents that were open, the last one first.
    pub fn recents(&self) -> Result<Vec<Recent>, LibraryError> {
        documents::recents(self.readable()?)
    }

    /// Takes a document out of the recent list until it is opened again; its notes stay.
    pub fn forget_recent(&mut self, document: DocumentId) -> Result<(), LibraryError> {
        self.write(|transaction| documents::forget_recent(transaction, document))
    }

    /// All settings, by name.
    pub fn settings(&self) -> Result<Vec<(String, String)>, LibraryError> {
        settings::all(self.readable()?)
    }

    /// Keeps a setting.
    pub fn put_setting(&mut self, key: &str, value: &str) -> Result<(), LibraryError> {
        self.write(|transaction| settings::put(transaction, key, value))
    }

    fn readable(&self) -> Result<&Connection, LibraryError> {
        self.connection
            .as_ref()
            .ok_or_else(|| LibraryError::CannotRead { why: self.why() })
    }

    /// Runs `work` in a transaction that holds the write lock from its start, so that it cannot fail half-way for
    /// another program's write, and commits it.
    fn write<T>(&mut self, work: impl FnOnce(&Transaction<'_>) -> Result<T, LibraryError>) -> Result<T, LibraryError> {
        let why = self.why();
        let (Health::Ready | Health::SetAside { .. }, Some(connection)) = (&self.health, &mut self.connection) else {
            return Err(LibraryError::CannotWrite { why });
        };
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let result = work(&transaction)?;
        transaction.commit()?;
        Ok(result)
    }

    fn why(&self) -> String {
        match &self.health {
            Health::Ready | Health::SetAside { .. } => String::new(),
            Health::ReadOnly { why } | Health::Unavailable { why } => why.clone(),
        }
    }
}
