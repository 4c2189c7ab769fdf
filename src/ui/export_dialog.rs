//! Where the notes go, and in what form.

use egui::Ui;

use super::theme::{self, Palette};
use super::widgets;
use crate::export::ExportFormat;
use crate::reader::{Command, Reader};

/// Shows the formats, each to a file or to the clipboard.
pub fn ui(ui: &mut Ui, reader: &Reader, palette: &Palette, commands: &mut Vec<Command>) {
    let shown = reader.shown_marks().count();
    let what = match (shown, reader.filter.is_empty()) {
        (0, _) => "There is no note to export.".to_owned(),
        (1, true) => "The one note of this document.".to_owned(),
        (count, true) => format!("All {count} notes of this document."),
        (count, false) => format!("The {count} notes that pass the filter."),
    };
    ui.label(egui::RichText::new(what).color(palette.soft));
    ui.add_enabled_ui(shown > 0, |ui| {
        for format in ExportFormat::ALL {
            ui.horizontal(|ui| {
                ui.label(
                    egui::RichText::new(format.label())
                        .font(theme::medium(13.5))
                        .color(palette.ink),
                );
                widgets::at_right(ui, format.name(), |ui| {
                    let save =
                        widgets::text_button(ui, palette, "Save…").on_hover_text(format!("Save as {}", format.label()));
                    if save.clicked() {
                        commands.push(Command::ExportNotes(format));
                    }
                    let copy =
                        widgets::text_button(ui, palette, "Copy").on_hover_text(format!("Copy as {}", format.label()));
                    if copy.clicked() {
                        commands.push(Command::CopyNotes(format));
                    }
                });
            });
        }
    });
}
