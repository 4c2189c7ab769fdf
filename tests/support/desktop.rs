//! A private X server and sound server, with a home folder in a temporary place.

use std::ffi::OsStr;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;

use super::screen::Screen;
use super::sound::Recorder;

/// Width and height of the screen, in pixels.
pub const SCREEN: (u32, u32) = (1280, 800);

/// The name of the sound card that plays to nobody, and of another.
pub const SINK: &str = "earmark_test";
pub const OTHER_SINK: &str = "earmark_other";

/// How long a server may take to answer.
const PATIENCE: Duration = Duration::from_secs(20);

/// A child that does not outlive its owner.
pub struct Running(pub Child);

impl Drop for Running {
    fn drop(&mut self) {
        // It may have ended by itself, which is as good.
        drop(self.0.kill());
        drop(self.0.wait());
    }
}

/// A screen, a sound card and a home folder; all end with it.
pub struct Desktop {
    environment: Vec<(&'static str, String)>,
    /// The null sinks loaded into a sound server that was there before, to be taken out again.
    guest_modules: Vec<String>,
    sound_server: Option<Running>,
    _screen: Running,
    home: TempDir,
}

impl Desktop {
    /// Starts it.
    ///
    /// # Panics
    /// With what to install, where Xvfb or a sound server is missing: a test that cannot look must not pass.
    pub fn start() -> Self {
        let home = tempfile::tempdir().unwrap();
        let at = |name: &str| home.path().join(name).to_string_lossy().into_owned();
        // ALSA, which the program plays through, is led to the sound server.
        std::fs::write(
            at(".asoundrc"),
            "pcm.!default { type pulse }\nctl.!default { type pulse }\n",
        )
        .unwrap();

        let (width, height) = SCREEN;
        let screen = format!("-displayfd 1 -nolisten tcp -ac -screen 0 {width}x{height}x24 -fbdir");
        let mut command = Command::new("Xvfb");
        let mut xvfb = spawn(command.args(screen.split(' ')).arg(home.path()).stdout(Stdio::piped()));
        let mut display = String::new();
        let told = xvfb.0.stdout.take().unwrap();
        BufReader::new(told).read_line(&mut display).unwrap();
        assert!(!display.trim().is_empty(), "Xvfb did not start");

        let mut desktop = Self {
            environment: vec![
                ("DISPLAY", format!(":{}", display.trim())),
                ("HOME", home.path().to_string_lossy().into_owned()),
                ("LIBGL_ALWAYS_SOFTWARE", "1".to_owned()),
                ("LC_ALL", "C.UTF-8".to_owned()),
                ("PULSE_SINK", SINK.to_owned()),
            ],
            guest_modules: Vec::new(),
            sound_server: None,
            _screen: xvfb,
            home,
        };
        if is_installed("pulseaudio") {
            desktop.start_sound_server();
        } else {
            desktop.join_sound_server();
        }
        desktop
    }

    fn start_sound_server(&mut self) {
        let runtime = self.home.path().to_string_lossy().into_owned();
        let socket = format!("{runtime}/pulse.socket");
        let [sink, other] =
            [SINK, OTHER_SINK].map(|name| format!("module-null-sink sink_name={name} rate=44100 channels=2"));
        let door = format!("module-native-protocol-unix socket={socket} auth-anonymous=1");
        if self.sound_server.is_none() {
            self.environment.push(("PULSE_SERVER", format!("unix:{socket}")));
            self.environment.push(("XDG_RUNTIME_DIR", runtime));
        }
        let mut command = self.command("pulseaudio");
        command.args("-n --daemonize=no --use-pid-file=no --exit-idle-time=-1 --log-level=error".split(' '));
        self.sound_server = Some(spawn(command.args(["-L", &sink, "-L", &other, "-L", &door])));
        let begin = Instant::now();
        while self.ask_sound_server(&["info"]).is_none() {
            assert!(begin.elapsed() < PATIENCE, "pulseaudio does not answer");
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    /// What `pactl` answers, if it does.
    fn ask_sound_server(&self, question: &[&str]) -> Option<String> {
        let answer = self.command("pactl").args(question).output().ok()?;
        answer
            .status
            .success()
            .then(|| String::from_utf8_lossy(&answer.stdout).trim().to_owned())
    }

    /// PipeWire stands in PulseAudio's place on many desktops and answers the same questions: it lends us a sink.
    fn join_sound_server(&mut self) {
        for name in ["PULSE_SERVER", "XDG_RUNTIME_DIR"] {
            if let Ok(value) = std::env::var(name) {
                self.environment.push((name, value));
            }
        }
        for sink in [SINK, OTHER_SINK] {
            let sink_name = format!("sink_name={sink}");
            let module = self.ask_sound_server(&["load-module", "module-null-sink", &sink_name]);
            self.guest_modules.extend(module);
        }
        assert!(
            self.guest_modules.len() == 2,
            "neither pulseaudio nor a running PipeWire was found; `./dev test` installs what is missing"
        );
    }

    /// A command that sees this desktop and nothing of the person's own.
    pub fn command(&self, program: impl AsRef<OsStr>) -> Command {
        let mut command = Command::new(program);
        for name in [
            "WAYLAND_DISPLAY",
            "DBUS_SESSION_BUS_ADDRESS",
            "XDG_CONFIG_HOME",
            "XDG_DATA_HOME",
            "XDG_CACHE_HOME",
        ] {
            command.env_remove(name);
        }
        command.envs(self.environment.iter().map(|(name, value)| (name, value)));
        command.stdin(Stdio::null());
        command
    }

    /// Starts a program on this desktop; it ends with what is returned.
    pub fn run(&self, program: impl AsRef<OsStr>, arguments: &[&OsStr]) -> Running {
        spawn(self.command(program).args(arguments))
    }

    /// The home folder, empty but for the sound's settings.
    pub fn home(&self) -> &Path {
        self.home.path()
    }

    /// The picture on the screen.
    pub fn screen(&self) -> Screen {
        Screen::open(&self.home.path().join("Xvfb_screen0"))
    }

    /// Ends the sound server, as a crash does, and starts it anew. Not where it is the person's own: `false`.
    pub fn restart_sound_server(&mut self) -> bool {
        let Some(server) = &mut self.sound_server else {
            return false;
        };
        server.0.kill().unwrap();
        server.0.wait().unwrap();
        self.start_sound_server();
        true
    }

    /// Gives the program's window the keys, which nobody does without a window manager.
    pub fn focus(&self) {
        self.xdotool(&["search", "--sync", "--onlyvisible", "--name", "Earmark", "windowfocus"]);
    }

    /// Presses keys, as X11 calls them.
    pub fn press(&self, keys: &[&str]) {
        self.xdotool(&[&["key", "--delay", "30"], keys].concat());
    }

    fn xdotool(&self, words: &[&str]) {
        let done = self.command("xdotool").args(words).status();
        let done = done.expect("xdotool is there; `./dev test` installs what is missing");
        assert!(done.success(), "xdotool {words:?} failed");
    }

    /// Begins to record what leaves the sound card.
    pub fn record(&self) -> Recorder {
        self.record_from(SINK)
    }

    /// The same of one of the two.
    pub fn record_from(&self, sink: &str) -> Recorder {
        let mut command = self.command("parec");
        command.args(["--latency-msec=5", "--format=s16le", "--rate=44100", "--channels=1"]);
        command.arg(format!("--device={sink}.monitor")).stdout(Stdio::piped());
        Recorder::start(spawn(&mut command))
    }
}

impl Drop for Desktop {
    fn drop(&mut self) {
        for module in &self.guest_modules {
            self.ask_sound_server(&["unload-module", module]);
        }
    }
}

fn spawn(command: &mut Command) -> Running {
    match command.spawn() {
        Ok(child) => Running(child),
        Err(error) => panic!(
            "{} cannot be started ({error}); `./dev test` installs what is missing",
            command.get_program().display()
        ),
    }
}

fn is_installed(program: &str) -> bool {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path).any(|folder| folder.join(program).is_file())
}
