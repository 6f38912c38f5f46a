//! What is known about a base image before it is looked at.

use crate::recipe::{AwsBase, Base, LocalBase};

/// A family of systems: those that have the same tools and users.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Family {
    Amazon,
    Debian,
    RedHat,
    Suse,
    Ubuntu,
}

/// Words in a base image's name or parameter, and the family that they tell.
const WORDS: [(&str, Family); 14] = [
    ("amazon-linux", Family::Amazon),
    ("al2023-ami", Family::Amazon),
    ("amzn", Family::Amazon),
    ("ubuntu", Family::Ubuntu),
    ("debian", Family::Debian),
    ("rhel", Family::RedHat),
    ("centos", Family::RedHat),
    ("rocky", Family::RedHat),
    ("almalinux", Family::RedHat),
    ("fedora", Family::RedHat),
    ("oracle-linux", Family::RedHat),
    ("suse", Family::Suse),
    ("sles", Family::Suse),
    ("opensuse", Family::Suse),
];

impl Family {
    /// Whether its packages come from apt.
    pub(super) fn has_apt(self) -> bool {
        matches!(self, Family::Debian | Family::Ubuntu)
    }

    /// Whether its `/bin/sh` is bash.
    pub(super) fn has_bash_as_sh(self) -> bool {
        !self.has_apt()
    }

    /// The user that its images on AWS let in.
    pub(super) fn user(self) -> &'static str {
        match self {
            Family::Amazon | Family::RedHat | Family::Suse => "ec2-user",
            Family::Debian => "admin",
            Family::Ubuntu => "ubuntu",
        }
    }

    /// Its name in a sentence.
    pub(super) fn name(self) -> &'static str {
        match self {
            Family::Amazon => "Amazon Linux",
            Family::Debian => "Debian",
            Family::RedHat => "Red Hat's family",
            Family::Suse => "SUSE",
            Family::Ubuntu => "Ubuntu",
        }
    }
}

/// The base images of a recipe: what each is called in the recipe, and a name that tells the system.
pub(super) fn named(base: &Base) -> Vec<(&str, String)> {
    let local = match &base.local {
        Some(LocalBase::Debian(release)) => Some((release.as_str(), format!("debian-{release}"))),
        _ => None,
    };
    let aws = match &base.aws {
        Some(AwsBase::SsmParameter(name) | AwsBase::Newest { name, .. }) => {
            Some((name.as_str(), name.to_ascii_lowercase()))
        }
        _ => None,
    };
    local.into_iter().chain(aws).collect()
}

/// The families of all base images; `None` when one of them does not tell.
pub(super) fn families(base: Option<&Base>) -> Option<Vec<Family>> {
    let base = base?;
    let local = match &base.local {
        Some(LocalBase::Debian(_)) => Some(Some(Family::Debian)),
        Some(LocalBase::Image { .. }) => Some(None),
        None => None,
    };
    let aws = match &base.aws {
        Some(AwsBase::SsmParameter(name) | AwsBase::Newest { name, .. }) => Some(family(name)),
        Some(AwsBase::Id(_)) => Some(None),
        None => None,
    };
    local.into_iter().chain(aws).collect()
}

fn family(name: &str) -> Option<Family> {
    let name = name.to_ascii_lowercase();
    let told = WORDS.iter().find(|(word, _)| name.contains(word));
    told.map(|(_, family)| *family)
}
