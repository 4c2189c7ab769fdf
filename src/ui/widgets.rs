//! Small parts used in several places: buttons, fields, colour dots, keys, pills.

use egui::{
    Align, Align2, Color32, CornerRadius, Id, Key, Layout, Margin, Rect, Response, Role, Sense, Shape, Slider, Stroke,
    StrokeKind, TextEdit, Ui, UiBuilder, Vec2, WidgetInfo, pos2, vec2,
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
            palette.lit()
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
    text_button_in(ui, palette, text, palette.acc)
}

/// The same in another colour.
pub fn text_button_in(ui: &mut Ui, palette: &Palette, text: &str, colour: Color32) -> Response {
    let galley = ui
        .painter()
        .layout_no_wrap(text.to_owned(), theme::semibold(13.0), Color32::PLACEHOLDER);
    let size = vec2(galley.size().x + 12.0, 28.0);
    let (rect, response) = ui.allocate_exact_size(size, Sense::click());
    response.widget_info(|| WidgetInfo::labeled(Role::Button, ui.is_enabled(), text));
    if response.hovered() {
        ui.painter().rect_filled(rect, theme::RADIUS, palette.btn);
    }
    let colour = if ui.is_enabled() { colour } else { palette.faint };
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

/// On or off. Off it is an empty box with an edge, so that it does not look half on or disabled.
pub fn checkbox(ui: &mut Ui, palette: &Palette, text: &str, on: bool) -> Response {
    const BOX: f32 = 18.0;
    let galley = ui
        .painter()
        .layout_no_wrap(text.to_owned(), theme::plain(13.0), palette.ink);
    let size = vec2(BOX + 8.0 + galley.size().x, 28.0);
    let (rect, response) = ui.allocate_exact_size(size, Sense::click());
    response.widget_info(|| WidgetInfo::selected(Role::CheckBox, ui.is_enabled(), on, text));
    let square = Rect::from_min_size(pos2(rect.min.x, rect.center().y - BOX / 2.0), Vec2::splat(BOX));
    let edge = match (on, response.hovered()) {
        (true, _) => palette.acc,
        (false, true) => palette.ink,
        (false, false) => palette.faint,
    };
    let fill = if on { palette.acc } else { palette.btn };
    ui.painter()
        .rect(square, 4.0, fill, Stroke::new(1.0, edge), StrokeKind::Inside);
    if on {
        let tick = [(4.5, 9.5), (7.5, 12.5), (13.5, 5.5)].map(|(x, y)| square.min + vec2(x, y));
        ui.painter()
            .add(Shape::line(tick.to_vec(), Stroke::new(2.0, palette.on_acc)));
    }
    let at = pos2(square.max.x + 8.0, rect.center().y - galley.size().y / 2.0);
    ui.painter().galley(at, galley, palette.ink);
    focus_ring(ui, &response, square, palette, 4);
    response
}

/// A slider by its name, with the ring when it has the keyboard.
pub fn slider(ui: &mut Ui, palette: &Palette, slider: Slider<'_>, name: &str) -> Response {
    let response = ui.add(slider).accessible_name(name);
    focus_ring(ui, &response, response.rect, palette, theme::RADIUS);
    response
}

/// A field of one line: its text stands in the middle of its height.
pub fn field(edit: TextEdit<'_>, width: f32) -> TextEdit<'_> {
    edit.desired_width(width)
        .align(Align2::LEFT_CENTER)
        .margin(Margin::symmetric(8, 6))
        .min_size(vec2(width, 32.0))
}

/// The width that [`at_right`] had last.
pub fn width_at_right(ui: &Ui, name: &str) -> f32 {
    ui.data(|data| data.get_temp(at_right_id(name))).unwrap_or(0.0)
}

fn at_right_id(name: &str) -> Id {
    Id::unique(("at right", name))
}

/// What stands at the right edge of the room, laid out from left to right: Tab goes through it as one reads.
///
/// Its width is the one it had last. Where that has changed the frame is made once more, before it is seen.
pub fn at_right<R>(ui: &mut Ui, name: &str, content: impl FnOnce(&mut Ui) -> R) -> R {
    let known = width_at_right(ui, name);
    let room = ui.available_rect_before_wrap();
    let left = (room.max.x - known).max(room.min.x);
    let rect = Rect::from_min_max(pos2(left, room.min.y), room.max);
    let layout = Layout::left_to_right(Align::Center);
    // A child of its own: what reaches over the edge, before the width is known, must not make a panel wider.
    let mut child = ui.new_child(UiBuilder::new().max_rect(rect).id_salt(name).layout(layout));
    let inner = content(&mut child);
    let shown = child.min_rect();
    ui.advance_cursor_after_rect(shown.intersect(room));
    let width = shown.width();
    if (width - known).abs() > 0.5 {
        ui.data_mut(|data| data.insert_temp(at_right_id(name), width));
        ui.ctx().request_discard("another width at the right edge");
    }
    inner
}

/// How far the keys of this frame scroll a list of this height that has no field: down is positive.
///
/// Up and down belong to the control that has the focus, if one has it.
pub fn scroll_by_keys(ui: &Ui, height: f32) -> f32 {
    const LINE: f32 = 40.0;
    let focused = ui.memory(egui::Memory::focused).is_some();
    let page = (height - LINE).max(LINE);
    ui.input(|input| {
        let pressed = |key| input.modifiers.is_none() && input.key_pressed(key);
        let steps = [
            (Key::PageDown, page),
            (Key::PageUp, -page),
            (Key::Home, -1e6),
            (Key::End, 1e6),
            (Key::ArrowDown, if focused { 0.0 } else { LINE }),
            (Key::ArrowUp, if focused { 0.0 } else { -LINE }),
        ];
        steps.iter().filter(|(key, _)| pressed(*key)).map(|step| step.1).sum()
    })
}

/// A small round-ended label. What is too long for it ends in an ellipsis and stands whole in the tooltip.
pub fn pill(ui: &mut Ui, palette: &Palette, text: &str, on: bool) -> Response {
    let room = (ui.max_rect().width() - 16.0).clamp(24.0, 200.0);
    let galley = cut_to(ui.painter(), text, theme::plain(12.0), Color32::PLACEHOLDER, room);
    let elided = galley.elided;
    let size = vec2(galley.size().x + 16.0, 20.0);
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
    let colour = if on { palette.acc } else { palette.soft };
    ui.painter().galley_with_override_text_color(at, galley, colour);
    focus_ring(ui, &response, rect, palette, 10);
    if elided { response.on_hover_text(text) } else { response }
}

/// Keys as little caps.
pub fn keys(ui: &mut Ui, palette: &Palette, keys: &[&str]) {
    for (i, key) in keys.iter().enumerate() {
        if i > 0 {
            ui.label(egui::RichText::new("or").color(palette.faint).size(12.0));
        }
        let text = shortcuts::shown(key);
        let galley = painted_keys(ui, &text);
        let (rect, cap) = ui.allocate_exact_size(vec2(galley.size().x + 12.0, 20.0), Sense::hover());
        cap.widget_info(|| WidgetInfo::labeled(Role::Label, true, &text));
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

/// One line of text, cut with an ellipsis where the room ends.
pub fn cut_to(
    painter: &egui::Painter,
    text: &str,
    font: egui::FontId,
    colour: Color32,
    room: f32,
) -> std::sync::Arc<egui::Galley> {
    let mut job = egui::epaint::text::LayoutJob::simple_singleline(text.to_owned(), font, colour);
    job.wrap = egui::epaint::text::TextWrapping::truncate_at_width(room);
    painter.layout_job(job)
}

/// Text in the interface's font that is cut with an ellipsis where the room ends. Its whole is the tooltip.
pub fn fitted_label(ui: &mut Ui, text: &str, font: egui::FontId, colour: Color32, room: f32) -> Response {
    let (response, elided) = cut_label(ui, text, font, colour, room);
    if elided { response.on_hover_text(text) } else { response }
}

/// The same without a tooltip; whether something is cut, too.
pub fn cut_label(ui: &mut Ui, text: &str, font: egui::FontId, colour: Color32, room: f32) -> (Response, bool) {
    let galley = cut_to(ui.painter(), text, font, colour, room.max(8.0));
    let elided = galley.elided;
    let (rect, response) = ui.allocate_exact_size(galley.size(), Sense::hover());
    response.widget_info(|| WidgetInfo::labeled(Role::Label, true, text));
    ui.painter().galley(rect.min, galley, colour);
    (response, elided)
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
