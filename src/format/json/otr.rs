//! oTranscribe's `.otr`: JSON around the HTML of its editor, in which a time is a `<span class="timestamp">`.
//!
//! A time begins a cue that lasts to the next. The editor's paragraphs and line breaks part lines; the rest of its
//! markup is style. People write a name before the time as well as behind it.

use super::super::draft::{Draft, Drafts};
use super::super::formats::{Family, Format, Spec};
use super::super::markup::Plain;
use super::super::stamp::read_time;
use super::super::tags::{Piece, Pieces, Tag};
use super::super::warning::shorten;
use super::super::{Input, ReadError, WarningKind, Warnings};
use super::tree::time_from_secs;
use crate::time::CueTime;

/// The row of this format.
pub(in crate::format) const SPEC: Spec = Spec {
    format: Format::OTranscribe,
    key: "otr",
    name: "oTranscribe",
    extensions: &["otr"],
    from: "oTranscribe",
    family: Family::Json,
    recognise,
    read,
    write: None,
};

/// A name before a time is no longer than this, in bytes.
const LONGEST_NAME: usize = 64;

fn recognise(input: &Input<'_>) -> Option<&'static str> {
    let root = input.json.as_ref()?.root();
    let text = root.text("text")?;
    let is_own =
        root.get("media-time").is_some() || text.contains("data-timestamp=") || text.contains("class=\"timestamp\"");
    is_own.then_some("text with timestamps and a media-time")
}

fn read(input: &Input<'_>, drafts: &mut Drafts, warnings: &mut Warnings) -> Result<(), ReadError> {
    let root = super::root(input, SPEC.format)?;
    let mut pieces = Pieces::new(root.text("text").unwrap_or(""));
    let mut editor = Editor {
        drafts,
        warnings,
        start: None,
        text: String::new(),
        line_from: 0,
    };
    // The text of a time, which is shown and not said; how many spans are open inside it.
    let mut shown: Option<(Option<CueTime>, String, usize)> = None;
    for piece in &mut pieces {
        match (piece, &mut shown) {
            (Piece::Open(tag), None) if is_timestamp(&tag) => {
                let time = tag
                    .get("data-timestamp")
                    .and_then(|seconds| seconds.trim().parse().ok());
                shown = Some((
                    time.filter(|seconds: &f64| seconds.is_finite()).map(time_from_secs),
                    String::new(),
                    0,
                ));
            }
            (Piece::Open(tag), Some((.., open))) if tag.name.eq_ignore_ascii_case("span") => *open += 1,
            (Piece::Close(name), Some((time, text, open))) if name.eq_ignore_ascii_case("span") => {
                if *open > 0 {
                    *open -= 1;
                } else {
                    let time = time.or_else(|| Some(read_time(text.trim().as_bytes())?.time));
                    editor.begin(time, text);
                    shown = None;
                }
            }
            (Piece::Text(piece), Some((_, text, _))) => text.push_str(&piece),
            (Piece::Text(text), None) => editor.text.push_str(&text.replace('\n', " ")),
            (Piece::Open(tag), None) => {
                if !is_known(tag.name) {
                    let tag = shorten(&format!("<{}>", tag.name));
                    editor.warnings.push(0, WarningKind::UnknownTag { tag });
                }
                editor.break_at(tag.name);
            }
            (Piece::Close(name), None) if !name.eq_ignore_ascii_case("br") => editor.break_at(name),
            _ => {}
        }
    }
    editor.close(None);
    pieces.tell_troubles(warnings);
    Ok(())
}

/// Tags that part lines.
const BLOCKS: &str = " p div br li ul ol h1 h2 h3 h4 h5 h6 blockquote pre ";
/// Tags that are style.
const STYLES: &str = " span b i u s em strong strike font a sub sup small mark code img ";

fn is_in(list: &str, tag: &str) -> bool {
    list.contains(&format!(" {} ", tag.to_ascii_lowercase()))
}

fn is_known(tag: &str) -> bool {
    is_in(BLOCKS, tag) || is_in(STYLES, tag)
}

fn is_timestamp(tag: &Tag<'_>) -> bool {
    let class = || {
        tag.get("class")
            .is_some_and(|class| class.split_whitespace().any(|class| class == "timestamp"))
    };
    tag.name.eq_ignore_ascii_case("span") && (tag.get("data-timestamp").is_some() || class())
}

/// What was written since the last time.
struct Editor<'a> {
    drafts: &'a mut Drafts,
    warnings: &'a mut Warnings,
    start: Option<CueTime>,
    text: String,
    /// Where the last line begins.
    line_from: usize,
}

impl Editor<'_> {
    fn break_at(&mut self, tag: &str) {
        if is_in(BLOCKS, tag) {
            self.text.push('\n');
            self.line_from = self.text.len();
        }
    }

    /// Ends the cue before a time and begins the next.
    fn begin(&mut self, time: Option<CueTime>, shown: &str) {
        let Some(time) = time else {
            let text = shorten(shown);
            self.warnings.push(0, WarningKind::BadTime { text });
            return;
        };
        // `Ada: 0:12 Hello`: the name belongs to what follows.
        let line = self.text.get(self.line_from..).unwrap_or("");
        let is_name = line.trim_end().ends_with(':') && line.trim().len() <= LONGEST_NAME;
        let name = if is_name {
            self.text.split_off(self.line_from)
        } else {
            String::new()
        };
        self.close(Some(time));
        self.text = name;
    }

    fn close(&mut self, next: Option<CueTime>) {
        let text = std::mem::take(&mut self.text);
        self.line_from = 0;
        let mut plain = Plain::default();
        plain.literal(&text);
        match std::mem::replace(&mut self.start, next) {
            Some(start) => self.drafts.add(Draft::new(0, start, None), &plain),
            None if plain.text.is_empty() => {}
            None => {
                let text = shorten(&plain.text);
                self.warnings.push(0, WarningKind::StrayText { text });
            }
        }
    }
}
