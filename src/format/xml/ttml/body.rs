//! The body of a TTML file: times along the nesting, and the text of each `p`.

use std::collections::HashMap;

use super::clock::Clock;
use super::languages::Languages;
use crate::format::draft::{Draft, Drafts, NameId, source_range, with_the_rest};
use crate::format::flow::Flow;
use crate::format::markup::{Plain, TimedPiece};
use crate::format::tags::{Attribute, Nest, Piece, Pieces, Tag, escaped};
use crate::format::warning::shorten;
use crate::format::{WarningKind, Warnings};
use crate::time::CueTime;
use crate::transcript::CueOrigin;

/// Words of a `p` that has no time itself make one cue up to this length, in bytes; beyond it they are cut as words
/// without cues are.
const LONGEST: usize = 200;

/// No element has more attributes.
const MOST_ATTRIBUTES: usize = 64;

/// What was found beside the cues.
pub(super) struct Found {
    /// The languages of divisions.
    pub languages: Languages,
    /// Captions that are pictures.
    pub pictures: usize,
}

/// Reads all cues. With `from_zero` no time counts from the element around it.
pub(super) fn read(text: &str, clock: Clock, from_zero: bool, drafts: &mut Drafts, warnings: &mut Warnings) -> Found {
    let mut reader = Reader {
        source: text,
        pieces: Pieces::new(text),
        clock,
        from_zero,
        nest: Nest::default(),
        agents: HashMap::new(),
        plain: Plain::default(),
        cue: None,
        found: Found {
            languages: Languages::default(),
            pictures: 0,
        },
        untimed: 0,
        mended: 0,
        drafts,
        warnings,
    };
    reader.run();
    reader.finish()
}

/// An element that is open.
#[derive(Debug, Clone)]
struct Level<'a> {
    kind: Kind,
    start: CueTime,
    end: Option<CueTime>,
    /// Whether it, or one around it, has a time.
    is_timed: bool,
    /// Whether it has one itself.
    has_times: bool,
    /// Whether what it holds comes one after the other (`timeContainer="seq"`), and where the next begins.
    is_sequence: bool,
    next: CueTime,
    /// Where the last of what it holds ends.
    last_end: CueTime,
    /// Whether line breaks in its text are meant (`xml:space="preserve"`).
    keeps_lines: bool,
    name: Option<NameId>,
    language: Option<usize>,
    /// How much text and how many timed words there were when it opened.
    text_from: usize,
    words_from: usize,
    /// What it says for the elements inside it, as written.
    carries: Vec<(&'a str, String)>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// `tt`, `body`, `div`, and whatever else holds other elements.
    Block,
    /// `p`.
    Cue,
    /// `span`.
    Span,
}

/// The `p` that is open.
struct OpenCue {
    line: u32,
    /// Where its content begins in the source.
    from: usize,
    /// What was not as XML has it before.
    mends: usize,
    /// Its attributes, where they say more than two plain times.
    extra: Option<Box<str>>,
}

struct Reader<'a, 'd> {
    source: &'a str,
    pieces: Pieces<'a>,
    clock: Clock,
    from_zero: bool,
    nest: Nest<'a, Level<'a>>,
    /// The names of `ttm:agent`s by their identifiers.
    agents: HashMap<String, String>,
    plain: Plain,
    cue: Option<OpenCue>,
    found: Found,
    untimed: usize,
    /// How often the nesting was not as XML has it.
    mended: usize,
    drafts: &'d mut Drafts,
    warnings: &'d mut Warnings,
}

impl<'a> Reader<'a, '_> {
    fn run(&mut self) {
        while let Some(piece) = self.pieces.next() {
            match piece {
                Piece::Open(tag) => self.open(tag),
                Piece::Close("br") => {}
                Piece::Close(name) => {
                    let count = self.nest.closes(name);
                    self.mended += usize::from(count != 1);
                    for _ in 0..count {
                        self.close();
                    }
                }
                Piece::Text(text) => self.text(&text),
            }
        }
        while self.nest.last().is_some() {
            self.mended += 1;
            self.close();
        }
    }

    fn finish(self) -> Found {
        self.pieces.tell_troubles(self.warnings);
        if let Some(assumed) = self.clock.assumed() {
            self.warnings.push(0, WarningKind::FrameRate { assumed });
        }
        if self.untimed > 0 {
            let count = self.untimed;
            self.warnings.push(0, WarningKind::UntimedWords { count });
        }
        self.found
    }

    fn mends(&self) -> usize {
        self.mended + self.pieces.mended()
    }

    fn open(&mut self, tag: Tag<'a>) {
        match tag.name {
            "head" | "metadata" => return self.metadata(tag.name),
            "title" => {
                let title = self.pieces.text_until_end(tag.name);
                return self.title(&title);
            }
            "desc" | "copyright" | "set" | "animate" | "source" | "data" | "audio" => {
                return self.pieces.pass_over(tag.name);
            }
            "image" => {
                self.picture(&tag.get("src").unwrap_or_default());
                return self.pieces.pass_over(tag.name);
            }
            "br" => return self.plain.line_break(),
            // What is no XML is not given back: nobody else would read it.
            "body" if self.drafts.head.is_empty() && self.mends() == 0 && self.nest.iter().count() == 1 => {
                let head = self.source.get(..self.pieces.span().start).unwrap_or("");
                head.clone_into(&mut self.drafts.head);
            }
            _ => {}
        }
        let kind = match tag.name {
            "p" => {
                // A `p` inside another is one whose end is missing before it.
                for _ in 0..self.cue.as_ref().map_or(0, |_| self.nest.closes("p")) {
                    self.mended += 1;
                    self.close();
                }
                Kind::Cue
            }
            "tt" | "body" | "div" => {
                self.mended += usize::from(self.cue.is_some());
                Kind::Block
            }
            "span" => Kind::Span,
            _ if self.cue.is_none() => Kind::Block,
            "i" | "b" | "u" | "em" | "strong" | "font" | "a" => Kind::Span,
            _ => {
                let tag = shorten(&format!("<{}>", tag.full_name));
                let line = self.pieces.line();
                self.warnings.push(line, WarningKind::UnknownTag { tag });
                Kind::Span
            }
        };
        let level = self.level(tag, kind);
        if kind == Kind::Span && self.cue.is_some() {
            self.voice(level.name);
        }
        self.nest.open(tag.name, level);
    }

    /// Reads an element's attributes, and its times against those of the element around it.
    fn level(&mut self, tag: Tag<'a>, kind: Kind) -> Level<'a> {
        let line = self.pieces.line();
        let around = self.nest.last();
        let mut level = Level {
            kind,
            start: around.map_or(CueTime::ZERO, |around| {
                if around.is_sequence { around.next } else { around.start }
            }),
            end: around.and_then(|around| around.end),
            is_timed: around.is_some_and(|around| around.is_timed),
            has_times: false,
            is_sequence: false,
            next: CueTime::ZERO,
            last_end: CueTime::ZERO,
            keeps_lines: around.is_some_and(|around| around.keeps_lines),
            name: around.and_then(|around| around.name),
            language: around.and_then(|around| around.language),
            text_from: self.plain.text.len(),
            words_from: self.plain.words.len(),
            carries: Vec::new(),
        };
        let is_in_sequence = around.is_some_and(|around| around.is_sequence);
        let (mut begin, mut end, mut dur) = (None, None, None);
        let mut says_more = false;
        for attribute in tag.attributes() {
            let Attribute { name, full_name, value } = attribute;
            match name {
                "begin" | "end" | "dur" if name == full_name => {
                    let Some(time) = self.clock.read(&value) else {
                        let text = shorten(&value);
                        self.warnings.push(line, WarningKind::BadTime { text });
                        continue;
                    };
                    match name {
                        "begin" => begin = Some(time),
                        "end" => end = Some(time),
                        _ => dur = Some(time),
                    }
                    says_more |= name == "dur" || value.len() != 12 || value.as_bytes().get(8) != Some(&b'.');
                    continue;
                }
                "timeContainer" => level.is_sequence = value == "seq",
                "space" => level.keeps_lines = value == "preserve",
                "agent" => level.name = self.agent(&value),
                "lang" if kind == Kind::Block && tag.name == "tt" => {
                    let language: String = value.trim().chars().take(35).collect();
                    self.drafts.language = Some(language).filter(|language| !language.is_empty());
                }
                "lang" if kind == Kind::Block => level.language = self.found.languages.id(&value),
                "backgroundImage" if kind == Kind::Block => self.picture(&value),
                _ => {}
            }
            says_more = true;
            let is_carried = matches!(name, "region" | "style" | "space" | "lang" | "agent" | "role");
            if kind == Kind::Block && tag.name != "tt" && is_carried {
                level.carries.push((full_name, escaped(&value).into_owned()));
            }
        }
        level.has_times = begin.is_some() || end.is_some() || dur.is_some();
        level.is_timed |= level.has_times;
        let reference = if self.from_zero { CueTime::ZERO } else { level.start };
        let given_end = end.map(|end| reference + end);
        if let Some(begin) = begin {
            level.start = reference + begin;
        }
        let ends = [given_end, dur.map(|dur| level.start + dur)];
        level.end = match ends.into_iter().flatten().min() {
            // Section 12.2: what is inside ends with what is around it.
            Some(own) if !self.from_zero => Some(level.end.map_or(own, |around| own.min(around))),
            // In a sequence the next begins where this one ends, and that is with its last.
            None if is_in_sequence => None,
            own => own.or(level.end),
        };
        level.next = level.start;
        level.last_end = level.start;
        if kind == Kind::Cue {
            self.plain.clear();
            (level.text_from, level.words_from) = (0, 0);
            self.cue = Some(OpenCue {
                line,
                from: self.pieces.span().end,
                mends: self.mends(),
                extra: self.extra(tag, says_more),
            });
        }
        level
    }

    /// The attributes of a `p`, with those of the elements around it that a writer must not lose.
    fn extra(&self, tag: Tag<'a>, says_more: bool) -> Option<Box<str>> {
        let mut extra = String::new();
        let mut seen: Vec<&str> = Vec::new();
        let is_name = |name: &str| {
            name.chars()
                .all(|c| c.is_alphanumeric() || matches!(c, ':' | '_' | '-' | '.'))
        };
        let mut add = |name: &'a str, value: &str| {
            if !seen.contains(&name) && is_name(name) && seen.len() < MOST_ATTRIBUTES {
                seen.push(name);
                extra.extend([if seen.len() > 1 { " " } else { "" }, name, "=\"", value, "\""]);
            }
        };
        let around = || self.nest.iter().rev().flat_map(|level| &level.carries);
        if !says_more && around().next().is_none() {
            return None;
        }
        for attribute in tag.attributes() {
            add(attribute.full_name, &escaped(&attribute.value));
        }
        for (name, value) in around() {
            add(name, value);
        }
        Some(extra.into())
    }

    /// An element ends.
    fn close(&mut self) {
        let Some(level) = self.nest.pop() else { return };
        match level.kind {
            Kind::Cue => self.end_cue(&level),
            Kind::Span if self.cue.is_some() => {
                // Of spans in spans the inner ones are the words.
                if level.has_times && self.plain.words.len() == level.words_from {
                    self.plain.word_since(level.text_from, Some(level.start), level.end);
                }
                let around = self.nest.last().and_then(|around| around.name);
                if around != level.name {
                    self.change_voice(around);
                }
            }
            _ => {}
        }
        let end = level.end.unwrap_or(level.last_end);
        if let Some(around) = self.nest.last_mut() {
            around.last_end = around.last_end.max(end);
            around.next = end;
        }
    }

    fn text(&mut self, text: &str) {
        if self.cue.is_none() {
            if !text.trim().is_empty() {
                let line = self.pieces.line();
                self.warnings.push(line, WarningKind::StrayText { text: shorten(text) });
            }
            return;
        }
        if self.nest.last().is_some_and(|level| level.keeps_lines) || !text.contains('\n') {
            return self.plain.literal(text);
        }
        for (place, line) in text.split('\n').enumerate() {
            if place > 0 {
                self.plain.blank();
            }
            self.plain.literal(line);
        }
    }

    fn voice(&mut self, name: Option<NameId>) {
        if name != self.nest.last().and_then(|around| around.name) {
            self.change_voice(name);
        }
    }

    fn change_voice(&mut self, name: Option<NameId>) {
        let name = name.map_or("", |name| self.drafts.names.get(name)).to_owned();
        self.plain.voices.push((self.plain.text.len(), name));
    }

    /// A `p` ends: it is a cue, or what it holds are some.
    fn end_cue(&mut self, level: &Level<'_>) {
        let Some(cue) = self.cue.take() else { return };
        let first = self.drafts.cues.len();
        self.found.languages.change(first, level.language);
        let words = std::mem::take(&mut self.plain.words);
        let whole = 0..self.plain.text.len();
        let (mut start, mut end) = (level.start, level.end);
        match words.as_slice() {
            [] if !level.is_timed => {
                let text = shorten(&self.plain.text);
                if !text.is_empty() {
                    self.warnings.push(cue.line, WarningKind::StrayText { text });
                }
                return;
            }
            [] => {}
            // One span around a whole phrase has no word's time but the cue's.
            [only] if only.bytes == whole && is_phrase(&self.plain.text, only) => {
                start = only.start.unwrap_or(start);
                end = only.end.or(end);
            }
            [first, ..] if !level.is_timed => {
                if words.iter().any(|word| is_phrase(&self.plain.text, word)) {
                    return self.phrases(&cue, &words, level.name);
                }
                if self.plain.text.len() > LONGEST {
                    return self.words(&cue, &words, level.name);
                }
                start = first.start.unwrap_or(start);
                end = words.last().and_then(|word| word.end);
                self.plain.words.clone_from(&words);
            }
            _ => self.plain.words.clone_from(&words),
        }
        let mut draft = Draft::new(cue.line, start, end);
        draft.name = level.name;
        if let (Some(name), false) = (level.name, self.plain.voices.is_empty()) {
            let name = self.drafts.names.get(name).to_owned();
            self.plain.voices.insert(0, (0, name));
        }
        draft.origin = cue.extra.map(|extra| {
            Box::new(CueOrigin {
                extra: Some(extra),
                ..CueOrigin::default()
            })
        });
        // Times in it count from those of the `p`, which is written with its cue's.
        let is_same = start == level.start && end == level.end && end.is_some();
        if cue.mends == self.mends() && (words.is_empty() || is_same && level.is_timed) {
            let content = self.source.get(cue.from..self.pieces.span().start).unwrap_or("");
            draft.payload = source_range(self.source, content);
        }
        self.untimed += self.drafts.add_and_count(draft, &self.plain);
    }

    /// Each timed piece of a `p` that has no time itself becomes a cue.
    fn phrases(&mut self, cue: &OpenCue, words: &[TimedPiece], name: Option<NameId>) {
        let whole = std::mem::take(&mut self.plain);
        let mut at = 0;
        for word in words {
            self.stray(whole.text.get(at..word.bytes.start), cue.line);
            at = word.bytes.end;
            self.plain.clear();
            self.plain.literal(whole.text.get(word.bytes.clone()).unwrap_or(""));
            let mut draft = Draft::new(cue.line, word.start.unwrap_or_default(), word.end);
            let voice = voice_at(&whole, word.bytes.start).map(|voice| self.drafts.names.id(voice));
            draft.name = voice.unwrap_or(name);
            self.drafts.add(draft, &self.plain);
        }
        self.stray(whole.text.get(at..), cue.line);
    }

    fn stray(&mut self, text: Option<&str>, line: u32) {
        let text = shorten(text.unwrap_or(""));
        if !text.is_empty() {
            self.warnings.push(line, WarningKind::StrayText { text });
        }
    }

    /// The timed words of a `p` that has no time itself, and many of them.
    fn words(&mut self, cue: &OpenCue, words: &[TimedPiece], name: Option<NameId>) {
        let name = name.map(|name| self.drafts.names.get(name).to_owned());
        let mut flow = Flow::new(self.drafts);
        let mut at = 0;
        for word in with_the_rest(&self.plain.text, words) {
            // With the blank before it, by which a word is known.
            let text = self.plain.text.get(at..word.bytes.end).unwrap_or("");
            at = word.bytes.end;
            let voice = voice_at(&self.plain, word.bytes.start);
            flow.piece(cue.line, text, word.start, word.end, voice.or(name.as_deref()));
        }
        flow.finish(self.warnings);
    }

    fn picture(&mut self, name: &str) {
        self.found.pictures += 1;
        let line = self.pieces.line();
        let kind = WarningKind::Malformed {
            what: "a caption that is a picture was left out",
            text: shorten(name),
        };
        self.warnings.push(line, kind);
    }

    /// Who is meant by references to agents; several are one name.
    fn agent(&mut self, references: &str) -> Option<NameId> {
        let name_of = |id| self.agents.get(id).map_or(id, String::as_str);
        let names: Vec<&str> = references.split_whitespace().map(name_of).collect();
        match names.as_slice() {
            [one] => self.drafts.names.id(one),
            several => self.drafts.names.id(&several.join("/")),
        }
    }

    fn title(&mut self, title: &str) {
        let title = title.split_whitespace().collect::<Vec<_>>().join(" ");
        if self.drafts.title.is_none() && !title.is_empty() {
            self.drafts.title = Some(title.chars().take(500).collect());
        }
    }

    /// The title and the agents in a head or in metadata, which are passed over otherwise.
    fn metadata(&mut self, name: &str) {
        let mut agent: Option<String> = None;
        let mut depth = 1_usize;
        while let Some(piece) = self.pieces.next() {
            match piece {
                Piece::Open(tag) if tag.name == name => depth += 1,
                Piece::Close(closed) if closed == name => depth -= 1,
                Piece::Open(tag) if tag.name == "title" => {
                    let title = self.pieces.text_until_end("title");
                    self.title(&title);
                }
                Piece::Open(tag) if tag.name == "agent" => agent = tag.get("id").map(|id| id.trim().to_owned()),
                Piece::Close("agent") => agent = None,
                Piece::Open(tag) if matches!(tag.name, "body" | "div" | "p") => {
                    // The end of the head is missing.
                    self.mended += 1;
                    return self.open(tag);
                }
                Piece::Open(tag) if tag.name == "name" => {
                    let name = self.pieces.text_until_end("name");
                    let is_full = tag.get("type").is_none_or(|kind| kind == "full");
                    if let Some(id) = agent.clone().filter(|_| !name.trim().is_empty()) {
                        if is_full {
                            self.agents.insert(id, name.trim().to_owned());
                        } else {
                            self.agents.entry(id).or_insert_with(|| name.trim().to_owned());
                        }
                    }
                }
                _ => {}
            }
            if depth == 0 {
                return;
            }
        }
    }
}

/// Whose voice is heard at a place, where spans tell.
fn voice_at(plain: &Plain, at: usize) -> Option<&str> {
    let after = plain.voices.partition_point(|(from, _)| *from <= at);
    plain.voices.get(after.checked_sub(1)?).map(|(_, name)| name.as_str())
}

/// Whether a timed piece has several words.
fn is_phrase(text: &str, word: &TimedPiece) -> bool {
    let text = text.get(word.bytes.clone()).unwrap_or("");
    text.trim().contains(char::is_whitespace)
}
