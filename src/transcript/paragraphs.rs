//! Cues joined for reading: by speaker, sentence end and pause. The cues themselves stay as they are.
//!
//! Captions are cut where a line was full, so sentences end in the middle of cues; a paragraph may begin there too.

use std::ops::Range;

use super::{Cue, CueId, SpeakerId, TextPoint, Transcript};
use crate::time::TimeDelta;

/// A pause this long ends a paragraph wherever it falls in a sentence.
const LONG_PAUSE: TimeDelta = TimeDelta::from_millis(4_000);
/// A pause this long ends a paragraph after a full sentence.
const PAUSE: TimeDelta = TimeDelta::from_millis(1_500);
/// From this many bytes a paragraph ends with the sentence: about six lines of a comfortable column.
const SOFT_LENGTH: usize = 380;
/// From here it ends with the next clause, then with the next cue: transcripts without any punctuation exist.
const HARD_LENGTH: usize = 900;
const HARDEST_LENGTH: usize = 1_200;

/// A stretch of the transcript that reads as one paragraph.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Paragraph {
    /// Who speaks.
    pub speaker: Option<SpeakerId>,
    /// Its first character.
    pub start: TextPoint,
    /// The place after its last.
    pub end: TextPoint,
}

impl Paragraph {
    /// The first cue it has text of.
    pub fn first(&self) -> CueId {
        self.start.cue
    }

    /// The cues it has text of, as places in [`Transcript::cues`].
    pub fn cues(&self) -> Range<u32> {
        self.start.cue.0..self.end.cue.0.saturating_add(1)
    }
}

/// Groups all text into paragraphs, in order, none left out but the white space between two of them.
pub fn paragraphs(transcript: &Transcript) -> Vec<Paragraph> {
    let mut out: Vec<Paragraph> = Vec::new();
    let mut length = 0;
    let mut before: Option<&Cue> = None;
    for (i, cue) in transcript.cues.iter().enumerate() {
        let id = CueId(i as u32);
        let joins = before.is_some_and(|before| joins(before, cue, length));
        before = Some(cue);
        if !joins || out.is_empty() {
            out.push(Paragraph {
                speaker: cue.speaker,
                start: TextPoint::new(id, 0),
                end: TextPoint::new(id, 0),
            });
            length = 0;
        }
        let mut from = 0;
        for (end, next) in sentence_ends(&cue.text) {
            if length + (end - from) < SOFT_LENGTH {
                continue;
            }
            if let Some(paragraph) = out.last_mut() {
                paragraph.end = TextPoint::new(id, end as u32);
            }
            let start = TextPoint::new(id, next as u32);
            out.push(Paragraph {
                speaker: cue.speaker,
                start,
                end: start,
            });
            (length, from) = (0, next);
        }
        if let Some(paragraph) = out.last_mut() {
            paragraph.end = TextPoint::new(id, cue.text.len() as u32);
        }
        length += cue.text.len() - from + 1;
    }
    out
}

/// Whether a cue goes on with the paragraph of the one before, which is `length` bytes long so far.
fn joins(before: &Cue, cue: &Cue, length: usize) -> bool {
    let pause = cue.span.start - before.span.end;
    let sentence_over = ends_sentence(&before.text);
    let over = pause >= LONG_PAUSE
        || sentence_over && (pause >= PAUSE || length >= SOFT_LENGTH)
        || length >= HARD_LENGTH && (ends_clause(&before.text) || length >= HARDEST_LENGTH);
    before.speaker == cue.speaker && !over
}

/// Where sentences end inside a text, each with the place where the next begins.
fn sentence_ends(text: &str) -> impl Iterator<Item = (usize, usize)> + '_ {
    text.char_indices().filter_map(move |(at, c)| {
        if !c.is_whitespace() {
            return None;
        }
        let (said, rest) = (text.get(..at)?, text.get(at..)?);
        let next = rest.trim_start();
        let begins = next.chars().next()?;
        let fresh = begins.is_uppercase() || begins.is_numeric() || !(begins.is_alphabetic() || begins.is_whitespace());
        (fresh && ends_sentence(said) && !ends_in_abbreviation(said)).then_some((at, at + rest.len() - next.len()))
    })
}

/// "Dr.", "J." and their like end no sentence.
fn ends_in_abbreviation(said: &str) -> bool {
    let Some(word) = said
        .strip_suffix('.')
        .and_then(|said| said.split_whitespace().next_back())
    else {
        return false;
    };
    let initial = word.chars().count() == 1 && word.chars().all(char::is_uppercase);
    let known = [
        "Mr", "Mrs", "Ms", "Dr", "Prof", "St", "Jr", "Sr", "No", "vs", "etc", "e.g", "i.e", "z.B", "Hr", "Fr",
    ];
    initial || known.contains(&word)
}

fn last_mark(text: &str) -> Option<char> {
    text.trim_end()
        .trim_end_matches(['"', '\'', ')', ']', '”', '’', '»'])
        .chars()
        .next_back()
}

fn ends_sentence(text: &str) -> bool {
    matches!(
        last_mark(text),
        Some('.' | '?' | '!' | '…' | '。' | '？' | '！' | '؟' | '।')
    )
}

fn ends_clause(text: &str) -> bool {
    ends_sentence(text) || matches!(last_mark(text), Some(',' | ';' | ':' | '—' | '–' | '，' | '、'))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::{CueSpan, CueTime};
    use crate::transcript::Passage;

    fn transcript(cues: &[(i64, i64, Option<u16>, &str)]) -> Transcript {
        let cue = |&(start, end, speaker, text): &(i64, i64, Option<u16>, &str)| Cue {
            span: CueSpan::new(CueTime::from_millis(start), CueTime::from_millis(end)),
            speaker: speaker.map(SpeakerId),
            text: text.into(),
            given_words: Box::default(),
            origin: None,
        };
        Transcript {
            cues: cues.iter().map(cue).collect(),
            ..Transcript::default()
        }
    }

    fn texts(transcript: &Transcript) -> Vec<String> {
        let text = |p: &Paragraph| {
            Passage {
                start: p.start,
                end: p.end,
            }
            .text(transcript)
        };
        paragraphs(transcript).iter().map(text).collect()
    }

    #[test]
    fn speakers_and_pauses_end_paragraphs() {
        let transcript = transcript(&[
            (0, 1_000, Some(0), "I am your"),
            (1_000, 2_000, Some(0), "host."),
            (2_000, 3_000, Some(1), "And I am not."),
            (4_600, 5_000, Some(1), "After a rest,"),
            (7_000, 8_000, Some(1), "still the same sentence"),
            (12_500, 13_000, Some(1), "but not after this."),
        ]);
        assert_eq!(
            texts(&transcript),
            [
                "I am your host.",
                "And I am not.",
                "After a rest, still the same sentence",
                "but not after this."
            ]
        );
    }

    #[test]
    fn a_long_paragraph_ends_with_its_sentence_inside_a_cue() {
        let filler = "word ".repeat(90);
        let text = format!("{filler}of Dr. Who ends here. And the next begins");
        let transcript = transcript(&[(0, 9_000, None, text.trim()), (9_000, 10_000, None, "and goes on.")]);
        let texts = texts(&transcript);
        assert!(texts[0].ends_with("of Dr. Who ends here."), "{texts:?}");
        assert_eq!(texts[1], "And the next begins and goes on.");
    }
}
