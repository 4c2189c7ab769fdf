//! `earmark notes`: the notes of a document listed, made, exported, imported and deleted, without a window.
//!
//! It works on the same library as the window, which may be open meanwhile. What is printed as done is on the disk.

mod add;
mod error;
mod source;

pub use add::AddArgs;
pub use error::NotesError;

use std::collections::HashMap;
use std::io::{BufRead, Write};
use std::path::{Path, PathBuf};

use clap::{Args, Subcommand, ValueEnum};
use serde::Serialize;

use self::source::Source;
use super::ReadingArgs;
use crate::export::{ExportFormat, ExportedNote, NotesExport, export, read_json_ld};
use crate::library::{Health, Store, default_path, write_atomically};
use crate::notes::{Annotation, AnnotationId, Colour, Kind, Placement, PlacementIndex, place};
use crate::reader::NoteFilter;
use crate::time::{MediaTime, format_clock};

/// What can be done with notes.
#[derive(Debug, Clone, Subcommand)]
pub enum NotesCommand {
    /// List a document's notes.
    List(ListArgs),
    /// Make a note, or one for each line of the standard input. Prints the id of each once it is on the disk.
    Add(AddArgs),
    /// Write a document's notes for another program.
    Export(ExportArgs),
    /// Merge notes that were exported as JSON-LD or HTML: by id, the later change counts.
    Import(ImportArgs),
    /// Delete notes by id.
    Delete(DeleteArgs),
}

/// Whose notes.
#[derive(Debug, Clone, Args)]
pub struct DocumentArgs {
    /// The transcript or the recording.
    pub file: PathBuf,
    /// The recording, where FILE is the transcript.
    #[arg(long, value_name = "AUDIO")]
    pub recording: Option<PathBuf>,
    /// How the transcript is read.
    #[command(flatten)]
    pub reading: ReadingArgs,
}

/// Which of them.
#[derive(Debug, Clone, Default, Args)]
pub struct FilterArgs {
    /// Only notes of this kind.
    #[arg(long, value_parser = kind_from)]
    pub kind: Option<Kind>,
    /// Only notes of this colour.
    #[arg(long, value_parser = colour_from)]
    pub colour: Option<Colour>,
    /// Only notes with this tag.
    #[arg(long)]
    pub tag: Option<String>,
    /// Only notes that hold this text, in quote, note or tag.
    #[arg(long, default_value = "", hide_default_value = true)]
    pub text: String,
}

/// `earmark notes list`.
#[derive(Debug, Clone, Args)]
pub struct ListArgs {
    #[command(flatten)]
    document: DocumentArgs,
    #[command(flatten)]
    filter: FilterArgs,
    /// As a JSON array; times in milliseconds.
    #[arg(long)]
    json: bool,
}

/// `earmark notes export`.
#[derive(Debug, Clone, Args)]
pub struct ExportArgs {
    #[command(flatten)]
    document: DocumentArgs,
    #[command(flatten)]
    filter: FilterArgs,
    /// The format; without it, what OUT's ending says, else Markdown.
    #[arg(long, short, value_enum)]
    format: Option<ExportFormat>,
    /// The file to write; without it, the standard output.
    #[arg(long, short, value_name = "OUT")]
    output: Option<PathBuf>,
}

/// `earmark notes import`.
#[derive(Debug, Clone, Args)]
pub struct ImportArgs {
    #[command(flatten)]
    document: DocumentArgs,
    /// The notes; `-` is the standard input.
    notes: PathBuf,
    /// Tell the result as JSON.
    #[arg(long)]
    json: bool,
}

/// `earmark notes delete`.
#[derive(Debug, Clone, Args)]
pub struct DeleteArgs {
    #[command(flatten)]
    document: DocumentArgs,
    /// The ids, as `list` shows them. If one is not there, nothing is deleted.
    #[arg(required = true, value_parser = id_from)]
    ids: Vec<AnnotationId>,
}

impl ValueEnum for ExportFormat {
    fn value_variants<'a>() -> &'a [Self] {
        &Self::ALL
    }

    fn to_possible_value(&self) -> Option<clap::builder::PossibleValue> {
        Some(clap::builder::PossibleValue::new(self.name()).help(self.label()))
    }
}

fn kind_from(name: &str) -> Result<Kind, String> {
    Kind::from_name(name).ok_or_else(|| format!("expected one of {}", Kind::ALL.map(Kind::name).join(", ")))
}

fn colour_from(name: &str) -> Result<Colour, String> {
    Colour::from_name(name).ok_or_else(|| format!("expected one of {}", Colour::ALL.map(Colour::name).join(", ")))
}

fn id_from(text: &str) -> Result<AnnotationId, String> {
    text.parse()
        .map(AnnotationId)
        .map_err(|_| "expected an id as `earmark notes list` shows it".to_owned())
}

/// Carries a command out on the library at `library`, or on the usual one. Notes to add or import may come from the
/// standard input. A closed pipe at the other end of `output` is no error.
pub fn notes(command: NotesCommand, library: Option<PathBuf>, output: &mut dyn Write) -> Result<(), NotesError> {
    let library = library.or_else(default_path).ok_or(NotesError::NoLibrary)?;
    let mut store = Store::open(&library);
    if let Health::SetAside { moved_to } = store.health() {
        eprintln!(
            "earmark: the library was damaged; it lies at {} now",
            moved_to.display()
        );
    }
    let mut input = std::io::stdin().lock();
    let done = match command {
        NotesCommand::List(args) => list(&args, &store, output),
        NotesCommand::Add(args) => add::add(&args, &mut store, &mut input, output),
        NotesCommand::Export(args) => export_notes(&args, &store, output),
        NotesCommand::Import(args) => import(&args, &mut store, &mut input, output),
        NotesCommand::Delete(args) => delete(&args, &mut store),
    };
    match done.and_then(|()| Ok(output.flush()?)) {
        Err(NotesError::Output(error)) if error.kind() == std::io::ErrorKind::BrokenPipe => Ok(()),
        done => done,
    }
}

/// A note as `list --json` tells it.
#[derive(Debug, Serialize)]
struct Listed<'a> {
    id: String,
    kind: &'a str,
    colour: &'a str,
    start_ms: f64,
    end_ms: f64,
    speaker: Option<&'a str>,
    quote: Option<&'a str>,
    text: &'a str,
    tags: &'a [String],
    placed: bool,
    created: String,
    modified: String,
}

fn list(args: &ListArgs, store: &Store, output: &mut dyn Write) -> Result<(), NotesError> {
    let (_, notes) = found(&args.document, &args.filter, store)?;
    if args.json {
        let listed: Vec<Listed<'_>> = notes.iter().map(listed).collect();
        serde_json::to_writer_pretty(&mut *output, &listed).map_err(std::io::Error::from)?;
        writeln!(output)?;
        return Ok(());
    }
    for note in &notes {
        writeln!(output, "{}", line(note))?;
    }
    Ok(())
}

fn listed(note: &ExportedNote) -> Listed<'_> {
    let annotation = &note.annotation;
    let target = &annotation.target;
    Listed {
        id: annotation.id.to_string(),
        kind: annotation.kind.name(),
        colour: annotation.colour.name(),
        start_ms: target.time.start.as_millis_f64(),
        end_ms: target.time.end.as_millis_f64(),
        speaker: target.speaker.as_deref(),
        quote: target.quote.as_ref().map(|quote| quote.exact.as_str()),
        text: &annotation.text,
        tags: &annotation.tags,
        placed: !note.unplaced,
        created: annotation.created.to_string(),
        modified: annotation.modified.to_string(),
    }
}

/// One line for a person: id, time, kind, colour, then what there is of speaker, quote, note and tags.
fn line(note: &ExportedNote) -> String {
    let annotation = &note.annotation;
    let target = &annotation.target;
    let time = format_clock(target.time.start - MediaTime::ZERO);
    let mut parts = vec![format!(
        "{}  {time:>8}  {:9} {:6}",
        annotation.id,
        annotation.kind.name(),
        annotation.colour.name()
    )];
    parts.extend(target.speaker.as_ref().map(|speaker| format!("{speaker}:")));
    parts.extend(target.quote.as_ref().map(|quote| format!("“{}”", quote.exact)));
    parts.extend((!annotation.text.is_empty()).then(|| annotation.text.clone()));
    parts.extend(annotation.tags.iter().map(|tag| format!("#{tag}")));
    parts.extend(note.unplaced.then(|| "(unplaced)".to_owned()));
    parts.join(" ").replace(char::is_control, " ").trim_end().to_owned()
}

/// The document's notes that pass the filter, ordered by time, and what it is called and made of.
fn found(
    document: &DocumentArgs,
    filter: &FilterArgs,
    store: &Store,
) -> Result<(NotesExport, Vec<ExportedNote>), NotesError> {
    let source = Source::read(document, store)?;
    let filter = NoteFilter {
        text: filter.text.clone(),
        kind: filter.kind,
        colour: filter.colour,
        tag: filter.tag.clone(),
    };
    let path = |file: Option<&crate::library::FileIdentity>| file.map(|file| file.path.clone());
    let mut files = source.files.clone();
    let mut notes = Vec::new();
    if let Some(document) = &source.known {
        let stored = store.files(document.id)?;
        files.title = stored.title;
        files.recording = files.recording.or(stored.recording);
        files.transcript = files.transcript.or(stored.transcript);
        let index = source
            .transcript
            .as_ref()
            .map(|transcript| PlacementIndex::new(transcript));
        let unplaced = |annotation: &Annotation| {
            index
                .as_ref()
                .is_some_and(|index| place(&annotation.target, index) == Placement::Unplaced)
        };
        let shown = document
            .annotations
            .iter()
            .filter(|annotation| filter.admits(annotation));
        notes = shown
            .map(|annotation| ExportedNote {
                unplaced: unplaced(annotation),
                annotation: annotation.clone(),
            })
            .collect();
    }
    let about = NotesExport {
        title: files.title,
        transcript: path(files.transcript.as_ref()),
        recording: path(files.recording.as_ref()),
        notes: Vec::new(),
    };
    Ok((about, notes))
}

fn export_notes(args: &ExportArgs, store: &Store, output: &mut dyn Write) -> Result<(), NotesError> {
    let by_ending = match &args.output {
        Some(path) if args.format.is_none() => {
            let ending = path.extension().and_then(|ending| ending.to_str());
            let format = ending.and_then(ExportFormat::from_extension);
            Some(format.ok_or_else(|| NotesError::UnknownFormat { path: path.clone() })?)
        }
        _ => None,
    };
    let format = args.format.or(by_ending).unwrap_or(ExportFormat::Markdown);
    let (about, notes) = found(&args.document, &args.filter, store)?;
    let text = export(format, &NotesExport { notes, ..about });
    match &args.output {
        Some(path) => {
            let DocumentArgs { file, recording, .. } = &args.document;
            let keep: Vec<PathBuf> = [file].into_iter().chain(recording).cloned().collect();
            write_atomically(path, text.as_bytes(), &keep)?;
        }
        None => output.write_all(text.as_bytes())?,
    }
    Ok(())
}

fn import(
    args: &ImportArgs,
    store: &mut Store,
    input: &mut dyn BufRead,
    output: &mut dyn Write,
) -> Result<(), NotesError> {
    let path = &args.notes;
    let unread = |source| NotesError::Read {
        path: path.clone(),
        source,
    };
    let text = if path == Path::new("-") {
        let mut text = String::new();
        input.read_to_string(&mut text).map_err(unread)?;
        text
    } else {
        std::fs::read_to_string(path).map_err(unread)?
    };
    let imported = read_json_ld(&text).map_err(|source| NotesError::Import {
        path: path.clone(),
        source,
    })?;
    let document = Source::read(&args.document, store)?.open(store)?;
    let known: HashMap<AnnotationId, &Annotation> = document.annotations.iter().map(|a| (a.id, a)).collect();
    let total = imported.len();
    let changed: Vec<Annotation> = imported
        .into_iter()
        .filter(|new| known.get(&new.id).is_none_or(|old| new.modified > old.modified))
        .collect();
    store.put_annotations(document.id, &changed)?;
    let updated = changed.iter().filter(|new| known.contains_key(&new.id)).count();
    let (added, unchanged) = (changed.len() - updated, total - changed.len());
    if args.json {
        writeln!(
            output,
            "{}",
            serde_json::json!({ "added": added, "updated": updated, "unchanged": unchanged })
        )?;
    } else {
        writeln!(output, "{added} added, {updated} updated, {unchanged} unchanged")?;
    }
    Ok(())
}

fn delete(args: &DeleteArgs, store: &mut Store) -> Result<(), NotesError> {
    let source = Source::read(&args.document, store)?;
    let annotations = source
        .known
        .as_ref()
        .map_or(&[][..], |document| document.annotations.as_slice());
    let missing = args
        .ids
        .iter()
        .find(|id| annotations.iter().all(|annotation| annotation.id != **id));
    if let Some(id) = missing {
        return Err(NotesError::UnknownNote { id: *id });
    }
    if let Some(document) = &source.known {
        store.delete_annotations(document.id, &args.ids)?;
    }
    Ok(())
}
