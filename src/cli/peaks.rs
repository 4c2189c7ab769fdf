//! `earmark peaks`: the shape of a recording's sound, as the window draws it, for scripts.

use std::io::{self, Write};
use std::path::PathBuf;

use clap::Args;
use serde::Serialize;

use crate::audio::{self, AudioError, AudioSource, Decoder};
use crate::time::{MediaSpan, MediaTime};

/// More columns are of no use: each is at least 10 ms of sound, and they are all held in memory.
const MOST_COLUMNS: i64 = 100_000;

/// `earmark peaks`.
#[derive(Debug, Clone, Args)]
pub struct PeaksArgs {
    /// The recording.
    audio: PathBuf,
    /// As JSON; without it, a line for each column: where it begins in seconds, its lowest and its highest sample.
    #[arg(long)]
    json: bool,
    /// How many columns of equal length the recording is divided into.
    #[arg(long, value_name = "N", default_value_t = 1_000, value_parser = clap::value_parser!(u32).range(1..=MOST_COLUMNS))]
    width: u32,
}

/// Why there are no peaks.
#[derive(Debug, thiserror::Error)]
pub enum PeaksError {
    /// The recording cannot be read.
    #[error(transparent)]
    Audio(#[from] AudioError),
    /// The result could not be written.
    #[error("cannot write the result: {0}")]
    Write(#[from] io::Error),
}

/// The JSON of `--json`.
#[derive(Serialize)]
struct Described {
    sample_rate: u32,
    duration_s: f64,
    width: u32,
    columns: Vec<[f64; 2]>,
}

/// Writes the lowest and highest sample of each column, −1 to 1.
pub fn peaks(args: &PeaksArgs, out: &mut dyn Write) -> Result<(), PeaksError> {
    let source = AudioSource::File(args.audio.clone());
    let decoder = Decoder::open(&source)?;
    let sample_rate = decoder.sample_rate();
    let peaks = audio::peaks(&source, decoder)?;
    let duration_s = (peaks.length() - MediaTime::ZERO).as_secs_f64();
    let span = MediaSpan::new(MediaTime::ZERO, peaks.length());
    let columns = peaks.columns(span, args.width as usize);
    if args.json {
        let columns = columns.into_iter().map(|(low, high)| [rounded(low), rounded(high)]);
        let described = Described {
            sample_rate,
            duration_s,
            width: args.width,
            columns: columns.collect(),
        };
        serde_json::to_writer(&mut *out, &described).map_err(io::Error::from)?;
        writeln!(out)?;
        return Ok(());
    }
    for (column, (low, high)) in columns.into_iter().enumerate() {
        let begins = duration_s * column as f64 / f64::from(args.width);
        writeln!(out, "{begins:.3}\t{low:.4}\t{high:.4}")?;
    }
    Ok(())
}

/// Four decimals: what is told is told in 127ths.
fn rounded(level: f32) -> f64 {
    (f64::from(level) * 1e4).round() / 1e4
}
