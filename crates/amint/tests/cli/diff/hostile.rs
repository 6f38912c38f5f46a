//! Proposals by somebody who would rather not be seen.

use std::os::unix::fs::symlink;

use super::repository::Repository;
use super::weaker;
use crate::command::{GOOD, Ran};

fn named(text: &str, name: &str) -> String {
    text.replace("name: small", &format!("name: {name}"))
}

fn last(repository: &Repository) -> Ran {
    repository.diff(&["main~1..main"])
}

#[test]
fn another_path_is_no_way_around_the_comparison() {
    // Moved and weakened; moved under another name; the old path taken by a decoy; a weaker copy.
    let moves: [&[(&str, String)]; 4] = [
        &[("recipes/b.yaml", weaker())],
        &[("recipes/b.yaml", named(&weaker(), "other"))],
        &[
            ("recipes/a.yaml", named(GOOD, "decoy")),
            ("recipes/b.yaml", weaker()),
        ],
        &[
            ("recipes/a.yaml", named(&weaker(), "other")),
            ("recipes/b.yaml", GOOD.to_owned()),
        ],
    ];
    for files in moves {
        let repository = Repository::with(&[("recipes/a.yaml", GOOD)]);
        repository.git(&["rm", "-q", "recipes/a.yaml"]);
        let files: Vec<(&str, &str)> = files
            .iter()
            .map(|(path, text)| (*path, text.as_str()))
            .collect();
        repository.commit(&files);
        let ran = last(&repository);
        assert_eq!(ran.code, 16, "{files:?}\n{}", ran.stdout);
        assert!(ran.stdout.contains("MP-CLEAN-002"), "{}", ran.stdout);
    }
}

#[test]
fn other_names_and_ways_to_write_a_recipe_are_seen() {
    let repository = Repository::with(&[("recipes/a.yaml", GOOD), ("recipes/x/keep", "")]);
    let hidden = weaker().replace("amint: 1", "\"\\x61mint\": 1");
    repository.git(&["mv", "recipes/a.yaml", "recipes/x/a\nb.recipe"]);
    repository.commit(&[("recipes/x/a\nb.recipe", &hidden)]);
    let ran = last(&repository);
    assert_eq!(ran.code, 16, "{}", ran.stdout);
    assert!(
        ran.stdout.contains(r"recipes/x/a\u{a}b.recipe"),
        "{}",
        ran.stdout
    );
}

#[test]
fn a_recipe_behind_a_link_is_what_it_leads_to() {
    let repository = Repository::with(&[("recipes/a.yaml", GOOD), ("hidden/a.yaml", &weaker())]);
    std::fs::remove_file(repository.world.path("recipes/a.yaml")).unwrap();
    symlink("../hidden/a.yaml", repository.world.path("recipes/a.yaml")).unwrap();
    repository.commit(&[]);
    assert_eq!(last(&repository).code, 16);
    // The link stays, and what it leads to changes.
    repository.commit(&[("hidden/a.yaml", GOOD)]);
    assert_eq!(last(&repository).code, 0);
    repository.commit(&[("hidden/a.yaml", &weaker())]);
    assert_eq!(last(&repository).code, 16);
    // Out of the repository is nowhere.
    for target in ["/etc/passwd", "../../outside.yaml", "a.yaml"] {
        std::fs::remove_file(repository.world.path("recipes/a.yaml")).unwrap();
        symlink(target, repository.world.path("recipes/a.yaml")).unwrap();
        repository.commit(&[]);
        let ran = last(&repository);
        assert_eq!(ran.code, 3, "{target}: {}", ran.stderr);
        assert_eq!(
            ran.stderr
                .lines()
                .filter(|line| line.starts_with("error"))
                .count(),
            1
        );
    }
}

#[test]
fn a_folder_behind_a_link_is_not_passed_over() {
    let repository =
        Repository::with(&[("recipes/team/a.yaml", GOOD), ("hidden/a.yaml", &weaker())]);
    let replace = |path: &str, target: &str| {
        let path = repository.world.path(path);
        let _ = std::fs::remove_dir_all(&path).or_else(|_| std::fs::remove_file(&path));
        symlink(target, path).unwrap();
        repository.commit(&[]);
        last(&repository)
    };
    let ran = replace("recipes/team", "../hidden");
    assert_eq!(ran.code, 3);
    insta::assert_snapshot!(ran.stderr, @r"
    error: the symbolic link recipes/team changed, or what it leads to, and what is there is not seen
    hint: put a folder or a file in its place, or compare the path that it leads to
    ");
    // It stays, and so does what it leads to; then that changes.
    repository.commit(&[("other", "x")]);
    assert_eq!(last(&repository).code, 0);
    repository.commit(&[("hidden/a.yaml", GOOD)]);
    assert_eq!(last(&repository).code, 3);
    assert_eq!(replace("recipes/team", "/srv").code, 3);
    // Nor is the folder that is compared, or one above it.
    let ran = replace("recipes", "hidden");
    assert_eq!(ran.code, 3);
    let ran = repository.diff(&["main~1..main", "recipes/a.yaml"]);
    assert_eq!(ran.code, 3, "{}", ran.stderr);
}

#[test]
fn attributes_filters_and_drivers_have_no_say() {
    let repository = Repository::with(&[("recipes/a.yaml", GOOD)]);
    let trap = repository.world.path("ran");
    let run = format!("touch {}; cat", trap.display());
    for key in [
        "diff.x.textconv",
        "diff.x.command",
        "filter.x.smudge",
        "filter.x.clean",
        "diff.external",
    ] {
        repository.git(&["config", key, &run]);
    }
    let attributes = "*.yaml diff=x filter=x binary export-ignore export-subst ident eol=crlf\n";
    repository.world.write(".gitattributes", attributes);
    repository.git(&["config", "--remove-section", "filter.x"]);
    repository.commit(&[("recipes/a.yaml", &weaker())]);
    repository.git(&["config", "filter.x.smudge", &run]);
    let ran = last(&repository);
    assert_eq!(ran.code, 16, "{}", ran.stderr);
    assert!(!trap.exists());
}

#[test]
fn replaced_objects_are_not_what_was_committed() {
    let repository = Repository::with(&[("recipes/a.yaml", GOOD)]);
    repository.commit(&[("recipes/a.yaml", &weaker())]);
    let (good, weak) = (
        repository.git(&["rev-parse", "main~1:recipes/a.yaml"]),
        repository.git(&["rev-parse", "main:recipes/a.yaml"]),
    );
    repository.git(&["replace", &weak, &good]);
    assert_eq!(last(&repository).code, 16);
}

#[test]
fn what_cannot_be_read_is_not_passed_over() {
    let large = format!("{GOOD}# {}\n", "x".repeat(1 << 20));
    let repository = Repository::with(&[("recipes/a.yaml", GOOD)]);
    repository.commit(&[("recipes/a.yaml", &large)]);
    let ran = last(&repository);
    assert_eq!(ran.code, 3);
    insta::assert_snapshot!(ran.stderr, @r"
    error: recipe recipes/a.yaml is larger than 1 MiB
    hint: move long content to files beside the recipe and name them with `from:`
    ");
    // A file beside it that only the other version has.
    let named = GOOD.replace("run: \"cat /etc/motd\"", "script: ../outside.sh");
    repository.commit(&[("recipes/a.yaml", &named), ("outside.sh", "true\n")]);
    assert_eq!(last(&repository).code, 3);
}

#[test]
fn a_submodule_that_moves_is_told() {
    let repository = Repository::with(&[("recipes/a.yaml", GOOD)]);
    let commit = repository.git(&["rev-parse", "HEAD"]);
    let entry = format!("160000,{commit},recipes/vendor");
    repository.git(&["update-index", "--add", "--cacheinfo", &entry]);
    repository.git(&["commit", "-q", "-m", "x"]);
    let ran = last(&repository);
    assert_eq!(ran.code, 3);
    insta::assert_snapshot!(ran.stderr, @r"
    error: the submodule recipes/vendor changed, and what is in it is not seen
    hint: compare its recipes in its own repository, and leave its path out
    ");
}

#[test]
fn a_recipe_s_text_steers_no_reader() {
    let hostile = "</code></details>\\n```\\n@everyone [x](https://evil.example) <img src=x> `y` | #1\\n::error::pwned\\n##[error]x\\n\\u202e\\u001b[31m%0A::stop";
    let repository = Repository::with(&[("recipes/a.yaml", GOOD)]);
    let new = GOOD
        .replace("cat /etc/motd", hostile)
        .replace("name: look", "name: \"x` <b> @all ::warning::y\"");
    repository.commit(&[("recipes/a.yaml", &new)]);
    let printed = |format| {
        repository
            .diff(&["main~1..main", "--format", format])
            .stdout
    };
    for format in ["text", "markdown", "github", "sarif", "json"] {
        let text = printed(format);
        // A program sees what is there.
        let hidden = ['\u{1b}', '\u{202e}'];
        for hidden in hidden
            .into_iter()
            .take(if format == "json" { 1 } else { 2 })
        {
            assert!(!text.contains(hidden), "{format}: {text}");
        }
    }
    let text = printed("text");
    assert!(
        !text.lines().any(|line| line.trim_start().starts_with("::")),
        "{text}"
    );
    let github = printed("github");
    let known = [
        "::error file=",
        "::warning file=",
        "::notice file=",
        "::notice title=amint diff::",
    ];
    assert!(
        github
            .lines()
            .all(|line| known.iter().any(|start| line.starts_with(start))),
        "{github}"
    );
    let markdown = printed("markdown");
    // Outside of the blocks of code, which have fences that are longer than what they hold.
    let mut outside = String::new();
    let mut fence = None;
    for line in markdown.lines() {
        let ticks = line.bytes().take_while(|byte| *byte == b'`').count();
        match fence {
            None if ticks >= 3 => fence = Some(ticks),
            None => outside.push_str(&format!("{line}\n")),
            Some(open) if ticks == open && line.len() == ticks => fence = None,
            Some(_) => {}
        }
    }
    assert_eq!(fence, None, "{markdown}");
    for foreign in ["@everyone", "@all", "<img", "<b> @", "](", "::warning", "`"] {
        assert!(!outside.contains(foreign), "{foreign} in {outside}");
    }
}

#[test]
fn a_comment_is_never_longer_than_github_takes() {
    let steps = |word: &str| -> String {
        (0..300)
            .map(|index| {
                format!(
                    "  - shell: {{ name: s{index}, run: \"{}\" }}\n",
                    format!("echo {word} `<@{index}>`; ").repeat(20)
                )
            })
            .collect()
    };
    let recipe = |word: &str| GOOD.replace("steps:\n", &format!("steps:\n{}", steps(word)));
    let repository = Repository::with(&[("recipes/a.yaml", &recipe("one"))]);
    repository.commit(&[("recipes/a.yaml", &recipe("two"))]);
    let ran = repository.diff(&["main~1..main", "--format", "markdown"]);
    assert!(ran.stdout.len() <= 65_536, "{}", ran.stdout.len());
    assert!(
        ran.stdout.contains("**This comment is cut**"),
        "{}",
        ran.stdout
    );
    assert_eq!(
        ran.stdout.matches("<details>").count(),
        ran.stdout.matches("</details>").count()
    );
}
