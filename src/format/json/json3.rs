//! YouTube's `json3` captions (`yt-dlp --sub-format json3`, `fmt=json3`): windows on the screen and what appears in
//! them.
//!
//! A recogniser's captions roll: an event is one line of a window of two, shown until it has scrolled out, so its
//! duration reaches into the events after it. Here a line ends where the next begins, and each word comes once, with
//! its time (`tOffsetMs` after the event's). Events with `aAppend` add to the line before, usually its line break.
//! Captions by hand are one piece of text, or several where their style changes. A value of zero may be left out.

use super::super::draft::{Draft, Drafts};
use super::super::formats::{Family, Format, Spec};
use super::super::markup::Plain;
use super::super::stamp::LineCounter;
use super::super::{Input, ReadError, Warnings};
use super::Value;
use crate::time::{CueTime, TimeDelta};

/// The row of this format.
pub(in crate::format) const SPEC: Spec = Spec {
    format: Format::Json3,
    key: "json3",
    name: "YouTube json3",
    extensions: &["json3", "json"],
    from: "YouTube, yt-dlp",
    family: Family::Json,
    recognise,
    read,
    write: None,
};

fn recognise(input: &Input<'_>) -> Option<&'static str> {
    let root = input.json.as_ref()?.root();
    let is_event = |event: Value<'_>| event.get("segs").is_some() && event.get("tStartMs").is_some();
    let found = root.get("wireMagic").is_some() || root.each("events").take(64).any(is_event);
    (found && root.first_of("events").is_some()).then_some("events with tStartMs and segs")
}

/// A line of a window that may still be added to.
struct Open {
    draft: Draft,
    plain: Plain,
}

fn read(input: &Input<'_>, drafts: &mut Drafts, _: &mut Warnings) -> Result<(), ReadError> {
    let root = super::root(input, SPEC.format)?;
    let mut lines = LineCounter::new(input.text);
    let mut open: Option<Open> = None;
    for event in root.each("events") {
        let adds = event.num("aAppend") == Some(1.0);
        if !event.each("segs").any(|seg| !text_of(seg).trim().is_empty()) {
            if let (true, Some(open)) = (adds, &mut open) {
                open.plain.line_break();
            }
            continue;
        }
        let start = event.millis("tStartMs").unwrap_or_default();
        let line = event.line(&mut lines);
        let end = event.num("dDurationMs").map(|millis| {
            let lasts = super::tree::time_from_secs(millis / 1e3) - CueTime::ZERO;
            start + lasts
        });
        let rolls = event.get("wWinId").is_some();
        let is_of_words = rolls || event.each("segs").any(|seg| seg.get("tOffsetMs").is_some());
        let mut line_of = match open.take() {
            Some(before) if adds => before,
            before => {
                close(before, rolls.then_some(start), drafts);
                Open {
                    draft: Draft::new(line, start, None),
                    plain: Plain::default(),
                }
            }
        };
        line_of.draft.end = line_of.draft.end.max(end);
        for seg in event.each("segs") {
            let text = text_of(seg);
            if is_of_words {
                let offset = TimeDelta::from_millis(seg.num("tOffsetMs").unwrap_or(0.0) as i64);
                // The mark of another speaker is no word, and has no time.
                let spoken = text.trim_start().strip_prefix(">>").map_or(text, |spoken| {
                    line_of.plain.literal(" >>");
                    spoken
                });
                line_of.plain.word(spoken, Some(start + offset), None);
            } else {
                line_of.plain.literal(text);
            }
        }
        open = Some(line_of);
    }
    close(open, None, drafts);
    Ok(())
}

/// Styled captions begin and end with zero-width spaces, which keep their box in shape.
fn text_of(seg: Value<'_>) -> &str {
    seg.text("utf8").unwrap_or("").trim_matches('\u{200b}')
}

/// Adds a line; where it scrolls, it ends when the next begins.
fn close(open: Option<Open>, next: Option<CueTime>, drafts: &mut Drafts) {
    let Some(Open { mut draft, plain }) = open else { return };
    if let (Some(next), Some(end)) = (next, draft.end)
        && next > draft.start
    {
        draft.end = Some(end.min(next));
    }
    drafts.add(draft, &plain);
}
