//! Large sparse files: copied without filling their holes, digested, measured.

use std::fs::{File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::os::unix::fs::FileExt;
use std::path::Path;

use amint_cloud::{CloudError, ErrorKind};
use amint_inspect::BlockSource;
use amint_inspect::raw::RawFile;
use sha2::{Digest, Sha256};

use crate::scratch::is_at;

/// One read or write of a copy.
const CHUNK: usize = 1 << 20;

/// Extension of a file that is being [written](write_durably).
pub(crate) const UNFINISHED: &str = "new";

/// Makes a file of `size` bytes that is one hole.
pub(crate) fn create_hole(path: &Path, size: u64) -> Result<(), CloudError> {
    File::create(path)
        .and_then(|file| file.set_len(size))
        .map_err(|error| file_error("create", path, error))
}

/// Copies `from` to `to`, which is new or one hole, with its holes. Shares the blocks instead where the file
/// system can.
pub(crate) fn copy_sparse(from: &Path, to: &Path) -> Result<(), CloudError> {
    let describe = |error: io::Error| file_error("copy the disk to", to, error);
    let source = File::open(from).map_err(|error| file_error("open", from, error))?;
    let target = OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(false)
        .open(to)
        .map_err(|error| file_error("create", to, error))?;
    if rustix::fs::ioctl_ficlone(&target, &source).is_ok() {
        return Ok(());
    }
    let disk = RawFile::open(from).map_err(|error| CloudError::other(error.to_string()))?;
    target.set_len(disk.size()).map_err(describe)?;
    for extent in disk
        .written()
        .map_err(|error| CloudError::other(error.to_string()))?
    {
        let mut offset = extent.offset;
        let end = extent.offset + extent.length;
        while offset < end {
            let mut input = offset;
            let mut output = offset;
            let copied = rustix::fs::copy_file_range(
                &source,
                Some(&mut input),
                &target,
                Some(&mut output),
                (end - offset).min(1 << 30) as usize,
            );
            match copied {
                Ok(0) => break,
                Ok(count) => offset += count as u64,
                // Not every pair of file systems can; plain reads and writes always do.
                Err(_) => {
                    copy_range(&source, &target, offset, end).map_err(describe)?;
                    offset = end;
                }
            }
        }
    }
    Ok(())
}

fn copy_range(source: &File, target: &File, mut offset: u64, end: u64) -> io::Result<()> {
    let mut buffer = vec![0; CHUNK];
    while offset < end {
        let length = ((end - offset) as usize).min(CHUNK);
        source.read_exact_at(&mut buffer[..length], offset)?;
        target.write_all_at(&buffer[..length], offset)?;
        offset += length as u64;
    }
    Ok(())
}

/// SHA-256 of a whole file, holes read as zeros, as lower-case hex.
pub(crate) fn sha256(path: &Path) -> Result<String, CloudError> {
    let mut file = File::open(path).map_err(|error| file_error("open", path, error))?;
    let mut hasher = Sha256::new();
    let mut buffer = vec![0; CHUNK];
    loop {
        let length = file
            .read(&mut buffer)
            .map_err(|error| file_error("read", path, error))?;
        if length == 0 {
            return Ok(hex(&hasher.finalize()));
        }
        hasher.update(&buffer[..length]);
    }
}

/// Lower-case hex.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Writes a small file so that it is there whole or not at all.
pub(crate) fn write_atomically(path: &Path, content: &[u8]) -> Result<(), CloudError> {
    let folder = path.parent().unwrap_or(Path::new("."));
    let describe = |error: io::Error| file_error("write", path, error);
    let mut file = tempfile::NamedTempFile::new_in(folder).map_err(describe)?;
    file.write_all(content).map_err(describe)?;
    file.persist(path).map_err(|error| describe(error.error))?;
    Ok(())
}

/// Writes a small file so that it is there whole or not at all, and stays so when this computer stops. What a killed
/// process leaves is told apart by its [extension](UNFINISHED) and by nobody's lock on it.
pub(crate) fn write_durably(path: &Path, content: &[u8]) -> Result<(), CloudError> {
    let unfinished = path.with_extension(UNFINISHED);
    let write = || -> io::Result<()> {
        let mut file = loop {
            let file = OpenOptions::new()
                .write(true)
                .create(true)
                .truncate(false)
                .open(&unfinished)?;
            file.lock()?;
            // Removed as a leftover just before it was locked.
            if is_at(&file, &unfinished) {
                break file;
            }
        };
        file.set_len(0)?;
        file.write_all(content)?;
        file.sync_all()?;
        std::fs::rename(&unfinished, path)?;
        sync_folder(path.parent().unwrap_or(Path::new(".")))
    };
    write().map_err(|error| file_error("write", path, error))
}

/// Removes a file that a killed process did not finish.
pub(crate) fn remove_unfinished(path: &Path) {
    if let Ok(file) = File::open(path)
        && file.try_lock().is_ok()
        && is_at(&file, path)
    {
        let _ = std::fs::remove_file(path);
    }
}

/// Syncs a folder, so that what was renamed in it stays so.
pub(crate) fn sync_folder(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

/// Removes a file; none there is fine.
pub(crate) fn remove_file(path: &Path) -> Result<(), CloudError> {
    match std::fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            Err(file_error("remove", path, error))
        }
        _ => Ok(()),
    }
}

/// Removes a folder that is empty; one that is not, or is gone, is left as it is.
pub(crate) fn remove_empty(folder: &Path) {
    let _ = std::fs::remove_dir(folder);
}

/// The last `limit` bytes of a log as text; empty when there is none.
pub(crate) fn tail(path: &Path, limit: u64) -> String {
    let read = || -> io::Result<Vec<u8>> {
        let mut file = File::open(path)?;
        let length = file.metadata()?.len();
        file.seek(SeekFrom::Start(length.saturating_sub(limit)))?;
        let mut bytes = Vec::new();
        file.take(limit).read_to_end(&mut bytes)?;
        Ok(bytes)
    };
    // A console holds terminal control codes that would garble ours.
    String::from_utf8_lossy(&read().unwrap_or_default())
        .chars()
        .filter(|char| *char == '\n' || !char.is_control())
        .collect()
}

/// Fails early when the file system that holds `folder`, or will hold it, has less than `needed` bytes left.
pub(crate) fn require_space(folder: &Path, needed: u64) -> Result<(), CloudError> {
    let folder = folder
        .ancestors()
        .find(|folder| folder.exists())
        .unwrap_or(Path::new("."));
    if !folder.is_dir() {
        return Err(CloudError::new(
            ErrorKind::Prerequisite,
            format!("{} is not a folder", folder.display()),
        )
        .hint("choose another folder"));
    }
    let stat = rustix::fs::statvfs(folder)
        .map_err(|error| file_error("measure the space in", folder, error.into()))?;
    let free = stat.f_bavail.saturating_mul(stat.f_frsize);
    if free >= needed {
        return Ok(());
    }
    Err(CloudError::new(
        ErrorKind::Prerequisite,
        format!(
            "{} has {} MiB left, and {} MiB are needed",
            folder.display(),
            free >> 20,
            needed >> 20
        ),
    )
    .hint("free some space or choose another folder"))
}

/// An error about a file, told apart when the disk is full.
pub(crate) fn file_error(verb: &str, path: &Path, error: io::Error) -> CloudError {
    let kind = match error.kind() {
        io::ErrorKind::StorageFull
        | io::ErrorKind::QuotaExceeded
        | io::ErrorKind::PermissionDenied
        | io::ErrorKind::NotFound
        | io::ErrorKind::ReadOnlyFilesystem => ErrorKind::Prerequisite,
        _ => ErrorKind::Other,
    };
    CloudError::new(kind, format!("cannot {verb} {}", path.display())).caused_by(error)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_copy_keeps_bytes_and_holes() {
        let folder = tempfile::tempdir().unwrap();
        let (from, to) = (folder.path().join("from"), folder.path().join("to"));
        let file = File::create(&from).unwrap();
        file.set_len(64 << 20).unwrap();
        file.write_all_at(b"head", 0).unwrap();
        file.write_all_at(b"tail", (64 << 20) - 4).unwrap();
        copy_sparse(&from, &to).unwrap();
        assert_eq!(sha256(&from).unwrap(), sha256(&to).unwrap());
        let copied = RawFile::open(&to).unwrap();
        let written: u64 = copied
            .written()
            .unwrap()
            .iter()
            .map(|extent| extent.length)
            .sum();
        assert!(written < 1 << 20, "{written} bytes were written");
    }

    #[test]
    fn a_tail_holds_no_control_codes() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("log");
        std::fs::write(&path, "first\nsecond \u{1b}[31mred\u{7}\nlast").unwrap();
        assert_eq!(tail(&path, 1000), "first\nsecond [31mred\nlast");
        assert_eq!(tail(&path, 4), "last");
        assert_eq!(tail(&folder.path().join("none"), 4), "");
    }

    #[test]
    fn a_file_is_no_place_for_a_folder() {
        let file = tempfile::NamedTempFile::new().unwrap();
        let error = require_space(&file.path().join("out"), 1).unwrap_err();
        assert!(error.message.ends_with("is not a folder"), "{error}");
    }

    #[test]
    fn no_folder_has_an_exbibyte_left() {
        let error = require_space(Path::new("/tmp"), 1 << 60).unwrap_err();
        assert_eq!(error.kind, ErrorKind::Prerequisite);
    }
}
