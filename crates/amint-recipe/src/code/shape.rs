//! Keys and types.

use super::info::{CodeInfo, problem};

pub(super) static CODES: [CodeInfo; 7] = [
    problem(
        "AM0010",
        "the recipe's format is not known",
        "`amint:` names a version of the recipe format that this amint does not read.",
        "amint: 2",
        "amint: 1",
        "The format's version says how everything else is to be understood. A newer amint may know it.",
    ),
    problem(
        "AM0011",
        "a key is not known",
        "A mapping has a key that means nothing there.",
        "builder: { vcpu: 4 }",
        "builder: { vcpus: 4 }",
        "A key that is silently ignored is a setting that silently does not hold. The hint names the nearest \
         known one.",
    ),
    problem(
        "AM0012",
        "a key is missing",
        "A mapping lacks a key that it cannot do without.",
        "base: {}",
        "base: { local: { debian: bookworm } }",
        "There is no default that would be right for everybody. The hint shows what to add.",
    ),
    problem(
        "AM0013",
        "a value has the wrong type",
        "A list stands where a text is expected, a text where a number is, and so on.",
        "steps: upgrade-packages",
        r"steps:
  - upgrade-packages: {}",
        "YAML guesses types: `yes`, `1.10` and `0644` are not always what they look like. Quotes make a text of \
         anything.",
    ),
    problem(
        "AM0014",
        "two keys exclude each other",
        "Two keys are given of which only one can count.",
        r#"steps:
  - shell: { run: "true", script: files/install.sh }"#,
        r"steps:
  - shell: { script: files/install.sh }",
        "Whichever would win, one of the two would be lost.",
    ),
    problem(
        "AM0015",
        "a word is not one of the choices",
        "A value is none of the few words that are allowed there.",
        "builder: { network: bridge }",
        "builder: { network: none }",
        "The hint lists the choices.",
    ),
    problem(
        "AM0016",
        "a number is out of range",
        "A number is too small or too large for what it sets.",
        "builder: { vcpus: 0 }",
        "builder: { vcpus: 2 }",
        "The limits are those of the machine or the service behind the setting; the hint says which.",
    ),
];
