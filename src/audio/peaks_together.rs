//! The pass that makes the peaks, shared among the cores: a recording is gone through in stretches, each from its exact
//! frame on, and what comes of them is put together in their order.

use std::collections::BTreeMap;
use std::num::NonZero;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc::{Sender, channel};
use std::thread;

use super::loudness::LoudnessMeter;
use super::peaks::{Peaks, PeaksBuilder};
use super::speech::SpeechMeter;
use super::{AudioError, AudioSource, Decoder};

/// So many chunks of the peaks are one stretch: a seek costs up to four seconds of decoding, a stretch lasts 164.
const STRETCH: u64 = 4;
/// More threads than this would wait for the disk.
const MOST_WORKERS: usize = 4;

/// How many threads a recording is worth.
pub(super) fn workers(decoder: &Decoder) -> usize {
    let is_long = decoder
        .length()
        .is_some_and(|length| length > 2 * stretch_start(decoder, 1));
    if !is_long || !decoder.seeks_exactly() {
        return 1;
    }
    thread::available_parallelism()
        .map_or(1, NonZero::get)
        .min(MOST_WORKERS)
}

/// Goes through a recording with so many threads, this one putting together what they find. After each stretch `go_on`
/// is shown what is known; when it says no, there is no waveform.
pub(super) fn measure(
    source: &AudioSource,
    decoder: Decoder,
    workers: usize,
    mut go_on: impl FnMut(&Peaks) -> bool,
) -> Result<Option<Peaks>, AudioError> {
    let (next, stop) = (AtomicU64::new(0), AtomicBool::new(false));
    let (found, parts) = channel();
    thread::scope(|scope| {
        let (mut own, mut at_work) = (Some(decoder), Vec::new());
        for _ in 0..workers {
            let (decoder, found) = (own.take(), found.clone());
            let (next, stop) = (&next, &stop);
            let worker = scope.spawn(move || {
                let opened = decoder.map_or_else(|| Decoder::open(source), Ok);
                let worked = opened.and_then(|mut decoder| work(&mut decoder, next, stop, &found));
                worked
                    .inspect_err(|error| {
                        stop.store(true, Ordering::Relaxed);
                        // Whoever listens went away only when it has an error already.
                        drop(found.send(Err(error.clone())));
                    })
                    .ok()
            });
            at_work.push(worker);
        }
        drop(found);
        let mut whole = Peaks::default();
        let mut waiting: BTreeMap<u64, Peaks> = BTreeMap::new();
        let mut wanted = 0;
        for part in parts {
            let (place, part) = part?;
            waiting.insert(place, part);
            while let Some(part) = waiting.remove(&wanted) {
                whole.extend(&part);
                wanted += 1;
            }
            if !go_on(&whole) {
                stop.store(true, Ordering::Relaxed);
                return Ok(None);
            }
        }
        // What one of them panicked on is missing from the middle.
        if !waiting.is_empty() {
            return Err(AudioError::Broken {
                why: "it could not be read to the end".to_owned(),
                name: source.name(),
            });
        }
        let heard = at_work.into_iter().filter_map(|worker| worker.join().ok().flatten());
        let (loudness, speech): (Vec<_>, Vec<_>) = heard.unzip();
        let loudness = LoudnessMeter::together(&loudness);
        Ok(Some(whole.with(loudness, SpeechMeter::together(speech))))
    })
}

/// Takes stretch after stretch, until one begins behind the end; gives what it heard.
fn work(
    decoder: &mut Decoder,
    next: &AtomicU64,
    stop: &AtomicBool,
    found: &Sender<Result<(u64, Peaks), AudioError>>,
) -> Result<(LoudnessMeter, SpeechMeter), AudioError> {
    let channels = usize::from(decoder.channels());
    let mut loudness = LoudnessMeter::new(decoder.sample_rate(), decoder.channels());
    let mut speech = SpeechMeter::new(decoder.sample_rate(), decoder.channels());
    while !stop.load(Ordering::Relaxed) {
        let place = next.fetch_add(1, Ordering::Relaxed);
        let (from, to) = (stretch_start(decoder, place), stretch_start(decoder, place + 1));
        if decoder.position() != from {
            decoder.seek(from)?;
        }
        let mut builder = PeaksBuilder::from_chunk(decoder.sample_rate(), decoder.channels(), place * STRETCH);
        let mut at = from;
        while at < to && !stop.load(Ordering::Relaxed) {
            let Some(block) = decoder.next_block()? else { break };
            let room = usize::try_from(to - at).unwrap_or(usize::MAX).saturating_mul(channels);
            let samples = block.samples.get(..room).unwrap_or(block.samples);
            builder.push(samples);
            loudness.listen(at, samples);
            speech.listen(at, samples);
            at += (block.samples.len() / channels) as u64;
            // The sound has a thread of its own with half a second in hand; this one steps aside for it.
            thread::yield_now();
        }
        let is_listened_to = at == from || found.send(Ok((place, builder.finish()))).is_ok();
        if at < to || !is_listened_to {
            break;
        }
    }
    Ok((loudness, speech))
}

/// The frame a stretch begins with.
fn stretch_start(decoder: &Decoder, place: u64) -> u64 {
    PeaksBuilder::chunk_start(decoder.sample_rate(), place.saturating_mul(STRETCH))
}
