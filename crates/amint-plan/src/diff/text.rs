//! What is said of two recipes' texts rather than of their plans: whoever compares files calls these.

use std::collections::{BTreeMap, BTreeSet};

use super::change::{Change, Class, Place};
use super::changes::quoted;
use super::rule::{DiffRule, both_ways, pair};

static UNREADABLE: DiffRule = both_ways(
    "DIFF-TEXT-001",
    Class::Changed,
    "the recipe could not be read before",
    "There is no plan to compare it with. It is told as a new recipe is.",
);
static MOVED: DiffRule = both_ways(
    "DIFF-TEXT-002",
    Class::Neutral,
    "the recipe's file was renamed",
    "A file's name is no part of what is built.",
);
static COPIED: DiffRule = both_ways(
    "DIFF-TEXT-003",
    Class::Changed,
    "a recipe was made from another one",
    "Its name, or most of its lines, are those of a recipe that is still there. It is compared with that one, so that \
     nobody gets a weaker recipe by copying it.",
);
static LOOSER: DiffRule = pair(
    "DIFF-TEXT-004",
    Class::Weakened,
    "DIFF-TEXT-005",
    "a variable may be set to something else",
    "What a variable accepts guards what a build can be made to do from outside. Which of two patterns accepts more \
     can't be told, so another one counts as a looser one.",
);
static TIGHTER: DiffRule = pair(
    "DIFF-TEXT-005",
    Class::Strengthened,
    "DIFF-TEXT-004",
    "a variable may be set to fewer values",
    "What a variable accepts guards what a build can be made to do from outside.",
);
static CONDITIONS: DiffRule = both_ways(
    "DIFF-TEXT-006",
    Class::Changed,
    "a template with conditions reads differently",
    "A diff compares what templates come to with the variables' values at hand. What they would come to with other \
     values has to be read in the recipe.",
);

static SILENCED: DiffRule = pair(
    "DIFF-TEXT-007",
    Class::Weakened,
    "DIFF-TEXT-008",
    "a lint is silenced",
    "What is likely not meant is no longer told.",
);
static HEARD: DiffRule = pair(
    "DIFF-TEXT-008",
    Class::Strengthened,
    "DIFF-TEXT-007",
    "a lint is no longer silenced",
    "What is likely not meant is told again.",
);

pub(super) static RULES: &[&DiffRule] = &[
    &UNREADABLE,
    &MOVED,
    &COPIED,
    &LOOSER,
    &TIGHTER,
    &CONDITIONS,
    &SILENCED,
    &HEARD,
];

/// Before, the recipe could not be read, for a reason that is one line.
pub fn unreadable(reason: &str) -> Change {
    let message = format!("the recipe could not be read before: {reason}");
    Change::by(&UNREADABLE, Place::Recipe, message)
}

/// The recipe was in another file, which is gone.
pub fn moved(old: &str, new: &str) -> Change {
    let message = format!(
        "the recipe's file was {} and is {}",
        quoted(old),
        quoted(new)
    );
    Change::by(&MOVED, Place::Recipe, message).was(old).is(new)
}

/// The recipe was made from another one, which is still there.
pub fn copied(old: &str, new: &str) -> Change {
    let message = format!(
        "the recipe {} was made from {}, with which it is compared",
        quoted(new),
        quoted(old)
    );
    Change::by(&COPIED, Place::Recipe, message).was(old).is(new)
}

/// What a variable's declaration says about its values, by key; an item of a list has its position behind a dot (`choices.0`).
pub fn limits(
    name: &str,
    old: &BTreeMap<String, String>,
    new: &BTreeMap<String, String>,
) -> Vec<Change> {
    let place = || Place::Variable {
        name: name.to_owned(),
    };
    let by = |rule, message: String| Change::by(rule, place(), message);
    let named = quoted(name);
    let mut changes = Vec::new();
    let is_item = |key: &str| key.starts_with("choices.");
    let is_list = |limits: &BTreeMap<String, String>| limits.keys().any(|key| is_item(key));
    let (old_list, new_list) = (is_list(old), is_list(new));
    let keys: BTreeSet<&String> = old.keys().chain(new.keys()).collect();
    for key in keys.into_iter().filter(|key| !is_item(key)) {
        match (old.get(key), new.get(key)) {
            (Some(was), Some(is)) if was != is => {
                let message = format!("the variable {named} has another {}", quoted(key));
                changes.push(by(&LOOSER, message).was(was).is(is));
            }
            (Some(was), None) => {
                let message = format!("the variable {named} has no {} any more", quoted(key));
                changes.push(by(&LOOSER, message).was(was));
            }
            (None, Some(is)) => {
                let message = format!("the variable {named} now has a {}", quoted(key));
                changes.push(by(&TIGHTER, message).is(is));
            }
            _ => {}
        }
    }
    let items = |limits: &BTreeMap<String, String>| -> BTreeSet<String> {
        let items = limits.iter().filter(|(key, _)| is_item(key));
        items.map(|(_, item)| item.clone()).collect()
    };
    let (was, is) = (items(old), items(new));
    match (old_list, new_list) {
        (true, false) => {
            let message = format!("the variable {named} has no list of values any more");
            changes.push(by(&LOOSER, message));
        }
        (false, true) => {
            let message = format!("the variable {named} now has a list of values");
            changes.push(by(&TIGHTER, message));
        }
        _ => {
            for item in is.difference(&was) {
                let message = format!("the variable {named} may be {} too", quoted(item));
                changes.push(by(&LOOSER, message).is(item));
            }
            for item in was.difference(&is) {
                let message = format!("the variable {named} may not be {} any more", quoted(item));
                changes.push(by(&TIGHTER, message).was(item));
            }
        }
    }
    changes
}

/// The lints that are silenced, each as its code and where.
pub fn silenced(old: &BTreeSet<String>, new: &BTreeSet<String>) -> Vec<Change> {
    let by = |rule, message: String| Change::by(rule, Place::Recipe, message);
    let added = new
        .difference(old)
        .map(|lint| by(&SILENCED, format!("the lint {} is silenced", quoted(lint))).is(lint));
    let removed = old.difference(new).map(|lint| {
        by(
            &HEARD,
            format!("the lint {} is no longer silenced", quoted(lint)),
        )
        .was(lint)
    });
    added.chain(removed).collect()
}

/// The templates whose outcome depends on more than what they insert, sorted.
pub fn conditions(old: &[String], new: &[String]) -> Vec<Change> {
    let place = || Place::Recipe;
    let only = |these: &[String], those: &[String]| -> Vec<String> {
        let these = these.iter().filter(|one| !those.contains(one));
        these.cloned().collect()
    };
    let (gone, added) = (only(old, new), only(new, old));
    let rest = gone.len().max(added.len());
    (0..rest)
        .map(|index| {
            let (was, is) = (gone.get(index), added.get(index));
            let message = match is.or(was) {
                Some(text) => format!(
                    "a template with conditions reads differently: {}",
                    quoted(text)
                ),
                None => String::new(),
            };
            let change = Change::by(&CONDITIONS, place(), message);
            let change = match was {
                Some(was) => change.was(was),
                None => change,
            };
            match is {
                Some(is) => change.is(is),
                None => change,
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn map(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
        let pairs = pairs.iter();
        pairs
            .map(|(key, value)| ((*key).to_owned(), (*value).to_owned()))
            .collect()
    }

    fn classes(old: &[(&str, &str)], new: &[(&str, &str)]) -> Vec<Class> {
        let changes = limits("x", &map(old), &map(new));
        changes.iter().map(|change| change.class).collect()
    }

    #[test]
    fn what_a_variable_accepts_both_ways() {
        use Class::{Strengthened, Weakened};
        let pattern = [("pattern", "^a$")];
        assert_eq!(classes(&pattern, &pattern), []);
        assert_eq!(classes(&pattern, &[]), [Weakened]);
        assert_eq!(classes(&[], &pattern), [Strengthened]);
        assert_eq!(classes(&pattern, &[("pattern", ".*")]), [Weakened]);
        let (one, two) = (
            [("choices.0", "a")],
            [("choices.0", "b"), ("choices.1", "a")],
        );
        assert_eq!(classes(&one, &two), [Weakened]);
        assert_eq!(classes(&two, &one), [Strengthened]);
        assert_eq!(classes(&one, &[]), [Weakened]);
        assert_eq!(classes(&[], &one), [Strengthened]);
    }

    #[test]
    fn lints_are_silenced_both_ways() {
        let (none, one) = (
            BTreeSet::new(),
            BTreeSet::from(["AM0122 of spool".to_owned()]),
        );
        let rules = |old, new| -> Vec<&str> {
            let changes = silenced(old, new);
            changes.iter().map(|change| change.rule.id).collect()
        };
        assert_eq!(rules(&none, &one), ["DIFF-TEXT-007"]);
        assert_eq!(rules(&one, &none), ["DIFF-TEXT-008"]);
        assert_eq!(rules(&one, &one), [""; 0]);
    }

    #[test]
    fn templates_are_told_once() {
        let text = |text: &str| text.to_owned();
        assert_eq!(
            conditions(&[text("a"), text("b")], &[text("b"), text("a")]),
            []
        );
        let changes = conditions(&[text("a")], &[text("a"), text("b")]);
        assert_eq!(changes.len(), 1);
        assert_eq!(
            (&changes[0].old, &changes[0].new),
            (&None, &Some(text("b")))
        );
    }
}
