//! Which recipe is compared with which.
//!
//! A recipe is compared with the one that was at its path. One that is at a new path is compared with the one that it was
//! made from, moved or copied: that of the same name, else the most similar. So nobody gets rid of a comparison by giving a
//! weaker recipe another file.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use amint_recipe::{Outline, ReadError, Source};

use super::error::ReviewError;
use super::version::{Listing, Text, Version, is_same_file};
use crate::parallel;

/// How much of two texts must be the same for one to be made from the other, in hundredths.
const SIMILAR: usize = 50;

/// One recipe to compare; at least one of the two is there.
pub(crate) struct Candidate {
    pub(crate) old: Option<Found>,
    pub(crate) new: Option<Found>,
    /// Whether the old one is still there, at another path.
    pub(crate) copied: bool,
}

/// A recipe's text in one version.
#[derive(Clone)]
pub(crate) struct Found {
    pub(crate) path: String,
    pub(crate) source: Source,
    name: Option<String>,
}

/// The recipes at some paths or below them that may differ.
///
/// # Errors
/// When a version cannot be listed, none has anything there, a submodule changed, or what may be a recipe of the new
/// version cannot be read.
pub(crate) fn find(
    old: &Version,
    new: &Version,
    paths: &[String],
) -> Result<Vec<Candidate>, ReviewError> {
    let (before, after) = (old.list(paths)?, new.list(paths)?);
    refuse_unseen((old, &before), (new, &after), paths)?;
    for path in paths {
        let inside = |listing: &Listing| {
            let below = |file: &String| {
                let rest = file.strip_prefix(path.as_str());
                rest.is_some_and(|rest| path.is_empty() || rest.is_empty() || rest.starts_with('/'))
            };
            listing.files.keys().any(below)
        };
        if !inside(&before) && !inside(&after) {
            return Err(ReviewError::NothingThere(path.clone()));
        }
    }

    let kept: Vec<&String> = after
        .files
        .keys()
        .filter(|path| before.files.contains_key(*path))
        .collect();
    let kept = parallel::map(&kept, |path| at_one_path(old, new, (&before, &after), path));
    let mut candidates = Vec::new();
    let mut orphans = Vec::new();
    for outcome in kept {
        match outcome? {
            AtPath::Same => {}
            AtPath::Candidate(candidate) => candidates.push(candidate),
            AtPath::Added(found) => orphans.push(found),
        }
    }
    let only = |these: &Listing, those: &Listing| -> Vec<String> {
        let these = these.files.keys();
        these
            .filter(|path| !those.files.contains_key(*path))
            .cloned()
            .collect()
    };
    let gone = only(&before, &after);
    let gone = parallel::map(&gone, |path| recipe(old, path));
    let mut gone: Vec<Found> = gone
        .into_iter()
        .filter_map(|found| found.ok().flatten())
        .collect();
    let added = only(&after, &before);
    for found in parallel::map(&added, |path| recipe(new, path)) {
        orphans.extend(found?);
    }

    if !orphans.is_empty() {
        let origins = origins(old, &before, &gone, &candidates);
        let mut taken = BTreeSet::new();
        for new in orphans {
            let origin = origin_of(&new, &origins, &gone).cloned();
            let moved = origin.as_ref().filter(|origin| is_in(&gone, &origin.path));
            // Of what is gone, the first was moved, and others are copies.
            let copied = match moved {
                Some(moved) => !taken.insert(moved.path.clone()),
                None => origin.is_some(),
            };
            candidates.push(Candidate {
                old: origin,
                new: Some(new),
                copied,
            });
        }
        gone.retain(|old| !taken.contains(&old.path));
    }
    candidates.extend(gone.into_iter().map(|old| Candidate {
        old: Some(old),
        new: None,
        copied: false,
    }));
    candidates.sort_by(|left, right| left.path().cmp(right.path()));
    Ok(candidates)
}

impl Found {
    /// The text, with the files beside it.
    pub(crate) fn text(self, version: &Version) -> Text<'_> {
        Text {
            files: version.beside(&self.path),
            source: self.source,
        }
    }
}

impl Candidate {
    /// Its path; the old one when it is gone.
    pub(crate) fn path(&self) -> &str {
        let found = self.new.as_ref().or(self.old.as_ref());
        found.map_or("", |found| &found.path)
    }
}

/// What is in other repositories and behind links can't be seen, so that it changed must be said.
fn refuse_unseen(
    (old, before): (&Version, &Listing),
    (new, after): (&Version, &Listing),
    paths: &[String],
) -> Result<(), ReviewError> {
    for path in paths {
        if let Some(link) = new.link_above(path)? {
            return Err(ReviewError::Unseen(link));
        }
    }
    let mut submodules = after.submodules.iter();
    let moved = submodules.find(|(path, commit)| before.submodules.get(*path) != Some(commit));
    if let Some((path, _)) = moved {
        return Err(ReviewError::Submodule(path.clone()));
    }
    let entry = |listing: &Listing, path: &str| listing.files.get(path).cloned().flatten();
    let mut links = after.files.keys();
    let hiding = links.find(|path| {
        let (was, is) = (entry(before, path), entry(after, path));
        new.hides_more_than(old, path, (was.as_ref(), is.as_ref()))
    });
    match hiding {
        Some(path) => Err(ReviewError::Unseen(path.clone())),
        None => Ok(()),
    }
}

/// What is at a path that both versions have.
enum AtPath {
    Same,
    Candidate(Candidate),
    /// It is a recipe only now.
    Added(Found),
}

fn at_one_path(
    old: &Version,
    new: &Version,
    (before, after): (&Listing, &Listing),
    path: &str,
) -> Result<AtPath, ReviewError> {
    let entry = |listing: &Listing| listing.files.get(path).cloned().flatten();
    let (was, is) = (entry(before), entry(after));
    let unchanged = is_same_file(was.as_ref(), is.as_ref());
    if unchanged && old.has_same_folder(new, path)? {
        return Ok(AtPath::Same);
    }
    let is = recipe(new, path)?;
    // What can't be read any more, or could not be, is no recipe; the other side tells what becomes of it.
    let was = match (&is, unchanged) {
        (Some(is), true) => Some(is.clone()),
        _ => recipe(old, path).ok().flatten(),
    };
    Ok(match (was, is) {
        (None, None) => AtPath::Same,
        (None, Some(new)) => AtPath::Added(new),
        (Some(old), new) => AtPath::Candidate(Candidate {
            old: Some(old),
            new,
            copied: false,
        }),
    })
}

/// The recipe at a path; `None` when what is there is none.
///
/// # Errors
/// When a file whose name is that of a recipe cannot be read.
fn recipe(version: &Version, path: &str) -> Result<Option<Found>, ReadError> {
    let source = match version.read(path) {
        Ok(source) => source,
        // A large or binary file lies beside recipes; a file that is called as recipes are is one that has to be read.
        Err(error) if is_yaml(path) => return Err(error),
        Err(_) => return Ok(None),
    };
    let outline = Outline::of(&source);
    Ok(outline.is_recipe().then(|| Found {
        path: path.to_owned(),
        name: outline.name().map(str::to_owned),
        source,
    }))
}

fn is_yaml(path: &str) -> bool {
    [".yaml", ".yml"].iter().any(|end| path.ends_with(end))
}

/// All recipes of the old version, from which new ones may have been made.
fn origins(
    old: &Version,
    before: &Listing,
    gone: &[Found],
    candidates: &[Candidate],
) -> Vec<Found> {
    let known = candidates
        .iter()
        .filter_map(|candidate| candidate.old.as_ref());
    let mut origins: BTreeMap<&str, Found> = BTreeMap::new();
    for found in gone.iter().chain(known) {
        origins.insert(&found.path, found.clone());
    }
    let others: Vec<&String> = before
        .files
        .keys()
        .filter(|path| is_yaml(path) && !origins.contains_key(path.as_str()))
        .collect();
    let others = parallel::map(&others, |path| recipe(old, path).ok().flatten());
    let mut origins: Vec<Found> = origins.into_values().collect();
    origins.extend(others.into_iter().flatten());
    origins
}

/// What a recipe at a new path was made from.
fn origin_of<'o>(new: &Found, origins: &'o [Found], gone: &[Found]) -> Option<&'o Found> {
    let rated = origins.iter().map(|origin| {
        let same_name = new.name.is_some() && origin.name == new.name;
        (
            same_name,
            similarity(&origin.source.text, &new.source.text),
            is_in(gone, &origin.path),
            origin,
        )
    });
    let made_from = rated.filter(|(same_name, similar, ..)| *same_name || *similar >= SIMILAR);
    // The last of equals is taken, so the order is turned round. One that is gone was moved, others were copied.
    let mut made_from: Vec<_> = made_from.collect();
    made_from.reverse();
    let best = made_from
        .into_iter()
        .max_by_key(|(name, similar, gone, _)| (*name, *similar, *gone));
    best.map(|(.., origin)| origin)
}

fn is_in(recipes: &[Found], path: &str) -> bool {
    recipes.iter().any(|one| one.path == path)
}

/// How many of a hundred lines two texts share; empty ones and comments are no lines.
fn similarity(left: &str, right: &str) -> usize {
    fn lines(text: &str) -> impl Iterator<Item = &str> {
        let lines = text.lines().map(str::trim);
        lines.filter(|line| !line.is_empty() && !line.starts_with('#'))
    }
    let mut counts: HashMap<&str, usize> = HashMap::new();
    let mut all = 0;
    for line in lines(left) {
        *counts.entry(line).or_default() += 1;
        all += 1;
    }
    let mut shared = 0;
    for line in lines(right) {
        all += 1;
        if let Some(count) = counts.get_mut(line).filter(|count| **count > 0) {
            *count -= 1;
            shared += 1;
        }
    }
    match all {
        0 => 0,
        all => 200 * shared / all,
    }
}

#[cfg(test)]
mod tests {
    use super::similarity;

    #[test]
    fn similar_is_what_shares_lines() {
        assert_eq!(similarity("a\nb\n", "b\n  a\n# c\n"), 100);
        assert_eq!(similarity("a\nb\n", "a\nc\n"), 50);
        assert_eq!(similarity("a\na\n", "a\nb\n"), 50);
        assert_eq!(similarity("", "\n"), 0);
    }
}
