//! Writing a file whole or not at all.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use uuid::Uuid;

/// Why a file could not be written. What was there before is still there, unchanged.
#[derive(Debug, thiserror::Error)]
pub enum WriteError {
    /// No space left, or over a quota.
    #[error("the disk is full: {}", path.display())]
    DiskFull {
        /// The file.
        path: PathBuf,
    },
    /// The folder does not let new files in.
    #[error("no right to write into the folder {}", folder.display())]
    NoRight {
        /// The folder.
        folder: PathBuf,
    },
    /// The folder is not there.
    #[error("there is no folder {}", folder.display())]
    NoFolder {
        /// The folder.
        folder: PathBuf,
    },
    /// It is one of the files that must stay as they are.
    #[error("that is the transcript or the recording itself; choose another name: {}", path.display())]
    Itself {
        /// The file.
        path: PathBuf,
    },
    /// A folder has this name.
    #[error("{} is a folder", path.display())]
    IsFolder {
        /// The folder.
        path: PathBuf,
    },
    /// Anything else.
    #[error("{} cannot be written", path.display())]
    Other {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
}

/// Whether a path is a pipe or a device: it is written into, since a file that took its place would end it.
pub fn is_special(path: &Path) -> bool {
    fs::metadata(path).is_ok_and(|about| !about.is_file() && !about.is_dir())
}

/// Writes a file so that, whatever happens, either the old content or the new one is there: into a file beside it,
/// synced, then renamed over it. Permissions stay; a link stays a link. The files in `keep` are never written over,
/// by whatever path.
pub fn write_atomically(path: &Path, bytes: &[u8], keep: &[PathBuf]) -> Result<(), WriteError> {
    // Renaming over a link would replace the link.
    let real = |path: &Path| fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    let target = real(path);
    if keep.iter().any(|kept| *kept == path || real(kept) == target) {
        return Err(WriteError::Itself { path: path.to_owned() });
    }
    let folder = match target.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder.to_owned(),
        _ => PathBuf::from("."),
    };
    if target.is_dir() {
        return Err(WriteError::IsFolder { path: path.to_owned() });
    }
    if is_special(&target) {
        let written = OpenOptions::new()
            .write(true)
            .open(&target)
            .and_then(|mut file| file.write_all(bytes));
        return written.map_err(|source| WriteError::Other {
            path: path.to_owned(),
            source,
        });
    }
    let beside = folder.join(format!(".earmark-{}.tmp", Uuid::new_v4().simple()));
    let written = write_synced(&beside, bytes, &target).and_then(|()| fs::rename(&beside, &target));
    if let Err(source) = written {
        if let Err(error) = fs::remove_file(&beside)
            && error.kind() != io::ErrorKind::NotFound
        {
            log::warn!("{} is left over: {error}", beside.display());
        }
        return Err(match source.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => WriteError::DiskFull { path: path.to_owned() },
            io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => WriteError::NoRight { folder },
            io::ErrorKind::NotFound | io::ErrorKind::NotADirectory => WriteError::NoFolder { folder },
            _ => WriteError::Other {
                path: path.to_owned(),
                source,
            },
        });
    }
    sync_folder(&folder);
    Ok(())
}

fn write_synced(path: &Path, bytes: &[u8], like: &Path) -> io::Result<()> {
    let mut file = OpenOptions::new().write(true).create_new(true).open(path)?;
    if let Ok(metadata) = fs::metadata(like) {
        file.set_permissions(metadata.permissions())?;
    }
    file.write_all(bytes)?;
    file.sync_all()
}

/// The rename itself is on the disk only with its folder. Where folders cannot be opened (Windows) that is not asked.
fn sync_folder(folder: &Path) {
    if let Ok(folder) = File::open(folder)
        && let Err(error) = folder.sync_all()
    {
        log::debug!("the folder could not be synced: {error}");
    }
}
