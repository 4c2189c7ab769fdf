//! The timing beside the text: where the transcript lies in the recording as a small picture, what is known of that as a
//! list, and the fit.

use egui::{
    Align2, Color32, CornerRadius, Painter, Rect, Role, ScrollArea, Sense, Shape, Stroke, StrokeKind, Ui, WidgetInfo,
    pos2, vec2,
};

use super::icons::Icon;
use super::theme::{self, Palette};
use super::{shortcuts, widgets};
use crate::reader::{Command, Document, Fitting, Found, Panel, Reader, TimingRow};
use crate::time::{CueSpan, CueTime, MediaSpan, MediaTime, TimeDelta, format_clock};
use crate::timing::{Origin, TimeMap};

/// The height of the picture, in points.
const PICTURE: f32 = 96.0;
/// The height of a row.
const ROW: f32 = 46.0;
/// More rows are not listed: they would be of no use, and each costs a frame some time.
const MOST_ROWS: usize = 2_000;

/// Shows the panel's inside.
pub fn ui(ui: &mut Ui, reader: &Reader, commands: &mut Vec<Command>) {
    let palette = theme::palette(ui.ctx(), &reader.settings);
    let Some(document) = &reader.document else { return };
    head(ui, palette, commands);
    let Some(timeline) = &document.timeline else { return };
    ui.spacing_mut().item_spacing.y = 6.0;
    picture(ui, palette, document, timeline.map(), reader.playback.position);
    ui.add_space(4.0);
    match &document.fitting {
        Fitting::Running { done, .. } => running(ui, palette, *done, commands),
        Fitting::Found(found) => proposal(ui, palette, found, commands),
        Fitting::Unasked | Fitting::Looked => {
            ui.horizontal(|ui| {
                let has_sound = document.source.is_some();
                ui.add_enabled_ui(has_sound, |ui| {
                    if widgets::primary_button(ui, palette, "Fit to the recording").clicked() {
                        commands.push(Command::FitTiming);
                    }
                });
            });
        }
    }
    let rows = &document.timing_rows;
    ui.add_space(4.0);
    let told = reader.timing_told();
    let is_shifted = rows.is_empty() && told.is_some();
    if is_shifted {
        empty(ui, palette, told.as_deref());
    }
    let bottom = if rows.is_empty() && !is_shifted { 0.0 } else { 36.0 };
    let height = (ui.available_height() - bottom).max(ROW);
    if rows.is_empty() && !is_shifted {
        // While it is being looked for nobody wants to be told how.
        if document.fitting.progress().is_none() {
            empty(ui, palette, None);
        }
        return;
    }
    let is_proposal = document.fitting.found().is_some();
    let list = ScrollArea::vertical().auto_shrink([false, false]).max_height(height);
    ui.spacing_mut().item_spacing.y = 0.0;
    list.show_rows(ui, ROW, rows.len().min(MOST_ROWS), |ui, range| {
        for (place, timing) in rows.iter().enumerate().take(range.end).skip(range.start) {
            row(ui, palette, place, timing, commands);
        }
    });
    ui.horizontal(|ui| {
        if widgets::text_button(ui, palette, "Save a fitted copy…").clicked() {
            commands.push(Command::SaveRetimed);
        }
        if !is_proposal && widgets::text_button_in(ui, palette, "Reset", palette.soft).clicked() {
            commands.push(Command::ResetTiming);
        }
    });
}

fn head(ui: &mut Ui, palette: &Palette, commands: &mut Vec<Command>) {
    ui.horizontal(|ui| {
        ui.label(
            egui::RichText::new("Timing")
                .font(theme::semibold(14.5))
                .color(palette.ink),
        );
        widgets::at_right(ui, "timing", |ui| {
            let command = Command::Toggle(Panel::Timing);
            let name = format!("Close the timing{}", shortcuts::hint(&command));
            if widgets::icon_button_sized(ui, palette, Icon::Close, &name, false, 28.0).clicked() {
                commands.push(command);
            }
        });
    });
    ui.add_space(6.0);
}

/// What there is to do, where nothing is known yet.
fn empty(ui: &mut Ui, palette: &Palette, told: Option<&str>) {
    let text = told.unwrap_or("The transcript lies in the recording as its own times say.\n\nIf it does not: let it be fitted, move all of it \
                with Z and X, or select a line and press Shift+Z when it is spoken.");
    paragraph(ui, text, palette.soft);
}

/// Text as wide as the panel.
fn paragraph(ui: &mut Ui, text: &str, colour: Color32) {
    let room = ui.available_width() - 4.0;
    let galley = ui.painter().layout(text.to_owned(), theme::plain(13.0), colour, room);
    let (rect, _) = ui.allocate_exact_size(galley.size(), Sense::hover());
    widgets::said(ui, rect, text);
    ui.painter().galley(rect.min, galley, colour);
}

fn running(ui: &mut Ui, palette: &Palette, done: f32, commands: &mut Vec<Command>) {
    let text = "Looking for the transcript in the recording…";
    ui.label(egui::RichText::new(text).font(theme::plain(13.0)).color(palette.ink));
    ui.horizontal(|ui| {
        let width = (ui.available_width() - 80.0).max(40.0);
        let (rect, bar) = ui.allocate_exact_size(vec2(width, 28.0), Sense::hover());
        bar.widget_info(|| {
            let mut info = WidgetInfo::labeled(Role::ProgressIndicator, true, text);
            info.value = Some(f64::from(done * 100.0));
            info
        });
        let groove = Rect::from_center_size(rect.center(), vec2(rect.width(), 4.0));
        ui.painter().rect_filled(groove, 2.0, palette.line);
        let filled = Rect::from_min_size(groove.min, vec2(groove.width() * done.clamp(0.0, 1.0), 4.0));
        ui.painter().rect_filled(filled, 2.0, palette.acc);
        if widgets::text_button(ui, palette, "Cancel").clicked() {
            commands.push(Command::CancelFit);
        }
    });
}

/// What was found, to be heard, taken or refused.
fn proposal(ui: &mut Ui, palette: &Palette, found: &Found, commands: &mut Vec<Command>) {
    let percent = (found.fit.confidence * 100.0).round();
    let text = format!("{} {percent} % of it surely found.", found.told());
    paragraph(ui, &text, palette.ink);
    ui.horizontal(|ui| {
        for (label, new) in [("Fitted", true), ("As before", false)] {
            if widgets::choice(ui, palette, label, found.shows_new == new).clicked() {
                commands.push(Command::ShowFit(new));
            }
        }
    });
    ui.horizontal(|ui| {
        if widgets::primary_button(ui, palette, "Keep it").clicked() {
            commands.push(Command::KeepFit);
        }
        if widgets::text_button_in(ui, palette, "Leave it as it was", palette.soft).clicked() {
            commands.push(Command::RefuseFit);
        }
    });
}

/// Recording time goes right, transcript time up: what runs along is a slope, what only one of them has a step.
fn picture(ui: &mut Ui, palette: &Palette, document: &Document, map: &TimeMap, position: MediaTime) {
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), PICTURE), Sense::hover());
    response.widget_info(|| WidgetInfo::labeled(Role::Image, true, "Where the transcript lies in the recording"));
    let painter = ui.painter().with_clip_rect(rect);
    painter.rect(
        rect,
        theme::RADIUS,
        palette.bg,
        Stroke::new(1.0, palette.line),
        StrokeKind::Inside,
    );
    let Some(timeline) = &document.timeline else { return };
    let (recording, transcript) = (document.length(), timeline.transcript_length());
    let inside = rect.shrink(8.0);
    let x = |t: MediaTime| {
        let share = t.as_secs_f64() / recording.as_secs_f64().max(1e-3);
        inside.min.x + inside.width() * share.clamp(0.0, 1.0) as f32
    };
    let y = |secs: f64| {
        let share = secs / transcript.as_secs_f64().max(1e-3);
        inside.max.y - inside.height() * share.clamp(0.0, 1.0) as f32
    };
    let mut before: Option<egui::Pos2> = None;
    for (cue, media) in map.pieces().take(MOST_ROWS) {
        let sure = map.is_sure(media.start.max(MediaTime::ZERO));
        let colour = if sure { palette.acc } else { palette.faint };
        let (from, to) = clipped(map, cue, media, recording, transcript);
        let (from, to) = (
            pos2(x(from), y(map.cue_reached(from).as_secs_f64())),
            pos2(x(to), y(map.cue_reached(to - TimeDelta::from_micros(1)).as_secs_f64())),
        );
        if let Some(before) = before {
            step(&painter, before, from, palette.faint);
        }
        painter.line_segment([from, to], Stroke::new(2.0, colour));
        before = Some(to);
    }
    let at = pos2(x(position), y(map.cue_reached(position).as_secs_f64()));
    painter.circle_filled(at, 3.5, palette.ink);
}

/// A piece as far as there is a recording and a transcript.
fn clipped(
    map: &TimeMap,
    cue: CueSpan,
    media: MediaSpan,
    recording: MediaTime,
    transcript: CueTime,
) -> (MediaTime, MediaTime) {
    let zero = CueTime::ZERO;
    let from = if cue.start < zero {
        map.media_from_cue(zero)
    } else {
        media.start
    };
    let to = if cue.end > transcript {
        map.media_from_cue(transcript)
    } else {
        media.end
    };
    (
        from.max(MediaTime::ZERO).min(recording),
        to.max(MediaTime::ZERO).min(recording),
    )
}

/// What only one of the two has: dashes.
fn step(painter: &Painter, from: egui::Pos2, to: egui::Pos2, colour: Color32) {
    painter.extend(Shape::dashed_line(&[from, to], Stroke::new(1.0, colour), 2.0, 2.0));
}

fn row(ui: &mut Ui, palette: &Palette, place: usize, timing: &TimingRow, commands: &mut Vec<Command>) {
    let (rect, _) = ui.allocate_exact_size(vec2(ui.available_width(), ROW), Sense::hover());
    let clock = format_clock(timing.span.start - MediaTime::ZERO);
    let origin = match timing.origin {
        Origin::Hand => "by hand".to_owned(),
        Origin::Fitted { percent } if timing.origin.is_sure() => format!("fitted, {percent} %"),
        Origin::Fitted { percent } => format!("{percent} %, not certain"),
    };
    let below = match &timing.then {
        Some(then) => format!("{then} · {origin}"),
        None => origin,
    };
    let ground = Rect::from_min_max(rect.min, pos2(rect.max.x - 32.0, rect.max.y));
    let id = ui.scope_id().with(("timing row", place));
    let response = ui.interact(ground, id, Sense::click());
    response.widget_info(|| {
        WidgetInfo::labeled(
            Role::Button,
            true,
            format!("{clock}: {}, {below}. Hear it", timing.text),
        )
    });
    if response.hovered() || response.has_focus() {
        ui.painter().rect_filled(
            ground.shrink2(vec2(0.0, 2.0)),
            CornerRadius::same(theme::RADIUS),
            palette.btn,
        );
    }
    let painter = ui.painter().with_clip_rect(ground);
    let left = rect.min.x + 58.0;
    let clock_at = pos2(left - 10.0, rect.min.y + 15.0);
    painter.text(clock_at, Align2::RIGHT_CENTER, clock, theme::plain(12.0), palette.soft);
    let room = ground.max.x - left - 4.0;
    let text = widgets::cut_to(&painter, &timing.text, theme::medium(13.0), palette.ink, room);
    let elided = text.elided;
    painter.galley(pos2(left, rect.min.y + 15.0 - text.size().y / 2.0), text, palette.ink);
    let colour = if timing.origin.is_sure() {
        palette.soft
    } else {
        palette.error
    };
    let below = widgets::cut_to(&painter, &below, theme::plain(12.0), colour, room);
    painter.galley(pos2(left, rect.min.y + 33.0 - below.size().y / 2.0), below, colour);
    widgets::focus_ring(ui, &response, ground.shrink(2.0), palette, theme::RADIUS);
    if response.clicked() {
        commands.push(Command::HearCut(timing.span.start));
    }
    if elided {
        response.on_hover_text(&timing.text);
    }
    let at = Rect::from_min_size(pos2(rect.max.x - 30.0, rect.center().y - 14.0), vec2(28.0, 28.0));
    // A child of its own: the next row begins where this one ends, not the cross.
    let mut child = ui.new_child(egui::UiBuilder::new().max_rect(at).id_salt(("take away", place)));
    let name = format!("Take away: {}", timing.text);
    if widgets::icon_button_sized(&mut child, palette, Icon::Close, &name, false, 28.0).clicked() {
        commands.push(Command::RemoveTimingMark(timing.mark));
    }
}
