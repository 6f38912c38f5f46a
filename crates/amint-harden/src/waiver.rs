//! Findings that a recipe accepts, for a reason and for a time.

use std::fmt;

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};

use crate::finding::{Finding, Location};
use crate::glob;
use crate::rule::{Rule, rule, rules};

/// Findings that a recipe accepts.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Waiver {
    /// The rule's id.
    pub rule: String,
    /// Only at paths that match this: `*` stays within a component, `**` stands for any number of them. Any place when
    /// absent, offsets and the disk as a whole included.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
    /// Why they are accepted.
    pub reason: String,
    /// The last day (UTC) on which it holds.
    pub expires: Date,
}

/// Why there cannot be such a waiver.
#[derive(Debug, thiserror::Error)]
pub enum WaiverError {
    /// The catalogue has no such rule.
    #[error("there is no rule `{rule}`")]
    UnknownRule {
        /// The id that was given.
        rule: String,
    },
    /// The proof rests on the rule.
    #[error("the rule `{rule}` guards the proof itself")]
    NotWaivable {
        /// Its id.
        rule: &'static str,
    },
    /// The day is none.
    #[error("`{expires}` is not a date")]
    BadDate {
        /// The text that was given.
        expires: String,
        /// What is wrong with it.
        source: jiff::Error,
    },
}

impl WaiverError {
    /// The way out.
    pub fn hint(&self) -> String {
        match self {
            WaiverError::UnknownRule { .. } => {
                let waivable = rules().iter().filter(|rule| rule.is_waivable());
                let ids: Vec<_> = waivable.map(|rule| rule.id).collect();
                format!("there are `{}`", ids.join("`, `"))
            }
            WaiverError::NotWaivable { .. } => {
                "leave out the waiver, and mend what is found".to_owned()
            }
            WaiverError::BadDate { .. } => "write it as YYYY-MM-DD".to_owned(),
        }
    }
}

impl Waiver {
    /// A waiver until the end of the day `expires` (`YYYY-MM-DD`, UTC).
    ///
    /// # Errors
    /// When the rule is unknown or cannot be waived, and when `expires` is no day.
    pub fn new(
        rule_id: &str,
        path: Option<&str>,
        reason: &str,
        expires: &str,
    ) -> Result<Self, WaiverError> {
        let rule = rule(rule_id).ok_or_else(|| WaiverError::UnknownRule {
            rule: rule_id.to_owned(),
        })?;
        if !rule.is_waivable() {
            return Err(WaiverError::NotWaivable { rule: rule.id });
        }
        let date = expires.parse().map_err(|source| WaiverError::BadDate {
            expires: expires.to_owned(),
            source,
        })?;
        Ok(Self {
            rule: rule.id.to_owned(),
            path: path.map(str::to_owned),
            reason: reason.to_owned(),
            expires: date,
        })
    }

    /// Whether it held no longer at this time.
    pub fn has_expired(&self, now: Timestamp) -> bool {
        TimeZone::UTC.to_datetime(now).date() > self.expires
    }

    /// Whether it certainly accepts, at any place, what the other does; their days aside. Patterns that only a list of all
    /// paths could compare count as different.
    pub fn covers(&self, other: &Waiver) -> bool {
        self.rule == other.rule
            && match (&self.path, &other.path) {
                (None, _) => true,
                (Some(_), None) => false,
                (Some(wide), Some(narrow)) => glob::covers(wide, narrow),
            }
    }

    /// Whether the finding is one of those that it is about, whatever the day.
    pub fn is_about(&self, finding: &Finding) -> bool {
        // A plan may have been written by anybody: what guards the proof holds all the same.
        self.rule == finding.rule
            && rule(&self.rule).is_some_and(Rule::is_waivable)
            && match (&self.path, &finding.location) {
                (None, _) => true,
                (Some(pattern), Location::Path(path)) => glob::matches_path(pattern, path),
                (Some(_), Location::Offset(_) | Location::Disk) => false,
            }
    }
}

impl fmt::Display for Waiver {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.rule)?;
        match &self.path {
            Some(path) => write!(f, " at {path}"),
            None => Ok(()),
        }
    }
}

/// Marks the findings that a waiver covers at this time. Returns how many each waiver covers, in the order of the
/// waivers; a finding that several cover counts for each.
pub fn apply(waivers: &[Waiver], findings: &mut [Finding], now: Timestamp) -> Vec<usize> {
    let cover = |waiver: &Waiver| {
        let mut covered = 0;
        if !waiver.has_expired(now) {
            for finding in findings.iter_mut().filter(|one| waiver.is_about(one)) {
                finding.waived = true;
                covered += 1;
            }
        }
        covered
    };
    waivers.iter().map(cover).collect()
}

/// Which waiver accepts a finding that [`apply`] marked: the one that holds longest.
pub fn accepting<'a>(waivers: &'a [Waiver], finding: &Finding) -> Option<&'a Waiver> {
    let about = waivers.iter().filter(|waiver| waiver.is_about(finding));
    about
        .max_by_key(|waiver| waiver.expires)
        .filter(|_| finding.waived)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rule::{AMINT_SEAL_001, MP_CLEAN_002, MP_CLEAN_004, MP_CLEAN_005, MP_SSH_003};

    const HISTORY: &str = "/home/demo/.bash_history";

    fn waiver(rule: &str, path: Option<&str>) -> Waiver {
        Waiver {
            rule: rule.to_owned(),
            path: path.map(str::to_owned),
            reason: "the demo needs it".to_owned(),
            expires: "2026-01-31".parse().unwrap(),
        }
    }

    fn at(time: &str) -> Timestamp {
        time.parse().unwrap()
    }

    #[test]
    fn rule_and_place_decide() {
        let history = MP_CLEAN_002.at(HISTORY, "a shell history");
        let disk = MP_CLEAN_005.violated(Location::Disk, "a leftover");
        let offset = MP_CLEAN_005.violated(Location::Offset(512), "a leftover");
        for (rule, path, finding, expected) in [
            ("MP-CLEAN-002", None, &history, true),
            ("MP-CLEAN-002", Some(HISTORY), &history, true),
            ("MP-CLEAN-002", Some("/home/*/.*_history"), &history, true),
            ("MP-CLEAN-002", Some("/home/**"), &history, true),
            ("MP-CLEAN-002", Some("/home/*"), &history, false),
            ("MP-CLEAN-002", Some("/root/**"), &history, false),
            ("MP-CLEAN-005", None, &history, false),
            ("MP-CLEAN-005", None, &disk, true),
            ("MP-CLEAN-005", None, &offset, true),
            ("MP-CLEAN-005", Some("/**"), &disk, false),
            ("MP-CLEAN-005", Some("/**"), &offset, false),
        ] {
            let waiver = waiver(rule, path);
            assert_eq!(waiver.is_about(finding), expected, "{waiver}: {finding:?}");
        }
    }

    #[test]
    fn one_without_a_path_covers_all_of_its_rule() {
        for (rule, wide, narrow, expected) in [
            ("MP-CLEAN-002", None, None, true),
            ("MP-CLEAN-002", None, Some(HISTORY), true),
            ("MP-CLEAN-002", Some("/home/**"), Some(HISTORY), true),
            ("MP-CLEAN-002", Some("/**"), None, false),
            ("MP-CLEAN-005", None, Some(HISTORY), false),
        ] {
            let narrow = waiver("MP-CLEAN-002", narrow);
            assert_eq!(waiver(rule, wide).covers(&narrow), expected, "{narrow}");
        }
    }

    #[test]
    fn the_proof_holds_whatever_a_plan_says() {
        for finding in [
            MP_CLEAN_004.violated(Location::Offset(1), "a tracer"),
            AMINT_SEAL_001.violated(Location::Disk, "no marker"),
        ] {
            assert!(!waiver(finding.rule, None).is_about(&finding));
        }
    }

    #[test]
    fn a_waiver_holds_through_the_end_of_its_day() {
        for (now, expired) in [
            ("2020-01-01T00:00:00Z", false),
            ("2026-01-31T23:59:59.999999999Z", false),
            ("2026-02-01T00:00:00Z", true),
            // Already February there, still January in UTC.
            ("2026-02-01T01:00:00+02:00", false),
        ] {
            assert_eq!(
                waiver("MP-SSH-003", None).has_expired(at(now)),
                expired,
                "{now}"
            );
        }
    }

    #[test]
    fn findings_are_marked_and_counted() {
        let found = || {
            [
                MP_CLEAN_002.at("/root/.bash_history", "a shell history"),
                MP_CLEAN_002.at(HISTORY, "a shell history"),
                MP_SSH_003.at("/root/.ssh/authorized_keys", "a key"),
            ]
        };
        let waivers = [
            waiver("MP-CLEAN-002", None),
            waiver("MP-CLEAN-002", Some("/home/**")),
            waiver("MP-CLEAN-001", None),
        ];
        let mut findings = found();
        let counts = apply(&waivers, &mut findings, at("2026-01-31T12:00:00Z"));
        assert_eq!(counts, [2, 1, 0]);
        assert_eq!(
            findings.map(|one| (one.waived, one.fails())),
            [(true, false), (true, false), (false, true)]
        );

        let mut later = waivers[1].clone();
        later.expires = "2026-12-31".parse().unwrap();
        let mut findings = found();
        let waivers = [&waivers[..], &[later]].concat();
        apply(&waivers, &mut findings, at("2026-01-31T12:00:00Z"));
        let until = findings.each_ref().map(|one| accepting(&waivers, one));
        let until = until.map(|waiver| waiver.map(|one| one.expires.to_string()));
        assert_eq!(
            until.each_ref().map(Option::as_deref),
            [Some("2026-01-31"), Some("2026-12-31"), None]
        );

        let waivers = &waivers[..3];
        let mut findings = found();
        let counts = apply(waivers, &mut findings, at("2026-02-01T00:00:00Z"));
        assert_eq!(counts, [0, 0, 0]);
        assert!(findings.iter().all(Finding::fails));
    }

    #[test]
    fn what_cannot_be_waived_is_refused_with_a_way_out() {
        for (rule, expires, message, hint) in [
            (
                "MP-XYZ-001",
                "2026-01-31",
                "there is no rule `MP-XYZ-001`",
                "`MP-SSH-003`",
            ),
            (
                "AMINT-DISK-002",
                "2026-01-31",
                "the rule `AMINT-DISK-002` guards the proof itself",
                "mend",
            ),
            (
                "MP-CLEAN-004",
                "2026-01-31",
                "the rule `MP-CLEAN-004` guards the proof itself",
                "mend",
            ),
            (
                "MP-SSH-003",
                "2026-02-30",
                "`2026-02-30` is not a date",
                "YYYY-MM-DD",
            ),
        ] {
            let error = Waiver::new(rule, None, "why", expires).unwrap_err();
            assert_eq!(error.to_string(), message);
            assert!(error.hint().contains(hint), "{}", error.hint());
        }
    }
}
