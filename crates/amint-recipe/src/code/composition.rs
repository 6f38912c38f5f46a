//! Includes, the matrix and helpers.

use super::info::{CodeInfo, problem};

pub(super) static CODES: [CodeInfo; 12] = [
    problem(
        "AM0034",
        "a helper is given what it does not take",
        "`date` takes a format that is written there, and `sha256-file` the path of a file, written there or a variable's.",
        r#"steps:
  - shell: { run: "echo {{date version}}" }"#,
        r#"steps:
  - shell: { run: 'echo {{date "%Y%m%d"}}' }"#,
        "What differs from build to build must be known before any build: else a recipe would be found wrong at night.",
    ),
    problem(
        "AM0043",
        "files of steps include each other",
        "A file is included by one that it includes itself. The message names the way around.",
        r"steps:
  - include: steps/a.yaml   # which includes steps/b.yaml, which includes steps/a.yaml",
        r"steps:
  - include: steps/a.yaml   # which includes steps/b.yaml, which includes nothing",
        "Its steps would never end.",
    ),
    problem(
        "AM0044",
        "too many files include each other in a row",
        "At most 16 files may lead from the recipe to a step.",
        r"steps:
  - include: steps/1.yaml   # which includes steps/2.yaml, and so on to steps/17.yaml",
        r"steps:
  - include: steps/17.yaml",
        "Nobody could tell any more what a recipe does.",
    ),
    problem(
        "AM0045",
        "the recipe has too many steps",
        "A recipe has at most 1,000 steps and includes, those of included files counted as often as they are included.",
        r"steps:
  - include: steps/a.yaml   # ten includes of a file with ten includes of a file with ten steps",
        r"steps:
  - shell: { script: files/install.sh }",
        "Files that include others can multiply without bound; and each step is a command of its own on the builder.",
    ),
    problem(
        "AM0046",
        "the included file has no such parameter",
        "A key of `with` is none of the file's `parameters`.",
        r#"steps:
  - include: { file: steps/nginx.yaml, with: { titel: "hello" } }"#,
        r#"steps:
  - include: { file: steps/nginx.yaml, with: { title: "hello" } }"#,
        "A misspelt parameter would silently keep its default.",
    ),
    problem(
        "AM0047",
        "a parameter has no value",
        "The included file declares a parameter without a default, and `with` gives it none.",
        r"steps:
  - include: steps/nginx.yaml",
        r#"steps:
  - include: { file: steps/nginx.yaml, with: { title: "hello" } }"#,
        "An included file knows nothing of the recipe but what it is given.",
    ),
    problem(
        "AM0048",
        "two secrets have the same name",
        "A file with a `first-boot-secret` is included twice.",
        r"steps:
  - include: { file: steps/secret.yaml, name: one }
  - include: { file: steps/secret.yaml, name: two }",
        r"steps:
  - include: { file: steps/secret.yaml, name: one, with: { secret: admin-password } }
  - include: { file: steps/secret.yaml, name: two, with: { secret: api-password } }",
        "The secret's name is part of the names of files on the image: the second would replace the first.",
    ),
    problem(
        "AM0095",
        "this is no matrix",
        "A matrix has one axis or more, each with one value or more, and at most 64 combinations. Values are letters, digits and `.+_-`.",
        r"matrix:
  architecture: []",
        r"matrix:
  architecture: [x86_64, arm64]",
        "Values are part of the names of images and folders.",
    ),
    problem(
        "AM0096",
        "a variable has the name of an axis",
        "Templates could not tell the two apart.",
        r"matrix: { architecture: [x86_64, arm64] }
variables: { architecture: x86_64 }",
        r"matrix: { architecture: [x86_64, arm64] }",
        "`--var` sets variables and chooses values of axes, so that each name must mean one thing.",
    ),
    problem(
        "AM0097",
        "the recipe stands for several images, and one is needed",
        "The command is about one image. `--var` chooses a value of each axis.",
        r"amint iam recipe.yaml",
        r"amint iam recipe.yaml --var architecture=arm64",
        "What holds of one image may not hold of another.",
    ),
    problem(
        "AM0098",
        "the matrix has no such value",
        "`--var` or `exclude` names an axis or a value that the matrix does not have, or leaves no combination.",
        r"matrix:
  architecture: [x86_64, arm64]
  exclude: [{ architecture: aarch64 }]",
        r"matrix:
  architecture: [x86_64, arm64]
  exclude: [{ architecture: arm64 }]",
        "A misspelt value would exclude nothing, or choose everything.",
    ),
    problem(
        "AM0099",
        "two combinations name the same image or parameter",
        "`image.name` or `image.ssm-parameter` is the same in two combinations of the matrix.",
        r#"matrix: { architecture: [x86_64, arm64] }
image: { name: "{{name}}-{{version}}" }"#,
        r#"matrix: { architecture: [x86_64, arm64] }
image: { name: "{{name}}-{{version}}-{{architecture}}" }"#,
        "One would replace the other, or be refused after an hour's build.",
    ),
];
