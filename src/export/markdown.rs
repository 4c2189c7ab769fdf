//! Markdown as Obsidian has it: properties, a callout for each note, block ids that stay the same at every export.
//!
//! CommonMark 0.31, and Obsidian's help pages on properties, callouts, tags and block links.

use super::{ExportedNote, NotesExport, clock, kind_title, lines, one_line, quoted, speaker_of, tag_word};
use crate::notes::Kind;

pub(super) fn write(notes: &NotesExport) -> String {
    let title = one_line(&notes.title);
    let heading = if title.is_empty() {
        String::new()
    } else {
        format!("\n# {}\n", escaped(&title))
    };
    let callouts: Vec<String> = notes.sorted().into_iter().map(|note| callout(notes, note)).collect();
    format!("---\n{}---\n{heading}{}", properties(notes).concat(), callouts.concat())
}

/// The lines of YAML at the top. A JSON string is a YAML string as well.
fn properties(notes: &NotesExport) -> Vec<String> {
    let string = serde_json::Value::from;
    let mut out = vec![format!("title: {}\n", string(one_line(&notes.title)))];
    for (name, path) in [("transcript", &notes.transcript), ("recording", &notes.recording)] {
        out.extend(
            path.as_ref()
                .map(|path| format!("{name}: {}\n", string(path.to_string_lossy().into_owned()))),
        );
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
    out.push("tags:\n".to_owned());
    out.extend(tags.into_iter().map(|tag| format!("  - {}\n", string(tag))));
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
    let speaker = speaker_of(annotation);
    let who = escaped(&speaker.unwrap_or_else(|| kind_title(annotation.kind).to_owned()));
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
    let (colour, id) = (annotation.colour.name(), annotation.id);
    format!(
        "\n> [!{kind}|{colour}] {who} · {time}\n{}\n^em-{id}\n",
        parts.join(">\n")
    )
}

/// A text as lines of the callout; two spaces at a line's end keep its break.
fn paragraph(text: &str, mark: &str) -> Option<String> {
    let lines: Vec<String> = lines(text)
        .map(|line| {
            if line.is_empty() {
                ">".to_owned()
            } else {
                format!("> {mark}{}  ", escaped_line(line))
            }
        })
        .collect();
    (!text.trim().is_empty()).then(|| format!("{}\n", lines.join("\n").trim_end()))
}

/// A text that stands within a line: nothing in it is markup, a tag, a link, a comment or a block id.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut before = ' ';
    let mut rest = text.chars().peekable();
    while let Some(c) = rest.next() {
        let markup = match c {
            '\\' | '`' | '*' | '_' | '[' | ']' | '<' | '#' | '|' | '~' | '$' | '^' | '&' => true,
            // Only two of them are a highlight or a comment.
            '=' | '%' => before == c || rest.peek() == Some(&c),
            _ => false,
        };
        if markup {
            out.push('\\');
        }
        out.push(if c.is_control() { ' ' } else { c });
        before = c;
    }
    out
}

/// The same for a text that begins a line, where more is markup: quotes, lists, numbers, rules, indented code.
fn escaped_line(text: &str) -> String {
    let text = escaped(text.trim_start());
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let (number, rest) = text.split_at(digits);
    match rest.chars().next() {
        Some('-' | '+' | '>' | '=') if digits == 0 => format!("\\{text}"),
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
            ("# *a* [b](c) <d> #e ^f", "\\# \\*a\\* \\[b\\](c) \\<d> \\#e \\^f"),
            ("    indented", "indented"),
            ("---", "\\---"),
            ("a ==x== %%y%%", "a \\=\\=x\\=\\= \\%\\%y\\%\\%"),
            ("=", "\\="),
            ("> 50% a=b!", "\\> 50% a=b!"),
        ] {
            assert_eq!(escaped_line(line), expected);
        }
    }
}
