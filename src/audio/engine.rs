//! The engine: one thread that owns the decoder, the device and the position, told what to do over a channel.
//!
//! It decodes a little ahead into a ring, sleeps until the ring is half empty, and does nothing at all while paused:
//! the device is closed after two seconds of silence and opened again by Play. A seek makes a new ring from the exact
//! frame on; many seeks in a row (scrubbing) come down to the last. What is asked of it never blocks the asker.

use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread;
use std::time::{Duration, Instant};

use super::clock::Playhead;
use super::device::{Output, SystemOutput};
use super::player::Player;
use super::stretch::possible;
use super::{AudioError, Decoder, EngineCommand, EngineEvent, FrameIndex};

/// What the engine's thread is sent.
pub(super) enum Message {
    /// A command, and the number of the last seek or load when it was sent.
    Command(EngineCommand, u64),
    /// The device with this number failed.
    DeviceLost(u64, String),
    /// The index of the recording with this generation, as it was kept; none where it was not.
    IndexRecalled(u64, Option<Box<FrameIndex>>),
    /// The copy of the recording with this generation, for what only ffmpeg decodes.
    Copied(u64, Box<Decoder>),
    /// The handle was dropped.
    Stop,
}

/// A handle on the engine. It stops when this is dropped.
#[derive(Debug)]
pub struct Engine {
    messages: Sender<Message>,
    playhead: Playhead,
    tickets: AtomicU64,
}

impl Engine {
    /// Starts the engine on the system's sound device. `wake` is called after each event was sent, from the engine's
    /// thread. The indexes of long recordings, and copies of what only ffmpeg
    /// decodes, are kept in the cache's folder, if there is one.
    pub fn start(cache: Option<PathBuf>, wake: impl Fn() + Send + Sync + 'static) -> (Self, Receiver<EngineEvent>) {
        Self::start_on(Box::new(SystemOutput::default()), cache, wake)
    }

    /// Starts the engine on an output of one's own, without a cache.
    pub fn start_with(
        output: Box<dyn Output>,
        wake: impl Fn() + Send + Sync + 'static,
    ) -> (Self, Receiver<EngineEvent>) {
        Self::start_on(output, None, wake)
    }

    /// Starts the engine on an output of one's own.
    pub fn start_on(
        output: Box<dyn Output>,
        cache: Option<PathBuf>,
        wake: impl Fn() + Send + Sync + 'static,
    ) -> (Self, Receiver<EngineEvent>) {
        let (messages, inbox) = channel();
        let (events, outbox) = channel();
        let playhead = Playhead::default();
        let teller = Teller {
            events,
            wake: Arc::new(wake),
        };
        let player = Player::new(output, cache, playhead.clone(), teller.clone(), messages.clone());
        let spawned = thread::Builder::new()
            .name("sound engine".to_owned())
            .spawn(move || run(player, &inbox));
        if let Err(error) = spawned {
            teller.tell(EngineEvent::Failed(AudioError::Engine { why: error.to_string() }));
        }
        (
            Self {
                messages,
                playhead,
                tickets: AtomicU64::new(0),
            },
            outbox,
        )
    }

    /// Asks something of the engine. Never blocks; the playhead shows the target of a seek, and the speed, from
    /// this moment on.
    pub fn send(&self, command: EngineCommand) {
        let ticket = match &command {
            EngineCommand::Seek(at) | EngineCommand::Load { at, .. } => {
                let ticket = self.tickets.fetch_add(1, Ordering::Relaxed) + 1;
                if matches!(command, EngineCommand::Load { .. }) {
                    // The length of the recording before must not hold this place back.
                    self.playhead.set_length(None);
                }
                self.playhead.seek(ticket, *at);
                ticket
            }
            EngineCommand::SetSpeed(speed) => {
                self.playhead.set_speed(possible(*speed));
                self.tickets.load(Ordering::Relaxed)
            }
            _ => self.tickets.load(Ordering::Relaxed),
        };
        // The thread catches its own panics and ends only with this handle.
        if self.messages.send(Message::Command(command, ticket)).is_err() {
            log::error!("the sound engine is gone");
        }
    }

    /// The clock, to be read on every painted frame.
    pub fn playhead(&self) -> Playhead {
        self.playhead.clone()
    }
}

impl Drop for Engine {
    fn drop(&mut self) {
        // The thread holds a sender of its own, for the device, so it would not see the channel close.
        drop(self.messages.send(Message::Stop));
    }
}

/// Sends events and wakes whoever waits for them.
#[derive(Clone)]
pub(super) struct Teller {
    events: Sender<EngineEvent>,
    wake: Arc<dyn Fn() + Send + Sync>,
}

impl Teller {
    pub fn tell(&self, event: EngineEvent) {
        // Nobody listens any more when the window closes.
        if self.events.send(event).is_ok() {
            (self.wake)();
        }
    }
}

/// The thread: messages first, then the ring, then sleep.
fn run(mut player: Player, inbox: &Receiver<Message>) {
    let mut waiting = VecDeque::new();
    loop {
        waiting.extend(inbox.try_iter());
        if let Some(message) = next_message(&mut waiting) {
            if matches!(message, Message::Stop) {
                return;
            }
            guarded(&mut player, |player| player.handle(message));
            continue;
        }
        let mut pause = Some(Duration::ZERO);
        guarded(&mut player, |player| pause = player.work(Instant::now()));
        let received = match pause {
            Some(Duration::ZERO) => continue,
            Some(pause) => inbox.recv_timeout(pause),
            None => inbox.recv().map_err(|_| RecvTimeoutError::Disconnected),
        };
        match received {
            Ok(message) => waiting.push_back(message),
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => return,
        }
    }
}

/// The next message; a seek, speed or volume that another one of its kind follows is passed over.
fn next_message(waiting: &mut VecDeque<Message>) -> Option<Message> {
    while let Some(message) = waiting.pop_front() {
        let overtaken = match (&message, waiting.front()) {
            (Message::Command(now, _), Some(Message::Command(next, _))) => matches!(
                (now, next),
                (EngineCommand::Seek(_), EngineCommand::Seek(_))
                    | (EngineCommand::SetSpeed(_), EngineCommand::SetSpeed(_))
                    | (EngineCommand::SetVolume(_), EngineCommand::SetVolume(_))
                    | (EngineCommand::SetBalance(_), EngineCommand::SetBalance(_))
                    | (EngineCommand::SetDelay(_), EngineCommand::SetDelay(_))
            ),
            _ => false,
        };
        if !overtaken {
            return Some(message);
        }
    }
    None
}

/// Does something with the player; a panic is logged and told, and the player begins anew without a recording.
fn guarded(player: &mut Player, work: impl FnOnce(&mut Player)) {
    if let Err(panic) = catch_unwind(AssertUnwindSafe(|| work(player))) {
        let why = panic
            .downcast_ref::<&str>()
            .map(|text| (*text).to_owned())
            .or_else(|| panic.downcast_ref::<String>().cloned())
            .unwrap_or_else(|| "it panicked".to_owned());
        log::error!("the sound engine panicked: {why}");
        player.begin_anew(AudioError::Engine { why });
    }
}
