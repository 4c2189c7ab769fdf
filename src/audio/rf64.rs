//! RF64 and BW64, the WAVE files beyond 4 GB (EBU Tech 3306, ITU-R BS.2088), which symphonia does not know.
//!
//! They are WAVE files with another name in front, whose sizes of 32 bits are all ones; the true ones stand in a chunk
//! `ds64`. Symphonia takes such sizes as "to the end of the file", so it is enough to show it the usual name, and to
//! cut what comes out by the true size.

use std::fs::File;
use std::io::{self, Cursor, Read, Seek, SeekFrom};

use symphonia::core::io::MediaSource;

use super::AudioSource;
use super::bytes::Window;

const NAMES: [&[u8; 4]; 2] = [b"RF64", b"BW64"];
const USUAL: [u8; 4] = *b"RIFF";

/// A recording's bytes, in which a name of [`NAMES`] at the start reads as the usual one.
pub(super) struct AsWave {
    inner: Box<dyn MediaSource>,
    renamed: bool,
    at: u64,
}

impl AsWave {
    /// Opens a recording, of whatever kind.
    pub fn open(source: &AudioSource) -> io::Result<Self> {
        let mut inner: Box<dyn MediaSource> = match source {
            AudioSource::File(path) => Box::new(File::open(path)?),
            AudioSource::Memory(bytes) => Box::new(Cursor::new(*bytes)),
        };
        let mut name = [0; 4];
        let renamed = inner.is_seekable() && inner.read_exact(&mut name).is_ok() && NAMES.contains(&&name);
        inner.seek(SeekFrom::Start(0))?;
        Ok(Self { inner, renamed, at: 0 })
    }
}

impl Read for AsWave {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(out)?;
        if self.renamed && self.at < USUAL.len() as u64 {
            let usual = USUAL.iter().skip(self.at as usize);
            for (byte, usual) in out.iter_mut().take(count).zip(usual) {
                *byte = *usual;
            }
        }
        self.at += count as u64;
        Ok(count)
    }
}

impl Seek for AsWave {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.at = self.inner.seek(to)?;
        Ok(self.at)
    }
}

impl MediaSource for AsWave {
    fn is_seekable(&self) -> bool {
        self.inner.is_seekable()
    }

    fn byte_len(&self) -> Option<u64> {
        self.inner.byte_len()
    }
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
