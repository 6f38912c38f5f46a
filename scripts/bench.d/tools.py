"""What all parts of the benchmark use."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[2]
AMINT = os.environ.get("AMINT", str(ROOT / "target/release/amint"))


def rounds(default: int) -> int:
    """How many rounds the command line asks for."""
    return int(sys.argv[1]) if len(sys.argv) > 1 else default


class Run(NamedTuple):
    """What a finished command took: seconds, and its peak memory in MiB."""

    wall: float
    processor: float
    memory: float


def timed(*command: str | Path, environment: dict[str, str] | None = None, output: Path | None = None,
          accept: Sequence[int] = (0,)) -> Run:
    """Runs a command to its end; what it prints goes to `output`. Another exit code than those is the end."""
    with open(output or os.devnull, "wb") as out, open(f"{output}.err" if output else os.devnull, "wb") as err:
        start = time.monotonic()
        process = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=out, stderr=err, env=environment)
        _, status, usage = os.wait4(process.pid, 0)
        wall = time.monotonic() - start
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode not in accept:
        if output:
            sys.stderr.write(output.read_text()[-2000:] + Path(f"{output}.err").read_text()[-2000:])
        sys.exit(f"{' '.join(map(str, command))} failed")
    return Run(wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024)


def example(package: str, name: str, *arguments: str | Path) -> list[str]:
    """The lines that an example of a crate prints, built for speed."""
    command = ["cargo", "run", "--quiet", "--release", "--package", package, "--example", name, "--", *arguments]
    done = subprocess.run(command, cwd=ROOT, check=False, stdout=subprocess.PIPE, text=True)
    if done.returncode != 0:
        sys.exit(f"{done.stdout}{name} failed")
    return done.stdout.splitlines()


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Prints a table for a README; the first column is text, the others are figures."""
    rows = [head, *rows]
    widths = [max(len(row[column]) for row in rows) for column in range(len(head))]
    first, *others = widths
    rule = ["-" * first, *("-" * (width - 1) + ":" for width in others)]
    cells = [[row[0].ljust(first), *map(str.rjust, row[1:], others)] for row in rows]
    for row in [cells[0], rule, *cells[1:]]:
        print(f"| {' | '.join(row)} |")
