//! The tables that tell where the samples of a track of MP4 stand (ISO 14496-12 §8.5 to §8.7).

use std::io;

use super::super::{MAX_BYTES, MAX_CUES, ReadError};
use super::{Source, broken};
use crate::boxes::{child, entries, number};
use crate::time::TimeDelta;

/// A sample of text is no larger; a TTML document may hold all of the text.
const LARGEST_SAMPLE: u64 = 16 << 20;

/// Where a sample stands, and when it is shown, in ticks.
#[derive(Debug, Clone, Copy)]
pub(super) struct Sample {
    /// Its first byte.
    pub at: u64,
    /// Its length.
    pub size: u64,
    /// When it begins.
    pub start: u64,
    /// How long it lasts.
    pub duration: u64,
}

impl Sample {
    /// Its bytes; none of one that is larger than any text, fewer where the file ends.
    pub fn content(&self, source: &mut Source<'_>) -> io::Result<Vec<u8>> {
        if self.size > LARGEST_SAMPLE {
            return Ok(Vec::new());
        }
        source.go(self.at)?;
        source.take(self.size)
    }
}

/// The places of the chunks, in 32 or 64 bits.
fn chunk_places(table: &[u8]) -> impl Iterator<Item = u64> {
    let (list, width) = match child(table, *b"co64") {
        Some(list) => (list, 8),
        None => (child(table, *b"stco").unwrap_or_default(), 4),
    };
    entries(list, width).filter_map(move |place| number(place, 0, width))
}

/// Where the samples stand and when they are shown (section 8.6 and 8.7). A file of nothing but tables is no
/// larger for them, so their count is bounded, and what they take together as well.
pub(super) fn samples(table: &[u8], length: u64) -> Result<Vec<Sample>, ReadError> {
    let of = |kind| child(table, kind).unwrap_or_default();
    let (sizes, times, runs) = (of(*b"stsz"), of(*b"stts"), of(*b"stsc"));
    let fixed = number(sizes, 4, 4).unwrap_or(0);
    let count = number(sizes, 8, 4).unwrap_or(0);
    if count > MAX_CUES as u64 {
        return Err(ReadError::TooManyCues { limit: MAX_CUES });
    }
    let mut sizes = sizes.get(12..).unwrap_or_default().chunks_exact(4);
    let mut durations = entries(times, 8).flat_map(|entry| {
        let repeat = number(entry, 0, 4).unwrap_or(0);
        let duration = number(entry, 4, 4).unwrap_or(0);
        std::iter::repeat_n(duration, usize::try_from(repeat).unwrap_or(0))
    });
    let mut runs = entries(runs, 12).peekable();
    let mut in_chunk = 1;
    let mut samples = Vec::new();
    let (mut start, mut total) = (0_u64, 0_u64);
    for (chunk, place) in chunk_places(table).zip(1_u64..) {
        while let Some(run) = runs.next_if(|run| number(run, 0, 4).is_some_and(|first| first <= place)) {
            in_chunk = number(run, 4, 4).unwrap_or(0);
        }
        let mut at = chunk;
        for _ in 0..in_chunk {
            if samples.len() as u64 >= count {
                return Ok(samples);
            }
            let size = if fixed > 0 {
                fixed
            } else {
                sizes.next().and_then(|size| number(size, 0, 4)).unwrap_or(0)
            };
            let duration = durations.next().unwrap_or(0);
            total = total.saturating_add(size);
            if total > length.min(MAX_BYTES) {
                return Err(broken("the text samples of this file are larger than the file"));
            }
            samples.push(Sample {
                at,
                size,
                start,
                duration,
            });
            at = at.saturating_add(size);
            start = start.saturating_add(duration);
        }
    }
    Ok(samples)
}

/// Ticks as a time.
pub(super) fn in_time(ticks: u64, scale: u64) -> TimeDelta {
    let micros = (u128::from(ticks) * 1_000_000 + u128::from(scale) / 2) / u128::from(scale.max(1));
    TimeDelta::from_micros(i64::try_from(micros).unwrap_or(i64::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn boxed(kind: [u8; 4], body: &[u8]) -> Vec<u8> {
        [&(body.len() as u32 + 8).to_be_bytes(), kind.as_slice(), body].concat()
    }

    #[test]
    fn samples_larger_than_their_file_are_refused() {
        let table = |kind, numbers: &[u32]| {
            let numbers: Vec<u8> = numbers.iter().flat_map(|number| number.to_be_bytes()).collect();
            boxed(kind, &numbers)
        };
        let boxes = [
            table(*b"stsz", &[0, 65_000, 1_000_000]),
            table(*b"stsc", &[0, 1, 1, 1_000_000, 1]),
            table(*b"stco", &[0, 1, 0]),
            table(*b"stts", &[0, 1, u32::MAX, 1]),
        ]
        .concat();
        assert!(samples(&boxes, 1 << 20).is_err());
    }
}
