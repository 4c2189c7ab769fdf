//! `earmark inspect`: what transcripts hold and what was repaired in them, for a person or as JSON.
//!
//! The JSON is written cue by cue, so that a long transcript costs no second copy. Several files give JSON Lines.

use std::error::Error;
use std::io::{self, Write};
use std::path::PathBuf;

use clap::Args;
use serde::{Serialize, Serializer};

use super::{Outcome, ReadingArgs};
use crate::format::{Reading, Warning};
use crate::reader::read_transcript;
use crate::time::{CueTime, TimeDelta, format_hms_millis};
use crate::transcript::{Chapter, CueId, Transcript, Word};

/// `earmark inspect`.
#[derive(Debug, Clone, Args)]
pub struct InspectArgs {
    /// The transcripts; `-` is the standard input.
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// As JSON; several files as JSON Lines, each with its name.
    #[arg(long)]
    json: bool,
    /// Exit with 1 if anything was repaired.
    #[arg(long)]
    strict: bool,
    #[command(flatten)]
    reading: ReadingArgs,
}

/// Reads the transcripts and writes what they hold to `out`. The first that cannot be read ends it.
pub fn inspect(args: &InspectArgs, out: &mut dyn Write) -> Result<Outcome, Box<dyn Error>> {
    let mut outcome = Outcome::Done;
    for file in &args.files {
        let reading = read_transcript(file, &args.reading.how())?.reading;
        if args.strict && !reading.warnings.is_empty() {
            outcome = Outcome::Warned;
        }
        let name = (args.files.len() > 1).then(|| file.display().to_string());
        let written = if args.json {
            write_json(&reading, name, out)
        } else {
            name.map_or(Ok(()), |name| writeln!(out, "{name}:"))
                .and_then(|()| write_text(&reading, out))
        };
        match written.and_then(|()| out.flush()) {
            // `earmark inspect talk.srt | head` has what it wanted.
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => break,
            done => done?,
        }
    }
    Ok(outcome)
}

/// A repair in one line.
pub(super) fn told(warning: &Warning) -> String {
    let place = match warning.line {
        0 => String::new(),
        line => format!("line {line}: "),
    };
    format!("{place}{}; {}", warning.kind, warning.kind.done())
}

fn write_text(reading: &Reading, out: &mut dyn Write) -> io::Result<()> {
    let transcript = &reading.transcript;
    let language = transcript
        .language
        .as_deref()
        .map(|language| format!(", language {language}"))
        .unwrap_or_default();
    writeln!(
        out,
        "{}, {}{language}: {}",
        reading.format.name(),
        reading.encoding,
        reading.why
    )?;
    if let Some(title) = &transcript.title {
        writeln!(out, "title: {title}")?;
    }
    for tier in &reading.tiers {
        writeln!(out, "tier: {tier}")?;
    }
    for chapter in &transcript.outline {
        writeln!(out, "chapter: {}  {}", clock(chapter.start), chapter.title)?;
    }
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
        writeln!(out, "warning: {}", told(warning))?;
    }
    Ok(())
}

fn clock(time: CueTime) -> String {
    format_hms_millis(time - CueTime::ZERO, '.')
}

fn write_json(reading: &Reading, name: Option<String>, out: &mut dyn Write) -> io::Result<()> {
    let transcript = &reading.transcript;
    let file = FileJson {
        file: name,
        format: reading.format.name(),
        why: reading.why,
        encoding: reading.encoding,
        title: transcript.title.as_deref(),
        tiers: &reading.tiers,
        chapters: transcript.outline.iter().map(ChapterJson::from).collect(),
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
    #[serde(skip_serializing_if = "Option::is_none")]
    file: Option<String>,
    format: &'static str,
    why: &'static str,
    encoding: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    title: Option<&'a str>,
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    tiers: &'a [String],
    #[serde(skip_serializing_if = "Vec::is_empty")]
    chapters: Vec<ChapterJson<'a>>,
    language: Option<&'a str>,
    speakers: Vec<&'a str>,
    cues: Cues<'a>,
    warnings: Listed<'a>,
}

#[derive(Serialize)]
struct ChapterJson<'a> {
    start_ms: Millis,
    #[serde(skip_serializing_if = "Option::is_none")]
    end_ms: Option<Millis>,
    title: &'a str,
}

impl<'a> From<&'a Chapter> for ChapterJson<'a> {
    fn from(chapter: &'a Chapter) -> Self {
        Self {
            start_ms: Millis(chapter.start),
            end_ms: chapter.end.map(Millis),
            title: &chapter.title,
        }
    }
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
            cue: warning.cue.map(|cue| cue.0),
            kind: warning.kind.name(),
            message: warning.kind.to_string(),
            done: warning.kind.done(),
        }))
    }
}

#[derive(Serialize)]
struct WarningJson {
    line: u32,
    cue: Option<u32>,
    kind: &'static str,
    message: String,
    done: String,
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::Parser;
    use std::fs::File;
    use std::path::Path;

    fn inspected(name: &str, content: &[u8], flags: &[&str]) -> (Result<Outcome, String>, String) {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join(name);
        std::fs::write(&path, content).expect("a file");
        run(&[&path.display().to_string()], flags)
    }

    #[derive(Parser)]
    struct Line {
        #[command(flatten)]
        args: InspectArgs,
    }

    fn run(files: &[&str], flags: &[&str]) -> (Result<Outcome, String>, String) {
        let line = Line::try_parse_from(["inspect"].iter().chain(files).chain(flags)).expect("understood");
        let mut out = Vec::new();
        let result = inspect(&line.args, &mut out).map_err(|error| error.to_string());
        (result, String::from_utf8(out).expect("text"))
    }

    const TALK: &[u8] =
        b"WEBVTT\nLanguage: en\n\n00:01.000 --> 00:02.500\n<v Ada>Hi <00:01.7505>there\n\n00:02.000 --> 00:03.000\nYes";

    #[test]
    fn json_holds_all_that_was_read() {
        let (result, out) = inspected("talk.vtt", TALK, &["--json", "--strict"]);
        assert_eq!(result, Ok(Outcome::Warned));
        let json: serde_json::Value = serde_json::from_str(&out).expect("JSON");
        let expected = serde_json::json!({
            "format": "WebVTT",
            "why": "it begins with WEBVTT",
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
            "warnings": [{
                "line": 7, "cue": 1, "kind": "overlap", "message": "the cue overlaps the one before", "done": "both are kept",
            }],
        });
        assert_eq!(json, expected);
    }

    #[test]
    fn text_is_for_a_person() {
        let (result, out) = inspected("talk.vtt", TALK, &[]);
        assert_eq!(result, Ok(Outcome::Done));
        insta::assert_snapshot!(out, @"
        WebVTT, UTF-8, language en: it begins with WEBVTT
        2 cues to 00:00:03.000
        speaker: Ada
        00:00:01.000 --> 00:00:02.500  Ada: Hi there
        00:00:02.000 --> 00:00:03.000  Ada: Yes
        warning: line 7: the cue overlaps the one before; both are kept
        ");
    }

    #[test]
    fn what_cannot_be_read_is_told_in_one_line() {
        let message = |name: &str, content: &[u8]| inspected(name, content, &["--json"]).0.expect_err("refused");
        assert_eq!(message("a.srt", b""), "a.srt: the file is empty");
        assert_eq!(message("a.srt", &[0; 99]), "a.srt: this is no text file");
        assert!(message("a.txt", b"hello").starts_with("a.txt: no cue found; tried "));
        let folder = tempfile::tempdir().expect("a folder");
        let refused = |path: &Path| run(&[&path.display().to_string()], &[]).0.expect_err("refused");
        assert!(refused(folder.path()).contains("is a folder"));
        assert!(refused(&folder.path().join("none.srt")).starts_with("none.srt cannot be read: "));
        // Sparse: the size alone must be enough to refuse it.
        let large = folder.path().join("large.srt");
        File::create(&large)
            .and_then(|file| file.set_len(500 << 20))
            .expect("a large file");
        assert_eq!(
            refused(&large),
            "large.srt: the file has 500 MB; transcripts of up to 256 MB are read"
        );
    }

    #[test]
    fn several_files_give_a_line_each() {
        let folder = tempfile::tempdir().expect("a folder");
        let paths = ["a.vtt", "b.vtt"].map(|name| folder.path().join(name).display().to_string());
        for path in &paths {
            std::fs::write(path, TALK).expect("a file");
        }
        let (result, out) = run(&[&paths[0], &paths[1]], &["--json"]);
        assert_eq!(result, Ok(Outcome::Done));
        let names: Vec<serde_json::Value> = out
            .lines()
            .map(|line| serde_json::from_str(line).expect("JSON"))
            .collect();
        assert_eq!(names.len(), 2);
        assert_eq!(names[1]["file"], paths[1].as_str());
    }

    #[test]
    fn a_feed_stands_for_the_transcript_beside_it() {
        let folder = tempfile::tempdir().expect("a folder");
        let feed = folder.path().join("feed.rss");
        let text =
            "<rss><channel><item><podcast:transcript url=\"https://a.example/x/talk.vtt\"/></item></channel></rss>";
        std::fs::write(&feed, text).expect("a file");
        let feed = feed.display().to_string();
        let refused = run(&[&feed], &[]).0.expect_err("nothing beside it");
        assert!(refused.contains("talk.vtt"), "{refused}");
        std::fs::write(folder.path().join("talk.vtt"), TALK).expect("a file");
        assert!(run(&[&feed], &[]).1.contains("Ada: Hi there"));
    }

    #[test]
    fn the_encoding_is_a_persons_to_say() {
        let text = b"1\n00:00:01,000 --> 00:00:02,000\n\xcf\xf0\xe8\xe2\xe5\xf2\n";
        let (_, out) = inspected("a.srt", text, &["--encoding", "windows-1251"]);
        assert!(out.contains("\u{41f}\u{440}\u{438}\u{432}\u{435}\u{442}"), "{out}");
        let (result, _) = inspected("a.srt", text, &["--encoding", "ebcdic"]);
        assert!(result.expect_err("refused").contains("there is no encoding"));
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
        let path = folder.path().join("talk.vtt").display().to_string();
        std::fs::write(&path, TALK).expect("a file");
        for flags in [&["--json"][..], &[]] {
            let line = Line::try_parse_from(["inspect", &path].iter().chain(flags)).expect("understood");
            assert!(inspect(&line.args, &mut Closed).is_ok());
        }
    }
}
