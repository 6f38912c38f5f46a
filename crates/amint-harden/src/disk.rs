//! What a disk check looks at, and bounded ways to look.

use amint_inspect::{EntryKind, Metadata, Tree, TreeError, name};

use crate::accounts::Accounts;
use crate::sshd;

/// Deepest folder that a walk enters.
const MAX_DEPTH: usize = 32;
/// Most entries that a walk visits.
const MAX_ENTRIES: usize = 50_000;

/// A disk's file tree, and what several checks need of it, read once.
pub struct DiskContext<'a> {
    /// The tree.
    pub tree: &'a dyn Tree,
    /// The accounts.
    pub accounts: Accounts,
    /// sshd and its configuration; `None` when there is none.
    pub sshd: Option<sshd::Server>,
    /// Files and folders that the product logs to.
    pub application_logs: &'a [String],
}

impl<'a> DiskContext<'a> {
    /// Reads what the checks share.
    ///
    /// # Errors
    /// When the file system is damaged where the shared files are.
    pub fn read(tree: &'a dyn Tree, application_logs: &'a [String]) -> Result<Self, TreeError> {
        Ok(Self {
            tree,
            accounts: Accounts::read(tree)?,
            sshd: sshd::Server::read(tree)?,
            application_logs,
        })
    }

    /// Every home: root's, each account's, and each folder under `/home`. Sorted, each once.
    ///
    /// # Errors
    /// When `/home` cannot be read.
    pub fn homes(&self) -> Result<Vec<String>, TreeError> {
        let mut homes = vec!["/root".to_owned()];
        homes.extend(self.accounts.homes().map(str::to_owned));
        homes.extend(
            self.tree
                .list("/home")?
                .into_iter()
                .map(|name| format!("/home/{name}")),
        );
        homes.sort();
        homes.dedup();
        Ok(homes)
    }

    /// Whether something other than an empty file is at `path`, links followed.
    ///
    /// # Errors
    /// When the file system is damaged there.
    pub fn has_content(&self, path: &str) -> Result<bool, TreeError> {
        Ok(self
            .tree
            .read(path, 1)?
            .is_some_and(|content| !content.is_empty()))
    }

    /// The file at `path` as text; `None` when there is no regular file.
    ///
    /// # Errors
    /// When the file system is damaged there, or the file is larger than `limit` bytes.
    pub fn text(&self, path: &str, limit: usize) -> Result<Option<String>, TreeError> {
        read_text(self.tree, path, limit)
    }
}

/// The file at `path` as text, written as names are, so that a name in it can be looked up; `None` when there is no regular file.
///
/// # Errors
/// When the file system is damaged there, or the file is larger than `limit` bytes.
pub fn read_text(tree: &dyn Tree, path: &str, limit: usize) -> Result<Option<String>, TreeError> {
    let Some(content) = tree.read(path, limit.saturating_add(1))? else {
        return Ok(None);
    };
    if content.len() > limit {
        let reason = format!("larger than {limit} bytes");
        return Err(TreeError {
            path: path.to_owned(),
            reason,
        });
    }
    Ok(Some(name::text(&content)))
}

/// The path of `name` in `folder`.
pub fn join(folder: &str, name: &str) -> String {
    format!("{}/{name}", folder.trim_end_matches('/'))
}

/// Everything below `folder` that is not a folder itself, sorted by path; links are not followed, but for
/// `folder` itself. A file at `folder` is listed alone; when it is reached by a link, its size is 1 where
/// it has content.
///
/// # Errors
/// When the file system is damaged, or has more there than a walk visits.
pub fn walk(tree: &dyn Tree, folder: &str) -> Result<Vec<(String, Metadata)>, TreeError> {
    let too_much = |path: String, reason: String| Err(TreeError { path, reason });
    let mut found = Vec::new();
    match tree.metadata(folder)? {
        None => return Ok(found),
        Some(metadata) if metadata.kind == EntryKind::File => {
            return Ok(vec![(folder.to_owned(), metadata)]);
        }
        Some(metadata) if metadata.kind == EntryKind::Symlink => {
            if let Some(content) = tree.read(folder, 1)? {
                let size = content.len() as u64;
                let target = Metadata {
                    kind: EntryKind::File,
                    size,
                    ..metadata
                };
                return Ok(vec![(folder.to_owned(), target)]);
            }
        }
        Some(_) => {}
    }
    let mut folders = vec![(folder.trim_end_matches('/').to_owned(), 0)];
    let mut visited = 0_usize;
    while let Some((folder, depth)) = folders.pop() {
        if depth > MAX_DEPTH {
            return too_much(
                folder,
                format!("folders are nested deeper than {MAX_DEPTH}"),
            );
        }
        // The root's own name is empty here.
        let listed = if folder.is_empty() { "/" } else { &folder };
        for name in tree.list(listed)? {
            visited += 1;
            if visited > MAX_ENTRIES {
                return too_much(
                    folder,
                    format!("more than {MAX_ENTRIES} files below a folder"),
                );
            }
            let path = format!("{folder}/{name}");
            match tree.metadata(&path)? {
                Some(metadata) if metadata.kind == EntryKind::Directory => {
                    folders.push((path, depth + 1));
                }
                Some(metadata) => found.push((path, metadata)),
                // The folder contradicts itself.
                None => return too_much(path, "listed, but cannot be looked up".to_owned()),
            }
        }
    }
    found.sort_by(|one, other| one.0.cmp(&other.0));
    Ok(found)
}
