//! Where a stretch lies exactly: each of its pieces is placed between values, and a line is laid through them.

use std::ops::Range;

use super::lattice::{Path, Run};
use super::voice::Curves;

/// How far around its place a piece is looked for, in values.
const AROUND: i64 = 4;
/// Pieces on either side that are taken together with each: one alone says too little.
const TOGETHER: usize = 1;
/// A piece further from the line than this counts ever less, in values.
const OUTLIER: f64 = 1.2;
/// A line that is no further off than this over all of it is level, in values.
const LEVEL: f64 = 0.5;
/// And where the transcript's times are rough.
const ROUGHLY_LEVEL: f64 = 10.0;

/// Where values are: so much later, and a little more for each.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Place {
    /// At the transcript's zero, in values.
    pub offset: f64,
    /// For each value.
    pub drift: f64,
}

impl Place {
    /// How much later a value of the transcript is heard.
    pub fn at(&self, said: f64) -> f64 {
        self.offset + self.drift * said
    }

    /// The value that is heard there.
    pub fn heard(&self, said: f64) -> f64 {
        said + self.at(said)
    }
}

/// A stretch: its pieces as values of the transcript, and where they are.
#[derive(Debug, Clone)]
pub struct Placed {
    pub said: Range<usize>,
    pub place: Place,
    /// Where the transcript's own times are rough: the middle of each piece, and how much later it is heard.
    pub bends: Vec<(f64, f64)>,
}

impl Placed {
    /// The value that is heard where one is said.
    pub fn heard(&self, said: f64) -> f64 {
        let behind = self.bends.partition_point(|(middle, _)| *middle <= said);
        let before = behind.checked_sub(1).and_then(|before| self.bends.get(before));
        match (before, self.bends.get(behind)) {
            (Some((from, a)), Some((to, b))) => said + a + (b - a) * (said - from) / (to - from),
            (Some((_, offset)), None) | (None, Some((_, offset))) => said + offset,
            (None, None) => self.place.heard(said),
        }
    }
}

/// A piece: its middle, where it lies, and how much that counts.
struct Point {
    said: f64,
    offset: f64,
    weight: f64,
}

/// Lays a line through the pieces of each run, all of them of the same drift: they come from one tape.
///
/// Where the transcript's times are rough, its pieces count as much as they are to be trusted.
pub fn placed(curves: &Curves, path: &Path, trust: impl Fn(f64) -> f64) -> Vec<Placed> {
    let runs = path.runs();
    let mut points: Vec<Vec<Point>> = runs.iter().map(|run| points(curves, run, path.window)).collect();
    let bends: Vec<Vec<(f64, f64)>> = points
        .iter()
        .map(|points| {
            let bends = points.iter().filter(|_| path.rough);
            bends.map(|point| (point.said, point.offset)).collect()
        })
        .collect();
    if path.rough {
        for point in points.iter_mut().flatten() {
            point.weight *= trust(point.said);
        }
    }
    let drift = drift(&points, if path.rough { ROUGHLY_LEVEL } else { LEVEL });
    runs.iter()
        .zip(&points)
        .zip(bends)
        .filter_map(|((run, points), bends)| {
            let (first, last) = (run.first()?.0, run.last()?.0);
            Some(Placed {
                said: first * path.window..((last + 1) * path.window).min(curves.values()),
                place: Place {
                    offset: level(points, drift),
                    drift,
                },
                bends,
            })
        })
        .collect()
}

/// Where each piece of a run lies.
fn points(curves: &Curves, run: &Run, window: usize) -> Vec<Point> {
    let scores: Vec<Vec<f32>> = run
        .iter()
        .map(|(piece, offset)| {
            let from = piece * window;
            (-AROUND..=AROUND)
                .map(|shift| curves.agreement(from..from + window, offset + shift))
                .collect()
        })
        .collect();
    let mut points = Vec::new();
    for (at, (piece, offset)) in run.iter().enumerate() {
        let mut sums = vec![0.0_f32; 2 * AROUND as usize + 1];
        let near = at.saturating_sub(TOGETHER)..(at + TOGETHER + 1).min(run.len());
        for other in near {
            let (Some((_, theirs)), Some(scores)) = (run.get(other), scores.get(other)) else {
                continue;
            };
            // On the scale of this piece's own place.
            let apart = offset - theirs;
            for (place, sum) in sums.iter_mut().enumerate() {
                let there = usize::try_from(place as i64 + apart).ok();
                *sum += there.and_then(|there| scores.get(there)).copied().unwrap_or(0.0);
            }
        }
        let all = sums.iter().copied().enumerate();
        let (best, most) = all.fold((0, f32::MIN), |best, next| if next.1 > best.1 { next } else { best });
        // At the edge there is no top.
        let (Some(before), Some(after)) = (best.checked_sub(1).and_then(|at| sums.get(at)), sums.get(best + 1)) else {
            continue;
        };
        let bend = before - 2.0 * most + after;
        let top = if bend < -1e-6 {
            (0.5 * (before - after) / bend).clamp(-0.5, 0.5)
        } else {
            0.0
        };
        points.push(Point {
            said: (piece * window + window / 2) as f64,
            offset: (offset + best as i64 - AROUND) as f64 + f64::from(top),
            weight: f64::from(most.max(0.0)),
        });
    }
    points
}

/// The drift that all runs have in common; none where what it comes to would not be noticed.
fn drift(runs: &[Vec<Point>], level_within: f64) -> f64 {
    let mut drift = 0.0;
    let span = |points: &Vec<Point>| match (points.first(), points.last()) {
        (Some(first), Some(last)) => last.said - first.said,
        _ => 0.0,
    };
    let longest = runs.iter().map(span).fold(0.0, f64::max);
    // What does not fit the line counts less the next time.
    for _ in 0..6 {
        let (mut up, mut down) = (0.0, 0.0);
        for points in runs.iter().filter(|points| points.len() >= 4) {
            let base = level(points, drift);
            let weight = |point: &Point| {
                let off = (point.offset - drift * point.said - base) / OUTLIER;
                point.weight / (1.0 + off * off)
            };
            let total: f64 = points.iter().map(weight).sum();
            if total <= 0.0 {
                continue;
            }
            let mean =
                |of: fn(&Point) -> f64| points.iter().map(|point| weight(point) * of(point)).sum::<f64>() / total;
            let (x, y) = (mean(|point| point.said), mean(|point| point.offset));
            for point in points {
                let (dx, dy) = (point.said - x, point.offset - y);
                up += weight(point) * dx * dy;
                down += weight(point) * dx * dx;
            }
        }
        if down > 0.0 {
            drift = up / down;
        }
    }
    if (drift * longest).abs() < level_within {
        0.0
    } else {
        drift
    }
}

/// How much later a run is at the transcript's zero: the median, each piece counting as much as it agrees.
fn level(points: &[Point], drift: f64) -> f64 {
    let mut offsets: Vec<(f64, f64)> = points
        .iter()
        .map(|point| (point.offset - drift * point.said, point.weight))
        .collect();
    offsets.sort_unstable_by(|a, b| a.0.total_cmp(&b.0));
    let half = offsets.iter().map(|(_, weight)| weight).sum::<f64>() / 2.0;
    let mut passed = 0.0;
    let middle = offsets.iter().position(|(_, weight)| {
        passed += weight;
        passed >= half
    });
    let Some(middle) = middle else { return 0.0 };
    // A single piece's place is as rough as it is short: its neighbours smooth it.
    let near = offsets
        .get(middle.saturating_sub(2)..(middle + 3).min(offsets.len()))
        .unwrap_or_default();
    near.iter().map(|(offset, _)| offset).sum::<f64>() / near.len().max(1) as f64
}
