//! Times as caption files write them, and the time lines made of two of them with an arrow between.
//!
//! Scanning goes by bytes and looks at each a bounded number of times, so a file of one long line costs no more than
//! any other. SubRip has no description to hold to; what is accepted here is what players and converters write.

use memchr::memchr3;

use crate::time::CueTime;

/// No recording is a million hours long; beyond that a time is cut, and nothing downstream can overflow.
const MAX_MICROS: u64 = 1_000_000 * 3_600 * 1_000_000;

/// The latest time that is read, for formats that write plain numbers.
pub(super) const LATEST: CueTime = CueTime::from_micros(MAX_MICROS as i64);

/// A time read from a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Stamp {
    /// The time.
    pub time: CueTime,
    /// How many bytes it takes.
    pub length: usize,
    /// Whether it has hours or a fraction, so that it can hardly be the time of an appointment.
    pub precise: bool,
    /// Whether minutes and seconds are below 60.
    pub in_range: bool,
    /// The digits of the first number.
    pub first_digits: usize,
}

/// The time so many seconds after zero, cut like the times that are read.
pub(super) fn time_at(seconds: f64) -> CueTime {
    let most = MAX_MICROS as f64 / 1e6;
    CueTime::from_secs_f64(seconds.clamp(-most, most))
}

/// Reads a time at the start of `bytes`: `[-][h+:]m+:ss[.fff]`, the fraction also after `,` or `:`.
///
/// Some web players write `.` for `,`, YouTube drops the hours, some editors the fraction or its zeros (`1,5` is one
/// and a half seconds). Digits of the fraction beyond microseconds are dropped.
pub(super) fn read_time(bytes: &[u8]) -> Option<Stamp> {
    if let Some(stamp) = read_usual_time(bytes) {
        return Some(stamp);
    }
    let minus = if bytes.first() == Some(&b'-') {
        1
    } else if bytes.starts_with("−".as_bytes()) {
        "−".len()
    } else {
        0
    };
    let first = read_number(bytes, minus)?;
    let second = read_number(bytes, after(bytes, first.end, b":")?)?;
    if second.digits > 2 {
        return None;
    }
    let third = after(bytes, second.end, b":").and_then(|at| read_number(bytes, at));
    let (seconds, mut end, in_range) = match third {
        Some(third) if third.digits <= 2 => {
            let seconds = first
                .value
                .saturating_mul(3_600)
                .saturating_add(second.value * 60 + third.value);
            (seconds, third.end, second.value < 60 && third.value < 60)
        }
        // `mm:ss:mmm`
        _ => (
            first.value.saturating_mul(60).saturating_add(second.value),
            second.end,
            second.value < 60,
        ),
    };
    let fraction = after(bytes, end, b".,:").and_then(|at| read_fraction(bytes, at));
    if let Some((_, fraction_end)) = fraction {
        end = fraction_end;
    }
    let micros = seconds
        .saturating_mul(1_000_000)
        .saturating_add(fraction.map_or(0, |(micros, _)| micros));
    let micros = micros.min(MAX_MICROS) as i64;
    Some(Stamp {
        time: CueTime::from_micros(if minus > 0 { -micros } else { micros }),
        length: end,
        precise: fraction.is_some() || third.is_some(),
        in_range,
        first_digits: first.digits,
    })
}

/// The form nearly every time has, `00:01:02,345`, read in one go.
fn read_usual_time(bytes: &[u8]) -> Option<Stamp> {
    let &[
        h1,
        h2,
        b':',
        m1,
        m2,
        b':',
        s1,
        s2,
        b',' | b'.',
        f1,
        f2,
        f3,
        ref rest @ ..,
    ] = bytes
    else {
        return None;
    };
    let digits = [h1, h2, m1, m2, s1, s2, f1, f2, f3];
    if !digits.iter().all(u8::is_ascii_digit) || rest.first().is_some_and(u8::is_ascii_digit) {
        return None;
    }
    let value = |tens: u8, ones: u8| i64::from(tens - b'0') * 10 + i64::from(ones - b'0');
    let (minutes, seconds) = (value(m1, m2), value(s1, s2));
    let millis = i64::from(f1 - b'0') * 100 + value(f2, f3);
    Some(Stamp {
        time: CueTime::from_millis(((value(h1, h2) * 60 + minutes) * 60 + seconds) * 1_000 + millis),
        length: 12,
        precise: true,
        in_range: minutes < 60 && seconds < 60,
        first_digits: 2,
    })
}

#[derive(Clone, Copy)]
struct Number {
    value: u64,
    digits: usize,
    end: usize,
}

fn read_number(bytes: &[u8], at: usize) -> Option<Number> {
    let digits = bytes.get(at..)?.iter().take_while(|byte| byte.is_ascii_digit());
    let (mut value, mut count) = (0_u64, 0_usize);
    for digit in digits {
        value = value.saturating_mul(10).saturating_add(u64::from(digit - b'0'));
        count += 1;
    }
    (count > 0).then_some(Number {
        value,
        digits: count,
        end: at + count,
    })
}

fn read_fraction(bytes: &[u8], at: usize) -> Option<(u64, usize)> {
    let number = read_number(bytes, at)?;
    let leading = bytes.get(at..number.end)?.iter().take(6);
    let micros = leading
        .zip([100_000, 10_000, 1_000, 100, 10, 1])
        .map(|(d, unit)| u64::from(d - b'0') * unit)
        .sum();
    Some((micros, number.end))
}

/// The place after `at` when one of `marks` stands there.
fn after(bytes: &[u8], at: usize, marks: &[u8]) -> Option<usize> {
    marks.contains(bytes.get(at)?).then_some(at + 1)
}

/// Two times with a comma between, alone on their line: YouTube's SBV and SubViewer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Pair {
    /// When the cue begins.
    pub start: CueTime,
    /// When it ends.
    pub end: CueTime,
    /// How many digits the fraction of the first time has.
    pub fraction_digits: usize,
}

/// Reads a line that is nothing but two times with a comma between.
pub(super) fn read_pair(line: &str) -> Option<Pair> {
    const LONGEST: usize = 80;
    let line = line.trim_matches(|c: char| c.is_whitespace() || c == '\u{feff}');
    if line.len() > LONGEST || !line.starts_with(|c: char| c.is_ascii_digit() || matches!(c, '-' | '−')) {
        return None;
    }
    let whole = |text: &str| {
        let text = text.trim();
        read_time(text.as_bytes()).filter(|stamp| stamp.length == text.len())
    };
    // A comma may part a time from its fraction as well: the one that leaves two whole times is meant.
    line.match_indices(',').find_map(|(at, _)| {
        let (first, second) = (line.get(..at)?, line.get(at + 1..)?);
        let (start, end) = (whole(first)?, whole(second)?);
        let fraction = first
            .trim()
            .rsplit(['.', ','])
            .next()
            .filter(|_| first.contains(['.', ',']));
        Some(Pair {
            start: start.time,
            end: end.time,
            fraction_digits: fraction.map_or(0, str::len),
        })
    })
}

/// Reads a plain number that is all of `text`, a point or a comma before its fraction; never one that is not finite.
pub(super) fn read_decimal(text: &str) -> Option<f64> {
    let text = text.trim();
    let digit = text.bytes().find(u8::is_ascii_digit);
    let number: f64 = match (digit, text.split_once(',')) {
        // Rust's own reader takes "inf" and "nan", too.
        (None, _) => return None,
        (_, None) => text.parse().ok()?,
        (_, Some((whole, fraction))) => format!("{whole}.{fraction}").parse().ok()?,
    };
    number.is_finite().then_some(number)
}

/// Seconds with six digits of fraction, as Audacity and Praat write them.
pub(super) fn in_seconds(time: CueTime) -> String {
    let micros = time.as_micros().max(0);
    format!("{}.{:06}", micros / 1_000_000, micros % 1_000_000)
}

/// Two times with an arrow between, and where they stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct TimeLine {
    /// Where the first time begins, in bytes.
    pub from: usize,
    /// Where the settings that may follow the second time begin.
    pub settings: usize,
    /// Where the text may begin: after the second time and its settings.
    pub to: usize,
    /// When the cue begins.
    pub start: CueTime,
    /// When it ends.
    pub end: CueTime,
    /// So many digits stand directly before `from`: a cue number that lost the line break after it.
    pub glued: usize,
    /// Whether nothing but blanks stands before it on its line.
    pub at_line_start: bool,
    /// Whether the time code before it on the line could not be read: where that stands.
    pub rejected: Option<usize>,
}

/// All time lines of a text, in order.
pub(super) struct TimeLines<'a> {
    bytes: &'a [u8],
    /// Where to look on.
    at: usize,
    /// Where the time line before ended: nothing before belongs to the next.
    floor: usize,
    /// An arrow since then that no two times surround.
    rejected: Option<usize>,
}

impl<'a> TimeLines<'a> {
    /// Scans a text.
    pub fn new(text: &'a str) -> Self {
        Self::starting_at(text, 0)
    }

    /// Scans a text from a place on.
    pub fn starting_at(text: &'a str, from: usize) -> Self {
        Self {
            bytes: text.as_bytes(),
            at: from,
            floor: from,
            rejected: None,
        }
    }

    /// An arrow after the last time line that no two times surround.
    pub fn rejected(&self) -> Option<usize> {
        self.rejected
    }

    /// The time line around the arrow `[from, to)`.
    fn around(&self, from: usize, to: usize) -> Option<TimeLine> {
        let end_of_first = skip_blanks_back(self.bytes, from, self.floor);
        let mut first_at = end_of_first;
        while first_at > self.floor && is_time_byte(*self.bytes.get(first_at - 1)?) {
            first_at -= 1;
        }
        while first_at < end_of_first && !self.bytes.get(first_at)?.is_ascii_digit() {
            first_at += 1;
        }
        let negative = first_at > self.floor && self.bytes.get(first_at - 1) == Some(&b'-');
        let first_bytes = self.bytes.get(first_at - usize::from(negative)..end_of_first)?;
        let mut first = read_time(first_bytes).filter(|stamp| stamp.length == first_bytes.len())?;
        let second_at = skip_blanks(self.bytes, to);
        let second = read_time(self.bytes.get(second_at..)?)?;
        // `2600:01:17,880` is the number 26 before its time: the second time tells how many digits the hours have.
        let mut glued = 0;
        if !negative && second.first_digits >= 2 && first.first_digits > second.first_digits {
            glued = first.first_digits - second.first_digits;
            first = read_time(first_bytes.get(glued..)?)?;
        }
        let settings = second_at + second.length;
        let line_to = settings + settings_length(self.bytes.get(settings..)?);
        let line_from = first_at - usize::from(negative) + glued;
        let at_line_start = is_at_line_start(self.bytes, line_from, self.floor);
        let alone = at_line_start
            && self
                .bytes
                .get(skip_blanks(self.bytes, line_to))
                .is_none_or(|&b| b == b'\n');
        // "from 10:30 -> 11:00 we had lunch" is speech.
        (alone || first.precise && second.precise).then_some(TimeLine {
            from: line_from,
            settings,
            to: line_to,
            start: first.time,
            end: second.time,
            glued,
            at_line_start,
            rejected: self.rejected,
        })
    }
}

impl Iterator for TimeLines<'_> {
    type Item = TimeLine;

    fn next(&mut self) -> Option<TimeLine> {
        loop {
            let head = find_arrow_head(self.bytes, self.at)?;
            self.at = head + 1;
            let Some((from, to)) = arrow_at(self.bytes, head, self.floor) else {
                continue;
            };
            self.at = to;
            if let Some(line) = self.around(from, to) {
                self.at = line.to;
                self.floor = line.to;
                self.rejected = None;
                return Some(line);
            }
            self.rejected.get_or_insert(from);
        }
    }
}

/// The next byte that may be an arrow's head: that of `>`, of `&gt;`, or the first of `→`.
fn find_arrow_head(bytes: &[u8], from: usize) -> Option<usize> {
    memchr3(b'>', b'&', 0xE2, bytes.get(from..)?).map(|at| from + at)
}

/// The arrow whose head stands at `head`: `-->`, `->`, `–>`, `-- >`, `→`, and `--&gt;` as web pages leave it.
fn arrow_at(bytes: &[u8], head: usize, floor: usize) -> Option<(usize, usize)> {
    let rest = bytes.get(head..)?;
    if rest.starts_with("→".as_bytes()) {
        return Some((head, head + "→".len()));
    }
    let to = if rest.starts_with(b">") {
        head + 1
    } else if rest.starts_with(b"&gt;") {
        head + 4
    } else {
        return None;
    };
    let before = bytes.get(floor..head)?;
    let shaft_to = before.strip_suffix(b" ").unwrap_or(before);
    let mut shaft = shaft_to;
    while let Some(shorter) = strip_dash(shaft) {
        shaft = shorter;
    }
    (shaft.len() < shaft_to.len()).then_some((floor + shaft.len(), to))
}

fn strip_dash(bytes: &[u8]) -> Option<&[u8]> {
    // En dash, em dash, minus sign: word processors make them of hyphens.
    ["-", "=", "–", "—", "−"]
        .iter()
        .find_map(|dash| bytes.strip_suffix(dash.as_bytes()))
}

fn is_time_byte(byte: u8) -> bool {
    byte.is_ascii_digit() || matches!(byte, b':' | b'.' | b',')
}

/// The first place from `at` on where no blank stands. A no-break space counts as one, a line break does not.
pub(super) fn skip_blanks(bytes: &[u8], mut at: usize) -> usize {
    loop {
        match bytes.get(at..) {
            Some([b' ' | b'\t', ..]) => at += 1,
            Some([0xC2, 0xA0, ..]) => at += 2,
            _ => return at,
        }
    }
}

fn skip_blanks_back(bytes: &[u8], mut at: usize, floor: usize) -> usize {
    while let Some(before) = bytes.get(floor..at) {
        match before {
            [.., b' ' | b'\t'] => at -= 1,
            [.., 0xC2, 0xA0] => at -= 2,
            _ => break,
        }
    }
    at
}

fn is_at_line_start(bytes: &[u8], at: usize, floor: usize) -> bool {
    let start = skip_blanks_back(bytes, at, floor);
    start == 0 || bytes.get(start - 1) == Some(&b'\n')
}

/// The length of the settings that begin `bytes`, with the blanks before them: WebVTT's `align:start`, SubRip's
/// `X1:040 X2:600`. Only these, since text may follow where line breaks were lost.
fn settings_length(bytes: &[u8]) -> usize {
    const KEYS: [&[u8]; 10] = [
        b"align:",
        b"line:",
        b"position:",
        b"region:",
        b"size:",
        b"vertical:",
        b"X1:",
        b"X2:",
        b"Y1:",
        b"Y2:",
    ];
    let mut end = 0;
    loop {
        let token_at = skip_blanks(bytes, end);
        let token = bytes.get(token_at..).unwrap_or_default();
        let Some(key) = KEYS.iter().find(|key| token.starts_with(key)) else {
            return end;
        };
        // The end of a token is looked for in a setting only: where all blanks are no-break spaces, a text has few.
        let ends =
            |rest: &[u8]| matches!(rest, [byte, ..] if byte.is_ascii_whitespace()) || rest.starts_with(&[0xC2, 0xA0]);
        let value = token.get(key.len()..).unwrap_or_default();
        let length = (0..value.len())
            .find(|&at| value.get(at..).is_some_and(ends))
            .unwrap_or(value.len());
        if token_at == end || length == 0 {
            return end;
        }
        end = token_at + key.len() + length;
    }
}

/// Counts lines on the way through a text.
pub(super) struct LineCounter<'a> {
    bytes: &'a [u8],
    at: usize,
    line: u32,
}

impl<'a> LineCounter<'a> {
    /// Begins at line 1.
    pub fn new(text: &'a str) -> Self {
        Self {
            bytes: text.as_bytes(),
            at: 0,
            line: 1,
        }
    }

    /// The line of a place; places are asked for in order.
    pub fn line_at(&mut self, at: usize) -> u32 {
        if let Some(passed) = self.bytes.get(self.at..at) {
            // In pieces whose breaks a byte can count: so the compiler counts many at once.
            let count = |piece: &[u8]| {
                piece
                    .iter()
                    .fold(0_u8, |breaks, &byte| breaks + u8::from(byte == b'\n'))
            };
            let breaks = passed.chunks(255).map(|piece| u32::from(count(piece))).sum();
            self.line = self.line.saturating_add(breaks);
            self.at = at;
        }
        self.line
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn millis(text: &str) -> Option<(i64, usize)> {
        read_time(text.as_bytes()).map(|stamp| (stamp.time.as_micros() / 1_000, stamp.length))
    }

    #[test]
    fn times_of_every_shape_are_read() {
        for (text, expected) in [
            ("00:01:02,345", (62_345, 12)),
            ("00:01:02.345 and on", (62_345, 12)),
            ("1:2:3", (3_723_000, 5)),
            ("01:02,5", (62_500, 7)),
            ("01:02,05", (62_050, 8)),
            ("100:00:00,000", (360_000_000, 13)),
            ("00:00:01,123456789", (1_123, 18)),
            ("00:00:01:500", (1_500, 12)),
            ("01:02:345", (62_345, 9)),
            ("-00:00:01,000", (-1_000, 13)),
            ("12:03, then", (723_000, 5)),
            ("62:03", (3_723_000, 5)),
        ] {
            assert_eq!(millis(text), Some(expected), "{text}");
        }
        for text in ["", "12", ":12", "12:", "a1:02", "1:234", "--1:02"] {
            assert_eq!(millis(text), None, "{text}");
        }
    }

    #[test]
    fn a_time_of_a_million_digits_is_cut() {
        let text = format!("{}:00:00,000", "9".repeat(1_000_000));
        assert_eq!(
            read_time(text.as_bytes()).map(|stamp| stamp.time.as_micros()),
            Some(MAX_MICROS as i64)
        );
    }

    #[test]
    fn pairs_with_a_comma_are_whole_lines() {
        for (text, expected) in [
            ("0:00:01.000,0:00:04.000", Some((1_000, 4_000, 3))),
            (" 00:00:01.50, 00:00:04.00 ", Some((1_500, 4_000, 2))),
            ("0:00:01,0:00:04", Some((1_000, 4_000, 0))),
            ("0:00:01,5,0:00:04,5", Some((1_500, 4_500, 1))),
            ("0:00:01.000,0:00:04.000 Hi", None),
            ("0:00:01.000,", None),
            ("1,2", None),
        ] {
            let millis = |time: CueTime| time.as_micros() / 1_000;
            let pair = read_pair(text).map(|pair| (millis(pair.start), millis(pair.end), pair.fraction_digits));
            assert_eq!(pair, expected, "{text}");
        }
    }

    #[test]
    fn plain_numbers_are_finite() {
        for (text, expected) in [("12", 12.0), (" 1,5 ", 1.5), ("-0.25", -0.25), ("1e3", 1_000.0)] {
            assert_eq!(read_decimal(text), Some(expected), "{text}");
        }
        for text in ["", "inf", "NaN", "1e999", "1,2,3", "1:02", "ten", "0x10"] {
            assert_eq!(read_decimal(text), None, "{text}");
        }
        assert_eq!(in_seconds(CueTime::from_micros(754_200_001)), "754.200001");
    }

    fn lines(text: &str) -> Vec<(&str, &str)> {
        TimeLines::new(text)
            .map(|line| (&text[line.from..line.to], &text[line.to..]))
            .collect()
    }

    #[test]
    fn arrows_of_every_shape_are_seen() {
        for arrow in [
            "-->",
            " --> ",
            "->",
            "–>",
            " –-> ",
            "—>",
            " → ",
            "--&gt;",
            "-- >",
            "\u{a0}-->\u{a0}",
            "\t-->\t",
        ] {
            let text = format!("00:00:01,000{arrow}00:00:02,000\nHi");
            assert_eq!(TimeLines::new(&text).count(), 1, "{arrow:?}");
        }
    }

    #[test]
    fn settings_belong_to_the_line_and_text_does_not() {
        assert_eq!(
            lines("00:01.000 --> 00:02.000 align:start position:0% Speaker 1: Hi"),
            [("00:01.000 --> 00:02.000 align:start position:0%", " Speaker 1: Hi")]
        );
        assert_eq!(
            lines("0:00:01,0 --> 0:00:02,0  X1:040 Y1:1\nHi")[0].0,
            "0:00:01,0 --> 0:00:02,0  X1:040 Y1:1"
        );
        // Also where no-break spaces are all the blanks there are.
        assert_eq!(
            lines("00:01.000 --> 00:02.000\u{a0}align:start\u{a0}Hi\u{a0}there"),
            [("00:01.000 --> 00:02.000\u{a0}align:start", "\u{a0}Hi\u{a0}there")]
        );
    }

    #[test]
    fn speech_is_no_time_line() {
        for text in [
            "go from A --> B",
            "from 10:30 -> 11:00 we ate",
            "it was 10:30 -> then",
            "<i>12:00</i> 13:00",
        ] {
            assert_eq!(TimeLines::new(text).count(), 0, "{text}");
        }
    }

    #[test]
    fn a_glued_number_is_told_from_the_hours() {
        let line = TimeLines::new("the end2600:01:17,880 --> 00:01:20,319Next")
            .next()
            .expect("a line");
        assert_eq!((line.glued, line.start.as_micros()), (2, 77_880_000));
        let line = TimeLines::new("100:00:00,000 --> 100:00:01,000")
            .next()
            .expect("a line");
        assert_eq!((line.glued, line.start.as_micros()), (0, 360_000_000_000));
    }
}
