//! Heights of all rows: measured where seen, estimated elsewhere.
//!
//! A Fenwick tree: a row's top, the row at a height and a corrected height each cost a logarithm, so a transcript
//! of 100,000 cues scrolls like one of ten.

/// The heights of all rows, in points.
#[derive(Debug, Clone, Default)]
pub struct Heights {
    heights: Vec<f32>,
    /// `f64`: 100,000 rows of 40 points are more than `f32` counts exactly.
    tree: Vec<f64>,
}

impl Heights {
    /// From estimates.
    pub fn new(estimates: impl Iterator<Item = f32>) -> Self {
        let heights: Vec<f32> = estimates.collect();
        let mut tree: Vec<f64> = std::iter::once(0.0)
            .chain(heights.iter().map(|&h| f64::from(h)))
            .collect();
        for i in 1..tree.len() {
            let parent = i + (i & i.wrapping_neg());
            if parent < tree.len() {
                tree[parent] += tree[i];
            }
        }
        Self { heights, tree }
    }

    /// How many rows.
    pub fn len(&self) -> usize {
        self.heights.len()
    }

    /// The height of a row; 0 beyond the end.
    pub fn height(&self, row: usize) -> f32 {
        self.heights.get(row).copied().unwrap_or(0.0)
    }

    /// Corrects a row's height.
    pub fn set(&mut self, row: usize, height: f32) {
        let Some(slot) = self.heights.get_mut(row) else { return };
        let change = f64::from(height) - f64::from(*slot);
        if change == 0.0 {
            return;
        }
        *slot = height;
        let mut i = row + 1;
        while i < self.tree.len() {
            self.tree[i] += change;
            i += i & i.wrapping_neg();
        }
    }

    /// Where a row begins; the whole height for the row after the last.
    pub fn top(&self, row: usize) -> f64 {
        let mut i = row.min(self.heights.len());
        let mut sum = 0.0;
        while i > 0 {
            sum += self.tree[i];
            i &= i - 1;
        }
        sum
    }

    /// The height of all rows.
    pub fn total(&self) -> f64 {
        self.top(self.heights.len())
    }

    /// The row that holds this height, and how far into it that is.
    pub fn at(&self, y: f64) -> (usize, f32) {
        let count = self.heights.len();
        if count == 0 || y <= 0.0 {
            return (0, 0.0);
        }
        let mut row = 0;
        let mut left = y;
        let mut step = count.next_power_of_two();
        while step > 0 {
            if row + step <= count && self.tree[row + step] <= left {
                row += step;
                left -= self.tree[row];
            }
            step /= 2;
        }
        if row >= count {
            (count - 1, self.heights[count - 1])
        } else {
            (row, left as f32)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tops_and_rows_agree_with_adding_up() {
        let mut heights = Heights::new((0..1_000).map(|i| 20.0 + (i % 7) as f32));
        heights.set(3, 200.0);
        heights.set(999, 1.0);
        let mut sum = 0.0;
        for row in 0..1_000 {
            assert!((heights.top(row) - sum).abs() < 1e-6);
            assert_eq!(heights.at(sum + 0.25), (row, 0.25));
            sum += f64::from(heights.height(row));
        }
        assert!((heights.total() - sum).abs() < 1e-6);
        assert_eq!(heights.at(sum + 50.0).0, 999);
        assert_eq!(Heights::default().at(10.0), (0, 0.0));
    }
}
