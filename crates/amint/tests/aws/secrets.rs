//! Secrets that the account keeps, in a parameter and in Secrets Manager.

use serde_json::json;
use sha2::{Digest, Sha256};

use crate::account::Account;
use crate::command::Folder;
use crate::recipes::Recipe;

const TOKEN: &str = "t0ken-of-a-parameter-4711";
const PASSWORD: &str = "p4ssword-of-the-manager-4712";

const VARIABLES: &str = "variables:
  token: { secret: true, from: { ssm-parameter: /team/token } }
  password: { secret: true, from: { secrets-manager: team/database, key: password } }
";

/// Both digests are printed: who reads the log knows that the step had the secrets.
const STEPS: &str = r#"  - shell:
      name: use both
      run: |
        token={{token}}
        password={{password}}
        printf %s "$token" | sha256sum | cut -c1-64
        printf %s "$password" | sha256sum | cut -c1-64"#;

fn digest(value: &str) -> String {
    let digest = Sha256::digest(value);
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn steps_log(folder: &Folder) -> String {
    let builds = std::fs::read_dir(folder.path(".amint/builds")).unwrap();
    let mut text = String::new();
    for build in builds {
        let logs = build.unwrap().path().join("steps");
        for log in std::fs::read_dir(logs).into_iter().flatten() {
            text.push_str(&std::fs::read_to_string(log.unwrap().path()).unwrap());
        }
    }
    text
}

#[test]
fn steps_get_what_the_account_keeps_and_no_call_tells_it() {
    let (account, folder) = (Account::new(), Folder::new());
    let recipe = Recipe {
        steps: STEPS,
        ..Recipe::default()
    };
    let recipe = format!("{}{VARIABLES}", recipe.text());

    let ran = folder.build(&account, &recipe, &[]);
    ran.exits(12);
    assert!(
        ran.stderr.contains(
            "error: cannot read the secret `password` from `password` of Secrets Manager's team/database\n\
             caused by: there is no secret team/database\n"
        ),
        "{}",
        ran.stderr
    );
    assert_eq!(account.count("RunInstances"), 0);

    let secret = json!({ "username": "u", "password": PASSWORD }).to_string();
    let arguments = json!({ "Name": "team/database", "SecretString": secret });
    account.boto3("secretsmanager", "create_secret", arguments);
    let arguments = json!({ "Name": "/team/token", "Value": TOKEN, "Type": "SecureString" });
    account.boto3("ssm", "put_parameter", arguments);
    account.set("calls", &json!({}));

    let ran = folder.build(&account, &recipe, &["--format", "json"]);
    ran.exits(0);
    let log = steps_log(&folder);
    for value in [TOKEN, PASSWORD] {
        assert!(log.contains(&digest(value)), "{log}");
        for told in [&ran.stdout, &ran.stderr, &log] {
            assert!(!told.contains(value), "{value} is in {told}");
        }
        for journal in folder.journals() {
            let text = std::fs::read_to_string(&journal).unwrap();
            assert!(!text.contains(value), "{value} is in {}", journal.display());
        }
    }
    let calls = account.calls();
    let commands = calls.iter().filter(|call| call["action"] == "SendCommand");
    assert!(commands.count() > 3);
    let calls = serde_json::to_string(&calls).unwrap();
    for value in [TOKEN, PASSWORD] {
        assert!(!calls.contains(value), "{value} is in a call");
    }
}
