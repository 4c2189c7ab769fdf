//! Writing a file whole or not at all.

use std::fs::{self, File, OpenOptions};
use std::io::{self, BufWriter, Write};
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

/// Writes a file so that, whatever happens, either the old content or the new one is there: into a file beside it,
/// synced, then renamed over it. Permissions stay; a link stays a link. The files in `keep` are never written over,
/// by whatever path.
pub fn write_atomically(path: &Path, bytes: &[u8], keep: &[PathBuf]) -> Result<(), WriteError> {
    write_atomically_with(path, keep, |out| {
        out.write_all(bytes).map_err(|source| WriteError::of(path, source))
    })
}

/// The same for content that is made while it is written; where `write` fails, nothing has changed. A pipe or a device
/// is written into, since a file that took its place would end it.
pub fn write_atomically_with<E: From<WriteError>>(
    path: &Path,
    keep: &[PathBuf],
    write: impl FnOnce(&mut BufWriter<File>) -> Result<(), E>,
) -> Result<(), E> {
    // Renaming over a link would replace the link.
    let real = |path: &Path| fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    let target = real(path);
    if keep.iter().any(|kept| *kept == path || real(kept) == target) {
        return Err(WriteError::Itself { path: path.to_owned() }.into());
    }
    let failed = |source| E::from(WriteError::of(path, source));
    let there = fs::metadata(&target).ok();
    if there.as_ref().is_some_and(fs::Metadata::is_dir) {
        return Err(WriteError::IsFolder { path: path.to_owned() }.into());
    }
    if there.as_ref().is_some_and(|about| !about.is_file()) {
        let file = OpenOptions::new().write(true).open(&target).map_err(failed)?;
        let mut out = BufWriter::new(file);
        write(&mut out)?;
        return out.flush().map_err(failed);
    }
    let folder = folder_of(&target);
    let beside = folder.join(format!(".earmark-{}.tmp", Uuid::new_v4().simple()));
    let whole = || {
        let file = OpenOptions::new().write(true).create_new(true).open(&beside);
        let file = file.map_err(failed)?;
        if let Some(about) = &there {
            file.set_permissions(about.permissions()).map_err(failed)?;
        }
        let mut out = BufWriter::new(file);
        write(&mut out)?;
        let file = out.into_inner().map_err(|error| failed(error.into_error()))?;
        file.sync_all().map_err(failed)?;
        fs::rename(&beside, &target).map_err(failed)
    };
    let written = whole();
    if written.is_ok() {
        sync_folder(&folder);
    } else if let Err(error) = fs::remove_file(&beside)
        && error.kind() != io::ErrorKind::NotFound
    {
        log::warn!("{} is left over: {error}", beside.display());
    }
    written
}

fn folder_of(path: &Path) -> PathBuf {
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder.to_owned(),
        _ => PathBuf::from("."),
    }
}

impl WriteError {
    /// What the system's refusal means.
    fn of(path: &Path, source: io::Error) -> Self {
        let folder = folder_of(path);
        match source.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => Self::DiskFull { path: path.to_owned() },
            io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => Self::NoRight { folder },
            io::ErrorKind::NotFound | io::ErrorKind::NotADirectory => Self::NoFolder { folder },
            _ => Self::Other {
                path: path.to_owned(),
                source,
            },
        }
    }
}

/// The rename itself is on the disk only with its folder. Where folders cannot be opened (Windows) that is not asked.
fn sync_folder(folder: &Path) {
    if let Ok(folder) = File::open(folder)
        && let Err(error) = folder.sync_all()
    {
        log::debug!("the folder could not be synced: {error}");
    }
}
