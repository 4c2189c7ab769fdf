//! Who speaks.

/// Which speaker of the transcript; the place in [`crate::transcript::Transcript::speakers`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SpeakerId(pub u16);

/// A person the transcript names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Speaker {
    /// The name as the file gives it, without colon or brackets.
    pub name: String,
}
