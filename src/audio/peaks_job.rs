//! The background pass that makes the peaks, and where they are kept between sessions.
//!
//! What is kept is only a cache: what cannot be read is made again, what cannot be written is done without.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;
use std::time::{Duration, Instant};

use super::cache::{self, content_key};
use super::loudness::LoudnessMeter;
use super::peaks::{Peaks, PeaksBuilder};
use super::peaks_together;
use super::probe::frame_at;
use super::speech::{SPEECH_BANDS, SpeechMeter};
use super::{AudioError, AudioSource, Decoder};
use crate::time::MediaTime;

/// The first bytes of a kept file; the last one is the version.
const MAGIC: [u8; 8] = *b"EMpeaks\x03";
/// How often the picture so far is sent.
const TELL_EVERY: Duration = Duration::from_millis(250);
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
            Some(cache::place(dir, key, "peaks"))
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
    let mut loudness = LoudnessMeter::new(decoder.sample_rate(), decoder.channels());
    let mut speech = SpeechMeter::new(decoder.sample_rate(), decoder.channels());
    while let Some(block) = decoder.next_block()? {
        builder.push(block.samples);
        loudness.listen(block.first_frame, block.samples);
        speech.listen(block.first_frame, block.samples);
        if !go_on(&|| builder.so_far()) {
            return Ok(None);
        }
        // The sound has a thread of its own with half a second in hand; this one steps aside for it.
        thread::yield_now();
    }
    let loudness = LoudnessMeter::together(&[loudness]);
    let speech = SpeechMeter::together(vec![speech]);
    Ok(Some(builder.finish().with(loudness, speech)))
}

/// Length in microseconds, loudness (no number for none), the number of levels of speech, these, and the bins.
fn keep(path: &Path, peaks: &Peaks) -> io::Result<()> {
    let mut body = peaks.length().as_micros().to_le_bytes().to_vec();
    body.extend(peaks.loudness().unwrap_or(f32::NAN).to_le_bytes());
    body.extend((peaks.speech().len() as u64).to_le_bytes());
    body.extend(peaks.speech().as_flattened());
    body.extend(peaks.base().flatten().map(|level| level.to_le_bytes()[0]));
    cache::keep(path, MAGIC, &body)
}

/// What was kept, if it is whole and of this version.
fn read_kept(path: &Path) -> Option<Peaks> {
    let body = cache::recall(path, MAGIC)?;
    let (length, rest) = body.split_first_chunk::<8>()?;
    let (loudness, rest) = rest.split_first_chunk::<4>()?;
    let (levels, rest) = rest.split_first_chunk::<8>()?;
    let levels = usize::try_from(u64::from_le_bytes(*levels)).ok()?;
    let (speech, bins) = rest.split_at_checked(levels.checked_mul(SPEECH_BANDS)?)?;
    let speech = speech.as_chunks::<SPEECH_BANDS>().0.into();
    let length = MediaTime::from_micros(i64::from_le_bytes(*length));
    let loudness = f32::from_le_bytes(*loudness);
    let bins = bins
        .as_chunks::<2>()
        .0
        .iter()
        .map(|bin| bin.map(|level| i8::from_le_bytes([level])));
    let loudness = Some(loudness).filter(|loudness| loudness.is_finite());
    Some(PeaksBuilder::from_bins(bins, length).with(loudness, speech))
}
