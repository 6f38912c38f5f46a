//! The shapes of what builders start from and are.

use std::collections::BTreeMap;

use schemars::JsonSchema;

use super::aws;

/// What builders start from: `local`, `aws` or both.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
#[expect(dead_code, reason = "a shape, never a value")]
pub(super) struct Base {
    /// The base image of a local machine.
    #[schemars(extend("examples" = [{ "debian": "bookworm" }]))]
    local: Option<LocalBase>,
    /// The base image on AWS.
    #[schemars(extend("examples" = [{ "ssm-parameter": "/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-x86_64" }, { "owner": "amazon", "name": "al2023-ami-2023.*-x86_64" }]))]
    aws: Option<aws::AwsBase>,
}

/// A Debian release that amint makes, or a disk image with its digest.
#[derive(JsonSchema)]
#[schemars(untagged, deny_unknown_fields)]
#[expect(dead_code, reason = "a shape, never a value")]
pub(super) enum LocalBase {
    Debian {
        /// The release's code name, such as `bookworm`. A template.
        #[schemars(extend("examples" = ["bookworm"]))]
        debian: String,
    },
    Image {
        /// Path of a raw or qcow2 image that has a guest agent, relative to the recipe or absolute. A template.
        #[schemars(extend("examples" = ["base.qcow2"]))]
        image: String,
        /// The file's SHA-256, 64 hexadecimal digits. A template.
        #[schemars(extend("examples" = ["9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"]))]
        sha256: String,
    },
}

/// The machine that the build works in.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields, rename_all = "kebab-case")]
#[expect(dead_code, reason = "a shape, never a value")]
pub(super) struct Builder {
    /// Virtual CPUs of a local machine (default 2).
    #[schemars(range(min = 1, max = 64))]
    #[schemars(extend("examples" = [4], "default" = 2))]
    vcpus: Option<u32>,
    /// Memory of a local machine in MiB (default 1024).
    #[schemars(range(min = 256, max = 1048576))]
    #[schemars(extend("examples" = [2048], "default" = 1024))]
    memory: Option<u32>,
    /// Whether the builder reaches a network (default `user`).
    #[schemars(extend("examples" = ["none"], "default" = "user"))]
    network: Option<Network>,
    /// After this time the builder ends itself, such as `60m` or `1h30m` (default `60m`).
    #[schemars(extend("examples" = ["45m", "1h30m"], "default" = "60m"))]
    timeout: Option<String>,
    /// The AWS Region (default `us-east-1`). A template.
    #[schemars(extend("examples" = ["eu-west-1"], "default" = "us-east-1"))]
    region: Option<String>,
    /// EC2 instance types, the preferred one first (default m7i.large, m6i.large, m5.large). Templates.
    #[schemars(extend("examples" = [["m7i.large", "m6i.large"]], "default" = ["m7i.large", "m6i.large", "m5.large"]))]
    instance_types: Option<Vec<String>>,
    /// Subnets, tried in order for each type (default: those of the default VPC). Templates.
    #[schemars(extend("examples" = [["subnet-0123456789abcdef0"]]))]
    subnets: Option<Vec<String>>,
    /// Security groups (default: a temporary one without ingress). Templates.
    #[schemars(extend("examples" = [["sg-0123456789abcdef0"]]))]
    security_groups: Option<Vec<String>>,
    /// Name or ARN of the EC2 instance profile (default `amint-builder`). A template.
    #[schemars(extend("examples" = ["image-builder"], "default" = "amint-builder"))]
    instance_profile: Option<String>,
    /// An instance profile that is made for the build, instead of one that exists; `{}` is enough.
    #[schemars(extend("examples" = [{}, { "permissions-boundary": "arn:aws:iam::012345678901:policy/boundary" }]))]
    temporary_instance_profile: Option<aws::TemporaryInstanceProfile>,
    /// The root volume of an EC2 instance.
    #[schemars(extend("examples" = [{ "size": 16 }]))]
    root_volume: Option<aws::RootVolume>,
    /// Volumes of an EC2 instance besides its root volume; the image maps them all.
    #[schemars(extend("examples" = [[{ "device": "/dev/sdf", "size": 100 }]]))]
    volumes: Option<Vec<aws::DataVolume>>,
    /// Tags of everything temporary on AWS. Values are templates.
    #[schemars(extend("examples" = [{ "team": "images" }]))]
    tags: Option<BTreeMap<String, String>>,
    /// Only `false`: a Spot instance cannot be sealed.
    #[schemars(extend("const" = false))]
    #[schemars(extend("examples" = [false], "default" = false))]
    spot: Option<bool>,
    /// The SSM agent's package, for a base image that has no agent.
    #[schemars(extend("examples" = [{ "url": "https://example.com/amazon-ssm-agent.deb", "sha256": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08" }]))]
    ssm_agent: Option<aws::SsmAgent>,
    /// The S3 bucket for files above 1 MiB. A template.
    #[schemars(extend("examples" = ["my-bucket"]))]
    bucket: Option<String>,
    /// The CloudWatch log group for what steps print. A template.
    #[schemars(extend("examples" = ["/amint/builds"]))]
    log_group: Option<String>,
}

/// Whether the builder reaches a network.
#[derive(JsonSchema)]
#[schemars(rename_all = "kebab-case")]
#[expect(dead_code, reason = "a shape, never a value")]
pub(super) enum Network {
    /// Outwards, through this machine.
    User,
    /// Not at all.
    None,
}
