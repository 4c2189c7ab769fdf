//! What was said: cues, words, speakers, and the questions one asks of them.
//!
//! Values and functions only. A [`Transcript`] never changes while it is shown; times are on the transcript's own
//! clock ([`crate::time::CueTime`]) and become recording time in [`crate::timing`].

mod cue_index;
mod non_speech;
mod paragraphs;
mod passage;
mod search;
mod speaker;
#[expect(
    clippy::module_inception,
    reason = "the file that holds `Transcript` is the one a reader looks for"
)]
mod transcript;
mod words;

pub use cue_index::CueIndex;
pub use non_speech::is_non_speech;
pub use paragraphs::{Paragraph, paragraphs};
pub use passage::{Passage, TextPoint};
pub use search::{Folded, Hit, search};
pub use speaker::{Speaker, SpeakerId};
pub use transcript::{Chapter, Cue, CueId, CueOrigin, Kept, Transcript, Word};
pub use words::{estimate_words, for_each_word, speaking_time, word_ranges};
