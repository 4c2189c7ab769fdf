//! The recording: opened, decoded, played, measured and cut. Knows nothing of cues.
//!
//! One engine thread owns the decoder and the position. It fills a lock-free ring; the rodio source only copies from
//! it. The [`Playhead`] is counted in frames that went to the device and can be read from any thread.

mod bytes;
mod cache;
mod clip;
mod clock;
mod container;
mod copy;
mod decode;
mod device;
mod engine;
mod error;
mod feed;
mod ffmpeg;
mod frame_index;
mod framed;
mod grid;
mod loudness;
mod matroska;
mod meter;
mod mp4;
mod opus;
mod patched;
mod peaks;
mod peaks_job;
mod peaks_together;
mod player;
mod probe;
mod render;
mod resample;
#[cfg(target_os = "linux")]
mod sound_server;
mod speech;

mod stretch;
mod voice;
mod wav;
mod wave_sizes;

use std::path::PathBuf;
use std::sync::Arc;

pub use cache::content_key;
pub use clip::{ClipError, clip};
pub use clock::Playhead;
pub use copy::copied_into;
pub use decode::{Block, Decoder};
pub use device::{Lost, MakeSource, OpenOutput, Output, OutputDevice, OutputFormat, SystemOutput};
pub use engine::Engine;
pub use error::AudioError;
pub use feed::{FeedSource, Frame, Stamper};
pub use frame_index::FrameIndex;
pub use peaks::Peaks;
pub use peaks_job::{PeaksEvent, PeaksJob, peaks, spawn_peaks};
pub use probe::{Chapter, Cover, Recording, cover, probe};
pub use speech::{SPEECH_BANDS, SPEECH_RATE, SpeechLevel};
pub use stretch::SPEEDS;
pub use wav::WavFormat;

use crate::time::{MediaSpan, MediaTime, TimeDelta};

/// Where the bytes of a recording come from.
#[derive(Debug, Clone)]
pub enum AudioSource {
    /// A file.
    File(PathBuf),
    /// Bytes in memory: the built-in demo.
    Memory(&'static [u8]),
}

impl AudioSource {
    /// What to call it in a message.
    pub fn name(&self) -> String {
        match self {
            Self::File(path) => path.display().to_string(),
            Self::Memory(_) => "the built-in demo".to_owned(),
        }
    }
}

/// What one tells the engine. It answers with [`EngineEvent`]s, and never blocks the one who asks.
#[derive(Debug, Clone)]
pub enum EngineCommand {
    /// Open a recording, paused at `at`. Answered by `Loaded` or `LoadFailed` with the same generation.
    Load {
        /// What to open.
        source: AudioSource,
        /// Where to stand.
        at: MediaTime,
        /// The number the answer carries, so that late answers can be told.
        generation: u64,
    },
    /// Close the recording.
    Unload,
    /// Play from where it stands. After the end: from the start. Without a device: answered by `Device(Missing)`.
    Play,
    /// Stop, keeping the place to the sample.
    Pause,
    /// Go to an instant, playing or paused as before. Beyond the end counts as the end.
    Seek(MediaTime),
    /// Repeat a stretch, or no longer: it turns back at the exact sample, without a click. What lies before it is played
    /// up to it; a seek behind it leaves it alone.
    SetLoop(Option<Loop>),
    /// The speed, 0.4 to 4.0 (clamped), the pitch kept.
    SetSpeed(f32),
    /// The volume, 0.0 to 2.0 (clamped), heard as even steps; 0.0 is silence, above 1.0 loud places are held down.
    SetVolume(f32),
    /// Both sides on both ears.
    SetMono(bool),
    /// How much louder or softer than it is, in decibels, −24 to 24 (clamped): to make recordings equally loud.
    SetGain(f32),
    /// Which side is louder: −1.0 only the left one, 1.0 only the right one (clamped).
    SetBalance(f32),
    /// Where to play: an [`OutputDevice`]'s id, or none for where the system plays. What plays goes on there.
    SetOutput(Option<String>),
    /// Ask for the outputs there are. Answered by `Outputs`.
    ListOutputs,
    /// How much later than it says the device is heard, as over Bluetooth; −500 to 500 ms (clamped).
    SetDelay(TimeDelta),
}

/// A stretch that is repeated.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Loop {
    /// The stretch.
    pub span: MediaSpan,
    /// How often it is heard before what follows; for ever where it is none.
    pub times: Option<u32>,
    /// The silence between, up to ten seconds.
    pub pause: TimeDelta,
}

/// What the engine tells.
#[derive(Debug)]
pub enum EngineEvent {
    /// The recording is open and can be played.
    Loaded {
        /// From [`EngineCommand::Load`].
        generation: u64,
        /// What it is.
        recording: Arc<Recording>,
    },
    /// It could not be opened.
    LoadFailed {
        /// From [`EngineCommand::Load`].
        generation: u64,
        /// Why.
        error: AudioError,
    },
    /// It plays now.
    Playing,
    /// It stands still now, by command.
    Paused,
    /// The end was heard; it stands at the end.
    Ended,
    /// The output device came, went, or is missing. A device lost while playing pauses at the place last heard.
    Device(DeviceState),
    /// It plays on this output, as far as one can know: told when it is opened and when the system changes it.
    PlaysOn(OutputDevice),
    /// The outputs there are.
    Outputs(Vec<OutputDevice>),
    /// Decoding broke in the middle; it stands where it broke.
    Failed(AudioError),
}

/// Whether there is a device to play on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DeviceState {
    /// Not looked yet.
    Unknown,
    /// There is one.
    Ready,
    /// There is none, and why.
    Missing(String),
}
