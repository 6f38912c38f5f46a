//! Two revisions, or one and the working tree.

use super::repository::Repository;
use super::weaker;
use crate::command::{GOOD, World};

fn named(text: &str, name: &str) -> String {
    text.replace("name: small", &format!("name: {name}"))
}

#[test]
fn revisions_and_the_working_tree() {
    let repository = Repository::with(&[
        ("recipes/a.yaml", GOOD),
        ("recipes/sub/b.yaml", &named(GOOD, "b")),
        ("recipes/notes.md", "# amint: 1\n"),
    ]);
    repository.git(&["checkout", "-q", "-b", "topic"]);
    repository.commit(&[("recipes/a.yaml", &weaker())]);
    let ran = repository.diff(&["main..topic"]);
    assert_eq!(ran.code, 16, "{}", ran.stderr);
    insta::assert_snapshot!("two_revisions", ran.stdout);
    // The other recipe alone is the same; so is the range the other way round, and what is not committed.
    let ran = repository.diff(&["main..topic", "recipes/sub"]);
    assert_eq!((ran.code, ran.stderr.as_str()), (0, ""));
    assert!(ran.stdout.starts_with("no recipe"), "{}", ran.stdout);
    assert_eq!(repository.diff(&["topic..main"]).code, 0);
    assert_eq!(repository.diff(&["topic"]).code, 0);
    assert_eq!(repository.diff(&[]).code, 0);
    let ran = repository.diff(&["main"]);
    assert_eq!(ran.code, 16);
    assert!(ran.stdout.contains("to the working tree"), "{}", ran.stdout);
    repository
        .world
        .write("recipes/sub/b.yaml", named(&weaker(), "b"));
    let ran = repository.diff(&["topic", "recipes/sub/b.yaml"]);
    assert_eq!(ran.code, 16);
}

#[test]
fn three_dots_leave_out_what_only_the_other_side_did() {
    let repository = Repository::with(&[("recipes/a.yaml", &weaker())]);
    repository.git(&["checkout", "-q", "-b", "topic"]);
    repository.commit(&[("other", "x")]);
    repository.git(&["checkout", "-q", "main"]);
    repository.commit(&[("recipes/a.yaml", GOOD)]);
    assert_eq!(repository.diff(&["main..topic"]).code, 16);
    let ran = repository.diff(&["main...topic"]);
    assert_eq!((ran.code, ran.stderr.as_str()), (0, ""));
}

#[test]
fn a_file_beside_the_recipe_is_a_part_of_it() {
    let recipe = GOOD.replace("run: \"cat /etc/motd\"", "script: files/look.sh");
    let repository = Repository::with(&[
        ("recipes/a.yaml", &recipe),
        ("recipes/b.yaml", &named(GOOD, "b")),
        ("recipes/files/look.sh", "cat /etc/motd\n"),
        ("recipes/files/other", "1\n"),
    ]);
    repository.commit(&[("recipes/files/other", "2\n")]);
    let ran = repository.diff(&["main~1..main"]);
    assert!(ran.stdout.starts_with("no recipe"), "{}", ran.stdout);
    repository.commit(&[("recipes/files/look.sh", "cat /etc/motd /etc/issue\n")]);
    let ran = repository.diff(&["main~1..main"]);
    insta::assert_snapshot!("file_beside", format!("{}\n{}", ran.code, ran.stdout));
}

/// Two cells, of which one step differs in one, and a step that other recipes share.
const MATRIX: &str = "\
amint: 1
name: many
version: 1.0.0
matrix: { channel: [edge, stable] }
base:
  aws: { owner: amazon, name: \"al2023-*\" }
  local: { debian: bookworm }
steps:
  - include: { file: steps/shared.yaml, with: { word: \"{{channel}}\" } }
image:
  name: \"{{name}}-{{channel}}-{{build.id}}\"
";
const SHARED: &str = "\
amint-steps: 1
parameters: { word: {} }
steps:
  - shell:
      name: greet
      run: echo {{word}}
";

#[test]
fn included_steps_and_cells_are_told_once_and_where_they_are() {
    let repository = Repository::with(&[
        ("recipes/a.yaml", MATRIX),
        ("recipes/steps/shared.yaml", SHARED),
        ("recipes/steps/other.yaml", SHARED),
    ]);
    let fetching = SHARED.replace("echo {{word}}", "curl -O https://example.com/{{word}}");
    repository.commit(&[("recipes/steps/other.yaml", &fetching)]);
    let ran = repository.diff(&["main~1..main"]);
    assert!(ran.stdout.starts_with("no recipe"), "{}", ran.stdout);
    repository.commit(&[(
        "recipes/steps/shared.yaml",
        &SHARED.replace("echo", "printf %s"),
    )]);
    repository.commit(&[(
        "recipes/a.yaml",
        &MATRIX.replace("[edge, stable]", "[edge, beta]"),
    )]);
    repository.commit(&[("recipes/steps/shared.yaml", &fetching)]);
    let ran = repository.diff(&["main~1..main", "--require-approval", "list.yaml"]);
    assert_eq!(ran.code, 16);
    insta::assert_snapshot!("included", ran.stdout);
    let ran = repository.diff(&["main~2..main~1", "--on", "local", "--format", "json"]);
    let recipe = &ran.json()["recipes"][0];
    let labels: Vec<&str> = recipe["compared"]
        .as_array()
        .unwrap()
        .iter()
        .map(|pair| pair["of"].as_str().unwrap())
        .collect();
    // The cell that was renamed is compared with what it was.
    assert_eq!(labels, ["local beta from local stable", "local edge"]);
    let ran = repository.diff(&[
        "main~1..main",
        "--var",
        "channel=edge",
        "--on",
        "aws",
        "--format",
        "json",
    ]);
    assert_eq!(
        ran.json()["recipes"][0]["compared"]
            .as_array()
            .unwrap()
            .len(),
        1
    );
}

#[test]
fn renamed_and_copied_recipes_are_followed() {
    let repository = Repository::with(&[("recipes/a.yaml", GOOD)]);
    repository.git(&["mv", "recipes/a.yaml", "recipes/b.yaml"]);
    repository.commit(&[]);
    let ran = repository.diff(&["main~1..main"]);
    assert_eq!((ran.code, ran.stderr.as_str()), (0, ""));
    insta::assert_snapshot!("renamed", ran.stdout);
    repository.commit(&[("recipes/c.yaml", &named(&weaker(), "c"))]);
    let ran = repository.diff(&["main~1..main"]);
    assert_eq!(ran.code, 16);
    insta::assert_snapshot!("copied", ran.stdout);
    repository.git(&["rm", "-q", "recipes/c.yaml"]);
    repository.commit(&[]);
    let ran = repository.diff(&["main~1..main"]);
    insta::assert_snapshot!("removed", format!("{}\n{}", ran.code, ran.stdout));
}

#[test]
fn what_git_does_not_know_is_told_in_one_line() {
    let repository = Repository::with(&[("recipes/a.yaml", GOOD)]);
    let mut told = String::new();
    for arguments in [
        &["none..HEAD"][..],
        &["main..HEAD", "nothing"],
        &["main..HEAD", "../elsewhere"],
        &["recipes/a.yaml"],
        &["--", "-x..HEAD"],
        &["main\n..HEAD"],
    ] {
        let ran = repository.diff(arguments);
        assert!(ran.stdout.is_empty(), "{}", ran.stdout);
        told.push_str(&format!("{arguments:?} {}\n{}", ran.code, ran.stderr));
    }
    repository.git(&["checkout", "-q", "--orphan", "alone"]);
    repository.commit(&[("recipes/a.yaml", &weaker())]);
    let ran = repository.diff(&["main...alone"]);
    told.push_str(&format!("{}\n{}", ran.code, ran.stderr));
    let ran = World::with_recipes().run(&["diff", "main..HEAD"]);
    told.push_str(&format!("{}\n{}", ran.code, ran.stderr));
    let mut command = repository.world.command(&["diff", "main..HEAD"]);
    let output = command.env("PATH", "/nowhere").output().unwrap();
    told.push_str(&String::from_utf8(output.stderr).unwrap());
    insta::assert_snapshot!(told);
}

#[test]
fn a_shallow_clone_is_told_how_to_be_a_whole_one() {
    let repository = Repository::with(&[("recipes/a.yaml", GOOD)]);
    repository.git(&["checkout", "-q", "-b", "topic"]);
    repository.commit(&[("recipes/a.yaml", &weaker())]);
    repository.git(&["checkout", "-q", "main"]);
    repository.commit(&[("other", "x")]);
    let url = format!("file://{}", repository.world.path("").display());
    repository.git(&[
        "clone",
        "-q",
        "--depth=1",
        "--no-single-branch",
        &url,
        "clone",
    ]);
    let mut command = repository
        .world
        .command(&["diff", "origin/main...origin/topic"]);
    let output = command
        .current_dir(repository.world.path("clone"))
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(12));
    insta::assert_snapshot!(String::from_utf8(output.stderr).unwrap());
}

#[test]
fn a_subfolder_and_a_bare_repository() {
    let repository = Repository::with(&[("images/recipes/a.yaml", GOOD)]);
    repository.commit(&[("images/recipes/a.yaml", &weaker())]);
    let run = |folder: &str, arguments: &[&str]| {
        let mut command = repository.world.command(&[&["diff"], arguments].concat());
        let output = command
            .current_dir(repository.world.path(folder))
            .output()
            .unwrap();
        (
            output.status.code().unwrap(),
            String::from_utf8(output.stderr).unwrap(),
        )
    };
    assert_eq!(run("images", &["HEAD~1..HEAD"]).0, 16);
    assert_eq!(
        run("images/recipes", &["HEAD~1..HEAD", "../recipes/a.yaml"]).0,
        16
    );
    repository.git(&["clone", "-q", "--bare", ".", "bare.git"]);
    assert_eq!(run("bare.git", &["HEAD~1..HEAD", "images"]).0, 16);
    let (code, told) = run("bare.git", &["HEAD~1", "images"]);
    assert_eq!((code, told.lines().count()), (2, 2), "{told}");
}

/// What a lock file says of a base image that the recipe asks for by its name.
fn lock(id: &str, created: &str) -> String {
    format!(
        "amint-lock: 1\nprofile: marketplace-linux@1\ncatalogue: sha256:{}\nbases:\n  aws:\n    asked: \"newest al2023-* \
         of amazon in us-east-1\"\n    base: {{ id: {id}, name: al2023-ami, owner: amazon, created: \"{created}\" }}\n",
        "0".repeat(64)
    )
}

#[test]
fn a_lock_file_is_a_part_of_its_recipe() {
    let recipe = GOOD.replace(
        "base:\n",
        "base:\n  aws: { owner: amazon, name: \"al2023-*\" }\n",
    );
    let newer = lock("ami-00000000000000002", "2026-11-02T00:00:00Z");
    let older = lock("ami-00000000000000001", "2025-01-02T00:00:00Z");
    let repository =
        Repository::with(&[("recipes/a.yaml", &recipe), ("recipes/a.yaml.lock", &newer)]);
    repository.commit(&[("recipes/a.yaml.lock", &older)]);
    let ran = repository.diff(&["main~1..main"]);
    assert_eq!(ran.code, 16, "{}", ran.stdout);
    assert!(
        ran.stdout.contains("ami-00000000000000001"),
        "{}",
        ran.stdout
    );
    let ran = repository.diff(&["main..main~1"]);
    assert_eq!(ran.code, 0, "{}", ran.stdout);
    assert!(ran.stdout.contains("STRENGTHENED"), "{}", ran.stdout);

    repository.commit(&[("recipes/a.yaml.lock", "amint-lock: 1\n")]);
    let ran = repository.diff(&["main~1..main"]);
    assert_eq!(ran.code, 3, "{}", ran.stdout);
    assert!(
        ran.stderr.contains("cannot use recipes/a.yaml.lock: "),
        "{}",
        ran.stderr
    );
}
