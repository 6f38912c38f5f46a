//! A cell of a matrix is no way around the comparison.

use super::{pair, weaker};
use crate::command::GOOD;

/// A recipe for the cells of a matrix, or without one when there are none.
fn with(recipe: &str, cells: &[&str]) -> String {
    match cells {
        [] => recipe.to_owned(),
        cells => {
            let matrix = format!("matrix: {{ flavour: [{}] }}\nbase:", cells.join(", "));
            let recipe = recipe.replace("base:", &matrix);
            recipe.replace("{{name}}-", "{{name}}-{{flavour}}-")
        }
    }
}

/// The cells before and after; each also the other way round.
const CELLS: [(&[&str], &[&str]); 6] = [
    (&[], &["one"]),
    (&[], &["one", "two"]),
    (&["one"], &["two"]),
    (&["one"], &["one", "two"]),
    (&["one", "two"], &["one", "three"]),
    (&["one", "two"], &["three", "four"]),
];

#[test]
fn another_cell_hides_nothing() {
    let old = GOOD.replace("seal:", "builder: { timeout: 30m }\nseal:");
    let weak = weaker().replace("bookworm", "bullseye").replace(
        "seal:\n  application-logs: [/opt/small/logs]\n",
        "builder: { timeout: 8h }\n",
    );
    for (before, after) in CELLS
        .into_iter()
        .flat_map(|(one, two)| [(one, two), (two, one)])
    {
        let world = pair(&with(&old, before), &with(&weak, after));
        let ran = world.run(&["diff", "old.yaml", "new.yaml"]);
        assert_eq!(
            ran.code, 16,
            "{before:?} {after:?}\n{}{}",
            ran.stdout, ran.stderr
        );
        for said in ["MP-CLEAN-002", "bullseye", "8 h", "/opt/small/logs"] {
            assert!(
                ran.stdout.contains(said),
                "{before:?} {after:?} {said}\n{}",
                ran.stdout
            );
        }
        let world = pair(&with(&weak, after), &with(&old, before));
        let ran = world.run(&["diff", "old.yaml", "new.yaml"]);
        assert_eq!(
            ran.code, 0,
            "{after:?} {before:?}\n{}{}",
            ran.stdout, ran.stderr
        );
        assert!(ran.stdout.contains("STRENGTHENED"), "{}", ran.stdout);
    }
}

#[test]
fn another_cell_makes_nothing_new() {
    for (before, after) in CELLS
        .into_iter()
        .flat_map(|(one, two)| [(one, two), (two, one)])
    {
        let world = pair(&with(&weaker(), before), &with(&weaker(), after));
        let ran = world.run(&["diff", "old.yaml", "new.yaml"]);
        assert_eq!(ran.code, 0, "{before:?} {after:?}\n{}", ran.stdout);
        assert!(!ran.stdout.contains("MP-CLEAN-002"), "{}", ran.stdout);
    }
}

#[test]
fn the_weakest_of_the_old_cells_hides_no_other() {
    let fetch = "; curl -fsSLO https://a.example.org/a";
    let one = format!("{{{{#if (eq flavour \\\"a-weak\\\")}}}}{fetch}{{{{/if}}}}");
    let running = |more: &str| GOOD.replace("cat /etc/motd", &format!("cat /etc/motd{more}"));
    let old = with(&running(&one), &["a-weak", "strict"]);
    for cells in [&["other"][..], &["x", "y"], &[], &["other", "a-weak"]] {
        let new = with(&running(fetch), cells);
        let ran = pair(&old, &new).run(&["diff", "old.yaml", "new.yaml"]);
        assert_eq!(ran.code, 16, "{cells:?}\n{}{}", ran.stdout, ran.stderr);
        assert!(ran.stdout.contains("from local strict"), "{}", ran.stdout);
        let ran = pair(&new, &old).run(&["diff", "old.yaml", "new.yaml"]);
        assert_eq!(ran.code, 0, "{cells:?}\n{}{}", ran.stdout, ran.stderr);
    }
}

#[test]
fn a_cell_of_which_nothing_came_is_gone() {
    let world = pair(&with(GOOD, &["one", "two"]), &with(GOOD, &["two"]));
    let ran = world.run(&["diff", "old.yaml", "new.yaml"]);
    insta::assert_snapshot!(ran.stdout, @r"
    new.yaml
      CHANGED      line 2: the recipe `small` is gone (local one) [DIFF-RECIPE-002]

    1 recipe differs: nothing got weaker, 1 changed, from old.yaml to new.yaml
    ");
    // A renamed one is compared with what it was, not with one that is still there.
    let (old, new) = (
        with(GOOD, &["one", "two"]).replace("cat /etc/motd", "echo {{flavour}}"),
        with(GOOD, &["one", "zwei"]).replace("cat /etc/motd", "echo {{flavour}}"),
    );
    let ran = pair(&old, &new).run(&["diff", "old.yaml", "new.yaml"]);
    insta::assert_snapshot!(ran.stdout, @r"
    new.yaml
      CHANGED      line 2: the cell of the matrix was `flavour: two` and is `flavour: zwei` (local zwei from local two) [DIFF-RECIPE-006]
      CHANGED      line 11: the step `look` runs another script (local zwei from local two) [DIFF-STEP-004]
          | set -eu
          - echo two
          + echo zwei
      NEUTRAL      line 15: the image's name was `small-two-1.0.0-{{build.id}}` and is `small-zwei-1.0.0-{{build.id}}` (local zwei from local two) [DIFF-IMAGE-001]

    1 recipe differs: nothing got weaker, 2 changed, 1 neutral, from old.yaml to new.yaml
    ");
}
