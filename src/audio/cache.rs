//! What was found out about a recording, kept between sessions.
//!
//! It is known by the content of the recording, not by its name, and is only a cache: a file that is broken or of another
//! version is made again, one that cannot be written is done without.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use super::AudioSource;
use super::bytes::Window;

/// The stretches of a recording that make up its key: this much at both ends, and samples between.
const KEY_ENDS: usize = 1 << 20;
const KEY_SAMPLES: u64 = 16;
const KEY_SAMPLE_BYTES: usize = 64 * 1024;

/// The first bytes of a kept file: what is in it, the last one the version of that.
pub(super) type Magic = [u8; 8];

/// What a recording is known by in the cache: its length, both ends, and samples spread over it. Cheap for any length.
pub fn content_key(source: &AudioSource) -> io::Result<[u8; 32]> {
    let mut window = Window::open(source, KEY_ENDS)?;
    let length = window.length();
    let mut hasher = blake3::Hasher::new();
    hasher.update(&length.to_le_bytes());
    hasher.update(window.at(0, KEY_ENDS)?);
    hasher.update(window.at(length.saturating_sub(KEY_ENDS as u64), KEY_ENDS)?);
    for sample in 0..KEY_SAMPLES {
        let at = (u128::from(length) * u128::from(sample) / u128::from(KEY_SAMPLES)) as u64;
        hasher.update(window.at(at, KEY_SAMPLE_BYTES)?);
    }
    Ok(*hasher.finalize().as_bytes())
}

/// Where something of this kind is kept.
pub(super) fn place(folder: &Path, key: [u8; 32], kind: &str) -> PathBuf {
    folder.join(format!("{}.{kind}", blake3::Hash::from_bytes(key).to_hex()))
}

/// Where a file is written before it is whole. Several may make the same one; each writes its own and the last rename wins.
pub(super) fn unfinished(path: &Path) -> PathBuf {
    path.with_extension(format!("{}.tmp", uuid::Uuid::new_v4().simple()))
}

/// Keeps it, with a hash over all of it.
pub(super) fn keep(path: &Path, magic: Magic, body: &[u8]) -> io::Result<()> {
    fs::create_dir_all(path.parent().unwrap_or(Path::new(".")))?;
    let mut bytes = [magic.as_slice(), body].concat();
    let hash = blake3::hash(&bytes);
    bytes.extend(hash.as_bytes());
    let half_done = unfinished(path);
    let written = File::create(&half_done).and_then(|mut file| {
        file.write_all(&bytes)?;
        file.sync_all()?;
        fs::rename(&half_done, path)
    });
    if written.is_err() {
        // What cannot be written can perhaps not be removed either.
        drop(fs::remove_file(&half_done));
    }
    written
}

/// What was kept, if it is whole and of this version.
pub(super) fn recall(path: &Path, magic: Magic) -> Option<Vec<u8>> {
    let mut bytes = fs::read(path).ok()?;
    let (all, hash) = bytes.split_last_chunk::<32>()?;
    if !all.starts_with(&magic) || blake3::hash(all) != *hash {
        log::info!("what was kept is not whole and is made again: {}", path.display());
        return None;
    }
    bytes.truncate(all.len());
    bytes.drain(..magic.len());
    Some(bytes)
}
