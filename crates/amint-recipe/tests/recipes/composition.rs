//! Recipes of several files and for several images.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use amint_recipe::recipe::{Action, Content, Script, cell_label};
use amint_recipe::{Diagnostics, Given, Options, PLACEHOLDER_BUILD_ID, Recipe, Source, parse};
use proptest::prelude::*;

use super::support::{CATALOGUE, expand_at, expand_text, with, workspace};

type Folder = BTreeMap<String, Vec<u8>>;

fn folder(files: &[(&str, &str)]) -> Folder {
    files
        .iter()
        .map(|(path, text)| ((*path).to_owned(), text.as_bytes().to_vec()))
        .collect()
}

/// A file of steps.
fn steps(lines: &str) -> String {
    format!("amint-steps: 1\nsteps:\n{lines}")
}

fn codes(result: &Result<Vec<Recipe>, Diagnostics>) -> Vec<&'static str> {
    let diagnostics = result.as_ref().expect_err("a problem");
    diagnostics.iter().map(|one| one.code).collect()
}

fn composed() -> Vec<Recipe> {
    expand_at(&workspace("fixtures/recipes/valid/composed.yaml")).unwrap()
}

fn run(recipe: &Recipe, step: usize) -> String {
    let Action::Shell(Script::Inline(text)) = &recipe.steps[step].action else {
        panic!("a script in the recipe")
    };
    let renderer = recipe.renderer(PLACEHOLDER_BUILD_ID).unwrap();
    renderer.render(text).unwrap()
}

fn content(recipe: &Recipe, step: usize, build: &str) -> String {
    let Action::File(file) = &recipe.steps[step].action else {
        panic!("a file")
    };
    let Content::Inline(text) = &file.content else {
        panic!("content in the recipe")
    };
    recipe.renderer(build).unwrap().render(text).unwrap()
}

#[test]
fn included_steps_stand_where_their_includes_do() {
    let recipes = composed();
    let names: Vec<&str> = recipes[0].steps.iter().map(|step| &step.name[..]).collect();
    assert_eq!(
        names,
        [
            "reboot-1",
            "stable: say it",
            "stable: inner: the page",
            "stable: reboot-4",
            "second: say it",
            "second: inner: the page",
            "second: reboot-7",
            "file-8",
            "shell-9",
        ]
    );
    let sources = &recipes[0].sources;
    let (line, _) = sources.position(recipes[0].steps[2].span);
    let file = recipes[0].steps[2].span.file;
    assert!(sources.shown_path(file).ends_with("valid/steps/page.yaml"));
    assert_eq!(line, 6);
    let files: Vec<&str> = recipes[0].files.keys().map(String::as_str).collect();
    assert_eq!(
        files,
        [
            "files/blob.bin",
            "steps/page.yaml",
            "steps/service.yaml",
            "steps/short.yaml",
        ]
    );
}

#[test]
fn included_steps_see_their_parameters() {
    let recipes = composed();
    assert_eq!(
        run(&recipes[0], 1),
        format!("echo composed 1.0.0 'It'\\''s \"here\" stable' 8080 {PLACEHOLDER_BUILD_ID}")
    );
    let second = format!("echo composed 1.0.0 again 80 {PLACEHOLDER_BUILD_ID}");
    assert_eq!(run(&recipes[0], 4), second);
    let page = content(&recipes[0], 2, PLACEHOLDER_BUILD_ID);
    assert_eq!(page, "It's \"here\" stable on 8080\n");
}

#[test]
fn a_matrix_stands_for_a_recipe_a_cell() {
    let recipes = composed();
    let labels: Vec<String> = recipes.iter().map(|one| cell_label(&one.matrix)).collect();
    assert_eq!(labels, ["x86_64-stable", "x86_64-edge", "arm64-stable"]);
    let name = |recipe: &Recipe| {
        let renderer = recipe.renderer("01jbuild").unwrap();
        renderer.render(&recipe.image.name).unwrap()
    };
    assert_eq!(name(&recipes[2]), "composed-1.0.0-arm64-stable-01jbuild");
    assert!(content(&recipes[1], 7, PLACEHOLDER_BUILD_ID).starts_with("# edge\n"));
}

#[test]
fn a_variable_of_an_axis_chooses_cells() {
    let text = with("matrix: { a: [x, y], b: [1, 2], exclude: [{ a: y, b: 2 }] }\n");
    let labels = |overrides: &[(&str, &str)]| -> Vec<String> {
        let recipes = expand_text(&text, &Folder::new(), overrides).unwrap();
        recipes.iter().map(|one| cell_label(&one.matrix)).collect()
    };
    assert_eq!(labels(&[]), ["x-1", "x-2", "y-1"]);
    assert_eq!(labels(&[("a", "x")]), ["x-1", "x-2"]);
    assert_eq!(labels(&[("a", "y")]), ["y-1"]);
    for (overrides, code) in [
        (&[("a", "z")][..], "AM0098"),
        (&[("a", "y"), ("b", "2")], "AM0098"),
        (&[("c", "1")], "AM0021"),
    ] {
        let refused = expand_text(&text, &Folder::new(), overrides);
        assert_eq!(codes(&refused), [code], "{overrides:?}");
    }
}

#[test]
fn one_recipe_is_asked_for_by_choosing_a_cell() {
    let source = Source {
        path: "recipe.yaml".into(),
        text: with("matrix: { a: [x, y] }\n"),
    };
    let files = &Folder::new();
    let options = Options {
        files,
        catalogue: CATALOGUE,
    };
    let refused = parse(&source, &Given::default(), &options).unwrap_err();
    insta::assert_snapshot!(refused.render(false), @r"
    error[AM0097]: the recipe stands for 2 images, and one is needed here
     --> recipe.yaml:5:1
      |
    5 | matrix: { a: [x, y] }
      | ^^^^^^
      |
      = help: choose one, such as `--var a=x`
    ");
    let chosen = Given::from_iter([("a".to_owned(), "y".to_owned())]);
    let recipe = parse(&source, &chosen, &options).unwrap();
    assert_eq!(&recipe.matrix, chosen.arguments());
}

/// What each helper makes of a value, in a script and elsewhere.
#[test]
fn helpers_insert_more_than_a_value() {
    const DIGEST: &str = "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824";
    let files = folder(&[("files/hello", "hello")]);
    let render = |template: &str| {
        let value = serde_json::to_string(template).unwrap();
        let text = with(&format!(
            "variables: {{ x: \"a 'b'\", path: files/hello }}\n\
             steps: [{{ shell: {{ run: {value} }} }}, {{ file: {{ content: {value}, to: /x }} }}]\n"
        ));
        let recipe = expand_text(&text, &files, &[]);
        let recipe = recipe.unwrap_or_else(|found| panic!("{}", found.render(false)));
        let content = content(&recipe[0], 1, "01ARZ3NDEKTSV4RRFFQ69G5FAV");
        (run(&recipe[0], 0), content)
    };
    let quoted = r"'a '\''b'\'''";
    for (template, script, elsewhere) in [
        ("{{x}}", quoted, "a 'b'"),
        ("{{shell-quote x}}", quoted, quoted),
        ("{{{shell-quote x}}}", quoted, quoted),
        ("{{json x}}", r#"'"a '\''b'\''"'"#, r#""a 'b'""#),
        ("{{{json x}}}", r#""a 'b'""#, r#""a 'b'""#),
        (
            "{{json (shell-quote path)}}",
            r#"'"files/hello"'"#,
            r#""files/hello""#,
        ),
        ("{{json (eq x \"y\")}}", "false", "false"),
        ("{{date \"%Y%m%d\"}}", "19700101", "20160730"),
        (
            "{{date \"%F %H:%M:%S %j %%\"}}",
            "'1970-01-01 00:00:00 001 %'",
            "2016-07-30 23:54:10 212 %",
        ),
        ("{{sha256-file \"files/hello\"}}", DIGEST, DIGEST),
        ("{{sha256-file path}}", DIGEST, DIGEST),
        (
            "{{#if (eq (json path) \"x\")}}old{{else}}new{{/if}}",
            "new",
            "new",
        ),
    ] {
        let expected = (script.to_owned(), elsewhere.to_owned());
        assert_eq!(render(template), expected, "{template}");
    }
}

#[test]
fn a_date_needs_a_build_with_a_time() {
    let text = with("image: { description: 'of {{date \"%F\"}}' }\n");
    let recipe = &expand_text(&text, &Folder::new(), &[]).unwrap()[0];
    let render = |build: &str| {
        let renderer = recipe.renderer(build).unwrap();
        renderer.render(&recipe.image.description).ok()
    };
    assert_eq!(
        render("01arz3ndektsv4rrffq69g5fav").unwrap(),
        "of 2016-07-30"
    );
    assert_eq!(render("another"), None);
}

#[test]
fn a_file_that_is_no_file_of_steps_is_refused_where_it_is_included() {
    let mut files = folder(&[("recipe.yaml", &with(""))]);
    files.insert("binary".to_owned(), vec![0xff, 0xfe]);
    files.insert("large".to_owned(), vec![b'#'; (1 << 20) + 1]);
    for (path, code) in [
        ("recipe.yaml", "AM0013"),
        ("binary", "AM0053"),
        ("large", "AM0052"),
        ("none", "AM0050"),
    ] {
        let text = with(&format!("steps: [{{ include: {path} }}]\n"));
        assert_eq!(codes(&expand_text(&text, &files, &[])), [code], "{path}");
    }
}

#[test]
fn a_file_of_steps_is_no_recipe() {
    let refused = expand_text(&steps("  - reboot:\n"), &Folder::new(), &[]);
    let found = refused.unwrap_err();
    let message = &found.iter().next().unwrap().message;
    assert_eq!(message, "this is a file of steps, not a recipe");
    assert_eq!(found.iter().len(), 1);
}

#[test]
fn cycles_of_any_length_are_named() {
    for length in 1..=20 {
        let mut files = Folder::new();
        for index in 0..length {
            let next = (index + 1) % length;
            let text = steps(&format!("  - include: {next}.yaml\n"));
            files.insert(format!("{index}.yaml"), text.into_bytes());
        }
        let refused = expand_text(&with("steps: [{ include: 0.yaml }]\n"), &files, &[]);
        let found = refused.unwrap_err();
        let messages: Vec<&str> = found.iter().map(|one| one.message.as_str()).collect();
        if length <= 16 {
            let names = (0..length).chain([0]).map(|index| format!("{index}.yaml"));
            let cycle = names.collect::<Vec<_>>().join(" -> ");
            let expected = format!("these files include each other: {cycle}");
            assert_eq!(messages, [expected]);
        } else {
            assert_eq!(messages, ["more than 16 files include each other in a row"]);
        }
    }
}

/// Ten files, each of which includes the next one ten times.
#[test]
fn includes_cannot_multiply_without_bound() {
    let mut files = Folder::new();
    for index in 0..10 {
        let text = steps(&format!("  - include: {}.yaml\n", index + 1).repeat(10));
        files.insert(format!("{index}.yaml"), text.into_bytes());
    }
    files.insert("10.yaml".to_owned(), steps("  - reboot:\n").into_bytes());
    let start = Instant::now();
    let refused = expand_text(&with("steps: [{ include: 0.yaml }]\n"), &files, &[]);
    assert_eq!(codes(&refused), ["AM0045"]);
    assert!(start.elapsed() < Duration::from_secs(20));
}

/// A large text, in each of 64 cells and included many times.
#[test]
fn neither_can_their_content() {
    let large = format!(
        "  - file: {{ to: /x, content: '{}' }}\n",
        "x".repeat(1 << 19)
    );
    let files = folder(&[("large.yaml", &steps(&large))]);
    let includes = "  - include: large.yaml\n".repeat(400);
    let axis: Vec<String> = (0..64).map(|index| index.to_string()).collect();
    let text = with(&format!(
        "matrix: {{ a: [{}] }}\nsteps:\n{includes}",
        axis.join(",")
    ));
    let start = Instant::now();
    let refused = expand_text(&text, &files, &[]);
    assert_eq!(codes(&refused), ["AM0032"]);
    assert!(
        start.elapsed() < Duration::from_secs(20),
        "{:?}",
        start.elapsed()
    );
}

/// Many parameters, patterns, packages and mistakes, in a file that is included many times and in 64 cells.
#[test]
fn nor_what_is_small_and_many() {
    let many =
        |count: usize, line: &dyn Fn(usize) -> String| -> String { (0..count).map(line).collect() };
    let parameters = many(20_000, &|index| format!("  p{index}: x\n"));
    let patterns = many(8_000, &|index| {
        format!("  p{index}: {{ default: a, pattern: '^a$' }}\n")
    });
    let packages = many(20_000, &|index| format!("    - p{index}\n"));
    let mistakes = many(20_000, &|index| format!("k{index}: 1\n"));
    let slow = "a".repeat(10_000);
    let included = [
        (format!("parameters:\n{parameters}steps: []\n"), "AM0032"),
        (format!("parameters:\n{patterns}steps: []\n"), "AM0032"),
        (format!("steps:\n- install-packages:\n{packages}"), "AM0032"),
        (
            format!(
                "parameters: {{ p: {{ pattern: '^(.*a){{500}}$', default: {slow} }} }}\nsteps: []\n"
            ),
            "AM0032",
        ),
        (format!("steps: []\n{mistakes}"), "AM0011"),
    ];
    let axis: Vec<String> = (0..64).map(|index| index.to_string()).collect();
    let includes = "- include: many.yaml\n".repeat(450);
    for (text, code) in included {
        let files = folder(&[("many.yaml", &format!("amint-steps: 1\n{text}"))]);
        let recipe = with(&format!(
            "matrix: {{ a: [{}] }}\nsteps:\n{includes}",
            axis.join(",")
        ));
        let start = Instant::now();
        let refused = expand_text(&recipe, &files, &[]);
        let elapsed = start.elapsed();
        assert_eq!(codes(&refused)[0], code);
        assert!(
            elapsed < Duration::from_secs(20),
            "{elapsed:?}: {}",
            &text[..40]
        );
    }
}

/// A list of steps with includes of some of the files, and mistakes.
fn list() -> impl Strategy<Value = String> {
    let item = prop_oneof![
        4 => (0..6usize).prop_map(|file| format!("  - include: s/{file}.yaml\n")),
        2 => (0..6usize, "[a-c]").prop_map(|(file, name)| {
            format!("  - include: {{ file: s/{file}.yaml, name: {name}, with: {{ p: '{{{{name}}}}' }} }}\n")
        }),
        3 => "[a-c]".prop_map(|name| format!("  - shell: {{ name: {name}, run: 'echo {{{{p}}}}' }}\n")),
        2 => Just("  - reboot:\n".to_owned()),
        1 => "[-a-z{}: '\"]{0,12}".prop_map(|text| format!("  - {text}\n")),
    ];
    prop::collection::vec(item, 0..5).prop_map(|items| items.concat())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]
    #[test]
    fn any_files_are_expanded_alike_without_panic(
        own in list(),
        lists in prop::collection::vec((any::<bool>(), list()), 6),
        matrix in any::<bool>(),
    ) {
        let files: Folder = lists.into_iter().enumerate().map(|(index, (declares, list))| {
            let parameters = if declares { "parameters: { p: 1 }\n" } else { "" };
            let text = format!("amint-steps: 1\n{parameters}steps:\n{list}");
            (format!("s/{index}.yaml"), text.into_bytes())
        }).collect();
        let matrix = if matrix { "matrix: { a: [x, y] }\n" } else { "" };
        let text = with(&format!("{matrix}variables: {{ p: 1 }}\nsteps:\n{own}"));
        let (one, other) = (expand_text(&text, &files, &[]), expand_text(&text, &files, &[]));
        match (one, other) {
            (Ok(one), Ok(other)) => {
                for (one, other) in one.iter().zip(&other) {
                    prop_assert_eq!(&one.steps, &other.steps);
                    // What was checked can be rendered.
                    let renderer = one.renderer(PLACEHOLDER_BUILD_ID).unwrap();
                    for step in &one.steps {
                        if let Action::Shell(Script::Inline(text)) = &step.action {
                            prop_assert!(renderer.render(text).is_ok());
                        }
                    }
                }
            }
            (Err(one), Err(other)) => {
                prop_assert_eq!(one.render(false), other.render(false));
                for found in one.iter() {
                    let source = one.sources().get(found.span.file).unwrap();
                    prop_assert!(found.span.end <= source.text.len());
                }
            }
            _ => prop_assert!(false, "expanded once, refused once"),
        }
    }

    /// A template with helpers that was checked is rendered, and with the placeholder to what was checked.
    #[test]
    fn what_is_checked_is_what_is_rendered(
        pieces in prop::collection::vec(prop_oneof![
            Just("{{date \"%F\"}}"), Just("{{json x}}"), Just("{{shell-quote x}}"), Just("{{sha256-file \"f\"}}"),
            Just("{{sha256-file x}}"), Just("{{date x}}"), Just("{{json (json x)}}"), Just("{{#if (eq x (json x))}}"),
            Just("{{else}}"), Just("{{/if}}"), Just("{{x}}"), Just("{{{json x}}}"), Just("{{build.id}}"), Just(" a "),
            Just("{{json \"%\"}}"), Just("{{date \"%\"}}"), Just("{{shell-quote (date \"%d\")}}"), Just("{{date}}"),
        ], 0..6),
    ) {
        let template = pieces.concat();
        let value = serde_json::to_string(&template).unwrap();
        let text = with(&format!("variables: {{ x: f }}\nsteps:\n- file: {{ content: {value}, to: /x }}\n"));
        if let Ok(recipes) = expand_text(&text, &folder(&[("f", "")]), &[]) {
            let rendered = content(&recipes[0], 0, PLACEHOLDER_BUILD_ID);
            prop_assert!(!rendered.contains("{{"), "{rendered}");
        }
    }
}
