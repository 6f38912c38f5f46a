//! `waivers`: which findings are accepted, where and until when.

use amint_harden::Waiver;

use super::change::{Change, Class, Place};
use super::changes::{Changes, quoted};
use super::pairing::Pairing;
use super::recipe::REORDERED;
use super::rule::{DiffRule, both_ways, pair};

static ADDED: DiffRule = pair(
    "DIFF-WAIVER-001",
    Class::Weakened,
    "DIFF-WAIVER-002",
    "a waiver is new",
    "An image that violates the rule is published all the same, until the waiver's last day.",
);
static REMOVED: DiffRule = pair(
    "DIFF-WAIVER-002",
    Class::Strengthened,
    "DIFF-WAIVER-001",
    "a waiver is gone",
    "A violation of the rule stops the image from being published again.",
);
static EXTENDED: DiffRule = pair(
    "DIFF-WAIVER-003",
    Class::Weakened,
    "DIFF-WAIVER-004",
    "a waiver holds longer",
    "A day was set by which the violation is mended or looked at again; it was put off.",
);
static SHORTENED: DiffRule = pair(
    "DIFF-WAIVER-004",
    Class::Strengthened,
    "DIFF-WAIVER-003",
    "a waiver ends earlier",
    "The violation has to be mended or looked at again sooner.",
);
static WIDENED: DiffRule = pair(
    "DIFF-WAIVER-005",
    Class::Weakened,
    "DIFF-WAIVER-006",
    "a waiver holds at more places",
    "Violations that nobody has looked at are accepted along with the one that the waiver was written for.",
);
static NARROWED: DiffRule = pair(
    "DIFF-WAIVER-006",
    Class::Strengthened,
    "DIFF-WAIVER-005",
    "a waiver holds at fewer places",
    "Fewer violations are accepted than before.",
);
static REASON: DiffRule = both_ways(
    "DIFF-WAIVER-007",
    Class::Changed,
    "a waiver has another reason",
    "The reason is what was approved; whether the new one is good enough is for a reader to say.",
);

pub(super) static RULES: &[&DiffRule] = &[
    &ADDED, &REMOVED, &EXTENDED, &SHORTENED, &WIDENED, &NARROWED, &REASON,
];

pub(super) fn compare(old: &[Waiver], new: &[Waiver], changes: &mut Changes) {
    let pairing = pair_up(old, new);
    for (before, after) in pairing.pairs() {
        compare_pair((before, &old[before]), (after, &new[after]), changes);
    }
    for (position, waiver) in pairing.added().map(|index| (index, &new[index])) {
        let place = place(waiver, None, Some(position));
        let message = format!(
            "{} is now accepted{} until {}, because {}",
            named(waiver),
            at(waiver),
            waiver.expires,
            quoted(&waiver.reason)
        );
        changes.push(Change::by(&ADDED, place, message).is(written(waiver)));
    }
    for (position, waiver) in pairing.removed().map(|index| (index, &old[index])) {
        let place = place(waiver, Some(position), None);
        let message = format!("{} is no longer accepted{}", named(waiver), at(waiver));
        changes.push(Change::by(&REMOVED, place, message).was(written(waiver)));
    }
    if !pairing.is_in_order() {
        let message = "the waivers stand in another order";
        changes.push(Change::by(&REORDERED, Place::Recipe, message));
    }
}

/// Equal ones first, then those about the same place, then those of which one holds wherever the other does: a waiver that
/// grew is not one more.
fn pair_up(old: &[Waiver], new: &[Waiver]) -> Pairing {
    let mut pairing = Pairing::new(old.len(), new.len());
    pairing.by_key(
        |index| {
            Some((
                &old[index].rule,
                &old[index].path,
                old[index].expires,
                &old[index].reason,
            ))
        },
        |index| {
            Some((
                &new[index].rule,
                &new[index].path,
                new[index].expires,
                &new[index].reason,
            ))
        },
    );
    pairing.by_key(
        |index| Some((&old[index].rule, &old[index].path)),
        |index| Some((&new[index].rule, &new[index].path)),
    );
    pairing.by_likeness(|before, after| {
        let (one, other) = (&old[before], &new[after]);
        (one.covers(other) || other.covers(one)).then_some(1)
    });
    pairing
}

/// A waiver with its position.
type Placed<'a> = (usize, &'a Waiver);

fn compare_pair(old: Placed<'_>, new: Placed<'_>, changes: &mut Changes) {
    let Waiver {
        rule: _,
        path,
        reason,
        expires,
    } = new.1;
    let place = || place(new.1, Some(old.0), Some(new.0));
    let name = named(new.1);
    changes.amount(
        (&EXTENDED, &SHORTENED),
        place(),
        &format!("the last day on which {name} is accepted"),
        (old.1.expires, *expires),
        |day| day.to_string(),
    );
    if old.1.path != *path {
        let (rule, how) = match new.1.covers(old.1) {
            true => (&WIDENED, "at more places"),
            false => (&NARROWED, "at fewer places"),
        };
        let message = format!(
            "{name} is accepted {how}: before{}, now{}",
            at(old.1),
            at(new.1)
        );
        let shown = |waiver: &Waiver| waiver.path.clone().unwrap_or_else(|| "anywhere".to_owned());
        changes.push(
            Change::by(rule, place(), message)
                .was(shown(old.1))
                .is(shown(new.1)),
        );
    }
    let what = format!("the reason why {name} is accepted");
    changes.replaced(&REASON, place(), &what, &old.1.reason, reason);
}

fn place(waiver: &Waiver, old: Option<usize>, new: Option<usize>) -> Place {
    Place::Waiver {
        rule: waiver.rule.clone(),
        old,
        new,
    }
}

/// What is waived, in words.
fn named(waiver: &Waiver) -> String {
    match amint_harden::rule(&waiver.rule) {
        Some(rule) => format!("a violation of `{}` ({})", rule.id, rule.title),
        None => format!("a violation of {}", quoted(&waiver.rule)),
    }
}

fn at(waiver: &Waiver) -> String {
    match &waiver.path {
        Some(path) => format!(" at {}", quoted(path)),
        None => " anywhere".to_owned(),
    }
}

fn written(waiver: &Waiver) -> String {
    format!("{waiver}, until {}: {}", waiver.expires, waiver.reason)
}
