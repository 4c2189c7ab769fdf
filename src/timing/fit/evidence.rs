//! When somebody speaks, by the recording.

use super::BANDS;
use super::curve::{self, COARSE, FINE};

/// What is loud is judged by what is around it: a room, a bed of music or another microphone has another level.
const AROUND: usize = 20 * FINE;
/// Of that, what is softer than the one share is rest, and what is louder than the other is speech.
const REST: f64 = 0.10;
const SPEECH: f64 = 0.85;
/// A band whose level changes by less, in half decibels, tells nothing more for that.
const LEAST_RANGE: f32 = 24.0;
/// How much each band tells of whether somebody speaks. What is lowest hums, what is highest is often cut off.
const WEIGHTS: [f32; BANDS] = [0.6, 1.0, 1.0, 1.0, 1.0, 1.0, 0.8, 0.6];
/// The level of each band between its rest and its speech, 0 to 255.
pub struct Bands(Vec<[u8; BANDS]>);

impl Bands {
    /// Of levels in half decibels.
    pub fn of(levels: &[[u8; BANDS]]) -> Self {
        let steps = levels.len().div_ceil(AROUND).max(1);
        let limits: Vec<[(f32, f32); BANDS]> = (0..steps).map(|step| limits(levels, step)).collect();
        let band = |(at, level): (usize, &[u8; BANDS])| {
            // Between the middles of two steps the limits change evenly.
            let place = (at as f32 / AROUND as f32 - 0.5).max(0.0);
            let (step, rest) = (place as usize, place.fract());
            let here = limits.get(step).copied().unwrap_or_default();
            let next = limits.get((step + 1).min(steps - 1)).copied().unwrap_or_default();
            let mut band = [0; BANDS];
            for (((slot, level), here), next) in band.iter_mut().zip(level).zip(here).zip(next) {
                let low = here.0 + (next.0 - here.0) * rest;
                let range = (here.1 + (next.1 - here.1) * rest - low).max(LEAST_RANGE);
                *slot = ((f32::from(*level) - low) / range * 255.0).clamp(0.0, 255.0) as u8;
            }
            band
        };
        Self(levels.iter().enumerate().map(band).collect())
    }

    /// How many values there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// A band, one value for every few.
    pub fn thinned(&self, band: usize) -> Vec<f32> {
        let level = |levels: &[u8; BANDS]| levels.get(band).copied().map_or(0.0, f32::from) / 255.0;
        self.0
            .chunks(COARSE)
            .map(|few| few.iter().map(level).sum::<f32>() / few.len() as f32)
            .collect()
    }

    /// A band at each level, without what is slower than half a minute.
    pub fn centred(&self, band: usize) -> Vec<f32> {
        let level = |levels: &[u8; BANDS]| levels.get(band).copied().map_or(0.0, f32::from) / 255.0;
        let values: Vec<f32> = self.0.iter().map(level).collect();
        let around = curve::centred(&self.thinned(band));
        // What is slow is known well enough of every few.
        let slow = |at: usize| {
            let few = values.get(at * COARSE..).map_or(0.0, |few| {
                let few = few.get(..COARSE.min(few.len())).unwrap_or_default();
                few.iter().sum::<f32>() / few.len().max(1) as f32
            });
            few - around.get(at).copied().unwrap_or(0.0)
        };
        values
            .iter()
            .enumerate()
            .map(|(at, value)| value - slow(at / COARSE))
            .collect()
    }

    /// How loud it is at each level, 0 to 1.
    pub fn loudness(&self) -> Vec<f32> {
        let total: f32 = WEIGHTS.iter().sum();
        let loud = |levels: &[u8; BANDS]| {
            let told = levels
                .iter()
                .zip(WEIGHTS)
                .map(|(level, weight)| f32::from(*level) * weight);
            told.sum::<f32>() / (255.0 * total)
        };
        self.0.iter().map(loud).collect()
    }
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
