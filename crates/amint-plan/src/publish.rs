//! What happens to an image on AWS once its inspection passed.

use serde::{Deserialize, Serialize};

/// How an image is published. Nothing of it is done by default.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[serde(default, rename_all = "kebab-case")]
pub struct Publish {
    /// Regions that the image is copied to.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub copy_to: Vec<String>,
    /// Ids of accounts that may launch it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub accounts: Vec<String>,
    /// ARNs of organizations whose accounts may launch it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub organizations: Vec<String>,
    /// ARNs of organizational units whose accounts may launch it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub organizational_units: Vec<String>,
    /// When it counts as outdated, in seconds from its creation.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub deprecate_after_seconds: Option<u64>,
    /// The SSM parameter that will hold its id.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub parameter: Option<String>,
    /// How many published images of this recipe are kept, this one included.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub keep_last: Option<u32>,
}

impl Publish {
    /// Whether nothing is done.
    pub fn is_default(&self) -> bool {
        *self == Publish::default()
    }
}
