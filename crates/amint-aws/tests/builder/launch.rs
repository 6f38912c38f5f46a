//! What is launched, and what is refused.

use amint_cloud::{
    Cloud, DataVolume, ErrorKind, InstanceProfile, LaunchRequest, Machine, OnPowerOff,
    ResourceKind, VirtualMachine, VolumeSpec,
};
use aws_sdk_ec2::types::{HttpTokensState, Instance, ShutdownBehavior};
use serde_json::json;

use crate::stage::{ARM, BUILD, Stage, launch_request, spec};

async fn instance(stage: &Stage, id: &str) -> Instance {
    let answer = stage.ec2.describe_instances().instance_ids(id).send().await;
    let reservations = answer.expect("it is there").reservations;
    let mut instances = reservations.into_iter().flatten();
    let instances = instances.find_map(|one| one.instances);
    instances.into_iter().flatten().next().expect("an instance")
}

fn tag<'a>(tags: &'a [aws_sdk_ec2::types::Tag], key: &str) -> Option<&'a str> {
    tags.iter().find(|tag| tag.key() == Some(key))?.value()
}

#[tokio::test]
async fn a_builder_is_as_it_was_asked_for() {
    let stage = Stage::new();
    let mut spec = spec();
    spec.root_volume = VolumeSpec {
        size_gib: Some(12),
        iops: Some(4000),
        ..VolumeSpec::default()
    };
    spec.volumes = vec![DataVolume {
        device: "/dev/sdf".to_owned(),
        volume: VolumeSpec {
            size_gib: Some(3),
            kind: Some("gp2".to_owned()),
            ..VolumeSpec::default()
        },
    }];
    let mut request = launch_request();
    request.machine = Machine::Instance(Box::new(spec));
    let request = stage.supported(request).await;
    let builder = stage
        .cloud
        .launch(&request, &|_| {})
        .await
        .expect("launched");
    let one = instance(&stage, &builder.0).await;
    let metadata = one.metadata_options().expect("options");
    assert_eq!(metadata.http_tokens(), Some(&HttpTokensState::Required));
    assert_eq!(tag(one.tags(), "amint:build"), Some(BUILD));
    assert_eq!(tag(one.tags(), "amint:attempt"), Some("1"));
    assert_eq!(tag(one.tags(), "amint:state"), Some("building"));
    assert_eq!(tag(one.tags(), "team"), Some("images"));
    assert!(tag(one.tags(), "amint:expires").is_some());
    assert!(one.key_name().is_none());
    let profile = one.iam_instance_profile().and_then(|profile| profile.arn());
    assert!(
        profile.is_some_and(|arn| arn.contains("/amint/")),
        "{profile:?}"
    );
    let group = one.security_groups().first().expect("a group");
    assert_eq!(group.group_id(), Some(request.supports[2].id.as_str()));
    let behavior = stage.ec2.describe_instance_attribute();
    let behavior = behavior.instance_id(&builder.0);
    let name = aws_sdk_ec2::types::InstanceAttributeName::InstanceInitiatedShutdownBehavior;
    let behavior = behavior.attribute(name).send().await.expect("an answer");
    let value = behavior
        .instance_initiated_shutdown_behavior()
        .and_then(|b| b.value());
    assert_eq!(value, Some(ShutdownBehavior::Terminate.as_str()));
    let filter = aws_sdk_ec2::types::Filter::builder()
        .name("attachment.instance-id")
        .values(&builder.0);
    let volumes = stage.ec2.describe_volumes().filters(filter.build());
    let volumes = volumes.send().await.expect("volumes").volumes;
    let mut volumes = volumes.unwrap_or_default();
    volumes.sort_by_key(|volume| volume.size());
    let kinds: Vec<_> = volumes
        .iter()
        .map(|volume| {
            (
                volume.size(),
                volume.volume_type().map(|kind| kind.as_str()),
            )
        })
        .collect();
    assert_eq!(kinds, [(Some(3), Some("gp2")), (Some(12), Some("gp3"))]);
    for volume in &volumes {
        assert_eq!(tag(volume.tags(), "amint:build"), Some(BUILD));
        let attached = volume.attachments().first().expect("attached");
        assert_eq!(attached.delete_on_termination(), Some(true));
    }
}

/// The dead man's switch: from its first moment on, and whoever died, a builder's end takes its disks along.
#[tokio::test]
async fn a_builder_can_end_itself_from_the_launch_on() {
    let stage = Stage::new();
    let mut spec = spec();
    let off = "#!/bin/sh\nshutdown -P +60\n";
    spec.user_data = Some(off.to_owned());
    let volume = |device: &str| DataVolume {
        device: device.to_owned(),
        volume: VolumeSpec {
            size_gib: Some(1),
            ..VolumeSpec::default()
        },
    };
    spec.volumes = ["/dev/sdf", "/dev/sdg"].map(volume).to_vec();
    let mut request = launch_request();
    request.machine = Machine::Instance(Box::new(spec));
    let request = stage.supported(request).await;
    let launched = stage.cloud.launch(&request, &|_| {}).await;
    launched.expect("launched");
    let calls = stage.world.get("calls");
    let calls: Vec<_> = calls.as_array().into_iter().flatten().collect();
    let launches = calls.iter().filter(|call| call["action"] == "RunInstances");
    let [launch] = launches.collect::<Vec<_>>()[..] else {
        panic!("one launch: {calls:?}");
    };
    let params = launch["params"].as_object().expect("parameters");
    assert_eq!(params["InstanceInitiatedShutdownBehavior"], "terminate");
    let part = |suffix: &str| {
        let keys = params.iter().filter(|(key, _)| key.ends_with(suffix));
        keys.map(|(_, value)| value.as_str().unwrap_or_default())
            .collect::<Vec<_>>()
    };
    let mut devices = part(".DeviceName");
    devices.sort_unstable();
    assert_eq!(devices, ["/dev/sdf", "/dev/sdg", "/dev/xvda"]);
    assert_eq!(part(".DeleteOnTermination"), ["true"; 3]);
    let given = params["UserData"].as_str().expect("user data");
    assert_eq!(given, "IyEvYmluL3NoCnNodXRkb3duIC1QICs2MAo=");
    // Nothing but the call itself makes it so.
    assert_eq!(stage.count("ModifyInstanceAttribute"), 0);
}

#[tokio::test]
async fn the_group_lets_nobody_in_and_everything_is_tagged() {
    let stage = Stage::new();
    let group = stage
        .support(ResourceKind::SecurityGroup)
        .await
        .expect("a group");
    let answer = stage.ec2.describe_security_groups().group_ids(&group);
    let answer = answer.send().await.expect("it is there");
    let group = answer.security_groups().first().expect("a group");
    assert!(group.ip_permissions().is_empty());
    assert!(!group.ip_permissions_egress().is_empty());
    assert_eq!(tag(group.tags(), "amint:build"), Some(BUILD));
    assert_eq!(tag(group.tags(), "team"), Some("images"));
    let role = stage.support(ResourceKind::Role).await.expect("a role");
    let role = stage
        .iam
        .get_role()
        .role_name(role)
        .send()
        .await
        .expect("it is there");
    let role = role.role().expect("a role");
    assert_eq!(role.path(), "/amint/");
    assert!(
        role.tags()
            .iter()
            .any(|tag| tag.key() == "amint:build" && tag.value() == BUILD)
    );
}

#[tokio::test]
async fn the_same_attempt_is_the_same_builder_whatever_was_lost() {
    let stage = Stage::new();
    let mut request = launch_request();
    for (kind, actions) in [
        (ResourceKind::Role, &["CreateRole", "PutRolePolicy"][..]),
        (
            ResourceKind::InstanceProfile,
            &["CreateInstanceProfile", "AddRoleToInstanceProfile"],
        ),
        (ResourceKind::SecurityGroup, &["CreateSecurityGroup"]),
    ] {
        for action in actions {
            stage.lose(action);
            let error = stage.support(kind).await.expect_err("its answer is lost");
            assert_eq!(error.kind, ErrorKind::AnswerLost, "{action}: {error}");
        }
        let id = stage.support(kind).await.expect("found again");
        assert_eq!(stage.support(kind).await.expect("found again"), id);
        request.supports.push(crate::stage::resource(kind, &id));
    }
    stage.lose("RunInstances");
    let launch = async |request: &LaunchRequest| stage.cloud.launch(request, &|_| {}).await;
    let error = launch(&request).await.expect_err("its answer is lost");
    assert_eq!(error.kind, ErrorKind::AnswerLost);
    let first = launch(&request).await.expect("found again");
    let again = launch(&request).await.expect("found again");
    assert_eq!(first, again);
    let all = stage.ec2.describe_instances().send().await.expect("a list");
    assert_eq!(
        all.reservations()
            .iter()
            .flat_map(|one| one.instances())
            .count(),
        1
    );
    // The same token for something else.
    request.placement.instance_type = Some("m5.large".to_owned());
    let error = launch(&request).await.expect_err("a mismatch");
    assert_eq!(error.kind, ErrorKind::Conflict);
    request.attempt = 2;
    assert_ne!(launch(&request).await.expect("another builder"), first);
}

#[tokio::test]
async fn what_somebody_else_made_is_a_conflict() {
    let stage = Stage::new();
    let name = format!("amint-{BUILD}");
    let role = stage.iam.create_role().role_name(&name);
    let role = role.assume_role_policy_document("{}").send().await;
    role.expect("a role of somebody else's");
    let profile = stage.iam.create_instance_profile();
    let profile = profile.instance_profile_name(&name).send().await;
    profile.expect("a profile of somebody else's");
    let vpcs = stage.ec2.describe_vpcs().send().await.expect("a list");
    let vpc = vpcs.vpcs().first().and_then(|vpc| vpc.vpc_id());
    let group = stage.ec2.create_security_group().group_name(&name);
    let group = group.description("x").set_vpc_id(vpc.map(str::to_owned));
    group.send().await.expect("a group of somebody else's");
    for kind in [
        ResourceKind::Role,
        ResourceKind::InstanceProfile,
        ResourceKind::SecurityGroup,
    ] {
        let error = stage.support(kind).await.expect_err("taken");
        assert_eq!(error.kind, ErrorKind::Conflict, "{error}");
        assert!(error.hint.is_some());
    }
}

#[tokio::test]
async fn each_refusal_says_what_it_is_about() {
    let stage = Stage::new();
    let good = stage.supported(launch_request()).await;
    let refusal = async |change: &dyn Fn(&mut LaunchRequest)| {
        let mut request = good.clone();
        change(&mut request);
        let error = stage.cloud.launch(&request, &|_| {}).await;
        error.expect_err("refused")
    };
    let error = refusal(&|request| request.base.id = ARM.to_owned()).await;
    assert_eq!(error.kind, ErrorKind::Unfit, "{error}");
    assert!(error.hint.is_some_and(|hint| hint.contains("m7g.large")));

    let error = refusal(&|request| request.base.id = "ami-00000000000000000".to_owned()).await;
    assert_eq!(error.kind, ErrorKind::NotFound, "{error}");

    let error = refusal(&|request| {
        let mut spec = spec();
        spec.profile = InstanceProfile::Named("nobody".to_owned());
        request.machine = Machine::Instance(Box::new(spec));
    })
    .await;
    assert_eq!(error.kind, ErrorKind::NotFound, "{error}");
    assert!(error.hint.is_some_and(|hint| hint.contains("nobody")));

    let error = refusal(&|request| {
        request.machine = Machine::Virtual(VirtualMachine {
            vcpus: 1,
            memory_mib: 512,
            network: false,
        });
    })
    .await;
    assert_eq!(error.kind, ErrorKind::Unfit);

    let error = refusal(&|request| request.placement.instance_type = None).await;
    assert_eq!(error.kind, ErrorKind::Unfit);

    let error = refusal(&|request| request.supports.clear()).await;
    assert!(error.message.contains("security group"), "{error}");
}

#[tokio::test]
async fn faults_have_their_kinds() {
    let stage = Stage::new();
    let request = stage.supported(launch_request()).await;
    let error = |code: &str, message: &str| {
        json!({"action": "RunInstances", "kind": "error", "occurrence": 1, "times": 1,
               "code": code, "message": message, "status": 400})
    };
    let denied = ErrorKind::Denied {
        action: Some("ec2:RunInstances".to_owned()),
    };
    let profile = "Value (x) for parameter iamInstanceProfile.name is invalid. Invalid IAM Instance Profile name";
    for (fault, kind) in [
        (
            error("InsufficientInstanceCapacity", "none left"),
            ErrorKind::NoCapacity,
        ),
        (error("VcpuLimitExceeded", "too many"), ErrorKind::Quota),
        (error("UnauthorizedOperation", "no"), denied),
        (error("RequestExpired", "late"), ErrorKind::Credentials),
        (error("InvalidParameterValue", profile), ErrorKind::NotFound),
        (
            error("InvalidBlockDeviceMapping", "smaller than snapshot"),
            ErrorKind::Unfit,
        ),
        (
            json!({"action": "RunInstances", "kind": "throttle", "occurrence": 1, "times": 1}),
            ErrorKind::Throttled,
        ),
        (
            json!({"action": "RunInstances", "kind": "error500", "occurrence": 1, "times": 1}),
            ErrorKind::AnswerLost,
        ),
    ] {
        stage.world.set("faults", &json!([fault]));
        let error = stage.cloud.launch(&request, &|_| {}).await;
        let error = error.expect_err("a fault");
        assert_eq!(error.kind, kind, "{error}");
    }
}

#[tokio::test]
async fn a_power_off_means_what_was_read_back() {
    let stage = Stage::new();
    let (builder, _) = stage.launched().await;
    let set = async |action| stage.cloud.set_on_power_off(&builder, action).await;
    set(OnPowerOff::Stop).await.expect("set");
    set(OnPowerOff::Terminate).await.expect("set");
    assert_eq!(stage.count("DescribeInstanceAttribute"), 2);
    let access = stage.cloud.access(&builder).await.expect("a way in");
    assert_eq!(access.lines().count(), 2);
    assert!(access.contains(&builder.0), "{access}");
    stage
        .world
        .set("console", &json!({"text": "login: \u{e9}\n"}));
    let console = stage.cloud.console(&builder).await.expect("a console");
    assert_eq!(console, "login: \u{e9}\n");
}
