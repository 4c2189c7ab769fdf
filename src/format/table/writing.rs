//! Writing a table: with the columns of the one that was read, or with those that everybody understands.

use csv::{QuoteStyle, Terminator, WriterBuilder};

use super::super::writing::{Output, whole_cues};
use super::columns::Columns;
use super::layout::{Rows, has_quoting};
use super::needs_guard;
use super::times::Unit;
use crate::time::CueTime;
use crate::transcript::{Cue, Transcript};

/// A table on its way out.
pub(super) struct Table<'a> {
    transcript: &'a Transcript,
    key: &'static str,
    separator: u8,
    headings: Vec<String>,
    columns: Columns,
}

impl<'a> Table<'a> {
    /// With the columns of the table that was read, and those it had not.
    pub fn new(transcript: &'a Transcript, key: &'static str, separators: &[u8]) -> Self {
        let kept = transcript.kept.as_deref().filter(|kept| kept.format == key);
        let header = kept.map_or("", |kept| kept.head.as_str());
        let known = separators.iter().find_map(|&separator| {
            let row = Rows::new(header, separator, key != "tsv" || has_quoting(header, separator)).next()?;
            Some((
                separator,
                Columns::of_header(&row)?,
                row.iter().map(str::to_owned).collect(),
            ))
        });
        let has_speakers = !transcript.speakers.is_empty();
        let (separator, columns, headings) = known.unwrap_or_else(|| {
            let names: &[&str] = if has_speakers {
                &["start", "end", "speaker", "text"]
            } else {
                &["start", "end", "text"]
            };
            let columns = Columns {
                end: Some(1),
                speaker: has_speakers.then_some(2),
                text: names.len() - 1,
                count: names.len(),
                ..Columns::default()
            };
            let separator = if key == "tsv" { b'\t' } else { b',' };
            (separator, columns, names.iter().map(|&name| name.to_owned()).collect())
        });
        let mut table = Self {
            transcript,
            key,
            separator,
            headings,
            columns,
        };
        if table.columns.end.is_none() && table.columns.duration.is_none() {
            table.columns.end = Some(table.headings.len());
            table.headings.push("end".to_owned());
        }
        if table.columns.speaker.is_none() && has_speakers {
            table.columns.speaker = Some(table.headings.len());
            table.headings.push("speaker".to_owned());
        }
        table
    }

    /// Writes it. Between tabs cells stand as they are, as Whisper's do, unless they cannot, or could be misread.
    pub fn write(&self, out: &mut Output) {
        let is_flat = |cue: &Cue| !cue.text.contains(['\t', '\n']);
        if self.key == "tsv" && self.transcript.cues.iter().all(is_flat) {
            let written = self.written(QuoteStyle::Never);
            if !has_quoting(&written, self.separator) {
                return out.text(&written);
            }
        }
        out.text(&self.written(QuoteStyle::Necessary));
    }

    fn written(&self, quoting: QuoteStyle) -> String {
        let mut writer = WriterBuilder::new()
            .delimiter(self.separator)
            .quote_style(quoting)
            .terminator(Terminator::Any(b'\n'))
            .from_writer(Vec::new());
        // Writing into memory does not fail.
        writer.write_record(&self.headings).ok();
        let mut cells: Vec<String> = Vec::new();
        for whole in whole_cues(self.transcript, self.key) {
            for cue in whole.cues {
                cells.clear();
                cells.resize(self.headings.len(), String::new());
                self.fill(cue, whole.extra(), &mut cells);
                writer.write_record(&cells).ok();
            }
        }
        let bytes = writer.into_inner().unwrap_or_default();
        String::from_utf8(bytes).unwrap_or_default()
    }

    fn fill(&self, cue: &Cue, extra: Option<&str>, cells: &mut [String]) {
        let columns = &self.columns;
        if let Some(others) = extra.and_then(|extra| Rows::new(extra, b',', true).next()) {
            let places = (0..columns.count).filter(|place| !columns.knows(*place));
            for (place, other) in places.zip(&others) {
                put(cells, Some(place), other.to_owned());
            }
        }
        let name = self.transcript.speaker_name(cue.speaker).unwrap_or("");
        put(cells, Some(columns.start), self.time(cue.span.start));
        put(cells, columns.end, self.time(cue.span.end));
        // Where the table has an end, too, the length follows it.
        put(cells, columns.duration, self.time(CueTime::ZERO + cue.span.length()));
        put(cells, columns.speaker, self.cell(name));
        put(cells, Some(columns.text), self.cell(&cue.text));
    }

    fn time(&self, time: CueTime) -> String {
        let millis = (time.as_micros().max(0).saturating_add(500)) / 1_000;
        // Frames are seldom whole milliseconds.
        let fraction = format!(".{:06}", time.as_micros().max(0) % 1_000_000);
        let fraction = fraction.strip_suffix("000").unwrap_or(&fraction);
        let seconds = time.as_micros().max(0) / 1_000_000;
        match self.columns.unit {
            Some(Unit::Seconds) => format!("{seconds}{fraction}"),
            Some(Unit::Millis) => millis.to_string(),
            None if self.key == "tsv" => millis.to_string(),
            None => format!(
                "{:02}:{:02}:{:02}{fraction}",
                seconds / 3_600,
                seconds / 60 % 60,
                seconds % 60
            ),
        }
    }

    fn cell(&self, text: &str) -> String {
        let guard = if self.key != "tsv" && needs_guard(text) {
            "'"
        } else {
            ""
        };
        format!("{guard}{text}")
    }
}

fn put(cells: &mut [String], place: Option<usize>, text: String) {
    if let Some(cell) = place.and_then(|place| cells.get_mut(place)) {
        *cell = text;
    }
}
