//! RF64 and BW64, the WAVE files beyond 4 GB (EBU Tech 3306, ITU-R BS.2088), which symphonia does not know.
//!
//! They are WAVE files with another name in front, whose sizes of 32 bits are all ones; the true ones stand in a chunk
//! `ds64`. Symphonia takes such sizes as "to the end of the file", so it is enough to show it the usual name, and to
//! cut what comes out by the true size.

use std::io;

use super::AudioSource;
use super::bytes::Window;
use super::patched::Patch;

const NAMES: [&[u8; 4]; 2] = [b"RF64", b"BW64"];

/// What makes it a WAVE file of the usual name; nothing for other files.
pub(super) fn patches(window: &mut Window) -> io::Result<Vec<Patch>> {
    let is_one = window.at(0, 4)?.first_chunk().is_some_and(|name| NAMES.contains(&name));
    Ok(if is_one {
        (0..).zip(*b"RIFF").collect()
    } else {
        Vec::new()
    })
}

/// The length in frames that the `ds64` chunk tells; none for other files.
pub(super) fn length(source: &AudioSource) -> Option<u64> {
    let mut window = Window::open(source, 4096).ok()?;
    if !NAMES.contains(&window.at(0, 4).ok()?.first_chunk()?) {
        return None;
    }
    let mut at = 12;
    let (mut data, mut frame) = (None, None);
    while data.is_none() || frame.is_none() {
        let head = window.at(at, 8).ok()?;
        let (name, size) = (*head.first_chunk::<4>()?, number(head.get(4..8)?));
        let body = window.at(at + 8, 16).ok()?;
        match &name {
            b"ds64" => data = Some(number(body.get(8..16)?)),
            b"fmt " => frame = Some(number(body.get(12..14)?)),
            b"data" => return None,
            _ => {}
        }
        at += 8 + size + (size & 1);
    }
    data?.checked_div(frame?)
}

/// The lowest byte first.
fn number(bytes: &[u8]) -> u64 {
    bytes.iter().rev().fold(0, |sum, &byte| sum << 8 | u64::from(byte))
}
