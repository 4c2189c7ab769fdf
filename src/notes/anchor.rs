//! Finding a passage again in a transcript that may have changed since it was marked.
//!
//! In this order: where it stood, if its words and what surrounds them are still there; its exact words anywhere, what
//! surrounds them and the old place deciding among several; nearly its words, near the old place and then anywhere.
//! A place is taken only where enough agrees, so that a note whose words are gone is told to be unplaced rather than
//! shown on words it was not about.

use std::ops::Range;

use super::approx::{Begin, Pattern, similarity};
use super::plain_text::{PlainText, plain};
use super::selector::{after, before, target_in};
use super::{Target, TextQuote};
use crate::time::MediaSpan;
use crate::transcript::{Passage, Transcript};

/// What each selector counts for when places are compared, after the Hypothesis client.
const QUOTE_WEIGHT: f64 = 50.0;
const CONTEXT_WEIGHT: f64 = 20.0;
const POSITION_WEIGHT: f64 = 2.0;
/// One character in this many may differ from the quote.
const CHARS_PER_ERROR: usize = 4;
/// So many characters, of the quote and around it, have to agree: less is found by chance in any long text.
const ENOUGH: f64 = 16.0;
/// A changed quote of this length is known by itself; a shorter one needs something around it that agrees.
const LONG: usize = 48;
/// Context that is less alike than this is another context.
const ALIKE: f64 = 0.5;
/// Exact words are looked for this many bytes around the old place first, then farther.
const NEAR: [usize; 3] = [2_000, 40_000, 800_000];
/// Changed words are looked for this many bytes around the old place first.
const NEARLY_NEAR: usize = 4_000;
/// What can be added to a match to make its first and last word whole, in bytes: scripts without spaces have no words.
const A_WORD: usize = 20;
/// How many places are compared in full.
const CANDIDATES: usize = 24;

/// Where in a transcript an annotation stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Placement {
    /// On these words.
    Passage(Passage),
    /// It has no words: it belongs to an instant of the recording.
    Instant,
    /// Its words are not in this transcript.
    Unplaced,
}

/// A transcript made ready for [`place`]; built once for all annotations.
#[derive(Debug, Clone)]
pub struct PlacementIndex<'a> {
    transcript: &'a Transcript,
    plain: PlainText,
}

impl<'a> PlacementIndex<'a> {
    /// Reads the transcript through once.
    pub fn new(transcript: &'a Transcript) -> Self {
        Self {
            transcript,
            plain: PlainText::new(transcript),
        }
    }

    /// The target of a passage that is heard at `time`; see [`super::target_for`].
    pub fn target_for(&self, passage: Passage, time: MediaSpan) -> Target {
        target_in(&self.plain, self.transcript, passage, time)
    }
}

/// Where the annotation with this target stands.
pub fn place(target: &Target, index: &PlacementIndex<'_>) -> Placement {
    let Some(quote) = target
        .quote
        .as_ref()
        .map(sought)
        .filter(|quote| !quote.exact.is_empty())
    else {
        return Placement::Instant;
    };
    let old_place = target.position.map(|position| {
        index
            .plain
            .byte_of_char(usize::try_from(position.start).unwrap_or(usize::MAX))
    });
    let search = Search {
        plain: &index.plain,
        quote: &quote,
        old_place,
    };
    search
        .anywhere()
        .and_then(|range| index.plain.passage_of(index.transcript, range))
        .map_or(Placement::Unplaced, Placement::Passage)
}

/// The target of an annotation after it was placed: its words as they are spelled there, and `time`, when they are
/// heard there. An unplaced one, and one without words, keep everything.
#[must_use]
pub fn refreshed(target: &Target, placement: Placement, index: &PlacementIndex<'_>, time: MediaSpan) -> Target {
    match placement {
        Placement::Passage(passage) => index.target_for(passage, time),
        Placement::Instant | Placement::Unplaced => target.clone(),
    }
}

/// The quote in the form of the text it is looked for in; it may have come from another program.
fn sought(quote: &TextQuote) -> TextQuote {
    let spaced = |text: &str, wanted: bool| if wanted && !text.is_empty() { " " } else { "" };
    let (prefix, suffix) = (plain(&quote.prefix), plain(&quote.suffix));
    TextQuote {
        exact: plain(&quote.exact),
        prefix: format!(
            "{prefix}{}",
            spaced(&prefix, quote.prefix.ends_with(char::is_whitespace))
        ),
        suffix: format!(
            "{}{suffix}",
            spaced(&suffix, quote.suffix.starts_with(char::is_whitespace))
        ),
    }
}

struct Search<'a> {
    plain: &'a PlainText,
    quote: &'a TextQuote,
    /// The byte at which the quote stood.
    old_place: Option<usize>,
}

/// A place that may be the right one.
#[derive(Debug, Clone)]
struct Candidate {
    range: Range<usize>,
    /// How many characters differ from the quote.
    errors: usize,
}

/// A place that is right as far as can be told.
#[derive(Debug, Clone)]
struct Found {
    range: Range<usize>,
    score: f64,
    /// Whether everything around it is as it was.
    same_context: bool,
}

impl Search<'_> {
    fn where_it_stood(&self) -> Option<Range<usize>> {
        let start = self.old_place?;
        let range = start..start.checked_add(self.quote.exact.len())?;
        let same = self.plain.slice(range.clone()) == self.quote.exact
            && self.plain.slice(0..range.start).ends_with(&self.quote.prefix)
            && self
                .plain
                .slice(range.end..self.plain.text().len())
                .starts_with(&self.quote.suffix);
        same.then_some(range)
    }

    fn anywhere(&self) -> Option<Range<usize>> {
        if let Some(range) = self.where_it_stood() {
            return Some(range);
        }
        let pattern = Pattern::new(self.quote.exact.chars());
        let everything = 0..self.plain.text().len();
        let near = self.around(NEARLY_NEAR.saturating_add(self.quote.exact.len().saturating_mul(2)));
        let [nearest, farther @ ..] = NEAR;
        let exactly = |reach| self.exactly(self.around(reach)?).filter(|found| found.same_context);
        if let Some(found) = exactly(nearest) {
            return Some(found.range);
        }
        // A corrected word between the same neighbours is the passage, even if its old words stand elsewhere too.
        let nearly = near.clone().and_then(|near| self.nearly(&pattern, near));
        if let Some(found) = nearly.as_ref().filter(|found| found.same_context) {
            return Some(found.range.clone());
        }
        let found = farther
            .into_iter()
            .find_map(exactly)
            .or_else(|| self.exactly(everything.clone()))
            .or(nearly);
        found
            .or_else(|| {
                if near.as_ref() == Some(&everything) {
                    None
                } else {
                    self.nearly(&pattern, everything)
                }
            })
            .map(|found| found.range)
    }

    fn exactly(&self, around: Range<usize>) -> Option<Found> {
        self.best(self.occurrences(around))
    }

    fn nearly(&self, pattern: &Pattern, around: Range<usize>) -> Option<Found> {
        let most = pattern.length() / CHARS_PER_ERROR;
        if most == 0 {
            return None;
        }
        let found = self.best(self.near_occurrences(pattern, most, around))?;
        Some(Found {
            range: self.to_word_borders(found.range),
            ..found
        })
    }

    /// The text up to `reach` bytes from the old place, which may cut words; `None` where no old place is known.
    fn around(&self, reach: usize) -> Option<Range<usize>> {
        let text = self.plain.text();
        let place = self.old_place?;
        let start = text.floor_char_boundary(place.saturating_sub(reach));
        let end = text.ceil_char_boundary(place.saturating_add(self.quote.exact.len()).saturating_add(reach));
        Some(start..end)
    }

    fn occurrences(&self, around: Range<usize>) -> Vec<Candidate> {
        let start = around.start;
        let found = self.plain.slice(around).match_indices(self.quote.exact.as_str());
        let mut found: Vec<Candidate> = found
            .map(|(at, text)| Candidate {
                range: start + at..start + at + text.len(),
                errors: 0,
            })
            .collect();
        if found.len() > CANDIDATES {
            // "yes" stands in a thousand places; those that share most with the old surroundings, and are nearest.
            found.sort_by_cached_key(|candidate| {
                (
                    usize::MAX - self.shared_context(&candidate.range),
                    self.distance(&candidate.range),
                )
            });
            found.truncate(CANDIDATES);
        }
        found
    }

    fn near_occurrences(&self, pattern: &Pattern, most: usize, around: Range<usize>) -> Vec<Candidate> {
        let start = around.start;
        let chars = self
            .plain
            .slice(around)
            .char_indices()
            .map(|(at, c)| (start + at + c.len_utf8(), c));
        let mut ends: Vec<super::approx::End> = Vec::new();
        for end in pattern.ends(chars, most, Begin::Anywhere) {
            // Around each match the neighbouring ends match as well, with more errors.
            match ends.last_mut() {
                Some(last) if end.place - last.place <= pattern.length() / 2 => {
                    if end.errors < last.errors {
                        *last = end;
                    }
                }
                _ => ends.push(end),
            }
        }
        ends.sort_by_key(|end| (end.errors, self.old_place.unwrap_or(0).abs_diff(end.place)));
        ends.truncate(CANDIDATES);
        let backwards = Pattern::new(self.quote.exact.chars().rev());
        let begin = |end: super::approx::End| {
            let text = self.plain.slice(0..end.place);
            let starts = backwards.ends(text.char_indices().rev(), end.errors, Begin::AtStart);
            let length = self.quote.exact.len();
            let best = starts
                .iter()
                .min_by_key(|s| (s.errors, (end.place - s.place).abs_diff(length)))?;
            Some(Candidate {
                range: self.trimmed(best.place..end.place),
                errors: end.errors,
            })
        };
        ends.into_iter().filter_map(begin).collect()
    }

    fn best(&self, candidates: Vec<Candidate>) -> Option<Found> {
        let only = candidates.len() == 1;
        let found = candidates
            .into_iter()
            .filter_map(|candidate| self.judge(candidate, only));
        found.max_by(|a, b| a.score.total_cmp(&b.score))
    }

    /// How well a place fits; `None` where too little agrees. `only`: there is no other.
    fn judge(&self, Candidate { range, errors }: Candidate, only: bool) -> Option<Found> {
        let TextQuote { exact, prefix, suffix } = self.quote;
        let (length, prefix_length, suffix_length) = (chars(exact), chars(prefix), chars(suffix));
        let no_context = prefix_length + suffix_length == 0;
        let prefix = similarity(prefix, before(self.plain, range.start, prefix_length));
        let suffix = similarity(suffix, after(self.plain, range.end, suffix_length));
        let agreeing = |alike: f64, length: usize| if alike >= ALIKE { alike * length as f64 } else { 0.0 };
        let around = agreeing(prefix, prefix_length) + agreeing(suffix, suffix_length);
        let same_words = length.saturating_sub(2 * errors) as f64;
        let stays = errors == 0 && (self.old_place == Some(range.start) || only && no_context);
        let known = errors == 0 || length >= LONG || around > 0.0 || no_context;
        let distance = self.distance(&range) as f64 / self.plain.text().len().max(1) as f64;
        (stays || known && same_words + around >= ENOUGH).then(|| Found {
            range,
            score: QUOTE_WEIGHT * (1.0 - errors as f64 / length.max(1) as f64)
                + CONTEXT_WEIGHT * (prefix + suffix)
                + POSITION_WEIGHT * (1.0 - distance),
            same_context: prefix + suffix >= 2.0 && !no_context,
        })
    }

    fn distance(&self, range: &Range<usize>) -> usize {
        self.old_place.map_or(0, |place| place.abs_diff(range.start))
    }

    /// How many characters next to a place are the same as next to the quote.
    fn shared_context(&self, range: &Range<usize>) -> usize {
        let same = |(a, b): &(char, char)| a == b;
        let before = self.plain.slice(0..range.start).chars().rev();
        let after = self.plain.slice(range.end..self.plain.text().len()).chars();
        self.quote.prefix.chars().rev().zip(before).take_while(same).count()
            + self.quote.suffix.chars().zip(after).take_while(same).count()
    }

    fn trimmed(&self, range: Range<usize>) -> Range<usize> {
        let text = self.plain.slice(range.clone());
        let start = range.end - text.trim_start().len();
        start..start.max(range.start + text.trim_end().len())
    }

    /// A quote of whole words stays one when a letter was added at its ends.
    fn to_word_borders(&self, range: Range<usize>) -> Range<usize> {
        let whole_at_start = self.quote.prefix.is_empty() || self.quote.prefix.ends_with(' ');
        let whole_at_end = self.quote.suffix.is_empty() || self.quote.suffix.starts_with(' ');
        let head = self.plain.slice(0..range.start);
        let tail = self.plain.slice(range.end..self.plain.text().len());
        let added_before = head.len() - head.rfind(' ').map_or(0, |at| at + 1);
        let added_after = tail.find(' ').unwrap_or(tail.len());
        let start = if whole_at_start && added_before <= A_WORD {
            range.start - added_before
        } else {
            range.start
        };
        let end = if whole_at_end && added_after <= A_WORD {
            range.end + added_after
        } else {
            range.end
        };
        start..end
    }
}

fn chars(text: &str) -> usize {
    text.chars().count()
}
