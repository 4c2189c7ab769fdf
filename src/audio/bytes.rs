//! The bytes of a recording, from a file or from memory, read through a movable window.
//!
//! The frame index reads forward in large steps, the decoder jumps; both ask for "these bytes at that place" and the
//! window is moved when they are not in it.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::Path;
use std::time::SystemTime;

use super::AudioSource;

/// Opens a file, and nothing else: to open a pipe would wait for whoever writes to it.
pub(super) fn open_file(path: &Path) -> io::Result<File> {
    let kind = std::fs::metadata(path)?.file_type();
    if kind.is_dir() {
        return Err(io::Error::from(io::ErrorKind::IsADirectory));
    }
    if !kind.is_file() {
        return Err(io::Error::other(
            "it is a pipe or a device; save what comes out of it as a file first",
        ));
    }
    File::open(path)
}

/// By what one sees that a file is no longer the one that was opened. Bytes in memory stay what they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Identity(Option<(u64, Option<SystemTime>)>);

impl Identity {
    /// Of what is there now.
    pub fn of(source: &AudioSource) -> Self {
        let AudioSource::File(path) = source else {
            return Self(None);
        };
        let metadata = std::fs::metadata(path).ok();
        Self(metadata.map(|metadata| (metadata.len(), metadata.modified().ok())))
    }
}

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
                let file = open_file(path)?;
                let length = file.metadata()?.len();
                (Origin::File(file), length)
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
