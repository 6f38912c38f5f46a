//! Partitions, file systems, and the disk check of every hardening step.

use amint_inspect::file_system;
use amint_inspect::partition::{self, Layout, PartitionError};
use amint_inspect::probe::{FileSystem as Kind, probe};
use amint_inspect::{BlockSource, Extent, FileSystemError, FreeMap, ReadError, Tree, TreeError};

use super::examine::Role;
use super::scope::Partition;
use super::{Expectations, InspectionError};
use crate::agent;
use crate::disk::DiskContext;
use crate::finding::{Finding, Location};
use crate::marker;
use crate::rule::{AMINT_DISK_001, AMINT_DISK_002};

/// A file system with this file is the one that an instance starts from.
const ROOT_SIGN: &str = "/etc/passwd";

/// What was found in the file systems.
#[derive(Default)]
pub(super) struct Files {
    pub(super) findings: Vec<Finding>,
    pub(super) partitions: Vec<Partition>,
    /// The partition table; `None` when it cannot be read.
    pub(super) layout: Option<Layout>,
    /// What was not looked into.
    pub(super) not_seen: Vec<String>,
}

pub(super) fn inspect(
    source: &dyn BlockSource,
    expectations: &Expectations,
    role: Role,
) -> Result<Files, InspectionError> {
    let mut files = Files::default();
    let layout = match partition::read(source) {
        Ok(layout) => layout,
        Err(PartitionError::Read(error)) => return Err(error.into()),
        Err(error) => {
            files
                .findings
                .push(AMINT_DISK_001.violated(Location::Disk, error.to_string()));
            return Ok(files);
        }
    };
    files
        .not_seen
        .extend(layout.notes.iter().map(ToString::to_string));
    let mut others = Vec::new();
    for partition in &layout.partitions {
        let Extent { offset, length } = partition.extent;
        let mut file_system = FileSystem::read(source, partition.extent, expectations, role)?;
        files.findings.append(&mut file_system.findings);
        let kind = file_system.kind.to_string();
        if !file_system.is_root {
            others.push(format!(
                "the files of partition {} ({kind})",
                partition.number
            ));
        }
        let file_system = file_system.is_root.then_some(kind);
        files.partitions.push(Partition {
            offset,
            length,
            file_system,
        });
    }
    let rootless = others.len() == layout.partitions.len() && files.findings.is_empty();
    if role == Role::Root && rootless {
        let message = match layout.partitions.as_slice() {
            [] => "no partition table and no file system that is known".to_owned(),
            _ => format!(
                "no file system with {ROOT_SIGN}, only {}",
                others.join(", ")
            ),
        };
        files
            .findings
            .push(AMINT_DISK_001.violated(Location::Disk, message));
    }
    files.not_seen.append(&mut others);
    files.layout = Some(layout);
    Ok(files)
}

/// What was found in one partition.
struct FileSystem {
    kind: Kind,
    /// Whether an instance starts from it: its files were checked.
    is_root: bool,
    map: Option<FreeMap>,
    findings: Vec<Finding>,
}

impl FileSystem {
    fn read(
        source: &dyn BlockSource,
        extent: Extent,
        expectations: &Expectations,
        role: Role,
    ) -> Result<Self, InspectionError> {
        let kind = probe(source, extent)?;
        let mut read = Self {
            kind,
            is_root: false,
            map: None,
            findings: Vec::new(),
        };
        let at = Location::Offset(extent.offset);
        let tree = match file_system::open(source, extent) {
            Ok(Some(tree)) => tree,
            Ok(None) => return Ok(read),
            // Its files are not checked anyway; its bytes are searched.
            Err(FileSystemError::Unsupported(_) | FileSystemError::TooLarge { .. })
                if role == Role::Data =>
            {
                return Ok(read);
            }
            Err(error) => {
                read.findings.push(broken(error, at)?);
                return Ok(read);
            }
        };
        match FreeMap::read(source, extent) {
            Ok(map) => read.map = map,
            // Its files can be read all the same; only attribution is lost.
            Err(FileSystemError::Unsupported(_)) => {}
            Err(error) => read.findings.push(broken(error, at.clone())?),
        }
        let journal_clean = read.map.as_ref().is_none_or(|map| map.journal_clean);
        if !tree.is_clean() || !journal_clean {
            let message = if tree.needs_recovery() || !journal_clean {
                "the file system was not cleanly closed: its journal waits to be replayed"
            } else {
                "the file system was not cleanly closed, or has recorded errors"
            };
            read.findings.push(AMINT_DISK_002.violated(at, message));
        }
        if role == Role::Data {
            return Ok(read);
        }
        match tree.metadata(ROOT_SIGN) {
            Ok(None) => {}
            Ok(Some(_)) => {
                read.is_root = true;
                read.findings.extend(check(&*tree, expectations));
            }
            Err(error) => read.findings.push(unreadable(&error)),
        }
        Ok(read)
    }
}

/// Every disk check of the profile, and the completion marker.
fn check(tree: &dyn Tree, expectations: &Expectations) -> Vec<Finding> {
    let Expectations {
        build_id,
        application_logs,
        agent_removed,
        profile,
        ..
    } = expectations;
    let mut findings = marker::check(tree, build_id.as_deref(), profile)
        .unwrap_or_else(|error| vec![unreadable(&error)]);
    if *agent_removed {
        let left = agent::check_removed(tree).unwrap_or_else(|error| vec![unreadable(&error)]);
        findings.extend(left);
    }
    let disk = match DiskContext::read(tree, application_logs) {
        Ok(disk) => disk,
        Err(error) => {
            findings.push(unreadable(&error));
            return findings;
        }
    };
    for step in profile.steps {
        let found = (step.disk_check)(&disk).unwrap_or_else(|error| vec![unreadable(&error)]);
        findings.extend(found.into_iter().map(|finding| Finding {
            step: Some(step.id),
            ..finding
        }));
    }
    findings
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
fn unreadable(error: &TreeError) -> Finding {
    AMINT_DISK_002.at(&error.path, format!("cannot be read: {}", error.reason))
}
