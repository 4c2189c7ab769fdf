//! `earmark sync`: where a transcript lies in a recording, found out by itself.

use std::error::Error;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::Args;
use serde::Serialize;

use super::Outcome;
use super::reading::{self, ReadingArgs};
use crate::audio::{self, AudioSource, Decoder};
use crate::format::{self, Format};
use crate::library::{ContentHash, DocumentFiles, FileIdentity, Place, Store, default_path, write_atomically};
use crate::reader::{View, read_transcript};
use crate::time::{CueTime, MediaTime, TimeDelta, format_hms_millis};
use crate::timing::fit::{self, Fit};
use crate::timing::{Timeline, Timing};
use crate::transcript::Transcript;

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
    /// Write the transcript with the times at which it is heard; OUT's ending says in what format, `-` is the standard
    /// output.
    #[arg(long, value_name = "OUT")]
    write: Option<PathBuf>,
    /// The format to write, by its name in `earmark formats`.
    #[arg(long, value_name = "FORMAT", requires = "write", value_parser = reading::format)]
    to: Option<Format>,
    /// With the time of each word, found in the recording where the transcript gives none.
    #[arg(long, requires = "write")]
    words: bool,
    /// Keep what was found in the library: the window shows the transcript so from now on.
    #[arg(long)]
    apply: bool,
    #[command(flatten)]
    reading: ReadingArgs,
}

/// Why nothing is done with what was found.
#[derive(Debug, thiserror::Error)]
enum SyncError {
    #[error("--write - and --json cannot both have the standard output")]
    TwiceOut,
    #[error("this system tells no folder for the library; say --library PATH")]
    NoLibrary,
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

/// Fits a transcript to a recording and tells what was found. What does not belong is neither written nor kept.
pub fn sync(args: &SyncArgs, library: Option<PathBuf>, out: &mut dyn Write) -> Result<Outcome, Box<dyn Error>> {
    let to = args
        .write
        .as_deref()
        .map(|path| reading::format_to_write(path, args.to))
        .transpose()?;
    let to_stdout = args.write.as_deref() == Some(Path::new("-"));
    if to_stdout && args.json {
        return Err(SyncError::TwiceOut.into());
    }
    let file = read_transcript(&args.transcript, &args.reading.how())?;
    let transcript = Arc::new(file.reading.transcript);
    let source = AudioSource::File(args.audio.clone());
    let decoder = Decoder::open(&source)?;
    let peaks = audio::peaks(&source, decoder)?;
    let fit = fit::fit(&transcript, peaks.speech(), |_| true).unwrap_or_default();
    if fit.belongs() {
        if let (Some(path), Some(to)) = (&args.write, to) {
            let timing = fit.timing();
            let mut heard = Arc::clone(&transcript);
            if args.words
                && let Some(refined) = fit::refined(&transcript, &timing.map(), peaks.speech(), || true)
            {
                heard = Arc::new(with_words(refined));
            }
            let written = format::write(&Timeline::new(heard, timing).retimed(), to)?;
            for loss in &written.losses {
                eprintln!("earmark: {loss}");
            }
            if to_stdout {
                out.write_all(written.text.as_bytes())?;
            } else {
                let ours = [args.transcript.clone(), args.audio.clone()];
                write_atomically(path, written.text.as_bytes(), &ours)?;
            }
        }
        if args.apply {
            apply(
                args,
                library,
                FileIdentity::new(file.hash, &args.transcript),
                fit.timing(),
                peaks.length(),
            )?;
        }
    }
    if to_stdout {
        // What was found is not to be mixed with it.
    } else if args.json {
        serde_json::to_writer(&mut *out, &described(&fit))?;
        writeln!(out)?;
    } else {
        tell(&fit, out)?;
    }
    let is_sure = fit
        .stretches
        .iter()
        .all(|stretch| stretch.confidence >= fit::SURE_ENOUGH);
    let is_whole = fit.cuts().iter().all(|cut| cut.missing.is_empty());
    Ok(if !fit.belongs() || args.strict && !(is_sure && is_whole) {
        Outcome::Warned
    } else {
        Outcome::Done
    })
}

/// With the times of all words as the transcript's own, so that they are written.
fn with_words(mut transcript: Transcript) -> Transcript {
    for word in transcript.cues.iter_mut().flat_map(|cue| &mut cue.given_words) {
        word.given = true;
    }
    transcript
}

/// Keeps a timing for the document that these files are.
fn apply(
    args: &SyncArgs,
    library: Option<PathBuf>,
    transcript: FileIdentity,
    timing: Timing,
    length: MediaTime,
) -> Result<(), Box<dyn Error>> {
    let library = library.or_else(default_path).ok_or(SyncError::NoLibrary)?;
    let mut store = Store::open(&library);
    let key = audio::content_key(&AudioSource::File(args.audio.clone()))?;
    let stem = args.transcript.file_stem().unwrap_or_default();
    let document = store.open_document(&DocumentFiles {
        transcript: Some(transcript),
        recording: Some(FileIdentity::new(ContentHash(key), &args.audio)),
        title: stem.to_string_lossy().into_owned(),
    })?;
    let place = document.place.unwrap_or_else(|| Place {
        position: MediaTime::ZERO,
        speed: 1.0,
        view: View::default().name().to_owned(),
        scroll: (0, 0.0),
        timing: Timing::default(),
        length: Some(length),
        at: jiff::Timestamp::now(),
    });
    store.put_place(document.id, &Place { timing, ..place })?;
    Ok(())
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
