//! Which release of which distribution a base image is, as far as its name says.

use std::cmp::Ordering;

use crate::plan::Base;

/// A distribution's release.
#[derive(Debug, Eq, PartialEq)]
pub(super) struct Release {
    distribution: &'static str,
    version: Vec<u32>,
    /// The day it was made (`YYYYMMDD`), where the name says so.
    day: Option<u32>,
}

/// Words that only names of one distribution's images have; those that are part of others come later.
const DISTRIBUTIONS: [(&str, &str); 10] = [
    ("al2023", "amazon"),
    ("amzn", "amazon"),
    ("ubuntu", "ubuntu"),
    ("debian", "debian"),
    ("rhel", "red hat"),
    ("rocky", "rocky"),
    ("almalinux", "alma"),
    ("centos", "centos"),
    ("suse", "suse"),
    ("sles", "suse"),
];

/// Code names that stand for versions.
const CODE_NAMES: [(&str, &str, &[u32]); 15] = [
    ("debian", "stretch", &[9]),
    ("debian", "buster", &[10]),
    ("debian", "bullseye", &[11]),
    ("debian", "bookworm", &[12]),
    ("debian", "trixie", &[13]),
    ("debian", "forky", &[14]),
    ("ubuntu", "trusty", &[14, 4]),
    ("ubuntu", "xenial", &[16, 4]),
    ("ubuntu", "bionic", &[18, 4]),
    ("ubuntu", "focal", &[20, 4]),
    ("ubuntu", "jammy", &[22, 4]),
    ("ubuntu", "noble", &[24, 4]),
    ("ubuntu", "oracular", &[24, 10]),
    ("ubuntu", "plucky", &[25, 4]),
    ("ubuntu", "questing", &[25, 10]),
];

impl Release {
    /// `None` where the base image's name says nothing.
    pub(super) fn of(base: &Base) -> Option<Self> {
        match base {
            Base::Debian { release } => Self::read(&format!("debian-{release}")),
            Base::AwsParameter { name } | Base::AwsNewest { name, .. } => Self::read(name),
            Base::AwsId { .. } | Base::Image { .. } => None,
        }
    }

    fn read(name: &str) -> Option<Self> {
        let name = name.to_ascii_lowercase();
        let found = DISTRIBUTIONS.iter().find_map(|(word, distribution)| {
            let at = name.find(word)?;
            Some((*distribution, &name[at..]))
        });
        let (distribution, rest) = found?;
        let words: Vec<&str> = rest
            .split(|character: char| !character.is_ascii_alphanumeric())
            .collect();
        let by_name = CODE_NAMES.iter().find_map(|(whose, code_name, version)| {
            (*whose == distribution && words.contains(code_name)).then(|| version.to_vec())
        });
        let version = by_name.or_else(|| version(distribution, &words))?;
        // The year in the names of Amazon Linux is its version.
        let cut = || cut_day(rest).filter(|_| distribution != "amazon");
        let day = words.iter().filter_map(|word| day(word)).next();
        let day = day.or_else(cut);
        Some(Self {
            distribution,
            version,
            day,
        })
    }

    /// Whether it is newer than `other`; `None` where that can't be said.
    pub(super) fn compare(&self, other: &Self) -> Option<Ordering> {
        if self.distribution != other.distribution {
            return None;
        }
        let days = match (self.day, other.day) {
            (Some(one), Some(other)) => one.cmp(&other),
            // A name without a day stands for the newest.
            (None, Some(_)) => Ordering::Greater,
            (Some(_), None) => Ordering::Less,
            (None, None) => Ordering::Equal,
        };
        Some(self.version.cmp(&other.version).then(days))
    }
}

fn version(distribution: &str, words: &[&str]) -> Option<Vec<u32>> {
    if distribution == "amazon" {
        return match *words.first()? {
            "al2023" => Some(vec![2023]),
            "amzn2" => Some(vec![2]),
            "amzn" => Some(vec![1]),
            _ => None,
        };
    }
    let small =
        |word: &&str| matches!(word.len(), 1 | 2) && word.bytes().all(|byte| byte.is_ascii_digit());
    let start = words.iter().position(small)?;
    let numbers = words[start..].iter().take_while(|word| small(word)).take(2);
    numbers.map(|word| word.parse().ok()).collect()
}

fn day(word: &str) -> Option<u32> {
    let is_day = word.len() == 8 && word.starts_with("20");
    is_day.then(|| word.parse().ok())?
}

/// The last day that a pattern such as `2023*` stands for, or one behind it.
fn cut_day(name: &str) -> Option<u32> {
    let mut patterns = name.split('*');
    // What is behind the last star is no pattern's start.
    patterns.next_back();
    let mut starts = patterns.filter_map(|text| {
        let start = text
            .rsplit(|character: char| !character.is_ascii_digit())
            .next()?;
        let is_cut = (4..8).contains(&start.len()) && start.starts_with("20");
        is_cut.then(|| format!("{start:9<8}").parse().ok())?
    });
    starts.next()
}

#[cfg(test)]
mod tests {
    use std::cmp::Ordering::{Equal, Greater, Less};

    use super::Release;

    #[test]
    fn names_say_which_release_is_newer() {
        const UBUNTU: &str = "/aws/service/canonical/ubuntu/server";
        const AMAZON: &str = "/aws/service/ami-amazon-linux-latest";
        for (one, other, expected) in [
            ("debian-bookworm", "debian-bullseye", Some(Greater)),
            ("debian-12-amd64-*", "debian-bookworm", Some(Equal)),
            (
                "debian-12-amd64-20240201-1",
                "debian-12-amd64-20240301-9",
                Some(Less),
            ),
            (
                "debian-13-amd64-20250101",
                "debian-12-amd64-20250601",
                Some(Greater),
            ),
            (
                &format!("{UBUNTU}/22.04/stable/current/amd64/hvm/ebs-gp2/ami-id"),
                &format!("{UBUNTU}/noble/stable/current/amd64/hvm/ebs-gp2/ami-id"),
                Some(Less),
            ),
            (
                "ubuntu/images/hvm-ssd/ubuntu-jammy-22.04-amd64-server-*",
                "ubuntu/images/hvm-ssd-gp3/ubuntu-noble-24.04-amd64-server-*",
                Some(Less),
            ),
            (
                &format!("{AMAZON}/amzn2-ami-hvm-x86_64-gp2"),
                &format!("{AMAZON}/al2023-ami-kernel-default-x86_64"),
                Some(Less),
            ),
            ("RHEL-9.4*", "RHEL-9.3*", Some(Greater)),
            (
                &format!("{UBUNTU}/24.04/stable/current/amd64/hvm/ebs-gp3/ami-id"),
                &format!("{UBUNTU}/24.04/stable/20240423/amd64/hvm/ebs-gp3/ami-id"),
                Some(Greater),
            ),
            (
                "debian-12-amd64-20230612-*",
                "debian-12-amd64-*",
                Some(Less),
            ),
            ("debian-12-amd64-2023*", "debian-12-amd64-*", Some(Less)),
            (
                "debian-12-amd64-2023*",
                "debian-12-amd64-20230612-*",
                Some(Greater),
            ),
            (
                "debian-12-amd64-2023*",
                "debian-12-amd64-202402*",
                Some(Less),
            ),
            (
                "al2023-ami-2023*-x86_64",
                "al2023-ami-*-x86_64",
                Some(Equal),
            ),
            (
                "debian-13-amd64-20250101-*",
                "debian-12-amd64-*",
                Some(Greater),
            ),
            ("debian-12-*", "ubuntu-22.04-*", None),
        ] {
            let read = |name: &str| Release::read(name).unwrap_or_else(|| panic!("{name}"));
            assert_eq!(read(one).compare(&read(other)), expected, "{one} {other}");
            let back = expected.map(|order: std::cmp::Ordering| order.reverse());
            assert_eq!(read(other).compare(&read(one)), back, "{other} {one}");
        }
    }

    #[test]
    fn other_names_say_nothing() {
        for name in ["", "my-golden-image-7", "debian-*", "amznish", "ubuntu"] {
            assert_eq!(Release::read(name), None, "{name}");
        }
    }
}
