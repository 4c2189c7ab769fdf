//! Praat's TextGrid, in its long and its short form.
//!
//! The manual ("TextGrid file formats") gives one rule for both: what counts are texts between quotation marks, numbers
//! that stand alone, and flags such as `<exists>`; all else (`intervals [1]:`, `xmin =`) is for people, and what follows
//! a `!` is a comment. A quotation mark inside a text is doubled. So one reader takes both forms, and files in which
//! hand or script left something out: a text belongs to the two numbers before it.
//!
//! Intervals without text are pauses. Which tiers are the transcript is told in `tiers`.

mod tiers;

use std::borrow::Cow;

use self::tiers::{Entry, Tier};
use super::draft::Drafts;
use super::formats::{Family, Format, Spec};
use super::stamp::LineCounter;
use super::warning::shorten;
use super::{Input, ReadError, WarningKind, Warnings};
use crate::time::CueTime;

/// The row of this format.
pub(super) const SPEC: Spec = Spec {
    format: Format::TextGrid,
    key: "textgrid",
    name: "Praat TextGrid",
    extensions: &["textgrid"],
    from: "Praat, forced aligners",
    family: Family::Text,
    recognise,
    read,
    write: None,
};

/// The texts that begin a tier.
const INTERVALS: &str = "IntervalTier";
const POINTS: &str = "TextTier";

/// The words every such file begins with.
fn recognise(input: &Input<'_>) -> Option<&'static str> {
    let head = input
        .text
        .get(..input.text.floor_char_boundary(1_000))
        .unwrap_or(input.text);
    (head.contains("ooTextFile") && head.contains("TextGrid")).then_some("it says TextGrid")
}

/// Reads the tiers that hold the transcript.
fn read(input: &Input<'_>, drafts: &mut Drafts, warnings: &mut Warnings) -> Result<(), ReadError> {
    let tiers = all_tiers(input.text, warnings);
    tiers::add_cues(&tiers, input.options.tier, drafts, warnings)
}

/// What counts in a file.
enum Token<'a> {
    Text(Cow<'a, str>),
    Number(f64),
    /// A word that is none of those the format has between what counts: a quotation mark is missing, or a person wrote
    /// it.
    Stray(&'a str),
}

/// The tokens of a file with the bytes they begin at.
struct Tokens<'a> {
    text: &'a str,
    at: usize,
    /// Where a text begins that never ends.
    unended: Option<usize>,
}

impl<'a> Iterator for Tokens<'a> {
    type Item = (usize, Token<'a>);

    fn next(&mut self) -> Option<Self::Item> {
        let bytes = self.text.as_bytes();
        loop {
            let from = self.at;
            match bytes.get(from)? {
                b'"' => return Some((from, Token::Text(self.quoted(from)))),
                b'!' => {
                    let rest = bytes.get(from..)?;
                    self.at += rest.iter().position(|&byte| byte == b'\n').unwrap_or(rest.len());
                }
                byte if byte.is_ascii_whitespace() => self.at += 1,
                _ => {
                    let rest = bytes.get(from..)?;
                    let length = rest.iter().position(u8::is_ascii_whitespace).unwrap_or(rest.len());
                    self.at += length;
                    let word = self.text.get(from..from + length).unwrap_or("");
                    let begins_number = matches!(word.as_bytes().first(), Some(b'0'..=b'9' | b'-' | b'+' | b'.'));
                    // `1e999` is no time; its place is kept for the text that follows.
                    if let Some(number) = word.parse().ok().filter(|_| begins_number) {
                        return Some((from, Token::Number(number)));
                    }
                    if !is_of_the_form(word) {
                        return Some((from, Token::Stray(word)));
                    }
                }
            }
        }
    }
}

impl<'a> Tokens<'a> {
    fn new(text: &'a str) -> Self {
        Self {
            text,
            at: 0,
            unended: None,
        }
    }

    /// The text between quotation marks that begins at `from`.
    fn quoted(&mut self, from: usize) -> Cow<'a, str> {
        let bytes = self.text.as_bytes();
        let mut to = from + 1;
        let mut doubled = false;
        loop {
            let rest = bytes.get(to..).unwrap_or_default();
            let Some(length) = rest.iter().position(|&byte| byte == b'"') else {
                self.unended = Some(from);
                to = bytes.len();
                self.at = to;
                break;
            };
            to += length;
            if bytes.get(to + 1) == Some(&b'"') {
                doubled = true;
                to += 2;
                continue;
            }
            self.at = to + 1;
            break;
        }
        let inside = self.text.get(from + 1..to).unwrap_or("");
        if doubled {
            Cow::Owned(inside.replace("\"\"", "\""))
        } else {
            Cow::Borrowed(inside)
        }
    }
}

/// Whether a word is one of those that the long form writes for people, or a flag, or no word at all.
fn is_of_the_form(word: &str) -> bool {
    const NAMES: [&str; 18] = [
        "",
        "xmin",
        "xmax",
        "text",
        "intervals",
        "points",
        "number",
        "time",
        "mark",
        "value",
        "item",
        "class",
        "name",
        "size",
        "tiers",
        "File",
        "type",
        "Object",
    ];
    // `intervals[1]:` is written without a blank, too.
    let parted = word.find(['[', '=']).and_then(|at| word.split_at_checked(at));
    let (name, place) = parted.unwrap_or((word, ""));
    let is_named = NAMES.contains(&name.trim_end_matches([':', '?']));
    let is_flag = word.starts_with('<') && word.ends_with('>');
    is_named && !place.chars().any(char::is_alphabetic) || is_flag || !word.chars().any(char::is_alphanumeric)
}

fn all_tiers<'a>(text: &'a str, warnings: &mut Warnings) -> Vec<Tier<'a>> {
    let mut tokens = Tokens::new(text);
    let mut lines = LineCounter::new(text);
    let mut tiers: Vec<Tier<'_>> = Vec::new();
    // The numbers since the last text: how many, and the last two.
    let (mut count, mut before_last, mut last) = (0_usize, 0.0, 0.0);
    let mut names_tier = None;
    let mut strays = Strays::default();
    for (at, token) in tokens.by_ref() {
        let text = match token {
            Token::Number(number) => {
                (count, before_last, last) = (count + 1, last, number);
                continue;
            }
            Token::Stray(word) => {
                strays.add(lines.line_at(at), word);
                continue;
            }
            Token::Text(text) => text,
        };
        strays.tell(warnings);
        // A tier's class follows the text of the entry before without numbers, or its own three without entries; and
        // the three of the file, or none, where it is the first.
        let is_class = (count == 0 || count == 3) && (text == INTERVALS || text == POINTS);
        if let Some(has_points) = names_tier.take() {
            tiers.push(Tier::new(text, has_points));
        } else if is_class {
            names_tier = Some(text == POINTS);
        } else if let Some(tier) = tiers.last_mut() {
            let needed = if tier.has_points { 1 } else { 2 };
            let line = lines.line_at(at);
            let start = if tier.has_points { last } else { before_last };
            let are_times = count >= needed && start.is_finite() && last.is_finite();
            match (are_times, text.trim().is_empty()) {
                (_, true) => {}
                (true, false) => tier.entries.push(Entry {
                    line,
                    start: CueTime::from_secs_f64(start),
                    end: (!tier.has_points).then(|| CueTime::from_secs_f64(last)),
                    text,
                }),
                (false, false) => match tier.entries.last_mut() {
                    Some(entry) => {
                        warnings.push(line, WarningKind::BadTimeLine { text: shorten(&text) });
                        let own = entry.text.to_mut();
                        own.push('\n');
                        own.push_str(&text);
                    }
                    None => warnings.push(line, WarningKind::StrayText { text: shorten(&text) }),
                },
            }
        } else if !matches!(&*text, "ooTextFile" | "ooTextFile short" | "TextGrid") && !text.trim().is_empty() {
            let line = lines.line_at(at);
            warnings.push(line, WarningKind::StrayText { text: shorten(&text) });
        }
        count = 0;
    }
    strays.tell(warnings);
    if let Some(at) = tokens.unended {
        let why = "a quotation mark is missing".to_owned();
        warnings.push(lines.line_at(at), WarningKind::CutOff { why });
    }
    tiers
}

/// Words that stand where none should, told together.
#[derive(Default)]
struct Strays {
    line: u32,
    text: String,
}

impl Strays {
    fn add(&mut self, line: u32, word: &str) {
        // No more of it is told.
        const LONGEST: usize = 300;
        if self.text.is_empty() {
            self.line = line;
        }
        if self.text.len() < LONGEST {
            self.text.push_str(word);
            self.text.push(' ');
        }
    }

    fn tell(&mut self, warnings: &mut Warnings) {
        if !self.text.is_empty() {
            let text = shorten(&self.text);
            warnings.push(self.line, WarningKind::StrayText { text });
            self.text.clear();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_are_texts_and_numbers_that_stand_alone() {
        let text = "item [1]: ! a \"comment\" 5\nxmin = 0.5 name = \"a \"\"b\"\" ! c\" <exists> size=3 -1e-3 \"\"";
        let told: Vec<String> = Tokens::new(text)
            .map(|(_, token)| match token {
                Token::Text(text) => format!("{text:?}"),
                Token::Number(number) => number.to_string(),
                Token::Stray(word) => word.to_owned(),
            })
            .collect();
        assert_eq!(told, ["0.5", "\"a \\\"b\\\" ! c\"", "-0.001", "\"\""]);
    }
}
