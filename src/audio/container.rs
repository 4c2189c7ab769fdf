//! A recording in a container that has an index of its own (WAV, FLAC, Ogg, M4A, Matroska …), through symphonia.
//!
//! Symphonia seeks to the packet that holds an instant. To land on the exact sample a seek goes a little further back,
//! decodes up to the target and throws that away: the lossy codecs need a packet or two before their sound is whole.
//! Where each packet belongs is taken from its time stamp, so that damage and gaps do not shift what follows.

use std::io;
use std::sync::LazyLock;

use symphonia::core::codecs::CodecParameters;
use symphonia::core::codecs::audio::well_known::{
    CODEC_ID_ADPCM_IMA_WAV, CODEC_ID_ADPCM_MS, CODEC_ID_MP3, CODEC_ID_OPUS,
};
use symphonia::core::codecs::audio::{AudioCodecParameters, AudioDecoder, AudioDecoderOptions};
use symphonia::core::codecs::registry::CodecRegistry;
use symphonia::core::common::Limit;
use symphonia::core::errors::{Error, SeekErrorKind};
use symphonia::core::formats::probe::Hint;
use symphonia::core::formats::well_known::{
    FORMAT_ID_ADTS, FORMAT_ID_FLAC, FORMAT_ID_ISOMP4, FORMAT_ID_MKV, FORMAT_ID_OGG, FORMAT_ID_WAVE,
};
use symphonia::core::formats::{FormatOptions, FormatReader, SeekMode, SeekTo, Track, TrackType};
use symphonia::core::io::MediaSourceStream;
use symphonia::core::meta::MetadataOptions;
use symphonia::core::packet::Packet;
use symphonia::core::units::{TimeBase, Timestamp};

use super::bytes::{Identity, Window};
use super::frame_index::skip_id3;
use super::grid::Grid;
use super::mp4::{self, Edit};
use super::opus::OpusDecoder;
use super::patched::Patched;
use super::probe::Chapter;
use super::{AudioError, AudioSource, matroska, wave_sizes};
use crate::time::MediaTime;

/// A seek goes back by this much: two AAC frames, or a long and a short Vorbis block, with room.
const RUN_UP_FRAMES: u64 = 8192;
/// The same for MP3, whose frames borrow bits from those before: up to twenty of the shortest.
const RUN_UP_FRAMES_MP3: u64 = 32 * 1152;
/// The same for Opus, which forgets slowly: 80 ms are enough for the ear (RFC 7845 §4.6), not for the last bit.
const RUN_UP_FRAMES_OPUS: u64 = 192_000;
/// A packet this close to where it is expected follows the one before: Matroska counts in whole milliseconds.
const SLACK_SECS: f64 = 0.002;
/// A hole up to this long is filled with silence; a longer one is a broken time stamp.
const LONGEST_HOLE_SECS: u64 = 3600;

/// A recording in a container, being decoded.
pub(super) struct Container {
    source: AudioSource,
    identity: Identity,
    reader: Box<dyn FormatReader>,
    decoder: Box<dyn AudioDecoder>,
    track: u32,
    time_base: TimeBase,
    codec: &'static str,
    sample_rate: u32,
    channels: u16,
    length: Option<u64>,
    /// Whether the length is counted in frames of sound, not in the container's coarser time.
    exact: bool,
    edit: Edit,
    grid: Option<Grid>,
    /// How many frames a block of ADPCM holds; 1 for all else.
    frames_in_block: u64,
    run_up: u64,
    /// The demuxer has come to the end of the file.
    ended: bool,
    /// Where the next packet is expected, if that is known.
    expected: Option<i64>,
    /// A packet read to learn the format, not yet handed out.
    first: Option<Packet>,
}

/// Whether the file begins, behind an ID3 tag, as containers do.
pub(super) fn begins_as_one(source: &AudioSource) -> io::Result<bool> {
    const HEADS: [&[u8]; 8] = [
        b"RIFF",
        b"RF64",
        b"BW64",
        b"OggS",
        b"fLaC",
        b"FORM",
        b"caff",
        b"\x1aE\xdf\xa3",
    ];
    let mut window = Window::open(source, 4096)?;
    let at = skip_id3(&mut window, 0)?;
    let head = window.at(at, 8)?;
    Ok(HEADS.iter().any(|known| head.starts_with(known)) || head.get(4..8) == Some(b"ftyp"))
}

/// Opens the container, for its metadata or its sound.
pub(super) fn open_reader(source: &AudioSource) -> Result<Box<dyn FormatReader>, AudioError> {
    let media = Patched::open(source).map_err(|error| AudioError::io(source, &error))?;
    let stream = MediaSourceStream::new(
        Box::new(media),
        symphonia::core::io::MediaSourceStreamOptions::default(),
    );
    // Cover pictures are not shown; a small limit keeps them out of memory.
    let metadata = MetadataOptions::default().limit_visual_bytes(Limit::Maximum(64 * 1024));
    symphonia::default::get_probe()
        .probe(&Hint::new(), stream, FormatOptions::default(), metadata)
        .map_err(|error| open_error(source, error))
}

impl Container {
    /// Opens the first sound track that can be decoded, the default one before the others.
    pub fn open(source: &AudioSource) -> Result<Self, AudioError> {
        let reader = open_reader(source)?;
        let default = reader.default_track(TrackType::Audio).map(|track| track.id);
        let mut tracks: Vec<&Track> = reader
            .tracks()
            .iter()
            .filter(|track| parameters(track).is_some())
            .collect();
        tracks.sort_by_key(|track| Some(track.id) != default);
        let mut refused = None;
        for track in tracks {
            let Some(parameters) = parameters(track) else { continue };
            match new_decoder(parameters) {
                Ok(decoder) => {
                    let (id, length) = (track.id, (track.num_frames, track.delay));
                    let time_base = track.time_base;
                    let parameters = parameters.clone();
                    return Self::with_track(source, reader, decoder, id, time_base, length, &parameters);
                }
                Err(_) => refused = Some(codec_name(parameters)),
            }
        }
        Err(match refused {
            Some(codec) => AudioError::Unsupported {
                asked_ffmpeg: false,
                codec,
                name: source.name(),
            },
            None => AudioError::Empty { name: source.name() },
        })
    }

    fn with_track(
        source: &AudioSource,
        reader: Box<dyn FormatReader>,
        decoder: Box<dyn AudioDecoder>,
        track: u32,
        time_base: Option<TimeBase>,
        (length, delay): (Option<u64>, Option<u32>),
        parameters: &AudioCodecParameters,
    ) -> Result<Self, AudioError> {
        let codec = decoder.codec_info().long_name;
        let is_adpcm = matches!(parameters.codec, CODEC_ID_ADPCM_MS | CODEC_ID_ADPCM_IMA_WAV);
        let mut container = Self {
            source: source.clone(),
            identity: Identity::of(source),
            reader,
            decoder,
            track,
            time_base: time_base.unwrap_or_default(),
            codec,
            sample_rate: parameters.sample_rate.unwrap_or(0),
            channels: parameters
                .channels
                .as_ref()
                .map_or(0, |channels| channels.count() as u16),
            length,
            exact: length.is_some(),
            edit: Edit::default(),
            grid: None,
            frames_in_block: parameters.frames_per_block.filter(|_| is_adpcm).unwrap_or(1).max(1),
            run_up: match parameters.codec {
                CODEC_ID_MP3 => RUN_UP_FRAMES_MP3,
                CODEC_ID_OPUS => RUN_UP_FRAMES_OPUS,
                _ => RUN_UP_FRAMES,
            },
            ended: false,
            expected: None,
            first: None,
        };
        // Some headers tell the format only roughly; the first decoded packet is the truth.
        while let Some(packet) = container.packet()? {
            if let Ok(buffer) = container.decoder.decode(&packet) {
                container.sample_rate = buffer.spec().rate();
                container.channels = buffer.spec().channels().count() as u16;
                container.first = Some(packet);
                break;
            }
        }
        container.decoder.reset();
        if container.first.is_none() || container.sample_rate == 0 || container.channels == 0 {
            return Err(AudioError::Empty { name: source.name() });
        }
        if time_base.is_none()
            && let Some(exact) = TimeBase::try_from_recip(container.sample_rate)
        {
            container.time_base = exact;
        }
        let time_base = container.time_base;
        if u64::from(time_base.denom.get()) < u64::from(time_base.numer.get()) * u64::from(container.sample_rate) {
            let first = container.first.as_ref().map_or(&[][..], |packet| &packet.data);
            let grid = Grid::of(parameters, container.sample_rate, first);
            // Matroska's time stamps have what the encoder put before the recording taken off already.
            let is_matroska = container.reader.format_info().format == FORMAT_ID_MKV;
            container.grid = grid.map(|grid| if is_matroska { grid } else { grid.counted_from_zero() });
        }
        if container.length.is_none() {
            container.length = container.length_in_time();
            // MP4 counts in samples, at times in those of a lower rate.
            let is_mp4 = container.reader.format_info().format == FORMAT_ID_ISOMP4;
            let whole = container.sample_rate.is_multiple_of(time_base.denom.get()) && time_base.numer.get() == 1;
            container.exact = is_mp4 && whole && container.length.is_some();
        }
        if container.reader.format_info().format == FORMAT_ID_OGG && parameters.codec == CODEC_ID_OPUS {
            // Time stamps and length count what comes before the recording's first sample.
            let skip = u64::from(delay.unwrap_or(0));
            container.edit.skip = skip;
            container.length = container.length.map(|length| length.saturating_sub(skip));
        }
        if parameters.codec == CODEC_ID_OPUS
            && let Some(grid) = container.grid
            && let Some((ticks, padding)) = matroska::padded_end(source, track)
        {
            let rate = u64::from(container.sample_rate);
            let padding = (padding.saturating_mul(rate) + 500_000_000) / 1_000_000_000;
            let end = grid.end_of(container.scaled(ticks)).saturating_sub(padding);
            (container.length, container.exact) = (Some(end), true);
        }
        if container.reader.format_info().format == FORMAT_ID_ADTS {
            // Guessed from the first frames.
            container.exact = false;
        }
        if container.reader.format_info().format == FORMAT_ID_WAVE
            && let Some(length) = wave_sizes::length(source)
        {
            (container.length, container.exact) = (Some(length), true);
        }
        if container.reader.format_info().format == FORMAT_ID_ISOMP4 {
            container.edit = mp4::edit(source, track, container.sample_rate);
            let whole = container
                .length
                .map(|length| length.saturating_sub(container.edit.skip));
            container.length = container.edit.length.into_iter().chain(whole).min();
        }
        Ok(container)
    }

    /// The demuxer: names, tags, chapters.
    pub fn reader(&mut self) -> &mut dyn FormatReader {
        self.reader.as_mut()
    }

    /// The chapters that stand where the demuxer does not look.
    pub fn untold_chapters(&self) -> Vec<Chapter> {
        let format = self.reader.format_info().format;
        if format == FORMAT_ID_ISOMP4 {
            let untold = mp4::chapters(&self.source).into_iter();
            let chapter = |(start, title)| Chapter {
                start,
                end: None,
                title,
            };
            return untold.map(chapter).collect();
        }
        if format == FORMAT_ID_MKV {
            let at = |nanos: u64| MediaTime::from_micros(i64::try_from(nanos / 1_000).unwrap_or(i64::MAX));
            let untold = matroska::chapters(&self.source).into_iter();
            let chapter = |(start, end, title): (u64, Option<u64>, String)| Chapter {
                start: at(start),
                end: end.map(at),
                title,
            };
            return untold.map(chapter).collect();
        }
        Vec::new()
    }

    /// The codec's name.
    pub fn codec(&self) -> &'static str {
        self.codec
    }

    /// Samples a second.
    pub fn sample_rate(&self) -> u32 {
        self.sample_rate
    }

    /// How many channels.
    pub fn channels(&self) -> u16 {
        self.channels
    }

    /// The length in samples of one channel, as the container tells it.
    pub fn length(&self) -> Option<u64> {
        self.length
    }

    /// Whether that is to the sample.
    pub fn is_exact(&self) -> bool {
        self.exact
    }

    fn length_in_time(&self) -> Option<u64> {
        let info = self.reader.media_info();
        let time = info.time_base?.calc_duration(info.duration?)?;
        let frames = time.as_nanos() * i128::from(self.sample_rate) / 1_000_000_000;
        u64::try_from(frames).ok()
    }

    /// Goes to before this sample, and far enough before it that the sample comes out right.
    pub fn seek(&mut self, sample: u64) -> Result<(), AudioError> {
        let ticks = self.ticks(sample.saturating_add(self.edit.skip).saturating_sub(self.run_up));
        let ts = Timestamp::new(i64::try_from(ticks).unwrap_or(i64::MAX));
        let back = self
            .expected
            .is_none_or(|expected| expected >= i64::try_from(sample).unwrap_or(i64::MAX));
        self.first = None;
        self.expected = None;
        self.decoder.reset();
        let format = self.reader.format_info().format;
        // Back at the very first frame the FLAC demuxer takes those that follow for damage, because their numbers are
        // lower than the last one it saw. The Matroska demuxer goes to the packet behind an instant, and what an encoder
        // puts before the recording lies behind none. And some do not find back from the end of the file.
        let to_the_start = ticks == 0 && format == FORMAT_ID_MKV;
        if std::mem::take(&mut self.ended) || to_the_start || back && format == FORMAT_ID_FLAC {
            self.open_again()?;
        }
        if to_the_start {
            return Ok(());
        }
        let mut outcome = self.seek_reader(ts);
        if matches!(outcome, Err(Error::DecodeError(_))) {
            // A demuxer that has lost its way finds it when it begins anew.
            self.open_again()?;
            outcome = self.seek_reader(ts);
        }
        match outcome {
            // The container promised more than it holds: what follows is its end.
            Ok(()) | Err(Error::SeekError(SeekErrorKind::OutOfRange)) => Ok(()),
            Err(error) if is_end(&error) => Ok(()),
            Err(error) => Err(decode_error(&self.source, error)),
        }
    }

    /// A new demuxer for the same file. Another file of that name would play, but at other places.
    fn open_again(&mut self) -> Result<(), AudioError> {
        if Identity::of(&self.source) != self.identity {
            let name = self.source.name();
            return Err(AudioError::Changed { name });
        }
        self.reader = open_reader(&self.source)?;
        Ok(())
    }

    fn seek_reader(&mut self, ts: Timestamp) -> Result<(), Error> {
        self.reader
            .seek(
                SeekMode::Accurate,
                SeekTo::Timestamp {
                    ts,
                    track_id: self.track,
                },
            )
            .map(|_| ())
    }

    /// Decodes the next packet into `out` (interleaved) and tells the sample it begins with; negative before the
    /// recording's first. A damaged packet is left out: its place shows as a hole. `None` at the end.
    pub fn next(&mut self, out: &mut Vec<f32>) -> Result<Option<i64>, AudioError> {
        loop {
            let Some(packet) = self.packet()? else { return Ok(None) };
            let begins = self.frame(packet.pts, packet.trim_start.get());
            let Ok(buffer) = self.decoder.decode(&packet) else {
                continue;
            };
            let same = buffer.spec().rate() == self.sample_rate
                && buffer.spec().channels().count() == usize::from(self.channels);
            if !same || buffer.frames() == 0 {
                continue;
            }
            buffer.copy_to_vec_interleaved(out);
            let at = self.place(begins);
            self.expected = Some(at.saturating_add((out.len() / usize::from(self.channels)) as i64));
            return Ok(Some(at));
        }
    }

    /// Where a packet goes that says it begins here.
    fn place(&self, begins: i64) -> i64 {
        let Some(expected) = self.expected else { return begins };
        let slack = (SLACK_SECS * f64::from(self.sample_rate)) as u64;
        let longest = u64::from(self.sample_rate) * LONGEST_HOLE_SECS;
        let off = begins.abs_diff(expected);
        if off <= slack || off > longest {
            expected
        } else {
            begins
        }
    }

    fn packet(&mut self) -> Result<Option<Packet>, AudioError> {
        if let Some(packet) = self.first.take() {
            return Ok(Some(packet));
        }
        loop {
            match self.reader.next_packet() {
                Ok(Some(packet)) if packet.track_id == self.track => return Ok(Some(packet)),
                Ok(Some(_)) => {}
                Ok(None) => break,
                Err(error) if is_end(&error) => break,
                Err(error) => return Err(decode_error(&self.source, error)),
            }
        }
        self.ended = true;
        Ok(None)
    }

    fn frame(&self, pts: Timestamp, trimmed: u64) -> i64 {
        let frame = self.scaled(pts.get());
        let frame = self.grid.map_or(frame, |grid| grid.nearest(frame));
        let frame = frame + i128::from(trimmed) - i128::from(self.edit.skip);
        i64::try_from(frame).unwrap_or(i64::MAX)
    }

    /// The frame nearest to a time stamp.
    fn scaled(&self, ticks: i64) -> i128 {
        let (numer, denom) = (
            i128::from(self.time_base.numer.get()),
            i128::from(self.time_base.denom.get()),
        );
        let scaled = i128::from(ticks) * numer * i128::from(self.sample_rate);
        (scaled + denom / 2).div_euclid(denom)
    }

    fn ticks(&self, frame: u64) -> u64 {
        // Symphonia seeks in ADPCM as if its blocks were frames.
        let frame = frame / self.frames_in_block;
        let (numer, denom) = (
            u128::from(self.time_base.numer.get()),
            u128::from(self.time_base.denom.get()),
        );
        let ticks = u128::from(frame) * denom / (numer * u128::from(self.sample_rate)).max(1);
        u64::try_from(ticks).unwrap_or(u64::MAX)
    }
}

fn parameters(track: &Track) -> Option<&AudioCodecParameters> {
    track.codec_params.as_ref().and_then(CodecParameters::audio)
}

/// Symphonia's decoders, and Opus.
static CODECS: LazyLock<CodecRegistry> = LazyLock::new(|| {
    let mut codecs = CodecRegistry::new();
    symphonia::default::register_enabled_codecs(&mut codecs);
    codecs.register_audio_decoder::<OpusDecoder>();
    codecs
});

fn new_decoder(parameters: &AudioCodecParameters) -> Result<Box<dyn AudioDecoder>, Error> {
    CODECS.make_audio_decoder(parameters, &AudioDecoderOptions::default())
}

/// A codec that is not decoded here, by the name people know.
fn codec_name(parameters: &AudioCodecParameters) -> String {
    use symphonia::core::codecs::audio::well_known as known;
    match parameters.codec {
        known::CODEC_ID_OPUS => "Opus".to_owned(),
        known::CODEC_ID_AC3 => "AC-3".to_owned(),
        known::CODEC_ID_EAC3 => "E-AC-3".to_owned(),
        known::CODEC_ID_DCA => "DTS".to_owned(),
        known::CODEC_ID_MP1 | known::CODEC_ID_MP2 => "MPEG Layer I or II".to_owned(),
        known::CODEC_ID_AAC => "a kind of AAC other than AAC-LC".to_owned(),
        known::CODEC_ID_SPEEX => "Speex".to_owned(),
        other => format!("an unknown codec ({other})"),
    }
}

/// Whether a demuxer means the end of the file. The MP4 one says so in its own words when it gets there a second time.
fn is_end(error: &Error) -> bool {
    match error {
        Error::IoError(error) => error.kind() == io::ErrorKind::UnexpectedEof,
        Error::DecodeError(why) => why.ends_with("no atom pending read"),
        _ => false,
    }
}

fn open_error(source: &AudioSource, error: Error) -> AudioError {
    match error {
        Error::IoError(error) if error.kind() != io::ErrorKind::UnexpectedEof => AudioError::io(source, &error),
        // Symphonia says "unsupported" of bytes that no demuxer claims, and ends early on files that are too short.
        _ if mp4::lacks_index(source) => AudioError::Incomplete { name: source.name() },
        Error::IoError(_) | Error::Unsupported(_) => AudioError::Unrecognised {
            asked_ffmpeg: false,
            name: source.name(),
        },
        other => AudioError::Broken {
            why: other.to_string(),
            name: source.name(),
        },
    }
}

/// An error while decoding, for a person.
pub(super) fn decode_error(source: &AudioSource, error: Error) -> AudioError {
    match error {
        Error::IoError(error) => AudioError::io(source, &error),
        Error::Unsupported(feature) => AudioError::Unsupported {
            asked_ffmpeg: false,
            codec: feature.to_owned(),
            name: source.name(),
        },
        other => AudioError::Broken {
            why: other.to_string(),
            name: source.name(),
        },
    }
}
