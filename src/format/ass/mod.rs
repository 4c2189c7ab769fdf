//! Advanced SubStation Alpha and its forerunner SSA, what fansubbers, Aegisub and karaoke makers write.
//!
//! Sections in brackets: `[Script Info]`, `[V4+ Styles]` (SSA: `[V4 Styles]`), `[Events]`, and at times fonts and
//! pictures. The events' `Format` line names the columns, the text always last. `Dialogue` is shown; `Comment` and its
//! kin are not. All that stands before the first event is kept as it is, as are comments, and what an event says in
//! its other columns, so that writing gives back what was read.
//!
//! `Name` is who speaks. A style is one only where `Name` is empty and the style is called as no style would be by
//! chance (`Speaker 1`, `Host`): `Main`, `Sign` and `OP` look like names and are none. Styles are the tiers to choose
//! from; without a choice all are read.

mod columns;
mod text;

use std::borrow::Cow;
use std::collections::HashSet;

use super::draft::{Draft, Drafts, source_range};
use super::formats::{Family, Format, Holds, Spec};
use super::markup::Plain;
use super::shape::beginning;
use super::speakers::is_role;
use super::warning::shorten;
use super::writing::{Output, WholeCue, whole_cues};
use super::{Input, ReadError, WarningKind, Warnings};
use crate::transcript::{CueOrigin, Transcript};
use columns::{Columns, is_events, of_key, section, time, trimmed};

/// The row of this format.
pub(super) const SPEC: Spec = Spec {
    format: Format::Ass,
    key: "ass",
    name: "SubStation Alpha",
    extensions: &["ass", "ssa"],
    from: "Aegisub, fansubs, karaoke makers",
    family: Family::Text,
    recognise,
    read,
    write: Some((write, HOLDS)),
};

const HOLDS: Holds = Holds::ALL_BUT_CHAPTERS;

/// More styles than this are no choice.
const MOST_TIERS: usize = 1_000;
/// The title that Aegisub gives a file nobody named.
const NO_TITLE: [&str; 3] = ["Default Aegisub file", "<untitled>", "New subtitles"];

/// What a file begins with that was not read from this format. The looks are those ffmpeg gives as well.
const NEW_STYLES: &str = "\
[V4+ Styles]
Format: Name, Fontname, Fontsize, PrimaryColour, SecondaryColour, OutlineColour, BackColour, Bold, Italic, Underline, \
StrikeOut, ScaleX, ScaleY, Spacing, Angle, BorderStyle, Outline, Shadow, Alignment, MarginL, MarginR, MarginV, Encoding
Style: Default,Arial,16,&H00FFFFFF,&H0000FFFF,&H00000000,&H00000000,0,0,0,0,100,100,0,0,1,1,0,2,10,10,10,1
";
const EVENTS: &str = "[Events]\nFormat: Layer, Start, End, Style, Name, MarginL, MarginR, MarginV, Effect, Text\n";

fn recognise(input: &Input<'_>) -> Option<&'static str> {
    let text = beginning(input.text);
    let is_section = |line: &str| {
        ["script info", "v4+ styles", "v4 styles", "events"]
            .iter()
            .any(|name| section(line).is_some_and(|own| own.eq_ignore_ascii_case(name)))
    };
    if text.lines().any(is_section)
        && text
            .lines()
            .map(trimmed)
            .find(|line| !line.is_empty())
            .is_some_and(|first| first.starts_with(['[', ';', '!']))
    {
        return Some("sections of a script");
    }
    let is_event = |line: &str| {
        let fields = of_key(line, "dialogue")?;
        let mut fields = fields.split(',').skip(1);
        time(fields.next()?).and(time(fields.next()?))
    };
    text.lines()
        .any(|line| is_event(line).is_some())
        .then_some("lines of dialogue with their times")
}

/// Reads the events of a script.
fn read(input: &Input<'_>, drafts: &mut Drafts, warnings: &mut Warnings) -> Result<(), ReadError> {
    let mut reader = Reader {
        source: input.text,
        tier: input.options.tier,
        columns: None,
        first_columns: None,
        styles: HashSet::new(),
        is_v4: false,
        breaks_softly: true,
        tail: String::new(),
        plain: Plain::default(),
        began: false,
    };
    drafts.line_break = Some("\\N".to_owned());
    let mut section_name = "";
    for (number, line) in (1_u32..).zip(input.text.split('\n')) {
        if let Some(name) = section(line) {
            section_name = name;
        }
        reader.line(section_name, number, line, drafts, warnings);
    }
    let tail = std::mem::take(&mut reader.tail);
    if !tail.trim().is_empty() {
        drafts.blocks.push((u32::MAX, tail.trim_end().to_owned()));
    }
    if let Some(tier) = input.options.tier.filter(|tier| !reader.styles.contains(tier)) {
        let name = tier.to_owned();
        let there = drafts.tiers.join(", ");
        return Err(ReadError::NoSuchTier { name, there });
    }
    if drafts.tiers.len() < 2 {
        drafts.tiers.clear();
    }
    Ok(())
}

struct Reader<'a> {
    source: &'a str,
    tier: Option<&'a str>,
    columns: Option<Columns>,
    /// The columns in which the events are written back.
    first_columns: Option<Columns>,
    styles: HashSet<&'a str>,
    is_v4: bool,
    /// Whether `\n` is a blank: where the script wraps its lines itself.
    breaks_softly: bool,
    /// The sections after the events.
    tail: String,
    plain: Plain,
    /// Whether an event was met.
    began: bool,
}

impl<'a> Reader<'a> {
    fn line(&mut self, section_name: &str, number: u32, line: &'a str, drafts: &mut Drafts, warnings: &mut Warnings) {
        let is = |name: &str| section_name.eq_ignore_ascii_case(name);
        // Fonts and pictures are letters and digits that mean nothing else.
        let holds_events = !is("fonts") && !is("graphics");
        if holds_events && let Some(event) = of_key(line, "dialogue") {
            self.begin(drafts);
            return self.event(number, line, event, drafts, warnings);
        }
        if is("events") || section_name.is_empty() {
            if let Some(format) = of_key(line, "format").filter(|_| !section_name.is_empty()) {
                let named = Columns::of(format);
                if named.is_none() {
                    let (what, text) = (
                        "columns without times or text, taken for the usual ones",
                        shorten(format),
                    );
                    warnings.push(number, WarningKind::Malformed { what, text });
                }
                self.columns = named.or(self.columns.take());
            }
            let is_hidden = ["comment", "picture", "sound", "movie", "command"]
                .iter()
                .any(|key| of_key(line, key).is_some());
            if is_hidden {
                self.begin(drafts);
            }
            if self.began {
                let is_known = is_hidden || trimmed(line).starts_with([';', '!']);
                if is_known {
                    drafts.blocks.push((number, trimmed(line).to_owned()));
                } else if !trimmed(line).is_empty() && section(line).is_none() && of_key(line, "format").is_none() {
                    warnings.push(number, WarningKind::StrayText { text: shorten(line) });
                }
                return;
            }
        }
        if is("script info") {
            self.info(line, drafts);
        }
        self.is_v4 |= is("v4 styles");
        let kept = if self.began { &mut self.tail } else { &mut drafts.head };
        kept.push_str(line.trim_start_matches('\u{feff}').trim_end());
        kept.push('\n');
    }

    fn info(&mut self, line: &str, drafts: &mut Drafts) {
        let said = |key| of_key(line, key).map(str::trim).filter(|value| !value.is_empty());
        if let Some(title) = said("title").filter(|title| !NO_TITLE.contains(title)) {
            drafts.title = Some(title.to_owned());
        }
        if let Some(language) = said("language") {
            drafts.language = Some(language.chars().take(35).collect());
        }
        if said("wrapstyle") == Some("2") {
            self.breaks_softly = false;
        }
    }

    /// The head ends here.
    fn begin(&mut self, drafts: &Drafts) {
        if !self.began {
            self.began = true;
            self.first_columns = Some(Columns::of_head(&drafts.head));
        }
    }

    fn event(&mut self, number: u32, line: &'a str, event: &'a str, drafts: &mut Drafts, warnings: &mut Warnings) {
        let columns = self.columns.get_or_insert_with(|| Columns::usual(self.is_v4));
        let Some(fields) = columns.split(event) else {
            let (what, text) = ("an event with too few fields was left out", shorten(event));
            warnings.push(number, WarningKind::Malformed { what, text });
            return;
        };
        let (start, end) = (columns.field(&fields, "start"), columns.field(&fields, "end"));
        let Some(begins) = time(start) else {
            warnings.push(number, WarningKind::BadTime { text: shorten(event) });
            return;
        };
        let ends = time(end);
        if ends.is_none() {
            warnings.push(number, WarningKind::BadTime { text: shorten(end) });
        }
        // SSA marks with a star the style that the file itself defines.
        let style = columns.field(&fields, "style").trim_start_matches('*');
        if !style.is_empty() && self.styles.len() < MOST_TIERS && self.styles.insert(style) {
            drafts.tiers.push(style.to_owned());
        }
        if self.tier.is_some_and(|tier| tier != style) {
            return;
        }
        let mut draft = Draft::new(number, begins, ends);
        let written = fields.get(columns.text).copied().unwrap_or("");
        let drawing = text::read(written, begins, self.breaks_softly, &mut self.plain);
        if let Some(drawing) = &drawing {
            let (what, text) = ("a drawing was left out", shorten(drawing));
            warnings.push(number, WarningKind::Malformed { what, text });
        }
        if self.plain.text.is_empty() {
            if drawing.is_none() {
                warnings.push(number, WarningKind::EmptyCue);
            }
            drafts.blocks.push((number, trimmed(line).to_owned()));
            return;
        }
        let name = columns.name(&fields);
        draft.name = drafts
            .names
            .id(if name.is_empty() && is_role(style) { style } else { name });
        draft.payload = source_range(self.source, written.trim());
        let is_unsaid = columns
            .others()
            .all(|column| columns.field(&fields, column) == Columns::unsaid(column));
        if !is_unsaid && self.first_columns.as_ref() == Some(&*columns) {
            let others: Vec<&str> = columns.others().map(|column| columns.field(&fields, column)).collect();
            draft.origin = Some(Box::new(CueOrigin {
                extra: Some(others.join(",").into()),
                ..CueOrigin::default()
            }));
        }
        drafts.add(draft, &self.plain);
    }
}

/// Writes a script: with the head, the styles and the comments it was read with, or with a style of its own.
fn write(transcript: &Transcript, out: &mut Output) {
    let kept = transcript.kept.as_deref().filter(|kept| kept.format == "ass");
    let head = kept.map_or(Cow::Borrowed(""), |kept| Cow::Borrowed(kept.head.as_str()));
    let head = if head.trim().is_empty() {
        Cow::Owned(new_head(transcript))
    } else {
        head
    };
    out.text(&head);
    if !head.lines().any(is_events) {
        out.text("\n");
        out.text(EVENTS);
    }
    let columns = if head.lines().any(is_events) {
        Columns::of_head(&head)
    } else {
        Columns::usual(false)
    };
    let mut blocks = kept
        .map(|kept| kept.blocks.as_slice())
        .unwrap_or_default()
        .iter()
        .peekable();
    for whole in whole_cues(transcript, "ass") {
        while let Some((_, block)) = blocks.next_if(|(before, _)| *before <= whole.first.0) {
            write_block(block, out);
        }
        write_event(&whole, &columns, transcript, out);
    }
    for (_, block) in blocks {
        write_block(block, out);
    }
}

/// A comment, or the sections that follow the events.
fn write_block(block: &str, out: &mut Output) {
    if block.starts_with('[') {
        out.text("\n");
    }
    out.line(block);
}

fn new_head(transcript: &Transcript) -> String {
    let mut head = String::from("[Script Info]\n");
    for (key, value) in [("Title", &transcript.title), ("Language", &transcript.language)] {
        if let Some(value) = value {
            head.push_str(&[key, ": ", &value.replace('\n', " "), "\n"].concat());
        }
    }
    head + "ScriptType: v4.00+\nWrapStyle: 0\nScaledBorderAndShadow: yes\nPlayResX: 384\nPlayResY: 288\n\n"
        + NEW_STYLES
        + "\n"
        + EVENTS
}

fn write_event(whole: &WholeCue<'_>, columns: &Columns, transcript: &Transcript, out: &mut Output) {
    let Some(cue) = whole.cue() else { return };
    // Where the text is as it was read, so is the name beside it; it may stand in the text.
    let payload = whole.payload();
    let speaker = if payload.is_some() {
        None
    } else {
        transcript.speaker_name(cue.speaker)
    };
    if speaker.is_some_and(|name| name.contains(',')) {
        out.lose("commas in names");
    }
    let mut extra = whole.extra().map(|extra| extra.split(','));
    let start = text::hundredths(whole.span.start);
    let end = text::hundredths(whole.span.end).max(start.saturating_add(1));
    out.text("Dialogue: ");
    for (place, column) in columns.names.iter().enumerate() {
        if place > 0 {
            out.text(",");
        }
        match column.as_str() {
            "start" => out.text(&text::clock(start)),
            "end" => out.text(&text::clock(end)),
            "text" => match payload {
                Some(payload) => out.text(payload),
                None => text::write(cue, out),
            },
            other => {
                let said = extra.as_mut().and_then(Iterator::next);
                let is_name = matches!(other, "name" | "actor") && payload.is_none();
                match speaker.filter(|_| is_name) {
                    Some(name) => out.text(&name.replace(',', ";")),
                    None if is_name => {}
                    None => out.text(said.unwrap_or(Columns::unsaid(other))),
                }
            }
        }
    }
    out.text("\n");
}
