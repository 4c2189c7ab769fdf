//! Why a `notes` command was not carried out: one line each.

use std::path::PathBuf;

use crate::export::ImportError;
use crate::library::{LibraryError, WriteError};
use crate::notes::AnnotationId;
use crate::reader::ReadFailure;

/// Why a `notes` command was not carried out.
#[derive(Debug, thiserror::Error)]
pub enum NotesError {
    /// The transcript cannot be read.
    #[error(transparent)]
    Transcript(#[from] ReadFailure),
    /// The recording cannot be read.
    #[error("the recording cannot be read: {source}: {}", path.display())]
    Recording {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The library refused.
    #[error("{}", .0.told())]
    Library(#[from] LibraryError),
    /// The platform has no folder for it.
    #[error("this system tells no folder for the library; say --library PATH")]
    NoLibrary,
    /// Nothing says where the note belongs.
    #[error("say where the note belongs: --at TIME, --quote TEXT, or both")]
    NoPlace,
    /// `--to` without `--at`, or before it.
    #[error("--to needs an earlier --at")]
    NoStart,
    /// A quote without a text to find it in.
    #[error("a quote can only be found in a transcript; this document has none")]
    NoTranscript,
    /// The quote is not there.
    #[error("the transcript does not have the words {quote:?}")]
    QuoteNotFound {
        /// The words.
        quote: String,
    },
    /// A line of the standard input; those before it are kept.
    #[error("line {number}: {source}")]
    Line {
        /// Which, counted from 1.
        number: usize,
        /// What is wrong.
        source: Box<NotesError>,
    },
    /// A line that begins like JSON but is none that is understood.
    #[error("not understood: {0}")]
    Json(serde_json::Error),
    /// A file cannot be read.
    #[error("cannot read {}: {source}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// A file holds no notes.
    #[error("{source}: {}", path.display())]
    Import {
        /// The file.
        path: PathBuf,
        /// Why.
        source: ImportError,
    },
    /// The ending of the file to write says no format.
    #[error("which format? say --format, or end the name in .md, .jsonld, .csv, .html or .vtt: {}", path.display())]
    UnknownFormat {
        /// The file.
        path: PathBuf,
    },
    /// The document has no such note.
    #[error("this document has no note {id}; nothing was deleted")]
    UnknownNote {
        /// Which.
        id: AnnotationId,
    },
    /// The export could not be written.
    #[error(transparent)]
    Write(#[from] WriteError),
    /// The result could not be written.
    #[error("cannot write the result: {0}")]
    Output(#[from] std::io::Error),
}
