//! A transcript with the times at which it is heard, for programs that know nothing of the map.

use crate::time::{CueSpan, CueTime, MediaSpan, MediaTime};
use crate::transcript::{Chapter, CueId, Transcript};

use super::Timeline;

impl Timeline {
    /// The transcript as it is heard: what the recording has not is left out, and what would begin before its zero begins
    /// there.
    pub fn retimed(&self) -> Transcript {
        let mut transcript = Transcript::clone(self.transcript());
        let span = |span: CueSpan| as_cue_span(self.map().media_span_from_cue(span));
        let mut number = 0;
        let mut left_out = Vec::new();
        transcript.cues.retain_mut(|cue| {
            let here = number;
            number += 1;
            if !self.is_heard(CueId(here)) {
                left_out.push(here);
                return false;
            }
            if self.timing().is_identity() {
                return true;
            }
            cue.span = span(cue.span);
            for word in &mut cue.given_words {
                word.span = span(word.span);
            }
            // Its markup holds times as well.
            if let Some(origin) = cue.origin.as_mut().filter(|_| !cue.given_words.is_empty()) {
                origin.payload = None;
            }
            true
        });
        // What stands between the cues goes to the next that is left.
        if let Some(kept) = &mut transcript.kept {
            for (before, _) in &mut kept.blocks {
                *before -= left_out.partition_point(|cue| cue < before) as u32;
            }
        }
        let time = |time: CueTime| as_cue_time(self.map().media_from_cue(time));
        for Chapter { start, end, .. } in &mut transcript.outline {
            *start = time(*start);
            *end = end.map(time);
        }
        transcript
    }
}

fn as_cue_time(time: MediaTime) -> CueTime {
    CueTime::from_micros(time.as_micros().max(0))
}

fn as_cue_span(span: MediaSpan) -> CueSpan {
    CueSpan::new(as_cue_time(span.start), as_cue_time(span.end))
}
