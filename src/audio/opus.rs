//! Opus, decoded by libopus: symphonia has no decoder for it.
//!
//! One multistream decoder serves every recording: mapping family 0 is one stream, mono or stereo; family 1 is up to
//! eight channels in Vorbis' order, put here into symphonia's. It always gives 48 kHz. What comes before the
//! recording's first sample (the pre-skip) comes out like everything else; the container takes it off.

use std::fmt;
use std::sync::Mutex;

use opus::MSDecoder;
use symphonia::core::audio::{
    AsGenericAudioBufferRef, AudioBuffer, AudioMut, AudioSpec, Channels, GenericAudioBufferRef, Position,
};
use symphonia::core::codecs::CodecInfo;
use symphonia::core::codecs::audio::well_known::CODEC_ID_OPUS;
use symphonia::core::codecs::audio::{AudioCodecParameters, AudioDecoder, AudioDecoderOptions, FinalizeResult};
use symphonia::core::codecs::registry::{RegisterableAudioDecoder, SupportedAudioCodec};
use symphonia::core::errors::{Result, decode_error, unsupported_error};
use symphonia::core::packet::PacketRef;

/// Frames a second, whatever the container says.
const RATE: u32 = 48_000;
/// The longest packet, 120 ms.
const MOST_FRAMES: usize = 5_760;
/// What a lost packet stands for before any was decoded, 20 ms.
const USUAL_FRAMES: usize = 960;

/// Decodes Opus for symphonia.
pub(super) struct OpusDecoder {
    parameters: AudioCodecParameters,
    /// Never locked: symphonia wants a decoder to be `Sync`, and libopus' is only `Send`.
    decoder: Mutex<MSDecoder>,
    channels: usize,
    /// Frames of the last good packet.
    last_frames: usize,
    samples: Vec<f32>,
    buffer: AudioBuffer<f32>,
}

impl OpusDecoder {
    fn new(parameters: &AudioCodecParameters) -> Result<Self> {
        let head = match parameters.extra_data.as_deref() {
            Some(head) if head.starts_with(MAGIC) => Head::read(head),
            _ => Head::plain(parameters.channels.as_ref().map_or(2, Channels::count)),
        };
        let Some(head) = head else {
            return unsupported_error("Opus with channels in an order of its own");
        };
        let Ok(mut decoder) = MSDecoder::new(RATE, head.streams, head.coupled, &head.mapping) else {
            return unsupported_error("Opus with channels that libopus does not take");
        };
        if decoder.set_gain(i32::from(head.gain)).is_err() {
            return decode_error("the gain of the Opus stream is out of bounds");
        }
        let mut parameters = parameters.clone();
        let channels = head.mapping.len();
        parameters.with_sample_rate(RATE).with_channels(layout(channels));
        Ok(Self {
            parameters,
            decoder: Mutex::new(decoder),
            channels,
            last_frames: USUAL_FRAMES,
            samples: vec![0.0; MOST_FRAMES * channels],
            buffer: AudioBuffer::new(AudioSpec::new(RATE, layout(channels)), MOST_FRAMES),
        })
    }
}

impl AudioDecoder for OpusDecoder {
    fn reset(&mut self) {
        let decoder = self
            .decoder
            .get_mut()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        if let Err(error) = decoder.reset_state() {
            log::warn!("libopus cannot forget what it heard: {error}");
        }
        self.buffer.clear();
    }

    fn codec_info(&self) -> &CodecInfo {
        &SUPPORTED.info
    }

    fn codec_params(&self) -> &AudioCodecParameters {
        &self.parameters
    }

    fn decode_ref(&mut self, packet: &PacketRef<'_>) -> Result<GenericAudioBufferRef<'_>> {
        self.buffer.clear();
        // An empty packet is a lost one: libopus then fills the room it is given.
        let room = if packet.data.is_empty() {
            self.last_frames
        } else {
            MOST_FRAMES
        };
        let decoder = self
            .decoder
            .get_mut()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        let samples = self.samples.get_mut(..room * self.channels).unwrap_or_default();
        let Ok(frames) = decoder.decode_float(packet.data, samples, false) else {
            return decode_error("a broken packet of Opus");
        };
        let samples = samples.get_mut(..frames * self.channels).unwrap_or_default();
        for sample in &mut *samples {
            // A broken packet can come out a million times too loud.
            *sample = if sample.is_finite() {
                sample.clamp(-1.0, 1.0)
            } else {
                0.0
            };
        }
        self.last_frames = frames;
        self.buffer.render_uninit(Some(frames));
        self.buffer.copy_from_slice_interleaved(&&*samples);
        Ok(self.buffer.as_generic_audio_buffer_ref())
    }

    fn finalize(&mut self) -> FinalizeResult {
        FinalizeResult::default()
    }

    fn last_decoded(&self) -> GenericAudioBufferRef<'_> {
        self.buffer.as_generic_audio_buffer_ref()
    }
}

impl RegisterableAudioDecoder for OpusDecoder {
    fn try_registry_new(
        parameters: &AudioCodecParameters,
        _options: &AudioDecoderOptions,
    ) -> Result<Box<dyn AudioDecoder>> {
        Ok(Box::new(Self::new(parameters)?))
    }

    fn supported_codecs() -> &'static [SupportedAudioCodec] {
        std::slice::from_ref(&SUPPORTED)
    }
}

impl fmt::Debug for OpusDecoder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OpusDecoder").finish_non_exhaustive()
    }
}

static SUPPORTED: SupportedAudioCodec = SupportedAudioCodec {
    id: CODEC_ID_OPUS,
    info: CodecInfo {
        short_name: "opus",
        long_name: "Opus",
        profiles: &[],
    },
};

const MAGIC: &[u8] = b"OpusHead";

/// The identification header (RFC 7845 §5.1).
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Head {
    /// How many frames come before the recording's first.
    pub pre_skip: u16,
    /// In 256ths of a decibel.
    gain: i16,
    streams: u8,
    coupled: u8,
    /// For each channel in symphonia's order, which of those decoded it is.
    mapping: Vec<u8>,
}

impl Head {
    /// That of a stream without one.
    fn plain(channels: usize) -> Option<Self> {
        let (coupled, mapping) = match channels {
            1 => (0, vec![0]),
            2 => (1, vec![0, 1]),
            _ => return None,
        };
        Some(Self {
            pre_skip: 0,
            gain: 0,
            streams: 1,
            coupled,
            mapping,
        })
    }

    /// Reads it; `None` for channels in an order that is not known, and for versions to come.
    pub fn read(bytes: &[u8]) -> Option<Self> {
        let head = bytes.strip_prefix(MAGIC)?;
        let (&[version, channels, s0, s1, _, _, _, _, g0, g1, family], table) = head.split_first_chunk::<11>()?;
        if version > 15 {
            return None;
        }
        // Symphonia gives the box of MP4 in this form, whose version is 0 and whose numbers have their highest byte first.
        let (pre_skip, gain) = if version == 0 {
            (u16::from_be_bytes([s0, s1]), i16::from_be_bytes([g0, g1]))
        } else {
            (u16::from_le_bytes([s0, s1]), i16::from_le_bytes([g0, g1]))
        };
        let plain = match family {
            0 => Self::plain(usize::from(channels))?,
            1 => Self::of_vorbis_order(usize::from(channels), table)?,
            _ => return None,
        };
        Some(Self {
            pre_skip,
            gain,
            ..plain
        })
    }

    fn of_vorbis_order(channels: usize, table: &[u8]) -> Option<Self> {
        let (&[streams, coupled], table) = table.split_first_chunk::<2>()?;
        let decoded = u16::from(streams) + u16::from(coupled);
        let order = vorbis_order(channels)?;
        let mapping: Option<Vec<u8>> = order.iter().map(|&place| table.get(place).copied()).collect();
        let mapping = mapping.filter(|mapping| {
            mapping
                .iter()
                .all(|&channel| channel == u8::MAX || u16::from(channel) < decoded)
        })?;
        let is_possible = streams > 0 && coupled <= streams && decoded <= 255;
        is_possible.then_some(Self {
            pre_skip: 0,
            gain: 0,
            streams,
            coupled,
            mapping,
        })
    }
}

/// For each channel in symphonia's order, that of the bits of [`Position`], its place in Vorbis' (Vorbis I §4.3.9).
fn vorbis_order(channels: usize) -> Option<&'static [usize]> {
    Some(match channels {
        1 => &[0],
        2 => &[0, 1],
        3 => &[0, 2, 1],
        4 => &[0, 1, 2, 3],
        5 => &[0, 2, 1, 3, 4],
        6 => &[0, 2, 1, 5, 3, 4],
        7 => &[0, 2, 1, 6, 5, 3, 4],
        8 => &[0, 2, 1, 7, 5, 6, 3, 4],
        _ => return None,
    })
}

fn layout(channels: usize) -> Channels {
    let front = Position::FRONT_LEFT | Position::FRONT_RIGHT;
    let rear = Position::REAR_LEFT | Position::REAR_RIGHT;
    let side = Position::SIDE_LEFT | Position::SIDE_RIGHT;
    let centre = Position::FRONT_CENTER;
    Channels::Positioned(match channels {
        1 => Position::FRONT_LEFT,
        2 => front,
        3 => front | centre,
        4 => front | rear,
        5 => front | centre | rear,
        6 => front | centre | rear | Position::LFE1,
        7 => front | centre | side | Position::REAR_CENTER | Position::LFE1,
        _ => front | centre | side | rear | Position::LFE1,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn heads_are_read_in_both_byte_orders() {
        let ogg = Head::read(b"OpusHead\x01\x02\x38\x01\x80\xbb\0\0\x00\x01\0").unwrap();
        assert_eq!((ogg.pre_skip, ogg.gain, ogg.coupled), (312, 256, 1));
        let mp4 = Head::read(b"OpusHead\x00\x02\x01\x38\0\0\xbb\x80\x01\x00\0").unwrap();
        assert_eq!(mp4, ogg);
    }

    #[test]
    fn six_channels_come_in_symphonias_order() {
        let six = Head::read(b"OpusHead\x01\x06\x38\x01\x80\xbb\0\0\0\0\x01\x04\x02\0\x04\x01\x02\x03\x05").unwrap();
        assert_eq!((six.streams, six.coupled, six.mapping), (4, 2, vec![0, 1, 4, 5, 2, 3]));
    }

    #[test]
    fn what_contradicts_itself_is_refused() {
        for head in [
            &b"OpusHead"[..],
            b"OpusHead\x10\x02\x38\x01\x80\xbb\0\0\0\0\0",
            b"OpusHead\x01\x03\x38\x01\x80\xbb\0\0\0\0\0",
            b"OpusHead\x01\x02\x38\x01\x80\xbb\0\0\0\0\x01\0\0\0\0",
            b"OpusHead\x01\x02\x38\x01\x80\xbb\0\0\0\0\x01\x01\x02\0\x01",
            b"OpusHead\x01\x02\x38\x01\x80\xbb\0\0\0\0\x01\x01\x01\0\x05",
            b"OpusHead\x01\x02\x38\x01\x80\xbb\0\0\0\0\xff\x01\x01\0\x01",
        ] {
            assert_eq!(Head::read(head), None, "{head:?}");
        }
    }
}
