//! `clear-logs`

use amint_inspect::{EntryKind, TreeError};

use super::trace::{Trace, left};
use crate::disk::{DiskContext, walk};
use crate::finding::Finding;
use crate::rule::MP_CLEAN_003;
use crate::step::{HardeningStep, Stage};

/// The catalogue's entry.
pub const STEP: HardeningStep = HardeningStep {
    id: "clear-logs",
    title: "empty /var/log: logs, rotated copies, journals, login records",
    why: "Runs in the seal, after everything that logs was stopped: a daemon that still holds its log \
          open would write it again.",
    rules: &["MP-CLEAN-003"],
    applies: "always",
    stage: Stage::Detached,
    script: include_str!("clear-logs.sh"),
    live_check: None,
    disk_check: check,
};

/// Links to folders that are followed below a folder of logs; more are hostile.
const MAX_LINKS: usize = 32;
/// Elsewhere. What lies in the last folder is under a memory file system on a running machine, so that no script
/// reaches it.
const OTHERS: [Trace; 8] = [
    Trace::new(
        "/var/lib/wtmpdb/wtmp.db",
        &MP_CLEAN_003,
        "a record of logins",
    ),
    Trace::new(
        "/var/lib/lastlog/lastlog2.db",
        &MP_CLEAN_003,
        "a record of logins",
    ),
    Trace::new(
        "/var/account/pacct*",
        &MP_CLEAN_003,
        "a record of processes",
    ),
    Trace::new(
        "/root/install.log*",
        &MP_CLEAN_003,
        "a log of the installer",
    ),
    Trace::new(
        "/root/anaconda-post.log",
        &MP_CLEAN_003,
        "a log of the installer",
    ),
    Trace::new(
        "/var/named/data/named.run",
        &MP_CLEAN_003,
        "a log of the name server",
    ),
    Trace::new(
        "/var/lib/rsyslog/imjournal.state",
        &MP_CLEAN_003,
        "a place in a journal that is gone",
    ),
    Trace::new("/run/log/journal/*/*", &MP_CLEAN_003, "a journal"),
];

fn check(disk: &DiskContext<'_>) -> Result<Vec<Finding>, TreeError> {
    let mut findings = Vec::new();
    for (path, size) in logs(disk, "/var/log")? {
        findings.push(MP_CLEAN_003.at(path, format!("a log of {size} bytes")));
    }
    findings.extend(left(disk, "", &OTHERS)?);
    Ok(findings)
}

/// The files below `folder` that are not empty, and their sizes. What a link to another folder leads to is
/// among them: the script does not follow it, so that it has to be declared as application logs.
pub(super) fn logs(disk: &DiskContext<'_>, folder: &str) -> Result<Vec<(String, u64)>, TreeError> {
    let mut files = walk(disk.tree, folder)?;
    let links: Vec<String> = files
        .iter()
        .filter(|(_, metadata)| metadata.kind == EntryKind::Symlink)
        .map(|(path, _)| path.clone())
        .collect();
    let mut followed = 0;
    for link in links {
        // A link to a file is more often one to documentation than to a log.
        if disk.tree.list(&link)?.is_empty() {
            continue;
        }
        followed += 1;
        if followed > MAX_LINKS {
            return Err(TreeError {
                path: folder.to_owned(),
                reason: format!("more than {MAX_LINKS} links to folders"),
            });
        }
        files.extend(walk(disk.tree, &link)?);
    }
    Ok(files
        .into_iter()
        .filter(|(_, metadata)| metadata.kind == EntryKind::File && metadata.size > 0)
        .map(|(path, metadata)| (path, metadata.size))
        .collect())
}
