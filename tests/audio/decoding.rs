//! Decoding: the right sound at the right sample, from wherever one starts.

use earmark::audio::{AudioSource, Decoder, EngineCommand, probe};
use earmark::time::MediaTime;

use super::{Dice, FIXTURES, decode_all, fixture, memory, open, wav};

/// Where the pips begin, in seconds: the first sample that is clearly not silence after a rest.
fn pips(samples: &[f32], channels: usize, rate: u32) -> Vec<f64> {
    let mut found = Vec::new();
    let mut quiet = usize::MAX / 2;
    for (frame, sample) in samples.chunks(channels).map(|frame| frame[0].abs()).enumerate() {
        if sample > 0.12 {
            if quiet > rate as usize / 10 {
                found.push(frame as f64 / f64::from(rate));
            }
            quiet = 0;
        } else {
            quiet += 1;
        }
    }
    found
}

#[test]
fn the_pips_are_where_they_belong_in_every_format() {
    for (name, rate) in FIXTURES {
        let mut decoder = open(name);
        assert_eq!(decoder.sample_rate(), rate, "{name}");
        let channels = usize::from(decoder.channels());
        let found = pips(&decode_all(&mut decoder), channels, rate);
        assert_eq!(found.len(), 6, "{name}: {found:?}");
        // Three formats have nowhere to say how much silence their encoder put before the sound; other players hear it
        // too. Matroska counts whole milliseconds.
        let late = match name {
            "pips.aac" => 1024.0 / 44_100.0,
            "pips-plain.mp3" => 1105.0 / 44_100.0,
            "pips.mp2" => 481.0 / 16_000.0,
            _ => 0.0,
        };
        for (pip, at) in found.iter().enumerate() {
            let wanted = 0.25 + 0.5 * pip as f64 + late;
            assert!((at - wanted).abs() < 0.004, "{name}: pip {pip} at {at}, not {wanted}");
        }
    }
}

#[test]
fn silence_of_the_encoder_is_trimmed_at_both_ends() {
    for name in [
        "pips-vbr.mp3",
        "pips-low.mp3",
        "pips.flac",
        "pips.ogg",
        "pips.m4a",
        "pips-alac.m4a",
        "pips-video.mp4",
    ] {
        let mut decoder = open(name);
        let frames = (decode_all(&mut decoder).len() / usize::from(decoder.channels())) as u64;
        assert_eq!(frames, u64::from(decoder.sample_rate()) * 3, "{name}");
        assert_eq!(decoder.length(), Some(frames), "{name}");
        assert!(decoder.is_exact(), "{name}");
    }
}

#[test]
fn a_seek_gives_the_very_samples_that_decoding_from_the_start_gives() {
    for (name, _) in FIXTURES {
        let mut decoder = open(name);
        let channels = usize::from(decoder.channels());
        let all = decode_all(&mut decoder);
        let frames = (all.len() / channels) as u64;
        let mut dice = Dice(7);
        let edges = [0, 1, frames - 1, frames - 1_000, 336, 1_023, 1_024, 1_025];
        for target in edges.into_iter().chain((0..150).map(|_| dice.below(frames))) {
            decoder.seek(target).unwrap();
            let mut at = target;
            while at < (target + 5_000).min(frames) {
                let block = decoder
                    .next_block()
                    .unwrap()
                    .unwrap_or_else(|| panic!("{name}: {at} of {frames}, sought {target}"));
                assert_eq!(block.first_frame, at, "{name}: after a seek to {target}");
                let from = at as usize * channels;
                assert!(
                    block.samples == &all[from..from + block.samples.len()],
                    "{name}: {at}, sought {target}"
                );
                at += (block.samples.len() / channels) as u64;
            }
        }
        decoder.seek(frames).unwrap();
        assert!(
            decoder.next_block().unwrap().is_none(),
            "{name}: there is nothing at the end"
        );
        decoder.seek(frames + 1_000_000).unwrap();
        assert!(decoder.next_block().unwrap().is_none(), "{name}: nor behind it");
    }
}

#[test]
fn chapters_of_matroska_are_read_without_the_number_of_their_edition() {
    let chapters = probe(&AudioSource::File(fixture("pips.webm")), false).unwrap().chapters;
    let told: Vec<(i64, &str)> = chapters
        .iter()
        .map(|chapter| (chapter.start.as_micros(), chapter.title.as_str()))
        .collect();
    assert_eq!(told, [(0, "One"), (5_000_000, "Two: the rest")]);
}

#[test]
fn a_seek_in_matroska_lands_within_its_milliseconds() {
    let mut decoder = open("pips.mka");
    let mut dice = Dice(3);
    for _ in 0..50 {
        let pip = dice.below(6);
        let start = (0.2 + 0.5 * pip as f64) * 44_100.0;
        decoder.seek(start as u64).unwrap();
        let found = pips(&decode_all(&mut decoder), 2, 44_100);
        assert!((found[0] - 0.05).abs() < 0.005, "pip {pip} after {}", found[0]);
    }
}

#[test]
fn a_wav_comes_out_as_it_went_in() {
    let mut dice = Dice(1);
    let samples: Vec<f32> = (0..60_000).map(|_| dice.below(2_000) as f32 / 1_000.0 - 1.0).collect();
    for (rate, channels) in [(8_000, 1), (44_100, 2), (48_000, 6)] {
        let mut decoder = Decoder::open(&memory(wav(&samples, rate, channels))).unwrap();
        assert_eq!((decoder.sample_rate(), decoder.channels()), (rate, channels));
        assert!(decode_all(&mut decoder) == samples);
        decoder.seek(4_321).unwrap();
        assert!(decode_all(&mut decoder) == samples[4_321 * usize::from(channels)..]);
    }
}

#[test]
fn joined_files_play_through_and_know_their_length() {
    let one = std::fs::read(fixture("pips-low.mp3")).unwrap();
    let three = memory([one.as_slice(), &one, &one].concat());
    let recording = probe(&three, true).unwrap();
    let mut decoder = Decoder::open(&three).unwrap();
    let all = decode_all(&mut decoder);
    assert_eq!(recording.frames, Some(all.len() as u64));
    assert_eq!(pips(&all, 1, 16_000).len(), 18);
    decoder.seek(all.len() as u64 - 20_000).unwrap();
    assert!(decode_all(&mut decoder) == all[all.len() - 20_000..]);
}

#[test]
fn a_damaged_frame_is_a_hole_and_what_follows_stays_in_place() {
    let mut bytes = std::fs::read(fixture("pips-plain.mp3")).unwrap();
    // In the silence between the second pip and the third; the headers survive, the side information does not.
    for at in [9_000, 9_007, 9_300, 9_301] {
        bytes[at] ^= 0xff;
    }
    let mut decoder = Decoder::open(&memory(bytes)).unwrap();
    let found = pips(&decode_all(&mut decoder), 1, 44_100);
    let whole = pips(&decode_all(&mut open("pips-plain.mp3")), 1, 44_100);
    assert!(
        (found.last().unwrap() - whole.last().unwrap()).abs() < 0.001,
        "{found:?} for {whole:?}"
    );
}

#[test]
fn what_a_recording_is_is_told_by_its_content() {
    let recording = probe(&AudioSource::File(fixture("pips.m4a")), false).unwrap();
    assert_eq!(recording.codec, "Advanced Audio Coding");
    assert_eq!(recording.length, Some(MediaTime::from_millis(3_000)));
    assert_eq!(recording.tags, [("title".to_owned(), "Six pips".to_owned())]);
    let chapters: Vec<_> = recording
        .chapters
        .iter()
        .map(|chapter| (chapter.start, chapter.title.as_str()))
        .collect();
    assert_eq!(
        chapters,
        [
            (MediaTime::ZERO, "First three"),
            (MediaTime::from_millis(1_500), "Last three")
        ]
    );
    let recording = probe(&AudioSource::File(fixture("pips-vbr.mp3")), false).unwrap();
    assert_eq!((recording.container.as_str(), recording.exact), ("MP3", true));
    assert!(recording.tags.contains(&("title".to_owned(), "Six pips".to_owned())));
    assert!(recording.tags.contains(&("artist".to_owned(), "Earmark".to_owned())));

    let folder = tempfile::tempdir().unwrap();
    let misnamed = folder.path().join("really-an-mp3.wav");
    std::fs::copy(fixture("pips-vbr.mp3"), &misnamed).unwrap();
    assert_eq!(probe(&AudioSource::File(misnamed), false).unwrap(), recording);
}

/// Programs of our own in ffmpeg's place: `ffprobe` tells of a codec nobody knows, `ffmpeg` gives samples that count up,
/// from a little off the frame it is asked for: time stamps are not exact.
#[cfg(unix)]
fn stand_in(folder: &std::path::Path) {
    use std::os::unix::fs::PermissionsExt as _;

    let counting: Vec<u8> = (0..16_000).flat_map(|i| (i as f32 / 16_000.0).to_le_bytes()).collect();
    std::fs::write(folder.join("samples"), counting).unwrap();
    let stream = r#"{"codec_long_name": "Unheard Of", "sample_rate": "8000", "channels": 2, "start_time": "0.5"}"#;
    let told = format!(r#"{{"streams": [{stream}], "format": {{"format_long_name": "Strange", "duration": "1.0"}}}}"#);
    let ffprobe = format!("#!/bin/sh\ncase \"$*\" in *junk*) exit 1;; esac\necho '{told}'\n");
    let ffmpeg = r#"#!/bin/sh
start=4000
for word in "$@"; do case $word in atrim=start_pts=*) start=${word#*pts=};; esac; done
[ "$start" = 4000 ] || start=$((start + 3))
tail -c +$(((start - 4000) * 8 + 1)) "${0%/*}/samples"
"#;
    for (name, script) in [("ffprobe", ffprobe.as_str()), ("ffmpeg", ffmpeg)] {
        let path = folder.join(name);
        std::fs::write(&path, script).unwrap();
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o755)).unwrap();
    }
}

/// The program with these words, and these folders to find others in; what it says, and whether it is content.
#[cfg(unix)]
fn run(words: &[&std::ffi::OsStr], path: &std::ffi::OsStr) -> (String, bool) {
    let program = std::process::Command::new(env!("CARGO_BIN_EXE_earmark"))
        .args(words)
        .env("PATH", path)
        .output()
        .unwrap();
    let said = [program.stdout, program.stderr].concat();
    (String::from_utf8(said).unwrap(), program.status.success())
}

#[cfg(unix)]
#[test]
fn what_is_not_decoded_here_is_decoded_by_ffmpeg() {
    let folder = tempfile::tempdir().unwrap();
    let path = [folder.path().as_os_str(), "/usr/bin:/bin".as_ref()].join(std::ffi::OsStr::new(":"));
    stand_in(folder.path());
    let strange = folder.path().join("strange.xyz");
    std::fs::write(&strange, b"nothing that anybody knows").unwrap();
    let (said, content) = run(&["probe".as_ref(), strange.as_ref()], &path);
    assert!(
        content && said.contains("Unheard Of") && said.contains("ffmpeg"),
        "{said}"
    );

    let clip = folder.path().join("clip.wav");
    let words = ["clip", "--from", "0.25", "--to", "0.5", "--float", "-o"].map(std::ffi::OsStr::new);
    let words = [&words[..], &[clip.as_ref(), strange.as_ref()]].concat();
    let (said, content) = run(&words, &path);
    assert!(content, "{said}");
    let cut = decode_all(&mut Decoder::open(&AudioSource::File(clip)).unwrap());
    let wanted: Vec<f32> = (4_000..8_000).map(|i| i as f32 / 16_000.0).collect();
    assert!(cut == wanted, "{} samples", cut.len());

    let junk = folder.path().join("junk.xyz");
    std::fs::write(&junk, b"nothing that anybody knows").unwrap();
    let (said, content) = run(&["probe".as_ref(), junk.as_ref()], &path);
    assert!(!content && said.contains("nor by ffmpeg"), "{said}");
    let (said, content) = run(&["probe".as_ref(), junk.as_ref()], "/nowhere".as_ref());
    assert!(!content && said.contains("install ffmpeg"), "{said}");
}

/// Programs in ffmpeg's place that know one file: through the pipe its sound is all silence, copied it is that of the pips.
#[cfg(unix)]
fn copying_stand_in(folder: &std::path::Path) {
    use std::os::unix::fs::PermissionsExt as _;

    let told = r#"{"streams": [{"codec_name": "odd", "sample_rate": "16000", "channels": 1, "duration": "3.0"}]}"#;
    let ffprobe = format!("#!/bin/sh\necho '{told}'\n");
    let pips = fixture("pips.flac");
    let ffmpeg = format!(
        "#!/bin/sh\nfor last in \"$@\"; do :; done\ncase $last in file:*) cp '{}' \"${{last#file:}}\";; *) head -c 192000 \
         /dev/zero;; esac\n",
        pips.display()
    );
    for (name, script) in [("ffprobe", ffprobe), ("ffmpeg", ffmpeg)] {
        let path = folder.join(name);
        std::fs::write(&path, script).unwrap();
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o755)).unwrap();
    }
}

/// What is run with the programs above in its path; a path of its own is only had by a process of its own.
#[cfg(unix)]
#[test]
#[ignore = "run by the next test"]
fn playing_from_a_copy() {
    let folder = std::path::PathBuf::from(std::env::var_os("EARMARK_TEST_FOLDER").unwrap());
    let rig = super::playing::Rig::with_cache(Some(folder.join("cache")));
    rig.load(AudioSource::File(folder.join("odd.xyz")), 0);
    // As soon as the copy is there the pips are heard.
    let deadline = std::time::Instant::now() + std::time::Duration::from_secs(20);
    let mut heard = Vec::new();
    while heard.iter().all(|sample: &f32| sample.abs() < 0.1) {
        assert!(std::time::Instant::now() < deadline, "there is only silence");
        rig.engine.send(EngineCommand::Seek(MediaTime::from_millis(200)));
        rig.engine.send(EngineCommand::Play);
        for _ in 0..20 {
            heard.extend(rig.pull());
            std::thread::yield_now();
        }
    }
    let kept = std::fs::read_dir(folder.join("cache")).unwrap().count();
    assert_eq!(kept, 1);
}

#[cfg(unix)]
#[test]
fn what_ffmpeg_decodes_is_played_from_a_copy_as_soon_as_there_is_one() {
    let folder = tempfile::tempdir().unwrap();
    copying_stand_in(folder.path());
    std::fs::write(folder.path().join("odd.xyz"), b"nothing that anybody knows").unwrap();
    let path = [folder.path().as_os_str(), "/usr/bin:/bin".as_ref()].join(std::ffi::OsStr::new(":"));
    // Made in the first run, found by the second.
    for _ in 0..2 {
        let run = std::process::Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "decoding::playing_from_a_copy", "--ignored"])
            .env("PATH", &path)
            .env("EARMARK_TEST_FOLDER", folder.path())
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&run.stdout);
        assert!(run.status.success() && said.contains("1 passed"), "{said}");
        // From now on it cannot be made.
        std::fs::write(folder.path().join("ffmpeg"), "#!/bin/sh\nhead -c 192000 /dev/zero\n").unwrap();
    }
}
