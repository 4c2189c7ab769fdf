//! The sleep timer in the footer: a moon, and while the timer runs how long it still does.

use egui::{Align2, Popup, Rect, Role, Sense, Ui, Vec2, WidgetInfo, pos2, vec2};

use super::header::menu_choice;
use super::icons::{self, Icon};
use super::theme::{self, Palette};
use super::widgets;
use crate::reader::{Command, Reader, SleepAfter};

/// Shows the button and its menu.
pub fn ui(ui: &mut Ui, reader: &Reader, palette: &Palette, commands: &mut Vec<Command>) {
    let left = left(reader);
    let text = left.as_ref().map(|left| {
        ui.painter()
            .layout_no_wrap(left.clone(), theme::plain(12.0), palette.soft)
    });
    let room = text.as_ref().map_or(0.0, |text| text.size().x + 6.0);
    let (rect, response) = ui.allocate_exact_size(vec2(32.0 + room, 32.0), Sense::click());
    let name = left.map_or_else(|| "Sleep timer".to_owned(), |left| format!("Sleep timer: {left}"));
    response.widget_info(|| WidgetInfo::labeled(Role::Button, true, &name));
    if response.hovered() {
        ui.painter().rect_filled(rect, theme::RADIUS, palette.btn);
    }
    let moon = Rect::from_min_size(rect.min, Vec2::splat(32.0));
    let colour = if text.is_some() { palette.acc } else { palette.soft };
    icons::paint(ui.painter(), Icon::Moon, moon, 18.0, colour);
    if let Some(text) = text {
        let at = pos2(moon.max.x, rect.center().y);
        let at = Align2::LEFT_CENTER.anchor_size(at, text.size()).min;
        ui.painter().galley(at, text, palette.soft);
    }
    widgets::focus_ring(ui, &response, rect, palette, theme::RADIUS);
    Popup::menu(&response).accessible_name("Sleep timer").show(|ui| {
        ui.set_width(210.0);
        let now = reader.sleeps_after();
        let has_chapters = reader
            .document
            .as_ref()
            .is_some_and(|document| !document.outline.is_empty());
        let ways = SleepAfter::ALL.into_iter().map(Some).chain([None]);
        for after in ways.filter(|after| has_chapters || *after != Some(SleepAfter::Chapter)) {
            let label = after.map_or_else(|| "At the end of the recording".to_owned(), SleepAfter::label);
            let command = Command::Sleep(after);
            if menu_choice(ui, palette, &label, &command, now == after) {
                commands.push(command);
                ui.close();
            }
        }
    });
    response.on_hover_text("Pause by itself");
}

/// What is left, in minutes, one that has begun counted whole: no second of it is a reason to paint.
fn left(reader: &Reader) -> Option<String> {
    Some(match (reader.sleeps_after()?, reader.sleep_left()) {
        (SleepAfter::Minutes(_), Some(left)) => format!("{} min", left.as_millis().div_ceil(60_000).max(1)),
        _ => "chapter".to_owned(),
    })
}
