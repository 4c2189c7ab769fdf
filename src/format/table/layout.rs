//! The form of a table: what parts its cells, whether marks enclose them, where its rows begin.

use csv::{ReaderBuilder, StringRecord};

use super::columns::Columns;
use super::times::read_cell;

/// So many bytes and rows at the start tell what a table is.
const SAMPLE: usize = 1 << 16;
const SAMPLE_ROWS: usize = 50;
/// Headings stand at most below so many rows of other things.
const PREAMBLE: usize = 4;

/// How a table is written.
pub(super) struct Layout {
    pub separator: u8,
    /// Whether quotation marks enclose cells.
    pub quoting: bool,
    pub columns: Columns,
    /// Where the rows begin: behind the headings.
    pub rows_from: usize,
    /// The line the rows begin on, counted from 0.
    pub rows_line: u64,
    /// The headings as written, or made up for writing the table again; and what stands above them.
    pub header: String,
    pub preamble: Vec<(u32, String)>,
}

impl Layout {
    /// Looks at the start of a text; of several separators the first that makes a table of it. A single row is one
    /// only where it `is_said` to be.
    pub fn find(text: &str, separators: &[u8], is_said: bool) -> Option<Self> {
        // Excel's own way to tell the separator.
        let (hint, body) = match text.strip_prefix("sep=").and_then(|rest| rest.split_once('\n')) {
            Some((separator, body)) => (separator.bytes().next(), body),
            None => (None, text),
        };
        let sample = body.get(..body.floor_char_boundary(SAMPLE)).unwrap_or(body);
        let separators = match hint {
            Some(b'\t') if !separators.contains(&b'\t') => return None,
            Some(hint) if hint != b'\t' && !separators.contains(&b',') => return None,
            Some(hint) => vec![hint],
            None => separators.to_vec(),
        };
        let mut layout = separators
            .iter()
            .find_map(|&separator| Self::of_sample(sample, separator, is_said))?;
        let skipped = text.len() - body.len();
        layout.rows_from += skipped;
        layout.rows_line += u64::from(skipped > 0);
        Some(layout)
    }

    fn of_sample(sample: &str, separator: u8, is_said: bool) -> Option<Self> {
        // A quick look: most texts that are no table have no separator in their first lines.
        let is_parted = |line: &str| line.as_bytes().contains(&separator);
        if !sample.lines().take(PREAMBLE + 1).any(is_parted) {
            return None;
        }
        let quoting = has_quoting(sample, separator);
        let rows = Rows::new(sample, separator, quoting);
        let mut rows: Vec<StringRecord> = rows.take(SAMPLE_ROWS).collect();
        if rows.len() > 1 && rows.len() < SAMPLE_ROWS && sample.len() + 4 > SAMPLE {
            rows.pop(); // it may be cut
        }
        let header = rows
            .iter()
            .take(PREAMBLE)
            .enumerate()
            .find_map(|(place, row)| Some((place, Columns::of_header(row)?)));
        let layout = |columns, rows_from, rows_line| Self {
            separator,
            quoting,
            columns,
            rows_from,
            rows_line,
            header: String::new(),
            preamble: Vec::new(),
        };
        let Some((place, columns)) = header else {
            if rows.len() < 2 && !is_said {
                return None;
            }
            let mut layout = Columns::of_rows(&rows).map(|columns| layout(columns, 0, 0))?;
            layout.header = layout.columns.made_up_header(separator);
            return Some(layout);
        };
        let below = rows.get(place + 1..).unwrap_or_default();
        let is_timed = |row: &&StringRecord| row.get(columns.start).and_then(read_cell).is_some();
        let timed = below.iter().filter(is_timed).count();
        if timed == 0 || timed * 3 < below.len() {
            return None;
        }
        let from = place_of(below.first()?)?.0;
        let (rows_from, rows_line) = place_of(below.first()?)?;
        let header_from = place_of(rows.get(place)?)?.0;
        let preamble = rows.iter().take(place).filter_map(|row| {
            let line = u32::try_from(place_of(row)?.1).ok()?.saturating_add(1);
            Some((line, row.iter().collect::<Vec<_>>().join(" ")))
        });
        let preamble = preamble.collect();
        Some(Self {
            header: sample.get(header_from..from).unwrap_or("").trim_end().to_owned(),
            preamble,
            ..layout(columns, rows_from, rows_line)
        })
    }
}

/// The byte a record begins at, and its line, counted from 0.
fn place_of(record: &StringRecord) -> Option<(usize, u64)> {
    let position = record.position()?;
    let at = usize::try_from(position.byte()).ok()?;
    Some((at, position.line().saturating_sub(1)))
}

/// The rows of a table.
pub(super) struct Rows<'a> {
    reader: csv::Reader<&'a [u8]>,
    record: StringRecord,
}

impl<'a> Rows<'a> {
    /// Reads a text.
    pub fn new(text: &'a str, separator: u8, quoting: bool) -> Self {
        let reader = ReaderBuilder::new()
            .delimiter(separator)
            .has_headers(false)
            .flexible(true)
            .quoting(quoting)
            .from_reader(text.as_bytes());
        Self {
            reader,
            record: StringRecord::new(),
        }
    }

    /// Reads the next row into the same place as the one before, and tells its line, counted from 0.
    pub fn advance(&mut self) -> Option<(&StringRecord, u64)> {
        let is_there = self.reader.read_record(&mut self.record).unwrap_or(false);
        let line = self
            .record
            .position()
            .map_or(0, |position| position.line().saturating_sub(1));
        is_there.then_some((&self.record, line))
    }
}

impl Iterator for Rows<'_> {
    type Item = StringRecord;

    fn next(&mut self) -> Option<StringRecord> {
        self.advance().map(|(row, _)| row.clone())
    }
}

/// Whether quotation marks enclose cells: every cell that begins with one ends with one. Between tabs they must be of
/// use besides, in some cell at least; a sentence that happens to be a quotation has them, too.
pub(super) fn has_quoting(text: &str, separator: u8) -> bool {
    let bytes = text.as_bytes();
    let mut at = 0;
    let mut are_of_use = separator != b'\t';
    let (mut quoted, mut begun) = (0_usize, 0_usize);
    while let Some(&byte) = bytes.get(at) {
        if byte != b'"' {
            let rest = bytes.get(at..).unwrap_or_default();
            // Bare digits need no quotation marks; texts are what tells.
            let length = rest
                .iter()
                .position(|&b| b == separator || b == b'\n')
                .unwrap_or(rest.len());
            let cell = rest.get(..length).unwrap_or_default();
            begun += usize::from(cell.iter().any(|b| !b.is_ascii_digit() && !b". :;,-".contains(b)));
            at += length + 1;
            continue;
        }
        at += 1;
        loop {
            let rest = bytes.get(at..).unwrap_or_default();
            // A text that was cut for a sample may end inside.
            let Some(length) = rest.iter().position(|&b| b == b'"') else {
                return are_of_use && quoted > 0 && text.len() + 4 > SAMPLE && text.len() <= SAMPLE;
            };
            let inside = rest.get(..length).unwrap_or_default();
            are_of_use |= inside.contains(&separator) || inside.contains(&b'\n');
            at += length + 1;
            if bytes.get(at) == Some(&b'"') {
                are_of_use = true;
                at += 1;
                continue;
            }
            // Blanks behind the mark come from editors and mailers.
            let is_blank = |byte: u8| byte == b' ' || byte == b'\t' && byte != separator;
            let rest = bytes.get(at..).unwrap_or_default();
            at += rest.iter().take_while(|&&byte| is_blank(byte)).count();
            if bytes.get(at).is_some_and(|&byte| byte != separator && byte != b'\n') {
                return false;
            }
            break;
        }
        quoted += 1;
        at += 1;
    }
    // Headings are bare in most tables whose texts are all enclosed.
    separator != b'\t' || are_of_use || quoted > 2 && begun <= 4
}
