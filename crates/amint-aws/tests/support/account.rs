//! An account on a server: clients of it, and a builder whose disk is known.

use std::collections::BTreeMap;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use amint_aws::{AwsCloud, AwsOptions};
use amint_cloud::{BuilderId, CaptureRequest, Cloud, ImageId, ImageSpec, Owner};
use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use serde_json::json;

use crate::world::World;

pub(crate) const BLOCK: u64 = 512 * 1024;
/// Amazon Linux in `fixtures/aws/images.json`.
pub(crate) const BASE: &str = "ami-0ed094fb1304fd857";

pub(crate) struct Account {
    pub(crate) world: World,
    pub(crate) cloud: AwsCloud,
    pub(crate) config: SdkConfig,
    pub(crate) ec2: aws_sdk_ec2::Client,
    folder: tempfile::TempDir,
}

impl Account {
    pub(crate) fn new() -> Self {
        Self::on(World::start())
    }

    pub(crate) fn on(world: World) -> Self {
        let keys = Credentials::new("testing", "testing", None, None, "test");
        let config = SdkConfig::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::new("us-east-1"))
            .endpoint_url(&world.endpoint)
            .credentials_provider(SharedCredentialsProvider::new(keys))
            .build();
        let options = AwsOptions {
            pace: 0.02,
            bucket: Some("files".to_owned()),
            ..AwsOptions::new("us-east-1")
        };
        Self {
            cloud: AwsCloud::with_config(options, config.clone()),
            ec2: aws_sdk_ec2::Client::new(&config),
            config,
            folder: tempfile::tempdir().expect("a temporary folder"),
            world,
        }
    }

    pub(crate) fn ec2_in(&self, region: &'static str) -> aws_sdk_ec2::Client {
        let config = aws_sdk_ec2::config::Builder::from(&self.config).region(Region::new(region));
        aws_sdk_ec2::Client::from_conf(config.build())
    }

    pub(crate) fn file(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// A stopped builder whose disk has 8 GiB, and this at the start of these blocks.
    pub(crate) async fn builder(&self, blocks: &[(u64, &[u8])]) -> BuilderId {
        let path = self.file("disk");
        write_disk(&path, blocks);
        let launched = self
            .ec2
            .run_instances()
            .image_id(BASE)
            .instance_type("m7i.large".into())
            .min_count(1)
            .max_count(1)
            .send()
            .await
            .expect("an instance");
        let id = launched.instances()[0]
            .instance_id()
            .expect("its id")
            .to_owned();
        self.instance_becomes(&id, "running").await;
        let stop = self.ec2.stop_instances().instance_ids(&id);
        stop.send().await.expect("it is stopped");
        self.instance_becomes(&id, "stopped").await;
        self.world.set("disk", &json!({ "path": path }));
        BuilderId(id)
    }

    async fn instance_becomes(&self, id: &str, wanted: &str) {
        for _ in 0..200 {
            let request = self.ec2.describe_instances().instance_ids(id);
            let answer = request.send().await.expect("an answer");
            let state = answer.reservations()[0].instances()[0].state();
            let name = state.and_then(|state| state.name());
            if name.is_some_and(|name| name.as_str() == wanted) {
                return;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        panic!("{id} does not become {wanted}");
    }

    /// An image of such a builder, available.
    pub(crate) async fn captured(&self, name: &str, blocks: &[(u64, &[u8])]) -> ImageId {
        let request = capture(self.builder(blocks).await, name);
        let image = self.cloud.capture(&request).await.expect("an image");
        self.available(&self.ec2, &image.0).await;
        image
    }

    /// The same without UEFI, which the server knows no data of.
    pub(crate) async fn legacy(&self, name: &str, blocks: &[(u64, &[u8])]) -> ImageId {
        let image = self.captured(&format!("{name}-uefi"), blocks).await;
        let source = described(&self.ec2, &image.0).await;
        let registered = self
            .ec2
            .register_image()
            .name(name)
            .architecture("x86_64".into())
            .boot_mode("legacy-bios".into())
            .ena_support(true)
            .virtualization_type("hvm")
            .set_root_device_name(source.root_device_name.clone())
            .set_block_device_mappings(source.block_device_mappings.clone())
            .send()
            .await
            .expect("an image");
        let id = registered.image_id.expect("its id");
        self.available(&self.ec2, &id).await;
        ImageId(id)
    }

    pub(crate) async fn available(&self, ec2: &aws_sdk_ec2::Client, id: &str) {
        for _ in 0..200 {
            let image = described(ec2, id).await;
            if image
                .state()
                .is_some_and(|state| state.as_str() == "available")
            {
                return;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        panic!("{id} does not become available");
    }

    pub(crate) async fn completed(&self, snapshot: &str) {
        for _ in 0..200 {
            let request = self.ec2.describe_snapshots().snapshot_ids(snapshot);
            let answer = request.send().await.expect("an answer");
            let state = answer.snapshots()[0].state();
            if state.is_some_and(|state| state.as_str() == "completed") {
                return;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        panic!("{snapshot} does not become complete");
    }
}

pub(crate) async fn described(ec2: &aws_sdk_ec2::Client, id: &str) -> aws_sdk_ec2::types::Image {
    let request = ec2.describe_images().image_ids(id);
    let answer = request.send().await.expect("an answer");
    answer.images()[0].clone()
}

pub(crate) fn owner(build: &str) -> Owner {
    Owner {
        build: build.to_owned(),
        recipe: "collector".to_owned(),
        image: "demo".to_owned(),
        expires: "2030-01-01T00:00:00Z".parse().expect("a time"),
        tags: BTreeMap::new(),
    }
}

pub(crate) fn spec(name: &str) -> ImageSpec {
    ImageSpec {
        name: name.to_owned(),
        description: "a collector".to_owned(),
        tags: BTreeMap::from([("team".to_owned(), "blue".to_owned())]),
        imds_v2: true,
    }
}

pub(crate) fn capture(builder: BuilderId, name: &str) -> CaptureRequest {
    CaptureRequest {
        owner: owner("build-1"),
        builder,
        image: spec(name),
    }
}

pub(crate) fn quiet(_: &str) {}

fn write_disk(path: &Path, blocks: &[(u64, &[u8])]) {
    let file = std::fs::File::create(path).expect("a file");
    file.set_len(8 << 30).expect("a sparse one");
    for (index, text) in blocks {
        let mut bytes = vec![b'.'; BLOCK as usize];
        bytes[..text.len()].copy_from_slice(text);
        file.write_all_at(&bytes, index * BLOCK).expect("written");
    }
}
