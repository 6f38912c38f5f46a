#!/usr/bin/env python3
"""How late waits are noticed, and what builds cost, on a simulated cloud in virtual time."""

from __future__ import annotations

from tools import example, rounds

PATTERNS, ALONE, TOGETHER = 1000, 1000, 200


def main() -> None:
    """Prints what the examples find; they fail when a wait is noticed too late."""
    print("waits on a simulated account")
    for line in example("amint-engine", "simulated_waits", str(PATTERNS * rounds(5))):
        print(f"  {line}")
    print("simulated builds")
    for line in example("amint-engine", "simulated_builds", str(ALONE), str(TOGETHER)):
        print(f"  {line}")


main()
