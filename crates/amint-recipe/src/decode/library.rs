//! What is read once, however often the recipe uses it: texts, included files, digests.

use std::collections::BTreeMap;
use std::path::{Component, Path};
use std::sync::Arc;

use sha2::{Digest, Sha256};

use crate::code::Code;
use crate::diagnostic::Problem;
use crate::files::{FileError, Files};
use crate::source::{MAX_RECIPE_BYTES, Source};
use crate::sources::Sources;
use crate::span::{FileId, Span};
use crate::yaml::node::Node;
use crate::yaml::read::read;

/// What was read, for all cells of a recipe.
pub(super) struct Library<'a> {
    pub(super) sources: Sources,
    files: &'a dyn Files,
    /// The trees of included files, by path; none of one that is reported as no YAML.
    trees: BTreeMap<String, (FileId, Option<Arc<Node>>)>,
    contents: BTreeMap<String, Arc<[u8]>>,
    /// The SHA-256 of every file that was read, in small hexadecimal digits, by its path as [`plain`] writes it.
    used: BTreeMap<String, String>,
}

/// Why a file of steps could not be had.
pub(super) enum Unreadable {
    File(FileError),
    /// Larger than [`MAX_RECIPE_BYTES`].
    TooLarge,
    NotText,
}

impl<'a> Library<'a> {
    pub(super) fn new(recipe: Source, files: &'a dyn Files) -> Library<'a> {
        Library {
            sources: Sources::new(recipe),
            files,
            trees: BTreeMap::new(),
            contents: BTreeMap::new(),
            used: BTreeMap::new(),
        }
    }

    pub(super) fn files(&self) -> &'a dyn Files {
        self.files
    }

    /// The paths of all files that were read, with their digests.
    pub(super) fn used(&self) -> &BTreeMap<String, String> {
        &self.used
    }

    /// A file's content.
    pub(super) fn content(&mut self, path: &str) -> Result<Arc<[u8]>, FileError> {
        if let Some(known) = self.contents.get(path) {
            return Ok(Arc::clone(known));
        }
        let content: Arc<[u8]> = self.read(path)?.into();
        self.contents.insert(path.to_owned(), Arc::clone(&content));
        Ok(content)
    }

    fn read(&mut self, path: &str) -> Result<Vec<u8>, FileError> {
        let content = self.files.read(path)?;
        let digest = Sha256::digest(&content);
        let digest = digest.iter().map(|byte| format!("{byte:02x}")).collect();
        self.used.insert(plain(path), digest);
        Ok(content)
    }

    /// A file's SHA-256, in small hexadecimal digits.
    pub(super) fn digest(&mut self, path: &str) -> Result<String, FileError> {
        if let Some(digest) = self.used.get(&plain(path)) {
            return Ok(digest.clone());
        }
        self.read(path)?;
        Ok(self.used.get(&plain(path)).cloned().unwrap_or_default())
    }

    /// The tree of an included file; none when it is no YAML, which is reported the first time.
    pub(super) fn tree(
        &mut self,
        path: &str,
        problems: &mut Vec<Problem>,
    ) -> Result<(FileId, Option<Arc<Node>>), Unreadable> {
        if let Some(known) = self.trees.get(path) {
            return Ok(known.clone());
        }
        let content = self.read(path).map_err(Unreadable::File)?;
        if content.len() as u64 > MAX_RECIPE_BYTES {
            return Err(Unreadable::TooLarge);
        }
        let text = String::from_utf8(content).map_err(|_| Unreadable::NotText)?;
        let beside = self.sources.recipe().path.parent();
        let file = self.sources.add(Source {
            path: beside.map_or_else(|| path.into(), |folder| folder.join(path)),
            text,
        });
        let before = problems.len();
        let tree = read(&self.sources, file, problems).map(Arc::new);
        if tree.is_none() && problems.len() == before {
            let start = Span::new(file, 0, 0);
            let problem = Problem::new(Code::Empty, start, "the file is empty");
            problems.push(problem.hint("start with `amint-steps: 1`"));
        }
        self.trees.insert(path.to_owned(), (file, tree.clone()));
        Ok((file, tree))
    }
}

/// The path with single slashes and without `.`, so that a file has one name. A path that leaves the folder stays as it is,
/// to be refused as it is.
pub(super) fn plain(path: &str) -> String {
    let mut parts = Vec::new();
    for part in Path::new(path).components() {
        match part {
            Component::CurDir => {}
            Component::Normal(part) => parts.push(part.to_string_lossy()),
            _ => return path.to_owned(),
        }
    }
    parts.join("/")
}

#[cfg(test)]
mod tests {
    use super::plain;

    #[test]
    fn a_file_has_one_name() {
        for (path, expected) in [
            ("a.yaml", "a.yaml"),
            ("./steps//a.yaml", "steps/a.yaml"),
            ("steps/./a.yaml", "steps/a.yaml"),
            ("steps/../a.yaml", "steps/../a.yaml"),
            ("/etc/passwd", "/etc/passwd"),
        ] {
            assert_eq!(plain(path), expected);
        }
    }
}
