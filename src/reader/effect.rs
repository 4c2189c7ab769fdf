//! What the reader wants done outside of itself.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use super::pairing::Half;
use super::transcript_file::HowToRead;
use crate::audio::{AudioSource, EngineCommand, Peaks, SpeechLevel};
use crate::export::ExportFormat;
use crate::library::Request;
use crate::notes::Annotation;
use crate::timing::{Timeline, Timing};
use crate::transcript::Transcript;

/// One thing to be done; [`super::Outside`] does it, and answers with an [`super::Event`] where there is an answer.
#[derive(Debug, Clone)]
pub enum Effect {
    /// Tell the sound engine.
    Audio(EngineCommand),
    /// Ask the library.
    Library(Request),
    /// Find and read a document's files. Answered by `Found`, then `Transcript` and `Identified`, or `ReadFailed`.
    ReadDocument {
        /// The number the answers carry.
        generation: u64,
        /// The transcript, where known.
        transcript: Option<PathBuf>,
        /// The recording, where known.
        recording: Option<PathBuf>,
        /// What a person says of how to read the transcript.
        how: HowToRead,
    },
    /// Read the transcript again. Answered by `Transcript` or `ReadFailed`.
    ReadTranscript {
        /// The number the answer carries.
        generation: u64,
        /// The file.
        path: PathBuf,
        /// What a person says of how to read it.
        how: HowToRead,
    },
    /// Read the built-in demo. Answered like `ReadDocument`.
    ReadDemo {
        /// The number the answers carry.
        generation: u64,
    },
    /// Measure the recording. Answered by `Peaks`.
    FindPeaks {
        /// The number the answers carry.
        generation: u64,
        /// The recording.
        source: AudioSource,
    },
    /// Look for a picture in the recording. Answered by `Cover` where there is one.
    FindCover {
        /// The number the answer carries.
        generation: u64,
        /// The recording.
        source: AudioSource,
    },
    /// Fold the text for searching. Answered by `Folded`.
    Fold {
        /// The number the answer carries.
        generation: u64,
        /// The text.
        transcript: Arc<Transcript>,
    },
    /// Look for the stretches without cues and without speech. Answered by `Gaps`.
    FindGaps {
        /// The document, for the answer.
        generation: u64,
        /// The number the answer carries.
        number: u64,
        /// The text on the recording's clock, where there is one.
        timeline: Option<Timeline>,
        /// The waveform so far.
        peaks: Arc<Peaks>,
        /// Whether that is all of it.
        whole: bool,
    },
    /// Look whether the transcript lies in the recording where it says. Answered by `Signs`.
    LookForSigns {
        /// The document, for the answer.
        generation: u64,
        /// The number the answer carries.
        number: u64,
        /// The text.
        transcript: Arc<Transcript>,
        /// The recording's level in the bands of speech.
        speech: Arc<[SpeechLevel]>,
    },
    /// Fit the transcript to the recording. Answered by `FitProgress` and, unless it is stopped, `Fitted`.
    Fit {
        /// The document, for the answer.
        generation: u64,
        /// The number the answer carries.
        number: u64,
        /// The text.
        transcript: Arc<Transcript>,
        /// The recording's level in the bands of speech.
        speech: Arc<[SpeechLevel]>,
        /// Ends it.
        stop: Arc<AtomicBool>,
    },
    /// Find when each word is spoken, where the transcript gives only the cues' times. Answered by `Words`, if it can be told.
    RefineWords {
        /// The document, for the answer.
        generation: u64,
        /// The number the answer carries.
        number: u64,
        /// The text.
        transcript: Arc<Transcript>,
        /// Where it lies.
        timing: Timing,
        /// The recording's level in the bands of speech.
        speech: Arc<[SpeechLevel]>,
        /// Ends it.
        stop: Arc<AtomicBool>,
    },
    /// Ask where to write the transcript as it is heard. Answered by `ChosenRetimed`.
    ChooseRetimed {
        /// The name to offer.
        name: String,
        /// The folder to begin in.
        folder: Option<PathBuf>,
    },
    /// Find the annotations' places in the text. Answered by `Placed`.
    Place {
        /// The number the answer carries.
        generation: u64,
        /// The annotations.
        annotations: Vec<Annotation>,
        /// The text, when there is one.
        transcript: Option<Arc<Transcript>>,
        /// Where the text is heard, when it is another than the one they were made on; `None` when it is the same.
        changed: Option<Timing>,
    },
    /// Ask for files to open. Answered by `Chosen`.
    ChooseFiles,
    /// Ask for the missing half. Answered by `ChosenHalf`.
    ChooseHalf(Half),
    /// Ask where to write an export. Answered by `ChosenTarget`.
    ChooseTarget {
        /// In what format.
        format: ExportFormat,
        /// The name to offer.
        name: String,
        /// The folder to begin in.
        folder: Option<PathBuf>,
    },
    /// Ask for notes to merge. Answered by `ChosenImport`.
    ChooseImport,
    /// Write a file, whole or not at all. Answered by `Written`.
    WriteFile {
        /// Where.
        path: PathBuf,
        /// What.
        text: String,
        /// The files that stay as they are, whatever the path.
        keep: Vec<PathBuf>,
    },
    /// Read notes from a file. Answered by `Imported`.
    ReadNotes {
        /// The number the answer carries.
        generation: u64,
        /// The file.
        path: PathBuf,
    },
    /// See what a folder holds. Answered by `Listed`.
    ListFolder(PathBuf),
    /// Text to the clipboard.
    Clipboard(String),
    /// Keep the machine from falling asleep, or no longer.
    KeepAwake(bool),
    /// Fill the screen, or not.
    Fullscreen(bool),
    /// Leave the program.
    Quit,
}
