//! Annotations for tests: by hand, and any that can be.

use std::str::FromStr;

use earmark::notes::{Annotation, AnnotationId, Colour, Kind, Target, TextPosition, TextQuote};
use earmark::time::{MediaSpan, MediaTime};
use jiff::Timestamp;
use proptest::prelude::*;

/// A note at so many seconds.
pub fn note(seconds: i64, text: &str) -> Annotation {
    let at = |seconds: i64| MediaTime::from_millis(seconds * 1_000);
    let made = Timestamp::from_str("2026-11-02T09:14:00.000000007Z").unwrap();
    Annotation {
        id: AnnotationId::generate(),
        kind: Kind::Note,
        colour: Colour::Green,
        text: text.to_owned(),
        tags: vec!["claim".to_owned(), "to check".to_owned()],
        target: Target {
            time: MediaSpan::new(at(seconds), at(seconds + 3)),
            quote: Some(TextQuote {
                exact: "nine in ten".into(),
                prefix: "about ".into(),
                suffix: " of all".into(),
            }),
            position: Some(TextPosition { start: 20, end: 31 }),
            speaker: Some("Ada Reyes".to_owned()),
        },
        created: made,
        modified: made,
    }
}

/// Text with everything that has a meaning somewhere.
pub fn any_text() -> impl Strategy<Value = String> {
    prop_oneof![
        "[ -~]{0,40}",
        "\\PC{0,20}",
        "[-=+@,;\"'<>&|#%^_*`\\[\\]{}\\\\\r\n\t ]{0,20}",
        Just("</script><script>alert(1)</script>".to_owned()),
        Just("a --> b\n\n00:00.000 --> 00:01.000".to_owned()),
        Just(String::new()),
    ]
}

/// Any annotation within a hundred hours of recording.
pub fn any_annotation() -> impl Strategy<Value = Annotation> {
    let hours = 0..360_000_000_000i64;
    let quote = proptest::option::of((any_text(), any_text(), any_text()));
    let position = proptest::option::of((any::<u32>(), any::<u32>()));
    let body = (any_text(), proptest::collection::btree_set(any_text(), 0..4));
    let kind = (0..Kind::ALL.len(), 0..Colour::ALL.len());
    let stamp = -2_000_000_000_000_000_000i64..2_000_000_000_000_000_000;
    let stamps = (stamp.clone(), stamp);
    let target = (hours.clone(), hours, quote, position, proptest::option::of(any_text()));
    (any::<[u8; 16]>(), kind, body, target, stamps).prop_map(|(id, kind, (text, tags), target, stamps)| {
        let (start, end, quote, position, speaker) = target;
        let stamp = |nanos| Timestamp::from_nanosecond(i128::from(nanos)).unwrap();
        Annotation {
            id: AnnotationId(uuid::Builder::from_custom_bytes(id).into_uuid()),
            kind: Kind::ALL[kind.0],
            colour: Colour::ALL[kind.1],
            text,
            tags: tags.into_iter().collect(),
            target: Target {
                time: MediaSpan::new(MediaTime::from_micros(start), MediaTime::from_micros(end)),
                quote: quote.map(|(exact, prefix, suffix)| TextQuote { exact, prefix, suffix }),
                position: position.map(|(start, end)| TextPosition {
                    start: start.into(),
                    end: end.into(),
                }),
                speaker,
            },
            created: stamp(stamps.0),
            modified: stamp(stamps.1),
        }
    })
}
