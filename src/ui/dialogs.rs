//! The dialogs: a frame for all of them, and the small ones.

use std::path::{Path, PathBuf};

use egui::text::{CCursor, CCursorRange, CharIndex};
use egui::{Id, Key, Modal, ScrollArea, TextEdit, Ui, vec2};

use super::icons::Icon;
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
    /// The path of a file that is there, once it was to be written: asked for again, it is replaced.
    replacing: Option<String>,
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
        self.replacing = None;
        let open = reader.panels.iter().copied().find(|panel| panel.is_dialog());
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
            Panel::Notes | Panel::Search | Panel::Outline | Panel::Timing => {}
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
                let width = ui.available_width();
                let response = ui.add(widgets::field(edit, width)).accessible_name("Time");
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
            self.replacing = None;
            self.path = match ask {
                NoDialog::Export(_, name) | NoDialog::Retimed(name) => name.clone(),
                _ => format!("{}{}", reader.folder().display(), std::path::MAIN_SEPARATOR),
            };
        }
        let path = expanded(&self.path);
        if let (true, Some(folder)) = (first, Path::new(&path).parent()) {
            // What is known of it may be from before the last export.
            commands.push(Command::ListFolder(folder.to_path_buf()));
        }
        let taken = matches!(ask, NoDialog::Export(..) | NoDialog::Retimed(_)) && is_listed(reader, &path);
        // Whoever goes on typing has not seen the warning of another name.
        if self.replacing.as_ref().is_some_and(|other| *other != path) {
            self.replacing = None;
        }
        let replacing = taken && self.replacing.is_some();
        let (title, button) = match ask {
            NoDialog::Export(..) if replacing => ("Export the notes", "Replace"),
            NoDialog::Retimed(_) if replacing => ("Save the transcript as it is heard", "Replace"),
            NoDialog::Retimed(_) => ("Save the transcript as it is heard", "Write"),
            NoDialog::Open => ("Open a transcript, a recording, or both", "Open"),
            NoDialog::Half(Half::Recording) => ("Choose the recording", "Choose"),
            NoDialog::Half(Half::Transcript) => ("Choose the transcript", "Choose"),
            NoDialog::Export(..) => ("Export the notes", "Write"),
            NoDialog::Import => ("Import notes", "Import"),
        };
        let typed = &mut self.path;
        let mut wanted = false;
        let response = modal(ctx, Id::unique("ask")).show(ctx, |ui| {
            ui.set_width(560.0_f32.min(ctx.content_rect().width() - 48.0));
            heading(ui, palette, title);
            ui.label(
                egui::RichText::new("This system shows no file dialog, so please type the path.").color(palette.soft),
            );
            let edit = TextEdit::singleline(typed)
                .id(Id::unique("path field"))
                .hint_text("Path of the file")
                .cursor_at_end(true);
            let width = ui.available_width();
            let field = ui.add(widgets::field(edit, width)).accessible_name("Path");
            if first {
                field.request_focus();
            }
            let entered = field.lost_focus() && ui.input(|input| input.key_pressed(Key::Enter));
            if let Some(completed) = completions(ui, reader, palette, &expanded(typed), commands) {
                *typed = completed;
                field.request_focus();
                caret_to_end(ui, field.id, typed);
            }
            if replacing {
                let text = "There is a file of this name already.";
                ui.label(egui::RichText::new(text).color(palette.error));
            }
            ui.horizontal(|ui| {
                wanted = widgets::primary_button(ui, palette, button).clicked() || entered;
                if widgets::text_button(ui, palette, "Cancel").clicked() {
                    ui.close();
                }
            });
        });
        if wanted && taken && !replacing {
            self.replacing = Some(path);
            ctx.memory_mut(|memory| memory.request_focus(Id::unique("path field")));
        } else if wanted && !path.trim().is_empty() {
            let path = PathBuf::from(path.trim());
            events.push(match ask {
                NoDialog::Open => Event::Chosen(vec![path]),
                NoDialog::Half(_) => Event::ChosenHalf(path),
                NoDialog::Export(format, _) => Event::ChosenTarget(*format, path),
                NoDialog::Import => Event::ChosenImport(path),
                NoDialog::Retimed(_) => Event::ChosenRetimed(path),
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
        ui.horizontal(|ui| {
            heading(ui, palette, title);
            widgets::at_right(ui, "dialog", |ui| {
                if widgets::icon_button_sized(ui, palette, Icon::Close, "Close (Escape)", false, 28.0).clicked() {
                    ui.close();
                }
            });
        });
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

/// A path as typed, with the home folder for `~`.
fn expanded(typed: &str) -> String {
    let rest = typed
        .trim_start()
        .strip_prefix('~')
        .filter(|rest| rest.starts_with(std::path::is_separator));
    match (rest, std::env::home_dir()) {
        (Some(rest), Some(home)) => format!("{}{rest}", home.display()),
        _ => typed.to_owned(),
    }
}

/// Whether a file of this path is in the listing that is already here.
fn is_listed(reader: &Reader, path: &str) -> bool {
    let path = Path::new(path.trim());
    let (Some(folder), Some(name), Some(listing)) = (path.parent(), path.file_name(), &reader.listing) else {
        return false;
    };
    let name = name.to_string_lossy();
    listing.folder == folder
        && listing
            .entries
            .iter()
            .any(|(entry, is_folder)| *entry == name && !is_folder)
}

/// The next letter goes to the end of a text that was put into a field.
fn caret_to_end(ui: &Ui, field: Id, text: &str) {
    let Some(mut state) = TextEdit::load_state(ui.ctx(), field) else {
        return;
    };
    let end = CCursor::new(CharIndex(text.chars().count()));
    state.cursor.set_char_range(Some(CCursorRange::one(end)));
    TextEdit::store_state(ui.ctx(), field, state);
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
        ui.spacing_mut().item_spacing.y = 0.0;
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
            let colour = if *is_folder { palette.soft } else { palette.ink };
            if widgets::text_button_in(ui, palette, &shown, colour).clicked() {
                chosen = Some(folder.join(shown).display().to_string());
            }
        }
    });
    chosen
}
