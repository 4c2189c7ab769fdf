//! The window, pressed by its accessible names; what it asks for is read from the reader's effects.

#![expect(clippy::unwrap_used, reason = "tests")]

#[path = "support/opening.rs"]
mod opening;

use std::fmt::Write as _;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use egui::{Key, Modifiers, Role};
use egui_kittest::Harness;
use egui_kittest::kittest::{NodeT as _, Queryable as _};

use earmark::audio::{DeviceState, EngineCommand, EngineEvent, OutputDevice};
use earmark::reader::{Command, Effect, Event, Panel, Picture, Reader, ResumeRewind, SleepAfter, View};
use earmark::time::{CueSpan, CueTime, MediaTime, TimeDelta};
use earmark::timing::fit::{Fit, Stretch};
use earmark::ui::{Window, install_theme};

const SRT: &str = "1\n00:00:01,000 --> 00:00:04,000\nAda: The first line is here.\n\n\
                   2\n00:00:04,000 --> 00:00:08,000\nBen: And the second follows it.\n\n\
                   3\n00:00:08,500 --> 00:00:12,000\nAda: With a third, by Ada.\n\n\
                   4\n00:00:12,500 --> 00:00:15,000\nBen: The end.\n";

/// Every panel that is a dialog.
const DIALOGS: [Panel; 6] = [
    Panel::Help,
    Panel::Settings,
    Panel::Palette,
    Panel::Export,
    Panel::GoToTime,
    Panel::Repairs,
];

/// The window and its reader; the library answers at once, the sound is told where it is.
struct Desk {
    window: Window,
    reader: Reader,
    audio: Vec<EngineCommand>,
    clipboard: Vec<String>,
    chose_files: usize,
    asked_for: Vec<PathBuf>,
    written: Vec<PathBuf>,
    listed: Vec<PathBuf>,
    generation: u64,
    /// The fits that were asked for: the number and the document's.
    fits: Vec<(u64, u64)>,
    /// The number of the quick look that was asked for.
    signs: u64,
}

impl Desk {
    fn new() -> Self {
        let mut desk = Self {
            window: Window::default(),
            reader: Reader::default(),
            audio: Vec::new(),
            clipboard: Vec::new(),
            chose_files: 0,
            asked_for: Vec::new(),
            written: Vec::new(),
            listed: Vec::new(),
            generation: 0,
            fits: Vec::new(),
            signs: 0,
        };
        desk.reader.take_in(opening::library_opens());
        desk.settle();
        desk
    }

    fn open(text: &str, view: View) -> Self {
        let mut desk = Self::new();
        desk.reader.run(Command::SetView(view));
        desk.reader.run(Command::Open(vec![PathBuf::from(opening::TALK)]));
        desk.settle();
        for event in opening::news_of_opening(desk.generation, text, opening::new_document(), 120_000.0) {
            desk.news(event);
        }
        desk
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
                        if let Some(answer) = opening::committed(&request) {
                            self.reader.take_in(answer);
                        }
                    }
                    Effect::ReadDocument {
                        generation,
                        transcript,
                        recording,
                        ..
                    } => {
                        self.generation = generation;
                        self.asked_for = transcript.into_iter().chain(recording).collect();
                    }
                    Effect::ReadDemo { generation } => self.generation = generation,
                    Effect::ListFolder(folder) => self.listed.push(folder),
                    Effect::WriteFile { path, .. } => self.written.push(path),
                    Effect::Clipboard(text) => self.clipboard.push(text),
                    Effect::LookForSigns { number, .. } => self.signs = number,
                    Effect::Fit { generation, number, .. } => self.fits.push((number, generation)),
                    Effect::ChooseFiles => self.chose_files += 1,
                    _ => {}
                }
            }
        }
    }

    fn frame(&mut self, ui: &mut egui::Ui) {
        let position = self.reader.playback.position;
        self.reader.tick(position, Instant::now());
        let (mut commands, mut events) = (Vec::new(), Vec::new());
        self.window.ui(ui, &self.reader, &mut commands, &mut events);
        let changed = commands.iter().any(|command| !matches!(command, Command::Scrolled(..)));
        for command in commands {
            self.reader.run(command);
        }
        for event in events {
            self.reader.take_in(event);
        }
        self.settle();
        if changed {
            ui.ctx().request_repaint();
        }
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
}

fn harness(desk: Desk, size: [f32; 2]) -> Harness<'static, Desk> {
    let mut harness = Harness::builder()
        .with_size(size)
        .with_max_steps(12)
        .with_theme(egui::Theme::Light)
        .with_context_setup(install_theme)
        .build_ui_state(|ui, desk: &mut Desk| desk.frame(ui), desk);
    harness.run();
    harness
}

fn open(view: View) -> Harness<'static, Desk> {
    harness(Desk::open(SRT, view), [1280.0, 800.0])
}

#[test]
fn a_click_on_a_line_moves_the_sound_there() {
    let mut h = open(View::Lines);
    h.get_by_label_contains("With a third").click();
    h.run();
    let seek = h.state().last_seek().unwrap();
    assert!(
        seek >= MediaTime::from_millis(8_500) && seek < MediaTime::from_millis(12_000),
        "{seek:?}"
    );
    assert!(!h.state().reader.playback.playing, "paused stays paused");
}

#[test]
fn a_click_on_a_paragraph_moves_the_sound_there() {
    let mut h = open(View::Reading);
    h.get_by_label_contains("And the second").click();
    h.run();
    let seek = h.state().last_seek().unwrap();
    assert!(
        seek >= MediaTime::from_millis(4_000) && seek < MediaTime::from_millis(8_000),
        "{seek:?}"
    );
}

#[test]
fn buttons_and_keys_ask_for_the_same() {
    let mut h = open(View::Reading);
    h.get_by_role_and_label(Role::Button, "Play").click();
    h.run();
    assert!(h.state().reader.playback.playing);
    h.key_press(Key::Space);
    h.run();
    assert!(!h.state().reader.playback.playing);
    h.key_press(Key::V);
    h.run();
    assert_eq!(h.state().reader.settings.view, View::Lines);
    h.get_by_role_and_label(Role::RadioButton, "Reading").click();
    h.run();
    assert_eq!(h.state().reader.settings.view, View::Reading);
    h.key_press(Key::CloseBracket);
    h.run();
    assert!((h.state().reader.playback.speed - 1.05).abs() < 1e-6);
}

#[test]
fn keys_typed_into_a_field_stay_there() {
    let mut h = open(View::Reading);
    h.key_press_modifiers(Modifiers::COMMAND, Key::F);
    h.run();
    h.get_by_label("Search in the transcript").type_text("k third v");
    h.run();
    assert_eq!(h.state().reader.search.query, "k third v");
    assert!(!h.state().reader.playback.playing);
    assert_eq!(h.state().reader.settings.view, View::Reading);
    h.key_press_modifiers(Modifiers::COMMAND, Key::Space);
    h.run();
    assert!(h.state().reader.playback.playing, "Ctrl+Space plays while typing");
}

#[test]
fn search_marks_as_you_type() {
    let mut h = open(View::Lines);
    h.key_press(Key::Slash);
    h.run();
    h.get_by_label("Search in the transcript").type_text("the");
    h.run();
    assert_eq!(h.state().reader.search.hits.len(), 3);
    h.get_by_label_contains("1 of 3");
    h.key_press(Key::F3);
    h.run();
    h.get_by_label_contains("2 of 3");
    h.key_press(Key::Escape);
    h.run();
    assert!(h.state().reader.search.query.is_empty());
}

#[test]
fn a_note_is_written_by_keyboard_alone() {
    let mut h = open(View::Lines);
    h.key_press(Key::ArrowDown);
    h.run();
    h.key_press(Key::N);
    h.run();
    h.get_by_label("Note text").type_text("remember this");
    h.run();
    h.key_press_modifiers(Modifiers::COMMAND, Key::Enter);
    h.run();
    let marks = &h.state().reader.document.as_ref().unwrap().marks;
    assert_eq!(marks.len(), 1);
    assert_eq!(marks[0].annotation.text, "remember this");
    assert!(
        h.query_all_by_label_contains("remember this").next().is_some(),
        "the card shows it"
    );
    h.key_press_modifiers(Modifiers::COMMAND, Key::Z);
    h.run();
    assert!(h.state().reader.document.as_ref().unwrap().marks.is_empty());
}

#[test]
fn dragging_marks_words_across_cues() {
    let mut h = open(View::Lines);
    let from = h.get_by_label_contains("The first line").rect();
    let to = h.get_by_label_contains("And the second").rect();
    h.drag_at(egui::pos2(from.min.x + 205.0, from.center().y));
    h.run();
    h.hover_at(egui::pos2(to.min.x + 300.0, to.center().y));
    h.run();
    h.drop_at(egui::pos2(to.min.x + 300.0, to.center().y));
    h.run();
    let selection = h.state().reader.selection.unwrap().passage();
    assert_eq!((selection.start.cue.0, selection.start.byte), (0, 0));
    assert_eq!(selection.end.cue.0, 1);
    h.event(egui::Event::Copy);
    h.run();
    assert!(
        h.state().clipboard[0].starts_with("The first line is here. And"),
        "{:?}",
        h.state().clipboard
    );
    h.key_press(Key::Num2);
    h.run();
    assert_eq!(h.state().reader.document.as_ref().unwrap().marks.len(), 1);
}

#[test]
fn the_window_comes_to_rest() {
    for view in [View::Reading, View::Lines] {
        let mut h = open(view);
        assert!(h.try_run().is_ok());
        for panel in DIALOGS {
            h.state_mut().reader.run(Command::Toggle(panel));
            h.run();
            h.key_press(Key::Escape);
            h.run();
            assert!(!h.state().reader.shows(panel), "{panel:?} closes with Escape");
        }
    }
}

#[test]
fn every_size_of_window_is_usable() {
    for size in [
        [640.0, 480.0],
        [700.0, 500.0],
        [960.0, 600.0],
        [1280.0, 800.0],
        [3840.0, 2160.0],
    ] {
        let mut h = harness(Desk::open(SRT, View::Reading), size);
        let window = egui::Rect::from_min_size(egui::Pos2::ZERO, size.into());
        for name in ["Play", "Menu", "Volume"]
            .into_iter()
            .take(if size[0] < 800.0 { 2 } else { 3 })
        {
            let label = h
                .query_all_by_label(name)
                .next()
                .unwrap_or_else(|| panic!("{name} at {size:?}"));
            assert!(
                window.contains_rect(label.rect()),
                "{name} at {size:?}: {:?}",
                label.rect()
            );
        }
        h.key_press(Key::V);
        h.run();
        h.get_by_label_contains("The first line");
    }
}

#[test]
fn a_hundred_thousand_cues_are_shown_and_scrolled() {
    let mut text = String::new();
    for i in 0..100_000_u32 {
        let (h, m, s) = (i / 3600, i / 60 % 60, i % 60);
        write!(
            text,
            "{}\n{h:02}:{m:02}:{s:02},000 --> {h:02}:{m:02}:{s:02},900\nCue number {i} says so.\n\n",
            i + 1
        )
        .unwrap();
    }
    let mut h = harness(Desk::open(&text, View::Lines), [1280.0, 800.0]);
    h.get_by_label_contains("Cue number 3 says");
    assert!(
        h.query_by_label_contains("Cue number 99 says").is_none(),
        "only what is in sight is built"
    );
    h.key_press(Key::End);
    h.run();
    h.get_by_label_contains("Cue number 99999 says");
    h.state_mut()
        .reader
        .run(Command::Seek(MediaTime::from_secs_f64(50_000.5)));
    h.state_mut().reader.run(Command::SetFollow(true));
    h.run();
    h.get_by_label_contains("Cue number 50000 says");
}

#[test]
fn follow_is_left_by_scrolling_and_taken_up_by_a_key() {
    let mut text = String::new();
    for i in 0..200 {
        write!(
            text,
            "{}\n00:{:02}:{:02},000 --> 00:{:02}:{:02},900\nLine {i} here.\n\n",
            i + 1,
            i / 60,
            i % 60,
            i / 60,
            i % 60
        )
        .unwrap();
    }
    let mut h = harness(Desk::open(&text, View::Lines), [1280.0, 800.0]);
    h.key_press(Key::PageDown);
    h.run();
    assert!(!h.state().reader.follow);
    h.get_by_label("Follow the voice");
    h.key_press(Key::C);
    h.run();
    assert!(h.state().reader.follow);
    h.get_by_label_contains("Line 0 here");
}

#[test]
fn a_missing_device_is_told_with_a_way_out() {
    let mut desk = Desk::open(SRT, View::Reading);
    desk.news(Event::Audio(EngineEvent::Device(DeviceState::Missing(
        "there is no sound device".to_owned(),
    ))));
    let mut h = harness(desk, [1280.0, 800.0]);
    h.get_by_label("There is no sound device");
    h.get_by_label("Look again").click();
    h.run();
    assert!(matches!(h.state().audio.last(), Some(EngineCommand::Play)));
}

#[test]
fn the_welcome_screen_opens_files() {
    let mut h = harness(Desk::new(), [1280.0, 800.0]);
    h.get_by_label("Open files…").click();
    h.run();
    assert_eq!(h.state().chose_files, 1);
    h.get_by_label("Listen to the demo").click();
    h.run();
    assert!(h.state().reader.document.as_ref().unwrap().demo);
}

#[test]
fn where_no_dialog_can_be_shown_a_path_is_typed() {
    let mut desk = Desk::new();
    desk.news(Event::NoDialog(earmark::reader::NoDialog::Open));
    let mut h = harness(desk, [1280.0, 800.0]);
    h.get_by_label("Path").type_text("/talks/other.srt");
    h.run();
    h.get_by_role_and_label(Role::Button, "Open").click();
    h.run();
    assert!(h.state().reader.document.is_some());
    assert!(h.state().reader.ask.is_none());
}

#[test]
fn errors_are_told_in_a_bar_that_can_be_closed() {
    let mut desk = Desk::open(SRT, View::Reading);
    desk.news(Event::Written {
        path: "/full/x.md".into(),
        error: Some("the disk is full".to_owned()),
    });
    let mut h = harness(desk, [1280.0, 800.0]);
    h.get_by_label("The disk is full");
    h.get_by_label("Close this message").click();
    h.run();
    assert!(h.query_by_label("The disk is full").is_none());
}

#[test]
fn notes_that_would_cover_the_text_begin_closed() {
    let mut h = harness(Desk::open(SRT, View::Reading), [1280.0, 800.0]);
    assert!(h.state().reader.shows(Panel::Notes));
    h.set_size(egui::vec2(900.0, 600.0));
    h.run();
    assert!(!h.state().reader.shows(Panel::Notes), "over the text");
    // One can open them there, and that says nothing of how they are where there is room.
    h.state_mut().reader.run(Command::Toggle(Panel::Notes));
    h.run();
    assert!(h.state().reader.shows(Panel::Notes));
    assert!(h.query_by_label_contains("No notes yet").is_some());
    h.set_size(egui::vec2(1280.0, 800.0));
    h.run();
    assert!(h.state().reader.shows(Panel::Notes), "beside the text again");
}

#[test]
fn a_letter_with_a_hit_in_every_word_costs_no_tick_for_each() {
    let mut text = String::new();
    for i in 0..20_000 {
        let clock = |at: usize| format!("{:02}:{:02}:{:02},000", at / 3_600, at / 60 % 60, at % 60);
        write!(
            text,
            "{0}\n{1} --> {2}\neee eee eee{0}\n\n",
            i + 1,
            clock(i),
            clock(i + 1)
        )
        .unwrap();
    }
    let mut h = harness(Desk::open(&text, View::Lines), [1280.0, 800.0]);
    h.state_mut().reader.run(Command::SetQuery("e".to_owned()));
    h.run();
    assert_eq!(h.state().reader.search.hits.len(), 180_000);
    let shapes = h.output().shapes.len();
    assert!(shapes < 5_000, "{shapes} shapes for one frame");
}

#[test]
fn a_gap_is_told_where_it_is() {
    let text = "1\n00:00:01,000 --> 00:00:04,000\nBefore it.\n\n\
                2\n00:01:04,000 --> 00:01:08,000\nAfter it.\n\n\
                3\n00:01:12,000 --> 00:01:15,000\nA mere pause.\n";
    for view in [View::Reading, View::Lines] {
        let h = harness(Desk::open(text, view), [1280.0, 800.0]);
        let gap = h.get_by_label_contains("not in the transcript");
        h.get_by_label("1:00 not in the transcript");
        let (before, after) = (
            h.get_by_label_contains("Before it").rect(),
            h.get_by_label_contains("After it").rect(),
        );
        assert!(
            before.max.y <= gap.rect().min.y && gap.rect().max.y <= after.min.y,
            "{view:?}"
        );
    }
}

/// What has the focus, one Tab after the other, until it comes round.
fn tab_stops(h: &mut Harness<'static, Desk>) -> Vec<String> {
    let mut stops: Vec<String> = Vec::new();
    for _ in 0..60 {
        h.key_press(Key::Tab);
        h.run();
        let mut focused = h.query_all_by(|node| node.is_focused() && node.label().is_some());
        let name = focused
            .next()
            .and_then(|node| node.accesskit_node().label())
            .unwrap_or_default();
        drop(focused);
        if !name.is_empty() && stops.first() == Some(&name) {
            break;
        }
        stops.push(name);
    }
    stops
}

#[test]
fn tab_goes_through_the_window_as_one_reads() {
    let mut h = open(View::Reading);
    h.key_press(Key::ArrowDown);
    h.run();
    h.key_press(Key::H);
    h.run();
    let stops = tab_stops(&mut h);
    let place = |name: &str| {
        let found = stops.iter().position(|stop| stop.starts_with(name));
        found.unwrap_or_else(|| panic!("{name} in {stops:?}"))
    };
    let order = [
        "Menu",
        "Search in the transcript",
        "Reading",
        "Lines",
        "Hide the notes",
        "Playback position",
        "Position ",
        "Previous cue",
        "Next cue",
        "Bookmark this instant",
        "Repeat from here",
        "Speed ",
        "Mute",
        "Volume",
        "Filter",
        "Export",
        "More for the note",
    ];
    let places: Vec<usize> = order.map(place).to_vec();
    assert!(places.is_sorted() && places[0] == 0, "{stops:?}");
}

#[test]
fn scrolling_keys_go_to_what_is_open() {
    let mut h = harness(Desk::open(SRT, View::Lines), [640.0, 480.0]);
    h.state_mut().reader.run(Command::Toggle(Panel::Help));
    h.run();
    let top = |h: &Harness<'static, Desk>| h.get_by_label("Play or pause").rect().min.y;
    let begun = top(&h);
    h.key_press(Key::ArrowDown);
    h.run();
    assert!(top(&h) < begun, "a line down");
    h.key_press(Key::PageDown);
    h.run();
    assert!(top(&h) < begun - 100.0, "a page down");
    h.key_press(Key::Home);
    h.run();
    assert!((top(&h) - begun).abs() < 1.0, "back");
    assert!(h.state().reader.follow, "the text behind it stays");
}

#[test]
fn dialogs_close_by_mouse() {
    let mut h = open(View::Reading);
    for panel in DIALOGS {
        h.state_mut().reader.run(Command::Toggle(panel));
        h.run();
        h.get_by_label("Close (Escape)").click();
        h.run();
        assert!(!h.state().reader.shows(panel), "{panel:?}");
    }
}

#[test]
fn check_boxes_tell_and_take_their_state() {
    let mut h = open(View::Reading);
    h.state_mut().reader.run(Command::Toggle(Panel::Settings));
    h.run();
    for on in [true, false] {
        h.get_by_role_and_label(Role::CheckBox, "High contrast").click();
        h.run();
        assert_eq!(h.state().reader.settings.high_contrast, on);
    }
}

#[test]
fn the_sleep_timer_is_set_shown_and_stopped() {
    let mut h = open(View::Reading);
    h.get_by_role_and_label(Role::Button, "Sleep timer").click();
    h.run();
    assert!(
        h.query_by_label("At the end of the chapter").is_none(),
        "there are no chapters"
    );
    h.get_by_label("In 15 minutes").click();
    h.run();
    assert_eq!(h.state().reader.sleeps_after(), Some(SleepAfter::Minutes(15)));
    h.get_by_role_and_label(Role::Button, "Sleep timer: 15 min").click();
    // Paused, the next frame is due when another minute has gone.
    let wait = h.state().window.next_repaint(&h.state().reader).unwrap();
    assert!(
        wait > Duration::from_secs(50) && wait <= Duration::from_millis(60_001),
        "{wait:?}"
    );
    h.run();
    h.get_by_label("At the end of the recording").click();
    h.run();
    assert_eq!(h.state().reader.sleeps_after(), None);
    assert_eq!(h.state().window.next_repaint(&h.state().reader), None);
}

/// Beside the other buttons there is room for it, or it is not there.
#[test]
fn the_sleep_timer_covers_no_other_button() {
    for width in [520.0, 640.0, 700.0, 759.0, 780.0, 859.0, 861.0, 939.0, 941.0, 1_280.0] {
        for after in [None, Some(SleepAfter::Minutes(60))] {
            let mut h = harness(Desk::open(SRT, View::Reading), [width, 600.0]);
            h.state_mut().reader.run(Command::Sleep(after));
            h.run();
            let next = h.get_by_label("Next cue (↓)").rect();
            let names = ["Bookmark this instant (B)", "Repeat from here (A)"];
            let first = names.iter().find_map(|name| h.query_by_label(name)).unwrap().rect();
            assert!(first.min.x >= next.max.x, "{width} {after:?}: {first:?} over {next:?}");
        }
    }
}

#[test]
fn going_back_after_a_pause_is_chosen_among_three_ways() {
    let mut h = open(View::Reading);
    h.state_mut().reader.run(Command::Toggle(Panel::Settings));
    h.run();
    for (name, way) in [
        ("Not at all", ResumeRewind::Off),
        ("By a fixed time", ResumeRewind::Fixed(3.0)),
        ("By the length of the pause", ResumeRewind::ByPause),
    ] {
        h.get_by_role_and_label(Role::RadioButton, name).click();
        h.run();
        assert_eq!(h.state().reader.settings.resume_rewind, way);
        let slider = h.query_by_label("Seconds to go back after a pause").is_some();
        assert_eq!(slider, matches!(way, ResumeRewind::Fixed(_)));
    }
}

/// What lies on a slow disk is waited for, which is told when it takes long, and no longer when it goes on.
#[test]
fn a_recording_that_is_waited_for_is_told() {
    let waiting = "Waiting for the recording: its disk is slow.";
    let mut h = open(View::Reading);
    h.state_mut().reader.run(Command::Play);
    h.state_mut().reader.take_in(Event::Audio(EngineEvent::Playing));
    h.step();
    assert!(h.query_by_label(waiting).is_none());
    // Half a minute of frames in which nothing moves.
    h.input_mut().time = Some(h.ctx.input(|input| input.time) + 30.0);
    h.step();
    h.step();
    h.get_by_label(waiting);
    h.state_mut().reader.take_in(Event::Audio(EngineEvent::Paused));
    h.step();
    h.step();
    assert!(h.query_by_label(waiting).is_none());
}

#[test]
fn the_output_is_chosen_among_those_there_are() {
    let mut h = open(View::Reading);
    let output = |id: &str, name: &str| OutputDevice {
        id: id.to_owned(),
        name: name.to_owned(),
    };
    let phones = output("pulse:phones", "Headphones");
    let long = output("pulse:card", &"A card of a very long name ".repeat(4));
    let outputs = EngineEvent::Outputs(vec![phones.clone(), long]);
    h.state_mut().reader.take_in(Event::Audio(outputs));
    h.state_mut().reader.run(Command::Toggle(Panel::Settings));
    h.run();
    h.get_by_role_and_label(Role::RadioButton, "Headphones").scroll_to_me();
    h.run();
    h.get_by_role_and_label(Role::RadioButton, "Headphones").click();
    h.run();
    assert_eq!(h.state().reader.settings.output, Some(phones));
    // Pulled out: it stays chosen, and says so.
    h.state_mut()
        .reader
        .take_in(Event::Audio(EngineEvent::Outputs(Vec::new())));
    h.run();
    h.get_by_role_and_label(Role::RadioButton, "Headphones (not there)");
    h.get_by_role_and_label(Role::RadioButton, "Where the system plays")
        .click();
    h.run();
    assert_eq!(h.state().reader.settings.output, None);
}

#[test]
fn the_palette_says_that_nothing_fits_and_keeps_the_field() {
    let mut h = open(View::Reading);
    h.key_press_modifiers(Modifiers::COMMAND, Key::K);
    h.run();
    h.get_by_label("Command").type_text("zzz");
    h.run();
    h.get_by_label("No command matches.");
    h.key_press(Key::Enter);
    h.run();
    assert!(h.get_by_label("Command").is_focused());
    assert!(h.state().reader.shows(Panel::Palette));
}

#[test]
fn a_file_that_is_there_is_replaced_at_the_second_word_only() {
    let mut desk = Desk::open(SRT, View::Reading);
    let export = earmark::export::ExportFormat::Markdown;
    // Listed before the file was written: not to be trusted.
    desk.news(Event::Listed(earmark::reader::Listing {
        folder: "/talks".into(),
        entries: vec![("old.md".to_owned(), false)],
    }));
    desk.news(Event::NoDialog(earmark::reader::NoDialog::Export(
        export,
        "/talks/talk notes.md".to_owned(),
    )));
    let mut h = harness(desk, [1280.0, 800.0]);
    assert!(h.state().listed.contains(&PathBuf::from("/talks")));
    h.state_mut().news(Event::Listed(earmark::reader::Listing {
        folder: "/talks".into(),
        entries: vec![("talk notes.md".to_owned(), false)],
    }));
    h.run();
    h.get_by_role_and_label(Role::Button, "Write").click();
    h.run();
    assert!(h.state().written.is_empty());
    h.get_by_label_contains("There is a file of this name");
    h.get_by_role_and_label(Role::Button, "Replace").click();
    h.run();
    assert_eq!(h.state().written, [PathBuf::from("/talks/talk notes.md")]);
}

#[test]
fn a_path_may_begin_at_home() {
    let mut desk = Desk::new();
    desk.news(Event::NoDialog(earmark::reader::NoDialog::Open));
    let mut h = harness(desk, [1280.0, 800.0]);
    h.key_press_modifiers(Modifiers::COMMAND, Key::A);
    h.run();
    h.get_by_label("Path").type_text("~/other.srt");
    h.run();
    h.get_by_role_and_label(Role::Button, "Open").click();
    h.run();
    let home = std::env::home_dir().unwrap();
    assert_eq!(h.state().asked_for, [home.join("other.srt")]);
}

#[derive(Debug)]
struct Dropped(PathBuf);

impl egui::DroppedFile for Dropped {
    fn path(&self) -> &std::path::Path {
        &self.0
    }

    fn bytes(&self) -> Result<Vec<u8>, String> {
        Ok(Vec::new())
    }
}

#[test]
fn a_drop_opens_whatever_is_open_already() {
    let mut h = open(View::Reading);
    h.state_mut().reader.run(Command::Toggle(Panel::Settings));
    h.run();
    h.input_mut()
        .dropped_files
        .push(Arc::new(Dropped("/talks/other.srt".into())));
    h.run();
    assert_eq!(h.state().asked_for, [PathBuf::from("/talks/other.srt")]);
    assert!(!h.state().reader.shows(Panel::Settings));
}

#[test]
fn a_long_tag_is_cut_once() {
    let mut h = open(View::Reading);
    h.key_press(Key::N);
    h.run();
    let tag = "donaudampfschifffahrt".repeat(4);
    h.get_by_label("Tags").focus();
    h.run();
    h.get_by_label("Tags").type_text(&tag);
    h.run();
    h.key_press_modifiers(Modifiers::COMMAND, Key::Enter);
    h.run();
    let pill = h.get_by_role_and_label(Role::Button, &tag).rect();
    assert!(pill.width() > 150.0 && pill.width() <= 216.0, "{pill:?}");
}

#[test]
fn the_repairs_lead_to_their_cues() {
    let text = format!("{SRT}\n5\n00:00:16,000 --> 00:00:16,000\nBen: No length.\n");
    let mut h = harness(Desk::open(&text, View::Lines), [1280.0, 800.0]);
    h.state_mut().reader.run(Command::Toggle(Panel::Repairs));
    h.run();
    h.get_by_label_contains("no length").click();
    h.run();
    assert_eq!(h.state().last_seek(), Some(MediaTime::from_millis(16_000)));
    assert!(!h.state().reader.shows(Panel::Repairs));
}

/// A window with a recording in these chapters, two minutes long.
fn in_chapters(chapters: &[(f64, &str)], size: [f32; 2]) -> Harness<'static, Desk> {
    let mut desk = Desk::open(SRT, View::Reading);
    let recording = opening::recording_in_chapters(120.0, chapters);
    desk.news(opening::loaded(desk.generation, recording));
    harness(desk, size)
}

const CHAPTERS: [(f64, &str); 4] = [
    (0.0, "How maps began"),
    (30.0, "Of mountains"),
    (60.0, ""),
    (90.0, "The end of it"),
];

#[test]
fn a_click_on_a_chapter_goes_there() {
    let mut h = in_chapters(&CHAPTERS, [1280.0, 800.0]);
    h.get_by_label("Show the chapters (O)").click();
    h.run();
    h.get_by_role_and_label(Role::Button, "0:30 Of mountains").click();
    h.run();
    assert_eq!(h.state().last_seek(), Some(MediaTime::from_millis(30_000)));
    assert!(h.state().reader.shows(Panel::Outline), "beside the text it stays");
    let heard = h.get_by_role_and_label(Role::Button, "0:30 Of mountains");
    assert_eq!(heard.accesskit_node().toggled(), Some(egui::accesskit::Toggled::True));
    h.get_by_label("1:00 Chapter 3");
    h.get_by_label("Close the chapters (O)").click();
    h.run();
    assert!(h.query_by_label("1:00 Chapter 3").is_none());
}

#[test]
fn the_chapters_are_walked_by_keys() {
    let mut h = in_chapters(&CHAPTERS, [1280.0, 800.0]);
    h.key_press(Key::O);
    h.run();
    assert!(
        h.get_by_label("0:00 How maps began").is_focused(),
        "the chapter being heard"
    );
    h.key_press(Key::ArrowDown);
    h.run();
    h.key_press(Key::ArrowDown);
    h.run();
    assert!(h.get_by_label("1:00 Chapter 3").is_focused());
    assert_eq!(
        h.state().reader.playback.position,
        MediaTime::ZERO,
        "no cue was stepped to"
    );
    h.key_press(Key::Space);
    h.run();
    assert!(h.state().reader.playback.playing, "Space plays as everywhere");
    assert_eq!(h.state().reader.playback.position, MediaTime::ZERO);
    h.key_press(Key::Enter);
    h.run();
    assert_eq!(h.state().last_seek(), Some(MediaTime::from_millis(60_000)));
    h.key_press(Key::End);
    h.run();
    assert!(h.get_by_label("1:30 The end of it").is_focused());
    h.key_press(Key::Escape);
    h.run();
    assert!(!h.state().reader.shows(Panel::Outline));
    h.key_press_modifiers(Modifiers::COMMAND, Key::PageDown);
    h.run();
    assert_eq!(h.state().last_seek(), Some(MediaTime::from_millis(90_000)));
    h.key_press_modifiers(Modifiers::COMMAND, Key::PageUp);
    h.run();
    assert_eq!(h.state().last_seek(), Some(MediaTime::from_millis(60_000)));
}

#[test]
fn the_chapters_are_one_stop_for_tab() {
    let mut h = in_chapters(&CHAPTERS, [1280.0, 800.0]);
    h.state_mut().reader.run(Command::Toggle(Panel::Outline));
    h.run();
    h.key_press(Key::Escape);
    h.run();
    h.state_mut().reader.run(Command::Toggle(Panel::Outline));
    h.run();
    let stops = tab_stops(&mut h);
    let rows = stops
        .iter()
        .filter(|stop| stop.starts_with(|c: char| c.is_ascii_digit()));
    assert_eq!(rows.count(), 1, "{stops:?}");
}

#[test]
fn without_chapters_there_is_nothing_to_open() {
    let mut h = open(View::Reading);
    assert!(h.query_by_label_contains("chapters").is_none());
    h.key_press(Key::O);
    h.run();
    h.get_by_label("Neither the recording nor the transcript tells of chapters.");
    assert!(!h.state().reader.shows(Panel::Outline));
}

#[test]
fn many_chapters_in_small_windows() {
    let titles: Vec<String> = (0..300)
        .map(|i| format!("Part {i} {}", "of a long name ".repeat(i % 20)))
        .collect();
    let chapters: Vec<(f64, &str)> = (0..300_u32)
        .map(|i| f64::from(i) * 0.4)
        .zip(titles.iter().map(String::as_str))
        .collect();
    for size in [[480.0, 360.0], [640.0, 480.0], [900.0, 600.0], [1280.0, 800.0]] {
        let mut h = in_chapters(&chapters, size);
        let window = egui::Rect::from_min_size(egui::Pos2::ZERO, size.into());
        h.key_press(Key::O);
        h.run();
        h.get_by_label_contains("0:00 Part 0");
        assert!(
            h.query_by_label_contains("Part 200").is_none(),
            "only what is in sight is built"
        );
        h.key_press(Key::End);
        h.run();
        let last = h.get_by_label_contains("Part 299");
        assert!(last.is_focused(), "{size:?}");
        assert!(window.contains_rect(last.rect()), "{:?} at {size:?}", last.rect());
        h.key_press(Key::Enter);
        h.run();
        let seek = h.state().last_seek().unwrap();
        assert_eq!(seek, MediaTime::from_secs_f64(299.0 * 0.4));
        let stays = h.state().reader.shows(Panel::Outline);
        assert_eq!(stays, size[0] > 1_200.0, "over the text it closes, at {size:?}");
        assert!(h.try_run().is_ok());
    }
}

#[test]
fn the_chapters_go_along_with_the_voice() {
    let titles: Vec<String> = (0..100).map(|i| format!("Part {i}.")).collect();
    let chapters: Vec<(f64, &str)> = (0..100_u32)
        .map(f64::from)
        .zip(titles.iter().map(String::as_str))
        .collect();
    let mut h = in_chapters(&chapters, [1280.0, 800.0]);
    h.key_press(Key::O);
    h.run();
    h.state_mut().reader.run(Command::Seek(MediaTime::from_millis(60_500)));
    h.run();
    assert!(h.get_by_label_contains("Part 60.").is_focused());
    // Whoever looks for another chapter stays there.
    h.key_press(Key::Home);
    h.run();
    h.state_mut().reader.run(Command::Seek(MediaTime::from_millis(90_500)));
    h.run();
    assert!(h.get_by_label_contains("Part 0.").is_focused());
    assert!(h.query_by_label_contains("Part 90.").is_none());
    h.key_press(Key::Enter);
    h.run();
    h.state_mut().reader.run(Command::Seek(MediaTime::from_millis(50_500)));
    h.run();
    assert!(
        h.get_by_label_contains("Part 50.").is_focused(),
        "chosen, it goes along again"
    );
}

#[test]
fn the_waveform_tells_the_chapter_and_is_still_dragged() {
    let mut h = in_chapters(&CHAPTERS, [1280.0, 800.0]);
    let wave = h.get_by_label("Playback position").rect();
    let at = |share: f32| egui::pos2(wave.min.x + wave.width() * share, wave.min.y + 6.0);
    h.hover_at(at(0.25) + egui::vec2(-3.0, 0.0));
    h.run();
    h.get_by_label_contains("Of mountains");
    h.hover_at(at(0.6));
    h.run();
    h.get_by_label_contains("Chapter 3");
    h.drag_at(at(0.25));
    h.run();
    h.hover_at(at(0.5));
    h.run();
    h.drop_at(at(0.5));
    h.run();
    let seek = h.state().last_seek().unwrap();
    assert!(
        (seek - MediaTime::from_millis(60_000)).as_secs_f64().abs() < 0.5,
        "{seek:?}"
    );
}

#[test]
fn the_header_shows_title_artist_and_cover() {
    let mut desk = Desk::open(SRT, View::Reading);
    let generation = desk.generation;
    let tag = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    let recording = earmark::audio::Recording {
        tags: vec![tag("title", "Talking about maps"), tag("artist", "Ada and Ben")],
        ..opening::recording(120.0)
    };
    desk.news(opening::loaded(generation, recording));
    let mut h = harness(desk, [1280.0, 800.0]);
    assert!(h.query_by_label("Cover").is_none());
    h.get_by_label_contains("Ada and Ben · 2:00");
    h.get_by_label("Talking about maps").hover();
    h.run();
    h.get_by_label_contains("talk.srt");
    let picture = Picture {
        size: [96, 48],
        rgba: vec![128; 96 * 48 * 4],
    };
    h.state_mut().news(Event::Cover {
        generation,
        picture: Arc::new(picture),
    });
    for size in [[1280.0, 800.0], [900.0, 600.0], [640.0, 480.0]] {
        h.set_size(size.into());
        h.run();
        let cover = h.get_by_role_and_label(Role::Image, "Cover").rect();
        assert_eq!(cover.size(), egui::vec2(32.0, 32.0));
        let title = h.get_by_label("Talking about maps").rect();
        let tools = h.get_by_role_and_label(Role::RadioButton, "Reading").rect();
        assert!(cover.max.x < title.min.x && title.max.x < tools.min.x, "{size:?}");
    }
}

/// A transcript of four lines, fitted: the recording has half a minute more before the third.
fn with_a_fit(h: &mut Harness<'static, Desk>) {
    let generation = h.state().generation;
    let desk = h.state_mut();
    desk.news(Event::Peaks {
        generation,
        peaks: Arc::new(earmark::audio::Peaks::of_samples(8_000, 1, &vec![0.1; 960_000])),
        done: 1.0,
        length: Some(MediaTime::from_millis(120_000)),
    });
    let number = desk.signs;
    desk.news(Event::Signs {
        generation,
        number,
        sign: earmark::timing::fit::Sign::Elsewhere,
    });
    h.run();
}

fn stretch(from: i64, to: i64, heard: i64, confidence: f32) -> Stretch {
    Stretch {
        from: CueTime::from_millis(from),
        to: CueTime::from_millis(to),
        heard: MediaTime::from_millis(heard),
        rate: 1.0,
        confidence,
    }
}

/// The fit that was asked for last is found.
fn fitted(h: &mut Harness<'static, Desk>, stretches: Vec<Stretch>, confidence: f32) {
    let (number, generation) = h.state().fits.last().copied().unwrap();
    let fit = Fit {
        stretches,
        confidence,
        whole: Some(CueSpan::new(CueTime::from_millis(1_000), CueTime::from_millis(15_000))),
    };
    h.state_mut().news(Event::Fitted {
        generation,
        number,
        fit: Arc::new(fit),
    });
    h.run();
}

#[test]
fn a_fit_is_offered_looked_at_and_kept() {
    let mut h = open(View::Lines);
    with_a_fit(&mut h);
    h.get_by_label_contains("The recording is 1:45 longer than the transcript.");
    h.get_by_label("Fit it").click();
    h.run();
    let Some((number, generation)) = h.state().fits.last().copied() else {
        panic!("a fit is asked for")
    };
    h.state_mut().news(Event::FitProgress {
        generation,
        number,
        done: 0.4,
    });
    h.run();
    h.get_by_label("Cancel");
    let stretches = vec![stretch(1_000, 8_500, 1_000, 1.0), stretch(8_500, 15_000, 38_500, 0.3)];
    fitted(&mut h, stretches, 0.95);
    h.get_by_label_contains("The recording has more in one place (0:30).");
    let third = |h: &Harness<'static, Desk>| {
        let timeline = h.state().reader.document.as_ref().unwrap().timeline.clone().unwrap();
        timeline.span(earmark::transcript::CueId(2)).unwrap().start
    };
    assert_eq!(third(&h), MediaTime::from_millis(38_500));
    h.get_by_role_and_label(Role::RadioButton, "As before").click();
    h.run();
    assert_eq!(third(&h), MediaTime::from_millis(8_500));
    h.get_by_role_and_label(Role::RadioButton, "Fitted").click();
    h.run();
    // A cut is heard from a little before it.
    h.get_by_label_contains("30.0 s not in the transcript, then +30.00 s · 30 %, not certain. Hear it")
        .click();
    h.run();
    assert_eq!(h.state().last_seek(), Some(MediaTime::from_millis(5_500)));
    assert!(h.state().reader.playback.playing);
    h.get_by_role_and_label(Role::Button, "Keep it").click();
    h.run();
    assert_eq!(third(&h), MediaTime::from_millis(38_500));
    assert!(h.query_by_label("Keep it").is_none());
    // What is not certain is said not to be, and inside of the advertisement nothing is lit.
    h.state_mut().reader.run(Command::Seek(MediaTime::from_millis(20_000)));
    h.state_mut().settle();
    h.run();
    h.get_by_label("This is not in the transcript.");
    h.state_mut().reader.run(Command::Seek(MediaTime::from_millis(39_000)));
    h.state_mut().settle();
    h.run();
    h.get_by_label("Which line this is is not certain.");
    // And it is taken back like everything else.
    h.key_press_modifiers(Modifiers::COMMAND, Key::Z);
    h.run();
    assert_eq!(third(&h), MediaTime::from_millis(8_500));
}

#[test]
fn a_handle_is_moved_by_hand_and_by_key_and_taken_away() {
    let mut h = open(View::Lines);
    with_a_fit(&mut h);
    h.state_mut().reader.run(Command::Seek(MediaTime::from_millis(30_000)));
    h.state_mut().reader.run(Command::LineIsNow);
    h.state_mut().settle();
    h.run();
    let anchor = |h: &Harness<'static, Desk>| {
        let timing = h.state().reader.document.as_ref().unwrap().timing();
        timing.anchors.first().map(|anchor| anchor.media)
    };
    assert_eq!(anchor(&h), Some(MediaTime::from_millis(30_000)));
    let handle = h.get_by_label_contains("Timing handle at 0:30.0").rect();
    h.drag_at(handle.center());
    h.run();
    h.hover_at(handle.center() + egui::vec2(60.0, 0.0));
    h.run();
    h.drop_at(handle.center() + egui::vec2(100.0, 0.0));
    h.run();
    let moved = anchor(&h).unwrap();
    let wanted = 30_000.0 + 100.0 * 120_000.0 / 1_240.0;
    assert!((moved.as_secs_f64() * 1e3 - wanted).abs() < 300.0, "{moved:?}");
    h.get_by_label_contains("Timing handle at").focus();
    h.run();
    h.key_press(Key::ArrowRight);
    h.run();
    assert_eq!(anchor(&h), Some(moved + TimeDelta::from_millis(50)));
    h.key_press(Key::Delete);
    h.run();
    assert_eq!(anchor(&h), None);
}

#[test]
fn a_click_on_a_line_that_is_not_in_the_recording_says_so() {
    let mut h = open(View::Lines);
    with_a_fit(&mut h);
    let span = CueSpan::new(CueTime::from_millis(8_500), CueTime::from_millis(12_500));
    let mut timing = earmark::timing::Timing::default();
    timing.add_missing(span);
    h.state_mut()
        .reader
        .document
        .as_mut()
        .unwrap()
        .timeline
        .as_mut()
        .unwrap()
        .set_timing(timing);
    h.run();
    let seeks = h.state().last_seek();
    h.get_by_label_contains("With a third").click();
    h.run();
    h.get_by_label("This line is not in the recording.");
    assert_eq!(h.state().last_seek(), seeks);
}

#[test]
fn undo_refuses_a_fit_that_is_only_looked_at() {
    let mut h = open(View::Lines);
    with_a_fit(&mut h);
    let later = TimeDelta::from_millis(100);
    h.key_press(Key::X);
    h.run();
    let timing = |h: &Harness<'static, Desk>| h.state().reader.document.as_ref().unwrap().timing();
    assert_eq!(timing(&h).offset, later);
    h.state_mut().reader.run(Command::FitTiming);
    h.state_mut().settle();
    fitted(&mut h, vec![stretch(1_000, 15_000, 31_000, 1.0)], 1.0);
    assert_eq!(timing(&h).offset, TimeDelta::from_millis(30_000));
    h.get_by_label_contains("All of it is heard 30.00 s later than it says.");
    for wanted in [later, TimeDelta::ZERO] {
        h.key_press_modifiers(Modifiers::COMMAND, Key::Z);
        h.run();
        assert_eq!((timing(&h).offset, timing(&h).anchors.len()), (wanted, 0));
    }
    h.key_press_modifiers(Modifiers::COMMAND | Modifiers::SHIFT, Key::Z);
    h.run();
    assert_eq!(timing(&h).offset, later, "what was refused does not come back");
    // With a shift alone the panel says so, and leads back.
    h.get_by_label("The transcript is heard 0.1 s later than it says.");
    h.get_by_label("Reset").click();
    h.run();
    assert!(timing(&h).is_identity());
}
