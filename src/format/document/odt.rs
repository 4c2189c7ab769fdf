//! OpenDocument texts (ISO/IEC 26300) that hold a transcript: LibreOffice, Google Docs, Word.
//!
//! The text stands in `content.xml`: paragraphs and headings (`text:p`, `text:h`) with tabs, breaks and counted blanks
//! as elements. Line breaks in the XML are blanks (part 3, section 6.1.2). Notes, comments and deleted text are left
//! out and told. The archive begins with its type, uncompressed, by which it is known (part 2, section 3.3).

use super::super::draft::Drafts;
use super::super::formats::{Family, Format, Spec};
use super::super::tags::{Piece, Pieces};
use super::super::{Input, ReadError, Warnings};
use super::{Lines, hand_over, holds, locked, open, part};

/// The row of this format.
pub(in crate::format) const SPEC: Spec = Spec {
    format: Format::Odt,
    key: "odt",
    name: "OpenDocument text",
    extensions: &["odt", "ott"],
    from: "LibreOffice, Google Docs, people",
    family: Family::Zip,
    recognise,
    read,
    write: None,
};

/// The type at the head of the archive, or the name and the part.
fn recognise(input: &Input<'_>) -> Option<&'static str> {
    let bytes = input.bytes;
    if !bytes.starts_with(b"PK\x03\x04") {
        return None;
    }
    let head = bytes.get(..128).unwrap_or(bytes);
    if holds(head, b"application/vnd.oasis.opendocument.text") {
        return Some("an archive of the type OpenDocument text");
    }
    let is_named = input.options.has_extension("odt") && holds(bytes, b"content.xml");
    is_named.then_some("its name says so and it has content.xml")
}

/// Reads the paragraphs as lines.
fn read(input: &Input<'_>, drafts: &mut Drafts, warnings: &mut Warnings) -> Result<(), ReadError> {
    let mut archive = open(input.bytes)?;
    // With a password the parts are encrypted and only their list tells it.
    if archive.index_for_name("META-INF/manifest.xml").is_some()
        && part(&mut archive, "META-INF/manifest.xml")?
            .0
            .contains("encryption-data")
    {
        return Err(locked());
    }
    let (xml, cut) = part(&mut archive, "content.xml")?;
    let lines = lines(&xml, warnings);
    hand_over(&lines, cut, input.options, drafts, warnings)
}

fn lines(xml: &str, warnings: &mut Warnings) -> String {
    const MOST_BLANKS: usize = 200;
    let mut lines = Lines::default();
    let mut pieces = Pieces::new(xml);
    // How many paragraphs are open: one may stand in a frame inside another.
    let mut paragraphs = 0_usize;
    let mut skipped = 0_usize;
    for piece in pieces.by_ref() {
        match piece {
            Piece::Open(_) if skipped > 0 => skipped += 1,
            Piece::Close(_) if skipped > 0 => skipped -= 1,
            Piece::Open(tag) => match tag.name {
                "p" | "h" => {
                    lines.end_open_paragraph();
                    paragraphs += 1;
                }
                "tab" => lines.push("\t"),
                "line-break" => lines.push("\n"),
                "s" => {
                    let count = tag.get("c").and_then(|count| count.parse().ok()).unwrap_or(1_usize);
                    lines.push(&" ".repeat(count.min(MOST_BLANKS)));
                }
                "table-row" => lines.open_row(),
                "table-cell" => lines.open_cell(),
                "note" => {
                    lines.leave_out("footnotes were left out");
                    skipped = 1;
                }
                "annotation" => {
                    lines.leave_out("comments were left out");
                    skipped = 1;
                }
                "deletion" => {
                    lines.leave_out("pieces of deleted text were left out");
                    skipped = 1;
                }
                // The description of a picture.
                "desc" => skipped = 1,
                _ => {}
            },
            Piece::Close(name) => match name {
                "p" | "h" => {
                    lines.end_paragraph();
                    paragraphs = paragraphs.saturating_sub(1);
                }
                "table-row" => lines.close_row(),
                _ => {}
            },
            Piece::Text(text) if paragraphs > 0 && skipped == 0 => lines.push(&text.replace('\n', " ")),
            Piece::Text(_) => {}
        }
    }
    pieces.tell_troubles(warnings);
    lines.finish(warnings)
}
