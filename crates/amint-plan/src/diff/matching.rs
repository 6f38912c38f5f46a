//! Which step of the old plan is which of the new one.

use std::hash::{DefaultHasher, Hash, Hasher};

use super::pairing::Pairing;
use crate::plan::{Action, Step};
use crate::steps::install_packages::packages;

/// From this likeness, in thousandths, two steps of the same kind are one that changed.
const ALIKE: u32 = 500;

/// Most bytes of a file that count for likeness.
const MOST_BYTES: usize = 64 * 1024;

/// An action as what it does; contents by their digests.
#[derive(Eq, Hash, PartialEq)]
enum Deed<'a> {
    Run(&'a str),
    Upload(&'a str, Option<&'a str>, Option<&'a str>, u32, &'a str),
    Reboot,
}

fn deeds(step: &Step) -> Vec<Deed<'_>> {
    step.actions
        .iter()
        .map(|action| match action {
            Action::Run { script } => Deed::Run(script),
            Action::Upload {
                to,
                owner,
                group,
                mode,
                sha256,
                size: _,
                content: _,
            } => Deed::Upload(to, owner.as_deref(), group.as_deref(), *mode, sha256),
            Action::Reboot => Deed::Reboot,
        })
        .collect()
}

/// Whether two steps do the same.
pub(super) fn do_the_same(one: &Step, other: &Step) -> bool {
    deeds(one) == deeds(other)
}

/// Whether its name says no more than its kind and position.
pub(super) fn is_unnamed(step: &Step) -> bool {
    step.name == format!("{}-{}", step.kind, step.index)
}

/// By name and deeds, by deeds, by name, by likeness; steps without a name by their position last of all.
pub(super) fn pair_up(old: &[Step], new: &[Step]) -> Pairing {
    let mut pairing = Pairing::new(old.len(), new.len());
    let same = |step| {
        let Step { name, kind, .. }: &Step = step;
        (name.clone(), kind.clone(), deeds(step))
    };
    pairing.by_key(|at| Some(same(&old[at])), |at| Some(same(&new[at])));
    let deed = |step: &Step| step.kind.clone();
    pairing.by_key(
        |at| Some((deed(&old[at]), deeds(&old[at]))),
        |at| Some((deed(&new[at]), deeds(&new[at]))),
    );
    // Whether there is one of these says something by itself: another kind of the same name does not stand in for it.
    let guard = |step: &Step| {
        matches!(step.kind.as_str(), "upgrade-packages" | "first-boot-secret")
            .then(|| step.kind.clone())
    };
    let name = |step: &Step| (!is_unnamed(step)).then(|| (step.name.clone(), guard(step)));
    pairing.by_key(|at| name(&old[at]), |at| name(&new[at]));
    let features = |steps: &[Step], left: &[Option<usize>]| -> Vec<Vec<u64>> {
        let steps = steps.iter().zip(left);
        let features = steps.map(|(step, pair)| match pair {
            Some(_) => Vec::new(),
            None => features(step),
        });
        features.collect()
    };
    let before = features(old, &pairing.of_old);
    let after = features(new, &pairing.of_new);
    pairing.by_likeness(|one, other| {
        let likeness = match old[one].kind == new[other].kind {
            true => likeness(&before[one], &after[other]),
            false => 0,
        };
        (likeness >= ALIKE).then_some(likeness)
    });
    pairing.by_key(
        |at| Some((old[at].name.clone(), guard(&old[at]))),
        |at| Some((new[at].name.clone(), guard(&new[at]))),
    );
    pairing
}

/// What a step is made of: its words, and the paths of its files, as sorted hashes.
fn features(step: &Step) -> Vec<u64> {
    let mut features = Vec::new();
    for action in &step.actions {
        match action {
            Action::Run { script } if step.kind == "install-packages" => {
                features.extend(packages(script).map(hash));
            }
            // What every script begins with makes none alike.
            Action::Run { script } => {
                let own = script.strip_prefix("set -eu\n").unwrap_or(script);
                features.extend(own.split_whitespace().map(hash));
            }
            Action::Upload { to, content, .. } => {
                let text = std::str::from_utf8(content).ok();
                let words = text
                    .filter(|text| text.len() <= MOST_BYTES)
                    .unwrap_or_default();
                let words: Vec<u64> = words.split_whitespace().map(hash).collect();
                // The place counts as much as the content.
                features.extend(std::iter::repeat_n(hash(to), words.len().max(1)));
                features.extend(words);
            }
            Action::Reboot => {}
        }
    }
    features.sort_unstable();
    features
}

/// What chooses between steps of which either could be said to have moved: any number that hangs on nothing else than what
/// the step is. The same in every process.
pub(super) fn weight(step: &Step) -> u64 {
    let mut hasher = DefaultHasher::new();
    (&step.name, &step.kind, deeds(step)).hash(&mut hasher);
    hasher.finish() >> 1
}

/// The same in every process: a diff must not differ from itself.
fn hash(text: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    text.hash(&mut hasher);
    hasher.finish()
}

/// How much of both is the same, in thousandths.
fn likeness(one: &[u64], other: &[u64]) -> u32 {
    let (mut shared, mut left, mut right) = (0, 0, 0);
    while let (Some(first), Some(second)) = (one.get(left), other.get(right)) {
        shared += usize::from(first == second);
        left += usize::from(first <= second);
        right += usize::from(second <= first);
    }
    let all = one.len() + other.len();
    u32::try_from(2000 * shared / all.max(1)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::pair_up;
    use crate::plan::{Action, Step};

    fn steps(scripts: &[(&str, &str)]) -> Vec<Step> {
        let step = |(at, (name, script)): (usize, &(&str, &str))| Step {
            index: at + 1,
            name: match *name {
                "" => format!("shell-{}", at + 1),
                name => name.to_owned(),
            },
            kind: "shell".to_owned(),
            timeout_seconds: 1,
            actions: vec![Action::Run {
                script: format!("set -eu\n{script}"),
            }],
        };
        scripts.iter().enumerate().map(step).collect()
    }

    #[test]
    fn renames_are_followed() {
        for (old, new, expected) in [
            // By deeds, whatever the name.
            (&[("a", "ls -l")][..], &[("b", "ls -l")][..], &[Some(0)][..]),
            // Names that only count positions mean nothing.
            (
                &[("", "one"), ("", "two")],
                &[("", "new"), ("", "one"), ("", "two")],
                &[Some(1), Some(2)],
            ),
            (
                &[("", "one two three four")],
                &[("", "x"), ("b", "one two three five")],
                &[Some(1)],
            ),
            // A name that was given counts more than likeness.
            (
                &[("a", "one two")],
                &[("b", "one two three"), ("a", "x")],
                &[Some(1)],
            ),
            (&[("a", "one two")], &[("b", "three four")], &[None]),
            (&[("", "one two")], &[("", "three four")], &[Some(0)]),
            (
                &[("a", "x"), ("b", "y")],
                &[("b", "x"), ("a", "y")],
                &[Some(0), Some(1)],
            ),
        ] {
            let (old, new) = (steps(old), steps(new));
            let forth = pair_up(&old, &new);
            assert_eq!(forth.of_old, expected, "{old:?} {new:?}");
            assert_eq!(forth.of_old, pair_up(&new, &old).of_new);
        }
    }
}
