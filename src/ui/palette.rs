//! All commands by name: type a few letters, Enter.

use egui::{Id, Key, ScrollArea, TextEdit, Ui};

use super::header::menu_entry;
use super::theme::Palette;
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
            .add(edit.desired_width(ui.available_width()))
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
        let room = (ui.ctx().content_rect().height() - 220.0).clamp(80.0, 380.0);
        ScrollArea::vertical()
            .max_height(room)
            .auto_shrink([false, true])
            .show(ui, |ui| {
                ui.spacing_mut().item_spacing.y = 0.0;
                for (i, action) in fitting.iter().enumerate() {
                    let top = ui.cursor().min;
                    if i == self.chosen {
                        let rect = egui::Rect::from_min_size(top, egui::vec2(ui.available_width(), 30.0));
                        ui.painter().rect_filled(rect, super::theme::RADIUS, palette.line);
                        if down || up {
                            ui.scroll_to_rect(rect, None);
                        }
                    }
                    if menu_entry(ui, palette, action.label, &action.command, true) {
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
