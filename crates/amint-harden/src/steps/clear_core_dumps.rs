//! `clear-core-dumps`

use amint_inspect::TreeError;

use crate::disk::{DiskContext, expand, walk};
use crate::finding::Finding;
use crate::rule::MP_CLEAN_005;
use crate::step::{HardeningStep, Stage};

/// The catalogue's entry.
pub const STEP: HardeningStep = HardeningStep {
    id: "clear-core-dumps",
    title: "remove memory images of programs that crashed",
    why: "A core dump is a program's whole memory, with every secret in it.",
    rules: &["MP-CLEAN-005"],
    applies: "always",
    stage: Stage::Detached,
    script: include_str!("clear-core-dumps.sh"),
    live_check: None,
    disk_check: check,
};

/// The same folders as in the script.
const FOLDERS: [&str; 6] = [
    "/var/crash",
    "/var/spool/abrt",
    "/var/tmp/abrt",
    "/var/lib/apport/coredump",
    "/var/lib/systemd/coredump",
    "/var/lib/systemd/pstore",
];
/// In the root folder and in homes; the same names as in the script.
const NAMES: [&str; 2] = ["core", "core.[0-9]*"];
/// How much of a file says what it is: the ELF header's first 18 bytes end with the type.
const HEAD: usize = 18;

fn check(disk: &DiskContext<'_>) -> Result<Vec<Finding>, TreeError> {
    let mut findings = Vec::new();
    for folder in FOLDERS {
        // Temporary files are reported once.
        for (path, _) in walk(disk.tree, folder)? {
            if !path.starts_with("/var/tmp/") {
                findings.push(MP_CLEAN_005.at(path, "the memory of a program that crashed"));
            }
        }
    }
    let mut paths = Vec::new();
    for home in disk.homes().iter().map(String::as_str).chain(["/"]) {
        for name in NAMES {
            paths.extend(expand(disk.tree, home, name)?);
        }
    }
    paths.sort();
    paths.dedup();
    for path in paths {
        let head = disk.tree.read(&path, HEAD)?.unwrap_or_default();
        if is_core(&head) {
            findings.push(MP_CLEAN_005.at(path, "the memory of a program that crashed"));
        }
    }
    Ok(findings)
}

/// Whether an ELF file is a core dump, in either byte order.
fn is_core(head: &[u8]) -> bool {
    head.starts_with(b"\x7fELF") && matches!(head.get(16..18), Some([4, 0] | [0, 4]))
}
