//! MicroDVD: `{123}{456}text|second line`, the times in frames.
//!
//! How many frames make a second stands at best in the first line, as the text of a cue without length:
//! `{1}{1}25.000`. Codes in braces set the looks (`{y:i}`, `{c:$0000ff}`), a slash at the start of a line italics.

use super::draft::{Draft, Drafts};
use super::formats::{Family, Format, Spec};
use super::markup::Plain;
use super::shape::{self, Shape, numbers};
use super::stamp::time_at;
use super::warning::shorten;
use super::{Input, ReadError, WarningKind, Warnings};
use crate::time::CueTime;

/// The row of this format.
pub(super) const SPEC: Spec = Spec {
    format: Format::MicroDvd,
    key: "microdvd",
    name: "MicroDVD",
    extensions: &["sub", "txt"],
    from: "old film archives",
    family: Family::Text,
    recognise,
    read,
    write: None,
};

/// What films on disks have, and most of these files were made for: 24 frames in 1.001 seconds.
const USUAL_RATE: f64 = 24_000.0 / 1_001.0;

fn recognise(input: &Input<'_>) -> Option<&'static str> {
    (shape::of(input.text) == Some(Shape::MicroDvd)).then_some("two numbers in braces before each text")
}

/// Reads the cues of a MicroDVD file.
fn read(input: &Input<'_>, drafts: &mut Drafts, warnings: &mut Warnings) -> Result<(), ReadError> {
    let told = told_rate(input.text);
    let wished = input.options.frame_rate.filter(|rate| rate.is_finite() && *rate > 0.0);
    let rate = wished.or(told).unwrap_or_else(|| {
        let assumed = (USUAL_RATE * 1e3).round() as u32;
        warnings.push(0, WarningKind::FrameRate { assumed });
        USUAL_RATE
    });
    let is_rate = |line: &str| told.is_some() && rate_of(line).is_some();
    read_lines(
        input.text,
        (b'{', b'}'),
        |frames| time_at(frames / rate),
        is_rate,
        drafts,
        warnings,
    );
    Ok(())
}

/// The rate that the first line tells.
fn told_rate(text: &str) -> Option<f64> {
    rate_of(text.lines().find(|line| !line.trim().is_empty())?)
}

/// The rate a line tells: a number as the text of a cue without length at the first frame.
fn rate_of(line: &str) -> Option<f64> {
    let line = line.trim_start_matches('\u{feff}').trim();
    let (from, to, length) = numbers(line, b'{', b'}')?;
    let text = line.get(length..)?.trim().replace(',', ".");
    let rate: f64 = text.parse().ok()?;
    let fits = (0.0..=1.0).contains(&from) && to.is_none_or(|to| to <= 1.0) && (5.0..=1_000.0).contains(&rate);
    fits.then(|| exact(rate))
}

/// What is written as 23.976 and 29.97 means thousandths of 1001.
fn exact(rate: f64) -> f64 {
    let exact = (rate.round() * 1_000.0) / 1_001.0;
    if (rate - exact).abs() < 0.002 { exact } else { rate }
}

/// Reads cues that are lines beginning with two numbers in brackets: MicroDVD's and MPL2's.
pub(super) fn read_lines(
    text: &str,
    (open, close): (u8, u8),
    time: impl Fn(f64) -> CueTime,
    is_other: impl Fn(&str) -> bool,
    drafts: &mut Drafts,
    warnings: &mut Warnings,
) {
    let mut plain = Plain::default();
    let mut cue: Option<Draft> = None;
    let mut body = String::new();
    let mut finish = |cue: Option<Draft>, body: &mut String, warnings: &mut Warnings| {
        if let Some(draft) = cue {
            plain.read(body, false, draft.line, warnings);
            drafts.add(draft, &plain);
        }
        body.clear();
    };
    for (number, line) in (1_u32..).zip(text.split('\n')) {
        let line = line.trim_start_matches('\u{feff}').trim();
        if let Some((from, to, length)) = numbers(line, open, close) {
            finish(cue.take(), &mut body, warnings);
            if number > 2 || !is_other(line) {
                cue = Some(Draft::new(number, time(from), to.map(&time)));
                add_lines(line.get(length..).unwrap_or(""), &mut body);
            }
        } else if !line.is_empty() && !line.starts_with("{DEFAULT}") {
            let text = shorten(line);
            if cue.is_some() {
                let what = "a line without times was added to the cue before";
                warnings.push(number, WarningKind::Malformed { what, text });
                body.push('\n');
                add_lines(line, &mut body);
            } else {
                warnings.push(number, WarningKind::StrayText { text });
            }
        }
    }
    finish(cue, &mut body, warnings);
}

/// Adds a text whose lines are parted by bars, without the codes of its looks.
fn add_lines(text: &str, out: &mut String) {
    for (place, line) in text.split('|').enumerate() {
        if place > 0 {
            out.push('\n');
        }
        let mut rest = without_slash(line);
        while let Some(at) = rest.find('{') {
            let (before, from) = rest.split_at_checked(at).unwrap_or((rest, ""));
            out.push_str(before);
            rest = if let Some(length) = code_length(from) {
                from.get(length..).map_or("", without_slash)
            } else {
                out.push('{');
                from.get(1..).unwrap_or("")
            };
        }
        out.push_str(rest);
    }
}

/// A slash before a line sets it in italics; some write a blank between the times and the text.
fn without_slash(line: &str) -> &str {
    line.trim_start().strip_prefix('/').unwrap_or(line)
}

/// The length of a code like `{y:i}` or `{C:$0000ff}` at the start of a text.
fn code_length(text: &str) -> Option<usize> {
    const LONGEST: usize = 64;
    let bytes = text.as_bytes();
    let is_code = bytes.get(1)?.is_ascii_alphabetic() && bytes.get(2) == Some(&b':');
    let end = bytes.iter().take(LONGEST).position(|&byte| byte == b'}')?;
    is_code.then_some(end + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_line_may_tell_the_rate() {
        assert_eq!(told_rate("{1}{1}25.000\n{10}{20}x"), Some(25.0));
        assert_eq!(told_rate("\n{0}{0}29,97"), Some(30_000.0 / 1_001.0));
        assert_eq!(told_rate("{1}{1}23.976"), Some(24_000.0 / 1_001.0));
        assert_eq!(told_rate("{1}{60}25"), None);
        assert_eq!(told_rate("{1}{1}2019 was good"), None);
    }

    #[test]
    fn codes_go_and_other_braces_stay() {
        let mut out = String::new();
        add_lines("{y:i}/one {c:$0000ff}two|/three {sic}{|a/b| /four", &mut out);
        assert_eq!(out, "one two\nthree {sic}{\na/b\nfour");
    }
}
