//! When each word of a cue is spoken, where the transcript gives only the cue's time: the letters are laid along what is
//! heard, each for about as long as it usually takes, with rests where the recording rests.

use std::collections::HashMap;

use super::curve::FINE;
use super::predicted;
use super::voice::{Speaker, letters};
use super::{BANDS, Bands};
use crate::time::{CueSpan, CueTime, MediaTime, TimeDelta};
use crate::timing::TimeMap;
use crate::transcript::{Cue, CueId, Transcript, Word};

/// How far from where it is estimated a word may begin, in levels: a share of its cue, so many at least and at most.
const FAR: f64 = 0.2;
const LEAST_FAR: usize = 20;
const MOST_FAR: usize = 90;
/// A word takes so much less or more than usual.
const SHORTEST: f64 = 0.45;
const LONGEST: f64 = 2.2;
/// And this much is usual, as a factor.
const USUAL: f64 = 0.35;
/// Neighbouring levels tell nearly the same.
const TELLS: f32 = 0.3;
/// What it costs to rest behind a word, behind a part of a sentence, and behind a sentence.
const REST: f32 = 2.5;
const COMMA: f32 = 0.8;
const STOP: f32 = 0.2;
/// Longer cues are left as they are estimated.
const LONGEST_CUE: TimeDelta = TimeDelta::from_millis(90_000);

/// The transcript with the words of its cues refined, those that have times of their own as they are; none where the
/// recording teaches too little of what its letters sound like.
///
/// It is ended by `go_on`; then there are none either.
pub fn refined(
    transcript: &Transcript,
    map: &TimeMap,
    levels: &[[u8; BANDS]],
    mut go_on: impl FnMut() -> bool,
) -> Option<Transcript> {
    if !predicted::is_spoken(transcript) {
        return None;
    }
    let bands = Bands::of(levels);
    let speaker = Speaker::of(transcript, map, &bands)?;
    let heard = speaker.heard(&bands);
    let mut refined = transcript.clone();
    for (cue, number) in refined.cues.iter_mut().zip(0..) {
        if !go_on() {
            return None;
        }
        let has_own = !cue.given_words.is_empty();
        if has_own || cue.span.length() > LONGEST_CUE || !is_whole(cue, map) {
            continue;
        }
        let words = transcript.words(CueId(number));
        if let Some(begins) = begins(cue, &words, map, &speaker, &heard) {
            cue.given_words = worded(cue.span, &words, &begins);
        }
    }
    Some(refined)
}

/// Whether a cue lies in one piece in the recording, for sure.
fn is_whole(cue: &Cue, map: &TimeMap) -> bool {
    let span = map.media_span_from_cue(cue.span);
    let cut = map.next_cut(span.start);
    map.is_heard(cue.span.start) && map.is_sure(span.start) && cut.is_none_or(|cut| cut >= span.end)
}

/// The words with other beginnings, each lasting to the next.
fn worded(span: CueSpan, words: &[Word], begins: &[CueTime]) -> Box<[Word]> {
    let ends = begins.iter().skip(1).copied().chain([span.end]);
    let words = words.iter().zip(begins).zip(ends);
    words
        .map(|((word, begins), ends)| Word {
            span: CueSpan::new(*begins, ends.max(*begins)),
            range: word.range.clone(),
            given: false,
        })
        .collect()
}

/// A word that is to be laid.
struct Piece {
    letters: Vec<char>,
    /// Where it is estimated to begin, and how long its voice takes, in levels from the cue's beginning.
    from: usize,
    length: f64,
    /// What it costs to rest behind it.
    rest: f32,
}

/// When each word begins.
fn begins(cue: &Cue, words: &[Word], map: &TimeMap, speaker: &Speaker, heard: &[[f32; BANDS]]) -> Option<Vec<CueTime>> {
    let span = map.media_span_from_cue(cue.span);
    let level = |time: MediaTime| (time.as_secs_f64().max(0.0) * FINE as f64).round() as usize;
    let (first, last) = (level(span.start), level(span.end).min(heard.len()));
    let heard = heard.get(first..last)?;
    if words.len() < 2 || heard.len() < words.len() * 2 {
        return None;
    }
    let pieces: Vec<Piece> = words.iter().map(|word| piece(cue, word, map, span.start)).collect();
    let sums = Sums::of(&pieces, speaker, heard);
    let found = laid(&pieces, &sums, heard.len())?;
    let length = cue.span.length();
    let share = |at: usize| length.scaled((at as f64 / heard.len() as f64).clamp(0.0, 1.0));
    Some(found.into_iter().map(|at| cue.span.start + share(at)).collect())
}

fn piece(cue: &Cue, word: &Word, map: &TimeMap, start: MediaTime) -> Piece {
    let text = cue.slice(word.bytes());
    let (from, to) = predicted::voiced(word, text);
    let at = |secs: f64| (map.media_from_cue(CueTime::from_secs_f64(secs)) - start).as_secs_f64() * FINE as f64;
    let rest = match predicted::rest_behind(text) {
        rest if rest >= predicted::FULL_STOP => STOP,
        rest if rest > 0.0 => COMMA,
        _ => REST,
    };
    Piece {
        letters: letters(text).collect(),
        from: at(from).max(0.0).round() as usize,
        length: (at(to) - at(from)).max(2.0),
        rest,
    }
}

/// How well each letter, and a rest, goes with what is heard, summed up to each level.
struct Sums {
    letters: HashMap<char, Vec<f32>>,
    rest: Vec<f32>,
}

impl Sums {
    fn of(pieces: &[Piece], speaker: &Speaker, heard: &[[f32; BANDS]]) -> Self {
        let summed = |sound: [f32; BANDS]| {
            let own: f32 = sound.iter().map(|value| value * value).sum::<f32>() / 2.0;
            let mut sum = 0.0;
            let mut sums = vec![0.0];
            sums.extend(heard.iter().map(|heard| {
                sum += TELLS * (sound.iter().zip(heard).map(|(a, b)| a * b).sum::<f32>() - own);
                sum
            }));
            sums
        };
        let mut letters = HashMap::new();
        for letter in pieces.iter().flat_map(|piece| &piece.letters) {
            letters
                .entry(*letter)
                .or_insert_with(|| summed(speaker.letter(*letter)));
        }
        Self {
            letters,
            rest: summed(speaker.rest()),
        }
    }

    /// How well a word goes with the levels from one to another.
    fn word(&self, piece: &Piece, from: usize, to: usize) -> f32 {
        let count = piece.letters.len().max(1);
        let border = |letter: usize| from + (to - from) * letter / count;
        let of = |sums: &Vec<f32>, at: usize| sums.get(at).copied().unwrap_or(0.0);
        let told = piece.letters.iter().enumerate().filter_map(|(place, letter)| {
            let sums = self.letters.get(letter)?;
            Some(of(sums, border(place + 1)) - of(sums, border(place)))
        });
        told.sum()
    }

    fn rest(&self, at: usize) -> f32 {
        self.rest.get(at).copied().unwrap_or(0.0)
    }
}

/// What no way leads to.
const NEVER: f32 = f32::MIN;

/// Where the words begin on the likeliest way from the first level to the last.
fn laid(pieces: &[Piece], sums: &Sums, levels: usize) -> Option<Vec<usize>> {
    let far = ((levels as f64 * FAR) as usize).clamp(LEAST_FAR, MOST_FAR);
    // The best way to begin the word at each level. The first begins with the cue, or a little later.
    let mut starts = vec![NEVER; levels + 1];
    for (at, slot) in starts.iter_mut().enumerate().take(LEAST_FAR) {
        *slot = sums.rest(at) - if at > 0 { COMMA } else { 0.0 };
    }
    // For each word and each level it may end at, where it began then; and for each the next may begin at, where it ended.
    let (mut began, mut ended): (Vec<Vec<usize>>, Vec<Vec<usize>>) = (Vec::new(), Vec::new());
    let mut ends = Vec::new();
    for piece in pieces {
        let begins = piece.from.saturating_sub(far)..=(piece.from + far).min(levels);
        let from;
        (ends, from) = ends_of(piece, sums, &starts, begins);
        began.push(from);
        let next;
        (starts, next) = starts_after(piece, sums, &ends);
        ended.push(next);
    }
    // Behind the last one there may be a rest.
    let price = |at: usize| if at < levels { COMMA } else { 0.0 };
    let all = ends.iter().enumerate().filter(|(_, sum)| **sum > NEVER);
    let all = all.map(|(at, sum)| (sum + sums.rest(levels) - sums.rest(at) - price(at), at));
    let (_, mut end) = all.max_by(|a, b| a.0.total_cmp(&b.0))?;
    let mut found = Vec::new();
    for place in (0..pieces.len()).rev() {
        let begins = *began.get(place)?.get(end)?;
        found.push(begins);
        if let Some(before) = place.checked_sub(1) {
            end = *ended.get(before)?.get(begins)?;
        }
    }
    found.reverse();
    Some(found)
}

/// The best way to end a word at each level, and where it began.
fn ends_of(
    piece: &Piece,
    sums: &Sums,
    starts: &[f32],
    begins: std::ops::RangeInclusive<usize>,
) -> (Vec<f32>, Vec<usize>) {
    let shortest = ((piece.length * SHORTEST) as usize).max(2);
    let longest = (piece.length * LONGEST).ceil() as usize + 2;
    let (mut ends, mut began) = (vec![NEVER; starts.len()], vec![0; starts.len()]);
    for begins in begins {
        let Some(so_far) = starts.get(begins).copied().filter(|sum| *sum > NEVER) else {
            continue;
        };
        for length in shortest..=longest {
            let end = begins + length;
            let (Some(slot), Some(from)) = (ends.get_mut(end), began.get_mut(end)) else {
                break;
            };
            let unusual = (length as f64 / piece.length).ln() / USUAL;
            let sum = so_far + sums.word(piece, begins, end) - 0.5 * (unusual * unusual) as f32;
            if sum > *slot {
                (*slot, *from) = (sum, begins);
            }
        }
    }
    (ends, began)
}

/// The best way to begin the next word at each level, at once or after a rest, and where this one ended.
fn starts_after(piece: &Piece, sums: &Sums, ends: &[f32]) -> (Vec<f32>, Vec<usize>) {
    let (mut starts, mut ended) = (vec![NEVER; ends.len()], vec![0; ends.len()]);
    let (mut resting, mut since) = (NEVER, 0);
    for (at, ((slot, from), end)) in starts.iter_mut().zip(&mut ended).zip(ends).enumerate() {
        if resting > NEVER {
            (*slot, *from) = (resting + sums.rest(at), since);
        }
        if *end > NEVER {
            if *end > *slot {
                (*slot, *from) = (*end, at);
            }
            let rests = end - sums.rest(at) - piece.rest;
            if rests > resting {
                (resting, since) = (rests, at);
            }
        }
    }
    (starts, ended)
}
