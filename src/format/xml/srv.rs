//! YouTube's own caption files, as `yt-dlp --sub-format srv1` (or `srv2`, `srv3`) and caption editors write them.
//! Nobody describes them; this is what YouTube sends.
//!
//! | which | a cue | times |
//! |---|---|---|
//! | srv1 | `<transcript><text start="1.2" dur="3">` | seconds |
//! | srv2 | `<timedtext><text t="1200" d="3000" w="1" append="1">` | milliseconds |
//! | srv3, ytt | `<timedtext format="3"><body><p t="1200" d="3000" w="1" a="1"><s t="320">` | milliseconds, those of `s` from the `p` on |
//!
//! Quirks: the texts of srv1 and srv2 are escaped twice. Automatic captions roll through a window of two lines: what is
//! appended (`a`, `append`) goes on in the line before, or is nothing but the line break; each lasts until the second
//! line after it has come, so its end is where the next line begins. Styled captions carry zero-width spaces.

use super::super::draft::{Draft, Drafts};
use super::super::formats::{Family, Format, Spec};
use super::super::markup::Plain;
use super::super::tags::{Piece, Pieces, Tag, with_entities};
use super::super::warning::shorten;
use super::super::{Input, ReadError, WarningKind, Warnings};
use crate::time::{CueTime, TimeDelta};

/// The row of this format.
pub(in crate::format) const SPEC: Spec = Spec {
    format: Format::Srv,
    key: "srv",
    name: "YouTube captions (srv)",
    extensions: &["srv3", "srv2", "srv1", "ytt", "xml"],
    from: "YouTube by yt-dlp",
    family: Family::Markup,
    recognise,
    read,
    write: None,
};

/// By the outermost element and the first cue.
fn recognise(input: &Input<'_>) -> Option<&'static str> {
    let first = |name: &str, time: &str| {
        let at = input.text.find(name)?;
        let source = input.text.get(at..)?.split_inclusive('>').next()?;
        Tag::of(source).get(time)
    };
    match input.root.as_ref()?.name.as_str() {
        "transcript" => first("<text", "start").map(|_| "texts with start and dur"),
        "timedtext" => first("<p ", "t")
            .or_else(|| first("<text", "t"))
            .map(|_| "its first tag is <timedtext>"),
        _ => None,
    }
}

/// Reads the cues.
#[expect(clippy::unnecessary_wraps, reason = "the table's readers may fail")]
fn read(input: &Input<'_>, drafts: &mut Drafts, warnings: &mut Warnings) -> Result<(), ReadError> {
    let mut reader = Reader {
        plain: Plain::default(),
        open: None,
        element: None,
        windows: Vec::new(),
        rolls: false,
        drafts,
        warnings,
    };
    let mut pieces = Pieces::new(input.text);
    while let Some(piece) = pieces.next() {
        match piece {
            Piece::Open(tag) => match tag.name {
                "text" | "p" => {
                    let line = pieces.line();
                    reader.end_element();
                    reader.element = Some(Element::of(tag, line));
                }
                "s" => reader.syllable(tag),
                "br" => reader.text("\n"),
                _ => {}
            },
            Piece::Close("text" | "p") => reader.end_element(),
            Piece::Close("s") => reader.end_syllable(),
            Piece::Close(_) => {}
            Piece::Text(text) if reader.element.is_some() => reader.text(&text),
            Piece::Text(text) => {
                if !text.trim().is_empty() {
                    let line = pieces.line();
                    reader
                        .warnings
                        .push(line, WarningKind::StrayText { text: shorten(&text) });
                }
            }
        }
    }
    reader.end_element();
    reader.end_cue();
    reader.end_lines_where_the_next_begin();
    pieces.tell_troubles(warnings);
    Ok(())
}

/// A `text` or a `p`.
struct Element {
    line: u32,
    start: Option<CueTime>,
    end: Option<CueTime>,
    window: String,
    is_appended: bool,
    /// Whether it is of srv3.
    is_newer: bool,
    text: String,
    /// Where the pieces of its text begin, and when, where the file says so.
    pieces: Vec<(usize, Option<CueTime>)>,
}

impl Element {
    fn of(tag: Tag<'_>, line: u32) -> Self {
        let number = |name: &str| {
            let value: f64 = tag.get(name)?.trim().parse().ok()?;
            value.is_finite().then_some(value)
        };
        let millis = |name: &str| Some(TimeDelta::from_secs_f64(number(name)? / 1e3));
        let seconds = |name: &str| number(name).map(TimeDelta::from_secs_f64);
        let start = millis("t")
            .or_else(|| seconds("start"))
            .map(|start| CueTime::ZERO + start);
        let length = millis("d").or_else(|| seconds("dur"));
        Self {
            line,
            start,
            end: start.and_then(|start| Some(start + length?)),
            window: tag.get("w").unwrap_or_default().into_owned(),
            is_appended: tag.get("a").or_else(|| tag.get("append")).as_deref() == Some("1"),
            is_newer: tag.name == "p",
            text: String::new(),
            pieces: Vec::new(),
        }
    }
}

struct Reader<'d> {
    plain: Plain,
    /// The cue that more may be appended to.
    open: Option<Element>,
    /// The element that is read.
    element: Option<Element>,
    /// Of each cue, its window.
    windows: Vec<String>,
    rolls: bool,
    drafts: &'d mut Drafts,
    warnings: &'d mut Warnings,
}

impl Reader<'_> {
    fn text(&mut self, text: &str) {
        if let Some(element) = &mut self.element {
            if element.pieces.is_empty() {
                element.pieces.push((0, None));
            }
            element.text.push_str(text);
        }
    }

    fn syllable(&mut self, tag: Tag<'_>) {
        let Some(element) = &mut self.element else { return };
        let offset: Option<f64> = tag.get("t").and_then(|offset| offset.trim().parse().ok());
        let start = element
            .start
            .zip(offset)
            .map(|(start, millis)| start + TimeDelta::from_secs_f64(millis / 1e3));
        element.pieces.push((element.text.len(), start));
    }

    fn end_syllable(&mut self) {
        if let Some(element) = &mut self.element {
            element.pieces.push((element.text.len(), None));
        }
    }

    /// An element ends: it begins a cue, goes on with the one before, or breaks its line.
    fn end_element(&mut self) {
        let Some(mut element) = self.element.take() else { return };
        let is_blank = is_blank(&element.text);
        self.rolls |= element.is_appended;
        if is_blank && element.is_appended {
            return self.end_cue();
        }
        let Some(start) = element.start else {
            let text = shorten(&element.text);
            self.warnings.push(element.line, WarningKind::BadTime { text });
            return;
        };
        if let Some(open) = self
            .open
            .as_mut()
            .filter(|open| element.is_appended && open.window == element.window)
        {
            if let Some(first) = element.pieces.first_mut() {
                first.1 = first.1.or(Some(start));
            }
            let from = open.text.len();
            open.pieces
                .extend(element.pieces.iter().map(|(at, start)| (from + at, *start)));
            open.text.push_str(&element.text);
            open.end = open.end.max(element.end);
            return;
        }
        self.end_cue();
        self.open = Some(element);
    }

    fn end_cue(&mut self) {
        let Some(cue) = self.open.take() else { return };
        let start = cue.start.unwrap_or_default();
        self.plain.clear();
        if cue.pieces.iter().any(|(_, start)| start.is_some()) {
            self.rolls = true;
            let ends = cue.pieces.iter().skip(1).map(|(at, _)| *at).chain([cue.text.len()]);
            let mut is_first = true;
            for ((from, given), to) in cue.pieces.iter().zip(ends) {
                let text = cue.text.get(*from..to).unwrap_or("");
                if is_blank(text) {
                    self.plain.literal(text);
                    continue;
                }
                let given = given.or(Some(start).filter(|_| is_first));
                is_first = false;
                self.plain.word(text.trim_matches(ZERO_WIDTH), given, None);
            }
        } else if cue.is_newer {
            self.plain.literal(&with_entities(&cue.text).replace(ZERO_WIDTH, ""));
        } else {
            self.plain
                .read(&with_entities(&cue.text), false, cue.line, self.warnings);
        }
        let before = self.drafts.cues.len();
        self.drafts.add(Draft::new(cue.line, start, cue.end), &self.plain);
        let added = self.drafts.cues.len().saturating_sub(before);
        self.windows.extend(std::iter::repeat_n(cue.window, added));
    }

    /// A line of a window that rolls is shown while the next is spoken.
    fn end_lines_where_the_next_begin(&mut self) {
        if !self.rolls {
            return;
        }
        let mut after: Option<(CueTime, &str)> = None;
        for (cue, window) in self.drafts.cues.iter_mut().zip(&self.windows).rev() {
            if let Some((next, _)) = after.filter(|(_, other)| !window.is_empty() && *other == window)
                && cue.start < next
                && cue.end.is_none_or(|end| end > next)
            {
                cue.end = Some(next);
            }
            after = Some((cue.start, window));
        }
    }
}

const ZERO_WIDTH: [char; 2] = ['\u{200b}', '\u{2060}'];

fn is_blank(text: &str) -> bool {
    text.chars().all(|c| c.is_whitespace() || ZERO_WIDTH.contains(&c))
}
