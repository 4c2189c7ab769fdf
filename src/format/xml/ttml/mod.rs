//! TTML and its kin, by the W3C's description (<https://www.w3.org/TR/ttml2/>): DFXP, IMSC, iTunes Timed Text, EBU-TT,
//! SMPTE-TT, and the transcripts of Apple Podcasts.
//!
//! Written by broadcasters, Netflix, Adobe's and Apple's programs. A `p` is a cue; times of the elements around it
//! count for it too (section 12.2), and so do those of `span`s inside: with them a `p` has timed words. `ttm:agent`
//! tells the speaker. Namespaces differ by draft and maker, so names are compared without their prefixes.
//!
//! Quirks: Apple counts the times of nested elements from the start of the file instead of from the element around
//! them, and writes them as `1:02.5`; captions that are pictures (SMPTE-TT, IMSC's image profile) are told; divisions
//! in several languages that run at the same time are tiers.

mod body;
mod clock;
mod languages;
mod nesting;
mod write;

use super::super::draft::Drafts;
use super::super::formats::{Family, Format, Holds, Spec};
use super::super::tags::Tag;
use super::super::{Input, ReadError, WarningKind, Warnings};
use clock::Clock;

/// The row of this format.
pub(in crate::format) const SPEC: Spec = Spec {
    format: Format::Ttml,
    key: "ttml",
    name: "TTML",
    extensions: &["ttml", "dfxp", "itt", "xml"],
    from: "Apple Podcasts, iTunes, Netflix, broadcasters, Adobe",
    family: Family::Markup,
    recognise,
    read,
    write: Some((write::write, HOLDS)),
};

const HOLDS: Holds = Holds::ALL_BUT_CHAPTERS;

/// By the outermost element.
fn recognise(input: &Input<'_>) -> Option<&'static str> {
    (input.root.as_ref()?.name == "tt").then_some("its first tag is <tt>")
}

/// Reads the cues.
fn read(input: &Input<'_>, drafts: &mut Drafts, warnings: &mut Warnings) -> Result<(), ReadError> {
    let root = Tag::of(input.root.as_ref().map_or("", |root| root.tag));
    let clock = Clock::of(&root, input.options.frame_rate);
    let prefix = root.full_name.strip_suffix("tt").unwrap_or("");
    drafts.line_break = Some(format!("<{prefix}br/>"));
    let from_zero = nesting::counts_from_zero(input.text, clock.clone());
    if from_zero {
        let what = "times inside timed elements count from the start of the file";
        warnings.push(0, WarningKind::Mended { what });
    }
    let found = body::read(input.text, clock, from_zero, drafts, warnings);
    if drafts.cues.is_empty() && found.pictures > 0 {
        let what = "the captions of this file are pictures, not text".to_owned();
        return Err(ReadError::Broken { what });
    }
    languages::choose(&found.languages, input.options.tier, drafts, warnings)
}

#[cfg(test)]
mod tests {
    use crate::format::{Format, Options, Reading, read, write};

    fn reading(text: &str, options: Options<'_>) -> Reading {
        read(text.as_bytes(), &options).expect("a transcript")
    }

    #[test]
    fn a_person_says_which_language_and_how_many_frames() {
        let text = r#"<tt><body><div xml:lang="en"><p begin="50f" end="75f">Two</p></div>
            <div xml:lang="pl"><p begin="50f" end="75f">Dwa</p></div></body></tt>"#;
        let options = Options {
            tier: Some("PL"),
            frame_rate: Some(25.0),
            ..Options::default()
        };
        let read = reading(text, options);
        let cue = &read.transcript.cues[0];
        assert_eq!((&*cue.text, cue.span.start.as_micros()), ("Dwa", 2_000_000));
        assert_eq!(
            (read.transcript.language.as_deref(), read.warnings),
            (Some("pl"), vec![])
        );
    }

    #[test]
    fn what_was_read_is_given_back() {
        let text = r#"<?xml version="1.0"?>
<tt xmlns="http://www.w3.org/ns/ttml" xml:lang="en"><head><styling><style xml:id="s"/></styling></head>
<body>
<div>
<p xml:id="c1" begin="1.5s" dur="2s" region="r">One <span style="s">&amp; only</span><br/>cue</p>
</div>
</body>
</tt>
"#;
        let read = reading(text, Options::default());
        let written = write(&read.transcript, Format::Ttml).expect("a file");
        assert_eq!((written.text.as_str(), written.losses), (text, vec![]));
    }
}
