//! Small parts used in several places: icon buttons, colour dots, keys, pills.

use egui::{
    Align2, Color32, CornerRadius, Rect, Response, Role, Sense, Stroke, StrokeKind, Ui, Vec2, WidgetInfo, vec2,
};

use super::icons::{self, Icon};
use super::shortcuts;
use super::theme::{self, Palette};
use crate::notes::Colour;
use crate::reader::{Command, Reader};

/// A square button with an icon, its name for screen readers and as a tooltip.
pub fn icon_button(ui: &mut Ui, palette: &Palette, icon: Icon, name: &str, on: bool) -> Response {
    icon_button_sized(ui, palette, icon, name, on, 32.0)
}

/// The same in another size.
pub fn icon_button_sized(ui: &mut Ui, palette: &Palette, icon: Icon, name: &str, on: bool, size: f32) -> Response {
    let (rect, response) = ui.allocate_exact_size(Vec2::splat(size), Sense::click());
    response.widget_info(|| WidgetInfo::selected(Role::Button, ui.is_enabled(), on, name));
    let enabled = ui.is_enabled();
    let hovered = response.hovered() && enabled;
    if hovered || response.is_pointer_button_down_on() {
        let fill = if response.is_pointer_button_down_on() {
            palette.line
        } else {
            palette.btn
        };
        ui.painter().rect_filled(rect, theme::RADIUS, fill);
    }
    let colour = match (enabled, on, hovered) {
        (false, _, _) => palette.faint.gamma_multiply(0.5),
        (true, true, _) => palette.acc,
        (true, false, true) => palette.ink,
        (true, false, false) => palette.soft,
    };
    icons::paint(ui.painter(), icon, rect, (size * 0.56).min(20.0), colour);
    focus_ring(ui, &response, rect, palette, theme::RADIUS);
    response.on_hover_text(name)
}

/// An icon button that sends a command; its tooltip tells the key.
pub fn command_button(
    ui: &mut Ui,
    palette: &Palette,
    icon: Icon,
    name: &str,
    on: bool,
    command: Command,
    commands: &mut Vec<Command>,
) -> Response {
    let hint = shortcuts::hint(&command);
    let response = icon_button(ui, palette, icon, &format!("{name}{hint}"), on);
    if response.clicked() {
        commands.push(command);
    }
    response
}

/// The ring around what has the keyboard.
pub fn focus_ring(ui: &Ui, response: &Response, rect: Rect, palette: &Palette, radius: u8) {
    if response.has_focus() {
        let radius = CornerRadius::same(radius);
        ui.painter().rect_stroke(
            rect.expand(1.0),
            radius,
            Stroke::new(2.0, palette.acc),
            StrokeKind::Outside,
        );
    }
}

/// A dot in a note's colour, to choose it.
pub fn colour_dot(ui: &mut Ui, reader: &Reader, colour: Colour, chosen: bool) -> Response {
    let palette = theme::palette(ui.ctx(), &reader.settings);
    let (rect, response) = ui.allocate_exact_size(Vec2::splat(26.0), Sense::click());
    let name = format!("Highlight in {}", colour.name());
    response.widget_info(|| WidgetInfo::selected(Role::Button, true, chosen, &name));
    let radius = if response.hovered() { 10.0 } else { 9.0 };
    ui.painter().circle_filled(rect.center(), radius, palette.note(colour));
    let edge = if chosen { palette.ink } else { palette.note_edge(colour) };
    ui.painter()
        .circle_stroke(rect.center(), radius, Stroke::new(if chosen { 2.0 } else { 1.0 }, edge));
    focus_ring(ui, &response, rect, palette, 13);
    response.on_hover_text(name)
}

/// A line of text that is a button: quiet, in the accent's colour.
pub fn text_button(ui: &mut Ui, palette: &Palette, text: &str) -> Response {
    let galley = ui
        .painter()
        .layout_no_wrap(text.to_owned(), theme::semibold(13.0), Color32::PLACEHOLDER);
    let size = vec2(galley.size().x + 12.0, 28.0);
    let (rect, response) = ui.allocate_exact_size(size, Sense::click());
    response.widget_info(|| WidgetInfo::labeled(Role::Button, ui.is_enabled(), text));
    if response.hovered() {
        ui.painter().rect_filled(rect, theme::RADIUS, palette.btn);
    }
    let colour = if ui.is_enabled() { palette.acc } else { palette.faint };
    let at = Align2::CENTER_CENTER.anchor_size(rect.center(), galley.size()).min;
    ui.painter().galley_with_override_text_color(at, galley, colour);
    focus_ring(ui, &response, rect, palette, theme::RADIUS);
    response
}

/// One of several that exclude each other.
pub fn choice(ui: &mut Ui, palette: &Palette, text: &str, on: bool) -> Response {
    let font = if on { theme::semibold(13.0) } else { theme::plain(13.0) };
    let galley = ui.painter().layout_no_wrap(text.to_owned(), font, Color32::PLACEHOLDER);
    let (rect, response) = ui.allocate_exact_size(vec2(galley.size().x + 24.0, 30.0), Sense::click());
    response.widget_info(|| WidgetInfo::selected(Role::RadioButton, true, on, text));
    let (fill, edge) = if on {
        (palette.btn, palette.acc)
    } else {
        (Color32::TRANSPARENT, palette.line)
    };
    ui.painter()
        .rect(rect, theme::RADIUS, fill, Stroke::new(1.0, edge), StrokeKind::Inside);
    let colour = if on || response.hovered() {
        palette.ink
    } else {
        palette.soft
    };
    let at = Align2::CENTER_CENTER.anchor_size(rect.center(), galley.size()).min;
    ui.painter().galley_with_override_text_color(at, galley, colour);
    focus_ring(ui, &response, rect, palette, theme::RADIUS);
    response
}

/// A filled button for the one thing to do.
pub fn primary_button(ui: &mut Ui, palette: &Palette, text: &str) -> Response {
    let galley = ui
        .painter()
        .layout_no_wrap(text.to_owned(), theme::semibold(13.5), Color32::PLACEHOLDER);
    let (rect, response) = ui.allocate_exact_size(vec2(galley.size().x + 32.0, 36.0), Sense::click());
    response.widget_info(|| WidgetInfo::labeled(Role::Button, ui.is_enabled(), text));
    let fill = if response.hovered() {
        palette.acc.lerp_to_gamma(palette.ink, 0.15)
    } else {
        palette.acc
    };
    ui.painter().rect_filled(rect, theme::RADIUS, fill);
    let at = Align2::CENTER_CENTER.anchor_size(rect.center(), galley.size()).min;
    ui.painter().galley_with_override_text_color(at, galley, palette.on_acc);
    focus_ring(ui, &response, rect, palette, theme::RADIUS);
    response
}

/// A small round-ended label.
pub fn pill(ui: &mut Ui, palette: &Palette, text: &str, on: bool) -> Response {
    let galley = ui
        .painter()
        .layout_no_wrap(text.to_owned(), theme::plain(12.0), Color32::PLACEHOLDER);
    let size = vec2(galley.size().x.min(200.0) + 16.0, 20.0);
    let (rect, response) = ui.allocate_exact_size(size, Sense::click());
    response.widget_info(|| WidgetInfo::selected(Role::Button, true, on, text));
    let edge = if on || response.hovered() {
        palette.acc
    } else {
        palette.line
    };
    ui.painter()
        .rect_stroke(rect, 10.0, Stroke::new(1.0, edge), StrokeKind::Inside);
    let at = Align2::CENTER_CENTER.anchor_size(rect.center(), galley.size()).min;
    let clipped = ui
        .painter()
        .with_clip_rect(rect.shrink2(vec2(6.0, 0.0)).intersect(ui.clip_rect()));
    clipped.galley_with_override_text_color(at, galley, if on { palette.acc } else { palette.soft });
    focus_ring(ui, &response, rect, palette, 10);
    response
}

/// Keys as little caps.
pub fn keys(ui: &mut Ui, palette: &Palette, keys: &[&str]) {
    for (i, key) in keys.iter().enumerate() {
        if i > 0 {
            ui.label(egui::RichText::new("or").color(palette.faint).size(12.0));
        }
        let text = shortcuts::shown(key);
        let galley = painted_keys(ui, &text);
        let (rect, _) = ui.allocate_exact_size(vec2(galley.size().x + 12.0, 20.0), Sense::hover());
        ui.painter().rect(
            rect,
            4.0,
            palette.btn,
            Stroke::new(1.0, palette.line),
            StrokeKind::Inside,
        );
        let at = Align2::CENTER_CENTER.anchor_size(rect.center(), galley.size()).min;
        ui.painter().galley_with_override_text_color(at, galley, palette.soft);
    }
}

fn painted_keys(ui: &Ui, text: &str) -> std::sync::Arc<egui::Galley> {
    ui.painter()
        .layout_no_wrap(text.to_owned(), theme::medium(12.0), Color32::PLACEHOLDER)
}

/// Text in the interface's font that is cut with an ellipsis where the room ends. Its whole is the tooltip.
pub fn fitted_label(ui: &mut Ui, text: &str, font: egui::FontId, colour: Color32, room: f32) -> Response {
    let mut job = egui::epaint::text::LayoutJob::simple_singleline(text.to_owned(), font, colour);
    job.wrap = egui::epaint::text::TextWrapping::truncate_at_width(room.max(8.0));
    let galley = ui.painter().layout_job(job);
    let elided = galley.elided;
    let (rect, response) = ui.allocate_exact_size(galley.size(), Sense::hover());
    response.widget_info(|| WidgetInfo::labeled(Role::Label, true, text));
    ui.painter().galley(rect.min, galley, colour);
    if elided { response.on_hover_text(text) } else { response }
}

/// Tells a screen reader what is painted in `rect`.
pub fn said(ui: &Ui, rect: Rect, text: &str) {
    let response = ui.interact(rect, ui.scope_id().with(("said", text)), Sense::hover());
    response.widget_info(|| WidgetInfo::labeled(Role::Label, true, text));
}

/// Text cut after so many letters, with an ellipsis where something is cut.
pub fn shortened(text: &str, letters: usize) -> String {
    if text.chars().count() <= letters {
        return text.to_owned();
    }
    let cut: String = text.chars().take(letters).collect();
    format!("{}…", cut.trim_end())
}
