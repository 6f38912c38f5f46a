//! The table of rules, row by row, in both directions.

use std::collections::BTreeSet;

use amint_plan::{
    BuildPlan, Change, Class, Diff, Place, Target, diff, diff_rule, diff_rules, resolve,
};
use amint_recipe::PLACEHOLDER_BUILD_ID;

use super::diff_rows::{AWS_ROWS, LOCAL_ROWS, PLAN_ROWS, SCRIPT_ROWS};
use super::support::recipe;

const HEAD: &str = "amint: 1\nname: test\nversion: 1.0.0\n";
const LOCAL_BASE: &str = "base: { local: { debian: bookworm } }\n";
const AWS_BASE: &str =
    "base: { aws: { ssm-parameter: /aws/service/debian/release/12/latest/amd64 } }\n";

pub(crate) fn plan_of(target: Target, lines: &str) -> BuildPlan {
    let base = match (lines.contains("base:"), target) {
        (true, _) => "",
        (false, Target::Local) => LOCAL_BASE,
        (false, Target::Aws) => AWS_BASE,
    };
    let head = if lines.contains("version:") {
        "amint: 1\n"
    } else {
        HEAD
    };
    let recipe = recipe(&format!("{head}{base}{lines}"));
    resolve(&recipe, target, PLACEHOLDER_BUILD_ID).unwrap()
}

fn opposite(id: &str) -> &'static str {
    let rule = diff_rule(id).unwrap_or_else(|| panic!("there is no {id}"));
    rule.opposite.unwrap_or(rule.id)
}

fn ids(diff: &Diff) -> Vec<&'static str> {
    let mut ids: Vec<_> = diff.changes.iter().map(|change| change.rule.id).collect();
    ids.sort_unstable();
    ids
}

fn swapped(place: &Place) -> Place {
    match place.clone() {
        Place::Step { old, new } => Place::Step { old: new, new: old },
        Place::Waiver { rule, old, new } => Place::Waiver {
            rule,
            old: new,
            new: old,
        },
        place => place,
    }
}

/// The changes of the way back, from those of the way there.
fn mirrored(diff: &Diff) -> BTreeSet<(&'static str, Place, Option<String>, Option<String>)> {
    let mirror = |change: &Change| {
        let (old, new) = (change.new.clone(), change.old.clone());
        (opposite(change.rule.id), swapped(&change.place), old, new)
    };
    diff.changes.iter().map(mirror).collect()
}

fn as_they_are(diff: &Diff) -> BTreeSet<(&'static str, Place, Option<String>, Option<String>)> {
    let tell = |change: &Change| {
        let (old, new) = (change.old.clone(), change.new.clone());
        (change.rule.id, change.place.clone(), old, new)
    };
    diff.changes.iter().map(tell).collect()
}

/// What must hold of every pair of plans.
pub(crate) fn check_both_ways(old: &BuildPlan, new: &BuildPlan) -> Diff {
    let forth = diff(Some(old), Some(new));
    let back = diff(Some(new), Some(old));
    assert_eq!(
        mirrored(&forth),
        as_they_are(&back),
        "\n{forth:#?}\n{back:#?}"
    );
    assert_eq!(forth.changes.len(), back.changes.len());
    assert!(forth.changes.is_sorted_by_key(|change| change.class));
    assert_eq!(diff(Some(old), Some(old)).changes, []);
    if old.digest != new.digest {
        assert!(!forth.is_empty(), "{} {}", old.digest, new.digest);
    }
    for change in forth.changes.iter().chain(&back.changes) {
        assert_eq!(change.class, change.rule.class);
        let bad =
            |text: &str| text.is_empty() || text.contains(char::is_control) || text.ends_with('.');
        assert!(!bad(&change.message), "{change:?}");
    }
    forth
}

pub(crate) fn check_row(expected: &[&str], old: &BuildPlan, new: &BuildPlan) {
    let forth = check_both_ways(old, new);
    let mut expected = expected.to_vec();
    expected.sort_unstable();
    assert_eq!(ids(&forth), expected, "{forth:#?}");
}

#[test]
fn recipes_differ_by_the_rules_that_are_written_down() {
    for (target, rows) in [(Target::Local, LOCAL_ROWS), (Target::Aws, AWS_ROWS)] {
        for (expected, old, new) in rows {
            check_row(expected, &plan_of(target, old), &plan_of(target, new));
        }
    }
}

/// A step that runs this script after a line that does nothing.
pub(crate) fn script(lines: &str) -> String {
    let run = serde_json::to_string(&format!("true\n{lines}\n")).unwrap();
    format!("steps: [{{ shell: {{ name: s, run: {run} }} }}]\n")
}

#[test]
fn scripts_differ_by_what_their_lines_do() {
    for (expected, old, new) in SCRIPT_ROWS {
        let plan = |lines| plan_of(Target::Local, &script(lines));
        // That the script is another one is always told, too.
        let expected = [expected, &["DIFF-STEP-004"][..]].concat();
        check_row(&expected, &plan(old), &plan(new));
    }
}

#[test]
fn plans_differ_in_what_recipes_cannot_say() {
    for (expected, target, lines, change) in PLAN_ROWS {
        let old = plan_of(*target, lines);
        let mut new = old.clone();
        change(&mut new);
        new.digest = "another".to_owned();
        check_row(expected, &old, &new);
    }
}

#[test]
fn every_rule_has_a_row_in_both_directions() {
    let recipes = LOCAL_ROWS.iter().chain(AWS_ROWS).chain(SCRIPT_ROWS);
    let recipes = recipes.flat_map(|(expected, _, _)| expected.iter());
    let plans = PLAN_ROWS.iter().flat_map(|(expected, ..)| expected.iter());
    // This one is about a plan that is not there.
    let alone = ["DIFF-RECIPE-001"];
    let told: BTreeSet<&str> = recipes.chain(plans).copied().chain(alone).collect();
    // What is said of texts has its tests beside it: no plan has it.
    for rule in diff_rules().filter(|rule| !rule.id.starts_with("DIFF-TEXT-")) {
        assert!(
            told.contains(rule.id) || told.contains(opposite(rule.id)),
            "{} has no row",
            rule.id
        );
    }
}

#[test]
fn rules_are_complete_and_opposites_are_mutual() {
    let mut known = BTreeSet::new();
    for rule in diff_rules() {
        assert!(known.insert(rule.id), "{} is there twice", rule.id);
        assert!(rule.id.starts_with("DIFF-"), "{}", rule.id);
        assert!(
            !rule.title.is_empty() && !rule.title.ends_with('.'),
            "{}",
            rule.id
        );
        assert!(rule.why.ends_with('.'), "{}", rule.id);
        let Some(id) = rule.opposite else {
            // Undoing what weakens cannot weaken; the one exception stands for a mistake of amint's own.
            let is_even = matches!(rule.class, Class::Changed | Class::Neutral);
            assert!(is_even || rule.id == "DIFF-PLAN-001", "{}", rule.id);
            continue;
        };
        let other = diff_rule(id).unwrap_or_else(|| panic!("{id} of {} is missing", rule.id));
        assert_eq!(other.opposite, Some(rule.id));
        let allowed = match rule.class {
            Class::Weakened => &[Class::Strengthened, Class::Changed][..],
            Class::Strengthened => &[Class::Weakened],
            Class::Changed => &[Class::Changed, Class::Weakened],
            Class::Neutral => &[Class::Neutral],
        };
        assert!(allowed.contains(&other.class), "{} and {id}", rule.id);
    }
    assert!(diff_rule("DIFF-SEAL-999").is_none());
}

#[test]
fn a_new_recipe_is_measured_by_a_plain_one() {
    let plain = plan_of(Target::Aws, "");
    let alone = diff(None, Some(&plain));
    assert_eq!(ids(&alone), ["DIFF-RECIPE-001"]);
    assert_eq!(
        (alone.old_digest, alone.new_digest),
        (None, Some(plain.digest.clone()))
    );
    let open = plan_of(
        Target::Aws,
        "base: { aws: { id: ami-0123456789abcdef0 } }\n\
         builder: { instance-profile: admin, security-groups: [sg-0123456789abcdef0] }\n\
         steps: [{ shell: { run: curl https://e.com | sh } }]\n\
         seal: { profile: shared-ami }\n\
         image: { share-with: { accounts: ['123456789012'] } }\n\
         waivers: [{ rule: MP-SSH-003, reason: a, expires: 2030-01-31 }]\n",
    );
    let told: BTreeSet<_> = ids(&diff(None, Some(&open))).into_iter().collect();
    for id in [
        "DIFF-AWS-004",
        "DIFF-AWS-006",
        "DIFF-BASE-001",
        "DIFF-FETCH-001",
        "DIFF-PUBLISH-001",
        "DIFF-RECIPE-001",
        "DIFF-SCRIPT-001",
        "DIFF-SEAL-001",
        "DIFF-SEAL-008",
        "DIFF-WAIVER-001",
    ] {
        assert!(told.contains(id), "{id}: {told:?}");
    }
    assert_eq!(ids(&diff(Some(&open), None)), ["DIFF-RECIPE-002"]);
    assert!(diff(None, None).is_empty());
}

#[test]
fn it_is_written_as_one_object() {
    let old = plan_of(Target::Local, "steps: [{ shell: { name: a, run: ls } }]\n");
    let new = plan_of(
        Target::Local,
        "steps: [{ shell: { name: a, run: ls -l } }]\nwaivers: [{ rule: MP-SSH-003, reason: a, expires: 2030-01-31 }]\n",
    );
    let diff = diff(Some(&old), Some(&new));
    assert_eq!(diff.worst(), Some(Class::Weakened));
    assert_eq!(diff.of_class(Class::Changed).count(), 1);
    let json = serde_json::to_string_pretty(&diff).unwrap();
    let json = json.replace(&old.digest, "OLD").replace(&new.digest, "NEW");
    insta::assert_snapshot!("diff_as_json", json);
}
