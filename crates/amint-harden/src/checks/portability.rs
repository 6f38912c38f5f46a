//! `portability`: what a product says about the account, the Region and the metadata service it was made in.

use std::sync::LazyLock;

use amint_inspect::{EntryKind, TreeError};
use regex_lite::Regex;

use crate::check::Check;
use crate::disk::{DiskContext, visit};
use crate::finding::{Finding, Severity};
use crate::rule::{MP_ARCH_008, MP_ARCH_014, Rule};

/// The catalogue's entry.
pub const CHECK: Check = Check {
    id: "portability",
    title: "programs and settings that work in every Region and account",
    why: "What should be there instead, only the product knows.",
    rules: &["MP-ARCH-008", "MP-ARCH-014"],
    disk_check: check,
};

/// Where products put programs and settings.
const FOLDERS: [&str; 4] = ["/opt", "/srv", "/usr/local", "/etc/systemd/system"];
/// Libraries name every Region.
const LIBRARIES: [&str; 6] = [
    "node_modules",
    "site-packages",
    "dist-packages",
    "vendor",
    "gems",
    ".git",
];
/// Which Region the package sources are taken from.
const VARIABLES: [&str; 2] = ["/etc/yum/vars/awsregion", "/etc/dnf/vars/awsregion"];
/// How much of a file is searched, in bytes.
const MAX_SIZE: usize = 64 << 10;
/// Most files that are searched.
const MAX_FILES: usize = 5_000;
/// Most findings of a rule: more would say no more.
const MAX_FINDINGS: usize = 20;

/// A Region, or the id of something that exists in one account and Region only.
static LITERAL: LazyLock<Option<Regex>> = LazyLock::new(|| {
    let region = "(us|eu|ap|ca|sa|me|af|il|mx)(-gov)?-(north|south|east|west|central|northeast|southeast)-[1-9]";
    let resource = "(ami|subnet|sg|vpc|snap|vol)-[0-9a-f]{17}";
    Regex::new(&format!(r"\b({region}|{resource})\b")).ok()
});

fn check(disk: &DiskContext<'_>) -> Result<Vec<Finding>, TreeError> {
    let mut findings = Vec::new();
    for path in VARIABLES {
        let region = disk.text(path, MAX_SIZE)?.unwrap_or_default();
        if !["", "default"].contains(&region.trim()) {
            findings.push(MP_ARCH_008.at(path, "names the builder's Region"));
        }
    }
    let mut paths = Vec::new();
    for folder in FOLDERS {
        visit(disk.tree, folder, &mut |path, metadata| {
            let name = path.rsplit('/').next().unwrap_or_default();
            if metadata.kind == EntryKind::File && metadata.size > 0 && paths.len() <= MAX_FILES {
                paths.push(path.to_owned());
            }
            !LIBRARIES.contains(&name) && paths.len() <= MAX_FILES
        })?;
    }
    if paths.len() > MAX_FILES {
        let message = format!("only {MAX_FILES} files of products were searched for Regions");
        let finding = MP_ARCH_008.at("/opt", message);
        findings.push(Finding {
            severity: Severity::Info,
            ..finding
        });
    }
    for path in paths.into_iter().take(MAX_FILES) {
        let content = disk.tree.read(&path, MAX_SIZE)?.unwrap_or_default();
        if content.contains(&0) {
            continue;
        }
        let text = String::from_utf8_lossy(&content);
        if let Some(found) = LITERAL.as_ref().and_then(|literal| literal.find(&text)) {
            add(
                &mut findings,
                &MP_ARCH_008,
                &path,
                format!("names {}", found.as_str()),
            );
        }
        if text.contains("169.254.169.254/latest/") && !text.contains("latest/api/token") {
            let message = "asks the metadata service without a token".to_owned();
            add(&mut findings, &MP_ARCH_014, &path, message);
        }
    }
    Ok(findings)
}

fn add(findings: &mut Vec<Finding>, rule: &Rule, path: &str, message: String) {
    if findings.iter().filter(|one| one.rule == rule.id).count() < MAX_FINDINGS {
        findings.push(rule.at(path, message));
    }
}
