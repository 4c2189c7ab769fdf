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
        self.cue_starts
            .partition_point(|&start| start as usize <= offset)
            .saturating_sub(1)
    }
}

/// All hits of `query`, in order, not overlapping. White space in the query matches any white space.
pub fn search(transcript: &Transcript, folded: &Folded, query: &str) -> Vec<Hit> {
    let mut needle = String::new();
    fold_into(&query.split_whitespace().collect::<Vec<_>>().join(" "), &mut needle);
    if needle.is_empty() {
        return Vec::new();
    }
    let mut place = Place::default();
    let mut hits: Vec<Hit> = Vec::new();
    for (at, found) in folded.text.match_indices(&needle) {
        let start = place.start_of(transcript, folded, at);
        let end = place.end_of(transcript, folded, at + found.len());
        // Both halves of an `ß` match an `s`, and both are the whole letter.
        if let (Some(start), Some(end)) = (start, end)
            && hits.last().is_none_or(|last| last.end <= start)
        {
            hits.push(Passage { start, end });
        }
    }
    hits
}

/// A place in the original and the same in the folded text. Hits come in order, so it only ever moves on: looking
/// each one up from the start of its cue would take for ever in a cue of a million words.
#[derive(Default)]
struct Place {
    cue: usize,
    /// Bytes of the cue's text that were passed.
    byte: usize,
    /// Bytes of the cue's folded text that they became.
    made: usize,
    scratch: String,
}

impl Place {
    /// The start of the character that folds to the byte at `offset`.
    fn start_of(&mut self, transcript: &Transcript, folded: &Folded, offset: usize) -> Option<TextPoint> {
        let inside = self.go_to_cue(folded, offset)?;
        let text = &transcript.cues.get(self.cue)?.text;
        while let Some((length, made)) = self.next_char(text)
            && self.made + made <= inside
        {
            self.byte += length;
            self.made += made;
        }
        Some(TextPoint::new(CueId(self.cue as u32), self.byte as u32))
    }

    /// The end of the character that folds to the byte before `offset`, its accents included.
    fn end_of(&mut self, transcript: &Transcript, folded: &Folded, offset: usize) -> Option<TextPoint> {
        let inside = self.go_to_cue(folded, offset.checked_sub(1)?)? + 1;
        let text = &transcript.cues.get(self.cue)?.text;
        let (mut byte, mut made_so_far) = (self.byte, self.made);
        while let Some((length, made)) = self.next_char(text)
            && (self.made < inside || made == 0)
        {
            self.byte += length;
            self.made += made;
            if self.made <= inside {
                (byte, made_so_far) = (self.byte, self.made);
            }
        }
        let end = TextPoint::new(CueId(self.cue as u32), self.byte as u32);
        // A hit that ends within a character takes all of it; the next may begin within it all the same.
        (self.byte, self.made) = (byte, made_so_far);
        Some(end)
    }

    /// Goes to the cue of an offset in the folded text and gives the offset inside the cue.
    fn go_to_cue(&mut self, folded: &Folded, offset: usize) -> Option<usize> {
        let cue = folded.cue_at(offset);
        if cue != self.cue {
            *self = Self { cue, ..Self::default() };
        }
        offset.checked_sub(*folded.cue_starts.get(cue)? as usize)
    }

    /// The bytes of the next character, and those of its folded form.
    fn next_char(&mut self, text: &str) -> Option<(usize, usize)> {
        let c = text.get(self.byte..)?.chars().next()?;
        self.scratch.clear();
        fold_char(c, &mut self.scratch);
        Some((c.len_utf8(), self.scratch.len()))
    }
}

fn fold_into(text: &str, out: &mut String) {
    for c in text.chars() {
        fold_char(c, out);
    }
}

/// One character without case and accents; white space becomes a plain space, typographic quotes plain ones.
fn fold_char(c: char, out: &mut String) {
    if c.is_ascii() {
        out.push(if c.is_ascii_whitespace() {
            ' '
        } else {
            c.to_ascii_lowercase()
        });
        return;
    }
    match c {
        '‘' | '’' | 'ʼ' => out.push('\''),
        '“' | '”' | '„' | '«' | '»' => out.push('"'),
        'ß' | 'ẞ' => out.push_str("ss"),
        'æ' | 'Æ' => out.push_str("ae"),
        'œ' | 'Œ' => out.push_str("oe"),
        // The same letter at the end of a word.
        'ς' => out.push('σ'),
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::CueSpan;
    use crate::transcript::Cue;

    /// The texts of all hits.
    fn found(cues: &[&str], query: &str) -> Vec<String> {
        let cue = |text: &&str| Cue {
            span: CueSpan::default(),
            speaker: None,
            text: (*text).into(),
            given_words: Box::default(),
            origin: None,
        };
        let transcript = Transcript {
            cues: cues.iter().map(cue).collect(),
            ..Transcript::default()
        };
        let hits = search(&transcript, &Folded::new(&transcript), query);
        hits.into_iter().map(|hit| hit.text(&transcript)).collect()
    }

    #[test]
    fn case_accents_and_quotes_do_not_matter() {
        assert_eq!(found(&["Déjà vu, DEJA VU"], "deja vu"), ["Déjà vu", "DEJA VU"]);
        assert_eq!(found(&["Straße, Strasse"], "STRASSE"), ["Straße", "Strasse"]);
        assert_eq!(found(&["don’t don't"], "don't"), ["don’t", "don't"]);
    }

    #[test]
    fn a_hit_holds_whole_characters() {
        assert_eq!(found(&["cafe\u{301} x"], "cafe"), ["cafe\u{301}"]);
        assert_eq!(found(&["cafe\u{301}x"], "x"), ["x"]);
        assert_eq!(found(&["aß"], "as"), ["aß"]);
        assert_eq!(found(&["ß"], "s"), ["ß"]);
    }

    #[test]
    fn phrases_are_found_across_cues_and_lines() {
        assert_eq!(found(&["this is", "the end of\nit"], "is  the"), ["is the"]);
        assert_eq!(found(&["the end of\nit"], "of it"), ["of it"]);
        assert_eq!(found(&["a"], "  "), Vec::<String>::new());
    }

    #[test]
    fn a_cue_of_a_million_letters_is_searched_at_once() {
        assert_eq!(found(&[&"e\u{301} ".repeat(300_000)], "e").len(), 300_000);
    }
}
