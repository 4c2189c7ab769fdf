//! The bytes of a recording, from a file or from memory, read through a movable window.
//!
//! The frame index reads forward in large steps, the decoder jumps; both ask for "these bytes at that place" and the
//! window is moved when they are not in it.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};

use super::AudioSource;

/// Where a [`Window`] gets its bytes.
enum Origin {
    File(File),
    Memory(&'static [u8]),
}

/// A window on the bytes of a recording.
pub(super) struct Window {
    origin: Origin,
    length: u64,
    size: usize,
    start: u64,
    buffer: Vec<u8>,
}

impl Window {
    /// Opens a source; at most `size` bytes are held at once.
    pub fn open(source: &AudioSource, size: usize) -> io::Result<Self> {
        let (origin, length) = match source {
            AudioSource::File(path) => {
                let file = File::open(path)?;
                let metadata = file.metadata()?;
                if metadata.is_dir() {
                    return Err(io::Error::from(io::ErrorKind::IsADirectory));
                }
                (Origin::File(file), metadata.len())
            }
            AudioSource::Memory(bytes) => (Origin::Memory(bytes), bytes.len() as u64),
        };
        Ok(Self {
            origin,
            length,
            size,
            start: 0,
            buffer: Vec::new(),
        })
    }

    /// How many bytes the recording has.
    pub fn length(&self) -> u64 {
        self.length
    }

    /// The bytes at `at`, as many as there are up to `count`; fewer only at the end.
    pub fn at(&mut self, at: u64, count: usize) -> io::Result<&[u8]> {
        if let Origin::Memory(bytes) = self.origin {
            let from = usize::try_from(at).unwrap_or(usize::MAX).min(bytes.len());
            let to = from.saturating_add(count).min(bytes.len());
            return Ok(bytes.get(from..to).unwrap_or_default());
        }
        let held = self.buffer.len() as u64;
        let (begins, ends) = (self.start, self.start.saturating_add(held));
        let reaches_end = held > 0 && ends >= self.length;
        if at < begins || (at.saturating_add(count as u64) > ends && !reaches_end) {
            self.fill(at, count)?;
        }
        let from = usize::try_from(at.saturating_sub(self.start))
            .unwrap_or(usize::MAX)
            .min(self.buffer.len());
        let to = from.saturating_add(count).min(self.buffer.len());
        Ok(self.buffer.get(from..to).unwrap_or_default())
    }

    fn fill(&mut self, at: u64, count: usize) -> io::Result<()> {
        let Origin::File(file) = &mut self.origin else {
            return Ok(());
        };
        file.seek(SeekFrom::Start(at))?;
        self.buffer.clear();
        self.start = at;
        let wanted = self.size.max(count) as u64;
        self.buffer.reserve_exact(wanted as usize);
        file.take(wanted).read_to_end(&mut self.buffer)?;
        Ok(())
    }
}
