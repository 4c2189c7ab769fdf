//! The application without a screen.
//!
//! [`Reader`] is plain data. A [`Command`] (a key, a button, a menu, the command line) or an [`Event`] (news from a
//! thread) changes it; what has to happen outside comes out as [`Effect`]s, which [`Outside`] carries out on threads
//! that answer with events. So everything the program does can be driven by a test without window, sound or disk.

mod action;
mod annotate;
mod awake;
mod command;
mod cover;
mod document;
mod effect;
mod event;
mod fitting;
mod gaps;
mod job;
mod message;
mod opening;
mod outline;
mod outside;
mod pairing;
mod playing;
mod rewind;
mod run;
mod searching;
mod selection;
mod settings;
mod sleep;
mod state;
mod timing;
mod transcript_file;

pub use action::{ACTIONS, Action, Group, keys_table, shown_key};
pub use command::{Command, FilterChange, View};
pub use cover::Picture;
pub use document::{Document, Mark, Progress, Told};
pub use effect::Effect;
pub use event::{Event, Listing, NoDialog, ReadTranscript};
pub use fitting::{Fitting, Found};
pub use message::{Message, MessageId, Severity, sentence};
pub use opening::Options as StartOptions;
pub use outline::{Outline, OutlineChapter};
pub use outside::{Outside, Wake};
pub use pairing::{Half, half_of, partner};
pub use playing::Playback;
pub use rewind::ResumeRewind;
pub use searching::Search;
pub use selection::Selection;
pub use settings::{Font, Settings, Theme};
pub use sleep::SleepAfter;
pub use state::{Draft, NoteFilter, Panel, Reader};
pub use timing::TimingRow;
pub use transcript_file::{HowToRead, ReadFailure, TranscriptFile, read_transcript};

// What the window shows of the sound and the library, so that it need not know them.
pub use crate::audio::{DeviceState, EngineEvent, OutputDevice, Playhead, SPEEDS};
pub use crate::library::{Recent, default_path};
