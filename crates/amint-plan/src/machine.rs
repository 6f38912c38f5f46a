//! The machine that a build works in.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// The builder.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Builder {
    /// When the builder ends itself, in seconds from its start.
    pub timeout_seconds: u64,
    /// What it is.
    pub machine: Machine,
}

/// What a builder is.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
#[expect(clippy::large_enum_variant, reason = "a plan has one of them")]
pub enum Machine {
    /// A QEMU machine on this computer.
    Local(LocalMachine),
    /// An EC2 instance.
    Aws(AwsMachine),
}

/// A QEMU machine.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct LocalMachine {
    /// Virtual CPUs.
    pub vcpus: u32,
    /// Memory, MiB.
    pub memory_mib: u32,
    /// Whether it reaches a network.
    pub network: bool,
}

/// An EC2 instance.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct AwsMachine {
    /// The Region.
    pub region: String,
    /// Instance types, the preferred one first; at least one.
    pub instance_types: Vec<String>,
    /// Subnets, tried in order within each type; empty: those of the default VPC, one a zone.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub subnets: Vec<String>,
    /// Security groups; empty: a temporary one without ingress.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub security_groups: Vec<String>,
    /// What the instance may do.
    pub instance_profile: InstanceProfile,
    /// Its root volume.
    pub root_volume: Volume,
    /// Volumes besides the root volume; the image maps them all.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub volumes: Vec<DataVolume>,
    /// The user's tags of everything temporary.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub tags: BTreeMap<String, String>,
    /// The SSM agent, where the base image has none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub agent: Option<AgentPackage>,
    /// The S3 bucket for files that SSM cannot carry.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bucket: Option<String>,
    /// The CloudWatch log group for what steps print.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub log_group: Option<String>,
}

/// The instance profile of a builder.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum InstanceProfile {
    /// One that exists, by its name or ARN.
    Named(String),
    /// One that is made for the build and deleted with it.
    #[serde(rename_all = "kebab-case")]
    Temporary {
        /// ARN of the policy that bounds its role.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        permissions_boundary: Option<String>,
    },
}

/// A root volume.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Volume {
    /// GiB; the base image's size when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub size_gib: Option<u32>,
    /// EC2's word for its type; `gp3` when absent. A resolved plan always names it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
    /// I/O operations a second; EC2's default when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub iops: Option<u32>,
    /// MiB a second; EC2's default when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub throughput: Option<u32>,
}

/// An empty volume besides the root volume.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct DataVolume {
    /// The device's name, such as `/dev/sdf`; unique in the plan.
    pub device: String,
    /// GiB.
    pub size_gib: u32,
    /// EC2's word for its type; `gp3` when absent. A resolved plan always names it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
    /// I/O operations a second; EC2's default when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub iops: Option<u32>,
    /// MiB a second; EC2's default when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub throughput: Option<u32>,
}

/// A package of the SSM agent, installed before the first step.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct AgentPackage {
    /// Where it is fetched from, over HTTPS; its name ends in `.deb` or `.rpm`.
    pub url: String,
    /// SHA-256 of the package (hex).
    pub sha256: String,
    /// Whether the seal removes it again.
    pub remove: bool,
}
