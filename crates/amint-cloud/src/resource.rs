//! What a build owns.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::PublicState;

/// Something that bears a build's tag.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Resource {
    /// The build that it belongs to.
    pub build: String,
    /// What it is.
    pub kind: ResourceKind,
    /// The cloud's name for it.
    pub id: String,
}

/// Something of amint's as a sweep finds it: by tags and paths alone, whatever became of the journal.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Owned {
    /// What it is, and whose. Its id says where it is (`ami-1@eu-west-1`) when that is not the cloud's own region.
    pub resource: Resource,
    /// The recipe's name, where a tag tells it.
    pub recipe: Option<String>,
    /// How far an image is said to be: one that has a state here is never released by a sweep.
    pub state: Option<PublicState>,
    /// When it must be gone, whoever died; absent where nothing tells it.
    pub expires: Option<Timestamp>,
    /// When it was made; absent where nothing tells it.
    pub created: Option<Timestamp>,
}

/// Kinds of resources, in the order in which they are released: what costs most goes first, and nothing
/// goes before what uses it.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum ResourceKind {
    /// A builder and its disks.
    Builder,
    /// A parameter that names an image; released by naming the image before.
    Parameter,
    /// An image that was not published.
    Image,
    /// A copy of a disk.
    Snapshot,
    /// A file that was laid down for a builder.
    StagedFile,
    /// What lets a builder use a role.
    InstanceProfile,
    /// What a builder may do.
    Role,
    /// What reaches a builder over the network: nothing.
    SecurityGroup,
}

impl ResourceKind {
    /// The word that users see.
    pub fn name(self) -> &'static str {
        match self {
            ResourceKind::Builder => "builder",
            ResourceKind::Parameter => "parameter",
            ResourceKind::Image => "image",
            ResourceKind::Snapshot => "snapshot",
            ResourceKind::StagedFile => "staged file",
            ResourceKind::InstanceProfile => "instance profile",
            ResourceKind::Role => "role",
            ResourceKind::SecurityGroup => "security group",
        }
    }

    /// Whether a cloud's lists tell of it. What they don't is acquired, by its name, before it is made: an intent that
    /// was not followed by that made nothing.
    pub fn is_listed(self) -> bool {
        !matches!(self, ResourceKind::Parameter | ResourceKind::StagedFile)
    }
}
