//! The chapters beside the text: each with its time and title, the one being heard marked; a click goes there.
//!
//! The list is one stop for Tab, which leads to one row; the keys go on from there. So a book of 300 chapters does not
//! stand between the text and what comes after it, and rows that are not in sight need not be made to be reached.

use std::sync::Arc;

use egui::style::ScrollAnimation;
use egui::{Align, Context, Id, Key, Modifiers, Rect, Role, ScrollArea, Sense, Ui, WidgetInfo, pos2, vec2};

use super::icons::Icon;
use super::theme::{self, Palette};
use super::{shortcuts, widgets};
use crate::reader::{Command, Outline, OutlineChapter, Panel, Reader};
use crate::time::{MediaTime, format_clock};

/// The width of the panel, in points.
pub const WIDTH: f32 = 264.0;
/// The height of a row.
const ROW: f32 = 32.0;
/// Where the titles begin: right of the times.
const TITLES: f32 = 72.0;

/// The chapters' panel.
#[derive(Debug, Default)]
pub struct OutlinePanel {
    /// What the rows were made of.
    outline: Arc<Outline>,
    /// The row that Tab leads to.
    row: usize,
    /// The row that had the focus in the last frame, and its id.
    focused: Option<(usize, Id)>,
    /// The row in sight is to be given the focus.
    wants_focus: bool,
    /// The row to be brought into sight.
    scroll_to: Option<usize>,
    /// The chapter that was heard in the last frame.
    heard: Option<usize>,
    /// Whether somebody walks through the list by keys, away from the chapter being heard.
    walks: bool,
    /// Whether the panel was wanted in the last frame.
    open: bool,
    /// Whether it has been opened and not been shown yet.
    opened: bool,
    /// Rows in sight, for the keys that go by pages.
    page: usize,
}

impl OutlinePanel {
    /// Takes the keys that are the list's while a row has the focus; all others go on to the window.
    pub fn take_keys(&mut self, ctx: &Context, commands: &mut Vec<Command>) {
        let focused = self
            .focused
            .filter(|(_, id)| ctx.memory(|memory| memory.has_focus(*id)));
        // A row on its way into sight has the keys already.
        let Some(row) = focused.map(|(row, _)| row).or(self.wants_focus.then_some(self.row)) else {
            return;
        };
        let last = self.outline.chapters().len().saturating_sub(1);
        let page = self.page.max(1);
        let goals = [
            (Key::ArrowDown, row + 1),
            (Key::ArrowUp, row.saturating_sub(1)),
            (Key::PageDown, row + page),
            (Key::PageUp, row.saturating_sub(page)),
            (Key::Home, 0),
            (Key::End, last),
        ];
        let (goal, plays) = ctx.input_mut(|input| {
            let mut goal = None;
            for (key, to) in goals {
                if input.modifiers.is_none() && input.consume_key(Modifiers::NONE, key) {
                    goal = Some(to.min(last));
                }
            }
            // Whoever looks up where they are goes on listening with the same key as everywhere; Enter goes there.
            (goal, input.consume_key(Modifiers::NONE, Key::Space))
        });
        if plays {
            commands.push(Command::TogglePlay);
        }
        if let Some(goal) = goal {
            self.row = goal;
            self.scroll_to = Some(goal);
            self.wants_focus = true;
            self.walks = true;
        }
    }

    /// Notes whether the panel is open: one that has just been opened takes the focus.
    pub fn follow(&mut self, reader: &Reader) {
        let open = reader.shows(Panel::Outline);
        if open && !self.open {
            self.wants_focus = true;
            self.opened = true;
        }
        let any = reader
            .document
            .as_ref()
            .is_some_and(|document| !document.outline.is_empty());
        if !open || !any {
            self.focused = None;
            self.wants_focus = false;
        }
        self.open = open;
    }

    /// Shows the panel's inside. Where it lies `over` the text, choosing a chapter closes it.
    pub fn ui(&mut self, ui: &mut Ui, reader: &Reader, over: bool, commands: &mut Vec<Command>) {
        let palette = theme::palette(ui.ctx(), &reader.settings);
        let Some(document) = &reader.document else { return };
        if !Arc::ptr_eq(&self.outline, &document.outline) {
            self.outline = Arc::clone(&document.outline);
            self.opened = true;
        }
        head(ui, palette, self.outline.chapters().len(), commands);
        let heard = self.outline.at(reader.playback.position);
        self.walks &= !self.opened && (self.focused.is_some() || self.wants_focus);
        // The list goes along with the voice; not under the hand that is in it, and not with whoever walks elsewhere.
        let in_hand = self.walks || ui.rect_contains_pointer(ui.available_rect_before_wrap());
        if self.opened || heard != self.heard && !in_hand {
            self.row = heard.unwrap_or(0);
            self.scroll_to = Some(self.row);
            self.wants_focus |= self.focused.is_some();
        }
        self.opened = false;
        self.heard = heard;
        self.list(ui, palette, heard, over, commands);
    }

    fn list(&mut self, ui: &mut Ui, palette: &Palette, heard: Option<usize>, over: bool, commands: &mut Vec<Command>) {
        ui.spacing_mut().item_spacing.y = 0.0;
        let outline = Arc::clone(&self.outline);
        self.page = (ui.available_height() / ROW).floor() as usize;
        let scroll_to = self.scroll_to.take();
        let mut focused = None;
        let list = ScrollArea::vertical().auto_shrink([false, false]);
        list.show_rows(ui, ROW, outline.chapters().len(), |ui, range| {
            if let Some(row) = scroll_to {
                let top = ui.max_rect().min.y + (row as f32 - range.start as f32) * ROW;
                let rect = Rect::from_min_size(pos2(ui.max_rect().min.x, top), vec2(1.0, ROW));
                let align = if range.contains(&row) {
                    None
                } else {
                    Some(Align::Center)
                };
                ui.scroll_to_rect_animation(rect, align, ScrollAnimation::none());
            }
            // Where the row of the keys is out of sight, Tab leads to the first that is in sight.
            let stop = if range.contains(&self.row) {
                self.row
            } else {
                range.start
            };
            for (place, chapter) in outline.chapters().iter().enumerate().take(range.end).skip(range.start) {
                let state = RowState {
                    heard: heard == Some(place),
                    stop: place == stop,
                };
                let response = row(ui, palette, place, chapter, state);
                if place == self.row && self.wants_focus {
                    self.wants_focus = false;
                    response.request_focus();
                }
                // Until the keys' row is in sight, the one they come from may still have the focus.
                if response.has_focus() && !self.wants_focus {
                    self.row = place;
                    focused = Some((place, response.id));
                }
                if response.clicked() {
                    self.row = place;
                    self.walks = false;
                    commands.push(Command::Seek(chapter.start));
                    commands.push(Command::SetFollow(true));
                    if over {
                        commands.push(Command::Toggle(Panel::Outline));
                    }
                }
            }
        });
        self.focused = focused;
        if self.wants_focus {
            self.scroll_to = Some(self.row);
            // The row comes into sight in the next frame.
            ui.ctx().request_repaint();
        }
    }
}

fn head(ui: &mut Ui, palette: &Palette, count: usize, commands: &mut Vec<Command>) {
    ui.horizontal(|ui| {
        ui.add_space(8.0);
        let title = egui::RichText::new("Chapters").font(theme::semibold(14.5));
        ui.label(title.color(palette.ink));
        ui.label(egui::RichText::new(count.to_string()).color(palette.soft));
        widgets::at_right(ui, "chapters", |ui| {
            let command = Command::Toggle(Panel::Outline);
            let name = format!("Close the chapters{}", shortcuts::hint(&command));
            if widgets::icon_button_sized(ui, palette, Icon::Close, &name, false, 28.0).clicked() {
                commands.push(command);
            }
        });
    });
    ui.add_space(8.0);
}

/// How a row stands.
#[derive(Clone, Copy)]
struct RowState {
    /// Its chapter is being heard.
    heard: bool,
    /// Tab leads to it.
    stop: bool,
}

fn row(ui: &mut Ui, palette: &Palette, place: usize, chapter: &OutlineChapter, state: RowState) -> egui::Response {
    let (rect, _) = ui.allocate_exact_size(vec2(ui.available_width(), ROW), Sense::hover());
    let sense = if state.stop { Sense::click() } else { Sense::CLICK };
    let response = ui.interact(rect, ui.scope_id().with(("chapter", place)), sense);
    let clock = format_clock(chapter.start - MediaTime::ZERO);
    let name = format!("{clock} {}", chapter.title);
    response.widget_info(|| WidgetInfo::selected(Role::Button, true, state.heard, &name));
    if response.has_focus() {
        // Up and down go through the list, not to the next thing that lies there.
        ui.memory_mut(|memory| {
            let keys = egui::EventFilter {
                vertical_arrows: true,
                ..egui::EventFilter::default()
            };
            memory.set_focus_lock_filter(response.id, keys);
        });
    }
    let ground = rect.shrink2(vec2(4.0, 0.0));
    if response.is_pointer_button_down_on() || response.hovered() {
        ui.painter().rect_filled(ground, theme::RADIUS, palette.lit());
    } else if state.heard {
        ui.painter().rect_filled(ground, theme::RADIUS, palette.cue);
    }
    if state.heard {
        let bar = Rect::from_min_size(ground.min + vec2(0.0, 8.0), vec2(3.0, ROW - 16.0));
        ui.painter().rect_filled(bar, 1.5, palette.acc);
    }
    let lit = response.hovered();
    let (ink, font) = if state.heard {
        (palette.acc, theme::semibold(13.0))
    } else {
        (palette.ink, theme::plain(13.0))
    };
    let faint = match (state.heard, lit) {
        // Hints are too faint for a ground that is lit, and so is the accent.
        (_, true) => palette.ink,
        (true, false) => palette.acc,
        (false, false) => palette.faint,
    };
    let painter = ui.painter().with_clip_rect(rect.intersect(ui.clip_rect()));
    let at = pos2(rect.min.x + TITLES - 12.0, rect.center().y);
    painter.text(at, egui::Align2::RIGHT_CENTER, clock, theme::plain(12.0), faint);
    let room = (rect.width() - TITLES - 12.0).max(8.0);
    let ink = if lit { palette.ink } else { ink };
    let galley = widgets::cut_to(&painter, &chapter.title, font, ink, room);
    let at = pos2(rect.min.x + TITLES, rect.center().y - galley.size().y / 2.0);
    let elided = galley.elided;
    painter.galley(at, galley, ink);
    widgets::focus_ring(ui, &response, ground.shrink(2.0), palette, theme::RADIUS);
    if elided {
        response.on_hover_text(&chapter.title)
    } else {
        response
    }
}
