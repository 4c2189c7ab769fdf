//! Skipping gaps: stretches in which the transcript has no cue and the recording no speech.
//!
//! They are found on a thread of their own, once for each state of the transcript and the waveform, and looked up by
//! halves on every tick. A stretch is worth skipping only as far as the waveform is measured.

use std::ops::Range;
use std::sync::Arc;

use super::{Effect, Progress, Reader};
use crate::audio::Peaks;
use crate::time::{MediaSpan, MediaTime, TimeDelta};
use crate::timing::{Timeline, Timing};
use crate::transcript::Transcript;

/// A gap in the transcript is this long at least; shorter ones are rests between sentences.
const GAP: TimeDelta = TimeDelta::from_millis(1_500);
/// What stays on either side of a stretch that is skipped: breath, and the end of a word that is softer than the rest.
const KEPT: TimeDelta = TimeDelta::from_millis(250);
/// Less than this is not worth a jump.
const WORTH: TimeDelta = TimeDelta::from_millis(1_000);
/// Of 20 steps of the waveform, 200 ms, 6 are loud where somebody speaks; a click or a cough is shorter.
const WINDOW: usize = 20;
const LOUD_IN_WINDOW: usize = 6;

/// What the skippable stretches of a document were looked for in.
#[derive(Debug)]
struct Ground {
    transcript: Option<Arc<Transcript>>,
    timing: Timing,
    measured: MediaTime,
    whole: bool,
}

/// The stretches of a document that can be skipped, as far as they are known.
#[derive(Debug, Default)]
pub(super) struct Gaps {
    ground: Option<Ground>,
    /// The number of the last question; answers to others are late.
    asked: u64,
    stretches: Vec<MediaSpan>,
}

impl Gaps {
    /// The end of the stretch that holds `t`.
    fn over(&self, t: MediaTime) -> Option<MediaTime> {
        let begun = self.stretches.partition_point(|span| span.start <= t);
        let span = self.stretches.get(begun.checked_sub(1)?)?;
        span.contains(t).then_some(span.end)
    }

    /// Where the next stretch begins after `t`.
    fn next(&self, t: MediaTime) -> Option<MediaTime> {
        let begun = self.stretches.partition_point(|span| span.start <= t);
        Some(self.stretches.get(begun)?.start)
    }
}

impl Reader {
    /// Looks for what can be skipped anew, where the text, its place or the waveform has changed since it was looked for.
    pub(super) fn settle_gaps(&mut self) {
        if !self.settings.skip_gaps {
            return;
        }
        let Some(document) = self.document.as_mut().filter(|document| !document.reading) else {
            return;
        };
        let Some(peaks) = document.peaks.clone() else { return };
        let timeline = document.timeline.clone();
        let transcript = timeline.as_ref().map(Timeline::transcript);
        let timing = document.timing();
        let (measured, whole) = (peaks.length(), document.measured == Progress::Done);
        let gaps = &mut document.gaps;
        let same_text = gaps.ground.as_ref().is_some_and(|ground| {
            let same = match (&ground.transcript, transcript) {
                (Some(before), Some(now)) => Arc::ptr_eq(before, now),
                (before, now) => before.is_none() && now.is_none(),
            };
            same && ground.timing == timing
        });
        if !same_text {
            gaps.stretches.clear();
        }
        // While the recording is measured, only now and then: looking costs as much as there is to look at.
        let same_sound = gaps.ground.as_ref().is_some_and(|ground| {
            ground.whole == whole
                && (whole || measured - MediaTime::ZERO < (ground.measured - MediaTime::ZERO).scaled(1.25))
        });
        if same_text && same_sound {
            return;
        }
        gaps.ground = Some(Ground {
            transcript: transcript.cloned(),
            timing,
            measured,
            whole,
        });
        gaps.asked += 1;
        let effect = Effect::FindGaps {
            generation: document.generation,
            number: gaps.asked,
            timeline,
            peaks,
            whole,
        };
        self.effect(effect);
    }

    /// What can be skipped is known.
    pub(super) fn gaps_found(&mut self, generation: u64, number: u64, stretches: Vec<MediaSpan>) {
        let document = self.document.as_mut();
        if let Some(document) = document.filter(|document| document.generation == generation)
            && document.gaps.asked == number
        {
            document.gaps.stretches = stretches;
        }
    }

    /// Jumps over a stretch that can be skipped, when playing has come to it. No jump one may want to take back.
    pub(super) fn skip_gap(&mut self) {
        if !self.skips_gaps() {
            return;
        }
        let position = self.playback.position;
        if let Some(to) = self.document.as_ref().and_then(|document| document.gaps.over(position)) {
            self.move_to(to);
        }
    }

    /// When playing comes to a stretch that will be skipped, in time still to be played.
    pub fn until_gap(&self) -> Option<TimeDelta> {
        let document = self.document.as_ref().filter(|_| self.skips_gaps())?;
        Some(document.gaps.next(self.playback.position)? - self.playback.position)
    }

    /// Whoever repeats a stretch wants to hear all of it.
    fn skips_gaps(&self) -> bool {
        let repeated = self
            .playback
            .looping
            .is_some_and(|span| span.contains(self.playback.position));
        self.settings.skip_gaps && self.playback.playing && !repeated
    }
}

/// The stretches that can be skipped, in order. `whole` says that the recording is measured to its end.
pub(super) fn find(timeline: Option<&Timeline>, peaks: &Peaks, whole: bool) -> Vec<MediaSpan> {
    let swings: Vec<u8> = peaks.swings().collect();
    let at = |bin: usize| MediaTime::from_micros(Peaks::STEP.as_micros().saturating_mul(bin as i64));
    let end = peaks.length();
    let quiet = quiet_runs(&swings, threshold(&swings));
    let mut quiet = quiet
        .into_iter()
        .map(|run| MediaSpan::new(at(run.start), if run.end == swings.len() { end } else { at(run.end) }))
        .peekable();
    let mut found = Vec::new();
    for gap in gaps_between_cues(timeline, end) {
        while let Some(run) = quiet.peek().copied() {
            if run.start >= gap.end {
                break;
            }
            let (from, to) = (run.start.max(gap.start), run.end.min(gap.end));
            // At the ends of the recording there is nothing beside it to keep.
            let start = if from == MediaTime::ZERO { from } else { from + KEPT };
            let stop = if to == end { to } else { to - KEPT };
            // Where the measuring has not come further yet, nobody knows whether somebody is about to speak.
            if (to < end || whole) && stop - start >= WORTH {
                found.push(MediaSpan::new(start, stop));
            }
            if run.end > gap.end {
                break;
            }
            quiet.next();
        }
    }
    found
}

/// Where no cue is, from the start of the recording to its end.
fn gaps_between_cues(timeline: Option<&Timeline>, end: MediaTime) -> Vec<MediaSpan> {
    let mut gaps = Vec::new();
    let mut spoken = MediaTime::ZERO;
    if let Some(timeline) = timeline {
        for cue in &timeline.transcript().cues {
            let span = timeline.map().media_span_from_cue(cue.span);
            gaps.push(MediaSpan::new(spoken, span.start.min(end)));
            spoken = spoken.max(span.end);
        }
    }
    gaps.push(MediaSpan::new(spoken, end));
    gaps.retain(|gap| gap.length() >= GAP);
    gaps
}

/// What is louder than this may be speech: well over the noise of the recording, which is what its quietest tenth is
/// like, but no more than a part of what is loudest in it. Where the two lie close together, in music or in speech
/// without a rest, everything is louder, and nothing is skipped.
fn threshold(swings: &[u8]) -> u8 {
    let mut counts = [0_usize; 256];
    for swing in swings {
        if let Some(count) = counts.get_mut(usize::from(*swing)) {
            *count += 1;
        }
    }
    let at_percent = |percent: usize| {
        let mut seen = 0;
        let place = counts.iter().position(|count| {
            seen += count;
            seen * 100 > swings.len() * percent
        });
        place.unwrap_or_default()
    };
    let (noise, loud) = (at_percent(10), at_percent(98));
    let over_noise = noise * 5 / 2 + 2;
    u8::try_from(over_noise.min(loud / 4)).unwrap_or(u8::MAX)
}

/// The runs of steps in which nobody speaks, in order.
fn quiet_runs(swings: &[u8], threshold: u8) -> Vec<Range<usize>> {
    let is_loud = |place: usize| swings.get(place).is_some_and(|swing| *swing > threshold);
    let mut runs = Vec::new();
    // How many are loud in the window that begins here, the last loud one, and where the speech so far ends.
    let (mut loud, mut last_loud, mut spoken) = (0, 0, 0);
    let mut seen = 0;
    for place in 0..swings.len() {
        while seen < (place + WINDOW).min(swings.len()) {
            if is_loud(seen) {
                loud += 1;
                last_loud = seen;
            }
            seen += 1;
        }
        if is_loud(place) {
            if loud >= LOUD_IN_WINDOW {
                if place > spoken {
                    runs.push(spoken..place);
                }
                spoken = spoken.max(last_loud + 1);
            }
            loud -= 1;
        }
    }
    if spoken < swings.len() {
        runs.push(spoken..swings.len());
    }
    runs
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::{CueSpan, CueTime};
    use crate::transcript::Cue;

    /// A recording at 1 kHz: seconds, each with how loud it is, over a noise of 1 %.
    fn peaks(seconds: &[(f64, f32)]) -> Peaks {
        let mut samples = Vec::new();
        for (secs, loud) in seconds {
            for i in 0..(secs * 1_000.0) as usize {
                let wave = if i % 2 == 0 { 1.0 } else { -1.0 };
                samples.push(wave * (loud + 0.01));
            }
        }
        Peaks::of_samples(1_000, 1, &samples)
    }

    fn timeline(cues: &[(i64, i64)]) -> Timeline {
        let cue = |&(start, end): &(i64, i64)| Cue {
            span: CueSpan::new(CueTime::from_millis(start), CueTime::from_millis(end)),
            speaker: None,
            text: "words".into(),
            given_words: Box::default(),
            origin: None,
        };
        let transcript = Transcript {
            cues: cues.iter().map(cue).collect(),
            ..Transcript::default()
        };
        Timeline::new(Arc::new(transcript), Timing::default())
    }

    fn millis(found: &[MediaSpan]) -> Vec<(i64, i64)> {
        let ms = |t: MediaTime| t.as_micros() / 1_000;
        found.iter().map(|span| (ms(span.start), ms(span.end))).collect()
    }

    #[test]
    fn what_is_skipped_has_neither_cue_nor_speech() {
        let spoken = timeline(&[(5_000, 10_000), (20_000, 25_000), (26_000, 30_000)]);
        // In the first gap somebody speaks for two seconds; a click of 30 ms is not speech.
        let peaks = peaks(&[
            (5.0, 0.0),
            (5.0, 0.4),
            (3.0, 0.0),
            (2.0, 0.3),
            (2.0, 0.0),
            (0.03, 0.9),
            (2.97, 0.0),
            (10.0, 0.4),
            (4.0, 0.0),
        ]);
        let found = find(Some(&spoken), &peaks, true);
        assert_eq!(
            millis(&found),
            [(0, 4_750), (10_250, 12_750), (15_250, 19_750), (30_250, 34_000)]
        );
        // As long as more may come, the last stretch is not known to be one.
        let found = find(Some(&spoken), &peaks, false);
        assert_eq!(millis(&found), [(0, 4_750), (10_250, 12_750), (15_250, 19_750)]);
        assert_eq!(millis(&find(None, &peaks, true)).len(), 4);
    }

    #[test]
    fn cues_are_never_skipped_however_quiet() {
        let whispered = timeline(&[(2_000, 8_000), (4_000, 5_000), (9_000, 20_000)]);
        let found = find(Some(&whispered), &peaks(&[(20.0, 0.0), (5.0, 0.5)]), true);
        assert_eq!(millis(&found), [(0, 1_750)]);
    }

    #[test]
    fn speech_in_noise_is_speech_and_music_is_not_silence() {
        let none = timeline(&[(0, 1_000), (29_000, 30_000)]);
        let noisy = peaks(&[(10.0, 0.1), (10.0, 0.5), (10.0, 0.1)]);
        assert_eq!(
            millis(&find(Some(&none), &noisy, true)),
            [(1_250, 9_750), (20_250, 28_750)]
        );
        let music = peaks(&[(30.0, 0.5)]);
        assert_eq!(find(Some(&none), &music, true), []);
        let silence = Peaks::of_samples(1_000, 1, &vec![0.0; 30_000]);
        assert_eq!(millis(&find(Some(&none), &silence, true)), [(1_250, 28_750)]);
        assert_eq!(find(Some(&none), &Peaks::default(), true), []);
    }

    #[test]
    fn a_stretch_is_found_by_the_instant() {
        let at = MediaTime::from_millis;
        let gaps = Gaps {
            stretches: vec![MediaSpan::new(at(10), at(20)), MediaSpan::new(at(30), at(40))],
            ..Gaps::default()
        };
        let over = [9, 10, 19, 20, 35, 40].map(|t| gaps.over(at(t)));
        assert_eq!(over, [None, Some(at(20)), Some(at(20)), None, Some(at(40)), None]);
        let next = [0, 10, 25, 30].map(|t| gaps.next(at(t)));
        assert_eq!(next, [Some(at(10)), Some(at(30)), Some(at(30)), None]);
    }
}
