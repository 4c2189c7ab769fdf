//! What leaves can be read by what it is for, whatever the notes hold.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

#[path = "support/annotations.rs"]
mod annotations;

use std::path::PathBuf;
use std::str::FromStr;

use annotations::{any_annotation, any_text, note};
use earmark::export::{ExportFormat, ExportedNote, ImportError, NotesExport, export, read_json_ld};
use earmark::notes::{Annotation, AnnotationId, Colour, Kind, Target, TextPosition, TextQuote};
use earmark::time::{MediaSpan, MediaTime};
use jiff::Timestamp;
use proptest::prelude::*;

fn of(notes: &[Annotation]) -> NotesExport {
    NotesExport {
        title: "Ep 12".to_owned(),
        transcript: Some(PathBuf::from("/talks/ep12.srt")),
        recording: Some(PathBuf::from("/talks/ep12.mp3")),
        notes: notes
            .iter()
            .map(|note| ExportedNote {
                annotation: note.clone(),
                unplaced: false,
            })
            .collect(),
    }
}

/// Any notes under any title, with and without files.
fn any_export() -> impl Strategy<Value = NotesExport> {
    let path = || proptest::option::of(any_text().prop_map(PathBuf::from));
    let notes = proptest::collection::vec((any_annotation(), any::<bool>()), 0..6);
    (any_text(), path(), path(), notes).prop_map(|(title, transcript, recording, notes)| NotesExport {
        title,
        transcript,
        recording,
        notes: notes
            .into_iter()
            .map(|(annotation, unplaced)| ExportedNote { annotation, unplaced })
            .collect(),
    })
}

fn sorted(notes: &NotesExport) -> Vec<Annotation> {
    let mut notes: Vec<Annotation> = notes.notes.iter().map(|note| note.annotation.clone()).collect();
    notes.sort_by_key(|note| (note.target.time.start, note.target.time.end, note.id));
    notes
}

/// CSV read by the book (RFC 4180).
fn rows(csv: &str) -> Vec<Vec<String>> {
    let mut rows = vec![vec![String::new()]];
    let mut quoted = false;
    let mut chars = csv.chars().peekable();
    while let Some(c) = chars.next() {
        let row = rows.last_mut().unwrap();
        match c {
            '"' if quoted && chars.peek() == Some(&'"') => row.last_mut().unwrap().push(chars.next().unwrap()),
            '"' => quoted = !quoted,
            ',' if !quoted => row.push(String::new()),
            '\r' if !quoted => {
                assert_eq!(chars.next(), Some('\n'));
                rows.push(vec![String::new()]);
            }
            c => {
                assert!(quoted || c != '\n', "a bare line break");
                row.last_mut().unwrap().push(c);
            }
        }
    }
    assert_eq!(
        rows.pop(),
        Some(vec![String::new()]),
        "the last row ends like the others"
    );
    rows
}

proptest! {
    #[test]
    fn json_ld_and_html_are_read_back_without_loss(notes in any_export()) {
        for format in [ExportFormat::JsonLd, ExportFormat::Html] {
            let read = read_json_ld(&export(format, &notes)).unwrap();
            prop_assert_eq!(&read, &sorted(&notes), "{:?}", format);
        }
    }

    #[test]
    fn csv_has_the_same_rows_for_any_reader(notes in any_export()) {
        let rows = rows(&export(ExportFormat::Csv, &notes));
        prop_assert_eq!(&rows[0], &["Highlight", "Title", "Author", "URL", "Note", "Location", "Date"]);
        prop_assert_eq!(rows.len(), notes.notes.len() + 1);
        for (row, note) in rows[1..].iter().zip(sorted(&notes)) {
            prop_assert_eq!(row.len(), 7);
            for field in row {
                prop_assert!(!field.starts_with(['=', '+', '-', '@', '\t', '\r', '\n']), "a formula: {:?}", field);
            }
            let quote = note.target.quote.map_or(String::new(), |quote| quote.exact);
            let plain = row[0].strip_prefix('\'').unwrap_or(&row[0]);
            prop_assert!(quote.is_empty() || plain == quote || row[0] == quote, "{:?} is not {:?}", row[0], quote);
            prop_assert!(!row[0].is_empty());
            let speaker = note.target.speaker.unwrap_or_default();
            prop_assert_eq!(row[2].strip_prefix('\'').unwrap_or(&row[2]), speaker.strip_prefix('\'').unwrap_or(&speaker));
            prop_assert!(row[4].contains(note.text.trim()));
            prop_assert_eq!(row[5].parse::<i64>().unwrap(), note.target.time.start.as_micros() / 1_000_000);
        }
    }

    #[test]
    fn webvtt_has_one_valid_cue_for_each_note(notes in any_export()) {
        let vtt = export(ExportFormat::WebVtt, &notes);
        let mut blocks = vtt.strip_suffix('\n').unwrap().split("\n\n");
        let header = blocks.next().unwrap();
        prop_assert!(header == "WEBVTT" || header.starts_with("WEBVTT - "));
        prop_assert!(!header.contains(['\n', '\r']) && !header.contains("-->"));
        let mut last = String::new();
        let mut ids = Vec::new();
        for block in blocks {
            let lines: Vec<&str> = block.split(['\n', '\r']).collect();
            ids.push(lines[0].strip_prefix("em-").unwrap().to_owned());
            let (start, end) = lines[1].split_once(" --> ").unwrap();
            // Times of one length are in the order of their digits (up to a hundred hours).
            prop_assert_eq!((start.len(), end.len()), (12, 12));
            prop_assert!(start < end && last.as_str() <= start, "{} {} {}", last, start, end);
            last = start.to_owned();
            prop_assert!(lines.len() > 2);
            for line in &lines[2..] {
                prop_assert!(!line.trim().is_empty() && !line.contains("-->"));
                let bare = line.replace("<i>", "").replace("</i>", "");
                let bare = bare.strip_prefix("<v ").and_then(|voice| Some(voice.split_once('>')?.1)).unwrap_or(&bare);
                prop_assert!(!bare.contains(['<', '>']), "{}", line);
            }
        }
        let expected: Vec<String> = sorted(&notes).iter().map(|note| note.id.to_string()).collect();
        prop_assert_eq!(ids, expected);
    }

    #[test]
    fn html_holds_texts_as_text(notes in any_export()) {
        let html = export(ExportFormat::Html, &notes);
        // Whatever the notes hold, the elements are those of an empty page and of its articles.
        let page = export(ExportFormat::Html, &NotesExport::default());
        let count = |html: &str, what: &str| html.matches(what).count();
        for tag in ["<script", "</script", "<style", "</style", "<html", "<body", "</body", "<title", "</title", "<meta"] {
            prop_assert_eq!(count(&html, tag), count(&page, tag), "{}", tag);
        }
        prop_assert_eq!(count(&html, "<article "), notes.notes.len());
        prop_assert_eq!(count(&html, "</article>"), notes.notes.len());
        for tag in html.split('<').skip(1) {
            let name: String = tag.chars().take_while(char::is_ascii_alphanumeric).collect();
            let known = ["", "html", "head", "meta", "title", "style", "body", "main", "h1", "p", "br", "article", "time",
                "a", "cite", "blockquote", "mark", "ul", "li", "script"];
            prop_assert!(known.contains(&name.as_str()), "<{}", tag);
        }
    }

    #[test]
    fn markdown_keeps_every_note_in_its_callout(notes in any_export()) {
        let markdown = export(ExportFormat::Markdown, &notes);
        let (properties, body) = markdown.strip_prefix("---\n").unwrap().split_once("\n---\n").unwrap();
        for line in properties.lines() {
            let value = line.split_once(": ").map_or_else(|| line.strip_prefix("  - "), |(_, value)| Some(value));
            // A JSON string is a YAML string.
            prop_assert!(value.is_none_or(|value| serde_json::from_str::<String>(value).is_ok()), "{}", line);
        }
        let ids: Vec<&str> = body.lines().filter_map(|line| line.strip_prefix("^em-")).collect();
        let expected: Vec<String> = sorted(&notes).iter().map(|note| note.id.to_string()).collect();
        prop_assert_eq!(ids, expected);
        for line in body.lines().filter(|line| !line.starts_with("> [!")) {
            let structure = line.is_empty() || line == ">" || line.starts_with("> ") || line.starts_with("# ") || line.starts_with("^em-");
            prop_assert!(structure, "outside of everything: {:?}", line);
        }
    }

    #[test]
    fn no_file_makes_the_import_panic(text in any_text(), cut in any::<prop::sample::Index>()) {
        drop(read_json_ld(&text));
        let whole = export(ExportFormat::JsonLd, &of(&[note(1, &text)]));
        let (cut, _) = whole.split_at(whole.floor_char_boundary(cut.index(whole.len() - 1)));
        prop_assert!(matches!(read_json_ld(cut), Err(ImportError::NotJson(_))));
    }
}

#[test]
fn where_an_id_stands_twice_the_later_change_counts() {
    let old = note(1, "old");
    let new = Annotation {
        text: "new".to_owned(),
        modified: Timestamp::now(),
        ..old.clone()
    };
    for order in [[old.clone(), new.clone()], [new.clone(), old]] {
        assert_eq!(
            read_json_ld(&export(ExportFormat::JsonLd, &of(&order))).unwrap(),
            std::slice::from_ref(&new)
        );
    }
}

#[test]
fn annotations_of_other_programs_are_read() {
    let one = r#"{
        "@context": "http://www.w3.org/ns/anno.jsonld", "id": "http://example.org/anno1", "type": "Annotation",
        "created": "2015-10-13T13:00:00Z", "bodyValue": "A comment",
        "body": [{"type": "TextualBody", "value": "tagged", "purpose": "tagging"}],
        "target": {"source": "http://example.org/talk.mp3", "selector": [
            {"type": "FragmentSelector", "value": "track=audio&t=npt:1:02:03.25,3724"},
            {"type": "TextQuoteSelector", "exact": "words"}]}}"#;
    let read = read_json_ld(one).unwrap();
    assert_eq!(read.len(), 1);
    assert_eq!(
        (read[0].kind, read[0].text.as_str(), read[0].tags.as_slice()),
        (Kind::Note, "A comment", &["tagged".to_owned()][..])
    );
    assert_eq!(
        read[0].target.time,
        MediaSpan::new(MediaTime::from_millis(3_723_250), MediaTime::from_millis(3_724_000))
    );
    assert_eq!(read[0].modified, read[0].created);
    // Its foreign id becomes one of ours, always the same.
    assert_eq!(read_json_ld(&format!("[{one}]")).unwrap(), read);
    for (text, expected) in [
        ("{}", "this file holds no Web Annotations"),
        ("[]", ""),
        ("[{\"type\": \"Annotation\"}]", "annotation 1: it has no id"),
        ("[1]", "annotation 1: it is not an annotation"),
        (
            "{\"type\": \"Annotation\", \"id\": \"x\"}",
            "annotation 1: it tells neither a time nor words",
        ),
    ] {
        let told = read_json_ld(text).map_or_else(|error| error.to_string(), |_| String::new());
        assert_eq!(told, expected, "{text}");
    }
}

#[test]
fn formats_are_told_by_name_and_ending() {
    for format in ExportFormat::ALL {
        assert_eq!(ExportFormat::from_name(format.name()), Some(format));
        assert_eq!(
            ExportFormat::from_extension(&format.extension().to_uppercase()),
            Some(format)
        );
    }
    assert_eq!(ExportFormat::from_extension("doc"), None);
}

/// Three notes that never change, for the files in `fixtures/exports`.
fn fixed() -> NotesExport {
    let made = Timestamp::from_str("2026-11-02T09:14:00Z").unwrap();
    let span = |start: i64, end: i64| MediaSpan::new(MediaTime::from_millis(start), MediaTime::from_millis(end));
    let id = |last: u128| AnnotationId(uuid::Uuid::from_u128(0x019a_4c3e_7a10_7000_8000_0000_0000_0000 + last));
    let passage = Annotation {
        id: id(1),
        kind: Kind::Note,
        colour: Colour::Green,
        text: "Check this figure:\n- is it *really* nine in ten?\n\n#not-a-tag <b>".to_owned(),
        tags: vec!["claim".to_owned(), "to check".to_owned(), "2026".to_owned()],
        target: Target {
            time: span(754_200, 768_900),
            quote: Some(TextQuote {
                exact: "the share was \"about\" nine in ten, of all calls".to_owned(),
                prefix: "What we found is that ".to_owned(),
                suffix: " that were made.".to_owned(),
            }),
            position: Some(TextPosition {
                start: 10_412,
                end: 10_459,
            }),
            speaker: Some("Ada Reyes".to_owned()),
        },
        created: made,
        modified: made,
    };
    let highlight = Annotation {
        id: id(2),
        kind: Kind::Highlight,
        colour: Colour::Yellow,
        text: String::new(),
        tags: Vec::new(),
        target: Target {
            time: span(3_725_000, 3_727_000),
            speaker: None,
            ..passage.target.clone()
        },
        ..passage.clone()
    };
    let bookmark = Annotation {
        id: id(3),
        kind: Kind::Bookmark,
        colour: Colour::Violet,
        target: Target {
            time: span(12_000, 12_000),
            ..Target::default()
        },
        ..highlight.clone()
    };
    let mut notes = of(&[highlight, passage, bookmark]);
    "Ep 12: \"Night shift\"".clone_into(&mut notes.title);
    notes.notes[0].unplaced = true;
    notes
}

#[test]
fn the_files_are_as_they_were_looked_at() {
    for format in ExportFormat::ALL {
        let path = PathBuf::from(env!("CARGO_MANIFEST_DIR"))
            .join("tests/fixtures/exports/notes")
            .with_extension(format.extension());
        let text = export(format, &fixed());
        if std::env::var_os("EARMARK_RECORD").is_some() {
            std::fs::write(&path, &text).unwrap();
        }
        let recorded = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        assert_eq!(text, recorded, "{}; EARMARK_RECORD=1 records anew", path.display());
    }
}

/// Our own reader of captions understands our own captions.
#[test]
fn the_webvtt_is_read_as_a_transcript() {
    let vtt = export(ExportFormat::WebVtt, &fixed());
    let reading = earmark::format::read(vtt.as_bytes(), &earmark::format::Options::named(Some("vtt"))).unwrap();
    assert_eq!(reading.format, earmark::format::Format::WebVtt);
    let told: Vec<(f64, Option<&str>, &str)> = reading
        .transcript
        .cues
        .iter()
        .map(|cue| {
            (
                cue.span.start.as_secs_f64(),
                reading.transcript.speaker_name(cue.speaker),
                &*cue.text,
            )
        })
        .collect();
    let quote = "the share was \"about\" nine in ten, of all calls";
    let note = format!("{quote}\nCheck this figure:\n- is it *really* nine in ten?\n#not-a-tag <b>");
    assert_eq!(
        told,
        [
            (12.0, None, "Bookmark"),
            (754.2, Some("Ada Reyes"), note.as_str()),
            (3_725.0, None, quote)
        ]
    );
}
