//! One pass over the whole tree, for what owners and rights say.

use std::collections::HashSet;

use amint_inspect::{EntryKind, Metadata, Tree, TreeError};

use crate::accounts::Accounts;
use crate::disk::visit;

/// Most files that the pass looks at.
const MAX_FILES: usize = 10_000_000;
/// Most paths that are kept of each kind: more would say no more.
const MAX_KEPT: usize = 1_000;
/// Memory file systems of a running machine, and layers of containers, whose owners are in their own account files.
const ELSEWHERE: [&str; 7] = [
    "/proc",
    "/sys",
    "/dev",
    "/run",
    "/var/lib/docker",
    "/var/lib/containerd",
    "/var/lib/containers",
];
/// Where packages put programs that run as their owner.
const PACKAGED: [&str; 10] = [
    "/bin/",
    "/sbin/",
    "/lib/",
    "/lib64/",
    "/usr/bin/",
    "/usr/sbin/",
    "/usr/lib/",
    "/usr/lib64/",
    "/usr/libexec/",
    "/snap/",
];
/// Ids that systemd gives to services while they run (nss-systemd(8)).
const DYNAMIC: std::ops::RangeInclusive<u32> = 61184..=65519;

/// What owners and rights say, sorted by path.
#[derive(Debug, Default)]
pub struct Survey {
    /// What everybody may write: files, and folders without the sticky bit.
    pub writable: Vec<String>,
    /// What belongs to an account or a group that does not exist.
    pub unowned: Vec<String>,
    /// Programs with the rights of their owner or with capabilities, elsewhere than where packages put them.
    pub privileged: Vec<String>,
}

impl Survey {
    /// Looks at every file.
    ///
    /// # Errors
    /// When the file system is damaged, or has more files than are looked at.
    pub fn read(tree: &dyn Tree, accounts: &Accounts) -> Result<Self, TreeError> {
        let users: HashSet<u32> = accounts.users.iter().map(|user| user.uid).collect();
        let groups: HashSet<u32> = accounts.groups.iter().map(|group| group.gid).collect();
        let mut survey = Self::default();
        let mut executable = Vec::new();
        let mut seen = 0_usize;
        visit(tree, "/", &mut |path, metadata| {
            seen += 1;
            if ELSEWHERE.contains(&path) || seen > MAX_FILES {
                return false;
            }
            if is_writable(metadata) {
                keep(&mut survey.writable, path);
            }
            let known = |ids: &HashSet<u32>, id| ids.contains(&id) || DYNAMIC.contains(&id);
            if !known(&users, metadata.uid) || !known(&groups, metadata.gid) {
                keep(&mut survey.unowned, path);
            }
            let packaged = PACKAGED.iter().any(|folder| path.starts_with(folder));
            if metadata.kind == EntryKind::File && !packaged {
                if metadata.mode & 0o6000 != 0 {
                    keep(&mut survey.privileged, path);
                } else if metadata.mode & 0o111 != 0 {
                    executable.push(path.to_owned());
                }
            }
            true
        })?;
        if seen > MAX_FILES {
            let (path, reason) = ("/".to_owned(), format!("more than {MAX_FILES} files"));
            return Err(TreeError { path, reason });
        }
        for path in executable {
            let attributes = tree.attributes(&path)?;
            if attributes
                .iter()
                .any(|one| one.name == "security.capability")
            {
                keep(&mut survey.privileged, &path);
            }
        }
        for paths in [
            &mut survey.writable,
            &mut survey.unowned,
            &mut survey.privileged,
        ] {
            paths.sort_unstable();
        }
        Ok(survey)
    }
}

fn is_writable(metadata: &Metadata) -> bool {
    let open = metadata.mode & 0o002 != 0;
    match metadata.kind {
        EntryKind::File => open,
        EntryKind::Directory => open && metadata.mode & 0o1000 == 0,
        EntryKind::Symlink | EntryKind::Special => false,
    }
}

fn keep(paths: &mut Vec<String>, path: &str) {
    if paths.len() < MAX_KEPT {
        paths.push(path.to_owned());
    }
}
