//! What happens to an image on AWS once its inspection passed.

use std::time::Duration;

use crate::template::Text;

/// How an image is published. Nothing of it is done by default.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Publish {
    /// Regions that it is copied to.
    pub copy_to: Vec<String>,
    /// Who else may launch it.
    pub share_with: ShareWith,
    /// How long after its creation it counts as outdated.
    pub deprecate_after: Option<Duration>,
    /// The SSM parameter that holds the newest image's id.
    pub parameter: Option<Text>,
    /// How many published images of this recipe are kept.
    pub keep_last: Option<u32>,
}

/// Who may launch an image, besides its owner.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct ShareWith {
    /// Account ids, 12 digits.
    pub accounts: Vec<String>,
    /// ARNs of organizations.
    pub organizations: Vec<String>,
    /// ARNs of organizational units.
    pub organizational_units: Vec<String>,
}
