//! What comes from outside the widgets: keys, the clipboard's keys, dropped files.

use std::path::PathBuf;

use egui::{Event, Key};

use super::shortcuts;
use crate::reader::Command;

/// The commands of this frame's keys.
pub fn take_commands(ctx: &egui::Context) -> Vec<Command> {
    let mut commands = shortcuts::take_commands(ctx);
    let typing = ctx.text_edit_focused();
    ctx.input(|input| {
        // The window system turns the copy keys into an event of its own.
        let copied = input.events.iter().any(|event| matches!(event, Event::Copy));
        if copied && !typing && !commands.contains(&Command::Copy) && !commands.contains(&Command::CopyCitation) {
            let with_source = input.modifiers.shift || input.key_down(Key::Insert);
            commands.push(if with_source {
                Command::CopyCitation
            } else {
                Command::Copy
            });
        }
    });
    commands
}

/// The files dropped in this frame, to be opened: whatever else is open, a drop says what is wanted.
pub fn take_drops(ctx: &egui::Context) -> Option<Command> {
    let dropped: Vec<PathBuf> = ctx.input(|input| {
        let files = input.raw.dropped_files.iter();
        files.map(|file| file.path().to_path_buf()).collect()
    });
    (!dropped.is_empty()).then_some(Command::Open(dropped))
}
