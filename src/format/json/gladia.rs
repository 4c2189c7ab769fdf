//! Gladia's result: utterances with their words, in seconds; the words hold the blanks before them.
//!
//! Read whole (`result.transcription`), or as the part of it that somebody saved. Chapters become the outline.

use super::super::draft::{Draft, Drafts};
use super::super::formats::{Family, Format, Spec};
use super::super::markup::Plain;
use super::super::stamp::LineCounter;
use super::super::{Input, ReadError, WarningKind, Warnings};
use super::{Heard, Value, speaker};
use crate::transcript::Chapter;

/// The row of this format.
pub(in crate::format) const SPEC: Spec = Spec {
    format: Format::Gladia,
    key: "gladia",
    name: "Gladia JSON",
    extensions: &["json"],
    from: "Gladia",
    family: Family::Json,
    recognise,
    read,
    write: None,
};

fn transcription<'t>(root: Value<'t>) -> Option<Value<'t>> {
    let whole = root
        .path(&["result", "transcription"])
        .or_else(|| root.get("transcription"));
    let is_own = |told: &Value<'t>| told.get("full_transcript").is_some() && told.get("utterances").is_some();
    whole.or(Some(root)).filter(is_own)
}

fn recognise(input: &Input<'_>) -> Option<&'static str> {
    let root = input.json.as_ref()?.root();
    transcription(root).map(|_| "a full_transcript with utterances")
}

fn read(input: &Input<'_>, drafts: &mut Drafts, warnings: &mut Warnings) -> Result<(), ReadError> {
    let root = super::root(input, SPEC.format)?;
    let Some(told) = transcription(root) else { return Ok(()) };
    drafts.exact = true;
    drafts.language = told.first_of("languages").and_then(Value::str).map(str::to_owned);
    let result = root.get("result").unwrap_or(root);
    let chapter = |chapter: Value<'_>| {
        let title = chapter.text("headline").or_else(|| chapter.text("gist"))?;
        Some(Chapter {
            start: chapter.seconds("start")?,
            end: chapter.seconds("end"),
            title: title.to_owned(),
        })
    };
    let chapters = result
        .get("chapterization")
        .into_iter()
        .flat_map(|told| told.each("results"));
    drafts.outline = chapters.filter_map(chapter).collect();
    let mut lines = LineCounter::new(input.text);
    let mut plain = Plain::default();
    let mut untimed = 0;
    for utterance in told.each("utterances") {
        let (line, text) = (utterance.line(&mut lines), utterance.text("text").unwrap_or(""));
        let start = super::start_of(utterance.seconds("start"), text, line, drafts, warnings);
        let mut draft = Draft::new(line, start, utterance.seconds("end"));
        let name = speaker(utterance.get("speaker"));
        draft.name = name.and_then(|name| drafts.names.id(&name));
        let words = utterance.each("words").map(|word| Heard {
            text: word.text("word").unwrap_or(""),
            start: word.seconds("start"),
            end: word.seconds("end"),
            speaker: speaker(word.get("speaker")),
        });
        plain.clear();
        untimed += super::read_words(text, words, &mut plain);
        drafts.add(draft, &plain);
    }
    if untimed > 0 {
        warnings.push(0, WarningKind::UntimedWords { count: untimed });
    }
    super::interleave(drafts);
    Ok(())
}
