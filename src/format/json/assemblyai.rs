//! AssemblyAI's transcript: milliseconds; words with their marks; speakers by letters, or by names that were found.
//!
//! `utterances` are there where speakers were told apart; `sentences` and `paragraphs` are answers of their own.
//! Chapters that were summarised become the outline.

use super::super::draft::Drafts;
use super::super::flow::Flow;
use super::super::formats::{Family, Format, Spec};
use super::super::stamp::LineCounter;
use super::super::{Input, ReadError, Warnings};
use super::{Value, speaker};
use crate::transcript::Chapter;

/// The row of this format.
pub(in crate::format) const SPEC: Spec = Spec {
    format: Format::AssemblyAi,
    key: "assemblyai",
    name: "AssemblyAI JSON",
    extensions: &["json"],
    from: "AssemblyAI",
    family: Family::Json,
    recognise,
    read,
    write: None,
};

/// Where phrases or words stand, the best first.
const LISTS: [&str; 4] = ["utterances", "sentences", "paragraphs", "words"];

/// Texts with times in lists of these names, which others have inside something else; ElevenLabs tells the type of
/// each word, and Gladia has its utterances beside the whole text.
fn recognise(input: &Input<'_>) -> Option<&'static str> {
    let root = input.json.as_ref()?.root();
    let is_own = |item: Value<'_>| {
        let has_times = item.get("text").is_some() && item.get("start").is_some() && item.get("end").is_some();
        has_times && item.get("type").is_none() && item.get("word").is_none()
    };
    let found = LISTS.iter().any(|list| root.first_of(list).is_some_and(is_own));
    let is_others = ["full_transcript", "segments", "results", "transcription"].iter();
    let is_others = is_others.into_iter().any(|key| root.get(key).is_some());
    (found && !is_others).then_some("utterances or words with text, start and end")
}

fn read(input: &Input<'_>, drafts: &mut Drafts, warnings: &mut Warnings) -> Result<(), ReadError> {
    let root = super::root(input, SPEC.format)?;
    let mut lines = LineCounter::new(input.text);
    drafts.exact = true;
    drafts.language = root.text("language_code").map(str::to_owned);
    let chapter = |chapter: Value<'_>| {
        let title = chapter.text("gist").or_else(|| chapter.text("headline"))?;
        Some(Chapter {
            start: chapter.millis("start")?,
            end: chapter.millis("end"),
            title: title.to_owned(),
        })
    };
    drafts.outline = root.each("chapters").filter_map(chapter).collect();
    let mut flow = Flow::new(drafts);
    let list = LISTS.into_iter().find(|list| root.first_of(list).is_some());
    let of_words = list == Some("words");
    for told in list.into_iter().flat_map(|list| root.each(list)) {
        let who = speaker(told.get("speaker"));
        let times = |value: Value<'_>| (value.millis("start"), value.millis("end"));
        let (start, end) = times(told);
        let whole = told.text("text").unwrap_or("");
        if of_words {
            flow.word(told.line(&mut lines), whole, start, end, who.as_deref());
            continue;
        }
        if told.first_of("words").is_none() {
            flow.phrase(told.line(&mut lines), whole, start, end, who.as_deref());
            continue;
        }
        for word in told.each("words") {
            let (start, end) = times(word);
            let who = speaker(word.get("speaker")).or_else(|| who.clone());
            let text = word.text("text").unwrap_or("");
            flow.word(word.line(&mut lines), text, start, end, who.as_deref());
        }
        flow.finish_cue();
    }
    flow.finish(warnings);
    super::interleave(drafts);
    Ok(())
}
