//! The shapes of what a recipe says about AWS.

use schemars::JsonSchema;

/// One way to find a base image on AWS.
#[derive(JsonSchema)]
#[schemars(untagged, deny_unknown_fields, rename_all_fields = "kebab-case")]
#[expect(dead_code, reason = "a shape, never a value")]
pub(super) enum AwsBase {
    Parameter {
        /// A public SSM parameter that holds an image id. A template.
        #[schemars(
            example = "/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-x86_64"
        )]
        ssm_parameter: String,
    },
    Id {
        /// An image id. A template.
        #[schemars(extend("examples" = ["ami-0123456789abcdef0"]))]
        id: String,
    },
    Newest {
        /// Account id or alias of the owner. A template.
        #[schemars(extend("examples" = ["amazon"]))]
        owner: String,
        /// The image's name, with `*` for any text; the newest match is taken. A template.
        #[schemars(extend("examples" = ["al2023-ami-2023.*-x86_64"]))]
        name: String,
    },
}

/// An instance profile that is made for one build.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields, rename_all = "kebab-case")]
#[expect(dead_code, reason = "a shape, never a value")]
pub(super) struct TemporaryInstanceProfile {
    /// ARN of the policy that bounds its role. A template.
    #[schemars(extend("examples" = ["arn:aws:iam::012345678901:policy/boundary"]))]
    permissions_boundary: Option<String>,
}

/// The root volume.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
#[expect(dead_code, reason = "a shape, never a value")]
pub(super) struct RootVolume {
    /// GiB (default: the base image's size).
    #[schemars(range(min = 1, max = 65536))]
    #[schemars(extend("examples" = [16]))]
    size: Option<u32>,
    /// Its type (default `gp3`).
    #[schemars(extend("examples" = ["gp3"], "default" = "gp3"))]
    r#type: Option<RootVolumeType>,
    /// I/O operations a second; io1 and io2 need them, gp3 has 3000 by default.
    #[schemars(range(min = 100, max = 256000))]
    #[schemars(extend("examples" = [4000]))]
    iops: Option<u32>,
    /// MiB a second, for gp3 (default 125).
    #[schemars(range(min = 125, max = 2000))]
    #[schemars(extend("examples" = [250]))]
    throughput: Option<u32>,
    /// Only `false`: AWS Marketplace refuses encrypted snapshots.
    #[schemars(extend("const" = false))]
    #[schemars(extend("examples" = [false], "default" = false))]
    encrypted: Option<bool>,
}

/// A volume besides the root volume.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
#[expect(dead_code, reason = "a shape, never a value")]
pub(super) struct DataVolume {
    /// The device's name, /dev/sdf to /dev/sdp or /dev/xvdb to /dev/xvdz. A template.
    #[schemars(extend("examples" = ["/dev/sdf"]))]
    device: String,
    /// GiB.
    #[schemars(range(min = 1, max = 65536))]
    #[schemars(extend("examples" = [100]))]
    size: u32,
    /// Its type (default `gp3`).
    #[schemars(extend("examples" = ["gp3"], "default" = "gp3"))]
    r#type: Option<VolumeType>,
    /// I/O operations a second; io1 and io2 need them, gp3 has 3000 by default.
    #[schemars(range(min = 100, max = 256000))]
    #[schemars(extend("examples" = [4000]))]
    iops: Option<u32>,
    /// MiB a second, for gp3 (default 125).
    #[schemars(range(min = 125, max = 2000))]
    #[schemars(extend("examples" = [250]))]
    throughput: Option<u32>,
    /// Only `false`: AWS Marketplace refuses encrypted snapshots.
    #[schemars(extend("const" = false))]
    #[schemars(extend("examples" = [false], "default" = false))]
    encrypted: Option<bool>,
}

/// A type of EBS volume that an instance can boot from.
#[derive(JsonSchema)]
#[schemars(rename_all = "lowercase")]
#[expect(dead_code, reason = "a shape, never a value")]
pub(super) enum RootVolumeType {
    Gp3,
    Gp2,
    Io1,
    Io2,
}

/// A type of EBS volume.
#[derive(JsonSchema)]
#[schemars(rename_all = "lowercase")]
#[expect(dead_code, reason = "a shape, never a value")]
pub(super) enum VolumeType {
    Gp3,
    Gp2,
    Io1,
    Io2,
    St1,
    Sc1,
}

/// The SSM agent, for a base image that has none.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
#[expect(dead_code, reason = "a shape, never a value")]
pub(super) struct SsmAgent {
    /// Where its package is, over HTTPS; ends in `.deb` or `.rpm`. A template.
    #[schemars(extend("examples" = ["https://example.com/agent/amazon-ssm-agent.deb"]))]
    url: String,
    /// The package's SHA-256, 64 hexadecimal digits. A template.
    #[schemars(extend("examples" = ["9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"]))]
    sha256: String,
    /// Whether the seal removes it again (default false).
    #[schemars(extend("examples" = [true], "default" = false))]
    remove: Option<bool>,
}

/// Who may launch the image. Never everybody.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields, rename_all = "kebab-case")]
#[expect(dead_code, reason = "a shape, never a value")]
pub(super) struct ShareWith {
    /// Account numbers, 12 digits in quotes. Templates.
    #[schemars(extend("examples" = [["012345678901"]]))]
    accounts: Option<Vec<String>>,
    /// ARNs of organizations. Templates.
    #[schemars(extend("examples" = [["arn:aws:organizations::012345678901:organization/o-0123456789"]]))]
    organizations: Option<Vec<String>>,
    /// ARNs of organizational units. Templates.
    #[schemars(extend("examples" = [["arn:aws:organizations::012345678901:ou/o-0123456789/ou-0123-01234567"]]))]
    organizational_units: Option<Vec<String>>,
}
