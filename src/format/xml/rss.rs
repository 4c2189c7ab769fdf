//! Feeds of podcasts, RSS and Atom: no transcripts, but they name them.
//!
//! `podcast:transcript` (<https://github.com/Podcastindex-org/podcast-namespace>) gives an address and a kind for each
//! episode. Somebody who keeps the feed beside its files has the transcript under the last part of that address; where
//! the feed names none, beside the recording, whose address the `enclosure` gives. Nothing is fetched.

use std::collections::HashSet;

use super::super::draft::Drafts;
use super::super::formats::{Family, Format, Spec};
use super::super::tags::{Piece, Pieces, Tag};
use super::super::{Input, ReadError, Warnings};

/// The row of this format.
pub(in crate::format) const SPEC: Spec = Spec {
    format: Format::Feed,
    key: "rss",
    name: "podcast feed",
    extensions: &["rss", "atom", "xml"],
    from: "podcast hosts",
    family: Family::Markup,
    recognise,
    read,
    write: None,
};

/// A feed of more episodes is not searched further.
const MOST_NAMES: usize = 1_000;

/// By the outermost element; an episode may stand alone.
fn recognise(input: &Input<'_>) -> Option<&'static str> {
    let is_feed = matches!(
        input.root.as_ref()?.name.as_str(),
        "rss" | "feed" | "rdf" | "channel" | "item" | "entry"
    );
    is_feed.then_some("a feed, which names its transcripts")
}

/// Gives back the names of the files that the feed means.
fn read(input: &Input<'_>, _: &mut Drafts, _: &mut Warnings) -> Result<(), ReadError> {
    let (mut transcripts, mut recordings) = (Names::default(), Names::default());
    for piece in Pieces::new(input.text) {
        let Piece::Open(tag) = piece else { continue };
        match tag.name {
            "transcript" | "subTitle" => transcripts.add(address(tag)),
            "enclosure" => recordings.add(address(tag)),
            "link" if tag.get("rel").as_deref() == Some("enclosure") => recordings.add(address(tag)),
            _ => {}
        }
    }
    let found = if transcripts.is_empty() {
        recordings
    } else {
        transcripts
    };
    Err(ReadError::PointsTo {
        names: found.in_order(),
    })
}

fn address(tag: Tag<'_>) -> Option<String> {
    tag.get("url")
        .or_else(|| tag.get("href"))
        .map(|address| address.trim().to_owned())
}

/// The names of files, those of addresses on this machine first.
#[derive(Default)]
struct Names {
    near: Vec<String>,
    far: Vec<String>,
    known: HashSet<String>,
}

impl Names {
    fn add(&mut self, address: Option<String>) {
        let Some(address) = address else { return };
        let Some(name) = last_part(&address) else { return };
        if self.known.len() < MOST_NAMES && self.known.insert(name.clone()) {
            let is_far = address.contains("://") && !address.starts_with("file:") || address.starts_with("//");
            if is_far { &mut self.far } else { &mut self.near }.push(name);
        }
    }

    fn is_empty(&self) -> bool {
        self.known.is_empty()
    }

    fn in_order(mut self) -> Vec<String> {
        self.near.append(&mut self.far);
        self.near
    }
}

/// The last part of an address's path, its `%20`s read. Never more than a name: no path leads out of a folder.
fn last_part(address: &str) -> Option<String> {
    let path = address.split(['?', '#']).next()?;
    let path = path
        .split_once("://")
        .map_or(path, |(_, rest)| rest.split_once('/').map_or("", |(_, path)| path));
    let decoded = percent_decoded(path.trim_end_matches('/').rsplit('/').next()?);
    let name = decoded.rsplit(['/', '\\']).next()?.trim();
    let is_name = !name.is_empty() && name != "." && name != ".." && !name.contains(char::is_control);
    is_name.then(|| name.to_owned())
}

fn percent_decoded(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&byte, after)) = rest.split_first() {
        let digit = |place: usize| after.get(place).and_then(|&digit| char::from(digit).to_digit(16));
        rest = after;
        match (byte, digit(0), digit(1)) {
            (b'%', Some(high), Some(low)) => {
                bytes.push((high * 16 + low) as u8);
                rest = after.get(2..).unwrap_or_default();
            }
            _ => bytes.push(byte),
        }
    }
    String::from_utf8(bytes).unwrap_or_else(|_| text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_gives_a_name_and_no_more() {
        for (address, name) in [
            ("https://example.org/t/ep%2012.vtt?x=1#y", Some("ep 12.vtt")),
            ("ep12.srt", Some("ep12.srt")),
            ("file:///home/ada/ep12.json", Some("ep12.json")),
            ("https://example.org", None),
            ("https://example.org/%2e%2e", None),
            ("https://example.org/..%2f..%5csecret", Some("secret")),
            ("a%00b.vtt", None),
            ("100%.vtt", Some("100%.vtt")),
        ] {
            assert_eq!(last_part(address).as_deref(), name, "{address}");
        }
    }
}
