//! How a passage is told to whoever has to find it again: its words, what surrounds them, where they stand, and when.

use std::ops::Range;

use super::plain_text::PlainText;
use super::{Target, TextPosition, TextQuote};
use crate::time::{MediaSpan, MediaTime};
use crate::transcript::{CueId, Passage, Transcript};

/// How many characters before and after a quote are kept with it.
pub(super) const CONTEXT: usize = 32;

/// The target of a passage that is heard at `time`. White space at its ends is not part of it; a passage without a
/// word gives a target without a quote.
pub fn target_for(transcript: &Transcript, passage: Passage, time: MediaSpan) -> Target {
    target_in(&PlainText::new(transcript), transcript, passage, time)
}

/// The target of an instant, while `cue` is being spoken. It belongs to the recording and not to the words.
pub fn target_at(transcript: &Transcript, cue: Option<CueId>, time: MediaTime) -> Target {
    let speaker = cue
        .and_then(|id| transcript.speaker_name(transcript.cue(id)?.speaker))
        .map(str::to_owned);
    Target {
        time: MediaSpan::new(time, time),
        speaker,
        ..Target::default()
    }
}

pub(super) fn target_in(plain: &PlainText, transcript: &Transcript, passage: Passage, time: MediaSpan) -> Target {
    let range = plain.range_of(transcript, passage);
    let words = range
        .clone()
        .and_then(|range| plain.passage_of(transcript, range))
        .unwrap_or(passage);
    let speaker = words
        .pieces(transcript)
        .find_map(|(id, _)| transcript.speaker_name(transcript.cue(id)?.speaker));
    Target {
        time,
        quote: range.clone().map(|range| quote(plain, range)),
        position: range.map(|range| TextPosition {
            start: plain.chars_before(range.start) as u64,
            end: plain.chars_before(range.end) as u64,
        }),
        speaker: speaker.map(str::to_owned),
    }
}

fn quote(plain: &PlainText, range: Range<usize>) -> TextQuote {
    TextQuote {
        exact: plain.slice(range.clone()).to_owned(),
        prefix: before(plain, range.start, CONTEXT).to_owned(),
        suffix: after(plain, range.end, CONTEXT).to_owned(),
    }
}

/// Up to `count` characters that end at a byte.
pub(super) fn before(plain: &PlainText, byte: usize, count: usize) -> &str {
    let text = plain.slice(0..byte);
    let start = text.char_indices().rev().take(count).last().map_or(byte, |(at, _)| at);
    plain.slice(start..byte)
}

/// Up to `count` characters that begin at a byte.
pub(super) fn after(plain: &PlainText, byte: usize, count: usize) -> &str {
    let text = plain.slice(byte..plain.text().len());
    let end = text.char_indices().nth(count).map_or(text.len(), |(at, _)| at);
    plain.slice(byte..byte + end)
}
