//! Which of the plain caption formats a text keeps to, told by how most of its time lines look.
//!
//! SubRip, SBV, SubViewer, MPL2, MicroDVD, LRC and text with time codes differ in nothing but the look of a line, and
//! a line of one may stand in another as speech. So it is never the first line that decides but what most of them are.

use super::stamp::{read_pair, read_time, skip_blanks};

/// So much of a text is looked at.
const LOOKED_AT: usize = 1 << 16;

/// How a line with a time looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shape {
    /// `00:00:01,000 --> 00:00:02,000`
    Arrow,
    /// `0:00:01.000,0:00:02.000`
    Sbv,
    /// `00:00:01.00,00:00:02.00`
    SubViewer,
    /// `[10][25]text`
    Mpl2,
    /// `{10}{25}text`
    MicroDvd,
    /// `[00:01.00]text`
    Lrc,
}

const ALL: [Shape; 6] = [
    Shape::Arrow,
    Shape::Sbv,
    Shape::SubViewer,
    Shape::Mpl2,
    Shape::MicroDvd,
    Shape::Lrc,
];

/// The shape that most time lines of a text have, the first of two that tie.
pub(super) fn of(text: &str) -> Option<Shape> {
    let mut counts = [0_usize; ALL.len()];
    for line in beginning(text).lines() {
        if let Some(shape) = of_line(line)
            && let Some(count) = counts.get_mut(shape as usize)
        {
            *count += 1;
        }
    }
    let most = counts.into_iter().max().filter(|count| *count > 0)?;
    ALL.into_iter()
        .zip(counts)
        .find(|(_, count)| *count == most)
        .map(|(shape, _)| shape)
}

/// As much of a text as is looked at to tell its format.
pub(super) fn beginning(text: &str) -> &str {
    text.get(..text.floor_char_boundary(LOOKED_AT)).unwrap_or(text)
}

fn of_line(line: &str) -> Option<Shape> {
    let line = line.trim_start_matches(|c: char| c.is_whitespace() || c == '\u{feff}');
    match line.as_bytes().first()? {
        b'[' if numbers(line, b'[', b']').is_some() => Some(Shape::Mpl2),
        b'[' => has_lyric_stamp(line).map(|()| Shape::Lrc),
        b'{' => numbers(line, b'{', b'}').map(|_| Shape::MicroDvd),
        b'0'..=b'9' | b'-' => match read_pair(line) {
            Some(pair) if pair.fraction_digits == 3 => Some(Shape::Sbv),
            Some(_) => Some(Shape::SubViewer),
            None => {
                let first = read_time(line.as_bytes())?;
                let rest = line.get(skip_blanks(line.as_bytes(), first.length)..)?;
                let is_arrow = ["->", "–>", "→"].iter().any(|arrow| rest.starts_with(arrow));
                (is_arrow || rest.starts_with("-->")).then_some(Shape::Arrow)
            }
        },
        _ => None,
    }
}

/// Two numbers in brackets at the start of a line, and the bytes they take: `[10][25]`, `{10}{}`. The second may be
/// missing.
pub(super) fn numbers(line: &str, open: u8, close: u8) -> Option<(f64, Option<f64>, usize)> {
    let bytes = line.as_bytes();
    let (first, at) = number(bytes, 0, open, close)?;
    let (second, at) = number(bytes, at, open, close)?;
    first.map(|first| (first, second, at))
}

/// A number in brackets, none where nothing stands between them; and the place after.
fn number(bytes: &[u8], at: usize, open: u8, close: u8) -> Option<(Option<f64>, usize)> {
    let rest = bytes.get(at..)?.strip_prefix(&[open])?;
    let minus = usize::from(rest.first() == Some(&b'-'));
    let digits = rest.get(minus..)?;
    let count = digits.iter().take_while(|byte| byte.is_ascii_digit()).count();
    if digits.get(count) != Some(&close) || minus == 1 && count == 0 {
        return None;
    }
    // Beyond all measure it is infinite, and a time made of it is the latest there is.
    let value = digits
        .get(..count)?
        .iter()
        .fold(0.0, |value: f64, digit| value * 10.0 + f64::from(digit - b'0'));
    let value = if minus == 1 { -value } else { value };
    Some(((count > 0).then_some(value), at + minus + count + 2))
}

/// Whether a line begins with `[mm:ss.xx]`, the way lyrics are timed and hardly anything else.
fn has_lyric_stamp(line: &str) -> Option<()> {
    let inside = line.strip_prefix('[')?;
    let end = inside.bytes().take(24).position(|byte| byte == b']')?;
    let (minutes, rest) = inside.get(..end)?.split_once(':')?;
    let (seconds, fraction) = rest.split_once('.')?;
    let is_number = |text: &str, most| (1..=most).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit());
    let fits = is_number(minutes, 9) && is_number(seconds, 2) && is_number(fraction, 3);
    fits.then_some(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_of_every_shape_are_told_apart() {
        for (line, expected) in [
            ("00:00:01,000 --> 00:00:02,000", Some(Shape::Arrow)),
            ("0:00:01.000,0:00:02.000", Some(Shape::Sbv)),
            ("00:00:01.00,00:00:02.00", Some(Shape::SubViewer)),
            ("[10][25]Hi", Some(Shape::Mpl2)),
            ("[10][]Hi", Some(Shape::Mpl2)),
            ("{10}{25}Hi", Some(Shape::MicroDvd)),
            ("[00:01.00]Hi", Some(Shape::Lrc)),
            ("[00:00:01] Hi", None),
            ("[1] a note", None),
            ("[1][sic]", None),
            ("0:12 Hi", None),
            ("1", None),
        ] {
            assert_eq!(of_line(line), expected, "{line}");
        }
    }

    #[test]
    fn most_lines_decide() {
        assert_eq!(
            of("{1}{2}a\n0:00:01.000,0:00:02.000\nx\n\n0:00:03.000,0:00:04.000\ny"),
            Some(Shape::Sbv)
        );
        assert_eq!(of("nothing\nat all"), None);
    }

    #[test]
    fn numbers_of_any_length_are_read() {
        assert_eq!(numbers("{1}{}x", b'{', b'}'), Some((1.0, None, 5)));
        assert_eq!(numbers("[-5][7]x", b'[', b']'), Some((-5.0, Some(7.0), 7)));
        let long = format!("[{}][2]x", "9".repeat(1_000));
        assert_eq!(numbers(&long, b'[', b']').map(|(first, ..)| first), Some(f64::INFINITY));
    }
}
