#!/usr/bin/env python3
"""The whole inspection of a disk: live checks and residue.

- A sealed Debian disk: `amint inspect` beside `virt-sysprep` on a copy of it, each at its second run or later, and the
  peak memory of both. Left out where virt-sysprep is missing (Debian package guestfs-tools).
- 1, 2, 4 and 8 GiB of written bytes on disks of equal size: time and memory.
- Equal written bytes on disks of 8 and of 200 GiB: time and memory.

The sealed disk is $AMINT_BENCH_DISK, or it is built from recipes/debian-minimal.yaml. Needs as much free space in
$TMPDIR as the largest disk has written bytes; what does not fit is left out and said so.
"""

from __future__ import annotations

import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

from tools import AMINT, ROOT, Run, rounds, table, timed

ROUNDS = rounds(3)
GIB = 1 << 30
SIZES = [1, 2, 4, 8]
CHUNK = 256 << 20
# What fails nothing here: no finding, and some. A disk full of copies of Debian's files holds what those hold.
INSPECTED = (0, 9)


def main() -> None:
    """Prints the tables."""
    print(f"machine: {os.cpu_count()} processors, {ROUNDS} rounds, medians")
    with tempfile.TemporaryDirectory(prefix="amint-bench-") as folder:
        work = Path(folder)
        disk = sealed_disk(work)
        beside_sysprep(disk, work)
        chunk = work / "chunk"
        written_bytes(disk, chunk)
        by_written_bytes(chunk, work)
        by_size(chunk, work)


def sealed_disk(work: Path) -> Path:
    """The disk of a finished build."""
    given = os.environ.get("AMINT_BENCH_DISK")
    if given:
        return Path(given)
    timed(AMINT, "build", "recipes/debian-minimal.yaml", "--on", "local", "--output", work / "out",
          "--format", "plain", output=work / "build")
    return work / "out/image.raw"


def inspected(disk: Path, *options: str) -> Run:
    """The median inspection, from the page cache."""
    command = [AMINT, "inspect", disk, *options]
    timed(*command, accept=INSPECTED)
    runs = [timed(*command, accept=INSPECTED) for _ in range(ROUNDS)]
    return Run(*(statistics.median(figures) for figures in zip(*runs)))


def on_disk(disk: Path) -> float:
    """Written GiB."""
    return disk.stat().st_blocks * 512 / GIB


def beside_sysprep(disk: Path, work: Path) -> None:
    """The inspection, with and without a digest, and virt-sysprep."""
    print(f"\na sealed Debian disk with {on_disk(disk) * 1024:.0f} MiB written")
    runs = {"amint inspect": inspected(disk), "amint inspect --digest": inspected(disk, "--digest")}
    if shutil.which("virt-sysprep"):
        environment = appliance(disk, work)
        # The first run builds the appliance.
        theirs = [sysprep(disk, work, environment) for _ in range(1 + ROUNDS)][1:]
        runs["virt-sysprep"] = Run(*(statistics.median(figures) for figures in zip(*theirs)))
    else:
        print("virt-sysprep is not installed (apt-get install guestfs-tools): nothing to compare with")
    reference = runs.get("virt-sysprep")
    rows = []
    for name, run in runs.items():
        ratio = f"1/{reference.wall / run.wall:.0f}" if reference else ""
        rows.append([name, f"{run.wall:.3f} s", f"{run.processor:.3f} s", f"{run.memory:.1f} MiB", ratio])
    table(["", "wall", "processor", "largest process", "of virt-sysprep"], rows)


def sysprep(disk: Path, work: Path, environment: dict[str, str]) -> Run:
    """One run of virt-sysprep with its default operations, on a copy of the disk."""
    copy = work / "copy.raw"
    subprocess.run(["cp", "--sparse=always", disk, copy], check=True)
    run = timed("virt-sysprep", "--format", "raw", "-a", copy, environment=environment, output=work / "sysprep")
    copy.unlink()
    return run


def appliance(disk: Path, work: Path) -> dict[str, str]:
    """The environment in which virt-sysprep's appliance starts: a kernel, and emulation where KVM does not work."""
    cache = work / "appliance"
    cache.mkdir()
    environment = {**os.environ, "LIBGUESTFS_BACKEND": "direct", "LIBGUESTFS_CACHEDIR": str(cache), "TMPDIR": str(work)}
    if not kvm_works():
        environment.setdefault("LIBGUESTFS_BACKEND_SETTINGS", "force_tcg")
    if not Path("/lib/modules").is_dir():
        sys.exit("virt-sysprep's appliance is not built without /lib/modules, which may be empty: mkdir /lib/modules")
    if not list(Path("/boot").glob("vmlinuz-*")):
        kernel = subprocess.run(["debugfs", "-R", "ls -p /boot", first_partition(disk)], check=True,
                                stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True).stdout
        names = [field for field in kernel.split("/") if field.startswith("vmlinuz-")]
        if not names:
            sys.exit("neither this machine nor the disk has a kernel in /boot for virt-sysprep's appliance")
        release = names[0].removeprefix("vmlinuz-")
        for command in [f"dump /boot/{names[0]} {work}/vmlinuz", f"rdump /usr/lib/modules/{release} {work}"]:
            subprocess.run(["debugfs", "-R", command, first_partition(disk)], check=True,
                           stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        environment |= {"SUPERMIN_KERNEL": f"{work}/vmlinuz", "SUPERMIN_KERNEL_VERSION": release,
                        "SUPERMIN_MODULES": f"{work}/{release}"}
    return environment


def kvm_works() -> bool:
    """What amint found out when it built the disk; that /dev/kvm is there says little."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    try:
        return json.loads((cache / "amint/accelerator.json").read_text())["accelerator"] == "kvm"
    except (OSError, ValueError, KeyError):
        return os.access("/dev/kvm", os.W_OK)


def first_partition(disk: Path) -> str:
    """The disk as debugfs takes it."""
    dump = subprocess.run(["sfdisk", "--json", disk], check=True, stdout=subprocess.PIPE).stdout
    start = json.loads(dump)["partitiontable"]["partitions"][0]["start"]
    return f"{disk}?offset={start * 512}"


def written_bytes(disk: Path, target: Path) -> None:
    """A chunk of what a real disk holds: its written bytes, again from the first where they are too few."""
    with open(disk, "rb") as source, open(target, "wb") as out:
        size, end = disk.stat().st_size, 0
        while out.tell() < CHUNK:
            try:
                start = os.lseek(source.fileno(), end, os.SEEK_DATA)
            except OSError:
                start = os.lseek(source.fileno(), 0, os.SEEK_DATA)
            end = min(os.lseek(source.fileno(), start, os.SEEK_HOLE), size)
            while start < end and out.tell() < CHUNK:
                start += out.write(os.pread(source.fileno(), min(end - start, CHUNK - out.tell(), 1 << 20), start))


def filled(chunk: Path, size: int, gib: int, work: Path) -> Path | None:
    """A disk of `size` GiB that is one ext4 file system with `gib` GiB in files; nothing where that does not fit."""
    if shutil.disk_usage(work).free < (gib + 1) * GIB:
        print(f"{gib} GiB do not fit into {work}: left out")
        return None
    tree, disk = work / "tree", work / "disk.raw"
    (tree / "etc").mkdir(parents=True, exist_ok=True)
    (tree / "etc/passwd").write_text("root:x:0:0:root:/root:/bin/sh\n")
    (tree / "etc/shadow").write_text("root:!*:20000:0:99999:7:::\n")
    disk.unlink(missing_ok=True)
    with open(disk, "wb") as file:
        file.truncate(size * GIB)
    # The same journal whatever the size, so that its zeros are no difference.
    subprocess.run(["mke2fs", "-q", "-t", "ext4", "-J", "size=64", "-d", tree, disk], check=True)
    writes = "".join(f"write {chunk} chunk-{number}\n" for number in range(gib * GIB // CHUNK))
    subprocess.run(["debugfs", "-w", "-f", "/dev/stdin", disk], input=writes, text=True, check=True,
                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return disk


def by_written_bytes(chunk: Path, work: Path) -> None:
    """Disks of equal size."""
    print("\nwritten bytes on disks of 16 GiB")
    rows, first = [], None
    for gib in SIZES:
        disk = filled(chunk, 16, gib, work)
        if disk is None:
            continue
        run, written = inspected(disk), on_disk(disk)
        each = Run(run.wall / written, run.processor / written, run.memory)
        first = first or each
        rows.append([f"{gib} GiB", f"{written:.2f} GiB", f"{run.wall:.3f} s", f"{1 / each.wall:.2f} GiB/s",
                     f"{each.wall / first.wall:.2f}", f"{run.processor:.3f} s",
                     f"{each.processor / first.processor:.2f}", f"{run.memory:.1f} MiB"])
    (work / "disk.raw").unlink(missing_ok=True)
    per_gib = "per GiB, of the first"
    table(["files", "written", "wall", "speed", per_gib, "processor", per_gib, "memory"], rows)


def by_size(chunk: Path, work: Path) -> None:
    """Equal written bytes."""
    print("\n1 GiB of files on disks of different sizes")
    rows, first = [], None
    for size in [8, 200]:
        disk = filled(chunk, size, 1, work)
        if disk is None:
            continue
        run = inspected(disk)
        first = first or run
        rows.append([f"{size} GiB", f"{on_disk(disk):.2f} GiB", f"{run.wall:.3f} s", f"{run.wall / first.wall:.2f}",
                     f"{run.processor:.3f} s", f"{run.processor / first.processor:.2f}",
                     f"{run.memory:.1f} MiB", f"{run.memory / first.memory:.2f}"])
    (work / "disk.raw").unlink(missing_ok=True)
    table(["disk", "written", "wall", "of the first", "processor", "of the first", "memory", "of the first"], rows)


main()
