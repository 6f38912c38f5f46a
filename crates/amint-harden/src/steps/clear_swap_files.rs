//! `clear-swap-files`

use amint_inspect::{EntryKind, TreeError};

use crate::disk::DiskContext;
use crate::finding::Finding;
use crate::rule::MP_CLEAN_005;
use crate::step::{HardeningStep, Stage};

/// The catalogue's entry.
pub const STEP: HardeningStep = HardeningStep {
    id: "clear-swap-files",
    title: "overwrite swap files with zeros",
    why: "A swap file holds pages of the builder's memory, after a hibernation all of it. Swap partitions are           looked at by the inspection itself.",
    rules: &["MP-CLEAN-005"],
    applies: "where a swap file is in /etc/fstab or has a usual name",
    stage: Stage::Detached,
    script: include_str!("clear-swap-files.sh"),
    live_check: None,
    disk_check: check,
};

/// Usual names; the same as in the script.
const USUAL: [&str; 6] = [
    "/swapfile",
    "/swap.img",
    "/swap",
    "/var/swap",
    "/var/swapfile",
    "/var/swap.img",
];
const FSTAB: &str = "/etc/fstab";
/// Largest table of file systems that is read, in bytes.
const MAX_SIZE: usize = 1 << 20;
/// Most swap files that are looked at.
const MAX_FILES: usize = 64;
/// Largest swap file that is read to its end, in bytes: what instances have as memory at most.
const MAX_SWAP: u64 = 64 << 30;
/// How much is read at once, in bytes.
const STRIDE: usize = 1 << 20;
/// How the header's page ends; after a hibernation it says something else.
const SIGNATURE: &[u8] = b"SWAPSPACE2";
/// Page sizes, in bytes.
const PAGES: [usize; 3] = [4 << 10, 16 << 10, 64 << 10];
/// Where in the header an id, a label and counts are; nothing else of its page is used (version 1 of the format).
const USED: std::ops::Range<usize> = 1024..1024 + 12 + 16 + 16;

fn check(disk: &DiskContext<'_>) -> Result<Vec<Finding>, TreeError> {
    let fstab = disk.text(FSTAB, MAX_SIZE)?.unwrap_or_default();
    let mut paths: Vec<&str> = fstab.lines().filter_map(swap_file).collect();
    paths.extend(USUAL);
    paths.sort_unstable();
    paths.dedup();
    if paths.len() > MAX_FILES {
        let reason = format!("more than {MAX_FILES} swap files");
        return Err(TreeError {
            path: FSTAB.to_owned(),
            reason,
        });
    }
    let mut findings = Vec::new();
    for path in paths {
        let Some(metadata) = disk.tree.metadata(path)? else {
            continue;
        };
        if metadata.kind == EntryKind::File && metadata.size > MAX_SWAP {
            let reason = format!("a swap file larger than {MAX_SWAP} bytes is not read");
            return Err(TreeError {
                path: path.to_owned(),
                reason,
            });
        }
        if !is_empty(disk, path)? {
            findings.push(MP_CLEAN_005.at(path, "a swap file with pages of the builder's memory"));
        }
    }
    Ok(findings)
}

/// The file of a line of fstab(5) about swapping.
fn swap_file(line: &str) -> Option<&str> {
    let mut fields = line.split_whitespace();
    let (device, kind) = (fields.next()?, fields.nth(1)?);
    (kind == "swap" && device.starts_with('/') && !device.starts_with("/dev/")).then_some(device)
}

/// Whether the file holds zeros, but for the header of an unused swap space.
fn is_empty(disk: &DiskContext<'_>, path: &str) -> Result<bool, TreeError> {
    let mut buffer = vec![0; STRIDE];
    let mut offset = 0;
    loop {
        let Some(read) = disk.tree.read_at(path, offset, &mut buffer)? else {
            return Ok(true);
        };
        let read = read.min(STRIDE);
        if read == 0 {
            return Ok(true);
        }
        if offset == 0 {
            forget_header(&mut buffer);
        }
        if buffer.iter().take(read).any(|byte| *byte != 0) {
            return Ok(false);
        }
        if read < STRIDE {
            return Ok(true);
        }
        offset += read as u64;
    }
}

/// Zeros what mkswap(8) writes.
fn forget_header(start: &mut [u8]) {
    for page in PAGES {
        let signature = page - SIGNATURE.len()..page;
        if start.get(signature.clone()) == Some(SIGNATURE) {
            for range in [USED, signature] {
                if let Some(bytes) = start.get_mut(range) {
                    bytes.fill(0);
                }
            }
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{STEP, USUAL, swap_file};

    #[test]
    fn the_script_looks_where_the_check_does() {
        for path in USUAL {
            let named = |word: &str| word.trim_end_matches(';') == path;
            assert!(STEP.script.split_whitespace().any(named), "{path}");
        }
    }

    #[test]
    fn swap_files_are_told_from_partitions() {
        assert_eq!(swap_file("/swapfile none swap sw 0 0"), Some("/swapfile"));
        for line in [
            "/dev/vda2 none swap sw 0 0",
            "UUID=1 none swap sw 0 0",
            "# /swapfile none swap",
            "/x /y ext4",
        ] {
            assert_eq!(swap_file(line), None, "{line}");
        }
    }
}
