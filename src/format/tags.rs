//! XML and HTML as a run of tags and texts: as strict as a caption needs, and no stricter.
//!
//! Entities beyond the few that stand for a character are never resolved, external references never fetched, and
//! document types passed over, so a file cannot grow while it is read. Nesting costs nothing: nothing here recurses.

use std::borrow::Cow;
use std::ops::Range;

use quick_xml::Reader;
use quick_xml::events::Event;
use quick_xml::events::attributes::Attributes;

use super::entity::entity;
use super::stamp::LineCounter;
use super::warning::shorten;
use super::{MAX_OF_KIND, WarningKind, Warnings};

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
            let end = match rest.find(['[', '>'])? {
                open if rest.as_bytes().get(open) == Some(&b'[') => rest.find("]>").map(|at| at + 1)?,
                close => close,
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
    Close(&'a str),
    /// Text, its entities read. A text with entities comes in several pieces.
    Text(Cow<'a, str>),
}

/// An opening tag. It is looked at where it stands in the text: a file has more tags than anything else.
#[derive(Debug, Clone, Copy)]
pub(super) struct Tag<'a> {
    /// Its name without the namespace's prefix.
    pub name: &'a str,
    /// Its name as written.
    pub full_name: &'a str,
    /// What stands between its name and its end.
    pub written: &'a str,
}

/// An attribute of a tag.
#[derive(Debug)]
pub(super) struct Attribute<'a> {
    /// Its name without the namespace's prefix.
    pub name: &'a str,
    /// Its name as written.
    pub full_name: &'a str,
    /// Its value, entities read.
    pub value: Cow<'a, str>,
}

impl<'a> Tag<'a> {
    /// The tag that `source` is, from `<` to `>`.
    pub fn of(source: &'a str) -> Self {
        let inside = source.strip_prefix('<').unwrap_or(source);
        let inside = inside.strip_suffix('>').unwrap_or(inside);
        let inside = inside.strip_suffix('/').unwrap_or(inside);
        let is_end = |byte: u8| byte.is_ascii_whitespace() || byte == b'/';
        let end = inside.bytes().position(is_end).unwrap_or(inside.len());
        let (full_name, written) = inside.split_at_checked(end).unwrap_or((inside, ""));
        Self {
            name: without_prefix(full_name),
            full_name,
            written,
        }
    }

    /// The value of an attribute, by its name without the prefix.
    pub fn get(&self, name: &str) -> Option<Cow<'a, str>> {
        self.attributes()
            .find(|own| own.name == name)
            .map(|attribute| attribute.value)
    }

    /// The attributes that can be read.
    pub fn attributes(&self) -> impl Iterator<Item = Attribute<'a>> + use<'a> {
        // By the rules of HTML: values without quotation marks, and attributes without values, are read too.
        let mut attributes = Attributes::html(self.written, 0);
        attributes.with_checks(false);
        attributes.filter_map(Result::ok).map(|attribute| Attribute {
            name: without_prefix(attribute.key.0),
            full_name: attribute.key.0,
            value: match attribute.value {
                value if !value.contains('&') => value,
                value => Cow::Owned(with_entities(&value)),
            },
        })
    }
}

fn without_prefix(name: &str) -> &str {
    name.rsplit_once(':').map_or(name, |(_, local)| local)
}

/// The pieces of an XML text, in order. A mistake ends them, and is told.
pub(super) struct Pieces<'a> {
    text: &'a str,
    reader: Reader<&'a [u8]>,
    /// Where in the text the reader began.
    base: usize,
    /// Where the piece that came last stands.
    span: Range<usize>,
    lines: LineCounter<'a>,
    /// The end of an empty tag, due next.
    due: Option<&'a str>,
    /// The outermost element.
    root: Option<&'a str>,
    /// The element whose end came last.
    closed: &'a str,
    ended: bool,
    /// How often something was read that XML does not allow.
    mended: usize,
    mistakes: usize,
    troubles: Vec<(u32, WarningKind)>,
}

impl<'a> Pieces<'a> {
    /// Takes a text apart.
    pub fn new(text: &'a str) -> Self {
        let (reader, base) = reader_at(text, 0);
        Self {
            text,
            reader,
            base,
            span: 0..0,
            lines: LineCounter::new(text),
            due: None,
            root: None,
            closed: "",
            ended: false,
            mended: 0,
            mistakes: 0,
            troubles: Vec::new(),
        }
    }

    /// The line on which the piece that came last ends, counted from 1.
    pub fn line(&mut self) -> u32 {
        // The position is behind the piece; its last character still stands on its line.
        self.lines.line_at(self.span.end.saturating_sub(1))
    }

    /// Where in the text the piece that came last stands.
    pub fn span(&self) -> Range<usize> {
        self.span.clone()
    }

    /// How often something was read so far that XML does not allow.
    pub fn mended(&self) -> usize {
        self.mended
    }

    /// Passes over everything up to the end of the element whose opening tag came last.
    pub fn pass_over(&mut self, name: &str) {
        self.until_end(name, |_| {});
    }

    /// The text of the element whose opening tag came last, up to its end, the tags in it left out.
    pub fn text_until_end(&mut self, name: &str) -> String {
        let mut text = String::new();
        self.until_end(name, |piece| text.push_str(piece));
        text
    }

    fn until_end(&mut self, name: &str, mut add: impl FnMut(&str)) {
        let line = self.line();
        let mut depth = 1_usize;
        for piece in self.by_ref() {
            match piece {
                Piece::Open(tag) if tag.name == name => depth += 1,
                Piece::Close(closed) if closed == name => depth -= 1,
                Piece::Text(piece) => add(&piece),
                _ => {}
            }
            if depth == 0 {
                return;
            }
        }
        let kind = WarningKind::Malformed {
            what: "an element that does not end, and all that follows is in it",
            text: shorten(name),
        };
        self.troubles.push((line, kind));
    }

    /// Tells what was wrong with the text as XML.
    pub fn tell_troubles(self, warnings: &mut Warnings) {
        for (line, kind) in self.troubles {
            warnings.push(line, kind);
        }
    }

    /// `<` that begins no tag, as in `I <3 you`.
    fn stray_angle(&mut self) -> Option<Piece<'a>> {
        let at = self.place();
        let rest = self.text.as_bytes().get(at..)?;
        let (b'<', next) = (rest.first()?, rest.get(1).copied().unwrap_or(b' ')) else {
            return None;
        };
        if next.is_ascii_alphabetic() || matches!(next, b'/' | b'!' | b'?' | b'_' | b':') || next >= 0x80 {
            return None;
        }
        (self.reader, self.base) = reader_at(self.text, at + 1);
        self.span = at..at + 1;
        self.mended += 1;
        Some(Piece::Text(Cow::Borrowed("<")))
    }

    fn place(&self) -> usize {
        let passed = usize::try_from(self.reader.buffer_position()).unwrap_or(usize::MAX);
        self.base.saturating_add(passed)
    }

    /// The opening tag that was read. A quotation mark that is missing lets a tag run on into the next; then it ends
    /// with the first `>`.
    fn open(&mut self) -> Tag<'a> {
        let source = self.text.get(self.span.clone()).unwrap_or("");
        let runs_on = source.bytes().skip(1).any(|byte| byte == b'<');
        let tag = if runs_on { self.cut_tag() } else { None };
        let tag = tag.unwrap_or(Tag::of(source));
        self.root.get_or_insert(tag.name);
        tag
    }

    /// The tag that begins with the piece that came last, up to the first `>`; reading goes on behind it.
    fn cut_tag(&mut self) -> Option<Tag<'a>> {
        let from = self.span.start;
        let rest = self.text.get(from..)?;
        let source = rest.get(..=rest.find('>')?)?;
        let kind = WarningKind::Malformed {
            what: "a tag with a quotation mark too few",
            text: shorten(source),
        };
        let line = self.lines.line_at(from);
        self.mended += 1;
        if self.troubles.len() < MAX_OF_KIND {
            self.troubles.push((line, kind));
        }
        self.span = from..from + source.len();
        (self.reader, self.base) = reader_at(self.text, self.span.end);
        Some(Tag::of(source))
    }

    /// What could not be read: an opening tag is cut, a few times in a text at most since its end was searched for to
    /// the end of the text; anything else ends the text.
    fn mistake(&mut self, why: String) -> Option<Tag<'a>> {
        const MOST: usize = 16;
        let mut start = self.text.get(self.span.start..).unwrap_or("").bytes();
        let is_tag = start.next() == Some(b'<') && start.next().is_some_and(|byte| !matches!(byte, b'!' | b'?' | b'/'));
        if is_tag && self.mistakes < MOST {
            self.mistakes += 1;
            if let Some(tag) = self.cut_tag() {
                return Some(tag);
            }
        }
        self.ended = true;
        let line = self.lines.line_at(self.span.start);
        self.troubles.push((line, WarningKind::CutOff { why }));
        None
    }

    /// A text that ends before its outermost element does was cut off, as downloads are.
    fn at_end(&mut self) {
        self.ended = true;
        if let Some(root) = self.root.filter(|root| *root != self.closed) {
            let why = format!("the end of <{root}> is missing");
            let line = self.line();
            self.troubles.push((line, WarningKind::CutOff { why }));
        }
    }
}

/// A reader from a place on, and the place it counts from: it does not count a byte order mark.
fn reader_at(text: &str, at: usize) -> (Reader<&[u8]>, usize) {
    let rest = text.get(at..).unwrap_or("");
    let unmarked = rest.trim_start_matches('\u{feff}');
    let mut reader = Reader::from_str(unmarked);
    let config = reader.config_mut();
    config.check_end_names = false;
    config.allow_unmatched_ends = true;
    config.allow_dangling_amp = true;
    (reader, at + (rest.len() - unmarked.len()))
}

impl<'a> Iterator for Pieces<'a> {
    type Item = Piece<'a>;

    fn next(&mut self) -> Option<Piece<'a>> {
        if let Some(name) = self.due.take() {
            self.closed = name;
            return Some(Piece::Close(name));
        }
        while !self.ended {
            if let Some(piece) = self.stray_angle() {
                return Some(piece);
            }
            let from = self.place();
            let event = self.reader.read_event();
            self.span = from..self.place();
            match event {
                Ok(Event::Start(_)) => return Some(Piece::Open(self.open())),
                Ok(Event::Empty(_)) => {
                    let tag = self.open();
                    self.due = Some(tag.name);
                    return Some(Piece::Open(tag));
                }
                Ok(Event::End(_)) => {
                    let source = self.text.get(self.span.clone()).unwrap_or("");
                    let name = source.trim_start_matches(['<', '/']).trim_end_matches('>');
                    self.closed = without_prefix(name.trim());
                    return Some(Piece::Close(self.closed));
                }
                Ok(Event::Text(text)) => {
                    let text = text.into_inner();
                    self.mended += usize::from(text.contains('&'));
                    return Some(Piece::Text(text));
                }
                Ok(Event::CData(text)) => return Some(Piece::Text(text.into_inner())),
                Ok(Event::GeneralRef(_)) => {
                    let written = self.text.get(self.span.clone()).unwrap_or("");
                    return Some(Piece::Text(Cow::Owned(with_entities(written))));
                }
                Ok(Event::Eof) => self.at_end(),
                Ok(_) => {}
                Err(error) => {
                    if let Some(tag) = self.mistake(error.to_string()) {
                        return Some(Piece::Open(tag));
                    }
                }
            }
        }
        None
    }
}

/// The elements that are open, the innermost last. Beyond a depth that no document has they are only counted: a file
/// of nothing but opening tags must not fill the memory.
#[derive(Debug)]
pub(super) struct Nest<'a, T> {
    open: Vec<(&'a str, T)>,
    beyond: usize,
}

impl<T> Default for Nest<'_, T> {
    fn default() -> Self {
        Self {
            open: Vec::new(),
            beyond: 0,
        }
    }
}

impl<'a, T> Nest<'a, T> {
    const DEEPEST: usize = 100;

    /// An element opens. Gives back whether it is one of those that are kept.
    pub fn open(&mut self, name: &'a str, what: T) -> bool {
        let is_kept = self.open.len() < Self::DEEPEST;
        if is_kept {
            self.open.push((name, what));
        } else {
            self.beyond += 1;
        }
        is_kept
    }

    /// An element closes: gives back how many end with it, to be taken off by [`Nest::pop`]. Those inside it whose
    /// ends are missing end too; an end that nothing belongs to ends nothing.
    pub fn closes(&mut self, name: &str) -> usize {
        if self.beyond > 0 {
            self.beyond -= 1;
            return 0;
        }
        let place = self.open.iter().rposition(|(own, _)| *own == name);
        place.map_or(0, |place| self.open.len() - place)
    }

    /// Takes the innermost off.
    pub fn pop(&mut self) -> Option<T> {
        self.open.pop().map(|(_, what)| what)
    }

    /// The innermost.
    pub fn last(&self) -> Option<&T> {
        self.open.last().map(|(_, what)| what)
    }

    /// The innermost, to change it.
    pub fn last_mut(&mut self) -> Option<&mut T> {
        self.open.last_mut().map(|(_, what)| what)
    }

    /// All of them, the outermost first.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = &T> {
        self.open.iter().map(|(_, what)| what)
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

    #[test]
    fn what_only_looks_like_a_tag_is_text() {
        let mut pieces = Pieces::new("<a>I <3 you, 1 < 2</a>");
        let text = match pieces.next() {
            Some(Piece::Open(tag)) => pieces.text_until_end(tag.name),
            other => panic!("{other:?}"),
        };
        assert_eq!((text.as_str(), pieces.mended()), ("I <3 you, 1 < 2", 2));
    }

    #[test]
    fn a_tag_without_its_quotation_mark_ends_where_it_should() {
        let mut pieces = Pieces::new("<a>\n<b c=\"1>one</b>\n<b c=\"2\">two</b></a>");
        let texts: Vec<String> = pieces
            .by_ref()
            .filter_map(|piece| match piece {
                Piece::Text(text) => Some(text.trim().to_owned()).filter(|text| !text.is_empty()),
                _ => None,
            })
            .collect();
        assert_eq!(texts, ["one", "two"]);
        let mut warnings = Warnings::default();
        pieces.tell_troubles(&mut warnings);
        let told: Vec<u32> = warnings.into_sorted().iter().map(|warning| warning.line).collect();
        assert_eq!(told, [2]);
    }

    #[test]
    fn missing_ends_end_with_what_is_around() {
        let mut nest: Nest<'_, u8> = Nest::default();
        for (name, number) in [("a", 1), ("b", 2), ("c", 3)] {
            assert!(nest.open(name, number));
        }
        assert_eq!((nest.closes("x"), nest.closes("b"), nest.last()), (0, 2, Some(&3)));
        for _ in 0..200 {
            nest.open("d", 4);
        }
        assert_eq!(nest.iter().count(), 100);
    }
}
