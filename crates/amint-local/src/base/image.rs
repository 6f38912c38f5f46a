//! The user's own disk: raw or qcow2, with a guest agent, checked against its digest.

use std::ffi::OsStr;
use std::fs::File;
use std::io::Read;
use std::path::Path;

use amint_cloud::{BaseImage, CloudError, ErrorKind};

use super::{Base, BaseBoot, DISK, INITRD, KERNEL, Progress};
use crate::files::{copy_sparse, file_error, sha256};
use crate::kernel;
use crate::program;

/// Copies the disk into `folder`, as raw, and finds out how it boots.
pub(super) async fn import(
    path: &Path,
    expected: &str,
    key: &str,
    folder: &Path,
    progress: Progress<'_>,
) -> Result<Base, CloudError> {
    if !path.is_file() {
        let what = if path.exists() {
            "is not a file"
        } else {
            "does not exist"
        };
        return Err(CloudError::new(
            ErrorKind::NotFound,
            format!("the base image {} {what}", path.display()),
        )
        .hint("`base.local.image` in the recipe names a raw or qcow2 disk image"));
    }
    progress(&format!("checking {}", path.display()));
    let (source, disk) = (path.to_owned(), folder.join(DISK));
    let digest = {
        let source = source.clone();
        tokio::task::spawn_blocking(move || sha256(&source))
            .await
            .map_err(|error| CloudError::other("reading was cut short").caused_by(error))??
    };
    if digest != expected.to_ascii_lowercase() {
        return Err(CloudError::new(
            ErrorKind::Unfit,
            format!(
                "{} has SHA-256 {digest}, and the recipe expects {expected}",
                path.display()
            ),
        )
        .hint("put the digest of the image that you mean into the recipe"));
    }
    if is_qcow2(path)? {
        program::require_convert()?;
        progress("converting qcow2 to raw");
        let arguments = ["convert", "-f", "qcow2", "-O", "raw"].map(OsStr::new);
        let arguments: Vec<&OsStr> = arguments
            .into_iter()
            .chain([source.as_os_str(), disk.as_os_str()])
            .collect();
        program::run("qemu-img", &arguments).await?;
    } else {
        let to = disk.clone();
        tokio::task::spawn_blocking(move || copy_sparse(&source, &to))
            .await
            .map_err(|error| CloudError::other("copying was cut short").caused_by(error))??;
    }
    let boot = if has_boot_loader(&disk)? {
        BaseBoot::Firmware
    } else {
        let found = kernel::find(&disk)?;
        let initrd = found.initrd.is_some();
        found.write(&folder.join(KERNEL), &folder.join(INITRD))?;
        BaseBoot::Direct {
            initrd,
            root: found.root,
        }
    };
    Ok(Base {
        folder: folder.to_owned(),
        image: BaseImage {
            digest: Some(digest),
            ..identify(path, key)
        },
        boot,
    })
}

/// The image, unread: its digest is that of the recipe, and in `key`.
pub(super) fn identify(path: &Path, key: &str) -> BaseImage {
    let name = path.file_name().unwrap_or(path.as_os_str());
    BaseImage::new(key, name.to_string_lossy())
}

fn head(path: &Path) -> Result<[u8; 512], CloudError> {
    let mut head = [0; 512];
    File::open(path)
        .and_then(|mut file| file.read_exact(&mut head))
        .map_err(|error| file_error("read", path, error))?;
    Ok(head)
}

fn is_qcow2(path: &Path) -> Result<bool, CloudError> {
    Ok(head(path)?.starts_with(b"QFI\xfb"))
}

/// Whether the first sector holds boot code for a BIOS. XFS begins with the first byte of a disk without a partition
/// table, but has no boot signature.
fn has_boot_loader(disk: &Path) -> Result<bool, CloudError> {
    let head = head(disk)?;
    Ok(head.ends_with(b"\x55\xaa") && head[..440].iter().any(|byte| *byte != 0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_system_that_begins_with_the_disk_is_no_boot_loader() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("disk.img");
        let mut sector = vec![0; 512];
        for (start, end, expected) in [
            (b"XFSB", [0, 0], false),
            (b"\0\0\0\0", [0x55, 0xaa], false),
            (b"\xeb\x63\x90\0", [0x55, 0xaa], true),
        ] {
            sector[..4].copy_from_slice(start);
            sector[510..].copy_from_slice(&end);
            std::fs::write(&path, &sector).unwrap();
            assert_eq!(has_boot_loader(&path).unwrap(), expected, "{start:?}");
        }
    }

    #[tokio::test]
    async fn another_digest_is_a_conflict_that_names_both() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("disk.img");
        std::fs::write(&path, vec![0; 4096]).unwrap();
        let expected = "0".repeat(64);
        let error = import(&path, &expected, "key", folder.path(), &|_| ())
            .await
            .unwrap_err();
        assert_eq!(error.kind, ErrorKind::Unfit);
        assert!(error.message.contains(&expected), "{}", error.message);
        assert!(
            error.message.contains("disk.img has SHA-256 ad7facb2"),
            "{}",
            error.message
        );
    }

    #[tokio::test]
    async fn a_missing_image_is_named() {
        let folder = tempfile::tempdir().unwrap();
        for (path, what) in [("none.raw", "does not exist"), ("", "is not a file")] {
            let path = folder.path().join(path);
            let error = import(&path, "0", "key", folder.path(), &|_| ())
                .await
                .unwrap_err();
            assert_eq!(error.kind, ErrorKind::NotFound);
            assert!(error.message.ends_with(what), "{}", error.message);
        }
    }

    #[tokio::test]
    async fn a_disk_without_anything_to_boot_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("zeros.img");
        std::fs::write(&path, vec![0; 1 << 20]).unwrap();
        let digest = sha256(&path).unwrap();
        let error = import(&path, &digest, "key", folder.path(), &|_| ())
            .await
            .unwrap_err();
        assert!(error.message.contains("no kernel"), "{}", error.message);
    }
}
