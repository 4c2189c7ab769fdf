//! The waveform: how loud the recording is, at every zoom, made in one background pass.
//!
//! The pass keeps the lowest and highest sample of each 10 ms, in chunks of 41 s that each carry their own pyramid of
//! coarser levels. A picture "so far" shares the finished chunks, so that sending one costs next to nothing, and a
//! column of any width is put together from a handful of entries. The pass also yields the true length.

use std::ops::Range;
use std::sync::Arc;

use super::SpeechLevel;
use super::probe::media_time;
use crate::time::{MediaSpan, MediaTime, TimeDelta};

/// Bins a second: each spans 10 ms.
const BINS_PER_SEC: u64 = 100;
const BIN_MICROS: i64 = 1_000_000 / BINS_PER_SEC as i64;
/// Bins in a chunk, a power of four.
const CHUNK: usize = 4096;
/// Each level of the pyramid is a quarter of the one below.
const LEVELS: u32 = 7;
/// All levels of a chunk: 4096 + 1024 + … + 1.
const ENTRIES: usize = (4 * CHUNK - 1) / 3;

/// The lowest and highest sample of a stretch, in 127ths of full scale.
type Bin = [i8; 2];

/// The waveform of a recording, or of as much of it as is known.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Peaks {
    chunks: Vec<Arc<[Bin]>>,
    bins: usize,
    length: MediaTime,
    loudness: Option<f32>,
    speech: Arc<[SpeechLevel]>,
}

impl Peaks {
    /// What the finest column spans.
    pub const STEP: TimeDelta = TimeDelta::from_micros(BIN_MICROS);

    /// The waveform of samples that are all there, interleaved.
    pub fn of_samples(sample_rate: u32, channels: u16, samples: &[f32]) -> Self {
        let mut builder = PeaksBuilder::new(sample_rate, channels);
        builder.push(samples);
        builder.finish()
    }

    /// How far apart the lowest and the highest sample of each [`Peaks::STEP`] lie, in 127ths of full scale.
    pub fn swings(&self) -> impl Iterator<Item = u8> {
        self.base().map(|[low, high]| high.abs_diff(low))
    }

    /// How loud the recording is as a whole, in LUFS, once all of it was read; none of silence.
    pub fn loudness(&self) -> Option<f32> {
        self.loudness
    }

    /// How loud it is in the bands of speech, [`super::SPEECH_RATE`] times a second, once all of it was read.
    pub fn speech(&self) -> &Arc<[SpeechLevel]> {
        &self.speech
    }

    /// The same with what was measured beside them.
    #[must_use]
    pub(super) fn with(self, loudness: Option<f32>, speech: Arc<[SpeechLevel]>) -> Self {
        Self {
            loudness,
            speech,
            ..self
        }
    }

    /// How long the recording is, as far as it was read.
    pub fn length(&self) -> MediaTime {
        self.length
    }

    /// The lowest and highest sample in each of `count` equal columns of a span, −1 to 1; silence outside the
    /// recording. A column narrower than 10 ms shows the 10 ms it lies in.
    pub fn columns(&self, span: MediaSpan, count: usize) -> Vec<(f32, f32)> {
        let start = span.start.as_micros();
        let length = i128::from(span.length().as_micros().max(0));
        let edge = |column: usize| {
            let offset = length * column as i128 / count.max(1) as i128;
            start.saturating_add(i64::try_from(offset).unwrap_or(i64::MAX))
        };
        let column = |column: usize| {
            let (from, to) = (edge(column), edge(column + 1));
            let first = from.div_euclid(BIN_MICROS);
            let last = to.saturating_sub(1).div_euclid(BIN_MICROS).max(first);
            let inside = |bin: i64| usize::try_from(bin.max(0)).unwrap_or(usize::MAX).min(self.bins);
            let [low, high] = self.extremes(inside(first)..inside(last.saturating_add(1)));
            (f32::from(low) / 127.0, f32::from(high) / 127.0)
        };
        (0..count).map(column).collect()
    }

    /// The extremes of a range of bins, from the coarsest entries that fit into it.
    fn extremes(&self, range: Range<usize>) -> Bin {
        let mut result: Option<Bin> = None;
        let mut at = range.start;
        while at < range.end {
            let (chunk, inside) = (at / CHUNK, at % CHUNK);
            let mut level = 0;
            while level + 1 < LEVELS && inside.is_multiple_of(4 << (2 * level)) && at + (4 << (2 * level)) <= range.end
            {
                level += 1;
            }
            let entry = level_start(level) + (inside >> (2 * level));
            if let Some(bin) = self.chunks.get(chunk).and_then(|chunk| chunk.get(entry)) {
                result = Some(result.map_or(*bin, |known| merge(known, *bin)));
            }
            at += 1 << (2 * level);
        }
        result.unwrap_or_default()
    }

    /// Adds those of what follows, which begin with a chunk of their own.
    pub(super) fn extend(&mut self, later: &Self) {
        self.chunks.extend(later.chunks.iter().cloned());
        self.bins += later.bins;
        self.length = self.length.max(later.length);
    }

    /// The bins of the lowest level, in order.
    pub(super) fn base(&self) -> impl Iterator<Item = Bin> {
        self.chunks
            .iter()
            .flat_map(|chunk| chunk.iter().take(CHUNK).copied())
            .take(self.bins)
    }
}

/// Where a level begins in a chunk.
fn level_start(level: u32) -> usize {
    (0..level).map(|below| CHUNK >> (2 * below)).sum()
}

fn merge(a: Bin, b: Bin) -> Bin {
    let ([a_low, a_high], [b_low, b_high]) = (a, b);
    [a_low.min(b_low), a_high.max(b_high)]
}

/// Builds peaks from samples as they are decoded.
#[derive(Debug)]
pub(super) struct PeaksBuilder {
    sample_rate: u64,
    channels: usize,
    /// The chunk it begins with.
    first: u64,
    frames: u64,
    done: Vec<Arc<[Bin]>>,
    current: Vec<Bin>,
    /// The bin being filled and the frame it ends before.
    low: f32,
    high: f32,
    bin_end: u64,
}

impl PeaksBuilder {
    /// From the start of a recording on.
    pub fn new(sample_rate: u32, channels: u16) -> Self {
        Self::from_chunk(sample_rate, channels, 0)
    }

    /// The frame a chunk begins with.
    pub fn chunk_start(sample_rate: u32, chunk: u64) -> u64 {
        chunk
            .saturating_mul(CHUNK as u64)
            .saturating_mul(u64::from(sample_rate.max(1)))
            / BINS_PER_SEC
    }

    /// From the start of a chunk on.
    pub fn from_chunk(sample_rate: u32, channels: u16, chunk: u64) -> Self {
        let mut builder = Self {
            sample_rate: u64::from(sample_rate.max(1)),
            channels: usize::from(channels.max(1)),
            first: chunk,
            frames: Self::chunk_start(sample_rate, chunk),
            done: Vec::new(),
            current: Vec::with_capacity(CHUNK),
            low: f32::MAX,
            high: f32::MIN,
            bin_end: 0,
        };
        builder.bin_end = builder.end_of_bin(0);
        builder
    }

    /// Takes in interleaved samples.
    pub fn push(&mut self, samples: &[f32]) {
        let mut rest = samples;
        while !rest.is_empty() {
            let room = usize::try_from(self.bin_end - self.frames).unwrap_or(usize::MAX);
            let count = room.saturating_mul(self.channels).min(rest.len());
            let (now, later) = rest.split_at(count);
            let (low, high) = extremes_of(now);
            (self.low, self.high) = (self.low.min(low), self.high.max(high));
            self.frames += (now.len() / self.channels) as u64;
            // A torn frame at the end of a block cannot be, but must not turn this into an endless loop.
            rest = if now.len() < self.channels { &[] } else { later };
            if self.frames >= self.bin_end {
                let bin = [quantised(self.low), quantised(self.high)];
                self.close_bin(bin);
            }
        }
    }

    /// What is known so far.
    pub fn so_far(&self) -> Peaks {
        let mut chunks = self.done.clone();
        if !self.current.is_empty() {
            chunks.push(with_levels(&self.current));
        }
        let bins = self.done.len() * CHUNK + self.current.len();
        let rate = u32::try_from(self.sample_rate).unwrap_or(u32::MAX);
        Peaks {
            chunks,
            bins,
            length: media_time(self.frames, rate),
            loudness: None,
            speech: Arc::default(),
        }
    }

    /// All of it: the last bin may be shorter than the others.
    pub fn finish(mut self) -> Peaks {
        if self.low <= self.high {
            let bin = [quantised(self.low), quantised(self.high)];
            self.close_bin(bin);
        }
        self.so_far()
    }

    /// Peaks from bins that were kept, with the length that was kept beside them.
    pub fn from_bins(bins: impl Iterator<Item = Bin>, length: MediaTime) -> Peaks {
        let mut builder = Self::new(1, 1);
        bins.for_each(|bin| builder.close_bin(bin));
        Peaks {
            length,
            ..builder.so_far()
        }
    }

    fn close_bin(&mut self, bin: Bin) {
        self.current.push(bin);
        if self.current.len() == CHUNK {
            self.done.push(with_levels(&self.current));
            self.current.clear();
        }
        (self.low, self.high) = (f32::MAX, f32::MIN);
        self.bin_end = self.end_of_bin((self.done.len() * CHUNK + self.current.len()) as u64);
    }

    fn end_of_bin(&self, bin: u64) -> u64 {
        let bin = self.first * CHUNK as u64 + bin;
        // Below 100 Hz several bins end at one frame; each still takes a frame at least.
        ((bin + 1) * self.sample_rate / BINS_PER_SEC).max(self.frames + 1)
    }
}

/// A chunk with all its levels; one that is not full yet is followed by silence.
fn with_levels(base: &[Bin]) -> Arc<[Bin]> {
    let mut entries = Vec::with_capacity(ENTRIES);
    entries.extend_from_slice(base);
    entries.resize(CHUNK, [0; 2]);
    let mut from = 0;
    for level in 1..LEVELS {
        let to = level_start(level);
        for entry in (from..to).step_by(4) {
            let four = entries.get(entry..entry + 4).unwrap_or_default();
            let merged = four.iter().copied().reduce(merge).unwrap_or_default();
            entries.push(merged);
        }
        from = to;
    }
    entries.into()
}

/// The lowest and the highest of some samples, several at a time: this loop is run for each sample there is.
fn extremes_of(samples: &[f32]) -> (f32, f32) {
    const LANES: usize = 16;
    let (many, rest) = samples.as_chunks::<LANES>();
    let (mut low, mut high) = ([f32::MAX; LANES], [f32::MIN; LANES]);
    for some in many {
        for ((low, high), sample) in low.iter_mut().zip(&mut high).zip(some) {
            // `min` and `max` would mind what is no number, and samples are numbers.
            *low = if sample < low { *sample } else { *low };
            *high = if sample > high { *sample } else { *high };
        }
    }
    (
        low.iter().chain(rest).copied().fold(f32::MAX, f32::min),
        high.iter().chain(rest).copied().fold(f32::MIN, f32::max),
    )
}

fn quantised(sample: f32) -> i8 {
    // `as` turns NaN into 0.
    (sample.clamp(-1.0, 1.0) * 127.0).round() as i8
}

#[cfg(test)]
mod tests {
    use super::*;

    fn noise(frames: usize) -> Vec<f32> {
        let mut state = 1_u32;
        let mut next = || {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> 8) as f32 / (1 << 23) as f32 - 1.0
        };
        (0..frames)
            .map(|i| next() * (0.2 + 0.8 * (i as f32 / 90_000.0).sin().abs()))
            .collect()
    }

    fn naive(samples: &[f32], rate: usize, span: Range<usize>) -> (f32, f32) {
        let part = &samples[(span.start * rate / 100).min(samples.len())..(span.end * rate / 100).min(samples.len())];
        let low = part.iter().copied().fold(f32::MAX, f32::min);
        let high = part.iter().copied().fold(f32::MIN, f32::max);
        if part.is_empty() { (0.0, 0.0) } else { (low, high) }
    }

    #[test]
    fn columns_are_what_a_look_at_every_sample_finds() {
        let samples = noise(8_000 * 130);
        let mut builder = PeaksBuilder::new(8_000, 1);
        samples.chunks(1_152).for_each(|block| builder.push(block));
        let peaks = builder.finish();
        assert_eq!(peaks.length(), MediaTime::from_millis(130_000));
        for (start, step, count) in [
            (0, 1, 50),
            (7, 3, 99),
            (4_090, 5, 10),
            (0, 64, 203),
            (1_000, 1_700, 6),
            (12_990, 7, 5),
        ] {
            let at = |bin: usize| MediaTime::from_millis(10 * bin as i64);
            let columns = peaks.columns(MediaSpan::new(at(start), at(start + step * count)), count);
            for (i, (low, high)) in columns.into_iter().enumerate() {
                let from = start + i * step;
                let wanted = naive(&samples, 8_000, from..from + step);
                assert!(
                    (low - wanted.0).abs() < 0.005 && (high - wanted.1).abs() < 0.005,
                    "bins {from}+{step}"
                );
            }
        }
    }

    #[test]
    fn what_is_so_far_and_what_was_kept_are_the_same() {
        let samples = noise(44_100 * 50);
        let mut builder = PeaksBuilder::new(44_100, 2);
        samples.chunks(4_096).for_each(|block| builder.push(block));
        let so_far = builder.so_far();
        let all = builder.finish();
        let span = MediaSpan::new(MediaTime::ZERO, MediaTime::from_millis(20_000));
        assert_eq!(so_far.columns(span, 333), all.columns(span, 333));
        let kept = PeaksBuilder::from_bins(all.base(), all.length());
        assert_eq!(kept, all);
    }

    #[test]
    fn outside_there_is_silence_and_odd_spans_do_no_harm() {
        let mut builder = PeaksBuilder::new(50, 1);
        builder.push(&[0.5; 77]);
        let peaks = builder.finish();
        let far = MediaSpan::new(MediaTime::from_millis(-5_000), MediaTime::from_millis(-4_000));
        assert_eq!(peaks.columns(far, 3), [(0.0, 0.0); 3]);
        assert_eq!(
            peaks.columns(MediaSpan::new(MediaTime::ZERO, MediaTime::MAX), 2).len(),
            2
        );
        assert!(peaks.columns(far, 0).is_empty());
        assert_eq!(Peaks::default().columns(far, 1), [(0.0, 0.0)]);
    }
}
