//! What a recipe says about builders on AWS.

use std::collections::BTreeMap;

/// The Region that a recipe builds in when it names none: AWS Marketplace takes images from there (rule MP-ARCH-001).
pub const DEFAULT_REGION: &str = "us-east-1";

/// The instance profile of a recipe that names none.
pub const DEFAULT_INSTANCE_PROFILE: &str = "amint-builder";

/// A builder on EC2.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct AwsBuilder {
    /// The Region.
    pub region: String,
    /// EC2 instance types, the preferred one first; empty: the default ones.
    pub instance_types: Vec<String>,
    /// Subnets, tried in order; empty: those of the default VPC.
    pub subnets: Vec<String>,
    /// Security groups; empty: a temporary one without ingress.
    pub security_groups: Vec<String>,
    /// What it may do.
    pub instance_profile: InstanceProfile,
    /// Its root volume.
    pub root_volume: Volume,
    /// Volumes besides the root volume.
    pub volumes: Vec<DataVolume>,
    /// Tags of everything temporary.
    pub tags: BTreeMap<String, String>,
    /// The SSM agent, where the base image has none.
    pub agent: Option<AgentPackage>,
    /// The S3 bucket for files that SSM cannot carry.
    pub bucket: Option<String>,
    /// The log group for what steps print.
    pub log_group: Option<String>,
}

/// The instance profile of a builder.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum InstanceProfile {
    /// One that exists, by its name or ARN.
    Named(String),
    /// One that is made for the build.
    Temporary {
        /// ARN of the policy that bounds its role.
        permissions_boundary: Option<String>,
    },
}

/// What can be chosen about a root volume.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Volume {
    /// GiB; the base image's size when absent.
    pub size_gib: Option<u32>,
    /// Its type.
    pub kind: VolumeKind,
    /// I/O operations a second.
    pub iops: Option<u32>,
    /// MiB a second.
    pub throughput: Option<u32>,
}

/// An empty volume besides the root volume.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct DataVolume {
    /// The device's name, such as `/dev/sdf`.
    pub device: String,
    /// GiB.
    pub size_gib: u32,
    /// Its type.
    pub kind: VolumeKind,
    /// I/O operations a second.
    pub iops: Option<u32>,
    /// MiB a second.
    pub throughput: Option<u32>,
}

/// A type of EBS volume.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum VolumeKind {
    /// General purpose SSD, third generation.
    #[default]
    Gp3,
    /// General purpose SSD, second generation.
    Gp2,
    /// Provisioned IOPS SSD, first generation.
    Io1,
    /// Provisioned IOPS SSD, second generation.
    Io2,
    /// Throughput optimised HDD; cannot be a root volume.
    St1,
    /// Cold HDD; cannot be a root volume.
    Sc1,
}

impl VolumeKind {
    /// EC2's word for it.
    pub fn name(self) -> &'static str {
        match self {
            VolumeKind::Gp3 => "gp3",
            VolumeKind::Gp2 => "gp2",
            VolumeKind::Io1 => "io1",
            VolumeKind::Io2 => "io2",
            VolumeKind::St1 => "st1",
            VolumeKind::Sc1 => "sc1",
        }
    }
}

/// A package of the SSM agent.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct AgentPackage {
    /// Where it is fetched from, over HTTPS; its name ends in `.deb` or `.rpm`.
    pub url: String,
    /// SHA-256, 64 small hexadecimal digits.
    pub sha256: String,
    /// Whether the seal removes it again.
    pub remove: bool,
}
