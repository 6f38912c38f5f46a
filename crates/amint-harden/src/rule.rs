//! Requirements with stable ids. An id, once published, keeps its meaning.

mod cis;

pub use cis::*;

use crate::finding::{Finding, Location, Severity};

/// One requirement on an image.
#[derive(Debug, Eq, PartialEq)]
pub struct Rule {
    /// Its stable id, such as `MP-SSH-003`.
    pub id: &'static str,
    /// What is required, in a few words.
    pub title: &'static str,
    /// How bad a violation is.
    pub severity: Severity,
    /// The title of the page that asks for it, or `amint`.
    pub source: &'static str,
    /// Why it matters.
    pub why: &'static str,
}

const POLICY: &str = "AMI-based product requirements for AWS Marketplace";
const SHARED: &str = "Recommendations for creating shared Linux AMIs";
const AMINT: &str = "amint";

/// The operating system is in support.
pub const MP_SEC_002: Rule = Rule {
    id: "MP-SEC-002",
    title: "the operating system is in support",
    severity: Severity::Error,
    source: POLICY,
    why: "Whoever makes it mends it no longer: every hole that is found from now on stays open, \
          and the image is delisted.",
};

/// One-time secrets are made per instance.
pub const MP_SEC_004: Rule = Rule {
    id: "MP-SEC-004",
    title: "no secret that instances share",
    severity: Severity::Error,
    source: POLICY,
    why: "A first-boot secret that was made on the builder would be the same on every instance.",
};

/// No blank passwords.
pub const MP_SEC_005: Rule = Rule {
    id: "MP-SEC-005",
    title: "no blank passwords",
    severity: Severity::Error,
    source: POLICY,
    why: "An account with a blank password opens to anybody who reaches a login.",
};

/// No passwords, hashed ones included.
pub const MP_SEC_006: Rule = Rule {
    id: "MP-SEC-006",
    title: "no hard-coded passwords, hashed or locked ones included",
    severity: Severity::Error,
    source: POLICY,
    why: "Whoever launches the image can read the hash and guess the password at leisure, and every \
          instance has the same one.",
};

/// No private keys.
pub const MP_SEC_007: Rule = Rule {
    id: "MP-SEC-007",
    title: "no private keys",
    severity: Severity::Error,
    source: POLICY,
    why: "Whoever launches the image can act as the key's owner, and every instance has the same key.",
};

/// No credentials.
pub const MP_SEC_008: Rule = Rule {
    id: "MP-SEC-008",
    title: "no credentials",
    severity: Severity::Error,
    source: POLICY,
    why: "Whoever launches the image can use what the builder was trusted with.",
};

/// The seller cannot enter.
pub const MP_SEC_010: Rule = Rule {
    id: "MP-SEC-010",
    title: "nobody but the owner can enter an instance",
    severity: Severity::Error,
    source: POLICY,
    why: "An agent that calls its maker, or an account that trusts a host, lets somebody in whom \
          the owner did not ask.",
};

/// No password logins over SSH.
pub const MP_SSH_001: Rule = Rule {
    id: "MP-SSH-001",
    title: "SSH takes no passwords",
    severity: Severity::Error,
    source: POLICY,
    why: "Passwords can be guessed over the network; keys cannot.",
};

/// No password logins as root over SSH.
pub const MP_SSH_002: Rule = Rule {
    id: "MP-SSH-002",
    title: "SSH lets nobody log in as root with a password",
    severity: Severity::Error,
    source: POLICY,
    why: "Root is the one account name that every attacker knows.",
};

/// No encrypted file systems.
pub const MP_ARCH_007: Rule = Rule {
    id: "MP-ARCH-007",
    title: "no encrypted file systems",
    severity: Severity::Error,
    source: POLICY,
    why: "Nobody who launches the image has the key, and nobody can read what is in it beforehand.",
};

/// No authorized keys.
pub const MP_SSH_003: Rule = Rule {
    id: "MP-SSH-003",
    title: "no authorized keys",
    severity: Severity::Error,
    source: POLICY,
    why: "The holder of the key could enter every instance of the image.",
};

/// SSH can be reached.
pub const MP_SSH_004: Rule = Rule {
    id: "MP-SSH-004",
    title: "SSH can be reached by AWS's vetting",
    severity: Severity::Warning,
    source: POLICY,
    why: "AWS logs in over SSH to vet an image, from 10.0.0.0/16, 10.2.0.0/16 and 10.17.0.0/16; one \
          that it cannot reach is refused.",
};

/// An account gets the launch key.
pub const MP_SSH_005: Rule = Rule {
    id: "MP-SSH-005",
    title: "an account gets the launch key",
    severity: Severity::Warning,
    source: POLICY,
    why: "Nobody could log in to an instance: neither its owner nor AWS's vetting.",
};

/// The owner can become root.
pub const MP_SSH_006: Rule = Rule {
    id: "MP-SSH-006",
    title: "the owner's account can become root",
    severity: Severity::Warning,
    source: POLICY,
    why: "An instance's owner must be able to administer it, with root itself locked.",
};

/// Root is locked.
pub const MP_SSH_007: Rule = Rule {
    id: "MP-SSH-007",
    title: "root is locked",
    severity: Severity::Error,
    source: SHARED,
    why: "Administration goes through named accounts and sudo.",
};

/// Logins do not wait for DNS.
pub const MP_SSH_009: Rule = Rule {
    id: "MP-SSH-009",
    title: "SSH looks no names up",
    severity: Severity::Info,
    source: SHARED,
    why: "A login would wait for DNS, and fail in a network without one.",
};

/// No SSH host keys.
pub const MP_CLEAN_001: Rule = Rule {
    id: "MP-CLEAN-001",
    title: "no SSH host keys",
    severity: Severity::Error,
    source: SHARED,
    why: "Instances that share a host key can be impersonated by each other's users; AWS makes a \
          public image that holds one private.",
};

/// No shell histories.
pub const MP_CLEAN_002: Rule = Rule {
    id: "MP-CLEAN-002",
    title: "no shell histories",
    severity: Severity::Error,
    source: SHARED,
    why: "Histories hold host names, commands, and every password that was typed into one.",
};

/// No logs.
pub const MP_CLEAN_003: Rule = Rule {
    id: "MP-CLEAN-003",
    title: "no logs",
    severity: Severity::Error,
    source: AMINT,
    why: "The build's logs say who built the image, where and how, and may hold secrets.",
};

/// Deleted means gone from the disk.
pub const MP_CLEAN_004: Rule = Rule {
    id: "MP-CLEAN-004",
    title: "what was removed is gone from the disk",
    severity: Severity::Error,
    source: SHARED,
    why: "A deleted file's text stays in free blocks and in the file system's journal, and ships \
          with the image.",
};

/// No identity and no leftovers of the builder.
pub const MP_CLEAN_005: Rule = Rule {
    id: "MP-CLEAN-005",
    title: "no identity and no leftovers of the builder",
    severity: Severity::Error,
    source: AMINT,
    why: "Instances that share a machine id, a random seed or cloud-init state take each other's \
          place or skip their first boot.",
};

/// No copies of account files.
pub const MP_CLEAN_006: Rule = Rule {
    id: "MP-CLEAN-006",
    title: "no copies of account files",
    severity: Severity::Error,
    source: AMINT,
    why: "The copy still holds the password that was removed from the original.",
};

/// The image runs in every Region.
pub const MP_ARCH_008: Rule = Rule {
    id: "MP-ARCH-008",
    title: "nothing names a Region",
    severity: Severity::Warning,
    source: POLICY,
    why: "The image is copied to every Region; there, what names one Region calls another one, or \
          nothing.",
};

/// Instance metadata is asked for with a token.
pub const MP_ARCH_014: Rule = Rule {
    id: "MP-ARCH-014",
    title: "instance metadata is asked for with a token",
    severity: Severity::Warning,
    source: "Best practices for building AMIs for use with AWS Marketplace",
    why: "Instances answer the second version of the metadata service only; requests without a \
          token fail.",
};

/// The disk can be inspected.
pub const AMINT_DISK_001: Rule = Rule {
    id: "AMINT-DISK-001",
    title: "the disk holds a file system that can be inspected",
    severity: Severity::Error,
    source: AMINT,
    why: "What cannot be read cannot be called clean.",
};

/// The file system is whole and was cleanly closed.
pub const AMINT_DISK_002: Rule = Rule {
    id: "AMINT-DISK-002",
    title: "the file system is whole and was cleanly closed",
    severity: Severity::Error,
    source: AMINT,
    why: "What a damaged file system hides from the inspection, an instance may still find; a \
          journal that is replayed at boot changes what was inspected.",
};

/// Account files can be understood.
pub const AMINT_DISK_003: Rule = Rule {
    id: "AMINT-DISK-003",
    title: "account files can be understood line by line",
    severity: Severity::Error,
    source: AMINT,
    why: "A line that the inspection reads differently from the system may hide a password.",
};

/// Swap space is empty.
pub const AMINT_DISK_004: Rule = Rule {
    id: "AMINT-DISK-004",
    title: "swap space is empty",
    severity: Severity::Error,
    source: AMINT,
    why: "What the builder swapped out is its memory: keys, passwords and whatever else it held.",
};

/// The seal ran to its end, for this build.
pub const AMINT_SEAL_001: Rule = Rule {
    id: "AMINT-SEAL-001",
    title: "the seal ran to its end, in this build and by this profile",
    severity: Severity::Error,
    source: AMINT,
    why: "A machine that is off was not necessarily sealed: its time may have been up.",
};

/// Every hardening step of the seal succeeded.
pub const AMINT_SEAL_002: Rule = Rule {
    id: "AMINT-SEAL-002",
    title: "every hardening step of the seal succeeded",
    severity: Severity::Error,
    source: AMINT,
    why: "A step that failed half-way may have left what it should remove.",
};

/// sshd's configuration can be understood.
pub const AMINT_SSHD_001: Rule = Rule {
    id: "AMINT-SSHD-001",
    title: "sshd's configuration is one that sshd accepts and that can be known",
    severity: Severity::Error,
    source: AMINT,
    why: "sshd does not start with a line that it refuses, and what a program decides at each login \
          cannot be read from a disk.",
};

static RULES: &[Rule] = &[
    MP_SEC_002,
    MP_SEC_004,
    MP_SEC_005,
    MP_SEC_006,
    MP_SEC_007,
    MP_SEC_008,
    MP_SEC_010,
    MP_SSH_001,
    MP_SSH_002,
    MP_SSH_003,
    MP_SSH_004,
    MP_SSH_005,
    MP_SSH_006,
    MP_SSH_007,
    MP_SSH_009,
    MP_CLEAN_001,
    MP_CLEAN_002,
    MP_CLEAN_003,
    MP_CLEAN_004,
    MP_CLEAN_005,
    MP_CLEAN_006,
    MP_ARCH_007,
    MP_ARCH_008,
    MP_ARCH_014,
    CIS_ACCT_001,
    CIS_ACCT_002,
    CIS_ACCT_003,
    CIS_ACCT_004,
    CIS_ACCT_005,
    CIS_ACCT_006,
    CIS_ACCT_007,
    CIS_AUDIT_001,
    CIS_HOME_001,
    CIS_HOME_002,
    CIS_PATH_001,
    CIS_PERM_001,
    CIS_PERM_002,
    CIS_PERM_003,
    CIS_PERM_004,
    CIS_PERM_005,
    CIS_PERM_006,
    CIS_PERM_007,
    AMINT_DISK_001,
    AMINT_DISK_002,
    AMINT_DISK_003,
    AMINT_DISK_004,
    AMINT_SEAL_001,
    AMINT_SEAL_002,
    AMINT_SSHD_001,
];

/// All rules that amint checks.
pub fn rules() -> &'static [Rule] {
    RULES
}

/// The rule with this id.
pub fn rule(id: &str) -> Option<&'static Rule> {
    RULES.iter().find(|rule| rule.id == id)
}

impl Rule {
    /// Whether a recipe may accept violations. Not of the rules that all other checks rest on: that the disk could be
    /// read, that the seal ran to its end, and that nothing of what it removed is left.
    pub fn is_waivable(&self) -> bool {
        let guards_proof = ["AMINT-DISK-", "AMINT-SEAL-", MP_CLEAN_004.id];
        !guards_proof.iter().any(|start| self.id.starts_with(start))
    }

    /// A violation of this rule at a path.
    pub fn at(&self, path: impl Into<String>, message: impl Into<String>) -> Finding {
        self.violated(Location::Path(path.into()), message)
    }

    /// A violation of this rule.
    pub fn violated(&self, location: Location, message: impl Into<String>) -> Finding {
        Finding {
            rule: self.id,
            severity: self.severity,
            location,
            message: message.into(),
            step: None,
            waived: false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Rule, rules};

    #[test]
    fn ids_are_unique_and_well_formed() {
        for (index, rule) in rules().iter().enumerate() {
            assert!(
                rules()[..index].iter().all(|other| other.id != rule.id),
                "{}",
                rule.id
            );
            let number = rule.id.rsplit('-').next().unwrap();
            assert!(
                number.len() == 3 && number.parse::<u16>().is_ok(),
                "{}",
                rule.id
            );
        }
    }

    #[test]
    fn what_guards_the_proof_cannot_be_waived() {
        let fixed = rules().iter().filter(|rule| !rule.is_waivable());
        let expected = [
            "MP-CLEAN-004",
            "AMINT-DISK-001",
            "AMINT-DISK-002",
            "AMINT-DISK-003",
            "AMINT-DISK-004",
            "AMINT-SEAL-001",
            "AMINT-SEAL-002",
        ];
        assert!(fixed.map(|rule: &Rule| rule.id).eq(expected));
    }
}
