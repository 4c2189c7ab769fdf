//! How long a seek takes: from the command to the first frame of the new ring that a device takes.
//!
//! `seek RECORDING [SEEKS]` plays the recording to a device of its own, which takes each frame when it is due, and
//! seeks to places drawn by lot, always the same ones. The first seek comes as soon as the recording plays, when an MP3
//! without an index may not be known to its end yet. A real device adds the latency of its buffer to every seek.

#[expect(dead_code, reason = "what only sound.rs asks of the device")]
mod device;

use std::error::Error;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use device::{Silent, load, loaded, places};
use earmark::audio::{Engine, EngineCommand};
use earmark::time::MediaTime;

/// How often the device looks which frames are due: the grain of what is measured.
const GRAIN: Duration = Duration::from_micros(50);
/// Played between two seeks.
const BETWEEN: Duration = Duration::from_millis(100);

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args_os().skip(1);
    let path = PathBuf::from(arguments.next().ok_or("usage: seek RECORDING [SEEKS]")?);
    let count: usize = match arguments.next() {
        Some(count) => count.to_string_lossy().parse()?,
        None => 50,
    };

    let places = places(&path)?;
    let device = Silent::new(1, GRAIN);
    let (engine, events) = Engine::start_with(Box::new(device.clone()), || {});
    load(&engine, &path);
    loaded(&events)?;
    engine.send(EngineCommand::Play);
    let mut ring = device.take_until_not(0, |_, _| {})?;

    let mut took = Vec::new();
    for place in places.take(count) {
        let asked = Instant::now();
        engine.send(EngineCommand::Seek(MediaTime::from_millis(place)));
        ring = device.take_until_not(ring, |_, _| {})?;
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
