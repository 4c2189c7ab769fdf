//! What the engine's thread does: a recording, a device, and the ring between them.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::mpsc::Sender;
use std::time::{Duration, Instant};

use super::clock::Playhead;
use super::copy::{Copying, copied_into};
use super::device::{OpenOutput, Output, OutputDevice};
use super::engine::{Message, Teller};
use super::feed::{Feeder, Mix, Ring, feed};
use super::probe::{describe, frame_at, media_time};
use super::stretch::possible;
use super::voice::{Map, Part, Voice};
use super::{AudioError, AudioSource, Decoder, DeviceState, EngineCommand, EngineEvent, FrameIndex, Loop};
use crate::time::{MediaTime, TimeDelta};

/// A change of speed takes effect this much further on, where the next ring joins the last without a seam.
const JOIN_SECS: f64 = 0.060;
/// The device is closed after so long a pause.
const CLOSE_AFTER: Duration = Duration::from_secs(2);
/// How often a missing device is looked for while somebody wants to play.
const LOOK_EVERY: Duration = Duration::from_secs(2);
/// And one that was lost the first time.
const LOOK_SOON: Duration = Duration::from_millis(300);
/// What was lost and is there again so soon, as a sound server that was started anew, goes on by itself.
const GOES_ON_WITHIN: Duration = Duration::from_secs(10);
/// How often it asks while it plays whether the system plays it elsewhere.
const ASK_OUTPUT_EVERY: Duration = Duration::from_secs(3);
/// A device that takes nothing for so long while it plays is lost.
const STALLED_AFTER: Duration = Duration::from_secs(2);
/// How often it looks whether a pause or the end has been heard.
const LISTEN_EVERY: Duration = Duration::from_millis(10);
/// No device is further behind, or ahead of, what it says.
const MOST_DELAY: TimeDelta = TimeDelta::from_millis(500);
/// The silence between two laps is no longer.
const LONGEST_PAUSE: TimeDelta = TimeDelta::from_millis(10_000);
/// A recording that ends so long before its length is not whole.
const SHORT_OF_END_SECS: u64 = 1;
/// A device that does not come to rest in so long is not waited for.
const REST_WITHIN: Duration = Duration::from_millis(500);

/// The engine's state.
pub(super) struct Player {
    output: Box<dyn Output>,
    /// Where the indexes of long recordings are kept, and copies.
    cache: Option<PathBuf>,
    playhead: Playhead,
    teller: Teller,
    messages: Sender<Message>,
    track: Option<Track>,
    device: Option<Device>,
    devices: u64,
    told: DeviceState,
    /// When to look for a device again, while one is missed.
    look_at: Option<Instant>,
    /// Until when it goes on by itself, after it was lost.
    go_on_until: Option<Instant>,
    /// Where it plays, as was told, and when that was asked.
    plays_on: Option<OutputDevice>,
    asked_output: Option<Instant>,
    phase: Phase,
    speed: f32,
    mix: Mix,
    looping: Option<Laps>,
    /// The last seek or load that was carried out.
    ticket: u64,
    rings: u64,
}

/// The open recording.
struct Track {
    decoder: Decoder,
    /// Where it stands while no ring carries it, in frames.
    position: u64,
    at_end: bool,
    source: AudioSource,
    /// From its [`EngineCommand::Load`].
    generation: u64,
    /// What can be prepared for later seeks.
    preparing: Preparing,
}

/// How far it is with what makes later seeks quick.
#[derive(Debug)]
enum Preparing {
    /// Whether it was done in an earlier session is being looked up.
    LookedUp,
    /// A copy is looked for or made.
    Copied { _ends_with_this: Copying },
    /// It is done a little at a time.
    UnderWay,
    /// Nothing more can be done.
    Done,
}

/// A stretch that is repeated, and how far it is with that.
#[derive(Debug, Clone, Copy)]
struct Laps {
    stretch: Loop,
    /// Its first frame, and the one behind its last.
    frames: (u64, u64),
    /// How often it has turned back.
    turned: u64,
}

impl Laps {
    /// Whether it turns back once more.
    fn goes_on(&self) -> bool {
        self.stretch
            .times
            .is_none_or(|times| self.turned + 1 < u64::from(times))
    }

    /// The part to play from a frame on: up to the end of the stretch, if that is to turn back.
    fn part_from(&self, frame: u64) -> Part {
        let (_, end) = self.frames;
        Part {
            begins: frame,
            until: Some(end).filter(|end| frame < *end && self.goes_on()),
            silence: 0,
            lap: self.turned,
        }
    }
}

/// The open device.
struct Device {
    number: u64,
    /// Dropping it closes the device.
    _open: OpenOutput,
    feeder: Feeder,
    voice: Option<Voice>,
    /// The ring that is played until that of the voice takes over.
    before: Option<Map>,
    /// A ring that the device has had no time to take.
    held_up: Option<Ring>,
    /// How many frames it had taken, and when that was last more than before.
    progress: (u64, Instant),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Phase {
    Playing,
    /// Pause was asked for at this instant; the device still plays what it has.
    Pausing(Instant),
    /// Nothing is to be heard since this instant.
    Still(Instant),
}

impl Player {
    pub fn new(
        output: Box<dyn Output>,
        cache: Option<PathBuf>,
        playhead: Playhead,
        teller: Teller,
        messages: Sender<Message>,
    ) -> Self {
        Self {
            output,
            cache,
            playhead,
            teller,
            messages,
            track: None,
            device: None,
            devices: 0,
            told: DeviceState::Unknown,
            look_at: None,
            go_on_until: None,
            plays_on: None,
            asked_output: None,
            phase: Phase::Still(Instant::now()),
            speed: 1.0,
            mix: Mix::default(),
            looping: None,
            ticket: 0,
            rings: 0,
        }
    }

    /// Carries out a message.
    pub fn handle(&mut self, message: Message) {
        match message {
            Message::Command(command, ticket) => {
                self.ticket = ticket;
                self.command(command);
            }
            Message::Stop => {}
            Message::IndexRecalled(generation, index) => self.index_recalled(generation, index),
            Message::Copied(generation, copy) => self.copied(generation, *copy),
            Message::DeviceLost(number, why) => {
                if self.device.as_ref().is_some_and(|device| device.number == number) {
                    self.lose_device(why);
                }
            }
        }
    }

    fn command(&mut self, command: EngineCommand) {
        match command {
            EngineCommand::Load { source, at, generation } => self.load(&source, at, generation),
            EngineCommand::Unload => self.unload(),
            EngineCommand::Play => self.play(),
            EngineCommand::Pause => self.pause(),
            EngineCommand::Seek(at) => self.seek(at),
            EngineCommand::SetSpeed(speed) => self.set_speed(speed),
            EngineCommand::SetLoop(stretch) => self.set_loop(stretch),
            EngineCommand::SetVolume(volume) => {
                self.mix(|mix| mix.volume = if volume.is_finite() { volume } else { 1.0 });
            }
            EngineCommand::SetGain(gain) => self.mix(|mix| mix.gain = if gain.is_finite() { gain } else { 0.0 }),
            EngineCommand::SetMono(mono) => self.mix(|mix| mix.mono = mono),
            EngineCommand::SetBalance(balance) => {
                self.mix(|mix| mix.balance = if balance.is_finite() { balance } else { 0.0 });
            }
            EngineCommand::SetOutput(id) => self.set_output(id),
            EngineCommand::ListOutputs => {
                let devices = self.output.devices();
                self.teller.tell(EngineEvent::Outputs(devices));
            }
            EngineCommand::SetDelay(delay) => self.playhead.set_delay(delay.clamp(-MOST_DELAY, MOST_DELAY)),
        }
    }

    fn mix(&mut self, change: impl FnOnce(&mut Mix)) {
        change(&mut self.mix);
        if let Some(device) = &self.device {
            device.feeder.set_mix(self.mix);
        }
    }

    /// Does what is to be done now, and says how long to sleep: not at all, for a while, or until the next message.
    pub fn work(&mut self, now: Instant) -> Option<Duration> {
        if self.look_at.is_some_and(|at| at <= now) {
            self.look();
        }
        let pause = match self.phase {
            Phase::Playing => Some(self.keep_playing(now)),
            Phase::Pausing(since) => Some(self.come_to_rest(now, since)),
            Phase::Still(since) => self.device.is_some().then(|| self.close_when_idle(now, since)),
        };
        let until_look = self.look_at.map(|at| at.saturating_duration_since(now));
        let pause = [pause, until_look].into_iter().flatten().min();
        if pause != Some(Duration::ZERO) && self.prepare() {
            Some(Duration::ZERO)
        } else {
            pause
        }
    }

    /// Uses a moment without other work to make later seeks quick; `false` when that is done.
    fn prepare(&mut self) -> bool {
        let underway = |track: &&mut Track| matches!(track.preparing, Preparing::UnderWay);
        let Some(track) = self.track.as_mut().filter(underway) else {
            return false;
        };
        // What cannot be read now is told when it is played.
        if track.decoder.read_ahead().unwrap_or(false) {
            return true;
        }
        self.prepared();
        if let (Some(track), Some(folder)) = (&self.track, self.cache.clone())
            && let Some(index) = track.decoder.frame_index().cloned()
        {
            let source = track.source.clone();
            // The disk may take its time with that.
            in_background("keep the index", move || {
                if let Err(error) = index.keep(&source, &folder) {
                    log::info!("the index of {} is not kept: {error}", source.name());
                }
            });
        }
        false
    }

    /// Later seeks are quick now, and the length is known where it was not.
    fn prepared(&mut self) {
        let Some(track) = &mut self.track else { return };
        track.preparing = Preparing::Done;
        if track.decoder.is_exact() {
            let length = track
                .decoder
                .length()
                .map(|length| media_time(length, track.decoder.sample_rate()));
            self.playhead.set_length(length);
        }
    }

    /// Looks up what an earlier session has prepared; whether there can be anything.
    fn look_up(&self, decoder: &Decoder, source: &AudioSource, generation: u64) -> bool {
        let index = decoder
            .frame_index()
            .filter(|index| index.is_worth_keeping() && !index.is_complete());
        let (Some(mut index), Some(folder)) = (index.cloned(), self.cache.clone()) else {
            return false;
        };
        let (source, messages) = (source.clone(), self.messages.clone());
        in_background("look up the index", move || {
            let kept = index.recall(&source, &folder).then(|| Box::new(index));
            // The engine may be gone already; then nobody misses the index.
            drop(messages.send(Message::IndexRecalled(generation, kept)));
        })
    }

    /// Begins to look for a copy of what cannot be sought exactly, or to make one.
    fn copy(&self, source: &AudioSource, generation: u64) -> Option<Preparing> {
        let (folder, messages, source) = (self.cache.clone()?, self.messages.clone(), source.clone());
        let (copying, cancelled) = Copying::new();
        let work = move || match copied_into(&folder, &source, &cancelled) {
            // The engine may be gone already; then nobody misses the copy.
            Ok(copy) => drop(messages.send(Message::Copied(generation, Box::new(copy)))),
            Err(error) => log::info!("there is no copy: {error}"),
        };
        in_background("copy the sound", work).then_some(Preparing::Copied {
            _ends_with_this: copying,
        })
    }

    fn copied(&mut self, generation: u64, copy: Decoder) {
        let Some(track) = self.track.as_mut().filter(|track| track.generation == generation) else {
            return;
        };
        match track.decoder.take_copy(copy) {
            Ok(true) => self.prepared(),
            Ok(false) => log::warn!("the copy is another recording: {}", track.decoder.name()),
            Err(error) => log::warn!("the copy cannot be read: {error}"),
        }
    }

    fn index_recalled(&mut self, generation: u64, index: Option<Box<FrameIndex>>) {
        let Some(track) = self.track.as_mut().filter(|track| track.generation == generation) else {
            return;
        };
        let Some(index) = index else {
            track.preparing = Preparing::UnderWay;
            return;
        };
        track.decoder.take_index(*index);
        self.prepared();
    }

    /// After a panic: forgets the recording and the device, and says why.
    pub fn begin_anew(&mut self, error: AudioError) {
        self.unload();
        self.teller.tell(EngineEvent::Failed(error));
    }

    fn load(&mut self, source: &AudioSource, at: MediaTime, generation: u64) {
        self.unload();
        match Decoder::open(source) {
            Ok(mut decoder) => {
                let recording = describe(source, &mut decoder);
                let position = nearest_frame(&decoder, at);
                // An estimate that is too short would hold the playhead back.
                self.playhead
                    .set_length(if recording.exact { recording.length } else { None });
                self.playhead
                    .rest(media_time(position, decoder.sample_rate()), self.ticket);
                let preparing = if !decoder.seeks_exactly() {
                    self.copy(source, generation).unwrap_or(Preparing::Done)
                } else if self.look_up(&decoder, source, generation) {
                    Preparing::LookedUp
                } else {
                    Preparing::UnderWay
                };
                self.track = Some(Track {
                    decoder,
                    position,
                    at_end: false,
                    source: source.clone(),
                    generation,
                    preparing,
                });
                self.teller.tell(EngineEvent::Loaded {
                    generation,
                    recording: Arc::new(recording),
                });
                if self.told == DeviceState::Unknown {
                    self.look();
                }
            }
            Err(error) => self.teller.tell(EngineEvent::LoadFailed { generation, error }),
        }
    }

    fn unload(&mut self) {
        self.phase = Phase::Still(Instant::now());
        self.device = None;
        self.track = None;
        self.looping = None;
        (self.look_at, self.go_on_until) = (None, None);
        self.playhead.set_playing(false);
        self.playhead.set_length(None);
        self.playhead.rest(MediaTime::ZERO, self.ticket);
    }

    fn play(&mut self) {
        let Some(track) = &mut self.track else { return };
        if track.at_end {
            track.at_end = false;
            track.position = 0;
            self.drop_voice();
            self.rest_at(0);
        }
        if self.device.is_none() && !self.open_device() {
            return;
        }
        let position = self.track.as_ref().map_or(0, |track| track.position);
        if self.device.as_ref().is_some_and(|device| device.voice.is_none()) && !self.start_at(position, None) {
            return;
        }
        if let Some(device) = &mut self.device {
            device.feeder.set_playing(true);
            device.progress.1 = Instant::now();
        }
        self.playhead.set_playing(true);
        if self.phase != Phase::Playing {
            self.phase = Phase::Playing;
            self.teller.tell(EngineEvent::Playing);
        }
    }

    fn pause(&mut self) {
        self.go_on_until = None;
        if self.phase == Phase::Playing {
            if let Some(device) = &self.device {
                device.feeder.set_playing(false);
            }
            self.phase = Phase::Pausing(Instant::now());
        }
    }

    fn seek(&mut self, at: MediaTime) {
        let Some(track) = &mut self.track else { return };
        track.position = nearest_frame(&track.decoder, at);
        track.at_end = false;
        let position = track.position;
        if self.device.as_ref().is_some_and(|device| device.voice.is_some()) {
            self.start_at(position, None);
        } else {
            self.rest_at(position);
        }
    }

    fn set_loop(&mut self, stretch: Option<Loop>) {
        let rate = self.track.as_ref().map(|track| track.decoder.sample_rate());
        self.looping = stretch.zip(rate).map(|(stretch, rate)| Laps {
            stretch,
            frames: (frame_at(stretch.span.start, rate), frame_at(stretch.span.end, rate)),
            turned: 0,
        });
        self.looping.take_if(|laps| laps.frames.1 <= laps.frames.0);
        // What was decoded ahead may lie behind its end, or wait there for a turn that no longer comes.
        self.rejoin();
    }

    fn set_speed(&mut self, speed: f32) {
        let speed = possible(speed);
        if (speed - self.speed).abs() < f32::EPSILON {
            return;
        }
        self.speed = speed;
        self.rejoin();
    }

    /// Makes the ring anew from a little after what is heard now, so that a change is heard at once and without a seam.
    fn rejoin(&mut self) {
        let Some(device) = &self.device else { return };
        let Some(voice) = &device.voice else { return };
        let report = device.feeder.meter().read();
        let (part, after) = voice.part();
        // The ring that is heard: this one, or that which it is to take over from.
        let end = voice.end().unwrap_or(u64::MAX).min(voice.produced());
        let before = device.before.zip(after).map(|(map, (_, join))| (map, join));
        let heard = [Some((voice.map(), end)), before].into_iter().flatten();
        let heard = heard
            .map(|(map, end)| (map, end, report.consumed(map.ring)))
            .find(|(_, _, played)| *played > 0);
        let (begins, after) = match heard {
            Some((map, end, played)) => {
                let join = (played + (JOIN_SECS * f64::from(report.rate)) as u64).min(end);
                (map.recording_frame(join), Some((map.ring, join)))
            }
            // Nothing was heard yet: the same ring is made anew, to begin at the same place.
            None => (part.begins, after),
        };
        self.start_at(begins, after);
    }

    /// Begins a ring at a frame of the recording; what was playing goes on until the new one is ready.
    fn start_at(&mut self, frame: u64, after: Option<(u64, u64)>) -> bool {
        let mut part = Part {
            begins: frame,
            ..Part::default()
        };
        if let Some(laps) = &mut self.looping {
            let (start, end) = laps.frames;
            // Heard up to its very end, it turns back.
            let turns = after.is_some() && frame == end && laps.goes_on();
            part = laps.part_from(if turns { start } else { frame });
        }
        self.start_voice(part, after)
    }

    /// Begins the next lap of a repeated stretch, to take over where this one ends.
    fn turn_back(&mut self) -> bool {
        let (Some(laps), Some(device)) = (&mut self.looping, &self.device) else {
            return false;
        };
        let Some((voice, end)) = device.voice.as_ref().and_then(|voice| Some((voice, voice.end()?))) else {
            return false;
        };
        let meter = device.feeder.meter();
        // One lap is prepared at a time.
        if meter.read().consumed(voice.id()) == 0 {
            return false;
        }
        laps.turned += 1;
        let mut part = laps.part_from(laps.frames.0);
        let pause = laps.stretch.pause.clamp(TimeDelta::ZERO, LONGEST_PAUSE);
        part.silence = (pause.as_secs_f64() * f64::from(meter.rate())) as u64;
        // The recording may end before the stretch does.
        let after = Some((voice.id(), end.min(voice.produced())));
        self.start_voice(part, after)
    }

    fn start_voice(&mut self, part: Part, after: Option<(u64, u64)>) -> bool {
        let (Some(track), Some(device)) = (&mut self.track, &mut self.device) else {
            return false;
        };
        self.rings += 1;
        let frame = part.begins;
        let rate = device.feeder.meter().rate();
        let (mut voice, ring) = Voice::new(self.rings, &track.decoder, part, self.speed, rate, after);
        let mut prefill = || {
            track.decoder.seek(frame)?;
            while !voice.can_begin() && voice.fill(&mut track.decoder)? {}
            Ok(())
        };
        if let Err(error) = prefill() {
            self.break_off(frame, error);
            return false;
        }
        self.playhead.add(voice.segment(self.ticket));
        let replaced = device.voice.replace(voice).map(|replaced| replaced.map());
        let known = replaced.into_iter().chain(device.before.take());
        device.before = after.and_then(|(ring, _)| known.into_iter().find(|map| map.ring == ring));
        device.held_up = device.feeder.hand_over(ring).err();
        true
    }

    /// Fills the ring, and listens for the end and for a device that hangs.
    fn keep_playing(&mut self, now: Instant) -> Duration {
        let (Some(track), Some(device)) = (&mut self.track, &mut self.device) else {
            self.phase = Phase::Still(now);
            return Duration::ZERO;
        };
        device.feeder.collect();
        if let Some(ring) = device.held_up.take() {
            device.held_up = device.feeder.hand_over(ring).err();
        }
        let Some(voice) = &mut device.voice else {
            self.phase = Phase::Still(now);
            return Duration::ZERO;
        };
        match voice.fill(&mut track.decoder) {
            Ok(true) => return Duration::ZERO,
            Ok(false) => {}
            Err(error) => {
                voice.cut_off();
                let at = voice.recording_frame(voice.produced());
                self.break_off(at, error);
                return Duration::ZERO;
            }
        }
        if self
            .asked_output
            .is_none_or(|asked| now.saturating_duration_since(asked) > ASK_OUTPUT_EVERY)
        {
            self.tell_output(now);
            return Duration::ZERO;
        }
        let report = device.feeder.meter().read();
        if report.handed > device.progress.0 {
            device.progress = (report.handed, now);
        } else if now.saturating_duration_since(device.progress.1) > STALLED_AFTER {
            self.lose_device("the sound device hangs".to_owned());
            return Duration::ZERO;
        }
        if voice.is_complete() && voice.end().is_some() {
            return if self.turn_back() { Duration::ZERO } else { LISTEN_EVERY };
        }
        if !voice.is_complete() {
            return voice.half_empty_in().clamp(LISTEN_EVERY, Duration::from_millis(250));
        }
        let heard = report.source_of(report.heard_at(now));
        let over = voice.produced() == 0
            || heard.is_some_and(|(ring, frame)| ring == voice.id() && frame + 0.5 >= voice.produced() as f64);
        if over {
            self.end(now);
        }
        LISTEN_EVERY
    }

    /// The last sample was heard.
    fn end(&mut self, now: Instant) {
        if let Some(track) = &mut self.track {
            let end = track.decoder.length().filter(|_| track.decoder.is_exact());
            let position = track.decoder.position();
            if end.is_some_and(|end| position + SHORT_OF_END_SECS * u64::from(track.decoder.sample_rate()) < end) {
                let name = track.decoder.name();
                return self.break_off(position, AudioError::BreaksOff { name });
            }
            track.position = position.min(end.unwrap_or(u64::MAX));
            track.at_end = true;
            let position = track.position;
            self.drop_voice();
            self.rest_at(position);
        }
        self.phase = Phase::Still(now);
        self.playhead.set_playing(false);
        self.teller.tell(EngineEvent::Ended);
    }

    /// Waits until the device has played what it was given before the pause.
    fn come_to_rest(&mut self, now: Instant, since: Instant) -> Duration {
        let at_rest = self.device.as_ref().is_none_or(|device| {
            let report = device.feeder.meter().read();
            let end = report.runs.first().map_or(0, |run| run.ended.unwrap_or(u64::MAX));
            report.is_still() && report.heard_at(now) + 0.5 >= end as f64
        });
        if at_rest || now.saturating_duration_since(since) > REST_WITHIN {
            self.phase = Phase::Still(now);
            self.playhead.set_playing(false);
            self.teller.tell(EngineEvent::Paused);
            return Duration::ZERO;
        }
        LISTEN_EVERY
    }

    /// Closes the device after a while of silence.
    fn close_when_idle(&mut self, now: Instant, since: Instant) -> Duration {
        let left = CLOSE_AFTER.saturating_sub(now.saturating_duration_since(since));
        if !left.is_zero() {
            return left;
        }
        if let (Some(device), Some(track)) = (&self.device, &mut self.track)
            && let Some(voice) = &device.voice
        {
            let report = device.feeder.meter().read();
            let played = |map: &Map| report.consumed(map.ring);
            let map = device
                .before
                .filter(|_| played(&voice.map()) == 0)
                .unwrap_or(voice.map());
            track.position = map.recording_frame(played(&map));
        }
        self.device = None;
        let position = self.track.as_ref().map_or(0, |track| track.position);
        self.rest_at(position);
        Duration::ZERO
    }

    /// Stands at a frame, with nothing on its way to the device.
    fn rest_at(&mut self, frame: u64) {
        let rate = self.track.as_ref().map_or(1, |track| track.decoder.sample_rate());
        self.playhead.rest(media_time(frame, rate), self.ticket);
        if let Some(device) = &self.device {
            self.playhead.open(Arc::clone(device.feeder.meter()));
        }
    }

    /// Lets go of the ring. The device stays open and is silent.
    fn drop_voice(&mut self) {
        if let Some(device) = &mut self.device {
            device.feeder.set_playing(false);
            device.voice = None;
            device.held_up = None;
        }
    }

    /// The recording cannot be decoded from here on.
    fn break_off(&mut self, frame: u64, error: AudioError) {
        if let Some(track) = &mut self.track {
            track.position = frame;
        }
        self.drop_voice();
        self.rest_at(frame);
        self.phase = Phase::Still(Instant::now());
        self.playhead.set_playing(false);
        self.teller.tell(EngineEvent::Failed(error));
    }

    fn open_device(&mut self) -> bool {
        self.devices += 1;
        let number = self.devices;
        let messages = self.messages.clone();
        let lost = Box::new(move |why| {
            // The engine may be gone already; then nobody misses the device.
            drop(messages.send(Message::DeviceLost(number, why)));
        });
        let mut feeder = None;
        let opened = self.output.open(
            &mut |format| {
                let (ours, source) = feed(format.rate, format.channels, Instant::now());
                feeder = Some(ours);
                source
            },
            lost,
        );
        match (opened, feeder) {
            (Ok(open), Some(feeder)) => {
                feeder.set_mix(self.mix);
                self.playhead.open(Arc::clone(feeder.meter()));
                let progress = (0, Instant::now());
                self.device = Some(Device {
                    number,
                    _open: open,
                    feeder,
                    voice: None,
                    before: None,
                    held_up: None,
                    progress,
                });
                (self.look_at, self.go_on_until) = (None, None);
                self.tell_device(DeviceState::Ready);
                // Once there is sound, there is time to ask.
                self.asked_output = None;
                true
            }
            (outcome, _) => {
                let why = outcome
                    .err()
                    .unwrap_or_else(|| "the sound device takes no sound".to_owned());
                self.look_at = Some(Instant::now() + LOOK_EVERY);
                // Said each time somebody wants to play, even if it was said before.
                self.told = DeviceState::Unknown;
                self.tell_device(DeviceState::Missing(why));
                false
            }
        }
    }

    /// The device is gone: stands at the place last heard, looks for another, and goes on there if one comes soon.
    fn lose_device(&mut self, why: String) {
        let was_playing = self.let_go_of_device();
        self.tell_device(DeviceState::Missing(why));
        if was_playing {
            self.look_at = Some(Instant::now() + LOOK_SOON);
            self.go_on_until = Some(Instant::now() + GOES_ON_WITHIN);
            self.teller.tell(EngineEvent::Paused);
        }
    }

    /// Closes the device and stands at the place last heard. Whether it played.
    fn let_go_of_device(&mut self) -> bool {
        let at = self.playhead.now();
        let was_playing = matches!(self.phase, Phase::Playing | Phase::Pausing(_));
        self.device = None;
        if let Some(track) = &mut self.track {
            track.position = nearest_frame(&track.decoder, at);
            let position = track.position;
            self.rest_at(position);
        }
        self.phase = Phase::Still(Instant::now());
        self.playhead.set_playing(false);
        was_playing
    }

    fn set_output(&mut self, id: Option<String>) {
        if !self.output.choose(id) {
            return;
        }
        let plays = self.phase == Phase::Playing;
        if self.device.is_some() {
            self.let_go_of_device();
        }
        if plays {
            self.play();
        } else if self.told != DeviceState::Unknown {
            self.look();
        }
    }

    /// Tells on which output it plays, if that is another than before.
    fn tell_output(&mut self, now: Instant) {
        self.asked_output = Some(now);
        let plays_on = self.output.current();
        if let Some(device) = plays_on.filter(|device| self.plays_on.as_ref() != Some(device)) {
            self.plays_on = Some(device.clone());
            self.teller.tell(EngineEvent::PlaysOn(device));
        }
    }

    fn look(&mut self) {
        let now = Instant::now();
        match self.output.look() {
            Ok(()) => {
                self.look_at = None;
                let Some(until) = self.go_on_until.take().filter(|until| now < *until) else {
                    return self.tell_device(DeviceState::Ready);
                };
                self.play();
                // A server without an output is there, and cannot be played on.
                self.go_on_until = self.device.is_none().then_some(until);
            }
            Err(why) => {
                self.look_at = self.look_at.map(|_| now + LOOK_EVERY);
                self.tell_device(DeviceState::Missing(why));
            }
        }
    }

    fn tell_device(&mut self, state: DeviceState) {
        if self.told != state {
            self.told = state.clone();
            self.teller.tell(EngineEvent::Device(state));
        }
    }
}

/// Does something that may wait for the disk on a thread of its own; whether there is one.
fn in_background(name: &str, work: impl FnOnce() + Send + 'static) -> bool {
    std::thread::Builder::new().name(name.to_owned()).spawn(work).is_ok()
}

/// The frame at an instant, not beyond the end where that is known.
fn nearest_frame(decoder: &Decoder, at: MediaTime) -> u64 {
    let frame = frame_at(at, decoder.sample_rate());
    match decoder.length() {
        Some(length) if decoder.is_exact() => frame.min(length),
        _ => frame,
    }
}
