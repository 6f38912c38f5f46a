//! Where two profiles ask for opposite things: a recipe that follows both has to choose.

/// One subject on which profiles disagree.
#[derive(Debug)]
pub struct Conflict {
    /// Its name in recipes.
    pub topic: &'static str,
    /// Why both cannot be had.
    pub why: &'static str,
    /// What each side asks for, and what choosing it means; the sides differ in their profiles.
    pub sides: &'static [Side],
}

/// One side of a conflict.
#[derive(Debug)]
pub struct Side {
    /// The profiles that ask for it.
    pub profiles: &'static [&'static str],
    /// The rules that ask for it.
    pub rules: &'static [&'static str],
    /// What it asks for, in a few words.
    pub wants: &'static str,
    /// What the image is like when this side is chosen, and what it is then not good for.
    pub outcome: &'static str,
    /// The steps and checks that are left out when another side is chosen.
    pub entries: &'static [&'static str],
}

const BY_AWS: &[&str] = &["marketplace-linux", "shared-ami"];
const BY_CIS: &[&str] = &["cis-hygiene"];

static CONFLICTS: [Conflict; 2] = [
    Conflict {
        topic: "root-password",
        why: "A password in an image is the same on every instance, and AWS refuses one, hashed or not. The CIS \
              benchmarks think of one machine, whose console asks for root's password in rescue mode.",
        sides: &[
            Side {
                profiles: BY_AWS,
                rules: &["MP-SSH-007", "MP-SEC-006"],
                wants: "root has no password and is locked",
                outcome: "root is locked; a CIS audit reports that root has no password",
                entries: &["lock-root-password", "lock-passwords"],
            },
            Side {
                profiles: BY_CIS,
                rules: &["CIS-ACCT-007"],
                wants: "root has a password",
                outcome: "passwords that the build set stay; AWS Marketplace does not accept the image",
                entries: &["root-password"],
            },
        ],
    },
    Conflict {
        topic: "logs",
        why: "The build's logs tell whoever launches the image who built it, where and how. The CIS benchmarks want \
              audit logs kept, whoever they are about.",
        sides: &[
            Side {
                profiles: BY_AWS,
                rules: &["MP-CLEAN-003"],
                wants: "all logs are emptied, those of the audit among them",
                outcome: "an instance begins with empty logs, whatever its audit then does with them",
                entries: &["clear-logs"],
            },
            Side {
                profiles: BY_CIS,
                rules: &["CIS-AUDIT-001"],
                wants: "audit logs are not deleted",
                outcome: "the builder's logs ship with the image",
                entries: &["audit-logs"],
            },
        ],
    },
];

/// All conflicts, in the order in which they are listed.
pub fn conflicts() -> &'static [Conflict] {
    &CONFLICTS
}

impl Conflict {
    /// The side that a profile is on.
    pub fn side(&self, profile: &str) -> Option<&'static Side> {
        self.sides
            .iter()
            .find(|side| side.profiles.contains(&profile))
    }

    /// The ids of the rules by which a profile is on its side.
    pub fn rules_of(&self, profile: &str) -> String {
        self.side(profile)
            .map(|side| side.rules.join(", "))
            .unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::conflicts;
    use crate::{check, profile, rule};

    #[test]
    fn sides_name_what_exists_and_no_profile_is_on_two() {
        for conflict in conflicts() {
            assert!(conflict.sides.len() > 1, "{}", conflict.topic);
            for side in conflict.sides {
                for id in side.rules {
                    assert!(rule(id).is_some(), "{id}");
                }
                for name in side.profiles {
                    assert!(std::ptr::eq(conflict.side(name).unwrap(), side), "{name}");
                    let profile = profile(name).unwrap();
                    let asks = |id: &&&str| {
                        profile.steps.iter().any(|step| step.id == **id)
                            || profile.checks.iter().any(|check| check.id == **id)
                    };
                    assert!(
                        side.entries.iter().any(|id| asks(&id)),
                        "{name}: {}",
                        conflict.topic
                    );
                }
                for id in side.entries {
                    assert!(crate::step(id).is_some() || check(id).is_some(), "{id}");
                }
            }
        }
    }
}
