//! Audacity's label tracks: `start<TAB>end<TAB>text` on each line, in seconds.
//!
//! The form is told in Audacity's manual, "Importing and Exporting Labels". A label of a single point has its start as
//! its end; a second line `\<TAB>low<TAB>high` tells the frequencies that were selected and is kept for writing back.
//! Older versions write the decimal comma of the system. The program itself names its files `.txt`.

use super::draft::{Draft, Drafts};
use super::formats::{Family, Format, Holds, Spec};
use super::markup::Plain;
use super::stamp::{in_seconds, read_decimal};
use super::warning::shorten;
use super::writing::{Output, whole_cues};
use super::{Input, ReadError, WarningKind, Warnings};
use crate::time::CueTime;
use crate::transcript::{CueOrigin, Transcript};

/// The row of this format.
pub(super) const SPEC: Spec = Spec {
    format: Format::Labels,
    key: "labels",
    name: "Audacity labels",
    // Not `txt`, by which a person asks for plain text.
    extensions: &["labels"],
    from: "Audacity",
    family: Family::Text,
    recognise,
    read,
    write: Some((write, HOLDS)),
};

const HOLDS: Holds = Holds {
    lines: false,
    ..Holds::CAPTIONS
};

/// So many lines are looked at to know the format.
const SAMPLE: usize = 20;

/// Rows of two numbers and a text, the first of them with a fraction: whole numbers are Whisper's milliseconds.
fn recognise(input: &Input<'_>) -> Option<&'static str> {
    let mut lines = input.text.lines().filter(|line| !line.trim().is_empty());
    let first = lines.next()?;
    let number = first.split('\t').next()?;
    if row(first).is_none() || !number.contains(['.', ',']) {
        return None;
    }
    let rest: Vec<&str> = lines.take(SAMPLE).filter(|line| !is_frequencies(line)).collect();
    let rows = rest.iter().filter(|line| row(line).is_some()).count();
    (rows * 2 >= rest.len()).then_some("rows of start, end and text, in seconds")
}

/// Reads the labels. A line that is none goes on with the text before it.
fn read(input: &Input<'_>, drafts: &mut Drafts, warnings: &mut Warnings) -> Result<(), ReadError> {
    let mut plain = Plain::default();
    let mut open: Option<Draft> = None;
    for (text, line) in input.text.split('\n').zip(1_u32..) {
        if let Some((start, end, label)) = row(text) {
            if let Some(draft) = open.take() {
                drafts.add(draft, &plain);
            }
            // A point lasts until the next label.
            open = Some(Draft::new(line, start, Some(end).filter(|end| *end != start)));
            plain.clear();
            plain.literal(label);
            continue;
        }
        let is_blank = text.trim().is_empty();
        match &mut open {
            _ if is_blank => {}
            Some(draft) if is_frequencies(text) => {
                draft.origin = Some(Box::new(CueOrigin {
                    extra: Some(text.into()),
                    ..CueOrigin::default()
                }));
            }
            Some(_) => {
                warnings.push(line, WarningKind::BadTimeLine { text: shorten(text) });
                plain.blank();
                plain.literal(text);
            }
            None => warnings.push(line, WarningKind::StrayText { text: shorten(text) }),
        }
    }
    if let Some(draft) = open {
        drafts.add(draft, &plain);
    }
    Ok(())
}

/// Writes labels as Audacity does; who speaks stands before the text.
fn write(transcript: &Transcript, out: &mut Output) {
    for whole in whole_cues(transcript, "labels") {
        for cue in whole.cues {
            out.text(&in_seconds(cue.span.start));
            out.text("\t");
            out.text(&in_seconds(cue.span.end));
            out.text("\t");
            if let Some(name) = transcript.speaker_name(cue.speaker) {
                out.text(name);
                out.text(": ");
            }
            out.line(&cue.text.replace(['\n', '\t'], " "));
        }
        if let Some(frequencies) = whole.extra() {
            out.line(frequencies);
        }
    }
}

/// The times and the text of a label.
fn row(line: &str) -> Option<(CueTime, CueTime, &str)> {
    let mut cells = line.splitn(3, '\t');
    let start = read_decimal(cells.next()?)?;
    let end = read_decimal(cells.next()?)?;
    let text = cells.next().unwrap_or("");
    Some((CueTime::from_secs_f64(start), CueTime::from_secs_f64(end), text))
}

fn is_frequencies(line: &str) -> bool {
    line.strip_prefix("\\\t").is_some_and(|rest| row(rest).is_some())
}
