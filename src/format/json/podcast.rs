//! The Podcast Namespace's JSON transcript (`transcripts.md`, version 1.0.0): Buzzsprout, Transistor, Captivate and
//! other hosts.
//!
//! A segment is a phrase or, in many files, a single word; words become cues and are written as words again. The
//! speaker and the end may be missing, times may be strings, and a body that ends in a line break ends a paragraph.
//! Fields beyond the description are kept, and so are those of the file.

use super::super::draft::{Draft, Drafts};
use super::super::flow::Flow;
use super::super::formats::{Family, Format, Holds, Spec};
use super::super::markup::Plain;
use super::super::stamp::LineCounter;
use super::super::writing::{Output, around_words, whole_cues};
use super::super::{Input, ReadError, Warnings};
use super::tree::Fields;
use super::{Tree, Value, seconds_or_clock};
use crate::time::{CueSpan, CueTime};
use crate::transcript::{Cue, CueOrigin, Transcript};

/// The row of this format.
pub(in crate::format) const SPEC: Spec = Spec {
    format: Format::Podcast,
    key: "podcast",
    name: "Podcasting 2.0 JSON",
    extensions: &["json"],
    from: "podcast hosts: Buzzsprout, Transistor, Captivate",
    family: Family::Json,
    recognise,
    read,
    write: Some((write, HOLDS)),
};

// Times of words are held where the file was one of words; elsewhere the writer tells what is lost.
const HOLDS: Holds = Holds {
    words: true,
    ..Holds::CAPTIONS
};

const KNOWN: [&str; 4] = ["startTime", "endTime", "speaker", "body"];

fn recognise(input: &Input<'_>) -> Option<&'static str> {
    let root = input.json.as_ref()?.root();
    let has_body = |segment: Value<'_>| segment.get("body").is_some() && segment.get("startTime").is_some();
    // The first may lack a time where later ones do not.
    let found = root.each("segments").take(8).any(has_body);
    found.then_some("segments with a body and a startTime")
}

fn read(input: &Input<'_>, drafts: &mut Drafts, warnings: &mut Warnings) -> Result<(), ReadError> {
    let root = super::root(input, SPEC.format)?;
    drafts.head = root.fields_beyond(&["segments"]).unwrap_or_default();
    let mut lines = LineCounter::new(input.text);
    let bodies: Vec<&str> = root.each("segments").map(body).collect();
    if is_of_words(&bodies) {
        let mut flow = Flow::new(drafts);
        let writes_blanks = |body: &str| body.starts_with(' ') || body.ends_with(' ');
        let joins = bodies.iter().any(|body| writes_blanks(body));
        for segment in root.each("segments") {
            let (text, line) = (body(segment), segment.line(&mut lines));
            if text.trim().is_empty() {
                continue;
            }
            if joins {
                flow.join_next();
            }
            let (start, end) = times(segment);
            flow.word(line, text, start, end, segment.text("speaker"));
            flow.keep(&segment.fields_beyond(&["speaker"]).unwrap_or_default());
            if ends_paragraph(text) {
                flow.finish_cue();
            }
        }
        flow.finish(warnings);
        return Ok(());
    }
    let mut plain = Plain::default();
    for segment in root.each("segments") {
        let (text, line) = (body(segment), segment.line(&mut lines));
        let (start, end) = times(segment);
        let start = super::start_of(start, text, line, drafts, warnings);
        let mut draft = Draft::new(line, start, end);
        draft.name = segment.text("speaker").and_then(|name| drafts.names.id(name));
        draft.origin = extra(segment, text).map(|extra| {
            Box::new(CueOrigin {
                extra: Some(extra.into()),
                ..CueOrigin::default()
            })
        });
        plain.clear();
        plain.literal(text);
        drafts.add(draft, &plain);
    }
    Ok(())
}

/// Whether the segments are words. Where most of them end a paragraph they are short phrases.
fn is_of_words(bodies: &[&str]) -> bool {
    let bodies: Vec<&str> = bodies.iter().copied().filter(|body| !body.trim().is_empty()).collect();
    let paragraphs = bodies.iter().filter(|body| ends_paragraph(body)).count();
    paragraphs * 2 < bodies.len() && super::are_words(bodies.iter().copied())
}

fn body(segment: Value<'_>) -> &str {
    segment.text("body").unwrap_or("")
}

fn times(segment: Value<'_>) -> (Option<CueTime>, Option<CueTime>) {
    let time = |key| seconds_or_clock(segment.get(key));
    (time("startTime"), time("endTime"))
}

fn ends_paragraph(body: &str) -> bool {
    body.ends_with(['\n', '\r'])
}

/// What a segment tells beyond the model: fields of its own, and the line break at the end of its body.
fn extra(segment: Value<'_>, text: &str) -> Option<String> {
    let unknown = segment.entries().filter(|(key, _)| !KNOWN.contains(key));
    let mut fields = Fields::default();
    if ends_paragraph(text) {
        fields.add_text("body", "\n");
    }
    for (key, value) in unknown {
        fields.add(key, value);
    }
    fields.json()
}

/// Writes a line for each segment.
fn write(transcript: &Transcript, out: &mut Output) {
    let kept = transcript.kept.as_deref().filter(|kept| kept.format == SPEC.key);
    let head = kept.and_then(|kept| Tree::read(&kept.head));
    let mut file = Fields::default();
    let has_version = head.as_ref().is_some_and(|head| head.root().get("version").is_some());
    if !has_version {
        file.add_text("version", "1.0.0");
    }
    for (key, value) in head.iter().flat_map(|head| head.root().entries()) {
        file.add(key, value);
    }
    let mut segments: Vec<String> = Vec::with_capacity(transcript.cues.len());
    let of_words = |cue: &Cue| words_told(cue, kept.is_some()).is_some();
    let as_read = transcript.cues.iter().filter(|cue| of_words(cue)).all(is_as_read);
    // Cues of one word each must not be taken for the words of others.
    let texts: Vec<&str> = transcript.cues.iter().map(|cue| &*cue.text).collect();
    let needs_breaks = !transcript.cues.iter().any(of_words) && is_of_words(&texts);
    for whole in whole_cues(transcript, SPEC.key) {
        let Some(cue) = whole.cue() else { continue };
        let name = transcript.speaker_name(cue.speaker);
        match words_told(cue, kept.is_some()) {
            Some(told) if as_read => {
                for told in told.root().items() {
                    segments.push(segment(None, name, "", Some(told)));
                }
            }
            Some(_) => {
                for (text, span) in timed_pieces(cue) {
                    let lead = if segments.is_empty() || text.starts_with(' ') {
                        ""
                    } else {
                        " "
                    };
                    segments.push(segment(Some(span), name, &format!("{lead}{text}"), None));
                }
            }
            None => {
                let told = whole.extra().and_then(Tree::read);
                let told = told.as_ref().map(Tree::root);
                let line_break = if needs_breaks { "\n" } else { "" };
                let line_break = told.and_then(|told| told.text("body")).unwrap_or(line_break);
                segments.push(segment(
                    Some(cue.span),
                    name,
                    &format!("{}{line_break}", cue.text),
                    told,
                ));
                for _ in &cue.given_words {
                    out.lose("times of words");
                }
            }
        }
    }
    file.add_json("segments", &format!("[\n{}\n]", segments.join(",\n")));
    out.line(&file.json().unwrap_or_default());
}

/// The segments that a cue of several was read from.
fn words_told(cue: &Cue, same_format: bool) -> Option<Tree<'_>> {
    let extra = cue.origin.as_ref().filter(|_| same_format)?.extra.as_deref()?;
    Tree::read(extra.trim()).filter(|told| told.root().is_array())
}

/// Whether a cue is still what its segments say, so that they can be written again as they were.
fn is_as_read(cue: &Cue) -> bool {
    let Some(told) = words_told(cue, true) else {
        return false;
    };
    let visible = |text: &str| text.chars().filter(|c| !c.is_whitespace()).collect::<String>();
    let said: String = told.root().items().map(body).collect();
    let start = told.root().items().find_map(|segment| times(segment).0);
    let near = |a: CueTime, b: CueTime| (a - b).as_micros().abs() < 1_000;
    visible(&said) == visible(&cue.text) && start.is_none_or(|start| near(start.max(CueTime::ZERO), cue.span.start))
}

/// The words of a cue with what touches them; those without a time of their own stay with the one before.
fn timed_pieces(cue: &Cue) -> Vec<(String, CueSpan)> {
    let mut pieces: Vec<(String, CueSpan)> = Vec::new();
    for (before, word) in around_words(cue) {
        match (word, pieces.last_mut()) {
            (Some((word, text)), Some((piece, span))) if !word.given => {
                piece.push_str(before);
                piece.push_str(text);
                span.end = span.end.max(word.span.end);
            }
            (Some((word, text)), _) => pieces.push((format!("{before}{text}"), word.span)),
            (None, Some((piece, _))) => piece.push_str(before),
            (None, None) => {}
        }
    }
    pieces
}

/// A segment; what it told when it was read stands in for what is not given here.
fn segment(span: Option<CueSpan>, name: Option<&str>, text: &str, told: Option<Value<'_>>) -> String {
    let mut fields = Fields::default();
    if let Some(name) = name {
        fields.add_text("speaker", name);
    }
    if let Some(span) = span {
        for (key, time) in [("startTime", span.start), ("endTime", span.end)] {
            fields.add_json(key, &time.as_secs_f64().to_string());
        }
        fields.add_text("body", text);
    }
    let is_due = |key: &str| span.is_none() || !KNOWN.contains(&key);
    for (key, value) in told.into_iter().flat_map(Value::entries).filter(|(key, _)| is_due(key)) {
        fields.add(key, value);
    }
    fields.json().unwrap_or_default()
}
