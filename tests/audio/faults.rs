//! What goes wrong outside of the program: headers that lie, files that change while they play, what is no file at all.

use std::fs;
use std::io::Write as _;
use std::path::PathBuf;

use earmark::audio::{AudioError, AudioSource, Decoder, EngineCommand, EngineEvent, probe};
use earmark::time::MediaTime;

use super::playing::{Rig, frame_of, ramp};
use super::{decode_all, fixture, memory, wav};

/// A WAV of 16 bits whose two sizes say what they are told to.
fn claiming(whole: u32, sound: u32) -> Vec<u8> {
    let mut out = b"RIFF".to_vec();
    out.extend(whole.to_le_bytes());
    out.extend(b"WAVEfmt \x10\0\0\0\x01\0\x01\0\x40\x1f\0\0\x80\x3e\0\0\x02\0\x10\0data");
    out.extend(sound.to_le_bytes());
    out.extend((0..8_000_i16).flat_map(i16::to_le_bytes));
    out
}

#[test]
fn what_no_recording_has_is_refused_with_its_reason() {
    let tone = [0.25; 4_000];
    for (rate, channels, wanted) in [
        (0, 1, "there is no sound"),
        (1, 1, "its header says 1 samples a second"),
        (1_000_000_000, 1, "its header says 1000000000 samples a second"),
        (8_000, 255, "invalid channel count"),
        (8_000, 0, ""),
    ] {
        let mut bytes = wav(&tone, 8_000, 1);
        bytes[24..28].copy_from_slice(&u32::to_le_bytes(rate));
        bytes[22..24].copy_from_slice(&u16::to_le_bytes(channels));
        bytes[32..34].copy_from_slice(&(channels * 4).to_le_bytes());
        let error = Decoder::open(&memory(bytes)).err().map(|error| error.to_string());
        assert!(
            error.as_ref().is_some_and(|error| error.contains(wanted)),
            "{rate} Hz, {channels}: {error:?}"
        );
    }
}

#[test]
fn sizes_that_lie_do_not_hide_the_sound() {
    let there = 16_000;
    for (whole, sound, frames) in [
        (36 + there, there, 8_000),
        // More than 4 GB, as a pipe says; and a little less.
        (u32::MAX, u32::MAX, 8_000),
        (36 + there, u32::MAX - 15, 8_000),
        // A recorder that was switched off.
        (0, 0, 8_000),
        // Broken off in the middle.
        (36 + 10 * there, 10 * there, 8_000),
        // What follows the sound is none.
        (0, 8_000, 4_000),
    ] {
        let mut decoder = Decoder::open(&memory(claiming(whole, sound))).unwrap();
        assert_eq!(
            decoder.length().filter(|_| decoder.is_exact()),
            Some(frames),
            "{whole}, {sound}"
        );
        assert_eq!(decode_all(&mut decoder).len() as u64, frames, "{whole}, {sound}");
        decoder.seek(100).unwrap();
        let block = decoder.next_block().unwrap().unwrap();
        assert!((block.samples[0] - 100.0 / 32_768.0).abs() < 1e-6);
    }
}

#[test]
fn what_is_no_number_is_silence() {
    let samples: Vec<f32> = (0..8_000)
        .map(|i| match i % 4 {
            0 => f32::NAN,
            1 => f32::INFINITY,
            2 => f32::NEG_INFINITY,
            _ => 0.25,
        })
        .collect();
    let rig = Rig::loaded(memory(wav(&samples, 8_000, 1)), 0);
    rig.engine.send(EngineCommand::SetSpeed(1.5));
    rig.play();
    assert!(rig.hear(500).iter().all(|sample| sample.is_finite()));
}

/// A bad frame each second, as a scratched disc or a bad cable gives: silence of the same length, and all else in place.
#[test]
fn bad_frames_take_the_time_they_took() {
    let whole = fs::read(fixture("pips-plain.mp3")).unwrap();
    let good = decode_all(&mut Decoder::open(&memory(whole.clone())).unwrap());
    let mut bytes = whole;
    let length = bytes.len();
    for part in 1..=3 {
        // Behind the header, which says how long the frame is.
        let frame = (0..length)
            .skip(length * part / 4)
            .find(|&at| bytes[at] == 0xFF && bytes[at + 1] & 0xE0 == 0xE0);
        let at = frame.unwrap();
        bytes[at + 4..at + 60].fill(0xFF);
    }
    let heard = decode_all(&mut Decoder::open(&memory(bytes)).unwrap());
    assert_eq!(heard.len(), good.len());
    let alike = good.iter().zip(&heard).filter(|(a, b)| (*a - *b).abs() < 1e-6).count();
    assert!(alike * 10 > good.len() * 9, "{alike} of {}", good.len());
}

#[test]
fn a_heap_of_junk_is_no_recording() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("junk.mp3");
    fs::File::create(&path).unwrap().set_len(64 << 20).unwrap();
    let error = probe(&AudioSource::File(path.clone()), true).unwrap_err();
    assert!(matches!(error, AudioError::Unrecognised { .. }), "{error}");
    let mut dice = super::Dice(5);
    let junk: Vec<u8> = (0..8 << 20).map(|_| dice.below(256) as u8).collect();
    fs::write(&path, junk).unwrap();
    let error = probe(&AudioSource::File(path), true).unwrap_err();
    assert!(matches!(error, AudioError::Unrecognised { .. }), "{error}");
}

/// To open a pipe waits for whoever writes to it, and one that never ends would be read for ever.
#[cfg(unix)]
#[test]
fn what_is_no_file_is_refused_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let pipe = folder.path().join("pipe.mp3");
    let made = std::process::Command::new("mkfifo").arg(&pipe).status().unwrap();
    assert!(made.success());
    for path in [pipe, PathBuf::from("/dev/zero")] {
        let error = probe(&AudioSource::File(path), true).unwrap_err();
        assert!(error.to_string().contains("it is a pipe or a device"), "{error}");
    }
}

/// A ramp of ten seconds in a file.
fn ramp_in(folder: &tempfile::TempDir) -> PathBuf {
    let AudioSource::Memory(bytes) = ramp(80_000) else {
        unreachable!("a ramp lies in memory")
    };
    let path = folder.path().join("ramp.wav");
    fs::write(&path, bytes).unwrap();
    path
}

#[test]
fn a_file_that_is_cut_off_while_it_plays_is_told_and_goes_on_when_it_is_whole_again() {
    let folder = tempfile::tempdir().unwrap();
    let path = ramp_in(&folder);
    let whole = fs::read(&path).unwrap();
    let rig = Rig::loaded(AudioSource::File(path.clone()), 0);
    rig.play();
    rig.hear(1_000);
    fs::File::options()
        .write(true)
        .open(&path)
        .unwrap()
        .set_len(40_000)
        .unwrap();
    let heard = rig.pull_until(|event| matches!(event, EngineEvent::Failed(_)));
    let last = heard.last().map(|sample| frame_of(*sample)).unwrap();
    let stands = (rig.playhead.now().as_secs_f64() * 8_000.0).round() as i64;
    assert!(
        (last - stands).abs() < 400,
        "it stands at {stands} and was heard to {last}"
    );
    assert!(stands < 79_000);
    fs::File::create(&path).unwrap().write_all(&whole).unwrap();
    let at = rig.playhead.now();
    rig.engine.send(EngineCommand::Load {
        source: AudioSource::File(path),
        at,
        generation: 4,
    });
    rig.wait(|event| matches!(event, EngineEvent::Loaded { generation: 4, .. }));
    rig.play();
    let goes_on = frame_of(rig.hear(500)[100]);
    assert!((goes_on - stands - 100).abs() <= 1, "it goes on at {goes_on}");
}

/// Another file under the same name would play at other places: what is open is played on, and a seek that has to open it
/// anew says what happened.
#[test]
fn a_file_that_is_replaced_while_it_plays_is_not_mistaken_for_the_other() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("pips.flac");
    fs::copy(fixture("pips.flac"), &path).unwrap();
    let rig = Rig::loaded(AudioSource::File(path.clone()), 2_000);
    rig.play();
    rig.hear(500);
    let other = folder.path().join("other");
    fs::copy(fixture("pips.ogg"), &other).unwrap();
    fs::rename(&other, &path).unwrap();
    rig.engine.send(EngineCommand::Seek(MediaTime::from_millis(500)));
    let event = rig.wait(|event| matches!(event, EngineEvent::Failed(_)));
    let EngineEvent::Failed(error) = event else {
        unreachable!("it was waited for")
    };
    assert!(matches!(error, AudioError::Changed { .. }), "{error}");
    assert_eq!(
        rig.playhead.now(),
        MediaTime::from_millis(500),
        "and stands where one wanted to go"
    );
}
