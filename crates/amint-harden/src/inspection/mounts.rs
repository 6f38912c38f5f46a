//! The file systems of a disk as one tree, put together as the root's `/etc/fstab` asks for it.

use std::collections::{BTreeMap, BTreeSet};

use amint_inspect::mounted::Mounted;
use amint_inspect::partition::Purpose;
use amint_inspect::{Tree, TreeError};

use super::fstab;
use super::volume::{Volume, names};
use crate::finding::Finding;
use crate::rule::AMINT_DISK_001;

/// Where systemd mounts what fstab does not speak of (systemd-gpt-auto-generator(8)).
const BY_PURPOSE: [(Purpose, &str); 6] = [
    (Purpose::EfiSystem, "/efi"),
    (Purpose::ExtendedBoot, "/boot"),
    (Purpose::Usr, "/usr"),
    (Purpose::Home, "/home"),
    (Purpose::Srv, "/srv"),
    (Purpose::TemporaryData, "/var/tmp"),
];

/// A root with everything that is mounted in it.
pub(super) struct Together<'a> {
    pub(super) tree: Mounted<'a>,
    /// Which volumes are a part of it, by their place in the list, and where each is mounted: the root at nothing.
    pub(super) members: BTreeMap<usize, String>,
    pub(super) findings: Vec<Finding>,
    /// What is to be mounted and is not on the disk.
    pub(super) not_seen: Vec<String>,
}

/// Puts together what belongs to the root at `index` of `volumes`.
///
/// # Errors
/// When a file system is damaged on the way.
pub(super) fn together<'a>(
    volumes: &'a [Volume<'a>],
    index: usize,
    root: &'a dyn Tree,
) -> Result<Together<'a>, TreeError> {
    let mut whole = Together {
        tree: Mounted::new(root),
        members: BTreeMap::from([(index, String::new())]),
        findings: Vec::new(),
        not_seen: Vec::new(),
    };
    let mut wanted: Vec<(String, usize)> = Vec::new();
    for entry in fstab::mounts(root)? {
        let named = volumes
            .iter()
            .position(|volume| entry.names(volume.partition, &volume.identity));
        match named {
            Some(volume) => wanted.push((entry.place, volume)),
            None => whole.not_seen.push(format!(
                "{} on {}, which /etc/fstab mounts: it is not on this disk",
                entry.written, entry.place
            )),
        }
    }
    // What lies deeper is mounted in what is above it.
    wanted.sort_by_key(|(place, _)| place.split('/').filter(|part| !part.is_empty()).count());
    let mut taken = BTreeSet::new();
    for (place, volume) in wanted {
        whole.mount(volumes, volume, &place, &mut taken)?;
    }
    for (index, volume) in volumes.iter().enumerate() {
        let place = BY_PURPOSE
            .iter()
            .find(|(purpose, _)| *purpose == volume.partition.purpose);
        if let Some((_, place)) = place
            && !whole.members.contains_key(&index)
            && names(&whole.tree, place)?.is_empty()
        {
            whole.mount(volumes, index, place, &mut taken)?;
        }
    }
    Ok(whole)
}

impl<'a> Together<'a> {
    fn mount(
        &mut self,
        volumes: &'a [Volume<'a>],
        index: usize,
        place: &str,
        taken: &mut BTreeSet<String>,
    ) -> Result<(), TreeError> {
        // What has no tree is a finding already; what is mounted twice is seen once.
        let tree = volumes.get(index).and_then(|volume| volume.tree.as_deref());
        let Some(tree) = tree.filter(|_| !self.members.contains_key(&index)) else {
            return Ok(());
        };
        // What the mount would hide.
        let hidden = names(&self.tree, place)?;
        let mut with = Mounted::clone(&self.tree);
        let canonical = with.mount(place, tree)?;
        // Of two on one place, one hides the other, and which one depends on what mounts them.
        if !taken.insert(canonical.clone()) {
            return Ok(());
        }
        self.tree = with;
        self.members.insert(index, canonical.clone());
        if let [first, ..] = hidden.as_slice() {
            let message = format!(
                "{} files and folders, such as {first}, are hidden by the file system that is mounted here, and were \
                 not checked",
                hidden.len()
            );
            self.findings.push(AMINT_DISK_001.at(canonical, message));
        }
        Ok(())
    }
}
