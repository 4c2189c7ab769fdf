//! Playing, moving and repeating.

use std::time::{Duration, Instant};

use jiff::Timestamp;

use super::message::{Severity, sentence};
use super::{Command, Effect, Reader, Settings};
use crate::audio::{AudioSource, DeviceState, EngineCommand, EngineEvent, Loop, OutputDevice, SPEEDS};
use crate::library::{Place, Request};
use crate::time::{MediaSpan, MediaTime, TimeDelta};
use crate::timing::Timeline;
use crate::transcript::{CueId, Paragraph};

/// Further than this is a jump one may want to go back from.
const JUMP: TimeDelta = TimeDelta::from_millis(5_000);
/// This far into a cue, "previous" means its own start.
const CUE_BEGUN: TimeDelta = TimeDelta::from_millis(1_000);
/// How loud every recording is made, in LUFS: what podcasts are asked to have. No more decibels are added or taken:
/// what is softer than that holds little but noise.
const EVEN_LOUDNESS: f32 = -16.0;
const MOST_GAIN: f32 = 18.0;
/// How often the place is noted while playing.
const PLACE_INTERVAL: Duration = Duration::from_secs(5);

/// The sound, as the window shows it.
#[derive(Debug, Clone, PartialEq)]
pub struct Playback {
    /// The instant being heard.
    pub position: MediaTime,
    /// Whether it plays, or will as soon as it can.
    pub playing: bool,
    /// Whether the recording is open and can be played.
    pub ready: bool,
    /// The speed.
    pub speed: f32,
    /// Whether it is silenced.
    pub muted: bool,
    /// Whether there is a device.
    pub device: DeviceState,
    /// The output it plays on, as far as it is known.
    pub plays_on: Option<OutputDevice>,
    /// The outputs there were when it was last asked.
    pub outputs: Vec<OutputDevice>,
    /// The start of a stretch that will be repeated.
    pub loop_start: Option<MediaTime>,
    /// The stretch that is repeated.
    pub looping: Option<MediaSpan>,
}

impl Default for Playback {
    fn default() -> Self {
        Self {
            position: MediaTime::ZERO,
            playing: false,
            ready: false,
            speed: 1.0,
            muted: false,
            device: DeviceState::Unknown,
            plays_on: None,
            outputs: Vec::new(),
            loop_start: None,
            looping: None,
        }
    }
}

/// Where one came from, and went.
#[derive(Debug, Default)]
pub(super) struct Jumps {
    back: Vec<MediaTime>,
    forward: Vec<MediaTime>,
}

/// The last place noted, and when.
#[derive(Debug)]
pub(super) struct PlaceKept {
    at: Instant,
    position: MediaTime,
}

impl Reader {
    /// Takes in what the clock says: called on every painted frame, and by tests with made-up instants.
    pub fn tick(&mut self, position: MediaTime, now: Instant) {
        self.clock = Some(now);
        let before = self.playback.position;
        if self.document.is_none() {
            return self.tick_sleep(before, now);
        }
        if self.playback.ready {
            self.playback.position = position;
        }
        self.skip_gap();
        self.tick_sleep(before, now);
        if self.playback.playing {
            let due = self
                .last_place
                .as_ref()
                .is_none_or(|kept| now.duration_since(kept.at) >= PLACE_INTERVAL);
            if due {
                self.keep_place(now);
            }
        }
    }

    /// When a repeated stretch turns back, in time still to be played.
    pub fn until_loop(&self) -> Option<TimeDelta> {
        Some(self.playback.looping?.end - self.playback.position)
    }

    /// Notes where one is, so that it is taken up there next time.
    pub(super) fn keep_place(&mut self, now: Instant) {
        let position = self.playback.position;
        self.last_place = Some(PlaceKept { at: now, position });
        let Some(document) = &self.document else { return };
        let (Some(id), true) = (document.stored, document.restored) else {
            return;
        };
        let place = Place {
            position,
            speed: self.playback.speed,
            view: self.settings.view.name().to_owned(),
            scroll: document.scroll.map_or((0, 0.0), |(cue, points)| (cue.0, points)),
            timing: document.kept_timing(),
            length: Some(document.length()).filter(|length| *length > MediaTime::ZERO),
            at: Timestamp::now(),
        };
        self.ask_library(Request::PutPlace { document: id, place });
    }

    pub(super) fn run_playback(&mut self, command: &Command) {
        match *command {
            Command::TogglePlay if self.playback.playing => self.pause(),
            Command::TogglePlay | Command::Play => self.play(),
            Command::Pause => self.pause(),
            Command::Seek(to) => self.jump_to(to),
            Command::Scrub(to) => self.move_to(to),
            Command::PlayFrom(to) => {
                self.jump_to(to);
                self.play();
            }
            Command::SkipBy(delta) => self.move_to(self.playback.position + delta),
            Command::PreviousCue => self.step_cue(-1),
            Command::NextCue => self.step_cue(1),
            Command::PreviousParagraph => self.step_paragraph(-1),
            Command::NextParagraph => self.step_paragraph(1),
            Command::PreviousChapter | Command::NextChapter => self.step_chapter(command),
            Command::PlayCue => {
                let from = self.selection.map(|selection| selection.passage().start);
                let start = self.timeline().and_then(|timeline| match from {
                    Some(point) => timeline.time_of(point),
                    None => Some(timeline.span(timeline.begun(self.playback.position)?)?.start),
                });
                self.jump_to(start.unwrap_or(self.playback.position));
                self.play();
            }
            Command::ReplayCue => {
                if let Some(span) = self.current_cue_span() {
                    self.move_to(span.start);
                }
                self.play();
            }
            Command::MarkLoop => self.mark_loop(),
            Command::LoopCue => {
                let stretch = match self.playback.looping {
                    Some(_) => None,
                    None => self.current_cue_span(),
                };
                self.set_looping(stretch);
            }
            Command::JumpBack => {
                if let Some(to) = self.jumps.back.pop() {
                    self.jumps.forward.push(self.playback.position);
                    self.move_to(to);
                }
            }
            Command::JumpForward => {
                if let Some(to) = self.jumps.forward.pop() {
                    self.jumps.back.push(self.playback.position);
                    self.move_to(to);
                }
            }
            Command::SetSpeed(speed) => self.set_speed(speed),
            Command::SpeedBy(step) => self.set_speed(self.playback.speed + step),
            Command::SetVolume(volume) => self.set_volume(volume),
            Command::VolumeBy(step) => self.set_volume(self.settings.volume + step),
            Command::ToggleMute => {
                self.playback.muted = !self.playback.muted;
                self.send_volume();
            }
            Command::Sleep(after) => self.set_sleep(after),
            Command::RetryDevice => self.effect(Effect::Audio(EngineCommand::Play)),
            _ => {}
        }
    }

    fn timeline(&self) -> Option<&Timeline> {
        self.document.as_ref()?.timeline.as_ref()
    }

    fn play(&mut self) {
        let Some(document) = &self.document else { return };
        if document.is_looked_for() {
            // The recording may be about to be found, as that of the demo is.
            self.options.play = true;
            return;
        }
        if document.source.is_none() {
            self.tell(
                Severity::Info,
                "There is no recording to play.",
                vec![("Choose a recording…", Command::ChooseOtherHalf)],
            );
            return;
        }
        self.pause_ends();
        self.wake_up();
        self.playback.playing = true;
        self.effect(Effect::Audio(EngineCommand::Play));
    }

    fn pause(&mut self) {
        self.sounding = false;
        if std::mem::take(&mut self.playback.playing) {
            self.pause_begins();
        }
        self.effect(Effect::Audio(EngineCommand::Pause));
        self.keep_place(Instant::now());
    }

    /// Goes there and remembers where it came from.
    pub(super) fn jump_to(&mut self, to: MediaTime) {
        let from = self.playback.position;
        if (to - from).as_micros().unsigned_abs() > JUMP.as_micros().unsigned_abs() {
            self.jumps.back.push(from);
            self.jumps.forward.clear();
            if self.jumps.back.len() > 200 {
                self.jumps.back.remove(0);
            }
        }
        // A jump out of a repeated stretch is the wish to leave it.
        if self.playback.looping.is_some_and(|span| !span.contains(to)) {
            self.set_looping(None);
        }
        self.move_to(to);
    }

    /// Repeats a stretch, or no longer. Who stands outside of it is put at its start.
    fn set_looping(&mut self, stretch: Option<MediaSpan>) {
        self.playback.looping = stretch;
        self.playback.loop_start = None;
        self.send_loop();
        if let Some(span) = stretch.filter(|span| !span.contains(self.playback.position)) {
            self.move_to(span.start);
        }
    }

    /// Tells the engine what to repeat, and how.
    pub(super) fn send_loop(&mut self) {
        let Settings {
            loop_times, loop_pause, ..
        } = self.settings;
        let stretch = self.playback.looping.map(|span| Loop {
            span,
            times: Some(loop_times).filter(|times| *times > 0),
            pause: TimeDelta::from_secs_f64(f64::from(loop_pause)),
        });
        self.effect(Effect::Audio(EngineCommand::SetLoop(stretch)));
    }

    pub(super) fn move_to(&mut self, to: MediaTime) {
        // Who chooses a place wants to hear it, not what comes before.
        self.stopped = None;
        let Some(document) = &self.document else { return };
        let length = document.length();
        let exact = document.length_is_exact();
        let mut to = to.max(MediaTime::ZERO);
        if length > MediaTime::ZERO && exact {
            to = to.min(length);
        }
        self.playback.position = to;
        if document.source.is_some() {
            self.effect(Effect::Audio(EngineCommand::Seek(to)));
        }
    }

    fn current_cue_span(&self) -> Option<MediaSpan> {
        let timeline = self.timeline()?;
        timeline.span(timeline.begun(self.playback.position)?)
    }

    fn step_cue(&mut self, step: i64) {
        let position = self.playback.position;
        let target = self.timeline().and_then(|timeline| {
            let now = timeline.begun(position);
            let goal = match (now, step) {
                (None, _) => 0,
                (Some(cue), 1..) => i64::from(cue.0) + 1,
                (Some(cue), _) => {
                    let begun = timeline.span(cue)?.start;
                    i64::from(cue.0) - i64::from(position - begun < CUE_BEGUN)
                }
            };
            let goal = CueId(u32::try_from(goal.max(0)).ok()?);
            Some(timeline.span(goal)?.start)
        });
        match target {
            Some(start) => {
                self.move_to(start);
                // A cue one moves to is one that is seen.
                self.follow = true;
            }
            // Without a transcript the same buttons skip.
            None if self.timeline().is_none() => self.move_to(position + TimeDelta::from_millis(5_000 * step)),
            None => {}
        }
    }

    fn step_paragraph(&mut self, step: i64) {
        let position = self.playback.position;
        let target = self.document.as_ref().and_then(|document| {
            let (timeline, read) = (document.timeline.as_ref()?, document.read.as_ref()?);
            let begun = |paragraph: &Paragraph| timeline.time_of(paragraph.start).unwrap_or(MediaTime::ZERO);
            let place = read
                .paragraphs
                .partition_point(|paragraph| begun(paragraph) <= position)
                .saturating_sub(1);
            let goal = match step {
                1.. => place + 1,
                _ if position - begun(read.paragraphs.get(place)?) >= CUE_BEGUN => place,
                _ => place.saturating_sub(1),
            };
            Some(begun(read.paragraphs.get(goal)?))
        });
        if let Some(start) = target {
            self.move_to(start);
            self.follow = true;
        }
    }

    fn mark_loop(&mut self) {
        let here = self.playback.position;
        if self.playback.looping.is_some() {
            self.set_looping(None);
        } else if let Some(start) = self.playback.loop_start.take() {
            let (start, end) = (start.min(here), start.max(here));
            if end - start > TimeDelta::from_millis(200) {
                self.set_looping(Some(MediaSpan::new(start, end)));
            }
        } else {
            self.playback.loop_start = Some(here);
        }
    }

    fn set_speed(&mut self, speed: f32) {
        let speed = possible_speed(speed);
        self.playback.speed = speed;
        self.effect(Effect::Audio(EngineCommand::SetSpeed(speed)));
    }

    fn set_volume(&mut self, volume: f32) {
        self.playback.muted = false;
        self.change_settings(|settings| settings.volume = ((volume * 100.0).round() / 100.0).clamp(0.0, 2.0));
        self.send_volume();
    }

    pub(super) fn send_volume(&mut self) {
        let volume = if self.playback.muted {
            0.0
        } else {
            self.settings.volume * self.fade
        };
        self.effect(Effect::Audio(EngineCommand::SetVolume(volume)));
    }

    pub(super) fn change_sound(&mut self, change: impl FnOnce(&mut Settings)) {
        self.change_settings(change);
        self.send_sound();
    }

    /// How much later than it says the output is heard that it plays on now, in milliseconds.
    pub fn delay(&self) -> i32 {
        self.settings.delay_of(self.plays_on_id())
    }

    fn plays_on_id(&self) -> &str {
        self.playback.plays_on.as_ref().map_or("", |device| &device.id)
    }

    /// The same from now on, remembered for this output.
    pub(super) fn set_delay(&mut self, millis: i32) {
        let id = self.plays_on_id().to_owned();
        self.change_sound(|settings| settings.set_delay_of(id, millis));
    }

    pub(super) fn set_output(&mut self, output: Option<OutputDevice>) {
        self.change_settings(|settings| settings.output = output);
        self.send_output();
    }

    pub(super) fn send_output(&mut self) {
        let id = self.settings.output.as_ref().map(|output| output.id.clone());
        self.effect(Effect::Audio(EngineCommand::SetOutput(id)));
    }

    /// Tells the engine what one likes of the sound besides its volume.
    pub(super) fn send_sound(&mut self) {
        let Settings {
            even_loudness,
            mono,
            balance,
            ..
        } = self.settings;
        let delay = TimeDelta::from_millis(i64::from(self.delay()));
        let peaks = self.document.as_ref().and_then(|document| document.peaks.as_ref());
        let loudness = peaks.and_then(|peaks| peaks.loudness()).filter(|_| even_loudness);
        let gain = loudness.map_or(0.0, |loudness| (EVEN_LOUDNESS - loudness).clamp(-MOST_GAIN, MOST_GAIN));
        for command in [
            EngineCommand::SetGain(gain),
            EngineCommand::SetMono(mono),
            EngineCommand::SetBalance(balance),
            EngineCommand::SetDelay(delay),
        ] {
            self.effect(Effect::Audio(command));
        }
    }

    pub(super) fn hear(&mut self, event: EngineEvent) {
        match event {
            EngineEvent::Loaded { generation, recording } => self.recording_opened(generation, recording),
            EngineEvent::LoadFailed { generation, error } => {
                let Some(document) = self
                    .document
                    .as_mut()
                    .filter(|document| document.generation == generation)
                else {
                    return;
                };
                document.source = None;
                // With neither half there is no document; an empty one would draw in the next file as its half.
                let nothing = document.timeline.is_none() && !document.reading;
                self.playback.playing = false;
                let way_out = if nothing {
                    self.close();
                    ("Open another…", Command::ChooseFiles)
                } else {
                    ("Choose a recording…", Command::ChooseOtherHalf)
                };
                self.tell(Severity::Error, sentence(&error.to_string()), vec![way_out]);
            }
            EngineEvent::Playing => (self.playback.playing, self.sounding) = (true, true),
            EngineEvent::Paused => (self.playback.playing, self.sounding) = (false, false),
            EngineEvent::Ended => {
                (self.playback.playing, self.sounding) = (false, false);
                self.end_chapter_sleep();
                self.keep_place(Instant::now());
            }
            EngineEvent::Device(state) => {
                if matches!(state, DeviceState::Missing(_)) {
                    self.sounding = false;
                    if std::mem::take(&mut self.playback.playing) {
                        self.pause_begins();
                    }
                }
                self.playback.device = state;
            }
            EngineEvent::PlaysOn(device) => {
                self.playback.plays_on = Some(device);
                // Each output has a delay of its own.
                self.send_sound();
            }
            EngineEvent::Outputs(outputs) => self.playback.outputs = outputs,
            EngineEvent::Failed(error) => {
                (self.playback.playing, self.sounding) = (false, false);
                // A file that came back, or has become longer meanwhile.
                let files = self.document.as_ref().and_then(|document| match &document.source {
                    Some(AudioSource::File(path)) => Some(document.transcript_path.iter().chain([path])),
                    _ => None,
                });
                let ways_out = files.map(|files| ("Open it again", Command::Open(files.cloned().collect())));
                self.tell(
                    Severity::Error,
                    sentence(&error.to_string()),
                    ways_out.into_iter().collect(),
                );
            }
        }
    }

    /// Whether the place has changed since it was last noted.
    pub(super) fn place_is_stale(&self) -> bool {
        self.last_place
            .as_ref()
            .is_none_or(|kept| kept.position != self.playback.position)
    }
}

/// The nearest speed that one can choose: 0.4 to 4.0 in steps of 0.05.
pub(super) fn possible_speed(speed: f32) -> f32 {
    if speed.is_finite() {
        ((speed * 20.0).round() / 20.0).clamp(*SPEEDS.start(), *SPEEDS.end())
    } else {
        1.0
    }
}
