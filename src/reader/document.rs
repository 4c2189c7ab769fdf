//! What is open: a transcript, a recording, or both, and the notes on them.

use std::path::PathBuf;
use std::sync::Arc;

use super::event::ReadTranscript;
use super::fitting::Fitting;
use super::outline::in_one_line;
use super::transcript_file::HowToRead;
use super::{Outline, Picture, TimingRow};
use crate::audio::{AudioSource, Peaks, Recording};
use crate::library::{DocumentFiles, DocumentId};
use crate::notes::{Annotation, Placement};
use crate::time::MediaTime;
use crate::timing::{Timeline, Timing};
use crate::transcript::{CueId, Folded, Passage};

/// A note and its place in the text.
#[derive(Debug, Clone, PartialEq)]
pub struct Mark {
    /// The note.
    pub annotation: Annotation,
    /// Where it is.
    pub placement: Placement,
}

impl Mark {
    /// The words it stands on.
    pub fn passage(&self) -> Option<Passage> {
        match self.placement {
            Placement::Passage(passage) => Some(passage),
            Placement::Instant | Placement::Unplaced => None,
        }
    }
}

/// How far something is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Progress {
    /// It has not begun, or is not wanted.
    None,
    /// This much is done, 0 to 1.
    Running(f32),
    /// It is done.
    Done,
    /// It cannot be done.
    Failed,
}

/// What a recording calls itself, each in one line.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Told {
    /// The title.
    pub title: Option<String>,
    /// The artist; where none is named, whose the album is.
    pub artist: Option<String>,
}

impl Told {
    /// By its tags.
    pub(super) fn by(recording: &Recording) -> Self {
        let tag = |wanted: &str| {
            let (_, value) = recording.tags.iter().find(|(name, _)| name == wanted)?;
            in_one_line(value)
        };
        Self {
            title: tag("title"),
            artist: tag("artist").or_else(|| tag("album_artist")),
        }
    }
}

/// What is open.
#[derive(Debug)]
pub struct Document {
    /// The number its answers carry.
    pub generation: u64,
    /// What it is called.
    pub title: String,
    /// Whether it is the built-in demo.
    pub demo: bool,
    /// Where the transcript lies.
    pub transcript_path: Option<PathBuf>,
    /// Where the recording lies.
    pub source: Option<AudioSource>,
    /// The transcript on the recording's clock.
    pub timeline: Option<Timeline>,
    /// What was read besides.
    pub read: Option<ReadTranscript>,
    /// How a person wants it to be read.
    pub how: HowToRead,
    /// How the library says it was read the last time.
    pub(super) kept_how: HowToRead,
    /// The text folded for searching, once it is.
    pub folded: Option<Arc<Folded>>,
    /// Whether the transcript is still being read.
    pub reading: bool,
    /// The recording, once it is open.
    pub recording: Option<Arc<Recording>>,
    /// The chapters on the recording's clock.
    pub outline: Arc<Outline>,
    /// What the recording calls itself.
    pub told: Told,
    /// The picture in the recording.
    pub cover: Option<Arc<Picture>>,
    /// The waveform, as far as it is measured.
    pub peaks: Option<Arc<Peaks>>,
    /// How far the measuring is.
    pub measured: Progress,
    /// The true length, once measured.
    pub length: Option<MediaTime>,
    /// Who it is in the library, once it is known.
    pub stored: Option<DocumentId>,
    /// The notes that are on the disk, ordered by time.
    pub marks: Vec<Mark>,
    /// What is done about fitting the transcript to the recording.
    pub fitting: Fitting,
    /// What is known of the timing, in order of the recording.
    pub timing_rows: Arc<[TimingRow]>,
    pub(super) words: super::fitting::Wanted,
    /// The number of the quick look that was asked for last.
    pub(super) signs_wanted: u64,
    pub(super) gaps: super::gaps::Gaps,
    pub(super) files: Option<DocumentFiles>,
    pub(super) annotations: Vec<Annotation>,
    pub(super) placing: Option<bool>,
    pub(super) scroll: Option<(CueId, f32)>,
    pub(super) restored: bool,
}

impl Document {
    pub(super) fn new(generation: u64, title: String) -> Self {
        Self {
            generation,
            title,
            demo: false,
            transcript_path: None,
            source: None,
            timeline: None,
            read: None,
            how: HowToRead::default(),
            kept_how: HowToRead::default(),
            folded: None,
            reading: true,
            recording: None,
            outline: Arc::default(),
            told: Told::default(),
            cover: None,
            peaks: None,
            measured: Progress::None,
            length: None,
            stored: None,
            marks: Vec::new(),
            fitting: Fitting::default(),
            timing_rows: Arc::default(),
            words: super::fitting::Wanted::default(),
            signs_wanted: 0,
            gaps: super::gaps::Gaps::default(),
            files: None,
            annotations: Vec::new(),
            placing: None,
            scroll: None,
            restored: false,
        }
    }

    /// How long it is: as measured, else as the recording says, else as the last cue ends.
    pub fn length(&self) -> MediaTime {
        self.length
            .or_else(|| self.recording.as_ref().and_then(|recording| recording.length))
            .or_else(|| self.timeline.as_ref().map(Timeline::end))
            .unwrap_or(MediaTime::ZERO)
    }

    /// Whether the length is known for certain.
    pub fn length_is_exact(&self) -> bool {
        self.length.is_some() || self.recording.as_ref().is_none_or(|recording| recording.exact)
    }

    /// Where the transcript lies in the recording.
    pub fn timing(&self) -> Timing {
        self.timeline
            .as_ref()
            .map(Timeline::timing)
            .cloned()
            .unwrap_or_default()
    }

    /// Where the view was scrolled to when the document was closed last.
    pub fn scroll(&self) -> Option<(CueId, f32)> {
        self.scroll
    }

    /// Whether the place of the last time is taken up, or there is none.
    pub fn is_restored(&self) -> bool {
        self.restored
    }

    pub(super) fn sort_marks(&mut self) {
        self.marks.sort_by(|a, b| {
            let key = |mark: &Mark| (mark.annotation.target.time.start, mark.annotation.created);
            key(a).cmp(&key(b))
        });
    }
}
