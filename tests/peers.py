"""Reads and writes transcripts with other people's programs, for tests/peers.rs.

    peers.py PEER read FORMAT     standard input: a JSON list of paths
    peers.py PEER write FORMAT    standard input: a JSON list of [path, cues]

prints a JSON list with the cues of each file, or null for one that was written, or what went wrong as a string.
A cue is [start in milliseconds, end in milliseconds, speaker or null, text].
"""

import csv
import json
import os
import re
import subprocess
import sys
import warnings
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path


def clock(millis, comma=","):
    seconds, millis = divmod(millis, 1000)
    return f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}{comma}{millis:03}"


def millis_of(stamp):
    hours, minutes, seconds, millis = map(int, re.split("[:,.]", stamp))
    return ((hours * 60 + minutes) * 60 + seconds) * 1000 + millis


def labelled(cue):
    """The text as it stands where a format has no place for the speaker."""
    _, _, name, text = cue
    return f"{name}: {text}" if name else text


# ---------------------------------------------------------------- each peer reads ...
def pysubs2_read(path, form):
    import pysubs2

    if form == "whisper":
        subs = pysubs2.load_from_whisper(json.loads(Path(path).read_text("utf-8")))
    else:
        subs = pysubs2.load(path, encoding="utf-8", format_=form)
    return [[event.start, event.end, event.name or None, event.plaintext] for event in subs]


def srt_read(path, _form):
    import srt

    millis = timedelta(milliseconds=1)
    subtitles = srt.parse(Path(path).read_text("utf-8"))
    return [[cue.start // millis, cue.end // millis, None, cue.content] for cue in subtitles]


def webvtt_read(path, form):
    import webvtt

    captions = {"vtt": webvtt.read, "srt": webvtt.from_srt, "sbv": webvtt.from_sbv}[form](path)
    times = lambda cue: [cue.start_time.in_milliseconds(), cue.end_time.in_milliseconds()]
    return [[*times(cue), cue.voice, cue.text] for cue in captions]


def csv_read(path, form):
    with open(path, encoding="utf-8", newline="") as file:
        rows = csv.DictReader(file, dialect="excel-tab" if form == "tsv" else "excel")
        time = int if form == "tsv" else millis_of
        return [[time(row["start"]), time(row["end"]), row.get("speaker") or None, row["text"]] for row in rows]


def ffmpeg_read(path, _form):
    plain = ffmpeg("-i", path, "-map", "0:s:0", "-c:s", "text", "-f", "srt", "-")
    stamp = r"(\d+:\d\d:\d\d,\d{3})"
    parts = re.split(rf"(?:\A|\n)\d+\n{stamp} --> {stamp}\n", plain)
    rows = zip(parts[1::3], parts[2::3], parts[3::3])
    return [[millis_of(start), millis_of(end), None, text.rstrip("\n")] for start, end, text in rows]


# ---------------------------------------------------------------- ... and writes
def pysubs2_write(path, form, cues):
    import pysubs2

    subs = pysubs2.SSAFile()
    for start, end, name, text in cues:
        event = pysubs2.SSAEvent(start=start, end=end)
        if form in ("ass", "ssa"):
            event.name = name or ""
            event.plaintext = text
        else:
            event.plaintext = labelled([start, end, name, text])
        subs.append(event)
    subs.save(path, encoding="utf-8", format_=form, fps=25 if form == "microdvd" else None)


def srt_write(path, _form, cues):
    import srt

    time = lambda millis: timedelta(milliseconds=millis)
    subtitles = [srt.Subtitle(None, time(cue[0]), time(cue[1]), labelled(cue)) for cue in cues]
    Path(path).write_text(srt.compose(subtitles), "utf-8")


def webvtt_write(path, form, cues):
    import webvtt

    file = webvtt.WebVTT()
    for cue in cues:
        start, end, name, text = cue
        text = f"<v {name}>{text}" if name and form == "vtt" else labelled(cue)
        file.captions.append(webvtt.Caption(clock(start, "."), clock(end, "."), text))
    save = file.save if form == "vtt" else file.save_as_srt
    save(path)


def praatio_write(path, form, cues):
    from praatio import textgrid

    tiers = {}
    for start, end, name, text in cues:
        tiers.setdefault(name or "Texts", []).append((start / 1000, end / 1000, text))
    length = cues[-1][1] / 1000 + 1
    grid = textgrid.Textgrid(0, length)
    for name, entries in tiers.items():
        grid.addTier(textgrid.IntervalTier(name, entries, 0, length))
    # Shorter intervals than its default would be left out.
    grid.save(path, form, includeBlankSpaces=True, minimumIntervalLength=None)


def pympi_write(path, form, cues):
    from pympi import Elan

    eaf = Elan.Eaf(author="peers.py")
    for start, end, name, text in cues:
        if name and name not in eaf.get_tier_names():
            eaf.add_tier(name, part=name)
        eaf.add_annotation(name or "default", start, end, text)
    if form == "eaf":
        eaf.to_file(path)
    else:
        eaf.to_textgrid().to_file(path)


# How ffmpeg is told to write what the ending does not say.
FFMPEG_CODECS = {"mkv": ["-c:s", "subrip"], "mp4": ["-c:s", "mov_text"], "mkv-ass": ["-c:s", "ass", "-f", "matroska"],
                 "mkv-vtt": ["-c:s", "webvtt", "-f", "matroska"]}


def ffmpeg_write(path, form, cues):
    source = f"{path}.source.srt"
    rows = [f"{n}\n{clock(cue[0])} --> {clock(cue[1])}\n{labelled(cue)}\n\n" for n, cue in enumerate(cues, 1)]
    Path(source).write_text("".join(rows), "utf-8")
    # Beside a sound, as captions are: of a file of captions alone ffmpeg's MP4 begins with the first of them.
    sound = ["-f", "lavfi", "-t", "1", "-i", "anullsrc=r=8000:cl=mono", "-c:a", "aac"] if form == "mp4" else []
    ffmpeg("-i", source, *sound, *FFMPEG_CODECS.get(form, []), path)


def ffmpeg(*arguments):
    command = ["ffmpeg", "-v", "error", "-nostdin", "-y", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, encoding="utf-8")
    if done.returncode:
        raise RuntimeError(done.stderr.strip())
    return done.stdout


def main():
    peer, deed, form = sys.argv[1:]
    function = globals()[f"{peer}_{deed}"]
    # A peer that doubts what it is given says so on and on; what it makes of it is what counts.
    warnings.simplefilter("ignore")

    def answer(task):
        try:
            return function(task, form) if deed == "read" else function(task[0], form, task[1])
        except Exception as error:
            return f"{type(error).__name__}: {error}"

    tasks = json.load(sys.stdin)
    if peer == "ffmpeg":
        with ThreadPoolExecutor(os.cpu_count()) as pool:
            answers = list(pool.map(answer, tasks))
    else:
        answers = [answer(task) for task in tasks]
    json.dump(answers, sys.stdout)


main()
