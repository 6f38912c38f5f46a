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
const RANDOM: [&str; 4] = [
    "/dev/urandom",
    "/dev/random",
    "/dev/hwrng",
    "/dev/hw_random",
];

fn check(disk: &DiskContext<'_>) -> Result<Vec<Finding>, TreeError> {
    let table = disk.text(TABLE, MAX_SIZE)?.unwrap_or_default();
    let opened = table
        .lines()
        .zip(1..)
        .filter_map(|(line, number)| Some((number, encrypted(line)?)));
    let findings = opened.map(|(number, name)| {
        let message = format!("line {number} opens the encrypted volume {name}");
        MP_ARCH_007.at(TABLE, message)
    });
    Ok(findings.collect())
}

/// The volume that a line of the table (crypttab(5)) opens.
fn encrypted(line: &str) -> Option<&str> {
    let fields: Vec<&str> = line.split_ascii_whitespace().collect();
    let [name, _, rest @ ..] = fields.as_slice() else {
        return None;
    };
    let random = rest.first().is_some_and(|key| RANDOM.contains(key));
    let swap = rest
        .get(1)
        .is_some_and(|options| options.split(',').any(|option| option == "swap"));
    let harmless = name.starts_with('#') || random && swap;
    (!harmless).then_some(name)
}
