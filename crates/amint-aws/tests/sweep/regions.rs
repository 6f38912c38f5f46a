//! Regions: where things are, and those that do not answer.

use std::collections::BTreeSet;

use amint_cloud::{
    BuilderId, BuilderState, Cloud, CopyRequest, ErrorKind, ImageSpec, ResourceKind,
};
use aws_sdk_ec2::types::ResourceType;
use serde_json::json;

use crate::scene::{A, captured, ec2_in, ids, launched, owner, resource, snapshot, swept, tags};
use crate::stage::{BASE, Stage, until};

const WEST: &str = "eu-west-1";
const OWN: [(&str, &str); 1] = [("amint:build", A)];

/// A builder and its group in another region, by another client.
async fn abroad(stage: &Stage) -> (String, String) {
    let ec2 = ec2_in(stage, WEST);
    let group = ec2.create_security_group().group_name(format!("amint-{A}"));
    let group = group.description("x");
    let group = group.tag_specifications(tags(ResourceType::SecurityGroup, &OWN));
    let group = group.send().await.expect("a group").group_id;
    let group = group.expect("an id");
    let run = ec2
        .run_instances()
        .image_id(BASE)
        .security_group_ids(&group);
    let run = run.min_count(1).max_count(1);
    let run = run.instance_type("m7i.large".into());
    let run = run.tag_specifications(tags(ResourceType::Instance, &OWN));
    let run = run.send().await.expect("an instance");
    let id = run.instances()[0].instance_id().expect("an id").to_owned();
    (id, group)
}

#[tokio::test]
async fn what_is_elsewhere_says_where_and_goes() {
    let stage = Stage::new();
    let cloud = &stage.cloud;
    let (builder, _) = launched(&stage, &owner(A)).await;
    let image = captured(&stage, &owner(A), &builder, "demo").await;
    let request = CopyRequest {
        owner: owner(A),
        image: image.clone(),
        region: WEST.to_owned(),
        spec: ImageSpec {
            name: "demo".to_owned(),
            ..ImageSpec::default()
        },
    };
    let copy = cloud.copy(&request).await.expect("a copy");
    let (id, group) = abroad(&stage).await;
    let west = ec2_in(&stage, WEST);
    let copy_id = copy.0.split('@').next().expect("an id").to_owned();
    let volume = west.create_volume().availability_zone("eu-west-1a").size(1);
    let volume = volume.tag_specifications(tags(ResourceType::Volume, &OWN));
    let volume = volume.send().await.expect("a volume").volume_id;
    let volume = volume.expect("an id");
    let loose = west.create_snapshot().volume_id(&volume);
    let loose = loose.tag_specifications(tags(ResourceType::Snapshot, &OWN));
    let loose = loose.send().await.expect("a snapshot").snapshot_id;
    let loose = loose.expect("an id");

    let found = swept(&stage, None).await;
    let there: BTreeSet<_> = ids(&found)
        .into_iter()
        .filter(|(_, id)| id.contains('@'))
        .collect();
    let place = |id: &str| format!("{id}@{WEST}");
    let (id, group, volume, loose) = (place(&id), place(&group), place(&volume), place(&loose));
    let expected = BTreeSet::from([
        (ResourceKind::Builder, id.as_str()),
        (ResourceKind::Builder, volume.as_str()),
        (ResourceKind::Image, copy.0.as_str()),
        (ResourceKind::Snapshot, loose.as_str()),
        (ResourceKind::SecurityGroup, group.as_str()),
    ]);
    assert_eq!(there, expected);

    let part = snapshot(&west, &copy_id).await;
    let part = resource(A, ResourceKind::Snapshot, &place(&part));
    let refused = cloud.release(&part).await.expect_err("in use");
    assert_eq!(refused.kind, ErrorKind::Busy);
    let busy = resource(A, ResourceKind::SecurityGroup, &group);
    let refused = cloud.release(&busy).await.expect_err("in use");
    assert_eq!(refused.kind, ErrorKind::Busy);
    for (kind, id) in expected {
        let one = resource(A, kind, id);
        until("it goes", async || match cloud.release(&one).await {
            Ok(()) => true,
            Err(error) if error.kind == ErrorKind::Busy => false,
            Err(error) => panic!("{id}: {error}"),
        })
        .await;
        cloud.release(&one).await.expect("gone already");
    }
    let state = cloud.builder_state(&BuilderId(id)).await;
    assert_eq!(state.expect("a state"), BuilderState::Terminated);
    let found = swept(&stage, None).await;
    assert!(
        ids(&found).iter().all(|(_, id)| !id.contains('@')),
        "{found:?}"
    );
    // What is at home is there still, and a snapshot went with its image.
    assert!(found.iter().any(|one| one.resource.id == image.0));
    let left = west.describe_snapshots().owner_ids("self").send().await;
    assert!(left.expect("a list").snapshots().is_empty());
    // What is in no region may be said to be in one.
    let role = resource(A, ResourceKind::Role, &format!("amint-{A}@{WEST}"));
    cloud.release(&role).await.expect("gone");
    let left = swept(&stage, None).await;
    assert!(
        left.iter()
            .all(|one| one.resource.kind != ResourceKind::Role)
    );
}

#[tokio::test]
async fn a_region_that_is_closed_does_not_hide_the_others() {
    let stage = Stage::new();
    let (builder, _) = launched(&stage, &owner(A)).await;
    let (id, _) = abroad(&stage).await;
    let there = format!("{id}@{WEST}");
    let fault = |region: &str, kind: &str, code: &str| {
        json!([{
            "action": "*", "service": "ec2", "region": region, "kind": kind, "occurrence": "always",
            "code": code, "message": "with an explicit deny in a service control policy", "status": 403,
        }])
    };
    let seen = async || {
        let found = swept(&stage, None).await;
        let has = |id: &str| found.iter().any(|one| one.resource.id == id);
        (has(&builder.0), has(&there))
    };
    assert_eq!(seen().await, (true, true));
    for (kind, code) in [
        ("error", "UnauthorizedOperation"),
        ("error", "AuthFailure"),
        ("error", "OptInRequired"),
        ("drop-before", ""),
    ] {
        stage.world.set("faults", &fault(WEST, kind, code));
        assert_eq!(seen().await, (true, false), "{kind} {code}");
    }
    // Its own must answer.
    let denied = fault("us-east-1", "error", "UnauthorizedOperation");
    stage.world.set("faults", &denied);
    let error = stage.cloud.owned(None).await.expect_err("denied");
    assert!(matches!(error.kind, ErrorKind::Denied { .. }), "{error}");
    // Neither does a lost answer hide anything, nor a refusal that passes.
    stage.world.set(
        "faults",
        &json!([
            {"action": "DescribeInstances", "region": WEST, "kind": "drop-after", "occurrence": 1},
            {"action": "DescribeVolumes", "region": WEST, "kind": "throttle", "occurrence": 1},
        ]),
    );
    assert_eq!(seen().await, (true, true));
}

#[tokio::test]
async fn who_may_not_look_into_iam_sees_the_rest() {
    let stage = Stage::new();
    let (builder, supports) = launched(&stage, &owner(A)).await;
    let kinds = async || {
        let found = swept(&stage, None).await;
        let kinds: BTreeSet<ResourceKind> = found.iter().map(|one| one.resource.kind).collect();
        kinds
    };
    let ec2 = [ResourceKind::Builder, ResourceKind::SecurityGroup];
    stage
        .world
        .set("deny", &json!({"actions": ["iam:ListRoles"]}));
    assert_eq!(kinds().await, BTreeSet::from(ec2));
    // By its name, where its tags may not be seen.
    stage
        .world
        .set("deny", &json!({"actions": ["iam:GetRole"]}));
    let found = swept(&stage, Some(A)).await;
    let role = found
        .iter()
        .find(|one| one.resource == supports[0])
        .expect("the role");
    assert_eq!((role.expires, &role.recipe), (None, &None));
    assert!(found.iter().any(|one| one.resource.id == builder.0));
    // What outlives no builder is not asked for by builds, and who builds may clean up.
    let more = json!({"actions": ["ec2:DescribeVolumes", "ec2:DescribeNetworkInterfaces"]});
    stage.world.set("deny", &more);
    let iam = [ResourceKind::InstanceProfile, ResourceKind::Role];
    assert_eq!(kinds().await, BTreeSet::from_iter([ec2, iam].concat()));
    stage
        .world
        .set("deny", &json!({"actions": ["ec2:DescribeRegions"]}));
    let error = stage.cloud.owned(None).await.expect_err("denied");
    let action = Some("ec2:DescribeRegions".to_owned());
    assert_eq!(error.kind, ErrorKind::Denied { action });
}

#[tokio::test]
async fn few_regions_are_asked_at_a_time() {
    let stage = Stage::new();
    let slow = json!([{"action": "DescribeImages", "kind": "slow", "occurrence": "always", "seconds": 0.3}]);
    stage.world.set("faults", &slow);
    stage.world.set("calls", &json!({}));
    let start = std::time::Instant::now();
    assert_eq!(swept(&stage, None).await, []);
    let seconds = start.elapsed().as_secs_f64();
    let calls = stage.world.get("calls");
    let regions: BTreeSet<&str> = calls
        .as_array()
        .into_iter()
        .flatten()
        .filter(|call| call["action"] == "DescribeImages")
        .filter_map(|call| call["region"].as_str())
        .collect();
    // Three rounds of eight, not one of all and not one of each.
    assert_eq!(regions.len(), 20);
    assert!(regions.contains("us-east-1") && !regions.contains("ap-east-1"));
    assert!((0.9..5.0).contains(&seconds), "{seconds} s");
}
