//! `earmark notes add`: one note from the arguments, or one for each line of the standard input.

use std::io::{BufRead, Write};

use clap::Args;
use jiff::Timestamp;
use serde::{Deserialize, Deserializer};

use super::source::Source;
use super::{DocumentArgs, NotesError, colour_from, kind_from};
use crate::library::Store;
use crate::notes::{Annotation, AnnotationId, Colour, Kind, PlacementIndex, Target, target_at};
use crate::time::{MediaSpan, MediaTime, TimeDelta, parse_timecode};
use crate::timing::{Timeline, Timing};
use crate::transcript::{Folded, Passage, TextPoint, search};

/// `earmark notes add`.
#[derive(Debug, Clone, Args)]
pub struct AddArgs {
    #[command(flatten)]
    document: DocumentArgs,
    /// When it is heard in the recording: 1:02:03, 62:03.5, 3723 or 1h2m3s.
    #[arg(long, value_name = "TIME", value_parser = time_from)]
    at: Option<MediaTime>,
    /// Until when; with --at.
    #[arg(long, value_name = "TIME", value_parser = time_from)]
    to: Option<MediaTime>,
    /// The words it is about; the place nearest to --at counts.
    #[arg(long)]
    quote: Option<String>,
    /// What it says.
    #[arg(long, default_value = "", hide_default_value = true)]
    text: String,
    /// A tag; may be given several times.
    #[arg(long = "tag", value_name = "TAG")]
    tags: Vec<String>,
    /// Its colour.
    #[arg(long, value_parser = colour_from, default_value = "yellow")]
    colour: Colour,
    /// highlight, note or bookmark; without it, what suits the rest.
    #[arg(long, value_parser = kind_from)]
    kind: Option<Kind>,
    /// Make a note of each line of the standard input, placed as the other options say; a line that is a JSON object
    /// may say itself: at, to, quote, text, tags, colour, kind.
    #[arg(long)]
    stdin: bool,
}

fn time_from(text: &str) -> Result<MediaTime, String> {
    parse_timecode(text)
        .map(|since_start| MediaTime::ZERO + since_start)
        .map_err(|error| error.to_string())
}

/// What one wants noted.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Wanted {
    #[serde(default, deserialize_with = "time")]
    at: Option<MediaTime>,
    #[serde(default, deserialize_with = "time")]
    to: Option<MediaTime>,
    quote: Option<String>,
    text: Option<String>,
    tags: Option<Vec<String>>,
    #[serde(default, deserialize_with = "colour")]
    colour: Option<Colour>,
    #[serde(default, deserialize_with = "kind")]
    kind: Option<Kind>,
}

/// Seconds as a number, or a time code as text.
fn time<'de, D: Deserializer<'de>>(input: D) -> Result<Option<MediaTime>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Time {
        Seconds(f64),
        Code(String),
    }
    match Option::<Time>::deserialize(input)? {
        None => Ok(None),
        Some(Time::Seconds(seconds)) => Ok(Some(MediaTime::ZERO + TimeDelta::from_secs_f64(seconds))),
        Some(Time::Code(code)) => time_from(&code).map(Some).map_err(serde::de::Error::custom),
    }
}

fn colour<'de, D: Deserializer<'de>>(input: D) -> Result<Option<Colour>, D::Error> {
    let name = Option::<String>::deserialize(input)?;
    name.map(|name| colour_from(&name))
        .transpose()
        .map_err(serde::de::Error::custom)
}

fn kind<'de, D: Deserializer<'de>>(input: D) -> Result<Option<Kind>, D::Error> {
    let name = Option::<String>::deserialize(input)?;
    name.map(|name| kind_from(&name))
        .transpose()
        .map_err(serde::de::Error::custom)
}

pub(super) fn add(
    args: &AddArgs,
    store: &mut Store,
    input: &mut dyn BufRead,
    output: &mut dyn Write,
) -> Result<(), NotesError> {
    let source = Source::read(&args.document, store)?;
    // What cannot be placed makes no document either.
    let timing = source
        .known
        .as_ref()
        .and_then(|known| known.place.as_ref())
        .map_or_else(Timing::default, |place| place.timing.clone());
    let desk = Desk::new(&source, &timing);
    let asked = Wanted {
        at: args.at,
        to: args.to,
        quote: args.quote.clone(),
        text: Some(args.text.clone()),
        tags: Some(args.tags.clone()),
        colour: Some(args.colour),
        kind: args.kind,
    };
    if !args.stdin {
        let annotation = desk.annotation(&asked)?;
        let document = source.open(store)?;
        return keep(&annotation, document.id, store, output);
    }
    let document = source.open(store)?;
    for (i, line) in input.lines().enumerate() {
        let at_line = |source| NotesError::Line {
            number: i + 1,
            source: Box::new(source),
        };
        let line = line?;
        if line.trim().is_empty() {
            continue;
        }
        let annotation = wanted_from(&line, &asked)
            .and_then(|wanted| desk.annotation(&wanted))
            .map_err(at_line)?;
        keep(&annotation, document.id, store, output).map_err(at_line)?;
    }
    Ok(())
}

/// Keeps a note and tells its id: once it is told, it is on the disk.
fn keep(
    annotation: &Annotation,
    document: crate::library::DocumentId,
    store: &mut Store,
    output: &mut dyn Write,
) -> Result<(), NotesError> {
    store.put_annotations(document, std::slice::from_ref(annotation))?;
    writeln!(output, "{}", annotation.id)?;
    output.flush()?;
    Ok(())
}

fn wanted_from(line: &str, asked: &Wanted) -> Result<Wanted, NotesError> {
    if !line.trim_start().starts_with('{') {
        return Ok(Wanted {
            text: Some(line.trim().to_owned()),
            ..asked.clone()
        });
    }
    let told: Wanted = serde_json::from_str(line).map_err(NotesError::Json)?;
    // A line that says where it belongs says it wholly.
    let placed = told.at.is_some() || told.quote.is_some();
    let (at, to, quote) = if placed {
        (told.at, told.to, told.quote)
    } else {
        (asked.at, asked.to, asked.quote.clone())
    };
    Ok(Wanted {
        at,
        to,
        quote,
        text: told.text.or_else(|| asked.text.clone()),
        tags: told.tags.or_else(|| asked.tags.clone()),
        colour: told.colour.or(asked.colour),
        kind: told.kind.or(asked.kind),
    })
}

/// What notes are made with; the text is made ready once for all of them.
struct Desk<'a> {
    text: Option<(Timeline, Folded, PlacementIndex<'a>)>,
}

impl<'a> Desk<'a> {
    fn new(source: &'a Source, timing: &Timing) -> Self {
        let text = source.transcript.as_ref().map(|transcript| {
            let timeline = Timeline::new(std::sync::Arc::clone(transcript), timing.clone());
            (timeline, Folded::new(transcript), PlacementIndex::new(transcript))
        });
        Self { text }
    }

    fn annotation(&self, wanted: &Wanted) -> Result<Annotation, NotesError> {
        let text = wanted.text.clone().unwrap_or_default();
        let kind = wanted
            .kind
            .unwrap_or(match (text.is_empty(), wanted.quote.is_some() || wanted.to.is_some()) {
                (false, _) => Kind::Note,
                (true, true) => Kind::Highlight,
                (true, false) => Kind::Bookmark,
            });
        let mut tags: Vec<String> = Vec::new();
        for tag in wanted
            .tags
            .iter()
            .flatten()
            .map(|tag| tag.trim().trim_start_matches('#'))
        {
            if !tag.is_empty() && tags.iter().all(|other| other != tag) {
                tags.push(tag.to_owned());
            }
        }
        let now = Timestamp::now();
        Ok(Annotation {
            id: AnnotationId::generate(),
            kind,
            colour: wanted.colour.unwrap_or_default(),
            text,
            tags,
            target: self.target(wanted, kind)?,
            created: now,
            modified: now,
        })
    }

    fn target(&self, wanted: &Wanted, kind: Kind) -> Result<Target, NotesError> {
        let passage = match (&wanted.quote, wanted.at, wanted.to) {
            (Some(quote), at, _) => Some(self.quoted(quote, at)?),
            (None, None, None) => return Err(NotesError::NoPlace),
            (None, None, Some(_)) => return Err(NotesError::NoStart),
            (None, Some(at), Some(to)) if to <= at => return Err(NotesError::NoStart),
            (None, Some(at), Some(to)) => self.spoken(MediaSpan::new(at, to)),
            (None, Some(at), None) => self
                .text
                .as_ref()
                .and_then(|(timeline, ..)| Passage::of_cue(timeline.transcript(), timeline.primary(at)?)),
        };
        let at = wanted.at.unwrap_or_default();
        let Some((timeline, _, index)) = &self.text else {
            return Ok(Target {
                time: MediaSpan::new(at, wanted.to.unwrap_or(at)),
                ..Target::default()
            });
        };
        let heard = passage.and_then(|passage| timeline.passage_span(passage));
        let time = match wanted.to {
            Some(to) if wanted.quote.is_none() => MediaSpan::new(at, to),
            _ => heard.unwrap_or(MediaSpan::new(at, at)),
        };
        match passage {
            Some(passage) if kind != Kind::Bookmark => Ok(index.target_for(passage, time)),
            _ => {
                let instant = if wanted.quote.is_some() { time.start } else { at };
                let target = target_at(timeline.transcript(), timeline.primary(instant), instant);
                Ok(if wanted.to.is_some() {
                    Target { time, ..target }
                } else {
                    target
                })
            }
        }
    }

    /// The place of these words that is nearest to `at`; the first where no time is given.
    fn quoted(&self, quote: &str, at: Option<MediaTime>) -> Result<Passage, NotesError> {
        let (timeline, folded, _) = self.text.as_ref().ok_or(NotesError::NoTranscript)?;
        let distance = |passage: &Passage| match (at, timeline.time_of(passage.start)) {
            (Some(at), Some(start)) => (start - at).as_micros().unsigned_abs(),
            _ => 0,
        };
        search(
            timeline.transcript(),
            folded,
            &quote.split_whitespace().collect::<Vec<_>>().join(" "),
        )
        .into_iter()
        .min_by_key(distance)
        .ok_or_else(|| NotesError::QuoteNotFound {
            quote: quote.to_owned(),
        })
    }

    /// The words that are heard in a stretch of the recording.
    fn spoken(&self, span: MediaSpan) -> Option<Passage> {
        let (timeline, ..) = self.text.as_ref()?;
        let meets = |other: MediaSpan| other.start < span.end && span.start < other.end;
        let ids = (0..timeline.transcript().cues.len()).map(|i| crate::transcript::CueId(i as u32));
        let mut found: Option<Passage> = None;
        for id in ids.filter(|id| timeline.span(*id).is_some_and(meets)) {
            for word in timeline.words(id).iter().filter(|word| meets(timeline.word_span(word))) {
                let (start, end) = (TextPoint::new(id, word.range.start), TextPoint::new(id, word.range.end));
                let before = found.get_or_insert(Passage { start, end });
                before.start = before.start.min(start);
                before.end = before.end.max(end);
            }
        }
        found
    }
}
