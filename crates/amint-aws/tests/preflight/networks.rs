//! Subnets, their ways out, and security groups.

use amint_cloud::{Cloud, InstanceSpec, Machine};

use crate::support::*;
use crate::world::World;

#[tokio::test]
async fn networks_have_a_way_out() {
    let world = World::start();
    make_profile(&world).await;
    let cloud = cloud(&world);
    let ec2 = ec2(&world);
    let vpc = ec2
        .create_vpc()
        .cidr_block("10.1.0.0/16")
        .send()
        .await
        .expect("a VPC");
    let vpc = vpc.vpc().and_then(|vpc| vpc.vpc_id()).expect("an id");
    let subnet = ec2.create_subnet().vpc_id(vpc).cidr_block("10.1.1.0/24");
    let subnet = subnet
        .availability_zone("us-east-1a")
        .send()
        .await
        .expect("a subnet");
    let subnet = subnet
        .subnet()
        .and_then(|subnet| subnet.subnet_id())
        .expect("an id");
    let mut request = request(
        AL2023,
        InstanceSpec {
            subnets: vec![subnet.to_owned()],
            ..spec(&["m7i.large"])
        },
    );
    let preflight = cloud.preflight(&request).await.expect("a preflight");
    assert_problems(
        &preflight,
        &["has no default route, and its VPC no endpoint for ssm and ssmmessages"],
    );
    assert!(preflight.placements.is_empty());

    for service in ["ssm", "ssmmessages"] {
        ec2.create_vpc_endpoint()
            .vpc_id(vpc)
            .vpc_endpoint_type(aws_sdk_ec2::types::VpcEndpointType::Interface)
            .service_name(format!("com.amazonaws.us-east-1.{service}"))
            .subnet_ids(subnet)
            .private_dns_enabled(true)
            .send()
            .await
            .expect("an endpoint");
    }
    let preflight = cloud.preflight(&request).await.expect("a preflight");
    assert_problems(&preflight, &[]);
    assert_eq!(preflight.placements.len(), 1);
    assert_eq!(preflight.placements[0].subnet.as_deref(), Some(subnet));

    // Groups of another network don't fit.
    let groups = ec2.describe_security_groups().send().await.expect("groups");
    let mut groups = groups.security_groups().iter();
    let other = groups
        .find(|group| group.vpc_id() != Some(vpc))
        .expect("the default VPC's");
    let Machine::Instance(machine) = &mut request.machine else {
        unreachable!("it was made as an instance");
    };
    machine.security_groups = vec![other.group_id().expect("an id").to_owned()];
    let preflight = cloud.preflight(&request).await.expect("a preflight");
    assert_problems(&preflight, &["the builder's subnet in"]);

    // Without a default network, a subnet has to be named.
    let mut elsewhere = request.clone();
    elsewhere.machine = Machine::Instance(Box::new(spec(&["m7i.large"])));
    let subnets = ec2.describe_subnets().send().await.expect("subnets");
    let own = subnets
        .subnets()
        .iter()
        .filter(|one| one.default_for_az() == Some(true));
    for one in own {
        let gone = ec2.delete_subnet().set_subnet_id(one.subnet_id.clone());
        gone.send().await.expect("a subnet is deleted");
    }
    let preflight = cloud.preflight(&elsewhere).await.expect("a preflight");
    assert_problems(&preflight, &["has no default subnet"]);
}
