//! Cues on their way from the file to the transcript, as every reader hands them over.
//!
//! All text goes into one string, and each cue's own text is cut from it once, at the end: reading a large file must
//! not take many times its size.

use std::collections::HashMap;
use std::ops::Range;

use super::markup::{Plain, TimedPiece};
use crate::time::{CueSpan, CueTime, TimeDelta};
use crate::transcript::{Chapter, CueOrigin, Kept, Word, estimate_words, for_each_word};

/// More cues than this are no transcript: two million of them are half a year of speech.
pub const MAX_CUES: usize = 2_000_000;

/// No cue is cut into more pieces than this: nobody could tell them apart, and a hostile file would make millions.
pub(super) const MOST_PIECES: usize = 100;

/// A name that was met; the place in [`Names`].
pub(super) type NameId = u32;

/// A stretch of a text or of a list, in half the room of a range: a large file has hundreds of thousands of them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Stretch {
    from: u32,
    to: u32,
}

impl From<Range<usize>> for Stretch {
    /// No text comes near the four gigabytes that can be told apart; what lies beyond is cut.
    fn from(range: Range<usize>) -> Self {
        let cut = |place: usize| u32::try_from(place).unwrap_or(u32::MAX);
        Self {
            from: cut(range.start),
            to: cut(range.end),
        }
    }
}

impl Stretch {
    /// As a range.
    pub fn range(self) -> Range<usize> {
        self.from as usize..self.to as usize
    }

    /// How long it is.
    pub fn len(self) -> usize {
        self.range().len()
    }

    /// Whether there is nothing in it.
    pub fn is_empty(self) -> bool {
        self.range().is_empty()
    }
}

/// One cue as the file has it.
#[derive(Debug, Clone, Default)]
pub(super) struct Draft {
    /// The line of its time code.
    pub line: u32,
    /// When it begins. May be negative.
    pub start: CueTime,
    /// When it ends, where the file tells. May come before the start.
    pub end: Option<CueTime>,
    /// Its text, a range of [`Drafts::text`].
    pub text: Stretch,
    /// Its timed words, a range of [`Drafts::words`]; their own ranges count from the start of its text.
    pub words: Stretch,
    /// Who speaks.
    pub name: Option<NameId>,
    /// What else the file says of it.
    pub origin: Option<Box<CueOrigin>>,
    /// Its text with its markup, a range of the input's text, for formats that give it back; see [`source_range`].
    pub payload: Stretch,
    /// Its place while the cues are put in order, by which a warning finds its cue.
    pub place: u32,
}

/// Where a piece of the input's text stands in it.
pub(super) fn source_range(source: &str, piece: &str) -> Stretch {
    let from = (piece.as_ptr() as usize).wrapping_sub(source.as_ptr() as usize);
    let to = from.saturating_add(piece.len());
    // A text that is no part of the source lies outside it.
    if to <= source.len() {
        (from..to).into()
    } else {
        Stretch::default()
    }
}

impl Draft {
    /// A cue without text yet.
    pub fn new(line: u32, start: CueTime, end: Option<CueTime>) -> Self {
        Self {
            line,
            start,
            end,
            ..Self::default()
        }
    }
}

/// All cues of a file.
#[derive(Debug, Default)]
pub(super) struct Drafts {
    /// The cues, in the file's order.
    pub cues: Vec<Draft>,
    /// The text of all of them.
    pub text: String,
    /// The timed words of all of them.
    pub words: Vec<Word>,
    /// The names met.
    pub names: Names,
    /// The language the file tells.
    pub language: Option<String>,
    /// What the file calls it.
    pub title: Option<String>,
    /// The chapters the file tells.
    pub outline: Vec<Chapter>,
    /// What stands before the first cue, for writing it back.
    pub head: String,
    /// What stands between the cues, with its line.
    pub blocks: Vec<(u32, String)>,
    /// How the file writes what can be written in several ways, for writing it back; see [`crate::transcript::Kept`].
    pub style: String,
    /// How the format writes a line break inside a cue, where not as one.
    pub line_break: Option<String>,
    /// The tiers one can choose from, where the format has several.
    pub tiers: Vec<String>,
    /// Whether the file says exactly what is meant, so that nothing is to be looked for in the text.
    pub exact: bool,
    /// Whether the times are not the file's.
    pub estimated: bool,
    /// What a file of ours says that another format kept.
    pub kept: Option<Box<Kept>>,
}

/// A piece of a cue's text and who says it.
pub(super) struct Piece {
    /// Bytes of the cue's text.
    pub bytes: Range<usize>,
    /// Who says it.
    pub name: Option<NameId>,
}

impl Drafts {
    /// Makes room for what a text of so many bytes is likely to hold: growing step by step moves all of it each time.
    pub fn expect(&mut self, bytes: usize) {
        /// With its time line a cue is about as long as this.
        const CUE_BYTES: usize = 100;
        self.text.reserve(bytes);
        self.cues.reserve(bytes / CUE_BYTES);
    }

    /// Adds a cue with its payload. A cue of several voices becomes one for each, its time shared among them by how
    /// long their words take: a [`crate::transcript::Cue`] has one speaker.
    pub fn add(&mut self, draft: Draft, plain: &Plain) {
        self.add_and_count(draft, plain);
    }

    /// The same, telling how many words beside the timed ones have no time of their own.
    pub fn add_and_count(&mut self, mut draft: Draft, plain: &Plain) -> usize {
        if self.cues.len() > MAX_CUES {
            return 0; // one too many is enough to be refused for
        }
        let mut untimed = 0;
        let from = self.text.len();
        self.text.push_str(&plain.text);
        draft.text = (from..self.text.len()).into();
        let first_word = self.words.len();
        if !plain.words.is_empty() {
            let last = plain.words.iter().rev().find_map(|word| word.end.or(word.start));
            let end = *draft
                .end
                .get_or_insert_with(|| last.unwrap_or(draft.start).max(draft.start));
            let pieces = with_the_rest(&plain.text, &plain.words);
            untimed = pieces.iter().filter(|piece| piece.start.is_none()).count();
            add_given_words(&plain.text, CueSpan::new(draft.start, end), &pieces, &mut self.words);
            let own = self.words.get(first_word..).unwrap_or_default();
            // Estimates alone say no more than those that are made where they are needed.
            if !own.iter().any(|word| word.given) {
                self.words.truncate(first_word);
            }
        } else if !plain.stamps.is_empty()
            && let Some(end) = draft.end
        {
            let pieces = pieces_between(&plain.text, CueSpan::new(draft.start, end), &plain.stamps);
            add_given_words(&plain.text, CueSpan::new(draft.start, end), &pieces, &mut self.words);
        }
        draft.words = (first_word..self.words.len()).into();
        let pieces = if plain.voices.is_empty() {
            Vec::new()
        } else {
            self.voice_pieces(plain)
        };
        if pieces.is_empty() {
            self.cues.push(draft); // also where voices say nothing, so that it is told
        } else {
            let mut split = Vec::new();
            self.split(&draft, &pieces, &mut split);
            self.cues.append(&mut split);
        }
        untimed
    }

    fn voice_pieces(&mut self, plain: &Plain) -> Vec<Piece> {
        let mut pieces: Vec<Piece> = vec![Piece {
            bytes: 0..plain.text.len(),
            name: None,
        }];
        for (at, voice) in plain.voices.iter().take(MOST_PIECES) {
            let name = self.names.id(voice);
            let at = (*at).min(plain.text.len());
            if let Some(last) = pieces.last_mut() {
                last.bytes.end = at;
            }
            pieces.push(Piece {
                bytes: at..plain.text.len(),
                name,
            });
        }
        let is_blank = |piece: &Piece| {
            plain
                .text
                .get(piece.bytes.clone())
                .is_none_or(|text| text.trim().is_empty())
        };
        pieces.retain(|piece| !is_blank(piece));
        pieces.dedup_by(|next, piece| {
            let same = next.name == piece.name;
            if same {
                piece.bytes.end = next.bytes.end;
            }
            same
        });
        pieces
    }

    /// Cuts a cue into pieces, one cue each, in the order given.
    pub fn split(&mut self, draft: &Draft, pieces: &[Piece], out: &mut Vec<Draft>) {
        let whole = CueSpan::new(draft.start, draft.end.unwrap_or(draft.start));
        let text = self.text_of(draft);
        let words = match self.words.get(draft.words.range()) {
            Some(words) if !words.is_empty() => words.to_vec(),
            _ if pieces.len() > 1 => estimate_words(text, whole),
            _ => Vec::new(),
        };
        // Words are in order: each piece's first is searched for by halves, since there may be a million of each.
        let start_of = |piece: &Piece| {
            let first = words.get(words.partition_point(|word| word.bytes().end <= piece.bytes.start));
            first.map_or(draft.start, |word| word.span.start.clamp(whole.start, whole.end))
        };
        let starts: Vec<CueTime> = pieces.iter().skip(1).map(start_of).collect();
        for (i, piece) in pieces.iter().enumerate() {
            let mut part = draft.clone();
            part.start = i
                .checked_sub(1)
                .and_then(|before| starts.get(before))
                .copied()
                .unwrap_or(draft.start);
            part.end = starts.get(i).copied().or(draft.end);
            part.name = piece.name;
            if i > 0 {
                part.payload = Stretch::default();
                part.origin = Some(Box::new(CueOrigin {
                    continues: true,
                    ..CueOrigin::default()
                }));
            }
            self.narrow(&mut part, piece.bytes.clone());
            out.push(part);
        }
    }

    /// Leaves of a cue's text only `bytes`, without the blanks at their ends, and of its words those inside.
    pub fn narrow(&mut self, draft: &mut Draft, bytes: Range<usize>) {
        let whole = draft.text.range();
        let kept = self
            .text
            .get(whole.start + bytes.start..whole.start + bytes.end)
            .unwrap_or("");
        let from = bytes.start + (kept.len() - kept.trim_start().len());
        let to = from + kept.trim().len();
        draft.text = (whole.start + from..whole.start + to).into();
        let first_word = draft.words.range().start;
        let words = self.words.get_mut(draft.words.range()).unwrap_or_default();
        let first = words.partition_point(|word| word.bytes().start < from);
        let last = words.partition_point(|word| word.bytes().end <= to).max(first);
        // They belong to this cue alone from here on.
        for word in words.get_mut(first..last).unwrap_or_default() {
            word.range = word.range.start - from as u32..word.range.end - from as u32;
        }
        draft.words = (first_word + first..first_word + last).into();
    }

    /// The timed words of a cue.
    pub fn words_of(&mut self, draft: &Draft) -> &mut [Word] {
        self.words.get_mut(draft.words.range()).unwrap_or_default()
    }

    /// A cue's text.
    pub fn text_of(&self, draft: &Draft) -> &str {
        self.text.get(draft.text.range()).unwrap_or("")
    }
}

/// The pieces of a text between the times that stand inside it.
///
/// Times outside the cue or before the one before are passed over (WebVTT 1, section 4.2.2, demands their order).
fn pieces_between(text: &str, span: CueSpan, stamps: &[(usize, CueTime)]) -> Vec<TimedPiece> {
    let mut bounds = vec![(0, span.start)];
    for &(at, time) in stamps {
        match bounds.last_mut() {
            Some((last_at, last_time)) if time >= *last_time && time <= span.end => {
                if *last_at == at {
                    *last_time = time;
                } else {
                    bounds.push((at, time));
                }
            }
            _ => {}
        }
    }
    let mut pieces = Vec::with_capacity(bounds.len());
    for (i, &(from, start)) in bounds.iter().enumerate() {
        let (to, end) = bounds.get(i + 1).copied().unwrap_or((text.len(), span.end));
        pieces.push(TimedPiece {
            bytes: from..to,
            start: Some(start),
            end: Some(end),
        });
    }
    pieces
}

/// The timed pieces of a text with the punctuation that touches them, and between them the words without a time.
pub(super) fn with_the_rest(text: &str, pieces: &[TimedPiece]) -> Vec<TimedPiece> {
    with_what_lies_between(text, &with_what_touches(text, pieces))
}

/// Pieces that take in what touches them: quotation marks before a word, the full stop behind it.
fn with_what_touches(text: &str, pieces: &[TimedPiece]) -> Vec<TimedPiece> {
    let mut wider = pieces.to_vec();
    let mut floor = 0;
    for (i, piece) in wider.iter_mut().enumerate() {
        let ceiling = pieces.get(i + 1).map_or(text.len(), |next| next.bytes.start);
        let before = text.get(floor..piece.bytes.start).unwrap_or("");
        let behind = text.get(piece.bytes.end..ceiling).unwrap_or("");
        let last_blank = before.char_indices().rev().find(|(_, c)| c.is_whitespace());
        piece.bytes.start = floor + last_blank.map_or(0, |(at, c)| at + c.len_utf8());
        piece.bytes.end += behind.find(char::is_whitespace).unwrap_or(behind.len());
        floor = piece.bytes.end;
    }
    wider
}

/// The pieces and the words that none of them holds: what a recogniser wrote and did not time, a dash by itself.
fn with_what_lies_between(text: &str, pieces: &[TimedPiece]) -> Vec<TimedPiece> {
    let mut all = Vec::with_capacity(pieces.len());
    let mut from = 0;
    let add = |from: usize, to: usize, all: &mut Vec<TimedPiece>| {
        let gap = text.get(from..to).unwrap_or("");
        let mut at = from;
        for word in gap.split(char::is_whitespace) {
            let bytes = at..at + word.len();
            let after = text.get(bytes.end..).and_then(|rest| rest.chars().next());
            at = bytes.end + after.map_or(0, char::len_utf8);
            if !word.is_empty() {
                let (start, end) = (None, None);
                all.push(TimedPiece { bytes, start, end });
            }
        }
    };
    for piece in pieces {
        add(from, piece.bytes.start, &mut all);
        from = piece.bytes.end;
        all.push(piece.clone());
    }
    add(from, text.len(), &mut all);
    all
}

/// Where less than this is left between two words, what stands between them has its share of the first.
const LEFT_BETWEEN: TimeDelta = TimeDelta::from_millis(100);

/// The words of a text whose pieces have times. Where a piece holds several words the first has its time given, and
/// the others share the stretch by their length, as estimates; so do pieces without a time of their own.
fn add_given_words(text: &str, span: CueSpan, pieces: &[TimedPiece], out: &mut Vec<Word>) {
    let first = out.len();
    let mut at = span.start;
    let mut rest = pieces;
    while let Some((piece, after)) = rest.split_first() {
        let known = piece.start.map(|start| start.clamp(at, span.end.max(at)));
        let start = known.unwrap_or(at);
        // Pieces that tell no time belong to the stretch before them, up to the next that does.
        let count = after.iter().take_while(|piece| piece.start.is_none()).count();
        let (untimed, next) = after.split_at_checked(count).unwrap_or((after, &[]));
        let to = untimed.last().unwrap_or(piece).bytes.end;
        let following = next.first().and_then(|next| next.start).unwrap_or(span.end).max(start);
        // They begin where it ends, if that is known and leaves them time, or if they take none, being no words.
        let is_spoken = |piece: &TimedPiece| text.get(piece.bytes.clone()).is_some_and(has_letters);
        let leaves_time = |end: &CueTime| *end + LEFT_BETWEEN <= following || !untimed.iter().any(is_spoken);
        let own_end = piece
            .end
            .filter(|end| known.is_some() && !untimed.is_empty() && leaves_time(end));
        if let Some(end) = own_end {
            let end = end.min(following).clamp(start, span.end.max(start));
            let stretch = (piece.bytes.clone(), CueSpan::new(start, end), end);
            add_stretch(text, stretch, true, first, out);
            at = end;
            rest = after;
            continue;
        }
        let own_end = piece.end.filter(|_| untimed.is_empty() && known.is_some());
        let end = own_end.unwrap_or(following).clamp(start, span.end.max(start));
        let stretch = (piece.bytes.start..to, CueSpan::new(start, end), following);
        add_stretch(text, stretch, known.is_some(), first, out);
        at = start;
        rest = next;
    }
    debug_assert!(
        out.get(first..)
            .is_some_and(|words| words.is_sorted_by_key(|word| word.range.start))
    );
}

/// Adds the words of a stretch of text and of time, the first of them with its own time if that is given. None begins
/// after the last of the three, when the next that has a time does: where two overlap, they are still in order. Words
/// from `first` on are of the same cue.
fn add_stretch(
    text: &str,
    (bytes, span, latest): (Range<usize>, CueSpan, CueTime),
    given: bool,
    first: usize,
    out: &mut Vec<Word>,
) {
    let from = bytes.start as u32;
    for_each_word(text.get(bytes).unwrap_or(""), span, |place, mut word| {
        word.range = word.range.start + from..word.range.end + from;
        word.span.start = word.span.start.min(latest);
        word.given = place == 0 && given;
        match out.get_mut(first..).and_then(<[Word]>::last_mut).filter(|_| place == 0) {
            Some(last) if continues(text, last, &word) => {
                last.range.end = word.range.end;
                last.span.end = word.span.end;
            }
            _ => out.push(word),
        }
    });
}

fn has_letters(text: &str) -> bool {
    text.chars().any(char::is_alphanumeric)
}

/// Whether a time stands inside a word (karaoke times its syllables) or before its punctuation. In scripts that
/// write no spaces every timed piece is a word.
fn continues(text: &str, last: &Word, next: &Word) -> bool {
    let (Some(a), Some(b)) = (text.get(last.bytes()), text.get(next.bytes())) else {
        return false;
    };
    let spaced_script = |c: Option<char>| c.is_some_and(|c| c < '\u{e00}');
    last.range.end == next.range.start
        && (!has_letters(b) || spaced_script(a.chars().next_back()) && spaced_script(b.chars().next()))
}

/// The names of a file, each once.
#[derive(Debug, Default)]
pub(super) struct Names {
    list: Vec<Box<str>>,
    ids: HashMap<Box<str>, NameId>,
    /// The one asked for last: most cues have the speaker of the one before.
    last: NameId,
}

impl Names {
    /// The id of a name, blanks tidied; none for an empty one.
    pub fn id(&mut self, name: &str) -> Option<NameId> {
        const LONGEST: usize = 100;
        if name.is_empty() {
            return None;
        }
        if self.get(self.last) == name {
            return Some(self.last);
        }
        if let Some(&id) = self.ids.get(name) {
            self.last = id;
            return Some(id);
        }
        let tidy = name.split_whitespace().collect::<Vec<_>>().join(" ");
        let cut: String = tidy.chars().take(LONGEST).collect();
        let tidy: Box<str> = cut.trim_end().into();
        if tidy.is_empty() || self.ids.contains_key(&tidy) {
            return self.ids.get(&tidy).copied();
        }
        let id = NameId::try_from(self.list.len()).ok()?;
        self.list.push(tidy.clone());
        self.ids.insert(tidy, id);
        Some(id)
    }

    /// The name of an id.
    pub fn get(&self, id: NameId) -> &str {
        self.list.get(id as usize).map_or("", |name| name)
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.list.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ms(millis: i64) -> CueTime {
        CueTime::from_millis(millis)
    }

    fn timed(text: &str, stamps: &[(usize, i64)]) -> Vec<(String, i64, i64, bool)> {
        let stamps: Vec<_> = stamps.iter().map(|&(at, millis)| (at, ms(millis))).collect();
        let mut words = Vec::new();
        let span = CueSpan::new(ms(0), ms(4_000));
        add_given_words(text, span, &pieces_between(text, span, &stamps), &mut words);
        let millis = |t: CueTime| t.as_micros() / 1_000;
        words
            .iter()
            .map(|w| {
                (
                    text[w.bytes()].to_owned(),
                    millis(w.span.start),
                    millis(w.span.end),
                    w.given,
                )
            })
            .collect()
    }

    #[test]
    fn stamps_time_the_words_that_follow() {
        let words = timed("one two three", &[(4, 1_000), (8, 3_000)]);
        let expected = [("one", 0, 1_000), ("two", 1_000, 3_000), ("three", 3_000, 4_000)];
        assert_eq!(
            words,
            expected.map(|(word, from, to)| (word.to_owned(), from, to, true))
        );
    }

    #[test]
    fn words_that_share_a_stamp_share_its_time() {
        let words = timed("one two", &[(0, 2_000)]);
        assert_eq!((words[0].1, words[0].3), (2_000, true));
        assert_eq!((words[1].2, words[1].3), (4_000, false));
    }

    #[test]
    fn pieces_that_overlap_keep_their_words_in_order() {
        let piece = |bytes, start, end| TimedPiece {
            bytes,
            start: Some(ms(start)),
            end: Some(ms(end)),
        };
        let mut words = Vec::new();
        let pieces = [piece(0..7, 1_000, 4_000), piece(8..13, 500, 4_000)];
        add_given_words("one two three", CueSpan::new(ms(0), ms(4_000)), &pieces, &mut words);
        assert_eq!(words.len(), 3);
        assert!(words.is_sorted_by_key(|word| word.span.start), "{words:?}");
    }

    #[test]
    fn syllables_and_punctuation_stay_with_their_word() {
        let words: Vec<String> = timed("syllable, 今日", &[(3, 500), (8, 900), (10, 2_000), (13, 3_000)])
            .into_iter()
            .map(|word| word.0)
            .collect();
        assert_eq!(words, ["syllable,", "今", "日"]);
    }

    #[test]
    fn stamps_out_of_order_are_passed_over() {
        let words = timed("a b c", &[(2, 3_000), (4, 1_000)]);
        assert_eq!(words[1].1, 3_000);
        assert!(words.windows(2).all(|pair| pair[0].2 <= pair[1].1));
    }

    #[test]
    fn words_that_have_no_time_stand_between_those_that_have() {
        let piece = |bytes, start: Option<i64>, end: Option<i64>| {
            let (start, end) = (start.map(ms), end.map(ms));
            TimedPiece { bytes, start, end }
        };
        let text = "sold 1200 lamps – all";
        let all = text.find("all").expect("a word");
        let given = [
            piece(0..4, Some(500), Some(1_000)),
            piece(10..15, Some(1_750), Some(2_000)),
            piece(all..text.len(), Some(2_050), None),
        ];
        let pieces = with_what_lies_between(text, &given);
        let mut words = Vec::new();
        add_given_words(text, CueSpan::new(ms(500), ms(3_000)), &pieces, &mut words);
        let found: Vec<(&str, i64, bool)> = words
            .iter()
            .map(|word| {
                let start = word.span.start.as_micros() / 1_000;
                (&text[word.bytes()], start, word.given)
            })
            .collect();
        let expected = [
            ("sold", 500, true),
            ("1200", 1_000, false),
            ("lamps", 1_750, true),
            ("–", 2_000, false),
            ("all", 2_050, true),
        ];
        assert_eq!(found, expected);
    }

    #[test]
    fn a_name_that_is_cut_ends_with_a_letter() {
        let mut names = Names::default();
        let long = format!("{} and the others", "a".repeat(99));
        let id = names.id(&long).unwrap();
        assert_eq!(names.get(id), "a".repeat(99));
        assert_eq!(names.id(&long), Some(id));
    }

    #[test]
    fn a_voice_without_a_word_is_a_cue_without_text() {
        let mut drafts = Drafts::default();
        let mut plain = Plain::default();
        plain.voices = vec![(0, "Ada".into())];
        drafts.add(Draft::new(1, ms(0), Some(ms(3_000))), &plain);
        assert_eq!(drafts.cues.len(), 1);
    }

    #[test]
    fn voices_make_cues() {
        let mut drafts = Drafts::default();
        let mut plain = Plain::of("Hi there, how are you?\nFine.");
        plain.voices = vec![(0, "Ada".into()), (23, "Ben".into())];
        drafts.add(Draft::new(1, ms(0), Some(ms(3_000))), &plain);
        let texts: Vec<&str> = drafts.cues.iter().map(|cue| drafts.text_of(cue)).collect();
        assert_eq!(texts, ["Hi there, how are you?", "Fine."]);
        assert_eq!(drafts.cues[0].end, Some(drafts.cues[1].start));
        assert_eq!(drafts.cues[1].end, Some(ms(3_000)));
        assert!(drafts.cues[1].start > ms(1_500));
    }
}
