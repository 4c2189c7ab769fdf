//! Bytes → text: which encoding a file is written in, and whether it is text at all.
//!
//! In the order of certainty: a byte order mark, zero bytes in the pattern of UTF-16, strict UTF-8, UTF-8 with a few
//! broken places, what an XML declaration says, and last a guess among the encodings of before Unicode. Line ends become `\n` here, so that no
//! parser has to know of the others.

use std::borrow::Cow;

use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE};

use super::{ReadError, WarningKind, Warnings};

/// Encodings a person may choose among, the likeliest first, with whose they are.
pub const ENCODINGS: &[(&str, &str)] = &[
    ("UTF-8", "most files"),
    ("windows-1252", "Western Europe"),
    ("windows-1250", "Central Europe"),
    ("windows-1251", "Cyrillic"),
    ("KOI8-R", "Russian"),
    ("windows-1253", "Greek"),
    ("windows-1254", "Turkish"),
    ("windows-1255", "Hebrew"),
    ("windows-1256", "Arabic"),
    ("windows-1257", "Baltic"),
    ("windows-1258", "Vietnamese"),
    ("windows-874", "Thai"),
    ("Shift_JIS", "Japanese"),
    ("EUC-JP", "Japanese"),
    ("gb18030", "Chinese, simplified"),
    ("Big5", "Chinese, traditional"),
    ("EUC-KR", "Korean"),
    ("UTF-16LE", "Windows"),
    ("UTF-16BE", ""),
];
/// So many bytes decide which encoding it is, and whether it is text.
const SAMPLE: usize = 1 << 16;
/// The detector compares dozens of encodings and is slow; so many bytes are plenty for it.
const GUESS_SAMPLE: usize = 1 << 20;
/// Files that people pick by mistake, by their first bytes: archives and office files, PDF, pictures, sound.
const BINARY_HEADS: [&[u8]; 12] = [
    b"PK\x03\x04",
    b"%PDF-",
    b"\x89PNG",
    b"\xff\xd8\xff",
    b"GIF8",
    b"ID3",
    b"RIFF",
    b"OggS",
    b"fLaC",
    b"\x7fELF",
    b"\x1f\x8b",
    b"\x1aE\xdf\xa3",
];

/// A file's text and the encoding it was in.
pub(super) struct Decoded<'a> {
    /// The text, without a byte order mark, all line ends `\n`.
    pub text: Cow<'a, str>,
    /// The encoding's WHATWG name.
    pub encoding: &'static str,
}

/// Decodes a file, as the encoding of that label if one is given; refuses what is no text.
pub(super) fn decode<'a>(
    bytes: &'a [u8],
    label: Option<&str>,
    warnings: &mut Warnings,
) -> Result<Decoded<'a>, ReadError> {
    if let Some(label) = label {
        let Some(encoding) = Encoding::for_label(label.as_bytes()) else {
            let label = label.to_owned();
            return Err(ReadError::UnknownEncoding { label });
        };
        let bytes = Encoding::for_bom(bytes)
            .filter(|(marked, _)| *marked == encoding)
            .and_then(|(_, length)| bytes.get(length..))
            .unwrap_or(bytes);
        let (text, _) = decode_as(encoding, bytes, warnings);
        return Ok(Decoded {
            text: with_plain_line_ends(text),
            encoding: encoding.name(),
        });
    }
    if BINARY_HEADS.iter().any(|head| bytes.starts_with(head)) {
        return Err(ReadError::Binary);
    }
    let (text, encoding) = match Encoding::for_bom(bytes) {
        Some((encoding, bom)) => decode_as(encoding, bytes.get(bom..).unwrap_or_default(), warnings),
        None => match utf16_by_zeros(bytes) {
            Some(encoding) => decode_as(encoding, bytes, warnings),
            None => match std::str::from_utf8(bytes) {
                Ok(text) => (Cow::Borrowed(text), UTF_8),
                Err(_) if is_damaged_utf8(bytes) => decode_as(UTF_8, bytes, warnings),
                Err(_) if declared(bytes).is_some() => decode_as(declared(bytes).unwrap_or(UTF_8), bytes, warnings),
                Err(_) => {
                    let encoding = guess(bytes);
                    warnings.push(
                        0,
                        WarningKind::GuessedEncoding {
                            encoding: encoding.name(),
                        },
                    );
                    decode_as(encoding, bytes, warnings)
                }
            },
        },
    };
    if is_junk(&text) {
        return Err(ReadError::Binary);
    }
    Ok(Decoded {
        text: with_plain_line_ends(text),
        encoding: encoding.name(),
    })
}

fn decode_as<'a>(
    encoding: &'static Encoding,
    bytes: &'a [u8],
    warnings: &mut Warnings,
) -> (Cow<'a, str>, &'static Encoding) {
    let (text, broken) = encoding.decode_without_bom_handling(bytes);
    if broken {
        let count = text.matches(char::REPLACEMENT_CHARACTER).count();
        warnings.push(0, WarningKind::UndecodableBytes { count });
    }
    (text, encoding)
}

/// UTF-16 without a mark shows by its zero bytes: the upper halves of digits, blanks and Latin letters, all on the
/// same side. Even a Chinese transcript has its time codes in digits.
fn utf16_by_zeros(bytes: &[u8]) -> Option<&'static Encoding> {
    let sample = bytes.get(..SAMPLE).unwrap_or(bytes);
    let (mut even, mut odd) = (0_usize, 0_usize);
    for pair in sample.chunks_exact(2) {
        even += usize::from(pair.first() == Some(&0));
        odd += usize::from(pair.last() == Some(&0));
    }
    let many = |zeros: usize| zeros * 10 >= sample.len() / 2 && zeros > 1;
    let few = |zeros: usize| zeros * 100 <= sample.len() / 2;
    match (even, odd) {
        (even, odd) if few(even) && many(odd) => Some(UTF_16LE),
        (even, odd) if many(even) && few(odd) => Some(UTF_16BE),
        _ => None,
    }
}

/// Whether a text that is not quite UTF-8 is UTF-8 all the same: many good multi-byte characters for each bad byte.
/// A cut file or one bad merge must not turn every accent into two signs.
fn is_damaged_utf8(bytes: &[u8]) -> bool {
    let (mut good, mut bad) = (0_usize, 0_usize);
    for chunk in bytes.utf8_chunks() {
        good += chunk.valid().chars().filter(|c| !c.is_ascii()).count();
        bad += usize::from(!chunk.invalid().is_empty());
    }
    good >= bad.saturating_mul(10)
}

/// The encoding that an XML declaration names, where it could be true: in UTF-8 the text is not, and in UTF-16 the
/// declaration could not be read like this.
fn declared(bytes: &[u8]) -> Option<&'static Encoding> {
    const LONGEST: usize = 200;
    let head = bytes.get(..LONGEST).unwrap_or(bytes);
    let declaration = head.strip_prefix(b"<?xml")?.split(|&byte| byte == b'>').next()?;
    let declaration = String::from_utf8_lossy(declaration);
    let (_, behind) = declaration.split_once("encoding")?;
    let mut quoted = behind.split(['"', '\'']);
    let label = quoted.nth(1)?;
    let encoding = Encoding::for_label(label.as_bytes())?;
    (encoding != UTF_8 && encoding.is_ascii_compatible()).then_some(encoding)
}

fn guess(bytes: &[u8]) -> &'static Encoding {
    let sample = bytes.get(..GUESS_SAMPLE).unwrap_or(bytes);
    let mut detector = EncodingDetector::new(Iso2022JpDetection::Allow);
    detector.feed(sample, sample.len() == bytes.len());
    detector.guess(None, Utf8Detection::Deny)
}

/// Whether decoding gave what no text holds: control characters, zeros, replacement characters in number.
fn is_junk(text: &str) -> bool {
    let (mut junk, mut all) = (0_usize, 0_usize);
    for c in text.chars().take(SAMPLE) {
        let is_text = !c.is_control() || matches!(c, '\t' | '\n' | '\r' | '\u{b}' | '\u{c}' | '\u{1a}' | '\u{85}');
        junk += usize::from(!is_text || c == char::REPLACEMENT_CHARACTER);
        all += 1;
    }
    junk.saturating_mul(20) > all
}

/// `\r\n`, `\r` and `\r\r\n` (a file converted twice) become `\n`.
fn with_plain_line_ends(text: Cow<'_, str>) -> Cow<'_, str> {
    if !text.as_bytes().contains(&b'\r') {
        return text;
    }
    let mut plain = String::with_capacity(text.len());
    let mut rest = &*text;
    while let Some(at) = rest.find('\r') {
        let (line, from) = rest.split_at_checked(at).unwrap_or((rest, ""));
        let after = from.trim_start_matches('\r');
        plain.push_str(line);
        if let Some(next) = after.strip_prefix('\n') {
            plain.push('\n');
            rest = next;
        } else {
            plain.extend(std::iter::repeat_n('\n', from.len() - after.len()));
            rest = after;
        }
    }
    plain.push_str(rest);
    Cow::Owned(plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decoded(bytes: &[u8]) -> (String, &'static str, Vec<&'static str>) {
        let mut warnings = Warnings::default();
        let decoded = decode(bytes, None, &mut warnings).expect("text");
        let kinds = warnings
            .into_sorted()
            .iter()
            .map(|warning| warning.kind.name())
            .collect();
        (decoded.text.into_owned(), decoded.encoding, kinds)
    }

    fn utf16(text: &str, to_bytes: fn(u16) -> [u8; 2]) -> Vec<u8> {
        text.encode_utf16().flat_map(to_bytes).collect()
    }

    #[test]
    fn marks_decide() {
        assert_eq!(decoded(b"\xef\xbb\xbf1\n").0, "1\n");
        let marked = utf16("\u{feff}Grüße 1", u16::to_le_bytes);
        assert_eq!(decoded(&marked), ("Grüße 1".into(), "UTF-16LE", vec![]));
        let marked = utf16("\u{feff}Grüße 1", u16::to_be_bytes);
        assert_eq!(decoded(&marked), ("Grüße 1".into(), "UTF-16BE", vec![]));
    }

    #[test]
    fn utf16_without_a_mark_is_seen() {
        let text = "1\r\n00:00:01,000 --> 00:00:02,000\r\n今日は\r\n";
        let plain = text.replace('\r', "");
        assert_eq!(
            decoded(&utf16(text, u16::to_le_bytes)),
            (plain.clone(), "UTF-16LE", vec![])
        );
        assert_eq!(decoded(&utf16(text, u16::to_be_bytes)), (plain, "UTF-16BE", vec![]));
    }

    #[test]
    fn windows_1252_is_guessed() {
        let (text, encoding, warnings) = decoded(b"caf\xe9 \x96 \x93na\xefve\x94 d\xe9j\xe0 vu");
        assert_eq!((text.as_str(), encoding), ("café – “naïve” déjà vu", "windows-1252"));
        assert_eq!(warnings, ["guessed-encoding"]);
    }

    #[test]
    fn one_bad_byte_does_not_spoil_utf8() {
        let mut bytes = "größer, schöner, weiter, übermütig, älter, müde, süß, blöd"
            .as_bytes()
            .to_vec();
        bytes.push(0xff);
        let (text, encoding, warnings) = decoded(&bytes);
        assert!(text.starts_with("größer"), "{text}");
        assert_eq!((encoding, warnings), ("UTF-8", vec!["undecodable-bytes"]));
    }

    #[test]
    fn every_line_end_becomes_one() {
        assert_eq!(decoded(b"a\r\nb\rc\n\r\nd\r\r\ne\r\rf\r").0, "a\nb\nc\n\nd\ne\n\nf\n");
    }

    #[test]
    fn what_is_no_text_is_refused() {
        let noise: Vec<u8> = (0..4_000_u32)
            .map(|i| (i.wrapping_mul(2_654_435_761) >> 13) as u8)
            .collect();
        for bytes in [&noise[..], &[0; 500], b"PK\x03\x04rest", b"ID3\x04\0\0\0\0"] {
            assert!(matches!(
                decode(bytes, None, &mut Warnings::default()),
                Err(ReadError::Binary)
            ));
        }
    }
}
