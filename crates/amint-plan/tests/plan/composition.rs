//! Plans of recipes that include files, have a matrix and use helpers.

use amint_plan::{Action, Target, resolve};

use super::support::{cells_at, plan, with};

/// Two builds of different days.
const DAYS: [&str; 2] = ["01arz3ndektsv4rrffq69g5fav", "01jd3m0000000000000000000a"];

#[test]
fn each_cell_has_a_plan_of_its_own() {
    let recipes = cells_at("fixtures/recipes/valid/composed.yaml");
    let plans: Vec<_> = recipes
        .iter()
        .map(|recipe| resolve(recipe, Target::Aws, DAYS[0]).unwrap())
        .collect();
    let titles: Vec<_> = plans.iter().map(|plan| plan.title()).collect();
    assert_eq!(
        titles,
        [
            "composed-1.0.0-x86_64-stable",
            "composed-1.0.0-x86_64-edge",
            "composed-1.0.0-arm64-stable",
        ]
    );
    // Images of one cell do not retire those of another.
    assert_eq!(plans[2].series(), "composed/arm64-stable");
    assert_eq!(plans[2].matrix["architecture"], "arm64");
    assert_ne!(plans[0].digest, plans[1].digest);
    let json = serde_json::to_value(&plans[2]).unwrap();
    assert_eq!(json["matrix"]["channel"], "stable");
}

#[test]
fn a_recipe_without_a_matrix_has_the_plan_that_it_had() {
    let plan = plan(&with(""));
    assert_eq!(
        (plan.title(), plan.series()),
        ("test-1.0.0".to_owned(), "test".to_owned())
    );
    let json = serde_json::to_value(&plan).unwrap();
    assert_eq!(json.get("matrix"), None);
}

#[test]
fn the_date_is_rendered_but_not_digested() {
    let recipe = &cells_at("fixtures/recipes/valid/composed.yaml")[0];
    let plans = DAYS.map(|build| resolve(recipe, Target::Aws, build).unwrap());
    assert_eq!(plans[0].digest, plans[1].digest);
    assert_eq!(plans[0].image.description, "of 2016-07-30");
    assert_eq!(plans[1].image.description, "of 2024-11-20");
}

/// As if the steps stood in the recipe.
#[test]
fn included_steps_are_planned_like_own_ones() {
    let recipe = &cells_at("fixtures/recipes/valid/composed.yaml")[0];
    let included = resolve(recipe, Target::Aws, DAYS[0]).unwrap();
    let own = plan(&with(
        "steps:\n- file: { name: page, to: /srv/composed, content: \"again on 80\\n\" }\n",
    ));
    assert_eq!(included.steps[5].actions, own.steps[0].actions);
    assert_eq!(included.steps[5].name, "second: inner: the page");
    assert!(matches!(included.steps[6].actions[..], [Action::Reboot]));
}
