//! `disable-password-ssh`

use amint_inspect::TreeError;

use crate::disk::DiskContext;
use crate::finding::{Finding, Severity};
use crate::rule::{MP_SEC_005, MP_SSH_001};
use crate::sshd::{Config, Setting};
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

const CONFIG: &str = "/etc/ssh/sshd_config";

fn check(disk: &DiskContext<'_>) -> Result<Vec<Finding>, TreeError> {
    let Some(sshd) = &disk.sshd else {
        return Ok(Vec::new());
    };
    let mut findings = Vec::new();
    if sshd.general("passwordauthentication").is_none() {
        let message = "PasswordAuthentication is not set, and its default is yes";
        findings.push(MP_SSH_001.at(CONFIG, message));
    }
    for setting in on(sshd, "passwordauthentication") {
        let message = format!("PasswordAuthentication is yes{}", origin(setting));
        findings.push(MP_SSH_001.at(&setting.file, message));
    }
    for setting in on(sshd, "permitemptypasswords") {
        let message = format!("PermitEmptyPasswords is yes{}", origin(setting));
        findings.push(warning(MP_SEC_005.at(&setting.file, message)));
    }
    findings.extend(keyboard_interactive(sshd));
    Ok(findings)
}

/// Keyboard-interactive logins, which ask for a password where PAM is in use.
fn keyboard_interactive(sshd: &Config) -> Option<Finding> {
    on(sshd, "usepam").next()?;
    // The second name is the first one's alias, and its only name before OpenSSH 8.7.
    let names = [
        "kbdinteractiveauthentication",
        "challengeresponseauthentication",
    ];
    let finding = match names.iter().find_map(|name| on(sshd, name).next()) {
        Some(setting) => {
            let message = format!("KbdInteractiveAuthentication is yes{}", origin(setting));
            MP_SSH_001.at(&setting.file, message)
        }
        None if names.iter().any(|name| sshd.general(name).is_some()) => return None,
        None => {
            let message = "KbdInteractiveAuthentication is not set, and its default is yes";
            MP_SSH_001.at(CONFIG, message)
        }
    };
    Some(warning(finding))
}

fn on<'a>(sshd: &'a Config, keyword: &'a str) -> impl Iterator<Item = &'a Setting> {
    sshd.in_force(keyword)
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
