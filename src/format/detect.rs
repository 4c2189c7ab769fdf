//! Which format a file is written in: by what it says first, by its name second.

use super::draft::Drafts;
use super::formats::{Family, Spec, TABLE};
use super::{Format, Input, Options, ReadError, WarningKind, Warnings};

/// A format, and how it was told.
pub(super) struct Detected {
    pub spec: &'static Spec,
    pub why: &'static str,
}

/// Tells the format, or that no known one fits. A reader is asked only where its family fits.
pub(super) fn detect(input: &Input<'_>, families: &[Family]) -> Option<Detected> {
    if let Some(format) = input.options.format {
        let spec = format.spec();
        let why = "it was said to be";
        return families.contains(&spec.family).then_some(Detected { spec, why });
    }
    families.iter().find_map(|family| {
        let mut rows = TABLE.iter().filter(|spec| spec.family == *family);
        rows.find_map(|spec| (spec.recognise)(input).map(|why| Detected { spec, why }))
    })
}

/// Reads a text that stands inside a document or a container as what it is. Gives back the format; none where it is
/// of no known one.
pub(super) fn read_inside(
    text: &str,
    options: &Options<'_>,
    drafts: &mut Drafts,
    warnings: &mut Warnings,
) -> Result<Option<&'static Spec>, ReadError> {
    let options = Options {
        extension: None,
        format: None,
        ..*options
    };
    let input = Input::new(text.as_bytes(), text, &options);
    let Some(detected) = detect(&input, &[Family::Json, Family::Markup, Family::Text]) else {
        return Ok(None);
    };
    if let Some(tree) = &input.json {
        tree.tell_troubles(warnings);
    }
    (detected.spec.read)(&input, drafts, warnings)?;
    Ok(Some(detected.spec))
}

/// Tells when the name of the file says another format than its content.
pub(super) fn compare_with_name(format: Format, extension: Option<&str>, warnings: &mut Warnings) {
    // Text of any kind is kept as .txt; that name says nothing wrong.
    let Some(extension) = extension
        .map(str::to_ascii_lowercase)
        .filter(|extension| extension != "txt")
    else {
        return;
    };
    let is_of = |format: Format| format.extensions().contains(&extension.as_str());
    if !is_of(format) && Format::all().any(is_of) {
        let format = format.name();
        warnings.push(0, WarningKind::WrongExtension { extension, format });
    }
}
