//! Builds that end early, by a signal or by what they find: nothing is left, or it is named.

use std::io::{BufRead, BufReader};
use std::process::Child;
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};
use serde_json::{Value, json};

use crate::account::Account;
use crate::command::Folder;
use crate::recipes::{PUBLISHED, Recipe};

fn interrupt(child: &Child) {
    kill_process(Pid::from_child(child), Signal::INT).unwrap();
}

/// Interrupts a build when `at` says so, and again `again` later; returns its exit code and its last event.
pub(crate) fn stopped(
    account: &Account,
    folder: &Folder,
    recipe: &Recipe<'_>,
    at: impl Fn(&Value) -> bool,
    again: Option<Duration>,
) -> (i32, Vec<Value>, String) {
    folder.write("recipe.yaml", recipe.text());
    let arguments = ["build", "recipe.yaml", "--format", "json"];
    let mut child = folder.command(account, &arguments).spawn().unwrap();
    let stdout = BufReader::new(child.stdout.take().unwrap());
    let mut events: Vec<Value> = Vec::new();
    let mut done = false;
    for line in stdout.lines() {
        let event = serde_json::from_str(&line.unwrap()).unwrap();
        if !done && at(&event) {
            done = true;
            interrupt(&child);
            if let Some(again) = again {
                std::thread::sleep(again);
                interrupt(&child);
            }
        }
        events.push(event);
    }
    assert!(done, "the build ended by itself: {:?}", events.last());
    let ran = folder.end(child);
    assert_eq!(events.last().unwrap()["event"], "run-finished");
    (ran.code, events, ran.stderr)
}

pub(crate) fn starts(phase: &'static str) -> impl Fn(&Value) -> bool {
    move |event| event["event"] == "phase-started" && event["phase"] == phase
}

fn is(kind: &'static str) -> impl Fn(&Value) -> bool {
    move |event| event["event"] == kind
}

/// Stops a build there, with states that take `delays`; nothing may be left.
fn leaves_nothing(recipe: &Recipe<'_>, delays: Value, at: impl Fn(&Value) -> bool) {
    let (account, folder) = (Account::new(), Folder::new());
    account.set("delays", &delays);
    let (code, events, stderr) = stopped(&account, &folder, recipe, at, None);
    assert_eq!(code, 130, "{stderr}");
    assert_eq!(events.last().unwrap()["exit_code"], 130);
    account.assert_only(&[]);
    assert!(!folder.path("out").exists());
    assert_eq!(folder.journal().last().unwrap()["record"], "finished");
}

#[test]
fn while_the_agent_is_waited_for() {
    leaves_nothing(&Recipe::default(), json!({"run": 3}), starts("connect"));
}

#[test]
fn while_a_step_runs() {
    let recipe = Recipe {
        steps: "  - shell: { name: wait, run: \"echo waiting; sleep 60\" }",
        ..Recipe::default()
    };
    leaves_nothing(&recipe, json!({}), is("step-output"));
}

#[test]
fn while_the_image_is_made() {
    leaves_nothing(&Recipe::default(), json!({"image": 5}), starts("capture"));
}

#[test]
fn while_the_image_is_copied() {
    let recipe = Recipe {
        image: PUBLISHED,
        ..Recipe::default()
    };
    let copying = |event: &Value| {
        event["event"] == "resource-acquired"
            && event["id"]
                .as_str()
                .is_some_and(|id| id.contains("@eu-west-1"))
    };
    leaves_nothing(&recipe, json!({"copy": 5}), copying);
}

/// The second interrupt abandons what is being given back; what that is can be read.
#[test]
fn twice_names_what_is_left() {
    let (account, folder) = (Account::new(), Folder::new());
    let fault = json!([{"action": "TerminateInstances", "kind": "hang", "occurrence": "always"}]);
    account.set("faults", &fault);
    let soon = Some(Duration::from_millis(700));
    let (code, events, stderr) = stopped(
        &account,
        &folder,
        &Recipe::default(),
        is("step-started"),
        soon,
    );
    assert_eq!(code, 131, "{stderr}");
    let left: Vec<&Value> = events.iter().filter(|e| is("resource-left")(e)).collect();
    let builder = left.iter().find(|one| one["kind"] == "builder").unwrap();
    let id = builder["id"].as_str().unwrap();
    assert!(
        account
            .resources()
            .all("us-east-1", "instances")
            .contains_key(id)
    );
    let journal = folder.journal();
    let of = |record: &str| {
        journal
            .iter()
            .any(|e| e["record"] == record && e["id"] == id)
    };
    assert!(of("acquired") && !of("released"), "{journal:#?}");
}

/// The hash of a password in a product's own file: no step's business, and no image's.
const LEAK: &str = r"  - shell:
      name: leave a password
      run: |
        mkdir -p /opt/product
        echo 'support:$6$amintleaky$cGQFJwXNztWpNNjJMqx9gKzyZwVoPALT6gI58nEjPadNM.9om3wJ9.Y24XbHavTMRPsNgy7F3Qcmq.i4suOaR.' >/opt/product/users";

#[test]
fn an_image_that_leaks_is_not_made() {
    let (account, folder) = (Account::new(), Folder::new());
    let recipe = Recipe {
        steps: LEAK,
        image: PUBLISHED,
        ..Recipe::default()
    };
    let ran = folder.build(&account, &recipe.text(), &[]);
    ran.exits(9)
        .says(&["MP-SEC-006", "/opt/product/users"])
        .is_readable();
    account.assert_only(&[]);
    assert!(!folder.path("out").exists());
    for action in ["CopyImage", "ModifyImageAttribute", "PutParameter"] {
        assert_eq!(account.count(action), 0, "{action}");
    }
}

#[test]
fn a_builder_can_be_kept_for_a_look() {
    let (account, folder) = (Account::new(), Folder::new());
    let recipe = Recipe {
        steps: "  - shell: { name: broken, run: \"echo why; exit 3\" }",
        ..Recipe::default()
    };
    let ran = folder.build(&account, &recipe.text(), &["--on-error", "keep"]);
    let now = account.resources();
    let (id, builder) = now.only("us-east-1", "instances");
    assert_eq!(builder["State"]["Name"], "running");
    assert_eq!(builder["Shutdown"], "terminate", "it ends itself");
    ran.exits(7).says(&[
        "the builder is kept",
        &format!("aws ssm start-session --region us-east-1 --target {id}"),
        &format!("aws ec2 terminate-instances --region us-east-1 --instance-ids {id}"),
        "it ends itself at",
        "`broken` failed with exit code 3",
        "why",
    ]);
    // What it cannot do without stays with it.
    account.assert_only(&[
        "instances in us-east-1",
        "security-groups in us-east-1",
        "volumes in us-east-1",
    ]);
    let kept = folder.journal();
    assert!(kept.iter().any(|e| e["record"] == "kept" && e["id"] == id));
}
