//! A read-only file tree: what a disk check looks at.
//!
//! Paths are absolute, `/`-separated and UTF-8; a name on disk that is not UTF-8 is listed, and looked up, as
//! [`name`](crate::name) writes it. Symbolic links resolve inside the tree and never leave it.

/// What kind of file an entry is.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum EntryKind {
    /// A regular file.
    File,
    /// A directory.
    Directory,
    /// A symbolic link.
    Symlink,
    /// A device, socket or pipe.
    Special,
}

/// One file's attributes, links not followed.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Metadata {
    /// What it is.
    pub kind: EntryKind,
    /// Size in bytes.
    pub size: u64,
    /// Permission bits (`0o7777`).
    pub mode: u16,
    /// Owner.
    pub uid: u32,
    /// Group.
    pub gid: u32,
}

/// One extended attribute (xattr(7)).
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub struct Attribute {
    /// Its full name, such as `security.capability`.
    pub name: String,
    /// Its value.
    pub value: Vec<u8>,
}

/// A read-only view of one file system.
pub trait Tree {
    /// Attributes of `path`, its last component not followed. `None` when nothing is there.
    fn metadata(&self, path: &str) -> Result<Option<Metadata>, TreeError>;

    /// The first `limit` bytes of the file at `path`, links followed. `None` when nothing is there
    /// or when it is not a regular file.
    fn read(&self, path: &str, limit: usize) -> Result<Option<Vec<u8>>, TreeError>;

    /// Fills `buffer` from `offset` of the file at `path` on, links followed: how many bytes, fewer than the buffer has
    /// only where the file ends. `None` when nothing is there or when it is not a regular file.
    fn read_at(
        &self,
        path: &str,
        offset: u64,
        buffer: &mut [u8],
    ) -> Result<Option<usize>, TreeError>;

    /// The names in the directory at `path`, sorted, without `.` and `..`. Links followed. Empty when
    /// nothing is there or when it is not a directory.
    fn list(&self, path: &str) -> Result<Vec<String>, TreeError>;

    /// Where the symbolic link at `path` leads, its last component not followed. `None` when nothing is there or when
    /// it is no link.
    fn target(&self, path: &str) -> Result<Option<String>, TreeError>;

    /// The extended attributes of `path`, its last component not followed, sorted by name. Empty when nothing is there.
    fn attributes(&self, path: &str) -> Result<Vec<Attribute>, TreeError>;
}

/// The file system could not be read: damage, or a feature that is not supported.
#[derive(Debug, thiserror::Error)]
#[error("cannot read {path}: {reason}")]
pub struct TreeError {
    /// Which path was asked for.
    pub path: String,
    /// What is wrong, in the reader's words.
    pub reason: String,
}
