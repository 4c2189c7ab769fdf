//! Sound: every kind of file that ffmpeg writes and we decode ourselves, sample by sample beside ffmpeg's decoder, and
//! from three hundred places in it beside our own from the start.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::AtomicBool;

use earmark::audio::{AudioSource, Decoder, copied_into};

/// How near two decoders come.
#[derive(Debug, Clone, Copy)]
enum Near {
    /// To the last bit of sixteen.
    Lossless,
    /// So many decibels of sound over the difference.
    Decibels(f64),
    /// Not at all: the codec fills in noise, each decoder its own.
    Length,
}

/// A kind of file.
#[derive(Clone, Copy)]
struct Kind {
    /// Its name, which tells the container.
    file: &'static str,
    /// What ffmpeg is told to write it.
    words: &'static str,
    /// The decoder that ffmpeg is to use, where its own choice is another one than the usual.
    decoder: Option<&'static str>,
    near: Near,
    /// How many frames we give beyond ffmpeg's, and why.
    more: (i64, &'static str),
    /// How far samples after a seek may be from those without.
    after_seek: f32,
}

const fn kind(file: &'static str, words: &'static str, near: Near) -> Kind {
    Kind {
        file,
        words,
        decoder: None,
        near,
        more: (0, ""),
        after_seek: 0.0,
    }
}

const fn by(decoder: &'static str, kind: Kind) -> Kind {
    Kind {
        decoder: Some(decoder),
        ..kind
    }
}

const fn more(frames: i64, why: &'static str, kind: Kind) -> Kind {
    Kind {
        more: (frames, why),
        ..kind
    }
}

/// The speech part of Opus reckons in whole numbers and never quite forgets: in silence it may hum to itself by a bit or
/// two of sixteen, each time otherwise.
const fn hums(kind: Kind) -> Kind {
    Kind {
        after_seek: 1e-9,
        ..kind
    }
}

const LOSSY: Near = Near::Decibels(90.0);
/// ffmpeg's libopus gives sixteen bits, which is all that differs.
const SIXTEEN_BITS: Near = Near::Decibels(75.0);
const EDIT: &str = "the edit list says where the sound ends; ffmpeg plays the encoder's padding";
const DISCARD: &str =
    "Matroska's DiscardPadding is not given by the demuxer: some milliseconds of the encoder's padding";
const NO_NOISE: &str = "-c:a aac -aac_pns 0";

const KINDS: &[Kind] = &[
    kind("cbr.mp3", "-c:a libmp3lame -b:a 128k", LOSSY),
    kind("vbr.mp3", "-c:a libmp3lame -q:a 4", LOSSY),
    kind(
        "headless.mp3",
        "-c:a libmp3lame -q:a 4 -write_xing 0 -id3v2_version 0",
        LOSSY,
    ),
    kind("low.mp3", "-c:a libmp3lame -ar 8000 -ac 1 -b:a 16k", LOSSY),
    more(-479, EDIT, kind("in.mp4", "-c:a libmp3lame", LOSSY)),
    more(479, DISCARD, kind("mp3.mkv", "-c:a libmp3lame", LOSSY)),
    by("mp2float", kind("layer2.mp2", "-c:a mp2 -b:a 192k", LOSSY)),
    by("mp2float", kind("low.mp2", "-c:a mp2 -ar 22050 -ac 1 -b:a 64k", LOSSY)),
    kind("adts.aac", NO_NOISE, LOSSY),
    more(-1, EDIT, kind("aac.m4a", NO_NOISE, LOSSY)),
    more(
        -1,
        EDIT,
        kind(
            "mono.m4b",
            "-c:a aac -aac_pns 0 -b:a 48k -ac 1 -ar 22050 -f ipod",
            LOSSY,
        ),
    ),
    more(-1, EDIT, kind("noise.m4a", "-c:a aac -b:a 64k", Near::Length)),
    more(-1, EDIT, kind("aac.mov", NO_NOISE, LOSSY)),
    kind("aac.mkv", NO_NOISE, LOSSY),
    kind("alac.m4a", "-c:a alac", Near::Lossless),
    kind("alac.caf", "-c:a alac", Near::Lossless),
    kind("flac.flac", "-c:a flac", Near::Lossless),
    kind("24.flac", "-c:a flac -sample_fmt s32", Near::Lossless),
    kind("192k.flac", "-c:a flac -ar 192000", Near::Lossless),
    kind("six.flac", "-c:a flac -ac 6", Near::Lossless),
    kind("flac.oga", "-c:a flac -f ogg", Near::Lossless),
    kind("flac.mkv", "-c:a flac", Near::Lossless),
    kind("vorbis.ogg", "-c:a libvorbis -q:a 3", LOSSY),
    kind("six.ogg", "-c:a libvorbis -ac 6", LOSSY),
    hums(by(
        "libopus",
        kind(
            "speech.opus",
            "-c:a libopus -b:a 24k -ac 1 -application voip",
            SIXTEEN_BITS,
        ),
    )),
    by("libopus", kind("music.opus", "-c:a libopus -b:a 96k", SIXTEEN_BITS)),
    by(
        "libopus",
        kind("short.opus", "-c:a libopus -frame_duration 2.5", SIXTEEN_BITS),
    ),
    by("libopus", kind("six.opus", "-c:a libopus -ac 6", SIXTEEN_BITS)),
    by(
        "libopus",
        more(-1, EDIT, kind("opus.mp4", "-c:a libopus -strict -2", SIXTEEN_BITS)),
    ),
    by("libopus", kind("opus.webm", "-c:a libopus", SIXTEEN_BITS)),
    by("libopus", kind("opus.caf", "-c:a libopus", SIXTEEN_BITS)),
    kind("u8.wav", "-c:a pcm_u8", Near::Lossless),
    kind("s16.wav", "-c:a pcm_s16le", Near::Lossless),
    kind("s24.wav", "-c:a pcm_s24le", Near::Lossless),
    kind("s32.wav", "-c:a pcm_s32le", Near::Lossless),
    kind("f32.wav", "-c:a pcm_f32le", Near::Lossless),
    kind("f64.wav", "-c:a pcm_f64le", Near::Lossless),
    kind("alaw.wav", "-c:a pcm_alaw", Near::Lossless),
    kind("mulaw.wav", "-c:a pcm_mulaw", Near::Lossless),
    kind("ms.wav", "-c:a adpcm_ms", Near::Lossless),
    kind("ima.wav", "-c:a adpcm_ima_wav", Near::Lossless),
    kind("rf64.wav", "-c:a pcm_s16le -rf64 always", Near::Lossless),
    kind("eight.wav", "-c:a pcm_s16le -ac 8", Near::Lossless),
    kind("s16.aiff", "-c:a pcm_s16be", Near::Lossless),
    kind("s24.aiff", "-c:a pcm_s24be", Near::Lossless),
    kind("f32.aifc", "-c:a pcm_f32be -f aiff", Near::Lossless),
    kind("mulaw.aifc", "-c:a pcm_mulaw -f aiff", Near::Lossless),
    kind("s16.caf", "-c:a pcm_s16be", Near::Lossless),
    kind("f32.caf", "-c:a pcm_f32be", Near::Lossless),
    kind("pcm.mkv", "-c:a pcm_s16le", Near::Lossless),
    kind("pcm.mov", "-c:a pcm_s16le", Near::Lossless),
];

/// Kinds that only ffmpeg decodes, of which a copy is kept. What plays is the copy's sixteen bits.
const COPIED: &[Kind] = &[
    kind("ac3.ac3", "-c:a ac3 -b:a 192k", Near::Lossless),
    kind("ac3.mkv", "-c:a ac3 -ac 6", Near::Lossless),
    kind("eac3.mp4", "-c:a eac3", Near::Lossless),
    kind("wma.wma", "-c:a wmav2 -b:a 96k", Near::Lossless),
    kind("tta.tta", "-c:a tta -sample_fmt s32", Near::Lossless),
];

const SOURCE: &str = "source.wav";
const SEEKS: u64 = 300;
/// So many frames are compared from each place.
const FROM_EACH: u64 = 1_500;

/// A folder with twenty seconds of the demo in it.
fn made_of_the_demo(name: &str) -> PathBuf {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
    std::fs::create_dir_all(&folder).unwrap();
    let demo = Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/demo/talking-about-maps.mp3");
    // The right side is softer and hums, so that the sides can be told apart.
    let sides = "aeval=val(0)|val(0)*0.7+0.1*sin(2*PI*440*t)";
    ffmpeg(
        &["-ss", "3", "-t", "20", "-i"],
        &demo,
        &["-ar", "44100", "-ac", "2", "-af", sides],
        &folder.join(SOURCE),
    );
    folder
}

fn write(kind: &Kind, folder: &Path) -> PathBuf {
    let file = folder.join(kind.file);
    let words: Vec<&str> = kind.words.split(' ').collect();
    ffmpeg(&["-i"], &folder.join(SOURCE), &words, &file);
    file
}

#[test]
#[ignore = "needs other programs: ./dev test --peers"]
fn sound_is_decoded_as_ffmpeg_does() {
    let folder = made_of_the_demo("peers-sound");
    let mut faults = Vec::new();
    for kind in KINDS {
        let file = write(kind, &folder);
        let opened = Decoder::open(&AudioSource::File(file.clone())).map_err(|error| error.to_string());
        match opened.and_then(|mut decoder| compare(kind, &file, &mut decoder)) {
            Ok(told) => println!("{:<14} {told}", kind.file),
            Err(fault) => faults.push(format!("{}: {fault}", kind.file)),
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
#[ignore = "needs other programs: ./dev test --peers"]
fn sound_that_only_ffmpeg_decodes_is_sought_in_a_copy_of_it() {
    let folder = made_of_the_demo("peers-copies");
    let mut faults = Vec::new();
    for kind in COPIED {
        let file = write(kind, &folder);
        let cache = tempfile::tempdir().unwrap();
        let copied = copied_into(cache.path(), &AudioSource::File(file.clone()), &AtomicBool::new(false));
        let compared = copied.map_err(|error| error.to_string());
        match compared.and_then(|mut copy| compare(kind, &file, &mut copy)) {
            Ok(told) => println!("{:<14} {told}", kind.file),
            Err(fault) => faults.push(format!("{}: {fault}", kind.file)),
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

fn compare(kind: &Kind, file: &Path, decoder: &mut Decoder) -> Result<String, String> {
    let channels = usize::from(decoder.channels());
    let ours = decode(decoder)?;
    let theirs = decode_with_ffmpeg(kind, file);
    let (ours_long, theirs_long) = (ours.len() / channels, theirs.len() / channels);
    let (more, why) = kind.more;
    let found = ours_long as i64 - theirs_long as i64;
    // Where only the sign is given, less than a packet.
    let is_as_told = found == more || more == -1 && (-2_048..0).contains(&found);
    if !is_as_told {
        return Err(format!("{ours_long} frames beside {theirs_long}"));
    }
    let (mut sound, mut apart, mut most) = (0.0_f64, 0.0_f64, 0.0_f32);
    for (a, b) in ours.iter().zip(&theirs) {
        sound += f64::from(b * b);
        apart += f64::from((a - b) * (a - b));
        most = most.max((a - b).abs());
    }
    let decibels = 10.0 * (sound / apart.max(1e-30)).log10();
    let is_near = match kind.near {
        Near::Lossless => most <= 1.0 / 32_768.0,
        Near::Decibels(least) => decibels >= least,
        Near::Length => true,
    };
    if !is_near {
        return Err(format!(
            "{decibels:.1} dB, {:.3} of a sixteenth bit apart",
            most * 32_768.0
        ));
    }
    // The noise depends on how much of it there was before.
    if !matches!(kind.near, Near::Length) {
        seek_about(decoder, &ours, channels, kind.after_seek)?;
    }
    Ok(format!("{ours_long:8} frames, {found:+5}, {decibels:6.1} dB  {why}"))
}

/// From anywhere the very samples come that come from the start.
fn seek_about(decoder: &mut Decoder, all: &[f32], channels: usize, allowed: f32) -> Result<(), String> {
    let frames = (all.len() / channels) as u64;
    let mut place = 0x2545_f491_4f6c_dd1d_u64;
    for _ in 0..SEEKS {
        place ^= place << 13;
        place ^= place >> 7;
        place ^= place << 17;
        let target = place % frames;
        decoder.seek(target).map_err(|error| error.to_string())?;
        let mut at = target;
        while at < (target + FROM_EACH).min(frames) {
            let block = decoder.next_block().map_err(|error| error.to_string())?;
            let block = block.ok_or_else(|| format!("nothing at {at} of {frames}, sought {target}"))?;
            let from = at as usize * channels;
            let wanted = all.get(from..from + block.samples.len()).unwrap_or_default();
            let apart = block.samples.iter().zip(wanted).map(|(a, b)| (a - b).abs());
            let most = apart.fold(0.0, f32::max);
            if block.first_frame != at || block.samples.len() != wanted.len() || most > allowed {
                return Err(format!("other samples at {at}, sought {target}: {most} apart"));
            }
            at += (block.samples.len() / channels) as u64;
        }
    }
    Ok(())
}

fn decode(decoder: &mut Decoder) -> Result<Vec<f32>, String> {
    let mut all = Vec::new();
    while let Some(block) = decoder.next_block().map_err(|error| error.to_string())? {
        all.extend_from_slice(block.samples);
    }
    Ok(all)
}

fn ffmpeg(before: &[&str], from: &Path, words: &[&str], to: &Path) {
    let mut ffmpeg = Command::new("ffmpeg");
    ffmpeg
        .args(["-v", "error", "-nostdin", "-y"])
        .args(before)
        .arg(from)
        .args(words)
        .arg(to);
    assert!(ffmpeg.status().unwrap().success(), "{ffmpeg:?}");
}

fn decode_with_ffmpeg(kind: &Kind, file: &Path) -> Vec<f32> {
    let mut ffmpeg = Command::new("ffmpeg");
    ffmpeg.args(["-v", "error", "-nostdin"]);
    if let Some(decoder) = kind.decoder {
        ffmpeg.args(["-c:a", decoder]);
    }
    ffmpeg
        .arg("-i")
        .arg(file)
        .args(["-map", "0:a:0", "-f", "f32le", "-c:a", "pcm_f32le", "-"]);
    let done = ffmpeg.stderr(Stdio::inherit()).output().unwrap();
    assert!(done.status.success(), "{ffmpeg:?}");
    let (samples, _) = done.stdout.as_chunks::<4>();
    samples.iter().map(|bytes| f32::from_le_bytes(*bytes)).collect()
}
