//! The image-hygiene part of the CIS benchmarks, by subject: the benchmarks number their controls differently for each
//! distribution and version, so that these ids have numbers of their own.

use super::Rule;
use crate::finding::Severity;

const CIS: &str = "CIS Benchmarks for Linux distributions";

/// Passwords are in the shadow file.
pub const CIS_ACCT_001: Rule = Rule {
    id: "CIS-ACCT-001",
    title: "passwords are kept in /etc/shadow only",
    severity: Severity::Error,
    source: CIS,
    why: "Everybody may read /etc/passwd and /etc/group.",
};

/// User ids are unique.
pub const CIS_ACCT_002: Rule = Rule {
    id: "CIS-ACCT-002",
    title: "no two accounts share an id",
    severity: Severity::Error,
    source: CIS,
    why: "To the kernel they are one account: what one may do, the other may.",
};

/// Group ids are unique, and exist.
pub const CIS_ACCT_003: Rule = Rule {
    id: "CIS-ACCT-003",
    title: "no two groups share an id, and every group of an account exists",
    severity: Severity::Error,
    source: CIS,
    why: "Files of one group belong to the other one too.",
};

/// Names are unique.
pub const CIS_ACCT_004: Rule = Rule {
    id: "CIS-ACCT-004",
    title: "no two accounts and no two groups share a name",
    severity: Severity::Error,
    source: CIS,
    why: "Programs take the first line, people may see the second.",
};

/// Only root is root.
pub const CIS_ACCT_005: Rule = Rule {
    id: "CIS-ACCT-005",
    title: "only root has the user id 0, and its group is 0",
    severity: Severity::Error,
    source: CIS,
    why: "A second account with the id 0 is root by another name.",
};

/// Service accounts have no shell.
pub const CIS_ACCT_006: Rule = Rule {
    id: "CIS-ACCT-006",
    title: "accounts of services have no login shell",
    severity: Severity::Warning,
    source: CIS,
    why: "Nobody logs in as a service.",
};

/// Root has a password.
pub const CIS_ACCT_007: Rule = Rule {
    id: "CIS-ACCT-007",
    title: "root has a password",
    severity: Severity::Warning,
    source: CIS,
    why: "A console asks for it in rescue mode. A shared image must not have one: see the \
          conflicts.",
};

/// Homes belong to their accounts.
pub const CIS_HOME_001: Rule = Rule {
    id: "CIS-HOME-001",
    title: "homes exist, belong to their accounts, and nobody else may write there",
    severity: Severity::Warning,
    source: CIS,
    why: "Whoever may write to a home decides what its owner runs at the next login.",
};

/// No .forward, .rhosts and .netrc.
pub const CIS_HOME_002: Rule = Rule {
    id: "CIS-HOME-002",
    title: "no .forward, .rhosts and .netrc in homes",
    severity: Severity::Error,
    source: CIS,
    why: "They send mail elsewhere, trust hosts, and hold passwords.",
};

/// Root's search path is safe.
pub const CIS_PATH_001: Rule = Rule {
    id: "CIS-PATH-001",
    title: "root's search path holds absolute folders only",
    severity: Severity::Error,
    source: CIS,
    why: "Root would run what somebody put into the folder that it happens to be in.",
};

/// Account files are protected.
pub const CIS_PERM_001: Rule = Rule {
    id: "CIS-PERM-001",
    title: "account files belong to root, and only root may write them",
    severity: Severity::Error,
    source: CIS,
    why: "Whoever may read the hashes may guess the passwords; whoever may write them needs none.",
};

/// sshd's configuration is protected.
pub const CIS_PERM_002: Rule = Rule {
    id: "CIS-PERM-002",
    title: "sshd's configuration belongs to root, and only root may read it",
    severity: Severity::Error,
    source: CIS,
    why: "It says who may log in, and how.",
};

/// Logs are protected.
pub const CIS_PERM_003: Rule = Rule {
    id: "CIS-PERM-003",
    title: "logs cannot be written, nor read, by everybody",
    severity: Severity::Warning,
    source: CIS,
    why: "Logs hold names and addresses, and sometimes what was typed in the wrong place.",
};

/// Nothing is writable by everybody.
pub const CIS_PERM_004: Rule = Rule {
    id: "CIS-PERM-004",
    title: "no file is writable by everybody, and no folder without the sticky bit",
    severity: Severity::Error,
    source: CIS,
    why: "Any account could change what another one runs or reads.",
};

/// Everything has an owner.
pub const CIS_PERM_005: Rule = Rule {
    id: "CIS-PERM-005",
    title: "every file has an owner and a group that exist",
    severity: Severity::Warning,
    source: CIS,
    why: "The next account that is made gets the number, and with it the files.",
};

/// Programs that run as their owner.
pub const CIS_PERM_006: Rule = Rule {
    id: "CIS-PERM-006",
    title: "programs that run with the rights of their owner are where packages put them",
    severity: Severity::Warning,
    source: CIS,
    why: "Such a program in a folder of a product or a user is a way to become root.",
};

/// Audit rules are protected.
pub const CIS_PERM_007: Rule = Rule {
    id: "CIS-PERM-007",
    title: "audit rules belong to root, and others may not read them",
    severity: Severity::Warning,
    source: CIS,
    why: "Who knows what is watched knows what is not.",
};

/// Audit logs are kept.
pub const CIS_AUDIT_001: Rule = Rule {
    id: "CIS-AUDIT-001",
    title: "audit logs are kept, not deleted by themselves",
    severity: Severity::Warning,
    source: CIS,
    why: "What an attacker did long ago is found in the old logs, or not at all.",
};
