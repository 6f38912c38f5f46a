//! Partitions, file systems, and the disk check of every hardening step.

use std::collections::BTreeSet;

use amint_inspect::partition::{self, Layout, PartitionError, Purpose};
use amint_inspect::region::Region;
use amint_inspect::zeros::first_nonzero;
use amint_inspect::{BlockSource, Extent, Tree};

use super::examine::Role;
use super::mounts::together;
use super::scope::Partition;
use super::volume::{ROOT_SIGN, Volume, unreadable};
use super::{Expectations, InspectionError};
use crate::access;
use crate::agent;
use crate::disk::DiskContext;
use crate::finding::{Finding, Location};
use crate::marker;
use crate::rule::AMINT_DISK_001;

/// What was found in the file systems.
#[derive(Default)]
pub(super) struct Files {
    pub(super) findings: Vec<Finding>,
    pub(super) partitions: Vec<Partition>,
    /// The partition table; `None` when it cannot be read.
    pub(super) layout: Option<Layout>,
    /// Where file systems are mounted; the root at nothing.
    pub(super) places: Vec<(Extent, String)>,
    /// What was not looked into.
    pub(super) not_seen: Vec<String>,
}

impl Files {
    /// A region whose path, if it has one, is the one that an instance knows.
    pub(super) fn as_mounted(&self, offset: u64, region: Region) -> Region {
        let mut places = self.places.iter();
        match places.find(|(extent, _)| extent.range().contains(&offset)) {
            Some((_, place)) => region.below(place),
            None => region,
        }
    }
}

pub(super) fn inspect(
    source: &dyn BlockSource,
    expectations: &Expectations,
    role: Role,
) -> Result<Files, InspectionError> {
    let mut files = Files {
        not_seen: source.unread(),
        ..Files::default()
    };
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
    let mut volumes = Vec::with_capacity(layout.partitions.len());
    for partition in &layout.partitions {
        volumes.push(Volume::read(source, partition)?);
    }
    for volume in &mut volumes {
        files.findings.append(&mut volume.findings);
        files.not_seen.extend(volume.not_seen.take());
    }
    if volumes.is_empty() {
        files.findings.extend(nothing_known(source, role)?);
    }
    let checked = match role {
        Role::Root => files.check(&volumes, expectations),
        Role::Data => BTreeSet::new(),
    };
    for (index, volume) in volumes.iter().enumerate() {
        let was_checked = checked.contains(&index);
        if volume.tree.is_some() && !was_checked {
            files
                .not_seen
                .push(format!("the files of {}", volume.called()));
        }
        files.partitions.push(Partition {
            offset: volume.partition.extent.offset,
            length: volume.partition.extent.length,
            file_system: was_checked.then(|| volume.kind.to_string()),
        });
    }
    drop(volumes);
    files.layout = Some(layout);
    Ok(files)
}

/// A disk without a partition table and without a file system that is known. Further disks may be empty.
fn nothing_known(source: &dyn BlockSource, role: Role) -> Result<Option<Finding>, InspectionError> {
    let disk = Extent {
        offset: 0,
        length: source.size(),
    };
    let empty = role == Role::Data && first_nonzero(source, disk)?.is_none();
    let message = "no partition table and no file system that is known";
    Ok((!empty).then(|| AMINT_DISK_001.violated(Location::Disk, message)))
}

impl Files {
    /// Checks every root, each with what is mounted in it: which volumes were checked.
    fn check(&mut self, volumes: &[Volume<'_>], expectations: &Expectations) -> BTreeSet<usize> {
        let mut checked = BTreeSet::new();
        for (index, volume) in volumes
            .iter()
            .enumerate()
            .filter(|(_, volume)| volume.is_root)
        {
            let Some(root) = volume.tree.as_deref() else {
                continue;
            };
            checked.insert(index);
            match together(volumes, index, root) {
                Ok(whole) => {
                    checked.extend(whole.members.keys());
                    let extent = |index: &usize| Some(volumes.get(*index)?.partition.extent);
                    let places = whole.members.iter();
                    let places =
                        places.filter_map(|(index, place)| Some((extent(index)?, place.clone())));
                    self.places.extend(places);
                    self.findings.extend(whole.findings);
                    self.not_seen.extend(whole.not_seen);
                    self.findings.extend(check(&whole.tree, expectations));
                }
                Err(error) => {
                    self.findings.push(unreadable(&error));
                    self.findings.extend(check(root, expectations));
                }
            }
        }
        if checked.is_empty() {
            if self.findings.is_empty() {
                let all: Vec<String> = volumes.iter().map(Volume::called).collect();
                let message = format!("no file system with {ROOT_SIGN}, only {}", all.join(", "));
                self.findings
                    .push(AMINT_DISK_001.violated(Location::Disk, message));
            }
            return checked;
        }
        for (index, volume) in volumes.iter().enumerate() {
            if !checked.contains(&index) {
                self.findings.extend(aside(volume));
            }
        }
        checked
    }
}

/// A file system that belongs to no root. What a boot loader reads may be there without being mounted.
fn aside(volume: &Volume<'_>) -> Option<Finding> {
    if [Purpose::EfiSystem, Purpose::ExtendedBoot].contains(&volume.partition.purpose) {
        return None;
    }
    match volume.has_files() {
        Ok(false) => None,
        Ok(true) => {
            let message = format!(
                "/etc/fstab does not mount {}: its files were not checked",
                volume.called()
            );
            Some(AMINT_DISK_001.violated(Location::Offset(volume.partition.extent.offset), message))
        }
        Err(error) => Some(unreadable(&error)),
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
    findings.extend(access::check(&disk).unwrap_or_else(|error| vec![unreadable(&error)]));
    for step in profile.steps {
        let found = (step.disk_check)(&disk).unwrap_or_else(|error| vec![unreadable(&error)]);
        findings.extend(found.into_iter().map(|finding| Finding {
            step: Some(step.id),
            ..finding
        }));
    }
    for one in profile.checks {
        findings.extend((one.disk_check)(&disk).unwrap_or_else(|error| vec![unreadable(&error)]));
    }
    findings
}
