//! The text: rows of cues or paragraphs, lit as they are spoken, clicked to jump, marked by dragging.
//!
//! Only the rows in sight are laid out. Their text never changes with the playhead: what is lit is painted behind it,
//! and the two inks are the same layout painted twice through two clips.

mod heights;
mod laid_out;
mod menu;
mod paint;
mod rows;
mod scroll;
mod selection_bar;

use std::collections::HashMap;
use std::ops::Range;
use std::rc::Rc;
use std::time::Duration;

use egui::{CursorIcon, Pos2, Rect, Role, Sense, Ui, UiBuilder, Vec2, WidgetInfo, pos2, vec2};

use self::heights::Heights;
use self::laid_out::{LaidOut, TextLook};
use self::rows::{Rows, point_in_row, range_in_row};
use self::scroll::Scroll;
use super::theme::{self, Palette};
use super::widgets;
use crate::reader::{Command, Document, Reader, Selection, View};
use crate::time::MediaSpan;
use crate::transcript::{CueId, Passage, TextPoint};

/// Where the parts of a row are.
#[derive(Debug, Clone, PartialEq)]
struct Measures {
    view: View,
    look: TextLook,
    /// From the left of the view to the text.
    text_x: f32,
    /// The room above the text in its row.
    pad_top: f32,
    /// The room below it.
    pad_bottom: f32,
    /// Whether the speaker stands above the text instead of beside it.
    stacked: bool,
}

/// The height of the line that tells of a gap, above the row after it.
const GAP: f32 = 40.0;

/// A row in sight.
struct Visible {
    row: usize,
    /// Without the gap before it.
    rect: Rect,
    gap: Option<MediaSpan>,
    text_at: Pos2,
    text: Rc<LaidOut>,
}

/// The view of the text.
#[derive(Default)]
pub struct TranscriptView {
    /// How long a frame takes to be made.
    pub frame_time: Duration,
    generation: u64,
    measures: Option<Measures>,
    heights: Heights,
    laid_out: HashMap<usize, Rc<LaidOut>>,
    scroll: Scroll,
    /// What the view was last brought to: a cue and word being followed, or a hit.
    shown_hit: Option<Passage>,
    followed_line: Option<(usize, i32)>,
    was_following: bool,
    /// The fixed end while words are being marked.
    drag_anchor: Option<Passage>,
    /// The words under the pointer when the menu was opened.
    menu_target: Option<Passage>,
    reported: Option<(CueId, f32)>,
    bar_grab: Option<f32>,
    in_sight: Range<usize>,
}

impl TranscriptView {
    /// Shows the text in the room there is.
    pub fn ui(&mut self, ui: &mut Ui, reader: &Reader, commands: &mut Vec<Command>) {
        let Some(document) = &reader.document else { return };
        let Some(rows) = Rows::of(document, reader.settings.view) else {
            return;
        };
        let palette = theme::palette(ui.ctx(), &reader.settings);
        let view = ui.available_rect_before_wrap();
        // egui forgets its own layouts when it makes the glyph texture anew; one kept here would show wrong glyphs.
        self.laid_out.clear();
        self.prepare(ui, reader, document, rows, view);
        self.take_scrolling(ui, view, reader, commands);
        self.follow(ui, reader, rows, view);

        let mut inner = ui.new_child(UiBuilder::new().max_rect(view).id_salt("transcript"));
        inner.set_clip_rect(view.intersect(ui.clip_rect()));
        let visible = self.lay_out_visible(&inner, rows, view);
        self.in_sight = visible.first().map_or(0, |row| row.row)..visible.last().map_or(0, |row| row.row + 1);
        let measures = self.measures.clone();
        let paint = paint::RowPainter::new(reader, rows, palette, measures.as_ref(), view);
        for row in &visible {
            self.row_ui(&mut inner, row, &paint, reader, rows, commands);
        }
        self.drag(&inner, &visible, view, reader, commands);
        self.selection_bar(&inner, &visible, view, palette, reader, commands);
        self.scroll_bar(&mut inner, view, palette, reader, commands);
        self.report(rows, commands);
        ui.advance_cursor_after_rect(view);
    }

    /// Whether the voice is below what is in sight; `None` while it is in sight.
    pub fn voice_is_below(&self, reader: &Reader) -> Option<bool> {
        let rows = Rows::of(reader.document.as_ref()?, reader.settings.view)?;
        let row = rows.row_of(rows.spoken_at(reader.playback.position)?);
        if reader.playback.playing {
            return Some(row >= self.scroll.place.row);
        }
        let out_of_sight = !self.in_sight.contains(&row);
        out_of_sight.then_some(row >= self.in_sight.end)
    }

    /// New document, new width, new font: new heights, the same place.
    fn prepare(&mut self, ui: &Ui, reader: &Reader, document: &Document, rows: Rows<'_>, view: Rect) {
        let measures = measures(ui, reader, view);
        let another = self.generation != document.generation;
        if !another && self.measures.as_ref() == Some(&measures) && self.heights.len() == rows.len() {
            return;
        }
        // The cue at the top stays at the top, whatever changes around it.
        let kept = if another {
            document.scroll()
        } else {
            let old = self
                .measures
                .as_ref()
                .map(|old| old.view)
                .and_then(|view| Rows::of(document, view));
            old.map(|old| (old.start(self.scroll.place.row).cue, 0.0))
        };
        let letter = 0.47 * measures.look.font.size;
        let letters = (measures.look.width / letter).max(8.0);
        self.heights = Heights::new((0..rows.len()).map(|row| {
            let lines = (rows.text_len(row) as f32 / letters).ceil().max(1.0);
            row_height(lines * measures.look.line_height, &measures, rows, row)
        }));
        self.laid_out.clear();
        self.scroll.stop();
        self.scroll.place = scroll::Place::default();
        if let Some((cue, points)) = kept {
            self.scroll.place = scroll::Place {
                row: rows.row_of(TextPoint::new(cue, 0)).min(rows.len().saturating_sub(1)),
                offset: points,
            };
        }
        if another {
            self.shown_hit = None;
            self.drag_anchor = None;
            self.reported = None;
        }
        self.was_following = false;
        self.generation = document.generation;
        self.measures = Some(measures);
    }

    fn take_scrolling(&mut self, ui: &Ui, view: Rect, reader: &Reader, commands: &mut Vec<Command>) {
        let hovered = ui.rect_contains_pointer(view);
        let page = view.height() * 0.9;
        // Asked outside of `input`: both lock the context. What is open over the text has the keys.
        let typing = ui.ctx().text_edit_focused() || reader.has_dialog() || egui::Popup::is_any_open(ui.ctx());
        let (mut points, zoom) = ui.input(|input| {
            let wheel = if hovered { -input.smooth_scroll_delta().y } else { 0.0 };
            let key = |key| !typing && input.modifiers.is_none() && input.key_pressed(key);
            let pages = f32::from(u8::from(key(egui::Key::PageDown))) - f32::from(u8::from(key(egui::Key::PageUp)));
            let ends = if key(egui::Key::Home) {
                f32::NEG_INFINITY
            } else if key(egui::Key::End) {
                f32::INFINITY
            } else {
                0.0
            };
            (
                wheel + pages * page + ends,
                if hovered { input.zoom_delta() } else { 1.0 },
            )
        });
        if zoom > 1.01 {
            commands.push(Command::TextSizeBy(1.0));
        } else if zoom < 0.99 {
            commands.push(Command::TextSizeBy(-1.0));
        }
        if points == 0.0 {
            return;
        }
        points = points.clamp(-1e9, 1e9);
        self.scroll.stop();
        self.scroll.by(points, &self.heights, view.height());
        if reader.follow {
            commands.push(Command::SetFollow(false));
        }
    }

    /// Goes where the voice is, or to the hit that was asked for.
    fn follow(&mut self, ui: &Ui, reader: &Reader, rows: Rows<'_>, view: Rect) {
        let still = reader.settings.reduced_motion;
        let hit = reader
            .search
            .current
            .and_then(|current| reader.search.hits.get(current))
            .copied();
        if hit != self.shown_hit {
            self.shown_hit = hit;
            if let Some(hit) = hit {
                let y = self.line_y(ui, rows, hit.start);
                self.scroll.keep_in_band(y, view.height(), &self.heights, still);
            }
        }
        let line = reader.follow.then(|| self.spoken_line(ui, reader, rows)).flatten();
        if let Some((point, key)) = line {
            // A line that was scrolled to is left alone until the voice reaches another.
            if !self.was_following || self.followed_line != Some(key) {
                let y = self.line_y(ui, rows, point);
                self.scroll.keep_in_band(y, view.height(), &self.heights, still);
                self.followed_line = Some(key);
            }
        }
        self.was_following = reader.follow;
        let seconds = ui.input(|input| input.stable_dt);
        if self
            .scroll
            .advance(seconds, theme::MOTION, &self.heights, view.height())
        {
            let refresh = ui.input(|input| input.predicted_dt);
            // egui takes a refresh off the wait, since a display makes one wait for it.
            let refresh = Duration::try_from_secs_f32(refresh).unwrap_or_default();
            ui.ctx().request_repaint_after(refresh + self.pause());
        }
    }

    /// How long a glide rests between two frames: where a frame is dear, since no graphics card makes it, a motion of
    /// few frames is as calm and costs a third.
    fn pause(&self) -> Duration {
        const LEAST: Duration = Duration::from_millis(6);
        (self.frame_time * 3).max(LEAST)
    }

    /// The place being spoken, and which line of which row that is.
    fn spoken_line(&mut self, ui: &Ui, reader: &Reader, rows: Rows<'_>) -> Option<(TextPoint, (usize, i32))> {
        let point = rows.spoken_at(reader.playback.position)?;
        let row = rows.row_of(point);
        let y = self.y_in_row(ui, rows, row, point);
        Some((point, (row, y as i32)))
    }

    fn y_in_row(&mut self, ui: &Ui, rows: Rows<'_>, row: usize, point: TextPoint) -> f32 {
        let text = self.row(ui, rows, row);
        let end = TextPoint::new(point.cue, point.byte.saturating_add(1));
        let rects = range_in_row(&text.pieces, point, end)
            .map(|range| text.rects(&range))
            .unwrap_or_default();
        rects.first().map_or(0.0, |rect| rect.min.y)
    }

    /// How far a place is below the top of the view.
    fn line_y(&mut self, ui: &Ui, rows: Rows<'_>, point: TextPoint) -> f32 {
        let row = rows.row_of(point);
        let inside = self.y_in_row(ui, rows, row, point);
        (self.heights.top(row) - self.scroll.top(&self.heights)) as f32 + gap_height(rows, row) + inside
    }

    /// A row laid out, once in a frame. Its true height is taken down.
    fn row(&mut self, ui: &Ui, rows: Rows<'_>, row: usize) -> Rc<LaidOut> {
        if let Some(known) = self.laid_out.get(&row) {
            return Rc::clone(known);
        }
        let (text, pieces) = rows.text(row);
        let measures = self.measures.as_ref();
        let look = measures.map_or_else(
            || TextLook {
                font: theme::plain(16.0),
                line_height: 24.0,
                width: 400.0,
            },
            |measures| measures.look.clone(),
        );
        let laid_out = Rc::new(LaidOut::new(ui.painter(), text, pieces, &look));
        if let Some(measures) = measures {
            self.heights
                .set(row, row_height(laid_out.height(), measures, rows, row));
        }
        self.laid_out.insert(row, Rc::clone(&laid_out));
        laid_out
    }

    fn lay_out_visible(&mut self, ui: &Ui, rows: Rows<'_>, view: Rect) -> Vec<Visible> {
        let mut visible = Vec::new();
        let Some(measures) = self.measures.clone() else {
            return visible;
        };
        let scroll::Place { row: mut index, offset } = self.scroll.place;
        let mut y = view.min.y - offset;
        while index < rows.len() && y < view.max.y {
            let text = self.row(ui, rows, index);
            let height = self.heights.height(index);
            let gap = rows.gap_before(index);
            let begins = y + if gap.is_some() { GAP } else { 0.0 };
            let rect = Rect::from_min_max(pos2(view.min.x, begins), pos2(view.max.x, y + height));
            let above = measures.pad_top
                + if measures.stacked && rows.names_speaker(index) {
                    22.0
                } else {
                    0.0
                };
            let text_at = pos2(view.min.x + measures.text_x, begins + above);
            visible.push(Visible {
                row: index,
                rect,
                gap,
                text_at,
                text,
            });
            y += height;
            index += 1;
        }
        visible
    }

    fn row_ui(
        &mut self,
        ui: &mut Ui,
        row: &Visible,
        paint: &paint::RowPainter<'_>,
        reader: &Reader,
        rows: Rows<'_>,
        commands: &mut Vec<Command>,
    ) {
        let id = ui.scope_id().with(("row", row.row));
        let area = row.rect.intersect(ui.clip_rect());
        let response = ui.interact(area, id, Sense::CLICK | Sense::DRAG);
        response.widget_info(|| WidgetInfo::labeled(Role::Paragraph, true, paint.spoken_name(row)));
        let pointed = response.hover_pos().and_then(|at| word_under(row, at));
        paint.row(ui.painter(), row, pointed.as_ref().map(|(range, _)| range));
        if let Some((at, name)) = paint.shortened_name(ui.painter(), row) {
            let label = ui.interact(at.intersect(ui.clip_rect()), id.with("name"), Sense::hover());
            label.on_hover_text(name);
        }
        if let Some((at, text)) = paint.gap(ui.painter(), row) {
            widgets::said(ui, at, &text);
        }
        if pointed.is_some() {
            ui.ctx().set_cursor_icon(CursorIcon::PointingHand);
        }
        if response.clicked() {
            let at = response.interact_pointer_pos().unwrap_or(row.text_at);
            let pressed = Self::point_under(row, at);
            let is_heard = pressed.is_none_or(|point| rows.timeline.is_heard(point.cue));
            if !is_heard
                && reader
                    .document
                    .as_ref()
                    .is_some_and(|document| document.source.is_some())
            {
                commands.push(Command::TellMissing);
            } else if let Some(time) = pressed.and_then(|point| rows.timeline.time_of(point)) {
                commands.push(Command::Select(None));
                commands.push(if response.double_clicked() {
                    Command::PlayFrom(time)
                } else {
                    Command::Seek(time)
                });
                commands.push(Command::SetFollow(true));
            }
        }
        if response.drag_started_by(egui::PointerButton::Primary) {
            let origin = ui.input(|input| input.pointer.press_origin());
            self.drag_anchor = origin.and_then(|at| nearest_word(row, at)).map(|(_, passage)| passage);
        }
        if response.secondary_clicked() {
            self.menu_target = response
                .interact_pointer_pos()
                .and_then(|at| nearest_word(row, at))
                .map(|(_, p)| p);
        }
        let target = self.menu_target;
        response.context_menu(|ui| menu::ui(ui, reader, rows, target, commands));
    }

    /// The word under the pointer; left of the text, the start of the row.
    fn point_under(row: &Visible, at: Pos2) -> Option<TextPoint> {
        if at.x < row.text_at.x - 4.0 {
            return point_in_row(&row.text.pieces, 0);
        }
        nearest_word(row, at).map(|(_, passage)| passage.start)
    }

    /// Marks words while the pointer drags; at the edges the view moves along.
    fn drag(&mut self, ui: &Ui, visible: &[Visible], view: Rect, reader: &Reader, commands: &mut Vec<Command>) {
        let Some(anchor) = self.drag_anchor else { return };
        let (down, at) = ui.input(|input| (input.pointer.primary_down(), input.pointer.latest_pos()));
        let Some(at) = at.filter(|_| down) else {
            self.drag_anchor = None;
            return;
        };
        let beyond = (at.y - view.max.y).max(0.0) + (at.y - view.min.y).min(0.0);
        if beyond != 0.0 {
            self.scroll.by(beyond.clamp(-24.0, 24.0), &self.heights, view.height());
            commands.push(Command::SetFollow(false));
            ui.ctx().request_repaint();
        }
        let inside = at.clamp(view.min + Vec2::splat(1.0), view.max - Vec2::splat(1.0));
        // In a gap it is the row after it.
        let row = visible.iter().find(|row| inside.y < row.rect.max.y).or(visible.last());
        if let Some((_, head)) = row.and_then(|row| nearest_word(row, inside)) {
            let selection = Some(Selection { anchor, head });
            if reader.selection != selection {
                commands.push(Command::Select(selection));
            }
        }
    }

    /// The marked words' own tools, once the hand has let go.
    fn selection_bar(
        &self,
        ui: &Ui,
        visible: &[Visible],
        view: Rect,
        palette: &Palette,
        reader: &Reader,
        commands: &mut Vec<Command>,
    ) {
        let Some(passage) = reader
            .selection
            .map(Selection::passage)
            .filter(|_| self.drag_anchor.is_none())
        else {
            return;
        };
        let rects = visible.iter().flat_map(|row| {
            let range = range_in_row(&row.text.pieces, passage.start, passage.end);
            let rects = range.map(|range| row.text.rects(&range)).unwrap_or_default();
            rects
                .into_iter()
                .map(|rect| rect.translate(row.text_at.to_vec2()))
                .collect::<Vec<_>>()
        });
        if let Some(words) = rects
            .reduce(Rect::union)
            .map(|words| words.intersect(view))
            .filter(Rect::is_positive)
        {
            selection_bar::ui(ui, reader, palette, words, view, commands);
        }
    }

    fn scroll_bar(&mut self, ui: &mut Ui, view: Rect, palette: &Palette, reader: &Reader, commands: &mut Vec<Command>) {
        let total = self.heights.total();
        if total <= f64::from(view.height()) {
            return;
        }
        let track = Rect::from_min_max(pos2(view.max.x - 12.0, view.min.y), view.max);
        let share = f64::from(view.height()) / (total + f64::from(view.height()) * 0.5);
        let thumb_height = ((share * f64::from(view.height())) as f32).max(28.0);
        let travel = view.height() - thumb_height - 4.0;
        let range = total - f64::from(view.height()) * 0.5;
        let place = (self.scroll.top(&self.heights) / range).clamp(0.0, 1.0) as f32;
        let thumb = Rect::from_min_size(
            pos2(track.min.x + 3.0, view.min.y + 2.0 + travel * place),
            vec2(6.0, thumb_height),
        );
        let response = ui.interact(track, ui.scope_id().with("bar"), Sense::CLICK | Sense::DRAG);
        response.widget_info(|| WidgetInfo::labeled(Role::ScrollBar, true, "Scroll bar"));
        if let Some(at) = response.interact_pointer_pos() {
            let grab = *self.bar_grab.get_or_insert(if thumb.y_range().contains(at.y) {
                at.y - thumb.min.y
            } else {
                thumb_height / 2.0
            });
            let share = ((at.y - grab - view.min.y - 2.0) / travel.max(1.0)).clamp(0.0, 1.0);
            self.scroll.jump(f64::from(share) * range, &self.heights, view.height());
            if reader.follow {
                commands.push(Command::SetFollow(false));
            }
        } else {
            self.bar_grab = None;
        }
        let strong = response.hovered() || self.bar_grab.is_some();
        let colour = if strong { palette.faint } else { palette.line };
        ui.painter().rect_filled(thumb, 3.0, colour);
    }

    /// Tells the reader what stands at the top, so that it is taken up there next time.
    fn report(&mut self, rows: Rows<'_>, commands: &mut Vec<Command>) {
        if self.scroll.is_gliding() {
            return;
        }
        let now = (rows.start(self.scroll.place.row).cue, self.scroll.place.offset);
        if self.reported != Some(now) {
            self.reported = Some(now);
            commands.push(Command::Scrolled(now.0, now.1));
        }
    }
}

/// The word right under the pointer.
fn word_under(row: &Visible, at: Pos2) -> Option<(Range<usize>, Passage)> {
    let (range, passage) = nearest_word(row, at)?;
    let local = at - row.text_at.to_vec2();
    row.text
        .rects(&range)
        .iter()
        .any(|rect| rect.expand2(vec2(3.0, 0.0)).contains(local))
        .then_some((range, passage))
}

fn nearest_word(row: &Visible, at: Pos2) -> Option<(Range<usize>, Passage)> {
    let range = row.text.word_at(row.text.byte_at(at - row.text_at))?;
    let start = point_in_row(&row.text.pieces, range.start)?;
    let length = range.len() as u32;
    Some((
        range,
        Passage {
            start,
            end: TextPoint::new(start.cue, start.byte + length),
        },
    ))
}

fn row_height(text: f32, measures: &Measures, rows: Rows<'_>, row: usize) -> f32 {
    let name = if measures.stacked && rows.names_speaker(row) {
        22.0
    } else {
        0.0
    };
    gap_height(rows, row) + measures.pad_top + name + text + measures.pad_bottom
}

fn gap_height(rows: Rows<'_>, row: usize) -> f32 {
    if rows.gap_before(row).is_some() { GAP } else { 0.0 }
}

/// The measures of look.md for the room there is.
fn measures(ui: &Ui, reader: &Reader, view: Rect) -> Measures {
    let settings = &reader.settings;
    let stacked = ui.ctx().content_rect().width() < 700.0;
    let width = view.width();
    match settings.view {
        View::Reading => {
            let size = settings.text_size;
            // A letter is about 0.53 of the size wide; 67 letters of 18 points fill the 640 of the drawing.
            let column = (settings.line_width as f32 * size * 0.53).round();
            let (left, right) = if stacked { (24.0, 24.0) } else { (112.0, 64.0) };
            let column = column.min(width - left - right - 16.0).max(120.0).floor();
            let spare = (width - column - left - right).max(0.0) / 2.0;
            let text_x = if stacked {
                (width - column).max(0.0) / 2.0
            } else {
                left + spare
            }
            .round();
            Measures {
                view: View::Reading,
                look: TextLook {
                    font: theme::reading(settings.font, size),
                    line_height: (size * 1.62).round(),
                    width: column,
                },
                text_x,
                pad_top: 11.0,
                pad_bottom: 11.0,
                stacked,
            }
        }
        View::Lines => {
            let size = (settings.text_size * 16.0 / 18.0).round();
            let text_x = if stacked {
                84.0
            } else {
                200.0_f32.min(width * 0.3).max(96.0)
            }
            .round();
            Measures {
                view: View::Lines,
                look: TextLook {
                    font: theme::reading(settings.font, size),
                    line_height: (size * 1.5).round(),
                    width: (width - text_x - 52.0).max(120.0).floor(),
                },
                text_x,
                pad_top: 7.0,
                pad_bottom: 7.0,
                stacked,
            }
        }
    }
}
