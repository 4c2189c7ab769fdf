//! The state of the program: everything the window shows is here or in a document.

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::time::Instant;

use super::event::{Listing, NoDialog};
use super::message::{Message, MessageId, Severity};
use super::playing::Playback;
use super::searching::Search;
use super::settings::Settings;
use super::timing::TimingHistory;
use super::{Command, Document, Effect, Mark, Selection};
use crate::library::{Health, Recent, Request};
use crate::notes::{Annotation, AnnotationId, Colour, History, Kind, Placement};

/// What can be opened over or beside the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Panel {
    /// The notes, beside the text.
    Notes,
    /// The search field's results.
    Search,
    /// The chapters, beside the text.
    Outline,
    /// The timing, beside the text.
    Timing,
    /// The keys.
    Help,
    /// All commands.
    Palette,
    /// What one likes.
    Settings,
    /// A time to go to.
    GoToTime,
    /// Where and how to export the notes.
    Export,
    /// What was repaired in the transcript.
    Repairs,
}

impl Panel {
    /// Whether it has the keys and stands alone while it is open.
    pub const fn is_dialog(self) -> bool {
        !matches!(self, Self::Notes | Self::Search | Self::Outline | Self::Timing)
    }
}

/// A note being written. It is thrown away only when the reader says so.
#[derive(Debug, Clone, PartialEq)]
pub struct Draft {
    /// The note as it would be kept, with the text as it is so far.
    pub annotation: Annotation,
    /// Where it belongs.
    pub placement: Placement,
    /// The tags as typed.
    pub tags: String,
    /// Whether it is a new one.
    pub new: bool,
    /// Whether the tags are wanted, rather than the text.
    pub tags_first: bool,
}

/// Which notes are shown.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct NoteFilter {
    /// Those that hold this text, in quote, note or tag.
    pub text: String,
    /// This kind.
    pub kind: Option<Kind>,
    /// This colour.
    pub colour: Option<Colour>,
    /// This tag.
    pub tag: Option<String>,
}

impl NoteFilter {
    /// Whether nothing is left out.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// Whether a note is shown.
    pub fn admits(&self, annotation: &Annotation) -> bool {
        let text = self.text.trim().to_lowercase();
        let holds = |haystack: &str| haystack.to_lowercase().contains(&text);
        self.kind.is_none_or(|kind| kind == annotation.kind)
            && self.colour.is_none_or(|colour| colour == annotation.colour)
            && self.tag.as_ref().is_none_or(|tag| annotation.tags.contains(tag))
            && (text.is_empty()
                || holds(&annotation.text)
                || annotation
                    .target
                    .quote
                    .as_ref()
                    .is_some_and(|quote| holds(&quote.exact))
                || annotation.tags.iter().any(|tag| holds(tag)))
    }
}

/// A write on its way to the disk. The screen changes when it is there.
#[derive(Debug, Clone)]
pub(super) struct Pending {
    pub generation: u64,
    pub put: Vec<Mark>,
    pub delete: Vec<AnnotationId>,
    /// The step this adds to the history, or how it moves in it.
    pub history: HistoryMove,
}

/// What a committed write does to the history.
#[derive(Debug, Clone)]
pub(super) enum HistoryMove {
    Record(Vec<crate::notes::Edit>),
    None,
}

/// The application without a screen.
#[derive(Debug)]
pub struct Reader {
    /// What is open.
    pub document: Option<Document>,
    /// The sound.
    pub playback: Playback,
    /// The search.
    pub search: Search,
    /// The marked words.
    pub selection: Option<Selection>,
    /// Whether the view keeps the playhead in sight.
    pub follow: bool,
    /// What is open over or beside the text.
    pub panels: BTreeSet<Panel>,
    /// The note being written.
    pub draft: Option<Draft>,
    /// The note that is chosen.
    pub chosen: Option<AnnotationId>,
    /// Which notes are shown.
    pub filter: NoteFilter,
    /// What one likes.
    pub settings: Settings,
    /// What was open before, the newest first.
    pub recents: Vec<Recent>,
    /// How the library was found; `None` until it is open.
    pub health: Option<Health>,
    /// What is told in bars, the oldest first.
    pub messages: Vec<Message>,
    /// What a dialog would have asked for, where none can be shown.
    pub ask: Option<NoDialog>,
    /// The folder of a path that is being typed.
    pub listing: Option<Listing>,
    /// Whether the window fills the screen.
    pub fullscreen: bool,
    /// Whether the notes lie over the text, since the window is too narrow for both.
    pub narrow: bool,
    pub(super) options: super::opening::Options,
    pub(super) history: History,
    pub(super) timings: TimingHistory,
    pub(super) pending: BTreeMap<u64, Pending>,
    pub(super) jumps: super::playing::Jumps,
    pub(super) last_place: Option<super::playing::PlaceKept>,
    /// The last tick's instant: what a command calls now.
    pub(super) clock: Option<Instant>,
    pub(super) stopped: Option<super::rewind::Stopped>,
    pub(super) sleep: Option<super::sleep::Sleep>,
    /// The share of the volume that is heard while the sleep timer runs out.
    pub(super) fade: f32,
    /// Whether sound comes out, and whether the machine is kept awake for it.
    pub(super) sounding: bool,
    awake: bool,
    pub(super) generation: u64,
    ticket: u64,
    message: u64,
    effects: Vec<Effect>,
}

impl Default for Reader {
    fn default() -> Self {
        Self {
            document: None,
            playback: Playback::default(),
            search: Search::default(),
            selection: None,
            follow: true,
            panels: BTreeSet::from([Panel::Notes]),
            draft: None,
            chosen: None,
            filter: NoteFilter::default(),
            settings: Settings::default(),
            recents: Vec::new(),
            health: None,
            messages: Vec::new(),
            ask: None,
            listing: None,
            fullscreen: false,
            narrow: false,
            options: super::opening::Options::default(),
            history: History::default(),
            timings: TimingHistory::default(),
            pending: BTreeMap::new(),
            jumps: super::playing::Jumps::default(),
            last_place: None,
            clock: None,
            stopped: None,
            sleep: None,
            fade: 1.0,
            sounding: false,
            awake: false,
            generation: 0,
            ticket: 0,
            message: 0,
            effects: Vec::new(),
        }
    }
}

impl Reader {
    /// What is to be done outside, in order; each is handed out once.
    pub fn take_effects(&mut self) -> Vec<Effect> {
        std::mem::take(&mut self.effects)
    }

    /// Whether a panel is open.
    pub fn shows(&self, panel: Panel) -> bool {
        self.panels.contains(&panel)
    }

    /// Whether a dialog is open: it has the keys then.
    pub fn has_dialog(&self) -> bool {
        self.ask.is_some() || self.panels.iter().any(|panel| panel.is_dialog())
    }

    pub(super) fn effect(&mut self, effect: Effect) {
        self.effects.push(effect);
    }

    /// Keeps the machine awake while sound comes out, and no longer.
    pub(super) fn settle_awake(&mut self) {
        let wanted = self.sounding && self.playback.playing;
        if wanted != self.awake {
            self.awake = wanted;
            self.effect(Effect::KeepAwake(wanted));
        }
    }

    pub(super) fn ask_library(&mut self, request: Request) {
        self.effect(Effect::Library(request));
    }

    pub(super) fn next_ticket(&mut self) -> u64 {
        self.ticket += 1;
        self.ticket
    }

    /// Shows a message; the same text is not shown twice.
    pub(super) fn tell(&mut self, severity: Severity, text: impl Into<String>, actions: Vec<(&'static str, Command)>) {
        let text = text.into();
        if self.messages.iter().any(|message| message.text == text) {
            return;
        }
        self.message += 1;
        self.messages.push(Message {
            id: MessageId(self.message),
            severity,
            text,
            actions,
        });
        // A window full of bars tells nothing; the oldest has been read by now.
        if self.messages.len() > 4 {
            self.messages.remove(0);
        }
    }

    /// Changes the settings and keeps what changed.
    pub(super) fn change_settings(&mut self, change: impl FnOnce(&mut Settings)) {
        let before = self.settings.to_pairs();
        change(&mut self.settings);
        for (old, (name, value)) in before.into_iter().zip(self.settings.to_pairs()) {
            if old.1 != value {
                self.ask_library(Request::PutSetting {
                    key: name.to_owned(),
                    value,
                });
            }
        }
    }

    /// The notes that are shown, in the order of time; unplaced ones last.
    pub fn shown_marks(&self) -> impl Iterator<Item = &Mark> {
        self.document
            .iter()
            .flat_map(|document| &document.marks)
            .filter(|mark| self.filter.admits(&mark.annotation))
    }

    /// The note with this id.
    pub fn mark(&self, id: AnnotationId) -> Option<&Mark> {
        self.document
            .as_ref()?
            .marks
            .iter()
            .find(|mark| mark.annotation.id == id)
    }

    /// All tags of the document, each once, in order.
    pub fn tags(&self) -> Vec<&str> {
        let tags: BTreeSet<&str> = self
            .document
            .iter()
            .flat_map(|document| &document.marks)
            .flat_map(|mark| &mark.annotation.tags)
            .map(String::as_str)
            .collect();
        tags.into_iter().collect()
    }
}
