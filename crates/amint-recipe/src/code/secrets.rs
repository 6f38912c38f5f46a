//! Types of variables, and secrets.

use super::info::{CodeInfo, problem};

pub(super) static CODES: [CodeInfo; 9] = [
    problem(
        "AM0026",
        "a value is not of the variable's type",
        "An integer has other characters than digits, or zeros before them; a boolean is neither `true` nor `false`. The \
         message names where the value comes from.",
        "variables: { port: { type: integer, default: http } }",
        "variables: { port: { type: integer, default: 80 } }",
        "Templates insert values as they are written: what is no number would end up in a script as one.",
    ),
    problem(
        "AM0027",
        "a value is none of the variable's choices",
        "The default, or the value that is given, is not in `choices`.",
        "variables: { channel: { choices: [stable, edge], default: nightly } }",
        "variables: { channel: { choices: [stable, edge], default: stable } }",
        "The choices are what the recipe's author thought of.",
    ),
    problem(
        "AM0028",
        "a limit does not fit the variable's type, or no value fits it",
        "`pattern` is for strings, `min` and `max` for integers, `choices` for choices, of which there is at least one; and \
         `min` is not more than `max`.",
        r#"variables: { port: { type: integer, pattern: "^80$", default: 80 } }"#,
        "variables: { port: { type: integer, min: 80, max: 80, default: 80 } }",
        "A limit that is not looked at protects nobody.",
    ),
    problem(
        "AM0029",
        "an environment variable nearly sets a variable of the recipe",
        "The environment has a variable that begins with `AMINT_VAR_`, sets no variable of the recipe, and differs little from \
         one that would.",
        r"# AMINT_VAR_CHANEL=edge amint build web.yaml
variables: { channel: stable }",
        r"# AMINT_VAR_CHANNEL=edge amint build web.yaml
variables: { channel: stable }",
        "A misspelt name leaves the default in place. Names that are like none are for other recipes.",
    ),
    problem(
        "AM0090",
        "a secret is given where others can read it",
        "`--var` or a variable file gives a value to a variable that is `secret: true`.",
        r"# amint build web.yaml --var token=…
variables: { token: { secret: true } }",
        r"# AMINT_VAR_TOKEN=… amint build web.yaml
variables: { token: { secret: true } }",
        "Command lines are in histories, logs of workflows and process lists; files are committed.",
    ),
    problem(
        "AM0091",
        "a secret is inserted where it cannot be",
        "A secret stands in another string than `run:`, or in a way that would need its value: without quotes, in a \
         comparison, in a helper.",
        r#"variables: { token: { secret: true } }
steps:
  - file: { content: "{{token}}", to: /etc/token }"#,
        r#"variables: { token: { secret: true } }
steps:
  - shell: { run: "login {{token}}" }"#,
        "In `run` it becomes code that reads the value on the builder. Any other string is in the plan, which everybody may read.",
    ),
    problem(
        "AM0092",
        "a secret stands inside quotes or in a here-document",
        "The code that reads a secret brings its own quotes: inside others it would be split into words, or be mere text.",
        r#"variables: { token: { secret: true } }
steps:
  - shell: { run: "echo 'token: {{token}}' >/run/config" }"#,
        r#"variables: { token: { secret: true } }
steps:
  - shell: { run: "token={{token}}; echo \"token: $token\" >/run/config" }"#,
        "A shell variable can stand anywhere.",
    ),
    problem(
        "AM0093",
        "it is not clear where a secret is read from",
        "`from` names one of `env`, `ssm-parameter` and `secrets-manager`, `key` only with the last; and only a secret has it.",
        "variables: { token: { secret: true, from: { env: TOKEN, ssm-parameter: /token } } }",
        "variables: { token: { secret: true, from: { ssm-parameter: /token } } }",
        "A secret that comes from somewhere else than is thought is somebody else's.",
    ),
    problem(
        "AM0094",
        "the string `false` counts as true",
        "`if`, `unless`, `and`, `or` or `not` asks about a variable whose value is the text `false`.",
        r#"variables: { debug: false }
steps:
  - shell: { run: "echo {{#if debug}}on{{/if}}" }"#,
        r#"variables: { debug: { type: boolean, default: false } }
steps:
  - shell: { run: "echo {{#if debug}}on{{/if}}" }"#,
        "Without a type a variable is a string, and only the empty one is false.",
    ),
];
