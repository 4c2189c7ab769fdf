//! A cue's payload without its markup: tags, override codes, entities and superfluous blanks.
//!
//! Times and voices that stand inside the text are handed on with their places. What only looks like markup (`<3`,
//! `a < b`, `AT&T`) is text. One pass without recursion: nesting costs nothing.
//!
//! Ruby (`<ruby>漢字<rt>かんじ</rt></ruby>`) keeps its reading, in brackets behind its base: 漢字（かんじ）. Left out it
//! would be lost, and without brackets it would be read as a word of the sentence.

use std::borrow::Cow;
use std::ops::Range;

use super::draft::MOST_PIECES;
use super::entity::entity;
use super::stamp::read_time;
use super::tags::with_entities;
use super::{WarningKind, Warnings, warning::shorten};
use crate::time::CueTime;

/// No tag is longer than this; a `<` without a `>` this near is text.
const LONGEST_TAG: usize = 1_024;

/// A payload read. Made once and reused for each cue.
#[derive(Debug, Default)]
pub(super) struct Plain {
    /// The text: lines trimmed and joined by `\n`, empty lines left out, runs of blanks made one.
    pub text: String,
    /// Times given inside the text, with the byte of `text` they stand at.
    pub stamps: Vec<(usize, CueTime)>,
    /// Pieces of `text` with times of their own, for formats that tell them.
    pub words: Vec<TimedPiece>,
    /// Where another voice begins, as a byte of `text`, and whose; an empty name where a voice ends.
    pub voices: Vec<(usize, String)>,
    /// The voices that are open around the next character, the innermost last, as places in `voices`.
    open_voices: Vec<usize>,
    /// What ends the ruby reading that is open; empty where none is.
    reading_end: &'static str,
    /// Blanks met since the last visible character.
    pending: Gap,
}

/// A piece of text with the times a file gives it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct TimedPiece {
    /// Bytes of the text.
    pub bytes: Range<usize>,
    /// When it is spoken, where the file tells.
    pub start: Option<CueTime>,
    /// Until when, where the file tells.
    pub end: Option<CueTime>,
}

/// The blanks between two pieces of text, the widest that was met.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Gap {
    #[default]
    None,
    /// A no-break space, kept as it is where it stands alone.
    Fixed(char),
    Blank,
    Line,
    /// A ruby reading begins: its bracket is due, if it turns out to hold anything.
    Reading,
}

impl Plain {
    /// A payload already read.
    #[cfg(test)]
    pub fn of(text: &str) -> Self {
        Self {
            text: text.to_owned(),
            ..Self::default()
        }
    }

    /// Forgets what was read.
    pub fn clear(&mut self) {
        self.text.clear();
        self.stamps.clear();
        self.words.clear();
        self.voices.clear();
        self.open_voices.clear();
        self.reading_end = "";
        self.pending = Gap::None;
    }

    /// Adds text in which nothing is markup.
    pub fn literal(&mut self, text: &str) {
        let mut rest = text;
        while !rest.is_empty() {
            let run = plain_run(rest.as_bytes());
            rest = if let (1.., Some((text, after))) = (run, rest.split_at_checked(run)) {
                self.push(text);
                after
            } else {
                let mut chars = rest.chars();
                if let Some(c) = chars.next() {
                    self.push_char(c, false);
                }
                chars.as_str()
            };
        }
    }

    /// Adds a word, or a piece of one, as the format times it. Its own blanks part it from its neighbours; where the
    /// format writes none, call [`Plain::blank`] between.
    pub fn word(&mut self, text: &str, start: Option<CueTime>, end: Option<CueTime>) {
        let leads = text.starts_with(char::is_whitespace);
        if leads {
            self.blank();
        }
        let from = self.next_place();
        self.literal(text);
        if self.text.len() > from {
            self.words.push(TimedPiece {
                bytes: from..self.text.len(),
                start,
                end,
            });
        }
    }

    /// A time given for what comes next.
    pub fn stamp(&mut self, time: CueTime) {
        self.stamps.push((self.next_place(), time));
    }

    /// Makes a timed word of what was added since `text` had the length `from`; gives back whether there was anything.
    pub fn word_since(&mut self, from: usize, start: Option<CueTime>, end: Option<CueTime>) -> bool {
        let added = self.text.get(from..).unwrap_or("");
        let from = from + (added.len() - added.trim_start().len());
        let is_any = from < self.text.len();
        if is_any {
            let bytes = from..self.text.len();
            self.words.push(TimedPiece { bytes, start, end });
        }
        is_any
    }

    /// Another voice speaks what comes next; an empty name where nobody knows whose.
    pub fn voice(&mut self, name: &str) {
        self.voices.push((self.next_place(), name.to_owned()));
    }

    /// A blank before what comes next.
    pub fn blank(&mut self) {
        self.pending = self.pending.max(Gap::Blank);
    }

    /// A line break before what comes next.
    pub fn line_break(&mut self) {
        self.pending = self.pending.max(Gap::Line);
    }

    /// Reads a payload, forgetting the one before. With `flat` (a file that lost its line breaks) no-break spaces
    /// are plain ones: they stand where line breaks were.
    pub fn read(&mut self, payload: &str, flat: bool, line: u32, warnings: &mut Warnings) {
        self.clear();
        let mut rest = payload.trim_matches([' ', '\n']);
        if is_its_own_text(rest.as_bytes()) {
            return self.text.push_str(rest);
        }
        while let Some(&byte) = rest.as_bytes().first() {
            let run = plain_run(rest.as_bytes());
            rest = if let (1.., Some((text, after))) = (run, rest.split_at_checked(run)) {
                self.push(text);
                after
            } else if byte == b'\n' {
                self.line_break();
                rest.get(1..).unwrap_or("")
            } else if byte == b'<' {
                self.tag(rest, line, warnings)
            } else if byte == b'&' {
                let (c, length) = entity(rest).unwrap_or(('&', 1));
                self.push_char(c, flat);
                rest.get(length..).unwrap_or("")
            } else if byte == b'{' {
                self.override_code(rest)
            } else {
                let mut chars = rest.chars();
                if let Some(c) = chars.next() {
                    self.push_char(c, flat);
                }
                chars.as_str()
            };
        }
        if !self.reading_end.is_empty() {
            self.reading(false);
        }
    }

    fn push(&mut self, text: &str) {
        if self.pending != Gap::None {
            self.fill_gap();
        }
        self.text.push_str(text);
    }

    fn fill_gap(&mut self) {
        let gap = std::mem::take(&mut self.pending);
        let before = self.text.len();
        if gap == Gap::Reading {
            let (begin, end) = brackets(&self.text);
            self.text.push_str(begin);
            self.reading_end = end;
        } else if !self.text.is_empty() {
            match gap {
                Gap::None | Gap::Reading => {}
                Gap::Fixed(c) => self.text.push(c),
                Gap::Blank => self.text.push(' '),
                Gap::Line => self.text.push('\n'),
            }
        }
        // What was to stand behind the gap was told before the gap was known whole.
        let here = self.text.len();
        for (at, _) in self.stamps.iter_mut().rev().take_while(|(at, _)| *at > before) {
            *at = here;
        }
        for (at, _) in self.voices.iter_mut().rev().take_while(|(at, _)| *at > before) {
            *at = here;
        }
    }

    fn push_char(&mut self, c: char, flat: bool) {
        let gap = match c {
            '\n' | '\u{b}' | '\u{c}' | '\u{85}' | '\u{2028}' | '\u{2029}' => Gap::Line,
            '\u{a0}' | '\u{202f}' | '\u{2007}' if !flat && self.pending == Gap::None => Gap::Fixed(c),
            _ if c.is_whitespace() => Gap::Blank,
            // Marks of byte order and soft hyphens are no part of what was said, and are drawn as boxes.
            '\u{feff}' | '\u{ad}' => Gap::None,
            _ if c.is_control() => Gap::None,
            _ => return self.push(c.encode_utf8(&mut [0; 4])),
        };
        self.pending = self.pending.max(gap);
    }

    /// Where the next visible character will stand.
    pub fn next_place(&self) -> usize {
        let gap = match self.pending {
            Gap::None => 0,
            Gap::Fixed(c) => c.len_utf8(),
            Gap::Blank | Gap::Line => 1,
            Gap::Reading => brackets(&self.text).0.len(),
        };
        if self.text.is_empty() { 0 } else { self.text.len() + gap }
    }

    /// Takes what begins with `<` and gives back what follows it.
    fn tag<'a>(&mut self, rest: &'a str, line: u32, warnings: &mut Warnings) -> &'a str {
        let Some((body, after)) = tag_body(rest) else {
            self.push("<");
            return rest.get(1..).unwrap_or("");
        };
        if let Some(stamp) = read_time(body.as_bytes()).filter(|stamp| stamp.length == body.len()) {
            self.stamp(stamp.time);
            return after;
        }
        let (closing, opened) = body.strip_prefix('/').map_or((false, body), |name| (true, name));
        let name_length = opened
            .find(|c: char| !c.is_ascii_alphanumeric())
            .unwrap_or(opened.len());
        let (name, detail) = opened.split_at_checked(name_length).unwrap_or((opened, ""));
        match name.to_ascii_lowercase().as_str() {
            "v" => self.voice_tag(closing, detail),
            "br" => self.line_break(),
            "rt" | "ruby" => self.reading(!closing && name.eq_ignore_ascii_case("rt")),
            // "if a<b and c>d": a bold tag says nothing beyond its class.
            "b" | "i" | "u" | "s" | "em" | "strong" if detail.contains(' ') && !detail.contains('=') => {
                self.push("<");
                return rest.get(1..).unwrap_or("");
            }
            "b" | "i" | "u" | "s" | "em" | "strong" | "font" | "span" | "c" | "lang" => {}
            _ => warnings.push(
                line,
                WarningKind::UnknownTag {
                    tag: shorten(&format!("<{body}>")),
                },
            ),
        }
        after
    }

    /// A voice begins, or ends: then the one around it goes on.
    fn voice_tag(&mut self, closing: bool, detail: &str) {
        if self.voices.len() > MOST_PIECES {
            return;
        }
        // What two people say is never one word, also where no blank stands between.
        self.blank();
        let voice = if closing {
            self.open_voices.pop();
            let around = self.open_voices.last().and_then(|&place| self.voices.get(place));
            around.map(|(_, name)| name.clone()).unwrap_or_default()
        } else {
            self.open_voices.push(self.voices.len());
            annotation(detail)
        };
        self.voices.push((self.next_place(), voice));
    }

    /// A ruby reading begins, or whatever was open of the ruby ends. One that holds nothing leaves no trace.
    fn reading(&mut self, begins: bool) {
        let end = std::mem::take(&mut self.reading_end);
        if !end.is_empty() {
            self.text.push_str(end);
            self.pending = Gap::None;
        } else if self.pending == Gap::Reading {
            self.pending = Gap::None;
        }
        if begins && !self.text.is_empty() {
            self.pending = Gap::Reading;
        }
    }

    /// Takes `{\an8}` and its like (Advanced SubStation's codes, which SubRip files carry); any other `{` is text.
    fn override_code<'a>(&mut self, rest: &'a str) -> &'a str {
        if rest.starts_with("{\\")
            && let Some(inside) = rest.get(1..)
            && let Some(end) = inside
                .bytes()
                .take(LONGEST_TAG)
                .position(|b| matches!(b, b'{' | b'}' | b'\n'))
            && inside.as_bytes().get(end) == Some(&b'}')
        {
            return inside.get(end + 1..).unwrap_or("");
        }
        self.push("{");
        rest.get(1..).unwrap_or("")
    }
}

/// Whether a payload is its own text, as nearly all are: visible characters that begin no markup, and single spaces
/// and line breaks between them. It is looked at in blocks, which the compiler compares at once.
#[expect(clippy::needless_bitwise_bool, reason = "with jumps nothing is compared at once")]
fn is_its_own_text(bytes: &[u8]) -> bool {
    const BLOCK: usize = 32;
    let (Some((_, next)), Some((last, before))) = (bytes.split_first(), bytes.split_last()) else {
        return false;
    };
    // Each byte with the one behind it: neither may be special, nor both blanks.
    let is_special = |byte: u8| {
        ((byte < 0x20) & (byte != b'\n'))
            | (byte == 0x26)
            | (byte == 0x3C)
            | (byte == 0x7B)
            | (byte == 0x7F)
            | (byte == 0xC2)
            | (byte.wrapping_sub(0xE1) < 3)
            | (byte == 0xEF)
    };
    let is_blank = |byte: u8| (byte == b' ') | (byte == b'\n');
    let has_special = |bytes: &[u8], next: &[u8]| {
        let pairs = bytes.iter().zip(next);
        pairs.fold(false, |found, (&byte, &next)| {
            found | is_special(byte) | (is_blank(byte) & is_blank(next))
        })
    };
    let (blocks, blocks_of_next) = (before.chunks_exact(BLOCK), next.chunks_exact(BLOCK));
    let ends = match (before.last_chunk::<BLOCK>(), next.last_chunk::<BLOCK>()) {
        (Some(bytes), Some(next)) => has_special(bytes, next),
        _ => has_special(before, next),
    };
    let is_inside = |byte: Option<&u8>| byte.is_some_and(|&byte| !is_blank(byte) && !is_special(byte));
    is_inside(bytes.first())
        && is_inside(Some(last))
        && !ends
        && !blocks.zip(blocks_of_next).any(|(bytes, next)| has_special(bytes, next))
}

/// How many bytes at the start need no look: visible characters that begin no markup, and single spaces between them.
fn plain_run(bytes: &[u8]) -> usize {
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        let ahead = match byte {
            _ if is_plain(byte) => 1,
            b' ' if at > 0 => match bytes.get(at + 1..).map(plain_character) {
                None | Some(0) => return at,
                Some(length) => 1 + length,
            },
            _ => match bytes.get(at..).map(plain_character) {
                None | Some(0) => return at,
                Some(length) => length,
            },
        };
        at += ahead;
    }
    at
}

/// The bytes of the character at the start, 0 where it may be markup, a blank or invisible. Bytes inside a character
/// count one by one.
fn plain_character(bytes: &[u8]) -> usize {
    match bytes {
        [byte, ..] if is_plain(*byte) => 1,
        [0xC2, 0x80..=0xA0 | 0xAD, ..]
        | [0xE1, 0x9A, 0x80, ..]
        | [0xE2, 0x80, 0x80..=0x8A | 0xA8 | 0xA9 | 0xAF, ..]
        | [0xE2, 0x81, 0x9F, ..]
        | [0xE3, 0x80, 0x80, ..]
        | [0xEF, 0xBB, 0xBF, ..] => 0,
        [0xC2, _, ..] => 2,
        [0xE1..=0xE3 | 0xEF, _, _, ..] => 3,
        _ => 0,
    }
}

/// Not so: control characters, space, `&`, `<`, `{`, and the first bytes of the characters that may be blanks or
/// invisible (U+0085 and U+00A0 after C2, U+1680 after E1, U+2000 to U+205F after E2, U+3000 after E3, U+FEFF).
fn is_plain(byte: u8) -> bool {
    const PLAIN: [bool; 256] = {
        let mut plain = [true; 256];
        let mut byte = 0;
        while byte < 256 {
            plain[byte] = !matches!(byte, 0..=0x20 | 0x26 | 0x3C | 0x7B | 0x7F | 0xC2 | 0xE1..=0xE3 | 0xEF);
            byte += 1;
        }
        plain
    };
    PLAIN[usize::from(byte)] // a byte is never out of its bounds
}

/// The brackets of a ruby reading that follows a text, as its script writes them.
fn brackets(base: &str) -> (&'static str, &'static str) {
    if base.ends_with(|c: char| c >= '\u{2e80}') {
        ("（", "）")
    } else {
        (" (", ")")
    }
}

/// What stands between `<` and `>` when that is a tag, and what follows.
fn tag_body(rest: &str) -> Option<(&str, &str)> {
    let inside = rest.get(1..)?;
    let mut head = inside.bytes();
    let first = head.next()?;
    if !(first.is_ascii_alphanumeric() || first == b'/' && head.next().is_some_and(|b| b.is_ascii_alphabetic())) {
        return None;
    }
    let end = inside
        .bytes()
        .take(LONGEST_TAG)
        .position(|byte| matches!(byte, b'<' | b'>' | b'\n'))?;
    let body = inside
        .get(..end)
        .filter(|_| inside.as_bytes().get(end) == Some(&b'>'))?;
    let is_tag = !first.is_ascii_digit() || read_time(body.as_bytes()).is_some_and(|stamp| stamp.length == end);
    is_tag.then_some((body, inside.get(end + 1..)?))
}

/// The name in `.loud.first Ada Reyes`, the rest of a voice tag.
fn annotation(detail: &str) -> String {
    with_entities(detail.split_once([' ', '\t']).map_or("", |(_, name)| name))
}

/// A text in which [`Plain::read`] finds no markup, for writers of formats that have no description: what only looks
/// like a tag or an entity stays as it is, since few players know entities there.
pub(super) fn guarded(text: &str) -> Cow<'_, str> {
    let mut out = String::new();
    let mut rest = text;
    let mut changed = false;
    while let Some(at) = rest.find(['<', '&', '{']) {
        let (before, from) = rest.split_at_checked(at).unwrap_or((rest, ""));
        out.push_str(before);
        let guard = match from.as_bytes() {
            [b'<', ..] if tag_body(from).is_some() => Some("&lt;"),
            // An entity would be taken for one that was escaped twice; readers drop this mark.
            [b'&', ..] if entity(from).is_some() => Some("&\u{feff}"),
            [b'{', b'\\', ..] => Some("&#123;"),
            _ => None,
        };
        changed |= guard.is_some();
        out.push_str(guard.or(from.get(..1)).unwrap_or(""));
        rest = from.get(1..).unwrap_or("");
    }
    if !changed {
        return Cow::Borrowed(text);
    }
    out.push_str(rest);
    Cow::Owned(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(payload: &str) -> (Plain, Vec<String>) {
        let mut warnings = Warnings::default();
        let mut plain = Plain::default();
        plain.read(payload, false, 1, &mut warnings);
        (
            plain,
            warnings
                .into_sorted()
                .iter()
                .map(|warning| warning.kind.to_string())
                .collect(),
        )
    }

    fn text(payload: &str) -> String {
        read(payload).0.text
    }

    #[test]
    fn known_tags_and_codes_go() {
        for (payload, expected) in [
            ("<i>Hi</i> <b>there</b> <u>you</u>", "Hi there you"),
            ("<font color=\"#ff0000\" size=12>Red</font>", "Red"),
            ("{\\an8}Up {\\i1}here{\\i0}", "Up here"),
            ("one<br>two<BR/>three", "one\ntwo\nthree"),
            ("<c.yellow.bg_blue>Hi</c>", "Hi"),
        ] {
            assert_eq!(text(payload), expected);
        }
    }

    #[test]
    fn what_only_looks_like_markup_stays() {
        for plain in [
            "I <3 you",
            "a < b",
            "if a<b and c>d",
            "AT&T",
            "{sic}",
            "{\\ never closed",
            "x <",
            "<",
            "&",
            "5 > 4",
        ] {
            assert_eq!(text(plain), plain);
        }
    }

    #[test]
    fn a_guarded_text_is_read_as_it_is() {
        for plain in [
            "<inaudible> so",
            "&lt;i&gt; &amp; AT&T",
            "I <3 you",
            "a < b",
            "<00:01.000>x",
            "<br>",
            "{sic}",
            "{\\an8}x",
        ] {
            assert_eq!(text(&guarded(plain)), plain);
        }
        assert!(matches!(guarded("a < b & <3 {x}"), Cow::Borrowed(_)));
    }

    #[test]
    fn blanks_of_every_kind_are_seen_wherever_they_stand() {
        // Behind so many letters that they fall on every place of a block.
        for before in 0..70 {
            let letters = "x".repeat(before);
            for blank in [
                "  ",
                "\t",
                " \u{a0}",
                "\u{2003}",
                "\u{205f}",
                "\u{3000}",
                "\u{1680} ",
                "\u{85}",
                " \n ",
            ] {
                let expected = if matches!(blank, "\u{85}" | " \n ") { "\n" } else { " " };
                let (first, last) = (if before > 0 { expected } else { "" }, "é“字👍é");
                assert_eq!(
                    text(&format!("{letters}{blank}{last}")),
                    format!("{letters}{first}{last}"),
                    "{before} {blank:?}"
                );
            }
            assert_eq!(text(&format!("{letters}\u{feff}y ")), format!("{letters}y"));
            assert_eq!(
                text(&format!("{letters}– ‘a’ £1 ｆ ok")),
                format!("{letters}– ‘a’ £1 ｆ ok")
            );
        }
    }

    #[test]
    fn entities_are_characters() {
        assert_eq!(
            text("R&amp;D &lt;i&gt; &quot;a&#39;b&#x41;&quot; &amp;#39; &bogus; &#xD800;"),
            "R&D <i> \"a'bA\" ' &bogus; &#xD800;"
        );
    }

    #[test]
    fn blanks_are_tidied_and_lines_kept() {
        assert_eq!(text("\n  one \t two  \n \n\u{3000}three\n"), "one two\nthree");
        assert_eq!(text("Quoi\u{a0}?"), "Quoi\u{a0}?");
        assert_eq!(text("\u{feff}a\0b\u{ad}c"), "abc");
    }

    #[test]
    fn ruby_keeps_its_reading_apart() {
        for (payload, expected) in [
            ("<ruby>漢字<rt>かんじ</rt></ruby>です", "漢字（かんじ）です"),
            (
                "<ruby>東<rt>とう</rt>京<rt>きょう</rt></ruby>",
                "東（とう）京（きょう）",
            ),
            ("<ruby>東<rt>とう京<rt>きょう</ruby>へ", "東（とう京）（きょう）へ"),
            ("<ruby>WHO <rt>world health</rt> </ruby>says", "WHO (world health) says"),
            ("<ruby>漢<rt> </rt></ruby>字", "漢字"),
            ("<ruby>漢<rt><rt></ruby>字", "漢字"),
            ("<ruby><rt>かん</rt></ruby>字", "かん字"),
            ("<ruby>漢<rt><c.small>かん</c></rt></ruby>", "漢（かん）"),
            ("<ruby>漢<rt>かん", "漢（かん）"),
        ] {
            assert_eq!(text(payload), expected, "{payload}");
        }
        let (plain, _) = read("<ruby><00:01.000>漢<rt><00:02.000>かん</rt></ruby><00:03.000>字");
        let places: Vec<&str> = plain.stamps.iter().map(|(at, _)| &plain.text[*at..]).collect();
        assert_eq!(places, ["漢（かん）字", "かん）字", "字"]);
    }

    #[test]
    fn a_voice_inside_a_voice_gives_back_to_it() {
        let (plain, _) = read("<v Ada>So he said <v Ben>no</v> to me</v> and left</v>");
        let voices: Vec<(usize, &str)> = plain.voices.iter().map(|(at, name)| (*at, name.as_str())).collect();
        assert_eq!(voices, [(0, "Ada"), (11, "Ben"), (14, "Ada"), (20, ""), (29, "")]);
    }

    #[test]
    fn unknown_tags_are_told() {
        let (plain, warnings) = read("<blink>Hi</blink>");
        assert_eq!(plain.text, "Hi");
        assert_eq!(warnings, ["unknown markup <blink>", "unknown markup </blink>"]);
    }

    #[test]
    fn voices_and_times_keep_their_places() {
        let (plain, _) = read("<v.loud Ada&nbsp;Reyes>Hello</v> <v Ben><00:01.500>Hi <00:02.000>there");
        assert_eq!(plain.text, "Hello Hi there");
        let voices: Vec<(usize, &str)> = plain.voices.iter().map(|(at, name)| (*at, name.as_str())).collect();
        assert_eq!(voices, [(0, "Ada\u{a0}Reyes"), (6, ""), (6, "Ben")]);
        assert_eq!(
            plain.stamps,
            [(6, CueTime::from_millis(1_500)), (9, CueTime::from_millis(2_000))]
        );
    }

    #[test]
    fn deep_nesting_is_quick() {
        assert_eq!(text(&format!("{}x", "<i>".repeat(1_000_000))), "x");
        assert_eq!(text(&"<a".repeat(100_000)).len(), 200_000);
        assert_eq!(text(&"{\\".repeat(100_000)).len(), 200_000);
    }
}
