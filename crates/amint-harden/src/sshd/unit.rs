//! systemd's unit files with their drop-ins, as far as starting sshd needs.
//!
//! Source: systemd.unit(5), "Unit File Load Path"; systemd.syntax(7); systemd.service(5), "Command Lines".

use amint_inspect::{EntryKind, Tree, TreeError};

use crate::disk::read_text;

/// Where units are looked for, first to last.
const FOLDERS: [&str; 5] = [
    "/etc/systemd/system",
    "/run/systemd/system",
    "/usr/local/lib/systemd/system",
    "/usr/lib/systemd/system",
    "/lib/systemd/system",
];
/// Largest unit file that is read, in bytes.
const MAX_SIZE: usize = 1 << 20;
/// Most drop-ins that are read for one unit.
const MAX_DROP_INS: usize = 256;

/// One assignment of a unit.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Assignment {
    /// Its section, such as `Service`.
    pub section: String,
    /// Its name, such as `ExecStart`.
    pub key: String,
    /// Its value, continuation lines joined.
    pub value: String,
    /// The file that it is in.
    pub file: String,
    /// Its line there, from 1.
    pub line: usize,
}

/// One unit.
#[derive(Clone, Debug)]
pub struct Unit {
    /// Its file.
    pub file: String,
    /// Whether it cannot be started: its file is empty, or a link to nothing on the disk (`/dev/null`).
    pub masked: bool,
    assignments: Vec<Assignment>,
}

impl Unit {
    /// Reads a unit by name, with the drop-ins of its own name, of other names that it has, and of its type; `None`
    /// when there is none.
    ///
    /// # Errors
    /// When the file system is damaged there, or a file is unreasonably large.
    pub fn read(tree: &dyn Tree, name: &str, aliases: &[&str]) -> Result<Option<Self>, TreeError> {
        let mut unit = None;
        for folder in FOLDERS {
            let file = format!("{folder}/{name}");
            let Some(metadata) = tree.metadata(&file)? else {
                continue;
            };
            let text = read_text(tree, &file, MAX_SIZE)?;
            let dangling = text.is_none() && metadata.kind == EntryKind::Symlink;
            let masked = dangling || text.as_deref() == Some("");
            let assignments = text
                .map(|text| assignments(&text, &file))
                .unwrap_or_default();
            unit = Some(Self {
                file,
                masked,
                assignments,
            });
            break;
        }
        let Some(mut unit) = unit else {
            return Ok(None);
        };
        for file in drop_ins(tree, name, aliases)? {
            if let Some(text) = read_text(tree, &file, MAX_SIZE)? {
                unit.assignments.extend(assignments(&text, &file));
            }
        }
        Ok(Some(unit))
    }

    /// The values of a list: an empty assignment takes back those before it.
    pub fn list<'a>(&'a self, section: &'a str, key: &'a str) -> Vec<&'a Assignment> {
        let mut found = Vec::new();
        for assignment in self
            .assignments
            .iter()
            .filter(|one| one.section == section && one.key == key)
        {
            match assignment.value.is_empty() {
                true => found.clear(),
                false => found.push(assignment),
            }
        }
        found
    }

    /// The value of a key that has one: the last.
    pub fn value<'a>(&'a self, section: &'a str, key: &'a str) -> Option<&'a str> {
        let last = self.list(section, key).pop();
        last.map(|assignment| assignment.value.as_str())
    }
}

/// The drop-ins of a unit, in the order in which systemd reads them: by file name; of two with one name, that in the
/// first folder.
fn drop_ins(tree: &dyn Tree, name: &str, aliases: &[&str]) -> Result<Vec<String>, TreeError> {
    let kind = name.rsplit('.').next().unwrap_or_default();
    let names: Vec<&str> = [name]
        .into_iter()
        .chain(aliases.iter().copied())
        .chain([kind])
        .collect();
    let mut found: Vec<(String, String)> = Vec::new();
    for folder in FOLDERS {
        for name in &names {
            let folder = format!("{folder}/{name}.d");
            for file in tree.list(&folder)? {
                let known = found.iter().any(|(other, _)| *other == file);
                if !known && file.ends_with(".conf") && found.len() < MAX_DROP_INS {
                    let path = format!("{folder}/{file}");
                    found.push((file, path));
                }
            }
        }
    }
    found.sort();
    Ok(found.into_iter().map(|(_, path)| path).collect())
}

fn assignments(text: &str, file: &str) -> Vec<Assignment> {
    let mut found: Vec<Assignment> = Vec::new();
    let mut section = String::new();
    // The line being joined, and where it begins.
    let mut joined: Option<(String, usize)> = None;
    for (line, number) in text.lines().zip(1..) {
        let trimmed = line.trim();
        if trimmed.starts_with(['#', ';']) || trimmed.is_empty() && joined.is_none() {
            continue;
        }
        let (mut whole, first) = joined.take().unwrap_or((String::new(), number));
        match trimmed.strip_suffix('\\') {
            Some(part) => {
                whole.push_str(part);
                whole.push(' ');
                joined = Some((whole, first));
                continue;
            }
            None => whole.push_str(trimmed),
        }
        if let Some(name) = whole
            .strip_prefix('[')
            .and_then(|rest| rest.strip_suffix(']'))
        {
            section = name.to_owned();
        } else if let Some((key, value)) = whole.split_once('=') {
            found.push(Assignment {
                section: section.clone(),
                key: key.trim().to_owned(),
                value: value.trim().to_owned(),
                file: file.to_owned(),
                line: first,
            });
        }
    }
    found
}

/// The words of a command line or of an assignment's list: blanks between them, quotes, `\` before a character.
pub fn words(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut word: Option<String> = None;
    let mut quote = None;
    let mut characters = text.chars();
    while let Some(character) = characters.next() {
        match (character, quote) {
            ('\\', _) => word.get_or_insert_default().extend(characters.next()),
            ('"' | '\'', None) => {
                quote = Some(character);
                word.get_or_insert_default();
            }
            (closing, Some(open)) if closing == open => quote = None,
            (blank, None) if blank.is_ascii_whitespace() => found.extend(word.take()),
            (other, _) => word.get_or_insert_default().push(other),
        }
    }
    found.extend(word);
    found
}

#[cfg(test)]
mod tests {
    use super::{assignments, words};

    #[test]
    fn lines_are_joined_and_comments_left_out() {
        let text = "# x\n[Service]\nExecStart=/bin/a \\\n  # within\n  -b\n;y\n Type = notify \n[Install]\nAlias=s\n";
        let found: Vec<_> = assignments(text, "u")
            .into_iter()
            .map(|one| (one.section, one.value, one.line))
            .collect();
        let expected = [
            ("Service", "/bin/a  -b", 3),
            ("Service", "notify", 7),
            ("Install", "s", 9),
        ];
        assert_eq!(
            found,
            expected.map(|(section, value, line)| (section.to_owned(), value.to_owned(), line))
        );
    }

    #[test]
    fn words_are_split_as_systemd_splits_them() {
        assert_eq!(words("a  \"b c\"'d' e\\ f \"\""), ["a", "b cd", "e f", ""]);
        assert_eq!(words(" "), Vec::<String>::new());
    }
}
