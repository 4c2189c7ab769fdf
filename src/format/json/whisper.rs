//! What OpenAI's Whisper and its relatives write, each in its own way.
//!
//! | who | where the cues are | times |
//! |---|---|---|
//! | openai-whisper, faster-whisper, stable-ts, OpenAI `verbose_json` and `diarized_json` | `segments[]`, words in `words[]` or at the top | seconds |
//! | faster-whisper's named tuples as Python's `json` writes them | lists whose text follows its two times | seconds |
//! | WhisperX | `segments[]`, `word_segments[]`; words that were not aligned have no times | seconds |
//! | whisper.cpp `-oj`, `-ojf` | `transcription[]`, tokens of which several make a word | milliseconds in `offsets` |
//! | Hugging Face pipelines | `chunks[]` with `timestamp: [start, end or null]` | seconds |
//!
//! WhisperX cuts long segments and leaves all parts the times of the whole (its issue 1347); servers begin the first
//! segment at zero whenever speech begins (vLLM issue 24209); and all of them fall into loops that repeat a line, which
//! stay, and are told. stable-ts keeps what it began with in `ori_dict`; that is read only where there is nothing else.
//! Fields beyond the model are kept where segments are.

use std::borrow::Cow;

use super::super::draft::{Draft, Drafts};
use super::super::flow::Flow;
use super::super::formats::{Family, Format, Holds, Spec};
use super::super::markup::Plain;
use super::super::stamp::LineCounter;
use super::super::warning::shorten;
use super::super::writing::{Output, WholeCue, around_words, whole_cues};
use super::super::{Input, ReadError, WarningKind, Warnings};
use super::tree::{Fields, time_from_secs};
use super::{Heard, Tree, Value, seconds_or_clock, speaker};
use crate::time::{CueSpan, CueTime, TimeDelta};
use crate::transcript::{CueOrigin, Transcript};

/// The row of this format.
pub(in crate::format) const SPEC: Spec = Spec {
    format: Format::Whisper,
    key: "whisper",
    name: "Whisper JSON",
    extensions: &["json"],
    from: "Whisper, faster-whisper, WhisperX, whisper.cpp, OpenAI, Hugging Face",
    family: Family::Json,
    recognise,
    read,
    write: Some((write, HOLDS)),
};

const HOLDS: Holds = Holds {
    title: false,
    ..Holds::ALL_BUT_CHAPTERS
};

/// Fields of the file, of a segment and of a word that the model holds or another of them repeats.
const KNOWN_OF_FILE: [&str; 8] = [
    "segments",
    "text",
    "language",
    "words",
    "word_segments",
    "chunks",
    "transcription",
    "ori_dict",
];
const KNOWN_OF_SEGMENT: [&str; 6] = ["start", "end", "text", "speaker", "words", "chars"];
const KNOWN_OF_WORD: [&str; 5] = ["start", "end", "word", "text", "speaker"];

/// So many cues on end that say the same are a loop.
const LOOP: usize = 3;
/// A first cue at zero whose first word comes so much later was put there by a server.
const LATE: TimeDelta = TimeDelta::from_millis(1_000);

/// Lists of cues under their usual names, and what stands in one of them.
fn recognise(input: &Input<'_>) -> Option<&'static str> {
    let root = input.json.as_ref()?.root();
    let is_segment = |cue: Value<'_>| cue.get("text").is_some() && cue.get("start").is_some();
    let is_tuple = |row: Value<'_>| Segment::of_tuple(row).is_some();
    if root.each("segments").take(8).any(is_segment) {
        return Some("segments with text, start and end");
    }
    if root.each("segments").take(8).any(is_tuple) {
        return Some("segments as lists of start, end and text");
    }
    if root
        .get("ori_dict")
        .is_some_and(|old| old.first_of("segments").is_some_and(is_segment))
    {
        return Some("an ori_dict with segments");
    }
    let is_of_cpp = |cue: Value<'_>| cue.get("offsets").is_some() || cue.get("timestamps").is_some();
    if root.each("transcription").take(8).any(is_of_cpp) {
        return Some("a transcription with offsets");
    }
    if root.each("chunks").take(8).any(|cue| cue.get("timestamp").is_some()) {
        return Some("chunks with timestamps");
    }
    let has_word = |word: Value<'_>| word.get("word").is_some() && word.get("start").is_some();
    if words_of_file(root).take(8).any(has_word) && root.get("results").is_none() {
        return Some("words with start and end");
    }
    let bare = || root.items().take_while(|_| root.is_array()).take(8);
    if bare().any(|cue| is_segment(cue) && cue.get("end").is_some()) {
        return Some("a list of texts with start and end");
    }
    bare().any(is_tuple).then_some("a list of lists of start, end and text")
}

/// Words that stand beside the segments.
fn words_of_file(root: Value<'_>) -> impl Iterator<Item = Value<'_>> {
    let list = ["words", "word_segments"]
        .into_iter()
        .find(|list| root.first_of(list).is_some());
    list.into_iter().flat_map(move |list| root.each(list))
}

/// Reads any of them.
fn read(input: &Input<'_>, drafts: &mut Drafts, warnings: &mut Warnings) -> Result<(), ReadError> {
    let root = super::root(input, SPEC.format)?;
    drafts.head = root.fields_beyond(&KNOWN_OF_FILE).unwrap_or_default();
    drafts.language = root
        .text("language")
        .or_else(|| root.path(&["result", "language"])?.str())
        .map(str::to_owned);
    let mut reader = Reader {
        lines: LineCounter::new(input.text),
        plain: Plain::default(),
        length: root.seconds("duration").filter(|length| *length > CueTime::ZERO),
        beside: Vec::new(),
        run: Vec::new(),
        drafts,
        warnings,
        untimed: 0,
        shared: (0, 0),
    };
    let old = || root.get("ori_dict").filter(|old| old.first_of("segments").is_some());
    let lists = [Some(root), old()].into_iter().flatten();
    let mut lists = lists.filter_map(|root| root.get("segments").filter(|list| list.first().is_some()));
    if let Some(segments) = lists.next() {
        // OpenAI's service lists the words beside the segments instead of inside.
        let beside: Vec<Value<'_>> = root.each("words").collect();
        reader.beside = beside.into_iter().rev().collect();
        reader.segments(segments);
    } else if root.first_of("transcription").is_some() {
        for cue in root.each("transcription") {
            reader.of_whisper_cpp(cue);
        }
    } else if root.first_of("chunks").is_some() {
        reader.chunks(root);
    } else if root.is_array() {
        reader.segments(root);
    } else {
        let mut flow = Flow::new(reader.drafts);
        for word in words_of_file(root) {
            let (line, heard) = (word.line(&mut reader.lines), heard(word));
            flow.word(line, heard.text, heard.start, heard.end, heard.speaker.as_deref());
        }
        flow.finish(reader.warnings);
        return Ok(());
    }
    reader.finish();
    tell_loops(drafts, warnings);
    Ok(())
}

/// Tells of lines that come three times on end or more.
fn tell_loops(drafts: &Drafts, warnings: &mut Warnings) {
    let (mut count, mut first_line) = (0, 0);
    for run in drafts.cues.chunk_by(|a, b| drafts.text_of(a) == drafts.text_of(b)) {
        let Some(first) = run.first().filter(|first| run.len() >= LOOP && !first.text.is_empty()) else {
            continue;
        };
        first_line = if count == 0 { first.line } else { first_line };
        count += run.len() - 1;
    }
    if count > 0 {
        warnings.push(first_line, WarningKind::Repeated { count });
    }
}

/// Writes what openai-whisper writes, with WhisperX's speakers: a line for each segment.
fn write(transcript: &Transcript, out: &mut Output) {
    let text: Vec<&str> = transcript.cues.iter().map(|cue| &*cue.text).collect();
    let mut file = Fields::default();
    file.add_text("text", &text.join(" "));
    if let Some(language) = &transcript.language {
        file.add_text("language", language);
    }
    let kept = transcript.kept.as_deref().filter(|kept| kept.format == SPEC.key);
    let head = kept.and_then(|kept| Tree::read(&kept.head));
    for (key, value) in head.iter().flat_map(|head| head.root().entries()) {
        file.add(key, value);
    }
    let mut segments: Vec<String> = Vec::with_capacity(transcript.cues.len());
    let mut before: Option<CueSpan> = None;
    let mut alike = 0;
    for (place, whole) in whole_cues(transcript, SPEC.key).enumerate() {
        alike = if before == Some(whole.span) { alike + 1 } else { 0 };
        before = Some(whole.span);
        // Cues of the same times would be read as parts of one; a millionth of a second makes them several.
        let end = whole.span.end + TimeDelta::from_micros(alike);
        segments.extend(segment(place, &whole, end, transcript));
    }
    file.add_json("segments", &format!("[\n{}\n]", segments.join(",\n")));
    out.line(&file.json().unwrap_or_default());
}

fn segment(place: usize, whole: &WholeCue<'_>, end: CueTime, transcript: &Transcript) -> Option<String> {
    let cue = whole.cue()?;
    let told = whole.extra().and_then(Tree::read);
    let told = told.as_ref().map(Tree::root);
    let seconds = |time: CueTime| time.as_secs_f64().to_string();
    let mut fields = Fields::default();
    match told.and_then(|told| told.get("id")) {
        Some(id) => fields.add("id", id),
        None => fields.add_json("id", &place.to_string()),
    }
    fields.add_json("start", &seconds(cue.span.start));
    fields.add_json("end", &seconds(end));
    fields.add_text("text", &format!(" {}", cue.text));
    if let Some(name) = transcript.speaker_name(cue.speaker) {
        fields.add_text("speaker", name);
    }
    let told_words = || told.into_iter().flat_map(|told| told.each("words"));
    let fits = told_words().count() == cue.given_words.len();
    let mut told_words = told_words().filter(|_| fits);
    let mut words = Vec::with_capacity(cue.given_words.len());
    for (before, word) in around_words(cue) {
        let Some((word, text)) = word else { break };
        let mut fields = Fields::default();
        // A word has the blank before it; marks that stand alone are in the text only.
        let parts = words.is_empty() || before.ends_with(char::is_whitespace);
        fields.add_text("word", &format!("{}{text}", if parts { " " } else { "" }));
        if word.given {
            fields.add_json("start", &seconds(word.span.start));
            fields.add_json("end", &seconds(word.span.end));
        }
        for (key, value) in told_words.next().into_iter().flat_map(Value::entries) {
            fields.add(key, value);
        }
        words.extend(fields.json());
    }
    if !words.is_empty() {
        fields.add_json("words", &format!("[{}]", words.join(",")));
    }
    for (key, value) in told
        .into_iter()
        .flat_map(Value::entries)
        .filter(|(key, _)| !["id", "words"].contains(key))
    {
        fields.add(key, value);
    }
    fields.json()
}

/// Who speaks: names are as written, also those of one letter, which people give to their interviews.
fn name_of(value: Option<Value<'_>>) -> Option<Cow<'_, str>> {
    let written = value?
        .str()
        .map(str::trim)
        .filter(|name| name.starts_with(char::is_alphabetic));
    written.map(Cow::Borrowed).or_else(|| speaker(value))
}

/// A word as most of them tell it.
fn heard(word: Value<'_>) -> Heard<'_> {
    if word.is_array() {
        let tuple = Segment::of_tuple(word);
        return tuple.map_or_else(Heard::default, |word| Heard {
            text: word.text,
            start: word.start,
            end: word.end,
            speaker: None,
        });
    }
    Heard {
        text: word.text("word").or_else(|| word.text("text")).unwrap_or(""),
        start: word.seconds("start"),
        end: word.seconds("end"),
        speaker: name_of(word.get("speaker")),
    }
}

/// A segment before its text is read.
#[derive(Debug, Clone, Copy)]
struct Segment<'t> {
    value: Value<'t>,
    line: u32,
    text: &'t str,
    start: Option<CueTime>,
    end: Option<CueTime>,
    words: Option<Value<'t>>,
}

impl<'t> Segment<'t> {
    fn of(value: Value<'t>) -> Self {
        let of_object = || Self {
            value,
            line: 0,
            text: value.text("text").unwrap_or(""),
            start: seconds_or_clock(value.get("start")),
            end: seconds_or_clock(value.get("end")),
            words: value.get("words").filter(|words| words.first().is_some()),
        };
        Self::of_tuple(value).unwrap_or_else(of_object)
    }

    /// A named tuple that lost its names: `[id, seek, start, end, text, tokens, ..., words]`, or `[start, end, text]`.
    /// The order of the rest changed from version to version; the times always stand before the text.
    fn of_tuple(value: Value<'t>) -> Option<Self> {
        const LONGEST: usize = 32;
        let items: Vec<Value<'t>> = value.items().take_while(|_| value.is_array()).take(LONGEST).collect();
        let at = items.iter().position(|item| item.str().is_some())?;
        let time = |place: usize| {
            let item = items.get(place).filter(|item| item.str().is_none())?;
            item.number().map(time_from_secs)
        };
        let text = items.get(at)?.str()?;
        let start = at.checked_sub(2).and_then(time)?;
        let is_words = |item: &&Value<'t>| item.first().is_some_and(|first| first.is_array() || first.is_object());
        Some(Self {
            value,
            line: 0,
            text,
            start: Some(start),
            end: time(at - 1),
            words: items.iter().skip(at).find(is_words).copied(),
        })
    }

    fn words(&self) -> impl Iterator<Item = Heard<'t>> + use<'t> {
        self.words.into_iter().flat_map(Value::items).map(heard)
    }
}

struct Reader<'a, 'd, 't> {
    lines: LineCounter<'a>,
    plain: Plain,
    /// How long the recording is, where the file tells.
    length: Option<CueTime>,
    /// The words listed beside the segments that no segment has taken yet, the first of them last.
    beside: Vec<Value<'t>>,
    /// Segments with the same times, which wait for the next to differ.
    run: Vec<Segment<'t>>,
    drafts: &'d mut Drafts,
    warnings: &'d mut Warnings,
    untimed: usize,
    /// How many cues shared their times, and the line of the first.
    shared: (usize, u32),
}

impl<'t> Reader<'_, '_, 't> {
    fn segments(&mut self, list: Value<'t>) {
        for value in list.items() {
            let segment = Segment {
                line: value.line(&mut self.lines),
                ..Segment::of(value)
            };
            let before = self.run.last();
            if before.is_some_and(|before| (before.start, before.end) != (segment.start, segment.end)) {
                self.end_run();
            }
            self.run.push(segment);
        }
        self.end_run();
    }

    /// Reads the segments that have the same times: one as a rule.
    fn end_run(&mut self) {
        let mut run = std::mem::take(&mut self.run);
        if let ([first, .., last], true) = (run.as_slice(), is_cut_up(&run)) {
            self.shared.1 = if self.shared.0 == 0 { first.line } else { self.shared.1 };
            self.shared.0 += run.len();
            let (start, end) = (first.start, last.end);
            share_times(&mut run, start, end);
        }
        for segment in run.drain(..) {
            self.segment(segment);
        }
        self.run = run;
    }

    fn segment(&mut self, segment: Segment<'t>) {
        let (line, text) = (segment.line, segment.text);
        let words: Vec<Heard<'t>> = match segment.words {
            Some(_) => segment.words().collect(),
            None => self.taken_until(segment.end),
        };
        // A start that is missing is that of the first word.
        let first_word = words.iter().find_map(|word| word.start);
        let mut start = segment.start.or(first_word);
        if let (Some(CueTime::ZERO), Some(word), true) = (start, first_word, self.drafts.cues.is_empty())
            && word >= CueTime::ZERO + LATE
            && segment.end.is_none_or(|end| word < end)
        {
            start = Some(word);
            let what = "the first cue began at zero, long before its first word";
            self.warnings.push(line, WarningKind::Mended { what });
        }
        let start = super::start_of(start, text, line, self.drafts, self.warnings);
        if self.length.is_some_and(|length| start > length) {
            let what = "a cue after the end of the recording";
            let text = shorten(text);
            self.warnings.push(line, WarningKind::Malformed { what, text });
        }
        let mut draft = Draft::new(line, start, segment.end);
        let name = name_of(segment.value.get("speaker"));
        let name = name.or_else(|| words.iter().find_map(|word| word.speaker.clone()));
        draft.name = name.and_then(|name| self.drafts.names.id(&name));
        draft.origin = extra(segment).map(|extra| {
            Box::new(CueOrigin {
                extra: Some(extra.into()),
                ..CueOrigin::default()
            })
        });
        self.plain.clear();
        self.untimed += super::read_words(text, words.into_iter(), &mut self.plain);
        self.drafts.add(draft, &self.plain);
    }

    /// The words beside the segments up to a time.
    fn taken_until(&mut self, end: Option<CueTime>) -> Vec<Heard<'t>> {
        let belongs = |word: &mut Value<'_>| match (word.seconds("start"), end) {
            (Some(start), Some(end)) => start < end,
            _ => true,
        };
        std::iter::from_fn(|| self.beside.pop_if(belongs)).map(heard).collect()
    }

    fn of_whisper_cpp(&mut self, cue: Value<'t>) {
        let line = cue.line(&mut self.lines);
        let millis = |value: Value<'_>, key| {
            let offset = value.get("offsets").and_then(|offsets| offsets.millis(key));
            offset.or_else(|| seconds_or_clock(value.path(&["timestamps", key])))
        };
        let text = cue.text("text").unwrap_or("");
        let start = super::start_of(millis(cue, "from"), text, line, self.drafts, self.warnings);
        let mut draft = Draft::new(line, start, millis(cue, "to"));
        let name = name_of(cue.get("speaker"));
        draft.name = name.and_then(|name| self.drafts.names.id(&name));
        // Tokens like `[_BEG_]` and `[_TT_50]` are the model's own and no speech.
        let tokens = cue.each("tokens");
        let tokens = tokens.filter(|token| token.text("text").is_some_and(|text| !text.starts_with("[_")));
        let words = tokens.map(|token| Heard {
            text: token.text("text").unwrap_or(""),
            start: millis(token, "from"),
            end: millis(token, "to"),
            speaker: None,
        });
        self.plain.clear();
        self.untimed += super::read_words(text, words, &mut self.plain);
        self.drafts.add(draft, &self.plain);
    }

    /// Chunks are phrases, or words where the pipeline was asked for them. The end of the last may be null.
    fn chunks(&mut self, root: Value<'t>) {
        let times = |chunk: Value<'_>| {
            let mut times = chunk.each("timestamp").map(|value| value.number().map(time_from_secs));
            (times.next().flatten(), times.next().flatten())
        };
        let text = |chunk: Value<'t>| chunk.text("text").unwrap_or("");
        if super::are_words(root.each("chunks").map(text)) {
            let mut flow = Flow::new(self.drafts);
            for chunk in root.each("chunks") {
                let (line, (start, end)) = (chunk.line(&mut self.lines), times(chunk));
                let name = name_of(chunk.get("speaker"));
                flow.word(line, text(chunk), start, end, name.as_deref());
            }
            return flow.finish(self.warnings);
        }
        for value in root.each("chunks") {
            let (start, end) = times(value);
            let segment = Segment {
                line: value.line(&mut self.lines),
                start,
                end,
                ..Segment::of(value)
            };
            self.segment(segment);
        }
    }

    fn finish(self) {
        if self.untimed > 0 {
            let count = self.untimed;
            self.warnings.push(0, WarningKind::UntimedWords { count });
        }
        if let (count @ 1.., line) = self.shared {
            self.warnings.push(line, WarningKind::SharedTimes { count });
        }
    }
}

/// Whether segments with the same times were one before: they say different things, and if by different people, their
/// words tell when.
fn is_cut_up(run: &[Segment<'_>]) -> bool {
    let Some(first) = run.first().filter(|first| run.len() > 1 && first.end > first.start) else {
        return false;
    };
    let differ = run.iter().any(|segment| segment.text.trim() != first.text.trim());
    let timed = run
        .iter()
        .all(|segment| segment.words().any(|word| word.start.is_some()));
    let of_one = || {
        let name = |segment: &Segment<'_>| name_of(segment.value.get("speaker")).map(Cow::into_owned);
        run.iter().all(|segment| name(segment) == name(first))
    };
    differ && (timed || of_one())
}

/// Gives each segment its part of the time of the whole: that of its words, else by the length of its text.
fn share_times(run: &mut [Segment<'_>], start: Option<CueTime>, end: Option<CueTime>) {
    let (Some(start), Some(end)) = (start, end) else { return };
    let total: f64 = run.iter().map(|segment| segment.text.len() as f64 + 1.0).sum();
    let timed = run
        .iter()
        .all(|segment| segment.words().any(|word| word.start.is_some()));
    let mut passed = 0.0;
    for segment in run {
        let at = |passed: f64| start + (end - start).scaled(passed / total);
        let from = at(passed);
        passed += segment.text.len() as f64 + 1.0;
        (segment.start, segment.end) = (Some(from), Some(at(passed)));
        if timed {
            let first = segment.words().find_map(|word| word.start);
            let last = segment.words().filter_map(|word| word.end.or(word.start)).last();
            (segment.start, segment.end) = (first, last);
        }
    }
}

/// What a segment tells beyond the model, its words among it.
fn extra(segment: Segment<'_>) -> Option<String> {
    if !segment.value.is_object() || segment.value.get("timestamp").is_some() {
        return None;
    }
    let mut fields = Fields::default();
    for (key, value) in segment
        .value
        .entries()
        .filter(|(key, _)| !KNOWN_OF_SEGMENT.contains(key))
    {
        fields.add(key, value);
    }
    let words = segment.words.into_iter().flat_map(Value::items);
    let words: Vec<Option<String>> = words.map(|word| word.fields_beyond(&KNOWN_OF_WORD)).collect();
    if words.iter().any(Option::is_some) {
        let words: Vec<&str> = words.iter().map(|word| word.as_deref().unwrap_or("{}")).collect();
        fields.add_json("words", &format!("[{}]", words.join(",")));
    }
    fields.json()
}
