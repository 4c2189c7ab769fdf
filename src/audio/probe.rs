//! What a recording is: format, length, tags, chapters. Told by its content, never by its name.

use symphonia::core::formats::{Attachment, FileAttachment, FormatReader};
use symphonia::core::meta::{
    ChapterGroup, ChapterGroupItem, MetadataRevision, RawValue, StandardTag, StandardVisualKey, Tag, Visual,
};
use symphonia::core::units::Time;

use super::container::open_reader;
use super::decode::Stream;
use super::frame_index::Coding;
use super::{AudioError, AudioSource, Decoder};
use crate::time::MediaTime;

/// What a recording is.
#[derive(Debug, Clone, PartialEq)]
pub struct Recording {
    /// The container, for example `MP3` or `ISO Base Media File Format`.
    pub container: String,
    /// The codec, for example `MPEG Audio Layer 3`.
    pub codec: String,
    /// The program that decodes it, where Earmark itself does not.
    pub decoded_by: Option<&'static str>,
    /// Frames a second.
    pub sample_rate: u32,
    /// Samples in a frame.
    pub channels: u16,
    /// The length in frames.
    pub frames: Option<u64>,
    /// The length in time.
    pub length: Option<MediaTime>,
    /// Whether the length is known, and not estimated from the size of the file.
    pub exact: bool,
    /// Title, artist, album and the like, each at most once: `(name, value)`.
    pub tags: Vec<(String, String)>,
    /// Chapters, in order.
    pub chapters: Vec<Chapter>,
}

/// A chapter of a recording.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chapter {
    /// Where it begins.
    pub start: MediaTime,
    /// Where it ends, if the file says so.
    pub end: Option<MediaTime>,
    /// What it is called; may be empty.
    pub title: String,
}

/// Says what a recording is. With `full` the length is made sure of, which takes a while for long files.
pub fn probe(source: &AudioSource, full: bool) -> Result<Recording, AudioError> {
    let mut decoder = Decoder::open(source)?;
    let mut recording = describe(source, &mut decoder);
    if full {
        let frames = decoder.measure()?;
        recording.frames = Some(frames);
        recording.length = Some(media_time(frames, recording.sample_rate));
        recording.exact = true;
    }
    Ok(recording)
}

/// A picture in a recording, as it lies there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cover {
    /// What it says it is, for example `image/jpeg`; often wrong, and not to be relied on.
    pub media_type: Option<String>,
    /// The picture's file.
    pub bytes: Box<[u8]>,
}

/// The picture on the front of a recording, else the first of its pictures; none of more than 8 MB.
///
/// Opens the recording once more, so that nobody who only wants to listen waits for a picture.
pub fn cover(source: &AudioSource) -> Option<Cover> {
    let mut reader = open_reader(source).ok()?;
    let mut found: Vec<Visual> = Vec::new();
    let mut metadata = reader.metadata();
    loop {
        if let Some(revision) = metadata.current() {
            let of_tracks = revision.per_track.iter().flat_map(|track| &track.metadata.visuals);
            let all = revision.media.visuals.iter().chain(of_tracks);
            found.extend(all.filter(|visual| is_picture(&visual.data)).cloned());
        }
        if metadata.pop().is_none() {
            break;
        }
    }
    let rank = |visual: &Visual| match visual.usage {
        Some(StandardVisualKey::FrontCover) => 0,
        Some(StandardVisualKey::FileIcon | StandardVisualKey::OtherIcon) => 2,
        _ => 1,
    };
    // The first of the best: `min_by_key` keeps the order of the file.
    if let Some(visual) = found.into_iter().min_by_key(rank) {
        return Some(Cover {
            media_type: visual.media_type,
            bytes: visual.data,
        });
    }
    // Matroska attaches its pictures as files, the front one being called `cover`.
    let attached = reader.attachments().iter().filter_map(|attachment| match attachment {
        Attachment::File(file) => Some(file),
        Attachment::VendorData(_) => None,
    });
    let of_image = |file: &&FileAttachment| {
        let media_type = file.media_type.as_deref().unwrap_or_default();
        media_type.starts_with("image/") && is_picture(&file.data)
    };
    let named = |file: &&FileAttachment| u8::from(!file.name.to_ascii_lowercase().starts_with("cover"));
    let file = attached.filter(of_image).min_by_key(named)?;
    Some(Cover {
        media_type: file.media_type.clone(),
        bytes: file.data.clone(),
    })
}

fn is_picture(bytes: &[u8]) -> bool {
    const LARGEST: usize = 8 << 20;
    (1..=LARGEST).contains(&bytes.len())
}

/// Describes what a decoder has open.
pub(super) fn describe(source: &AudioSource, decoder: &mut Decoder) -> Recording {
    let (sample_rate, channels) = (decoder.sample_rate(), decoder.channels());
    let (length, exact) = (decoder.length(), decoder.is_exact());
    let decoded_by = matches!(decoder.stream(), Stream::Piped(_)).then_some("ffmpeg");
    let (container, codec, (tags, chapters)) = match decoder.stream() {
        Stream::Piped(piped) => {
            // Its codec is strange to symphonia, its container may not be.
            let told = open_reader(source)
                .map(|mut reader| tags_and_chapters(reader.as_mut()))
                .unwrap_or_default();
            (piped.container().to_owned(), piped.codec().to_owned(), told)
        }
        Stream::Framed(framed) => {
            let (container, codec) = match framed.index().first().coding {
                Coding::Mp3 => ("MP3", "MPEG Audio Layer 3"),
                Coding::Adts { .. } => ("ADTS", "Advanced Audio Coding"),
            };
            // Our own reader leaves the tags to symphonia, whose failure would only cost the tags.
            let told = open_reader(source)
                .map(|mut reader| tags_and_chapters(reader.as_mut()))
                .unwrap_or_default();
            (container.to_owned(), codec.to_owned(), told)
        }
        Stream::Container(container) => {
            let codec = container.codec().to_owned();
            let name = container.reader().format_info().long_name.to_owned();
            let (tags, mut chapters) = tags_and_chapters(container.reader());
            if chapters.is_empty() {
                chapters = container.untold_chapters();
            }
            (name, codec, (tags, chapters))
        }
    };
    let frames = length;
    let length = length.map(|frames| media_time(frames, sample_rate));
    Recording {
        container,
        codec,
        decoded_by,
        sample_rate,
        channels,
        frames,
        length,
        exact,
        tags,
        chapters,
    }
}

/// The instant of a frame.
pub(super) fn media_time(frame: u64, sample_rate: u32) -> MediaTime {
    let rate = u128::from(sample_rate.max(1));
    let micros = (u128::from(frame) * 1_000_000 + rate / 2) / rate;
    MediaTime::from_micros(i64::try_from(micros).unwrap_or(i64::MAX))
}

/// The frame nearest to an instant; before the start counts as the start.
pub(super) fn frame_at(time: MediaTime, sample_rate: u32) -> u64 {
    let micros = u128::from(time.as_micros().max(0).unsigned_abs());
    u64::try_from((micros * u128::from(sample_rate) + 500_000) / 1_000_000).unwrap_or(u64::MAX)
}

fn tags_and_chapters(reader: &mut dyn FormatReader) -> (Vec<(String, String)>, Vec<Chapter>) {
    let mut chapters = Vec::new();
    if let Some(group) = reader.chapters() {
        collect_chapters(group, &mut chapters);
    }
    chapters.sort_by_key(|chapter| chapter.start);
    let mut tags = Vec::new();
    let mut metadata = reader.metadata();
    loop {
        if let Some(revision) = metadata.current() {
            collect_tags(revision, &mut tags);
        }
        if metadata.pop().is_none() {
            break;
        }
    }
    (tags, chapters)
}

fn collect_tags(revision: &MetadataRevision, tags: &mut Vec<(String, String)>) {
    let own = revision.media.tags.iter();
    let of_tracks = revision.per_track.iter().flat_map(|track| &track.metadata.tags);
    for tag in own.chain(of_tracks) {
        let Some((name, value)) = tag.std.as_ref().and_then(named) else {
            continue;
        };
        let value = value.trim().to_owned();
        if !value.is_empty() && tags.iter().all(|(known, _)| known != name) {
            tags.push((name.to_owned(), value));
        }
    }
}

/// The tags worth showing, by the names that FFmpeg gives them.
fn named(tag: &StandardTag) -> Option<(&'static str, String)> {
    Some(match tag {
        StandardTag::TrackTitle(text) => ("title", text.to_string()),
        StandardTag::Artist(text) => ("artist", text.to_string()),
        StandardTag::Album(text) => ("album", text.to_string()),
        StandardTag::AlbumArtist(text) => ("album_artist", text.to_string()),
        StandardTag::Comment(text) => ("comment", text.to_string()),
        StandardTag::Description(text) | StandardTag::PodcastDescription(text) => ("description", text.to_string()),
        StandardTag::Genre(text) => ("genre", text.to_string()),
        StandardTag::Language(text) => ("language", text.to_string()),
        StandardTag::Copyright(text) => ("copyright", text.to_string()),
        StandardTag::Url(text) | StandardTag::UrlPodcast(text) => ("url", text.to_string()),
        StandardTag::RecordingDate(text) | StandardTag::ReleaseDate(text) => ("date", text.to_string()),
        StandardTag::RecordingYear(year) | StandardTag::ReleaseYear(year) => ("date", year.to_string()),
        StandardTag::TrackNumber(number) => ("track", number.to_string()),
        _ => return None,
    })
}

fn collect_chapters(group: &ChapterGroup, chapters: &mut Vec<Chapter>) {
    for item in &group.items {
        match item {
            ChapterGroupItem::Group(group) => collect_chapters(group, chapters),
            ChapterGroupItem::Chapter(chapter) => chapters.push(Chapter {
                start: from_time(chapter.start_time),
                end: chapter.end_time.map(from_time),
                title: title(&chapter.tags),
            }),
        }
    }
}

fn title(tags: &[Tag]) -> String {
    let standard = tags.iter().find_map(|tag| match &tag.std {
        Some(StandardTag::ChapterTitle(text) | StandardTag::TrackTitle(text)) => Some(text.to_string()),
        _ => None,
    });
    let raw = || {
        tags.iter().find_map(|tag| match &tag.raw.value {
            RawValue::String(text) => Some(text.to_string()),
            _ => None,
        })
    };
    standard.or_else(raw).unwrap_or_default()
}

fn from_time(time: Time) -> MediaTime {
    MediaTime::from_micros(i64::try_from(time.as_micros()).unwrap_or(i64::MAX))
}
