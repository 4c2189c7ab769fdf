//! W3C Web Annotation (Recommendation of 2017): a collection with one page of annotations.
//!
//! Each annotation has two targets: the recording, by a media fragment, and the transcript, by quote and position. The
//! colour is its style class. Terms of our own stand under `earmark:`, which other programs may ignore. Reading it
//! back is [`super::read_json_ld`]; nothing is lost between the two but times before the recording's start.

use serde_json::{Map, Value, json};
use uuid::Builder;

use super::{NotesExport, uri};
use crate::notes::{Annotation, Colour, Kind};

/// The vocabulary of the recommendation.
const CONTEXT: &str = "http://www.w3.org/ns/anno.jsonld";
/// Where terms of our own live. It names, and is not there to be fetched.
const OWN_TERMS: &str = "urn:x-earmark:";

pub(super) fn write(notes: &NotesExport) -> String {
    let sources = Sources::of(notes);
    let items: Vec<Value> = notes
        .sorted()
        .into_iter()
        .map(|note| annotation(&note.annotation, &sources))
        .collect();
    let id = collection_id(notes);
    let page = format!("{id}#page-1");
    let collection = json!({
        "@context": [CONTEXT, { "earmark": OWN_TERMS }],
        "id": id,
        "type": "AnnotationCollection",
        "label": notes.title,
        "total": items.len(),
        "first": { "id": page, "type": "AnnotationPage", "startIndex": 0, "items": items },
    });
    format!("{collection:#}\n")
}

struct Sources {
    transcript: Option<String>,
    recording: Option<String>,
    /// What stands for both where neither is known.
    neither: String,
}

impl Sources {
    fn of(notes: &NotesExport) -> Self {
        let address = |path: &Option<std::path::PathBuf>| path.as_ref().map(|path| uri::of_path(path));
        Self {
            transcript: address(&notes.transcript),
            recording: address(&notes.recording),
            neither: collection_id(notes),
        }
    }
}

/// The same collection has the same name at every export.
fn collection_id(notes: &NotesExport) -> String {
    let mut hasher = blake3::Hasher::new();
    for part in [
        Some(notes.title.as_str()),
        notes.transcript.as_ref().and_then(|p| p.to_str()),
        notes.recording.as_ref().and_then(|p| p.to_str()),
    ] {
        hasher.update(part.unwrap_or("").as_bytes()).update(&[0]);
    }
    let mut bytes = [0; 16];
    hasher.finalize_xof().fill(&mut bytes);
    format!("urn:uuid:{}", Builder::from_custom_bytes(bytes).into_uuid())
}

fn annotation(annotation: &Annotation, sources: &Sources) -> Value {
    let mut out = Map::new();
    let mut put = |key: &str, value: Value| {
        out.insert(key.to_owned(), value);
    };
    put("id", format!("urn:uuid:{}", annotation.id).into());
    put("type", "Annotation".into());
    put("motivation", motivation(annotation.kind).into());
    put("created", annotation.created.to_string().into());
    put("modified", annotation.modified.to_string().into());
    let body = body(annotation);
    if !body.is_empty() {
        put("body", body.into());
    }
    put("target", targets(annotation, sources).into());
    put(
        "stylesheet",
        json!({ "type": "CssStylesheet", "value": style(annotation.colour) }),
    );
    if let Some(speaker) = &annotation.target.speaker {
        put("earmark:speaker", speaker.as_str().into());
    }
    out.into()
}

pub(super) const fn motivation(kind: Kind) -> &'static str {
    match kind {
        Kind::Highlight => "highlighting",
        Kind::Note => "commenting",
        Kind::Bookmark => "bookmarking",
    }
}

fn style(colour: Colour) -> String {
    let value = match colour {
        Colour::Yellow => "#ffe58a",
        Colour::Green => "#b9e6a8",
        Colour::Blue => "#a9d4f5",
        Colour::Pink => "#f7b8cf",
        Colour::Violet => "#d3bff2",
    };
    format!(".{} {{ background: {value} }}", colour.name())
}

fn body(annotation: &Annotation) -> Vec<Value> {
    let textual = |purpose: &str, value: &str| json!({ "type": "TextualBody", "purpose": purpose, "value": value, "format": "text/plain" });
    let text = (!annotation.text.is_empty()).then(|| textual("commenting", &annotation.text));
    text.into_iter()
        .chain(annotation.tags.iter().map(|tag| textual("tagging", tag)))
        .collect()
}

fn targets(annotation: &Annotation, sources: &Sources) -> Vec<Value> {
    let target = &annotation.target;
    let fragment = json!({
        "type": "FragmentSelector",
        "conformsTo": "http://www.w3.org/TR/media-frags/",
        "value": uri::time_fragment(target.time),
    });
    let mut words = Vec::new();
    if let Some(quote) = &target.quote {
        words.push(json!({
            "type": "TextQuoteSelector", "exact": quote.exact, "prefix": quote.prefix, "suffix": quote.suffix,
        }));
    }
    if let Some(position) = target.position {
        words.push(json!({ "type": "TextPositionSelector", "start": position.start, "end": position.end }));
    }
    let text_source = sources.transcript.as_ref().unwrap_or(&sources.neither);
    let class = annotation.colour.name();
    let specific = |source: &str, selector: Value| json!({ "type": "SpecificResource", "source": source, "styleClass": class, "selector": selector });
    let mut out = Vec::new();
    match &sources.recording {
        Some(recording) => out.push(specific(recording, fragment)),
        // The transcript has the same clock; its own target takes the time as well.
        None => words.insert(0, fragment),
    }
    if !words.is_empty() {
        out.push(specific(text_source, words.into()));
    }
    out
}
