//! The shell parts of the workflow that reviews pull requests.

use std::os::unix::fs::PermissionsExt;
use std::process::{Command, Output};

use super::repository::Repository;
use super::weaker;
use crate::command::GOOD;

/// Runs a script of `scripts/` in a repository, with the environment of a job.
fn run(repository: &Repository, script: &str, arguments: &[&str]) -> Output {
    let script = format!("{}/../../scripts/{script}", env!("CARGO_MANIFEST_DIR"));
    let folder = repository.world.path("");
    let path = std::env::var("PATH").unwrap();
    Command::new("bash")
        .arg(script)
        .args(arguments)
        .current_dir(&folder)
        .env_clear()
        .env("PATH", format!("{}:{path}", folder.join("bin").display()))
        .env("HOME", &folder)
        .env("AMINT", env!("CARGO_BIN_EXE_amint"))
        .env("GITHUB_REPOSITORY", "ada/images")
        .env("GITHUB_STEP_SUMMARY", folder.join("summary.md"))
        .env("PULL_REQUEST", "7")
        .output()
        .unwrap()
}

fn stdout(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

/// A pull request that makes `recipes/a.yaml` this.
fn proposed(text: &str) -> (Repository, [String; 2]) {
    let repository = Repository::with(&[("recipes/a.yaml", GOOD)]);
    repository.git(&["checkout", "-q", "-b", "topic"]);
    repository.commit(&[("recipes/a.yaml", text)]);
    let commits = ["main", "topic"].map(|branch| repository.git(&["rev-parse", branch]));
    repository.git(&["checkout", "-q", "main"]);
    (repository, commits)
}

#[test]
fn a_review_annotates_comments_and_judges() {
    let (repository, [base, head]) = proposed(&weaker());
    let output = run(&repository, "recipe-review", &[&base, &head, "recipes"]);
    assert_eq!(output.status.code(), Some(16), "{output:?}");
    let told = stdout(&output);
    assert!(
        told.starts_with("::error file=recipes/a.yaml,line="),
        "{told}"
    );
    let comment = std::fs::read_to_string(repository.world.path("recipe-review.md")).unwrap();
    assert!(comment.starts_with("<!-- amint diff -->\n"), "{comment}");
    assert!(comment.contains("amint-approvals: 1"), "{comment}");
    // The proposal was read, and nothing of it is here.
    assert_eq!(repository.git(&["status", "--porcelain", "recipes"]), "");

    let (repository, [base, head]) = proposed(&GOOD.replace("version: 1.0.0", "version: 1.0.1"));
    let output = run(&repository, "recipe-review", &[&base, &head, "recipes"]);
    assert_eq!(output.status.code(), Some(0), "{output:?}");
}

#[test]
fn a_recipe_that_cannot_be_used_is_told_and_steers_nothing() {
    let hostile =
        "amint: 1\nname: \"x\"\n::set-output name=a::b: 1\n\"::error::pwned\": </details>\n";
    let (repository, [base, head]) = proposed(hostile);
    let output = run(&repository, "recipe-review", &[&base, &head, "recipes"]);
    assert_eq!(output.status.code(), Some(3), "{output:?}");
    // Nothing that GitHub listens to, on either stream, but the command that stops it and the one that ends that.
    let both = stdout(&output) + &String::from_utf8(output.stderr.clone()).unwrap();
    let (before, rest) = both.split_once("::stop-commands::").unwrap();
    assert!(!before.contains("pwned"), "{before}");
    let token = rest.lines().next().unwrap();
    assert_eq!(token.len(), 32, "{token}");
    let comment = std::fs::read_to_string(repository.world.path("recipe-review.md")).unwrap();
    assert!(
        comment.contains("The review ended with code 3"),
        "{comment}"
    );
    let outside = comment.lines().filter(|line| !line.starts_with("    "));
    assert!(
        outside.clone().all(|line| !line.contains("</details>")),
        "{comment}"
    );
}

#[test]
fn only_commits_are_compared() {
    let (repository, [base, head]) = proposed(GOOD);
    for arguments in [["main", head.as_str()], [base.as_str(), "--help"], ["", ""]] {
        let output = run(&repository, "recipe-review", &arguments);
        assert_eq!(output.status.code(), Some(2), "{output:?}");
    }
    assert_eq!(
        run(&repository, "recipe-review", &[]).status.code(),
        Some(2)
    );
}

/// A `gh` that writes down how it was called, and finds this comment or fails.
fn stand_in(repository: &Repository, found: &str, fails: bool) {
    let fails = if fails { "exit 1" } else { "" };
    let script = format!(
        "#!/bin/sh\nprintf '%s\\n' \"$*\" >>calls\n{fails}\ncase $* in *--paginate*) echo {found} ;; esac\n"
    );
    let path = repository.world.write("bin/gh", script);
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o755)).unwrap();
}

#[test]
fn one_comment_is_kept_up_to_date() {
    let (repository, _) = proposed(GOOD);
    repository
        .world
        .write("recipe-review.md", "<!-- amint diff -->\nhello\n");
    let calls = |found: &str, fails| {
        let _ = std::fs::remove_file(repository.world.path("calls"));
        stand_in(&repository, found, fails);
        let output = run(&repository, "recipe-review-comment", &["recipe-review.md"]);
        assert_eq!(output.status.code(), Some(0), "{output:?}");
        std::fs::read_to_string(repository.world.path("calls")).unwrap()
    };
    assert!(
        calls("", false)
            .contains("--method POST repos/ada/images/issues/7/comments --field body=@")
    );
    let updated = calls("42", false);
    assert!(
        updated.contains("--method PATCH repos/ada/images/issues/comments/42 "),
        "{updated}"
    );
    // A fork's token: the summary is what there is.
    calls("", true);
    let summary = std::fs::read_to_string(repository.world.path("summary.md")).unwrap();
    assert_eq!(summary.matches("hello").count(), 3);
}
