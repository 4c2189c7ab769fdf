//! From the transcript's clock to the recording's, and back.

pub mod fit;
mod retimed;
mod time_map;
mod timeline;
#[expect(clippy::module_inception, reason = "what is known of the timing is called so")]
mod timing;

pub use time_map::TimeMap;
pub use timeline::{RefinedWords, Timeline};
pub use timing::{Anchor, Origin, Timing, TimingMark};
