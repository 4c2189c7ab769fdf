//! The transcript and its parts.

use std::borrow::Cow;
use std::ops::Range;

use super::{Speaker, SpeakerId, words};
use crate::time::{CueSpan, CueTime, TimeDelta};

/// Which cue; its place in [`Transcript::cues`], which is ordered by start.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CueId(pub u32);

impl CueId {
    /// The place in [`Transcript::cues`].
    pub fn index(self) -> usize {
        self.0 as usize
    }
}

/// All cues of one recording in one language, from one source.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Transcript {
    /// The cues, ordered by start; equal starts keep the file's order.
    pub cues: Vec<Cue>,
    /// The people named, in the order of their first word.
    pub speakers: Vec<Speaker>,
    /// The language the file tells, as it tells it (usually BCP 47).
    pub language: Option<String>,
    /// What the file calls it.
    pub title: Option<String>,
    /// The chapters the file tells, ordered by start.
    pub outline: Vec<Chapter>,
    /// What the file held besides, for writing it back.
    pub kept: Option<Box<Kept>>,
    /// Whether the file gives no times: those of the cues are what saying them would take.
    pub estimated: bool,
}

/// A part of a recording with a name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chapter {
    /// When it begins, on the transcript's clock.
    pub start: CueTime,
    /// When it ends, where the file tells.
    pub end: Option<CueTime>,
    /// What it is called.
    pub title: String,
}

/// What a file holds beyond cues, as written: only a writer of the same format understands it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Kept {
    /// The key of the format it was read from.
    pub format: &'static str,
    /// What stands before the first cue.
    pub head: String,
    /// What stands between the cues, each with the place of the cue it precedes.
    pub blocks: Vec<(u32, String)>,
    /// How it writes what can be written in several ways, in the format's own words: `short numbered`.
    pub style: String,
}

/// A timed stretch of text.
#[derive(Debug, Clone, PartialEq)]
pub struct Cue {
    /// When it is spoken, on the transcript's clock.
    pub span: CueSpan,
    /// Who speaks, when the file tells.
    pub speaker: Option<SpeakerId>,
    /// The words as shown: no markup, no speaker prefix, line breaks as `\n`.
    pub text: Box<str>,
    /// Words with times given by the file; empty when the file gives none. See [`Transcript::words`].
    pub given_words: Box<[Word]>,
    /// What the file said beyond the text, kept for writing it back.
    pub origin: Option<Box<CueOrigin>>,
}

/// What a caption file attaches to a cue.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CueOrigin {
    /// The cue identifier (WebVTT) where it is more than the running number; empty where a file that numbers its cues
    /// leaves one without.
    pub identifier: Option<String>,
    /// The cue settings after the time line (WebVTT), or trailing coordinates (SubRip).
    pub settings: Option<String>,
    /// The text with its markup, where that says more than the text.
    pub payload: Option<Box<str>>,
    /// What else the format tells of the cue, in its own writing.
    pub extra: Option<Box<str>>,
    /// Whether the cue is the further part of one that was written as one with the cue before.
    pub continues: bool,
}

/// A piece of a cue with its own time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Word {
    /// When it is spoken.
    pub span: CueSpan,
    /// Where it stands in the cue's text, in bytes; always on character borders.
    pub range: Range<u32>,
    /// Whether the file gave the time; otherwise it is shared out by spoken length.
    pub given: bool,
}

impl Word {
    /// The byte range in the cue's text.
    pub fn bytes(&self) -> Range<usize> {
        self.range.start as usize..self.range.end as usize
    }
}

impl Transcript {
    /// Moves everything by so much; what would begin before zero begins there.
    pub fn shift(&mut self, by: TimeDelta) {
        let moved = |time: CueTime| (time + by).max(CueTime::ZERO);
        let moved_span = |span: CueSpan| CueSpan::new(moved(span.start), moved(span.end));
        for cue in &mut self.cues {
            cue.span = moved_span(cue.span);
            for word in &mut cue.given_words {
                word.span = moved_span(word.span);
            }
            // Its markup holds times as well.
            if let Some(origin) = cue.origin.as_mut().filter(|_| !cue.given_words.is_empty()) {
                origin.payload = None;
            }
        }
        for chapter in &mut self.outline {
            chapter.start = moved(chapter.start);
            chapter.end = chapter.end.map(moved);
        }
    }

    /// The cue with this id.
    pub fn cue(&self, id: CueId) -> Option<&Cue> {
        self.cues.get(id.index())
    }

    /// The speaker's name, when the cue has one.
    pub fn speaker_name(&self, speaker: Option<SpeakerId>) -> Option<&str> {
        self.speakers.get(usize::from(speaker?.0)).map(|s| s.name.as_str())
    }

    /// The words of a cue: as the file times them, else estimated.
    pub fn words(&self, id: CueId) -> Cow<'_, [Word]> {
        match self.cue(id) {
            None => Cow::Borrowed(&[]),
            Some(cue) if !cue.given_words.is_empty() => Cow::Borrowed(&cue.given_words),
            Some(cue) => Cow::Owned(words::estimate_words(&cue.text, cue.span)),
        }
    }
}

impl Cue {
    /// The part of the text in `bytes`, empty where the range does not fit the text.
    pub fn slice(&self, bytes: Range<usize>) -> &str {
        self.text.get(bytes).unwrap_or("")
    }
}
