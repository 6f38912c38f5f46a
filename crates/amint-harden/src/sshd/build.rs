//! Which OpenSSH a disk has, and what it does where nothing is set.
//!
//! Sources: sshd_config(5) of each distribution ("The default is …"); the OpenSSH release notes 8.7 (the alias of
//! KbdInteractiveAuthentication); "Considerations in adopting RHEL 9" (root's passwords were let in before). The
//! defaults are those of the program; what a distribution's own `sshd_config` sets is read from the disk like anything.

use amint_inspect::{Tree, TreeError};

use crate::disk::read_text;

/// An OpenSSH, by what matters for its configuration.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Build {
    /// Major and minor version; `None` when it is not known.
    version: Option<(u16, u16)>,
    /// Whether root's password is let in by default: a patch of RHEL up to 8.
    root_by_default: bool,
}

/// From here on ChallengeResponseAuthentication is another name of KbdInteractiveAuthentication.
const ONE_KEYBOARD: (u16, u16) = (8, 7);
/// Largest os-release, and largest list of packages, that are read, in bytes.
const MAX_RELEASE: usize = 64 << 10;
const MAX_PACKAGES: usize = 8 << 20;

/// Distributions by ID and by how VERSION_ID begins, and their OpenSSH.
const RELEASES: &[(&str, &str, (u16, u16))] = &[
    ("debian", "12", (9, 2)),
    ("debian", "13", (10, 0)),
    ("ubuntu", "22.04", (8, 9)),
    ("ubuntu", "24.04", (9, 6)),
    ("amzn", "2023", (8, 7)),
    ("rhel", "9", (8, 7)),
    ("rocky", "9", (8, 7)),
    ("almalinux", "9", (8, 7)),
    ("centos", "9", (8, 7)),
    ("ol", "9", (8, 7)),
    ("rhel", "8", (8, 0)),
    ("rocky", "8", (8, 0)),
    ("almalinux", "8", (8, 0)),
    ("centos", "8", (8, 0)),
    ("ol", "8", (8, 0)),
];

impl Build {
    /// One that is not known: of any two that differ it has the weaker default.
    pub const UNKNOWN: Self = Self {
        version: None,
        root_by_default: true,
    };

    /// An OpenSSH without a distribution's changes of the defaults.
    pub const fn of_version(major: u16, minor: u16) -> Self {
        Self {
            version: Some((major, minor)),
            root_by_default: false,
        }
    }

    /// What the package database says, where it is text; else what comes with the release that `os-release` names.
    ///
    /// # Errors
    /// When the file system is damaged there.
    pub fn read(tree: &dyn Tree) -> Result<Self, TreeError> {
        let release = match read_bounded(tree, "/etc/os-release", MAX_RELEASE)? {
            Some(text) => text,
            None => read_bounded(tree, "/usr/lib/os-release", MAX_RELEASE)?.unwrap_or_default(),
        };
        let (id, version) = (variable(&release, "ID"), variable(&release, "VERSION_ID"));
        let packages = read_bounded(tree, "/var/lib/dpkg/status", MAX_PACKAGES)?;
        let found = packages.as_deref().and_then(package_version).or_else(|| {
            let known = RELEASES.iter().find(|(other, start, _)| {
                let rest = version.strip_prefix(start);
                id == *other
                    && rest.is_some_and(|rest| !rest.starts_with(|c: char| c.is_ascii_digit()))
            });
            known.map(|known| known.2)
        });
        Ok(match found {
            None => Self::UNKNOWN,
            Some(version) => Self {
                version: Some(version),
                // Of the distributions known here only RHEL 8 and its kin have so old a one.
                root_by_default: version < (8, 2),
            },
        })
    }

    /// Major and minor version; `None` when it is not known.
    pub fn version(&self) -> Option<(u16, u16)> {
        self.version
    }

    /// The keyword that a name stands for.
    pub(super) fn name<'a>(&self, keyword: &'a str) -> &'a str {
        let alias = self.version.is_some_and(|version| version >= ONE_KEYBOARD);
        match keyword {
            "challengeresponseauthentication" if alias => "kbdinteractiveauthentication",
            _ => keyword,
        }
    }

    /// What holds where nothing is set; empty for a keyword that then does nothing.
    pub fn default(&self, keyword: &str) -> Vec<String> {
        let old = self.version.is_some_and(|version| version < ONE_KEYBOARD);
        let words: &[&str] = match keyword {
            "permitrootlogin" if self.root_by_default => &["yes"],
            "permitrootlogin" => &["prohibit-password"],
            "kbdinteractiveauthentication" if old => &["no"],
            "passwordauthentication"
            | "kbdinteractiveauthentication"
            | "challengeresponseauthentication"
            | "pubkeyauthentication"
            | "kerberosorlocalpasswd"
            | "ignorerhosts" => &["yes"],
            "permitemptypasswords"
            | "usepam"
            | "usedns"
            | "hostbasedauthentication"
            | "gssapiauthentication"
            | "kerberosauthentication" => &["no"],
            "addressfamily" | "authenticationmethods" => &["any"],
            "authorizedkeysfile" => &[".ssh/authorized_keys", ".ssh/authorized_keys2"],
            "authorizedkeyscommand"
            | "authorizedkeyscommanduser"
            | "authorizedprincipalscommand"
            | "authorizedprincipalscommanduser"
            | "authorizedprincipalsfile"
            | "trustedusercakeys" => &["none"],
            "port" => &["22"],
            "hostkey" => &[
                "/etc/ssh/ssh_host_rsa_key",
                "/etc/ssh/ssh_host_ecdsa_key",
                "/etc/ssh/ssh_host_ed25519_key",
            ],
            _ => &[],
        };
        words.iter().copied().map(str::to_owned).collect()
    }
}

/// A file as text; `None` also when it is larger than any that says something.
fn read_bounded(tree: &dyn Tree, path: &str, limit: usize) -> Result<Option<String>, TreeError> {
    match tree.metadata(path)? {
        Some(metadata) if metadata.size > limit as u64 => Ok(None),
        Some(_) => match read_text(tree, path, limit) {
            Ok(text) => Ok(text),
            Err(_) => Ok(None),
        },
        None => Ok(None),
    }
}

/// A variable of os-release(5); empty when it is not set.
fn variable(text: &str, name: &str) -> String {
    let values: Vec<String> = text
        .lines()
        .filter_map(|line| line.trim().split_once('='))
        .filter(|(key, _)| *key == name)
        .map(|(_, value)| value.trim_matches(['"', '\'']).to_owned())
        .collect();
    values.last().cloned().unwrap_or_default()
}

/// The version of openssh-server in dpkg's database, such as 9.2 of `1:9.2p1-2+deb12u7`.
fn package_version(text: &str) -> Option<(u16, u16)> {
    let mut lines = text
        .lines()
        .skip_while(|line| *line != "Package: openssh-server")
        .take_while(|line| !line.is_empty());
    let version = lines.find_map(|line| line.strip_prefix("Version: "))?;
    let upstream = version.split_once(':').map_or(version, |(_, rest)| rest);
    let (major, rest) = upstream.split_once('.')?;
    let minor: String = rest.chars().take_while(char::is_ascii_digit).collect();
    Some((major.parse().ok()?, minor.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::{Build, package_version, variable};

    #[test]
    fn versions_are_read_as_dpkg_writes_them() {
        let status = "Package: openssh-client\nVersion: 1:8.0p1-1\n\n\
                      Package: openssh-server\nStatus: install ok installed\n\
            Version: 1:9.2p1-2+deb12u7\n\nPackage: x\nVersion: 1.0\n";
        assert_eq!(package_version(status), Some((9, 2)));
        assert_eq!(
            package_version("Package: openssh-server\n\nVersion: 1:9.2p1\n"),
            None
        );
        assert_eq!(
            variable("ID=debian\nVERSION_ID=\"12\"\n", "VERSION_ID"),
            "12"
        );
    }

    #[test]
    fn an_unknown_build_has_the_weaker_defaults() {
        let default = |build: Build, keyword| build.default(keyword).concat();
        assert_eq!(default(Build::UNKNOWN, "permitrootlogin"), "yes");
        assert_eq!(
            default(Build::of_version(9, 2), "permitrootlogin"),
            "prohibit-password"
        );
        assert_eq!(
            default(Build::UNKNOWN, "kbdinteractiveauthentication"),
            "yes"
        );
        assert_eq!(
            default(Build::of_version(8, 0), "kbdinteractiveauthentication"),
            "no"
        );
        assert_eq!(
            default(Build::of_version(8, 0), "challengeresponseauthentication"),
            "yes"
        );
    }
}
