//! What all writers share: the text on its way out, cues put together again, and what the target cannot hold.

use std::borrow::Cow;

use super::formats::{Holds, Spec};
use super::speakers::given_to_others;
use super::stamp::TimeLines;
use super::{Format, WriteError};
use crate::time::CueSpan;
use crate::transcript::{Cue, CueId, CueOrigin, Transcript, Word};

/// A file as written.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Written {
    /// Its text, to be encoded as UTF-8.
    pub text: String,
    /// What it could not hold.
    pub losses: Vec<Loss>,
}

/// Something that a format cannot hold, and how often it was left out.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{format} holds no {what}: {count} left out")]
pub struct Loss {
    /// The format's name.
    pub format: &'static str,
    /// What was left out.
    pub what: &'static str,
    /// How many.
    pub count: usize,
}

/// Writes a transcript in a format.
pub fn write(transcript: &Transcript, format: Format) -> Result<Written, WriteError> {
    let spec = format.spec();
    let Some((write, holds)) = spec.write else {
        return Err(WriteError::NotWritten { format: spec.name });
    };
    let mut out = Output::default();
    write(transcript, &mut out);
    Ok(Written {
        text: out.text,
        losses: losses(transcript, spec, holds, out.lost),
    })
}

fn losses(transcript: &Transcript, spec: &Spec, holds: Holds, lost: Vec<(&'static str, usize)>) -> Vec<Loss> {
    let cues = |is: fn(&Cue) -> bool| transcript.cues.iter().filter(|cue| is(cue)).count();
    let mut found = lost;
    let mut unless = |held: bool, what, count: usize| {
        if !held {
            found.push((what, count));
        }
    };
    let words = |cue: &Cue| cue.given_words.len();
    unless(holds.words, "times of words", transcript.cues.iter().map(words).sum());
    unless(holds.speakers, "speakers", cues(|cue| cue.speaker.is_some()));
    let names_each = !holds.speakers || spec.format.names_each_speaker();
    unless(names_each, "cues without a speaker", given_to_others(transcript));
    unless(
        holds.lines,
        "line breaks inside a cue",
        cues(|cue| cue.text.contains('\n')),
    );
    unless(holds.language, "language", usize::from(transcript.language.is_some()));
    unless(holds.title, "title", usize::from(transcript.title.is_some()));
    unless(holds.outline, "chapters", transcript.outline.len());
    let mut pairs = transcript.cues.windows(2);
    let leaves_time = |pair: &[Cue]| matches!(pair, [a, b] if a.span.end != b.span.start);
    unless(holds.ends, "ends of cues", usize::from(pairs.any(leaves_time)));
    found.retain(|(_, count)| *count > 0);
    let as_loss = |(what, count)| Loss {
        format: spec.name,
        what,
        count,
    };
    found.into_iter().map(as_loss).collect()
}

/// A file while it is written.
#[derive(Debug, Default)]
pub(super) struct Output {
    text: String,
    lost: Vec<(&'static str, usize)>,
}

impl Output {
    /// Adds text as it is.
    pub fn text(&mut self, text: &str) {
        self.text.push_str(text);
    }

    /// Adds text and a line break.
    pub fn line(&mut self, text: &str) {
        self.text.push_str(text);
        self.text.push('\n');
    }

    /// What was written so far, for those who write through [`std::fmt::Write`].
    pub fn buffer(&mut self) -> &mut String {
        &mut self.text
    }

    /// Makes the text end with so many line breaks.
    pub fn end_with(&mut self, line_breaks: usize) {
        let length = self.text.trim_end_matches('\n').len();
        self.text.truncate(length);
        self.text.extend(std::iter::repeat_n('\n', line_breaks));
    }

    /// Notes something that the table does not know the format cannot hold.
    pub fn lose(&mut self, what: &'static str) {
        match self.lost.iter_mut().find(|(lost, _)| *lost == what) {
            Some((_, count)) => *count += 1,
            None => self.lost.push((what, 1)),
        }
    }
}

/// More line breaks at the end of a file are not kept.
pub(super) const MOST_LINE_ENDS: usize = 9;

/// With how many line breaks a file ends, as a word of [`crate::transcript::Kept::style`].
pub(super) fn line_ends_as_word(count: usize) -> String {
    format!("ends={count}")
}

/// What [`line_ends_as_word`] wrote.
pub(super) fn line_ends_of(word: &str) -> Option<usize> {
    let count: usize = word.strip_prefix("ends=")?.parse().ok()?;
    Some(count.min(MOST_LINE_ENDS))
}

/// A cue as the file had it: reading makes one for each voice, writing puts them together again.
pub(super) struct WholeCue<'a> {
    /// The place of the first of them.
    pub first: CueId,
    /// All of them, at least one.
    pub cues: &'a [Cue],
    /// From the start of the first to the end of the last.
    pub span: CueSpan,
    /// Whether it was read from the format it is written in.
    same_format: bool,
}

impl<'a> WholeCue<'a> {
    /// What the file said of it beyond the text.
    pub fn origin(&self) -> Option<&'a CueOrigin> {
        self.cues.first()?.origin.as_deref()
    }

    /// The cue settings.
    pub fn settings(&self) -> Option<&'a str> {
        self.origin()?.settings.as_deref()
    }

    /// Its text with the markup it had. Who changes a cue drops its payload.
    pub fn payload(&self) -> Option<&'a str> {
        self.origin().filter(|_| self.same_format)?.payload.as_deref()
    }

    /// What else the format told of it.
    pub fn extra(&self) -> Option<&'a str> {
        self.origin().filter(|_| self.same_format)?.extra.as_deref()
    }

    /// The cue, where its payload is not known: then it is a single one.
    pub fn cue(&self) -> Option<&'a Cue> {
        self.cues.first()
    }
}

/// The cues of a transcript as a file of the format with this key has them: those that were read from one there are
/// put together again, since their payload is one.
pub(super) fn whole_cues<'a>(transcript: &'a Transcript, key: &str) -> impl Iterator<Item = WholeCue<'a>> {
    let same_format = transcript.kept.as_ref().is_some_and(|kept| kept.format == key);
    let mut rest = transcript.cues.as_slice();
    let mut place = 0_u32;
    std::iter::from_fn(move || {
        let first = rest.first()?;
        let continues = |cue: &&Cue| cue.origin.as_ref().is_some_and(|origin| origin.continues);
        let has_payload = first.origin.as_ref().is_some_and(|origin| origin.payload.is_some());
        let count = if same_format && has_payload {
            1 + rest.iter().skip(1).take_while(continues).count()
        } else {
            1
        };
        let (cues, after) = rest.split_at_checked(count)?;
        let end = cues.iter().map(|cue| cue.span.end).max().unwrap_or(first.span.end);
        let whole = WholeCue {
            first: CueId(place),
            cues,
            span: CueSpan::new(first.span.start, end),
            same_format,
        };
        rest = after;
        place = place.saturating_add(count as u32);
        Some(whole)
    })
}

/// A cue's text cut at its timed words: what stands before each word, and the word. The last piece has no word.
pub(super) fn around_words(cue: &Cue) -> impl Iterator<Item = (&str, Option<(&Word, &str)>)> {
    let mut at = 0;
    let mut words = cue.given_words.iter();
    let mut ended = false;
    std::iter::from_fn(move || {
        if ended {
            return None;
        }
        let Some(word) = words.next() else {
            ended = true;
            return Some((cue.slice(at..cue.text.len()), None));
        };
        let before = cue.slice(at..word.bytes().start);
        at = word.bytes().end;
        Some((before, Some((word, cue.slice(word.bytes())))))
    })
}

/// A text in which no reader takes an arrow for that of a time line.
pub(super) fn without_arrows(text: &str) -> Cow<'_, str> {
    if !text.contains(['>', '→']) {
        return Cow::Borrowed(text);
    }
    let text = text.replace("-->", "->");
    // Somebody quotes a time line. A mark that nobody sees, and every reader drops, takes its arrow apart.
    Cow::Owned(match TimeLines::new(&text).next() {
        Some(_) => text.replace('>', "\u{feff}>").replace('→', "\u{feff}→"),
        None => text,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quoted_time_line_stays_text() {
        for arrow in ["-->", "->", "→", "–>", "-- >"] {
            let text = format!("he typed 00:00:01,000 {arrow} 00:00:02,000 there");
            assert_eq!(TimeLines::new(&without_arrows(&text)).count(), 0, "{text}");
        }
        assert_eq!(without_arrows("go --> on"), "go -> on");
        assert_eq!(without_arrows("a > b → c"), "a > b → c");
    }
}
