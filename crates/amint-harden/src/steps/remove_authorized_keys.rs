//! `remove-authorized-keys`

use amint_inspect::TreeError;

use crate::accounts::User;
use crate::disk::{DiskContext, join};
use crate::finding::{Finding, Severity};
use crate::rule::MP_SSH_003;
use crate::sshd::{Setting, path};
use crate::step::{HardeningStep, Stage};

/// The catalogue's entry.
pub const STEP: HardeningStep = HardeningStep {
    id: "remove-authorized-keys",
    title: "remove the authorized keys of every account",
    why: "The instance's owner brings the key at launch. The check follows AuthorizedKeysFile and \
          TrustedUserCAKeys too, wherever they point; keys there are reported, not removed.",
    rules: &["MP-SSH-003"],
    applies: "always",
    stage: Stage::Detached,
    script: include_str!("remove-authorized-keys.sh"),
    live_check: None,
    disk_check: check,
};

const USUAL: [&str; 2] = [".ssh/authorized_keys", ".ssh/authorized_keys2"];
const SHARED: &str = "/etc/ssh/authorized_keys.d";
/// Largest key file that is read; a larger one counts as holding a key.
const MAX_SIZE: usize = 1 << 20;
/// Most paths that are looked at for sshd's configuration and all accounts.
const MAX_PATHS: usize = 500_000;

fn check(disk: &DiskContext<'_>) -> Result<Vec<Finding>, TreeError> {
    let mut paths = Vec::new();
    for home in disk.homes() {
        paths.extend(USUAL.iter().map(|file| join(home, file)));
    }
    paths.extend(
        disk.tree
            .list(SHARED)?
            .into_iter()
            .map(|name| format!("{SHARED}/{name}")),
    );
    if let Some(sshd) = &disk.sshd {
        let files = sshd
            .in_force("authorizedkeysfile")
            .flat_map(|setting| &setting.arguments);
        for file in files.filter(|file| !file.eq_ignore_ascii_case("none")) {
            if paths.len() > MAX_PATHS {
                let reason = "names too many files".to_owned();
                return Err(TreeError {
                    path: "AuthorizedKeysFile".to_owned(),
                    reason,
                });
            }
            let file = path::without_tilde(file, &disk.accounts).unwrap_or_else(|| file.clone());
            paths.extend(disk.accounts.users.iter().map(|user| expand(&file, user)));
        }
        let authorities = sshd
            .in_force("trustedusercakeys")
            .flat_map(|setting| &setting.arguments);
        paths.extend(authorities.filter_map(|file| path::absolute(file, &disk.accounts)));
    }
    paths.sort();
    paths.dedup();
    let mut findings = Vec::new();
    for path in paths {
        if holds_key(disk, &path)? {
            findings.push(MP_SSH_003.at(path, "lets the holder of a key log in"));
        }
    }
    let commands = disk
        .sshd
        .iter()
        .flat_map(|sshd| sshd.in_force("authorizedkeyscommand"));
    for setting in commands.filter(|setting| !is_harmless(setting)) {
        let message = format!(
            "a program decides which keys let in (line {})",
            setting.line
        );
        findings.push(Finding {
            severity: Severity::Warning,
            ..MP_SSH_003.at(&setting.file, message)
        });
    }
    Ok(findings)
}

/// Programs of EC2 Instance Connect, which ask the instance's metadata for keys that its owner has just sent.
const INSTANCE_CONNECT: [&str; 2] = [
    "/opt/aws/bin/eic_run_authorized_keys",
    "/usr/share/ec2-instance-connect/eic_run_authorized_keys",
];

fn is_harmless(command: &Setting) -> bool {
    let line = command.arguments.concat();
    let program = line.split_whitespace().next().unwrap_or_default();
    program.eq_ignore_ascii_case("none") || INSTANCE_CONNECT.contains(&program)
}

/// Whether the file has a line that is neither blank nor a comment.
fn holds_key(disk: &DiskContext<'_>, path: &str) -> Result<bool, TreeError> {
    let Some(content) = disk.tree.read(path, MAX_SIZE)? else {
        return Ok(false);
    };
    let text = String::from_utf8_lossy(&content);
    let key = |line: &str| !line.trim().is_empty() && !line.trim_start().starts_with('#');
    Ok(content.len() == MAX_SIZE || text.lines().any(key))
}

/// A path of `AuthorizedKeysFile` for one user: `%h`, `%u`, `%U` and `%%`, relative to the home.
fn expand(file: &str, user: &User) -> String {
    let mut path = String::new();
    let mut characters = file.chars();
    while let Some(character) = characters.next() {
        if character != '%' {
            path.push(character);
            continue;
        }
        match characters.next() {
            Some('h') => path.push_str(&user.home),
            Some('u') => path.push_str(&user.name),
            Some('U') => path.push_str(&user.uid.to_string()),
            Some(other) => path.push(other),
            None => {}
        }
    }
    if path.starts_with('/') {
        path
    } else {
        join(&user.home, &path)
    }
}

#[cfg(test)]
mod tests {
    use super::expand;
    use crate::accounts::User;

    #[test]
    fn paths_of_keys_are_made_as_sshd_makes_them() {
        let user = User {
            name: "me".to_owned(),
            uid: 7,
            gid: Some(7),
            shell: String::new(),
            home: "/srv/me".to_owned(),
        };
        for (file, path) in [
            (".ssh/keys", "/srv/me/.ssh/keys"),
            ("%h/keys", "/srv/me/keys"),
            ("/etc/keys/%u", "/etc/keys/me"),
            ("/etc/keys/%U%%", "/etc/keys/7%"),
            ("/etc/keys/%", "/etc/keys/"),
        ] {
            assert_eq!(expand(file, &user), path);
        }
    }
}
