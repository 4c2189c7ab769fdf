//! The background pass that makes the peaks, and where they are kept between sessions.
//!
//! What is kept is known by the content of the recording, not by its name, and is only a cache: a file that is broken
//! or of another version is made again, one that cannot be written is done without.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;
use std::time::{Duration, Instant};

use super::bytes::Window;
use super::loudness::LoudnessMeter;
use super::peaks::{Peaks, PeaksBuilder};
use super::peaks_together;
use super::probe::frame_at;
use super::{AudioError, AudioSource, Decoder};
use crate::time::MediaTime;

/// The first bytes of a kept file; the last one is the version.
const MAGIC: [u8; 8] = *b"EMpeaks\x02";
/// How often the picture so far is sent.
const TELL_EVERY: Duration = Duration::from_millis(250);
/// The stretches of a recording that make up its key: this much at both ends, and samples between.
const KEY_ENDS: usize = 1 << 20;
const KEY_SAMPLES: u64 = 16;
const KEY_SAMPLE_BYTES: usize = 64 * 1024;

/// A running pass; dropping it stops the pass.
#[derive(Debug)]
pub struct PeaksJob {
    cancelled: Arc<AtomicBool>,
}

impl Drop for PeaksJob {
    fn drop(&mut self) {
        self.cancelled.store(true, Ordering::Relaxed);
    }
}

/// What the pass tells. `generation` is the number it was started with.
#[derive(Debug)]
pub enum PeaksEvent {
    /// The waveform as far as it is known.
    Progress {
        /// Which pass.
        generation: u64,
        /// How much of the recording was read, 0 to 1.
        done: f32,
        /// The waveform so far.
        peaks: Arc<Peaks>,
    },
    /// All of it.
    Done {
        /// Which pass.
        generation: u64,
        /// The waveform.
        peaks: Arc<Peaks>,
        /// The true length of the recording.
        length: MediaTime,
    },
    /// The recording could not be read.
    Failed {
        /// Which pass.
        generation: u64,
        /// Why.
        error: AudioError,
    },
}

/// Starts the pass, or reads what an earlier one left in `cache_dir`. `wake` is called after each event was sent.
pub fn spawn_peaks(
    source: AudioSource,
    cache_dir: Option<PathBuf>,
    generation: u64,
    wake: impl Fn() + Send + 'static,
) -> (PeaksJob, Receiver<PeaksEvent>) {
    let (events, outbox) = channel();
    let cancelled = Arc::new(AtomicBool::new(false));
    let teller = Teller {
        events,
        wake: Box::new(wake),
        generation,
        cancelled: Arc::clone(&cancelled),
    };
    let failed = teller.events.clone();
    let run = move || {
        let outcome = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            make(&source, cache_dir.as_deref(), &teller)
        }));
        let error = match outcome {
            Ok(Ok(())) => return,
            Ok(Err(error)) => error,
            Err(_) => {
                log::error!("the peaks pass panicked: {}", source.name());
                AudioError::Broken {
                    why: "it could not be read to the end".to_owned(),
                    name: source.name(),
                }
            }
        };
        teller.tell(PeaksEvent::Failed { generation, error });
    };
    if let Err(error) = thread::Builder::new().name("peaks".to_owned()).spawn(run) {
        let error = AudioError::Engine { why: error.to_string() };
        drop(failed.send(PeaksEvent::Failed { generation, error }));
    }
    (PeaksJob { cancelled }, outbox)
}

struct Teller {
    events: Sender<PeaksEvent>,
    wake: Box<dyn Fn() + Send>,
    generation: u64,
    cancelled: Arc<AtomicBool>,
}

impl Teller {
    fn cancelled(&self) -> bool {
        self.cancelled.load(Ordering::Relaxed)
    }

    fn tell(&self, event: PeaksEvent) {
        if !self.cancelled() && self.events.send(event).is_ok() {
            (self.wake)();
        }
    }

    fn done(&self, peaks: Peaks) {
        let length = peaks.length();
        self.tell(PeaksEvent::Done {
            generation: self.generation,
            peaks: Arc::new(peaks),
            length,
        });
    }
}

fn make(source: &AudioSource, cache_dir: Option<&Path>, teller: &Teller) -> Result<(), AudioError> {
    let kept_at = match cache_dir {
        Some(dir) => {
            let key = content_key(source).map_err(|error| AudioError::io(source, &error))?;
            Some(dir.join(format!("{}.peaks", blake3::Hash::from_bytes(key).to_hex())))
        }
        None => None,
    };
    if let Some(peaks) = kept_at.as_deref().and_then(read_kept) {
        teller.done(peaks);
        return Ok(());
    }
    let decoder = Decoder::open(source)?;
    let expected = decoder.length();
    let mut told = Instant::now();
    let rate = decoder.sample_rate();
    let show = |peaks: &dyn Fn() -> Peaks| {
        if told.elapsed() >= TELL_EVERY {
            let peaks = peaks();
            let read = frame_at(peaks.length(), rate) as f32 / expected.unwrap_or(u64::MAX).max(1) as f32;
            teller.tell(PeaksEvent::Progress {
                generation: teller.generation,
                done: read.min(1.0),
                peaks: Arc::new(peaks),
            });
            told = Instant::now();
        }
        !teller.cancelled()
    };
    let whole = measure(source, decoder, show)?;
    let Some(peaks) = whole else { return Ok(()) };
    if let Some(path) = kept_at
        && let Err(error) = keep(&path, &peaks)
    {
        log::warn!("the waveform cannot be kept ({error}): {}", path.display());
    }
    teller.done(peaks);
    Ok(())
}

/// The waveform of a recording that was just opened, made at once.
pub fn peaks(source: &AudioSource, decoder: Decoder) -> Result<Peaks, AudioError> {
    Ok(measure(source, decoder, |_| true)?.unwrap_or_default())
}

/// Goes through a recording, on all cores where it is worth it. Now and then `go_on` is shown what is known; when it says
/// no, there is no waveform.
fn measure(
    source: &AudioSource,
    mut decoder: Decoder,
    mut go_on: impl FnMut(&dyn Fn() -> Peaks) -> bool,
) -> Result<Option<Peaks>, AudioError> {
    let workers = peaks_together::workers(&decoder);
    if workers > 1 {
        return peaks_together::measure(source, decoder, workers, |peaks| go_on(&|| peaks.clone()));
    }
    let mut builder = PeaksBuilder::new(decoder.sample_rate(), decoder.channels());
    let mut meter = LoudnessMeter::new(decoder.sample_rate(), decoder.channels());
    while let Some(block) = decoder.next_block()? {
        builder.push(block.samples);
        meter.listen(block.first_frame, block.samples);
        if !go_on(&|| builder.so_far()) {
            return Ok(None);
        }
        // The sound has a thread of its own with half a second in hand; this one steps aside for it.
        thread::yield_now();
    }
    let loudness = LoudnessMeter::together(&[meter]);
    Ok(Some(builder.finish().with_loudness(loudness)))
}

/// What a recording is known by in the cache: its length, both ends, and samples spread over it. Cheap for any length.
pub fn content_key(source: &AudioSource) -> io::Result<[u8; 32]> {
    let mut window = Window::open(source, KEY_ENDS)?;
    let length = window.length();
    let mut hasher = blake3::Hasher::new();
    hasher.update(&length.to_le_bytes());
    hasher.update(window.at(0, KEY_ENDS)?);
    hasher.update(window.at(length.saturating_sub(KEY_ENDS as u64), KEY_ENDS)?);
    for sample in 0..KEY_SAMPLES {
        let at = (u128::from(length) * u128::from(sample) / u128::from(KEY_SAMPLES)) as u64;
        hasher.update(window.at(at, KEY_SAMPLE_BYTES)?);
    }
    Ok(*hasher.finalize().as_bytes())
}

/// Magic and version, length in microseconds, loudness (no number for none), the bins, and a hash over all of it.
fn keep(path: &Path, peaks: &Peaks) -> io::Result<()> {
    let dir = path.parent().unwrap_or(Path::new("."));
    fs::create_dir_all(dir)?;
    let mut bytes = MAGIC.to_vec();
    bytes.extend(peaks.length().as_micros().to_le_bytes());
    bytes.extend(peaks.loudness().unwrap_or(f32::NAN).to_le_bytes());
    bytes.extend(peaks.base().flatten().map(|level| level.to_le_bytes()[0]));
    let hash = blake3::hash(&bytes);
    bytes.extend(hash.as_bytes());
    // Two windows may make the same file; each writes its own and the last rename wins.
    let half_done = path.with_extension(format!("{}.tmp", std::process::id()));
    let written = File::create(&half_done).and_then(|mut file| {
        file.write_all(&bytes)?;
        file.sync_all()?;
        fs::rename(&half_done, path)
    });
    if written.is_err() {
        // What cannot be written can perhaps not be removed either.
        drop(fs::remove_file(&half_done));
    }
    written
}

/// What was kept, if it is whole and of this version.
fn read_kept(path: &Path) -> Option<Peaks> {
    let bytes = fs::read(path).ok()?;
    let (body, hash) = bytes.split_last_chunk::<32>()?;
    let (head, bins) = body.split_first_chunk::<20>()?;
    let (magic, rest) = head.split_first_chunk::<8>()?;
    let (length, loudness) = rest.split_first_chunk::<8>()?;
    if *magic != MAGIC || blake3::hash(body) != *hash {
        log::info!("a kept waveform is not whole and is made again: {}", path.display());
        return None;
    }
    let length = MediaTime::from_micros(i64::from_le_bytes(*length));
    let loudness = f32::from_le_bytes(*loudness.first_chunk()?);
    let bins = bins
        .as_chunks::<2>()
        .0
        .iter()
        .map(|bin| bin.map(|level| i8::from_le_bytes([level])));
    let loudness = Some(loudness).filter(|loudness| loudness.is_finite());
    Some(PeaksBuilder::from_bins(bins, length).with_loudness(loudness))
}
