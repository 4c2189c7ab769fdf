//! What symphonia leaves out of MP4 files: where the sound begins, and the chapters.
//!
//! An AAC encoder puts a frame or two of silence before the sound (the priming), and the edit list says where to begin
//! (ISO 14496-12 §8.6.6). Symphonia reads the list but does not act on it, so players that do would be 20 to 50 ms
//! ahead of ours. Only the common shape is acted on: one edit that plays, at most preceded by an empty one.
//! Chapters are read from the `chpl` box that Nero introduced and most programs write.

use std::io;

use super::AudioSource;
use super::bytes::Window;
use crate::boxes::{all, box_header, child, nero_chapters, number, scale};
use crate::time::MediaTime;

/// A `moov` box larger than this is not looked into.
const LARGEST: u64 = 64 << 20;

/// The stretch of the track that is played, in frames of sound.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Edit {
    /// How many frames come before it.
    pub skip: u64,
    /// How long it is, where the list says so.
    pub length: Option<u64>,
}

/// Reads the edit of a track; the default where there is none or it is not understood.
pub(super) fn edit(source: &AudioSource, track: u32, sample_rate: u32) -> Edit {
    let moov = moov(source).ok().flatten();
    moov.and_then(|moov| edit_in(&moov, track, sample_rate))
        .unwrap_or_default()
}

/// Reads the chapters: where each begins, and its title.
pub(super) fn chapters(source: &AudioSource) -> Vec<(MediaTime, String)> {
    let moov = moov(source).ok().flatten().unwrap_or_default();
    chapters_in(&moov)
}

/// Whether it begins like an MP4 and has no box that describes the whole: programs that record write that one last.
pub(super) fn lacks_index(source: &AudioSource) -> bool {
    let begins = Window::open(source, 4096).and_then(|mut window| Ok(window.at(4, 4)? == b"ftyp"));
    begins.unwrap_or(false) && moov(source).is_ok_and(|moov| moov.is_none())
}

/// The box that describes the whole file.
fn moov(source: &AudioSource) -> io::Result<Option<Vec<u8>>> {
    let mut window = Window::open(source, 4096)?;
    let length = window.length();
    let mut at = 0;
    while at < length {
        let Some((kind, header, size)) = box_header(window.at(at, 16)?, length - at) else {
            break;
        };
        if &kind == b"moov" && size <= LARGEST {
            return Ok(Some(window.at(at + header, (size - header) as usize)?.to_vec()));
        }
        at += size;
    }
    Ok(None)
}

fn chapters_in(moov: &[u8]) -> Vec<(MediaTime, String)> {
    let chapter = |(start, title): (u64, &[u8])| {
        let start = MediaTime::from_micros(i64::try_from(start / 10).unwrap_or(i64::MAX));
        (start, String::from_utf8_lossy(title).into_owned())
    };
    nero_chapters(moov).into_iter().map(chapter).collect()
}

fn edit_in(moov: &[u8], track: u32, sample_rate: u32) -> Option<Edit> {
    let movie_scale = scale(child(moov, *b"mvhd")?)?;
    for trak in all(moov, *b"trak") {
        let header = child(trak, *b"tkhd")?;
        let id_at = if header.first() == Some(&1) { 20 } else { 12 };
        if number(header, id_at, 4) != Some(u64::from(track)) {
            continue;
        }
        let media_scale = scale(child(child(trak, *b"mdia")?, *b"mdhd")?)?;
        return edit_from(
            child(child(trak, *b"edts")?, *b"elst")?,
            movie_scale,
            media_scale,
            u64::from(sample_rate),
        );
    }
    None
}

fn edit_from(list: &[u8], movie_scale: u64, media_scale: u64, sample_rate: u64) -> Option<Edit> {
    let long = *list.first()? == 1;
    let (width, entry) = if long { (8, 20) } else { (4, 12) };
    let count = number(list, 4, 4)?;
    let entries = list.get(8..)?.chunks_exact(entry).take(usize::try_from(count).ok()?);
    let empty = if long { u64::MAX } else { u64::from(u32::MAX) };
    let mut played = entries
        .map(|entry| {
            (
                number(entry, 0, width).unwrap_or(0),
                number(entry, width, width).unwrap_or(empty),
            )
        })
        .filter(|&(_, media_time)| media_time != empty);
    let (duration, media_time) = played.next()?;
    if played.next().is_some() || movie_scale == 0 || media_scale == 0 {
        return None;
    }
    let scaled = |ticks: u64, scale: u64| {
        let frames = (u128::from(ticks) * u128::from(sample_rate) + u128::from(scale) / 2) / u128::from(scale);
        u64::try_from(frames).ok()
    };
    let skip = scaled(media_time, media_scale)?;
    // The duration is in the movie's clock, often whole milliseconds: too coarse to cut the last samples by.
    let length = if movie_scale.is_multiple_of(sample_rate) {
        scaled(duration, movie_scale)
    } else {
        None
    };
    Some(Edit {
        skip,
        length: length.filter(|&frames| frames > 0),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn boxed(kind: [u8; 4], body: &[u8]) -> Vec<u8> {
        [&(body.len() as u32 + 8).to_be_bytes(), kind.as_slice(), body].concat()
    }

    fn moov(edits: &[(u32, u32)]) -> Vec<u8> {
        let scaled = |scale: u32| [[0; 12].as_slice(), &scale.to_be_bytes()].concat();
        let track_id = [[0; 12].as_slice(), &7_u32.to_be_bytes()].concat();
        let mut list = vec![0; 4];
        list.extend((edits.len() as u32).to_be_bytes());
        for (duration, media_time) in edits {
            list.extend(duration.to_be_bytes());
            list.extend(media_time.to_be_bytes());
            list.extend([0, 1, 0, 0]);
        }
        let mdia = boxed(*b"mdia", &boxed(*b"mdhd", &scaled(44_100)));
        let edit_box = boxed(*b"edts", &boxed(*b"elst", &list));
        let trak = boxed(*b"trak", &[boxed(*b"tkhd", &track_id), edit_box, mdia].concat());
        [boxed(*b"mvhd", &scaled(1000)), trak].concat()
    }

    #[test]
    fn the_priming_is_skipped() {
        let edit = edit_in(&moov(&[(6000, 1024)]), 7, 44_100);
        assert_eq!(
            edit,
            Some(Edit {
                skip: 1024,
                length: None
            })
        );
        assert_eq!(edit_in(&moov(&[(6000, 1024)]), 8, 44_100), None);
    }

    #[test]
    fn an_empty_edit_before_it_is_passed_over_and_several_are_left_alone() {
        assert_eq!(
            edit_in(&moov(&[(20, u32::MAX), (6000, 2112)]), 7, 44_100).map(|edit| edit.skip),
            Some(2112)
        );
        assert_eq!(edit_in(&moov(&[(10, 0), (20, 500)]), 7, 44_100), None);
    }

    #[test]
    fn chapters_are_read() {
        let mut list = vec![1, 0, 0, 0, 0, 0, 0, 0, 2];
        for (start, title) in [(0_u64, "One"), (15_000_000, "Two")] {
            list.extend(start.to_be_bytes());
            list.push(title.len() as u8);
            list.extend(title.as_bytes());
        }
        let moov = boxed(*b"udta", &boxed(*b"chpl", &list));
        let wanted = [
            (MediaTime::ZERO, "One".to_owned()),
            (MediaTime::from_millis(1_500), "Two".to_owned()),
        ];
        assert_eq!(chapters_in(&moov), wanted);
        // A list that is cut short is read as far as it goes.
        assert_eq!(
            chapters_in(&boxed(*b"udta", &boxed(*b"chpl", &list[..25]))),
            wanted[..1]
        );
    }

    #[test]
    fn broken_boxes_are_no_edit() {
        let whole = moov(&[(6000, 1024)]);
        for length in 0..whole.len() {
            let _ = edit_in(&whole[..length], 7, 44_100);
        }
        assert_eq!(edit_in(b"", 7, 44_100), None);
    }
}
