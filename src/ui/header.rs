//! The header: menu, title, search, the two views, the notes.

use egui::{
    Align, Align2, Color32, Layout, Popup, Rect, Response, Role, Sense, Stroke, StrokeKind, Ui, UiBuilder, WidgetInfo,
    pos2, vec2,
};

use super::cover::CoverPicture;
use super::icons::Icon;
use super::search_field::SearchField;
use super::theme::{self, Palette};
use super::{shortcuts, widgets};
use crate::reader::{Command, Panel, Reader, View};
use crate::time::{MediaTime, format_clock};

/// The header.
#[derive(Default)]
pub struct Header {
    search: SearchField,
    cover: CoverPicture,
}

impl Header {
    /// Shows the header.
    pub fn ui(&mut self, ui: &mut Ui, reader: &Reader, commands: &mut Vec<Command>) {
        let palette = theme::palette(ui.ctx(), &reader.settings);
        let area = ui.available_rect_before_wrap().shrink2(vec2(16.0, 0.0));
        let narrow = area.width() < 720.0;
        let open = reader.document.is_some();
        let tools = if open {
            widgets::width_at_right(ui, "tools") + 12.0
        } else {
            0.0
        };
        let left = Rect::from_min_max(area.min, pos2(area.max.x - tools, area.max.y));
        let layout = Layout::left_to_right(Align::Center);
        ui.scope_builder(UiBuilder::new().max_rect(left).id_salt("title").layout(layout), |ui| {
            ui.set_clip_rect(left.intersect(ui.clip_rect()));
            menu(ui, reader, palette, commands);
            outline_button(ui, reader, palette, commands);
            ui.add_space(4.0);
            match reader.document.as_ref().and_then(|document| document.cover.as_ref()) {
                Some(picture) => {
                    self.cover.ui(ui, picture);
                    ui.add_space(4.0);
                }
                None => self.cover.forget(),
            }
            title(ui, reader, palette);
        });
        if !open {
            return;
        }
        let right = Rect::from_min_max(pos2(area.min.x + 44.0, area.min.y), area.max);
        ui.scope_builder(UiBuilder::new().max_rect(right), |ui| {
            widgets::at_right(ui, "tools", |ui| {
                ui.spacing_mut().item_spacing.x = 12.0;
                self.search.ui(ui, reader, palette, narrow, commands);
                // The narrowest window has room for one of them.
                if area.width() >= 560.0 || !reader.shows(Panel::Search) {
                    view_switch(ui, reader, palette, commands);
                }
                let on = reader.shows(Panel::Notes);
                let command = Command::Toggle(Panel::Notes);
                let name = if on { "Hide the notes" } else { "Show the notes" };
                widgets::command_button(ui, palette, Icon::Note, name, on, command, commands);
            });
        });
    }
}

fn title(ui: &mut Ui, reader: &Reader, palette: &Palette) {
    let Some(document) = &reader.document else {
        ui.label(
            egui::RichText::new("Earmark")
                .font(theme::semibold(14.0))
                .color(palette.ink),
        );
        return;
    };
    let length = document.length();
    let told = &document.told;
    let mut second: Vec<String> = told.artist.clone().into_iter().collect();
    if told.title.is_none() {
        second.extend(reader.recording_name());
    }
    if length > MediaTime::ZERO {
        let about = if document.length_is_exact() { "" } else { "~" };
        second.push(format!("{about}{}", format_clock(length - MediaTime::ZERO)));
    }
    let second = second.join(" · ");
    let room = ui.available_width();
    // The title comes first; where both do not fit, it is the second that goes.
    let title_room = if room > 420.0 { room * 0.6 } else { room };
    let shown = told.title.as_ref().unwrap_or(&document.title);
    let (label, elided) = widgets::cut_label(ui, shown, theme::semibold(14.0), palette.ink, title_room);
    // One tooltip: the whole of what is cut, and the files whose names stand nowhere else.
    let mut hint: Vec<String> = elided.then(|| shown.clone()).into_iter().collect();
    if told.title.is_some() {
        hint.extend(reader.file_names());
    }
    if !hint.is_empty() {
        label.on_hover_text(hint.join("\n"));
    }
    let rest = ui.available_width();
    if rest > 60.0 {
        widgets::fitted_label(ui, &second, theme::plain(13.0), palette.soft, rest);
    }
}

/// The way to the chapters, where there are any.
fn outline_button(ui: &mut Ui, reader: &Reader, palette: &Palette, commands: &mut Vec<Command>) {
    if reader
        .document
        .as_ref()
        .is_none_or(|document| document.outline.is_empty())
    {
        return;
    }
    let on = reader.shows(Panel::Outline);
    let name = if on { "Hide the chapters" } else { "Show the chapters" };
    let command = Command::Toggle(Panel::Outline);
    widgets::command_button(ui, palette, Icon::Outline, name, on, command, commands);
}

fn view_switch(ui: &mut Ui, reader: &Reader, palette: &Palette, commands: &mut Vec<Command>) {
    let size = vec2(132.0, 30.0);
    let (rect, _) = ui.allocate_exact_size(size, Sense::hover());
    ui.painter().rect(
        rect,
        theme::RADIUS,
        palette.panel,
        Stroke::new(1.0, palette.line),
        StrokeKind::Inside,
    );
    for (i, (view, label)) in [(View::Reading, "Reading"), (View::Lines, "Lines")]
        .into_iter()
        .enumerate()
    {
        let widths = [76.0, 56.0];
        let x = rect.min.x + widths.iter().take(i).sum::<f32>();
        let part = Rect::from_min_size(pos2(x, rect.min.y), vec2(widths[i], rect.height()));
        let on = reader.settings.view == view;
        let response = ui.interact(part, ui.scope_id().with(("view", label)), Sense::click());
        response.widget_info(|| WidgetInfo::selected(Role::RadioButton, true, on, label));
        if on {
            ui.painter()
                .rect_filled(part.shrink(1.0), theme::RADIUS - 1, palette.btn);
        }
        let colour = if on || response.hovered() {
            palette.ink
        } else {
            palette.soft
        };
        let font = if on { theme::semibold(13.0) } else { theme::plain(13.0) };
        ui.painter()
            .text(part.center(), Align2::CENTER_CENTER, label, font, colour);
        widgets::focus_ring(ui, &response, part, palette, theme::RADIUS);
        let hint = shortcuts::hint(&Command::ToggleView);
        if response.on_hover_text(format!("{label} view{hint}")).clicked() {
            commands.push(Command::SetView(view));
        }
    }
}

fn menu(ui: &mut Ui, reader: &Reader, palette: &Palette, commands: &mut Vec<Command>) {
    let response = widgets::icon_button(ui, palette, Icon::Menu, "Menu", false);
    let open = reader.document.is_some();
    let is_read = reader.document.as_ref().is_some_and(|document| document.read.is_some());
    let chapters = reader
        .document
        .as_ref()
        .is_some_and(|document| !document.outline.is_empty());
    Popup::menu(&response).accessible_name("Menu").show(|ui| {
        ui.set_width(270.0);
        let mut entry = |ui: &mut Ui, label: &str, command: Command, enabled: bool| {
            if menu_entry(ui, palette, label, &command, enabled) {
                commands.push(command);
                ui.close();
            }
        };
        entry(ui, "Open…", Command::ChooseFiles, true);
        entry(ui, "Open the demo", Command::OpenDemo, true);
        entry(ui, "Close the document", Command::CloseDocument, open);
        ui.separator();
        entry(ui, "Export the notes…", Command::Toggle(Panel::Export), open);
        entry(ui, "Import notes…", Command::ChooseImport, open);
        entry(
            ui,
            "How the transcript was read…",
            Command::Toggle(Panel::Repairs),
            is_read,
        );
        ui.separator();
        entry(ui, "Chapters", Command::Toggle(Panel::Outline), chapters);
        entry(ui, "Go to a time…", Command::Toggle(Panel::GoToTime), open);
        entry(ui, "All commands…", Command::Toggle(Panel::Palette), true);
        entry(ui, "Keys", Command::Toggle(Panel::Help), true);
        entry(ui, "Settings", Command::Toggle(Panel::Settings), true);
        ui.separator();
        entry(ui, "Quit", Command::Quit, true);
    });
}

/// A menu's line: what it does on the left, its key on the right.
pub fn menu_entry(ui: &mut Ui, palette: &Palette, label: &str, command: &Command, enabled: bool) -> bool {
    let (rect, response) = menu_row(ui, enabled);
    response.widget_info(|| WidgetInfo::labeled(Role::MenuItem, enabled, label));
    let lit = (response.hovered() || response.has_focus()) && enabled;
    if lit {
        ui.painter().rect_filled(rect, theme::RADIUS, palette.lit());
    }
    menu_text(ui, palette, rect, label, command, (enabled, lit));
    response.clicked()
}

/// The same for one of several that exclude each other: a bar tells which one is on.
pub fn menu_choice(ui: &mut Ui, palette: &Palette, label: &str, command: &Command, on: bool) -> bool {
    let (rect, response) = menu_row(ui, true);
    response.widget_info(|| WidgetInfo::selected(Role::MenuItemRadio, true, on, label));
    let lit = response.hovered() || response.has_focus();
    if lit {
        ui.painter().rect_filled(rect, theme::RADIUS, palette.lit());
    }
    if on {
        let bar = Rect::from_min_size(rect.min + vec2(2.0, 7.0), vec2(3.0, rect.height() - 14.0));
        ui.painter().rect_filled(bar, 1.5, palette.acc);
    }
    menu_text(ui, palette, rect, label, command, (true, lit));
    response.clicked()
}

/// The room of a menu's line.
pub fn menu_row(ui: &mut Ui, enabled: bool) -> (Rect, Response) {
    ui.allocate_exact_size(
        vec2(ui.available_width(), 30.0),
        if enabled { Sense::click() } else { Sense::hover() },
    )
}

/// What stands in a menu's line, which is enabled or not, and lit or not.
pub fn menu_text(ui: &Ui, palette: &Palette, rect: Rect, label: &str, command: &Command, (enabled, lit): (bool, bool)) {
    let colour = if enabled {
        palette.ink
    } else {
        palette.faint.gamma_multiply(0.6)
    };
    ui.painter().text(
        pos2(rect.min.x + 10.0, rect.center().y),
        Align2::LEFT_CENTER,
        label,
        theme::plain(13.0),
        colour,
    );
    let key = crate::reader::Action::of(command)
        .and_then(|action| action.keys.first())
        .map(|key| shortcuts::shown(key));
    if let Some(key) = key {
        let at = pos2(rect.max.x - 10.0, rect.center().y);
        // Hints are too faint for the ground of a line that is lit.
        let faint: Color32 = if lit { palette.ink } else { palette.faint };
        ui.painter()
            .text(at, Align2::RIGHT_CENTER, key, theme::plain(12.0), faint);
    }
}
