//! What OpenAI's Whisper and its relatives write, each in its own way.
//!
//! | who | where the cues are | times |
//! |---|---|---|
//! | openai-whisper, faster-whisper, stable-ts, OpenAI `verbose_json` and `diarized_json` | `segments[]`, words in `words[]` or at the top | seconds |
//! | WhisperX | `segments[]`, `word_segments[]`; words that were not aligned have no times | seconds |
//! | whisper.cpp `-oj`, `-ojf` | `transcription[]`, tokens of which several make a word | milliseconds in `offsets` |
//! | Hugging Face pipelines | `chunks[]` with `timestamp: [start, end or null]` | seconds |

use super::super::draft::{Draft, Drafts};
use super::super::flow::Flow;
use super::super::formats::{Family, Format, Holds, Spec};
use super::super::markup::Plain;
use super::super::stamp::LineCounter;
use super::super::writing::Output;
use super::super::{Input, ReadError, WarningKind, Warnings};
use super::Value;
use crate::time::CueTime;
use crate::transcript::Transcript;

/// The row of this format.
pub(in crate::format) const SPEC: Spec = Spec {
    format: Format::Whisper,
    key: "whisper",
    name: "Whisper JSON",
    extensions: &["json"],
    from: "Whisper, faster-whisper, WhisperX, whisper.cpp, OpenAI, Hugging Face",
    family: Family::Json,
    recognise,
    read,
    write: Some((write, HOLDS)),
};

const HOLDS: Holds = Holds {
    words: true,
    speakers: true,
    ends: true,
    lines: true,
    language: true,
    ..Holds::NOTHING_MORE
};

/// Lists of cues under their usual names, and what stands in one of them.
fn recognise(input: &Input<'_>) -> Option<&'static str> {
    let root = input.json.as_ref()?.root();
    let first = |key| root.get(key).and_then(Value::first);
    if first("segments").is_some_and(|cue| cue.get("text").is_some() && cue.get("start").is_some()) {
        return Some("segments with text, start and end");
    }
    if first("transcription").is_some_and(|cue| cue.get("offsets").is_some() || cue.get("timestamps").is_some()) {
        return Some("a transcription with offsets");
    }
    if first("chunks").is_some_and(|cue| cue.get("timestamp").is_some()) {
        return Some("chunks with timestamps");
    }
    let words = first("words").or_else(|| first("word_segments"));
    let has_word = |word: Value<'_>| word.get("word").is_some() && word.get("start").is_some();
    if words.is_some_and(has_word) && root.get("results").is_none() {
        return Some("words with start and end");
    }
    let bare = root
        .first()
        .filter(|cue| cue.get("text").is_some() && cue.get("start").is_some() && cue.get("end").is_some());
    bare.map(|_| "a list of texts with start and end")
}

/// Reads any of them.
fn read(input: &Input<'_>, drafts: &mut Drafts, warnings: &mut Warnings) -> Result<(), ReadError> {
    let Some(tree) = &input.json else { return Ok(()) };
    let root = tree.root();
    let mut reader = Reader {
        lines: LineCounter::new(input.text),
        plain: Plain::default(),
        untimed: 0,
    };
    drafts.language = root
        .text("language")
        .or_else(|| root.path(&["result", "language"])?.str())
        .map(str::to_owned);
    if let Some(segments) = root.get("segments").filter(|list| list.first().is_some()) {
        // OpenAI's service lists the words beside the segments instead of inside.
        let beside: Vec<Value<'_>> = root.get("words").into_iter().flat_map(Value::items).collect();
        let mut beside = beside.as_slice();
        for segment in segments.items() {
            reader.segment(segment, &mut beside, drafts, warnings);
        }
    } else if let Some(cues) = root.get("transcription") {
        for cue in cues.items() {
            reader.of_whisper_cpp(cue, drafts, warnings);
        }
    } else if let Some(chunks) = root.get("chunks") {
        reader.chunks(chunks, drafts, warnings);
    } else if root.is_array() {
        for segment in root.items() {
            reader.segment(segment, &mut [].as_slice(), drafts, warnings);
        }
    } else if let Some(words) = root.get("words").or_else(|| root.get("word_segments")) {
        let mut flow = Flow::new(drafts);
        for word in words.items() {
            let line = word.line(&mut reader.lines);
            let text = word.text("word").or_else(|| word.text("text")).unwrap_or("");
            flow.word(
                line,
                text,
                word.seconds("start"),
                word.seconds("end"),
                word.text("speaker"),
            );
        }
        flow.finish(warnings);
    }
    if reader.untimed > 0 {
        let count = reader.untimed;
        warnings.push(0, WarningKind::UntimedWords { count });
    }
    Ok(())
}

/// Writes what openai-whisper writes, with WhisperX's speakers.
fn write(transcript: &Transcript, out: &mut Output) {
    let seconds = |time: CueTime| time.as_secs_f64();
    let segment = |(place, cue): (usize, &crate::transcript::Cue)| {
        let mut segment = serde_json::json!({
            "id": place,
            "start": seconds(cue.span.start),
            "end": seconds(cue.span.end),
            "text": format!(" {}", cue.text),
        });
        if let (Some(name), Some(fields)) = (transcript.speaker_name(cue.speaker), segment.as_object_mut()) {
            fields.insert("speaker".to_owned(), name.into());
        }
        if !cue.given_words.is_empty()
            && let Some(fields) = segment.as_object_mut()
        {
            let words: Vec<serde_json::Value> = super::words_with_blanks(cue)
                .map(|(text, word)| match word.given {
                    true => serde_json::json!({
                        "word": text, "start": seconds(word.span.start), "end": seconds(word.span.end),
                    }),
                    false => serde_json::json!({ "word": text }),
                })
                .collect();
            fields.insert("words".to_owned(), words.into());
        }
        segment
    };
    let segments: Vec<serde_json::Value> = transcript.cues.iter().enumerate().map(segment).collect();
    let text: Vec<&str> = transcript.cues.iter().map(|cue| &*cue.text).collect();
    let mut file = serde_json::json!({ "text": text.join(" "), "segments": segments });
    if let (Some(language), Some(fields)) = (&transcript.language, file.as_object_mut()) {
        fields.insert("language".to_owned(), language.as_str().into());
    }
    out.line(&file.to_string());
}

struct Reader<'a> {
    lines: LineCounter<'a>,
    plain: Plain,
    untimed: usize,
}

impl Reader<'_> {
    fn segment(&mut self, segment: Value<'_>, beside: &mut &[Value<'_>], drafts: &mut Drafts, warnings: &mut Warnings) {
        let line = segment.line(&mut self.lines);
        let (start, end) = (segment.seconds("start"), segment.seconds("end"));
        let text = segment.text("text").unwrap_or("");
        let inside: Vec<Value<'_>> = segment.get("words").into_iter().flat_map(Value::items).collect();
        let words = if inside.is_empty() {
            taken_until(beside, end)
        } else {
            inside
        };
        // A start that is missing is that of the first word.
        let known = || words.iter().find_map(|word| word.seconds("start"));
        let Some(start) = start.or_else(known) else {
            let text = super::super::warning::shorten(text);
            warnings.push(line, WarningKind::BadTime { text });
            return;
        };
        let mut draft = Draft::new(line, start, end);
        draft.name = segment.text("speaker").and_then(|name| drafts.names.id(name));
        self.plain.clear();
        let words = words.iter().map(|word| {
            let text = word.text("word").or_else(|| word.text("text")).unwrap_or("");
            (text, word.seconds("start"), word.seconds("end"))
        });
        self.untimed += super::read_words(text, words, &mut self.plain);
        drafts.add(draft, &self.plain);
    }

    fn of_whisper_cpp(&mut self, cue: Value<'_>, drafts: &mut Drafts, warnings: &mut Warnings) {
        let line = cue.line(&mut self.lines);
        let millis = |value: Value<'_>, key| {
            let offset = value.path(&["offsets", key]).and_then(Value::number);
            offset.map(|millis| CueTime::from_secs_f64(millis / 1e3))
        };
        let text = cue.text("text").unwrap_or("");
        let Some(start) = millis(cue, "from") else {
            let text = super::super::warning::shorten(text);
            warnings.push(line, WarningKind::BadTime { text });
            return;
        };
        let mut draft = Draft::new(line, start, millis(cue, "to"));
        draft.name = cue.text("speaker").and_then(|name| drafts.names.id(name));
        self.plain.clear();
        // Tokens like `[_BEG_]` and `[_TT_50]` are the model's own and no speech.
        let tokens = cue.get("tokens").into_iter().flat_map(Value::items);
        let tokens = tokens.filter(|token| token.text("text").is_some_and(|text| !text.starts_with("[_")));
        let words = tokens.map(|token| {
            (
                token.text("text").unwrap_or(""),
                millis(token, "from"),
                millis(token, "to"),
            )
        });
        self.untimed += super::read_words(text, words, &mut self.plain);
        drafts.add(draft, &self.plain);
    }

    /// Chunks are phrases, or words where the pipeline was asked for them. The end of the last may be null.
    fn chunks(&mut self, chunks: Value<'_>, drafts: &mut Drafts, warnings: &mut Warnings) {
        let times = |chunk: Value<'_>| {
            let mut times = chunk
                .get("timestamp")
                .into_iter()
                .flat_map(Value::items)
                .map(|value| value.number().map(CueTime::from_secs_f64));
            (times.next().flatten(), times.next().flatten())
        };
        let are_words = chunks.items().all(|chunk| {
            chunk
                .text("text")
                .is_none_or(|text| !text.trim().contains(char::is_whitespace))
        });
        if are_words {
            let mut flow = Flow::new(drafts);
            for chunk in chunks.items() {
                let (start, end) = times(chunk);
                let line = chunk.line(&mut self.lines);
                flow.word(line, chunk.text("text").unwrap_or(""), start, end, None);
            }
            return flow.finish(warnings);
        }
        for chunk in chunks.items() {
            let (line, (start, end)) = (chunk.line(&mut self.lines), times(chunk));
            let text = chunk.text("text").unwrap_or("");
            let Some(start) = start else {
                let text = super::super::warning::shorten(text);
                warnings.push(line, WarningKind::BadTime { text });
                continue;
            };
            self.plain.clear();
            self.plain.literal(text);
            drafts.add(Draft::new(line, start, end), &self.plain);
        }
    }
}

/// The words up to a time, taken off the front of the list.
fn taken_until<'t>(words: &mut &[Value<'t>], end: Option<CueTime>) -> Vec<Value<'t>> {
    let belongs = |word: &&Value<'_>| match (word.seconds("start"), end) {
        (Some(start), Some(end)) => start < end,
        _ => true,
    };
    let count = words.iter().take_while(belongs).count();
    let (taken, rest) = words.split_at_checked(count).unwrap_or((words, &[]));
    *words = rest;
    taken.to_vec()
}
