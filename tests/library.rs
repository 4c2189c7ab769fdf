//! The library keeps what it acknowledged, whatever happens to it and to the files it is about.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

#[path = "support/annotations.rs"]
mod annotations;

use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::Receiver;
use std::time::Duration;

use annotations::{any_annotation, note};
use earmark::library::{
    ContentHash, DocumentFiles, DocumentId, FileIdentity, Health, Library, LibraryError, LibraryEvent, Place, Request,
    Store, StoredDocument, WriteError, write_atomically,
};
use earmark::notes::{Annotation, AnnotationId};
use earmark::time::{CueSpan, CueTime, MediaSpan, MediaTime, TimeDelta};
use earmark::timing::Timing;
use jiff::Timestamp;
use proptest::prelude::*;
use tempfile::TempDir;

/// A folder with a library in it.
struct Shelf {
    folder: TempDir,
}

impl Shelf {
    fn new() -> Self {
        Self {
            folder: TempDir::new().unwrap(),
        }
    }

    fn path(&self) -> PathBuf {
        self.folder.path().join("library.sqlite")
    }

    fn open(&self) -> Store {
        let store = Store::open(&self.path());
        assert_eq!(*store.health(), Health::Ready);
        store
    }

    /// All names in the folder, sorted.
    fn names(&self) -> Vec<String> {
        let entries = std::fs::read_dir(self.folder.path()).unwrap();
        let mut names: Vec<String> = entries.map(|e| e.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }
}

fn file(content: &str, path: &str) -> FileIdentity {
    FileIdentity {
        hash: ContentHash::of_bytes(content.as_bytes()),
        path: PathBuf::from(path),
    }
}

fn text(content: &str, path: &str) -> DocumentFiles {
    DocumentFiles {
        transcript: Some(file(content, path)),
        recording: None,
        title: String::new(),
    }
}

fn sound(content: &str, path: &str) -> DocumentFiles {
    DocumentFiles {
        transcript: None,
        recording: Some(file(content, path)),
        title: String::new(),
    }
}

fn both(transcript: (&str, &str), recording: (&str, &str)) -> DocumentFiles {
    DocumentFiles {
        transcript: Some(file(transcript.0, transcript.1)),
        recording: Some(file(recording.0, recording.1)),
        title: "Both".to_owned(),
    }
}

fn open(store: &mut Store, files: &DocumentFiles) -> StoredDocument {
    store.open_document(files).unwrap()
}

/// Opens the document and adds a note to it.
fn open_with_note(store: &mut Store, files: &DocumentFiles, text: &str) -> (DocumentId, AnnotationId) {
    let document = open(store, files).id;
    let note = note(1, text);
    store.put_annotations(document, std::slice::from_ref(&note)).unwrap();
    (document, note.id)
}

fn texts(document: &StoredDocument) -> Vec<&str> {
    document
        .annotations
        .iter()
        .map(|annotation| annotation.text.as_str())
        .collect()
}

// Which document it is.

#[test]
fn moved_and_renamed_files_keep_their_notes() {
    let shelf = Shelf::new();
    let (first, _) = open_with_note(&mut shelf.open(), &text("A", "/talks/a.srt"), "mine");
    let mut store = shelf.open();
    let moved = open(&mut store, &text("A", "/archive/2026/interview.srt"));
    assert_eq!(
        (moved.id, texts(&moved), moved.transcript_changed),
        (first, vec!["mine"], false)
    );
    assert_eq!(
        store.recents().unwrap()[0].transcript.as_deref(),
        Some(Path::new("/archive/2026/interview.srt"))
    );
    assert_ne!(open(&mut store, &text("B", "/elsewhere.srt")).id, first);
}

#[test]
fn another_text_under_the_same_name_is_a_new_version() {
    let shelf = Shelf::new();
    let mut store = shelf.open();
    let (first, _) = open_with_note(&mut store, &text("A", "/a.srt"), "mine");
    let corrected = open(&mut store, &text("A, corrected", "/a.srt"));
    assert_eq!(
        (corrected.id, texts(&corrected), corrected.transcript_changed),
        (first, vec!["mine"], true)
    );
    assert!(!open(&mut store, &text("A, corrected", "/a.srt")).transcript_changed);
    // A copy of the old version is known as well, and is another text than the last one.
    let old = open(&mut store, &text("A", "/backup/a.srt"));
    assert_eq!((old.id, old.transcript_changed), (first, true));
    // The document lies elsewhere now: what is written to its old path is something else.
    assert_ne!(open(&mut store, &text("C", "/a.srt")).id, first);
}

#[test]
fn how_a_transcript_is_read_is_kept_with_its_content() {
    let shelf = Shelf::new();
    let mut store = shelf.open();
    let new = open(&mut store, &text("A", "/a.srt"));
    assert_eq!(new.how_to_read, None);
    store.put_how_to_read(new.id, Some("as Cyrillic")).unwrap();
    let mut store = shelf.open();
    let moved = open(&mut store, &text("A", "/elsewhere/a.srt"));
    assert_eq!(moved.how_to_read.as_deref(), Some("as Cyrillic"));
    store.put_how_to_read(new.id, None).unwrap();
    assert_eq!(open(&mut store, &text("A", "/a.srt")).how_to_read, None);
}

#[test]
fn content_says_more_than_the_path() {
    let shelf = Shelf::new();
    let mut store = shelf.open();
    let a = open(&mut store, &text("A", "/a.srt")).id;
    let b = open(&mut store, &text("B", "/b.srt")).id;
    assert_eq!(open(&mut store, &text("B", "/a.srt")).id, b);
    assert_eq!(open(&mut store, &text("A", "/b.srt")).id, a);
}

#[test]
fn a_recording_joins_the_transcript_it_is_opened_with() {
    let shelf = Shelf::new();
    let mut store = shelf.open();
    let (talk, _) = open_with_note(&mut store, &text("T", "/t.srt"), "mine");
    assert_eq!(open(&mut store, &both(("T", "/t.srt"), ("R", "/r.mp3"))).id, talk);
    let alone = open(&mut store, &sound("R", "/moved/r.mp3"));
    assert_eq!((alone.id, texts(&alone)), (talk, vec!["mine"]));
    let files = store.files(talk).unwrap();
    assert_eq!(files.transcript, Some(file("T", "/t.srt")));
    assert_eq!(files.recording, Some(file("R", "/moved/r.mp3")));
    // New tags in the recording's header make other content under the same path.
    assert_eq!(open(&mut store, &sound("R with tags", "/moved/r.mp3")).id, talk);
}

#[test]
fn two_languages_of_one_recording_are_two_documents() {
    let shelf = Shelf::new();
    let mut store = shelf.open();
    let english = open(&mut store, &both(("E", "/t.en.srt"), ("R", "/r.mp3"))).id;
    let german = open(&mut store, &both(("G", "/t.de.srt"), ("R", "/r.mp3"))).id;
    assert_ne!(english, german);
    assert_eq!(open(&mut store, &sound("R", "/r.mp3")).id, german);
    open(&mut store, &both(("E", "/t.en.srt"), ("R", "/r.mp3")));
    assert_eq!(open(&mut store, &sound("R", "/r.mp3")).id, english);
}

#[test]
fn notes_on_a_recording_alone_go_to_the_transcript_it_gets() {
    let shelf = Shelf::new();
    let mut store = shelf.open();
    // The transcript is new: the document simply gets it.
    let (first, _) = open_with_note(&mut store, &sound("R", "/r.mp3"), "heard");
    let joined = open(&mut store, &both(("T", "/t.srt"), ("R", "/r.mp3")));
    assert_eq!(
        (joined.id, texts(&joined), joined.transcript_changed),
        (first, vec!["heard"], true)
    );

    // The transcript is known: the two become one, under its number.
    let (alone, heard) = open_with_note(&mut store, &sound("S", "/s.mp3"), "heard alone");
    store.put_place(alone, &place(42)).unwrap();
    let (read, _) = open_with_note(&mut store, &text("U", "/u.srt"), "read");
    let joined = open(&mut store, &both(("U", "/u.srt"), ("S", "/s.mp3")));
    assert_eq!(joined.id, read);
    assert_eq!(joined.annotations.len(), 2);
    assert_eq!(joined.place, Some(place(42)));
    assert_eq!(open(&mut store, &sound("S", "/s.mp3")).id, read);
    assert_eq!(
        store
            .recents()
            .unwrap()
            .iter()
            .filter(|recent| recent.id == alone)
            .count(),
        0
    );

    // A window that still has the old number works on.
    store.put_annotations(alone, &[note(9, "late")]).unwrap();
    assert_eq!(store.delete_annotations(alone, &[heard]).unwrap(), 1);
    store.put_place(alone, &place(43)).unwrap();
    let mut left = texts(&open(&mut store, &text("U", "/u.srt"))).join(" ");
    left.make_ascii_lowercase();
    assert_eq!(left, "read late");
}

#[test]
fn a_path_that_is_no_unicode_comes_back() {
    let shelf = Shelf::new();
    let mut store = shelf.open();
    #[cfg(unix)]
    let path = {
        use std::os::unix::ffi::OsStrExt;
        PathBuf::from(std::ffi::OsStr::from_bytes(b"/talks/\xff\xfe.srt"))
    };
    #[cfg(not(unix))]
    let path = PathBuf::from("/talks/ä.srt");
    let identity = FileIdentity {
        hash: ContentHash([7; 32]),
        path: path.clone(),
    };
    let files = DocumentFiles {
        transcript: Some(identity.clone()),
        ..DocumentFiles::default()
    };
    let id = open(&mut store, &files).id;
    assert_eq!(store.files(id).unwrap().transcript, Some(identity));
    let changed = FileIdentity {
        hash: ContentHash([8; 32]),
        path,
    };
    assert_eq!(
        open(
            &mut store,
            &DocumentFiles {
                transcript: Some(changed),
                ..DocumentFiles::default()
            }
        )
        .id,
        id
    );
}

#[test]
fn looking_does_not_make_a_document() {
    let shelf = Shelf::new();
    let store = shelf.open();
    assert!(store.find_document(&text("A", "/a.srt")).unwrap().is_none());
    assert!(store.recents().unwrap().is_empty());
    let nothing = DocumentFiles::default();
    assert!(matches!(store.find_document(&nothing), Err(LibraryError::NoFiles)));
    assert!(matches!(
        store.annotations(DocumentId(5)),
        Err(LibraryError::UnknownDocument(DocumentId(5)))
    ));
}

// What is kept.

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn annotations_come_back_as_they_were(
        mut notes in proptest::collection::vec(any_annotation(), 1..8),
        changed in any_annotation(),
    ) {
        let shelf = Shelf::new();
        let mut store = shelf.open();
        let id = open(&mut store, &text("A", "/a.srt")).id;
        store.put_annotations(id, &notes).unwrap();
        let last = notes.len() - 1;
        notes[last] = Annotation { id: notes[last].id, ..changed };
        store.put_annotations(id, &notes[last..]).unwrap();
        notes.sort_by_key(|note| (note.target.time.start, note.target.time.end, note.id));
        drop(store);
        prop_assert_eq!(shelf.open().annotations(id).unwrap(), notes);
    }
}

#[test]
fn a_deleted_note_comes_back_when_it_is_put_again() {
    let shelf = Shelf::new();
    let mut store = shelf.open();
    let id = open(&mut store, &text("A", "/a.srt")).id;
    let (a, b) = (note(1, "a"), note(2, "b"));
    store.put_annotations(id, &[a.clone(), b.clone()]).unwrap();
    assert_eq!(
        store.delete_annotations(id, &[a.id, AnnotationId::generate()]).unwrap(),
        1
    );
    assert_eq!(store.delete_annotations(id, &[a.id]).unwrap(), 0);
    assert_eq!(store.annotations(id).unwrap(), std::slice::from_ref(&b));
    store.put_annotations(id, std::slice::from_ref(&a)).unwrap();
    assert_eq!(store.annotations(id).unwrap(), [a, b]);
}

#[test]
fn a_note_of_no_document_is_not_kept_and_takes_nothing_with_it() {
    let shelf = Shelf::new();
    let mut store = shelf.open();
    let id = open(&mut store, &text("A", "/a.srt")).id;
    let refused = store.put_annotations(DocumentId(99), &[note(1, "a")]);
    assert!(matches!(refused, Err(LibraryError::UnknownDocument(DocumentId(99)))));
    assert!(store.annotations(id).unwrap().is_empty());
}

fn timing() -> Timing {
    let mut timing = Timing::shifted(TimeDelta::from_millis(-250));
    timing.anchor(CueTime::from_millis(60_000), MediaTime::from_millis(92_000), false);
    timing.anchor(CueTime::from_millis(90_000), MediaTime::from_millis(125_000), true);
    let span = |from, to| MediaSpan::new(MediaTime::from_millis(from), MediaTime::from_millis(to));
    timing.extra.push(span(10_000, 20_000));
    let span = |from, to| CueSpan::new(CueTime::from_millis(from), CueTime::from_millis(to));
    timing.missing.push(span(70_000, 80_000));
    timing
}

fn place(seconds: i64) -> Place {
    Place {
        position: MediaTime::from_millis(seconds * 1_000 + 1),
        speed: 1.25,
        view: "lines".to_owned(),
        scroll: (17, 3.5),
        timing: timing(),
        length: Some(MediaTime::from_millis(3_600_000)),
        at: Timestamp::from_nanosecond(1_790_000_000_123_456_789).unwrap(),
    }
}

#[test]
fn places_settings_and_recents_are_kept() {
    let shelf = Shelf::new();
    let mut store = shelf.open();
    let a = open(
        &mut store,
        &DocumentFiles {
            title: "A talk".to_owned(),
            ..text("A", "/a.srt")
        },
    )
    .id;
    let (b, _) = open_with_note(&mut store, &both(("B", "/b.srt"), ("R", "/r.mp3")), "mine");
    store.put_place(a, &place(10)).unwrap();
    store.put_place(a, &place(20)).unwrap();
    store.put_setting("theme", "dark").unwrap();
    store.put_setting("theme", "light").unwrap();
    store.put_setting("font", "").unwrap();
    drop(store);

    let mut store = shelf.open();
    let kept = [("font", ""), ("theme", "light")].map(|(key, value)| (key.to_owned(), value.to_owned()));
    assert_eq!(store.settings().unwrap(), kept);
    let recents = store.recents().unwrap();
    let told: Vec<(DocumentId, &str, u32)> = recents
        .iter()
        .map(|r| (r.id, r.title.as_str(), r.annotations))
        .collect();
    assert_eq!(told, [(b, "Both", 1), (a, "A talk", 0)]);
    assert_eq!(recents[0].recording.as_deref(), Some(Path::new("/r.mp3")));
    assert_eq!((&recents[0].place, &recents[1].place), (&None, &Some(place(20))));

    store.forget_recent(b).unwrap();
    assert_eq!(store.recents().unwrap().len(), 1);
    // Opened again it is back, with its notes, its title and at the top.
    let again = open(&mut store, &text("B", "/b.srt"));
    assert_eq!(texts(&again), ["mine"]);
    assert_eq!(store.recents().unwrap()[0].title, "Both");
}

// The file.

/// A library of so many notes, and the document they are on.
fn filled(shelf: &Shelf, notes: i64) -> DocumentId {
    let mut store = shelf.open();
    let id = open(&mut store, &text("A", "/a.srt")).id;
    let notes: Vec<Annotation> = (0..notes)
        .map(|i| note(i, &format!("note {i} {}", "words ".repeat(40))))
        .collect();
    store.put_annotations(id, &notes).unwrap();
    store.put_setting("theme", "dark").unwrap();
    id
}

#[test]
fn folders_are_made_and_an_empty_file_is_a_new_library() {
    let shelf = Shelf::new();
    let nested = shelf.folder.path().join("one/two/library.sqlite");
    assert_eq!(*Store::open(&nested).health(), Health::Ready);
    std::fs::write(shelf.path(), b"").unwrap();
    let (id, _) = open_with_note(&mut shelf.open(), &text("A", "/a.srt"), "mine");
    assert_eq!(shelf.open().annotations(id).unwrap().len(), 1);
}

#[test]
fn garbage_is_set_aside_whole() {
    let shelf = Shelf::new();
    let garbage: Vec<u8> = (0..40_000u32).map(|i| (i * 7 % 251) as u8).collect();
    std::fs::write(shelf.path(), &garbage).unwrap();
    let mut store = Store::open(&shelf.path());
    let Health::SetAside { moved_to } = store.health().clone() else {
        panic!("{:?}", store.health())
    };
    assert_eq!(std::fs::read(&moved_to).unwrap(), garbage);
    let name = moved_to.file_name().unwrap().to_str().unwrap();
    assert!(
        name.starts_with("library.damaged-") && name.ends_with(".sqlite"),
        "{name}"
    );
    open_with_note(&mut store, &text("A", "/a.srt"), "works on");
    drop(store);
    assert_eq!(texts(&open(&mut shelf.open(), &text("A", "/a.srt"))), ["works on"]);
    // The next damage does not overwrite the first.
    std::fs::write(shelf.path(), &garbage).unwrap();
    assert!(matches!(Store::open(&shelf.path()).health(), Health::SetAside { .. }));
    assert_eq!(
        shelf.names().iter().filter(|name| name.contains(".damaged-")).count(),
        2
    );
}

#[test]
fn what_a_cut_off_library_still_holds_is_rescued() {
    let shelf = Shelf::new();
    let id = filled(&shelf, 400);
    let whole = std::fs::read(shelf.path()).unwrap();
    std::fs::write(shelf.path(), &whole[..whole.len() / 2]).unwrap();
    let store = Store::open(&shelf.path());
    let Health::SetAside { moved_to } = store.health() else {
        panic!("{:?}", store.health())
    };
    assert_eq!(std::fs::metadata(moved_to).unwrap().len() as usize, whole.len() / 2);
    let rescued = store.annotations(id).unwrap();
    assert!(rescued.len() > 50, "{} of 400 notes", rescued.len());
    assert!(rescued.iter().all(|note| note.text.starts_with("note ")));
    drop(store);
    assert_eq!(shelf.open().annotations(id).unwrap(), rescued);
}

#[test]
fn what_lies_around_a_bad_page_is_rescued() {
    let shelf = Shelf::new();
    let id = filled(&shelf, 400);
    let mut bytes = std::fs::read(shelf.path()).unwrap();
    // In the middle of the notes, far from the first page that says where everything is.
    let page = bytes.len() / 4096 / 2;
    bytes[page * 4096..(page + 1) * 4096].fill(0xee);
    std::fs::write(shelf.path(), &bytes).unwrap();
    let store = Store::open(&shelf.path());
    assert!(
        matches!(store.health(), Health::SetAside { .. }),
        "{:?}",
        store.health()
    );
    assert!(
        store.annotations(id).unwrap().len() > 300,
        "{}",
        store.annotations(id).unwrap().len()
    );
    assert_eq!(store.settings().unwrap(), [("theme".to_owned(), "dark".to_owned())]);
}

#[test]
fn no_damage_makes_it_panic_or_loses_the_file() {
    let shelf = Shelf::new();
    filled(&shelf, 60);
    let whole = std::fs::read(shelf.path()).unwrap();
    let mut state = 1u64;
    let mut random = |below: usize| {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) as usize % below
    };
    for _ in 0..60 {
        let shelf = Shelf::new();
        let mut bytes = whole.clone();
        for _ in 0..=random(40) {
            let at = random(bytes.len());
            bytes[at] ^= 1 << random(8);
        }
        bytes.truncate(bytes.len() - random(2) * random(bytes.len()));
        std::fs::write(shelf.path(), &bytes).unwrap();
        let mut store = Store::open(&shelf.path());
        let done = store
            .open_document(&text("A", "/a.srt"))
            .map(|document| document.annotations.len());
        match store.health().clone() {
            // What quick_check lets pass may still fail later, with words.
            Health::Ready => drop(done),
            Health::SetAside { moved_to } => {
                assert_eq!(std::fs::read(moved_to).unwrap(), bytes);
                done.unwrap();
            }
            Health::ReadOnly { why } | Health::Unavailable { why } => {
                assert!(!why.is_empty());
                assert_eq!(std::fs::read(shelf.path()).unwrap(), bytes, "{why}");
            }
        }
    }
}

#[test]
fn a_newer_library_is_read_and_never_written() {
    let shelf = Shelf::new();
    let id = filled(&shelf, 3);
    let newer = rusqlite::Connection::open(shelf.path()).unwrap();
    newer
        .execute_batch("PRAGMA user_version = 1000; CREATE TABLE marvels (a); PRAGMA wal_checkpoint(TRUNCATE)")
        .unwrap();
    drop(newer);
    let before = std::fs::read(shelf.path()).unwrap();

    let mut store = Store::open(&shelf.path());
    let Health::ReadOnly { why } = store.health().clone() else {
        panic!("{:?}", store.health())
    };
    assert!(
        why.contains("newer version of Earmark") && why.contains("1000"),
        "{why}"
    );
    let known = open(&mut store, &text("A", "/a.srt"));
    assert_eq!((known.id, known.annotations.len()), (id, 3));
    let unknown = open(&mut store, &text("B", "/b.srt"));
    assert_eq!((unknown.id, unknown.annotations.len()), (DocumentId(0), 0));
    let refused = store.put_annotations(id, &[note(1, "a")]).unwrap_err();
    assert!(matches!(refused, LibraryError::CannotWrite { .. }));
    assert!(refused.told().contains("newer version"), "{}", refused.told());
    assert!(store.put_setting("a", "b").is_err());
    drop(store);
    assert_eq!(std::fs::read(shelf.path()).unwrap(), before);
}

#[test]
fn another_programs_database_is_left_alone() {
    let shelf = Shelf::new();
    let other = rusqlite::Connection::open(shelf.path()).unwrap();
    other.execute_batch("CREATE TABLE bookmarks (url TEXT)").unwrap();
    drop(other);
    let before = std::fs::read(shelf.path()).unwrap();
    let mut store = Store::open(&shelf.path());
    let Health::Unavailable { why } = store.health().clone() else {
        panic!("{:?}", store.health())
    };
    assert!(why.contains("another program's database"), "{why}");
    assert!(matches!(store.recents(), Err(LibraryError::CannotRead { .. })));
    assert_eq!(open(&mut store, &text("A", "/a.srt")).id, DocumentId(0));
    drop(store);
    assert_eq!(std::fs::read(shelf.path()).unwrap(), before);
}

#[test]
fn a_path_where_nothing_can_be_is_told() {
    let shelf = Shelf::new();
    std::fs::write(shelf.folder.path().join("file"), b"x").unwrap();
    for (path, word) in [
        (shelf.folder.path().join("file/library.sqlite"), "cannot be made"),
        (shelf.folder.path().to_owned(), "is a folder"),
    ] {
        let mut store = Store::open(&path);
        let Health::Unavailable { why } = store.health().clone() else {
            panic!("{:?}", store.health())
        };
        assert!(why.contains(word), "{why}");
        assert!(store.put_annotations(DocumentId(1), &[note(1, "a")]).is_err());
        assert!(store.settings().is_err());
    }
}

#[cfg(unix)]
#[test]
fn a_write_protected_library_is_read() {
    use std::os::unix::fs::PermissionsExt;
    let shelf = Shelf::new();
    let id = filled(&shelf, 3);
    let protect = |mode| {
        std::fs::set_permissions(shelf.path(), std::fs::Permissions::from_mode(mode & 0o666)).unwrap();
        std::fs::set_permissions(shelf.folder.path(), std::fs::Permissions::from_mode(mode)).unwrap();
    };
    protect(0o555);
    let superuser = std::fs::write(shelf.folder.path().join("probe"), b"").is_ok();
    if !superuser {
        let mut store = Store::open(&shelf.path());
        assert!(
            matches!(store.health(), Health::ReadOnly { .. }),
            "{:?}",
            store.health()
        );
        assert_eq!(store.annotations(id).unwrap().len(), 3);
        assert!(matches!(
            store.put_annotations(id, &[note(1, "a")]),
            Err(LibraryError::CannotWrite { .. })
        ));
    }
    protect(0o755);
    assert_eq!(shelf.open().annotations(id).unwrap().len(), 3);
}

#[test]
fn a_library_of_the_first_version_is_brought_up_to_date() {
    let shelf = Shelf::new();
    let first = rusqlite::Connection::open(shelf.path()).unwrap();
    first
        .execute_batch(include_str!("fixtures/library/version-1.sql"))
        .unwrap();
    drop(first);
    let mut store = shelf.open();
    let document = open(&mut store, &text("the first transcript", "/talks/first.srt"));
    assert_eq!(texts(&document), ["Is that so?", ""]);
    assert_eq!(document.annotations[0].tags, ["claim", "to check"]);
    assert_eq!(
        document.annotations[0].target.quote.as_ref().unwrap().exact,
        "nine in ten"
    );
    assert_eq!(document.annotations[1].target.quote, None);
    assert_eq!(store.settings().unwrap(), [("theme".to_owned(), "dark".to_owned())]);
    store.put_place(document.id, &place(3)).unwrap();
    assert_eq!(store.recents().unwrap().len(), 1);
}

// More than one at it.

#[test]
fn two_windows_write_to_one_library() {
    let shelf = Shelf::new();
    let id = filled(&shelf, 0);
    let write = |name: &'static str| {
        let mut store = shelf.open();
        move || {
            for i in 0..50 {
                store.put_annotations(id, &[note(i, name)]).unwrap();
            }
        }
    };
    let (one, two) = (write("one"), write("two"));
    std::thread::scope(|scope| {
        scope.spawn(one);
        scope.spawn(two);
    });
    assert_eq!(shelf.open().annotations(id).unwrap().len(), 100);
}

#[test]
fn many_can_make_the_library_at_once() {
    let shelf = Shelf::new();
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                let mut store = shelf.open();
                open_with_note(&mut store, &text("A", "/a.srt"), "mine");
            });
        }
    });
    assert_eq!(shelf.open().recents().unwrap()[0].annotations, 8);
}

#[test]
fn a_write_that_stays_locked_out_fails_and_can_be_tried_again() {
    let shelf = Shelf::new();
    let id = filled(&shelf, 1);
    let mut store = Store::open_with_patience(&shelf.path(), Duration::from_millis(50));
    let other = rusqlite::Connection::open(shelf.path()).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    let mine = note(5, "mine");
    let refused = store.put_annotations(id, std::slice::from_ref(&mine)).unwrap_err();
    assert!(matches!(refused, LibraryError::Busy(_)), "{refused:?}");
    assert_eq!(store.annotations(id).unwrap().len(), 1, "reading goes on");
    // A window that opens meanwhile can read at once.
    assert_eq!(shelf.open().annotations(id).unwrap().len(), 1);
    other.execute_batch("ROLLBACK").unwrap();
    store.put_annotations(id, &[mine]).unwrap();
    assert_eq!(store.annotations(id).unwrap().len(), 2);
}

// The thread.

fn next(events: &Receiver<LibraryEvent>) -> LibraryEvent {
    events.recv_timeout(Duration::from_secs(30)).unwrap()
}

#[test]
fn the_thread_answers_in_order_and_wakes() {
    let shelf = Shelf::new();
    let woken = Arc::new(AtomicUsize::new(0));
    let (library, events) = Library::open(shelf.path(), {
        let woken = Arc::clone(&woken);
        move || {
            woken.fetch_add(1, Ordering::SeqCst);
        }
    });
    let LibraryEvent::Opened {
        health: Health::Ready,
        settings,
        recents,
    } = next(&events)
    else {
        panic!()
    };
    assert!(settings.is_empty() && recents.is_empty());
    library.send(Request::OpenDocument {
        generation: 7,
        files: text("A", "/a.srt"),
    });
    let LibraryEvent::Document {
        generation: 7,
        document,
    } = next(&events)
    else {
        panic!()
    };
    let mine = note(1, "mine");
    library.send(Request::PutAnnotations {
        document: document.id,
        annotations: vec![mine.clone()],
        ticket: 1,
    });
    let LibraryEvent::Committed { ticket: 1 } = next(&events) else {
        panic!()
    };
    // What was told to be committed is there for everybody.
    assert_eq!(
        shelf.open().annotations(document.id).unwrap(),
        std::slice::from_ref(&mine)
    );
    library.send(Request::PutAnnotations {
        document: DocumentId(99),
        annotations: vec![mine.clone()],
        ticket: 2,
    });
    let LibraryEvent::Failed { ticket: Some(2), error } = next(&events) else {
        panic!()
    };
    assert_eq!(error, "keeping notes: the library has no such document");
    library.send(Request::DeleteAnnotations {
        document: document.id,
        ids: vec![mine.id],
        ticket: 3,
    });
    let LibraryEvent::Committed { ticket: 3 } = next(&events) else {
        panic!()
    };
    library.send(Request::PutPlace {
        document: document.id,
        place: place(5),
    });
    library.send(Request::PutSetting {
        key: "theme".to_owned(),
        value: "dark".to_owned(),
    });
    library.send(Request::ListRecents);
    let LibraryEvent::Recents(recents) = next(&events) else {
        panic!()
    };
    assert_eq!(recents[0].place, Some(place(5)));
    library.send(Request::ForgetRecent(document.id));
    let LibraryEvent::Recents(recents) = next(&events) else {
        panic!()
    };
    assert!(recents.is_empty());
    drop(library);
    assert_eq!(woken.load(Ordering::SeqCst), 7);
    assert_eq!(
        shelf.open().settings().unwrap(),
        [("theme".to_owned(), "dark".to_owned())]
    );
}

#[test]
fn closing_carries_out_what_was_asked() {
    let shelf = Shelf::new();
    let id = filled(&shelf, 0);
    let (library, events) = Library::open(shelf.path(), || {});
    for i in 0..100 {
        library.send(Request::PutAnnotations {
            document: id,
            annotations: vec![note(i, "mine")],
            ticket: i as u64,
        });
    }
    drop(events);
    drop(library);
    assert_eq!(shelf.open().annotations(id).unwrap().len(), 100);
}

#[test]
fn a_library_that_cannot_be_used_says_so_and_goes_on() {
    let shelf = Shelf::new();
    let (library, events) = Library::open(shelf.folder.path().to_owned(), || {});
    let LibraryEvent::Opened {
        health: Health::Unavailable { why },
        ..
    } = next(&events)
    else {
        panic!()
    };
    assert!(why.contains("is a folder"), "{why}");
    library.send(Request::OpenDocument {
        generation: 1,
        files: text("A", "/a.srt"),
    });
    let LibraryEvent::Document {
        generation: 1,
        document,
    } = next(&events)
    else {
        panic!()
    };
    assert_eq!(document.id, DocumentId(0));
    library.send(Request::PutAnnotations {
        document: document.id,
        annotations: vec![note(1, "a")],
        ticket: 4,
    });
    let LibraryEvent::Failed { ticket: Some(4), error } = next(&events) else {
        panic!()
    };
    assert!(error.contains("is a folder"), "{error}");
}

// Killed.

/// The program is killed while it adds notes as fast as it can. Every id it told is there, and the library is sound.
#[test]
fn every_acknowledged_note_survives_kill() {
    let shelf = Shelf::new();
    let transcript = shelf.folder.path().join("talk.srt");
    std::fs::write(
        &transcript,
        "1\n00:00:01,000 --> 00:00:04,000\nNine in ten of all calls.\n",
    )
    .unwrap();
    let mut told: Vec<String> = Vec::new();
    for round in 0..50u64 {
        let mut child = Command::new(env!("CARGO_BIN_EXE_earmark"))
            .args(["notes", "add", "--stdin", "--at", "2"])
            .arg(&transcript)
            .env("EARMARK_LIBRARY", shelf.path())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut input = child.stdin.take().unwrap();
        // Ends when the program is gone.
        let feed = move || (0..).try_for_each(|i| writeln!(input, "note {i}")).unwrap_err();
        let feeder = std::thread::Builder::new()
            .name("feeder".to_owned())
            .spawn(feed)
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        told.push(
            lines
                .next()
                .expect("the program adds a note before it is killed")
                .unwrap(),
        );
        std::thread::sleep(Duration::from_micros(round * 7_919 % 25_000));
        child.kill().unwrap();
        child.wait().unwrap();
        feeder.join().unwrap();
        // A line cut in two was not told.
        told.extend(lines.map_while(Result::ok).filter(|line| line.len() == 36));
    }
    let store = shelf.open();
    let bytes = std::fs::read(&transcript).unwrap();
    let files = DocumentFiles {
        transcript: Some(FileIdentity {
            hash: ContentHash::of_bytes(&bytes),
            path: transcript,
        }),
        ..DocumentFiles::default()
    };
    let document = store.find_document(&files).unwrap().unwrap();
    let kept: std::collections::HashSet<String> = document.annotations.iter().map(|note| note.id.to_string()).collect();
    let lost: Vec<&String> = told.iter().filter(|id| !kept.contains(*id)).collect();
    assert!(lost.is_empty(), "{} of {} are lost: {lost:?}", lost.len(), told.len());
    assert!(told.len() > 50, "only {} notes were told", told.len());
    // At most the one that was being told when the program was killed is there without having been told.
    assert!(
        kept.len() <= told.len() + 50,
        "{} kept, {} told",
        kept.len(),
        told.len()
    );
    assert_eq!(
        shelf.names(),
        ["library.sqlite", "library.sqlite-shm", "library.sqlite-wal", "talk.srt"]
    );
}

// Files written whole.

#[test]
fn a_file_is_written_whole_or_stays() {
    let shelf = Shelf::new();
    let path = shelf.folder.path().join("notes.md");
    write_atomically(&path, b"first", &[]).unwrap();
    write_atomically(&path, b"second", &[]).unwrap();
    assert_eq!(std::fs::read(&path).unwrap(), b"second");
    let missing = shelf.folder.path().join("nowhere/notes.md");
    assert!(matches!(
        write_atomically(&missing, b"x", &[]),
        Err(WriteError::NoFolder { .. })
    ));
    assert!(matches!(
        write_atomically(&path.join("notes.md"), b"x", &[]),
        Err(WriteError::NoFolder { .. })
    ));
    assert!(matches!(
        write_atomically(shelf.folder.path(), b"x", &[]),
        Err(WriteError::IsFolder { .. })
    ));
    assert_eq!(shelf.names(), ["notes.md"]);
}

#[cfg(unix)]
#[test]
fn permissions_stay_and_a_link_stays_a_link() {
    use std::os::unix::fs::PermissionsExt;
    let shelf = Shelf::new();
    let (path, link) = (
        shelf.folder.path().join("notes.md"),
        shelf.folder.path().join("link.md"),
    );
    write_atomically(&path, b"first", &[]).unwrap();
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o640)).unwrap();
    std::os::unix::fs::symlink("notes.md", &link).unwrap();
    write_atomically(&link, b"second", &[]).unwrap();
    assert_eq!(std::fs::read(&path).unwrap(), b"second");
    assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o640);
    assert!(std::fs::symlink_metadata(&link).unwrap().is_symlink());
}

#[test]
fn a_content_hash_is_the_same_however_it_is_read() {
    let shelf = Shelf::new();
    let path = shelf.folder.path().join("a.bin");
    std::fs::write(&path, b"abc").unwrap();
    let hash = ContentHash::of_bytes(b"abc");
    assert_eq!(ContentHash::of_file(&path).unwrap(), hash);
    // The published test vector of BLAKE3 for "abc".
    assert_eq!(
        hash.to_string(),
        "6437b3ac38465133ffb63b75273a8db548c558465d79db03fd359c6cd5bd9d85"
    );
}

#[cfg(unix)]
#[test]
fn what_is_kept_is_not_written_over_by_any_path() {
    let folder = tempfile::tempdir().unwrap();
    let (file, link) = (folder.path().join("talk.srt"), folder.path().join("link.md"));
    std::fs::write(&file, "words").unwrap();
    std::os::unix::fs::symlink(&file, &link).unwrap();
    for path in [&file, &link] {
        let refused = write_atomically(path, b"notes", std::slice::from_ref(&file)).unwrap_err();
        assert!(matches!(refused, WriteError::Itself { .. }), "{refused}");
    }
    assert_eq!(std::fs::read_to_string(&file).unwrap(), "words");
}

#[cfg(unix)]
#[test]
fn a_pipe_is_written_into_and_stays_one() {
    let folder = tempfile::tempdir().unwrap();
    let pipe = folder.path().join("pipe");
    assert!(Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    let reader = std::thread::Builder::new()
        .spawn({
            let pipe = pipe.clone();
            move || std::fs::read_to_string(pipe).unwrap()
        })
        .unwrap();
    write_atomically(&pipe, b"notes", &[]).unwrap();
    assert_eq!(reader.join().unwrap(), "notes");
    let about = std::fs::metadata(&pipe).unwrap();
    assert!(!about.is_file() && !about.is_dir(), "it is a pipe still");
}
