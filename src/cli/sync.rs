//! `earmark sync`: where a transcript lies in a recording, found out by itself.

use std::error::Error;
use std::io::Write;
use std::path::PathBuf;

use clap::Args;
use serde::Serialize;

use super::Outcome;
use super::reading::ReadingArgs;
use crate::audio::{self, AudioSource, Decoder};
use crate::reader::read_transcript;
use crate::time::{CueTime, TimeDelta, format_hms_millis};
use crate::timing::fit::{self, Fit};

/// `earmark sync`.
#[derive(Debug, Clone, Args)]
pub struct SyncArgs {
    /// The transcript.
    transcript: PathBuf,
    /// The recording.
    audio: PathBuf,
    /// As JSON.
    #[arg(long)]
    json: bool,
    /// Exit with 1 unless all of the transcript is there and surely found.
    #[arg(long)]
    strict: bool,
    #[command(flatten)]
    reading: ReadingArgs,
}

/// The JSON of `--json`.
#[derive(Serialize)]
struct Described {
    belongs: bool,
    confidence: f64,
    segments: Vec<Segment>,
    gaps: Vec<Gap>,
}

/// A stretch of the transcript, on its own clock; `offset_ms` is how much later its beginning is heard.
#[derive(Serialize)]
struct Segment {
    from_ms: i64,
    to_ms: i64,
    offset_ms: i64,
    rate: f64,
    confidence: f64,
}

#[derive(Serialize)]
#[expect(clippy::struct_field_names, reason = "the unit belongs to the name")]
struct Gap {
    at_ms: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    extra_ms: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    missing_ms: Option<i64>,
}

/// Fits a transcript to a recording and tells what was found.
pub fn sync(args: &SyncArgs, out: &mut dyn Write) -> Result<Outcome, Box<dyn Error>> {
    let reading = read_transcript(&args.transcript, &args.reading.how())?.reading;
    let source = AudioSource::File(args.audio.clone());
    let decoder = Decoder::open(&source)?;
    let peaks = audio::peaks(&source, decoder)?;
    let fit = fit::fit(&reading.transcript, peaks.speech(), |_| true).unwrap_or_default();
    if args.json {
        serde_json::to_writer(&mut *out, &described(&fit))?;
        writeln!(out)?;
    } else {
        tell(&fit, out)?;
    }
    let is_sure = fit
        .stretches
        .iter()
        .all(|stretch| stretch.confidence >= fit::SURE_ENOUGH);
    Ok(if !fit.belongs() || args.strict && !is_sure {
        Outcome::Warned
    } else {
        Outcome::Done
    })
}

fn described(fit: &Fit) -> Described {
    let rounded = |share: f32| (f64::from(share) * 1e3).round() / 1e3;
    let segments = fit.stretches.iter().map(|stretch| Segment {
        from_ms: millis(stretch.from),
        to_ms: millis(stretch.to),
        offset_ms: whole_millis(stretch.offset()),
        rate: (stretch.rate * 1e7).round() / 1e7,
        confidence: rounded(stretch.confidence),
    });
    let mut gaps = Vec::new();
    for cut in fit.cuts() {
        let (extra, missing) = (whole_millis(cut.extra.length()), whole_millis(cut.missing.length()));
        let at_ms = millis(cut.at);
        if missing > 0 {
            gaps.push(Gap {
                at_ms,
                extra_ms: None,
                missing_ms: Some(missing),
            });
        }
        if extra > 0 {
            gaps.push(Gap {
                at_ms,
                extra_ms: Some(extra),
                missing_ms: None,
            });
        }
    }
    Described {
        belongs: fit.belongs(),
        confidence: rounded(fit.confidence),
        segments: segments.collect(),
        gaps,
    }
}

fn tell(fit: &Fit, out: &mut dyn Write) -> std::io::Result<()> {
    if !fit.belongs() {
        writeln!(out, "The transcript is not of this recording, as far as can be told.")?;
    }
    let clock = |time: CueTime| format_hms_millis(time - CueTime::ZERO, '.');
    for stretch in &fit.stretches {
        writeln!(
            out,
            "{} to {}: {:+.2} s, at {:.4} of its pace, {:.0} % sure",
            clock(stretch.from),
            clock(stretch.to),
            stretch.offset().as_secs_f64(),
            stretch.rate,
            stretch.confidence * 100.0
        )?;
    }
    for cut in fit.cuts() {
        let secs = |length: TimeDelta| length.as_secs_f64();
        if !cut.missing.is_empty() {
            writeln!(
                out,
                "at {}: {:.2} s are not in the recording",
                clock(cut.at),
                secs(cut.missing.length())
            )?;
        }
        if !cut.extra.is_empty() {
            writeln!(
                out,
                "at {}: {:.2} s are not in the transcript",
                clock(cut.at),
                secs(cut.extra.length())
            )?;
        }
    }
    Ok(())
}

fn millis(time: CueTime) -> i64 {
    whole_millis(time - CueTime::ZERO)
}

fn whole_millis(delta: TimeDelta) -> i64 {
    (delta.as_secs_f64() * 1e3).round() as i64
}
