//! The command line is read; a window opens or a headless command runs; errors become exit codes.

use std::io::ErrorKind;
use std::panic::AssertUnwindSafe;
use std::process::ExitCode;
use std::sync::{Arc, OnceLock};
use std::time::Instant;

use clap::Parser as _;

use earmark::cli::{self, Arguments, Outcome};
use earmark::reader::{Command, Outside, Reader, StartOptions, default_path};
use earmark::ui::{Trace, open_window};

/// The program's own warnings, one line each on stderr; what its libraries remark is of no use to a person.
struct Log;

impl log::Log for Log {
    fn enabled(&self, metadata: &log::Metadata<'_>) -> bool {
        metadata.level() <= log::Level::Warn && metadata.target().starts_with("earmark")
    }

    fn log(&self, record: &log::Record<'_>) {
        if self.enabled(record.metadata()) {
            eprintln!("earmark: {} ({})", record.args(), record.target());
        }
    }

    fn flush(&self) {}
}

fn main() -> ExitCode {
    let began = Instant::now();
    if log::set_logger(&Log).is_ok() {
        log::set_max_level(log::LevelFilter::Warn);
    }
    let mut arguments = Arguments::parse();
    if let Some(command) = arguments.headless.take() {
        return match cli::run(command, arguments.library) {
            Ok(Outcome::Done) => ExitCode::SUCCESS,
            Ok(Outcome::Warned) => ExitCode::from(1),
            // Whoever read our output has read enough.
            Err(error) if is_broken_pipe(error.as_ref()) => ExitCode::SUCCESS,
            Err(error) => failed(&error.to_string()),
        };
    }
    window(arguments, Trace::since(began))
}

/// Files are read while the window is still being made.
fn window(arguments: Arguments, trace: Trace) -> ExitCode {
    let wake = Arc::new(OnceLock::new());
    let library = arguments
        .library
        .or_else(default_path)
        .unwrap_or_else(|| "earmark.sqlite".into());
    let cache = directories::ProjectDirs::from("app", "earmark", "Earmark").map(|dirs| dirs.cache_dir().to_path_buf());
    let mut outside = Outside::start(library, cache, &wake);
    let mut reader = Reader::default();
    reader.set_options(StartOptions {
        at: arguments.at,
        play: arguments.play,
        speed: arguments.speed,
        view: arguments.view,
        how: arguments.reading.how(),
    });
    if arguments.demo {
        reader.run(Command::OpenDemo);
    } else if !arguments.files.is_empty() {
        reader.run(Command::Open(arguments.files));
    }
    for effect in reader.take_effects() {
        outside.carry_out(effect);
    }
    // Notes are on the disk before they are on the screen, so a defect in the window loses none.
    let shown = std::panic::catch_unwind(AssertUnwindSafe(|| open_window(reader, outside, &wake, trace)));
    match shown {
        Ok(Ok(())) => ExitCode::SUCCESS,
        Ok(Err(error)) => failed(&format!("no window can be opened: {error}")),
        Err(_) => failed("a defect ended the window; all notes that were shown are kept"),
    }
}

fn failed(why: &str) -> ExitCode {
    eprintln!("earmark: {}", why.replace('\n', " "));
    ExitCode::from(2)
}

fn is_broken_pipe(error: &(dyn std::error::Error + 'static)) -> bool {
    let mut cause = Some(error);
    while let Some(error) = cause {
        if error
            .downcast_ref::<std::io::Error>()
            .is_some_and(|error| error.kind() == ErrorKind::BrokenPipe)
        {
            return true;
        }
        cause = error.source();
    }
    false
}
