//! The plan: data, in the order in which it will be executed.

use std::collections::BTreeMap;

use amint_harden::Waiver;
use amint_recipe::recipe::cell_label;
use serde::{Deserialize, Serialize};

use crate::lock::LockedBase;
use crate::machine::Builder;
use crate::publish::Publish;
use crate::secret::Secret;

/// A build with nothing left to choose.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct BuildPlan {
    /// This build's own id; not part of [`BuildPlan::digest`].
    pub build_id: String,
    /// SHA-256 (hex) of the plan in canonical JSON, resolved with a fixed build id: equal plans are equal. The id of the
    /// locked base image goes in too.
    pub digest: String,
    /// Where the plan came from.
    pub recipe: RecipeSource,
    /// The cell of the recipe's matrix: a value for each axis; empty without a matrix.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub matrix: BTreeMap<String, String>,
    /// Every variable's value, without the secret ones.
    pub variables: BTreeMap<String, String>,
    /// The secret variables: where their values come from, by name.
    // Left out when there is none, as with waivers.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub secrets: Vec<Secret>,
    /// What the builder starts from, as the recipe asks for it.
    pub base: Base,
    /// What that was found to be, where a lock file says so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub locked: Option<LockedBase>,
    /// The builder.
    pub builder: Builder,
    /// The recipe's steps, rendered.
    pub steps: Vec<Step>,
    /// The seal.
    pub seal: Seal,
    /// The image.
    pub image: Image,
    /// Findings that are accepted, in the recipe's order.
    // Left out when there is none, so that plans without waivers keep the digest that they had before there were any.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub waivers: Vec<Waiver>,
}

impl BuildPlan {
    /// What the plan is called among others: the recipe's name and version, and the cell of its matrix.
    pub fn title(&self) -> String {
        let RecipeSource { name, version, .. } = &self.recipe;
        match self.matrix.is_empty() {
            true => format!("{name}-{version}"),
            false => format!("{name}-{version}-{}", cell_label(&self.matrix)),
        }
    }

    /// What images replace each other: those of the recipe's name, in one cell of its matrix. An image of one cell is no older
    /// image of another's.
    pub fn series(&self) -> String {
        match self.matrix.is_empty() {
            true => self.recipe.name.clone(),
            false => format!("{}/{}", self.recipe.name, cell_label(&self.matrix)),
        }
    }
}

/// The recipe that a plan was made from.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct RecipeSource {
    /// The file's name, without its folder.
    pub file: String,
    /// SHA-256 of its text (hex).
    pub sha256: String,
    /// `name:`.
    pub name: String,
    /// `version:`.
    pub version: String,
}

/// What the builder starts from.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Base {
    /// A Debian release, made on this machine.
    Debian {
        /// Its code name.
        release: String,
    },
    /// A disk image on this machine.
    Image {
        /// Absolute path.
        path: std::path::PathBuf,
        /// SHA-256 of the file (hex).
        sha256: String,
    },
    /// The EC2 image with this id.
    AwsId {
        /// `ami-…`.
        id: String,
    },
    /// The EC2 image whose id an SSM parameter holds.
    AwsParameter {
        /// The parameter's name.
        name: String,
    },
    /// The newest EC2 image that matches.
    AwsNewest {
        /// Account id or alias.
        owner: String,
        /// A name, with `*` for any text and `?` for one character.
        name: String,
    },
}

/// One step of the recipe.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Step {
    /// Position, from 1.
    pub index: usize,
    /// Unique in the recipe: given, or made from the kind and the position.
    pub name: String,
    /// The recipe's word for it (`shell`, `file`, …).
    pub kind: String,
    /// When it counts as hung.
    pub timeout_seconds: u64,
    /// What is done, in this order.
    pub actions: Vec<Action>,
}

/// One thing done to the builder.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Action {
    /// Runs a POSIX shell script as root; exit code 0 is success.
    Run {
        /// The whole script.
        script: String,
    },
    /// Puts a file in place.
    Upload {
        /// Absolute path on the builder.
        to: String,
        /// Owner's name, root when absent.
        #[serde(skip_serializing_if = "Option::is_none")]
        owner: Option<String>,
        /// Group's name, the owner's when absent.
        #[serde(skip_serializing_if = "Option::is_none")]
        group: Option<String>,
        /// Permission bits.
        mode: u32,
        /// SHA-256 of the content (hex).
        sha256: String,
        /// Size in bytes.
        size: u64,
        /// The content itself; left out of every written form.
        #[serde(skip)]
        content: Vec<u8>,
    },
    /// Restarts the builder and waits until it is ready again.
    Reboot,
}

/// The seal.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Seal {
    /// The profile as `name@version`.
    pub profile: String,
    /// Its hardening steps, in order.
    pub steps: Vec<SealStep>,
    /// Files and folders that the product logs to.
    pub application_logs: Vec<String>,
}

/// One hardening step of the seal.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct SealStep {
    /// The catalogue's id.
    pub id: String,
    /// SHA-256 of its script as it will run (hex).
    pub sha256: String,
}

/// The image.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Image {
    /// Its name.
    pub name: String,
    /// One line about it.
    pub description: String,
    /// Tags.
    pub tags: BTreeMap<String, String>,
    /// Whether its instances only accept version 2 of the instance metadata service; always on AWS, never elsewhere.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub imds_v2: bool,
    /// How it is published.
    #[serde(default, skip_serializing_if = "Publish::is_default")]
    pub publish: Publish,
}
