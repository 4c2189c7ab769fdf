//! JSON as recognisers and services write it: one tree for all, and a file for each dialect.

pub(super) mod tree;
pub(super) mod whisper;

pub(super) use tree::{Tree, Value};

use super::markup::Plain;
use crate::time::CueTime;
use crate::transcript::{Cue, Word};

/// Reads the words of a cue, where they make up its text; else the text without them. Gives back how many had no time.
///
/// Recognisers write a word with the blank before it, and a word in pieces without; some leave all blanks out. The
/// text tells which: it is followed word by word, and what stands between two words there stands between them here.
fn read_words<'t>(
    text: &'t str,
    words: impl Iterator<Item = (&'t str, Option<CueTime>, Option<CueTime>)>,
    plain: &mut Plain,
) -> usize {
    let mut rest = text;
    let mut untimed = 0;
    for (word, start, end) in words {
        let bare = word.trim();
        if bare.is_empty() {
            continue;
        }
        untimed += usize::from(start.is_none());
        // Only a little ahead: a word that the text does not have must not swallow what follows.
        let near = rest.get(..rest.floor_char_boundary(bare.len() + 64)).unwrap_or(rest);
        let from = near.len() - near.trim_start().len();
        let at = match near.get(from..) {
            Some(ahead) if ahead.starts_with(bare) => Some(from),
            _ => near.find(bare),
        };
        match at {
            Some(at) => {
                plain.literal(rest.get(..at).unwrap_or(""));
                plain.word(bare, start, end);
                rest = rest.get(at + bare.len()..).unwrap_or("");
            }
            None if text.trim().is_empty() => plain.word(word, start, end),
            None => {}
        }
    }
    plain.literal(rest);
    untimed
}

/// The words of a cue as recognisers write them: with all that stands before them, and the last with all that follows.
fn words_with_blanks(cue: &Cue) -> impl Iterator<Item = (&str, &Word)> {
    let mut from = 0;
    let last = cue.given_words.len().saturating_sub(1);
    cue.given_words.iter().enumerate().map(move |(place, word)| {
        let to = if place == last {
            cue.text.len()
        } else {
            word.bytes().end
        };
        let text = cue.slice(from..to);
        from = to;
        (text, word)
    })
}
