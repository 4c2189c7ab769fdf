//! Files that are not what they should be: a message, never a panic, never an endless loop.

use std::fs;
use std::path::PathBuf;

use earmark::audio::{AudioError, AudioSource, Decoder, probe};
use proptest::prelude::*;

use super::{Dice, FIXTURES, fixture, memory, wav};

/// Opens, describes and decodes a part of it, from several places. Errors are fine.
fn try_everything(source: &AudioSource) {
    drop(probe(source, false));
    let Ok(mut decoder) = Decoder::open(source) else { return };
    let length = decoder.length().unwrap_or(100_000);
    for target in [0, length / 2, length.saturating_sub(10), length.saturating_mul(3)] {
        if decoder.seek(target).is_err() {
            continue;
        }
        let mut at = target;
        for _ in 0..200 {
            let Ok(Some(block)) = decoder.next_block() else { break };
            assert_eq!(block.first_frame, at);
            at += (block.samples.len() / usize::from(decoder.channels())) as u64;
        }
    }
}

#[test]
fn each_kind_of_bad_file_gets_its_own_message() {
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str, bytes: &[u8]| {
        let path = folder.path().join(name);
        fs::write(&path, bytes).unwrap();
        AudioSource::File(path)
    };
    let cases = [
        (
            AudioSource::File(PathBuf::from("/no/such/file.mp3")),
            "cannot read the recording (No such file",
        ),
        (AudioSource::File(folder.path().to_owned()), "this is a folder"),
        (file("empty.mp3", b""), "there is no sound in this file"),
        (
            file("text.wav", &b"Not a recording at all. ".repeat(500)),
            "no sound was recognised",
        ),
        (
            file("silent.wav", &wav(&[], 8_000, 1)),
            "there is no sound in this file",
        ),
    ];
    for (source, wanted) in cases {
        let error = probe(&source, false).unwrap_err();
        assert!(error.to_string().starts_with(wanted), "{error}");
        assert!(!matches!(error, AudioError::Engine { .. }));
    }
}

#[test]
fn truncated_recordings_play_as_far_as_they_go() {
    for (name, _) in FIXTURES {
        let whole = fs::read(fixture(name)).unwrap();
        for part in [1, 2, 3, 5, 8, 13, 21, 34, 55, 89, 97] {
            try_everything(&memory(whole[..whole.len() * part / 100].to_vec()));
        }
    }
    let half = fs::read(fixture("pips-plain.mp3")).unwrap();
    let mut decoder = Decoder::open(&memory(half[..half.len() / 2].to_vec())).unwrap();
    let frames = decoder.measure().unwrap();
    assert!((frames as i64 - 44_100 * 3 / 2).abs() < 3_000, "{frames}");
}

#[test]
fn an_mp4_that_was_broken_off_says_what_is_missing() {
    // Recorders write the index last, so what is broken off has a beginning and sound, and nothing to find it by.
    let mut bytes = b"\0\0\0\x18ftypM4A \0\0\0\0M4A mp42\0\x01\0\0mdat".to_vec();
    bytes.resize(30_000, 7);
    let error = Decoder::open(&memory(bytes)).err().map(|error| error.to_string());
    assert!(error.as_ref().is_some_and(|error| error.contains("moov")), "{error:?}");
}

#[test]
fn damaged_recordings_do_no_harm() {
    let mut dice = Dice(11);
    for (name, _) in FIXTURES {
        let whole = fs::read(fixture(name)).unwrap();
        for _ in 0..40 {
            let mut bytes = whole.clone();
            for _ in 0..=dice.below(12) {
                // Headers are at the front, and worth more blows than the rest.
                let reach = if dice.below(2) == 0 { 400 } else { bytes.len() as u64 };
                let at = dice.below(reach.min(bytes.len() as u64)) as usize;
                bytes[at] = dice.below(256) as u8;
            }
            try_everything(&memory(bytes));
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn any_bytes_are_refused_or_decoded(bytes in proptest::collection::vec(any::<u8>(), 0..6_000)) {
        try_everything(&memory(bytes));
    }

    #[test]
    fn bytes_behind_a_true_beginning_do_no_harm(
        kind in 0..FIXTURES.len(),
        kept in 4..600_usize,
        bytes in proptest::collection::vec(any::<u8>(), 0..3_000),
    ) {
        let mut whole = fs::read(fixture(FIXTURES[kind].0)).unwrap();
        whole.truncate(kept);
        whole.extend(bytes);
        try_everything(&memory(whole));
    }
}
