//! The waveform's bars as one picture.
//!
//! Hundreds of bars are thousands of triangles, and each frame would paint them all again. They change only with the
//! recording, the stretch in sight and the size of the window, so they are drawn once, white, into a texture; a frame
//! paints that in the colours of what is played and what is to come.

use std::sync::Arc;

use egui::{Color32, ColorImage, Painter, Rect, TextureHandle, TextureOptions, pos2};

use crate::reader::{Document, Progress};
use crate::time::{MediaSpan, MediaTime};

/// From one bar to the next, in points.
const STEP: f32 = 5.0;
const WIDTH: f32 = 3.0;
/// The room above and below the loudest bar, in points.
const AIR: f32 = 4.0;

/// What a picture was made of; another, another picture.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Made {
    peaks: Option<usize>,
    done: bool,
    span: MediaSpan,
    pixels: [usize; 2],
}

/// The picture of a waveform.
#[derive(Default)]
pub struct WavePicture {
    made: Option<Made>,
    texture: Option<TextureHandle>,
}

impl WavePicture {
    /// Paints the bars of `span` into `rect`: in `played` up to `playhead`, in `coming` beyond it.
    pub fn paint(
        &mut self,
        painter: &Painter,
        rect: Rect,
        span: MediaSpan,
        document: &Document,
        playhead: f32,
        [played, coming]: [Color32; 2],
    ) {
        // A texture has a greatest width; on a window that is wider the picture is a little coarser.
        let widest = painter.ctx().input(|input| input.max_texture_side) as f32;
        let scale = painter.pixels_per_point().min(widest / rect.width().max(1.0));
        let pixels = [
            (rect.width() * scale).floor() as usize,
            (rect.height() * scale).round() as usize,
        ];
        let made = Made {
            peaks: document.peaks.as_ref().map(|peaks| Arc::as_ptr(peaks) as usize),
            done: document.measured == Progress::Done,
            span,
            pixels,
        };
        if self.made != Some(made) {
            let image = draw(document, span, pixels, scale);
            self.texture = Some(painter.ctx().load_texture("waveform", image, TextureOptions::LINEAR));
            self.made = Some(made);
        }
        let Some(texture) = &self.texture else { return };
        let x = playhead.clamp(rect.min.x, rect.max.x);
        let share = (x - rect.min.x) / rect.width().max(1.0);
        let part = |from: f32, to: f32| Rect::from_min_max(pos2(from, 0.0), pos2(to, 1.0));
        let left = Rect::from_min_max(rect.min, pos2(x, rect.max.y));
        let right = Rect::from_min_max(pos2(x, rect.min.y), rect.max);
        painter.image(texture.id(), left, part(0.0, share), played);
        painter.image(texture.id(), right, part(share, 1.0), coming);
    }
}

/// Draws white bars with round ends on nothing.
fn draw(document: &Document, span: MediaSpan, [width, height]: [usize; 2], scale: f32) -> ColorImage {
    let mut image = ColorImage::filled([width.max(1), height.max(1)], Color32::TRANSPARENT);
    let count = (width as f32 / (STEP * scale)).floor().max(1.0) as usize;
    let loudness = loudness(document, span, count);
    let measured_to = document.peaks.as_ref().map_or(MediaTime::ZERO, |peaks| peaks.length());
    let done = document.measured == Progress::Done;
    let middle = height as f32 / 2.0;
    let radius = WIDTH * scale / 2.0;
    for i in 0..count {
        let share = i as f64 / count as f64;
        let known = done || span.start + span.length().scaled(share) < measured_to;
        let loud = loudness.get(i).copied().filter(|_| known).unwrap_or(0.0);
        let tall = (loud * (middle - AIR * scale)).max(radius);
        let centre = (STEP * scale * (i as f32 + 0.5)).round();
        let columns = (centre - radius).floor().max(0.0) as usize..((centre + radius).ceil() as usize).min(width);
        let rows = (middle - tall).floor().max(0.0) as usize..((middle + tall).ceil() as usize).min(height);
        for y in rows {
            for x in columns.clone() {
                // The distance to the bar's spine: a line that ends a radius before the bar does.
                let (dx, dy) = (x as f32 + 0.5 - centre, (y as f32 + 0.5 - middle).abs());
                let beyond = (dy - (tall - radius)).max(0.0);
                let cover = (radius - dx.hypot(beyond) + 0.5).clamp(0.0, 1.0);
                if let Some(pixel) = image.pixels.get_mut(y * width + x) {
                    *pixel = Color32::WHITE.gamma_multiply(cover);
                }
            }
        }
    }
    image
}

/// How loud each bar is, 0 to 1, the loudest in sight being 1.
///
/// The mean of finer peaks: over the seconds that one bar covers the highest peak of speech is always about the same,
/// and the picture would be a flat band.
fn loudness(document: &Document, span: MediaSpan, count: usize) -> Vec<f32> {
    const FINER: usize = 12;
    let Some(peaks) = &document.peaks else {
        return Vec::new();
    };
    let fine = peaks.columns(span, count * FINER);
    let mean = |part: &[(f32, f32)]| {
        part.iter().map(|(low, high)| low.abs().max(high.abs())).sum::<f32>() / part.len().max(1) as f32
    };
    let means: Vec<f32> = fine.chunks(FINER).map(mean).collect();
    let loudest = means.iter().copied().fold(0.05, f32::max);
    means
        .into_iter()
        .map(|loud| (loud / loudest).clamp(0.0, 1.0).powf(1.3))
        .collect()
}
