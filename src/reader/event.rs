//! News from the threads.

use std::path::PathBuf;
use std::sync::Arc;

use super::Picture;
use super::pairing::Half;
use super::transcript_file::ReadFailure;
use crate::audio::{AudioSource, EngineEvent, Peaks};
use crate::export::ExportFormat;
use crate::format::{Format, Warning};
use crate::library::{DocumentFiles, LibraryEvent};
use crate::notes::{Annotation, Placement};
use crate::time::{MediaSpan, MediaTime};
use crate::timing::RefinedWords;
use crate::timing::fit::{Fit, Sign};
use crate::transcript::{Folded, Paragraph, Transcript};

/// A transcript as it was read.
#[derive(Debug, Clone)]
pub struct ReadTranscript {
    /// The text.
    pub transcript: Arc<Transcript>,
    /// Its paragraphs.
    pub paragraphs: Arc<Vec<Paragraph>>,
    /// What was repaired.
    pub warnings: Arc<Vec<Warning>>,
    /// The format.
    pub format: Format,
    /// How that was told.
    pub why: &'static str,
    /// The encoding.
    pub encoding: &'static str,
    /// The tiers, tracks or styles one can choose from.
    pub tiers: Vec<String>,
}

/// One piece of news. Those with a generation answer a question; answers to old questions are dropped.
#[derive(Debug)]
pub enum Event {
    /// From the sound engine.
    Audio(EngineEvent),
    /// From the library.
    Library(LibraryEvent),
    /// The files of a document are found: which lie side by side.
    Found {
        /// From the effect.
        generation: u64,
        /// The transcript.
        transcript: Option<PathBuf>,
        /// The recording.
        recording: Option<AudioSource>,
    },
    /// The transcript is read.
    Transcript {
        /// From the effect.
        generation: u64,
        /// What was read.
        read: ReadTranscript,
    },
    /// The recording holds no transcript, and none lies beside it.
    NothingInside {
        /// From the effect.
        generation: u64,
    },
    /// The contents are hashed: the library can be asked.
    Identified {
        /// From the effect.
        generation: u64,
        /// Who the document is.
        files: DocumentFiles,
    },
    /// The transcript could not be read.
    ReadFailed {
        /// From the effect.
        generation: u64,
        /// Why.
        failure: ReadFailure,
    },
    /// The waveform so far.
    Peaks {
        /// From the effect.
        generation: u64,
        /// The peaks measured so far.
        peaks: Arc<Peaks>,
        /// How much of the recording is measured, 0 to 1.
        done: f32,
        /// The true length, at the end.
        length: Option<MediaTime>,
    },
    /// The recording could not be measured; it may still play.
    PeaksFailed {
        /// From the effect.
        generation: u64,
        /// Why.
        why: String,
    },
    /// The recording holds a picture.
    Cover {
        /// From the effect.
        generation: u64,
        /// The picture, small.
        picture: Arc<Picture>,
    },
    /// The text is ready for searching.
    Folded {
        /// From the effect.
        generation: u64,
        /// The folded text.
        folded: Arc<Folded>,
    },
    /// The stretches without cues and without speech are found.
    Gaps {
        /// From the effect.
        generation: u64,
        /// From the effect.
        number: u64,
        /// The stretches, in order.
        stretches: Vec<MediaSpan>,
    },
    /// Whether the transcript lies where it says.
    Signs {
        /// From the effect.
        generation: u64,
        /// From the effect.
        number: u64,
        /// What the quick look has found.
        sign: Sign,
    },
    /// How far the fit is.
    FitProgress {
        /// From the effect.
        generation: u64,
        /// From the effect.
        number: u64,
        /// 0 to 1.
        done: f32,
    },
    /// Where the transcript lies.
    Fitted {
        /// From the effect.
        generation: u64,
        /// From the effect.
        number: u64,
        /// What was found.
        fit: Arc<Fit>,
    },
    /// When the words are spoken.
    Words {
        /// From the effect.
        generation: u64,
        /// From the effect.
        number: u64,
        /// The words.
        words: RefinedWords,
    },
    /// A place for the transcript as it is heard was chosen.
    ChosenRetimed(PathBuf),
    /// The annotations' places are found.
    Placed {
        /// From the effect.
        generation: u64,
        /// Each with its place; targets refreshed where they moved.
        placed: Vec<(Annotation, Placement, bool)>,
    },
    /// Files were chosen; none when the dialog was cancelled.
    Chosen(Vec<PathBuf>),
    /// The missing half was chosen.
    ChosenHalf(PathBuf),
    /// A place to write was chosen.
    ChosenTarget(ExportFormat, PathBuf),
    /// A file of notes was chosen.
    ChosenImport(PathBuf),
    /// No dialog can be shown here: ask inside the window.
    NoDialog(NoDialog),
    /// A file is written, or why not.
    Written {
        /// Where.
        path: PathBuf,
        /// Why it failed.
        error: Option<String>,
    },
    /// Notes were read from a file.
    Imported {
        /// From the effect.
        generation: u64,
        /// The notes, or why they could not be read.
        notes: Result<Vec<Annotation>, String>,
    },
    /// What a folder holds.
    Listed(Listing),
    /// A thread met a defect. It was caught.
    Panicked(String),
}

/// What a dialog was to ask for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NoDialog {
    /// Files to open.
    Open,
    /// The missing half.
    Half(Half),
    /// Where to write an export.
    Export(ExportFormat, String),
    /// Notes to merge.
    Import,
    /// Where to write the transcript as it is heard.
    Retimed(String),
}

/// What a folder holds: names, and whether each is a folder; folders first.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Listing {
    /// The folder.
    pub folder: PathBuf,
    /// Its entries.
    pub entries: Vec<(String, bool)>,
}
