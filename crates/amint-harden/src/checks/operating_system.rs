//! `operating-system`: whether its maker still mends it.

use amint_inspect::TreeError;
use jiff::Unit;
use jiff::civil::{Date, date};

use crate::check::Check;
use crate::disk::DiskContext;
use crate::finding::{Finding, Severity};
use crate::rule::MP_SEC_002;

/// The catalogue's entry.
pub const CHECK: Check = Check {
    id: "operating-system",
    title: "the operating system is in support",
    why: "Only another base image helps.",
    rules: &["MP-SEC-002"],
    disk_check: check,
};

const FILES: [&str; 2] = ["/etc/os-release", "/usr/lib/os-release"];
/// Largest of them that is read, in bytes.
const MAX_SIZE: usize = 64 << 10;
/// How long before the end a warning is due, in days.
const AHEAD: i32 = 90;

/// Ids and versions as os-release(5) has them, and the last day on which anybody gets security updates without paying
/// for more time. As announced by the distributions; last looked at on 2026-11-22.
const SUPPORT: [(&str, &str, Date); 24] = [
    ("almalinux", "8", date(2029, 3, 1)),
    ("almalinux", "9", date(2032, 5, 31)),
    ("amzn", "2", date(2026, 6, 30)),
    ("amzn", "2018", date(2023, 12, 31)),
    ("amzn", "2023", date(2029, 6, 30)),
    ("centos", "7", date(2024, 6, 30)),
    ("centos", "8", date(2024, 5, 31)),
    ("centos", "9", date(2027, 5, 31)),
    ("debian", "10", date(2024, 6, 30)),
    ("debian", "11", date(2026, 8, 31)),
    ("debian", "12", date(2028, 6, 30)),
    ("debian", "13", date(2030, 6, 30)),
    ("ol", "8", date(2029, 7, 31)),
    ("ol", "9", date(2032, 6, 30)),
    ("rhel", "7", date(2024, 6, 30)),
    ("rhel", "8", date(2029, 5, 31)),
    ("rhel", "9", date(2032, 5, 31)),
    ("rhel", "10", date(2035, 5, 31)),
    ("rocky", "8", date(2029, 5, 31)),
    ("rocky", "9", date(2032, 5, 31)),
    ("ubuntu", "18.04", date(2023, 5, 31)),
    ("ubuntu", "20.04", date(2025, 5, 31)),
    ("ubuntu", "22.04", date(2027, 4, 30)),
    ("ubuntu", "24.04", date(2029, 4, 30)),
];

fn check(disk: &DiskContext<'_>) -> Result<Vec<Finding>, TreeError> {
    for path in FILES {
        if let Some(text) = disk.text(path, MAX_SIZE)? {
            return Ok(judge(path, &text, disk.today).into_iter().collect());
        }
    }
    let message = "is missing: whether the operating system is in support is not known";
    let finding = MP_SEC_002.at(FILES[0], message);
    Ok(vec![Finding {
        severity: Severity::Info,
        ..finding
    }])
}

fn judge(path: &str, text: &str, today: Date) -> Option<Finding> {
    let value = |key: &str| {
        let mut lines = text.lines().filter_map(|line| line.split_once('='));
        let found = lines.find(|(name, _)| *name == key);
        found.map_or("", |(_, value)| value.trim().trim_matches(['"', '\'']))
    };
    let (id, version) = (value("ID"), value("VERSION_ID"));
    let fits = |supported: &str| {
        let rest = version.strip_prefix(supported);
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
    };
    let known = SUPPORT
        .iter()
        .find(|(one, supported, _)| *one == id && fits(supported));
    let Some((_, _, end)) = known else {
        let message = format!("{id} {version}: whether it is in support is not known");
        let finding = MP_SEC_002.at(path, message);
        return Some(Finding {
            severity: Severity::Info,
            ..finding
        });
    };
    if *end < today {
        let message = format!("{id} {version} has been out of support since {end}");
        return Some(MP_SEC_002.at(path, message));
    }
    let left = today
        .until((Unit::Day, *end))
        .map_or(0, |left| left.get_days());
    if left > AHEAD {
        return None;
    }
    let finding = MP_SEC_002.at(path, format!("{id} {version} goes out of support on {end}"));
    Some(Finding {
        severity: Severity::Warning,
        ..finding
    })
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::judge;
    use crate::finding::Severity;

    #[test]
    fn what_is_said_depends_on_the_day() {
        let text = "NAME=\"Ubuntu\"\nVERSION_ID=\"22.04\"\nID=ubuntu\n";
        let said = |day| judge("/etc/os-release", text, day).map(|finding| finding.severity);
        assert_eq!(said(date(2027, 1, 1)), None);
        assert_eq!(said(date(2027, 3, 1)), Some(Severity::Warning));
        assert_eq!(said(date(2027, 4, 30)), Some(Severity::Warning));
        assert_eq!(said(date(2027, 5, 1)), Some(Severity::Error));
    }

    #[test]
    fn versions_are_compared_by_their_parts() {
        let said = |id: &str, version: &str| {
            let text = format!("ID={id}\nVERSION_ID='{version}'\n");
            judge("/x", &text, date(2026, 11, 22)).map(|finding| finding.severity)
        };
        assert_eq!(said("rhel", "9.4"), None);
        assert_eq!(said("amzn", "2023"), None);
        assert_eq!(said("amzn", "2"), Some(Severity::Error));
        assert_eq!(said("debian", "1"), Some(Severity::Info));
        assert_eq!(said("", ""), Some(Severity::Info));
    }
}
