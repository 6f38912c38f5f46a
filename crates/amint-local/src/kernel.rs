//! The kernel that a disk would boot, read from the disk, for machines whose disk has no boot loader.

use std::path::Path;

use amint_cloud::CloudError;
use amint_inspect::file_system;
use amint_inspect::raw::RawFile;
use amint_inspect::{Tree, partition};

use crate::files::file_error;

/// A kernel or an initial RAM disk is smaller than this, in bytes.
const LIMIT: usize = 512 << 20;

/// A kernel, its initial RAM disk and the root file system that it belongs to.
pub(crate) struct Found {
    kernel: Vec<u8>,
    /// The initial RAM disk, when the kernel has one.
    pub(crate) initrd: Option<Vec<u8>>,
    /// The root file system as the kernel names it (`/dev/vda1`).
    pub(crate) root: String,
}

impl Found {
    /// Writes both where QEMU can load them.
    pub(crate) fn write(&self, kernel: &Path, initrd: &Path) -> Result<(), CloudError> {
        std::fs::write(kernel, &self.kernel).map_err(|error| file_error("write", kernel, error))?;
        if let Some(content) = &self.initrd {
            std::fs::write(initrd, content).map_err(|error| file_error("write", initrd, error))?;
        }
        Ok(())
    }
}

/// Finds the newest kernel in `/boot` of the first partition that has one.
pub(crate) fn find(disk: &Path) -> Result<Found, CloudError> {
    let describe = |error: Box<dyn std::error::Error + Send + Sync>| {
        CloudError::other(format!("cannot read a kernel from {}", disk.display())).caused_by(error)
    };
    let source = RawFile::open(disk).map_err(|error| describe(error.into()))?;
    let layout = partition::read(&source).map_err(|error| describe(error.into()))?;
    for partition in &layout.partitions {
        let Ok(Some(tree)) = file_system::open(&source, partition.extent) else {
            continue;
        };
        let found = newest(&*tree, partition.number).map_err(|error| describe(error.into()))?;
        if let Some(found) = found {
            return Ok(found);
        }
    }
    Err(CloudError::other(format!(
        "{} has no boot loader, and no kernel in /boot of any partition that can be read",
        disk.display()
    ))
    .hint("use an image that boots by BIOS, or one with /boot/vmlinuz-* on its root partition"))
}

fn newest(tree: &dyn Tree, number: u32) -> Result<Option<Found>, amint_inspect::TreeError> {
    let mut kernels: Vec<String> = tree
        .list("/boot")?
        .into_iter()
        .filter_map(|name| name.strip_prefix("vmlinuz-").map(str::to_owned))
        .collect();
    kernels.sort_by_key(|release| version_key(release));
    let Some(release) = kernels.pop() else {
        return Ok(None);
    };
    let Some(kernel) = tree.read(&format!("/boot/vmlinuz-{release}"), LIMIT)? else {
        return Ok(None);
    };
    // Debian's name, then the one of the RHEL family and Amazon Linux.
    let mut initrd = tree.read(&format!("/boot/initrd.img-{release}"), LIMIT)?;
    if initrd.is_none() {
        initrd = tree.read(&format!("/boot/initramfs-{release}.img"), LIMIT)?;
    }
    let root = if number == 0 {
        "/dev/vda".into()
    } else {
        format!("/dev/vda{number}")
    };
    Ok(Some(Found {
        kernel,
        initrd,
        root,
    }))
}

/// Orders releases as people do: `6.1.0-9` before `6.1.0-10`.
fn version_key(release: &str) -> Vec<(u64, String)> {
    release
        .split(['.', '-', '_', '+', '~'])
        .map(|part| {
            let digits = part.len() - part.trim_start_matches(|c: char| c.is_ascii_digit()).len();
            (
                part[..digits].parse().unwrap_or(0),
                part[digits..].to_owned(),
            )
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_release_is_last() {
        let mut releases = [
            "6.1.0-10-cloud-amd64",
            "6.1.0-9-cloud-amd64",
            "5.10.0-30-amd64",
        ];
        releases.sort_by_key(|release| version_key(release));
        assert_eq!(
            releases,
            [
                "5.10.0-30-amd64",
                "6.1.0-9-cloud-amd64",
                "6.1.0-10-cloud-amd64"
            ]
        );
    }
}
