//! One decoder over all formats: go to an exact sample, then take block after block.
//!
//! Positions are frames counted from the recording's first audible sample, encoder delay taken off. Whatever the
//! file does, the blocks that come out follow each other without a hole: damage is silence of the same length.

use std::panic::{AssertUnwindSafe, catch_unwind};

use super::bytes::Window;
use super::container::{self, Container};
use super::ffmpeg::Piped;
use super::frame_index::FrameIndex;
use super::framed::Framed;
use super::{AudioError, AudioSource};

/// A hole is filled with blocks of at most this many frames.
const SILENCE_FRAMES: u64 = 4096;
/// What a recording can have been made at, and far beyond: a damaged header may say anything.
const RATES: std::ops::RangeInclusive<u32> = 100..=1_536_000;

/// A recording being decoded.
pub struct Decoder {
    source: AudioSource,
    stream: Stream,
    sample_rate: u32,
    channels: u16,
    /// The frame the next block begins with.
    position: u64,
    /// What was decoded and not yet handed out: the frame it begins with, and its samples.
    pending: Option<i64>,
    decoded: Vec<f32>,
    handed: Vec<f32>,
}

/// The ways to the samples.
pub(super) enum Stream {
    Framed(Box<Framed>),
    Container(Box<Container>),
    Piped(Box<Piped>),
}

/// A stretch of decoded sound.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Block<'a> {
    /// The frame it begins with.
    pub first_frame: u64,
    /// Interleaved samples, nominally −1 to 1.
    pub samples: &'a [f32],
}

impl Decoder {
    /// Opens a recording by its content, whatever its name says; it stands at the first frame.
    pub fn open(source: &AudioSource) -> Result<Self, AudioError> {
        let bytes = Window::open(source, 0)
            .map_err(|error| AudioError::io(source, &error))?
            .length();
        if bytes == 0 {
            return Err(AudioError::Empty { name: source.name() });
        }
        let stream = guarded(source, || open(source)).or_else(|error| match error {
            AudioError::Unrecognised { .. } | AudioError::Unsupported { .. } => {
                let piped =
                    Piped::open(source).map_err(|was_asked| if was_asked { error.after_ffmpeg() } else { error })?;
                Ok(Stream::Piped(Box::new(piped)))
            }
            error => Err(error),
        })?;
        let (sample_rate, channels) = match &stream {
            Stream::Framed(framed) => (framed.index().first().sample_rate, framed.index().first().channels),
            Stream::Container(container) => (container.sample_rate(), container.channels()),
            Stream::Piped(piped) => (piped.sample_rate(), piped.channels()),
        };
        if !RATES.contains(&sample_rate) {
            let name = source.name();
            return Err(AudioError::Rate {
                rate: sample_rate,
                name,
            });
        }
        Ok(Self {
            source: source.clone(),
            stream,
            sample_rate,
            channels,
            position: 0,
            pending: None,
            decoded: Vec::new(),
            handed: Vec::new(),
        })
    }

    /// What to call the recording in a message.
    pub(super) fn name(&self) -> String {
        self.source.name()
    }

    /// Frames a second.
    pub fn sample_rate(&self) -> u32 {
        self.sample_rate
    }

    /// Samples in a frame.
    pub fn channels(&self) -> u16 {
        self.channels
    }

    /// The frame the next block begins with.
    pub fn position(&self) -> u64 {
        self.position
    }

    /// The length in frames as far as it is known: exact or an estimate, see [`Decoder::is_exact`].
    pub fn length(&self) -> Option<u64> {
        match &self.stream {
            Stream::Framed(framed) => Some(framed.index().length()),
            Stream::Container(container) => container.length(),
            Stream::Piped(piped) => piped.length(),
        }
    }

    /// Whether [`Decoder::length`] is the truth and not an estimate.
    pub fn is_exact(&self) -> bool {
        match &self.stream {
            Stream::Framed(framed) => framed.index().is_exact(),
            Stream::Container(container) => container.is_exact(),
            Stream::Piped(_) => false,
        }
    }

    /// Whether a seek leads to the very samples that decoding from the start gives.
    pub(super) fn seeks_exactly(&self) -> bool {
        !matches!(self.stream, Stream::Piped(_))
    }

    /// The index of an MP3 or of ADTS, as far as it is built.
    pub fn frame_index(&self) -> Option<&FrameIndex> {
        match &self.stream {
            Stream::Framed(framed) => Some(framed.index()),
            Stream::Container(_) | Stream::Piped(_) => None,
        }
    }

    /// Puts a complete index of this recording in the place of one that is not.
    pub(super) fn take_index(&mut self, index: FrameIndex) {
        if let Stream::Framed(framed) = &mut self.stream {
            framed.take_index(index);
        }
    }

    /// Goes to exactly this frame; beyond the end, the next block is `None`.
    pub fn seek(&mut self, frame: u64) -> Result<(), AudioError> {
        self.pending = None;
        self.position = frame;
        let stream = &mut self.stream;
        guarded(&self.source, || match stream {
            Stream::Framed(framed) => framed.seek(frame).map(|_| ()),
            Stream::Container(container) => container.seek(frame),
            Stream::Piped(piped) => {
                piped.seek(frame);
                Ok(())
            }
        })
    }

    /// Goes to exactly this frame whatever it takes: what is not [sought exactly](Self::seeks_exactly) is decoded from the
    /// start up to there.
    pub(super) fn seek_by_decoding(&mut self, frame: u64) -> Result<(), AudioError> {
        self.seek(if self.seeks_exactly() { frame } else { 0 })?;
        self.position = frame;
        Ok(())
    }

    /// Goes on in a copy that has the same samples, and can be sought exactly; whether it is one.
    pub(super) fn take_copy(&mut self, copy: Self) -> Result<bool, AudioError> {
        if (copy.sample_rate, copy.channels) != (self.sample_rate, self.channels) {
            return Ok(false);
        }
        self.stream = copy.stream;
        self.seek(self.position)?;
        Ok(true)
    }

    /// Decodes the next block; `None` at the end.
    pub fn next_block(&mut self) -> Result<Option<Block<'_>>, AudioError> {
        let channels = usize::from(self.channels);
        let last = self.last_frame();
        loop {
            if self.position >= last {
                return Ok(None);
            }
            let begins = match self.pending {
                Some(begins) => begins,
                None => match self.decode()? {
                    Some(begins) => begins,
                    None => return Ok(None),
                },
            };
            let here = i64::try_from(self.position).unwrap_or(i64::MAX);
            let ends = begins.saturating_add((self.decoded.len() / channels) as i64);
            if ends <= here {
                self.pending = None;
                continue;
            }
            let room = last - self.position;
            let first_frame = self.position;
            self.handed.clear();
            if begins > here {
                self.pending = Some(begins);
                let hole = begins.abs_diff(here).min(SILENCE_FRAMES).min(room);
                self.handed.resize(hole as usize * channels, 0.0);
            } else {
                self.pending = None;
                let from = here.abs_diff(begins) as usize * channels;
                let count = ends.abs_diff(here).min(room) as usize * channels;
                let decoded = self.decoded.iter().skip(from).take(count);
                // A float file may hold what is no number; a filter would never get rid of it.
                self.handed
                    .extend(decoded.map(|&sample| if sample.is_finite() { sample } else { 0.0 }));
            }
            self.position += (self.handed.len() / channels) as u64;
            return Ok(Some(Block {
                first_frame,
                samples: &self.handed,
            }));
        }
    }

    /// Walks all frames of an MP3 or of ADTS for the true length; for other formats decodes to the end and comes back to where it was.
    pub fn measure(&mut self) -> Result<u64, AudioError> {
        if let Stream::Framed(framed) = &mut self.stream {
            framed.scan_all()?;
            return Ok(framed.index().length());
        }
        let position = self.position;
        self.seek(0)?;
        while self.next_block()?.is_some() {}
        let length = self.position;
        self.seek(position)?;
        Ok(length)
    }

    /// Prepares for later seeks a little, where that is work; `false` when there is nothing left to prepare.
    pub fn read_ahead(&mut self) -> Result<bool, AudioError> {
        match &mut self.stream {
            Stream::Framed(framed) => framed.scan_some(),
            Stream::Container(_) | Stream::Piped(_) => Ok(false),
        }
    }

    /// The demuxer, the frames, or ffmpeg.
    pub(super) fn stream(&mut self) -> &mut Stream {
        &mut self.stream
    }

    /// The frame nothing is played from on: the padding of the encoder is left out.
    fn last_frame(&self) -> u64 {
        if self.is_exact() {
            self.length().unwrap_or(u64::MAX)
        } else {
            u64::MAX
        }
    }

    fn decode(&mut self) -> Result<Option<i64>, AudioError> {
        let (stream, decoded) = (&mut self.stream, &mut self.decoded);
        guarded(&self.source, || match stream {
            Stream::Framed(framed) => framed.next(decoded),
            Stream::Container(container) => container.next(decoded),
            Stream::Piped(piped) => piped.next(decoded),
        })
    }
}

/// Opens what it is. Frames of MP3 are found anywhere, in an MP4 for one: a file that begins as a container is asked as
/// that first.
fn open(source: &AudioSource) -> Result<Stream, AudioError> {
    let container = || Ok(Stream::Container(Box::new(Container::open(source)?)));
    let begins_as_one = container::begins_as_one(source).map_err(|error| AudioError::io(source, &error))?;
    let refused = if begins_as_one { Some(container()) } else { None };
    match refused {
        Some(Ok(stream)) => Ok(stream),
        refused => match (Framed::open(source)?, refused) {
            (Some(framed), _) => Ok(Stream::Framed(Box::new(framed))),
            (None, Some(refused)) => refused,
            (None, None) => container(),
        },
    }
}

/// Turns a panic of a demuxer or codec into an error: a few sums in them overflow on files made to hurt.
fn guarded<T>(source: &AudioSource, work: impl FnOnce() -> Result<T, AudioError>) -> Result<T, AudioError> {
    catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|_| {
        log::error!("a decoder panicked on {}", source.name());
        Err(AudioError::Broken {
            why: "it contradicts itself".to_owned(),
            name: source.name(),
        })
    })
}
