//! Where packets of sound can begin, in containers whose clock is too coarse to say it.
//!
//! Matroska counts in whole milliseconds, 44 or 48 samples long. But packets hold as many samples as their codec makes
//! of one, so they begin on multiples of that number: the one nearest to the time stamp is the true place.

use symphonia::core::codecs::audio::AudioCodecParameters;
use symphonia::core::codecs::audio::well_known as known;

use super::opus::Head;

/// The places, in frames.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Grid {
    step: u32,
    /// How far before the recording's zero the first place lies: what the encoder put before the sound.
    before: u32,
}

impl Grid {
    /// That of a codec and the first packet of a stream; none where packets may hold anything.
    pub fn of(parameters: &AudioCodecParameters, sample_rate: u32, first_packet: &[u8]) -> Option<Self> {
        let extra = parameters.extra_data.as_deref().unwrap_or_default();
        let (step, before) = match parameters.codec {
            known::CODEC_ID_AAC => (1024, 0),
            known::CODEC_ID_MP3 if sample_rate < 32_000 => (576, 0),
            known::CODEC_ID_MP2 | known::CODEC_ID_MP3 => (1152, 0),
            known::CODEC_ID_MP1 => (384, 0),
            // Encoders keep to one length.
            known::CODEC_ID_OPUS => (opus_frames(first_packet)?, u32::from(Head::read(extra)?.pre_skip)),
            // Half of one block and half of the next, divided by two: multiples of a quarter of the short one.
            known::CODEC_ID_VORBIS => (vorbis_short_block(extra)? / 4, 0),
            known::CODEC_ID_FLAC => {
                let [a, b, c, d] = *extra.first_chunk::<4>()?;
                let (least, most) = (u16::from_be_bytes([a, b]), u16::from_be_bytes([c, d]));
                ((least == most).then_some(u32::from(least))?, 0)
            }
            known::CODEC_ID_ALAC => (u32::from_be_bytes(*extra.first_chunk::<4>()?), 0),
            // As many as the first packet, whose bytes tell.
            _ if is_pcm(parameters) => {
                let bytes = parameters.bits_per_sample? / 8 * parameters.channels.as_ref()?.count() as u32;
                ((first_packet.len() as u32).checked_div(bytes)?, 0)
            }
            _ => return None,
        };
        // A step no longer than a tick would not tell one place from the next.
        (step >= sample_rate / 1000).then_some(Self { step, before })
    }

    /// The same where time stamps count from the first packet.
    pub fn counted_from_zero(self) -> Self {
        Self { before: 0, ..self }
    }

    /// The end of the packet that begins, with what the encoder put before the recording, nearest to a frame.
    pub fn end_of(self, frame: i128) -> u64 {
        let begins = self.nearest(frame - i128::from(self.before));
        u64::try_from(begins + i128::from(self.step)).unwrap_or(0)
    }

    /// The place nearest to a frame.
    pub fn nearest(self, frame: i128) -> i128 {
        let (step, before) = (i128::from(self.step), i128::from(self.before));
        (frame + before + step / 2).div_euclid(step) * step - before
    }
}

fn is_pcm(parameters: &AudioCodecParameters) -> bool {
    matches!(
        parameters.codec,
        known::CODEC_ID_PCM_S16LE
            | known::CODEC_ID_PCM_S16BE
            | known::CODEC_ID_PCM_S24LE
            | known::CODEC_ID_PCM_S24BE
            | known::CODEC_ID_PCM_S32LE
            | known::CODEC_ID_PCM_S32BE
            | known::CODEC_ID_PCM_F32LE
            | known::CODEC_ID_PCM_F64LE
            | known::CODEC_ID_PCM_U8
    )
}

/// The length of a short block, from the identification header (Vorbis I specification §4.2.2).
fn vorbis_short_block(extra: &[u8]) -> Option<u32> {
    const HEADER: &[u8] = b"\x01vorbis";
    const BLOCK_SIZES: usize = 28;
    let at = extra.windows(HEADER.len()).take(64).position(|bytes| bytes == HEADER)?;
    let exponent = extra.get(at + BLOCK_SIZES)? & 15;
    (6..=13).contains(&exponent).then(|| 1 << exponent)
}

/// How many samples an Opus packet holds, at 48 kHz (RFC 6716 §3.1 and §3.2).
fn opus_frames(packet: &[u8]) -> Option<u32> {
    let head = *packet.first()?;
    let of_one = match head >> 3 {
        silk @ 0..12 => [480, 960, 1920, 2880].get(usize::from(silk & 3)),
        hybrid @ 12..16 => [480, 960].get(usize::from(hybrid & 1)),
        celt => [120, 240, 480, 960].get(usize::from(celt & 3)),
    };
    let count = match head & 3 {
        0 => 1,
        1 | 2 => 2,
        _ => u32::from(packet.get(1)? & 63),
    };
    Some(of_one? * count)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn milliseconds_lead_to_the_sample() {
        let mut aac = AudioCodecParameters::new();
        aac.for_codec(known::CODEC_ID_AAC);
        let grid = Grid::of(&aac, 44_100, &[]).unwrap();
        for packet in 0..5_000_i128 {
            let millis = (packet * 1024 * 1000 + 22_050) / 44_100;
            let told = (millis * 44_100 + 500) / 1000;
            assert_eq!(grid.nearest(told), packet * 1024);
        }
    }

    #[test]
    fn opus_begins_before_zero() {
        let mut opus = AudioCodecParameters::new();
        let head: &[u8] = b"OpusHead\x01\x02\x38\x01\x80\xbb\0\0\0\0\0";
        opus.for_codec(known::CODEC_ID_OPUS).with_extra_data(head.into());
        // Twenty milliseconds in one frame of CELT.
        let grid = Grid::of(&opus, 48_000, &[31 << 3]).unwrap();
        for (millis, frame) in [(-6, -312), (15, 960 - 312), (35, 2 * 960 - 312)] {
            assert_eq!(grid.nearest(millis * 48), frame);
        }
    }
}
