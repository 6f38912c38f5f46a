//! The policies against files, and the table against the sources.

use std::collections::BTreeSet;
use std::path::Path;
use std::time::Duration;

use amint_cloud::{BaseQuery, InstanceProfile, InstanceSpec, PublishSpec, SecretSource, Sharing};
use serde_json::Value;

use super::*;

fn plain() -> PolicyInput {
    PolicyInput {
        region: "us-east-1".to_owned(),
        account: Some("123456789012".to_owned()),
        machine: InstanceSpec {
            subnets: vec!["subnet-1".to_owned()],
            security_groups: vec!["sg-1".to_owned()],
            profile: InstanceProfile::Named("amint-builder".to_owned()),
            ..InstanceSpec::default()
        },
        ..PolicyInput::default()
    }
}

fn everything() -> PolicyInput {
    PolicyInput {
        region: "us-east-1".to_owned(),
        account: Some("123456789012".to_owned()),
        base: Some(BaseQuery::Parameter {
            name: "/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-x86_64"
                .to_owned(),
        }),
        machine: InstanceSpec {
            profile: InstanceProfile::Temporary {
                permissions_boundary: Some("arn:aws:iam::123456789012:policy/limit".to_owned()),
            },
            ..InstanceSpec::default()
        },
        publish: PublishSpec {
            copy_to: ["eu-west-1", "us-east-1", "ap-southeast-2"]
                .map(str::to_owned)
                .to_vec(),
            sharing: Sharing {
                accounts: vec!["210987654321".to_owned()],
                ..Sharing::default()
            },
            deprecate_after: Some(Duration::from_secs(90 * 86400)),
            parameter: Some("/images/collector/latest".to_owned()),
            keep_last: Some(3),
        },
        secrets: vec![
            SecretSource::Parameter {
                name: "/team/token:3".to_owned(),
            },
            SecretSource::Manager {
                id: "team/database".to_owned(),
                key: Some("password".to_owned()),
            },
            SecretSource::Manager {
                id: "arn:aws:secretsmanager:eu-west-1:210987654321:secret:shared-AbCdEf".to_owned(),
                key: None,
            },
        ],
        bucket: Some("stage".to_owned()),
        log_group: Some("/amint".to_owned()),
        role: None,
    }
}

fn golden(name: &str, actual: &Value, expected: &str) {
    let expected: Value = serde_json::from_str(expected).expect("a golden file is JSON");
    let text = serde_json::to_string_pretty(actual).expect("a value is JSON");
    assert_eq!(
        *actual, expected,
        "golden/{name}.json differs; it would be:\n{text}"
    );
}

#[test]
fn a_plain_recipe_needs_little() {
    golden(
        "plain",
        &pipeline_policy(&plain()),
        include_str!("golden/plain.json"),
    );
}

#[test]
fn a_recipe_with_everything() {
    golden(
        "everything",
        &pipeline_policy(&everything()),
        include_str!("golden/everything.json"),
    );
}

#[test]
fn cleaning_up_needs_no_recipe() {
    golden(
        "cleanup",
        &cleanup_document("us-east-1"),
        include_str!("golden/cleanup.json"),
    );
    let gov = cleanup_document("us-gov-west-1").to_string();
    assert!(
        gov.contains("arn:aws-us-gov:ec2:us-gov-*:*:instance/*"),
        "{gov}"
    );
    assert!(!gov.contains("arn:aws:"), "{gov}");
}

#[test]
fn cleaning_up_makes_nothing_and_takes_nobody_an_image() {
    let policy = cleanup_document("us-east-1");
    for statement in policy["Statement"].as_array().expect("statements") {
        let actions = statement["Action"].as_array().expect("actions").iter();
        for action in actions.filter_map(Value::as_str) {
            let made = [
                "Create", "Run", "Put", "Start", "Pass", "Tag", "Copy", "Add",
            ];
            let verb = action.split(':').nth(1).unwrap_or_default();
            assert!(
                !made.iter().any(|start| verb.starts_with(start)),
                "{action}"
            );
            if ["ec2:DeregisterImage", "ec2:DeleteSnapshot"].contains(&action) {
                let spared = &statement["Condition"]["StringNotEquals"];
                assert_eq!(spared["aws:ResourceTag/amint:state"], "published");
            }
        }
    }
}

#[test]
fn a_builder_needs_the_agents_channel() {
    let policy = builder_policy("us-east-1", Some("stage"), Some("/amint"));
    golden("builder", &policy, include_str!("golden/builder.json"));
    let least = builder_policy("us-east-1", None, None).to_string();
    assert!(
        !least.contains("s3:") && !least.contains("logs:"),
        "{least}"
    );
    // Those would read the account's secrets, or run what the account runs everywhere.
    for broad in [
        "ssm:GetParameter",
        "ssm:ListInstanceAssociations",
        "ssm:PutInventory",
    ] {
        assert!(!policy.to_string().contains(broad), "{broad}");
    }
}

#[test]
fn other_partitions_have_other_names() {
    let region = "cn-north-1".to_owned();
    let policy = pipeline_policy(&PolicyInput { region, ..plain() }).to_string();
    assert!(policy.contains("ec2.amazonaws.com.cn"), "{policy}");
    assert!(policy.contains("arn:aws-cn:ec2:cn-north-1:"), "{policy}");
    assert!(!policy.contains("arn:aws:"), "{policy}");
}

#[test]
fn what_changes_or_deletes_is_tied_to_a_tag_or_a_name() {
    let policies = [
        pipeline_policy(&everything()),
        cleanup_document("us-east-1"),
    ];
    let statements = policies
        .iter()
        .flat_map(|policy| policy["Statement"].as_array().expect("statements"));
    for statement in statements {
        let is_open = statement["Resource"] == serde_json::json!(["*"]);
        let actions = statement["Action"].as_array().expect("actions").iter();
        let actions: Vec<&str> = actions.filter_map(Value::as_str).collect();
        for action in &actions {
            let verb = action.split(':').nth(1).unwrap_or_default();
            let looks = ["Describe", "Get", "List"]
                .iter()
                .any(|start| verb.starts_with(start));
            // SSM knows commands by nothing but their id.
            assert!(
                looks || !is_open || *action == "ssm:CancelCommand",
                "{action} on everything"
            );
            let ends = ["Delete", "Terminate", "Deregister"]
                .iter()
                .any(|start| verb.starts_with(start));
            let is_ec2 = action.starts_with("ec2:");
            let condition = statement["Condition"].to_string();
            assert!(
                !(ends && is_ec2) || condition.contains("aws:ResourceTag/amint:build"),
                "{action}"
            );
        }
    }
}

/// IAM, quotas: characters of a managed policy, and of all inline policies of a role, white space left out.
#[test]
fn policies_fit_into_iam() {
    assert!(pipeline_policy(&plain()).to_string().len() < 6144);
    assert!(cleanup_document("us-east-1").to_string().len() < 6144);
    assert!(pipeline_policy(&everything()).to_string().len() < 10240);
    assert!(
        builder_policy("us-east-1", Some("b"), Some("g"))
            .to_string()
            .len()
            < 2048
    );
}

#[test]
fn the_documents_say_how_the_profile_is_made() {
    let named = documents(&plain());
    assert_eq!(named.instance_profile.as_deref(), Some("amint-builder"));
    assert_eq!(named.commands.len(), 4);
    assert!(named.commands[0].starts_with(
        "aws iam create-role --role-name amint-builder --assume-role-policy-document '{\"Statement\""
    ), "{}", named.commands[0]);
    assert_eq!(named.notes, [""; 0]);

    let mut by_arn = plain();
    let arn = "arn:aws:iam::123456789012:instance-profile/teams/a/builder";
    by_arn.machine.profile = InstanceProfile::Named(arn.to_owned());
    let by_arn = documents(&by_arn);
    assert_eq!(by_arn.instance_profile.as_deref(), Some("builder"));
    assert!(
        by_arn.commands[0].contains("--role-name builder --path /teams/a/ "),
        "{:?}",
        by_arn.commands
    );
    assert!(
        by_arn
            .pipeline
            .to_string()
            .contains(":role/teams/a/builder\"")
    );

    let mut open = everything();
    open.account = None;
    open.machine.profile = InstanceProfile::default();
    let open = documents(&open);
    assert_eq!((open.instance_profile, open.commands.len()), (None, 0));
    assert_eq!(open.notes.len(), 2);
    let keys = serde_json::to_value(documents(&plain())).expect("JSON");
    assert!(keys.get("instance-profile").is_some() && keys["builder"]["trust"].is_object());
}

/// Whatever the crate asks AWS for bears the action's name, for the message that says it is denied.
#[test]
fn every_action_that_the_sources_name_is_in_the_table() {
    let known: BTreeSet<&str> = table::TABLE
        .iter()
        .chain(table::CLEANUP)
        .flat_map(|row| row.actions)
        .copied()
        .collect();
    let mut named = BTreeSet::new();
    collect(
        &Path::new(env!("CARGO_MANIFEST_DIR")).join("src"),
        &mut named,
    );
    assert!(named.contains("sts:GetCallerIdentity"), "{named:?}");
    let forgotten: Vec<&String> = named
        .iter()
        .filter(|one| !known.contains(one.as_str()))
        .collect();
    assert!(
        forgotten.is_empty(),
        "not in policy/table.rs: {forgotten:?}"
    );
}

/// String literals of the form `service:Action`, tests and this module left out.
fn collect(folder: &Path, named: &mut BTreeSet<String>) {
    for entry in std::fs::read_dir(folder).expect("the sources are there") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            if !path.ends_with("policy") {
                collect(&path, named);
            }
            continue;
        }
        let text = std::fs::read_to_string(&path).expect("a source is text");
        let code = text.split("#[cfg(test)]").next().unwrap_or_default();
        named.extend(
            code.split('"')
                .filter(|word| is_action(word))
                .map(str::to_owned),
        );
    }
}

fn is_action(word: &str) -> bool {
    let services = ["ebs", "ec2", "iam", "s3", "secretsmanager", "ssm", "sts"];
    word.split_once(':').is_some_and(|(service, verb)| {
        services.contains(&service)
            && verb.starts_with(|c: char| c.is_ascii_uppercase())
            && verb.bytes().all(|b| b.is_ascii_alphanumeric())
    })
}
