//! The tables, as numbered migrations. A migration that was released never changes; another one follows it.

use rusqlite::{Connection, TransactionBehavior};

use super::LibraryError;

/// The version of the schema, kept in SQLite's `user_version`.
pub(super) const VERSION: u32 = MIGRATIONS.len() as u32;

/// The statements that lead from each version to the next.
///
/// Times of notes are RFC 3339 texts, so that they come back to the nanosecond; points of the recording are whole
/// microseconds. `files` has a line for every content a document ever had, `seen` counting up: the highest is the
/// present one. A path that is not Unicode is kept as its bytes.
const MIGRATIONS: [&str; 4] = [
    "CREATE TABLE documents (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        title TEXT NOT NULL,
        merged_into INTEGER REFERENCES documents (id)
    ) STRICT;
    CREATE TABLE files (
        document INTEGER NOT NULL REFERENCES documents (id),
        role TEXT NOT NULL,
        hash BLOB NOT NULL,
        path ANY NOT NULL,
        seen INTEGER NOT NULL,
        PRIMARY KEY (document, role, hash)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX files_by_hash ON files (role, hash);
    CREATE INDEX files_by_path ON files (role, path);
    CREATE TABLE annotations (
        id BLOB PRIMARY KEY,
        document INTEGER NOT NULL REFERENCES documents (id),
        kind TEXT NOT NULL,
        colour TEXT NOT NULL,
        text TEXT NOT NULL,
        tags TEXT NOT NULL,
        start_micros INTEGER NOT NULL,
        end_micros INTEGER NOT NULL,
        exact TEXT,
        prefix TEXT,
        suffix TEXT,
        position_start INTEGER,
        position_end INTEGER,
        speaker TEXT,
        created TEXT NOT NULL,
        modified TEXT NOT NULL,
        deleted TEXT
    ) STRICT;
    CREATE INDEX annotations_by_document ON annotations (document, start_micros);
    CREATE TABLE settings (
        key TEXT PRIMARY KEY,
        value TEXT NOT NULL
    ) STRICT, WITHOUT ROWID;",
    // `opened` is in microseconds since 1970; none takes the document out of the recent list.
    "ALTER TABLE documents ADD COLUMN opened INTEGER;
    CREATE INDEX documents_by_opened ON documents (opened);
    CREATE TABLE places (
        document INTEGER PRIMARY KEY REFERENCES documents (id),
        position_micros INTEGER NOT NULL,
        speed REAL NOT NULL,
        view TEXT NOT NULL,
        scroll_cue INTEGER NOT NULL,
        scroll_points REAL NOT NULL,
        offset_micros INTEGER NOT NULL,
        length_micros INTEGER,
        at TEXT NOT NULL
    ) STRICT;",
    // In the application's words.
    "ALTER TABLE documents ADD COLUMN how_to_read TEXT;",
    // What is known of the timing besides the offset, as JSON; none where it is only that.
    "ALTER TABLE places ADD COLUMN timing TEXT;",
];

/// All tables, those that others refer to first.
pub(super) const TABLES: [&str; 5] = ["documents", "files", "annotations", "settings", "places"];

/// The version a library has; 0 for a new one.
pub(super) fn version(connection: &Connection) -> Result<u32, rusqlite::Error> {
    connection.pragma_query_value(None, "user_version", |row| row.get(0))
}

/// Brings a library to [`VERSION`], all steps or none. Two programs may do so at once: the second finds it done.
pub(super) fn migrate(connection: &mut Connection) -> Result<(), LibraryError> {
    if version(connection)? == VERSION {
        return Ok(());
    }
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let found = version(&transaction)?;
    for migration in MIGRATIONS.iter().skip(found as usize) {
        transaction.execute_batch(migration)?;
    }
    transaction.pragma_update(None, "user_version", VERSION.max(found))?;
    transaction.commit()?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_version_leads_to_the_present_one() {
        let fresh = |steps: usize| {
            let connection = Connection::open_in_memory().unwrap();
            for migration in MIGRATIONS.iter().take(steps) {
                connection.execute_batch(migration).unwrap();
            }
            connection.pragma_update(None, "user_version", steps as u32).unwrap();
            connection
        };
        let layout = |connection: &Connection| -> Vec<String> {
            let mut statement = connection
                .prepare("SELECT sql FROM sqlite_schema ORDER BY name")
                .unwrap();
            let rows = statement.query_map([], |row| row.get::<_, Option<String>>(0)).unwrap();
            rows.map(|sql| sql.unwrap().unwrap_or_default()).collect()
        };
        let all = layout(&fresh(MIGRATIONS.len()));
        for steps in 0..=MIGRATIONS.len() {
            let mut connection = fresh(steps);
            migrate(&mut connection).unwrap();
            assert_eq!(version(&connection).unwrap(), VERSION);
            assert_eq!(layout(&connection), all, "from version {steps}");
        }
        assert!(
            TABLES
                .iter()
                .all(|table| all.iter().any(|sql| sql.starts_with(&format!("CREATE TABLE {table} "))))
        );
    }
}
