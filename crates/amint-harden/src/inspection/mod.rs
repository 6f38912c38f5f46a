//! A disk's bytes to a verdict.
//!
//! - [`inspect`]: the whole inspection of the disk that an instance starts from.
//! - [`inspect_data`]: a further disk, which [`Inspection::add`] makes a part of it.
//! - `examine`: what both do.
//! - `files`: partitions, file systems, and the disk check of every hardening step. Below it: `volume` (what a partition
//!   holds), `contents` (when that is no file tree), `fstab` and `mounts` (several file systems as one tree).
//! - `residue`: what the search of all written blocks found; `named` is the builder's own secrets, `kinds` which rule
//!   each kind of secret violates, `known` the test vectors that packages ship.
//! - [`Scope`]: what was read, and what such an inspection cannot see.
//!
//! What is wrong with the disk is a finding, also when that makes it unreadable. Only a source that fails to
//! hand out its bytes ends an inspection without a verdict.

mod contents;
mod data;
mod examine;
mod files;
mod fstab;
mod kinds;
mod known;
mod mounts;
mod named;
mod residue;
mod scope;
mod volume;

use std::cmp::Reverse;

use amint_inspect::search::ScanError;
use amint_inspect::{BlockSource, ReadError};
use serde::Serialize;

use crate::finding::{Finding, Verdict};
use crate::profile::Profile;
pub use data::{DataInspection, inspect_data};
use examine::{Role, examine};
pub use named::NamedSecret;
pub use scope::{DataDisk, Partition, Scope};

/// What a disk is compared with.
#[derive(Clone, Debug)]
pub struct Expectations {
    /// The build whose completion marker must be there; none is asked for when absent.
    pub build_id: Option<String>,
    /// What was planted before the seal: [`Tracers::patterns`](crate::tracer::Tracers::patterns). When empty,
    /// tracers of any build are looked for.
    pub tracers: Vec<Vec<u8>>,
    /// The builder's own secrets, which no written block may hold in any usual form.
    pub secrets: Vec<NamedSecret>,
    /// Files and folders that the product logs to.
    pub application_logs: Vec<String>,
    /// Whether no SSM agent may be left.
    pub agent_removed: bool,
    /// Whether to compute each disk's digest; it takes more time than the reading.
    pub digest: bool,
    /// The profile whose disk checks are made.
    pub profile: &'static Profile,
}

/// What an inspection found.
#[derive(Clone, Debug, Serialize)]
pub struct Inspection {
    /// The conclusion.
    pub verdict: Verdict,
    /// The worst first, then by rule and place.
    pub findings: Vec<Finding>,
    /// What the verdict is about.
    pub scope: Scope,
    /// The root disk's digest (hex, see `amint_inspect::search::DIGEST_NAME`), if it was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub digest: Option<String>,
}

/// Why there is no verdict.
#[derive(Debug, thiserror::Error)]
pub enum InspectionError {
    /// The source did not hand out its bytes.
    #[error("cannot read the disk")]
    Read(#[source] ReadError),
    /// A tracer that was expected cannot be searched for.
    #[error("cannot search the disk")]
    Search(#[source] ScanError),
}

impl From<ReadError> for InspectionError {
    fn from(source: ReadError) -> Self {
        InspectionError::Read(source)
    }
}

impl From<ScanError> for InspectionError {
    fn from(source: ScanError) -> Self {
        match source {
            ScanError::Read(source) => InspectionError::Read(source),
            other => InspectionError::Search(other),
        }
    }
}

/// Inspects the disk that an instance starts from: every disk check of the profile on its files, and one pass
/// over all that was written.
///
/// # Errors
/// When the source cannot be read or a tracer cannot be searched for; never because of what the disk holds.
pub fn inspect(
    source: &dyn BlockSource,
    expectations: &Expectations,
) -> Result<Inspection, InspectionError> {
    let examined = examine(source, expectations, Role::Root)?;
    let mut findings = examined.findings;
    Ok(Inspection {
        verdict: conclude(&mut findings),
        findings,
        scope: Scope {
            size: examined.size,
            written: examined.written,
            partitions: examined.partitions,
            data_disks: Vec::new(),
            searched_for: examined.searched_for,
            not_seen: [scope::never_seen(), examined.not_seen].concat(),
        },
        digest: examined.digest,
    })
}

/// Sorts the findings, and says what they come to.
fn conclude(findings: &mut [Finding]) -> Verdict {
    findings.sort_by(|one, other| order(one).cmp(&order(other)));
    match findings.iter().any(Finding::fails) {
        true => Verdict::Violations,
        false => Verdict::Clean,
    }
}

fn order(finding: &Finding) -> impl Ord + '_ {
    (
        Reverse(finding.severity),
        finding.rule,
        &finding.location,
        &finding.message,
    )
}
