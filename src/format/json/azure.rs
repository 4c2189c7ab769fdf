//! Azure's speech recognition: ticks of 100 ns, milliseconds in newer versions.
//!
//! | what | where the phrases are |
//! |---|---|
//! | batch transcription | `recognizedPhrases[].nBest[]`, `offsetInTicks` or `offsetMilliseconds`, else `PT1.5S` |
//! | fast transcription | `phrases[]` with `text` and `offsetMilliseconds` |
//! | a recogniser's detailed results | `Offset`, `Duration`, `NBest[]`: one, a list, or a line for each |
//!
//! The words are told as they sound (`twenty five`), the phrase as written (`25`); `displayWords`, where they were
//! asked for, are as written.

use super::super::draft::{Draft, Drafts};
use super::super::formats::{Family, Format, Spec};
use super::super::markup::Plain;
use super::super::stamp::LineCounter;
use super::super::{Input, ReadError, Warnings};
use super::tree::time_from_secs;
use super::{Heard, Value, channel, read_spoken, speaker};
use crate::time::CueTime;

/// The row of this format.
pub(in crate::format) const SPEC: Spec = Spec {
    format: Format::Azure,
    key: "azure",
    name: "Azure Speech JSON",
    extensions: &["json"],
    from: "Azure AI Speech",
    family: Family::Json,
    recognise,
    read,
    write: None,
};

fn recognise(input: &Input<'_>) -> Option<&'static str> {
    let root = input.json.as_ref()?.root();
    if root.first_of("recognizedPhrases").is_some() {
        return Some("recognizedPhrases");
    }
    if root
        .first_of("phrases")
        .is_some_and(|phrase| phrase.get("offsetMilliseconds").is_some())
    {
        return Some("phrases with offsetMilliseconds");
    }
    let is_detailed = |result: Value<'_>| result.get("NBest").is_some() && result.get("Offset").is_some();
    detailed(root)
        .take(8)
        .any(is_detailed)
        .then_some("results with NBest and Offset")
}

/// A recogniser's results: one, or several in a list.
fn detailed(root: Value<'_>) -> impl Iterator<Item = Value<'_>> {
    let (list, one) = if root.is_array() {
        (Some(root), None)
    } else {
        (None, Some(root))
    };
    list.into_iter().flat_map(Value::items).chain(one)
}

fn read(input: &Input<'_>, drafts: &mut Drafts, warnings: &mut Warnings) -> Result<(), ReadError> {
    let root = super::root(input, SPEC.format)?;
    drafts.exact = true;
    let phrases: Vec<Value<'_>> = match ["recognizedPhrases", "phrases"]
        .into_iter()
        .find_map(|key| root.first_of(key).and(root.get(key)))
    {
        Some(phrases) => phrases.items().collect(),
        None => detailed(root).collect(),
    };
    drafts.language = phrases
        .iter()
        .find_map(|phrase| phrase.text("locale"))
        .map(str::to_owned);
    let channel_of = |phrase: &Value<'_>| get(*phrase, "channel").and_then(Value::number);
    let first = phrases.iter().find_map(channel_of);
    let has_several = phrases
        .iter()
        .filter_map(channel_of)
        .any(|channel| Some(channel) != first);
    let mut reader = Reader {
        lines: LineCounter::new(input.text),
        plain: Plain::default(),
    };
    for phrase in phrases {
        let who = speaker(get(phrase, "speaker").or_else(|| phrase.get("SpeakerId")));
        let of_channel = channel_of(&phrase).filter(|_| has_several).map(channel);
        let name = who.map(std::borrow::Cow::into_owned).or(of_channel);
        reader.phrase(phrase, name.as_deref(), drafts, warnings);
    }
    super::interleave(drafts);
    Ok(())
}

struct Reader<'a> {
    lines: LineCounter<'a>,
    plain: Plain,
}

impl Reader<'_> {
    fn phrase(&mut self, phrase: Value<'_>, name: Option<&str>, drafts: &mut Drafts, warnings: &mut Warnings) {
        let best = phrase
            .first_of("nBest")
            .or_else(|| phrase.first_of("NBest"))
            .unwrap_or(phrase);
        let written = get(best, "display")
            .or_else(|| phrase.get("text"))
            .or_else(|| phrase.get("DisplayText"));
        let text = written
            .or_else(|| get(best, "lexical"))
            .and_then(Value::str)
            .unwrap_or("");
        // Silence and noise are told as phrases without text.
        if text.trim().is_empty() {
            return;
        }
        let line = phrase.line(&mut self.lines);
        let start = super::start_of(time(phrase, "offset"), text, line, drafts, warnings);
        let length = time(phrase, "duration").map(|length| length - CueTime::ZERO);
        let mut draft = Draft::new(line, start, length.map(|length| start + length));
        draft.name = name.and_then(|name| drafts.names.id(name));
        let lists = ["displayWords", "DisplayWords", "words", "Words"];
        let words: Vec<Heard<'_>> = lists
            .into_iter()
            .find(|list| best.first_of(list).is_some())
            .into_iter()
            .flat_map(|list| best.each(list))
            .map(word)
            .collect();
        self.plain.clear();
        if words.is_empty() {
            self.plain.literal(text);
        } else {
            read_spoken(text, &words, &mut self.plain);
        }
        drafts.add(draft, &self.plain);
    }
}

fn word(word: Value<'_>) -> Heard<'_> {
    let text = get(word, "word")
        .or_else(|| get(word, "displayText"))
        .or_else(|| word.get("text"));
    let start = time(word, "offset");
    let length = time(word, "duration").map(|length| length - CueTime::ZERO);
    Heard {
        text: text.and_then(Value::str).unwrap_or(""),
        start,
        end: start.zip(length).map(|(start, length)| start + length),
        speaker: None,
    }
}

/// The value of a key that begins with a small letter in one version and with a capital in the other.
fn get<'t>(value: Value<'t>, key: &str) -> Option<Value<'t>> {
    let is_key = |own: &str| own.eq_ignore_ascii_case(key);
    value.entries().find(|(own, _)| is_key(own)).map(|(_, value)| value)
}

/// A time or a length: ticks, milliseconds, or ISO 8601's way.
fn time(value: Value<'_>, key: &str) -> Option<CueTime> {
    const TICKS: f64 = 1e7;
    if let Some(ticks) = value.num(&format!("{key}InTicks")) {
        return Some(time_from_secs(ticks / TICKS));
    }
    if let Some(millis) = value.num(&format!("{key}Milliseconds")) {
        return Some(time_from_secs(millis / 1e3));
    }
    let told = get(value, key)?;
    told.number()
        .map(|ticks| time_from_secs(ticks / TICKS))
        .or_else(|| iso_8601(told.str()?))
}

/// `PT1H2M3.5S`.
fn iso_8601(text: &str) -> Option<CueTime> {
    let mut seconds = 0.0;
    let mut rest = text.trim().strip_prefix("PT")?;
    while !rest.is_empty() {
        let at = rest.find(|c: char| !c.is_ascii_digit() && c != '.')?;
        let (number, unit) = rest.split_at_checked(at)?;
        let unit_seconds = match unit.as_bytes().first()? {
            b'H' => 3_600.0,
            b'M' => 60.0,
            b'S' => 1.0,
            _ => return None,
        };
        seconds += number.parse::<f64>().ok()? * unit_seconds;
        rest = unit.get(1..)?;
    }
    Some(time_from_secs(seconds))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_read() {
        let seconds = |text| iso_8601(text).map(CueTime::as_secs_f64);
        assert_eq!(seconds("PT1H2M3.5S"), Some(3_723.5));
        assert_eq!(seconds("PT0.07S"), Some(0.07));
        for text in ["", "1.5", "PTS", "PT1X", "P1D"] {
            assert_eq!(seconds(text), None, "{text}");
        }
    }
}
