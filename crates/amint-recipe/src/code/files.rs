//! Files beside the recipe.

use super::info::{CodeInfo, problem};

pub(super) static CODES: [CodeInfo; 5] = [
    problem(
        "AM0050",
        "a file is missing",
        "There is no file with this name beside the recipe.",
        r"steps:
  - file: { from: files/missing.conf, to: /etc/web.conf }",
        r"steps:
  - file: { from: files/web.conf, to: /etc/web.conf }",
        "Paths are relative to the folder that the recipe lies in, not to where amint is started.",
    ),
    problem(
        "AM0051",
        "a file lies outside the recipe's folder",
        "A path leads out of the folder that the recipe lies in, also by a symbolic link.",
        r"steps:
  - file: { from: ../web.conf, to: /etc/web.conf }",
        r"steps:
  - file: { from: files/web.conf, to: /etc/web.conf }",
        "What a recipe uses must be reviewed with it; and a recipe of somebody else must not be able to read this \
         machine's files.",
    ),
    problem(
        "AM0052",
        "a file is too large",
        "A file beside the recipe has more than 64 MiB.",
        r"steps:
  - file: { from: files/large.bin, to: /opt/web/large.bin }",
        r#"steps:
  - shell:
      run: |
        curl -fsSLo /opt/web.tar https://example.com/web.tar
        echo "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08  /opt/web.tar" | sha256sum -c"#,
        "Files are held in memory and sent to the builder. Large ones it fetches itself, and compares their \
         digest.",
    ),
    problem(
        "AM0053",
        "a file cannot be read",
        "What is there is a folder or a device, or this user may not read it.",
        r"steps:
  - file: { from: files, to: /etc/web }",
        r"steps:
  - file: { from: files/web.conf, to: /etc/web/web.conf }",
        "A `file` step copies one file.",
    ),
    problem(
        "AM0054",
        "a script is none that `/bin/sh` can run",
        "A script is empty, is not text, or asks for another interpreter in its first line.",
        r##"steps:
  - shell: { run: "#!/bin/bash\necho hi" }"##,
        r#"steps:
  - shell: { run: "echo hi" }"#,
        "Scripts run under `/bin/sh` with `set -eu`, whatever their first line says; one written for another \
         shell would do something else there.",
    ),
];
