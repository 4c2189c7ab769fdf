//! Speechmatics' `json-v2`: one list of words and marks, each with its times in seconds.
//!
//! A mark tells which side it touches (`attaches_to`); languages without blanks between words say so in
//! `language_pack_info.word_delimiter`. The speaker stands with the alternative (`S1`; `UU` is unknown), the channel
//! with the result.

use std::borrow::Cow;

use super::super::draft::Drafts;
use super::super::flow::Flow;
use super::super::formats::{Family, Format, Spec};
use super::super::stamp::LineCounter;
use super::super::{Input, ReadError, Warnings};
use super::{Value, channel_of};

/// The row of this format.
pub(in crate::format) const SPEC: Spec = Spec {
    format: Format::Speechmatics,
    key: "speechmatics",
    name: "Speechmatics JSON",
    extensions: &["json"],
    from: "Speechmatics",
    family: Family::Json,
    recognise,
    read,
    write: None,
};

fn recognise(input: &Input<'_>) -> Option<&'static str> {
    let root = input.json.as_ref()?.root();
    let is_own = |result: Value<'_>| result.get("type").is_some() && result.get("start_time").is_some();
    root.each("results")
        .take(64)
        .any(is_own)
        .then_some("results with type and start_time")
}

fn read(input: &Input<'_>, drafts: &mut Drafts, warnings: &mut Warnings) -> Result<(), ReadError> {
    let root = super::root(input, SPEC.format)?;
    drafts.exact = true;
    let metadata = |path: &[&str]| root.get("metadata")?.path(path)?.str();
    drafts.language = metadata(&["transcription_config", "language"]).map(str::to_owned);
    let has_blanks = metadata(&["language_pack_info", "word_delimiter"]) != Some("");
    let mut lines = LineCounter::new(input.text);
    let mut flow = Flow::new(drafts);
    let mut channel_before = None;
    for result in root.each("results") {
        let Some(best) = result.first_of("alternatives") else {
            // `speaker_change` and `channel_change`, of former versions.
            flow.finish_cue();
            continue;
        };
        let text = best.text("content").unwrap_or("");
        let side = result.text("attaches_to").unwrap_or("");
        let channel = result.text("channel");
        if channel != channel_before {
            flow.finish_cue();
            channel_before = channel;
        }
        if result.text("type") == Some("punctuation") && side != "none" {
            match side {
                "next" => flow.open(text),
                "both" => {
                    flow.attach(text);
                    flow.join_next();
                }
                _ => flow.attach(text),
            }
            continue;
        }
        if !has_blanks {
            flow.join_next();
        }
        let speaker = best
            .text("speaker")
            .filter(|speaker| *speaker != "UU")
            .map(Cow::Borrowed);
        let speaker = speaker.or_else(|| channel.map(channel_of));
        let (start, end) = (result.seconds("start_time"), result.seconds("end_time"));
        flow.word(result.line(&mut lines), text, start, end, speaker.as_deref());
    }
    flow.finish(warnings);
    super::interleave(drafts);
    Ok(())
}
