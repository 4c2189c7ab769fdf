//! Timed lyrics and chapters in the ID3v2 tag of MP3 files (id3.org: versions 2.2 to 2.4, and Chapter Frames 1.0).
//!
//! The tag stands before the sound: frames of a name, a length and content. Only frames of text are read; pictures
//! are passed over.
//!
//! | frame | holds |
//! |---|---|
//! | `SYLT` | texts with a time each: lines, or words and syllables, a line break before the first of a line |
//! | `USLT`, `TXXX` called lyrics | one text; LRC, SubRip and text with time codes are kept there |
//! | `CHAP` | a chapter: start and end in milliseconds, its title as a frame inside |
//! | `TIT2` | the title |
//!
//! The table of contents (`CTOC`) only orders and nests the chapters, so they are read without it.

use std::io;

use super::super::draft::{Draft, Drafts};
use super::super::flow::Flow;
use super::super::formats::{Family, Format, Spec};
use super::super::markup::Plain;
use super::super::warning::shorten;
use super::super::{Input, Options, ReadError, WarningKind, Warnings};
use super::{Found, Label, Source, choose, decoded, language, lyrics, number, tidy, unreadable};
use crate::time::CueTime;
use crate::transcript::Chapter;

/// The row of this format.
pub(in crate::format) const SPEC: Spec = Spec {
    format: Format::Id3,
    key: "id3",
    name: "MP3 with lyrics",
    extensions: &["mp3"],
    from: "taggers, podcast hosts, music libraries",
    family: Family::Media,
    recognise: |input| input.bytes.starts_with(b"ID3").then_some("it begins with an ID3 tag"),
    read: |input: &Input<'_>, drafts, warnings| super::read_bytes(Format::Id3, input, drafts, warnings),
    write: None,
};

/// A frame of text is no larger.
const LARGEST_FRAME: u64 = 16 << 20;
/// No tag has more frames; a file of empty ones has no more to say.
const MOST_FRAMES: usize = 100_000;
/// Frames a second of the usual MP3: 1152 samples each, 44,100 a second. Times 1000.
const USUAL_RATE: u32 = 38_281;

/// Finds the lyrics and the chapters.
pub(super) fn find(
    source: &mut Source<'_>,
    found: &mut Found,
    options: &Options<'_>,
    drafts: &mut Drafts,
    warnings: &mut Warnings,
) -> Result<(), ReadError> {
    let frames = frames(source, warnings).map_err(|error| unreadable(&error))?;
    let mut timed = Vec::new();
    let mut texts = Vec::new();
    for frame in &frames {
        match &frame.name {
            b"SYLT" => timed.extend(Timed::read(&frame.content)),
            b"USLT" => texts.extend(lyrics_of(&frame.content)),
            b"TXXX" => texts.extend(named_lyrics(&frame.content)),
            b"CHAP" => found.chapters.extend(chapter(&frame.content)),
            b"TIT2" => drafts.title = text_frame(&frame.content),
            _ => {}
        }
    }
    timed.retain(|timed| {
        if !timed.is_speech {
            let text: Vec<&str> = timed.pieces.iter().map(|(text, _)| text.as_str()).collect();
            let (what, text) = ("timed texts that are no lyrics were left out", shorten(&text.join(" ")));
            warnings.push(0, WarningKind::Malformed { what, text });
        }
        timed.is_speech
    });
    if timed.is_empty() {
        return lyrics::read(&texts, found, options, drafts, warnings);
    }
    let labels: Vec<Label> = timed.iter().map(|timed| timed.label.clone()).collect();
    let chosen = choose(&labels, options, drafts, warnings)?;
    found.has_track = true;
    if let Some(timed) = timed.get(chosen) {
        timed.add(options, drafts, warnings);
    }
    // What is sung once more without times says nothing new where it can be read in the timed text; it is told.
    for (_, text) in &texts {
        let text = shorten(text);
        warnings.push(0, WarningKind::StrayText { text });
    }
    Ok(())
}

#[derive(Debug)]
struct Frame {
    /// The name it has from version 2.3 on.
    name: [u8; 4],
    content: Vec<u8>,
}

/// The frames of text.
fn frames(source: &mut Source<'_>, warnings: &mut Warnings) -> io::Result<Vec<Frame>> {
    let head = source.take(10)?;
    let (version, flags) = (head.get(3).copied().unwrap_or(0), head.get(5).copied().unwrap_or(0));
    let length = head.get(6..10).map_or(0, syncsafe);
    let end = (10 + length).min(source.length);
    if length > source.left() {
        let why = "the tag is longer than the file".to_owned();
        warnings.push(0, WarningKind::CutOff { why });
    }
    // Until 2.3 the whole tag was made free of what looks like sound; lengths count what it was before.
    if flags & 0x80 != 0 && version < 4 {
        let bytes = source.take(length.min(LARGEST_FRAME))?;
        let mut plain = io::Cursor::new(without_stuffing(&bytes));
        let mut inner = Source::new(&mut plain)?;
        let end = inner.length;
        return frames_of(&mut inner, version, flags, end, warnings);
    }
    frames_of(source, version, flags, end, warnings)
}

fn frames_of(
    source: &mut Source<'_>,
    version: u8,
    flags: u8,
    end: u64,
    warnings: &mut Warnings,
) -> io::Result<Vec<Frame>> {
    if flags & 0x40 != 0 && version >= 3 {
        // The extended header: its length counts itself from 2.4 on.
        let length = source.take(4)?;
        let length = if version == 3 {
            number(&length, 0, 4).unwrap_or(0)
        } else {
            syncsafe(&length).saturating_sub(4)
        };
        source.skip(length)?;
    }
    let mut frames = Vec::new();
    let width = if version < 3 { 6 } else { 10 };
    for _ in 0..MOST_FRAMES {
        if source.at.saturating_add(width) > end {
            break;
        }
        let head = source.take(width)?;
        let Some(head) = FrameHead::read(&head, version) else {
            break;
        };
        let from = source.at;
        // iTunes wrote plain lengths into tags of version 2.4: they are told by where the next frame begins.
        let mut size = head.size;
        if version >= 4 && head.size != head.plain_size && !begins_frame(source, from.saturating_add(size), end)? {
            if begins_frame(source, from.saturating_add(head.plain_size), end)? {
                size = head.plain_size;
            }
            source.go(from)?;
        }
        source.go(from)?;
        let is_text = matches!(&head.name, b"SYLT" | b"USLT" | b"TXXX" | b"CHAP" | b"TIT2");
        if is_text && head.is_packed {
            let text = String::from_utf8_lossy(&head.name).into_owned();
            let what = "a frame that is packed or encrypted was left out";
            warnings.push(0, WarningKind::Malformed { what, text });
        } else if is_text && size <= LARGEST_FRAME {
            let content = source.take(size.min(end.saturating_sub(from)))?;
            let content = content.get(head.extra..).unwrap_or_default();
            let content = if head.is_stuffed {
                without_stuffing(content)
            } else {
                content.to_vec()
            };
            frames.push(Frame {
                name: head.name,
                content,
            });
        }
        source.go(from.saturating_add(size))?;
    }
    Ok(frames)
}

struct FrameHead {
    name: [u8; 4],
    size: u64,
    /// The length if it is no number of seven bits a byte.
    plain_size: u64,
    /// How many bytes stand before the content.
    extra: usize,
    is_packed: bool,
    is_stuffed: bool,
}

impl FrameHead {
    fn read(head: &[u8], version: u8) -> Option<Self> {
        if version < 3 {
            let name = match head.get(..3)? {
                b"SLT" => *b"SYLT",
                b"ULT" => *b"USLT",
                b"TXX" => *b"TXXX",
                b"TT2" => *b"TIT2",
                name => name.iter().copied().all(is_name).then_some(*b"----")?,
            };
            let size = number(head, 3, 3)?;
            return Some(Self {
                name,
                size,
                plain_size: size,
                extra: 0,
                is_packed: false,
                is_stuffed: false,
            });
        }
        let name = *head
            .first_chunk::<4>()
            .filter(|name| name.iter().copied().all(is_name))?;
        let plain_size = number(head, 4, 4)?;
        let flags = *head.get(9)?;
        let newer = version >= 4;
        let (packed, grouped) = if newer { (0x0c, 0x40) } else { (0xc0, 0x20) };
        let tells_length = newer && flags & 0x01 != 0;
        Some(Self {
            name,
            size: if newer { syncsafe(head.get(4..8)?) } else { plain_size },
            plain_size,
            extra: usize::from(flags & grouped != 0) + if tells_length { 4 } else { 0 },
            is_packed: flags & packed != 0,
            is_stuffed: newer && flags & 0x02 != 0,
        })
    }
}

fn is_name(byte: u8) -> bool {
    byte.is_ascii_uppercase() || byte.is_ascii_digit()
}

/// Whether a frame, the padding after the last one or the end of the tag is at a place.
fn begins_frame(source: &mut Source<'_>, at: u64, end: u64) -> io::Result<bool> {
    if at >= end {
        return Ok(at == end);
    }
    source.go(at)?;
    let name = source.take(4)?;
    Ok(name.iter().copied().all(is_name) || name.iter().all(|byte| *byte == 0))
}

/// A number of which each byte holds seven bits.
fn syncsafe(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0, |sum, &byte| sum << 7 | u64::from(byte & 0x7f))
}

/// Without the zeros put after each byte of ones.
fn without_stuffing(bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(bytes.len());
    let mut before = 0;
    for &byte in bytes {
        if !(before == 0xff && byte == 0) {
            out.push(byte);
        }
        before = byte;
    }
    out
}

/// How a frame's texts are written.
#[derive(Debug, Clone, Copy)]
struct Coding(u8);

impl Coding {
    /// Takes a text off the front, with the zeros that end it.
    fn text<'a>(self, bytes: &'a [u8], mark: &mut [u8; 2]) -> (String, &'a [u8]) {
        let wide = matches!(self.0, 1 | 2);
        let end = if wide {
            bytes.chunks_exact(2).position(|pair| pair == [0, 0]).map(|at| at * 2)
        } else {
            bytes.iter().position(|byte| *byte == 0)
        };
        let length = end.unwrap_or(bytes.len());
        let text = bytes.get(..length).unwrap_or_default();
        let after = length
            + if end.is_none() {
                0
            } else if wide {
                2
            } else {
                1
            };
        (self.decoded(text, mark), bytes.get(after..).unwrap_or_default())
    }

    /// Latin-1 is often claimed and seldom true. Some taggers write the mark of UTF-16 before the first text alone.
    fn decoded(self, bytes: &[u8], mark: &mut [u8; 2]) -> String {
        match self.0 {
            1 => {
                if let Some(own) = bytes
                    .first_chunk::<2>()
                    .filter(|own| matches!(*own, [0xff, 0xfe] | [0xfe, 0xff]))
                {
                    *mark = *own;
                    return decoded(bytes, encoding_rs::UTF_16LE);
                }
                let encoding = if *mark == [0xfe, 0xff] {
                    encoding_rs::UTF_16BE
                } else {
                    encoding_rs::UTF_16LE
                };
                encoding.decode_without_bom_handling(bytes).0.into_owned()
            }
            2 => encoding_rs::UTF_16BE.decode_without_bom_handling(bytes).0.into_owned(),
            3 => decoded(bytes, encoding_rs::UTF_8),
            _ => decoded(bytes, encoding_rs::WINDOWS_1252),
        }
    }
}

fn text_frame(content: &[u8]) -> Option<String> {
    let (coding, rest) = content.split_first()?;
    tidy(&Coding(*coding).text(rest, &mut [0xff, 0xfe]).0)
}

/// Language, description, text.
fn lyrics_of(content: &[u8]) -> Option<(Option<String>, String)> {
    let coding = Coding(*content.first()?);
    let told = language(&decoded(content.get(1..4)?, encoding_rs::WINDOWS_1252).to_ascii_lowercase());
    let mut mark = [0xff, 0xfe];
    let (_, rest) = coding.text(content.get(4..)?, &mut mark);
    let text = coding.text(rest, &mut mark).0;
    (!text.trim().is_empty()).then_some((told, text))
}

/// A text under a name of the tagger's own: `LYRICS`, `SYNCEDLYRICS`.
fn named_lyrics(content: &[u8]) -> Option<(Option<String>, String)> {
    let (coding, rest) = content.split_first()?;
    let mut mark = [0xff, 0xfe];
    let (name, rest) = Coding(*coding).text(rest, &mut mark);
    let text = Coding(*coding).text(rest, &mut mark).0;
    name.to_ascii_lowercase().contains("lyrics").then_some((None, text))
}

/// Its name, start and end in milliseconds, the same in bytes, frames.
fn chapter(content: &[u8]) -> Option<Chapter> {
    let name = content.iter().position(|byte| *byte == 0)?;
    let rest = content.get(name + 1..)?;
    let time = |at| {
        number(rest, at, 4)
            .and_then(|millis| i64::try_from(millis).ok())
            .map(CueTime::from_millis)
    };
    let mut frames = rest.get(16..)?;
    let mut title = None;
    while let Some(head) = FrameHead::read(frames.get(..10).unwrap_or_default(), 3) {
        // Small enough that both ways to write a length agree, but for a title of more than 127 bytes.
        let size = usize::try_from(head.plain_size).ok()?;
        let size = if size > frames.len() - 10 {
            frames.len() - 10
        } else {
            size
        };
        if &head.name == b"TIT2" {
            title = text_frame(frames.get(10..10 + size)?);
        }
        frames = frames.get(10 + size..)?;
    }
    Some(Chapter {
        start: time(0)?,
        // All ones where it is not told.
        end: time(4).filter(|end| *end < CueTime::from_millis(i64::from(u32::MAX))),
        title: title.unwrap_or_default(),
    })
}

/// Texts with a time each.
#[derive(Debug)]
struct Timed {
    label: Label,
    /// Whether it is text that is spoken or sung, and no chords, events or addresses.
    is_speech: bool,
    /// Whether times count frames of the sound.
    in_frames: bool,
    pieces: Vec<(String, u64)>,
}

impl Timed {
    fn read(content: &[u8]) -> Option<Self> {
        const FRAMES: u8 = 1;
        let coding = Coding(*content.first()?);
        let told = decoded(content.get(1..4)?, encoding_rs::WINDOWS_1252).to_ascii_lowercase();
        let (unit, kind) = (*content.get(4)?, *content.get(5)?);
        let mut mark = [0xff, 0xfe];
        let (name, mut rest) = coding.text(content.get(6..)?, &mut mark);
        let mut pieces = Vec::new();
        while rest.len() >= 5 {
            let (text, after) = coding.text(rest, &mut mark);
            let Some(time) = number(after, 0, 4) else { break };
            pieces.push((text, time));
            rest = after.get(4..).unwrap_or_default();
        }
        Some(Self {
            label: Label {
                name: tidy(&name),
                language: language(&told),
                is_default: true,
                is_forced: false,
            },
            is_speech: kind <= 2,
            in_frames: unit == FRAMES,
            pieces,
        })
    }

    fn add(&self, options: &Options<'_>, drafts: &mut Drafts, warnings: &mut Warnings) {
        let rate = options.frame_rate.filter(|rate| *rate > 0.0);
        if self.in_frames && rate.is_none() {
            let assumed = USUAL_RATE;
            warnings.push(0, WarningKind::FrameRate { assumed });
        }
        let rate = rate.unwrap_or(f64::from(USUAL_RATE) / 1e3);
        let time = |count: u64| {
            if self.in_frames {
                CueTime::from_secs_f64(count as f64 / rate)
            } else {
                CueTime::from_millis(i64::try_from(count).unwrap_or(i64::MAX))
            }
        };
        let is_line_start = |text: &str| text.starts_with(['\n', '\r']);
        let starts = self
            .pieces
            .iter()
            .skip(1)
            .filter(|(text, _)| is_line_start(text))
            .count();
        let has_blanks = |(text, _): &(String, u64)| text.trim().contains(char::is_whitespace);
        let spoken = self.pieces.iter().filter(|(text, _)| !text.trim().is_empty()).count();
        let sentences = self.pieces.iter().filter(|piece| has_blanks(piece)).count();
        let rows = self.pieces.iter().map(|(text, count)| (text.as_str(), time(*count)));
        if starts > 0 && starts + 1 < spoken {
            lines_of_words(rows, drafts);
        } else if starts > 0 || sentences * 2 > spoken || spoken < 2 {
            whole_lines(rows, drafts);
        } else {
            words(rows, drafts, warnings);
        }
    }
}

/// A cue for each text; an empty one ends the one before.
fn whole_lines<'t>(rows: impl Iterator<Item = (&'t str, CueTime)>, drafts: &mut Drafts) {
    let mut plain = Plain::default();
    for (text, start) in rows {
        plain.clear();
        plain.literal(text);
        if let (true, Some(last)) = (plain.text.is_empty(), drafts.cues.last_mut()) {
            last.end = last.end.or(Some(start));
        } else if !plain.text.is_empty() {
            drafts.add(Draft::new(0, start, None), &plain);
        }
    }
}

/// A cue for each line, its words timed; a line begins with a break.
fn lines_of_words<'t>(rows: impl Iterator<Item = (&'t str, CueTime)>, drafts: &mut Drafts) {
    let mut plain = Plain::default();
    let mut line: Option<CueTime> = None;
    let mut close = |plain: &mut Plain, start: Option<CueTime>, end: Option<CueTime>| {
        if let (Some(start), false) = (start, plain.text.is_empty()) {
            drafts.add(Draft::new(0, start, end), plain);
        }
        plain.clear();
    };
    let mut rows = rows.peekable();
    while let Some((text, start)) = rows.next() {
        if text.starts_with(['\n', '\r']) {
            close(&mut plain, line.take(), Some(start));
        }
        let end = rows.peek().map(|(_, next)| *next);
        line = line.or(Some(start));
        let text = text.trim_start_matches(['\n', '\r']);
        plain.word(text, Some(start), end);
    }
    close(&mut plain, line, None);
}

/// Words without lines. Where any has a blank at its end, those without one are syllables of the word before.
fn words<'t>(rows: impl Iterator<Item = (&'t str, CueTime)> + Clone, drafts: &mut Drafts, warnings: &mut Warnings) {
    let is_open = |text: &str| text.starts_with(char::is_whitespace) || text.ends_with(char::is_whitespace);
    let has_syllables = rows.clone().any(|(text, _)| is_open(text));
    let mut words: Vec<(String, CueTime)> = Vec::new();
    let mut parted = true;
    for (text, start) in rows {
        match words.last_mut() {
            Some((word, _)) if has_syllables && !parted && !text.starts_with(char::is_whitespace) => {
                word.push_str(text.trim());
            }
            _ => words.push((text.trim().to_owned(), start)),
        }
        parted = text.ends_with(char::is_whitespace) || text.is_empty();
    }
    let mut flow = Flow::new(drafts);
    let ends = words.iter().skip(1).map(|(_, start)| Some(*start)).chain([None]);
    for ((word, start), end) in words.iter().zip(ends) {
        flow.word(0, word, Some(*start), end, None);
    }
    flow.finish(warnings);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(pieces: &[(&str, u64)]) -> Vec<(i64, String, usize)> {
        let timed = Timed {
            label: Label::default(),
            is_speech: true,
            in_frames: false,
            pieces: pieces.iter().map(|(text, time)| ((*text).to_owned(), *time)).collect(),
        };
        let (mut drafts, mut warnings) = (Drafts::default(), Warnings::default());
        timed.add(&Options::default(), &mut drafts, &mut warnings);
        let cue = |cue: &Draft| {
            (
                cue.start.as_micros() / 1_000,
                drafts.text_of(cue).to_owned(),
                cue.words.len(),
            )
        };
        drafts.cues.iter().map(cue).collect()
    }

    #[test]
    fn lines_words_and_syllables_are_told_apart() {
        let lines = read(&[
            ("It rained", 0),
            ("the whole night", 900),
            ("", 2_000),
            ("and day", 3_000),
        ]);
        assert_eq!(lines[1], (900, "the whole night".to_owned(), 0));
        let words = read(&[
            ("It", 0),
            (" rai", 200),
            ("ned", 300),
            ("\nall", 900),
            (" night", 1_200),
        ]);
        assert_eq!(
            words,
            [(0, "It rained".to_owned(), 2), (900, "all night".to_owned(), 2)]
        );
        let flow = read(&[("It", 0), ("rained", 200), ("all", 900)]);
        assert_eq!(flow, [(0, "It rained all".to_owned(), 3)]);
        let flow = read(&[("It ", 0), ("rai", 200), ("ned", 900)]);
        assert_eq!(flow, [(0, "It rained".to_owned(), 2)]);
    }

    #[test]
    fn utf16_of_either_order_and_false_latin() {
        let mut mark = [0xff, 0xfe];
        assert_eq!(
            Coding(1).text(b"\xfe\xff\0a\0\0rest", &mut mark),
            ("a".to_owned(), &b"rest"[..])
        );
        assert_eq!(Coding(1).text(b"\0b", &mut mark).0, "b");
        assert_eq!(Coding(0).text("é".as_bytes(), &mut mark).0, "é");
        assert_eq!(Coding(0).text(b"\xe9", &mut mark).0, "é");
    }
}
