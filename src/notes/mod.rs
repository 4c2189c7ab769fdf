//! What the reader marks and writes: annotations, how their place is found again, and undo.
//!
//! Values and functions only; keeping them is [`crate::library`]'s work.

mod annotation;

pub use annotation::{Annotation, AnnotationId, Colour, Kind, Target, TextPosition, TextQuote};
