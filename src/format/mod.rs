//! Bytes → [`Transcript`]. One file for each format.
//!
//! ```text
//! bytes ─ encoding ─ detect ─ srt | vtt | timed_text ─ speakers ─ repair ─► Transcript
//! ```
//! A reader finds cues and their payloads and leaves the rest to what all share: `markup` reads a payload,
//! `speakers` finds who speaks, `repair` puts order, times and doubles right. Whatever was repaired, guessed or
//! left out is a [`Warning`] with its line.

mod detect;
mod draft;
mod encoding;
mod markup;
mod repair;
mod speakers;
mod srt;
mod stamp;
mod timed_text;
mod vtt;
mod warning;

pub use draft::MAX_CUES;
pub use warning::{MAX_OF_KIND, Warning, WarningKind, Warnings};

use crate::transcript::Transcript;

/// The largest file that is read. A hundred hours of speech with a time for each word are a tenth of this.
pub const MAX_BYTES: u64 = 256 << 20;

/// What reading a file gave.
#[derive(Debug, Clone)]
pub struct Reading {
    /// The transcript.
    pub transcript: Transcript,
    /// The format it was written in.
    pub format: Format,
    /// The character encoding it was written in, by its WHATWG name.
    pub encoding: &'static str,
    /// Everything that was repaired, by line.
    pub warnings: Vec<Warning>,
}

/// The formats read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// SubRip.
    Srt,
    /// WebVTT.
    WebVtt,
    /// Plain text with time codes.
    TimedText,
}

impl Format {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Srt, Self::WebVtt, Self::TimedText];

    /// Its name for a person.
    pub fn name(self) -> &'static str {
        match self {
            Self::Srt => "SubRip",
            Self::WebVtt => "WebVTT",
            Self::TimedText => "text with time codes",
        }
    }

    /// The extensions its files have, in lower case, the usual one first.
    pub fn extensions(self) -> &'static [&'static str] {
        match self {
            Self::Srt => &["srt"],
            Self::WebVtt => &["vtt", "webvtt"],
            Self::TimedText => &["txt", "text", "md"],
        }
    }
}

/// Why a file is not read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ReadError {
    /// Nothing in it, or nothing but blanks.
    #[error("the file is empty")]
    Empty,
    /// Beyond [`MAX_BYTES`].
    #[error("the file has {} MB; transcripts of up to {} MB are read", size >> 20, limit >> 20)]
    TooLarge {
        /// Its size in bytes.
        size: u64,
        /// The limit in bytes.
        limit: u64,
    },
    /// Beyond [`MAX_CUES`].
    #[error("the file has more than {limit} cues; it is no transcript")]
    TooManyCues {
        /// The limit.
        limit: usize,
    },
    /// No text.
    #[error("this is no text file")]
    Binary,
    /// Text without any cue.
    #[error("no cue found; tried {tried}")]
    NoCue {
        /// The names of the formats tried.
        tried: String,
    },
}

/// Reads a transcript of any known format. `extension` is the file's, without the point; it decides only where the
/// content leaves a doubt.
///
/// The bytes are all of the file; who reads them from a disk looks at the size first, see [`MAX_BYTES`].
pub fn read(bytes: &[u8], extension: Option<&str>) -> Result<Reading, ReadError> {
    let size = bytes.len() as u64;
    if size > MAX_BYTES {
        return Err(ReadError::TooLarge { size, limit: MAX_BYTES });
    }
    let mut warnings = Warnings::default();
    let decoded = encoding::decode(bytes, &mut warnings)?;
    let text = decoded.text.as_ref();
    if text.chars().all(|c| c.is_whitespace() || c == '\u{feff}') {
        return Err(ReadError::Empty);
    }
    let Some(format) = detect::detect(text, extension, &mut warnings) else {
        return Err(no_cue());
    };
    let mut drafts = draft::Drafts::default();
    match format {
        Format::Srt => srt::parse(text, &mut drafts, &mut warnings),
        Format::WebVtt => vtt::parse(text, &mut drafts, &mut warnings),
        Format::TimedText => timed_text::parse(text, &mut drafts, &mut warnings),
    }
    // Looked at twice: finding the speakers keeps something for every cue, and may cut cues into several.
    let is_too_long = |drafts: &draft::Drafts| drafts.cues.len() > MAX_CUES;
    if !is_too_long(&drafts) {
        speakers::find(&mut drafts);
    }
    if is_too_long(&drafts) {
        return Err(ReadError::TooManyCues { limit: MAX_CUES });
    }
    let transcript = repair::finish(drafts, &mut warnings);
    if transcript.cues.is_empty() {
        return Err(no_cue());
    }
    Ok(Reading {
        transcript,
        format,
        encoding: decoded.encoding,
        warnings: warnings.into_sorted(),
    })
}

fn no_cue() -> ReadError {
    ReadError::NoCue {
        tried: Format::ALL.map(Format::name).join(", "),
    }
}
