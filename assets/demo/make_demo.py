#!/usr/bin/env python3
"""Makes the demo from talking-about-maps.txt: its recording (.mp3) and its transcript (.vtt).

Needs flite and ffmpeg (Debian: flite ffmpeg). Each sentence is spoken by itself, and flite tells when each of its
phones ends; so cue and word times are those of the sound, not estimates. Run it after a change to the text.
"""

import re
import subprocess
import tempfile
import wave
from pathlib import Path

HERE = Path(__file__).parent
NAME = "talking-about-maps"
TITLE = "Talking about maps"
VOICES = {"Mara": ("slt", 1.02), "Ilan": ("rms", 0.95)}  # flite voice, stretch of its durations
RATE = 16_000  # what flite's voices speak
PAUSE_AFTER_SENTENCE = 0.30
PAUSE_AFTER_TURN = 0.52
LEAD_IN = 0.60
LEAD_OUT = 1.20
KEPT_AROUND = 0.04  # seconds of flite's own silence kept before and after a sentence
LINE_WIDTH = 40  # letters in a caption line


def sentences():
    """Yields (speaker, sentence, is_last_of_turn) of the source text."""
    speaker, found = None, []
    for line in (HERE / f"{NAME}.txt").read_text(encoding="utf-8").splitlines():
        if line in VOICES:
            speaker = line
            if found:
                found[-1][2] = True
        elif line and not line.startswith("#"):
            found.append([speaker, line, False])
    found[-1][2] = True
    return found


def speak(speaker, text, wav="none"):
    """Speaks `text` and returns flite's phones as (name, end in seconds)."""
    voice, stretch = VOICES[speaker]
    command = ["flite", "-voice", voice, "--setf", f"duration_stretch={stretch}", "-psdur", "-t", text, "-o", str(wav)]
    told = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    return [(name, float(end)) for name, end in (pair.split(":") for pair in told.split())]


def word_spans(speaker, text, phones):
    """The (start, end) of each word: a word's phones are those that its text up to and with it has more."""
    sounding = [
        (phones[i - 1][1] if i else 0.0, end) for i, (name, end) in enumerate(phones) if name != "pau"
    ]
    words, spans, first = text.split(), [], 0
    for n in range(1, len(words) + 1):
        # A neutral ending: with a comma or a question mark the last phones stay the same but more silence follows.
        spoken = speak(speaker, " ".join(words[:n]).rstrip(".,?"))
        last = sum(name != "pau" for name, _ in spoken)
        assert first < last <= len(sounding), f"cannot place '{words[n - 1]}' in: {text}"
        spans.append((sounding[first][0], sounding[last - 1][1]))
        first = last
    assert first == len(sounding), f"phones are left over in: {text}"
    return spans


def stamp(seconds):
    whole = round(seconds * 1000)
    return f"{whole // 60_000:02}:{whole // 1000 % 60:02}.{whole % 1000:03}"


def caption(speaker, words, spans):
    """One cue: its time line and its text, in one or two lines, with a time before each word but the first."""
    lines, width = [[]], len(" ".join(words))
    limit = LINE_WIDTH if width <= LINE_WIDTH else max(width * 11 // 20, 24)
    for word, (start, _) in zip(words, spans):
        so_far = len(re.sub(r"<[^>]*>", "", " ".join(lines[-1])))
        if lines[-1] and so_far + 1 + len(word) > limit and len(lines) < 2:
            lines.append([])
        is_first = lines == [[]]
        lines[-1].append(word if is_first else f"<{stamp(start)}>{word}")
    text = "\n".join(" ".join(line) for line in lines)
    return f"{stamp(spans[0][0])} --> {stamp(spans[-1][1])}\n<v {speaker}>{text}\n"


def main():
    sound = bytearray(2 * round(LEAD_IN * RATE))
    cues = [f"WEBVTT - {TITLE}\n"]
    with tempfile.TemporaryDirectory() as folder:
        for speaker, line, ends_turn in sentences():
            wav = Path(folder) / "sentence.wav"
            text = line.replace(" / ", " ")
            phones = speak(speaker, text, wav)
            spans = word_spans(speaker, text, phones)
            with wave.open(str(wav)) as file:
                samples = file.readframes(file.getnframes())
            first = max(0, round((spans[0][0] - KEPT_AROUND) * RATE))
            last = round((spans[-1][1] + KEPT_AROUND) * RATE)
            shift = len(sound) / 2 / RATE - first / RATE
            sound += samples[2 * first : 2 * last]
            sound += bytes(2 * round((PAUSE_AFTER_TURN if ends_turn else PAUSE_AFTER_SENTENCE) * RATE))
            spans = [(start + shift, end + shift) for start, end in spans]
            for part in line.split(" / "):
                words = part.split()
                cues.append(caption(speaker, words, spans[: len(words)]))
                spans = spans[len(words) :]
        sound += bytes(2 * round(LEAD_OUT * RATE))
        whole = Path(folder) / "whole.wav"
        with wave.open(str(whole), "wb") as file:
            file.setnchannels(1)
            file.setsampwidth(2)
            file.setframerate(RATE)
            file.writeframes(sound)
        polish = "highpass=f=70,treble=g=3:f=3000,loudnorm=I=-18:TP=-2:LRA=7"
        command = ["ffmpeg", "-v", "error", "-y", "-i", whole, "-af", polish, "-ar", "24000", "-ac", "1"]
        tags = ["-metadata", f"title={TITLE}", "-metadata", "artist=Earmark demo", "-fflags", "+bitexact"]
        mp3 = HERE / f"{NAME}.mp3"
        subprocess.run([*command, "-c:a", "libmp3lame", "-b:a", "40k", *tags, mp3], check=True)
    (HERE / f"{NAME}.vtt").write_text("\n".join(cues), encoding="utf-8")
    print(f"{len(cues) - 1} cues, {len(sound) / 2 / RATE:.1f} s, {mp3.stat().st_size} bytes")


if __name__ == "__main__":
    main()
