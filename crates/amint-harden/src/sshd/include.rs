//! What an `Include` names.

use amint_inspect::{EntryKind, Tree, TreeError, name};

use crate::glob;

/// Most files that one pattern may name.
const MAX_MATCHES: usize = 256;
/// Most names that a pattern is compared with in one folder.
const MAX_NAMES: usize = 10_000;
/// Longest pattern in bytes (`PATH_MAX`).
const MAX_PATTERN: usize = 4096;

/// The paths that match `pattern`, in the order in which sshd reads them: sorted by byte. A relative pattern counts
/// from `/etc/ssh`; a home (`~`) is none that sshd knows here, so that nothing matches.
///
/// # Errors
/// When the file system is damaged there, or the pattern names too many files.
pub(super) fn expand(tree: &dyn Tree, pattern: &str) -> Result<Vec<String>, TreeError> {
    let absolute = match pattern.strip_prefix('/') {
        Some(rest) => rest.to_owned(),
        None if pattern.starts_with('~') => return Ok(Vec::new()),
        None => format!("etc/ssh/{pattern}"),
    };
    let too_much = |reason: &str| {
        let path = format!("/{}", absolute.chars().take(256).collect::<String>());
        Err(TreeError {
            path,
            reason: reason.to_owned(),
        })
    };
    if absolute.len() > MAX_PATTERN {
        return too_much("an Include has too long a pattern");
    }
    let mut paths = vec![String::new()];
    for component in absolute
        .split('/')
        .filter(|component| !component.is_empty())
    {
        let mut next = Vec::new();
        for path in paths {
            if glob::is_literal(component) {
                next.push(format!("{path}/{component}"));
                continue;
            }
            let folder = if path.is_empty() { "/" } else { &path };
            let names = tree.list(folder)?;
            if names.len() > MAX_NAMES {
                return too_much("an Include looks into a folder with too many files");
            }
            let matching = names.iter().filter(|name| glob::matches(component, name));
            next.extend(matching.map(|name| format!("{path}/{name}")));
            if next.len() > MAX_MATCHES {
                return too_much("an Include names too many files");
            }
        }
        paths = next;
    }
    paths.sort_by_cached_key(|path| name::bytes(path));
    let mut found = Vec::new();
    for path in paths {
        // A name with a star is there; one without may not be.
        if tree.metadata(&path)?.is_some() {
            found.push(path);
        }
    }
    Ok(found)
}

/// Whether a link that leads to no file is at `path`: sshd does not start then. A folder reads as an empty file, and so
/// does `/dev/null`, which is not on the disk and which links of this length are taken to lead to.
///
/// # Errors
/// When the file system is damaged there.
pub(super) fn is_broken(tree: &dyn Tree, path: &str) -> Result<bool, TreeError> {
    let Some(metadata) = tree.metadata(path)? else {
        return Ok(false);
    };
    let is_link = metadata.kind == EntryKind::Symlink && metadata.size != "/dev/null".len() as u64;
    Ok(is_link && tree.read(path, 1)?.is_none() && tree.list(path)?.is_empty())
}
