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
