//! Words without cues become cues: a sentence or two of one speaker, as a captioner would cut them.
//!
//! Most recognisers tell words and no more. A cue ends where the speaker changes or rests, at the end of a sentence
//! that is long enough to stand alone, and before it grows longer than two lines of a caption and a bit.

use super::Warnings;
use super::draft::{Draft, Drafts, NameId};
use super::markup::Plain;
use crate::time::{CueTime, TimeDelta};

/// A rest as long as this ends a cue.
const REST: TimeDelta = TimeDelta::from_millis(1_500);
/// A sentence of so many bytes stands alone.
const SENTENCE: usize = 40;
/// A cue grows no longer than this, in bytes and in time.
const LONGEST: usize = 180;
const LONGEST_TIME: TimeDelta = TimeDelta::from_millis(15_000);

/// Collects words into cues.
pub(super) struct Flow<'d> {
    drafts: &'d mut Drafts,
    plain: Plain,
    name: Option<NameId>,
    line: u32,
    start: Option<CueTime>,
    end: Option<CueTime>,
    untimed: usize,
}

impl<'d> Flow<'d> {
    /// Words go into `drafts`.
    pub fn new(drafts: &'d mut Drafts) -> Self {
        Self {
            drafts,
            plain: Plain::default(),
            name: None,
            line: 0,
            start: None,
            end: None,
            untimed: 0,
        }
    }

    /// Adds a word that a blank parts from the one before.
    pub fn word(&mut self, line: u32, text: &str, start: Option<CueTime>, end: Option<CueTime>, speaker: Option<&str>) {
        self.plain.blank();
        self.piece(line, text, start, end, speaker);
    }

    /// Adds a word that only its own blanks part from the one before.
    pub fn piece(
        &mut self,
        line: u32,
        text: &str,
        start: Option<CueTime>,
        end: Option<CueTime>,
        speaker: Option<&str>,
    ) {
        let name = speaker.and_then(|speaker| self.drafts.names.id(speaker));
        let text_is_new = !text.trim().is_empty();
        if text_is_new && self.ends_before(start, name) {
            self.finish_cue();
        }
        if self.plain.text.is_empty() {
            self.line = line;
            self.name = name;
        }
        self.untimed += usize::from(start.is_none() && text_is_new);
        self.start = self.start.or(start);
        self.end = end.or(start).or(self.end);
        self.plain.word(text, start, end);
    }

    /// Adds what belongs to the word before: a punctuation mark that the format tells by itself.
    pub fn attach(&mut self, text: &str) {
        self.plain.word(text.trim_start(), None, None);
    }

    /// Ends the cue: the format says that something ends here.
    pub fn finish_cue(&mut self) {
        if let (false, Some(start)) = (self.plain.text.is_empty(), self.start) {
            let mut draft = Draft::new(self.line, start, self.end);
            draft.name = self.name;
            self.drafts.add(draft, &self.plain);
            self.plain.clear();
            (self.start, self.end) = (None, None);
        }
    }

    /// Ends the last cue and tells of words without a time.
    pub fn finish(mut self, warnings: &mut Warnings) {
        // Words that never had a time have no place; the text is kept at the end of what there is.
        if self.start.is_none() && !self.plain.text.is_empty() {
            self.start = Some(self.drafts.cues.last().and_then(|cue| cue.end).unwrap_or(CueTime::ZERO));
        }
        self.finish_cue();
        if self.untimed > 0 {
            let count = self.untimed;
            warnings.push(0, super::WarningKind::UntimedWords { count });
        }
    }

    fn ends_before(&self, start: Option<CueTime>, name: Option<NameId>) -> bool {
        let text = self.plain.text.as_str();
        if text.is_empty() {
            return false;
        }
        let closing = text.trim_end_matches(['"', '\'', ')', ']', '”', '’', '»']);
        let ends_sentence = closing.ends_with(['.', '?', '!', '…', '。', '？', '！']);
        let rests = matches!((self.end, start), (Some(end), Some(start)) if start >= end + REST);
        let lasts = matches!((self.start, start), (Some(first), Some(start)) if start >= first + LONGEST_TIME);
        name != self.name || rests || lasts || text.len() >= LONGEST || ends_sentence && text.len() >= SENTENCE
    }
}
