//! Several profiles at once: the union of their lists, in the one order that works, without the entries that lose a
//! conflict.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use crate::check::Check;
use crate::conflict::{Conflict, Side, conflicts};
use crate::profile::{Profile, profile};
use crate::step::HardeningStep;
use crate::steps;

/// Why profiles cannot be followed together.
#[derive(Debug, thiserror::Error)]
pub enum CombineError {
    /// The catalogue has no such profile.
    #[error("there is no profile `{0}`")]
    UnknownProfile(String),
    /// Nothing was named.
    #[error("no profile is named")]
    None,
    /// Two of them ask for opposite things, and nothing says which one counts.
    #[error("`{left}` ({}) and `{right}` ({}) disagree on `{}`: {}", .conflict.rules_of(left), .conflict.rules_of(right),
        .conflict.topic, .conflict.why)]
    Undecided {
        /// What about.
        conflict: &'static Conflict,
        /// The profile on one side.
        left: &'static str,
        /// The profile on the other.
        right: &'static str,
    },
    /// A choice about what nobody disagrees on.
    #[error("`{topic}` is nothing that these profiles disagree on")]
    NoConflict {
        /// What about.
        topic: String,
    },
    /// A choice of a profile that is not on any side of the conflict.
    #[error("`{choice}` is none of the profiles that disagree on `{topic}`")]
    NoSide {
        /// What about.
        topic: String,
        /// What was chosen.
        choice: String,
    },
}

impl CombineError {
    /// What to do about it.
    pub fn hint(&self) -> Option<String> {
        match self {
            CombineError::Undecided {
                conflict,
                left,
                right,
            } => Some(format!(
                "choose one: `choices: {{ {topic}: {left} }}` or `choices: {{ {topic}: {right} }}`; \
                 `amint steps --conflicts` says what that means",
                topic = conflict.topic,
            )),
            CombineError::NoConflict { .. } | CombineError::NoSide { .. } => {
                Some("`amint steps --conflicts` lists them".to_owned())
            }
            CombineError::UnknownProfile(_) | CombineError::None => None,
        }
    }
}

/// The profile that follows all the named ones. `choices` says which profile counts where two disagree, by topic.
///
/// One name gives the profile itself. Its reference names everything that it depends on, so that a plan made with it
/// can be told from every other; [`by_reference`] finds it again.
///
/// # Errors
/// When a name is unknown, when a conflict is undecided, and when a choice decides nothing.
pub fn combine(
    names: &[String],
    choices: &BTreeMap<String, String>,
) -> Result<&'static Profile, CombineError> {
    let mut profiles: Vec<&'static Profile> = Vec::new();
    for name in names {
        let found = profile(name).ok_or_else(|| CombineError::UnknownProfile(name.clone()))?;
        if !profiles.iter().any(|one| one.name == found.name) {
            profiles.push(found);
        }
    }
    let losing = losing_entries(&profiles, choices)?;
    match profiles.as_slice() {
        [] => Err(CombineError::None),
        [one] => Ok(one),
        several => Ok(made(several, choices, &losing)),
    }
}

/// The profile with this reference: one of the catalogue's, or one that [`combine`] makes.
pub fn by_reference(reference: &str) -> Option<&'static Profile> {
    let (profiles, chosen) = reference.split_once(':').unwrap_or((reference, ""));
    let name = |one: &str| one.split('@').next().unwrap_or_default().to_owned();
    let names: Vec<String> = profiles.split('+').map(name).collect();
    let choices = chosen
        .split(',')
        .filter_map(|choice| choice.split_once('='));
    let choices = choices.map(|(topic, choice)| (topic.to_owned(), choice.to_owned()));
    combine(&names, &choices.collect())
        .ok()
        .filter(|profile| profile.reference() == reference)
}

/// The ids of the steps and checks that lose, conflict by conflict.
fn losing_entries(
    profiles: &[&'static Profile],
    choices: &BTreeMap<String, String>,
) -> Result<Vec<&'static str>, CombineError> {
    let mut losing = Vec::new();
    for conflict in conflicts() {
        let on = |side: &Side| {
            profiles
                .iter()
                .find(|one| side.profiles.contains(&one.name))
        };
        let sides: Vec<_> = conflict
            .sides
            .iter()
            .filter(|side| on(side).is_some())
            .collect();
        let choice = choices.get(conflict.topic);
        match (sides.as_slice(), choice) {
            ([left, right, ..], None) => return Err(undecided(conflict, profiles, left, right)),
            ([_, _, ..], Some(choice)) => {
                let named = |side: &&Side| side.profiles.contains(&choice.as_str());
                let chosen = sides
                    .iter()
                    .copied()
                    .find(|side| named(side) && is_among(profiles, choice));
                let Some(chosen) = chosen else {
                    let (topic, choice) = (conflict.topic.to_owned(), choice.clone());
                    return Err(CombineError::NoSide { topic, choice });
                };
                let others = sides.iter().filter(|side| !std::ptr::eq(**side, chosen));
                losing.extend(others.flat_map(|side| side.entries));
            }
            (_, Some(_)) => {
                let topic = conflict.topic.to_owned();
                return Err(CombineError::NoConflict { topic });
            }
            (_, None) => {}
        }
    }
    let known = |topic: &&String| conflicts().iter().any(|conflict| conflict.topic == **topic);
    match choices.keys().find(|topic| !known(topic)) {
        Some(topic) => Err(CombineError::NoConflict {
            topic: topic.clone(),
        }),
        None => Ok(losing),
    }
}

fn is_among(profiles: &[&'static Profile], name: &str) -> bool {
    profiles.iter().any(|one| one.name == name)
}

fn undecided(
    conflict: &'static Conflict,
    profiles: &[&'static Profile],
    left: &Side,
    right: &Side,
) -> CombineError {
    let name = |side: &Side| {
        let named = profiles
            .iter()
            .find(|one| side.profiles.contains(&one.name));
        named.map_or("", |one| one.name)
    };
    CombineError::Undecided {
        conflict,
        left: name(left),
        right: name(right),
    }
}

/// Profiles live as long as the program; each combination is made once.
static MADE: Mutex<BTreeMap<String, &'static Profile>> = Mutex::new(BTreeMap::new());

fn made(
    profiles: &[&'static Profile],
    choices: &BTreeMap<String, String>,
    losing: &[&str],
) -> &'static Profile {
    let mut references: Vec<String> = profiles.iter().map(|one| one.reference()).collect();
    references.sort();
    let chosen: Vec<String> = choices
        .iter()
        .map(|(topic, choice)| format!("{topic}={choice}"))
        .collect();
    let mut key = references.join("+");
    if !chosen.is_empty() {
        key = format!("{key}:{}", chosen.join(","));
    }
    let mut made = MADE.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(profile) = made.get(&key) {
        return profile;
    }
    let keeps = |id: &str| !losing.contains(&id);
    // In the catalogue's order, which is that of no profile alone.
    let steps: Vec<&'static HardeningStep> = steps::in_order()
        .filter(|step| keeps(step.id))
        .filter(|step| {
            profiles
                .iter()
                .any(|one| one.steps.iter().any(|other| other.id == step.id))
        })
        .collect();
    let mut checks: Vec<&'static Check> = profiles
        .iter()
        .flat_map(|one| one.checks)
        .copied()
        .filter(|check| keeps(check.id))
        .collect();
    checks.sort_by_key(|check| check.id);
    checks.dedup_by_key(|check| check.id);
    let profile: &'static Profile = Box::leak(Box::new(Profile {
        name: Box::leak(key.clone().into_boxed_str()),
        version: 0,
        title: "several profiles at once",
        steps: Box::leak(steps.into_boxed_slice()),
        checks: Box::leak(checks.into_boxed_slice()),
    }));
    made.insert(key, profile);
    profile
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::{CombineError, by_reference, combine};
    use crate::profile::{Profile, profiles};

    fn names(names: &[&str]) -> Vec<String> {
        names.iter().map(|name| (*name).to_owned()).collect()
    }

    fn choices(choices: &[(&str, &str)]) -> BTreeMap<String, String> {
        let owned = |(topic, choice): &(&str, &str)| ((*topic).to_owned(), (*choice).to_owned());
        choices.iter().map(owned).collect()
    }

    fn has(profile: &Profile, id: &str) -> bool {
        profile.steps.iter().any(|step| step.id == id)
            || profile.checks.iter().any(|check| check.id == id)
    }

    const BOTH: [&str; 2] = ["cis-hygiene", "marketplace-linux"];

    #[test]
    fn one_profile_is_itself() {
        for profile in profiles() {
            let alone = combine(&names(&[profile.name]), &BTreeMap::new()).unwrap();
            assert!(std::ptr::eq(alone, *profile));
            assert!(std::ptr::eq(
                by_reference(&profile.reference()).unwrap(),
                *profile
            ));
        }
        assert!(by_reference("marketplace-linux@0").is_none());
        assert!(by_reference("").is_none());
    }

    #[test]
    fn an_undecided_conflict_names_both_rules_and_the_way_out() {
        let error = combine(&names(&BOTH), &BTreeMap::new()).unwrap_err();
        let (text, hint) = (error.to_string(), error.hint().unwrap());
        assert!(
            text.contains("MP-SSH-007") && text.contains("CIS-ACCT-007"),
            "{text}"
        );
        assert!(
            hint.contains("choices: { root-password: marketplace-linux }"),
            "{hint}"
        );
    }

    #[test]
    fn what_is_chosen_stays_and_the_other_side_goes() {
        let decided = choices(&[
            ("root-password", "marketplace-linux"),
            ("logs", "cis-hygiene"),
        ]);
        let both = combine(&names(&BOTH), &decided).unwrap();
        for kept in [
            "lock-root-password",
            "lock-passwords",
            "audit-logs",
            "set-file-modes",
            "ownership",
        ] {
            assert!(has(both, kept), "{kept}");
        }
        for gone in ["root-password", "clear-logs"] {
            assert!(!has(both, gone), "{gone}");
        }
        let turned = combine(&names(&["marketplace-linux", "cis-hygiene"]), &decided).unwrap();
        assert!(std::ptr::eq(both, turned));
        assert!(
            std::ptr::eq(by_reference(&both.reference()).unwrap(), both),
            "{}",
            both.reference()
        );
        let order = |id: &str| both.steps.iter().position(|step| step.id == id).unwrap();
        assert!(order("lock-passwords") < order("remove-account-backups"));
    }

    #[test]
    fn profiles_that_agree_need_no_choice() {
        let both = combine(
            &names(&["shared-ami", "marketplace-linux"]),
            &BTreeMap::new(),
        )
        .unwrap();
        assert!(has(both, "lock-passwords"));
        assert!(by_reference(&both.reference()).is_some());
    }

    #[test]
    fn choices_that_decide_nothing_are_refused() {
        let refused = |profiles: &[&str], chosen: &[(&str, &str)]| {
            combine(&names(profiles), &choices(chosen)).unwrap_err()
        };
        let error = refused(
            &["marketplace-linux"],
            &[("root-password", "marketplace-linux")],
        );
        assert!(matches!(error, CombineError::NoConflict { .. }));
        let error = refused(
            &BOTH,
            &[("root-password", "shared-ami"), ("logs", "cis-hygiene")],
        );
        assert!(matches!(error, CombineError::NoSide { .. }));
        let decided = [
            ("root-password", "cis-hygiene"),
            ("logs", "cis-hygiene"),
            ("x", "y"),
        ];
        assert!(matches!(
            refused(&BOTH, &decided),
            CombineError::NoConflict { .. }
        ));
        assert!(matches!(
            refused(&["mine"], &[]),
            CombineError::UnknownProfile(_)
        ));
        assert!(matches!(refused(&[], &[]), CombineError::None));
    }
}
