//! `clear-mail-and-jobs`

use amint_inspect::{EntryKind, TreeError};

use super::trace::warning;
use crate::disk::{DiskContext, expand, walk};
use crate::finding::Finding;
use crate::rule::MP_CLEAN_005;
use crate::step::{HardeningStep, Stage};

/// The catalogue's entry.
pub const STEP: HardeningStep = HardeningStep {
    id: "clear-mail-and-jobs",
    title: "remove mail, queues of mail and printing, and jobs that wait for their time",
    why: "Cron mails what the builder's jobs said to whoever runs them; a job of at(1) holds the environment \
          that it was made in. Crontabs of accounts are reported, not removed: a product may need them.",
    rules: &["MP-CLEAN-005"],
    applies: "always",
    stage: Stage::Detached,
    script: include_str!("clear-mail-and-jobs.sh"),
    live_check: None,
    disk_check: check,
};

/// The same folders as in the script, but for a second way to the folder for mail.
const FOLDERS: [&str; 23] = [
    "/var/mail",
    "/var/spool/mail",
    "/var/spool/mqueue",
    "/var/spool/clientmqueue",
    "/var/spool/mqueue-client",
    "/var/spool/postfix/active",
    "/var/spool/postfix/bounce",
    "/var/spool/postfix/corrupt",
    "/var/spool/postfix/defer",
    "/var/spool/postfix/deferred",
    "/var/spool/postfix/flush",
    "/var/spool/postfix/hold",
    "/var/spool/postfix/incoming",
    "/var/spool/postfix/maildrop",
    "/var/spool/postfix/saved",
    "/var/spool/postfix/trace",
    "/var/spool/exim/input",
    "/var/spool/exim/msglog",
    "/var/spool/exim4/input",
    "/var/spool/exim4/msglog",
    "/var/spool/at",
    "/var/spool/cron/atjobs",
    "/var/spool/cron/atspool",
];
const PRINTING: &str = "/var/spool/cups";
const CRONTABS: [&str; 2] = ["/var/spool/cron/crontabs/*", "/var/spool/cron/*"];
/// Mail of the SSM agent's account, which another step looks for.
const ELSEWHERE: [&str; 2] = ["/var/mail/ssm-user", "/var/spool/mail/ssm-user"];

fn check(disk: &DiskContext<'_>) -> Result<Vec<Finding>, TreeError> {
    let mut findings = Vec::new();
    for folder in FOLDERS.into_iter().chain([PRINTING]) {
        // One of two ways to the same folder is a link.
        let metadata = disk.tree.metadata(folder)?;
        if metadata.is_some_and(|metadata| metadata.kind == EntryKind::Symlink) {
            continue;
        }
        for (path, metadata) in walk(disk.tree, folder)? {
            let is_number = path.ends_with("/.SEQ");
            let file = metadata.kind == EntryKind::File && metadata.size > 0;
            if file && !is_number && !ELSEWHERE.contains(&path.as_str()) {
                findings.push(MP_CLEAN_005.at(path, "mail, or a job that waits"));
            }
        }
    }
    for pattern in CRONTABS {
        for path in expand(disk.tree, "", pattern)? {
            if disk.has_content(&path)? {
                let message = "a crontab: is it the product's, or the builder's?";
                findings.push(warning(MP_CLEAN_005.at(path, message)));
            }
        }
    }
    Ok(findings)
}

#[cfg(test)]
mod tests {
    use super::{FOLDERS, PRINTING, STEP};

    #[test]
    fn the_script_empties_what_the_check_looks_into() {
        for folder in FOLDERS.into_iter().chain([PRINTING]) {
            let named = |word: &str| word.trim_end_matches(';') == folder;
            assert!(STEP.script.split_whitespace().any(named), "{folder}");
        }
    }
}
