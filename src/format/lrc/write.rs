//! Writing LRC.

use std::borrow::Cow;

use super::super::writing::{Output, WholeCue, around_words, whole_cues};
use super::{enclosed, leading_stamp};
use crate::time::CueTime;
use crate::transcript::{Cue, Transcript};

/// Writes LRC: the tags that were read, a line for each cue, and a code without text where a cue ends before the next
/// begins. Hundredths are what every player reads; thousandths are written where the file that was read had them.
pub(super) fn write(transcript: &Transcript, out: &mut Output) {
    let kept = transcript.kept.as_deref().filter(|kept| kept.format == "lrc");
    let is_exact = |cue: &Cue| {
        let times = cue.given_words.iter().map(|word| word.span.start);
        let mut times = times.chain([cue.span.start, cue.span.end]);
        times.all(|time| time.as_micros() % 10_000 == 0)
    };
    let is_rough = kept.is_none() || transcript.cues.iter().all(is_exact);
    let clock = Clock {
        unit: if is_rough { 10 } else { 1 },
    };
    match kept.map(|kept| kept.head.as_str()).filter(|head| !head.is_empty()) {
        Some(head) => out.text(head),
        None => {
            for (key, value) in [("ti", &transcript.title), ("la", &transcript.language)] {
                if let Some(value) = value {
                    out.line(&format!("[{key}:{}]", on_one_line(value)));
                }
            }
        }
    }
    let mut blocks = kept
        .map(|kept| kept.blocks.as_slice())
        .unwrap_or_default()
        .iter()
        .peekable();
    let mut cues = whole_cues(transcript, "lrc").peekable();
    while let Some(whole) = cues.next() {
        while let Some((_, block)) = blocks.next_if(|(before, _)| *before <= whole.first.0) {
            out.line(block);
        }
        let text = payload(&whole, transcript, &clock);
        let start = clock.units(whole.span.start);
        let end = clock.units(whole.span.end).max(start + 1);
        out.text(&clock.code(start, '[', ']'));
        // A text that begins like a code would be one.
        out.text(if leading_stamp(&text, false).is_some() { " " } else { "" });
        out.line(&text);
        if ends_with_code(&text) {
            continue;
        }
        match cues
            .peek()
            .map(|next| (clock.units(next.span.start), clock.units(next.span.end)))
        {
            // Cues that begin together end together.
            Some((next, next_end)) if next == start && next_end == end => {}
            Some((next, _)) if next < end => out.lose("ends of cues"),
            Some((next, _)) if next == end => {}
            _ => out.line(&clock.code(end, '[', ']')),
        }
    }
    for (_, block) in blocks {
        out.line(block);
    }
}

/// The text of a line: as it was read, or made anew with its speaker and the codes of its words.
fn payload<'a>(whole: &WholeCue<'a>, transcript: &Transcript, clock: &Clock) -> Cow<'a, str> {
    if let Some(payload) = whole.payload() {
        return Cow::Borrowed(payload);
    }
    let Some(cue) = whole.cue() else {
        return Cow::Borrowed("");
    };
    let mut text = String::new();
    if let Some(name) = transcript.speaker_name(cue.speaker) {
        text.push_str(name);
        text.push_str(": ");
    }
    for (before, word) in around_words(cue) {
        text.push_str(&as_text(before));
        if let Some((word, said)) = word {
            if word.given {
                text.push_str(&clock.code(clock.units(word.span.start), '<', '>'));
            }
            text.push_str(&as_text(said));
        }
    }
    if cue.given_words.iter().any(|word| word.given) {
        text.push_str(&clock.code(clock.units(cue.span.end), '<', '>'));
    }
    Cow::Owned(text)
}

/// Whether the time of a line's end stands in it.
fn ends_with_code(text: &str) -> bool {
    let text = text.trim_end();
    text.rfind('<')
        .and_then(|at| text.get(at..))
        .is_some_and(|last| enclosed(last, '<', '>', false).is_some_and(|(_, length)| length == last.len()))
}

/// A text on one line, in which nothing is taken for a code: a mark that nobody sees, and every reader drops, takes it
/// apart.
fn as_text(text: &str) -> Cow<'_, str> {
    let text = on_one_line(text);
    if !text.contains(['<', '[']) {
        return text;
    }
    let mut out = String::with_capacity(text.len());
    let mut rest: &str = &text;
    while let Some(at) = rest.find(['<', '[']) {
        let is_code = |from: &str| {
            enclosed(from, '<', '>', false)
                .or_else(|| leading_stamp(from, false))
                .is_some()
        };
        let (before, from) = rest.split_at_checked(at).unwrap_or((rest, ""));
        let (sign, after) = from.split_at_checked(1).unwrap_or((from, ""));
        out.push_str(before);
        out.push_str(sign);
        out.push_str(if is_code(from) { "\u{feff}" } else { "" });
        rest = after;
    }
    out.push_str(rest);
    Cow::Owned(out)
}

fn on_one_line(text: &str) -> Cow<'_, str> {
    if text.contains('\n') {
        Cow::Owned(text.replace('\n', " "))
    } else {
        Cow::Borrowed(text)
    }
}

/// How times are written: in units of so many milliseconds.
struct Clock {
    unit: i64,
}

impl Clock {
    fn units(&self, time: CueTime) -> i64 {
        (time - CueTime::ZERO).as_micros().max(0) / 1_000 / self.unit
    }

    /// `[mm:ss.xx]`; minutes grow beyond 59, since hours have no place.
    fn code(&self, units: i64, open: char, close: char) -> String {
        let second = 1_000 / self.unit;
        let (minutes, seconds, units) = (units / (60 * second), units / second % 60, units % second);
        let digits = if self.unit == 1 { 3 } else { 2 };
        format!("{open}{minutes:02}:{seconds:02}.{units:0digits$}{close}")
    }
}
