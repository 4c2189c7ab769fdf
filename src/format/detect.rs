//! Which format a text is written in: by what it says first, by the name of its file second.

use super::stamp::TimeLines;
use super::{Format, WarningKind, Warnings, timed_text, vtt};

/// Tells the format, or that no known one fits.
pub(super) fn detect(text: &str, extension: Option<&str>, warnings: &mut Warnings) -> Option<Format> {
    let format = by_content(text, extension)?;
    if let Some(extension) = extension {
        let extension = extension.to_ascii_lowercase();
        // Text of any kind is kept as .txt; that name says nothing wrong.
        let said = Format::ALL
            .into_iter()
            .find(|format| format.extensions().contains(&extension.as_str()));
        if said.is_some_and(|said| said != format && said != Format::TimedText) {
            warnings.push(
                0,
                WarningKind::WrongExtension {
                    extension,
                    format: format.name(),
                },
            );
        }
    }
    Some(format)
}

fn by_content(text: &str, extension: Option<&str>) -> Option<Format> {
    if vtt::has_header(text) {
        return Some(Format::WebVtt);
    }
    let Some(first) = TimeLines::new(text).next() else {
        return timed_text::has_stamps(text).then_some(Format::TimedText);
    };
    // `[00:00.000 --> 00:04.000] text`: the log of a speech recogniser.
    if text.get(..first.from).is_some_and(|before| before.ends_with('[')) {
        return Some(Format::TimedText);
    }
    // A WebVTT file that lost its first line can only be told by its name and its decimal points.
    let has_points = text.get(first.from..first.to).is_some_and(|line| line.contains('.'));
    let named_vtt = extension.is_some_and(|extension| extension.eq_ignore_ascii_case("vtt"));
    Some(if named_vtt && has_points {
        Format::WebVtt
    } else {
        Format::Srt
    })
}
