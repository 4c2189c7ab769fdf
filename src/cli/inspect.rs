//! `earmark inspect`: what a transcript holds and what was repaired in it, for a person or as JSON.
//!
//! The JSON is written cue by cue, so that a long transcript costs no second copy.

use std::fs::File;
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use serde::{Serialize, Serializer};

use crate::format::{self, MAX_BYTES, ReadError, Reading, Warning};
use crate::time::{CueTime, TimeDelta, format_hms_millis};
use crate::transcript::{CueId, Transcript, Word};

/// How an inspection ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Inspected {
    /// Nothing to remark, or warnings that were not asked for.
    Done,
    /// There are warnings, and `--strict` was given.
    Warned,
}

/// Why a file cannot be inspected.
#[derive(Debug, thiserror::Error)]
pub enum InspectError {
    /// The file cannot be opened or read.
    #[error("cannot read the file: {source}: {}", path.display())]
    Open {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// A folder, a device, or anything but a file.
    #[error("not a file: {}", path.display())]
    NotAFile {
        /// What was named.
        path: PathBuf,
    },
    /// The file is no transcript.
    #[error("{source}: {}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// Why.
        source: ReadError,
    },
    /// The result could not be written.
    #[error("cannot write the result: {0}")]
    Write(#[from] io::Error),
}

/// Reads the transcript at `path` and writes what it holds to `out`, as text or as JSON.
pub fn inspect(path: &Path, json: bool, strict: bool, out: &mut dyn Write) -> Result<Inspected, InspectError> {
    let reading = read_file(path)?;
    let written = if json {
        write_json(&reading, out)
    } else {
        write_text(&reading, out)
    };
    match written.and_then(|()| out.flush()) {
        // `earmark inspect talk.srt | head` has what it wanted.
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => {}
        done => done?,
    }
    Ok(if strict && !reading.warnings.is_empty() {
        Inspected::Warned
    } else {
        Inspected::Done
    })
}

fn read_file(path: &Path) -> Result<Reading, InspectError> {
    let open_error = |source| InspectError::Open {
        path: path.to_owned(),
        source,
    };
    let read_error = |source| InspectError::Read {
        path: path.to_owned(),
        source,
    };
    let about = std::fs::metadata(path).map_err(open_error)?;
    if !about.is_file() {
        return Err(InspectError::NotAFile { path: path.to_owned() });
    }
    if about.len() > MAX_BYTES {
        return Err(read_error(ReadError::TooLarge {
            size: about.len(),
            limit: MAX_BYTES,
        }));
    }
    let mut bytes = Vec::new();
    // A file may grow between the two calls.
    File::open(path)
        .map_err(open_error)?
        .take(MAX_BYTES + 1)
        .read_to_end(&mut bytes)
        .map_err(open_error)?;
    let extension = path.extension().and_then(|extension| extension.to_str());
    format::read(&bytes, extension).map_err(read_error)
}

fn write_text(reading: &Reading, out: &mut dyn Write) -> io::Result<()> {
    let transcript = &reading.transcript;
    let language = transcript
        .language
        .as_deref()
        .map(|language| format!(", language {language}"))
        .unwrap_or_default();
    writeln!(out, "{}, {}{language}", reading.format.name(), reading.encoding)?;
    let last = transcript.cues.iter().map(|cue| cue.span.end).max().unwrap_or_default();
    writeln!(out, "{} cues to {}", transcript.cues.len(), clock(last))?;
    for speaker in &transcript.speakers {
        writeln!(out, "speaker: {}", speaker.name)?;
    }
    for cue in &transcript.cues {
        let name = transcript
            .speaker_name(cue.speaker)
            .map(|name| format!("{name}: "))
            .unwrap_or_default();
        let text = cue.text.replace('\n', " ");
        writeln!(
            out,
            "{} --> {}  {name}{text}",
            clock(cue.span.start),
            clock(cue.span.end)
        )?;
    }
    for warning in &reading.warnings {
        match warning.line {
            0 => writeln!(out, "warning: {}", warning.kind)?,
            line => writeln!(out, "warning: line {line}: {}", warning.kind)?,
        }
    }
    Ok(())
}

fn clock(time: CueTime) -> String {
    format_hms_millis(time - CueTime::ZERO, '.')
}

fn write_json(reading: &Reading, out: &mut dyn Write) -> io::Result<()> {
    let transcript = &reading.transcript;
    let file = FileJson {
        format: reading.format.name(),
        encoding: reading.encoding,
        language: transcript.language.as_deref(),
        speakers: transcript
            .speakers
            .iter()
            .map(|speaker| speaker.name.as_str())
            .collect(),
        cues: Cues(transcript),
        warnings: Listed(&reading.warnings),
    };
    let mut buffered = io::BufWriter::new(out);
    serde_json::to_writer(&mut buffered, &file)?;
    writeln!(buffered)?;
    buffered.flush()
}

#[derive(Serialize)]
struct FileJson<'a> {
    format: &'static str,
    encoding: &'static str,
    language: Option<&'a str>,
    speakers: Vec<&'a str>,
    cues: Cues<'a>,
    warnings: Listed<'a>,
}

struct Cues<'a>(&'a Transcript);

impl Serialize for Cues<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let transcript = self.0;
        serializer.collect_seq(transcript.cues.iter().zip(0..).map(|(cue, place)| {
            let words = transcript.words(CueId(place));
            CueJson {
                id: place,
                start_ms: Millis(cue.span.start),
                end_ms: Millis(cue.span.end),
                speaker: transcript.speaker_name(cue.speaker),
                text: &cue.text,
                words: words
                    .iter()
                    .map(|word| WordJson::new(word, cue.slice(word.bytes())))
                    .collect(),
            }
        }))
    }
}

#[derive(Serialize)]
struct CueJson<'a> {
    id: u32,
    start_ms: Millis,
    end_ms: Millis,
    speaker: Option<&'a str>,
    text: &'a str,
    words: Vec<WordJson<'a>>,
}

#[derive(Serialize)]
struct WordJson<'a> {
    start_ms: Millis,
    end_ms: Millis,
    text: &'a str,
    given: bool,
}

impl<'a> WordJson<'a> {
    fn new(word: &Word, text: &'a str) -> Self {
        Self {
            start_ms: Millis(word.span.start),
            end_ms: Millis(word.span.end),
            text,
            given: word.given,
        }
    }
}

/// Milliseconds: a whole number where there is no fraction.
struct Millis(CueTime);

impl Serialize for Millis {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let micros = (self.0 - CueTime::ZERO).as_micros();
        if micros % 1_000 == 0 {
            serializer.serialize_i64(micros / 1_000)
        } else {
            serializer.serialize_f64(TimeDelta::from_micros(micros).as_millis_f64())
        }
    }
}

struct Listed<'a>(&'a [Warning]);

impl Serialize for Listed<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.0.iter().map(|warning| WarningJson {
            line: warning.line,
            kind: warning.kind.name(),
            message: warning.kind.to_string(),
        }))
    }
}

#[derive(Serialize)]
struct WarningJson {
    line: u32,
    kind: &'static str,
    message: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn inspected(name: &str, content: &[u8], json: bool, strict: bool) -> (Result<Inspected, InspectError>, String) {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join(name);
        std::fs::write(&path, content).expect("a file");
        let mut out = Vec::new();
        let result = inspect(&path, json, strict, &mut out);
        (result, String::from_utf8(out).expect("text"))
    }

    const TALK: &[u8] =
        b"WEBVTT\nLanguage: en\n\n00:01.000 --> 00:02.500\n<v Ada>Hi <00:01.7505>there\n\n00:02.000 --> 00:03.000\nYes";

    #[test]
    fn json_holds_all_that_was_read() {
        let (result, out) = inspected("talk.vtt", TALK, true, true);
        assert_eq!(result.expect("read"), Inspected::Warned);
        let json: serde_json::Value = serde_json::from_str(&out).expect("JSON");
        let expected = serde_json::json!({
            "format": "WebVTT",
            "encoding": "UTF-8",
            "language": "en",
            "speakers": ["Ada"],
            "cues": [
                {"id": 0, "start_ms": 1000, "end_ms": 2500, "speaker": "Ada", "text": "Hi there", "words": [
                    {"start_ms": 1000, "end_ms": 1750.5, "text": "Hi", "given": true},
                    {"start_ms": 1750.5, "end_ms": 2500, "text": "there", "given": true},
                ]},
                {"id": 1, "start_ms": 2000, "end_ms": 3000, "speaker": "Ada", "text": "Yes", "words": [
                    {"start_ms": 2000, "end_ms": 3000, "text": "Yes", "given": false},
                ]},
            ],
            "warnings": [{"line": 7, "kind": "overlap", "message": "the cue overlaps the one before; both are kept"}],
        });
        assert_eq!(json, expected);
    }

    #[test]
    fn text_is_for_a_person() {
        let (result, out) = inspected("talk.vtt", TALK, false, false);
        assert_eq!(result.expect("read"), Inspected::Done);
        insta::assert_snapshot!(out, @"
        WebVTT, UTF-8, language en
        2 cues to 00:00:03.000
        speaker: Ada
        00:00:01.000 --> 00:00:02.500  Ada: Hi there
        00:00:02.000 --> 00:00:03.000  Ada: Yes
        warning: line 7: the cue overlaps the one before; both are kept
        ");
    }

    #[test]
    fn what_cannot_be_read_is_told_in_one_line() {
        let message = |name: &str, content: &[u8]| {
            let error = inspected(name, content, true, false)
                .0
                .expect_err("refused")
                .to_string();
            error
                .rsplit_once(": ")
                .map_or(error.clone(), |(message, _path)| message.to_owned())
        };
        assert_eq!(message("a.srt", b""), "the file is empty");
        assert_eq!(message("a.srt", &[0; 99]), "this is no text file");
        assert_eq!(
            message("a.txt", b"hello"),
            "no cue found; tried SubRip, WebVTT, text with time codes"
        );
        let folder = tempfile::tempdir().expect("a folder");
        let refused = |path: &Path| {
            inspect(path, false, false, &mut Vec::new())
                .expect_err("refused")
                .to_string()
        };
        assert!(refused(folder.path()).starts_with("not a file: "));
        assert!(refused(&folder.path().join("none.srt")).starts_with("cannot read the file: "));
        // Sparse: the size alone must be enough to refuse it.
        let large = folder.path().join("large.srt");
        File::create(&large)
            .and_then(|file| file.set_len(500 << 20))
            .expect("a large file");
        assert!(refused(&large).starts_with("the file has 500 MB; transcripts of up to 256 MB are read: "));
    }

    #[test]
    fn a_reader_that_has_enough_is_no_error() {
        struct Closed;
        impl Write for Closed {
            fn write(&mut self, _: &[u8]) -> io::Result<usize> {
                Err(io::ErrorKind::BrokenPipe.into())
            }
            fn flush(&mut self) -> io::Result<()> {
                Ok(())
            }
        }
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("talk.vtt");
        std::fs::write(&path, TALK).expect("a file");
        for json in [true, false] {
            assert!(inspect(&path, json, false, &mut Closed).is_ok());
        }
    }
}
