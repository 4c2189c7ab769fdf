//! Every reader, from bytes to transcript: by recorded examples, by refusals, and by properties that hold for any
//! input at all.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use earmark::format::{Format, MAX_CUES, MAX_OF_KIND, Options, ReadError, Reading, read, write};
use earmark::time::{CueSpan, CueTime, format_hms_millis};
use earmark::transcript::{Cue, CueId};
use proptest::prelude::*;

#[path = "formats/webvtt_cases.rs"]
mod webvtt_cases;

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

#[test]
fn every_format_has_files_of_its_own() {
    for format in Format::all() {
        let read_as = |path: &PathBuf| read_fixture(path).is_ok_and(|reading| reading.format == format);
        assert!(fixtures(format.key()).iter().any(read_as), "{}", format.key());
    }
}

/// What a person would compare of two transcripts; times to the millisecond, which is all that most formats hold.
fn essence(reading: &Reading) -> Vec<(CueSpan, Option<String>, String, Vec<(CueSpan, String, bool)>)> {
    let transcript = &reading.transcript;
    let millis = |time: CueTime| CueTime::from_millis(time.as_micros() / 1_000);
    let rounded = |span: CueSpan| CueSpan::new(millis(span.start), millis(span.end));
    let cue = |cue: &Cue| {
        let words = cue
            .given_words
            .iter()
            .map(|word| (rounded(word.span), cue.slice(word.bytes()).to_owned(), word.given));
        let name = transcript.speaker_name(cue.speaker).map(str::to_owned);
        (rounded(cue.span), name, cue.text.to_string(), words.collect())
    };
    transcript.cues.iter().map(cue).collect()
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
            assert_eq!(
                essence(&again),
                essence(&first),
                "{}:\n{}",
                path.display(),
                written.text
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
                assert!(lost.contains(&"speakers") || a.1 == b.1, "{cue}");
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
        ("carriage returns", format!("{cue}{}", fill("\r"))),
    ];
    for (what, text) in hostile {
        let start = Instant::now();
        if let Ok(reading) = read(text.as_bytes(), &Options::default()) {
            check(&reading);
        }
        assert!(
            start.elapsed() < Duration::from_secs(20),
            "{what}: {:?}",
            start.elapsed()
        );
    }
}

/// What holds for every transcript, however broken its file.
fn check(reading: &Reading) {
    let transcript = &reading.transcript;
    assert!(!transcript.cues.is_empty());
    assert!(transcript.cues.is_sorted_by_key(|cue| cue.span.start));
    for (cue, place) in transcript.cues.iter().zip(0..) {
        assert!(
            CueTime::ZERO <= cue.span.start && cue.span.start < cue.span.end,
            "{:?}",
            cue.span
        );
        assert!(
            !cue.text.trim().is_empty() && cue.text.trim() == &*cue.text,
            "{:?}",
            cue.text
        );
        assert!(
            cue.speaker
                .is_none_or(|speaker| usize::from(speaker.0) < transcript.speakers.len())
        );
        let words = transcript.words(CueId(place));
        for word in words.iter() {
            assert!(
                cue.text.get(word.bytes()).is_some_and(|text| !text.is_empty()),
                "{word:?} in {:?}",
                cue.text
            );
            assert!(
                cue.span.start <= word.span.start && word.span.start <= word.span.end,
                "{word:?} in {:?}",
                cue.span
            );
            assert!(word.span.end <= cue.span.end, "{word:?} in {:?}", cue.span);
        }
        for pair in words.windows(2) {
            assert!(
                pair[0].range.end <= pair[1].range.start && pair[0].span.start <= pair[1].span.start,
                "{pair:?}"
            );
        }
    }
    for (i, speaker) in transcript.speakers.iter().enumerate() {
        assert!(!speaker.name.is_empty());
        assert!(
            transcript
                .cues
                .iter()
                .any(|cue| cue.speaker.is_some_and(|id| usize::from(id.0) == i))
        );
    }
    assert!(
        reading
            .warnings
            .is_sorted_by_key(|warning| if warning.line == 0 { 0 } else { warning.line })
            || {
                // The counts of what is not listed stand at the end.
                reading
                    .warnings
                    .iter()
                    .any(|warning| warning.kind.name() == "more-of-kind")
            }
    );
}

fn check_bytes(bytes: &[u8]) {
    for extension in [None, Some("srt"), Some("vtt"), Some("txt")] {
        if let Ok(reading) = read(bytes, &Options::named(extension)) {
            check(&reading);
        }
    }
}

/// Pieces that mean something to one reader or another.
const PIECES: [&str; 52] = [
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

    #[test]
    fn any_damage_to_good_files(bytes in mutated()) {
        check_bytes(&bytes);
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
