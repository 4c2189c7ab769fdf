//! The likeliest way through the offsets: where each eight seconds of the transcript are in the recording, if they are
//! there at all.
//!
//! A piece of the transcript at an offset agrees with the recording by chance as well; how much, all other offsets tell.
//! So its agreement there becomes odds, in nats: how much likelier it is to belong there than not to be in the recording
//! at all. Time only goes on: a jump ahead is something that only the recording has, and back one comes only by leaving
//! out as much of the transcript.

use std::ops::Range;

/// Values of a piece: eight seconds.
pub const WINDOW: usize = 80;
/// What a jump costs in nats beyond the number of places to jump to.
const JUMP: f32 = 3.0;
/// From piece to piece a place may creep by one value, at this price.
const CREEP: f32 = 1.0;
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
    said: &'a [f32],
    /// With nothing on both sides, so that every piece can be laid at every offset.
    heard: Vec<f32>,
    first: i64,
    places: usize,
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
    pub fn new(said: &'a [f32], heard: &[f32], offsets: Range<i64>) -> Self {
        let places = usize::try_from(offsets.end - offsets.start).unwrap_or(0).max(1);
        let before = usize::try_from(-offsets.start).unwrap_or(0);
        let after = (said.len() + usize::try_from(offsets.end).unwrap_or(0)).saturating_sub(heard.len());
        let mut padded = vec![0.0; before];
        padded.extend_from_slice(heard);
        padded.resize(padded.len() + after + WINDOW, 0.0);
        Self {
            said,
            heard: padded,
            first: offsets.start,
            places,
        }
    }

    /// How the values of a range agree with the recording at each offset.
    pub fn agreement(&self, range: Range<usize>) -> Agreement {
        let mut sums = vec![0.0_f32; self.places];
        let later = usize::try_from(self.first).unwrap_or(0);
        let mut energy = 0.0;
        for at in range {
            let wanted = self.said.get(at).copied().unwrap_or(0.0);
            energy += wanted * wanted;
            let there = self.heard.get(at + later..at + later + self.places).unwrap_or_default();
            for (sum, heard) in sums.iter_mut().zip(there) {
                *sum += wanted * heard;
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

    /// The likeliest path, if a prediction finds so much of itself in the recording. `go_on` is told how far it is.
    pub fn path(&self, agreement: f32, mut go_on: impl FnMut(f32) -> bool) -> Option<Path> {
        let windows = self.said.len().div_ceil(WINDOW);
        let jump = (self.places as f32).ln() + JUMP;
        let mut trellis = Trellis::new(self.places, jump);
        let (mut noise, mut energy) = (0.0_f64, 0.0_f64);
        for window in 0..windows {
            if !go_on(window as f32 / windows as f32) {
                return None;
            }
            let found = self.agreement(window * WINDOW..((window + 1) * WINDOW).min(self.said.len()));
            noise += f64::from(found.deviation * found.deviation);
            energy += f64::from(found.energy);
            let expected = (agreement * found.energy / found.deviation).min(MOST_EXPECTED);
            let odds = found.sums.iter().map(|sum| {
                let above = ((sum - found.mean) / found.deviation).clamp(-MOST, MOST);
                expected * above - 0.5 * expected * expected
            });
            trellis.push(odds);
        }
        let offsets = trellis
            .best()
            .into_iter()
            .map(|place| place.map(|place| self.first + place as i64));
        Some(Path {
            offsets: offsets.collect(),
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
        let mut runs: Vec<Run> = Vec::new();
        for (piece, offset) in self.offsets.iter().enumerate() {
            let Some(offset) = *offset else { continue };
            match runs.last_mut() {
                Some(run) if run.last().is_some_and(|(_, before)| (offset - before).abs() < TOGETHER) => {
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
const CREPT_UP: u8 = 1;
const CREPT_DOWN: u8 = 2;
const JUMPED: u8 = 3;
const RETURNED: u8 = 4;

/// The sums of odds of the best ways to each place, and how they came there.
struct Trellis {
    places: usize,
    jump: f32,
    best: Vec<f32>,
    next: Vec<f32>,
    /// The best way that has left the recording, and the piece and place it left from.
    absent: f32,
    left: Option<(usize, usize)>,
    came: Vec<Came>,
}

/// How the places of one piece were come to.
struct Came {
    how: Vec<u8>,
    /// From which place on a jump comes from which.
    jumps: Vec<(u32, u32)>,
    /// The place that what has left the recording now left just before.
    left: Option<usize>,
}

impl Trellis {
    fn new(places: usize, jump: f32) -> Self {
        Self {
            places,
            jump,
            best: Vec::new(),
            next: vec![0.0; places],
            absent: 0.0,
            left: None,
            came: Vec::new(),
        }
    }

    fn push(&mut self, odds: impl Iterator<Item = f32>) {
        if self.best.is_empty() {
            self.best = odds.map(|odds| odds - self.jump).collect();
            return;
        }
        let mut how = vec![STAYED; self.places];
        let mut jumps = Vec::new();
        let mut farthest = f32::MIN;
        let back = self.left.map_or(0, |(piece, place)| {
            // As much as was left out may lie behind, and no more.
            place.saturating_sub((self.came.len() + 1 - piece) * WINDOW)
        });
        let returned = self.absent - self.jump;
        for (((place, odds), next), how) in odds.enumerate().zip(&mut self.next).zip(&mut how) {
            if let Some(before) = place.checked_sub(NEAREST_JUMP).and_then(|place| self.best.get(place))
                && *before > farthest
            {
                farthest = *before;
                jumps.push((place as u32, (place - NEAREST_JUMP) as u32));
            }
            let mut sum = self.best.get(place).copied().unwrap_or(f32::MIN);
            let mut consider = |other: f32, by: u8| {
                if other > sum {
                    (sum, *how) = (other, by);
                }
            };
            if let Some(below) = place.checked_sub(1).and_then(|below| self.best.get(below)) {
                consider(below - CREEP, CREPT_UP);
            }
            if let Some(above) = self.best.get(place + 1) {
                consider(above - CREEP, CREPT_DOWN);
            }
            consider(farthest - self.jump, JUMPED);
            if place >= back {
                consider(returned, RETURNED);
            }
            *next = sum + odds;
        }
        let all = self.best.iter().copied().enumerate();
        let (place, most) = all.fold((0, f32::MIN), |best, next| if next.1 > best.1 { next } else { best });
        let just_left = most - LEAVE > self.absent;
        self.came.push(Came {
            how,
            jumps,
            left: just_left.then_some(place),
        });
        if just_left {
            self.absent = most - LEAVE;
            self.left = Some((self.came.len() - 1, place));
        }
        std::mem::swap(&mut self.best, &mut self.next);
    }

    /// The place of each piece on the best way; none where that has left the recording.
    fn best(&self) -> Vec<Option<usize>> {
        let all = self.best.iter().copied().enumerate();
        let (last, most) = all.fold((0, f32::MIN), |best, next| if next.1 > best.1 { next } else { best });
        let mut place = (most > self.absent).then_some(last);
        let mut way = vec![place];
        for came in self.came.iter().rev() {
            place = match place {
                None => came.left,
                Some(here) => match came.how.get(here) {
                    Some(&CREPT_UP) => Some(here - 1),
                    Some(&CREPT_DOWN) => Some(here + 1),
                    Some(&JUMPED) => {
                        let known = came.jumps.partition_point(|(from, _)| *from as usize <= here);
                        came.jumps.get(known.saturating_sub(1)).map(|(_, from)| *from as usize)
                    }
                    Some(&RETURNED) => None,
                    _ => Some(here),
                },
            };
            way.push(place);
        }
        way.reverse();
        way
    }
}
