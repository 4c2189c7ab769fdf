//! The picture in a recording, made small enough to stand beside its title.

use std::io::Cursor;

use image::metadata::Orientation;
use image::{DynamicImage, ImageDecoder, ImageReader, Limits};

use crate::audio::{self, AudioSource};

/// Larger than this in either direction it need not be: three pixels for each point that it takes.
const SIDE: u32 = 96;
/// A picture of more pixels is none that belongs to a recording.
const MOST_PIXELS: u64 = 40_000_000;
/// What decoding may take, in bytes: as many pixels, with room for a copy.
const MOST_MEMORY: u64 = 400 << 20;

/// A small picture.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Picture {
    /// Width and height, each at least 1 and at most 96.
    pub size: [usize; 2],
    /// Red, green, blue and opacity of each pixel, row by row; the colours are not multiplied by the opacity.
    pub rgba: Vec<u8>,
}

impl Picture {
    /// The picture in a recording, if there is one that can be shown. Takes a while: not for the window's thread.
    pub fn in_recording(source: &AudioSource) -> Option<Self> {
        Self::decode(&audio::cover(source)?.bytes)
    }

    /// A JPEG or PNG, told by its content. What is broken, or unreasonably large, is no picture.
    pub fn decode(bytes: &[u8]) -> Option<Self> {
        let mut limits = Limits::default();
        limits.max_alloc = Some(MOST_MEMORY);
        let mut reader = ImageReader::new(Cursor::new(bytes)).with_guessed_format().ok()?;
        reader.limits(limits);
        let mut decoder = reader.into_decoder().ok()?;
        let (width, height) = decoder.dimensions();
        let pixels = u64::from(width) * u64::from(height);
        if pixels == 0 || pixels > MOST_PIXELS {
            return None;
        }
        let orientation = decoder.orientation().unwrap_or(Orientation::NoTransforms);
        let mut picture = DynamicImage::from_decoder(decoder).ok()?;
        if width > SIDE || height > SIDE {
            picture = picture.thumbnail(SIDE, SIDE);
        }
        picture.apply_orientation(orientation);
        let picture = picture.into_rgba8();
        let size = [picture.width() as usize, picture.height() as usize];
        Some(Self {
            size,
            rgba: picture.into_raw(),
        })
    }
}
