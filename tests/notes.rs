//! Passages are found again in transcripts that changed, and edits undo themselves.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

#[path = "support/annotations.rs"]
mod annotations;

use annotations::any_annotation;
use earmark::notes::{
    Annotation, Edit, History, Placement, PlacementIndex, Target, place, refreshed, target_at, target_for,
};
use earmark::time::{CueSpan, CueTime, MediaSpan, MediaTime};
use earmark::transcript::{Cue, CueId, Passage, Speaker, SpeakerId, TextPoint, Transcript};
use proptest::prelude::*;
use proptest::sample::Index;

/// A transcript of these cues, four seconds each, spoken by Ada and Ben in turn.
fn transcript<S: AsRef<str>>(texts: &[S]) -> Transcript {
    let cue = |(i, text): (usize, &S)| Cue {
        span: CueSpan::new(
            CueTime::from_millis(i as i64 * 4_000),
            CueTime::from_millis(i as i64 * 4_000 + 3_900),
        ),
        speaker: Some(SpeakerId((i % 2) as u16)),
        text: text.as_ref().into(),
        given_words: Box::default(),
        origin: None,
    };
    Transcript {
        cues: texts.iter().enumerate().map(cue).collect(),
        speakers: ["Ada", "Ben"].map(|name| Speaker { name: name.to_owned() }).to_vec(),
        ..Transcript::default()
    }
}

/// Words that are not alike, so that nothing is found by chance: fifty syllables make 125,000 of three.
fn word() -> impl Strategy<Value = String> {
    proptest::collection::vec((0..10usize, 0..5usize), 2..5).prop_map(|syllables| {
        let syllable = |(onset, vowel): (usize, usize)| {
            format!(
                "{}{}",
                ["b", "d", "f", "k", "l", "m", "r", "s", "t", "v"][onset],
                ["a", "e", "i", "o", "u"][vowel]
            )
        };
        syllables.into_iter().map(syllable).collect()
    })
}

/// Cues of several words each.
fn cues() -> impl Strategy<Value = Vec<Vec<String>>> {
    proptest::collection::vec(proptest::collection::vec(word(), 3..12), 4..30)
}

fn written(cues: &[Vec<String>]) -> Transcript {
    transcript(&cues.iter().map(|words| words.join(" ")).collect::<Vec<_>>())
}

fn at(seconds: i64) -> MediaSpan {
    MediaSpan::new(
        MediaTime::from_millis(seconds * 1_000),
        MediaTime::from_millis(seconds * 1_000 + 500),
    )
}

fn find(target: &Target, transcript: &Transcript) -> Placement {
    place(target, &PlacementIndex::new(transcript))
}

/// The words a placement stands on.
fn words_at(placement: Placement, transcript: &Transcript) -> Option<String> {
    match placement {
        Placement::Passage(passage) => Some(passage.text(transcript)),
        Placement::Instant | Placement::Unplaced => None,
    }
}

/// The passage of a cue's words `from..to`, counted in words.
fn words_of(transcript: &Transcript, cue: u32, from: usize, to: usize) -> Passage {
    let text = &transcript.cue(CueId(cue)).unwrap().text;
    let ranges = earmark::transcript::word_ranges(text);
    Passage {
        start: TextPoint::new(CueId(cue), ranges[from].start),
        end: TextPoint::new(CueId(cue), ranges[to - 1].end),
    }
}

/// A run of the words of all cues: which, as places among all words.
fn run_of(cues: &[Vec<String>], first: Index, length: usize) -> std::ops::Range<usize> {
    let total = cues.iter().map(Vec::len).sum::<usize>();
    let first = first.index(total);
    first..(first + length).min(total)
}

/// The passage of a run of words.
fn passage_of(transcript: &Transcript, run: &std::ops::Range<usize>) -> Passage {
    let mut places = Vec::new();
    for (i, cue) in transcript.cues.iter().enumerate() {
        for range in earmark::transcript::word_ranges(&cue.text) {
            let id = CueId(i as u32);
            places.push((TextPoint::new(id, range.start), TextPoint::new(id, range.end)));
        }
    }
    Passage {
        start: places[run.start].0,
        end: places[run.end - 1].1,
    }
}

proptest! {
    #[test]
    fn any_passage_is_found_where_it_was_marked(
        texts in proptest::collection::vec("[ab \n\u{a0}ä日.]{0,12}", 1..12),
        ends in any::<[(Index, Index); 2]>(),
    ) {
        let transcript = transcript(&texts);
        let point = |(cue, place): (Index, Index)| {
            let cue = cue.index(texts.len());
            let places: Vec<usize> = texts[cue].char_indices().map(|(at, _)| at).chain([texts[cue].len()]).collect();
            TextPoint::new(CueId(cue as u32), places[place.index(places.len())] as u32)
        };
        let passage = Passage::between(point(ends[0]), point(ends[1]));
        let index = PlacementIndex::new(&transcript);
        let target = target_for(&transcript, passage, at(1));
        prop_assert_eq!(&index.target_for(passage, at(1)), &target);
        match place(&target, &index) {
            Placement::Passage(found) => {
                // White space at the ends is not part of it; everything else is the same.
                prop_assert_eq!(found.text(&transcript), passage.text(&transcript));
                prop_assert_eq!(&target_for(&transcript, found, at(1)), &target);
                let position = target.position.unwrap();
                let quote = target.quote.unwrap();
                prop_assert_eq!(quote.exact.chars().count() as u64, position.end - position.start);
            }
            Placement::Instant => prop_assert_eq!(passage.text(&transcript), ""),
            Placement::Unplaced => prop_assert!(false, "unplaced: {:?}", target),
        }
    }

    #[test]
    fn other_cue_borders_do_not_matter(
        cues in cues(),
        first: Index,
        length in 1usize..25,
        cuts in proptest::collection::vec(1usize..9, 40),
    ) {
        let before = written(&cues);
        let run = run_of(&cues, first, length);
        let passage = passage_of(&before, &run);
        let target = target_for(&before, passage, at(1));
        let words: Vec<String> = cues.concat();
        let mut rest = words.as_slice();
        let mut recut = Vec::new();
        for cut in cuts.into_iter().cycle() {
            let (cue, after) = rest.split_at(cut.min(rest.len()));
            recut.push(cue.to_vec());
            rest = after;
            if rest.is_empty() {
                break;
            }
        }
        let after = transcript(&recut.iter().map(|words| words.join("\n")).collect::<Vec<_>>());
        prop_assert_eq!(find(&target, &after), Placement::Passage(passage_of(&after, &run)));
    }

    #[test]
    fn what_is_inserted_and_cut_elsewhere_does_not_matter(
        cues in cues(),
        first: Index,
        length in 4usize..20,
        insert in proptest::collection::vec(word(), 0..60),
        keep_before in 0usize..12,
    ) {
        let before = written(&cues);
        let run = run_of(&cues, first, length);
        prop_assume!(run.len() >= 4);
        let target = target_for(&before, passage_of(&before, &run), at(1));
        let words = cues.concat();
        let kept = run.start.saturating_sub(keep_before);
        let changed: Vec<String> = insert.iter().chain(&words[kept..]).cloned().collect();
        let after = transcript(&[changed.join(" ")]);
        let moved = run.start - kept + insert.len()..run.end - kept + insert.len();
        prop_assert_eq!(find(&target, &after), Placement::Passage(passage_of(&after, &moved)));
    }

    #[test]
    fn a_corrected_letter_in_a_quote_does_not_lose_it(
        cues in cues(),
        first: Index,
        length in 4usize..20,
        typo: Index,
        insert in proptest::collection::vec(word(), 0..10),
    ) {
        let before = written(&cues);
        let run = run_of(&cues, first, length);
        prop_assume!(run.len() >= 4);
        let target = target_for(&before, passage_of(&before, &run), at(1));
        let mut words = cues.concat();
        let wrong = run.start + typo.index(run.len());
        words[wrong] = format!("X{}", &words[wrong][1..]);
        let changed: Vec<String> = insert.iter().chain(&words).cloned().collect();
        let after = transcript(&[changed.join(" ")]);
        let moved = run.start + insert.len()..run.end + insert.len();
        prop_assert_eq!(find(&target, &after), Placement::Passage(passage_of(&after, &moved)));
    }

    #[test]
    fn words_that_are_gone_are_told_to_be_gone(cues in cues(), first: Index, length in 4usize..30) {
        let before = written(&cues);
        let run = run_of(&cues, first, length);
        prop_assume!(run.len() >= 4);
        let target = target_for(&before, passage_of(&before, &run), at(1));
        let mut words = cues.concat();
        words.drain(run);
        prop_assume!(!words.is_empty());
        prop_assert_eq!(find(&target, &transcript(&[words.join(" ")])), Placement::Unplaced);
    }

    #[test]
    fn no_target_and_no_text_is_too_odd(
        annotation in any_annotation(),
        texts in proptest::collection::vec(annotations::any_text(), 0..6),
    ) {
        let transcript = transcript(&texts);
        let index = PlacementIndex::new(&transcript);
        let placement = place(&annotation.target, &index);
        let target = refreshed(&annotation.target, placement, &index, at(1));
        if let Placement::Passage(passage) = placement {
            prop_assert!(!passage.text(&transcript).is_empty());
            prop_assert_eq!(place(&target, &index), placement);
        } else {
            prop_assert_eq!(target, annotation.target);
        }
    }

    #[test]
    fn every_edit_undoes_itself(
        notes in proptest::collection::vec(any_annotation(), 1..6),
        changed in proptest::collection::vec((any::<Index>(), proptest::option::of(annotations::any_text())), 1..8),
    ) {
        let mut notes: Vec<Annotation> = notes;
        let first = notes.clone();
        let mut history = History::default();
        for (which, text) in changed {
            if notes.is_empty() {
                break;
            }
            let before = notes[which.index(notes.len())].clone();
            let after = text.map(|text| Annotation { text, ..before.clone() });
            let edit = Edit { before: Some(before), after };
            edit.apply(&mut notes);
            history.record(vec![edit]);
        }
        let last = notes.clone();
        let by_id = |mut notes: Vec<Annotation>| { notes.sort_by_key(|note| note.id); notes };
        while let Some(edits) = history.undo() {
            for edit in edits {
                edit.apply(&mut notes);
            }
        }
        prop_assert_eq!(by_id(notes.clone()), by_id(first));
        while let Some(edits) = history.redo() {
            for edit in edits {
                edit.apply(&mut notes);
            }
        }
        prop_assert_eq!(by_id(notes), by_id(last));
    }
}

#[test]
fn a_target_tells_words_surroundings_place_and_speaker() {
    let transcript = transcript(&["The share was about", "nine in\nten of all calls.", "I see."]);
    let target = target_for(&transcript, words_of(&transcript, 1, 0, 3), at(7));
    let quote = target.quote.unwrap();
    assert_eq!(quote.exact, "nine in ten");
    assert_eq!(quote.prefix, "The share was about ");
    assert_eq!(quote.suffix, " of all calls. I see.");
    assert_eq!(
        target.position.map(|position| (position.start, position.end)),
        Some((20, 31))
    );
    assert_eq!(target.speaker.as_deref(), Some("Ben"));
    assert_eq!(target.time, at(7));
}

#[test]
fn an_instant_has_no_words_and_stays() {
    let before = transcript(&["One.", "Two."]);
    let now = MediaTime::from_millis(5_000);
    let target = target_at(&before, Some(CueId(1)), now);
    assert_eq!((target.speaker.as_deref(), target.quote.as_ref()), (Some("Ben"), None));
    let changed = transcript(&["Something else altogether."]);
    let index = PlacementIndex::new(&changed);
    assert_eq!(place(&target, &index), Placement::Instant);
    assert_eq!(refreshed(&target, Placement::Instant, &index, at(9)), target);
}

#[test]
fn what_surrounds_it_tells_one_yes_from_another() {
    let texts = [
        "Is it red?",
        "Yes.",
        "Is it warm outside today?",
        "Yes.",
        "Is it true?",
        "Yes.",
    ];
    let before = transcript(&texts);
    for cue in [1, 3, 5] {
        let target = target_for(&before, words_of(&before, cue, 0, 1), at(1));
        let mut longer = vec!["Some questions first, if I may, and then we shall see."];
        longer.extend(texts);
        let after = transcript(&longer);
        assert_eq!(
            find(&target, &after),
            Placement::Passage(words_of(&after, cue + 1, 0, 1))
        );
    }
    // And when its own question is gone, another "Yes." is not it.
    let target = target_for(&before, words_of(&before, 3, 0, 1), at(1));
    let after = transcript(&["Do you like tea?", "Yes.", "With milk, then?", "Yes.", "No sugar."]);
    assert_eq!(find(&target, &after), Placement::Unplaced);
}

#[test]
fn a_rewritten_sentence_keeps_its_mark() {
    let before = transcript(&[
        "So we went through all of the recordings,",
        "and the share was about nine in ten of all the calls that we had,",
        "which nobody would have thought.",
    ]);
    let target = target_for(&before, Passage::of_cue(&before, CueId(1)).unwrap(), at(1));
    let after = transcript(&[
        "Thank you for having me.",
        "So, we went through all of the recordings.",
        "And the share was about 9 in 10 of all the calls we had -",
        "which nobody would've thought!",
    ]);
    let found = find(&target, &after);
    let words = words_at(found, &after).unwrap();
    assert_eq!(
        words,
        "And the share was about 9 in 10 of all the calls we had -".trim_end_matches(" -")
    );
    // Its target is then what stands there, so that the next change starts from it.
    let index = PlacementIndex::new(&after);
    let target = refreshed(&target, found, &index, at(8));
    assert_eq!(target.quote.as_ref().unwrap().exact, words);
    assert_eq!(target.time, at(8));
    assert_eq!(find(&target, &after), found);
}

#[test]
fn scripts_without_spaces_are_found_across_new_cuts() {
    let before = transcript(&["今日は天気が", "いいです。", "散歩に行きましょう。"]);
    let passage = Passage {
        start: TextPoint::new(CueId(0), 9),
        end: TextPoint::new(CueId(1), 15),
    };
    let target = target_for(&before, passage, at(1));
    assert_eq!(target.quote.as_ref().unwrap().exact, "天気がいいです。");
    let after = transcript(&["今日は", "天気がいい\nです。散歩に", "行きましょう。"]);
    let found = find(&target, &after);
    assert_eq!(target_for(&after, passage_in(found), at(1)).quote, target.quote);
}

fn passage_in(placement: Placement) -> Passage {
    match placement {
        Placement::Passage(passage) => passage,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_quote_from_elsewhere_needs_no_context() {
    let text = transcript(&["A map is not the territory,", "but a good one helps."]);
    let quoted = |exact: &str| Target {
        quote: Some(earmark::notes::TextQuote {
            exact: exact.to_owned(),
            ..Default::default()
        }),
        ..Target::default()
    };
    assert_eq!(
        words_at(find(&quoted("territory,\nbut"), &text), &text).as_deref(),
        Some("territory, but")
    );
    assert_eq!(find(&quoted("  \n "), &text), Placement::Instant);
    assert_eq!(find(&quoted("landscape"), &text), Placement::Unplaced);
}

#[test]
fn steps_are_undone_whole_and_a_new_one_ends_redo() {
    let (a, b) = (annotations::note(1, "a"), annotations::note(2, "b"));
    let made = |note: &Annotation| Edit {
        before: None,
        after: Some(note.clone()),
    };
    let mut history = History::default();
    assert!(!history.can_undo() && !history.can_redo());
    history.record(Vec::new());
    assert!(!history.can_undo(), "an empty step is no step");
    history.record(vec![made(&a), made(&b)]);
    let mut notes = vec![a.clone(), b.clone()];
    for edit in history.undo().unwrap() {
        edit.apply(&mut notes);
    }
    assert_eq!(notes, []);
    assert!(history.can_redo() && !history.can_undo());
    assert_eq!(history.redo(), Some(vec![made(&a), made(&b)]));
    history.undo().unwrap();
    history.record(vec![made(&b)]);
    assert_eq!(history.redo(), None);
}

// The same on the command line, with the real program and a library of its own.

const TALK: &str = "1\n00:00:01,000 --> 00:00:04,000\nAda: The share was about\nnine in ten of all calls.\n\n\
    2\n00:00:04,000 --> 00:00:07,500\nBen: Nine in ten? I would not have thought so.\n\n\
    3\n00:00:08,000 --> 00:00:11,000\nAda: It is what we counted, twice over.\n\n\
    4\n00:00:12,000 --> 00:00:15,000\nBen: And the tenth?\n";

/// A folder with `talk.srt` and a library.
struct Desk(tempfile::TempDir);

impl Desk {
    fn new() -> Self {
        let folder = tempfile::TempDir::new().unwrap();
        std::fs::write(folder.path().join("talk.srt"), TALK).unwrap();
        Self(folder)
    }

    /// Runs `earmark notes …` in the folder: exit code, stdout, stderr.
    fn run(&self, args: &[&str], input: &str) -> (i32, String, String) {
        use std::io::Write;
        use std::process::{Command, Stdio};
        let mut child = Command::new(env!("CARGO_BIN_EXE_earmark"))
            .arg("notes")
            .args(args)
            .current_dir(self.0.path())
            .env("EARMARK_LIBRARY", self.0.path().join("library.sqlite"))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
        let done = child.wait_with_output().unwrap();
        let text = |bytes| String::from_utf8(bytes).unwrap();
        (done.status.code().unwrap(), text(done.stdout), text(done.stderr))
    }

    /// The same, where it has to succeed.
    fn done(&self, args: &[&str]) -> String {
        let (code, output, errors) = self.run(args, "");
        assert_eq!((code, errors.as_str()), (0, ""), "{args:?}");
        output
    }

    fn listed(&self, args: &[&str]) -> Vec<serde_json::Value> {
        let all = [&["list", "talk.srt", "--json"], args].concat();
        serde_json::from_str(&self.done(&all)).unwrap()
    }
}

#[test]
fn notes_are_added_and_listed() {
    let desk = Desk::new();
    assert_eq!(desk.listed(&[]), Vec::<serde_json::Value>::new());
    let id = desk.done(&[
        "add",
        "talk.srt",
        "--quote",
        "nine  IN ten",
        "--at",
        "5",
        "--text",
        "So?",
        "--tag",
        "claim",
        "--tag",
        "#to check",
        "--tag",
        "claim",
        "--colour",
        "blue",
    ]);
    desk.done(&["add", "talk.srt", "--at", "0:09", "--to", "0:10.5"]);
    desk.done(&["add", "talk.srt", "--at", "13"]);
    let listed = desk.listed(&[]);
    let told: Vec<[&str; 4]> = listed
        .iter()
        .map(|note| ["kind", "colour", "speaker", "text"].map(|key| note[key].as_str().unwrap()))
        .collect();
    assert_eq!(
        told,
        [
            ["note", "blue", "Ben", "So?"],
            ["highlight", "yellow", "Ada", ""],
            ["bookmark", "yellow", "Ben", ""]
        ]
    );
    assert_eq!(listed[0]["id"], id.trim_end());
    assert_eq!(listed[0]["quote"], "Nine in ten");
    assert_eq!(listed[0]["start_ms"], 4_000.0);
    assert_eq!(listed[0]["tags"], serde_json::json!(["claim", "to check"]));
    assert_eq!(
        (&listed[1]["start_ms"], &listed[1]["end_ms"]),
        (&9_000.0.into(), &10_500.0.into())
    );
    assert_eq!(
        (&listed[2]["quote"], &listed[2]["end_ms"]),
        (&serde_json::Value::Null, &13_000.0.into())
    );
    // For a person: one line each, filtered the same way.
    let lines = desk.done(&["list", "talk.srt", "--kind", "note"]);
    assert_eq!(lines.lines().count(), 1);
    assert!(
        lines.contains("0:04") && lines.contains("“Nine in ten” So? #claim #to check"),
        "{lines}"
    );
    assert_eq!(desk.listed(&["--tag", "to check"]).len(), 1);
    assert_eq!(desk.listed(&["--colour", "yellow", "--text", "TWICE"]).len(), 1);
}

#[test]
fn a_line_each_becomes_a_note_each() {
    let desk = Desk::new();
    let lines = "plain\n\n{\"at\": 8.5, \"text\": \"json\", \"tags\": [\"x\"], \"colour\": \"pink\"}\n\
        {\"quote\": \"not there\"}\nnever reached\n";
    let (code, told, errors) = desk.run(&["add", "talk.srt", "--stdin", "--at", "2"], lines);
    assert_eq!(code, 2);
    assert_eq!(errors.lines().count(), 1);
    assert!(errors.contains("line 4") && errors.contains("not there"), "{errors}");
    let listed = desk.listed(&[]);
    let ids: Vec<&str> = listed.iter().map(|note| note["id"].as_str().unwrap()).collect();
    assert_eq!(
        told.lines().collect::<Vec<_>>(),
        ids,
        "what was told is there, and nothing else"
    );
    assert_eq!(
        (&listed[0]["text"], &listed[1]["text"]),
        (&"plain".into(), &"json".into())
    );
    assert_eq!(listed[1]["quote"], "It is what we counted, twice over.");
    assert_eq!(listed[1]["colour"], "pink");
}

#[test]
fn notes_follow_their_words_into_a_corrected_file() {
    let desk = Desk::new();
    desk.done(&["add", "talk.srt", "--quote", "what we counted, twice over"]);
    desk.done(&["add", "talk.srt", "--quote", "I would not have thought so"]);
    let corrected = TALK
        .replace("I would not have thought so.", "Hm.")
        .replace("counted, twice", "counted twice");
    std::fs::write(desk.0.path().join("talk.srt"), corrected).unwrap();
    let placed: Vec<bool> = desk
        .listed(&[])
        .iter()
        .map(|note| note["placed"].as_bool().unwrap())
        .collect();
    assert_eq!(placed, [false, true]);
    // Under another name it is the same document still, once it was open there.
    std::fs::write(desk.0.path().join("talk.srt"), TALK).unwrap();
    std::fs::rename(desk.0.path().join("talk.srt"), desk.0.path().join("renamed.srt")).unwrap();
    assert_eq!(desk.done(&["list", "renamed.srt"]).lines().count(), 2);
}

#[test]
fn exported_notes_come_back_without_doubles() {
    let desk = Desk::new();
    desk.done(&["add", "talk.srt", "--at", "5", "--text", "my note"]);
    desk.done(&["add", "talk.srt", "--at", "9"]);
    let before = desk.listed(&[]);
    for name in ["out.jsonld", "out.html"] {
        desk.done(&["export", "talk.srt", "-o", name]);
        assert_eq!(
            desk.done(&["import", "talk.srt", name]),
            "0 added, 0 updated, 2 unchanged\n"
        );
    }
    let id = before[0]["id"].as_str().unwrap();
    desk.done(&["delete", "talk.srt", id]);
    assert_eq!(desk.listed(&[]), before[1..]);
    assert_eq!(
        desk.done(&["import", "talk.srt", "out.html"]),
        "1 added, 0 updated, 1 unchanged\n"
    );
    assert_eq!(desk.listed(&[]), before);
    // A later change wins, an earlier one does not.
    let text = std::fs::read_to_string(desk.0.path().join("out.jsonld")).unwrap();
    let modified = format!("\"modified\": {}", before[0]["modified"]);
    let with = |stamp: &str| {
        text.replace(&modified, &format!("\"modified\": \"{stamp}\""))
            .replace("\"my note\"", "\"changed\"")
    };
    std::fs::write(desk.0.path().join("early.jsonld"), with("2001-01-01T00:00:00Z")).unwrap();
    std::fs::write(desk.0.path().join("late.jsonld"), with("2999-01-01T00:00:00Z")).unwrap();
    assert_eq!(
        desk.done(&["import", "talk.srt", "early.jsonld"]),
        "0 added, 0 updated, 2 unchanged\n"
    );
    let told = desk.done(&["import", "talk.srt", "late.jsonld", "--json"]);
    assert_eq!(told, "{\"added\":0,\"unchanged\":1,\"updated\":1}\n");
    assert_eq!(desk.listed(&[])[0]["text"], "changed");
}

#[test]
fn what_cannot_be_done_is_one_line_and_code_2() {
    let desk = Desk::new();
    std::fs::write(desk.0.path().join("notes.txt"), "no notes").unwrap();
    for (args, word) in [
        (&["list", "missing.srt"][..], "missing.srt"),
        (&["add", "talk.srt"], "--at"),
        (&["add", "talk.srt", "--to", "5"], "--at"),
        (&["add", "talk.srt", "--at", "5", "--to", "4"], "--at"),
        (&["add", "talk.srt", "--quote", "not there"], "not there"),
        (&["export", "talk.srt", "-o", "notes.xyz"], "--format"),
        (&["export", "talk.srt", "-o", "nowhere/notes.md"], "nowhere"),
        (&["import", "talk.srt", "notes.txt"], "notes.txt"),
        (&["import", "talk.srt", "missing.jsonld"], "missing.jsonld"),
        (
            &["delete", "talk.srt", "01999999-0000-7000-8000-000000000000"],
            "nothing was deleted",
        ),
    ] {
        let (code, output, errors) = desk.run(args, "");
        assert_eq!(
            (code, output.as_str(), errors.lines().count()),
            (2, "", 1),
            "{args:?}: {errors}"
        );
        assert!(errors.contains(word), "{args:?}: {errors}");
    }
    assert_eq!(desk.listed(&[]), Vec::<serde_json::Value>::new());
}
