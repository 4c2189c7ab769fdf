//! What the threads tell a reader while a document is opened, without a file or a thread.

use std::path::PathBuf;
use std::sync::Arc;

use earmark::audio::{AudioSource, Chapter, EngineEvent, Recording};
use earmark::format::{self, Options};
use earmark::library::{
    ContentHash, DocumentFiles, DocumentId, FileIdentity, Health, LibraryEvent, Request, StoredDocument,
};
use earmark::reader::{Event, ReadTranscript};
use earmark::time::MediaTime;
use earmark::transcript::{Folded, paragraphs};

/// Where the transcript lies that [`news_of_opening`] tells of; its recording lies beside it.
pub const TALK: &str = "/talks/talk.srt";

/// The library opens, new and empty.
pub fn library_opens() -> Event {
    Event::Library(LibraryEvent::Opened {
        health: Health::Ready,
        settings: Vec::new(),
        recents: Vec::new(),
    })
}

/// The library has carried out a request that wants an answer.
pub fn committed(request: &Request) -> Option<Event> {
    match request {
        Request::PutAnnotations { ticket, .. } | Request::DeleteAnnotations { ticket, .. } => {
            Some(Event::Library(LibraryEvent::Committed { ticket: *ticket }))
        }
        _ => None,
    }
}

/// A document the library knows nothing of but its number.
pub fn new_document() -> StoredDocument {
    StoredDocument {
        id: DocumentId(1),
        annotations: Vec::new(),
        place: None,
        how_to_read: None,
        transcript_changed: false,
    }
}

/// Everything that is told while a SubRip text of this content is opened with a recording of `seconds`.
pub fn news_of_opening(generation: u64, text: &str, document: StoredDocument, seconds: f64) -> Vec<Event> {
    let path = PathBuf::from(TALK);
    let read = read_transcript(text, &Options::named(Some("srt")));
    let folded = Arc::new(Folded::new(&read.transcript));
    let identity = FileIdentity {
        hash: ContentHash::of_bytes(text.as_bytes()),
        path: path.clone(),
    };
    vec![
        Event::Found {
            generation,
            recording: Some(AudioSource::File(path.with_extension("mp3"))),
            transcript: Some(path),
        },
        Event::Transcript { generation, read },
        Event::Folded { generation, folded },
        Event::Identified {
            generation,
            files: DocumentFiles {
                transcript: Some(identity),
                ..DocumentFiles::default()
            },
        },
        Event::Library(LibraryEvent::Document { generation, document }),
        loaded(generation, recording(seconds)),
    ]
}

/// A recording of so many seconds that tells nothing of itself.
pub fn recording(seconds: f64) -> Recording {
    let rate = 16_000;
    Recording {
        container: "WAVE".to_owned(),
        codec: "PCM".to_owned(),
        decoded_by: None,
        sample_rate: rate,
        channels: 1,
        frames: Some((seconds * f64::from(rate)) as u64),
        length: Some(MediaTime::from_secs_f64(seconds)),
        exact: true,
        tags: Vec::new(),
        chapters: Vec::new(),
    }
}

/// The same with chapters, each by its second and title.
pub fn recording_in_chapters(seconds: f64, chapters: &[(f64, &str)]) -> Recording {
    let chapter = |&(start, title): &(f64, &str)| Chapter {
        start: MediaTime::from_secs_f64(start),
        end: None,
        title: title.to_owned(),
    };
    Recording {
        chapters: chapters.iter().map(chapter).collect(),
        ..recording(seconds)
    }
}

/// The recording is open.
pub fn loaded(generation: u64, recording: Recording) -> Event {
    Event::Audio(EngineEvent::Loaded {
        generation,
        recording: Arc::new(recording),
    })
}

/// What reading a text gives.
pub fn read_transcript(text: &str, options: &Options<'_>) -> ReadTranscript {
    let reading = format::read(text.as_bytes(), options).unwrap();
    ReadTranscript {
        paragraphs: Arc::new(paragraphs(&reading.transcript)),
        transcript: Arc::new(reading.transcript),
        warnings: Arc::new(reading.warnings),
        format: reading.format,
        why: reading.why,
        encoding: reading.encoding,
        tiers: reading.tiers,
    }
}
