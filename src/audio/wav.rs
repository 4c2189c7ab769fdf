//! WAV files written: sixteen bits or floats; beyond 4 GB as RF64.
//! Layout: "Multimedia Programming Interface and Data Specifications 1.0" (RIFF), Microsoft's note on `fact`, and EBU
//! Tech 3306 (RF64).

use std::io::{self, Seek, SeekFrom, Write};

/// How the samples are written.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum WavFormat {
    /// Signed 16-bit integers; what was 16 bits comes out bit for bit.
    #[default]
    Int16,
    /// 32-bit floats, as decoded.
    Float32,
}

impl WavFormat {
    fn bytes(self) -> u16 {
        match self {
            Self::Int16 => 2,
            Self::Float32 => 4,
        }
    }
}

/// How many frames a file will have, as far as that is known before they are there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Frames {
    /// So many it should be.
    pub expected: Option<u64>,
    /// More it cannot be. Where so many would not fit into the usual 4 GB, room is left for larger sizes.
    pub most: u64,
}

/// Writes a WAV file, its header with the first samples. Call [`WavWriter::finish`] at the end: it puts the sizes right
/// where they turned out to be others.
pub(super) struct WavWriter<W: Write + Seek> {
    out: W,
    layout: Layout,
    expected: Option<u64>,
    begun: bool,
    samples: u64,
    buffer: Vec<u8>,
}

/// What the header says, but for the sizes.
#[derive(Debug, Clone, Copy)]
struct Layout {
    format: WavFormat,
    sample_rate: u32,
    channels: u16,
    /// There is room for sizes of 64 bits.
    roomy: bool,
}

/// The bytes before the samples: RIFF and WAVE, `fmt `, `fact`, and the head of `data`.
const HEADER_BYTES: u64 = 12 + 26 + 12 + 8;
/// The chunk for sizes of 64 bits: its head, the sizes of file and samples, the number of frames, and an empty table.
const ROOM_BYTES: u64 = 8 + 28;
/// What stands for a size that is not known, or told in the room for larger ones.
const ELSEWHERE: u32 = u32::MAX;

impl Layout {
    fn frame_bytes(self) -> u64 {
        u64::from(self.channels.max(1)) * u64::from(self.format.bytes())
    }

    /// The size of the file after its first eight bytes, and that of the samples.
    fn sizes(self, frames: u64) -> (u64, u64) {
        let data = frames.saturating_mul(self.frame_bytes());
        let room = if self.roomy { ROOM_BYTES } else { 0 };
        (data.saturating_add(HEADER_BYTES - 8 + room), data)
    }

    fn fits(self, frames: u64) -> bool {
        // The size that is all ones has a meaning of its own.
        self.sizes(frames).0 < u64::from(ELSEWHERE)
    }

    /// Everything before the samples.
    fn header(self, frames: Option<u64>) -> Vec<u8> {
        let tag: u16 = match self.format {
            WavFormat::Int16 => 1,
            WavFormat::Float32 => 3,
        };
        let known = frames.filter(|frames| self.fits(*frames));
        let small = |size: u64| u32::try_from(size).unwrap_or(ELSEWHERE).to_le_bytes();
        let (riff, data) = known.map_or((ELSEWHERE.into(), ELSEWHERE.into()), |frames| self.sizes(frames));
        let large = if known.is_none() && self.roomy { frames } else { None };
        let mut head = Vec::with_capacity((HEADER_BYTES + ROOM_BYTES) as usize);
        head.extend(if large.is_some() { b"RF64" } else { b"RIFF" });
        head.extend(small(riff));
        head.extend(b"WAVE");
        if self.roomy {
            let (riff, data) = large.map_or((0, 0), |frames| self.sizes(frames));
            head.extend(if large.is_some() { b"ds64" } else { b"JUNK" });
            head.extend(28_u32.to_le_bytes());
            head.extend([riff, data, large.unwrap_or(0)].map(u64::to_le_bytes).as_flattened());
            head.extend([0; 4]);
        }
        let frame_bytes = self.channels.saturating_mul(self.format.bytes());
        head.extend(b"fmt ");
        head.extend(18_u32.to_le_bytes());
        head.extend(tag.to_le_bytes());
        head.extend(self.channels.to_le_bytes());
        head.extend(self.sample_rate.to_le_bytes());
        head.extend(self.sample_rate.saturating_mul(u32::from(frame_bytes)).to_le_bytes());
        head.extend(frame_bytes.to_le_bytes());
        head.extend((self.format.bytes() * 8).to_le_bytes());
        head.extend([0, 0]);
        head.extend(b"fact\x04\0\0\0");
        head.extend(small(known.unwrap_or(ELSEWHERE.into())));
        head.extend(b"data");
        head.extend(small(data));
        head
    }
}

impl<W: Write + Seek> WavWriter<W> {
    /// A file that is not begun yet.
    pub fn new(out: W, format: WavFormat, sample_rate: u32, channels: u16, frames: Frames) -> Self {
        let mut layout = Layout {
            format,
            sample_rate,
            channels,
            roomy: false,
        };
        layout.roomy = !layout.fits(frames.most);
        Self {
            out,
            layout,
            expected: frames.expected,
            begun: false,
            samples: 0,
            buffer: Vec::new(),
        }
    }

    /// Appends interleaved samples; outside −1 to 1 the integers are cut off.
    pub fn write(&mut self, samples: &[f32]) -> io::Result<()> {
        self.begin()?;
        self.buffer.clear();
        match self.layout.format {
            WavFormat::Int16 => self.buffer.extend(samples.iter().flat_map(|sample| {
                // The decoder divides by 32768; rounding gives the very integer back.
                ((sample * 32_768.0).round() as i16).to_le_bytes()
            })),
            WavFormat::Float32 => self
                .buffer
                .extend(samples.iter().flat_map(|sample| sample.to_le_bytes())),
        }
        self.samples += samples.len() as u64;
        self.out.write_all(&self.buffer)
    }

    /// Puts the sizes right, if they are not. Where one cannot go back, in a pipe, they stay as they are: whoever reads
    /// it sees the end.
    pub fn finish(mut self) -> io::Result<W> {
        self.begin()?;
        let frames = self.samples / u64::from(self.layout.channels.max(1));
        if self.expected != Some(frames) {
            if !self.layout.roomy && !self.layout.fits(frames) {
                let why = "a WAV file that was to be shorter holds at most 4 GiB";
                return Err(io::Error::new(io::ErrorKind::FileTooLarge, why));
            }
            match self.out.seek(SeekFrom::Start(0)) {
                Ok(_) => self.out.write_all(&self.layout.header(Some(frames)))?,
                Err(error) if error.kind() == io::ErrorKind::NotSeekable => {}
                Err(error) => return Err(error),
            }
        }
        self.out.flush()?;
        Ok(self.out)
    }

    fn begin(&mut self) -> io::Result<()> {
        if self.begun {
            return Ok(());
        }
        self.begun = true;
        self.out.write_all(&self.layout.header(self.expected))
    }
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use super::*;

    const HOUR: u64 = 3_600 * 48_000;

    fn writer(expected: Option<u64>, most: u64) -> WavWriter<Cursor<Vec<u8>>> {
        let frames = Frames { expected, most };
        WavWriter::new(Cursor::default(), WavFormat::Float32, 48_000, 2, frames)
    }

    fn number(bytes: &[u8]) -> u64 {
        bytes.iter().rev().fold(0, |sum, byte| sum << 8 | u64::from(*byte))
    }

    #[test]
    fn what_is_beyond_four_gigabytes_is_rf64() {
        let bytes = writer(Some(5 * HOUR), 5 * HOUR);
        let head = bytes.layout.header(bytes.expected);
        assert_eq!(head.len() as u64, HEADER_BYTES + ROOM_BYTES);
        assert_eq!(
            (&head[..8], &head[8..16]),
            (&b"RF64\xff\xff\xff\xff"[..], &b"WAVEds64"[..])
        );
        assert_eq!(number(&head[20..28]), 5 * HOUR * 8 + head.len() as u64 - 8);
        assert_eq!((number(&head[28..36]), number(&head[36..44])), (5 * HOUR * 8, 5 * HOUR));
        assert_eq!(head[head.len() - 8..], *b"data\xff\xff\xff\xff");
    }

    #[test]
    fn what_could_have_been_longer_is_a_usual_file_with_an_empty_chunk() {
        let mut wav = writer(None, 5 * HOUR);
        wav.write(&[0.5; 20]).unwrap();
        let bytes = wav.finish().unwrap().into_inner();
        assert_eq!((&bytes[..4], &bytes[8..16]), (&b"RIFF"[..], &b"WAVEJUNK"[..]));
        assert_eq!(number(&bytes[4..8]), bytes.len() as u64 - 8);
        let data = bytes.len() - 80;
        assert_eq!(bytes[data - 8..data - 4], *b"data");
        assert_eq!(number(&bytes[data - 4..data]), 80);
    }

    #[test]
    fn what_was_expected_needs_no_second_look() {
        let mut wav = writer(Some(10), 10);
        wav.write(&[0.5; 20]).unwrap();
        let before = wav.out.get_ref().clone();
        assert_eq!(wav.finish().unwrap().into_inner(), before);
    }
}
