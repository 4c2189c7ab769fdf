//! Text without any times: a script, a book's chapter, somebody's notes of what was said.
//!
//! Each sentence is a cue. Their times are those of somebody who speaks at the usual pace and rests between sentences and
//! paragraphs; fitting them to the recording makes them true.

use unicode_segmentation::UnicodeSegmentation;

use crate::format::Input;
use crate::format::draft::{Draft, Drafts};
use crate::format::markup::Plain;
use crate::format::stamp::LineCounter;
use crate::format::{WarningKind, Warnings};
use crate::time::{CueTime, TimeDelta};
use crate::transcript::speaking_time;

/// How long one rests after a sentence, and after a paragraph.
const SENTENCE: TimeDelta = TimeDelta::from_millis(350);
const PARAGRAPH: TimeDelta = TimeDelta::from_millis(800);
/// Less than this is not something somebody says.
const LEAST_WORDS: usize = 4;
/// A text has letters, and hardly anything of which nobody knows what it is.
const LETTERS: f64 = 0.6;
/// What is not a sentence because nothing ends it is cut after so many bytes.
const LONGEST: usize = 400;

/// Whether this may be what somebody says, word for word.
pub fn is_speech(input: &Input<'_>) -> bool {
    let named = input.options.extension;
    if !named.is_some_and(|extension| ["txt", "text", "md"].contains(&extension)) {
        return false;
    }
    let text = input.text;
    let (mut all, mut letters) = (0_usize, 0_usize);
    for c in text.chars().take(20_000).filter(|c| !c.is_whitespace()) {
        if c.is_control() {
            return false;
        }
        all += 1;
        letters += usize::from(c.is_alphabetic());
    }
    letters as f64 >= all as f64 * LETTERS && text.unicode_words().take(LEAST_WORDS).count() == LEAST_WORDS
}

/// Reads the sentences of a text, each with the time it would take to say.
pub fn read(input: &Input<'_>, drafts: &mut Drafts, warnings: &mut Warnings) {
    let mut lines = LineCounter::new(input.text);
    let mut plain = Plain::default();
    let mut now = CueTime::ZERO;
    let mut from = 0;
    for paragraph in paragraphs(input.text) {
        for sentence in sentences(paragraph) {
            let at = input
                .text
                .get(from..)
                .and_then(|rest| rest.find(sentence))
                .map_or(from, |at| from + at);
            from = at;
            let line = lines.line_at(at);
            plain.read(sentence, false, line, warnings);
            if plain.text.trim().is_empty() {
                continue;
            }
            let end = now + speaking_time(&plain.text);
            drafts.add(Draft::new(line, now, Some(end)), &plain);
            now = end + SENTENCE;
        }
        now += PARAGRAPH - SENTENCE;
    }
    drafts.estimated = true;
    warnings.push(1, WarningKind::NoTimes);
}

/// What empty lines part; where there are none, the lines themselves.
fn paragraphs(text: &str) -> Vec<&str> {
    let mut found = Vec::new();
    let mut start: Option<usize> = None;
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        if line.trim().is_empty() {
            if let Some(from) = start.take() {
                found.push(text.get(from..at).unwrap_or(""));
            }
        } else if start.is_none() {
            start = Some(at);
        }
        at += line.len();
    }
    if let Some(from) = start {
        found.push(text.get(from..).unwrap_or(""));
    }
    found
}

/// The sentences of a paragraph; one that does not end is cut at a space.
fn sentences(paragraph: &str) -> Vec<&str> {
    let mut found: Vec<&str> = Vec::new();
    for sentence in paragraph.unicode_sentences() {
        let mut rest = sentence.trim();
        while rest.len() > LONGEST {
            let at = rest
                .char_indices()
                .map(|(at, _)| at)
                .take_while(|at| *at <= LONGEST)
                .last()
                .unwrap_or(0);
            let (head, _) = rest.split_at(at);
            let cut = head
                .rfind(char::is_whitespace)
                .filter(|cut| *cut > 0)
                .unwrap_or(at.max(1));
            let Some((head, tail)) = rest.split_at_checked(cut) else {
                break;
            };
            found.push(head.trim());
            rest = tail.trim();
        }
        if !rest.is_empty() {
            found.push(rest);
        }
    }
    found
}
