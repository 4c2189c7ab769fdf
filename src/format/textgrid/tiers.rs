//! Which tiers of an annotation are its transcript.
//!
//! A tier may hold what a person says, the same once more word by word, sounds, parts of speech, or remarks. Asked for
//! one tier, that one is read. Else every tier of intervals with words in it is a speaker's, but for these: a tier of the
//! words that another holds as phrases gives that one its word times; tiers that are called after phones, or that cut
//! up further what others hold, are left out and told; tiers that are called after what they hold (`words`, `sentences`)
//! name no speaker. Points count only where there is nothing else.

use std::borrow::Cow;

use super::super::draft::{Draft, Drafts};
use super::super::flow::Flow;
use super::super::json::{Heard, read_words};
use super::super::markup::Plain;
use super::super::warning::shorten;
use super::super::{ReadError, WarningKind, Warnings};
use crate::time::CueTime;

/// More tiers than these are not compared with each other, nor all named in a message.
const COMPARED: usize = 24;

/// A tier of an annotation.
#[derive(Debug)]
pub(super) struct Tier<'a> {
    name: Cow<'a, str>,
    /// Whether it holds points in time, not intervals.
    pub has_points: bool,
    /// Its entries that have a text.
    pub entries: Vec<Entry<'a>>,
}

/// A text with its time.
#[derive(Debug)]
pub(super) struct Entry<'a> {
    pub line: u32,
    pub start: CueTime,
    /// None for a point.
    pub end: Option<CueTime>,
    pub text: Cow<'a, str>,
}

impl<'a> Tier<'a> {
    /// Without entries yet.
    pub fn new(name: Cow<'a, str>, has_points: bool) -> Self {
        Self {
            name,
            has_points,
            entries: Vec::new(),
        }
    }

    /// Whether it says anything, be it that nobody does.
    fn has_words(&self) -> bool {
        !self.entries.is_empty() && kind_of(&self.name).0 != Kind::Speaker
            || self
                .entries
                .iter()
                .any(|entry| entry.text.chars().any(char::is_alphanumeric))
    }

    /// Whether nearly every entry is a single word.
    fn is_of_single_words(&self) -> bool {
        let single = |entry: &&Entry<'_>| !entry.text.trim().contains(char::is_whitespace);
        self.entries.iter().filter(single).count() * 20 >= self.entries.len() * 19
    }
}

/// What a tier's name says of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Words,
    /// Sounds and what else is no transcript.
    Phones,
    /// What it holds, but not whose.
    Texts,
    Speaker,
}

/// What aligners and people call their tiers: the Montreal Forced Aligner (`Ada - words`), WebMAUS (`ORT-MAU`), Praat's
/// own commands; ELAN calls the first tier `default`, and its TextGrids have it so.
const WORDS: &str = "word words ort-mau wd wrd tokens token";
const PHONES: &str = "\
    phone phones phoneme phonemes phon mau kan-mau kan segment segments seg sampa ipa syllable syllables syll mas pos \
    silence silences vad f0 pitch tobi tones breaks lemma gloss trn-mau";
const TEXTS: &str = "\
    text texts transcript transcription trans trs ort orthography sentence sentences utterance utterances utt phrase \
    phrases speech labels label trn tier transcribe content default";

/// A tier's kind, and the speaker its name tells, if any.
fn kind_of(name: &str) -> (Kind, &str) {
    let name = name.trim();
    let lower = name.to_lowercase();
    let is_in = |list: &str, word: &str| list.split_whitespace().any(|own| own == word.trim());
    let of = |word: &str| match word {
        _ if is_in(WORDS, word) => Some(Kind::Words),
        _ if is_in(PHONES, word) => Some(Kind::Phones),
        _ if is_in(TEXTS, word.trim_end_matches(|c: char| c.is_ascii_digit() || c == ' ')) || word.is_empty() => {
            Some(Kind::Texts)
        }
        _ => None,
    };
    if let Some(kind) = of(&lower) {
        return (kind, "");
    }
    // `Ada - words`, `Ada_words`: the speaker and what it holds.
    let parted = lower.rfind(['-', '_', ':', '/', ' ']);
    let parts = parted.and_then(|at| Some((name.get(..at)?, of(lower.get(at + 1..)?)?)));
    match parts {
        Some((speaker, kind)) => (kind, speaker.trim_end_matches([' ', '-', '_', ':', '/'])),
        None => (Kind::Speaker, name),
    }
}

/// Adds the cues of the tier that is wanted, or of those that hold the transcript.
pub(super) fn add_cues(
    tiers: &[Tier<'_>],
    wanted: Option<&str>,
    drafts: &mut Drafts,
    warnings: &mut Warnings,
) -> Result<(), ReadError> {
    let names = || tiers.iter().map(|tier| tier.name.to_string());
    if tiers.len() > 1 {
        drafts.tiers = names().collect();
    }
    let mut untimed = 0;
    if let Some(wanted) = wanted {
        let is_it = |tier: &&Tier<'_>| tier.name.trim().eq_ignore_ascii_case(wanted.trim());
        let Some(tier) = tiers.iter().find(is_it) else {
            return Err(ReadError::NoSuchTier {
                name: wanted.to_owned(),
                there: listed(names()),
            });
        };
        add_tier(tier, None, drafts, warnings, &mut untimed);
        return Ok(());
    }
    let chosen = choose(tiers);
    let mut are_read = vec![false; tiers.len()];
    for &(phrases, words) in &chosen {
        for place in [Some(phrases), words].into_iter().flatten() {
            if let Some(is_read) = are_read.get_mut(place) {
                *is_read = true;
            }
        }
        if let Some(phrases) = tiers.get(phrases) {
            let words = words.and_then(|words| tiers.get(words));
            add_tier(phrases, words, drafts, warnings, &mut untimed);
        }
    }
    if untimed > 0 {
        warnings.push(0, WarningKind::UntimedWords { count: untimed });
    }
    if chosen.len() > 1 {
        // Each tier is in order, and together they are to be.
        drafts.cues.sort_by_key(|cue| cue.start);
    }
    let told = || tiers.iter().zip(&are_read);
    if told().any(|(tier, is_read)| !tier.entries.is_empty() && !is_read) {
        let chosen = told().filter(|(_, is_read)| **is_read);
        let chosen = listed(chosen.map(|(tier, _)| tier.name.to_string()));
        let names = listed(names());
        warnings.push(0, WarningKind::SeveralTiers { names, chosen });
    }
    Ok(())
}

fn listed(names: impl Iterator<Item = String>) -> String {
    let names: Vec<String> = names.take(COMPARED).map(|name| shorten(&name)).collect();
    names.join(", ")
}

/// The places of the tiers to read, each with that of the tier of its words.
fn choose(tiers: &[Tier<'_>]) -> Vec<(usize, Option<usize>)> {
    let places = |is: &dyn Fn(&Tier<'_>) -> bool| -> Vec<usize> {
        let tiers = tiers.iter().enumerate();
        tiers
            .filter(|(_, tier)| tier.has_words() && is(tier))
            .map(|(place, _)| place)
            .collect()
    };
    let with_words = places(&|tier| !tier.has_points);
    if with_words.is_empty() {
        return places(&|tier| tier.has_points)
            .into_iter()
            .take(1)
            .map(|place| (place, None))
            .collect();
    }
    let candidates = places(&|tier| !tier.has_points && kind_of(&tier.name).0 != Kind::Phones);
    // Nothing but sounds, so these are wanted.
    let candidates = if candidates.is_empty() { with_words } else { candidates };
    // Pairs of phrases and their words.
    let mut pairs: Vec<(usize, usize)> = Vec::new();
    for &words in candidates.iter().take(COMPARED) {
        let fits = |&&phrases: &&usize| {
            let is_new = phrases != words && pairs.iter().all(|pair| pair.0 != phrases);
            is_new
                && matches!((tiers.get(phrases), tiers.get(words)), (Some(phrases), Some(words))
                    if words.is_of_single_words() && are_words_of(phrases, words))
        };
        if let Some(&phrases) = candidates.iter().take(COMPARED).find(fits) {
            pairs.push((phrases, words));
        }
    }
    let mut chosen = Vec::new();
    for place in candidates {
        let words = pairs
            .iter()
            .find(|(phrases, _)| *phrases == place)
            .map(|(_, words)| *words);
        // A tier cut like one of words holds something about these words.
        let is_about = |words: usize| {
            let both = tiers.get(place).zip(tiers.get(words));
            both.is_some_and(|(tier, words)| is_cut_like(tier, words))
        };
        let is_left_out = pairs
            .iter()
            .any(|&(_, own)| own == place || words.is_none() && is_about(own));
        if !is_left_out {
            chosen.push((place, words));
        }
    }
    chosen
}

/// Whether nearly all entries of a tier begin where one of the other begins, and there are about as many.
fn is_cut_like(tier: &Tier<'_>, other: &Tier<'_>) -> bool {
    let mut rest = other.entries.iter().peekable();
    let begins = |entry: &&Entry<'_>| {
        while rest.next_if(|other| other.start < entry.start).is_some() {}
        rest.peek().is_some_and(|other| other.start == entry.start)
    };
    let same = tier.entries.iter().filter(begins).count();
    same * 10 >= tier.entries.len() * 9 && same * 2 >= other.entries.len()
}

/// Whether a tier holds the words of the phrases of another: each stands in the phrase at its time.
fn are_words_of(phrases: &Tier<'_>, words: &Tier<'_>) -> bool {
    // There are more words than phrases, unless only some phrases were given any; then the name must tell.
    let may_be = phrases.entries.len() < words.entries.len() || kind_of(&words.name).0 == Kind::Words;
    if !may_be || kind_of(&phrases.name).0 == Kind::Words {
        return false;
    }
    let mut found = 0;
    for (phrase, inside) in with_words_inside(phrases, words) {
        let mut rest: &str = &phrase.text;
        for word in inside {
            if let Some(after) = after_word(rest, word.text.trim()) {
                found += 1;
                rest = after;
            }
        }
    }
    found * 10 >= words.entries.len() * 9
}

/// What follows a word in a text, the word standing by itself where letters are parted by blanks.
fn after_word<'t>(text: &'t str, word: &str) -> Option<&'t str> {
    let near = text.get(..text.floor_char_boundary(word.len() + 64)).unwrap_or(text);
    let at = near.find(word)?;
    let (before, after) = (text.get(..at)?, text.get(at + word.len()..)?);
    let joins = |c: Option<char>| c.is_some_and(|c| c.is_alphanumeric() && c < '\u{e00}');
    (!joins(before.chars().next_back()) && !joins(after.chars().next())).then_some(after)
}

/// The phrases with the words whose middle they hold. Both are taken in order, as tiers are.
fn with_words_inside<'t, 'a>(
    phrases: &'t Tier<'a>,
    words: &'t Tier<'a>,
) -> impl Iterator<Item = (&'t Entry<'a>, &'t [Entry<'a>])> {
    let mut rest = words.entries.as_slice();
    phrases.entries.iter().map(move |phrase| {
        let middle = |word: &Entry<'_>| {
            let end = word.end.unwrap_or(word.start);
            word.start + (end - word.start).scaled(0.5)
        };
        let skipped = rest.iter().take_while(|word| middle(word) < phrase.start).count();
        rest = rest.get(skipped..).unwrap_or_default();
        let end = phrase.end.unwrap_or(CueTime::MAX);
        let count = rest.iter().take_while(|word| middle(word) < end).count();
        let (inside, after) = rest.split_at_checked(count).unwrap_or((rest, &[]));
        rest = after;
        (phrase, inside)
    })
}

fn add_tier(
    tier: &Tier<'_>,
    words: Option<&Tier<'_>>,
    drafts: &mut Drafts,
    warnings: &mut Warnings,
    untimed: &mut usize,
) {
    let (kind, speaker) = kind_of(&tier.name);
    if kind == Kind::Words && tier.is_of_single_words() && !tier.has_points {
        let mut flow = Flow::new(drafts);
        for word in tier.entries.iter().filter(|word| !is_silence(&word.text)) {
            flow.word(word.line, &word.text, Some(word.start), word.end, Some(speaker));
        }
        return flow.finish(warnings);
    }
    let name = drafts.names.id(speaker).filter(|_| !tier.has_points);
    let mut plain = Plain::default();
    let mut add = |phrase: &Entry<'_>, inside: &[Entry<'_>]| {
        plain.clear();
        let timed = inside.iter().map(|word| Heard {
            text: &word.text,
            start: Some(word.start),
            end: word.end,
            speaker: None,
        });
        *untimed += read_words(&phrase.text, timed, &mut plain);
        let mut draft = Draft::new(phrase.line, phrase.start, phrase.end);
        draft.name = name;
        drafts.add(draft, &plain);
    };
    match words {
        Some(words) => with_words_inside(tier, words).for_each(|(phrase, inside)| add(phrase, inside)),
        None => tier.entries.iter().for_each(|phrase| add(phrase, &[])),
    }
}

/// What aligners write for silence between words.
fn is_silence(text: &str) -> bool {
    matches!(text.trim(), "sil" | "sp" | "<p:>" | "<sil>" | "<eps>" | "<SIL>")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_tell_speakers_and_what_a_tier_holds() {
        for (name, expected) in [
            ("Ada", (Kind::Speaker, "Ada")),
            ("Ada Reyes", (Kind::Speaker, "Ada Reyes")),
            ("words", (Kind::Words, "")),
            ("Ada - words", (Kind::Words, "Ada")),
            ("Ada_phones", (Kind::Phones, "Ada")),
            ("ORT-MAU", (Kind::Words, "")),
            ("Sentences", (Kind::Texts, "")),
            ("default", (Kind::Texts, "")),
            ("tier 1", (Kind::Texts, "")),
            ("", (Kind::Texts, "")),
            ("Speaker 1", (Kind::Speaker, "Speaker 1")),
        ] {
            assert_eq!(kind_of(name), expected, "{name:?}");
        }
    }
}
