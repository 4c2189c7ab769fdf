//! The sound engine measured from inside, each in a process of its own, to a device that takes frames when they are due.
//! Each prints numbers for `beside.py`:
//!
//! - `sound index RECORDING`: processor seconds and seconds until every seek is prepared;
//! - `sound recall RECORDING TIMES`: milliseconds until an index that was kept is there again, each time anew;
//! - `sound open RECORDING TIMES`: milliseconds from the command to the first frame, each time with a new engine;
//! - `sound play RECORDING SPEED SECONDS`: percent of a core, and percent of a core while the same device takes silence;
//! - `sound dry RECORDING SPEED SECONDS`: how many frames came too late, and how many were played;
//! - `sound memory RECORDING`: anonymous kilobytes of the process before the engine, and the most while it opens, plays
//!   and seeks;
//! - `sound old RECORDING BUFFER SEEKS`: after each seek, how many frames the device was given until the old sound was gone.

mod device;

use std::error::Error;
use std::path::Path;
use std::time::{Duration, Instant};

use device::{RATE, Silent, load, loaded, places};
use earmark::audio::{AudioSource, Decoder, Engine, EngineCommand, FrameIndex};
use earmark::time::MediaTime;

type Outcome = Result<(), Box<dyn Error>>;

/// For what is timed.
const FINE: Duration = Duration::from_micros(50);
/// As a sound server asks: the device costs little then, and what it costs is taken off.
const BUFFER: u64 = 480;
const COARSE: Duration = Duration::from_millis(5);
/// How long an engine is let be before what it costs is counted: the index is made, the ring is full.
const SETTLING: Duration = Duration::from_secs(6);

fn main() -> Outcome {
    let words: Vec<String> = std::env::args().skip(1).collect();
    match words.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        ["index", path] => index(Path::new(path)),
        ["recall", path, times] => recall(Path::new(path), times.parse()?),
        ["open", path, times] => open(Path::new(path), times.parse()?),
        ["play", path, speed, seconds] => play(Path::new(path), speed.parse()?, Duration::from_secs(seconds.parse()?)),
        ["dry", path, speed, seconds] => dry(Path::new(path), speed.parse()?, Duration::from_secs(seconds.parse()?)),
        ["memory", path] => memory(Path::new(path)),
        ["old", path, buffer, seeks] => old(Path::new(path), buffer.parse()?, seeks.parse()?),
        _ => Err("usage: sound index|open|play|memory|old RECORDING …".into()),
    }
}

/// What the process has had of a processor.
fn processor_seconds() -> Result<f64, Box<dyn Error>> {
    let mut seconds = 0.0;
    for thread in std::fs::read_dir("/proc/self/task")? {
        // A thread that ended in between is no part of what is measured.
        let spent = std::fs::read_to_string(thread?.path().join("schedstat")).unwrap_or_default();
        seconds += spent.split(' ').next().unwrap_or("0").parse().unwrap_or(0.0) / 1e9;
    }
    Ok(seconds)
}

/// Memory of its own that the process holds, in kilobytes.
fn anonymous() -> Result<u64, Box<dyn Error>> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find_map(|line| line.strip_prefix("RssAnon:"));
    Ok(line
        .ok_or("the system does not tell")?
        .trim()
        .trim_end_matches(" kB")
        .parse()?)
}

fn index(path: &Path) -> Outcome {
    let (began, before) = (Instant::now(), processor_seconds()?);
    let mut decoder = Decoder::open(&AudioSource::File(path.to_owned()))?;
    while decoder.read_ahead()? {}
    if !decoder.is_exact() {
        return Err("it was not read to its end".into());
    }
    println!("{} {}", processor_seconds()? - before, began.elapsed().as_secs_f64());
    Ok(())
}

fn recall(path: &Path, times: usize) -> Outcome {
    let source = AudioSource::File(path.to_owned());
    let folder = std::env::temp_dir().join(format!("earmark-index-{}", std::process::id()));
    let index =
        || -> Result<FrameIndex, Box<dyn Error>> { FrameIndex::open(&source)?.ok_or_else(|| "it has none".into()) };
    let mut made = index()?;
    made.scan_until(&source, u64::MAX)?;
    made.keep(&source, &folder)?;
    for _ in 0..times {
        let mut index = index()?;
        let began = Instant::now();
        if !index.recall(&source, &folder) {
            return Err("it was not kept".into());
        }
        println!("{}", began.elapsed().as_secs_f64() * 1e3);
    }
    std::fs::remove_dir_all(&folder)?;
    Ok(())
}

fn open(path: &Path, times: usize) -> Outcome {
    for _ in 0..times {
        let device = Silent::new(1, FINE);
        let (engine, _events) = Engine::start_with(Box::new(device.clone()), || {});
        let asked = Instant::now();
        load(&engine, path);
        engine.send(EngineCommand::Play);
        device.take_until_not(0, |_, _| {})?;
        println!("{}", asked.elapsed().as_secs_f64() * 1e3);
    }
    Ok(())
}

/// An engine that plays at this speed, and its device, as a sound server asks.
fn playing(path: &Path, speed: f32) -> Result<(Silent, Engine), Box<dyn Error>> {
    let device = Silent::new(BUFFER, COARSE);
    let (engine, events) = Engine::start_with(Box::new(device.clone()), || {});
    load(&engine, path);
    loaded(&events)?;
    engine.send(EngineCommand::SetSpeed(speed));
    engine.send(EngineCommand::Play);
    Ok((device, engine))
}

fn play(path: &Path, speed: f32, time: Duration) -> Outcome {
    let (device, engine) = playing(path, speed)?;
    let share = || -> Result<f64, Box<dyn Error>> {
        device.play_for(SETTLING);
        let before = processor_seconds()?;
        device.play_for(time);
        Ok(100.0 * (processor_seconds()? - before) / time.as_secs_f64())
    };
    let sound = share()?;
    engine.send(EngineCommand::Pause);
    println!("{sound} {}", share()?);
    Ok(())
}

fn dry(path: &Path, speed: f32, time: Duration) -> Outcome {
    let (device, _engine) = playing(path, speed)?;
    device.play_for(SETTLING);
    let before = device.dry();
    device.play_for(time);
    println!(
        "{} {}",
        device.dry() - before,
        (time.as_secs_f64() * f64::from(RATE)) as u64
    );
    Ok(())
}

fn memory(path: &Path) -> Outcome {
    let bare = anonymous()?;
    let places = places(path)?;
    let device = Silent::new(BUFFER, COARSE);
    let (engine, events) = Engine::start_with(Box::new(device.clone()), || {});
    load(&engine, path);
    loaded(&events)?;
    engine.send(EngineCommand::Play);
    let mut most = 0;
    let mut watch = |time: Duration| -> Outcome {
        let began = Instant::now();
        while began.elapsed() < time {
            device.play_for(Duration::from_millis(50));
            most = most.max(anonymous()?);
        }
        Ok(())
    };
    watch(SETTLING)?;
    for place in places.take(10) {
        engine.send(EngineCommand::Seek(MediaTime::from_millis(place)));
        watch(Duration::from_millis(400))?;
    }
    println!("{bare} {most}");
    Ok(())
}

fn old(path: &Path, buffer: u64, seeks: usize) -> Outcome {
    /// Softer than this nobody hears it.
    const SILENCE: f32 = 1e-4;
    let places = places(path)?;
    let device = Silent::new(buffer, FINE);
    let (engine, events) = Engine::start_with(Box::new(device.clone()), || {});
    load(&engine, path);
    loaded(&events)?;
    engine.send(EngineCommand::Play);
    let mut ring = device.take_until_not(0, |_, _| {})?;
    for (turn, place) in (1..).zip(places.take(seeks)) {
        // At another instant between two callbacks each time.
        device.play_for(Duration::from_micros(100_000 + turn * 7_919 % 30_000));
        let (mut given, mut last) = (0_u64, 0);
        engine.send(EngineCommand::Seek(MediaTime::from_millis(place)));
        let before = ring;
        ring = device.take_until_not(ring, |from, frame| {
            given += 1;
            if from == before && frame.iter().any(|sample| sample.abs() > SILENCE) {
                last = given;
            }
        })?;
        println!("{last}");
    }
    Ok(())
}
