//! Tables of times and texts: Whisper's `.tsv`, and the CSV that Premiere, Descript, spreadsheets and scripts write.
//!
//! Nothing about them is settled: the separator is a tab, a comma, or (Excel, where commas part the fraction) a
//! semicolon; headings are there or not, in many wordings; times are seconds, milliseconds, time codes or frames.
//! `columns` finds what is what, `times` what the numbers count. Quoting follows RFC 4180, but Whisper writes its cells
//! as they are, quotation marks and all, so marks count as quoting only where they hold throughout.
//!
//! Cells that begin like a formula are guarded by an apostrophe, as spreadsheets advise; it is taken off and put back.
//! Columns that are not understood are kept for writing the same format.

mod columns;
mod layout;
mod times;
mod writing;

use csv::{StringRecord, WriterBuilder};

use self::layout::{Layout, Rows, has_quoting};
use self::times::{Survey, read_cell};
use self::writing::Table;
use super::draft::{Draft, Drafts};
use super::formats::{Family, Format, Holds, Spec};
use super::markup::Plain;
use super::warning::shorten;
use super::writing::Output;
use super::{Input, ReadError, WarningKind, Warnings};
use crate::time::CueTime;
use crate::transcript::{CueOrigin, Transcript};

/// The row of tables parted by tabs.
pub(super) const TSV: Spec = Spec {
    format: Format::Tsv,
    key: "tsv",
    name: "tab-separated table",
    extensions: &["tsv", "tab"],
    from: "Whisper, spreadsheets",
    family: Family::Text,
    recognise: |input| recognise(input, b"\t"),
    read: |input, drafts, warnings| read(input, b"\t;,", drafts, warnings),
    write: Some((write_tsv, HOLDS)),
};

/// The row of tables parted by commas or semicolons.
pub(super) const CSV: Spec = Spec {
    format: Format::Csv,
    key: "csv",
    name: "comma-separated table",
    extensions: &["csv"],
    from: "Premiere, Descript, spreadsheets",
    family: Family::Text,
    recognise: |input| recognise(input, b";,"),
    read: |input, drafts, warnings| read(input, b";,\t", drafts, warnings),
    write: Some((write_csv, HOLDS)),
};

const HOLDS: Holds = Holds::CAPTIONS;

fn recognise(input: &Input<'_>, separators: &[u8]) -> Option<&'static str> {
    let is_named = ["csv", "tsv", "tab"].iter().any(|own| input.options.has_extension(own));
    let layout = Layout::find(input.text, separators, is_named)?;
    Some(if layout.columns.have_headings {
        "columns for times and text"
    } else {
        "rows of times and text"
    })
}

/// Reads the cues of a table.
fn read(input: &Input<'_>, separators: &[u8], drafts: &mut Drafts, warnings: &mut Warnings) -> Result<(), ReadError> {
    let Some(mut layout) = Layout::find(input.text, separators, true) else {
        return Ok(());
    };
    let body = input.text.get(layout.rows_from..).unwrap_or("");
    layout.quoting = layout.quoting && has_quoting(body, layout.separator);
    for (line, text) in &layout.preamble {
        warnings.push(*line, WarningKind::StrayText { text: shorten(text) });
    }
    drafts.head.clone_from(&layout.header);
    let columns = &layout.columns;
    let mut survey = Survey::default();
    let mut rows = Rows::new(body, layout.separator, layout.quoting);
    while let Some((row, _)) = rows.advance() {
        let time = |place: Option<usize>| row.get(place?).and_then(read_cell);
        let letters = row.get(columns.text).map_or(0, |text| text.chars().count());
        survey.row(
            time(Some(columns.start)),
            time(columns.end),
            time(columns.duration),
            letters,
        );
    }
    let scale = survey.scale(columns, input.options.frame_rate, warnings);
    let mut reader = Reader {
        layout: &layout,
        plain: Plain::default(),
        open: None,
        drafts,
        warnings,
    };
    let mut rows = Rows::new(body, layout.separator, layout.quoting);
    while let Some((row, line)) = rows.advance() {
        let line = u32::try_from(line.saturating_add(layout.rows_line))
            .unwrap_or(u32::MAX)
            .saturating_add(1);
        let time = |place: Option<usize>| row.get(place?).and_then(read_cell);
        let Some(start) = time(Some(columns.start)) else {
            reader.without_time(row, line);
            continue;
        };
        let start = scale.time(start);
        let end = match (time(columns.end), time(columns.duration)) {
            (Some(end), _) => Some(scale.time(end)),
            (None, Some(length)) => Some(start + scale.length(length)),
            (None, None) => None,
        };
        if let Some(text) = columns.end.and_then(|end| row.get(end))
            && !text.trim().is_empty()
            && end.is_none()
        {
            reader.warnings.push(line, WarningKind::BadTime { text: shorten(text) });
        }
        reader.cue(row, line, start, end);
    }
    reader.close();
    Ok(())
}

struct Reader<'a> {
    layout: &'a Layout,
    plain: Plain,
    /// The cue whose text may go on.
    open: Option<Draft>,
    drafts: &'a mut Drafts,
    warnings: &'a mut Warnings,
}

impl Reader<'_> {
    fn cue(&mut self, row: &StringRecord, line: u32, start: CueTime, end: Option<CueTime>) {
        self.close();
        let columns = &self.layout.columns;
        let mut draft = Draft::new(line, start, end);
        let speaker = columns.speaker.and_then(|place| row.get(place)).unwrap_or("");
        draft.name = self
            .drafts
            .names
            .id(self.unguarded(speaker).trim().trim_end_matches(':'));
        self.plain.clear();
        self.text(row, line);
        let columns = &self.layout.columns;
        let others = (0..columns.count).filter(|place| !columns.knows(*place));
        let others: Vec<&str> = others.map(|place| row.get(place).unwrap_or("")).collect();
        if others.iter().any(|cell| !cell.is_empty()) {
            draft.origin = Some(Box::new(CueOrigin {
                extra: Some(joined(&others).into()),
                ..CueOrigin::default()
            }));
        }
        self.open = Some(draft);
    }

    /// The text of a row. Cells beyond the last column are a text whose separators are not enclosed, or nobody's.
    fn text(&mut self, row: &StringRecord, line: u32) {
        let columns = &self.layout.columns;
        let text = row.get(columns.text).unwrap_or("");
        self.plain.literal(self.unguarded(text));
        let beyond = row.iter().skip(columns.count);
        if columns.text + 1 == columns.count {
            let separator = char::from(self.layout.separator).to_string();
            for cell in beyond {
                self.plain.literal(&separator);
                self.plain.literal(cell);
            }
        } else if beyond.clone().any(|cell| !cell.is_empty()) {
            let text = shorten(&beyond.collect::<Vec<_>>().join(" "));
            let what = "a row has more cells than there are columns";
            self.warnings.push(line, WarningKind::Malformed { what, text });
        }
    }

    /// A row whose time cannot be read goes on with the text before it.
    fn without_time(&mut self, row: &StringRecord, line: u32) {
        let text = shorten(&row.iter().collect::<Vec<_>>().join(" "));
        if text.is_empty() {
            return;
        }
        if self.open.is_none() {
            self.warnings.push(line, WarningKind::StrayText { text });
            return;
        }
        self.warnings.push(line, WarningKind::BadTimeLine { text });
        self.plain.line_break();
        if row.len() <= self.layout.columns.text {
            for cell in row {
                self.plain.literal(cell);
                self.plain.blank();
            }
        } else {
            self.text(row, line);
        }
    }

    fn close(&mut self) {
        if let Some(draft) = self.open.take() {
            self.drafts.add(draft, &self.plain);
        }
    }

    fn unguarded<'t>(&self, cell: &'t str) -> &'t str {
        match cell.strip_prefix('\'') {
            Some(rest) if self.layout.separator != b'\t' && needs_guard(cell) => rest,
            _ => cell,
        }
    }
}

/// Writes what Whisper writes: times in whole milliseconds, cells as they are where that can be.
fn write_tsv(transcript: &Transcript, out: &mut Output) {
    Table::new(transcript, "tsv", b"\t").write(out);
}

/// Writes a table as RFC 4180 has it, its times as time codes, which no program takes for something else.
fn write_csv(transcript: &Transcript, out: &mut Output) {
    Table::new(transcript, "csv", b";,").write(out);
}

/// Whether a spreadsheet would take a cell for a formula, or for one that is guarded.
fn needs_guard(cell: &str) -> bool {
    cell.trim_start_matches('\'').starts_with(['=', '+', '-', '@'])
}

/// Cells as a line of their own, for keeping.
fn joined(cells: &[&str]) -> String {
    let mut writer = WriterBuilder::new().from_writer(Vec::new());
    // Writing into memory does not fail.
    writer.write_record(cells).ok();
    let bytes = writer.into_inner().unwrap_or_default();
    String::from_utf8(bytes)
        .unwrap_or_default()
        .trim_end_matches(['\r', '\n'])
        .to_owned()
}
