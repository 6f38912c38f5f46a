//! Several file systems as one tree, as an instance sees them.
//!
//! A path is walked component by component over all of them: an absolute link leads to the root of the whole, and `..`
//! leads out of a mounted file system. What a directory holds on its own file system is hidden where another one is
//! mounted on it.

use crate::tree::{Attribute, EntryKind, Metadata, Tree, TreeError};

/// Links that one path may lead through, as on Linux (path_resolution(7)).
const MAX_SYMLINKS: usize = 40;
/// Components that one path may lead through, links included. Each costs a look-up of all before it.
const MAX_COMPONENTS: usize = 1000;

/// A root file system, and others mounted in it.
#[derive(Clone)]
pub struct Mounted<'a> {
    root: &'a dyn Tree,
    mounts: Vec<Mount<'a>>,
}

#[derive(Clone)]
struct Mount<'a> {
    /// Where, without links.
    place: Vec<String>,
    tree: &'a dyn Tree,
}

/// Where a path leads, without links: the components, and whether something was there.
struct Place {
    components: Vec<String>,
    metadata: Option<Metadata>,
}

impl<'a> Mounted<'a> {
    /// The root alone.
    pub fn new(root: &'a dyn Tree) -> Self {
        Self {
            root,
            mounts: Vec::new(),
        }
    }

    /// Mounts `tree` at `path`, links in which are followed, on top of what is there: the place, without links. It need
    /// not exist: what mounts at boot makes it. What is to be mounted below a place comes after what is mounted there.
    ///
    /// # Errors
    /// When a file system is damaged on the way.
    pub fn mount(&mut self, path: &str, tree: &'a dyn Tree) -> Result<String, TreeError> {
        let place = self.walk(path, true)?.components;
        let text = absolute(&place);
        self.mounts.push(Mount { place, tree });
        Ok(text)
    }

    /// The file system that a place without links is on, and its path there.
    fn locate(&self, components: &[String]) -> (&'a dyn Tree, String) {
        // The last one of those that are equally deep lies on top.
        let above = self
            .mounts
            .iter()
            .filter(|mount| components.starts_with(&mount.place));
        match above.max_by_key(|mount| mount.place.len()) {
            Some(mount) => {
                let inside = components.get(mount.place.len()..).unwrap_or_default();
                (mount.tree, absolute(inside))
            }
            None => (self.root, absolute(components)),
        }
    }

    fn is_mount(&self, components: &[String]) -> bool {
        self.mounts.iter().any(|mount| mount.place == components)
    }

    /// Walks `path`. Where nothing is, the rest is taken as it is.
    fn walk(&self, path: &str, follow_last: bool) -> Result<Place, TreeError> {
        let endless = || TreeError {
            path: path.to_owned(),
            reason: "too many levels of symbolic links".to_owned(),
        };
        let mut here: Vec<String> = Vec::new();
        let mut metadata = self.look(&here)?;
        let mut ahead = Vec::new();
        push_components(&mut ahead, path);
        let (mut links, mut steps) = (0, 0);
        while let Some(component) = ahead.pop() {
            steps += 1;
            if steps > MAX_COMPONENTS {
                return Err(endless());
            }
            let holds = metadata.is_some_and(|found| found.kind == EntryKind::Directory);
            if component == ".." {
                if !holds {
                    return Ok(Place {
                        components: here,
                        metadata: None,
                    });
                }
                here.pop();
                metadata = self.look(&here)?;
                continue;
            }
            here.push(component);
            // A mount point needs nothing below it to be one.
            metadata = match holds || self.is_mount(&here) {
                true => self.look(&here)?,
                false => None,
            };
            let is_link = metadata.is_some_and(|found| found.kind == EntryKind::Symlink);
            if is_link && (follow_last || !ahead.is_empty()) {
                links += 1;
                if links > MAX_SYMLINKS {
                    return Err(endless());
                }
                let (tree, inside) = self.locate(&here);
                let target = tree.target(&inside)?.unwrap_or_default();
                here.pop();
                if target.starts_with('/') {
                    here.clear();
                }
                push_components(&mut ahead, &target);
                metadata = self.look(&here)?;
            }
        }
        Ok(Place {
            components: here,
            metadata,
        })
    }

    /// Attributes of a place without links.
    fn look(&self, components: &[String]) -> Result<Option<Metadata>, TreeError> {
        let (tree, inside) = self.locate(components);
        tree.metadata(&inside)
    }

    /// Where `path` leads to and is of this kind, on its own file system.
    fn find(
        &self,
        path: &str,
        follow_last: bool,
        kind: Option<EntryKind>,
    ) -> Result<Option<(&'a dyn Tree, String)>, TreeError> {
        let place = self.walk(path, follow_last)?;
        let fits = |found: Metadata| kind.is_none_or(|kind| found.kind == kind);
        Ok(place
            .metadata
            .is_some_and(fits)
            .then(|| self.locate(&place.components)))
    }
}

/// Puts the components of `path` in front of what is `ahead`, whose last element comes next.
fn push_components(ahead: &mut Vec<String>, path: &str) {
    let components = path
        .split('/')
        .filter(|component| !matches!(*component, "" | "."));
    ahead.extend(components.rev().map(str::to_owned));
}

fn absolute(components: &[String]) -> String {
    format!("/{}", components.join("/"))
}

/// A file system's own error, at the path that was asked for.
fn at<T>(path: &str, result: Result<T, TreeError>) -> Result<T, TreeError> {
    result.map_err(|error| TreeError {
        path: path.to_owned(),
        ..error
    })
}

impl Tree for Mounted<'_> {
    fn metadata(&self, path: &str) -> Result<Option<Metadata>, TreeError> {
        at(path, self.walk(path, false)).map(|place| place.metadata)
    }

    fn read(&self, path: &str, limit: usize) -> Result<Option<Vec<u8>>, TreeError> {
        match at(path, self.find(path, true, Some(EntryKind::File)))? {
            Some((tree, inside)) => at(path, tree.read(&inside, limit)),
            None => Ok(None),
        }
    }

    fn read_at(
        &self,
        path: &str,
        offset: u64,
        buffer: &mut [u8],
    ) -> Result<Option<usize>, TreeError> {
        match at(path, self.find(path, true, Some(EntryKind::File)))? {
            Some((tree, inside)) => at(path, tree.read_at(&inside, offset, buffer)),
            None => Ok(None),
        }
    }

    fn list(&self, path: &str) -> Result<Vec<String>, TreeError> {
        let place = at(path, self.walk(path, true))?;
        if place
            .metadata
            .is_none_or(|found| found.kind != EntryKind::Directory)
        {
            return Ok(Vec::new());
        }
        let (tree, inside) = self.locate(&place.components);
        let mut names = at(path, tree.list(&inside))?;
        // Mount points that are made at boot.
        for mount in &self.mounts {
            if let Some((name, parent)) = mount.place.split_last()
                && *parent == place.components
                && !names.contains(name)
            {
                names.push(name.clone());
                names.sort_unstable();
            }
        }
        Ok(names)
    }

    fn target(&self, path: &str) -> Result<Option<String>, TreeError> {
        match at(path, self.find(path, false, Some(EntryKind::Symlink)))? {
            Some((tree, inside)) => at(path, tree.target(&inside)),
            None => Ok(None),
        }
    }

    fn attributes(&self, path: &str) -> Result<Vec<Attribute>, TreeError> {
        match at(path, self.find(path, false, None))? {
            Some((tree, inside)) => at(path, tree.attributes(&inside)),
            None => Ok(Vec::new()),
        }
    }
}
