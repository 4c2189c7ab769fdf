//! The waveform: the sound at a glance, the playhead, the notes; hover to read, click and drag to move.

use egui::{Align2, Context, Id, Key, Modifiers, Pos2, Rect, Sense, Stroke, Ui, WidgetInfo, pos2, vec2};

use super::chapter_ticks::ChapterTicks;
use super::theme::{self, Palette};
use super::wave_picture::WavePicture;
use super::widgets;
use crate::notes::Kind;
use crate::reader::{Command, Document, Reader, TimingRow};
use crate::time::{MediaSpan, MediaTime, TimeDelta, format_clock, format_clock_tenths};
use crate::timing::TimingMark;
use crate::transcript::{CueId, Hit};

/// The least that is shown at once.
const CLOSEST: TimeDelta = TimeDelta::from_millis(2_000);
/// Where marks of the timing are nearer to each other than this on the whole, they have no handles: one would not find the
/// right one.
const HANDLES_APART: f32 = 30.0;
/// More stretches than this are not told apart.
const MOST_STRETCHES: usize = 500;
/// Closer than this, cue borders are drawn.
const BORDERS: f64 = 60.0;

/// What of the recording is in sight, and what is being dragged.
#[derive(Default)]
pub struct Waveform {
    generation: u64,
    /// `None`: all of it.
    span: Option<MediaSpan>,
    dragging: bool,
    /// The mark of the timing that is being moved, and where to.
    moving: Option<(TimingMark, MediaTime)>,
    /// The handle that has the keys.
    focused: Option<(Id, TimingMark)>,
    picture: WavePicture,
    ticks: ChapterTicks,
}

/// Recording time across, in points.
#[derive(Clone, Copy)]
struct Axis {
    rect: Rect,
    span: MediaSpan,
}

impl Axis {
    fn x_from_time(&self, t: MediaTime) -> f32 {
        let share = (t - self.span.start).as_secs_f64() / self.span.length().as_secs_f64().max(1e-6);
        self.rect.min.x + (share * f64::from(self.rect.width())) as f32
    }

    fn time_from_x(&self, x: f32) -> MediaTime {
        let share = f64::from((x - self.rect.min.x) / self.rect.width().max(1.0)).clamp(0.0, 1.0);
        self.span.start + self.span.length().scaled(share)
    }
}

impl Waveform {
    /// Takes the keys that are a handle's while it has the focus: to either side, and away with it.
    pub fn take_keys(&self, ctx: &Context, commands: &mut Vec<Command>) {
        let focused = self
            .focused
            .filter(|(id, _)| ctx.memory(|memory| memory.has_focus(*id)));
        let Some((_, mark)) = focused else { return };
        let (right, left, away) = ctx.input_mut(|input| {
            let mut pressed = |key| input.modifiers.is_none() && input.consume_key(Modifiers::NONE, key);
            (pressed(Key::ArrowRight), pressed(Key::ArrowLeft), pressed(Key::Delete))
        });
        let step = f64::from(u8::from(right)) - f64::from(u8::from(left));
        if step != 0.0 {
            commands.push(Command::NudgeTimingMark(mark, TimeDelta::from_secs_f64(step * 0.05)));
        }
        if away {
            commands.push(Command::RemoveTimingMark(mark));
        }
    }

    /// Shows the waveform in `rect`.
    pub fn ui(&mut self, ui: &mut Ui, rect: Rect, reader: &Reader, commands: &mut Vec<Command>) {
        let palette = theme::palette(ui.ctx(), &reader.settings);
        let Some(document) = &reader.document else { return };
        if self.generation != document.generation {
            *self = Self {
                generation: document.generation,
                ..Self::default()
            };
        }
        let whole = MediaSpan::new(MediaTime::ZERO, document.length());
        let response = ui.interact(rect, ui.scope_id().with("waveform"), Sense::click_and_drag());
        let position = reader.playback.position;
        response.widget_info(|| {
            let value = (position - MediaTime::ZERO).as_secs_f64();
            WidgetInfo::slider(true, value, "Playback position")
        });
        if whole.is_empty() {
            return;
        }
        self.keep_in_sight(reader, whole);
        self.zoom(ui, &response, rect, whole);
        let axis = Axis {
            rect,
            span: self.span.unwrap_or(whole),
        };
        self.move_playhead(ui, &response, axis, reader, commands);
        self.ticks.prepare(&document.outline, axis.span, rect.width());
        paint(ui, self, axis, reader, document, palette);
        if response.has_focus() {
            widgets::focus_ring(ui, &response, rect, palette, theme::RADIUS);
            keep_arrows(ui, &response);
        }
        self.handles(ui, axis, document, palette, commands);
        if let Some(at) = response.hover_pos() {
            hover(ui, axis, at, document, &self.ticks, palette, &response);
        }
    }

    /// How long one point of the width lasts: when the playhead's next pixel is due.
    pub fn time_per_point(&self, width: f32, length: MediaTime) -> TimeDelta {
        let span = self.span.map_or(length - MediaTime::ZERO, MediaSpan::length);
        span.scaled(1.0 / f64::from(width.max(1.0)))
    }

    /// What is known of the timing, each with a handle to move it by.
    fn handles(&mut self, ui: &Ui, axis: Axis, document: &Document, palette: &Palette, commands: &mut Vec<Command>) {
        let rows = &document.timing_rows;
        let in_sight = |row: &&TimingRow| axis.span.contains(row.at()) && row.mark_can_move();
        let most = (axis.rect.width() / HANDLES_APART) as usize;
        if rows.iter().filter(in_sight).take(most + 1).count() > most {
            self.focused = None;
            return;
        }
        let in_order = rows.iter().enumerate().filter(|(_, row)| in_sight(row));
        let grips = in_order.flat_map(|(place, row)| {
            let end = match row.mark {
                TimingMark::ExtraStart(_) => Some((TimingMark::ExtraEnd(row.span.end), row.span.end)),
                _ => None,
            };
            std::iter::once((row.mark, row.at()))
                .chain(end)
                .map(move |(mark, at)| (place, row, mark, at))
        });
        let mut moving = None;
        self.focused = None;
        for (place, row, mark, at) in grips.filter(|(.., at)| axis.span.contains(*at)) {
            let moved = self.moving.filter(|(of, _)| *of == mark).map_or(at, |(_, to)| to);
            let x = axis.x_from_time(moved);
            let foot = pos2(x, axis.rect.max.y);
            let grip = Rect::from_center_size(foot - vec2(0.0, 6.0), vec2(16.0, 22.0));
            let id = ui.scope_id().with(("handle", handle_id(mark, place)));
            let response = ui.interact(grip, id, Sense::click_and_drag());
            let clock = format_clock_tenths(moved - MediaTime::ZERO);
            response.widget_info(|| {
                let name = format!("Timing handle at {clock}: {}", row.text);
                WidgetInfo::labeled(egui::Role::Button, true, name)
            });
            let lit = response.hovered() || response.dragged() || response.has_focus();
            let colour = if row.origin.is_sure() {
                palette.acc
            } else {
                palette.error
            };
            let line = Stroke::new(if lit { 2.0 } else { 1.0 }, colour);
            ui.painter().vline(x, axis.rect.y_range(), line);
            let (half, top) = if lit { (6.0, 11.0) } else { (5.0, 9.0) };
            let triangle = vec![foot - vec2(half, -2.0), foot - vec2(-half, -2.0), foot - vec2(0.0, top)];
            ui.painter().add(egui::Shape::convex_polygon(
                triangle,
                colour,
                Stroke::new(1.0, palette.panel),
            ));
            if response.hovered() || response.dragged() {
                ui.ctx().set_cursor_icon(egui::CursorIcon::ResizeHorizontal);
            }
            if response.dragged() {
                let to = response.interact_pointer_pos().map(|at| axis.time_from_x(at.x));
                moving = to.map(|to| (mark, to));
            } else if response.drag_stopped() {
                let to = response.interact_pointer_pos().map(|at| axis.time_from_x(at.x));
                commands.push(Command::MoveTimingMark(mark, to.unwrap_or(moved)));
            } else if response.clicked() {
                commands.push(Command::HearCut(row.span.start));
            }
            if response.has_focus() {
                self.focused = Some((response.id, mark));
                keep_arrows(ui, &response);
            }
            let text = match &row.then {
                Some(then) => format!("{clock}  {}, {then}", row.text),
                None => format!("{clock}  {}", row.text),
            };
            response.on_hover_text(text);
        }
        self.moving = moving;
    }

    /// Zoomed in, the view turns the page when the playhead leaves it.
    fn keep_in_sight(&mut self, reader: &Reader, whole: MediaSpan) {
        let Some(span) = self.span else { return };
        let position = reader.playback.position;
        if reader.playback.playing && !self.dragging && !span.contains(position) {
            let start = position - span.length().scaled(0.1);
            self.show(start, span.length(), whole);
        }
    }

    fn show(&mut self, start: MediaTime, length: TimeDelta, whole: MediaSpan) {
        if length >= whole.length() {
            self.span = None;
            return;
        }
        let length = length.max(CLOSEST);
        let latest = whole.end - length;
        let start = start.min(latest).max(whole.start);
        self.span = Some(MediaSpan::new(start, start + length));
    }

    fn zoom(&mut self, ui: &Ui, response: &egui::Response, rect: Rect, whole: MediaSpan) {
        let Some(at) = response.hover_pos() else { return };
        let (scroll, zoom) = ui.input(|input| (input.smooth_scroll_delta(), input.zoom_delta()));
        let factor = f64::from((scroll.y / 200.0).exp() * zoom);
        let axis = Axis {
            rect,
            span: self.span.unwrap_or(whole),
        };
        if (factor - 1.0).abs() > 1e-3 {
            let pivot = axis.time_from_x(at.x);
            let length = axis.span.length().scaled(1.0 / factor);
            let before = (pivot - axis.span.start).scaled(1.0 / factor);
            self.show(pivot - before, length, whole);
        } else if scroll.x != 0.0 && self.span.is_some() {
            let step = axis.span.length().scaled(f64::from(-scroll.x / rect.width()));
            self.show(axis.span.start + step, axis.span.length(), whole);
        }
    }

    fn move_playhead(
        &mut self,
        ui: &Ui,
        response: &egui::Response,
        axis: Axis,
        reader: &Reader,
        commands: &mut Vec<Command>,
    ) {
        let pointed = response.interact_pointer_pos().map(|at| axis.time_from_x(at.x));
        if response.double_clicked() {
            self.span = None;
        } else if let (true, Some(time)) = (response.clicked() && !self.dragging, pointed) {
            commands.push(Command::Seek(time));
            commands.push(Command::SetFollow(true));
        }
        if response.dragged() {
            self.dragging = true;
            if let Some(time) = pointed.filter(|time| *time != reader.playback.position) {
                commands.push(Command::Scrub(time));
                commands.push(Command::SetFollow(true));
            }
        } else if self.dragging && !response.is_pointer_button_down_on() {
            self.dragging = false;
        }
        if response.has_focus() {
            let step = ui.input(|input| {
                f64::from(u8::from(input.key_pressed(Key::ArrowRight)))
                    - f64::from(u8::from(input.key_pressed(Key::ArrowLeft)))
            });
            if step != 0.0 {
                commands.push(Command::SkipBy(TimeDelta::from_secs_f64(step * 5.0)));
            }
        }
    }
}

fn paint(ui: &Ui, wave: &mut Waveform, axis: Axis, reader: &Reader, document: &Document, palette: &Palette) {
    let painter = ui.painter().with_clip_rect(axis.rect.expand2(vec2(2.0, 6.0)));
    let rect = axis.rect;
    paint_marks(&painter, axis, reader, palette);
    let playhead = axis.x_from_time(reader.playback.position);
    wave.picture.paint(
        &painter,
        rect,
        axis.span,
        document,
        playhead,
        [palette.acc, palette.wave],
    );
    paint_extra(&painter, axis, document, palette);
    paint_borders(&painter, axis, document, palette);
    wave.ticks.paint(&painter, rect, palette);
    paint_hits(&painter, axis, &reader.search.hits, document, palette);
    let line = Stroke::new(2.0, palette.ink);
    painter.line_segment(
        [pos2(playhead, rect.min.y - 2.0), pos2(playhead, rect.max.y + 2.0)],
        line,
    );
}

/// One tick for each stretch of a tick's width that holds a hit: a common letter has a million hits, a waveform a
/// thousand points. The word's own time is asked for only where a tick is drawn.
fn paint_hits(painter: &egui::Painter, axis: Axis, hits: &[Hit], document: &Document, palette: &Palette) {
    const APART: f32 = 2.0;
    let Some(timeline) = &document.timeline else { return };
    let begins_before = |hit: &Hit, time: MediaTime| timeline.span(hit.start.cue).is_some_and(|span| span.start < time);
    let zoomed_in = axis.span.length().as_secs_f64() <= BORDERS;
    let is_past = |hit: &Hit| {
        timeline
            .span(hit.start.cue)
            .is_some_and(|span| span.end <= axis.span.start)
    };
    let mut rest = hits.get(hits.partition_point(is_past)..).unwrap_or_default();
    while let Some((hit, after)) = rest.split_first() {
        if !begins_before(hit, axis.span.end) {
            break;
        }
        rest = after;
        let Some(time) = timeline.time_of(hit.start) else {
            continue;
        };
        let x = axis.x_from_time(time);
        painter.line_segment(
            [pos2(x, axis.rect.max.y - 5.0), pos2(x, axis.rect.max.y)],
            Stroke::new(1.5, palette.acc),
        );
        if !zoomed_in {
            let next = axis.time_from_x(x + APART);
            rest = rest
                .get(rest.partition_point(|hit| begins_before(hit, next))..)
                .unwrap_or_default();
        }
    }
}

fn paint_marks(painter: &egui::Painter, axis: Axis, reader: &Reader, palette: &Palette) {
    let looping = reader.playback.looping;
    if let Some(span) = looping {
        let area = Rect::from_x_y_ranges(
            axis.x_from_time(span.start)..=axis.x_from_time(span.end),
            axis.rect.y_range(),
        );
        painter.rect_filled(area, 2.0, palette.cue);
        painter.rect_stroke(area, 2.0, Stroke::new(1.0, palette.acc), egui::StrokeKind::Inside);
    }
    if let Some(start) = reader.playback.loop_start {
        let x = axis.x_from_time(start);
        painter.vline(x, axis.rect.y_range(), Stroke::new(1.0, palette.acc));
    }
    for mark in reader.shown_marks() {
        let annotation = &mark.annotation;
        let span = annotation.target.time;
        let left = axis.x_from_time(span.start);
        if annotation.kind != Kind::Bookmark {
            let right = axis.x_from_time(span.end).max(left + 3.0);
            let area = Rect::from_x_y_ranges(left..=right, axis.rect.y_range());
            painter.rect_filled(area, 2.0, palette.note(annotation.colour));
        }
        let colour = if annotation.kind == Kind::Bookmark {
            palette.acc
        } else {
            palette.note_edge(annotation.colour)
        };
        painter.circle_filled(pos2(left.max(axis.rect.min.x), axis.rect.min.y), 3.0, colour);
    }
}

/// What tells a handle from the others, wherever it is moved: the line an anchor holds, or else its place in the list.
fn handle_id(mark: TimingMark, place: usize) -> (u8, i64) {
    match mark {
        TimingMark::Anchor(cue) => (0, cue.as_micros()),
        TimingMark::ExtraStart(_) => (1, place as i64),
        TimingMark::ExtraEnd(_) => (2, place as i64),
        TimingMark::Missing(cue) => (3, cue.as_micros()),
    }
}

/// The arrows are for what has the focus, and do not lead away from it.
fn keep_arrows(ui: &Ui, response: &egui::Response) {
    let keys = egui::EventFilter {
        horizontal_arrows: true,
        ..egui::EventFilter::default()
    };
    ui.memory_mut(|memory| memory.set_focus_lock_filter(response.id, keys));
}

/// What is not in the transcript is paler.
fn paint_extra(painter: &egui::Painter, axis: Axis, document: &Document, palette: &Palette) {
    let Some(timeline) = &document.timeline else { return };
    if document.source.is_none() {
        return;
    }
    for span in timeline.map().extra_in(axis.span).take(MOST_STRETCHES) {
        let area = Rect::from_x_y_ranges(
            axis.x_from_time(span.start).max(axis.rect.min.x)..=axis.x_from_time(span.end).min(axis.rect.max.x),
            axis.rect.expand2(vec2(0.0, 2.0)).y_range(),
        );
        painter.rect_filled(area, 0.0, palette.panel.gamma_multiply(0.72));
        let y = axis.rect.center().y;
        painter.extend(egui::Shape::dashed_line(
            &[pos2(area.min.x, y), pos2(area.max.x, y)],
            Stroke::new(1.0, palette.faint),
            3.0,
            3.0,
        ));
    }
}

fn paint_borders(painter: &egui::Painter, axis: Axis, document: &Document, palette: &Palette) {
    if axis.span.length().as_secs_f64() > BORDERS {
        return;
    }
    let Some(timeline) = &document.timeline else { return };
    let mut next = timeline.begun(axis.span.start).or(Some(CueId(0)));
    while let Some(cue) = next {
        let Some(span) = timeline.span(cue).filter(|span| span.start <= axis.span.end) else {
            break;
        };
        let x = axis.x_from_time(span.start);
        painter.line_segment(
            [pos2(x, axis.rect.max.y - 8.0), pos2(x, axis.rect.max.y)],
            Stroke::new(1.0, palette.faint),
        );
        next = Some(CueId(cue.0.saturating_add(1)));
    }
}

/// The time code, the words and the chapter under the pointer.
fn hover(
    ui: &Ui,
    axis: Axis,
    at: Pos2,
    document: &Document,
    ticks: &ChapterTicks,
    palette: &Palette,
    response: &egui::Response,
) {
    let time = axis.time_from_x(at.x);
    ui.painter()
        .vline(at.x, axis.rect.y_range(), Stroke::new(1.0, palette.faint));
    let since = time - MediaTime::ZERO;
    let clock = if axis.span.length().as_secs_f64() < BORDERS {
        format_clock_tenths(since)
    } else {
        format_clock(since)
    };
    let text = document.timeline.as_ref().and_then(|timeline| {
        let cue = timeline.transcript().cue(timeline.primary(time)?)?;
        Some(cue.text.replace('\n', " "))
    });
    let line = match text {
        Some(text) => format!("{clock}  {}", widgets::shortened(&text, 80)),
        None => clock,
    };
    if response.dragged() {
        // A tooltip would hide behind the hand; the code alone is enough while dragging.
        let at = pos2(
            at.x.clamp(axis.rect.min.x + 40.0, axis.rect.max.x - 40.0),
            axis.rect.min.y - 10.0,
        );
        ui.painter()
            .text(at, Align2::CENTER_BOTTOM, line, theme::medium(12.0), palette.ink);
    } else {
        let chapter = ticks.title(at.x - axis.rect.min.x, time);
        response.clone().on_hover_ui_at_pointer(|ui| {
            ui.label(line);
            if let Some(chapter) = chapter {
                let title = widgets::shortened(&chapter, 56);
                ui.label(
                    egui::RichText::new(title)
                        .font(theme::semibold(12.5))
                        .color(palette.soft),
                );
            }
        });
    }
}
