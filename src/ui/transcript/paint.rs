//! How a row looks: tints behind, ink in two strengths, what stands beside the text.

use std::ops::Range;

use egui::{Align2, Color32, CornerRadius, Painter, Pos2, Rect, Stroke, StrokeKind, pos2, vec2};

use super::rows::{Rows, range_in_row};
use super::{GAP, Measures, Visible};
use crate::notes::{Colour, Kind};
use crate::reader::{Mark, Reader, Selection, View};
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
    /// Whether it is certain what is being spoken.
    is_sure: bool,
    /// Whether there may be lines that are not in the recording.
    some_missing: bool,
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
        // What is not certain is not lit to the word.
        let is_sure = timeline.map().is_sure(position);
        let word = active.filter(|_| is_sure).and_then(|cue| {
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
        // What a note is being written about is marked while it is written.
        let draft = reader.draft.as_ref().filter(|draft| draft.new).map(|draft| Mark {
            annotation: draft.annotation.clone(),
            placement: draft.placement,
        });
        let marks = reader
            .shown_marks()
            .chain(&draft)
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
            is_sure,
            some_missing: !timeline.timing().is_a_shift(),
        }
    }

    /// The tint of what is being spoken: paler where that is not certain.
    fn lit(&self) -> Color32 {
        if self.is_sure {
            self.palette.cue
        } else {
            self.palette.cue.gamma_multiply(0.45)
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
        self.missing(painter, row);
        self.beside(painter, row, measures);
    }

    /// Paints what is told of the gap before a row, with a tint while it is being heard: where, and what it says.
    pub fn gap(&self, painter: &Painter, row: &Visible) -> Option<(Rect, String)> {
        let (gap, measures) = (row.gap?, self.measures?);
        let palette = self.palette;
        let heard = gap.contains(self.reader.playback.position);
        let text = format!("{} not in the transcript", format_clock(gap.length()));
        let colour = if heard { palette.ink } else { palette.faint };
        let galley = painter.layout_no_wrap(text.clone(), theme::plain(12.5), colour);
        let middle = pos2(row.text_at.x + measures.look.width / 2.0, row.rect.min.y - GAP / 2.0);
        let rect = Rect::from_center_size(middle, galley.size());
        if heard {
            let pill = rect.expand2(vec2(12.0, 4.0));
            painter.rect_filled(pill, pill.height() / 2.0, palette.cue);
            if palette.outlined {
                let edge = Stroke::new(2.0, palette.line);
                painter.rect_stroke(pill, pill.height() / 2.0, edge, StrokeKind::Inside);
            }
        } else {
            let y = painter.round_to_pixel_center(middle.y);
            for x in [
                rect.min.x - 60.0..=rect.min.x - 12.0,
                rect.max.x + 12.0..=rect.max.x + 60.0,
            ] {
                painter.hline(x, y, Stroke::new(1.0, palette.line));
            }
        }
        painter.galley(rect.min, galley, colour);
        Some((rect, text))
    }

    /// The speaker's name where it had no room: the place of what is shown of it, and all of it.
    pub fn shortened_name(&self, painter: &Painter, row: &Visible) -> Option<(Rect, String)> {
        let name = self.name(painter, row, self.measures?)?;
        (name.shown != name.whole).then(|| (name.rect(painter), name.whole.to_owned()))
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
                painter.rect_filled(row.rect, 0.0, self.lit());
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
                    self.lit(),
                    2.0,
                    palette.outlined.then_some(palette.line),
                );
            }
        }
        for &cue in &self.others {
            if let (View::Lines, Some(_)) = (measures.view, Self::cue_range(row, cue)) {
                let bar = Rect::from_min_size(row.rect.min, vec2(3.0, row.rect.height()));
                painter.rect_filled(bar, 0.0, palette.acc.lerp_to_gamma(palette.bg, 0.5));
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
            let lit = self
                .word
                .and_then(|word| Self::range(row, word))
                .is_some_and(|word| word == *range);
            if !lit && self.reader.selection.is_none() && !self.is_marked(row, range) {
                let outline = palette.outlined.then_some(palette.ink);
                self.fill(painter, row, range, palette.hover(), 2.0, outline);
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

    /// What is not in the recording is struck out.
    fn missing(&self, painter: &Painter, row: &Visible) {
        if !self.some_missing {
            return;
        }
        for piece in &row.text.pieces {
            if !self.rows.timeline.is_heard(piece.cue) {
                let range = piece.start..piece.start + piece.len;
                for rect in row.text.rects(&range) {
                    let rect = rect.translate(row.text_at.to_vec2());
                    let y = painter.round_to_pixel_center(rect.center().y + rect.height() * 0.06);
                    painter.hline(rect.x_range(), y, Stroke::new(1.0, self.palette.soft));
                }
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
        let Some(start) = self.begins(row) else { return };
        let since = start - MediaTime::ZERO;
        let middle = row.text_at.y + measures.look.line_height / 2.0;
        let name = self.name(painter, row, measures);
        let (at, clock, size) = match measures.view {
            View::Reading if measures.stacked => (
                name.as_ref()
                    .map(|name| pos2(row.text_at.x + measures.look.width, name.at.y)),
                format_clock(since),
                12.0,
            ),
            View::Reading => {
                let right = (row.text_at.x + measures.look.width + 64.0).min(self.view.max.x - 16.0);
                (Some(pos2(right, middle)), format_clock(since), 12.5)
            }
            View::Lines => (
                Some(pos2(code_right(row, measures), middle)),
                format_clock_tenths(since),
                12.5,
            ),
        };
        if let Some(at) = at {
            painter.text(at, Align2::RIGHT_CENTER, clock, theme::plain(size), palette.faint);
        }
        if let Some(name) = name {
            painter.text(
                name.at,
                name.align,
                &name.shown,
                theme::semibold(name.size),
                name.colour,
            );
        }
        // A note's mark stands once, where its words begin.
        let begins_here = |passage: &Passage| {
            let start = TextPoint::new(passage.start.cue, passage.start.byte.saturating_add(1));
            range_in_row(&row.text.pieces, passage.start, start).is_some()
        };
        let note = self
            .marks
            .iter()
            .find(|(passage, _, kind)| *kind == Kind::Note && begins_here(passage));
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

    /// The speaker's name, where the row shows it: cut in the middle to the room there is.
    fn name(&self, painter: &Painter, row: &Visible, measures: &Measures) -> Option<Name<'a>> {
        let speaker = self
            .rows
            .speaker(row.row)
            .filter(|_| self.rows.names_speaker(row.row))?;
        let whole = self.rows.timeline.transcript().speaker_name(Some(speaker))?;
        let middle = row.text_at.y + measures.look.line_height / 2.0;
        let above = pos2(row.text_at.x, row.text_at.y - 11.0);
        let (at, align, room, size) = match measures.view {
            View::Reading if measures.stacked => (above, Align2::LEFT_CENTER, measures.look.width - 64.0, 13.0),
            View::Reading => {
                let x = row.text_at.x - 16.0;
                let room = (x - row.rect.min.x - 8.0).clamp(24.0, 160.0);
                (pos2(x, middle), Align2::RIGHT_CENTER, room, 13.0)
            }
            View::Lines if measures.stacked => (above, Align2::LEFT_CENTER, measures.look.width, 12.5),
            View::Lines => {
                let x = code_right(row, measures) + 8.0;
                (pos2(x, middle), Align2::LEFT_CENTER, row.text_at.x - x - 8.0, 12.5)
            }
        };
        Some(Name {
            whole,
            shown: Self::fitted(painter, whole, room, size),
            at,
            align,
            size,
            colour: self.palette.speaker(speaker.0),
        })
    }

    /// A name cut in the middle to the room there is: names of one family differ at either end.
    fn fitted(painter: &Painter, name: &str, room: f32, size: f32) -> String {
        let fits = |text: &str| {
            let galley = painter.layout_no_wrap(text.to_owned(), theme::semibold(size), Color32::PLACEHOLDER);
            galley.size().x <= room
        };
        let letters: Vec<char> = name.chars().collect();
        let cut = |kept: usize| {
            let (head, tail) = (kept.div_ceil(2), kept / 2);
            let head: String = letters.iter().take(head).collect();
            let tail: String = letters.iter().skip(letters.len() - tail).collect();
            format!("{}…{}", head.trim_end(), tail.trim_start())
        };
        // No name that is longer can fit, and only so many letters are worth a try.
        let most = letters.len().min(80);
        if letters.len() == most && fits(name) {
            return name.to_owned();
        }
        let (mut least, mut over) = (0, most);
        while over - least > 1 {
            let kept = usize::midpoint(least, over);
            if fits(&cut(kept)) {
                least = kept;
            } else {
                over = kept;
            }
        }
        cut(least)
    }
}

/// A speaker's name beside or above a row.
struct Name<'a> {
    whole: &'a str,
    shown: String,
    at: Pos2,
    align: Align2,
    size: f32,
    colour: Color32,
}

impl Name<'_> {
    fn rect(&self, painter: &Painter) -> Rect {
        let galley = painter.layout_no_wrap(self.shown.clone(), theme::semibold(self.size), self.colour);
        self.align.anchor_size(self.at, galley.size())
    }
}

/// The right edge of the time codes in the lines view.
fn code_right(row: &Visible, measures: &Measures) -> f32 {
    row.rect.min.x
        + if measures.stacked {
            68.0
        } else {
            96.0_f32.min(measures.text_x * 0.48)
        }
}
