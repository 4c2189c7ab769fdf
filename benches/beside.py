#!/usr/bin/env python3
"""Measures Earmark beside other programs, in the same run on the same machine, and prints a table in Markdown.

./dev bench [--seed TRANSCRIPT --audio RECORDING] [--runs N] [ROW...]

The material is made of the demo, unless a transcript of half an hour and its recording are named.
"""

import argparse
import math
import os
import platform
import re
import shutil
import statistics
import subprocess
import sys
import time
from pathlib import Path

import commands
import material
from desktop import HEIGHT, TICK, WIDTH, Desktop, wait_for

RELEASE = material.ROOT / "target/release"
# Where the transport begins: the waveform below it grows while one can already read and play.
FOOTER = 668
# How many seeks are made in each recording.
SEEKS = 50
# And where the slowest of a hundred count.
MANY_SEEKS = 120
# And where a program beside takes seconds for each.
FEW_SEEKS = 20
# What the program says when its sound can be played.
PLAYABLE = "playable"
# Debian's wxWidgets stops aegisub at start with dialogs about its own layout; this takes the dialogs away.
NO_DIALOGS = """
extern void *wxTheAssertHandler __attribute__((weak));
__attribute__((constructor)) static void quiet(void) { if (&wxTheAssertHandler) wxTheAssertHandler = 0; }
"""


class Bench:
    def __init__(self, desktop, options):
        self.desktop, self.runs = desktop, options.runs
        self.earmark = options.earmark.resolve()
        self.bare, self.seek_program = options.bare.resolve(), options.seek.resolve()
        self.timed, self.sound_program = options.formats.resolve(), options.sound.resolve()
        self.audio = options.audio or material.recording("half-hour", 1938)
        self.seed = options.seed or material.transcript("seed", 614, 1_938_000)
        self.seed_for_others = material.as_subrip(self.earmark, self.seed) if options.seed else self.seed
        self.seed_for_transcriber = None
        self.libraries = 0

    # ------------------------------------------------------------ the programs
    def ours(self, *arguments, library=None):
        library = library or self.new_library()
        # The document is new, not the machine: what the GL driver compiled for a program started before is kept, as it is
        # for the programs beside.
        return self.desktop.run(self.earmark, "--library", library / "library.sqlite", *arguments, EARMARK_TRACE="1",
                                XDG_CACHE_HOME=str(library), MESA_SHADER_CACHE_DIR=str(self.desktop.home / ".cache"))

    def new_library(self):
        """A place for a library and a cache that nothing is known in yet."""
        self.libraries += 1
        folder = self.desktop.home / f"library-{self.libraries}"
        folder.mkdir()
        return folder

    def aegisub(self, *files):
        program = shutil.which("aegisub-3.2") or shutil.which("aegisub")
        if program is None:
            return None
        settings = self.desktop.home / ".aegisub/config.json"
        quiet = self.desktop.home / "quiet.so"
        if not quiet.exists():
            subprocess.run(["cc", "-shared", "-fPIC", "-x", "c", "-o", quiet, "-"], input=NO_DIALOGS, text=True, check=True)
            settings.parent.mkdir()
            # Otherwise it asks whether to unload the sound that was named beside the text.
            settings.write_text('{"App":{"Auto":{"Load Linked Files":0}}}')
        return self.desktop.run(program, *files, LD_PRELOAD=str(quiet))

    def aegisub_anew(self, *files):
        """With what it keeps of a recording forgotten."""
        shutil.rmtree(self.desktop.home / ".aegisub/ffms2cache", ignore_errors=True)
        return self.aegisub(*files)

    def subtitlecomposer(self, *files):
        return self.desktop.run("subtitlecomposer", *files) if shutil.which("subtitlecomposer") else None

    def transcriber(self):
        if shutil.which("transcriber") is None:
            return None
        if self.seed_for_transcriber is None:
            self.seed_for_transcriber = material.as_transcriber(self.earmark, self.seed, self.audio)
        # Where it keeps the shape of the sound; otherwise it would leave it behind on this machine.
        return self.desktop.run("transcriber", *self.seed_for_transcriber, TMP=str(self.desktop.home))

    def bare_window(self):
        return self.desktop.run(self.bare) if self.bare.exists() else None

    def starts(self, *programs):
        """Starts each program in turn, a round to warm up and then the rounds that count. With a program goes the mark
        that ends its start, or None."""
        starts = [[] for _ in programs]
        for turn in range(self.runs + 1):
            for kept, (program, mark) in zip(starts, programs):
                running = program()
                if running is None:
                    continue
                with running:
                    start = running.start(above=FOOTER, mark=mark)
                    if turn:
                        kept.append(start)
        return starts

    # ------------------------------------------------------------ the rows
    def start(self):
        files, library = (self.seed, self.audio), self.known()
        again, new, text, sound, sound_anew, bare, old = self.starts(
            (lambda: self.ours(*files, library=library), PLAYABLE),
            (lambda: self.ours(*files), PLAYABLE),
            (lambda: self.subtitlecomposer(self.seed_for_others), None),
            (lambda: self.aegisub(self.seed_for_others, self.audio), None),
            (lambda: self.aegisub_anew(self.seed_for_others, self.audio), None),
            (self.bare_window, None),
            (self.transcriber, None),
        )
        for name, ours, aegisub in (("first opening", new, sound_anew), ("opening again", again, sound)):
            yield compared(f"start, {name}", usable(ours), "subtitlecomposer, text alone", usable(text), 0.75)
            yield compared(f"start, {name}", usable(ours), "aegisub, text and sound", usable(aegisub), 0.2)
            yield compared(f"start, {name}", usable(ours), "bare window", usable(bare), 1.6)
        # It knows the shape of the sound from the round before.
        yield compared("start, opening again", usable(again), "transcriber, text and sound", usable(old))
        ours, theirs = ([start.cpu for start in starts] for starts in (again, sound))
        yield compared("processor time of opening again", ours, "aegisub, text and sound", theirs)

    def known(self):
        """A library in which the waveform is known already, so that nothing is left to do behind the window."""
        library = self.new_library()
        with self.ours(self.seed, self.audio, library=library) as program:
            program.await_mark("waveform measured")
            program.quit()
        return library

    def idle(self):
        with self.ours(self.seed, self.audio, "--at", "0:30", library=self.known()) as program:
            program.start()
            before = program.ticks()
            time.sleep(10)
            spent = program.ticks() - before
        yield Row("paused for 10 s", f"{spent} ticks", "", "", "0 ticks", spent == 0)

    def playing(self):
        """Frames are told at the end only: those of a run without the 20 seconds are taken off. The pointer rests on
        the last line of the screen, which the window leaves free, so that nothing is hovered."""
        library, seconds = self.known(), 20
        frames = []
        for lasting in (0, seconds):
            with self.ours(self.seed, self.audio, "--at", "0:30", "--play", library=library) as program:
                size = f"windowsize --sync {program.window()} {WIDTH} {HEIGHT - 1}"
                self.desktop.ask("xdotool", *size.split(), "mousemove", str(WIDTH // 2), str(HEIGHT - 1))
                wait_for(lambda: self.desktop.streams() == 1, "the sound")
                time.sleep(3)
                before = program.ticks()
                time.sleep(lasting)
                spent = program.ticks() - before
                assert self.desktop.streams() == 1, "it does not play any more"
                frames.append(int(program.quit().split()[0]))
        share, rate = 100 * spent / TICK / seconds, (frames[1] - frames[0]) / seconds
        yield Row("playing, following", f"{share:.1f} % of a core", "", "", "4 %", share <= 4)
        yield Row("playing: frames a second", f"{rate:.1f}", "", "", "8", rate <= 8)

    def seek(self):
        for name, audio in (("half an hour", self.audio), ("10 hours", material.recording("ten-hours", 36_000))):
            told = self.desktop.ask(self.seek_program, audio, str(SEEKS))
            places, ours = zip(*re.findall(r"^to ([\d.]+) s: ([\d.]+) ms$", told, re.MULTILINE))
            theirs = self.mpv_seeks(audio, map(float, places))
            yield sought(f"seek in {name} of MP3", list(map(float, ours)), "mpv", theirs, 20)

    def mpv_seeks(self, audio, places):
        if shutil.which("mpv") is None:
            return []
        with commands.Mpv(self.desktop.home, audio) as mpv:
            return [mpv.seek(place) for place in places]

    def long(self):
        hundred = material.transcript("hundred-hours", 100_000, 360_000_000)
        library = self.new_library()
        ours, theirs = self.starts((lambda: self.ours(hundred, library=library), None), (lambda: self.aegisub(hundred), None))
        yield compared("100,000 cues: start to shown", usable(ours), "aegisub", usable(theirs), 0.6)

    def scrolling(self):
        hundred = material.transcript("hundred-hours", 100_000, 360_000_000)
        wheel = [f"click --repeat 300 --delay 16 {button}" for button in (5, 4, 5)]
        # The bar at the edge leads to places never seen before.
        bar = [f"mousemove 955 {y} sleep 0.016" for y in [*range(80, 660, 2), *range(660, 80, -2)]]
        moves = " ".join(["mousemove 500 400", *wheel, "mousemove 955 80 mousedown 1", *bar, "mouseup 1"])
        for view in ("lines", "reading"):
            with self.ours(hundred, "--view", view) as program:
                program.start()
                program.window()
                self.desktop.ask("xdotool", *moves.split())
                said = program.quit()
            count, median, worst = map(float, re.findall(r"[\d.]+", said.replace("p99", ""))[:3])
            yield Row(f"scrolling 100,000 cues, {view}: pass of the UI, median", f"{median:.2f} ms", f"{count:.0f} frames", "",
                      "4 ms", median <= 4)
            yield Row(f"scrolling 100,000 cues, {view}: pass of the UI, p99", f"{worst:.2f} ms", "", "", "12 ms", worst <= 12)

    def hours(self):
        text = material.transcript("ten-hours", 20_000, 36_000_000)
        sound = material.recording("ten-hours", 36_000)
        long, short = self.starts(
            (lambda: self.ours(text, sound), PLAYABLE), (lambda: self.ours(self.seed, self.audio), PLAYABLE)
        )
        yield compared("10-hour MP3, 20,000 cues: start to playable", usable(long), "half an hour", usable(short), 1.2)

    def memory(self):
        text = material.transcript("hundred-hours", 100_000, 360_000_000)
        sound = material.recording("ten-hours", 36_000)
        with self.desktop.run(self.bare) as bare:
            bare.start()
            least = bare.anonymous()
        with self.ours(text, sound) as program:
            most = 0.0
            began = time.monotonic()
            while not any(mark.startswith("waveform measured") for mark in program.trace()):
                most = max(most, program.anonymous())
                assert time.monotonic() - began < 300, "the waveform is not measured"
                time.sleep(0.1)
            took = time.monotonic() - began
            program.start()
            now = program.anonymous()
        yield Row("memory, 100,000 cues and 10 hours of sound", f"{now - least:.0f} MB", f"over a bare window's {least:.0f} MB",
                  "", "120 MB", now - least <= 120)
        yield Row("memory, the most while measuring the sound", f"{most - least:.0f} MB", f"{took:.1f} s for the waveform", "",
                  "120 MB", most - least <= 120)


    def reading(self):
        text = material.transcript("hundred-hours", 100_000, 360_000_000)
        python = commands.python_with("pysubs2", self.desktop.home / "python")
        ours, ffprobe, pysubs2 = commands.processor_times(
            self.runs,
            [self.earmark, "inspect", text],
            ["ffprobe", "-count_packets", text],
            python and [python, "-c", "import sys, pysubs2; pysubs2.load(sys.argv[1])", text],
        )
        yield compared("processor time of reading 100,000 cues", ours, "ffprobe, packets counted", ffprobe)
        yield compared("processor time of reading 100,000 cues", ours, "pysubs2", pysubs2)

    def formats(self):
        """Readers measured in one process each; beside them whole programs on the same files."""
        folder = material.FOLDER / "formats"
        if not folder.exists():
            folder.mkdir(parents=True)
            subprocess.run([self.timed, "make", folder], check=True)

        def numbers(*words):
            done = subprocess.run([self.timed, *words], check=True, capture_output=True, text=True)
            return [float(number) for number in done.stdout.split()]

        python = {package: commands.python_with(package, self.desktop.home / package) for package in ("pysubs2", "srt")}
        subtitle = commands.node_with("subtitle", self.desktop.home / "node")
        count_cues = f"require('{subtitle}').parseSync(require('fs').readFileSync(process.argv[1], 'utf8')).length"
        programs = {
            "ffprobe, packets counted": (lambda file: ["ffprobe", "-count_packets", file], 6),
            "pysubs2": (lambda file: [python["pysubs2"], "-c", "import sys, pysubs2; pysubs2.load(sys.argv[1])", file], 50),
            "subtitle of npm": (lambda file: [subtitle and "node", "-e", count_cues, file], 7),
            "python srt": (lambda file: [python["srt"], "-c", "import sys, srt; list(srt.parse(open(sys.argv[1])))", file], 20),
        }
        speeds = {}
        for name, least in (("long.srt", 250), ("long.vtt", 250), ("collapsed.srt", None), ("words.json", 100), ("long.ttml", 60),
                            ("long.ass", 60), ("long.TextGrid", 60), ("long.eaf", 60)):
            file = folder / name
            seconds, size, cues, most = numbers("read", file)
            speeds[name] = speed = size / 1e6 / seconds
            yield Row(f"reading {name}, {size / 1e6:.1f} MB, {cues:.0f} cues", f"{speed:.0f} MB/s", "", "",
                      f"{least} MB/s" if least else "", speed >= least if least else None)
            yield Row(f"most memory while reading {name}", f"{most / size:.1f} × the file", "", "", "5 ×", most <= 5 * size)
            for program, (command, faster) in programs.items():
                if name not in ("long.srt", "long.vtt") or program == "python srt" and name != "long.srt":
                    continue
                spent = commands.processor_times(self.runs, command(file) if command(file)[0] else None)[0]
                if not spent:
                    yield Row(f"reading {name}", f"{speed:.0f} MB/s", f"{program}: not to be had here", "", f"{faster} ×")
                    continue
                theirs = size / 1e6 / statistics.median(spent)
                yield Row(f"reading {name}", f"{speed:.0f} MB/s", f"{program}: {theirs:.1f} MB/s", f"{speed / theirs:.1f} ×",
                          f"{faster} ×", speed >= faster * theirs)
        ratio = speeds["long.srt"] / speeds["collapsed.srt"]
        yield Row("the collapsed SubRip beside the whole", "", "", f"{ratio:.2f} × the time for each byte", "1.5 ×", ratio <= 1.5)
        in_order, at_random, keystroke = numbers("look")
        yield Row("a cue and its word at a time, in order", f"{in_order:.0f} ns", "", "", "50 ns", in_order <= 50)
        yield Row("a cue and its word at a time, at random", f"{at_random:.0f} ns", "", "", "200 ns", at_random <= 200)
        yield Row("search in 1,000,000 words, slowest keystroke", f"{keystroke:.1f} ms", "", "", "10 ms", keystroke <= 10)

    def decoding(self):
        """The whole length of an MP3 is counted from its frames' headers, so both are let count before both decode."""
        sound, ours, theirs = material.recording("hour", 3600), self.desktop.home / "ours.wav", self.desktop.home / "theirs.wav"
        counted, ffprobe, decoded, ffmpeg = commands.processor_times(
            self.runs,
            [self.earmark, "probe", "--full", sound],
            ["ffprobe", "-count_packets", sound],
            [self.earmark, "clip", sound, "--from", "0", "--to", "1h", "-o", ours],
            ["ffmpeg", "-y", "-i", sound, theirs],
        )
        yield compared("processor time of measuring an hour of MP3", counted, "ffprobe, packets counted", ffprobe)
        yield compared("processor time of an hour of MP3 to WAV", decoded, "ffmpeg", ffmpeg)


    def inside(self, *words):
        """The numbers that the engine measured from inside prints."""
        done = subprocess.run([self.sound_program, *map(str, words)], check=True, capture_output=True, text=True)
        return [float(number) for number in done.stdout.split()]

    def underruns(self):
        """Ten minutes at twice the speed while every core has other work."""
        busy = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(os.cpu_count())]
        try:
            dry, frames = self.inside("dry", material.long_recording("mp3"), 2, 600)
        finally:
            for process in busy:
                process.kill()
                process.wait()
        yield Row("frames that came too late in 10 minutes at 2×, every core busy", f"{dry:.0f}", f"of {frames:.0f}", "", "0",
                  dry == 0)

    def sound(self):
        """The engine alone, on ten hours of one voice after another; the sound goes to a device that throws it away."""
        mp3 = material.long_recording("mp3")
        inside = self.inside

        for kind in material.KINDS:
            audio = material.long_recording(kind)
            told = subprocess.run([self.seek_program, audio, str(MANY_SEEKS)], check=True, capture_output=True, text=True)
            places, ours = zip(*re.findall(r"^to ([\d.]+) s: ([\d.]+) ms$", told.stdout, re.MULTILINE))
            ours, what = list(map(float, ours)), f"seek in 10 hours, {kind.upper()}"
            yield Row(f"{what}: median", tail(ours), "", "", "10 ms", statistics.median(ours) <= 10)
            yield Row(f"{what}: p99", f"{percentile(ours, 0.99):.1f} ms", "", "", "40 ms", percentile(ours, 0.99) <= 40)
            if kind == "mp3":
                # Where it has not been yet, it reads all that lies before: some seeks take it many seconds.
                theirs = self.mpv_seeks(audio, map(float, places[:FEW_SEEKS]))
                yield sought_beside(f"{what}: the first {FEW_SEEKS}", ours[:FEW_SEEKS], "mpv", theirs, 0.2)

        cpu, wall = inside("index", mp3)
        yield Row("index of a 10-hour MP3: processor time", f"{cpu:.2f} s", f"{wall:.2f} s on the clock", "", "1 s", cpu <= 1)
        kept = inside("recall", mp3, 20)
        yield Row("index of a 10-hour MP3 as it was kept", tail(kept), "", "", "20 ms", statistics.median(kept) <= 20)
        first = inside("open", mp3, 20)
        yield Row("10-hour MP3 without index: opened to first sound", tail(first), "", "", "80 ms", statistics.median(first) <= 80)

        ours, theirs = [], []
        for _ in range(2):
            ours.append(commands.costs([self.earmark, "peaks", mp3]))
            if shutil.which("ffmpeg"):
                theirs.append(commands.costs(["ffmpeg", "-nostdin", "-i", mp3, "-f", "null", "-"]))
        for name, which, most in (("processor time", 0, 1.2), ("on the clock", 1, None)):
            cost, beside = [[run[which] for run in runs] for runs in (ours, theirs)]
            yield compared(f"peaks of a 10-hour MP3: {name}", cost, "ffmpeg -f null", beside, most)

        for speed, most in ((1, 1), (2, 3), (3, 4)):
            playing, silent = inside("play", self.audio, speed, 10)
            share = playing - silent
            yield Row(f"engine playing stereo MP3 at {speed}×, for 10 s", f"{share:.2f} % of a core",
                      f"over silence's {silent:.2f} %", "", f"{most} %", share <= most)
        bare, most = inside("memory", mp3)
        held = (most - bare) / 1024
        yield Row("engine's memory, 10-hour MP3 played and sought in", f"{held:.1f} MB", f"over a bare process's {bare / 1024:.1f} MB",
                  "", "25 MB", held <= 25)
        buffer = 1024
        old = inside("old", mp3, buffer, MANY_SEEKS)
        most = buffer + 480
        yield Row("old sound given to the device after a seek, the most", f"{max(old):.0f} frames",
                  f"median {statistics.median(old):.0f}; buffers of {buffer} at 48 kHz", "", f"{most} frames", max(old) <= most)


# What is measured, in the order of the table.
ROWS = {
    "start": Bench.start,
    "idle": Bench.idle,
    "playing": Bench.playing,
    "seek": Bench.seek,
    "long": Bench.long,
    "scrolling": Bench.scrolling,
    "hours": Bench.hours,
    "memory": Bench.memory,
    "reading": Bench.reading,
    "formats": Bench.formats,
    "decoding": Bench.decoding,
    "sound": Bench.sound,
    "underruns": Bench.underruns,
}


class Row:
    def __init__(self, what, ours, beside, ratio, aim, reached=None):
        verdict = {True: "yes", False: "**no**", None: ""}[reached]
        self.text = " | ".join(["", what, ours, beside, ratio, aim, verdict, ""]).strip()


def compared(what, ours, name, theirs, most=None):
    """Seconds beside each other; with the ratio that must not be passed, if there is one."""
    aim = "" if most is None else f"{most} ×"
    if not theirs:
        return Row(what, spread(ours), f"{name}: not to be had here", "", aim)
    ratio = statistics.median(ours) / statistics.median(theirs)
    reached = None if most is None else ratio <= most
    return Row(what, spread(ours), f"{name}: {spread(theirs)}", times(ratio), aim, reached)


def sought(what, ours, name, theirs, most):
    """Milliseconds beside each other; with the median that must not be passed."""
    median = statistics.median(ours)
    beside = f"{name}: {tail(theirs)}" if theirs else f"{name}: not to be had here"
    ratio = times(median / statistics.median(theirs)) if theirs else ""
    return Row(what, tail(ours), beside, ratio, f"{most} ms", median <= most)


def sought_beside(what, ours, name, theirs, most):
    """Milliseconds beside each other; with the ratio of the medians that must not be passed."""
    if not theirs:
        return Row(what, tail(ours), f"{name}: not to be had here", "", f"{most} ×")
    ratio = statistics.median(ours) / statistics.median(theirs)
    return Row(what, tail(ours), f"{name}: {tail(theirs)}", times(ratio), f"{most} ×", ratio <= most)


def times(ratio):
    return f"{ratio:.2f} ×" if ratio >= 0.1 else f"{ratio:.2g} ×"


def usable(starts):
    return [start.usable for start in starts]


def spread(values):
    return f"{statistics.median(values):.2f} s ({min(values):.2f}–{max(values):.2f})"


def tail(values):
    return f"{statistics.median(values):.1f} ms (p95 {percentile(values, 0.95):.1f}, most {max(values):.1f})"


def percentile(values, share):
    return sorted(values)[math.ceil(len(values) * share) - 1]


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("rows", nargs="*", metavar="ROW", choices=[[], *ROWS], help=", ".join(ROWS))
    options.add_argument("--seed", type=Path, metavar="TRANSCRIPT")
    options.add_argument("--audio", type=Path, metavar="RECORDING")
    options.add_argument("--runs", type=int, default=5)
    options.add_argument("--earmark", type=Path, default=RELEASE / "earmark")
    options.add_argument("--bare", type=Path, default=RELEASE / "examples/bare_window")
    options.add_argument("--formats", type=Path, default=RELEASE / "examples/formats")
    options.add_argument("--sound", type=Path, default=RELEASE / "examples/sound")
    options.add_argument("--seek", type=Path, default=RELEASE / "examples/seek")
    options = options.parse_args()
    if (options.seed is None) != (options.audio is None):
        sys.exit("bench: --seed and --audio belong together")

    print(f"{time.strftime('%F')}, {platform.platform()}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}; Xvfb 1280×800,")
    print(f"GL in software; medians of {options.runs} warm starts (least–most).\n")
    print("| what | Earmark | beside it | ratio | to reach | reached |\n|---|---|---|---|---|---|", flush=True)
    with Desktop() as desktop:
        bench = Bench(desktop, options)
        for name in options.rows or ROWS:
            for row in ROWS[name](bench):
                print(row.text, flush=True)


if __name__ == "__main__":
    main()
