//! What a builder starts from.

use serde::{Deserialize, Serialize};

/// The base image that a plan asks for.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum BaseQuery {
    /// A Debian release made on this machine (`bookworm`).
    Debian {
        /// The release's code name.
        release: String,
    },
    /// A disk image on this machine.
    Image {
        /// Absolute path of a raw or qcow2 file.
        path: std::path::PathBuf,
        /// Expected SHA-256 of the file, hex.
        sha256: String,
    },
    /// The image that the cloud knows by this id.
    Id {
        /// Such as `ami-0123456789abcdef0`.
        id: String,
    },
    /// The image whose id a public parameter holds.
    Parameter {
        /// Such as `/aws/service/…`.
        name: String,
    },
    /// The newest image of an owner whose name matches.
    Newest {
        /// An account's number or alias.
        owner: String,
        /// A name, with `*` for any text.
        name: String,
    },
}

/// A base image that was found.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct BaseImage {
    /// The cloud's name for it.
    pub id: String,
    /// A name that people recognise.
    pub name: String,
    /// Digest of its content (hex SHA-256), where the cloud can tell.
    pub digest: Option<String>,
    /// Installed packages as `name version`, where the cloud can tell.
    pub packages: Vec<String>,
    /// The account that owns it, where there are accounts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub owner: Option<String>,
    /// When it was made (RFC 3339), where the cloud can tell.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub created: Option<String>,
    /// The size of its root disk in GiB, where the cloud can tell.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub disk_gib: Option<u32>,
}

impl BaseImage {
    /// The image that the cloud knows by `id`; nothing else is known yet.
    pub fn new(id: impl Into<String>, name: impl Into<String>) -> Self {
        Self {
            id: id.into(),
            name: name.into(),
            digest: None,
            packages: Vec::new(),
            owner: None,
            created: None,
            disk_gib: None,
        }
    }

    /// Its name for people, with the id where an account has many of the same name.
    pub fn label(&self) -> String {
        match self.owner.is_some() && self.name != self.id {
            true => format!("{} ({})", self.name, self.id),
            false => self.name.clone(),
        }
    }
}
