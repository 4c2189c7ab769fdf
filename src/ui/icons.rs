//! Icons painted on a grid of 24 with a stroke of 1.8 and round ends: no font has them all.

use egui::{Color32, Painter, Pos2, Rect, Shape, Stroke, Vec2, pos2, vec2};

/// What is painted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Icon {
    /// Three lines.
    Menu,
    /// A magnifying glass.
    Search,
    /// A page with a folded corner.
    Note,
    /// A triangle.
    Play,
    /// Two bars.
    Pause,
    /// To the cue before.
    Previous,
    /// To the next cue.
    Next,
    /// Back 5 seconds.
    Back,
    /// Forward 5 seconds.
    Forward,
    /// Two arrows after each other.
    Loop,
    /// A loudspeaker.
    Volume,
    /// A loudspeaker, struck out.
    Muted,
    /// A cross.
    Close,
    /// Down.
    Down,
    /// Up.
    Up,
    /// A triangle with an exclamation mark.
    Warning,
    /// A circle with an i.
    Info,
    /// A ribbon.
    Bookmark,
    /// Two pages.
    Copy,
    /// Three dots.
    More,
    /// Lines with dots before them.
    Outline,
    /// A crescent.
    Moon,
}

/// Paints an icon in the middle of `rect`, `size` points wide.
pub fn paint(painter: &Painter, icon: Icon, rect: Rect, size: f32, colour: Color32) {
    let pen = Pen {
        painter,
        origin: rect.center() - Vec2::splat(size / 2.0),
        scale: size / 24.0,
        colour,
    };
    match icon {
        Icon::Menu => [7.0, 12.0, 17.0]
            .into_iter()
            .for_each(|y| pen.line(&[(4.0, y), (20.0, y)])),
        Icon::Search => {
            pen.circle(10.5, 10.5, 6.0);
            pen.line(&[(15.0, 15.0), (20.0, 20.0)]);
        }
        Icon::Note => {
            pen.line(&[
                (5.0, 4.0),
                (19.0, 4.0),
                (19.0, 14.0),
                (13.0, 20.0),
                (5.0, 20.0),
                (5.0, 4.0),
            ]);
            pen.line(&[(13.0, 20.0), (13.0, 14.0), (19.0, 14.0)]);
        }
        Icon::Play => pen.fill(&[(8.0, 5.0), (19.5, 12.0), (8.0, 19.0)]),
        Icon::Pause => {
            pen.line(&[(9.0, 6.0), (9.0, 18.0)]);
            pen.line(&[(15.0, 6.0), (15.0, 18.0)]);
        }
        Icon::Previous => {
            pen.line(&[(5.5, 5.5), (5.5, 18.5)]);
            pen.line(&[(18.5, 5.5), (9.5, 12.0), (18.5, 18.5), (18.5, 5.5)]);
        }
        Icon::Next => {
            pen.line(&[(18.5, 5.5), (18.5, 18.5)]);
            pen.line(&[(5.5, 5.5), (14.5, 12.0), (5.5, 18.5), (5.5, 5.5)]);
        }
        Icon::Back => {
            pen.arc(12.0, 12.5, 7.5, -150.0, 150.0);
            pen.line(&[(4.5, 4.5), (5.0, 9.0), (9.5, 8.5)]);
        }
        Icon::Forward => {
            pen.arc(12.0, 12.5, 7.5, -30.0, -330.0);
            pen.line(&[(19.5, 4.5), (19.0, 9.0), (14.5, 8.5)]);
        }
        Icon::Loop => {
            pen.line(&[(4.0, 9.0), (19.5, 9.0)]);
            pen.line(&[(16.0, 5.5), (19.5, 9.0), (16.0, 12.5)]);
            pen.line(&[(20.0, 16.0), (4.5, 16.0)]);
            pen.line(&[(8.0, 12.5), (4.5, 16.0), (8.0, 19.5)]);
        }
        Icon::Volume | Icon::Muted => {
            pen.line(&[
                (4.0, 9.5),
                (7.5, 9.5),
                (12.0, 5.5),
                (12.0, 18.5),
                (7.5, 14.5),
                (4.0, 14.5),
                (4.0, 9.5),
            ]);
            if icon == Icon::Volume {
                pen.arc(12.0, 12.0, 4.5, -45.0, 45.0);
                pen.arc(12.0, 12.0, 8.0, -45.0, 45.0);
            } else {
                pen.line(&[(15.5, 9.5), (20.5, 14.5)]);
                pen.line(&[(20.5, 9.5), (15.5, 14.5)]);
            }
        }
        Icon::Close => {
            pen.line(&[(6.0, 6.0), (18.0, 18.0)]);
            pen.line(&[(18.0, 6.0), (6.0, 18.0)]);
        }
        Icon::Down => {
            pen.line(&[(12.0, 5.0), (12.0, 19.0)]);
            pen.line(&[(6.5, 13.5), (12.0, 19.0), (17.5, 13.5)]);
        }
        Icon::Up => {
            pen.line(&[(12.0, 19.0), (12.0, 5.0)]);
            pen.line(&[(6.5, 10.5), (12.0, 5.0), (17.5, 10.5)]);
        }
        Icon::Warning => {
            pen.line(&[(12.0, 4.5), (20.5, 19.5), (3.5, 19.5), (12.0, 4.5)]);
            pen.line(&[(12.0, 10.0), (12.0, 14.0)]);
            pen.dot(12.0, 16.8);
        }
        Icon::Info => {
            pen.circle(12.0, 12.0, 8.5);
            pen.line(&[(12.0, 11.5), (12.0, 16.5)]);
            pen.dot(12.0, 8.0);
        }
        Icon::Bookmark => pen.line(&[
            (7.0, 4.0),
            (17.0, 4.0),
            (17.0, 20.0),
            (12.0, 16.0),
            (7.0, 20.0),
            (7.0, 4.0),
        ]),
        Icon::Copy => {
            pen.line(&[(9.0, 8.0), (19.0, 8.0), (19.0, 20.0), (9.0, 20.0), (9.0, 8.0)]);
            pen.line(&[(6.0, 16.0), (5.0, 16.0), (5.0, 4.0), (15.0, 4.0), (15.0, 5.0)]);
        }
        Icon::Outline => [6.0, 12.0, 18.0].into_iter().for_each(|y| {
            pen.dot(4.5, y);
            pen.line(&[(9.0, y), (20.0, y)]);
        }),
        Icon::Moon => {
            pen.arc(12.0, 12.0, 8.5, 17.0, 267.2);
            pen.arc(16.5, 8.5, 7.0, 58.8, 225.4);
        }
        Icon::More => [6.0, 12.0, 18.0].into_iter().for_each(|x| pen.dot(x, 12.0)),
    }
}

struct Pen<'a> {
    painter: &'a Painter,
    origin: Pos2,
    scale: f32,
    colour: Color32,
}

impl Pen<'_> {
    fn at(&self, x: f32, y: f32) -> Pos2 {
        self.origin + vec2(x, y) * self.scale
    }

    fn stroke(&self) -> Stroke {
        Stroke::new(1.8 * self.scale.max(0.7), self.colour)
    }

    /// A line through points, its ends round.
    fn line(&self, points: &[(f32, f32)]) {
        let points: Vec<Pos2> = points.iter().map(|&(x, y)| self.at(x, y)).collect();
        let stroke = self.stroke();
        for end in [points.first(), points.last()].into_iter().flatten() {
            self.painter.circle_filled(*end, stroke.width / 2.0, self.colour);
        }
        self.painter.add(Shape::line(points, stroke));
    }

    fn fill(&self, points: &[(f32, f32)]) {
        let points: Vec<Pos2> = points.iter().map(|&(x, y)| self.at(x, y)).collect();
        self.painter.add(Shape::convex_polygon(
            points,
            self.colour,
            Stroke::new(self.scale, self.colour),
        ));
    }

    fn circle(&self, x: f32, y: f32, radius: f32) {
        self.painter
            .circle_stroke(self.at(x, y), radius * self.scale, self.stroke());
    }

    fn dot(&self, x: f32, y: f32) {
        self.painter
            .circle_filled(self.at(x, y), 1.3 * self.scale.max(0.7), self.colour);
    }

    /// An arc about a point, from one angle to another in degrees, clockwise where the second is greater.
    fn arc(&self, x: f32, y: f32, radius: f32, from: f32, to: f32) {
        let steps = 24;
        let points: Vec<(f32, f32)> = (0..=steps)
            .map(|i| {
                let angle = (from + (to - from) * i as f32 / steps as f32).to_radians();
                (x + radius * angle.cos(), y + radius * angle.sin())
            })
            .collect();
        self.line(&points);
    }
}

/// The size of the box an icon of this size is painted in, for [`Rect::from_min_size`].
pub fn boxed(at: Pos2, size: f32) -> Rect {
    Rect::from_min_size(pos2(at.x, at.y), Vec2::splat(size))
}
