//! Markdown as Obsidian has it: properties, a callout for each note, block ids that stay the same at every export.
//!
//! CommonMark 0.31, and Obsidian's help pages on properties, callouts, tags and block links.

use super::{ExportedNote, NotesExport, clock, kind_title, lines, one_line, quoted, tag_word};
use crate::notes::Kind;

pub(super) fn write(notes: &NotesExport) -> String {
    let mut out = properties(notes);
    let title = one_line(&notes.title);
    if !title.is_empty() {
        out.push_str(&format!("\n# {}\n", escaped(&title)));
    }
    for note in notes.sorted() {
        out.push_str(&callout(notes, note));
    }
    out
}

/// The YAML at the top. A JSON string is a YAML string as well.
fn properties(notes: &NotesExport) -> String {
    let mut out = "---\n".to_owned();
    let mut property =
        |name: &str, value: String| out.push_str(&format!("{name}: {}\n", serde_json::Value::from(value)));
    property("title", one_line(&notes.title));
    for (name, path) in [("transcript", &notes.transcript), ("recording", &notes.recording)] {
        if let Some(path) = path {
            property(name, path.to_string_lossy().into_owned());
        }
    }
    let mut tags = vec!["earmark".to_owned()];
    for tag in notes
        .sorted()
        .iter()
        .flat_map(|note| &note.annotation.tags)
        .map(|tag| tag_word(tag))
    {
        if !tag.is_empty() && !tags.contains(&tag) {
            tags.push(tag);
        }
    }
    out.push_str("tags:\n");
    for tag in tags {
        out.push_str(&format!("  - {}\n", serde_json::Value::from(tag)));
    }
    out.push_str("---\n");
    out
}

fn callout(notes: &NotesExport, note: &ExportedNote) -> String {
    let annotation = &note.annotation;
    let kind = match annotation.kind {
        Kind::Highlight => "quote",
        Kind::Note => "note",
        Kind::Bookmark => "bookmark",
    };
    let time = clock(annotation.target.time.start);
    let time = match notes.address_of(annotation) {
        Some(address) => format!("[{time}](<{address}>)"),
        None => time,
    };
    let speaker = annotation
        .target
        .speaker
        .as_deref()
        .map(one_line)
        .filter(|name| !name.is_empty());
    let who = escaped(&speaker.unwrap_or_else(|| kind_title(annotation.kind).to_owned()));
    let mut out = format!("\n> [!{kind}|{}] {who} · {time}\n", annotation.colour.name());
    let mut parts = Vec::new();
    let mark = if annotation.kind == Kind::Note { "> " } else { "" };
    parts.extend(paragraph(quoted(annotation), mark));
    parts.extend(paragraph(&annotation.text, ""));
    let tags: Vec<String> = annotation
        .tags
        .iter()
        .map(|tag| tag_word(tag))
        .filter(|tag| !tag.is_empty())
        .collect();
    if !tags.is_empty() {
        parts.push(format!("> #{}\n", tags.join(" #")));
    }
    if note.unplaced {
        parts.push("> *These words are not in the transcript any more.*\n".to_owned());
    }
    out.push_str(&parts.join(">\n"));
    out.push_str(&format!("\n^em-{}\n", annotation.id));
    out
}

/// A text as lines of the callout; two spaces at a line's end keep its break.
fn paragraph(text: &str, mark: &str) -> Option<String> {
    let lines: Vec<String> = lines(text)
        .map(|line| format!("> {mark}{}", escaped_line(line)).trim_end().to_owned())
        .collect();
    let joined = lines.join("  \n").replace(">  \n", ">\n");
    (!text.trim().is_empty()).then(|| format!("{joined}\n"))
}

/// A text that stands within a line: nothing in it is markup, a tag, a link, a comment or a block id.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        let markup = matches!(
            c,
            '\\' | '`' | '*' | '_' | '[' | ']' | '<' | '>' | '#' | '|' | '~' | '$' | '^' | '&' | '%' | '=' | '!'
        );
        if markup {
            out.push('\\');
        }
        out.push(if c.is_control() { ' ' } else { c });
    }
    out
}

/// The same for a text that begins a line, where more is markup: lists, numbers, rules, indented code.
fn escaped_line(text: &str) -> String {
    let text = escaped(text.trim_start());
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let (number, rest) = text.split_at(digits);
    match rest.chars().next() {
        Some('-' | '+') if digits == 0 => format!("\\{text}"),
        Some('.' | ')') if digits > 0 => format!("{number}\\{rest}"),
        _ => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_would_be_markup_is_text() {
        for (line, expected) in [
            ("- no list", "\\- no list"),
            ("12. June", "12\\. June"),
            ("2019 was", "2019 was"),
            ("# *a* [b](c) <d> #e ^f", "\\# \\*a\\* \\[b\\](c) \\<d\\> \\#e \\^f"),
            ("    indented", "indented"),
            ("---", "\\---"),
            ("==x== %%y%%", "\\=\\=x\\=\\= \\%\\%y\\%\\%"),
        ] {
            assert_eq!(escaped_line(line), expected);
        }
    }
}
