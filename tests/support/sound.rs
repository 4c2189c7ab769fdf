//! What a program plays: recorded with the instants at which it was heard.

use std::io::Read;
use std::path::Path;
use std::sync::mpsc::{Receiver, sync_channel};
use std::thread;
use std::time::{Duration, Instant};

use super::desktop::Running;

/// Samples a second, of the recording and of what is played.
pub const RATE: u32 = 44_100;

/// A running recording of the sound card's monitor.
pub struct Recorder {
    parec: Running,
    first: (Instant, Vec<i16>),
    chunks: Receiver<(Instant, Vec<i16>)>,
}

impl Recorder {
    pub(super) fn start(mut parec: Running) -> Self {
        let mut stream = parec.0.stdout.take().unwrap();
        // Some minutes of chunks fit: the reader must never wait, or arrivals would come late.
        let (sender, chunks) = sync_channel(1 << 16);
        thread::Builder::new()
            .name("recorder".to_owned())
            .spawn(move || {
                let mut bytes = [0; 4096];
                let mut odd = None;
                while let Ok(count @ 1..) = stream.read(&mut bytes) {
                    let arrival = Instant::now();
                    let whole: Vec<u8> = odd.take().into_iter().chain(bytes[..count].iter().copied()).collect();
                    let (pairs, rest) = whole.as_chunks::<2>();
                    odd = rest.first().copied();
                    if sender
                        .try_send((arrival, pairs.iter().map(|pair| i16::from_le_bytes(*pair)).collect()))
                        .is_err()
                    {
                        return;
                    }
                }
            })
            .unwrap();
        // The sound card works in short steps only once somebody listens; what plays before that is late.
        let first = chunks
            .recv_timeout(Duration::from_secs(20))
            .expect("the sound card is not heard");
        Self { parec, first, chunks }
    }

    /// Ends the recording and returns it.
    pub fn stop(self) -> Recording {
        let Self { parec, first, chunks } = self;
        drop(parec);
        let mut samples = Vec::new();
        let mut began: Option<Instant> = None;
        for (arrival, chunk) in std::iter::once(first).chain(chunks) {
            samples.extend(chunk);
            // A chunk arrives when its last sample is heard, or later where the machine was busy: the earliest
            // start that any chunk allows is the one that holds for all.
            let start = arrival.checked_sub(seconds(samples.len())).unwrap();
            began = Some(began.map_or(start, |earliest| earliest.min(start)));
        }
        Recording {
            samples,
            began: began.expect("nothing was recorded"),
        }
    }
}

/// Sound with the instant of its first sample.
pub struct Recording {
    /// Mono, at [`RATE`].
    pub samples: Vec<i16>,
    /// When the first sample was heard.
    pub began: Instant,
}

impl Recording {
    /// The instants at which sound begins after at least `quiet` without.
    pub fn onsets(&self, quiet: Duration) -> Vec<Instant> {
        let peak = self
            .samples
            .iter()
            .map(|sample| sample.unsigned_abs())
            .max()
            .unwrap_or(0);
        let loud = (peak / 5).max(100);
        let quiet = (quiet.as_secs_f64() * f64::from(RATE)) as usize;
        let mut last_loud: Option<usize> = None;
        let mut found = Vec::new();
        for (index, sample) in self.samples.iter().enumerate() {
            if sample.unsigned_abs() >= loud {
                if last_loud.is_none_or(|last| index - last > quiet) {
                    found.push(self.began + seconds(index));
                }
                last_loud = Some(index);
            }
        }
        found
    }
}

/// How long so many samples last.
fn seconds(samples: usize) -> Duration {
    Duration::from_nanos(samples as u64 * 1_000_000_000 / u64::from(RATE))
}

/// Writes a mono WAV file of 16 bits at [`RATE`].
pub fn write_wav(path: &Path, samples: &[i16]) {
    let size = u32::try_from(samples.len() * 2).unwrap();
    let mut bytes = Vec::with_capacity(samples.len() * 2 + 44);
    bytes.extend(b"RIFF");
    bytes.extend((size + 36).to_le_bytes());
    bytes.extend(b"WAVEfmt ");
    bytes.extend(16_u32.to_le_bytes());
    bytes.extend([1, 0, 1, 0]); // PCM, one channel
    bytes.extend(RATE.to_le_bytes());
    bytes.extend((RATE * 2).to_le_bytes());
    bytes.extend([2, 0, 16, 0]); // bytes a frame, bits a sample
    bytes.extend(b"data");
    bytes.extend(size.to_le_bytes());
    bytes.extend(samples.iter().flat_map(|sample| sample.to_le_bytes()));
    std::fs::write(path, bytes).unwrap();
}
