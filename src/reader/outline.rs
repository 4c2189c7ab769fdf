//! The chapters of what is open, on the recording's clock: from the recording itself, else from the transcript.

use std::sync::Arc;

use super::message::Severity;
use super::{Command, Document, Panel, Reader};
use crate::audio::Recording;
use crate::time::{MediaTime, TimeDelta};
use crate::timing::Timeline;

/// This far into a chapter, "previous" means its own start.
const CHAPTER_BEGUN: TimeDelta = TimeDelta::from_millis(3_000);
/// A title is a line, not a page; a damaged file may hold a book of one.
const LONGEST_TITLE: usize = 300;

/// A chapter on the recording's clock. It lasts until the next one begins, as in every player: the ends that files
/// tell leave holes of some milliseconds between chapters, in which one would be nowhere.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutlineChapter {
    /// When it begins, never before the recording.
    pub start: MediaTime,
    /// What it is called, in one line; `Chapter 7` where the file tells nothing.
    pub title: String,
}

/// All chapters, ordered by start.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Outline {
    chapters: Vec<OutlineChapter>,
}

impl Outline {
    /// Chapters by start and title, in any order.
    pub fn new<'a>(told: impl IntoIterator<Item = (MediaTime, &'a str)>) -> Self {
        let mut told: Vec<(MediaTime, &str)> = told.into_iter().collect();
        told.sort_by_key(|(start, _)| *start);
        let chapter = |(place, (start, title)): (usize, (MediaTime, &str))| OutlineChapter {
            start: start.max(MediaTime::ZERO),
            title: in_one_line(title).unwrap_or_else(|| format!("Chapter {}", place + 1)),
        };
        let chapters = told.into_iter().enumerate().map(chapter).collect();
        Self { chapters }
    }

    /// The recording's own chapters; where it has none, the transcript's as they are heard.
    fn of(recording: Option<&Recording>, timeline: Option<&Timeline>) -> Self {
        match (recording, timeline) {
            (Some(recording), _) if !recording.chapters.is_empty() => {
                Self::new(recording.chapters.iter().map(|c| (c.start, c.title.as_str())))
            }
            (_, Some(timeline)) => {
                let map = timeline.map();
                let told = timeline.transcript().outline.iter();
                Self::new(told.map(|c| (map.media_from_cue(c.start), c.title.as_str())))
            }
            (_, None) => Self::default(),
        }
    }

    /// The chapters.
    pub fn chapters(&self) -> &[OutlineChapter] {
        &self.chapters
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.chapters.is_empty()
    }

    /// The chapter that holds an instant: its place in [`Outline::chapters`]; none before the first.
    pub fn at(&self, t: MediaTime) -> Option<usize> {
        self.chapters
            .partition_point(|chapter| chapter.start <= t)
            .checked_sub(1)
    }

    /// Where the first chapter begins that begins after `t`.
    pub fn next_start(&self, t: MediaTime) -> Option<MediaTime> {
        let next = self.chapters.partition_point(|chapter| chapter.start <= t);
        Some(self.chapters.get(next)?.start)
    }

    /// Where "previous" leads from `t`: the start of the chapter, or of the one before when it has only just begun.
    /// Before the first there is the start of the recording.
    pub fn previous_start(&self, t: MediaTime) -> MediaTime {
        let start_of = |place: Option<usize>| place.and_then(|place| self.chapters.get(place)).map(|c| c.start);
        let Some(start) = start_of(self.at(t)) else {
            return MediaTime::ZERO;
        };
        if t - start > CHAPTER_BEGUN {
            return start;
        }
        // Chapters may begin together: the one before begins earlier.
        let before = self.chapters.partition_point(|chapter| chapter.start < start);
        start_of(before.checked_sub(1)).unwrap_or(MediaTime::ZERO)
    }
}

/// A title or a name without line breaks and doubled blanks; `None` where nothing is left of it.
pub(super) fn in_one_line(title: &str) -> Option<String> {
    let mut line = String::new();
    let words = title.split(|c: char| c.is_whitespace() || c.is_control());
    for word in words.filter(|word| !word.is_empty()) {
        if !line.is_empty() {
            line.push(' ');
        }
        line.extend(word.chars().take(LONGEST_TITLE + 1));
        if line.len() >= LONGEST_TITLE * 4 {
            break;
        }
    }
    let cut = line.char_indices().nth(LONGEST_TITLE).map(|(at, _)| at);
    if let Some(at) = cut {
        line.truncate(at);
        line.push('…');
    }
    (!line.is_empty()).then_some(line)
}

impl Document {
    /// Makes the outline anew: after the recording, the transcript or the map between them has changed.
    pub(super) fn settle_outline(&mut self) {
        let outline = Outline::of(self.recording.as_deref(), self.timeline.as_ref());
        // The window keeps what it has made of an outline as long as it is the same one.
        if outline != *self.outline {
            self.outline = Arc::new(outline);
        }
    }
}

impl Reader {
    /// To the next chapter, or to the start of this one or the one before.
    pub(super) fn step_chapter(&mut self, command: &Command) {
        let Some(document) = &self.document else { return };
        if document.outline.is_empty() {
            return self.tell_no_chapters();
        }
        let position = self.playback.position;
        let goal = if *command == Command::NextChapter {
            document.outline.next_start(position)
        } else {
            Some(document.outline.previous_start(position))
        };
        if let Some(goal) = goal {
            self.jump_to(goal);
            self.follow = true;
        }
    }

    /// Whether the outline can be opened; says so where there is none.
    pub(super) fn may_open(&mut self, panel: Panel) -> bool {
        if panel != Panel::Outline || self.document.is_none() {
            return panel != Panel::Outline;
        }
        self.has_chapters()
    }

    /// Whether there are chapters; says so where there are none.
    pub(super) fn has_chapters(&mut self) -> bool {
        let document = self.document.as_ref();
        let any = document.is_some_and(|document| !document.outline.is_empty());
        if !any {
            self.tell_no_chapters();
        }
        any
    }

    fn tell_no_chapters(&mut self) {
        let text = "Neither the recording nor the transcript tells of chapters.";
        self.tell(Severity::Info, text, Vec::new());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(millis: i64) -> MediaTime {
        MediaTime::from_millis(millis)
    }

    #[test]
    fn an_instant_belongs_to_the_chapter_that_began_last() {
        let outline = Outline::new([(at(60_000), "Two"), (at(10_000), "One"), (at(60_000), "Two too")]);
        for (instant, place) in [
            (0, None),
            (10_000, Some(0)),
            (59_999, Some(0)),
            (60_000, Some(2)),
            (9_000_000, Some(2)),
        ] {
            assert_eq!(outline.at(at(instant)), place, "{instant}");
        }
        assert_eq!(outline.next_start(at(0)), Some(at(10_000)));
        assert_eq!(outline.next_start(at(10_000)), Some(at(60_000)));
        assert_eq!(outline.next_start(at(60_000)), None);
        assert_eq!(outline.previous_start(at(70_000)), at(60_000));
        assert_eq!(outline.previous_start(at(62_000)), at(10_000));
        assert_eq!(outline.previous_start(at(11_000)), MediaTime::ZERO);
        assert_eq!(outline.previous_start(at(5_000)), MediaTime::ZERO);
        assert_eq!(Outline::default().at(at(0)), None);
    }

    #[test]
    fn titles_are_one_line_each() {
        let book = "word ".repeat(100_000);
        let outline = Outline::new([
            (at(-500), " The\n\tfirst "),
            (at(1), ""),
            (at(2), "\u{0}\u{7}\r\n"),
            (at(3), &book),
            (at(4), &"é".repeat(301)),
        ]);
        let titles: Vec<&str> = outline.chapters().iter().map(|c| c.title.as_str()).collect();
        assert_eq!(titles[..3], ["The first", "Chapter 2", "Chapter 3"]);
        for title in &titles[3..] {
            assert_eq!(title.chars().count(), 301);
            assert!(title.ends_with('…'));
        }
        assert_eq!(outline.chapters()[0].start, MediaTime::ZERO);
    }
}
