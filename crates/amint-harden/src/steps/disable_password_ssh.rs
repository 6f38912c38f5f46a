//! `disable-password-ssh`

use amint_inspect::TreeError;

use crate::access::cloud_init::CloudInit;
use crate::disk::DiskContext;
use crate::finding::{Finding, Severity};
use crate::rule::{MP_SEC_005, MP_SSH_001};
use crate::sshd::{Config, Server, Setting};
use crate::step::{HardeningStep, Stage};

/// The catalogue's entry.
pub const STEP: HardeningStep = HardeningStep {
    id: "disable-password-ssh",
    title: "refuse passwords over SSH",
    why: "Only keys are allowed in. Keyboard-interactive logins ask for passwords too, through PAM; \
          the check warns of them.",
    rules: &["MP-SSH-001", "MP-SEC-005"],
    applies: "where an SSH server is configured",
    stage: Stage::Attached,
    script: include_str!("disable-password-ssh.sh"),
    live_check: Some(include_str!("disable-password-ssh.check.sh")),
    disk_check: check,
};

fn check(disk: &DiskContext<'_>) -> Result<Vec<Finding>, TreeError> {
    let mut findings = Vec::new();
    if let Some(file) = CloudInit::read(disk.tree)?.and_then(|cloud_init| cloud_init.passwords) {
        let message = "ssh_pwauth turns PasswordAuthentication on at the first boot";
        findings.push(MP_SSH_001.at(file, message));
    }
    for config in disk.sshd.iter().flat_map(Server::configs) {
        if config.is_default("passwordauthentication") {
            let message = "PasswordAuthentication is not set, and its default is yes";
            findings.push(MP_SSH_001.at(config.file(), message));
        }
        for setting in on(config, "passwordauthentication") {
            let message = format!("PasswordAuthentication is yes{}", origin(setting));
            findings.push(MP_SSH_001.at(&setting.file, message));
        }
        for setting in on(config, "permitemptypasswords") {
            let message = format!("PermitEmptyPasswords is yes{}", origin(setting));
            findings.push(warning(MP_SEC_005.at(&setting.file, message)));
        }
        findings.extend(keyboard_interactive(config));
    }
    Ok(findings)
}

/// Keyboard-interactive logins, which ask for a password where PAM is in use. Of the two keywords the second is the
/// first one's alias from OpenSSH 8.7 on, and never set then; before, either turns them on.
fn keyboard_interactive(config: &Config) -> Option<Finding> {
    on(config, "usepam").next()?;
    let names = [
        "kbdinteractiveauthentication",
        "challengeresponseauthentication",
    ];
    let set = names.iter().find_map(|name| on(config, name).next());
    if let Some(setting) = set {
        let message = format!("KbdInteractiveAuthentication is yes{}", origin(setting));
        return Some(warning(MP_SSH_001.at(&setting.file, message)));
    }
    let by_default = names.iter().any(|name| {
        let counts = !config.is_alias(name) && config.is_default(name);
        counts && config.build().default(name).concat() == "yes"
    });
    by_default.then(|| {
        let message = "KbdInteractiveAuthentication is not set, and its default is yes";
        warning(MP_SSH_001.at(config.file(), message))
    })
}

fn on<'a>(config: &'a Config, keyword: &'a str) -> impl Iterator<Item = &'a Setting> {
    config
        .in_force(keyword)
        .filter(|setting| setting.value() == "yes")
}

fn warning(finding: Finding) -> Finding {
    Finding {
        severity: Severity::Warning,
        ..finding
    }
}

/// Where a setting is, to end a message about it.
pub(super) fn origin(setting: &Setting) -> String {
    match &setting.condition {
        None => format!(" (line {})", setting.line),
        Some(condition) => format!(" (line {}) under \"Match {condition}\"", setting.line),
    }
}
