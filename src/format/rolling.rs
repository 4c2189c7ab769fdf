//! Captions that roll: each cue shows the line before once more and adds one, as YouTube's do. A reader wants each
//! word once.
//!
//! YouTube writes a window of two lines. A cue repeats the lower line of the one before and adds words, each with its
//! time but the first, which begins with the cue; between two such cues stands one of ten milliseconds that shows both
//! lines at rest. Converters to SubRip keep the cues and lose the times of the words.

use memchr::memchr;

use super::draft::{Draft, Drafts, Stretch};
use super::{WarningKind, Warnings};
use crate::time::{CueSpan, CueTime, TimeDelta};

/// A cue that only shows the lines at rest is no longer than this.
const SETTLED: TimeDelta = TimeDelta::from_millis(50);
/// Only a file in which at least this share of the cues repeats the one before rolls: in an ordinary one a line may be
/// said twice. Of a hundred.
const SHARE: usize = 40;

/// Takes apart captions that roll: each line stays in the cue in which it is spoken first.
pub(super) fn collapse(drafts: &mut Drafts, warnings: &mut Warnings) {
    let repeats: Vec<usize> = repeated_lengths(drafts);
    // A cue that only says what the one before said, and as long as any other, is a recogniser's loop or a refrain.
    let rolls = |(cue, repeated): (&Draft, &usize)| {
        let is_settled = cue.end.is_some_and(|end| end <= cue.start + SETTLED);
        *repeated > 0 && (*repeated < cue.text.len() || is_settled)
    };
    let repeating = drafts.cues.iter().zip(&repeats).filter(|pair| rolls(*pair)).count();
    if repeating < 2 || repeating * 100 < drafts.cues.len() * SHARE {
        return;
    }
    let mut cues = std::mem::take(&mut drafts.cues);
    let mut count = 0;
    let mut first_line = 0;
    let mut kept: Vec<Draft> = Vec::with_capacity(cues.len());
    for (mut cue, repeated) in cues.drain(..).zip(repeats) {
        let length = cue.text.len();
        // What a cue says now, its file wrote in several; it is no longer the text of any one.
        cue.payload = Stretch::default();
        if repeated == 0 {
            kept.push(cue);
            continue;
        }
        count += 1;
        if first_line == 0 {
            first_line = cue.line;
        }
        if repeated >= length {
            // Only what was said before: it is shown longer.
            if let Some(last) = kept.last_mut() {
                lengthen(drafts, last, cue.end);
            }
            continue;
        }
        drafts.narrow(&mut cue, repeated..length);
        time_first_words(drafts, &cue);
        kept.push(cue);
    }
    end_where_the_next_begins(&mut kept);
    drafts.cues = kept;
    warnings.push(first_line, WarningKind::Rolling { count });
}

/// Moves the end of a cue, and that of a last word that ended with it.
fn lengthen(drafts: &mut Drafts, cue: &mut Draft, to: Option<CueTime>) {
    let end = cue.end.max(to);
    let words = drafts.words_of(cue);
    if let (Some(word), Some(end)) = (words.last_mut(), end)
        && Some(word.span.end) == cue.end
    {
        word.span.end = end;
    }
    cue.end = end;
}

/// The first words of a new line have no time inside the text: they begin with the cue. Their times were shared with
/// the repeated line before them.
fn time_first_words(drafts: &mut Drafts, cue: &Draft) {
    let words = drafts.words_of(cue);
    let untimed = words.iter().take_while(|word| !word.given).count();
    let until = words.get(untimed).map(|word| word.span.start).or(cue.end);
    let (Some(first), Some(until)) = (words.first().map(|word| word.span.start), until) else {
        return;
    };
    let stretch = (until - cue.start).as_secs_f64() / (until - first).as_secs_f64();
    for (place, word) in words.iter_mut().take(untimed).enumerate() {
        // From the end, so that the last of them ends where the next word begins.
        let moved = |time: CueTime| (until - (until - time).scaled(stretch)).clamp(cue.start, until.max(cue.start));
        word.span = CueSpan::new(moved(word.span.start), moved(word.span.end));
        word.given = place == 0;
    }
}

/// For each cue the bytes at its start that the cue before ends with, whole lines only.
fn repeated_lengths(drafts: &Drafts) -> Vec<usize> {
    let mut before: Option<&Draft> = None;
    let mut lengths = Vec::with_capacity(drafts.cues.len());
    for cue in &drafts.cues {
        let length = before.map_or(0, |before| {
            let is_near = before.end.is_none_or(|end| cue.start <= end + SETTLED);
            if is_near {
                repeated(drafts.text_of(before), drafts.text_of(cue))
            } else {
                0
            }
        });
        lengths.push(length);
        before = Some(cue);
    }
    lengths
}

/// How many bytes at the start of `now` are the last lines of `before`, the longest run of them.
fn repeated(before: &str, now: &str) -> usize {
    if before == now {
        return now.len();
    }
    let mut tail = before;
    // A window has two or three lines; more are not looked at.
    for _ in 0..4 {
        let is_whole_line = |rest: &str| rest.is_empty() || rest.starts_with('\n');
        if !tail.is_empty() && now.strip_prefix(tail).is_some_and(is_whole_line) {
            return tail.len() + usize::from(tail.len() < now.len());
        }
        let next = memchr(b'\n', tail.as_bytes()).and_then(|at| tail.get(at + 1..));
        let Some(rest) = next else { break };
        tail = rest;
    }
    0
}

/// A cue that was shown while the next was spoken ends where that begins.
fn end_where_the_next_begins(cues: &mut [Draft]) {
    let mut next = None;
    for cue in cues.iter_mut().rev() {
        if let (Some(start), Some(end)) = (next, cue.end)
            && start > cue.start
            && start < end
        {
            cue.end = Some(start);
        }
        next = Some(cue.start);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::format::markup::Plain;

    fn collapsed(cues: &[(i64, i64, &str)]) -> (Vec<(i64, i64, String)>, usize) {
        let mut drafts = Drafts::default();
        for (line, &(start, end, text)) in (1..).zip(cues) {
            let (start, end) = (CueTime::from_millis(start), CueTime::from_millis(end));
            drafts.add(Draft::new(line, start, Some(end)), &Plain::of(text));
        }
        let mut warnings = Warnings::default();
        collapse(&mut drafts, &mut warnings);
        let millis = |time: CueTime| time.as_micros() / 1_000;
        let cue = |cue: &Draft| {
            let end = millis(cue.end.expect("an end"));
            (millis(cue.start), end, drafts.text_of(cue).to_owned())
        };
        (drafts.cues.iter().map(cue).collect(), warnings.into_sorted().len())
    }

    #[test]
    fn a_window_of_two_lines_is_read_once() {
        let (cues, warnings) = collapsed(&[
            (0, 2_000, "one two"),
            (2_000, 2_010, "one two"),
            (2_010, 4_000, "one two\nthree four"),
            (4_000, 4_010, "three four"),
            (4_010, 6_000, "three four\nfive"),
        ]);
        let expected = [
            (0, 2_010, "one two"),
            (2_010, 4_010, "three four"),
            (4_010, 6_000, "five"),
        ];
        assert_eq!(cues, expected.map(|(start, end, text)| (start, end, text.to_owned())));
        assert_eq!(warnings, 1);
    }

    #[test]
    fn a_loop_is_no_window() {
        let cues: Vec<(i64, i64, &str)> = (0..8).map(|i| (i * 1_000, i * 1_000 + 1_000, "Thank you.")).collect();
        assert_eq!(collapsed(&cues).0.len(), 8);
    }

    #[test]
    fn a_new_line_begins_with_its_cue() {
        let mut drafts = Drafts::default();
        let ms = CueTime::from_millis;
        let mut add = |start, end, text: &str, stamps: &[(usize, i64)]| {
            let mut plain = Plain::of(text);
            plain.stamps = stamps.iter().map(|&(at, millis)| (at, ms(millis))).collect();
            drafts.add(Draft::new(1, ms(start), Some(ms(end))), &plain);
        };
        add(0, 2_000, "one two", &[(4, 1_000)]);
        add(2_000, 2_010, "one two", &[]);
        add(2_010, 4_000, "one two\nthree four five", &[(19, 3_010)]);
        add(4_000, 4_010, "three four five", &[]);
        collapse(&mut drafts, &mut Warnings::default());
        let last = drafts.cues.last().expect("a cue");
        let words = drafts.words.get(last.words.range()).expect("words");
        let starts: Vec<_> = words.iter().map(|word| (word.span.start, word.given)).collect();
        assert_eq!(starts[0], (ms(2_010), true));
        assert!(!starts[1].1 && starts[1].0 > ms(2_010) && starts[1].0 < ms(3_010));
        assert_eq!(starts[2], (ms(3_010), true));
        assert_eq!(words[1].span.end, ms(3_010));
    }

    #[test]
    fn a_line_said_twice_stays() {
        let cues = [
            (0, 1_000, "No."),
            (1_000, 2_000, "No."),
            (2_000, 3_000, "Yes."),
            (3_000, 4_000, "Good."),
        ];
        assert_eq!(collapsed(&cues).0.len(), 4);
    }
}
