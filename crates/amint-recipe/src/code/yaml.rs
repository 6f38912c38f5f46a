//! The text as YAML.

use super::info::{CodeInfo, problem};

pub(super) static CODES: [CodeInfo; 9] = [
    problem(
        "AM0001",
        "the text is not YAML",
        "The file cannot be read as YAML from the marked place on.",
        r"base:
  local: { debian: bookworm
steps: []",
        r"base:
  local: { debian: bookworm }
steps: []",
        "Nothing after the mistake can be understood, so nothing else is checked. Look at and before the place: \
         an unclosed bracket or quote, a tab, a line that is indented differently.",
    ),
    problem(
        "AM0002",
        "lists and mappings lie too deep in each other",
        "Values are nested more than 64 deep.",
        "description: [[[[[[…",
        "description: A web server.",
        "No recipe needs more than six; a text that goes deeper is a mistake or an attack, and is not read to its \
         end.",
    ),
    problem(
        "AM0003",
        "the recipe holds too many values",
        "The text holds more than 50,000 values.",
        "steps: [… 50,000 of them …]",
        r"steps:
  - file: { from: files/data.json, to: /opt/web/data.json }",
        "A recipe is read by people. Data belongs into a file beside it.",
    ),
    problem(
        "AM0004",
        "a key is given twice",
        "A mapping holds the same key twice, so that one of the two values would be lost.",
        r"description: A web server.
description: An API.",
        "description: A web server.",
        "YAML leaves it open which of the two counts, and tools differ. Which one was meant only its author \
         knows.",
    ),
    problem(
        "AM0005",
        "YAML anchors and aliases are not used in recipes",
        "The text holds `&name` or `*name`.",
        r"description: &text A web server.
image: { description: *text }",
        r#"variables: { text: A web server. }
description: "{{text}}"
image: { description: "{{text}}" }"#,
        "An alias hides from a reviewer what a value is, and nested ones make a small text grow without bound. \
         Variables do the same, visibly.",
    ),
    problem(
        "AM0006",
        "YAML tags are not used in recipes",
        "The text holds `!tag` before a value.",
        "description: !!str A web server.",
        "description: A web server.",
        "A tag would change what a value means. Types follow from the key.",
    ),
    problem(
        "AM0007",
        "the file holds several documents",
        "A `---` begins a second document.",
        r"description: A web server.
---
description: An API.",
        "description: A web server.",
        "One file is one recipe; what stands in a second document would be overlooked.",
    ),
    problem(
        "AM0008",
        "a key is not a word",
        "A key is a list, a mapping or a template without quotes.",
        "image: { name: {{name}} }",
        r#"image: { name: "{{name}}-{{version}}" }"#,
        "To YAML, `{{name}}` without quotes is a mapping in a mapping. Put quotes around a value that starts with \
         `{{`.",
    ),
    problem(
        "AM0009",
        "the recipe is empty",
        "The file has no content but comments.",
        "",
        "description: A web server.",
        "There is nothing to build. `amint init` writes a recipe to start from.",
    ),
];
