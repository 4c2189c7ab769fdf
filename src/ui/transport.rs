//! The footer: the waveform above, below it where one is, the buttons, loop, speed and volume.

use egui::{
    Align, Align2, Id, Layout, Popup, Rect, Role, Sense, Slider, Stroke, Ui, UiBuilder, Vec2, WidgetInfo, pos2, vec2,
};

use super::header::menu_choice;
use super::icons::{self, Icon};
use super::theme::{self, Palette};
use super::waveform::Waveform;
use super::{shortcuts, sleep_menu, widgets};
use crate::reader::{Command, DeviceState, Document, Half, Panel, Progress, Reader, SPEEDS, sentence};
use crate::time::{MediaTime, TimeDelta, format_clock, format_clock_tenths};

const OFFERED_SPEEDS: [f32; 10] = [0.5, 0.75, 0.9, 1.0, 1.1, 1.25, 1.5, 2.0, 3.0, 4.0];

/// The footer.
#[derive(Default)]
pub struct Transport {
    /// The waveform.
    pub waveform: Waveform,
}

impl Transport {
    /// Shows the footer.
    pub fn ui(&mut self, ui: &mut Ui, reader: &Reader, commands: &mut Vec<Command>) {
        let palette = theme::palette(ui.ctx(), &reader.settings);
        let Some(document) = &reader.document else { return };
        let area = ui.available_rect_before_wrap();
        let wave = Rect::from_min_size(area.min + vec2(20.0, 12.0), vec2(area.width() - 40.0, 56.0));
        let notice = notice(ui.ctx(), reader, document);
        match &notice {
            Some(notice) if document.source.is_none() => notice_ui(ui, wave, palette, notice, commands),
            _ => self.waveform.ui(ui, wave, reader, commands),
        }
        let row = Rect::from_min_max(
            pos2(area.min.x + 20.0, wave.max.y + 8.0),
            pos2(area.max.x - 20.0, area.max.y - 8.0),
        );
        let narrow = area.width() < 760.0;
        ui.scope_builder(
            UiBuilder::new()
                .max_rect(row)
                .id_salt("left")
                .layout(Layout::left_to_right(Align::Center)),
            |ui| {
                clock(ui, reader, document, palette);
                if let Some(notice) = notice.filter(|_| document.source.is_some() && !narrow) {
                    inline_notice(ui, palette, &notice, commands);
                }
            },
        );
        let width = 5.0 * 38.0 + 16.0;
        let left = if narrow {
            row.min.x + 108.0
        } else {
            row.center().x - width / 2.0
        };
        let middle = Rect::from_min_size(pos2(left, row.min.y), vec2(width, row.height()));
        ui.scope_builder(
            UiBuilder::new()
                .max_rect(middle)
                .id_salt("middle")
                .layout(Layout::left_to_right(Align::Center)),
            |ui| {
                buttons(ui, reader, palette, commands);
            },
        );
        let right = Rect::from_min_max(pos2(middle.max.x + 8.0, row.min.y), row.max);
        ui.scope_builder(UiBuilder::new().max_rect(right).id_salt("right"), |ui| {
            widgets::at_right(ui, "sound", |ui| {
                side(ui, reader, palette, commands, &Room::of(reader, area.width()));
            });
        });
    }
}

/// What takes longer is told.
const PATIENCE_SECS: f64 = 1.5;

/// Why there is no sound, and the way out.
struct Notice {
    text: String,
    way_out: Option<(&'static str, Command)>,
}

fn notice(ctx: &egui::Context, reader: &Reader, document: &Document) -> Option<Notice> {
    if let Some(text) = waits(ctx, reader, document) {
        return Some(Notice {
            text: text.to_owned(),
            way_out: None,
        });
    }
    match document.missing_half() {
        Some(Half::Recording) => {
            return Some(Notice {
                text: "No recording beside this transcript.".to_owned(),
                way_out: Some(("Choose the recording…", Command::ChooseOtherHalf)),
            });
        }
        Some(Half::Transcript) | None => {}
    }
    match &reader.playback.device {
        DeviceState::Missing(why) => Some(Notice {
            text: sentence(why),
            way_out: Some(match reader.settings.output {
                Some(_) => ("Settings…", Command::Toggle(Panel::Settings)),
                None => ("Look again", Command::RetryDevice),
            }),
        }),
        _ if reader.extra_now().is_some() => Some(Notice {
            text: "This is not in the transcript.".to_owned(),
            way_out: None,
        }),
        _ if reader.is_unsure_now() => Some(Notice {
            text: "Which line this is is not certain.".to_owned(),
            way_out: None,
        }),
        _ if document.measured == Progress::Failed => Some(Notice {
            text: "The waveform could not be measured.".to_owned(),
            way_out: None,
        }),
        _ => match document.measured {
            Progress::Running(done) if done > 0.0 && done < 1.0 => Some(Notice {
                text: format!("Measuring the recording, {:.0} %", done * 100.0),
                way_out: None,
            }),
            _ => None,
        },
    }
}

/// That the recording is waited for: its file lies on a disk or a network that is slow.
fn waits(ctx: &egui::Context, reader: &Reader, document: &Document) -> Option<&'static str> {
    let playback = &reader.playback;
    let opens = document.source.is_some() && !playback.ready;
    // Between two laps there may be silence.
    let stands = playback.playing && playback.ready && playback.looping.is_none();
    let now = ctx.input(|input| input.time);
    let state = (opens, stands, document.generation, playback.position);
    let since = ctx.data_mut(|data| {
        let (before, since) = data.get_temp_mut_or_insert_with(Id::unique("waits"), || (state, now));
        if *before != state {
            (*before, *since) = (state, now);
        }
        *since
    });
    if !opens && !stands {
        return None;
    }
    let left = PATIENCE_SECS - (now - since);
    if left > 0.0 {
        ctx.request_repaint_after_secs(left as f32);
        return None;
    }
    Some(if opens {
        "Opening the recording: its disk is slow."
    } else {
        "Waiting for the recording: its disk is slow."
    })
}

fn notice_ui(ui: &mut Ui, rect: Rect, palette: &Palette, notice: &Notice, commands: &mut Vec<Command>) {
    ui.painter().rect_stroke(
        rect,
        theme::CARD_RADIUS,
        Stroke::new(1.0, palette.line),
        egui::StrokeKind::Inside,
    );
    let inside = rect.shrink2(vec2(16.0, 8.0));
    let layout = Layout::left_to_right(Align::Center);
    ui.scope_builder(
        UiBuilder::new().max_rect(inside).id_salt("notice").layout(layout),
        |ui| {
            ui.label(egui::RichText::new(&notice.text).color(palette.soft));
            if let Some((label, command)) = &notice.way_out
                && widgets::text_button(ui, palette, label).clicked()
            {
                commands.push(command.clone());
            }
        },
    );
}

fn inline_notice(ui: &mut Ui, palette: &Palette, notice: &Notice, commands: &mut Vec<Command>) {
    ui.add_space(12.0);
    let room = (ui.available_width() / 2.0 - 240.0).clamp(60.0, 260.0);
    widgets::fitted_label(ui, &notice.text, theme::plain(12.0), palette.faint, room);
    if let Some((label, command)) = &notice.way_out
        && widgets::text_button(ui, palette, label).clicked()
    {
        commands.push(command.clone());
    }
}

/// Position and length; a click shows what remains instead.
fn clock(ui: &mut Ui, reader: &Reader, document: &Document, palette: &Palette) {
    let remaining_id = ui.scope_id().with("remaining");
    let mut remaining = ui.data(|data| data.get_temp::<bool>(remaining_id)).unwrap_or(false);
    let position = reader.playback.position;
    let length = document.length();
    // While it plays the tenths would only flicker, and cost a repaint each.
    let since = position - MediaTime::ZERO;
    let here = if reader.playback.playing {
        format_clock(since)
    } else {
        format_clock_tenths(since)
    };
    let about = if document.length_is_exact() { "" } else { "~" };
    let second_half = if remaining {
        let left = (length - position)
            .max(TimeDelta::ZERO)
            .scaled(1.0 / f64::from(reader.playback.speed));
        format!(" / −{about}{}", format_clock(left))
    } else {
        format!(" / {about}{}", format_clock(length - MediaTime::ZERO))
    };
    let painter = ui.painter().clone();
    let first = painter.layout_no_wrap(here.clone(), theme::medium(13.5), palette.ink);
    let second = painter.layout_no_wrap(second_half.clone(), theme::plain(13.5), palette.soft);
    let size = vec2(first.size().x + second.size().x, 32.0);
    let (rect, response) = ui.allocate_exact_size(size, Sense::click());
    response.widget_info(|| WidgetInfo::labeled(Role::Button, true, format!("Position {here}{second_half}")));
    let y = rect.center().y - first.size().y / 2.0;
    let x = rect.min.x;
    let width = first.size().x;
    painter.galley(pos2(x, y), first, palette.ink);
    painter.galley(pos2(x + width, y), second, palette.soft);
    widgets::focus_ring(ui, &response, rect, palette, theme::RADIUS);
    if response
        .on_hover_text(if remaining {
            "Show the length"
        } else {
            "Show what remains"
        })
        .clicked()
    {
        remaining = !remaining;
        ui.data_mut(|data| data.insert_temp(remaining_id, remaining));
    }
}

fn buttons(ui: &mut Ui, reader: &Reader, palette: &Palette, commands: &mut Vec<Command>) {
    let seconds = |secs: i64| Command::SkipBy(TimeDelta::from_millis(secs * 1_000));
    ui.spacing_mut().item_spacing.x = 6.0;
    widgets::command_button(
        ui,
        palette,
        Icon::Previous,
        "Previous cue",
        false,
        Command::PreviousCue,
        commands,
    );
    widgets::command_button(ui, palette, Icon::Back, "Back 5 seconds", false, seconds(-5), commands);
    play_button(ui, reader, palette, commands);
    widgets::command_button(
        ui,
        palette,
        Icon::Forward,
        "Forward 5 seconds",
        false,
        seconds(5),
        commands,
    );
    widgets::command_button(ui, palette, Icon::Next, "Next cue", false, Command::NextCue, commands);
}

fn play_button(ui: &mut Ui, reader: &Reader, palette: &Palette, commands: &mut Vec<Command>) {
    let playing = reader.playback.playing;
    let (rect, response) = ui.allocate_exact_size(Vec2::splat(40.0), Sense::click());
    let name = if playing { "Pause" } else { "Play" };
    let can = reader
        .document
        .as_ref()
        .is_some_and(|document| document.source.is_some());
    response.widget_info(|| WidgetInfo::labeled(Role::Button, can, name));
    let fill = if !can {
        palette.lit()
    } else if response.hovered() {
        palette.acc.lerp_to_gamma(palette.ink, 0.12)
    } else {
        palette.acc
    };
    ui.painter().circle_filled(rect.center(), 20.0, fill);
    let icon = if playing { Icon::Pause } else { Icon::Play };
    icons::paint(
        ui.painter(),
        icon,
        rect,
        20.0,
        if can { palette.on_acc } else { palette.faint },
    );
    widgets::focus_ring(ui, &response, rect, palette, 20);
    let hint = if can {
        format!("{name} (Space)")
    } else {
        "No recording to play".to_owned()
    };
    if response.on_hover_text(hint).clicked() {
        commands.push(Command::TogglePlay);
    }
}

/// What there is room for beside what is always there.
struct Room {
    bookmark: bool,
    sleep: bool,
    volume: bool,
}

impl Room {
    fn of(reader: &Reader, width: f32) -> Self {
        // A timer that runs is shown, with what is left, rather than the slider.
        let sleeps = reader.sleeps_after().is_some();
        Self {
            bookmark: width >= 520.0,
            sleep: width >= if sleeps { 640.0 } else { 860.0 },
            volume: width >= if sleeps { 940.0 } else { 760.0 },
        }
    }
}

/// Bookmark, loop, speed, sleep, sound.
fn side(ui: &mut Ui, reader: &Reader, palette: &Palette, commands: &mut Vec<Command>, room: &Room) {
    ui.spacing_mut().item_spacing.x = 6.0;
    // Where there is no room for all, the key and the menus still do it.
    if room.bookmark {
        let name = "Bookmark this instant";
        widgets::command_button(ui, palette, Icon::Bookmark, name, false, Command::Bookmark, commands);
    }
    let looping = reader.playback.looping.is_some();
    let name = match (looping, reader.playback.loop_start.is_some()) {
        (true, _) => "Stop repeating",
        (false, true) => "Repeat up to here",
        (false, false) => "Repeat from here",
    };
    let on = looping || reader.playback.loop_start.is_some();
    widgets::command_button(ui, palette, Icon::Loop, name, on, Command::MarkLoop, commands);
    speed_menu(ui, reader, palette, commands);
    if room.sleep {
        sleep_menu::ui(ui, reader, palette, commands);
    }
    let muted = reader.playback.muted;
    let icon = if muted || reader.settings.volume == 0.0 {
        Icon::Muted
    } else {
        Icon::Volume
    };
    let name = if muted { "Sound on" } else { "Mute" };
    widgets::command_button(ui, palette, icon, name, muted, Command::ToggleMute, commands);
    if room.volume {
        let mut volume = if muted { 0.0 } else { reader.settings.volume };
        small_slider(ui, palette, 72.0);
        let slider = Slider::new(&mut volume, 0.0..=2.0).show_value(false).step_by(0.01);
        let response = widgets::slider(ui, palette, slider, "Volume");
        if response.changed() {
            commands.push(Command::SetVolume(volume));
        }
        response.on_hover_text(format!("Volume {:.0} %", volume * 100.0));
    }
}

/// A slider that is quiet beside buttons.
fn small_slider(ui: &mut Ui, palette: &Palette, width: f32) {
    ui.visuals_mut().selection.bg_fill = palette.soft;
    ui.spacing_mut().slider_width = width;
    ui.spacing_mut().interact_size.y = 16.0;
    ui.spacing_mut().slider_rail_height = 3.0;
}

fn speed_menu(ui: &mut Ui, reader: &Reader, palette: &Palette, commands: &mut Vec<Command>) {
    let text = speed_text(reader.playback.speed);
    let (rect, response) = ui.allocate_exact_size(vec2(52.0, 32.0), Sense::click());
    response.widget_info(|| WidgetInfo::labeled(Role::Button, true, format!("Speed {text}")));
    if response.hovered() {
        ui.painter().rect_filled(rect, theme::RADIUS, palette.btn);
    }
    ui.painter().text(
        rect.center(),
        Align2::CENTER_CENTER,
        &text,
        theme::medium(13.5),
        palette.ink,
    );
    widgets::focus_ring(ui, &response, rect, palette, theme::RADIUS);
    Popup::menu(&response).accessible_name("Speed").show(|ui| {
        ui.set_width(190.0);
        ui.horizontal(|ui| {
            ui.add_space(8.0);
            small_slider(ui, palette, 144.0);
            let mut speed = reader.playback.speed;
            let slider = Slider::new(&mut speed, SPEEDS)
                .logarithmic(true)
                .step_by(0.05)
                .show_value(false);
            if widgets::slider(ui, palette, slider, "Speed in small steps").changed() {
                commands.push(Command::SetSpeed(speed));
            }
        });
        for speed in OFFERED_SPEEDS {
            let on = (speed - reader.playback.speed).abs() < 0.005;
            let command = Command::SetSpeed(speed);
            if menu_choice(ui, palette, &speed_text(speed), &command, on) {
                commands.push(command);
                ui.close();
            }
        }
        ui.separator();
        let skips = reader.settings.skip_gaps;
        let response = widgets::checkbox(ui, palette, "Skip gaps without speech", skips);
        if response.clicked() {
            commands.push(Command::ToggleSkipGaps);
        }
        response.on_hover_text(format!("Skip gaps{}", shortcuts::hint(&Command::ToggleSkipGaps)));
    });
    let hint = shortcuts::hint(&Command::SpeedBy(0.05));
    response.on_hover_text(format!("Speed; faster{hint}"));
}

fn speed_text(speed: f32) -> String {
    let text = format!("{speed:.2}");
    let trimmed = text.trim_end_matches('0').trim_end_matches('.');
    format!("{trimmed}×")
}
