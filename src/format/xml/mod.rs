//! Formats that are XML: the tags are read by [`super::tags`], and here is a file for each format.

pub(super) mod eaf;
pub(super) mod rss;
pub(super) mod srv;
pub(super) mod trs;
pub(super) mod ttml;

use crate::time::CueTime;

/// Seconds with a fraction.
fn seconds(text: &str) -> Option<CueTime> {
    let value: f64 = text.trim().parse().ok()?;
    value.is_finite().then(|| CueTime::from_secs_f64(value))
}
