//! Where one stretch ends and the next begins: between two cues, where what is before fits best at the one place and what
//! is behind at the other.

use std::ops::Range;

use super::curve::RATE;
use super::fine::{Place, Placed};
use super::lattice::WINDOW;
use super::voice::Curves;

/// What both sides are compared by.
pub struct Odds<'a> {
    pub curves: &'a Curves,
    /// What agreement is worth, in nats, and how much of it is expected.
    pub likes: f32,
    pub agreement: f32,
    /// How loud the recording is, 0 to 1, at each of its values.
    pub loudness: &'a [f32],
}

impl Odds<'_> {
    /// How much likelier a cut is at a border for nobody speaking there, before it or behind, in nats.
    fn silence(&self, border: usize, before: &Placed, after: &Placed) -> f64 {
        let quiet = |there: f64| {
            let at = there.max(0.0).round() as usize;
            let near = self.loudness.get(at.saturating_sub(1)..at + 2).unwrap_or_default();
            f64::from(1.0 - near.iter().copied().fold(1.0, f32::min))
        };
        let said = border as f64;
        SILENCE * (quiet(before.heard(said)) + quiet(after.heard(said)))
    }

    /// How much likelier it is that a value lies there than that it is not in the recording, in nats.
    fn of(&self, said: usize, place: &Placed) -> f64 {
        let there = place.heard(said as f64).round();
        let mut gained = 0.0;
        for (wanted, heard) in self.curves.said.iter().zip(&self.curves.heard) {
            let wanted = wanted.get(said).copied().unwrap_or(0.0);
            let heard = if there >= 0.0 {
                heard.get(there as usize).copied()
            } else {
                None
            };
            gained += wanted * heard.unwrap_or(0.0) - 0.5 * self.agreement * wanted * wanted;
        }
        f64::from(self.likes * gained)
    }

    /// The sums of that over the values before each of a range.
    pub fn sums(&self, range: Range<usize>, place: &Placed) -> Vec<f64> {
        let mut sum = 0.0;
        let mut sums = vec![0.0];
        for said in range {
            sum += self.of(said, place);
            sums.push(sum);
        }
        sums
    }
}

/// A cut is in a silence rather than elsewhere: so likely, on either side, in nats.
const SILENCE: f64 = 1.5;
/// What it costs to leave something of the transcript out where the places do not ask for it, in nats.
const LEFT_OUT: f64 = 8.0;
/// How much of a missing stretch and of the next may be counted twice, in values: places are that exact.
const OVERLAP: f64 = 0.3 * RATE as f64;

/// A stretch that is likelier than chance by less than this, in nats, is none.
const WORTH_IT: f64 = 9.0;

/// A stretch with its ends.
#[derive(Debug, Clone)]
pub struct Piece {
    /// The borders it lies between.
    pub borders: Range<usize>,
    pub place: Place,
    /// How likely it is to be there, in nats.
    pub odds: f64,
}

/// Ends the runs at borders; those that are not worth it are left out. `borders` are values of the transcript in order,
/// the first its start and the last its end.
pub fn cut(odds: &Odds<'_>, runs: &[Placed], borders: &[usize]) -> Vec<Piece> {
    let mut runs = runs.to_vec();
    loop {
        let pieces = cut_all(odds, &runs, borders);
        let worst = pieces.iter().enumerate().min_by(|a, b| a.1.odds.total_cmp(&b.1.odds));
        match worst {
            Some((place, piece)) if piece.odds < WORTH_IT && runs.len() > 1 => drop(runs.remove(place)),
            _ => return pieces,
        }
    }
}

fn cut_all(odds: &Odds<'_>, runs: &[Placed], borders: &[usize]) -> Vec<Piece> {
    let (Some(first), Some(last)) = (runs.first(), runs.last()) else {
        return Vec::new();
    };
    let mut begins = start(odds, first, borders);
    let mut pieces: Vec<Piece> = Vec::new();
    let mut push = |begins: usize, ends: usize, run: &Placed| {
        let value = |border: usize| borders.get(border).copied().unwrap_or(0);
        let likely = odds.sums(value(begins)..value(ends), run);
        pieces.push(Piece {
            borders: begins..ends.max(begins),
            place: run.place,
            odds: likely.last().copied().unwrap_or(0.0),
        });
    };
    for pair in runs.windows(2) {
        let [before, after] = pair else { continue };
        let (ends, next) = between(odds, before, after, borders, begins);
        push(begins, ends, before);
        begins = next;
    }
    push(begins, end(odds, last, borders, begins), last);
    pieces
}

/// The border that the first stretch begins with: the first one, if nothing speaks against that.
fn start(odds: &Odds<'_>, run: &Placed, borders: &[usize]) -> usize {
    let until = run.said.start + WINDOW;
    let from = borders.first().copied().unwrap_or(0);
    let sums = odds.sums(from..until, run);
    let total = sums.last().copied().unwrap_or(0.0);
    let gains = borders
        .iter()
        .enumerate()
        .take_while(|(_, border)| **border <= until)
        .map(|(place, border)| {
            let left_out = sums.get(border - from).copied().unwrap_or(total);
            let is_there = run.heard(*border as f64) > -OVERLAP;
            let price = if place > 0 { LEFT_OUT } else { 0.0 };
            (place, if is_there { total - left_out - price } else { f64::MIN })
        });
    gains
        .fold((0, f64::MIN), |best, next| if next.1 > best.1 { next } else { best })
        .0
}

/// The border that the last stretch ends with.
fn end(odds: &Odds<'_>, run: &Placed, borders: &[usize], begins: usize) -> usize {
    let last = borders.len().saturating_sub(1);
    let from = run.said.end.saturating_sub(WINDOW);
    let until = borders.last().copied().unwrap_or(0).max(from);
    let sums = odds.sums(from..until, run);
    let heard = odds.curves.length() as f64 + OVERLAP;
    let gains = borders
        .iter()
        .enumerate()
        .skip(begins + 1)
        .filter(|(_, border)| **border >= from)
        .map(|(place, border)| {
            let is_there = run.heard(*border as f64) <= heard || place == begins + 1;
            let price = if place < last { LEFT_OUT } else { 0.0 };
            let sum = sums.get(border - from).copied().unwrap_or(0.0);
            (place, if is_there { sum - price } else { f64::MIN })
        });
    gains
        .fold((last, f64::MIN), |best, next| if next.1 > best.1 { next } else { best })
        .0
}

/// The borders at which one stretch ends and the next begins: the same one, unless the recording has less.
fn between(odds: &Odds<'_>, before: &Placed, after: &Placed, borders: &[usize], begins: usize) -> (usize, usize) {
    let window = WINDOW;
    let from = before.said.end.saturating_sub(2 * window);
    let until = (after.said.start + 2 * window).min(odds.curves.values()).max(from);
    let ours = odds.sums(from..until, before);
    let theirs = odds.sums(from..until, after);
    let rest = theirs.last().copied().unwrap_or(0.0);
    let first = borders.partition_point(|border| *border < from).max(begins + 1);
    let last = borders.partition_point(|border| *border <= until);
    let inside: Vec<usize> = (first..last.max(first)).collect();
    let value = |border: usize| borders.get(border).copied().unwrap_or(0);
    let at = |sums: &[f64], border: usize| sums.get(value(border).saturating_sub(from)).copied().unwrap_or(0.0);
    // From the end, the best border of those behind for the next stretch to begin with.
    let mut best_behind = vec![(f64::MIN, last); inside.len() + 1];
    for (place, border) in inside.iter().enumerate().rev() {
        let behind = best_behind.get(place + 1).copied().unwrap_or((f64::MIN, last));
        let here = (rest - at(&theirs, *border), *border);
        if let Some(slot) = best_behind.get_mut(place) {
            *slot = if here.0 >= behind.0 { here } else { behind };
        }
    }
    let mut best = (f64::MIN, begins + 1, begins + 1);
    for (place, border) in inside.iter().enumerate() {
        let heard = before.heard(value(*border) as f64);
        let fits = |next: usize| after.heard(value(next) as f64) >= heard - OVERLAP;
        let sum = at(&ours, *border);
        // Nothing is left out, if the recording has no less.
        if fits(*border) {
            let all = sum + rest - at(&theirs, *border) + odds.silence(value(*border), before, after);
            if all > best.0 {
                best = (all, *border, *border);
            }
        }
        let could_begin = inside
            .get(place..)
            .unwrap_or_default()
            .partition_point(|next| !fits(*next));
        if let Some((gain, next)) = best_behind.get(place + could_begin).copied() {
            let all = sum + gain - if fits(*border) { LEFT_OUT } else { 0.0 };
            if all > best.0 && next > *border {
                best = (all, *border, next);
            }
        }
    }
    (best.1, best.2)
}
