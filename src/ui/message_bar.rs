//! What happened, in a bar above the text, with the way out and a cross.

use egui::{Align, Frame, Layout, Margin, Panel, Role, Sense, Stroke, Ui, WidgetInfo, vec2};

use super::icons::{self, Icon};
use super::theme::{self, Palette};
use super::widgets;
use crate::reader::{Command, Message, Reader, Severity};

/// Shows all messages, one below the other.
pub fn ui(ui: &mut Ui, reader: &Reader, commands: &mut Vec<Command>) {
    let palette = theme::palette(ui.ctx(), &reader.settings);
    for message in &reader.messages {
        let name = ("message", message.id.0);
        let side = Panel::top(name).frame(Frame::NONE).show_separator_line(false);
        side.show(ui, |ui| bar(ui, message, palette, commands));
    }
}

fn bar(ui: &mut Ui, message: &Message, palette: &Palette, commands: &mut Vec<Command>) {
    let colour = match message.severity {
        Severity::Info => palette.soft,
        Severity::Warning => palette.acc,
        Severity::Error => palette.error,
    };
    let icon = if message.severity == Severity::Info {
        Icon::Info
    } else {
        Icon::Warning
    };
    let frame = Frame::new().fill(palette.btn).inner_margin(Margin {
        left: 16,
        right: 8,
        top: 4,
        bottom: 4,
    });
    let shown = frame.show(ui, |ui| {
        // The text takes what the buttons leave, and as many lines as it needs.
        let buttons: f32 = message
            .actions
            .iter()
            .map(|(label, _)| label.len() as f32 * 8.0 + 24.0)
            .sum();
        let room = (ui.available_width() - buttons - 76.0).max(120.0);
        let text = ui
            .painter()
            .layout(message.text.clone(), theme::plain(13.0), palette.ink, room);
        let size = vec2(ui.available_width(), (text.size().y + 8.0).max(30.0));
        ui.allocate_ui_with_layout(size, Layout::left_to_right(Align::Center), |ui| {
            let (rect, _) = ui.allocate_exact_size(vec2(20.0, 20.0), Sense::hover());
            icons::paint(ui.painter(), icon, rect, 18.0, colour);
            let (rect, said) = ui.allocate_exact_size(text.size(), Sense::hover());
            said.widget_info(|| WidgetInfo::labeled(Role::Label, true, &message.text));
            ui.painter().galley(rect.min, text, palette.ink);
            widgets::at_right(ui, &format!("message {}", message.id.0), |ui| {
                ui.spacing_mut().item_spacing.x = 6.0;
                for (label, command) in &message.actions {
                    if widgets::text_button(ui, palette, label).clicked() {
                        commands.push(command.clone());
                        commands.push(Command::Dismiss(message.id));
                    }
                }
                if widgets::icon_button_sized(ui, palette, Icon::Close, "Close this message", false, 28.0).clicked() {
                    commands.push(Command::Dismiss(message.id));
                }
            });
        });
    });
    let rect = shown.response.rect;
    ui.painter()
        .hline(rect.x_range(), rect.max.y, Stroke::new(1.0, palette.line));
}
