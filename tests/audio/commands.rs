//! The commands on recordings, through the real binary.

use std::ffi::OsStr;
use std::path::Path;
use std::process::{Command, Output};

use earmark::audio::Decoder;

use super::{FIXTURES, decode_all, fixture, memory, open, wav};

fn earmark(words: &[&dyn AsRef<OsStr>]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_earmark"));
    for word in words {
        command.arg(word);
    }
    command.output().unwrap()
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// Reads a WAV that came out of a pipe.
fn piped(output: Output) -> Vec<f32> {
    decode_all(&mut Decoder::open(&memory(output.stdout)).unwrap())
}

#[test]
fn a_clip_through_a_pipe_is_the_clip_in_a_file() {
    let folder = tempfile::tempdir().unwrap();
    let (file, audio) = (folder.path().join("clip.wav"), fixture("pips-vbr.mp3"));
    for speed in ["1", "1.5"] {
        let clip = |output: &Path| {
            let from = ["clip", "--from", "0.25", "--to", "1.3", "--speed", speed, "-o"];
            let mut words: Vec<&dyn AsRef<OsStr>> = from.iter().map(|word| word as &dyn AsRef<OsStr>).collect();
            words.extend([&output as &dyn AsRef<OsStr>, &audio]);
            earmark(&words)
        };
        let output = clip(&file);
        assert!(output.status.success(), "{}", said(&output));
        let written = std::fs::read(&file).unwrap();
        let mut outputs = vec!["-"];
        outputs.extend(cfg!(target_os = "linux").then_some("/dev/stdout"));
        for name in outputs {
            let output = clip(Path::new(name));
            assert!(output.status.success() && output.stderr.is_empty(), "{}", said(&output));
            assert!(output.stdout == written, "{name} at {speed}");
        }
    }
}

#[test]
fn an_end_behind_the_recordings_does_no_harm_in_a_pipe() {
    for (name, _) in FIXTURES {
        let output = earmark(&[
            &"clip",
            &fixture(name),
            &"--from=0",
            &"--to=99h",
            &"--float",
            &"-o",
            &"-",
        ]);
        assert!(
            output.status.success() && output.stderr.is_empty(),
            "{name}: {}",
            said(&output)
        );
        assert!(piped(output) == decode_all(&mut open(name)), "{name}");
    }
}

#[test]
fn a_speed_that_cannot_be_had_is_told() {
    let output = earmark(&[
        &"clip",
        &fixture("pips.flac"),
        &"--from=0",
        &"--to=1",
        &"--speed=9",
        &"-o",
        &"-",
    ]);
    assert_eq!((output.status.code(), output.stdout.len()), (Some(2), 0));
    assert!(
        said(&output).contains("a speed is 0.") && said(&output).contains("not 9"),
        "{}",
        said(&output)
    );
}

#[test]
fn peaks_are_the_extremes_of_each_column() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("steps.wav");
    let samples: Vec<f32> = (0..8_000)
        .map(|i| if i % 2 == 0 { 0.1 } else { -0.05 } * (i / 2_000 + 1) as f32)
        .collect();
    std::fs::write(&path, wav(&samples, 8_000, 1)).unwrap();

    let output = earmark(&[&"peaks", &path, &"--width=4"]);
    let text = String::from_utf8(output.stdout).unwrap();
    let wanted = [
        "0.000\t-0.0472\t0.1024",
        "0.250\t-0.1024\t0.1969",
        "0.500\t-0.1496\t0.2992",
        "0.750\t-0.1969\t0.4016",
    ];
    assert_eq!(text.lines().collect::<Vec<_>>(), wanted);

    let output = earmark(&[&"peaks", &path, &"--width=2", &"--json"]);
    let json: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let wanted = serde_json::json!({
        "sample_rate": 8_000, "duration_s": 1.0, "width": 2, "columns": [[-0.1024, 0.1969], [-0.1969, 0.4016]],
    });
    assert_eq!(json, wanted);
}

#[test]
fn peaks_of_every_kind_have_as_many_columns_as_asked_for() {
    for (name, rate) in FIXTURES {
        let output = earmark(&[&"peaks", &fixture(name), &"--json"]);
        let json: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
        let columns = json["columns"].as_array().unwrap();
        assert_eq!((columns.len(), &json["sample_rate"]), (1_000, &rate.into()), "{name}");
        let loud = columns
            .iter()
            .filter(|column| column[1].as_f64().unwrap() > 0.1)
            .count();
        // Six pips of 20 ms in 3 s, and the two columns at the edges of each.
        assert!((36..120).contains(&loud), "{name}: {loud} loud columns");
    }
    for width in ["0", "100001", "-1", "many"] {
        let output = earmark(&[&"peaks", &fixture("pips.flac"), &format!("--width={width}")]);
        assert_eq!(output.status.code(), Some(2), "{width}");
    }
    let output = earmark(&[&"peaks", &"/no/such/file"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(said(&output).contains("/no/such/file"), "{}", said(&output));
}

#[test]
fn a_transcript_is_fitted_written_and_refused() {
    let folder = tempfile::tempdir().unwrap();
    let demo = |half: &str| {
        std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("assets/demo/talking-about-maps.{half}"))
    };
    let (text, sound, copy) = (demo("vtt"), demo("mp3"), folder.path().join("copy.srt"));
    let output = earmark(&[&"sync", &text, &sound, &"--json", &"--strict", &"--write", &copy]);
    assert!(output.status.success(), "{}", said(&output));
    let told: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(told["belongs"], true);
    assert_eq!(
        (told["segments"].as_array().unwrap().len(), &told["gaps"]),
        (1, &serde_json::json!([]))
    );
    assert!(told["segments"][0]["offset_ms"].as_i64().unwrap().abs() < 100, "{told}");
    assert_eq!(std::fs::read_to_string(&copy).unwrap().matches(" --> ").count(), 48);
    // Its words go into a format that has them.
    let output = earmark(&[&"sync", &text, &sound, &"--write", &"-", &"--to", &"vtt", &"--words"]);
    let told = String::from_utf8_lossy(&output.stdout);
    assert!(told.starts_with("WEBVTT"), "{told}");

    // What is of something else is told to be, and not written.
    std::fs::remove_file(&copy).unwrap();
    let output = earmark(&[&"sync", &text, &fixture("pips.flac"), &"--write", &copy, &"--apply"]);
    assert_eq!(output.status.code(), Some(1), "{}", said(&output));
    let told = String::from_utf8_lossy(&output.stdout);
    assert!(told.contains("not of this recording") && !copy.exists(), "{told}");

    for (words, wanted) in [
        ([&"--write" as &dyn AsRef<OsStr>, &"copy.unheard-of"], "which format?"),
        ([&"--write", &"-"], "which format?"),
    ] {
        let output = earmark(&[&[&"sync" as &dyn AsRef<OsStr>, &text, &sound], &words[..]].concat());
        assert!(
            output.status.code() == Some(2) && said(&output).contains(wanted),
            "{}",
            said(&output)
        );
    }
    let output = earmark(&[&"sync", &text, &sound, &"--json", &"--write", &"-", &"--to", &"srt"]);
    assert!(
        output.status.code() == Some(2) && said(&output).contains("standard output"),
        "{}",
        said(&output)
    );
}
