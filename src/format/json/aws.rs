//! Amazon Transcribe's results: all values strings, seconds; punctuation marks are items of their own, without times.
//!
//! Who speaks stands with the item (`speaker_label`), or, in older files, in `speaker_labels.segments`, found by the
//! start, which is the same string there. Newer files list `audio_segments` of items, which end cues here. With channel
//! identification each channel has its items under `channel_labels`, told one after the other.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};

use super::super::draft::Drafts;
use super::super::flow::Flow;
use super::super::formats::{Family, Format, Spec};
use super::super::stamp::LineCounter;
use super::super::{Input, ReadError, Warnings};
use super::{Value, channel_of};

/// The row of this format.
pub(in crate::format) const SPEC: Spec = Spec {
    format: Format::Aws,
    key: "aws",
    name: "Amazon Transcribe JSON",
    extensions: &["json"],
    from: "Amazon Transcribe",
    family: Family::Json,
    recognise,
    read,
    write: None,
};

fn recognise(input: &Input<'_>) -> Option<&'static str> {
    let results = input.json.as_ref()?.root().get("results")?;
    let has_items = results.first_of("items").is_some() || results.first_of("audio_segments").is_some();
    (has_items && results.first_of("channels").is_none()).then_some("results with items or audio_segments")
}

fn read(input: &Input<'_>, drafts: &mut Drafts, warnings: &mut Warnings) -> Result<(), ReadError> {
    let root = super::root(input, SPEC.format)?;
    let Some(results) = root.get("results") else {
        return Ok(());
    };
    drafts.exact = true;
    let several = || results.first_of("language_codes")?.text("language_code");
    drafts.language = results.text("language_code").or_else(several).map(str::to_owned);
    let speakers = results
        .get("speaker_labels")
        .into_iter()
        .flat_map(|labels| labels.each("segments"));
    let labels = speakers.flat_map(|segment| segment.each("items"));
    let speakers: HashMap<&str, &str> = labels
        .filter_map(|item| Some((item.text("start_time")?, item.text("speaker_label")?)))
        .collect();
    let segments = || results.each("audio_segments");
    let firsts: HashSet<i64> = segments()
        .filter_map(|segment| Some(segment.first_of("items")?.number()? as i64))
        .collect();
    let mut reader = Reader {
        lines: LineCounter::new(input.text),
        flow: Flow::new(drafts),
        speakers,
        firsts,
    };
    let channels = || {
        results
            .get("channel_labels")
            .into_iter()
            .flat_map(|labels| labels.each("channels"))
    };
    if channels().any(|channel| channel.first_of("items").is_some()) {
        for channel in channels() {
            reader.items(channel.each("items"), channel.text("channel_label"));
            reader.flow.finish_cue();
        }
    } else if results.first_of("items").is_some() {
        reader.items(results.each("items"), None);
    } else {
        for segment in segments() {
            let (line, text) = (
                segment.line(&mut reader.lines),
                segment.text("transcript").unwrap_or(""),
            );
            let (start, end) = (segment.seconds("start_time"), segment.seconds("end_time"));
            reader
                .flow
                .phrase(line, text, start, end, segment.text("speaker_label"));
        }
    }
    reader.flow.finish(warnings);
    super::interleave(drafts);
    Ok(())
}

struct Reader<'a, 'd> {
    lines: LineCounter<'a>,
    flow: Flow<'d>,
    /// Who speaks the item with this start.
    speakers: HashMap<&'a str, &'a str>,
    /// The items that begin a segment.
    firsts: HashSet<i64>,
}

impl<'a> Reader<'a, '_> {
    fn items(&mut self, items: impl Iterator<Item = Value<'a>>, channel: Option<&str>) {
        for (place, item) in (0_i64..).zip(items) {
            let best = item.first_of("alternatives");
            let text = best.and_then(|best| best.text("content")).unwrap_or("");
            if item.text("type") == Some("punctuation") {
                self.flow.attach(text);
                continue;
            }
            let id = item.num("id").map_or(place, |id| id as i64);
            if self.firsts.contains(&id) {
                self.flow.finish_cue();
            }
            let by_start = || self.speakers.get(item.text("start_time")?).copied();
            let speaker = item.text("speaker_label").or_else(by_start);
            let channel = || channel.or_else(|| item.text("channel_label")).map(channel_of);
            let speaker = speaker.map(Cow::Borrowed).or_else(channel);
            let line = item.line(&mut self.lines);
            let (start, end) = (item.seconds("start_time"), item.seconds("end_time"));
            self.flow.word(line, text, start, end, speaker.as_deref());
        }
    }
}
