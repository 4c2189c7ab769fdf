//! Transcriber's format, by its `trans-14.dtd` (<https://trans.sourceforge.net>): broadcasts and interviews of the years
//! around 2000, and of corpora since.
//!
//! A turn has one speaker or several; `Sync` gives the time of what follows it, up to the next. Where several speak at
//! once, `Who` tells which of them says what, and each becomes a cue of the same time. Noises and remarks are text in
//! brackets; topics of sections are chapters.

use std::collections::HashMap;

use super::super::draft::{Draft, Drafts};
use super::super::formats::{Family, Format, Spec};
use super::super::markup::Plain;
use super::super::tags::{Piece, Pieces, Tag};
use super::super::warning::shorten;
use super::super::{Input, ReadError, WarningKind, Warnings};
use super::seconds;
use crate::time::CueTime;
use crate::transcript::Chapter;

/// The row of this format.
pub(in crate::format) const SPEC: Spec = Spec {
    format: Format::Transcriber,
    key: "trs",
    name: "Transcriber",
    extensions: &["trs", "xml"],
    from: "Transcriber, speech corpora",
    family: Family::Markup,
    recognise,
    read,
    write: None,
};

/// So many people at most speak at once.
const MOST_VOICES: usize = 16;

/// By the outermost element.
fn recognise(input: &Input<'_>) -> Option<&'static str> {
    (input.root.as_ref()?.name == "trans").then_some("its first tag is <Trans>")
}

/// Reads the cues.
#[expect(clippy::unnecessary_wraps, reason = "the table's readers may fail")]
fn read(input: &Input<'_>, drafts: &mut Drafts, warnings: &mut Warnings) -> Result<(), ReadError> {
    let mut reader = Reader {
        speakers: HashMap::new(),
        topics: HashMap::new(),
        turn: Turn::default(),
        drafts,
        warnings,
    };
    let mut pieces = Pieces::new(input.text);
    while let Some(piece) = pieces.next() {
        let line = pieces.line();
        match piece {
            Piece::Open(tag) => reader.open(tag, line),
            Piece::Close("Turn") => reader.end_turn(),
            Piece::Close(_) => {}
            Piece::Text(text) => reader.text(&text, line),
        }
    }
    reader.end_turn();
    pieces.tell_troubles(warnings);
    Ok(())
}

/// The turn that is open, and what was said in it since the last `Sync`.
#[derive(Default)]
struct Turn {
    is_open: bool,
    names: Vec<String>,
    line: u32,
    start: Option<CueTime>,
    end: Option<CueTime>,
    /// Which of the speakers speaks, counted from 1; 0 where nothing says so.
    voice: usize,
    /// What each of them said.
    said: Vec<(usize, Plain)>,
}

impl Turn {
    fn plain(&mut self) -> Option<&mut Plain> {
        let place = match self.said.iter().position(|(voice, _)| *voice == self.voice) {
            Some(place) => place,
            None if self.said.len() < MOST_VOICES => {
                self.said.push((self.voice, Plain::default()));
                self.said.len() - 1
            }
            None => 0,
        };
        self.said.get_mut(place).map(|(_, plain)| plain)
    }

    fn name(&self, voice: usize) -> String {
        match voice.checked_sub(1).and_then(|place| self.names.get(place)) {
            Some(name) => name.clone(),
            None => self.names.join("/"),
        }
    }
}

struct Reader<'d> {
    speakers: HashMap<String, String>,
    topics: HashMap<String, String>,
    turn: Turn,
    drafts: &'d mut Drafts,
    warnings: &'d mut Warnings,
}

impl Reader<'_> {
    fn open(&mut self, tag: Tag<'_>, line: u32) {
        let text = |name: &str| tag.get(name).unwrap_or_default().trim().to_owned();
        match tag.name {
            "Trans" => self.drafts.language = Some(text("lang")).filter(|language| !language.is_empty()),
            "Episode" => self.drafts.title = Some(text("program")).filter(|title| !title.is_empty()),
            "Speaker" => drop(self.speakers.insert(text("id"), text("name"))),
            "Topic" => drop(self.topics.insert(text("id"), text("desc"))),
            "Section" => self.section(tag, line),
            "Turn" => {
                self.end_turn();
                let names = text("speaker");
                let name_of = |id: &str| self.speakers.get(id).filter(|name| !name.is_empty()).cloned();
                self.turn = Turn {
                    is_open: true,
                    names: names
                        .split_whitespace()
                        .map(|id| name_of(id).unwrap_or(id.to_owned()))
                        .collect(),
                    line,
                    start: self.time(tag, "startTime", line),
                    end: self.time(tag, "endTime", line),
                    ..Turn::default()
                };
            }
            "Sync" => {
                let time = self.time(tag, "time", line);
                if time.is_some() {
                    self.end_cues(time);
                    (self.turn.start, self.turn.line) = (time, line);
                }
                self.turn.voice = 0;
            }
            "Who" => self.turn.voice = text("nb").parse().unwrap_or(0),
            "Event" | "Vocal" | "Comment" => self.remark(tag),
            _ => {}
        }
    }

    /// A time that is needed: one that cannot be read is told.
    fn time(&mut self, tag: Tag<'_>, name: &str, line: u32) -> Option<CueTime> {
        let value = tag.get(name).unwrap_or_default();
        let time = seconds(&value);
        if time.is_none() {
            let text = shorten(&value);
            self.warnings.push(line, WarningKind::BadTime { text });
        }
        time
    }

    fn section(&mut self, tag: Tag<'_>, line: u32) {
        let topic = tag.get("topic").unwrap_or_default();
        let Some(title) = self.topics.get(topic.trim()).filter(|title| !title.is_empty()).cloned() else {
            return;
        };
        let start = self.time(tag, "startTime", line);
        let end = tag.get("endTime").and_then(|end| seconds(&end));
        if let Some(start) = start {
            self.drafts.outline.push(Chapter { start, end, title });
        }
    }

    fn text(&mut self, text: &str, line: u32) {
        if !self.turn.is_open {
            if !text.trim().is_empty() {
                self.warnings.push(line, WarningKind::StrayText { text: shorten(text) });
            }
            return;
        }
        if text.trim().is_empty() && self.turn.said.is_empty() {
            return;
        }
        let Some(plain) = self.turn.plain() else { return };
        for (place, text) in text.split('\n').enumerate() {
            if place > 0 {
                plain.blank();
            }
            plain.literal(text);
        }
    }

    /// A noise or a remark, in brackets. `extent` tells where a noise begins and ends, which Transcriber shows by
    /// hyphens.
    fn remark(&mut self, tag: Tag<'_>) {
        let text = tag.get("desc").unwrap_or_default();
        let kind = tag.get("type").unwrap_or_default();
        let (before, after) = match tag.get("extent").as_deref() {
            Some("begin") => ("", "-"),
            Some("end") => ("-", ""),
            _ => ("", ""),
        };
        let kind = match kind.as_ref() {
            "" | "noise" => String::new(),
            kind => format!("{kind}="),
        };
        if let Some(plain) = self.turn.plain().filter(|_| !text.trim().is_empty()) {
            plain.blank();
            plain.literal(&format!("[{before}{kind}{}{after}]", text.trim()));
            plain.blank();
        }
    }

    /// What was said since the last `Sync` becomes cues: one for each who spoke.
    fn end_cues(&mut self, end: Option<CueTime>) {
        let said = std::mem::take(&mut self.turn.said);
        for (voice, plain) in said.iter().filter(|(_, plain)| !plain.text.is_empty()) {
            let Some(start) = self.turn.start else {
                let text = shorten(&plain.text);
                self.warnings.push(self.turn.line, WarningKind::StrayText { text });
                continue;
            };
            let mut draft = Draft::new(self.turn.line, start, end);
            draft.name = self.drafts.names.id(&self.turn.name(*voice));
            self.drafts.add(draft, plain);
        }
    }

    fn end_turn(&mut self) {
        self.end_cues(self.turn.end);
        self.turn = Turn::default();
    }
}
