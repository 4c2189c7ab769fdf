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

use std::io;

use super::super::MAX_CUES;
use super::super::draft::{Draft, Drafts};
use super::super::formats::{Family, Format, Spec};
use super::super::markup::Plain;
use super::super::{Input, Options, ReadError, WarningKind, Warnings};
use super::ebml::{Element, child, element, unsigned, variable};
use super::matroska_head::{Head, Kind, LARGEST_BLOCK, Track, from_nanos, unpacked};
use super::{Found, Label, Source, check_size, choose, decoded, unreadable};
use crate::ebml::id;
use crate::time::{CueTime, TimeDelta};
use crate::transcript::CueOrigin;

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
}
