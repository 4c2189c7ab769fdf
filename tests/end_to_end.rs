//! The promise that the highlight is true, seen and heard from outside: the real program plays in a real window on
//! a virtual screen, what leaves the sound card is recorded, and the instants at which rows light are compared with
//! the instants at which their sound begins.
#![cfg(target_os = "linux")]
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test that cannot look must fail"
)]

mod support;

use std::ffi::OsStr;
use std::fmt::Write as _;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use earmark::library::Store;
use support::desktop::{Desktop, OTHER_SINK, Running, SINK};
use support::screen::{Rgb, Screen};
use support::sound::{RATE, write_wav};

/// How far light and sound may be apart for 95 of 100 cues: two frames at 60 Hz.
const ALLOWED: Duration = Duration::from_millis(34);
/// Slowly, as it was spoken, and quickly.
const SPEEDS: [&str; 3] = ["1", "0.5", "2"];

/// Where each cue begins, in milliseconds: at uneven distances, so that a constant rhythm cannot pass for the truth.
const CUES: [u32; 20] = [
    1_000, 2_370, 3_410, 5_220, 6_730, 7_840, 9_690, 10_910, 12_160, 14_050, 15_180, 16_830, 18_560, 19_620, 21_470,
    22_590, 24_310, 25_500, 27_340, 28_450,
];
/// How long a cue is lit; what follows, before the next, is a gap in which nothing is.
const CUE_LENGTH: u32 = 700;
const TONE_LENGTH: u32 = 120;

/// The bar at the left edge of the row that is spoken, in the light and in the dark theme.
const BAR_X: u64 = 1;
const BAR_COLOURS: [Rgb; 2] = [[0xA8, 0x48, 0x0A], [0xF0, 0xA3, 0x5E]];

/// A machine that is busy with other work shows and plays late whatever the program does: of a few runs the best counts.
const RUNS: usize = 3;

/// One at a time: two desktops at once would measure each other's work.
static ALONE: Mutex<()> = Mutex::new(());

fn alone() -> MutexGuard<'static, ()> {
    // Another test's failure is told by that test.
    ALONE.lock().unwrap_or_else(PoisonError::into_inner)
}

#[test]
fn a_row_lights_when_its_sound_is_heard() {
    let _alone = alone();
    for speed in SPEEDS {
        let apart = || played(&["--speed", speed], SINK, None);
        assert_together(&format!("{speed} ×"), apart);
    }
}

#[test]
fn a_hundred_seeks_later_it_still_does() {
    let _alone = alone();
    // Pressed while it plays, ten times, which leads nowhere; then it is played from its beginning.
    let seeks = [
        "Right", "Left", "Right", "Left", "L", "J", "Down", "Up", "Right", "Left",
    ];
    let seek = |desktop: &Desktop| {
        desktop.focus();
        for _ in 0..10 {
            desktop.press(&seeks);
        }
        desktop.press(&["space", "ctrl+g"]);
        desktop.press(&["0", "Return"]);
    };
    assert_together("after 100 seeks", || played(&[], SINK, Some(&seek)));
}

#[test]
fn the_chosen_output_is_the_one_that_is_heard() {
    let _alone = alone();
    assert_together("on another output", || played(&[], OTHER_SINK, None));
}

/// Runs until light and sound are together once.
fn assert_together(what: &str, apart: impl Fn() -> Duration) {
    let best = (0..RUNS)
        .map(|_| {
            let p95 = apart();
            if p95 < Duration::MAX {
                println!("{what}: 95 of 100 within {:.1} ms", millis(p95));
            }
            p95
        })
        .find(|p95| *p95 <= ALLOWED);
    assert!(
        best.is_some(),
        "light and sound are more than {:.0} ms apart in each of {RUNS} runs {what}",
        millis(ALLOWED)
    );
}

/// A sound server that crashes is started anew by the system; what played goes on from where it was.
#[test]
fn it_goes_on_when_the_sound_server_comes_back() {
    let _alone = alone();
    let mut desktop = Desktop::start();
    let mut program = open(&desktop, &[], SINK);
    let screen = desktop.screen();
    let before = lit(&screen, &mut program, 3);
    if !desktop.restart_sound_server() {
        println!("the sound server is not ours to end");
        return;
    }
    let recorder = desktop.record();
    let after = lit(&screen, &mut program, CUES.len() - before.len());
    drop(program);
    let heard = recorder.stop().onsets(Duration::from_millis(u64::from(TONE_LENGTH)));
    // A cue may have been lit and cut off by the end of the server.
    assert!(
        heard.len() + 5 >= after.len(),
        "only {} of {} tones were heard",
        heard.len(),
        after.len()
    );
    let mut apart: Vec<_> = heard
        .iter()
        .skip(1)
        .map(|sound| {
            after
                .iter()
                .map(|light| difference(*light, *sound).0)
                .min()
                .unwrap_or(Duration::MAX)
        })
        .collect();
    apart.sort();
    assert!(apart.len() >= 8, "it did not go on for long");
    let median = apart[apart.len() / 2];
    println!("after the sound server came back: half within {:.1} ms", millis(median));
    assert!(median <= ALLOWED, "light and sound are {:.0} ms apart", millis(median));
}

/// What is spliced into the demo: a tone that begins it, and silence, so that what follows is heard to begin.
const BREAK: Duration = Duration::from_secs(15);
const BREAK_TONE: Duration = Duration::from_millis(300);

#[test]
fn a_fitted_transcript_is_dark_in_the_advertisement_and_true_after_it() {
    let _alone = alone();
    let desktop = Desktop::start();
    let at = |name: &str| desktop.home().join(name);
    let (transcript, recording, library) = (at("talk.vtt"), at("talk.wav"), at("library.sqlite"));
    let demo = |half: &str| {
        std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("assets/demo/talking-about-maps.{half}"))
    };
    std::fs::copy(demo("vtt"), &transcript).unwrap();
    // Spliced in where the cue at this second begins.
    let cut = 44.24;
    write_wav(&recording, &with_a_break(&demo("mp3"), cut));

    let fit = std::process::Command::new(env!("CARGO_BIN_EXE_earmark"))
        .args(["sync", "--json", "--apply", "--strict", "--library"].map(OsStr::new))
        .args([&library, &transcript, &recording])
        .output()
        .unwrap();
    let told = String::from_utf8_lossy(&fit.stdout);
    assert!(fit.status.success() && told.contains("\"extra_ms\":15"), "{told}");

    let recorder = desktop.record_from(SINK);
    let began = Instant::now();
    let arguments = ["--play", "--view", "lines", "--at", "43.4", "--library"].map(OsStr::new);
    let files = [library.as_os_str(), transcript.as_os_str(), recording.as_os_str()];
    let mut program = desktop.run(env!("CARGO_BIN_EXE_earmark"), &[&arguments[..], &files[..]].concat());
    let screen = desktop.screen();
    let mut changes = Vec::new();
    while began.elapsed() < BREAK + Duration::from_secs(12) {
        assert!(program.0.try_wait().unwrap().is_none(), "the program has ended");
        let is_lit = screen.find_in_column(BAR_X, 4, &BAR_COLOURS).is_some();
        if changes.last().is_none_or(|(_, was)| *was != is_lit) {
            changes.push((Instant::now(), is_lit));
        }
        std::thread::sleep(Duration::from_millis(1));
    }
    drop(program);
    let heard = recorder.stop().onsets(BREAK / 2);
    // What follows the silence of the break is the next cue.
    let after = *heard.last().expect("something is heard after the break");
    let (light, _) = changes
        .iter()
        .find(|(at, lit)| *lit && *at + BREAK / 3 > after)
        .expect("the next cue lights");
    let (apart, told) = difference(*light, after);
    println!("after the break light comes {told} ms after sound");
    // The fit has its own error beside that of the window.
    assert!(
        apart <= ALLOWED + Duration::from_millis(120),
        "light comes {told} ms after sound"
    );
    // From a little after the break begins to a little before it ends.
    let margin = Duration::from_millis(400);
    let in_break = |at: Instant| at + BREAK > after + margin && at + margin < after;
    assert!(
        !changes.iter().any(|(at, is_lit)| *is_lit && in_break(*at)),
        "something is lit in the break: {changes:?}, {after:?}"
    );
}

/// The demo with a break before a second.
fn with_a_break(demo: &std::path::Path, cut: f64) -> Vec<i16> {
    let source = earmark::audio::AudioSource::File(demo.to_owned());
    let mut decoder = earmark::audio::Decoder::open(&source).unwrap();
    let (rate, channels) = (f64::from(decoder.sample_rate()), usize::from(decoder.channels()));
    let mut talk = Vec::new();
    while let Some(block) = decoder.next_block().unwrap() {
        talk.extend(block.samples.chunks(channels).map(|frame| frame[0]));
    }
    let count = (talk.len() as f64 / rate * f64::from(RATE)) as usize;
    let mut samples: Vec<i16> = (0..count)
        .map(|at| (talk[(at as f64 / f64::from(RATE) * rate) as usize] * 30_000.0) as i16)
        .collect();
    let of = |length: Duration| (length.as_secs_f64() * f64::from(RATE)) as usize;
    let spot = (0..of(BREAK)).map(|at| {
        let phase = std::f64::consts::TAU * 1000.0 * at as f64 / f64::from(RATE);
        if at < of(BREAK_TONE) {
            (phase.cos() * 16_000.0) as i16
        } else {
            0
        }
    });
    let cut = (cut * f64::from(RATE)) as usize;
    samples.splice(cut..cut, spot);
    samples
}

/// Opens the tones on an output, playing, in the lines view.
fn open(desktop: &Desktop, options: &[&str], sink: &str) -> Running {
    let (transcript, recording) = (desktop.home().join("tones.srt"), desktop.home().join("tones.wav"));
    std::fs::write(&transcript, subrip()).unwrap();
    write_wav(&recording, &tones());
    let library = desktop.home().join("library.sqlite");
    if sink != SINK {
        let mut store = Store::open(&library);
        for (name, value) in [("output", format!("pulse:{sink}")), ("output_name", sink.to_owned())] {
            store.put_setting(name, &value).unwrap();
        }
    }
    let arguments = ["--play", "--view", "lines", "--library"].map(OsStr::new);
    let files = [library.as_os_str(), transcript.as_os_str(), recording.as_os_str()];
    let options: Vec<&OsStr> = options.iter().map(OsStr::new).collect();
    desktop.run(
        env!("CARGO_BIN_EXE_earmark"),
        &[&arguments[..], &files[..], &options].concat(),
    )
}

/// The instants at which the next rows light.
fn lit(screen: &Screen, program: &mut Running, count: usize) -> Vec<Instant> {
    let deadline = Instant::now() + Duration::from_secs(90);
    let mut lit = Vec::new();
    let mut was_lit = false;
    while lit.len() < count || was_lit {
        if Instant::now() > deadline {
            println!("only {} of {count} rows have lit", lit.len());
            break;
        }
        assert!(
            program.0.try_wait().unwrap().is_none(),
            "the program has ended after {} rows",
            lit.len()
        );
        let is_lit = screen.find_in_column(BAR_X, 4, &BAR_COLOURS).is_some();
        if is_lit && !was_lit {
            lit.push(Instant::now());
        }
        was_lit = is_lit;
        std::thread::sleep(Duration::from_millis(1));
    }
    lit
}

/// Plays once, from the start or after something was done that left it paused there; how far apart light and sound are
/// for 95 of 100 cues. For ever, where not every row was lit or not every tone heard.
fn played(options: &[&str], sink: &str, before: Option<&dyn Fn(&Desktop)>) -> Duration {
    let desktop = Desktop::start();
    let (recorder, mut program);
    if let Some(before) = before {
        program = open(&desktop, options, sink);
        let screen = desktop.screen();
        lit(&screen, &mut program, 1);
        before(&desktop);
        recorder = desktop.record_from(sink);
        desktop.press(&["space"]);
    } else {
        recorder = desktop.record_from(sink);
        program = open(&desktop, options, sink);
    }
    let lit = lit(&desktop.screen(), &mut program, CUES.len());
    let heard = recorder.stop();
    drop(program);
    let heard = heard.onsets(Duration::from_millis(u64::from(TONE_LENGTH)));

    if [lit.len(), heard.len()] != [CUES.len(); 2] {
        println!(
            "{} rows were lit and {} tones heard, of {}",
            lit.len(),
            heard.len(),
            CUES.len()
        );
        return Duration::MAX;
    }
    let mut apart: Vec<(Duration, String)> = lit
        .iter()
        .zip(&heard)
        .map(|(light, sound)| difference(*light, *sound))
        .collect();
    let told: Vec<&str> = apart.iter().map(|(_, told)| told.as_str()).collect();
    println!("light after sound, in milliseconds: {}", told.join(" "));
    apart.sort();
    let (p95, _) = &apart[(apart.len() * 95).div_ceil(100) - 1];
    *p95
}

/// How far apart, and the same with its sign for people.
fn difference(light: Instant, sound: Instant) -> (Duration, String) {
    let late = light.saturating_duration_since(sound);
    let early = sound.saturating_duration_since(light);
    (late.max(early), format!("{:+.1}", millis(late) - millis(early)))
}

fn millis(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1000.0
}

/// The transcript: one short line for each tone.
fn subrip() -> String {
    let stamp = |ms: u32| format!("00:{:02}:{:02},{:03}", ms / 60_000, ms / 1000 % 60, ms % 1000);
    let mut text = String::new();
    for (index, start) in CUES.iter().enumerate() {
        let (number, end) = (index + 1, stamp(start + CUE_LENGTH));
        writeln!(
            text,
            "{number}\n{} --> {end}\nTone number {number} sounds.\n",
            stamp(*start)
        )
        .unwrap();
    }
    text
}

/// The recording: silence, and at the start of each cue a tone of 1 kHz that begins at its full height.
fn tones() -> Vec<i16> {
    let at = |ms: u32| ms as usize * RATE as usize / 1000;
    let mut samples = vec![0; at(CUES[CUES.len() - 1] + 3_000)];
    for start in CUES {
        for (index, sample) in samples[at(start)..at(start + TONE_LENGTH)].iter_mut().enumerate() {
            let phase = std::f64::consts::TAU * 1000.0 * index as f64 / f64::from(RATE);
            *sample = (phase.cos() * 16_000.0) as i16;
        }
    }
    samples
}
