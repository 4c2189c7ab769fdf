//! WAVE files whose sizes of 32 bits do not tell the truth, as symphonia has to be shown them.
//!
//! RF64 and BW64 are WAVE files beyond 4 GB with another name in front (EBU Tech 3306, ITU-R BS.2088): their sizes are all
//! ones, the true ones stand in a chunk `ds64`. Others were written into a pipe, or broken off, and claim anything.
//! Symphonia takes a size of all ones as "to the end of the file", so it is shown that and the usual name, and what comes
//! out is cut by the true size.

use std::io;

use super::AudioSource;
use super::bytes::Window;
use super::patched::Patch;

const NAMES_BEYOND_4_GB: [&[u8; 4]; 2] = [b"RF64", b"BW64"];
/// Where the size of the whole stands.
const SIZE_AT: u64 = 4;
const CHUNKS_AT: u64 = 12;
/// A file with more chunks before its sound is no recording.
const MOST_CHUNKS: usize = 1000;
/// Formats whose frames have all one size: whole numbers, floats, A-law, mu-law, and those with a longer header.
const EVEN_FORMATS: [u64; 5] = [1, 3, 6, 7, 0xFFFE];

/// What its chunks say.
struct Layout {
    beyond_4_gb: bool,
    /// The size of all, behind its field.
    whole: u64,
    /// Where the sound begins, and how long it says to be.
    sound: (u64, u64),
    /// The format's number, and the bytes of a frame.
    format: Option<(u64, u64)>,
    /// The size of the sound in a `ds64`.
    true_size: Option<u64>,
}

impl Layout {
    /// None for files of another kind, and those without sound.
    fn read(window: &mut Window) -> io::Result<Option<Self>> {
        let head = window.at(0, 12)?;
        let beyond_4_gb = head.first_chunk().is_some_and(|name| NAMES_BEYOND_4_GB.contains(&name));
        if head.get(8..12) != Some(b"WAVE") || !(beyond_4_gb || head.starts_with(b"RIFF")) {
            return Ok(None);
        }
        let whole = head.get(4..8).map_or(0, number);
        let (mut at, mut format, mut true_size) = (CHUNKS_AT, None, None);
        for _ in 0..MOST_CHUNKS {
            let head = window.at(at, 8 + 16)?;
            let (Some(name), Some(size)) = (head.get(0..4), head.get(4..8).map(number)) else {
                break;
            };
            match name {
                b"ds64" => true_size = head.get(16..24).map(number),
                b"fmt " => format = head.get(8..10).map(number).zip(head.get(20..22).map(number)),
                b"data" => {
                    return Ok(Some(Self {
                        beyond_4_gb,
                        whole,
                        sound: (at + 8, size),
                        format,
                        true_size,
                    }));
                }
                _ => {}
            }
            at += 8 + size + (size & 1);
        }
        Ok(None)
    }

    /// Whether more is claimed than there is, or the parts do not fit into the whole.
    fn is_wrong(&self, length: u64) -> bool {
        let (at, size) = self.sound;
        at + size > length || at + size > self.whole + 8
    }
}

/// What makes it a WAVE file that can be read; nothing for other files and those that can be read as they are.
pub(super) fn patches(window: &mut Window) -> io::Result<Vec<Patch>> {
    let length = window.length();
    let Some(layout) = Layout::read(window)? else {
        return Ok(Vec::new());
    };
    let mut patches: Vec<Patch> = Vec::new();
    if layout.beyond_4_gb {
        patches.extend((0..).zip(*b"RIFF"));
    }
    if layout.beyond_4_gb || layout.is_wrong(length) {
        let (sound, _) = layout.sound;
        patches.extend((SIZE_AT..).zip([0xFF; 4]));
        patches.extend((sound - 4..).zip([0xFF; 4]));
    }
    Ok(patches)
}

/// The length in frames, where symphonia is not told it; none for other files.
pub(super) fn length(source: &AudioSource) -> Option<u64> {
    let mut window = Window::open(source, 4096).ok()?;
    let length = window.length();
    let layout = Layout::read(&mut window).ok()??;
    if !(layout.beyond_4_gb || layout.is_wrong(length)) {
        return None;
    }
    let (format, frame) = layout.format?;
    let (at, size) = layout.sound;
    let there = length.saturating_sub(at);
    let bytes = layout
        .true_size
        .unwrap_or(if size == 0 { there } else { size })
        .min(there);
    bytes.checked_div(frame).filter(|_| EVEN_FORMATS.contains(&format))
}

/// The lowest byte first.
fn number(bytes: &[u8]) -> u64 {
    bytes.iter().rev().fold(0, |sum, &byte| sum << 8 | u64::from(byte))
}
