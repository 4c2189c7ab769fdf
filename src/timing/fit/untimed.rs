//! Text without times: between the first speech and the last it is said at some pace, which changes from sentence to
//! sentence. The path through the offsets bends with it, and where sentences begin on it, they are held.

use std::ops::Range;

use super::curve::{self, RATE};
use super::evidence::Bands;
use super::{Fit, SURE, SURE_ENOUGH, Search, Stretch};
use crate::time::{CueTime, MediaTime, TimeDelta};
use crate::transcript::Transcript;

/// How long one rests after a sentence.
pub const REST: TimeDelta = TimeDelta::from_millis(350);
/// Sentences nearer to each other than this are held by the first of them, in seconds.
const APART: f64 = 4.0;
/// So much of the length, and so many seconds, a pace may be ahead or behind on its way.
const WANDERS: f64 = 0.06;
const WANDERS_SECS: f64 = 20.0;
/// Louder than this, of what is loud around it, is speech, or something like it, if it lasts half a second.
const LOUD: f32 = 0.35;

/// From when to when somebody speaks, in values.
pub fn spoken(bands: &Bands) -> Range<usize> {
    let level = curve::thinned(&bands.loudness());
    let lasts = |from: usize| {
        let half_second = level.get(from..from + RATE / 2).unwrap_or_default();
        !half_second.is_empty() && half_second.iter().all(|level| *level > LOUD)
    };
    let first = (0..level.len()).find(|at| lasts(*at)).unwrap_or(0);
    let last = (0..level.len()).rev().find(|at| lasts(*at));
    first..last.map_or(level.len(), |last| last + RATE / 2).max(first + 1)
}

/// Which offsets are in question for so many values said, if somebody speaks then.
pub fn reach(said: usize, spoken: &Range<usize>) -> Range<i64> {
    let slack = (said as f64 * WANDERS + WANDERS_SECS * RATE as f64) as i64;
    let first = spoken.start as i64;
    first - slack..first + slack
}

/// What the path comes to: a stretch from each sentence that is held to the next.
pub fn held(transcript: &Transcript, found: &Search) -> Fit {
    let (odds, cost) = (found.odds(), found.path.cost);
    let per_sec = found.rate * RATE as f64;
    // One line through all runs that only goes on.
    let mut points: Vec<(f64, f64)> = Vec::new();
    let mut sure = 0;
    for run in &found.runs {
        let likely = odds.sums(run.said.clone(), run).last().copied().unwrap_or(0.0);
        if (likely - cost) / SURE >= f64::from(SURE_ENOUGH) {
            sure += run.said.len();
        }
        for (said, offset) in &run.bends {
            let heard = said + offset;
            if points
                .last()
                .is_none_or(|(before, there)| *said > *before && heard > *there)
            {
                points.push((*said, heard));
            }
        }
    }
    let all = found.curves.values().max(1);
    let confidence = (sure as f32 / all as f32).min(1.0);
    let (Some(whole), Some(_)) = (super::whole(transcript), points.first()) else {
        return Fit::default();
    };
    let heard =
        |time: CueTime| MediaTime::from_secs_f64((along(&points, time.as_secs_f64() * per_sec) / RATE as f64).max(0.0));
    let mut borders = vec![whole.start];
    for cue in &transcript.cues {
        if borders
            .last()
            .is_some_and(|last| (cue.span.start - *last).as_secs_f64() >= APART)
        {
            borders.push(cue.span.start);
        }
    }
    borders.push(whole.end);
    let stretches = borders.windows(2).filter_map(|pair| {
        let &[from, to] = pair else { return None };
        let (begins, ends) = (heard(from), heard(to));
        let length = (to - from).as_secs_f64();
        (length > 0.0).then(|| Stretch {
            from,
            to,
            heard: begins,
            rate: (ends - begins).as_secs_f64() / length,
            confidence,
        })
    });
    Fit {
        stretches: stretches.collect(),
        confidence,
        whole: Some(whole),
    }
}

/// Where a line through points is at a place; beyond them it goes on at the usual pace.
fn along(points: &[(f64, f64)], at: f64) -> f64 {
    let behind = points.partition_point(|(said, _)| *said <= at);
    let before = behind.checked_sub(1).and_then(|before| points.get(before));
    match (before, points.get(behind)) {
        (Some((from, a)), Some((to, b))) => a + (b - a) * (at - from) / (to - from),
        (Some((from, a)), None) => a + at - from,
        (None, Some((to, b))) => b - (to - at),
        (None, None) => at,
    }
}
