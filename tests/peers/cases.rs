//! Transcripts made up by proptest from a fixed seed: the same ones in every run.

use earmark::time::{CueSpan, CueTime};
use earmark::transcript::{Cue, Speaker, SpeakerId, Transcript};
use proptest::prelude::*;
use proptest::sample::select;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;

/// How odd a text may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Letters {
    /// Nothing that means something to a caption format: for peers that write what they are given without escaping it.
    Tame,
    /// Also what XML escapes.
    Escaped,
    /// Also braces, backslashes and arrows.
    Any,
}

const NAMES: [&str; 6] = ["Ann", "Ben Moor", "Zoë", "Ольга", "山田", "Dr. O'Neil"];

const WORDS: [&str; 22] = [
    "été",
    "Straße",
    "naïve",
    "привет",
    "Καλημέρα",
    "שלום",
    "مرحبا",
    "日本語",
    "。",
    "한국어",
    "ไทย",
    "हिन्दी",
    "😀",
    "👩\u{200d}👩\u{200d}👧",
    "e\u{301}",
    "İstanbul",
    "ﬁn",
    "“so”",
    "—",
    "…",
    "¿qué?",
    "𝒳",
];

const NUMBERS: [&str; 9] = ["1", "2", "7", "42", "2024", "10:30", "3.14", "1,000", "00:05"];

const SIGNS: [&str; 20] = [
    "\"so\"", "\"", "'tis", "it's", "=1+1", "+1", "@home", "#", "%", "/", "*", "_", "♪", "...", ";", ",", "~", "$5",
    "(yes)", "[laughs]",
];

const ESCAPED: [&str; 13] = [
    "<",
    ">",
    "<3",
    "a<b",
    "b>a",
    "&",
    "AT&T",
    "&amp;",
    "&lt;i&gt;",
    "<i>",
    "<b>bold</b>",
    "<inaudible>",
    "<00:01.000>",
];

const ODDEST: [&str; 11] = [
    "{sic}",
    "{",
    "}",
    "{\\an8}",
    "C:\\new\\home",
    "\\N",
    "\\",
    "-->",
    "->",
    "|",
    "→",
];

fn piece(letters: Letters) -> impl Strategy<Value = String> {
    let mut signs: Vec<&str> = SIGNS.to_vec();
    if letters != Letters::Tame {
        signs.extend(ESCAPED);
    }
    if letters == Letters::Any {
        signs.extend(ODDEST);
    }
    prop_oneof![
        8 => "[A-Za-z][a-z]{0,7}[,.?!]?",
        3 => select(&WORDS[..]).prop_map(str::to_owned),
        1 => select(&NUMBERS[..]).prop_map(str::to_owned),
        2 => select(signs).prop_map(str::to_owned),
    ]
}

/// Up to three lines of words with one blank between; sometimes a line is a number and nothing else.
fn text(letters: Letters) -> impl Strategy<Value = String> {
    let words = prop::collection::vec(piece(letters), 1..8).prop_map(|words| words.join(" "));
    let line = prop_oneof![9 => words, 1 => select(&NUMBERS[..]).prop_map(str::to_owned)];
    prop::collection::vec(line, 1..4).prop_map(|lines| lines.join("\n"))
}

/// How long before the next cue begins, and how long this one lasts.
fn times() -> impl Strategy<Value = (i64, i64)> {
    let pause = prop_oneof![6 => 300_i64..8_000, 1 => 40_i64..300, 1 => 60_000_i64..900_000];
    let length = prop_oneof![6 => 500_i64..6_000, 1 => 40_i64..500, 1 => 6_000_i64..60_000];
    (pause, length)
}

/// What a format or a peer can hold.
#[derive(Debug, Clone, Copy)]
pub struct Measure {
    pub letters: Letters,
    /// No two cues are said at once.
    pub parted: bool,
    /// Either all cues have a speaker or none has.
    pub all_or_none: bool,
    /// No cue is shorter, in milliseconds.
    pub shortest: i64,
}

/// A transcript of a few cues.
fn transcript(measure: Measure) -> impl Strategy<Value = Transcript> {
    let first = prop_oneof![
        3 => 0_i64..60_000,
        3 => 0_i64..3_600_000,
        1 => 0_i64..36_000_000,
        1 => 36_000_000_i64..360_000_000,
        1 => 360_000_000_i64..3_600_000_000,
    ];
    let name = (0..10, 0..NAMES.len());
    let name = name.prop_map(move |(luck, place)| (measure.all_or_none || luck < 6).then_some(place));
    let cue = (times(), text(measure.letters), name);
    (first, prop::collection::vec(cue, 1..9), any::<bool>()).prop_map(move |(first, cues, has_speakers)| {
        let mut made = Transcript::default();
        let mut start = first;
        for ((pause, length), text, name) in cues {
            let length = length.max(measure.shortest);
            let until_next = pause + if measure.parted { length } else { 0 };
            let name = name.filter(|_| has_speakers).map(|place| NAMES[place]);
            made.cues.push(Cue {
                span: CueSpan::new(CueTime::from_millis(start), CueTime::from_millis(start + length)),
                speaker: name.map(|name| speaker(&mut made.speakers, name)),
                text: text.into(),
                given_words: Box::default(),
                origin: None,
            });
            start += until_next;
        }
        made
    })
}

fn speaker(speakers: &mut Vec<Speaker>, name: &str) -> SpeakerId {
    let place = speakers.iter().position(|speaker| speaker.name == name);
    let place = place.unwrap_or_else(|| {
        speakers.push(Speaker { name: name.to_owned() });
        speakers.len() - 1
    });
    SpeakerId(place as u16)
}

/// So many transcripts.
pub fn transcripts(count: usize, measure: Measure) -> Vec<Transcript> {
    let mut runner = TestRunner::deterministic();
    let strategy = transcript(measure);
    (0..count)
        .map(|_| strategy.new_tree(&mut runner).unwrap().current())
        .collect()
}
