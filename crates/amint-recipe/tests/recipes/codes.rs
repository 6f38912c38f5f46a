//! Every code is explained, and its explanation is right: the wrong example has the problem, the right one has none.

use std::collections::{BTreeMap, BTreeSet};

use amint_recipe::{CodeInfo, Diagnostics, Given, Options, Source, codes, expand, explain};

use super::support::CATALOGUE;

/// Codes whose wrong example cannot be the real thing, and why.
const ABBREVIATED: [(&str, &str); 10] = [
    ("AM0003", "50,000 values are no example"),
    ("AM0007", "what comes first in the file is the test's own"),
    ("AM0021", "the problem is on the command line"),
    ("AM0029", "the problem is in the environment"),
    ("AM0032", "33 blocks are no example"),
    ("AM0043", "the problem is in another file; fixtures have it"),
    ("AM0044", "the problem is in other files; fixtures have it"),
    (
        "AM0045",
        "a thousand steps are no example; fixtures have them",
    ),
    ("AM0097", "the problem is on the command line"),
    ("AM0090", "the problem is on the command line"),
];

/// Files of steps beside the examples.
const STEPS: [(&str, &str); 6] = [
    ("1", "steps: []"),
    ("17", "steps: []"),
    ("a", "steps: [{ include: steps/b.yaml }]"),
    ("b", "steps: []"),
    (
        "nginx",
        "parameters: { title: {} }\nsteps: [{ shell: { run: 'echo {{title}}' } }]",
    ),
    (
        "secret",
        "parameters: { secret: admin-password }\n\
         steps: [{ first-boot-secret: { name: '{{secret}}', command: /opt/web/set } }]",
    ),
];

/// The example with the keys that every recipe needs, where it has none of its own.
fn recipe(example: &str) -> String {
    let mut text = String::new();
    for (key, line) in [
        ("amint:", "amint: 1\n"),
        ("name:", "name: test\n"),
        ("version:", "version: 1.0.0\n"),
        ("base:", "base: { local: { debian: bookworm } }\n"),
    ] {
        if !example.is_empty() && !example.lines().any(|own| own.starts_with(key)) {
            text.push_str(line);
        }
    }
    text + example + "\n"
}

fn diagnostics(example: &str) -> Diagnostics {
    let mut files = BTreeMap::<String, Vec<u8>>::new();
    for name in ["install.sh", "web.conf", "data.json"] {
        files.insert(format!("files/{name}"), b"true\n".to_vec());
    }
    for (name, steps) in STEPS {
        let steps = format!("amint-steps: 1\n{steps}\n");
        files.insert(format!("steps/{name}.yaml"), steps.into_bytes());
    }
    let source = Source {
        path: "web.yaml".into(),
        text: recipe(&example.replace("[[[[[[…", &"[".repeat(70))),
    };
    let options = Options {
        files: &Example(files),
        catalogue: CATALOGUE,
    };
    match expand(&source, &Given::default(), &options) {
        Ok(recipes) => recipes[0].warnings.clone(),
        Err(diagnostics) => diagnostics,
    }
}

/// The files beside the examples, with one of each kind that cannot be read.
struct Example(BTreeMap<String, Vec<u8>>);

impl amint_recipe::Files for Example {
    fn read(&self, relative: &str) -> Result<Vec<u8>, amint_recipe::FileError> {
        match relative {
            "files" => Err(amint_recipe::FileError::NotAFile),
            "files/large.bin" => Err(amint_recipe::FileError::TooLarge),
            path if path.starts_with("..") => Err(amint_recipe::FileError::Outside),
            path => self.0.read(path),
        }
    }

    fn locate(&self, path: &str) -> std::path::PathBuf {
        self.0.locate(path)
    }
}

fn has(diagnostics: &Diagnostics, info: &CodeInfo) -> bool {
    diagnostics.iter().any(|one| one.code == info.id)
}

#[test]
fn the_wrong_example_has_the_problem_and_the_right_one_has_none() {
    let mut mistakes = Vec::new();
    for info in codes() {
        let abbreviated = ABBREVIATED.iter().any(|(id, _)| *id == info.id);
        let wrong = diagnostics(info.wrong);
        if !has(&wrong, info) && !abbreviated {
            mistakes.push(format!("{}, wrong:\n{}", info.id, wrong.render(false)));
        }
        // A command line is no recipe.
        if info.right.starts_with("amint ") {
            continue;
        }
        let right = diagnostics(info.right);
        if !right.is_empty() {
            mistakes.push(format!("{}, right:\n{}", info.id, right.render(false)));
        }
    }
    assert!(mistakes.is_empty(), "{}", mistakes.join("\n"));
}

#[test]
fn every_code_is_in_the_table_once_and_explained() {
    let table = include_str!("../../src/code.rs");
    let quoted = table.split('"').filter(|word| {
        word.len() == 6 && word.starts_with("AM") && word[2..].bytes().all(|b| b.is_ascii_digit())
    });
    let used: Vec<&str> = quoted.collect();
    let known: Vec<&str> = codes().map(|info| info.id).collect();
    let unique: BTreeSet<&str> = known.iter().copied().collect();
    assert_eq!(unique.len(), known.len(), "a code is explained twice");
    assert_eq!(
        unique,
        used.iter().copied().collect(),
        "the table and the explanations differ"
    );
    for info in codes() {
        assert!(
            !info.title.ends_with('.') && info.title.len() <= 70,
            "{}",
            info.id
        );
        for text in [info.meaning, info.why] {
            assert!(
                text.ends_with(['.', ')']) && !text.contains('\n'),
                "{}: {text}",
                info.id
            );
        }
        assert!(info.is_lint || !info.can_be_allowed, "{}", info.id);
    }
}

#[test]
fn codes_are_found_in_capitals_or_small_letters() {
    assert_eq!(explain("am0012").unwrap().id, "AM0012");
    assert!(explain("AM9999").is_none());
}

#[test]
fn examples_do_what_the_others_must_not() {
    // What `ABBREVIATED` leaves out is a problem all the same.
    let many = format!("steps: [{}]", "1, ".repeat(50_001));
    let blocks = "{{#if name}}a{{/if}}".repeat(40);
    for (id, example) in [
        ("AM0003", many),
        (
            "AM0032",
            format!("steps:\n  - file: {{ content: \"{blocks}\", to: /etc/a }}"),
        ),
        ("AM0007", "description: x\n---\ndescription: y".to_owned()),
    ] {
        assert!(has(&diagnostics(&example), explain(id).unwrap()), "{id}");
    }
}
