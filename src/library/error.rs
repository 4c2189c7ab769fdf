//! What can go wrong with the library, in words for the window.

use std::error::Error;
use std::path::PathBuf;

use rusqlite::ErrorCode;

use super::DocumentId;

/// Why something was not kept, or not found. Nothing that was asked for has happened.
#[derive(Debug, thiserror::Error)]
pub enum LibraryError {
    /// Another program held the library for longer than one waits.
    #[error("another program is writing to the library; please try again")]
    Busy(#[source] rusqlite::Error),
    /// There is no space left.
    #[error("the disk is full")]
    DiskFull(#[source] rusqlite::Error),
    /// The file is damaged.
    #[error("the library file is damaged; it is set aside when Earmark starts again")]
    Damaged(#[source] rusqlite::Error),
    /// It was opened read-only, or not at all.
    #[error("the library cannot be written: {why}")]
    CannotWrite {
        /// Why, from [`super::Health`].
        why: String,
    },
    /// It was not opened at all.
    #[error("the library cannot be read: {why}")]
    CannotRead {
        /// Why, from [`super::Health`].
        why: String,
    },
    /// No document of this library has this number.
    #[error("the library has no such document")]
    UnknownDocument(DocumentId),
    /// Neither a transcript nor a recording was named.
    #[error("a document needs a transcript or a recording")]
    NoFiles,
    /// A folder on the way to the library could not be made.
    #[error("the folder {} cannot be made", path.display())]
    Folder {
        /// The folder.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// Anything else.
    #[error("the library could not be used")]
    Other(#[source] rusqlite::Error),
}

impl From<rusqlite::Error> for LibraryError {
    fn from(error: rusqlite::Error) -> Self {
        match error.sqlite_error_code() {
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => Self::Busy(error),
            Some(ErrorCode::DiskFull) => Self::DiskFull(error),
            Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => Self::Damaged(error),
            Some(ErrorCode::ReadOnly | ErrorCode::PermissionDenied | ErrorCode::CannotOpen) => {
                Self::CannotWrite { why: error.to_string() }
            }
            _ => Self::Other(error),
        }
    }
}

impl LibraryError {
    /// The error in one line, with its cause where that says more.
    pub fn told(&self) -> String {
        match (self, self.source()) {
            (Self::Busy(_) | Self::DiskFull(_), _) | (_, None) => self.to_string(),
            (_, Some(cause)) => format!("{self}: {cause}"),
        }
    }
}
