//! What is found, and what is not.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use amint_cloud::{BuilderState, Cloud, ErrorKind, Owned, PublicState, ResourceKind};
use aws_sdk_ec2::types::ResourceType;
use jiff::Timestamp;
use serde_json::json;

use crate::scene::{A, B, captured, ids, launched, owner, resource, snapshot, swept, tags};
use crate::stage::{BASE, Stage, until};

/// What another tool made, some of it named as amint's is.
async fn another_tools(stage: &Stage) {
    let (ec2, iam) = (&stage.ec2, &stage.iam);
    let run = ec2.run_instances().image_id(BASE).min_count(1).max_count(1);
    let run = run.tag_specifications(tags(ResourceType::Instance, &[("Name", "amint-web")]));
    let run = run.instance_type("m7i.large".into()).send().await;
    let instance = run.expect("an instance").instances()[0].clone();
    let instance = instance.instance_id().expect("an id").to_owned();
    until("it runs", async || {
        let made = ec2
            .create_image()
            .instance_id(&instance)
            .name("another tool's");
        made.send().await.is_ok()
    })
    .await;
    let group = ec2.create_security_group().group_name("amint-web");
    group.description("x").send().await.expect("a group");
    let volume = ec2.create_volume().availability_zone("us-east-1a").size(1);
    volume.send().await.expect("a volume");
    for (path, name) in [
        ("/", format!("amint-{A}x")),
        ("/amint/", "amint-builder".to_owned()),
        ("/amint/", "teams-builder".to_owned()),
        ("/amint/more/", format!("amint-{B}y")),
    ] {
        let role = iam.create_role().path(path).role_name(&name);
        let role = role.assume_role_policy_document("{}").send().await;
        role.expect("a role");
        let profile = iam.create_instance_profile().path(path);
        let profile = profile.instance_profile_name(name).send().await;
        profile.expect("a profile");
    }
}

fn one<'a>(found: &'a [Owned], id: &str) -> &'a Owned {
    let one = found.iter().find(|one| one.resource.id == id);
    one.unwrap_or_else(|| panic!("{id} is not in {found:?}"))
}

fn of_build(builder: &str, group: &str, name: &str) -> BTreeSet<(ResourceKind, String)> {
    BTreeSet::from([
        (ResourceKind::Builder, builder.to_owned()),
        (ResourceKind::InstanceProfile, name.to_owned()),
        (ResourceKind::Role, name.to_owned()),
        (ResourceKind::SecurityGroup, group.to_owned()),
    ])
}

fn owned(found: &[Owned]) -> BTreeSet<(ResourceKind, String)> {
    let all = ids(found).into_iter();
    all.map(|(kind, id)| (kind, id.to_owned())).collect()
}

#[tokio::test]
async fn two_builds_are_found_and_nothing_of_another_tools() {
    let stage = Stage::new();
    another_tools(&stage).await;
    assert_eq!(swept(&stage, None).await, []);
    let before = Timestamp::now() - Duration::from_secs(60);

    let (first, supports) = launched(&stage, &owner(A)).await;
    let (second, others) = launched(&stage, &owner(B)).await;
    let of_a = of_build(&first.0, &supports[2].id, &format!("amint-{A}"));
    let of_b = of_build(&second.0, &others[2].id, &format!("amint-{B}"));
    let all = swept(&stage, None).await;
    assert_eq!(owned(&all), of_a.union(&of_b).cloned().collect());
    assert_eq!(owned(&swept(&stage, Some(A)).await), of_a);
    assert_eq!(owned(&swept(&stage, Some(B)).await), of_b);
    assert_eq!(swept(&stage, Some("01J0000000000000000000000C")).await, []);
    for one in &all {
        assert_eq!(one.recipe.as_deref(), Some("collector"), "{one:?}");
        assert_eq!(one.state, None, "{one:?}");
        let expires = "2031-01-01T00:00:00Z".parse().expect("a time");
        assert_eq!(one.expires, Some(expires), "{one:?}");
        // EC2 does not say when a group was made.
        let told = one.resource.kind != ResourceKind::SecurityGroup;
        assert_eq!(one.created.is_some_and(|at| at > before), told, "{one:?}");
    }
    for one in &supports {
        assert!(all.iter().any(|found| found.resource == *one), "{one:?}");
    }

    // One that ends is not listed: there is nothing to do about it.
    let builder = resource(A, ResourceKind::Builder, &first.0);
    stage.cloud.release(&builder).await.expect("it goes");
    let left = swept(&stage, Some(A)).await;
    assert!(left.iter().all(|one| one.resource != builder), "{left:?}");
    stage.until_state(&first, BuilderState::Terminated).await;
    stage.until_state(&second, BuilderState::Running).await;
}

#[tokio::test]
async fn parts_of_images_are_not_listed_and_published_ones_say_so() {
    let stage = Stage::new();
    let (ec2, cloud) = (&stage.ec2, &stage.cloud);
    let (builder, _) = launched(&stage, &owner(A)).await;
    let kept = captured(&stage, &owner(A), &builder, "published").await;
    cloud
        .set_state(&kept, PublicState::Published, "f1")
        .await
        .expect("published");
    let going = captured(&stage, &owner(A), &builder, "going").await;
    cloud
        .set_state(&going, PublicState::Publishing, "f1")
        .await
        .expect("publishing");
    let unfinished = captured(&stage, &owner(A), &builder, "captured").await;
    // Another image, which bears no tag, has a snapshot that does.
    let shared = captured(&stage, &owner(A), &builder, "shared").await;
    let snap_shared = snapshot(ec2, &shared.0).await;
    let disks = crate::account::described(ec2, &shared.0).await;
    let borrow = ec2.register_image().name("another tool's");
    let borrow = borrow
        .architecture("x86_64".into())
        .root_device_name("/dev/xvda");
    let borrow = borrow.set_block_device_mappings(disks.block_device_mappings);
    let borrowed = borrow.send().await.expect("an image").image_id;
    let image = resource(A, ResourceKind::Image, &shared.0);
    cloud
        .release(&image)
        .await
        .expect("gone, but for its snapshot");
    // A pending one does not show its snapshots at once; they are not loose.
    stage.world.set("delays", &json!({"image": 30}));
    let pending = cloud
        .capture(&crate::scene::capture(&owner(A), &builder, "pending"))
        .await;
    let pending = pending.expect("an image");

    let found = swept(&stage, Some(A)).await;
    let images: BTreeSet<_> = ids(&found)
        .into_iter()
        .filter(|(kind, _)| matches!(kind, ResourceKind::Image | ResourceKind::Snapshot))
        .collect();
    let expected = [&kept, &going, &unfinished, &pending];
    let expected = expected.map(|image| (ResourceKind::Image, image.0.as_str()));
    assert_eq!(images, BTreeSet::from(expected));
    assert_eq!(one(&found, &kept.0).state, Some(PublicState::Published));
    assert_eq!(one(&found, &kept.0).expires, None);
    assert_eq!(one(&found, &going.0).state, Some(PublicState::Publishing));
    assert_eq!(one(&found, &unfinished.0).state, None);

    // A part of another's image stays, and that is told.
    let part = resource(A, ResourceKind::Snapshot, &snap_shared);
    let refused = cloud.release(&part).await.expect_err("in use");
    assert_eq!(refused.kind, ErrorKind::Busy);
    let borrowed = borrowed.expect("an id");
    let deregister = ec2.deregister_image().image_id(&borrowed).send().await;
    deregister.expect("deregistered");
    // Now nobody has it.
    let found = swept(&stage, None).await;
    assert_eq!(
        one(&found, &snap_shared).resource.kind,
        ResourceKind::Snapshot
    );
    cloud.release(&part).await.expect("gone");
    cloud.release(&part).await.expect("gone already");
}

#[tokio::test]
async fn what_outlived_its_builder_is_found_and_goes() {
    let stage = Stage::new();
    let ec2 = &stage.ec2;
    let own = [("amint:build", A), ("amint:recipe", "collector")];
    let volume = ec2.create_volume().availability_zone("us-east-1a").size(1);
    let volume = volume.tag_specifications(tags(ResourceType::Volume, &own));
    let volume = volume.send().await.expect("a volume").volume_id;
    let volume = volume.expect("an id");
    let subnets = ec2.describe_subnets().send().await.expect("a list");
    let subnet = subnets.subnets()[0].subnet_id().expect("an id").to_owned();
    let interface = ec2.create_network_interface().subnet_id(subnet);
    let interface = interface.tag_specifications(tags(ResourceType::NetworkInterface, &own));
    let interface = interface.send().await.expect("an interface");
    let interface = interface.network_interface.expect("an interface");
    let interface = interface.network_interface_id.expect("an id");
    // Those of a builder go with it, and are not listed beside it.
    let (builder, _) = launched(&stage, &owner(B)).await;

    let found = swept(&stage, None).await;
    let builders: Vec<&str> = found
        .iter()
        .filter(|one| one.resource.kind == ResourceKind::Builder)
        .map(|one| one.resource.id.as_str())
        .collect();
    assert_eq!(builders, [&interface, &volume, &builder.0]);
    assert!(one(&found, &volume).created.is_some());
    for id in [&volume, &interface] {
        let left = resource(A, ResourceKind::Builder, id);
        stage.cloud.release(&left).await.expect("gone");
        stage.cloud.release(&left).await.expect("gone already");
    }
    assert_eq!(swept(&stage, Some(A)).await, []);
}

#[tokio::test]
async fn every_page_is_read() {
    let stage = Stage::new();
    let (builder, _) = launched(&stage, &owner(A)).await;
    captured(&stage, &owner(A), &builder, "one").await;
    captured(&stage, &owner(A), &builder, "two").await;
    launched(&stage, &owner(B)).await;
    let all = swept(&stage, None).await;
    assert_eq!(all.len(), 10, "{all:?}");
    stage.world.set("settings", &json!({"page": 1}));
    stage.world.set("calls", &json!({}));
    assert_eq!(swept(&stage, None).await, all);
    assert!(stage.count("ListRoles") > 1);
}

#[tokio::test]
async fn a_second_look_finds_what_the_first_one_came_too_early_for() {
    let stage = Stage::new();
    stage.world.set("lag", &json!({"seconds": 1}));
    let run = stage.ec2.run_instances().image_id(BASE);
    let run = run.instance_type("m7i.large".into());
    let run = run.min_count(1).max_count(1);
    let run = run.tag_specifications(tags(ResourceType::Instance, &[("amint:build", A)]));
    let run = run.send().await.expect("an instance");
    let id = run.instances()[0].instance_id().expect("an id").to_owned();
    assert_eq!(swept(&stage, None).await, []);
    until("it is to be seen", async || {
        let found = swept(&stage, None).await;
        found.iter().any(|one| one.resource.id == id)
    })
    .await;
}

#[tokio::test]
async fn a_builder_that_is_not_to_be_seen_yet_is_not_taken_for_gone() {
    let stage = Stage::new();
    let request = stage.supported(crate::stage::launch_request()).await;
    // Of what the clouds of these tests wait: a look's gap is 20 ms.
    stage.world.set("lag", &json!({"seconds": 0.1}));
    let mut builder = None;
    until("it is launched", async || {
        builder = stage.cloud.launch(&request, &|_| {}).await.ok();
        builder.is_some()
    })
    .await;
    let builder = builder.expect("launched");
    let going = resource(A, ResourceKind::Builder, &builder.0);
    stage.cloud.release(&going).await.expect("released");
    stage.until_state(&builder, BuilderState::Terminated).await;
    // One that never was is gone, after a while.
    let never = resource(A, ResourceKind::Builder, "i-00000000000000000");
    let start = Instant::now();
    stage.cloud.release(&never).await.expect("gone is fine");
    assert!(start.elapsed() >= Duration::from_millis(7 * 20));
}
