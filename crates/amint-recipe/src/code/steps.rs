//! Steps.

use super::info::{CodeInfo, problem};

pub(super) static CODES: [CodeInfo; 3] = [
    problem(
        "AM0040",
        "there is no such step",
        "A step's key is none of the kinds of step.",
        r"steps:
  - upgrade: {}",
        r"steps:
  - upgrade-packages: {}",
        "The hint names the nearest kind, or lists them all.",
    ),
    problem(
        "AM0041",
        "two steps have the same name",
        "Names must be unique in a recipe.",
        r#"steps:
  - shell: { name: install, run: "true" }
  - shell: { name: install, run: "true" }"#,
        r#"steps:
  - shell: { name: install, run: "true" }
  - shell: { name: configure, run: "true" }"#,
        "Logs, events and waivers tell steps apart by name.",
    ),
    problem(
        "AM0042",
        "a step does not have exactly one key",
        "A step says in one key what it does; its settings are below that key.",
        r#"steps:
  - shell: { run: "true" }
    reboot: {}"#,
        r#"steps:
  - shell: { run: "true" }
  - reboot: {}"#,
        "The usual cause is a missing `- ` or wrong indentation.",
    ),
];
