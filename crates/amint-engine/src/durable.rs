//! A file that is there whole or not at all, whenever its process dies.

use std::fs::{self, File};
use std::io::{self, Write};
use std::os::fd::AsRawFd;
use std::path::Path;

use rustix::fs::{AtFlags, CWD, Mode, OFlags, linkat, open};

/// Writes the file so that it survives a power cut once this returns. Of a process that dies meanwhile nothing is
/// left: until it is whole, the file has no name.
pub(crate) fn write_whole(path: &Path, content: &[u8]) -> io::Result<()> {
    let folder = path.parent();
    let folder = folder.filter(|folder| !folder.as_os_str().is_empty());
    let folder = folder.unwrap_or(Path::new("."));
    fs::create_dir_all(folder)?;
    match write_unnamed(folder, path, content) {
        // Not every file system has files without names, and a name that is there is replaced by renaming.
        Err(error) if is_unsupported(&error) => write_named(path, content)?,
        written => written?,
    }
    File::open(folder)?.sync_all()
}

fn is_unsupported(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::Unsupported
            | io::ErrorKind::AlreadyExists
            | io::ErrorKind::IsADirectory
            | io::ErrorKind::InvalidInput
            | io::ErrorKind::NotFound
    )
}

fn write_unnamed(folder: &Path, path: &Path, content: &[u8]) -> io::Result<()> {
    let flags = OFlags::TMPFILE | OFlags::WRONLY | OFlags::CLOEXEC;
    let mut file = File::from(open(folder, flags, Mode::from_raw_mode(0o666))?);
    file.write_all(content)?;
    file.sync_all()?;
    // As open(2) has it, for who may not link by descriptor.
    let unnamed = format!("/proc/self/fd/{}", file.as_raw_fd());
    linkat(CWD, unnamed, CWD, path, AtFlags::SYMLINK_FOLLOW)?;
    Ok(())
}

fn write_named(path: &Path, content: &[u8]) -> io::Result<()> {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(".partial");
    let partial = path.with_file_name(name);
    let write = || {
        let mut file = File::create(&partial)?;
        file.write_all(content)?;
        file.sync_all()?;
        fs::rename(&partial, path)
    };
    write().inspect_err(|_| {
        // Not there when it could not even be made.
        let _ = fs::remove_file(&partial);
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_made_and_replaced_and_nothing_else_is_there() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let path = folder.path().join("new/manifest.json");
        for content in ["first", "second"] {
            write_whole(&path, content.as_bytes()).expect("it can be written");
            assert_eq!(fs::read_to_string(&path).expect("it is there"), content);
            let there = fs::read_dir(folder.path().join("new")).expect("a folder");
            assert_eq!(there.count(), 1);
        }
    }

    #[test]
    fn what_cannot_be_written_leaves_nothing() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let taken = folder.path().join("taken");
        fs::create_dir(&taken).expect("a folder");
        write_whole(&taken, b"x").expect_err("a folder is no file");
        assert_eq!(fs::read_dir(folder.path()).expect("a folder").count(), 1);
    }
}
