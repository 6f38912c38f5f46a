//! What one partition holds.

use amint_inspect::identity::{Identity, identity};
use amint_inspect::partition::Partition;
use amint_inspect::probe::{FileSystem as Kind, probe};
use amint_inspect::{
    BlockSource, FileSystem, FileSystemError, FreeMap, ReadError, Tree, TreeError, file_system,
};

use super::InspectionError;
use super::contents::{called, judge};
use crate::disk::join;
use crate::finding::{Finding, Location};
use crate::rule::{AMINT_DISK_001, AMINT_DISK_002, MP_ARCH_007};

/// A file system with this file is one that an instance starts from.
pub(super) const ROOT_SIGN: &str = "/etc/passwd";

/// One partition, and the file system in it if it can be read.
pub(super) struct Volume<'a> {
    pub(super) partition: &'a Partition,
    pub(super) kind: Kind,
    pub(super) identity: Identity,
    pub(super) tree: Option<Box<dyn FileSystem + 'a>>,
    /// It looks like one that an instance starts from.
    pub(super) is_root: bool,
    pub(super) map: Option<FreeMap>,
    pub(super) findings: Vec<Finding>,
    /// What was not looked into, and need not be.
    pub(super) not_seen: Option<String>,
}

impl<'a> Volume<'a> {
    /// Reads what is in `partition`. What is wrong with it is a finding.
    ///
    /// # Errors
    /// When the source cannot be read.
    pub(super) fn read(
        source: &'a dyn BlockSource,
        partition: &'a Partition,
    ) -> Result<Self, InspectionError> {
        let extent = partition.extent;
        let mut volume = Self {
            partition,
            kind: probe(source, extent)?,
            identity: identity(source, extent)?,
            tree: None,
            is_root: false,
            map: None,
            findings: Vec::new(),
            not_seen: None,
        };
        let at = Location::Offset(extent.offset);
        if volume.identity.encrypts {
            let message = format!("files in {} may be encrypted", called(partition));
            volume
                .findings
                .push(MP_ARCH_007.violated(at.clone(), message));
        }
        if volume.identity.journal_elsewhere {
            let message = format!(
                "the journal of {} is on another device, which is not read",
                called(partition)
            );
            volume.findings.push(AMINT_DISK_001.violated(at, message));
            return Ok(volume);
        }
        let tree = match file_system::open(source, extent) {
            Ok(Some(tree)) => tree,
            Ok(None) => {
                let contents = judge(source, partition, volume.kind)?;
                volume.findings.extend(contents.findings);
                volume.not_seen = contents.not_seen;
                return Ok(volume);
            }
            Err(error) => {
                volume.findings.push(broken(error, at)?);
                return Ok(volume);
            }
        };
        match FreeMap::read(source, extent) {
            Ok(map) => volume.map = map,
            // Its files can be read all the same; only attribution is lost.
            Err(FileSystemError::Unsupported(_)) => {}
            Err(error) => volume.findings.push(broken(error, at.clone())?),
        }
        let journal_clean = volume.map.as_ref().is_none_or(|map| map.journal_clean);
        if !tree.is_clean() || !journal_clean {
            let message = if tree.needs_recovery() || !journal_clean {
                "the file system was not cleanly closed: its journal waits to be replayed"
            } else {
                "the file system was not cleanly closed, or has recorded errors"
            };
            volume.findings.push(AMINT_DISK_002.violated(at, message));
        }
        match tree.metadata(ROOT_SIGN) {
            Ok(sign) => volume.is_root = sign.is_some(),
            Err(error) => volume.findings.push(unreadable(&error)),
        }
        volume.tree = Some(tree);
        Ok(volume)
    }

    /// Whether there are files in it, other than what the file system makes itself.
    pub(super) fn has_files(&self) -> Result<bool, TreeError> {
        match &self.tree {
            Some(tree) => Ok(!names(tree.as_ref(), "/")?.is_empty()),
            None => Ok(false),
        }
    }

    /// What people call it.
    pub(super) fn called(&self) -> String {
        format!("{} ({})", called(self.partition), self.kind)
    }
}

/// The folder that every ext4 file system has.
const LOST: &str = "lost+found";

/// What is in a folder, without the one that the file system made itself, as long as that is empty.
pub(super) fn names(tree: &dyn Tree, folder: &str) -> Result<Vec<String>, TreeError> {
    let mut names = tree.list(folder)?;
    if names.iter().any(|name| name == LOST) && tree.list(&join(folder, LOST))?.is_empty() {
        names.retain(|name| name != LOST);
    }
    Ok(names)
}

/// A file system that cannot be opened, as a finding; what the source did not hand out is an error.
fn broken(error: FileSystemError, at: Location) -> Result<Finding, InspectionError> {
    let rule = match error {
        FileSystemError::Read(source @ ReadError::Io { .. }) => return Err(source.into()),
        FileSystemError::Unsupported(_) | FileSystemError::TooLarge { .. } => AMINT_DISK_001,
        _ => AMINT_DISK_002,
    };
    Ok(rule.violated(at, error.to_string()))
}

/// A file that cannot be read, as a finding.
pub(super) fn unreadable(error: &TreeError) -> Finding {
    AMINT_DISK_002.at(&error.path, format!("cannot be read: {}", error.reason))
}
