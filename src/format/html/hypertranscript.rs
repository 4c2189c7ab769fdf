//! Hypertranscripts, the HTML of Hyperaudio: every word in an element with its start and length in milliseconds.
//!
//! ```text
//! <p> <span class="speaker" data-m="52890" data-d="0">Ada: </span> <span data-m="52890" data-d="90">I </span> ... </p>
//! ```
//! The elements may be of any kind; early ones have no `data-d`. A paragraph is a cue. One with `data-m` of its own has
//! its times from there, and need not tell those of its words. Text that has no time among words that have is theirs.

use super::super::draft::{Draft, Drafts};
use super::super::formats::{Family, Format, Holds, Spec};
use super::super::markup::Plain;
use super::super::stamp::read_decimal;
use super::super::warning::shorten;
use super::super::writing::{Output, around_words};
use super::super::{Input, ReadError, WarningKind, Warnings};
use super::{Element, Piece, Pieces, escaped, is_block, is_heading, name_of, tell_stray, tidy};
use crate::time::{CueSpan, CueTime, TimeDelta};
use crate::transcript::{Chapter, Transcript};

/// The row of this format.
pub(in crate::format) const SPEC: Spec = Spec {
    format: Format::Hypertranscript,
    key: "hypertranscript",
    name: "hypertranscript",
    extensions: &["html", "htm"],
    from: "Hyperaudio",
    family: Family::Markup,
    recognise,
    read,
    write: Some((write, HOLDS)),
};

const HOLDS: Holds = Holds::ALL_BUT_CHAPTERS;

const TIME_OF_WORD: TimeDelta = TimeDelta::from_millis(200);
const TIME_OF_LETTER: TimeDelta = TimeDelta::from_millis(50);

/// Elements with `data-m`.
fn recognise(input: &Input<'_>) -> Option<&'static str> {
    input.root.as_ref()?;
    input
        .text
        .contains(" data-m=")
        .then_some("elements with their times in data-m")
}

/// Reads the paragraphs of a page.
fn read(input: &Input<'_>, drafts: &mut Drafts, warnings: &mut Warnings) -> Result<(), ReadError> {
    let mut pieces = Pieces::new(input.text);
    let mut reader = Reader {
        drafts,
        warnings,
        plain: Plain::default(),
        start: None,
        line: 0,
        own: None,
        timed: false,
        untimed: 0,
        inside: None,
        heading: None,
    };
    while let Some(piece) = pieces.next() {
        let line = pieces.line();
        match piece {
            Piece::Open(element) => reader.open(&element, line),
            Piece::Close(name) => reader.close(&name),
            Piece::Text(text) => reader.text(&text, line),
        }
    }
    reader.finish();
    pieces.finish(drafts, warnings);
    Ok(())
}

/// The start and the length an element tells.
type Times = (CueTime, Option<TimeDelta>);

struct Reader<'a> {
    drafts: &'a mut Drafts,
    warnings: &'a mut Warnings,
    plain: Plain,
    start: Option<CueTime>,
    line: u32,
    /// The times of the paragraph itself.
    own: Option<Times>,
    /// Whether any of its words has a time.
    timed: bool,
    untimed: usize,
    /// What the element is whose text is read, its name, and that text.
    inside: Option<(Inside, String, String)>,
    heading: Option<(u32, String)>,
}

#[derive(Clone, Copy, PartialEq)]
enum Inside {
    Speaker,
    Word(Times),
    Heading,
}

impl Reader<'_> {
    fn open(&mut self, element: &Element, line: u32) {
        let name = element.name.as_str();
        let times = self.times(element, line);
        if name == "br" {
            self.leave();
            self.plain.line_break();
        } else if is_heading(name) && times.is_none() {
            self.end_paragraph();
            self.inside = Some((Inside::Heading, name.to_owned(), String::new()));
        } else if is_block(name) {
            self.end_paragraph();
            self.own = times;
        } else if element.has_class("speaker") {
            self.leave();
            self.inside = Some((Inside::Speaker, name.to_owned(), String::new()));
        } else if let Some(times) = times {
            self.leave();
            self.inside = Some((Inside::Word(times), name.to_owned(), String::new()));
        }
    }

    fn close(&mut self, name: &str) {
        if is_block(name) && name != "br" {
            self.end_paragraph();
        } else if self.inside.as_ref().is_some_and(|(_, own, _)| own == name) {
            self.leave();
        }
    }

    fn text(&mut self, text: &str, line: u32) {
        if self.line == 0 && !text.trim().is_empty() {
            self.line = line;
        }
        if let Some((_, _, inside)) = &mut self.inside {
            inside.push_str(text);
        } else if text.trim().is_empty() {
            self.plain.blank();
        } else {
            self.plain.word(text, None, None);
            self.untimed += 1;
        }
    }

    /// Ends a word, a name or a heading.
    fn leave(&mut self) {
        let Some((kind, _, text)) = self.inside.take() else {
            return;
        };
        match kind {
            Inside::Speaker => self.plain.voice(&name_of(&text)),
            Inside::Word(_) if text.trim().is_empty() => self.plain.blank(),
            Inside::Word((start, length)) => {
                let end = length.map(|length| start + length);
                self.timed = true;
                self.start = self.start.or(Some(start));
                self.plain.word(&text, Some(start), end);
            }
            Inside::Heading if text.trim().is_empty() => {}
            Inside::Heading => {
                if let Some((line, before)) = self.heading.replace((self.line, tidy(&text))) {
                    self.title_or_stray(line, before);
                }
                self.line = 0;
            }
        }
    }

    fn end_paragraph(&mut self) {
        self.leave();
        let own = self.own.take();
        let (start, end) = match own {
            Some((start, length)) => (Some(start), length.map(|length| start + length)),
            None => (self.start, None),
        };
        let has_text = !self.plain.text.is_empty();
        if let (true, Some(start)) = (has_text, start) {
            if let Some((line, heading)) = self.heading.take() {
                if self.drafts.title.is_none() && self.drafts.cues.is_empty() {
                    self.title_or_stray(line, heading);
                } else {
                    self.drafts.outline.push(Chapter {
                        start,
                        end: None,
                        title: heading,
                    });
                }
            }
            if !self.timed {
                self.plain.words.clear();
            } else if self.untimed > 0 {
                let count = self.untimed;
                self.warnings.push(self.line, WarningKind::UntimedWords { count });
            }
            self.end_last_word();
            self.drafts.add(Draft::new(self.line, start, end), &self.plain);
        } else if has_text {
            tell_stray(self.line, &self.plain.text, self.warnings);
        }
        // A name without anything said counts for the next paragraph: some write it in a paragraph of its own.
        let due = self.plain.voices.pop().filter(|_| !has_text);
        self.plain.clear();
        if let Some((_, name)) = due {
            self.plain.voice(&name);
        }
        (self.start, self.line, self.timed, self.untimed) = (None, 0, false, 0);
    }

    /// Where only starts are told, the last word of a paragraph lasts as long as it takes to say.
    fn end_last_word(&mut self) {
        let last = self.plain.words.last_mut();
        if let Some((word, start)) = last.and_then(|word| word.start.map(|start| (word, start)))
            && word.end.is_none()
        {
            let letters = self
                .plain
                .text
                .get(word.bytes.clone())
                .map_or(0, |text| text.chars().count());
            word.end = Some(start + TIME_OF_WORD + TIME_OF_LETTER.scaled(letters as f64));
        }
    }

    fn title_or_stray(&mut self, line: u32, heading: String) {
        if self.drafts.title.is_none() {
            self.drafts.title = Some(heading);
        } else {
            tell_stray(line, &heading, self.warnings);
        }
    }

    fn finish(mut self) {
        self.end_paragraph();
        if let Some((line, heading)) = self.heading.take() {
            self.title_or_stray(line, heading);
        }
        for (_, name) in std::mem::take(&mut self.plain.voices) {
            tell_stray(self.line, &name, self.warnings);
        }
    }

    /// The times of an element; one that cannot be read is told.
    fn times(&mut self, element: &Element, line: u32) -> Option<Times> {
        let mut millis = |name| {
            let written = element.get(name)?;
            let number = read_decimal(&written);
            if number.is_none() {
                let text = shorten(&written);
                self.warnings.push(line, WarningKind::BadTime { text });
            }
            number.map(|millis| CueTime::from_secs_f64(millis / 1e3))
        };
        let start = millis("data-m")?;
        // A word of length 0 is one of unknown length: some converters know only starts.
        let length = millis("data-d").map(|length| length - CueTime::ZERO);
        Some((start, length.filter(|length| *length > TimeDelta::ZERO)))
    }
}

/// Writes a page with one paragraph for each cue.
fn write(transcript: &Transcript, out: &mut Output) {
    out.text("<!DOCTYPE html>\n<html");
    if let Some(language) = &transcript.language {
        out.text(&format!(" lang=\"{}\"", escaped(language)));
    }
    out.line(">\n<head>\n<meta charset=\"utf-8\">");
    if let Some(title) = &transcript.title {
        out.line(&format!("<title>{}</title>", super::super::tags::escaped(title)));
    }
    out.line("</head>\n<body>\n<article>\n<section>");
    for cue in &transcript.cues {
        out.text(&format!("<p {}>", times(cue.span)));
        if let Some(name) = transcript.speaker_name(cue.speaker) {
            let at = CueSpan::new(cue.span.start, cue.span.start);
            out.text(&format!(
                "<span class=\"speaker\" {}>{}: </span>",
                times(at),
                escaped(name)
            ));
        }
        for (before, word) in around_words(cue) {
            out.text(&escaped(before));
            match word {
                Some((word, text)) if word.given => {
                    out.text(&format!("<span {}>{}</span>", times(word.span), escaped(text)));
                }
                Some((_, text)) => out.text(&escaped(text)),
                None => {}
            }
        }
        out.line("</p>");
    }
    out.line("</section>\n</article>\n</body>\n</html>");
}

fn times(span: CueSpan) -> String {
    let millis = |time: CueTime| (time.as_micros().max(0).saturating_add(500)) / 1_000;
    let (start, end) = (millis(span.start), millis(span.end));
    format!("data-m=\"{start}\" data-d=\"{}\"", end - start)
}
