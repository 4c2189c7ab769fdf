//! Text tracks and chapters of Matroska and WebM (RFC 9559; EBML: RFC 8794).
//!
//! A file is a tree of elements: an id, a length, content. The first pass reads what describes the file and steps from
//! cluster to cluster; the second looks into the clusters and at the first bytes of each block, and takes the text
//! track's. ffmpeg, mkvmerge and OBS write these files; live recordings leave lengths open.
//!
//! | codec | a block holds |
//! |---|---|
//! | `S_TEXT/UTF8`, `S_TEXT/ASCII` | the text of a SubRip cue |
//! | `S_TEXT/WEBVTT` | the payload of a WebVTT cue; settings and identifier stand beside it |
//! | `D_WEBVTT/SUBTITLES` and its like (WebM) | identifier, settings, payload, a line each |
//! | `S_TEXT/ASS`, `S_TEXT/SSA` | a `Dialogue:` line without its times |

use std::io::{self, Read};

use super::super::MAX_CUES;
use super::super::draft::{Draft, Drafts};
use super::super::formats::{Family, Format, Spec};
use super::super::markup::Plain;
use super::super::{Input, Options, ReadError, WarningKind, Warnings};
use super::{Found, Label, Source, check_size, choose, decoded, language, number, tidy, unreadable};
use crate::time::{CueTime, TimeDelta};
use crate::transcript::{Chapter, CueOrigin};

/// The row of this format.
pub(in crate::format) const SPEC: Spec = Spec {
    format: Format::Matroska,
    key: "matroska",
    name: "Matroska",
    extensions: &["mkv", "webm", "mka", "mks", "mk3d"],
    from: "ffmpeg, mkvmerge, OBS, the web",
    family: Family::Media,
    recognise: |input| {
        input
            .bytes
            .starts_with(b"\x1aE\xdf\xa3")
            .then_some("it begins as Matroska does")
    },
    read: |input: &Input<'_>, drafts, warnings| super::read_bytes(Format::Matroska, input, drafts, warnings),
    write: None,
};

/// What describes the file is no larger, with however many tracks and chapters.
const LARGEST_HEAD: u64 = 32 << 20;
/// No block of text is larger.
const LARGEST_BLOCK: u64 = 1 << 20;
/// Chapters inside chapters; deeper ones are left out.
const DEEPEST: usize = 8;

mod id {
    pub const SEGMENT: u32 = 0x1853_8067;
    pub const INFO: u32 = 0x1549_A966;
    pub const TIMESTAMP_SCALE: u32 = 0x2A_D7B1;
    pub const TITLE: u32 = 0x7BA9;
    pub const TRACKS: u32 = 0x1654_AE6B;
    pub const TRACK: u32 = 0xAE;
    pub const TRACK_NUMBER: u32 = 0xD7;
    pub const TRACK_TYPE: u32 = 0x83;
    pub const CODEC: u32 = 0x86;
    pub const NAME: u32 = 0x536E;
    pub const LANGUAGE: u32 = 0x22_B59C;
    pub const LANGUAGE_BCP47: u32 = 0x22_B59D;
    pub const FLAG_DEFAULT: u32 = 0x88;
    pub const FLAG_FORCED: u32 = 0x55AA;
    pub const DEFAULT_DURATION: u32 = 0x23_E383;
    pub const ENCODINGS: u32 = 0x6D80;
    pub const ENCODING: u32 = 0x6240;
    pub const ENCODING_TYPE: u32 = 0x5033;
    pub const COMPRESSION: u32 = 0x5034;
    pub const COMPRESSION_KIND: u32 = 0x4254;
    pub const COMPRESSION_SETTINGS: u32 = 0x4255;
    pub const CLUSTER: u32 = 0x1F43_B675;
    pub const TIMESTAMP: u32 = 0xE7;
    pub const SIMPLE_BLOCK: u32 = 0xA3;
    pub const BLOCK_GROUP: u32 = 0xA0;
    pub const BLOCK: u32 = 0xA1;
    pub const BLOCK_DURATION: u32 = 0x9B;
    pub const BLOCK_ADDITIONS: u32 = 0x75A1;
    pub const BLOCK_MORE: u32 = 0xA6;
    pub const BLOCK_ADDITIONAL: u32 = 0xA5;
    pub const CHAPTERS: u32 = 0x1043_A770;
    pub const EDITION: u32 = 0x45B9;
    pub const CHAPTER: u32 = 0xB6;
    pub const CHAPTER_START: u32 = 0x91;
    pub const CHAPTER_END: u32 = 0x92;
    pub const CHAPTER_HIDDEN: u32 = 0x98;
    pub const CHAPTER_DISPLAY: u32 = 0x80;
    pub const CHAPTER_TITLE: u32 = 0x85;
}

/// Finds the text and the chapters.
pub(super) fn find(
    source: &mut Source<'_>,
    found: &mut Found,
    options: &Options<'_>,
    drafts: &mut Drafts,
    warnings: &mut Warnings,
) -> Result<(), ReadError> {
    let head = Head::read(source, warnings).map_err(|error| unreadable(&error))?;
    drafts.title = head.title;
    found.chapters = head.chapters;
    found.unread = head.unread;
    let (Some(first), false) = (head.first_cluster, head.tracks.is_empty()) else {
        return Ok(());
    };
    let labels: Vec<Label> = head.tracks.iter().map(|track| track.label.clone()).collect();
    let chosen = choose(&labels, options, drafts, warnings)?;
    found.has_track = true;
    let Some(track) = head.tracks.get(chosen) else {
        return Ok(());
    };
    let mut blocks = Blocks {
        source,
        track,
        scale: head.scale,
        cluster: 0,
        plain: Plain::default(),
        drafts,
        warnings,
    };
    blocks.source.go(first).map_err(|error| unreadable(&error))?;
    blocks.read()
}

/// An element whose content comes next.
#[derive(Debug, Clone, Copy)]
struct Element {
    id: u32,
    /// None where it is left open, as live recordings do.
    size: Option<u64>,
}

/// Reads the head of the next element; none at the end of the file, or where no element begins.
fn element(source: &mut Source<'_>) -> io::Result<Option<Element>> {
    let Some((id, _)) = variable(source, 4, true)? else {
        return Ok(None);
    };
    let Some((size, width)) = variable(source, 8, false)? else {
        return Ok(None);
    };
    let open = size == (1 << (7 * width)) - 1;
    Ok(Some(Element {
        id: id as u32,
        size: (!open).then_some(size),
    }))
}

/// A number whose first byte tells by its leading zeros how many follow, and its width.
fn variable(source: &mut Source<'_>, longest: u32, with_mark: bool) -> io::Result<Option<(u64, u32)>> {
    let Some(first) = source.byte()? else { return Ok(None) };
    let width = first.leading_zeros() + 1;
    if width > longest {
        return Ok(None);
    }
    let rest = source.take(u64::from(width) - 1)?;
    if rest.len() as u32 + 1 < width {
        return Ok(None);
    }
    let first = if with_mark {
        first
    } else {
        first & (0x7f >> (width - 1))
    };
    let value = rest
        .iter()
        .fold(u64::from(first), |sum, &byte| sum << 8 | u64::from(byte));
    Ok(Some((value, width)))
}

/// The elements inside one that is in memory, as ids and contents.
fn elements(bytes: &[u8]) -> impl Iterator<Item = (u32, &[u8])> {
    let mut rest = bytes;
    std::iter::from_fn(move || {
        let (id, after) = variable_in(rest, true)?;
        let (size, after) = variable_in(after, false)?;
        let size = usize::try_from(size).ok()?.min(after.len());
        let (content, after) = after.split_at_checked(size)?;
        rest = after;
        Some((id as u32, content))
    })
}

fn variable_in(bytes: &[u8], with_mark: bool) -> Option<(u64, &[u8])> {
    let first = *bytes.first()?;
    let width = first.leading_zeros() as usize + 1;
    let (number, after) = bytes.split_at_checked(width)?;
    let mask = if with_mark {
        0xff
    } else {
        0x7f_u8.checked_shr(width as u32 - 1)?
    };
    let tail = number.get(1..)?;
    let value = tail
        .iter()
        .fold(u64::from(first & mask), |sum, &byte| sum << 8 | u64::from(byte));
    Some((value, after))
}

fn child(bytes: &[u8], wanted: u32) -> Option<&[u8]> {
    elements(bytes)
        .find(|(id, _)| *id == wanted)
        .map(|(_, content)| content)
}

fn unsigned(bytes: &[u8]) -> Option<u64> {
    number(bytes, 0, bytes.len().min(8))
}

fn text(bytes: &[u8]) -> Option<String> {
    tidy(&decoded(bytes, encoding_rs::WINDOWS_1252))
}

/// What stands before and around the clusters.
#[derive(Debug)]
struct Head {
    /// Nanoseconds of a tick.
    scale: u64,
    title: Option<String>,
    tracks: Vec<Track>,
    unread: Vec<String>,
    chapters: Vec<Chapter>,
    first_cluster: Option<u64>,
}

#[derive(Debug)]
struct Track {
    number: u64,
    kind: Kind,
    label: Label,
    /// How long a block lasts that does not tell, in nanoseconds.
    duration: Option<u64>,
    /// What was done to its blocks, the last first.
    packing: Vec<Packing>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    SubRip,
    WebVtt,
    WebmVtt,
    SubStation,
}

#[derive(Debug)]
enum Packing {
    Zlib,
    /// Bytes with which every block begins were left out.
    Stripped(Vec<u8>),
}

impl Head {
    fn read(source: &mut Source<'_>, warnings: &mut Warnings) -> io::Result<Self> {
        let mut head = Self {
            scale: 1_000_000,
            title: None,
            tracks: Vec::new(),
            unread: Vec::new(),
            chapters: Vec::new(),
            first_cluster: None,
        };
        loop {
            let at = source.at;
            let Some(element) = element(source)? else {
                if source.left() > 0 {
                    let why = format!("no element begins at byte {at}");
                    warnings.push(0, WarningKind::CutOff { why });
                }
                return Ok(head);
            };
            if element.id == id::CLUSTER {
                head.first_cluster.get_or_insert(at);
            }
            match (element.id, element.size) {
                (id::SEGMENT, _) | (id::CLUSTER, None) => {}
                (id::INFO | id::TRACKS | id::CHAPTERS, Some(size)) if size <= LARGEST_HEAD => {
                    let content = source.take(size)?;
                    match element.id {
                        id::INFO => head.info(&content),
                        id::TRACKS => head.tracks(&content),
                        _ => head.chapters(&content),
                    }
                }
                (_, Some(size)) => {
                    if size > source.left() {
                        let why = "the last part of the file is missing".to_owned();
                        warnings.push(0, WarningKind::CutOff { why });
                        return Ok(head);
                    }
                    source.skip(size)?;
                }
                (_, None) => {
                    let why = format!("the element at byte {at} does not tell its length");
                    warnings.push(0, WarningKind::CutOff { why });
                    return Ok(head);
                }
            }
        }
    }

    fn info(&mut self, content: &[u8]) {
        if let Some(scale) = child(content, id::TIMESTAMP_SCALE).and_then(unsigned) {
            self.scale = scale.max(1);
        }
        self.title = child(content, id::TITLE).and_then(text);
    }

    fn tracks(&mut self, content: &[u8]) {
        const SUBTITLES: u64 = 0x11;
        for (_, track) in elements(content).filter(|(id, _)| *id == id::TRACK) {
            let of = |wanted| child(track, wanted);
            let flag = |wanted, otherwise| of(wanted).and_then(unsigned).map_or(otherwise, |flag| flag != 0);
            let codec = of(id::CODEC).and_then(text).unwrap_or_default();
            let kind = match codec.as_str() {
                "S_TEXT/UTF8" | "S_TEXT/ASCII" => Kind::SubRip,
                "S_TEXT/WEBVTT" => Kind::WebVtt,
                "S_TEXT/ASS" | "S_TEXT/SSA" | "S_ASS" | "S_SSA" => Kind::SubStation,
                codec if codec.starts_with("D_WEBVTT/") => Kind::WebmVtt,
                codec => {
                    if of(id::TRACK_TYPE).and_then(unsigned) == Some(SUBTITLES) {
                        self.unread.push(format!("subtitles that are no text ({codec})"));
                    }
                    continue;
                }
            };
            let Some(packing) = packing(of(id::ENCODINGS).unwrap_or_default()) else {
                self.unread
                    .push("subtitles that are encrypted or packed in an unknown way".to_owned());
                continue;
            };
            // Section 5.1.4.1.18: where no language is told, it is English.
            let told = of(id::LANGUAGE_BCP47).or_else(|| of(id::LANGUAGE)).and_then(text);
            self.tracks.push(Track {
                number: of(id::TRACK_NUMBER).and_then(unsigned).unwrap_or(0),
                kind,
                label: Label {
                    name: of(id::NAME).and_then(text),
                    language: language(told.as_deref().unwrap_or("eng")),
                    is_default: flag(id::FLAG_DEFAULT, true),
                    is_forced: flag(id::FLAG_FORCED, false),
                },
                duration: of(id::DEFAULT_DURATION).and_then(unsigned),
                packing,
            });
        }
    }

    /// Of several editions, which are ways to cut the recording, the first.
    fn chapters(&mut self, content: &[u8]) {
        if let Some(edition) = child(content, id::EDITION) {
            self.chapters_in(edition, DEEPEST);
        }
    }

    fn chapters_in(&mut self, content: &[u8], deepest: usize) {
        for (_, chapter) in elements(content).filter(|(id, _)| *id == id::CHAPTER) {
            let of = |wanted| child(chapter, wanted).and_then(unsigned);
            let title = child(chapter, id::CHAPTER_DISPLAY).and_then(|display| child(display, id::CHAPTER_TITLE));
            if of(id::CHAPTER_HIDDEN) != Some(1) && self.chapters.len() < MAX_CUES {
                self.chapters.push(Chapter {
                    start: from_nanos(i128::from(of(id::CHAPTER_START).unwrap_or(0))),
                    end: of(id::CHAPTER_END).map(|end| from_nanos(i128::from(end))),
                    title: title.and_then(text).unwrap_or_default(),
                });
            }
            if let Some(deepest) = deepest.checked_sub(1) {
                self.chapters_in(chapter, deepest);
            }
        }
    }
}

fn from_nanos(nanos: i128) -> CueTime {
    let micros = (nanos + 500).div_euclid(1_000);
    CueTime::from_micros(i64::try_from(micros).unwrap_or(i64::MAX))
}

/// How the blocks of a track are packed; none where that is not known.
fn packing(encodings: &[u8]) -> Option<Vec<Packing>> {
    let mut list = Vec::new();
    for (_, encoding) in elements(encodings).filter(|(id, _)| *id == id::ENCODING) {
        let is_compression = child(encoding, id::ENCODING_TYPE).and_then(unsigned).unwrap_or(0) == 0;
        let compression = child(encoding, id::COMPRESSION).filter(|_| is_compression)?;
        let settings = child(compression, id::COMPRESSION_SETTINGS).unwrap_or_default();
        list.push(
            match child(compression, id::COMPRESSION_KIND).and_then(unsigned).unwrap_or(0) {
                0 => Packing::Zlib,
                3 => Packing::Stripped(settings.to_vec()),
                _ => return None,
            },
        );
    }
    list.reverse();
    Some(list)
}

fn unpacked(packing: &[Packing], mut bytes: Vec<u8>) -> io::Result<Vec<u8>> {
    for packing in packing {
        match packing {
            Packing::Zlib => {
                let mut plain = Vec::new();
                flate2::read::ZlibDecoder::new(bytes.as_slice())
                    .take(LARGEST_BLOCK)
                    .read_to_end(&mut plain)?;
                bytes = plain;
            }
            Packing::Stripped(start) => bytes = [start.as_slice(), &bytes].concat(),
        }
    }
    Ok(bytes)
}

/// The clusters while they are read.
struct Blocks<'a, 's> {
    source: &'a mut Source<'s>,
    track: &'a Track,
    scale: u64,
    /// The time of the cluster, in ticks.
    cluster: u64,
    plain: Plain,
    drafts: &'a mut Drafts,
    warnings: &'a mut Warnings,
}

/// A block of the track.
struct Block {
    /// Ticks since the cluster's time.
    ticks: i16,
    content: Vec<u8>,
}

impl Blocks<'_, '_> {
    /// Reads to the end of the file. What is wrong with its structure was told in the first pass.
    fn read(&mut self) -> Result<(), ReadError> {
        let fault = |error: io::Error| unreadable(&error);
        while self.drafts.cues.len() <= MAX_CUES {
            let Some(element) = element(self.source).map_err(fault)? else {
                return Ok(());
            };
            let Some(size) = element.size else {
                match element.id {
                    id::CLUSTER => continue,
                    _ => return Ok(()),
                }
            };
            let end = self.source.at.saturating_add(size);
            match element.id {
                // Its blocks come next.
                id::CLUSTER => continue,
                id::TIMESTAMP if size <= 8 => {
                    self.cluster = unsigned(&self.source.take(size).map_err(fault)?).unwrap_or(0);
                }
                id::SIMPLE_BLOCK => {
                    if let Some(block) = self.block(size).map_err(fault)? {
                        self.cue(&block, None, &[])?;
                    }
                }
                id::BLOCK_GROUP => self.group(end)?,
                _ => {}
            }
            self.source.go(end).map_err(fault)?;
        }
        Ok(())
    }

    fn group(&mut self, end: u64) -> Result<(), ReadError> {
        let fault = |error: io::Error| unreadable(&error);
        let (mut block, mut duration, mut beside) = (None, None, Vec::new());
        while self.source.at < end {
            let Some(Element { id, size: Some(size) }) = element(self.source).map_err(fault)? else {
                return Ok(());
            };
            let next = self.source.at.saturating_add(size);
            match id {
                id::BLOCK => {
                    block = self.block(size).map_err(fault)?;
                    if block.is_none() {
                        return Ok(());
                    }
                }
                id::BLOCK_DURATION if size <= 8 => {
                    duration = unsigned(&self.source.take(size).map_err(fault)?);
                }
                id::BLOCK_ADDITIONS if size <= LARGEST_BLOCK => beside = self.source.take(size).map_err(fault)?,
                _ => {}
            }
            self.source.go(next).map_err(fault)?;
        }
        match block {
            Some(block) => self.cue(&block, duration, &beside),
            None => Ok(()),
        }
    }

    /// A block of so many bytes, if it is one of the track.
    fn block(&mut self, size: u64) -> io::Result<Option<Block>> {
        let from = self.source.at;
        let Some((track, _)) = variable(self.source, 8, false)? else {
            return Ok(None);
        };
        if track != self.track.number {
            return Ok(None);
        }
        let head = self.source.take(3)?;
        let &[high, low, flags] = head.as_slice() else {
            return Ok(None);
        };
        let left = size.saturating_sub(self.source.at - from);
        if left > LARGEST_BLOCK || flags & 0x06 != 0 {
            // Several texts laced into one block, which no program writes.
            let (what, text) = ("a block of text that is not understood", format!("{left} bytes"));
            self.warnings.push(0, WarningKind::Malformed { what, text });
            return Ok(None);
        }
        let content = self.source.take(left)?;
        let ticks = i16::from_be_bytes([high, low]);
        Ok(Some(Block { ticks, content }))
    }

    fn cue(&mut self, block: &Block, duration: Option<u64>, beside: &[u8]) -> Result<(), ReadError> {
        check_size(self.drafts)?;
        let content = match unpacked(&self.track.packing, block.content.clone()) {
            Ok(content) => content,
            Err(error) => {
                let (what, text) = ("a block that cannot be unpacked", error.to_string());
                self.warnings.push(0, WarningKind::Malformed { what, text });
                return Ok(());
            }
        };
        let in_time = |ticks: i128| from_nanos(ticks.saturating_mul(i128::from(self.scale)));
        let ticks = i128::from(self.cluster) + i128::from(block.ticks);
        let start = in_time(ticks);
        let default = || Some(from_nanos(i128::from(self.track.duration?)) - CueTime::ZERO);
        let end = match duration {
            Some(duration) => Some(in_time(ticks + i128::from(duration))),
            None => default().map(|length| start + length),
        };
        let content = decoded(&content, encoding_rs::WINDOWS_1252).replace("\r\n", "\n");
        let content = content.trim_end_matches('\0');
        let mut draft = Draft::new(0, start, end);
        match self.track.kind {
            Kind::SubRip => self.plain.read(content, false, 0, self.warnings),
            Kind::WebVtt => {
                // RFC 9559 has settings, identifier and comments beside the payload, a line each.
                let more = child(beside, id::BLOCK_MORE).and_then(|more| child(more, id::BLOCK_ADDITIONAL));
                let more = decoded(more.unwrap_or_default(), encoding_rs::WINDOWS_1252);
                let mut lines = more.lines();
                draft.origin = origin(lines.next(), lines.next());
                self.plain.read(content, false, 0, self.warnings);
            }
            Kind::WebmVtt => {
                let mut lines = content.splitn(3, '\n');
                let (identifier, settings) = (lines.next(), lines.next());
                draft.origin = origin(settings, identifier);
                self.plain.read(lines.next().unwrap_or(""), false, 0, self.warnings);
            }
            Kind::SubStation => {
                let mut fields = content.splitn(9, ',');
                let name = fields.nth(3).unwrap_or("");
                draft.name = self.drafts.names.id(name.trim());
                self.plain.clear();
                sub_station(fields.nth(4).unwrap_or(""), start, &mut self.plain);
            }
        }
        self.drafts.add(draft, &self.plain);
        Ok(())
    }
}

fn origin(settings: Option<&str>, identifier: Option<&str>) -> Option<Box<CueOrigin>> {
    let kept = |text: Option<&str>| text.map(str::trim).filter(|text| !text.is_empty()).map(str::to_owned);
    let origin = CueOrigin {
        identifier: kept(identifier),
        settings: kept(settings),
        ..CueOrigin::default()
    };
    (origin != CueOrigin::default()).then(|| Box::new(origin))
}

/// The text of a SubStation event: codes in braces go, drawings among them; `\k` tells the length of a syllable in
/// hundredths of a second.
fn sub_station(text: &str, start: CueTime, plain: &mut Plain) {
    let mut at = start;
    let mut syllable = None;
    let mut is_fresh = false;
    let mut draws = false;
    let mut rest = text;
    loop {
        let (said, after) = rest.split_once('{').unwrap_or((rest, ""));
        if !draws {
            let said = said.replace("\\N", "\n").replace("\\n", "\n").replace("\\h", "\u{a0}");
            match syllable {
                Some(end) if is_fresh => plain.word(&said, Some(at), Some(end)),
                // The same syllable goes on in other letters.
                Some(_) => plain.word(&said, None, None),
                None => plain.literal(&said),
            }
            is_fresh &= said.is_empty();
        }
        let Some((codes, after)) = after.split_once('}') else {
            // A brace that is never closed is text.
            plain.literal(rest.get(said.len()..).unwrap_or(""));
            return;
        };
        for code in codes.split('\\').skip(1) {
            let digits = code.trim_start_matches(|c: char| c.is_ascii_alphabetic());
            let name = code.get(..code.len() - digits.len()).unwrap_or("");
            let Ok(value) = digits.trim().parse::<u32>() else {
                continue;
            };
            match name {
                "k" | "K" | "kf" | "ko" => {
                    at = syllable.unwrap_or(at);
                    syllable = Some(at + TimeDelta::from_millis(i64::from(value) * 10));
                    is_fresh = true;
                }
                "p" => draws = value > 0,
                _ => {}
            }
        }
        rest = after;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sub_station_codes_go_and_syllables_are_timed() {
        let mut plain = Plain::default();
        sub_station(
            "{\\an8\\k50}Ka{\\k25}ra{\\kf30}oke\\Nnow {\\p1}m 0 0 l 1{\\p0}{x}& <on>",
            CueTime::ZERO,
            &mut plain,
        );
        assert_eq!(plain.text, "Karaoke\nnow & <on>");
        let starts: Vec<i64> = plain
            .words
            .iter()
            .filter_map(|word| Some(word.start?.as_micros() / 1_000))
            .collect();
        assert_eq!(starts[..3], [0, 500, 750]);
    }

    #[test]
    fn numbers_of_any_width() {
        for (bytes, value) in [
            (&b"\x81"[..], 1),
            (b"\x40\x02", 2),
            (b"\x10\x00\x00\x03", 3),
            (b"\x01\x00\x00\x00\x00\x00\x00\x04", 4),
        ] {
            assert_eq!(variable_in(bytes, false).map(|(value, _)| value), Some(value));
        }
        assert_eq!(variable_in(b"\x00\x01\x02\x03\x04\x05\x06\x07\x08", false), None);
        assert_eq!(variable_in(b"\x40", false), None);
    }
}
