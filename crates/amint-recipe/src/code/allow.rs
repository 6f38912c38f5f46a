//! What `allow` says.

use super::info::{CodeInfo, problem};

pub(super) static CODES: [CodeInfo; 3] = [
    problem(
        "AM0100",
        "there is no such lint",
        "`allow` names something that is no lint's code.",
        r"allow:
  - { lint: AM0011, reason: We like it. }",
        "allow: []",
        "Lints have the codes from AM0110 on; `amint explain --list` shows them. Other problems keep a recipe \
         from being used, and cannot be silenced.",
    ),
    problem(
        "AM0101",
        "a lint cannot be allowed",
        "`allow` names a lint that guards secrets.",
        r"allow:
  - { lint: AM0116, reason: It is only for tests. }",
        "allow: []",
        "A secret in a recipe is in its history, in every clone and in the logs of every build, whatever the \
         reason.",
    ),
    problem(
        "AM0102",
        "something is allowed that is not there",
        "An item of `allow` silences nothing: the lint finds nothing there, or no step has that name.",
        r"allow:
  - { lint: AM0122, reason: The product needs it. }",
        r#"steps:
  - shell: { name: spool, run: "chmod 777 /opt/web/spool" }
allow:
  - { lint: AM0122, step: spool, reason: Every service writes there. }"#,
        "What is allowed without need hides the next mistake of the same kind.",
    ),
];
