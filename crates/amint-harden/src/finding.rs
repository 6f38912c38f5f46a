//! One violation of one rule, with the place that shows it.

use std::fmt;

use serde::ser::SerializeMap;
use serde::{Deserialize, Serialize, Serializer};

/// How bad a finding is. Only errors fail a build, and only those that no waiver covers.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Severity {
    /// Worth knowing.
    Info,
    /// A recommendation is not followed.
    Warning,
    /// A requirement is violated.
    Error,
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Severity::Info => "info",
            Severity::Warning => "warning",
            Severity::Error => "error",
        })
    }
}

/// Where a finding is.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum Location {
    /// A path in the image's file tree.
    Path(String),
    /// A byte offset from the start of the disk.
    Offset(u64),
    /// The disk as a whole.
    Disk,
}

impl fmt::Display for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Location::Path(path) => f.write_str(path),
            Location::Offset(offset) => write!(f, "offset {offset}"),
            Location::Disk => f.write_str("the disk"),
        }
    }
}

/// `{"path": …}`, `{"offset": …}` or, for the whole disk, `{}`.
impl Serialize for Location {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        match self {
            Location::Path(path) => map.serialize_entry("path", path)?,
            Location::Offset(offset) => map.serialize_entry("offset", offset)?,
            Location::Disk => {}
        }
        map.end()
    }
}

/// One violation of one rule.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
pub struct Finding {
    /// The rule's id, such as `MP-SSH-003`.
    pub rule: &'static str,
    /// How bad it is.
    pub severity: Severity,
    /// Where it is.
    #[serde(flatten)]
    pub location: Location,
    /// One line: what is wrong. Never the secret itself.
    pub message: String,
    /// The hardening step that mends it, when one does.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub step: Option<&'static str>,
    /// Whether the recipe accepts it (see [`crate::waiver`]); it then fails nothing.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub waived: bool,
}

impl Finding {
    /// Whether an image with it is not good enough.
    pub fn fails(&self) -> bool {
        self.severity == Severity::Error && !self.waived
    }
}

/// What an inspection concludes.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// Read to the end, no finding at error level.
    Clean,
    /// Read to the end, at least one finding at error level.
    Violations,
}
