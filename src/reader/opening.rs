//! Opening and closing documents.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Instant;

use jiff::Timestamp;

use super::document::{Progress, Told};
use super::event::{NoDialog, ReadTranscript};
use super::message::Severity;
use super::pairing::{Half, half_of};
use super::playing::possible_speed;
use super::transcript_file::{HowToRead, ReadFailure};
use super::{Command, Document, Effect, Panel, Reader, Selection, View};
use crate::audio::{AudioSource, EngineCommand, Recording};
use crate::format::{Warning, WarningKind};
use crate::library::{DocumentFiles, DocumentId, Request, StoredDocument};
use crate::time::{MediaTime, TimeDelta, format_clock};
use crate::timing::Timeline;
use crate::transcript::CueId;

/// What the command line asks for, once, when the first document opens.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Options {
    /// Begin here.
    pub at: Option<TimeDelta>,
    /// Play at once.
    pub play: bool,
    /// At this speed.
    pub speed: Option<f32>,
    /// In this view.
    pub view: Option<View>,
    /// Read the transcript so.
    pub how: HowToRead,
}

impl Reader {
    /// What the command line asks for; it holds for the next document that opens.
    pub fn set_options(&mut self, options: Options) {
        self.options = options;
    }

    pub(super) fn open(&mut self, paths: &[PathBuf]) {
        let (texts, sounds): (Vec<_>, Vec<_>) = paths.iter().partition(|path| half_of(path) == Half::Transcript);
        let (mut texts, mut sounds) = (texts.into_iter(), sounds.into_iter());
        let transcript = texts.next().cloned();
        // A recording under a strange name looks like text; where none is known as sound, the second may be it.
        let recording = sounds.next().or_else(|| texts.next()).cloned();
        if transcript.is_none() && recording.is_none() {
            return;
        }
        let left_out: Vec<String> = texts.chain(sounds).map(|path| name_of(path)).collect();
        let title = title_of(transcript.as_deref().or(recording.as_deref()));
        self.begin(title);
        self.read_document(transcript, recording);
        if !left_out.is_empty() {
            let text = format!(
                "One transcript and one recording are open at a time; left out: {}.",
                left_out.join(", ")
            );
            self.tell(Severity::Warning, text, Vec::new());
        }
    }

    fn read_document(&mut self, transcript: Option<PathBuf>, recording: Option<PathBuf>) {
        let how = std::mem::take(&mut self.options.how);
        if let Some(document) = &mut self.document {
            document.how = how.clone();
        }
        self.effect(Effect::ReadDocument {
            generation: self.generation,
            transcript,
            recording,
            how,
        });
    }

    /// Reads the open transcript again, in another way; the notes follow their words.
    pub(super) fn read_again(&mut self, how: HowToRead) {
        let Some(document) = &mut self.document else { return };
        if document.transcript_path.is_none() {
            return;
        }
        let marks = std::mem::take(&mut document.marks);
        document
            .annotations
            .extend(marks.into_iter().map(|mark| mark.annotation));
        document.placing = Some(true);
        self.read_otherwise(how);
    }

    fn read_otherwise(&mut self, how: HowToRead) {
        let Some(document) = &mut self.document else { return };
        let Some(path) = document.transcript_path.clone() else {
            return;
        };
        document.how = how.clone();
        document.reading = true;
        let generation = document.generation;
        self.selection = None;
        self.effect(Effect::ReadTranscript { generation, path, how });
    }

    /// Reads the transcript as a person wanted it the last time, unless they say otherwise now. Who it is, is known only
    /// once it was read.
    fn read_as_last_time(&mut self) {
        let Some(document) = &mut self.document else { return };
        if document.how == HowToRead::default() && document.kept_how != HowToRead::default() {
            let how = document.kept_how.clone();
            self.read_otherwise(how);
        } else {
            self.keep_how();
        }
    }

    /// Keeps how the transcript was read, once that went well.
    fn keep_how(&mut self) {
        let Some(document) = &mut self.document else { return };
        let Some(id) = document
            .stored
            .filter(|_| !document.reading && document.how != document.kept_how)
        else {
            return;
        };
        document.kept_how.clone_from(&document.how);
        let how = document.how.to_keep();
        self.ask_library(Request::PutHowToRead { document: id, how });
    }

    /// Drops what is open and begins anew; late answers to it will be dropped.
    fn begin(&mut self, title: String) {
        self.close();
        self.generation += 1;
        self.document = Some(Document::new(self.generation, title));
        if let Some(view) = self.options.view {
            self.settings.view = view;
        }
        if let Some(speed) = self.options.speed {
            self.playback.speed = possible_speed(speed);
        }
    }

    pub(super) fn open_demo(&mut self) {
        self.begin("Talking about maps".to_owned());
        if let Some(document) = &mut self.document {
            document.demo = true;
        }
        let generation = self.generation;
        self.effect(Effect::ReadDemo { generation });
    }

    pub(super) fn open_recent(&mut self, id: DocumentId) {
        let Some(recent) = self.recents.iter().find(|recent| recent.id == id) else {
            return;
        };
        let paths: Vec<PathBuf> = recent
            .transcript
            .iter()
            .chain(&recent.recording)
            // The demo lies nowhere on the disk.
            .filter(|path| !path.as_os_str().is_empty())
            .cloned()
            .collect();
        if paths.is_empty() {
            self.open_demo();
        } else {
            self.open(&paths);
        }
    }

    /// Adds the missing half, or opens the file on its own.
    pub(super) fn attach(&mut self, path: PathBuf) {
        let Some(document) = &self.document else {
            return self.open(&[path]);
        };
        let missing_recording = document.source.is_none() && document.transcript_path.is_some();
        let other = match (missing_recording, &document.source) {
            (true, _) => document.transcript_path.clone(),
            (false, Some(AudioSource::File(recording))) if document.timeline.is_none() => Some(recording.clone()),
            _ => None,
        };
        let (transcript, recording) = match other {
            Some(transcript) if missing_recording => (Some(transcript), Some(path)),
            Some(recording) => (Some(path), Some(recording)),
            None => return self.open(&[path]),
        };
        self.begin(title_of(transcript.as_deref()));
        self.read_document(transcript, recording);
    }

    /// Files dropped on the window: the missing half of what is open, or a new document.
    pub(super) fn open_or_attach(&mut self, paths: &[PathBuf]) {
        let wants = self.document.as_ref().and_then(Document::missing_half);
        match paths {
            [only] if wants == Some(half_of(only)) => self.attach(only.clone()),
            _ => self.open(paths),
        }
    }

    pub(super) fn close(&mut self) {
        self.save_draft();
        if self.document.is_some() {
            if self.place_is_stale() {
                self.keep_place(Instant::now());
            }
            self.effect(Effect::Audio(EngineCommand::Unload));
        }
        self.document = None;
        self.selection = None;
        self.draft = None;
        self.chosen = None;
        self.history = crate::notes::History::default();
        self.timings = super::timing::TimingHistory::default();
        self.jumps = super::playing::Jumps::default();
        self.last_place = None;
        self.stopped = None;
        self.sounding = false;
        self.end_chapter_sleep();
        self.set_fade(1.0);
        self.filter = super::NoteFilter::default();
        self.messages.clear();
        self.follow = true;
        self.close_search();
        self.panels.remove(&Panel::Repairs);
        self.uncover_text();
        let before = std::mem::take(&mut self.playback);
        self.playback = super::Playback {
            device: before.device,
            plays_on: before.plays_on,
            outputs: before.outputs,
            muted: before.muted,
            ..super::Playback::default()
        };
        self.ask_library(Request::ListRecents);
    }

    pub(super) fn current(&mut self, generation: u64) -> Option<&mut Document> {
        self.document
            .as_mut()
            .filter(|document| document.generation == generation)
    }

    pub(super) fn found(&mut self, generation: u64, transcript: Option<PathBuf>, recording: Option<AudioSource>) {
        let at = self.options.at.map_or(MediaTime::ZERO, |at| MediaTime::ZERO + at);
        let Some(document) = self.current(generation) else {
            return;
        };
        document.reading = transcript.is_some() || document.demo;
        document.transcript_path = transcript;
        document.source.clone_from(&recording);
        if !document.demo {
            let sound = match &recording {
                Some(AudioSource::File(path)) => Some(path.clone()),
                _ => None,
            };
            document.title = title_of(document.transcript_path.clone().or(sound).as_deref());
        }
        if let Some(source) = recording {
            document.measured = Progress::Running(0.0);
            self.playback.position = at;
            self.effect(Effect::Audio(EngineCommand::Load { source, at, generation }));
        } else {
            self.options.play = false;
        }
    }

    pub(super) fn recording_opened(&mut self, generation: u64, recording: Arc<Recording>) {
        let Some(document) = self.current(generation) else {
            return;
        };
        let helped = recording
            .decoded_by
            .map(|program| format!("Its sound is coded as {}; {program} decodes it.", recording.codec));
        document.told = Told::by(&recording);
        document.recording = Some(recording);
        document.settle_outline();
        let source = document.source.clone();
        if let Some(text) = helped {
            self.tell(Severity::Info, text, Vec::new());
        }
        self.playback.ready = true;
        if let Some(source) = source {
            let of = source.clone();
            self.effect(Effect::FindCover { generation, source: of });
            self.effect(Effect::FindPeaks { generation, source });
        }
        let speed = self.playback.speed;
        self.effect(Effect::Audio(EngineCommand::SetSpeed(speed)));
        self.send_volume();
        self.send_sound();
        if self.playback.looping.is_some() {
            self.send_loop();
        }
        self.ask_who();
        self.restore();
        if std::mem::take(&mut self.options.play) || self.playback.playing {
            self.run(Command::Play);
        }
    }

    pub(super) fn transcript_read(&mut self, generation: u64, read: ReadTranscript) {
        let Some(document) = self.current(generation) else {
            return;
        };
        let timing = document.kept_timing();
        document.fitting = super::Fitting::default();
        document.words = super::fitting::Wanted::default();
        document.signs_wanted = 0;
        document.timeline = Some(Timeline::new(Arc::clone(&read.transcript), timing));
        document.settle_timing();
        document.reading = false;
        let transcript = Arc::clone(&read.transcript);
        // That there are no times is offered to be put right.
        let is_repair = |warning: &&Warning| !matches!(warning.kind, WarningKind::NoTimes);
        let repairs = read.warnings.iter().filter(is_repair).count();
        document.read = Some(read);
        self.effect(Effect::Fold { generation, transcript });
        self.keep_how();
        let show = Command::Toggle(Panel::Repairs);
        self.messages
            .retain(|message| !message.actions.iter().any(|(_, command)| *command == show));
        if repairs > 0 {
            let text = match repairs {
                1 => "1 thing was repaired while reading the transcript.".to_owned(),
                n => format!("{n} things were repaired while reading the transcript."),
            };
            self.tell(Severity::Info, text, vec![("Show them", show)]);
        }
        self.place_marks();
        self.restore();
        self.look_for_signs();
    }

    pub(super) fn identified(&mut self, generation: u64, mut files: DocumentFiles) {
        let Some(document) = self.current(generation) else {
            return;
        };
        files.title.clone_from(&document.title);
        document.files = Some(files);
        self.ask_who();
    }

    /// Asks the library who the document is, once. What could not be opened is not to be listed as opened before.
    fn ask_who(&mut self) {
        let Some(document) = &mut self.document else { return };
        if document.timeline.is_none() && document.recording.is_none() {
            return;
        }
        let generation = document.generation;
        if let Some(files) = document.files.take() {
            self.ask_library(Request::OpenDocument { generation, files });
        }
    }

    pub(super) fn nothing_inside(&mut self, generation: u64) {
        if let Some(document) = self.current(generation) {
            document.reading = false;
            document.transcript_path = None;
            self.place_marks();
        }
    }

    pub(super) fn read_failed(&mut self, generation: u64, failure: &ReadFailure) {
        let Some(document) = self.current(generation) else {
            return;
        };
        document.reading = false;
        if document.timeline.is_some() {
            // It was to be read in another way; what was read before stays.
            document.how = HowToRead::default();
            self.place_marks();
            return self.tell(Severity::Error, failure.to_string(), Vec::new());
        }
        document.transcript_path = None;
        let nothing = document.source.is_none();
        if nothing {
            self.close();
        }
        self.tell(
            Severity::Error,
            failure.to_string(),
            vec![("Open another…", Command::ChooseFiles)],
        );
    }

    pub(super) fn document_known(&mut self, generation: u64, stored: StoredDocument) {
        let Some(document) = self.current(generation) else {
            return;
        };
        document.stored = Some(stored.id);
        document.annotations = stored.annotations;
        document.placing = Some(stored.transcript_changed);
        document.kept_how = HowToRead::kept(stored.how_to_read.as_deref());
        if let Some(place) = &stored.place {
            document.scroll = Some((CueId(place.scroll.0), place.scroll.1));
            if let Some(timeline) = &mut document.timeline {
                timeline.set_timing(place.timing.clone());
            }
            document.settle_timing();
        }
        let title = document.title.clone();
        self.read_as_last_time();
        self.place_marks();
        if let Some(place) = stored.place {
            if self.options.view.take().is_none() {
                self.settings.view = View::from_name(&place.view).unwrap_or(self.settings.view);
            }
            self.resume(&title, &place);
        } else if let Some(document) = self.current(generation) {
            document.restored = true;
            if let Some(at) = self.options.at.take() {
                self.move_to(MediaTime::ZERO + at);
            }
            // A new document shows up in the recent list the next time, wherever one leaves it.
            self.keep_place(Instant::now());
        }
        self.look_for_signs();
    }

    /// Takes up the place of the last time, unless the command line names another.
    fn resume(&mut self, title: &str, place: &crate::library::Place) {
        if self.options.speed.take().is_none() {
            self.playback.speed = place.speed;
            self.effect(Effect::Audio(EngineCommand::SetSpeed(place.speed)));
        }
        let asked = self.options.at.take();
        let away = Timestamp::now().duration_since(place.at).unsigned_abs();
        let moved_already = self.playback.playing && self.playback.position > MediaTime::from_millis(3_000);
        if let Some(document) = &mut self.document {
            document.restored = true;
        }
        if let Some(at) = asked {
            self.move_to(MediaTime::ZERO + at);
        } else if !moved_already && place.position > MediaTime::from_millis(1_500) {
            let near_end = place
                .length
                .is_some_and(|length| length - place.position < TimeDelta::from_millis(1_500));
            if !near_end {
                // On the map of the last time, which is set by now.
                let position = self.rewound(place.position, away);
                self.move_to(position);
                self.tell(
                    Severity::Info,
                    format!(
                        "Taken up at {}, where you left {title}.",
                        format_clock(position - MediaTime::ZERO)
                    ),
                    vec![("From the beginning", Command::Seek(MediaTime::ZERO))],
                );
            }
        }
    }

    /// The recording or the text came after the place was known: the place is said again to the one that came late.
    fn restore(&mut self) {
        let position = self.playback.position;
        if self.document.as_ref().is_some_and(|document| document.restored) && position > MediaTime::ZERO {
            self.effect(Effect::Audio(EngineCommand::Seek(position)));
        }
    }

    /// Notes find their places once both they and the text are here.
    fn place_marks(&mut self) {
        let Some(document) = &mut self.document else { return };
        if document.reading {
            return;
        }
        let Some(changed) = document.placing.take() else { return };
        let annotations = std::mem::take(&mut document.annotations);
        let transcript = document
            .timeline
            .as_ref()
            .map(|timeline| Arc::clone(timeline.transcript()));
        let generation = document.generation;
        let changed = changed.then(|| document.timing());
        if !annotations.is_empty() {
            self.effect(Effect::Place {
                generation,
                annotations,
                transcript,
                changed,
            });
        }
    }

    pub(super) fn choose_other_half(&mut self) {
        let half = self.document.as_ref().and_then(Document::missing_half);
        match half {
            Some(half) => self.effect(Effect::ChooseHalf(half)),
            None => self.effect(Effect::ChooseFiles),
        }
    }

    pub(super) fn select_all(&mut self) {
        let timeline = self.document.as_ref().and_then(|document| document.timeline.as_ref());
        self.selection = timeline.and_then(|timeline| Selection::all(timeline.transcript()));
    }

    /// The folder a typed path begins in: that of what is open, else the home folder.
    pub fn folder(&self) -> PathBuf {
        let document = self.document.as_ref();
        let sound = |document: &Document| match &document.source {
            Some(AudioSource::File(path)) => Some(path.clone()),
            _ => None,
        };
        let open = document.and_then(|document| document.transcript_path.clone().or_else(|| sound(document)));
        open.as_deref()
            .and_then(Path::parent)
            .map(PathBuf::from)
            .or_else(std::env::home_dir)
            .unwrap_or_default()
    }

    /// A dialog cannot be shown: the window asks for a path itself.
    pub(super) fn ask_inside(&mut self, ask: NoDialog) {
        self.ask = Some(ask);
    }
}

impl Document {
    /// Whether its files are not found yet.
    pub(super) fn is_looked_for(&self) -> bool {
        self.reading && self.source.is_none() && self.transcript_path.is_none()
    }

    /// The half that is not there.
    pub fn missing_half(&self) -> Option<Half> {
        if self.source.is_none() && self.transcript_path.is_some() {
            Some(Half::Recording)
        } else if self.timeline.is_none() && !self.reading && self.source.is_some() {
            Some(Half::Transcript)
        } else {
            None
        }
    }
}

/// A file's name, for people.
fn name_of(path: &Path) -> String {
    path.file_name()
        .unwrap_or(path.as_os_str())
        .to_string_lossy()
        .into_owned()
}

/// A file's name without its extensions, for people.
fn title_of(path: Option<&Path>) -> String {
    let stem = path
        .and_then(Path::file_stem)
        .map(|stem| stem.to_string_lossy().into_owned())
        .unwrap_or_default();
    if stem.is_empty() { "Untitled".to_owned() } else { stem }
}
