//! The completion marker: proof that the seal ran to its end, and for which build.

use std::fmt;

use amint_inspect::{Tree, TreeError};

use crate::disk::read_text;
use crate::finding::Finding;
use crate::profile::Profile;
use crate::rule::{AMINT_SEAL_001, AMINT_SEAL_002};
use crate::seal::MARKER_PATH;

/// Largest marker that is read, in bytes.
const MAX_SIZE: usize = 64 << 10;

/// What the marker says.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Marker {
    /// The build that was sealed.
    pub build: String,
    /// The profile, as `name@version`.
    pub profile: String,
    /// The ids of the steps that failed.
    pub failed: Vec<String>,
}

impl fmt::Display for Marker {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "build={}\nprofile={}\nfailed={}",
            self.build,
            self.profile,
            self.failed.join(" ")
        )
    }
}

impl Marker {
    /// Reads a marker's text; lines that it does not know are left out. `None` when one that it needs is
    /// missing, as in a marker that was cut short.
    pub fn parse(text: &str) -> Option<Self> {
        let value = |key: &str| {
            let values = text.lines().filter_map(|line| line.split_once('='));
            values
                .filter(|(name, _)| *name == key)
                .map(|(_, value)| value)
                .next()
        };
        Some(Self {
            build: value("build")?.to_owned(),
            profile: value("profile")?.to_owned(),
            failed: value("failed")?
                .split_whitespace()
                .map(str::to_owned)
                .collect(),
        })
    }
}

/// Judges the marker in `tree`. It must be that of `build`, sealed by `profile`; without a build to compare
/// with it may be absent or of any build.
pub(crate) fn check(
    tree: &dyn Tree,
    build: Option<&str>,
    profile: &Profile,
) -> Result<Vec<Finding>, TreeError> {
    let violated = |message: String| vec![AMINT_SEAL_001.at(MARKER_PATH, message)];
    let Some(text) = read_text(tree, MARKER_PATH, MAX_SIZE)? else {
        let missing = "the completion marker is missing: the seal did not run to its end";
        return Ok(if build.is_some() {
            violated(missing.to_owned())
        } else {
            Vec::new()
        });
    };
    let Some(marker) = Marker::parse(&text) else {
        return Ok(violated(
            "the completion marker cannot be understood".to_owned(),
        ));
    };
    let mut findings = Vec::new();
    if let Some(build) = build {
        if marker.build != build {
            let message = format!(
                "the completion marker is of another build, {}",
                shown(&marker.build)
            );
            findings.extend(violated(message));
        }
        if marker.profile != profile.reference() {
            let message = format!(
                "the seal ran by another profile, {} instead of {}",
                shown(&marker.profile),
                profile.reference()
            );
            findings.extend(violated(message));
        }
    }
    findings.extend(marker.failed.iter().map(|step| {
        let message = format!("the hardening step {} failed in the seal", shown(step));
        AMINT_SEAL_002.at(MARKER_PATH, message)
    }));
    Ok(findings)
}

/// What a disk says, fit for a message.
fn shown(text: &str) -> String {
    format!(
        "\"{}\"",
        text.chars()
            .take(80)
            .flat_map(char::escape_default)
            .collect::<String>()
    )
}

#[cfg(test)]
mod tests {
    use super::Marker;

    #[test]
    fn what_is_written_is_read() {
        let marker = Marker {
            build: "b1".to_owned(),
            profile: "p@1".to_owned(),
            failed: vec!["a".to_owned(), "b".to_owned()],
        };
        assert_eq!(Marker::parse(&marker.to_string()), Some(marker));
    }

    #[test]
    fn a_marker_that_was_cut_short_is_none() {
        assert_eq!(Marker::parse("build=b1\nprofile=p@1\n"), None);
        assert_eq!(Marker::parse(""), None);
    }
}
