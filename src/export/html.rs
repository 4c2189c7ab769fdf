//! One page that needs nothing else: to read, to print, to send. The notes stand in it as JSON-LD too, so that the page
//! can be read back ([`super::read_json_ld`]).

use super::{ExportedNote, NotesExport, clock, json_ld, kind_title, lines, one_line, quoted, uri};
use crate::notes::{Annotation, Kind};

/// Nothing is loaded and nothing runs, whatever the notes hold.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'";

/// What stands before the notes as JSON-LD.
pub(super) const DATA_BEGINS: &str = "<script type=\"application/ld+json\">";

const STYLE: &str = "
:root { color-scheme: light dark; --bg: #fbfaf7; --card: #ffffff; --line: #e3dfd5; --ink: #1f2328; --soft: #5f656d;
  --accent: #a8480a; --yellow: #fbe7a1; --green: #cdebc8; --blue: #cfe3f7; --pink: #f8d3df; --violet: #e2d8f6; }
@media (prefers-color-scheme: dark) { :root { --bg: #16181c; --card: #1c1f24; --line: #2c3037; --ink: #e8e5de;
  --soft: #a0a6ae; --accent: #f0a35e; --yellow: #5a4b14; --green: #23482b; --blue: #21405e; --pink: #5c2a3e;
  --violet: #41326b; } }
* { box-sizing: border-box; }
body { margin: 0; padding: 48px 24px; background: var(--bg); color: var(--ink);
  font: 18px/1.6 Literata, Charter, Georgia, serif; }
main { max-width: 680px; margin: 0 auto; }
h1 { margin: 0; font-size: 30px; line-height: 1.25; text-wrap: balance; }
.files, .head, .tags, .lost { font: 14px/1.5 Inter, system-ui, sans-serif; color: var(--soft); }
.files { margin: 8px 0 32px; overflow-wrap: anywhere; }
article { margin: 0 0 20px; padding: 16px 20px; background: var(--card); border: 1px solid var(--line);
  border-left: 4px solid var(--mark); border-radius: 8px; break-inside: avoid; overflow-wrap: anywhere; }
.head { display: flex; gap: 12px; margin: 0 0 8px; }
.head time { font-variant-numeric: tabular-nums; }
.head a { color: var(--accent); }
cite { font-style: normal; font-weight: 600; color: var(--ink); }
blockquote { margin: 0; }
mark { padding: 2px 0; background: var(--mark); color: inherit; box-decoration-break: clone;
  -webkit-box-decoration-break: clone; }
.note { margin: 12px 0 0; }
.tags { display: flex; flex-wrap: wrap; gap: 8px; margin: 12px 0 0; padding: 0; list-style: none; }
.tags li { padding: 0 10px; border: 1px solid var(--line); border-radius: 12px; }
.lost { margin: 12px 0 0; font-style: italic; }
.yellow { --mark: var(--yellow); } .green { --mark: var(--green); } .blue { --mark: var(--blue); }
.pink { --mark: var(--pink); } .violet { --mark: var(--violet); }
@media print { body { padding: 0; } mark { print-color-adjust: exact; -webkit-print-color-adjust: exact; } }
";

pub(super) fn write(notes: &NotesExport) -> String {
    let title = escaped(&one_line(&notes.title));
    let files: Vec<String> = [&notes.recording, &notes.transcript]
        .into_iter()
        .flatten()
        .map(|path| escaped(&one_line(&path.to_string_lossy())))
        .collect();
    // The demo lies nowhere.
    let files = if files.is_empty() {
        String::new()
    } else {
        format!("<p class=\"files\">{}</p>\n", files.join("<br>"))
    };
    let articles: String = notes.sorted().into_iter().map(|note| article(notes, note)).collect();
    // In a script element only `<` could end it; as an escape it means the same in JSON.
    let data = json_ld::write(notes).replace('<', "\\u003c");
    format!(
        "<!DOCTYPE html>\n<html>\n<head>\n<meta charset=\"utf-8\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"{POLICY}\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"generator\" content=\"Earmark\">\n<title>{title}</title>\n<style>{STYLE}</style>\n</head>\n\
         <body>\n<main>\n<h1>{title}</h1>\n{files}{articles}</main>\n\
         {DATA_BEGINS}\n{data}</script>\n</body>\n</html>\n"
    )
}

fn article(notes: &NotesExport, note: &ExportedNote) -> String {
    let annotation = &note.annotation;
    let mut parts = vec![head(notes, annotation)];
    let quote = quoted(annotation);
    if !quote.is_empty() {
        parts.push(format!("<blockquote><mark>{}</mark></blockquote>\n", escaped(quote)));
    }
    if !annotation.text.trim().is_empty() {
        let text: Vec<String> = lines(&annotation.text).map(escaped).collect();
        parts.push(format!("<p class=\"note\">{}</p>\n", text.join("<br>\n")));
    }
    if !annotation.tags.is_empty() {
        let tags: Vec<String> = annotation.tags.iter().map(|tag| escaped(tag)).collect();
        parts.push(format!("<ul class=\"tags\"><li>{}</li></ul>\n", tags.join("</li><li>")));
    }
    if note.unplaced {
        parts.push("<p class=\"lost\">These words are not in the transcript any more.</p>\n".to_owned());
    }
    let (id, colour) = (annotation.id, annotation.colour.name());
    format!(
        "<article id=\"em-{id}\" class=\"{colour}\">\n{}</article>\n",
        parts.concat()
    )
}

fn head(notes: &NotesExport, annotation: &Annotation) -> String {
    let start = annotation.target.time.start;
    let time = format!("<time datetime=\"PT{}S\">{}</time>", uri::seconds(start), clock(start));
    let time = match notes.address_of(annotation) {
        Some(address) => format!("<a href=\"{}\">{time}</a>", escaped(&address)),
        None => time,
    };
    let speaker = annotation.target.speaker.as_ref();
    let speaker = speaker.map(|speaker| format!("<cite>{}</cite>", escaped(speaker)));
    // A bookmark has no words that would show what it is.
    let who = match speaker {
        Some(speaker) if annotation.kind == Kind::Bookmark => format!("{speaker} {}", kind_title(annotation.kind)),
        Some(speaker) => speaker,
        None => kind_title(annotation.kind).to_owned(),
    };
    format!("<p class=\"head\">{time} {who}</p>\n")
}

/// Fit for text and for attribute values in double quotes.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            // HTML has no place for them (WHATWG HTML, "noncharacters and controls").
            c if c.is_control() && c != '\n' && c != '\t' => out.push(' '),
            c => out.push(c),
        }
    }
    out
}
