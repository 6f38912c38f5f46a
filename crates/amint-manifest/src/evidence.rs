//! What the inspection of an image's own bytes saw, and what the recipe accepts of it.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What an inspection concluded, from what.
#[derive(Clone, Debug, Deserialize, JsonSchema, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Inspection {
    /// The conclusion.
    pub verdict: Verdict,
    /// Every violation, of any severity.
    pub findings: Vec<Finding>,
    /// What was read, and what such a reading cannot see.
    pub scope: Scope,
}

/// The conclusion of an inspection that read the disk to its end.
#[derive(Clone, Copy, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// No finding at error level.
    Clean,
    /// Findings at error level, and each is waived.
    Waived,
    /// At least one finding at error level that is not waived.
    Violations,
}

/// One violation of one rule. It has a `path`, an `offset`, or neither when it is about the disk
/// as a whole.
#[derive(Clone, Debug, Deserialize, JsonSchema, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Finding {
    /// The rule's id, such as `MP-SSH-003`.
    pub rule: String,
    /// How bad it is.
    pub severity: Severity,
    /// The path in the image's file tree that shows it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "String")]
    pub path: Option<String>,
    /// The byte offset from the start of the disk that shows it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "u64")]
    pub offset: Option<u64>,
    /// One line: what is wrong. Never the secret itself.
    pub message: String,
    /// The hardening step that mends it, when one does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "String")]
    pub step: Option<String>,
    /// Whether one of the waivers covers it; absent when none does.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub waived: bool,
}

/// How bad a finding is. Only errors fail a build, and only those that are not waived.
#[derive(Clone, Copy, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Severity {
    /// Worth knowing.
    Info,
    /// A recommendation is not followed.
    Warning,
    /// A requirement is violated.
    Error,
}

/// What was read, and what such a reading cannot see.
#[derive(Clone, Debug, Deserialize, JsonSchema, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Scope {
    /// Size of the disk in bytes.
    pub size: u64,
    /// How many bytes of it were ever written; all of them were read.
    pub written: u64,
    /// The partitions that were found.
    pub partitions: Vec<Partition>,
    /// Further disks of the image: their bytes were searched, their files not checked.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(with = "Vec<DataDisk>")]
    pub data_disks: Vec<DataDisk>,
    /// What every written byte was searched for.
    pub searched_for: Vec<String>,
    /// What this inspection cannot see.
    pub not_seen: Vec<String>,
}

/// A further disk, from which no instance starts.
#[derive(Clone, Debug, Deserialize, JsonSchema, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct DataDisk {
    /// Its name in the image, such as `/dev/sdf`.
    pub name: String,
    /// Size in bytes.
    pub size: u64,
    /// How many bytes of it were ever written; all of them were read.
    pub written: u64,
    /// Its digest, made as the root disk's (hex).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "String")]
    pub digest: Option<String>,
}

/// One partition of the disk, or the disk itself when it has no partition table.
#[derive(Clone, Debug, Deserialize, JsonSchema, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Partition {
    /// First byte, from the start of the disk.
    pub offset: u64,
    /// Length in bytes.
    pub length: u64,
    /// The file system whose tree was checked; absent when there was none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "String")]
    pub file_system: Option<String>,
}

/// Findings that the recipe accepts.
#[derive(Clone, Debug, Deserialize, JsonSchema, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Waiver {
    /// The rule's id.
    pub rule: String,
    /// Only at paths that match this glob, whose `**` crosses folders; any place when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "String")]
    pub path: Option<String>,
    /// Why it is accepted.
    pub reason: String,
    /// The last day (UTC) on which it holds, as `YYYY-MM-DD`.
    #[schemars(extend("format" = "date"))]
    pub expires: String,
    /// How many findings it covered.
    pub findings: usize,
}
