#!/usr/bin/env python3
"""What a journal costs, how soon a build is gone on with, and what is left of builds that are killed.

- Journal: the records of a finished build are appended and synced again, in the same folder, and that time is
  held against the build's own. Python's share of it counts against the journal.
- Resume: builds of recipes/demo.yaml are killed with SIGKILL, and the time from the start of `amint resume` to
  the phase or step that they were in is taken, the machine's own answers included.
- Kills: builds on this computer, killed at every record of their journals in turn and then gone on with, or
  cleaned up with or without the journal. What is left is counted: processes, folders, disks.
- Simulation: random schedules with faults and deaths, on a simulated account and a simulated machine.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from tools import AMINT, ROOT, example, rounds, table

ROUNDS = rounds(5)
SCHEDULES = 20_000
STEPS = """
  - shell: { name: once, run: "mkdir /opt/once" }
  - file: { content: "hello", to: /opt/once/greeting }
"""


class Folder:
    """A folder for builds, with the cache of this user and nothing else."""

    def __init__(self) -> None:
        self.path = Path(tempfile.mkdtemp(prefix="amint-bench-"))
        (self.path / "run").mkdir(mode=0o700)
        self.environment = {**os.environ, "XDG_RUNTIME_DIR": str(self.path / "run")}
        recipe = "amint: 1\nname: crash\nversion: 1.0.0\nbase: { local: { debian: bookworm } }\n"
        recipe += f"builder: {{ network: none }}\nsteps:{STEPS}image: {{ name: crash }}\n"
        (self.path / "crash.yaml").write_text(recipe)

    def amint(self, *arguments: str | Path) -> subprocess.Popen:
        """Starts amint in the folder."""
        return subprocess.Popen(
            [AMINT, *arguments], cwd=self.path, env=self.environment,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)

    def build(self, recipe: str | Path) -> subprocess.Popen:
        """Starts a build that reports events."""
        return self.amint("build", recipe, "--on", "local", "--format", "json", "--output", "out")

    def journal(self) -> Path | None:
        """That of the only build."""
        return next(self.path.glob(".amint/builds/*/journal.jsonl"), None)

    def records(self) -> list[dict]:
        """Its complete lines."""
        journal = self.journal()
        return [json.loads(line) for line in journal.read_text().split("\n")[:-1]] if journal else []

    def left(self) -> list[str]:
        """Processes, folders and disks of builds that are there."""
        there = [str(one) for one in (self.path / "run/amint").glob("*")]
        there += [str(one) for one in self.path.glob("out/.amint-*")]
        for process in Path("/proc").glob("[0-9]*/cmdline"):
            try:
                if str(self.path) in process.read_bytes().decode(errors="replace"):
                    there.append(str(process))
            except OSError:
                pass
        return there

    def remove(self) -> None:
        """Removes it."""
        shutil.rmtree(self.path)


def events(process: subprocess.Popen) -> Iterator[tuple[float, dict]]:
    """Events as they come, each with the time."""
    for line in process.stdout or ():
        yield time.monotonic(), json.loads(line)


def ended(process: subprocess.Popen, code: int = 0) -> str:
    """Waits for its end; returns what it printed."""
    out, err = process.communicate()
    if process.returncode != code:
        sys.exit(f"exit code {process.returncode}: {err}")
    return out


def journal_cost() -> None:
    """Prints the share of a build's time that its journal takes."""
    shares = []
    for _ in range(ROUNDS):
        folder = Folder()
        start = time.monotonic()
        ended(folder.build(ROOT / "recipes/demo.yaml"))
        wall = time.monotonic() - start
        journal = folder.journal()
        lines = journal.read_bytes().splitlines(keepends=True)
        again = os.open(journal.with_name("again.jsonl"), os.O_WRONLY | os.O_APPEND | os.O_CREAT)
        start = time.monotonic()
        for line in lines:
            os.write(again, line)
            os.fdatasync(again)
        shares.append((100 * (time.monotonic() - start) / wall, len(lines), wall))
        os.close(again)
        folder.remove()
    share, lines, wall = statistics.median_low(shares)
    print(f"  journal: {lines} records synced, {share:.2f} % of a build of {wall:.1f} s (median of {ROUNDS})")


POINTS = {
    "step 3 of 7": lambda e: e["event"] == "step-started" and e["index"] == 3,
    "step 6 of 7": lambda e: e["event"] == "step-started" and e["index"] == 6,
    "seal": lambda e: e["event"] == "phase-started" and e["phase"] == "seal",
    "capture": lambda e: e["event"] == "phase-started" and e["phase"] == "capture",
    "inspect": lambda e: e["event"] == "phase-started" and e["phase"] == "inspect",
    "record": lambda e: e["event"] == "phase-started" and e["phase"] == "record",
}


def resume_time() -> None:
    """Prints how soon a resumed build is where its process died."""
    for name, reached in POINTS.items():
        times = []
        for _ in range(ROUNDS):
            folder = Folder()
            process = folder.build(ROOT / "recipes/demo.yaml")
            point = next(event for _, event in events(process) if reached(event))
            process.kill()
            process.wait()
            build = folder.journal().parent.name
            start = time.monotonic()
            process = folder.amint("resume", build, "--format", "json")
            there = None
            for at, event in events(process):
                same = event["event"] == point["event"] and all(
                    event.get(key) == point.get(key) for key in ("phase", "index"))
                later = event["event"] == "phase-started" and event["phase"] == "inspect"
                if there is None and (same or later):
                    there = at - start
            ended(process)
            times.append(there)
            folder.remove()
        print(f"  resume, killed in {name}: there again after {statistics.median(times):.2f} s, "
              f"at most {max(times):.2f} s")


def killed(folder: Folder, lines: int) -> bool:
    """Starts a build and kills it when its journal has so many lines; whether it had."""
    process = subprocess.Popen(
        [AMINT, "build", "crash.yaml", "--on", "local", "--format", "plain", "--output", "out"],
        cwd=folder.path, env=folder.environment, stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    while process.poll() is None:
        journal = folder.journal()
        if journal and journal.read_bytes().count(b"\n") >= lines:
            process.send_signal(signal.SIGKILL)
            process.wait()
            return True
        time.sleep(0.0005)
    return False


def kills() -> list[list[str]]:
    """Rows of the table: what became of builds that were killed at each record."""
    counts = {"resumed": 0, "cleaned": 0, "swept": 0}
    leaked, deaths = 0, 0
    for ending in counts:
        for lines in range(1, 1000):
            folder = Folder()
            if not killed(folder, lines):
                folder.remove()
                break
            deaths += 1
            build = folder.journal().parent.name
            if ending == "resumed":
                process = folder.amint("resume", build, "--format", "plain")
                process.communicate()
                # 14: it was killed in its very last moment.
                if process.returncode not in (0, 14):
                    print(f"  killed at line {lines}: resume ended with {process.returncode}")
            else:
                if ending == "swept":
                    shutil.rmtree(folder.path / ".amint")
                ended(folder.amint("cleanup", build, "--on", "local", "--yes"))
            counts[ending] += 1
            left = folder.left()
            if left:
                print(f"  killed at line {lines}, {ending}: left {left}")
            leaked += len(left)
            folder.remove()
    row = ["this computer, SIGKILL at every record", "–", str(deaths)]
    return [[*row, *(str(count) for count in counts.values()), str(leaked)]]


def simulation() -> list[list[str]]:
    """Rows of the table: random schedules; and their speed."""
    lines = example("amint-engine", "simulated_crashes", "1", str(SCHEDULES))
    text = "\n".join(lines)
    each, process = (float(each) for each in re.findall(r"(\d+) µs each", text))
    number = {name: int(count) for name, count in re.findall(r"(\w+) (\d+)", text)}
    print(f"  {SCHEDULES} schedules: {each:.0f} µs each, {1e6 / each:.0f} a second on one core; "
          f"processes that begin a build or go on with it: {1e6 / process:.0f} a second")
    row = ["simulation, random schedules", str(number["faults"]), str(number["deaths"])]
    return [[*row, *(str(number[name]) for name in ("resumed", "cleaned", "swept", "leaked"))]]


def main() -> None:
    """Prints all of it."""
    # The base image and the saved machine are made once.
    folder = Folder()
    ended(folder.build("crash.yaml"))
    folder.remove()
    print("journal and resume")
    journal_cost()
    resume_time()
    print("kills")
    rows = simulation() + kills()
    print()
    table(["where", "faults", "deaths", "resumed", "cleaned", "swept", "leaked"], rows)


main()
