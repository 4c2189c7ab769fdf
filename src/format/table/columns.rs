//! What the columns of a table are for: by their headings, else by what stands in them.

use csv::StringRecord;

use super::super::speakers::name_form;
use super::times::{Scale, Unit, read_cell};

/// The places of the columns that are understood.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Columns {
    pub start: usize,
    pub end: Option<usize>,
    pub duration: Option<usize>,
    pub text: usize,
    pub speaker: Option<usize>,
    /// What plain numbers count, where a heading tells.
    pub unit: Option<Unit>,
    /// How many columns there are.
    pub count: usize,
    /// Whether there are headings.
    pub have_headings: bool,
    /// Whether the headings are those of Whisper's table.
    pub are_whispers: bool,
}

/// More columns than these are no transcript.
const MOST_COLUMNS: usize = 100;

/// Headings as programs and people write them, in lower case, without blanks and signs; the surest first.
const START: &str = "\
    start starttime begin begintime starttimecode starttimestamp begintimecode timecodein timein intime tcin recordin \
    startat onset in from timecode timestamp time tc anfang beginn startzeit von début debut inicio イン点 開始 開始時間 \
    开始 开始时间 начало";
const END: &str = "\
    end endtime stop stoptime finish endtimecode endtimestamp timecodeout timeout outtime tcout recordout endat offset \
    out to until ende endzeit bis fin final アウト点 終了 終了時間 结束 结束时间 конец";
const DURATION: &str = "duration dur length len dauer durée duree duración duracion";
const TEXT: &str = "\
    text transcript transcription transcripttext segmenttext caption captions subtitle subtitles sentence utterance \
    dialogue dialog speech content body segment line words word untertitel texte texto 文字起こし テキスト 文本 текст \
    comment label name marker markername description notes";
const SPEAKER: &str = "\
    speaker speakername speakerlabel speakerid speakers who name character actor participant sprecher sprecherin \
    locuteur hablante orador 話者 说话人 спикер";
const WHISPERS: [&str; 4] = ["start", "end", "speaker", "text"];

impl Columns {
    /// By the headings; none where they tell no start or no text.
    pub fn of_header(record: &StringRecord) -> Option<Self> {
        if record.len() > MOST_COLUMNS {
            return None;
        }
        let mut units = Vec::new();
        let mut headings: Vec<String> = Vec::with_capacity(record.len());
        for cell in record {
            let (heading, unit) = heading(cell);
            headings.push(heading);
            units.push(unit);
        }
        let mut taken = vec![false; headings.len()];
        let mut find = |list: &str| {
            let place = list.split_whitespace().find_map(|word| {
                let is_it = |(heading, taken): (&String, &bool)| heading == word && !taken;
                headings.iter().zip(&taken).position(is_it)
            });
            if let Some(taken) = place.and_then(|place| taken.get_mut(place)) {
                *taken = true;
            }
            place
        };
        let start = find(START)?;
        let (end, duration) = (find(END), find(DURATION));
        let (text, speaker) = (find(TEXT)?, find(SPEAKER));
        let is_whispers = |heading: &String| WHISPERS.contains(&heading.as_str());
        Some(Self {
            start,
            end,
            duration,
            text,
            speaker,
            unit: units.get(start).copied().flatten(),
            count: headings.len(),
            have_headings: true,
            are_whispers: end.is_some() && headings.iter().all(is_whispers),
        })
    }

    /// By what stands in them, where there are no headings: two columns of times, or one of time codes, and the last
    /// that is none is the text.
    pub fn of_rows(rows: &[StringRecord]) -> Option<Self> {
        let count = rows.iter().map(StringRecord::len).min()?;
        // `[00:01,5 --> 00:02,5] text` has commas, too.
        let has_arrow = |row: &StringRecord| row.iter().any(|cell| cell.contains("-->"));
        if count > MOST_COLUMNS || rows.first().is_some_and(has_arrow) {
            return None;
        }
        let all = |place: usize, is: fn(&str) -> bool| {
            rows.iter()
                .filter_map(|row| row.get(place))
                .all(|cell| cell.trim().is_empty() || is(cell))
        };
        let any = |place: usize| {
            rows.iter()
                .filter_map(|row| row.get(place))
                .any(|cell| !cell.trim().is_empty())
        };
        let is_time = |place: &usize| any(*place) && all(*place, |cell| read_cell(cell).is_some());
        let times: Vec<usize> = (0..count.min(16)).filter(is_time).collect();
        let text = (0..count).rev().find(|place| !times.contains(place) && any(*place))?;
        let (start, end) = match *times.as_slice() {
            // `1,0.0,2.5,Hi`: the rows are numbered.
            [number, start, end, ..] if is_counted(rows, number) => (start, Some(end)),
            [start, end, ..] => (start, Some(end)),
            [start] if rows.len() > 1 && all(start, |cell| cell.contains(':')) => (start, None),
            _ => return None,
        };
        if !are_in_order(rows, start, end) {
            return None;
        }
        let is_speaker = |place: &usize| {
            !times.contains(place)
                && *place != text
                && any(*place)
                && all(*place, |cell| name_form(cell.trim()).is_some())
        };
        Some(Self {
            start,
            end,
            text,
            speaker: (0..count).find(is_speaker),
            count,
            ..Self::default()
        })
    }

    /// Headings for columns that had none, where there are others than those understood.
    pub fn made_up_header(&self, separator: u8) -> String {
        let heading = |place: usize| match place {
            _ if place == self.start => "start".to_owned(),
            _ if place == self.text => "text".to_owned(),
            _ if self.end == Some(place) => "end".to_owned(),
            _ if self.speaker == Some(place) => "speaker".to_owned(),
            _ => format!("column {}", place + 1),
        };
        let headings: Vec<String> = (0..self.count).map(heading).collect();
        if (0..self.count).all(|place| self.knows(place)) {
            String::new()
        } else {
            headings.join(&char::from(separator).to_string())
        }
    }

    /// Whether a column is one of those understood.
    pub fn knows(&self, place: usize) -> bool {
        place == self.start || place == self.text || [self.end, self.duration, self.speaker].contains(&Some(place))
    }
}

/// Whether no row ends before it begins, and hardly any begins before the one above: tables of numbers are many.
fn are_in_order(rows: &[StringRecord], start: usize, end: Option<usize>) -> bool {
    let time = |row: &StringRecord, place: usize| row.get(place).and_then(read_cell).map(Scale::default_time);
    let ends_after = |row: &StringRecord| {
        let (start, end) = (time(row, start), end.and_then(|end| time(row, end)));
        end.is_none() || start <= end
    };
    let falls = |pair: &[StringRecord]| match pair {
        [above, below] => time(above, start) > time(below, start),
        _ => false,
    };
    let falls = rows.windows(2).filter(|pair| falls(pair)).count();
    rows.iter().all(ends_after) && falls * 5 <= rows.len()
}

/// Whether a column counts the rows.
fn is_counted(rows: &[StringRecord], place: usize) -> bool {
    let mut numbers = rows.iter().map(|row| row.get(place)?.trim().parse::<u64>().ok());
    let Some(Some(first @ 0..=1)) = numbers.next() else {
        return false;
    };
    rows.len() > 1 && numbers.zip(first + 1..).all(|(number, due)| number == Some(due))
}

/// A heading as the lists have it, and the unit it tells: `Start Time (ms)`, `start_secs`.
fn heading(cell: &str) -> (String, Option<Unit>) {
    // "Note: in, out" is prose, and so is the line of formats in an ASS file.
    if cell.len() > 60 || cell.contains(':') {
        return (String::new(), None);
    }
    let lower = cell.to_lowercase();
    let mut words: Vec<&str> = lower
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .collect();
    let unit_of = |word: &str| match word {
        "ms" | "msec" | "msecs" | "millis" | "milliseconds" => Some(Unit::Millis),
        "s" | "sec" | "secs" | "seconds" => Some(Unit::Seconds),
        _ => None,
    };
    let mut unit = words.last().and_then(|word| unit_of(word));
    if unit.is_some() {
        words.pop();
    }
    let mut heading = words.concat();
    if unit.is_none()
        && let Some(stem) = heading
            .strip_suffix("ms")
            .filter(|stem| START.split(' ').any(|word| word == *stem))
    {
        unit = Some(Unit::Millis);
        heading = stem.to_owned();
    }
    (heading, unit)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of_header(cells: &[&str]) -> Option<[Option<usize>; 5]> {
        let columns = Columns::of_header(&StringRecord::from(cells.to_vec()))?;
        Some([
            Some(columns.start),
            columns.end,
            columns.duration,
            Some(columns.text),
            columns.speaker,
        ])
    }

    #[test]
    fn headings_of_every_wording() {
        for (cells, expected) in [
            (&["start", "end", "text"][..], [Some(0), Some(1), None, Some(2), None]),
            (
                &["Speaker Name", "Start Time", "End Time", "Text"],
                [Some(1), Some(2), None, Some(3), Some(0)],
            ),
            (
                &["Name", "Start", "Duration", "Time Format", "Type", "Description"],
                [Some(1), None, Some(2), Some(0), None],
            ),
            (
                &["Timecode", "Speaker", "Transcript", "Notes"],
                [Some(0), None, None, Some(2), Some(1)],
            ),
            (
                &["Anfang (s)", "Ende (s)", "Sprecher", "Text"],
                [Some(0), Some(1), None, Some(3), Some(2)],
            ),
            (&["In", "Out", "Caption"], [Some(0), Some(1), None, Some(2), None]),
        ] {
            assert_eq!(of_header(cells), Some(expected), "{cells:?}");
        }
        for cells in [
            &["Hello", "world"][..],
            &["Format: Layer", "Begin at", "Stop", "Texts"],
            &["text"],
        ] {
            assert_eq!(of_header(cells), None, "{cells:?}");
        }
    }

    #[test]
    fn a_heading_tells_its_unit() {
        for (cell, expected) in [
            ("Start Time (ms)", ("starttime", Some(Unit::Millis))),
            ("start_secs", ("start", Some(Unit::Seconds))),
            ("startMs", ("start", Some(Unit::Millis))),
            ("Start", ("start", None)),
        ] {
            let (heading, unit) = heading(cell);
            assert_eq!((heading.as_str(), unit), expected, "{cell}");
        }
    }
}
