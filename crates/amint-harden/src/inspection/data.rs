//! Further disks of an image, from which no instance starts.

use amint_inspect::BlockSource;

use super::examine::{Role, examine};
use super::scope::DataDisk;
use super::{Expectations, Inspection, InspectionError, conclude};
use crate::finding::Finding;

/// What the inspection of a further disk found; a part of an [`Inspection`] ([`Inspection::add`]).
#[derive(Clone, Debug)]
pub struct DataInspection {
    /// Their messages name the disk.
    pub findings: Vec<Finding>,
    /// What was read.
    pub disk: DataDisk,
    /// What was not looked into; each entry names the disk.
    pub not_seen: Vec<String>,
}

/// Searches a further disk for the same leftovers as [`inspect`](super::inspect) does, by the same
/// expectations. It may be empty, and no file is checked; but what it holds must be a file system that can be read, and
/// whole. `name` is what people know the disk by, such as `/dev/sdf`.
///
/// # Errors
/// When the source cannot be read or a tracer cannot be searched for; never because of what the disk holds.
pub fn inspect_data(
    source: &dyn BlockSource,
    name: &str,
    expectations: &Expectations,
) -> Result<DataInspection, InspectionError> {
    let examined = examine(source, expectations, Role::Data)?;
    let named = |text: String| format!("data disk {name}: {text}");
    let findings = examined.findings.into_iter().map(|finding| Finding {
        message: named(finding.message),
        ..finding
    });
    Ok(DataInspection {
        findings: findings.collect(),
        disk: DataDisk {
            name: name.to_owned(),
            size: examined.size,
            written: examined.written,
            partitions: examined.partitions,
            digest: examined.digest,
        },
        not_seen: examined.not_seen.into_iter().map(named).collect(),
    })
}

impl Inspection {
    /// Makes a further disk a part of this inspection: the verdict is about both. The digest stays that of the
    /// root disk; the other's is in the scope.
    pub fn add(&mut self, data: DataInspection) {
        self.findings.extend(data.findings);
        self.scope.data_disks.push(data.disk);
        self.scope.not_seen.extend(data.not_seen);
        self.verdict = conclude(&mut self.findings);
    }
}
