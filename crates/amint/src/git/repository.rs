//! Where the repository is, and what a revision and a merge base are.

use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::Arc;

use super::commit::Commit;
use super::error::GitError;
use super::objects::Objects;

/// A repository on this computer.
#[derive(Debug)]
pub(crate) struct Repository {
    /// Its working tree's root; of a bare one, the folder that was looked from.
    root: PathBuf,
    bare: bool,
    shallow: bool,
    /// The working folder as seen from the root: empty, or with a slash at its end.
    prefix: String,
    objects: Arc<Objects>,
}

impl Repository {
    /// The repository around a folder.
    ///
    /// # Errors
    /// When there is none, or git is missing or refuses.
    pub(crate) fn around(folder: &Path) -> Result<Self, GitError> {
        let output = run(
            folder,
            &[
                "rev-parse",
                "--is-bare-repository",
                "--is-shallow-repository",
                "--show-prefix",
                "--show-toplevel",
            ],
        )?;
        let stdout = String::from_utf8_lossy(&output.stdout).into_owned();
        let mut lines = stdout.splitn(4, '\n');
        let mut line = || lines.next().unwrap_or_default();
        let (bare, shallow, prefix) = (line() == "true", line() == "true", line().to_owned());
        let root = line().trim_end_matches('\n').to_owned();
        // In a bare repository the last question has no answer, and that is no failure.
        if !output.status.success() && !bare {
            return Err(refused("rev-parse", &output));
        }
        Ok(Self {
            root: if bare { folder.to_owned() } else { root.into() },
            bare,
            shallow,
            prefix,
            objects: Arc::new(Objects::start(folder)?),
        })
    }

    /// The root of its working tree.
    ///
    /// # Errors
    /// When it has none.
    pub(crate) fn working_tree(&self) -> Result<&Path, GitError> {
        match self.bare {
            true => Err(GitError::Bare),
            false => Ok(&self.root),
        }
    }

    /// The commit that a revision means.
    ///
    /// # Errors
    /// When there is no such commit.
    pub(crate) fn commit(&self, revision: &str) -> Result<Commit, GitError> {
        let unknown = || GitError::UnknownRevision(revision.escape_debug().to_string());
        // What holds a line's end would be two questions.
        if revision.is_empty() || revision.chars().any(char::is_control) {
            return Err(unknown());
        }
        let id = self.objects.find(&format!("{revision}^{{commit}}"))?;
        let tree = self.objects.find(&format!("{revision}^{{tree}}"))?;
        let (id, tree) = id.zip(tree).ok_or_else(unknown)?;
        Ok(Commit::new(
            Arc::clone(&self.objects),
            self.root.clone(),
            id,
            tree,
        ))
    }

    /// Where two revisions parted.
    ///
    /// # Errors
    /// When one is unknown, or they have no common past.
    pub(crate) fn merge_base(&self, left: &str, right: &str) -> Result<Commit, GitError> {
        let (first, second) = (self.commit(left)?, self.commit(right)?);
        let output = run(&self.root, &["merge-base", first.id(), second.id()])?;
        match output.status.code() {
            Some(0) => self.commit(String::from_utf8_lossy(&output.stdout).trim()),
            Some(1) => Err(GitError::NoMergeBase {
                left: left.to_owned(),
                right: right.to_owned(),
                shallow: self.shallow,
            }),
            _ => Err(refused("merge-base", &output)),
        }
    }

    /// A path that was given in the working folder, as seen from the root; empty for the root itself.
    ///
    /// # Errors
    /// When it lies outside.
    pub(crate) fn relative(&self, path: &Path) -> Result<String, GitError> {
        let outside = || GitError::Outside(path.display().to_string());
        let text = path.to_str();
        let text = text.ok_or_else(|| GitError::Name(path.display().to_string()))?;
        let whole = match path.is_absolute() {
            true => {
                let inside = path.strip_prefix(&self.root).map_err(|_| outside())?;
                inside.to_string_lossy().into_owned()
            }
            false => format!("{}{text}", self.prefix),
        };
        let mut parts = Vec::new();
        for part in whole.split('/') {
            match part {
                "" | "." => {}
                ".." => drop(parts.pop().ok_or_else(outside)?),
                part => parts.push(part),
            }
        }
        Ok(parts.join("/"))
    }
}

/// The git program in a folder. Nothing of the repository can replace objects, and git never asks anybody.
pub(super) fn git(folder: &Path) -> Command {
    let mut command = Command::new("git");
    command
        .current_dir(folder)
        .env("GIT_NO_REPLACE_OBJECTS", "1")
        .env("GIT_OPTIONAL_LOCKS", "0")
        .env("GIT_TERMINAL_PROMPT", "0")
        .env("LC_ALL", "C")
        .stdin(Stdio::null());
    command
}

fn run(folder: &Path, arguments: &[&str]) -> Result<Output, GitError> {
    git(folder).args(arguments).output().map_err(not_run)
}

pub(super) fn not_run(error: io::Error) -> GitError {
    match error.kind() {
        io::ErrorKind::NotFound => GitError::NotInstalled,
        _ => GitError::Io(error),
    }
}

/// What git's last words mean.
fn refused(command: &'static str, output: &Output) -> GitError {
    let said = String::from_utf8_lossy(&output.stderr);
    if said.contains("not a git repository") {
        return GitError::NoRepository;
    }
    if said.contains("dubious ownership") {
        return GitError::NotTrusted;
    }
    let line = said.lines().find(|line| line.starts_with("fatal: "));
    let line = line.or_else(|| said.lines().next()).unwrap_or("no reason");
    GitError::Failed {
        command,
        message: line.trim_start_matches("fatal: ").to_owned(),
    }
}
