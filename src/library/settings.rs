//! Settings: names and values, both text. What they mean is the reader's business.

use rusqlite::Connection;

use super::LibraryError;

/// All settings, by name.
pub(super) fn all(connection: &Connection) -> Result<Vec<(String, String)>, LibraryError> {
    let mut statement = connection.prepare_cached("SELECT key, value FROM settings ORDER BY key")?;
    let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// Keeps one.
pub(super) fn put(connection: &Connection, key: &str, value: &str) -> Result<(), LibraryError> {
    connection
        .prepare_cached("INSERT OR REPLACE INTO settings (key, value) VALUES (?1, ?2)")?
        .execute([key, value])?;
    Ok(())
}
