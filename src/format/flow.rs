//! Words without cues become cues: a sentence or two of one speaker, as a captioner would cut them.
//!
//! Most recognisers tell words and no more. A cue ends where the speaker changes or rests, at the end of a sentence
//! that is long enough to stand alone, and before it grows longer than two lines of a caption and a bit. Where the
//! last word has no end, the cue lasts as long as the word takes to say, or to the next word.

use super::Warnings;
use super::draft::{Draft, Drafts, NameId};
use super::markup::Plain;
use crate::time::{CueTime, TimeDelta};
use crate::transcript::CueOrigin;

/// A rest as long as this ends a cue.
const REST: TimeDelta = TimeDelta::from_millis(1_500);
/// A sentence of so many bytes stands alone.
const SENTENCE: usize = 40;
/// A cue grows no longer than this, in bytes and in time.
const LONGEST: usize = 180;
const LONGEST_TIME: TimeDelta = TimeDelta::from_millis(15_000);
/// A word whose end is not told takes this long, and a bit for each letter.
const TIME_OF_WORD: TimeDelta = TimeDelta::from_millis(200);
const TIME_OF_LETTER: TimeDelta = TimeDelta::from_millis(60);

/// Collects words into cues.
pub(super) struct Flow<'d> {
    drafts: &'d mut Drafts,
    plain: Plain,
    name: Option<NameId>,
    line: u32,
    start: Option<CueTime>,
    end: Option<CueTime>,
    /// Whether the end is none that the file tells.
    is_end_guessed: bool,
    /// How many words the cue has.
    words: usize,
    /// Whether the cue ends here, as the format says; what touches its last word may still follow.
    is_due: bool,
    /// Whether the next word follows without a blank.
    is_joined: bool,
    /// Marks that open something, before the next word.
    opening: String,
    /// What else the format tells of the words, as a JSON array without its end.
    told: Option<String>,
    untimed: usize,
}

impl<'d> Flow<'d> {
    /// Words go into `drafts`.
    pub fn new(drafts: &'d mut Drafts) -> Self {
        Self {
            drafts,
            plain: Plain::default(),
            name: None,
            line: 0,
            start: None,
            end: None,
            is_end_guessed: false,
            words: 0,
            is_due: false,
            is_joined: false,
            opening: String::new(),
            told: None,
            untimed: 0,
        }
    }

    /// Adds a word that a blank parts from the one before; none where both are of a script that writes none.
    pub fn word(&mut self, line: u32, text: &str, start: Option<CueTime>, end: Option<CueTime>, speaker: Option<&str>) {
        if text.trim().is_empty() {
            return self.plain.literal(text);
        }
        let name = speaker.and_then(|speaker| self.drafts.names.id(speaker));
        if self.is_due || self.ends_before(start, name) {
            self.end_cue(start);
        }
        if self.words == 0 {
            self.line = line;
            self.name = name;
        }
        self.words += 1;
        self.untimed += usize::from(start.is_none());
        self.start = self.start.or(start);
        self.is_end_guessed = end.is_none();
        let spoken = TIME_OF_WORD + TIME_OF_LETTER.scaled(text.trim().chars().count() as f64);
        self.end = end.or_else(|| Some(start.or(self.end)? + spoken));
        let joined = std::mem::take(&mut self.is_joined);
        if !joined && is_blank_between(&self.plain.text, text) {
            self.plain.blank();
        }
        if !self.opening.is_empty() {
            self.plain.literal(&self.opening);
            self.opening.clear();
        }
        self.plain.word(text, start, end);
    }

    /// Adds a word that only its own blanks part from the one before.
    pub fn piece(
        &mut self,
        line: u32,
        text: &str,
        start: Option<CueTime>,
        end: Option<CueTime>,
        speaker: Option<&str>,
    ) {
        self.join_next();
        self.word(line, text, start, end, speaker);
    }

    /// Keeps with the cue what else the format tells of the word before, as a JSON object.
    pub fn keep(&mut self, told: &str) {
        let list = self.told.get_or_insert_with(|| "[".to_owned());
        if list.len() > 1 {
            list.push(',');
        }
        list.push_str(told);
    }

    /// Adds what has no time of its own and touches its neighbours, such as a punctuation mark that the format tells
    /// by itself; blanks in it count.
    pub fn attach(&mut self, text: &str) {
        self.plain.literal(text);
    }

    /// Adds what touches the word that follows and not the one before: a mark that opens something.
    pub fn open(&mut self, text: &str) {
        self.opening.push_str(text.trim());
    }

    /// The next word follows without a blank: a mark before it opens something, or the format writes all blanks.
    pub fn join_next(&mut self) {
        self.is_joined = true;
    }

    /// Ends the cue: the format says that something ends here.
    pub fn finish_cue(&mut self) {
        self.is_due = self.words > 0;
    }

    /// Adds a cue of its own, whose words have no times.
    pub fn phrase(
        &mut self,
        line: u32,
        text: &str,
        start: Option<CueTime>,
        end: Option<CueTime>,
        speaker: Option<&str>,
    ) {
        if text.trim().is_empty() {
            return;
        }
        self.end_cue(start);
        let mut plain = Plain::default();
        plain.literal(text);
        let mut draft = Draft::new(line, start.unwrap_or_else(|| self.latest()), end);
        self.untimed += usize::from(start.is_none());
        draft.name = speaker.and_then(|speaker| self.drafts.names.id(speaker));
        self.drafts.add(draft, &plain);
    }

    /// Ends the last cue and tells of words without a time.
    pub fn finish(mut self, warnings: &mut Warnings) {
        let opening = std::mem::take(&mut self.opening);
        self.attach(&opening);
        self.end_cue(None);
        if self.untimed > 0 {
            let count = self.untimed;
            warnings.push(0, super::WarningKind::UntimedWords { count });
        }
    }

    /// Where what has no time is put: behind all that was read.
    fn latest(&self) -> CueTime {
        let last = self.drafts.cues.last();
        last.map_or(CueTime::ZERO, |cue| cue.end.unwrap_or(cue.start))
    }

    /// Ends the cue, if there is one; `next` is when the next begins.
    fn end_cue(&mut self, next: Option<CueTime>) {
        self.is_due = false;
        if self.plain.text.is_empty() {
            return;
        }
        let start = self.start.unwrap_or_else(|| self.latest());
        let end = match next {
            Some(next) if self.is_end_guessed && next > start => self.end.map(|end| end.min(next)),
            _ => self.end,
        };
        let mut draft = Draft::new(self.line, start, end);
        draft.name = self.name;
        draft.origin = self.told.take().map(|told| {
            let extra = Some(format!("{told}]").into());
            Box::new(CueOrigin {
                extra,
                ..CueOrigin::default()
            })
        });
        self.drafts.add(draft, &self.plain);
        self.plain.clear();
        (self.start, self.end, self.words, self.name) = (None, None, 0, None);
        self.is_joined = false;
    }

    fn ends_before(&self, start: Option<CueTime>, name: Option<NameId>) -> bool {
        let text = self.plain.text.as_str();
        if self.words == 0 {
            return false;
        }
        let closing = text.trim_end_matches(['"', '\'', ')', ']', '”', '’', '»']);
        let ends_sentence = closing.ends_with(['.', '?', '!', '…', '。', '？', '！']);
        let rests = matches!((self.end, start), (Some(end), Some(start)) if start >= end + REST);
        let lasts = matches!((self.start, start), (Some(first), Some(start)) if start >= first + LONGEST_TIME);
        name != self.name || rests || lasts || text.len() >= LONGEST || ends_sentence && text.len() >= SENTENCE
    }
}

/// Whether a blank stands between two pieces of text: not between those of scripts that write none.
fn is_blank_between(before: &str, after: &str) -> bool {
    let is_unspaced = |c: char| {
        matches!(u32::from(c), 0x0E00..=0x0EFF | 0x1000..=0x109F | 0x1780..=0x17FF | 0x3000..=0x30FF | 0x3400..=0x4DBF
            | 0x4E00..=0x9FFF | 0xF900..=0xFAFF | 0xFF00..=0xFFEF | 0x20000..=0x2FA1F)
    };
    let last = before.chars().next_back().is_some_and(is_unspaced);
    !(last && after.chars().next().is_some_and(is_unspaced))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn word(flow: &mut Flow<'_>, text: &str, at: i64, to: Option<i64>, who: Option<&str>) {
        flow.word(
            1,
            text,
            Some(CueTime::from_millis(at)),
            to.map(CueTime::from_millis),
            who,
        );
    }

    fn cues(add: impl Fn(&mut Flow<'_>)) -> Vec<(i64, i64, String)> {
        let mut drafts = Drafts::default();
        let mut flow = Flow::new(&mut drafts);
        add(&mut flow);
        flow.finish(&mut Warnings::default());
        let millis = |time: CueTime| time.as_micros() / 1_000;
        let cue = |cue: &Draft| {
            let end = cue.end.map_or(-1, millis);
            (millis(cue.start), end, drafts.text_of(cue).to_owned())
        };
        drafts.cues.iter().map(cue).collect()
    }

    #[test]
    fn marks_touch_the_words_they_belong_to() {
        let found = cues(|flow| {
            flow.open("¿");
            word(flow, "Qué", 0, Some(400), Some("A"));
            flow.attach("?");
            flow.finish_cue();
            flow.attach("»");
            word(flow, "Nada", 500, Some(900), Some("B"));
        });
        assert_eq!(found, [(0, 400, "¿Qué?»".to_owned()), (500, 900, "Nada".to_owned())]);
    }

    #[test]
    fn a_cue_lasts_as_long_as_its_last_word_takes_to_say() {
        let found = cues(|flow| {
            word(flow, "now", 1_000, None, None);
            word(flow, "and", 3_500, None, Some("B"));
            word(flow, "then", 3_700, None, Some("C"));
        });
        let expected = [(1_000, 1_380, "now"), (3_500, 3_700, "and"), (3_700, 4_140, "then")];
        assert_eq!(found, expected.map(|(start, end, text)| (start, end, text.to_owned())));
    }

    #[test]
    fn scripts_without_blanks_get_none() {
        let found = cues(|flow| {
            for (text, at) in [("今日", 0), ("は", 300), ("Earmark", 500), ("です", 900)] {
                word(flow, text, at, Some(at + 200), None);
            }
        });
        assert_eq!(found, [(0, 1_100, "今日は Earmark です".to_owned())]);
    }
}
