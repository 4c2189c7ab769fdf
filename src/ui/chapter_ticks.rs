//! Where the chapters begin on the waveform: computed when something of it has changed, painted in each frame.

use std::ops::Range;
use std::sync::Arc;

use egui::{Painter, Rect, Stroke, pos2};

use super::theme::Palette;
use crate::reader::Outline;
use crate::time::{MediaSpan, MediaTime};

/// Ticks stand at least this far apart, in points; what begins closer shares one.
const APART: f32 = 6.0;
/// The pointer is at a tick within this distance, in points.
const REACH: f32 = 4.0;
/// How far a tick reaches over the waveform, and into it, in points.
const OVER: f32 = 4.0;
const INTO: f32 = 8.0;
/// With less than this from tick to tick they stay over the waveform: a row of tall ones is a fence before it.
const SPARSE: f32 = 24.0;

/// One tick, and the chapters that begin there.
#[derive(Debug, Clone, PartialEq)]
struct Tick {
    /// From the left edge, in points.
    x: f32,
    chapters: Range<usize>,
}

/// The ticks of a stretch.
#[derive(Debug, Default)]
pub struct ChapterTicks {
    outline: Arc<Outline>,
    made_for: Option<(MediaSpan, f32)>,
    ticks: Vec<Tick>,
}

impl ChapterTicks {
    /// Computes the ticks anew where the chapters, the stretch in sight or the width are others.
    pub fn prepare(&mut self, outline: &Arc<Outline>, span: MediaSpan, width: f32) {
        let wanted = Some((span, width));
        if self.made_for == wanted && Arc::ptr_eq(&self.outline, outline) {
            return;
        }
        self.outline = Arc::clone(outline);
        self.made_for = wanted;
        self.ticks = ticks(outline, span, width);
    }

    /// Paints them.
    pub fn paint(&self, painter: &Painter, rect: Rect, palette: &Palette) {
        let sparse = rect.width() >= self.ticks.len() as f32 * SPARSE;
        let (into, colour) = if sparse {
            (INTO, palette.soft)
        } else {
            (0.0, palette.faint)
        };
        let stroke = Stroke::new(1.0, colour);
        for tick in &self.ticks {
            let x = rect.min.x + tick.x;
            painter.line_segment([pos2(x, rect.min.y - OVER), pos2(x, rect.min.y + into)], stroke);
        }
    }

    /// What to call the chapter under the pointer: of the tick it is at, else the one that holds the instant.
    pub fn title(&self, x: f32, t: MediaTime) -> Option<String> {
        let chapters = self.outline.chapters();
        let after = self.ticks.partition_point(|tick| tick.x < x);
        let around = after.saturating_sub(1)..(after + 1).min(self.ticks.len());
        let near = self
            .ticks
            .get(around)?
            .iter()
            .filter(|tick| (tick.x - x).abs() <= REACH);
        let nearest = near.min_by(|a, b| (a.x - x).abs().total_cmp(&(b.x - x).abs()));
        let Some(tick) = nearest else {
            return Some(chapters.get(self.outline.at(t)?)?.title.clone());
        };
        let first = &chapters.get(tick.chapters.start)?.title;
        Some(match tick.chapters.len() {
            0 | 1 => first.clone(),
            count => format!("{first} and {} more", count - 1),
        })
    }
}

fn ticks(outline: &Outline, span: MediaSpan, width: f32) -> Vec<Tick> {
    let chapters = outline.chapters();
    let length = span.length().as_secs_f64().max(1e-6);
    let mut ticks: Vec<Tick> = Vec::new();
    let first = chapters.partition_point(|chapter| chapter.start < span.start);
    for (place, chapter) in chapters.iter().enumerate().skip(first) {
        if chapter.start >= span.end {
            break;
        }
        let x = ((chapter.start - span.start).as_secs_f64() / length * f64::from(width)) as f32;
        match ticks.last_mut() {
            Some(last) if x - last.x < APART => last.chapters.end = place + 1,
            _ => ticks.push(Tick {
                x,
                chapters: place..place + 1,
            }),
        }
    }
    ticks
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(secs: f64) -> MediaTime {
        MediaTime::from_secs_f64(secs)
    }

    fn prepared(starts: &[f64], span: (f64, f64), width: f32) -> ChapterTicks {
        let titles: Vec<String> = starts.iter().map(|start| format!("at {start}")).collect();
        let told = starts
            .iter()
            .zip(&titles)
            .map(|(start, title)| (at(*start), title.as_str()));
        let mut ticks = ChapterTicks::default();
        let span = MediaSpan::new(at(span.0), at(span.1));
        ticks.prepare(&Arc::new(Outline::new(told)), span, width);
        ticks
    }

    #[test]
    fn chapters_that_lie_close_share_a_tick() {
        let found = prepared(&[0.0, 1.0, 5.9, 6.0, 50.0, 100.0], (0.0, 100.0), 100.0);
        let places: Vec<(f32, Range<usize>)> = found.ticks.iter().map(|t| (t.x, t.chapters.clone())).collect();
        // What begins at the end is not in sight.
        assert_eq!(places, [(0.0, 0..3), (6.0, 3..4), (50.0, 4..5)]);
        assert_eq!(found.title(1.0, at(1.0)).as_deref(), Some("at 0 and 2 more"));
        assert_eq!(found.title(47.0, at(47.0)).as_deref(), Some("at 50"), "at the tick");
        assert_eq!(
            found.title(40.0, at(40.0)).as_deref(),
            Some("at 6"),
            "within the chapter"
        );
    }

    #[test]
    fn however_many_there_are_the_ticks_are_few() {
        let starts: Vec<f64> = (0..100_000).map(f64::from).collect();
        let found = prepared(&starts, (0.0, 100_000.0), 1_200.0);
        assert!(found.ticks.len() <= 200, "{}", found.ticks.len());
        let inside = prepared(&starts, (500.5, 510.0), 1_200.0);
        assert_eq!(inside.ticks.len(), 9);
        assert_eq!(inside.title(0.0, at(500.5)).as_deref(), Some("at 500"));
        assert_eq!(ChapterTicks::default().title(3.0, at(3.0)), None);
    }
}
