//! SubViewer, two formats of one program's two versions; both are found as `.sub`.
//!
//! Version 2 has a header of `[INFORMATION]` and `[SUBTITLE]`, a line of two times with hundredths for each cue, and
//! `[br]` for line breaks; `[COLF]&HFFFFFF,[STYLE]bd` sets the looks. Version 1 has its header's values below their
//! names, and for each cue a line with its start, its text (`|` breaks lines), and a line with its end.

use std::borrow::Cow;

use super::draft::{Draft, Drafts};
use super::formats::{Family, Format, Spec};
use super::markup::Plain;
use super::sbv::{read_blocks, with_line_breaks};
use super::shape::{self, Shape, beginning};
use super::stamp::{read_pair, read_time};
use super::warning::shorten;
use super::{Input, ReadError, WarningKind, Warnings};
use crate::time::CueTime;

/// The row of this format.
pub(super) const SPEC: Spec = Spec {
    format: Format::SubViewer,
    key: "subviewer",
    name: "SubViewer",
    extensions: &["sub"],
    from: "SubViewer, old film archives",
    family: Family::Text,
    recognise,
    read,
    write: None,
};

/// Names in brackets that head the file; what they hold is no text of a cue.
const HEADS: [&str; 12] = [
    "INFORMATION",
    "TITLE",
    "AUTHOR",
    "SOURCE",
    "PRG",
    "FILEPATH",
    "DELAY",
    "CD TRACK",
    "COMMENT",
    "END INFORMATION",
    "SUBTITLE",
    "BEGIN",
];

fn recognise(input: &Input<'_>) -> Option<&'static str> {
    let text = beginning(input.text);
    if shape::of(text) == Some(Shape::SubViewer) {
        return Some("two times with a comma between and hundredths");
    }
    if !text.lines().any(|line| stamp_alone(line).is_some()) {
        return None;
    }
    let has_header = || {
        text.lines()
            .take(40)
            .any(|line| head(line).is_some_and(|(name, _)| name == "BEGIN" || name == "PRG"))
    };
    (has_header() || ends_stand_alone(text)).then_some("starts and ends on lines by themselves")
}

/// Whether every second time on a line by itself has no text below: it is the end of a cue.
fn ends_stand_alone(text: &str) -> bool {
    let mut gaps: Vec<bool> = Vec::new();
    let mut has_text = false;
    let mut any = false;
    for line in text.lines() {
        if stamp_alone(line).is_some() {
            if any {
                gaps.push(has_text);
            }
            any = true;
            has_text = false;
        } else {
            has_text |= !line.trim().is_empty();
        }
    }
    gaps.len() >= 3 && gaps.chunks(2).all(|pair| matches!(pair, [true] | [true, false]))
}

/// Reads the cues of either version.
fn read(input: &Input<'_>, drafts: &mut Drafts, warnings: &mut Warnings) -> Result<(), ReadError> {
    if input.text.lines().any(|line| read_pair(line).is_some()) {
        let lead = read_blocks(input.text, without_looks, drafts, warnings);
        read_header(lead, drafts, warnings);
    } else {
        read_version_1(input.text, drafts, warnings);
    }
    Ok(())
}

/// `[00:00:01]` on a line by itself.
fn stamp_alone(line: &str) -> Option<CueTime> {
    let inside = line.trim().strip_prefix('[')?.strip_suffix(']')?;
    let stamp = read_time(inside.as_bytes())?;
    (stamp.length == inside.len() && inside.matches(':').count() == 2).then_some(stamp.time)
}

/// The name and the value of a header's line.
fn head(line: &str) -> Option<(&'static str, &str)> {
    let (name, value) = line.trim().strip_prefix('[')?.split_once(']')?;
    let name = HEADS.into_iter().find(|head| head.eq_ignore_ascii_case(name.trim()))?;
    Some((name, value.trim()))
}

/// `[COLF]&HFFFFFF,[STYLE]bd,[SIZE]18,[FONT]Arial`.
fn is_looks(line: &str) -> bool {
    let line = line.trim();
    let names = ["[COLF]", "[STYLE]", "[SIZE]", "[FONT]"];
    names.iter().any(|name| {
        line.get(..name.len())
            .is_some_and(|start| start.eq_ignore_ascii_case(name))
    })
}

/// A payload without lines that set the looks of those below, its line breaks read.
fn without_looks(text: &str) -> Cow<'_, str> {
    if !text.lines().any(is_looks) {
        return with_line_breaks(text);
    }
    let lines: Vec<&str> = text.lines().filter(|line| !is_looks(line)).collect();
    Cow::Owned(with_line_breaks(&lines.join("\n")).into_owned())
}

/// What the header says: its title is kept, what else people wrote is told.
fn read_header(lead: &str, drafts: &mut Drafts, warnings: &mut Warnings) {
    let mut last = "";
    for (number, line) in (1_u32..).zip(lead.split('\n')) {
        let (name, value) =
            head(line).unwrap_or((last, line.trim_matches(|c: char| c.is_whitespace() || c == '\u{feff}')));
        last = name;
        if value.is_empty() || is_looks(value) || is_frame(value) {
            continue;
        }
        match name {
            "TITLE" if drafts.title.is_none() => drafts.title = Some(value.to_owned()),
            "PRG" | "FILEPATH" | "CD TRACK" => {}
            "DELAY" if value == "0" => {}
            "DELAY" => {
                let what = "a delay of all cues was not applied: it counts frames, and nothing tells how long they are";
                let text = shorten(value);
                warnings.push(number, WarningKind::Malformed { what, text });
            }
            _ => warnings.push(number, WarningKind::StrayText { text: shorten(value) }),
        }
    }
}

/// `******** START SCRIPT ********`.
fn is_frame(line: &str) -> bool {
    line.starts_with("****") && line.ends_with("****") || line.eq_ignore_ascii_case("[end]")
}

fn read_version_1(text: &str, drafts: &mut Drafts, warnings: &mut Warnings) {
    let mut plain = Plain::default();
    let mut lead = None;
    // The cue that began last, the time that ended one, and the text since.
    let mut open: Option<(u32, CueTime)> = None;
    let mut ended: Option<(u32, CueTime)> = None;
    let mut body = String::new();
    let mut close = |open: Option<(u32, CueTime)>, end, body: &mut String, warnings: &mut Warnings| {
        if let Some((line, start)) = open {
            plain.read(body, false, line, warnings);
            drafts.add(Draft::new(line, start, end), &plain);
        }
        body.clear();
    };
    let mut at = 0;
    for (number, line) in (1_u32..).zip(text.split('\n')) {
        if let Some(time) = stamp_alone(line) {
            if open.is_some() && !body.trim().is_empty() {
                close(open.take(), Some(time), &mut body, warnings);
                ended = Some((number, time));
            } else {
                close(open.take(), None, &mut body, warnings);
                open = Some((number, time));
                ended = None;
            }
            lead.get_or_insert(at);
        } else if (open.is_some() || ended.is_some()) && !line.trim().is_empty() && !is_frame(line.trim()) {
            // Text below an end: one time serves as the end of a cue and the start of the next.
            open = open.or_else(|| ended.take());
            body.push_str(&line.replace('|', "\n"));
            body.push('\n');
        }
        at += line.len() + 1;
    }
    close(open, None, &mut body, warnings);
    read_header(lead.and_then(|lead| text.get(..lead)).unwrap_or(""), drafts, warnings);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ends_on_lines_of_their_own_are_told_from_starts() {
        assert!(ends_stand_alone(
            "[00:00:01]\na\n[00:00:02]\n\n[00:00:03]\nb\n[00:00:04]\n"
        ));
        assert!(!ends_stand_alone(
            "[00:00:01]\na\n[00:00:02]\nb\n[00:00:03]\nc\n[00:00:04]\nd"
        ));
        assert!(!ends_stand_alone("[00:00:01]\na\n[00:00:02]\n"));
    }
}
