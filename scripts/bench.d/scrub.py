#!/usr/bin/env python3
"""Cleaning a disk from outside, beside filling its free space from inside. Needs root: it mounts disks.

For ext4 and XFS: a disk with a Debian-like tree, from which a third of the files is deleted again, each of them with a text
of its own. Then, on a copy each:

- scrub: what amint does to a disk that is powered off; on AWS, the blocks of 512 KiB that change are written again;
- fill: a file of zeros until the file system is full, then deleted, as clean-up scripts do.

Counted: bytes written, time, and how many of the deleted texts are still on the disk. Then the file system's own checker.
"""

import json
import os
import subprocess
import sys
import tempfile
import time

from tools import example, rounds, table

SIZE = 3 << 30
FILES = 3000
rounds(1)  # one is enough: what is counted does not vary


def run(*command):
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def populate(root):
    """Files whose names and contents both are texts that can be looked for."""
    for number in range(FILES):
        folder = os.path.join(root, f"folder-{number % 60}")
        os.makedirs(folder, exist_ok=True)
        with open(os.path.join(folder, f"name-{number:05}-of-a-file"), "w") as file:
            file.write(f"text-{number:05}-in-a-file\n" * (1 + number % 977))


def delete(root):
    for number in range(0, FILES, 3):
        os.remove(os.path.join(root, f"folder-{number % 60}", f"name-{number:05}-of-a-file"))


def mounted(disk, work):
    point = tempfile.mkdtemp()
    run("mount", "-o", "loop", disk, point)
    try:
        result = work(point)
        os.sync()
        return result
    finally:
        run("umount", point)
        os.rmdir(point)


def left(disk):
    """How many names and texts of deleted files are on the disk."""
    found = subprocess.run(
        ["grep", "-aobE", "(name|text)-[0-9]{5}-(of-a|in-a)", disk], stdout=subprocess.PIPE, text=True).stdout
    texts = {line.split(":", 1)[1] for line in found.splitlines()}
    deleted = {number for number in range(0, FILES, 3)}
    return sum(int(text[5:10]) in deleted for text in texts)


def fill(point):
    """Until the file system is full; returns how many bytes that took."""
    path = os.path.join(point, "fill")
    zeros = bytes(1 << 20)
    with open(path, "wb", buffering=0) as file:
        try:
            while file.write(zeros):
                pass
        except OSError:
            pass
        os.fsync(file.fileno())
        size = file.tell()
    os.remove(path)
    return size


def check(kind, disk):
    command = {"ext4": ["e2fsck", "-fn", disk], "xfs": ["xfs_repair", "-n", disk]}[kind]
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    return "clean" if done.returncode == 0 else done.stdout[-200:]


def mib(count):
    return f"{count / (1 << 20):.1f}"


def main():
    if os.geteuid() != 0:
        sys.exit("scripts/bench scrub mounts disks: run it as root")
    os.environ["PATH"] += ":/usr/sbin:/sbin"
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        for kind, make in (("ext4", ["mke2fs", "-q", "-F", "-t", "ext4"]), ("xfs", ["mkfs.xfs", "-q", "-f"])):
            disk, copy = (os.path.join(folder, name) for name in ("disk.raw", "copy.raw"))
            with open(disk, "wb") as file:
                file.truncate(SIZE)
            run(*make, disk)
            mounted(disk, populate)
            mounted(disk, delete)
            rows.append([kind, "nothing", "", "", "", str(left(disk)), check(kind, disk)])

            run("cp", "--sparse=always", disk, copy)
            start = time.monotonic()
            (line,) = example("amint-inspect", "scrub", copy)
            seconds = time.monotonic() - start
            did = json.loads(line)
            rows.append([kind, "scrub", f"{seconds:.2f}", mib(did["patched"]), mib(did["blocks"]),
                         str(left(copy)), check(kind, copy)])
            os.remove(copy)

            start = time.monotonic()
            filled = mounted(disk, fill)
            seconds = time.monotonic() - start
            rows.append([kind, "fill", f"{seconds:.2f}", mib(filled), mib(filled), str(left(disk)), check(kind, disk)])
    table(["file system", "way", "seconds", "MiB written", "MiB to EBS", "deleted texts left", "checker"], rows)


main()
