//! The command line: what was typed, and the headless commands.
//!
//! Exit codes: 0 done, 1 done with warnings under `--strict`, 2 not done (one line on stderr says why).

mod clip;
mod convert;
mod formats;
mod inspect;
mod notes;
mod peaks;
mod probe;
mod reading;
mod sync;

use std::error::Error;
use std::io::{BufWriter, Write};
use std::path::PathBuf;

use clap::{Parser, Subcommand};

use crate::reader::View;
use crate::time::{TimeDelta, TimecodeError, parse_timecode};

pub use notes::NotesCommand;
pub use reading::ReadingArgs;

/// A desktop transcript reader with synced playback.
///
/// Opens a transcript (`earmark formats` lists the kinds), a recording (MP3, M4A, WAV, FLAC, Ogg Vorbis), or both, in any
/// order. The other half is found by its name in the same folder.
#[derive(Debug, Parser)]
#[command(name = "earmark", version, subcommand_precedence_over_arg = true)]
pub struct Arguments {
    /// A transcript, a recording, or both; without them the welcome screen.
    #[arg(num_args = 0..=2)]
    pub files: Vec<PathBuf>,
    /// Begin here: 1:02:03, 62:03, 3723 or 1h2m3s.
    #[arg(long, value_name = "TIME", value_parser = time)]
    pub at: Option<TimeDelta>,
    /// Play at once.
    #[arg(long)]
    pub play: bool,
    /// Play at this speed: 0.4 to 4.
    #[arg(long, value_name = "SPEED")]
    pub speed: Option<f32>,
    /// Open the built-in demo.
    #[arg(long, conflicts_with = "files")]
    pub demo: bool,
    /// Show the text this way: reading or lines.
    #[arg(long, value_name = "VIEW", value_parser = view)]
    pub view: Option<View>,
    /// How the transcript is read.
    #[command(flatten)]
    pub reading: ReadingArgs,
    /// The library to use instead of the usual one (also: EARMARK_LIBRARY).
    #[arg(long, value_name = "PATH", global = true)]
    pub library: Option<PathBuf>,
    /// A command that needs no window.
    #[command(subcommand)]
    pub headless: Option<Headless>,
}

/// The commands that need no window, no display and no sound.
#[derive(Debug, Subcommand)]
pub enum Headless {
    /// What transcripts hold, and what was repaired in them.
    Inspect(inspect::InspectArgs),
    /// Write a transcript in another format.
    Convert(convert::ConvertArgs),
    /// The formats that are read and written.
    Formats {
        /// As JSON.
        #[arg(long)]
        json: bool,
    },
    /// What a recording is: container, codec, length, tags, chapters.
    Probe {
        /// The recording.
        audio: PathBuf,
        /// As JSON.
        #[arg(long)]
        json: bool,
        /// Go through all of it, for the exact length.
        #[arg(long)]
        full: bool,
    },
    /// Cut a passage out of a recording, to the sample.
    Clip(clip::ClipArgs),
    /// The shape of a recording's sound: the lowest and highest sample of each of many columns.
    Peaks(peaks::PeaksArgs),
    /// Where a transcript lies in a recording: other advertisements, another zero, another pace.
    Sync(sync::SyncArgs),
    /// List, add, delete, export and import notes.
    Notes {
        /// What to do.
        #[command(subcommand)]
        command: NotesCommand,
    },
}

/// How a headless command ended, when it did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// Done.
    Done,
    /// Done, with warnings, and `--strict` asked to be told.
    Warned,
}

/// Carries out a headless command. An error is one line for stderr.
pub fn run(command: Headless, library: Option<PathBuf>) -> Result<Outcome, Box<dyn Error>> {
    let mut out = BufWriter::new(std::io::stdout().lock());
    let outcome = match command {
        Headless::Inspect(args) => inspect::inspect(&args, &mut out)?,
        Headless::Convert(args) => convert::convert(&args, &mut out)?,
        Headless::Formats { json } => {
            formats::formats(json, &mut out)?;
            Outcome::Done
        }
        Headless::Probe { audio, json, full } => {
            probe::probe(&audio, json, full, &mut out)?;
            Outcome::Done
        }
        Headless::Clip(args) => {
            clip::clip(&args, &mut out)?;
            Outcome::Done
        }
        Headless::Peaks(args) => {
            peaks::peaks(&args, &mut out)?;
            Outcome::Done
        }
        Headless::Sync(args) => sync::sync(&args, library, &mut out)?,
        Headless::Notes { command } => {
            notes::notes(command, library, &mut out)?;
            Outcome::Done
        }
    };
    out.flush()?;
    Ok(outcome)
}

fn time(text: &str) -> Result<TimeDelta, TimecodeError> {
    parse_timecode(text)
}

fn view(text: &str) -> Result<View, String> {
    View::from_name(text).ok_or_else(|| "expected reading or lines".to_owned())
}
