//! MPL2, of the player MPL: `[123][456]text|second line`, the times in tenths of a second. A slash at the start of a
//! line sets it in italics.

use super::draft::Drafts;
use super::formats::{Family, Format, Spec};
use super::microdvd::read_lines;
use super::shape::{self, Shape};
use super::stamp::time_at;
use super::{Input, ReadError, Warnings};

/// The row of this format.
pub(super) const SPEC: Spec = Spec {
    format: Format::Mpl2,
    key: "mpl2",
    name: "MPL2",
    extensions: &["mpl", "mpl2", "txt"],
    from: "old film archives",
    family: Family::Text,
    recognise,
    read,
    write: None,
};

fn recognise(input: &Input<'_>) -> Option<&'static str> {
    (shape::of(input.text) == Some(Shape::Mpl2)).then_some("two numbers in brackets before each text")
}

/// Reads the cues of an MPL2 file.
fn read(input: &Input<'_>, drafts: &mut Drafts, warnings: &mut Warnings) -> Result<(), ReadError> {
    let time = |tenths: f64| time_at(tenths / 10.0);
    read_lines(input.text, (b'[', b']'), time, |_| false, drafts, warnings);
    Ok(())
}
