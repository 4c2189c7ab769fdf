//! What holds for whatever was read, however broken its file: one oracle for the unit tests, the property tests and the
//! fuzz targets.

use earmark::format::{Format, Options, Reading, read, write};
use earmark::time::{CueSpan, CueTime};
use earmark::transcript::{Cue, CueId};

/// Reads, and checks what was read. None where the bytes are refused.
pub fn read_and_check(bytes: &[u8], options: &Options<'_>) -> Option<Reading> {
    let reading = read(bytes, options).ok()?;
    check(&reading);
    // Archives and containers unpack; a text says no more than it has letters, but for what lyrics repeat.
    let unpacks = reading.format.is_recording() || matches!(reading.format, Format::Docx | Format::Odt);
    let said: usize = reading.transcript.cues.iter().map(|cue| cue.text.len()).sum();
    assert!(unpacks || said <= 4 * bytes.len() + (5 << 20), "{said} bytes of text");
    Some(reading)
}

/// What holds for every transcript, however broken its file.
pub fn check(reading: &Reading) {
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
        transcript.outline.is_sorted_by_key(|chapter| chapter.start),
        "{:?}",
        transcript.outline
    );
    for warning in &reading.warnings {
        assert!(
            warning.cue.is_none_or(|cue| transcript.cue(cue).is_some()),
            "{warning:?}"
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

/// What was read is written in every format there is a writer for, and is a transcript again; in Earmark's own, the
/// same.
pub fn check_written(reading: &Reading) {
    for format in Format::all().filter(|format| format.is_written()) {
        let key = format.key();
        let written = write(&reading.transcript, format)
            .map(|written| written.text)
            .unwrap_or_default();
        let options = Options {
            format: Some(format),
            encoding: Some("utf-8"),
            ..Options::default()
        };
        let again = read(written.as_bytes(), &options);
        let again = again.unwrap_or_else(|error| panic!("as {key}: {error}\n{written}"));
        check(&again);
        if format == Format::Earmark {
            assert_eq!(again.transcript, reading.transcript, "as {key}:\n{written}");
        }
    }
}

/// A cue as a person would compare it: time, speaker, text, and its words with their times.
pub type Essence = (CueSpan, Option<String>, String, Vec<(CueSpan, String, bool)>);

pub fn essence(reading: &Reading) -> Vec<Essence> {
    let transcript = &reading.transcript;
    let cue = |cue: &Cue| {
        let words = cue.given_words.iter();
        let words = words.map(|word| (word.span, cue.slice(word.bytes()).to_owned(), word.given));
        let name = transcript.speaker_name(cue.speaker).map(str::to_owned);
        (cue.span, name, cue.text.to_string(), words.collect())
    };
    transcript.cues.iter().map(cue).collect()
}

/// Whether two readings say the same; times to two milliseconds, since most formats hold but one and round.
pub fn are_alike(a: &Reading, b: &Reading) -> bool {
    let near = |a: CueSpan, b: CueSpan| {
        let apart = |a: CueTime, b: CueTime| (a - b).as_micros().abs();
        apart(a.start, b.start) <= 2_000 && apart(a.end, b.end) <= 2_000
    };
    let (a, b) = (essence(a), essence(b));
    a.len() == b.len()
        && a.iter().zip(&b).all(|(a, b)| {
            near(a.0, b.0)
                && (&a.1, &a.2) == (&b.1, &b.2)
                && a.3.len() == b.3.len()
                && a.3
                    .iter()
                    .zip(&b.3)
                    .all(|(a, b)| near(a.0, b.0) && (&a.1, a.2) == (&b.1, b.2))
        })
}
