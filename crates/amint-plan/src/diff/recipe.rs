//! The recipe as a whole: whether there is one, and what it is called.

use std::collections::BTreeMap;

use amint_harden::{HardeningStep, Profile, by_reference, profiles};
use amint_recipe::recipe::DEFAULT_INSTANCE_PROFILE;

use super::change::{Change, Class, Place};
use super::changes::{Changes, quoted};
use super::rule::{DiffRule, both_ways, pair};
use crate::machine::{InstanceProfile, Machine};
use crate::plan::{BuildPlan, RecipeSource, Seal, SealStep};
use crate::publish::Publish;

static ADDED: DiffRule = pair(
    "DIFF-RECIPE-001",
    Class::Changed,
    "DIFF-RECIPE-002",
    "a recipe is new",
    "There is no plan to compare it with. What would have weakened a recipe without steps, with the default seal and \
     nothing shared, is listed as weakened.",
);
static REMOVED: DiffRule = pair(
    "DIFF-RECIPE-002",
    Class::Changed,
    "DIFF-RECIPE-001",
    "a recipe is gone",
    "Its image is built no more; images that were published stay.",
);
static NAME: DiffRule = both_ways(
    "DIFF-RECIPE-003",
    Class::Changed,
    "the recipe has another name",
    "Published images are found again by the recipe's name: those under the old one are no longer retired.",
);
static VERSION: DiffRule = both_ways(
    "DIFF-RECIPE-004",
    Class::Neutral,
    "the recipe has another version",
    "A version names an image and changes nothing in it.",
);
/// Said of every list whose order decides nothing.
pub(super) static REORDERED: DiffRule = both_ways(
    "DIFF-RECIPE-005",
    Class::Neutral,
    "the items of a list stand in another order",
    "Each item counts by itself: the order of this list decides nothing.",
);
static CELL: DiffRule = both_ways(
    "DIFF-RECIPE-006",
    Class::Changed,
    "the image is of another cell of the recipe's matrix",
    "Cells are images of their own; one that replaces another leaves its older images where they are.",
);
static UNNAMED: DiffRule = both_ways(
    "DIFF-PLAN-001",
    Class::Weakened,
    "the plans differ in something that no rule is about",
    "A diff that says nothing would be taken for no difference. Whoever reads this has found a mistake in amint.",
);

pub(super) static RULES: &[&DiffRule] = &[
    &ADDED, &REMOVED, &NAME, &VERSION, &REORDERED, &CELL, &UNNAMED,
];

pub(super) fn added(new: &BuildPlan) -> Change {
    let name = &new.recipe.name;
    let message = format!("the recipe {} is new", quoted(name));
    Change::by(&ADDED, Place::Recipe, message).is(name)
}

pub(super) fn removed(old: &BuildPlan) -> Change {
    let name = &old.recipe.name;
    let message = format!("the recipe {} is gone", quoted(name));
    Change::by(&REMOVED, Place::Recipe, message).was(name)
}

/// What is said of plans whose digests differ, when no other rule found anything.
pub(super) fn unnamed(old: &BuildPlan, new: &BuildPlan) -> Change {
    let message = "the plans differ in something that amint has no rule for";
    let change = Change::by(&UNNAMED, Place::Recipe, message);
    change.was(&old.digest).is(&new.digest)
}

/// The file's name and text are no part of what is built.
pub(super) fn compare(old: &RecipeSource, new: &RecipeSource, changes: &mut Changes) {
    let RecipeSource {
        file: _,
        sha256: _,
        name,
        version,
    } = new;
    let place = || Place::Recipe;
    changes.replaced(&NAME, place(), "the recipe's name", &old.name, name);
    let was = &old.version;
    changes.replaced(&VERSION, place(), "the recipe's version", was, version);
}

/// The matrix itself is no part of a plan: which cells there are shows in which plans there are.
pub(super) fn compare_cells(
    old: &BTreeMap<String, String>,
    new: &BTreeMap<String, String>,
    changes: &mut Changes,
) {
    let said = |cell: &BTreeMap<String, String>| match cell.is_empty() {
        true => "none".to_owned(),
        false => {
            let axes: Vec<_> = cell
                .iter()
                .map(|(axis, value)| format!("{axis}: {value}"))
                .collect();
            axes.join(", ")
        }
    };
    let what = "the cell of the matrix";
    changes.replaced(&CELL, Place::Recipe, what, &said(old), &said(new));
}

/// The plan that a new one is measured by: without steps and waivers, with the default seal, on a builder that is guarded as a
/// recipe's that says nothing about it, shared with nobody. What guards nothing is as the new plan has it.
pub(super) fn plain(new: &BuildPlan) -> BuildPlan {
    let mut plain = new.clone();
    plain.steps.clear();
    plain.waivers.clear();
    plain.locked = None;
    plain.image.publish = Publish {
        deprecate_after_seconds: new.image.publish.deprecate_after_seconds,
        ..Publish::default()
    };
    if let Machine::Aws(machine) = &mut plain.builder.machine {
        machine.security_groups.clear();
        machine.instance_profile = InstanceProfile::Named(DEFAULT_INSTANCE_PROFILE.to_owned());
        if let Some(agent) = &mut machine.agent {
            agent.remove = true;
        }
    }
    if let Some(profile) = by_reference(&plain.seal.profile)
        && let Some(default) = profiles().first()
        && profile.name != default.name
    {
        plain.seal = seal_of(default, &new.seal);
    }
    plain
}

fn seal_of(profile: &Profile, like: &Seal) -> Seal {
    let step = |step: &&'static HardeningStep| SealStep {
        id: step.id.to_owned(),
        sha256: step.digest(),
    };
    Seal {
        profile: profile.reference(),
        steps: profile.steps.iter().map(step).collect(),
        application_logs: like.application_logs.clone(),
    }
}
