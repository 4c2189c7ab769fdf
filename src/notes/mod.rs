//! What the reader marks and writes: annotations, how their place is found again, and undo.
//!
//! Values and functions only; keeping them is [`crate::library`]'s work.

mod anchor;
mod annotation;
mod approx;
mod history;
mod plain_text;
mod selector;

pub use anchor::{Placement, PlacementIndex, place, refreshed};
pub use annotation::{Annotation, AnnotationId, Colour, Kind, Target, TextPosition, TextQuote};
pub use history::{Edit, History};
pub use selector::{target_at, target_for};
