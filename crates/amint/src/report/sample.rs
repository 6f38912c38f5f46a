//! Reports that the tests of the formats show.

use amint_harden::inspection::{Inspection, Partition, Scope};
use amint_harden::rule::{AMINT_DISK_002, MP_CLEAN_002, MP_CLEAN_004, MP_CLEAN_005, MP_SEC_006};
use amint_harden::{Finding, Location, Severity, Verdict, Waiver, waiver};

use super::place::Place;
use super::{Report, Subject};

fn subject(name: &str) -> Subject {
    Subject {
        name: name.to_owned(),
        place: Place {
            uri: "recipes/demo.yaml".to_owned(),
            line: 7,
        },
        profile: "marketplace-linux@2".to_owned(),
        of_build: true,
        waivers: Vec::new(),
    }
}

fn inspection(findings: Vec<Finding>) -> Inspection {
    Inspection {
        verdict: match findings.iter().any(Finding::fails) {
            true => Verdict::Violations,
            false => Verdict::Clean,
        },
        findings,
        scope: Scope {
            size: 1 << 30,
            written: 1 << 20,
            partitions: vec![Partition {
                offset: 1 << 20,
                length: 1 << 29,
                file_system: Some("ext4".to_owned()),
            }],
            data_disks: Vec::new(),
            searched_for: vec!["tracers of any build".to_owned()],
            not_seen: vec!["whether the image boots".to_owned()],
        },
        digest: Some("0".repeat(64)),
    }
}

/// Nothing is wrong.
pub(super) fn clean() -> Report {
    subject("clean").read(&inspection(Vec::new()))
}

/// Paths and messages that mean something else in each format, and one finding of each severity.
pub(super) fn hostile() -> Report {
    let with_severity = |severity, finding: Finding| Finding {
        severity,
        ..finding
    };
    subject("demo").read(&inspection(vec![
        Finding {
            step: Some("clear-shell-history"),
            ..MP_CLEAN_002.at(
                "/root/<&\"'>\u{1b}[31m\u{0}{0}[x](1)/.bash_history",
                "a shell history",
            )
        },
        MP_CLEAN_002.at("/root/.bash_history", "a shell history"),
        AMINT_DISK_002.violated(Location::Disk, "not cleanly closed ]]>\u{fffe}\n"),
        with_severity(
            Severity::Warning,
            MP_CLEAN_005.at("/var/cache/x", "a package cache"),
        ),
        with_severity(
            Severity::Info,
            MP_SEC_006.at("/etc/shadow", "worth knowing"),
        ),
    ]))
}

/// The same deleted text twice, from this offset on.
pub(super) fn with_residue_at(offset: u64) -> Report {
    let at = |offset: u64| {
        let message = format!(
            "still on the disk: a log line (free block {})",
            offset / 4096
        );
        MP_CLEAN_004.violated(Location::Offset(offset), message)
    };
    subject("demo").read(&inspection(vec![at(offset), at(offset + 4096)]))
}

/// What is wrong is accepted.
pub(super) fn waived() -> Report {
    let mut found = vec![MP_CLEAN_002.at("/home/demo/.bash_history", "a shell history")];
    let waiver = Waiver::new("MP-CLEAN-002", None, "the demo needs it", "2026-01-31").unwrap();
    let waivers = vec![waiver];
    waiver::apply(&waivers, &mut found, jiff::Timestamp::UNIX_EPOCH);
    let subject = Subject {
        waivers,
        ..subject("waived")
    };
    subject.read(&inspection(found))
}

/// Nobody could read it.
pub(super) fn unread() -> Report {
    subject("unread").unread("cannot read the disk: input/output error")
}

/// All of them.
pub(super) fn all() -> Vec<Report> {
    vec![
        clean(),
        hostile(),
        with_residue_at(4096),
        waived(),
        unread(),
    ]
}
