//! What the window tells the reader in a bar: what happened, and the way out.

use super::Command;

/// Which message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MessageId(pub u64);

/// How bad it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Severity {
    /// Good to know.
    Info,
    /// Something was repaired or is missing.
    Warning,
    /// Something asked for did not happen.
    Error,
}

/// An error's text as a sentence. Errors begin in small letters, so that they can stand after others; a name of a file
/// that comes first stays as it is.
pub fn sentence(text: &str) -> String {
    let first = text.split_whitespace().next().unwrap_or_default();
    let mut letters = text.chars();
    match letters.next() {
        Some(letter) if first.chars().all(char::is_lowercase) => letter.to_uppercase().chain(letters).collect(),
        _ => text.to_owned(),
    }
}

/// A message.
#[derive(Debug, Clone, PartialEq)]
pub struct Message {
    /// Which.
    pub id: MessageId,
    /// How bad.
    pub severity: Severity,
    /// What happened.
    pub text: String,
    /// The ways out, each with its button.
    pub actions: Vec<(&'static str, Command)>,
}

#[cfg(test)]
mod tests {
    use super::sentence;

    #[test]
    fn only_a_word_becomes_the_head_of_a_sentence() {
        for (text, expected) in [
            ("there is no sound", "There is no sound"),
            ("/talks is a folder", "/talks is a folder"),
            ("notes.md cannot be written", "notes.md cannot be written"),
            ("élan", "Élan"),
            ("", ""),
        ] {
            assert_eq!(sentence(text), expected);
        }
    }
}
