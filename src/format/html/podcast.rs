//! The HTML of podcast hosts: `<cite>Ada:</cite> <time>0:12</time> <p>text</p>`.
//!
//! Told in the Podcasting 2.0 namespace (`transcripts.md`); Buzzsprout and others write it, each with its own order and
//! nesting. A `<time>` begins a cue, or ends one where all of them follow their text; a `<cite>` says who speaks from
//! there on, also in the middle of a cue. Where the text of a `<time>` is no time, its `datetime` may be. Headings
//! between the cues are chapters.

use super::super::draft::{Draft, Drafts};
use super::super::formats::{Family, Format, Spec};
use super::super::markup::Plain;
use super::super::stamp::read_time;
use super::super::{Input, ReadError, Warnings};
use super::{Element, Piece, Pieces, is_block, is_heading, name_of, tell_stray, tidy};
use crate::time::{CueTime, TimeDelta, parse_timecode};
use crate::transcript::Chapter;

/// The row of this format.
pub(in crate::format) const SPEC: Spec = Spec {
    format: Format::PodcastHtml,
    key: "html",
    name: "podcast HTML",
    extensions: &["html", "htm"],
    from: "Buzzsprout and other podcast hosts",
    family: Family::Markup,
    recognise,
    read,
    write: None,
};

/// A heading is no longer than this, in bytes; a tag that is never closed must not make one of all that follows.
const LONGEST_HEADING: usize = 300;

const TIME_OF_LETTER: TimeDelta = TimeDelta::from_millis(60);

/// A `<time>` with a time in it.
fn recognise(input: &Input<'_>) -> Option<&'static str> {
    input.root.as_ref()?;
    let mut rest = input.text;
    while let Some((_, after)) = rest.split_once('<') {
        rest = after;
        // No tag of a time is longer.
        let after = after.get(..after.floor_char_boundary(300)).unwrap_or("");
        let is_time = after.get(..4).is_some_and(|name| name.eq_ignore_ascii_case("time"))
            && after
                .get(4..)
                .is_some_and(|rest| rest.starts_with(['>', ' ', '\n', '\t']));
        if is_time
            && let Some((tag, content)) = after.split_once('>')
            && (content.split('<').next().is_some_and(|text| clock(text).is_some())
                || tag.split('"').any(|value| iso_length(value).is_some()))
        {
            return Some("times between the tags of a transcript");
        }
    }
    None
}

/// Reads the cues of a page.
fn read(input: &Input<'_>, drafts: &mut Drafts, warnings: &mut Warnings) -> Result<(), ReadError> {
    let mut pieces = Pieces::new(input.text);
    let mut reader = Reader::default();
    while let Some(piece) = pieces.next() {
        let line = pieces.line();
        match piece {
            Piece::Open(element) => reader.open(&element, line),
            Piece::Close(name) => reader.close(&name, line),
            Piece::Text(text) => reader.text(&text, line),
        }
    }
    reader.finish(drafts, warnings);
    pieces.finish(drafts, warnings);
    Ok(())
}

/// What stands between two times.
#[derive(Default)]
struct Stretch {
    line: u32,
    /// The time before it; none for what stands before the first.
    time: Option<CueTime>,
    plain: Plain,
    /// The name that stands before the time without a text between them.
    name: Option<String>,
    /// The heading that stands before it.
    heading: Option<(u32, String)>,
}

#[derive(Default)]
struct Reader {
    done: Vec<Stretch>,
    current: Stretch,
    /// What is read into a `<cite>`, a `<time>` or a heading, and that tag's name.
    inside: Option<(Inside, String)>,
    /// Who speaks next.
    due: Option<String>,
    heading: Option<(u32, String)>,
}

#[derive(Clone, PartialEq)]
enum Inside {
    Cite,
    /// With the time its `datetime` tells.
    Time(Option<CueTime>),
    Heading,
}

impl Reader {
    fn open(&mut self, element: &Element, line: u32) {
        let name = element.name.as_str();
        if matches!(name, "cite" | "time") || is_block(name) {
            self.leave(line);
        }
        match name {
            "cite" => self.inside = Some((Inside::Cite, String::new())),
            "time" => {
                let told = element
                    .get("datetime")
                    .and_then(|text| iso_length(&text).or_else(|| clock(&text)));
                self.inside = Some((Inside::Time(told), String::new()));
            }
            _ if is_heading(name) => self.inside = Some((Inside::Heading, String::new())),
            _ if is_block(name) => self.current.plain.line_break(),
            _ => {}
        }
    }

    fn close(&mut self, name: &str, line: u32) {
        if matches!(name, "cite" | "time") || is_block(name) {
            self.leave(line);
        }
        if is_block(name) {
            self.current.plain.line_break();
        }
    }

    fn text(&mut self, text: &str, line: u32) {
        match &mut self.inside {
            Some((_, inside)) if inside.len() + text.len() <= LONGEST_HEADING => inside.push_str(text),
            Some(_) => {
                self.leave_as_text(line);
                self.say(text, line);
            }
            None => self.say(text, line),
        }
    }

    /// Ends a `<cite>`, a `<time>` or a heading.
    fn leave(&mut self, line: u32) {
        let Some((kind, text)) = self.inside.take() else { return };
        match kind {
            Inside::Cite => self.due = Some(name_of(&text)),
            Inside::Time(told) => match clock(&text).or(told) {
                Some(time) => self.begin(time, line),
                None => self.say(&text, line),
            },
            Inside::Heading if text.trim().is_empty() => {}
            // Two headings without a cue between them are one chapter.
            Inside::Heading => match &mut self.heading {
                Some((_, heading)) => {
                    heading.push_str(" – ");
                    heading.push_str(&tidy(&text));
                }
                none => *none = Some((line, tidy(&text))),
            },
        }
    }

    fn leave_as_text(&mut self, line: u32) {
        if let Some((_, text)) = self.inside.take() {
            self.say(&text, line);
        }
    }

    fn begin(&mut self, time: CueTime, line: u32) {
        let next = Stretch {
            line,
            time: Some(time),
            name: self.due.take(),
            ..Stretch::default()
        };
        self.done.push(std::mem::replace(&mut self.current, next));
    }

    fn say(&mut self, text: &str, line: u32) {
        let current = &mut self.current;
        if text.trim().is_empty() {
            current.plain.blank();
            return;
        }
        if current.plain.text.is_empty() && current.time.is_none() {
            current.line = line;
        }
        if let Some(name) = self.due.take() {
            current.plain.voice(&name);
        }
        if self.heading.is_some() && current.heading.is_none() && current.plain.text.is_empty() {
            current.heading = self.heading.take();
        } else if let Some((_, heading)) = self.heading.take() {
            // In the middle of a cue it is a line like any other.
            current.plain.literal(&heading);
            current.plain.line_break();
        }
        current.plain.literal(text);
    }

    fn finish(mut self, drafts: &mut Drafts, warnings: &mut Warnings) {
        self.leave(0);
        self.done.push(self.current);
        let has_text = |stretch: Option<&Stretch>| stretch.is_some_and(|stretch| !stretch.plain.text.is_empty());
        let times_follow = has_text(self.done.first()) && !has_text(self.done.last());
        let (mut times, mut names): (Vec<_>, Vec<_>) = self
            .done
            .iter_mut()
            .map(|stretch| (stretch.time, stretch.name.take()))
            .unzip();
        if times_follow {
            times.rotate_left(1);
            names.rotate_left(1);
        }
        let ends = times.iter().skip(1).copied().chain([None]).collect::<Vec<_>>();
        for (((mut stretch, time), name), end) in self.done.into_iter().zip(times).zip(names).zip(ends) {
            let heading = stretch.heading.take();
            let Some(start) = time else {
                tell_heading(heading, drafts, warnings);
                tell_stray(stretch.line, &stretch.plain.text, warnings);
                tell_stray(stretch.line, &name.unwrap_or_default(), warnings);
                continue;
            };
            match heading {
                Some((_, title)) if drafts.title.is_some() || !drafts.cues.is_empty() => {
                    let end = None;
                    drafts.outline.push(Chapter { start, end, title });
                }
                heading => tell_heading(heading, drafts, warnings),
            }
            if let Some(name) = name {
                stretch.plain.voices.insert(0, (0, name));
            }
            let mut draft = Draft::new(stretch.line, start, None);
            if stretch.plain.voices.len() > 1 {
                // Voices share the time of their cue, so it must be known.
                let spoken = TIME_OF_LETTER.scaled(stretch.plain.text.chars().count() as f64);
                draft.end = Some(end.filter(|end| *end > start).unwrap_or(start + spoken));
            }
            drafts.add(draft, &stretch.plain);
        }
        tell_heading(self.heading, drafts, warnings);
        tell_stray(0, &self.due.unwrap_or_default(), warnings);
    }
}

/// The first heading of a page without another title is that; another that precedes no cue belongs to nothing.
fn tell_heading(heading: Option<(u32, String)>, drafts: &mut Drafts, warnings: &mut Warnings) {
    let Some((line, heading)) = heading else { return };
    if drafts.title.is_none() {
        drafts.title = Some(heading);
    } else {
        tell_stray(line, &heading, warnings);
    }
}

/// A text that is a time code and nothing else: `0:12`, `[1:02:03]`.
fn clock(text: &str) -> Option<CueTime> {
    let text = text.trim().trim_start_matches(['[', '(']).trim_end_matches([']', ')']);
    let stamp = read_time(text.as_bytes())?;
    (stamp.length == text.len()).then_some(stamp.time)
}

/// A length of time as ISO 8601 writes it: `PT12M34.2S`.
fn iso_length(text: &str) -> Option<CueTime> {
    let length = text.trim().strip_prefix("PT")?;
    let is_one =
        length.ends_with(['H', 'M', 'S']) && length.bytes().all(|b| b.is_ascii_digit() || b"HMS.".contains(&b));
    Some(CueTime::ZERO + is_one.then(|| parse_timecode(length).ok())??)
}
