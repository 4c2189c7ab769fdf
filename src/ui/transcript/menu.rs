//! What can be done with the words under the pointer.

use egui::Ui;

use super::rows::Rows;
use crate::notes::Colour;
use crate::reader::{Command, Reader, Selection};
use crate::transcript::Passage;
use crate::ui::header::menu_entry;
use crate::ui::{theme, widgets};

/// The menu of a place in the text: acts on the selection, else on the cue under the pointer.
pub fn ui(ui: &mut Ui, reader: &Reader, rows: Rows<'_>, target: Option<Passage>, commands: &mut Vec<Command>) {
    let palette = theme::palette(ui.ctx(), &reader.settings);
    ui.set_width(330.0);
    let cue = target.and_then(|word| Passage::of_cue(rows.timeline.transcript(), word.start.cue));
    let mut chosen = Vec::new();
    if let Some(time) = target.and_then(|word| rows.timeline.time_of(word.start)) {
        let play = Command::PlayFrom(time);
        if menu_entry(ui, palette, "Play from here", &play, true) {
            chosen.push(play);
        }
        ui.separator();
    }
    ui.horizontal(|ui| {
        ui.add_space(6.0);
        for colour in Colour::ALL {
            if widgets::colour_dot(ui, reader, colour, reader.settings.colour == colour).clicked() {
                chosen.push(Command::Highlight(colour));
            }
        }
    });
    for (label, command) in [
        ("Write a note", Command::WriteNote),
        ("Bookmark this instant", Command::Bookmark),
        ("Copy", Command::Copy),
        ("Copy with time code and speaker", Command::CopyCitation),
        ("This line is spoken now", Command::LineIsNow),
        ("These lines are not in the recording", Command::NotInRecording),
    ] {
        let is_of_timing = matches!(command, Command::LineIsNow | Command::NotInRecording);
        if is_of_timing
            && reader
                .document
                .as_ref()
                .is_none_or(|document| document.source.is_none())
        {
            continue;
        }
        if menu_entry(ui, palette, label, &command, true) {
            if command == Command::Bookmark
                && let Some(time) = target.and_then(|word| rows.timeline.time_of(word.start))
            {
                chosen.push(Command::Seek(time));
            }
            chosen.push(command);
        }
    }
    if chosen.is_empty() {
        return;
    }
    let wants_words = chosen
        .iter()
        .any(|command| !matches!(command, Command::PlayFrom(_) | Command::Seek(_) | Command::Bookmark));
    if reader.selection.is_none() && wants_words {
        commands.push(Command::Select(cue.map(Selection::of)));
    }
    commands.append(&mut chosen);
    ui.close();
}
