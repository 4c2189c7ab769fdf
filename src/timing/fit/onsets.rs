//! A cue often begins where somebody begins to speak after a rest. Where cues last until the next one begins, the rest is
//! at their end and the prediction, which fills them with words, lies a little early: the beginnings put it right.

use super::curve::FINE;

/// How far a beginning is looked for, in levels.
const AROUND: i64 = FINE as i64 / 2;
/// What is before and after it is judged by so many levels.
const SIDE: i64 = FINE as i64 / 5;
/// Fewer beginnings tell nothing.
const LEAST: usize = 8;
/// So much louder it gets where somebody begins to speak, of what is loud.
const RISE: f32 = 0.2;
/// So large a share of the cues has to begin at one place, and so many times as many as anywhere.
const SHARE: f32 = 0.45;
const AGREE: f32 = 2.0;

/// How many levels later than told the cues begin, by how loud the recording is at each level.
pub fn late(loudness: &[f32], beginnings: &[f64]) -> f64 {
    if beginnings.len() < LEAST {
        return 0.0;
    }
    let mut sums = vec![0.0];
    let mut sum = 0.0_f64;
    sums.extend(loudness.iter().map(|level| {
        sum += f64::from(*level);
        sum
    }));
    let last = loudness.len() as i64;
    let mean = |from: i64| {
        let at = |place: i64| sums.get(place.clamp(0, last) as usize).copied().unwrap_or(sum);
        ((at(from + SIDE) - at(from)) / SIDE as f64) as f32
    };
    // How many of them begin to speak at each place.
    let begin: Vec<usize> = (-AROUND..=AROUND)
        .map(|shift| {
            let rises = |begins: &&f64| {
                let at = begins.round() as i64 + shift;
                mean(at) - mean(at - SIDE) > RISE
            };
            beginnings.iter().filter(rises).count()
        })
        .collect();
    let most = begin.iter().copied().max().unwrap_or(0);
    let all = begin.iter().sum::<usize>() as f32 / begin.len() as f32;
    if (most as f32) < (beginnings.len() as f32 * SHARE).max(AGREE * all) {
        return 0.0;
    }
    // A rise is seen from several places; its middle is where it is.
    let near = begin
        .iter()
        .zip(-AROUND..)
        .filter(|(count, _)| **count * 10 >= most * 9);
    let (sum, count) = near.fold((0, 0), |(sum, count), (_, shift)| (sum + shift, count + 1));
    sum as f64 / f64::from(count.max(1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn beginnings_after_rests_are_found_and_where_there_are_none_nothing_is() {
        let mut loudness = vec![0.0_f32; 50 * 60];
        let begins: Vec<f64> = (0..20).map(|cue| f64::from(cue) * 140.0 + 60.0).collect();
        for begin in &begins {
            let from = *begin as usize + 8;
            loudness[from..from + 100].fill(0.9);
        }
        let found = late(&loudness, &begins);
        assert!((found - 8.0).abs() <= 1.0, "{found}");
        assert!(late(&[0.5; 3_000], &begins).abs() < 1e-9);
        assert!(late(&loudness, &begins[..3]).abs() < 1e-9);
        assert!(late(&[], &begins).abs() < 1e-9);
    }
}
