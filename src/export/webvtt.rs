//! The marked passages as WebVTT cues (W3C, "WebVTT: The Web Video Text Tracks Format"): to be shown with the recording
//! or loaded as a second track.

use super::{NotesExport, kind_title, one_line, quoted, since_start, speaker_of};
use crate::notes::Annotation;
use crate::time::{MediaTime, TimeDelta, format_hms_millis};

/// How long an instant is shown.
const INSTANT: TimeDelta = TimeDelta::from_millis(1_000);
/// Times have milliseconds, and a cue has to end after it starts.
const SHORTEST: TimeDelta = TimeDelta::from_millis(1);

pub(super) fn write(notes: &NotesExport) -> String {
    let title = one_line(&notes.title).replace("-->", "->");
    let head = if title.is_empty() {
        "WEBVTT\n".to_owned()
    } else {
        format!("WEBVTT - {title}\n")
    };
    let cues = notes.sorted().into_iter().map(|note| cue(&note.annotation));
    std::iter::once(head).chain(cues).collect()
}

fn cue(annotation: &Annotation) -> String {
    let (start, end) = shown(annotation);
    let clock = |time| format_hms_millis(since_start(time), '.');
    format!(
        "\nem-{}\n{} --> {}\n{}\n",
        annotation.id,
        clock(start),
        clock(end),
        payload(annotation)
    )
}

fn shown(annotation: &Annotation) -> (MediaTime, MediaTime) {
    let time = annotation.target.time;
    let millis = |time: MediaTime| (since_start(time).as_micros() + 500) / 1_000 * 1_000;
    let start = MediaTime::from_micros(millis(time.start));
    let end = if time.is_empty() {
        start + INSTANT
    } else {
        MediaTime::from_micros(millis(time.end))
    };
    (start, end.max(start + SHORTEST))
}

/// The words with their speaker, and the note below. No line is empty: that would end the cue.
fn payload(annotation: &Annotation) -> String {
    let mut lines = Vec::new();
    let quote = one_line(quoted(annotation));
    if !quote.is_empty() {
        let speaker = speaker_of(annotation);
        let voice = speaker.map(|name| voice(&name)).unwrap_or_default();
        lines.push(format!("{voice}{}", escaped(&quote)));
    }
    for line in annotation.text.lines().map(one_line).filter(|line| !line.is_empty()) {
        lines.push(format!("<i>{}</i>", escaped(&line)));
    }
    if lines.is_empty() {
        lines.push(kind_title(annotation.kind).to_owned());
    }
    lines.join("\n")
}

/// The tag of a speaker. After a name that ends in two dashes its bracket would make the arrow of a time line;
/// white space at the end of a name is not part of it (WebVTT §6.4, annotation).
fn voice(name: &str) -> String {
    let apart = if name.ends_with("--") { " " } else { "" };
    format!("<v {}{apart}>", escaped(name))
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use super::voice;

    #[test]
    fn no_name_makes_an_arrow() {
        assert_eq!(voice("Ada"), "<v Ada>");
        assert_eq!(voice("Ada --"), "<v Ada -- >");
    }
}
