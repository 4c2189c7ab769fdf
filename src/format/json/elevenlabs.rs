//! ElevenLabs Scribe: one list of words, the blanks between them and sounds, each with its type and its times in
//! seconds.
//!
//! Blanks are told (`spacing`), so that none between two words is none. With several channels there is one such
//! transcript for each.

use super::super::draft::Drafts;
use super::super::flow::Flow;
use super::super::formats::{Family, Format, Spec};
use super::super::stamp::LineCounter;
use super::super::{Input, ReadError, Warnings};
use super::{Value, channel, speaker};

/// The row of this format.
pub(in crate::format) const SPEC: Spec = Spec {
    format: Format::ElevenLabs,
    key: "elevenlabs",
    name: "ElevenLabs JSON",
    extensions: &["json"],
    from: "ElevenLabs Scribe",
    family: Family::Json,
    recognise,
    read,
    write: None,
};

fn recognise(input: &Input<'_>) -> Option<&'static str> {
    let root = input.json.as_ref()?.root();
    let is_own = |told: Value<'_>| {
        let first = told.first_of("words");
        first.is_some_and(|word| word.get("type").is_some() && word.get("text").is_some())
    };
    let found = is_own(root) || root.each("transcripts").take(8).any(is_own);
    found.then_some("words with a type")
}

fn read(input: &Input<'_>, drafts: &mut Drafts, warnings: &mut Warnings) -> Result<(), ReadError> {
    let root = super::root(input, SPEC.format)?;
    drafts.exact = true;
    let language = root
        .text("language_code")
        .or_else(|| root.first_of("transcripts")?.text("language_code"));
    drafts.language = language.map(str::to_owned);
    let has_several = root.first_of("transcripts").is_some();
    let mut lines = LineCounter::new(input.text);
    let mut flow = Flow::new(drafts);
    let alone = (!has_several).then_some(root);
    for (place, told) in alone.into_iter().chain(root.each("transcripts")).enumerate() {
        let number = told.num("channel_index").unwrap_or(place as f64);
        let own_name = has_several.then(|| channel(number));
        let mut is_parted = true;
        for word in told.each("words") {
            let text = word.get("text").and_then(Value::str).unwrap_or("");
            if word.text("type") == Some("spacing") {
                is_parted = true;
                flow.attach(text);
                continue;
            }
            if !is_parted {
                flow.join_next();
            }
            is_parted = false;
            let (start, end) = (word.seconds("start"), word.seconds("end"));
            let name = own_name
                .clone()
                .map(Into::into)
                .or_else(|| speaker(word.get("speaker_id")));
            flow.word(word.line(&mut lines), text, start, end, name.as_deref());
        }
        flow.finish_cue();
    }
    flow.finish(warnings);
    super::interleave(drafts);
    Ok(())
}
