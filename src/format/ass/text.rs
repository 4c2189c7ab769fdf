//! The text of an event: `\N`, override codes in braces, times of syllables, drawings.
//!
//! `{\k20}` and its relatives say how many hundredths of a second the syllable after them lasts, counted on from the
//! start of the event; `{\kt50}` sets where it begins. After `{\p1}` stand the lines of a drawing, until `{\p0}`.

use super::super::markup::{Plain, TimedPiece};
use super::super::writing::{Output, around_words};
use crate::time::{CueTime, TimeDelta};
use crate::transcript::Cue;

/// No syllable lasts longer, in hundredths: what is more is a mistake, and must not overflow.
const LONGEST_SYLLABLE: i64 = 100 * 3_600 * 1_000;

/// Reads the text of an event that begins at `start`. Gives back the drawing in it, if there is one.
pub(super) fn read(text: &str, start: CueTime, breaks_softly: bool, plain: &mut Plain) -> Option<String> {
    plain.clear();
    let mut syllables = Syllables {
        from: 0,
        start: None,
        at: start,
    };
    let mut drawing: Option<String> = None;
    let mut draws = false;
    let mut rest = text;
    let mut is_closed = true;
    while let Some(at) = rest.find(['{', '\\']) {
        let (before, from) = rest.split_at_checked(at).unwrap_or((rest, ""));
        add(before, draws, &mut drawing, plain);
        let code = from.strip_prefix('{').filter(|_| is_closed);
        rest = if let Some((inside, after)) = code.and_then(|code| code.split_once('}')) {
            for tag in inside.split('\\').skip(1) {
                syllables.tag(tag.trim(), start, plain);
                draws = drawing_scale(tag).map_or(draws, |scale| scale > 0);
            }
            after
        } else if let Some(escaped) = from.strip_prefix('\\') {
            let (c, length) = match escaped.as_bytes().first() {
                Some(b'n') if breaks_softly => (" ", 1),
                Some(b'N' | b'n') => ("\n", 1),
                Some(b'h') => ("\u{a0}", 1),
                // What a brace needs to stand for itself; players of late know it.
                Some(b'{') => ("{", 1),
                Some(b'}') => ("}", 1),
                _ => ("\\", 0),
            };
            add(c, draws, &mut drawing, plain);
            escaped.get(length..).unwrap_or("")
        } else {
            // No brace closes this one, nor any after it.
            is_closed = false;
            add("{", draws, &mut drawing, plain);
            from.get(1..).unwrap_or("")
        };
    }
    add(rest, draws, &mut drawing, plain);
    syllables.finish(plain);
    drawing.filter(|drawing| !drawing.trim().is_empty())
}

fn add(text: &str, draws: bool, drawing: &mut Option<String>, plain: &mut Plain) {
    if draws {
        drawing.get_or_insert_default().push_str(text);
    } else {
        plain.literal(text);
    }
}

/// The scale of `\p1`; none for `\pos(…)` and `\pbo`.
fn drawing_scale(tag: &str) -> Option<u32> {
    let digits = tag.trim().strip_prefix('p')?;
    let is_number = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    is_number.then(|| digits.parse().unwrap_or(1))
}

/// Follows the times of the syllables.
struct Syllables {
    /// Where the syllable begins in the text.
    from: usize,
    /// When it begins; none before the first that has a time.
    start: Option<CueTime>,
    /// When it ends.
    at: CueTime,
}

impl Syllables {
    fn tag(&mut self, tag: &str, event: CueTime, plain: &mut Plain) {
        let Some((kind, number)) = ["kt", "kf", "ko", "K", "k"]
            .into_iter()
            .find_map(|kind| Some((kind, hundredths_of(tag.strip_prefix(kind)?)?)))
        else {
            return;
        };
        self.end(plain);
        if kind == "kt" {
            self.at = event + number;
        } else {
            self.start = Some(self.at);
            self.at += number;
        }
    }

    fn end(&mut self, plain: &mut Plain) {
        if plain.text.len() > self.from {
            plain.words.push(TimedPiece {
                bytes: self.from..plain.text.len(),
                start: self.start,
                end: self.start.map(|_| self.at),
            });
        }
        self.from = plain.next_place();
    }

    fn finish(&mut self, plain: &mut Plain) {
        if self.start.is_some() {
            self.end(plain);
        }
    }
}

/// A number of hundredths of a second, all of what is given.
fn hundredths_of(text: &str) -> Option<TimeDelta> {
    let text = text.trim();
    let number: f64 = text.parse().ok()?;
    let is_number = text.starts_with(|c: char| c.is_ascii_digit() || c == '.');
    is_number.then(|| TimeDelta::from_millis(number.min(LONGEST_SYLLABLE as f64).round() as i64 * 10))
}

/// Whole hundredths of a second.
pub(super) fn hundredths(time: CueTime) -> i64 {
    (time - CueTime::ZERO).as_micros().max(0) / 10_000
}

/// `h:mm:ss.cc`
pub(super) fn clock(hundredths: i64) -> String {
    let (seconds, hundredths) = (hundredths / 100, hundredths % 100);
    let (minutes, seconds) = (seconds / 60, seconds % 60);
    format!("{}:{:02}:{seconds:02}.{hundredths:02}", minutes / 60, minutes % 60)
}

/// Writes the text of a cue, its words with the time they last.
pub(super) fn write(cue: &Cue, out: &mut Output) {
    let ends = ends_of_words(cue);
    let mut ends = ends.into_iter();
    let mut at = hundredths(cue.span.start);
    for (before, word) in around_words(cue) {
        write_escaped(before, out);
        let Some((word, said)) = word else { continue };
        let end = ends.next().unwrap_or(at);
        if word.given {
            let start = hundredths(word.span.start).max(at);
            if start > at {
                out.text(&format!("{{\\k{}}}", start - at));
            }
            let end = end.max(start);
            out.text(&format!("{{\\k{}}}", end - start));
            at = end;
        }
        write_escaped(said, out);
    }
}

/// When each word's syllable ends: with the word, and where words without a time follow, before the next that has one.
fn ends_of_words(cue: &Cue) -> Vec<i64> {
    let mut next_start = hundredths(cue.span.end);
    let mut next_is_given = true;
    let mut ends: Vec<i64> = Vec::with_capacity(cue.given_words.len());
    for word in cue.given_words.iter().rev() {
        let own = hundredths(word.span.end);
        ends.push(if next_is_given { own.min(next_start) } else { next_start });
        next_is_given = word.given;
        if word.given {
            next_start = hundredths(word.span.start);
        }
    }
    ends.reverse();
    ends
}

/// Braces and backslashes cannot stand for themselves everywhere. What would be a code is taken apart by a mark that
/// nobody sees and every reader drops.
fn write_escaped(text: &str, out: &mut Output) {
    let mut rest = text;
    while let Some(at) = rest.find(['\n', '{', '\\']) {
        let (before, from) = rest.split_at_checked(at).unwrap_or((rest, ""));
        out.text(before);
        let after = from.get(1..).unwrap_or("");
        out.text(match from.as_bytes().first() {
            Some(b'\n') => "\\N",
            Some(b'{') => "\\{",
            _ if after.is_empty() || after.starts_with(['N', 'n', 'h', '{', '}', '\n', '\\']) => "\\\u{feff}",
            _ => "\\",
        });
        rest = after;
    }
    out.text(rest);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plain(text: &str) -> (Plain, Option<String>) {
        let mut plain = Plain::default();
        let drawing = read(text, CueTime::from_millis(1_000), true, &mut plain);
        (plain, drawing)
    }

    #[test]
    fn codes_go_and_breaks_stay() {
        for (text, expected) in [
            ("One\\Ntwo\\nthree\\hfour", "One\ntwo three\u{a0}four"),
            ("{\\an8}{\\pos(1,2)}Up {\\i1}here{\\i0}", "Up here"),
            ("a {note to self}b", "a b"),
            ("\\{braces\\} and {open", "{braces} and {open"),
            ("C:\\temp\\", "C:\\temp\\"),
            ("<i>a</i> &amp; b", "<i>a</i> &amp; b"),
        ] {
            assert_eq!(plain(text).0.text, expected, "{text}");
        }
    }

    #[test]
    fn drawings_are_no_text() {
        let (text, drawing) = plain("{\\p1}m 0 0 l 10 0{\\p0}Here{\\pbo5}");
        assert_eq!((text.text.as_str(), drawing.as_deref()), ("Here", Some("m 0 0 l 10 0")));
    }

    #[test]
    fn syllables_count_on_from_the_start() {
        let (text, _) = plain("{\\k50}{\\kf20}hel{\\ko30}lo {\\K10}there{\\kt200}{\\k5} now");
        let pieces: Vec<(&str, i64, i64)> = text
            .words
            .iter()
            .map(|piece| {
                let millis = |time: Option<CueTime>| time.map_or(-1, |time| time.as_micros() / 1_000);
                (&text.text[piece.bytes.clone()], millis(piece.start), millis(piece.end))
            })
            .collect();
        let expected = [
            ("hel", 1_500, 1_700),
            ("lo", 1_700, 2_000),
            ("there", 2_000, 2_100),
            (" now", 3_000, 3_050),
        ];
        assert_eq!(pieces, expected);
    }

    #[test]
    fn what_is_written_reads_as_it_was() {
        for text in ["a {b} c", "C:\\new\\{x}\\", "two\nlines\\", "\\\\N"] {
            let mut out = Output::default();
            write_escaped(text, &mut out);
            assert_eq!(plain(out.buffer()).0.text, text);
        }
    }

    #[test]
    fn braces_without_end_cost_no_time() {
        assert_eq!(plain(&"{\\k".repeat(200_000)).0.text.len(), 600_000);
    }
}
