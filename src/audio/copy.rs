//! A lossless copy of what only ffmpeg decodes, made once in the background and kept in the cache: it is sought to the
//! sample, which ffmpeg's own seeking, by time stamps, is not.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, SystemTime};

use super::cache::{self, content_key};
use super::ffmpeg::Piped;
use super::{AudioError, AudioSource, Decoder};

/// How copies are named in the cache.
const KIND: &str = "flac";
/// All copies together are no larger than this; the oldest go first.
const MOST_BYTES: u64 = 4 << 30;
/// How often a copy being made looks whether it is still wanted.
const LOOK_EVERY: Duration = Duration::from_millis(50);

/// A copy being made; dropping this ends that.
#[derive(Debug)]
pub(super) struct Copying {
    cancelled: Arc<AtomicBool>,
}

impl Drop for Copying {
    fn drop(&mut self) {
        self.cancelled.store(true, Ordering::Relaxed);
    }
}

impl Copying {
    /// Something that can be ended, and the sign to end it by.
    pub fn new() -> (Self, Arc<AtomicBool>) {
        let cancelled = Arc::new(AtomicBool::new(false));
        let sign = Arc::clone(&cancelled);
        (Self { cancelled }, sign)
    }
}

/// Opens the copy that was kept in this folder of a recording that only ffmpeg decodes, or makes one, which takes as long as
/// decoding all of it, or until that is `cancelled`. Waits for the disk and for ffmpeg.
pub fn copied_into(folder: &Path, source: &AudioSource, cancelled: &AtomicBool) -> Result<Decoder, AudioError> {
    let told = |error: io::Error| AudioError::io(source, &error);
    let path = cache::place(folder, content_key(source).map_err(told)?, KIND);
    let kept = AudioSource::File(path.clone());
    let copy = Decoder::open(&kept).or_else(|_| {
        make(source, &path, cancelled).map_err(told)?;
        Decoder::open(&kept)
    })?;
    make_room(folder, &path, MOST_BYTES);
    Ok(copy)
}

fn make(source: &AudioSource, path: &Path, cancelled: &AtomicBool) -> io::Result<()> {
    let piped = Piped::open(source).map_err(|_| io::ErrorKind::Unsupported)?;
    // Half of its samples' size is what such a copy has as a rule.
    if piped
        .length()
        .is_none_or(|frames| frames > MOST_BYTES / u64::from(piped.channels()))
    {
        return Err(io::ErrorKind::FileTooLarge.into());
    }
    fs::create_dir_all(path.parent().unwrap_or(Path::new(".")))?;
    let half_done = cache::unfinished(path);
    let written = written(&piped, &half_done, cancelled)
        .and_then(|()| File::open(&half_done)?.sync_all())
        .and_then(|()| fs::rename(&half_done, path));
    if written.is_err() {
        // What cannot be written can perhaps not be removed either.
        drop(fs::remove_file(&half_done));
    }
    written
}

fn written(piped: &Piped, to: &Path, cancelled: &AtomicBool) -> io::Result<()> {
    let mut process = piped.copy_to(to)?;
    loop {
        match process.try_wait()? {
            Some(status) if status.success() => return Ok(()),
            Some(status) => return Err(io::Error::other(format!("ffmpeg: {status}"))),
            None if cancelled.load(Ordering::Relaxed) => {
                process.kill()?;
                process.wait()?;
                return Err(io::ErrorKind::Interrupted.into());
            }
            None => std::thread::sleep(LOOK_EVERY),
        }
    }
}

/// Removes the oldest copies, until the rest is small enough; `last` stays.
fn make_room(folder: &Path, last: &Path, most: u64) {
    let entries = fs::read_dir(folder).into_iter().flatten().filter_map(Result::ok);
    let mut copies: Vec<(SystemTime, u64, PathBuf)> = entries
        .filter(|entry| entry.path().extension().is_some_and(|kind| kind == KIND))
        .filter_map(|entry| {
            let about = entry.metadata().ok()?;
            Some((about.modified().ok()?, about.len(), entry.path()))
        })
        .collect();
    copies.sort_unstable();
    let mut size: u64 = copies.iter().map(|(_, bytes, _)| bytes).sum();
    for (_, bytes, path) in copies.iter().filter(|(_, _, path)| path != last) {
        if size <= most {
            break;
        }
        match fs::remove_file(path) {
            Ok(()) => size = size.saturating_sub(*bytes),
            Err(error) => log::warn!("an old copy cannot be removed ({error}): {}", path.display()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_oldest_copies_make_room() {
        let folder = tempfile::tempdir().unwrap();
        let named = |name: &str| folder.path().join(name);
        for (age, name) in (0..).zip(["new.flac", "last.flac", "old.flac", "oldest.flac", "index"]) {
            let file = File::create(named(name)).unwrap();
            file.set_len(1_000).unwrap();
            file.set_modified(SystemTime::UNIX_EPOCH + Duration::from_secs(1_000 - age))
                .unwrap();
        }
        make_room(folder.path(), &named("last.flac"), 2_500);
        let left = ["new.flac", "last.flac", "old.flac", "oldest.flac", "index"].map(|name| named(name).exists());
        assert_eq!(left, [true, true, false, false, true]);
    }
}
