//! The scripts on root trees as distributions have them: their accounts and the locks in their shadow files, their
//! drop-ins for sshd, their databases of packages, their logs. Afterwards the disk is clean, and what belongs to the
//! distribution is still there.
//!
//! What cannot be tried here, because it needs the distribution itself: labels of SELinux, which are not restored but
//! kept, since files are written in place; `authselect`, `dnf` and `rpm` on the databases that are left; the agents
//! themselves. The shell is this machine's dash, and bash as `sh` of the RHEL family runs it; the programs are this
//! machine's coreutils, findutils, sed, grep and awk.

use std::path::PathBuf;

use amint_harden::profile;

use crate::chroot::succeed;
use crate::distributions::{AMAZON_LINUX_2023, Distribution, RHEL_9, UBUNTU_22_04, UBUNTU_24_04};
use crate::scripts::SHELLS;
use crate::support::{Image, expected_by, found, inspect_disk};

const DISTRIBUTIONS: [&Distribution; 4] =
    [&UBUNTU_22_04, &UBUNTU_24_04, &AMAZON_LINUX_2023, &RHEL_9];

/// Makes a disk of a tree; `None` where that is not allowed.
type MakeDisk = fn(&Image) -> Option<PathBuf>;

#[test]
fn distributions_are_clean_after_the_scripts() {
    try_all(|image| Some(image.disk()));
}

#[test]
fn distributions_are_clean_after_the_scripts_on_xfs() {
    try_all(Image::xfs_disk);
}

fn try_all(disk: MakeDisk) {
    for distribution in DISTRIBUTIONS {
        for shell in SHELLS {
            for name in ["marketplace-linux", "shared-ami"] {
                if !seal(distribution, shell, name, disk) {
                    return;
                }
            }
        }
    }
}

#[expect(clippy::print_stdout, reason = "a test that was skipped should say so")]
fn seal(distribution: &Distribution, shell: &[&str], name: &str, disk: MakeDisk) -> bool {
    let image = distribution.tree();
    let profile = profile(name).expect("a profile");
    let what = format!("{} {name} {shell:?}", distribution.name);
    let before = image.inspect_by(name).findings.len();
    assert!(before > 20, "{what}: {before}");
    for step in profile.steps {
        if !succeed(&image, shell, step.id, step.script, &[]) {
            return false;
        }
    }
    let Some(disk) = disk(&image) else {
        println!("skipped: only root may mount");
        return false;
    };
    let inspection = inspect_disk(&disk, &expected_by(name));
    assert_eq!(
        found(&inspection),
        Vec::<String>::new(),
        "{what}: {:#?}",
        inspection.findings
    );
    for path in distribution.kept {
        assert!(image.path(path).exists(), "{what}: {path} is gone");
    }
    let accounts = std::fs::read_to_string(image.path("/etc/passwd")).expect("a file");
    assert_eq!(accounts, distribution.passwd, "{what}");
    true
}
