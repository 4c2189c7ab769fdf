//! Text tracks, chapters and lyrics of MP4, M4A, M4B and QuickTime files (ISO 14496-12, 14496-30, 3GPP TS 26.245).
//!
//! A file is a tree of boxes: a length, a name of four letters, content. `moov` describes the tracks and tells for
//! each sample where it stands; `mdat` holds the samples and is not read but for the text's own.
//!
//! | sample format | a sample holds |
//! |---|---|
//! | `tx3g`, `text` | a length and a text, empty where nothing is shown; styles follow and are passed over |
//! | `wvtt` | boxes: a cue each, or that there is none. A cue that goes on stands in the next sample again |
//! | `stpp` | a TTML document |
//!
//! Chapters are a text track that another track refers to by `chap` (QuickTime), or the list `chpl` (Nero). iTunes
//! keeps lyrics in `©lyr`. Fragments (`moof`, as in live streams) are not read.

use std::io;

use super::super::draft::{Draft, Drafts};
use super::super::formats::{Family, Format, Spec};
use super::super::markup::Plain;
use super::super::{Input, Options, ReadError, WarningKind, Warnings};
use super::samples::{Sample, in_time, samples};
use super::{
    Found, Label, MOST_TRACKS, Source, broken, check_size, choose, decoded, language, lyrics, tidy, unreadable,
};
use crate::boxes::{all, box_header, child, entries, nero_chapters, number, scale};
use crate::time::{CueTime, TimeDelta};
use crate::transcript::{Chapter, CueOrigin};

/// The row of this format.
pub(in crate::format) const SPEC: Spec = Spec {
    format: Format::Mp4,
    key: "mp4",
    name: "MP4",
    extensions: &["mp4", "m4v", "m4a", "m4b", "mov", "3gp"],
    from: "ffmpeg, HandBrake, iTunes, audiobooks",
    family: Family::Media,
    recognise,
    read: |input: &Input<'_>, drafts, warnings| super::read_bytes(Format::Mp4, input, drafts, warnings),
    write: None,
};

/// A `moov` box larger than this describes no recording.
const LARGEST_MOOV: u64 = 128 << 20;
/// So many cues at a time are known again in the next sample.
const MOST_OPEN: usize = 64;

/// The first box: the kind of file, or what QuickTime put there before it had kinds.
fn recognise(input: &Input<'_>) -> Option<&'static str> {
    let kind = input.bytes.get(4..8)?;
    match kind {
        b"ftyp" => Some("it begins as MP4 does"),
        b"moov" | b"mdat" | b"wide" | b"free" | b"skip" => {
            // A text may begin with such letters, but not with a length in front of them.
            let length = number(input.bytes, 0, 4)?;
            (input.bytes.first() == Some(&0) && (length >= 8 || length == 1)).then_some("it begins as QuickTime does")
        }
        _ => None,
    }
}

/// Finds the text and the chapters.
pub(super) fn find(
    source: &mut Source<'_>,
    found: &mut Found,
    options: &Options<'_>,
    drafts: &mut Drafts,
    warnings: &mut Warnings,
) -> Result<(), ReadError> {
    let moov = moov(source, found, warnings)?;
    let movie_scale = child(&moov, *b"mvhd").and_then(scale).unwrap_or(1_000);
    let tracks: Vec<Track<'_>> = all(&moov, *b"trak")
        .take(MOST_TRACKS)
        .filter_map(|trak| Track::read(trak, movie_scale))
        .collect();
    let chapter_ids: Vec<u64> = tracks.iter().flat_map(|track| track.chapters.iter().copied()).collect();
    let chapter_track = tracks
        .iter()
        .find(|track| chapter_ids.contains(&track.id) && track.kind == Some(Kind::Text));
    if let Some(track) = chapter_track {
        chapters(source, track, found)?;
    }
    let user = child(&moov, *b"udta").unwrap_or_default();
    if found.chapters.is_empty() {
        let chapter = |(start, title): (u64, &[u8])| Chapter {
            start: CueTime::from_micros(i64::try_from(start / 10).unwrap_or(i64::MAX)),
            end: None,
            title: tidy(&decoded(title, encoding_rs::WINDOWS_1252)).unwrap_or_default(),
        };
        found.chapters = nero_chapters(&moov).into_iter().map(chapter).collect();
    }
    let tags = tags(user);
    drafts.title = tag(tags, *b"\xa9nam").and_then(|title| tidy(&title));
    for track in tracks.iter().filter(|track| track.kind.is_none()) {
        if let Some(what) = &track.unread {
            found.unread.push(what.clone());
        }
    }
    let is_text = |track: &&Track<'_>| track.kind.is_some() && !chapter_ids.contains(&track.id);
    let texts: Vec<&Track<'_>> = tracks.iter().filter(is_text).collect();
    if texts.is_empty() {
        let texts: Vec<_> = tag(tags, *b"\xa9lyr").into_iter().map(|text| (None, text)).collect();
        return lyrics::read(&texts, found, options, drafts, warnings);
    }
    let labels: Vec<Label> = texts.iter().map(|track| track.label.clone()).collect();
    let chosen = choose(&labels, options, drafts, warnings)?;
    found.has_track = true;
    let Some(track) = texts.get(chosen) else { return Ok(()) };
    let samples = samples(track.table, source.length)?;
    let mut reader = Reader {
        track,
        options,
        plain: Plain::default(),
        open: Vec::new(),
        drafts,
        warnings,
    };
    for sample in &samples {
        let content = sample.content(source).map_err(|error| unreadable(&error))?;
        reader.sample(sample, &content)?;
        check_size(reader.drafts)?;
    }
    Ok(())
}

/// The box that describes the file.
fn moov(source: &mut Source<'_>, found: &mut Found, warnings: &mut Warnings) -> Result<Vec<u8>, ReadError> {
    let fault = |error: io::Error| unreadable(&error);
    let mut moov = Vec::new();
    let mut fragments = false;
    while source.left() >= 8 {
        let at = source.at;
        let mut head = source.take(8).map_err(fault)?;
        if number(&head, 0, 4) == Some(1) {
            head.extend(source.take(8).map_err(fault)?);
        }
        let Some((kind, header, size)) = box_header(&head, source.length - at) else {
            let why = format!("no box begins at byte {at}, or it does not end in the file");
            warnings.push(0, WarningKind::CutOff { why });
            break;
        };
        fragments |= &kind == b"moof";
        if &kind == b"moov" && moov.is_empty() {
            if size > LARGEST_MOOV {
                let limit = LARGEST_MOOV >> 20;
                return Err(broken(format!("the description of the file is more than {limit} MB")));
            }
            moov = source.take(size - header).map_err(fault)?;
        }
        source.go(at.saturating_add(size)).map_err(fault)?;
    }
    if fragments {
        found.unread.push("fragments, which are not read".to_owned());
    }
    if moov.is_empty() {
        return Err(broken(
            "this MP4 file does not describe its tracks; it is broken or cut off",
        ));
    }
    Ok(moov)
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Text,
    WebVtt,
    Ttml,
}

#[derive(Debug)]
struct Track<'a> {
    id: u64,
    /// None where it is no text.
    kind: Option<Kind>,
    /// What is told of a text that is not read.
    unread: Option<String>,
    label: Label,
    /// Ticks of a second.
    scale: u64,
    /// From the samples' times to the recording's: what the edit list puts before or cuts off.
    shift: TimeDelta,
    /// The tracks that hold its chapters.
    chapters: Vec<u64>,
    table: &'a [u8],
}

impl<'a> Track<'a> {
    fn read(trak: &'a [u8], movie_scale: u64) -> Option<Self> {
        let header = child(trak, *b"tkhd")?;
        let media = child(trak, *b"mdia")?;
        let media_header = child(media, *b"mdhd")?;
        let table = child(child(media, *b"minf")?, *b"stbl")?;
        let handler = child(media, *b"hdlr")
            .and_then(|handler| handler.get(8..12))
            .unwrap_or_default();
        let format = child(table, *b"stsd")
            .and_then(|list| list.get(12..16))
            .unwrap_or_default();
        let kind = match format {
            b"tx3g" | b"text" => Some(Kind::Text),
            b"wvtt" => Some(Kind::WebVtt),
            b"stpp" => Some(Kind::Ttml),
            _ => None,
        };
        let is_shown = matches!(handler, b"sbtl" | b"subt" | b"clcp" | b"subp" | b"text");
        let name = || decoded(format, encoding_rs::WINDOWS_1252);
        let chapters = child(trak, *b"tref")
            .and_then(|refs| child(refs, *b"chap"))
            .unwrap_or_default();
        let version = header.first() == Some(&1);
        let scale = scale(media_header).filter(|scale| *scale > 0)?;
        let user = child(trak, *b"udta").unwrap_or_default();
        let told = child(media, *b"elng")
            .and_then(|tag| tag.get(4..))
            .map(|tag| decoded(tag, encoding_rs::UTF_8));
        Some(Self {
            id: number(header, if version { 20 } else { 12 }, 4)?,
            kind,
            unread: (kind.is_none() && is_shown).then(|| format!("subtitles that are no text ({})", name())),
            label: Label {
                name: child(user, *b"name").and_then(|name| tidy(&decoded(name, encoding_rs::MACINTOSH))),
                language: told
                    .as_deref()
                    .and_then(language)
                    .or_else(|| packed_language(media_header)),
                is_default: number(header, 0, 4).is_some_and(|flags| flags & 1 == 1),
                is_forced: false,
            },
            scale,
            shift: child(trak, *b"edts")
                .and_then(|edits| child(edits, *b"elst"))
                .and_then(|list| shift(list, movie_scale, scale))
                .unwrap_or(TimeDelta::ZERO),
            chapters: chapters
                .chunks_exact(4)
                .take(MOST_TRACKS)
                .filter_map(|id| number(id, 0, 4))
                .collect(),
            table,
        })
    }

    fn time(&self, ticks: u64) -> CueTime {
        CueTime::ZERO + in_time(ticks, self.scale) + self.shift
    }
}

/// The samples while they are read.
struct Reader<'a, 'd> {
    track: &'a Track<'a>,
    options: &'a Options<'a>,
    plain: Plain,
    /// The WebVTT cues of the sample before: what they hold, their place among the drafts, their end.
    open: Vec<(Vec<u8>, usize, CueTime)>,
    drafts: &'d mut Drafts,
    warnings: &'d mut Warnings,
}

impl Reader<'_, '_> {
    fn sample(&mut self, sample: &Sample, content: &[u8]) -> Result<(), ReadError> {
        let start = self.track.time(sample.start);
        let end = self.track.time(sample.start.saturating_add(sample.duration));
        if (content.len() as u64) < sample.size {
            let (what, text) = ("a text that the file does not hold", format!("at byte {}", sample.at));
            self.warnings.push(0, WarningKind::Malformed { what, text });
        }
        match self.track.kind {
            Some(Kind::Text) => {
                self.plain.clear();
                self.plain.literal(&text_of(content));
                if !self.plain.text.is_empty() {
                    self.drafts.add(Draft::new(0, start, Some(end)), &self.plain);
                }
            }
            Some(Kind::WebVtt) => self.web_vtt(start, end, content),
            Some(Kind::Ttml) => ttml(content, self.options, self.drafts, self.warnings)?,
            None => {}
        }
        Ok(())
    }

    /// ISO 14496-30, section 6.6: `vttc` for each cue, with `iden`, `sttg` and `payl` in it.
    fn web_vtt(&mut self, start: CueTime, end: CueTime, content: &[u8]) {
        let before = std::mem::take(&mut self.open);
        for cue in all(content, *b"vttc") {
            let goes_on = before
                .iter()
                .find(|(held, _, held_end)| held == cue && *held_end == start);
            if let Some((held, place, _)) = goes_on {
                if let Some(draft) = self.drafts.cues.get_mut(*place) {
                    draft.end = Some(end);
                }
                self.open.push((held.clone(), *place, end));
                continue;
            }
            let of = |kind| {
                child(cue, kind)
                    .map(|text| decoded(text, encoding_rs::UTF_8))
                    .and_then(|text| tidy(&text))
            };
            let payload = child(cue, *b"payl").map(|text| decoded(text, encoding_rs::UTF_8));
            self.plain
                .read(payload.as_deref().unwrap_or(""), false, 0, self.warnings);
            let mut draft = Draft::new(0, start, Some(end));
            let origin = CueOrigin {
                identifier: of(*b"iden"),
                settings: of(*b"sttg"),
                ..CueOrigin::default()
            };
            if origin != CueOrigin::default() {
                draft.origin = Some(Box::new(origin));
            }
            if self.open.len() < MOST_OPEN {
                self.open.push((cue.to_vec(), self.drafts.cues.len(), end));
            }
            self.drafts.add(draft, &self.plain);
        }
    }
}

/// A TTML document, whose times are on the track's clock.
fn ttml(content: &[u8], options: &Options<'_>, drafts: &mut Drafts, warnings: &mut Warnings) -> Result<(), ReadError> {
    let Some(format) = Format::from_key("ttml") else {
        return Err(broken("the text of this file is TTML, which is not read"));
    };
    let text = decoded(content, encoding_rs::UTF_8);
    let input = Input::new(content, &text, options);
    (format.spec().read)(&input, drafts, warnings)
}

/// A length and a text, in UTF-8 or UTF-16 with its mark; QuickTime's old ones in the Macintosh's encoding.
fn text_of(sample: &[u8]) -> String {
    let length = number(sample, 0, 2)
        .and_then(|length| usize::try_from(length).ok())
        .unwrap_or(0);
    let rest = sample.get(2..).unwrap_or_default();
    decoded(rest.get(..length).unwrap_or(rest), encoding_rs::MACINTOSH)
}

fn chapters(source: &mut Source<'_>, track: &Track<'_>, found: &mut Found) -> Result<(), ReadError> {
    for sample in samples(track.table, source.length)? {
        let content = sample.content(source).map_err(|error| unreadable(&error))?;
        if let Some(title) = tidy(&text_of(&content)) {
            found.chapters.push(Chapter {
                start: track.time(sample.start),
                end: Some(track.time(sample.start.saturating_add(sample.duration))),
                title,
            });
        }
    }
    Ok(())
}

/// The list of iTunes' tags. In MP4 four bytes stand before the boxes of `meta`, in QuickTime none.
fn tags(user: &[u8]) -> &[u8] {
    let meta = child(user, *b"meta").unwrap_or_default();
    let inside = meta.get(4..).and_then(|inside| child(inside, *b"ilst"));
    inside.or_else(|| child(meta, *b"ilst")).unwrap_or_default()
}

/// A tag's text: kind and country before it.
fn tag(list: &[u8], kind: [u8; 4]) -> Option<String> {
    let data = child(child(list, kind)?, *b"data")?;
    Some(decoded(data.get(8..)?, encoding_rs::WINDOWS_1252))
}

/// Three letters of five bits each.
fn packed_language(header: &[u8]) -> Option<String> {
    let at = if header.first() == Some(&1) { 32 } else { 20 };
    let packed = number(header, at, 2)?;
    let letter = |shift: u64| char::from(0x60 + (packed >> shift & 0x1f) as u8);
    let code: String = [letter(10), letter(5), letter(0)].iter().collect();
    language(&code).filter(|code| code.bytes().all(|byte| byte.is_ascii_lowercase()))
}

/// What an edit list moves the track by: empty edits come before it, and its first samples may be cut off. A list of
/// several pieces is left alone.
fn shift(list: &[u8], movie_scale: u64, scale: u64) -> Option<TimeDelta> {
    let (width, entry) = if list.first() == Some(&1) { (8, 20) } else { (4, 12) };
    let empty = if width == 8 { u64::MAX } else { u64::from(u32::MAX) };
    let mut shift = TimeDelta::ZERO;
    for edit in entries(list, entry) {
        let (duration, from) = (number(edit, 0, width)?, number(edit, width, width)?);
        if from != empty {
            return Some(shift - in_time(from, scale));
        }
        shift = shift + in_time(duration, movie_scale);
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn boxed(kind: [u8; 4], body: &[u8]) -> Vec<u8> {
        [&(body.len() as u32 + 8).to_be_bytes(), kind.as_slice(), body].concat()
    }

    #[test]
    fn a_cue_that_goes_on_in_the_next_sample_is_one() {
        let cue = |text: &str| boxed(*b"vttc", &boxed(*b"payl", text.as_bytes()));
        let track = Track {
            id: 1,
            kind: Some(Kind::WebVtt),
            unread: None,
            label: Label::default(),
            scale: 1,
            shift: TimeDelta::ZERO,
            chapters: Vec::new(),
            table: &[],
        };
        let (mut drafts, mut warnings) = (Drafts::default(), Warnings::default());
        let mut reader = Reader {
            track: &track,
            options: &Options::default(),
            plain: Plain::default(),
            open: Vec::new(),
            drafts: &mut drafts,
            warnings: &mut warnings,
        };
        let both = [cue("It rained."), cue("<v Ben>Yes.")].concat();
        for (start, content) in (0_u64..).zip([cue("It rained."), both, cue("It rained."), boxed(*b"vtte", b"")]) {
            let sample = Sample {
                at: 0,
                size: content.len() as u64,
                start,
                duration: 1,
            };
            reader.sample(&sample, &content).expect("a sample");
        }
        let seconds = |time: CueTime| time.as_secs_f64();
        let spans: Vec<(f64, Option<f64>)> = drafts
            .cues
            .iter()
            .map(|cue| (seconds(cue.start), cue.end.map(seconds)))
            .collect();
        assert_eq!(spans, [(0.0, Some(3.0)), (1.0, Some(2.0))]);
    }
}
