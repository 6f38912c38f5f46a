//! A process dies, and another one goes on: two clouds over one account.

use amint_cloud::{
    BuilderState, Cloud, CommandState, CopyRequest, ErrorKind, ImageId, OnPowerOff,
    RegisterRequest, Resource, ResourceKind, ScrubRequest, SupportRequest,
};
use amint_inspect::Extent;
use amint_inspect::scrub::Cleaning;
use serde_json::json;

use crate::account::{self, Account, BLOCK, quiet, spec};
use crate::scene::{A, ids, resource};
use crate::stage::{Stage, command, launch_request, machine, owner, placement, until};

/// What another process has: its cloud alone.
fn another(account: &Account) -> amint_aws::AwsCloud {
    let options = amint_aws::AwsOptions {
        pace: 0.02,
        ..amint_aws::AwsOptions::new("us-east-1")
    };
    amint_aws::AwsCloud::with_config(options, account.config.clone())
}

#[tokio::test]
async fn a_builder_is_taken_over_and_its_commands_go_on() {
    let stage = Stage::new();
    let builder = stage.connected().await;
    let script =
        "echo one >>/root/count; until [ -e /run/go ]; do sleep 0.05; done; cat /root/count";
    let running = command("running", script);
    let id = stage.cloud.start_command(&builder, &running).await;
    let id = id.expect("it starts");
    stage.run(&builder, "done", "echo earlier; exit 3").await;
    let sent = stage.count("SendCommand");

    let stage = Stage {
        cloud: stage.other_cloud(),
        ..stage
    };
    let state = stage.cloud.adopt(&builder).await.expect("it is there");
    assert_eq!(state, BuilderState::Running);
    // By its id, which a journal may have.
    let state = stage.cloud.command_state(&builder, &id).await;
    assert_eq!(state.expect("a state"), CommandState::Running);
    // By its token, which the journal has in any case.
    let found = stage.cloud.start_command(&builder, &running).await;
    assert_eq!(found.expect("found"), id);
    let done = command("done", "echo earlier; exit 3");
    let done = stage.cloud.start_command(&builder, &done).await;
    let done = done.expect("found");
    assert_eq!(stage.ended(&builder, &done).await, 3);
    assert_eq!(stage.printed(&builder, &done, 0).await, b"earlier\n");
    assert_eq!(stage.printed(&builder, &done, 4).await, b"ier\n");
    assert_eq!(stage.count("SendCommand"), sent);

    stage.run(&builder, "go", ": >/run/go").await;
    assert_eq!(stage.ended(&builder, &id).await, 0);
    assert_eq!(stage.printed(&builder, &id, 0).await, b"one\n");
    // Another one's token is another command, and one list tells about all of them.
    assert_eq!(stage.count("SendCommand"), sent + 1);
    assert_eq!(stage.count("ListCommands"), 2);
}

#[tokio::test]
async fn no_command_runs_twice_though_the_builder_forgot_it() {
    let stage = Stage::new();
    let builder = stage.connected().await;
    let request = command("once", "echo x >>/root/count; cat /root/count");
    stage.run(&builder, "once", &request.script).await;
    // What it keeps of commands is in memory.
    stage.cloud.reboot(&builder).await.expect("rebooting");
    let other = Stage {
        cloud: stage.other_cloud(),
        ..stage
    };
    let id = other.cloud.start_command(&builder, &request).await;
    let id = id.expect("found");
    assert_eq!(other.ended(&builder, &id).await, 0);
    assert_eq!(other.printed(&builder, &id, 0).await, b"x\n");
    assert_eq!(other.count("SendCommand"), 1);
}

#[tokio::test]
async fn a_command_whose_id_nobody_wrote_down_is_found() {
    let stage = Stage::new();
    let builder = stage.connected().await;
    let request = command("lost", "echo x >>/root/count; cat /root/count");
    stage.lose("SendCommand");
    let lost = stage.cloud.start_command(&builder, &request).await;
    assert_eq!(lost.expect_err("lost").kind, ErrorKind::AnswerLost);
    let other = Stage {
        cloud: stage.other_cloud(),
        ..stage
    };
    let id = other.cloud.start_command(&builder, &request).await;
    let id = id.expect("found");
    assert_eq!(other.ended(&builder, &id).await, 0);
    assert_eq!(other.printed(&builder, &id, 0).await, b"x\n");
}

#[tokio::test]
async fn what_a_launch_made_is_found_and_one_that_ended_is_gone() {
    let stage = Stage::new();
    let request = stage.supported(launch_request()).await;
    let first = stage.cloud.launch(&request, &|_| {}).await;
    let first = first.expect("launched");

    let other = stage.other_cloud();
    for support in &request.supports {
        let ask = SupportRequest {
            owner: owner(),
            machine: machine(),
            placement: placement(),
        };
        let made = other.create_support(support.kind, &ask).await;
        assert_eq!(made.expect("found"), support.id);
    }
    let again = other.launch(&request, &|_| {}).await;
    assert_eq!(again.expect("found"), first);
    stage.until_state(&first, BuilderState::Running).await;
    // Its time, or another one's wish, is over: it can't be had again under its token.
    let going = resource(A, ResourceKind::Builder, &first.0);
    other.release(&going).await.expect("it goes");
    stage.until_state(&first, BuilderState::Terminated).await;
    assert_eq!(
        other.adopt(&first).await.expect("a state"),
        BuilderState::Terminated
    );
    // While it shuts down, it is still the same one.
    let mut ended = None;
    until("it has ended", async || {
        match other.launch(&request, &|_| {}).await {
            Ok(id) => assert_eq!(id, first),
            Err(error) => ended = Some(error),
        }
        ended.is_some()
    })
    .await;
    let ended = ended.expect("an error");
    assert_eq!(ended.kind, ErrorKind::Gone, "{ended}");
    assert!(ended.hint.is_some());
    let never = amint_cloud::BuilderId("i-00000000000000000".to_owned());
    let never = other.adopt(&never).await.expect_err("unknown");
    assert_eq!(never.kind, ErrorKind::NotFound);
}

#[tokio::test]
async fn images_are_found_when_what_they_were_made_from_is_gone() {
    let account = Account::new();
    let other = another(&account);
    let builder = account.builder(&[(0, b"text")]).await;
    let request = account::capture(builder.clone(), "amint-build-1");
    let image = account.cloud.capture(&request).await.expect("an image");
    account.available(&account.ec2, &image.0).await;
    assert_eq!(other.capture(&request).await.expect("found"), image);
    let release = async |kind, id: &str| {
        let build = "build-1".to_owned();
        let id = id.to_owned();
        other.release(&Resource { build, kind, id }).await
    };
    release(ResourceKind::Builder, &builder.0)
        .await
        .expect("it goes");
    until("it is gone", async || {
        let state = other.builder_state(&builder).await;
        state.is_ok_and(|state| state == BuilderState::Terminated)
    })
    .await;
    assert_eq!(other.capture(&request).await.expect("found"), image);
    // One that was never made is still refused.
    let never = account::capture(builder, "never");
    let refused = other.capture(&never).await.expect_err("no builder");
    assert_eq!(refused.kind, ErrorKind::Busy, "{refused}");

    let source = account.legacy("source", &[(0, b"text")]).await;
    let register = RegisterRequest {
        owner: account::owner("build-1"),
        image: source.clone(),
        replaced: Vec::new(),
        spec: spec("sealed"),
    };
    // It died before it tagged the snapshots.
    let untagged =
        json!([{"action": "CreateTags", "kind": "drop-before", "occurrence": 1, "times": 1}]);
    account.world.set("faults", &untagged);
    let lost = account.cloud.register(&register).await;
    assert_eq!(lost.expect_err("lost").kind, ErrorKind::AnswerLost);
    release(ResourceKind::Image, &source.0)
        .await
        .expect("it goes");
    let sealed = other.register(&register).await.expect("found");
    assert_eq!(other.register(&register).await.expect("found"), sealed);
    let disk = crate::scene::snapshot(&account.ec2, &sealed.0).await;
    let shown = account.ec2.describe_snapshots().snapshot_ids(&disk);
    let shown = shown.send().await.expect("a list");
    let tags = shown.snapshots()[0].tags();
    let of = tags.iter().find(|tag| tag.key() == Some("amint:image"));
    assert_eq!(of.and_then(|tag| tag.value()), Some(sealed.0.as_str()));
    let missing = RegisterRequest {
        spec: spec("another"),
        ..register
    };
    let refused = other.register(&missing).await.expect_err("no source");
    assert_eq!(refused.kind, ErrorKind::NotFound);

    let mut copy = CopyRequest {
        owner: account::owner("build-1"),
        image: sealed,
        region: "eu-west-1".to_owned(),
        spec: spec("sealed"),
    };
    account.available(&account.ec2, &copy.image.0).await;
    let first = account.cloud.copy(&copy).await.expect("a copy");
    assert_eq!(other.copy(&copy).await.expect("found"), first);
    copy.owner.expires = "2030-06-01T00:00:00Z".parse().expect("a time");
    assert_eq!(other.copy(&copy).await.expect("found"), first);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_clean_copy_that_was_begun_is_completed() {
    let account = Account::new();
    let blocks: Vec<(u64, &[u8])> = (0..40).map(|index| (index, &b"secret"[..])).collect();
    let image = account.captured("half", &blocks).await;
    let mut request = ScrubRequest {
        owner: account::owner("build-1"),
        image: image.clone(),
        disk: "/dev/xvda".to_owned(),
        cleaning: Cleaning {
            free: vec![Extent {
                offset: 0,
                length: 30 * BLOCK,
            }],
            patches: Vec::new(),
        },
    };
    // It died when some blocks were written.
    let dies = json!([{
        "action": "PutSnapshotBlock", "kind": "error", "occurrence": 8, "times": 1000,
        "code": "AccessDeniedException", "message": "no", "status": 403,
    }]);
    account.world.set("faults", &dies);
    let died = account.cloud.scrub(&request, &quiet).await;
    assert!(died.is_err(), "{died:?}");
    account.world.set("faults", &json!([]));

    let other = another(&account);
    let snapshots = async || {
        let found = other.owned(Some("build-1")).await.expect("a list");
        let all = ids(&found);
        let all = all.iter().filter(|one| one.0 == ResourceKind::Snapshot);
        all.map(|(_, id)| (*id).to_owned()).collect::<Vec<_>>()
    };
    let begun = snapshots().await;
    assert_eq!(begun.len(), 1, "{begun:?}");
    // Whoever goes on may count the time anew.
    request.owner.expires = "2030-06-01T00:00:00Z".parse().expect("a time");
    let copy = other.scrub(&request, &quiet).await.expect("a copy");
    assert_eq!(copy.0, begun[0]);
    account.completed(&copy.0).await;
    assert_eq!(
        another(&account)
            .scrub(&request, &quiet)
            .await
            .expect("the same"),
        copy
    );
    assert_eq!(snapshots().await, begun);

    // Of another image of the build's it is no copy.
    let second = account.captured("second", &blocks).await;
    let of_second = ScrubRequest {
        image: second,
        ..request
    };
    let another_copy = other.scrub(&of_second, &quiet).await.expect("a copy");
    assert_ne!(another_copy, copy);
    account.completed(&another_copy.0).await;

    // And all of it is clean.
    let source = crate::account::described(&account.ec2, &image.0).await;
    let mut mappings = source.block_device_mappings.unwrap_or_default();
    let disk = mappings[0].ebs.take().unwrap_or_else(|| panic!("a disk"));
    let disk = aws_sdk_ec2::types::EbsBlockDevice::builder()
        .snapshot_id(&copy.0)
        .set_volume_size(disk.volume_size)
        .build();
    mappings[0].ebs = Some(disk);
    let registered = account.ec2.register_image().name("clean");
    let registered = registered
        .architecture("x86_64".into())
        .root_device_name("/dev/xvda")
        .set_block_device_mappings(Some(mappings));
    let registered = registered.send().await.expect("an image").image_id;
    let registered = ImageId(registered.expect("an id"));
    account.available(&account.ec2, &registered.0).await;
    let disks = other.disks(&registered).await.expect("disks");
    let source = disks[0].source.clone();
    let read = tokio::task::spawn_blocking(move || {
        let text = |index: u64| {
            let mut bytes = [0; 6];
            let read = source.read_at(index * BLOCK, &mut bytes);
            read.map(|()| bytes)
        };
        (0..40).map(text).collect::<Result<Vec<_>, _>>()
    });
    let read = read.await.expect("no panic").expect("readable");
    assert!(read[..30].iter().all(|bytes| *bytes == [0; 6]));
    assert!(read[30..].iter().all(|bytes| bytes == b"secret"));
}

#[tokio::test]
async fn a_builder_that_ends_itself_leaves_no_disk() {
    let stage = Stage::new();
    let builder = stage.connected().await;
    let other = stage.other_cloud();
    let set = other.set_on_power_off(&builder, OnPowerOff::Terminate);
    set.await.expect("read back");
    // Nobody is there any more but the builder itself.
    let off = command("off", "systemd-run --quiet poweroff -ff");
    other.start_command(&builder, &off).await.expect("sent");
    stage.until_state(&builder, BuilderState::Terminated).await;
    let volumes = stage.ec2.describe_volumes().send().await.expect("a list");
    assert!(volumes.volumes().is_empty(), "{volumes:?}");
    let found = other.owned(None).await.expect("a list");
    let builders = ids(&found);
    assert!(
        builders
            .iter()
            .all(|(kind, _)| *kind != ResourceKind::Builder)
    );
}
