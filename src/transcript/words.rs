//! Where the words are, and when: estimated by spoken length where the file gives no times.
//!
//! A cue's time is shared among its words by how long they take to say (letters for most scripts, one share a
//! character where each is a syllable, digits by their spoken names) with rests after punctuation.

use std::ops::Range;

use unicode_segmentation::UnicodeSegmentation;

use super::Word;
use crate::time::{CueSpan, TimeDelta};

/// A word costs this many letters to begin with, so that "a" is not a twelfth of "transcription".
const BASE_COST: f64 = 1.5;
const DIGIT_COST: f64 = 3.5;
/// Han characters and kana are a syllable each: about two and a half letters of time.
const SYLLABLE_COST: f64 = 2.5;
/// People say about so many letters in a second, what each word costs to begin with among them.
const LETTERS_PER_SEC: f64 = 18.0;
const COMMA_REST: f64 = 3.0;
const FULL_STOP_REST: f64 = 6.0;

/// The words of a text as byte ranges: split at white space, and at word borders inside scripts that write none.
///
/// Punctuation stays with its word, so that lighting a word lights what belongs to it.
pub fn word_ranges(text: &str) -> Vec<Range<u32>> {
    let mut ranges = Vec::new();
    let mut start = None;
    for (at, c) in text.char_indices() {
        if c.is_whitespace() {
            if let Some(from) = start.take() {
                push_word(text, from..at, &mut ranges);
            }
        } else if start.is_none() {
            start = Some(at);
        }
    }
    if let Some(from) = start {
        push_word(text, from..text.len(), &mut ranges);
    }
    ranges
}

fn push_word(text: &str, range: Range<usize>, ranges: &mut Vec<Range<u32>>) {
    let Some(word) = text.get(range.clone()) else { return };
    if word.is_ascii() || !word.chars().any(is_syllable) {
        ranges.push(range.start as u32..range.end as u32);
        return;
    }
    // Chinese, Japanese and Thai have no spaces: the segmenter's borders, punctuation joined to what precedes it.
    for (offset, piece) in word.split_word_bound_indices() {
        let (from, to) = (
            (range.start + offset) as u32,
            (range.start + offset + piece.len()) as u32,
        );
        match ranges.last_mut() {
            Some(last) if last.end == from && offset > 0 && !piece.chars().any(char::is_alphanumeric) => last.end = to,
            _ => ranges.push(from..to),
        }
    }
}

fn is_syllable(c: char) -> bool {
    matches!(u32::from(c), 0x0E00..=0x0EFF | 0x1000..=0x109F | 0x1780..=0x17FF | 0x3040..=0x30FF | 0x3400..=0x4DBF | 0x4E00..=0x9FFF | 0xF900..=0xFAFF | 0x20000..=0x2FA1F)
}

/// Shares a cue's time among its words. Every word lies inside `span`, each begins where the one before ends.
pub fn estimate_words(text: &str, span: CueSpan) -> Vec<Word> {
    let ranges = word_ranges(text);
    let costs: Vec<(f64, f64)> = ranges
        .iter()
        .map(|r| cost(text.get(r.start as usize..r.end as usize).unwrap_or("")))
        .collect();
    // The rest after the last word belongs to the cue's own end, not to the word.
    let rests = costs.len().saturating_sub(1);
    let total: f64 =
        costs.iter().map(|(word, _)| word).sum::<f64>() + costs.iter().take(rests).map(|(_, rest)| rest).sum::<f64>();
    let length = span.length();
    let at = |share: f64| {
        span.start
            + if total > 0.0 {
                length.scaled((share / total).clamp(0.0, 1.0))
            } else {
                TimeDelta::ZERO
            }
    };
    let mut spent = 0.0;
    let count = ranges.len();
    ranges
        .into_iter()
        .zip(costs)
        .enumerate()
        .map(|(i, (range, (word, rest)))| {
            let start = at(spent);
            spent += word + if i + 1 < count { rest } else { 0.0 };
            let end = if i + 1 < count { at(spent) } else { span.end };
            Word {
                span: CueSpan::new(start, end),
                range,
                given: false,
            }
        })
        .collect()
}

/// Calls `take` with each word of a text and its place, as [`estimate_words`] gives them: most pieces that have a time
/// are single words, and need no list.
pub fn for_each_word(text: &str, span: CueSpan, mut take: impl FnMut(usize, Word)) {
    let bare = text.trim();
    let is_single = !bare.is_empty() && bare.chars().all(|c| !c.is_whitespace() && !is_syllable(c));
    if is_single {
        let from = text.len() - text.trim_start().len();
        let range = from as u32..(from + bare.len()) as u32;
        let given = false;
        return take(0, Word { span, range, given });
    }
    for (place, word) in estimate_words(text, span).into_iter().enumerate() {
        take(place, word);
    }
}

/// How long a text takes to say at the usual pace, rests at its commas included.
pub fn speaking_time(text: &str) -> TimeDelta {
    let ranges = word_ranges(text);
    let last = ranges.len().saturating_sub(1);
    let cost = |(place, range): (usize, &Range<u32>)| {
        let (letters, rest) = cost(text.get(range.start as usize..range.end as usize).unwrap_or(""));
        letters + if place < last { rest } else { 0.0 }
    };
    let letters: f64 = ranges.iter().enumerate().map(cost).sum();
    TimeDelta::from_secs_f64(letters / LETTERS_PER_SEC)
}

/// How long a word takes to say, and how long one rests after it, in letters.
fn cost(word: &str) -> (f64, f64) {
    let mut letters = BASE_COST;
    for c in word.chars() {
        letters += if c.is_ascii_digit() {
            DIGIT_COST
        } else if is_syllable(c) {
            SYLLABLE_COST
        } else if c.is_alphanumeric() {
            1.0
        } else {
            0.0
        };
    }
    let closing = word.trim_end_matches(['"', '\'', ')', ']', '”', '’', '»']);
    let rest = match closing.chars().next_back() {
        Some('.' | '?' | '!' | '…' | '。' | '？' | '！') => FULL_STOP_REST,
        Some(',' | ';' | ':' | '–' | '—' | '，' | '、') => COMMA_REST,
        _ => 0.0,
    };
    (letters, rest)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::CueTime;

    fn span(from: i64, to: i64) -> CueSpan {
        CueSpan::new(CueTime::from_millis(from), CueTime::from_millis(to))
    }

    fn words_of(text: &str) -> Vec<&str> {
        word_ranges(text)
            .into_iter()
            .map(|r| &text[r.start as usize..r.end as usize])
            .collect()
    }

    #[test]
    fn words_keep_their_punctuation() {
        assert_eq!(
            words_of("So, \"you want\nboth\"  at once?"),
            ["So,", "\"you", "want", "both\"", "at", "once?"]
        );
        assert_eq!(words_of(""), Vec::<&str>::new());
    }

    #[test]
    fn scripts_without_spaces_are_split() {
        assert!(words_of("今日は天気がいいです。").len() > 3);
        assert_eq!(words_of("今日は天気がいいです。").concat(), "今日は天気がいいです。");
    }

    #[test]
    fn words_fill_the_cue_in_order() {
        let words = estimate_words("A transcript is a map, of a conversation.", span(1_000, 5_000));
        assert_eq!(words.len(), 8);
        assert_eq!(words[0].span.start, CueTime::from_millis(1_000));
        assert_eq!(words[7].span.end, CueTime::from_millis(5_000));
        for pair in words.windows(2) {
            assert_eq!(pair[0].span.end, pair[1].span.start);
        }
        assert!(words[1].span.length() > words[0].span.length());
        assert!(words.iter().all(|w| !w.given));
    }

    #[test]
    fn an_empty_cue_has_no_time_to_share() {
        assert!(estimate_words("a b", span(5, 5)).iter().all(|w| w.span.is_empty()));
    }
}
