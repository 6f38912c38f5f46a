//! `set-file-modes`

use amint_inspect::{EntryKind, TreeError};

use crate::disk::{DiskContext, expand, walk};
use crate::finding::Finding;
use crate::rule::{CIS_PERM_001, CIS_PERM_002, CIS_PERM_003, CIS_PERM_004, CIS_PERM_007};
use crate::step::{HardeningStep, Stage};

/// The catalogue's entry.
pub const STEP: HardeningStep = HardeningStep {
    id: "set-file-modes",
    title: "take away rights that nobody but the owner should have",
    why: "Files of accounts, settings of sshd and of the audit, logs, and whatever everybody may write.",
    rules: &[
        "CIS-PERM-001",
        "CIS-PERM-002",
        "CIS-PERM-003",
        "CIS-PERM-004",
        "CIS-PERM-007",
    ],
    applies: "always",
    stage: Stage::Detached,
    script: include_str!("set-file-modes.sh"),
    live_check: None,
    disk_check: check,
};

/// The same names as in the script: a pattern, the bits that may not be set, whether the group must be root's, the rule.
const FILES: [(&str, u16, bool, &crate::rule::Rule); 9] = [
    ("/etc/passwd", 0o7133, true, &CIS_PERM_001),
    ("/etc/group", 0o7133, true, &CIS_PERM_001),
    // Debian has a group that may read them.
    ("/etc/shadow", 0o7137, false, &CIS_PERM_001),
    ("/etc/gshadow", 0o7137, false, &CIS_PERM_001),
    ("/etc/ssh/sshd_config", 0o7177, true, &CIS_PERM_002),
    ("/etc/ssh/sshd_config.d/*.conf", 0o7177, true, &CIS_PERM_002),
    ("/etc/audit/auditd.conf", 0o7137, false, &CIS_PERM_007),
    ("/etc/audit/audit.rules", 0o7137, false, &CIS_PERM_007),
    ("/etc/audit/rules.d/*.rules", 0o7137, false, &CIS_PERM_007),
];
/// Records of logins: everybody reads them, and programs of the group utmp write them.
const LOGIN_RECORDS: [&str; 4] = ["wtmp", "btmp", "lastlog", "faillog"];

fn check(disk: &DiskContext<'_>) -> Result<Vec<Finding>, TreeError> {
    let mut findings = Vec::new();
    for (pattern, forbidden, for_root, rule) in FILES {
        for path in expand(disk.tree, "", pattern)? {
            let Some(metadata) = disk.tree.metadata(&path)? else {
                continue;
            };
            if metadata.kind != EntryKind::File {
                continue;
            }
            let (uid, gid, mode) = (metadata.uid, metadata.gid, metadata.mode);
            if mode & forbidden != 0 || uid != 0 || for_root && gid != 0 {
                let message = format!("has the mode {mode:04o}, and belongs to {uid}:{gid}");
                findings.push(rule.at(path, message));
            }
        }
    }
    for (path, metadata) in walk(disk.tree, "/var/log")? {
        let name = path.rsplit('/').next().unwrap_or_default();
        if metadata.kind == EntryKind::File
            && metadata.mode & 0o037 != 0
            && !LOGIN_RECORDS.contains(&name)
        {
            findings.push(CIS_PERM_003.at(path, format!("has the mode {:04o}", metadata.mode)));
        }
    }
    let survey = disk.survey()?;
    let open = |path: &String| CIS_PERM_004.at(path, "everybody may write it");
    findings.extend(survey.writable.iter().map(open));
    Ok(findings)
}
