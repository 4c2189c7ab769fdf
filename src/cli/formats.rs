//! `earmark formats`: the table of transcript formats.

use std::io::{self, Write};

use serde::Serialize;

use crate::format::Format;

#[derive(Serialize)]
struct Row {
    key: &'static str,
    name: &'static str,
    extensions: &'static [&'static str],
    read: bool,
    written: bool,
    from: &'static str,
}

/// Writes the table to `out`, for a person or as a JSON array.
pub fn formats(json: bool, out: &mut dyn Write) -> io::Result<()> {
    let rows: Vec<Row> = Format::all().map(row).collect();
    if json {
        serde_json::to_writer_pretty(&mut *out, &rows)?;
        return writeln!(out);
    }
    for row in rows {
        let does = if row.written { "read, written" } else { "read" };
        let extensions = row.extensions.join(" ");
        writeln!(
            out,
            "{:<16}{:<15}{extensions:<22}{}; {}",
            row.key, does, row.name, row.from
        )?;
    }
    Ok(())
}

fn row(format: Format) -> Row {
    Row {
        key: format.key(),
        name: format.name(),
        extensions: format.extensions(),
        read: true,
        written: format.is_written(),
        from: format.origin(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_format_has_a_line_and_a_row() {
        let told = |json| {
            let mut out = Vec::new();
            formats(json, &mut out).expect("written");
            String::from_utf8(out).expect("text")
        };
        let rows: Vec<serde_json::Value> = serde_json::from_str(&told(true)).expect("JSON");
        assert_eq!(rows.len(), Format::all().count());
        assert_eq!(told(false).lines().count(), rows.len());
    }
}
