//! A device that plays to nobody, moved by the thread that measures; shared by `seek.rs` and `sound.rs`.

use std::error::Error;
use std::path::Path;
use std::sync::mpsc::Receiver;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::sleep;
use std::time::{Duration, Instant};

use earmark::audio::{
    AudioSource, Engine, EngineCommand, EngineEvent, FeedSource, Frame, Lost, MakeSource, OpenOutput, Output,
    OutputFormat, Stamper, probe,
};
use earmark::time::MediaTime;

/// What most devices run at; a recording of another rate has to be resampled, as it would be there.
pub const RATE: u32 = 48_000;
const PATIENCE: Duration = Duration::from_mins(1);

/// The device.
#[derive(Clone)]
pub struct Silent {
    open: Arc<Mutex<Option<Opened>>>,
    /// It takes so many frames at a time.
    buffer: u64,
    /// How often it looks which frames are due: the grain of what is measured.
    grain: Duration,
}

struct Opened {
    source: FeedSource,
    stamper: Stamper,
    since: Instant,
    taken: u64,
    dry: u64,
}

impl Output for Silent {
    fn look(&mut self) -> Result<(), String> {
        Ok(())
    }

    fn open(&mut self, make: MakeSource<'_>, _lost: Lost) -> Result<OpenOutput, String> {
        let source = make(OutputFormat {
            rate: RATE,
            channels: 2,
        });
        *self.open.lock().unwrap_or_else(PoisonError::into_inner) = Some(Opened {
            stamper: source.stamper(),
            source,
            since: Instant::now(),
            taken: 0,
            dry: 0,
        });
        Ok(Box::new(()))
    }
}

impl Silent {
    pub fn new(buffer: u64, grain: Duration) -> Self {
        Self {
            open: Arc::default(),
            buffer: buffer.max(1),
            grain,
        }
    }

    /// Takes the frames that are due, shows each with the number of the ring it comes from, and tells the last number: it
    /// changes with every seek.
    pub fn take(&self, mut heard: impl FnMut(u64, Frame)) -> u64 {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(opened) = open.as_mut() else { return 0 };
        let now = Instant::now();
        let due = now.duration_since(opened.since).as_micros() as u64 * u64::from(RATE) / 1_000_000;
        let due = due / self.buffer * self.buffer;
        if opened.taken < due {
            opened.stamper.begin_callback(now, Duration::ZERO);
        }
        for _ in opened.taken..due {
            let frame = opened.source.next_frame();
            opened.dry += u64::from(!opened.source.is_running());
            heard(opened.source.ring(), frame);
        }
        opened.taken = due;
        opened.source.ring()
    }

    /// How many frames were asked for that were not there.
    pub fn dry(&self) -> u64 {
        let open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        open.as_ref().map_or(0, |opened| opened.dry)
    }

    /// Plays until another ring is heard, and tells which.
    pub fn take_until_not(&self, ring: u64, mut heard: impl FnMut(u64, Frame)) -> Result<u64, Box<dyn Error>> {
        let began = Instant::now();
        loop {
            let now = self.take(&mut heard);
            if now != ring {
                return Ok(now);
            }
            if began.elapsed() > PATIENCE {
                return Err("no new sound came".into());
            }
            sleep(self.grain);
        }
    }

    pub fn play_for(&self, time: Duration) {
        let began = Instant::now();
        while began.elapsed() < time {
            self.take(|_, _| {});
            sleep(self.grain);
        }
    }
}

/// Asks for the recording to be opened.
pub fn load(engine: &Engine, path: &Path) {
    engine.send(EngineCommand::Load {
        source: AudioSource::File(path.to_owned()),
        at: MediaTime::ZERO,
        generation: 1,
    });
}

/// Waits until it is.
pub fn loaded(events: &Receiver<EngineEvent>) -> Result<(), Box<dyn Error>> {
    loop {
        match events.recv_timeout(PATIENCE)? {
            EngineEvent::Loaded { .. } => return Ok(()),
            EngineEvent::LoadFailed { error, .. } => return Err(error.into()),
            _ => {}
        }
    }
}

/// Places in a recording, in milliseconds, always the same ones, and none so near to the end that one would run into it.
pub fn places(path: &Path) -> Result<impl Iterator<Item = i64>, Box<dyn Error>> {
    const END_MS: i64 = 10_000;
    // By the true length: what an MP3 without an index is thought to have can be an hour too much.
    let source = AudioSource::File(path.to_owned());
    let known = probe(&source, false)?;
    let recording = if known.exact { known } else { probe(&source, true)? };
    let length = recording.length.ok_or("nobody knows how long it is")?;
    let range = (length.as_micros() / 1_000 - END_MS).max(1) as u64;
    let next = |state: &u64| Some(state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1));
    Ok(std::iter::successors(Some(0x5eed_u64), next)
        .skip(1)
        .map(move |state| ((state >> 33) % range) as i64))
}
