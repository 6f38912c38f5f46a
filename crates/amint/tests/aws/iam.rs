//! `amint iam`: policies as JSON, without an account.

use serde_json::Value;

use crate::command::Folder;
use crate::recipes::{PUBLISHED, Recipe, TEMPORARY};

/// Every action that a policy allows.
fn actions(policy: &Value) -> Vec<&str> {
    assert_eq!(policy["Version"], "2012-10-17");
    let statements = policy["Statement"].as_array().unwrap().iter();
    let actions = statements.flat_map(|one| {
        assert_eq!(one["Effect"], "Allow", "{one}");
        assert!(!one["Resource"].is_null(), "{one}");
        one["Action"].as_array().unwrap()
    });
    actions.map(|action| action.as_str().unwrap()).collect()
}

fn documents(recipe: &Recipe<'_>) -> Value {
    let folder = Folder::new();
    folder.write("recipe.yaml", recipe.text());
    // Neither credentials nor an endpoint.
    let ran = folder.run(&mut folder.bare(&["iam", "recipe.yaml"]));
    ran.exits(0);
    assert_eq!(ran.stderr, "");
    serde_json::from_str(&ran.stdout).unwrap()
}

#[test]
fn a_recipe_has_the_policies_that_it_needs_and_no_more() {
    let plain = documents(&Recipe::default());
    let pipeline = actions(&plain["pipeline"]);
    for needed in [
        "ec2:RunInstances",
        "ssm:SendCommand",
        "ebs:GetSnapshotBlock",
    ] {
        assert!(
            pipeline.contains(&needed),
            "{needed} is not in {pipeline:?}"
        );
    }
    for other in [
        "iam:CreateRole",
        "ec2:CopyImage",
        "ssm:PutParameter",
        "ec2:StopInstances",
    ] {
        assert!(!pipeline.contains(&other), "{other} is in {pipeline:?}");
    }
    assert!(pipeline.iter().all(|action| !action.contains('*')));
    let builder = actions(&plain["builder"]["policy"]);
    assert!(
        builder
            .iter()
            .all(|action| !action.starts_with("ec2:") && !action.starts_with("iam:"))
    );
    assert_eq!(plain["instance-profile"], "amint-builder");
    assert!(!plain["commands"].as_array().unwrap().is_empty());

    let everything = documents(&Recipe {
        builder: TEMPORARY,
        image: PUBLISHED,
        ..Recipe::default()
    });
    let pipeline = actions(&everything["pipeline"]);
    for needed in [
        "iam:CreateRole",
        "ec2:CopyImage",
        "ssm:PutParameter",
        "ec2:EnableImageDeprecation",
    ] {
        assert!(
            pipeline.contains(&needed),
            "{needed} is not in {pipeline:?}"
        );
    }
    assert!(everything["instance-profile"].is_null());
}

#[test]
fn a_recipe_for_this_machine_has_none() {
    let folder = Folder::new();
    folder.write(
        "recipe.yaml",
        "amint: 1\nname: trial\nversion: 1.0.0\nbase: { local: { debian: bookworm } }\nsteps: []\nimage: { name: trial }\n",
    );
    let ran = folder.run(&mut folder.bare(&["iam", "recipe.yaml"]));
    ran.exits(3).says(&["error: ", "hint: "]);
    assert_eq!(ran.stdout, "");
}
