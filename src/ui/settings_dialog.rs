//! What one likes.

use egui::{ScrollArea, Slider, Ui, vec2};

use super::theme::Palette;
use super::widgets;
use crate::reader::{Command, Font, OutputDevice, Reader, ResumeRewind, Theme};

/// Shows the settings; each acts at once.
pub fn ui(ui: &mut Ui, reader: &Reader, palette: &Palette, commands: &mut Vec<Command>) {
    let room = (ui.ctx().content_rect().height() - 150.0).max(120.0);
    ScrollArea::vertical()
        .max_height(room)
        .auto_shrink([false, true])
        .show(ui, |ui| {
            ui.scroll_with_delta(vec2(0.0, -widgets::scroll_by_keys(ui, room)));
            rows(ui, reader, palette, commands);
        });
}

fn rows(ui: &mut Ui, reader: &Reader, palette: &Palette, commands: &mut Vec<Command>) {
    ui.visuals_mut().selection.bg_fill = palette.acc;
    ui.spacing_mut().interact_size.y = 24.0;
    ui.spacing_mut().slider_width = 200.0;
    let settings = &reader.settings;
    row(ui, palette, "Theme", |ui| {
        for theme in Theme::ALL {
            if widgets::choice(ui, palette, theme.name(), settings.theme == theme).clicked() {
                commands.push(Command::SetTheme(theme));
            }
        }
    });
    if widgets::checkbox(ui, palette, "High contrast", settings.high_contrast).clicked() {
        commands.push(Command::SetHighContrast(!settings.high_contrast));
    }
    row(ui, palette, "Font of the text", |ui| {
        for font in Font::ALL {
            if widgets::choice(ui, palette, font.name(), settings.font == font).clicked() {
                commands.push(Command::SetFont(font));
            }
        }
    });
    row(ui, palette, "Size of the text", |ui| {
        let mut size = settings.text_size;
        let slider = Slider::new(&mut size, 12.0..=40.0)
            .step_by(1.0)
            .fixed_decimals(0)
            .suffix(" pt");
        if widgets::slider(ui, palette, slider, "Size of the text").changed() {
            commands.push(Command::TextSizeBy(size - settings.text_size));
        }
    });
    row(ui, palette, "Letters in a line", |ui| {
        let mut letters = settings.line_width;
        let slider = Slider::new(&mut letters, 45..=90);
        if widgets::slider(ui, palette, slider, "Letters in a line").changed() {
            commands.push(Command::SetLineWidth(letters));
        }
    });
    let still = settings.reduced_motion;
    if widgets::checkbox(ui, palette, "Reduced motion: jump instead of gliding", still).clicked() {
        commands.push(Command::SetReducedMotion(!still));
    }
    row(ui, palette, "When playing goes on after a pause, go back", |ui| {
        resume_rewind(ui, settings.resume_rewind, palette, commands);
    });
    if widgets::checkbox(
        ui,
        palette,
        "Skip gaps: stretches without cues and without speech",
        settings.skip_gaps,
    )
    .clicked()
    {
        commands.push(Command::ToggleSkipGaps);
    }
    sound(ui, reader, palette, commands);
    ui.add_space(4.0);
    if widgets::primary_button(ui, palette, "Done").clicked() {
        commands.push(Command::Escape);
    }
}

fn resume_rewind(ui: &mut Ui, now: ResumeRewind, palette: &Palette, commands: &mut Vec<Command>) {
    let fixed = matches!(now, ResumeRewind::Fixed(_));
    for (name, on, way) in [
        ("Not at all", now == ResumeRewind::Off, ResumeRewind::Off),
        (
            "By the length of the pause",
            now == ResumeRewind::ByPause,
            ResumeRewind::ByPause,
        ),
        ("By a fixed time", fixed, ResumeRewind::Fixed(3.0)),
    ] {
        if widgets::choice(ui, palette, name, on).clicked() && !on {
            commands.push(Command::SetResumeRewind(way));
        }
    }
    if let ResumeRewind::Fixed(mut secs) = now {
        let slider = Slider::new(&mut secs, 1.0..=30.0)
            .step_by(1.0)
            .fixed_decimals(0)
            .suffix(" s");
        if widgets::slider(ui, palette, slider, "Seconds to go back after a pause").changed() {
            commands.push(Command::SetResumeRewind(ResumeRewind::fixed(secs)));
        }
    }
}

/// What one likes of the sound besides its volume.
fn sound(ui: &mut Ui, reader: &Reader, palette: &Palette, commands: &mut Vec<Command>) {
    let settings = &reader.settings;
    let even = settings.even_loudness;
    if widgets::checkbox(ui, palette, "Every recording as loud as the others", even).clicked() {
        commands.push(Command::SetEvenLoudness(!even));
    }
    if widgets::checkbox(ui, palette, "Mono: both sides on both ears", settings.mono).clicked() {
        commands.push(Command::SetMono(!settings.mono));
    }
    row(ui, palette, "Balance, left to right", |ui| {
        let mut balance = settings.balance;
        let slider = Slider::new(&mut balance, -1.0..=1.0).step_by(0.05).fixed_decimals(2);
        if widgets::slider(ui, palette, slider, "Balance, left to right").changed() {
            commands.push(Command::SetBalance(balance));
        }
    });
    row(ui, palette, "A repeated stretch is heard so often", |ui| {
        let mut times = settings.loop_times;
        let slider = Slider::new(&mut times, 0..=20).custom_formatter(|times, _| match times as u32 {
            0 => "for ever".to_owned(),
            1 => "once".to_owned(),
            times => format!("{times} times"),
        });
        if widgets::slider(ui, palette, slider, "How often a repeated stretch is heard").changed() {
            commands.push(Command::SetLoopTimes(times));
        }
    });
    row(ui, palette, "Silence between", |ui| {
        let mut secs = settings.loop_pause;
        let slider = Slider::new(&mut secs, 0.0..=10.0)
            .step_by(0.5)
            .fixed_decimals(1)
            .suffix(" s");
        if widgets::slider(ui, palette, slider, "Seconds of silence between").changed() {
            commands.push(Command::SetLoopPause(secs));
        }
    });
    output(ui, reader, palette, commands);
}

/// Where it plays, and how much later that is heard than it says.
fn output(ui: &mut Ui, reader: &Reader, palette: &Palette, commands: &mut Vec<Command>) {
    let chosen = &reader.settings.output;
    let mut outputs: Vec<(&OutputDevice, bool)> = reader.playback.outputs.iter().map(|output| (output, true)).collect();
    if let Some(gone) = chosen
        .as_ref()
        .filter(|chosen| outputs.iter().all(|(output, _)| output.id != chosen.id))
    {
        outputs.push((gone, false));
    }
    row(ui, palette, "Play on", |ui| {
        if widgets::choice(ui, palette, "Where the system plays", chosen.is_none()).clicked() {
            commands.push(Command::SetOutput(None));
        }
        for (output, is_there) in outputs {
            let name = shortened(&output.name);
            let name = if is_there { name } else { format!("{name} (not there)") };
            let on = chosen.as_ref().is_some_and(|chosen| chosen.id == output.id);
            let choice = widgets::choice(ui, palette, &name, on);
            if choice.on_hover_text(&output.name).clicked() {
                commands.push(Command::SetOutput(Some(output.clone())));
            }
        }
        if widgets::text_button(ui, palette, "Look again").clicked() {
            commands.push(Command::ListOutputs);
        }
    });
    let plays_on = reader.playback.plays_on.as_ref().or(chosen.as_ref());
    let label = match plays_on {
        Some(output) => format!("Delay of the highlight on {} (for Bluetooth)", shortened(&output.name)),
        None => "Delay of the highlight (for Bluetooth)".to_owned(),
    };
    row(ui, palette, &label, |ui| {
        let mut delay = reader.delay();
        let slider = Slider::new(&mut delay, -500..=500).step_by(10.0).suffix(" ms");
        if widgets::slider(ui, palette, slider, "Milliseconds to wait with the highlight").changed() {
            commands.push(Command::SetDelay(delay));
        }
    });
}

/// A name that fits on a button; sound cards are called by maker, model, chip and socket.
fn shortened(name: &str) -> String {
    const LONGEST: usize = 40;
    if name.chars().count() <= LONGEST {
        return name.to_owned();
    }
    let kept: String = name.chars().take(LONGEST - 1).collect();
    format!("{}…", kept.trim_end())
}

fn row(ui: &mut Ui, palette: &Palette, label: &str, content: impl FnOnce(&mut Ui)) {
    ui.label(egui::RichText::new(label).color(palette.soft));
    ui.horizontal_wrapped(content);
}
