//! Lyrics that stand as one text in a recording's tags: people keep LRC, SubRip and text with time codes there.

use super::super::detect::read_inside;
use super::super::draft::Drafts;
use super::super::warning::shorten;
use super::super::{Options, ReadError, WarningKind, Warnings};
use super::Found;

/// Reads the first of several texts that holds times, as what it is. The others are told.
pub(super) fn read(
    texts: &[(Option<String>, String)],
    found: &mut Found,
    options: &Options<'_>,
    drafts: &mut Drafts,
    warnings: &mut Warnings,
) -> Result<(), ReadError> {
    for (language, text) in texts {
        let text = text.replace("\r\n", "\n").replace('\r', "\n");
        if !drafts.cues.is_empty() {
            let text = shorten(&text);
            warnings.push(0, WarningKind::StrayText { text });
            continue;
        }
        read_inside(&text, options, drafts, warnings)?;
        if drafts.cues.is_empty() {
            found.unread.push("lyrics without times".to_owned());
        } else if drafts.language.is_none() {
            drafts.language.clone_from(language);
        }
    }
    Ok(())
}
