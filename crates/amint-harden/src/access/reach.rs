//! Whether sshd starts, listens where AWS's vetting comes from, and lets the owner in by key.

use amint_inspect::TreeError;

use super::cloud_init::CloudInit;
use crate::disk::DiskContext;
use crate::finding::Finding;
use crate::rule::MP_SSH_004;
use crate::sshd::{Config, Context, Server};

/// An address of each network that AWS's vetting connects from.
const VETTING: [&str; 3] = ["10.0.0.1", "10.2.0.1", "10.17.0.1"];
/// Debian's unit does not start sshd while this file is there.
const NOT_TO_BE_RUN: &str = "/etc/ssh/sshd_not_to_be_run";
/// Numbers of the accounts of people.
const PEOPLE: std::ops::Range<u32> = 1000..60_000;
/// Most accounts that are tried, most groups of each, and the longest name in bytes (as useradd(8) has it): patterns
/// may be made to take their time.
const MAX_PEOPLE: usize = 8;
const MAX_GROUPS: usize = 32;
const MAX_NAME: usize = 32;
/// Largest file that is read, in bytes.
const MAX_SIZE: usize = 1 << 20;

pub(super) fn check(
    disk: &DiskContext<'_>,
    sshd: &Server,
    cloud_init: Option<&CloudInit>,
) -> Result<Vec<Finding>, TreeError> {
    let mut findings = Vec::new();
    if let Some(unit) = sshd.not_started() {
        findings.push(MP_SSH_004.at(
            unit,
            "nothing starts sshd: its units are masked or not enabled",
        ));
    }
    if disk.tree.metadata(NOT_TO_BE_RUN)?.is_some() {
        findings.push(MP_SSH_004.at(
            NOT_TO_BE_RUN,
            "sshd does not start while this file is there",
        ));
    }
    let endpoints = sshd.endpoints();
    if let Some(endpoint) = endpoints.first()
        && endpoints.iter().all(|endpoint| endpoint.is_local())
    {
        findings.push(MP_SSH_004.at(&endpoint.file, "SSH listens only to the machine itself"));
    }
    let six = sshd
        .in_force("addressfamily")
        .filter(|setting| setting.value() == "inet6");
    findings.extend(six.map(|setting| {
        let message = format!("AddressFamily is inet6 (line {})", setting.line);
        MP_SSH_004.at(&setting.file, message)
    }));
    let owners = owners(disk, cloud_init)?;
    for config in sshd.configs() {
        findings.extend(
            VETTING
                .iter()
                .find_map(|address| shut_out(config, &owners, address)),
        );
    }
    findings.extend(tcp_wrappers(disk)?);
    findings.extend(ufw(
        disk,
        &endpoints
            .iter()
            .map(|endpoint| endpoint.port)
            .collect::<Vec<_>>(),
    )?);
    Ok(findings)
}

/// Who may be the owner: the account that cloud-init makes, or else any person's. Each with its groups.
fn owners(
    disk: &DiskContext<'_>,
    cloud_init: Option<&CloudInit>,
) -> Result<Vec<(String, Vec<String>)>, TreeError> {
    let made = cloud_init.and_then(|cloud_init| cloud_init.user.as_ref());
    let mut owners: Vec<(String, Vec<String>)> = match made {
        Some(owner) => vec![(owner.name.clone(), owner.groups.clone())],
        None => {
            let people = disk
                .accounts
                .users
                .iter()
                .filter(|user| PEOPLE.contains(&user.uid));
            people
                .take(MAX_PEOPLE)
                .map(|user| (user.name.clone(), Vec::new()))
                .collect()
        }
    };
    owners.retain(|(name, _)| name.len() <= MAX_NAME);
    let groups = disk.text("/etc/group", MAX_SIZE)?.unwrap_or_default();
    for (name, found) in &mut owners {
        // Its own group is called as it is.
        found.insert(0, name.clone());
        for line in groups.lines() {
            let fields: Vec<&str> = line.split(':').collect();
            if let [group, _, _, members] = fields.as_slice()
                && members.split(',').any(|member| member == name)
            {
                found.push((*group).to_owned());
            }
        }
        found.retain(|group| group.len() <= MAX_NAME);
        found.truncate(MAX_GROUPS);
    }
    Ok(owners)
}

/// Why none of the owners gets in by key from an address.
fn shut_out(config: &Config, owners: &[(String, Vec<String>)], address: &str) -> Option<Finding> {
    let mut found = None;
    for (user, groups) in owners {
        let context = Context {
            user: user.clone(),
            groups: groups.clone(),
            host: address.to_owned(),
            address: address.to_owned(),
            local_port: 22,
            ..Context::default()
        };
        let settings = config.resolve(&context);
        let keys = settings.get("pubkeyauthentication");
        let (line, reason) = match settings.admits(&context) {
            Err(line) => (line, "lets no owner of an instance in"),
            Ok(()) if !keys.is_on() => (keys.lines.first().copied(), "takes no keys"),
            Ok(()) => return None,
        };
        let file = line.map_or(config.file(), |line| &line.file);
        let place = line.map_or(0, |line| line.line);
        let message = format!("sshd {reason} from {address} (line {place})");
        found.get_or_insert_with(|| MP_SSH_004.at(file, message));
    }
    found
}

/// hosts.deny(5), which sshd of Debian and Ubuntu heeds: a line that shuts everybody out, and none that lets them in.
fn tcp_wrappers(disk: &DiskContext<'_>) -> Result<Option<Finding>, TreeError> {
    const DENY: &str = "/etc/hosts.deny";
    let names_sshd = |text: &str, everybody: bool| {
        text.lines()
            .filter_map(|line| line.split_once(':'))
            .any(|(daemons, clients)| {
                let daemon = daemons
                    .split([',', ' '])
                    .any(|daemon| ["ALL", "sshd"].contains(&daemon.trim()));
                daemon
                    && !daemons.trim_start().starts_with('#')
                    && (!everybody || clients.trim() == "ALL")
            })
    };
    let denied = names_sshd(&disk.text(DENY, MAX_SIZE)?.unwrap_or_default(), true);
    let allowed = names_sshd(
        &disk.text("/etc/hosts.allow", MAX_SIZE)?.unwrap_or_default(),
        false,
    );
    let finding = || {
        MP_SSH_004.at(
            DENY,
            "everybody is shut out of SSH, and hosts.allow lets nobody in",
        )
    };
    Ok((denied && !allowed).then(finding))
}

/// ufw(8): on, without a rule for any port of SSH.
fn ufw(disk: &DiskContext<'_>, ports: &[u16]) -> Result<Option<Finding>, TreeError> {
    const CONFIG: &str = "/etc/ufw/ufw.conf";
    let config = disk.text(CONFIG, MAX_SIZE)?.unwrap_or_default();
    if !config
        .lines()
        .any(|line| line.trim().eq_ignore_ascii_case("ENABLED=yes"))
    {
        return Ok(None);
    }
    let rules = disk
        .text("/etc/ufw/user.rules", MAX_SIZE)?
        .unwrap_or_default();
    let opens = |line: &str| {
        let mut words = line
            .split_whitespace()
            .skip_while(|word| !word.starts_with("--dport"));
        let ports_of = words.nth(1).unwrap_or_default();
        let accepted = line.ends_with("ACCEPT") || line.contains("-j ufw-user-limit");
        accepted
            && ports
                .iter()
                .any(|port| ports_of.split(',').any(|one| one == port.to_string()))
    };
    let accepts = rules
        .lines()
        .filter(|line| line.starts_with("-A "))
        .any(|line| opens(line) || line.ends_with("ACCEPT") && !line.contains("dport"));
    let finding = || {
        MP_SSH_004.at(
            CONFIG,
            "the firewall is on and has no rule that lets SSH in",
        )
    };
    Ok((!accepts).then(finding))
}
