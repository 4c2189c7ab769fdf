//! What a Matroska file says of itself before and around its clusters: tracks, chapters, the length of a tick.

use std::io::{self, Read};

use super::super::{MAX_CUES, WarningKind, Warnings};
use super::ebml::{child, element, elements, text, unsigned};
use super::{Label, MOST_TRACKS, Source, language};
use crate::ebml::id;
use crate::time::CueTime;
use crate::transcript::Chapter;

/// What describes the file is no larger, with however many tracks and chapters.
const LARGEST_HEAD: u64 = 32 << 20;
/// No block of text is larger.
pub(super) const LARGEST_BLOCK: u64 = 1 << 20;
/// Chapters inside chapters; deeper ones are left out.
const DEEPEST: usize = 8;

/// What stands before and around the clusters.
#[derive(Debug)]
pub(super) struct Head {
    /// Nanoseconds of a tick.
    pub scale: u64,
    /// What it is called.
    pub title: Option<String>,
    /// The tracks of text.
    pub tracks: Vec<Track>,
    /// What is told of texts that are not read.
    pub unread: Vec<String>,
    /// The chapters.
    pub chapters: Vec<Chapter>,
    /// Where the first cluster begins.
    pub first_cluster: Option<u64>,
}

/// A track of text.
#[derive(Debug)]
pub(super) struct Track {
    /// By which its blocks are known.
    pub number: u64,
    /// What its blocks hold.
    pub kind: Kind,
    /// What it is called.
    pub label: Label,
    /// How long a block lasts that does not tell, in nanoseconds.
    pub duration: Option<u64>,
    /// What was done to its blocks, the last first.
    pub packing: Vec<Packing>,
}

/// What the blocks of a track hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    SubRip,
    WebVtt,
    WebmVtt,
    SubStation,
}

/// What was done to a block.
#[derive(Debug)]
pub(super) enum Packing {
    Zlib,
    /// Bytes with which every block begins were left out.
    Stripped(Vec<u8>),
}

impl Head {
    /// Reads from the start of the file to its end, passing over the clusters.
    pub fn read(source: &mut Source<'_>, warnings: &mut Warnings) -> io::Result<Self> {
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
        let tracks = elements(content).filter(|(id, _)| *id == id::TRACK);
        for (_, track) in tracks.take(MOST_TRACKS.saturating_sub(self.tracks.len())) {
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

/// Nanoseconds as a time.
pub(super) fn from_nanos(nanos: i128) -> CueTime {
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

/// A block as it was before it was packed.
pub(super) fn unpacked(packing: &[Packing], mut bytes: Vec<u8>) -> io::Result<Vec<u8>> {
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
