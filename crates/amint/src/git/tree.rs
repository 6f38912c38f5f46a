//! Folders as git keeps them.

use std::collections::BTreeMap;

use super::error::GitError;
use crate::hex;

/// What an entry of a folder is.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Mode {
    /// An ordinary file, executable or not.
    File,
    Folder,
    /// A symbolic link; its content is where it points.
    Link,
    /// Another repository's commit.
    Submodule,
}

/// One entry of a folder.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Entry {
    pub(crate) mode: Mode,
    /// In hexadecimal digits.
    pub(crate) id: String,
}

/// One folder: names, which are bytes, to entries.
pub(super) type Tree = BTreeMap<Vec<u8>, Entry>;

/// Parses the content of a tree object: for each entry `MODE NAME`, a zero byte and the id's bytes, of which there are as
/// many as in the tree's own id.
pub(super) fn parse(bytes: &[u8], id: &str) -> Result<Tree, GitError> {
    let corrupt = || GitError::Corrupt(id.to_owned());
    let width = id.len() / 2;
    let mut tree = Tree::new();
    let mut rest = bytes;
    while !rest.is_empty() {
        let space = rest.iter().position(|byte| *byte == b' ');
        let (mode, after) = rest.split_at(space.ok_or_else(corrupt)?);
        let zero = after.iter().position(|byte| *byte == 0);
        let (name, after) = after.split_at(zero.ok_or_else(corrupt)?);
        let (name, after) = (&name[1..], &after[1..]);
        if after.len() < width {
            return Err(corrupt());
        }
        let (entry, after) = after.split_at(width);
        let mode = match mode {
            b"40000" | b"040000" => Mode::Folder,
            b"120000" => Mode::Link,
            b"160000" => Mode::Submodule,
            mode if mode.starts_with(b"100") => Mode::File,
            _ => return Err(corrupt()),
        };
        // Nothing that git writes has such a name; a made-up object may.
        if matches!(name, b"" | b"." | b"..") || name.contains(&b'/') {
            return Err(corrupt());
        }
        let id = hex::encode(entry);
        if tree.insert(name.to_vec(), Entry { mode, id }).is_some() {
            return Err(corrupt());
        }
        rest = after;
    }
    Ok(tree)
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: &str = "4b825dc642cb6eb9a060e54bf8d69288fbee4904";

    fn entry(mode: &str, name: &[u8], id: u8) -> Vec<u8> {
        [mode.as_bytes(), b" ", name, b"\0", &[id; 20]].concat()
    }

    #[test]
    fn names_may_be_any_bytes() {
        let bytes = [
            entry("100644", b"a\nb", 1),
            entry("40000", b"\xff", 2),
            entry("120000", b"l", 3),
            entry("160000", b"s", 4),
        ];
        let tree = parse(&bytes.concat(), ID).unwrap();
        assert_eq!(tree[&b"a\nb"[..]].mode, Mode::File);
        assert_eq!(tree[&b"a\nb"[..]].id, "01".repeat(20));
        assert_eq!(tree[&b"\xff"[..]].mode, Mode::Folder);
        assert_eq!(tree[&b"l"[..]].mode, Mode::Link);
        assert_eq!(tree[&b"s"[..]].mode, Mode::Submodule);
    }

    #[test]
    fn what_git_never_writes_is_refused() {
        let whole = entry("100644", b"a", 1);
        for end in 1..whole.len() {
            assert!(parse(&whole[..end], ID).is_err(), "{end}");
        }
        for name in [&b".."[..], b".", b"", b"a/b"] {
            assert!(parse(&entry("100644", name, 1), ID).is_err(), "{name:?}");
        }
        let twice = [entry("100644", b"a", 1), entry("40000", b"a", 2)].concat();
        assert!(parse(&twice, ID).is_err());
    }
}
