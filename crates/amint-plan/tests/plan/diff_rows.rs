//! The rows: which rules are about which difference. Each is checked in both directions.

use amint_plan::{BuildPlan, Machine, Target};

/// All rules of the way there, and what the two recipes say besides name and base.
pub(crate) type Row = (&'static [&'static str], &'static str, &'static str);

const NONE: &str = "";

pub(crate) static LOCAL_ROWS: &[Row] = &[
    // What is no difference.
    (&[], NONE, "# a comment\n"),
    (
        &[],
        "steps: [{ shell: { name: a, run: ls, timeout: 1m } }]",
        "steps:\n  - shell:\n      timeout: 60s\n      run: 'ls'\n      name: \"a\"\n",
    ),
    // The recipe.
    (
        &["DIFF-RECIPE-003"],
        "name: test\nversion: 1.0.0\nimage: { name: xyz, description: x }",
        "name: other\nversion: 1.0.0\nimage: { name: xyz, description: x }",
    ),
    (
        &["DIFF-RECIPE-004"],
        "name: test\nversion: 1.0.0\nimage: { name: xyz, description: x }",
        "name: test\nversion: 1.0.1\nimage: { name: xyz, description: x }",
    ),
    (
        &["DIFF-VARIABLE-001"],
        "variables: { a: 1 }",
        "variables: { a: 2 }",
    ),
    (&["DIFF-VARIABLE-002"], NONE, "variables: { a: 1 }"),
    (
        &["DIFF-VARIABLE-004"],
        "variables: { a: { secret: true } }",
        "variables: { a: { secret: true, from: { env: B } } }",
    ),
    (
        &["DIFF-VARIABLE-005"],
        NONE,
        "variables: { a: { secret: true } }",
    ),
    (
        &["DIFF-VARIABLE-007"],
        "variables: { a: { secret: true } }",
        "variables: { a: 1 }",
    ),
    // What goes is told, whatever takes its name.
    (
        &["DIFF-STEP-001", "DIFF-STEP-009"],
        "steps: [{ upgrade-packages: { name: a } }]",
        "steps: [{ shell: { name: a, run: ls } }]",
    ),
    // The base image.
    (
        &["DIFF-BASE-004"],
        "base: { local: { debian: bullseye } }",
        "base: { local: { debian: bookworm } }",
    ),
    (
        &["DIFF-BASE-001"],
        "base: { local: { debian: bookworm } }",
        "base: { local: { image: x.img, sha256: 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08 } }",
    ),
    // Another file is one more to be trusted, and one less.
    (
        &["DIFF-BASE-001", "DIFF-BASE-002"],
        "base: { local: { image: x.img, sha256: 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08 } }",
        "base: { local: { image: x.img, sha256: 0f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08 } }",
    ),
    (
        &[],
        "base: { local: { image: x.img, sha256: 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08 } }",
        "base: { local: { image: y.img, sha256: 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08 } }",
    ),
    // The builder.
    (
        &["DIFF-BUILDER-001"],
        "builder: { timeout: 1h }",
        "builder: { timeout: 90m }",
    ),
    (
        &["DIFF-BUILDER-004"],
        "builder: { vcpus: 1 }",
        "builder: { vcpus: 2 }",
    ),
    (
        &["DIFF-BUILDER-004"],
        "builder: { memory: 512 }",
        "builder: { memory: 1024 }",
    ),
    (
        &["DIFF-BUILDER-005"],
        "builder: { network: none }",
        "builder: { network: user }",
    ),
    // Steps.
    (&["DIFF-STEP-001"], NONE, "steps: [{ shell: { run: ls } }]"),
    (&["DIFF-STEP-001"], NONE, "steps: [{ reboot: {} }]"),
    (
        &["DIFF-STEP-001"],
        "steps: [{ shell: { run: ls } }, { shell: { run: pwd } }]",
        "steps: [{ shell: { run: id } }, { shell: { run: ls } }, { shell: { run: pwd } }]",
    ),
    (
        &["DIFF-STEP-003"],
        "steps: [{ shell: { name: a, run: ls } }]",
        "steps: [{ shell: { name: b, run: ls } }]",
    ),
    (
        &["DIFF-STEP-003", "DIFF-STEP-004"],
        "steps: [{ shell: { name: a, run: one two three four } }]",
        "steps: [{ shell: { name: b, run: one two three five } }]",
    ),
    (
        &["DIFF-STEP-001", "DIFF-STEP-002"],
        "steps: [{ shell: { name: a, run: ls } }]",
        "steps: [{ shell: { name: b, run: id } }]",
    ),
    (
        &["DIFF-STEP-004"],
        "steps: [{ shell: { run: ls } }]",
        "steps: [{ shell: { run: id } }]",
    ),
    (
        &["DIFF-STEP-005"],
        "steps: [{ reboot: { timeout: 1m } }]",
        "steps: [{ reboot: { timeout: 2m } }]",
    ),
    (
        &["DIFF-STEP-006"],
        "steps: [{ shell: { name: a, run: ls } }]",
        "steps: [{ reboot: { name: a } }]",
    ),
    (
        &["DIFF-STEP-010"],
        NONE,
        "steps: [{ upgrade-packages: {} }]",
    ),
    (
        &["DIFF-STEP-001"],
        "steps: [{ upgrade-packages: {} }]",
        "steps: [{ upgrade-packages: {} }, { upgrade-packages: {} }]",
    ),
    // Packages, wherever they are installed.
    (
        &[
            "DIFF-STEP-001",
            "DIFF-PACKAGE-001",
            "DIFF-PACKAGE-003",
            "DIFF-PACKAGE-005",
        ],
        NONE,
        "steps: [{ install-packages: [nginx, telnetd, ufw] }]",
    ),
    (
        &["DIFF-STEP-008", "DIFF-PACKAGE-001"],
        "steps: [{ install-packages: [a1, b2] }]",
        "steps: [{ install-packages: [b2, a1, c3] }]",
    ),
    (
        &["DIFF-STEP-008", "DIFF-STEP-008"],
        "steps: [{ install-packages: { name: x, packages: [a1, b2] } }, { install-packages: { name: y, packages: [c3] } }]",
        "steps: [{ install-packages: { name: x, packages: [a1] } }, { install-packages: { name: y, packages: [b2, c3] } }]",
    ),
    (
        &["DIFF-STEP-008"],
        "steps: [{ install-packages: [a1, b2] }]",
        "steps: [{ install-packages: [b2, a1] }]",
    ),
    // First-boot secrets.
    (
        &["DIFF-SECRET-001"],
        NONE,
        "steps: [{ first-boot-secret: { name: pw, command: /bin/set } }]",
    ),
    (
        &["DIFF-SECRET-004", "DIFF-SECRET-005"],
        "steps: [{ first-boot-secret: { name: pw, command: /bin/set, length: 40 } }]",
        "steps: [{ first-boot-secret: { name: pw, command: /bin/put, length: 20 } }]",
    ),
    // Files.
    (
        &["DIFF-STEP-001"],
        NONE,
        "steps: [{ file: { content: a, to: /a } }]",
    ),
    (
        &["DIFF-FILE-001"],
        "steps: [{ file: { content: a, to: /a } }]",
        "steps: [{ file: { content: b, to: /a } }]",
    ),
    (
        &["DIFF-FILE-002"],
        "steps: [{ file: { content: a, to: /a, mode: 0640 } }]",
        "steps: [{ file: { content: a, to: /a, mode: 0644 } }]",
    ),
    (
        &["DIFF-FILE-002", "DIFF-FILE-003"],
        "steps: [{ file: { content: a, to: /a, mode: 0640 } }]",
        "steps: [{ file: { content: a, to: /a, mode: 0604 } }]",
    ),
    (
        &["DIFF-STEP-001", "DIFF-FILE-002"],
        NONE,
        "steps: [{ file: { content: a, to: /a, mode: 0777 } }]",
    ),
    (
        &["DIFF-FILE-004"],
        "steps: [{ file: { content: a, to: /a } }]",
        "steps: [{ file: { content: a, to: /a, owner: demo } }]",
    ),
    (
        &["DIFF-FILE-006"],
        "steps: [{ file: { content: a, to: /a, owner: demo } }]",
        "steps: [{ file: { content: a, to: /a, owner: other } }]",
    ),
    (
        &["DIFF-FILE-006"],
        "steps: [{ file: { content: a, to: /a } }]",
        "steps: [{ file: { content: a, to: /a, group: www } }]",
    ),
    (
        &["DIFF-FILE-007"],
        "steps: [{ file: { content: a, to: /a } }]",
        "steps: [{ file: { content: a, to: /a, owner: root } }]",
    ),
    (
        &["DIFF-FILE-008", "DIFF-FILE-009"],
        "steps: [{ file: { name: a, content: a, to: /a } }]",
        "steps: [{ file: { name: a, content: a, to: /b } }]",
    ),
    // Files that guard something, line by line.
    (
        &["DIFF-FILE-001", "DIFF-GUARD-001", "DIFF-GUARD-004"],
        "steps: [{ file: { content: \"Port 22\\nPermitRootLogin no\\n# x\\n\", to: /etc/ssh/sshd_config.d/a.conf } }]",
        "steps: [{ file: { content: \"# y\\nPort 22\\nPermitRootLogin yes\\n\", to: /etc/ssh/sshd_config.d/a.conf } }]",
    ),
    (
        &["DIFF-STEP-001", "DIFF-GUARD-001"],
        NONE,
        "steps: [{ file: { content: 'demo ALL=(ALL) NOPASSWD: ALL', to: /etc/sudoers.d/demo } }]",
    ),
    (
        &["DIFF-STEP-001", "DIFF-SERVICE-001"],
        NONE,
        "steps: [{ file: { content: 'ExecStart=/x', to: /etc/systemd/system/x.service } }]",
    ),
    // Of a unit, what it runs and when; its description is only content.
    (
        &["DIFF-FILE-001"],
        "steps: [{ file: { content: \"[Unit]\\nDescription=a\\nExecStart=/x\\n\", to: /etc/systemd/system/x.service } }]",
        "steps: [{ file: { content: \"[Unit]\\nDescription=b\\nExecStart=/x\\n\", to: /etc/systemd/system/x.service } }]",
    ),
    // A file without a line takes the place of one that guards.
    (
        &["DIFF-STEP-001", "DIFF-PAM-001"],
        NONE,
        "steps: [{ file: { content: '# nothing', to: /etc/pam.d/sshd } }]",
    ),
    // A script in a file is a script.
    (
        &["DIFF-FILE-001", "DIFF-FETCH-001", "DIFF-SCRIPT-001"],
        "steps: [{ file: { content: \"#!/bin/sh\\ntrue\\n\", to: /opt/x } }]",
        "steps: [{ file: { content: \"#!/bin/sh\\ncurl https://e.com/x | sh\\n\", to: /opt/x } }]",
    ),
    // Order.
    (
        &["DIFF-ORDER-001"],
        "steps: [{ shell: { run: ls } }, { shell: { run: id } }, { shell: { run: pwd } }]",
        "steps: [{ shell: { run: pwd } }, { shell: { run: ls } }, { shell: { run: id } }]",
    ),
    (
        &["DIFF-ORDER-002"],
        "steps: [{ shell: { name: a, run: ufw allow 80 } }, { shell: { name: b, run: ufw enable } }]",
        "steps: [{ shell: { name: b, run: ufw enable } }, { shell: { name: a, run: ufw allow 80 } }]",
    ),
    (
        &["DIFF-ORDER-004"],
        "steps: [{ shell: { name: a, run: ls } }, { shell: { name: b, run: rm -rf /var/log/x } }]",
        "steps: [{ shell: { name: b, run: rm -rf /var/log/x } }, { shell: { name: a, run: ls } }]",
    ),
    (
        &["DIFF-ORDER-006"],
        "steps: [{ upgrade-packages: {} }, { reboot: {} }]",
        "steps: [{ reboot: {} }, { upgrade-packages: {} }]",
    ),
    (
        &["DIFF-ORDER-006", "DIFF-STEP-002"],
        "steps: [{ upgrade-packages: {} }, { reboot: {} }]",
        "steps: [{ upgrade-packages: {} }]",
    ),
    // A line that moves to another step is none that is new.
    (
        &["DIFF-STEP-004", "DIFF-STEP-004"],
        "steps: [{ shell: { name: a, run: \"id\\nuseradd x\\n\" } }, { shell: { name: b, run: ls } }]",
        "steps: [{ shell: { name: a, run: id } }, { shell: { name: b, run: \"ls\\nuseradd x\\n\" } }]",
    ),
    // The seal.
    (
        &[
            "DIFF-SEAL-005",
            "DIFF-SEAL-001",
            "DIFF-SEAL-001",
            "DIFF-SEAL-001",
            "DIFF-SEAL-001",
            "DIFF-SEAL-001",
            "DIFF-SEAL-001",
            "DIFF-SEAL-001",
            "DIFF-SEAL-001",
            "DIFF-SEAL-001",
            "DIFF-SEAL-001",
            "DIFF-SEAL-001",
            "DIFF-SEAL-001",
            "DIFF-SEAL-001",
            "DIFF-SEAL-008",
            "DIFF-SEAL-008",
            "DIFF-SEAL-008",
            "DIFF-SEAL-008",
            "DIFF-SEAL-008",
        ],
        "seal: { profile: marketplace-linux }",
        "seal: { profile: shared-ami }",
    ),
    (
        &["DIFF-SEAL-011"],
        NONE,
        "seal: { application-logs: [/opt/x] }",
    ),
    (
        &["DIFF-RECIPE-005"],
        "seal: { application-logs: [/opt/x, /opt/y] }",
        "seal: { application-logs: [/opt/y, /opt/x] }",
    ),
    // The image.
    (
        &["DIFF-IMAGE-001"],
        "image: { name: abc }",
        "image: { name: abd }",
    ),
    (
        &["DIFF-IMAGE-002"],
        "image: { description: a }",
        "image: { description: b }",
    ),
    (
        &["DIFF-IMAGE-003"],
        "image: { tags: { a: b } }",
        "image: { tags: { a: c } }",
    ),
    (&["DIFF-IMAGE-004"], NONE, "image: { tags: { a: b } }"),
    // Waivers.
    (
        &["DIFF-WAIVER-001"],
        NONE,
        "waivers: [{ rule: MP-SSH-003, reason: a, expires: 2030-01-31 }]",
    ),
    (
        &["DIFF-WAIVER-003"],
        "waivers: [{ rule: MP-SSH-003, reason: a, expires: 2030-01-31 }]",
        "waivers: [{ rule: MP-SSH-003, reason: a, expires: 2030-02-01 }]",
    ),
    (
        &["DIFF-WAIVER-005"],
        "waivers: [{ rule: MP-SSH-003, path: /root/x, reason: a, expires: 2030-01-31 }]",
        "waivers: [{ rule: MP-SSH-003, path: /root/**, reason: a, expires: 2030-01-31 }]",
    ),
    (
        &["DIFF-WAIVER-005"],
        "waivers: [{ rule: MP-SSH-003, path: /root/x, reason: a, expires: 2030-01-31 }]",
        "waivers: [{ rule: MP-SSH-003, reason: a, expires: 2030-01-31 }]",
    ),
    (
        &["DIFF-WAIVER-001", "DIFF-WAIVER-002"],
        "waivers: [{ rule: MP-SSH-003, path: /root/x, reason: a, expires: 2030-01-31 }]",
        "waivers: [{ rule: MP-SSH-003, path: /home/x, reason: a, expires: 2030-01-31 }]",
    ),
    (
        &["DIFF-WAIVER-007"],
        "waivers: [{ rule: MP-SSH-003, reason: a, expires: 2030-01-31 }]",
        "waivers: [{ rule: MP-SSH-003, reason: b, expires: 2030-01-31 }]",
    ),
    (
        &["DIFF-RECIPE-005"],
        "waivers: [{ rule: MP-SSH-003, reason: a, expires: 2030-01-31 }, { rule: MP-SSH-001, reason: a, expires: 2030-01-31 }]",
        "waivers: [{ rule: MP-SSH-001, reason: a, expires: 2030-01-31 }, { rule: MP-SSH-003, reason: a, expires: 2030-01-31 }]",
    ),
];

const ORGANIZATION: &str = "image: { share-with: { organizations: ['arn:aws:organizations::012345678901:organization/o-0123456789'] } }";
const UNIT: &str = "image: { share-with: { organizational-units: ['arn:aws:organizations::012345678901:ou/o-0123456789/ou-0123-01234567'] } }";
const AGENT: &str = "builder: { ssm-agent: { url: 'https://e.com/a.deb', sha256: 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08, remove: true } }";
const AGENT_KEPT: &str = "builder: { ssm-agent: { url: 'https://e.com/a.deb', sha256: 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08, remove: false } }";
const OTHER_AGENT: &str = "builder: { ssm-agent: { url: 'https://e.com/b.deb', sha256: 0f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08, remove: true } }";

pub(crate) static AWS_ROWS: &[Row] = &[
    // Base images.
    (
        &["DIFF-BASE-001"],
        "base: { aws: { ssm-parameter: /aws/service/x } }",
        "base: { aws: { id: ami-0123456789abcdef0 } }",
    ),
    (
        &["DIFF-BASE-001"],
        "base: { aws: { ssm-parameter: /aws/service/x } }",
        "base: { aws: { ssm-parameter: /our/own } }",
    ),
    (
        &["DIFF-BASE-001"],
        "base: { aws: { owner: amazon, name: 'x-*' } }",
        "base: { aws: { owner: '123456789012', name: 'x-*' } }",
    ),
    (
        &["DIFF-BASE-003"],
        "base: { aws: { owner: '136693071363', name: 'debian-12-amd64-*' } }",
        "base: { aws: { owner: '136693071363', name: 'debian-11-amd64-*' } }",
    ),
    (
        &["DIFF-BASE-005"],
        "base: { aws: { ssm-parameter: /aws/service/debian/release/12/latest/amd64 } }",
        "base: { aws: { ssm-parameter: /aws/service/debian/release/12/latest/arm64 } }",
    ),
    // The builder.
    (
        &["DIFF-AWS-001"],
        "builder: { region: us-east-1 }",
        "builder: { region: eu-west-1 }",
    ),
    (
        &["DIFF-AWS-002"],
        NONE,
        "builder: { instance-types: [m5.large] }",
    ),
    (
        &["DIFF-AWS-003"],
        NONE,
        "builder: { subnets: [subnet-0123456789abcdef0] }",
    ),
    (
        &["DIFF-AWS-004"],
        NONE,
        "builder: { security-groups: [sg-0123456789abcdef0] }",
    ),
    (
        &["DIFF-AWS-006", "DIFF-AWS-007"],
        "builder: { instance-profile: a }",
        "builder: { instance-profile: b }",
    ),
    (
        &["DIFF-AWS-006"],
        "builder: { temporary-instance-profile: {} }",
        "builder: { instance-profile: a }",
    ),
    (
        &["DIFF-AWS-009"],
        "builder: { temporary-instance-profile: {} }",
        "builder: { temporary-instance-profile: { permissions-boundary: 'arn:aws:iam::012345678901:policy/b' } }",
    ),
    (&["DIFF-AWS-010"], NONE, "builder: { tags: { a: b } }"),
    (
        &["DIFF-AWS-010"],
        "builder: { tags: { a: b } }",
        "builder: { tags: { a: c } }",
    ),
    (&["DIFF-AWS-011"], NONE, "builder: { bucket: my-bucket }"),
    (&["DIFF-AWS-013"], NONE, "builder: { log-group: /a }"),
    (
        &["DIFF-AWS-014"],
        "builder: { log-group: /a }",
        "builder: { log-group: /b }",
    ),
    (
        &["DIFF-VOLUME-001"],
        NONE,
        "builder: { root-volume: { size: 20 } }",
    ),
    (
        &["DIFF-VOLUME-002"],
        NONE,
        "builder: { volumes: [{ device: /dev/sdf, size: 10 }] }",
    ),
    (
        &["DIFF-VOLUME-001"],
        "builder: { volumes: [{ device: /dev/sdf, size: 10 }] }",
        "builder: { volumes: [{ device: /dev/sdf, size: 20 }] }",
    ),
    (
        &["DIFF-RECIPE-005"],
        "builder: { volumes: [{ device: /dev/sdf, size: 10 }, { device: /dev/sdg, size: 10 }] }",
        "builder: { volumes: [{ device: /dev/sdg, size: 10 }, { device: /dev/sdf, size: 10 }] }",
    ),
    (&["DIFF-AGENT-001"], NONE, AGENT),
    (&["DIFF-AGENT-001", "DIFF-AGENT-004"], NONE, AGENT_KEPT),
    (&["DIFF-AGENT-003", "DIFF-AGENT-003"], AGENT, OTHER_AGENT),
    (&["DIFF-AGENT-004"], AGENT, AGENT_KEPT),
    // Publishing.
    (
        &["DIFF-PUBLISH-001"],
        NONE,
        "image: { share-with: { accounts: ['123456789012'] } }",
    ),
    (&["DIFF-PUBLISH-001"], NONE, ORGANIZATION),
    (&["DIFF-PUBLISH-001"], NONE, UNIT),
    (
        &["DIFF-PUBLISH-001", "DIFF-PUBLISH-002"],
        "image: { share-with: { accounts: ['123456789012'] } }",
        "image: { share-with: { accounts: ['123456789013'] } }",
    ),
    (
        &["DIFF-PUBLISH-005"],
        NONE,
        "image: { copy-to: [eu-west-1] }",
    ),
    (
        &["DIFF-PUBLISH-008"],
        NONE,
        "image: { deprecate-after: 90d }",
    ),
    (
        &["DIFF-PUBLISH-007"],
        "image: { deprecate-after: 90d }",
        "image: { deprecate-after: 180d }",
    ),
    (
        &["DIFF-PUBLISH-009"],
        NONE,
        "image: { ssm-parameter: /a/b }",
    ),
    (
        &["DIFF-PUBLISH-009"],
        "image: { ssm-parameter: /a/b }",
        "image: { ssm-parameter: /a/c }",
    ),
    (
        &["DIFF-PUBLISH-010"],
        "image: { keep-last: 3 }",
        "image: { keep-last: 4 }",
    ),
    (&["DIFF-PUBLISH-010"], NONE, "image: { keep-last: 4 }"),
    (
        &["DIFF-RECIPE-005"],
        "image: { copy-to: [eu-west-1, eu-west-2] }",
        "image: { copy-to: [eu-west-2, eu-west-1] }",
    ),
];

/// Old and new lines of the same shell step; that its script is another one is expected without being said.
pub(crate) static SCRIPT_ROWS: &[Row] = &[
    // What guards an image.
    (
        &["DIFF-SSHD-001"],
        NONE,
        "echo 'Port 2222' >> /etc/ssh/sshd_config",
    ),
    (
        &["DIFF-SSHD-001"],
        NONE,
        "cat > /etc/ssh/sshd_config.d/x <<EOF\nPort 2222\nEOF",
    ),
    (&["DIFF-SSHD-001"], NONE, "systemctl disable ssh.service"),
    (
        &["DIFF-SSHD-001"],
        NONE,
        "cp keys /home/demo/.ssh/authorized_keys",
    ),
    (
        &["DIFF-GUARD-001"],
        NONE,
        "echo 'PermitRootLogin yes' >> /etc/ssh/sshd_config",
    ),
    (
        &["DIFF-GUARD-003"],
        NONE,
        "echo 'PasswordAuthentication no' >> /etc/ssh/sshd_config",
    ),
    // A replacement names both: a reader has to see which way it goes.
    (
        &["DIFF-SSHD-001"],
        NONE,
        "sed -i 's/PermitRootLogin no/PermitRootLogin yes/' /etc/ssh/sshd_config",
    ),
    (
        &["DIFF-SUDO-001"],
        NONE,
        "rm /etc/sudoers.d/90-cloud-init-users",
    ),
    (
        &["DIFF-GUARD-001"],
        NONE,
        "echo 'x ALL=(ALL) NOPASSWD:ALL' | tee /etc/sudoers.d/x",
    ),
    (&["DIFF-ACCOUNT-001"], NONE, "useradd --create-home demo"),
    (&["DIFF-GUARD-001"], NONE, "echo root:secret | chpasswd"),
    (&["DIFF-GUARD-003"], NONE, "passwd -l root"),
    (&["DIFF-PAM-001"], NONE, "pam-auth-update --enable x"),
    (&["DIFF-SSM-001"], NONE, "systemctl stop amazon-ssm-agent"),
    (
        &["DIFF-SSM-001"],
        NONE,
        "systemctl enable --now snap.amazon-ssm-agent.amazon-ssm-agent.service",
    ),
    (
        &["DIFF-BOOT-001"],
        NONE,
        "printf 'x' > /etc/cloud/cloud.cfg.d/99.cfg",
    ),
    (&["DIFF-FIREWALL-001"], NONE, "ufw logging low"),
    (&["DIFF-GUARD-001"], NONE, "ufw allow 22/tcp"),
    (
        &["DIFF-GUARD-003"],
        NONE,
        "if true; then sudo ufw enable; fi",
    ),
    (
        &["DIFF-GUARD-001"],
        NONE,
        "systemctl disable --now firewalld",
    ),
    (&["DIFF-GUARD-001"], NONE, "setenforce 0"),
    (
        &["DIFF-MAC-001"],
        NONE,
        "semanage port -a -t http_port_t 8080",
    ),
    (&["DIFF-AUDIT-001"], NONE, "auditctl -b 64"),
    (&["DIFF-TRUST-001"], NONE, "update-ca-certificates"),
    (&["DIFF-TRUST-001"], NONE, "add-apt-repository ppa:x/y"),
    (&["DIFF-UPDATE-001"], NONE, "apt-mark manual nginx"),
    (&["DIFF-GUARD-001"], NONE, "systemctl mask apt-daily.timer"),
    (&["DIFF-KERNEL-001"], NONE, "sysctl -w vm.swappiness=10"),
    (&["DIFF-CRON-001"], NONE, "cp job /etc/cron.d/job"),
    (&["DIFF-SERVICE-001"], NONE, "systemctl enable nginx"),
    (&["DIFF-SERVICE-001"], NONE, "systemctl disable nginx"),
    (&["DIFF-RIGHTS-001"], NONE, "chmod u+s /usr/bin/x"),
    // However it is wrapped.
    (&["DIFF-SSHD-001"], NONE, "f=/etc/ssh/sshd_config"),
    (
        &["DIFF-GUARD-001"],
        NONE,
        "sed -i 's/.*/PermitRootLogin   yes/' sshd_config",
    ),
    (&["DIFF-GUARD-001"], NONE, "service ufw stop"),
    // One line that guards does not speak for others.
    (
        &["DIFF-SSHD-001", "DIFF-GUARD-003"],
        NONE,
        "cat >> /etc/ssh/sshd_config <<EOF\nPasswordAuthentication no\nAllowUsers mallory\nEOF",
    ),
    (
        &["DIFF-SSHD-001"],
        NONE,
        "printf 'PasswordAuthentication no\\nAllowUsers mallory\\n' >> /etc/ssh/sshd_config",
    ),
    (
        &["DIFF-SSHD-001"],
        NONE,
        "sed -i -e 's/a/PasswordAuthentication no/' -e 's/b/AllowUsers mallory/' /etc/ssh/sshd_config",
    ),
    (
        &["DIFF-ACCOUNT-001"],
        NONE,
        "for u in a b; do sudo useradd $u; done",
    ),
    (&["DIFF-ACCOUNT-001"], NONE, "bash -c 'useradd demo'"),
    (&["DIFF-ACCOUNT-001"], NONE, "sh <<EOF\nuseradd demo\nEOF"),
    (&["DIFF-ACCOUNT-001"], NONE, "x=$(useradd demo)"),
    (&["DIFF-ACCOUNT-001"], NONE, "timeout 9 useradd demo"),
    (&["DIFF-ACCOUNT-001"], NONE, "sudo -u root useradd demo"),
    (&["DIFF-ACCOUNT-001"], NONE, "chroot / useradd demo"),
    (&["DIFF-ACCOUNT-001"], NONE, "su - root -c 'useradd demo'"),
    (
        &["DIFF-ACCOUNT-001"],
        NONE,
        "xargs -n 1 useradd < /opt/names",
    ),
    (
        &["DIFF-FETCH-001"],
        NONE,
        "timeout 60 nice -n 10 sudo -u app curl -O https://e.com/x",
    ),
    (
        &["DIFF-RIGHTS-001"],
        NONE,
        "find /opt -name x -exec chmod 4755 {} +",
    ),
    // What is piped in counts as what is said.
    (
        &["DIFF-GUARD-001", "DIFF-GUARD-002"],
        "echo root:a | chpasswd",
        "echo root:b | chpasswd",
    ),
    // Looking at something is not touching it, and a comment does nothing.
    (&[], NONE, "grep -q x /etc/ssh/sshd_config"),
    (&[], NONE, "cat /etc/passwd | wc -l"),
    (&[], NONE, "# useradd demo"),
    (&[], NONE, "systemctl restart nginx"),
    (&[], NONE, "echo useradd"),
    (&[], "useradd demo", "sudo   'useradd' \"demo\" # why"),
    // The same line in another order is only another script.
    (&[], "useradd demo\nid", "id\nuseradd demo"),
    // One that changed is one that went and one that came.
    (
        &["DIFF-ACCOUNT-001", "DIFF-ACCOUNT-002"],
        "useradd demo",
        "useradd admin",
    ),
    // Code that nobody sees.
    (&["DIFF-SCRIPT-001"], NONE, "echo aWQK | base64 -d | sh"),
    (&["DIFF-SCRIPT-001"], NONE, "eval \"$x\""),
    (
        &["DIFF-SCRIPT-001", "DIFF-FETCH-001"],
        NONE,
        "sh -c \"$(curl -fsSL https://e.com/x)\"",
    ),
    (
        &["DIFF-SCRIPT-001", "DIFF-FETCH-001"],
        NONE,
        "curl -fsSL https://e.com/x | sudo bash -s -- -y",
    ),
    (
        &["DIFF-SCRIPT-001", "DIFF-FETCH-001"],
        NONE,
        "bash <(curl -fsSL https://e.com/x)",
    ),
    (&["DIFF-SCRIPT-001"], NONE, "source /dev/stdin"),
    (&[], NONE, "python3 /opt/x.py \"$(date)\""),
    (&[], NONE, "echo x | python3 /opt/x.py"),
    // Downloads.
    (&["DIFF-FETCH-001"], NONE, "curl -O https://e.com/x.tgz"),
    (
        &["DIFF-FETCH-003"],
        NONE,
        "curl -O https://e.com/x.tgz\necho '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08  x.tgz' | sha256sum -c",
    ),
    // Its messages are thrown away, and what comes is not.
    (
        &["DIFF-FETCH-001"],
        NONE,
        "curl -fsSLo /usr/local/bin/a https://e.com/a 2>/dev/null",
    ),
    (
        &["DIFF-FETCH-001"],
        NONE,
        "wget -q https://e.com/a >/dev/null 2>&1",
    ),
    (
        &["DIFF-FETCH-001"],
        NONE,
        "curl -fsSLo /usr/local/bin/a https://e.com/null",
    ),
    (&[], NONE, "curl -fso /dev/null https://e.com/health"),
    // The same line with another address behind it, and one more address in a line.
    (
        &["DIFF-FETCH-001", "DIFF-FETCH-002"],
        "u=https://a.org/x; curl -O \"$u\"",
        "u=https://e.com/x; curl -O \"$u\"",
    ),
    (
        &["DIFF-FETCH-001"],
        "curl -O https://a.org/x",
        "curl -O https://a.org/x -O https://e.com/x",
    ),
    (&["DIFF-FETCH-001"], NONE, "wget -q e.com/a"),
    (
        &["DIFF-FETCH-001", "DIFF-FETCH-005"],
        NONE,
        "curl -f http://127.0.0.1@e.com/a",
    ),
    (&["DIFF-FETCH-001"], NONE, "python3 -m pip install x"),
    (&["DIFF-FETCH-001"], NONE, "docker run --rm e.com/x"),
    (
        &["DIFF-FETCH-001", "DIFF-FETCH-002"],
        "pip install -i https://e.com x",
        "pip install -i https://e.com y",
    ),
    // Given a digest.
    (
        &["DIFF-FETCH-002", "DIFF-FETCH-003"],
        "curl -O https://e.com/x.tgz",
        "curl -O https://e.com/x.tgz\necho '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08  x.tgz' | sha256sum -c",
    ),
    // Compared, and gone on with whatever came of it.
    (
        &["DIFF-FETCH-001", "DIFF-FETCH-004"],
        "curl -O https://e.com/x\necho '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08  x' | sha256sum -c",
        "curl -O https://e.com/x\necho '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08  x' | sha256sum -c || true",
    ),
    (
        &["DIFF-FETCH-001"],
        NONE,
        "curl -O https://e.com/x\nsha256sum -c /dev/null || true",
    ),
    (
        &["DIFF-FETCH-001", "DIFF-FETCH-002", "DIFF-FETCH-005"],
        "curl -O https://e.com/x.tgz",
        "curl -O http://e.com/x.tgz",
    ),
    (
        &["DIFF-FETCH-007"],
        "wget https://e.com/x",
        "wget --no-check-certificate https://e.com/x",
    ),
    // Packages.
    (&["DIFF-PACKAGE-001"], NONE, "apt-get install -y nginx"),
    (&["DIFF-PACKAGE-003"], NONE, "dnf -y install telnet-server"),
    (&["DIFF-PACKAGE-007"], NONE, "apt-get purge -y ufw"),
    (&["DIFF-PACKAGE-007"], NONE, "dpkg --purge auditd"),
    (&["DIFF-PACKAGE-001"], NONE, "rpm -Uvh /tmp/x.rpm"),
    (
        &["DIFF-PACKAGE-001", "DIFF-PACKAGE-009"],
        NONE,
        "dnf install --nogpgcheck nginx",
    ),
];

type Change = fn(&mut BuildPlan);

/// What no recipe can say, or only for another target.
pub(crate) static PLAN_ROWS: &[(&[&str], Target, &str, Change)] = &[
    (&["DIFF-PLAN-001"], Target::Local, NONE, |_| {}),
    (&["DIFF-RECIPE-006"], Target::Local, NONE, |plan| {
        plan.matrix
            .insert("architecture".to_owned(), "arm64".to_owned());
    }),
    (&["DIFF-LOCK-002"], Target::Aws, NONE, |plan| {
        plan.locked = Some(super::lock::base("ami-1"));
    }),
    // A lock file is no way around the recipe's question.
    (
        &["DIFF-BASE-001", "DIFF-LOCK-002"],
        Target::Aws,
        NONE,
        |plan| {
            let mut base = super::lock::base("ami-1");
            base.owner = Some("666666666666".to_owned());
            plan.locked = Some(base);
        },
    ),
    (
        &["DIFF-BASE-001", "DIFF-LOCK-002"],
        Target::Aws,
        NONE,
        |plan| {
            let mut base = super::lock::base("ami-1");
            base.owner = None;
            plan.locked = Some(base);
        },
    ),
    (&["DIFF-BUILDER-003"], Target::Local, NONE, |plan| {
        let aws = super::diff_table::plan_of(Target::Aws, "");
        plan.builder.machine = aws.builder.machine;
    }),
    (
        &["DIFF-STEP-007"],
        Target::Local,
        "steps: [{ reboot: {} }]",
        |plan| {
            let action = plan.steps[0].actions[0].clone();
            plan.steps[0].actions.push(action);
        },
    ),
    // Another time does not hide another deed.
    (
        &["DIFF-STEP-005", "DIFF-STEP-007"],
        Target::Local,
        "steps: [{ reboot: {} }]",
        |plan| {
            let action = plan.steps[0].actions[0].clone();
            plan.steps[0].actions.push(action);
            plan.steps[0].timeout_seconds = 1;
        },
    ),
    (&["DIFF-SEAL-003"], Target::Local, NONE, |plan| {
        plan.seal.steps[0].sha256 = "0".repeat(64);
    }),
    (&["DIFF-SEAL-004"], Target::Local, NONE, |plan| {
        plan.seal.steps.swap(0, 1)
    }),
    (&["DIFF-SEAL-006"], Target::Local, NONE, |plan| {
        plan.seal.profile = "marketplace-linux@2".to_owned();
    }),
    (&["DIFF-IMAGE-006"], Target::Aws, NONE, |plan| {
        plan.image.imds_v2 = false
    }),
    (&["DIFF-PUBLISH-003"], Target::Aws, NONE, |plan| {
        plan.image.publish.accounts.push("all".to_owned());
    }),
    (&["DIFF-AWS-002"], Target::Aws, NONE, |plan| {
        if let Machine::Aws(machine) = &mut plan.builder.machine {
            machine.instance_types.reverse();
        }
    }),
];
