//! Whether the times of nested elements count from the element around them, as the description has it (section
//! 12.2.4), or from the start of the file, as Apple's programs write them.

use super::clock::Clock;
use crate::format::tags::{Nest, Piece, Pieces};
use crate::time::{CueTime, TimeDelta};

/// So many tags tell it: a file that times what is nested does so from its beginning on.
const LOOKED_AT: usize = 4_000;
/// A lead as large as this is enough.
const CLEAR: i32 = 50;
/// A word begins a little before its sentence where both are rounded.
const ROUNDING: TimeDelta = TimeDelta::from_millis(500);
/// A word this much earlier than its sentence does not count from where that does.
const BEFORE: TimeDelta = TimeDelta::from_millis(1_000);

/// An element's times by either rule.
#[derive(Clone, Copy, Default)]
struct Times {
    /// Where it begins if times count from the element around.
    start: CueTime,
    end: Option<CueTime>,
    /// Where it begins if times count from zero.
    own_start: CueTime,
}

/// Asks each nested time which rule it fits.
pub(super) fn counts_from_zero(text: &str, mut clock: Clock) -> bool {
    let mut nest: Nest<'_, Times> = Nest::default();
    let mut votes = 0_i32;
    let mut looked_at = 0;
    for piece in Pieces::new(text) {
        match piece {
            Piece::Open(tag) => {
                // A `p` inside another is one whose end is missing before it.
                let before = if tag.name == "p" { nest.closes("p") } else { 0 };
                for _ in 0..before {
                    nest.pop();
                }
                let around = nest.last().copied().unwrap_or_default();
                let mut read = |name| clock.read(&tag.get(name)?).map(|delta| CueTime::ZERO + delta);
                let (begin, end, dur) = (read("begin"), read("end"), read("dur"));
                if let Some(begin) = begin {
                    votes += vote(around, begin);
                }
                let shifted = |time: CueTime| around.start + (time - CueTime::ZERO);
                let start = begin.map_or(around.start, shifted);
                let lasting = dur.map(|dur| start + (dur - CueTime::ZERO));
                let ends = [end.map(shifted), lasting, around.end];
                let times = Times {
                    start,
                    end: ends.into_iter().flatten().min(),
                    own_start: begin.unwrap_or(around.own_start),
                };
                nest.open(tag.name, times);
                looked_at += usize::from(begin.is_some());
            }
            Piece::Close(name) => {
                for _ in 0..nest.closes(name) {
                    nest.pop();
                }
            }
            Piece::Text(_) => {}
        }
        if looked_at >= LOOKED_AT || votes.abs() >= CLEAR {
            break;
        }
    }
    votes > 0
}

/// 1 where only counting from zero makes sense of a time, -1 where only the description's rule does.
fn vote(around: Times, begin: CueTime) -> i32 {
    let counted = around.start + (begin - CueTime::ZERO);
    let fits = around.end.is_none_or(|end| counted < end);
    if around.own_start <= CueTime::ZERO {
        0
    } else if fits {
        -i32::from(begin + BEFORE <= around.own_start)
    } else {
        i32::from(begin + ROUNDING >= around.own_start)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::format::tags::Tag;

    fn from_zero(body: &str) -> bool {
        counts_from_zero(
            &format!("<tt><body>{body}</body></tt>"),
            Clock::of(&Tag::of("<tt>"), None),
        )
    }

    #[test]
    fn nested_times_tell_where_they_count_from() {
        assert!(from_zero(
            r#"<p begin="5s" end="9s"><span begin="5s" end="6s">a</span></p>"#
        ));
        assert!(!from_zero(
            r#"<p begin="5s" end="9s"><span begin="0s" end="1s">a</span></p>"#
        ));
        assert!(!from_zero(
            r#"<p begin="0s" end="9s"><span begin="5s" end="6s">a</span></p>"#
        ));
        assert!(!from_zero(r#"<p begin="5s" end="9s">a</p>"#));
    }
}
