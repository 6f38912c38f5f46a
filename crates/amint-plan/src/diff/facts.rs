//! What steps do, as facts that are compared over the whole plan: a line that moved from one step to another is no new line.

use std::collections::BTreeMap;

use super::change::{Change, Place};
use super::changes::{Changes, quoted};
use super::pairing::Pairing;
use super::rule::DiffRule;
use crate::plan::Step;

/// One thing that a step does, as far as rules care.
#[derive(Clone, Debug)]
pub(super) struct Fact {
    /// The step's position in its plan, from 0.
    pub(super) step: usize,
    pub(super) about: About,
    /// What it is told from others by.
    pub(super) key: String,
    /// What a reader is shown.
    pub(super) shown: String,
}

/// What a fact is about: which rules, and how they are said.
#[derive(Clone, Copy, Debug)]
pub(super) struct About {
    pub(super) added: &'static DiffRule,
    pub(super) removed: &'static DiffRule,
    /// Such as `now touches` and `no longer touches`.
    pub(super) says: [&'static str; 2],
    /// Such as `the SSH server`.
    pub(super) what: &'static str,
}

/// Both plans' steps, and which of them belong together.
#[derive(Clone, Copy, Debug)]
pub(super) struct Steps<'a> {
    pub(super) old: &'a [Step],
    pub(super) new: &'a [Step],
    pub(super) pairing: &'a Pairing,
}

impl Steps<'_> {
    /// The place of something that is in both plans, perhaps in steps that are not the same.
    pub(super) fn place(&self, old: usize, new: usize) -> Place {
        Place::Step {
            old: Some(self.old[old].name.clone()),
            new: Some(self.new[new].name.clone()),
        }
    }

    /// The place of a step of the new plan.
    pub(super) fn place_of_new(&self, index: usize) -> Place {
        let old = self.pairing.of_new[index];
        Place::Step {
            old: old.map(|old| self.old[old].name.clone()),
            new: Some(self.new[index].name.clone()),
        }
    }

    /// The place of a step of the old plan.
    pub(super) fn place_of_old(&self, index: usize) -> Place {
        match self.pairing.of_old[index] {
            Some(new) => self.place_of_new(new),
            None => Place::Step {
                old: Some(self.old[index].name.clone()),
                new: None,
            },
        }
    }
}

/// Says what facts are new and which are gone, those of one step and one rule together.
pub(super) fn compare(old: &[Fact], new: &[Fact], steps: Steps<'_>, changes: &mut Changes) {
    let mut facts = Pairing::new(old.len(), new.len());
    let key = |fact: &Fact| (fact.about.added.id, fact.about.what, fact.key.clone());
    // In the same step first: of two equal lines, the one in the new step is the new one.
    facts.by_key(
        |at| Some((key(&old[at]), Some(steps.pairing.of_old[old[at].step]?))),
        |at| {
            Some((
                key(&new[at]),
                steps.pairing.of_new[new[at].step].map(|_| new[at].step),
            ))
        },
    );
    facts.by_key(|at| Some(key(&old[at])), |at| Some(key(&new[at])));
    for (step, about, shown) in grouped(facts.added().map(|at| &new[at])) {
        let message = say(&steps.new[step], about.says[0], about.what, &shown);
        let change = Change::by(about.added, steps.place_of_new(step), message);
        changes.push(change.is(shown.join("\n")));
    }
    for (step, about, shown) in grouped(facts.removed().map(|at| &old[at])) {
        let message = say(&steps.old[step], about.says[1], about.what, &shown);
        let change = Change::by(about.removed, steps.place_of_old(step), message);
        changes.push(change.was(shown.join("\n")));
    }
}

type Group<'a> = (usize, About, Vec<&'a str>);

fn grouped<'a>(facts: impl Iterator<Item = &'a Fact>) -> Vec<Group<'a>> {
    let mut groups: Vec<Group<'a>> = Vec::new();
    let mut known = BTreeMap::new();
    for fact in facts {
        let key = (fact.step, fact.about.added.id, fact.about.what);
        let at = *known.entry(key).or_insert(groups.len());
        if at == groups.len() {
            groups.push((fact.step, fact.about, Vec::new()));
        }
        groups[at].2.push(&fact.shown);
    }
    groups
}

fn say(step: &Step, says: &str, what: &str, shown: &[&str]) -> String {
    let first = quoted(shown.first().unwrap_or(&""));
    let more = match shown.len() {
        0 | 1 => String::new(),
        several => format!(" and {} more", several - 1),
    };
    let name = quoted(&step.name);
    match what {
        "" => format!("the step {name} {says} {first}{more}"),
        what => format!("the step {name} {says} {what}: {first}{more}"),
    }
}
