//! CSV with the columns that Readwise imports: RFC 4180, the note's tags as `.tag` words, the place in seconds.

use super::{NotesExport, clock, kind_title, one_line, quoted, since_start, tag_word};
use crate::notes::Annotation;

const COLUMNS: [&str; 7] = ["Highlight", "Title", "Author", "URL", "Note", "Location", "Date"];

pub(super) fn write(notes: &NotesExport) -> String {
    let mut out = String::new();
    push_row(&mut out, &COLUMNS.map(str::to_owned));
    for note in notes.sorted() {
        let annotation = &note.annotation;
        let time = annotation.target.time.start;
        push_row(
            &mut out,
            &[
                highlight(annotation),
                one_line(&notes.title),
                annotation.target.speaker.clone().unwrap_or_default(),
                notes.address_of(annotation).unwrap_or_default(),
                note_with_tags(annotation),
                (since_start(time).as_micros() / 1_000_000).to_string(),
                annotation.created.strftime("%Y-%m-%d %H:%M:%S").to_string(),
            ],
        );
    }
    out
}

/// Readwise asks for this column: a bookmark without words is told by its time.
fn highlight(annotation: &Annotation) -> String {
    match quoted(annotation) {
        "" => format!(
            "{} at {}",
            kind_title(annotation.kind),
            clock(annotation.target.time.start)
        ),
        quote => quote.to_owned(),
    }
}

fn note_with_tags(annotation: &Annotation) -> String {
    let tags = annotation
        .tags
        .iter()
        .map(|tag| tag_word(tag))
        .filter(|tag| !tag.is_empty())
        .map(|tag| format!(".{tag}"));
    let tags = tags.collect::<Vec<_>>().join(" ");
    let text = annotation.text.trim();
    if text.is_empty() || tags.is_empty() {
        format!("{text}{tags}")
    } else {
        format!("{text}\n{tags}")
    }
}

fn push_row(out: &mut String, fields: &[String]) {
    for (i, field) in fields.iter().enumerate() {
        if i > 0 {
            out.push(',');
        }
        let field = guarded(field);
        if field.contains(['"', ',', '\r', '\n']) || field.trim() != field {
            out.push('"');
            out.push_str(&field.replace('"', "\"\""));
            out.push('"');
        } else {
            out.push_str(&field);
        }
    }
    out.push_str("\r\n");
}

/// A spreadsheet runs what begins like a formula; an apostrophe keeps it a text (OWASP, "CSV Injection").
fn guarded(field: &str) -> String {
    let formula = field
        .trim_start()
        .starts_with(['=', '+', '-', '@', '＝', '＋', '－', '＠'])
        || field.starts_with(['\t', '\r', '\n']);
    if formula { format!("'{field}") } else { field.to_owned() }
}
