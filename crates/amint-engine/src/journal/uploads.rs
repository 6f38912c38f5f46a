//! What the plan's steps upload, beside the journal for as long as the build may have to be gone on with: the plan's
//! own file leaves it out, and the recipe's files may change meanwhile.

use std::fs::{self, DirBuilder, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use amint_plan::{Action, BuildPlan};

use super::JournalError;
use crate::digest;

/// One file for each content, named after its SHA-256.
const FOLDER: &str = "files";

/// Writes them. Not synced: after a power cut their digests tell what they are worth.
pub(super) fn write(dir: &Path, plan: &BuildPlan) -> Result<(), JournalError> {
    let folder = dir.join(FOLDER);
    for action in plan.steps.iter().flat_map(|step| &step.actions) {
        let Action::Upload {
            sha256, content, ..
        } = action
        else {
            continue;
        };
        let path = file(&folder, sha256);
        let written = make(&folder).and_then(|()| write_private(&path, content));
        written.map_err(|source| JournalError::Io { path, source })?;
    }
    Ok(())
}

/// What is uploaded may be meant for the builder alone.
fn make(folder: &Path) -> io::Result<()> {
    let mut builder = DirBuilder::new();
    builder.recursive(true).mode(0o700).create(folder)
}

fn write_private(path: &Path, content: &[u8]) -> io::Result<()> {
    let mut options = OpenOptions::new();
    let options = options.write(true).create(true).truncate(true);
    options.mode(0o600).open(path)?.write_all(content)
}

/// Gives the plan's uploads their contents again.
///
/// # Errors
/// When one is missing or is not what it was.
pub fn restore(dir: &Path, plan: &mut BuildPlan) -> Result<(), JournalError> {
    let folder = dir.join(FOLDER);
    for action in plan.steps.iter_mut().flat_map(|step| &mut step.actions) {
        let Action::Upload {
            sha256, content, ..
        } = action
        else {
            continue;
        };
        let path = file(&folder, sha256);
        let bytes = fs::read(&path).map_err(|source| JournalError::Read {
            path: path.clone(),
            source,
        })?;
        if digest::sha256(&bytes) != *sha256 {
            return Err(JournalError::Upload { path });
        }
        *content = bytes;
    }
    Ok(())
}

pub(super) fn remove(dir: &Path) {
    let folder = dir.join(FOLDER);
    if let Err(error) = fs::remove_dir_all(&folder)
        && error.kind() != io::ErrorKind::NotFound
    {
        tracing::warn!(%error, path = %folder.display(), "could not remove what is of no use any more");
    }
}

/// A digest is hex, whatever a plan that was tampered with says.
fn file(folder: &Path, sha256: &str) -> PathBuf {
    let name: String = sha256.chars().filter(char::is_ascii_hexdigit).collect();
    folder.join(name)
}
