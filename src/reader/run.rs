//! Commands and events, carried out: one arm each.

use std::time::Instant;

use super::message::{Severity, sentence};
use super::{Command, Document, Effect, Event, Listing, Mark, Panel, Reader, Settings, View};
use crate::audio::{AudioSource, EngineCommand};
use crate::library::{Health, LibraryEvent, Request};
use crate::notes::Placement;
use crate::time::format_clock;

impl Reader {
    /// Carries out one command.
    pub fn run(&mut self, command: Command) {
        match command {
            Command::Open(paths) => {
                // Dropped files come while a dialog is open, too.
                self.close_dialogs();
                self.open_or_attach(&paths);
            }
            Command::OpenDemo => self.open_demo(),
            Command::OpenRecent(id) => self.open_recent(id),
            Command::ForgetRecent(id) => self.ask_library(Request::ForgetRecent(id)),
            Command::ChooseFiles => self.effect(Effect::ChooseFiles),
            Command::ChooseOtherHalf => self.choose_other_half(),
            Command::ReadAs(how) => self.read_again(how),
            Command::Attach(path) => self.attach(path),
            Command::ListFolder(folder) => {
                // Asked once: until the answer is here, the folder is listed as empty.
                self.listing = Some(Listing {
                    folder: folder.clone(),
                    entries: Vec::new(),
                });
                self.effect(Effect::ListFolder(folder));
            }
            Command::CloseDocument => self.close(),
            Command::Quit => {
                self.close();
                self.effect(Effect::Quit);
            }
            Command::SetView(view) => self.set_view(view),
            Command::ToggleView => self.set_view(match self.settings.view {
                View::Reading => View::Lines,
                View::Lines => View::Reading,
            }),
            Command::SetFollow(follow) => self.follow = follow,
            Command::Scrolled(cue, points) => {
                if let Some(document) = &mut self.document {
                    document.scroll = Some((cue, points));
                }
            }
            Command::Select(selection) => self.selection = selection,
            Command::SelectAll => self.select_all(),
            Command::Escape => self.escape(),
            Command::Copy => self.copy(false),
            Command::CopyCitation => self.copy(true),
            Command::ShiftTranscript(_)
            | Command::LineIsNow
            | Command::StretchAnchor(..)
            | Command::NotInTranscript
            | Command::NotInRecording
            | Command::ResetTiming
            | Command::RemoveTimingMark(_)
            | Command::MoveTimingMark(..)
            | Command::NudgeTimingMark(..)
            | Command::TellMissing => self.run_timing(&command),
            Command::FitTiming
            | Command::CancelFit
            | Command::KeepFit
            | Command::RefuseFit
            | Command::ShowFit(_)
            | Command::HearCut(_) => self.run_fitting(&command),
            Command::SaveRetimed => self.choose_retimed(),
            Command::SaveRetimedTo(path) => self.save_retimed(path),
            Command::Find | Command::SetQuery(_) | Command::FindNext | Command::FindPrevious => {
                self.run_search(command);
            }
            Command::Toggle(panel) => self.toggle(panel),
            Command::SetTheme(theme) => self.change_settings(|settings| settings.theme = theme),
            Command::SetHighContrast(on) => self.change_settings(|settings| settings.high_contrast = on),
            Command::SetFont(font) => self.change_settings(|settings| settings.font = font),
            Command::TextSizeBy(step) => {
                self.change_settings(|settings| settings.text_size = (settings.text_size + step).clamp(12.0, 40.0));
            }
            Command::ResetTextSize => self.change_settings(|settings| settings.text_size = Settings::TEXT_SIZE),
            Command::SetLineWidth(letters) => {
                self.change_settings(|settings| settings.line_width = letters.clamp(45, 90));
            }
            Command::SetReducedMotion(on) => self.change_settings(|settings| settings.reduced_motion = on),
            Command::ToggleSkipGaps => self.change_settings(|settings| settings.skip_gaps = !settings.skip_gaps),
            Command::SetResumeRewind(way) => self.change_settings(|settings| settings.resume_rewind = way),
            Command::SetEvenLoudness(on) => self.change_sound(|settings| settings.even_loudness = on),
            Command::SetMono(on) => self.change_sound(|settings| settings.mono = on),
            Command::SetBalance(balance) => {
                self.change_sound(|settings| settings.balance = balance.clamp(-1.0, 1.0));
            }
            Command::SetDelay(millis) => self.set_delay(millis),
            Command::SetOutput(output) => self.set_output(output),
            Command::ListOutputs => self.effect(Effect::Audio(EngineCommand::ListOutputs)),
            Command::SetLoopTimes(times) => {
                self.change_settings(|settings| settings.loop_times = times.min(99));
                self.send_loop();
            }
            Command::SetLoopPause(secs) => {
                self.change_settings(|settings| settings.loop_pause = secs.clamp(0.0, 10.0));
                self.send_loop();
            }
            Command::SetNotesWidth(width) => {
                self.change_settings(|settings| settings.notes_width = width.clamp(240.0, 480.0));
            }
            Command::ToggleFullscreen => {
                self.fullscreen = !self.fullscreen;
                self.effect(Effect::Fullscreen(self.fullscreen));
            }
            Command::Narrowed(narrow) => {
                self.narrow = narrow;
                self.uncover_text();
                self.settle_notes();
            }
            Command::Dismiss(id) => self.messages.retain(|message| message.id != id),
            Command::TogglePlay
            | Command::Play
            | Command::Pause
            | Command::Seek(_)
            | Command::Scrub(_)
            | Command::PlayFrom(_)
            | Command::SkipBy(_)
            | Command::PreviousCue
            | Command::NextCue
            | Command::PreviousParagraph
            | Command::NextParagraph
            | Command::PreviousChapter
            | Command::NextChapter
            | Command::PlayCue
            | Command::ReplayCue
            | Command::MarkLoop
            | Command::LoopCue
            | Command::JumpBack
            | Command::JumpForward
            | Command::SetSpeed(_)
            | Command::SpeedBy(_)
            | Command::SetVolume(_)
            | Command::VolumeBy(_)
            | Command::ToggleMute
            | Command::Sleep(_)
            | Command::RetryDevice => self.run_playback(&command),
            _ => self.run_notes(command),
        }
        self.settle();
    }

    /// Takes in one piece of news.
    pub fn take_in(&mut self, event: Event) {
        match event {
            Event::Audio(event) => self.hear(event),
            Event::Library(event) => self.library_tells(event),
            Event::Found {
                generation,
                transcript,
                recording,
            } => self.found(generation, transcript, recording),
            Event::Transcript { generation, read } => self.transcript_read(generation, read),
            Event::Identified { generation, files } => self.identified(generation, files),
            Event::NothingInside { generation } => self.nothing_inside(generation),
            Event::ReadFailed { generation, failure } => self.read_failed(generation, &failure),
            Event::Peaks {
                generation,
                peaks,
                done,
                length,
            } => {
                self.with_document(generation, |document| {
                    document.peaks = Some(peaks);
                    document.measured = if length.is_some() {
                        super::Progress::Done
                    } else {
                        super::Progress::Running(done)
                    };
                    if length.is_some() {
                        document.length = length;
                    }
                });
                if length.is_some() && self.settings.even_loudness {
                    self.send_sound();
                }
                self.look_for_signs();
            }
            Event::Cover { generation, picture } => {
                self.with_document(generation, |document| document.cover = Some(picture));
            }
            Event::PeaksFailed { generation, why } => {
                log::warn!("the waveform could not be measured: {why}");
                self.with_document(generation, |document| document.measured = super::Progress::Failed);
            }
            Event::Folded { generation, folded } => {
                self.with_document(generation, |document| document.folded = Some(folded));
                if !self.search.query.is_empty() {
                    self.find();
                }
            }
            Event::Gaps {
                generation,
                number,
                stretches,
            } => self.gaps_found(generation, number, stretches),
            Event::Signs {
                generation,
                number,
                sign,
            } => self.signs_found(generation, number, sign),
            Event::FitProgress {
                generation,
                number,
                done,
            } => self.fit_goes_on(generation, number, done),
            Event::Fitted {
                generation,
                number,
                fit,
            } => self.fit_found(generation, number, fit),
            Event::Words {
                generation,
                number,
                words,
            } => self.words_refined(generation, number, words),
            Event::ChosenRetimed(path) => {
                self.ask = None;
                self.save_retimed(path);
            }
            Event::Placed { generation, placed } => self.placed(generation, placed),
            Event::Chosen(paths) => {
                if !paths.is_empty() {
                    self.ask = None;
                    self.open(&paths);
                }
            }
            Event::ChosenHalf(path) => {
                self.ask = None;
                self.attach(path);
            }
            Event::ChosenTarget(format, path) => {
                self.ask = None;
                self.run(Command::ExportNotesTo(format, path));
            }
            Event::ChosenImport(path) => {
                self.ask = None;
                self.run(Command::ImportNotes(path));
            }
            Event::NoDialog(ask) => self.ask_inside(ask),
            Event::Written { path, error: None } => {
                self.tell(Severity::Info, format!("Written: {}", path.display()), Vec::new());
            }
            Event::Written { error: Some(error), .. } => {
                self.tell(
                    Severity::Error,
                    sentence(&error),
                    vec![("Choose another place…", Command::Toggle(Panel::Export))],
                );
            }
            Event::Imported { generation, notes } => {
                if self
                    .document
                    .as_ref()
                    .is_some_and(|document| document.generation == generation)
                {
                    match notes {
                        Ok(notes) => self.imported(notes),
                        Err(error) => self.tell(Severity::Error, sentence(&error), Vec::new()),
                    }
                }
            }
            Event::Listed(listing) => self.listing = Some(listing),
            Event::Panicked(what) => {
                self.tell(
                    Severity::Error,
                    format!("A defect was caught, and nothing was lost: {what}"),
                    Vec::new(),
                );
            }
        }
        self.settle();
    }

    /// What follows from the state, whatever changed it.
    fn settle(&mut self) {
        self.settle_gaps();
        self.settle_awake();
    }

    fn with_document(&mut self, generation: u64, change: impl FnOnce(&mut Document)) {
        if let Some(document) = self
            .document
            .as_mut()
            .filter(|document| document.generation == generation)
        {
            change(document);
        }
    }

    fn library_tells(&mut self, event: LibraryEvent) {
        match event {
            LibraryEvent::Opened {
                health,
                settings,
                recents,
            } => {
                self.settings.apply(&settings);
                if let Some(view) = self.options.view {
                    self.settings.view = view;
                }
                self.settle_notes();
                self.recents = recents;
                self.send_output();
                self.send_volume();
                self.send_sound();
                match &health {
                    Health::Ready => {}
                    Health::SetAside { moved_to } => self.tell(
                        Severity::Warning,
                        format!(
                            "The library was damaged. It was set aside as {} and a new one begun.",
                            moved_to.display()
                        ),
                        Vec::new(),
                    ),
                    Health::ReadOnly { why } => {
                        self.tell(
                            Severity::Warning,
                            format!("The library can only be read: {why}"),
                            Vec::new(),
                        );
                    }
                    Health::Unavailable { why } => {
                        self.tell(Severity::Error, format!("Nothing can be kept: {why}"), Vec::new());
                    }
                }
                self.health = Some(health);
            }
            LibraryEvent::Document { generation, document } => self.document_known(generation, document),
            LibraryEvent::Committed { ticket } => self.committed(ticket),
            LibraryEvent::Failed { ticket, error } => self.write_failed(ticket, &error),
            LibraryEvent::Recents(recents) => self.recents = recents,
        }
    }

    fn placed(&mut self, generation: u64, placed: Vec<(crate::notes::Annotation, Placement, bool)>) {
        let mut moved = Vec::new();
        let mut lost = 0;
        let mut marks = Vec::new();
        for (annotation, placement, refreshed) in placed {
            if refreshed {
                moved.push(annotation.clone());
            }
            lost += usize::from(matches!(placement, Placement::Unplaced));
            marks.push(Mark { annotation, placement });
        }
        self.with_document(generation, |document| {
            // Notes made while the old ones were being placed stay.
            marks.retain(|mark| document.marks.iter().all(|new| new.annotation.id != mark.annotation.id));
            document.marks.append(&mut marks);
            document.sort_marks();
        });
        let stored = self
            .document
            .as_ref()
            .filter(|document| document.generation == generation)
            .and_then(|d| d.stored);
        if let (Some(document), false) = (stored, moved.is_empty()) {
            let ticket = self.next_ticket();
            self.ask_library(Request::PutAnnotations {
                document,
                annotations: moved,
                ticket,
            });
        }
        if lost > 0 {
            let text = match lost {
                1 => "1 note stands on words that this transcript does not have. It is kept, at the end of the list."
                    .to_owned(),
                n => format!(
                    "{n} notes stand on words that this transcript does not have. They are kept, at the end of the list."
                ),
            };
            self.tell(Severity::Warning, text, Vec::new());
        }
    }

    fn set_view(&mut self, view: View) {
        self.change_settings(|settings| settings.view = view);
        self.keep_place(Instant::now());
    }

    pub(super) fn open_panel(&mut self, panel: Panel) {
        if !self.shows(panel) {
            self.toggle(panel);
        }
    }

    fn toggle(&mut self, panel: Panel) {
        let open = !self.panels.remove(&panel);
        if open {
            if !self.may_open(panel) {
                return;
            }
            // One dialog at a time; what stands beside the text is no dialog.
            self.panels.retain(|other| !other.is_dialog());
            self.panels.insert(panel);
            if panel == Panel::Settings {
                self.effect(Effect::Audio(EngineCommand::ListOutputs));
            }
            // Where they lie over the text, the two would leave nothing of it.
            if self.narrow && self.draft.is_none() {
                match panel {
                    Panel::Notes => {
                        self.panels.remove(&Panel::Outline);
                        self.panels.remove(&Panel::Timing);
                    }
                    Panel::Outline | Panel::Timing => {
                        self.panels.remove(&Panel::Notes);
                    }
                    _ => {}
                }
            }
            // The two stand in the same place.
            match panel {
                Panel::Outline => self.panels.remove(&Panel::Timing),
                Panel::Timing => self.panels.remove(&Panel::Outline),
                _ => false,
            };
        }
        if panel == Panel::Notes && !self.narrow {
            self.change_settings(|settings| settings.notes_open = open);
        }
    }

    /// Where they would cover the text, the notes begin closed; beside it they are as one left them.
    fn settle_notes(&mut self) {
        if self.settings.notes_open && !self.narrow {
            self.panels.insert(Panel::Notes);
        } else if self.draft.is_none() {
            self.panels.remove(&Panel::Notes);
        }
    }

    /// A window that is narrow, or opens another text, begins with the text in sight.
    pub(super) fn uncover_text(&mut self) {
        if self.narrow {
            self.panels.remove(&Panel::Outline);
            self.panels.remove(&Panel::Timing);
        }
    }

    fn close_dialogs(&mut self) {
        self.ask = None;
        self.panels.retain(|panel| !panel.is_dialog());
    }

    fn escape(&mut self) {
        if self.ask.take().is_some() {
        } else if self.has_dialog() {
            self.close_dialogs();
        } else if self.draft.is_some() {
            // Leaving the field keeps what was written.
            self.save_draft();
        } else if self.shows(Panel::Search) {
            self.close_search();
        } else if self.selection.take().is_some() || self.panels.remove(&Panel::Outline) {
        } else if self.fullscreen {
            self.run(Command::ToggleFullscreen);
        } else if !self.messages.is_empty() {
            self.messages.clear();
        }
    }

    fn copy(&mut self, with_source: bool) {
        let position = self.playback.position;
        let text = self.document.as_ref().and_then(|document| {
            let timeline = document.timeline.as_ref()?;
            let passage = match self.selection {
                Some(selection) => selection.passage(),
                None => crate::transcript::Passage::of_cue(timeline.transcript(), timeline.begun(position)?)?,
            };
            let quote = passage.text(timeline.transcript());
            if !with_source {
                return Some(quote);
            }
            let start = timeline.time_of(passage.start)?;
            let clock = format_clock(start - crate::time::MediaTime::ZERO);
            let cue = timeline.transcript().cue(passage.start.cue)?;
            let speaker = timeline
                .transcript()
                .speaker_name(cue.speaker)
                .map(|name| format!("{name}, "))
                .unwrap_or_default();
            Some(format!(
                "\u{201c}{quote}\u{201d} ({speaker}{}, {clock})",
                document.title
            ))
        });
        if let Some(text) = text {
            self.effect(Effect::Clipboard(text));
        }
    }

    /// The names of the files that are open: the transcript's, then the recording's.
    pub fn file_names(&self) -> Vec<String> {
        let Some(document) = &self.document else {
            return Vec::new();
        };
        let transcript = document.transcript_path.as_ref().and_then(|path| path.file_name());
        let mut names: Vec<String> = transcript
            .map(|name| name.to_string_lossy().into_owned())
            .into_iter()
            .collect();
        names.extend(self.recording_name());
        names.dedup();
        names
    }

    /// Where the recording lies, for those who show it.
    pub fn recording_name(&self) -> Option<String> {
        match self.document.as_ref()?.source.as_ref()? {
            AudioSource::File(path) => Some(path.file_name()?.to_string_lossy().into_owned()),
            AudioSource::Memory(_) => Some("Earmark demo".to_owned()),
        }
    }
}
