//! The window as a whole, and the frame: take in, show, carry out.

use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use egui::{
    Align2, CentralPanel, Context, CornerRadius, Frame, Margin, Panel as Side, Rect, Sense, Stroke, Ui, Vec2, pos2,
    vec2,
};

use super::dialogs::Dialogs;
use super::header::Header;
use super::icons::{self, Icon};
use super::notes::NotesPanel;
use super::outline::{self, OutlinePanel};
use super::theme::{self, Palette};
use super::transcript::TranscriptView;
use super::transport::Transport;
use super::{inputs, message_bar, timing, trace::Trace, welcome, widgets};
use crate::reader::{Command, Effect, Event, Half, Outside, Panel, Playhead, Reader, Wake};
use crate::time::{MediaTime, TimeDelta};
use crate::timing::Timeline;

/// Below this width the notes lie over the text instead of beside it.
const DRAWER: f32 = 960.0;
/// With less than this left for the text, the chapters lie over it instead of beside it.
const BESIDE: f32 = 520.0;
/// Around the chapters; their rows reach nearly to the edges.
const OUTLINE_MARGIN: Margin = Margin {
    left: 8,
    right: 8,
    top: 10,
    bottom: 8,
};
/// The playhead moves by whole points, and not more often than this.
const PLAYHEAD_STEP: Duration = Duration::from_millis(66);
/// The clock's next second and the playhead's next point may be this late, if a word lights up meanwhile.
const CALM: Duration = Duration::from_millis(450);

/// While the window is hidden, what goes on is not looked after more often than this.
const HIDDEN_STEP: Duration = Duration::from_millis(250);

/// Everything that is shown. Holds what belongs to the screen only.
#[derive(Default)]
pub struct Window {
    header: Header,
    transport: Transport,
    transcript: TranscriptView,
    notes: NotesPanel,
    outline: OutlinePanel,
    dialogs: Dialogs,
    wave_width: f32,
}

impl Window {
    /// Shows the reader; pushes what the person wants.
    pub fn ui(&mut self, ui: &mut Ui, reader: &Reader, commands: &mut Vec<Command>, events: &mut Vec<Event>) {
        theme::follow(ui.ctx(), &reader.settings);
        let palette = theme::palette(ui.ctx(), &reader.settings);
        self.outline.follow(reader);
        if !reader.has_dialog() {
            self.outline.take_keys(ui.ctx(), commands);
            self.transport.waveform.take_keys(ui.ctx(), commands);
            commands.extend(inputs::take_commands(ui.ctx()));
        }
        commands.extend(inputs::take_drops(ui.ctx()));
        let bare = Frame::new().fill(palette.panel);
        let header = Side::top("header")
            .exact_size(theme::HEADER)
            .frame(bare)
            .show_separator_line(false);
        let header = header.show(ui, |ui| self.header.ui(ui, reader, commands));
        let line = Stroke::new(if palette.outlined { 2.0 } else { 1.0 }, palette.line);
        let edge = header.response.rect;
        if reader.document.is_some() {
            let footer = Side::bottom("footer")
                .exact_size(theme::FOOTER)
                .frame(bare)
                .show_separator_line(false);
            let footer = footer.show(ui, |ui| self.transport.ui(ui, reader, commands));
            let top = footer.response.rect;
            self.wave_width = top.width() - 40.0;
            ui.painter().hline(top.x_range(), top.min.y, line);
        }
        ui.painter().hline(edge.x_range(), edge.max.y, line);
        let narrow = ui.ctx().content_rect().width() < DRAWER;
        if narrow != reader.narrow {
            commands.push(Command::Narrowed(narrow));
        }
        // While the two differ, a frame long, the reader has not settled yet whether the notes stay.
        let outline_open = outline_is_open(reader);
        let outline_beside = outline_open && {
            let notes = if narrow || !reader.shows(Panel::Notes) {
                0.0
            } else {
                reader.settings.notes_width
            };
            !narrow && ui.available_width() - notes - outline::WIDTH >= BESIDE
        };
        if outline_beside {
            self.outline_beside(ui, reader, palette, line, commands);
        }
        let timing_open = reader.document.is_some() && reader.shows(Panel::Timing);
        let timing_beside = timing_open && !narrow;
        if timing_beside {
            timing_beside_ui(ui, reader, palette, line, commands);
        }
        let notes_open = reader.document.is_some() && reader.shows(Panel::Notes) && narrow == reader.narrow;
        if notes_open && !narrow {
            self.notes_beside(ui, reader, palette, line, commands);
        }
        message_bar::ui(ui, reader, commands);
        CentralPanel::default().frame(Frame::NONE).show(ui, |ui| {
            let room = ui.available_rect_before_wrap();
            match &reader.document {
                None => welcome::ui(ui, reader, commands),
                Some(_) => self.document_ui(ui, reader, palette, commands),
            }
            if outline_open && !outline_beside {
                self.outline_drawer(ui, reader, palette, line, room, commands);
            }
            if timing_open && !timing_beside {
                timing_drawer(ui, reader, palette, line, room, commands);
            }
            if notes_open && narrow {
                self.notes_drawer(ui, reader, palette, line, room, commands);
            }
            drop_hint(ui, reader, palette, room);
        });
        self.dialogs.ui(ui, reader, commands, events);
    }

    fn outline_beside(
        &mut self,
        ui: &mut Ui,
        reader: &Reader,
        palette: &Palette,
        line: Stroke,
        commands: &mut Vec<Command>,
    ) {
        let frame = Frame::new().fill(palette.panel).inner_margin(OUTLINE_MARGIN);
        let panel = Side::left("chapters").exact_size(outline::WIDTH).frame(frame);
        let shown = panel
            .resizable(false)
            .show_separator_line(false)
            .show(ui, |ui| self.outline.ui(ui, reader, false, commands));
        let rect = shown.response.rect;
        ui.painter().vline(rect.max.x, rect.y_range(), line);
    }

    fn outline_drawer(
        &mut self,
        ui: &Ui,
        reader: &Reader,
        palette: &Palette,
        line: Stroke,
        room: Rect,
        commands: &mut Vec<Command>,
    ) {
        let width = (outline::WIDTH + 56.0).min(room.width() - 56.0);
        let rect = Rect::from_min_size(room.min, vec2(width, room.height()));
        let drawer = Drawer {
            name: "chapters drawer",
            rect,
            inside: rect - OUTLINE_MARGIN,
            // Inside of the edge: what lies on it is cut in half.
            edge: rect.max.x - line.width / 2.0,
            ground: Sense::CLICK | Sense::DRAG,
        };
        drawer.show(ui, palette, line, |ui| self.outline.ui(ui, reader, true, commands));
    }

    fn notes_beside(
        &mut self,
        ui: &mut Ui,
        reader: &Reader,
        palette: &Palette,
        line: Stroke,
        commands: &mut Vec<Command>,
    ) {
        let frame = Frame::new().fill(palette.panel).inner_margin(Margin {
            left: 16,
            right: 16,
            top: 10,
            bottom: 0,
        });
        let width = reader.settings.notes_width;
        let panel = Side::right("notes")
            .resizable(true)
            .default_size(width)
            .size_range(240.0..=480.0)
            .frame(frame);
        let shown = panel
            .show_separator_line(false)
            .show(ui, |ui| self.notes.ui(ui, reader, commands));
        let rect = shown.response.rect;
        // The edge can be moved by whoever has come to it with the keyboard; then it is lit.
        let handle = ui.scope_id().with_salt(egui::IdSalt::new("notes")).with("__resize");
        let at_edge = ui.memory(|memory| memory.has_focus(handle));
        let line = if at_edge { Stroke::new(3.0, palette.acc) } else { line };
        ui.painter().vline(rect.min.x, rect.y_range(), line);
        // The width is kept when the hand lets go, not on each step of the way.
        if !ui.input(|input| input.pointer.any_down()) && (rect.width() - width).abs() > 1.0 {
            commands.push(Command::SetNotesWidth(rect.width().round()));
        }
    }

    fn notes_drawer(
        &mut self,
        ui: &Ui,
        reader: &Reader,
        palette: &Palette,
        line: Stroke,
        room: Rect,
        commands: &mut Vec<Command>,
    ) {
        let width = 320.0_f32.min(room.width() - 56.0);
        let rect = Rect::from_min_max(pos2(room.max.x - width, room.min.y), room.max);
        let drawer = Drawer {
            name: "notes drawer",
            rect,
            inside: rect.shrink2(vec2(14.0, 10.0)),
            edge: rect.min.x,
            ground: Sense::click_and_drag(),
        };
        drawer.show(ui, palette, line, |ui| self.notes.ui(ui, reader, commands));
    }

    fn document_ui(&mut self, ui: &mut Ui, reader: &Reader, palette: &Palette, commands: &mut Vec<Command>) {
        let Some(document) = &reader.document else { return };
        let view = ui.available_rect_before_wrap();
        if document.timeline.is_some() {
            self.transcript.ui(ui, reader, commands);
            follow_chip(ui, reader, palette, view, &self.transcript, commands);
        } else if document.reading {
            centred(ui, palette, view, "Reading the transcript…", None, commands);
        } else if document.missing_half() == Some(Half::Transcript) {
            let way_out = Some(("Choose the transcript…", Command::ChooseOtherHalf));
            centred(
                ui,
                palette,
                view,
                "There is no transcript beside this recording. It plays, and takes notes.",
                way_out,
                commands,
            );
        }
    }

    /// When the next pixel changes by itself: the next word, the clock's next second, the playhead's next point,
    /// and what the sleep timer does.
    pub fn next_repaint(&self, reader: &Reader) -> Option<Duration> {
        // A little past the change, so that the frame finds it done.
        let past = |wait| wait + Duration::from_millis(1);
        let waits = self.next_motion(reader).into_iter().chain(reader.until_sleep());
        waits.min().map(past)
    }

    /// The same while it plays.
    fn next_motion(&self, reader: &Reader) -> Option<Duration> {
        if !reader.playback.playing || !reader.playback.ready {
            return None;
        }
        let document = reader.document.as_ref()?;
        let position = reader.playback.position;
        let speed = f64::from(reader.playback.speed).max(0.1);
        let wait = |media: TimeDelta| media.scaled(1.0 / speed).max(TimeDelta::ZERO).to_duration();
        let timeline = document.timeline.as_ref();
        let change = timeline
            .and_then(|timeline| next_light(timeline, position))
            .map(|at| at - position);
        let turns = reader.until_loop().into_iter().chain(reader.until_gap());
        let exact = change.into_iter().chain(turns).min().map(wait);
        let second = wait(TimeDelta::from_micros(
            1_000_000 - position.as_micros().max(0) % 1_000_000,
        ));
        let point = self
            .transport
            .waveform
            .time_per_point(self.wave_width, document.length());
        let calm = second.min(wait(point).max(PLAYHEAD_STEP));
        Some(match exact {
            // The clock and the playhead wait a little for a word rather than cost a frame of their own.
            Some(exact) if exact < calm + CALM => exact,
            _ => calm,
        })
    }
}

/// The width of the timing, in points.
const TIMING: f32 = 300.0;
/// Around it.
const TIMING_MARGIN: Margin = Margin {
    left: 16,
    right: 12,
    top: 10,
    bottom: 8,
};

fn timing_beside_ui(ui: &mut Ui, reader: &Reader, palette: &Palette, line: Stroke, commands: &mut Vec<Command>) {
    let frame = Frame::new().fill(palette.panel).inner_margin(TIMING_MARGIN);
    let panel = Side::left("timing").exact_size(TIMING).frame(frame);
    let shown = panel
        .resizable(false)
        .show_separator_line(false)
        .show(ui, |ui| timing::ui(ui, reader, commands));
    let rect = shown.response.rect;
    ui.painter().vline(rect.max.x, rect.y_range(), line);
}

fn timing_drawer(ui: &Ui, reader: &Reader, palette: &Palette, line: Stroke, room: Rect, commands: &mut Vec<Command>) {
    let width = TIMING.min(room.width() - 56.0);
    let rect = Rect::from_min_size(room.min, vec2(width, room.height()));
    let drawer = Drawer {
        name: "timing drawer",
        rect,
        inside: rect - TIMING_MARGIN,
        edge: rect.max.x - line.width / 2.0,
        ground: Sense::CLICK | Sense::DRAG,
    };
    drawer.show(ui, palette, line, |ui| timing::ui(ui, reader, commands));
}

/// Whether the chapters are wanted, and there are any.
fn outline_is_open(reader: &Reader) -> bool {
    let any = reader
        .document
        .as_ref()
        .is_some_and(|document| !document.outline.is_empty());
    any && reader.shows(Panel::Outline)
}

/// When the next cue or word lights up or goes out. Captions are often cut with a rest of a frame or two between them:
/// going out and lighting up again would be a flicker, and one frame shows both.
fn next_light(timeline: &Timeline, position: MediaTime) -> Option<MediaTime> {
    const FLICKER: TimeDelta = TimeDelta::from_millis(60);
    let change = timeline.next_change(position)?;
    let next = timeline.next_change(change).filter(|next| *next - change <= FLICKER);
    Some(next.filter(|_| timeline.primary(change).is_none()).unwrap_or(change))
}

/// Text in the middle of an empty view, with a way on.
fn centred(
    ui: &mut Ui,
    palette: &Palette,
    view: Rect,
    text: &str,
    way_out: Option<(&'static str, Command)>,
    commands: &mut Vec<Command>,
) {
    // A sentence a line, as far as there is room: no word is left alone on the last one.
    let lines = text.replace(". ", ".\n");
    let width = (view.width() - 48.0).min(480.0);
    let mut job = egui::epaint::text::LayoutJob::simple(lines, theme::plain(15.0), palette.soft, width);
    job.halign = egui::Align::Center;
    let galley = ui.painter().layout_job(job);
    let middle = view.center() - vec2(0.0, 24.0);
    widgets::said(ui, Rect::from_center_size(middle, galley.size()), text);
    // Lines that are centred reach to both sides of where they are painted.
    let at = pos2(middle.x, middle.y - galley.size().y / 2.0);
    ui.painter().galley(at, galley, palette.soft);
    if let Some((label, command)) = way_out {
        let rect = Rect::from_center_size(view.center() + vec2(0.0, 24.0), vec2(220.0, 36.0));
        ui.scope_builder(egui::UiBuilder::new().max_rect(rect), |ui| {
            ui.vertical_centered(|ui| {
                if widgets::primary_button(ui, palette, label).clicked() {
                    commands.push(command);
                }
            });
        });
    }
}

/// A panel that lies over the text, where there is no room beside it.
struct Drawer {
    name: &'static str,
    rect: Rect,
    /// Where its content stands.
    inside: Rect,
    /// Where the line stands that parts it from the text.
    edge: f32,
    /// What its ground takes, so that the text below does not get it.
    ground: Sense,
}

impl Drawer {
    fn show(&self, ui: &Ui, palette: &Palette, line: Stroke, content: impl FnOnce(&mut Ui)) {
        egui::Area::new(egui::Id::unique(self.name))
            .fixed_pos(self.rect.min)
            .constrain(false)
            .show(ui.ctx(), |ui| {
                ui.set_clip_rect(self.rect);
                ui.painter().rect_filled(self.rect, 0.0, palette.panel);
                ui.painter().vline(self.edge, self.rect.y_range(), line);
                ui.interact(self.rect, ui.scope_id().with("ground"), self.ground);
                ui.scope_builder(egui::UiBuilder::new().max_rect(self.inside), |ui| {
                    ui.set_max_size(self.inside.size());
                    content(ui);
                });
            });
    }
}

/// The way back to the voice, while the view is elsewhere.
fn follow_chip(
    ui: &mut Ui,
    reader: &Reader,
    palette: &Palette,
    view: Rect,
    transcript: &TranscriptView,
    commands: &mut Vec<Command>,
) {
    let has_sound = reader
        .document
        .as_ref()
        .is_some_and(|document| document.source.is_some());
    if reader.follow || !has_sound {
        return;
    }
    let Some(below) = transcript.voice_is_below(reader) else {
        return;
    };
    let size = vec2(96.0, 32.0);
    let rect = Rect::from_center_size(pos2(view.center().x, view.max.y - 32.0), size);
    let response = ui.interact(rect, ui.scope_id().with("follow"), Sense::click());
    response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Button, true, "Follow the voice"));
    let fill = if response.hovered() { palette.panel } else { palette.btn };
    ui.painter().rect(
        rect,
        CornerRadius::same(16),
        fill,
        Stroke::new(1.0, palette.line),
        egui::StrokeKind::Inside,
    );
    let icon = if below { Icon::Down } else { Icon::Up };
    let icon_rect = Rect::from_center_size(pos2(rect.min.x + 22.0, rect.center().y), Vec2::splat(16.0));
    icons::paint(ui.painter(), icon, icon_rect, 15.0, palette.acc);
    let at = pos2(rect.min.x + 34.0, rect.center().y);
    ui.painter()
        .text(at, Align2::LEFT_CENTER, "Follow", theme::semibold(13.0), palette.acc);
    widgets::focus_ring(ui, &response, rect, palette, 16);
    if response.on_hover_text("Follow the voice again (C)").clicked() {
        commands.push(Command::SetFollow(true));
    }
}

fn drop_hint(ui: &Ui, reader: &Reader, palette: &Palette, room: Rect) {
    if reader.document.is_none() || ui.input(|input| input.raw.hovered_files.is_empty()) {
        return;
    }
    let painter = ui
        .ctx()
        .layer_painter(egui::LayerId::new(egui::Order::Foreground, egui::Id::unique("drop")));
    painter.rect_filled(room, 0.0, palette.bg.gamma_multiply(0.9));
    painter.rect_stroke(
        room.shrink(16.0),
        theme::CARD_RADIUS,
        Stroke::new(2.0, palette.acc),
        egui::StrokeKind::Inside,
    );
    painter.text(
        room.center(),
        Align2::CENTER_CENTER,
        "Drop to open",
        theme::semibold(20.0),
        palette.ink,
    );
}

/// So many frames tell how long one takes.
const FRAMES: usize = 5;

/// The reader, what carries its effects out, and the window.
pub struct App {
    reader: Reader,
    outside: Outside,
    playhead: Playhead,
    window: Window,
    title: String,
    trace: Trace,
    /// How long the last frames took, the newest first, and the median of it.
    frame_times: [Duration; FRAMES],
    frame_time: Duration,
    /// Whether the last frame had all there is to show first.
    complete: bool,
}

impl App {
    /// For a reader that may have been given its first commands already.
    pub fn new(reader: Reader, outside: Outside, trace: Trace) -> Self {
        let playhead = outside.playhead();
        Self {
            reader,
            outside,
            playhead,
            window: Window::default(),
            title: String::new(),
            trace,
            frame_times: [Duration::ZERO; FRAMES],
            frame_time: Duration::ZERO,
            complete: false,
        }
    }

    fn take_in(&mut self) {
        for event in self.outside.take_events() {
            self.trace.event(&event);
            self.reader.take_in(event);
        }
        self.carry_out_effects();
    }

    /// How far ahead of the sound a frame is made, so that it is true when it is seen: the time this program takes for
    /// a frame, and a refresh of a 60 Hz display, after which the picture stands at the middle of the screen.
    fn lead(&mut self, frame: &eframe::Frame) -> Duration {
        const REFRESH: Duration = Duration::from_micros(16_667);
        const SLOWEST: Duration = Duration::from_millis(40);
        let took = frame
            .info()
            .cpu_usage
            .and_then(|secs| Duration::try_from_secs_f32(secs).ok())
            .unwrap_or_default();
        // The median: one late frame does not make the next one early, and three are enough to know a busy machine.
        self.frame_times.rotate_right(1);
        self.frame_times[0] = took.min(SLOWEST);
        let mut sorted = self.frame_times;
        sorted.sort_unstable();
        self.frame_time = sorted[FRAMES / 2];
        self.frame_time + REFRESH
    }

    fn carry_out_effects(&mut self) {
        // Effects may answer at once with more to do; a few rounds are enough for any chain.
        for effect in self.reader.take_effects() {
            self.outside.carry_out(effect);
        }
    }

    fn carry_out_in_window(&mut self, ctx: &Context) {
        for effect in self.outside.take_window_effects() {
            match effect {
                Effect::Clipboard(text) => ctx.copy_text(text),
                Effect::Fullscreen(on) => ctx.send_viewport_cmd(egui::ViewportCommand::Fullscreen(on)),
                Effect::Quit => ctx.send_viewport_cmd(egui::ViewportCommand::Close),
                _ => {}
            }
        }
        let title = self
            .reader
            .document
            .as_ref()
            .map_or_else(|| "Earmark".to_owned(), |d| format!("{} – Earmark", d.title));
        if title != self.title {
            ctx.send_viewport_cmd(egui::ViewportCommand::Title(title.clone()));
            self.title = title;
        }
    }

    /// A window that is hidden paints nothing; gaps are skipped and the sleep timer runs all the same.
    fn go_on_hidden(&mut self, ctx: &Context) {
        let now = Instant::now();
        self.reader.tick(self.playhead.at(now), now);
        self.carry_out_effects();
        let speed = f64::from(self.reader.playback.speed).max(0.1);
        let gap = self.reader.until_gap().map(|gap| gap.scaled(1.0 / speed).to_duration());
        if let Some(wait) = gap.into_iter().chain(self.reader.until_sleep()).min() {
            ctx.request_repaint_after(wait.max(HIDDEN_STEP));
        }
    }

    /// One frame: what is heard `lead` from now.
    fn frame(&mut self, ui: &mut Ui, lead: Duration) {
        let began = Instant::now();
        // The frame before has reached the screen by now.
        if self.complete && self.outside.waits() {
            self.outside.text_is_shown();
        }
        self.complete = self.reader.document.as_ref().is_some_and(|document| !document.reading);
        self.reader.tick(self.playhead.at(began + lead), began);
        let (mut commands, mut events) = (Vec::new(), Vec::new());
        self.window.transcript.frame_time = self.frame_time;
        self.window.ui(ui, &self.reader, &mut commands, &mut events);
        // What was wanted shows in the next frame; where the view stands is no wish.
        let changed = commands.iter().any(|command| !matches!(command, Command::Scrolled(..))) || !events.is_empty();
        for command in commands {
            self.reader.run(command);
        }
        for event in events {
            self.reader.take_in(event);
        }
        self.carry_out_effects();
        self.carry_out_in_window(ui.ctx());
        if changed {
            ui.ctx().request_repaint();
        } else if let Some(wait) = self.window.next_repaint(&self.reader) {
            ui.ctx().request_repaint_after(wait);
        }
        if self.outside.waits() {
            ui.ctx().request_repaint();
        }
        self.trace.frame(&self.reader, began.elapsed());
    }
}

impl eframe::App for App {
    fn logic(&mut self, ctx: &Context, _frame: &mut eframe::Frame) {
        self.take_in();
        if ctx.input(|input| input.viewport().visible() == Some(false)) {
            self.go_on_hidden(ctx);
        }
    }

    fn ui(&mut self, ui: &mut Ui, frame: &mut eframe::Frame) {
        let lead = self.lead(frame);
        self.frame(ui, lead);
    }

    /// The page is what the window is cleared to: the largest surface costs no fill of its own.
    fn clear_color(&self, visuals: &egui::Visuals) -> [f32; 4] {
        Palette::of(visuals.dark_mode, self.reader.settings.high_contrast)
            .bg
            .to_normalized_gamma_f32()
    }

    fn on_exit(&mut self, _gl: Option<&eframe::glow::Context>) {
        self.reader.run(Command::CloseDocument);
        self.carry_out_effects();
        self.trace.end();
    }
}

/// Opens the window and returns when it is closed.
///
/// `wake` is what the threads call when they have news; it is filled in as soon as there is a window to wake.
pub fn open_window(
    reader: Reader,
    outside: Outside,
    wake: &Arc<OnceLock<Wake>>,
    trace: Trace,
) -> Result<(), eframe::Error> {
    let icon =
        eframe::icon_data::from_png_bytes(include_bytes!("../../assets/icon/earmark-128.png")).unwrap_or_default();
    let viewport = egui::ViewportBuilder::default()
        .with_app_id("app.earmark.Earmark")
        .with_title("Earmark")
        .with_icon(icon)
        .with_inner_size([1280.0, 800.0])
        .with_min_inner_size([480.0, 360.0])
        .with_drag_and_drop(true);
    let options = eframe::NativeOptions {
        viewport,
        centered: true,
        // Flat colours need no dithering, and without a graphics card every pixel of it is paid for.
        dithering: false,
        ..eframe::NativeOptions::default()
    };
    let wake = Arc::clone(wake);
    eframe::run_native(
        "Earmark",
        options,
        Box::new(move |creation| {
            // The threads have worked while the window was made. What they found is asked after further, so that the
            // answers are there for the first frame.
            let mut app = App::new(reader, outside, trace);
            app.take_in();
            theme::install(&creation.egui_ctx);
            let ctx = creation.egui_ctx.clone();
            // Filled in once: a second window would be a second process.
            drop(wake.set(Arc::new(move || ctx.request_repaint())));
            Ok(Box::new(app))
        }),
    )
}
