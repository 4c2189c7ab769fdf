//! XML and HTML as a run of tags and texts: as strict as a caption needs, and no stricter.
//!
//! Entities beyond the few that stand for a character are never resolved, external references never fetched, and
//! document types passed over, so a file cannot grow while it is read. Nesting costs nothing: nothing here recurses.

use std::borrow::Cow;

use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};

use super::entity::entity;
use super::stamp::LineCounter;
use super::{WarningKind, Warnings};

/// The first tag of a text that is XML or HTML.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Root<'a> {
    /// Its name without the namespace's prefix, in lower case.
    pub name: String,
    /// The tag as written, from `<` to `>`.
    pub tag: &'a str,
}

/// Finds the first tag that is no declaration and no comment; none where the text does not begin with `<`.
pub(super) fn root(text: &str) -> Option<Root<'_>> {
    let mut rest = text.trim_start_matches(|c: char| c.is_whitespace() || c == '\u{feff}');
    loop {
        let after = if rest.starts_with("<!--") {
            rest.split_once("-->")?.1
        } else if rest.starts_with("<?") {
            rest.split_once("?>")?.1
        } else if rest.starts_with("<!") {
            // A document type may hold declarations of its own between brackets.
            let end = match (rest.find('['), rest.find('>')?) {
                (Some(open), close) if open < close => rest.find("]>").map(|at| at + 1)?,
                (_, close) => close,
            };
            rest.get(end + 1..)?
        } else {
            break;
        };
        rest = after.trim_start();
    }
    let inside = rest.strip_prefix('<')?;
    let name = inside
        .split(|c: char| c.is_whitespace() || c == '>' || c == '/')
        .next()?;
    let local = name.rsplit(':').next().unwrap_or(name);
    let end = rest.find('>')?;
    local.starts_with(|c: char| c.is_ascii_alphabetic()).then(|| Root {
        name: local.to_ascii_lowercase(),
        tag: rest.get(..=end).unwrap_or(rest),
    })
}

/// A piece of an XML text.
#[derive(Debug)]
pub(super) enum Piece<'a> {
    /// A tag opens; an empty one is followed by its end.
    Open(Tag<'a>),
    /// A tag closes: its name without the prefix.
    Close(String),
    /// Text, its entities read.
    Text(Cow<'a, str>),
}

/// An opening tag.
#[derive(Debug)]
pub(super) struct Tag<'a> {
    /// Its name without the namespace's prefix.
    pub name: String,
    start: BytesStart<'a>,
}

impl Tag<'_> {
    /// The value of an attribute, by its name without the prefix.
    pub fn get(&self, name: &str) -> Option<String> {
        self.attributes().find(|(own, _)| own == name).map(|(_, value)| value)
    }

    /// The attributes that can be read: names without their prefix, and values.
    pub fn attributes(&self) -> impl Iterator<Item = (String, String)> {
        let mut attributes = self.start.attributes();
        attributes.with_checks(false);
        attributes.filter_map(Result::ok).map(|attribute| {
            let name = attribute.key.local_name().as_ref().to_owned();
            (name, with_entities(&attribute.value))
        })
    }
}

/// The pieces of an XML text, in order. A mistake ends them, and is told.
pub(super) struct Pieces<'a> {
    reader: Reader<&'a [u8]>,
    lines: LineCounter<'a>,
    /// The end of an empty tag, due next.
    due: Option<String>,
    ended: bool,
    cut_off: Option<(u32, String)>,
}

impl<'a> Pieces<'a> {
    /// Takes a text apart.
    pub fn new(text: &'a str) -> Self {
        let mut reader = Reader::from_str(text);
        let config = reader.config_mut();
        config.check_end_names = false;
        config.allow_unmatched_ends = true;
        config.allow_dangling_amp = true;
        Self {
            reader,
            lines: LineCounter::new(text),
            due: None,
            ended: false,
            cut_off: None,
        }
    }

    /// The line of the piece that came last, counted from 1.
    pub fn line(&mut self) -> u32 {
        let at = usize::try_from(self.reader.buffer_position()).unwrap_or(usize::MAX);
        // The position is behind the piece; its last character still stands on its line.
        self.lines.line_at(at.saturating_sub(1))
    }

    /// Tells where and why reading ended early, if it did.
    pub fn tell_troubles(self, warnings: &mut Warnings) {
        if let Some((line, why)) = self.cut_off {
            warnings.push(line, WarningKind::CutOff { why });
        }
    }
}

impl<'a> Iterator for Pieces<'a> {
    type Item = Piece<'a>;

    fn next(&mut self) -> Option<Piece<'a>> {
        if let Some(name) = self.due.take() {
            return Some(Piece::Close(name));
        }
        while !self.ended {
            match self.reader.read_event() {
                Ok(Event::Start(start)) => return Some(Piece::Open(tag(start))),
                Ok(Event::Empty(start)) => {
                    let tag = tag(start);
                    self.due = Some(tag.name.clone());
                    return Some(Piece::Open(tag));
                }
                Ok(Event::End(end)) => {
                    return Some(Piece::Close(end.local_name().as_ref().to_owned()));
                }
                Ok(Event::Text(text)) => return Some(Piece::Text(text.into_inner())),
                Ok(Event::CData(text)) => return Some(Piece::Text(text.into_inner())),
                Ok(Event::GeneralRef(reference)) => {
                    let written = format!("&{};", reference.as_ref());
                    return Some(Piece::Text(Cow::Owned(with_entities(&written))));
                }
                Ok(Event::Eof) => self.ended = true,
                Ok(_) => {}
                Err(error) => {
                    self.ended = true;
                    self.cut_off = Some((self.line(), error.to_string()));
                }
            }
        }
        None
    }
}

fn tag(start: BytesStart<'_>) -> Tag<'_> {
    Tag {
        name: start.local_name().as_ref().to_owned(),
        start,
    }
}

/// A text whose entities are characters; an unknown one stays as it is.
pub(super) fn with_entities(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('&') {
        let (before, from) = rest.split_at_checked(at).unwrap_or((rest, ""));
        let (c, length) = entity(from).unwrap_or(('&', 1));
        out.push_str(before);
        out.push(c);
        rest = from.get(length..).unwrap_or("");
    }
    out.push_str(rest);
    out
}

/// A text in which nothing can be taken for markup, for writers.
pub(super) fn escaped(text: &str) -> Cow<'_, str> {
    if text.contains(['&', '<', '>', '"']) {
        let text = text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
        Cow::Owned(text.replace('"', "&quot;"))
    } else {
        Cow::Borrowed(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_root_is_found_behind_what_precedes_it() {
        let text = "\u{feff}<?xml version=\"1.0\"?>\n<!-- a > b -->\n<!DOCTYPE tt [<!ENTITY x \"y\">]>\n<t:TT xml:lang=\"en\">";
        let found = root(text).expect("a root");
        assert_eq!((found.name.as_str(), found.tag), ("tt", "<t:TT xml:lang=\"en\">"));
        for text in ["", "Hi <b>", "<3 you", "<!-- never closed", "< a>"] {
            assert_eq!(root(text), None, "{text}");
        }
    }

    #[test]
    fn pieces_come_in_order_with_their_lines() {
        let mut pieces = Pieces::new("<a x='1&amp;2'>\n<b/>t&custom;&#65;&lt;<![CDATA[<c>]]></a>");
        let mut told = Vec::new();
        while let Some(piece) = pieces.next() {
            let line = pieces.line();
            told.push(match piece {
                Piece::Open(tag) => format!("{line} <{} {:?}>", tag.name, tag.get("x")),
                Piece::Close(name) => format!("{line} </{name}>"),
                Piece::Text(text) => format!("{line} {text:?}"),
            });
        }
        assert_eq!(
            told,
            [
                "1 <a Some(\"1&2\")>",
                "1 \"\\n\"",
                "2 <b None>",
                "2 </b>",
                "2 \"t\"",
                "2 \"&custom;\"",
                "2 \"A\"",
                "2 \"<\"",
                "2 \"<c>\"",
                "2 </a>"
            ]
        );
    }
}
