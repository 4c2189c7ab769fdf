//! A transcript laid on the recording's clock. Everything above it sees [`MediaTime`] only.

use std::borrow::Cow;
use std::sync::Arc;

use super::TimeMap;
use crate::time::{CueTime, MediaSpan, MediaTime};
use crate::transcript::{CueId, CueIndex, Passage, TextPoint, Transcript, Word};

/// A transcript with its index and the map to the recording's clock.
#[derive(Debug, Clone)]
pub struct Timeline {
    transcript: Arc<Transcript>,
    index: Arc<CueIndex>,
    map: TimeMap,
}

impl Timeline {
    /// Lays a transcript on the recording's clock.
    pub fn new(transcript: Arc<Transcript>, map: TimeMap) -> Self {
        let index = Arc::new(CueIndex::new(&transcript));
        Self { transcript, index, map }
    }

    /// The transcript.
    pub fn transcript(&self) -> &Arc<Transcript> {
        &self.transcript
    }

    /// The map between the clocks.
    pub fn map(&self) -> TimeMap {
        self.map
    }

    /// The same transcript under another map.
    pub fn set_map(&mut self, map: TimeMap) {
        self.map = map;
    }

    fn cue_time(&self, t: MediaTime) -> CueTime {
        self.map.cue_from_media(t)
    }

    /// The cue being spoken: of those that hold `t`, the one that began last.
    pub fn primary(&self, t: MediaTime) -> Option<CueId> {
        self.index.primary(self.cue_time(t))
    }

    /// All cues that hold `t`, the one that began last first.
    pub fn active(&self, t: MediaTime) -> impl Iterator<Item = CueId> + '_ {
        self.index.active(self.cue_time(t))
    }

    /// The last cue that begins at or before `t`.
    pub fn begun(&self, t: MediaTime) -> Option<CueId> {
        self.index.begun(self.cue_time(t))
    }

    /// When a cue is heard.
    pub fn span(&self, id: CueId) -> Option<MediaSpan> {
        Some(self.map.media_span_from_cue(self.transcript.cue(id)?.span))
    }

    /// The words of a cue. Their times are on the transcript's clock; see [`Timeline::word_span`].
    pub fn words(&self, id: CueId) -> Cow<'_, [Word]> {
        self.transcript.words(id)
    }

    /// When a word is heard.
    pub fn word_span(&self, word: &Word) -> MediaSpan {
        self.map.media_span_from_cue(word.span)
    }

    /// The word being spoken in a cue at `t`: its place in [`Timeline::words`].
    pub fn word_at(&self, id: CueId, t: MediaTime) -> Option<usize> {
        self.index.word_at(&self.transcript, id, self.cue_time(t))
    }

    /// When the passage is heard.
    pub fn passage_span(&self, passage: Passage) -> Option<MediaSpan> {
        Some(self.map.media_span_from_cue(passage.span(&self.transcript)?))
    }

    /// When the character at a place is heard: the start of its word.
    pub fn time_of(&self, point: TextPoint) -> Option<MediaTime> {
        let cue = self.transcript.cue(point.cue)?;
        let words = self.words(point.cue);
        let word = words.iter().rev().find(|word| word.range.start <= point.byte);
        Some(
            self.map
                .media_from_cue(word.map_or(cue.span.start, |word| word.span.start)),
        )
    }

    /// The next instant after `t` at which another cue or word lights up or goes out.
    pub fn next_change(&self, t: MediaTime) -> Option<MediaTime> {
        let cue_t = self.cue_time(t);
        let mut next = self.index.next_change(cue_t);
        for id in self.index.active(cue_t) {
            let of_word = self.index.next_word_change(&self.transcript, id, cue_t);
            next = next.into_iter().chain(of_word).min();
        }
        Some(self.map.media_from_cue(next?))
    }

    /// The end of the last cue.
    pub fn end(&self) -> MediaTime {
        self.index
            .extent()
            .map_or(MediaTime::ZERO, |span| self.map.media_from_cue(span.end))
    }
}
