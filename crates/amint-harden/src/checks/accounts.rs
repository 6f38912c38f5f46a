//! `accounts`: ids, names, shells.

use std::collections::HashMap;

use amint_inspect::TreeError;

use crate::accounts::PasswordKind;
use crate::check::Check;
use crate::disk::DiskContext;
use crate::finding::Finding;
use crate::rule::{
    CIS_ACCT_001, CIS_ACCT_002, CIS_ACCT_003, CIS_ACCT_004, CIS_ACCT_005, CIS_ACCT_006, MP_SEC_005,
    Rule,
};

/// The catalogue's entry.
pub const CHECK: Check = Check {
    id: "accounts",
    title: "accounts and groups with ids, names and shells of their own",
    why: "Which of two accounts with one id is meant, only whoever made them knows.",
    rules: &[
        "CIS-ACCT-001",
        "CIS-ACCT-002",
        "CIS-ACCT-003",
        "CIS-ACCT-004",
        "CIS-ACCT-005",
        "CIS-ACCT-006",
        "MP-SEC-005",
    ],
    disk_check: check,
};

const PASSWD: &str = "/etc/passwd";
const GROUP: &str = "/etc/group";
/// Where the ids of people's accounts begin (login.defs(5)), and the one that nobody has.
const FIRST_UID: u32 = 1000;
const NOBODY: u32 = 65534;
/// Programs that end a login.
const CLOSED: [&str; 5] = ["nologin", "false", "sync", "shutdown", "halt"];

fn check(disk: &DiskContext<'_>) -> Result<Vec<Finding>, TreeError> {
    let accounts = &disk.accounts;
    let mut findings = Vec::new();
    let shadowed = disk.tree.metadata("/etc/shadow")?.is_some();
    for entry in &accounts.passwords {
        if entry.file == PASSWD && (!shadowed || entry.kind != PasswordKind::Locked) {
            let message = format!("the password of {} is here", entry.name);
            findings.push(CIS_ACCT_001.at(PASSWD, message));
        }
    }
    let users = &accounts.users;
    let groups = &accounts.groups;
    for entry in &accounts.passwords {
        if entry.file == "/etc/shadow" && entry.kind == PasswordKind::Blank {
            let message = format!("{} has a blank password", entry.name);
            findings.push(MP_SEC_005.at(entry.file, message));
        }
    }
    let uids = users.iter().map(|user| (user.uid.to_string(), &user.name));
    findings.extend(shared(&CIS_ACCT_002, PASSWD, "the user id", uids));
    let gids = groups
        .iter()
        .map(|group| (group.gid.to_string(), &group.name));
    findings.extend(shared(&CIS_ACCT_003, GROUP, "the group id", gids));
    let names = users.iter().map(|user| (user.name.clone(), &user.home));
    findings.extend(shared(&CIS_ACCT_004, PASSWD, "the name", names));
    let names = groups.iter().map(|group| (group.name.clone(), &group.name));
    findings.extend(shared(&CIS_ACCT_004, GROUP, "the name", names));
    for user in users {
        let name = &user.name;
        if !user
            .gid
            .is_some_and(|gid| groups.iter().any(|group| group.gid == gid))
        {
            findings.push(CIS_ACCT_003.at(PASSWD, format!("the group of {name} does not exist")));
        }
        let is_root = name == "root";
        if user.uid == 0 && !is_root {
            findings.push(CIS_ACCT_005.at(PASSWD, format!("{name} has the user id 0")));
        }
        if is_root && (user.uid != 0 || user.gid != Some(0)) {
            findings.push(
                CIS_ACCT_005.at(PASSWD, "root has another user id, or another group, than 0"),
            );
        }
        let program = user.shell.rsplit('/').next().unwrap_or_default();
        let service = user.uid < FIRST_UID && user.uid != 0 || user.uid == NOBODY;
        if service && !CLOSED.contains(&program) {
            let message =
                format!("{name} is an account of a service, and has the shell {program:?}");
            findings.push(CIS_ACCT_006.at(PASSWD, message));
        }
    }
    Ok(findings)
}

/// A finding for each id or name that several lines have.
fn shared<'a>(
    rule: &Rule,
    file: &str,
    what: &str,
    entries: impl Iterator<Item = (String, &'a String)>,
) -> Vec<Finding> {
    let mut owners: HashMap<String, Vec<&str>> = HashMap::new();
    for (key, owner) in entries {
        owners.entry(key).or_default().push(owner);
    }
    let mut several: Vec<_> = owners
        .into_iter()
        .filter(|(_, owners)| owners.len() > 1)
        .collect();
    several.sort();
    let finding = |(key, owners): (String, Vec<&str>)| {
        rule.at(file, format!("{} lines have {what} {key}", owners.len()))
    };
    several.into_iter().map(finding).collect()
}
