//! What is kept between sessions: notes, places, recents, settings. SQLite on a thread of its own.
//!
//! Requests go in over a channel and are answered in order by [`LibraryEvent`]s. A write is answered when it is
//! committed and synced, never before.

mod documents;
mod error;
mod files;
mod hash;
mod notes;
mod opening;
mod rescue;
mod schema;
mod settings;
mod store;
mod thread;
mod values;

pub use error::LibraryError;
pub use files::{WriteError, write_atomically, write_atomically_with};
pub use store::{Store, default_path};
pub use thread::Library;

use std::path::{Path, PathBuf};

use jiff::Timestamp;

use crate::notes::{Annotation, AnnotationId};
use crate::time::MediaTime;
use crate::timing::Timing;

/// The hash of a file's content: what a document is known by, wherever the file lies.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ContentHash(pub [u8; 32]);

/// Which document of the library.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct DocumentId(pub i64);

/// A file as it was found: its content, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileIdentity {
    /// The hash of its content.
    pub hash: ContentHash,
    /// Where it lies, absolute where the platform can tell.
    pub path: PathBuf,
}

impl FileIdentity {
    /// A file with this content at this path, which is made absolute where the platform can tell.
    pub fn new(hash: ContentHash, path: &Path) -> Self {
        let path = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
        Self { hash, path }
    }
}

/// What makes up a document: a transcript, a recording, or both.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DocumentFiles {
    /// The transcript.
    pub transcript: Option<FileIdentity>,
    /// The recording.
    pub recording: Option<FileIdentity>,
    /// What to call it in lists.
    pub title: String,
}

/// Where one was in a document, and how it was read.
#[derive(Debug, Clone, PartialEq)]
pub struct Place {
    /// The playhead.
    pub position: MediaTime,
    /// Playback speed.
    pub speed: f32,
    /// `reading` or `lines`.
    pub view: String,
    /// The first cue in sight and the points it is scrolled by: `(cue, points)`.
    pub scroll: (u32, f32),
    /// Where the transcript lies in the recording.
    pub timing: Timing,
    /// How long the recording is, where known; for the progress in the recent list.
    pub length: Option<MediaTime>,
    /// When this was noted.
    pub at: Timestamp,
}

/// A document as the library knows it.
#[derive(Debug, Clone)]
pub struct StoredDocument {
    /// Which.
    pub id: DocumentId,
    /// Its annotations that are not deleted, ordered by time.
    pub annotations: Vec<Annotation>,
    /// Where one was, if it was open before.
    pub place: Option<Place>,
    /// How its transcript is to be read, where a person said so; see [`Request::PutHowToRead`].
    pub how_to_read: Option<String>,
    /// The document was known, but with another transcript text: annotations want to be placed again.
    pub transcript_changed: bool,
}

/// A document in the recent list.
#[derive(Debug, Clone, PartialEq)]
pub struct Recent {
    /// Which.
    pub id: DocumentId,
    /// What it is called.
    pub title: String,
    /// Where its transcript lay last.
    pub transcript: Option<PathBuf>,
    /// Where its recording lay last.
    pub recording: Option<PathBuf>,
    /// Where one was.
    pub place: Option<Place>,
    /// How many annotations it has.
    pub annotations: u32,
    /// When it was last open.
    pub opened: Timestamp,
}

/// What one asks of the library.
#[derive(Debug, Clone)]
pub enum Request {
    /// Find the document of these files, or make it. Answered by `Document` with the same generation.
    OpenDocument {
        /// The number the answer carries.
        generation: u64,
        /// Its files.
        files: DocumentFiles,
    },
    /// Insert or replace annotations, all or none. Answered by `Committed` with the same ticket.
    PutAnnotations {
        /// Whose.
        document: DocumentId,
        /// What.
        annotations: Vec<Annotation>,
        /// The number the answer carries.
        ticket: u64,
    },
    /// Delete annotations (marked deleted, so undo can bring them back). Answered by `Committed`.
    DeleteAnnotations {
        /// Whose.
        document: DocumentId,
        /// Which.
        ids: Vec<AnnotationId>,
        /// The number the answer carries.
        ticket: u64,
    },
    /// Note where one is. Not answered.
    PutPlace {
        /// Which document.
        document: DocumentId,
        /// Where.
        place: Place,
    },
    /// Keep how a document's transcript is to be read, in the words of whoever asks; none is as it seems best. Not
    /// answered.
    PutHowToRead {
        /// Which document.
        document: DocumentId,
        /// How.
        how: Option<String>,
    },
    /// Take a document out of the recent list; its notes stay. Answered by `Recents`.
    ForgetRecent(DocumentId),
    /// The recent list. Answered by `Recents`.
    ListRecents,
    /// Keep a setting. Not answered.
    PutSetting {
        /// Its name.
        key: String,
        /// Its value.
        value: String,
    },
}

/// What the library tells.
#[derive(Debug, Clone)]
pub enum LibraryEvent {
    /// It is open: the first event, always. Settings and recents come with it.
    Opened {
        /// How it was found.
        health: Health,
        /// All settings.
        settings: Vec<(String, String)>,
        /// The recent list, the newest first.
        recents: Vec<Recent>,
    },
    /// The answer to [`Request::OpenDocument`].
    Document {
        /// From the request.
        generation: u64,
        /// What is known.
        document: StoredDocument,
    },
    /// A write is on the disk.
    Committed {
        /// From the request.
        ticket: u64,
    },
    /// A request failed. What was asked did not happen, nothing else was lost.
    Failed {
        /// The ticket of the write that failed.
        ticket: Option<u64>,
        /// What was asked and why it failed, for the window.
        error: String,
    },
    /// The recent list, the newest first.
    Recents(Vec<Recent>),
}

/// How the library was found when it was opened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Health {
    /// All is well.
    Ready,
    /// The file was damaged; it was set aside whole and a new one begun.
    SetAside {
        /// Where the damaged file lies now.
        moved_to: PathBuf,
    },
    /// It can be read but not written: made by a newer version, or no right to write.
    ReadOnly {
        /// Why.
        why: String,
    },
    /// It cannot be opened at all; nothing is kept in this session.
    Unavailable {
        /// Why.
        why: String,
    },
}
