//! noScribe's HTML: `<a name="ts_690_2070_S00">S00: text</a>`, the times in milliseconds, the speaker last.
//!
//! noScribe writes it, and its editor (Qt's rich text) writes it again with every change of colour in an anchor of its
//! own, so anchors of one name that follow each other are one cue. The first cue of a paragraph begins with the
//! speaker's label, which people change; the name in the anchor stays. Times shown in the text (`[00:00:02]`) repeat
//! the anchor's. Pauses (`(..)`) are cues of nobody. `//S01: text//` is said while another speaks.

use std::collections::HashMap;

use super::super::draft::{Draft, Drafts};
use super::super::formats::{Family, Format, Spec};
use super::super::markup::Plain;
use super::super::stamp::read_time;
use super::super::{Input, ReadError, Warnings};
use super::{Element, Piece, Pieces, is_block, tell_stray, tidy};
use crate::time::CueTime;

/// The row of this format.
pub(in crate::format) const SPEC: Spec = Spec {
    format: Format::NoScribe,
    key: "noscribe",
    name: "noScribe HTML",
    extensions: &["html", "htm"],
    from: "noScribe and its editor",
    family: Family::Markup,
    recognise,
    read,
    write: None,
};

/// A label is no longer than this, in bytes.
const LONGEST_LABEL: usize = 64;

/// Anchors named by their times.
fn recognise(input: &Input<'_>) -> Option<&'static str> {
    input.root.as_ref()?;
    let is_anchor = |after: &str| Anchor::read(after.split(['"', '\'']).next().unwrap_or("")).is_some();
    let mut named = input.text.split("name=\"ts_").skip(1);
    named.any(is_anchor).then_some("anchors named by their times")
}

/// Reads the anchors of a page.
fn read(input: &Input<'_>, drafts: &mut Drafts, warnings: &mut Warnings) -> Result<(), ReadError> {
    let mut pieces = Pieces::new(input.text);
    let mut reader = Reader {
        drafts,
        warnings,
        open: None,
        begins_paragraph: true,
        outside: String::new(),
        outside_line: 0,
        labels: HashMap::new(),
    };
    while let Some(piece) = pieces.next() {
        let line = pieces.line();
        match piece {
            Piece::Open(element) => reader.open(&element, line),
            Piece::Close(name) => reader.close(&name),
            Piece::Text(text) => reader.text(&text, line),
        }
    }
    reader.end_cue();
    reader.end_outside();
    pieces.finish(drafts, warnings);
    Ok(())
}

/// What the name of an anchor tells.
#[derive(Debug, Clone, PartialEq)]
struct Anchor {
    start: CueTime,
    end: CueTime,
    speaker: String,
}

impl Anchor {
    /// Reads `690_2070_S00`, what follows `ts_`.
    fn read(name: &str) -> Option<Self> {
        let (start, rest) = name.split_once('_')?;
        let (end, speaker) = rest.split_once('_').unwrap_or((rest, ""));
        let time = |text: &str| text.parse().ok().map(CueTime::from_millis);
        Some(Self {
            start: time(start)?,
            end: time(end)?,
            speaker: speaker.trim_matches('/').to_owned(),
        })
    }
}

struct Cue {
    anchor: Anchor,
    line: u32,
    text: String,
    begins_paragraph: bool,
}

struct Reader<'a> {
    drafts: &'a mut Drafts,
    warnings: &'a mut Warnings,
    open: Option<Cue>,
    begins_paragraph: bool,
    /// Text outside all anchors: the heading, what noScribe says of itself.
    outside: String,
    outside_line: u32,
    /// The label that stands for the speaker of an anchor's name.
    labels: HashMap<String, String>,
}

impl Reader<'_> {
    fn open(&mut self, element: &Element, line: u32) {
        match element.name.as_str() {
            "a" => {
                let anchor = element
                    .get("name")
                    .and_then(|name| Anchor::read(name.strip_prefix("ts_")?));
                let Some(anchor) = anchor else {
                    return self.text(" ", line);
                };
                if self.open.as_ref().is_some_and(|cue| cue.anchor == anchor) {
                    return;
                }
                self.end_cue();
                self.end_outside();
                self.open = Some(Cue {
                    anchor,
                    line,
                    text: String::new(),
                    begins_paragraph: std::mem::replace(&mut self.begins_paragraph, false),
                });
            }
            "meta" if element.get("name").as_deref() == Some("audio_source") => {
                if let Some(file) = element.get("content") {
                    tell_stray(line, &format!("audio_source: {file}"), self.warnings);
                }
            }
            name => self.block(name),
        }
    }

    fn close(&mut self, name: &str) {
        self.block(name);
    }

    fn block(&mut self, name: &str) {
        if name == "br" {
            match &mut self.open {
                Some(cue) => cue.text.push('\n'),
                None => self.outside.push(' '),
            }
        } else if is_block(name) {
            self.end_cue();
            self.end_outside();
            self.begins_paragraph = true;
        }
    }

    fn text(&mut self, text: &str, line: u32) {
        match &mut self.open {
            // What a person wrote between two anchors belongs to the one before.
            Some(_) if is_stamp(text) => {}
            Some(cue) => cue.text.push_str(text),
            // Blanks before it would be looked through again for each that follows.
            None if self.outside.is_empty() && text.trim().is_empty() => {}
            None => {
                if self.outside.is_empty() {
                    self.outside_line = line;
                }
                self.outside.push_str(text);
            }
        }
    }

    fn end_cue(&mut self) {
        let Some(cue) = self.open.take() else { return };
        let text = cue.text.trim().trim_start_matches("//").trim_end_matches("//").trim();
        if is_pause(text) {
            // The label stands behind a pause that begins the paragraph.
            self.begins_paragraph |= cue.begins_paragraph;
            self.add(&cue, "", text);
            return;
        }
        let (label, said) = self.label(&cue, text);
        let speaker = &cue.anchor.speaker;
        if let Some(label) = label {
            self.labels.insert(speaker.clone(), label.to_owned());
        }
        let name = self.labels.get(speaker).unwrap_or(speaker).clone();
        self.add(&cue, &name, said);
    }

    /// The label before the text, and the text.
    fn label<'t>(&self, cue: &Cue, text: &'t str) -> (Option<&'t str>, &'t str) {
        let head = text.get(..text.floor_char_boundary(LONGEST_LABEL)).unwrap_or(text);
        let Some(at) = head.find(':') else { return (None, text) };
        let (label, said) = (head.get(..at).unwrap_or("").trim(), text.get(at + 1..).unwrap_or(""));
        let speaker = cue.anchor.speaker.as_str();
        let is_own = label == speaker || self.labels.get(speaker).is_some_and(|known| known == label);
        let is_label = is_own || cue.begins_paragraph && !speaker.is_empty() && !label.contains(['.', '?', '!', ',']);
        if is_label && !label.is_empty() {
            (Some(label), said.trim_start())
        } else {
            (None, text)
        }
    }

    fn add(&mut self, cue: &Cue, name: &str, text: &str) {
        let mut draft = Draft::new(cue.line, cue.anchor.start, Some(cue.anchor.end));
        draft.name = self.drafts.names.id(name);
        let mut plain = Plain::default();
        plain.literal(text);
        self.drafts.add(draft, &plain);
    }

    /// The first text outside the anchors is the title; noScribe's notes on itself follow.
    fn end_outside(&mut self) {
        let text = tidy(&std::mem::take(&mut self.outside));
        if text.is_empty() {
            return;
        }
        if self.drafts.title.is_none() && self.drafts.cues.is_empty() && self.open.is_none() {
            self.drafts.title = Some(text);
        } else {
            tell_stray(self.outside_line, &text, self.warnings);
        }
    }
}

/// `[00:00:02]` and nothing else.
fn is_stamp(text: &str) -> bool {
    let inside = text.trim().strip_prefix('[').and_then(|text| text.strip_suffix(']'));
    inside.is_some_and(|inside| read_time(inside.as_bytes()).is_some_and(|stamp| stamp.length == inside.len()))
}

/// `(..)`, one point for each second, and `(12 seconds pause)`.
fn is_pause(text: &str) -> bool {
    let inside = text.strip_prefix('(').and_then(|text| text.strip_suffix(')'));
    inside.is_some_and(|inside| {
        inside.chars().all(|c| c == '.' || c == '…') || inside.starts_with(|c: char| c.is_ascii_digit())
    })
}
