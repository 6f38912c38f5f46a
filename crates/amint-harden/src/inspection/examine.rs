//! One disk: its file systems, and one pass over all that was written.

use amint_inspect::BlockSource;
use amint_inspect::search;

use super::residue::Search;
use super::scope::Partition;
use super::{Expectations, InspectionError, files};
use crate::finding::{Finding, Location};

/// What a disk is for.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Role {
    /// An instance starts from it: its files are checked.
    Root,
    /// It may hold anything.
    Data,
}

/// What one disk showed.
pub(super) struct Examined {
    pub(super) findings: Vec<Finding>,
    pub(super) size: u64,
    pub(super) written: u64,
    pub(super) partitions: Vec<Partition>,
    pub(super) searched_for: Vec<String>,
    pub(super) not_seen: Vec<String>,
    pub(super) digest: Option<String>,
}

pub(super) fn examine(
    source: &dyn BlockSource,
    expectations: &Expectations,
    role: Role,
) -> Result<Examined, InspectionError> {
    let search = Search::of(expectations);
    let options = search::Options {
        digest: expectations.digest,
        secrets: true,
        workers: None,
    };
    // Files are looked at while the bytes are searched: one waits for memory, the other thinks.
    let (files, scan) = std::thread::scope(|scope| {
        let scanning = scope.spawn(|| search::scan(source, search.patterns(), &options));
        let files = files::inspect(source, expectations, role);
        let scan = scanning
            .join()
            .unwrap_or_else(|panic| std::panic::resume_unwind(panic));
        (files, scan)
    });
    let (files, scan) = (files?, scan?);
    let left = search.judge(source, &scan, &files)?;
    let mut findings = files.findings;
    // What a check of the files has said already is not said twice.
    let said = |one: &Finding| {
        let same = |other: &&Finding| one.rule == other.rule && one.location == other.location;
        matches!(one.location, Location::Path(_)) && findings.iter().any(|other| same(&other))
    };
    let left: Vec<Finding> = left.into_iter().filter(|one| !said(one)).collect();
    findings.extend(left);
    let not_seen = [files.not_seen, search.not_seen()].concat();
    Ok(Examined {
        findings,
        size: scan.size,
        written: scan.written,
        partitions: files.partitions,
        searched_for: search.described(),
        not_seen,
        digest: scan.digest,
    })
}
