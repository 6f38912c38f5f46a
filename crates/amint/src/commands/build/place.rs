//! Where the results of builds go.

use std::io;
use std::path::{Path, PathBuf};

use amint_plan::{BuildPlan, Machine};
use rustix::fs::{Access, access};

use super::minting::Minting;
use crate::cli::Build;
use crate::error::CommandError;

/// The manifest, in the output folder.
pub(super) const MANIFEST: &str = "manifest.json";
/// The image of a local build, beside it.
pub(super) const IMAGE: &str = "image.raw";

/// The folder of one build's results, beside those of others when there are `many`. Absolute.
pub(super) fn output_dir(
    arguments: &Build,
    plan: &BuildPlan,
    many: bool,
) -> Result<PathBuf, CommandError> {
    let own = plan.title();
    let folder = match &arguments.output {
        None => Path::new("out").join(own),
        Some(folder) if many => folder.join(own),
        Some(folder) => folder.clone(),
    };
    std::path::absolute(&folder).map_err(CommandError::NoWorkingFolder)
}

/// Refuses a folder that cannot be written to, or that holds what may not be replaced.
pub(super) fn require_free(
    folder: &Path,
    plan: &BuildPlan,
    force: bool,
) -> Result<(), CommandError> {
    let results: &[&str] = match plan.builder.machine {
        Machine::Local(_) => &[IMAGE, MANIFEST],
        Machine::Aws(_) => &[MANIFEST],
    };
    // As people gave it, where that can be told.
    let shown = || {
        let here = std::env::current_dir().ok();
        let inside = here.and_then(|here| folder.strip_prefix(here).ok().map(Path::to_owned));
        inside.unwrap_or_else(|| folder.to_owned())
    };
    if !force && results.iter().any(|name| folder.join(name).exists()) {
        return Err(CommandError::OutputTaken { folder: shown() });
    }
    require_writable(folder).map_err(|source| CommandError::OutputFolder {
        folder: shown(),
        source,
    })
}

/// Whether the folder can be written to, or made: better found out before the work than after it.
fn require_writable(folder: &Path) -> io::Result<()> {
    let there = folder.ancestors().find(|ancestor| ancestor.exists());
    let there = there.unwrap_or(Path::new("/"));
    if !there.is_dir() {
        return Err(io::ErrorKind::NotADirectory.into());
    }
    Ok(access(there, Access::WRITE_OK | Access::EXEC_OK)?)
}

/// Refuses builds of which one would replace another's results.
pub(super) fn require_distinct(mintings: &[Minting]) -> Result<(), CommandError> {
    for (index, one) in mintings.iter().enumerate() {
        let same = |other: &&Minting| other.output_dir() == one.output_dir();
        if mintings[..index].iter().any(|other| same(&other)) {
            return Err(CommandError::OutputTwice {
                folder: one.output_dir().to_owned(),
            });
        }
    }
    Ok(())
}
