"""An account on the emulator, with delays, and what a build in it cost."""

from __future__ import annotations

import json
import os
import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tools import ROOT

sys.path.insert(0, str(ROOT / "fixtures/aws"))
from harness import BASE, TRUST, Server  # noqa: E402  (it is no package)

#: Seconds that EC2 takes, of the order of real ones.
DELAYS = {"run": 12, "stop": 20, "image": 60, "term": 15}
TYPE, PROFILE = "t3.micro", "amint-builder"
#: Which call shows that something is over.
SHOWN_BY = {
    "agent online": "DescribeInstanceInformation",
    "instance running": "DescribeInstances",
    "instance stopped": "DescribeInstances",
    "instance terminated": "DescribeInstances",
    "image available": "DescribeImages",
    "snapshot completed": "DescribeSnapshots",
    "command ended": "GetCommandInvocation",
}
#: The filters of look-ups that wait for the states of several builds at once.
BATCHED = ("instance-id", "image-id", "snapshot-id")
AGENTS = "DescribeInstanceInformation"


class Account(Server):
    """A new one, with an instance profile."""

    def __init__(self) -> None:
        super().__init__()
        if not self.facts["guests"]:
            self.stop()
            sys.exit("the emulator's machines need root, loop devices and namespaces: run this as root")
        iam = self.client("iam")
        iam.create_role(RoleName=PROFILE, AssumeRolePolicyDocument=TRUST)
        iam.create_instance_profile(InstanceProfileName=PROFILE)
        iam.add_role_to_instance_profile(InstanceProfileName=PROFILE, RoleName=PROFILE)
        self.control("delays", DELAYS)

    def environment(self, home: Path, **more: str) -> dict[str, str]:
        """Nothing of the caller's but the PATH."""
        return {
            "PATH": os.environ["PATH"],
            "HOME": str(home),
            "AWS_ENDPOINT_URL": self.facts["endpoint"],
            "AWS_ACCESS_KEY_ID": "testing",
            "AWS_SECRET_ACCESS_KEY": "testing",
            "AWS_EC2_METADATA_DISABLED": "true",
            **more,
        }

    def record(self, waits: Sequence[str]) -> Record:
        """What was called since the last `calls`, by a client that waits for this."""
        changes = [one | {"what": f"{one['of']} {one['state']}"} for one in self.ask("changes")]
        return Record(self.ask("calls"), changes, waits)


@dataclass
class Record:
    """Calls and changes of state, in order."""

    calls: list[dict[str, Any]]
    changes: list[dict[str, Any]]
    waits: Sequence[str]

    def categories(self) -> Counter[str]:
        """Calls that move blocks of disks (`data`), that ask once more although the client has changed nothing since it
        asked the same (`polling`), and all others (`fixed`)."""
        asked: set[str] = set()
        categories: Counter[str] = Counter()
        for call in self.calls:
            if call["service"] == "ebs":
                categories["data"] += 1
            elif call["action"].startswith(("Describe", "Get", "List")):
                question = json.dumps([call["service"], call["action"], call["params"]])
                categories["polling" if question in asked else "fixed"] += 1
                asked.add(question)
            else:
                categories["fixed"] += 1
                asked.clear()
        return categories

    def delays(self) -> float:
        """Seconds in which something was under way that the client waits for."""
        return union((one["from"], one["t"]) for one in self.changes if one["what"] in self.waits)

    def guest(self) -> float:
        """Seconds in which a command ran on the builder."""
        return union((one["from"], one["t"]) for one in self.changes if one["what"] == "command ended")

    def lags(self) -> list[tuple[str, float, float]]:
        """What was waited for, its length, and how long after it the client's next question was."""
        images = [one["t"] for one in self.changes if one["what"] == "image available"]
        lags = []
        for change in self.changes:
            what = change["what"]
            # An image's own snapshots are there when it is.
            own = what == "snapshot completed" and any(abs(change["t"] - image) < 0.1 for image in images)
            if what not in (*self.waits, "command ended") or own:
                continue
            asked = (call["t"] for call in self.calls if call["action"] == SHOWN_BY[what] and call["t"] >= change["t"])
            if (at := next(asked, None)) is not None:
                lags.append((what, change["t"] - change["from"], at - change["t"]))
        return lags

    def describes(self) -> tuple[int, int]:
        """All look-ups of EC2 and of agents, and those among them that wait for states."""
        calls = [call for call in self.calls if call["action"].startswith("Describe")]
        waiting = [one for one in calls if one["action"] == AGENTS or one["params"].get("Filter.1.Name") in BATCHED]
        # Before it lets go of a builder or an image, a build looks at each of them once more.
        released = sum(call["action"] in ("TerminateInstances", "DeregisterImage") for call in self.calls)
        return len(calls), len(waiting) - released


def union(spans: Any) -> float:
    """Seconds that lie in any of the spans."""
    total, end = 0.0, float("-inf")
    for start, stop in sorted(spans):
        total += max(0.0, stop - max(start, end))
        end = max(end, stop)
    return total


def phases(events: Path) -> dict[str, float]:
    """Seconds of each phase of one build, from the events that it printed."""
    lines = (json.loads(line) for line in events.read_text().splitlines())
    return {one["phase"]: one["duration_ms"] / 1000 for one in lines if one["event"] == "phase-finished"}


RECIPE = f"""\
amint: 1
name: NAME
version: 1.0.0
base:
  aws: {{ id: {BASE} }}
builder:
  instance-types: [{TYPE}]
  instance-profile: {PROFILE}
steps:
  - shell: {{ name: provision, run: echo provisioned }}
"""


def template(endpoint: str) -> str:
    """The same for Packer. It has no agent to run its step: the step runs here."""
    builder = {
        "type": "amazon-ebs",
        "access_key": "testing",
        "secret_key": "testing",
        "region": "us-east-1",
        "custom_endpoint_ec2": endpoint,
        "skip_region_validation": True,
        "skip_credential_validation": True,
        "skip_metadata_api_check": True,
        "source_ami": BASE,
        "instance_type": TYPE,
        "communicator": "none",
        "ami_name": "packer-{{timestamp}}",
        "run_tags": {"Name": "packer-build"},
    }
    step = {"type": "shell-local", "inline": ["echo provisioned"]}
    return json.dumps({"builders": [builder], "provisioners": [step]})
