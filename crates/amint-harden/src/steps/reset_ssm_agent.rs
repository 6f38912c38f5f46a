//! `reset-ssm-agent`

use amint_inspect::{EntryKind, TreeError};

use crate::disk::{DiskContext, join, walk};
use crate::finding::Finding;
use crate::rule::{MP_CLEAN_003, MP_CLEAN_005, MP_SEC_008};
use crate::step::{HardeningStep, Stage};

/// The catalogue's entry.
pub const STEP: HardeningStep = HardeningStep {
    id: "reset-ssm-agent",
    title: "remove the SSM agent's state and logs, and the account ssm-user",
    why: "The agent keeps the key that it registered with, and every command with its script and output \
          for 14 days; the account of its sessions may do everything by sudo.",
    rules: &["MP-CLEAN-003", "MP-CLEAN-005", "MP-SEC-008"],
    applies: "where an SSM agent has run",
    stage: Stage::Detached,
    script: include_str!("reset-ssm-agent.sh"),
    live_check: None,
    disk_check: check,
};

const STATE: &str = "/var/lib/amazon/ssm";
/// What of the state lets its holder act as the builder.
const CREDENTIALS: [&str; 3] = ["Vault", "credentials", "registration"];
const LOGS: &str = "/var/log/amazon/ssm";
/// What snapd gives the agent's snap to write to, but for the snap itself.
const SNAP: [&str; 2] = ["/var/snap/amazon-ssm-agent", "/root/snap/amazon-ssm-agent"];

/// The account that the agent makes when a session begins.
const ACCOUNT: &str = "ssm-user";
const ACCOUNT_FILES: [&str; 6] = [
    "/etc/passwd",
    "/etc/shadow",
    "/etc/group",
    "/etc/gshadow",
    "/etc/subuid",
    "/etc/subgid",
];
/// The same paths as in the script, but for the second way to the folder for mail.
const BELONGINGS: [(&str, &str); 3] = [
    (
        "/etc/sudoers.d/ssm-agent-users",
        "lets ssm-user do everything by sudo",
    ),
    ("/home/ssm-user", "the home of ssm-user"),
    ("/var/mail/ssm-user", "mail of ssm-user"),
];
/// Largest account file that is read, in bytes.
const MAX_SIZE: usize = 4 << 20;

fn check(disk: &DiskContext<'_>) -> Result<Vec<Finding>, TreeError> {
    let mut findings = Vec::new();
    for path in left(disk, STATE)? {
        let credential = CREDENTIALS.iter().any(|name| path == join(STATE, name));
        let (rule, what) = match credential {
            true => (MP_SEC_008, "credentials of the builder's SSM agent"),
            false => (MP_CLEAN_005, "state of the builder's SSM agent"),
        };
        findings.push(rule.at(path, what));
    }
    for path in left(disk, LOGS)? {
        findings.push(MP_CLEAN_003.at(path, "logs of the builder's SSM agent"));
    }
    for folder in SNAP {
        for path in left(disk, folder)? {
            findings.push(MP_CLEAN_005.at(path, "state of the builder's SSM agent"));
        }
    }
    for file in ACCOUNT_FILES {
        let text = disk.text(file, MAX_SIZE)?.unwrap_or_default();
        if text.lines().any(|line| names_account(file, line)) {
            let message = "names ssm-user, the account of the SSM agent's sessions";
            findings.push(MP_CLEAN_005.at(file, message));
        }
    }
    for (path, what) in BELONGINGS {
        if disk.tree.metadata(path)?.is_some() {
            findings.push(MP_CLEAN_005.at(path, what));
        }
    }
    Ok(findings)
}

/// What is in `folder`, but for folders without a file below them and snapd's link to the current revision.
fn left(disk: &DiskContext<'_>, folder: &str) -> Result<Vec<String>, TreeError> {
    let mut left = Vec::new();
    for name in disk.tree.list(folder)? {
        let path = join(folder, &name);
        let kind = disk.tree.metadata(&path)?.map(|metadata| metadata.kind);
        let ours = match kind {
            None => false,
            Some(EntryKind::Directory) => !walk(disk.tree, &path)?.is_empty(),
            Some(EntryKind::Symlink) => !(name == "current" && SNAP.contains(&folder)),
            Some(_) => true,
        };
        if ours {
            left.push(path);
        }
    }
    Ok(left)
}

/// Whether a line of an account file is about the account, or lists it among a group's members.
fn names_account(file: &str, line: &str) -> bool {
    let mut fields = line.split(':');
    let is_group = ["/etc/group", "/etc/gshadow"].contains(&file);
    let member = |field: &str| field.split(',').any(|name| name.trim() == ACCOUNT);
    fields.next() == Some(ACCOUNT) || is_group && fields.skip(1).any(member)
}
