//! What is fuzzed: the bodies of the targets, which the test suite runs too.

use amint_harden::access;
use amint_harden::accounts::{Accounts, holds_hash};
use amint_harden::disk::DiskContext;
use amint_harden::sshd::Context;
use amint_harden::steps;
use amint_inspect::tree::{Attribute, EntryKind, Metadata};
use amint_inspect::{Tree, TreeError};

/// The files of an input for `sshd_config`, which zero bytes keep apart.
const SSHD_FILES: [&str; 7] = [
    "/etc/ssh/sshd_config",
    "/etc/ssh/sshd_config.d/1.conf",
    "/etc/ssh/sshd_config.d/2.conf",
    "/lib/systemd/system/ssh.service",
    "/etc/default/ssh",
    "/etc/cloud/cloud.cfg",
    "/etc/os-release",
];

/// A few files in memory.
pub struct Files<'a>(Vec<(&'a str, &'a [u8])>);

impl<'a> Files<'a> {
    /// One file.
    pub fn one(path: &'a str, content: &'a [u8]) -> Self {
        Self(vec![(path, content)])
    }

    /// The files that decide what sshd does.
    pub fn of_sshd(input: &'a [u8]) -> Self {
        Self(
            SSHD_FILES
                .into_iter()
                .zip(input.split(|byte| *byte == 0))
                .collect(),
        )
    }
}

impl Tree for Files<'_> {
    fn metadata(&self, path: &str) -> Result<Option<Metadata>, TreeError> {
        let found = self.0.iter().find(|(other, _)| *other == path);
        let metadata = |(_, content): &(&str, &[u8])| Metadata {
            kind: EntryKind::File,
            size: content.len() as u64,
            mode: 0o644,
            uid: 0,
            gid: 0,
        };
        Ok(found.map(metadata))
    }

    fn read(&self, path: &str, limit: usize) -> Result<Option<Vec<u8>>, TreeError> {
        let found = self.0.iter().find(|(other, _)| *other == path);
        Ok(found.map(|(_, content)| content.iter().take(limit).copied().collect()))
    }

    fn read_at(
        &self,
        path: &str,
        offset: u64,
        buffer: &mut [u8],
    ) -> Result<Option<usize>, TreeError> {
        let Some((_, content)) = self.0.iter().find(|(other, _)| *other == path) else {
            return Ok(None);
        };
        let rest = usize::try_from(offset)
            .ok()
            .and_then(|offset| content.get(offset..))
            .unwrap_or_default();
        let length = rest.len().min(buffer.len());
        buffer[..length].copy_from_slice(&rest[..length]);
        Ok(Some(length))
    }

    fn list(&self, path: &str) -> Result<Vec<String>, TreeError> {
        let folder = format!("{}/", path.trim_end_matches('/'));
        let below = self
            .0
            .iter()
            .filter_map(|(other, _)| other.strip_prefix(&folder));
        let mut names: Vec<String> = below
            .map(|rest| rest.split('/').next().unwrap_or_default().to_owned())
            .collect();
        names.sort();
        names.dedup();
        Ok(names)
    }

    fn target(&self, _: &str) -> Result<Option<String>, TreeError> {
        Ok(None)
    }

    fn attributes(&self, _: &str) -> Result<Vec<Attribute>, TreeError> {
        Ok(Vec::new())
    }
}

/// sshd's configuration, its unit and cloud-init's configuration.
pub fn sshd_config(input: &[u8]) {
    let files = Files::of_sshd(input);
    let Ok(disk) = DiskContext::read(&files, &[]) else {
        return;
    };
    let _ = access::check(&disk);
    for id in [
        "disable-password-ssh",
        "disable-root-ssh",
        "remove-authorized-keys",
        "remove-host-keys",
    ] {
        let step = steps::step(id).expect("a step");
        let _ = (step.disk_check)(&disk);
    }
    let contexts = [
        Context::default(),
        Context {
            user: "root".to_owned(),
            groups: vec!["root".to_owned(), "wheel".to_owned()],
            host: "a.example".to_owned(),
            address: "10.0.0.1".to_owned(),
            local_address: "::1".to_owned(),
            local_port: 22,
            ..Context::default()
        },
    ];
    for config in disk.sshd.iter().flat_map(|sshd| sshd.configs()) {
        for context in &contexts {
            let settings = config.resolve(context);
            let _ = settings.admits(context);
            for keyword in ["passwordauthentication", "permitrootlogin", "usepam"] {
                let value = settings.get(keyword);
                assert!(value.lines.len() <= 1 && value.arguments.len() <= 1);
                // What holds for one connection is in force.
                let decided = value.lines.first();
                let sound = config.problems().is_empty();
                assert!(
                    !sound
                        || decided
                            .is_none_or(|line| config.in_force(keyword).any(|one| one == *line))
                );
            }
        }
    }
}

/// `/etc/passwd`.
pub fn passwd(input: &[u8]) {
    let accounts = read("/etc/passwd", input);
    assert!(accounts.homes().all(|home| home.starts_with('/')));
    assert!(accounts.users.len() <= accounts.passwords.len());
}

/// `/etc/shadow`.
pub fn shadow(input: &[u8]) {
    let accounts = read("/etc/shadow", input);
    assert!(accounts.users.is_empty());
    let _ = accounts.password("/etc/shadow", "root");
    let _ = holds_hash(&String::from_utf8_lossy(input));
}

fn read(path: &str, input: &[u8]) -> Accounts {
    let files = Files::one(path, input);
    let accounts = Accounts::read(&files).unwrap_or_default();
    let lines = input.split(|byte| *byte == b'\n').count();
    assert!(accounts.passwords.len() <= lines);
    assert!(
        accounts
            .broken
            .iter()
            .all(|broken| (1..=lines).contains(&broken.line))
    );
    accounts
}
