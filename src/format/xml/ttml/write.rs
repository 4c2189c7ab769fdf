//! Writes TTML; what was read from it is given back: the head with its styles, regions and metadata, the attributes of
//! each `p`, and the markup inside.

use super::clock::Clock;
use crate::format::tags::{Attribute, Tag, escaped, root};
use crate::format::writing::{Output, WholeCue, around_words, whole_cues};
use crate::time::{CueSpan, CueTime, TimeDelta, format_hms_millis};
use crate::transcript::{Cue, Transcript};

/// Writes a transcript.
pub(super) fn write(transcript: &Transcript, out: &mut Output) {
    let kept = transcript.kept.as_deref().filter(|kept| kept.format == "ttml");
    let head = kept.map(|kept| kept.head.as_str()).filter(|head| !head.is_empty());
    let tag = head.and_then(root).map(|root| Tag::of(root.tag));
    let clock = Clock::of(&tag.unwrap_or(Tag::of("<tt>")), None);
    let full_name = tag.map_or("tt", |tag| tag.full_name);
    let mut writer = Writer {
        transcript,
        prefix: full_name.strip_suffix("tt").unwrap_or(""),
        is_ours: head.is_none(),
        from_zero: head.is_some() && words_count_from_zero(transcript, clock.clone()),
        clock,
        out,
    };
    match head {
        Some(head) => writer.out.text(head),
        None => writer.head(),
    }
    let told = tag.and_then(|tag| tag.get("lang")).unwrap_or_default();
    let language = transcript.language.as_deref().filter(|language| *language != told);
    writer.body(language.filter(|_| head.is_some()));
    let prefix = writer.prefix;
    writer.out.line(&format!("</{prefix}body>\n</{full_name}>"));
}

struct Writer<'a, 'o> {
    transcript: &'a Transcript,
    /// The prefix of the namespace with its colon, where the file has one.
    prefix: &'a str,
    /// Whether the head is written here, with all speakers as agents.
    is_ours: bool,
    /// Whether the file's times of words count from zero.
    from_zero: bool,
    clock: Clock,
    out: &'o mut Output,
}

impl Writer<'_, '_> {
    fn head(&mut self) {
        let language = escaped(self.transcript.language.as_deref().unwrap_or(""));
        self.out.line("<?xml version=\"1.0\" encoding=\"UTF-8\"?>");
        self.out
            .text("<tt xmlns=\"http://www.w3.org/ns/ttml\" xmlns:ttm=\"http://www.w3.org/ns/ttml#metadata\"");
        self.out.line(&format!(" xml:lang=\"{language}\">"));
        let title = self.transcript.title.as_deref();
        if title.is_some() || !self.transcript.speakers.is_empty() {
            self.out.line("<head>\n<metadata>");
            if let Some(title) = title {
                self.out.line(&format!("<ttm:title>{}</ttm:title>", escaped(title)));
            }
            for (speaker, number) in self.transcript.speakers.iter().zip(1..) {
                let name = escaped(&speaker.name);
                self.out
                    .text(&format!("<ttm:agent xml:id=\"speaker{number}\" type=\"person\">"));
                self.out
                    .line(&format!("<ttm:name type=\"full\">{name}</ttm:name></ttm:agent>"));
            }
            self.out.line("</metadata>\n</head>");
        }
    }

    fn body(&mut self, language: Option<&str>) {
        let prefix = self.prefix;
        let language = language.map_or_else(String::new, |language| format!(" xml:lang=\"{}\"", escaped(language)));
        self.out.line(&format!("<{prefix}body>\n<{prefix}div{language}>"));
        // Without the head that declares them, regions and prefixes mean nothing.
        let key = if self.is_ours { "" } else { "ttml" };
        for whole in whole_cues(self.transcript, key) {
            self.cue(&whole);
        }
        self.out.line(&format!("</{prefix}div>"));
    }

    fn cue(&mut self, whole: &WholeCue<'_>) {
        self.out.text(&format!("<{}p", self.prefix));
        let extra = whole.extra().unwrap_or("");
        match extra {
            extra if self.says_times(extra, whole.span) => {
                self.out.text(" ");
                self.out.text(extra);
            }
            extra => {
                let (begin, end) = (self.time(whole.span.start), self.time(whole.span.end));
                self.out.text(&format!(" begin=\"{begin}\" end=\"{end}\""));
                for Attribute { name, full_name, value } in attributes(extra) {
                    if name != full_name || !matches!(name, "begin" | "end" | "dur") {
                        self.out.text(&format!(" {full_name}=\"{}\"", escaped(&value)));
                    }
                }
            }
        }
        let speaker = whole.cue().and_then(|cue| cue.speaker);
        if let (true, Some(speaker)) = (self.is_ours, speaker) {
            self.out
                .text(&format!(" ttm:agent=\"speaker{}\"", u32::from(speaker.0) + 1));
        }
        self.out.text(">");
        if let Some(payload) = whole.payload() {
            self.out.text(payload);
        } else if let Some(cue) = whole.cue() {
            let names_agent = attributes(extra).any(|attribute| attribute.name == "agent");
            if let (false, false, Some(name)) = (self.is_ours, names_agent, self.transcript.speaker_name(speaker)) {
                self.text(&format!("{name}: "));
            }
            self.words(cue);
        }
        let prefix = self.prefix;
        self.out.line(&format!("</{prefix}p>"));
    }

    /// Whether attributes as they were read tell these times.
    fn says_times(&mut self, extra: &str, span: CueSpan) -> bool {
        let mut read = |name: &str| {
            let mut own = attributes(extra).filter(|attribute| attribute.full_name == name);
            own.next().and_then(|attribute| self.clock.read(&attribute.value))
        };
        let (begin, end, dur) = (read("begin"), read("end"), read("dur"));
        let start = CueTime::ZERO + begin.unwrap_or_default();
        let ends = [end.map(|end| CueTime::ZERO + end), dur.map(|dur| start + dur)];
        begin.is_some() && start == span.start && ends.into_iter().flatten().min() == Some(span.end)
    }

    /// The text, its words in spans with their times. A word without a given time gets none.
    fn words(&mut self, cue: &Cue) {
        let prefix = self.prefix;
        for (before, word) in around_words(cue) {
            self.text(before);
            match word {
                Some((word, text)) if word.given => {
                    let (start, end) = if self.from_zero {
                        (self.time(word.span.start), self.time(word.span.end))
                    } else {
                        let inside = |time: CueTime| seconds(time - cue.span.start);
                        (inside(word.span.start), inside(word.span.end))
                    };
                    self.out
                        .text(&format!("<{prefix}span begin=\"{start}\" end=\"{end}\">"));
                    self.text(text);
                    self.out.text(&format!("</{prefix}span>"));
                }
                Some((_, text)) => self.text(text),
                None => {}
            }
        }
    }

    fn text(&mut self, text: &str) {
        for (place, line) in text.split('\n').enumerate() {
            if place > 0 {
                self.out.text(&format!("<{}br/>", self.prefix));
            }
            self.out.text(&escaped(line));
        }
    }

    /// A clock where that means what it says, else seconds.
    fn time(&self, time: CueTime) -> String {
        let delta = time - CueTime::ZERO;
        if self.clock.is_plain() && delta.as_micros() % 1_000 == 0 {
            format_hms_millis(delta, '.')
        } else {
            seconds(delta)
        }
    }
}

/// As many digits as say it exactly.
fn seconds(delta: TimeDelta) -> String {
    let micros = delta.as_micros();
    let (sign, micros) = (if micros < 0 { "-" } else { "" }, micros.unsigned_abs());
    let (whole, rest) = (micros / 1_000_000, micros % 1_000_000);
    if rest % 1_000 == 0 {
        format!("{sign}{whole}.{:03}s", rest / 1_000)
    } else {
        format!("{sign}{whole}.{rest:06}s")
    }
}

fn attributes(written: &str) -> impl Iterator<Item = Attribute<'_>> {
    let tag = Tag { written, ..Tag::of("") };
    tag.attributes()
}

/// Whether spans that were kept as written count from zero: the first that tells.
fn words_count_from_zero(transcript: &Transcript, mut clock: Clock) -> bool {
    let earliest = CueTime::from_millis(1_000);
    whole_cues(transcript, "ttml")
        .filter(|whole| whole.span.start >= earliest)
        .find_map(|whole| {
            let (_, behind) = whole.payload()?.split_once(" begin=\"")?;
            let begin = clock.read(behind.split_once('"')?.0)?;
            Some(CueTime::ZERO + begin + TimeDelta::from_millis(500) >= whole.span.start)
        })
        .unwrap_or(false)
}
