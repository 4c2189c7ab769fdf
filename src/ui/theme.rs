//! Colours, fonts and measures: the only place that names them.

#![expect(
    clippy::disallowed_methods,
    clippy::unreadable_literal,
    reason = "colours live here, as RRGGBB"
)]

use std::sync::Arc;

use egui::{Color32, CornerRadius, FontData, FontDefinitions, FontFamily, FontId, Stroke, TextStyle, ThemePreference};

use crate::notes::Colour;
use crate::reader::{Font, Settings, Theme};

/// All distances are multiples of this.
pub const GRID: f32 = 8.0;
/// The radius of buttons and fields.
pub const RADIUS: u8 = 6;
/// The radius of cards.
pub const CARD_RADIUS: u8 = 8;
/// The height of the header.
pub const HEADER: f32 = 48.0;
/// The height of the footer.
pub const FOOTER: f32 = 132.0;
/// How long motion takes, in seconds.
pub const MOTION: f32 = 0.15;

const fn hex(rgb: u32) -> Color32 {
    Color32::from_rgb((rgb >> 16) as u8, (rgb >> 8) as u8, rgb as u8)
}

/// The colours of one theme. Text needs a contrast of at least 4.5 with its ground; a test holds that.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Palette {
    /// Whether it is a dark one.
    pub dark: bool,
    /// Whether outlines stand for tints.
    pub outlined: bool,
    /// The page.
    pub bg: Color32,
    /// Header, footer, notes.
    pub panel: Color32,
    /// Buttons, fields and cards.
    pub btn: Color32,
    /// Lines between parts.
    pub line: Color32,
    /// Text to come, and everything that wants reading.
    pub ink: Color32,
    /// Spoken text, secondary text.
    pub soft: Color32,
    /// Time codes and hints.
    pub faint: Color32,
    /// "Now" and "do".
    pub acc: Color32,
    /// Text on it.
    pub on_acc: Color32,
    /// Under the cue being spoken.
    pub cue: Color32,
    /// Under the word being spoken.
    pub word: Color32,
    /// The waveform that is not played yet.
    pub wave: Color32,
    /// Under marked words.
    pub selection: Color32,
    /// Under what was searched for.
    pub hit: Color32,
    /// What went wrong.
    pub error: Color32,
    notes: [Color32; 5],
    note_edges: [Color32; 5],
    speakers: [Color32; 6],
}

const LIGHT: Palette = Palette {
    dark: false,
    outlined: false,
    bg: hex(0xFBFAF7),
    panel: hex(0xF3F1EB),
    btn: hex(0xFFFFFF),
    line: hex(0xE3DFD5),
    ink: hex(0x1F2328),
    soft: hex(0x5F656D),
    faint: hex(0x646A72),
    acc: hex(0xA8480A),
    on_acc: hex(0xFFFFFF),
    cue: hex(0xFFF1E0),
    word: hex(0xF7C58F),
    wave: hex(0xB9B4A8),
    selection: hex(0xCBDDF2),
    hit: hex(0xE6E0B8),
    error: hex(0xA32020),
    notes: [
        hex(0xFBE7A1),
        hex(0xCDEBC8),
        hex(0xCFE3F7),
        hex(0xF8D3DF),
        hex(0xE2D8F6),
    ],
    note_edges: [
        hex(0xD9A514),
        hex(0x5BA653),
        hex(0x4A8FD0),
        hex(0xD46A90),
        hex(0x8F73CF),
    ],
    speakers: [
        hex(0x0B6B62),
        hex(0x5B3FA8),
        hex(0x8A3A12),
        hex(0x1D5C99),
        hex(0x7A2E5B),
        hex(0x4D5B16),
    ],
};

const DARK: Palette = Palette {
    dark: true,
    outlined: false,
    bg: hex(0x16181C),
    panel: hex(0x1C1F24),
    btn: hex(0x23272D),
    line: hex(0x2C3037),
    ink: hex(0xE8E5DE),
    soft: hex(0xA0A6AE),
    faint: hex(0x8C929A),
    acc: hex(0xF0A35E),
    on_acc: hex(0x16181C),
    cue: hex(0x2A231A),
    word: hex(0x7A4A1C),
    wave: hex(0x4A4F57),
    selection: hex(0x2F4865),
    hit: hex(0x4A4626),
    error: hex(0xFF9C8F),
    notes: [
        hex(0x5A4B14),
        hex(0x23482B),
        hex(0x21405E),
        hex(0x5C2A3E),
        hex(0x41326B),
    ],
    note_edges: [
        hex(0xC9A227),
        hex(0x5FAE6A),
        hex(0x5A9BD8),
        hex(0xD0708F),
        hex(0x9A84DC),
    ],
    speakers: [
        hex(0x6FD0C4),
        hex(0xB9A4F2),
        hex(0xF0A98A),
        hex(0x8FC1F0),
        hex(0xE7A3C8),
        hex(0xC3D07A),
    ],
};

const LIGHT_CONTRAST: Palette = Palette {
    outlined: true,
    bg: hex(0xFFFFFF),
    panel: hex(0xFFFFFF),
    line: hex(0x000000),
    ink: hex(0x000000),
    soft: hex(0x3A3A3A),
    faint: hex(0x3A3A3A),
    acc: hex(0x7A3000),
    cue: hex(0xFFFFFF),
    word: hex(0xFFD8A8),
    wave: hex(0x777777),
    ..LIGHT
};

const DARK_CONTRAST: Palette = Palette {
    outlined: true,
    bg: hex(0x000000),
    panel: hex(0x000000),
    btn: hex(0x000000),
    line: hex(0xFFFFFF),
    ink: hex(0xFFFFFF),
    soft: hex(0xCFCFCF),
    faint: hex(0xCFCFCF),
    acc: hex(0xFFC07A),
    on_acc: hex(0x000000),
    cue: hex(0x000000),
    word: hex(0x6A3B08),
    wave: hex(0x8A8A8A),
    ..DARK
};

impl Palette {
    /// The palette of the theme that is shown.
    pub fn of(dark: bool, high_contrast: bool) -> &'static Self {
        match (dark, high_contrast) {
            (false, false) => &LIGHT,
            (true, false) => &DARK,
            (false, true) => &LIGHT_CONTRAST,
            (true, true) => &DARK_CONTRAST,
        }
    }

    /// Under words marked in this colour.
    pub fn note(&self, colour: Colour) -> Color32 {
        self.notes[colour as usize]
    }

    /// The edge of a card, and marks that stand on their own.
    pub fn note_edge(&self, colour: Colour) -> Color32 {
        self.note_edges[colour as usize]
    }

    /// Under the word that is pointed at; where outlines stand for tints, it has one instead.
    pub fn hover(&self) -> Color32 {
        if self.outlined {
            self.bg
        } else {
            self.bg.lerp_to_gamma(self.line, 0.7)
        }
    }

    /// Under the line of a menu that is pointed at, and under what is pressed. Where lines are as strong as ink they
    /// would hide what stands on them.
    pub fn lit(&self) -> Color32 {
        if self.outlined {
            self.bg.lerp_to_gamma(self.ink, 0.2)
        } else {
            self.line
        }
    }

    /// A speaker's colour, in turn.
    pub fn speaker(&self, index: u16) -> Color32 {
        self.speakers[usize::from(index) % self.speakers.len()]
    }
}

/// The palette that is shown.
pub fn palette(ctx: &egui::Context, settings: &Settings) -> &'static Palette {
    Palette::of(ctx.theme() == egui::Theme::Dark, settings.high_contrast)
}

/// The interface in medium weight.
pub fn medium(size: f32) -> FontId {
    FontId::new(size, FontFamily::Name("medium".into()))
}

/// The interface in semibold.
pub fn semibold(size: f32) -> FontId {
    FontId::new(size, FontFamily::Name("semibold".into()))
}

/// The interface.
pub fn plain(size: f32) -> FontId {
    FontId::new(size, FontFamily::Proportional)
}

/// The text's font.
pub fn reading(font: Font, size: f32) -> FontId {
    let family = match font {
        Font::Literata => FontFamily::Name("literata".into()),
        Font::Inter => FontFamily::Proportional,
        Font::Atkinson => FontFamily::Name("atkinson".into()),
    };
    FontId::new(size, family)
}

/// Fonts, styles and themes, once, before the first frame.
pub fn install(ctx: &egui::Context) {
    ctx.set_fonts(fonts());
    // Where the system does not say, a page is light.
    ctx.options_mut(|options| options.fallback_theme = egui::Theme::Light);
    for theme in [egui::Theme::Light, egui::Theme::Dark] {
        ctx.style_mut_of(theme, |style| {
            apply(style, Palette::of(theme == egui::Theme::Dark, false));
        });
    }
}

/// Follows the settings; does nothing while they stay.
pub fn follow(ctx: &egui::Context, settings: &Settings) {
    ctx.set_theme(match settings.theme {
        Theme::System => ThemePreference::System,
        Theme::Light => ThemePreference::Light,
        Theme::Dark => ThemePreference::Dark,
    });
    for theme in [egui::Theme::Light, egui::Theme::Dark] {
        let palette = Palette::of(theme == egui::Theme::Dark, settings.high_contrast);
        let motion = if settings.reduced_motion { 0.0 } else { MOTION };
        let style = ctx.style_of(theme);
        if style.visuals.panel_fill != palette.panel || (style.animation_time - motion).abs() > f32::EPSILON {
            ctx.style_mut_of(theme, |style| {
                apply(style, palette);
                style.animation_time = motion;
                if settings.reduced_motion {
                    style.scroll_animation = egui::style::ScrollAnimation::none();
                }
            });
        }
    }
}

fn fonts() -> FontDefinitions {
    let mut fonts = FontDefinitions::empty();
    let faces: [(&str, &'static [u8]); 5] = [
        ("inter", include_bytes!("../../assets/fonts/Inter-Regular.ttf")),
        ("inter-medium", include_bytes!("../../assets/fonts/Inter-Medium.ttf")),
        (
            "inter-semibold",
            include_bytes!("../../assets/fonts/Inter-SemiBold.ttf"),
        ),
        ("literata", include_bytes!("../../assets/fonts/Literata-Regular.ttf")),
        (
            "atkinson",
            include_bytes!("../../assets/fonts/AtkinsonHyperlegibleNext-Regular.ttf"),
        ),
    ];
    for (name, bytes) in faces {
        fonts
            .font_data
            .insert(name.to_owned(), Arc::new(FontData::from_static(bytes)));
    }
    let families: [(FontFamily, &[&str]); 6] = [
        (FontFamily::Proportional, &["inter"]),
        (FontFamily::Monospace, &["inter"]),
        (FontFamily::Name("medium".into()), &["inter-medium"]),
        (FontFamily::Name("semibold".into()), &["inter-semibold"]),
        (FontFamily::Name("literata".into()), &["literata", "inter"]),
        (FontFamily::Name("atkinson".into()), &["atkinson", "inter"]),
    ];
    for (family, names) in families {
        fonts
            .families
            .insert(family, names.iter().map(|name| (*name).to_owned()).collect());
    }
    fonts
}

fn apply(style: &mut egui::Style, palette: &Palette) {
    style.text_styles = [
        (TextStyle::Small, plain(12.0)),
        (TextStyle::Body, plain(13.0)),
        (TextStyle::Button, plain(13.0)),
        (TextStyle::Heading, semibold(18.0)),
        (TextStyle::Monospace, plain(13.0)),
    ]
    .into();
    style.spacing.item_spacing = egui::vec2(GRID, GRID);
    style.spacing.button_padding = egui::vec2(12.0, 6.0);
    style.spacing.interact_size = egui::vec2(32.0, 32.0);
    style.spacing.menu_margin = egui::Margin::same(6);
    style.spacing.window_margin = egui::Margin::same(16);
    style.spacing.slider_rail_height = 4.0;
    style.spacing.scroll.foreground_color = false;
    style.interaction.tooltip_delay = 0.4;
    style.interaction.selectable_labels = false;
    style.animation_time = MOTION;

    let outline = if palette.outlined { 2.0 } else { 1.0 };
    let visuals = &mut style.visuals;
    visuals.dark_mode = palette.dark;
    visuals.panel_fill = palette.panel;
    visuals.window_fill = palette.panel;
    visuals.window_stroke = Stroke::new(outline, palette.line);
    visuals.window_corner_radius = CornerRadius::same(CARD_RADIUS);
    visuals.menu_corner_radius = CornerRadius::same(CARD_RADIUS);
    visuals.extreme_bg_color = palette.btn;
    visuals.text_edit_bg_color = Some(palette.btn);
    visuals.faint_bg_color = palette.bg;
    visuals.weak_text_color = Some(palette.soft);
    visuals.hyperlink_color = palette.acc;
    visuals.error_fg_color = palette.error;
    visuals.warn_fg_color = palette.acc;
    visuals.selection.bg_fill = palette.selection;
    visuals.selection.stroke = Stroke::new(2.0, palette.acc);
    visuals.slider_trailing_fill = true;
    visuals.handle_shape = egui::style::HandleShape::Circle;
    visuals.interact_cursor = Some(egui::CursorIcon::PointingHand);
    let shadow = if palette.dark { 120 } else { 40 };
    visuals.window_shadow.color = Color32::from_black_alpha(shadow);
    visuals.popup_shadow.color = Color32::from_black_alpha(shadow);
    for (widget, fill, edge) in [
        (&mut visuals.widgets.noninteractive, palette.panel, palette.line),
        (&mut visuals.widgets.inactive, palette.btn, palette.line),
        (&mut visuals.widgets.hovered, palette.btn, palette.faint),
        (&mut visuals.widgets.active, palette.lit(), palette.faint),
        (&mut visuals.widgets.open, palette.btn, palette.faint),
    ] {
        widget.bg_fill = fill;
        widget.weak_bg_fill = fill;
        widget.bg_stroke = Stroke::new(outline, edge);
        widget.fg_stroke = Stroke::new(1.0, palette.ink);
        widget.corner_radius = CornerRadius::same(RADIUS);
        widget.expansion = 0.0;
    }
    // Rails, check boxes and handles have no outline of their own.
    visuals.widgets.inactive.bg_fill = palette.line.lerp_to_gamma(palette.faint, 0.3);
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Contrast as WCAG 2.2 defines it, section "relative luminance".
    fn contrast(a: Color32, b: Color32) -> f32 {
        let luminance = |c: Color32| {
            let channel = |v: u8| {
                let v = f32::from(v) / 255.0;
                if v <= 0.04045 {
                    v / 12.92
                } else {
                    ((v + 0.055) / 1.055).powf(2.4)
                }
            };
            0.2126 * channel(c.r()) + 0.7152 * channel(c.g()) + 0.0722 * channel(c.b())
        };
        let (a, b) = (luminance(a), luminance(b));
        (a.max(b) + 0.05) / (a.min(b) + 0.05)
    }

    #[test]
    fn text_can_be_read_on_every_ground() {
        for (dark, high) in [(false, false), (true, false), (false, true), (true, true)] {
            let p = Palette::of(dark, high);
            for ground in [p.bg, p.panel, p.btn] {
                for text in [p.ink, p.soft, p.faint, p.acc, p.error] {
                    assert!(
                        contrast(text, ground) >= 4.5,
                        "{text:?} on {ground:?}, dark {dark}, high {high}"
                    );
                }
            }
            for speaker in p.speakers {
                assert!(contrast(speaker, p.bg) >= 4.5, "speaker {speaker:?}, dark {dark}");
            }
            for tint in p.notes.into_iter().chain([p.cue, p.word, p.selection, p.hit]) {
                assert!(contrast(p.ink, tint) >= 4.5, "ink on {tint:?}, dark {dark}");
            }
            for text in [p.ink, p.soft] {
                assert!(
                    contrast(text, p.hover()) >= 4.5,
                    "{text:?} pointed at, dark {dark}, high {high}"
                );
            }
            assert!(contrast(p.ink, p.lit()) >= 4.5, "lit, dark {dark}, high {high}");
            assert!(contrast(p.on_acc, p.acc) >= 4.5);
        }
    }
}
