//! Which document a pair of files is.
//!
//! A document with a transcript is known by the transcript's content, one without by the recording's. So:
//! - Files that were moved or renamed are the same document: the content is known, the path is noted again.
//! - Unknown content where a document's file lay last is a new version of that document; its notes are placed again.
//!   If that file was seen elsewhere since, the path has no say any more.
//! - A recording opened with a known transcript joins its document. Several transcripts of one recording (languages,
//!   say) are several documents.
//! - A recording that was open alone becomes a document with a transcript when it gets one: its notes move there. The
//!   old number goes on being understood, for a second window that still has it.
//! - A recording opened alone, and known from documents with transcripts, is the one of these that was open last.

use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, Row, params};

use super::notes::annotations;
use super::values::SqlPath;
use super::{DocumentFiles, DocumentId, FileIdentity, LibraryError, Place, Recent, StoredDocument};
use crate::time::{MediaTime, TimeDelta};
use crate::timing::Timing;

/// How many documents the recent list has.
const RECENTS: u32 = 50;

const TRANSCRIPT: &str = "transcript";
const RECORDING: &str = "recording";

/// Which document these files are, if it is known.
pub(super) fn find(connection: &Connection, files: &DocumentFiles) -> Result<Option<DocumentId>, LibraryError> {
    let Some(transcript) = &files.transcript else {
        let Some(recording) = &files.recording else {
            return Err(LibraryError::NoFiles);
        };
        return by_file(connection, RECORDING, recording);
    };
    match (by_file(connection, TRANSCRIPT, transcript)?, &files.recording) {
        (None, Some(recording)) => recording_alone(connection, recording),
        (found, _) => Ok(found),
    }
}

fn by_file(connection: &Connection, role: &str, file: &FileIdentity) -> Result<Option<DocumentId>, LibraryError> {
    let by_hash = "SELECT document FROM files WHERE role = ?1 AND hash = ?2 ORDER BY seen DESC LIMIT 1";
    let known = connection
        .prepare_cached(by_hash)?
        .query_row(params![role, file.hash], |row| row.get(0))
        .optional()?;
    if known.is_some() {
        return Ok(known);
    }
    let by_path = "SELECT document FROM files AS file WHERE role = ?1 AND path = ?2 AND NOT EXISTS (
            SELECT 1 FROM files WHERE document = file.document AND role = file.role AND seen > file.seen
        ) ORDER BY seen DESC LIMIT 1";
    let path = SqlPath::value(&file.path);
    Ok(connection
        .prepare_cached(by_path)?
        .query_row(params![role, path], |row| row.get(0))
        .optional()?)
}

/// The document of a recording that never had a transcript.
fn recording_alone(connection: &Connection, recording: &FileIdentity) -> Result<Option<DocumentId>, LibraryError> {
    let sql = "SELECT document FROM files AS file WHERE role = ?1 AND (hash = ?2 OR path = ?3) AND NOT EXISTS (
            SELECT 1 FROM files WHERE document = file.document AND role = ?4
        ) ORDER BY hash = ?2 DESC, seen DESC LIMIT 1";
    let path = SqlPath::value(&recording.path);
    let parameters = params![RECORDING, recording.hash, path, TRANSCRIPT];
    Ok(connection
        .prepare_cached(sql)?
        .query_row(parameters, |row| row.get(0))
        .optional()?)
}

/// Finds the document of these files or makes it, and notes where its files lie. To be called in a transaction.
pub(super) fn open(
    connection: &Connection,
    files: &DocumentFiles,
    now: Timestamp,
) -> Result<StoredDocument, LibraryError> {
    let found = find(connection, files)?;
    let transcript_changed = match found {
        Some(id) => transcript_changed(connection, id, files)?,
        None => false,
    };
    let id = if let Some(id) = found {
        id
    } else {
        connection.execute("INSERT INTO documents (title) VALUES (?1)", [&files.title])?;
        DocumentId(connection.last_insert_rowid())
    };
    if let (Some(_), Some(recording)) = (&files.transcript, &files.recording)
        && let Some(alone) = recording_alone(connection, recording)?.filter(|alone| *alone != id)
    {
        merge(connection, alone, id)?;
    }
    for (role, file) in [(TRANSCRIPT, &files.transcript), (RECORDING, &files.recording)] {
        if let Some(file) = file {
            note_file(connection, id, role, file)?;
        }
    }
    connection
        .prepare_cached("UPDATE documents SET opened = ?2, title = iif(?3 = '', title, ?3) WHERE id = ?1")?
        .execute(params![id, now.as_microsecond(), files.title])?;
    load(connection, id, transcript_changed)
}

/// Everything that is known of a document.
pub(super) fn load(
    connection: &Connection,
    id: DocumentId,
    transcript_changed: bool,
) -> Result<StoredDocument, LibraryError> {
    Ok(StoredDocument {
        id,
        annotations: annotations(connection, id)?,
        place: place(connection, id)?,
        how_to_read: how_to_read(connection, id)?,
        transcript_changed,
    })
}

/// Whether a document's transcript was another one when it was open last.
pub(super) fn transcript_changed(
    connection: &Connection,
    id: DocumentId,
    files: &DocumentFiles,
) -> Result<bool, LibraryError> {
    let Some(transcript) = &files.transcript else {
        return Ok(false);
    };
    let last = last_file(connection, id, TRANSCRIPT)?;
    Ok(last.is_none_or(|last| last.hash != transcript.hash))
}

fn note_file(connection: &Connection, id: DocumentId, role: &str, file: &FileIdentity) -> Result<(), LibraryError> {
    let sql = "INSERT INTO files (document, role, hash, path, seen)
        VALUES (?1, ?2, ?3, ?4, (SELECT coalesce(max(seen), 0) + 1 FROM files))
        ON CONFLICT DO UPDATE SET path = excluded.path, seen = excluded.seen";
    connection
        .prepare_cached(sql)?
        .execute(params![id, role, file.hash, SqlPath::value(&file.path)])?;
    Ok(())
}

fn merge(connection: &Connection, from: DocumentId, into: DocumentId) -> Result<(), LibraryError> {
    for sql in [
        "UPDATE annotations SET document = ?2 WHERE document = ?1",
        "UPDATE OR IGNORE places SET document = ?2 WHERE document = ?1",
        "UPDATE OR IGNORE files SET document = ?2 WHERE document = ?1",
        "UPDATE documents SET merged_into = ?2 WHERE id = ?1 OR merged_into = ?1",
    ] {
        connection.execute(sql, [from, into])?;
    }
    connection.execute("DELETE FROM places WHERE document = ?1", [from])?;
    connection.execute("DELETE FROM files WHERE document = ?1", [from])?;
    Ok(())
}

/// The document that a number stands for: itself, or what it was merged into.
pub(super) fn resolve(connection: &Connection, id: DocumentId) -> Result<DocumentId, LibraryError> {
    let sql = "SELECT coalesce(merged_into, id) FROM documents WHERE id = ?1";
    let found = connection
        .prepare_cached(sql)?
        .query_row([id], |row| row.get(0))
        .optional()?;
    found.ok_or(LibraryError::UnknownDocument(id))
}

/// A document's files as they were seen last.
pub(super) fn files(connection: &Connection, id: DocumentId) -> Result<DocumentFiles, LibraryError> {
    let title = connection
        .prepare_cached("SELECT title FROM documents WHERE id = ?1")?
        .query_row([id], |row| row.get(0));
    Ok(DocumentFiles {
        title: title.optional()?.ok_or(LibraryError::UnknownDocument(id))?,
        transcript: last_file(connection, id, TRANSCRIPT)?,
        recording: last_file(connection, id, RECORDING)?,
    })
}

fn last_file(connection: &Connection, id: DocumentId, role: &str) -> Result<Option<FileIdentity>, LibraryError> {
    let sql = "SELECT hash, path FROM files WHERE document = ?1 AND role = ?2 ORDER BY seen DESC LIMIT 1";
    let file = |row: &Row<'_>| {
        Ok(FileIdentity {
            hash: row.get(0)?,
            path: row.get::<_, SqlPath>(1)?.0,
        })
    };
    Ok(connection
        .prepare_cached(sql)?
        .query_row(params![id, role], file)
        .optional()?)
}

/// Notes where one is in a document.
pub(super) fn put_place(connection: &Connection, id: DocumentId, place: &Place) -> Result<(), LibraryError> {
    let sql = "INSERT OR REPLACE INTO places (document, position_micros, speed, view, scroll_cue, scroll_points,
            offset_micros, length_micros, at, timing) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)";
    let timing = (!place.timing.is_a_shift()).then(|| serde_json::to_string(&place.timing).ok());
    connection.prepare_cached(sql)?.execute(params![
        resolve(connection, id)?,
        place.position.as_micros(),
        f64::from(place.speed),
        place.view,
        place.scroll.0,
        f64::from(place.scroll.1),
        place.timing.offset.as_micros(),
        place.length.map(MediaTime::as_micros),
        place.at.to_string(),
        timing.flatten(),
    ])?;
    Ok(())
}

fn place(connection: &Connection, id: DocumentId) -> Result<Option<Place>, LibraryError> {
    let mut statement = connection.prepare_cached("SELECT * FROM places WHERE document = ?1")?;
    Ok(statement.query_row([id], place_from_row).optional()?)
}

fn place_from_row(row: &Row<'_>) -> rusqlite::Result<Place> {
    let offset = TimeDelta::from_micros(row.get("offset_micros")?);
    let timing = row.get::<_, Option<String>>("timing")?;
    let timing = timing.and_then(|timing| serde_json::from_str(&timing).ok());
    Ok(Place {
        position: MediaTime::from_micros(row.get("position_micros")?),
        speed: row.get::<_, f64>("speed")? as f32,
        view: row.get("view")?,
        scroll: (row.get("scroll_cue")?, row.get::<_, f64>("scroll_points")? as f32),
        timing: timing.unwrap_or_else(|| Timing::shifted(offset)),
        length: row.get::<_, Option<i64>>("length_micros")?.map(MediaTime::from_micros),
        at: row.get::<_, String>("at")?.parse().unwrap_or_default(),
    })
}

/// Keeps how a document's transcript is to be read.
pub(super) fn put_how_to_read(connection: &Connection, id: DocumentId, how: Option<&str>) -> Result<(), LibraryError> {
    let sql = "UPDATE documents SET how_to_read = ?2 WHERE id = ?1";
    connection
        .prepare_cached(sql)?
        .execute(params![resolve(connection, id)?, how])?;
    Ok(())
}

fn how_to_read(connection: &Connection, id: DocumentId) -> Result<Option<String>, LibraryError> {
    let sql = "SELECT how_to_read FROM documents WHERE id = ?1";
    Ok(connection.prepare_cached(sql)?.query_row([id], |row| row.get(0))?)
}

/// The documents that were open, the last one first.
pub(super) fn recents(connection: &Connection) -> Result<Vec<Recent>, LibraryError> {
    let sql = "SELECT id, title, opened, places.*,
            (SELECT count(*) FROM annotations WHERE document = documents.id AND deleted IS NULL) AS notes,
            (SELECT path FROM files WHERE document = id AND role = ?2 ORDER BY seen DESC LIMIT 1) AS transcript,
            (SELECT path FROM files WHERE document = id AND role = ?3 ORDER BY seen DESC LIMIT 1) AS recording
        FROM documents LEFT JOIN places ON places.document = documents.id
        WHERE opened IS NOT NULL AND merged_into IS NULL ORDER BY opened DESC, id DESC LIMIT ?1";
    let mut statement = connection.prepare_cached(sql)?;
    let rows = statement.query_map(params![RECENTS, TRANSCRIPT, RECORDING], |row| {
        Ok(Recent {
            id: row.get("id")?,
            title: row.get("title")?,
            transcript: row.get::<_, Option<SqlPath>>("transcript")?.map(|path| path.0),
            recording: row.get::<_, Option<SqlPath>>("recording")?.map(|path| path.0),
            place: row
                .get::<_, Option<i64>>("document")?
                .map(|_| place_from_row(row))
                .transpose()?,
            annotations: row.get("notes")?,
            opened: Timestamp::from_microsecond(row.get("opened")?).unwrap_or_default(),
        })
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// Takes a document out of the recent list until it is opened again.
pub(super) fn forget_recent(connection: &Connection, id: DocumentId) -> Result<(), LibraryError> {
    connection.execute(
        "UPDATE documents SET opened = NULL WHERE id = ?1",
        [resolve(connection, id)?],
    )?;
    Ok(())
}
