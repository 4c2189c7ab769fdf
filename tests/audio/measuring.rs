//! The waveform and its cache, and passages cut out.

use std::fs;
use std::io::Cursor;
use std::path::Path;
use std::sync::mpsc::Receiver;
use std::time::{Duration, Instant};

use earmark::audio::{
    AudioSource, Decoder, Engine, EngineCommand, EngineEvent, FrameIndex, Peaks, PeaksEvent, WavFormat, clip,
    content_key, spawn_peaks,
};
use earmark::time::{MediaSpan, MediaTime};

use super::{Dice, FIXTURES, decode_all, fixture, memory, open, wav};

fn outcome(events: &Receiver<PeaksEvent>) -> (std::sync::Arc<Peaks>, MediaTime) {
    loop {
        match events.recv_timeout(Duration::from_mins(1)).expect("the pass ends") {
            PeaksEvent::Done {
                peaks,
                length,
                generation,
            } => {
                assert_eq!(generation, 5);
                return (peaks, length);
            }
            PeaksEvent::Progress { done, .. } => assert!((0.0..=1.0).contains(&done)),
            PeaksEvent::Failed { error, .. } => panic!("{error}"),
        }
    }
}

fn peaks(source: AudioSource, cache: Option<&Path>) -> (std::sync::Arc<Peaks>, MediaTime) {
    let (_job, events) = spawn_peaks(source, cache.map(Path::to_owned), 5, || {});
    outcome(&events)
}

#[test]
fn the_waveform_shows_the_pips_and_the_true_length() {
    for (name, rate) in FIXTURES {
        let (peaks, length) = peaks(AudioSource::File(fixture(name)), None);
        let frames = decode_all(&mut open(name)).len() as u64 / u64::from(open(name).channels());
        let wanted = MediaTime::from_secs_f64(frames as f64 / f64::from(rate));
        assert!((length - wanted).as_micros().abs() <= 1, "{name}: {length:?}");
        let columns = peaks.columns(MediaSpan::new(MediaTime::ZERO, MediaTime::from_millis(3_000)), 30);
        for (column, (low, high)) in columns.iter().enumerate() {
            // 0.25 s lies in the third tenth of a second, and every fifth from there; lossy codecs ring a little.
            let loud = column % 5 == 2;
            assert_eq!(
                loud,
                *high > 0.2 && *low < -0.2,
                "{name}: column {column} is {low} to {high}"
            );
        }
    }
}

#[test]
fn what_was_measured_once_is_kept_and_what_was_kept_badly_is_not_believed() {
    let folder = tempfile::tempdir().unwrap();
    let cache = folder.path().join("not/there/yet");
    let source = AudioSource::File(fixture("pips.ogg"));
    let first = peaks(source.clone(), Some(&cache));
    let kept = fs::read_dir(&cache).unwrap().next().unwrap().unwrap().path();
    assert_eq!(fs::read_dir(&cache).unwrap().count(), 1, "no half-done file is left");
    assert_eq!(peaks(source.clone(), Some(&cache)), first);

    let whole = fs::read(&kept).unwrap();
    for broken in [&whole[..40], b"", &[0_u8; 500], &[whole.as_slice(), b"more"].concat()] {
        fs::write(&kept, broken).unwrap();
        assert_eq!(peaks(source.clone(), Some(&cache)), first);
        assert_eq!(fs::read(&kept).unwrap(), whole, "it is made again");
    }

    let unwritable = folder.path().join("a file");
    fs::write(&unwritable, "in the way").unwrap();
    assert_eq!(peaks(source, Some(&unwritable)), first);
}

/// An MP3 so long that its index is not made at every opening.
fn long_mp3(folder: &Path) -> AudioSource {
    let pips = fs::read(fixture("pips-plain.mp3")).unwrap();
    let path = folder.join("long.mp3");
    fs::write(&path, pips.repeat((17 << 20) / pips.len() + 1)).unwrap();
    AudioSource::File(path)
}

#[test]
fn the_index_of_a_long_recording_is_made_once() {
    let folder = tempfile::tempdir().unwrap();
    let cache = folder.path().join("cache");
    let source = long_mp3(folder.path());
    let open = || FrameIndex::open(&source).unwrap().unwrap();
    let mut made = open();
    assert!(!made.recall(&source, &cache), "nothing is kept yet");
    assert!(!made.is_exact());
    made.scan_until(&source, u64::MAX).unwrap();
    made.keep(&source, &cache).unwrap();

    let mut recalled = open();
    assert!(recalled.recall(&source, &cache));
    assert!(recalled.is_exact());
    assert_eq!(recalled.length(), made.length());

    let kept = fs::read_dir(&cache).unwrap().next().unwrap().unwrap().path();
    let whole = fs::read(&kept).unwrap();
    for cut in [0, 8, 40, whole.len() - 1] {
        fs::write(&kept, &whole[..cut]).unwrap();
        assert!(!open().recall(&source, &cache), "cut after {cut} bytes");
    }
    let mut other = whole;
    other[20] ^= 1;
    fs::write(&kept, other).unwrap();
    assert!(!open().recall(&source, &cache));
}

/// The engine keeps it when it is made, and a seek by a kept one lands on the same samples.
#[test]
fn the_engine_keeps_the_index_and_seeks_by_it() {
    let folder = tempfile::tempdir().unwrap();
    let cache = folder.path().join("cache");
    let source = long_mp3(folder.path());
    let (engine, events) = Engine::start_on(Box::new(super::playing::Hand::default()), Some(cache.clone()), || {});
    let load = |generation| {
        let (source, at) = (source.clone(), MediaTime::ZERO);
        engine.send(EngineCommand::Load { source, at, generation });
        let told = || events.recv_timeout(Duration::from_secs(20)).unwrap();
        while !matches!(told(), EngineEvent::Loaded { .. }) {}
    };
    load(1);
    let is_kept = || {
        fs::read_dir(&cache).is_ok_and(|mut files| {
            files.any(|file| file.is_ok_and(|file| file.path().extension().is_some_and(|ending| ending == "index")))
        })
    };
    let deadline = Instant::now() + Duration::from_secs(20);
    while !is_kept() {
        assert!(Instant::now() < deadline, "the index is not kept");
        std::thread::sleep(Duration::from_millis(10));
    }
    // The true length is known at once from what was kept: a seek beyond it stops at it.
    load(2);
    let mut index = FrameIndex::open(&source).unwrap().unwrap();
    assert!(index.recall(&source, &cache));
    let length = index.length() as f64 / 44_100.0;
    while (engine.playhead().now().as_secs_f64() - length).abs() > 0.1 {
        assert!(Instant::now() < deadline, "the length is not known");
        engine.send(EngineCommand::Seek(MediaTime::from_secs_f64(length + 50.0)));
        std::thread::sleep(Duration::from_millis(10));
    }
}

#[test]
fn a_pass_that_is_dropped_stops() {
    let long = memory(wav(&vec![0.1; 20_000_000], 8_000, 1));
    let (job, events) = spawn_peaks(long, None, 5, || {});
    drop(job);
    // The pass lets go of its end of the channel without having told an end.
    while let Ok(event) = events.recv_timeout(Duration::from_mins(1)) {
        assert!(matches!(event, PeaksEvent::Progress { .. }), "it went on to {event:?}");
    }
}

#[test]
fn a_recording_that_cannot_be_read_is_told() {
    let (_job, events) = spawn_peaks(AudioSource::File("/no/such/file".into()), None, 5, || {});
    let event = events.recv_timeout(Duration::from_mins(1)).unwrap();
    assert!(matches!(event, PeaksEvent::Failed { generation: 5, .. }), "{event:?}");
}

#[test]
fn a_recording_is_known_by_its_content() {
    let folder = tempfile::tempdir().unwrap();
    let copy = folder.path().join("another name.bin");
    fs::copy(fixture("pips.ogg"), &copy).unwrap();
    let key = content_key(&AudioSource::File(copy)).unwrap();
    assert_eq!(key, content_key(&AudioSource::File(fixture("pips.ogg"))).unwrap());
    assert_ne!(key, content_key(&AudioSource::File(fixture("pips.m4a"))).unwrap());
    let long = vec![7; 5_000_000];
    let mut other = long.clone();
    other[4_999_999] = 8;
    assert_ne!(
        content_key(&memory(long)).unwrap(),
        content_key(&memory(other)).unwrap()
    );
}

fn cut(source: &AudioSource, from_ms: i64, to_ms: i64, format: WavFormat) -> (u64, Vec<u8>) {
    let span = MediaSpan::new(MediaTime::from_millis(from_ms), MediaTime::from_millis(to_ms));
    let mut out = Cursor::new(Vec::new());
    let frames = clip(source, span, 1.0, format, &mut out).unwrap();
    (frames, out.into_inner())
}

#[test]
fn a_clip_is_exactly_the_samples_between() {
    for (name, rate) in FIXTURES.into_iter().filter(|(name, _)| *name != "pips.mka") {
        let source = AudioSource::File(fixture(name));
        let all = decode_all(&mut open(name));
        let channels = usize::from(open(name).channels());
        let (frames, bytes) = cut(&source, 713, 1_921, WavFormat::Float32);
        let at = |ms: u64| ((ms * u64::from(rate) + 500) / 1_000) as usize;
        assert_eq!(frames as usize, at(1_921) - at(713), "{name}");
        let mut decoder = Decoder::open(&memory(bytes)).unwrap();
        assert_eq!(
            (decoder.sample_rate(), usize::from(decoder.channels())),
            (rate, channels)
        );
        assert!(
            decode_all(&mut decoder) == all[at(713) * channels..at(1_921) * channels],
            "{name}"
        );
    }
}

#[test]
fn sixteen_bits_come_out_bit_for_bit_and_too_loud_is_cut_off() {
    let integers = [0_i16, 1, -1, 32_767, -32_768, 12_345, -777];
    let mut samples: Vec<f32> = integers.iter().map(|&i| f32::from(i) / 32_768.0).collect();
    samples.extend([1.5, -7.0, f32::NAN]);
    let (frames, bytes) = cut(&memory(wav(&samples, 1_000, 1)), 0, 10, WavFormat::Int16);
    assert_eq!(frames, 10);
    let data: Vec<i16> = bytes[58..]
        .as_chunks::<2>()
        .0
        .iter()
        .map(|b| i16::from_le_bytes(*b))
        .collect();
    assert_eq!(data[..7], integers);
    assert_eq!(data[7..], [32_767, -32_768, 0]);
}

#[test]
fn a_clip_ends_with_the_recording_and_an_empty_one_is_refused() {
    let source = AudioSource::File(fixture("pips.flac"));
    assert_eq!(cut(&source, 2_900, 99_000, WavFormat::Int16).0, 1_600);
    let span = MediaSpan::new(MediaTime::from_millis(5_000), MediaTime::from_millis(6_000));
    let error = clip(&source, span, 1.0, WavFormat::Int16, Cursor::new(Vec::new())).unwrap_err();
    assert!(
        error.to_string().contains("the recording ends at 00:00:03.000"),
        "{error}"
    );
}

#[test]
fn a_clip_at_another_speed_has_its_length_and_its_pitch() {
    let source = AudioSource::File(fixture("pips.flac"));
    let span = MediaSpan::new(MediaTime::from_millis(100), MediaTime::from_millis(2_901));
    for speed in [0.5, 0.7, 1.0, 1.1, 1.7, 3.0] {
        let mut out = Cursor::new(Vec::new());
        let frames = clip(&source, span, speed, WavFormat::Float32, &mut out).unwrap();
        assert_eq!(frames, (44_816.0 / speed).round() as u64, "at {speed}");
        let samples = decode_all(&mut Decoder::open(&memory(out.into_inner())).unwrap());
        assert_eq!(samples.len() as u64, frames, "at {speed}");
        // The first pip, 20 ms of 1 kHz at 0.15 s of the clip, is at its place and as high as it was.
        let middle = 0.16 * 16_000.0 / speed;
        let loud = samples.iter().position(|sample| sample.abs() > 0.05).unwrap() as f64;
        assert!((loud - middle).abs() < 500.0, "at {speed}: {loud} for {middle}");
        let pip = &samples[loud as usize..loud as usize + 130];
        let crossings = pip.windows(2).filter(|pair| pair[0] < 0.0 && pair[1] >= 0.0).count();
        assert!(
            (7..=9).contains(&crossings),
            "at {speed}: {crossings} periods in 130 frames"
        );
    }
}

#[test]
fn a_speed_that_cannot_be_had_is_refused_before_anything_is_written() {
    let source = AudioSource::File(fixture("pips.flac"));
    let span = MediaSpan::new(MediaTime::ZERO, MediaTime::from_millis(1_000));
    for speed in [0.0, -1.0, 0.3, 4.5, f64::NAN, f64::INFINITY] {
        let mut out = Cursor::new(Vec::new());
        let error = clip(&source, span, speed, WavFormat::Int16, &mut out).unwrap_err();
        assert!(error.to_string().starts_with("a speed is 0."), "{error}");
        assert!(out.into_inner().is_empty());
    }
}

#[test]
fn a_long_recording_is_measured_by_several_threads_as_by_one() {
    let mut dice = Dice(11);
    let samples: Vec<f32> = (0..8_000 * 420)
        .map(|i| (dice.below(2_000) as f32 / 1_000.0 - 1.0) * (i as f32 / 5_000.0).sin())
        .collect();
    let (together, length) = peaks(memory(wav(&samples, 8_000, 1)), None);
    assert!(together.swings().eq(Peaks::of_samples(8_000, 1, &samples).swings()));
    assert!(
        together
            .loudness()
            .is_some_and(|loudness| (-30.0..0.0).contains(&loudness))
    );
    assert_eq!(length, MediaTime::from_millis(420_000));
    // It ends exactly where a stretch does.
    let stretch = &samples[..2 * 4 * 4_096 * 8_000 / 100];
    let (together, _) = peaks(memory(wav(stretch, 8_000, 1)), None);
    assert!(together.swings().eq(Peaks::of_samples(8_000, 1, stretch).swings()));
}
