//! WAV files written: sixteen bits or floats, the sizes filled in at the end.
//! Layout: "Multimedia Programming Interface and Data Specifications 1.0" (RIFF), and Microsoft's note on `fact`.

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

/// Writes a WAV file. Call [`WavWriter::finish`] at the end, or the file says that it is empty.
pub(super) struct WavWriter<W: Write + Seek> {
    out: W,
    format: WavFormat,
    channels: u16,
    samples: u64,
    buffer: Vec<u8>,
}

/// The bytes before the samples: RIFF and WAVE, `fmt `, `fact`, and the head of `data`.
const HEADER_BYTES: u64 = 12 + 26 + 12 + 8;

impl<W: Write + Seek> WavWriter<W> {
    /// Begins a file.
    pub fn new(mut out: W, format: WavFormat, sample_rate: u32, channels: u16) -> io::Result<Self> {
        let frame_bytes = channels * format.bytes();
        let tag: u16 = match format {
            WavFormat::Int16 => 1,
            WavFormat::Float32 => 3,
        };
        let mut head = Vec::with_capacity(HEADER_BYTES as usize);
        head.extend(b"RIFF\0\0\0\0WAVEfmt ");
        head.extend(18_u32.to_le_bytes());
        head.extend(tag.to_le_bytes());
        head.extend(channels.to_le_bytes());
        head.extend(sample_rate.to_le_bytes());
        head.extend(sample_rate.saturating_mul(u32::from(frame_bytes)).to_le_bytes());
        head.extend(frame_bytes.to_le_bytes());
        head.extend((format.bytes() * 8).to_le_bytes());
        head.extend([0, 0]);
        head.extend(b"fact\x04\0\0\0\0\0\0\0data\0\0\0\0");
        out.write_all(&head)?;
        Ok(Self {
            out,
            format,
            channels,
            samples: 0,
            buffer: Vec::new(),
        })
    }

    /// Appends interleaved samples; outside −1 to 1 the integers are cut off.
    pub fn write(&mut self, samples: &[f32]) -> io::Result<()> {
        self.buffer.clear();
        match self.format {
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

    /// Fills in the sizes. A file beyond 4 GiB is an error: its header could not tell its length.
    pub fn finish(mut self) -> io::Result<W> {
        let data = self.samples * u64::from(self.format.bytes());
        let too_long = || io::Error::new(io::ErrorKind::FileTooLarge, "a WAV file holds at most 4 GiB");
        let riff = u32::try_from(HEADER_BYTES - 8 + data).map_err(|_| too_long())?;
        let frames = self.samples / u64::from(self.channels.max(1));
        for (at, size) in [(4, riff), (46, frames as u32), (54, data as u32)] {
            self.out.seek(SeekFrom::Start(at))?;
            self.out.write_all(&size.to_le_bytes())?;
        }
        self.out.flush()?;
        Ok(self.out)
    }
}
