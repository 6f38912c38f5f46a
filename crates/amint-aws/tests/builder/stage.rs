//! What every test needs: a cloud, a build on it, and waits that end.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use amint_aws::{AwsCloud, AwsOptions};
use amint_cloud::{
    BaseImage, BuilderId, BuilderState, Cloud, CloudError, CommandId, CommandRequest, CommandState,
    InstanceProfile, InstanceSpec, LaunchRequest, Machine, Owner, Placement, Resource,
    ResourceKind, SupportRequest,
};
use aws_config::SdkConfig;
use aws_sdk_ec2::config::{BehaviorVersion, Credentials, Region, SharedCredentialsProvider};

use crate::world::World;

pub(crate) const BUILD: &str = "01J0000000000000000000000A";
pub(crate) const BASE: &str = "ami-0ed094fb1304fd857";
pub(crate) const ARM: &str = "ami-0d6fc8f787cd9a417";

/// A world, a cloud in it, and one build.
pub(crate) struct Stage {
    pub(crate) world: World,
    pub(crate) cloud: AwsCloud,
    pub(crate) ec2: aws_sdk_ec2::Client,
    pub(crate) iam: aws_sdk_iam::Client,
}

impl Stage {
    pub(crate) fn new() -> Self {
        Self::of(World::start())
    }

    pub(crate) fn of(world: World) -> Self {
        let config = config(&world);
        Self {
            cloud: cloud(&config),
            ec2: aws_sdk_ec2::Client::new(&config),
            iam: aws_sdk_iam::Client::new(&config),
            world,
        }
    }

    /// Another process's cloud in the same world.
    pub(crate) fn other_cloud(&self) -> AwsCloud {
        cloud(&config(&self.world))
    }

    /// Makes all supports, and launches.
    pub(crate) async fn launched(&self) -> (BuilderId, Vec<Resource>) {
        let request = self.supported(launch_request()).await;
        let id = self.cloud.launch(&request, &|_| {}).await;
        (id.expect("a builder"), request.supports)
    }

    /// The request with the supports that were made for it.
    pub(crate) async fn supported(&self, mut request: LaunchRequest) -> LaunchRequest {
        for kind in [
            ResourceKind::Role,
            ResourceKind::InstanceProfile,
            ResourceKind::SecurityGroup,
        ] {
            let made = self.support(kind).await.expect("a support");
            request.supports.push(resource(kind, &made));
        }
        request
    }

    pub(crate) async fn support(&self, kind: ResourceKind) -> Result<String, CloudError> {
        let request = SupportRequest {
            owner: owner(),
            machine: machine(),
            placement: placement(),
        };
        self.cloud.create_support(kind, &request).await
    }

    /// A builder whose agent is there.
    pub(crate) async fn connected(&self) -> BuilderId {
        let (builder, _) = self.launched().await;
        until("its agent comes", async || {
            self.cloud.agent_online(&builder).await.expect("no error")
        })
        .await;
        builder
    }

    pub(crate) async fn until_state(&self, builder: &BuilderId, wanted: BuilderState) {
        until("it gets into its state", async || {
            let state = self.cloud.builder_state(builder).await;
            state.is_ok_and(|state| state == wanted)
        })
        .await;
    }

    /// Runs a command to its end; its exit code, and all that it printed.
    pub(crate) async fn run(
        &self,
        builder: &BuilderId,
        token: &str,
        script: &str,
    ) -> (i32, Vec<u8>) {
        let request = command(token, script);
        let id = self.cloud.start_command(builder, &request).await;
        let id = id.expect("it starts");
        let code = self.ended(builder, &id).await;
        (code, self.printed(builder, &id, 0).await)
    }

    pub(crate) async fn ended(&self, builder: &BuilderId, id: &CommandId) -> i32 {
        let mut code = None;
        let ended = &mut code;
        let start = Instant::now();
        while ended.is_none() {
            assert!(start.elapsed() < Duration::from_secs(60), "it hangs");
            tokio::time::sleep(Duration::from_millis(30)).await;
            match self.cloud.command_state(builder, id).await {
                Ok(CommandState::Finished { exit_code }) => *ended = Some(exit_code),
                Ok(CommandState::Running) => {}
                Err(error) => panic!("{error}"),
            }
        }
        code.unwrap_or_default()
    }

    pub(crate) async fn printed(&self, builder: &BuilderId, id: &CommandId, from: u64) -> Vec<u8> {
        let mut bytes = Vec::new();
        loop {
            let offset = from + bytes.len() as u64;
            let output = self.cloud.command_output(builder, id, offset).await;
            let output = output.expect("its output");
            bytes.extend(output.bytes);
            if !output.more {
                return bytes;
            }
        }
    }

    /// How often an action was called.
    pub(crate) fn count(&self, action: &str) -> usize {
        let calls = self.world.calls();
        calls.iter().filter(|call| *call == action).count()
    }

    /// The next call of `action` has its effect, and its answer is lost.
    pub(crate) fn lose(&self, action: &str) {
        let fault = serde_json::json!([
            {"action": action, "kind": "drop-after", "occurrence": 1, "times": 1}
        ]);
        self.world.set("faults", &fault);
    }
}

pub(crate) fn config(world: &World) -> SdkConfig {
    let credentials = Credentials::new("testing", "testing", None, None, "test");
    SdkConfig::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new("us-east-1"))
        .endpoint_url(&world.endpoint)
        .credentials_provider(SharedCredentialsProvider::new(credentials))
        .build()
}

fn cloud(config: &SdkConfig) -> AwsCloud {
    let options = AwsOptions {
        pace: 0.02,
        ..AwsOptions::new("us-east-1")
    };
    AwsCloud::with_config(options, config.clone())
}

pub(crate) async fn until(what: &str, mut condition: impl AsyncFnMut() -> bool) {
    let start = Instant::now();
    while !condition().await {
        assert!(start.elapsed() < Duration::from_secs(60), "{what}: never");
        tokio::time::sleep(Duration::from_millis(30)).await;
    }
}

pub(crate) fn owner() -> Owner {
    Owner {
        build: BUILD.to_owned(),
        recipe: "collector".to_owned(),
        image: "demo".to_owned(),
        expires: "2031-01-01T00:00:00Z".parse().expect("a time"),
        tags: BTreeMap::from([("team".to_owned(), "images".to_owned())]),
    }
}

pub(crate) fn placement() -> Placement {
    Placement {
        instance_type: Some("m7i.large".to_owned()),
        subnet: None,
        zone: Some("us-east-1a".to_owned()),
    }
}

pub(crate) fn spec() -> InstanceSpec {
    InstanceSpec {
        instance_types: vec!["m7i.large".to_owned()],
        profile: InstanceProfile::Temporary {
            permissions_boundary: None,
        },
        user_data: Some("#!/bin/sh\n:\n".to_owned()),
        ..InstanceSpec::default()
    }
}

pub(crate) fn machine() -> Machine {
    Machine::Instance(Box::new(spec()))
}

pub(crate) fn launch_request() -> LaunchRequest {
    LaunchRequest {
        owner: owner(),
        attempt: 1,
        base: BaseImage::new(BASE, "al2023"),
        machine: machine(),
        placement: placement(),
        supports: Vec::new(),
    }
}

pub(crate) fn command(token: &str, script: &str) -> CommandRequest {
    CommandRequest {
        build: BUILD.to_owned(),
        token: token.to_owned(),
        script: script.to_owned(),
        timeout: Duration::from_secs(60),
    }
}

pub(crate) fn resource(kind: ResourceKind, id: &str) -> Resource {
    Resource {
        build: BUILD.to_owned(),
        kind,
        id: id.to_owned(),
    }
}
