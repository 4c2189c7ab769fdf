//! The search field: as you type, with its count and the way from hit to hit.

use egui::{Id, Key, TextEdit, Ui, vec2};

use super::icons::{self, Icon};
use super::theme::Palette;
use super::widgets;
use crate::reader::{Command, Panel, Reader};

/// The search field.
#[derive(Debug, Default)]
pub struct SearchField {
    asked: u64,
}

impl SearchField {
    /// Shows the field, or on a narrow window the button that opens it.
    pub fn ui(&mut self, ui: &mut Ui, reader: &Reader, palette: &Palette, narrow: bool, commands: &mut Vec<Command>) {
        let open = reader.shows(Panel::Search);
        if narrow && !open {
            widgets::command_button(ui, palette, Icon::Search, "Find", false, Command::Find, commands);
            return;
        }
        self.field(ui, reader, palette, narrow, commands);
        if reader.search.query.is_empty() {
            return;
        }
        ui.scope(|ui| {
            ui.spacing_mut().item_spacing.x = 2.0;
            let count = match (reader.search.current, reader.search.hits.len()) {
                (_, 0) => "no hit".to_owned(),
                (Some(current), count) => format!("{} of {count}", current + 1),
                (None, count) => format!("{count}"),
            };
            ui.label(egui::RichText::new(count).color(palette.soft).size(12.0));
            if widgets::icon_button_sized(ui, palette, Icon::Up, "Previous hit (Shift+F3)", false, 24.0).clicked() {
                commands.push(Command::FindPrevious);
            }
            if widgets::icon_button_sized(ui, palette, Icon::Down, "Next hit (F3)", false, 24.0).clicked() {
                commands.push(Command::FindNext);
            }
            if widgets::icon_button_sized(ui, palette, Icon::Close, "Close the search (Escape)", false, 24.0).clicked()
            {
                commands.push(Command::SetQuery(String::new()));
                commands.push(Command::Escape);
            }
        });
    }

    fn field(&mut self, ui: &mut Ui, reader: &Reader, palette: &Palette, narrow: bool, commands: &mut Vec<Command>) {
        let mut query = reader.search.query.clone();
        let id = Id::unique("search field");
        let width = if narrow { 120.0 } else { 200.0 };
        let edit = TextEdit::singleline(&mut query).id(id).hint_text("Search");
        let edit = widgets::field(edit, width).margin(egui::Margin {
            left: 32,
            right: 8,
            top: 6,
            bottom: 6,
        });
        let response = ui.add(edit).accessible_name("Search in the transcript");
        let at = icons::boxed(response.rect.left_center() + vec2(8.0, -8.0), 16.0);
        icons::paint(ui.painter(), Icon::Search, at, 16.0, palette.faint);
        if self.asked != reader.search.asked {
            self.asked = reader.search.asked;
            response.request_focus();
        }
        if response.gained_focus() && !reader.shows(Panel::Search) {
            commands.push(Command::Find);
        }
        if response.changed() {
            commands.push(Command::SetQuery(query));
        }
        if response.lost_focus() && ui.input(|input| input.key_pressed(Key::Enter)) {
            let back = ui.input(|input| input.modifiers.shift);
            commands.push(if back { Command::FindPrevious } else { Command::FindNext });
            response.request_focus();
        }
    }
}
