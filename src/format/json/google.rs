//! Google Cloud Speech-to-Text, versions 1 and 2: durations like `"1.200s"`, or seconds and nanoseconds apart.
//!
//! Version 1 says `startTime` and `speakerTag`, version 2 `startOffset` and `speakerLabel`; both come alone, inside a
//! long-running operation's `response`, or by the file's address. Names with underscores come from other clients. With
//! diarization the last result of version 1 repeats all words, now with speakers; then it is the only one read. In
//! Japanese a word may be followed by `|` and how it is read.

use super::super::draft::Drafts;
use super::super::flow::Flow;
use super::super::formats::{Family, Format, Spec};
use super::super::stamp::LineCounter;
use super::super::{Input, ReadError, Warnings};
use super::tree::time_from_secs;
use super::{Value, channel, speaker};
use crate::time::CueTime;

/// The row of this format.
pub(in crate::format) const SPEC: Spec = Spec {
    format: Format::Google,
    key: "google",
    name: "Google Speech JSON",
    extensions: &["json"],
    from: "Google Cloud Speech-to-Text",
    family: Family::Json,
    recognise,
    read,
    write: None,
};

fn recognise(input: &Input<'_>) -> Option<&'static str> {
    let root = input.json.as_ref()?.root();
    let is_own = |result: Value<'_>| {
        let best = result.first_of("alternatives");
        let is_best = best.is_some_and(|best| best.get("transcript").is_some() || best.get("words").is_some());
        is_best && result.get("type").is_none()
    };
    results(root)
        .into_iter()
        .take(64)
        .any(is_own)
        .then_some("results with alternatives")
}

/// All results, wherever they stand.
fn results<'t>(root: Value<'t>) -> Vec<Value<'t>> {
    let root = root.get("response").unwrap_or(root);
    let Some(results) = root.get("results") else {
        return Vec::new();
    };
    if results.is_array() {
        return results.items().collect();
    }
    let of_file = |file: Value<'t>| {
        let inline = file
            .path(&["inlineResult", "transcript"])
            .or_else(|| file.path(&["inline_result", "transcript"]));
        inline
            .or_else(|| file.get("transcript"))
            .filter(|told| told.is_object())
    };
    let files = results.items().filter_map(of_file);
    files.flat_map(|told| told.each("results")).collect()
}

fn read(input: &Input<'_>, drafts: &mut Drafts, warnings: &mut Warnings) -> Result<(), ReadError> {
    let root = super::root(input, SPEC.format)?;
    drafts.exact = true;
    let results = results(root);
    let last = results.last().copied().filter(|last| repeats_all(*last, &results));
    let results = last.map_or(results, |last| vec![last]);
    let mut languages = results
        .iter()
        .filter_map(|result| either(*result, ["languageCode", "language_code"])?.str());
    drafts.language = languages.next().map(str::to_owned);
    let channel_of = |result: &Value<'_>| either(*result, ["channelTag", "channel_tag"]).and_then(Value::number);
    let first_channel = results.iter().find_map(channel_of);
    let has_several = results.iter().any(|result| channel_of(result) != first_channel);
    let mut lines = LineCounter::new(input.text);
    let mut ends = CueTime::ZERO;
    let mut flow = Flow::new(drafts);
    for result in results {
        let Some(best) = result.first_of("alternatives") else {
            continue;
        };
        let own_name = channel_of(&result).filter(|_| has_several).map(channel);
        let end = time(either(result, ["resultEndTime", "result_end_time"]))
            .or_else(|| time(either(result, ["resultEndOffset", "result_end_offset"])));
        for word in best.each("words") {
            let start =
                either(word, ["startTime", "start_time"]).or_else(|| either(word, ["startOffset", "start_offset"]));
            let end = either(word, ["endTime", "end_time"]).or_else(|| either(word, ["endOffset", "end_offset"]));
            let text = word.text("word").unwrap_or("");
            let text = text.split_once('|').map_or(text, |(written, _)| written);
            let name = speaker(tag(word)).or_else(|| own_name.clone().map(Into::into));
            flow.word(word.line(&mut lines), text, time(start), time(end), name.as_deref());
        }
        if best.first_of("words").is_none() {
            let text = best.text("transcript").unwrap_or("");
            let start = end.is_some().then_some(ends);
            flow.phrase(result.line(&mut lines), text, start, end, own_name.as_deref());
        }
        ends = end.unwrap_or(ends);
        flow.finish_cue();
    }
    flow.finish(warnings);
    super::interleave(drafts);
    Ok(())
}

/// Whether the last result of several holds the words of all, with their speakers.
fn repeats_all(last: Value<'_>, results: &[Value<'_>]) -> bool {
    let words = |result: &Value<'_>| {
        result
            .first_of("alternatives")
            .map_or(0, |best| best.each("words").count())
    };
    let Some(best) = last.first_of("alternatives") else {
        return false;
    };
    let before = results.get(..results.len().saturating_sub(1)).unwrap_or_default();
    let count: usize = before.iter().map(words).sum();
    let has_speakers = best.each("words").any(|word| tag(word).is_some());
    let named_before = before.iter().filter_map(|result| result.first_of("alternatives"));
    let named_before = named_before
        .flat_map(|best| best.each("words"))
        .any(|word| tag(word).is_some());
    !before.is_empty() && has_speakers && !named_before && words(&last) >= count
}

/// Who says a word; a tag of 0 is nobody's.
fn tag(word: Value<'_>) -> Option<Value<'_>> {
    let tag = either(word, ["speakerLabel", "speaker_label"]).or_else(|| either(word, ["speakerTag", "speaker_tag"]));
    tag.filter(|tag| tag.number() != Some(0.0) && tag.str() != Some(""))
}

fn either<'t>(value: Value<'t>, keys: [&str; 2]) -> Option<Value<'t>> {
    keys.into_iter().find_map(|key| value.get(key))
}

/// `"1.200s"`, `1.2`, or `{"seconds": "1", "nanos": 200000000}`.
fn time(value: Option<Value<'_>>) -> Option<CueTime> {
    let value = value?;
    if value.is_object() {
        let seconds = value.num("seconds").unwrap_or(0.0);
        return Some(time_from_secs(seconds + value.num("nanos").unwrap_or(0.0) / 1e9));
    }
    let with_unit = || value.str()?.trim().strip_suffix('s')?.parse::<f64>().ok();
    let seconds = value.number().or_else(with_unit)?;
    seconds.is_finite().then(|| time_from_secs(seconds))
}
