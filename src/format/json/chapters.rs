//! The Podcast Namespace's JSON chapters (`jsonChapters.md`, version 1.2): what parts a recording has.
//!
//! They are the outline, and each is a cue with its title as well, so that such a file opens alone. A chapter without
//! an end lasts to the next. Those that are not meant for a table of contents (`toc: false`) change a picture or a
//! link; they are a cue where they have a title.

use super::super::draft::{Draft, Drafts};
use super::super::formats::{Family, Format, Spec};
use super::super::markup::Plain;
use super::super::stamp::LineCounter;
use super::super::{Input, ReadError, Warnings};
use super::{Value, seconds_or_clock};
use crate::time::CueTime;
use crate::transcript::Chapter;

/// The row of this format.
pub(in crate::format) const SPEC: Spec = Spec {
    format: Format::Chapters,
    key: "chapters",
    name: "Podcasting 2.0 chapters",
    extensions: &["json"],
    from: "podcast hosts",
    family: Family::Json,
    recognise,
    read,
    write: None,
};

fn recognise(input: &Input<'_>) -> Option<&'static str> {
    let root = input.json.as_ref()?.root();
    let is_own = |chapter: Value<'_>| chapter.get("startTime").is_some();
    let found = root.each("chapters").take(8).any(is_own) && root.get("segments").is_none();
    found.then_some("chapters with a startTime")
}

fn read(input: &Input<'_>, drafts: &mut Drafts, warnings: &mut Warnings) -> Result<(), ReadError> {
    let root = super::root(input, SPEC.format)?;
    drafts.title = root.text("title").map(str::to_owned);
    // A title is no speech: "Part one: rain" names nobody.
    drafts.exact = true;
    let mut lines = LineCounter::new(input.text);
    let mut plain = Plain::default();
    for chapter in root.each("chapters") {
        let is_listed = chapter.get("toc").and_then(Value::bool) != Some(false);
        let title = chapter.text("title").map_or("", str::trim);
        if title.is_empty() && !is_listed {
            continue;
        }
        let line = chapter.line(&mut lines);
        let time = |key| seconds_or_clock(chapter.get(key));
        let start = super::start_of(time("startTime"), title, line, drafts, warnings);
        let end = time("endTime");
        plain.clear();
        plain.literal(title);
        if is_listed && !plain.text.is_empty() {
            drafts.outline.push(Chapter {
                start: start.max(CueTime::ZERO),
                end: end.filter(|end| *end > start),
                title: plain.text.replace('\n', " "),
            });
        }
        drafts.add(Draft::new(line, start, end), &plain);
    }
    drafts.outline.sort_by_key(|chapter| chapter.start);
    Ok(())
}
