//! What other programs make of the files we write, and what we make of theirs.
//!
//! `./dev test --peers` installs these programs and runs this. The files are made up by proptest from a fixed seed and
//! lie in the target folder afterwards. A disagreement fails unless it is listed in `habits`, with who is right; one
//! that is listed and not seen fails too. Programs that are not there fail as well: what was not compared is not well.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

#[path = "peers/cases.rs"]
mod cases;
#[path = "peers/habits.rs"]
mod habits;
#[path = "peers/sound.rs"]
mod sound;

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use cases::{Letters, Measure, transcripts};
use earmark::format::{Format, Options, read, write};
use earmark::time::CueTime;
use earmark::transcript::Transcript;
use habits::{Deed, HABITS, Habit, LIMITS, Limit};
use serde::{Deserialize, Serialize};

/// So many files for each peer and format ...
const FILES: usize = 300;
/// ... and for a peer that is a process for each.
const FILES_OF_FFMPEG: usize = 100;

/// A cue: start and end in milliseconds, the speaker, the text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Heard(i64, i64, Option<String>, String);

/// A file, what is meant by it, and what was read of it.
type Compared = (PathBuf, Vec<Heard>, Result<Vec<Heard>, String>);

/// What a peer says to one file.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Answer {
    Cues(Vec<Heard>),
    Error(String),
    Done(()),
}

fn heard(transcript: &Transcript) -> Vec<Heard> {
    let millis = |time: CueTime| (time - CueTime::ZERO).as_micros() / 1_000;
    let cues = transcript.cues.iter();
    cues.map(|cue| {
        let name = transcript.speaker_name(cue.speaker).map(str::to_owned);
        Heard(millis(cue.span.start), millis(cue.span.end), name, cue.text.to_string())
    })
    .collect()
}

/// The speakers before their texts, as formats without a place for them have it.
fn labelled(cues: Vec<Heard>) -> Vec<Heard> {
    let label = |Heard(start, end, name, text)| match name {
        Some(name) => Heard(start, end, None, format!("{name}: {text}")),
        None => Heard(start, end, None, text),
    };
    cues.into_iter().map(label).collect()
}

/// One peer, one format, one direction.
struct Exam {
    peer: &'static str,
    deed: Deed,
    /// The peer's word for the format, and the ending of the files.
    form: &'static str,
    /// How far times may be apart: what the format does not hold.
    millis: i64,
    /// Whether the format has a place for the speaker.
    names: bool,
    letters: Letters,
    /// Whether cues must not overlap.
    parted: bool,
}

impl Exam {
    const fn new(peer: &'static str, deed: Deed, form: &'static str) -> Self {
        Self {
            peer,
            deed,
            form,
            millis: 0,
            names: false,
            letters: Letters::Any,
            parted: false,
        }
    }

    fn transcripts(&self) -> Vec<Transcript> {
        let measure = Measure {
            letters: self.letters,
            parted: self.parted,
            // Whether a cue without a label is said by who spoke before is a rule of ours, and no peer's.
            all_or_none: self.deed == Deed::Writes,
            shortest: 2 * self.millis,
        };
        transcripts(self.files(), measure)
    }

    fn files(&self) -> usize {
        if self.peer == "ffmpeg" { FILES_OF_FFMPEG } else { FILES }
    }

    fn folder(&self) -> PathBuf {
        let deed = format!("{:?}", self.deed).to_lowercase();
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR"))
            .join("peers")
            .join(format!("{}-{deed}-{}", self.peer, self.form));
        // Of an earlier run.
        std::fs::remove_dir_all(&folder).ok();
        std::fs::create_dir_all(&folder).unwrap();
        folder
    }

    fn paths(&self) -> Vec<PathBuf> {
        let folder = self.folder();
        let ending = self.form.split('-').next().unwrap();
        (0..self.files())
            .map(|place| folder.join(format!("{place:03}.{ending}")))
            .collect()
    }

    /// Runs the peer once for all files.
    fn ask(&self, tasks: &impl Serialize) -> Vec<Answer> {
        let python = std::env::var("EARMARK_PEERS");
        let python = python.unwrap_or_else(|_| panic!("the peers are not installed; run ./dev test --peers"));
        let deed = if self.deed == Deed::Reads { "read" } else { "write" };
        let mut child = Command::new(python)
            .arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/peers.py"))
            .args([self.peer, deed, self.form])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        // It reads all of it before it answers.
        serde_json::to_writer(child.stdin.take().unwrap(), tasks).unwrap();
        let done = child.wait_with_output().unwrap();
        assert!(done.status.success(), "{} failed", self.peer);
        let answers: Vec<Answer> = serde_json::from_slice(&done.stdout).unwrap();
        assert_eq!(answers.len(), self.files());
        answers
    }

    fn habits(&self) -> impl Iterator<Item = &'static Habit> {
        let key = (self.peer, self.deed, self.form);
        HABITS.iter().filter(move |habit| habit.seen.contains(&key))
    }

    fn limit(&self) -> Option<&'static Limit> {
        let key = (self.peer, self.deed, self.form);
        LIMITS.iter().find(|limit| limit.seen.contains(&key))
    }

    /// What should be read of what is meant, and which habits had a part in it.
    fn expected(&self, meant: Vec<Heard>) -> (Vec<Heard>, Vec<&'static str>) {
        let mut cues = if self.names { meant } else { labelled(meant) };
        let mut had_part = Vec::new();
        for habit in self.habits() {
            let before = cues.clone();
            (habit.apply)(&mut cues);
            if cues != before {
                had_part.push(habit.name);
            }
        }
        (cues, had_part)
    }

    fn are_alike(&self, a: &[Heard], b: &[Heard]) -> bool {
        let near = |a: i64, b: i64| (a - b).abs() <= self.millis;
        a.len() == b.len()
            && a.iter()
                .zip(b)
                .all(|(a, b)| near(a.0, b.0) && near(a.1, b.1) && (&a.2, &a.3) == (&b.2, &b.3))
    }

    /// Compares what was read of each file with what was meant.
    fn compare(&self, files: Vec<Compared>) {
        let Self { peer, deed, form, .. } = self;
        let mut seen: Vec<(&Habit, usize)> = self.habits().map(|habit| (habit, 0)).collect();
        let mut cues = 0;
        let mut apart = Vec::new();
        let (count, limit) = (files.len(), self.limit());
        let mut beyond = 0;
        for (path, meant, found) in files {
            let ends_after = |limit: &Limit| meant.iter().any(|cue| cue.1 >= limit.hours * 3_600_000);
            let is_beyond = limit.is_some_and(ends_after);
            let (expected, had_part) = self.expected(meant);
            cues += expected.len();
            let found = found.unwrap_or_else(|error| vec![Heard(0, 0, None, error)]);
            if is_beyond {
                assert!(
                    !self.are_alike(&expected, &found),
                    "{}: the clock is longer than listed",
                    path.display()
                );
                beyond += 1;
                continue;
            }
            if !self.are_alike(&expected, &found) {
                apart.push((path, expected, found));
                continue;
            }
            for (habit, count) in &mut seen {
                *count += usize::from(had_part.contains(&habit.name));
            }
        }
        println!(
            "{peer} {deed:?} {form}: {count} files, {cues} cues, {} apart",
            apart.len()
        );
        if let Some(Limit { right, why, .. }) = limit {
            println!("    in {beyond}, times beyond its clock; right: {right:?}, {why}");
        }
        for (Habit { name, right, why, .. }, count) in &seen {
            println!("    in {count}, {name}; right: {right:?}, {why}");
        }
        apart.sort_by_key(|(_, expected, _)| expected.len());
        let mut told = String::new();
        for (path, expected, found) in apart.iter().take(8) {
            write!(told, "\n{}", path.display()).unwrap();
            let pairs = expected.iter().map(Some).chain(std::iter::repeat(None));
            let pairs = pairs.zip(found.iter().map(Some).chain(std::iter::repeat(None)));
            for (expected, found) in pairs.take_while(|pair| *pair != (None, None)) {
                let both = [expected, found].map(|cue| cue.cloned().into_iter().collect::<Vec<_>>());
                if !self.are_alike(&both[0], &both[1]) {
                    write!(told, "\n    expected {expected:?}\n    found    {found:?}").unwrap();
                }
            }
        }
        let of = apart.len();
        assert!(
            apart.is_empty(),
            "{peer} {deed:?} {form}: {of} of {count} files read otherwise:{told}"
        );
        assert!(
            beyond > 0 || limit.is_none(),
            "{peer} {deed:?} {form}: the end of the clock was not reached"
        );
        for (Habit { name, .. }, count) in seen {
            assert!(count > 0, "{peer} {deed:?} {form}: {name:?} is listed and was not seen");
        }
    }

    /// We write, the peer reads.
    fn of_reading(&self, format: Format) {
        let transcripts = self.transcripts();
        let paths = self.paths();
        for (path, transcript) in paths.iter().zip(&transcripts) {
            std::fs::write(path, write(transcript, format).unwrap().text).unwrap();
        }
        let answers = self.ask(&paths);
        let files = paths.into_iter().zip(&transcripts).zip(answers);
        let found = |answer| match answer {
            Answer::Cues(cues) => Ok(cues),
            Answer::Error(error) => Err(error),
            Answer::Done(()) => Err("no answer".to_owned()),
        };
        self.compare(
            files
                .map(|((path, transcript), answer)| (path, heard(transcript), found(answer)))
                .collect(),
        );
    }

    /// The peer writes, we read.
    fn of_writing(&self, format: Format) {
        let transcripts = self.transcripts();
        let paths = self.paths();
        let tasks: Vec<(PathBuf, Vec<Heard>)> = paths.into_iter().zip(transcripts.iter().map(heard)).collect();
        let answers = self.ask(&tasks);
        let found = |path: &Path, answer| {
            if let Answer::Error(error) = answer {
                return Err(format!("{} could not write it: {error}", self.peer));
            }
            let extension = path.extension().and_then(|extension| extension.to_str());
            let reading = read(&std::fs::read(path).unwrap(), &Options::named(extension));
            let reading = reading.map_err(|error| error.to_string())?;
            if reading.format != format {
                return Err(format!("taken for {}", reading.format.name()));
            }
            let cues = heard(&reading.transcript);
            Ok(if self.names { cues } else { labelled(cues) })
        };
        let files = tasks.into_iter().zip(answers);
        self.compare(
            files
                .map(|((path, meant), answer)| {
                    let found = found(&path, answer);
                    (path, meant, found)
                })
                .collect(),
        );
    }
}

/// A format as a peer reads it.
fn reads(peer: &'static str, form: &'static str) -> Exam {
    Exam::new(peer, Deed::Reads, form)
}

/// A format as ffmpeg reads it: it makes ASS of all of them, and loses braces and backslashes of its own making.
fn of_ffmpeg(form: &'static str) -> Exam {
    Exam {
        letters: Letters::Escaped,
        ..reads("ffmpeg", form)
    }
}

/// A format as a peer writes it; few escape what they are given.
fn writes(peer: &'static str, form: &'static str) -> Exam {
    Exam {
        letters: Letters::Tame,
        ..Exam::new(peer, Deed::Writes, form)
    }
}

macro_rules! exams {
    ($($name:ident: $method:ident $format:ident $exam:expr;)*) => {$(
        #[test]
        #[ignore = "needs other programs: ./dev test --peers"]
        fn $name() {
            $exam.$method(Format::$format);
        }
    )*};
}

exams! {
    pysubs2_reads_srt: of_reading Srt reads("pysubs2", "srt");
    pysubs2_reads_vtt: of_reading WebVtt Exam { names: true, ..reads("pysubs2", "vtt") };
    pysubs2_reads_ass: of_reading Ass Exam { names: true, millis: 10, ..reads("pysubs2", "ass") };
    pysubs2_reads_ttml: of_reading Ttml Exam { names: true, ..reads("pysubs2", "ttml") };
    pysubs2_reads_whisper: of_reading Whisper Exam { names: true, ..reads("pysubs2", "whisper") };
    srt_reads_srt: of_reading Srt reads("srt", "srt");
    webvtt_reads_srt: of_reading Srt reads("webvtt", "srt");
    webvtt_reads_vtt: of_reading WebVtt Exam { names: true, ..reads("webvtt", "vtt") };
    webvtt_reads_sbv: of_reading Sbv reads("webvtt", "sbv");
    csv_reads_tsv: of_reading Tsv Exam { names: true, ..reads("csv", "tsv") };
    csv_reads_csv: of_reading Csv Exam { names: true, ..reads("csv", "csv") };
    ffmpeg_reads_srt: of_reading Srt of_ffmpeg("srt");
    ffmpeg_reads_vtt: of_reading WebVtt Exam { names: true, ..of_ffmpeg("vtt") };
    ffmpeg_reads_ass: of_reading Ass Exam { names: true, millis: 10, ..reads("ffmpeg", "ass") };

    pysubs2_writes_srt: of_writing Srt writes("pysubs2", "srt");
    pysubs2_writes_vtt: of_writing WebVtt writes("pysubs2", "vtt");
    pysubs2_writes_ass: of_writing Ass Exam { names: true, millis: 10, ..writes("pysubs2", "ass") };
    pysubs2_writes_ssa: of_writing Ass Exam { names: true, millis: 10, ..writes("pysubs2", "ssa") };
    pysubs2_writes_ttml: of_writing Ttml Exam { letters: Letters::Escaped, ..writes("pysubs2", "ttml") };
    pysubs2_writes_mpl2: of_writing Mpl2 Exam { millis: 100, ..writes("pysubs2", "mpl2") };
    pysubs2_writes_microdvd: of_writing MicroDvd Exam { millis: 40, ..writes("pysubs2", "microdvd") };
    srt_writes_srt: of_writing Srt writes("srt", "srt");
    webvtt_writes_srt: of_writing Srt writes("webvtt", "srt");
    webvtt_writes_vtt: of_writing WebVtt Exam { names: true, ..writes("webvtt", "vtt") };
    praatio_writes_long: of_writing TextGrid Exam { letters: Letters::Any, names: true, parted: true, ..writes("praatio", "long_textgrid") };
    praatio_writes_short: of_writing TextGrid Exam { letters: Letters::Any, names: true, parted: true, ..writes("praatio", "short_textgrid") };
    pympi_writes_eaf: of_writing Elan Exam { letters: Letters::Any, names: true, ..writes("pympi", "eaf") };
    pympi_writes_textgrid: of_writing TextGrid Exam { letters: Letters::Any, names: true, parted: true, ..writes("pympi", "TextGrid") };
    ffmpeg_writes_vtt: of_writing WebVtt writes("ffmpeg", "vtt");
    ffmpeg_writes_srt: of_writing Srt writes("ffmpeg", "srt");
    ffmpeg_writes_ass: of_writing Ass Exam { millis: 10, ..writes("ffmpeg", "ass") };
    ffmpeg_writes_ttml: of_writing Ttml writes("ffmpeg", "ttml");
    ffmpeg_writes_mkv: of_writing Matroska writes("ffmpeg", "mkv");
    ffmpeg_writes_mkv_ass: of_writing Matroska Exam { millis: 10, ..writes("ffmpeg", "mkv-ass") };
    ffmpeg_writes_mkv_vtt: of_writing Matroska writes("ffmpeg", "mkv-vtt");
    ffmpeg_writes_mp4: of_writing Mp4 Exam { parted: true, ..writes("ffmpeg", "mp4") };
}
