//! Who gets an image, and where it is to be had.

use std::time::Duration;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{ImageId, ImageSpec, Owner};

/// What happens to an image whose inspection passed.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
pub struct PublishSpec {
    /// Regions that get a copy.
    pub copy_to: Vec<String>,
    /// Who may launch it.
    pub sharing: Sharing,
    /// When it is no longer recommended, counted from its publication.
    pub deprecate_after: Option<Duration>,
    /// The parameter that names the newest image.
    pub parameter: Option<String>,
    /// How many of the recipe's published images stay.
    pub keep_last: Option<u32>,
}

/// Who may launch an image besides its owner.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
pub struct Sharing {
    /// Account numbers.
    pub accounts: Vec<String>,
    /// ARNs of organizations.
    pub organizations: Vec<String>,
    /// ARNs of organizational units.
    pub organizational_units: Vec<String>,
}

impl Sharing {
    /// Whether it is for nobody else.
    pub fn is_empty(&self) -> bool {
        self.accounts.is_empty()
            && self.organizations.is_empty()
            && self.organizational_units.is_empty()
    }
}

/// An image to be copied to another region.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct CopyRequest {
    /// Tags the copy, and finds it again.
    pub owner: Owner,
    /// What is copied.
    pub image: ImageId,
    /// Where to.
    pub region: String,
    /// What the copy is to be like.
    pub spec: ImageSpec,
}

/// How far an image is, for everybody who looks at it.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum PublicState {
    /// It passed its inspection and is being made available.
    Publishing,
    /// It is available to its users.
    Published,
}

impl PublicState {
    /// The word that the image's tag has.
    pub fn name(self) -> &'static str {
        match self {
            PublicState::Publishing => "publishing",
            PublicState::Published => "published",
        }
    }
}

/// Where a published image is to be had.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Published {
    /// A path or an image id.
    pub location: String,
    /// `raw`, `ami`.
    pub format: String,
    /// Size of the disks in bytes.
    pub size: u64,
}

/// An image that an earlier build of the same recipe published.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct OlderImage {
    /// The cloud's name for it.
    pub id: ImageId,
    /// Its name.
    pub name: String,
    /// When it was made.
    pub created: Timestamp,
    /// Why it must stay, if it must: it is in use, protected, shared with others.
    pub stays: Option<String>,
}

/// A parameter that is to name an image, and what it named before: written down before the change, it can be taken
/// back whatever became of the answer.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct ParameterChange {
    /// The parameter.
    pub name: String,
    /// What it is to name.
    pub image: ImageId,
    /// What it named before; nothing when it was not there.
    pub before: Option<String>,
}

impl std::fmt::Display for ParameterChange {
    /// `name=image=before`: no parameter's name and no image's id has an equals sign.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let before = self.before.as_deref().unwrap_or_default();
        write!(f, "{}={}={before}", self.name, self.image.0)
    }
}

impl ParameterChange {
    /// The change that was written as `text`.
    pub fn parse(text: &str) -> Option<Self> {
        let mut parts = text.splitn(3, '=');
        let (name, image, before) = (parts.next()?, parts.next()?, parts.next()?);
        Some(Self {
            name: name.to_owned(),
            image: ImageId(image.to_owned()),
            before: (!before.is_empty()).then(|| before.to_owned()),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_is_read_as_it_was_written() {
        for before in [None, Some("ami-0".to_owned())] {
            let change = ParameterChange {
                name: "/images/demo".to_owned(),
                image: ImageId("ami-1".to_owned()),
                before,
            };
            assert_eq!(ParameterChange::parse(&change.to_string()), Some(change));
        }
        assert_eq!(ParameterChange::parse("/images/demo"), None);
    }
}
