//! The times of TTML: <https://www.w3.org/TR/ttml2/>, section 12.3 for how they are written, appendix H.4 for what
//! frames and drop frames mean.
//!
//! | written | means |
//! |---|---|
//! | `01:02:03.25` | a clock with a fraction |
//! | `01:02:03:10`, `01:02:03:10.1` | a clock with frames, and sub-frames |
//! | `62.5s`, `1.5h`, `2m`, `500ms`, `300f`, `12000t` | an offset in its unit |
//! | `62.5`, `1:02.5` | Apple's: seconds, and a clock without hours |

use crate::format::stamp::read_time;
use crate::format::tags::Tag;
use crate::time::{CueTime, TimeDelta};

/// No recording is a million hours long; so nothing downstream can overflow.
const LONGEST_SECS: f64 = 1e6 * 3_600.0;

/// What the times of a file count.
#[derive(Debug, Clone)]
pub(super) struct Clock {
    /// How many frames a time code counts for a second.
    nominal_rate: f64,
    /// How many frames a second really has.
    rate: f64,
    sub_frames: f64,
    ticks: f64,
    drop: Drop,
    /// Whether a clock is a count of frames that runs at the frames' own speed (`ttp:timeBase="smpte"`).
    counts_frames: bool,
    /// Whether the file, or a person, tells how many frames make a second.
    is_told: bool,
    /// Whether a time in frames was read.
    pub met_frames: bool,
}

/// Which frame numbers a time code leaves out, so that it keeps up with a clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Drop {
    None,
    Ntsc,
    Pal,
}

impl Clock {
    /// By the parameters of the outermost tag; `asked` is what a person says of the frames.
    pub fn of(root: &Tag<'_>, asked: Option<f64>) -> Self {
        let asked = asked.filter(|rate| rate.is_finite() && *rate >= 1.0);
        let number = |name: &str| {
            let value: Option<f64> = root.get(name)?.trim().parse().ok();
            value.filter(|value| value.is_finite() && *value >= 1.0)
        };
        let told = number("frameRate");
        // Section 7.2.6: 30 where nothing is said.
        let nominal_rate = told.or(asked).unwrap_or(30.0);
        let multiplier = root.get("frameRateMultiplier");
        let rate = nominal_rate * multiplier.and_then(|text| ratio(&text)).unwrap_or(1.0);
        let sub_frames = number("subFrameRate").unwrap_or(1.0);
        // Section 7.2.14: without a tick rate a tick is a sub-frame, and a second where no frame rate is told either.
        let ticks = number("tickRate").unwrap_or(told.map_or(1.0, |rate| rate * sub_frames));
        Self {
            nominal_rate,
            rate,
            sub_frames,
            ticks,
            drop: match root.get("dropMode").as_deref() {
                Some("dropNTSC") => Drop::Ntsc,
                Some("dropPAL") => Drop::Pal,
                _ => Drop::None,
            },
            counts_frames: root.get("timeBase").as_deref() == Some("smpte"),
            is_told: told.or(asked).is_some(),
            met_frames: false,
        }
    }

    /// The frames a second, times 1000, where times in frames were read and nobody told how many there are.
    pub fn assumed(&self) -> Option<u32> {
        (self.met_frames && !self.is_told).then_some((self.rate * 1e3).round() as u32)
    }

    /// Whether `01:02:03.250` means what it says on any clock.
    pub fn is_plain(&self) -> bool {
        !self.counts_frames
    }

    /// Reads a time.
    pub fn read(&mut self, text: &str) -> Option<TimeDelta> {
        let text = text.trim();
        // What nearly every file writes: `00:00:01.234`.
        if !self.counts_frames
            && text.as_bytes().get(8) == Some(&b'.')
            && let Some(stamp) = read_time(text.as_bytes()).filter(|stamp| stamp.length == 12 && text.len() == 12)
        {
            return Some(stamp.time - CueTime::ZERO);
        }
        let (negative, text) = text.strip_prefix('-').map_or((false, text), |rest| (true, rest));
        let seconds = if text.contains(':') {
            self.clock(text)?
        } else {
            self.offset(text)?
        };
        let seconds = seconds.min(LONGEST_SECS);
        Some(TimeDelta::from_secs_f64(if negative { -seconds } else { seconds }))
    }

    fn offset(&mut self, text: &str) -> Option<f64> {
        let unit_at = text
            .find(|c: char| !c.is_ascii_digit() && c != '.' && c != ',')
            .unwrap_or(text.len());
        let (number, unit) = text.split_at_checked(unit_at)?;
        let number = decimal(number)?;
        Some(match unit.trim() {
            "h" => number * 3_600.0,
            "m" => number * 60.0,
            "s" | "" => number,
            "ms" => number / 1e3,
            "t" => number / self.ticks,
            "f" => {
                self.met_frames = true;
                number / self.rate
            }
            _ => return None,
        })
    }

    fn clock(&mut self, text: &str) -> Option<f64> {
        let mut parts = text.split([':', ';']);
        let (first, second) = (parts.next()?, parts.next()?);
        let (third, frames) = (parts.next(), parts.next());
        if parts.next().is_some() {
            return None;
        }
        let (hours, minutes, seconds) = match third {
            Some(third) => (whole(first)?, whole(second)?, decimal(third)?),
            None => (0.0, whole(first)?, decimal(second)?),
        };
        let seconds = hours * 3_600.0 + minutes * 60.0 + seconds;
        let frames = match frames {
            None => 0.0,
            Some(frames) => {
                self.met_frames = true;
                let (whole_frames, sub_frames) = frames.split_once('.').unwrap_or((frames, "0"));
                whole(whole_frames)? + whole(sub_frames)? / self.sub_frames
            }
        };
        if !self.counts_frames {
            return Some(seconds + frames / self.rate);
        }
        let dropped = match self.drop {
            Drop::None => 0.0,
            Drop::Ntsc => (hours * 54.0 + minutes - (minutes / 10.0).floor()) * 2.0,
            Drop::Pal => (hours * 27.0 + (minutes / 2.0).floor() - (minutes / 20.0).floor()) * 4.0,
        };
        Some((seconds * self.nominal_rate - dropped + frames) / self.rate)
    }
}

/// `1000 1001`, or `1000:1001` as the first drafts had it.
fn ratio(text: &str) -> Option<f64> {
    let mut parts = text.split([' ', ':']).filter(|part| !part.is_empty());
    let above = whole(parts.next()?)?;
    let below = parts.next().map_or(Some(1.0), whole)?;
    (above >= 1.0 && below >= 1.0).then_some(above / below)
}

/// Digits; however many, the number is finite.
fn whole(text: &str) -> Option<f64> {
    const MOST: f64 = 1e15;
    if text.is_empty() || !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let add = |value: f64, digit: u8| (value * 10.0 + f64::from(digit - b'0')).min(MOST);
    Some(text.bytes().fold(0.0, add))
}

/// Digits with a fraction, after a point or (as in SubRip) a comma.
fn decimal(text: &str) -> Option<f64> {
    let Some((before, after)) = text.split_once(['.', ',']) else {
        return whole(text);
    };
    // Beyond the ninth digit nothing is left to be told.
    let kept = after.get(..9).unwrap_or(after);
    let fraction = if after.is_empty() { 0.0 } else { whole(kept)? };
    let rest = after.get(kept.len()..).unwrap_or("");
    let scale = 10_f64.powi(i32::try_from(kept.len()).unwrap_or(0));
    rest.bytes()
        .all(|byte| byte.is_ascii_digit())
        .then_some(whole(before)? + fraction / scale)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn micros(root: &str, text: &str) -> Option<i64> {
        Clock::of(&Tag::of(root), None).read(text).map(TimeDelta::as_micros)
    }

    #[test]
    fn every_time_expression_is_read() {
        let root = r#"<tt ttp:frameRate="25" ttp:subFrameRate="2" ttp:tickRate="10000">"#;
        for (text, expected) in [
            ("01:02:03", 3_723_000_000),
            ("00:00:01.25", 1_250_000),
            ("100:00:00.5", 360_000_500_000),
            ("00:00:01:05", 1_200_000),
            ("00:00:01:05.1", 1_220_000),
            ("1.5h", 5_400_000_000),
            ("2m", 120_000_000),
            ("62.5s", 62_500_000),
            ("500ms", 500_000),
            ("50f", 2_000_000),
            ("15000t", 1_500_000),
            ("1:02.5", 62_500_000),
            ("62.5", 62_500_000),
            ("00:00:01,500", 1_500_000),
            ("-1s", -1_000_000),
        ] {
            assert_eq!(micros(root, text), Some(expected), "{text}");
        }
        for text in [
            "",
            "s",
            "1x",
            "::",
            "a:b:c",
            "1:2:3:4:5",
            "wallclock(\"2026-11-02\")",
            "1.5.5s",
            "5 s x",
        ] {
            assert_eq!(micros(root, text), None, "{text}");
        }
    }

    #[test]
    fn rates_are_those_of_the_outermost_tag() {
        let film = r#"<tt ttp:frameRate="24" ttp:frameRateMultiplier="1000 1001">"#;
        assert_eq!(micros(film, "24f"), Some(1_001_000));
        assert_eq!(micros(film, "48t"), Some(2_000_000));
        assert_eq!(micros("<tt>", "30f"), Some(1_000_000));
        assert_eq!(micros("<tt>", "2t"), Some(2_000_000));
        let tape = r#"<tt ttp:timeBase="smpte" ttp:frameRate="30" ttp:frameRateMultiplier="1000 1001" ttp:dropMode="dropNTSC">"#;
        // An hour of drop-frame time code is an hour but for a frame's fraction.
        assert_eq!(micros(tape, "01:00:00:00"), Some(3_599_996_400));
        assert_eq!(micros(tape, "3600s"), Some(3_600_000_000));
    }

    #[test]
    fn numbers_without_measure_stay_finite() {
        let digits = "9".repeat(100_000);
        let most = Some(LONGEST_SECS as i64 * 1_000_000);
        for text in [
            format!("{digits}:00:00"),
            format!("{digits}h"),
            format!("{digits}.{digits}s"),
        ] {
            assert_eq!(micros("<tt>", &text), most);
        }
        assert_eq!(
            micros(r#"<tt ttp:frameRate="0" ttp:tickRate="NaN">"#, "60f"),
            Some(2_000_000)
        );
    }
}
