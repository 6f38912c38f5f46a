//! Templates to final strings.

use amint_recipe::recipe::{Action, Content, Script};
use amint_recipe::{PLACEHOLDER_BUILD_ID, Recipe};

use super::support::{parse_at, parse_text, with, workspace};

fn run(recipe: &Recipe, step: usize) -> String {
    let Action::Shell(Script::Inline(text)) = &recipe.steps[step].action else {
        panic!("an inline script")
    };
    let renderer = recipe.renderer(PLACEHOLDER_BUILD_ID).unwrap();
    renderer.render(text).unwrap()
}

fn script(lines: &str, overrides: &[(&str, &str)]) -> String {
    let text = with(&format!(
        "variables: {{ value: '' }}\nsteps:\n  - shell:\n      run: |\n        {lines}\n"
    ));
    run(&parse_text(&text, overrides).1.unwrap(), 0)
}

#[test]
fn values_in_run_are_quoted_for_the_shell() {
    let hostile = [("value", "a'b; $(rm -rf /)")];
    assert_eq!(
        script("echo {{value}}", &hostile),
        "echo 'a'\\''b; $(rm -rf /)'\n"
    );
    assert_eq!(
        script("echo {{{value}}}", &[("value", "$HOME")]),
        "echo $HOME\n"
    );
    assert_eq!(script("echo {{value}}", &[]), "echo ''\n");
    assert_eq!(
        script("echo {{value}}", &[("value", "1.2.3")]),
        "echo 1.2.3\n"
    );
    assert_eq!(script("echo \\{{value}}", &[]), "echo {{value}}\n");
}

#[test]
fn conditions_choose_lines() {
    let lines =
        "{{#if (eq value \"edge\")}}edge{{else}}other{{/if}} {{#unless value}}none{{/unless}}";
    assert_eq!(script(lines, &[("value", "edge")]), "edge \n");
    assert_eq!(script(lines, &[("value", "")]), "other none\n");
}

#[test]
fn values_elsewhere_are_inserted_as_they_are() {
    let (_, recipe) = parse_at(&workspace("fixtures/recipes/valid/everything.yaml"));
    let recipe = recipe.unwrap();
    let renderer = recipe.renderer("01jbuild").unwrap();
    assert_eq!(recipe.version, "2.4");
    assert_eq!(
        recipe.description.as_deref(),
        Some("All keys of the stable channel")
    );
    assert_eq!(recipe.seal.application_logs, ["/opt/everything/logs"]);
    assert_eq!(
        renderer.render(&recipe.image.name).unwrap(),
        "everything-2.4-01jbuild"
    );
    assert_eq!(
        renderer.render(&recipe.image.description).unwrap(),
        "Logs & more 2.4"
    );
    assert_eq!(run(&recipe, 3), "echo 'Logs & more' 2.4 > /etc/product\n");
    let Action::File(file) = &recipe.steps[5].action else {
        panic!("a file step")
    };
    let Content::Inline(content) = &file.content else {
        panic!("inline content")
    };
    assert_eq!(
        renderer.render(content).unwrap(),
        "product = Logs & more\nbuild = 01jbuild\n"
    );
    assert_eq!(renderer.render(&file.to).unwrap(), "/etc/everything.conf");
}

#[test]
fn a_build_id_that_is_no_word_is_refused() {
    let (_, recipe) = parse_text(&with(""), &[]);
    let recipe = recipe.unwrap();
    for id in ["", "a b", "../x", "$(x)", &"a".repeat(65)] {
        let error = recipe.renderer(id).unwrap_err();
        assert_eq!(
            error.to_string(),
            "a build id is 1 to 64 letters, digits and hyphens"
        );
    }
}
