//! What happened, in a bar above the text, with the way out and a cross.

use egui::{Align, Frame, Layout, Margin, Rect, Stroke, Ui, vec2};

use super::icons::{self, Icon};
use super::theme::{self, Palette};
use super::widgets;
use crate::reader::{Command, Message, Reader, Severity};

/// Shows all messages, one below the other.
pub fn ui(ui: &mut Ui, reader: &Reader, commands: &mut Vec<Command>) {
    let palette = theme::palette(ui.ctx(), &reader.settings);
    for message in &reader.messages {
        bar(ui, message, palette, commands);
    }
}

fn bar(ui: &mut Ui, message: &Message, palette: &Palette, commands: &mut Vec<Command>) {
    let colour = match message.severity {
        Severity::Info => palette.soft,
        Severity::Warning => palette.acc,
        Severity::Error => palette.error,
    };
    let icon = if message.severity == Severity::Info { Icon::Info } else { Icon::Warning };
    let frame = Frame::new().fill(palette.btn).inner_margin(Margin { left: 16, right: 8, top: 4, bottom: 4 });
    let shown = frame.show(ui, |ui| {
        ui.set_width(ui.available_width());
        ui.with_layout(Layout::right_to_left(Align::Center).with_cross_align(Align::Center), |ui| {
            ui.spacing_mut().item_spacing.x = 6.0;
            if widgets::icon_button_sized(ui, palette, Icon::Close, "Close this message", false, 28.0).clicked() {
                commands.push(Command::Dismiss(message.id));
            }
            for (label, command) in message.actions.iter().rev() {
                if widgets::text_button(ui, palette, label).clicked() {
                    commands.push(command.clone());
                    commands.push(Command::Dismiss(message.id));
                }
            }
            ui.with_layout(Layout::left_to_right(Align::Center).with_main_wrap(false), |ui| {
                let (rect, _) = ui.allocate_exact_size(vec2(20.0, 28.0), egui::Sense::hover());
                icons::paint(ui.painter(), icon, Rect::from_center_size(rect.center(), vec2(18.0, 18.0)), 18.0, colour);
                let text = egui::RichText::new(&message.text).color(palette.ink);
                ui.add(egui::Label::new(text).wrap());
            });
        });
    });
    let rect = shown.response.rect;
    ui.painter().hline(rect.x_range(), rect.max.y, Stroke::new(1.0, palette.line));
}
