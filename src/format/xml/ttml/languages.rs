//! Divisions in several languages: translations that run side by side are tiers of which one is read; a division in
//! another language at a time of its own belongs to the same transcript.

use std::collections::BTreeMap;

use crate::format::draft::Drafts;
use crate::format::{ReadError, WarningKind, Warnings};
use crate::time::CueSpan;

/// The languages of the divisions, and from which cue on each holds.
#[derive(Debug, Default)]
pub(super) struct Languages {
    /// Each once.
    names: Vec<String>,
    /// The first cue, and the language from there on; none where no division tells one.
    from: Vec<(usize, Option<usize>)>,
}

impl Languages {
    /// The place of a language; none for an empty name.
    pub fn id(&mut self, name: &str) -> Option<usize> {
        const MOST: usize = 100;
        let name: String = name.trim().chars().take(35).collect();
        if name.is_empty() {
            return None;
        }
        let place = self.names.iter().position(|known| *known == name);
        place.or_else(|| {
            let is_room = self.names.len() < MOST;
            is_room.then(|| {
                self.names.push(name);
                self.names.len() - 1
            })
        })
    }

    /// From this cue on the language is another.
    pub fn change(&mut self, cue: usize, language: Option<usize>) {
        if self
            .from
            .last()
            .map_or(language.is_some(), |(_, last)| *last != language)
        {
            self.from.push((cue, language));
        }
    }
}

/// Reads one of several translations, or says which language all is in.
pub(super) fn choose(
    languages: &Languages,
    asked: Option<&str>,
    drafts: &mut Drafts,
    warnings: &mut Warnings,
) -> Result<(), ReadError> {
    let language_of = |cue: usize| {
        let after = languages.from.partition_point(|(first, _)| *first <= cue);
        languages.from.get(after.checked_sub(1)?)?.1
    };
    let mut spoken: BTreeMap<usize, Vec<CueSpan>> = BTreeMap::new();
    let mut untold = 0;
    for (cue, place) in drafts.cues.iter().zip(0..) {
        let span = CueSpan::new(cue.start, cue.end.unwrap_or(cue.start));
        match language_of(place) {
            Some(language) => spoken.entry(language).or_default().push(span),
            None => untold += 1,
        }
    }
    let spoken: Vec<(usize, Vec<CueSpan>)> = spoken.into_iter().collect();
    let name = |language: usize| languages.names.get(language).cloned().unwrap_or_default();
    match spoken.as_slice() {
        [(only, _)] if untold == 0 => drafts.language = Some(name(*only)),
        [(_, first), others @ ..] if !others.is_empty() && others.iter().all(|(_, spans)| are_beside(first, spans)) => {
            drafts.tiers = spoken.iter().map(|(language, _)| name(*language)).collect();
            let names = drafts.tiers.join(", ");
            let wanted = match asked {
                None => 0,
                Some(asked) => {
                    let place = drafts.tiers.iter().position(|tier| tier.eq_ignore_ascii_case(asked));
                    place.ok_or_else(|| ReadError::NoSuchTier {
                        name: asked.to_owned(),
                        there: names.clone(),
                    })?
                }
            };
            let wanted = spoken.get(wanted).map(|(language, _)| *language);
            let chosen = wanted.map(name).unwrap_or_default();
            if asked.is_none() {
                let chosen = chosen.clone();
                warnings.push(0, WarningKind::SeveralTiers { names, chosen });
            }
            drafts.language = Some(chosen);
            let mut place = 0;
            drafts.cues.retain(|_| {
                let language = language_of(place);
                place += 1;
                language.is_none() || language == wanted
            });
        }
        _ => {}
    }
    Ok(())
}

/// Whether at least half of the cues are spoken at the time of others. Both stand in the order of time but for faults.
fn are_beside(first: &[CueSpan], others: &[CueSpan]) -> bool {
    let meets = |span: &&CueSpan| {
        let after = first.partition_point(|own| own.end <= span.start);
        first.get(after).is_some_and(|own| own.start < span.end)
    };
    others.iter().filter(meets).count() * 2 >= others.len()
}
