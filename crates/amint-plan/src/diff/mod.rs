//! How two plans differ, in the words of whoever has to approve it.
//!
//! - [`diff`]: two plans to a [`Diff`]: every difference, classified by a rule that is written down.
//! - `change`: what a diff says; `rule`: what a rule is; `changes`: how the comparisons say what they find.
//! - One file a subject, with its rules: `recipe`, `seal`, …
//!
//! Plans are compared, not texts: what a recipe's text may say in several ways is one plan. Both must be resolved for the same
//! build id, or names that hold it differ; [`amint_recipe::PLACEHOLDER_BUILD_ID`] is there for that.
//!
//! - A plan does not differ from itself, and two plans of different digests always differ: each comparison takes its part of
//!   the plan apart without a rest, so that what is new in a plan has to be given a rule.
//! - The diff the other way round has the same places, and each rule's [`DiffRule::opposite`].

mod change;
mod changes;
mod recipe;
mod rule;
mod seal;

pub use change::{Change, Class, Detail, Diff, Place};
pub use rule::{DiffRule, diff_rule, diff_rules};

use crate::plan::BuildPlan;
use changes::Changes;

/// The rules of all subjects, in the order in which they are listed.
static SUBJECTS: [&[&DiffRule]; 2] = [recipe::RULES, seal::RULES];

/// How `new` differs from `old`. `None`: there is no such recipe on that side.
pub fn diff(old: Option<&BuildPlan>, new: Option<&BuildPlan>) -> Diff {
    let mut changes = match (old, new) {
        (Some(old), Some(new)) => compare(old, new),
        (None, Some(new)) => vec![recipe::added(new)],
        (Some(old), None) => vec![recipe::removed(old)],
        (None, None) => Vec::new(),
    };
    // Stable: within a class, the plan's order stays.
    changes.sort_by_key(|change| change.class);
    Diff {
        old_digest: old.map(|plan| plan.digest.clone()),
        new_digest: new.map(|plan| plan.digest.clone()),
        changes,
    }
}

fn compare(old: &BuildPlan, new: &BuildPlan) -> Vec<Change> {
    let mut changes = Changes::default();
    recipe::compare(&old.recipe, &new.recipe, &mut changes);
    seal::compare(&old.seal, &new.seal, &mut changes);
    if changes.0.is_empty() && old.digest != new.digest {
        changes.push(recipe::unnamed(old, new));
    }
    changes.0
}
