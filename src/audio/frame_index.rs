//! Where each frame of an MP3, or of AAC in ADTS, begins.
//!
//! Neither has an index of its own: a frame says how long it is, so the only true way to the frame at an instant leads
//! through all the headers before it. They are read once, forward, as far as a seek needs; every 32nd offset is kept.
//! Walking them to the end gives the true length, which no header of a variable-rate file promises.
//! Layout: ISO 11172-3 §2.4.1 and 13818-3; for ADTS ISO 14496-3 §1.A.2.2; the Xing/Info and LAME tags as LAME writes them; VBRI as Fraunhofer does.

use std::io;
use std::path::Path;

use super::AudioSource;
use super::bytes::Window;
use super::cache::{self, content_key};

/// Every how many frames an offset is kept.
const STRIDE: u64 = 32;
/// Read this much at once while scanning.
const SCAN_BYTES: usize = 1 << 20;
/// How far into a file the first frame is looked for, after the ID3 tag.
const SEARCH_BYTES: u64 = 256 * 1024;
/// Files up to this size are scanned when they are opened: it takes a few milliseconds and makes the length true.
const SCAN_AT_ONCE: u64 = 16 << 20;
/// What a decoder adds before the first sample: LAME and FFmpeg count 528 + 1 on top of the encoder's own delay.
const DECODER_DELAY: u32 = 529;

/// How the index is kept: its first bytes, the last one the version, and the ending of its name.
const MAGIC: cache::Magic = *b"EMindex\x01";
const KIND: &str = "index";
/// A header is no longer than this; that of an MP3 is shorter.
const HEADER_BYTES: usize = 7;

/// How frames are coded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Coding {
    /// MPEG audio, layer III.
    Mp3,
    /// AAC-LC in ADTS, with the number of its sample rate in the table.
    Adts {
        /// The place of the sample rate in the table of rates.
        rate: u8,
    },
}

/// What one frame header tells (ISO 11172-3 §2.4.2.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct FrameHeader {
    /// How it is coded.
    pub coding: Coding,
    /// Samples a second.
    pub sample_rate: u32,
    /// 1 or 2.
    pub channels: u16,
    /// Samples of each channel: 1152, or 576 at the low sampling rates; 1024 in AAC.
    pub samples: u32,
    /// The whole frame with its header.
    pub bytes: u32,
    /// The side information after header and checksum.
    pub side_info: u32,
    /// Whether a checksum of two bytes follows the header.
    pub checksum: bool,
}

impl FrameHeader {
    /// Reads a header; anything but Layer III and AAC-LC, free format too, is `None`.
    pub fn parse(bytes: &[u8]) -> Option<Self> {
        Self::parse_mp3(bytes).or_else(|| Self::parse_adts(bytes))
    }

    /// AAC-LC of one or two channels, one block in a frame, which is how everybody writes it.
    fn parse_adts(bytes: &[u8]) -> Option<Self> {
        const LOW_COMPLEXITY: u8 = 1;
        const RATES: [u32; 13] = [
            96_000, 88_200, 64_000, 48_000, 44_100, 32_000, 24_000, 22_050, 16_000, 12_000, 11_025, 8_000, 7_350,
        ];
        let &[b0, b1, b2, b3, b4, b5, b6] = bytes.first_chunk::<HEADER_BYTES>()?;
        if b0 != 0xff || b1 & 0xf6 != 0xf0 || b2 >> 6 != LOW_COMPLEXITY || b6 & 3 != 0 {
            return None;
        }
        let rate = b2 >> 2 & 15;
        let channels = u16::from((b2 & 1) << 2 | b3 >> 6);
        let bytes = u32::from(b3 & 3) << 11 | u32::from(b4) << 3 | u32::from(b5) >> 5;
        let header = Self {
            coding: Coding::Adts { rate },
            sample_rate: *RATES.get(usize::from(rate))?,
            channels,
            samples: 1024,
            bytes,
            side_info: 0,
            checksum: b1 & 1 == 0,
        };
        ((1..=2).contains(&channels) && bytes > header.body()).then_some(header)
    }

    fn parse_mp3(bytes: &[u8]) -> Option<Self> {
        const RATES_1: [u32; 15] = [0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320];
        const RATES_2: [u32; 15] = [0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160];
        let &[b0, b1, b2, b3] = bytes.first_chunk::<4>()?;
        if b0 != 0xff || b1 & 0xe6 != 0xe2 {
            return None;
        }
        let (first_version, divisor) = match b1 & 0x18 {
            0x18 => (true, 1),
            0x10 => (false, 2),
            0x00 => (false, 4),
            _ => return None,
        };
        let kilobits = *(if first_version { RATES_1 } else { RATES_2 }).get(usize::from(b2 >> 4))?;
        let sample_rate = [44_100, 48_000, 32_000].get(usize::from(b2 >> 2 & 3))? / divisor;
        if kilobits == 0 {
            return None;
        }
        let channels = if b3 >> 6 == 3 { 1 } else { 2 };
        let (samples, side_info) = match (first_version, channels) {
            (true, 1) => (1152, 17),
            (true, _) => (1152, 32),
            (false, 1) => (576, 9),
            (false, _) => (576, 17),
        };
        let bytes = samples / 8 * kilobits * 1000 / sample_rate + u32::from(b2 >> 1 & 1);
        Some(Self {
            coding: Coding::Mp3,
            sample_rate,
            channels,
            samples,
            bytes,
            side_info,
            checksum: b1 & 1 == 0,
        })
    }

    /// Where the main data, or a Xing tag, begins in the frame.
    pub fn body(&self) -> u32 {
        let header = match self.coding {
            Coding::Mp3 => 4,
            Coding::Adts { .. } => HEADER_BYTES as u32,
        };
        header + if self.checksum { 2 } else { 0 } + self.side_info
    }

    /// Whether both can belong to one stream. The number of channels may change: some encoders switch to mono.
    fn continues(&self, other: &Self) -> bool {
        self.coding == other.coding && self.sample_rate == other.sample_rate && self.samples == other.samples
    }
}

/// What the first frame says about the whole file, where it carries a tag instead of sound.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct InfoTag {
    frames: Option<u64>,
    bytes: Option<u64>,
    delay: u32,
    padding: u32,
}

/// The sparse index of an MP3, built as far as it was needed.
#[derive(Debug, Clone)]
pub struct FrameIndex {
    first: FrameHeader,
    tag: InfoTag,
    begin: u64,
    end: u64,
    /// Offsets of the frames 0, 32, 64, …
    offsets: Vec<u64>,
    frames: u64,
    next: u64,
    complete: bool,
    average_bytes: f64,
}

impl FrameIndex {
    /// Looks whether this is an MP3 or ADTS, and reads what its first frames tell. `None` if it is something else.
    pub fn open(source: &AudioSource) -> io::Result<Option<Self>> {
        let mut window = Window::open(source, 64 * 1024)?;
        let end = end_of_sound(&mut window)?;
        let start = skip_id3(&mut window, 0)?;
        let Some((offset, first)) = first_frame(&mut window, start, end)? else {
            return Ok(None);
        };
        let tag = match first.coding {
            Coding::Mp3 => info_tag(window.at(offset, first.bytes as usize)?, &first),
            Coding::Adts { .. } => None,
        };
        let begin = if tag.is_some() {
            offset + u64::from(first.bytes)
        } else {
            offset
        };
        let mut index = Self {
            first,
            tag: tag.unwrap_or_default(),
            begin,
            end,
            offsets: Vec::new(),
            frames: 0,
            next: begin,
            complete: false,
            average_bytes: f64::from(first.bytes),
        };
        if end.saturating_sub(begin) <= SCAN_AT_ONCE && !index.declares_its_length() {
            index.scan_until(source, u64::MAX)?;
        } else {
            index.scan_with(&mut window, 2 * STRIDE)?;
            // The tag of a file that was joined or cut is wrong about its length, but not about the average.
            let seen = (index.next.saturating_sub(begin), index.frames);
            let (bytes, frames) = index.tag.bytes.zip(index.tag.frames).unwrap_or(seen);
            if frames > 0 {
                index.average_bytes = bytes as f64 / frames as f64;
            }
        }
        Ok(Some(index))
    }

    /// The first frame's header: sample rate, channels, samples in a frame.
    pub(super) fn first(&self) -> FrameHeader {
        self.first
    }

    /// Where the last frame ends, the tags behind it left out.
    pub(super) fn end(&self) -> u64 {
        self.end
    }

    /// How many decoded samples come before the recording's first.
    pub fn delay(&self) -> u64 {
        u64::from(self.tag.delay)
    }

    /// The length in samples of one channel; an estimate unless [`FrameIndex::is_exact`].
    pub fn length(&self) -> u64 {
        let per_frame = u64::from(self.first.samples);
        let (frames, whole) = if self.complete {
            (
                self.frames,
                self.tag.frames.is_none_or(|declared| declared == self.frames),
            )
        } else if self.declares_its_length() {
            (self.tag.frames.unwrap_or(0), true)
        } else {
            (self.estimated_frames(), false)
        };
        // A file that was cut has lost its padding with its end.
        let padding = if whole { u64::from(self.tag.padding) } else { 0 };
        (frames * per_frame).saturating_sub(self.delay() + padding)
    }

    /// Whether the length is known and not estimated.
    pub fn is_exact(&self) -> bool {
        self.complete || self.declares_its_length()
    }

    /// Whether all of the file is in it.
    pub(super) fn is_complete(&self) -> bool {
        self.complete
    }

    /// Reads headers until `frame` is in the index or the file ends; `u64::MAX` for all of it.
    pub fn scan_until(&mut self, source: &AudioSource, frame: u64) -> io::Result<()> {
        if self.complete || frame < self.frames {
            return Ok(());
        }
        self.scan_with(&mut Window::open(source, SCAN_BYTES)?, frame)
    }

    fn scan_with(&mut self, window: &mut Window, frame: u64) -> io::Result<()> {
        while !self.complete && self.frames <= frame {
            match next_frame(window, self.next, self.end, &self.first)? {
                Some((offset, header)) => {
                    if self.frames.is_multiple_of(STRIDE) {
                        self.offsets.push(offset);
                    }
                    self.frames += 1;
                    self.next = offset + u64::from(header.bytes);
                }
                None => self.complete = true,
            }
        }
        Ok(())
    }

    /// All of it, to be kept; none where it is not complete, or made at every opening.
    fn to_bytes(&self) -> Option<Vec<u8>> {
        if !self.complete || !self.is_worth_keeping() {
            return None;
        }
        let head = [self.begin, self.end, self.frames];
        Some(head.iter().chain(&self.offsets).flat_map(|n| n.to_le_bytes()).collect())
    }

    /// Takes over what was kept of the same recording.
    fn adopt(&mut self, bytes: &[u8]) -> bool {
        let numbers = bytes.as_chunks::<8>().0.iter().map(|bytes| u64::from_le_bytes(*bytes));
        let numbers: Vec<u64> = numbers.collect();
        let Some(([begin, end, frames], offsets)) = numbers.split_first_chunk::<3>() else {
            return false;
        };
        let fits = (*begin, *end) == (self.begin, self.end)
            && offsets.len() as u64 == frames.div_ceil(STRIDE)
            && offsets.is_sorted()
            && offsets.last().is_none_or(|last| last < end);
        if fits {
            (self.offsets, self.frames) = (offsets.to_vec(), *frames);
            (self.next, self.complete) = (self.end, true);
        }
        fits
    }

    /// Whether to scan it takes long enough to be done once only.
    pub(super) fn is_worth_keeping(&self) -> bool {
        self.end.saturating_sub(self.begin) > SCAN_AT_ONCE
    }

    /// Keeps a complete index of a recording that is large enough for it, in the cache's folder.
    pub fn keep(&self, source: &AudioSource, folder: &Path) -> io::Result<()> {
        let Some(bytes) = self.to_bytes() else { return Ok(()) };
        cache::keep(&cache::place(folder, content_key(source)?, KIND), MAGIC, &bytes)
    }

    /// Takes over what was kept of this recording; `false` where nothing was.
    pub fn recall(&mut self, source: &AudioSource, folder: &Path) -> bool {
        let kept = content_key(source).ok().and_then(|key| {
            let place = cache::place(folder, key, KIND);
            cache::recall(&place, MAGIC)
        });
        kept.is_some_and(|bytes| self.adopt(&bytes))
    }

    /// The nearest kept place at or before `frame`: its number and offset.
    pub(super) fn at_or_before(&self, frame: u64) -> (u64, u64) {
        let last = self.offsets.len().saturating_sub(1) as u64;
        let entry = (frame / STRIDE).min(last);
        let offset = self.offsets.get(entry as usize).copied().unwrap_or(self.begin);
        (entry * STRIDE, offset)
    }

    /// How many frames have been found so far.
    pub(super) fn frames(&self) -> u64 {
        self.frames
    }

    /// Whether the tag gives a length that agrees with the size of the file: it was neither cut nor joined.
    fn declares_its_length(&self) -> bool {
        let real = self.end.saturating_sub(self.begin);
        // Encoders count the bytes with or without the tag's own frame.
        let close = |bytes: u64| bytes.abs_diff(real) <= 2 * u64::from(self.first.bytes) + 4096.min(real / 100);
        self.tag.frames.is_some() && self.tag.bytes.is_some_and(close)
    }

    fn estimated_frames(&self) -> u64 {
        (self.end.saturating_sub(self.begin) as f64 / self.average_bytes.max(1.0)) as u64
    }
}

/// The next frame at or after `at`: across tags and junk, never past `end`. A frame cut off by the end is none.
pub(super) fn next_frame(
    window: &mut Window,
    at: u64,
    end: u64,
    first: &FrameHeader,
) -> io::Result<Option<(u64, FrameHeader)>> {
    let fits = |offset: u64, header: &FrameHeader| offset.saturating_add(u64::from(header.bytes)) <= end;
    let matches = |bytes: &[u8]| FrameHeader::parse(bytes).filter(|header| header.continues(first));
    if let Some(header) = matches(window.at(at, HEADER_BYTES)?)
        && fits(at, &header)
    {
        return Ok(Some((at, header)));
    }
    // Joined files carry a second ID3 tag in the middle, and torn ones junk: go on where two headers follow each other.
    let mut at = skip_id3(window, at)?;
    while at.saturating_add(4) <= end {
        let chunk = window.at(at, 4096)?;
        let Some(step) = chunk.iter().position(|&byte| byte == 0xff) else {
            at += chunk.len().max(1) as u64;
            continue;
        };
        at += step as u64;
        if let Some(header) = matches(window.at(at, HEADER_BYTES)?)
            && fits(at, &header)
        {
            let after = at + u64::from(header.bytes);
            if after >= end.saturating_sub(4) || matches(window.at(after, HEADER_BYTES)?).is_some() {
                return Ok(Some((at, header)));
            }
        }
        at += 1;
    }
    Ok(None)
}

/// The first frame of the file: one that three others follow, or as many as the file has room for.
fn first_frame(window: &mut Window, start: u64, end: u64) -> io::Result<Option<(u64, FrameHeader)>> {
    for offset in start..end.min(start.saturating_add(SEARCH_BYTES)) {
        let Some(first) = FrameHeader::parse(window.at(offset, HEADER_BYTES)?) else {
            continue;
        };
        let mut at = offset + u64::from(first.bytes);
        let mut followers = 0;
        while followers < 3 {
            match FrameHeader::parse(window.at(at, HEADER_BYTES)?).filter(|header| header.continues(&first)) {
                Some(header) => at += u64::from(header.bytes),
                None => break,
            }
            followers += 1;
        }
        let reached_end = at.saturating_add(4) > end && (followers > 0 || offset == start);
        if followers == 3 || reached_end {
            return Ok(Some((offset, first)));
        }
    }
    Ok(None)
}

/// Behind an ID3v2 tag at this place, or the place itself (id3.org, ID3v2.4 §3.1).
pub(super) fn skip_id3(window: &mut Window, at: u64) -> io::Result<u64> {
    let mut at = at;
    while let Some(&[b'I', b'D', b'3', major, _, flags, s3, s2, s1, s0]) = window.at(at, 10)?.first_chunk::<10>() {
        if major == 0xff || (s3 | s2 | s1 | s0) & 0x80 != 0 {
            break;
        }
        let size = [s3, s2, s1, s0]
            .into_iter()
            .fold(0, |sum: u64, part| sum << 7 | u64::from(part));
        at += 10 + size + if flags & 0x10 == 0 { 0 } else { 10 };
    }
    Ok(at)
}

/// Where the sound ends: before an ID3v1 tag and an APE tag.
fn end_of_sound(window: &mut Window) -> io::Result<u64> {
    let mut end = window.length();
    if end >= 128 && window.at(end - 128, 3)?.starts_with(b"TAG") {
        end -= 128;
    }
    if end >= 32 {
        let footer = window.at(end - 32, 32)?;
        if footer.starts_with(b"APETAGEX")
            && let Some(size) = footer.get(12..16).and_then(|b| b.first_chunk::<4>())
            && let Some(flags) = footer.get(20..24).and_then(|b| b.first_chunk::<4>())
        {
            let header = if u32::from_le_bytes(*flags) >> 31 == 1 { 32 } else { 0 };
            end = end.saturating_sub(u64::from(u32::from_le_bytes(*size)) + header);
        }
    }
    Ok(end)
}

/// The Xing, Info or VBRI tag in a frame, if it carries one in place of sound.
fn info_tag(frame: &[u8], header: &FrameHeader) -> Option<InfoTag> {
    let number = |bytes: &[u8], at: usize| -> Option<u32> {
        bytes.get(at..)?.first_chunk::<4>().map(|b| u32::from_be_bytes(*b))
    };
    // The tag lies behind the side information of a frame without checksum, even if the frame says it has one.
    let body = frame.get(4 + header.side_info as usize..)?;
    if body.starts_with(b"Xing") || body.starts_with(b"Info") {
        let flags = number(body, 4)?;
        let mut at = 8;
        let mut field = |bit: u32, size: usize| {
            let here = at;
            let present = flags & bit != 0;
            at += if present { size } else { 0 };
            if present { number(body, here) } else { None }
        };
        let frames = field(1, 4).map(u64::from);
        let bytes = field(2, 4).map(u64::from);
        field(4, 100);
        field(8, 4);
        let lame = body.get(at..).unwrap_or_default();
        // FFmpeg trims for these encoders only; others leave the three bytes undefined.
        let known = [b"LAME", b"Lavf", b"Lavc"].iter().any(|name| lame.starts_with(*name));
        let (delay, padding) = match lame.get(21..24) {
            Some(&[a, b, c]) if known => {
                let delay = u32::from(a) << 4 | u32::from(b) >> 4;
                let padding = u32::from(b & 15) << 8 | u32::from(c);
                (delay + DECODER_DELAY, padding.saturating_sub(DECODER_DELAY))
            }
            _ => (0, 0),
        };
        return Some(InfoTag {
            frames,
            bytes,
            delay,
            padding,
        });
    }
    let vbri = frame.get(36..)?;
    if vbri.starts_with(b"VBRI") {
        let frames = number(vbri, 14).map(u64::from);
        return Some(InfoTag {
            frames,
            bytes: number(vbri, 10).map(u64::from),
            delay: 0,
            padding: 0,
        });
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A mono frame of MPEG 1, 44.1 kHz, 128 kbit/s: 417 bytes of silence.
    fn frame() -> Vec<u8> {
        let mut bytes = vec![0; 417];
        bytes[..4].copy_from_slice(&[0xff, 0xfb, 0x90, 0xc0]);
        bytes
    }

    fn memory(bytes: Vec<u8>) -> AudioSource {
        AudioSource::Memory(Box::leak(bytes.into_boxed_slice()))
    }

    fn index(bytes: Vec<u8>) -> Option<FrameIndex> {
        FrameIndex::open(&memory(bytes)).unwrap()
    }

    #[test]
    fn headers_of_all_versions_are_read() {
        for (bytes, rate, channels, samples, size) in [
            ([0xff, 0xfb, 0x90, 0xc0], 44_100, 1, 1152, 417),
            ([0xff, 0xfb, 0x92, 0x40], 44_100, 2, 1152, 418),
            ([0xff, 0xf3, 0x48, 0xc0], 16_000, 1, 576, 144),
            ([0xff, 0xe3, 0x18, 0xc0], 8_000, 1, 576, 72),
        ] {
            let header = FrameHeader::parse(&bytes).unwrap();
            assert_eq!(
                (header.sample_rate, header.channels, header.samples, header.bytes),
                (rate, channels, samples, size)
            );
        }
        // Free format, the reserved version, Layer II, no sync.
        for bytes in [
            [0xff, 0xfb, 0x00, 0xc0],
            [0xff, 0xeb, 0x90, 0xc0],
            [0xff, 0xfd, 0x90, 0xc0],
            [0xff, 0x1b, 0x90, 0xc0],
        ] {
            assert_eq!(FrameHeader::parse(&bytes), None);
        }
    }

    #[test]
    fn frames_are_counted_across_tags_and_junk() {
        let mut bytes = b"ID3\x04\x00\x00\x00\x00\x00\x05hello".to_vec();
        for _ in 0..50 {
            bytes.extend(frame());
        }
        bytes.extend(b"\xff\xfbjunk between two joined files");
        for _ in 0..20 {
            bytes.extend(frame());
        }
        bytes.extend(b"ID3\x03\x00\x00\x00\x00\x00\x02xx");
        for _ in 0..5 {
            bytes.extend(frame());
        }
        bytes.extend(&frame()[..100]); // cut off
        let mut tag = b"TAG".to_vec();
        tag.resize(128, 0);
        bytes.extend(tag);
        let index = index(bytes).unwrap();
        assert!(index.is_exact());
        assert_eq!(index.length(), 75 * 1152);
        assert_eq!(index.at_or_before(40).0, 32);
    }

    #[test]
    fn the_lame_tag_trims_both_ends() {
        let mut tag = frame();
        tag[21..25].copy_from_slice(b"Info");
        tag[25..29].copy_from_slice(&3_u32.to_be_bytes());
        tag[29..33].copy_from_slice(&10_u32.to_be_bytes());
        tag[33..37].copy_from_slice(&(11 * 417_u32).to_be_bytes());
        tag[37..41].copy_from_slice(b"LAME");
        tag[58..61].copy_from_slice(&[0x24, 0x05, 0x00]); // 576 before, 1280 after
        let mut bytes = tag;
        for _ in 0..10 {
            bytes.extend(frame());
        }
        let index = index(bytes).unwrap();
        assert_eq!(index.delay(), 576 + 529);
        assert_eq!(index.length(), 10 * 1152 - (576 + 529) - (1280 - 529));
        assert!(index.is_exact());
    }

    #[test]
    fn other_bytes_are_no_mp3() {
        assert!(index(Vec::new()).is_none());
        assert!(index(b"RIFF    WAVEfmt ".repeat(100)).is_none());
        assert!(index(vec![0xff; 5000]).is_none());
    }
}
