//! `earmark probe`: what a recording is, for a person or as JSON.

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::path::Path;

use serde::Serialize;

use crate::audio::{self, AudioError, AudioSource, Recording};
use crate::time::{MediaTime, format_clock, format_hms_millis};

/// Why a recording cannot be described.
#[derive(Debug, thiserror::Error)]
pub enum ProbeError {
    /// The recording cannot be opened.
    #[error(transparent)]
    Audio(#[from] AudioError),
    /// The result could not be written.
    #[error("cannot write the result: {0}")]
    Write(#[from] io::Error),
}

/// Writes what the recording at `path` is to `out`, as text or as JSON. With `full` its length is made sure of.
pub fn probe(path: &Path, json: bool, full: bool, out: &mut dyn Write) -> Result<(), ProbeError> {
    let recording = audio::probe(&AudioSource::File(path.to_owned()), full)?;
    if json {
        serde_json::to_writer_pretty(&mut *out, &Described::new(&recording)).map_err(io::Error::from)?;
        writeln!(out)?;
    } else {
        write_text(&recording, out)?;
    }
    Ok(())
}

/// The JSON of `--json`.
#[derive(Serialize)]
struct Described<'a> {
    container: &'a str,
    codec: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    decoded_by: Option<&'static str>,
    sample_rate: u32,
    channels: u16,
    frames: Option<u64>,
    duration_s: Option<f64>,
    exact: bool,
    tags: BTreeMap<&'a str, &'a str>,
    chapters: Vec<DescribedChapter<'a>>,
}

#[derive(Serialize)]
struct DescribedChapter<'a> {
    start_s: f64,
    end_s: Option<f64>,
    title: &'a str,
}

impl<'a> Described<'a> {
    fn new(recording: &'a Recording) -> Self {
        let chapters = recording.chapters.iter().map(|chapter| DescribedChapter {
            start_s: chapter.start.as_secs_f64(),
            end_s: chapter.end.map(MediaTime::as_secs_f64),
            title: &chapter.title,
        });
        // From the frames, where they are known: a rounded microsecond would be one more rounding.
        let by_frames = recording
            .frames
            .map(|frames| frames as f64 / f64::from(recording.sample_rate.max(1)));
        Self {
            container: &recording.container,
            codec: &recording.codec,
            decoded_by: recording.decoded_by,
            sample_rate: recording.sample_rate,
            channels: recording.channels,
            frames: recording.frames,
            duration_s: by_frames.or(recording.length.map(MediaTime::as_secs_f64)),
            exact: recording.exact,
            tags: recording
                .tags
                .iter()
                .map(|(name, value)| (name.as_str(), value.as_str()))
                .collect(),
            chapters: chapters.collect(),
        }
    }
}

fn write_text(recording: &Recording, out: &mut dyn Write) -> io::Result<()> {
    let channels = match recording.channels {
        1 => "mono".to_owned(),
        2 => "stereo".to_owned(),
        more => format!("{more} channels"),
    };
    let by = recording
        .decoded_by
        .map_or_else(String::new, |program| format!(", decoded by {program}"));
    writeln!(out, "format    {}, {}{by}", recording.container, recording.codec)?;
    writeln!(out, "sound     {} Hz, {channels}", recording.sample_rate)?;
    match recording.length {
        Some(length) => {
            let about = if recording.exact { "" } else { "about " };
            writeln!(
                out,
                "length    {about}{}",
                format_hms_millis(length - MediaTime::ZERO, '.')
            )?;
        }
        None => writeln!(out, "length    not known (--full decodes all of it)")?,
    }
    for (name, value) in &recording.tags {
        writeln!(out, "{name:<9} {}", value.replace(['\r', '\n'], " "))?;
    }
    for chapter in &recording.chapters {
        writeln!(
            out,
            "chapter   {:>8}  {}",
            format_clock(chapter.start - MediaTime::ZERO),
            chapter.title
        )?;
    }
    Ok(())
}
