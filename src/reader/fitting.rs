//! The transcript fitted to its recording by itself: the signs that it wants that, the job, and what was found, which is
//! shown and heard before anything is changed.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use super::message::Severity;
use super::{Command, Document, Effect, Panel, Progress, Reader};
use crate::time::{MediaTime, TimeDelta, format_clock};
use crate::timing::fit::{Fit, Sign};
use crate::timing::{RefinedWords, Timing};

/// A difference in length that is worth telling.
const WORTH_TELLING: TimeDelta = TimeDelta::from_millis(5_000);
/// A fit that moves nothing by more than this changes nothing.
const NOTHING: TimeDelta = TimeDelta::from_millis(80);
/// A cut is heard from so long before it.
const BEFORE_CUT: TimeDelta = TimeDelta::from_millis(3_000);

/// What is done about the fit.
#[derive(Debug, Default)]
pub enum Fitting {
    /// Nothing; whether the signs have been looked at.
    #[default]
    Unasked,
    /// They have been, or are being.
    Looked,
    /// It is under way.
    Running {
        /// How far it is, 0 to 1.
        done: f32,
        /// Its number, by which late answers are told.
        number: u64,
        /// Ends it.
        stop: StopOnDrop,
    },
    /// It was found, and is looked at.
    Found(Found),
}

/// A fit that is neither taken nor refused yet.
#[derive(Debug, Clone)]
pub struct Found {
    /// What was found.
    pub fit: Arc<Fit>,
    /// The timing that it comes to.
    pub timing: Timing,
    /// The timing before.
    pub before: Timing,
    /// Whether the new one is shown.
    pub shows_new: bool,
}

/// The words that were asked for last; dropping this ends the search for them.
#[derive(Debug, Default)]
pub(super) struct Wanted {
    number: u64,
    /// Held to be dropped.
    _stop: StopOnDrop,
}

/// The flag that a job looks at; dropping this ends the job.
#[derive(Debug, Default)]
pub struct StopOnDrop(Arc<AtomicBool>);

impl StopOnDrop {
    fn flag(&self) -> Arc<AtomicBool> {
        Arc::clone(&self.0)
    }
}

impl Drop for StopOnDrop {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

impl Fitting {
    /// What was found, while that is looked at.
    pub fn found(&self) -> Option<&Found> {
        match self {
            Self::Found(found) => Some(found),
            _ => None,
        }
    }

    pub(super) fn found_mut(&mut self) -> Option<&mut Found> {
        match self {
            Self::Found(found) => Some(found),
            _ => None,
        }
    }

    /// How far it is, while it is under way.
    pub fn progress(&self) -> Option<f32> {
        match self {
            Self::Running { done, .. } => Some(*done),
            _ => None,
        }
    }
}

impl Found {
    /// What was found, in a sentence or two.
    pub fn told(&self) -> String {
        let cuts = self.fit.cuts();
        let total = |lengths: &mut dyn Iterator<Item = TimeDelta>| {
            lengths.fold((0, TimeDelta::ZERO), |(count, sum), length| (count + 1, sum + length))
        };
        let extra = total(
            &mut cuts
                .iter()
                .map(|cut| cut.extra.length())
                .filter(|length| *length > NOTHING),
        );
        let missing = total(
            &mut cuts
                .iter()
                .map(|cut| cut.missing.length())
                .filter(|length| *length > NOTHING),
        );
        let places = |count: usize| {
            if count == 1 {
                "one place".to_owned()
            } else {
                format!("{count} places")
            }
        };
        let mut told = Vec::new();
        if extra.0 > 0 {
            told.push(format!(
                "The recording has more in {} ({}).",
                places(extra.0),
                format_clock(extra.1)
            ));
        }
        if missing.0 > 0 {
            told.push(format!(
                "It lacks what the transcript has in {} ({}).",
                places(missing.0),
                format_clock(missing.1)
            ));
        }
        let first = self.fit.stretches.first();
        let rates = self.fit.stretches.iter().map(|stretch| stretch.rate);
        let others = rates.filter(|rate| first.is_some_and(|first| (rate - first.rate).abs() > 1e-6));
        if others.count() > 0 {
            // Text without times has a pace of its own from sentence to sentence.
            told.push(format!(
                "It is held in {}, as fast as it is spoken.",
                places(self.fit.stretches.len())
            ));
        } else if let Some(rate) = first.map(|first| first.rate).filter(|rate| (rate - 1.0).abs() > 1e-4) {
            let (pace, way) = ((rate - 1.0).abs() * 100.0, if rate > 1.0 { "slower" } else { "faster" });
            told.push(format!("It runs {pace:.2} % {way}."));
        }
        if told.is_empty()
            && let Some(first) = first
        {
            let offset = first.offset();
            let way = if offset < TimeDelta::ZERO { "earlier" } else { "later" };
            told.push(format!(
                "All of it is heard {:.2} s {way} than it says.",
                offset.as_secs_f64().abs()
            ));
        }
        told.join(" ")
    }
}

impl Reader {
    pub(super) fn run_fitting(&mut self, command: &Command) {
        match *command {
            Command::FitTiming => self.fit_timing(),
            Command::CancelFit => self.end_fitting(),
            Command::KeepFit => self.keep_fit(),
            Command::RefuseFit => self.refuse_fit(),
            Command::ShowFit(new) => self.show_fit(new),
            Command::HearCut(at) => {
                self.run(Command::Seek((at - BEFORE_CUT).max(MediaTime::ZERO)));
                self.run(Command::SetFollow(true));
                self.run(Command::Play);
            }
            _ => {}
        }
    }

    /// Looks, once, whether the transcript lies elsewhere than it says. Only one whose timing nobody has touched.
    pub(super) fn look_for_signs(&mut self) {
        let number = self.next_ticket();
        let Some(document) = &mut self.document else { return };
        let is_ready = document.measured == Progress::Done && document.stored.is_some() && !document.reading;
        if !is_ready || !matches!(document.fitting, Fitting::Unasked) {
            return;
        }
        if !document.timing().is_identity() {
            document.fitting = Fitting::Looked;
            return self.refine_words();
        }
        let (Some(timeline), Some(peaks)) = (&document.timeline, &document.peaks) else {
            return;
        };
        document.signs_wanted = number;
        let effect = Effect::LookForSigns {
            generation: document.generation,
            number,
            transcript: Arc::clone(timeline.transcript()),
            speech: Arc::clone(peaks.speech()),
        };
        document.fitting = Fitting::Looked;
        self.effect(effect);
    }

    /// Begins to find when the words are spoken, by where the transcript lies now; not where it has its own times for them.
    pub(super) fn refine_words(&mut self) {
        let number = self.next_ticket();
        let Some(document) = &mut self.document else { return };
        let (Some(timeline), Some(peaks)) = (&document.timeline, &document.peaks) else {
            return;
        };
        let transcript = Arc::clone(timeline.transcript());
        let is_given = transcript.cues.iter().all(|cue| !cue.given_words.is_empty());
        if document.measured != Progress::Done || is_given {
            return;
        }
        let wanted = StopOnDrop::default();
        let stop = wanted.flag();
        document.words = Wanted { number, _stop: wanted };
        let effect = Effect::RefineWords {
            generation: document.generation,
            number,
            transcript,
            timing: timeline.timing().clone(),
            speech: Arc::clone(peaks.speech()),
            stop,
        };
        self.effect(effect);
    }

    pub(super) fn words_refined(&mut self, generation: u64, number: u64, words: RefinedWords) {
        let Some(document) = self
            .current(generation)
            .filter(|document| document.words.number == number)
        else {
            return;
        };
        if let Some(timeline) = &mut document.timeline {
            timeline.set_words(words);
        }
    }

    /// What the quick look has found.
    pub(super) fn signs_found(&mut self, generation: u64, number: u64, sign: Sign) {
        let Some(document) = self
            .document
            .as_ref()
            .filter(|document| document.generation == generation && document.signs_wanted == number)
        else {
            return;
        };
        let has_times = document
            .timeline
            .as_ref()
            .is_none_or(|timeline| !timeline.transcript().estimated);
        if has_times && sign == Sign::InPlace {
            return self.refine_words();
        }
        if !matches!(document.fitting, Fitting::Looked) || !document.timing().is_identity() {
            return;
        }
        let Some(timeline) = &document.timeline else { return };
        let more = document.length() - timeline.end();
        let text = if timeline.transcript().estimated {
            "The text has no times of its own; they are estimated.".to_owned()
        } else if more > WORTH_TELLING {
            let more = format_clock(more);
            format!("The recording is {more} longer than the transcript.")
        } else if more < -WORTH_TELLING {
            let less = format_clock(-more);
            format!("The recording is {less} shorter than the transcript.")
        } else if sign == Sign::Elsewhere {
            "The transcript does not lie in the recording where it says.".to_owned()
        } else {
            return;
        };
        self.tell(Severity::Info, text, vec![("Fit it", Command::FitTiming)]);
    }

    fn fit_timing(&mut self) {
        self.refuse_fit();
        let number = self.next_ticket();
        let Some(document) = &mut self.document else { return };
        if let Fitting::Running { .. } = document.fitting {
            return;
        }
        let Some(timeline) = &document.timeline else { return };
        let speech = document.peaks.as_ref().filter(|_| document.measured == Progress::Done);
        let Some(speech) = speech.map(|peaks| Arc::clone(peaks.speech())) else {
            let text = match document.source {
                Some(_) if document.measured == Progress::Failed => "The recording cannot be measured, nor fitted to.",
                Some(_) => "The recording is still being measured; then it can be fitted.",
                None => "There is no recording to fit it to.",
            };
            return self.tell(Severity::Info, text, Vec::new());
        };
        let stop = StopOnDrop::default();
        let effect = Effect::Fit {
            generation: document.generation,
            number,
            transcript: Arc::clone(timeline.transcript()),
            speech,
            stop: stop.flag(),
        };
        let done = 0.0;
        document.fitting = Fitting::Running { done, number, stop };
        self.messages.retain(|message| {
            !message
                .actions
                .iter()
                .any(|(_, command)| *command == Command::FitTiming)
        });
        self.effect(effect);
        self.show_timing();
    }

    fn show_timing(&mut self) {
        if !self.shows(Panel::Timing) {
            self.run(Command::Toggle(Panel::Timing));
        }
    }

    fn end_fitting(&mut self) {
        if let Some(document) = &mut self.document
            && let Fitting::Running { .. } = document.fitting
        {
            document.fitting = Fitting::Looked;
        }
    }

    pub(super) fn fit_goes_on(&mut self, generation: u64, of: u64, share: f32) {
        if let Some(document) = self.current(generation)
            && let Fitting::Running { done, number, .. } = &mut document.fitting
            && *number == of
        {
            *done = share;
        }
    }

    pub(super) fn fit_found(&mut self, generation: u64, of: u64, fit: Arc<Fit>) {
        let Some(document) = self.current(generation) else {
            return;
        };
        if !matches!(document.fitting, Fitting::Running { number, .. } if number == of) {
            return;
        }
        document.fitting = Fitting::Looked;
        let (timing, before) = (fit.timing(), document.timing());
        if !fit.belongs() {
            let text = if fit.stretches.is_empty() {
                "The transcript does not seem to be of this recording: nothing of it was found.".to_owned()
            } else {
                let percent = (fit.confidence * 100.0).round();
                format!("The transcript does not seem to be of this recording: {percent} % of it were found.")
            };
            return self.tell(Severity::Warning, text, Vec::new());
        }
        if is_as_before(document, &timing) {
            let text = "The transcript lies where it says; there is nothing to fit.";
            return self.tell(Severity::Info, text, Vec::new());
        }
        document.fitting = Fitting::Found(Found {
            fit,
            timing: timing.clone(),
            before,
            shows_new: true,
        });
        self.lay(timing);
        self.show_timing();
    }

    fn keep_fit(&mut self) {
        let Some(found) = self.take_found() else { return };
        self.lay(found.before);
        let timing = found.timing;
        self.change_timing(|now| *now = timing);
    }

    pub(super) fn refuse_fit(&mut self) {
        if let Some(found) = self.take_found() {
            self.lay(found.before);
            // A note that was made meanwhile has the time of what was only looked at.
            self.time_marks();
        }
    }

    fn take_found(&mut self) -> Option<Found> {
        let document = self.document.as_mut()?;
        match std::mem::take(&mut document.fitting) {
            Fitting::Found(found) => {
                document.fitting = Fitting::Looked;
                Some(found)
            }
            other => {
                document.fitting = other;
                None
            }
        }
    }

    fn show_fit(&mut self, new: bool) {
        let Some(document) = &mut self.document else { return };
        if let Fitting::Found(found) = &mut document.fitting {
            found.shows_new = new;
            let timing = if new {
                found.timing.clone()
            } else {
                found.before.clone()
            };
            self.lay(timing);
        }
    }
}

/// Whether a timing puts every cue where it is already, as far as anybody would notice.
fn is_as_before(document: &Document, timing: &Timing) -> bool {
    let Some(timeline) = &document.timeline else {
        return false;
    };
    let (map, before) = (timing.map(), timeline.map());
    timeline.transcript().cues.iter().all(|cue| {
        let moved = map.media_from_cue(cue.span.start) - before.media_from_cue(cue.span.start);
        moved.as_micros().abs() <= NOTHING.as_micros()
            && map.is_heard(cue.span.start) == before.is_heard(cue.span.start)
    })
}

impl Document {
    /// The timing that is kept: not one that is only looked at.
    pub(super) fn kept_timing(&self) -> Timing {
        self.fitting
            .found()
            .map_or_else(|| self.timing(), |found| found.before.clone())
    }
}
