"""Recipes as large products have them, each of the same length, no two alike, and the same in each run."""

from __future__ import annotations

import json
import random

LINES = 200

PACKAGES = ["curl", "jq", "logrotate", "nginx", "openssl", "postgresql-client", "python3", "redis-tools", "rsyslog", "unzip"]
COMMANDS = [
    "install -d -m 0755 /opt/{name}/{word}",
    "grep -q {word} /etc/{name}/{word}.conf || echo {word}=on >> /etc/{name}/{word}.conf",
    "if [ ! -e /opt/{name}/{word}/ready ]; then touch /opt/{name}/{word}/ready; fi",
    "for part in one two three; do echo \"$part\" > \"/opt/{name}/{word}/$part\"; done",
    "systemctl enable {name}-{word}.service",
    "echo {{{{channel}}}} {{{{port}}}} > /opt/{name}/{word}/channel",
    "sed -i 's/^{word} =.*/{word} = yes/' /etc/{name}/{word}.conf",
    "# {word} is checked here, where a mistake costs little.",
    "test -x /opt/{name}/bin/{word}",
    "chown -R root:root /opt/{name}/{word}",
]
WORDS = ["agent", "backup", "cache", "collector", "exporter", "gateway", "index", "proxy", "queue", "relay", "store", "worker"]


def files() -> dict[str, str]:
    """What lies beside the recipes."""
    return {"files/app.conf": "workers = 4\nlisten = 127.0.0.1\n", "files/install.sh": "install -d /opt/app\n"}


def recipe(number: int) -> str:
    """The recipe with this number."""
    choose = random.Random(number)
    name = f"product-{number:04}"
    lines = head(name, number)
    tail = end(name, choose)
    step = 0
    while len(lines) + len(tail) < LINES:
        step += 1
        room = LINES - len(lines) - len(tail)
        lines += a_step(name, step, choose, room)
    return "\n".join(lines + tail) + "\n"


def head(name: str, number: int) -> list[str]:
    """Everything before the steps."""
    return [
        "# Made by the benchmark.",
        "amint: 1",
        f"name: {name}",
        f'version: "1.{number}.0"',
        "description: A product of several services.",
        "variables:",
        "  channel:",
        "    default: stable",
        '    pattern: "^(stable|edge)$"',
        "    description: Which packages to take.",
        '  port: { default: "8080", pattern: "^[0-9]{2,5}$" }',
        "  owner: images",
        "base:",
        "  local: { debian: bookworm }",
        "  aws:",
        "    ssm-parameter: /aws/service/debian/release/12/latest/amd64",
        "builder:",
        "  region: us-east-1",
        "  instance-types: [m7i.large, m6i.large, m5.large]",
        "  timeout: 45m",
        "  root-volume: { size: 16, type: gp3 }",
        '  tags: { team: "{{owner}}" }',
        "steps:",
        "  - upgrade-packages: { timeout: 20m }",
        "  - reboot: {}",
        "  - file: { name: shared settings, from: files/app.conf, to: /etc/app.conf }",
        "  - shell: { name: shared steps, script: files/install.sh }",
    ]


def a_step(name: str, step: int, choose: random.Random, room: int) -> list[str]:
    """One more step, in exactly as many lines as there is room for where that is little."""
    word = choose.choice(WORDS)
    if room < 4:
        return [f"  # {word}"] * room
    if room > 12 and step % 4 == 0:
        packages = ", ".join(sorted(choose.sample(PACKAGES, 3)))
        return [f"  - install-packages: {{ name: packages {step}, packages: [{packages}] }}"]
    if room > 12 and step % 3 == 0:
        return [
            "  - file:",
            f"      name: settings of {word} {step}",
            "      content: |",
            "        [service]",
            f"        name = {word}",
            "        channel = {{channel}}",
            "        port = {{port}}",
            f"      to: /etc/{name}/{word}-{step}.conf",
            '      mode: "0640"',
        ]
    commands = min(room - 3, choose.randint(5, 12))
    body = [f"        {choose.choice(COMMANDS).format(name=name, word=choose.choice(WORDS))}" for _ in range(commands)]
    return ["  - shell:", f"      name: set up {word} {step}", "      run: |", *body]


def end(name: str, choose: random.Random) -> list[str]:
    """Everything after the steps."""
    return [
        f"  - first-boot-secret: {{ name: admin-password, command: /opt/{name}/bin/set-password }}",
        "seal:",
        "  profile: marketplace-linux",
        f"  application-logs: [/opt/{name}/logs]",
        "image:",
        '  name: "{{name}}-{{version}}-{{build.id}}"',
        '  description: "{{name}} {{version}}"',
        '  tags: { product: "{{name}}", channel: "{{channel}}" }',
        "  copy-to: [eu-west-1]",
        f'  share-with: {{ accounts: ["{choose.randrange(10**11, 10**12)}"] }}',
        "  deprecate-after: 26w",
        "  keep-last: 5",
        "waivers:",
        "  - rule: MP-CLEAN-002",
        f"    path: /opt/{name}/.bash_history",
        "    reason: The tutorial shows it.",
        '    expires: "2030-01-31"',
    ]


def changed(text: str) -> str:
    """The recipe after a pull request: a wider share, an extended waiver, a longer timeout, a changed script."""
    return (
        text.replace("accounts: [", 'accounts: ["111122223333", ')
        .replace('"2030-01-31"', '"2031-01-31"')
        .replace("timeout: 45m", "timeout: 90m")
        .replace("systemctl enable", "systemctl enable --now")
    )


def packer_template(number: int) -> str:
    """What Packer would be given for the same product: as many provisioners, the same commands."""
    choose = random.Random(number)
    name = f"product-{number:04}"
    provisioners: list[dict[str, object]] = [{"type": "shell", "inline": ["apt-get update", "apt-get -y dist-upgrade"]}]
    used, step = 44, 0
    while used < LINES:
        step += 1
        lines = a_step(name, step, choose, LINES - used)
        used += len(lines)
        commands = [line.strip().replace("{{channel}}", "{{user `channel`}}").replace("{{port}}", "{{user `port`}}")
                    for line in lines if line.startswith("        ")]
        if commands:
            provisioners.append({"type": "shell", "inline": commands})
        else:
            provisioners.append({"type": "shell", "inline": ["apt-get -y install curl jq nginx"]})
    template = {
        "variables": {"channel": "stable", "port": "8080", "owner": "images"},
        "builders": [{
            "type": "amazon-ebs", "region": "us-east-1", "access_key": "none", "secret_key": "none",
            "skip_region_validation": True, "skip_credential_validation": True, "skip_metadata_api_check": True,
            "instance_type": "m7i.large", "ssh_username": "admin",
            "source_ami_filter": {"owners": ["136693071363"], "most_recent": True, "filters": {"name": "debian-12-amd64-*"}},
            "ami_name": name + "-{{timestamp}}", "ami_regions": ["eu-west-1"], "tags": {"product": name},
        }],
        "provisioners": provisioners,
    }
    return json.dumps(template, indent=2)
