//! From the transcript's clock to the recording's, and back.

mod time_map;
mod timeline;

pub use time_map::TimeMap;
pub use timeline::Timeline;
