"""Programs without a window: what their work costs, and how long mpv takes to seek."""

import json
import os
import shutil
import socket
import subprocess
import sys
import time
from pathlib import Path

from desktop import wait_for

# Played between two seeks, as in seek.rs.
BETWEEN = 0.1


def processor_times(runs, *commands):
    """The user and system seconds of whole processes, run in turn: a round to warm up and then the rounds that count.
    A program that is not installed has none."""
    times = [[] for _ in commands]
    for turn in range(runs + 1):
        for kept, command in zip(times, commands):
            if command is None or shutil.which(command[0]) is None:
                continue
            spent = processor_time(command)
            if turn:
                kept.append(spent)
    return times


def processor_time(command):
    return costs(command)[0]


def costs(command):
    """The user and system seconds of a whole process, and the seconds it took."""
    began = time.monotonic()
    process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        raise RuntimeError(f"{command[0]} failed with {process.returncode}")
    return usage.ru_utime + usage.ru_stime, time.monotonic() - began


def python_with(package, folder):
    """A Python that has the package, if need be in an environment of its own in the folder; or None, when the package
    cannot be had, as without a network."""
    if subprocess.run([sys.executable, "-c", f"import {package}"], capture_output=True).returncode == 0:
        return sys.executable
    python = Path(folder, "bin/python")
    for command in ([sys.executable, "-m", "venv", folder], [python, "-m", "pip", "install", "--quiet", package]):
        if subprocess.run(command, capture_output=True).returncode != 0:
            return None
    return python


def node_with(package, folder):
    """The folder of a Node package, if need be put there; or None, when there is no Node, or the package cannot be had."""
    there = Path(folder, "node_modules", package)
    if not there.exists() and shutil.which("npm"):
        subprocess.run(["npm", "install", "--silent", "--prefix", folder, package], capture_output=True)
    return there if there.exists() and shutil.which("node") else None


class Mpv:
    """mpv with neither picture nor sound, told what to do over its socket; use with `with`."""

    def __init__(self, folder, audio):
        self.path, self.audio = Path(folder, f"mpv-{audio.stem}"), audio

    def __enter__(self):
        # It is given the recording when somebody listens already: its first event could be missed otherwise.
        mpv = ["mpv", "--no-config", "--no-terminal", "--idle", "--vo=null", "--ao=null", f"--input-ipc-server={self.path}"]
        self.process = subprocess.Popen(mpv, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        wait_for(self.path.exists, "mpv's socket")
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.settimeout(60)
        self.socket.connect(str(self.path))
        self.lines = self.socket.makefile()
        self.tell("loadfile", str(self.audio))
        self.await_event("playback-restart")
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait()
        self.lines.close()
        self.socket.close()

    def tell(self, *command):
        self.socket.sendall(json.dumps({"command": command}).encode() + b"\n")

    def await_event(self, name):
        for line in self.lines:
            if json.loads(line).get("event") == name:
                return
        raise RuntimeError(f"mpv ended before {name}")

    def seek(self, seconds):
        """Seeks exactly, and returns how many milliseconds it took until it played again."""
        time.sleep(BETWEEN)
        asked = time.monotonic()
        self.tell("seek", seconds, "absolute+exact")
        self.await_event("seek")
        self.await_event("playback-restart")
        return (time.monotonic() - asked) * 1000
