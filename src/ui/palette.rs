//! All commands by name: type a few letters, Enter.

use egui::{Id, Key, Role, ScrollArea, TextEdit, Ui, WidgetInfo};

use super::header::{menu_row, menu_text};
use super::theme::{self, Palette};
use super::widgets;
use crate::reader::{ACTIONS, Action, Command, Panel};

/// The list of commands.
#[derive(Debug, Default)]
pub struct CommandPalette {
    typed: String,
    chosen: usize,
}

impl CommandPalette {
    /// Shows the field and the commands that fit.
    pub fn ui(&mut self, ui: &mut Ui, palette: &Palette, first: bool, commands: &mut Vec<Command>) {
        if first {
            *self = Self::default();
        }
        let (down, up) = ui.input_mut(|input| {
            let none = egui::Modifiers::NONE;
            (
                input.consume_key(none, Key::ArrowDown),
                input.consume_key(none, Key::ArrowUp),
            )
        });
        let edit = TextEdit::singleline(&mut self.typed)
            .id(Id::unique("command field"))
            .hint_text("What would you like to do?");
        let response = ui
            .add(widgets::field(edit, ui.available_width()))
            .accessible_name("Command");
        if first {
            response.request_focus();
        }
        if response.changed() {
            self.chosen = 0;
        }
        let fitting: Vec<&Action> = ACTIONS.iter().filter(|action| fits(action, &self.typed)).collect();
        let last = fitting.len().saturating_sub(1);
        self.chosen = if down {
            self.chosen + 1
        } else {
            self.chosen.saturating_sub(usize::from(up))
        }
        .min(last);
        let entered = response.lost_focus() && ui.input(|input| input.key_pressed(Key::Enter));
        let mut wanted = if entered {
            fitting.get(self.chosen).map(|action| action.command.clone())
        } else {
            None
        };
        if entered && wanted.is_none() {
            response.request_focus();
        }
        if fitting.is_empty() {
            ui.label(egui::RichText::new("No command matches.").color(palette.soft));
        }
        // A pointer that rests where the list scrolls through under it chooses nothing.
        let moved = ui.input(|input| input.pointer.delta() != egui::Vec2::ZERO);
        let room = (ui.ctx().content_rect().height() - 220.0).clamp(80.0, 380.0);
        ScrollArea::vertical()
            .max_height(room)
            .auto_shrink([false, true])
            .show(ui, |ui| {
                ui.spacing_mut().item_spacing.y = 0.0;
                for (i, action) in fitting.iter().enumerate() {
                    let (rect, row) = menu_row(ui, true);
                    if row.hovered() && moved || row.has_focus() {
                        self.chosen = i;
                    }
                    let on = i == self.chosen;
                    row.widget_info(|| WidgetInfo::selected(Role::MenuItem, true, on, action.label));
                    if on {
                        ui.painter().rect_filled(rect, theme::RADIUS, palette.lit());
                        if down || up {
                            ui.scroll_to_rect(rect, None);
                        }
                    }
                    menu_text(ui, palette, rect, action.label, &action.command, (true, on));
                    if row.clicked() {
                        wanted = Some(action.command.clone());
                    }
                }
            });
        if let Some(command) = wanted {
            commands.push(Command::Toggle(Panel::Palette));
            commands.push(command);
        }
    }
}

/// Whether all typed words stand in the label.
fn fits(action: &Action, typed: &str) -> bool {
    let label = action.label.to_lowercase();
    typed.to_lowercase().split_whitespace().all(|word| label.contains(word))
}
