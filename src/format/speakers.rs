//! Who speaks, where the text itself tells: `Ada:`, `SPEAKER_00:`, `[Ada]`, `>> ADA:`, `>>`.
//!
//! The same for all formats. A label counts when it has the form of a name that hardly anything else has (`Speaker 1`,
//! `ADA`, `Ada Reyes`), when it recurs, or when about every third cue has one; never when it is a word that leads a
//! remark (`Note:`). The label leaves the text; a cue in which several people speak becomes one cue for each.
//!
//! Many files tell only the changes. Then the cues without a label belong to the speaker before.

use memchr::{memchr, memchr3};

use super::draft::{Drafts, MAX_CUES, MOST_PIECES, NameId, Piece};
use crate::transcript::{SpeakerId, Transcript, is_non_speech};

/// Bare `>>` says that somebody else speaks and not who: two voices stand for them, in turn.
const UNNAMED: [&str; 2] = ["Voice A", "Voice B"];
/// A label is no longer than this, in bytes.
const LONGEST_LABEL: usize = 64;
const MOST_WORDS: usize = 4;

/// Finds the speakers of all cues.
///
/// With `each_is_told` the format names the speaker of each cue that has one: who is not named is nobody, such as a sign
/// in SubStation Alpha.
pub(super) fn find(drafts: &mut Drafts, each_is_told: bool) {
    let has_voices = drafts.cues.iter().any(|cue| cue.name.is_some());
    let labels = survey(drafts);
    if labels.is_empty() && !has_voices {
        return;
    }
    let told = tell_names(&labels, drafts);
    let has_turns = labels.iter().any(|label| label.turn);
    if !labels.is_empty() {
        apply(&labels, &told, drafts);
    }
    if !(each_is_told && has_voices) {
        carry_forward(has_turns, has_voices, drafts);
    }
}

/// A label found in the text.
struct Label {
    /// The cue, as its place in the drafts.
    cue: usize,
    /// Where it begins in the cue's text, and where the text after it does.
    from: usize,
    to: usize,
    /// The name; none for a bare `>>`.
    name: Option<NameId>,
    form: Form,
    /// Whether `>>` stands before it.
    turn: bool,
}

/// How much a label looks like a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Form {
    /// As many a word before a colon.
    Loose,
    /// As hardly anything but a name.
    Name,
}

/// All labels, in order: at the start of each cue that the file names no speaker for, and of its further lines.
fn survey(drafts: &mut Drafts) -> Vec<Label> {
    let mut labels = Vec::new();
    let mut forms = Forms::default();
    for (cue, draft) in drafts.cues.iter().enumerate().filter(|(_, draft)| draft.name.is_none()) {
        // Labels take more room than text: a file of nothing else must not fill the memory.
        if labels.len() > MAX_CUES {
            break;
        }
        let text = drafts.text.get(draft.text.range()).unwrap_or("");
        if !may_hold_label(text) {
            continue;
        }
        let mut from = 0;
        for line in text.split('\n').take(MOST_PIECES) {
            if let Some(found) = label_of(line, &mut forms)
                && !(line.get(found.length..).unwrap_or("").is_empty() && from + line.len() == text.len())
            {
                let name = found.name.and_then(|name| drafts.names.id(name));
                let to = from + found.length;
                // A label with nothing said before the next one stays text, as at the end of a cue.
                let says_nothing = |last: &mut Label| {
                    last.cue == cue && text.get(last.to..from).is_some_and(|said| said.trim().is_empty())
                };
                labels.pop_if(says_nothing);
                labels.push(Label {
                    cue,
                    from,
                    to,
                    name,
                    form: found.form,
                    turn: found.turn,
                });
            }
            from += line.len() + 1;
        }
    }
    labels
}

/// Whether any of the signs stands in a text that a label ends with, or `>>` is. Most cues hold none.
fn may_hold_label(text: &str) -> bool {
    const FIRST_OF_WIDE_COLON: u8 = 0xEF;
    memchr3(b':', b']', b'>', text.as_bytes()).is_some() || memchr(FIRST_OF_WIDE_COLON, text.as_bytes()).is_some()
}

/// Which names are told: by form, by coming again, or by how thickly labels stand.
fn tell_names(labels: &[Label], drafts: &Drafts) -> Vec<bool> {
    let mut counts = vec![0_usize; drafts.names.len()];
    let mut told = vec![false; drafts.names.len()];
    for cue in &drafts.cues {
        // Whom the file itself names need not be named again by form.
        if let Some(place) = cue.name.and_then(|name| told.get_mut(name as usize)) {
            *place = true;
        }
    }
    let mut labelled = 0_usize;
    for label in labels {
        let Some(place) = label.name.map(|name| name as usize) else {
            continue;
        };
        labelled += 1;
        if let (Some(count), Some(told)) = (counts.get_mut(place), told.get_mut(place)) {
            *count += 1;
            *told |= label.form == Form::Name || label.turn;
        }
    }
    let stand_thickly = labelled >= 2 && labelled * 3 >= drafts.cues.len();
    for (told, count) in told.iter_mut().zip(counts) {
        *told |= count >= 2 || stand_thickly && count > 0;
    }
    told
}

/// Takes the labels that count out of the text and names the cues by them.
fn apply(labels: &[Label], told: &[bool], drafts: &mut Drafts) {
    let unnamed = UNNAMED.map(|name| drafts.names.id(name));
    let counts = |label: &Label| match label.name {
        Some(name) => told.get(name as usize).copied().unwrap_or(false),
        None => label.turn,
    };
    let mut current: Option<NameId> = None;
    let mut labels = labels.iter().filter(|label| counts(label)).peekable();
    let cues = std::mem::take(&mut drafts.cues);
    let mut out = Vec::with_capacity(cues.len());
    let mut pieces = Vec::new();
    for (place, mut cue) in cues.into_iter().enumerate() {
        let length = cue.text.len();
        pieces.clear();
        while let Some(label) = labels.next_if(|label| label.cue == place) {
            current = label
                .name
                .or(if current == unnamed[0] { unnamed[1] } else { unnamed[0] });
            if pieces.is_empty() && label.from > 0 {
                pieces.push(Piece {
                    bytes: 0..label.from,
                    name: None,
                });
            } else if let Some(last) = pieces.last_mut() {
                last.bytes.end = label.from;
            }
            pieces.push(Piece {
                bytes: label.to..length,
                name: current,
            });
        }
        match pieces.as_slice() {
            [] => {
                current = cue.name.or(current);
                out.push(cue);
            }
            [only] => {
                cue.name = only.name;
                drafts.narrow(&mut cue, only.bytes.clone());
                out.push(cue);
            }
            several => drafts.split(&cue, several, &mut out),
        }
    }
    drafts.cues = out;
}

/// Where the file tells only the changes, gives the cues between to the speaker before. Cues of sounds alone
/// (`[Music]`) stay without one.
fn carry_forward(has_turns: bool, has_voices: bool, drafts: &mut Drafts) {
    let names: Vec<Option<NameId>> = drafts.cues.iter().map(|cue| cue.name).collect();
    // A single label may be a mistake; it speaks for the whole file only where it can hardly be one.
    let is_sure = |name: &NameId| has_voices || is_role(drafts.names.get(*name));
    if !has_turns && !are_changes_only(&names, is_sure) {
        return;
    }
    let mut current = None;
    let text = &drafts.text;
    for cue in &mut drafts.cues {
        if cue.name.is_some() {
            current = cue.name;
        } else if !is_non_speech(text.get(cue.text.range()).unwrap_or("")) {
            cue.name = current;
        }
    }
}

/// Whether the names of the cues tell only where another speaker begins: hardly any repeats the one before. A single
/// one counts at the very start, if it `is_sure`.
fn are_changes_only<T: PartialEq>(cues: &[Option<T>], is_sure: impl FnOnce(&T) -> bool) -> bool {
    let names: Vec<&T> = cues.iter().flatten().collect();
    let repeats = names.windows(2).filter(|pair| pair.first() == pair.last()).count();
    let begins_surely = || cues.first().and_then(Option::as_ref).is_some_and(is_sure);
    (names.len() >= 2 || begins_surely()) && repeats * 10 <= names.len()
}

/// How many cues without a speaker are given one when a transcript is read again from a format that need not name the
/// speaker of every cue.
pub(super) fn given_to_others(transcript: &Transcript) -> usize {
    let names: Vec<Option<SpeakerId>> = transcript.cues.iter().map(|cue| cue.speaker).collect();
    if !are_changes_only(&names, |_| true) {
        return 0;
    }
    let after_the_first = transcript.cues.iter().skip_while(|cue| cue.speaker.is_none());
    after_the_first
        .filter(|cue| cue.speaker.is_none() && !is_non_speech(&cue.text))
        .count()
}

/// A label as it stands at the start of a line.
struct Found<'a> {
    /// None for a bare `>>`.
    name: Option<&'a str>,
    /// The bytes it takes, blanks after it included.
    length: usize,
    form: Form,
    turn: bool,
}

/// Remembers the form of the last name: most labels repeat the one before.
#[derive(Default)]
struct Forms<'a> {
    last: &'a str,
    form: Option<Form>,
}

impl<'a> Forms<'a> {
    fn of(&mut self, name: &'a str) -> Option<Form> {
        if name != self.last {
            *self = Self {
                last: name,
                form: name_form(name),
            };
        }
        self.form
    }
}

/// The label at the start of a line, whether it counts or not.
fn label_of<'a>(line: &'a str, forms: &mut Forms<'a>) -> Option<Found<'a>> {
    let after_turn = line.trim_start_matches('>').trim_start();
    let turn = line.starts_with(">>");
    let start = if turn { after_turn } else { line };
    let skipped = line.len() - start.len();
    let named = bracketed(start).or_else(|| before_colon(start, forms));
    match named {
        Some((name, form, rest)) => {
            let length = line.len() - rest.trim_start().len();
            Some(Found {
                name: Some(name),
                length,
                form,
                turn,
            })
        }
        None => (turn && !start.is_empty()).then_some(Found {
            name: None,
            length: skipped,
            form: Form::Name,
            turn,
        }),
    }
}

/// `[Ada] text`, `[Ada]: text`, `(Ada): text`. Without a colon it may be a sound, so it must come again or say what
/// part the person has.
fn bracketed(line: &str) -> Option<(&str, Form, &str)> {
    let (close, needs_colon) = match line.as_bytes().first()? {
        b'[' => (']', false),
        b'(' => (')', true),
        _ => return None,
    };
    let head = head_of(line);
    let end = head.find(close)?;
    let name = head.get(1..end)?.trim().trim_end_matches(':');
    let rest = line.get(end + 1..)?;
    let form = name_form(name)?;
    if let Some(rest) = rest.strip_prefix(':') {
        return Some((name, form, rest));
    }
    let is_name = !needs_colon && rest.starts_with(' ') && !has_word_of(name, SOUNDS);
    let form = if is_role(name) { form } else { Form::Loose };
    is_name.then_some((name, form, rest))
}

/// `Ada: text`. A colon inside a time or an address has no blank after it.
fn before_colon<'a>(line: &'a str, forms: &mut Forms<'a>) -> Option<(&'a str, Form, &'a str)> {
    let head = head_of(line);
    let at = head.find([':', '：'])?;
    let (name, from_colon) = line.split_at_checked(at)?;
    let rest = from_colon.strip_prefix(['：']).or_else(|| {
        from_colon
            .strip_prefix(':')
            .filter(|rest| rest.is_empty() || rest.starts_with(char::is_whitespace))
    })?;
    let name = name.trim_end();
    Some((name, forms.of(name)?, rest))
}

fn head_of(line: &str) -> &str {
    line.get(..line.floor_char_boundary(LONGEST_LABEL)).unwrap_or(line)
}

/// Whether a label could be a name, and how much it looks like one.
pub(super) fn name_form(name: &str) -> Option<Form> {
    let role = is_role(name);
    let first = name.chars().next()?;
    if !first.is_alphabetic() || first.is_lowercase() && !role {
        return None;
    }
    let mut words = 0;
    let mut all_capital = true;
    let mut each_capital = true;
    // `Reyes, Ada`, as directories have it. So does speech (`Look, Ada: rain`): such a label must come again.
    let surname_first = name.split_once(", ").is_some_and(|(surname, _)| !surname.contains(' '));
    let part = name.split([' ', '_']).next().is_some_and(is_part);
    for word in name.split_whitespace() {
        words += 1;
        let word = if surname_first && words == 1 {
            word.trim_end_matches(',')
        } else {
            word
        };
        if !is_name_word(word) {
            return None;
        }
        let starts_big = word
            .trim_start_matches(['(', '#'])
            .starts_with(|c: char| c.is_uppercase() || c.is_ascii_digit());
        each_capital &= starts_big || words > 1 && is_in(PARTICLES, word);
        all_capital &= !word.chars().any(char::is_lowercase);
    }
    // "He said: ..." is no name; "Man on phone: ..." is.
    if words > MOST_WORDS || leads_a_remark(name) || !each_capital && words > 1 && !part {
        return None;
    }
    let letters = name.chars().filter(|c| c.is_uppercase()).take(2).count();
    let is_name = !surname_first && (role || all_capital && letters == 2 || words > 1 && each_capital);
    Some(if is_name { Form::Name } else { Form::Loose })
}

/// Letters, digits and what stands in names; a point only after an initial or a title (`J. Reyes`, `Dr. Reyes`).
fn is_name_word(word: &str) -> bool {
    let stem = word.strip_suffix('.').unwrap_or(word);
    let is_short = stem.chars().count() == 1 || is_in(TITLES, stem) || stem.contains('.');
    (stem.len() == word.len() || is_short)
        && stem.chars().all(|c| {
            c.is_alphanumeric() || matches!(c, '-' | '_' | '\'' | '’' | '.' | '#' | '&' | '/' | '(' | ')') || is_mark(c)
        })
}

/// Vowel signs of the scripts that write them beside their letters; names in these scripts hold them.
fn is_mark(c: char) -> bool {
    unicode_normalization::char::is_combining_mark(c)
}

/// `Speaker 1`, `SPEAKER_00`, `Speaker A`, `Host`, `Woman 2`: no name, but said of nobody else.
pub(super) fn is_role(name: &str) -> bool {
    let (part, which) = name.split_once([' ', '_', '#']).unwrap_or((name, ""));
    let stem = part.trim_end_matches(|c: char| c.is_ascii_digit());
    let is_numbered = stem.len() < part.len() || !which.is_empty();
    let is_which =
        which.is_empty() || which.chars().count() == 1 || which.chars().all(|c| c.is_ascii_digit() || c == '#');
    is_which && (is_in(ROLES, stem) || is_numbered && is_part(stem))
}

/// Whether a word says what part somebody has.
fn is_part(word: &str) -> bool {
    is_in(ROLES, word) || is_in(NUMBERED_ROLES, word)
}

/// `Note: this` and its like: the label is such a word, or begins with a word no name begins with.
fn leads_a_remark(name: &str) -> bool {
    let mut words = name
        .split_whitespace()
        .map(|word| word.trim_matches(|c: char| !c.is_alphanumeric()));
    let first = words.next().unwrap_or("");
    let is_single = words.next().is_none();
    // `Q:` and `A:`, `I:` and `B:` label interviews.
    if is_single && first.chars().nth(1).is_none() {
        return false;
    }
    is_in(NEVER_FIRST, first) || (is_single || name.contains(',')) && is_in(NEVER_ALONE, first)
}

fn has_word_of(name: &str, list: &str) -> bool {
    name.split(|c: char| !c.is_alphanumeric()).any(|word| is_in(list, word))
}

/// Whether one of the lists below holds a word, in whatever case.
fn is_in(list: &str, word: &str) -> bool {
    list.split(' ').any(|other| other.eq_ignore_ascii_case(word))
}

const TITLES: &str = "Capt Dr Gen Gov Hon Jr Lt Mr Mrs Ms Prof Rep Sen Sgt Sr St";
const PARTICLES: &str = "al and ben bin da de del della den der di dos du ibn la le of van von y";
/// What people are called in transcripts that know no names.
const ROLES: &str = "\
    announcer audience caller guest host interviewee interviewer moderator narrator operator panelist participant \
    presenter reporter respondent speaker sprecher student teacher Спикер 話者 说话人 화자";
const NUMBERED_ROLES: &str = "child female male man person spk voice woman";

/// Words that lead a remark, whatever follows them.
const NEVER_FIRST: &str = "\
    a about according achtung act after all an and another answer as at because before but by chapter day each \
    episode every example figure for from here his how i if in is it its lesson level my no note number of on one or \
    our page part question scene season section so step subtitles that the there these this to two warning we what \
    why you";
/// Words that lead a remark when they stand alone.
const NEVER_ALONE: &str = "\
    actually again alright also always announcement anyway applause attention author basically beispiel breaking \
    caption captions category caution clearly conclusion copyright correction credits danger date definition \
    disclaimer duration edit editor ejemplo email essentially exemple fact finally first firstly frankly funny fyi \
    hello hence hey hi hint hinweis honestly however idea imagine important info introduction kind language laughter link \
    links listen location look maybe meaning meanwhile music nb never next not nota notes now oh ok okay plus point \
    problem ps quote reason remark remarque remember reminder result right rule second secondly see solution source \
    still subject summary then therefore third time tip title today topic update well yes";
/// What stands in brackets and is no person.
const SOUNDS: &str = "\
    applause background beep bell blank bleep break cheering chuckles clapping cough coughs crosstalk door foreign \
    gasps groans inaudible indistinct laughing laughs laughter music musik noise pause phone playing ringing sighs \
    silence singing sobbing sound speaking unintelligible voices whispers";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::format::draft::Draft;
    use crate::format::markup::Plain;
    use crate::time::CueTime;

    /// `name|text` for each cue.
    fn found(texts: &[&str]) -> Vec<String> {
        let mut drafts = Drafts::default();
        for (i, &text) in texts.iter().enumerate() {
            let plain = Plain::of(text);
            let at = |second: usize| CueTime::from_millis(second as i64 * 1_000);
            drafts.add(Draft::new(1, at(i), Some(at(i + 1))), &plain);
        }
        find(&mut drafts, false);
        let name = |cue: &Draft| cue.name.map_or("", |name| drafts.names.get(name));
        drafts
            .cues
            .iter()
            .map(|cue| format!("{}|{}", name(cue), drafts.text_of(cue)))
            .collect()
    }

    #[test]
    fn names_by_form_count_at_once() {
        for (line, expected) in [
            ("Speaker 1: Hi", "Speaker 1|Hi"),
            ("SPEAKER_00: Hi", "SPEAKER_00|Hi"),
            ("[SPEAKER_01]: Hi", "SPEAKER_01|Hi"),
            ("[Speaker 2] Hi", "Speaker 2|Hi"),
            ("ADA: Hi", "ADA|Hi"),
            ("Ada Reyes: Hi", "Ada Reyes|Hi"),
            ("Dr. Ada de la Cruz: Hi", "|Dr. Ada de la Cruz: Hi"),
            ("Dr. Ada Reyes: Hi", "Dr. Ada Reyes|Hi"),
            (">> ADA: Hi", "ADA|Hi"),
            (">> Ada: Hi", "Ada|Hi"),
            ("Interviewer: Hi", "Interviewer|Hi"),
            ("Woman 2: Hi", "Woman 2|Hi"),
            ("Speaker A: Hi", "Speaker A|Hi"),
            ("speaker2: Hi", "speaker2|Hi"),
            ("話者 1: はい", "話者 1|はい"),
            ("Unknown Speaker: Hi", "Unknown Speaker|Hi"),
            ("Interviewer:\nHi", "Interviewer|Hi"),
        ] {
            assert_eq!(found(&[line]), [expected], "{line}");
        }
    }

    #[test]
    fn remarks_and_times_are_no_names() {
        for line in [
            "Note: this",
            "NOTE: this",
            "Warning: hot",
            "10:30 meeting",
            "At 10:30: tea",
            "The answer: no",
            "http://a.b/c",
            "One thing: wait",
            "Chapter 3: Rain",
            "He said: no. I said: yes",
            "Hello. Ada: hi",
            "[Music]",
            "[MUSIC PLAYING] Hi",
            "(applause)",
            "Remember: look",
            "Ada: once in a single cue",
            "PS: bye",
            "speaking of which: no",
            "[door slams] Hi",
        ] {
            assert_eq!(found(&[line]), [format!("|{line}")], "{line}");
        }
    }

    #[test]
    fn a_loose_name_counts_when_it_recurs() {
        let rest = ["x"; 20];
        let mut lines = vec!["Ada: one", "Ben: two", "Ada: three"];
        lines.extend(rest);
        assert_eq!(
            found(&lines)[..3],
            ["Ada|one", "|Ben: two", "Ada|three"].map(String::from)
        );
        assert_eq!(found(&["Ada: one", "Ben: two"]), ["Ada|one", "Ben|two"]);
        assert_eq!(found(&["Note: one", "Note: two"]), ["|Note: one", "|Note: two"]);
        assert_eq!(
            found(&["Reyes, Ada: one", "Moor, Ben: two"]),
            ["Reyes, Ada|one", "Moor, Ben|two"]
        );
        assert_eq!(found(&["Look, Ada: rain", "no"]), ["|Look, Ada: rain", "|no"]);
        assert_eq!(found(&["Well, Ada: one", "Well, Ada: two"])[0], "|Well, Ada: one");
    }

    #[test]
    fn changes_alone_are_carried_on() {
        let lines = ["ADA: one", "two", "[Music]", "BEN: three", "four"];
        assert_eq!(
            found(&lines),
            ["ADA|one", "ADA|two", "|[Music]", "BEN|three", "BEN|four"]
        );
        let lines = ["ADA: one", "ADA: two", "no one", "ADA: three", "BEN: four"];
        assert_eq!(found(&lines)[2], "|no one");
    }

    #[test]
    fn one_label_speaks_for_the_file_only_where_it_is_sure() {
        assert_eq!(found(&["Narrator: one", "two"]), ["Narrator|one", "Narrator|two"]);
        assert_eq!(found(&["New York: one", "two"]), ["New York|one", "|two"]);
    }

    #[test]
    fn bare_marks_of_change_take_turns() {
        let lines = [">> Hi.", "there", ">> Hello.", ">> ADA: Hey.", ">> Yes."];
        assert_eq!(
            found(&lines),
            [
                "Voice A|Hi.",
                "Voice A|there",
                "Voice B|Hello.",
                "ADA|Hey.",
                "Voice A|Yes."
            ]
        );
    }

    #[test]
    fn two_people_in_one_cue_are_two_cues() {
        assert_eq!(found(&["ADA: Hi.\nBEN: Hello there."]), ["ADA|Hi.", "BEN|Hello there."]);
        assert_eq!(found(&["so it went\nBEN: Hello."]), ["|so it went", "BEN|Hello."]);
    }

    #[test]
    fn a_label_without_text_stays() {
        assert_eq!(found(&["ADA:"]), ["|ADA:"]);
        assert_eq!(found(&["ADA:\nBEN: Hi"]), ["|ADA:", "BEN|Hi"]);
    }
}
