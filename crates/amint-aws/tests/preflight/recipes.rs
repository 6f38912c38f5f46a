//! Whole recipes: good ones, and one with everything wrong.

use std::time::Duration;

use amint_cloud::{
    Cloud, ErrorKind, InstanceProfile, InstanceSpec, Machine, PublishSpec, ResourceKind, Sharing,
    VirtualMachine, VolumeSpec,
};
use serde_json::json;

use crate::support::*;
use crate::world::World;

#[tokio::test]
async fn a_good_recipe_has_no_problem() {
    let world = World::start();
    make_profile(&world).await;
    let cloud = cloud(&world);
    let who = cloud.identity().await.expect("somebody");
    assert!(who.starts_with("123456789012 (arn:aws:"), "{who}");

    let request = request(AL2023, spec(&["m7i.large", "m5.large"]));
    let preflight = cloud.preflight(&request).await.expect("a preflight");
    assert_problems(&preflight, &[]);
    assert_eq!(preflight.supports, [ResourceKind::SecurityGroup]);
    let types: Vec<&str> = preflight
        .placements
        .iter()
        .filter_map(|placement| placement.instance_type.as_deref())
        .collect();
    let first = types.iter().filter(|&&name| name == "m7i.large").count();
    assert!(first > 1 && types.len() > first, "{types:?}");
    assert!(
        types[..first].iter().all(|&name| name == "m7i.large"),
        "{types:?}"
    );
    assert!(
        preflight
            .placements
            .iter()
            .all(|placement| placement.subnet.is_some())
    );
    let zones: Vec<_> = preflight.placements[..first]
        .iter()
        .map(|one| one.zone.clone())
        .collect();
    assert!(zones.is_sorted(), "{zones:?}");

    // Nothing was made: whatever creates was a dry run.
    let made = world.calls();
    let made: Vec<_> = made
        .iter()
        .filter(|action| action.starts_with("Create") && *action != "CreateSecurityGroup")
        .collect();
    assert_eq!(made, ["CreateRole", "CreateInstanceProfile"]);
    let groups = ec2(&world)
        .describe_security_groups()
        .send()
        .await
        .expect("groups");
    let mut names = groups
        .security_groups()
        .iter()
        .filter_map(|group| group.group_name());
    assert!(names.all(|name| name == "default"));
    let instances = ec2(&world)
        .describe_instances()
        .send()
        .await
        .expect("instances");
    assert!(instances.reservations().is_empty());

    let mut temporary = request.clone();
    temporary.machine = Machine::Instance(Box::new(InstanceSpec {
        profile: InstanceProfile::default(),
        ..spec(&["m7i.large"])
    }));
    let preflight = cloud.preflight(&temporary).await.expect("a preflight");
    assert_problems(&preflight, &[]);
    let expected = [
        ResourceKind::Role,
        ResourceKind::InstanceProfile,
        ResourceKind::SecurityGroup,
    ];
    assert_eq!(preflight.supports, expected);

    let mut local = request.clone();
    local.machine = Machine::Virtual(VirtualMachine {
        vcpus: 1,
        memory_mib: 512,
        network: true,
    });
    let error = cloud
        .preflight(&local)
        .await
        .expect_err("no virtual machines");
    assert_eq!(error.kind, ErrorKind::Unfit);
}

#[tokio::test]
async fn all_problems_come_at_once() {
    let world = World::start();
    let ec2 = ec2(&world);
    let taken = ec2.register_image().name("collector-2.3.1-01jtest");
    let snapshot = snapshot(&ec2).await;
    let taken = taken
        .root_device_name("/dev/xvda")
        .block_device_mappings(snapshot);
    taken.send().await.expect("the name is taken");
    world.set(
        "settings",
        &json!({ "ebs_encryption": true, "image_block_public_access": "unblocked" }),
    );

    let mut request = request(
        APPLIANCE,
        InstanceSpec {
            subnets: vec!["subnet-0123456789abcdef0".to_owned()],
            security_groups: vec!["sg-0123456789abcdef0".to_owned()],
            root_volume: VolumeSpec {
                size_gib: Some(1),
                ..VolumeSpec::default()
            },
            ..spec(&["m7g.large", "x9.huge"])
        },
    );
    request.publish = PublishSpec {
        copy_to: ["eu-west-1", "atlantis", "xx-nowhere-1"]
            .map(str::to_owned)
            .to_vec(),
        sharing: Sharing {
            accounts: vec!["1234".to_owned()],
            ..Sharing::default()
        },
        ..PublishSpec::default()
    };
    let preflight = cloud(&world)
        .preflight(&request)
        .await
        .expect("a preflight");
    assert_problems(
        &preflight,
        &[
            "`atlantis` is not the name of an AWS region",
            "AWS does not know the region `xx-nowhere-1`",
            "EBS encryption by default is on in us-east-1",
            "EBS encryption by default is on in eu-west-1",
            "`1234` is not an account number",
            "the image name `collector-2.3.1-01jtest` is taken by ami-",
            "bears the product code 8cv0example0marketplace0",
            "a root volume of 1 GiB is too small",
            "there is no subnet subnet-0123456789abcdef0 in us-east-1",
            "there is no instance profile `amint-builder`",
            "there is no security group sg-0123456789abcdef0",
            "the instance type m7g.large does not run the base image",
        ],
    );
    assert!(preflight.placements.is_empty());
    assert_eq!(preflight.supports, []);
    assert_eq!(problem(&preflight, "is taken by").kind, ErrorKind::Conflict);
    assert_eq!(
        problem(&preflight, "no instance profile").kind,
        ErrorKind::NotFound
    );
    let arm = problem(&preflight, "m7g.large");
    assert_eq!(arm.kind, ErrorKind::Unfit);
    assert!(
        arm.message.ends_with("it is arm64, the image x86_64"),
        "{arm}"
    );
    assert!(
        arm.hint
            .as_deref()
            .is_some_and(|hint| hint.contains("m7i.large"))
    );
    assert!(
        preflight
            .warnings
            .iter()
            .any(|one| one.contains("block public access"))
    );
}

async fn snapshot(ec2: &aws_sdk_ec2::Client) -> aws_sdk_ec2::types::BlockDeviceMapping {
    let volume = ec2.create_volume().availability_zone("us-east-1a").size(1);
    let volume = volume.send().await.expect("a volume");
    let snapshot = ec2
        .create_snapshot()
        .volume_id(volume.volume_id().expect("an id"));
    let snapshot = snapshot.send().await.expect("a snapshot");
    tokio::time::sleep(Duration::from_millis(500)).await;
    let ebs = aws_sdk_ec2::types::EbsBlockDevice::builder()
        .set_snapshot_id(snapshot.snapshot_id)
        .build();
    aws_sdk_ec2::types::BlockDeviceMapping::builder()
        .device_name("/dev/xvda")
        .ebs(ebs)
        .build()
}

/// What moto lacks stays unchecked; a default VPC of moto's has no way out.
#[tokio::test]
async fn plain_moto_will_do() {
    let world = World::plain();
    make_profile(&world).await;
    let ec2 = ec2(&world);
    let tables = ec2
        .describe_route_tables()
        .send()
        .await
        .expect("route tables");
    let table = tables.route_tables().first().expect("the main one");
    let gateway = ec2
        .create_internet_gateway()
        .send()
        .await
        .expect("a gateway");
    let gateway = gateway
        .internet_gateway()
        .and_then(|one| one.internet_gateway_id())
        .expect("an id");
    let attach = ec2.attach_internet_gateway().internet_gateway_id(gateway);
    attach
        .set_vpc_id(table.vpc_id.clone())
        .send()
        .await
        .expect("attached");
    ec2.create_route()
        .set_route_table_id(table.route_table_id.clone())
        .destination_cidr_block("0.0.0.0/0")
        .gateway_id(gateway)
        .send()
        .await
        .expect("a route");
    let request = request(AL2023, spec(&["m5.large"]));
    let preflight = cloud(&world)
        .preflight(&request)
        .await
        .expect("a preflight");
    assert_problems(&preflight, &[]);
    assert!(!preflight.placements.is_empty());
    assert!(
        preflight
            .unchecked
            .iter()
            .any(|one| one.contains("ssm:SendCommand"))
    );
}
