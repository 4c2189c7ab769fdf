//! A transcript laid on the recording's clock. Everything above it sees [`MediaTime`] only.

use std::borrow::Cow;
use std::sync::Arc;

use super::{TimeMap, Timing};
use crate::time::{CueTime, MediaSpan, MediaTime};
use crate::transcript::{CueId, CueIndex, Passage, TextPoint, Transcript, Word};

/// The words of a transcript as they were found in the recording, with their index: made apart, since that takes a while.
#[derive(Debug, Clone)]
pub struct RefinedWords {
    transcript: Arc<Transcript>,
    index: Arc<CueIndex>,
}

impl RefinedWords {
    /// Of a transcript whose words were refined.
    pub fn new(transcript: Transcript) -> Self {
        Self {
            index: Arc::new(CueIndex::new(&transcript)),
            transcript: Arc::new(transcript),
        }
    }
}

/// A transcript with its index and the map to the recording's clock.
#[derive(Debug, Clone)]
pub struct Timeline {
    transcript: Arc<Transcript>,
    /// The same with the words as they were found in the recording, once they are.
    worded: Arc<Transcript>,
    index: Arc<CueIndex>,
    timing: Timing,
    map: TimeMap,
}

impl Timeline {
    /// Lays a transcript on the recording's clock.
    pub fn new(transcript: Arc<Transcript>, timing: Timing) -> Self {
        let index = Arc::new(CueIndex::new(&transcript));
        let map = timing.map();
        Self {
            worded: Arc::clone(&transcript),
            transcript,
            index,
            timing,
            map,
        }
    }

    /// The transcript.
    pub fn transcript(&self) -> &Arc<Transcript> {
        &self.transcript
    }

    /// The map between the clocks.
    pub fn map(&self) -> &TimeMap {
        &self.map
    }

    /// What the map was made of.
    pub fn timing(&self) -> &Timing {
        &self.timing
    }

    /// The same transcript under another map.
    pub fn set_timing(&mut self, timing: Timing) {
        self.map = timing.map();
        self.timing = timing;
    }

    /// The same transcript with its words as they were found in the recording. They must be of this transcript.
    pub fn set_words(&mut self, words: RefinedWords) {
        self.worded = words.transcript;
        self.index = words.index;
    }

    /// The cue being spoken: of those that hold `t`, the one that began last.
    pub fn primary(&self, t: MediaTime) -> Option<CueId> {
        self.index.primary(self.map.cue_from_media(t)?)
    }

    /// All cues that hold `t`, the one that began last first.
    pub fn active(&self, t: MediaTime) -> impl Iterator<Item = CueId> + '_ {
        let cue_t = self.map.cue_from_media(t);
        cue_t.into_iter().flat_map(|cue_t| self.index.active(cue_t))
    }

    /// The last cue that begins at or before `t`.
    pub fn begun(&self, t: MediaTime) -> Option<CueId> {
        self.index.begun(self.map.cue_reached(t))
    }

    /// Whether the recording has what a cue says.
    pub fn is_heard(&self, id: CueId) -> bool {
        self.transcript
            .cue(id)
            .is_some_and(|cue| self.map.is_heard(cue.span.start))
    }

    /// When a cue is heard.
    pub fn span(&self, id: CueId) -> Option<MediaSpan> {
        Some(self.map.media_span_from_cue(self.transcript.cue(id)?.span))
    }

    /// The words of a cue. Their times are on the transcript's clock; see [`Timeline::word_span`].
    pub fn words(&self, id: CueId) -> Cow<'_, [Word]> {
        self.worded.words(id)
    }

    /// When a word is heard.
    pub fn word_span(&self, word: &Word) -> MediaSpan {
        self.map.media_span_from_cue(word.span)
    }

    /// The word being spoken in a cue at `t`: its place in [`Timeline::words`].
    pub fn word_at(&self, id: CueId, t: MediaTime) -> Option<usize> {
        self.index.word_at(&self.worded, id, self.map.cue_from_media(t)?)
    }

    /// When the passage is heard.
    pub fn passage_span(&self, passage: Passage) -> Option<MediaSpan> {
        Some(self.map.media_span_from_cue(passage.span(&self.transcript)?))
    }

    /// When the character at a place is heard: the start of its word.
    pub fn time_of(&self, point: TextPoint) -> Option<MediaTime> {
        Some(self.map.media_from_cue(self.cue_time_of(point)?))
    }

    /// The transcript time of the character at a place: the start of its word.
    pub fn cue_time_of(&self, point: TextPoint) -> Option<CueTime> {
        let cue = self.transcript.cue(point.cue)?;
        let words = self.words(point.cue);
        let word = words.iter().rev().find(|word| word.range.start <= point.byte);
        Some(word.map_or(cue.span.start, |word| word.span.start))
    }

    /// The next instant after `t` at which another cue or word lights up or goes out.
    pub fn next_change(&self, t: MediaTime) -> Option<MediaTime> {
        let cut = self.map.next_cut(t);
        let Some(cue_t) = self.map.cue_from_media(t) else {
            return cut;
        };
        let mut next = self.index.next_change(cue_t);
        for id in self.index.active(cue_t) {
            let of_word = self.index.next_word_change(&self.worded, id, cue_t);
            next = next.into_iter().chain(of_word).min();
        }
        next.map(|next| self.map.media_from_cue(next))
            .into_iter()
            .chain(cut)
            .min()
    }

    /// When the last cue ends, on the transcript's clock.
    pub fn transcript_length(&self) -> CueTime {
        self.index.extent().map_or(CueTime::ZERO, |span| span.end)
    }

    /// The end of the last cue.
    pub fn end(&self) -> MediaTime {
        self.index
            .extent()
            .map_or(MediaTime::ZERO, |span| self.map.media_from_cue(span.end))
    }
}
