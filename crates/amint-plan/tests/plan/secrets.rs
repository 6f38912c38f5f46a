//! What a plan says of secrets.

use amint_plan::{Action, BuildPlan, Secret, SecretSource, Target, resolve};

use super::support::{BUILD, plan, recipe, with};

const SECRETS: &str = "variables:
  token: { secret: true, from: { env: TOKEN } }
  licence: { secret: true, from: { ssm-parameter: /team/licence } }
  database: { secret: true, from: { secrets-manager: team/db, key: password } }
";

fn on_aws(lines: &str) -> BuildPlan {
    let text = with(lines).replace("local: {", "aws: { id: ami-0123456789abcdef0 }, local: {");
    resolve(&recipe(&text), Target::Aws, BUILD).unwrap()
}

#[test]
fn a_plan_knows_where_secrets_come_from() {
    let secret = |name: &str, source| Secret {
        name: name.to_owned(),
        source,
    };
    let environment = |name: &str| SecretSource::Environment {
        name: name.to_owned(),
    };
    assert_eq!(
        on_aws(SECRETS).secrets,
        [
            secret(
                "database",
                SecretSource::SecretsManager {
                    id: "team/db".to_owned(),
                    key: Some("password".to_owned())
                }
            ),
            secret(
                "licence",
                SecretSource::Parameter {
                    name: "/team/licence".to_owned()
                }
            ),
            secret("token", environment("TOKEN")),
        ]
    );
    // This machine may have no account: there they all come from the environment.
    assert_eq!(
        plan(&with(SECRETS)).secrets,
        [
            secret("database", environment("AMINT_VAR_DATABASE")),
            secret("licence", environment("AMINT_VAR_LICENCE")),
            secret("token", environment("TOKEN")),
        ]
    );
}

#[test]
fn where_a_secret_comes_from_counts_and_none_changes_nothing() {
    let none = plan(&with(""));
    let json = serde_json::to_string(&none).unwrap();
    assert!(!json.contains("\"secrets\""), "{json}");
    let one = plan(&with("variables: { a: { secret: true } }\n"));
    let other = plan(&with(
        "variables: { a: { secret: true, from: { env: B } } }\n",
    ));
    assert_ne!(none.digest, one.digest);
    assert_ne!(one.digest, other.digest);
    let json = serde_json::to_string(&one).unwrap();
    let read: BuildPlan = serde_json::from_str(&json).unwrap();
    assert_eq!(read, one);
}

#[test]
fn secrets_are_needed_from_the_first_step_on_that_can_name_one() {
    let step = "steps:\n  - install-packages: [openssl]\n";
    let first =
        |lines: &str| plan(&with(&format!("{SECRETS}{step}{lines}"))).first_use_of_secrets();
    assert_eq!(first(""), None);
    assert_eq!(first("  - shell: { run: 'login {{token}}' }\n"), Some(2));
    assert_eq!(
        first("  - file: { content: 'cat /run/amint/secrets/token', to: /a }\n"),
        Some(2)
    );
    let without = "steps: [{ shell: { run: 'ls /run/amint/secrets' } }]\n";
    assert_eq!(plan(&with(without)).first_use_of_secrets(), None);

    let plan = plan(&with(&format!(
        "{SECRETS}steps: [{{ shell: {{ run: 'login {{{{token}}}}' }} }}]\n"
    )));
    let Action::Run { script } = &plan.steps[0].actions[0] else {
        panic!("a script")
    };
    assert_eq!(script, "set -eu\nlogin \"$(cat /run/amint/secrets/token)\"");
}
