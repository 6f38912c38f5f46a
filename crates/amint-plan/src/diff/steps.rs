//! `steps`: which are new, gone, renamed or moved, and what those of both plans do differently.

use std::collections::{BTreeMap, BTreeSet};

use super::change::{Change, Class, Detail, Place};
use super::changes::{Changes, count, duration, list, quoted};
use super::facts::{self, Fact, Steps};
use super::files::shown_text;
use super::matching::{do_the_same, is_unnamed, pair_up};
use super::order::{self, Deeds};
use super::rule::{DiffRule, both_ways, pair};
use super::shell::Command;
use super::{downloads, files, packages, secret_steps, shell, touches};
use crate::plan::{Action, Step};
use crate::steps::install_packages;

static ADDED: DiffRule = pair(
    "DIFF-STEP-001",
    Class::Changed,
    "DIFF-STEP-002",
    "a step is new",
    "Something more is done to the image. What of it is known to weaken or strengthen is listed by itself.",
);
static REMOVED: DiffRule = pair(
    "DIFF-STEP-002",
    Class::Changed,
    "DIFF-STEP-001",
    "a step is gone",
    "Something less is done to the image. What of it is known to weaken or strengthen is listed by itself.",
);
static RENAMED: DiffRule = both_ways(
    "DIFF-STEP-003",
    Class::Neutral,
    "a step has another name",
    "A name does nothing.",
);
static SCRIPT: DiffRule = both_ways(
    "DIFF-STEP-004",
    Class::Changed,
    "a step runs another script",
    "What it does differently is for a reader to see. What of it is known to weaken or strengthen is listed by itself.",
);
static TIMEOUT: DiffRule = both_ways(
    "DIFF-STEP-005",
    Class::Neutral,
    "a step may take another time",
    "A step that takes longer fails the build; the time changes nothing in the image.",
);
static KIND: DiffRule = both_ways(
    "DIFF-STEP-006",
    Class::Changed,
    "a step of the same name does something of another kind",
    "It is another step but for its name.",
);
static DEEDS: DiffRule = both_ways(
    "DIFF-STEP-007",
    Class::Changed,
    "a step does its work in another way",
    "Its script, files or their order differ in something that has no rule of its own, as with another release of amint.",
);
static PACKAGES: DiffRule = both_ways(
    "DIFF-STEP-008",
    Class::Neutral,
    "a step installs another list of packages",
    "Packages that are new or gone are listed by themselves, wherever they are installed.",
);
static NO_UPGRADE: DiffRule = pair(
    "DIFF-STEP-009",
    Class::Weakened,
    "DIFF-STEP-010",
    "packages are no longer brought up to date",
    "Holes that were mended since the base image was made are in the image.",
);
static UPGRADE: DiffRule = pair(
    "DIFF-STEP-010",
    Class::Strengthened,
    "DIFF-STEP-009",
    "packages are brought up to date",
    "What was mended since the base image was made is mended in the image.",
);

pub(super) static RULES: &[&DiffRule] = &[
    &ADDED,
    &REMOVED,
    &RENAMED,
    &SCRIPT,
    &TIMEOUT,
    &KIND,
    &DEEDS,
    &PACKAGES,
    &NO_UPGRADE,
    &UPGRADE,
];

pub(super) fn compare(old: &[Step], new: &[Step], changes: &mut Changes) {
    let pairing = pair_up(old, new);
    let steps = Steps {
        old,
        new,
        pairing: &pairing,
    };
    let mut found = Changes::default();
    let (before, after) = (Read::from(old), Read::from(new));
    presence(steps, [&before, &after], &mut found);
    for (before, after) in pairing.pairs() {
        compare_pair(
            &old[before],
            &new[after],
            &steps.place_of_new(after),
            &mut found,
        );
    }
    files::compare(steps, &mut found);
    facts::compare(&before.touches, &after.touches, steps, &mut found);
    facts::compare(&before.others, &after.others, steps, &mut found);
    let deeds = Deeds {
        old: &before.touches,
        new: &after.touches,
        old_cleaning: &before.cleaning,
        new_cleaning: &after.cleaning,
    };
    order::compare(steps, &deeds, &mut found);
    unsaid(steps, &mut found);
    in_order(steps, &mut found);
    changes.0.append(&mut found.0);
}

/// What is read from the scripts and files of a plan.
#[derive(Default)]
struct Read {
    /// What they do to the subjects that guard an image.
    touches: Vec<Fact>,
    /// What they download and install.
    others: Vec<Fact>,
    /// The steps that clean up.
    cleaning: BTreeSet<usize>,
    /// The first step of a script that brings all packages up to date.
    upgrade: Option<usize>,
}

impl Read {
    fn from(steps: &[Step]) -> Self {
        let mut read = Read::default();
        for (at, step) in steps.iter().enumerate() {
            // The scripts of the other kinds are amint's own.
            match step.kind.as_str() {
                "shell" => scripts(step).for_each(|script| read.script(at, script)),
                "install-packages" => {
                    scripts(step)
                        .for_each(|script| packages::of_step(at, script, &mut read.others));
                }
                "file" => {
                    touches::of_files(at, step, &mut read.touches);
                    shell_files(step)
                        .for_each(|script| read.commands(at, &shell::commands(script)));
                }
                _ => {}
            }
        }
        read
    }

    fn script(&mut self, at: usize, script: &str) {
        let commands = shell::commands(script);
        self.commands(at, &commands);
        if order::cleans_up(&commands) {
            self.cleaning.insert(at);
        }
        if self.upgrade.is_none() && packages::upgrades(&commands) {
            self.upgrade = Some(at);
        }
    }

    fn commands(&mut self, at: usize, commands: &[Command]) {
        touches::of_script(at, commands, &mut self.touches);
        downloads::of_script(at, commands, &mut self.others);
        packages::of_script(at, commands, &mut self.others);
    }
}

/// Files that say themselves that a shell runs them, on the builder or on every instance.
fn shell_files(step: &Step) -> impl Iterator<Item = &str> {
    let texts = step.actions.iter().filter_map(|action| match action {
        Action::Upload { content, .. } => std::str::from_utf8(content).ok(),
        Action::Run { .. } | Action::Reboot => None,
    });
    texts.filter(|text| {
        let first = text.lines().next().unwrap_or_default();
        first.starts_with("#!") && first.contains("sh")
    })
}

fn scripts(step: &Step) -> impl Iterator<Item = &str> {
    step.actions.iter().filter_map(|action| match action {
        Action::Run { script } => Some(script.as_str()),
        Action::Upload { .. } | Action::Reboot => None,
    })
}

/// Steps that are only on one side.
fn presence(steps: Steps<'_>, read: [&Read; 2], changes: &mut Changes) {
    let is_upgrade = |step: &Step| step.kind == "upgrade-packages";
    let upgrades = |steps: &[Step]| steps.iter().any(is_upgrade);
    let (old_script, new_script) = (read[0].upgrade, read[1].upgrade);
    let before = upgrades(steps.old) || old_script.is_some();
    let after = upgrades(steps.new) || new_script.is_some();
    let by_script = |name: &str, how: &str| {
        let name = quoted(name);
        format!("the script of the step {name} {how} brings all packages up to date")
    };
    match (old_script, new_script) {
        (None, Some(at)) if !before && !upgrades(steps.new) => {
            let message = by_script(&steps.new[at].name, "now");
            changes.push(Change::by(&UPGRADE, steps.place_of_new(at), message));
        }
        (Some(at), None) if !after && !upgrades(steps.old) => {
            let message = by_script(&steps.old[at].name, "no longer");
            changes.push(Change::by(&NO_UPGRADE, steps.place_of_old(at), message));
        }
        _ => {}
    }
    for at in steps.pairing.added() {
        let step = &steps.new[at];
        let rule = match step.kind.as_str() {
            "upgrade-packages" if !before => &UPGRADE,
            "first-boot-secret" => &secret_steps::ADDED,
            _ => &ADDED,
        };
        let message = format!("the step {} is new: it {}", quoted(&step.name), deed(step));
        let change = Change::by(rule, steps.place_of_new(at), message);
        changes.push(change.is(&step.name).with(detail(None, Some(step))));
    }
    for at in steps.pairing.removed() {
        let step = &steps.old[at];
        let rule = match step.kind.as_str() {
            "upgrade-packages" if !after => &NO_UPGRADE,
            "first-boot-secret" => &secret_steps::REMOVED,
            _ => &REMOVED,
        };
        let name = quoted(&step.name);
        let message = format!("the step {name}, which {}, is gone", deed(step));
        let change = Change::by(rule, steps.place_of_old(at), message);
        changes.push(change.was(&step.name).with(detail(Some(step), None)));
    }
}

/// What a step does, in words that hold for what was and for what will be.
fn deed(step: &Step) -> String {
    let upload = step.actions.iter().find_map(|action| match action {
        Action::Upload { to, .. } => Some(to),
        Action::Run { .. } | Action::Reboot => None,
    });
    match (step.kind.as_str(), upload) {
        ("file", Some(to)) => format!("puts the file {} in place", quoted(to)),
        ("upgrade-packages", _) => "brings all packages up to date".to_owned(),
        ("reboot", _) => "restarts the builder".to_owned(),
        ("first-boot-secret", _) => "has each instance make a secret of its own".to_owned(),
        ("install-packages", _) => {
            let names = scripts(step).flat_map(install_packages::packages);
            let names: Vec<String> = names.map(str::to_owned).collect();
            format!("installs {}", list(&names))
        }
        _ => {
            // The first line is amint's.
            let lines = scripts(step).map(|script| script.lines().skip(1).count());
            format!(
                "runs a script of {}",
                count(lines.sum::<usize>() as u64, "line")
            )
        }
    }
}

/// The text that a reader wants to see: of amint's own scripts none.
fn detail(old: Option<&Step>, new: Option<&Step>) -> Option<Detail> {
    let kind = &old.or(new)?.kind;
    let script = |step: Option<&Step>| {
        step.and_then(|step| scripts(step).next())
            .map(str::to_owned)
    };
    match kind.as_str() {
        "shell" => Some(Detail::Script {
            old: script(old),
            new: script(new),
        }),
        "file" => {
            let (before, after) = (old.and_then(file), new.and_then(file));
            let path = after.as_ref().or(before.as_ref())?.0.clone();
            Some(Detail::File {
                path,
                old: before.map(|(_, text)| text),
                new: after.map(|(_, text)| text),
            })
        }
        _ => None,
    }
}

/// Path and text of a step's first file.
fn file(step: &Step) -> Option<(String, String)> {
    step.actions.iter().find_map(|action| match action {
        Action::Upload { to, content, .. } => Some((to.clone(), shown_text(content)?)),
        Action::Run { .. } | Action::Reboot => None,
    })
}

fn compare_pair(old: &Step, new: &Step, place: &Place, changes: &mut Changes) {
    let Step {
        // Where it runs is told by those that moved.
        index: _,
        name,
        kind,
        timeout_seconds,
        actions: _,
    } = new;
    // A name that only counts positions changes with the steps before it.
    if old.name != *name && !(is_unnamed(old) && is_unnamed(new)) {
        changes.replaced(&RENAMED, place.clone(), "the step's name", &old.name, name);
    }
    let quoted = quoted(name);
    let what = format!("what the step {quoted} does");
    changes.replaced(&KIND, place.clone(), &what, &old.kind, kind);
    changes.amount(
        (&TIMEOUT, &TIMEOUT),
        place.clone(),
        &format!("the time that the step {quoted} may take"),
        (old.timeout_seconds, *timeout_seconds),
        duration,
    );
    if old.kind != *kind {
        return;
    }
    if kind == "first-boot-secret" {
        secret_steps::compare(old, new, place, changes);
    } else if !scripts(old).eq(scripts(new)) {
        let (rule, message) = match kind.as_str() {
            "install-packages" if same_but_for_packages(old, new) => (
                &PACKAGES,
                format!("the step {quoted} installs another list of packages"),
            ),
            _ => (&SCRIPT, format!("the step {quoted} runs another script")),
        };
        let change = Change::by(rule, place.clone(), message);
        changes.push(change.with(detail(Some(old), Some(new))));
    }
}

fn same_but_for_packages(old: &Step, new: &Step) -> bool {
    let rest = |step| -> Vec<&str> {
        let lines = scripts(step).flat_map(str::lines);
        lines.filter(|line| !line.starts_with("set -- ")).collect()
    };
    rest(old) == rest(new)
}

/// Steps that do something else, of which nothing was said.
fn unsaid(steps: Steps<'_>, changes: &mut Changes) {
    // A name, a time and a position are not what a step does.
    let of_deeds = |change: &&Change| {
        ![&RENAMED, &TIMEOUT].contains(&change.rule) && !order::RULES.contains(&change.rule)
    };
    let said = changes
        .0
        .iter()
        .filter(of_deeds)
        .map(|change| &change.place);
    let said: BTreeSet<&Place> = said.collect();
    let mut unsaid = Vec::new();
    for (before, after) in steps.pairing.pairs() {
        let place = steps.place_of_new(after);
        let (old, new) = (&steps.old[before], &steps.new[after]);
        if !said.contains(&place) && !do_the_same(old, new) {
            let message = format!(
                "the step {} does its work in another way",
                quoted(&new.name)
            );
            unsaid.push(Change::by(&DEEDS, place, message));
        }
    }
    changes.0.append(&mut unsaid);
}

/// By the position in the new plan; what is gone comes behind what it came behind.
fn in_order(steps: Steps<'_>, changes: &mut Changes) {
    let names = |steps: &[Step]| -> BTreeMap<String, usize> {
        let names = steps.iter().enumerate();
        names.map(|(at, step)| (step.name.clone(), at)).collect()
    };
    let (old, new) = (names(steps.old), names(steps.new));
    let mut behind = Vec::with_capacity(steps.old.len());
    for pair in &steps.pairing.of_old {
        let previous = behind.last().copied().unwrap_or_default();
        behind.push(pair.unwrap_or(previous));
    }
    changes.0.sort_by_key(|change| match &change.place {
        Place::Step {
            new: Some(name), ..
        } => (new.get(name).copied(), 0),
        Place::Step {
            old: Some(name), ..
        } => (old.get(name).map(|at| behind[*at]), 1),
        _ => (None, 0),
    });
}
