//! How the transcript was read: its format and encoding, what a person may say otherwise, and each repair.

use egui::{ComboBox, Key, Role, ScrollArea, Sense, Ui, WidgetInfo, vec2};

use super::theme::{self, Palette};
use super::widgets;
use crate::format::{ENCODINGS, Warning};
use crate::reader::{Command, HowToRead, Panel, ReadTranscript, Reader};

/// Shows the dialog's inside.
pub fn ui(ui: &mut Ui, reader: &Reader, palette: &Palette, commands: &mut Vec<Command>) {
    let Some(document) = &reader.document else { return };
    let Some(read) = &document.read else { return };
    let text = format!(
        "Read as {} ({}), {}. The file itself is unchanged.",
        read.format.name(),
        read.why,
        read.encoding
    );
    ui.add(egui::Label::new(egui::RichText::new(text).color(palette.soft)).wrap());
    if document.transcript_path.is_some() {
        ui.add_space(4.0);
        choices(ui, palette, &document.how, read, commands);
    }
    ui.add_space(8.0);
    let count = read.warnings.len();
    let heading = match count {
        0 => "Nothing had to be repaired.".to_owned(),
        1 => "1 repair".to_owned(),
        count => format!("{count} repairs"),
    };
    ui.label(
        egui::RichText::new(heading)
            .font(theme::semibold(13.5))
            .color(palette.ink),
    );
    if count > 0 {
        repairs(ui, reader, &read.warnings, palette, commands);
    }
}

/// The encoding, and where there are several the tier; a change reads the file again.
fn choices(ui: &mut Ui, palette: &Palette, how: &HowToRead, read: &ReadTranscript, commands: &mut Vec<Command>) {
    let mut wanted = how.clone();
    ui.horizontal_wrapped(|ui| {
        ui.label("Encoding");
        let shown = how.encoding.clone().unwrap_or_else(|| "found out".to_owned());
        let combo = ComboBox::from_id_salt("encoding").selected_text(shown).width(150.0);
        let response = combo.show_ui(ui, |ui| {
            ui.selectable_value(&mut wanted.encoding, None, "found out");
            for (name, whose) in ENCODINGS {
                let label = if whose.is_empty() {
                    (*name).to_owned()
                } else {
                    format!("{name}  ({whose})")
                };
                ui.selectable_value(&mut wanted.encoding, Some((*name).to_owned()), label);
            }
        });
        response.response.accessible_name("Encoding");
        if !read.tiers.is_empty() {
            ui.add_space(12.0);
            ui.label("Tier");
            let shown = how.tier.clone().unwrap_or_else(|| "as it seems best".to_owned());
            let combo = ComboBox::from_id_salt("tier").selected_text(shown).width(150.0);
            let response = combo.show_ui(ui, |ui| {
                ui.selectable_value(&mut wanted.tier, None, "as it seems best");
                for tier in &read.tiers {
                    ui.selectable_value(&mut wanted.tier, Some(tier.clone()), tier.as_str());
                }
            });
            response.response.accessible_name("Tier");
        }
        let repeats = read
            .warnings
            .iter()
            .any(|warning| matches!(warning.kind.name(), "rolling" | "duplicate"));
        if repeats || how.raw {
            ui.add_space(12.0);
            if widgets::checkbox(ui, palette, "Keep cues that repeat each other", wanted.raw).clicked() {
                wanted.raw = !wanted.raw;
            }
        }
    });
    if wanted != *how {
        commands.push(Command::ReadAs(wanted));
    }
}

/// One line each; a click goes to its cue.
fn repairs(ui: &mut Ui, reader: &Reader, warnings: &[Warning], palette: &Palette, commands: &mut Vec<Command>) {
    let height = 28.0;
    let room = (ui.ctx().content_rect().height() - 330.0).clamp(84.0, 420.0);
    let list = ScrollArea::vertical().max_height(room).auto_shrink([false, true]);
    list.show_rows(ui, height, warnings.len(), |ui, range| {
        ui.scroll_with_delta(vec2(0.0, -widgets::scroll_by_keys(ui, room)));
        for warning in warnings.get(range).unwrap_or(&[]) {
            repair(ui, reader, warning, palette, height, commands);
        }
    });
}

fn repair(
    ui: &mut Ui,
    reader: &Reader,
    warning: &Warning,
    palette: &Palette,
    height: f32,
    commands: &mut Vec<Command>,
) {
    let timeline = reader.document.as_ref().and_then(|document| document.timeline.as_ref());
    let start = warning.cue.and_then(|cue| Some(timeline?.span(cue)?.start));
    let line = match warning.line {
        0 => "file".to_owned(),
        line => format!("line {line}"),
    };
    let text = format!("{}; {}", warning.kind, warning.kind.done());
    let sense = if start.is_some() {
        Sense::click()
    } else {
        Sense::hover()
    };
    let size = vec2(ui.available_width(), height - ui.spacing().item_spacing.y);
    let (rect, response) = ui.allocate_exact_size(size, sense);
    let role = if start.is_some() { Role::Link } else { Role::Label };
    response.widget_info(|| WidgetInfo::labeled(role, true, format!("{line}: {text}")));
    if start.is_some() && (response.hovered() || response.has_focus()) {
        ui.painter().rect_filled(rect, theme::RADIUS, palette.line);
    }
    let painter = ui.painter().with_clip_rect(rect.intersect(ui.clip_rect()));
    let middle = |x: f32| egui::pos2(rect.min.x + x, rect.center().y);
    painter.text(
        middle(8.0),
        egui::Align2::LEFT_CENTER,
        line,
        theme::plain(12.5),
        palette.faint,
    );
    let room = (rect.width() - 96.0).max(8.0);
    let galley = widgets::cut_to(&painter, &text, theme::plain(13.0), palette.ink, room);
    let at = egui::Align2::LEFT_CENTER.anchor_size(middle(88.0), galley.size()).min;
    let elided = galley.elided;
    painter.galley(at, galley, palette.ink);
    widgets::focus_ring(ui, &response, rect, palette, theme::RADIUS);
    let pressed = response.has_focus() && ui.input(|input| input.key_pressed(Key::Enter));
    let response = if elided { response.on_hover_text(text) } else { response };
    if let (Some(start), true) = (start, response.clicked() || pressed) {
        commands.push(Command::Toggle(Panel::Repairs));
        commands.push(Command::Seek(start));
        commands.push(Command::SetFollow(true));
    }
}
