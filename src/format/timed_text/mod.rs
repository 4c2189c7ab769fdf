//! Plain text with time codes, as recorders, meeting programs and people write it.
//!
//! A time code at the start of a line (`[00:12:03] text`, `(12:03)`, `#03:45.2#`, `12:03 text`, `[0:00 --> 0:04]`),
//! on a line by itself, behind a name (`Speaker 1  0:12`, `Ada (0:12): text`, `S00: [00:00:04] text`) or inside a
//! paragraph begins a cue. f4 writes the codes at the ends of paragraphs, and means that these end there. A bare
//! `10:30` begins a cue only where the file does so throughout: people speak of times. Where the file gives starts
//! alone, a cue lasts to the next; a code without text ends the cue before it.

mod codes;
mod marks;
pub(super) mod untimed;

use std::borrow::Cow;

use super::draft::{Draft, Drafts, source_range};
use super::formats::{Family, Format, Holds, Spec};
use super::markup::{Plain, guarded};
use super::repair::spoken_until;
use super::speakers::{Form, name_form};
use super::stamp::{LineCounter, TimeLines};
use super::warning::shorten;
use super::writing::Output;
use super::{Input, ReadError, WarningKind, Warnings};
use crate::time::{CueTime, format_hms_millis};
use crate::transcript::Transcript;
use codes::is_separator;
pub(super) use codes::only_times;
use marks::{Found, Mark, Style};

/// The row of this format.
pub(super) const SPEC: Spec = Spec {
    format: Format::TimedText,
    key: "text",
    name: "text with time codes",
    extensions: &["txt", "text", "md"],
    from: "Otter, Zoom, Meet, YouTube's panel, f4, people",
    family: Family::Text,
    recognise,
    read,
    write: Some((write, HOLDS)),
};

const HOLDS: Holds = Holds::CAPTIONS;

/// What programs put under the text they export.
const FOOTERS: [&str; 4] = [
    "Transcribed by http",
    "Transcription ended after ",
    "Meeting ended after ",
    "This editable transcript was computer generated",
];

/// Time codes at the places where cues begin, and no arrows but those between brackets.
fn recognise(input: &Input<'_>) -> Option<&'static str> {
    let first = TimeLines::new(input.text).next();
    let is_log = |from| input.text.get(..from).is_some_and(|before| before.ends_with('['));
    let may_be = first.is_none_or(|first| is_log(first.from));
    (may_be && has_stamps(input.text)).then_some("time codes at the starts of lines")
}

/// Reads the cues of a text with time codes.
fn read(input: &Input<'_>, drafts: &mut Drafts, warnings: &mut Warnings) -> Result<(), ReadError> {
    parse(input.text, drafts, warnings);
    give_ends(drafts);
    Ok(())
}

/// Writes `[00:12:03.250] Name: text`; a cue that does not last to the next with both its times.
fn write(transcript: &Transcript, out: &mut Output) {
    let clock = |time: CueTime| format_hms_millis(time - CueTime::ZERO, '.');
    let mut next = transcript.cues.iter().skip(1);
    for cue in &transcript.cues {
        out.text("[");
        out.text(&clock(cue.span.start));
        if next.next().is_none_or(|next| next.span.start != cue.span.end) {
            out.text(" --> ");
            out.text(&clock(cue.span.end));
        }
        out.text("]");
        if let Some(name) = transcript.speaker_name(cue.speaker) {
            out.text(" ");
            out.text(name);
            out.text(": ");
        } else {
            // The dash of a dialogue would be taken for one that parts the code from the text.
            out.text(if cue.text.starts_with(is_separator) { "\n" } else { " " });
        }
        out.line(&without_codes(&guarded(&cue.text)));
    }
}

/// A text in which no bracket begins a time code: a mark that nobody sees, and every reader drops, stands behind it.
fn without_codes(text: &str) -> Cow<'_, str> {
    let begins_code = |pair: &[u8]| matches!(pair, [b'[' | b'(' | b'#', b'0'..=b'9']);
    if !text.as_bytes().windows(2).any(begins_code) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 8);
    let mut before = (' ', ' ');
    for c in text.chars() {
        // `&#123;` is a character, written so that it is no markup.
        if c.is_ascii_digit() && matches!(before, (_, '[' | '(') | ('\0'..='%' | '\''.., '#')) {
            out.push('\u{feff}');
        }
        out.push(c);
        before = (before.1, c);
    }
    Cow::Owned(out)
}

/// Whether cues begin anywhere in the text.
fn has_stamps(text: &str) -> bool {
    !Found::find(text).marks.is_empty()
}

fn parse(text: &str, drafts: &mut Drafts, warnings: &mut Warnings) {
    let found = Found::find(text);
    let mut lines = LineCounter::new(text);
    let mut plain = Plain::default();
    let lead = text.get(..found.text_from).unwrap_or("").trim();
    if !lead.is_empty() {
        warnings.push(1, WarningKind::StrayText { text: shorten(lead) });
    }
    let (body, footer) = without_footer(text, found.marks.last().map_or(text.len(), |last| last.text_from));
    let headings = names_below(body, &found);
    let mut add = |mark: &Mark, name: Option<&str>, said: &str, warnings: &mut Warnings| {
        let line = lines.line_at(mark.from);
        plain.read(said, false, line, warnings);
        // A code alone ends what came before.
        if plain.text.is_empty() && mark.style != Style::Named {
            if let Some(last) = drafts.cues.last_mut().filter(|last| mark.start > last.start) {
                last.end = last.end.or(Some(mark.start));
            }
            return;
        }
        let mut draft = Draft::new(line, mark.start, mark.end);
        draft.name = name.and_then(|name| drafts.names.id(name));
        let name = draft.name;
        let first = drafts.cues.len();
        drafts.add(draft, &plain);
        for cue in drafts.cues.iter_mut().skip(first) {
            cue.name = cue.name.or(name);
        }
    };
    if found.text_precedes {
        let mut from = found.text_from;
        for mark in &found.marks {
            add(mark, None, body.get(from..mark.from).unwrap_or(""), warnings);
            from = mark.text_from;
        }
        add_rest(body.get(from..).unwrap_or(""), text, warnings);
    } else {
        if let Some(first) = found.marks.first() {
            let said = body.get(found.text_from..first.from).unwrap_or("");
            if !said.trim().is_empty() {
                let mut beginning = first.clone();
                (beginning.start, beginning.end) = (CueTime::ZERO, Some(first.start));
                beginning.from = found.text_from;
                add(&beginning, None, said, warnings);
            }
        }
        let mut next = found.marks.iter().skip(1).map(|next| next.from);
        for (place, mark) in found.marks.iter().enumerate() {
            let to = next.next().unwrap_or(body.len());
            let name = mark.name.clone().and_then(|name| text.get(name));
            let heading = headings.get(place).copied().flatten();
            let from = heading.map_or(mark.text_from, |heading| mark.text_from + heading.len());
            let name = name.or(heading.map(|heading| heading.trim().trim_end_matches([':', '*'])));
            add(mark, name, body.get(from..to).unwrap_or(""), warnings);
        }
    }
    add_rest(footer, text, warnings);
    share_starts(drafts);
}

/// Where people answer each other below one code, its time is shared among them; so it must be known when it ends.
fn give_ends(drafts: &mut Drafts) {
    if !drafts.cues.is_sorted_by_key(|cue| cue.start) {
        return; // what is next is known when they are in order
    }
    let mut next: Option<CueTime> = None;
    let mut cues = std::mem::take(&mut drafts.cues);
    for cue in cues.iter_mut().rev() {
        let following = next.replace(cue.start);
        cue.end = cue.end.or_else(|| match following {
            Some(start) => Some(start).filter(|start| *start > cue.start),
            None => Some(drafts.text_of(cue))
                .filter(|text| text.contains('\n'))
                .map(|text| spoken_until(cue.start, text)),
        });
    }
    drafts.cues = cues;
}

/// Tells of what stands behind the last cue.
fn add_rest(rest: &str, text: &str, warnings: &mut Warnings) {
    let rest = rest.trim();
    if !rest.is_empty() {
        let line = LineCounter::new(text).line_at(source_range(text, rest).range().start);
        warnings.push(line, WarningKind::StrayText { text: shorten(rest) });
    }
}

/// A text without the lines that programs put under it, and these. Nothing before `floor` is one.
fn without_footer(text: &str, floor: usize) -> (&str, &str) {
    const MOST_LINES: usize = 6;
    let mut to = text.len();
    let mut rest = text.get(floor..).unwrap_or("");
    for _ in 0..MOST_LINES {
        rest = rest.trim_end();
        let from = rest.rfind('\n').map_or(0, |at| at + 1);
        let Some(line) = rest.get(from..).filter(|_| from > 0) else {
            break;
        };
        if FOOTERS.iter().any(|footer| line.trim_start().starts_with(footer)) {
            to = floor + from;
        }
        rest = rest.get(..from).unwrap_or("");
    }
    text.split_at_checked(to).unwrap_or((text, ""))
}

/// The names that stand beside the codes, the text on the lines below: `[00:00:04] Ada` and `Yes.` under it. They
/// count where nearly all codes have one and they recur, or have the form of a name.
fn names_below<'a>(text: &'a str, found: &Found) -> Vec<Option<&'a str>> {
    let mut next = found.marks.iter().skip(1).map(|next| next.from);
    let heading = |mark: &Mark| {
        let to = next.next().unwrap_or(text.len());
        let said = text.get(mark.text_from..to)?;
        let (line, below) = said.split_once('\n')?;
        let name = line.trim().trim_end_matches([':', '*']);
        let has_text = mark.style != Style::Named && !below.trim().is_empty();
        (has_text && !name.is_empty()).then_some((line, name_form(name)?, name))
    };
    let headings: Vec<Option<(&str, Form, &str)>> = found.marks.iter().map(heading).collect();
    let names = headings.iter().flatten();
    let count = names.clone().count();
    let sure = names.clone().filter(|(_, form, _)| *form == Form::Name).count();
    let distinct: std::collections::HashSet<&str> = names.map(|(_, _, name)| *name).collect();
    let are_names = count >= 2 && count * 3 >= headings.len() * 2 && (sure == count || distinct.len() * 2 <= count);
    if are_names && !found.text_precedes {
        headings
            .into_iter()
            .map(|heading| heading.map(|(line, ..)| line))
            .collect()
    } else {
        Vec::new()
    }
}

/// Codes without fractions often give several cues one start. These share the time to the next start by the length
/// of their text, or only the last of them could ever be lit.
fn share_starts(drafts: &mut Drafts) {
    let mut cues = std::mem::take(&mut drafts.cues);
    let mut rest = cues.as_mut_slice();
    while let Some(first) = rest.first() {
        let start = first.start;
        let count = rest
            .iter()
            .take_while(|cue| cue.start == start && cue.end.is_none())
            .count()
            .max(1);
        let Some((run, after)) = rest.split_at_mut_checked(count) else {
            break;
        };
        let next = after.first().map(|cue| cue.start).filter(|&next| next > start);
        if let (true, Some(next)) = (count > 1, next) {
            let letters: Vec<f64> = run.iter().map(|cue| drafts.text_of(cue).len() as f64 + 1.0).collect();
            let total: f64 = letters.iter().sum();
            let mut passed = 0.0;
            for (cue, letters) in run.iter_mut().zip(letters) {
                cue.start = start + (next - start).scaled(passed / total);
                passed += letters;
            }
        }
        rest = after;
    }
    drafts.cues = cues;
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `start-end name|text`, the end left out where the file tells none.
    fn read(text: &str) -> Vec<String> {
        let (mut drafts, mut warnings) = (Drafts::default(), Warnings::default());
        parse(text, &mut drafts, &mut warnings);
        let cue = |cue: &Draft| {
            let seconds = |time: CueTime| time.as_secs_f64();
            let end = cue.end.map(|end| format!("-{}", seconds(end))).unwrap_or_default();
            let name = cue.name.map_or("", |name| drafts.names.get(name));
            format!("{}{end} {name}|{}", seconds(cue.start), drafts.text_of(cue))
        };
        drafts.cues.iter().map(cue).collect()
    }

    #[test]
    fn time_codes_of_every_shape() {
        for (text, expected) in [
            ("[00:12:03] Hi", "723 |Hi"),
            ("(12:03) Hi", "723 |Hi"),
            ("(12:03): Hi", "723 |Hi"),
            ("#03:45.2# Hi", "225.2 |Hi"),
            ("#00:03:45-2# Hi", "225.2 |Hi"),
            ("**[00:00:04]** Hi", "4 |Hi"),
            ("- [0:04] Hi", "4 |Hi"),
            ("00:00:04 Hi", "4 |Hi"),
            ("[00:00.000 --> 00:04.000]  Hi", "0-4 |Hi"),
            ("[00:00:01 - 00:00:04] Hi", "1-4 |Hi"),
            ("0:00:01.000,0:00:04.000\nHi", "1-4 |Hi"),
            ("Speaker 1  0:12\nHi", "12 Speaker 1|Hi"),
            ("Ada Reyes (0:12): Hi", "12 Ada Reyes|Hi"),
            ("Ada Reyes [0:12] Hi\nthere", "12 Ada Reyes|Hi\nthere"),
            ("[Ada Reyes] 0:00:12\nHi", "12 Ada Reyes|Hi"),
            ("[0.50s -> 2.48s] Hi", "0.5-2.48 |Hi"),
            ("#00:00:04-25# Hi", "4.25 |Hi"),
            ("[0:12](https://example.org/?t=12) Hi", "12 |Hi"),
            ("Hi #00:00:04-2#", "0-4.2 |Hi"),
        ] {
            assert_eq!(read(text), [expected], "{text}");
        }
    }

    #[test]
    fn bare_codes_count_where_they_are_the_rule() {
        assert_eq!(read("0:00\nHi\nyou\n0:05\nthere"), ["0 |Hi\nyou", "5 |there"]);
        assert_eq!(read("0:00 Hi\n0:05 - there"), ["0 |Hi", "5 |there"]);
        assert_eq!(
            read("0:00 Hi\n0:05 we had a\n10:30 meeting\n0:12 there")[1],
            "5 |we had a\n10:30 meeting"
        );
        assert_eq!(
            read("[0:00] Hi\n10:30 meeting\n11:00 lunch\n[0:04] there")[0],
            "0 |Hi\n10:30 meeting\n11:00 lunch"
        );
    }

    #[test]
    fn times_in_prose_are_no_time_codes() {
        for text in [
            "10:30 meeting",
            "Meet me at 10:30",
            "10:30 am we met\n11:00 am we left",
            "it is 10:30",
            "On Monday 10:30",
            "[10:75] no time",
            "1:234 go",
            "He said (in 2019) so",
            "Ask [12:30]\nor me [13:00]",
            "It is written (3:16).",
            "[Ada] went at [12:30] home",
        ] {
            assert!(!has_stamps(text), "{text}");
        }
    }

    #[test]
    fn enclosed_codes_in_one_long_line() {
        assert_eq!(
            read("[00:00:01] Ada: Hi (really) [laughs] [00:00:04] Yes"),
            ["1 |Ada: Hi (really) [laughs]", "4 |Yes"]
        );
    }

    #[test]
    fn cues_with_one_start_share_the_time() {
        assert_eq!(
            read("[0:10] abc\n[0:10] abcdefg\n[0:16] x"),
            ["10 |abc", "12 |abcdefg", "16 |x"]
        );
    }
}
