//! Bytes → [`Transcript`], and back. One file for each format, reader and writer side by side.
//!
//! ```text
//! bytes ─ encoding ─ detect ─ a reader ─ rolling ─ speakers ─ repair ─► Transcript ─► a writer ─► text
//! ```
//! A reader finds cues and their payloads and leaves the rest to what all share: `markup` reads a payload, `flow` makes
//! cues of single words, `rolling` takes apart captions that repeat themselves, `speakers` finds who speaks, `repair`
//! puts order, times and doubles right. Whatever was repaired, guessed or left out is a [`Warning`] with its line.
//! Which formats there are stands in one table, in `formats`.

mod ass;
mod detect;
mod document;
mod draft;
mod encoding;
mod entity;
mod flow;
mod formats;
mod html;
mod json;
mod labels;
mod lrc;
mod markup;
mod media;
mod microdvd;
mod mpl2;
mod repair;
mod rolling;
mod sbv;
mod shape;
mod speakers;
mod srt;
mod stamp;
mod subviewer;
mod table;
mod tags;
mod textgrid;
mod timed_text;
mod vtt;
mod warning;
mod writing;
mod xml;

pub use draft::MAX_CUES;
pub use encoding::ENCODINGS;
pub use formats::{Format, formats_table};
pub use warning::{MAX_OF_KIND, Warning, WarningKind, Warnings};
pub use writing::{Loss, Written, write};

use std::io::{Read, Seek, SeekFrom};

use crate::transcript::Transcript;
use formats::Family;

/// The largest file that is read. A hundred hours of speech with a time for each word are a tenth of this.
pub const MAX_BYTES: u64 = 256 << 20;

/// What is known of a file beside its content.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Options<'a> {
    /// The extension of its name, without the point; it decides only where the content leaves a doubt.
    pub extension: Option<&'a str>,
    /// The format, where a person says it.
    pub format: Option<Format>,
    /// The character encoding, where a person says it: a label of the WHATWG Encoding Standard.
    pub encoding: Option<&'a str>,
    /// Whether cues that repeat each other are wanted as they stand.
    pub raw: bool,
    /// Which tier, track or language is wanted, where there are several.
    pub tier: Option<&'a str>,
    /// How many frames make a second, where times count frames.
    pub frame_rate: Option<f64>,
}

impl<'a> Options<'a> {
    /// Nothing is known but the extension.
    pub fn named(extension: Option<&'a str>) -> Self {
        Self {
            extension,
            ..Self::default()
        }
    }

    /// Whether the file's name ends so.
    fn has_extension(&self, extension: &str) -> bool {
        self.extension.is_some_and(|own| own.eq_ignore_ascii_case(extension))
    }
}

/// What a reader is given.
struct Input<'a> {
    /// The bytes as they lie on the disk.
    bytes: &'a [u8],
    /// The text, decoded, all line ends `\n`; empty for an archive or a container.
    text: &'a str,
    /// The text taken apart, if it is JSON.
    json: Option<json::Tree<'a>>,
    /// The first tag, if it is XML or HTML.
    root: Option<tags::Root<'a>>,
    options: &'a Options<'a>,
}

impl<'a> Input<'a> {
    fn new(bytes: &'a [u8], text: &'a str, options: &'a Options<'a>) -> Self {
        Self {
            bytes,
            text,
            json: json::Tree::read(text),
            root: tags::root(text),
            options,
        }
    }
}

/// What reading a file gave.
#[derive(Debug, Clone)]
pub struct Reading {
    /// The transcript.
    pub transcript: Transcript,
    /// The format it was written in.
    pub format: Format,
    /// How that was told.
    pub why: &'static str,
    /// The character encoding it was written in, by its WHATWG name.
    pub encoding: &'static str,
    /// The tiers, tracks or languages one can choose from, where there are several.
    pub tiers: Vec<String>,
    /// Everything that was repaired, by line.
    pub warnings: Vec<Warning>,
}

/// Why a file is not read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ReadError {
    /// Nothing in it, or nothing but blanks.
    #[error("the file is empty")]
    Empty,
    /// Beyond [`MAX_BYTES`].
    #[error("the file has {} MB; transcripts of up to {} MB are read", size >> 20, limit >> 20)]
    TooLarge {
        /// Its size in bytes.
        size: u64,
        /// The limit in bytes.
        limit: u64,
    },
    /// Beyond [`MAX_CUES`].
    #[error("the file has more than {limit} cues; it is no transcript")]
    TooManyCues {
        /// The limit.
        limit: usize,
    },
    /// An archive or a container whose content is beyond all measure, or broken.
    #[error("{what}")]
    Broken {
        /// What is wrong.
        what: String,
    },
    /// No text.
    #[error("this is no text file")]
    Binary,
    /// Text without any cue.
    #[error("no cue found; {}", tried(*as_format))]
    NoCue {
        /// The format it seemed to have.
        as_format: Option<Format>,
    },
    /// The encoding that was asked for is not known.
    #[error("there is no encoding {label:?}; try utf-8, windows-1252, shift_jis, gb18030")]
    UnknownEncoding {
        /// What was asked for.
        label: String,
    },
    /// No transcript, but a file that names some.
    #[error("this is a feed and no transcript; {}", meant(names))]
    PointsTo {
        /// The names of the files it means, in the order in which to look for them beside it.
        names: Vec<String>,
    },
    /// The tier that was asked for is not there.
    #[error("there is no tier {name:?}; there are: {there}")]
    NoSuchTier {
        /// What was asked for.
        name: String,
        /// The tiers there are.
        there: String,
    },
}

fn tried(as_format: Option<Format>) -> String {
    if let Some(format) = as_format {
        return format!("it was read as {}", format.name());
    }
    let known = [Format::Srt, Format::WebVtt, Format::TimedText].map(Format::name);
    let others = Format::all().count() - known.len();
    format!(
        "tried {} and the {others} others that `earmark formats` lists",
        known.join(", ")
    )
}

fn meant(names: &[String]) -> String {
    const MOST: usize = 5;
    let listed = names
        .iter()
        .take(MOST)
        .map(String::as_str)
        .collect::<Vec<_>>()
        .join(", ");
    match names.len() {
        0 => "it names none".to_owned(),
        1..=MOST => format!("it means {listed}"),
        count => format!("it means {listed} and {} more", count - MOST),
    }
}

/// Why a transcript is not written.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum WriteError {
    /// The format is only read.
    #[error("{format} is read only; `earmark formats` lists those that are written")]
    NotWritten {
        /// The format's name.
        format: &'static str,
    },
}

/// Reads a transcript of any known format.
///
/// The bytes are all of the file; who reads them from a disk looks at the size first, see [`MAX_BYTES`].
pub fn read(bytes: &[u8], options: &Options<'_>) -> Result<Reading, ReadError> {
    let size = bytes.len() as u64;
    if size > MAX_BYTES {
        return Err(ReadError::TooLarge { size, limit: MAX_BYTES });
    }
    let mut warnings = Warnings::default();
    let mut drafts = draft::Drafts::default();
    let boxed = detect::detect(&Input::new(bytes, "", options), &[Family::Zip, Family::Media]);
    let decoded = match boxed {
        Some(_) => None,
        None => Some(encoding::decode(bytes, options.encoding, &mut warnings)?),
    };
    let text = decoded.as_ref().map_or("", |decoded| &decoded.text);
    if boxed.is_none() && text.chars().all(|c| c.is_whitespace() || c == '\u{feff}') {
        return Err(ReadError::Empty);
    }
    let input = Input::new(bytes, text, options);
    let families = [Family::Json, Family::Markup, Family::Text];
    let Some(detected) = boxed.or_else(|| detect::detect(&input, &families)) else {
        if !timed_text::untimed::is_speech(&input) {
            return Err(ReadError::NoCue { as_format: None });
        }
        timed_text::untimed::read(&input, &mut drafts, &mut warnings);
        let detected = detect::Detected {
            spec: &timed_text::SPEC,
            why: "text without times",
        };
        let encoding = decoded.as_ref().map_or("UTF-8", |decoded| decoded.encoding);
        return finish(&detected, drafts, text, encoding, options, warnings);
    };
    if let (Family::Json, Some(tree)) = (detected.spec.family, &input.json) {
        tree.tell_troubles(&mut warnings);
    }
    detect::compare_with_name(detected.spec.format, options.extension, &mut warnings);
    if detected.spec.family == Family::Text {
        drafts.expect(text.len());
    }
    (detected.spec.read)(&input, &mut drafts, &mut warnings)?;
    let encoding = decoded.as_ref().map_or("UTF-8", |decoded| decoded.encoding);
    finish(&detected, drafts, text, encoding, options, warnings)
}

/// Every format whose reader takes the bytes for its own, in the order in which they are asked. The first is read; more
/// than one means that only the order tells.
pub fn recognised(bytes: &[u8], options: &Options<'_>) -> Vec<Format> {
    let mut warnings = Warnings::default();
    let decoded = encoding::decode(bytes, options.encoding, &mut warnings).ok();
    let text = decoded.as_ref().map_or("", |decoded| &decoded.text);
    let input = Input::new(bytes, text, options);
    let is_of = |spec: &&&formats::Spec| (spec.recognise)(&input).is_some();
    formats::TABLE.iter().filter(is_of).map(|spec| spec.format).collect()
}

/// Reads the transcript inside a recording: a text track of Matroska or MP4, the lyrics of an MP3. Of a file of
/// gigabytes only what tells of its text is read.
pub fn read_media(source: &mut (impl Read + Seek), options: &Options<'_>) -> Result<Reading, ReadError> {
    let mut warnings = Warnings::default();
    let mut drafts = draft::Drafts::default();
    let mut head = Vec::new();
    let read = source
        .seek(SeekFrom::Start(0))
        .and_then(|_| source.by_ref().take(media::HEAD as u64).read_to_end(&mut head));
    if let Err(error) = read {
        let what = format!("the file cannot be read: {error}");
        return Err(ReadError::Broken { what });
    }
    let Some(detected) = detect::detect(&Input::new(&head, "", options), &[Family::Media]) else {
        let what = "this is no Matroska, MP4 or MP3 file with a tag".to_owned();
        return Err(ReadError::Broken { what });
    };
    detect::compare_with_name(detected.spec.format, options.extension, &mut warnings);
    media::read_from(detected.spec.format, source, options, &mut drafts, &mut warnings)?;
    finish(&detected, drafts, "", "UTF-8", options, warnings)
}

/// What follows a reader: rolling captions, speakers, repairs. `text` is what the reader was given.
fn finish(
    detected: &detect::Detected,
    mut drafts: draft::Drafts,
    text: &str,
    encoding: &'static str,
    options: &Options<'_>,
    mut warnings: Warnings,
) -> Result<Reading, ReadError> {
    let spec = detected.spec;
    // Looked at twice: finding the speakers keeps something for every cue, and may cut cues into several.
    let is_too_long = |drafts: &draft::Drafts| drafts.cues.len() > MAX_CUES;
    if !is_too_long(&drafts) && !drafts.exact {
        if !options.raw {
            rolling::collapse(&mut drafts, &mut warnings);
        }
        speakers::find(&mut drafts, spec.format.names_each_speaker());
    }
    if is_too_long(&drafts) {
        return Err(ReadError::TooManyCues { limit: MAX_CUES });
    }
    let tiers = std::mem::take(&mut drafts.tiers);
    let mut transcript = repair::finish(drafts, text, options.raw, &mut warnings);
    if transcript.cues.is_empty() {
        let as_format = Some(spec.format);
        return Err(ReadError::NoCue { as_format });
    }
    match &mut transcript.kept {
        // Earmark's own files keep nothing but what another format did.
        Some(kept) if !kept.format.is_empty() => {}
        Some(kept) if spec.write.is_some() && spec.format != Format::Earmark => kept.format = spec.key,
        kept => *kept = None,
    }
    Ok(Reading {
        transcript,
        format: spec.format,
        why: detected.why,
        encoding,
        tiers,
        warnings: warnings.into_sorted(),
    })
}
