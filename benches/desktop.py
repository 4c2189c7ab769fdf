"""A private screen and sound card, and programs watched on them from outside.

The X server keeps its picture in a file, so to look costs the program nothing. A program counts as usable at the later
of two instants: the last big change of its picture, and the end of the last quarter of a second in which it kept half a
core busy. Both must be followed by a while of neither, which is not counted.
"""

import mmap
import os
import signal
import struct
import subprocess
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

WIDTH, HEIGHT = 1280, 800
TICK = os.sysconf("SC_CLK_TCK")
POLL = 0.01
# A blinking caret or a ticking clock changes fewer pixels than this; a text or a waveform that appears, more.
BIG_CHANGE = 1500
BUSY = 0.5
SLICE = 0.25


class Desktop:
    """Use with `with`: what it starts, it ends."""

    def __enter__(self):
        self.folder = tempfile.TemporaryDirectory(prefix="earmark-bench-")
        folder = self.folder.name
        self.home = Path(folder, "home")
        self.home.mkdir(mode=0o700)
        foreign = ("WAYLAND_DISPLAY", "DBUS_SESSION_BUS_ADDRESS", "PULSE_SINK", "EARMARK_LIBRARY")
        kept = {k: v for k, v in os.environ.items() if k not in foreign and not k.startswith("XDG_")}
        self.environment = kept | {
            "HOME": str(self.home), "XDG_RUNTIME_DIR": str(self.home), "LC_ALL": "C.UTF-8", "NO_AT_BRIDGE": "1",
            "LIBGL_ALWAYS_SOFTWARE": "1", "PULSE_SERVER": f"unix:{folder}/pulse",
        }
        (self.home / ".asoundrc").write_text("pcm.!default { type pulse }\nctl.!default { type pulse }\n")
        self.servers = []
        self._start_screen(folder)
        self._start_sound(folder)
        return self

    def _start_screen(self, folder):
        screen = f"Xvfb -displayfd 1 -nolisten tcp -ac -noreset -dpi 96 -screen 0 {WIDTH}x{HEIGHT}x24 -fbdir {folder}"
        xvfb = self._serve(screen.split(), stdout=subprocess.PIPE)
        self.environment["DISPLAY"] = ":" + xvfb.stdout.readline().decode().strip()
        self.picture = Picture(Path(folder, "Xvfb_screen0"))
        # In the corner it hovers nothing: what it is over would light up, and count as a change.
        wait_for(lambda: self.ask("xdotool", "mousemove", str(WIDTH - 1), str(HEIGHT - 1)) is not None, "the screen")

    def _start_sound(self, folder):
        pulse = "pulseaudio -n --daemonize=no --use-pid-file=no --exit-idle-time=-1 --log-level=error"
        sink = "module-null-sink sink_name=nowhere rate=44100 channels=2"
        door = f"module-native-protocol-unix socket={folder}/pulse auth-anonymous=1"
        self._serve([*pulse.split(), "-L", sink, "-L", door])
        wait_for(lambda: self.ask("pactl", "info") is not None, "the sound server")

    def _serve(self, command, stdout=subprocess.DEVNULL):
        process = subprocess.Popen(command, env=self.environment, stdin=subprocess.DEVNULL, stdout=stdout,
                                   stderr=subprocess.DEVNULL)
        self.servers.append(process)
        return process

    def __exit__(self, *_):
        for server in reversed(self.servers):
            server.terminate()
            server.wait()
        self.folder.cleanup()

    def ask(self, *command):
        """What a command prints, or None if it fails."""
        done = subprocess.run(command, env=self.environment, capture_output=True, text=True)
        return done.stdout if done.returncode == 0 else None

    def run(self, *command, **environment):
        """Starts a program; use with `with`."""
        return Program(self, [str(word) for word in command], self.environment | environment)

    def streams(self):
        """How many programs play sound just now."""
        return (self.ask("pactl", "list", "sink-inputs") or "").count("Corked: no")


class Picture:
    """The frame buffer of Xvfb, in the form of an XWD file: a header of big-endian numbers, a colour table, rows."""

    def __init__(self, path):
        with open(path, "rb") as file:
            self.bytes = mmap.mmap(file.fileno(), 0, prot=mmap.PROT_READ)
        header = struct.unpack(">25I", self.bytes[:100])
        self.start, self.row, self.rows = header[0] + 12 * header[19], header[12], header[5]
        self.last = b""

    def changed(self, above=HEIGHT):
        """Pixels, in cells of 16 by 1, that changed since the last call: in all, and above a line."""
        old, new = self.last, self.bytes[self.start : self.start + self.row * self.rows]
        self.last = new
        total = higher = 0
        if not old or old == new:
            return total, higher
        for y in range(self.rows):
            row = y * self.row
            if old[row : row + self.row] != new[row : row + self.row]:
                cells = range(row, row + self.row, 64)
                changed = 16 * sum(old[x : x + 64] != new[x : x + 64] for x in cells)
                total += changed
                higher += changed if y < above else 0
        return total, higher


@dataclass
class Start:
    """When what was there, in seconds from the start of the process."""

    usable: float = 0.0
    # The last big change of the picture above the line that was asked for.
    shown: float = 0.0
    cpu: float = 0.0
    # What the program itself said on stderr as `trace MS ms WHAT`, with the instant at which it was read.
    marks: dict = field(default_factory=dict)


class Program:
    """A running program with all its children."""

    def __init__(self, desktop, command, environment):
        self.desktop = desktop
        self.told = tempfile.TemporaryFile(mode="w+b")
        desktop.picture.changed()
        self.began = time.monotonic()
        self.process = subprocess.Popen(command, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                                        stderr=self.told, start_new_session=True)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for number in (signal.SIGTERM, signal.SIGKILL):
            for pid in self.family():
                os.kill(pid, number)
            try:
                self.process.wait(3)
                break
            except subprocess.TimeoutExpired:
                continue
        wait_for(lambda: not self.family(), "the end of a program")

    def family(self):
        """The processes of its session: stat(5), field 6."""
        return [pid for pid in map(int, filter(str.isdigit, os.listdir("/proc")))
                if (stat := self._stat(pid)) and stat[0] != "Z" and int(stat[3]) == self.process.pid]

    @staticmethod
    def _stat(pid):
        try:
            return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
        except OSError:
            return None

    def ticks(self, family=None):
        """User and system time so far, in ticks of the kernel."""
        stats = map(self._stat, family or self.family())
        return sum(sum(map(int, stat[11:15])) for stat in stats if stat)

    def anonymous(self):
        """Memory of its own that no file backs, in MB."""
        total = 0
        for pid in self.family():
            try:
                status = Path(f"/proc/{pid}/status").read_text()
            except OSError:
                continue
            total += sum(int(line.split()[1]) for line in status.splitlines() if line.startswith("RssAnon"))
        return total / 1024

    def trace(self):
        """What it said of itself so far."""
        self.told.seek(0)
        lines = self.told.read().decode(errors="replace").splitlines()
        return [line.split(" ms ", 1)[1] for line in lines if line.startswith("trace ") and " ms " in line]

    def start(self, above=HEIGHT, mark=None, quiet=1.5, patience=90.0):
        """Waits until it is usable; with a mark, until it has said so and the picture above a line is at rest, whatever
        it does behind that."""
        start, history, family = Start(), [(0.0, 0)], []
        last_big = last_busy = scanned = 0.0
        while True:
            now = time.monotonic() - self.began
            if now - scanned > SLICE or not family:
                family, scanned = self.family(), now
            history.append((now, self.ticks(family)))
            total, higher = self.desktop.picture.changed(above)
            last_big = now if total > BIG_CHANGE else last_big
            start.shown = now if higher > BIG_CHANGE else start.shown
            while history[1][0] < now - SLICE:
                history.pop(0)
            if (history[-1][1] - history[0][1]) / TICK / max(now - history[0][0], SLICE) > BUSY:
                last_busy = now
            if start.usable < max(last_big, last_busy):
                start.usable, start.cpu = max(last_big, last_busy), history[-1][1] / TICK
            for said in self.trace():
                start.marks.setdefault(said, now)
            if mark is not None:
                start.usable = max(start.shown, start.marks.get(mark, now))
            if last_big and now - start.usable > quiet:
                return start
            if self.process.poll() is not None or now > patience:
                raise RuntimeError(f"{self.process.args[0]} did not come to rest in {now:.0f} s: {self.trace()}")
            time.sleep(POLL)

    def await_mark(self, mark, patience=180.0):
        """Waits until it has said something of itself."""
        wait_for(lambda: any(said.startswith(mark) for said in self.trace()), mark, patience)

    def window(self):
        """Gives its window the keys; returns the window."""
        found = self.desktop.ask("xdotool", "search", "--sync", "--onlyvisible", "--pid", str(self.process.pid))
        window = found.split()[0]
        self.desktop.ask("xdotool", "windowfocus", "--sync", window)
        return window

    def quit(self):
        """Asks it to close, as a person would, and returns what it said last."""
        self.window()
        self.desktop.ask("xdotool", "key", "ctrl+q")
        wait_for(lambda: self.process.poll() is not None, "the program to close")
        return self.trace()[-1]


def wait_for(condition, what, patience=20.0):
    end = time.monotonic() + patience
    while not condition():
        if time.monotonic() > end:
            raise RuntimeError(f"waited in vain for {what}")
        time.sleep(0.02)
