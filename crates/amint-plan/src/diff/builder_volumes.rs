//! `builder.root-volume` and `builder.volumes`.

use super::change::{Change, Class, Place};
use super::changes::{Changes, quoted};
use super::pairing::Pairing;
use super::recipe::REORDERED;
use super::rule::{DiffRule, both_ways, pair};
use crate::machine::{DataVolume, Volume};

static VOLUME: DiffRule = both_ways(
    "DIFF-VOLUME-001",
    Class::Neutral,
    "a volume has another size or speed",
    "It holds the same files.",
);
static ADDED: DiffRule = pair(
    "DIFF-VOLUME-002",
    Class::Changed,
    "DIFF-VOLUME-003",
    "the image has one more volume",
    "Every volume is part of the image; its content is inspected as the root volume's is.",
);
static REMOVED: DiffRule = pair(
    "DIFF-VOLUME-003",
    Class::Changed,
    "DIFF-VOLUME-002",
    "the image has a volume less",
    "What steps wrote there is written to another volume, or not at all.",
);

pub(super) static RULES: &[&DiffRule] = &[&VOLUME, &ADDED, &REMOVED];

pub(super) fn compare_root(old: &Volume, new: &Volume, changes: &mut Changes) {
    let place = Place::Builder { key: "root-volume" };
    let what = "the root volume";
    changes.replaced(
        &VOLUME,
        place,
        what,
        &root_in_words(old),
        &root_in_words(new),
    );
}

pub(super) fn compare(old: &[DataVolume], new: &[DataVolume], changes: &mut Changes) {
    let place = || Place::Builder { key: "volumes" };
    let mut pairing = Pairing::new(old.len(), new.len());
    pairing.by_key(|at| Some(&old[at].device), |at| Some(&new[at].device));
    for (before, after) in pairing.pairs() {
        let what = format!("the volume {}", quoted(&new[after].device));
        let (before, after) = (data_in_words(&old[before]), data_in_words(&new[after]));
        changes.replaced(&VOLUME, place(), &what, &before, &after);
    }
    for volume in pairing.added().map(|index| &new[index]) {
        let words = data_in_words(volume);
        let message = format!(
            "the image has the new volume {} ({words})",
            quoted(&volume.device)
        );
        changes.push(Change::by(&ADDED, place(), message).is(words));
    }
    for volume in pairing.removed().map(|index| &old[index]) {
        let message = format!(
            "the image no longer has the volume {}",
            quoted(&volume.device)
        );
        let change = Change::by(&REMOVED, place(), message);
        changes.push(change.was(data_in_words(volume)));
    }
    if !pairing.is_in_order() {
        let message = "the volumes stand in another order";
        changes.push(Change::by(&REORDERED, place(), message));
    }
}

fn root_in_words(volume: &Volume) -> String {
    let Volume {
        size_gib,
        kind,
        iops,
        throughput,
    } = volume;
    in_words(*size_gib, kind.as_deref(), *iops, *throughput)
}

/// The device's name is said before.
fn data_in_words(volume: &DataVolume) -> String {
    let DataVolume {
        device: _,
        size_gib,
        kind,
        iops,
        throughput,
    } = volume;
    in_words(Some(*size_gib), kind.as_deref(), *iops, *throughput)
}

fn in_words(
    size: Option<u32>,
    kind: Option<&str>,
    iops: Option<u32>,
    throughput: Option<u32>,
) -> String {
    let size = size.map_or("as large as the base image's".to_owned(), |gib| {
        format!("{gib} GiB")
    });
    let kind = kind.unwrap_or("the default type").to_owned();
    let iops = iops.map(|iops| format!("{iops} operations a second"));
    let throughput = throughput.map(|mib| format!("{mib} MiB a second"));
    let parts = [Some(size), Some(kind), iops, throughput];
    parts.into_iter().flatten().collect::<Vec<_>>().join(", ")
}
