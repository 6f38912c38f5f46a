//! Which plan of a recipe is compared with which.
//!
//! A plan is compared with the one that was for the same target and the same cell. A cell that is new, has another name, or
//! has a matrix around it only on one side is compared with what its target already built: so nobody gets rid of a comparison
//! by giving a weaker image another cell.

use std::collections::{BTreeMap, BTreeSet};

use amint_plan::BuildPlan;

type Plans = BTreeMap<String, BuildPlan>;
/// The old plan's label and the new one's, of which at least one is there.
type Labels<'p> = (Option<&'p str>, Option<&'p str>);

/// The plans to compare, by the new one's label.
pub(super) fn pairs<'p>(old: &'p Plans, new: &'p Plans) -> Vec<Labels<'p>> {
    let gone = old.keys().filter(|label| !new.contains_key(*label));
    let gone: BTreeSet<&str> = gone.map(String::as_str).collect();
    let mut pairs: Vec<Labels<'p>> = Vec::new();
    for (label, plan) in new {
        let origins = match old.get_key_value(label) {
            Some((label, _)) => vec![label.as_str()],
            None => origins((label, plan), old, &gone),
        };
        match origins.as_slice() {
            [] => pairs.push((None, Some(label))),
            origins => pairs.extend(origins.iter().map(|origin| (Some(*origin), Some(&**label)))),
        }
    }
    let used: BTreeSet<&str> = pairs.iter().filter_map(|(old, _)| *old).collect();
    let rest = gone.iter().filter(|label| !used.contains(*label));
    pairs.extend(rest.map(|label| (Some(*label), None)));
    // Stable: the origins of one stay in their order.
    pairs.sort_by_key(|(old, new)| new.or(*old));
    pairs
}

/// What a plan of a label that is new may have been before: what is gone or, where nothing is, something that stays; of that
/// what has the most of the same values. Of equals, all that are gone, as any of them may have got another name: with only
/// one, the weakest of the old cells would hide what became of a stronger one.
fn origins<'p>(
    (label, plan): (&str, &BuildPlan),
    old: &'p Plans,
    gone: &BTreeSet<&str>,
) -> Vec<&'p str> {
    let shared = |origin: &BuildPlan| {
        let cell = origin.matrix.iter();
        let shared = cell.filter(|(axis, value)| plan.matrix.get(*axis) == Some(value));
        shared.count()
    };
    let same_target = old.iter().filter(|(old, _)| target(old) == target(label));
    let rated: Vec<_> = same_target
        .map(|(old, plan)| ((gone.contains(old.as_str()), shared(plan)), old.as_str()))
        .collect();
    let Some((best, _)) = rated.iter().max_by_key(|(rating, _)| *rating) else {
        return Vec::new();
    };
    let equals = rated.iter().filter(|(rating, _)| rating == best);
    let most = if best.0 { rated.len() } else { 1 };
    equals.map(|(_, label)| *label).take(most).collect()
}

/// What a comparison is called: what the plan is for and, where that is not the same, what the old one was for.
pub(super) fn name((old, new): Labels<'_>) -> String {
    match (old, new) {
        (Some(old), Some(new)) if old != new => format!("{new} from {old}"),
        (old, new) => new.or(old).unwrap_or_default().to_owned(),
    }
}

/// What a label is for, without the cell.
fn target(label: &str) -> &str {
    label.split_once(' ').map_or(label, |(target, _)| target)
}
