//! The recording: every format decoded, sought, played, measured and cut, against what is known about it.
//!
//! The fixtures hold six pips of 1 kHz, 20 ms each, at 0.25 s, 0.75 s and so on to 2.75 s, in 3 s of silence.
#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on fails")]

#[path = "audio/commands.rs"]
mod commands;
#[path = "audio/cover.rs"]
mod cover;
#[path = "audio/decoding.rs"]
mod decoding;
#[path = "audio/faults.rs"]
mod faults;
#[path = "audio/hostile.rs"]
mod hostile;
#[path = "audio/measuring.rs"]
mod measuring;
#[path = "audio/playing.rs"]
mod playing;

use std::path::PathBuf;

use earmark::audio::{AudioSource, Decoder};

/// All fixtures whose sound can be decoded, with the sample rate that is in them.
const FIXTURES: [(&str, u32); 18] = [
    ("pips-vbr.mp3", 44_100),
    ("pips-plain.mp3", 44_100),
    ("pips-low.mp3", 16_000),
    ("pips.flac", 16_000),
    ("pips.ogg", 44_100),
    ("pips.m4a", 44_100),
    ("pips-alac.m4a", 22_050),
    ("pips.aac", 44_100),
    ("pips.mka", 44_100),
    ("pips-video.mp4", 44_100),
    ("pips.opus", 48_000),
    ("pips.webm", 48_000),
    ("pips-opus.mp4", 48_000),
    ("pips.mp2", 16_000),
    ("pips-rf64.wav", 8_000),
    ("pips-adpcm.wav", 8_000),
    ("pips.aifc", 8_000),
    ("pips.caf", 16_000),
];

fn fixture(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("tests/fixtures/audio")
        .join(name)
}

fn open(name: &str) -> Decoder {
    Decoder::open(&AudioSource::File(fixture(name))).unwrap()
}

/// Everything from where the decoder stands, interleaved.
fn decode_all(decoder: &mut Decoder) -> Vec<f32> {
    let mut all = Vec::new();
    let channels = usize::from(decoder.channels());
    while let Some(block) = decoder.next_block().unwrap() {
        assert!(!block.samples.is_empty() && block.samples.len() % channels == 0);
        all.extend_from_slice(block.samples);
    }
    all
}

/// A float WAV of these interleaved samples.
fn wav(samples: &[f32], rate: u32, channels: u16) -> Vec<u8> {
    let bytes = samples.len() as u32 * 4;
    let mut out = b"RIFF".to_vec();
    out.extend((36 + bytes).to_le_bytes());
    out.extend(b"WAVEfmt \x10\0\0\0\x03\0");
    out.extend(channels.to_le_bytes());
    out.extend(rate.to_le_bytes());
    out.extend((rate * u32::from(channels) * 4).to_le_bytes());
    out.extend((channels * 4).to_le_bytes());
    out.extend([32, 0]);
    out.extend(b"data");
    out.extend(bytes.to_le_bytes());
    out.extend(samples.iter().flat_map(|sample| sample.to_le_bytes()));
    out
}

/// Bytes as a recording; they live as long as the test program.
fn memory(bytes: Vec<u8>) -> AudioSource {
    AudioSource::Memory(Box::leak(bytes.into_boxed_slice()))
}

/// A simple generator, so that a failure can be repeated.
struct Dice(u64);

impl Dice {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % limit.max(1)
    }
}
