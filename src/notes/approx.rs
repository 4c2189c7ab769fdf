//! Finding a text that differs a little: all places where it stands with at most so many characters changed, added
//! or left out.
//!
//! The bit-parallel dynamic programming of Myers ("A fast bit-vector algorithm for approximate string matching based
//! on dynamic programming", JACM 46(3), 1999), in blocks of 64 rows, with Ukkonen's cut-off: rows that cannot come
//! below the bound any more are not computed. Time is about the text's length times the bound over 64.

const ROWS: usize = 64;

/// A text to look for, with the rows at which each of its characters stands.
pub(super) struct Pattern {
    length: usize,
    /// The distinct characters, sorted.
    alphabet: Vec<char>,
    /// Where in the alphabet the ASCII characters are, which most texts consist of.
    ascii: [Option<usize>; 128],
    /// For each of them one word of bits a block.
    bits: Vec<u64>,
    /// For a character that the pattern does not have.
    absent: Vec<u64>,
}

/// A place where the pattern ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct End {
    /// What the text's iterator gave with the last character.
    pub place: usize,
    /// How many characters differ, at the least.
    pub errors: usize,
}

/// Where a match may begin.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Begin {
    /// Anywhere in the text.
    Anywhere,
    /// With the text's first character.
    AtStart,
}

struct Block {
    plus: u64,
    minus: u64,
    score: usize,
}

impl Pattern {
    pub(super) fn new(pattern: impl Iterator<Item = char>) -> Self {
        let chars: Vec<char> = pattern.collect();
        let mut alphabet = chars.clone();
        alphabet.sort_unstable();
        alphabet.dedup();
        let blocks = chars.len().div_ceil(ROWS);
        let mut bits = vec![0; alphabet.len() * blocks];
        for (row, c) in chars.iter().enumerate() {
            if let Ok(found) = alphabet.binary_search(c)
                && let Some(word) = bits.get_mut(found * blocks + row / ROWS)
            {
                *word |= 1 << (row % ROWS);
            }
        }
        let mut ascii = [None; 128];
        for (at, c) in alphabet.iter().enumerate() {
            if let Some(slot) = ascii.get_mut(*c as usize) {
                *slot = Some(at);
            }
        }
        Self {
            length: chars.len(),
            alphabet,
            ascii,
            bits,
            absent: vec![0; blocks],
        }
    }

    pub(super) fn length(&self) -> usize {
        self.length
    }

    fn rows_of(&self, c: char) -> &[u64] {
        let blocks = self.absent.len();
        let place = match self.ascii.get(c as usize) {
            Some(place) => *place,
            None => self.alphabet.binary_search(&c).ok(),
        };
        place
            .and_then(|found| self.bits.get(found * blocks..(found + 1) * blocks))
            .unwrap_or(&self.absent)
    }

    fn rows_in(&self, block: usize) -> usize {
        (self.length - block * ROWS).min(ROWS)
    }

    /// Every place in `text` where the pattern ends with at most `most` errors.
    pub(super) fn ends(&self, text: impl Iterator<Item = (usize, char)>, most: usize, begin: Begin) -> Vec<End> {
        let mut found = Vec::new();
        let blocks = self.absent.len();
        if blocks == 0 {
            return found;
        }
        // The row above the pattern: a match that may begin anywhere owes nothing for the text before it.
        let (above, owed) = if begin == Begin::Anywhere { (0, 0) } else { (1, 1) };
        let most = most.min(self.length);
        let new_block = |score| Block {
            plus: u64::MAX,
            minus: 0,
            score,
        };
        let mut active: Vec<Block> = Vec::with_capacity(blocks);
        for block in 0..most.div_ceil(ROWS).clamp(1, blocks) {
            let below = active.last().map_or(0, |last| last.score);
            active.push(new_block(below + self.rows_in(block)));
        }
        for (column, (place, c)) in text.enumerate() {
            let rows = self.rows_of(c);
            let mut carry: i8 = above;
            for (number, (block, &row)) in active.iter_mut().zip(rows).enumerate() {
                carry = block.advance(row, carry, self.rows_in(number));
            }
            let (number, last) = (active.len(), active.last().map_or(0, |block| block.score));
            let before = last.saturating_add_signed(-isize::from(carry));
            let next = rows.get(number).copied();
            if before <= most && next.is_some_and(|row| row & 1 != 0 || carry < 0) {
                let mut block = new_block(before + self.rows_in(number));
                block.advance(next.unwrap_or(0), carry, self.rows_in(number));
                active.push(block);
            } else {
                while active.len() > 1 && active.last().is_some_and(|block| block.score >= most + ROWS) {
                    active.pop();
                }
            }
            if active.len() == blocks
                && let Some(last) = active.last()
                && last.score <= most
            {
                found.push(End {
                    place,
                    errors: last.score,
                });
            }
            if owed * column > self.length + most {
                break;
            }
        }
        found
    }
}

impl Block {
    /// One column further. `carry` is the change along the row above the block; the change along its last row
    /// comes back.
    fn advance(&mut self, row: u64, carry: i8, rows: usize) -> i8 {
        let falls = u64::from(carry < 0);
        let rises = u64::from(carry > 0);
        let vertical = row | self.minus;
        let row = row | falls;
        let horizontal = ((row & self.plus).wrapping_add(self.plus) ^ self.plus) | row;
        let mut plus = self.minus | !(horizontal | self.plus);
        let mut minus = self.plus & horizontal;
        let last = 1 << (rows - 1);
        let out = i8::from(plus & last != 0) - i8::from(minus & last != 0);
        plus = plus << 1 | rises;
        minus = minus << 1 | falls;
        self.plus = minus | !(vertical | plus);
        self.minus = plus & vertical;
        self.score = self.score.saturating_add_signed(isize::from(out));
        out
    }
}

/// How alike two short texts are: 1 the same, 0 nothing in common. Two empty ones are the same.
pub(super) fn similarity(a: &str, b: &str) -> f64 {
    if a == b {
        return 1.0;
    }
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    let mut a_length = 0;
    for c in a.chars() {
        let mut diagonal = a_length;
        a_length += 1;
        let mut left = a_length;
        if let Some(first) = row.first_mut() {
            *first = left;
        }
        for (cell, &d) in row.iter_mut().skip(1).zip(&b) {
            let above = *cell;
            left = (diagonal + usize::from(c != d)).min(above + 1).min(left + 1);
            diagonal = above;
            *cell = left;
        }
    }
    let distance = row.last().copied().unwrap_or(0);
    1.0 - distance as f64 / a_length.max(b.len()) as f64
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// The textbook table, for comparison.
    fn by_table(pattern: &[char], text: &[char], begin: Begin) -> Vec<usize> {
        let mut column: Vec<usize> = (0..=pattern.len()).collect();
        let mut last = Vec::new();
        for (j, &c) in text.iter().enumerate() {
            let mut next = vec![if begin == Begin::AtStart { j + 1 } else { 0 }];
            for (i, &p) in pattern.iter().enumerate() {
                next.push(
                    (column[i] + usize::from(p != c))
                        .min(column[i + 1] + 1)
                        .min(next[i] + 1),
                );
            }
            column = next;
            last.push(column[pattern.len()]);
        }
        last
    }

    proptest! {
        #[test]
        fn the_same_places_as_the_textbook_table(
            pattern in "[ab ä]{1,200}",
            text in "[ab ä]{0,300}",
            most in 0usize..90,
            at_start: bool,
        ) {
            let begin = if at_start { Begin::AtStart } else { Begin::Anywhere };
            let pattern: Vec<char> = pattern.chars().collect();
            let text: Vec<char> = text.chars().collect();
            let most = most.min(pattern.len());
            let found = Pattern::new(pattern.iter().copied()).ends(text.iter().copied().enumerate(), most, begin);
            let expected: Vec<End> = by_table(&pattern, &text, begin)
                .into_iter()
                .enumerate()
                .filter(|&(_, errors)| errors <= most)
                .map(|(place, errors)| End { place, errors })
                .collect();
            prop_assert_eq!(found, expected);
        }

        #[test]
        fn similarity_is_the_share_of_the_distance(a in "[abc]{0,20}", b in "[abc]{1,20}") {
            let (a_chars, b_chars): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
            let distance = by_table(&a_chars, &b_chars, Begin::AtStart)[b_chars.len() - 1];
            let expected = 1.0 - distance as f64 / a_chars.len().max(b_chars.len()) as f64;
            prop_assert!((similarity(&a, &b) - expected).abs() < 1e-9);
        }
    }
}
