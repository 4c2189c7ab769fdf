//! ELAN's annotation format, by the schema EAFv3.0 (<https://www.mpi.nl/tools/elan/EAF_Annotation_Format_3.0_and_ELAN.pdf>).
//!
//! Written by ELAN, and by tools for linguists. A file has one order of time slots and any number of tiers. Annotations
//! lie between two slots, or refer to an annotation of another tier and share its time with those that refer to it too.
//!
//! Quirks: slots without a value are shared out between their neighbours, as ELAN draws them. Which tiers hold the
//! speech nobody says: those of the type whose tiers at the top have the most text, unless these only number what
//! others say.

use std::borrow::Cow;
use std::collections::HashMap;
use std::ops::Range;

use super::super::draft::{Draft, Drafts};
use super::super::formats::{Family, Format, Spec};
use super::super::markup::Plain;
use super::super::tags::{Piece, Pieces, Tag};
use super::super::{Input, ReadError, WarningKind, Warnings};
use crate::time::{CueSpan, CueTime};

/// The row of this format.
pub(in crate::format) const SPEC: Spec = Spec {
    format: Format::Elan,
    key: "eaf",
    name: "ELAN",
    extensions: &["eaf", "xml"],
    from: "ELAN",
    family: Family::Markup,
    recognise,
    read,
    write: None,
};

/// Tiers that hold this many times the text of those at the top are what these only number.
const MUCH_MORE: usize = 3;
/// References to references to references: nobody nests them deeper.
const DEEPEST: usize = 16;

/// By the outermost element.
fn recognise(input: &Input<'_>) -> Option<&'static str> {
    (input.root.as_ref()?.name == "annotation_document").then_some("its first tag is <ANNOTATION_DOCUMENT>")
}

/// Reads the annotations of the tiers that hold the speech, or of the one that is asked for.
fn read(input: &Input<'_>, drafts: &mut Drafts, warnings: &mut Warnings) -> Result<(), ReadError> {
    let mut document = Document::read(input.text, warnings);
    let with_text = |tier: &&Tier<'_>| tier.letters > 0;
    drafts.tiers = document
        .tiers
        .iter()
        .filter(with_text)
        .map(|tier| tier.id.to_string())
        .collect();
    let chosen = match input.options.tier {
        Some(asked) => vec![document.tier(asked).ok_or_else(|| ReadError::NoSuchTier {
            name: asked.to_owned(),
            there: list(&document.tiers.iter().map(|tier| &*tier.id).collect::<Vec<_>>()),
        })?],
        None => document.tiers_of_speech(),
    };
    if input.options.tier.is_none() && chosen.len() < drafts.tiers.len() {
        let names: Vec<&str> = drafts.tiers.iter().map(String::as_str).collect();
        let chosen: Vec<&str> = chosen
            .iter()
            .filter_map(|&place| Some(&*document.tiers.get(place)?.id))
            .collect();
        let (names, chosen) = (list(&names), list(&chosen));
        warnings.push(0, WarningKind::SeveralTiers { names, chosen });
    }
    document.align();
    document.cues(&chosen, drafts, warnings);
    Ok(())
}

/// Names for a message.
fn list(names: &[&str]) -> String {
    const MOST: usize = 12;
    let mut list = names.iter().take(MOST).copied().collect::<Vec<_>>().join(", ");
    if names.len() > MOST {
        list.push_str(", …");
    }
    list
}

#[derive(Default)]
struct Document<'a> {
    slots: HashMap<Cow<'a, str>, usize>,
    times: Vec<Option<CueTime>>,
    /// Which of them the file does not tell.
    shared: Vec<bool>,
    tiers: Vec<Tier<'a>>,
    annotations: Vec<Annotation<'a>>,
    /// The texts of all annotations.
    text: String,
}

struct Tier<'a> {
    id: Cow<'a, str>,
    participant: Cow<'a, str>,
    kind: Cow<'a, str>,
    parent: Option<Cow<'a, str>>,
    language: Option<Cow<'a, str>>,
    annotations: Range<usize>,
    letters: usize,
    /// Whether its annotations lie between slots of their own.
    is_aligned: bool,
}

struct Annotation<'a> {
    line: u32,
    id: Cow<'a, str>,
    text: Range<usize>,
    place: Place<'a>,
    span: Option<CueSpan>,
}

enum Place<'a> {
    /// Between two time slots.
    Slots(Option<usize>, Option<usize>),
    /// Where another annotation is.
    Of(Cow<'a, str>),
}

impl<'a> Document<'a> {
    fn read(text: &'a str, warnings: &mut Warnings) -> Self {
        let mut document = Self::default();
        let mut pieces = Pieces::new(text);
        let mut micros_of_unit = 1e3;
        let mut open: Option<Annotation<'a>> = None;
        let mut is_value = false;
        while let Some(piece) = pieces.next() {
            match piece {
                Piece::Text(text) if is_value => document.text.push_str(&text),
                Piece::Open(tag) => match tag.name {
                    "HEADER" => {
                        micros_of_unit = match tag.get("TIME_UNITS").as_deref() {
                            Some("PAL-frames") => 40_000.0,
                            Some("NTSC-frames") => 1_001_000.0 / 30.0,
                            _ => 1e3,
                        };
                    }
                    "TIME_SLOT" => {
                        let line = pieces.line();
                        document.slot(tag, micros_of_unit, line, warnings);
                    }
                    "TIER" => document.tiers.push(Tier {
                        id: tag.get("TIER_ID").unwrap_or_default(),
                        participant: tag.get("PARTICIPANT").unwrap_or_default(),
                        kind: tag.get("LINGUISTIC_TYPE_REF").unwrap_or_default(),
                        parent: tag.get("PARENT_REF"),
                        language: tag.get("LANG_REF"),
                        annotations: document.annotations.len()..document.annotations.len(),
                        letters: 0,
                        is_aligned: false,
                    }),
                    "ALIGNABLE_ANNOTATION" | "REF_ANNOTATION" => {
                        document.close(open.take());
                        open = Some(document.annotation(tag, pieces.line()));
                    }
                    "ANNOTATION_VALUE" => is_value = open.is_some(),
                    _ => {}
                },
                Piece::Close("ANNOTATION_VALUE") => is_value = false,
                Piece::Close("ALIGNABLE_ANNOTATION" | "REF_ANNOTATION" | "TIER") => document.close(open.take()),
                _ => {}
            }
        }
        document.close(open);
        pieces.tell_troubles(warnings);
        document
    }

    fn slot(&mut self, tag: Tag<'a>, micros_of_unit: f64, line: u32, warnings: &mut Warnings) {
        let mut time = None;
        let mut id = None;
        for attribute in tag.attributes() {
            match attribute.name {
                "TIME_SLOT_ID" => id = Some(attribute.value),
                "TIME_VALUE" => {
                    let value: Option<f64> = attribute.value.trim().parse().ok();
                    time = value.filter(|value| value.is_finite());
                    if time.is_none() {
                        let text = super::super::warning::shorten(&attribute.value);
                        warnings.push(line, WarningKind::BadTime { text });
                    }
                }
                _ => {}
            }
        }
        if let Some(id) = id {
            self.slots.insert(id, self.times.len());
            self.shared.push(time.is_none());
            self.times
                .push(time.map(|time| CueTime::from_secs_f64(time * micros_of_unit / 1e6)));
        }
    }

    fn annotation(&self, tag: Tag<'a>, line: u32) -> Annotation<'a> {
        let mut id = Cow::default();
        let mut slots = (None, None);
        let mut parent = None;
        for attribute in tag.attributes() {
            match attribute.name {
                "ANNOTATION_ID" => id = attribute.value,
                "TIME_SLOT_REF1" => slots.0 = self.slots.get(&attribute.value).copied(),
                "TIME_SLOT_REF2" => slots.1 = self.slots.get(&attribute.value).copied(),
                "ANNOTATION_REF" => parent = Some(attribute.value),
                _ => {}
            }
        }
        Annotation {
            line,
            id,
            text: self.text.len()..self.text.len(),
            place: parent.map_or(Place::Slots(slots.0, slots.1), Place::Of),
            span: None,
        }
    }

    fn close(&mut self, annotation: Option<Annotation<'a>>) {
        let (Some(mut annotation), Some(tier)) = (annotation, self.tiers.last_mut()) else {
            return;
        };
        annotation.text.end = self.text.len();
        tier.is_aligned |= matches!(annotation.place, Place::Slots(..));
        tier.letters += self.text.get(annotation.text.clone()).unwrap_or("").trim().len();
        self.annotations.push(annotation);
        tier.annotations.end = self.annotations.len();
    }

    /// The place of a tier.
    fn tier(&self, name: &str) -> Option<usize> {
        let is = |tier: &Tier<'_>| tier.id == name;
        let is_nearly = |tier: &Tier<'_>| tier.id.trim().to_lowercase() == name.trim().to_lowercase();
        self.tiers
            .iter()
            .position(is)
            .or_else(|| self.tiers.iter().position(is_nearly))
    }

    /// The places of the tiers that hold most of the speech.
    fn tiers_of_speech(&self) -> Vec<usize> {
        let ids: HashMap<&str, usize> = self
            .tiers
            .iter()
            .zip(0..)
            .map(|(tier, place)| (&*tier.id, place))
            .collect();
        let parent = |tier: &Tier<'_>| tier.parent.as_deref().and_then(|parent| ids.get(parent)).copied();
        let top = self.largest(|tier| parent(tier).is_none() && tier.is_aligned);
        let is_below_top = |tier: &Tier<'_>| parent(tier).is_some_and(|parent| top.contains(&parent));
        let below = self.largest(is_below_top);
        match (self.letters(&top), self.letters(&below)) {
            (0, 0) => self.largest(|_| true),
            (top, below) if below >= top.saturating_mul(MUCH_MORE) => self.largest(is_below_top),
            _ => top,
        }
    }

    /// Of the tiers that fit, those of the type that has the most text.
    fn largest(&self, fits: impl Fn(&Tier<'_>) -> bool) -> Vec<usize> {
        let fits = |tier: &&Tier<'_>| tier.letters > 0 && fits(tier);
        let mut letters: HashMap<&str, usize> = HashMap::new();
        for tier in self.tiers.iter().filter(fits) {
            *letters.entry(&tier.kind).or_default() += tier.letters;
        }
        // Of equals the first in the file.
        let of_kind = |tier: &Tier<'_>| letters.get(&*tier.kind).copied().unwrap_or(0);
        let most = self.tiers.iter().filter(fits).map(of_kind).max().unwrap_or(0);
        let kind = self
            .tiers
            .iter()
            .filter(fits)
            .find(|tier| of_kind(tier) == most)
            .map(|tier| &tier.kind);
        let all = self.tiers.iter().enumerate();
        all.filter(|(_, tier)| fits(tier) && Some(&tier.kind) == kind)
            .map(|(place, _)| place)
            .collect()
    }

    fn letters(&self, tiers: &[usize]) -> usize {
        tiers
            .iter()
            .filter_map(|&place| self.tiers.get(place))
            .map(|tier| tier.letters)
            .sum()
    }

    /// Gives each annotation its time.
    fn align(&mut self) {
        self.share_slots();
        for annotation in &mut self.annotations {
            if let Place::Slots(from, to) = annotation.place {
                let time = |slot: Option<usize>| self.times.get(slot?).copied().flatten();
                annotation.span = time(from).zip(time(to)).map(|(start, end)| CueSpan { start, end });
            }
        }
        if self.annotations.iter().all(|annotation| annotation.span.is_some()) {
            return;
        }
        let ids = self
            .annotations
            .iter()
            .zip(0..)
            .map(|(annotation, place)| (annotation.id.clone(), place));
        let ids: HashMap<Cow<'a, str>, usize> = ids.collect();
        for _ in 0..DEEPEST {
            if !self.align_references(&ids) {
                break;
            }
        }
    }

    /// Those that refer to the same annotation share its time. Gives back whether any was given one.
    fn align_references(&mut self, ids: &HashMap<Cow<'a, str>, usize>) -> bool {
        let mut is_any = false;
        for tier in &self.tiers {
            let mut at = tier.annotations.start;
            while at < tier.annotations.end {
                let parent_of = |place: usize| match &self.annotations.get(place)?.place {
                    Place::Of(id) => ids.get(id).copied(),
                    Place::Slots(..) => None,
                };
                let parent = parent_of(at);
                let rest = at + 1..tier.annotations.end;
                let count = 1 + rest
                    .take_while(|&next| parent.is_some() && parent_of(next) == parent)
                    .count();
                let whole = parent.and_then(|parent| self.annotations.get(parent)?.span);
                let run = self.annotations.get_mut(at..at + count).unwrap_or_default();
                at += count;
                let (Some(whole), Some(None)) = (whole, run.first().map(|first| first.span)) else {
                    continue;
                };
                let share = |part: usize| whole.start + whole.length().scaled(part as f64 / count as f64);
                for (annotation, part) in run.iter_mut().zip(0..) {
                    let end = if part + 1 == count { whole.end } else { share(part + 1) };
                    annotation.span = Some(CueSpan {
                        start: share(part),
                        end,
                    });
                }
                is_any = true;
            }
        }
        is_any
    }

    /// Slots without a value: first along the annotations of a tier that follow each other without a gap, then in the
    /// order of the slots.
    fn share_slots(&mut self) {
        if !self.shared.contains(&true) {
            return;
        }
        let mut chain: Vec<usize> = Vec::new();
        for tier in &self.tiers {
            for annotation in self.annotations.get(tier.annotations.clone()).unwrap_or_default() {
                if let Place::Slots(Some(from), Some(to)) = annotation.place {
                    if chain.last() != Some(&from) {
                        share(&chain, &mut self.times);
                        chain.clear();
                        chain.push(from);
                    }
                    chain.push(to);
                }
            }
            share(&chain, &mut self.times);
            chain.clear();
        }
        let all: Vec<usize> = (0..self.times.len()).collect();
        share(&all, &mut self.times);
        // At the ends there is a neighbour on one side only.
        let mut last = None;
        for time in &mut self.times {
            last = time.or(last);
            *time = time.or(last);
        }
        let first = self.times.iter().flatten().next().copied();
        for time in &mut self.times {
            *time = time.or(first);
        }
    }

    /// Adds the cues of tiers, in the order of time.
    fn cues(&self, chosen: &[usize], drafts: &mut Drafts, warnings: &mut Warnings) {
        let mut plain = Plain::default();
        let mut shared = 0;
        for tier in chosen.iter().filter_map(|&place| self.tiers.get(place)) {
            let participant = tier.participant.trim();
            let name = if participant.is_empty() && chosen.len() > 1 {
                tier.id.trim()
            } else {
                participant
            };
            let name = drafts.names.id(name);
            for annotation in self.annotations.get(tier.annotations.clone()).unwrap_or_default() {
                let text = self.text.get(annotation.text.clone()).unwrap_or("");
                let Some(span) = annotation.span else {
                    let text = super::super::warning::shorten(text);
                    warnings.push(annotation.line, WarningKind::BadTime { text });
                    continue;
                };
                if let Place::Slots(from, to) = annotation.place {
                    let is_shared = |slot: Option<usize>| slot.and_then(|slot| self.shared.get(slot)) == Some(&true);
                    shared += usize::from(is_shared(from) || is_shared(to));
                }
                plain.clear();
                plain.literal(text);
                let mut draft = Draft::new(annotation.line, span.start, Some(span.end));
                draft.name = name;
                drafts.add(draft, &plain);
            }
        }
        drafts.cues.sort_by_key(|cue| cue.start);
        if shared > 0 {
            warnings.push(0, WarningKind::OpenTimes { count: shared });
        }
        let mut languages = chosen
            .iter()
            .filter_map(|&place| self.tiers.get(place))
            .map(|tier| &tier.language);
        let first = languages.next().cloned().flatten();
        if let Some(language) = first.filter(|first| languages.all(|other| other.as_ref() == Some(first))) {
            drafts.language =
                Some(language.trim().chars().take(35).collect::<String>()).filter(|name| !name.is_empty());
        }
    }
}

/// Shares the time between two slots that have one among those between that have none.
fn share(chain: &[usize], times: &mut [Option<CueTime>]) {
    let mut before: Option<(usize, CueTime)> = None;
    for (place, &slot) in chain.iter().enumerate() {
        let Some(time) = times.get(slot).copied().flatten() else {
            continue;
        };
        if let Some((from, start)) = before {
            let parts = place - from;
            for (part, &between) in chain.get(from + 1..place).unwrap_or_default().iter().enumerate() {
                if let Some(shared) = times.get_mut(between) {
                    let length = (time - start).scaled((part + 1) as f64 / parts as f64);
                    *shared = shared.or(Some(start + length));
                }
            }
        }
        before = Some((place, time));
    }
}

#[cfg(test)]
mod tests {
    use crate::format::{Options, ReadError, read};

    const TWO_TIERS: &str = r#"<ANNOTATION_DOCUMENT><TIME_ORDER><TIME_SLOT TIME_SLOT_ID="1" TIME_VALUE="0"/>
        <TIME_SLOT TIME_SLOT_ID="2" TIME_VALUE="3000"/></TIME_ORDER>
        <TIER TIER_ID="speech" LINGUISTIC_TYPE_REF="s"><ANNOTATION><ALIGNABLE_ANNOTATION ANNOTATION_ID="a"
        TIME_SLOT_REF1="1" TIME_SLOT_REF2="2"><ANNOTATION_VALUE>one two three</ANNOTATION_VALUE>
        </ALIGNABLE_ANNOTATION></ANNOTATION></TIER>
        <TIER TIER_ID="Words" LINGUISTIC_TYPE_REF="w" PARENT_REF="speech">
        <ANNOTATION><REF_ANNOTATION ANNOTATION_ID="b" ANNOTATION_REF="a"><ANNOTATION_VALUE>one</ANNOTATION_VALUE>
        </REF_ANNOTATION></ANNOTATION><ANNOTATION><REF_ANNOTATION ANNOTATION_ID="c" ANNOTATION_REF="a">
        <ANNOTATION_VALUE>two</ANNOTATION_VALUE></REF_ANNOTATION></ANNOTATION></TIER></ANNOTATION_DOCUMENT>"#;

    fn texts(tier: Option<&str>) -> Result<Vec<(i64, String)>, ReadError> {
        let options = Options {
            tier,
            ..Options::default()
        };
        let reading = read(TWO_TIERS.as_bytes(), &options)?;
        let cue = |cue: &crate::transcript::Cue| (cue.span.start.as_micros() / 1_000, cue.text.to_string());
        Ok(reading.transcript.cues.iter().map(cue).collect())
    }

    #[test]
    fn a_tier_is_chosen_by_its_name() {
        let owned = |at: i64, text: &str| (at, text.to_owned());
        assert_eq!(texts(None), Ok(vec![owned(0, "one two three")]));
        assert_eq!(texts(Some("words")), Ok(vec![owned(0, "one"), owned(1_500, "two")]));
        let refused = texts(Some("nothing")).expect_err("no such tier").to_string();
        assert_eq!(refused, "there is no tier \"nothing\"; there are: speech, Words");
    }
}
