//! Nothing in the input vanishes: each word of a damaged file is shown, kept, or named in a warning.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use earmark::format::{Format, Options, Reading, WarningKind, read, write};
use earmark::time::{CueSpan, CueTime, TimeDelta};
use earmark::transcript::{Cue, Speaker, SpeakerId, Transcript, Word};
use proptest::prelude::*;

use super::oracle::check;
use super::summary;

/// A word that is found again wherever it is kept: no other has its letters. `number` tells it from the others.
fn word_of(script: usize, number: usize) -> String {
    const SCRIPTS: [&str; 5] = [
        "bdfghklmpr",
        "бджклмнпрт",
        "βγδζθκλμξπ",
        "بتثجحدذرزس",
        "雨雪風雲月山川海空花",
    ];
    let letters: Vec<char> = SCRIPTS[script % SCRIPTS.len()].chars().collect();
    [1_000, 100, 10, 1]
        .map(|place| letters[number / place % 10])
        .iter()
        .collect()
}

/// What stands around a word: signs of every kind that mean something to one format or another.
const AROUND: [(&str, &str); 26] = [
    ("", ""),
    ("", ""),
    ("", ","),
    ("", "."),
    ("", "?"),
    ("", ":"),
    ("", ";"),
    ("\"", "\""),
    ("\"", ""),
    ("'", ""),
    ("(", ")"),
    ("[", "]"),
    ("<", ">"),
    ("< ", ""),
    ("", " >"),
    ("&", ";"),
    ("& ", ""),
    ("=", ""),
    ("+", "%"),
    ("@", ""),
    ("#", "#"),
    ("♪ ", " ♪"),
    ("¡", "!"),
    ("10:30 ", ""),
    ("7 ", ""),
    ("e\u{301} ", "\u{a0}–"),
];

#[derive(Debug, Clone)]
struct MadeUpWord {
    script: usize,
    around: (&'static str, &'static str),
    breaks_line: bool,
}

#[derive(Debug, Clone)]
struct MadeUpCue {
    words: Vec<MadeUpWord>,
    gap: i64,
    length: i64,
    speaker: Option<u16>,
    is_timed: bool,
}

fn made_up_cues() -> impl Strategy<Value = Vec<MadeUpCue>> {
    let around = prop::sample::select(&AROUND[..]);
    let word = (0..5_usize, around, prop::bool::weighted(0.2)).prop_map(|(script, around, breaks_line)| MadeUpWord {
        script,
        around,
        breaks_line,
    });
    let speaker = prop::option::of(0..3_u16);
    let cue = (
        prop::collection::vec(word, 1..5),
        0..3_000_i64,
        300..4_000_i64,
        speaker,
        any::<bool>(),
    );
    let cue = cue.prop_map(|(words, gap, length, speaker, is_timed)| MadeUpCue {
        words,
        gap,
        length,
        speaker,
        is_timed,
    });
    prop::collection::vec(cue, 1..8)
}

/// The transcript, and for each word the cue it is in.
fn made_up(cues: &[MadeUpCue]) -> (Transcript, Vec<(String, usize)>) {
    let mut transcript = Transcript::default();
    let mut all = Vec::new();
    let mut at = 0;
    let speakers: BTreeSet<u16> = cues.iter().filter_map(|cue| cue.speaker).collect();
    transcript.speakers = speakers
        .iter()
        .map(|&speaker| Speaker {
            name: ["Ada Reyes", "SPEAKER_01", "Dr. Ben Moor"][usize::from(speaker)].to_owned(),
        })
        .collect();
    for (place, cue) in cues.iter().enumerate() {
        let mut text = String::new();
        let mut given_words = Vec::new();
        at += cue.gap;
        let step = cue.length / cue.words.len() as i64;
        for (word, number) in cue.words.iter().zip(0_i64..) {
            if !text.is_empty() {
                text.push(if word.breaks_line { '\n' } else { ' ' });
            }
            let own = word_of(word.script, all.len());
            let from = text.len() + word.around.0.len();
            write!(text, "{}{own}{}", word.around.0, word.around.1).unwrap();
            let start = CueTime::from_millis(at + number * step);
            given_words.push(Word {
                span: CueSpan::new(start, start + TimeDelta::from_millis(step)),
                range: from as u32..(from + own.len()) as u32,
                given: true,
            });
            all.push((own, place));
        }
        let span = CueSpan::new(CueTime::from_millis(at), CueTime::from_millis(at + cue.length));
        at += cue.length;
        transcript.cues.push(Cue {
            span,
            speaker: cue
                .speaker
                .and_then(|own| speakers.iter().position(|speaker| *speaker == own))
                .map(|place| SpeakerId(place as u16)),
            text: text.into(),
            given_words: if cue.is_timed {
                given_words.into()
            } else {
                Box::default()
            },
            origin: None,
        });
    }
    (transcript, all)
}

/// What happens to files on their way through programs, mail and hands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Damage {
    LineEnds(&'static str),
    ByteOrderMark,
    Utf16,
    NoBlankLines,
    BlankLine,
    LostLine,
    WrongNumbers,
    Arrow(&'static str),
    OtherPoint,
    UnreadableDigit,
    CutOff,
    LostLineBreaks(&'static str),
    TrailingBlanks(&'static str),
    DoubledLine,
}

fn damages() -> impl Strategy<Value = Vec<(Damage, prop::sample::Index)>> {
    let kinds = prop::sample::select(vec![
        Damage::LineEnds("\r\n"),
        Damage::LineEnds("\r"),
        Damage::LineEnds("\r\r\n"),
        Damage::ByteOrderMark,
        Damage::Utf16,
        Damage::NoBlankLines,
        Damage::BlankLine,
        Damage::LostLine,
        Damage::WrongNumbers,
        Damage::Arrow("->"),
        Damage::Arrow("–>"),
        Damage::Arrow("→"),
        Damage::OtherPoint,
        Damage::UnreadableDigit,
        Damage::CutOff,
        Damage::LostLineBreaks(" "),
        Damage::LostLineBreaks("\u{a0}"),
        Damage::TrailingBlanks(" "),
        Damage::TrailingBlanks("\t"),
        Damage::DoubledLine,
    ]);
    prop::collection::vec((kinds, any::<prop::sample::Index>()), 0..3).prop_map(|mut damages| {
        // Each once, those that change the whole file last.
        damages.sort_by_key(|(damage, _)| (matches!(damage, Damage::LineEnds(_)), *damage));
        damages.dedup_by_key(|(damage, _)| std::mem::discriminant(damage));
        damages
    })
}

fn damaged(text: &str, damages: &[(Damage, prop::sample::Index)], words: &[(String, usize)]) -> (String, Vec<u8>) {
    let mut text = text.to_owned();
    let mut marked = false;
    let mut wide = false;
    for (damage, place) in damages {
        let mut lines: Vec<String> = text.split('\n').map(str::to_owned).collect();
        let at = place.index(lines.len());
        match damage {
            Damage::ByteOrderMark => marked = true,
            Damage::Utf16 => wide = true,
            Damage::NoBlankLines => lines.retain(|line| !line.trim().is_empty()),
            Damage::BlankLine => lines.insert(at, String::new()),
            Damage::LostLine if words.iter().any(|(word, _)| lines[at].contains(word)) => {}
            Damage::LostLine => drop(lines.remove(at)),
            Damage::WrongNumbers => {
                let numbers = lines.iter_mut().filter(|line| line.parse::<u32>().is_ok());
                numbers.for_each(|line| "4".clone_into(line));
            }
            Damage::Arrow(arrow) => lines.iter_mut().for_each(|line| *line = line.replace("-->", arrow)),
            Damage::OtherPoint => lines.iter_mut().filter(|line| line.contains("-->")).for_each(|line| {
                *line = line.replace(',', "_").replace('.', ",").replace('_', ".");
            }),
            Damage::UnreadableDigit => {
                let digits: Vec<usize> = lines[at]
                    .match_indices(|c: char| c.is_ascii_digit())
                    .map(|(at, _)| at)
                    .collect();
                if let Some(&digit) = digits.get(place.index(digits.len().max(1))) {
                    lines[at].replace_range(digit..=digit, "x");
                }
            }
            Damage::CutOff => {
                let whole = lines.join("\n");
                let end = whole.floor_char_boundary(place.index(whole.len() + 1));
                lines = whole[..end].split('\n').map(str::to_owned).collect();
            }
            Damage::LostLineBreaks(blank) => lines = vec![lines.join(blank)],
            Damage::TrailingBlanks(blank) => lines.iter_mut().for_each(|line| line.push_str(blank)),
            Damage::DoubledLine => {
                let line = lines[at].clone();
                lines.insert(at, line);
            }
            Damage::LineEnds(_) => {}
        }
        let ends = match damage {
            Damage::LineEnds(ends) => ends,
            _ => "\n",
        };
        text = lines.join(ends);
    }
    let whole = if marked {
        format!("\u{feff}{text}")
    } else {
        text.clone()
    };
    let bytes = if wide {
        let units = "\u{feff}".encode_utf16().chain(text.encode_utf16());
        units.flat_map(u16::to_le_bytes).collect()
    } else {
        whole.into_bytes()
    };
    (text, bytes)
}

/// All that a reading shows or keeps, and all that its warnings name.
fn shown_and_named(reading: &Reading) -> (String, Vec<String>) {
    let transcript = &reading.transcript;
    let mut shown = String::new();
    for cue in &transcript.cues {
        writeln!(shown, "{}", cue.text).unwrap();
        if let Some(origin) = &cue.origin {
            writeln!(shown, "{:?}{:?}{:?}", origin.identifier, origin.settings, origin.extra).unwrap();
        }
    }
    transcript.speakers.iter().for_each(|speaker| shown += &speaker.name);
    transcript.outline.iter().for_each(|chapter| shown += &chapter.title);
    shown += transcript.title.as_deref().unwrap_or("");
    if let Some(kept) = &transcript.kept {
        writeln!(shown, "{}{:?}", kept.head, kept.blocks).unwrap();
    }
    let named = reading.warnings.iter().map(|warning| match &warning.kind {
        WarningKind::StrayText { text }
        | WarningKind::BadTimeLine { text }
        | WarningKind::BadTime { text }
        | WarningKind::Malformed { text, .. }
        | WarningKind::UnknownTag { tag: text } => text.clone(),
        other => other.to_string(),
    });
    let named = named.collect();
    (shown, named)
}

/// Whether a warning names only the beginning of a text, and the word stands in what follows.
fn begins_what_holds(warning: &str, text: &str, word: &str) -> bool {
    const NEAR: usize = 300;
    // Separators and marks look different in a message: only letters and digits are compared.
    let flat = |text: &str| text.chars().filter(|c| c.is_alphanumeric()).collect::<String>();
    let Some((shown, _)) = warning.split_once('…') else {
        return false;
    };
    let shown = flat(shown);
    let from = shown.floor_char_boundary(shown.len().saturating_sub(12));
    let text = flat(text);
    text.match_indices(&shown[from..]).any(|(at, _)| {
        let end = text.floor_char_boundary((at + NEAR).min(text.len()));
        text[at..end].contains(word)
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, ..ProptestConfig::default() })]

    /// Whatever happens to a file, each word that is still in it is shown, kept, or named in a warning. Two things
    /// excuse one: a warning that names the beginning of a text that is longer, and the end of a file beyond the place
    /// where a warning says that reading it ended. Times, numbers, tags and keys are not looked for.
    #[test]
    fn nothing_in_the_input_vanishes(cues in made_up_cues(), damages in damages()) {
        let (transcript, words) = made_up(&cues);
        for format in Format::all().filter(|format| format.is_written()) {
            let written = write(&transcript, format).unwrap();
            let (text, bytes) = damaged(&written.text, &damages, &words);
            // A file that is refused says so.
            let Ok(reading) = read(&bytes, &Options::named(format.extensions().first().copied())) else { continue };
            check(&reading);
            let (shown, named) = shown_and_named(&reading);
            let is_cut_off = reading.warnings.iter().any(|warning| warning.kind.name() == "cut-off");
            let last_shown = words.iter().rfind(|(word, _)| shown.contains(word)).map_or(0, |(_, cue)| *cue);
            for (word, cue) in words.iter().filter(|(word, _)| text.contains(word)) {
                let names = |warning: &String| warning.contains(word) || begins_what_holds(warning, &text, word);
                let is_told = shown.contains(word) || named.iter().any(names) || is_cut_off && *cue >= last_shown;
                prop_assert!(
                    is_told,
                    "{} lost {word:?} of cue {cue}, read as {}:\n{text}\n=>\n{}",
                    format.key(),
                    reading.format.key(),
                    summary(&reading)
                );
            }
        }
    }
}
