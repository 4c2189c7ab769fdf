//! The fit, on recordings that are made up: not of sound but of what is known of it, the level of eight bands, which is
//! what the fit sees.
//!
//! Each letter is loud in bands of its own, words are as long as their letters, sentences end in rests of any length, and
//! everything is rough: levels, paces, rests.

use earmark::time::{CueSpan, CueTime, MediaTime};
use earmark::timing::TimeMap;
use earmark::timing::fit::{BANDS, Fit, LEVELS_PER_SEC, SURE_ENOUGH, Sign, fit, look, refined};
use earmark::transcript::{Cue, CueId, Transcript};

/// A simple generator, so that a failure can be repeated.
struct Dice(u64);

impl Dice {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % limit.max(1)
    }

    fn between(&mut self, from: f64, to: f64) -> f64 {
        from + (to - from) * self.below(1 << 20) as f64 / f64::from(1 << 20)
    }
}

type Levels = Vec<[u8; BANDS]>;

/// What somebody says: words with their times, and what that sounds like.
struct Talk {
    words: Vec<(f64, f64, String)>,
    levels: Levels,
}

fn speak(seed: u64, secs: f64) -> Talk {
    speak_at(seed, secs, (11.0, 18.0))
}

/// With so many letters a second, at least and at most.
fn speak_at(seed: u64, secs: f64, paces: (f64, f64)) -> Talk {
    let mut dice = Dice(seed);
    let (mut words, mut levels) = (Vec::new(), silence(&mut dice, 1.0));
    while (levels.len() as f64) < secs * LEVELS_PER_SEC as f64 {
        let count = 4 + dice.below(14);
        let pace = dice.between(paces.0, paces.1);
        for place in 0..count {
            let letters: String = (0..2 + dice.below(8))
                .map(|_| char::from(b'a' + (dice.below(26) * dice.below(26) / 26) as u8))
                .collect();
            let from = levels.len() as f64 / LEVELS_PER_SEC as f64;
            for letter in letters.bytes() {
                for _ in 0..(LEVELS_PER_SEC as f64 / pace).round() as usize {
                    levels.push(sound(letter, &mut dice));
                }
            }
            let to = levels.len() as f64 / LEVELS_PER_SEC as f64;
            // Sentences begin with a capital and end with a stop.
            let letters = if place == 0 { format!("A{letters}") } else { letters };
            let end = if place + 1 == count { "." } else { "" };
            words.push((from, to, format!("{letters}{end}")));
        }
        let rest = dice.between(0.05, 0.9);
        levels.extend(silence(&mut dice, rest));
    }
    Talk { words, levels }
}

/// A letter is loud in three bands that follow from it.
fn sound(letter: u8, dice: &mut Dice) -> [u8; BANDS] {
    let mut level = [0; BANDS];
    for (band, slot) in level.iter_mut().enumerate() {
        let loud = (usize::from(letter) * 7 + band * 5) % 8 < 3;
        *slot = (if loud { 150 } else { 105 } + dice.below(40)) as u8;
    }
    level
}

fn silence(dice: &mut Dice, secs: f64) -> Levels {
    let count = (secs * LEVELS_PER_SEC as f64) as usize;
    (0..count)
        .map(|_| [(); BANDS].map(|()| 60 + dice.below(30) as u8))
        .collect()
}

/// Captions of about ten words, each lasting to the next.
fn captions(talk: &Talk) -> Transcript {
    let cues = talk
        .words
        .chunks(10)
        .zip(talk.words.chunks(10).skip(1).map(Some).chain([None]));
    let cues = cues.map(|(words, next)| {
        let end = next.map_or(words[words.len() - 1].1, |next| next[0].0);
        cue(words[0].0, end, words)
    });
    Transcript {
        cues: cues.collect(),
        ..Transcript::default()
    }
}

fn cue(from: f64, to: f64, words: &[(f64, f64, String)]) -> Cue {
    let text: Vec<&str> = words.iter().map(|(_, _, word)| word.as_str()).collect();
    Cue {
        span: CueSpan::new(CueTime::from_secs_f64(from), CueTime::from_secs_f64(to)),
        speaker: None,
        text: text.join(" ").into(),
        given_words: Box::default(),
        origin: None,
    }
}

fn fitted(transcript: &Transcript, levels: &[[u8; BANDS]]) -> Fit {
    fit(transcript, levels, |_| true).expect("nobody ends it")
}

/// The share of cues that lie within so many seconds of where they are, for those that are anywhere.
fn right(fit: &Fit, transcript: &Transcript, heard: impl Fn(f64) -> Option<f64>, within: f64) -> f64 {
    let map = fit.timing().map();
    let (mut right, mut all) = (0, 0);
    for cue in &transcript.cues {
        let Some(there) = heard(cue.span.start.as_secs_f64()) else {
            assert!(!map.is_heard(cue.span.start), "{:?} is not in the recording", cue.span);
            continue;
        };
        all += 1;
        let off = map.media_from_cue(cue.span.start) - MediaTime::from_secs_f64(there);
        right += usize::from(map.is_heard(cue.span.start) && off.as_secs_f64().abs() <= within);
    }
    f64::from(right as u32) / f64::from(all)
}

/// Where the cue that begins nearest to a second does begin.
fn border(transcript: &Transcript, near: f64) -> f64 {
    let starts = transcript.cues.iter().map(|cue| cue.span.start.as_secs_f64());
    starts
        .min_by(|a, b| (a - near).abs().total_cmp(&(b - near).abs()))
        .expect("there are cues")
}

fn level(secs: f64) -> usize {
    (secs * LEVELS_PER_SEC as f64).round() as usize
}

#[test]
fn what_lies_where_it_says_is_left_there() {
    let talk = speak(1, 300.0);
    let transcript = captions(&talk);
    assert_eq!(look(&transcript, &talk.levels), Sign::InPlace);
    let fit = fitted(&transcript, &talk.levels);
    assert!(
        fit.belongs() && fit.cuts().is_empty() && fit.stretches.len() == 1,
        "{fit:?}"
    );
    assert!((fit.stretches[0].rate - 1.0).abs() < 1e-9);
    assert!(right(&fit, &transcript, Some, 0.1) > 0.99);
}

#[test]
fn what_begins_later_is_found_later() {
    for late in [7.3, 19.6] {
        let talk = speak(2, 200.0);
        let transcript = captions(&talk);
        let mut levels = silence(&mut Dice(9), late);
        levels.extend(&talk.levels);
        assert_eq!(look(&transcript, &levels), Sign::Elsewhere);
        let fit = fitted(&transcript, &levels);
        assert!(
            right(&fit, &transcript, |at| Some(at + late), 0.15) > 0.99,
            "{late}: {fit:?}"
        );
    }
}

#[test]
fn advertisements_are_found_between_the_cues() {
    let talk = speak(3, 600.0);
    let transcript = captions(&talk);
    let cuts = [border(&transcript, 150.0), border(&transcript, 400.0)];
    let mut levels = talk.levels.clone();
    for (cut, seed) in cuts.iter().zip([31, 32]).rev() {
        let spot = speak(seed, 40.0).levels;
        levels.splice(level(*cut)..level(*cut), spot[..level(40.0)].iter().copied());
    }
    assert_eq!(look(&transcript, &levels), Sign::Elsewhere);
    let fit = fitted(&transcript, &levels);
    let heard = |at: f64| Some(at + 40.0 * cuts.iter().filter(|cut| **cut <= at + 1e-6).count() as f64);
    assert!(fit.belongs());
    assert_eq!(fit.cuts().len(), 2, "{fit:?}");
    assert!(right(&fit, &transcript, heard, 0.15) > 0.96, "{fit:?}");
}

#[test]
fn what_was_left_out_is_known_not_to_be_there() {
    let talk = speak(4, 500.0);
    let transcript = captions(&talk);
    let (from, to) = (border(&transcript, 200.0), border(&transcript, 260.0));
    let mut levels = talk.levels.clone();
    levels.drain(level(from)..level(to));
    let fit = fitted(&transcript, &levels);
    let heard = |at: f64| match at {
        at if at + 1e-6 < from => Some(at),
        at if at + 1e-6 < to => None,
        at => Some(at - (to - from)),
    };
    assert!(right(&fit, &transcript, heard, 0.15) > 0.98, "{fit:?}");
}

#[test]
fn a_tape_that_runs_slower_is_told_its_pace() {
    for rate in [0.96, 1.001, 25.0 / 24.0] {
        let talk = speak(5, 400.0);
        let transcript = captions(&talk);
        let count = (talk.levels.len() as f64 * rate) as usize;
        let levels: Levels = (0..count).map(|at| talk.levels[(at as f64 / rate) as usize]).collect();
        let fit = fitted(&transcript, &levels);
        assert!((fit.stretches[0].rate - rate).abs() < 4e-4, "{rate}: {fit:?}");
        assert!(
            right(&fit, &transcript, |at| Some(at * rate), 0.15) > 0.98,
            "{rate}: {fit:?}"
        );
    }
}

#[test]
fn what_is_of_another_recording_is_said_to_be() {
    for seed in 0..6 {
        let (talk, other) = (speak(60 + seed, 240.0), speak(80 + seed, 240.0));
        let fit = fitted(&captions(&talk), &other.levels);
        assert!(!fit.belongs(), "{seed}: {fit:?}");
    }
}

#[test]
fn text_without_times_finds_its_sentences() {
    let talk = speak_at(7, 300.0, (12.0, 15.0));
    let text: Vec<&str> = talk.words.iter().map(|(_, _, word)| word.as_str()).collect();
    let options = earmark::format::Options::named(Some("txt"));
    let reading = earmark::format::read(text.join(" ").as_bytes(), &options).expect("it is text");
    assert!(reading.transcript.estimated);
    let fit = fitted(&reading.transcript, &talk.levels);
    assert!(fit.belongs(), "{}", fit.confidence);
    let map = fit.timing().map();
    let ends = |word: &&(f64, f64, String)| word.2.ends_with('.');
    let starts = talk
        .words
        .iter()
        .zip(talk.words.iter().skip(1))
        .filter(|(before, _)| ends(before));
    let starts: Vec<f64> = std::iter::once(talk.words[0].0)
        .chain(starts.map(|(_, word)| word.0))
        .collect();
    assert_eq!(starts.len(), reading.transcript.cues.len());
    let near = starts
        .iter()
        .zip(&reading.transcript.cues)
        .filter(|(start, cue)| (map.media_from_cue(cue.span.start).as_secs_f64() - *start).abs() < 1.0);
    assert!(near.count() * 10 >= starts.len() * 8);
}

#[test]
fn the_fit_tells_how_far_it_is_and_ends_when_it_is_told_to() {
    let talk = speak(8, 120.0);
    let mut told = Vec::new();
    let done = fit(&captions(&talk), &talk.levels, |done| {
        told.push(done);
        true
    });
    assert!(
        done.is_some() && told.windows(2).all(|pair| pair[0] <= pair[1] + 1e-6),
        "{told:?}"
    );
    assert!(told.iter().all(|done| (0.0..=1.0).contains(done)));
    for most in [0, 1, 5, told.len() - 1] {
        let mut left = most;
        let ended = fit(&captions(&talk), &talk.levels, |_| {
            left = left.saturating_sub(1);
            left > 0
        });
        assert!(ended.is_none(), "after {most}");
    }
}

#[test]
fn whatever_comes_the_map_that_comes_of_it_goes_on() {
    let talk = speak(9, 90.0);
    let good = captions(&talk);
    let one = Transcript {
        cues: good.cues[..1].to_vec(),
        ..Transcript::default()
    };
    let mut far = good.clone();
    for cue in far.cues.iter_mut().skip(3) {
        cue.span = CueSpan::new(CueTime::from_secs_f64(9e9), CueTime::from_secs_f64(9.1e9));
    }
    let mut early = good.clone();
    early.cues[0].span = CueSpan::new(CueTime::from_secs_f64(-50.0), CueTime::from_secs_f64(-49.0));
    // A hundred thousand people who all speak at once for a day.
    let mut crowd = good.clone();
    crowd.cues = vec![good.cues[0].clone(); 100_000];
    for cue in &mut crowd.cues {
        cue.span = CueSpan::new(CueTime::ZERO, CueTime::from_secs_f64(86_400.0));
    }
    let texts = [Transcript::default(), one, far, early, crowd, good];
    let sounds = [
        Vec::new(),
        vec![[0; BANDS]],
        vec![[0; BANDS]; 5_000],
        vec![[255; BANDS]; 5_000],
        talk.levels[..25].to_vec(),
        talk.levels.clone(),
    ];
    for text in &texts {
        for sound in &sounds {
            let fit = fitted(text, sound);
            let map = fit.timing().map();
            let mut last = MediaTime::from_secs_f64(-1e6);
            for at in -100..200 {
                let heard = map.media_from_cue(CueTime::from_secs_f64(f64::from(at)));
                assert!(heard >= last, "{at}: {heard:?} after {last:?}");
                last = heard;
            }
            look(text, sound);
            assert!(
                fit.stretches
                    .iter()
                    .all(|stretch| (0.0..=1.0).contains(&stretch.confidence))
            );
        }
    }
}

#[test]
fn what_is_not_sure_is_not_said_to_be() {
    let (talk, other) = (speak(10, 300.0), speak(11, 300.0));
    let transcript = captions(&talk);
    // Half of the recording is something else, as long.
    let cut = level(border(&transcript, 150.0));
    let mut levels = talk.levels[..cut].to_vec();
    levels.extend(&other.levels[cut..]);
    let fit = fitted(&transcript, &levels);
    let sure: f64 = fit
        .stretches
        .iter()
        .filter(|stretch| stretch.confidence >= SURE_ENOUGH)
        .map(|stretch| (stretch.to - stretch.from).as_secs_f64())
        .sum();
    assert!((120.0..190.0).contains(&sure), "{sure} of 300 s: {fit:?}");
    assert!(
        fit.belongs() && (0.35..0.7).contains(&fit.confidence),
        "{}",
        fit.confidence
    );
}

#[test]
fn words_without_times_are_found_in_their_cues() {
    let talk = speak(12, 300.0);
    let transcript = captions(&talk);
    let fit = fitted(&transcript, &talk.levels);
    let find = |levels: &[[u8; BANDS]], map: &TimeMap| refined(&transcript, map, levels, || true);
    let refined = find(&talk.levels, &fit.timing().map()).expect("there is enough to learn from");
    let errors = |transcript: &Transcript| {
        let words = (0..)
            .take(transcript.cues.len())
            .flat_map(|cue| transcript.words(CueId(cue)).into_owned());
        let mut errors: Vec<f64> = words
            .zip(&talk.words)
            .map(|(word, (from, _, _))| (word.span.start.as_secs_f64() - from).abs())
            .collect();
        assert_eq!(errors.len(), talk.words.len());
        errors.sort_by(f64::total_cmp);
        errors[errors.len() / 2]
    };
    let (before, after) = (errors(&transcript), errors(&refined));
    assert!(after < 0.06 && after < 0.5 * before, "{before} s, then {after} s");
    for (cue, number) in refined.cues.iter().zip(0..) {
        let words = refined.words(CueId(number));
        assert_eq!(words.len(), transcript.words(CueId(number)).len());
        assert!(words.iter().all(|word| !word.given), "they are found, not given");
        assert!(words.windows(2).all(|pair| pair[0].span.end == pair[1].span.start));
        assert!(
            words
                .iter()
                .all(|word| word.span.start >= cue.span.start && word.span.end <= cue.span.end)
        );
    }
    // Where nothing can be learned nothing is made up.
    assert!(find(&talk.levels[..50], &fit.timing().map()).is_none());
}
