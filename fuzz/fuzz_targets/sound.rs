//! Recordings: told about, decoded from the start and from places in them, and indexed. The last bytes say where.
#![no_main]

use std::path::PathBuf;
use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;

#[path = "../../src/audio/mod.rs"]
#[allow(dead_code, unused_imports, reason = "the engine is not run here")]
mod audio;
#[path = "../../src/boxes.rs"]
#[allow(dead_code, reason = "as above")]
mod boxes;
#[path = "../../src/ebml.rs"]
#[allow(dead_code, reason = "as above")]
mod ebml;
#[path = "../../src/time/mod.rs"]
#[allow(dead_code, unused_imports, reason = "as above")]
mod time;

use audio::{AudioSource, Decoder, probe};

/// More blocks are not decoded: a header may promise years of silence.
const BLOCKS: usize = 64;

/// A file in memory: bytes that live as long as the program would be a leak for each case.
static FILE: LazyLock<PathBuf> = LazyLock::new(|| {
    // Where nobody else decodes what we do not; ffmpeg is not ours to feed.
    // Safety: there is one thread, before the first case.
    unsafe { std::env::set_var("PATH", "") };
    // What symphonia's sums overflow on is caught by the decoder, and is an error there; our own panics end the run.
    let ours = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        let is_theirs = panic.location().is_some_and(|place| place.file().contains("/symphonia-"));
        if !is_theirs {
            ours(panic);
        }
    }));
    let folder = ["/dev/shm", "/tmp"].map(PathBuf::from).into_iter().find(|folder| folder.is_dir());
    folder.unwrap_or_default().join(format!("earmark-fuzz-{}", std::process::id()))
});

fuzz_target!(|data: &[u8]| {
    let Some((file, places)) = data.split_last_chunk::<4>() else { return };
    std::fs::write(&*FILE, file).expect("a place to write to");
    let source = AudioSource::File(FILE.clone());
    if let Ok(told) = probe(&source, false) {
        assert!(told.sample_rate > 0 && told.channels > 0);
    }
    let Ok(mut decoder) = Decoder::open(&source) else { return };
    let channels = usize::from(decoder.channels());
    decode(&mut decoder, 0, channels);
    for place in places {
        let frames = decoder.length().unwrap_or(48_000);
        let target = frames.saturating_add(2_000) / 256 * u64::from(*place);
        if decoder.seek(target).is_ok() {
            decode(&mut decoder, target, channels);
        }
    }
    for _ in 0..BLOCKS {
        if !decoder.read_ahead().unwrap_or(false) {
            break;
        }
    }
});

/// Blocks follow each other without a hole, whatever the file does.
fn decode(decoder: &mut Decoder, from: u64, channels: usize) {
    let mut at = from;
    for _ in 0..BLOCKS {
        let Ok(Some(block)) = decoder.next_block() else { return };
        assert_eq!(block.first_frame, at);
        assert!(!block.samples.is_empty() && block.samples.len().is_multiple_of(channels));
        assert!(block.samples.iter().all(|sample| sample.is_finite()));
        at += (block.samples.len() / channels) as u64;
    }
}
