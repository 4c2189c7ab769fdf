//! HTML as a run of tags and texts, by the tokenizer of the WHATWG's description; and a file for each kind of
//! transcript that is written in it.
//!
//! Nothing is ever fetched or run. Scripts, style sheets and what only browsers of old showed are passed over, comments
//! too. A line break in the file is a blank, as in a browser; the elements that begin a line are in [`is_block`].

pub(super) mod hypertranscript;
pub(super) mod noscribe;
pub(super) mod podcast;

use std::collections::BTreeMap;

use html5gum::{DefaultEmitter, Error, HtmlString, Spanned, StringReader, Token, Tokenizer};

use super::draft::Drafts;
use super::stamp::LineCounter;
use super::warning::shorten;
use super::{WarningKind, Warnings};

/// A piece of a page.
#[derive(Debug)]
pub(super) enum Piece {
    /// A tag opens. One that closes itself is not followed by its end.
    Open(Element),
    /// A tag closes: its name in lower case.
    Close(String),
    /// Text, its entities read and its line breaks made blanks.
    Text(String),
}

/// An opening tag.
#[derive(Debug)]
pub(super) struct Element {
    /// Its name in lower case.
    pub name: String,
    attributes: BTreeMap<HtmlString, Spanned<HtmlString, usize>>,
}

impl Element {
    /// The value of an attribute, by its name in lower case.
    pub fn get(&self, name: &str) -> Option<String> {
        let value = self.attributes.get(name.as_bytes())?;
        Some(String::from_utf8_lossy(value).into_owned())
    }

    /// Whether it has a class.
    pub fn has_class(&self, class: &str) -> bool {
        self.get("class")
            .is_some_and(|classes| classes.split_whitespace().any(|own| own == class))
    }
}

/// The pieces of a page, in order.
pub(super) struct Pieces<'a> {
    tokens: Tokenizer<StringReader<'a>, DefaultEmitter<usize>>,
    lines: LineCounter<'a>,
    /// Where the piece that came last begins.
    at: usize,
    /// The element whose content is passed over, and its line.
    hidden: Option<(String, u32)>,
    language: Option<String>,
    /// The title while it is read, and whether it is complete.
    title: Option<(String, bool)>,
    cut_off: Option<u32>,
}

impl<'a> Pieces<'a> {
    /// Takes a page apart.
    pub fn new(text: &'a str) -> Self {
        let mut emitter = DefaultEmitter::new_with_span();
        emitter.naively_switch_states(true);
        Self {
            tokens: Tokenizer::new_with_emitter(text, emitter),
            lines: LineCounter::new(text),
            at: 0,
            hidden: None,
            language: None,
            title: None,
            cut_off: None,
        }
    }

    /// The line of the piece that came last, counted from 1.
    pub fn line(&mut self) -> u32 {
        self.lines.line_at(self.at)
    }

    /// Hands over what the page says of itself, and tells what is wrong with it.
    pub fn finish(self, drafts: &mut Drafts, warnings: &mut Warnings) {
        drafts.language = self.language;
        let title = self.title.map(|(title, _)| tidy(&title));
        drafts.title = title.filter(|title| !title.is_empty()).or(drafts.title.take());
        if let Some((name, line)) = self.hidden {
            let what = "an element that never ends was passed over";
            warnings.push(line, WarningKind::Malformed { what, text: name });
        }
        if let Some(line) = self.cut_off {
            let why = "it ends inside a tag".to_owned();
            warnings.push(line, WarningKind::CutOff { why });
        }
    }

    fn open(&mut self, element: Element) -> Option<Piece> {
        match element.name.as_str() {
            "html" => self.language = element.get("lang").filter(|language| !language.is_empty()),
            "title" if self.title.is_none() => self.title = Some((String::new(), false)),
            name if is_hidden(name) => self.hidden = Some((name.to_owned(), self.line())),
            _ => return Some(Piece::Open(element)),
        }
        None
    }

    fn close(&mut self, name: String) -> Option<Piece> {
        if name == "title"
            && let Some((_, complete)) = &mut self.title
        {
            *complete = true;
            return None;
        }
        Some(Piece::Close(name))
    }
}

impl Iterator for Pieces<'_> {
    type Item = Piece;

    fn next(&mut self) -> Option<Piece> {
        loop {
            let Ok(token) = self.tokens.next()?;
            if let Some((hidden, _)) = &self.hidden {
                if matches!(&token, Token::EndTag(tag) if tag.name.as_slice() == hidden.as_bytes()) {
                    self.hidden = None;
                }
                continue;
            }
            let piece = match token {
                Token::StartTag(tag) => {
                    self.at = tag.span.start;
                    self.open(Element {
                        name: text_of(&tag.name),
                        attributes: tag.attributes,
                    })
                }
                Token::EndTag(tag) => {
                    self.at = tag.span.start;
                    self.close(text_of(&tag.name))
                }
                Token::String(text) => {
                    self.at = text.span.start;
                    let text = text_of(&text.value).replace(['\n', '\r', '\t', '\u{c}'], " ");
                    match &mut self.title {
                        Some((title, false)) => {
                            title.push_str(&text);
                            None
                        }
                        _ => Some(Piece::Text(text)),
                    }
                }
                Token::Error(error) => {
                    if error.value == Error::EofInTag {
                        self.at = error.span.start;
                        self.cut_off = Some(self.line());
                    }
                    None
                }
                Token::Comment(_) | Token::Doctype(_) => None,
            };
            if piece.is_some() {
                return piece;
            }
        }
    }
}

fn text_of(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// Whether the content of an element is never shown.
fn is_hidden(name: &str) -> bool {
    matches!(
        name,
        "script" | "style" | "iframe" | "noembed" | "noframes" | "template"
    )
}

/// Whether an element begins a line of its own.
fn is_block(name: &str) -> bool {
    is_heading(name)
        || matches!(
            name,
            "p" | "br"
                | "div"
                | "li"
                | "ul"
                | "ol"
                | "dl"
                | "dt"
                | "dd"
                | "section"
                | "article"
                | "main"
                | "header"
                | "footer"
                | "aside"
                | "nav"
                | "blockquote"
                | "figure"
                | "figcaption"
                | "pre"
                | "table"
                | "tr"
                | "hr"
                | "body"
        )
}

/// Whether an element is a heading of any level.
fn is_heading(name: &str) -> bool {
    matches!(name, "h1" | "h2" | "h3" | "h4" | "h5" | "h6")
}

/// A text without superfluous blanks.
fn tidy(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// A name as pages write it before what is said: `Ada:`, `[Ada]`.
fn name_of(label: &str) -> String {
    let label = tidy(label);
    let label = label.trim_end_matches([':', '：']).trim_end();
    let bare = label.strip_prefix('[').and_then(|rest| rest.strip_suffix(']'));
    bare.unwrap_or(label).trim().to_owned()
}

/// Tells text that belongs to no cue.
fn tell_stray(line: u32, text: &str, warnings: &mut Warnings) {
    if !text.trim().is_empty() {
        warnings.push(line, WarningKind::StrayText { text: shorten(text) });
    }
}

/// A text in which nothing can be taken for markup; a line break is `<br>`.
fn escaped(text: &str) -> String {
    super::tags::escaped(text).replace('\n', "<br>")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_come_in_order_without_what_is_never_shown() {
        let page = "<!DOCTYPE html><html lang=en-GB><head><title>A\n talk</title><style>p > a {}</style>\n\
                    <script>if (a < b) document.write('<p>no')</script></head>\n<P Class='a b'>Tea &amp; r\u{e9}st&eacute;<br/>3 < 5\
                    <!-- not this --></p>";
        let mut pieces = Pieces::new(page);
        let mut told = Vec::new();
        while let Some(piece) = pieces.next() {
            let line = pieces.line();
            match piece {
                Piece::Open(element) => told.push(format!("{line} <{}> {}", element.name, element.has_class("b"))),
                Piece::Close(name) => told.push(format!("{line} </{name}>")),
                Piece::Text(text) if text.trim().is_empty() => {}
                Piece::Text(text) => told.push(format!("{line} {text}")),
            }
        }
        let expected = [
            "1 <head> false",
            "3 </head>",
            "4 <p> true",
            "4 Tea & résté",
            "4 <br> false",
            "4 3 < 5",
            "4 </p>",
        ];
        assert_eq!(told, expected);
        let (mut drafts, mut warnings) = (Drafts::default(), Warnings::default());
        pieces.finish(&mut drafts, &mut warnings);
        assert_eq!(drafts.title.as_deref(), Some("A talk"));
        assert_eq!(drafts.language.as_deref(), Some("en-GB"));
        assert!(warnings.into_sorted().is_empty());
    }

    #[test]
    fn what_swallows_the_page_is_told() {
        for (page, kind) in [("<p>a<script>b</p>", "malformed"), ("<p>a</p><b", "cut-off")] {
            let (mut drafts, mut warnings) = (Drafts::default(), Warnings::default());
            let mut pieces = Pieces::new(page);
            assert!(pieces.by_ref().count() >= 2);
            pieces.finish(&mut drafts, &mut warnings);
            assert_eq!(warnings.into_sorted()[0].kind.name(), kind, "{page}");
        }
    }
}
