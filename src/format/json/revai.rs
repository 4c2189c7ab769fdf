//! Rev.ai's transcript, and Rev's by people: monologues of elements, blanks and marks among them as they are written.
//!
//! Rev.ai has seconds (`ts`, `end_ts`), Rev clock times (`timestamp`, `end_timestamp`). Speakers are numbers; `speakers`
//! may name them.

use std::borrow::Cow;
use std::collections::HashMap;

use super::super::draft::Drafts;
use super::super::flow::Flow;
use super::super::formats::{Family, Format, Spec};
use super::super::stamp::LineCounter;
use super::super::{Input, ReadError, Warnings};
use super::{Value, seconds_or_clock, speaker};

/// The row of this format.
pub(in crate::format) const SPEC: Spec = Spec {
    format: Format::RevAi,
    key: "revai",
    name: "Rev JSON",
    extensions: &["json"],
    from: "Rev.ai, Rev",
    family: Family::Json,
    recognise,
    read,
    write: None,
};

fn recognise(input: &Input<'_>) -> Option<&'static str> {
    let root = input.json.as_ref()?.root();
    let mut monologues = root.each("monologues").take(8);
    monologues
        .any(|monologue| monologue.first_of("elements").is_some())
        .then_some("monologues with elements")
}

fn read(input: &Input<'_>, drafts: &mut Drafts, warnings: &mut Warnings) -> Result<(), ReadError> {
    let root = super::root(input, SPEC.format)?;
    drafts.exact = true;
    drafts.language = root.text("language").map(str::to_owned);
    let names: HashMap<i64, &str> = root
        .each("speakers")
        .filter_map(|speaker| Some((speaker.num("id")? as i64, speaker.text("name")?)))
        .collect();
    let mut lines = LineCounter::new(input.text);
    let mut flow = Flow::new(drafts);
    for monologue in root.each("monologues") {
        let told = monologue.get("speaker");
        let number = told.and_then(Value::number).map(|number| number as i64);
        let name = number
            .and_then(|number| names.get(&number))
            .map(|name| Cow::Borrowed(*name));
        let name = name.or_else(|| speaker(told));
        let value = |element: Value<'_>| element.get("value").and_then(Value::str).unwrap_or("").to_owned();
        // Where no blank is told at all, somebody left them out.
        let writes_blanks = monologue.each("elements").any(|element| value(element).contains(' '));
        let mut is_first = true;
        for element in monologue.each("elements") {
            let text = value(element);
            if element.text("type") == Some("punct") {
                if is_first {
                    flow.open(text.trim());
                } else {
                    flow.attach(&text);
                }
                continue;
            }
            if writes_blanks && !is_first {
                flow.join_next();
            }
            is_first = false;
            let start = seconds_or_clock(element.get("ts").or_else(|| element.get("timestamp")));
            let end = seconds_or_clock(element.get("end_ts").or_else(|| element.get("end_timestamp")));
            flow.word(element.line(&mut lines), &text, start, end, name.as_deref());
        }
        flow.finish_cue();
    }
    flow.finish(warnings);
    super::interleave(drafts);
    Ok(())
}
