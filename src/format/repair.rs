//! What is wrong with the cues of a file is put right here, the same for every format, and told.
//!
//! Nothing is left out but what has no text or stands there twice.

use memchr::{memchr, memchr3};

use super::draft::{Draft, Drafts, Stretch};
use super::stamp::LATEST;
use super::{WarningKind, Warnings};
use crate::time::{CueSpan, CueTime, TimeDelta};
use crate::transcript::{Cue, CueId, CueOrigin, Kept, Speaker, SpeakerId, Transcript, Word};

/// A cue without length reaches to the next one, but no longer than this (captions stay up a few seconds at most) ...
const LONGEST_GIVEN: TimeDelta = TimeDelta::from_millis(5_000);
/// ... and no shorter than this, or nobody would see it lit.
const SHORTEST_GIVEN: TimeDelta = TimeDelta::from_millis(300);
/// A cue that nothing follows lasts as long as its text takes to say: about 16 letters a second.
const TIME_OF_LETTER: TimeDelta = TimeDelta::from_millis(60);
const TIME_OF_CUE: TimeDelta = TimeDelta::from_millis(1_000);
/// A cue with more bytes of text than this is no caption; it is cut into pieces of about so many.
const LONGEST_TEXT: usize = 8_000;
const PIECE: usize = 1_000;
/// So many cues with the same start are compared to find one twice; a file of nothing else must not take for ever.
const COMPARED: usize = 8;
/// After so many cues the room of those that are done is given back; a large file has hundreds of thousands.
const GIVEN_BACK: usize = 16_384;

/// Puts the cues in order and their times right. `source` is the input's text, from which payloads are kept; with
/// `raw` nothing that stands there twice is left out.
pub(super) fn finish(mut drafts: Drafts, source: &str, raw: bool, warnings: &mut Warnings) -> Transcript {
    let mut cues = std::mem::take(&mut drafts.cues);
    for (cue, place) in cues.iter_mut().zip(0..) {
        cue.place = place;
    }
    // A file that says exactly what is meant means its doubles and overlaps.
    let exact = drafts.exact;
    if !are_in_order(&cues) {
        let heads = heads(&cues);
        drop_empty(&mut cues, warnings);
        start_after_zero(&mut cues, warnings);
        start_before_ever(&mut cues, warnings);
        sort(&mut cues, warnings);
        give_ends(&mut cues, &drafts, warnings);
        // Once all have ends: one without may be given that of another, and both would be written the same.
        if !raw && !exact {
            drop_repeated(&mut cues, &drafts, warnings);
        }
        if !exact {
            tell_overlaps(&cues, warnings);
        }
        part_what_was_torn(&mut cues, &heads);
    }
    into_transcript(cues, &mut drafts, source, warnings)
}

/// Whether nothing is to be put right, as in most files: each cue has a text, and lasts until the next at most.
fn are_in_order(cues: &[Draft]) -> bool {
    let mut passed = CueTime::ZERO;
    cues.iter().all(|cue| {
        let ends_well = cue.end.is_some_and(|end| end > cue.start && end <= LATEST);
        let is_good = cue.start >= passed && ends_well && cue.start <= LATEST - LONGEST_GIVEN && !cue.text.is_empty();
        passed = cue.end.unwrap_or(cue.start);
        is_good
    })
}

fn continues(cue: &Draft) -> bool {
    cue.origin.as_ref().is_some_and(|origin| origin.continues)
}

/// For each place that of the cue it was one with in the file; nothing where every cue was one by itself.
fn heads(cues: &[Draft]) -> Vec<u32> {
    if !cues.iter().any(continues) {
        return Vec::new();
    }
    let mut head = 0;
    let of_cue = |cue: &Draft| {
        if !continues(cue) {
            head = cue.place;
        }
        head
    };
    cues.iter().map(of_cue).collect()
}

/// Cues that were one in the file are written as one again. Where another came between them, or the first was left
/// out, they would be written with what they do not belong to: from here on each stands by itself.
fn part_what_was_torn(cues: &mut [Draft], heads: &[u32]) {
    let head_of = |cue: &Draft| heads.get(cue.place as usize).copied();
    let mut before = None;
    let mut torn = Vec::new();
    for cue in &*cues {
        let follows = before.is_some_and(|before: u32| before + 1 == cue.place);
        if !follows && continues(cue) {
            torn.extend(head_of(cue));
        }
        before = Some(cue.place);
    }
    torn.sort_unstable();
    for cue in cues {
        let is_torn = head_of(cue).is_some_and(|head| torn.binary_search(&head).is_ok());
        if is_torn && let Some(origin) = &mut cue.origin {
            origin.continues = false;
        }
        if is_torn {
            cue.payload = Stretch::default();
        }
    }
}

fn tell(cue: &Draft, kind: WarningKind, warnings: &mut Warnings) {
    warnings.push_of(cue.line, Some(CueId(cue.place)), kind);
}

fn drop_empty(cues: &mut Vec<Draft>, warnings: &mut Warnings) {
    cues.retain(|cue| {
        let is_empty = cue.text.is_empty();
        if is_empty {
            warnings.push(cue.line, WarningKind::EmptyCue);
        }
        !is_empty
    });
}

fn start_after_zero(cues: &mut [Draft], warnings: &mut Warnings) {
    for cue in cues {
        if cue.start < CueTime::ZERO || cue.end.is_some_and(|end| end < CueTime::ZERO) {
            tell(cue, WarningKind::NegativeTime, warnings);
            cue.start = cue.start.max(CueTime::ZERO);
            cue.end = cue.end.map(|end| end.max(CueTime::ZERO));
        }
    }
}

/// No recording lasts beyond [`LATEST`]; a cue there is moved to where it still has room to end.
fn start_before_ever(cues: &mut [Draft], warnings: &mut Warnings) {
    let last_start = LATEST - LONGEST_GIVEN;
    for cue in cues {
        if cue.start > last_start || cue.end.is_some_and(|end| end > LATEST) {
            tell(cue, WarningKind::Endless, warnings);
            cue.start = cue.start.min(last_start);
            cue.end = cue.end.map(|end| end.min(LATEST));
        }
    }
}

fn sort(cues: &mut [Draft], warnings: &mut Warnings) {
    let mut before = CueTime::ZERO;
    let mut is_sorted = true;
    for cue in &*cues {
        if cue.start < before {
            is_sorted = false;
            tell(cue, WarningKind::OutOfOrder, warnings);
        }
        before = cue.start;
    }
    if !is_sorted {
        cues.sort_by_key(|cue| cue.start); // stable: equal starts keep the file's order
    }
}

fn drop_repeated(cues: &mut Vec<Draft>, drafts: &Drafts, warnings: &mut Warnings) {
    let is_same = |a: &Draft, b: &Draft| a.end == b.end && a.name == b.name && drafts.text_of(a) == drafts.text_of(b);
    let repeated: Vec<usize> = (1..cues.len())
        .filter(|&i| {
            let Some(cue) = cues.get(i) else { return false };
            let before = cues.get(i.saturating_sub(COMPARED)..i).unwrap_or_default().iter().rev();
            before
                .take_while(|other| other.start == cue.start)
                .any(|other| is_same(other, cue))
        })
        .collect();
    let count = repeated.len();
    let mut first_line = None;
    let mut repeated = repeated.into_iter().peekable();
    let mut place = 0;
    cues.retain(|cue| {
        let drop = repeated.next_if_eq(&place).is_some();
        if drop {
            first_line.get_or_insert(cue.line);
        }
        place += 1;
        !drop
    });
    if let Some(line) = first_line {
        warnings.push(line, WarningKind::Duplicate { count });
    }
}

/// When a text that begins at `start` is likely to have been said.
pub(super) fn spoken_until(start: CueTime, text: &str) -> CueTime {
    start + TIME_OF_CUE + TIME_OF_LETTER.scaled(text.chars().count() as f64)
}

/// Gives an end to each cue that has none, or one that is not after its start.
fn give_ends(cues: &mut [Draft], drafts: &Drafts, warnings: &mut Warnings) {
    // Going backwards: the start of the next cue that begins later than this one.
    let mut next: Option<CueTime> = None;
    let mut following: Option<CueTime> = None;
    for cue in cues.iter_mut().rev() {
        if following.is_some_and(|start| start > cue.start) {
            next = following;
        }
        following = Some(cue.start);
        let spoken = || spoken_until(cue.start, drafts.text_of(cue)).min(LATEST);
        cue.end = Some(match cue.end {
            None => next.unwrap_or_else(spoken),
            Some(end) if end > cue.start => end,
            Some(end) => {
                let backwards = end < cue.start;
                let kind = if backwards {
                    WarningKind::EndBeforeStart
                } else {
                    WarningKind::ZeroLength
                };
                tell(cue, kind, warnings);
                let wished = match next {
                    Some(next) if backwards => next.min(spoken()),
                    Some(next) => next,
                    None => spoken(),
                };
                wished.clamp(cue.start + SHORTEST_GIVEN, cue.start + LONGEST_GIVEN)
            }
        });
    }
}

fn tell_overlaps(cues: &[Draft], warnings: &mut Warnings) {
    let mut latest = CueTime::ZERO;
    for cue in cues {
        if cue.start < latest {
            tell(cue, WarningKind::Overlap, warnings);
        }
        latest = latest.max(cue.end.unwrap_or(cue.start));
    }
}

/// Cuts the texts out and numbers the speakers in the order of their first word.
fn into_transcript(cues: Vec<Draft>, drafts: &mut Drafts, source: &str, warnings: &mut Warnings) -> Transcript {
    let mut transcript = Transcript {
        language: drafts.language.take(),
        title: drafts.title.take(),
        outline: std::mem::take(&mut drafts.outline),
        estimated: drafts.estimated,
        ..Transcript::default()
    };
    // A file may tell its chapters in any order.
    transcript.outline.sort_by_key(|chapter| chapter.start);
    let any_cut = cues.iter().any(|cue| cue.text.len() > LONGEST_TEXT);
    // The line of each cue, and its place before. Where nothing was told so far, nothing was left out or moved.
    let needs_places = any_cut || !warnings.is_empty() || !drafts.blocks.is_empty();
    let mut places: Vec<(u32, u32)> = Vec::new();
    if needs_places {
        places.reserve_exact(cues.len());
    }
    // Not met yet, or met and the speaker it became.
    let mut ids: Vec<Option<Option<SpeakerId>>> = vec![None; drafts.names.len()];
    transcript.cues.reserve_exact(cues.len());
    let mut cues = cues;
    cues.reverse();
    while let Some(cue) = cues.pop() {
        // Their room goes to the texts that are cut out meanwhile.
        if cues.len().is_multiple_of(GIVEN_BACK) {
            cues.shrink_to_fit();
        }
        let speaker = cue.name.and_then(|name| {
            *ids.get_mut(name as usize)?.get_or_insert_with(|| {
                let id = u16::try_from(transcript.speakers.len()).ok();
                let speaker = Speaker {
                    name: drafts.names.get(name).to_owned(),
                };
                match id {
                    Some(_) => transcript.speakers.push(speaker),
                    None => warnings.push_of(
                        cue.line,
                        Some(CueId(cue.place)),
                        WarningKind::Malformed {
                            what: "more speakers than can be told apart",
                            text: speaker.name,
                        },
                    ),
                }
                id.map(SpeakerId)
            })
        });
        let span = CueSpan::new(cue.start, cue.end.unwrap_or(cue.start));
        let words = drafts.words.get(cue.words.range()).unwrap_or_default().iter();
        let given_words = words.map(|word| inside(word, span)).collect();
        let text: Box<str> = drafts.text_of(&cue).into();
        let length = text.len();
        let place = (cue.line, cue.place);
        let mut cue = cue;
        keep_payload(&mut cue, source, &text, drafts.line_break.as_deref().unwrap_or("\n"));
        let whole = Cue {
            span,
            speaker,
            text,
            given_words,
            origin: cue.origin.filter(|origin| **origin != CueOrigin::default()),
        };
        if length > LONGEST_TEXT {
            warnings.push_of(cue.line, Some(CueId(cue.place)), WarningKind::LongLine { length });
            cut(whole, &mut transcript.cues);
        } else {
            transcript.cues.push(whole);
        }
        if needs_places {
            places.resize(transcript.cues.len(), place);
        }
    }
    if any_cut {
        sort_pieces(&mut transcript.cues, &mut places);
    }
    let lines = if needs_places {
        find_cues(&places, warnings)
    } else {
        Vec::new()
    };
    let blocks = std::mem::take(&mut drafts.blocks).into_iter().map(|(line, block)| {
        // In front of the first cue that stands below it.
        let below = lines.partition_point(|(other, _)| *other <= line);
        let cue = lines.get(below).map_or(transcript.cues.len() as u32, |(_, cue)| cue.0);
        (cue, block)
    });
    let own = Kept {
        format: "",
        blocks: blocks.collect(),
        head: std::mem::take(&mut drafts.head),
        style: std::mem::take(&mut drafts.style),
    };
    transcript.kept = drafts.kept.take().or_else(|| Some(Box::new(own)));
    transcript
}

/// Puts cues in order again of which some were cut, and their places with them. Where another comes between what was
/// one in the file, each stands by itself from here on: written as one they would take in what is not theirs.
fn sort_pieces(cues: &mut Vec<Cue>, places: &mut Vec<(u32, u32)>) {
    if cues.is_sorted_by_key(|cue| cue.span.start) {
        return;
    }
    let continues = |cue: &Cue| cue.origin.as_ref().is_some_and(|origin| origin.continues);
    let mut head = 0;
    let mut pieces: Vec<(usize, Cue, (u32, u32))> = Vec::with_capacity(cues.len());
    for (at, (cue, place)) in cues.drain(..).zip(places.drain(..)).enumerate() {
        head = if continues(&cue) { head } else { at };
        pieces.push((head, cue, place));
    }
    pieces.sort_by_key(|(_, cue, _)| cue.span.start);
    let mut before = None;
    let mut torn = Vec::new();
    for (head, cue, _) in &pieces {
        if continues(cue) && before != Some(head) {
            torn.push(*head);
        }
        before = Some(head);
    }
    torn.sort_unstable();
    for (head, mut cue, place) in pieces {
        if torn.binary_search(&head).is_ok() {
            if let Some(origin) = &mut cue.origin {
                (origin.continues, origin.payload) = (false, None);
            }
            cue.origin.take_if(|origin| **origin == CueOrigin::default());
        }
        cues.push(cue);
        places.push(place);
    }
}

/// Tells the warnings which cues they concern, the first piece where one was cut; gives the lines of the cues, in
/// order. `places` holds for each cue its line and the place it had before some were left out and others sorted.
fn find_cues(places: &[(u32, u32)], warnings: &mut Warnings) -> Vec<(u32, CueId)> {
    let before = places.iter().map(|(_, place)| *place as usize + 1).max().unwrap_or(0);
    let mut now = vec![None; before];
    let mut lines = Vec::with_capacity(places.len());
    for (&(line, place), here) in places.iter().zip(0..) {
        if let Some(now) = now.get_mut(place as usize) {
            now.get_or_insert(CueId(here));
        }
        lines.push((line, CueId(here)));
    }
    lines.sort_unstable();
    warnings.find_cues(&now, &lines);
    lines
}

/// Keeps the text as written where the model's text, or its speaker, says less or more.
fn keep_payload(cue: &mut Draft, source: &str, text: &str, line_break: &str) {
    let Some(payload) = source.get(cue.payload.range()).filter(|payload| !payload.is_empty()) else {
        return;
    };
    let payload = payload.trim_end_matches('\n');
    if cue.name.is_some() || !says_no_more(payload, text, line_break) {
        cue.origin.get_or_insert_default().payload = Some(payload.into());
    }
}

/// Whether a payload is the text alone, its lines parted by `line_break`, so that a writer would make the same of it.
fn says_no_more(payload: &str, text: &str, line_break: &str) -> bool {
    let is_same = if line_break == "\n" {
        payload == text
    } else {
        let mut rest = Some(payload);
        for (place, line) in text.split('\n').enumerate() {
            let before = if place == 0 { "" } else { line_break };
            rest = rest.and_then(|rest| rest.strip_prefix(before)?.strip_prefix(line));
        }
        rest.is_some_and(str::is_empty)
    };
    let text = text.as_bytes();
    is_same && memchr3(b'&', b'<', b'>', text).is_none() && memchr(b'{', text).is_none()
}

/// Cuts a cue that is longer than any layout bears into pieces at word borders, which share its time by their length.
fn cut(cue: Cue, out: &mut Vec<Cue>) {
    let whole = cue.text.len();
    let time_at = |byte: usize| cue.span.start + cue.span.length().scaled(byte as f64 / whole as f64);
    let mut origin = cue.origin;
    let mut from = 0;
    while from < whole {
        let to = piece_end(&cue.text, from);
        let Some(piece) = cue.text.get(from..to) else { return };
        let first = from + (piece.len() - piece.trim_start().len());
        let text = piece.trim();
        // However many pieces there are, each is lit for a moment.
        let start = time_at(from);
        let span = CueSpan::new(start, time_at(to).max(start + TimeDelta::from_micros(1)));
        // Words are in order: those of a piece are searched for by halves, since there may be a million of each.
        let before = |byte: usize| {
            cue.given_words
                .partition_point(|word| (word.range.start as usize) < byte)
        };
        let here = cue.given_words.get(before(from)..before(to)).unwrap_or_default();
        let moved = |word: &Word| Word {
            range: word.range.start.saturating_sub(first as u32)
                ..word.range.end.min(to as u32).saturating_sub(first as u32),
            ..inside(word, span)
        };
        if !text.is_empty() {
            out.push(Cue {
                span,
                speaker: cue.speaker,
                text: text.into(),
                given_words: here.iter().map(moved).collect(),
                origin: origin.take(),
            });
            origin = Some(Box::new(CueOrigin {
                continues: true,
                ..CueOrigin::default()
            }));
        }
        from = to;
    }
}

/// Where a piece that begins at `from` ends: after the last white space that fits, else at a character's border.
fn piece_end(text: &str, from: usize) -> usize {
    let furthest = (from..=from.saturating_add(PIECE).min(text.len()))
        .rev()
        .find(|&at| text.is_char_boundary(at));
    let furthest = furthest.filter(|&at| at > from).unwrap_or(text.len());
    if furthest == text.len() {
        return furthest;
    }
    let last_space = text
        .get(from..furthest)
        .and_then(|piece| piece.rfind(char::is_whitespace));
    let after_space = last_space.and_then(|space| {
        let c = text.get(from + space..)?.chars().next()?;
        Some(from + space + c.len_utf8())
    });
    after_space.unwrap_or(furthest)
}

fn inside(word: &Word, span: CueSpan) -> Word {
    let start = word.span.start.clamp(span.start, span.end);
    Word {
        span: CueSpan::new(start, word.span.end.clamp(start, span.end)),
        ..word.clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::format::markup::Plain;
    use crate::transcript::Chapter;

    type Told = Vec<(u32, &'static str)>;

    /// Cues as `(start, end, text)` in milliseconds, the line counted from 1.
    fn finished(cues: &[(i64, Option<i64>, &str)]) -> (Vec<(i64, i64, String)>, Told) {
        let mut drafts = Drafts::default();
        for (i, &(start, end, text)) in cues.iter().enumerate() {
            let plain = Plain::of(text);
            let draft = Draft::new(i as u32 + 1, CueTime::from_millis(start), end.map(CueTime::from_millis));
            drafts.add(draft, &plain);
        }
        let mut warnings = Warnings::default();
        let transcript = finish(drafts, "", false, &mut warnings);
        let millis = |t: CueTime| t.as_micros() / 1_000;
        let cues = transcript
            .cues
            .iter()
            .map(|c| (millis(c.span.start), millis(c.span.end), c.text.to_string()));
        (
            cues.collect(),
            warnings.into_sorted().iter().map(|w| (w.line, w.kind.name())).collect(),
        )
    }

    fn spans(cues: &[(i64, Option<i64>, &str)]) -> Vec<(i64, i64)> {
        finished(cues)
            .0
            .into_iter()
            .map(|(start, end, _)| (start, end))
            .collect()
    }

    #[test]
    fn cues_are_sorted_and_overlaps_kept() {
        let (cues, warnings) = finished(&[
            (3_000, Some(4_000), "b"),
            (1_000, Some(3_500), "a"),
            (1_000, Some(2_000), "c"),
        ]);
        assert_eq!(cues.iter().map(|cue| cue.2.as_str()).collect::<String>(), "acb");
        assert_eq!(warnings, [(1, "overlap"), (2, "out-of-order"), (3, "overlap")]);
    }

    #[test]
    fn cues_without_length_reach_to_the_next_within_bounds() {
        let zero = |next| spans(&[(1_000, Some(1_000), "a"), (next, Some(60_000), "b")])[0];
        assert_eq!(zero(3_000), (1_000, 3_000));
        assert_eq!(zero(30_000), (1_000, 6_000));
        assert_eq!(zero(1_010), (1_000, 1_300));
    }

    #[test]
    fn an_end_before_the_start_is_moved() {
        let (cues, warnings) = finished(&[(5_000, Some(2_000), "a"), (20_000, Some(21_000), "b")]);
        assert_eq!((cues[0].0, cues[0].1), (5_000, 6_060));
        assert_eq!(warnings, [(1, "end-before-start")]);
    }

    #[test]
    fn starts_alone_reach_to_the_next_start() {
        assert_eq!(
            spans(&[(0, None, "a"), (90_000, None, "ten chars.")]),
            [(0, 90_000), (90_000, 91_600)]
        );
    }

    #[test]
    fn negative_empty_and_repeated_cues_are_told() {
        let (cues, warnings) = finished(&[
            (-500, Some(700), "a"),
            (1_000, Some(2_000), ""),
            (2_000, Some(3_000), "b"),
            (2_000, Some(3_000), "c"),
            (2_000, Some(3_000), "b"),
        ]);
        assert_eq!(cues.iter().map(|cue| cue.2.as_str()).collect::<String>(), "abc");
        assert_eq!((cues[0].0, cues[0].1), (0, 700));
        assert_eq!(
            warnings,
            [(1, "negative-time"), (2, "empty-cue"), (4, "overlap"), (5, "duplicate")]
        );
    }

    #[test]
    fn a_cue_longer_than_any_caption_is_cut_at_word_borders() {
        let text = "word ".repeat(4_000);
        let (cues, told) = finished(&[(0, Some(20_000), text.trim_end()), (500, Some(900), "Meanwhile.")]);
        assert!(cues.len() > 20, "{}", cues.len());
        assert!(
            cues.iter()
                .all(|(start, end, text)| start <= end && !text.ends_with("wor") && text.len() <= PIECE)
        );
        assert!(cues.windows(2).all(|pair| pair[0].0 <= pair[1].0));
        let letters: usize = cues.iter().map(|(_, _, text)| text.matches("word").count()).sum();
        assert_eq!(letters, 4_000);
        assert!(told.contains(&(1, "long-line")), "{told:?}");
    }

    #[test]
    fn cues_of_one_voice_each_part_where_another_comes_between() {
        let voices = |other| {
            let mut drafts = Drafts::default();
            let mut plain = Plain::of("one two");
            plain.voices = vec![(0, "Ada".into()), (4, "Ben".into())];
            let ms = CueTime::from_millis;
            drafts.add(Draft::new(1, ms(0), Some(ms(4_000))), &plain);
            drafts.add(Draft::new(2, ms(other), Some(ms(5_000))), &Plain::of("three"));
            let transcript = finish(drafts, "", false, &mut Warnings::default());
            let of = |cue: &Cue| cue.origin.as_ref().map(|origin| origin.continues);
            transcript.cues.iter().map(of).collect::<Vec<_>>()
        };
        assert_eq!(voices(4_000), [None, Some(true), None]);
        assert_eq!(voices(3_000), [None, Some(true), None]);
        assert_eq!(voices(1_000), [None, None, None]);
    }

    #[test]
    fn what_was_cut_is_told_of_and_does_not_take_in_what_comes_between() {
        let mut drafts = Drafts::default();
        let ms = CueTime::from_millis;
        drafts.add(
            Draft::new(1, ms(0), Some(ms(20_000))),
            &Plain::of("word ".repeat(4_000).trim_end()),
        );
        drafts.add(Draft::new(5, ms(10_000), Some(ms(9_000))), &Plain::of("Meanwhile."));
        let mut warnings = Warnings::default();
        let transcript = finish(drafts, "", false, &mut warnings);
        let place = transcript.cues.iter().position(|cue| &*cue.text == "Meanwhile.");
        let backwards = warnings.into_sorted().into_iter().find(|warning| warning.line == 5);
        assert_eq!(backwards.and_then(|warning| warning.cue).map(CueId::index), place);
        assert!(transcript.cues.iter().all(|cue| cue.origin.is_none()));
    }

    #[test]
    fn chapters_are_put_in_order() {
        let chapter = |start, title: &str| Chapter {
            start: CueTime::from_millis(start),
            end: None,
            title: title.to_owned(),
        };
        let mut drafts = Drafts {
            outline: vec![chapter(9_000, "b"), chapter(0, "a")],
            ..Drafts::default()
        };
        drafts.add(Draft::new(1, CueTime::ZERO, None), &Plain::of("x"));
        let outline = finish(drafts, "", false, &mut Warnings::default()).outline;
        assert!(outline.is_sorted_by_key(|chapter| chapter.start), "{outline:?}");
    }

    #[test]
    fn a_long_text_at_the_end_of_all_time_ends_with_it() {
        let transcript = {
            let mut drafts = Drafts::default();
            let start = LATEST + LONGEST_GIVEN;
            drafts.add(Draft::new(1, start, None), &Plain::of(&"7".repeat(200)));
            finish(drafts, "", false, &mut Warnings::default())
        };
        assert_eq!(transcript.cues[0].span.end, LATEST);
    }

    #[test]
    fn seventy_thousand_speakers_do_no_harm() {
        let mut drafts = Drafts::default();
        for i in 0..70_000_i64 {
            let mut plain = Plain::of("x");
            plain.voices = vec![(0, format!("P{i}"))];
            drafts.add(
                Draft::new(1, CueTime::from_millis(i), Some(CueTime::from_millis(i + 1))),
                &plain,
            );
        }
        let mut warnings = Warnings::default();
        let transcript = finish(drafts, "", false, &mut warnings);
        assert_eq!((transcript.cues.len(), transcript.speakers.len()), (70_000, 65_536));
        assert_eq!(transcript.cues[69_999].speaker, None);
        assert!(
            warnings
                .into_sorted()
                .iter()
                .any(|warning| warning.kind.name() == "malformed")
        );
    }
}
