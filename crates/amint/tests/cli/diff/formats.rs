//! The formats, as their readers get them.

use serde_json::Value;

use super::repository::Repository;
use super::weaker;
use crate::command::GOOD;

/// A little of everything.
fn changed() -> Repository {
    let repository = Repository::with(&[("recipes/a.yaml", GOOD)]);
    let new = weaker()
        .replace("version: 1.0.0", "version: 1.1.0")
        .replace(
            "cat /etc/motd",
            "set -x\\ncat /etc/motd /etc/issue\\ncurl -fsSLo /opt/x http://example.com/x\\n",
        );
    repository.commit(&[("recipes/a.yaml", &new)]);
    repository
}

fn printed(format: &str) -> String {
    let ran = changed().diff(&["main~1..main", "--format", format]);
    assert_eq!(ran.code, 16, "{}", ran.stderr);
    ran.stdout
}

#[test]
fn text() {
    insta::assert_snapshot!(printed("text"));
}

#[test]
fn markdown() {
    insta::assert_snapshot!(printed("markdown"));
}

#[test]
fn github() {
    let text = printed("github");
    assert!(text.lines().all(|line| line.starts_with("::")), "{text}");
    insta::assert_snapshot!(text);
}

#[test]
fn json() {
    let document: Value = serde_json::from_str(&printed("json")).unwrap();
    assert_eq!(document["schema"], "amint.review/1");
    assert_eq!(document["unapproved"], 1);
    let recipe = &document["recipes"][0];
    assert_eq!(recipe["recipe"], "recipes/a.yaml");
    let waiver = recipe["changes"]
        .as_array()
        .unwrap()
        .iter()
        .find(|change| change["place"]["kind"] == "waiver")
        .unwrap();
    // The last line, on which the waiver is.
    assert_eq!(waiver["line"], weaker().lines().count());
    assert_eq!(waiver["approved"], false);
    assert_eq!(waiver["file"], "recipes/a.yaml");
}

#[test]
fn sarif() {
    let log: Value = serde_json::from_str(&printed("sarif")).unwrap();
    crate::reports::assert_valid_sarif(&log);
    let run = &log["runs"][0];
    let rules = run["tool"]["driver"]["rules"].as_array().unwrap();
    let results = run["results"].as_array().unwrap();
    assert!(results.len() >= 2, "{results:#?}");
    for result in results {
        let index = usize::try_from(result["ruleIndex"].as_u64().unwrap()).unwrap();
        assert_eq!(rules[index]["id"], result["ruleId"]);
        let place = &result["locations"][0]["physicalLocation"];
        assert_eq!(place["artifactLocation"]["uri"], "recipes/a.yaml");
    }
    assert_eq!(results[0]["level"], "error");
}

#[test]
fn secrets_are_in_no_format() {
    let repository = Repository::with(&[("recipes/a.yaml", GOOD)]);
    let new = GOOD.replace("cat /etc/motd", "login --password hunter2hunter2");
    repository.commit(&[("recipes/a.yaml", &new)]);
    for format in ["text", "markdown", "json", "sarif", "github"] {
        let arguments = ["diff", "main~1..main", "--format", format];
        let mut command = repository.world.command(&arguments);
        let command = command
            .env("AMINT_SECRETS", "TOKEN")
            .env("TOKEN", "hunter2hunter2");
        let output = command.output().unwrap();
        let text = String::from_utf8([output.stdout, output.stderr].concat()).unwrap();
        assert!(text.contains("a.yaml"), "{format}: {text}");
        assert!(!text.contains("hunter2"), "{format}: {text}");
    }
}
