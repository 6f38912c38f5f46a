//! The document, plain data. Digests are SHA-256 in lowercase hex, times are RFC 3339 in UTC.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::evidence::{Inspection, Waiver};

/// The ingestion manifest of one image.
#[derive(Clone, Debug, Deserialize, JsonSchema, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Manifest {
    /// The version of this format.
    pub schema: SchemaVersion,
    /// SHA-256 of the manifest's canonical form (RFC 8785) without this field.
    // `None` until it is written: `to_canonical_json` fills it in.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(required, regex(pattern = r"^[0-9a-f]{64}$"))]
    pub digest: Option<String>,
    /// The recipe that the image was made from.
    pub recipe: Recipe,
    /// Digest of the plan, the build's identity left out: equal plans have equal digests.
    #[schemars(regex(pattern = r"^[0-9a-f]{64}$"))]
    pub plan: String,
    /// Digest of the plan together with the base image that it was resolved to: images with equal ones are as good as one
    /// another. Absent in manifests of versions that did not know it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "String", regex(pattern = r"^[0-9a-f]{64}$"))]
    pub fingerprint: Option<String>,
    /// What the builder started from.
    pub base_image: BaseImage,
    /// The program that made the image.
    pub tool: Tool,
    /// The run that made the image.
    pub build: Build,
    /// The recipe's steps, in the order in which they ran.
    pub steps: Vec<Step>,
    /// The hardening profile as `name@version`.
    pub profile: String,
    /// The profile's hardening steps, in the order in which they ran.
    pub hardening: Vec<HardeningStep>,
    /// The image.
    pub image: Image,
    /// What the image's own bytes showed.
    pub inspection: Inspection,
    /// Findings that the recipe accepts.
    pub waivers: Vec<Waiver>,
    /// How long each finished phase took, in order.
    pub timings: Vec<Timing>,
}

/// Versions of the format. A reader refuses what it does not know.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
pub enum SchemaVersion {
    /// The first.
    #[default]
    #[serde(rename = "amint.manifest/1")]
    V1,
}

/// The recipe that an image was made from.
#[derive(Clone, Debug, Deserialize, JsonSchema, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Recipe {
    /// The file's name, without its folder.
    pub file: String,
    /// `name:`.
    pub name: String,
    /// `version:`.
    pub version: String,
    /// Digest of its text.
    #[schemars(regex(pattern = r"^[0-9a-f]{64}$"))]
    pub sha256: String,
}

/// What a builder started from.
#[derive(Clone, Debug, Deserialize, JsonSchema, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct BaseImage {
    /// The cloud's name for it.
    pub id: String,
    /// A name that people recognise.
    pub name: String,
    /// When it was made, where the cloud can tell.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "String")]
    pub created: Option<String>,
    /// Digest of its content, where the cloud can tell.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "String", regex(pattern = r"^[0-9a-f]{64}$"))]
    pub sha256: Option<String>,
    /// Its packages, where the cloud can tell.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Packages")]
    pub packages: Option<Packages>,
}

/// The packages of a base image, as a number and a digest.
#[derive(Clone, Debug, Deserialize, JsonSchema, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Packages {
    /// How many.
    pub count: usize,
    /// Digest of the list: lines of `name version`, each with a newline, in the base image's order.
    #[schemars(regex(pattern = r"^[0-9a-f]{64}$"))]
    pub sha256: String,
}

/// The program that made an image.
#[derive(Clone, Debug, Deserialize, JsonSchema, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Tool {
    /// `amint`.
    pub name: String,
    /// Its version.
    pub version: String,
}

/// The run that made an image.
#[derive(Clone, Debug, Deserialize, JsonSchema, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Build {
    /// The build's id.
    pub id: String,
    /// When it began.
    #[schemars(extend("format" = "date-time"))]
    pub started: String,
    /// When this manifest was written; only the builder's release comes after it.
    #[schemars(extend("format" = "date-time"))]
    pub finished: String,
}

/// One step of the recipe, as it ran.
#[derive(Clone, Debug, Deserialize, JsonSchema, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Step {
    /// Position, from 1.
    pub index: usize,
    /// Its name, unique in the recipe.
    pub name: String,
    /// The recipe's word for it (`shell`, `file`, …).
    pub kind: String,
    /// What was done, in order.
    pub actions: Vec<Action>,
    /// How long it took, in milliseconds.
    pub duration_ms: u64,
    /// Exit code of its last command; absent when it ran none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "i32")]
    pub exit_code: Option<i32>,
}

/// One thing that a step did to the builder.
#[derive(Clone, Debug, Deserialize, JsonSchema, PartialEq, Serialize)]
#[serde(tag = "action", rename_all = "kebab-case", deny_unknown_fields)]
pub enum Action {
    /// It ran a script.
    Run {
        /// Digest of the script as it ran.
        #[schemars(regex(pattern = r"^[0-9a-f]{64}$"))]
        sha256: String,
    },
    /// It put a file in place.
    Upload {
        /// Absolute path on the builder.
        to: String,
        /// Digest of the content.
        #[schemars(regex(pattern = r"^[0-9a-f]{64}$"))]
        sha256: String,
        /// Size in bytes.
        size: u64,
    },
    /// It restarted the builder.
    Reboot {},
}

/// One hardening step of the seal.
#[derive(Clone, Debug, Deserialize, JsonSchema, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct HardeningStep {
    /// The catalogue's id.
    pub id: String,
    /// Digest of its script as it ran.
    #[schemars(regex(pattern = r"^[0-9a-f]{64}$"))]
    pub sha256: String,
    /// When it ran.
    pub stage: Stage,
}

/// When a hardening step runs.
#[derive(Clone, Copy, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Stage {
    /// As an ordinary command, while the machine could still be asked.
    Attached,
    /// Inside the seal's own unit, after the agent was gone.
    Detached,
}

/// The image.
#[derive(Clone, Debug, Deserialize, JsonSchema, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Image {
    /// Its name.
    pub name: String,
    /// A path or an image id.
    pub location: String,
    /// `raw`, `ami`.
    pub format: String,
    /// Size of its disk in bytes.
    pub size: u64,
    /// Digest of its disk, independent of how holes are laid out.
    #[schemars(regex(pattern = r"^sparse-sha256-v1:[0-9a-f]{64}$"))]
    pub digest: String,
    /// Its copies in other regions, as `id@region`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(with = "Vec<String>")]
    pub copies: Vec<String>,
}

/// How long one phase took.
#[derive(Clone, Debug, Deserialize, JsonSchema, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Timing {
    /// The phase's name.
    pub phase: String,
    /// In milliseconds.
    pub duration_ms: u64,
}
