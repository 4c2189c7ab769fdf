//! Which cues, and which of their words, hold an instant.
//!
//! Lookups run on every painted frame. Starts are in order, so a lookup is a search by halves; a table of even stretches
//! of time leaves it a handful of cues to search. The words of a cue are looked at when it is first asked for, since
//! most have to be estimated, and kept.

use std::sync::OnceLock;

use super::{CueId, Transcript, Word};
use crate::time::{CueSpan, CueTime, TimeDelta};

/// Time → cue, for a list of spans ordered by start; and time → word inside a cue.
#[derive(Debug, Clone, Default)]
pub struct CueIndex {
    cues: Vec<Entry>,
    /// How many cues begin before each stretch of time.
    stretches: Vec<u32>,
    /// A stretch lasts two to this power microseconds.
    stretch_power: u32,
}

#[derive(Debug, Clone)]
struct Entry {
    span: CueSpan,
    /// The latest end among the cues up to and including this one: where to stop looking back.
    latest_end: CueTime,
    /// Its words, once somebody asked for them.
    words: OnceLock<WordTimes>,
}

/// When the words of a cue begin and end, in microseconds from its start. All starts, then all ends; where each word
/// ends as the next begins, the ends are the starts but the first, and one more. So most take little memory, and a
/// lookup touches little of it.
#[derive(Debug, Clone)]
struct WordTimes {
    times: Box<[u32]>,
    count: usize,
}

impl WordTimes {
    fn new(words: &[Word], since: impl Fn(CueTime) -> u32) -> Self {
        let mut times: Vec<u32> = words.iter().map(|word| since(word.span.start)).collect();
        let ends = words.iter().map(|word| since(word.span.end));
        if ends.clone().zip(times.iter().skip(1)).all(|(end, next)| end == *next) {
            times.extend(ends.last());
        } else {
            times.extend(ends);
        }
        Self {
            times: times.into(),
            count: words.len(),
        }
    }

    fn starts(&self) -> &[u32] {
        self.times.get(..self.count).unwrap_or_default()
    }

    fn ends(&self) -> &[u32] {
        let from = self.times.len().saturating_sub(self.count);
        self.times.get(from..).unwrap_or_default()
    }
}

impl CueIndex {
    /// Builds the index of a transcript.
    pub fn new(transcript: &Transcript) -> Self {
        let mut latest_end = CueTime::from_micros(i64::MIN);
        let entry = |cue: &super::Cue| {
            latest_end = latest_end.max(cue.span.end);
            let span = cue.span;
            let words = OnceLock::new();
            Entry {
                span,
                latest_end,
                words,
            }
        };
        let mut index = Self {
            cues: transcript.cues.iter().map(entry).collect(),
            ..Self::default()
        };
        index.divide();
        index
    }

    /// Divides the time from the first start to the last into about as many stretches as there are cues.
    fn divide(&mut self) {
        let (Some(first), Some(last)) = (self.cues.first(), self.cues.last()) else {
            return;
        };
        let extent = (last.span.start - first.span.start).as_micros().unsigned_abs();
        let mean = (extent / self.cues.len() as u64).max(1);
        self.stretch_power = mean.next_power_of_two().trailing_zeros();
        let count = (extent >> self.stretch_power) + 1;
        self.stretches.reserve_exact(count as usize);
        let mut before = 0;
        for stretch in 0..count {
            let start = first.span.start + TimeDelta::from_micros((stretch << self.stretch_power) as i64);
            while self.cues.get(before).is_some_and(|cue| cue.span.start < start) {
                before += 1;
            }
            self.stretches.push(before as u32);
        }
    }

    /// How many cues begin at or before `t`.
    fn begun_by(&self, t: CueTime) -> usize {
        let since_first = self.cues.first().map_or(-1, |first| (t - first.span.start).as_micros());
        let Ok(since_first) = u64::try_from(since_first) else {
            return 0;
        };
        let stretch = usize::try_from(since_first >> self.stretch_power).unwrap_or(usize::MAX);
        let place = |stretch: usize| {
            self.stretches
                .get(stretch)
                .map_or(self.cues.len(), |place| *place as usize)
        };
        let (from, to) = (place(stretch), place(stretch.saturating_add(1)));
        let near = self.cues.get(from..to).unwrap_or_default();
        from + near.partition_point(|cue| cue.span.start <= t)
    }

    /// The cues that hold `t`, the one that began last first.
    pub fn active(&self, t: CueTime) -> impl Iterator<Item = CueId> + '_ {
        let begun = self.cues.get(..self.begun_by(t)).unwrap_or_default();
        let places = begun.iter().enumerate().rev();
        places
            .take_while(move |(_, cue)| cue.latest_end > t)
            .filter(move |(_, cue)| cue.span.end > t)
            .map(|(place, _)| CueId(place as u32))
    }

    /// The cue that is being spoken at `t`: of those that hold it, the one that began last.
    pub fn primary(&self, t: CueTime) -> Option<CueId> {
        self.active(t).next()
    }

    /// The last cue that begins at or before `t`, whether it still holds it or not.
    pub fn begun(&self, t: CueTime) -> Option<CueId> {
        self.begun_by(t).checked_sub(1).map(|place| CueId(place as u32))
    }

    /// The next instant after `t` at which a cue begins or ends.
    pub fn next_change(&self, t: CueTime) -> Option<CueTime> {
        let next_start = self.cues.get(self.begun_by(t)).map(|cue| cue.span.start);
        let ends = self.active(t).filter_map(|id| self.cues.get(id.index()));
        match (next_start, ends.map(|cue| cue.span.end).min()) {
            (Some(start), Some(end)) => Some(start.min(end)),
            (start, end) => start.or(end),
        }
    }

    /// From the first start to the last end.
    pub fn extent(&self) -> Option<CueSpan> {
        Some(CueSpan::new(
            self.cues.first()?.span.start,
            self.cues.last()?.latest_end,
        ))
    }

    /// The word of a cue that is being spoken at `t`: its place in [`Transcript::words`]. The transcript is the one the
    /// index was built of.
    pub fn word_at(&self, transcript: &Transcript, id: CueId, t: CueTime) -> Option<usize> {
        let (words, t) = self.words_from(transcript, id, t)?;
        let begun = words.starts().partition_point(|&start| start <= t);
        // Walks back over words without length, which given times may hold.
        words.ends().get(..begun)?.iter().rposition(|&end| end > t)
    }

    /// The next instant after `t` at which a word of a cue begins or ends.
    pub fn next_word_change(&self, transcript: &Transcript, id: CueId, t: CueTime) -> Option<CueTime> {
        let (words, now) = self.words_from(transcript, id, t)?;
        let next = words.times.iter().copied().filter(|time| *time > now).min()?;
        Some(self.cues.get(id.index())?.span.start + TimeDelta::from_micros(i64::from(next)))
    }

    /// The words of a cue, and `t` on their clock.
    fn words_from(&self, transcript: &Transcript, id: CueId, t: CueTime) -> Option<(&WordTimes, u32)> {
        let cue = self.cues.get(id.index())?;
        let start = cue.span.start;
        // A cue of more than an hour is cut off at one; nobody speaks that long without a break.
        let since = |time: CueTime| u32::try_from((time - start).as_micros().max(0)).unwrap_or(u32::MAX);
        let words = cue.words.get_or_init(|| WordTimes::new(&transcript.words(id), since));
        (t >= start).then(|| (words, since(t)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::transcript::Cue;

    fn ms(millis: i64) -> CueTime {
        CueTime::from_millis(millis)
    }

    fn transcript(spans: impl IntoIterator<Item = (i64, i64)>) -> Transcript {
        let cue = |(start, end)| Cue {
            span: CueSpan::new(ms(start), ms(end)),
            speaker: None,
            text: "one two".into(),
            given_words: Box::default(),
            origin: None,
        };
        Transcript {
            cues: spans.into_iter().map(cue).collect(),
            ..Transcript::default()
        }
    }

    /// Every instant is looked up as by looking at each cue.
    #[test]
    fn lookups_agree_with_a_look_at_every_cue() {
        let even: Vec<(i64, i64)> = (0..50).map(|i| (i * 10, i * 10 + 8)).collect();
        let lists = [
            vec![],
            vec![(5, 9)],
            even,
            vec![(0, 400), (0, 3), (3, 3), (3, 7), (90, 95), (300, 301)],
            vec![(7, 8); 20],
            vec![(0, 1), (1, 2), (2, 3), (3, 4), (1_000_000, 1_000_001)],
        ];
        for spans in lists {
            let transcript = transcript(spans);
            let index = CueIndex::new(&transcript);
            for t in (-3..520).map(ms).chain([ms(999_999), ms(1_000_000), CueTime::MAX]) {
                let ids = |holds: &dyn Fn(&Cue) -> bool| -> Vec<CueId> {
                    let cues = transcript.cues.iter().enumerate().filter(|(_, cue)| holds(cue));
                    cues.map(|(place, _)| CueId(place as u32)).rev().collect()
                };
                assert_eq!(
                    index.active(t).collect::<Vec<_>>(),
                    ids(&|cue| cue.span.contains(t)),
                    "{t:?}"
                );
                assert_eq!(
                    index.begun(t),
                    ids(&|cue| cue.span.start <= t).first().copied(),
                    "{t:?}"
                );
            }
        }
    }

    #[test]
    fn words_are_found_as_they_are_spoken() {
        let transcript = transcript([(1_000, 3_000), (4_000, 5_000)]);
        let index = CueIndex::new(&transcript);
        let words = transcript.words(CueId(0)).into_owned();
        let at = |t| index.word_at(&transcript, CueId(0), t);
        assert_eq!(
            (at(ms(0)), at(ms(1_000)), at(ms(2_999)), at(ms(3_000))),
            (None, Some(0), Some(1), None)
        );
        assert_eq!(at(words[1].span.start), Some(1));
        let next = |t| index.next_word_change(&transcript, CueId(0), t);
        assert_eq!(
            (next(ms(1_000)), next(words[1].span.start)),
            (Some(words[0].span.end), Some(ms(3_000)))
        );
        assert_eq!(next(ms(3_000)), None);
    }
}
