//! Time codes as people and programs write them: `1:02:03`, `62:03.5`, `3723`, `1h2m3s`.

use super::TimeDelta;

/// Why a text is not a time code.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("expected a time like 1:02:03, 62:03.5, 3723 or 1h2m3s, found {found:?}")]
pub struct TimecodeError {
    /// What was typed.
    pub found: String,
}

/// Reads a time code typed by a person: `h:mm:ss.fff`, `m:ss`, plain seconds, or `1h2m3.5s`.
///
/// The result counts from the clock's zero. Minutes may exceed 59 (`62:03`), a comma may stand for the point.
pub fn parse_timecode(text: &str) -> Result<TimeDelta, TimecodeError> {
    let trimmed = text.trim();
    let (negative, body) = match trimmed.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, trimmed),
    };
    let body = body.replace(',', ".").to_ascii_lowercase();
    let parsed = if body.contains(['h', 'm', 's']) {
        parse_units(&body)
    } else {
        parse_colons(&body)
    };
    match parsed {
        Some(secs) if secs.is_finite() => Ok(if negative {
            -TimeDelta::from_secs_f64(secs)
        } else {
            TimeDelta::from_secs_f64(secs)
        }),
        _ => Err(TimecodeError { found: text.to_owned() }),
    }
}

fn parse_colons(body: &str) -> Option<f64> {
    let parts: Vec<&str> = body.split(':').collect();
    let (last, whole) = parts.split_last()?;
    if whole.len() > 2 {
        return None;
    }
    let mut secs = 0.0;
    for part in whole {
        secs = (secs + f64::from(part.parse::<u32>().ok()?)) * 60.0;
    }
    Some(secs + parse_decimal(last)?)
}

fn parse_units(body: &str) -> Option<f64> {
    let mut rest = body.trim();
    let mut secs = 0.0;
    let mut last_unit = f64::INFINITY;
    while !rest.is_empty() {
        let end = rest.find(|c: char| !c.is_ascii_digit() && c != '.')?;
        let (number, tail) = rest.split_at(end);
        let mut chars = tail.chars();
        let unit = match chars.next()? {
            'h' => 3600.0,
            'm' => 60.0,
            's' => 1.0,
            _ => return None,
        };
        if unit >= last_unit {
            return None;
        }
        last_unit = unit;
        secs += parse_decimal(number)? * unit;
        rest = chars.as_str().trim_start();
    }
    Some(secs)
}

/// A plain decimal number; refuses the exponents, signs and names that `f64::from_str` takes.
fn parse_decimal(text: &str) -> Option<f64> {
    let plain = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit() || b == b'.');
    if plain { text.parse().ok() } else { None }
}

/// `1:02:03` or `2:03`, without a fraction, as shown beside the text. Rounds down.
pub fn format_clock(since_zero: TimeDelta) -> String {
    let micros = since_zero.as_micros();
    let sign = if micros < 0 { "-" } else { "" };
    let secs = micros.unsigned_abs() / 1_000_000;
    let (hours, minutes, seconds) = (secs / 3600, secs / 60 % 60, secs % 60);
    if hours > 0 {
        format!("{sign}{hours}:{minutes:02}:{seconds:02}")
    } else {
        format!("{sign}{minutes}:{seconds:02}")
    }
}

/// `1:02:03.4` or `2:03.4`. Rounds down.
pub fn format_clock_tenths(since_zero: TimeDelta) -> String {
    let tenths = since_zero.as_micros().unsigned_abs() / 100_000 % 10;
    format!("{}.{tenths}", format_clock(since_zero))
}

/// `00:02:03.456`, the form of WebVTT and of the exports; `point` is `.` or `,`. Negative times are shown as zero.
pub fn format_hms_millis(since_zero: TimeDelta, point: char) -> String {
    let mut out = String::with_capacity(16);
    push_hms_millis(since_zero, point, &mut out);
    out
}

/// Adds what [`format_hms_millis`] gives to a text: writers do so for each of a million times.
pub fn push_hms_millis(since_zero: TimeDelta, point: char, out: &mut String) {
    let millis = (since_zero.as_micros().max(0).unsigned_abs() + 500) / 1_000;
    let hours = millis / 3_600_000;
    if hours >= 100 {
        out.push_str(&(hours / 100).to_string());
    }
    push_two_digits(hours % 100, out);
    out.push(':');
    push_two_digits(millis / 60_000 % 60, out);
    out.push(':');
    push_two_digits(millis / 1_000 % 60, out);
    out.push(point);
    out.push(digit(millis / 100));
    push_two_digits(millis % 100, out);
}

fn push_two_digits(number: u64, out: &mut String) {
    out.push(digit(number / 10));
    out.push(digit(number));
}

/// The last digit of a number.
fn digit(number: u64) -> char {
    char::from(b'0' + (number % 10) as u8)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn time_codes_of_every_shape_are_read() {
        for (text, millis) in [
            ("1:02:03", 3_723_000),
            ("62:03", 3_723_000),
            ("62:03.5", 3_723_500),
            ("3723", 3_723_000),
            ("0.25", 250),
            ("1h2m3s", 3_723_000),
            ("1h 2m", 3_720_000),
            ("90s", 90_000),
            (" 00:00:01,500 ", 1_500),
            ("-2", -2_000),
        ] {
            assert_eq!(parse_timecode(text), Ok(TimeDelta::from_millis(millis)), "{text}");
        }
    }

    #[test]
    fn what_is_no_time_is_refused() {
        for text in [
            "", "abc", "1:2:3:4", "1e5", "inf", "nan", "1m2h", "1:", "::", "+5", "5x",
        ] {
            assert!(parse_timecode(text).is_err(), "{text}");
        }
    }

    #[test]
    fn time_codes_are_written() {
        let t = TimeDelta::from_millis(3_723_456);
        assert_eq!(format_clock(t), "1:02:03");
        assert_eq!(format_clock_tenths(t), "1:02:03.4");
        assert_eq!(format_hms_millis(t, ','), "01:02:03,456");
        assert_eq!(
            format_hms_millis(TimeDelta::from_millis(1_234 * 3_600_000 + 59_007), '.'),
            "1234:00:59.007"
        );
        assert_eq!(format_clock(TimeDelta::from_millis(62_900)), "1:02");
        assert_eq!(format_clock(TimeDelta::from_millis(-1_500)), "-0:01");
    }
}
