//! The keys, by group.

use egui::{Align, Layout, ScrollArea, Ui, vec2};

use super::theme::{self, Palette};
use super::widgets;
use crate::reader::{ACTIONS, Group};

/// Shows all keys.
pub fn ui(ui: &mut Ui, palette: &Palette) {
    let room = (ui.ctx().content_rect().height() - 160.0).max(120.0);
    ScrollArea::vertical()
        .max_height(room)
        .auto_shrink([false, true])
        .show(ui, |ui| {
            ui.scroll_with_delta(vec2(0.0, -widgets::scroll_by_keys(ui, room)));
            for group in Group::ALL {
                ui.label(
                    egui::RichText::new(group.label())
                        .font(theme::semibold(13.5))
                        .color(palette.acc),
                );
                for action in ACTIONS
                    .iter()
                    .filter(|action| action.group == group && !action.keys.is_empty())
                {
                    ui.horizontal(|ui| {
                        ui.label(egui::RichText::new(action.label).color(palette.ink));
                        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                            ui.add_space(12.0);
                            widgets::keys(ui, palette, action.keys);
                        });
                    });
                }
                ui.add_space(8.0);
            }
        });
}
