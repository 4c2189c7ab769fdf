//! The times of a table's cells, and what they count: told apart over the whole column, since a single `1200` may be
//! milliseconds or twenty minutes.

use super::super::stamp::{read_decimal, read_time};
use super::super::{WarningKind, Warnings};
use super::columns::Columns;
use crate::time::{CueTime, TimeDelta};

/// Nobody says more letters in a second; a column that would have it so does not count milliseconds.
const LETTERS_A_SECOND: f64 = 60.0;
/// Whisper's own table always counts milliseconds, so more must speak against it: words crowded into an instant do not.
const LETTERS_A_SECOND_IN_WHISPERS: f64 = 1_000.0;

/// What plain numbers count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Unit {
    Seconds,
    Millis,
}

/// The time in a cell, as far as the cell tells it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum CellTime {
    /// A number of whatever the column counts.
    Plain(f64),
    /// `0:12`, `00:00:12.345`, `12.3s`.
    Exact(CueTime),
    /// `00:00:12:15`: the last is a frame. With semicolons, as Premiere writes them, the count leaves frames out to
    /// keep step with the clock (SMPTE ST 12-1, drop frame).
    Frames { seconds: u64, frame: u64, drops: bool },
}

/// Reads a cell that is a time and nothing else.
pub(super) fn read_cell(cell: &str) -> Option<CellTime> {
    let cell = cell.trim();
    let inside = |open, close| cell.strip_prefix(open)?.strip_suffix(close);
    let cell = inside('[', ']').or_else(|| inside('(', ')')).unwrap_or(cell).trim();
    if let Some(time) = read_frames(cell) {
        return Some(time);
    }
    if let Some(stamp) = read_time(cell.as_bytes()).filter(|stamp| stamp.length == cell.len()) {
        return Some(CellTime::Exact(stamp.time));
    }
    if let Some(number) = read_decimal(cell) {
        return Some(CellTime::Plain(number));
    }
    let (number, factor) = match cell.strip_suffix("ms") {
        Some(number) => (number, 1e-3),
        None => (cell.strip_suffix('s')?, 1.0),
    };
    read_decimal(number).map(|number| CellTime::Exact(CueTime::from_secs_f64(number * factor)))
}

/// Four numbers, the last of at most two digits: three are milliseconds.
fn read_frames(cell: &str) -> Option<CellTime> {
    let mut parts = cell.split([':', ';']);
    let mut next = |longest: usize| {
        let part = parts.next()?;
        let is_number = (1..=longest).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_digit());
        is_number.then(|| part.parse::<u64>().ok())?
    };
    let (hours, minutes, seconds, frame) = (next(6)?, next(2)?, next(2)?, next(2)?);
    parts.next().is_none().then_some(CellTime::Frames {
        seconds: hours * 3_600 + minutes * 60 + seconds,
        frame,
        drops: cell.contains(';'),
    })
}

/// What the times of a table count.
#[derive(Debug, Clone, Copy)]
pub(super) struct Scale {
    unit: Unit,
    frame_rate: f64,
}

impl Scale {
    /// The time of a cell by itself, for comparing it with others of its column.
    pub fn default_time(time: CellTime) -> CueTime {
        let scale = Self {
            unit: Unit::Seconds,
            frame_rate: 25.0,
        };
        scale.time(time)
    }

    /// The time on the transcript's clock.
    pub fn time(self, time: CellTime) -> CueTime {
        match time {
            CellTime::Exact(time) => time,
            CellTime::Plain(number) => match self.unit {
                Unit::Seconds => CueTime::from_secs_f64(number),
                Unit::Millis => CueTime::from_secs_f64(number / 1e3),
            },
            CellTime::Frames {
                seconds,
                frame,
                drops: true,
            } => CueTime::from_secs_f64(seconds as f64 + frame as f64 / self.frame_rate),
            CellTime::Frames { seconds, frame, .. } => {
                let frames = seconds as f64 * self.frame_rate.round() + frame as f64;
                CueTime::from_secs_f64(frames / self.frame_rate)
            }
        }
    }

    /// The length a cell tells.
    pub fn length(self, time: CellTime) -> TimeDelta {
        self.time(time) - CueTime::ZERO
    }
}

/// Looks at all times of a table before any is read.
#[derive(Debug, Default)]
pub(super) struct Survey {
    letters: f64,
    units: f64,
    has_fraction: bool,
    has_numbers: bool,
    has_frames: bool,
    drops: bool,
    highest_frame: u64,
    before: Option<(f64, f64)>,
}

impl Survey {
    /// Takes a row in: its start, its end or length, and how many letters are said.
    pub fn row(&mut self, start: Option<CellTime>, end: Option<CellTime>, length: Option<CellTime>, letters: usize) {
        for time in [start, end, length].into_iter().flatten() {
            match time {
                CellTime::Plain(number) => {
                    self.has_numbers = true;
                    self.has_fraction |= number.fract() != 0.0;
                }
                CellTime::Frames { frame, drops, .. } => {
                    self.has_frames = true;
                    self.drops |= drops;
                    self.highest_frame = self.highest_frame.max(frame);
                }
                CellTime::Exact(_) => {}
            }
        }
        let Some(CellTime::Plain(start)) = start else { return };
        let letters = letters as f64;
        let lasts = match (end, length) {
            (Some(CellTime::Plain(end)), _) => Some(end - start),
            (_, Some(CellTime::Plain(length))) => Some(length),
            _ => None,
        };
        if let Some((from, said)) = self.before.take()
            && start > from
        {
            self.letters += said;
            self.units += start - from;
        }
        match lasts {
            Some(lasts) if lasts > 0.0 => {
                self.letters += letters;
                self.units += lasts;
            }
            Some(_) => {}
            None => self.before = Some((start, letters)),
        }
    }

    /// What the times count.
    pub fn scale(&self, columns: &Columns, frame_rate: Option<f64>, warnings: &mut Warnings) -> Scale {
        let known = frame_rate.filter(|rate| rate.is_finite() && *rate > 0.0);
        let rate = known.unwrap_or_else(|| self.likely_frame_rate());
        if self.has_frames && known.is_none() {
            let assumed = (rate * 1e3).round() as u32;
            warnings.push(0, WarningKind::FrameRate { assumed });
        }
        Scale {
            unit: columns.unit.unwrap_or_else(|| self.likely_unit(columns.are_whispers)),
            frame_rate: rate,
        }
    }

    fn likely_unit(&self, are_whispers: bool) -> Unit {
        let most = if are_whispers {
            LETTERS_A_SECOND_IN_WHISPERS
        } else {
            LETTERS_A_SECOND
        };
        let as_millis = self.letters / self.units * 1e3;
        if self.has_fraction || !self.has_numbers || self.units <= 0.0 || as_millis > most {
            Unit::Seconds
        } else {
            Unit::Millis
        }
    }

    /// The lowest usual rate that has the highest frame.
    fn likely_frame_rate(&self) -> f64 {
        match self.highest_frame {
            50.. => 60.0,
            30.. => 50.0,
            _ if self.drops => 30_000.0 / 1_001.0,
            25.. => 30.0,
            _ => 25.0,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn unit(rows: &[(f64, f64, usize)]) -> Unit {
        let mut survey = Survey::default();
        for &(start, end, letters) in rows {
            survey.row(Some(CellTime::Plain(start)), Some(CellTime::Plain(end)), None, letters);
        }
        survey.likely_unit(false)
    }

    #[test]
    fn seconds_are_told_from_milliseconds_by_how_much_is_said() {
        assert_eq!(unit(&[(0.0, 4.0, 50), (4.0, 9.0, 60)]), Unit::Seconds);
        assert_eq!(unit(&[(0.0, 4_000.0, 50), (4_000.0, 9_000.0, 60)]), Unit::Millis);
        assert_eq!(unit(&[(0.0, 4.25, 1)]), Unit::Seconds);
        assert_eq!(unit(&[(0.0, 300.0, 40), (300.0, 600.0, 30)]), Unit::Seconds);
    }

    #[test]
    fn cells_of_every_shape() {
        let seconds = |cell| read_cell(cell).map(|time| Scale::default_time(time).as_secs_f64());
        for (cell, expected) in [
            ("12", 12.0),
            ("1,5", 1.5),
            (" 0:12 ", 12.0),
            ("[00:00:12.345]", 12.345),
            ("00:00:12:150", 12.15),
            ("00:00:12:05", 12.2),
            ("00;00;12;05", 12.2),
            ("12.5s", 12.5),
            ("850ms", 0.85),
        ] {
            assert_eq!(seconds(cell), Some(expected), "{cell}");
        }
        for cell in ["", "soon", "0:12 Hi", "1e999", "nan", "12:", "s", "2026-11-02"] {
            assert_eq!(seconds(cell), None, "{cell}");
        }
    }
}
