//! What a disk check looks at, and bounded ways to look.

use std::cell::OnceCell;

use amint_inspect::{EntryKind, Metadata, Tree, TreeError, name};
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use crate::accounts::Accounts;
use crate::glob;
use crate::sshd;
use crate::survey::Survey;

/// Deepest folder that a walk enters.
const MAX_DEPTH: usize = 32;
/// Most entries that a walk visits.
const MAX_ENTRIES: usize = 50_000;
/// Deepest folder that a visit of a product's folders enters: what it installs is nested deep.
const MAX_VISIT_DEPTH: usize = 256;

/// A disk's file tree, and what several checks need of it, read once.
pub struct DiskContext<'a> {
    /// The tree.
    pub tree: &'a dyn Tree,
    /// The accounts.
    pub accounts: Accounts,
    /// Every home: root's, each account's, and each folder under `/home`. Sorted, each once.
    homes: Vec<String>,
    /// sshd and its configuration; `None` when there is none.
    pub sshd: Option<sshd::Server>,
    /// Files and folders that the product logs to.
    pub application_logs: &'a [String],
    /// The day on which the disk is looked at.
    pub today: Date,
    survey: OnceCell<Survey>,
}

impl<'a> DiskContext<'a> {
    /// Reads what the checks share.
    ///
    /// # Errors
    /// When the file system is damaged where the shared files are.
    pub fn read(tree: &'a dyn Tree, application_logs: &'a [String]) -> Result<Self, TreeError> {
        let accounts = Accounts::read(tree)?;
        let mut homes = vec!["/root".to_owned()];
        homes.extend(
            accounts
                .homes()
                .map(|home| match home.trim_end_matches('/') {
                    "" => "/".to_owned(),
                    home => home.to_owned(),
                }),
        );
        let others = tree.list("/home")?.into_iter();
        homes.extend(others.map(|name| format!("/home/{name}")));
        homes.sort();
        homes.dedup();
        Ok(Self {
            tree,
            accounts,
            homes,
            sshd: sshd::Server::read(tree)?,
            application_logs,
            today: Timestamp::now().to_zoned(TimeZone::UTC).date(),
            survey: OnceCell::new(),
        })
    }

    /// What the whole tree shows of owners and rights. Read when it is first asked for, and then kept.
    ///
    /// # Errors
    /// When the file system is damaged.
    pub fn survey(&self) -> Result<&Survey, TreeError> {
        if let Some(survey) = self.survey.get() {
            return Ok(survey);
        }
        let survey = Survey::read(self.tree, &self.accounts)?;
        Ok(self.survey.get_or_init(|| survey))
    }

    /// Every home: root's, each account's, and each folder under `/home`. Sorted, each once.
    pub fn homes(&self) -> &[String] {
        &self.homes
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

/// The paths that `pattern` stands for below `folder`, as a shell expands it; a component that is no pattern is not
/// looked up. A pattern that begins with `/` stands below the root when `folder` is empty.
///
/// # Errors
/// When the file system is damaged there, or more paths match than a walk visits.
pub fn expand(tree: &dyn Tree, folder: &str, pattern: &str) -> Result<Vec<String>, TreeError> {
    let mut paths = vec![folder.trim_end_matches('/').to_owned()];
    for component in pattern.trim_start_matches('/').split('/') {
        if glob::is_literal(component) {
            for path in &mut paths {
                path.push('/');
                path.push_str(component);
            }
            continue;
        }
        let mut matching = Vec::new();
        for path in paths {
            let listed = if path.is_empty() { "/" } else { &path };
            let names = tree.list(listed)?.into_iter();
            let fitting = names.filter(|name| glob::matches(component, name));
            matching.extend(fitting.map(|name| format!("{path}/{name}")));
            if matching.len() > MAX_ENTRIES {
                let reason = format!("more than {MAX_ENTRIES} files match {pattern}");
                return Err(TreeError { path, reason });
            }
        }
        paths = matching;
    }
    Ok(paths)
}

/// Calls `see` for everything below `folder`, folders before what is in them; links are not followed, but for `folder`
/// itself. Whether `see` wants to go on into a folder is what it answers.
///
/// # Errors
/// When the file system is damaged, or folders are nested too deep.
pub fn visit(
    tree: &dyn Tree,
    folder: &str,
    see: &mut dyn FnMut(&str, &Metadata) -> bool,
) -> Result<(), TreeError> {
    let mut folders = vec![(folder.trim_end_matches('/').to_owned(), 0)];
    while let Some((folder, depth)) = folders.pop() {
        if depth > MAX_VISIT_DEPTH {
            let reason = format!("folders are nested deeper than {MAX_VISIT_DEPTH}");
            return Err(TreeError {
                path: folder,
                reason,
            });
        }
        let listed = if folder.is_empty() { "/" } else { &folder };
        for name in tree.list(listed)? {
            let path = format!("{folder}/{name}");
            let Some(metadata) = tree.metadata(&path)? else {
                let reason = "listed, but cannot be looked up".to_owned();
                return Err(TreeError { path, reason });
            };
            if see(&path, &metadata) && metadata.kind == EntryKind::Directory {
                folders.push((path, depth + 1));
            }
        }
    }
    Ok(())
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
