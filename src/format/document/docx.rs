//! Word documents (ECMA-376, Office Open XML) that hold a transcript.
//!
//! The text stands in `word/document.xml`: runs (`w:r`) of text (`w:t`), tabs and breaks make paragraphs (`w:p`). Some
//! versions of Office on the web call the part `document2.xml`. Text that was deleted under tracked changes, footnotes
//! and comments are left out and told. A document with a password is no archive but an OLE file, as were Word's files
//! before 2007.

use super::super::draft::Drafts;
use super::super::formats::{Family, Format, Spec};
use super::super::tags::{Piece, Pieces};
use super::super::{Input, ReadError, Warnings};
use super::{Lines, broken, hand_over, holds, locked, open, part};

/// The row of this format.
pub(in crate::format) const SPEC: Spec = Spec {
    format: Format::Docx,
    key: "docx",
    name: "Word document",
    extensions: &["docx", "docm"],
    from: "Teams, Rev, Otter, Trint, people",
    family: Family::Zip,
    recognise,
    read,
    write: None,
};

const OLE: &[u8] = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1";
/// Names inside OLE files stand in UTF-16.
const ENCRYPTED: &[u8] = b"E\0n\0c\0r\0y\0p\0t\0e\0d\0P\0a\0c\0k\0a\0g\0e\0";
const BEFORE_2007: &[u8] = b"W\0o\0r\0d\0D\0o\0c\0u\0m\0e\0n\0t\0";

/// Archives and OLE files with the parts that Word gives them.
fn recognise(input: &Input<'_>) -> Option<&'static str> {
    let bytes = input.bytes;
    if bytes.starts_with(b"PK\x03\x04") && holds(bytes, b"word/document") {
        return Some("an archive with word/document.xml");
    }
    (bytes.starts_with(OLE) && (holds(bytes, ENCRYPTED) || holds(bytes, BEFORE_2007))).then_some("an OLE file of Word")
}

/// Reads the paragraphs as lines.
fn read(input: &Input<'_>, drafts: &mut Drafts, warnings: &mut Warnings) -> Result<(), ReadError> {
    if input.bytes.starts_with(OLE) {
        return Err(if holds(input.bytes, ENCRYPTED) {
            locked()
        } else {
            broken("a Word document of before 2007 (.doc) is not read; save it as .docx")
        });
    }
    let mut archive = open(input.bytes)?;
    let names = archive.file_names().filter_map(Result::ok).map(String::from);
    let mains = names.filter(|name| name.starts_with("word/document") && name.contains(".xml"));
    let Some(name) = mains.min_by_key(String::len) else {
        return Err(broken("the archive holds no word/document.xml"));
    };
    let (xml, cut) = part(&mut archive, &name)?;
    let lines = lines(&xml, warnings);
    hand_over(&lines, cut, input.options, drafts, warnings)
}

fn lines(xml: &str, warnings: &mut Warnings) -> String {
    let mut lines = Lines::default();
    let mut pieces = Pieces::new(xml);
    let mut in_text = false;
    // How deep inside something that is left out.
    let mut skipped = 0_usize;
    for piece in pieces.by_ref() {
        match piece {
            Piece::Open(_) if skipped > 0 => skipped += 1,
            Piece::Close(_) if skipped > 0 => skipped -= 1,
            Piece::Open(tag) => match tag.name {
                // What older programs are shown instead holds the same text again; moved text stands where it went.
                // The stops of a paragraph are called tabs, like those in its text.
                "Fallback" | "moveFrom" | "pPr" => skipped = 1,
                "delText" => {
                    lines.leave_out("pieces of deleted text were left out");
                    skipped = 1;
                }
                "footnoteReference" | "endnoteReference" => lines.leave_out("footnotes were left out"),
                "commentReference" => lines.leave_out("comments were left out"),
                "p" => lines.end_open_paragraph(),
                "t" => in_text = true,
                "tab" | "ptab" => lines.push("\t"),
                "br" | "cr" => lines.push("\n"),
                "noBreakHyphen" => lines.push("\u{2011}"),
                "tr" => lines.open_row(),
                "tc" => lines.open_cell(),
                _ => {}
            },
            Piece::Close(name) => match name {
                "p" => lines.end_paragraph(),
                "t" => in_text = false,
                "tr" => lines.close_row(),
                _ => {}
            },
            Piece::Text(text) if in_text && skipped == 0 => lines.push(&text),
            Piece::Text(_) => {}
        }
    }
    pieces.tell_troubles(warnings);
    lines.finish(warnings)
}
