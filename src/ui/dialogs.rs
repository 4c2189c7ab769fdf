//! The dialogs: a frame for all of them, and the small ones.

use std::path::{Path, PathBuf};

use egui::{Id, Key, Modal, ScrollArea, TextEdit, Ui, vec2};

use super::theme::{self, Palette};
use super::widgets;
use super::{export_dialog, help, palette as commands_palette, reading_dialog, settings_dialog};
use crate::reader::{Command, Event, Half, NoDialog, Panel, Reader};
use crate::time::{MediaTime, parse_timecode};

/// What is typed in the dialogs.
#[derive(Debug, Default)]
pub struct Dialogs {
    time: String,
    path: String,
    asked: Option<NoDialog>,
    palette: commands_palette::CommandPalette,
    focused: Option<Panel>,
}

impl Dialogs {
    /// Shows the dialog that is open.
    ///
    /// `events` takes what the file dialogs of the system would have told.
    pub fn ui(&mut self, ui: &mut Ui, reader: &Reader, commands: &mut Vec<Command>, events: &mut Vec<Event>) {
        let ctx = ui.ctx().clone();
        let palette = theme::palette(&ctx, &reader.settings);
        if let Some(ask) = &reader.ask {
            self.ask(&ctx, reader, palette, ask, commands, events);
            return;
        }
        self.asked = None;
        let open = reader
            .panels
            .iter()
            .copied()
            .find(|panel| !matches!(panel, Panel::Notes | Panel::Search));
        let first = open != self.focused;
        self.focused = open;
        let Some(panel) = open else { return };
        match panel {
            Panel::GoToTime => self.go_to_time(&ctx, palette, first, commands),
            Panel::Help => dialog(&ctx, panel, palette, "Keys", 620.0, commands, |ui, _| {
                help::ui(ui, palette);
            }),
            Panel::Settings => dialog(&ctx, panel, palette, "Settings", 440.0, commands, |ui, commands| {
                settings_dialog::ui(ui, reader, palette, commands);
            }),
            Panel::Export => dialog(
                &ctx,
                panel,
                palette,
                "Export the notes",
                440.0,
                commands,
                |ui, commands| {
                    export_dialog::ui(ui, reader, palette, commands);
                },
            ),
            Panel::Repairs => dialog(
                &ctx,
                panel,
                palette,
                "How the transcript was read",
                560.0,
                commands,
                |ui, commands| {
                    reading_dialog::ui(ui, reader, palette, commands);
                },
            ),
            Panel::Palette => {
                let palette_state = &mut self.palette;
                dialog(&ctx, panel, palette, "All commands", 520.0, commands, |ui, commands| {
                    palette_state.ui(ui, palette, first, commands);
                });
            }
            Panel::Notes | Panel::Search => {}
        }
    }

    fn go_to_time(&mut self, ctx: &egui::Context, palette: &Palette, first: bool, commands: &mut Vec<Command>) {
        if first {
            self.time.clear();
        }
        let time = &mut self.time;
        dialog(
            ctx,
            Panel::GoToTime,
            palette,
            "Go to a time",
            320.0,
            commands,
            |ui, commands| {
                let edit = TextEdit::singleline(time)
                    .id(Id::unique("time field"))
                    .hint_text("1:02:03, 62:03, 3723 or 1h2m");
                let response = ui.add(edit.desired_width(ui.available_width())).accessible_name("Time");
                if first {
                    response.request_focus();
                }
                let parsed = parse_timecode(time);
                if let (Err(error), false) = (&parsed, time.trim().is_empty()) {
                    ui.label(egui::RichText::new(error.to_string()).size(12.0).color(palette.error));
                }
                let entered = response.lost_focus() && ui.input(|input| input.key_pressed(Key::Enter));
                let go = ui
                    .add_enabled_ui(parsed.is_ok(), |ui| {
                        widgets::primary_button(ui, palette, "Go").clicked()
                    })
                    .inner;
                if let (true, Ok(time)) = (entered || go, parsed) {
                    commands.push(Command::Seek(MediaTime::ZERO + time));
                    commands.push(Command::SetFollow(true));
                    commands.push(Command::Toggle(Panel::GoToTime));
                }
            },
        );
    }

    /// A path typed by hand, with what the folder holds: where the system shows no dialog.
    fn ask(
        &mut self,
        ctx: &egui::Context,
        reader: &Reader,
        palette: &Palette,
        ask: &NoDialog,
        commands: &mut Vec<Command>,
        events: &mut Vec<Event>,
    ) {
        let first = self.asked.as_ref() != Some(ask);
        if first {
            self.asked = Some(ask.clone());
            self.path = match ask {
                NoDialog::Export(_, name) => name.clone(),
                _ => format!("{}{}", reader.folder().display(), std::path::MAIN_SEPARATOR),
            };
        }
        let (title, button) = match ask {
            NoDialog::Open => ("Open a transcript, a recording, or both", "Open"),
            NoDialog::Half(Half::Recording) => ("Choose the recording", "Choose"),
            NoDialog::Half(Half::Transcript) => ("Choose the transcript", "Choose"),
            NoDialog::Export(..) => ("Export the notes", "Write"),
            NoDialog::Import => ("Import notes", "Import"),
        };
        let path = &mut self.path;
        let mut chosen = None;
        let response = modal(ctx, Id::unique("ask")).show(ctx, |ui| {
            ui.set_width(560.0_f32.min(ctx.content_rect().width() - 48.0));
            heading(ui, palette, title);
            ui.label(
                egui::RichText::new("This system shows no file dialog, so please type the path.").color(palette.soft),
            );
            let edit = TextEdit::singleline(path)
                .id(Id::unique("path field"))
                .hint_text("Path of the file")
                .cursor_at_end(true);
            let field = ui.add(edit.desired_width(ui.available_width())).accessible_name("Path");
            if first {
                field.request_focus();
            }
            let entered = field.lost_focus() && ui.input(|input| input.key_pressed(Key::Enter));
            if let Some(completed) = completions(ui, reader, palette, path, commands) {
                *path = completed;
                field.request_focus();
            }
            ui.horizontal(|ui| {
                if widgets::primary_button(ui, palette, button).clicked() || entered {
                    chosen = Some(PathBuf::from(path.trim()));
                }
                if widgets::text_button(ui, palette, "Cancel").clicked() {
                    ui.close();
                }
            });
        });
        if let Some(path) = chosen.filter(|path| !path.as_os_str().is_empty()) {
            events.push(match ask {
                NoDialog::Open => Event::Chosen(vec![path]),
                NoDialog::Half(_) => Event::ChosenHalf(path),
                NoDialog::Export(format, _) => Event::ChosenTarget(*format, path),
                NoDialog::Import => Event::ChosenImport(path),
            });
        } else if response.should_close() {
            commands.push(Command::Escape);
        }
    }
}

/// The frame of a dialog: a title, a content, closed by Escape or a click beside it.
fn dialog(
    ctx: &egui::Context,
    panel: Panel,
    palette: &Palette,
    title: &str,
    width: f32,
    commands: &mut Vec<Command>,
    content: impl FnOnce(&mut Ui, &mut Vec<Command>),
) {
    let room = ctx.content_rect();
    let response = modal(ctx, Id::unique(("dialog", panel as u8))).show(ctx, |ui| {
        ui.set_width(width.min(room.width() - 64.0));
        ui.set_max_height(room.height() - 96.0);
        ui.spacing_mut().item_spacing = vec2(8.0, 10.0);
        heading(ui, palette, title);
        content(ui, commands);
    });
    if response.should_close() {
        commands.push(Command::Toggle(panel));
    }
}

fn modal(ctx: &egui::Context, id: Id) -> Modal {
    let frame = egui::Frame::popup(&ctx.global_style()).inner_margin(egui::Margin::same(20));
    Modal::new(id).frame(frame)
}

fn heading(ui: &mut Ui, palette: &Palette, title: &str) {
    ui.label(
        egui::RichText::new(title)
            .font(theme::semibold(17.0))
            .color(palette.ink),
    );
}

/// What the typed path may become: the entries of its folder that begin like it. One that is clicked is returned.
fn completions(
    ui: &mut Ui,
    reader: &Reader,
    palette: &Palette,
    typed: &str,
    commands: &mut Vec<Command>,
) -> Option<String> {
    let path = Path::new(typed);
    let (folder, begin) = if typed.ends_with(std::path::MAIN_SEPARATOR) {
        (path, String::new())
    } else {
        (path.parent()?, path.file_name()?.to_string_lossy().to_lowercase())
    };
    let listing = reader.listing.as_ref().filter(|listing| listing.folder == folder);
    let Some(listing) = listing else {
        commands.push(Command::ListFolder(folder.to_path_buf()));
        return None;
    };
    let mut chosen = None;
    ScrollArea::vertical().max_height(180.0).show(ui, |ui| {
        let fitting = listing
            .entries
            .iter()
            .filter(|(name, _)| name.to_lowercase().starts_with(&begin));
        for (name, is_folder) in fitting.take(60) {
            let shown = if *is_folder {
                format!("{name}{}", std::path::MAIN_SEPARATOR)
            } else {
                name.clone()
            };
            let text = egui::RichText::new(&shown).color(if *is_folder { palette.soft } else { palette.ink });
            if ui.add(egui::Button::new(text).frame(false)).clicked() {
                chosen = Some(folder.join(shown).display().to_string());
            }
        }
    });
    chosen
}
