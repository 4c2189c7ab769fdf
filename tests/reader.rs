//! The application without a screen: commands and news in, state and effects out.

#![expect(clippy::unwrap_used, reason = "tests")]

#[path = "support/opening.rs"]
mod opening;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use earmark::audio::{AudioError, AudioSource, DeviceState, EngineCommand, EngineEvent, Loop, OutputDevice, Peaks};
use earmark::export::ExportFormat;
use earmark::format;
use earmark::library::{DocumentFiles, LibraryEvent, Place, Request, StoredDocument};
use earmark::notes::{Colour, Kind};
use earmark::reader::{
    Command, Effect, Event, Half, HowToRead, Panel, Picture, ReadFailure, ReadTranscript, Reader, ResumeRewind,
    Selection, Settings, SleepAfter, View,
};
use earmark::time::{CueTime, MediaSpan, MediaTime, TimeDelta};
use earmark::timing::Timing;
use earmark::transcript::{Chapter, CueId, Passage, TextPoint, Transcript};

const SRT: &str = "1\n00:00:01,000 --> 00:00:04,000\nAda: The first line is here.\n\n\
                   2\n00:00:04,000 --> 00:00:08,000\nAda: And the second follows it\n\n\
                   3\n00:00:08,500 --> 00:00:12,000\nBen: with a third, by Ben.\n\n\
                   4\n00:00:20,000 --> 00:00:24,000\nBen: After a pause, the last.\n";

fn secs(secs: f64) -> MediaTime {
    MediaTime::from_secs_f64(secs)
}

/// A reader with a document, and a library that answers every request at once.
struct Desk {
    reader: Reader,
    audio: Vec<EngineCommand>,
    requests: Vec<Request>,
    others: Vec<Effect>,
    generation: u64,
    answers: bool,
}

impl Desk {
    fn timeline(&self) -> &earmark::timing::Timeline {
        self.reader.document.as_ref().unwrap().timeline.as_ref().unwrap()
    }

    fn empty() -> Self {
        let mut desk = Self {
            reader: Reader::default(),
            audio: Vec::new(),
            requests: Vec::new(),
            others: Vec::new(),
            generation: 0,
            answers: true,
        };
        desk.news(opening::library_opens());
        desk
    }

    fn with(text: &str) -> Self {
        let mut desk = Self::empty();
        desk.open(text, None);
        desk
    }

    fn open(&mut self, text: &str, place: Option<Place>) {
        let document = StoredDocument {
            place,
            ..opening::new_document()
        };
        self.open_known(text, document);
    }

    fn open_known(&mut self, text: &str, document: StoredDocument) {
        self.run(Command::Open(vec![PathBuf::from(opening::TALK)]));
        for event in opening::news_of_opening(self.generation, text, document, 30.0) {
            self.news(event);
        }
    }

    fn run(&mut self, command: Command) {
        self.reader.run(command);
        self.settle();
    }

    fn news(&mut self, event: Event) {
        self.reader.take_in(event);
        self.settle();
    }

    fn settle(&mut self) {
        loop {
            let effects = self.reader.take_effects();
            if effects.is_empty() {
                return;
            }
            for effect in effects {
                match effect {
                    Effect::Audio(command) => self.audio.push(command),
                    Effect::Library(request) => {
                        let answer = opening::committed(&request);
                        self.requests.push(request);
                        if let (Some(answer), true) = (answer, self.answers) {
                            self.reader.take_in(answer);
                        }
                    }
                    Effect::ReadDocument { generation, .. } | Effect::ReadDemo { generation } => {
                        self.generation = generation;
                    }
                    other => self.others.push(other),
                }
            }
        }
    }

    fn at(&mut self, position: f64) {
        self.reader.tick(secs(position), Instant::now());
        self.settle();
    }

    fn tells(&self, text: &str) -> bool {
        self.reader.messages.iter().any(|message| message.text.contains(text))
    }

    fn last_seek(&self) -> Option<MediaTime> {
        self.audio.iter().rev().find_map(|command| {
            if let EngineCommand::Seek(to) = command {
                Some(*to)
            } else {
                None
            }
        })
    }

    fn marks(&self) -> Vec<(Kind, Colour, String, String)> {
        let marks = &self.reader.document.as_ref().unwrap().marks;
        let quote = |mark: &earmark::reader::Mark| mark.annotation.target.quote.clone().unwrap_or_default().exact;
        marks
            .iter()
            .map(|m| {
                (
                    m.annotation.kind,
                    m.annotation.colour,
                    quote(m),
                    m.annotation.text.clone(),
                )
            })
            .collect()
    }

    fn select(&mut self, cue: u32, from: u32, to: u32) {
        let passage = Passage {
            start: TextPoint::new(CueId(cue), from),
            end: TextPoint::new(CueId(cue), to),
        };
        self.run(Command::Select(Some(Selection::of(passage))));
    }
}

#[test]
fn opening_loads_the_sound_and_asks_the_library() {
    let desk = Desk::with(SRT);
    let loads = desk
        .audio
        .iter()
        .any(|command| matches!(command, EngineCommand::Load { .. }));
    assert!(loads, "{:?}", desk.audio);
    assert!(
        desk.requests
            .iter()
            .any(|request| matches!(request, Request::OpenDocument { .. }))
    );
    let document = desk.reader.document.as_ref().unwrap();
    assert_eq!(document.title, "talk");
    assert_eq!(document.timeline.as_ref().unwrap().transcript().speakers.len(), 2);
}

#[test]
fn late_answers_to_old_questions_are_dropped() {
    let mut desk = Desk::with(SRT);
    let old = desk.generation;
    desk.run(Command::Open(vec![PathBuf::from("/talks/other.srt")]));
    desk.news(Event::Found {
        generation: old,
        transcript: None,
        recording: Some(AudioSource::File("/x.mp3".into())),
    });
    assert!(desk.reader.document.as_ref().unwrap().source.is_none());
    assert_eq!(desk.reader.document.as_ref().unwrap().title, "other");
}

#[test]
fn cue_keys_walk_from_cue_to_cue() {
    let mut desk = Desk::with(SRT);
    for (at, command, goal) in [
        (0.0, Command::NextCue, 1.0),
        (1.0, Command::NextCue, 4.0),
        (6.0, Command::PreviousCue, 4.0),
        (4.2, Command::PreviousCue, 1.0),
        (15.0, Command::NextCue, 20.0),
        (15.0, Command::PreviousCue, 8.5),
        (9.0, Command::NextParagraph, 20.0),
        (9.0, Command::PreviousParagraph, 1.0),
    ] {
        desk.at(at);
        desk.run(command.clone());
        assert_eq!(desk.last_seek(), Some(secs(goal)), "{command:?} at {at}");
    }
}

#[test]
fn moves_stay_inside_the_recording() {
    let mut desk = Desk::with(SRT);
    desk.at(2.0);
    desk.run(Command::SkipBy(TimeDelta::from_millis(-10_000)));
    assert_eq!(desk.last_seek(), Some(MediaTime::ZERO));
    desk.run(Command::Seek(secs(999.0)));
    assert_eq!(desk.last_seek(), Some(secs(30.0)));
}

#[test]
fn play_waits_for_a_recording_that_is_looked_for() {
    let mut desk = Desk::empty();
    desk.run(Command::OpenDemo);
    desk.run(Command::Play);
    assert!(!desk.tells("no recording"));
    let (generation, transcript) = (desk.generation, None);
    let recording = Some(AudioSource::File("/demo.mp3".into()));
    desk.news(Event::Found {
        generation,
        transcript,
        recording,
    });
    let recording = Arc::new(opening::recording(30.0));
    desk.news(Event::Audio(EngineEvent::Loaded { generation, recording }));
    assert!(
        matches!(desk.audio.last(), Some(EngineCommand::Play)),
        "{:?}",
        desk.audio
    );
}

#[test]
fn recordings_are_made_equally_loud_where_one_likes() {
    let gain = |desk: &Desk| {
        desk.audio.iter().rev().find_map(|command| match command {
            EngineCommand::SetGain(gain) => Some(*gain),
            _ => None,
        })
    };
    let mut desk = Desk::with(SRT);
    assert_eq!(gain(&desk), Some(0.0));
    desk.run(Command::SetEvenLoudness(true));
    assert_eq!(gain(&desk), Some(0.0), "nobody knows how loud it is");
}

#[test]
fn jumps_can_be_taken_back() {
    let mut desk = Desk::with(SRT);
    desk.at(2.0);
    desk.run(Command::Seek(secs(21.0)));
    desk.run(Command::JumpBack);
    assert_eq!(desk.last_seek(), Some(secs(2.0)));
    desk.run(Command::JumpForward);
    assert_eq!(desk.last_seek(), Some(secs(21.0)));
}

#[test]
fn a_repeated_stretch_is_the_engines_to_repeat() {
    let told = |desk: &Desk| {
        desk.audio.iter().rev().find_map(|command| match command {
            EngineCommand::SetLoop(stretch) => Some(*stretch),
            _ => None,
        })
    };
    let mut desk = Desk::with(SRT);
    desk.run(Command::SetLoopTimes(3));
    desk.run(Command::SetLoopPause(1.5));
    desk.at(5.0);
    desk.run(Command::Play);
    desk.run(Command::LoopCue);
    let wanted = Loop {
        span: MediaSpan::new(secs(4.0), secs(8.0)),
        times: Some(3),
        pause: TimeDelta::from_millis(1_500),
    };
    assert_eq!(told(&desk), Some(Some(wanted)));
    let before = desk.last_seek();
    desk.at(8.01);
    assert_eq!(desk.last_seek(), before, "it is not sought about by the clock");
    desk.run(Command::LoopCue);
    assert!(desk.reader.playback.looping.is_none());
    assert_eq!(told(&desk), Some(None));
    // From here to there: whoever stands at its end is put at its start.
    desk.at(10.0);
    desk.run(Command::MarkLoop);
    desk.at(12.0);
    desk.run(Command::MarkLoop);
    assert_eq!(desk.last_seek(), Some(secs(10.0)));
    // A jump out of it is the wish to leave it.
    desk.run(Command::Seek(secs(1.0)));
    assert_eq!(told(&desk), Some(None));
}

#[test]
fn speed_moves_in_true_twentieths() {
    let mut desk = Desk::with(SRT);
    for _ in 0..20 {
        desk.run(Command::SpeedBy(0.05));
    }
    assert!((desk.reader.playback.speed - 2.0).abs() < f32::EPSILON);
    desk.run(Command::SpeedBy(5.0));
    assert!((desk.reader.playback.speed - 4.0).abs() < f32::EPSILON);
    desk.run(Command::SpeedBy(-5.0));
    assert!((desk.reader.playback.speed - 0.4).abs() < f32::EPSILON);
}

#[test]
fn a_highlight_shows_when_it_is_on_the_disk() {
    let mut desk = Desk::with(SRT);
    desk.answers = false;
    desk.select(0, 4, 14);
    desk.run(Command::Highlight(Colour::Green));
    assert_eq!(desk.marks(), []);
    let Some(Request::PutAnnotations { ticket, .. }) = desk.requests.last().cloned() else {
        panic!("{:?}", desk.requests)
    };
    desk.news(Event::Library(LibraryEvent::Committed { ticket }));
    assert_eq!(
        desk.marks(),
        [(Kind::Highlight, Colour::Green, "first line".to_owned(), String::new())]
    );
}

#[test]
fn what_could_not_be_kept_is_offered_again() {
    let mut desk = Desk::with(SRT);
    desk.at(2.0);
    desk.run(Command::WriteNote);
    desk.run(Command::SetDraftText("my words".to_owned()));
    desk.answers = false;
    desk.run(Command::SaveDraft);
    let Some(Request::PutAnnotations { ticket, .. }) = desk.requests.last().cloned() else {
        panic!("{:?}", desk.requests)
    };
    desk.news(Event::Library(LibraryEvent::Failed {
        ticket: Some(ticket),
        error: "disk full".to_owned(),
    }));
    assert_eq!(desk.reader.draft.as_ref().unwrap().annotation.text, "my words");
    assert!(
        desk.reader
            .messages
            .iter()
            .any(|message| message.text.contains("disk full"))
    );
}

#[test]
fn notes_are_written_changed_and_taken_back() {
    let mut desk = Desk::with(SRT);
    desk.at(9.0);
    desk.run(Command::Play);
    desk.run(Command::WriteNote);
    assert!(!desk.reader.playback.playing, "writing pauses");
    desk.run(Command::SetDraftText("Ask Ben".to_owned()));
    desk.run(Command::SetDraftTags("check, #ben,check".to_owned()));
    desk.run(Command::SaveDraft);
    let quote = "with a third, by Ben.".to_owned();
    assert_eq!(
        desk.marks(),
        [(Kind::Note, Colour::Yellow, quote.clone(), "Ask Ben".to_owned())]
    );
    assert_eq!(desk.reader.tags(), ["ben", "check"]);
    let id = desk.reader.chosen.unwrap();
    desk.run(Command::SetColour(id, Colour::Pink));
    desk.run(Command::DeleteNote(id));
    assert_eq!(desk.marks(), []);
    desk.run(Command::Undo);
    assert_eq!(
        desk.marks(),
        [(Kind::Note, Colour::Pink, quote.clone(), "Ask Ben".to_owned())]
    );
    desk.run(Command::Undo);
    assert_eq!(
        desk.marks(),
        [(Kind::Note, Colour::Yellow, quote, "Ask Ben".to_owned())]
    );
    desk.run(Command::Undo);
    assert_eq!(desk.marks(), []);
    desk.run(Command::Redo);
    assert_eq!(desk.marks().len(), 1);
}

#[test]
fn an_empty_new_note_is_no_note() {
    let mut desk = Desk::with(SRT);
    desk.at(2.0);
    desk.run(Command::WriteNote);
    desk.run(Command::SaveDraft);
    assert_eq!(desk.marks(), []);
}

#[test]
fn what_is_being_written_survives_the_documents_end() {
    let mut desk = Desk::with(SRT);
    desk.at(2.0);
    desk.run(Command::WriteNote);
    desk.run(Command::SetDraftText("nearly lost".to_owned()));
    desk.run(Command::CloseDocument);
    let kept = desk.requests.iter().any(|request| {
        matches!(request, Request::PutAnnotations { annotations, .. } if annotations[0].text == "nearly lost")
    });
    assert!(kept);
}

#[test]
fn the_last_twenty_seconds_can_be_captured() {
    let mut desk = Desk::with(SRT);
    desk.at(21.0);
    desk.run(Command::CaptureLast);
    let marks = desk.marks();
    assert!(
        marks[0].2.starts_with("The first line") && marks[0].2.ends_with("the last."),
        "{marks:?}"
    );
}

#[test]
fn the_same_words_take_the_new_colour_instead_of_a_second_mark() {
    let mut desk = Desk::with(SRT);
    desk.at(5.0);
    desk.run(Command::Highlight(Colour::Blue));
    desk.run(Command::Highlight(Colour::Violet));
    assert_eq!(desk.marks().len(), 1);
    assert_eq!(desk.marks()[0].1, Colour::Violet);
}

/// Where one was so many seconds ago.
fn place(away: i64) -> Place {
    Place {
        position: secs(10.0),
        speed: 1.5,
        view: "lines".to_owned(),
        scroll: (2, 3.0),
        timing: Timing::shifted(TimeDelta::from_millis(200)),
        length: Some(secs(30.0)),
        at: jiff::Timestamp::now() - jiff::SignedDuration::from_secs(away),
    }
}

#[test]
fn a_document_is_taken_up_where_it_was_left() {
    let mut desk = Desk::empty();
    desk.open(SRT, Some(place(3600)));
    assert_eq!(
        desk.reader.playback.position,
        secs(1.2),
        "some seconds back after an hour, to the start of the cue"
    );
    assert_eq!(desk.reader.settings.view, View::Lines);
    assert!((desk.reader.playback.speed - 1.5).abs() < f32::EPSILON);
    assert_eq!(
        desk.reader.document.as_ref().unwrap().timing().offset,
        TimeDelta::from_millis(200)
    );
    assert!(desk.reader.messages.iter().any(|message| message.text.contains("0:01")));
    let mut desk = Desk::empty();
    desk.open(SRT, Some(place(5)));
    assert_eq!(desk.reader.playback.position, secs(10.0), "no step back after a moment");
}

/// Plays to `at`, pauses, and plays on after so many seconds; where the sound is sent to, if anywhere.
fn played_on(desk: &mut Desk, at: f64, pause: u64) -> Option<MediaTime> {
    let began = Instant::now();
    desk.run(Command::Play);
    desk.reader.tick(secs(at), began);
    desk.run(Command::Pause);
    desk.audio.clear();
    desk.reader.tick(secs(at), began + Duration::from_secs(pause));
    desk.run(Command::TogglePlay);
    assert!(matches!(desk.audio.last(), Some(EngineCommand::Play)));
    desk.last_seek()
}

#[test]
fn playing_on_goes_back_by_the_length_of_the_pause() {
    for (at, pause, to) in [
        (10.0, 3, None),
        (11.0, 30, Some(8.5)),
        (10.0, 30, Some(8.5)),
        (9.0, 30, Some(4.0)),
        (23.0, 600, Some(20.0)),
        (21.0, 30, Some(20.0)),
        (20.5, 86_400, Some(4.0)),
        (1.5, 86_400, Some(1.0)),
        (0.5, 86_400, Some(0.0)),
    ] {
        let mut desk = Desk::with(SRT);
        assert_eq!(played_on(&mut desk, at, pause), to.map(secs), "{at} after {pause} s");
    }
}

#[test]
fn playing_on_goes_back_as_one_likes() {
    let mut desk = Desk::with(SRT);
    desk.run(Command::SetResumeRewind(ResumeRewind::Off));
    assert_eq!(played_on(&mut desk, 10.0, 4_000), None);
    desk.run(Command::SetResumeRewind(ResumeRewind::Fixed(5.0)));
    assert_eq!(
        played_on(&mut desk, 17.0, 1),
        Some(secs(12.0)),
        "in a gap, as far as said"
    );
    let kept = desk.requests.iter().rev().find_map(|request| match request {
        Request::PutSetting { key, value } if key == "resume_rewind" => Some(value.as_str()),
        _ => None,
    });
    assert_eq!(kept, Some("5"));
}

#[test]
fn playing_on_goes_back_to_the_start_of_a_timed_word() {
    let mut desk = Desk::with(SRT);
    let vtt = "WEBVTT\n\n00:01.000 --> 00:09.000\n<00:01.000>one <00:03.000>two <00:05.000>three <00:07.000>four\n";
    let generation = desk.generation;
    let read = opening::read_transcript(vtt, &format::Options::named(Some("vtt")));
    desk.news(Event::Transcript { generation, read });
    desk.run(Command::SetResumeRewind(ResumeRewind::Fixed(2.0)));
    assert_eq!(played_on(&mut desk, 7.5, 1), Some(secs(5.0)));
}

#[test]
fn a_place_chosen_during_a_pause_is_kept() {
    let mut desk = Desk::with(SRT);
    let began = Instant::now();
    desk.run(Command::Play);
    desk.reader.tick(secs(10.0), began);
    desk.run(Command::Pause);
    desk.run(Command::Seek(secs(22.0)));
    desk.audio.clear();
    desk.reader.tick(secs(22.0), began + Duration::from_hours(1));
    desk.run(Command::Play);
    assert_eq!(desk.last_seek(), None);
    // A repeated stretch is not left either.
    desk.reader.tick(secs(21.0), began + Duration::from_hours(1));
    desk.run(Command::LoopCue);
    desk.run(Command::Pause);
    desk.reader.tick(secs(21.0), began + Duration::from_hours(30));
    desk.run(Command::Play);
    assert_eq!(desk.last_seek(), Some(secs(20.0)));
}

/// The waveform of so many seconds, measured so far.
fn measured(desk: &Desk, seconds: usize, whole: bool) -> Event {
    Event::Peaks {
        generation: desk.generation,
        peaks: Arc::new(Peaks::of_samples(100, 1, &vec![0.0; seconds * 100])),
        done: 1.0,
        length: whole.then(|| secs(seconds as f64)),
    }
}

/// The numbers of the questions for gaps so far.
fn gap_questions(desk: &Desk) -> Vec<u64> {
    let questions = desk.others.iter().filter_map(|effect| match effect {
        Effect::FindGaps { number, .. } => Some(*number),
        _ => None,
    });
    questions.collect()
}

fn gaps(desk: &Desk, number: u64, stretches: &[(f64, f64)]) -> Event {
    Event::Gaps {
        generation: desk.generation,
        number,
        stretches: stretches
            .iter()
            .map(|(a, b)| MediaSpan::new(secs(*a), secs(*b)))
            .collect(),
    }
}

#[test]
fn gaps_are_skipped_when_one_likes() {
    let mut desk = Desk::with(SRT);
    desk.news(measured(&desk, 30, true));
    assert!(gap_questions(&desk).is_empty(), "nobody wants to know");
    desk.run(Command::ToggleSkipGaps);
    let asked = gap_questions(&desk);
    desk.news(gaps(&desk, asked[0], &[(12.25, 19.75), (24.25, 30.0)]));
    desk.at(12.0);
    desk.run(Command::Play);
    assert_eq!(desk.reader.until_gap(), Some(TimeDelta::from_millis(250)));
    desk.audio.clear();
    desk.at(12.2);
    assert_eq!(desk.last_seek(), None);
    desk.at(12.26);
    assert_eq!(
        (desk.last_seek(), desk.reader.playback.position),
        (Some(secs(19.75)), secs(19.75))
    );
    desk.at(25.0);
    assert_eq!(desk.last_seek(), Some(secs(30.0)), "after the last cue, to the end");
    desk.audio.clear();
    desk.run(Command::JumpBack);
    assert_eq!(desk.last_seek(), None, "not a jump to take back");
    // Paused, repeated or played in full, a gap is a place like any other.
    desk.run(Command::Pause);
    desk.at(13.0);
    desk.run(Command::SetResumeRewind(ResumeRewind::Off));
    desk.run(Command::MarkLoop);
    desk.at(18.0);
    desk.run(Command::MarkLoop);
    desk.run(Command::Play);
    desk.audio.clear();
    desk.at(14.0);
    desk.run(Command::MarkLoop);
    desk.run(Command::ToggleSkipGaps);
    desk.at(15.0);
    assert_eq!((desk.last_seek(), desk.reader.until_gap()), (None, None));
}

#[test]
fn gaps_are_looked_for_once_for_each_text_and_waveform() {
    let mut desk = Desk::with(SRT);
    desk.run(Command::ToggleSkipGaps);
    for seconds in [8, 9, 11, 12, 13, 14] {
        desk.news(measured(&desk, seconds, false));
    }
    assert_eq!(gap_questions(&desk), [1, 2, 3], "at 8, 11 and 14 seconds");
    desk.news(measured(&desk, 30, true));
    desk.run(Command::NextCue);
    assert_eq!(gap_questions(&desk), [1, 2, 3, 4]);
    desk.news(gaps(&desk, 4, &[(12.25, 19.75)]));
    desk.run(Command::Play);
    desk.run(Command::ShiftTranscript(TimeDelta::from_millis(5_000)));
    assert_eq!(gap_questions(&desk).len(), 5);
    desk.news(gaps(&desk, 4, &[(12.25, 19.75)]));
    desk.audio.clear();
    desk.at(13.0);
    assert_eq!(desk.last_seek(), None, "where the text was before");
    desk.news(gaps(&desk, 5, &[(0.0, 5.75)]));
    desk.at(1.0);
    assert_eq!(desk.last_seek(), Some(secs(5.75)), "before the first cue");
}

fn last_volume(desk: &Desk) -> Option<f32> {
    desk.audio.iter().rev().find_map(|command| match command {
        EngineCommand::SetVolume(volume) => Some(*volume),
        _ => None,
    })
}

#[test]
fn the_sleep_timer_fades_out_and_pauses() {
    let mut desk = Desk::with(SRT);
    let began = Instant::now();
    let after = |secs: u64| began + Duration::from_secs(secs);
    desk.reader.tick(secs(1.0), began);
    desk.run(Command::Sleep(Some(SleepAfter::Minutes(5))));
    desk.run(Command::Play);
    assert_eq!(desk.reader.sleep_left(), Some(Duration::from_mins(5)));
    assert_eq!(
        desk.reader.until_sleep(),
        Some(Duration::from_mins(1)),
        "the minutes shown"
    );
    desk.audio.clear();
    desk.reader.tick(secs(5.0), after(289));
    desk.settle();
    assert_eq!(last_volume(&desk), None);
    assert_eq!(desk.reader.until_sleep(), Some(Duration::from_secs(1)), "the fading");
    desk.reader.tick(secs(6.0), after(295));
    desk.settle();
    assert!((last_volume(&desk).unwrap() - 0.4).abs() < 1e-6, "half of 0.8");
    assert_eq!(desk.reader.until_sleep(), Some(Duration::from_millis(250)));
    // What is left of a pause meanwhile is not heard faintly.
    desk.run(Command::Pause);
    desk.reader.tick(secs(6.0), after(296));
    desk.settle();
    assert!((last_volume(&desk).unwrap() - 0.8).abs() < 1e-6);
    desk.run(Command::Play);
    desk.reader.tick(secs(7.0), after(300));
    desk.settle();
    assert!(!desk.reader.playback.playing);
    assert!(desk.audio.iter().any(|command| matches!(command, EngineCommand::Pause)));
    assert!(desk.tells("sleep timer"));
    assert_eq!((desk.reader.sleeps_after(), desk.reader.until_sleep()), (None, None));
    desk.run(Command::Play);
    assert!((last_volume(&desk).unwrap() - 0.8).abs() < 1e-6);
    assert!(!desk.tells("sleep timer"));
}

#[test]
fn the_sleep_timer_runs_out_quietly_where_nothing_plays() {
    let mut desk = Desk::with(SRT);
    let began = Instant::now();
    desk.reader.tick(secs(1.0), began);
    desk.run(Command::Sleep(Some(SleepAfter::Minutes(10))));
    desk.reader.tick(secs(1.0), began + Duration::from_secs(30));
    assert_eq!(desk.reader.until_sleep(), Some(Duration::from_secs(30)));
    desk.reader.tick(secs(1.0), began + Duration::from_mins(11));
    assert_eq!(desk.reader.sleeps_after(), None);
    assert!(!desk.tells("sleep timer"));
    desk.run(Command::Sleep(Some(SleepAfter::Minutes(10))));
    desk.run(Command::Sleep(None));
    assert_eq!(desk.reader.until_sleep(), None);
    desk.run(Command::Sleep(Some(SleepAfter::Chapter)));
    assert_eq!(desk.reader.sleeps_after(), None);
    assert!(desk.tells("chapters"), "there are none");
}

#[test]
fn the_sleep_timer_waits_for_the_end_of_the_chapter() {
    let mut desk = Desk::with(SRT);
    let chapters = [(0.0, "One"), (12.0, "Two"), (20.0, "Three")];
    let recording = opening::recording_in_chapters(30.0, &chapters);
    desk.news(opening::loaded(desk.generation, recording));
    desk.at(3.0);
    desk.run(Command::Play);
    desk.run(Command::Sleep(Some(SleepAfter::Chapter)));
    desk.at(4.0);
    assert_eq!(
        (desk.reader.sleep_left(), desk.reader.until_sleep()),
        (None, Some(Duration::from_millis(250)))
    );
    desk.audio.clear();
    desk.at(7.0);
    assert!(
        (last_volume(&desk).unwrap() - 0.4).abs() < 1e-6,
        "five of ten seconds are left"
    );
    desk.run(Command::Seek(secs(13.0)));
    desk.at(13.1);
    assert!(desk.reader.playback.playing, "jumped over, not played to its end");
    desk.at(19.99);
    assert!(desk.reader.playback.playing);
    desk.at(20.01);
    assert!(!desk.reader.playback.playing);
    desk.run(Command::Sleep(Some(SleepAfter::Chapter)));
    desk.run(Command::Play);
    desk.news(Event::Audio(EngineEvent::Ended));
    assert_eq!(desk.reader.sleeps_after(), None, "the last one ends with the recording");
}

#[test]
fn the_machine_stays_awake_while_it_sounds() {
    let mut desk = Desk::with(SRT);
    let asked = |desk: &Desk| -> Vec<bool> {
        let effects = desk.others.iter().filter_map(|effect| match effect {
            Effect::KeepAwake(on) => Some(*on),
            _ => None,
        });
        effects.collect()
    };
    desk.run(Command::Play);
    assert!(asked(&desk).is_empty(), "nothing is heard yet");
    desk.news(Event::Audio(EngineEvent::Playing));
    desk.run(Command::Seek(secs(9.0)));
    assert_eq!(asked(&desk), [true]);
    desk.run(Command::Pause);
    desk.news(Event::Audio(EngineEvent::Paused));
    assert_eq!(asked(&desk), [true, false]);
    for end in [
        EngineEvent::Ended,
        EngineEvent::Paused,
        EngineEvent::Device(DeviceState::Missing("gone".to_owned())),
    ] {
        desk.others.clear();
        desk.run(Command::Play);
        desk.news(Event::Audio(EngineEvent::Playing));
        desk.news(Event::Audio(end));
        assert_eq!(asked(&desk), [true, false]);
    }
    desk.others.clear();
    desk.run(Command::Play);
    desk.news(Event::Audio(EngineEvent::Playing));
    desk.run(Command::CloseDocument);
    assert_eq!(asked(&desk), [true, false]);
}

#[test]
fn the_place_is_noted_while_playing_and_when_closing() {
    let mut desk = Desk::with(SRT);
    desk.run(Command::Play);
    desk.requests.clear();
    let began = Instant::now();
    desk.reader.tick(secs(3.0), began + Duration::from_secs(6));
    desk.reader.tick(secs(4.0), began + Duration::from_secs(7));
    desk.settle();
    let places = |desk: &Desk| {
        desk.requests
            .iter()
            .filter(|request| matches!(request, Request::PutPlace { .. }))
            .count()
    };
    assert_eq!(places(&desk), 1);
    desk.run(Command::CloseDocument);
    assert_eq!(places(&desk), 2);
}

#[test]
fn a_missing_device_pauses_and_says_so() {
    let mut desk = Desk::with(SRT);
    desk.run(Command::Play);
    desk.news(Event::Audio(EngineEvent::Device(DeviceState::Missing(
        "none found".to_owned(),
    ))));
    assert!(!desk.reader.playback.playing);
    assert!(matches!(desk.reader.playback.device, DeviceState::Missing(_)));
    desk.run(Command::Highlight(Colour::Yellow));
}

/// What the engine was told last of the delay, in milliseconds.
fn last_delay(desk: &Desk) -> Option<i64> {
    desk.audio.iter().rev().find_map(|command| match command {
        EngineCommand::SetDelay(delay) => Some(delay.as_micros() / 1_000),
        _ => None,
    })
}

#[test]
fn each_output_is_remembered_with_its_delay() {
    let output = |name: &str| OutputDevice {
        id: format!("pulse:{name}"),
        name: name.to_owned(),
    };
    let mut desk = Desk::with(SRT);
    desk.run(Command::Toggle(Panel::Settings));
    assert!(matches!(desk.audio.last(), Some(EngineCommand::ListOutputs)));
    desk.news(Event::Audio(EngineEvent::Outputs(vec![
        output("speakers"),
        output("phones"),
    ])));
    assert_eq!(desk.reader.playback.outputs.len(), 2);

    desk.news(Event::Audio(EngineEvent::PlaysOn(output("speakers"))));
    desk.run(Command::SetOutput(Some(output("phones"))));
    let chosen = desk.audio.iter().rev().find_map(|command| match command {
        EngineCommand::SetOutput(id) => Some(id.clone()),
        _ => None,
    });
    assert_eq!(chosen, Some(Some("pulse:phones".to_owned())));
    desk.news(Event::Audio(EngineEvent::PlaysOn(output("phones"))));
    desk.run(Command::SetDelay(180));
    assert_eq!(last_delay(&desk), Some(180));

    // The system plays elsewhere, and back; the other delay is kept.
    desk.news(Event::Audio(EngineEvent::PlaysOn(output("speakers"))));
    assert_eq!((last_delay(&desk), desk.reader.delay()), (Some(0), 0));
    desk.news(Event::Audio(EngineEvent::PlaysOn(output("phones"))));
    assert_eq!((last_delay(&desk), desk.reader.delay()), (Some(180), 180));

    // And all of it the next time.
    let settings: Vec<(String, String)> = desk
        .requests
        .iter()
        .filter_map(|request| match request {
            Request::PutSetting { key, value } => Some((key.clone(), value.clone())),
            _ => None,
        })
        .collect();
    let mut again = Settings::default();
    again.apply(&settings);
    assert_eq!(again.output, Some(output("phones")));
    assert_eq!(
        (again.delay_of("pulse:phones"), again.delay_of("pulse:speakers")),
        (180, 0)
    );
}

#[test]
fn a_recording_that_broke_can_be_opened_again() {
    let mut desk = Desk::with(SRT);
    let name = opening::TALK.to_owned();
    desk.news(Event::Audio(EngineEvent::Failed(AudioError::BreaksOff { name })));
    assert!(desk.tells("breaks off here"));
    let way_out = desk
        .reader
        .messages
        .last()
        .and_then(|message| message.actions.first().cloned());
    let both = [
        PathBuf::from(opening::TALK),
        PathBuf::from(opening::TALK).with_extension("mp3"),
    ];
    assert!(matches!(way_out, Some((_, Command::Open(files))) if files == both));
}

#[test]
fn search_counts_and_walks_round() {
    let mut desk = Desk::with(SRT);
    let transcript = Arc::clone(desk.timeline().transcript());
    let folded = Arc::new(earmark::transcript::Folded::new(&transcript));
    desk.news(Event::Folded {
        generation: desk.generation,
        folded,
    });
    desk.run(Command::Find);
    desk.run(Command::SetQuery("THE".to_owned()));
    assert_eq!(desk.reader.search.hits.len(), 3);
    assert_eq!(desk.reader.search.current, Some(0));
    desk.run(Command::FindPrevious);
    assert_eq!(desk.reader.search.current, Some(2));
    desk.run(Command::FindNext);
    assert_eq!(desk.reader.search.current, Some(0));
    assert!(!desk.reader.follow, "the view stays at the hit");
    desk.run(Command::Escape);
    assert!(desk.reader.search.hits.is_empty());
}

#[test]
fn copies_go_to_the_clipboard() {
    let mut desk = Desk::with(SRT);
    desk.select(2, 0, 12);
    desk.run(Command::Copy);
    desk.run(Command::CopyCitation);
    let copied: Vec<&String> = desk
        .others
        .iter()
        .filter_map(|effect| {
            if let Effect::Clipboard(text) = effect {
                Some(text)
            } else {
                None
            }
        })
        .collect();
    assert_eq!(
        copied,
        ["with a third", "\u{201c}with a third\u{201d} (Ben, talk, 0:08)"]
    );
}

#[test]
fn export_offers_a_name_beside_the_transcript() {
    let mut desk = Desk::with(SRT);
    desk.at(2.0);
    desk.run(Command::Highlight(Colour::Yellow));
    desk.run(Command::ExportNotes(ExportFormat::Markdown));
    let Some(Effect::ChooseTarget { name, folder, .. }) = desk.others.last() else {
        panic!("{:?}", desk.others)
    };
    assert_eq!(name, "talk notes.md");
    assert_eq!(folder.as_deref(), Some(std::path::Path::new("/talks")));
    desk.run(Command::ExportNotesTo(ExportFormat::Markdown, "/talks/out.md".into()));
    let Some(Effect::WriteFile { text, .. }) = desk.others.last() else {
        panic!("{:?}", desk.others)
    };
    assert!(text.contains("The first line is here."));
}

#[test]
fn a_dropped_recording_completes_a_transcript() {
    let mut desk = Desk::empty();
    desk.run(Command::Open(vec![PathBuf::from("/talks/talk.srt")]));
    let generation = desk.generation;
    desk.news(Event::Found {
        generation,
        transcript: Some("/talks/talk.srt".into()),
        recording: None,
    });
    let mut reader = std::mem::take(&mut desk.reader);
    reader.run(Command::Open(vec![PathBuf::from("/elsewhere/sound.wav")]));
    let effects = reader.take_effects();
    let found = effects.iter().find_map(|effect| match effect {
        Effect::ReadDocument {
            transcript, recording, ..
        } => Some((transcript.clone(), recording.clone())),
        _ => None,
    });
    assert_eq!(
        found,
        Some((Some("/talks/talk.srt".into()), Some("/elsewhere/sound.wav".into())))
    );
}

#[test]
fn an_export_never_overwrites_what_it_is_about() {
    let mut desk = Desk::with(SRT);
    desk.at(2.0);
    desk.run(Command::Highlight(Colour::Yellow));
    desk.others.clear();
    desk.news(Event::ChosenTarget(ExportFormat::WebVtt, "/talks/talk.srt".into()));
    let Some(Effect::WriteFile { keep, .. }) = desk.others.last() else {
        panic!("{:?}", desk.others)
    };
    assert_eq!(*keep, ["/talks/talk.srt", "/talks/talk.mp3"].map(PathBuf::from));
}

#[test]
fn an_export_of_the_demo_has_a_folder_too() {
    let mut desk = Desk::empty();
    desk.run(Command::OpenDemo);
    desk.run(Command::ExportNotes(ExportFormat::Csv));
    let Some(Effect::ChooseTarget { folder, .. }) = desk.others.last() else {
        panic!("{:?}", desk.others)
    };
    assert!(folder.as_ref().is_some_and(|folder| folder.is_absolute()), "{folder:?}");
}

#[test]
fn the_offer_to_undo_goes_when_it_would_undo_something_else() {
    let mut desk = Desk::with(SRT);
    desk.at(2.0);
    desk.run(Command::Highlight(Colour::Yellow));
    let id = desk.reader.chosen.unwrap();
    for next in [Command::Undo, Command::Highlight(Colour::Pink)] {
        desk.run(Command::DeleteNote(id));
        assert!(desk.tells("Note deleted"));
        desk.run(next);
        assert!(!desk.tells("Note deleted"), "{:?}", desk.reader.messages);
    }
}

fn failed_recording(generation: u64) -> Event {
    let error = AudioError::Empty {
        name: "talk.mp3".to_owned(),
    };
    Event::Audio(EngineEvent::LoadFailed { generation, error })
}

fn failed_transcript(generation: u64) -> Event {
    let failure = ReadFailure::Folder {
        name: "talk.srt".to_owned(),
    };
    Event::ReadFailed { generation, failure }
}

fn found(generation: u64, transcript: Option<&str>) -> Event {
    Event::Found {
        generation,
        transcript: transcript.map(PathBuf::from),
        recording: Some(AudioSource::File("/talks/talk.mp3".into())),
    }
}

#[test]
fn nothing_stays_open_when_nothing_could_be_opened() {
    let mut desk = Desk::empty();
    desk.run(Command::Open(vec![PathBuf::from("/talks/talk.mp3")]));
    let generation = desk.generation;
    desk.news(found(generation, None));
    let files = DocumentFiles::default();
    desk.news(Event::Identified { generation, files });
    desk.news(failed_recording(generation));
    assert!(desk.reader.document.is_none());
    assert!(desk.tells("There is no sound in this file"));
    let listed = |request: &Request| matches!(request, Request::OpenDocument { .. } | Request::PutPlace { .. });
    assert!(!desk.requests.iter().any(listed), "{:?}", desk.requests);
    // The next file is not taken for the half of something.
    desk.run(Command::Open(vec![PathBuf::from("/talks/other.srt")]));
    assert_eq!(desk.reader.document.as_ref().unwrap().title, "other");

    for recording_first in [true, false] {
        desk.run(Command::Open(vec![PathBuf::from("/talks/talk.srt")]));
        let generation = desk.generation;
        desk.news(found(generation, Some("/talks/talk.srt")));
        let mut failures = [failed_recording(generation), failed_transcript(generation)];
        if !recording_first {
            failures.reverse();
        }
        let [first, second] = failures;
        desk.news(first);
        assert!(desk.reader.document.is_some(), "the other half may still come");
        desk.news(second);
        assert!(desk.reader.document.is_none());
    }
}

#[test]
fn a_recording_whose_transcript_failed_can_be_given_another() {
    let mut desk = Desk::empty();
    desk.run(Command::Open(vec![PathBuf::from("/talks/talk.srt")]));
    let generation = desk.generation;
    desk.news(found(generation, Some("/talks/talk.srt")));
    desk.news(failed_transcript(generation));
    let document = desk.reader.document.as_ref().unwrap();
    assert_eq!(document.missing_half(), Some(Half::Transcript));
    assert_eq!(document.transcript_path, None);
}

#[test]
fn walking_from_cue_to_cue_takes_the_view_along() {
    let mut desk = Desk::with(SRT);
    for command in [
        Command::NextCue,
        Command::PreviousCue,
        Command::NextParagraph,
        Command::PreviousParagraph,
    ] {
        desk.run(Command::SetFollow(false));
        desk.run(command.clone());
        assert!(desk.reader.follow, "{command:?}");
    }
}

#[test]
fn opening_closes_dialogs() {
    let mut desk = Desk::with(SRT);
    desk.run(Command::Toggle(Panel::Settings));
    desk.run(Command::Open(vec![PathBuf::from("/talks/other.srt")]));
    assert!(!desk.reader.shows(Panel::Settings) && desk.reader.shows(Panel::Notes));
    assert_eq!(desk.reader.document.as_ref().unwrap().title, "other");
}

#[test]
fn dropped_files_find_their_halves_in_any_order() {
    for (paths, halves, left_out) in [
        (["a.srt", "b.srt", "c.mp3"], ("a.srt", "c.mp3"), Some("b.srt")),
        (["c.mp3", "b.srt", "a.srt"], ("b.srt", "c.mp3"), Some("a.srt")),
        (["a.srt", "c.mp3", "d.wav"], ("a.srt", "c.mp3"), Some("d.wav")),
        (["a.srt", "voice", "a.srt"], ("a.srt", "voice"), Some("a.srt")),
    ] {
        let mut reader = Reader::default();
        reader.run(Command::Open(paths.iter().map(PathBuf::from).collect()));
        let found = reader.take_effects().into_iter().find_map(|effect| match effect {
            Effect::ReadDocument {
                transcript, recording, ..
            } => Some((transcript, recording)),
            _ => None,
        });
        let wanted = (Some(PathBuf::from(halves.0)), Some(PathBuf::from(halves.1)));
        assert_eq!(found, Some(wanted), "{paths:?}");
        let told = reader.messages.first().map(|message| message.text.clone());
        assert_eq!(
            told.as_deref()
                .and_then(|text| text.split_once("left out: ")?.1.strip_suffix('.')),
            left_out,
            "{paths:?}"
        );
    }
}

#[test]
fn a_shifted_transcript_says_so_in_one_bar() {
    let mut desk = Desk::with(SRT);
    let shift = |millis| Command::ShiftTranscript(TimeDelta::from_millis(millis));
    desk.run(shift(-400));
    desk.run(shift(-100));
    assert_eq!(desk.reader.messages.len(), 1);
    assert!(desk.tells("heard 0.5 s earlier"), "{:?}", desk.reader.messages);
    let (label, reset) = desk.reader.messages[0].actions[0].clone();
    assert_eq!(label, "Reset");
    desk.run(reset);
    assert!(desk.reader.messages.is_empty());
    assert_eq!(desk.reader.document.as_ref().unwrap().timing().offset, TimeDelta::ZERO);
    desk.run(shift(100));
    assert!(desk.tells("heard 0.1 s later"));
}

/// Where a line of the open document is heard, in milliseconds.
fn line_heard(desk: &Desk, cue: u32) -> i64 {
    let timeline = desk.timeline();
    timeline.span(CueId(cue)).unwrap().start.as_micros() / 1_000
}

#[test]
fn a_line_that_is_spoken_now_takes_those_after_it_along() {
    let mut desk = Desk::with(SRT);
    // Nothing is selected: the line that begins nearest.
    desk.at(8.9);
    desk.run(Command::LineIsNow);
    assert_eq!(
        [0, 1, 2, 3].map(|cue| line_heard(&desk, cue)),
        [1_000, 4_000, 8_900, 20_400]
    );
    assert!(desk.tells("1 line held in its place"), "{:?}", desk.reader.messages);
    // The selected one, wherever one is; what is before stays.
    desk.select(3, 0, 5);
    desk.at(26.9);
    desk.run(Command::LineIsNow);
    assert_eq!([1, 2, 3].map(|cue| line_heard(&desk, cue)), [4_000, 8_900, 26_900]);
    // Six seconds more, or a tape that ran slower: the other reading is offered.
    let (label, other) = desk.reader.messages.last().unwrap().actions[0].clone();
    assert!(label.starts_with("Slower or faster"), "{label}");
    desk.run(other);
    assert_eq!([1, 2, 3].map(|cue| line_heard(&desk, cue)), [4_000, 8_900, 26_900]);
    let timeline = desk.timeline();
    let end = timeline.span(CueId(2)).unwrap().end.as_secs_f64();
    assert!((end - (8.9 + 3.5 * 18.0 / 11.5)).abs() < 1e-5, "{end}");

    // Everything is taken back in its order, notes between included.
    desk.run(Command::Highlight(Colour::Green));
    desk.run(Command::ShiftTranscript(TimeDelta::from_millis(100)));
    assert_eq!(line_heard(&desk, 0), 1_100);
    desk.run(Command::Undo);
    assert_eq!((line_heard(&desk, 0), desk.marks().len()), (1_000, 1));
    desk.run(Command::Undo);
    assert_eq!((line_heard(&desk, 3), desk.marks().len()), (26_900, 0));
    for _ in 0..3 {
        desk.run(Command::Undo);
    }
    assert_eq!(
        [0, 1, 2, 3].map(|cue| line_heard(&desk, cue)),
        [1_000, 4_000, 8_500, 20_000]
    );
    assert!(
        desk.reader
            .messages
            .iter()
            .all(|message| !message.text.contains("timed anew"))
    );
    for _ in 0..5 {
        desk.run(Command::Redo);
    }
    assert_eq!(
        (line_heard(&desk, 0), line_heard(&desk, 3), desk.marks().len()),
        (1_100, 27_000, 1)
    );
}

#[test]
fn what_only_the_recording_or_the_transcript_has_is_said_by_hand() {
    let mut desk = Desk::with(SRT);
    desk.run(Command::NotInTranscript);
    assert!(desk.tells("Mark the stretch first"));
    desk.at(6.0);
    desk.run(Command::MarkLoop);
    desk.at(10.0);
    desk.run(Command::MarkLoop);
    desk.run(Command::NotInTranscript);
    assert_eq!(desk.reader.playback.looping, None, "an advertisement is not repeated");
    assert_eq!(
        [0, 1, 2, 3].map(|cue| line_heard(&desk, cue)),
        [1_000, 4_000, 12_500, 24_000]
    );
    let lit = |desk: &Desk, at: f64| {
        let timeline = desk.timeline();
        timeline.primary(secs(at)).map(|cue| cue.0)
    };
    assert_eq!(
        [5.0, 7.0, 11.0, 13.0].map(|at| lit(&desk, at)),
        [Some(1), None, Some(1), Some(2)]
    );
    desk.at(7.0);
    assert_eq!(desk.reader.extra_now(), Some(MediaSpan::new(secs(6.0), secs(10.0))));

    desk.run(Command::Select(None));
    desk.run(Command::NotInRecording);
    assert!(desk.tells("Select the lines first"));
    desk.select(2, 0, 5);
    desk.run(Command::NotInRecording);
    assert_eq!(
        line_heard(&desk, 3),
        12_500,
        "the rest before the next line is missing as well"
    );
    let timeline = desk.timeline();
    assert_eq!([1, 2, 3].map(|cue| timeline.is_heard(CueId(cue))), [true, false, true]);

    // All of it is kept with the place, and holds the next time.
    let kept = desk.requests.iter().rev().find_map(|request| match request {
        Request::PutPlace { place, .. } => Some(place.clone()),
        _ => None,
    });
    let document = StoredDocument {
        place: kept,
        ..opening::new_document()
    };
    let mut again = Desk::empty();
    again.open_known(SRT, document);
    assert_eq!([0, 1, 3].map(|cue| line_heard(&again, cue)), [1_000, 4_000, 12_500]);
    again.run(Command::ResetTiming);
    assert_eq!(
        [0, 1, 2, 3].map(|cue| line_heard(&again, cue)),
        [1_000, 4_000, 8_500, 20_000]
    );
}

#[test]
fn one_dialog_at_a_time_and_escape_closes_it() {
    let mut desk = Desk::with(SRT);
    desk.run(Command::Toggle(Panel::Help));
    desk.run(Command::Toggle(Panel::Settings));
    assert!(!desk.reader.shows(Panel::Help) && desk.reader.shows(Panel::Settings) && desk.reader.shows(Panel::Notes));
    desk.run(Command::Escape);
    assert!(!desk.reader.shows(Panel::Settings) && desk.reader.shows(Panel::Notes));
}

#[test]
fn the_readme_shows_the_keys_that_are() {
    let readme = include_str!("../README.md");
    let shown = readme
        .split("<!-- keys -->")
        .nth(1)
        .and_then(|rest| rest.split("<!-- /keys -->").next())
        .unwrap();
    assert_eq!(shown.trim(), earmark::reader::keys_table().trim());
}

/// What the reader wants read again, and how.
fn asked_again(desk: &Desk) -> Option<HowToRead> {
    desk.others.iter().rev().find_map(|effect| match effect {
        Effect::ReadTranscript { how, .. } => Some(how.clone()),
        _ => None,
    })
}

#[test]
fn a_transcript_is_read_again_in_another_encoding_and_its_notes_stay() {
    let mut desk = Desk::with(SRT);
    desk.select(1, 0, 3);
    desk.run(Command::Highlight(Colour::Green));
    assert_eq!(desk.marks().len(), 1);
    let how = HowToRead {
        encoding: Some("windows-1251".to_owned()),
        ..HowToRead::default()
    };
    desk.run(Command::ReadAs(how.clone()));
    assert_eq!(asked_again(&desk), Some(how));
    // It fails: what was read before stays, and so do the notes.
    let failure = ReadFailure::Content {
        name: "talk.srt".to_owned(),
        source: format::ReadError::Empty,
    };
    let generation = desk.generation;
    desk.news(Event::ReadFailed { generation, failure });
    let document = desk.reader.document.as_ref().unwrap();
    assert!(document.timeline.is_some() && document.how == HowToRead::default());
    assert!(
        desk.reader
            .messages
            .iter()
            .any(|message| message.text.contains("talk.srt"))
    );
    let placing = desk.others.iter().rev().find_map(|effect| match effect {
        Effect::Place { annotations, .. } => Some(annotations.len()),
        _ => None,
    });
    assert_eq!(placing, Some(1), "the note finds its place again");
}

#[test]
fn a_transcript_is_read_as_it_was_the_last_time() {
    let how = HowToRead {
        format: Some(format::Format::TimedText),
        encoding: Some("windows-1251".to_owned()),
        raw: true,
        ..HowToRead::default()
    };
    let kept = |desk: &Desk| {
        desk.requests.iter().rev().find_map(|request| match request {
            Request::PutHowToRead { how, .. } => Some(how.clone()),
            _ => None,
        })
    };
    let mut desk = Desk::with(SRT);
    desk.run(Command::ReadAs(how.clone()));
    assert_eq!(kept(&desk), None, "nothing is kept before it went well");
    let again = |desk: &mut Desk| {
        let (generation, read) = (
            desk.generation,
            opening::read_transcript(SRT, &format::Options::default()),
        );
        desk.news(Event::Transcript { generation, read });
    };
    again(&mut desk);
    let text = kept(&desk).flatten().expect("how it was read is kept");
    assert_eq!(HowToRead::kept(Some(&text)), how);

    // It is opened again: how it was read is known with its notes, and it is read so.
    let mut desk = Desk::empty();
    let document = StoredDocument {
        how_to_read: Some(text),
        ..opening::new_document()
    };
    desk.open_known(SRT, document.clone());
    assert_eq!(asked_again(&desk), Some(how));
    again(&mut desk);
    assert_eq!(kept(&desk), None, "it is kept already");
    // As it seems best again: that is kept as well.
    desk.run(Command::ReadAs(HowToRead::default()));
    again(&mut desk);
    assert_eq!(kept(&desk), Some(None));
}

/// The text with chapters of its own, by second and title.
fn read_in_chapters(chapters: &[(f64, &str)]) -> ReadTranscript {
    let mut read = opening::read_transcript(SRT, &format::Options::default());
    let chapter = |&(start, title): &(f64, &str)| Chapter {
        start: CueTime::from_micros((start * 1e6) as i64),
        end: None,
        title: title.to_owned(),
    };
    let transcript = Transcript {
        outline: chapters.iter().map(chapter).collect(),
        ..(*read.transcript).clone()
    };
    read.transcript = Arc::new(transcript);
    read
}

fn outline(desk: &Desk) -> Vec<(MediaTime, String)> {
    let outline = &desk.reader.document.as_ref().unwrap().outline;
    let chapters = outline.chapters().iter();
    chapters.map(|c| (c.start, c.title.clone())).collect()
}

#[test]
fn the_recordings_chapters_win_over_the_transcripts() {
    let mut desk = Desk::with(SRT);
    assert!(outline(&desk).is_empty());
    let generation = desk.generation;
    let read = read_in_chapters(&[(0.0, "Text one"), (8.5, "")]);
    desk.news(Event::Transcript { generation, read });
    let of_text = [(secs(0.0), "Text one".to_owned()), (secs(8.5), "Chapter 2".to_owned())];
    assert_eq!(outline(&desk), of_text);
    let silent = opening::recording(30.0);
    desk.news(opening::loaded(generation, silent));
    assert_eq!(outline(&desk), of_text, "a recording without chapters takes none away");
    let recording = opening::recording_in_chapters(30.0, &[(12.0, "Sound two"), (0.0, "Sound one")]);
    desk.news(opening::loaded(generation, recording));
    let of_sound = [
        (secs(0.0), "Sound one".to_owned()),
        (secs(12.0), "Sound two".to_owned()),
    ];
    assert_eq!(outline(&desk), of_sound);
    desk.run(Command::ShiftTranscript(TimeDelta::from_millis(500)));
    assert_eq!(
        outline(&desk),
        of_sound,
        "the recording's own do not move with the text"
    );
}

#[test]
fn the_transcripts_chapters_are_where_they_are_heard() {
    let mut desk = Desk::with(SRT);
    let generation = desk.generation;
    let read = read_in_chapters(&[(0.2, "One"), (8.5, "Two")]);
    desk.news(Event::Transcript { generation, read });
    desk.run(Command::ShiftTranscript(TimeDelta::from_millis(1_500)));
    let starts: Vec<MediaTime> = outline(&desk).into_iter().map(|(start, _)| start).collect();
    assert_eq!(starts, [secs(1.7), secs(10.0)]);
    desk.run(Command::NextChapter);
    desk.run(Command::NextChapter);
    assert_eq!(desk.last_seek(), Some(secs(10.0)));
    desk.run(Command::ShiftTranscript(TimeDelta::from_millis(-2_000)));
    let starts: Vec<MediaTime> = outline(&desk).into_iter().map(|(start, _)| start).collect();
    assert_eq!(starts, [secs(0.0), secs(8.0)], "none begins before the recording");

    // The shift that the library knows holds from the start.
    let mut desk = Desk::empty();
    let document = StoredDocument {
        place: Some(Place {
            timing: Timing::shifted(TimeDelta::from_millis(-500)),
            ..place(60)
        }),
        ..opening::new_document()
    };
    desk.open_known(SRT, document);
    let generation = desk.generation;
    let read = read_in_chapters(&[(8.5, "Two")]);
    desk.news(Event::Transcript { generation, read });
    assert_eq!(outline(&desk), [(secs(8.0), "Two".to_owned())]);
}

#[test]
fn chapter_keys_walk_from_chapter_to_chapter() {
    let mut desk = Desk::with(SRT);
    let chapters = [(2.0, "One"), (10.0, "Two"), (20.0, "Three")];
    desk.news(opening::loaded(
        desk.generation,
        opening::recording_in_chapters(30.0, &chapters),
    ));
    for (at, command, goal) in [
        (0.0, Command::NextChapter, 2.0),
        (2.0, Command::NextChapter, 10.0),
        (15.0, Command::NextChapter, 20.0),
        (15.0, Command::PreviousChapter, 10.0),
        (12.9, Command::PreviousChapter, 2.0),
        (10.0, Command::PreviousChapter, 2.0),
        (4.0, Command::PreviousChapter, 0.0),
    ] {
        desk.at(at);
        desk.run(Command::SetFollow(false));
        desk.run(command.clone());
        assert_eq!(desk.last_seek(), Some(secs(goal)), "{command:?} at {at}");
        assert!(desk.reader.follow);
    }
    desk.at(25.0);
    let asked = desk.audio.len();
    desk.run(Command::NextChapter);
    assert_eq!(desk.audio.len(), asked, "after the last there is none");
    desk.at(14.0);
    desk.run(Command::NextChapter);
    desk.run(Command::PreviousChapter);
    desk.run(Command::JumpBack);
    desk.run(Command::JumpBack);
    assert_eq!(
        desk.last_seek(),
        Some(secs(14.0)),
        "a chapter is a jump one can go back from"
    );
}

#[test]
fn without_chapters_the_keys_say_so() {
    for command in [
        Command::NextChapter,
        Command::PreviousChapter,
        Command::Toggle(Panel::Outline),
    ] {
        let mut desk = Desk::with(SRT);
        let asked = desk.audio.len();
        desk.run(command);
        assert!(desk.tells("chapters"));
        assert_eq!(desk.audio.len(), asked);
        assert!(!desk.reader.shows(Panel::Outline));
    }
    let mut desk = Desk::empty();
    desk.run(Command::Toggle(Panel::Outline));
    assert!(desk.reader.messages.is_empty() && !desk.reader.shows(Panel::Outline));
}

#[test]
fn the_outline_is_closed_by_its_key_and_by_escape() {
    let mut desk = Desk::with(SRT);
    let recording = opening::recording_in_chapters(30.0, &[(0.0, "One")]);
    desk.news(opening::loaded(desk.generation, recording));
    desk.run(Command::Toggle(Panel::Outline));
    assert!(desk.reader.shows(Panel::Outline) && desk.reader.shows(Panel::Notes));
    assert!(!desk.reader.has_dialog());
    desk.run(Command::Toggle(Panel::Help));
    assert!(desk.reader.shows(Panel::Outline), "a dialog leaves it");
    desk.run(Command::Escape);
    desk.run(Command::Escape);
    assert!(!desk.reader.shows(Panel::Outline));
    // In a narrow window it lies over the text, and so would the notes.
    desk.run(Command::Narrowed(true));
    desk.run(Command::Toggle(Panel::Notes));
    desk.run(Command::Toggle(Panel::Outline));
    assert!(desk.reader.shows(Panel::Outline) && !desk.reader.shows(Panel::Notes));
    desk.run(Command::CloseDocument);
    assert!(!desk.reader.shows(Panel::Outline));
}

#[test]
fn a_recording_calls_itself_by_its_tags() {
    let mut desk = Desk::with(SRT);
    let told = |desk: &Desk| desk.reader.document.as_ref().unwrap().told.clone();
    assert_eq!((told(&desk).title, told(&desk).artist), (None, None));
    let tag = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    let recording = earmark::audio::Recording {
        tags: vec![
            tag("title", " The\nlong way "),
            tag("artist", " \t"),
            tag("album_artist", "Ada"),
        ],
        ..opening::recording(30.0)
    };
    desk.news(opening::loaded(desk.generation, recording));
    assert_eq!(told(&desk).title.as_deref(), Some("The long way"));
    assert_eq!(told(&desk).artist.as_deref(), Some("Ada"));
    let document = desk.reader.document.as_ref().unwrap();
    assert_eq!(document.title, "talk", "exports and the library go by the file");
    assert_eq!(desk.reader.file_names(), ["talk.srt", "talk.mp3"]);
}

#[test]
fn a_picture_is_looked_for_once_the_recording_is_open() {
    let mut desk = Desk::with(SRT);
    let looked = |desk: &Desk| {
        let is_look = |effect: &&Effect| matches!(effect, Effect::FindCover { .. });
        desk.others.iter().filter(is_look).count()
    };
    assert_eq!(looked(&desk), 1);
    let picture = || {
        Arc::new(Picture {
            size: [1, 1],
            rgba: vec![0; 4],
        })
    };
    let generation = desk.generation - 1;
    desk.news(Event::Cover {
        generation,
        picture: picture(),
    });
    assert!(
        desk.reader.document.as_ref().unwrap().cover.is_none(),
        "of another document"
    );
    let generation = desk.generation;
    desk.news(Event::Cover {
        generation,
        picture: picture(),
    });
    assert!(desk.reader.document.as_ref().unwrap().cover.is_some());
}

/// A PNG that says it is so large, with this much of what it should hold.
fn png_of(width: u32, height: u32) -> Vec<u8> {
    let mut out = Vec::new();
    let small = image::RgbaImage::from_pixel(2, 2, image::Rgba([200, 40, 40, 255]));
    small
        .write_to(&mut std::io::Cursor::new(&mut out), image::ImageFormat::Png)
        .unwrap();
    // The header's chunk: 8 bytes of signature, length, name, then width and height, and a checksum at the end.
    out[16..20].copy_from_slice(&width.to_be_bytes());
    out[20..24].copy_from_slice(&height.to_be_bytes());
    let sum = crc32(&out[12..29]);
    out[29..33].copy_from_slice(&sum.to_be_bytes());
    out
}

fn crc32(bytes: &[u8]) -> u32 {
    let step = |mut crc: u32| {
        for _ in 0..8 {
            crc = (crc >> 1) ^ (0xEDB8_8320 * (crc & 1));
        }
        crc
    };
    !bytes.iter().fold(!0, |crc, byte| step(crc ^ u32::from(*byte)))
}

#[test]
fn a_broken_picture_is_none() {
    let whole = png_of(2, 2);
    let picture = Picture::decode(&whole).unwrap();
    assert_eq!((picture.size, &picture.rgba[..4]), ([2, 2], &[200, 40, 40, 255][..]));
    for (width, height) in [
        (0, 0),
        (0, 2),
        (1_000_000, 1_000_000),
        (u32::MAX, u32::MAX),
        (7_000, 7_000),
        (6_000, 6_000),
        (40_000_000, 1),
    ] {
        assert_eq!(Picture::decode(&png_of(width, height)), None, "{width} x {height}");
    }
    for length in 0..whole.len() {
        // A cut may fall behind the last pixel; then it is whole enough.
        drop(Picture::decode(&whole[..length]));
    }
    assert_eq!(Picture::decode(&whole[..40]), None);
    assert_eq!(Picture::decode(b"\xff\xd8\xff\xe0 no picture at all"), None);
    assert_eq!(Picture::decode(b""), None);
}

#[test]
fn a_large_picture_becomes_small() {
    for (width, height, size) in [(1_400, 700, [96, 48]), (50, 2_000, [2, 96]), (96, 20, [96, 20])] {
        let large = image::RgbImage::from_fn(width, height, |x, _| image::Rgb([(x % 256) as u8, 90, 160]));
        for kind in [image::ImageFormat::Png, image::ImageFormat::Jpeg] {
            let mut bytes = Vec::new();
            large.write_to(&mut std::io::Cursor::new(&mut bytes), kind).unwrap();
            let picture = Picture::decode(&bytes).unwrap();
            assert_eq!(picture.size, size, "{kind:?}");
            assert_eq!(picture.rgba.len(), size[0] * size[1] * 4);
        }
    }
}

#[test]
fn notes_follow_their_words_when_the_transcript_is_timed_anew() {
    let mut desk = Desk::with(SRT);
    desk.run(Command::Seek(MediaTime::from_millis(9_000)));
    desk.run(Command::Highlight(Colour::Yellow));
    let noted = |desk: &Desk| {
        let marks = &desk.reader.document.as_ref().unwrap().marks;
        marks.first().map(|mark| mark.annotation.target.time.start)
    };
    let before = noted(&desk).unwrap();
    desk.run(Command::Seek(before + TimeDelta::from_millis(10_000)));
    desk.run(Command::Select(None));
    let cue = desk.timeline().begun(before).unwrap();
    let transcript = std::sync::Arc::clone(desk.timeline().transcript());
    let passage = earmark::transcript::Passage::of_cue(&transcript, cue).unwrap();
    desk.run(Command::Select(Some(earmark::reader::Selection::of(passage))));
    desk.run(Command::LineIsNow);
    assert_eq!(noted(&desk), Some(before + TimeDelta::from_millis(10_000)));
    desk.run(Command::Undo);
    assert_eq!(noted(&desk), Some(before));
}
