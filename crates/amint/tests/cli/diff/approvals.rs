//! `--require-approval`: who may say that a recipe may get weaker, and how nobody says it for themselves.

use super::repository::Repository;
use super::{pair, weaker};
use crate::command::{GOOD, Ran};

const LIST: &str = "approvals.yaml";

/// The list with the entries that a run asked for, filled in.
fn filled_in(ran: &Ran) -> String {
    let text = ran.stdout.split("amint-approvals: 1\n").nth(1).unwrap();
    let text = text.replace("WHO", "Ada").replace("WHY", "it is a demo");
    format!(
        "amint-approvals: 1\n{}",
        text.replace("YYYY-MM-DD", "2026-08-24")
    )
}

fn proposed() -> Repository {
    let repository = Repository::with(&[("recipes/a.yaml", GOOD)]);
    repository.git(&["checkout", "-q", "-b", "topic"]);
    repository.commit(&[("recipes/a.yaml", &weaker())]);
    repository
}

fn judge(repository: &Repository) -> Ran {
    repository.diff(&["main...topic", "--require-approval", LIST])
}

#[test]
fn an_approval_on_the_base_branch_counts() {
    let repository = proposed();
    let ran = judge(&repository);
    assert_eq!(ran.code, 16);
    insta::assert_snapshot!("not_approved", format!("{}---\n{}", ran.stdout, ran.stderr));
    repository.git(&["checkout", "-q", "main"]);
    repository.commit(&[(LIST, &filled_in(&ran))]);
    let ran = judge(&repository);
    assert_eq!((ran.code, ran.stderr.as_str()), (0, ""));
    insta::assert_snapshot!("approved", ran.stdout);
    // One more change, and it is another plan.
    repository.git(&["checkout", "-q", "topic"]);
    repository.commit(&[("recipes/a.yaml", &weaker().replace("hello", "hi"))]);
    assert_eq!(judge(&repository).code, 16);
}

#[test]
fn nobody_approves_their_own_change() {
    let repository = proposed();
    let list = filled_in(&judge(&repository));
    // In the proposal itself, and in the working tree.
    repository.commit(&[(LIST, &list)]);
    assert_eq!(judge(&repository).code, 16);
    let ran = repository.diff(&["main", "--require-approval", LIST]);
    assert_eq!(ran.code, 16);
    // The same change under another path is another change.
    repository.git(&["checkout", "-q", "main"]);
    repository.commit(&[(LIST, &list.replace("a.yaml", "b.yaml"))]);
    assert_eq!(judge(&repository).code, 16);
}

#[test]
fn a_list_that_leads_elsewhere_is_refused() {
    let repository = proposed();
    let list = filled_in(&judge(&repository));
    repository.git(&["checkout", "-q", "main"]);
    repository.world.write("elsewhere/list.yaml", &list);
    std::os::unix::fs::symlink("elsewhere/list.yaml", repository.world.path(LIST)).unwrap();
    repository.commit(&[]);
    let ran = judge(&repository);
    assert_eq!(ran.code, 2);
    insta::assert_snapshot!(ran.stderr, @r"
    error: the approvals in approvals.yaml cannot be used
    caused by: it is a symbolic link, a folder or a submodule
    hint: mend it in the version that it is read from
    ");
    // A link on the way to it is no way either.
    std::os::unix::fs::symlink("elsewhere", repository.world.path("linked")).unwrap();
    repository.commit(&[]);
    let ran = repository.diff(&["main...topic", "--require-approval", "linked/list.yaml"]);
    assert_eq!(ran.code, 16);
}

#[test]
fn a_wrong_list_is_one_error() {
    let world = pair(GOOD, &weaker());
    let run = || {
        world.run(&[
            "diff",
            "old.yaml",
            "new.yaml",
            "--require-approval",
            "l.yaml",
        ])
    };
    let list = filled_in(&run());
    world.write("l.yaml", &list);
    assert_eq!(run().code, 0, "of two files, the list is read as it is");
    world.write("l.yaml", list.replace("by: Ada", "who: Ada"));
    let ran = run();
    assert_eq!(ran.code, 2);
    insta::assert_snapshot!(ran.stderr);
}
