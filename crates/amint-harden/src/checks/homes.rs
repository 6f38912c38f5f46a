//! `homes`: whose they are, and what in them talks to others.

use amint_inspect::{EntryKind, TreeError};

use crate::check::Check;
use crate::disk::{DiskContext, join};
use crate::finding::Finding;
use crate::rule::{CIS_HOME_001, CIS_HOME_002};

/// The catalogue's entry.
pub const CHECK: Check = Check {
    id: "homes",
    title: "homes of accounts that log in",
    why: "A home that another account may write to may have been made so on purpose.",
    rules: &["CIS-HOME-001", "CIS-HOME-002"],
    disk_check: check,
};

const FILES: [&str; 3] = [".forward", ".rhosts", ".netrc"];
/// Where the ids of people's accounts begin (login.defs(5)), and the one that nobody has.
const FIRST_UID: u32 = 1000;
const NOBODY: u32 = 65534;

fn check(disk: &DiskContext<'_>) -> Result<Vec<Finding>, TreeError> {
    let mut findings = Vec::new();
    for user in &disk.accounts.users {
        let person = user.uid == 0 || user.uid >= FIRST_UID && user.uid != NOBODY;
        if !person || !user.home.starts_with('/') {
            continue;
        }
        let name = &user.name;
        let wrong = match disk.tree.metadata(user.home.trim_end_matches('/'))? {
            // cloud-init makes its user, and the home, at the first boot.
            None => continue,
            Some(found) if found.kind != EntryKind::Directory => {
                format!("the home of {name} is no folder")
            }
            Some(found) if found.uid != user.uid => {
                format!("the home of {name} belongs to the user id {}", found.uid)
            }
            Some(found) if found.mode & 0o022 != 0 => {
                format!(
                    "others may write to the home of {name}: its mode is {:04o}",
                    found.mode
                )
            }
            Some(_) => continue,
        };
        findings.push(CIS_HOME_001.at(&user.home, wrong));
    }
    for home in disk.homes() {
        for file in FILES {
            let path = join(home, file);
            if disk.tree.metadata(&path)?.is_some() {
                findings.push(CIS_HOME_002.at(
                    path,
                    "sends mail elsewhere, trusts a host, or holds passwords",
                ));
            }
        }
    }
    Ok(findings)
}
