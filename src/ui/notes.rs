//! The notes beside the text: cards in the order of time, a filter above, the one being written in its place.

use egui::{
    Align, Align2, Frame, Id, Layout, Margin, Popup, Rect, ScrollArea, Sense, Stroke, TextEdit, Ui, UiBuilder,
    WidgetInfo, pos2, vec2,
};

use super::header::menu_entry;
use super::icons::Icon;
use super::theme::{self, Palette};
use super::{shortcuts, widgets};
use crate::notes::{Annotation, Colour, Kind, Placement};
use crate::reader::{Command, Draft, FilterChange, Mark, Panel, Reader};
use crate::time::{MediaTime, format_clock};

/// The notes panel.
#[derive(Debug, Default)]
pub struct NotesPanel {
    /// The draft that has been given the focus already.
    focused: Option<(crate::notes::AnnotationId, bool)>,
    /// The card last brought into sight.
    shown: Option<crate::notes::AnnotationId>,
    filter_open: bool,
}

impl NotesPanel {
    /// Shows the panel.
    pub fn ui(&mut self, ui: &mut Ui, reader: &Reader, commands: &mut Vec<Command>) {
        let palette = theme::palette(ui.ctx(), &reader.settings);
        ui.spacing_mut().item_spacing = vec2(8.0, 8.0);
        self.head(ui, reader, palette, commands);
        if self.filter_open || !reader.filter.is_empty() {
            ui.scope(|ui| filter_ui(ui, reader, palette, commands));
        }
        if reader.draft.is_none() {
            self.focused = None;
        }
        let count = reader.document.as_ref().map_or(0, |document| document.marks.len());
        let new_draft = reader.draft.as_ref().filter(|draft| draft.new);
        if count == 0 && new_draft.is_none() {
            empty(ui, reader, palette);
            return;
        }
        ScrollArea::vertical().auto_shrink([false, false]).show(ui, |ui| {
            ui.spacing_mut().item_spacing.y = 10.0;
            let mut draft_at = new_draft.map(|draft| draft.annotation.target.time.start);
            let mut unplaced_head = false;
            let placed = reader
                .shown_marks()
                .filter(|mark| !matches!(mark.placement, Placement::Unplaced));
            let unplaced = reader
                .shown_marks()
                .filter(|mark| matches!(mark.placement, Placement::Unplaced));
            let mut any = false;
            for mark in placed.chain(unplaced) {
                any = true;
                let is_unplaced = matches!(mark.placement, Placement::Unplaced);
                if draft_at.is_some_and(|at| is_unplaced || mark.annotation.target.time.start > at) {
                    draft_at = None;
                    self.draft_card(ui, reader, palette, commands);
                }
                if is_unplaced && !unplaced_head {
                    unplaced_head = true;
                    let text = egui::RichText::new("Not found in this transcript")
                        .font(theme::semibold(12.5))
                        .color(palette.soft);
                    ui.add_space(6.0);
                    ui.label(text);
                }
                let editing = reader
                    .draft
                    .as_ref()
                    .is_some_and(|draft| draft.annotation.id == mark.annotation.id);
                if editing {
                    self.draft_card(ui, reader, palette, commands);
                } else {
                    self.card(ui, reader, mark, palette, commands);
                }
            }
            if draft_at.is_some() {
                self.draft_card(ui, reader, palette, commands);
                any = true;
            }
            if !any {
                ui.label(egui::RichText::new("No note passes the filter.").color(palette.soft));
            }
            ui.add_space(12.0);
        });
    }

    fn head(&mut self, ui: &mut Ui, reader: &Reader, palette: &Palette, commands: &mut Vec<Command>) {
        let all = reader.document.as_ref().map_or(0, |document| document.marks.len());
        let shown = reader.shown_marks().count();
        ui.horizontal(|ui| {
            ui.label(
                egui::RichText::new("Notes")
                    .font(theme::semibold(14.5))
                    .color(palette.ink),
            );
            let count = if shown == all {
                format!("{all}")
            } else {
                format!("{shown} of {all}")
            };
            ui.label(egui::RichText::new(count).color(palette.soft));
            widgets::at_right(ui, "notes", |ui| {
                ui.spacing_mut().item_spacing.x = 2.0;
                let filtered = !reader.filter.is_empty();
                let (label, colour) = if filtered {
                    ("Filtered", palette.acc)
                } else {
                    ("Filter", palette.soft)
                };
                if widgets::text_button_in(ui, palette, label, colour).clicked() {
                    self.filter_open = !self.filter_open;
                    if filtered {
                        self.filter_open = false;
                        commands.push(Command::Filter(FilterChange::Clear));
                    }
                }
                ui.add_enabled_ui(all > 0, |ui| {
                    if widgets::text_button(ui, palette, "Export").clicked() {
                        commands.push(Command::Toggle(Panel::Export));
                    }
                });
            });
        });
    }

    fn card(&mut self, ui: &mut Ui, reader: &Reader, mark: &Mark, palette: &Palette, commands: &mut Vec<Command>) {
        let annotation = &mark.annotation;
        let chosen = reader.chosen == Some(annotation.id);
        let response = frame(ui, palette, annotation, chosen, |ui| {
            card_head(ui, reader, annotation, palette, commands);
            if let Some(quote) = &annotation.target.quote {
                let font = theme::reading(reader.settings.font, 15.0);
                ui.label(
                    egui::RichText::new(widgets::shortened(&quote.exact, 400))
                        .font(font)
                        .color(palette.ink),
                );
            }
            if !annotation.text.is_empty() {
                ui.label(egui::RichText::new(&annotation.text).color(palette.ink));
            }
            if !annotation.tags.is_empty() {
                ui.horizontal_wrapped(|ui| {
                    ui.spacing_mut().item_spacing = vec2(4.0, 4.0);
                    for tag in &annotation.tags {
                        let on = reader.filter.tag.as_deref() == Some(tag);
                        if widgets::pill(ui, palette, tag, on).clicked() {
                            let tag = (!on).then(|| tag.clone());
                            commands.push(Command::Filter(FilterChange::Tag(tag)));
                        }
                    }
                });
            }
        });
        let name = card_name(annotation);
        response.widget_info(|| WidgetInfo::selected(egui::Role::ListItem, true, chosen, &name));
        if chosen && self.shown != Some(annotation.id) {
            self.shown = Some(annotation.id);
            response.scroll_to_me(None);
        }
        if response.double_clicked() {
            commands.push(Command::EditNote(annotation.id));
        } else if response.clicked() {
            commands.push(Command::GoToNote(annotation.id));
        }
        response.context_menu(|ui| card_menu(ui, reader, annotation, palette, commands));
    }

    fn draft_card(&mut self, ui: &mut Ui, reader: &Reader, palette: &Palette, commands: &mut Vec<Command>) {
        let Some(draft) = &reader.draft else { return };
        frame(ui, palette, &draft.annotation, true, |ui| {
            let clock = format_clock(draft.annotation.target.time.start - MediaTime::ZERO);
            let head = if draft.new { "New note" } else { "Note" };
            ui.label(
                egui::RichText::new(format!("{clock}  {head}"))
                    .size(12.5)
                    .color(palette.soft),
            );
            if let Some(quote) = &draft.annotation.target.quote {
                let font = theme::reading(reader.settings.font, 15.0);
                ui.label(
                    egui::RichText::new(widgets::shortened(&quote.exact, 240))
                        .font(font)
                        .color(palette.ink),
                );
            }
            self.fields(ui, draft, commands);
            ui.horizontal(|ui| {
                if widgets::primary_button(ui, palette, "Keep")
                    .on_hover_text(shortcuts::hint(&Command::SaveDraft))
                    .clicked()
                {
                    commands.push(Command::SaveDraft);
                }
                if widgets::text_button(ui, palette, "Discard").clicked() {
                    commands.push(Command::CancelDraft);
                }
            });
        });
    }

    fn fields(&mut self, ui: &mut Ui, draft: &Draft, commands: &mut Vec<Command>) {
        let mut text = draft.annotation.text.clone();
        let width = ui.available_width();
        let edit = TextEdit::multiline(&mut text)
            .id(Id::unique("note text"))
            .hint_text("What about it?");
        let response = ui
            .add(edit.desired_rows(3).desired_width(width))
            .accessible_name("Note text");
        if response.changed() {
            commands.push(Command::SetDraftText(text));
        }
        let mut tags = draft.tags.clone();
        let edit = TextEdit::singleline(&mut tags)
            .id(Id::unique("note tags"))
            .hint_text("Tags, between commas");
        let tags_response = ui.add(widgets::field(edit, width)).accessible_name("Tags");
        if tags_response.changed() {
            commands.push(Command::SetDraftTags(tags));
        }
        if tags_response.lost_focus() && ui.input(|input| input.key_pressed(egui::Key::Enter)) {
            commands.push(Command::SaveDraft);
        }
        let wanted = (draft.annotation.id, draft.tags_first);
        if self.focused != Some(wanted) {
            self.focused = Some(wanted);
            let field = if draft.tags_first { tags_response } else { response };
            field.request_focus();
            field.scroll_to_me(None);
        }
    }
}

fn card_head(ui: &mut Ui, reader: &Reader, annotation: &Annotation, palette: &Palette, commands: &mut Vec<Command>) {
    ui.horizontal(|ui| {
        let clock = format_clock(annotation.target.time.start - MediaTime::ZERO);
        ui.label(egui::RichText::new(clock).size(12.5).color(palette.soft));
        ui.add_space(2.0);
        if annotation.kind == Kind::Bookmark {
            ui.label(egui::RichText::new("Bookmark").size(12.5).color(palette.soft));
        } else if let Some(speaker) = &annotation.target.speaker {
            let place = reader
                .document
                .as_ref()
                .and_then(|document| document.timeline.as_ref())
                .and_then(|timeline| {
                    timeline
                        .transcript()
                        .speakers
                        .iter()
                        .position(|known| known.name == *speaker)
                });
            let colour = palette.speaker(place.unwrap_or(0) as u16);
            let room = ui.available_width() - 40.0;
            widgets::fitted_label(ui, speaker, theme::semibold(12.5), colour, room);
        }
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            let name = format!(
                "More for the note at {}",
                format_clock(annotation.target.time.start - MediaTime::ZERO)
            );
            let more = widgets::icon_button_sized(ui, palette, Icon::More, &name, false, 20.0);
            Popup::menu(&more).show(|ui| card_menu(ui, reader, annotation, palette, commands));
        });
    });
}

fn card_menu(ui: &mut Ui, reader: &Reader, annotation: &Annotation, palette: &Palette, commands: &mut Vec<Command>) {
    let id = annotation.id;
    ui.set_width(200.0);
    let edit = Command::EditNote(id);
    if menu_entry(ui, palette, "Edit", &edit, true) {
        commands.push(edit);
        ui.close();
    }
    let go = Command::GoToNote(id);
    if menu_entry(ui, palette, "Play from here", &go, true) {
        commands.push(go);
        commands.push(Command::Play);
        ui.close();
    }
    ui.horizontal(|ui| {
        ui.add_space(6.0);
        for colour in Colour::ALL {
            if widgets::colour_dot(ui, reader, colour, annotation.colour == colour).clicked() {
                commands.push(Command::SetColour(id, colour));
                ui.close();
            }
        }
    });
    let delete = Command::DeleteNote(id);
    if menu_entry(ui, palette, "Delete", &delete, true) {
        commands.push(delete);
        ui.close();
    }
}

/// A card with its colour's edge.
fn frame(
    ui: &mut Ui,
    palette: &Palette,
    annotation: &Annotation,
    chosen: bool,
    content: impl FnOnce(&mut Ui),
) -> egui::Response {
    let edge = if annotation.kind == Kind::Bookmark {
        palette.acc
    } else {
        palette.note_edge(annotation.colour)
    };
    let outline = match (chosen, palette.outlined) {
        (true, true) => Stroke::new(2.0, palette.acc),
        (true, false) => Stroke::new(1.0, palette.wave),
        (false, _) => Stroke::new(1.0, palette.line),
    };
    // The card senses clicks below its own buttons: it is laid down first.
    let scope = ui.scope_builder(UiBuilder::new().id_salt(annotation.id.0).sense(Sense::click()), |ui| {
        Frame::new()
            .fill(palette.btn)
            .stroke(outline)
            .corner_radius(theme::CARD_RADIUS)
            .inner_margin(Margin {
                left: 13,
                right: 10,
                top: 8,
                bottom: 10,
            })
            .show(ui, |ui| {
                ui.set_width(ui.available_width());
                // Rows of small text are as high as the text, not as a button.
                ui.spacing_mut().interact_size.y = 20.0;
                ui.spacing_mut().item_spacing.y = 6.0;
                content(ui);
            });
    });
    let rect = scope.response.rect;
    let bar = Rect::from_min_max(rect.min + vec2(0.0, 9.0), pos2(rect.min.x + 3.0, rect.max.y - 9.0));
    ui.painter().rect_filled(bar, 1.5, edge);
    widgets::focus_ring(ui, &scope.response, rect, palette, theme::CARD_RADIUS);
    scope.response
}

fn filter_ui(ui: &mut Ui, reader: &Reader, palette: &Palette, commands: &mut Vec<Command>) {
    let mut text = reader.filter.text.clone();
    let edit = TextEdit::singleline(&mut text)
        .id(Id::unique("note filter"))
        .hint_text("Find in the notes");
    if ui
        .add(widgets::field(edit, ui.available_width()))
        .accessible_name("Find in the notes")
        .changed()
    {
        commands.push(Command::Filter(FilterChange::Text(text)));
    }
    ui.horizontal_wrapped(|ui| {
        ui.spacing_mut().item_spacing = vec2(4.0, 4.0);
        for kind in Kind::ALL {
            let on = reader.filter.kind == Some(kind);
            let label = match kind {
                Kind::Highlight => "Highlights",
                Kind::Note => "Notes",
                Kind::Bookmark => "Bookmarks",
            };
            if widgets::pill(ui, palette, label, on).clicked() {
                commands.push(Command::Filter(FilterChange::Kind((!on).then_some(kind))));
            }
        }
    });
    ui.spacing_mut().interact_size.y = 20.0;
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = 4.0;
        for colour in Colour::ALL {
            let on = reader.filter.colour == Some(colour);
            let name = format!("Only {}", colour.name());
            if filter_dot(ui, palette, colour, on, &name).clicked() {
                commands.push(Command::Filter(FilterChange::Colour((!on).then_some(colour))));
            }
        }
    });
    let tags = reader.tags();
    if tags.is_empty() {
        return;
    }
    ui.horizontal_wrapped(|ui| {
        ui.spacing_mut().item_spacing = vec2(4.0, 4.0);
        for tag in tags {
            let on = reader.filter.tag.as_deref() == Some(tag);
            if widgets::pill(ui, palette, tag, on).clicked() {
                commands.push(Command::Filter(FilterChange::Tag((!on).then(|| tag.to_owned()))));
            }
        }
    });
}

fn filter_dot(ui: &mut Ui, palette: &Palette, colour: Colour, on: bool, name: &str) -> egui::Response {
    let (rect, response) = ui.allocate_exact_size(vec2(20.0, 20.0), Sense::click());
    response.widget_info(|| WidgetInfo::selected(egui::Role::Button, true, on, name));
    ui.painter().circle_filled(rect.center(), 7.0, palette.note(colour));
    let (width, edge) = if on {
        (2.0, palette.ink)
    } else {
        (1.0, palette.note_edge(colour))
    };
    ui.painter().circle_stroke(rect.center(), 7.0, Stroke::new(width, edge));
    widgets::focus_ring(ui, &response, rect, palette, 10);
    response.on_hover_text(name)
}

fn empty(ui: &mut Ui, reader: &Reader, palette: &Palette) {
    let rect = ui.available_rect_before_wrap();
    if rect.height() < 60.0 {
        return;
    }
    let text = if reader
        .document
        .as_ref()
        .is_some_and(|document| document.timeline.is_some())
    {
        "No notes yet.\n\nMark words with the mouse and press H to highlight them, N to write about them. B keeps the instant."
    } else {
        "No notes yet.\n\nB keeps the instant; N writes about it."
    };
    let font = theme::plain(13.0);
    let galley = ui
        .painter()
        .layout(text.to_owned(), font, palette.soft, rect.width() - 8.0);
    let at = Align2::LEFT_TOP
        .anchor_size(rect.min + vec2(0.0, 12.0), galley.size())
        .min;
    widgets::said(ui, Rect::from_min_size(at, galley.size()), text);
    ui.painter().galley(at, galley, palette.soft);
}

fn card_name(annotation: &Annotation) -> String {
    let clock = format_clock(annotation.target.time.start - MediaTime::ZERO);
    let quote = annotation
        .target
        .quote
        .as_ref()
        .map_or("", |quote| quote.exact.as_str());
    format!(
        "{} at {clock}: {} {}",
        annotation.kind.name(),
        widgets::shortened(quote, 80),
        annotation.text
    )
}
