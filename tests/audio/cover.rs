//! The picture in a recording, found or left alone.

use std::fs;

use earmark::audio::{AudioSource, cover, probe};

use super::{FIXTURES, fixture, memory};

const FRONT: u8 = 3;
const BACK: u8 = 4;
const ICON: u8 = 1;

/// An ID3v2.4 number: seven bits to a byte.
fn synchsafe(number: usize) -> [u8; 4] {
    [21, 14, 7, 0].map(|shift| (number >> shift) as u8 & 0x7f)
}

/// The MP3 fixture with these pictures before it: kind and content of each. `told` is the size that the last one's
/// frame tells, where that is not its own.
fn with_pictures(pictures: &[(u8, &[u8])], told: Option<usize>) -> AudioSource {
    let mut frames = Vec::new();
    for (i, (kind, bytes)) in pictures.iter().enumerate() {
        let mut body = vec![0];
        body.extend(b"image/png\0");
        body.extend([*kind, 0]);
        body.extend(*bytes);
        frames.extend(b"APIC");
        let last = i + 1 == pictures.len();
        frames.extend(synchsafe(told.filter(|_| last).unwrap_or(body.len())));
        frames.extend([0, 0]);
        frames.extend(body);
    }
    let mut file = b"ID3\x04\0\0".to_vec();
    file.extend(synchsafe(frames.len()));
    file.extend(frames);
    file.extend(fs::read(fixture("pips-plain.mp3")).unwrap());
    memory(file)
}

#[test]
fn the_front_cover_comes_before_other_pictures() {
    for (pictures, wanted) in [
        (vec![(FRONT, "front")], "front"),
        (vec![(BACK, "back"), (FRONT, "front"), (FRONT, "second")], "front"),
        (vec![(ICON, "icon"), (BACK, "back")], "back"),
        (vec![(ICON, "icon")], "icon"),
    ] {
        let pictures: Vec<(u8, &[u8])> = pictures.iter().map(|(kind, text)| (*kind, text.as_bytes())).collect();
        let found = cover(&with_pictures(&pictures, None)).unwrap();
        assert_eq!(&*found.bytes, wanted.as_bytes(), "{pictures:?}");
        assert_eq!(found.media_type.as_deref(), Some("image/png"));
    }
}

#[test]
fn recordings_without_a_picture_have_none() {
    for (name, _) in FIXTURES {
        assert_eq!(cover(&AudioSource::File(fixture(name))), None, "{name}");
    }
    assert_eq!(cover(&AudioSource::File("/no/such/file.mp3".into())), None);
    assert_eq!(cover(&memory(b"no sound".to_vec())), None);
}

#[test]
fn a_picture_too_large_is_left_alone_and_the_sound_is_not() {
    let large = vec![7; (8 << 20) + 1];
    let source = with_pictures(&[(FRONT, &large)], None);
    assert_eq!(cover(&source), None);
    assert!(probe(&source, false).is_ok());
    let source = with_pictures(&[(FRONT, &large), (BACK, b"back")], None);
    assert_eq!(&*cover(&source).unwrap().bytes, b"back");
    // A frame that says it is longer than the tag.
    let source = with_pictures(&[(FRONT, b"front")], Some(200_000_000));
    drop(cover(&source));
    assert!(probe(&source, false).is_ok());
}
