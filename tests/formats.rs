//! Every reader, from bytes to transcript: by recorded examples, by refusals, and by properties that hold for any
//! input at all.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::fmt::Write as _;
use std::io::{Cursor, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use earmark::format::{
    Format, MAX_CUES, MAX_OF_KIND, Options, ReadError, Reading, formats_table, read, read_media, recognised, write,
};
use earmark::time::{CueTime, format_hms_millis};
use oracle::{are_alike, check_written, essence, read_and_check};
use proptest::prelude::*;

#[path = "formats/oracle.rs"]
mod oracle;

#[path = "formats/webvtt_cases.rs"]
mod webvtt_cases;

#[path = "formats/vanishing.rs"]
mod vanishing;

fn fixtures(folder: &str) -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/fixtures/formats")
        .join(folder);
    let mut paths: Vec<PathBuf> = std::fs::read_dir(root)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    paths.sort();
    paths
}

fn read_fixture(path: &Path) -> Result<Reading, ReadError> {
    let extension = path.extension().and_then(|extension| extension.to_str());
    read(&std::fs::read(path).unwrap(), &Options::named(extension))
}

fn clock(time: CueTime) -> String {
    format_hms_millis(time - CueTime::ZERO, '.')
}

/// All that was read, one line for each thing, for a person to compare.
fn summary(reading: &Reading) -> String {
    let transcript = &reading.transcript;
    let mut out = format!("{} ({}), {}", reading.format.name(), reading.why, reading.encoding);
    if let Some(language) = &transcript.language {
        write!(out, ", {language}").unwrap();
    }
    if let Some(title) = &transcript.title {
        write!(out, ", {title:?}").unwrap();
    }
    for chapter in &transcript.outline {
        write!(out, "\nchapter {} {}", clock(chapter.start), chapter.title).unwrap();
    }
    for tier in &reading.tiers {
        write!(out, "\ntier {tier}").unwrap();
    }
    for cue in &transcript.cues {
        let name = transcript
            .speaker_name(cue.speaker)
            .map(|name| format!("{name} | "))
            .unwrap_or_default();
        let text = cue.text.replace('\n', " / ");
        write!(out, "\n{} {}  {name}{text}", clock(cue.span.start), clock(cue.span.end)).unwrap();
        for word in &cue.given_words {
            let (text, sign) = (cue.slice(word.bytes()), if word.given { "" } else { "~" });
            write!(
                out,
                "\n    {sign}{} {}  {text}",
                clock(word.span.start),
                clock(word.span.end)
            )
            .unwrap();
        }
        if let Some(origin) = &cue.origin {
            let said =
                |name: &str, what: Option<&str>| what.map(|what| format!("\n    {name} {what:?}")).unwrap_or_default();
            out += &said("identifier", origin.identifier.as_deref());
            out += &said("settings", origin.settings.as_deref());
            out += &said("extra", origin.extra.as_deref());
            out += if origin.continues { "\n    continues" } else { "" };
        }
    }
    for warning in &reading.warnings {
        let cue = warning.cue.map(|cue| format!(" cue {}", cue.0)).unwrap_or_default();
        let kind = &warning.kind;
        write!(
            out,
            "\n! line {}{cue} {}: {kind}; {}",
            warning.line,
            kind.name(),
            kind.done()
        )
        .unwrap();
    }
    out
}

fn summaries(folder: &str) -> String {
    let mut out = String::new();
    for path in fixtures(folder) {
        let name = path.file_name().unwrap().to_string_lossy();
        let read = read_fixture(&path).map_or_else(|error| format!("refused: {error}"), |reading| summary(&reading));
        write!(out, "== {name}\n{read}\n\n").unwrap();
    }
    out
}

/// The folder of a format's fixtures is called like the format.
#[test]
fn the_files_of_every_format_read_as_recorded() {
    for format in Format::all() {
        insta::assert_snapshot!(format.key(), summaries(format.key()));
    }
}

/// Captions of the web tell a speaker where another begins; a table of cues tells each.
#[test]
fn who_is_not_named_is_nobody_where_each_is_named() {
    let speakers = |text: &str, extension| {
        let reading = read(text.as_bytes(), &Options::named(Some(extension))).unwrap();
        let cues = reading.transcript.cues.iter();
        cues.map(|cue| reading.transcript.speaker_name(cue.speaker).unwrap_or("").to_owned())
            .collect::<Vec<_>>()
    };
    let table = "start,end,speaker,text\n1.0,2.0,Ada,Hi.\n2.0,3.0,,A door.\n3.0,4.0,Ben,Yes?\n";
    assert_eq!(speakers(table, "csv"), ["Ada", "", "Ben"]);
    let captions = "WEBVTT\n\n00:01.000 --> 00:02.000\n<v Ada>Hi.\n\n00:02.000 --> 00:03.000\nAnd so.\n\n\
                    00:03.000 --> 00:04.000\n<v Ben>Yes?\n";
    assert_eq!(speakers(captions, "vtt"), ["Ada", "Ada", "Ben"]);
    let segments = r#"{"segments": [{"start": 1, "end": 2, "text": "Hi.", "speaker": "Ada"},
        {"start": 2, "end": 3, "text": "A door."}, {"start": 3, "end": 4, "text": "Yes?", "speaker": "Ben"}]}"#;
    assert_eq!(speakers(segments, "json"), ["Ada", "", "Ben"]);
    // So it is told where the captions would say more than is known.
    let table = read(table.as_bytes(), &Options::named(Some("csv"))).unwrap();
    let lost = |format| write(&table.transcript, format).unwrap().losses;
    assert_eq!(
        lost(Format::WebVtt)[0].to_string(),
        "WebVTT holds no cues without a speaker: 1 left out"
    );
    assert_eq!(lost(Format::Csv), []);
}

/// The dialects of JSON differ in their names only, and their files in nothing else.
#[test]
fn a_json_file_is_recognised_by_one_reader() {
    for format in Format::all().filter(|format| format.extensions().contains(&"json")) {
        for path in fixtures(format.key()) {
            let found = recognised(&std::fs::read(&path).unwrap(), &Options::default());
            assert_eq!(found, [format], "{}", path.display());
        }
    }
}

#[test]
fn the_readme_lists_the_formats_that_are_there() {
    let readme = include_str!("../README.md");
    let shown = readme.split("<!-- formats -->").nth(1).unwrap();
    let shown = shown.split("<!-- /formats -->").next().unwrap();
    assert_eq!(shown.trim(), formats_table().trim());
}

#[test]
fn every_format_has_files_of_its_own() {
    for format in Format::all() {
        let read_as = |path: &PathBuf| match read_fixture(path) {
            Ok(reading) => reading.format == format,
            // A feed is read by telling which files it means.
            Err(error) => format == Format::Feed && matches!(error, ReadError::PointsTo { .. }),
        };
        assert!(fixtures(format.key()).iter().any(read_as), "{}", format.key());
    }
}

/// Formats that differ in nothing but the look of a line are told apart by it, whatever the file is called.
#[test]
fn plain_caption_formats_are_told_by_their_content() {
    // The name resolves what the content leaves open, or the file is there because its name is wrong.
    const OTHERS: [&str; 4] = ["no_header.vtt", "really_vtt.srt", "whole_seconds.lrc", "prose.txt"];
    for key in [
        "vtt",
        "ass",
        "sbv",
        "subviewer",
        "mpl2",
        "microdvd",
        "lrc",
        "srt",
        "text",
    ] {
        let paths = fixtures(key).into_iter();
        for path in paths.filter(|path| !OTHERS.iter().any(|other| path.ends_with(other))) {
            let bytes = std::fs::read(&path).unwrap();
            let own = path.extension().and_then(|extension| extension.to_str());
            for extension in [own, None, Some("txt"), Some("sub")] {
                let format = read(&bytes, &Options::named(extension)).map(|reading| reading.format.key());
                assert_eq!(format.ok(), Some(key), "{} as {extension:?}", path.display());
            }
        }
    }
}

#[test]
fn a_frame_rate_that_is_said_is_kept_to() {
    let read_at = |text: &str, frame_rate| {
        let options = Options {
            frame_rate,
            ..Options::default()
        };
        let reading = read(text.as_bytes(), &options).unwrap();
        (reading.transcript.cues[0].span.start, reading.warnings.len())
    };
    let second = CueTime::from_millis(1_000);
    assert_eq!(read_at("{30}{60}x", Some(30.0)), (second, 0));
    assert_eq!(read_at("{1}{1}25\n{30}{60}x", Some(30.0)), (second, 0));
    assert_eq!(read_at("{1}{1}25\n{25}{60}x", None), (second, 0));
    assert_eq!(read_at("{24}{60}x", Some(f64::NAN)), (CueTime::from_millis(1_001), 1));
}

/// Heads, styles, comments, codes, columns: a file without mistakes is written as it was read, to the letter.
#[test]
fn a_clean_file_is_written_to_the_letter() {
    let files = [
        ("ass", "ordinary.ass"),
        ("ass", "karaoke.ass"),
        ("ass", "old.ssa"),
        ("ass", "styles.ass"),
        ("ass", "columns.ass"),
        ("sbv", "ordinary.sbv"),
        ("sbv", "turns.sbv"),
        ("lrc", "ordinary.lrc"),
        ("lrc", "voices.lrc"),
    ];
    for (key, name) in files {
        let path = fixtures(key).into_iter().find(|path| path.ends_with(name)).unwrap();
        let text = std::fs::read_to_string(&path).unwrap();
        let reading = read_fixture(&path).unwrap();
        let written = write(&reading.transcript, reading.format).unwrap().text;
        // Where the last cue has no end, one is made up; blank lines are nobody's.
        let lines = |text: &str| {
            text.lines()
                .map(str::trim_end)
                .filter(|line| !line.is_empty())
                .map(str::to_owned)
                .collect::<Vec<_>>()
        };
        let (mut written, text) = (lines(&written), lines(&text));
        if written.len() == text.len() + 1 && key == "lrc" {
            written.pop();
        }
        assert_eq!(written, text, "{name}");
    }
}

#[test]
fn a_tier_that_is_said_is_the_one_that_is_read() {
    let path = fixtures("ass")
        .into_iter()
        .find(|path| path.ends_with("ordinary.ass"))
        .unwrap();
    let bytes = std::fs::read(path).unwrap();
    let read_tier = |tier| {
        read(
            &bytes,
            &Options {
                tier,
                ..Options::default()
            },
        )
    };
    assert_eq!(read_tier(None).unwrap().tiers, ["Default", "Sign"]);
    let cues = read_tier(Some("Sign")).unwrap().transcript.cues;
    assert_eq!(cues.iter().map(|cue| &*cue.text).collect::<Vec<_>>(), ["TO THE BOATS"]);
    let error = read_tier(Some("Songs")).unwrap_err().to_string();
    insta::assert_snapshot!(error, @r#"there is no tier "Songs"; there are: Default, Sign"#);
}

/// Recordings are opened from the disk, since they may be larger than the memory.
#[test]
fn a_recording_reads_from_a_file_as_from_memory() {
    for path in ["matroska", "mp4", "id3"].into_iter().flat_map(fixtures) {
        let extension = path.extension().and_then(|extension| extension.to_str());
        let options = Options::named(extension);
        let from_file = read_media(&mut std::fs::File::open(&path).unwrap(), &options);
        match (from_file, read_fixture(&path)) {
            (Ok(a), Ok(b)) => assert_eq!(
                (a.transcript, a.warnings),
                (b.transcript, b.warnings),
                "{}",
                path.display()
            ),
            (a, b) => assert_eq!(a.unwrap_err(), b.unwrap_err(), "{}", path.display()),
        }
    }
}

#[test]
fn a_track_is_chosen_by_name_or_language() {
    for (file, tier, expected) in [
        ("matroska/two_tracks.mkv", "fre", "Il pleuvait."),
        ("matroska/two_tracks.mkv", "full", "It rained, & it rained."),
        ("mp4/two_tracks.m4v", "deu (track 2)", "It rained, & it rained."),
        ("id3/two_languages.mp3", "fra", "Il pleuvait toute la nuit."),
    ] {
        let path = Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("tests/fixtures/formats")
            .join(file);
        let options = |tier| Options {
            tier: Some(tier),
            ..Options::default()
        };
        let reading = read(&std::fs::read(&path).unwrap(), &options(tier)).unwrap();
        assert_eq!(&*reading.transcript.cues[0].text, expected, "{file}");
        assert_eq!(
            reading
                .warnings
                .iter()
                .filter(|warning| warning.kind.name() == "several-tiers")
                .count(),
            0
        );
        let refused = read(&std::fs::read(&path).unwrap(), &options("Latin")).unwrap_err();
        assert!(matches!(refused, ReadError::NoSuchTier { .. }), "{refused}");
    }
}

/// A file that is mostly zeros, as large as one likes; counts what is read of it.
struct Sparse {
    pieces: Vec<(u64, Vec<u8>)>,
    length: u64,
    at: u64,
    read: u64,
}

impl Sparse {
    /// Pieces with so many zeros after each.
    fn new(parts: &[(&[u8], u64)]) -> Self {
        let (mut pieces, mut length) = (Vec::new(), 0);
        for (bytes, zeros) in parts {
            pieces.push((length, bytes.to_vec()));
            length += bytes.len() as u64 + zeros;
        }
        Self {
            pieces,
            length,
            at: 0,
            read: 0,
        }
    }
}

impl Read for Sparse {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let count = (buffer.len() as u64).min(self.length.saturating_sub(self.at));
        for (place, byte) in (self.at..self.at + count).zip(buffer.iter_mut()) {
            let inside = self
                .pieces
                .iter()
                .find_map(|(from, bytes)| bytes.get(place.checked_sub(*from)? as usize));
            *byte = inside.copied().unwrap_or(0);
        }
        self.at += count;
        self.read += count;
        Ok(count as usize)
    }
}

impl Seek for Sparse {
    fn seek(&mut self, to: SeekFrom) -> std::io::Result<u64> {
        self.at = match to {
            SeekFrom::Start(at) => at,
            SeekFrom::End(distance) => self.length.checked_add_signed(distance).unwrap(),
            SeekFrom::Current(distance) => self.at.checked_add_signed(distance).unwrap(),
        };
        Ok(self.at)
    }
}

#[test]
fn of_a_recording_of_gigabytes_only_its_text_is_read() {
    const PICTURES: u64 = 6 << 30;
    let long = |bytes: &[u8], size: u64| [bytes, &size.to_be_bytes()].concat();
    // A cluster and a segment of open length, a block of pictures between two of text.
    let track = b"\x16\x54\xae\x6b\x98\xae\x96\xd7\x81\x01\x83\x81\x11\x86\x8bS_TEXT/UTF8\x88\x81\x01";
    let head = [
        b"\x1aE\xdf\xa3\x80\x18\x53\x80\x67\xff".as_slice(),
        track,
        b"\x1f\x43\xb6\x75\xff\xe7\x81\x00",
    ]
    .concat();
    let text =
        |ticks: u8, text: &[u8]| [b"\xa3".as_slice(), &[0x84 + text.len() as u8, 0x81, 0, ticks, 0], text].concat();
    let pictures = long(b"\xa3", 0x01 << 56 | (PICTURES + 4));
    let first = [head.as_slice(), &text(10, b"Rain."), &pictures, b"\x82\0\0\0"].concat();
    let matroska = Sparse::new(&[(&first, PICTURES), (&text(200, b"Sun."), 0)]);
    // The samples, then a box of pictures, then what tells where the samples are.
    let file = std::fs::read(
        fixtures("mp4")
            .iter()
            .find(|path| path.ends_with("webvtt.mp4"))
            .unwrap(),
    )
    .unwrap();
    let moov = file.windows(4).position(|window| window == b"moov").unwrap() - 4;
    let (samples, moov) = file.split_at(moov);
    let first = [samples, &long(b"\0\0\0\x01free", PICTURES + 16)].concat();
    let mp4 = Sparse::new(&[(&first, PICTURES), (moov, 0)]);
    for mut file in [matroska, mp4] {
        let reading = read_media(&mut file, &Options::default()).unwrap();
        assert_eq!(
            (reading.transcript.cues.len(), file.length > PICTURES),
            (2, true),
            "{reading:?}"
        );
        assert!(file.read < 1 << 16, "{} bytes read", file.read);
    }
    assert!(
        read_media(
            &mut Cursor::new(b"1\n00:00:01,000 --> 00:00:02,000\nHi"),
            &Options::default()
        )
        .is_err()
    );
}

/// A file that is read and written in its own format says the same.
#[test]
fn writing_gives_back_what_was_read() {
    for format in Format::all().filter(|format| format.is_written()) {
        for path in fixtures(format.key()) {
            let Ok(first) = read_fixture(&path) else { continue };
            if first.format != format {
                continue;
            }
            let written = write(&first.transcript, format).unwrap();
            let options = Options::named(format.extensions().first().copied());
            let again = read(written.text.as_bytes(), &options).unwrap();
            assert_eq!(again.format, format, "{}:\n{}", path.display(), written.text);
            assert!(
                are_alike(&again, &first),
                "{}:\n{}\n{:?}\n{:?}",
                path.display(),
                written.text,
                essence(&again),
                essence(&first)
            );
            assert_eq!(
                again.transcript.language,
                first.transcript.language,
                "{}",
                path.display()
            );
            let twice = write(&again.transcript, format).unwrap();
            assert_eq!(twice.text, written.text, "{}", path.display());
        }
    }
}

/// Files in which nothing had to be repaired, of the formats that keep how a file was written.
const CLEAN: [&str; 27] = [
    "srt/bom.srt",
    "srt/coordinates.srt",
    "srt/cr.srt",
    "srt/crcrlf.srt",
    "srt/crlf.srt",
    "srt/everybody_labelled.srt",
    "srt/from_zero.srt",
    "srt/names.srt",
    "srt/ordinary.srt",
    "srt/turns.srt",
    "srt/unended.srt",
    "vtt/blank_lines.vtt",
    "vtt/bom_and_nul.vtt",
    "vtt/changes_only.vtt",
    "vtt/cr.vtt",
    "vtt/entities.vtt",
    "vtt/guids.vtt",
    "vtt/markup.vtt",
    "vtt/names.vtt",
    "vtt/numbered_crlf.vtt",
    "vtt/ordinary.vtt",
    "vtt/sheets_and_regions.vtt",
    "vtt/short_times.vtt",
    "vtt/stream_segment.vtt",
    "vtt/voices.vtt",
    "vtt/words.vtt",
    // Clean as it stands; rolled up it is other cues.
    "vtt/youtube.vtt",
];

/// A file's text as a reader sees it: no byte order mark, plain line ends.
fn plain_text(bytes: &[u8]) -> String {
    let text = std::str::from_utf8(bytes).unwrap();
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    text.replace("\r\r\n", "\n").replace("\r\n", "\n").replace('\r', "\n")
}

#[test]
fn a_clean_file_is_written_as_it_was_read() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/formats");
    for name in CLEAN {
        let bytes = std::fs::read(root.join(name)).unwrap();
        let options = Options {
            raw: true,
            ..Options::named(name.rsplit('.').next())
        };
        let reading = read(&bytes, &options).unwrap();
        assert_eq!(reading.warnings, [], "{name}");
        let written = write(&reading.transcript, reading.format).unwrap();
        assert_eq!(written.text, plain_text(&bytes), "{name}");
        assert_eq!(written.losses, [], "{name}");
    }
}

/// Captions that roll say each word once, at the time the file gives it; as they stand they can be had as well.
#[test]
fn rolling_captions_are_read_once() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/formats");
    for (name, cues, has_times) in [("vtt/youtube.vtt", 13, true), ("srt/youtube.srt", 11, false)] {
        let bytes = std::fs::read(root.join(name)).unwrap();
        let options = Options::named(name.rsplit('.').next());
        let reading = read(&bytes, &options).unwrap();
        let told: Vec<&str> = reading.warnings.iter().map(|warning| warning.kind.name()).collect();
        assert_eq!(told, ["rolling"], "{name}");
        let transcript = &reading.transcript;
        let texts: Vec<&str> = transcript.cues.iter().map(|cue| &*cue.text).collect();
        let spoken = "so this morning we opened the oldest of the hives and found [Music] no honey";
        assert!(texts.join(" ").starts_with(spoken), "{name}: {texts:?}");
        let ends: Vec<CueTime> = transcript.cues.iter().take(4).map(|cue| cue.span.end).collect();
        let starts: Vec<CueTime> = transcript
            .cues
            .iter()
            .skip(1)
            .take(4)
            .map(|cue| cue.span.start)
            .collect();
        assert_eq!(ends, starts, "{name}");
        let first_two = transcript.cues.iter().take(2).flat_map(|cue| &cue.given_words);
        assert_eq!(first_two.clone().count(), if has_times { 10 } else { 0 }, "{name}");
        assert!(first_two.clone().all(|word| word.given), "{name}");
        let raw = Options { raw: true, ..options };
        let raw = read(&bytes, &raw).unwrap();
        // One of them has a mark of change inside, and is two.
        assert_eq!((raw.transcript.cues.len(), raw.warnings.len()), (cues, 0), "{name}");
    }
}

/// Every fixture in every format that is written: what no loss is told of is there again.
#[test]
fn any_transcript_is_written_in_any_format() {
    for path in Format::all().flat_map(|format| fixtures(format.key())) {
        let Ok(first) = read_fixture(&path) else { continue };
        for format in Format::all().filter(|format| format.is_written()) {
            let written = write(&first.transcript, format).unwrap();
            let lost: Vec<&str> = written.losses.iter().map(|loss| loss.what).collect();
            let options = Options {
                format: Some(format),
                ..Options::default()
            };
            let what = format!("{} as {}", path.display(), format.key());
            let again = read(written.text.as_bytes(), &options)
                .unwrap_or_else(|error| panic!("{what}: {error}\n{}", written.text));
            assert_eq!(
                again.transcript.cues.len(),
                first.transcript.cues.len(),
                "{what}:\n{}",
                written.text
            );
            for ((a, b), place) in essence(&again).iter().zip(essence(&first)).zip(0..) {
                let cue = format!("{what}, cue {place}:\n{}", written.text);
                let near = |a: CueTime, b: CueTime| (a - b).as_micros().abs() < 10_000;
                assert!(near(a.0.start, b.0.start), "{cue}");
                assert!(lost.contains(&"ends of cues") || near(a.0.end, b.0.end), "{cue}");
                let loses_names = ["speakers", "cues without a speaker", "commas in names"]
                    .iter()
                    .any(|what| lost.contains(what));
                assert!(loses_names || a.1 == b.1, "{cue}");
                let plain = |text: &str| {
                    text.split_whitespace()
                        .collect::<Vec<_>>()
                        .join(" ")
                        .replace("-->", "->")
                };
                assert_eq!(plain(&a.2), plain(&b.2), "{cue}");
                assert!(lost.contains(&"times of words") || a.3.len() == b.3.len(), "{cue}");
            }
        }
    }
}

/// What is said may look like a time code.
#[test]
fn a_time_code_that_is_said_stays_text() {
    let captions = "WEBVTT\n\n00:01.000 --> 00:02.000\n[0:12]\n\n00:02.000 --> 00:03.000\nand (00:00:13) he said\n";
    let first = read(captions.as_bytes(), &Options::named(Some("vtt"))).unwrap();
    let written = write(&first.transcript, Format::TimedText).unwrap().text;
    let again = read(written.as_bytes(), &Options::named(Some("txt"))).unwrap();
    let texts: Vec<&str> = again.transcript.cues.iter().map(|cue| &*cue.text).collect();
    assert_eq!(texts, ["[0:12]", "and (00:00:13) he said"], "{written}");
}

#[test]
fn one_transcript_in_many_encodings_and_line_ends_is_one() {
    let plain = read_fixture(
        &fixtures("srt")
            .into_iter()
            .find(|path| path.ends_with("ordinary.srt"))
            .unwrap(),
    )
    .unwrap();
    for path in fixtures("srt") {
        let name = path.file_stem().unwrap().to_string_lossy().into_owned();
        if ["crlf", "cr", "crcrlf", "bom"].contains(&name.as_str()) {
            assert_eq!(read_fixture(&path).unwrap().transcript, plain.transcript, "{name}");
        }
    }
}

#[test]
fn what_holds_no_cue_is_refused_with_what_was_tried() {
    let refused = |bytes: &[u8], extension| read(bytes, &Options::named(extension)).unwrap_err().to_string();
    insta::assert_snapshot!(refused(b"", Some("srt")), @"the file is empty");
    insta::assert_snapshot!(refused("\u{feff} \n\t\u{a0}".as_bytes(), None), @"the file is empty");
    let nothing = refused(b"Meet me at 10:30, or at 11:00.", Some("txt"));
    assert!(
        nothing.starts_with("no cue found; tried ") && nothing.contains("SubRip"),
        "{nothing}"
    );
    insta::assert_snapshot!(refused(b"WEBVTT\n\nNOTE nothing", Some("vtt")), @"no cue found; it was read as WebVTT");
    insta::assert_snapshot!(refused(b"\x7fELF\x02\x01\x01\0\0\0", None), @"this is no text file");
    let junk: Vec<u8> = (0..40_000_u32)
        .map(|i| (i.wrapping_mul(2_654_435_761) >> 11) as u8)
        .collect();
    insta::assert_snapshot!(refused(&junk, Some("srt")), @"this is no text file");
}

#[test]
fn the_content_decides_and_a_wrong_name_is_told() {
    let srt = "1\n00:00:01,000 --> 00:00:02,000\nHi\n";
    let kinds = |text: &str, extension| {
        let reading = read(text.as_bytes(), &Options::named(extension)).unwrap();
        let kinds: Vec<&str> = reading.warnings.iter().map(|warning| warning.kind.name()).collect();
        (reading.format, kinds)
    };
    for extension in [None, Some("srt"), Some("SRT"), Some("txt"), Some("unheard-of")] {
        assert_eq!(kinds(srt, extension), (Format::Srt, vec![]), "{extension:?}");
    }
    assert_eq!(kinds(srt, Some("vtt")), (Format::Srt, vec!["wrong-extension"]));
    assert_eq!(
        kinds("WEBVTT\n\n00:01.000 --> 00:02.000\nHi", Some("txt")),
        (Format::WebVtt, vec![])
    );
    assert_eq!(
        kinds("[0:01] Hi", Some("srt")),
        (Format::TimedText, vec!["wrong-extension"])
    );
}

#[test]
fn a_fault_on_every_cue_makes_no_endless_list() {
    let mut text = String::new();
    for i in 0..3 * MAX_OF_KIND {
        write!(text, "{i}\n00:00:01,000 --> 00:00:01,000\nCue {i}\n\n").unwrap();
    }
    let reading = read(text.as_bytes(), &Options::default()).unwrap();
    assert_eq!(reading.transcript.cues.len(), 3 * MAX_OF_KIND);
    assert!(reading.warnings.len() < 3 * MAX_OF_KIND, "{}", reading.warnings.len());
    assert!(
        reading
            .warnings
            .iter()
            .any(|warning| warning.kind.name() == "more-of-kind")
    );
}

#[test]
fn more_cues_than_any_transcript_has_are_refused() {
    let text = "[0:01]x\n".repeat(MAX_CUES + 5);
    assert_eq!(
        read(text.as_bytes(), &Options::default()).unwrap_err(),
        ReadError::TooManyCues { limit: MAX_CUES }
    );
}

#[test]
fn a_tier_is_read_where_it_is_asked_for() {
    let path = fixtures("textgrid")
        .into_iter()
        .find(|path| path.ends_with("annotations.TextGrid"))
        .unwrap();
    let bytes = std::fs::read(path).unwrap();
    let of_tier = |tier| {
        let options = Options {
            tier: Some(tier),
            ..Options::default()
        };
        read(&bytes, &options).map(|reading| {
            (
                reading.transcript.cues.len(),
                reading.warnings.len(),
                reading.tiers.len(),
            )
        })
    };
    assert_eq!(of_tier("Class"), Ok((6, 0, 3)));
    insta::assert_snapshot!(of_tier("gloss").unwrap_err(), @"there is no tier \"gloss\"; there are: utterance, word, class");
}

#[test]
fn frames_are_of_the_rate_that_is_told() {
    let text = "Start Time,End Time,Text\n00:00:01:12,00:00:02:00,Hi\n";
    let with_rate = |frame_rate| {
        let options = Options {
            frame_rate,
            ..Options::default()
        };
        let reading = read(text.as_bytes(), &options).unwrap();
        (
            reading.transcript.cues[0].span.start.as_micros(),
            reading.warnings.len(),
        )
    };
    assert_eq!(with_rate(Some(24.0)), (1_500_000, 0));
    assert_eq!(with_rate(None), (1_480_000, 1));
    assert_eq!(with_rate(Some(f64::NAN)), (1_480_000, 1));
}

/// Texts made to make a reader slow: each is read in time that grows with its length alone. The bound is far above
/// what a loaded machine needs without optimisation, and far below what a quadratic reader would.
#[test]
fn hostile_texts_are_read_in_time() {
    const SIZE: usize = 1 << 20;
    let fill = |piece: &str| piece.repeat(SIZE / piece.len());
    let cue = "1\n00:00:01,000 --> 00:00:02,000\n";
    let digits = fill("7");
    let hostile = [
        ("one long line", format!("{cue}{}", fill("word "))),
        ("no blank at all", format!("{cue}{}", fill("x"))),
        ("nested tags", format!("{cue}{}deep", fill("<i>"))),
        ("open tags", format!("{cue}{}", fill("<i"))),
        ("open codes", format!("{cue}{}", fill("{\\"))),
        ("entities", format!("{cue}{}", fill("&#65;&x"))),
        ("arrows", format!("{cue}{}", fill("-->"))),
        ("dashes", format!("{cue}{}>", fill("-"))),
        ("arrows and times", fill("00:01 --> ")),
        (
            "arrows and times without a blank",
            format!("WEBVTT\n\n00:00:02,000-->{}", fill("0:02,000-->")),
        ),
        (
            "no-break spaces",
            fill("1\u{a0}00:00:01,000\u{a0}-->\u{a0}00:00:02,000\u{a0}x\u{a0}"),
        ),
        (
            "a time of many digits",
            format!("{digits}:00:00,000 --> {digits}:00:01,000\nx"),
        ),
        (
            "a fraction of many digits",
            format!("00:00:01,{digits} --> 00:00:02,{digits}\nx"),
        ),
        ("blank lines", format!("{cue}x{}", fill("\n"))),
        ("blanks before an arrow", format!("{cue}x{}--> 00:00:01,000", fill(" "))),
        ("numbers alone", format!("{cue}{}", fill("1\n"))),
        (
            "voices",
            format!("WEBVTT\n\n00:01.000 --> 00:02.000\n{}", fill("<v A>a<v B>b")),
        ),
        (
            "stamps",
            format!("WEBVTT\n\n00:01.000 --> 00:09.000\n{}", fill("<00:02.000>a ")),
        ),
        (
            "notes",
            format!("WEBVTT\n\n{}\n00:01.000 --> 00:02.000\nx", fill("NOTE\n\n")),
        ),
        ("identifiers", format!("WEBVTT\n\n{}", fill("a\n00:01 -->\n"))),
        ("open brackets", format!("[0:01] {}", fill("[0:"))),
        ("codes in a line", fill("[0:01] x")),
        ("names", format!("{cue}{}", fill("ADA: x\n"))),
        ("marks of change", format!("{cue}{}", fill(">> "))),
        ("pairs", fill("0:00:01.000,0:00:02.000\n")),
        ("pairs on one line", fill("0:00:01.000,")),
        ("frames", fill("{1}{2}{y:i}{\n")),
        ("tenths", format!("[1][2]x{}", fill("|/"))),
        ("numbers of many digits", format!("[{digits}][{digits}]x")),
        ("starts and ends alone", fill("[00:00:01]\nx\n[00:00:02]\n\n")),
        ("lyrics", fill("[00:01.00]")),
        (
            "a long line sung often",
            format!("{}{}", "[00:01.00]".repeat(SIZE / 20), "x".repeat(SIZE / 2)),
        ),
        ("open codes of words", format!("[00:01.00]{}", fill("<00:01"))),
        ("codes of words", format!("[00:01.00]{}", fill("<00:01.00>a"))),
        (
            "events",
            format!(
                "[Script Info]\n{}",
                fill("Dialogue: 0,0:00:01.00,0:00:02.00,,,,,,,{\\k5}a\n")
            ),
        ),
        (
            "syllables",
            format!("Dialogue: 0,0:00:01.00,0:00:02.00,,,,,,,{}", fill("{\\k5}a")),
        ),
        (
            "columns",
            format!(
                "[Events]\nFormat: Start, End, {} Text\nDialogue: 0:00:01.00,0:00:02.00,{}x",
                fill("a,"),
                fill(",")
            ),
        ),
        (
            "styles",
            (0..SIZE / 50).fold(String::new(), |text, i| {
                text + &format!("Dialogue: 0,0:00:01.00,0:00:02.00,S{i},,,,,,a\n")
            }),
        ),
        ("codes inside", format!("[0:01] x\n{}", fill("a [0:01] "))),
        ("codes and links", fill("[0:01](a")),
        ("codes and hyphens", fill("#00:00:01-")),
        (
            "codes and blanks",
            format!("{}{}", "[0:01]x".repeat(SIZE / 14), " ".repeat(SIZE / 2)),
        ),
        ("codes at ends", fill("a #00:00:01-2#\n")),
        ("round codes", fill("a (00:00:01) ")),
        ("names in brackets", fill("[Ada] 0:01\n")),
        ("carriage returns", format!("{cue}{}", fill("\r"))),
        ("elements in elements", format!("<tt><body>{}", fill("<div>"))),
        ("cues in cues", format!("<tt><body>{}", fill("<p begin='1s'>a"))),
        (
            "spans in spans",
            format!("<tt><p begin='1s' end='9s'>{}", fill("<span begin='1s'>a")),
        ),
        (
            "spans in a cue without a time",
            format!("<tt><p>{}</p></tt>", fill("<span begin='1s' end='2s'>a</span> ")),
        ),
        (
            "voices in spans",
            format!("<tt><p begin='1s' end='9s'>{}", fill("<span agent='a'>a</span>")),
        ),
        ("open quotes", format!("<tt><body>{}", fill("<p a=\""))),
        ("angles", format!("<tt><p begin='1s'>{}", fill("<"))),
        ("odd angles", format!("<tt><p begin='1s'>{}", fill("<3 </ <a \" <b ' "))),
        ("open comments", format!("<tt><p begin='1s'>a</p>{}", fill("<!-- "))),
        ("references", format!("<tt><p begin='1s'>{}", fill("&amp;&x;&"))),
        ("attributes", format!("<tt><p {}>a</p></tt>", fill("a='b' "))),
        ("heads", format!("<tt>{}", fill("<head><title>a"))),
        (
            "languages",
            format!("<tt>{}", fill("<div xml:lang='a'><p begin='1s'>a</p></div>")),
        ),
        (
            "slots",
            format!("<ANNOTATION_DOCUMENT>{}", fill("<TIME_SLOT TIME_SLOT_ID='a'/>")),
        ),
        (
            "tiers",
            format!("<ANNOTATION_DOCUMENT>{}", fill("<TIER TIER_ID='a' PARENT_REF='a'>")),
        ),
        (
            "annotations of themselves",
            format!(
                "<ANNOTATION_DOCUMENT><TIER TIER_ID='a'>{}",
                fill("<REF_ANNOTATION ANNOTATION_ID='a' ANNOTATION_REF='a'><ANNOTATION_VALUE>a")
            ),
        ),
        (
            "syllables",
            format!("<timedtext format='3'><p t='1' d='9'>{}", fill("<s t='1'>a </s>")),
        ),
        ("appended", format!("<timedtext>{}", fill("<p t='1' d='9' a='1'>a</p>"))),
        (
            "who",
            format!("<Trans><Turn startTime='1' endTime='2'>{}", fill("<Who nb='2'/>a")),
        ),
        ("turns", format!("<Trans>{}", fill("<Turn startTime='1' endTime='2'>a"))),
        ("feeds", format!("<rss>{}", fill("<transcript url='a/b'/>"))),
        (
            "columns",
            format!("start\ttext{}\n{}", fill("\t"), "1.5\tx\n".repeat(50_000)),
        ),
        (
            "short rows",
            format!("start,text,{}\n{}", "x,".repeat(90), fill("0:01,x\n")),
        ),
        ("cells in a row", format!("start,end,text\n0,1,x\n{}", fill("0,"))),
        (
            "quotation marks",
            format!("start,end,text\n0:01,0:02,{}", fill("\"\" \"")),
        ),
        (
            "labels that go on",
            format!("0.5\t1.5\tx\n0.5\t1.5\tx\n{}", fill("x\n")),
        ),
        (
            "tiers",
            format!(
                "ooTextFile TextGrid {}",
                fill("\"IntervalTier\" \"a\" 0 1 1 0 1 \"x\"\n")
            ),
        ),
        (
            "texts without times",
            format!("ooTextFile TextGrid \"IntervalTier\" \"a\" 0 1 1 0 1 {}", fill("\"x\"")),
        ),
        ("document types", fill("<!x>")),
        ("tags of times", format!("<time>0:01</time>{}", fill("<time "))),
        ("tags of times alone", format!("<p>{}", fill("<time "))),
        (
            "names and times",
            format!("<p>{}", fill("<cite>A</cite><time>0:01</time>x")),
        ),
        (
            "voices of a page",
            format!("<time>0:01</time>{}", fill("<cite>A</cite>x<cite>B</cite>y")),
        ),
        ("anchors", format!("<p>{}", fill("<a name=\"ts_1_2_S\">S: x</a>"))),
        ("words of a page", format!("<p>{}", fill("<i data-m=\"1\">x</i>"))),
        ("attributes", format!("<p data-m=\"1\" {}>x", fill("a b c "))),
    ];
    for (what, text) in hostile {
        let start = Instant::now();
        read_and_check(text.as_bytes(), &Options::default());
        assert!(
            start.elapsed() < Duration::from_secs(20),
            "{what}: {:?}",
            start.elapsed()
        );
    }
}

fn check_bytes(bytes: &[u8]) {
    for extension in [None, Some("srt"), Some("vtt"), Some("lrc"), Some("txt")] {
        read_and_check(bytes, &Options::named(extension));
    }
}

/// Pieces that mean something to one reader or another.
const PIECES: [&str; 68] = [
    "\n",
    "\n\n",
    "\r\n",
    " ",
    "\t",
    "\u{a0}",
    "\u{feff}",
    "1",
    "2",
    "3",
    "25",
    "2019",
    "00:00:01,000",
    "00:00:02.5",
    "1:02",
    "0:03",
    "-00:00:01,000",
    "100:00:00,000",
    "-->",
    "->",
    "–>",
    "→",
    "--&gt;",
    "WEBVTT",
    "WEBVTT\n\n",
    "NOTE ",
    "STYLE\n",
    "Language: en\n",
    "<v Ada>",
    "<v Ben Moor>",
    "</v>",
    "<i>",
    "</i>",
    "<00:00:01.500>",
    "<c.x>",
    "{\\an8}",
    "&amp;",
    "&#39;",
    "[0:12]",
    "(0:12)",
    "#0:12#",
    "Ada: ",
    "ADA: ",
    "Speaker 1: ",
    ">> ",
    "Note: ",
    "[Ada] ",
    "word",
    "zwei",
    "三つ",
    "e\u{301}",
    "♪",
    "0:00:01.000,0:00:02.000\n",
    "\n00:00:01.00,00:00:02.00\n[br]",
    "\n{1}{25}",
    "\n[1][25]/a|b",
    "[00:00:01]\n",
    "\n[00:01.00]",
    "<00:01.50>",
    "\n[offset:+900]\n",
    "[Script Info]\nTitle: x\n",
    "[Events]\nFormat: Start, End, Text\n",
    "\nDialogue: 0,0:00:01.00,0:00:02.50,Default,Ada,0,0,0,,",
    "{\\k20\\p1}\\N",
    " #00:00:05-2#\n",
    "[Ada] 0:12\n",
    " [0:14](http://a)",
    "[0.00s -> 2.48s] ",
];

fn soup() -> impl Strategy<Value = String> {
    prop::collection::vec(prop::sample::select(&PIECES[..]), 0..120).prop_map(|pieces| pieces.concat())
}

/// One of the recorded files with pieces cut out, doubled and put in.
fn mutated() -> impl Strategy<Value = Vec<u8>> {
    let files: Vec<Vec<u8>> = Format::all()
        .flat_map(|format| fixtures(format.key()))
        .map(|path| std::fs::read(path).unwrap())
        .collect();
    let change = (
        any::<prop::sample::Index>(),
        0..40_usize,
        0..4_u8,
        prop::sample::select(&PIECES[..]),
    );
    (prop::sample::select(files), prop::collection::vec(change, 1..8)).prop_map(|(mut bytes, changes)| {
        for (at, length, kind, piece) in changes {
            let from = at.index(bytes.len() + 1);
            let to = (from + length).min(bytes.len());
            match kind {
                0 => drop(bytes.drain(from..to)),
                1 => {
                    let doubled = bytes[from..to].to_vec();
                    bytes.splice(from..from, doubled);
                }
                2 => drop(bytes.splice(from..from, piece.bytes())),
                _ => bytes[from..to]
                    .iter_mut()
                    .for_each(|byte| *byte = byte.wrapping_add(length as u8)),
            }
        }
        bytes
    })
}

/// The words of cues for SubRip files, numbers of every kind among them.
fn cue_texts() -> impl Strategy<Value = Vec<Vec<Vec<&'static str>>>> {
    let word = prop::sample::select(vec![
        "rain", "and", "1", "2", "3", "4", "25", "2019", "7,", "sun.", "it's", "Zürich", "12%",
    ]);
    let line = prop::collection::vec(word, 1..5);
    prop::collection::vec(prop::collection::vec(line, 1..3), 1..12)
}

/// Pieces that mean something to a reader of XML, behind an outermost element.
fn xml_soup() -> impl Strategy<Value = String> {
    let roots = prop::sample::select(vec![
        "<tt ttp:frameRate='25' xml:lang='en'>",
        "<timedtext format='3'>",
        "<transcript><text start='1'>a</text>",
        "<ANNOTATION_DOCUMENT>",
        "<Trans>",
        "<rss>",
    ]);
    let pieces = prop::sample::select(vec![
        "<head>",
        "</head>",
        "<body begin='1s'>",
        "<div timeContainer='seq'>",
        "<div xml:lang='pl' begin='3s'>",
        "</div>",
        "<p>",
        "<p begin='1s' end='4s'>",
        "<p begin='00:00:02:05' dur='10f' ttm:agent='a'>",
        "</p>",
        "<p end='2s' begin='5s'>",
        "<span begin='0.5s'>",
        "<span begin='2s' end='3s'>",
        "<span agent='b'>",
        "</span>",
        "<br/>",
        "<metadata>",
        "</metadata>",
        "<p t='1000' d='500' w='1'>",
        "<p t='1500' w='1' a='1'>",
        "<s t='100'>",
        "<s>",
        "</s>",
        "<text start='2' dur='1'>",
        "<text t='3' append='1'>",
        "</text>",
        "<Speaker id='a' name='Ada'/>",
        "<Turn speaker='a b' startTime='0' endTime='9'>",
        "<Sync time='2'/>",
        "<Who nb='2'/>",
        "<Event desc='x'/>",
        "</Turn>",
        "<TIME_SLOT TIME_SLOT_ID='1' TIME_VALUE='100'/>",
        "<TIME_SLOT TIME_SLOT_ID='2'/>",
        "<TIME_SLOT TIME_SLOT_ID='3' TIME_VALUE='50'/>",
        "<TIER TIER_ID='t' PARTICIPANT='Ada'>",
        "</TIER>",
        "<TIER TIER_ID='u' PARENT_REF='t'>",
        "<ALIGNABLE_ANNOTATION ANNOTATION_ID='a' TIME_SLOT_REF1='1' TIME_SLOT_REF2='2'>",
        "<ALIGNABLE_ANNOTATION ANNOTATION_ID='b' TIME_SLOT_REF1='2' TIME_SLOT_REF2='3'>",
        "<REF_ANNOTATION ANNOTATION_ID='c' ANNOTATION_REF='a'>",
        "<ANNOTATION_VALUE>",
        "</ANNOTATION_VALUE>",
        "</ALIGNABLE_ANNOTATION>",
        "</REF_ANNOTATION>",
        "word ",
        "Ada: ",
        "今日",
        "&amp;",
        "&#39;",
        "&x;",
        "<",
        ">",
        "'",
        "\"",
        "<![CDATA[",
        "]]>",
        "<!--",
        "-->",
        "\n",
        " ",
    ]);
    (roots, prop::collection::vec(pieces, 0..80)).prop_map(|(root, pieces)| format!("{root}{}", pieces.concat()))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 600, ..ProptestConfig::default() })]

    #[test]
    fn any_bytes_at_all(bytes in prop::collection::vec(any::<u8>(), 0..600)) {
        check_bytes(&bytes);
    }

    #[test]
    fn any_pieces_in_any_order(text in soup()) {
        check_bytes(text.as_bytes());
        let utf16: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
        check_bytes(&utf16);
    }

    /// What was read of them is written as TTML and is the same when read again.
    #[test]
    fn any_tags_in_any_order(text in xml_soup()) {
        check_bytes(text.as_bytes());
        if let Ok(first) = read(text.as_bytes(), &Options::default()) {
            let written = write(&first.transcript, Format::Ttml).unwrap();
            let options = Options { format: Some(Format::Ttml), ..Options::default() };
            let again = read(written.text.as_bytes(), &options);
            prop_assert!(again.is_ok(), "{}", written.text);
            let again = again.unwrap();
            let starts = |reading: &Reading| -> Vec<_> { reading.transcript.cues.iter().map(|cue| cue.span.start).collect() };
            prop_assert_eq!(starts(&again), starts(&first), "{}", written.text);
        }
    }

    #[test]
    fn any_damage_to_good_files(bytes in mutated()) {
        check_bytes(&bytes);
        if let Some(reading) = read_and_check(&bytes, &Options::default()) {
            check_written(&reading);
        }
    }

    /// A SubRip file that lost its line breaks holds the cues it held before.
    #[test]
    fn collapsed_files_read_as_the_whole_ones(
        texts in cue_texts(),
        gap in prop::sample::select(vec![" ", "\t", "\u{a0}", "  ", " \u{a0}"]),
        inner in prop::sample::select(vec![" ", "\u{a0}"]),
    ) {
        let (mut whole, mut collapsed) = (String::new(), String::new());
        for (i, lines) in texts.iter().enumerate() {
            let times = format!("00:{i:02}:00,000 --> 00:{i:02}:30,500");
            let lines: Vec<String> = lines.iter().map(|words| words.join(" ")).collect();
            write!(whole, "{}\n{times}\n{}\n\n", i + 1, lines.join("\n")).unwrap();
            let parts = [(i + 1).to_string(), times, lines.join(gap)];
            write!(collapsed, "{}{}", if i > 0 { gap } else { "" }, parts.join(gap).replace(' ', inner)).unwrap();
        }
        let (whole, collapsed) = (read(whole.as_bytes(), &Options::default()).unwrap(), read(collapsed.as_bytes(), &Options::default()).unwrap());
        prop_assert_eq!(&whole.warnings, &vec![]);
        prop_assert_eq!(collapsed.warnings.len(), 1);
        let cues = |reading: &Reading| -> Vec<_> {
            reading.transcript.cues.iter().map(|cue| (cue.span, cue.speaker, cue.text.replace('\n', " "))).collect()
        };
        prop_assert_eq!(cues(&whole), cues(&collapsed));
    }
}
