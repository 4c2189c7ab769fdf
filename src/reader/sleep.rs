//! The sleep timer: playing fades out and pauses after some minutes, or where the chapter ends.

use std::time::{Duration, Instant};

use super::message::Severity;
use super::{Command, Reader};
use crate::time::MediaTime;

/// The sound fades out over this long before the end.
const FADE: Duration = Duration::from_secs(10);
/// How often the volume follows while it fades.
const FADE_STEP: Duration = Duration::from_millis(250);

/// When playing is to pause by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SleepAfter {
    /// After so many minutes by the clock.
    Minutes(u32),
    /// Where the chapter ends.
    Chapter,
}

impl SleepAfter {
    /// All one can choose from.
    pub const ALL: [Self; 7] = [
        Self::Minutes(5),
        Self::Minutes(10),
        Self::Minutes(15),
        Self::Minutes(30),
        Self::Minutes(45),
        Self::Minutes(60),
        Self::Chapter,
    ];

    /// As it is listed.
    pub fn label(self) -> String {
        match self {
            Self::Minutes(minutes) => format!("In {minutes} minutes"),
            Self::Chapter => "At the end of the chapter".to_owned(),
        }
    }
}

/// A timer that runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Sleep {
    after: SleepAfter,
    /// The end; of a chapter it is where the playhead decides.
    at: Option<Instant>,
}

impl Reader {
    /// Sets the sleep timer, or stops it.
    pub(super) fn set_sleep(&mut self, after: Option<SleepAfter>) {
        self.set_fade(1.0);
        if after == Some(SleepAfter::Chapter) && !self.has_chapters() {
            return;
        }
        let now = self.clock.unwrap_or_else(Instant::now);
        self.sleep = after.map(|after| Sleep {
            after,
            at: match after {
                SleepAfter::Minutes(minutes) => Some(now + Duration::from_mins(u64::from(minutes))),
                SleepAfter::Chapter => None,
            },
        });
    }

    /// When playing will pause by itself, if it is to.
    pub fn sleeps_after(&self) -> Option<SleepAfter> {
        Some(self.sleep?.after)
    }

    /// How long until then, where the timer counts minutes.
    pub fn sleep_left(&self) -> Option<Duration> {
        Some(self.sleep?.at?.saturating_duration_since(self.clock?))
    }

    /// When the timer next changes something: the minutes shown, the volume, or whether it plays.
    pub fn until_sleep(&self) -> Option<Duration> {
        let shown = self.sleep_left().map(|left| {
            let minutes = left.as_nanos().div_ceil(60_000_000_000).saturating_sub(1);
            let stays = Duration::from_mins(u64::try_from(minutes).unwrap_or(u64::MAX / 60));
            left.saturating_sub(stays)
        });
        let heard = self.heard_left().filter(|_| self.playback.playing).map(|left| {
            if left > FADE {
                left.saturating_sub(FADE)
            } else {
                left.min(FADE_STEP)
            }
        });
        shown.into_iter().chain(heard).min()
    }

    /// How long is left to be heard.
    fn heard_left(&self) -> Option<Duration> {
        let sleep = self.sleep?;
        if sleep.at.is_some() {
            return self.sleep_left();
        }
        let position = self.playback.position;
        let end = self.document.as_ref()?.outline.next_start(position)?;
        let speed = f64::from(self.playback.speed).max(0.1);
        Some((end - position).scaled(1.0 / speed).to_duration())
    }

    /// Fades and pauses, when it is time. `before` is where the playhead stood at the tick before: what is passed while
    /// playing counts, what one jumps over does not.
    pub(super) fn tick_sleep(&mut self, before: MediaTime, now: Instant) {
        let Some(sleep) = self.sleep else { return };
        let playing = self.playback.playing;
        let over = match sleep.at {
            Some(at) => now >= at,
            None => playing && self.chapter_ended(before),
        };
        if over {
            self.sleep = None;
            if playing {
                // The volume stays down until playing goes on: nothing of what is on its way is to be heard loudly.
                self.run(Command::Pause);
                let text = "The sleep timer has paused the recording.";
                self.tell(Severity::Info, text, vec![("Play on", Command::Play)]);
            }
            return;
        }
        let fade = match self.heard_left() {
            Some(left) if playing && left < FADE => left.as_secs_f32() / FADE.as_secs_f32(),
            _ => 1.0,
        };
        self.set_fade(fade);
    }

    fn chapter_ended(&self, before: MediaTime) -> bool {
        let document = self.document.as_ref();
        let end = document.and_then(|document| document.outline.next_start(before));
        end.is_some_and(|end| end <= self.playback.position)
    }

    /// The recording has ended, or another is opened: no chapter is left to end.
    pub(super) fn end_chapter_sleep(&mut self) {
        if self.sleeps_after() == Some(SleepAfter::Chapter) {
            self.sleep = None;
        }
    }

    /// The share of the volume that is heard, in fortieths: no step can be heard as one.
    pub(super) fn set_fade(&mut self, fade: f32) {
        let fade = (fade * 40.0).ceil() / 40.0;
        if (fade - self.fade).abs() > f32::EPSILON {
            self.fade = fade;
            self.send_volume();
        }
    }

    /// Playing goes on: loud again, and nothing is left to be told of the pause.
    pub(super) fn wake_up(&mut self) {
        self.set_fade(1.0);
        let offers_play = |(_, command): &(&str, Command)| *command == Command::Play;
        self.messages.retain(|message| !message.actions.iter().any(offers_play));
    }
}
