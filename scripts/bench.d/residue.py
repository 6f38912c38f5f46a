#!/usr/bin/env python3
"""The residue search beside what it cannot be faster than, and beside ripgrep.

- 4 GiB of files of this machine, from the page cache: reads of 128 KiB in one thread, the search with all its
  patterns, `cat` to /dev/null and `ripgrep -a` with the same patterns, in turn; medians.
- 1, 2, 4 and 8 GiB: the time must grow with what is written.
- A sparse disk of 200 GiB: peak memory.

It needs 8 GiB of disk and of memory, and ripgrep.
"""

from __future__ import annotations

import os
import shutil
import statistics
import sys
import tempfile
from pathlib import Path
from typing import BinaryIO

from tools import ROOT, example, rounds, table, timed

ROUNDS = rounds(5)
GIB = 1 << 30
SEARCH = Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target")) / "release/examples/scan_speed"

# What the search looks for, as far as regular expressions can say it: no checksums, no neighbours.
PATTERNS = r"""
-----BEGIN ([A-Z]+ )?PRIVATE KEY( BLOCK)?-----
b3BlbnNzaC1rZXktdjEA[A-Za-z0-9+/]{180}
PuTTY-User-Key-File-[0-9]
\$(1|apr1)\$[./0-9A-Za-z]{0,8}\$[./0-9A-Za-z]{22}
\$2[abxy]\$[0-9]{2}\$[./0-9A-Za-z]{53}
\$(5|sm3)\$(rounds=[0-9]+\$)?[./0-9A-Za-z]{0,16}\$[./0-9A-Za-z]{43}
\$6\$(rounds=[0-9]+\$)?[./0-9A-Za-z]{0,16}\$[./0-9A-Za-z]{86}
\$(7|y|gy)\$[./0-9A-Za-z$]{0,97}\$[./0-9A-Za-z]{43}
\$argon2(i|d|id)\$v=[0-9]+\$m=[^$]*\$[A-Za-z0-9+/]{11,}\$[A-Za-z0-9+/]{16,}
\{S?(SHA|MD5)[0-9]*\}[A-Za-z0-9+/]{24,}
[a-z_][a-z0-9_.-]*:[!*]*[./0-9A-Za-z]{13}:[0-9]*:[0-9]*:[0-9]*:[0-9]*:::
\b(AKIA|ASIA|ABIA|ACCA)[A-Z2-7]{16}\b
(cret_access_key|cretAccessKey|CRET_ACCESS_KEY).{1,32}[A-Za-z0-9+/]{40}
(ession_token|essionToken|ESSION_TOKEN|TokenValue).{1,32}[A-Za-z0-9+/=]{100}
(ghp|gho|ghu|ghs|ghr|npm)_[A-Za-z0-9]{36}
github_pat_[A-Za-z0-9]{22}_[A-Za-z0-9]{59}
glpat-[A-Za-z0-9_-]{20}
xox[abprs]-[0-9]{8,}-[0-9A-Za-z-]{24}
[sr]k_live_[A-Za-z0-9]{24}
AIza[A-Za-z0-9_-]{35}
pypi-AgEIcHlwaS5vcmc[A-Za-z0-9_-]{50}
dckr_pat_[A-Za-z0-9_-]{27}
hvs\.[A-Za-z0-9_-]{24}
eyJ[A-Za-z0-9_-]{10,}\.eyJ[A-Za-z0-9_-]+\.[A-Za-z0-9_-]{43}
[a-z][a-z0-9+.-]+://[^/\s:@]*:[^/\s:@]{5,}@[a-z0-9]
machine\s+\S+\s+login\s+\S+\s+password\s+\S+
"""


def fill(path: Path, size: int) -> None:
    """Appends files of this machine until `path` is that large; the same ones again when they are too few."""
    with path.open("ab") as out:
        while out.tell() < size:
            before = out.tell()
            for folder, folders, files in os.walk("/usr"):
                folders.sort()
                for name in sorted(files):
                    file = Path(folder, name)
                    if file.is_file() and not file.is_symlink():
                        append(out, file, size)
                if out.tell() >= size:
                    break
            if out.tell() == before:
                sys.exit("/usr has no files")


def append(out: BinaryIO, file: Path, size: int) -> None:
    """In small pieces: what this process holds when it starts another counts as that one's peak memory."""
    with file.open("rb") as source:
        while piece := source.read(min(1 << 20, size - out.tell())):
            out.write(piece)


def search(disk: Path, times: int) -> tuple[float, float, float]:
    """Median GB/s of plain reads and of the search, and the median of their ratios."""
    words = example("amint-inspect", "scan_speed", disk, str(times))[-1].replace(",", "").split()
    return float(words[3]), float(words[6]), float(words[9])


def measure(work: Path) -> None:
    """Prints the tables."""
    disk, patterns = work / "disk", work / "patterns"
    patterns.write_text(PATTERNS.strip() + "\n")
    linear = []
    for gib in (1, 2, 4, 8):
        fill(disk, gib * GIB)
        # The first run brings it into the page cache.
        timed("cat", disk)
        reads, scan, ratio = search(disk, ROUNDS)
        took = f"{gib * GIB / scan / 1e9:.2f} s"
        linear.append([f"{gib} GiB", f"{reads:.2f} GB/s", f"{scan:.2f} GB/s", took, f"{ratio:.2f}"])
        if gib != 4:
            continue
        ours, cats, rips = [], [], []
        for _ in range(ROUNDS):
            ours.append(search(disk, 1)[1])
            cats.append(4 * GIB / timed("cat", disk).wall / 1e9)
            rips.append(4 * GIB / timed("rg", "-a", "-c", "--no-unicode", "--no-mmap", "-f", patterns, disk).wall / 1e9)
        median = [statistics.median(figures) for figures in (ours, cats, rips)]
        names = ("amint, all patterns", "cat > /dev/null", "ripgrep -a, the same patterns")
        print("4 GiB from the page cache, in turn")
        table(["", "GB/s"], [[name, f"{rate:.2f}"] for name, rate in zip(names, median)])
    print("search and plain reads (one thread, 128 KiB at a time), neighbours in time")
    table(["written", "reads", "search", "search takes", "ratio"], linear)

    with disk.open("r+b") as out:
        for gib in range(8, 200, 16):
            out.seek(gib * GIB)
            out.write(b"written here")
        out.truncate(200 * GIB)
    print(f"peak memory on a sparse disk of 200 GiB with 8 GiB written: {timed(SEARCH, disk, '1').memory:.1f} MiB")


def main() -> None:
    """Makes a folder for the disk and takes it away."""
    print(f"machine: {os.cpu_count()} processors, {ROUNDS} rounds, medians")
    if not shutil.which("rg"):
        sys.exit("ripgrep is missing")
    with tempfile.TemporaryDirectory(prefix="amint-bench-", dir=os.environ.get("TMPDIR", "/var/tmp")) as work:
        measure(Path(work))


main()
