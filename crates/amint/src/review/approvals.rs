//! The signed-off list: who accepted that a recipe got weaker.
//!
//! An entry names the digests of both plans, so it holds for that one change and no other. It is read from the old version,
//! which whoever proposes the change has no hand in.

use std::path::Path;

use amint_recipe::FileError;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::error::ReviewError;
use crate::git::{Commit, Mode};

/// The version of the list's format.
const FORMAT: u32 = 1;
/// The largest list, in bytes (1 MiB).
const LARGEST: u64 = 1 << 20;
/// What stands for the digest of a plan that is not there.
const NONE: &str = "none";

/// Why a list cannot be used.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ApprovalsError {
    /// It cannot be read.
    #[error("it cannot be read")]
    File(#[source] FileError),
    /// Somebody might point it elsewhere.
    #[error("it is a symbolic link, a folder or a submodule")]
    NotAFile,
    /// It is not UTF-8 text.
    #[error("it is not UTF-8 text")]
    NotText,
    /// It is no such list.
    #[error("{}", one_line(.0))]
    Syntax(serde_yaml::Error),
    /// It is of another version.
    #[error("its format {0} is not known; this amint reads format {FORMAT}")]
    Format(u32),
    /// An entry is wrong.
    #[error("entry {number}: {message}")]
    Entry { number: usize, message: String },
}

/// The list.
#[derive(Clone, Debug, Default)]
pub(crate) struct Approvals(Vec<Approval>);

/// That somebody accepted one change.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Approval {
    /// The recipe's path.
    pub(crate) recipe: String,
    /// The old plan's digest; `none` when the recipe is new.
    pub(crate) old: String,
    /// The new plan's digest; `none` when the recipe is gone.
    pub(crate) new: String,
    /// Who accepted it.
    pub(crate) by: String,
    /// Why.
    pub(crate) reason: String,
    /// When, `YYYY-MM-DD`.
    pub(crate) date: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Document {
    #[serde(rename = "amint-approvals")]
    format: u32,
    #[serde(default)]
    approvals: Vec<Approval>,
}

impl Approvals {
    /// The list at a path of a commit; `None` when there is none.
    ///
    /// # Errors
    /// When what is there is no list.
    pub(crate) fn of_commit(commit: &Commit, path: &str) -> Result<Option<Self>, ReviewError> {
        let wrong = |source| ReviewError::Approvals {
            path: path.to_owned(),
            source,
        };
        // Not resolved: a link on the way could lead to what others may change.
        match commit.entry(path)? {
            None => Ok(None),
            Some(entry) if entry.mode == Mode::File => {
                let bytes = commit.blob(&entry.id, LARGEST);
                let bytes = bytes.map_err(|error| wrong(ApprovalsError::File(error)))?;
                Self::parse(&bytes).map(Some).map_err(wrong)
            }
            Some(_) => Err(wrong(ApprovalsError::NotAFile)),
        }
    }

    /// The list in a file; `None` when there is none.
    ///
    /// # Errors
    /// When what is there is no list.
    pub(crate) fn of_file(path: &Path) -> Result<Option<Self>, ReviewError> {
        let wrong = |source| ReviewError::Approvals {
            path: path.display().to_string(),
            source,
        };
        let failed = |error| wrong(ApprovalsError::File(FileError::Io(error)));
        let metadata = match std::fs::symlink_metadata(path) {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            metadata => metadata.map_err(failed)?,
        };
        if !metadata.is_file() {
            return Err(wrong(ApprovalsError::NotAFile));
        }
        if metadata.len() > LARGEST {
            return Err(wrong(ApprovalsError::File(FileError::TooLarge)));
        }
        let bytes = std::fs::read(path).map_err(failed)?;
        Self::parse(&bytes).map(Some).map_err(wrong)
    }

    fn parse(bytes: &[u8]) -> Result<Self, ApprovalsError> {
        let text = std::str::from_utf8(bytes).map_err(|_| ApprovalsError::NotText)?;
        let document: Document = serde_yaml::from_str(text).map_err(ApprovalsError::Syntax)?;
        if document.format != FORMAT {
            return Err(ApprovalsError::Format(document.format));
        }
        for (index, approval) in document.approvals.iter().enumerate() {
            approval.check().map_err(|message| ApprovalsError::Entry {
                number: index + 1,
                message,
            })?;
        }
        Ok(Self(document.approvals))
    }

    /// Who accepted that a recipe's plan became another one.
    pub(crate) fn find(
        &self,
        recipe: &str,
        old: Option<&str>,
        new: Option<&str>,
    ) -> Option<&Approval> {
        let (old, new) = (old.unwrap_or(NONE), new.unwrap_or(NONE));
        self.0
            .iter()
            .find(|one| one.recipe == recipe && one.old == old && one.new == new)
    }
}

impl Approval {
    fn check(&self) -> Result<(), String> {
        let is_digest = |text: &str| {
            let hex = |byte: u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
            text == NONE || (text.len() == 64 && text.bytes().all(hex))
        };
        for (key, digest) in [("old", &self.old), ("new", &self.new)] {
            if !is_digest(digest) {
                return Err(format!(
                    "`{key}` must be a plan's digest, 64 small hexadecimal digits, or `{NONE}`"
                ));
            }
        }
        for (key, text) in [
            ("recipe", &self.recipe),
            ("by", &self.by),
            ("reason", &self.reason),
        ] {
            if text.trim().is_empty() {
                return Err(format!("`{key}` is empty"));
            }
        }
        match self.date.parse::<Date>() {
            Ok(date) if date.to_string() == self.date => Ok(()),
            _ => Err("`date` must be a day, such as 2026-08-24".to_owned()),
        }
    }
}

/// The entry that would accept a change, to be filled in and added to the list. Text that holds anything unusual is
/// quoted as JSON has it, which YAML reads as well.
pub(crate) fn entry_for(recipe: &str, old: Option<&str>, new: Option<&str>) -> String {
    let recipe = serde_json::to_string(recipe).unwrap_or_default();
    let (old, new) = (old.unwrap_or(NONE), new.unwrap_or(NONE));
    format!(
        "  - recipe: {recipe}\n    old: {old}\n    new: {new}\n    by: WHO\n    reason: WHY\n    date: YYYY-MM-DD\n"
    )
}

fn one_line(error: &serde_yaml::Error) -> String {
    error.to_string().replace('\n', " ")
}

#[cfg(test)]
mod tests {
    use super::*;

    const OLD: &str = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

    fn list(entry: &str) -> String {
        format!("amint-approvals: 1\napprovals:\n  - {{ {entry} }}\n")
    }

    fn entry(recipe: &str) -> String {
        format!(
            "recipe: {recipe}, old: {OLD}, new: none, by: Ada, reason: it goes, date: 2026-08-24"
        )
    }

    #[test]
    fn an_entry_holds_for_one_change_alone() {
        let approvals = Approvals::parse(list(&entry("a.yaml")).as_bytes()).unwrap();
        let found = approvals.find("a.yaml", Some(OLD), None).unwrap();
        assert_eq!(found.by, "Ada");
        assert_eq!(approvals.find("b.yaml", Some(OLD), None), None);
        assert_eq!(approvals.find("a.yaml", None, Some(OLD)), None);
        assert_eq!(approvals.find("a.yaml", Some(OLD), Some(OLD)), None);
    }

    #[test]
    fn what_is_no_list_is_refused_in_one_line() {
        let entry = entry("a.yaml");
        let wrong = [
            String::new(),
            "approvals: []\n".to_owned(),
            "amint-approvals: 2\n".to_owned(),
            "amint-approvals: 1\napproved: []\n".to_owned(),
            list(&format!("{entry}, until: never")),
            list(&entry.replace(OLD, "latest")),
            list(&entry.replace(OLD, &OLD.to_uppercase())),
            list(&entry.replace("by: Ada", "by: \" \"")),
            list(&entry.replace("2026-08-24", "yesterday")),
            list(&entry.replace("2026-08-24", "2026-02-30")),
            list(&entry.replace("reason: it goes, ", "")),
        ];
        for text in &wrong {
            let error = Approvals::parse(text.as_bytes()).unwrap_err().to_string();
            assert_eq!(error.lines().count(), 1, "{error}");
        }
        assert!(matches!(
            Approvals::parse(b"\xff"),
            Err(ApprovalsError::NotText)
        ));
    }

    #[test]
    fn the_entry_to_paste_is_one() {
        let entry = entry_for("a\nb: \"c\".yaml", Some(OLD), None);
        let text = format!("amint-approvals: 1\napprovals:\n{entry}");
        let text = text.replace("YYYY-MM-DD", "2026-08-24");
        let approvals = Approvals::parse(text.as_bytes()).unwrap();
        assert!(
            approvals
                .find("a\nb: \"c\".yaml", Some(OLD), None)
                .is_some()
        );
    }
}
