//! Mistakes of writing in JSON that can be put right without a loss.

/// A copy in which what Python and others write beside the rule is put right: `NaN` and `Infinity` become `null`,
/// lone halves of characters `\ufffd`, control characters inside strings blanks, commas before a closing bracket go.
pub(super) fn mend(text: &str) -> Option<String> {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    let mut in_string = false;
    let mut changed = false;
    while let Some(c) = rest.chars().next() {
        let mut length = c.len_utf8();
        if in_string {
            match c {
                '\\' => {
                    let (piece, taken) = mended_escape(rest);
                    changed |= rest.get(..taken) != Some(piece.as_str());
                    out.push_str(&piece);
                    length = taken;
                }
                c if c < ' ' => {
                    changed = true;
                    out.push(' ');
                }
                _ => {
                    in_string = c != '"';
                    out.push(c);
                }
            }
        } else if let Some(word) = ["NaN", "-Infinity", "Infinity"]
            .iter()
            .find(|word| rest.starts_with(**word))
        {
            changed = true;
            out.push_str("null");
            length = word.len();
        } else if let Some(length_of_number) = number_beyond_all(rest, &out) {
            changed = true;
            out.push_str("null");
            length = length_of_number;
        } else if c == ','
            && rest
                .get(1..)
                .is_some_and(|rest| rest.trim_start().starts_with(['}', ']']))
        {
            changed = true;
        } else {
            in_string = c == '"';
            out.push(c);
        }
        rest = rest.get(length..).unwrap_or("");
    }
    changed.then_some(out)
}

/// The length of a number at the start of `rest` that no `f64` holds: `1e999`.
fn number_beyond_all(rest: &str, before: &str) -> Option<usize> {
    let is_part = |b: &u8| b.is_ascii_digit() || matches!(b, b'-' | b'+' | b'.' | b'e' | b'E');
    if !rest.starts_with(|c: char| c == '-' || c.is_ascii_digit()) || before.as_bytes().last().is_some_and(is_part) {
        return None;
    }
    let length = rest.bytes().take_while(|byte| is_part(byte)).count();
    let number: f64 = rest.get(..length)?.parse().ok()?;
    number.is_infinite().then_some(length)
}

/// The escape at the start of `rest`, right, and the bytes it takes there.
fn mended_escape(rest: &str) -> (String, usize) {
    let unit = |at: usize| {
        let digits = rest.get(at..at + 6)?.strip_prefix("\\u")?;
        u16::from_str_radix(digits, 16).ok()
    };
    match rest.as_bytes().get(1) {
        Some(b'u') => match (unit(0), unit(6)) {
            (Some(0xd800..=0xdbff), Some(0xdc00..=0xdfff)) => (rest.get(..12).unwrap_or("").to_owned(), 12),
            (Some(0xd800..=0xdfff), _) => ("\\ufffd".to_owned(), 6),
            (Some(_), _) => (rest.get(..6).unwrap_or("").to_owned(), 6),
            (None, _) => ("\\\\u".to_owned(), 2),
        },
        Some(b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't') => (rest.get(..2).unwrap_or("").to_owned(), 2),
        _ => ("\\\\".to_owned(), 1),
    }
}
