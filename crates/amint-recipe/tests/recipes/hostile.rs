//! Text that nobody means well with: no panic, no stack overflow, no long wait.

use std::time::{Duration, Instant};

use proptest::prelude::*;

use super::support::{parse_text, recipes_in, with};

#[test]
fn a_mebibyte_of_brackets_is_refused_within_a_second() {
    for pattern in [
        "[", "{", "- ", "? ", "[a,", "{a: ", "- [", "a:\n", "- - a\n", "{{", "&a ", "\"",
    ] {
        let count = (1 << 20) / pattern.len();
        for text in [
            pattern.repeat(count),
            with(&format!("steps: {}", pattern.repeat(count - 64))),
        ] {
            let start = Instant::now();
            let recipe = parse_text(&text, &[]).1;
            let rendered = recipe.unwrap_err().render(false);
            assert!(start.elapsed() < Duration::from_secs(1), "{pattern:?}");
            assert!(rendered.contains("error[AM00"), "{pattern:?}");
            assert!(rendered.len() < 100_000, "{pattern:?}: {}", rendered.len());
        }
    }
}

#[test]
fn a_mebibyte_of_template_is_refused_within_a_second() {
    for pattern in [
        "{{",
        "{{{",
        "{{{{",
        "}}",
        "{{x}}",
        "{{(",
        "{{#if x}}",
        "{{else}}",
        "{{^",
        "{{/if}}",
        "{{!--",
        "{{!",
        "\\{{",
        "{{#if version}}{{else if version}}",
        "{{eq (eq (eq ",
        "{{x ",
        "{{\"",
        "{{[",
        "{{x}}}",
        "{{#each version}}",
        "\\\\",
    ] {
        let text = with(&format!(
            "steps: [{{ shell: {{ run: '{{{{version}}}}{}' }} }}]\n",
            pattern.repeat((1 << 20) / pattern.len() - 64)
        ));
        let start = Instant::now();
        let recipe = parse_text(&text, &[]).1;
        if let Err(diagnostics) = recipe {
            assert!(diagnostics.render(false).len() < 100_000, "{pattern:?}");
        }
        assert!(
            start.elapsed() < Duration::from_secs(3),
            "{pattern:?} took {:?}",
            start.elapsed()
        );
    }
}

#[test]
fn the_largest_templates_that_are_allowed_are_quick() {
    let one = "a line\n".repeat(5_000) + &"{{version}} x ".repeat(199);
    let steps: String = (0..10)
        .map(|_| {
            format!(
                "- shell: {{ run: {} }}\n",
                serde_json::to_string(&one).unwrap()
            )
        })
        .collect();
    let start = Instant::now();
    let (_, recipe) = parse_text(&with(&format!("steps:\n{steps}")), &[]);
    assert!(recipe.is_ok());
    assert!(
        start.elapsed() < Duration::from_secs(2),
        "{:?}",
        start.elapsed()
    );
}

#[test]
fn a_pattern_cannot_cost_without_bound() {
    for pattern in [
        "(a*)*$",
        "((((a{100}){100}){100}){100})",
        "((((((((((((((((((((((((((((((",
        "^(.*a){5000}$",
    ] {
        let text = with(&format!(
            "variables: {{ x: {{ default: {}, pattern: '{pattern}' }} }}\n",
            "a".repeat(10_000)
        ));
        let start = Instant::now();
        let _ = parse_text(&text, &[]);
        assert!(start.elapsed() < Duration::from_secs(3), "{pattern}");
    }
}

fn fixtures() -> Vec<String> {
    [
        "fixtures/recipes/valid",
        "fixtures/recipes/invalid",
        "recipes",
    ]
    .into_iter()
    .flat_map(recipes_in)
    .map(|path| std::fs::read_to_string(path).unwrap())
    .collect()
}

proptest! {
    #[test]
    fn any_text_parses_without_panic(text in "(\\PC|[\\n\\t\u{feff}]){0,300}") {
        let recipe = parse_text(&text, &[]).1;
        if let Err(diagnostics) = recipe {
            diagnostics.render(true);
        }
    }

    #[test]
    fn any_edit_of_a_recipe_parses_without_panic(
        text in prop::sample::select(fixtures()),
        at in any::<prop::sample::Index>(),
        length in 0..40usize,
        insert in "[-\\n :{}\\[\\]\"'#&*!|>%@a-z0-9é]{0,12}",
    ) {
        let mut characters: Vec<char> = text.chars().collect();
        let start = at.index(characters.len() + 1);
        let end = (start + length).min(characters.len());
        characters.splice(start..end, insert.chars());
        let text: String = characters.into_iter().collect();
        let recipe = parse_text(&text, &[("token", "x")]).1;
        if let Err(diagnostics) = recipe {
            prop_assert!(!diagnostics.is_empty());
            diagnostics.render(false);
        }
    }

    #[test]
    fn any_template_is_checked_without_panic(template in "[{}~#/^!>*&()a-z.\\\\ \\n\"'|=@é-]{0,60}") {
        let quoted = serde_json::to_string(&template).unwrap();
        let text = with(&format!("steps: [{{ file: {{ content: {quoted}, to: /a }} }}]\n"));
        let recipe = parse_text(&text, &[]).1;
        match recipe {
            Ok(recipe) => {
                // What was checked can be rendered, also with another build's id.
                let renderer = recipe.renderer("01j00000000000000000000000").unwrap();
                let amint_recipe::recipe::Action::File(file) = &recipe.steps[0].action else {
                    panic!("a file step")
                };
                let amint_recipe::recipe::Content::Inline(content) = &file.content else {
                    panic!("inline content")
                };
                prop_assert!(renderer.render(content).is_ok());
            }
            Err(diagnostics) => { diagnostics.render(false); }
        }
    }
}
