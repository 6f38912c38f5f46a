//! The base image that a plan is bound to.

use serde::{Deserialize, Serialize};

use crate::digest;
use crate::plan::{Base, BuildPlan};

/// A base image, by what tells it from every other.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct LockedBase {
    /// The cloud's name for it: `ami-…`; on this computer, how it is made or the digest of the disk.
    pub id: String,
    /// The name that its owner gave it.
    pub name: String,
    /// The number of the account that owns it, on AWS.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub owner: Option<String>,
    /// When it was made (RFC 3339), where the cloud tells.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub created: Option<String>,
}

impl BuildPlan {
    /// The same plan, bound to this base image. Its digest becomes the fingerprint of the images that it makes.
    #[must_use]
    pub fn locked_to(self, base: LockedBase) -> Self {
        let digest = self.fingerprint(&base.id);
        Self {
            digest,
            locked: Some(base),
            ..self
        }
    }

    /// What images of this plan have in common that were made from the base image `base`: SHA-256 (hex) over the
    /// plan's digest and the base image's id. A plan that is bound to a base image has it as its digest.
    pub fn fingerprint(&self, base: &str) -> String {
        match self.locked {
            Some(_) => self.digest.clone(),
            None => digest::with_base(&self.digest, base),
        }
    }

    /// The id of the base image, where the plan itself tells it: nobody has to be asked.
    pub fn known_base(&self) -> Option<&str> {
        match (&self.locked, &self.base) {
            (Some(locked), _) => Some(&locked.id),
            (None, Base::AwsId { id }) => Some(id),
            (None, _) => None,
        }
    }
}
