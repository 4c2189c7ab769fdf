//! Bytes → [`Transcript`](crate::transcript::Transcript), and back. One file for each format.

mod warning;

pub use warning::{Warning, WarningKind, Warnings};

use crate::transcript::Transcript;

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
