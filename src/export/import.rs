//! Web Annotations read back: our own without loss, and from others what we can keep.

use std::str::FromStr;

use jiff::Timestamp;
use serde_json::Value;
use uuid::{Builder, Uuid};

use super::json_ld::motivation;
use crate::notes::{Annotation, AnnotationId, Colour, Kind, Target, TextPosition, TextQuote};
use crate::time::{MediaSpan, MediaTime};

/// Why notes cannot be read from a file. Nothing of it was taken.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// It is not JSON.
    #[error("this is not a JSON file")]
    NotJson(#[source] serde_json::Error),
    /// It is JSON, but holds no annotations.
    #[error("this file holds no Web Annotations")]
    NoAnnotations,
    /// One of them cannot be understood.
    #[error("annotation {number}: {what}")]
    Annotation {
        /// Which, counted from 1.
        number: usize,
        /// What is wrong with it.
        what: &'static str,
    },
}

/// Reads an annotation, a list, a page or a collection of them, as a file of its own or in a web page that Earmark made.
/// Where one id stands twice, the later change counts.
pub fn read_json_ld(text: &str) -> Result<Vec<Annotation>, ImportError> {
    let text = text.trim_start_matches('\u{feff}').trim_start();
    let text = if text.starts_with("<!") {
        within_page(text).unwrap_or(text)
    } else {
        text
    };
    let json: Value = serde_json::from_str(text).map_err(ImportError::NotJson)?;
    let items = items(&json).ok_or(ImportError::NoAnnotations)?;
    let mut found: Vec<Annotation> = Vec::with_capacity(items.len());
    let mut places = std::collections::HashMap::new();
    for (i, item) in items.into_iter().enumerate() {
        let annotation = annotation(item).map_err(|what| ImportError::Annotation { number: i + 1, what })?;
        let place = *places.entry(annotation.id).or_insert(found.len());
        match found.get_mut(place) {
            Some(other) if other.modified < annotation.modified => *other = annotation,
            Some(_) => {}
            None => found.push(annotation),
        }
    }
    Ok(found)
}

fn within_page(page: &str) -> Option<&str> {
    let (_, after) = page.split_once(super::html::DATA_BEGINS)?;
    Some(after.split_once("</script>")?.0)
}

fn items(json: &Value) -> Option<Vec<&Value>> {
    if let Value::Array(items) = json {
        return Some(items.iter().collect());
    }
    match () {
        () if is_a(json, "Annotation") => Some(vec![json]),
        () if is_a(json, "AnnotationPage") => Some(several(json.get("items"))),
        () if is_a(json, "AnnotationCollection") => {
            let first = json.get("first").filter(|page| page.is_object())?;
            Some(several(first.get("items")))
        }
        () => None,
    }
}

fn is_a(json: &Value, class: &str) -> bool {
    several(json.get("type"))
        .iter()
        .any(|found| found.as_str() == Some(class))
}

/// In JSON-LD a value may stand alone or in a list.
fn several(value: Option<&Value>) -> Vec<&Value> {
    match value {
        None | Some(Value::Null) => Vec::new(),
        Some(Value::Array(values)) => values.iter().collect(),
        Some(value) => vec![value],
    }
}

fn text<'a>(value: &'a Value, key: &str) -> Option<&'a str> {
    value.get(key)?.as_str()
}

fn annotation(json: &Value) -> Result<Annotation, &'static str> {
    if !is_a(json, "Annotation") {
        return Err("it is not an annotation");
    }
    let id = identity(text(json, "id").ok_or("it has no id")?);
    let time = |key| text(json, key).map(|text| Timestamp::from_str(text).map_err(|_| "its date cannot be read"));
    let created = time("created").transpose()?;
    let modified = time("modified").transpose()?;
    let created = created.or(modified).unwrap_or_default();
    let (text, tags) = bodies(json);
    let target = target(json)?;
    Ok(Annotation {
        id,
        kind: kind(json, &text, &target),
        colour: colour(json),
        text,
        tags,
        target,
        created,
        modified: modified.unwrap_or(created),
    })
}

/// Our ids are UUIDs. Another program's become one, always the same, so that reading the file twice makes no doubles.
fn identity(id: &str) -> AnnotationId {
    let ours = id.strip_prefix("urn:uuid:").and_then(|uuid| Uuid::parse_str(uuid).ok());
    AnnotationId(ours.unwrap_or_else(|| {
        let mut bytes = [0; 16];
        blake3::Hasher::new()
            .update(id.as_bytes())
            .finalize_xof()
            .fill(&mut bytes);
        Builder::from_custom_bytes(bytes).into_uuid()
    }))
}

fn kind(json: &Value, note: &str, target: &Target) -> Kind {
    let motivations = several(json.get("motivation"));
    let told = Kind::ALL
        .into_iter()
        .find(|kind| motivations.iter().any(|told| told.as_str() == Some(motivation(*kind))));
    told.unwrap_or(match (note.is_empty(), &target.quote) {
        (false, _) => Kind::Note,
        (true, Some(_)) => Kind::Highlight,
        (true, None) => Kind::Bookmark,
    })
}

fn colour(json: &Value) -> Colour {
    let classes = several(json.get("target"))
        .into_iter()
        .flat_map(|target| several(target.get("styleClass")));
    classes
        .filter_map(Value::as_str)
        .find_map(Colour::from_name)
        .unwrap_or_default()
}

/// The note and the tags. Several comments become one, a paragraph each.
fn bodies(json: &Value) -> (String, Vec<String>) {
    let mut texts = Vec::new();
    let mut tags: Vec<String> = Vec::new();
    texts.extend(text(json, "bodyValue").map(str::to_owned));
    for body in several(json.get("body")) {
        let Some(value) = text(body, "value") else { continue };
        let tagging = several(body.get("purpose"))
            .iter()
            .any(|purpose| purpose.as_str() == Some("tagging"));
        if !tagging {
            texts.push(value.to_owned());
        } else if !tags.iter().any(|tag| tag == value) {
            tags.push(value.to_owned());
        }
    }
    (texts.join("\n\n"), tags)
}

fn target(json: &Value) -> Result<Target, &'static str> {
    let mut time = None;
    let mut out = Target {
        speaker: text(json, "earmark:speaker").map(str::to_owned),
        ..Target::default()
    };
    for selector in several(json.get("target"))
        .into_iter()
        .flat_map(|target| several(target.get("selector")))
    {
        let owned = |key| text(selector, key).unwrap_or_default().to_owned();
        match text(selector, "type") {
            Some("FragmentSelector") => time = time.or(text(selector, "value").and_then(time_of_fragment)),
            Some("TextQuoteSelector") if out.quote.is_none() => {
                out.quote = Some(TextQuote {
                    exact: owned("exact"),
                    prefix: owned("prefix"),
                    suffix: owned("suffix"),
                });
            }
            Some("TextPositionSelector") if out.position.is_none() => {
                let number = |key| selector.get(key).and_then(Value::as_u64);
                out.position = number("start")
                    .zip(number("end"))
                    .map(|(start, end)| TextPosition { start, end });
            }
            _ => {}
        }
    }
    if time.is_none() && out.quote.is_none() {
        return Err("it tells neither a time nor words");
    }
    out.time = time.unwrap_or_default();
    Ok(out)
}

/// `t=10.5,12`, `t=npt:10.5`, `t=,12`; other dimensions may stand before and after.
fn time_of_fragment(fragment: &str) -> Option<MediaSpan> {
    let value = fragment
        .trim_start_matches('#')
        .split('&')
        .find_map(|part| part.strip_prefix("t="))?;
    let value = value.strip_prefix("npt:").unwrap_or(value);
    let (start, end) = match value.split_once(',') {
        Some((start, end)) => (start, Some(end)),
        None => (value, None),
    };
    let start = if start.is_empty() {
        MediaTime::ZERO
    } else {
        instant(start)?
    };
    Some(MediaSpan::new(start, end.map_or(Some(start), instant)?))
}

/// Seconds, or hours and minutes before them, to the microsecond without a detour over floating point.
fn instant(text: &str) -> Option<MediaTime> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let mut seconds: i64 = 0;
    for part in whole.split(':') {
        seconds = seconds.checked_mul(60)?.checked_add(digits(part)?)?;
    }
    let fraction: String = fraction.chars().chain(std::iter::repeat('0')).take(6).collect();
    Some(MediaTime::from_micros(
        seconds.checked_mul(1_000_000)?.checked_add(digits(&fraction)?)?,
    ))
}

fn digits(text: &str) -> Option<i64> {
    if text.bytes().all(|byte| byte.is_ascii_digit()) {
        text.parse().ok()
    } else {
        None
    }
}
