//! What is launched, and where it is in its life.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{BaseImage, Resource};

/// The machine that a builder is.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Machine {
    /// A virtual machine on this computer.
    Virtual(VirtualMachine),
    /// An instance that a provider runs.
    Instance(Box<InstanceSpec>),
}

/// A virtual machine on this computer.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct VirtualMachine {
    /// Virtual CPUs.
    pub vcpus: u32,
    /// Memory in MiB.
    pub memory_mib: u32,
    /// Whether the builder reaches a network.
    pub network: bool,
}

/// An instance that a provider runs.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
pub struct InstanceSpec {
    /// Instance types, the preferred one first.
    pub instance_types: Vec<String>,
    /// Subnets, the preferred one first; the default network's when empty.
    pub subnets: Vec<String>,
    /// Security groups; a temporary one without ingress when empty.
    pub security_groups: Vec<String>,
    /// What the builder may do.
    pub profile: InstanceProfile,
    /// The disk that becomes the image.
    pub root_volume: VolumeSpec,
    /// Further disks, part of the image too.
    pub volumes: Vec<DataVolume>,
    /// A script that the first boot runs.
    pub user_data: Option<String>,
}

/// What an instance may do.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum InstanceProfile {
    /// What the instance profile of this name or ARN allows.
    Named(String),
    /// Just enough for a builder, by a role that is made for it and removed afterwards.
    Temporary {
        /// ARN of a policy that the role never exceeds.
        permissions_boundary: Option<String>,
    },
}

impl Default for InstanceProfile {
    fn default() -> Self {
        InstanceProfile::Temporary {
            permissions_boundary: None,
        }
    }
}

/// How a disk differs from the base image's.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
pub struct VolumeSpec {
    /// GiB; the base image's when absent.
    pub size_gib: Option<u32>,
    /// Such as `gp3`.
    pub kind: Option<String>,
    /// Provisioned operations a second.
    pub iops: Option<u32>,
    /// Provisioned MiB a second.
    pub throughput: Option<u32>,
}

/// A further disk.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct DataVolume {
    /// Its device name, such as `/dev/sdf`.
    pub device: String,
    /// What it is like; its size is given.
    pub volume: VolumeSpec,
}

/// One place that a builder may be launched in.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
pub struct Placement {
    /// The instance type, where there are any.
    pub instance_type: Option<String>,
    /// The subnet, where there are any.
    pub subnet: Option<String>,
    /// The zone that the subnet is in.
    pub zone: Option<String>,
}

impl std::fmt::Display for Placement {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let parts = [&self.instance_type, &self.zone, &self.subnet];
        let parts: Vec<&str> = parts.iter().filter_map(|part| part.as_deref()).collect();
        f.write_str(&parts.join(" in "))
    }
}

/// Who something belongs to, and how it is told apart from everything else.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Owner {
    /// The build's id.
    pub build: String,
    /// The recipe's name.
    pub recipe: String,
    /// The name of the image that the build makes: no two builds make it at the same time.
    pub image: String,
    /// When what is temporary must be gone, whoever died.
    pub expires: Timestamp,
    /// The user's own tags for what is temporary.
    pub tags: BTreeMap<String, String>,
}

/// A build's wish to be the only one that makes its image.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Claim {
    /// Whose wish it is, and the image's name.
    pub owner: Owner,
    /// Whether its builder was launched already: then everybody who looks can see the claim.
    pub launched: bool,
}

/// What to launch.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct LaunchRequest {
    /// Tags the builder, and finds it again.
    pub owner: Owner,
    /// Which try this is: another placement is another attempt, and another builder.
    pub attempt: u32,
    /// What it starts from.
    pub base: BaseImage,
    /// What it is like.
    pub machine: Machine,
    /// Where it is to run.
    pub placement: Placement,
    /// What was made for it before ([`Preflight::supports`](crate::Preflight)).
    pub supports: Vec<Resource>,
}

/// What to make for a builder before it is launched.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct SupportRequest {
    /// Tags it, and finds it again.
    pub owner: Owner,
    /// The builder that it is for.
    pub machine: Machine,
    /// Where that will run.
    pub placement: Placement,
}

/// The cloud's name for a builder.
#[derive(Clone, Debug, Deserialize, Eq, Hash, PartialEq, Serialize)]
pub struct BuilderId(pub String);

/// Where a builder is in its life.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub enum BuilderState {
    /// Not running yet.
    Pending,
    /// Running.
    Running,
    /// Powered off, its disk kept.
    Stopped,
    /// Gone, its disk too.
    Terminated,
}

/// What happens to the disk when the machine powers itself off.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub enum OnPowerOff {
    /// The disk goes too: the dead man's switch.
    Terminate,
    /// The disk stays: for the seal.
    Stop,
}
