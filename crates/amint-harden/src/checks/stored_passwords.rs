//! `stored-passwords`: hashes in other files than those of accounts.

use amint_inspect::{EntryKind, TreeError};

use crate::accounts::holds_hash;
use crate::check::Check;
use crate::disk::{DiskContext, expand, visit};
use crate::finding::Finding;
use crate::rule::MP_SEC_006;

/// The catalogue's entry.
pub const CHECK: Check = Check {
    id: "stored-passwords",
    title: "no passwords of boot loaders and web servers",
    why: "A boot loader without its password may be one that anybody can change, and a web server one that nobody \
          can enter: what to do instead is for the product to say.",
    rules: &["MP-SEC-006"],
    disk_check: check,
};

/// GRUB's settings.
const BOOT: [&str; 5] = [
    "/boot/grub/*.cfg",
    "/boot/grub2/*.cfg",
    "/boot/efi/EFI/*/*.cfg",
    "/etc/grub.d/*",
    "/etc/default/grub",
];
/// How GRUB's hashes begin (grub-mkpasswd-pbkdf2(1)).
const HASH: &str = "grub.pbkdf2.";
/// Where web servers have their settings, and what they serve.
const WEB: [&str; 4] = ["/etc", "/opt", "/srv", "/var/www"];
/// Largest file that is read, in bytes.
const MAX_SIZE: usize = 4 << 20;
/// Most files of users that are read; more are hostile.
const MAX_FILES: usize = 256;

fn check(disk: &DiskContext<'_>) -> Result<Vec<Finding>, TreeError> {
    let mut findings = Vec::new();
    for pattern in BOOT {
        for path in expand(disk.tree, "", pattern)? {
            let text = disk.text(&path, MAX_SIZE)?.unwrap_or_default();
            let set = |line: &str| !line.trim_start().starts_with('#') && line.contains(HASH);
            if text.lines().any(set) {
                findings.push(MP_SEC_006.at(path, "a password of the boot loader"));
            }
        }
    }
    let mut paths = Vec::new();
    for folder in WEB {
        visit(disk.tree, folder, &mut |path, metadata| {
            let name = path.rsplit('/').next().unwrap_or_default();
            if metadata.kind == EntryKind::File
                && name.contains("htpasswd")
                && paths.len() <= MAX_FILES
            {
                paths.push(path.to_owned());
            }
            true
        })?;
    }
    if paths.len() > MAX_FILES {
        let reason = format!("more than {MAX_FILES} files of a web server's users");
        return Err(TreeError {
            path: "/".to_owned(),
            reason,
        });
    }
    for path in paths {
        // Programs have such names, too; of a large file, its beginning is read.
        let content = disk.tree.read(&path, MAX_SIZE)?.unwrap_or_default();
        if !content.contains(&0) && holds_hash(&String::from_utf8_lossy(&content)) {
            findings.push(MP_SEC_006.at(path, "a password of a web server's user"));
        }
    }
    Ok(findings)
}
