//! The likeliest way through the offsets: where each eight seconds of the transcript are in the recording, if they are
//! there at all.
//!
//! A piece of the transcript at an offset agrees with the recording by chance as well; how much, all other offsets tell.
//! So its agreement there becomes odds, in nats: how much likelier it is to belong there than not to be in the recording
//! at all. Time only goes on: a jump ahead is something that only the recording has, and back one comes only by leaving
//! out as much of the transcript.

use std::ops::Range;

use super::voice::Curves;

/// Values of a piece: eight seconds, or half of that where the transcript's own times are rough.
pub const WINDOW: usize = 80;
pub const SHORT_WINDOW: usize = 40;
/// What a jump costs in nats beyond the number of places to jump to.
const JUMP: f32 = 3.0;
/// To begin at the transcript's own time costs no more than this, and to go on just where the recording does, after
/// something was left out.
const AT_HOME: f32 = 6.0;
const GOES_ON: f32 = 8.0;
/// What it costs if the recording has something else there instead, for each value: pieces end where they end, and not
/// where something was left out.
const PUT_IN: f32 = 0.02;
/// So exact is that, in values.
const NEAR: usize = 3;
/// From piece to piece a place may creep by one value, at this price.
const CREEP: f32 = 1.0;
/// Where the transcript's times are rough, by so many, and this is usual.
const MOST_CREEP: usize = 14;
const USUAL_CREEP: f32 = 5.0;
/// What it costs a piece to lie outside of the recording.
const OUTSIDE: f32 = 25.0;
/// What it costs to leave the recording.
const LEAVE: f32 = 4.0;
/// Nearer places are the same: one comes to them by creeping.
const NEAREST_JUMP: usize = 5;
/// Agreement beyond this, in standard deviations, tells nothing more; nor is more expected.
const MOST: f32 = 6.0;
const MOST_EXPECTED: f32 = 3.5;
/// Places further apart than this are not the same stretch, in values.
const TOGETHER: i64 = 8;
/// How much of itself a prediction is expected to find in the recording, as far as is not known better.
pub const LEAST_AGREEMENT: f32 = 0.12;

/// The transcript, the recording, and the offsets in question.
pub struct Lattice<'a> {
    /// One or more curves that are predicted.
    said: &'a [Vec<f32>],
    /// The same as they are heard, with nothing on both sides, so that every piece can be laid at every offset.
    heard: Vec<Vec<f32>>,
    /// How many values the transcript has.
    values: usize,
    first: i64,
    places: usize,
    /// How many values the recording has.
    length: i64,
    /// Whether the transcript may begin anywhere as well as at its own time.
    anywhere: bool,
}

/// How a piece agrees with the recording at all offsets.
pub struct Agreement {
    pub sums: Vec<f32>,
    pub mean: f32,
    pub deviation: f32,
    /// How much of itself it would find at most.
    pub energy: f32,
}

impl Agreement {
    /// The offset it agrees best at, and by how many standard deviations more than by chance.
    pub fn best(&self) -> (usize, f32) {
        let all = self.sums.iter().copied().enumerate();
        let (place, sum) = all.fold((0, f32::MIN), |best, next| if next.1 > best.1 { next } else { best });
        (place, (sum - self.mean) / self.deviation)
    }
}

impl<'a> Lattice<'a> {
    /// Offsets are how much later the recording has a value of the transcript, in values.
    pub fn new(curves: &'a Curves, offsets: Range<i64>, anywhere: bool) -> Self {
        let (values, length) = (curves.values(), curves.length());
        let places = usize::try_from(offsets.end - offsets.start).unwrap_or(0).max(1);
        let before = usize::try_from(-offsets.start).unwrap_or(0);
        let after = (values + usize::try_from(offsets.end).unwrap_or(0)).saturating_sub(length);
        let padded = curves.heard.iter().map(|heard| {
            let mut padded = vec![0.0; before];
            padded.extend_from_slice(heard);
            padded.resize(padded.len() + after + WINDOW, 0.0);
            padded
        });
        Self {
            said: &curves.said,
            anywhere,
            length: length as i64,
            heard: padded.collect(),
            values,
            first: offsets.start,
            places,
        }
    }

    /// How the values of a range agree with the recording at each offset.
    pub fn agreement(&self, range: Range<usize>) -> Agreement {
        let mut sums = vec![0.0_f32; self.places];
        let later = usize::try_from(self.first).unwrap_or(0);
        let mut energy = 0.0;
        for (said, heard) in self.said.iter().zip(&self.heard) {
            for at in range.clone() {
                let wanted = said.get(at).copied().unwrap_or(0.0);
                energy += wanted * wanted;
                let there = heard.get(at + later..at + later + self.places).unwrap_or_default();
                for (sum, heard) in sums.iter_mut().zip(there) {
                    *sum += wanted * heard;
                }
            }
        }
        let count = sums.len() as f64;
        let mean = sums.iter().map(|sum| f64::from(*sum)).sum::<f64>() / count;
        let spread = sums.iter().map(|sum| (f64::from(*sum) - mean).powi(2)).sum::<f64>() / count;
        Agreement {
            mean: mean as f32,
            deviation: (spread.sqrt() as f32).max(1e-3),
            sums,
            energy,
        }
    }

    /// How much of itself the prediction finds along a path.
    pub fn agreement_along(&self, path: &Path) -> f32 {
        let (mut found, mut energy) = (0.0, 0.0);
        for (piece, offset) in path.offsets.iter().enumerate() {
            let Some(offset) = *offset else { continue };
            let from = piece * path.window;
            let before = usize::try_from(-self.first).unwrap_or(0) as i64;
            for (said, heard) in self.said.iter().zip(&self.heard) {
                for at in from..(from + path.window).min(self.values) {
                    let wanted = said.get(at).copied().unwrap_or(0.0);
                    let there = usize::try_from(at as i64 + offset + before).ok();
                    found += wanted * there.and_then(|there| heard.get(there)).copied().unwrap_or(0.0);
                    energy += wanted * wanted;
                }
            }
        }
        (found / f32::max(energy, 1e-6)).clamp(LEAST_AGREEMENT, 1.0)
    }

    /// The likeliest path, if a prediction finds so much of itself in the recording. Where the transcript's times are rough,
    /// it may creep further. `go_on` is told how far it is.
    pub fn path(&self, agreement: f32, rough: bool, mut go_on: impl FnMut(f32) -> bool) -> Option<Path> {
        let window_size = if rough { SHORT_WINDOW } else { WINDOW };
        let windows = self.values.div_ceil(window_size);
        let jump = (self.places as f32).ln() + JUMP;
        let mut trellis = Trellis::new(self, jump, window_size, rough);
        let (mut noise, mut energy) = (0.0_f64, 0.0_f64);
        for window in 0..windows {
            if !go_on(window as f32 / windows as f32) {
                return None;
            }
            let from = window * window_size;
            let found = self.agreement(from..(from + window_size).min(self.values));
            noise += f64::from(found.deviation * found.deviation);
            energy += f64::from(found.energy);
            let expected = (agreement * found.energy / found.deviation).min(MOST_EXPECTED);
            // Half of a piece may lie outside.
            let begins = self.first + (from + window_size / 2) as i64;
            let odds = found.sums.iter().zip(begins..).map(|(sum, middle)| {
                let above = ((sum - found.mean) / found.deviation).clamp(-MOST, MOST);
                let odds = expected * above - 0.5 * expected * expected;
                if (0..self.length).contains(&middle) {
                    odds
                } else {
                    odds - OUTSIDE
                }
            });
            trellis.push(odds);
        }
        let offsets = trellis
            .best()
            .into_iter()
            .map(|place| place.map(|place| self.first + place as i64));
        Some(Path {
            offsets: offsets.collect(),
            window: window_size,
            rough,
            cost: f64::from(jump),
            // Of a single value: its odds are `likes × agreement − dislikes × energy`.
            likes: agreement / (noise / energy.max(1e-9)).max(1e-9) as f32,
            agreement,
        })
    }
}

/// The likeliest path.
pub struct Path {
    /// The offset of each piece; none for one that is not in the recording.
    pub offsets: Vec<Option<i64>>,
    /// How many values a piece has.
    pub window: usize,
    pub rough: bool,
    /// What a jump costs.
    pub cost: f64,
    /// What it makes of agreement.
    pub likes: f32,
    pub agreement: f32,
}

/// Pieces that follow each other: their numbers and offsets.
pub type Run = Vec<(usize, i64)>;

impl Path {
    /// The stretches whose pieces go on from each other.
    pub fn runs(&self) -> Vec<Run> {
        let together = if self.rough { MOST_CREEP as i64 + 2 } else { TOGETHER };
        let mut runs: Vec<Run> = Vec::new();
        for (piece, offset) in self.offsets.iter().enumerate() {
            let Some(offset) = *offset else { continue };
            match runs.last_mut() {
                Some(run) if run.last().is_some_and(|(_, before)| (offset - before).abs() < together) => {
                    run.push((piece, offset));
                }
                _ => runs.push(vec![(piece, offset)]),
            }
        }
        runs
    }
}

/// How a place was come to.
const STAYED: u8 = 0;
const JUMPED: u8 = u8::MAX;
const RETURNED: u8 = u8::MAX - 1;
/// What crept is told by how far it did: more than this is down, by so much less.
const CREPT: u8 = 100;

/// A piece and its place, from where a way has left the recording; none where it was not in it yet.
type Left = Option<(u32, u32)>;

/// The sums of odds of the best ways to each place, and how they came there.
struct Trellis {
    places: usize,
    jump: f32,
    window: usize,
    rough: bool,
    /// Where the transcript's own time is, if it has any.
    home: Option<i64>,
    best: Vec<f32>,
    next: Vec<f32>,
    /// The best ways that have left the recording, each by the place that a piece would have which went on from there.
    absent: Vec<(f32, Left)>,
    came: Vec<Came>,
}

/// How the places of one piece were come to.
struct Came {
    how: Vec<u8>,
    /// From which place on a jump comes from which.
    jumps: Vec<(u32, u32)>,
    /// From which place on those that were returned to come from where.
    returned: Vec<(u32, Left)>,
}

impl Trellis {
    fn new(lattice: &Lattice<'_>, jump: f32, window: usize, rough: bool) -> Self {
        let places = lattice.places;
        Self {
            places,
            jump,
            window,
            rough,
            home: (!lattice.anywhere).then_some(-lattice.first),
            best: Vec::new(),
            next: vec![0.0; places],
            absent: vec![(f32::MIN, None); places],
            came: Vec::new(),
        }
    }

    fn push(&mut self, odds: impl Iterator<Item = f32>) {
        if self.best.is_empty() {
            let is_home = |place: usize| {
                let away = |home: i64| (place as i64 - home).unsigned_abs();
                self.home.is_none_or(|home| away(home) <= NEAR as u64)
            };
            let begun = odds.enumerate();
            self.best = begun
                .map(|(place, odds)| odds - if is_home(place) { AT_HOME } else { self.jump })
                .collect();
            return;
        }
        self.leave();
        let mut came = Came {
            how: vec![STAYED; self.places],
            jumps: Vec::new(),
            returned: Vec::new(),
        };
        let (nearest_jump, farthest_creep) = if self.rough {
            (NEAREST_JUMP + MOST_CREEP, MOST_CREEP)
        } else {
            (NEAREST_JUMP, 1)
        };
        let mut farthest = f32::MIN;
        // What has not been in the recording yet may come in anywhere; what has left it comes back behind where it left,
        // and rather near.
        let (mut near, mut far): ((f32, Left), (f32, Left)) = ((f32::MIN, None), (0.0, None));
        let ways = odds
            .zip(&self.absent)
            .enumerate()
            .zip(&mut self.next)
            .zip(&mut came.how);
        for (((place, (odds, absent)), next), how) in ways {
            if let Some(from) = place.checked_sub(nearest_jump)
                && let Some(before) = self.best.get(from)
                && *before > farthest
            {
                farthest = *before;
                came.jumps.push((place as u32, from as u32));
            }
            near.0 -= PUT_IN;
            if absent.0 > near.0 {
                near = *absent;
            }
            if absent.0 > far.0 {
                far = *absent;
            }
            let mut sum = self.best.get(place).copied().unwrap_or(f32::MIN);
            let mut consider = |other: f32, by: u8| {
                if other > sum {
                    (sum, *how) = (other, by);
                }
            };
            for creep in 1..=farthest_creep {
                let price = if self.rough {
                    let far = creep as f32 / USUAL_CREEP;
                    0.5 * far * far
                } else {
                    CREEP
                };
                if let Some(below) = place.checked_sub(creep).and_then(|below| self.best.get(below)) {
                    consider(below - price, creep as u8);
                }
                if let Some(above) = self.best.get(place + creep) {
                    consider(above - price, CREPT + creep as u8);
                }
            }
            consider(farthest - self.jump, JUMPED);
            let back = [(near.0 - GOES_ON, near.1), (far.0 - self.jump, far.1)];
            for (value, left) in back {
                let before = *how;
                *how = STAYED;
                if value > sum {
                    sum = value;
                    *how = RETURNED;
                    if came.returned.last().is_some_and(|(last, _)| *last == place as u32) {
                        came.returned.pop();
                    }
                    if came.returned.last().is_none_or(|(_, last)| *last != left) {
                        came.returned.push((place as u32, left));
                    }
                } else {
                    *how = before;
                }
            }
            *next = sum + odds;
        }
        self.came.push(came);
        std::mem::swap(&mut self.best, &mut self.next);
    }

    /// Every way may leave the recording behind the last piece.
    fn leave(&mut self) {
        let piece = self.came.len() as u32;
        if piece > 0 {
            // One piece on, what goes on from the same instant has a lower place.
            let behind = self.window.min(self.places);
            let passed = self.absent.iter().take(behind + 1).copied();
            let first = passed.fold((f32::MIN, None), |best, next| if next.0 > best.0 { next } else { best });
            self.absent.copy_within(behind.., 0);
            let rest = self.places - behind;
            self.absent
                .iter_mut()
                .skip(rest)
                .for_each(|absent| *absent = (f32::MIN, None));
            if let Some(slot) = self.absent.first_mut() {
                *slot = first;
            }
        }
        for ((absent, best), place) in self.absent.iter_mut().zip(&self.best).zip(0..) {
            if best - LEAVE > absent.0 {
                *absent = (best - LEAVE, Some((piece, place)));
            }
        }
    }

    /// The place of each piece on the best way; none where that has left the recording.
    fn best(&mut self) -> Vec<Option<usize>> {
        self.leave();
        let all = self.best.iter().copied().enumerate();
        let (last, most) = all.fold((0, f32::MIN), |best, next| if next.1 > best.1 { next } else { best });
        let absent = self.absent.iter().copied();
        let (gone, left) = absent.fold((0.0, None), |best, next| if next.0 > best.0 { next } else { best });
        let mut way = vec![None; self.came.len() + 1];
        let mut here = if most > gone {
            Some((self.came.len(), last))
        } else {
            left.map(|(piece, place)| (piece as usize, place as usize))
        };
        while let Some((piece, place)) = here {
            if let Some(slot) = way.get_mut(piece) {
                *slot = Some(place);
            }
            let Some(before) = piece.checked_sub(1) else { break };
            let Some(came) = self.came.get(before) else { break };
            here = match came.how.get(place) {
                Some(&JUMPED) => {
                    let known = came.jumps.partition_point(|(from, _)| *from as usize <= place);
                    let jump = known.checked_sub(1).and_then(|known| came.jumps.get(known));
                    jump.map(|(_, from)| (before, *from as usize))
                }
                Some(&RETURNED) => {
                    let known = came.returned.partition_point(|(from, _)| *from as usize <= place);
                    let left = known.checked_sub(1).and_then(|known| came.returned.get(known));
                    left.and_then(|(_, left)| *left)
                        .map(|(piece, place)| (piece as usize, place as usize))
                }
                Some(&down) if down > CREPT => Some((before, place + usize::from(down - CREPT))),
                Some(&up) => place.checked_sub(usize::from(up)).map(|place| (before, place)),
                None => None,
            };
        }
        way
    }
}
