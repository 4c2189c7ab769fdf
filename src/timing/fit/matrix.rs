//! What is needed of matrices: small ones, symmetric and positive, taken apart by Cholesky's method.

/// The lower half of a symmetric, positive matrix (Cholesky).
pub fn cholesky<const N: usize>(matrix: &[[f64; N]; N]) -> Option<[[f64; N]; N]> {
    let mut lower = [[0.0; N]; N];
    for row in 0..N {
        for column in 0..=row {
            let known: f64 = (0..column).map(|k| at(&lower, row, k) * at(&lower, column, k)).sum();
            let rest = at(matrix, row, column) - known;
            let value = if row != column {
                rest / at(&lower, column, column)
            } else if rest > 0.0 {
                rest.sqrt()
            } else {
                return None;
            };
            *lower.get_mut(row)?.get_mut(column)? = value;
        }
    }
    Some(lower)
}

fn at<const N: usize>(matrix: &[[f64; N]; N], row: usize, column: usize) -> f64 {
    matrix.get(row).and_then(|row| row.get(column)).copied().unwrap_or(0.0)
}

/// What a matrix, of which this is the lower half, makes of the given.
pub fn solved<const N: usize>(lower: &[[f64; N]; N], right: [f64; N]) -> [f64; N] {
    let mut found = whitened(lower, right);
    for row in (0..N).rev() {
        let known: f64 = found
            .iter()
            .enumerate()
            .skip(row + 1)
            .map(|(k, value)| at(lower, k, row) * value)
            .sum();
        if let Some(slot) = found.get_mut(row) {
            *slot = (*slot - known) / at(lower, row, row);
        }
    }
    found
}

/// The same in the measure of a noise, of whose covariance this is the lower half.
pub fn whitened<const N: usize>(lower: &[[f64; N]; N], mut right: [f64; N]) -> [f64; N] {
    for row in 0..N {
        let known: f64 = right
            .iter()
            .enumerate()
            .take(row)
            .map(|(k, value)| at(lower, row, k) * value)
            .sum();
        if let Some(slot) = right.get_mut(row) {
            *slot = (*slot - known) / at(lower, row, row);
        }
    }
    right
}
