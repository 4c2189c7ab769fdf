//! Finding text, with case and accents folded away.
//!
//! The folded text is made once for a transcript, with the few places where folding changed the length of a character.
//! A search is then a substring search over one string, and the hits come in order, so that their places in the original
//! are found by walking along: a single letter has half a million hits in a long transcript, and is typed before any
//! word is. Cues are joined by a space, so a phrase is found across cues.

use memchr::memmem;
use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};

use super::{CueId, Passage, TextPoint, Transcript};

/// A transcript folded for searching.
#[derive(Debug, Clone, Default)]
pub struct Folded {
    text: String,
    /// Where each cue begins in `text`.
    cue_starts: Vec<u32>,
    /// Where characters begin to fold otherwise than those before them, in order. At its start a cue folds
    /// [`Fold::SAME`].
    turns: Vec<Turn>,
}

/// One place where the searched text stands.
pub type Hit = Passage;

/// From a place on, characters of one kind follow each other.
#[derive(Debug, Clone, Copy)]
struct Turn {
    /// The place in the folded text.
    folded: u32,
    /// The same place in the cue's text.
    original: u32,
    fold: Fold,
}

impl Turn {
    const fn at_start_of_cue(folded: u32) -> Self {
        Self {
            folded,
            original: 0,
            fold: Fold::SAME,
        }
    }
}

/// Of how many bytes a character became how many.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Fold {
    own: u8,
    made: u8,
}

impl Fold {
    /// Each character became one of the same length, whatever that is.
    const SAME: Self = Self { own: 1, made: 1 };
}

impl Folded {
    /// Folds a transcript.
    pub fn new(transcript: &Transcript) -> Self {
        let mut folded = Self::default();
        let length: usize = transcript.cues.iter().map(|cue| cue.text.len() + 1).sum();
        folded.text.reserve(length);
        for cue in &transcript.cues {
            if !folded.cue_starts.is_empty() {
                folded.text.push(' ');
            }
            folded.cue_starts.push(folded.text.len() as u32);
            folded.add(&cue.text);
        }
        folded
    }

    fn add(&mut self, text: &str) {
        let mut before = Fold::SAME;
        let mut rest = text;
        while let Some(c) = rest.chars().next() {
            let (original, from) = (text.len() - rest.len(), self.text.len());
            fold_char(c, &mut self.text);
            let made = self.text.get(from..).unwrap_or("");
            let is_same = made.len() == c.len_utf8() && made.chars().nth(1).is_none();
            let fold = if c.is_ascii() || is_same {
                Fold::SAME
            } else {
                Fold {
                    own: c.len_utf8() as u8,
                    made: made.len() as u8,
                }
            };
            if fold != before {
                before = fold;
                self.turns.push(Turn {
                    folded: from as u32,
                    original: original as u32,
                    fold,
                });
            }
            rest = rest.get(c.len_utf8()..).unwrap_or("");
        }
    }
}

/// All hits of `query`, in order, not overlapping. White space in the query matches any white space.
pub fn search(transcript: &Transcript, folded: &Folded, query: &str) -> Vec<Hit> {
    let mut needle = String::new();
    fold_into(&query.split_whitespace().collect::<Vec<_>>().join(" "), &mut needle);
    let mut hits = Hits {
        transcript,
        folded,
        place: Place::START,
        list: Vec::new(),
    };
    let (text, length) = (folded.text.as_bytes(), needle.len());
    match needle.as_bytes() {
        [] => {}
        // The first letter that is typed has the most hits; counting them is quicker than to let the list grow.
        [byte] => {
            hits.list.reserve_exact(memchr::memchr_iter(*byte, text).count());
            memchr::memchr_iter(*byte, text).for_each(|at| hits.add(at, at + 1));
        }
        needle => memmem::find_iter(text, needle).for_each(|at| hits.add(at, at + length)),
    }
    hits.list
}

struct Hits<'a> {
    transcript: &'a Transcript,
    folded: &'a Folded,
    place: Place,
    list: Vec<Hit>,
}

impl Hits<'_> {
    /// Adds what stands between two places of the folded text.
    fn add(&mut self, from: usize, to: usize) {
        let (from, to) = (from as u32, to as u32);
        let last = to.saturating_sub(1);
        self.place.go_to(from, self.folded);
        let start = self.place.byte(from);
        let start = TextPoint::new(CueId(self.place.cue as u32), start);
        self.place.go_to(last, self.folded);
        let end = if to < self.place.until {
            self.place.byte(last) + u32::from(self.place.turn.fold.own)
        } else {
            self.place.end_of(last, self.folded, self.transcript)
        };
        let end = TextPoint::new(CueId(self.place.cue as u32), end);
        // Both halves of an `ß` match an `s`, and both are the whole letter.
        if self.list.last().is_none_or(|last| last.end <= start) {
            self.list.push(Passage { start, end });
        }
    }
}

/// A place in the folded text: which cue it is in, and which turn came last. It only ever moves on.
#[derive(Debug, Clone, Copy)]
struct Place {
    cue: usize,
    /// How many turns were passed.
    turns: usize,
    /// How characters fold here, and since where.
    turn: Turn,
    /// Up to where that holds, in the folded text.
    until: u32,
}

impl Place {
    /// The start, before anything is known of it.
    const START: Self = Self {
        cue: 0,
        turns: 0,
        turn: Turn::at_start_of_cue(0),
        until: 0,
    };

    fn go_to(&mut self, offset: u32, folded: &Folded) {
        // Most hits have others beside them.
        if offset < self.until {
            return;
        }
        let start_of = |cue: usize| folded.cue_starts.get(cue).copied();
        while start_of(self.cue + 1).is_some_and(|start| start <= offset) {
            self.cue += 1;
        }
        while folded.turns.get(self.turns).is_some_and(|turn| turn.folded <= offset) {
            self.turns += 1;
        }
        let cue_start = start_of(self.cue).unwrap_or(0);
        let last = self.turns.checked_sub(1).and_then(|last| folded.turns.get(last));
        self.turn = last
            .copied()
            .filter(|turn| turn.folded >= cue_start)
            .unwrap_or(Turn::at_start_of_cue(cue_start));
        let next = folded.turns.get(self.turns).map_or(u32::MAX, |turn| turn.folded);
        self.until = start_of(self.cue + 1).unwrap_or(u32::MAX).min(next);
    }

    /// Where the character begins that folds to the byte at `offset`, in the cue's text.
    fn byte(&self, offset: u32) -> u32 {
        let passed = offset - self.turn.folded;
        let Fold { own, made } = self.turn.fold;
        let passed = if self.turn.fold == Fold::SAME {
            passed // nearly always, and a division is slow
        } else {
            passed / u32::from(made.max(1)) * u32::from(own)
        };
        self.turn.original + passed
    }

    /// The end of the character that folds to the byte at `offset`, its accents included. A hit that ends within a
    /// character takes all of it.
    fn end_of(&self, offset: u32, folded: &Folded, transcript: &Transcript) -> u32 {
        let mut byte = self.byte(offset) + u32::from(self.turn.fold.own);
        let mut place = self.turns;
        while folded
            .turns
            .get(place)
            .is_some_and(|turn| turn.folded == offset + 1 && turn.fold.made == 0)
        {
            place += 1;
            let cue_end = || transcript.cues.get(self.cue).map_or(byte, |cue| cue.text.len() as u32);
            let next_cue = folded.cue_starts.get(self.cue + 1).copied().unwrap_or(u32::MAX);
            let next = folded.turns.get(place).filter(|next| next.folded < next_cue);
            byte = next.map_or_else(cue_end, |next| next.original);
        }
        byte
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
    fn places_are_found_behind_characters_of_every_length() {
        // Longer, shorter, of several letters, of none, and of none at the end of a cue.
        let cues = [
            "㏇ ﬁn ½ Ⅳ x",
            "한국 x 한",
            "a\u{301}\u{20d0}\u{301} x e\u{301}",
            "x\u{301}",
            "\u{301}x",
            "日本 x",
        ];
        for query in ["x", "X "] {
            let hits = found(&cues, query);
            assert_eq!(hits, ["x", "x", "x", "x\u{301}", "x", "x"], "{query}");
        }
        assert_eq!(found(&cues, "fin"), ["ﬁn"]);
        assert_eq!(found(&cues, "o"), ["㏇"]);
        assert_eq!(found(&cues, "2"), ["½"]);
        assert_eq!(found(&cues, "iv x"), ["Ⅳ x"]);
        assert_eq!(found(&cues, "한"), ["한", "한"]);
        assert_eq!(found(&cues, "a x"), ["a\u{301}\u{20d0}\u{301} x"]);
        assert_eq!(found(&cues, "e x"), ["e\u{301} x\u{301}"]);
        assert_eq!(found(&cues, "本"), ["本"]);
    }

    #[test]
    fn a_cue_of_a_million_letters_is_searched_at_once() {
        assert_eq!(found(&[&"e\u{301} ".repeat(300_000)], "e").len(), 300_000);
    }
}
