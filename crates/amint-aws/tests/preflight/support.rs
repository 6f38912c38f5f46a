//! A recipe's request, and how what came of it is looked at.

use std::collections::BTreeMap;
use std::time::Duration;

use amint_aws::{AwsCloud, AwsOptions};
use amint_cloud::{
    BaseImage, CloudError, ImageSpec, InstanceProfile, InstanceSpec, Machine, Owner, Preflight,
    PreflightRequest, PublishSpec,
};
use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_sdk_ec2::config::{Credentials, SharedCredentialsProvider};

use crate::world::World;

pub(crate) const AL2023: &str = "ami-0ed094fb1304fd857";
pub(crate) const AL2023_ARM: &str = "ami-0d6fc8f787cd9a417";
pub(crate) const DEBIAN_OLD: &str = "ami-0a1b2c3d4e5f60004";
pub(crate) const APPLIANCE: &str = "ami-0a1b2c3d4e5f60005";

pub(crate) fn config(world: &World, credentials: Credentials) -> SdkConfig {
    SdkConfig::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new("us-east-1"))
        .endpoint_url(&world.endpoint)
        .credentials_provider(SharedCredentialsProvider::new(credentials))
        .build()
}

pub(crate) fn keys() -> Credentials {
    Credentials::new("testing", "testing", None, None, "test")
}

pub(crate) fn options(region: &str) -> AwsOptions {
    AwsOptions {
        pace: 0.02,
        ..AwsOptions::new(region)
    }
}

pub(crate) fn cloud(world: &World) -> AwsCloud {
    AwsCloud::with_config(options("us-east-1"), config(world, keys()))
}

pub(crate) fn ec2(world: &World) -> aws_sdk_ec2::Client {
    aws_sdk_ec2::Client::new(&config(world, keys()))
}

pub(crate) fn request(base: &str, spec: InstanceSpec) -> PreflightRequest {
    PreflightRequest {
        owner: Owner {
            build: "01jtest".to_owned(),
            recipe: "collector".to_owned(),
            image: "demo".to_owned(),
            expires: "2030-01-01T00:00:00Z".parse().expect("a time"),
            tags: BTreeMap::new(),
        },
        base: Some(BaseImage::new(base, base)),
        machine: Machine::Instance(Box::new(spec)),
        image: ImageSpec {
            name: "collector-2.3.1-01jtest".to_owned(),
            ..ImageSpec::default()
        },
        publish: PublishSpec::default(),
        timeout: Duration::from_secs(3600),
    }
}

pub(crate) fn spec(types: &[&str]) -> InstanceSpec {
    InstanceSpec {
        instance_types: types.iter().map(|&name| name.to_owned()).collect(),
        profile: InstanceProfile::Named("amint-builder".to_owned()),
        ..InstanceSpec::default()
    }
}

pub(crate) async fn make_profile(world: &World) {
    let iam = aws_sdk_iam::Client::new(&config(world, keys()));
    iam.create_role()
        .role_name("builder-role")
        .assume_role_policy_document("{}")
        .send()
        .await
        .expect("a role");
    let profile = iam
        .create_instance_profile()
        .instance_profile_name("amint-builder");
    profile.send().await.expect("a profile");
    iam.add_role_to_instance_profile()
        .instance_profile_name("amint-builder")
        .role_name("builder-role")
        .send()
        .await
        .expect("the role is in the profile");
}

pub(crate) fn problems(preflight: &Preflight) -> Vec<&str> {
    let problems = preflight.problems.iter();
    problems.map(|problem| problem.message.as_str()).collect()
}

/// Each message that is expected is there, and no other.
#[track_caller]
pub(crate) fn assert_problems(preflight: &Preflight, expected: &[&str]) {
    let problems = problems(preflight);
    for part in expected {
        assert!(
            problems.iter().any(|one| one.contains(part)),
            "{part}: {problems:#?}"
        );
    }
    assert_eq!(problems.len(), expected.len(), "{problems:#?}");
    for problem in &preflight.problems {
        assert!(problem.hint.is_some(), "no way out of: {problem}");
    }
}

pub(crate) fn problem<'a>(preflight: &'a Preflight, part: &str) -> &'a CloudError {
    let mut problems = preflight.problems.iter();
    problems
        .find(|problem| problem.message.contains(part))
        .expect(part)
}
