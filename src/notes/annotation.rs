//! An annotation: a target (where) and a body (what).

use jiff::Timestamp;
use uuid::Uuid;

use crate::time::MediaSpan;

/// Who an annotation is, for ever: a UUID version 7.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AnnotationId(pub Uuid);

impl AnnotationId {
    /// A new one, ordered by time.
    pub fn generate() -> Self {
        Self(Uuid::now_v7())
    }
}

impl std::fmt::Display for AnnotationId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.hyphenated().fmt(f)
    }
}

/// What sort of mark it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// A passage marked with a colour.
    Highlight,
    /// Text about a passage or a cue.
    Note,
    /// An instant to come back to.
    Bookmark,
}

impl Kind {
    /// All, in the order they are listed.
    pub const ALL: [Self; 3] = [Self::Highlight, Self::Note, Self::Bookmark];

    /// `highlight`, `note`, `bookmark`: in files and on the command line.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Highlight => "highlight",
            Self::Note => "note",
            Self::Bookmark => "bookmark",
        }
    }

    /// The kind of this [`Kind::name`].
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }
}

/// The five colours; what each means is the reader's business.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Colour {
    /// The first, and the one a new mark has.
    #[default]
    Yellow,
    /// The second.
    Green,
    /// The third.
    Blue,
    /// The fourth.
    Pink,
    /// The fifth.
    Violet,
}

impl Colour {
    /// All, in the order of the keys 1 to 5.
    pub const ALL: [Self; 5] = [Self::Yellow, Self::Green, Self::Blue, Self::Pink, Self::Violet];

    /// `yellow` and so on: in files and on the command line.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Yellow => "yellow",
            Self::Green => "green",
            Self::Blue => "blue",
            Self::Pink => "pink",
            Self::Violet => "violet",
        }
    }

    /// The colour of this [`Colour::name`].
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|colour| colour.name() == name)
    }
}

/// The marked words and a little of what surrounds them (W3C Web Annotation, TextQuoteSelector).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TextQuote {
    /// The words themselves, joined by single spaces across cues and line breaks (by nothing between characters of
    /// scripts that write no spaces).
    pub exact: String,
    /// Up to 32 characters before.
    pub prefix: String,
    /// Up to 32 characters after.
    pub suffix: String,
}

/// Where the words stood (W3C Web Annotation, TextPositionSelector).
///
/// Counted in Unicode code points over the whole transcript in the form of [`TextQuote::exact`]: its cues, line breaks
/// and runs of white space are one space each. So the count does not change when the words are cut into other cues.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct TextPosition {
    /// The first character.
    pub start: u64,
    /// The place after the last.
    pub end: u64,
}

/// Where an annotation belongs, told in several ways so that one of them holds when the others fail.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Target {
    /// When it is heard, on the recording's clock. A bookmark's start and end are the same.
    pub time: MediaSpan,
    /// The words; none for a bookmark made where there is no text.
    pub quote: Option<TextQuote>,
    /// Where the words stood when it was made, or last found.
    pub position: Option<TextPosition>,
    /// Who spoke, as the transcript named them: for lists and exports.
    pub speaker: Option<String>,
}

/// A mark, a note or a bookmark.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Annotation {
    /// Who it is.
    pub id: AnnotationId,
    /// What sort of mark.
    pub kind: Kind,
    /// Its colour.
    pub colour: Colour,
    /// What was written; empty for a bare highlight or bookmark.
    pub text: String,
    /// Tags, in the order given, none twice.
    pub tags: Vec<String>,
    /// Where it belongs.
    pub target: Target,
    /// When it was made.
    pub created: Timestamp,
    /// When it was last changed.
    pub modified: Timestamp,
}
