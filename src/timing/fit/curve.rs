//! Curves over time: the prediction and what is heard.

/// Levels a second, and values of what is predicted.
pub const FINE: usize = 50;
/// So many of them make up one value of what is compared.
pub const COARSE: usize = 5;
/// Values a second, of what is compared.
pub const RATE: usize = FINE / COARSE;
/// What is above and below is told by the mean over so many of those on either side.
const AROUND: usize = 15 * FINE / COARSE;

/// Sums of the values before each, so that means over any stretch cost nothing.
pub struct Sums(Vec<f64>);

impl Sums {
    pub fn of(values: &[f32]) -> Self {
        let mut sum = 0.0;
        let mut sums = Vec::with_capacity(values.len() + 1);
        sums.push(0.0);
        sums.extend(values.iter().map(|value| {
            sum += f64::from(*value);
            sum
        }));
        Self(sums)
    }

    /// The mean from one value up to another, as far as there are any.
    pub fn mean(&self, from: usize, to: usize) -> f32 {
        let last = self.0.len() - 1;
        let (from, to) = (from.min(last), to.min(last));
        let at = |place: usize| self.0.get(place).copied().unwrap_or(0.0);
        if to > from {
            ((at(to) - at(from)) / (to - from) as f64) as f32
        } else {
            0.0
        }
    }
}

/// The same without what is slower than half a minute.
pub fn centred(values: &[f32]) -> Vec<f32> {
    let sums = Sums::of(values);
    let around = |at: usize| sums.mean(at.saturating_sub(AROUND), at + AROUND + 1);
    values
        .iter()
        .enumerate()
        .map(|(at, value)| value - around(at))
        .collect()
}

/// One value for every few.
pub fn thinned(values: &[f32]) -> Vec<f32> {
    let mean = |few: &[f32]| few.iter().sum::<f32>() / few.len() as f32;
    values.chunks(COARSE).map(mean).collect()
}

/// The same when everything takes `rate` times as long.
pub fn stretched(values: &[f32], rate: f64) -> Vec<f32> {
    if (rate - 1.0).abs() < 1e-9 {
        return values.to_vec();
    }
    let length = (values.len() as f64 * rate) as usize;
    (0..length)
        .map(|at| {
            let place = at as f64 / rate;
            let (whole, rest) = (place as usize, place.fract() as f32);
            let here = values.get(whole).copied().unwrap_or(0.0);
            let next = values.get(whole + 1).copied().unwrap_or(here);
            here + (next - here) * rest
        })
        .collect()
}
