//! What can still be read of a damaged library, copied into a new one.

use std::path::Path;

use rusqlite::types::Value;
use rusqlite::{Connection, OpenFlags, params_from_iter};

use super::{LibraryError, schema};

/// Copies row by row what can be read. A page that cannot is passed by reading on from the other end of its table.
/// Gives the number of rows.
pub(super) fn rescue(damaged: &Path, connection: &mut Connection) -> Result<usize, LibraryError> {
    let old = Connection::open_with_flags(
        damaged,
        OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX,
    )?;
    // Otherwise SQLite refuses all of a file that is shorter than its header says.
    old.pragma_update(None, "writable_schema", true)?;
    connection.pragma_update(None, "foreign_keys", false)?;
    let transaction = connection.transaction()?;
    let mut rows = 0;
    for table in schema::TABLES {
        for order in ["", "ORDER BY rowid DESC"] {
            match copy(&old, &transaction, table, order) {
                Ok(copied) => rows += copied,
                Err((copied, error)) => {
                    rows += copied;
                    log::warn!("rescuing {table}: {error}");
                }
            }
        }
    }
    // A note whose document is lost is kept with one that stands in for it.
    transaction.execute(
        "INSERT INTO documents (id, title)
            SELECT DISTINCT document, 'Rescued' FROM annotations WHERE document NOT IN (SELECT id FROM documents)",
        [],
    )?;
    for table in ["files", "places"] {
        transaction.execute(
            &format!("DELETE FROM {table} WHERE document NOT IN (SELECT id FROM documents)"),
            [],
        )?;
    }
    transaction.commit()?;
    connection.pragma_update(None, "foreign_keys", true)?;
    Ok(rows)
}

/// Copies a table's rows in one order, up to the first that cannot be read.
fn copy(old: &Connection, new: &Connection, table: &str, order: &str) -> Result<usize, (usize, rusqlite::Error)> {
    let mut copied = 0;
    let mut run = || -> Result<(), rusqlite::Error> {
        let known = new.prepare(&format!("SELECT * FROM {table}"))?;
        let mut statement = old.prepare(&format!("SELECT * FROM {table} {order}"))?;
        let columns: Vec<String> = statement.column_names().map(str::to_owned).collect();
        let columns: Vec<String> = columns
            .into_iter()
            .filter(|name| known.column_index(name).is_ok())
            .collect();
        let marks = vec!["?"; columns.len()].join(", ");
        let insert = format!(
            "INSERT OR IGNORE INTO {table} ({}) VALUES ({marks})",
            columns.join(", ")
        );
        let mut insert = new.prepare(&insert)?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            let values: Result<Vec<Value>, _> = columns.iter().map(|name| row.get::<_, Value>(name.as_str())).collect();
            match values.and_then(|values| insert.execute(params_from_iter(values))) {
                Ok(inserted) => copied += inserted,
                Err(error) => log::warn!("a row of {table} is lost: {error}"),
            }
        }
        Ok(())
    };
    let result = run();
    result.map(|()| copied).map_err(|error| (copied, error))
}
