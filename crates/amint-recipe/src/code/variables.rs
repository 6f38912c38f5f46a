//! Variables.

use super::info::{CodeInfo, problem};

pub(super) static CODES: [CodeInfo; 6] = [
    problem(
        "AM0020",
        "a variable has no value",
        "A variable has no default, and `--var` gives none.",
        "variables: { channel: {} }",
        "variables: { channel: { default: stable } }",
        "A build must not depend on a value that nobody gave.",
    ),
    problem(
        "AM0021",
        "`--var` sets a variable that the recipe does not declare",
        "The command line names a variable that is not under `variables:`.",
        r"# amint build web.yaml --var chanel=edge
variables: { channel: stable }",
        r"# amint build web.yaml --var channel=edge
variables: { channel: stable }",
        "A misspelt name would leave the default in place, and nobody would notice.",
    ),
    problem(
        "AM0022",
        "a variable's value does not match its pattern",
        "The default or the value given by `--var` is none that the pattern allows.",
        r#"variables: { channel: { default: nightly, pattern: "^(stable|edge)$" } }"#,
        r#"variables: { channel: { default: stable, pattern: "^(stable|edge)$" } }"#,
        "Values come from outside, and end up in scripts and names. The pattern is what the recipe's author \
         thought of.",
    ),
    problem(
        "AM0023",
        "a pattern is not a regular expression",
        "`pattern:` cannot be read as a regular expression.",
        r#"variables: { channel: { default: stable, pattern: "(stable" } }"#,
        r#"variables: { channel: { default: stable, pattern: "^(stable|edge)$" } }"#,
        "A pattern that is not understood cannot check anything.",
    ),
    problem(
        "AM0024",
        "a name cannot be a variable's",
        "A variable's name has other characters than small letters, digits, `-` and `_`, or a meaning of its own \
         in templates.",
        "variables: { Channel: stable }",
        "variables: { channel: stable }",
        "Templates and the command line must be able to name it.",
    ),
    problem(
        "AM0025",
        "a pattern accepts any text that contains a match",
        "The pattern is not bound to the value's start and end.",
        "variables: { channel: { default: stable, pattern: stable } }",
        r#"variables: { channel: { default: stable, pattern: "^stable$" } }"#,
        "`stable` also matches `unstable; rm -rf /`. Anchor it with `^` and `$`.",
    ),
];
