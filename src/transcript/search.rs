//! Finding text, with case and accents folded away.
//!
//! The folded text is made once for a transcript; a search is then a substring search over one string, and the hit's
//! place in the original is looked up afterwards. Cues are joined by a space, so a phrase is found across cues.

use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};

use super::{CueId, Passage, TextPoint, Transcript};

/// A transcript folded for searching.
#[derive(Debug, Clone, Default)]
pub struct Folded {
    text: String,
    /// Where each cue begins in `text`.
    cue_starts: Vec<u32>,
}

/// One place where the searched text stands.
pub type Hit = Passage;

impl Folded {
    /// Folds a transcript.
    pub fn new(transcript: &Transcript) -> Self {
        let mut folded = Self::default();
        for cue in &transcript.cues {
            if !folded.cue_starts.is_empty() {
                folded.text.push(' ');
            }
            folded.cue_starts.push(folded.text.len() as u32);
            fold_into(&cue.text, &mut folded.text);
        }
        folded
    }

    fn cue_at(&self, offset: usize) -> usize {
        self.cue_starts.partition_point(|&start| start as usize <= offset).saturating_sub(1)
    }

    /// The place in the original of an offset in the folded text.
    fn point(&self, transcript: &Transcript, offset: usize, end: bool) -> Option<TextPoint> {
        let cue = self.cue_at(if end { offset.saturating_sub(1) } else { offset });
        let inside = offset.saturating_sub(*self.cue_starts.get(cue)? as usize);
        let text = &transcript.cues.get(cue)?.text;
        Some(TextPoint::new(CueId(cue as u32), original_byte(text, inside, end) as u32))
    }
}

/// All hits of `query`, in order, not overlapping. White space in the query matches any white space.
pub fn search(transcript: &Transcript, folded: &Folded, query: &str) -> Vec<Hit> {
    let mut needle = String::new();
    fold_into(query, &mut needle);
    let needle = needle.trim();
    if needle.is_empty() {
        return Vec::new();
    }
    folded
        .text
        .match_indices(needle)
        .filter_map(|(at, found)| {
            let start = folded.point(transcript, at, false)?;
            let end = folded.point(transcript, at + found.len(), true)?;
            Some(Passage { start, end })
        })
        .collect()
}

fn fold_into(text: &str, out: &mut String) {
    for c in text.chars() {
        fold_char(c, out);
    }
}

/// One character without case and accents; white space becomes a plain space, typographic quotes plain ones.
fn fold_char(c: char, out: &mut String) {
    if c.is_ascii() {
        out.push(if c.is_ascii_whitespace() { ' ' } else { c.to_ascii_lowercase() });
        return;
    }
    match c {
        '‘' | '’' | 'ʼ' => out.push('\''),
        '“' | '”' | '„' | '«' | '»' => out.push('"'),
        'ß' => out.push_str("ss"),
        'ø' | 'Ø' => out.push('o'),
        'ł' | 'Ł' => out.push('l'),
        'đ' | 'Đ' => out.push('d'),
        _ if c.is_whitespace() => out.push(' '),
        _ => {
            for part in std::iter::once(c).nfkd().filter(|&part| !is_combining_mark(part)) {
                out.extend(part.to_lowercase());
            }
        }
    }
}

/// The byte in `text` at which the folded form has `folded` bytes. An offset inside a character that folds to
/// several goes to its start, or past it for the end of a hit, so the hit covers whole characters.
fn original_byte(text: &str, folded: usize, end: bool) -> usize {
    let mut made = 0;
    let mut scratch = String::new();
    for (at, c) in text.char_indices() {
        if made >= folded {
            return at;
        }
        scratch.clear();
        fold_char(c, &mut scratch);
        if made + scratch.len() > folded && !end {
            return at;
        }
        made += scratch.len();
    }
    text.len()
}
