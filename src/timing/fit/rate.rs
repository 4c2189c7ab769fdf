//! At what pace the recording runs: pieces of the transcript are stretched until they fit best.

use std::ops::Range;

use super::Sign;
use super::lattice::{LEAST_AGREEMENT, Lattice};
use super::voice::Curves;

/// Slower and faster tapes that are tried, in steps of this.
const STEPS: i32 = 9;
const STEP: f64 = 0.005;
/// So many pieces are looked for, each of so many values.
const PROBES: usize = 12;
const LENGTH: usize = 320;
/// As good as this, in standard deviations over chance, a pace need not be compared with others.
const GOOD: f32 = 9.0;
/// Another pace than that of the transcript has to be better by this factor.
const BETTER: f32 = 1.15;
/// A piece that is found so surely tells how much of itself a prediction finds.
const FOUND: f32 = 5.5;

/// And where none is found so surely, it is about this.
const USUAL_AGREEMENT: f32 = 0.4;

/// A pace, and how much of itself a prediction finds in the recording.
pub struct Pace {
    pub rate: f64,
    pub agreement: f32,
}

/// The pace at which a few pieces fit best. `reach` says which offsets are in question for so many values of the transcript.
/// `go_on` may end it.
pub fn pace(curves: &Curves, reach: impl Fn(usize) -> Range<i64>, mut go_on: impl FnMut(f32) -> bool) -> Option<Pace> {
    let mut best: Option<(f32, Pace)> = None;
    let mut own = 0.0;
    let steps = (1..=STEPS).flat_map(|step| [step, -step]);
    for (done, step) in std::iter::once(0).chain(steps).enumerate() {
        if !go_on(done as f32 / (2 * STEPS + 1) as f32) {
            return None;
        }
        let rate = 1.0 + f64::from(step) * STEP;
        let (fits, agreement) = probed(&curves.at_rate(rate), &reach);
        if step == 0 {
            own = fits;
        }
        let better = best.as_ref().is_none_or(|(most, _)| fits > *most);
        if better && (step == 0 || fits > own * BETTER) {
            best = Some((fits, Pace { rate, agreement }));
        }
        if step == 0 && fits > GOOD {
            break;
        }
    }
    Some(best?.1)
}

/// How well pieces of a prediction fit, in standard deviations over chance, and how much of themselves they find.
fn probed(curves: &Curves, reach: &impl Fn(usize) -> Range<i64>) -> (f32, f32) {
    let values = curves.values();
    let lattice = Lattice::new(curves, reach(values), false);
    let length = LENGTH.min(values);
    let room = values - length;
    let probes = PROBES.min(room / LENGTH + 1);
    let mut fits = Vec::new();
    let mut agreements = Vec::new();
    for probe in 0..probes {
        let from = room * probe / probes.saturating_sub(1).max(1);
        let found = lattice.agreement(from..from + length);
        let (place, above) = found.best();
        fits.push(above);
        if above > FOUND && found.energy > 0.0 {
            let sum = found.sums.get(place).copied().unwrap_or(0.0) - found.mean;
            agreements.push(sum / found.energy);
        }
    }
    // A piece that falls on an advertisement fits nowhere: the better half tells the pace.
    fits.sort_unstable_by(|a, b| b.total_cmp(a));
    fits.truncate(fits.len().div_ceil(2));
    agreements.sort_unstable_by(f32::total_cmp);
    let agreement = agreements.get(agreements.len() / 2).copied().unwrap_or(USUAL_AGREEMENT);
    (
        fits.iter().sum::<f32>() / fits.len().max(1) as f32,
        agreement.clamp(LEAST_AGREEMENT, 1.0),
    )
}

/// Nearer than this to its own time a piece is in its place, in values.
const IN_PLACE: usize = 4;
/// So much better it has to be elsewhere to count as that, in standard deviations.
const CLEARLY: f32 = 2.5;

/// Whether pieces are where the transcript says.
pub fn look(curves: &Curves, reach: Range<i64>) -> Sign {
    let lattice = Lattice::new(curves, reach.clone(), false);
    let home = usize::try_from(-reach.start).unwrap_or(0);
    let length = LENGTH.min(curves.values());
    let room = curves.values() - length;
    let probes = PROBES.min(room / LENGTH + 1);
    let (mut at_home, mut elsewhere) = (0, 0);
    for probe in 0..probes {
        let from = room * probe / probes.saturating_sub(1).max(1);
        let found = lattice.agreement(from..from + length);
        let (place, above) = found.best();
        let near = found.sums.get(home.saturating_sub(IN_PLACE)..home + IN_PLACE + 1);
        let own = near.unwrap_or_default().iter().copied().fold(f32::MIN, f32::max);
        let own = (own - found.mean) / found.deviation;
        if above > FOUND && place.abs_diff(home) > IN_PLACE && above - own > CLEARLY {
            elsewhere += 1;
        } else if own > FOUND - CLEARLY || place.abs_diff(home) <= IN_PLACE {
            at_home += 1;
        }
    }
    match (at_home, elsewhere) {
        (_, 1..) => Sign::Elsewhere,
        (0, _) => Sign::Nowhere,
        _ => Sign::InPlace,
    }
}
