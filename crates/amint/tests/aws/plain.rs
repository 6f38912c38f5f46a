//! moto as it is: it has no agents, so that no build gets past the first one.

use serde_json::json;

use crate::account::Account;
use crate::command::Folder;
use crate::recipes::{Recipe, TEMPORARY};
use crate::stop::{starts, stopped};

/// The builder was as it was asked for, and is no more.
fn assert_given_back(account: &Account) {
    let now = account.resources();
    let (_, instance) = now.only("us-east-1", "instances");
    assert_eq!(instance["State"]["Name"], "terminated");
    assert_eq!(instance["Tags"]["amint:recipe"], "trial");
    assert_eq!(instance["MetadataOptions"]["HttpTokens"], "required");
    assert!(instance["KeyName"].is_null());
    account.assert_only(&[]);
    assert_eq!(account.count("StopInstances"), 0);
}

#[test]
fn a_builder_whose_agent_never_comes_is_given_back() {
    let (account, folder) = (Account::plain(), Folder::new());
    let recipe = Recipe {
        builder: "  timeout: 1m",
        ..Recipe::default()
    };
    let ran = folder.build(&account, &recipe.text(), &[]);
    ran.exits(8)
        .says(&["the builder's agent did not answer"])
        .is_readable();
    assert_given_back(&account);
}

#[test]
fn so_is_an_interrupted_one_with_a_role_of_its_own() {
    let (account, folder) = (Account::plain(), Folder::new());
    let recipe = Recipe {
        builder: TEMPORARY,
        ..Recipe::default()
    };
    let (code, _, stderr) = stopped(&account, &folder, &recipe, starts("connect"), None);
    assert_eq!(code, 130, "{stderr}");
    assert_given_back(&account);
}

#[test]
fn a_base_image_that_is_not_there_is_told() {
    let (account, folder) = (Account::plain(), Folder::new());
    let recipe = Recipe {
        base: "{ id: ami-0123456789abcdef0 }",
        ..Recipe::default()
    };
    let ran = folder.build(&account, &recipe.text(), &[]);
    ran.exits(12).says(&["ami-0123456789abcdef0"]).is_readable();
    account.assert_only(&[]);
}

#[test]
fn faults_on_the_wire_are_there_too() {
    let (account, folder) = (Account::plain(), Folder::new());
    account.set(
        "faults",
        &json!([{"action": "RunInstances", "kind": "error", "occurrence": "always",
            "where": {"DryRun": "None"}, "code": "InsufficientInstanceCapacity", "message": "No room.", "status": 500}]),
    );
    let ran = folder.build(&account, &Recipe::default().text(), &[]);
    ran.exits(5)
        .says(&["InsufficientInstanceCapacity"])
        .is_readable();
    account.assert_only(&[]);
}
