//! What a build owns, and that nothing of it stays.

use amint_cloud::{BuilderState, Cloud, ErrorKind, ImageId, ImageState, OnPowerOff, ResourceKind};
use aws_sdk_ec2::types::{ResourceType, Tag, TagSpecification};
use serde_json::json;

use crate::stage::{BUILD, Stage, command, resource, until};
use crate::world::World;

fn tagged(kinds: &[ResourceType]) -> Vec<TagSpecification> {
    let tag = Tag::builder().key("amint:build").value(BUILD).build();
    let tagged = |kind: &ResourceType| {
        let specification = TagSpecification::builder().resource_type(kind.clone());
        specification.tags(tag.clone()).build()
    };
    kinds.iter().map(tagged).collect()
}

async fn release_all(stage: &Stage) {
    let mut rounds = 0;
    loop {
        let mut left = stage.cloud.resources(BUILD).await.expect("a list");
        left.sort_by_key(|resource| resource.kind);
        if left.is_empty() {
            return;
        }
        rounds += 1;
        assert!(rounds < 100, "{left:?}");
        for resource in left {
            match stage.cloud.release(&resource).await {
                Ok(()) => {}
                Err(error) if error.kind == ErrorKind::Busy => {}
                Err(error) => panic!("{resource:?}: {error}"),
            }
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
}

#[tokio::test]
async fn a_build_leaves_nothing_behind() {
    let stage = Stage::new();
    let (builder, supports) = stage.launched().await;
    stage.until_state(&builder, BuilderState::Running).await;
    let found = stage.cloud.resources(BUILD).await.expect("a list");
    let mut kinds: Vec<_> = found.iter().map(|resource| resource.kind).collect();
    kinds.sort();
    assert_eq!(
        kinds,
        [
            ResourceKind::Builder,
            ResourceKind::InstanceProfile,
            ResourceKind::Role,
            ResourceKind::SecurityGroup,
        ]
    );
    for support in &supports {
        assert!(found.contains(support), "{support:?}");
    }
    assert!(
        stage
            .cloud
            .resources("another")
            .await
            .expect("a list")
            .is_empty()
    );
    release_all(&stage).await;
    // Gone already is released.
    for resource in &found {
        stage.cloud.release(resource).await.expect("gone is fine");
    }
    stage.until_state(&builder, BuilderState::Terminated).await;
}

#[tokio::test]
async fn a_stopped_builder_does_not_hold_its_group() {
    let stage = Stage::new();
    stage.world.set("delays", &json!({"term": 30}));
    let builder = stage.connected().await;
    let stop = stage.cloud.set_on_power_off(&builder, OnPowerOff::Stop);
    stop.await.expect("it will stop");
    let off = command("off", "systemd-run --quiet poweroff -ff");
    let sent = stage.cloud.start_command(&builder, &off).await;
    sent.expect("it is sent");
    stage.until_state(&builder, BuilderState::Stopped).await;
    let builder = resource(ResourceKind::Builder, &builder.0);
    stage.cloud.release(&builder).await.expect("it goes");
    let calls = stage.world.get("calls");
    let calls: Vec<_> = calls.as_array().into_iter().flatten().collect();
    let at = |action: &str, word: &str| {
        let call = |call: &&serde_json::Value| {
            call["action"] == action && call["params"].to_string().contains(word)
        };
        calls.iter().position(call).expect(action)
    };
    let (out, end) = (
        at("ModifyInstanceAttribute", "GroupId"),
        at("TerminateInstances", &builder.id),
    );
    assert!(out < end, "{out} {end}");
}

#[tokio::test]
async fn a_running_builder_holds_its_group_for_a_while() {
    let stage = Stage::new();
    stage.world.set("delays", &json!({"term": 2}));
    let (builder, supports) = stage.launched().await;
    stage.until_state(&builder, BuilderState::Running).await;
    let group = &supports[2];
    let busy = stage.cloud.release(group).await.expect_err("in use");
    assert_eq!(busy.kind, ErrorKind::Busy);
    let going = resource(ResourceKind::Builder, &builder.0);
    stage.cloud.release(&going).await.expect("it goes");
    until("the group can go", async || {
        stage.cloud.release(group).await.is_ok()
    })
    .await;
}

#[tokio::test]
async fn an_image_goes_with_its_snapshots() {
    let stage = Stage::new();
    stage.world.set("delays", &json!({"image": 3}));
    let (builder, _) = stage.launched().await;
    stage.until_state(&builder, BuilderState::Running).await;
    let made = stage
        .ec2
        .create_image()
        .instance_id(&builder.0)
        .name("sealed")
        .set_tag_specifications(Some(tagged(&[ResourceType::Image, ResourceType::Snapshot])))
        .send()
        .await
        .expect("an image");
    let image = ImageId(made.image_id.expect("an id"));
    let mut percents = Vec::new();
    until("the image is ready", async || {
        match stage.cloud.image_state(&image).await {
            Ok(ImageState::Pending { percent }) => percents.extend(percent),
            Ok(ImageState::Available) => return true,
            other => panic!("{other:?}"),
        }
        false
    })
    .await;
    assert!(
        percents.iter().any(|percent| (1..100).contains(percent)),
        "{percents:?}"
    );
    assert!(percents.is_sorted(), "{percents:?}");
    let found = stage.cloud.resources(BUILD).await.expect("a list");
    let images: Vec<_> = found
        .iter()
        .filter(|one| matches!(one.kind, ResourceKind::Image | ResourceKind::Snapshot))
        .collect();
    // Its snapshot goes with it, and is not listed beside it.
    assert_eq!(images, [&resource(ResourceKind::Image, &image.0)]);
    stage.lose("DeleteSnapshot");
    stage.cloud.release(images[0]).await.expect("released");
    let snapshots = stage
        .ec2
        .describe_snapshots()
        .owner_ids("self")
        .send()
        .await;
    let snapshots = snapshots.expect("a list").snapshots.unwrap_or_default();
    assert!(snapshots.is_empty(), "{snapshots:?}");
    stage.cloud.release(images[0]).await.expect("gone is fine");
    let state = stage.cloud.image_state(&image).await;
    assert_eq!(state.expect_err("gone").kind, ErrorKind::NotFound);
}

#[tokio::test]
async fn a_snapshot_goes_and_is_busy_while_an_image_uses_it() {
    let stage = Stage::new();
    let (builder, _) = stage.launched().await;
    stage.until_state(&builder, BuilderState::Running).await;
    let made = stage
        .ec2
        .create_image()
        .instance_id(&builder.0)
        .name("kept");
    let image = made
        .send()
        .await
        .expect("an image")
        .image_id
        .expect("an id");
    let snapshots = stage
        .ec2
        .describe_snapshots()
        .owner_ids("self")
        .send()
        .await;
    let snapshots = snapshots.expect("a list").snapshots.unwrap_or_default();
    let snapshot = snapshots[0].snapshot_id().expect("an id");
    let snapshot = resource(ResourceKind::Snapshot, snapshot);
    let busy = stage.cloud.release(&snapshot).await.expect_err("in use");
    assert_eq!(busy.kind, ErrorKind::Busy, "{busy}");
    // In a region that the id names.
    let image = resource(ResourceKind::Image, &format!("{image}@us-east-1"));
    stage.cloud.release(&image).await.expect("released");
    stage.cloud.release(&snapshot).await.expect("gone is fine");
}

#[tokio::test]
async fn what_plain_moto_supports_works_there_too() {
    let stage = Stage::of(World::plain());
    let (builder, supports) = stage.launched().await;
    stage.until_state(&builder, BuilderState::Running).await;
    // It takes the change and forgets it: what is not read back is not in force.
    let set = stage
        .cloud
        .set_on_power_off(&builder, OnPowerOff::Stop)
        .await;
    assert_eq!(set.expect_err("forgotten").kind, ErrorKind::Busy);
    assert!(
        !stage
            .cloud
            .console(&builder)
            .await
            .expect("a console")
            .is_empty()
    );
    let found = stage.cloud.resources(BUILD).await.expect("a list");
    assert_eq!(found.len(), 1 + supports.len());
    let swept = stage.cloud.owned(Some(BUILD)).await.expect("a list");
    let swept: Vec<_> = swept.into_iter().map(|one| one.resource).collect();
    assert_eq!(swept.len(), found.len(), "{swept:?}");
    assert!(swept.iter().all(|one| found.contains(one)), "{swept:?}");
    release_all(&stage).await;
    stage.until_state(&builder, BuilderState::Terminated).await;
}
