//! The table of formats: detection, the open dialog, `--help`, the README and the fixtures all go by it.

use std::borrow::Cow;

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::{Input, ReadError, Warnings, draft::Drafts, writing::Output};
use super::{
    ass, document, html, json, labels, lrc, media, microdvd, mpl2, sbv, srt, subviewer, table, textgrid, timed_text,
    vtt, xml,
};
use crate::transcript::Transcript;

/// A format that is read; the place of its row in the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Format {
    /// SubRip.
    Srt,
    /// WebVTT.
    WebVtt,
    /// Word documents.
    Docx,
    /// OpenDocument texts.
    Odt,
    /// Text tracks in Matroska and WebM.
    Matroska,
    /// Text tracks in MP4.
    Mp4,
    /// Lyrics in MP3.
    Id3,
    /// Earmark's own.
    Earmark,
    /// The Podcast Namespace's transcript.
    Podcast,
    /// YouTube's captions as events.
    Json3,
    /// Deepgram.
    Deepgram,
    /// AssemblyAI.
    AssemblyAi,
    /// Amazon Transcribe.
    Aws,
    /// Google Cloud Speech-to-Text.
    Google,
    /// Azure AI Speech.
    Azure,
    /// Speechmatics.
    Speechmatics,
    /// Rev.ai.
    RevAi,
    /// ElevenLabs Scribe.
    ElevenLabs,
    /// Gladia.
    Gladia,
    /// oTranscribe.
    OTranscribe,
    /// The Podcast Namespace's chapters.
    Chapters,
    /// Whisper and its relatives.
    Whisper,
    /// Advanced SubStation Alpha, and SSA before it.
    Ass,
    /// YouTube's SBV.
    Sbv,
    /// SubViewer, versions 1 and 2.
    SubViewer,
    /// MPL2.
    Mpl2,
    /// MicroDVD.
    MicroDvd,
    /// LRC and enhanced LRC.
    Lrc,
    /// TTML, DFXP, IMSC, iTunes Timed Text.
    Ttml,
    /// YouTube's srv1, srv2 and srv3.
    Srv,
    /// ELAN.
    Elan,
    /// Transcriber.
    Transcriber,
    /// The feed of a podcast, which names its transcripts.
    Feed,
    /// noScribe's HTML.
    NoScribe,
    /// Hypertranscripts.
    Hypertranscript,
    /// The HTML of podcast hosts.
    PodcastHtml,
    /// Praat's TextGrid.
    TextGrid,
    /// Audacity's labels.
    Labels,
    /// Tables parted by tabs.
    Tsv,
    /// Tables parted by commas or semicolons.
    Csv,
    /// Plain text with time codes.
    TimedText,
}

/// How a format is written at all; decides which readers are asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Family {
    /// A ZIP archive.
    Zip,
    /// A container of sound or pictures.
    Media,
    /// JSON.
    Json,
    /// XML or HTML.
    Markup,
    /// Any other text.
    Text,
}

/// Says why the input is of a format; none when it is not.
pub(super) type Recognise = fn(&Input<'_>) -> Option<&'static str>;
/// Adds the cues of an input that was recognised.
pub(super) type Read = fn(&Input<'_>, &mut Drafts, &mut Warnings) -> Result<(), ReadError>;
/// Writes a transcript.
pub(super) type Write = fn(&Transcript, &mut Output);

/// What a writer's format can hold; what it cannot is told when a transcript is written.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Holds {
    /// Times of single words.
    pub words: bool,
    /// Who speaks.
    pub speakers: bool,
    /// When a cue ends.
    pub ends: bool,
    /// Line breaks inside a cue.
    pub lines: bool,
    /// The language.
    pub language: bool,
    /// The title.
    pub title: bool,
    /// Chapters.
    pub outline: bool,
}

/// A row of the table.
pub(super) struct Spec {
    pub format: Format,
    /// A short stable name: `srt`.
    pub key: &'static str,
    /// Its name for a person.
    pub name: &'static str,
    /// The extensions its files have, in lower case, the usual one first.
    pub extensions: &'static [&'static str],
    /// Whose files these are.
    pub from: &'static str,
    pub family: Family,
    pub recognise: Recognise,
    pub read: Read,
    pub write: Option<(Write, Holds)>,
}

/// All formats; within a family, in the order in which the readers are asked. Each has its row beside its reader.
pub(super) const TABLE: &[&Spec] = &[
    &document::docx::SPEC,
    &document::odt::SPEC,
    &media::matroska::SPEC,
    &media::mp4::SPEC,
    &media::id3::SPEC,
    &json::earmark::SPEC,
    &json::whisper::SPEC,
    &vtt::SPEC,
    &ass::SPEC,
    // These look at the shape that most lines have, SubRip for a single arrow anywhere.
    &sbv::SPEC,
    &subviewer::SPEC,
    &mpl2::SPEC,
    &microdvd::SPEC,
    &lrc::SPEC,
    &json::json3::SPEC,
    &json::deepgram::SPEC,
    &json::assemblyai::SPEC,
    &json::aws::SPEC,
    &json::google::SPEC,
    &json::azure::SPEC,
    &json::speechmatics::SPEC,
    &json::revai::SPEC,
    &json::elevenlabs::SPEC,
    &json::gladia::SPEC,
    &json::otr::SPEC,
    &json::chapters::SPEC,
    &json::podcast::SPEC,
    &xml::ttml::SPEC,
    &xml::srv::SPEC,
    &xml::eaf::SPEC,
    &xml::trs::SPEC,
    &xml::rss::SPEC,
    &html::noscribe::SPEC,
    &html::hypertranscript::SPEC,
    &html::podcast::SPEC,
    &textgrid::SPEC,
    &labels::SPEC,
    &table::TSV,
    &table::CSV,
    &srt::SPEC,
    &timed_text::SPEC,
];

impl Holds {
    /// What captions as people share them hold: no more than a player needs.
    pub const CAPTIONS: Self = Self {
        speakers: true,
        ends: true,
        lines: true,
        words: false,
        language: false,
        title: false,
        outline: false,
    };

    /// All of it but chapters, which hardly any format of transcripts knows.
    pub const ALL_BUT_CHAPTERS: Self = Self {
        words: true,
        language: true,
        title: true,
        ..Self::CAPTIONS
    };
}

impl Format {
    /// All of them, in the table's order.
    pub fn all() -> impl Iterator<Item = Self> {
        TABLE.iter().map(|spec| spec.format)
    }

    pub(super) fn spec(self) -> &'static Spec {
        // The table has a row for each format, which a test holds; the first stands in for one that had none.
        TABLE.iter().find(|spec| spec.format == self).unwrap_or(&&srt::SPEC)
    }

    /// A short stable name for scripts: `srt`.
    pub fn key(self) -> &'static str {
        self.spec().key
    }

    /// The format of this [`Format::key`].
    pub fn from_key(key: &str) -> Option<Self> {
        let spec = TABLE.iter().find(|spec| spec.key.eq_ignore_ascii_case(key));
        spec.map(|spec| spec.format)
    }

    /// The format a written file of this extension has: the first that can be written.
    pub fn from_extension(extension: &str) -> Option<Self> {
        let extension = extension.to_ascii_lowercase();
        let fits = |spec: &&&Spec| spec.write.is_some() && spec.extensions.contains(&extension.as_str());
        TABLE.iter().find(fits).map(|spec| spec.format)
    }

    /// Its name for a person.
    pub fn name(self) -> &'static str {
        self.spec().name
    }

    /// The extensions its files have, in lower case, the usual one first.
    pub fn extensions(self) -> &'static [&'static str] {
        self.spec().extensions
    }

    /// Whose files these are, for a person.
    pub fn origin(self) -> &'static str {
        self.spec().from
    }

    /// Whether its files name the speaker of every cue that has one, rather than of those where another begins.
    pub(super) fn names_each_speaker(self) -> bool {
        matches!(
            self,
            Self::Ass
                | Self::Earmark
                | Self::Elan
                | Self::TextGrid
                | Self::Ttml
                | Self::Tsv
                | Self::Csv
                | Self::Whisper
        )
    }

    /// Whether it is a recording that may hold a transcript.
    pub fn is_recording(self) -> bool {
        self.spec().family == Family::Media
    }

    /// Whether it can be written.
    pub fn is_written(self) -> bool {
        self.spec().write.is_some()
    }
}

/// By its key.
impl Serialize for Format {
    fn serialize<S: Serializer>(&self, out: S) -> Result<S::Ok, S::Error> {
        self.key().serialize(out)
    }
}

impl<'de> Deserialize<'de> for Format {
    fn deserialize<D: Deserializer<'de>>(input: D) -> Result<Self, D::Error> {
        let key = Cow::<str>::deserialize(input)?;
        Self::from_key(&key).ok_or_else(|| D::Error::custom(format_args!("there is no format {key:?}")))
    }
}

/// The formats as the README's Markdown table.
pub fn formats_table() -> String {
    let mut out = String::from("| transcript | files | | whose |\n|---|---|---|---|\n");
    for spec in TABLE {
        let extensions: Vec<String> = spec
            .extensions
            .iter()
            .map(|extension| format!("`.{extension}`"))
            .collect();
        let does = if spec.write.is_some() { "read, written" } else { "read" };
        out.extend([
            "| ",
            spec.name,
            " | ",
            &extensions.join(" "),
            " | ",
            does,
            " | ",
            spec.from,
            " |\n",
        ]);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn every_format_has_one_row_and_a_key_of_its_own() {
        let keys: HashSet<&str> = TABLE.iter().map(|spec| spec.key).collect();
        assert_eq!(keys.len(), TABLE.len());
        for format in Format::all() {
            assert_eq!(format.spec().format, format);
            assert_eq!(Format::from_key(format.key()), Some(format));
            assert!(!format.extensions().is_empty());
        }
    }
}
