//! Formats that are XML: one tree of tags for all is in [`super::tags`], and here a file for each format.

pub(super) mod ttml;
