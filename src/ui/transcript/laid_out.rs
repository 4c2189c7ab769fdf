//! A row's text laid out: where each stretch of it is painted, and what lies under a point.
//!
//! Text of one direction is one galley. egui has no bidirectional text (its rows come out in visual order, with more
//! glyphs than characters), so text that holds right-to-left letters is laid out word by word and placed here.

use std::ops::Range;
use std::sync::Arc;

use egui::epaint::text::{LayoutJob, TextFormat};
use egui::text::{CCursor, CharIndex};
use egui::{Color32, FontId, Galley, Painter, Pos2, Rect, Vec2, pos2, vec2};
use unicode_bidi::{BidiClass, BidiInfo, bidi_class};

use super::rows::Piece;
use crate::transcript::word_ranges;

/// How text is laid out; another key, another layout.
#[derive(Debug, Clone, PartialEq)]
pub struct TextLook {
    /// The font.
    pub font: FontId,
    /// From one line to the next, in points.
    pub line_height: f32,
    /// The width of the column, in points, whole.
    pub width: f32,
}

/// One word, placed.
#[derive(Debug)]
struct PlacedWord {
    bytes: Range<usize>,
    galley: Arc<Galley>,
    at: Pos2,
}

#[derive(Debug)]
enum Body {
    Flow(Arc<Galley>),
    Words(Vec<PlacedWord>),
}

/// A row's text, laid out.
#[derive(Debug)]
pub struct LaidOut {
    /// The text.
    pub text: String,
    /// Which cue each part belongs to.
    pub pieces: Vec<Piece>,
    body: Body,
    size: Vec2,
    line_height: f32,
}

impl LaidOut {
    /// Lays out a row's text.
    pub fn new(painter: &Painter, text: String, pieces: Vec<Piece>, look: &TextLook) -> Self {
        let bidi = !text.is_ascii()
            && text
                .chars()
                .any(|c| matches!(bidi_class(c), BidiClass::R | BidiClass::AL));
        if bidi {
            let (words, height) = place_words(painter, &text, look);
            let size = vec2(look.width, height);
            return Self {
                text,
                pieces,
                body: Body::Words(words),
                size,
                line_height: look.line_height,
            };
        }
        let mut job = LayoutJob::single_section(text.clone(), format(look));
        job.wrap.max_width = look.width;
        job.break_on_newline = false;
        let galley = painter.layout_job(job);
        let size = galley.size();
        Self {
            text,
            pieces,
            body: Body::Flow(galley),
            size,
            line_height: look.line_height,
        }
    }

    /// Its height, in points.
    pub fn height(&self) -> f32 {
        self.size.y.max(self.line_height)
    }

    /// Paints all of it in one colour, with its top left at `at`.
    pub fn paint(&self, painter: &Painter, at: Pos2, colour: Color32) {
        match &self.body {
            Body::Flow(galley) => {
                painter.galley_with_override_text_color(at, Arc::clone(galley), colour);
            }
            Body::Words(words) => {
                for word in words {
                    painter.galley_with_override_text_color(at + word.at.to_vec2(), Arc::clone(&word.galley), colour);
                }
            }
        }
    }

    /// Paints a stretch of it. Lines that the stretch fills are painted to the edges of `bounds`: letters hang over
    /// their boxes, and only where two inks meet is the border the letter's.
    pub fn paint_part(&self, painter: &Painter, at: Pos2, bytes: &Range<usize>, colour: Color32, bounds: Rect) {
        let galley = match &self.body {
            Body::Flow(galley) => galley,
            Body::Words(words) => {
                for word in words.iter().filter(|word| bytes.contains(&word.bytes.start)) {
                    painter.galley_with_override_text_color(at + word.at.to_vec2(), Arc::clone(&word.galley), colour);
                }
                return;
            }
        };
        let rects = self.flow_rects(galley, bytes);
        let count = rects.len();
        for (i, rect) in rects.into_iter().enumerate() {
            let mut clip = rect.translate(at.to_vec2());
            if i > 0 || bytes.start == 0 {
                clip.min.x = bounds.min.x;
            }
            if i + 1 < count || bytes.end >= self.text.len() {
                clip.max.x = bounds.max.x;
            }
            let painter = painter.with_clip_rect(clip.intersect(painter.clip_rect()));
            painter.galley_with_override_text_color(at, Arc::clone(galley), colour);
        }
    }

    /// The rectangles that a stretch of the text covers, from the top left, one for each line it touches.
    pub fn rects(&self, bytes: &Range<usize>) -> Vec<Rect> {
        match &self.body {
            Body::Flow(galley) => self.flow_rects(galley, bytes),
            Body::Words(words) => {
                let inside = words
                    .iter()
                    .filter(|word| word.bytes.start < bytes.end && bytes.start < word.bytes.end);
                joined(inside.map(|word| Rect::from_min_size(word.at, vec2(word.galley.size().x, self.line_height))))
            }
        }
    }

    fn flow_rects(&self, galley: &Galley, bytes: &Range<usize>) -> Vec<Rect> {
        let (from, to) = (self.char_of_byte(bytes.start), self.char_of_byte(bytes.end));
        let mut rects = Vec::new();
        let mut first = 0;
        for row in &galley.rows {
            let count = row.row.glyphs.len();
            let last = first + count;
            if from < last && first < to {
                let x = |index: usize| row.pos.x + row.row.x_offset(CharIndex(index));
                let (left, right) = (x(from.saturating_sub(first)), x((to - first).min(count)));
                rects.push(Rect::from_min_max(
                    pos2(left, row.pos.y),
                    pos2(right, row.pos.y + row.row.size.y),
                ));
            }
            first = last + usize::from(row.ends_with_newline);
        }
        rects
    }

    /// The byte of the text nearest to a point, which is counted from the top left.
    pub fn byte_at(&self, point: Vec2) -> usize {
        match &self.body {
            Body::Flow(galley) => {
                let cursor: CCursor = galley.cursor_from_pos(point);
                let byte = self.byte_of_char(cursor.index.0);
                // The cursor stands between two letters; past the middle of a letter it is the next one's.
                let pointed = galley.pos_from_cursor(cursor).min.x > point.x;
                if pointed {
                    previous_boundary(&self.text, byte)
                } else {
                    byte.min(self.text.len())
                }
            }
            Body::Words(words) => {
                let distance = |word: &&PlacedWord| {
                    let rect = Rect::from_min_size(word.at, vec2(word.galley.size().x, self.line_height));
                    rect.distance_sq_to_pos(point.to_pos2())
                };
                words
                    .iter()
                    .min_by(|a, b| distance(a).total_cmp(&distance(b)))
                    .map_or(0, |word| word.bytes.start)
            }
        }
    }

    /// The word that holds a byte of the text, or the one before it.
    pub fn word_at(&self, byte: usize) -> Option<Range<usize>> {
        let after = self.pieces.partition_point(|piece| piece.start <= byte);
        let piece = self.pieces.get(after.saturating_sub(1))?;
        let words = word_ranges(self.text.get(piece.start..piece.start + piece.len)?);
        let inside = byte.saturating_sub(piece.start) as u32;
        let word = words.iter().rev().find(|word| word.start <= inside).or(words.first())?;
        Some(piece.start + word.start as usize..piece.start + word.end as usize)
    }

    fn char_of_byte(&self, byte: usize) -> usize {
        if self.text.is_ascii() {
            return byte.min(self.text.len());
        }
        self.text.get(..byte).unwrap_or(&self.text).chars().count()
    }

    fn byte_of_char(&self, index: usize) -> usize {
        if self.text.is_ascii() {
            return index.min(self.text.len());
        }
        self.text
            .char_indices()
            .nth(index)
            .map_or(self.text.len(), |(at, _)| at)
    }
}

/// Words that stand side by side in one line as one rectangle.
fn joined(rects: impl Iterator<Item = Rect>) -> Vec<Rect> {
    let mut rects: Vec<Rect> = rects.collect();
    rects.sort_by(|a, b| a.min.y.total_cmp(&b.min.y).then(a.min.x.total_cmp(&b.min.x)));
    let mut joined: Vec<Rect> = Vec::new();
    for rect in rects {
        match joined.last_mut() {
            Some(last) if (last.min.y - rect.min.y).abs() < 0.5 && rect.min.x - last.max.x < last.height() * 0.4 => {
                last.max.x = rect.max.x;
            }
            _ => joined.push(rect),
        }
    }
    joined
}

fn previous_boundary(text: &str, byte: usize) -> usize {
    text.get(..byte)
        .and_then(|before| before.char_indices().next_back())
        .map_or(0, |(at, _)| at)
}

fn format(look: &TextLook) -> TextFormat {
    TextFormat {
        font_id: look.font.clone(),
        color: Color32::PLACEHOLDER,
        line_height: Some(look.line_height),
        valign: egui::Align::Center,
        ..TextFormat::default()
    }
}

/// A word, or the part of one that runs in one direction.
struct Item {
    bytes: Range<usize>,
    galley: Arc<Galley>,
    word: usize,
}

/// Breaks the text into lines and puts each line's words in the order they are seen (Unicode UAX #9, rule L2).
fn place_words(painter: &Painter, text: &str, look: &TextLook) -> (Vec<PlacedWord>, f32) {
    let bidi = BidiInfo::new(text, None);
    let base_rtl = bidi
        .paragraphs
        .first()
        .is_some_and(|paragraph| paragraph.level.is_rtl());
    let lay_out = |text: &str| painter.layout_job(LayoutJob::single_section(text.to_owned(), format(look)));
    let space = lay_out("\u{a0}").size().x;
    let words: Vec<Vec<Item>> = word_ranges(text)
        .into_iter()
        .enumerate()
        .map(|(word, range)| {
            let runs = runs(&bidi, text, range.start as usize..range.end as usize);
            let item = |bytes: Range<usize>| {
                let galley = lay_out(text.get(bytes.clone()).unwrap_or(""));
                Item { bytes, galley, word }
            };
            runs.into_iter().map(item).collect()
        })
        .collect();

    let width = |word: &Vec<Item>| word.iter().map(|item| item.galley.size().x).sum::<f32>();
    let mut placed = Vec::with_capacity(words.len());
    let mut y = 0.0;
    let mut rest = words.as_slice();
    while !rest.is_empty() {
        let mut used = -space;
        let fitting = rest.iter().take_while(|word| {
            used += width(word) + space;
            used <= look.width
        });
        let (line, tail) = rest.split_at(fitting.count().clamp(1, rest.len()));
        rest = tail;
        let items: Vec<&Item> = line.iter().flatten().collect();
        let levels: Vec<_> = items
            .iter()
            .filter_map(|item| bidi.levels.get(item.bytes.start).copied())
            .collect();
        let line_width = line.iter().map(|word| width(word) + space).sum::<f32>() - space;
        let mut x = if base_rtl { look.width - line_width } else { 0.0 };
        let mut before: Option<usize> = None;
        for item in BidiInfo::reorder_visual(&levels)
            .into_iter()
            .filter_map(|index| items.get(index))
        {
            if before.is_some_and(|word| word != item.word) {
                x += space;
            }
            before = Some(item.word);
            placed.push(PlacedWord {
                bytes: item.bytes.clone(),
                galley: Arc::clone(&item.galley),
                at: pos2(x, y),
            });
            x += item.galley.size().x;
        }
        y += look.line_height;
    }
    placed.sort_by_key(|word| word.bytes.start);
    (placed, y)
}

/// A word cut where its direction changes: a comma after a Hebrew word stands at its left.
fn runs(bidi: &BidiInfo<'_>, text: &str, word: Range<usize>) -> Vec<Range<usize>> {
    let mut runs: Vec<Range<usize>> = Vec::new();
    let mut level = None;
    for (offset, c) in text.get(word.clone()).unwrap_or("").char_indices() {
        let at = word.start + offset;
        let here = bidi.levels.get(at).copied();
        // A mark at a word's edge has no direction of its own; shaped together with its word it would not be moved.
        let own = if c.is_alphanumeric() { here } else { None };
        match runs.last_mut() {
            Some(run) if level == Some(own) => run.end = at + c.len_utf8(),
            _ => runs.push(at..at + c.len_utf8()),
        }
        level = Some(own);
    }
    runs
}
