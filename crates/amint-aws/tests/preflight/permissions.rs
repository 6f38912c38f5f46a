//! What is not allowed.

use amint_cloud::{Cloud, ErrorKind};
use serde_json::json;

use crate::support::*;
use crate::world::World;

#[tokio::test]
async fn every_denied_action_is_named() {
    let world = World::start();
    make_profile(&world).await;
    let cloud = cloud(&world);
    let request = request(AL2023, spec(&["m7i.large"]));

    let denied = [
        "ec2:DescribeVpcs",
        "ec2:RegisterImage",
        "ec2:RunInstances",
        "ebs:PutSnapshotBlock",
        "iam:PassRole",
        "ssm:SendCommand",
    ];
    world.set("deny", &json!({ "actions": denied }));
    let preflight = cloud.preflight(&request).await.expect("a preflight");
    assert_eq!(preflight.problems.len(), 1, "{:#?}", problems(&preflight));
    let error = &preflight.problems[0];
    for action in denied {
        assert!(error.message.contains(action), "{action}: {error}");
    }
    let action = Some("ebs:PutSnapshotBlock".to_owned());
    assert_eq!(error.kind, ErrorKind::Denied { action });
    assert!(
        error
            .hint
            .as_deref()
            .is_some_and(|hint| hint.contains("amint iam"))
    );

    world.set(
        "deny",
        &json!({ "actions": ["ec2:RunInstances", "ec2:CreateSecurityGroup"] }),
    );
    let preflight = cloud.preflight(&request).await.expect("a preflight");
    assert_problems(
        &preflight,
        &["may not ec2:CreateSecurityGroup, ec2:RunInstances"],
    );

    // What only the preflight wants to know stays unchecked.
    let questions = [
        "ec2:DescribeRegions",
        "ec2:GetAllowedImagesSettings",
        "ec2:GetEbsEncryptionByDefault",
        "ec2:GetImageBlockPublicAccessState",
        "iam:GetRole",
        "iam:SimulatePrincipalPolicy",
    ];
    world.set("deny", &json!({ "actions": questions }));
    cloud.identity().await.expect("regions are believed");
    let preflight = cloud.preflight(&request).await.expect("a preflight");
    assert_problems(&preflight, &[]);
    assert!(!preflight.placements.is_empty());
    let unchecked = preflight.unchecked.join("\n");
    for part in [
        "EBS encryption by default in us-east-1: ec2:GetEbsEncryptionByDefault is not allowed",
        "allows the SSM agent: iam:SimulatePrincipalPolicy is not allowed",
        "ssm:SendCommand: iam:SimulatePrincipalPolicy is not allowed",
    ] {
        assert!(unchecked.contains(part), "{part}: {unchecked}");
    }
    assert!(
        !unchecked.contains("ec2:RunInstances"),
        "tried already: {unchecked}"
    );

    // A builder whose role is too narrow would never come online.
    world.set(
        "deny",
        &json!({ "actions": ["ssmmessages:OpenControlChannel"] }),
    );
    let preflight = cloud.preflight(&request).await.expect("a preflight");
    assert_problems(
        &preflight,
        &["does not allow the SSM agent ssmmessages:OpenControlChannel"],
    );
}
