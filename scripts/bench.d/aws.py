#!/usr/bin/env python3
"""Builds on an emulator of AWS whose states take time, beside Packer; and many builds in flight.

A second counts as lost when nothing was under way that the client waits for, no command ran on the builder and no disk
was read. Polling calls are look-ups that are repeated although the client has changed nothing in between.
"""

from __future__ import annotations

import shutil
import statistics
import subprocess
import tempfile
from collections import defaultdict
from pathlib import Path

from account import DELAYS, RECIPE, Account, Record, phases, template
from tools import AMINT, rounds, table, timed

ROUNDS = rounds(1)
IN_FLIGHT = (1, 4, 16)
PACKER_WAITS = ("instance running", "instance stopped", "image available", "instance terminated")
AMINT_WAITS = ("agent online", "instance stopped", "image available", "snapshot completed")
#: The phases that read and clean the image's disks.
READING = ("scrub", "inspect")


def packer(account: Account, work: Path, delay: str | None) -> list[str]:
    """A row about one build by Packer."""
    (work / "packer.json").write_text(template(account.facts["endpoint"]))
    more = {"AWS_POLL_DELAY_SECONDS": delay} if delay else {}
    environment = account.environment(work, CHECKPOINT_DISABLE="1", **more)
    account.control("calls")
    run = timed("packer", "build", work / "packer.json", environment=environment, output=work / "packer.out")
    name = f"packer, every {delay} s" if delay else "packer"
    return report(name, run.wall, account.record(PACKER_WAITS), 0.0)


def amint(account: Account, work: Path) -> list[str]:
    """A row about one build by amint."""
    record, wall, events = amint_builds(account, work, 1)[:3]
    took = phases(events)
    waiting = sum(length + lag for what, length, lag in record.lags()[-2:] if what in AMINT_WAITS)
    reading = sum(took[phase] for phase in READING) - waiting
    print("  phases: " + ", ".join(f"{name} {seconds:.2f}" for name, seconds in took.items()))
    return report("amint", wall, record, reading)


def amint_builds(account: Account, work: Path, builds: int) -> tuple[Record, float, Path, float]:
    """So many builds at once: what was called, the wall seconds, the events, the peak memory in MiB."""
    recipes = []
    for number in range(builds):
        recipes.append(work / f"bench-{number}.yaml")
        recipes[-1].write_text(RECIPE.replace("NAME", f"bench-{number}"))
    events = work / "events"
    command: list[str | Path] = [AMINT, "build", *recipes, "--jobs", str(builds), "--format", "json", "--force"]
    account.control("calls")
    run = timed(*command, "--output", work / "out", environment=account.environment(work, AMINT_PACE="1"), output=events)
    return account.record(AMINT_WAITS), run.wall, events, run.memory


def report(name: str, wall: float, record: Record, reading: float) -> list[str]:
    """Prints what there is to know about one build, and returns its row."""
    delays, guest = record.delays(), record.guest()
    lost = wall - delays - guest - reading
    late = defaultdict(list)
    for what, _, lag in record.lags():
        late[what].append(f"{lag:.2f}")
    print(f"  {name}: {wall:.1f} s, of it {delays:.1f} s delays, {guest:.2f} s commands, {reading:.2f} s reading")
    print(f"    lost {lost:.2f} s, {lost / delays * 100:.1f} % of the delays")
    print("    noticed late by: " + ", ".join(f"{what} {' + '.join(lags)} s" for what, lags in late.items()))
    counts = [record.categories()[category] for category in ("polling", "fixed", "data")]
    print(f"    calls: {len(record.calls)}, polling {counts[0]}, fixed {counts[1]}, EBS data {counts[2]}")
    share = f"{lost / delays * 100:.1f} %"
    return [name, f"{wall:.1f} s", f"{delays:.1f} s", f"{reading:.2f} s", f"{lost:.2f} s", share, *map(str, counts)]


def side_by_side(account: Account, work: Path) -> None:
    """One build by each, several times."""
    print("one build, with delays of " + ", ".join(f"{what} {seconds} s" for what, seconds in DELAYS.items()))
    rows = []
    if shutil.which("packer"):
        version = subprocess.run(["packer", "version"], stdout=subprocess.PIPE, text=True, check=True).stdout
        print(f"  reference: {version.splitlines()[0]}")
        for _ in range(ROUNDS):
            rows += [packer(account, work, None), packer(account, work, "2")]
    else:
        print("  packer is not installed and left out: apt-get install packer (Debian has 1.6.6)")
    rows += [amint(account, work) for _ in range(ROUNDS)]
    table(["", "wall", "delays", "reading", "lost", "", "polling calls", "fixed", "EBS data"], rows)


def in_flight(account: Account, work: Path) -> None:
    """Many builds in one process."""
    print("builds in flight in one process")
    rows, alone = [], None
    for builds in IN_FLIGHT:
        record, wall, _, memory = amint_builds(account, work, builds)
        describes, waiting = record.describes()
        lags = [lag for what, _, lag in record.lags() if what != "command ended"]
        alone = alone or (waiting, memory)
        growth, each = waiting / alone[0], (memory - alone[1]) / max(1, builds - 1)
        row = [str(builds), f"{wall:.1f} s", f"{statistics.median(lags):.2f} s", str(describes), str(waiting)]
        row += [f"{growth:.2f}", f"{builds / 4:.2f}"] if builds > 1 else ["", ""]
        rows.append([*row, f"{memory:.1f} MiB", f"{each:.2f} MiB" if builds > 1 else ""])
    head = ["builds", "wall", "late (median)", "describe calls", "of them waiting", "times one's", "N/4"]
    table([*head, "peak memory", "each further one"], rows)


def main() -> None:
    """Prints it all."""
    account = Account()
    work = Path(tempfile.mkdtemp(prefix="amint-bench-"))
    try:
        side_by_side(account, work)
        in_flight(account, work)
    finally:
        shutil.rmtree(work)
        account.stop()


main()
