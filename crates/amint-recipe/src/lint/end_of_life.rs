//! A base image whose maker makes no more security updates for it, or soon will not.

use super::base::named;
use super::subject::Material;
use super::{Context, Findings};
use crate::code::Code;

/// How many days before the end it is said.
const NOTICE: i64 = 90;

/// A release: words that name it (one of them is enough, in small letters), and its last day with security updates.
struct Release {
    marks: &'static [&'static str],
    name: &'static str,
    ends: &'static str,
}

const fn release(
    marks: &'static [&'static str],
    name: &'static str,
    ends: &'static str,
) -> Release {
    Release { marks, name, ends }
}

/// Sources, as of 2026-11:
/// - Amazon Linux: <https://aws.amazon.com/amazon-linux-2/faqs/>, <https://aws.amazon.com/linux/amazon-linux-2023/faqs/>,
///   <https://aws.amazon.com/amazon-linux-ami/faqs/>
/// - Debian: <https://wiki.debian.org/LTS>, the end of long term support
/// - Ubuntu: Debian's package `distro-info-data`, as <https://ubuntu.com/about/release-cycle>: the end of standard support
/// - Red Hat: <https://access.redhat.com/support/policy/updates/errata>, the end of maintenance support
/// - CentOS: <https://www.centos.org/centos-linux-eol/>, <https://www.centos.org/cl-vs-cs/>
const RELEASES: [Release; 34] = [
    release(&["amzn-ami"], "Amazon Linux 1", "2023-12-31"),
    release(
        &["amzn2-", "amazon-linux-2/"],
        "Amazon Linux 2",
        "2026-06-30",
    ),
    release(
        &["al2023-", "amazon-linux-2023"],
        "Amazon Linux 2023",
        "2029-06-30",
    ),
    release(&["debian-8", "jessie"], "Debian 8", "2020-06-30"),
    release(&["debian-9", "stretch"], "Debian 9", "2022-06-30"),
    release(
        &["debian-10", "debian/release/10", "buster"],
        "Debian 10",
        "2024-06-30",
    ),
    release(
        &["debian-11", "debian/release/11", "bullseye"],
        "Debian 11",
        "2026-08-31",
    ),
    release(
        &["debian-12", "debian/release/12", "bookworm"],
        "Debian 12",
        "2028-06-30",
    ),
    release(
        &["debian-13", "debian/release/13", "trixie"],
        "Debian 13",
        "2030-06-30",
    ),
    release(
        &["ubuntu-trusty", "server/14.04"],
        "Ubuntu 14.04",
        "2019-04-25",
    ),
    release(
        &["ubuntu-xenial", "server/16.04"],
        "Ubuntu 16.04",
        "2021-04-30",
    ),
    release(
        &["ubuntu-bionic", "server/18.04"],
        "Ubuntu 18.04",
        "2023-05-31",
    ),
    release(
        &["ubuntu-focal", "server/20.04"],
        "Ubuntu 20.04",
        "2025-05-29",
    ),
    release(
        &["ubuntu-groovy", "server/20.10"],
        "Ubuntu 20.10",
        "2021-07-22",
    ),
    release(
        &["ubuntu-hirsute", "server/21.04"],
        "Ubuntu 21.04",
        "2022-01-20",
    ),
    release(
        &["ubuntu-impish", "server/21.10"],
        "Ubuntu 21.10",
        "2022-07-14",
    ),
    release(
        &["ubuntu-jammy", "server/22.04"],
        "Ubuntu 22.04",
        "2027-06-01",
    ),
    release(
        &["ubuntu-kinetic", "server/22.10"],
        "Ubuntu 22.10",
        "2023-07-20",
    ),
    release(
        &["ubuntu-lunar", "server/23.04"],
        "Ubuntu 23.04",
        "2024-01-25",
    ),
    release(
        &["ubuntu-mantic", "server/23.10"],
        "Ubuntu 23.10",
        "2024-07-11",
    ),
    release(
        &["ubuntu-noble", "server/24.04"],
        "Ubuntu 24.04",
        "2029-05-31",
    ),
    release(
        &["ubuntu-oracular", "server/24.10"],
        "Ubuntu 24.10",
        "2025-07-10",
    ),
    release(
        &["ubuntu-plucky", "server/25.04"],
        "Ubuntu 25.04",
        "2026-01-15",
    ),
    release(
        &["ubuntu-questing", "server/25.10"],
        "Ubuntu 25.10",
        "2026-07-09",
    ),
    release(
        &["ubuntu-resolute", "server/26.04"],
        "Ubuntu 26.04",
        "2031-05-29",
    ),
    release(&["rhel-6"], "RHEL 6", "2020-11-30"),
    release(&["rhel-7"], "RHEL 7", "2024-06-30"),
    release(&["rhel-8"], "RHEL 8", "2029-05-31"),
    release(&["rhel-9"], "RHEL 9", "2032-05-31"),
    release(&["centos-6", "centos linux 6"], "CentOS 6", "2020-11-30"),
    release(&["centos-7", "centos linux 7"], "CentOS 7", "2024-06-30"),
    release(&["centos-8", "centos linux 8"], "CentOS 8", "2021-12-31"),
    release(
        &["centos stream 8", "centos-stream-8"],
        "CentOS Stream 8",
        "2024-05-31",
    ),
    release(
        &["centos stream 9", "centos-stream-9"],
        "CentOS Stream 9",
        "2027-05-31",
    ),
];

pub(super) fn check<'a>(material: &'a Material, context: Context<'_>, found: &mut Findings<'a>) {
    let (Some(base), Some(today)) = (&material.base, context.today.and_then(days)) else {
        return;
    };
    for (written, name) in named(base) {
        let is_meant = |release: &&Release| release.marks.iter().any(|mark| name.contains(mark));
        let Some(release) = RELEASES.iter().find(is_meant) else {
            continue;
        };
        let Some(left) = days(release.ends).map(|end| end - today) else {
            continue;
        };
        let message = match left {
            ..0 => format!(
                "{} has had no security updates since {}",
                release.name, release.ends
            ),
            0..=NOTICE => format!(
                "{} gets security updates until {} only",
                release.name, release.ends
            ),
            _ => continue,
        };
        let hint =
            "choose a newer release: AWS Marketplace refuses images of systems without support";
        found.warn(Code::EndOfLife, material.value(written), message, hint);
    }
}

/// Days from 0000-03-01 to a date, `YYYY-MM-DD`.
fn days(date: &str) -> Option<i64> {
    let mut parts = date.splitn(3, '-').map(str::parse::<i64>);
    let (year, month, day) = (
        parts.next()?.ok()?,
        parts.next()?.ok()?,
        parts.next()?.ok()?,
    );
    // Years begin in March, so that leap days are last.
    let year = if month < 3 {
        year.checked_sub(1)?
    } else {
        year
    };
    let month = (month + 9).rem_euclid(12);
    let leap_days = year / 4 - year / 100 + year / 400;
    Some(year.checked_mul(365)? + leap_days + (153 * month + 2) / 5 + day - 1)
}

#[cfg(test)]
mod tests {
    use super::{RELEASES, days};

    #[test]
    fn days_are_counted_across_months_and_leap_years() {
        let between = |from, to| days(to).unwrap() - days(from).unwrap();
        assert_eq!(between("2026-06-30", "2026-07-01"), 1);
        assert_eq!(between("2023-12-31", "2024-12-31"), 366);
        assert_eq!(between("2024-02-28", "2024-03-01"), 2);
        assert_eq!(between("1900-02-28", "1900-03-01"), 1);
        assert_eq!(between("2000-01-01", "2026-11-22"), 9822);
        assert_eq!(days("soon"), None);
    }

    #[test]
    fn every_date_is_one() {
        for release in &RELEASES {
            assert!(
                days(release.ends).is_some() && release.ends.len() == 10,
                "{}",
                release.name
            );
            assert!(
                release
                    .marks
                    .iter()
                    .all(|mark| *mark == mark.to_ascii_lowercase())
            );
        }
    }
}
