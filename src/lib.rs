//! Earmark: a desktop transcript reader with synced playback.
//!
//! The map of the house, each floor resting only on those above it:
//!
//! - [`time`]: the recording's clock and the transcript's, kept apart by their types
//! - [`boxes`], [`ebml`]: the boxes of MP4 and the elements of Matroska, in which both sound and text lie
//! - [`transcript`]: what was said — cues, words, speakers, paragraphs, search
//! - [`mod@format`]: bytes → transcript, with a warning for every repair
//! - [`timing`]: a transcript laid on the recording's clock
//! - [`notes`]: marks and notes, and how their place is found again
//! - [`export`]: what leaves
//! - [`audio`]: the recording — opened, decoded, played, measured, cut
//! - [`library`]: what is kept between sessions, in SQLite
//! - [`reader`]: the application without a screen — commands and events in, effects out
//! - [`ui`]: the window
//! - [`cli`]: the headless commands

pub mod audio;
pub mod boxes;
pub mod cli;
pub mod ebml;
pub mod export;
pub mod format;
pub mod library;
pub mod notes;
pub mod reader;
pub mod time;
pub mod timing;
pub mod transcript;
pub mod ui;
