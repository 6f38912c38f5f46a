//! Typed variables, secret ones, and the values that they are given from outside.

use std::collections::BTreeMap;

use amint_recipe::recipe::{Action, Script, Secret, SecretSource};
use amint_recipe::{Diagnostics, Given, Options, PLACEHOLDER_BUILD_ID, Recipe, Source, parse};

use super::support::{CATALOGUE, with};

const TYPED: &str = "variables:
  port: { type: integer, min: 1, max: 65535, default: 8080 }
  debug: { type: boolean, default: false }
  tier: { choices: [small, large], default: small }
  channel: stable
";

fn source(path: &str, text: &str) -> Source {
    Source {
        path: path.into(),
        text: text.to_owned(),
    }
}

fn given(
    arguments: &[(&str, &str)],
    files: &[(&str, &str)],
    environment: &[(&str, &str)],
) -> Given {
    let owned = |pairs: &[(&str, &str)]| -> Vec<(String, String)> {
        let pairs = pairs.iter();
        pairs
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect()
    };
    let mut given: Given = owned(arguments).into_iter().collect();
    for (path, text) in files {
        given.add_file(&source(path, text)).unwrap();
    }
    given.add_environment(owned(environment));
    given
}

fn parsed(text: &str, given: &Given) -> Result<Recipe, Diagnostics> {
    let files = BTreeMap::<String, Vec<u8>>::new();
    let options = Options {
        files: &files,
        catalogue: CATALOGUE,
    };
    parse(&source("recipe.yaml", text), given, &options)
}

fn refused(text: &str, given: &Given) -> String {
    let diagnostics = parsed(text, given).expect_err("a problem");
    diagnostics.render(false)
}

fn value(name: &str, given: &Given) -> String {
    parsed(&with(TYPED), given).unwrap().variables[name].clone()
}

#[test]
fn what_is_nearer_to_the_run_counts() {
    let files = [
        ("a.yaml", "channel: one\nport: 1\n"),
        ("b.json", "{\"channel\": \"two\"}"),
    ];
    let environment = [
        ("AMINT_VAR_CHANNEL", "three"),
        ("AMINT_VAR_TIER", "large"),
        ("TIER", "x"),
    ];
    let both = given(&[("channel", "four")], &files, &environment);
    assert_eq!(value("channel", &both), "four");
    assert_eq!(value("port", &both), "1");
    assert_eq!(value("tier", &both), "large");
    assert_eq!(value("debug", &both), "false");
    let without = given(&[], &files, &environment);
    assert_eq!(value("channel", &without), "two");
    let environment = given(&[], &[], &environment);
    assert_eq!(value("channel", &environment), "three");
}

#[test]
fn a_value_that_does_not_fit_says_where_it_comes_from() {
    let given = given(
        &[("port", "70000")],
        &[("values.yaml", "# ours\ndebug: 1\n")],
        &[("AMINT_VAR_TIER", "medium")],
    );
    insta::assert_snapshot!(refused(&with(TYPED), &given), @r#"
    error[AM0016]: `70000` from `--var` is no value for variable `port`
     --> recipe.yaml:6:3
      |
    6 |   port: { type: integer, min: 1, max: 65535, default: 8080 }
      |   ^^^^
      |
      = help: use 1 to 65535

    error[AM0026]: `1` from values.yaml:2:1 is no value for variable `debug`
     --> recipe.yaml:7:3
      |
    7 |   debug: { type: boolean, default: false }
      |   ^^^^^
      |
      = help: it is a boolean: true or false

    error[AM0027]: `medium` from `AMINT_VAR_TIER` is no value for variable `tier`
     --> recipe.yaml:8:3
      |
    8 |   tier: { choices: [small, large], default: small }
      |   ^^^^
      |
      = help: use `small` or `large`
    "#);
}

#[test]
fn a_name_that_nobody_declares_is_an_error_where_it_was_written_down() {
    let given = given(
        &[],
        &[("values.yaml", "prot: 1\nteam: x\n")],
        &[
            ("AMINT_VAR_CHANEL", "edge"),
            ("AMINT_VAR_SOMETHING_ELSE", "x"),
        ],
    );
    insta::assert_snapshot!(refused(&with(TYPED), &given), @r#"
    error[AM0021]: values.yaml:1:1 sets `prot`, which the recipe does not declare
     --> recipe.yaml:5:1
      |
    5 | variables:
      | ^^^^^^^^^
      |
      = help: did you mean `port`?

    error[AM0021]: values.yaml:2:1 sets `team`, which the recipe does not declare
     --> recipe.yaml:5:1
      |
    5 | variables:
      | ^^^^^^^^^
      |
      = help: declare `team` under `variables:`, or remove it there

    warning[AM0029]: the environment variable `AMINT_VAR_CHANEL` sets no variable of the recipe
     --> recipe.yaml:5:1
      |
    5 | variables:
      | ^^^^^^^^^
      |
      = help: did you mean `AMINT_VAR_CHANNEL`?
    "#);
}

#[test]
fn a_variable_file_is_a_mapping_of_single_values() {
    let file = source("values.yaml", "port: [1]\ndebug:\nport: 2\n");
    let diagnostics = Given::default().add_file(&file).unwrap_err();
    insta::assert_snapshot!(diagnostics.render(false), @r#"
    error[AM0013]: `port` needs one value, found a list
     --> values.yaml:1:7
      |
    1 | port: [1]
      |       ^^^
      |
      = help: variables are strings, integers and booleans; write "" for an empty string

    error[AM0013]: `debug` needs one value, found nothing
     --> values.yaml:2:6
      |
    2 | debug:
      |      ^
      |
      = help: variables are strings, integers and booleans; write "" for an empty string

    error[AM0004]: `port` is given twice in the same mapping
     --> values.yaml:3:1
      |
    3 | port: 2
      | ^^^^
      |
      = help: it was first given on line 1; keep one
    "#);
    let list = source("values.yaml", "- port: 1\n");
    assert!(Given::default().add_file(&list).is_err());
    for nothing in ["", "# nothing yet\n", "{}"] {
        let nothing = source("values.yaml", nothing);
        assert!(Given::default().add_file(&nothing).is_ok());
    }
}

fn script(variables: &str, run: &str, given: &Given) -> String {
    let text = with(&format!(
        "variables: {{ {variables} }}\nsteps:\n  - shell:\n      run: |\n        {run}\n"
    ));
    let recipe = match parsed(&text, given) {
        Ok(recipe) => recipe,
        Err(diagnostics) => panic!("{}", diagnostics.render(false)),
    };
    let Action::Shell(Script::Inline(text)) = &recipe.steps[0].action else {
        panic!("an inline script")
    };
    let renderer = recipe.renderer(PLACEHOLDER_BUILD_ID).unwrap();
    renderer.render(text).unwrap()
}

#[test]
fn a_boolean_is_a_condition_and_a_text() {
    let run = "{{#if debug}}on{{else}}off{{/if}} {{debug}} {{#if (eq debug \"true\")}}=true{{/if}}\
               {{#if (ne debug true)}}!=true{{/if}} {{#if (and debug \"x\")}}and{{/if}}{{#unless debug}}unless{{/unless}}";
    let debug = "debug: { type: boolean, default: false }";
    assert_eq!(
        script(debug, run, &Given::default()),
        "off false !=true unless\n"
    );
    let on = given(&[("debug", "true")], &[], &[]);
    assert_eq!(script(debug, run, &on), "on true =true and\n");
}

#[test]
fn a_secret_in_a_script_is_code_that_reads_it() {
    let token = "api-token: { secret: true }";
    let run = "token={{api-token}}; login --token {{ api-token }} # {{api-token}}";
    let read = "\"$(cat /run/amint/secrets/api-token)\"";
    assert_eq!(
        script(token, run, &Given::default()),
        format!("token={read}; login --token {read} # {read}\n")
    );
    // A value that looks like what stands for a secret is quoted like any other.
    let hostile = [("value", read), ("api", "secret:api-token")];
    let variables = "value: x, api: x, api-token: { secret: true }";
    assert_eq!(
        script(
            variables,
            "echo {{value}} {{api}}",
            &given(&hostile, &[], &[])
        ),
        format!("echo '{read}' secret:api-token\n")
    );
}

#[test]
fn a_secret_knows_where_its_value_is_read_from() {
    let text = with(
        "variables:
  api-token: { secret: true }
  named: { secret: true, from: { env: TOKEN } }
  parameter: { secret: true, from: { ssm-parameter: /team/token } }
  manager: { secret: true, from: { secrets-manager: team/db, key: password } }
  other: { secret: false, default: x }
",
    );
    let recipe = parsed(&text, &Given::default()).unwrap();
    let secret = |name: &str, source| Secret {
        name: name.to_owned(),
        source,
    };
    assert_eq!(
        recipe.secrets,
        [
            secret(
                "api-token",
                SecretSource::Environment("AMINT_VAR_API_TOKEN".to_owned())
            ),
            secret(
                "manager",
                SecretSource::SecretsManager {
                    id: "team/db".to_owned(),
                    key: Some("password".to_owned())
                }
            ),
            secret("named", SecretSource::Environment("TOKEN".to_owned())),
            secret(
                "parameter",
                SecretSource::Parameter("/team/token".to_owned())
            ),
        ]
    );
    assert_eq!(
        recipe.variables,
        BTreeMap::from([("other".to_owned(), "x".to_owned())])
    );
}

#[test]
fn a_secret_is_never_taken_from_where_others_can_read_it() {
    let text = with(
        "variables: { token: { secret: true }, key: { secret: true, from: { ssm-parameter: /k } } }\n",
    );
    let written = given(
        &[("token", "hunter2hunter2")],
        &[("values.yaml", "key: hunter3hunter3\n")],
        &[("AMINT_VAR_TOKEN", "hunter4hunter4")],
    );
    let told = refused(&text, &written);
    assert!(!told.contains("hunter"), "{told}");
    insta::assert_snapshot!(told, @r#"
    error[AM0090]: the secret `token` is given by `--var`, where others can read it
     --> recipe.yaml:5:14
      |
    5 | variables: { token: { secret: true }, key: { secret: true, from: { ssm-parameter: /k } } }
      |              ^^^^^
      |
      = help: put the value into the environment variable `AMINT_VAR_TOKEN`

    error[AM0090]: the secret `key` is given by values.yaml:1:1, where others can read it
     --> recipe.yaml:5:39
      |
    5 | variables: { token: { secret: true }, key: { secret: true, from: { ssm-parameter: /k } } }
      |                                       ^^^
      |
      = help: leave it out: the value is read from where `from` says
    "#);
    let environment = given(&[], &[], &[("AMINT_VAR_TOKEN", "hunter4hunter4")]);
    let recipe = parsed(&text, &environment).unwrap();
    assert!(!format!("{recipe:?}").contains("hunter"));
}
