#!/usr/bin/env python3
"""Local builds and the inspection.

- A warm build of recipes/demo.yaml: wall time against its floor, which is the time that the guest's own
  steps and its power-off take, and one read of the disk's written bytes. Then one cold build.
- `amint inspect` against `cat` of the same written bytes, both from the page cache and both from the disk
  (caches dropped, where root may), and its peak memory.
- `amint validate` of a small recipe: process time.
"""

import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile

from tools import AMINT, ROOT, example, rounds, table, timed

ROUNDS = rounds(5)
ROWS = []  # of the table at the end


def build(folder, *options):
    """The events of one build of the demo recipe."""
    done = subprocess.run(
        [AMINT, "build", "recipes/demo.yaml", "--on", "local", "--format", "json", "--force",
         "--output", folder, *options],
        cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    events = [json.loads(line) for line in done.stdout.splitlines()]
    if done.returncode != 0:
        sys.exit(done.stderr)
    return events


def phases(events):
    return {e["phase"]: e["duration_ms"] / 1000 for e in events if e["event"] == "phase-finished"}


def guest_steps(events):
    return sum(e["duration_ms"] for e in events if e["event"] == "step-finished") / 1000


def dense_copy(disk, target):
    """Only the written bytes, one after the other: what `cat` has to read."""
    with open(disk, "rb") as source, open(target, "wb") as out:
        end, size = 0, os.fstat(source.fileno()).st_size
        while True:
            try:
                start = os.lseek(source.fileno(), end, os.SEEK_DATA)
            except OSError:
                return
            end = os.lseek(source.fileno(), start, os.SEEK_HOLE)
            os.lseek(source.fileno(), start, os.SEEK_SET)
            left = end - start
            while left:
                chunk = source.read(min(left, 1 << 20))
                out.write(chunk)
                left -= len(chunk)
            if end >= size:
                return


def cold_cache():
    os.sync()
    with open("/proc/sys/vm/drop_caches", "w") as control:
        control.write("3")


def pairs(name, one, other, prepare=lambda: None):
    """`one` and `other` in turn: medians, and the median of the ratios."""
    ones, others = [], []
    for _ in range(ROUNDS):
        prepare()
        ones.append(one())
        prepare()
        others.append(other())
    ratio = statistics.median(a / b for a, b in zip(ones, others))
    print(f"  {name}: {statistics.median(ones):.3f} s, reference {statistics.median(others):.3f} s, ratio {ratio:.2f}")
    figures = [f"{statistics.median(figures):.3f} s" for figures in (ones, others)]
    ROWS.append([f"inspection {name}", *figures, f"{ratio:.2f}"])


def main():
    work = tempfile.mkdtemp(prefix="amint-bench-")
    try:
        measure(work)
    finally:
        shutil.rmtree(work)


def measure(work):
    out, dense = os.path.join(work, "out"), os.path.join(work, "dense")
    print(f"machine: {os.cpu_count()} processors, {ROUNDS} rounds, medians")

    build(out)  # makes the base image and the saved machine where they are missing
    walls, floors, starts = [], [], []
    for _ in range(ROUNDS):
        events = build(out)
        took = phases(events)
        dense_copy(os.path.join(out, "image.raw"), dense)
        read, _, _ = timed("cat", dense)
        walls.append(events[-1]["elapsed_ms"] / 1000)
        floors.append(guest_steps(events) + took["seal"] + read)
        starts.append(took["launch"])
    print("warm build of the demo recipe")
    print(f"  wall: {statistics.median(walls):.2f} s")
    print(f"  floor (steps in the guest, seal and power-off, one read of the disk): {statistics.median(floors):.2f} s")
    ratio = statistics.median(a / b for a, b in zip(walls, floors))
    print(f"  ratio: {ratio:.2f}")
    figures = [f"{statistics.median(figures):.2f} s" for figures in (walls, floors)]
    ROWS.append(["warm build", *figures, f"{ratio:.2f}"])
    print(f"  builder's agent answers after: {statistics.median(starts):.2f} s")
    took = phases(events)
    print("  phases: " + ", ".join(f"{name} {seconds:.2f}" for name, seconds in took.items()))

    events = build(out, "--cold")
    print(f"cold build of the demo recipe: {events[-1]['elapsed_ms'] / 1000:.1f} s")
    ROWS.append(["cold build", f"{events[-1]['elapsed_ms'] / 1000:.1f} s", "", ""])

    image = os.path.join(out, "image.raw")
    dense_copy(image, dense)
    print(f"inspection of a {os.path.getsize(image) >> 20} MiB disk with {os.path.getsize(dense) >> 20} MiB written, "
          "reference `cat` of the written bytes")
    inspect = lambda: timed(AMINT, "inspect", image)[0]
    cat = lambda: timed("cat", dense)[0]
    inspect(), cat()
    pairs("from the page cache", inspect, cat)
    if os.geteuid() == 0:
        pairs("from the disk", inspect, cat, cold_cache)
    for line in example("amint-inspect", "scan_speed", image):
        print(f"  search alone, and plain reads of the same extents: {line}")
    peak = timed(AMINT, "inspect", image).memory
    print(f"  peak memory: {peak:.1f} MiB")
    ROWS.append(["inspection's peak memory", f"{peak:.1f} MiB", "", ""])

    recipe = os.path.join(ROOT, "recipes/debian-minimal.yaml")
    times = [timed(AMINT, "validate", recipe) for _ in range(20 * ROUNDS)]
    print(f"amint validate: {statistics.median(t[1] for t in times) * 1000:.1f} ms of process time, "
          f"{statistics.median(t[0] for t in times) * 1000:.1f} ms wall")
    table(["", "amint", "reference", "ratio"], ROWS)


main()
