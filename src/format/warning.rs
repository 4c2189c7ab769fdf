//! What was repaired, skipped or guessed while reading, told with its line.

use std::collections::BTreeMap;

/// One repair, with the line it was made in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Warning {
    /// The line in the file, counted from 1; 0 where it concerns the whole file.
    pub line: u32,
    /// What was found and done.
    pub kind: WarningKind,
}

/// What was found and done.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum WarningKind {
    /// The bytes were no UTF-8; the encoding was guessed.
    #[error("not UTF-8: read as {encoding}")]
    GuessedEncoding {
        /// The encoding's name.
        encoding: &'static str,
    },
    /// Some bytes mean nothing in the encoding.
    #[error("{count} bytes could not be decoded and are shown as \u{fffd}")]
    UndecodableBytes {
        /// How many replacement characters were put in.
        count: usize,
    },
    /// The extension says another format than the content.
    #[error("the name says .{extension}, the content is {format}")]
    WrongExtension {
        /// The file's extension.
        extension: String,
        /// What it really is.
        format: &'static str,
    },
    /// All line breaks were lost; cues were told apart by their time lines.
    #[error("the line breaks were lost; cues were told apart by their time codes")]
    LostLineBreaks,
    /// The cue number is missing, repeated or out of order.
    #[error("cue number {found} where {expected} was due")]
    WrongIndex {
        /// What should have stood there.
        expected: u64,
        /// What stood there; "none" where it is missing.
        found: String,
    },
    /// A time line could not be read; its text was kept with the cue before.
    #[error("unreadable time line {text:?}: kept as text")]
    BadTimeLine {
        /// The line.
        text: String,
    },
    /// The cue begins before the clock's zero.
    #[error("the cue began before zero; it was moved there")]
    NegativeTime,
    /// The cue ends before it starts.
    #[error("the cue ended before it began; its end was moved")]
    EndBeforeStart,
    /// The cue had no length.
    #[error("the cue had no length; it was given one")]
    ZeroLength,
    /// The cue stands before one that begins earlier.
    #[error("the cue stood out of order; cues were sorted by their start")]
    OutOfOrder,
    /// The cue begins before the one before it ends.
    #[error("the cue overlaps the one before; both are kept")]
    Overlap,
    /// The cue has no text and was left out.
    #[error("the cue has no text and was left out")]
    EmptyCue,
    /// A cue repeats the one before exactly, and was left out.
    #[error("the cue repeats another exactly and was left out")]
    Duplicate,
    /// Markup that is unknown here; its text was kept, the tag left out.
    #[error("unknown markup {tag} was left out")]
    UnknownTag {
        /// The tag as written.
        tag: String,
    },
    /// Text that belongs to no cue.
    #[error("text outside any cue was left out: {text:?}")]
    StrayText {
        /// The text, shortened.
        text: String,
    },
    /// The cue has more text than any caption; it was cut into pieces.
    #[error("a cue with {length} bytes of text; it was cut into pieces")]
    LongLine {
        /// Its length.
        length: usize,
    },
    /// A value beyond what the format can mean.
    #[error("{what}: {text:?}")]
    Malformed {
        /// What is wrong.
        what: &'static str,
        /// The text.
        text: String,
    },
    /// More of a kind than are worth listing.
    #[error("{count} more warnings of the kind {kind}")]
    MoreOfKind {
        /// The kind's [`name`](WarningKind::name).
        kind: &'static str,
        /// How many are not listed.
        count: usize,
    },
}

impl WarningKind {
    /// A stable name for scripts: `lost-line-breaks`.
    pub fn name(&self) -> &'static str {
        match self {
            Self::GuessedEncoding { .. } => "guessed-encoding",
            Self::UndecodableBytes { .. } => "undecodable-bytes",
            Self::WrongExtension { .. } => "wrong-extension",
            Self::LostLineBreaks => "lost-line-breaks",
            Self::WrongIndex { .. } => "wrong-index",
            Self::BadTimeLine { .. } => "bad-time-line",
            Self::NegativeTime => "negative-time",
            Self::EndBeforeStart => "end-before-start",
            Self::ZeroLength => "zero-length",
            Self::OutOfOrder => "out-of-order",
            Self::Overlap => "overlap",
            Self::EmptyCue => "empty-cue",
            Self::Duplicate => "duplicate",
            Self::UnknownTag { .. } => "unknown-tag",
            Self::StrayText { .. } => "stray-text",
            Self::LongLine { .. } => "long-line",
            Self::Malformed { .. } => "malformed",
            Self::MoreOfKind { .. } => "more-of-kind",
        }
    }
}

/// So many warnings of one kind are listed; the rest are counted. A fault that runs through a whole file is told as
/// well by a thousand lines as by a million, and the list stays small.
pub const MAX_OF_KIND: usize = 1_000;

/// Collects warnings while a file is read.
#[derive(Debug, Default)]
pub struct Warnings {
    list: Vec<Warning>,
    counts: BTreeMap<&'static str, usize>,
}

impl Warnings {
    /// Notes one repair.
    pub fn push(&mut self, line: u32, kind: WarningKind) {
        let count = self.counts.entry(kind.name()).or_default();
        *count = count.saturating_add(1);
        if *count <= MAX_OF_KIND {
            self.list.push(Warning { line, kind });
        }
    }

    /// All that are listed, in the order of their lines, then the counts of those that are not.
    pub fn into_sorted(mut self) -> Vec<Warning> {
        self.list.sort_by_key(|warning| warning.line);
        for (kind, count) in self.counts {
            if count > MAX_OF_KIND {
                let count = count - MAX_OF_KIND;
                self.list.push(Warning {
                    line: 0,
                    kind: WarningKind::MoreOfKind { kind, count },
                });
            }
        }
        self.list
    }
}

/// The beginning of a text, short enough for a message, on one line.
pub(super) fn shorten(text: &str) -> String {
    const LONGEST: usize = 60;
    let mut short: String = text
        .trim()
        .chars()
        .take(LONGEST)
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect();
    if text.trim().chars().nth(LONGEST).is_some() {
        short.push('…');
    }
    short
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fault_on_every_cue_stays_a_short_list() {
        let mut warnings = Warnings::default();
        for line in (1..=5_000).rev() {
            warnings.push(line, WarningKind::Overlap);
        }
        warnings.push(7, WarningKind::EmptyCue);
        let list = warnings.into_sorted();
        assert_eq!(list.len(), MAX_OF_KIND + 2);
        assert!(list[..=MAX_OF_KIND].is_sorted_by_key(|warning| warning.line));
        let count = WarningKind::MoreOfKind {
            kind: "overlap",
            count: 4_000,
        };
        assert_eq!(list[MAX_OF_KIND + 1].kind, count);
    }

    #[test]
    fn long_texts_are_shortened_for_a_message() {
        assert_eq!(shorten(" a\tb "), "a b");
        assert_eq!(shorten(&"é".repeat(100)).chars().count(), 61);
    }
}
