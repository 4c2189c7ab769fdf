//! Annotations in the library.

use std::str::FromStr;

use jiff::Timestamp;
use rusqlite::{Connection, Row, params};
use uuid::Uuid;

use super::documents::resolve;
use super::{DocumentId, LibraryError};
use crate::notes::{Annotation, AnnotationId, Colour, Kind, Target, TextPosition, TextQuote};
use crate::time::{MediaSpan, MediaTime};

/// A document's annotations that are not deleted, ordered by time. One that cannot be read is left where it is.
pub(super) fn annotations(connection: &Connection, document: DocumentId) -> Result<Vec<Annotation>, LibraryError> {
    let sql = "SELECT * FROM annotations WHERE document = ?1 AND deleted IS NULL ORDER BY start_micros, end_micros, id";
    let mut statement = connection.prepare_cached(sql)?;
    let mut rows = statement.query([document])?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        match annotation(row) {
            Ok(annotation) => found.push(annotation),
            Err(error) => log::warn!("an annotation of document {} cannot be read: {error}", document.0),
        }
    }
    Ok(found)
}

fn annotation(row: &Row<'_>) -> rusqlite::Result<Annotation> {
    let quote = row.get::<_, Option<String>>("exact")?.map(|exact| {
        let context = |column| row.get::<_, Option<String>>(column).map(Option::unwrap_or_default);
        Ok::<_, rusqlite::Error>(TextQuote {
            exact,
            prefix: context("prefix")?,
            suffix: context("suffix")?,
        })
    });
    let position = (
        row.get::<_, Option<i64>>("position_start")?,
        row.get::<_, Option<i64>>("position_end")?,
    );
    // A kind or colour that this version does not know may come from a later one; the note itself is what counts.
    Ok(Annotation {
        id: AnnotationId(Uuid::from_bytes(row.get("id")?)),
        kind: Kind::from_name(row.get_ref("kind")?.as_str()?).unwrap_or(Kind::Note),
        colour: Colour::from_name(row.get_ref("colour")?.as_str()?).unwrap_or_default(),
        text: row.get("text")?,
        tags: serde_json::from_str(row.get_ref("tags")?.as_str()?).unwrap_or_default(),
        target: Target {
            time: MediaSpan {
                start: MediaTime::from_micros(row.get("start_micros")?),
                end: MediaTime::from_micros(row.get("end_micros")?),
            },
            quote: quote.transpose()?,
            position: match position {
                (Some(start), Some(end)) => Some(TextPosition {
                    start: start as u64,
                    end: end as u64,
                }),
                _ => None,
            },
            speaker: row.get("speaker")?,
        },
        created: timestamp(row.get_ref("created")?.as_str()?),
        modified: timestamp(row.get_ref("modified")?.as_str()?),
    })
}

fn timestamp(text: &str) -> Timestamp {
    Timestamp::from_str(text).unwrap_or_default()
}

/// Inserts or replaces annotations; deleted ones come back. To be called in a transaction.
pub(super) fn put(
    connection: &Connection,
    document: DocumentId,
    annotations: &[Annotation],
) -> Result<(), LibraryError> {
    let document = resolve(connection, document)?;
    let sql = "INSERT OR REPLACE INTO annotations (document, id, kind, colour, text, tags, start_micros, end_micros,
            exact, prefix, suffix, position_start, position_end, speaker, created, modified, deleted)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, NULL)";
    let mut statement = connection.prepare_cached(sql)?;
    for annotation in annotations {
        let target = &annotation.target;
        let quote = target.quote.as_ref();
        statement.execute(params![
            document,
            annotation.id.0.as_bytes(),
            annotation.kind.name(),
            annotation.colour.name(),
            annotation.text,
            serde_json::Value::from(annotation.tags.clone()).to_string(),
            target.time.start.as_micros(),
            target.time.end.as_micros(),
            quote.map(|quote| &quote.exact),
            quote.map(|quote| &quote.prefix),
            quote.map(|quote| &quote.suffix),
            target.position.map(|position| position.start as i64),
            target.position.map(|position| position.end as i64),
            target.speaker,
            annotation.created.to_string(),
            annotation.modified.to_string(),
        ])?;
    }
    Ok(())
}

/// Marks annotations deleted; those that are not there, or already deleted, are passed over. To be called in a
/// transaction. Gives how many were deleted.
pub(super) fn delete(
    connection: &Connection,
    document: DocumentId,
    ids: &[AnnotationId],
    now: Timestamp,
) -> Result<usize, LibraryError> {
    let document = resolve(connection, document)?;
    let sql = "UPDATE annotations SET deleted = ?3 WHERE id = ?1 AND document = ?2 AND deleted IS NULL";
    let mut statement = connection.prepare_cached(sql)?;
    let mut deleted = 0;
    for id in ids {
        deleted += statement.execute(params![id.0.as_bytes(), document, now.to_string()])?;
    }
    Ok(deleted)
}
