//! A disk's bytes to a verdict.
//!
//! - [`inspect`]: the whole inspection.
//! - `files`: partitions, file systems, and the disk check of every hardening step.
//! - `residue`: what was deleted and is still there.
//! - [`Scope`]: what was read, and what such an inspection cannot see.
//!
//! What is wrong with the disk is a finding, also when that makes it unreadable. Only a source that fails to
//! hand out its bytes ends an inspection without a verdict.

mod files;
mod residue;
mod scope;

use std::cmp::Reverse;

use amint_inspect::search::{self, ScanError};
use amint_inspect::{BlockSource, ReadError};
use serde::Serialize;

use crate::finding::{Finding, Verdict};
use crate::profile::Profile;
use residue::Search;
pub use scope::{Partition, Scope};

/// What a disk is compared with.
#[derive(Clone, Debug)]
pub struct Expectations {
    /// The build whose completion marker must be there; none is asked for when absent.
    pub build_id: Option<String>,
    /// What was planted before the seal: [`Tracers::patterns`](crate::tracer::Tracers::patterns). When empty,
    /// tracers of any build are looked for.
    pub tracers: Vec<Vec<u8>>,
    /// Files and folders that the product logs to.
    pub application_logs: Vec<String>,
    /// Whether to compute the disk's digest; it takes more time than the reading.
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
    /// The disk's digest (hex, see `amint_inspect::search::DIGEST_NAME`), if it was asked for.
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

/// Inspects a disk: every disk check of the profile on its files, and one pass over all that was written.
///
/// # Errors
/// When the source cannot be read or a tracer cannot be searched for; never because of what the disk holds.
pub fn inspect(
    source: &dyn BlockSource,
    expectations: &Expectations,
) -> Result<Inspection, InspectionError> {
    let search = Search::of(&expectations.tracers);
    let options = search::Options {
        digest: expectations.digest,
        workers: None,
    };
    // Files are looked at while the bytes are searched: one waits for memory, the other thinks.
    let (files, scan) = std::thread::scope(|scope| {
        let scanning = scope.spawn(|| search::scan(source, search.patterns(), &options));
        let files = files::inspect(source, expectations);
        let scan = scanning
            .join()
            .unwrap_or_else(|panic| std::panic::resume_unwind(panic));
        (files, scan)
    });
    let (files, scan) = (files?, scan?);

    let mut findings = files.findings;
    findings.extend(search.judge(source, &scan, &files.regions)?);
    findings.sort_by(|one, other| order(one).cmp(&order(other)));
    let violated = findings.iter().any(Finding::fails);
    Ok(Inspection {
        verdict: if violated {
            Verdict::Violations
        } else {
            Verdict::Clean
        },
        findings,
        scope: Scope {
            size: scan.size,
            written: scan.written,
            partitions: files.partitions,
            searched_for: search.described(),
            not_seen: [scope::never_seen(), files.not_seen].concat(),
        },
        digest: scan.digest,
    })
}

fn order(finding: &Finding) -> impl Ord + '_ {
    (
        Reverse(finding.severity),
        finding.rule,
        &finding.location,
        &finding.message,
    )
}
