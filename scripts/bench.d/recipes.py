#!/usr/bin/env python3
"""Reading, checking and comparing recipes, beside Packer.

- `amint validate` of one recipe of 200 lines: process time and wall time of a fresh process.
- `packer validate` and `packer inspect` of an equivalent template, in turn with it. Left out where Packer is missing.
- `amint validate` of 1,000 such recipes, no two alike: wall time and peak memory.
- `amint diff` of two recipes, and of a git range in which 500 recipes were touched.

The recipes are made here, the same in each run.
"""

from __future__ import annotations

import os
import shutil
import statistics
import subprocess
import tempfile
from collections.abc import Callable
from pathlib import Path

from made_recipes import LINES, changed, files, packer_template, recipe
from tools import AMINT, Run, rounds, table, timed

ROUNDS = rounds(5)
MANY = 1000
TOUCHED = 500
# Nothing weakened, and something.
COMPARED = (0, 16)


def main() -> None:
    """Prints the tables."""
    print(f"machine: {os.cpu_count()} processors, {ROUNDS} rounds, medians; recipes of {LINES} lines")
    with tempfile.TemporaryDirectory(prefix="amint-bench-") as folder:
        work = Path(folder)
        rows = one(work)
        many(work, rows)
        if subprocess.run([AMINT, "diff", "--help"], capture_output=True, check=False).returncode == 0:
            two(work, rows)
            git_range(work, rows)
        else:
            print("this amint has no `diff`: left out")
        table(["", "wall", "process time", "memory", "of amint's wall"], rows)


def medians(runs: list[Run]) -> Run:
    """The median of each figure."""
    return Run(*(statistics.median(figures) for figures in zip(*runs)))


def row(name: str, run: Run, ratio: str = "") -> list[str]:
    """A line of the table."""
    wall, processor = (f"{seconds * 1000:.1f} ms" for seconds in (run.wall, run.processor))
    return [name, wall, processor, f"{run.memory:.1f} MiB", ratio]


def one(work: Path) -> list[list[str]]:
    """One recipe, and Packer with its like in turn."""
    written(work / "one", [0])
    path = work / "one/recipe-0000.yaml"
    runs: dict[str, Callable[[], Run]] = {"amint validate, 1 recipe": lambda: timed(AMINT, "validate", path)}
    if shutil.which("packer"):
        template = work / "template.json"
        template.write_text(packer_template(0))
        (work / "packer").mkdir()
        environment = {"PATH": os.environ["PATH"], "HOME": str(work / "packer"), "CHECKPOINT_DISABLE": "1"}
        for verb in ("validate", "inspect"):
            runs[f"packer {verb}, 1 template"] = lambda verb=verb: timed(
                "packer", verb, template, environment=environment, output=work / "packer.out")
    else:
        print("packer is not installed and left out: apt-get install packer (Debian has 1.6.6)")
    for run in runs.values():
        run()
    taken: dict[str, list[Run]] = {name: [] for name in runs}
    for _ in range(4 * ROUNDS):
        for name, run in runs.items():
            taken[name].append(run())
    ours = next(iter(taken.values()))
    rows = []
    for name, theirs in taken.items():
        ratio = statistics.median(their.wall / our.wall for their, our in zip(theirs, ours))
        rows.append(row(name, medians(theirs), f"{ratio:.1f}"))
    return rows


def many(work: Path, rows: list[list[str]]) -> None:
    """A thousand recipes in one process."""
    paths = written(work / "many", range(MANY))
    timed(AMINT, "validate", *paths, output=work / "validate.out")
    runs = [timed(AMINT, "validate", *paths, output=work / "validate.out") for _ in range(ROUNDS)]
    good = (work / "validate.out").read_text().count(": ok\n")
    assert good == MANY, f"{good} of {MANY} recipes are good"
    rows.append(row(f"amint validate, {MANY} recipes", medians(runs)))


def two(work: Path, rows: list[list[str]]) -> None:
    """Two recipes."""
    new = work / "one/new.yaml"
    new.write_text(changed(recipe(0)))
    command = [AMINT, "diff", work / "one/recipe-0000.yaml", new]
    timed(*command, accept=COMPARED)
    runs = [timed(*command, accept=COMPARED) for _ in range(4 * ROUNDS)]
    rows.append(row("amint diff, 2 recipes", medians(runs)))


def git_range(work: Path, rows: list[list[str]]) -> None:
    """All recipes of a range of commits."""
    repository = work / "repository"
    paths = written(repository / "recipes", range(TOUCHED))
    environment = {"PATH": os.environ["PATH"], "HOME": str(work), "GIT_CONFIG_NOSYSTEM": "1"}
    for name in ("AUTHOR", "COMMITTER"):
        environment |= {f"GIT_{name}_NAME": "bench", f"GIT_{name}_EMAIL": "bench@example.com"}

    def git(*arguments: str) -> None:
        subprocess.run(["git", "-C", repository, *arguments], env=environment, check=True, stdout=subprocess.DEVNULL)

    git("init", "--quiet")
    git("add", ".")
    git("commit", "--quiet", "--message", "old")
    for path in paths:
        path.write_text(changed(path.read_text()))
    git("commit", "--quiet", "--all", "--message", "new")
    command = ["env", "-C", repository, AMINT, "diff", "HEAD~1..HEAD", "recipes/"]
    output = work / "diff.out"
    timed(*command, accept=COMPARED, environment=environment, output=output)
    runs = [timed(*command, accept=COMPARED, environment=environment, output=output) for _ in range(ROUNDS)]
    rows.append(row(f"amint diff, a git range with {TOUCHED} recipes", medians(runs)))


def written(folder: Path, numbers: list[int] | range) -> list[Path]:
    """Recipes in a folder, with what lies beside them."""
    for name, content in files().items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(content)
    paths = [folder / f"recipe-{number:04}.yaml" for number in numbers]
    for number, path in zip(numbers, paths):
        path.write_text(recipe(number))
    return paths


main()
