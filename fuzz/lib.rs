//! Earmark's readers and writers alone, and what the fuzz targets share.

#[path = "../src/boxes.rs"]
pub mod boxes;
#[path = "../src/ebml.rs"]
pub mod ebml;
#[path = "../src/format/mod.rs"]
pub mod format;
#[path = "../src/time/mod.rs"]
pub mod time;
#[path = "../src/transcript/mod.rs"]
pub mod transcript;

/// The same as the tests'.
#[path = "../tests/formats/oracle.rs"]
pub mod oracle;

// The oracle names the crate as a test does.
extern crate self as earmark;

use format::{Format, Options};

/// An input is two bytes that say what is known of a file, and the file. `./dev fuzz` makes such of the fixtures.
pub struct Case<'a> {
    /// The format of the first byte: its place among the keys in alphabetical order, as the folders of the fixtures
    /// stand; none beyond the last.
    pub format: Option<Format>,
    /// What else is known: the extension is that of the format, the rest is in the second byte.
    pub options: Options<'a>,
    /// The file.
    pub file: &'a [u8],
}

impl<'a> Case<'a> {
    /// None where there are not even two bytes.
    pub fn new(data: &'a [u8]) -> Option<Self> {
        let [format, known, file @ ..] = data else { return None };
        let mut formats: Vec<Format> = Format::all().collect();
        formats.sort_unstable_by_key(|format| format.key());
        let format = formats.get(usize::from(*format)).copied();
        let options = Options {
            extension: format.and_then(|format| format.extensions().first().copied()),
            raw: known & 1 != 0,
            tier: (known & 2 != 0).then_some("a"),
            frame_rate: [None, Some(25.0), Some(1e-300), Some(f64::NAN)][usize::from(known >> 2 & 3)],
            encoding: match known >> 4 {
                13 => Some("utf-16le"),
                14 => Some("shift_jis"),
                15 => Some("utf-8"),
                _ => None,
            },
            format: None,
        };
        Some(Self { format, options, file })
    }

    /// The options with the format said.
    pub fn of_format(&self) -> Options<'a> {
        Options {
            format: self.format,
            ..self.options
        }
    }
}
