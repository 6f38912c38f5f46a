//! Values.

use super::info::{CodeInfo, problem};

pub(super) static CODES: [CodeInfo; 14] = [
    problem(
        "AM0060",
        "a name has characters that it cannot have",
        "A recipe's, step's or secret's name is empty, too long or has other characters than are allowed.",
        "name: My_Image",
        "name: my-image",
        "Names become parts of paths, tags and unit names.",
    ),
    problem(
        "AM0061",
        "a path is not absolute and plain",
        "A path on the builder does not start with `/`, or has `.`, `..`, empty parts or a `/` at its end.",
        r"steps:
  - file: { content: x, to: etc/web.conf }",
        r"steps:
  - file: { content: x, to: /etc/web.conf }",
        "What a relative path means would depend on where a command happens to run.",
    ),
    problem(
        "AM0062",
        "permission bits cannot be read",
        "`mode` is not three or four octal digits.",
        r#"steps:
  - file: { content: x, to: /etc/web.conf, mode: "0888" }"#,
        r#"steps:
  - file: { content: x, to: /etc/web.conf, mode: "0644" }"#,
        "`8` and `9` are no octal digits. Quotes keep YAML from reading it as a decimal number.",
    ),
    problem(
        "AM0063",
        "a duration cannot be read",
        "A time is not written as `90s`, `60m` or `1h30m`.",
        "builder: { timeout: 5 minutes }",
        "builder: { timeout: 5m }",
        "A time without a unit would be guessed.",
    ),
    problem(
        "AM0064",
        "this is no package's name",
        "A package's name has characters that no package has, or the list is empty.",
        r#"steps:
  - install-packages: ["-y"]"#,
        r"steps:
  - install-packages: [nginx]",
        "Names are handed to the package manager, which would take `-y` as an option.",
    ),
    problem(
        "AM0065",
        "there is no such profile",
        "`seal` names a hardening profile that the catalogue does not have.",
        "seal: { profile: marketplace-linus }",
        "seal: { profile: marketplace-linux }",
        "A profile decides what the seal does; `amint steps` shows what is in each.",
    ),
    problem(
        "AM0066",
        "this is no SHA-256",
        "A digest is not 64 hexadecimal digits.",
        "base: { local: { image: disk.raw, sha256: abc } }",
        "base: { local: { image: disk.raw, sha256: 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08 } }",
        "`sha256sum FILE` prints it.",
    ),
    problem(
        "AM0067",
        "this is no date",
        "A date is not written as YYYY-MM-DD, or there is no such day.",
        r"waivers:
  - { rule: MP-SEC-001, reason: Mended in 2.0., expires: 2026-02-30 }",
        r"waivers:
  - { rule: MP-SEC-001, reason: Mended in 2.0., expires: 2026-02-28 }",
        "A waiver must end on a day that everybody reads the same way.",
    ),
    problem(
        "AM0068",
        "this is no user or group",
        "An owner is neither a user's name nor a number.",
        r#"steps:
  - file: { content: x, to: /etc/web.conf, owner: "a b" }"#,
        r"steps:
  - file: { content: x, to: /etc/web.conf, owner: root }",
        "Names have small letters, digits, `-` and `_`.",
    ),
    problem(
        "AM0069",
        "an image cannot be called so",
        "An image's name, description or tag has characters or a length that EC2 refuses.",
        r#"image: { name: "a*b" }"#,
        r#"image: { name: "{{name}}-{{version}}" }"#,
        "EC2 would refuse it at the end of the build, an hour later.",
    ),
    problem(
        "AM0070",
        "a command is more than a path and plain words",
        "The command of `first-boot-secret` has characters that only a shell understands.",
        r#"steps:
  - first-boot-secret: { name: admin, command: "/opt/web/set | tee /log" }"#,
        r"steps:
  - first-boot-secret: { name: admin, command: /opt/web/set-password }",
        "It runs without a shell, so that nothing in it is expanded. Put more into a script.",
    ),
    problem(
        "AM0071",
        "this is no version",
        "A version has characters that cannot be in a file's name.",
        r#"version: "1 0""#,
        r#"version: "1.0""#,
        "The version is part of names and paths.",
    ),
    problem(
        "AM0072",
        "there is no such rule",
        "A waiver names a rule that the catalogue does not have.",
        r#"waivers:
  - { rule: MP-CLAEN-002, reason: Mended in 2.0., expires: "2030-01-31" }"#,
        r#"waivers:
  - { rule: MP-CLEAN-002, reason: Mended in 2.0., expires: "2030-01-31" }"#,
        "`amint explain --list` lists all rules.",
    ),
    problem(
        "AM0073",
        "a rule cannot be waived",
        "A waiver names a rule that guards the proof itself.",
        r#"waivers:
  - { rule: AMINT-SEAL-001, reason: It is slow., expires: "2030-01-31" }"#,
        "waivers: []",
        "Without it, nothing else that the inspection says would be worth anything.",
    ),
];
