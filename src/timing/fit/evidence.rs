//! When somebody speaks, by the recording.

use super::BANDS;
use super::curve::FINE;

/// What is loud is judged by what is around it: a room, a bed of music or another microphone has another level.
const AROUND: usize = 20 * FINE;
/// Of that, what is softer than the one share is rest, and what is louder than the other is speech.
const REST: f64 = 0.10;
const SPEECH: f64 = 0.85;
/// A band whose level changes by less, in half decibels, tells nothing more for that.
const LEAST_RANGE: f32 = 24.0;
/// How much each band tells. What is lowest hums, what is highest is often cut off.
const WEIGHTS: [f32; BANDS] = [0.6, 1.0, 1.0, 1.0, 1.0, 1.0, 0.8, 0.6];

/// Speech, 0 to 1, as many values as there are levels.
pub fn speech(levels: &[[u8; BANDS]]) -> Vec<f32> {
    let steps = levels.len().div_ceil(AROUND).max(1);
    let limits: Vec<[(f32, f32); BANDS]> = (0..steps).map(|step| limits(levels, step)).collect();
    let total: f32 = WEIGHTS.iter().sum();
    let mut heard: Vec<f32> = levels
        .iter()
        .enumerate()
        .map(|(at, level)| {
            // Between the middles of two steps the limits change evenly.
            let place = (at as f32 / AROUND as f32 - 0.5).max(0.0);
            let (step, rest) = (place as usize, place.fract());
            let (Some(here), Some(next)) = (limits.get(step), limits.get((step + 1).min(steps - 1))) else {
                return 0.0;
            };
            let mut sum = 0.0;
            for (((level, here), next), weight) in level.iter().zip(here).zip(next).zip(WEIGHTS) {
                let low = here.0 + (next.0 - here.0) * rest;
                let range = (here.1 + (next.1 - here.1) * rest - low).max(LEAST_RANGE);
                sum += weight * ((f32::from(*level) - low) / range).clamp(0.0, 1.0);
            }
            sum / total
        })
        .collect();
    // A single value is as noisy as the window it was taken from is short.
    for at in 1..heard.len() {
        if let [before, here, ..] = heard.get_mut(at - 1..).unwrap_or_default() {
            *before = 0.5 * (*before + *here);
        }
    }
    heard
}

/// What is rest and what is speech in each band around a step.
fn limits(levels: &[[u8; BANDS]], step: usize) -> [(f32, f32); BANDS] {
    // Half of the stretch before and half of that behind count as well.
    let from = (step * AROUND).saturating_sub(AROUND / 2);
    let to = ((step + 1) * AROUND + AROUND / 2).min(levels.len());
    let near = levels.get(from..to).unwrap_or_default();
    let mut found = [(0.0, 0.0); BANDS];
    for (band, slot) in found.iter_mut().enumerate() {
        let mut counts = [0_u32; 256];
        for level in near {
            if let Some(count) = level.get(band).and_then(|level| counts.get_mut(usize::from(*level))) {
                *count += 1;
            }
        }
        let share = |share: f64| {
            let wanted = (near.len() as f64 * share) as u32;
            let mut passed = 0;
            let place = counts.iter().position(|count| {
                passed += count;
                passed > wanted
            });
            place.unwrap_or(255) as f32
        };
        *slot = (share(REST), share(SPEECH));
    }
    found
}
