//! A recording's bytes as symphonia's demuxers are shown them: with a few of them replaced, where that keeps a demuxer
//! from a mistake.

use std::io::{self, Cursor, Read, Seek, SeekFrom};

use symphonia::core::io::MediaSource;

use super::bytes::{Window, open_file};
use super::{AudioSource, matroska, wave_sizes};

/// Where in the file another byte is shown, and which.
pub(super) type Patch = (u64, u8);

/// The bytes of a recording, patched.
pub(super) struct Patched {
    inner: Box<dyn MediaSource>,
    at: u64,
    /// In order.
    patches: Vec<Patch>,
}

impl Patched {
    /// Opens a recording, of whatever kind.
    pub fn open(source: &AudioSource) -> io::Result<Self> {
        let inner: Box<dyn MediaSource> = match source {
            AudioSource::File(path) => Box::new(open_file(path)?),
            AudioSource::Memory(bytes) => Box::new(Cursor::new(*bytes)),
        };
        let mut window = Window::open(source, 4096)?;
        let mut patches = wave_sizes::patches(&mut window)?;
        if patches.is_empty() {
            patches = matroska::patches(&mut window)?;
        }
        patches.sort_unstable();
        Ok(Self { inner, at: 0, patches })
    }
}

impl Read for Patched {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(out)?;
        let end = self.at + count as u64;
        let first = self.patches.partition_point(|(place, _)| *place < self.at);
        let here = self.patches.get(first..).unwrap_or_default();
        for (place, byte) in here.iter().take_while(|(place, _)| *place < end) {
            if let Some(shown) = out.get_mut((place - self.at) as usize) {
                *shown = *byte;
            }
        }
        self.at = end;
        Ok(count)
    }
}

impl Seek for Patched {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.at = self.inner.seek(to)?;
        Ok(self.at)
    }
}

impl MediaSource for Patched {
    fn is_seekable(&self) -> bool {
        self.inner.is_seekable()
    }

    fn byte_len(&self) -> Option<u64> {
        self.inner.byte_len()
    }
}
