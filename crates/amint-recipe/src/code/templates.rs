//! Templates.

use super::info::{CodeInfo, problem};

pub(super) static CODES: [CodeInfo; 4] = [
    problem(
        "AM0030",
        "a template cannot be read",
        "A `{{…}}` is not closed, or uses something that recipes do not have.",
        r"steps:
  - shell: { run: 'echo {{name' }",
        r"steps:
  - shell: { run: 'echo {{name}}' }",
        "Recipes have values, `if`, `unless`, `else` and comparisons. Two literal braces are written `\\{{`.",
    ),
    problem(
        "AM0031",
        "a template names something that there is not",
        "`{{…}}` names no variable, and none of `name`, `version` and `build.id`.",
        r"variables: { channel: stable }
steps:
  - shell: { run: 'echo {{chanel}}' }",
        r"variables: { channel: stable }
steps:
  - shell: { run: 'echo {{channel}}' }",
        "An unknown name would become an empty text: `rm -rf {{dir}}/*`.",
    ),
    problem(
        "AM0032",
        "a template costs too much",
        "A string or the recipe holds more or longer `{{…}}` than can be rendered quickly.",
        r#"steps:
  - file: { content: "{{#if name}}… 33 times …", to: /etc/web.conf }"#,
        r"steps:
  - file: { from: files/web.conf, to: /etc/web.conf }",
        "Long content belongs into a file beside the recipe, which is copied as it is.",
    ),
    problem(
        "AM0033",
        "a value is inserted between quotes of its own",
        "In `run`, amint quotes values for the shell; here the script has quotes around it too.",
        r#"variables: { title: two words }
steps:
  - shell: { run: 'echo "{{title}}"' }"#,
        r"variables: { title: two words }
steps:
  - shell: { run: 'echo {{title}}' }",
        "The value's quotes would be printed, or end the script's. `{{{title}}}` inserts it without.",
    ),
];
