//! What was repaired, skipped or guessed while reading, told with its line.

use std::collections::BTreeMap;

use crate::transcript::CueId;

/// One repair, with the line it was made in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Warning {
    /// The line in the file, counted from 1; 0 where it concerns the whole file.
    pub line: u32,
    /// The cue it concerns, where there is one.
    pub cue: Option<CueId>,
    /// What was found and done.
    pub kind: WarningKind,
}

/// What was found.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum WarningKind {
    /// The bytes were no UTF-8; the encoding was guessed.
    #[error("not UTF-8")]
    GuessedEncoding {
        /// The encoding's name.
        encoding: &'static str,
    },
    /// Some bytes mean nothing in the encoding.
    #[error("{count} bytes could not be decoded")]
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
    /// All line breaks were lost.
    #[error("the line breaks were lost")]
    LostLineBreaks,
    /// The cue number is missing, repeated or out of order.
    #[error("cue number {found} where {expected} was due")]
    WrongIndex {
        /// What should have stood there.
        expected: u64,
        /// What stood there; "none" where it is missing.
        found: String,
    },
    /// A time line could not be read.
    #[error("unreadable time line {text:?}")]
    BadTimeLine {
        /// The line.
        text: String,
    },
    /// A time could not be read, or is missing where the format demands one.
    #[error("unreadable time {text:?}")]
    BadTime {
        /// What stands there; empty where nothing does.
        text: String,
    },
    /// The cue begins before the clock's zero.
    #[error("the cue begins before zero")]
    NegativeTime,
    /// The cue ends before it starts.
    #[error("the cue ends before it begins")]
    EndBeforeStart,
    /// The cue has no length.
    #[error("the cue has no length")]
    ZeroLength,
    /// The cue stands after one that begins later.
    #[error("the cue stands out of order")]
    OutOfOrder,
    /// The cue begins before the one before it ends.
    #[error("the cue overlaps the one before")]
    Overlap,
    /// The cue has no text.
    #[error("the cue has no text")]
    EmptyCue,
    /// Cues that repeat another exactly.
    #[error("{count} cues repeat another exactly")]
    Duplicate {
        /// How many.
        count: usize,
    },
    /// Captions that roll: each repeats the line before and adds one.
    #[error("rolling captions: {count} cues repeat what the one before them said")]
    Rolling {
        /// How many cues were left out or lost a line.
        count: usize,
    },
    /// Words that the file gives no time, among words that have one.
    #[error("{count} words have no time of their own")]
    UntimedWords {
        /// How many.
        count: usize,
    },
    /// A text of which nothing tells when it is said.
    #[error("the text has no times")]
    NoTimes,
    /// Cues that all have the times of the longer one they were cut from.
    #[error("{count} cues have the times of the longer ones they were cut from")]
    SharedTimes {
        /// How many.
        count: usize,
    },
    /// Cues that say what the one before said, several times on end.
    #[error("{count} cues say again what the one before said; recognisers make such repeats up")]
    Repeated {
        /// How many.
        count: usize,
    },
    /// Cues whose times the file leaves open, between others that have some.
    #[error("{count} cues have no time of their own at one end or both")]
    OpenTimes {
        /// How many.
        count: usize,
    },
    /// Markup that is unknown here.
    #[error("unknown markup {tag}")]
    UnknownTag {
        /// The tag as written.
        tag: String,
    },
    /// Text that belongs to no cue.
    #[error("text outside any cue: {text:?}")]
    StrayText {
        /// The text, shortened.
        text: String,
    },
    /// The cue has more text than any caption.
    #[error("a cue with {length} bytes of text")]
    LongLine {
        /// Its length.
        length: usize,
    },
    /// The file ends in the middle, or cannot be read beyond a place.
    #[error("the file cannot be read beyond this place: {why}")]
    CutOff {
        /// What the parser said.
        why: String,
    },
    /// Mistakes of writing that can be mended without a loss: `NaN` in JSON, a lone half of a character.
    #[error("{what}")]
    Mended {
        /// What is wrong.
        what: &'static str,
    },
    /// The file holds several tiers, languages or tracks.
    #[error("there are several tiers: {names}")]
    SeveralTiers {
        /// Their names.
        names: String,
        /// The one that was read.
        chosen: String,
    },
    /// Times count frames and the file does not say how many are a second.
    #[error("times are in frames, and the file does not tell how many make a second")]
    FrameRate {
        /// Frames a second, times 1000.
        assumed: u32,
    },
    /// A time that no recording has.
    #[error("the cue lies beyond a million hours")]
    Endless,
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
        self.name_and_deed().0
    }

    /// What was done about it, for a person.
    pub fn done(&self) -> String {
        match self {
            Self::GuessedEncoding { encoding } => format!("read as {encoding}"),
            Self::SeveralTiers { chosen, .. } => format!("read: {chosen}"),
            Self::FrameRate { assumed } => format!("{} frames a second assumed", f64::from(*assumed) / 1_000.0),
            other => other.name_and_deed().1.to_owned(),
        }
    }

    fn name_and_deed(&self) -> (&'static str, &'static str) {
        match self {
            Self::GuessedEncoding { .. } => ("guessed-encoding", ""),
            Self::UndecodableBytes { .. } => ("undecodable-bytes", "shown as \u{fffd}"),
            Self::WrongExtension { .. } => ("wrong-extension", "read by its content"),
            Self::LostLineBreaks => ("lost-line-breaks", "cues were told apart by their time codes"),
            Self::WrongIndex { .. } => ("wrong-index", "the cue was kept"),
            Self::BadTimeLine { .. } => ("bad-time-line", "kept as text"),
            Self::BadTime { .. } => ("bad-time", "left out"),
            Self::NegativeTime => ("negative-time", "moved to zero"),
            Self::EndBeforeStart => ("end-before-start", "its end was moved"),
            Self::ZeroLength => ("zero-length", "it was given one"),
            Self::OutOfOrder => ("out-of-order", "cues were sorted by their start"),
            Self::Overlap => ("overlap", "both are kept"),
            Self::EmptyCue => ("empty-cue", "left out"),
            Self::Duplicate { .. } => ("duplicate", "left out"),
            Self::Rolling { .. } => ("rolling", "each word is shown once"),
            Self::NoTimes => (
                "no-times",
                "estimated from the usual pace; let it be fitted to the recording",
            ),
            Self::UntimedWords { .. } => ("untimed-words", "their times were estimated"),
            Self::SharedTimes { .. } => ("shared-times", "each has its part of them"),
            Self::Repeated { .. } => ("repeated", "they are kept"),
            Self::OpenTimes { .. } => ("open-times", "the time between their neighbours was shared out"),
            Self::UnknownTag { .. } => ("unknown-tag", "the tag was left out, its text kept"),
            Self::StrayText { .. } => ("stray-text", "left out"),
            Self::LongLine { .. } => ("long-line", "it was cut into pieces"),
            Self::CutOff { .. } => ("cut-off", "what stands before it was read"),
            Self::Mended { .. } => ("mended", "mended"),
            Self::SeveralTiers { .. } => ("several-tiers", ""),
            Self::FrameRate { .. } => ("frame-rate", ""),
            Self::Endless => ("endless", "moved to there"),
            Self::Malformed { .. } => ("malformed", "read as far as it makes sense"),
            Self::MoreOfKind { .. } => ("more-of-kind", "not listed"),
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
        self.push_of(line, None, kind);
    }

    /// Notes one repair of a cue whose place is known.
    pub fn push_of(&mut self, line: u32, cue: Option<CueId>, kind: WarningKind) {
        let count = self.counts.entry(kind.name()).or_default();
        *count = count.saturating_add(1);
        if *count <= MAX_OF_KIND {
            self.list.push(Warning { line, cue, kind });
        }
    }

    /// Whether nothing was noted.
    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// Turns the places that cues had into those they have: `now` holds for each place of before the one of now. A
    /// warning that knows no cue gets the last one whose line is not below its own.
    pub fn find_cues(&mut self, now: &[Option<CueId>], lines: &[(u32, CueId)]) {
        let tells_apart = lines.first().map(|first| first.0) != lines.last().map(|last| last.0);
        for warning in &mut self.list {
            warning.cue = match warning.cue {
                Some(before) => now.get(before.index()).copied().flatten(),
                None if warning.line == 0 || !tells_apart => None,
                None => {
                    let after = lines.partition_point(|(line, _)| *line <= warning.line);
                    after.checked_sub(1).and_then(|i| lines.get(i)).map(|(_, cue)| *cue)
                }
            };
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
                    cue: None,
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
