//! How two plans differ, in the words of whoever has to approve it.
//!
//! - [`diff`]: two plans to a [`Diff`]: every difference, classified by a rule that is written down.
//! - `change`: what a diff says; `rule`: what a rule is; `changes`: how the comparisons say what they find.
//! - `pairing`: which item of an old list is which of a new one; `matching`: of steps.
//! - One file a part of the plan, with its rules: `recipe`, `variables`, `base` (with `release`), `locked`, `builder` (with `builder_aws`,
//!   `builder_volumes`, `builder_agent`), `steps` (with `secret_steps`, `files`, `order`), `seal`, `image`, `publish`, `waivers`.
//! - What steps do, read from their scripts (`shell`) as `facts` of the whole plan: `touches` of a `subject` (`subjects_access`,
//!   `subjects_guard`), `rights`, `downloads` (with `verification`), `packages`.
//!
//! What is said of texts rather than of plans is in [`text`]; who reads the files calls it.
//!
//! Plans are compared, not texts: what a recipe's text may say in several ways is one plan. Both must be resolved for the same
//! build id, or names that hold it differ; [`amint_recipe::PLACEHOLDER_BUILD_ID`] is there for that.
//!
//! - A plan does not differ from itself, and two plans of different digests always differ: each comparison takes its part of
//!   the plan apart without a rest, so that what is new in a plan has to be given a rule.
//! - The diff the other way round has the same places, and each rule's [`DiffRule::opposite`].

mod addresses;
mod base;
mod builder;
mod builder_agent;
mod builder_aws;
mod builder_volumes;
mod calls;
mod change;
mod changes;
mod downloads;
mod facts;
mod files;
mod image;
mod locked;
mod matching;
mod order;
mod packages;
mod pairing;
mod prefixes;
mod publish;
mod recipe;
mod release;
mod rights;
mod rule;
mod seal;
mod secret_steps;
mod shell;
mod sinks;
mod steps;
mod subject;
mod subjects_access;
mod subjects_guard;
pub mod text;
mod touches;
mod variables;
mod verification;
mod waivers;

pub use change::{Change, Class, Detail, Diff, Place};
pub use rule::{DiffRule, diff_rule, diff_rules};

use crate::plan::BuildPlan;
use changes::Changes;

/// The rules of all parts of a plan, in the plan's order; those of what steps may touch are with it.
static SUBJECTS: &[&[&DiffRule]] = &[
    recipe::RULES,
    variables::RULES,
    base::RULES,
    locked::RULES,
    builder::RULES,
    builder_aws::RULES,
    builder_volumes::RULES,
    builder_agent::RULES,
    steps::RULES,
    secret_steps::RULES,
    files::RULES,
    order::RULES,
    touches::RULES,
    rights::RULES,
    downloads::RULES,
    packages::RULES,
    seal::RULES,
    image::RULES,
    publish::RULES,
    waivers::RULES,
    text::RULES,
];

/// How `new` differs from `old`. `None`: there is no such recipe on that side.
///
/// Of a recipe that is new, everything is told that would weaken one without steps and waivers, with the default seal, shared
/// with nobody; of one that is gone, only that it is gone.
pub fn diff(old: Option<&BuildPlan>, new: Option<&BuildPlan>) -> Diff {
    let mut changes = match (old, new) {
        (Some(old), Some(new)) => compare(old, new),
        (None, Some(new)) => introduce(new),
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
    let BuildPlan {
        build_id: _,
        digest,
        recipe,
        matrix,
        variables,
        secrets,
        base,
        locked,
        builder,
        steps,
        seal,
        image,
        waivers,
    } = new;
    let mut changes = Changes::default();
    recipe::compare(&old.recipe, recipe, &mut changes);
    recipe::compare_cells(&old.matrix, matrix, &mut changes);
    variables::compare(
        (&old.variables, &old.secrets),
        (variables, secrets),
        &mut changes,
    );
    base::compare(&old.base, base, &mut changes);
    locked::compare(
        (&old.base, old.locked.as_ref()),
        (base, locked.as_ref()),
        &mut changes,
    );
    builder::compare(&old.builder, builder, &mut changes);
    steps::compare(&old.steps, steps, &mut changes);
    seal::compare(&old.seal, seal, &mut changes);
    image::compare(&old.image, image, &mut changes);
    waivers::compare(&old.waivers, waivers, &mut changes);
    if changes.0.is_empty() && old.digest != *digest {
        changes.push(recipe::unnamed(old, new));
    }
    changes.0
}

/// What a new recipe weakens, compared with the one that it could be.
fn introduce(new: &BuildPlan) -> Vec<Change> {
    let plain = recipe::plain(new);
    let mut changes = Changes::default();
    changes.push(recipe::added(new));
    base::introduce(&new.base, &mut changes);
    let weakened = compare(&plain, new).into_iter();
    let weakened = weakened.filter(|change| change.class == Class::Weakened);
    changes.0.extend(weakened);
    changes.0
}
