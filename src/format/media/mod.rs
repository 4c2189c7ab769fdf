//! Transcripts inside recordings: text tracks of Matroska and MP4, timed lyrics of MP3, and the chapters of all three.
//!
//! A recording has gigabytes and its text a few kilobytes, so only headers, indexes and the text's own blocks are
//! read; the rest is passed over by seeking. What a file claims of its sizes is believed only as far as the file goes.

mod ebml;
pub(super) mod id3;
mod id3_frames;
mod lyrics;
pub(super) mod matroska;
mod matroska_head;
pub(super) mod mp4;
mod samples;
mod sylt;

use std::io::{self, BufReader, Cursor, Read, Seek, SeekFrom};

use super::draft::Drafts;
use super::{Format, Input, MAX_BYTES, Options, ReadError, WarningKind, Warnings};
use crate::boxes::number;

/// Anything that can be read from any place.
pub(super) trait Media: Read + Seek {}

impl<T: Read + Seek> Media for T {}

/// No recording has more tracks.
const MOST_TRACKS: usize = 500;

/// So many bytes at the start tell what a file is.
pub(super) const HEAD: usize = 4_096;

/// Reads the text of a container of this format.
pub(super) fn read_from(
    format: Format,
    media: &mut dyn Media,
    options: &Options<'_>,
    drafts: &mut Drafts,
    warnings: &mut Warnings,
) -> Result<(), ReadError> {
    let mut source = Source::new(media).map_err(|error| unreadable(&error))?;
    let mut found = Found::default();
    match format {
        Format::Mp4 => mp4::find(&mut source, &mut found, options, drafts, warnings)?,
        Format::Id3 => id3::find(&mut source, &mut found, options, drafts, warnings)?,
        _ => matroska::find(&mut source, &mut found, options, drafts, warnings)?,
    }
    drafts.outline = std::mem::take(&mut found.chapters);
    if drafts.cues.is_empty() {
        return Err(found.nothing(drafts.outline.len()));
    }
    Ok(())
}

/// The same for bytes in memory.
fn read_bytes(
    format: Format,
    input: &Input<'_>,
    drafts: &mut Drafts,
    warnings: &mut Warnings,
) -> Result<(), ReadError> {
    read_from(format, &mut Cursor::new(input.bytes), input.options, drafts, warnings)
}

fn broken(what: impl Into<String>) -> ReadError {
    ReadError::Broken { what: what.into() }
}

fn unreadable(error: &io::Error) -> ReadError {
    broken(format!("the file cannot be read: {error}"))
}

/// What a container holds beside the text that was read.
#[derive(Debug, Default)]
struct Found {
    chapters: Vec<crate::transcript::Chapter>,
    /// Texts that are not read, each with the reason.
    unread: Vec<String>,
    /// Whether a text track was read, if only in vain.
    has_track: bool,
}

impl Found {
    /// Why there is no transcript.
    fn nothing(&self, chapters: usize) -> ReadError {
        const MOST: usize = 5;
        let mut also = self.unread.clone();
        also.dedup();
        also.truncate(MOST);
        match chapters {
            0 => {}
            1 => also.push("a chapter".to_owned()),
            count => also.push(format!("{count} chapters")),
        }
        let what = if self.has_track {
            "the text track of this file holds no text"
        } else {
            "no text track in this file"
        };
        match also.as_slice() {
            [] => broken(what),
            also => broken(format!("{what}; it has {}", also.join(", "))),
        }
    }
}

/// A text track one can choose.
#[derive(Debug, Clone, Default)]
struct Label {
    name: Option<String>,
    language: Option<String>,
    /// Whether the file recommends it.
    is_default: bool,
    /// Whether it holds only what a viewer of the original needs too, as signs in another language.
    is_forced: bool,
}

impl Label {
    fn shown(&self, place: usize) -> String {
        match (&self.name, &self.language) {
            (Some(name), Some(language)) => format!("{name} [{language}]"),
            (Some(name), None) => name.clone(),
            (None, Some(language)) => format!("{language} (track {})", place + 1),
            (None, None) => format!("track {}", place + 1),
        }
    }
}

/// The place of the track to read: the one asked for, by its name or language, else the recommended one, else the
/// first.
fn choose(
    labels: &[Label],
    options: &Options<'_>,
    drafts: &mut Drafts,
    warnings: &mut Warnings,
) -> Result<usize, ReadError> {
    let shown: Vec<String> = labels
        .iter()
        .enumerate()
        .map(|(place, label)| label.shown(place))
        .collect();
    let chosen = if let Some(wanted) = options.tier {
        let is = |own: Option<&str>| own.is_some_and(|own| own.eq_ignore_ascii_case(wanted));
        let by_shown = shown.iter().position(|shown| is(Some(shown)));
        let by_name = || labels.iter().position(|label| is(label.name.as_deref()));
        let by_language = || labels.iter().position(|label| is(label.language.as_deref()));
        let Some(place) = by_shown.or_else(by_name).or_else(by_language) else {
            let (name, there) = (wanted.to_owned(), shown.join(", "));
            return Err(ReadError::NoSuchTier { name, there });
        };
        place
    } else {
        let is_whole = |label: &Label| !label.is_forced;
        let recommended = labels.iter().position(|label| label.is_default && is_whole(label));
        let place = recommended.or_else(|| labels.iter().position(is_whole)).unwrap_or(0);
        if let (true, Some(chosen)) = (shown.len() > 1, shown.get(place)) {
            let (names, chosen) = (shown.join(", "), chosen.clone());
            warnings.push(0, WarningKind::SeveralTiers { names, chosen });
        }
        place
    };
    drafts.language = labels.get(chosen).and_then(|label| label.language.clone());
    if shown.len() > 1 {
        drafts.tiers = shown;
    }
    Ok(chosen)
}

/// Refuses to go on where the texts of a file have become more than a file may have: blocks that unpack, and samples
/// that lie over each other, make much of little.
fn check_size(drafts: &Drafts) -> Result<(), ReadError> {
    if drafts.text.len() as u64 > MAX_BYTES {
        let limit = MAX_BYTES >> 20;
        return Err(broken(format!("the texts of this file are more than {limit} MB")));
    }
    Ok(())
}

/// A file read piece by piece.
struct Source<'s> {
    inner: BufReader<&'s mut dyn Media>,
    at: u64,
    length: u64,
}

impl<'s> Source<'s> {
    fn new(media: &'s mut dyn Media) -> io::Result<Self> {
        let length = media.seek(SeekFrom::End(0))?;
        media.seek(SeekFrom::Start(0))?;
        Ok(Self {
            inner: BufReader::with_capacity(HEAD, media),
            at: 0,
            length,
        })
    }

    /// How many bytes follow.
    fn left(&self) -> u64 {
        self.length.saturating_sub(self.at)
    }

    /// Goes to a place; beyond the end is the end.
    fn go(&mut self, to: u64) -> io::Result<()> {
        let to = to.min(self.length);
        let distance = i128::from(to) - i128::from(self.at);
        match i64::try_from(distance) {
            Ok(distance) => self.inner.seek_relative(distance)?,
            Err(_) => self.inner.seek(SeekFrom::Start(to)).map(|_| ())?,
        }
        self.at = to;
        Ok(())
    }

    fn skip(&mut self, count: u64) -> io::Result<()> {
        self.go(self.at.saturating_add(count))
    }

    /// The next bytes; fewer where the file ends.
    fn take(&mut self, count: u64) -> io::Result<Vec<u8>> {
        let count = count.min(self.left());
        let mut bytes = Vec::with_capacity(count as usize);
        Read::by_ref(&mut self.inner).take(count).read_to_end(&mut bytes)?;
        self.at += bytes.len() as u64;
        Ok(bytes)
    }

    /// The next byte, if there is one.
    fn byte(&mut self) -> io::Result<Option<u8>> {
        Ok(self.take(1)?.first().copied())
    }
}

/// Text whose encoding is not told: by its mark UTF-16, else UTF-8, else one of before Unicode.
fn decoded(bytes: &[u8], otherwise: &'static encoding_rs::Encoding) -> String {
    if let Some((encoding, mark)) = encoding_rs::Encoding::for_bom(bytes) {
        let rest = bytes.get(mark..).unwrap_or_default();
        return encoding.decode_without_bom_handling(rest).0.into_owned();
    }
    match std::str::from_utf8(bytes) {
        Ok(text) => text.to_owned(),
        Err(_) => otherwise.decode_without_bom_handling(bytes).0.into_owned(),
    }
}

/// A name without the zeros and blanks that may end it; none if nothing is left.
fn tidy(name: &str) -> Option<String> {
    const LONGEST: usize = 200;
    let name: String = name
        .trim_matches(|c: char| c == '\0' || c.is_whitespace())
        .chars()
        .take(LONGEST)
        .collect();
    (!name.is_empty()).then_some(name)
}

/// A language; none where the file says that it is not determined.
fn language(code: &str) -> Option<String> {
    tidy(code).filter(|code| !["und", "zxx", "mis", "xxx"].contains(&code.as_str()))
}
