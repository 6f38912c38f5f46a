//! The recipe as a whole: whether there is one, and what it is called.

use super::change::{Change, Class, Place};
use super::changes::{Changes, quoted};
use super::rule::{DiffRule, both_ways, pair};
use crate::plan::{BuildPlan, RecipeSource};

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
static UNNAMED: DiffRule = both_ways(
    "DIFF-PLAN-001",
    Class::Weakened,
    "the plans differ in something that no rule is about",
    "A diff that says nothing would be taken for no difference. Whoever reads this has found a mistake in amint.",
);

pub(super) static RULES: &[&DiffRule] = &[&ADDED, &REMOVED, &NAME, &VERSION, &UNNAMED];

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
