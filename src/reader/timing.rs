//! Where the transcript lies in the recording, as a person says it: shifted, held at a line, with what only one of them has.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Instant;

use super::message::{Message, Severity, sentence};
use super::{Command, Document, Effect, Panel, Reader};
use crate::audio::{AudioSource, Peaks};
use crate::format::{self, Format};
use crate::library::Request;
use crate::time::{CueSpan, CueTime, MediaSpan, MediaTime, TimeDelta, format_clock};
use crate::timing::{Origin, Timeline, Timing, TimingMark};
use crate::transcript::CueId;

/// How far a mark that is moved goes of itself, to where nobody speaks.
const SNAP: TimeDelta = TimeDelta::from_millis(200);
/// Less than this nobody sees: no other reading is offered for it.
const WORTH_OFFERING: TimeDelta = TimeDelta::from_millis(200);

/// What was done to the timing, and what was taken back, in the order of the notes' own history.
#[derive(Debug, Default)]
pub(super) struct TimingHistory {
    /// Each with the number of steps that the notes had then, and the timing before it.
    done: Vec<(usize, Timing)>,
    undone: Vec<(usize, Timing)>,
}

impl TimingHistory {
    /// Something else was done: what was taken back before cannot be done again after it.
    pub fn cut(&mut self) {
        self.undone.clear();
    }
}

impl Reader {
    pub(super) fn run_timing(&mut self, command: &Command) {
        match *command {
            Command::ShiftTranscript(delta) => self.change_timing(|timing| timing.shift(delta)),
            Command::LineIsNow => self.line_is_now(),
            Command::StretchAnchor(cue, stretches) => self.change_timing(|timing| {
                if let Some(anchor) = timing.anchors.iter_mut().find(|anchor| anchor.cue == cue) {
                    anchor.stretches = stretches;
                }
            }),
            Command::NotInTranscript => self.not_in_transcript(),
            Command::NotInRecording => self.not_in_recording(),
            Command::ResetTiming => self.change_timing(|timing| *timing = Timing::default()),
            Command::RemoveTimingMark(mark) => self.change_timing(|timing| timing.remove(mark)),
            Command::MoveTimingMark(mark, to) => self.move_timing_mark(mark, to),
            Command::TellMissing => {
                let text = "This line is not in the recording.";
                let show = ("Show the timing", Command::Toggle(Panel::Timing));
                let ways = if self.shows(Panel::Timing) {
                    Vec::new()
                } else {
                    vec![show]
                };
                self.tell(Severity::Info, text, ways);
            }
            Command::NudgeTimingMark(mark, by) => {
                let rows = self.document.as_ref().map(|document| Arc::clone(&document.timing_rows));
                let row = rows.iter().flat_map(|rows| rows.iter()).find(|row| row.mark == mark);
                let at = match mark {
                    TimingMark::ExtraStart(at) | TimingMark::ExtraEnd(at) => Some(at),
                    TimingMark::Anchor(_) | TimingMark::Missing(_) => row.map(TimingRow::at),
                };
                if let Some(at) = at {
                    self.change_timing(|timing| timing.move_to(mark, at + by));
                }
            }
            _ => {}
        }
    }

    /// Changes the timing so that it can be taken back.
    pub(super) fn change_timing(&mut self, change: impl FnOnce(&mut Timing)) {
        // What was found may be changed before it is taken.
        if let Some(found) = self.document.as_mut().and_then(|document| document.fitting.found_mut()) {
            change(&mut found.timing);
            found.shows_new = true;
            let timing = found.timing.clone();
            return self.lay(timing);
        }
        let Some(before) = self.timing().cloned() else { return };
        let mut after = before.clone();
        change(&mut after);
        if after == before {
            return;
        }
        self.timings.done.push((self.history.steps(), before));
        self.timings.undone.clear();
        self.set_timing(after);
    }

    fn timing(&self) -> Option<&Timing> {
        Some(self.document.as_ref()?.timeline.as_ref()?.timing())
    }

    /// Lays the transcript so, keeps that, and says how it is now.
    fn set_timing(&mut self, timing: Timing) {
        // A shift takes the words along.
        let moves_apart = self
            .timing()
            .is_some_and(|before| !before.is_a_shift() || !timing.is_a_shift());
        self.lay(timing);
        self.keep_place(Instant::now());
        self.tell_timing();
        self.time_marks();
        if moves_apart {
            self.refine_words();
        }
    }

    /// The words are heard at other times now: the notes on them follow.
    pub(super) fn time_marks(&mut self) {
        let ticket = self.next_ticket();
        let Some(document) = &mut self.document else { return };
        let Some(timeline) = &document.timeline else { return };
        let mut moved = Vec::new();
        for mark in &mut document.marks {
            let span = mark.passage().and_then(|passage| timeline.passage_span(passage));
            if let Some(span) = span.filter(|span| *span != mark.annotation.target.time) {
                mark.annotation.target.time = span;
                moved.push(mark.annotation.clone());
            }
        }
        document.sort_marks();
        if let (Some(id), false) = (document.stored, moved.is_empty()) {
            self.ask_library(Request::PutAnnotations {
                document: id,
                annotations: moved,
                ticket,
            });
        }
    }

    /// Lays the transcript so, for now.
    pub(super) fn lay(&mut self, timing: Timing) {
        let Some(document) = &mut self.document else { return };
        let Some(timeline) = &mut document.timeline else { return };
        timeline.set_timing(timing);
        document.settle_timing();
    }

    /// Moves a mark, to rest where nobody speaks if that is near.
    fn move_timing_mark(&mut self, mark: TimingMark, to: MediaTime) {
        let peaks = self.document.as_ref().and_then(|document| document.peaks.clone());
        let to = peaks.map_or(to, |peaks| quietest(&peaks, to, SNAP));
        self.change_timing(|timing| timing.move_to(mark, to));
    }

    pub(super) fn choose_retimed(&mut self) {
        let Some(document) = &self.document else { return };
        if document.timeline.is_none() {
            return;
        }
        let extension = document.transcript_path.as_deref().and_then(Path::extension);
        let writable = extension.and_then(|extension| Format::from_extension(extension.to_str()?));
        let extension = writable
            .filter(|format| format.is_written())
            .and_then(|_| extension?.to_str());
        let name = format!("{}.fitted.{}", document.title, extension.unwrap_or("vtt"));
        let folder = Some(self.folder());
        self.effect(Effect::ChooseRetimed { name, folder });
    }

    pub(super) fn save_retimed(&mut self, path: PathBuf) {
        let Some(document) = &self.document else { return };
        let Some(timeline) = &document.timeline else { return };
        let extension = path.extension().and_then(|extension| extension.to_str());
        let Some(format) = extension.and_then(Format::from_extension) else {
            let text = "The name's ending says in which format: .vtt, .srt, .json and more.";
            return self.tell(Severity::Error, text, vec![("Choose again…", Command::SaveRetimed)]);
        };
        let keep: Vec<PathBuf> = match &document.source {
            Some(AudioSource::File(sound)) => document.transcript_path.iter().chain([sound]).cloned().collect(),
            _ => document.transcript_path.iter().cloned().collect(),
        };
        match format::write(&timeline.retimed(), format) {
            Ok(written) => {
                if let Some(loss) = written.losses.first() {
                    self.tell(Severity::Info, sentence(&loss.to_string()), Vec::new());
                }
                let text = written.text;
                self.effect(Effect::WriteFile { path, text, keep });
            }
            Err(error) => self.tell(Severity::Error, sentence(&error.to_string()), Vec::new()),
        }
    }

    /// Takes back the last change of the timing, if it came after the last step of the notes. Whether it did.
    pub(super) fn undo_timing(&mut self) -> bool {
        // What was only looked at is the last that was done.
        if self
            .document
            .as_ref()
            .is_some_and(|document| document.fitting.found().is_some())
        {
            self.refuse_fit();
            return true;
        }
        let steps = self.history.steps();
        let last = self.timings.done.pop_if(|(then, _)| *then >= steps);
        let (Some((then, before)), Some(now)) = (last, self.timing().cloned()) else {
            return false;
        };
        self.timings.undone.push((then, now));
        self.set_timing(before);
        true
    }

    /// Does again what was taken back last, if that comes before the next step of the notes. Whether it did.
    pub(super) fn redo_timing(&mut self) -> bool {
        self.refuse_fit();
        let steps = self.history.steps();
        let next = self.timings.undone.pop_if(|(then, _)| *then <= steps);
        let (Some((then, after)), Some(now)) = (next, self.timing().cloned()) else {
            return false;
        };
        self.timings.done.push((then, now));
        self.set_timing(after);
        true
    }

    /// The line that is selected, or else that which begins nearest to the playhead, is spoken now.
    fn line_is_now(&mut self) {
        let now = self.playback.position;
        let Some(cue) = self.line_meant() else { return };
        let before = self.heard(cue);
        self.change_timing(|timing| timing.anchor(cue, now, false));
        let Some(timing) = self.timing() else { return };
        let place = timing.anchors.iter().position(|anchor| anchor.cue == cue);
        // Between two places it may as well be a tape that ran at another speed.
        let has_one_before = place.is_some_and(|place| place > 0);
        let moved = before.map_or(TimeDelta::ZERO, |before| now - before);
        // Half-way between, the two readings are half of it apart.
        if has_one_before
            && moved.scaled(0.5).as_micros().abs() > WORTH_OFFERING.as_micros()
            && let Some(message) = self.messages.iter_mut().find(|message| is_of_timing(message))
        {
            let stretch = (
                "Slower or faster since the line before",
                Command::StretchAnchor(cue, true),
            );
            message.actions.insert(0, stretch);
        }
    }

    fn heard(&self, cue: CueTime) -> Option<MediaTime> {
        Some(self.document.as_ref()?.timeline.as_ref()?.map().media_from_cue(cue))
    }

    fn line_meant(&self) -> Option<CueTime> {
        let timeline = self.document.as_ref()?.timeline.as_ref()?;
        if let Some(selection) = self.selection {
            return timeline.cue_time_of(selection.passage().start);
        }
        let now = self.playback.position;
        let begun = timeline.begun(now);
        let next = begun.map_or(CueId(0), |cue| CueId(cue.0.saturating_add(1)));
        let away = |cue: &CueId| timeline.span(*cue).map(|span| (span.start - now).as_micros().abs());
        let cue = begun
            .into_iter()
            .chain([next])
            .filter(|cue| away(cue).is_some())
            .min_by_key(away)?;
        Some(timeline.transcript().cue(cue)?.span.start)
    }

    /// The stretch that is repeated is an advertisement, or else not in the transcript.
    fn not_in_transcript(&mut self) {
        let Some(span) = self.playback.looping else {
            let text = "Mark the stretch first: A where it begins, A where it ends.".to_owned();
            return self.tell(Severity::Info, text, Vec::new());
        };
        self.run(Command::MarkLoop);
        self.change_timing(|timing| timing.add_extra(span));
    }

    /// The lines that are selected are not in the recording.
    fn not_in_recording(&mut self) {
        let Some(passage) = self.selection.map(super::Selection::passage) else {
            let text = "Select the lines first that are not in the recording.".to_owned();
            return self.tell(Severity::Info, text, Vec::new());
        };
        let span = self.document.as_ref().and_then(|document| {
            let transcript = document.timeline.as_ref()?.transcript();
            let (first, last) = (transcript.cue(passage.start.cue)?, transcript.cue(passage.end.cue)?);
            // The rest before the next line belongs to what is missing.
            let next = transcript.cue(CueId(passage.end.cue.0.saturating_add(1)));
            let end = next.map_or(last.span.end, |next| next.span.start.max(last.span.end));
            Some(CueSpan::new(first.span.start, end))
        });
        if let Some(span) = span {
            self.change_timing(|timing| timing.add_missing(span));
        }
    }

    /// The stretch of the recording being heard that is not in the transcript.
    pub fn extra_now(&self) -> Option<MediaSpan> {
        let timeline = self.document.as_ref()?.timeline.as_ref()?;
        timeline.map().extra_at(self.playback.position)
    }

    /// How the transcript lies, in a sentence; none where it lies as it says.
    pub fn timing_told(&self) -> Option<String> {
        self.timing().filter(|timing| !timing.is_identity()).map(told)
    }

    /// Whether it is not certain what of the transcript is being spoken.
    pub fn is_unsure_now(&self) -> bool {
        let timeline = self.document.as_ref().and_then(|document| document.timeline.as_ref());
        timeline.is_some_and(|timeline| !timeline.map().is_sure(self.playback.position))
    }

    /// Says how the transcript lies: in the bar that said so before, so that it ticks instead of piling up.
    fn tell_timing(&mut self) {
        let Some(timing) = self.timing() else { return };
        // The panel says more than the bar.
        if *timing == Timing::default() || self.shows(Panel::Timing) {
            self.messages.retain(|message| !is_of_timing(message));
            return;
        }
        let text = told(timing);
        let actions = vec![("Reset", Command::ResetTiming)];
        match self.messages.iter_mut().find(|message| is_of_timing(message)) {
            Some(message) => (message.text, message.actions) = (text, actions),
            None => self.tell(Severity::Info, text, actions),
        }
    }
}

/// Something that is known of the timing, for a list.
#[derive(Debug, Clone, PartialEq)]
pub struct TimingRow {
    /// What it is, to be moved or taken away.
    pub mark: TimingMark,
    /// Where it is in the recording, and where it ends there if it is a stretch.
    pub span: MediaSpan,
    /// What it says.
    pub text: String,
    /// What holds from there on, if that is more.
    pub then: Option<String>,
    /// Who says so.
    pub origin: Origin,
}

impl TimingRow {
    /// Whether it can be moved in the recording.
    pub fn mark_can_move(&self) -> bool {
        !matches!(self.mark, TimingMark::Missing(_))
    }

    /// Where its mark is in the recording: an anchor's behind what only the recording has.
    pub fn at(&self) -> MediaTime {
        match self.mark {
            TimingMark::Anchor(_) | TimingMark::ExtraEnd(_) => self.span.end,
            TimingMark::ExtraStart(_) | TimingMark::Missing(_) => self.span.start,
        }
    }
}

impl Document {
    /// The timing has changed: so have the chapters' times, and the list.
    pub(super) fn settle_timing(&mut self) {
        self.settle_outline();
        self.timing_rows = self.timeline.as_ref().map(rows).unwrap_or_default().into();
    }
}

fn rows(timeline: &Timeline) -> Vec<TimingRow> {
    let (timing, map) = (timeline.timing(), timeline.map());
    let mut rows = Vec::new();
    let pieces: Vec<(CueSpan, MediaSpan)> = map.pieces().collect();
    for anchor in &timing.anchors {
        let offset = TimeDelta::from_micros(anchor.media.as_micros().saturating_sub(anchor.cue.as_micros()));
        // What lies between this piece and the one before.
        let here = pieces.partition_point(|(cue, _)| cue.start < anchor.cue);
        let before = here.checked_sub(1).and_then(|before| pieces.get(before));
        let extra = before.map(|(_, media)| MediaSpan::new(media.end, anchor.media.max(media.end)));
        let missing = before.map_or(TimeDelta::ZERO, |(cue, _)| anchor.cue - cue.end);
        let extra = extra.filter(|extra| extra.length() > WORTH_OFFERING);
        let (here_on, then) = if offset.as_micros().abs() < 75_000 {
            (
                "At its own time from here on".to_owned(),
                "then at its own time".to_owned(),
            )
        } else {
            (
                format!("{} from here on", signed(offset)),
                format!("then {}", signed(offset)),
            )
        };
        let (text, then) = if anchor.stretches {
            (format!("{} here", signed(offset)), Some("evenly up to here".to_owned()))
        } else if let Some(extra) = extra {
            let text = format!("{} not in the transcript", told_length(extra.length()));
            (text, Some(then))
        } else if missing > WORTH_OFFERING {
            (format!("{} not in the recording", told_length(missing)), Some(then))
        } else {
            (here_on, None)
        };
        rows.push(TimingRow {
            mark: TimingMark::Anchor(anchor.cue),
            span: extra.unwrap_or(MediaSpan::new(anchor.media, anchor.media)),
            text,
            then,
            origin: anchor.origin,
        });
    }
    rows.extend(timing.extra.iter().map(|span| TimingRow {
        mark: TimingMark::ExtraStart(span.start),
        span: *span,
        text: format!("{} not in the transcript", told_length(span.length())),
        then: None,
        origin: Origin::Hand,
    }));
    rows.extend(timing.missing.iter().map(|span| {
        let at = map.media_from_cue(span.start);
        TimingRow {
            mark: TimingMark::Missing(span.start),
            span: MediaSpan::new(at, at),
            text: format!("{} not in the recording", told_length(span.length())),
            then: None,
            origin: Origin::Hand,
        }
    }));
    rows.sort_by_key(|row| (row.span.start, row.span.end));
    rows
}

fn signed(offset: TimeDelta) -> String {
    let secs = offset.as_secs_f64();
    let sign = if secs < 0.0 { '−' } else { '+' };
    format!("{sign}{:.2} s", secs.abs())
}

fn told_length(length: TimeDelta) -> String {
    let secs = length.as_secs_f64();
    if secs < 59.95 {
        format!("{secs:.1} s")
    } else {
        format_clock(length)
    }
}

/// The quietest instant near one, if that is clearly quieter than it.
fn quietest(peaks: &Peaks, at: MediaTime, around: TimeDelta) -> MediaTime {
    let steps = (around.as_micros() / Peaks::STEP.as_micros()).max(0);
    let from = at - Peaks::STEP.scaled(steps as f64);
    let count = usize::try_from(2 * steps + 1).unwrap_or(1);
    let columns = peaks.columns(MediaSpan::new(from, from + Peaks::STEP.scaled(count as f64)), count);
    let swing = |place: usize| columns.get(place).map_or(0.0, |(low, high)| high - low);
    // A rest is a few columns wide: one alone is where a wave goes through zero.
    let level = |place: usize| (place.saturating_sub(2)..place + 3).map(swing).fold(0.0, f32::max);
    let middle = usize::try_from(steps).unwrap_or(0);
    // Of equal ones the nearest.
    let places = (0..count).map(|place| (level(place), place.abs_diff(middle), place));
    let best = places.min_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
    match best {
        Some((quiet, _, place)) if quiet < 0.5 * level(middle) => from + Peaks::STEP.scaled(place as f64 + 0.5),
        _ => at,
    }
}

fn is_of_timing(message: &Message) -> bool {
    let mut commands = message.actions.iter().map(|(_, command)| command);
    commands.any(|command| matches!(command, Command::ResetTiming))
}

/// A timing in a sentence.
pub(super) fn told(timing: &Timing) -> String {
    let direction = |offset: TimeDelta| if offset < TimeDelta::ZERO { "earlier" } else { "later" };
    let secs = |offset: TimeDelta| {
        let secs = offset.as_secs_f64().abs();
        // Steps of a hundredth are told where they were made.
        if offset.as_micros() % 100_000 == 0 {
            format!("{secs:.1} s")
        } else {
            format!("{secs:.2} s")
        }
    };
    if timing.is_a_shift() {
        let offset = timing.offset;
        return format!(
            "The transcript is heard {} {} than it says.",
            secs(offset),
            direction(offset)
        );
    }
    if timing.anchors.iter().any(|anchor| anchor.origin != Origin::Hand) {
        return "The transcript is fitted to the recording.".to_owned();
    }
    let count = |count: usize, one: &str, many: &str| match count {
        0 => None,
        1 => Some(format!("1 {one}")),
        count => Some(format!("{count} {many}")),
    };
    let parts: Vec<String> = [
        count(
            timing.anchors.len(),
            "line held in its place",
            "lines held in their places",
        ),
        count(
            timing.extra.len(),
            "stretch not in the transcript",
            "stretches not in the transcript",
        ),
        count(
            timing.missing.len(),
            "stretch not in the recording",
            "stretches not in the recording",
        ),
    ]
    .into_iter()
    .flatten()
    .collect();
    format!("The transcript is timed anew: {}.", parts.join(", "))
}
