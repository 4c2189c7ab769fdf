//! `earmark convert`: a transcript in another format.

use std::error::Error;
use std::io::Write;
use std::path::{Path, PathBuf};

use clap::Args;

use super::Outcome;
use super::reading::{self, ReadingArgs};
use crate::format::{self, Format};
use crate::library::write_atomically;
use crate::reader::read_transcript;
use crate::time::TimeDelta;

/// `earmark convert`.
#[derive(Debug, Clone, Args)]
pub struct ConvertArgs {
    /// The transcript; `-` is the standard input.
    input: PathBuf,
    /// The file to write; `-` is the standard output.
    output: PathBuf,
    /// The format to write, by its name in `earmark formats`; without it, what OUT's ending says.
    #[arg(long, value_name = "FORMAT", value_parser = reading::format)]
    to: Option<Format>,
    /// Move all times by so many milliseconds.
    #[arg(long, value_name = "MS", default_value_t = 0, allow_negative_numbers = true)]
    shift: i64,
    /// Exit with 1 if anything was repaired or could not be written.
    #[arg(long)]
    strict: bool,
    #[command(flatten)]
    reading: ReadingArgs,
}

/// Reads one file and writes the other; repairs and losses go to stderr, a line each.
pub fn convert(args: &ConvertArgs, out: &mut dyn Write) -> Result<Outcome, Box<dyn Error>> {
    let to = reading::format_to_write(&args.output, args.to)?;
    let mut reading = read_transcript(&args.input, &args.reading.how())?.reading;
    reading.transcript.shift(TimeDelta::from_millis(args.shift));
    let written = format::write(&reading.transcript, to)?;
    for warning in &reading.warnings {
        eprintln!("earmark: {}", super::inspect::told(warning));
    }
    for loss in &written.losses {
        eprintln!("earmark: {loss}");
    }
    if args.output == Path::new("-") {
        out.write_all(written.text.as_bytes())?;
    } else {
        write_atomically(&args.output, written.text.as_bytes(), std::slice::from_ref(&args.input))?;
    }
    let is_clean = reading.warnings.is_empty() && written.losses.is_empty();
    Ok(if args.strict && !is_clean {
        Outcome::Warned
    } else {
        Outcome::Done
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::Parser;

    #[derive(Parser)]
    struct Line {
        #[command(flatten)]
        args: ConvertArgs,
    }

    fn converted(words: &[&str]) -> (Result<Outcome, String>, String) {
        let line = Line::try_parse_from(["convert"].iter().chain(words)).expect("understood");
        let mut out = Vec::new();
        let result = convert(&line.args, &mut out).map_err(|error| error.to_string());
        (result, String::from_utf8(out).expect("text"))
    }

    #[test]
    fn a_transcript_in_another_format_and_moved() {
        let folder = tempfile::tempdir().expect("a folder");
        let (from, to) = (folder.path().join("a.srt"), folder.path().join("a.vtt"));
        std::fs::write(&from, "1\n00:00:01,000 --> 00:00:02,000\nADA: Hi & <3 there\n").expect("written");
        let (from, to) = (from.display().to_string(), to.display().to_string());
        let (result, _) = converted(&[&from, &to, "--shift", "-500", "--strict"]);
        assert_eq!(result, Ok(Outcome::Done));
        let text = std::fs::read_to_string(&to).expect("read");
        assert_eq!(
            text,
            "WEBVTT\n\n00:00:00.500 --> 00:00:01.500\n<v ADA>Hi &amp; &lt;3 there\n"
        );
        let (result, out) = converted(&[&to, "-", "--to", "text", "--strict"]);
        assert_eq!(result, Ok(Outcome::Done));
        assert_eq!(out, "[00:00:00.500 --> 00:00:01.500] ADA: Hi & <3 there\n");
    }

    #[test]
    fn the_transcript_itself_is_never_replaced() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("a.srt");
        std::fs::write(&file, "1\n00:00:01,000 --> 00:00:02,000\nHi\n").expect("written");
        let file = file.display().to_string();
        let (result, _) = converted(&[&file, &file]);
        assert!(result.is_err_and(|why| why.starts_with("that is the transcript or the recording itself")));
        let (result, _) = converted(&[&file, "out.unheard-of"]);
        assert!(result.is_err_and(|why| why.starts_with("which format?")));
    }
}
