//! Opening the library file, whatever state it is in, without ever making it worse.
//!
//! A file is looked at read-only first. A damaged one is renamed with its journal, a new one begun, and what can still
//! be read copied over; one from a newer version, or that cannot be written, is opened for reading only; a file that
//! is somebody else's database is not touched.

use std::ffi::OsString;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use jiff::Timestamp;
use rusqlite::{Connection, ErrorCode, OpenFlags};

use super::{Health, LibraryError, rescue, schema};

/// "Earm": SQLite's mark of whose file it is.
const APPLICATION_ID: u32 = 0x4561_726D;
/// A file up to this size is checked on every start: some milliseconds. A larger one only after an unclean end.
const ALWAYS_CHECKED: u64 = 8 << 20;

/// What opening gave: a connection unless the library is unavailable.
pub(super) struct Opened {
    pub connection: Option<Connection>,
    pub health: Health,
}

/// What a look at the file showed.
enum Look {
    /// There is none, or an empty one.
    New,
    Sound {
        version: u32,
    },
    Damaged,
}

/// Opens the library at a path. `patience` is how long a write waits for another program's.
pub(super) fn open(path: &Path, patience: Duration) -> Opened {
    let unavailable = |why| Opened {
        connection: None,
        health: Health::Unavailable { why },
    };
    if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty())
        && let Err(source) = fs::create_dir_all(folder)
    {
        return unavailable(
            LibraryError::Folder {
                path: folder.to_owned(),
                source,
            }
            .told(),
        );
    }
    let opened = match look(path) {
        Ok(Look::New) => write(path, patience).map(|connection| (connection, Health::Ready)),
        Ok(Look::Sound { version }) if version > schema::VERSION => {
            let why = format!(
                "it was made by a newer version of Earmark (its format is {version}, this one knows {})",
                schema::VERSION
            );
            read(path)
                .map(|connection| (connection, Health::ReadOnly { why }))
                .map_err(LibraryError::from)
        }
        Ok(Look::Sound { version }) => match write(path, patience) {
            // Without the right to write, an up-to-date library can still be read.
            Err(LibraryError::CannotWrite { why }) if version == schema::VERSION => read(path)
                .map(|connection| (connection, Health::ReadOnly { why }))
                .map_err(LibraryError::from),
            opened => opened.map(|connection| (connection, Health::Ready)),
        },
        Ok(Look::Damaged) => begin_again(path, patience),
        Err(why) => return unavailable(why),
    };
    match opened {
        Ok((connection, health)) => Opened {
            connection: Some(connection),
            health,
        },
        Err(error) => unavailable(error.told()),
    }
}

/// Looks without writing. An error says why the file cannot be read at all.
fn look(path: &Path) -> Result<Look, String> {
    let length = match fs::metadata(path) {
        Ok(metadata) if metadata.is_dir() => return Err(format!("{} is a folder", path.display())),
        Ok(metadata) => metadata.len(),
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Look::New),
        Err(error) => return Err(format!("{}: {error}", path.display())),
    };
    if length == 0 {
        return Ok(Look::New);
    }
    let unclean = fs::metadata(beside(path, "-wal")).is_ok_and(|wal| wal.len() > 0);
    let looked = read(path).and_then(|connection| {
        let version = schema::version(&connection)?;
        if !is_ours(&connection, version)? {
            return Ok(Err(format!("{} is another program's database", path.display())));
        }
        if (unclean || length <= ALWAYS_CHECKED) && !is_sound(&connection)? {
            return Ok(Ok(Look::Damaged));
        }
        Ok(Ok(Look::Sound { version }))
    });
    match looked {
        Ok(look) => look,
        Err(error) if is_damage(&error) => Ok(Look::Damaged),
        Err(error) => Err(LibraryError::from(error).told()),
    }
}

fn is_damage(error: &rusqlite::Error) -> bool {
    matches!(
        error.sqlite_error_code(),
        Some(ErrorCode::NotADatabase | ErrorCode::DatabaseCorrupt)
    )
}

fn is_ours(connection: &Connection, version: u32) -> Result<bool, rusqlite::Error> {
    let id: u32 = connection.pragma_query_value(None, "application_id", |row| row.get(0))?;
    let tables: u32 = connection.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))?;
    Ok(id == APPLICATION_ID || id == 0 && version == 0 && tables == 0)
}

fn is_sound(connection: &Connection) -> Result<bool, rusqlite::Error> {
    let answer: String = connection.query_row("PRAGMA quick_check(1)", [], |row| row.get(0))?;
    if answer != "ok" {
        log::error!("the library is damaged: {answer}");
    }
    Ok(answer == "ok")
}

/// Opens for reading. Where even the journal's index cannot be made beside it, the file is read as it lies, provided
/// that the journal holds nothing.
fn read(path: &Path) -> Result<Connection, rusqlite::Error> {
    let connection =
        Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
    connection.busy_timeout(Duration::from_secs(2))?;
    let Err(error) = schema::version(&connection) else {
        return Ok(connection);
    };
    let no_right = matches!(
        error.sqlite_error_code(),
        Some(ErrorCode::CannotOpen | ErrorCode::ReadOnly)
    );
    let journal_is_empty = fs::metadata(beside(path, "-wal")).map_or(true, |wal| wal.len() == 0);
    if !(no_right && journal_is_empty) {
        return Err(error);
    }
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX | OpenFlags::SQLITE_OPEN_URI;
    Connection::open_with_flags(immutable_uri(path), flags)
}

fn immutable_uri(path: &Path) -> String {
    let escaped = path
        .to_string_lossy()
        .replace('%', "%25")
        .replace('?', "%3f")
        .replace('#', "%23");
    format!("file:{escaped}?immutable=1")
}

/// Opens for writing, and brings the schema up to date.
fn write(path: &Path, patience: Duration) -> Result<Connection, LibraryError> {
    let mut connection = Connection::open(path)?;
    if connection.is_readonly("main")? {
        return Err(LibraryError::CannotWrite {
            why: format!("{} is write-protected", path.display()),
        });
    }
    connection.busy_timeout(patience)?;
    write_ahead(&connection, patience)?;
    connection.pragma_update(None, "synchronous", "FULL")?;
    connection.pragma_update(None, "foreign_keys", true)?;
    if schema::version(&connection)? == 0 {
        connection.pragma_update(None, "application_id", APPLICATION_ID)?;
    }
    schema::migrate(&mut connection)?;
    Ok(connection)
}

/// Turns the write-ahead log on. SQLite does not wait by itself here when two programs do so at once.
fn write_ahead(connection: &Connection, patience: Duration) -> Result<(), LibraryError> {
    let until = Instant::now() + patience;
    loop {
        match connection.pragma_update_and_check(None, "journal_mode", "WAL", |row| row.get::<_, String>(0)) {
            Ok(mode) if mode == "wal" => return Ok(()),
            Ok(mode) => {
                // Some network folders cannot have one; the ordinary journal is as safe, only slower.
                log::warn!("the library keeps its journal in mode {mode}");
                return Ok(());
            }
            Err(error) if error.sqlite_error_code() == Some(ErrorCode::DatabaseBusy) && Instant::now() < until => {
                std::thread::sleep(Duration::from_millis(10));
            }
            Err(error) => return Err(error.into()),
        }
    }
}

fn begin_again(path: &Path, patience: Duration) -> Result<(Connection, Health), LibraryError> {
    let moved_to = set_aside(path).map_err(|error| LibraryError::CannotWrite {
        why: format!("{} is damaged and cannot be set aside: {error}", path.display()),
    })?;
    let mut connection = write(path, patience)?;
    match rescue::rescue(&moved_to, &mut connection) {
        Ok(rows) => log::warn!(
            "the damaged library lies at {}; {rows} rows of it were rescued",
            moved_to.display()
        ),
        Err(error) => log::error!("nothing of {} could be rescued: {error}", moved_to.display()),
    }
    Ok((connection, Health::SetAside { moved_to }))
}

/// Renames the file and its journal. The journal goes first: beside a missing library SQLite would delete it.
fn set_aside(path: &Path) -> io::Result<PathBuf> {
    let stem = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    let time = Timestamp::now().strftime("%Y%m%dT%H%M%SZ").to_string();
    let mut names = (1..).map(|number| {
        let number = if number == 1 {
            String::new()
        } else {
            format!("-{number}")
        };
        path.with_file_name(format!("{stem}.damaged-{time}{number}.sqlite"))
    });
    let target = names.find(|name| !name.exists()).ok_or(io::ErrorKind::AlreadyExists)?;
    for suffix in ["-wal", "-shm"] {
        let journal = beside(path, suffix);
        if journal.exists() {
            fs::rename(journal, beside(&target, suffix))?;
        }
    }
    fs::rename(path, &target)?;
    Ok(target)
}

fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name: OsString = path.as_os_str().to_owned();
    name.push(suffix);
    PathBuf::from(name)
}
