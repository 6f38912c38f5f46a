//! What users read when a recipe is wrong.

use amint_recipe::{Beside, Given, Options, Severity, Source, expand};

use super::support::{CATALOGUE, parse_text, recipes_in, refused, with};

/// One snapshot a file in `fixtures/recipes/invalid`.
#[test]
fn every_invalid_fixture_is_explained() {
    for path in recipes_in("fixtures/recipes/invalid") {
        let name = path.file_stem().unwrap().to_string_lossy().into_owned();
        let mut source = Source::read(&path).unwrap();
        let files = Beside::new(&source);
        // Snapshots name files as somebody in their folder sees them.
        source.path = path.file_name().unwrap().into();
        let options = Options {
            files: &files,
            catalogue: CATALOGUE,
        };
        let diagnostics = match expand(&source, &Given::default(), &options) {
            Ok(recipes) => recipes[0].warnings.clone(),
            Err(diagnostics) => diagnostics,
        };
        assert!(!diagnostics.is_empty(), "{name}");
        for one in diagnostics.iter() {
            assert!(one.hint.is_some(), "{name}: {one:?}");
            let text = diagnostics.sources().get(one.span.file).unwrap();
            assert!(one.span.end <= text.text.len(), "{name}: {one:?}");
        }
        let rendered = diagnostics.render(false);
        let forbidden = |c: char| c.is_control() && c != '\n';
        assert!(!rendered.contains(forbidden), "{name}: {rendered:?}");
        insta::assert_snapshot!(name, rendered);
    }
}

#[test]
fn a_tab_is_shown_where_it_is() {
    insta::assert_snapshot!(refused("amint: 1\n\tname: x\n", &[]), @r"
    error[AM0001]: this is not YAML: while scanning a plain scalar, found a tab
     --> recipe.yaml:2:1
      |
    2 |     name: x
      | ^
      |
      = help: indent with spaces: YAML takes no tabs there
    ");
}

#[test]
fn a_variable_without_a_value_says_how_to_give_one() {
    let text = with("variables: { token: {} }\nsteps: [{ shell: { run: 'echo {{token}}' } }]\n");
    insta::assert_snapshot!(refused(&text, &[]), @r#"
    error[AM0020]: variable `token` has no value
     --> recipe.yaml:5:14
      |
    5 | variables: { token: {} }
      |              ^^^^^
      |
      = help: give one with `--var token=…`, `--var-file` or `AMINT_VAR_TOKEN`, or add a default
    "#);
    assert!(parse_text(&text, &[("token", "x")]).1.is_ok());
}

#[test]
fn an_override_of_an_undeclared_variable_is_refused() {
    let text = with("variables: { channel: stable }\n");
    insta::assert_snapshot!(refused(&text, &[("chanel", "edge"), ("x", "y")]), @r#"
    error[AM0021]: `--var chanel` sets a variable that the recipe does not declare
     --> recipe.yaml:5:1
      |
    5 | variables: { channel: stable }
      | ^^^^^^^^^
      |
      = help: did you mean `--var channel=…`?

    error[AM0021]: `--var x` sets a variable that the recipe does not declare
     --> recipe.yaml:5:1
      |
    5 | variables: { channel: stable }
      | ^^^^^^^^^
      |
      = help: declare `x` under `variables:`, or leave out `--var x=…`
    "#);
}

#[test]
fn an_override_must_match_the_pattern() {
    let text = with("variables: { channel: { default: stable, pattern: ^(stable|edge)$ } }\n");
    insta::assert_snapshot!(refused(&text, &[("channel", "edge; reboot")]), @r#"
    error[AM0022]: `edge; reboot` from `--var` is no value for variable `channel`
     --> recipe.yaml:5:14
      |
    5 | variables: { channel: { default: stable, pattern: ^(stable|edge)$ } }
      |              ^^^^^^^
      |
      = help: it must match ^(stable|edge)$
    "#);
}

#[test]
fn warnings_do_not_refuse_a_recipe() {
    let text = with(
        "variables: { title: { default: two words, pattern: words } }\n\
         steps: [{ shell: { run: 'echo \"{{title}}\"' } }]\n",
    );
    let recipe = parse_text(&text, &[]).1;
    let warnings = recipe.unwrap().warnings;
    assert!(warnings.iter().all(|one| one.severity == Severity::Warning));
    insta::assert_snapshot!(warnings.render(false), @r#"
    warning[AM0025]: this pattern accepts any text that only contains a match
     --> recipe.yaml:5:52
      |
    5 | variables: { title: { default: two words, pattern: words } }
      |                                                    ^^^^^
      |
      = help: write ^(words)$ to match the whole value

    warning[AM0033]: `{{title}}` stands inside quotes, and its value brings its own quotes
     --> recipe.yaml:6:32
      |
    6 | steps: [{ shell: { run: 'echo "{{title}}"' } }]
      |                                ^^^^^^^^^
      |
      = help: leave out the quotes around it; amint quotes values in `run`
    "#);
}

#[test]
fn diagnostics_are_json_with_place_and_code() {
    let (_, recipe) = parse_text(&with("stesp: []\n"), &[]);
    let json = serde_json::to_value(recipe.unwrap_err()).unwrap();
    assert_eq!(
        json,
        serde_json::json!([{
            "code": "AM0011",
            "severity": "error",
            "message": "the recipe has no key `stesp`",
            "file": "recipe.yaml",
            "line": 5,
            "column": 1,
            "span": { "start": 73, "end": 78 },
            "hint": "did you mean `steps`?",
        }])
    );
}

#[test]
fn colours_are_only_used_when_asked_for() {
    let recipe = parse_text(&with("x: 1\n"), &[]).1;
    let diagnostics = recipe.unwrap_err();
    assert!(!diagnostics.render(false).contains('\u{1b}'));
    assert!(diagnostics.render(true).contains('\u{1b}'));
}

/// Found by fuzzing: a hint quotes the pattern, a title the version, a line is shown as it is.
#[test]
fn no_control_character_is_passed_through_in_a_hint() {
    let text = with("variables: { a: { default: x, pattern: \"^b\\e31m\\x7f\\x85$\" } }\n");
    let refused = refused(&text, &[]);
    assert!(
        refused.contains("it must match ^b\u{241b}31m\u{2421}\u{fffd}$"),
        "{refused}"
    );
    assert!(!refused.contains(|c: char| c.is_control() && c != '\n'));
    let refused = refused_version("1\u{85}2");
    assert!(
        refused.contains("1\u{fffd}2") && refused.contains("1\u{b7}2"),
        "{refused}"
    );
    assert!(!refused.contains(|c: char| c.is_control() && c != '\n'));
}

fn refused_version(version: &str) -> String {
    refused(&with("").replace("1.0.0", &format!("\"{version}\"")), &[])
}

#[test]
fn many_problems_are_capped_and_counted() {
    let keys: String = (0..300)
        .map(|index| format!("unknown-{index}: 1\n"))
        .collect();
    let (_, recipe) = parse_text(&with(&keys), &[]);
    let diagnostics = recipe.unwrap_err();
    assert_eq!(diagnostics.iter().len(), 100);
    let last = diagnostics.iter().last().unwrap().hint.as_deref().unwrap();
    assert!(last.contains("200 more problems"), "{last}");
}

#[test]
fn unreadable_recipes_are_named_with_a_way_out() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    std::fs::write(at("large.yaml"), vec![b' '; (1 << 20) + 1]).unwrap();
    std::fs::write(at("latin.yaml"), b"name: caf\xe9").unwrap();
    for (path, expected) in [
        (at("none.yaml"), "there is no recipe at "),
        (at("large.yaml"), "is larger than 1 MiB"),
        (
            at("latin.yaml"),
            "is not UTF-8 text (byte 9 is the first that is wrong)",
        ),
        (folder.path().to_owned(), "cannot read recipe "),
    ] {
        let error = Source::read(&path).unwrap_err();
        let message = error.to_string();
        assert!(message.contains(expected), "{message}");
        assert!(message.contains(&*path.to_string_lossy()), "{message}");
        assert!(!error.hint().is_empty());
    }
}

#[test]
fn profiles_that_disagree_are_told_apart_by_a_choice() {
    let both = "seal:\n  profiles: [marketplace-linux, cis-hygiene]\n";
    insta::assert_snapshot!(refused(&with(both), &[]), @r"
    error[AM0081]: they disagree
     --> recipe.yaml:6:3
      |
    6 |   profiles: [marketplace-linux, cis-hygiene]
      |   ^^^^^^^^
      |
      = help: choose one
    ");
    let decided = format!("{both}  choices: {{ root-password: cis-hygiene }}\n");
    let seal = parse_text(&with(&decided), &[]).1.unwrap().seal;
    assert_eq!(seal.profiles, ["marketplace-linux", "cis-hygiene"]);
    assert_eq!(seal.choices["root-password"], "cis-hygiene");
}

#[test]
fn a_seal_names_its_profiles_once() {
    for (seal, code) in [
        (
            "{ profile: cis-hygiene, profiles: [cis-hygiene] }",
            "AM0014",
        ),
        ("{ profiles: [cis-hygiene, cis-hygiene] }", "AM0079"),
        ("{ profiles: [mine] }", "AM0065"),
        ("{ profiles: cis-hygiene }", "AM0013"),
        ("{ choices: [logs] }", "AM0013"),
        ("{ choices: { logs: mine } }", "AM0065"),
    ] {
        let refused = refused(&with(&format!("seal: {seal}\n")), &[]);
        assert!(refused.contains(code), "{seal}: {refused}");
        assert_eq!(refused.matches("error[").count(), 1, "{seal}: {refused}");
    }
}
