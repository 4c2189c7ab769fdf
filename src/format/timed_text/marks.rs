//! The time codes of a text: which of its times begin a cue, which end one, and which are only spoken of.

use std::ops::Range;

use super::super::draft::MAX_CUES;
use super::codes::{enclosed, is_ornament, mark_at};
use crate::time::{CueTime, TimeDelta};

/// A place where a cue begins or ends.
#[derive(Debug, Clone)]
pub(super) struct Mark {
    /// How it is written.
    pub style: Style,
    /// The time.
    pub start: CueTime,
    /// The second time, where there is one.
    pub end: Option<CueTime>,
    /// The name that stands before the time code.
    pub name: Option<Range<usize>>,
    /// Where the mark begins ...
    pub from: usize,
    /// ... and where the text after it does.
    pub text_from: usize,
    /// Where on its line it stands.
    pub place: Place,
    /// Whether it can hardly be anything but a time code: it has hours or a fraction, or the name is one by form.
    pub is_certain: bool,
    /// Whether it stands between round brackets at the end of a line.
    pub is_round: bool,
}

/// How a time code is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Style {
    /// `[0:12]`, `(0:12)`, `#0:12#`.
    Enclosed,
    /// `0:12`.
    Bare,
    /// `Ada  0:12`.
    Named,
}

/// Where on its line a time code stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    /// At the start.
    Lead,
    /// Further on in a line that begins with one of the same kind: lines that were run together.
    Joined,
    /// In the middle of other text.
    Inner,
    /// At the end, text before it.
    End,
}

/// The codes of a text.
#[derive(Debug, Default)]
pub(super) struct Found {
    /// The codes that count, in order.
    pub marks: Vec<Mark>,
    /// Whether each stands behind the text that begins with it.
    pub text_precedes: bool,
    /// Where the first cue's text begins, which is before the first code where codes stand in the text.
    pub text_from: usize,
}

impl Found {
    /// Finds the codes of a text: those of the style the file keeps to.
    pub fn find(text: &str) -> Self {
        let mut marks = Vec::new();
        let mut from = 0;
        for line in text.split('\n') {
            add_marks(line, from, &mut marks);
            from += line.len() + 1;
            if marks.len() > MAX_CUES {
                break;
            }
        }
        keep_one_style(&mut marks);
        let is_free = |mark: &Mark| matches!(mark.place, Place::Inner | Place::End);
        let ends: Vec<&Mark> = marks.iter().filter(|mark| mark.place == Place::End).collect();
        let leads = marks.iter().filter(|mark| !is_free(mark)).count();
        let is_sure = ends.iter().any(|mark| mark.is_certain) || ends.len() >= 3;
        let goes_back = |pair: &[&Mark]| matches!(pair, [a, b] if a.start > b.start);
        let text_stands_before = ends.len() > leads && is_sure && !ends.windows(2).any(goes_back);
        // Nothing ends at zero: then the codes tell when the text before them begins.
        let text_precedes =
            text_stands_before && leads == 0 && ends.first().is_some_and(|first| first.start == CueTime::ZERO);
        if !text_stands_before {
            keep_free_in_order(&mut marks, leads);
        }
        let first = marks.first();
        let text_from = first.map_or(0, |first| {
            if is_free(first) {
                paragraph_of(text, first.from)
            } else {
                first.from
            }
        });
        Self {
            marks,
            text_precedes,
            text_from,
        }
    }
}

/// Where the paragraph begins that holds a place: after the last blank line.
fn paragraph_of(text: &str, place: usize) -> usize {
    let mut from = place;
    for line in text.get(..place).unwrap_or("").rsplit('\n') {
        if line.trim().is_empty() {
            break;
        }
        from = from.saturating_sub(line.len() + 1);
    }
    // The first line of a text has no break before it, and one less was passed.
    if from == 0 { 0 } else { from + 1 }
}

/// Codes inside a text count where they go on from the code before and not beyond the next. Where no line begins with
/// one, all must be certain, several, and in order.
fn keep_free_in_order(marks: &mut Vec<Mark>, leads: usize) {
    if leads == 0 {
        let goes_on = marks
            .windows(2)
            .all(|pair| matches!(pair, [a, b] if a.start <= b.start));
        if marks.len() < 2 || !goes_on || !marks.iter().all(|mark| mark.is_certain && !mark.is_round) {
            marks.clear();
        }
        return;
    }
    // Going backwards: the next code, and the next at the start of a line.
    let (mut next, mut next_lead) = (CueTime::MAX, CueTime::MAX);
    let mut bounds: Vec<CueTime> = Vec::with_capacity(marks.len());
    for mark in marks.iter().rev() {
        bounds.push(if mark.place == Place::Joined { next } else { next_lead });
        next = mark.start;
        if mark.place == Place::Lead {
            next_lead = mark.start;
        }
    }
    let mut before = CueTime::ZERO;
    marks.retain(|mark| {
        let next = bounds.pop().unwrap_or(CueTime::MAX);
        let goes_on = mark.start >= before && (mark.start <= next || next < before);
        let counts = mark.place == Place::Lead || !mark.is_round && goes_on;
        if counts {
            before = mark.start;
        }
        counts
    });
}

/// Leaves of the codes those of the style the file keeps to.
fn keep_one_style(marks: &mut Vec<Mark>) {
    let all = marks.len();
    drop_spoken_times(marks);
    let spoken = all - marks.len();
    let is_free = |mark: &Mark| matches!(mark.place, Place::Inner | Place::End);
    let count = |style| {
        marks
            .iter()
            .filter(|mark| mark.style == style && !is_free(mark))
            .count()
    };
    let (enclosed, bare, named) = (count(Style::Enclosed), count(Style::Bare), count(Style::Named));
    let keeps_bare = bare > enclosed + named && bare >= spoken * 2 && is_kept_to(marks, Style::Bare);
    let keeps_named = named > 0 && is_kept_to(marks, Style::Named);
    marks.retain(|mark| match mark.style {
        Style::Enclosed => true,
        Style::Bare => keeps_bare,
        Style::Named => keeps_named,
    });
}

/// Whether a style that could be chance is used throughout: one certain mark, or several whose times hardly ever go
/// back.
fn is_kept_to(marks: &[Mark], style: Style) -> bool {
    let starts: Vec<CueTime> = marks
        .iter()
        .filter(|mark| mark.style == style)
        .map(|mark| mark.start)
        .collect();
    let back = starts.windows(2).filter(|pair| pair.first() > pair.last()).count();
    let is_certain = marks.iter().any(|mark| mark.style == style && mark.is_certain);
    (starts.len() >= 2 || is_certain) && back * 10 <= starts.len()
}

/// "10:30 meeting with Ada" at the start of a line, among codes around 0:12: later than the code after it, which goes
/// on from the one before. Where several follow each other, far later than one soon after.
fn drop_spoken_times(marks: &mut Vec<Mark>) {
    const SOON: usize = 4;
    const FAR: TimeDelta = TimeDelta::from_millis(120_000);
    let mut before = CueTime::ZERO;
    let starts: Vec<CueTime> = marks.iter().map(|mark| mark.start).collect();
    let mut place = 0;
    marks.retain(|mark| {
        place += 1;
        let ahead = starts.get(place..).unwrap_or_default().iter().take(SOON).copied();
        let is_later = ahead.enumerate().any(|(steps, next)| {
            let bound = if steps == 0 { next } else { next + FAR };
            mark.start > bound && next >= before
        });
        let is_spoken = mark.style == Style::Bare && !mark.is_certain && is_later;
        if !is_spoken {
            before = mark.start;
        }
        !is_spoken
    });
}

/// Adds the marks of a line that begins at `from`.
fn add_marks(line: &str, from: usize, marks: &mut Vec<Mark>) {
    let lead = line.len() - line.trim_start_matches(is_ornament).len();
    let mut looked = lead;
    let mut opens = ['[', '#'].as_slice();
    let mut place = Place::Inner;
    let whole = Line {
        text: line,
        from,
        filled: line.trim_end_matches(['.', ' ', '\t', '\u{a0}']).len(),
    };
    if let Some((mut mark, open)) = line.get(lead..).and_then(mark_at) {
        looked = mark.text_from + lead;
        mark.from = from;
        mark.text_from += from + lead;
        mark.name = mark.name.map(|name| name.start + from + lead..name.end + from + lead);
        marks.push(mark);
        match open {
            // Lines run together: the same enclosed code further on in the line.
            Some('[') => (opens, place) = (&['['], Place::Joined),
            Some('#') => (opens, place) = (&['#'], Place::Joined),
            _ => {}
        }
    }
    while let Some(at) = line
        .get(looked..)
        .and_then(|rest| rest.find(opens))
        .map(|at| looked + at)
    {
        looked = at + 1;
        if let Some((mark, _)) = line.get(at..).and_then(enclosed) {
            looked = add_inside(whole, at, place, mark, marks);
        }
    }
    // Round brackets are used for much else; they count only at the end.
    if place == Place::Inner
        && line.trim_end().ends_with(')')
        && let Some(at) = line.rfind('(').filter(|at| *at >= looked)
        && let Some((mut mark, _)) = line.get(at..).and_then(enclosed)
    {
        mark.is_round = true;
        add_inside(whole, at, place, mark, marks);
    }
}

/// Adds a code that stands at `at` in a line, and gives back where its text begins.
fn add_inside(line: Line<'_>, at: usize, place: Place, mut mark: Mark, marks: &mut Vec<Mark>) -> usize {
    let text_from = at + mark.text_from;
    let is_free = place == Place::Inner;
    let is_end = is_free && text_from >= line.filled;
    // A line that begins with a code and ends with one has its text between them.
    let follows_lead = marks
        .last()
        .is_some_and(|last| last.from >= line.from && last.place != Place::Inner);
    mark.place = if is_end && !follows_lead { Place::End } else { place };
    mark.from = line.from + at;
    mark.text_from = line.from + if is_end { line.text.len() } else { text_from };
    marks.push(mark);
    text_from
}

/// A line, where it begins in the text, and how much of it is more than blanks and full stops at its end.
#[derive(Clone, Copy)]
struct Line<'a> {
    text: &'a str,
    from: usize,
    filled: usize,
}
