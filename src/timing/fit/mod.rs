//! A transcript fitted to its recording without understanding a word: it predicts roughly when which letter is spoken, and
//! the recording shows what each letter sounds like.
//!
//! Pieces of the prediction of eight seconds are compared with the recording at every offset in question. How well they
//! agree is turned into odds, by what chance alone would give, and the likeliest path through the offsets, on which it
//! costs to jump, is found as in any hidden Markov model (`lattice.rs`). Each place of the path that jumps is an
//! advertisement or a stretch left out; it is put between two cues where both sides agree best (`cuts.rs`). What lies
//! between is placed to a few hundredths of a second, with its pace (`fine.rs`).

mod curve;
mod cuts;
mod evidence;
mod fine;
mod lattice;
mod matrix;
mod onsets;
mod predicted;
mod rate;
mod sounds;
mod untimed;
mod voice;
mod words;

use std::ops::Range;

use super::{Anchor, Origin, Timing};
use crate::time::{CueSpan, CueTime, MediaSpan, MediaTime, TimeDelta};
use crate::transcript::{Cue, CueId, Transcript, Word};
use curve::{COARSE, FINE, RATE};
use cuts::Odds;
use evidence::Bands;
use fine::Placed;
use lattice::{Lattice, Path};
use rate::Pace;
use voice::{Curves, Letters};
pub use words::refined;

/// Bands in which the recording's level is known.
pub const BANDS: usize = 8;
/// Levels a second.
pub const LEVELS_PER_SEC: usize = FINE;

/// How far a transcript may be off beyond the difference in length: what was left out may have been made up by
/// advertisements. A share of the length, in seconds at least and at most.
const SLACK: f64 = 0.1;
const LEAST_SLACK: f64 = 120.0;
const MOST_SLACK: f64 = 350.0;
/// The offsets of all pieces together are no more than this: each costs a byte.
const MOST_CELLS: usize = 250_000_000;
/// Less speech than this fits anywhere.
const LEAST_SECS: usize = 3;
/// So likely is it that a transcript belongs: what has to be sure of it.
const BELONGS: f32 = 0.4;
/// And of one that is shorter than so many seconds up to this, at the shortest.
const SHORT_BELONGS: f32 = 0.9;
const SHORT_SECS: f64 = 150.0;
const SHORTEST_SECS: f64 = 60.0;
/// A stretch that is likelier than chance by so much, in nats over the cost of coming to it, is sure.
const SURE: f64 = 14.0;
/// From this confidence on a stretch is taken for sure.
pub const SURE_ENOUGH: f32 = super::timing::SURE_PERCENT as f32 / 100.0;
/// How much of itself a prediction of text without times is expected to find.
const UNTIMED_AGREEMENT: f32 = 0.35;
/// What finds no more than so many times what chance does is chance; what finds so many times as much is not.
const LIKE_CHANCE: f64 = 1.25;
const UNLIKE_CHANCE: f64 = 1.9;
/// Times that may be off by so many seconds count half.
const TRUSTED: f64 = 0.12;
/// In a longer cue an advertisement may begin as well.
const LONG_CUE: TimeDelta = TimeDelta::from_millis(12_000);

/// A stretch of the transcript that goes along with the recording at one pace.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Stretch {
    /// Where it begins on the transcript's clock.
    pub from: CueTime,
    /// Where it ends there.
    pub to: CueTime,
    /// Where its beginning is heard.
    pub heard: MediaTime,
    /// Recording time in each transcript time.
    pub rate: f64,
    /// 0 to 1: how much likelier it is to lie here than anywhere else.
    pub confidence: f32,
}

impl Stretch {
    /// How much later than it says its beginning is heard.
    pub fn offset(&self) -> TimeDelta {
        TimeDelta::from_micros(self.heard.as_micros().saturating_sub(self.from.as_micros()))
    }

    /// Where its end is heard.
    pub fn heard_to(&self) -> MediaTime {
        self.heard + (self.to - self.from).scaled(self.rate)
    }
}

/// A place where two stretches do not follow each other.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Cut {
    /// Where it is on the transcript's clock.
    pub at: CueTime,
    /// What only the recording has, at that place.
    pub extra: MediaSpan,
    /// What only the transcript has.
    pub missing: CueSpan,
}

/// What was found.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Fit {
    /// The stretches, in order.
    pub stretches: Vec<Stretch>,
    /// 0 to 1: the share of the transcript that lies in stretches one can be sure of.
    pub confidence: f32,
    /// All of the transcript.
    pub whole: Option<CueSpan>,
}

impl Fit {
    /// Whether the transcript is of this recording.
    pub fn belongs(&self) -> bool {
        // Little is found anywhere: the less there is, the more of it has to be found.
        let length = self.whole.map_or(0.0, |whole| whole.length().as_secs_f64());
        let short = ((SHORT_SECS - length) / (SHORT_SECS - SHORTEST_SECS)).clamp(0.0, 1.0) as f32;
        self.confidence >= BELONGS + (SHORT_BELONGS - BELONGS) * short
    }

    /// Where cues begin, in levels, those in sure stretches.
    fn beginnings(&self, transcript: &Transcript) -> Vec<f64> {
        let sure = self
            .stretches
            .iter()
            .filter(|stretch| stretch.confidence >= SURE_ENOUGH);
        let begins = sure.flat_map(|stretch| {
            let starts = transcript.cues.iter().map(|cue| cue.span.start);
            let inside = starts.filter(|start| (stretch.from..stretch.to).contains(start));
            inside.map(|start| stretch.heard + (start - stretch.from).scaled(stretch.rate))
        });
        begins.map(|begins| begins.as_secs_f64() * FINE as f64).collect()
    }

    /// What lies between the stretches, before the first and behind the last.
    pub fn cuts(&self) -> Vec<Cut> {
        let nothing = |at: MediaTime| MediaSpan::new(at, at);
        let mut cuts = Vec::new();
        if let (Some(first), Some(whole)) = (self.stretches.first(), self.whole)
            && first.from > whole.start
        {
            cuts.push(Cut {
                at: whole.start,
                extra: nothing(first.heard),
                missing: CueSpan::new(whole.start, first.from),
            });
        }
        for pair in self.stretches.windows(2) {
            let [before, after] = pair else { continue };
            let ends = before.heard_to();
            cuts.push(Cut {
                at: before.to,
                extra: MediaSpan::new(ends, after.heard.max(ends)),
                missing: CueSpan::new(before.to, after.from.max(before.to)),
            });
        }
        if let (Some(last), Some(whole)) = (self.stretches.last(), self.whole)
            && last.to < whole.end
        {
            cuts.push(Cut {
                at: last.to,
                extra: nothing(last.heard_to()),
                missing: CueSpan::new(last.to, whole.end),
            });
        }
        cuts
    }

    /// The timing that it comes to.
    pub fn timing(&self) -> Timing {
        let mut timing = Timing::default();
        let mut ends: Option<(CueTime, MediaTime)> = None;
        for stretch in &self.stretches {
            let origin = Origin::Fitted {
                percent: (stretch.confidence.clamp(0.0, 1.0) * 100.0).round() as u8,
            };
            let anchor = |cue, media, stretches| Anchor {
                cue,
                media,
                stretches,
                origin,
            };
            // What goes on from the one before is held only where the pace changes.
            let goes_on = ends
                .is_some_and(|(cue, media)| cue == stretch.from && (media - stretch.heard).as_micros().abs() < 2_000);
            if !goes_on {
                timing.anchors.push(anchor(stretch.from, stretch.heard, false));
            }
            if goes_on || (stretch.rate - 1.0).abs() > 1e-7 {
                timing.anchors.push(anchor(stretch.to, stretch.heard_to(), true));
            }
            ends = Some((stretch.to, stretch.heard_to()));
        }
        // What follows from the places alone need not be said: only where something else is there instead.
        for cut in self.cuts() {
            if !cut.missing.is_empty() && !cut.extra.is_empty() {
                timing.missing.push(cut.missing);
            }
        }
        if let Some(first) = self.stretches.first() {
            timing.offset = first.offset();
        }
        timing
    }
}

/// Fits a transcript to a recording whose level in the bands of speech is known, in half decibels, [`LEVELS_PER_SEC`] of
/// them a second. `go_on` is told how far it is, 0 to 1, and ends it by `false`: then there is none.
pub fn fit(transcript: &Transcript, levels: &[[u8; BANDS]], mut go_on: impl FnMut(f32) -> bool) -> Option<Fit> {
    let bands = Bands::of(levels);
    let whole = whole(transcript);
    let nothing = Fit {
        whole,
        ..Fit::default()
    };
    let is_rough = transcript.estimated || is_rough(transcript);
    let share = if is_rough { 0.5 } else { 1.0 };
    let Found::Search(found) = search(transcript, &bands, is_rough, &mut |done| go_on(share * done))? else {
        return Some(nothing);
    };
    // A path that may bend finds something in anything. What it finds in the same sentences in another order is chance.
    let doubt = if is_rough {
        let chance = search(&turned(transcript), &bands, true, &mut |done| {
            go_on(share + share * done)
        })?;
        match chance {
            Found::Search(chance) => doubt(found.density(), chance.density()),
            Found::TooLittle => 0.0,
        }
    } else {
        0.0
    };
    let mut fit = if transcript.estimated {
        untimed::held(transcript, &found)
    } else {
        let mut fit = cut(transcript, &found);
        let late = onsets::late(&bands.loudness(), &fit.beginnings(transcript)) / FINE as f64;
        for stretch in &mut fit.stretches {
            stretch.heard += TimeDelta::from_secs_f64(late);
        }
        fit
    };
    for stretch in &mut fit.stretches {
        stretch.confidence *= 1.0 - doubt;
    }
    fit.confidence *= 1.0 - doubt;
    fit.whole = whole;
    Some(fit)
}

/// What was found of a transcript: where its pieces are, and by what that was told.
struct Search {
    curves: Curves,
    path: Path,
    runs: Vec<Placed>,
    rate: f64,
    /// How loud the recording is at each value.
    loudness: Vec<f32>,
}

/// What comes of a search.
enum Found {
    Search(Search),
    /// There is too little of the transcript or of the recording.
    TooLittle,
}

impl Search {
    fn odds(&self) -> Odds<'_> {
        Odds {
            curves: &self.curves,
            likes: self.path.likes,
            agreement: self.path.agreement,
            loudness: &self.loudness,
        }
    }

    /// How much likelier each of its values is to be there than not, in nats.
    fn density(&self) -> f64 {
        let odds = self.odds();
        let of = |run: &Placed| odds.sums(run.said.clone(), run).last().copied().unwrap_or(0.0);
        self.runs.iter().map(of).sum::<f64>() / self.curves.values().max(1) as f64
    }
}

/// Looks for a transcript in a recording; none where `go_on` ends it.
fn search(transcript: &Transcript, bands: &Bands, rough: bool, go_on: &mut dyn FnMut(f32) -> bool) -> Option<Found> {
    let prediction = predicted::predict(transcript);
    if prediction.speech.len() < LEAST_SECS * FINE || bands.len() < LEAST_SECS * FINE {
        return Some(Found::TooLittle);
    }
    let values = prediction.speech.len().div_ceil(COARSE);
    let mut letters = Letters::of(transcript, &prediction, values, 1.0);
    let Some(mut curves) = letters.usual(bands) else {
        return Some(Found::TooLittle);
    };
    let (pace, reach) = if transcript.estimated {
        let spoken = untimed::spoken(bands);
        let length = whole(transcript).map_or(0.0, |whole| whole.length().as_secs_f64());
        let rate = (spoken.len() as f64 / RATE as f64 / length.max(1.0)).clamp(0.2, 5.0);
        let pace = Pace {
            rate,
            agreement: UNTIMED_AGREEMENT,
        };
        let values = (values as f64 * rate) as usize;
        (pace, bounded(untimed::reach(values, &spoken), values))
    } else {
        let reach = |said: usize| reach(said, bands.len() / COARSE);
        let pace = rate::pace(&curves, reach, |done| go_on(0.3 * done))?;
        let reach = reach((values as f64 * pace.rate) as usize);
        (pace, reach)
    };
    if (pace.rate - 1.0).abs() > 1e-9 {
        letters = Letters::of(transcript, &prediction, (values as f64 * pace.rate) as usize, pace.rate);
        if let Some(usual) = letters.usual(bands) {
            curves = usual;
        }
    }
    let anywhere = transcript.estimated;
    let lattice = Lattice::new(&curves, reach.clone(), anywhere);
    let mut path = lattice.path(pace.agreement, rough, |done| go_on(0.3 + 0.2 * done))?;
    // What was found teaches what the letters sound like here; with that it is looked for again.
    drop(prediction);
    let rounds = if transcript.estimated { 4 } else { 2 };
    for round in 0..rounds {
        let Some(learned) = letters.sound(bands, &path) else {
            break;
        };
        curves = learned;
        let lattice = Lattice::new(&curves, reach.clone(), anywhere);
        let agreement = lattice.agreement_along(&path);
        path = lattice.path(agreement, rough, |done| {
            go_on(0.5 + 0.5 * (round as f32 + done) / rounds as f32)
        })?;
    }
    Some(Found::Search(Search {
        runs: fine::placed(&curves, &path, trust(transcript, pace.rate)),
        curves,
        path,
        rate: pace.rate,
        loudness: curve::thinned(&bands.loudness()),
    }))
}

/// The stretches that a search comes to, cut between cues.
fn cut(transcript: &Transcript, found: &Search) -> Fit {
    let times = borders(transcript);
    let per_sec = found.rate * RATE as f64;
    let value = |time: &CueTime| ((time.as_secs_f64().max(0.0) * per_sec).round() as usize).min(found.curves.values());
    let pieces = cuts::cut(&found.odds(), &found.runs, &times.iter().map(value).collect::<Vec<_>>());
    let mut sure = 0.0;
    let mut stretches = Vec::new();
    for piece in pieces {
        let (Some(from), Some(to)) = (times.get(piece.borders.start), times.get(piece.borders.end)) else {
            continue;
        };
        let confidence = ((piece.odds - found.path.cost) / SURE).clamp(0.0, 1.0) as f32;
        if confidence >= SURE_ENOUGH {
            sure += (*to - *from).as_secs_f64();
        }
        stretches.push(Stretch {
            from: *from,
            to: *to,
            heard: MediaTime::from_secs_f64(piece.place.heard(from.as_secs_f64() * per_sec) / RATE as f64),
            rate: found.rate * (1.0 + piece.place.drift),
            confidence,
        });
    }
    let length = whole(transcript).map_or(0.0, |whole| whole.length().as_secs_f64());
    Fit {
        stretches,
        confidence: (sure / length.max(1e-3)).min(1.0) as f32,
        whole: None,
    }
}

/// The same sentences, the last one first; when they are said is estimated anew where it was.
fn turned(transcript: &Transcript) -> Transcript {
    let mut turned = transcript.clone();
    let mut now = whole(transcript).map_or(CueTime::ZERO, |whole| whole.start);
    for (cue, other) in turned.cues.iter_mut().zip(transcript.cues.iter().rev()) {
        cue.text.clone_from(&other.text);
        cue.given_words = Box::default();
        if transcript.estimated {
            let end = now + other.span.length();
            cue.span = CueSpan::new(now, end);
            now = end + untimed::REST;
        }
    }
    turned
}

/// How much of what was found may be chance, by what chance finds, 0 to 1.
fn doubt(found: f64, chance: f64) -> f32 {
    let times = found / chance.max(1e-6);
    (1.0 - (times - LIKE_CHANCE) / (UNLIKE_CHANCE - LIKE_CHANCE)).clamp(0.0, 1.0) as f32
}

/// Whether the times of the words are too rough to go by for eight seconds: cues are long and have no others.
fn is_rough(transcript: &Transcript) -> bool {
    let length = |cue: &Cue| cue.span.length().as_secs_f64();
    let all: f64 = transcript.cues.iter().map(length).sum();
    let is_rough = |cue: &&Cue| cue.span.length() > LONG_CUE && cue.given_words.is_empty();
    let rough: f64 = transcript.cues.iter().filter(is_rough).map(length).sum();
    rough > all * 0.3
}

/// How far the transcript's own times are to be trusted at a value: at the ends of cues fully, inside of long ones less.
fn trust(transcript: &Transcript, rate: f64) -> impl Fn(f64) -> f64 {
    let mut spans: Vec<(f64, f64)> = transcript
        .cues
        .iter()
        .map(|cue| (cue.span.start.as_secs_f64(), cue.span.end.as_secs_f64()))
        .collect();
    spans.sort_unstable_by(|a, b| a.0.total_cmp(&b.0));
    move |value: f64| {
        let at = value / (rate * RATE as f64);
        let begun = spans.partition_point(|(from, _)| *from <= at);
        let Some((from, to)) = begun.checked_sub(1).and_then(|begun| spans.get(begun)) else {
            return 1.0;
        };
        let passed = (at - from).clamp(0.0, to - from);
        let spread = predicted::WANDER * (passed * (to - from - passed) / (to - from).max(0.1)).sqrt() / TRUSTED;
        1.0 / (1.0 + spread * spread)
    }
}

/// What a quick look finds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sign {
    /// The transcript lies where it says, as far as one looked.
    InPlace,
    /// Some of it is found elsewhere.
    Elsewhere,
    /// Nothing of it is found for sure, here or elsewhere.
    Nowhere,
}

/// Looks at a few places whether the transcript lies where it says: far quicker than a fit.
pub fn look(transcript: &Transcript, levels: &[[u8; BANDS]]) -> Sign {
    let prediction = predicted::predict(transcript);
    let bands = Bands::of(levels);
    if prediction.speech.len() < LEAST_SECS * FINE || bands.len() < LEAST_SECS * FINE {
        return Sign::InPlace;
    }
    let values = prediction.speech.len().div_ceil(COARSE);
    let Some(curves) = Letters::of(transcript, &prediction, values, 1.0).usual(&bands) else {
        return Sign::InPlace;
    };
    let reach = reach(curves.values(), curves.length());
    rate::look(&curves, reach)
}

/// From the first cue to the last.
fn whole(transcript: &Transcript) -> Option<CueSpan> {
    let start = transcript.cues.iter().map(|cue| cue.span.start).min()?;
    let end = transcript.cues.iter().map(|cue| cue.span.end).max()?;
    Some(CueSpan::new(start, end.max(start)))
}

/// Which offsets are in question for so many values of the transcript in a recording of so many.
fn reach(said: usize, heard: usize) -> Range<i64> {
    let second = RATE as f64;
    let slack = (said.max(heard) as f64 * SLACK).clamp(LEAST_SLACK * second, MOST_SLACK * second) as i64;
    let more = heard as i64 - said as i64;
    bounded(more.min(0) - slack..more.max(0) + slack, said)
}

/// No more offsets than there is memory for: times that are a mistake must not cost all of it.
fn bounded(offsets: Range<i64>, said: usize) -> Range<i64> {
    let most = (MOST_CELLS / said.div_ceil(lattice::SHORT_WINDOW).max(1)).max(1) as i64;
    let too_many = ((offsets.end - offsets.start) - most).max(0);
    // Both ends give up as much, as far as the other side has it.
    let from = offsets.start + too_many / 2;
    from..(from + most).min(offsets.end)
}

/// Where the recording may have more or less: between cues, and in long ones between sentences. In order, the end last.
fn borders(transcript: &Transcript) -> Vec<CueTime> {
    let mut borders = Vec::new();
    for (cue, number) in transcript.cues.iter().zip(0..) {
        borders.push(cue.span.start);
        if cue.span.length() > LONG_CUE {
            let words = transcript.words(CueId(number));
            let ends = |word: &Word| cue.text.get(word.bytes()).is_some_and(ends_sentence);
            let starts = words.windows(2).filter_map(|pair| match pair {
                [before, next] if ends(before) => Some(next.span.start),
                _ => None,
            });
            borders.extend(starts);
        }
    }
    borders.extend(whole(transcript).map(|whole| whole.end));
    borders.sort_unstable();
    borders.dedup();
    borders
}

fn ends_sentence(word: &str) -> bool {
    let closing = word.trim_end_matches(['"', '\'', ')', ']', '”', '’', '»']);
    closing.ends_with(['.', '?', '!', '…', '。', '？', '！'])
}
