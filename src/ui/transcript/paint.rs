//! How a row looks: tints behind, ink in two strengths, what stands beside the text.

use std::ops::Range;

use egui::{Align2, Color32, CornerRadius, Painter, Rect, Stroke, StrokeKind, pos2, vec2};

use super::rows::{Rows, range_in_row};
use super::{Measures, Visible, mix};
use crate::notes::{Colour, Kind};
use crate::reader::{Reader, Selection, View};
use crate::time::{MediaTime, format_clock, format_clock_tenths};
use crate::transcript::{CueId, Passage, TextPoint};
use crate::ui::icons::{self, Icon};
use crate::ui::theme::{self, Palette};

/// Paints the rows of one frame.
pub struct RowPainter<'a> {
    reader: &'a Reader,
    rows: Rows<'a>,
    palette: &'a Palette,
    measures: Option<&'a Measures>,
    view: Rect,
    /// The cue being spoken, and its spoken word.
    active: Option<CueId>,
    others: Vec<CueId>,
    word: Option<Passage>,
    /// What comes before this is spoken.
    spoken_to: Option<CueId>,
    marks: Vec<(Passage, Colour, Kind)>,
}

impl<'a> RowPainter<'a> {
    /// For one frame.
    pub fn new(
        reader: &'a Reader,
        rows: Rows<'a>,
        palette: &'a Palette,
        measures: Option<&'a Measures>,
        view: Rect,
    ) -> Self {
        let position = reader.playback.position;
        let timeline = rows.timeline;
        let has_sound = reader
            .document
            .as_ref()
            .is_some_and(|document| document.source.is_some());
        // Without a recording nothing is being spoken; the place one is at still shows.
        let untouched = !has_sound && position == MediaTime::ZERO;
        let active = if untouched { None } else { timeline.primary(position) };
        let word = active.and_then(|cue| {
            let words = timeline.words(cue);
            let word = words.get(timeline.word_at(cue, position)?)?;
            Some(Passage {
                start: TextPoint::new(cue, word.range.start),
                end: TextPoint::new(cue, word.range.end),
            })
        });
        let spoken_to = active.or_else(|| {
            if untouched {
                None
            } else {
                timeline.begun(position).map(|cue| CueId(cue.0.saturating_add(1)))
            }
        });
        let others = timeline.active(position).skip(1).take(8).collect();
        let marks = reader
            .shown_marks()
            .filter_map(|mark| Some((mark.passage()?, mark.annotation.colour, mark.annotation.kind)))
            .collect();
        Self {
            reader,
            rows,
            palette,
            measures,
            view,
            active,
            others,
            word,
            spoken_to,
            marks,
        }
    }

    /// A row as a screen reader says it.
    pub fn spoken_name(&self, row: &Visible) -> String {
        let start = self.begins(row);
        let clock = start
            .map(|start| format_clock(start - MediaTime::ZERO))
            .unwrap_or_default();
        let speaker = self
            .rows
            .timeline
            .transcript()
            .speaker_name(self.rows.speaker(row.row))
            .unwrap_or_default();
        format!("{clock} {speaker}: {}", row.text.text)
    }

    /// Paints one row; `pointed` is the word under the pointer.
    pub fn row(&self, painter: &Painter, row: &Visible, pointed: Option<&Range<usize>>) {
        let Some(measures) = self.measures else { return };
        self.tints(painter, row, pointed, measures);
        self.text(painter, row);
        self.beside(painter, row, measures);
    }

    fn range(row: &Visible, passage: Passage) -> Option<Range<usize>> {
        range_in_row(&row.text.pieces, passage.start, passage.end)
    }

    fn cue_range(row: &Visible, cue: CueId) -> Option<Range<usize>> {
        let piece = row.text.pieces.iter().find(|piece| piece.cue == cue)?;
        Some(piece.start..piece.start + piece.len)
    }

    fn tints(&self, painter: &Painter, row: &Visible, pointed: Option<&Range<usize>>, measures: &Measures) {
        let palette = self.palette;
        let active_here = self.active.and_then(|cue| Self::cue_range(row, cue));
        if let Some(range) = &active_here {
            if measures.view == View::Lines {
                painter.rect_filled(row.rect, 0.0, palette.cue);
                let bar = Rect::from_min_size(row.rect.min, vec2(3.0, row.rect.height()));
                painter.rect_filled(bar, 0.0, palette.acc);
                if palette.outlined {
                    painter.rect_stroke(row.rect, 0.0, Stroke::new(2.0, palette.line), StrokeKind::Inside);
                }
            } else {
                self.fill(
                    painter,
                    row,
                    range,
                    palette.cue,
                    2.0,
                    palette.outlined.then_some(palette.line),
                );
            }
        }
        for &cue in &self.others {
            if let (View::Lines, Some(_)) = (measures.view, Self::cue_range(row, cue)) {
                let bar = Rect::from_min_size(row.rect.min, vec2(3.0, row.rect.height()));
                painter.rect_filled(bar, 0.0, mix(palette.acc, palette.bg, 0.5));
            } else if let Some(range) = Self::cue_range(row, cue) {
                self.fill(painter, row, &range, palette.cue, 2.0, None);
            }
        }
        for &(passage, colour, kind) in &self.marks {
            if let Some(range) = Self::range(row, passage) {
                self.fill(painter, row, &range, palette.note(colour), 0.0, None);
                if kind == Kind::Note || palette.outlined {
                    Self::underline(painter, row, &range, palette.note_edge(colour));
                }
            }
        }
        self.hits(painter, row);
        if let Some(range) = self
            .reader
            .selection
            .and_then(|selection| Self::range(row, selection.passage()))
        {
            self.fill(painter, row, &range, palette.selection, 1.0, None);
        }
        if let Some(range) = pointed {
            let colour = mix(palette.bg, palette.line, 0.7);
            let lit = self
                .word
                .and_then(|word| Self::range(row, word))
                .is_some_and(|word| word == *range);
            if !lit && self.reader.selection.is_none() && !self.is_marked(row, range) {
                self.fill(painter, row, range, colour, 2.0, None);
            }
        }
        if let Some(range) = self.word.and_then(|word| Self::range(row, word)) {
            self.fill(
                painter,
                row,
                &range,
                palette.word,
                3.0,
                palette.outlined.then_some(palette.acc),
            );
        }
    }

    fn is_marked(&self, row: &Visible, range: &Range<usize>) -> bool {
        self.marks
            .iter()
            .filter_map(|mark| Self::range(row, mark.0))
            .any(|mark| mark.start < range.end && range.start < mark.end)
    }

    fn hits(&self, painter: &Painter, row: &Visible) {
        let hits = &self.reader.search.hits;
        let (Some(first), Some(last)) = (row.text.pieces.first(), row.text.pieces.last()) else {
            return;
        };
        let from = hits.partition_point(|hit| hit.end.cue < first.cue);
        for (i, hit) in hits
            .iter()
            .enumerate()
            .skip(from)
            .take_while(|(_, hit)| hit.start.cue <= last.cue)
        {
            if let Some(range) = Self::range(row, *hit) {
                let current = self.reader.search.current == Some(i);
                let outline = (current || self.palette.outlined).then_some(self.palette.acc);
                self.fill(painter, row, &range, self.palette.hit, 1.0, outline);
            }
        }
    }

    fn fill(
        &self,
        painter: &Painter,
        row: &Visible,
        range: &Range<usize>,
        colour: Color32,
        grow: f32,
        outline: Option<Color32>,
    ) {
        let line_height = self.measures.map_or(24.0, |measures| measures.look.line_height);
        for rect in row.text.rects(range) {
            let rect = rect.translate(row.text_at.to_vec2());
            // Tints are as high as the letters with a little air, not as the line.
            let inset = (line_height * 0.06).max(0.0) - grow.min(1.0);
            let rect = rect.shrink2(vec2(0.0, inset)).expand2(vec2(grow, 0.0));
            let radius = CornerRadius::same(if grow >= 2.0 { 5 } else { 2 });
            painter.rect_filled(rect, radius, colour);
            if let Some(outline) = outline {
                painter.rect_stroke(rect, radius, Stroke::new(1.5, outline), StrokeKind::Inside);
            }
        }
    }

    fn underline(painter: &Painter, row: &Visible, range: &Range<usize>, colour: Color32) {
        for rect in row.text.rects(range) {
            let rect = rect.translate(row.text_at.to_vec2());
            let y = rect.max.y - rect.height() * 0.08;
            painter.line_segment([pos2(rect.min.x, y), pos2(rect.max.x, y)], Stroke::new(2.0, colour));
        }
    }

    /// Spoken text in calm ink, text to come in full; marked and selected words always in full.
    ///
    /// Every letter is painted once: twice would make it bolder.
    fn text(&self, painter: &Painter, row: &Visible) {
        let all = row.text.text.len();
        let spoken = self.spoken_bytes(row);
        let selection = self.reader.selection.map(Selection::passage);
        let mut full: Vec<Range<usize>> = self
            .marks
            .iter()
            .map(|mark| mark.0)
            .chain(selection)
            .filter_map(|passage| Self::range(row, passage))
            .collect();
        full.push(spoken..all);
        full.sort_by_key(|range| range.start);
        let mut at = 0;
        let mut parts: Vec<(Range<usize>, Color32)> = Vec::new();
        for range in full {
            if range.start > at {
                parts.push((at..range.start, self.palette.soft));
            }
            let range = range.start.max(at)..range.end.max(at);
            if !range.is_empty() {
                at = range.end;
                match parts.last_mut() {
                    Some((last, colour)) if *colour == self.palette.ink && last.end == range.start => {
                        last.end = range.end;
                    }
                    _ => parts.push((range, self.palette.ink)),
                }
            }
        }
        match parts.as_slice() {
            [(_, colour)] => row.text.paint(painter, row.text_at, *colour),
            parts => parts
                .iter()
                .for_each(|(range, colour)| row.text.paint_part(painter, row.text_at, range, *colour, row.rect)),
        }
    }

    /// How many bytes of a row's text come before the cue that is being spoken.
    fn spoken_bytes(&self, row: &Visible) -> usize {
        let Some(next) = self.spoken_to else { return 0 };
        let before = row.text.pieces.partition_point(|piece| piece.cue < next);
        row.text
            .pieces
            .get(before)
            .map_or(row.text.text.len(), |piece| piece.start)
    }

    /// When a row begins to be heard.
    fn begins(&self, row: &Visible) -> Option<MediaTime> {
        self.rows.timeline.time_of(self.rows.start(row.row))
    }

    /// Time code, speaker and the mark of a note.
    fn beside(&self, painter: &Painter, row: &Visible, measures: &Measures) {
        let palette = self.palette;
        let timeline = self.rows.timeline;
        let Some(start) = self.begins(row) else { return };
        let since = start - MediaTime::ZERO;
        let middle = row.text_at.y + measures.look.line_height / 2.0;
        let speaker = self.rows.speaker(row.row).filter(|_| self.rows.names_speaker(row.row));
        let name = timeline.transcript().speaker_name(speaker);
        let colour = palette.speaker(speaker.map_or(0, |speaker| speaker.0));
        let left = row.rect.min.x;
        match measures.view {
            View::Reading if measures.stacked => {
                let y = row.text_at.y - 11.0;
                if let Some(name) = name {
                    let shown = Self::fitted(painter, name, measures.look.width - 64.0, 13.0);
                    painter.text(
                        pos2(row.text_at.x, y),
                        Align2::LEFT_CENTER,
                        shown,
                        theme::semibold(13.0),
                        colour,
                    );
                    let right = row.text_at.x + measures.look.width;
                    painter.text(
                        pos2(right, y),
                        Align2::RIGHT_CENTER,
                        format_clock(since),
                        theme::plain(12.0),
                        palette.faint,
                    );
                }
            }
            View::Reading => {
                if let Some(name) = name {
                    let x = row.text_at.x - 16.0;
                    let shown = Self::fitted(painter, name, (x - left - 8.0).clamp(24.0, 120.0), 13.0);
                    painter.text(
                        pos2(x, middle),
                        Align2::RIGHT_CENTER,
                        shown,
                        theme::semibold(13.0),
                        colour,
                    );
                }
                let right = (row.text_at.x + measures.look.width + 64.0).min(self.view.max.x - 16.0);
                painter.text(
                    pos2(right, middle),
                    Align2::RIGHT_CENTER,
                    format_clock(since),
                    theme::plain(12.5),
                    palette.faint,
                );
            }
            View::Lines => {
                let code = left
                    + if measures.stacked {
                        68.0
                    } else {
                        96.0_f32.min(measures.text_x * 0.48)
                    };
                let clock = format_clock_tenths(since);
                painter.text(
                    pos2(code, middle),
                    Align2::RIGHT_CENTER,
                    clock,
                    theme::plain(12.5),
                    palette.faint,
                );
                if let Some(name) = name {
                    let (at, room, align) = if measures.stacked {
                        (
                            pos2(row.text_at.x, row.text_at.y - 11.0),
                            measures.look.width,
                            Align2::LEFT_CENTER,
                        )
                    } else {
                        (
                            pos2(code + 8.0, middle),
                            row.text_at.x - code - 16.0,
                            Align2::LEFT_CENTER,
                        )
                    };
                    let shown = Self::fitted(painter, name, room, 12.5);
                    painter.text(at, align, shown, theme::semibold(12.5), colour);
                }
            }
        }
        let note = self
            .marks
            .iter()
            .find(|(passage, _, kind)| *kind == Kind::Note && Self::range(row, *passage).is_some());
        if let Some(&(passage, colour, _)) = note {
            let y = Self::range(row, passage)
                .and_then(|range| row.text.rects(&range).first().copied())
                .map_or(0.0, |r| r.center().y);
            let x = match measures.view {
                View::Lines => self.view.max.x - 36.0,
                View::Reading => row.text_at.x + measures.look.width + 10.0,
            };
            let rect = Rect::from_center_size(pos2(x, row.text_at.y + y), vec2(16.0, 16.0));
            icons::paint(painter, Icon::Note, rect, 14.0, palette.note_edge(colour));
        }
    }

    /// A name cut to the room there is.
    fn fitted(painter: &Painter, name: &str, room: f32, size: f32) -> String {
        let width = |text: &str| {
            painter
                .layout_no_wrap(text.to_owned(), theme::semibold(size), Color32::PLACEHOLDER)
                .size()
                .x
        };
        if width(name) <= room {
            return name.to_owned();
        }
        let mut kept: Vec<char> = name.chars().take(80).collect();
        while kept.len() > 1 {
            kept.pop();
            let cut: String = kept.iter().collect::<String>().trim_end().to_owned() + "…";
            if width(&cut) <= room {
                return cut;
            }
        }
        "…".to_owned()
    }
}
