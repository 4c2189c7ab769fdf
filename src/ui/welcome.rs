//! Nothing is open: what can be opened, what was open before, the demo.

use std::path::Path;

use egui::{
    Align, Align2, Layout, Rect, Role, ScrollArea, Sense, Stroke, StrokeKind, Ui, UiBuilder, WidgetInfo, pos2, vec2,
};

use super::icons::{self, Icon};
use super::theme::{self, Palette};
use super::widgets;
use crate::format::Format;
use crate::reader::{Command, Reader, Recent};
use crate::time::{MediaTime, format_clock};

/// Shows the welcome screen.
pub fn ui(ui: &mut Ui, reader: &Reader, commands: &mut Vec<Command>) {
    let palette = theme::palette(ui.ctx(), &reader.settings);
    let view = ui.available_rect_before_wrap();
    let width = (view.width() - 48.0).min(560.0);
    let top = view.min.y + (view.height() * 0.09).clamp(16.0, 72.0);
    let column = Rect::from_min_max(
        pos2(view.center().x - width / 2.0, top),
        pos2(view.center().x + width / 2.0, view.max.y),
    );
    ui.scope_builder(UiBuilder::new().max_rect(column).id_salt("welcome"), |ui| {
        ui.spacing_mut().item_spacing.y = 8.0;
        let heading = egui::RichText::new("Read while you listen").font(theme::reading(reader.settings.font, 30.0));
        ui.label(heading.color(palette.ink));
        let text = "Open a transcript and its recording. The words light up as they are spoken, a click on a line moves the \
                    sound there, and what you mark and note is kept.";
        ui.label(egui::RichText::new(text).size(14.5).color(palette.soft));
        ui.add_space(8.0);
        drop_area(ui, palette, commands);
        ui.add_space(12.0);
        recents(ui, reader, palette, commands);
    });
}

fn drop_area(ui: &mut Ui, palette: &Palette, commands: &mut Vec<Command>) {
    let (rect, _) = ui.allocate_exact_size(vec2(ui.available_width(), 132.0), Sense::hover());
    let hovering = ui.input(|input| !input.raw.hovered_files.is_empty());
    let edge = if hovering { palette.acc } else { palette.line };
    ui.painter().rect(
        rect,
        theme::CARD_RADIUS,
        palette.panel,
        Stroke::new(1.0, edge),
        StrokeKind::Inside,
    );
    let at = pos2(rect.center().x, rect.min.y + 30.0);
    let text = if hovering {
        "Drop to open"
    } else {
        "Drop a transcript, a recording, or both here"
    };
    let painted = ui
        .painter()
        .text(at, Align2::CENTER_CENTER, text, theme::medium(14.5), palette.ink);
    widgets::said(ui, painted, text);
    let row = Rect::from_center_size(pos2(rect.center().x, rect.min.y + 68.0), vec2(266.0, 36.0));
    // A child of its own: a scope would move what comes next up to its end.
    let mut buttons = ui.new_child(
        UiBuilder::new()
            .max_rect(row)
            .layout(Layout::left_to_right(Align::Center)),
    );
    if widgets::primary_button(&mut buttons, palette, "Open files…")
        .on_hover_text("Ctrl+O")
        .clicked()
    {
        commands.push(Command::ChooseFiles);
    }
    if widgets::text_button(&mut buttons, palette, "Listen to the demo").clicked() {
        commands.push(Command::OpenDemo);
        commands.push(Command::Play);
    }
    let others = Format::all().count().saturating_sub(4);
    let formats = format!("SRT, WebVTT, Whisper, Word and {others} more  ·  MP3, M4A, WAV, FLAC, Ogg");
    let at = pos2(rect.center().x, rect.max.y - 20.0);
    let painted = ui
        .painter()
        .text(at, Align2::CENTER_CENTER, &formats, theme::plain(12.0), palette.faint);
    widgets::said(ui, painted, &formats);
}

fn recents(ui: &mut Ui, reader: &Reader, palette: &Palette, commands: &mut Vec<Command>) {
    if reader.recents.is_empty() {
        return;
    }
    ui.label(
        egui::RichText::new("Opened before")
            .font(theme::semibold(13.5))
            .color(palette.ink),
    );
    ScrollArea::vertical().auto_shrink([false, false]).show(ui, |ui| {
        ui.spacing_mut().item_spacing.y = 2.0;
        for recent in reader.recents.iter().take(40) {
            recent_row(ui, recent, palette, commands);
        }
        ui.add_space(16.0);
    });
}

fn recent_row(ui: &mut Ui, recent: &Recent, palette: &Palette, commands: &mut Vec<Command>) {
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), 48.0), Sense::click());
    let (below, reached) = (detail(recent), reached(recent));
    response.widget_info(|| {
        let told: Vec<&str> = [below.as_str()]
            .into_iter()
            .chain(reached.as_ref().map(|r| r.0.as_str()))
            .collect();
        WidgetInfo::labeled(
            Role::Button,
            true,
            format!("Open {}, {}", recent.title, told.join(", ")),
        )
    });
    if response.hovered() || response.has_focus() {
        ui.painter().rect_filled(rect, theme::RADIUS, palette.panel);
    }
    widgets::focus_ring(ui, &response, rect, palette, theme::RADIUS);
    let painter = ui.painter().with_clip_rect(rect.intersect(ui.clip_rect()));
    let icon = Rect::from_center_size(pos2(rect.min.x + 20.0, rect.center().y), vec2(20.0, 20.0));
    icons::paint(&painter, Icon::Note, icon, 18.0, palette.faint);
    let x = rect.min.x + 44.0;
    let right = progress(ui, reached.as_ref(), rect, palette);
    let room = rect.max.x - right - x - 44.0;
    let room = room.max(40.0);
    let title = widgets::cut_to(&painter, &recent.title, theme::medium(14.0), palette.ink, room);
    painter.galley(pos2(x, rect.min.y + 6.0), title, palette.ink);
    let second = widgets::cut_to(&painter, &below, theme::plain(12.0), palette.soft, room);
    painter.galley(pos2(x, rect.min.y + 27.0), second, palette.soft);
    if response.clicked() {
        commands.push(Command::OpenRecent(recent.id));
    }
    let cross = Rect::from_center_size(pos2(rect.max.x - 18.0, rect.center().y), vec2(24.0, 24.0));
    if response.hovered() || ui.rect_contains_pointer(cross) {
        let mut corner = ui.new_child(UiBuilder::new().max_rect(cross).id_salt(recent.id.0));
        let name = "Take it off this list; its notes stay";
        if widgets::icon_button_sized(&mut corner, palette, Icon::Close, name, false, 24.0).clicked() {
            commands.push(Command::ForgetRecent(recent.id));
        }
    }
}

fn detail(recent: &Recent) -> String {
    let mut parts = Vec::new();
    match recent.annotations {
        0 => {}
        1 => parts.push("1 note".to_owned()),
        count => parts.push(format!("{count} notes")),
    }
    let path = recent.transcript.as_ref().or(recent.recording.as_ref());
    match path
        .and_then(|path| path.parent())
        .filter(|folder| !folder.as_os_str().is_empty())
    {
        Some(folder) => parts.push(at_home(folder)),
        None => parts.push("the built-in demo".to_owned()),
    }
    parts.join("  ·  ")
}

/// A folder as people write it: `~/Talks`.
fn at_home(folder: &Path) -> String {
    let home = std::env::home_dir().filter(|home| !home.as_os_str().is_empty());
    match home.and_then(|home| folder.strip_prefix(home).ok().map(Path::to_path_buf)) {
        Some(inside) => Path::new("~").join(inside).display().to_string(),
        None => folder.display().to_string(),
    }
}

/// How far one was: as a time code, and as a share of the whole.
fn reached(recent: &Recent) -> Option<(String, f64)> {
    let place = recent.place.as_ref()?;
    let (position, length) = (place.position, place.length?);
    let share = (position - MediaTime::ZERO).as_secs_f64() / (length - MediaTime::ZERO).as_secs_f64().max(1.0);
    let text = format!(
        "{} / {}",
        format_clock(position - MediaTime::ZERO),
        format_clock(length - MediaTime::ZERO)
    );
    Some((text, share))
}

/// How far one was, as a thin bar and a time code at the right. Returns the room it takes.
fn progress(ui: &Ui, reached: Option<&(String, f64)>, rect: Rect, palette: &Palette) -> f32 {
    let Some((text, share)) = reached else { return 48.0 };
    let right = rect.max.x - 44.0;
    ui.painter().text(
        pos2(right, rect.min.y + 16.0),
        Align2::RIGHT_CENTER,
        text,
        theme::plain(12.0),
        palette.soft,
    );
    let bar = Rect::from_min_max(pos2(right - 96.0, rect.min.y + 30.0), pos2(right, rect.min.y + 33.0));
    ui.painter().rect_filled(bar, 1.5, palette.line);
    let done = Rect::from_min_size(bar.min, vec2(bar.width() * share.clamp(0.0, 1.0) as f32, bar.height()));
    ui.painter().rect_filled(done, 1.5, palette.acc);
    112.0
}
