//! How a transcript is read, where a person says it on the command line.

use std::path::{Path, PathBuf};

use clap::Args;

use crate::format::Format;
use crate::reader::HowToRead;

/// What is not said is found out.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "How the transcript is read")]
pub struct ReadingArgs {
    /// Its format, by its name in `earmark formats`.
    #[arg(long, value_name = "FORMAT", value_parser = format)]
    from_format: Option<Format>,
    /// Its character encoding: utf-8, windows-1252, shift_jis, gb18030 ...
    #[arg(long, value_name = "ENCODING")]
    encoding: Option<String>,
    /// Its tier, track or style, where it has several.
    #[arg(long, value_name = "NAME")]
    tier: Option<String>,
    /// Frames a second, where its times count frames.
    #[arg(long = "fps", value_name = "N")]
    frame_rate: Option<f64>,
    /// Keep cues that repeat each other.
    #[arg(long)]
    raw: bool,
}

impl ReadingArgs {
    /// The same for the reader.
    pub fn how(&self) -> HowToRead {
        HowToRead {
            format: self.from_format,
            encoding: self.encoding.clone(),
            tier: self.tier.clone(),
            frame_rate: self.frame_rate,
            raw: self.raw,
        }
    }
}

/// The format of a key, or which there are.
pub(super) fn format(key: &str) -> Result<Format, String> {
    Format::from_key(key).ok_or_else(|| {
        let keys: Vec<&str> = Format::all().map(Format::key).collect();
        format!("expected one of {}", keys.join(", "))
    })
}

/// No format was said, and the name to write to tells none.
#[derive(Debug, thiserror::Error)]
#[error("which format? say --to, or end the name as `earmark formats` lists: {}", .0.display())]
pub(super) struct UnknownFormat(PathBuf);

/// The format to write: the one that was said, or else what the name's ending says.
pub(super) fn format_to_write(path: &Path, said: Option<Format>) -> Result<Format, UnknownFormat> {
    let extension = path.extension().and_then(|extension| extension.to_str());
    let format = said.or_else(|| Format::from_extension(extension?));
    format.ok_or_else(|| UnknownFormat(path.to_owned()))
}
