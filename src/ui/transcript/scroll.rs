//! Where the view is: held by the row at its top, so that a corrected height elsewhere moves nothing in sight.

use super::heights::Heights;

/// How far down the view the spoken line is put, and how far it may wander before the view goes after it.
const REST: f32 = 0.12;
const BAND: std::ops::Range<f32> = 0.04..0.34;

/// The place of a view.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Place {
    /// The row at the top.
    pub row: usize,
    /// How much of it is above the top, in points; negative leaves room above.
    pub offset: f32,
}

/// A motion towards a place, told in points to go.
#[derive(Debug, Clone, Copy)]
struct Glide {
    total: f32,
    done: f32,
    elapsed: f32,
}

/// A view's place and motion.
#[derive(Debug, Default)]
pub struct Scroll {
    /// The place.
    pub place: Place,
    glide: Option<Glide>,
}

impl Scroll {
    /// Moves down by so many points, or up.
    pub fn by(&mut self, points: f32, heights: &Heights, view: f32) {
        let top = heights.top(self.place.row) + f64::from(self.place.offset) + f64::from(points);
        let (row, offset) = heights.at(top.clamp(0.0, lowest(heights, view)));
        self.place = Place { row, offset };
    }

    /// Puts the view's top at so many points from the start.
    pub fn jump(&mut self, top: f64, heights: &Heights, view: f32) {
        let (row, offset) = heights.at(top.clamp(0.0, lowest(heights, view)));
        self.place = Place { row, offset };
        self.glide = None;
    }

    /// How far the view's top is from the start.
    pub fn top(&self, heights: &Heights) -> f64 {
        heights.top(self.place.row) + f64::from(self.place.offset)
    }

    /// Brings a line to its resting place if it has left the band. `y` is its distance from the view's top.
    ///
    /// Near ones are glided to, far ones jumped to.
    pub fn keep_in_band(&mut self, y: f32, view: f32, heights: &Heights, still: bool) {
        // What counts is where a motion under way leads: another line may be spoken before it is over.
        let to_go = self.glide.map_or(0.0, |glide| glide.total - glide.done);
        if BAND.contains(&((y - to_go) / view)) {
            return;
        }
        self.bring(y, view, heights, still);
    }

    /// Brings a line to its resting place.
    pub fn bring(&mut self, y: f32, view: f32, heights: &Heights, still: bool) {
        let distance = y - view * REST;
        let top = self.top(heights);
        let distance = ((top + f64::from(distance)).clamp(0.0, lowest(heights, view)) - top) as f32;
        if distance.abs() < 1.0 {
            return;
        }
        if still || distance.abs() > 2.0 * view {
            self.by(distance, heights, view);
            self.glide = None;
        } else {
            self.glide = Some(Glide {
                total: distance,
                done: 0.0,
                elapsed: 0.0,
            });
        }
    }

    /// Goes on with a motion; returns whether there is more of it.
    pub fn advance(&mut self, seconds: f32, duration: f32, heights: &Heights, view: f32) -> bool {
        let Some(mut glide) = self.glide.take() else {
            return false;
        };
        // A frame that comes late must not end the motion in one leap.
        glide.elapsed += seconds.min(0.05);
        let share = (glide.elapsed / duration.max(0.001)).min(1.0);
        let eased = 1.0 - (1.0 - share).powi(3);
        let step = glide.total * eased - glide.done;
        glide.done += step;
        self.by(step, heights, view);
        if share < 1.0 {
            self.glide = Some(glide);
        }
        self.glide.is_some()
    }

    /// Whether it moves on its own.
    pub fn is_gliding(&self) -> bool {
        self.glide.is_some()
    }

    /// Stops a motion where it is.
    pub fn stop(&mut self) {
        self.glide = None;
    }
}

/// The lowest place of the view's top: the last row may rise to the middle, so that it can be followed too.
fn lowest(heights: &Heights, view: f32) -> f64 {
    let total = heights.total();
    if total <= f64::from(view) {
        0.0
    } else {
        total - f64::from(view * 0.5)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A seek while the view is still on its way to another line: it goes to the new one and stays there.
    #[test]
    fn a_line_spoken_during_a_motion_is_brought_into_sight() {
        const VIEW: f32 = 600.0;
        let heights = Heights::new(std::iter::repeat_n(40.0, 100));
        let mut scroll = Scroll::default();
        let y = |scroll: &Scroll, row: usize| (heights.top(row) - scroll.top(&heights)) as f32;
        scroll.keep_in_band(y(&scroll, 8), VIEW, &heights, false);
        scroll.advance(0.03, 0.15, &heights, VIEW);
        assert!(scroll.is_gliding());
        scroll.keep_in_band(y(&scroll, 0), VIEW, &heights, false);
        while scroll.advance(0.03, 0.15, &heights, VIEW) {}
        assert!((0.0..VIEW).contains(&y(&scroll, 0)), "{}", y(&scroll, 0));
    }
}
