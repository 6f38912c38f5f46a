//! `search-path`: where root's programs come from.

use amint_inspect::TreeError;

use crate::check::Check;
use crate::disk::{DiskContext, expand};
use crate::finding::Finding;
use crate::rule::CIS_PATH_001;

/// The catalogue's entry.
pub const CHECK: Check = Check {
    id: "search-path",
    title: "root's search path",
    why: "A path may be put together at each login; what is wrong in it has to be taken out by hand.",
    rules: &["CIS-PATH-001"],
    disk_check: check,
};

/// Where a search path is set for root, or for everybody.
const FILES: [&str; 9] = [
    "/root/.bashrc",
    "/root/.bash_profile",
    "/root/.bash_login",
    "/root/.profile",
    "/etc/profile",
    "/etc/profile.d/*.sh",
    "/etc/environment",
    "/etc/bashrc",
    "/etc/bash.bashrc",
];
/// Largest of those that is read, in bytes.
const MAX_SIZE: usize = 1 << 20;

fn check(disk: &DiskContext<'_>) -> Result<Vec<Finding>, TreeError> {
    let mut findings = Vec::new();
    for pattern in FILES {
        for path in expand(disk.tree, "", pattern)? {
            let text = disk.text(&path, MAX_SIZE)?.unwrap_or_default();
            for folder in text
                .lines()
                .filter_map(assigned)
                .flat_map(|value| value.split(':'))
            {
                // A writable folder is reported as such.
                if !folder.starts_with(['/', '$', '~']) {
                    let message = match folder {
                        "" => "an empty element in PATH means the folder that one is in".to_owned(),
                        other => format!(
                            "PATH has {other:?}, which depends on the folder that one is in"
                        ),
                    };
                    findings.push(CIS_PATH_001.at(&path, message));
                }
            }
        }
    }
    Ok(findings)
}

/// What a line gives to `PATH`.
fn assigned(line: &str) -> Option<&str> {
    let line = line.trim();
    let line = line.strip_prefix("export ").unwrap_or(line).trim_start();
    let value = line.strip_prefix("PATH=")?;
    let end = |text: &'static [char]| move |value: &str| value.find(text).unwrap_or(value.len());
    let value = match value.strip_prefix(['"', '\'']) {
        Some(quoted) => quoted.get(..end(&['"', '\''])(quoted))?,
        None => value.get(..end(&[' ', ';', '\t'])(value))?,
    };
    // "${PATH:+:$PATH}" has colons of its own, and what a command prints is not known here.
    (!value.is_empty() && !value.contains(['{', '`', '('])).then_some(value)
}

#[cfg(test)]
mod tests {
    use super::assigned;

    #[test]
    fn values_are_found() {
        for (line, value) in [
            ("PATH=/bin:.", Some("/bin:.")),
            ("  export PATH=\"$PATH:/x\" # more", Some("$PATH:/x")),
            ("PATH=/a; export PATH", Some("/a")),
            ("MANPATH=.", None),
            ("# PATH=.", None),
            ("PATH=", None),
            ("PATH=${PATH:+:$PATH}", None),
        ] {
            assert_eq!(assigned(line), value, "{line}");
        }
    }
}
