"""What is measured on: transcripts and recordings of any length, made of the demo, whose words and voices are ours."""

import json
import random
import re
import subprocess
from pathlib import Path
from xml.sax.saxutils import escape

ROOT = Path(__file__).parent.parent
DEMO = ROOT / "assets/demo/talking-about-maps"
FOLDER = ROOT / "target/bench"


def stamp(ms):
    return f"{ms // 3_600_000:02}:{ms // 60_000 % 60:02}:{ms // 1000 % 60:02},{ms % 1000:03}"


def subrip(path, cues):
    """Writes cues (start and end in milliseconds, text). The byte order mark is for subtitlecomposer, which asks for
    the encoding without it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    blocks = (f"{i}\n{stamp(start)} --> {stamp(end)}\n{text}\n" for i, (start, end, text) in enumerate(cues, 1))
    path.write_text("\n".join(blocks), encoding="utf-8-sig")
    return path


def transcript(name, count, length_ms):
    """So many cues spread over so long a time, always the same ones. Alone in its folder: no recording is found."""
    path = FOLDER / name / f"{name}.srt"
    if path.exists():
        return path
    lines = DEMO.with_suffix(".txt").read_text().splitlines()
    sentences = [line.replace(" / ", " ") for line in lines if re.fullmatch(r"[A-Z].*[.?,]", line)]
    chance, step = random.Random(1), length_ms / count
    cues = []
    for i in range(count):
        speaker = chance.choice(["Mara: ", "Ilan: "]) if chance.random() < 0.2 else ""
        start, length = round(i * step), round(step * chance.uniform(0.7, 0.97))
        cues.append((start, start + length, speaker + chance.choice(sentences)))
    return subrip(path, cues)


def recording(name, seconds):
    """The demo's voices again and again: MP3 with a varying bit rate, 44.1 kHz, stereo."""
    path = FOLDER / "sound" / f"{name}.mp3"
    if path.exists():
        return path
    path.parent.mkdir(parents=True, exist_ok=True)
    ffmpeg = ["ffmpeg", "-loglevel", "error", "-y"]
    piece, unfinished = path.with_name("piece.mp3"), path.with_name(f"unfinished-{name}.mp3")
    subprocess.run([*ffmpeg, "-i", DEMO.with_suffix(".mp3"), "-ar", "44100", "-ac", "2", "-q:a", "4", piece], check=True)
    loop = ["-stream_loop", "-1", "-i", piece, "-t", str(seconds), "-c", "copy", "-map_metadata", "-1", unfinished]
    subprocess.run([*ffmpeg, *loop], check=True)
    unfinished.rename(path)
    return path


# How the demo's voices are written in each kind: what the encoder is told, and whether a piece of it can be strung together
# as it is. The pages of Vorbis and the frames of FLAC are numbered or overlap, so they are written whole.
KINDS = {
    "mp3": ("-ar 44100 -q:a 5 -write_xing 0 -id3v2_version 0", True),
    "m4b": ("-ar 44100 -c:a aac -b:a 64k -f ipod", True),
    "opus": ("-c:a libopus -b:a 24k", True),
    "flac": ("-ar 16000", False),
    "ogg": ("-ar 22050 -c:a libvorbis -q:a 2", False),
    "wav": ("-ar 16000", False),
}


def long_recording(kind, seconds=36_000):
    """Ten hours of the demo's voices in one channel. The MP3 has a varying bit rate and nothing that tells its length."""
    path = FOLDER / "sound" / f"plain-{seconds}.{kind}"
    if path.exists():
        return path
    path.parent.mkdir(parents=True, exist_ok=True)
    ffmpeg = ["ffmpeg", "-nostdin", "-loglevel", "error", "-y"]
    how, strung = KINDS[kind]
    plain = ["-map_metadata", "-1", "-map_chapters", "-1", "-ac", "1", *how.split()]
    piece, unfinished = path.with_name(f"piece-plain.{kind}"), path.with_name(f"unfinished-{path.name}")
    source = DEMO.with_suffix(".mp3")
    if strung:
        subprocess.run([*ffmpeg, "-i", source, *plain, piece], check=True)
        source, plain = piece, [*plain[:4], *how.split(), "-c:a", "copy"]
    subprocess.run([*ffmpeg, "-stream_loop", "-1", "-i", source, "-t", str(seconds), *plain, unfinished], check=True)
    unfinished.rename(path)
    return path


def as_subrip(earmark, path):
    """A transcript that other programs cannot read, as Earmark reads it."""
    return subrip(FOLDER / "given" / "given.srt", read(earmark, path))


def as_transcriber(earmark, path, audio):
    """A transcript and its recording as transcriber wants them: one turn with a mark before each cue, and the samples as
    they are."""
    text, sound = FOLDER / "given" / "given.trs", FOLDER / "given" / "given.wav"
    cues = read(earmark, path)
    end = f"{cues[-1][1] / 1000:.3f}"
    parts = [f'<Sync time="{start / 1000:.3f}"/>\n{escape(line)}\n' for start, _, line in cues]
    text.parent.mkdir(parents=True, exist_ok=True)
    text.write_text(
        '<?xml version="1.0" encoding="UTF-8"?>\n<!DOCTYPE Trans SYSTEM "trans-14.dtd">\n<Trans audio_filename="given">\n'
        f'<Episode>\n<Section type="report" startTime="0" endTime="{end}">\n<Turn startTime="0" endTime="{end}">\n'
        f'{"".join(parts)}</Turn>\n</Section>\n</Episode>\n</Trans>\n'
    )
    subprocess.run(["ffmpeg", "-loglevel", "error", "-y", "-i", audio, "-vn", sound], check=True)
    return text, sound


def read(earmark, path):
    """The cues of a transcript as Earmark reads them."""
    told = subprocess.run([earmark, "inspect", path, "--json"], check=True, capture_output=True).stdout
    return [(round(cue["start_ms"]), round(cue["end_ms"]), cue["text"]) for cue in json.loads(told)["cues"]]
