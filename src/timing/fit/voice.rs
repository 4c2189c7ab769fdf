//! What the letters sound like in this recording.
//!
//! A hiss is loud where a hum is not, so that each letter leaves its own mark on the bands. Which one is learned from where
//! the transcript was found at first, with no knowledge of a language: letters are only signs that come up again. With
//! that the transcript predicts not only when somebody speaks but what each band does, and far less of it is enough to
//! tell where it belongs.

use std::collections::HashMap;
use std::ops::Range;

use unicode_normalization::UnicodeNormalization;

use super::BANDS;
use super::curve::{COARSE, RATE, Sums, centred, stretched, thinned};
use super::evidence::Bands;
use super::lattice::{Path, WINDOW};
use super::matrix::{cholesky, solved, whitened};
use super::predicted::{self, Prediction};
use super::sounds;
use crate::time::CueTime;
use crate::timing::TimeMap;
use crate::transcript::Transcript;

/// So many letters are told apart; all others are one.
const LETTERS: usize = 30;
/// What is predicted from: the letters, others, and that somebody speaks at all, in this order.
const SIGNS: usize = LETTERS + 2;
/// So many mixtures of bands are compared: the others hardly differ from letter to letter.
const MIXTURES: usize = 3;
/// Keeps what is learned from trusting a letter that is rare.
const RIDGE: f64 = 0.03;
/// Less than this teaches nothing, in values.
const LEAST_TAUGHT: usize = 110 * RATE;
/// What is learned is used elsewhere only, or else anything would be found that is looked for: the transcript is divided
/// into blocks of so many values at most, and so many of them at least, and each is predicted by what every other one
/// teaches.
const BLOCK: usize = 64 * RATE;
const BLOCKS: usize = 12;

/// Curves of the transcript, and those of the recording that they predict.
pub struct Curves {
    pub said: Vec<Vec<f32>>,
    pub heard: Vec<Vec<f32>>,
}

impl Curves {
    /// How many values the transcript has.
    pub fn values(&self) -> usize {
        self.said.first().map_or(0, Vec::len)
    }

    /// The same when everything takes `rate` times as long to say.
    pub fn at_rate(&self, rate: f64) -> Self {
        Self {
            said: self.said.iter().map(|said| stretched(said, rate)).collect(),
            heard: self.heard.clone(),
        }
    }

    /// How many values the recording has.
    pub fn length(&self) -> usize {
        self.heard.first().map_or(0, Vec::len)
    }

    /// How a range agrees with what is heard so much later.
    pub fn agreement(&self, range: Range<usize>, offset: i64) -> f32 {
        let mut sum = 0.0;
        for (said, heard) in self.said.iter().zip(&self.heard) {
            for at in range.clone() {
                let there = usize::try_from(at as i64 + offset)
                    .ok()
                    .and_then(|there| heard.get(there));
                sum += said.get(at).copied().unwrap_or(0.0) * there.copied().unwrap_or(0.0);
            }
        }
        sum
    }
}

/// Where each letter is spoken, as shares of each tenth of a second; with the pace of the recording.
pub struct Letters {
    rows: Vec<Vec<f32>>,
    /// The letter of each row, where it is one.
    signs: HashMap<char, usize>,
}

/// What each sign does to each band.
type Weights = [[f64; SIGNS]; BANDS];
/// How what is left unexplained goes together from band to band.
type Noise = [[f64; BANDS]; BANDS];

impl Letters {
    /// With so many values, at the pace of the recording.
    pub fn of(transcript: &Transcript, prediction: &Prediction, values: usize, rate: f64) -> Self {
        let signs = signs(transcript);
        let mut rows = vec![vec![0.0_f32; values]; SIGNS - 1];
        let per_sec = rate * RATE as f64;
        for word in &prediction.spoken {
            let text = transcript
                .cues
                .get(word.cue)
                .map_or("", |cue| cue.slice(word.bytes.clone()));
            let letters: Vec<usize> = letters(text)
                .map(|letter| signs.get(&letter).copied().unwrap_or(LETTERS))
                .collect();
            let share = (word.to - word.from) * per_sec / letters.len().max(1) as f64;
            for (place, sign) in letters.into_iter().enumerate() {
                let from = word.from * per_sec + place as f64 * share;
                if let Some(row) = rows.get_mut(sign) {
                    add(row, from, from + share);
                }
            }
        }
        let unsure = thinned(&stretched(&prediction.unsure, rate));
        let blurred = |row: Vec<f32>| {
            let sums = Sums::of(&row);
            let blurred = (0..values).map(|at| {
                let side = unsure
                    .get(at)
                    .map_or(0, |spread| (spread * 1.7 / COARSE as f32).round() as usize);
                sums.mean(at.saturating_sub(side), at + side + 1)
            });
            centred(&blurred.collect::<Vec<_>>())
        };
        let mut rows: Vec<Vec<f32>> = rows.into_iter().map(blurred).collect();
        let mut speech = centred(&thinned(&stretched(&prediction.speech, rate)));
        speech.resize(values, 0.0);
        rows.push(speech);
        Self { rows, signs }
    }

    /// All rows at one instant.
    fn at(&self, at: usize) -> [f64; SIGNS] {
        let mut signs = [0.0; SIGNS];
        for (slot, row) in signs.iter_mut().zip(&self.rows) {
            *slot = row.get(at).copied().map_or(0.0, f64::from);
        }
        signs
    }

    /// Whether a value lies in an even block.
    fn is_even(&self, at: usize) -> bool {
        let values = self.rows.first().map_or(0, Vec::len);
        let block = (values / BLOCKS).clamp(1, BLOCK).next_multiple_of(WINDOW);
        (at / block).is_multiple_of(2)
    }

    /// What is predicted by what letters sound like as a rule.
    pub fn usual(&self, bands: &Bands) -> Option<Curves> {
        let thousandths = |value: i16| f64::from(value) / 1e3;
        let mut weights = [[0.0; SIGNS]; BANDS];
        for (letter, sounds) in sounds::LETTERS {
            let Some(sign) = self.signs.get(&letter) else { continue };
            for (row, sound) in weights.iter_mut().zip(sounds) {
                if let Some(slot) = row.get_mut(*sign) {
                    *slot = thousandths(sound);
                }
            }
        }
        for (row, sound) in weights.iter_mut().zip(sounds::SPEECH) {
            if let Some(slot) = row.last_mut() {
                *slot = thousandths(sound);
            }
        }
        let heard = Heard::of(bands);
        self.curves(
            &heard,
            &[weights, weights],
            &sounds::NOISE.map(|row| row.map(thousandths)),
        )
    }

    /// Learns from a path what they sound like, and predicts with that; none where the path teaches too little.
    pub fn sound(&self, bands: &Bands, path: &Path) -> Option<Curves> {
        let values = self.rows.first().map_or(0, Vec::len);
        let heard = Heard::of(bands);
        let length = heard.length();
        let pairs: Vec<(usize, usize)> = path
            .offsets
            .iter()
            .enumerate()
            .filter_map(|(piece, offset)| Some((piece * path.window, (*offset)?)))
            .flat_map(|(from, offset)| (from..(from + path.window).min(values)).map(move |at| (at, at as i64 + offset)))
            .filter_map(|(at, there)| Some((at, usize::try_from(there).ok().filter(|there| *there < length)?)))
            .collect();
        if pairs.len() < LEAST_TAUGHT {
            return None;
        }
        // What each letter does to each band, once by the even blocks and once by the odd ones.
        let is_even = |at: &usize| self.is_even(*at);
        let weights = [
            taught(
                pairs.iter().filter(|(at, _)| !is_even(at)),
                |at| self.at(at),
                |at| heard.at(at),
            )?,
            taught(
                pairs.iter().filter(|(at, _)| is_even(at)),
                |at| self.at(at),
                |at| heard.at(at),
            )?,
        ];
        let noise = self.noise(&weights, &pairs, &heard);
        self.curves(&heard, &weights, &noise)
    }

    /// What is not explained is noise; in its own measure each band counts as much as it tells.
    fn noise(&self, weights: &[Weights; 2], pairs: &[(usize, usize)], heard: &Heard) -> Noise {
        let mut noise = [[0.0; BANDS]; BANDS];
        for (at, there) in pairs {
            let (wanted, found) = (self.predicted(weights, *at), heard.at(*there));
            let mut off = [0.0; BANDS];
            off.iter_mut()
                .zip(found)
                .zip(wanted)
                .for_each(|((slot, found), wanted)| *slot = found - wanted);
            for (row, a) in noise.iter_mut().zip(off) {
                row.iter_mut()
                    .zip(off)
                    .for_each(|(slot, b)| *slot += a * b / pairs.len() as f64);
            }
        }
        for (at, row) in noise.iter_mut().enumerate() {
            if let Some(slot) = row.get_mut(at) {
                *slot += 1e-4;
            }
        }
        noise
    }

    /// What the bands are expected to do, by what the other blocks teach.
    fn predicted(&self, [even, odd]: &[Weights; 2], at: usize) -> [f64; BANDS] {
        let weights = if self.is_even(at) { even } else { odd };
        let signs = self.at(at);
        weights.map(|weights| {
            weights
                .iter()
                .zip(signs)
                .map(|(weight, sign)| weight * sign)
                .sum::<f64>()
        })
    }

    /// The mixtures of bands that are predicted, and as they are heard.
    fn curves(&self, heard: &Heard, weights: &[Weights; 2], noise: &Noise) -> Option<Curves> {
        let values = self.rows.first().map_or(0, Vec::len);
        let lower = cholesky(noise)?;
        // Made anew for each use rather than kept: ten hours of it are large.
        let said = |at: usize| whitened(&lower, self.predicted(weights, at));
        let mixtures = principal((0..values).map(said));
        let mixed = |count: usize, bands: &dyn Fn(usize) -> [f64; BANDS]| {
            let mut curves: Vec<Vec<f32>> = (0..MIXTURES).map(|_| Vec::with_capacity(count)).collect();
            for bands in (0..count).map(bands) {
                for (curve, mixture) in curves.iter_mut().zip(&mixtures) {
                    let sum: f64 = bands.iter().zip(mixture).map(|(a, b)| a * b).sum();
                    curve.push(sum as f32);
                }
            }
            curves
        };
        Some(Curves {
            said: mixed(values, &said),
            heard: mixed(heard.length(), &|at| whitened(&lower, heard.at(at))),
        })
    }
}

/// What the letters of one recording sound like, where the transcript's place in it is known.
pub struct Speaker {
    letters: HashMap<char, [f32; BANDS]>,
    other: [f32; BANDS],
    rest: [f32; BANDS],
    lower: Noise,
}

impl Speaker {
    /// Learns it from a transcript and the map to the recording; none where that teaches too little.
    pub fn of(transcript: &Transcript, map: &TimeMap, bands: &Bands) -> Option<Self> {
        let prediction = predicted::predict(transcript);
        let values = prediction.speech.len().div_ceil(COARSE);
        let letters = Letters::of(transcript, &prediction, values, 1.0);
        let heard = Heard::of(bands);
        let there = |at: usize| {
            let cue = CueTime::from_secs_f64(at as f64 / RATE as f64);
            let media = map.media_from_cue(cue);
            let is_there = map.is_heard(cue) && map.is_sure(media);
            let there = (media.as_secs_f64() * RATE as f64).round();
            (is_there && there >= 0.0 && (there as usize) < heard.length()).then_some((at, there as usize))
        };
        let pairs: Vec<(usize, usize)> = (0..values).filter_map(there).collect();
        if pairs.len() < LEAST_TAUGHT {
            return None;
        }
        let weights = taught(pairs.iter(), |at| letters.at(at), |at| heard.at(at))?;
        let noise = letters.noise(&[weights, weights], &pairs, &heard);
        let lower = cholesky(&noise)?;
        // Rows are told without what is usual around them; a single letter is told against that.
        let (mut usual, mut speech) = ([0.0; SIGNS], 0.0);
        for word in &prediction.spoken {
            let text = transcript
                .cues
                .get(word.cue)
                .map_or("", |cue| cue.slice(word.bytes.clone()));
            let count = self::letters(text).count().max(1) as f64;
            for letter in self::letters(text) {
                let sign = letters.signs.get(&letter).copied().unwrap_or(LETTERS);
                if let Some(slot) = usual.get_mut(sign) {
                    *slot += (word.to - word.from) / count;
                }
            }
            speech += word.to - word.from;
        }
        let length = (values as f64 / RATE as f64).max(1.0);
        let usual = usual.map(|secs| secs / length);
        let speaks = speech / length;
        let sound = |sign: Option<usize>| {
            let mut signs = usual.map(|share| -share);
            if let Some(slot) = signs.last_mut() {
                *slot = -speaks + f64::from(u8::from(sign.is_some()));
            }
            if let Some(slot) = sign.and_then(|sign| signs.get_mut(sign)) {
                *slot += 1.0;
            }
            let bands = weights.map(|weights| weights.iter().zip(signs).map(|(a, b)| a * b).sum::<f64>());
            whitened(&lower, bands).map(|value| value as f32)
        };
        Some(Self {
            letters: letters
                .signs
                .iter()
                .map(|(letter, sign)| (*letter, sound(Some(*sign))))
                .collect(),
            other: sound(Some(LETTERS)),
            rest: sound(None),
            lower,
        })
    }

    /// What a letter sounds like.
    pub fn letter(&self, letter: char) -> [f32; BANDS] {
        self.letters.get(&letter).copied().unwrap_or(self.other)
    }

    /// What a rest does.
    pub fn rest(&self) -> [f32; BANDS] {
        self.rest
    }

    /// What is heard, at each level, in the same measure.
    pub fn heard(&self, bands: &Bands) -> Vec<[f32; BANDS]> {
        let centred: Vec<Vec<f32>> = (0..BANDS).map(|band| bands.centred(band)).collect();
        let at = |at: usize| {
            let mut level = [0.0; BANDS];
            for (slot, band) in level.iter_mut().zip(&centred) {
                *slot = band.get(at).copied().map_or(0.0, f64::from);
            }
            whitened(&self.lower, level).map(|value| value as f32)
        };
        (0..bands.len()).map(at).collect()
    }
}

/// The bands as they are heard, without what is slower than half a minute.
struct Heard(Vec<Vec<f32>>);

impl Heard {
    fn of(bands: &Bands) -> Self {
        Self((0..BANDS).map(|band| centred(&bands.thinned(band))).collect())
    }

    fn length(&self) -> usize {
        self.0.first().map_or(0, Vec::len)
    }

    fn at(&self, at: usize) -> [f64; BANDS] {
        let mut bands = [0.0; BANDS];
        for (slot, row) in bands.iter_mut().zip(&self.0) {
            *slot = row.get(at).copied().map_or(0.0, f64::from);
        }
        bands
    }
}

/// What each sign does to each band, by least squares over the pairs of a value said and one heard.
fn taught<'a>(
    pairs: impl Iterator<Item = &'a (usize, usize)>,
    signs: impl Fn(usize) -> [f64; SIGNS],
    bands: impl Fn(usize) -> [f64; BANDS],
) -> Option<Weights> {
    let (mut squares, mut products) = ([[0.0; SIGNS]; SIGNS], [[0.0; SIGNS]; BANDS]);
    for (at, there) in pairs {
        let (signs, bands) = (signs(*at), bands(*there));
        for (row, a) in squares.iter_mut().zip(signs).filter(|(_, a)| *a != 0.0) {
            row.iter_mut().zip(signs).for_each(|(slot, b)| *slot += a * b);
        }
        for (row, band) in products.iter_mut().zip(bands) {
            row.iter_mut().zip(signs).for_each(|(slot, sign)| *slot += band * sign);
        }
    }
    let trace: f64 = squares.iter().enumerate().filter_map(|(at, row)| row.get(at)).sum();
    for (at, row) in squares.iter_mut().enumerate() {
        if let Some(slot) = row.get_mut(at) {
            *slot += RIDGE * trace / SIGNS as f64 + 1e-9;
        }
    }
    let lower = cholesky(&squares)?;
    Some(products.map(|product| solved(&lower, product)))
}

/// The letters of a word: small, without accents.
pub fn letters(text: &str) -> impl Iterator<Item = char> {
    text.nfd()
        .filter(|c| c.is_alphanumeric())
        .flat_map(char::to_lowercase)
        .map(|c| if c.is_numeric() { '0' } else { c })
}

/// The signs that come up most, each with its row.
fn signs(transcript: &Transcript) -> HashMap<char, usize> {
    let mut counts: HashMap<char, usize> = HashMap::new();
    for letter in transcript.cues.iter().flat_map(|cue| letters(&cue.text)) {
        *counts.entry(letter).or_default() += 1;
    }
    let mut counts: Vec<(usize, char)> = counts.into_iter().map(|(letter, count)| (count, letter)).collect();
    counts.sort_unstable_by(|a, b| b.cmp(a));
    counts
        .into_iter()
        .take(LETTERS)
        .enumerate()
        .map(|(row, (_, letter))| (letter, row))
        .collect()
}

/// Adds a stretch to the values it covers, to each by how much of it.
fn add(row: &mut [f32], from: f64, to: f64) {
    let mut at = from.max(0.0);
    while at < to {
        let end = (at.floor() + 1.0).min(to);
        let Some(slot) = row.get_mut(at as usize) else { return };
        *slot += (end - at) as f32;
        at = end;
    }
}

/// The mixtures of bands in which the values differ most, by turning any mixtures towards them again and again.
fn principal(values: impl Iterator<Item = [f64; BANDS]>) -> [[f64; BANDS]; MIXTURES] {
    let mut spread = [[0.0; BANDS]; BANDS];
    for value in values {
        for (row, a) in spread.iter_mut().zip(value) {
            row.iter_mut().zip(value).for_each(|(slot, b)| *slot += a * b);
        }
    }
    let mut mixtures = [[0.0; BANDS]; MIXTURES];
    for (place, mixture) in mixtures.iter_mut().enumerate() {
        for (band, slot) in mixture.iter_mut().enumerate() {
            *slot = 1.0 + ((band + 1) * (place + 3) % 7) as f64;
        }
    }
    for _ in 0..50 {
        for place in 0..MIXTURES {
            let Some(old) = mixtures.get(place).copied() else {
                continue;
            };
            let mut turned = [0.0; BANDS];
            for (slot, row) in turned.iter_mut().zip(&spread) {
                *slot = row.iter().zip(old).map(|(a, b)| a * b).sum();
            }
            for other in mixtures.iter().take(place) {
                let shared: f64 = other.iter().zip(turned).map(|(a, b)| a * b).sum();
                turned
                    .iter_mut()
                    .zip(other)
                    .for_each(|(slot, other)| *slot -= shared * other);
            }
            let length = turned.iter().map(|value| value * value).sum::<f64>().sqrt().max(1e-12);
            if let Some(slot) = mixtures.get_mut(place) {
                *slot = turned.map(|value| value / length);
            }
        }
    }
    mixtures
}
