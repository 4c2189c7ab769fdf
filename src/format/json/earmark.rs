//! Earmark's own JSON: everything a transcript holds, and nothing that is to be guessed when it is read again.
//!
//! Times are whole microseconds on the transcript's clock, places in a text are bytes of its UTF-8. What is marked
//! with `?` may be left out.
//!
//! | where | field | what it is |
//! |---|---|---|
//! | file | `earmark` | the version of this description: 1. The first field |
//! | | `title`? `language`? | texts |
//! | | `outline`? | the chapters: `start`, `end`?, `title` |
//! | | `kept`? | what a file of another format held beside its cues: `format` (its key), `head`?, `blocks`? (`cue`, the number of the cue it precedes, counted from 0, and `text`), `style`? (how it wrote what can be written in several ways) |
//! | | `cues` | ordered by `start` |
//! | cue | `start`, `end`? | without an end it lasts to the next |
//! | | `speaker`? | a name |
//! | | `text` | without markup, lines parted by `\n` |
//! | | `words`? | the words with times: `from` and `to` in the text, `start`, `end`, `given`? (false where the time is an estimate) |
//! | | `identifier`? `settings`? `payload`? `extra`? `continues`? | what another format told of the cue, in its own writing; `continues` is true for a further piece of the cue before |
//!
//! A later version is read as far as it is understood, and that is told; so is every field that is not known.

use std::ops::Range;

use serde::Serialize;

use super::super::draft::{Draft, Drafts};
use super::super::formats::{Family, Format, Holds, Spec};
use super::super::stamp::LineCounter;
use super::super::warning::shorten;
use super::super::writing::Output;
use super::super::{Input, ReadError, WarningKind, Warnings};
use super::Value;
use crate::time::{CueSpan, CueTime};
use crate::transcript::{Chapter, Cue, CueOrigin, Kept, Transcript, Word};

/// The row of this format.
pub(in crate::format) const SPEC: Spec = Spec {
    format: Format::Earmark,
    key: "earmark",
    name: "Earmark JSON",
    extensions: &["earmark.json", "json"],
    from: "Earmark",
    family: Family::Json,
    recognise,
    read,
    write: Some((write, HOLDS)),
};

const HOLDS: Holds = Holds {
    outline: true,
    ..Holds::ALL_BUT_CHAPTERS
};

/// The version that is written, and the latest that is understood whole.
const VERSION: f64 = 1.0;
const FILE: &[&str] = &["earmark", "title", "language", "outline", "kept", "cues"];
const CUE: &[&str] = &[
    "start",
    "end",
    "speaker",
    "text",
    "words",
    "identifier",
    "settings",
    "payload",
    "extra",
    "continues",
];

/// A version under our name, and cues.
fn recognise(input: &Input<'_>) -> Option<&'static str> {
    let root = input.json.as_ref()?.root();
    (root.num("earmark").is_some() && root.get("cues").is_some()).then_some("it says so")
}

/// Reads what [`write()`] writes.
fn read(input: &Input<'_>, drafts: &mut Drafts, warnings: &mut Warnings) -> Result<(), ReadError> {
    let Some(tree) = &input.json else { return Ok(()) };
    let root = tree.root();
    let mut reader = Reader {
        lines: LineCounter::new(input.text),
        drafts,
        warnings,
        unknown: Vec::new(),
    };
    reader.drafts.exact = true;
    if let Some(version) = root.num("earmark").filter(|version| *version > VERSION) {
        let what = "written by a later Earmark than this one; version";
        let text = version.to_string();
        reader.warnings.push(0, WarningKind::Malformed { what, text });
    }
    reader.tell_unknown(root, FILE, 0);
    reader.drafts.title = reader.field(root, "title", Value::str).map(str::to_owned);
    reader.drafts.language = reader.field(root, "language", Value::str).map(str::to_owned);
    for value in items(root, "outline") {
        match chapter(value) {
            Some(chapter) => reader.drafts.outline.push(chapter),
            None => reader.tell(value, "a chapter without a start", value.text("title").unwrap_or("")),
        }
    }
    reader.drafts.kept = reader.field(root, "kept", kept);
    for cue in items(root, "cues") {
        reader.cue(cue);
    }
    Ok(())
}

fn items<'t>(value: Value<'t>, key: &str) -> impl Iterator<Item = Value<'t>> {
    value.get(key).into_iter().flat_map(Value::items)
}

fn string(value: Value<'_>, key: &str) -> Option<String> {
    value.get(key)?.str().map(str::to_owned)
}

fn time(value: Value<'_>, key: &str) -> Option<CueTime> {
    // `as` saturates, as times do. Below 285 years every microsecond is a number of its own.
    value.num(key).map(|micros| CueTime::from_micros(micros as i64))
}

fn chapter(value: Value<'_>) -> Option<Chapter> {
    Some(Chapter {
        start: time(value, "start")?,
        end: time(value, "end"),
        title: string(value, "title").unwrap_or_default(),
    })
}

/// What a format kept, where this program still knows the format.
fn kept(value: Value<'_>) -> Option<Box<Kept>> {
    let format = Format::from_key(value.text("format")?)?.key();
    let block = |block: Value<'_>| Some((block.num("cue")? as u32, string(block, "text")?));
    Some(Box::new(Kept {
        format,
        head: string(value, "head").unwrap_or_default(),
        blocks: items(value, "blocks").filter_map(block).collect(),
        style: string(value, "style").unwrap_or_default(),
    }))
}

struct Reader<'a, 't> {
    lines: LineCounter<'a>,
    drafts: &'a mut Drafts,
    warnings: &'a mut Warnings,
    /// The unknown fields that were told.
    unknown: Vec<&'t str>,
}

impl<'t> Reader<'_, 't> {
    fn cue(&mut self, cue: Value<'t>) {
        let line = cue.line(&mut self.lines);
        self.tell_unknown(cue, CUE, line);
        let written = cue.text("text").unwrap_or("");
        let Some(start) = time(cue, "start") else {
            let text = shorten(written);
            self.warnings.push(line, WarningKind::BadTime { text });
            return;
        };
        let mut draft = Draft::new(line, start, time(cue, "end"));
        let lead = written.len() - written.trim_start().len();
        let text = written.trim();
        let from = self.drafts.text.len();
        self.drafts.text.push_str(text);
        draft.text = (from..self.drafts.text.len()).into();
        draft.name = cue.text("speaker").and_then(|name| self.drafts.names.id(name));
        let first = self.drafts.words.len();
        let mut before = (0, CueTime::from_micros(i64::MIN));
        for value in items(cue, "words") {
            let fits = |word: &Word| text.get(word.bytes()).is_some_and(|text| !text.is_empty());
            match word(value, lead)
                .filter(|word| fits(word) && before.0 <= word.range.start && before.1 <= word.span.start)
            {
                Some(word) => {
                    before = (word.range.end, word.span.start);
                    self.drafts.words.push(word);
                }
                None => self.tell_word(value, written, line),
            }
        }
        draft.words = (first..self.drafts.words.len()).into();
        draft.origin = origin(cue);
        self.drafts.cues.push(draft);
    }

    /// What a field says; that it says nothing this version understands is told.
    fn field<T>(&mut self, value: Value<'t>, key: &str, read: impl Fn(Value<'t>) -> Option<T>) -> Option<T> {
        let field = value.get(key)?;
        let said = read(field);
        if said.is_none() {
            self.tell(field, "a field that cannot be read here", key);
        }
        said
    }

    fn tell(&mut self, at: Value<'_>, what: &'static str, text: &str) {
        let (line, text) = (at.line(&mut self.lines), shorten(text));
        self.warnings.push(line, WarningKind::Malformed { what, text });
    }

    fn tell_word(&mut self, value: Value<'_>, text: &str, line: u32) {
        let what = "a word that does not fit its cue";
        let bytes = place(value).map(|range| format!(", bytes {} to {}", range.start, range.end));
        let text = shorten(text) + &bytes.unwrap_or_default();
        self.warnings.push(line, WarningKind::Malformed { what, text });
    }

    /// Tells of fields that this version does not know, each once.
    fn tell_unknown(&mut self, value: Value<'t>, known: &[&str], line: u32) {
        const MOST: usize = 20;
        for (key, _) in value.entries() {
            if !known.contains(&key) && !self.unknown.contains(&key) && self.unknown.len() < MOST {
                self.unknown.push(key);
                let (what, text) = ("a field that is not known here", shorten(key));
                self.warnings.push(line, WarningKind::Malformed { what, text });
            }
        }
    }
}

/// The bytes of the text as written.
fn place(value: Value<'_>) -> Option<Range<usize>> {
    let (from, to) = (value.num("from")?, value.num("to")?);
    Some(from as usize..to as usize)
}

/// A word of a text that lost so many bytes at its start.
fn word(value: Value<'_>, lead: usize) -> Option<Word> {
    let place = place(value)?;
    let moved = |at: usize| u32::try_from(at.checked_sub(lead)?).ok();
    Some(Word {
        span: CueSpan::new(time(value, "start")?, time(value, "end")?),
        range: moved(place.start)?..moved(place.end)?,
        given: value.get("given").and_then(Value::bool).unwrap_or(true),
    })
}

fn origin(cue: Value<'_>) -> Option<Box<CueOrigin>> {
    let origin = CueOrigin {
        identifier: string(cue, "identifier"),
        settings: string(cue, "settings"),
        payload: string(cue, "payload").map(Into::into),
        extra: string(cue, "extra").map(Into::into),
        continues: cue.get("continues").and_then(Value::bool).unwrap_or(false),
    };
    (origin != CueOrigin::default()).then(|| Box::new(origin))
}

#[derive(Serialize)]
struct WrittenCue<'a> {
    start: i64,
    end: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    speaker: Option<&'a str>,
    text: &'a str,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    words: Vec<WrittenWord>,
    #[serde(skip_serializing_if = "Option::is_none")]
    identifier: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    settings: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    payload: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    extra: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    continues: Option<bool>,
}

#[derive(Serialize)]
struct WrittenWord {
    from: u32,
    to: u32,
    start: i64,
    end: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    given: Option<bool>,
}

#[derive(Serialize)]
struct WrittenChapter<'a> {
    start: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    end: Option<i64>,
    title: &'a str,
}

#[derive(Serialize)]
struct WrittenKept<'a> {
    format: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    head: &'a str,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    blocks: Vec<WrittenBlock<'a>>,
    #[serde(skip_serializing_if = "str::is_empty")]
    style: &'a str,
}

#[derive(Serialize)]
struct WrittenBlock<'a> {
    cue: u32,
    text: &'a str,
}

/// Writes one cue a line, so that two files can be compared.
fn write(transcript: &Transcript, out: &mut Output) {
    out.text("{\"earmark\": 1");
    let mut field = |key: &str, value: String| {
        out.text(",\n\"");
        out.text(key);
        out.text("\": ");
        out.text(&value);
    };
    if let Some(title) = &transcript.title {
        field("title", json(title));
    }
    if let Some(language) = &transcript.language {
        field("language", json(language));
    }
    if !transcript.outline.is_empty() {
        let chapter = |chapter: &Chapter| {
            json(&WrittenChapter {
                start: chapter.start.as_micros(),
                end: chapter.end.map(CueTime::as_micros),
                title: &chapter.title,
            })
        };
        field("outline", lines(transcript.outline.iter().map(chapter)));
    }
    if let Some(kept) = &transcript.kept {
        let blocks = kept.blocks.iter().map(|(cue, text)| WrittenBlock { cue: *cue, text });
        let kept = WrittenKept {
            format: kept.format,
            head: &kept.head,
            blocks: blocks.collect(),
            style: &kept.style,
        };
        field("kept", json(&kept));
    }
    field(
        "cues",
        lines(transcript.cues.iter().map(|cue| json(&written(cue, transcript)))),
    );
    out.line("}");
}

fn written<'a>(cue: &'a Cue, transcript: &'a Transcript) -> WrittenCue<'a> {
    let word = |word: &Word| WrittenWord {
        from: word.range.start,
        to: word.range.end,
        start: word.span.start.as_micros(),
        end: word.span.end.as_micros(),
        given: (!word.given).then_some(false),
    };
    let origin = cue.origin.as_deref();
    WrittenCue {
        start: cue.span.start.as_micros(),
        end: cue.span.end.as_micros(),
        speaker: transcript.speaker_name(cue.speaker),
        text: &cue.text,
        words: cue.given_words.iter().map(word).collect(),
        identifier: origin.and_then(|origin| origin.identifier.as_deref()),
        settings: origin.and_then(|origin| origin.settings.as_deref()),
        payload: origin.and_then(|origin| origin.payload.as_deref()),
        extra: origin.and_then(|origin| origin.extra.as_deref()),
        continues: origin.and_then(|origin| origin.continues.then_some(true)),
    }
}

/// Values of these types have a writing: no map among them, no number that is none.
fn json(value: &(impl Serialize + ?Sized)) -> String {
    serde_json::to_string(value).unwrap_or_default()
}

fn lines(items: impl Iterator<Item = String>) -> String {
    let items: Vec<String> = items.collect();
    format!("[\n{}\n]", items.join(",\n"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::format::{Options, read, write};
    use crate::time::TimeDelta;
    use crate::transcript::{Speaker, SpeakerId, word_ranges};
    use proptest::prelude::*;

    fn text() -> impl Strategy<Value = String> {
        let piece = prop::sample::select(vec![
            "rain",
            " ",
            "\n",
            "--> ",
            "<i>",
            "&amp;",
            "Ada: ",
            "1",
            "\"",
            "\\",
            "今日は",
            "שלום",
            "e\u{301}",
            "\u{a0}",
            "\u{2028}",
            "♪",
            "👩‍🌾",
            "\t",
            "\u{1}",
            ">> ",
        ]);
        let pieces = prop::collection::vec(piece, 0..8);
        pieces.prop_map(|pieces| format!("w{}.", pieces.concat()))
    }

    fn optional() -> impl Strategy<Value = Option<String>> {
        prop::option::of(prop_oneof![text(), Just(String::new())])
    }

    fn origin() -> impl Strategy<Value = Option<Box<CueOrigin>>> {
        let fields = (optional(), optional(), optional(), optional(), any::<bool>());
        fields.prop_map(|(identifier, settings, payload, extra, continues)| {
            let origin = CueOrigin {
                identifier,
                settings,
                payload: payload.map(Into::into),
                extra: extra.map(Into::into),
                continues,
            };
            (origin != CueOrigin::default()).then(|| Box::new(origin))
        })
    }

    fn cue() -> impl Strategy<Value = Cue> {
        let micros = 1_i64..3_500_000_000_000_000;
        let fields = (micros, 1_i64..90_000_000, text(), prop::option::of(0..4_u16), origin());
        let words = (any::<bool>(), prop::collection::vec(any::<bool>(), 12));
        (fields, words).prop_map(|((start, length, text, speaker, origin), (timed, given))| {
            let start = CueTime::from_micros(start);
            let span = CueSpan::new(start, start + TimeDelta::from_micros(length));
            let mut words = crate::transcript::estimate_words(&text, span);
            assert_eq!(words.len(), word_ranges(&text).len());
            for (word, given) in words.iter_mut().zip(given) {
                word.given = given;
            }
            Cue {
                span,
                speaker: speaker.map(SpeakerId),
                text: text.into(),
                given_words: if timed { words.into() } else { Box::default() },
                origin,
            }
        })
    }

    /// Any transcript that a reader could have made.
    fn transcript() -> impl Strategy<Value = Transcript> {
        let chapter = (0..9_000_000_i64, prop::option::of(0..9_000_000_i64), optional());
        let kept = (
            prop::sample::select(vec!["vtt", "srt", "whisper"]),
            optional(),
            prop::collection::vec((0..9_u32, text()), 0..3),
        );
        let fields = (
            optional(),
            optional(),
            prop::collection::vec(chapter, 0..4),
            prop::option::of(kept),
        );
        (prop::collection::vec(cue(), 1..12), fields).prop_map(|(mut cues, (title, language, chapters, kept))| {
            cues.sort_by_key(|cue| cue.span.start);
            let mut speakers: Vec<u16> = Vec::new();
            for cue in &mut cues {
                cue.speaker = cue.speaker.map(|SpeakerId(id)| {
                    let place = speakers.iter().position(|known| *known == id).unwrap_or_else(|| {
                        speakers.push(id);
                        speakers.len() - 1
                    });
                    SpeakerId(place as u16)
                });
            }
            let mut outline: Vec<Chapter> = chapters
                .into_iter()
                .map(|(start, end, title)| Chapter {
                    start: CueTime::from_micros(start),
                    end: end.map(CueTime::from_micros),
                    title: title.unwrap_or_default(),
                })
                .collect();
            outline.sort_by_key(|chapter| chapter.start);
            let kept = kept.map(|(format, head, blocks)| {
                Box::new(Kept {
                    format,
                    head: head.unwrap_or_default(),
                    blocks,
                    style: String::new(),
                })
            });
            let name = |id: u16| Speaker {
                name: format!("Speaker {id}"),
            };
            Transcript {
                cues,
                speakers: speakers.into_iter().map(name).collect(),
                language,
                title,
                outline,
                kept,
                estimated: false,
            }
        })
    }

    #[test]
    fn doubles_overlaps_and_labels_are_meant() {
        let cue = r#"{"start":0,"end":9,"text":"ADA: Hi"}"#;
        let text = format!("{{\"earmark\":1,\"cues\":[{cue},{cue},{cue}]}}");
        let reading = read(text.as_bytes(), &Options::default()).expect("a transcript");
        let texts: Vec<&str> = reading.transcript.cues.iter().map(|cue| &*cue.text).collect();
        assert_eq!((texts, reading.warnings), (vec!["ADA: Hi"; 3], vec![]));
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_as_it_was(transcript in transcript()) {
            let written = write(&transcript, Format::Earmark).expect("a writer");
            prop_assert_eq!(&written.losses, &vec![]);
            let reading = read(written.text.as_bytes(), &Options::default()).expect("a transcript");
            prop_assert_eq!(reading.format, Format::Earmark);
            prop_assert_eq!(&reading.warnings, &vec![]);
            prop_assert_eq!(&reading.transcript, &transcript, "{}", written.text);
        }
    }
}
