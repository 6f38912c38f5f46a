//! Why an agent does not come.

use amint_cloud::{BuilderId, Cloud};
use aws_sdk_ec2::types::InstanceType;
use serde_json::json;

use crate::stage::{BASE, Stage};

#[tokio::test]
async fn without_a_profile_there_are_no_credentials() {
    let stage = Stage::new();
    let made = stage
        .ec2
        .run_instances()
        .image_id(BASE)
        .instance_type(InstanceType::from("m7i.large"))
        .min_count(1)
        .max_count(1);
    let made = made.send().await.expect("an instance");
    let id = made.instances()[0].instance_id().expect("an id");
    let builder = BuilderId(id.to_owned());
    let reason = stage.cloud.why_silent(&builder).await.expect("an answer");
    assert!(reason.is_some_and(|reason| reason.contains("no instance profile")));
}

#[tokio::test]
async fn the_console_of_the_first_boot_is_read() {
    let stage = Stage::new();
    stage.world.set("agent", &json!({"silent": true}));
    let (builder, _) = stage.launched().await;
    let why = async || {
        let reason = stage.cloud.why_silent(&builder).await;
        reason.expect("an answer").expect("a reason")
    };
    let reason = why().await;
    assert!(reason.contains("no SSM agent ever registered"), "{reason}");
    let line = "amint: cannot install the SSM agent: dpkg is locked\n";
    stage.world.set("console", &json!({"text": line}));
    let reason = why().await;
    assert!(reason.contains("dpkg is locked"), "{reason}");
    assert!(reason.contains("builder.ssm-agent"), "{reason}");
}

#[tokio::test]
async fn a_network_without_a_way_out_is_named() {
    let stage = Stage::new();
    stage.world.set("agent", &json!({"silent": true}));
    let vpc = stage
        .ec2
        .create_vpc()
        .cidr_block("10.9.0.0/16")
        .send()
        .await;
    let vpc = vpc.expect("a network").vpc.and_then(|vpc| vpc.vpc_id);
    let vpc = vpc.expect("an id");
    // Not every zone has every type.
    let subnet = stage.ec2.create_subnet().vpc_id(&vpc);
    let subnet = subnet.availability_zone("us-east-1a");
    let subnet = subnet.cidr_block("10.9.1.0/24").send().await;
    let subnet = subnet
        .expect("a subnet")
        .subnet
        .and_then(|one| one.subnet_id);
    let subnet = subnet.expect("an id");
    let mut request = crate::stage::launch_request();
    request.placement.subnet = Some(subnet.clone());
    let group = stage.ec2.create_security_group().group_name("g");
    let group = group.description("g").vpc_id(&vpc).send().await;
    let group = group.expect("a group").group_id.expect("an id");
    let mut spec = crate::stage::spec();
    spec.security_groups = vec![group];
    request.machine = amint_cloud::Machine::Instance(Box::new(spec));
    let request = stage.supported(request).await;
    let builder = stage
        .cloud
        .launch(&request, &|_| {})
        .await
        .expect("launched");
    let reason = stage.cloud.why_silent(&builder).await.expect("an answer");
    let reason = reason.expect("a reason");
    assert!(reason.contains(&subnet), "{reason}");
    assert!(reason.contains("endpoints"), "{reason}");
}

#[tokio::test]
async fn what_may_not_be_looked_at_is_passed_over() {
    let stage = Stage::new();
    stage.world.set("agent", &json!({"silent": true}));
    let (builder, _) = stage.launched().await;
    let denied = json!({"actions": ["ec2:DescribeRouteTables", "ec2:GetConsoleOutput", "ssm:*"]});
    stage.world.set("deny", &denied);
    let reason = stage.cloud.why_silent(&builder).await.expect("an answer");
    assert!(reason.is_some());
}
