//! How long a seek takes: from the command to the first frame of the new ring that a device takes.
//!
//! `seek RECORDING [SEEKS]` plays the recording to a device of its own, which takes each frame when it is due, and
//! seeks to places drawn by lot, always the same ones. The first seek comes as soon as the recording plays, when an MP3
//! without an index may not be known to its end yet. A real device adds the latency of its buffer to every seek.

use std::error::Error;
use std::path::PathBuf;
use std::sync::mpsc::Receiver;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::sleep;
use std::time::{Duration, Instant};

use earmark::audio::{
    AudioSource, Engine, EngineCommand, EngineEvent, FeedSource, Lost, MakeSource, OpenOutput, Output, OutputFormat,
    Recording, Stamper,
};
use earmark::time::MediaTime;

/// What most devices run at; a recording of another rate has to be resampled, as it would be there.
const RATE: u32 = 48_000;
/// How often the device looks which frames are due: the grain of what is measured.
const GRAIN: Duration = Duration::from_micros(50);
/// Played between two seeks.
const BETWEEN: Duration = Duration::from_millis(100);
/// How near to the end a seek goes, so that it does not run into it.
const END_MS: u64 = 10_000;
const PATIENCE: Duration = Duration::from_mins(1);

/// A device that plays to nobody, moved by the thread that measures.
#[derive(Clone, Default)]
struct Silent(Arc<Mutex<Option<Opened>>>);

struct Opened {
    source: FeedSource,
    stamper: Stamper,
    since: Instant,
    taken: u64,
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
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(Opened {
            stamper: source.stamper(),
            source,
            since: Instant::now(),
            taken: 0,
        });
        Ok(Box::new(()))
    }
}

impl Silent {
    /// Takes the frames that are due, and tells the number of the ring they come from: it changes with every seek.
    fn take(&self) -> u64 {
        let mut open = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(opened) = open.as_mut() else { return 0 };
        let now = Instant::now();
        let due = now.duration_since(opened.since).as_micros() as u64 * u64::from(RATE) / 1_000_000;
        if opened.taken < due {
            opened.stamper.begin_callback(now, Duration::ZERO);
        }
        for _ in opened.taken..due {
            opened.source.next_frame();
        }
        opened.taken = due;
        opened.source.ring()
    }

    /// Plays until another ring is heard, and tells which.
    fn take_until_not(&self, ring: u64) -> Result<u64, Box<dyn Error>> {
        let began = Instant::now();
        loop {
            let now = self.take();
            if now != ring {
                return Ok(now);
            }
            if began.elapsed() > PATIENCE {
                return Err("no new sound came".into());
            }
            sleep(GRAIN);
        }
    }

    fn play_for(&self, time: Duration) {
        let began = Instant::now();
        while began.elapsed() < time {
            self.take();
            sleep(GRAIN);
        }
    }
}

/// Opens the recording.
fn load(engine: &Engine, events: &Receiver<EngineEvent>, path: PathBuf) -> Result<Arc<Recording>, Box<dyn Error>> {
    engine.send(EngineCommand::Load {
        source: AudioSource::File(path),
        at: MediaTime::ZERO,
        generation: 1,
    });
    loop {
        match events.recv_timeout(PATIENCE)? {
            EngineEvent::Loaded { recording, .. } => return Ok(recording),
            EngineEvent::LoadFailed { error, .. } => return Err(error.into()),
            _ => {}
        }
    }
}

/// Places in a recording of this length, in milliseconds, always the same ones.
fn places(length_ms: u64) -> impl Iterator<Item = u64> {
    let next = |state: &u64| Some(state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1));
    std::iter::successors(Some(0x5eed_u64), next)
        .skip(1)
        .map(move |state| (state >> 33) % length_ms.saturating_sub(END_MS).max(1))
}

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args_os().skip(1);
    let path = arguments.next().ok_or("usage: seek RECORDING [SEEKS]")?;
    let count: usize = match arguments.next() {
        Some(count) => count.to_string_lossy().parse()?,
        None => 50,
    };

    let device = Silent::default();
    let (engine, events) = Engine::start_with(Box::new(device.clone()), || {});
    let recording = load(&engine, &events, path.into())?;
    let length = recording.length.ok_or("nobody knows how long it is")?;
    engine.send(EngineCommand::Play);
    let mut ring = device.take_until_not(0)?;

    let mut took = Vec::new();
    for place in places(length.as_millis_f64() as u64).take(count) {
        let asked = Instant::now();
        engine.send(EngineCommand::Seek(MediaTime::from_millis(place as i64)));
        ring = device.take_until_not(ring)?;
        let ms = asked.elapsed().as_secs_f64() * 1e3;
        println!("to {:.3} s: {ms:.2} ms", place as f64 / 1e3);
        took.push(ms);
        device.play_for(BETWEEN);
    }
    took.sort_by(f64::total_cmp);
    let at = |share: f64| took.get((took.len() as f64 * share).ceil() as usize - 1).copied();
    if let (Some(median), Some(p95), Some(most)) = (at(0.5), at(0.95), at(1.0)) {
        println!("{count} seeks: median {median:.2} ms, p95 {p95:.2} ms, max {most:.2} ms");
    }
    Ok(())
}
