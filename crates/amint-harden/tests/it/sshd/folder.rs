//! A file tree that is a folder of this machine, under the paths that the folder has here.

use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};

use amint_inspect::tree::{Attribute, EntryKind, Metadata};
use amint_inspect::{Tree, TreeError};
use tempfile::TempDir;

pub(crate) struct Folder {
    folder: TempDir,
}

impl Folder {
    pub(crate) fn new() -> Self {
        Self {
            folder: TempDir::new().expect("a temporary folder"),
        }
    }

    /// An absolute path of this machine.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Writes a file; `$F` in it stands for the folder.
    pub(crate) fn write(&self, name: &str, text: &str) {
        let path = self.path(name);
        fs::create_dir_all(path.parent().expect("a parent")).expect("a folder");
        let folder = self.folder.path().to_str().expect("a UTF-8 path");
        fs::write(path, text.replace("$F", folder)).expect("a file");
    }

    /// The path on this machine; `None` for what is not in the folder.
    fn inside<'a>(&self, path: &'a str) -> Option<&'a Path> {
        let path = Path::new(path);
        path.starts_with(self.folder.path()).then_some(path)
    }
}

impl Tree for Folder {
    fn metadata(&self, path: &str) -> Result<Option<Metadata>, TreeError> {
        let Some(found) = self
            .inside(path)
            .and_then(|path| path.symlink_metadata().ok())
        else {
            return Ok(None);
        };
        let kind = if found.is_dir() {
            EntryKind::Directory
        } else if found.is_symlink() {
            EntryKind::Symlink
        } else {
            EntryKind::File
        };
        let metadata = Metadata {
            kind,
            size: found.len(),
            mode: 0o644,
            uid: 0,
            gid: 0,
        };
        Ok(Some(metadata))
    }

    fn read(&self, path: &str, limit: usize) -> Result<Option<Vec<u8>>, TreeError> {
        let Some(path) = self.inside(path).filter(|path| path.is_file()) else {
            return Ok(None);
        };
        let mut content = Vec::new();
        let file = fs::File::open(path).expect("a file");
        file.take(limit as u64)
            .read_to_end(&mut content)
            .expect("its bytes");
        Ok(Some(content))
    }

    fn read_at(&self, _: &str, _: u64, _: &mut [u8]) -> Result<Option<usize>, TreeError> {
        unreachable!("sshd's configuration is read whole")
    }

    fn list(&self, path: &str) -> Result<Vec<String>, TreeError> {
        let Some(entries) = self.inside(path).and_then(|path| fs::read_dir(path).ok()) else {
            return Ok(Vec::new());
        };
        let names = entries.map(|entry| entry.expect("an entry").file_name());
        let mut names: Vec<String> = names
            .map(|name| name.into_string().expect("UTF-8"))
            .collect();
        names.sort();
        Ok(names)
    }

    fn target(&self, path: &str) -> Result<Option<String>, TreeError> {
        let target = self.inside(path).and_then(|path| fs::read_link(path).ok());
        Ok(target.map(|target| target.to_str().expect("UTF-8").to_owned()))
    }

    fn attributes(&self, _: &str) -> Result<Vec<Attribute>, TreeError> {
        Ok(Vec::new())
    }
}
