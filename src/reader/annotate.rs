//! Marks and notes: made, changed, taken back. The screen shows a change when it is on the disk.

use std::path::PathBuf;

use jiff::Timestamp;

use super::command::FilterChange;
use super::message::Severity;
use super::state::{HistoryMove, Pending};
use super::{Command, Draft, Effect, Mark, Panel, Reader};
use crate::audio::AudioSource;
use crate::export::{ExportFormat, ExportedNote, NotesExport, export};
use crate::library::Request;
use crate::notes::{self, Annotation, AnnotationId, Colour, Edit, Kind, Placement, Target};
use crate::time::{MediaSpan, MediaTime, TimeDelta};
use crate::timing::Timeline;
use crate::transcript::Passage;

/// How far back "what I just heard" reaches.
const LAST: TimeDelta = TimeDelta::from_millis(20_000);

impl Reader {
    pub(super) fn run_notes(&mut self, command: Command) {
        match command {
            Command::Highlight(colour) => self.highlight(colour),
            Command::HighlightAgain => self.highlight(self.settings.colour),
            Command::WriteNote => self.write_note(),
            Command::Bookmark => self.bookmark(),
            Command::CaptureLast => self.capture_last(),
            Command::EditNote(id) => self.edit(id, false),
            Command::EditTags => {
                if let Some(id) = self.chosen {
                    self.edit(id, true);
                }
            }
            Command::SetDraftText(text) => {
                if let Some(draft) = &mut self.draft {
                    draft.annotation.text = text;
                }
            }
            Command::SetDraftTags(tags) => {
                if let Some(draft) = &mut self.draft {
                    draft.tags = tags;
                }
            }
            Command::SaveDraft => self.save_draft(),
            Command::CancelDraft => self.draft = None,
            Command::SetColour(id, colour) => self.recolour(id, colour),
            Command::DeleteNote(id) => self.delete(id),
            Command::DeleteChosen => {
                if let Some(id) = self.chosen {
                    self.delete(id);
                }
            }
            Command::GoToNote(id) => self.go_to_note(id),
            Command::PreviousNote => self.step_note(false),
            Command::NextNote => self.step_note(true),
            Command::Undo => {
                if !self.undo_timing()
                    && let Some(edits) = self.history.undo()
                {
                    self.write_edits(edits, HistoryMove::None);
                }
            }
            Command::Redo => {
                if !self.redo_timing()
                    && let Some(edits) = self.history.redo()
                {
                    self.write_edits(edits, HistoryMove::None);
                }
            }
            Command::Filter(change) => match change {
                FilterChange::Text(text) => self.filter.text = text,
                FilterChange::Kind(kind) => self.filter.kind = kind,
                FilterChange::Colour(colour) => self.filter.colour = colour,
                FilterChange::Tag(tag) => self.filter.tag = tag,
                FilterChange::Clear => self.filter = super::NoteFilter::default(),
            },
            Command::ExportNotes(format) => self.choose_target(format),
            Command::ExportNotesTo(format, path) => self.export_to(format, path),
            Command::CopyNotes(format) => {
                if let Some(text) = self.export_text(format) {
                    self.effect(Effect::Clipboard(text));
                    self.panels.remove(&Panel::Export);
                    self.tell(Severity::Info, "The notes are on the clipboard.", Vec::new());
                }
            }
            Command::ChooseImport => self.effect(Effect::ChooseImport),
            Command::ImportNotes(path) => {
                if let Some(document) = &self.document {
                    let generation = document.generation;
                    self.effect(Effect::ReadNotes { generation, path });
                }
            }
            _ => {}
        }
    }

    /// The words an action is about: the selection, else the current cue.
    fn passage_in_hand(&self) -> Option<Passage> {
        if let Some(selection) = self.selection {
            return Some(selection.passage());
        }
        let timeline = self.document.as_ref()?.timeline.as_ref()?;
        Passage::of_cue(timeline.transcript(), timeline.begun(self.playback.position)?)
    }

    /// The target and place of a passage.
    fn target_of(&self, passage: Passage) -> Option<Target> {
        let timeline = self.document.as_ref()?.timeline.as_ref()?;
        Some(notes::target_for(
            timeline.transcript(),
            passage,
            timeline.passage_span(passage)?,
        ))
    }

    /// This instant, with its speaker where there is text.
    fn target_here(&self) -> (Target, Placement) {
        let here = self.playback.position;
        let timeline = self.document.as_ref().and_then(|document| document.timeline.as_ref());
        let target = match timeline {
            Some(timeline) => notes::target_at(timeline.transcript(), timeline.primary(here), here),
            None => Target {
                time: MediaSpan::new(here, here),
                ..Target::default()
            },
        };
        (target, Placement::Instant)
    }

    /// Notes can only be kept on a document that the library knows.
    fn can_keep(&mut self) -> bool {
        let stored = self.document.as_ref().is_some_and(|document| document.stored.is_some());
        if !stored && self.document.is_some() {
            let why = match &self.health {
                Some(crate::library::Health::ReadOnly { why } | crate::library::Health::Unavailable { why }) => {
                    format!("Notes cannot be kept: {why}")
                }
                _ => "The library is not ready yet; please try again in a moment.".to_owned(),
            };
            self.tell(Severity::Error, why, Vec::new());
        }
        stored
    }

    fn highlight(&mut self, colour: Colour) {
        let Some(passage) = self.passage_in_hand() else { return };
        if !self.can_keep() {
            return;
        }
        self.change_settings(|settings| settings.colour = colour);
        // The same words marked again take the new colour instead of a second mark.
        let same = self
            .document
            .iter()
            .flat_map(|document| &document.marks)
            .find(|mark| mark.annotation.kind != Kind::Bookmark && mark.placement == Placement::Passage(passage));
        if let Some(id) = same.map(|mark| mark.annotation.id) {
            self.recolour(id, colour);
            self.selection = None;
            return;
        }
        let Some(target) = self.target_of(passage) else { return };
        self.add(Kind::Highlight, colour, target, Placement::Passage(passage));
        self.selection = None;
    }

    fn bookmark(&mut self) {
        if !self.can_keep() {
            return;
        }
        let (target, placement) = self.target_here();
        self.add(Kind::Bookmark, self.settings.colour, target, placement);
    }

    fn capture_last(&mut self) {
        let here = self.playback.position;
        let passage = self.document.as_ref().and_then(|document| {
            let timeline = document.timeline.as_ref()?;
            let last = timeline.begun(here)?;
            let first = timeline.begun(here - LAST).unwrap_or(crate::transcript::CueId(0));
            let start = Passage::of_cue(timeline.transcript(), first)?.start;
            Some(Passage {
                start,
                end: Passage::of_cue(timeline.transcript(), last)?.end,
            })
        });
        if !self.can_keep() {
            return;
        }
        let colour = self.settings.colour;
        if let Some((passage, target)) = passage.and_then(|passage| Some((passage, self.target_of(passage)?))) {
            self.add(Kind::Highlight, colour, target, Placement::Passage(passage));
        } else {
            let time = MediaSpan::new((here - LAST).max(MediaTime::ZERO), here);
            let target = Target {
                time,
                ..Target::default()
            };
            self.add(Kind::Bookmark, colour, target, Placement::Instant);
        }
    }

    fn add(&mut self, kind: Kind, colour: Colour, target: Target, placement: Placement) {
        let annotation = new_annotation(kind, colour, target);
        self.chosen = Some(annotation.id);
        let edit = Edit {
            before: None,
            after: Some(annotation),
        };
        self.write_placed(vec![(edit, placement)]);
    }

    fn write_note(&mut self) {
        if !self.can_keep() {
            return;
        }
        self.save_draft();
        let colour = self.settings.colour;
        let (target, placement) = match self
            .passage_in_hand()
            .and_then(|p| Some((self.target_of(p)?, Placement::Passage(p))))
        {
            Some(found) => found,
            None => self.target_here(),
        };
        self.run(Command::Pause);
        self.open_panel(Panel::Notes);
        self.draft = Some(Draft {
            annotation: new_annotation(Kind::Note, colour, target),
            placement,
            tags: String::new(),
            new: true,
            tags_first: false,
        });
        self.selection = None;
    }

    fn edit(&mut self, id: AnnotationId, tags_first: bool) {
        self.save_draft();
        let Some(mark) = self.mark(id).cloned() else { return };
        self.open_panel(Panel::Notes);
        self.chosen = Some(id);
        self.draft = Some(Draft {
            tags: mark.annotation.tags.join(", "),
            annotation: mark.annotation,
            placement: mark.placement,
            new: false,
            tags_first,
        });
    }

    /// Keeps what is being written. A new note without a word is no note.
    pub(super) fn save_draft(&mut self) {
        let Some(draft) = self.draft.take() else { return };
        let mut annotation = draft.annotation;
        annotation.text.truncate(annotation.text.trim_end().len());
        annotation.tags = split_tags(&draft.tags);
        annotation.modified = Timestamp::now();
        let empty = annotation.text.is_empty() && annotation.tags.is_empty();
        if draft.new && empty {
            return;
        }
        if annotation.kind != Kind::Bookmark {
            annotation.kind = if annotation.text.is_empty() {
                Kind::Highlight
            } else {
                Kind::Note
            };
        }
        let before = self.mark(annotation.id).map(|mark| mark.annotation.clone());
        let unchanged = before
            .as_ref()
            .is_some_and(|old| old.text == annotation.text && old.tags == annotation.tags);
        if unchanged {
            return;
        }
        self.chosen = Some(annotation.id);
        self.write_placed(vec![(
            Edit {
                before,
                after: Some(annotation),
            },
            draft.placement,
        )]);
    }

    fn recolour(&mut self, id: AnnotationId, colour: Colour) {
        let Some(mark) = self.mark(id).cloned() else { return };
        if mark.annotation.colour == colour {
            return;
        }
        let after = Annotation {
            colour,
            modified: Timestamp::now(),
            ..mark.annotation.clone()
        };
        self.change_settings(|settings| settings.colour = colour);
        self.write_placed(vec![(
            Edit {
                before: Some(mark.annotation),
                after: Some(after),
            },
            mark.placement,
        )]);
    }

    fn delete(&mut self, id: AnnotationId) {
        let Some(mark) = self.mark(id).cloned() else { return };
        if self.draft.as_ref().is_some_and(|draft| draft.annotation.id == id) {
            self.draft = None;
        }
        self.write_placed(vec![(
            Edit {
                before: Some(mark.annotation),
                after: None,
            },
            mark.placement,
        )]);
        self.tell(Severity::Info, "Note deleted.", vec![("Undo", Command::Undo)]);
    }

    fn go_to_note(&mut self, id: AnnotationId) {
        self.chosen = Some(id);
        if let Some(mark) = self.mark(id) {
            let start = mark.annotation.target.time.start;
            self.jump_to(start);
            self.follow = true;
        }
    }

    fn step_note(&mut self, forward: bool) {
        let here = self.playback.position;
        let starts = |mark: &&Mark| mark.annotation.target.time.start;
        // The chosen note's own start counts as passed, so that the key goes on instead of staying.
        let edge = self
            .chosen
            .and_then(|id| self.mark(id))
            .map(|mark| mark.annotation.target.time.start);
        let here = edge
            .filter(|start| (here - *start).as_micros().abs() < 2_000_000)
            .unwrap_or(here);
        let found = if forward {
            self.shown_marks().filter(|mark| starts(mark) > here).min_by_key(starts)
        } else {
            self.shown_marks().filter(|mark| starts(mark) < here).max_by_key(starts)
        };
        if let Some(id) = found.map(|mark| mark.annotation.id) {
            self.go_to_note(id);
        }
    }

    /// Writes edits of the history; what comes back is placed where it was.
    fn write_edits(&mut self, edits: Vec<Edit>, history: HistoryMove) {
        let placed = edits
            .into_iter()
            .map(|edit| {
                let placement = self.placement_of(&edit);
                (edit, placement)
            })
            .collect();
        self.write(placed, history);
    }

    fn placement_of(&self, edit: &Edit) -> Placement {
        let known = edit
            .before
            .as_ref()
            .or(edit.after.as_ref())
            .and_then(|annotation| self.mark(annotation.id));
        if let Some(mark) = known {
            return mark.placement;
        }
        let target = edit.after.as_ref().map(|annotation| &annotation.target);
        let transcript = self
            .document
            .as_ref()
            .and_then(|document| document.timeline.as_ref())
            .map(Timeline::transcript);
        match (target, transcript) {
            (Some(target), Some(transcript)) => notes::place(target, &notes::PlacementIndex::new(transcript)),
            _ => Placement::Instant,
        }
    }

    fn write_placed(&mut self, placed: Vec<(Edit, Placement)>) {
        let edits = placed.iter().map(|(edit, _)| edit.clone()).collect();
        self.write(placed, HistoryMove::Record(edits));
    }

    fn write(&mut self, placed: Vec<(Edit, Placement)>, history: HistoryMove) {
        // "Undo" in a bar means the step it tells of, and that is not the last one any more.
        self.drop_undo_offers();
        let Some(document) = &self.document else { return };
        let (Some(id), generation) = (document.stored, document.generation) else {
            return;
        };
        let mut put = Vec::new();
        let mut delete = Vec::new();
        for (edit, placement) in placed {
            match (edit.before, edit.after) {
                (_, Some(annotation)) => put.push(Mark { annotation, placement }),
                (Some(gone), None) => delete.push(gone.id),
                (None, None) => {}
            }
        }
        let ticket = self.next_ticket();
        if delete.is_empty() {
            let annotations = put.iter().map(|mark| mark.annotation.clone()).collect();
            self.ask_library(Request::PutAnnotations {
                document: id,
                annotations,
                ticket,
            });
        } else {
            if !put.is_empty() {
                let first = self.next_ticket();
                let annotations = put.iter().map(|mark| mark.annotation.clone()).collect();
                self.ask_library(Request::PutAnnotations {
                    document: id,
                    annotations,
                    ticket: first,
                });
            }
            self.ask_library(Request::DeleteAnnotations {
                document: id,
                ids: delete.clone(),
                ticket,
            });
        }
        self.pending.insert(
            ticket,
            Pending {
                generation,
                put,
                delete,
                history,
            },
        );
    }

    fn drop_undo_offers(&mut self) {
        self.messages
            .retain(|message| message.actions.iter().all(|(_, command)| *command != Command::Undo));
    }

    /// The write is on the disk: now it shows.
    pub(super) fn committed(&mut self, ticket: u64) {
        let Some(pending) = self.pending.remove(&ticket) else {
            return;
        };
        let Some(document) = self
            .document
            .as_mut()
            .filter(|document| document.generation == pending.generation)
        else {
            return;
        };
        document.marks.retain(|mark| {
            let id = mark.annotation.id;
            !pending.delete.contains(&id) && !pending.put.iter().any(|new| new.annotation.id == id)
        });
        document.marks.extend(pending.put);
        document.sort_marks();
        if let HistoryMove::Record(edits) = pending.history {
            self.history.record(edits);
            self.timings.cut();
        }
        if self.chosen.is_some_and(|id| pending.delete.contains(&id)) {
            self.chosen = None;
        }
    }

    /// The write failed: what was to be written is offered again.
    pub(super) fn write_failed(&mut self, ticket: Option<u64>, error: &str) {
        let pending = ticket.and_then(|ticket| self.pending.remove(&ticket));
        if pending.is_some() {
            self.drop_undo_offers();
        }
        let lost_draft = pending.and_then(|pending| pending.put.into_iter().next());
        if let (Some(mark), None) = (lost_draft, &self.draft) {
            // What was typed goes back into the field it was typed in.
            if !mark.annotation.text.is_empty() {
                self.draft = Some(Draft {
                    tags: mark.annotation.tags.join(", "),
                    new: self.mark(mark.annotation.id).is_none(),
                    annotation: mark.annotation,
                    placement: mark.placement,
                    tags_first: false,
                });
                self.open_panel(Panel::Notes);
            }
        }
        self.tell(Severity::Error, format!("This could not be kept: {error}"), Vec::new());
    }

    /// Merges imported notes: by id, the later change wins.
    pub(super) fn imported(&mut self, imported: Vec<Annotation>) {
        if !self.can_keep() {
            return;
        }
        let total = imported.len();
        let mut edits = Vec::new();
        for annotation in imported {
            let before = self.mark(annotation.id).map(|mark| mark.annotation.clone());
            if before.as_ref().is_none_or(|old| annotation.modified > old.modified) {
                edits.push(Edit {
                    before,
                    after: Some(annotation),
                });
            }
        }
        let new = edits.len();
        if new > 0 {
            self.write_edits(edits.clone(), HistoryMove::Record(edits));
        }
        self.tell(
            Severity::Info,
            format!("{new} of {total} notes were new or newer, and merged."),
            Vec::new(),
        );
    }

    fn choose_target(&mut self, format: ExportFormat) {
        let Some(document) = &self.document else { return };
        let folder = Some(self.folder());
        let stem: String = document
            .title
            .chars()
            .map(|c| {
                if c.is_alphanumeric() || " -_.".contains(c) {
                    c
                } else {
                    '-'
                }
            })
            .collect();
        let name = format!("{} notes.{}", stem.trim(), format.extension());
        self.panels.remove(&Panel::Export);
        self.effect(Effect::ChooseTarget { format, name, folder });
    }

    /// Writes the notes to a file, but never over what they are about.
    fn export_to(&mut self, format: ExportFormat, path: PathBuf) {
        let Some(document) = &self.document else { return };
        let mut keep: Vec<PathBuf> = document.transcript_path.iter().cloned().collect();
        if let Some(AudioSource::File(recording)) = &document.source {
            keep.push(recording.clone());
        }
        if let Some(text) = self.export_text(format) {
            self.effect(Effect::WriteFile { path, text, keep });
        }
    }

    /// The shown notes as a file of this format.
    fn export_text(&self, format: ExportFormat) -> Option<String> {
        let document = self.document.as_ref()?;
        let notes = self
            .shown_marks()
            .map(|mark| ExportedNote {
                annotation: mark.annotation.clone(),
                unplaced: matches!(mark.placement, Placement::Unplaced),
            })
            .collect();
        let recording = match &document.source {
            Some(AudioSource::File(path)) => Some(path.clone()),
            _ => None,
        };
        Some(export(
            format,
            &NotesExport {
                title: document.title.clone(),
                transcript: document.transcript_path.clone(),
                recording,
                notes,
            },
        ))
    }
}

fn new_annotation(kind: Kind, colour: Colour, target: Target) -> Annotation {
    let now = Timestamp::now();
    Annotation {
        id: AnnotationId::generate(),
        kind,
        colour,
        text: String::new(),
        tags: Vec::new(),
        target,
        created: now,
        modified: now,
    }
}

/// Tags as typed: between commas, or between spaces where there is no comma; a leading # is left out.
fn split_tags(typed: &str) -> Vec<String> {
    let by_comma = typed.contains(',');
    let mut tags: Vec<String> = Vec::new();
    let parts = typed.split(|c: char| if by_comma { c == ',' } else { c.is_whitespace() });
    for part in parts {
        let tag = part.trim().trim_start_matches('#').to_owned();
        if !tag.is_empty() && !tags.contains(&tag) {
            tags.push(tag);
        }
    }
    tags
}
