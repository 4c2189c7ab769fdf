//! Deepgram's answer for a recording: seconds; a word bare and as written (`punctuated_word`), its speaker a number.
//!
//! Best are `results.utterances`, phrases between pauses; else the words of each channel, cut at the beginnings of
//! `paragraphs` where there are some. Channels are told one after the other. Also read: answers that came by and by
//! over a socket, recorded as JSON Lines, of which those that were corrected later are passed over.

use std::borrow::Cow;

use super::super::draft::Drafts;
use super::super::flow::Flow;
use super::super::formats::{Family, Format, Spec};
use super::super::stamp::LineCounter;
use super::super::{Input, ReadError, Warnings};
use super::{Value, channel, speaker};

/// The row of this format.
pub(in crate::format) const SPEC: Spec = Spec {
    format: Format::Deepgram,
    key: "deepgram",
    name: "Deepgram JSON",
    extensions: &["json"],
    from: "Deepgram",
    family: Family::Json,
    recognise,
    read,
    write: None,
};

fn recognise(input: &Input<'_>) -> Option<&'static str> {
    let root = input.json.as_ref()?.root();
    if root
        .get("results")
        .is_some_and(|results| results.first_of("channels").is_some())
    {
        return Some("results with channels");
    }
    if root
        .get("results")
        .is_some_and(|results| results.first_of("utterances").is_some())
    {
        return Some("results with utterances");
    }
    let is_answer = |answer: Value<'_>| answer.path(&["channel", "alternatives"]).is_some();
    let mut answers = root.items().take_while(|_| root.is_array()).take(8);
    answers
        .any(is_answer)
        .then_some("answers with a channel of alternatives")
}

fn read(input: &Input<'_>, drafts: &mut Drafts, warnings: &mut Warnings) -> Result<(), ReadError> {
    let root = super::root(input, SPEC.format)?;
    let mut lines = LineCounter::new(input.text);
    drafts.exact = true;
    if root.is_array() {
        let mut flow = Flow::new(drafts);
        for answer in root
            .items()
            .filter(|answer| answer.get("is_final").and_then(Value::bool) != Some(false))
        {
            let best = answer
                .get("channel")
                .and_then(|channel| channel.first_of("alternatives"));
            if let Some(best) = best {
                words(best, None, &mut flow, &mut lines);
            }
            flow.finish_cue();
        }
        flow.finish(warnings);
        return Ok(());
    }
    let Some(results) = root.get("results") else {
        return Ok(());
    };
    drafts.language = results.each("channels").find_map(language).map(str::to_owned);
    let utterances = || results.each("utterances");
    let of_channels = |wanted: f64| utterances().any(|utterance| utterance.num("channel") == Some(wanted));
    let has_several = results.each("channels").nth(1).is_some() || of_channels(0.0) && of_channels(1.0);
    let own_name = |number: f64| has_several.then(|| channel(number));
    let mut flow = Flow::new(drafts);
    if utterances().next().is_some() {
        for utterance in utterances() {
            let name = own_name(utterance.num("channel").unwrap_or(0.0));
            words(utterance, name.as_deref(), &mut flow, &mut lines);
            flow.finish_cue();
        }
    } else {
        for (number, told) in results.each("channels").enumerate() {
            if let Some(best) = told.first_of("alternatives") {
                words(best, own_name(number as f64).as_deref(), &mut flow, &mut lines);
                flow.finish_cue();
            }
        }
    }
    flow.finish(warnings);
    super::interleave(drafts);
    Ok(())
}

fn language(channel: Value<'_>) -> Option<&str> {
    let of_words = || channel.first_of("alternatives")?.first_of("languages")?.str();
    channel.text("detected_language").or_else(of_words)
}

/// The words of an utterance or of an alternative; without any, its sentences or its text.
fn words(told: Value<'_>, own_name: Option<&str>, flow: &mut Flow<'_>, lines: &mut LineCounter<'_>) {
    let paragraphs = || {
        told.get("paragraphs")
            .into_iter()
            .flat_map(|told| told.each("paragraphs"))
    };
    let mut breaks = paragraphs()
        .skip(1)
        .filter_map(|paragraph| paragraph.seconds("start"))
        .peekable();
    let mut any = false;
    for word in told.each("words") {
        any = true;
        let start = word.seconds("start");
        while breaks.next_if(|at| start.is_some_and(|start| *at <= start)).is_some() {
            flow.finish_cue();
        }
        let text = word.text("punctuated_word").or_else(|| word.text("word")).unwrap_or("");
        let who = name(word, own_name).or_else(|| name(told, own_name));
        flow.word(word.line(lines), text, start, word.seconds("end"), who.as_deref());
    }
    for paragraph in paragraphs().filter(|_| !any) {
        for sentence in paragraph.each("sentences") {
            let text = sentence.text("text").unwrap_or("");
            let (start, end) = (sentence.seconds("start"), sentence.seconds("end"));
            flow.phrase(
                sentence.line(lines),
                text,
                start,
                end,
                name(paragraph, own_name).as_deref(),
            );
        }
    }
    if !any && paragraphs().next().is_none() {
        let text = told.text("transcript").unwrap_or("");
        let (start, end) = (told.seconds("start"), told.seconds("end"));
        flow.phrase(told.line(lines), text, start, end, name(told, own_name).as_deref());
    }
}

/// Who speaks, the channel before, where there are several.
fn name<'t>(told: Value<'t>, own_name: Option<&str>) -> Option<Cow<'t, str>> {
    match (own_name, speaker(told.get("speaker"))) {
        (Some(channel), Some(speaker)) => Some(format!("{channel}, {speaker}").into()),
        (Some(channel), None) => Some(channel.to_owned().into()),
        (None, speaker) => speaker,
    }
}
