//! When somebody speaks, by the transcript: how likely at each instant.

use std::ops::Range;

use super::curve::{FINE, Sums};
use crate::transcript::{CueId, Transcript, Word, is_non_speech};

/// How long one rests after a sentence, and after a part of one: the estimate gives that time to the word before.
pub const FULL_STOP: f64 = 0.30;
const COMMA: f64 = 0.12;
/// An estimated word is off by so much times the root of the seconds to the ends of its cue, of which the nearer one counts
/// more: people slow down and hurry, and what they gain they lose again.
pub const WANDER: f64 = 0.16;
/// In a long cue they go along with each other: what is nearby is off by as much.
const MOST_WANDER: f64 = 0.28;
/// A transcript longer than this is a mistake of its times.
const LONGEST_SECS: f64 = 30.0 * 3_600.0;
/// And one in which so many speak at once on the whole, beyond so much.
const MOST_AT_ONCE: f64 = 8.0;
const MOST_OVERLAP_SECS: f64 = 3_600.0;
/// So long after a cue one can still be sure that nobody speaks; what is in a longer gap nobody knows.
const SURE_REST: f64 = 1.5;
/// How likely speech is where nobody knows.
const UNKNOWN: f32 = 0.7;

/// What a transcript predicts, from its zero on.
#[derive(Default)]
pub struct Prediction {
    /// How likely speech is, 0 to 1.
    pub speech: Vec<f32>,
    /// How far off the words may be, in values.
    pub unsure: Vec<f32>,
    /// The words.
    pub spoken: Vec<Spoken>,
}

/// A word, and from when to when it is voiced, in seconds.
pub struct Spoken {
    pub cue: usize,
    pub bytes: Range<usize>,
    pub from: f64,
    pub to: f64,
}

/// Whether its cues can be what somebody says: not so many at once that they are mistakes.
pub fn is_spoken(transcript: &Transcript) -> bool {
    let length = |secs: f64| secs.clamp(0.0, LONGEST_SECS);
    let all: f64 = transcript
        .cues
        .iter()
        .map(|cue| length(cue.span.length().as_secs_f64()))
        .sum();
    let end = transcript
        .cues
        .iter()
        .map(|cue| cue.span.end.as_secs_f64())
        .fold(0.0, f64::max);
    (0.0..LONGEST_SECS).contains(&end) && all <= MOST_AT_ONCE * end + MOST_OVERLAP_SECS
}

/// What a transcript predicts.
pub fn predict(transcript: &Transcript) -> Prediction {
    let end = transcript
        .cues
        .iter()
        .map(|cue| cue.span.end.as_secs_f64())
        .fold(0.0, f64::max);
    if !is_spoken(transcript) {
        return Prediction::default();
    }
    let mut said = vec![0.0_f32; (end * FINE as f64) as usize + 1];
    let mut unsure = vec![0.0_f32; said.len()];
    let mut spoken = Vec::new();
    let mut covered = 0.0;
    let next = transcript.cues.iter().skip(1).map(Some).chain([None]);
    for ((cue, next), number) in transcript.cues.iter().zip(next).zip(0..) {
        let (from, to) = (cue.span.start.as_secs_f64(), cue.span.end.as_secs_f64());
        fill(&mut said, covered + SURE_REST, from - 0.2, UNKNOWN);
        covered = covered.max(to);
        if is_non_speech(&cue.text) {
            fill(&mut said, from, to, UNKNOWN);
            continue;
        }
        let words = transcript.words(CueId(number));
        // Whoever speaks next waits a moment, with a stop or without.
        let hands_over = next.is_some_and(|next| next.speaker.is_some() && next.speaker != cue.speaker);
        for (place, word) in words.iter().enumerate() {
            let (begins, mut ends) = voiced(word, cue.text.get(word.bytes()).unwrap_or(""));
            if hands_over && !word.given && place + 1 == words.len() {
                let to = word.span.end.as_secs_f64();
                ends = ends.min(to - FULL_STOP.min((to - begins) * 0.6));
            }
            fill(&mut said, begins, ends, 1.0);
            spoken.push(Spoken {
                cue: CueId(number).index(),
                bytes: word.bytes(),
                from: begins,
                to: ends,
            });
        }
        if words.iter().any(|word| !word.given) {
            wander(&mut unsure, from, to);
        }
    }
    Prediction {
        speech: blurred(&said, &unsure),
        unsure,
        spoken,
    }
}

/// Sets a stretch, in seconds.
fn fill(values: &mut [f32], from: f64, to: f64, value: f32) {
    let last = ((to.max(0.0) * FINE as f64).ceil() as usize).min(values.len());
    let first = ((from.max(0.0) * FINE as f64) as usize).min(last);
    for slot in values.get_mut(first..last).unwrap_or_default() {
        *slot = slot.max(value);
    }
}

/// How far off the words of a cue may be, in values: not at all at its ends, most in its middle.
fn wander(unsure: &mut [f32], from: f64, to: f64) {
    let length = to - from;
    let first = ((from.max(0.0) * FINE as f64) as usize).min(unsure.len());
    let last = ((to.max(0.0) * FINE as f64) as usize).min(unsure.len());
    for (at, slot) in (first..last).zip(unsure.get_mut(first..last).unwrap_or_default()) {
        let passed = (at as f64 / FINE as f64 - from).clamp(0.0, length);
        let spread = (WANDER * (passed * (length - passed) / length.max(0.1)).sqrt()).min(MOST_WANDER);
        *slot = (spread * FINE as f64) as f32;
    }
}

/// Where the voice of a word begins and ends, in seconds.
pub fn voiced(word: &Word, text: &str) -> (f64, f64) {
    let (from, to) = (word.span.start.as_secs_f64(), word.span.end.as_secs_f64());
    if word.given {
        return (from, to);
    }
    (from, (to - rest_behind(text).min((to - from) * 0.6)).max(from))
}

/// How long one rests behind a word, in seconds.
pub fn rest_behind(word: &str) -> f64 {
    let closing = word.trim_end_matches(['"', '\'', ')', ']', '”', '’', '»']);
    match closing.chars().next_back() {
        Some('.' | '?' | '!' | '…' | '。' | '？' | '！') => FULL_STOP,
        Some(',' | ';' | ':' | '–' | '—' | '，' | '、') => COMMA,
        _ => 0.0,
    }
}

/// The mean around each value over as much as it may be off.
fn blurred(values: &[f32], unsure: &[f32]) -> Vec<f32> {
    let sums = Sums::of(values);
    unsure
        .iter()
        .enumerate()
        .map(|(at, spread)| {
            // An even spread has this half-width; and no word begins at once.
            let side = (spread * 1.7) as usize + 1;
            sums.mean(at.saturating_sub(side), at + side + 1)
        })
        .collect()
}
