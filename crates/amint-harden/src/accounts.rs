//! The account files, as a hostile disk may hold them.

use amint_inspect::{Tree, TreeError};

use crate::disk::read_text;

/// Largest account file that is read, in bytes.
const MAX_SIZE: usize = 4 << 20;

/// What the account files say.
#[derive(Debug, Default)]
pub struct Accounts {
    /// `/etc/passwd`.
    pub users: Vec<User>,
    /// `/etc/group`.
    pub groups: Vec<Group>,
    /// Password fields of all account files.
    pub passwords: Vec<Password>,
    /// Lines that could not be understood.
    pub broken: Vec<BrokenLine>,
}

/// One line of `/etc/passwd`.
#[derive(Debug)]
pub struct User {
    /// Login name.
    pub name: String,
    /// Numeric id.
    pub uid: u32,
    /// Numeric id of its group; `None` when it is no number.
    pub gid: Option<u32>,
    /// Home folder; may be anything.
    pub home: String,
    /// What runs at login; may be anything, and is `/bin/sh` when empty.
    pub shell: String,
}

/// One line of `/etc/group`.
#[derive(Debug)]
pub struct Group {
    /// Its name.
    pub name: String,
    /// Numeric id.
    pub gid: u32,
}

/// One password field.
#[derive(Debug)]
pub struct Password {
    /// The file that it is in.
    pub file: &'static str,
    /// The account or group.
    pub name: String,
    /// What it is.
    pub kind: PasswordKind,
}

/// What a password field holds. The field itself is never kept.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum PasswordKind {
    /// Nothing: no password is asked for.
    Blank,
    /// Only marks that no password matches.
    Locked,
    /// A hash, or something else that could be one, behind a lock.
    LockedHash,
    /// A hash, or something else that could be one.
    Hash,
}

/// A line of an account file that could not be understood.
#[derive(Debug)]
pub struct BrokenLine {
    /// The file that it is in.
    pub file: &'static str,
    /// Its number, from 1.
    pub line: usize,
}

impl PasswordKind {
    /// What the field holds, see `crypt(5)` and `shadow(5)`.
    pub fn of(field: &str) -> Self {
        if field.is_empty() {
            return PasswordKind::Blank;
        }
        let rest = field.trim_matches(['!', '*']);
        // "x" stands for "see shadow"; the words are locks that some tools write, Amazon Linux "*LOCK*".
        if ["", "x", "LK", "LOCK", "NP", "locked"].contains(&rest) {
            PasswordKind::Locked
        } else if field.starts_with(['!', '*']) {
            PasswordKind::LockedHash
        } else {
            PasswordKind::Hash
        }
    }
}

/// An account file that holds password fields, and how many fields a line has at least.
const FILES: [(&str, usize); 4] = [
    ("/etc/passwd", 7),
    ("/etc/shadow", 8),
    ("/etc/group", 4),
    ("/etc/gshadow", 4),
];

impl Accounts {
    /// Reads `/etc/passwd`, `/etc/shadow`, `/etc/group` and `/etc/gshadow`; what is absent is empty.
    ///
    /// # Errors
    /// When the file system is damaged there, or a file is unreasonably large.
    pub fn read(tree: &dyn Tree) -> Result<Self, TreeError> {
        let mut accounts = Self::default();
        for (file, fields) in FILES {
            if let Some(text) = read_text(tree, file, MAX_SIZE)? {
                accounts.add(file, fields, &text);
            }
        }
        Ok(accounts)
    }

    /// The homes of all accounts, as `/etc/passwd` has them; those that are absolute paths.
    pub fn homes(&self) -> impl Iterator<Item = &str> {
        self.users
            .iter()
            .map(|user| user.home.as_str())
            .filter(|home| home.starts_with('/'))
    }

    /// The password field of an account in `file`.
    pub fn password(&self, file: &str, name: &str) -> Option<PasswordKind> {
        let found = self
            .passwords
            .iter()
            .find(|entry| entry.file == file && entry.name == name);
        found.map(|entry| entry.kind)
    }

    fn add(&mut self, file: &'static str, fields: usize, text: &str) {
        for (line, number) in text.lines().zip(1..) {
            let values: Vec<&str> = line.split(':').collect();
            // "+" and "-" ask another directory (nsswitch "compat"): those are no accounts of this disk, and
            // have no password here.
            let elsewhere = line.starts_with(['+', '-']);
            if line.is_empty() || elsewhere && values.get(1).is_none_or(|field| field.is_empty()) {
                continue;
            }
            let [name, password, rest @ ..] = values.as_slice() else {
                self.broken.push(BrokenLine { file, line: number });
                continue;
            };
            // Programs are lenient: what a broken line does say is judged all the same.
            let mut whole = !name.is_empty() && values.len() >= fields;
            if file == "/etc/passwd" {
                let uid = rest.first().map(|uid| uid.parse());
                whole &= matches!(uid, Some(Ok(_)));
                if let (Some(Ok(uid)), Some(home)) = (uid, rest.get(3)) {
                    self.users.push(User {
                        name: (*name).to_owned(),
                        uid,
                        gid: rest.get(1).and_then(|gid| gid.parse().ok()),
                        home: (*home).to_owned(),
                        shell: rest.get(4).copied().unwrap_or_default().to_owned(),
                    });
                }
            }
            if file == "/etc/group" {
                if let Some(Ok(gid)) = rest.first().map(|gid| gid.parse()) {
                    let name = (*name).to_owned();
                    self.groups.push(Group { name, gid });
                } else {
                    whole = false;
                }
            }
            self.passwords.push(Password {
                file,
                name: (*name).to_owned(),
                kind: PasswordKind::of(password),
            });
            if !whole {
                self.broken.push(BrokenLine { file, line: number });
            }
        }
    }
}

/// Whether some line of a copy of an account file holds a hash, whatever its name and form.
pub fn holds_hash(text: &str) -> bool {
    text.lines().any(|line| {
        let mut fields = line.split(':');
        let (name, field) = (fields.next(), fields.next().unwrap_or_default());
        let prose = name.is_some_and(|name| name.contains(char::is_whitespace))
            || field.contains(char::is_whitespace);
        let kind = PasswordKind::of(field);
        !prose && matches!(kind, PasswordKind::Hash | PasswordKind::LockedHash)
    })
}

#[cfg(test)]
mod tests {
    use super::{Accounts, PasswordKind, holds_hash};

    fn accounts(file: &'static str, fields: usize, text: &str) -> Accounts {
        let mut accounts = Accounts::default();
        accounts.add(file, fields, text);
        accounts
    }

    #[test]
    fn a_lock_is_no_password_and_a_hash_behind_a_lock_is_one() {
        for locked in [
            "!", "!!", "*", "!*", "!!*", "x", "*LK*", "*LOCK*", "!locked",
        ] {
            assert_eq!(PasswordKind::of(locked), PasswordKind::Locked, "{locked}");
        }
        for hash in [
            "$6$salt$hash",
            "$y$j9T$salt$hash",
            "abJnggxhB/yWI",
            "{SSHA}xyz",
            "plain",
        ] {
            assert_eq!(PasswordKind::of(hash), PasswordKind::Hash, "{hash}");
            assert_eq!(
                PasswordKind::of(&format!("!{hash}")),
                PasswordKind::LockedHash,
                "{hash}"
            );
        }
        assert_eq!(PasswordKind::of(""), PasswordKind::Blank);
    }

    #[test]
    fn broken_lines_are_kept_by_number_and_their_users_too() {
        let text =
            "root:x:0:0::/root:/bin/sh\nbroken\nme:x:many:0::/home/me:/bin/sh\n:x:1:1::/:/x\n";
        let accounts = accounts("/etc/passwd", 7, text);
        assert_eq!(accounts.users.len(), 2);
        let lines: Vec<usize> = accounts.broken.iter().map(|line| line.line).collect();
        assert_eq!(lines, [2, 3, 4]);
    }

    #[test]
    fn shadow_may_lack_its_reserved_field() {
        let accounts = accounts(
            "/etc/shadow",
            8,
            "root:!:19000:0:99999:7::\nme:*:19000::::::\n",
        );
        assert!(accounts.broken.is_empty());
        assert_eq!(
            accounts.password("/etc/shadow", "root"),
            Some(PasswordKind::Locked)
        );
    }

    #[test]
    fn relative_homes_are_no_homes() {
        let text = "a:x:1:1::home/a:/bin/sh\nb:x:2:2::/srv/b/:/bin/sh\nc:x:3:3:::/bin/sh\n";
        assert_eq!(
            accounts("/etc/passwd", 7, text).homes().collect::<Vec<_>>(),
            ["/srv/b/"]
        );
    }

    #[test]
    fn a_hash_is_seen_in_any_line() {
        assert!(holds_hash("root:!:1::::::\nme:!$6$x$y:1::::::\n"));
        assert!(!holds_hash("root:*:1::::::\nme\n\n"));
        assert!(!holds_hash("# see: passwd(5)\nnote: it is no account\n"));
    }
}
