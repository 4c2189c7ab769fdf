//! A recording that is frames and nothing else, MP3 or AAC in ADTS, decoded from any sample on through the frame index.
//!
//! A Layer III frame leans on what came before it in two ways: its bits may begin up to 511 bytes earlier (the bit
//! reservoir), and its sound overlaps that of the two granules before. A seek therefore decodes a few frames ahead of
//! the target and throws them away; from the target on the samples are the same as if all had been decoded.

use std::io;

use symphonia::core::codecs::audio::well_known::{CODEC_ID_AAC, CODEC_ID_MP3};
use symphonia::core::codecs::audio::{AudioCodecParameters, AudioDecoder, AudioDecoderOptions};
use symphonia::core::errors::Error;
use symphonia::core::packet::PacketRef;
use symphonia::core::units::{Duration, Timestamp};

use super::bytes::Window;
use super::frame_index::{Coding, FrameHeader, FrameIndex, next_frame};
use super::{AudioError, AudioSource};

/// Bytes read at once while decoding.
const READ_BYTES: usize = 64 * 1024;
/// Frames that are put into the index at a time while there is nothing else to do: about a millisecond's work.
const SLICE_FRAMES: u64 = 8192;
/// Frames before the target whose sound reaches into it, at one granule a frame: overlap, and the filter bank's memory.
const OVERLAP_FRAMES: u64 = 2;

/// Such a recording being decoded.
pub(super) struct Framed {
    source: AudioSource,
    window: Window,
    index: FrameIndex,
    decoder: Box<dyn AudioDecoder>,
    decoder_channels: u16,
    /// The number of the next frame and where to look for it.
    next: (u64, u64),
}

impl Framed {
    /// Opens it, or `None` if it is something else.
    pub fn open(source: &AudioSource) -> Result<Option<Self>, AudioError> {
        let open = || -> io::Result<Option<(Window, FrameIndex)>> {
            let Some(index) = FrameIndex::open(source)? else {
                return Ok(None);
            };
            Ok(Some((Window::open(source, READ_BYTES)?, index)))
        };
        let Some((window, index)) = open().map_err(|error| AudioError::io(source, &error))? else {
            return Ok(None);
        };
        let decoder = new_decoder(&index.first()).map_err(|error| super::container::decode_error(source, error))?;
        let next = index.at_or_before(0);
        let decoder_channels = index.first().channels;
        Ok(Some(Self {
            source: source.clone(),
            window,
            index,
            decoder,
            decoder_channels,
            next,
        }))
    }

    /// The index, as far as it is built.
    pub fn index(&self) -> &FrameIndex {
        &self.index
    }

    /// Puts a complete index in the place of one that is not.
    pub fn take_index(&mut self, index: FrameIndex) {
        self.index = index;
    }

    /// Builds the index to the end, which makes the length true.
    pub fn scan_all(&mut self) -> Result<(), AudioError> {
        self.index
            .scan_until(&self.source, u64::MAX)
            .map_err(|error| AudioError::io(&self.source, &error))
    }

    /// Builds the index a little further; `false` when it is complete.
    pub fn scan_some(&mut self) -> Result<bool, AudioError> {
        let further = self.index.frames().saturating_add(SLICE_FRAMES);
        self.index
            .scan_until(&self.source, further)
            .map_err(|error| AudioError::io(&self.source, &error))?;
        Ok(!self.index.is_complete())
    }

    /// Makes the next decoded frame the one that holds this sample (counted from the recording's first), and tells
    /// which sample it begins with; negative before the recording's first.
    pub fn seek(&mut self, sample: u64) -> Result<i64, AudioError> {
        self.try_seek(sample)
            .map_err(|error| AudioError::io(&self.source, &error))
    }

    fn try_seek(&mut self, sample: u64) -> io::Result<i64> {
        let per_frame = u64::from(self.index.first().samples);
        let mut target = sample.saturating_add(self.index.delay()) / per_frame;
        self.index.scan_until(&self.source, target)?;
        target = target.min(self.index.frames());
        let frames = self.frames_before(target)?;
        let from = run_up(&frames, target);
        self.next = frames
            .get(from)
            .map_or((target, self.index.end()), |frame| (frame.number, frame.offset));
        self.decoder.reset();
        let mut thrown_away = Vec::new();
        while self.next.0 < target && self.decode(&mut thrown_away)?.is_some() {}
        Ok(self.first_sample(self.next.0))
    }

    /// Decodes the next frame into `out` (interleaved, in the recording's number of channels) and tells the sample it
    /// begins with. A damaged frame is silence of the same length. `None` at the end.
    pub fn next(&mut self, out: &mut Vec<f32>) -> Result<Option<i64>, AudioError> {
        let number = self.next.0;
        let more = self.decode(out).map_err(|error| AudioError::io(&self.source, &error))?;
        Ok(more.map(|()| self.first_sample(number)))
    }

    fn first_sample(&self, frame: u64) -> i64 {
        (frame * u64::from(self.index.first().samples)) as i64 - self.index.delay() as i64
    }

    fn decode(&mut self, out: &mut Vec<f32>) -> io::Result<Option<()>> {
        let first = self.index.first();
        let Some((offset, header)) = next_frame(&mut self.window, self.next.1, self.index.end(), &first)? else {
            return Ok(None);
        };
        self.next = (self.next.0 + 1, offset + u64::from(header.bytes));
        if header.channels != self.decoder_channels
            && let Ok(decoder) = new_decoder(&header)
        {
            // The decoder refuses a stream that goes from stereo to mono or back.
            self.decoder = decoder;
            self.decoder_channels = header.channels;
        }
        // What decodes AAC is given the frame without its header.
        let skip = match header.coding {
            Coding::Mp3 => 0,
            Coding::Adts { .. } => header.body(),
        };
        let data = self
            .window
            .at(offset + u64::from(skip), (header.bytes - skip) as usize)?;
        let packet = PacketRef::new(0, Timestamp::ZERO, Duration::from(u64::from(header.samples)), data);
        match self.decoder.decode_ref(&packet) {
            Ok(buffer) => buffer.copy_to_vec_interleaved(out),
            Err(_) => out.clear(),
        }
        match_channels(out, header.channels, first.channels);
        out.resize(first.samples as usize * usize::from(first.channels), 0.0);
        Ok(Some(()))
    }

    /// The frames from a kept offset to `target`, that one included, with enough before it to run up.
    fn frames_before(&mut self, target: u64) -> io::Result<Vec<Frame>> {
        let first = self.index.first();
        let mut start = target.saturating_sub(OVERLAP_FRAMES + 8);
        loop {
            let (mut number, mut at) = self.index.at_or_before(start);
            let begins_with = number;
            let mut frames = Vec::with_capacity(48);
            while number <= target {
                let Some((offset, header)) = next_frame(&mut self.window, at, self.index.end(), &first)? else {
                    break;
                };
                let side = self
                    .window
                    .at(offset + u64::from(header.body() - header.side_info), 2)?;
                frames.push(Frame::new(number, offset, &header, side));
                number += 1;
                at = offset + u64::from(header.bytes);
            }
            let enough = run_up(&frames, target) > 0;
            if enough || begins_with == 0 {
                return Ok(frames);
            }
            start = begins_with.saturating_sub(1);
        }
    }
}

/// What a frame needs of those before it, and gives to those after.
struct Frame {
    number: u64,
    offset: u64,
    main_data: u32,
    reaches_back: u32,
}

impl Frame {
    fn new(number: u64, offset: u64, header: &FrameHeader, side: &[u8]) -> Self {
        let reaches_back = match *side {
            _ if header.coding != Coding::Mp3 => 0,
            [a, b] if header.samples == 1152 => u32::from(a) << 1 | u32::from(b) >> 7,
            [a, ..] => u32::from(a),
            [] => 0,
        };
        Self {
            number,
            offset,
            main_data: header.bytes.saturating_sub(header.body()),
            reaches_back,
        }
    }
}

/// The frame to begin decoding with so that `target` comes out right; 0 also when there are not enough before it.
fn run_up(frames: &[Frame], target: u64) -> usize {
    let Some(at) = frames.iter().position(|frame| frame.number == target) else {
        return frames.len();
    };
    let overlap = at.saturating_sub(OVERLAP_FRAMES as usize);
    let mut begin = overlap;
    for needy in overlap..=at {
        let reach = frames.get(needy).map_or(0, |frame| frame.reaches_back);
        let mut from = needy;
        let mut held = 0;
        while held < reach && from > 0 {
            from -= 1;
            held += frames.get(from).map_or(0, |frame| frame.main_data);
        }
        begin = begin.min(from);
    }
    begin
}

fn new_decoder(header: &FrameHeader) -> Result<Box<dyn AudioDecoder>, Error> {
    let mut parameters = AudioCodecParameters::new();
    match header.coding {
        Coding::Mp3 => {
            parameters.for_codec(CODEC_ID_MP3);
        }
        Coding::Adts { rate } => {
            // What MP4 would say of it (ISO 14496-3 §1.6.2.1): object type, rate, channels.
            const LOW_COMPLEXITY: u8 = 2;
            let channels = header.channels as u8;
            let config = [LOW_COMPLEXITY << 3 | rate >> 1, rate << 7 | channels << 3];
            parameters.for_codec(CODEC_ID_AAC).with_extra_data(Box::new(config));
        }
    }
    let options = AudioDecoderOptions::default().gapless(false);
    symphonia::default::get_codecs().make_audio_decoder(&parameters, &options)
}

/// Turns interleaved mono into stereo or back.
fn match_channels(samples: &mut Vec<f32>, from: u16, to: u16) {
    match (from, to) {
        (1, 2) => *samples = samples.iter().flat_map(|&sample| [sample, sample]).collect(),
        (2, 1) => *samples = samples.chunks(2).map(|pair| pair.iter().sum::<f32>() / 2.0).collect(),
        _ => {}
    }
}
