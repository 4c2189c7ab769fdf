//! What leaves: a document's notes, in forms that other programs read. One file for each.
//!
//! Texts only; writing them to files is the caller's work. Everything a person or a file wrote is escaped for the form
//! it goes into.

mod csv;
mod html;
mod import;
mod json_ld;
mod markdown;
mod uri;
mod webvtt;

pub use import::{ImportError, read_json_ld};

use std::path::PathBuf;

use crate::notes::{Annotation, Kind};
use crate::time::{MediaTime, TimeDelta, format_clock};

/// The notes of one document, to be exported.
#[derive(Debug, Clone, Default)]
pub struct NotesExport {
    /// What the document is called.
    pub title: String,
    /// Where its transcript lies.
    pub transcript: Option<PathBuf>,
    /// Where its recording lies.
    pub recording: Option<PathBuf>,
    /// The notes, in any order; they leave sorted by time.
    pub notes: Vec<ExportedNote>,
}

/// A note, and whether its words are in the transcript as it is.
#[derive(Debug, Clone)]
pub struct ExportedNote {
    /// The note.
    pub annotation: Annotation,
    /// Its words are not in the transcript any more.
    pub unplaced: bool,
}

/// The forms that notes leave in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ExportFormat {
    /// Markdown with properties, callouts and block ids, as Obsidian has them.
    Markdown,
    /// W3C Web Annotation; the one that can be read back without loss.
    JsonLd,
    /// Readwise's columns.
    Csv,
    /// One page that needs nothing else.
    Html,
    /// The marked passages as cues.
    WebVtt,
}

impl ExportFormat {
    /// All, in the order they are offered.
    pub const ALL: [Self; 5] = [Self::Markdown, Self::JsonLd, Self::Csv, Self::Html, Self::WebVtt];

    /// `markdown` and so on: on the command line.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Markdown => "markdown",
            Self::JsonLd => "json-ld",
            Self::Csv => "csv",
            Self::Html => "html",
            Self::WebVtt => "webvtt",
        }
    }

    /// The format of this [`ExportFormat::name`].
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|format| format.name() == name)
    }

    /// What its files are called after the point.
    pub const fn extension(self) -> &'static str {
        match self {
            Self::Markdown => "md",
            Self::JsonLd => "jsonld",
            Self::Csv => "csv",
            Self::Html => "html",
            Self::WebVtt => "vtt",
        }
    }

    /// The format of files with this ending, in any case.
    pub fn from_extension(extension: &str) -> Option<Self> {
        match extension.to_ascii_lowercase().as_str() {
            "markdown" => Some(Self::Markdown),
            "json" => Some(Self::JsonLd),
            "htm" => Some(Self::Html),
            other => Self::ALL.into_iter().find(|format| format.extension() == other),
        }
    }

    /// What it is called in a menu.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Markdown => "Markdown (Obsidian)",
            Self::JsonLd => "Web Annotation (JSON-LD)",
            Self::Csv => "CSV (Readwise)",
            Self::Html => "Web page (HTML)",
            Self::WebVtt => "Captions (WebVTT)",
        }
    }
}

/// The notes in a format, as the text of a UTF-8 file.
pub fn export(format: ExportFormat, notes: &NotesExport) -> String {
    match format {
        ExportFormat::Markdown => markdown::write(notes),
        ExportFormat::JsonLd => json_ld::write(notes),
        ExportFormat::Csv => csv::write(notes),
        ExportFormat::Html => html::write(notes),
        ExportFormat::WebVtt => webvtt::write(notes),
    }
}

impl NotesExport {
    fn sorted(&self) -> Vec<&ExportedNote> {
        let mut notes: Vec<&ExportedNote> = self.notes.iter().collect();
        notes.sort_by_key(|note| {
            let time = note.annotation.target.time;
            (time.start, time.end, note.annotation.id)
        });
        notes
    }

    /// The place of the recording where a note is heard, as an address; of the transcript where there is no recording.
    fn address_of(&self, annotation: &Annotation) -> Option<String> {
        let source = self.recording.as_ref().or(self.transcript.as_ref())?;
        Some(format!(
            "{}#{}",
            uri::of_path(source),
            uri::time_fragment(annotation.target.time)
        ))
    }
}

fn clock(time: MediaTime) -> String {
    format_clock(since_start(time))
}

fn since_start(time: MediaTime) -> TimeDelta {
    (time - MediaTime::ZERO).max(TimeDelta::ZERO)
}

/// The words a note is about; empty where it has none.
fn quoted(annotation: &Annotation) -> &str {
    annotation
        .target
        .quote
        .as_ref()
        .map_or("", |quote| quote.exact.as_str())
}

/// What stands for a note that has neither words nor text.
fn kind_title(kind: Kind) -> &'static str {
    match kind {
        Kind::Highlight => "Highlight",
        Kind::Note => "Note",
        Kind::Bookmark => "Bookmark",
    }
}

/// Who spoke the marked words, on one line; `None` where nobody is named.
fn speaker_of(annotation: &Annotation) -> Option<String> {
    let name = annotation.target.speaker.as_deref().map(one_line);
    name.filter(|name| !name.is_empty())
}

/// A text as one line: line breaks and other control characters are spaces.
fn one_line(text: &str) -> String {
    text.split(|c: char| c.is_control() || matches!(c, '\u{2028}' | '\u{2029}'))
        .map(str::trim)
        .filter(|part| !part.is_empty())
        .collect::<Vec<_>>()
        .join(" ")
}

/// A tag without what ends a tag in the programs that read them: letters, digits, `_`, `-` and `/` stay.
fn tag_word(tag: &str) -> String {
    let mut word = String::new();
    for c in tag.trim().chars() {
        if c.is_alphanumeric() || matches!(c, '_' | '-' | '/') {
            word.push(c);
        } else if !word.ends_with('-') && !word.is_empty() {
            word.push('-');
        }
    }
    let word = word.trim_end_matches('-');
    // Obsidian takes a bare number for no tag.
    if !word.is_empty() && word.chars().all(char::is_numeric) {
        format!("_{word}")
    } else {
        word.to_owned()
    }
}

/// A text with each line trimmed at its end and empty lines at both ends left out.
fn lines(text: &str) -> impl Iterator<Item = &str> {
    text.trim().lines().map(str::trim_end)
}
