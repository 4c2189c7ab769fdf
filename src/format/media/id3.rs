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

use super::super::draft::Drafts;
use super::super::formats::{Family, Format, Spec};
use super::super::warning::shorten;
use super::super::{Input, Options, ReadError, WarningKind, Warnings};
use super::id3_frames::{Coding, FrameHead, frames};
use super::sylt::Timed;
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
