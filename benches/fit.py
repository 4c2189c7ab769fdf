#!/usr/bin/env python3
"""Measures how well Earmark fits transcripts to recordings, beside other programs, and prints a table in Markdown.

    fit.py MATERIAL_DIR --earmark PATH [--alass PATH] [--ffsubsync PATH] [--rows ROW,...] [--verbose]

The material is what fit_material.py makes. A cell tells how many of the cues that are in the recording are put within
150 ms and within 400 ms of where they are; it is bold where Earmark does not reach the aim. The programs run one after
the other, so that they do not disturb each other's times.
"""

import argparse
import bisect
import difflib
import html
import json
import os
import re
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections import namedtuple
from pathlib import Path

# What is to be reached in each row: percent of the cues within 150 and within 400 ms; or what else is told of it.
AIMS = {
    "nothing": (99, 100),
    "offset": (99, 100),
    "breaks": (95, 99),
    "noise": (90, 97),
    "music": (90, 97),
    "mp3": (90, 97),
    "samevoice": (90, 97),
    "missing": (95, 99),
    "rate": (90, 98),
    "ratebreaks": (90, 98),
    "wrongwords": (90, 97),
    "shapes": (90, 97),
    "foreign": None,
    "untimed5": 80,
    "untimed30": 80,
    "words": 60,
    # Measured for what it costs, and only when it is named.
    "long": (90, 97),
}
WITHIN = (150, 400)
# A sentence of a text without times counts when it is found as near as this.
NEAR = 1000
# A segment that Earmark itself trusts less is called unsure.
SURE = 0.3
# Seconds after which a program is given up.
PATIENCE = 1800
# Recordings of so many minutes are what the mean times are told of.
HALF_HOUR = (25, 45)

Run = namedtuple("Run", "status output cpu wall")


def run(command, scratch, **environment):
    """The exit status, what was printed, and the seconds of the process and of those it waited for."""
    with open(scratch / "printed", "w+b") as printed, open(scratch / "complaints", "w+b") as complaints:
        began = time.monotonic()
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=printed, stderr=complaints,
                                   env={**os.environ, **environment})
        watch = threading.Timer(PATIENCE, process.kill)
        watch.start()
        _, status, usage = os.wait4(process.pid, 0)
        watch.cancel()
        process.returncode = os.waitstatus_to_exitcode(status)
        wall = time.monotonic() - began
        printed.seek(0)
        output = printed.read().decode("utf-8", "replace")
    return Run(process.returncode, output, usage.ru_utime + usage.ru_stime, wall)


# ---------------------------------------------------------------- transcripts
STAMP = r"(?:(\d+):)?(\d\d):(\d\d)[,.](\d{3})"


def millis_of(found):
    hours, minutes, seconds, millis = (int(part or 0) for part in found)
    return ((hours * 60 + minutes) * 60 + seconds) * 1000 + millis


def cues_of(path):
    """The start, the end and the text of each cue of a SubRip or WebVTT file."""
    cues = []
    for block in re.split(r"\n\s*\n", path.read_text("utf-8-sig").replace("\r\n", "\n")):
        found = re.search(rf"^(-?){STAMP} +--> +(-?){STAMP}.*\n?", block, re.MULTILINE)
        if found:
            sign, *start, other = found.groups()[:6]
            end = found.groups()[6:]
            signed = ((sign, start), (other, end))
            times = [-millis_of(one) if minus else millis_of(one) for minus, one in signed]
            cues.append((*times, block[found.end() :]))
    return cues


def words_of(path):
    """Each word of a WebVTT file with its start. Words between two stamps share the time by their letters."""
    words = []
    for start, end, text in cues_of(path):
        parts = [[start, []]]
        for piece in re.findall(r"<[^>]*>|[^<]+", text):
            found = re.fullmatch(f"<{STAMP}>", piece)
            if found:
                parts.append([millis_of(found.groups()), []])
            elif not piece.startswith("<"):
                parts[-1][1] += html.unescape(piece).split()
        for (begin, spoken), until in zip(parts, [*(begin for begin, _ in parts[1:]), end]):
            letters, before = sum(map(len, spoken)), 0
            for word in spoken:
                words.append((begin + (until - begin) * before / letters, word))
                before += len(word)
    return [(start, plain(word)) for start, word in words if plain(word)]


def plain(word):
    return re.sub(r"\W", "", word.lower())


def matched(ours, theirs):
    """Pairs of places with equal entries, in order."""
    if ours == theirs:
        return [(i, i) for i in range(len(ours))]
    blocks = difflib.SequenceMatcher(None, ours, theirs, autojunk=False).get_matching_blocks()
    return [(block.a + i, block.b + i) for block in blocks for i in range(block.size)]


# ---------------------------------------------------------------- cases and what was said of them
class Case:
    def __init__(self, folder):
        self.name = f"{folder.parent.name}/{folder.name}"
        self.row = folder.parent.name
        self.truth = json.loads((folder / "truth.json").read_text("utf-8"))
        self.recording = next(folder.glob("recording.*"))
        self.transcript = next(folder.glob("transcript.*"))
        self.timed = self.transcript.suffix == ".srt"
        self.cues = cues_of(self.transcript) if self.timed else []
        if self.timed and len(self.cues) != len(self.truth["cues"]):
            sys.exit(f"fit: {self.name} has {len(self.cues)} cues and {len(self.truth['cues'])} true times")

    @property
    def half_hour(self):
        return HALF_HOUR[0] <= self.truth["minutes"] <= HALF_HOUR[1]


class Answer:
    """What one program made of one case. `starts` has for each cue where it is said to be, or None."""

    def __init__(self, case, run, starts=(), *, failed=False, belongs=True, segments=None, cut=False, unsure=0,
                 errors=()):
        self.case, self.run, self.failed, self.belongs = case, run, failed, belongs
        self.segments, self.cut, self.unsure = segments, cut, unsure
        # How far off each sentence or word is, where that is what counts; None where it was not found.
        self.errors = errors
        pairs = list(zip(starts or [None] * len(case.cues), case.truth["cues"]))
        there = [(said, true) for said, true in pairs if true is not None]
        self.there = len(there)
        self.within = [sum(said is not None and abs(said - true) <= most for said, true in there) for most in WITHIN]
        absent = [said for said, true in pairs if true is None]
        self.absent, self.known_absent = len(absent), sum(said is None for said in absent) if starts else 0

    def line(self, program):
        case = self.case
        if self.failed:
            told = f"failed with {self.run.status}"
        elif case.row == "foreign":
            told = "belongs" if self.belongs else "does not belong"
        elif case.row == "words":
            told = f"{len(self.errors)} words, {word_cell([self])}"
        elif not case.timed:
            told = f"{len(self.errors)} sentences, {near_cell([self])} within {NEAR} ms"
        else:
            told = f"{self.there} cues, {self.within[0]} within {WITHIN[0]} ms, {self.within[1]} within {WITHIN[1]} ms"
            if self.absent:
                told += f", {self.known_absent} of {self.absent} known as absent"
            if not self.belongs:
                told += ", said not to belong"
        if self.segments is not None:
            told += f", {self.segments} segments"
        times = f"{self.run.cpu:.1f} s of processor, {self.run.wall:.1f} s"
        return f"{case.name} {program}: {told}, {times} ({case.truth['what']})".replace(" ()", "")


# ---------------------------------------------------------------- the programs
class Earmark:
    name = "Earmark"

    def __init__(self, path):
        self.path = path.resolve()

    def runs(self, _case):
        return True

    def answer(self, case, scratch):
        command = [self.path, "sync", case.transcript, case.recording]
        # Nothing that it may have kept of a recording before.
        places = {name: str(scratch) for name in ("XDG_CACHE_HOME", "XDG_DATA_HOME")}
        if case.row == "words" or not case.timed:
            return self.written(case, scratch, command, places)
        done = run([*command, "--json"], scratch, **places)
        try:
            told = json.loads(done.output)
            belongs, segments, gaps = told["belongs"], told["segments"], told["gaps"]
            pairs = [self.place(segments, start) for start, _, _ in case.cues]
        except (ValueError, KeyError, TypeError):
            complain(case, self.name, done, scratch)
            return Answer(case, done, failed=True)
        if not belongs:
            return Answer(case, done, belongs=False)
        cut, unsure = len(segments) > 1 or bool(gaps), sum(not sure for _, sure in pairs)
        return Answer(case, done, [said for said, _ in pairs], segments=len(segments), cut=cut, unsure=unsure)

    @staticmethod
    def place(segments, start):
        """Where a cue is said to be in the recording, and whether Earmark trusts that."""
        for one in segments:
            if one["from_ms"] <= start < one["to_ms"]:
                said = one["from_ms"] + one["offset_ms"] + (start - one["from_ms"]) * one["rate"]
                return said, one["confidence"] >= SURE
        return None, True

    def written(self, case, scratch, command, places):
        """Of rows where the words count: what it writes as WebVTT."""
        file = scratch / "out.vtt"
        wanted = ["--words"] if case.row == "words" else []
        done = run([*command, "--write", file, *wanted], scratch, **places)
        true = [(start, plain(word)) for start, _, word in case.truth["words"] if plain(word)]
        said, failed = [], not file.exists()
        if failed:
            if done.status != 1:
                complain(case, self.name, done, scratch)
        else:
            said = words_of(file)
        found = {a: said[b][0] for a, b in matched([word for _, word in true], [word for _, word in said])}
        counted = range(len(true))
        if case.row != "words":
            begins = [start for start, _ in true]
            counted = [bisect.bisect_left(begins, start) for start in case.truth["sentences"]]
        errors = [abs(found[i] - true[i][0]) if i in found else None for i in counted]
        return Answer(case, done, failed=failed, errors=errors)


class Peer:
    """A program that writes the transcript with other times, and never says that the two do not belong together."""

    def __init__(self, path):
        self.path = path.resolve()

    def runs(self, case):
        return case.timed and case.row not in ("foreign", "words")

    def answer(self, case, scratch):
        file = scratch / "out.srt"
        done = run(self.command(case, file), scratch)
        if done.status != 0 or not file.exists():
            complain(case, self.name, done, scratch)
            return Answer(case, done, failed=True)
        cues = cues_of(file)
        starts = [None] * len(case.cues)
        # Some leave out cues that would come before the recording.
        texts = [[plain(text) for _, _, text in some] for some in (case.cues, cues)]
        for i, j in matched(*texts) if len(cues) != len(starts) else zip(range(len(starts)), range(len(starts))):
            starts[i] = cues[j][0]
        return Answer(case, done, starts)


class Alass(Peer):
    name = "alass"

    def command(self, case, file):
        return [self.path, case.recording, case.transcript, file]


class Ffsubsync(Peer):
    name = "ffsubsync"

    def command(self, case, file):
        return [self.path, case.recording, "-i", case.transcript, "-o", file]


def complain(case, program, done, scratch):
    said = (scratch / "complaints").read_text("utf-8", "replace").strip().splitlines()
    print(f"{case.name}: {program} failed with {done.status}: {said[-1] if said else 'nothing said'}", file=sys.stderr)


# ---------------------------------------------------------------- the table
def percent(count, of):
    return 100 * count / of if of else 0.0


def near_share(answers):
    errors = [error for answer in answers for error in answer.errors]
    return percent(sum(error is not None and error <= NEAR for error in errors), len(errors))


def near_cell(answers):
    return f"{near_share(answers):.1f} %"


def word_error(answers):
    """The median; a word that was not found is infinitely far off."""
    errors = [float("inf") if error is None else error for answer in answers for error in answer.errors]
    return statistics.median(errors) if errors else float("inf")


def word_cell(answers):
    error = word_error(answers)
    return "not found" if error == float("inf") else f"{error:.0f} ms"


def cell(row, answers):
    """What a program reached in a row, and whether that is the aim."""
    text, reached = score(row, answers)
    failed = sum(answer.failed for answer in answers)
    return text + (f"; {failed} failed" if failed else ""), reached


def score(row, answers):
    aim = AIMS[row]
    if row == "foreign":
        said = sum(not answer.belongs for answer in answers)
        return f"{said} of {len(answers)}", said == len(answers)
    if row == "words":
        return word_cell(answers), word_error(answers) <= aim
    if row.startswith("untimed"):
        return near_cell(answers), near_share(answers) >= aim
    there = sum(answer.there for answer in answers)
    shares = [percent(sum(answer.within[i] for answer in answers), there) for i in range(len(WITHIN))]
    reached = all(share >= least for share, least in zip(shares, aim))
    text = f"{shares[0]:.1f} / {shares[1]:.1f} %"
    # Only Earmark tells segments.
    if any(answer.segments is not None for answer in answers):
        if row == "nothing":
            cut = sum(answer.cut for answer in answers)
            text += f"; {cut} of {len(answers)} cut"
            reached = reached and cut == 0
        absent = sum(answer.absent for answer in answers)
        if absent:
            text += f"; {percent(sum(answer.known_absent for answer in answers), absent):.1f} % of the absent known"
        unsure = percent(sum(answer.unsure for answer in answers), there + absent)
        if unsure:
            text += f"; {unsure:.1f} % unsure"
    return text, reached


def aim_of(row, count):
    aim = AIMS[row]
    if row == "foreign":
        return f"{count} of {count}"
    if row == "words":
        return f"{aim} ms"
    return f"{aim} %" if isinstance(aim, int) else f"{aim[0]} / {aim[1]} %"


def print_times(programs, answers):
    """The mean times of the cases that every program was given."""
    kinds = {"recordings of half an hour": lambda case: case.half_hour, "10 hours": lambda case: case.row == "long"}
    for what, chosen in kinds.items():
        runs = {}
        for program, case, answer in answers:
            if chosen(case) and not answer.failed and all(other.runs(case) for other in programs):
                runs.setdefault(program.name, []).append(answer.run)
        for name, some in runs.items():
            cpu, wall = (statistics.mean(getattr(one, kind) for one in some) for kind in ("cpu", "wall"))
            print(f"{name}, {what}: {cpu:.2f} s of processor, {wall:.2f} s on the clock; mean of {len(some)}")


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("material", type=Path, metavar="MATERIAL_DIR")
    options.add_argument("--earmark", type=Path, required=True, metavar="PATH")
    options.add_argument("--alass", type=Path, metavar="PATH", help="alass-cli")
    options.add_argument("--ffsubsync", type=Path, metavar="PATH", help="ffs or ffsubsync")
    options.add_argument("--rows", metavar="ROW,...", help=", ".join(AIMS))
    options.add_argument("--verbose", action="store_true", help="a line for each case")
    options = options.parse_args()
    rows = options.rows.split(",") if options.rows else [row for row in AIMS if row != "long"]
    for row in rows:
        if row not in AIMS:
            sys.exit(f"fit: there is no row {row}")

    programs = [Earmark(options.earmark)]
    programs += [kind(path) for kind, path in ((Alass, options.alass), (Ffsubsync, options.ffsubsync)) if path]
    names = ("Earmark", "alass", "ffsubsync")
    answers, lines = [], []
    # Each row as soon as it is known, since all of them take long.
    print(f"| row | aim | {' | '.join(names)} |\n|{'---|' * (2 + len(names))}", flush=True)
    for row in rows:
        cases = [Case(truth.parent) for truth in sorted((options.material / row).glob("*/truth.json"))]
        if not cases:
            continue
        cells = dict.fromkeys(names, "-")
        for program in programs:
            given = []
            for case in filter(program.runs, cases):
                with tempfile.TemporaryDirectory() as scratch:
                    answer = program.answer(case, Path(scratch))
                given.append(answer)
                answers.append((program, case, answer))
                lines.append(answer.line(program.name))
            if given:
                text, reached = cell(row, given)
                cells[program.name] = text if reached or program.name != "Earmark" else f"**{text}**"
        print(f"| {row} | {aim_of(row, len(cases))} | {' | '.join(cells.values())} |", flush=True)

    belonging = [answer for program, case, answer in answers if program.name == "Earmark" and case.truth["belongs"]]
    if belonging:
        refused = sum(not answer.belongs for answer in belonging)
        print(f"\nSaid not to belong, but do: {refused} of {len(belonging)}.")
    print_times(programs, answers)
    if options.verbose:
        print("\n" + "\n".join(lines))


if __name__ == "__main__":
    main()
