//! `encryption`: file systems that only a key opens.

use amint_inspect::TreeError;

use crate::check::Check;
use crate::disk::DiskContext;
use crate::finding::Finding;
use crate::rule::MP_ARCH_007;

/// The catalogue's entry.
pub const CHECK: Check = Check {
    id: "encryption",
    title: "no table of encrypted file systems",
    why: "What is encrypted cannot be decrypted by a step that does not have the key.",
    rules: &["MP-ARCH-007"],
    disk_check: check,
};

const TABLE: &str = "/etc/crypttab";
/// Largest table that is read, in bytes.
const MAX_SIZE: usize = 1 << 20;
/// Swap that gets another key at each boot holds nothing from before.
const RANDOM: [&str; 3] = ["/dev/urandom", "/dev/random", "/dev/hw_random"];

fn check(disk: &DiskContext<'_>) -> Result<Vec<Finding>, TreeError> {
    let table = disk.text(TABLE, MAX_SIZE)?.unwrap_or_default();
    let mut findings = Vec::new();
    for line in table
        .lines()
        .map(str::trim)
        .filter(|line| !line.starts_with('#'))
    {
        let mut fields = line.split_whitespace();
        if let Some(name) = fields.next()
            && !fields.nth(1).is_some_and(|key| RANDOM.contains(&key))
        {
            findings.push(MP_ARCH_007.at(TABLE, format!("opens {name} with a key")));
        }
    }
    Ok(findings)
}
