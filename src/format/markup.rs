//! A cue's payload without its markup: tags, override codes, entities and superfluous blanks.
//!
//! Times and voices that stand inside the text are handed on with their places. What only looks like markup (`<3`,
//! `a < b`, `AT&T`) is text. One pass without recursion: nesting costs nothing.

use std::borrow::Cow;
use std::ops::Range;

use super::stamp::read_time;
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

    /// Makes words without a time of what stands between the timed ones, and gives back how many. Punctuation that
    /// touches a word belongs to it.
    pub fn time_the_rest(&mut self) -> usize {
        let timed = std::mem::take(&mut self.words);
        let is_touching = |c: char| !c.is_whitespace() && !c.is_alphanumeric();
        let (mut at, mut count) = (0, 0);
        let ends = timed.iter().map(|word| word.bytes.start).chain([self.text.len()]);
        let mut words = Vec::with_capacity(timed.len());
        for (end, place) in ends.zip(0..) {
            let gap = self.text.get(at..end).unwrap_or("");
            let rest = if at > 0 {
                gap.trim_start_matches(is_touching)
            } else {
                gap
            };
            let from = at + (gap.len() - rest.trim_start().len());
            let rest = if end < self.text.len() {
                rest.trim_end_matches(is_touching)
            } else {
                rest
            };
            let rest = rest.trim();
            if !rest.is_empty() {
                count += 1;
                let bytes = from..from + rest.len();
                let (start, end) = (None, None);
                words.push(TimedPiece { bytes, start, end });
            }
            if let Some(word) = timed.get(place) {
                at = word.bytes.end;
                words.push(word.clone());
            }
        }
        self.words = words;
        count
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
        self.pending = Gap::Line;
    }

    /// Reads a payload, forgetting the one before. With `flat` (a file that lost its line breaks) no-break spaces
    /// are plain ones: they stand where line breaks were.
    pub fn read(&mut self, payload: &str, flat: bool, line: u32, warnings: &mut Warnings) {
        self.clear();
        let mut rest = payload;
        while let Some(&byte) = rest.as_bytes().first() {
            let run = plain_run(rest.as_bytes());
            rest = if let (1.., Some((text, after))) = (run, rest.split_at_checked(run)) {
                self.push(text);
                after
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
    }

    fn push(&mut self, text: &str) {
        if !self.text.is_empty() {
            match self.pending {
                Gap::None => {}
                Gap::Fixed(c) => self.text.push(c),
                Gap::Blank => self.text.push(' '),
                Gap::Line => self.text.push('\n'),
            }
        }
        self.pending = Gap::None;
        self.text.push_str(text);
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
            "v" => {
                let voice = if closing { String::new() } else { annotation(detail) };
                self.voices.push((self.next_place(), voice));
            }
            "br" => self.pending = Gap::Line,
            // "if a<b and c>d": a bold tag says nothing beyond its class.
            "b" | "i" | "u" | "s" | "em" | "strong" if detail.contains(' ') && !detail.contains('=') => {
                self.push("<");
                return rest.get(1..).unwrap_or("");
            }
            "b" | "i" | "u" | "s" | "em" | "strong" | "font" | "span" | "c" | "lang" | "ruby" | "rt" => {}
            _ => warnings.push(
                line,
                WarningKind::UnknownTag {
                    tag: shorten(&format!("<{body}>")),
                },
            ),
        }
        after
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

/// How many bytes at the start need no look: visible ASCII that begins no markup, single blanks between it, and the
/// bytes of all characters but those that could be blanks.
fn plain_run(bytes: &[u8]) -> usize {
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        if is_plain(byte) {
            at += 1;
        } else if byte == b' ' && at > 0 && bytes.get(at + 1).is_some_and(|&next| is_plain(next)) {
            at += 2;
        } else {
            break;
        }
    }
    at
}

/// Not so: control characters, space, `&`, `<`, `{`, and the first bytes of the characters that are blanks or
/// invisible (U+0085 and U+00A0 after C2, U+1680 after E1, U+2000 to U+2029 after E2, U+3000 after E3, U+FEFF).
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
    let name = detail.split_once([' ', '\t']).map_or("", |(_, name)| name);
    let mut decoded = String::new();
    let mut rest = name;
    while let Some(at) = rest.find('&') {
        let (before, from) = rest.split_at_checked(at).unwrap_or((rest, ""));
        let (c, length) = entity(from).unwrap_or(('&', 1));
        decoded.push_str(before);
        decoded.push(c);
        rest = from.get(length..).unwrap_or("");
    }
    decoded.push_str(rest);
    decoded
}

/// The character an entity at the start of `text` stands for, and the bytes it takes.
pub(super) fn entity(text: &str) -> Option<(char, usize)> {
    const LONGEST: usize = 10;
    let end = text.bytes().take(LONGEST).position(|byte| byte == b';')?;
    let name = text.get(1..end)?;
    if name == "amp" {
        // Converters escape twice and leave `&amp;#39;`.
        let again = text.get(end..).unwrap_or("");
        for (tail, c) in [
            (";#39;", '\''),
            (";quot;", '"'),
            (";nbsp;", '\u{a0}'),
            (";apos;", '\''),
            (";amp;", '&'),
        ] {
            if again.starts_with(tail) {
                return Some((c, end + tail.len()));
            }
        }
    }
    let c = match name {
        "amp" => '&',
        "lt" => '<',
        "gt" => '>',
        "quot" => '"',
        "apos" => '\'',
        "nbsp" => '\u{a0}',
        "lrm" => '\u{200e}',
        "rlm" => '\u{200f}',
        "hellip" => '…',
        "ndash" => '–',
        "mdash" => '—',
        "lsquo" => '‘',
        "rsquo" => '’',
        "ldquo" => '“',
        "rdquo" => '”',
        _ => {
            let digits = name.strip_prefix('#')?;
            let code = match digits.strip_prefix(['x', 'X']) {
                Some(hex) => u32::from_str_radix(hex, 16).ok()?,
                None => digits.parse().ok()?,
            };
            char::from_u32(code)?
        }
    };
    Some((c, end + 1))
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
            [b'&', ..] if entity(from).is_some() => Some("&#38;"),
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
        assert_eq!(voices, [(0, "Ada\u{a0}Reyes"), (5, ""), (6, "Ben")]);
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
