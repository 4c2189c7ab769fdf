//! The questions one asks of a transcript, each against the plainest way to answer it.

use earmark::time::{CueSpan, CueTime, TimeDelta};
use earmark::transcript::{
    Cue, CueId, CueIndex, Folded, Passage, Speaker, SpeakerId, TextPoint, Transcript, estimate_words, paragraphs,
    search, word_ranges,
};
use proptest::prelude::*;

fn span(start: i64, length: i64) -> CueSpan {
    CueSpan::new(CueTime::from_micros(start), CueTime::from_micros(start + length))
}

/// A transcript of `(start, length, speaker, text)`, sorted as every transcript is.
fn transcript(mut cues: Vec<(i64, i64, Option<u16>, String)>) -> Transcript {
    cues.sort_by_key(|cue| cue.0);
    let speakers = (0..4)
        .map(|i| Speaker {
            name: format!("Person {i}"),
        })
        .collect();
    let cue = |(start, length, speaker, text): (i64, i64, Option<u16>, String)| Cue {
        span: span(start, length),
        speaker: speaker.map(SpeakerId),
        text: text.into(),
        given_words: Box::default(),
        origin: None,
    };
    Transcript {
        cues: cues.into_iter().map(cue).collect(),
        speakers,
        ..Transcript::default()
    }
}

fn any_spans() -> impl Strategy<Value = Transcript> {
    let cue = (0..60_i64, prop_oneof![Just(0), 1..8_i64, Just(50)]);
    prop::collection::vec(cue, 0..25).prop_map(|cues| {
        transcript(
            cues.into_iter()
                .map(|(start, length)| (start, length, None, "x".into()))
                .collect(),
        )
    })
}

fn any_text() -> impl Strategy<Value = String> {
    text_of(0..14)
}

fn text_of(pieces_count: std::ops::Range<usize>) -> impl Strategy<Value = String> {
    let pieces = vec![
        "a",
        "b",
        "A",
        "é",
        "e\u{301}",
        "E",
        "ß",
        "s",
        "ss",
        " ",
        "\n",
        "\u{a0}",
        "’",
        "'",
        "word.",
        "Yes,",
        "12",
        "今日は",
        "。",
        "ไทย",
        "😀",
        "ﬁ",
        "Σ",
        "ς",
        "-",
    ];
    prop::collection::vec(prop::sample::select(pieces), pieces_count).prop_map(|pieces| pieces.concat())
}

fn any_transcript() -> impl Strategy<Value = Transcript> {
    let cue = (
        0..90_000_000_i64,
        0..9_000_000_i64,
        prop::option::of(0..3_u16),
        any_text(),
    );
    prop::collection::vec(cue, 0..40).prop_map(transcript)
}

proptest! {
    #[test]
    fn the_index_answers_as_a_look_at_every_cue_does(transcript in any_spans()) {
        let index = CueIndex::new(&transcript);
        for micros in -2..115 {
            let t = CueTime::from_micros(micros);
            let ids = (0..transcript.cues.len() as u32).map(CueId);
            let holding: Vec<CueId> = ids.rev().filter(|id| transcript.cues[id.index()].span.contains(t)).collect();
            let active: Vec<CueId> = index.active(t).collect();
            prop_assert_eq!(&active, &holding, "at {}", micros);
            prop_assert_eq!(index.primary(t), holding.first().copied());
            let begun = transcript.cues.iter().rposition(|cue| cue.span.start <= t).map(|place| CueId(place as u32));
            prop_assert_eq!(index.begun(t), begun);
            // A cue of no length never holds anything, so its end is no change.
            let borders = transcript.cues.iter().flat_map(|cue| {
                let end = (!cue.span.is_empty()).then_some(cue.span.end);
                std::iter::once(cue.span.start).chain(end)
            });
            let next = borders.filter(|&border| border > t).min();
            prop_assert_eq!(index.next_change(t), next, "at {}", micros);
        }
        let whole = transcript.cues.iter().map(|cue| cue.span).reduce(|a, b| CueSpan::new(a.start.min(b.start), a.end.max(b.end)));
        prop_assert_eq!(index.extent(), whole);
    }

    #[test]
    fn words_cover_the_text_and_the_time_in_order(text in any_text(), start in 0..5_000_000_i64, length in 0..9_000_000_i64) {
        let span = span(start, length);
        let words = estimate_words(&text, span);
        let ranges: Vec<_> = words.iter().map(|word| word.range.clone()).collect();
        prop_assert_eq!(&ranges, &word_ranges(&text));
        let mut covered = String::new();
        for word in &words {
            let piece = text.get(word.bytes());
            prop_assert!(piece.is_some_and(|piece| !piece.is_empty() && !piece.contains(char::is_whitespace)));
            covered.push_str(piece.unwrap_or(""));
            prop_assert!(!word.given);
        }
        prop_assert_eq!(covered, text.split_whitespace().collect::<String>());
        for pair in words.windows(2) {
            prop_assert!(pair[0].range.end <= pair[1].range.start);
            prop_assert_eq!(pair[0].span.end, pair[1].span.start);
        }
        if let (Some(first), Some(last)) = (words.first(), words.last()) {
            prop_assert_eq!((first.span.start, last.span.end), (span.start, span.end));
        }
    }

    #[test]
    fn paragraphs_hold_all_the_text_in_order(transcript in any_transcript()) {
        let paragraphs = paragraphs(&transcript);
        let mut read = String::new();
        for paragraph in &paragraphs {
            prop_assert!(paragraph.start <= paragraph.end);
            let passage = Passage::between(paragraph.start, paragraph.end);
            read.extend(passage.text(&transcript).split_whitespace());
            for place in paragraph.cues() {
                prop_assert_eq!(transcript.cues[place as usize].speaker, paragraph.speaker);
            }
        }
        prop_assert!(paragraphs.windows(2).all(|pair| pair[0].end <= pair[1].start));
        let said: String = transcript.cues.iter().flat_map(|cue| cue.text.split_whitespace()).collect();
        prop_assert_eq!(read, said);
    }

    #[test]
    fn a_search_finds_what_a_letter_by_letter_search_finds(
        texts in prop::collection::vec(any_text(), 0..8),
        query in text_of(0..4),
    ) {
        let cues = texts.into_iter().zip(0..).map(|(text, i)| (i * 10, 5, None, text)).collect();
        let transcript = transcript(cues);
        let hits = search(&transcript, &Folded::new(&transcript), &query);
        prop_assert_eq!(&hits, &plain_search(&transcript, &query));
        prop_assert!(hits.windows(2).all(|pair| pair[0].end <= pair[1].start));
        for hit in hits {
            for (id, bytes) in hit.pieces(&transcript) {
                prop_assert!(transcript.cues[id.index()].text.get(bytes).is_some());
            }
        }
    }
}

/// A character folded by a table of those that [`any_text`] uses.
fn folded(c: char) -> Vec<char> {
    match c {
        'é' => vec!['e'],
        '\u{301}' => vec![],
        'ß' => vec!['s', 's'],
        'ﬁ' => vec!['f', 'i'],
        'Σ' | 'ς' => vec!['σ'],
        '’' => vec!['\''],
        '\u{0e44}' => vec!['\u{0e44}'],
        _ if c.is_whitespace() => vec![' '],
        _ => c.to_lowercase().collect(),
    }
}

/// Every folded letter with the place of the character it comes from, compared letter by letter.
fn plain_search(transcript: &Transcript, query: &str) -> Vec<Passage> {
    let mut letters: Vec<(char, CueId, usize, usize)> = Vec::new();
    for (cue, place) in transcript.cues.iter().zip(0..) {
        let id = CueId(place);
        if place > 0 {
            letters.push((' ', id, 0, 0));
        }
        for (at, c) in cue.text.char_indices() {
            let mut end = at + c.len_utf8();
            end += cue.text[end..]
                .chars()
                .take_while(|&c| c == '\u{301}')
                .map(char::len_utf8)
                .sum::<usize>();
            letters.extend(folded(c).into_iter().map(|letter| (letter, id, at, end)));
        }
    }
    let needle: Vec<char> = query
        .split_whitespace()
        .collect::<Vec<_>>()
        .join(" ")
        .chars()
        .flat_map(folded)
        .collect();
    let mut hits: Vec<Passage> = Vec::new();
    let mut at = 0;
    while !needle.is_empty() && at + needle.len() <= letters.len() {
        let piece = &letters[at..at + needle.len()];
        if !piece.iter().map(|letter| letter.0).eq(needle.iter().copied()) {
            at += 1;
            continue;
        }
        at += needle.len();
        let (first, last) = (piece[0], piece[piece.len() - 1]);
        let hit = Passage {
            start: TextPoint::new(first.1, first.2 as u32),
            end: TextPoint::new(last.1, last.3 as u32),
        };
        if hits.last().is_none_or(|before| before.end <= hit.start) {
            hits.push(hit);
        }
    }
    hits
}

#[test]
fn a_passage_is_heard_from_its_first_word_to_its_last() {
    let transcript = transcript(vec![
        (0, 4_000_000, None, "one two".into()),
        (5_000_000, 4_000_000, None, "three four".into()),
    ]);
    let passage = Passage::between(TextPoint::new(CueId(1), 5), TextPoint::new(CueId(0), 4));
    assert_eq!(passage.text(&transcript), "two three");
    let heard = passage.span(&transcript).unwrap();
    let words = [
        transcript.words(CueId(0)).into_owned(),
        transcript.words(CueId(1)).into_owned(),
    ]
    .concat();
    assert_eq!((heard.start, heard.end), (words[1].span.start, words[2].span.end));
    assert!(heard.length() > TimeDelta::from_millis(1_000));
}

#[test]
fn given_words_are_taken_as_they_are() {
    let mut transcript = transcript(vec![(0, 4_000_000, None, "one two".into())]);
    let mut given = estimate_words("one two", span(0, 1_000_000));
    given[0].given = true;
    transcript.cues[0].given_words = given.clone().into();
    assert_eq!(transcript.words(CueId(0)).into_owned(), given);
    assert!(transcript.words(CueId(7)).is_empty());
}
