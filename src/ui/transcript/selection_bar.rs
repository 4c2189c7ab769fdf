//! What can be done with the marked words, right beside them.

use egui::{Area, Frame, Id, Margin, Order, Rect, Stroke, Ui, pos2, vec2};

use crate::notes::Colour;
use crate::reader::{Command, Reader};
use crate::ui::icons::Icon;
use crate::ui::theme::{self, Palette};
use crate::ui::widgets;

const SIZE: egui::Vec2 = vec2(272.0, 42.0);

/// Shows the bar above `words`, or below them where there is no room above.
pub fn ui(ui: &Ui, reader: &Reader, palette: &Palette, words: Rect, view: Rect, commands: &mut Vec<Command>) {
    let above = words.min.y - SIZE.y - 6.0;
    let y = if above >= view.min.y {
        above
    } else {
        (words.max.y + 6.0).min(view.max.y - SIZE.y)
    };
    let x =
        (words.center().x - SIZE.x / 2.0).clamp(view.min.x + 8.0, (view.max.x - SIZE.x - 16.0).max(view.min.x + 8.0));
    let area = Area::new(Id::unique("selection bar"))
        .order(Order::Middle)
        .fixed_pos(pos2(x, y));
    area.accessible_name("Selected words").show(ui.ctx(), |ui| {
        let frame = Frame::new()
            .fill(palette.btn)
            .stroke(Stroke::new(1.0, palette.line))
            .corner_radius(theme::CARD_RADIUS)
            .shadow(ui.visuals().popup_shadow)
            .inner_margin(Margin::same(5));
        frame.show(ui, |ui| {
            ui.horizontal(|ui| {
                ui.spacing_mut().item_spacing.x = 4.0;
                for colour in Colour::ALL {
                    if widgets::colour_dot(ui, reader, colour, reader.settings.colour == colour).clicked() {
                        commands.push(Command::Highlight(colour));
                    }
                }
                ui.add_space(4.0);
                let buttons = [
                    (Icon::Note, "Write a note", Command::WriteNote),
                    (Icon::Copy, "Copy", Command::Copy),
                    (Icon::Close, "Drop the selection", Command::Select(None)),
                ];
                for (icon, name, command) in buttons {
                    widgets::command_button(ui, palette, icon, name, false, command, commands);
                }
            });
        });
    });
}
