//! What the reader likes: kept in the library as names and values.

use std::collections::BTreeMap;

use super::{ResumeRewind, View};
use crate::audio::OutputDevice;
use crate::notes::Colour;

/// Light or dark.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Theme {
    /// As the system says.
    #[default]
    System,
    /// Light.
    Light,
    /// Dark.
    Dark,
}

impl Theme {
    /// All, as listed.
    pub const ALL: [Self; 3] = [Self::System, Self::Light, Self::Dark];

    /// Its name, shown and kept.
    pub const fn name(self) -> &'static str {
        match self {
            Self::System => "System",
            Self::Light => "Light",
            Self::Dark => "Dark",
        }
    }
}

/// The font of the text.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Font {
    /// Literata, made for long reading.
    #[default]
    Literata,
    /// Inter, plain.
    Inter,
    /// Atkinson Hyperlegible Next, for eyes that tire or see badly.
    Atkinson,
}

impl Font {
    /// All, as listed.
    pub const ALL: [Self; 3] = [Self::Literata, Self::Inter, Self::Atkinson];

    /// Its name, shown and kept.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Literata => "Literata",
            Self::Inter => "Inter",
            Self::Atkinson => "Atkinson Hyperlegible",
        }
    }
}

/// All settings.
#[derive(Debug, Clone, PartialEq)]
pub struct Settings {
    /// Light or dark.
    pub theme: Theme,
    /// Black on white, or white on black, outlines for tints.
    pub high_contrast: bool,
    /// The font of the text.
    pub font: Font,
    /// The size of the text in points: 12 to 40.
    pub text_size: f32,
    /// The width of the column in letters: 45 to 90.
    pub line_width: u32,
    /// No motion that can be done without.
    pub reduced_motion: bool,
    /// How far to go back when playing goes on.
    pub resume_rewind: ResumeRewind,
    /// Whether stretches without cues and without speech are jumped over.
    pub skip_gaps: bool,
    /// The volume, 0 to 2.
    pub volume: f32,
    /// Every recording as loud as the others.
    pub even_loudness: bool,
    /// Both sides of the sound on both ears.
    pub mono: bool,
    /// Which side is louder: −1 only the left one, 1 only the right one.
    pub balance: f32,
    /// Where to play; none for where the system plays.
    pub output: Option<OutputDevice>,
    /// How many milliseconds later than it says each output is heard, by its id: −500 to 500.
    delays: BTreeMap<String, i32>,
    /// How often a repeated stretch is heard before what follows it; 0 is for ever.
    pub loop_times: u32,
    /// The silence between, in seconds: 0 to 10.
    pub loop_pause: f32,
    /// The colour used last.
    pub colour: Colour,
    /// Whether the notes are shown.
    pub notes_open: bool,
    /// The width of the notes panel in points: 240 to 480.
    pub notes_width: f32,
    /// The view a new document begins with.
    pub view: View,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            theme: Theme::System,
            high_contrast: false,
            font: Font::Literata,
            text_size: Self::TEXT_SIZE,
            line_width: 67,
            reduced_motion: false,
            resume_rewind: ResumeRewind::ByPause,
            skip_gaps: false,
            volume: 0.8,
            even_loudness: false,
            mono: false,
            balance: 0.0,
            output: None,
            delays: BTreeMap::new(),
            loop_times: 0,
            loop_pause: 0.0,
            colour: Colour::Yellow,
            notes_open: true,
            notes_width: 320.0,
            view: View::Reading,
        }
    }
}

impl Settings {
    /// The usual size of the text, in points.
    pub const TEXT_SIZE: f32 = 18.0;

    /// How many milliseconds later than it says an output is heard.
    pub fn delay_of(&self, id: &str) -> i32 {
        let delay = self.delays.get(id).or_else(|| self.delays.get(""));
        delay.copied().unwrap_or(0)
    }

    /// Remembers it; with an empty id for all outputs that have none of their own.
    pub(super) fn set_delay_of(&mut self, id: String, millis: i32) {
        self.delays.insert(id, millis.clamp(-500, 500));
    }

    /// An output comes as two values, in whatever order.
    fn apply_output(&mut self, name: &str, value: &str) {
        if value.is_empty() {
            return;
        }
        let output = self.output.get_or_insert_with(|| OutputDevice {
            id: String::new(),
            name: String::new(),
        });
        let part = if name == "output" {
            &mut output.id
        } else {
            &mut output.name
        };
        value.clone_into(part);
    }

    /// As names and values.
    pub fn to_pairs(&self) -> Vec<(&'static str, String)> {
        vec![
            ("theme", self.theme.name().to_owned()),
            ("high_contrast", self.high_contrast.to_string()),
            ("font", self.font.name().to_owned()),
            ("text_size", self.text_size.to_string()),
            ("line_width", self.line_width.to_string()),
            ("reduced_motion", self.reduced_motion.to_string()),
            ("resume_rewind", self.resume_rewind.to_value()),
            ("skip_gaps", self.skip_gaps.to_string()),
            ("volume", self.volume.to_string()),
            ("even_loudness", self.even_loudness.to_string()),
            ("mono", self.mono.to_string()),
            ("balance", self.balance.to_string()),
            (
                "output",
                self.output
                    .as_ref()
                    .map_or_else(String::new, |output| output.id.clone()),
            ),
            (
                "output_name",
                self.output
                    .as_ref()
                    .map_or_else(String::new, |output| output.name.clone()),
            ),
            ("delays", serde_json::to_string(&self.delays).unwrap_or_default()),
            ("loop_times", self.loop_times.to_string()),
            ("loop_pause", self.loop_pause.to_string()),
            ("colour", self.colour.name().to_owned()),
            ("notes_open", self.notes_open.to_string()),
            ("notes_width", self.notes_width.to_string()),
            ("view", self.view.name().to_owned()),
        ]
    }

    /// Takes over the values that make sense; the others stay as they are.
    pub fn apply(&mut self, pairs: &[(String, String)]) {
        for (name, value) in pairs {
            match name.as_str() {
                "theme" => set(
                    &mut self.theme,
                    Theme::ALL.into_iter().find(|theme| theme.name() == value),
                ),
                "high_contrast" => set(&mut self.high_contrast, value.parse().ok()),
                "font" => set(&mut self.font, Font::ALL.into_iter().find(|font| font.name() == value)),
                "text_size" => set(&mut self.text_size, number(value, 12.0, 40.0)),
                "line_width" => set(&mut self.line_width, value.parse().ok().map(|n: u32| n.clamp(45, 90))),
                "reduced_motion" => set(&mut self.reduced_motion, value.parse().ok()),
                "resume_rewind" => set(&mut self.resume_rewind, ResumeRewind::from_value(value)),
                "skip_gaps" => set(&mut self.skip_gaps, value.parse().ok()),
                "volume" => set(&mut self.volume, number(value, 0.0, 2.0)),
                "even_loudness" => set(&mut self.even_loudness, value.parse().ok()),
                "mono" => set(&mut self.mono, value.parse().ok()),
                "balance" => set(&mut self.balance, number(value, -1.0, 1.0)),
                "output" | "output_name" => self.apply_output(name, value),
                // Once it was one for all outputs.
                "delay" => value
                    .parse()
                    .ok()
                    .into_iter()
                    .for_each(|delay| self.set_delay_of(String::new(), delay)),
                "delays" => {
                    let delays = serde_json::from_str::<BTreeMap<String, i32>>(value).unwrap_or_default();
                    for (id, delay) in delays {
                        self.set_delay_of(id, delay);
                    }
                }
                "loop_times" => set(&mut self.loop_times, value.parse().ok().map(|n: u32| n.min(99))),
                "loop_pause" => set(&mut self.loop_pause, number(value, 0.0, 10.0)),
                "colour" => set(&mut self.colour, Colour::from_name(value)),
                "notes_open" => set(&mut self.notes_open, value.parse().ok()),
                "notes_width" => set(&mut self.notes_width, number(value, 240.0, 480.0)),
                "view" => set(&mut self.view, View::from_name(value)),
                // A setting of another version; it stays in the library.
                _ => {}
            }
        }
    }
}

fn set<T>(slot: &mut T, value: Option<T>) {
    if let Some(value) = value {
        *slot = value;
    }
}

fn number(value: &str, least: f32, most: f32) -> Option<f32> {
    value
        .parse::<f32>()
        .ok()
        .filter(|n| n.is_finite())
        .map(|n| n.clamp(least, most))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_survive_being_kept() {
        let liked = Settings {
            text_size: 22.0,
            font: Font::Atkinson,
            view: View::Lines,
            output: Some(OutputDevice {
                id: "pulse:phones".into(),
                name: "Headphones".into(),
            }),
            delays: [("pulse:phones".into(), 180), (String::new(), 20)].into(),
            ..Settings::default()
        };
        let pairs: Vec<_> = liked
            .to_pairs()
            .into_iter()
            .map(|(name, value)| (name.to_owned(), value))
            .collect();
        let mut read = Settings::default();
        read.apply(&pairs);
        assert_eq!(read, liked);
    }

    #[test]
    fn nonsense_is_left_out() {
        let mut settings = Settings::default();
        settings.apply(&[
            ("text_size".into(), "NaN".into()),
            ("theme".into(), "?".into()),
            ("x".into(), String::new()),
            ("delays".into(), "[1]".into()),
            ("output".into(), String::new()),
        ]);
        assert_eq!(settings, Settings::default());
    }

    #[test]
    fn each_output_has_its_delay_and_the_others_the_one_for_all() {
        let mut settings = Settings::default();
        settings.apply(&[
            ("delay".into(), "40".into()),
            ("delays".into(), r#"{"phones":9999}"#.into()),
        ]);
        assert_eq!(
            (settings.delay_of("phones"), settings.delay_of("loudspeaker")),
            (500, 40)
        );
    }
}
