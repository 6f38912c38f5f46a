//! Recipes that are right.

use std::time::Duration;

use amint_recipe::recipe::{Action, AwsBase, Content, LocalBase, Script};

use super::support::{parse_at, parse_text, recipes_in, with, workspace};

#[test]
fn every_recipe_of_the_project_is_valid_and_without_warnings() {
    let mut paths = recipes_in("recipes");
    paths.extend(recipes_in("fixtures/recipes/valid"));
    paths.push(workspace("fixtures/recipes/leaky.yaml"));
    for path in paths {
        let (source, recipe) = parse_at(&path);
        match recipe {
            Ok(recipe) => assert_eq!(recipe.warnings.render(&source, false), "", "{path:?}"),
            Err(diagnostics) => panic!("{}", diagnostics.render(&source, false)),
        }
    }
}

#[test]
fn defaults_fill_what_is_not_said() {
    let recipe = parse_at(&workspace("fixtures/recipes/valid/minimal.yaml"))
        .1
        .unwrap();
    assert_eq!(
        recipe.base.local,
        Some(LocalBase::Debian("bookworm".into()))
    );
    assert_eq!((recipe.builder.vcpus, recipe.builder.memory_mib), (2, 1024));
    assert!(recipe.builder.network);
    assert_eq!(recipe.builder.timeout, Duration::from_secs(3600));
    assert_eq!(recipe.seal.profile, "marketplace-linux");
    assert_eq!(
        recipe.image.name.template(),
        "{{name}}-{{version}}-{{build.id}}"
    );
    assert!(recipe.steps.is_empty());
}

#[test]
fn short_forms_mean_the_same() {
    let recipe = parse_at(&workspace("fixtures/recipes/valid/short-forms.yaml"))
        .1
        .unwrap();
    assert_eq!(recipe.version, "1.10");
    assert_eq!(recipe.variables["port"], "8080");
    let Some(LocalBase::Image { path, sha256 }) = &recipe.base.local else {
        panic!("an image")
    };
    assert!(path.is_absolute() && path.ends_with("fixtures/recipes/valid/base.qcow2"));
    assert!(sha256.starts_with("9f86d081"));
    let kinds: Vec<_> = recipe.steps.iter().map(|step| step.action.kind()).collect();
    assert_eq!(
        kinds,
        [
            "upgrade-packages",
            "install-packages",
            "reboot",
            "shell",
            "file"
        ]
    );
    let names: Vec<_> = recipe.steps.iter().map(|step| step.name.as_str()).collect();
    assert_eq!(
        names,
        [
            "upgrade-packages-1",
            "install-packages-2",
            "reboot-3",
            "shell-4",
            "file-5"
        ]
    );
}

#[test]
fn all_that_a_recipe_says_is_kept() {
    let recipe = parse_at(&workspace("fixtures/recipes/valid/everything.yaml"))
        .1
        .unwrap();
    assert!(matches!(recipe.base.aws, Some(AwsBase::SsmParameter(_))));
    assert_eq!(recipe.builder.timeout, Duration::from_secs(5400));
    assert_eq!(
        recipe.builder.aws.instance_types,
        ["m7i.large", "m6i.large"]
    );
    assert!(!recipe.builder.network);
    assert_eq!(recipe.steps[3].timeout, Some(Duration::from_secs(90)));
    let Action::Shell(Script::File { text, .. }) = &recipe.steps[4].action else {
        panic!("a script")
    };
    assert!(text.contains("{{this}} stays"));
    let Action::File(file) = &recipe.steps[5].action else {
        panic!("a file")
    };
    assert_eq!(
        (file.mode, file.owner.as_deref(), file.group.as_deref()),
        (0o640, Some("root"), Some("0"))
    );
    let Action::File(file) = &recipe.steps[6].action else {
        panic!("a file")
    };
    let Content::File { bytes, .. } = &file.content else {
        panic!("a file's content")
    };
    assert_eq!(
        (file.mode, bytes.as_slice()),
        (0o644, b"\0\x01\xff\xfeamint\n".as_slice())
    );
    assert_eq!(recipe.waivers[0].expires, "2030-01-31");
}

#[test]
fn overrides_replace_defaults() {
    let text = with("variables: { a: 1, b: { default: 2, pattern: '^[0-9]$' } }\n");
    let recipe = parse_text(&text, &[("b", "7")]).1.unwrap();
    assert_eq!(recipe.variables["a"], "1");
    assert_eq!(recipe.variables["b"], "7");
}
