//! `amint builds`, `amint resume`, `amint cleanup`, where no machine is needed.

use serde_json::Value;

use crate::command::World;

const JOURNAL: &str = r#"{"journal":"amint.journal/2","build":"01test","plan":"d"}
{"at":"2026-11-22T02:00:00Z","record":"launching","expires":"2026-11-22T03:00:00Z"}
{"at":"2026-11-22T02:00:00Z","record":"intent","phase":"launch","kind":"builder","token":"01test-builder-1"}
"#;

/// A build of which nothing is known but its journal.
fn with_journal(text: &str) -> World {
    let world = World::with_recipes();
    world.write(".amint/builds/01test/journal.jsonl", text);
    world
}

#[test]
fn a_folder_without_builds_has_none() {
    let world = World::with_recipes();
    let ran = world.run(&["builds"]);
    assert_eq!((ran.code, ran.stdout.as_str()), (0, ""));
    let ran = world.run(&["builds", "--format", "json"]);
    assert_eq!(ran.stdout, "[]\n");
}

#[test]
fn a_build_whose_process_died_says_what_it_may_hold_and_what_to_do() {
    let acquired = r#"{"at":"2026-11-22T02:00:09Z","record":"acquired","token":"01test-builder-1","kind":"builder","id":"vm-1"}"#;
    for (more, holds) in [("", "builder (may be there)"), (acquired, "builder vm-1")] {
        let line = if more.is_empty() {
            String::new()
        } else {
            format!("{more}\n")
        };
        let world = with_journal(&format!("{JOURNAL}{line}"));
        let ran = world.run(&["builds"]);
        assert_eq!(ran.code, 0, "{}", ran.stderr);
        for part in [
            "01test  2026-11-22 02:00:00",
            "died in preflight",
            holds,
            "`amint resume 01test`",
        ] {
            assert!(ran.stdout.contains(part), "{part}: {}", ran.stdout);
        }
        let json = world.run(&["builds", "--format", "json"]);
        let rows: Value = serde_json::from_str(&json.stdout).unwrap();
        assert_eq!(rows[0]["state"], "died");
        assert_eq!(rows[0]["holds"][0]["kind"], "builder");
        // Its time was over long ago: a builder costs until then.
        let seconds = if more.is_empty() { 0 } else { 3591 };
        assert_eq!(rows[0]["builder-seconds"], seconds);
    }
}

#[test]
fn a_line_that_was_cut_off_is_no_obstacle() {
    let world = with_journal(&format!("{JOURNAL}{{\"at\":\"2026-11-22T02"));
    let ran = world.run(&["builds"]);
    assert!(ran.stdout.contains("may be there"), "{}", ran.stdout);
}

#[test]
fn a_journal_that_makes_no_sense_is_told_beside_the_others() {
    let world = with_journal(&format!("{JOURNAL}nonsense\n"));
    world.write(".amint/builds/02test/journal.jsonl", JOURNAL);
    let ran = world.run(&["builds"]);
    assert_eq!(ran.code, 0);
    for part in ["unreadable", "line 4 is damaged", "02test", "died"] {
        assert!(ran.stdout.contains(part), "{part}: {}", ran.stdout);
    }
}

#[test]
fn resume_says_why_it_does_not() {
    let world = with_journal(JOURNAL);
    let ran = world.run(&["resume", "02"]);
    assert_eq!(ran.code, 12, "{}", ran.stderr);
    assert!(
        ran.stderr.contains("there is no build 02"),
        "{}",
        ran.stderr
    );

    let ran = world.run(&["resume", "01test"]);
    assert_eq!(ran.code, 14, "{}", ran.stderr);
    assert!(ran.stderr.contains("plan.json"), "{}", ran.stderr);

    world.write(".amint/builds/01test2/journal.jsonl", JOURNAL);
    let ran = world.run(&["resume", "01"]);
    assert_eq!(ran.code, 2, "{}", ran.stderr);
    assert!(
        ran.stderr.contains("several builds begin with 01"),
        "{}",
        ran.stderr
    );
}

#[test]
fn a_build_that_is_at_work_is_left_alone() {
    let world = with_journal(JOURNAL);
    let path = world.path(".amint/builds/01test/journal.jsonl");
    let file = std::fs::File::open(path).unwrap();
    file.try_lock().unwrap();
    assert!(world.run(&["builds"]).stdout.contains("running"));
    for arguments in [
        ["resume", "01test", "--format", "plain"],
        ["cleanup", "01test", "--on", "local"],
    ] {
        let ran = world.run(&arguments);
        assert_eq!(ran.code, 13, "{arguments:?}: {}", ran.stderr);
        assert!(
            ran.stderr.contains("hint: wait for it, or interrupt it"),
            "{}",
            ran.stderr
        );
    }
}

#[test]
fn cleanup_must_know_what_and_where() {
    let world = World::with_recipes();
    for (arguments, said) in [
        (vec!["cleanup"], "nothing says what to clean up"),
        (
            vec!["cleanup", "--expired"],
            "nothing says where to clean up",
        ),
        (
            vec!["cleanup", "--older-than", "soon", "--on", "local"],
            "expected a duration",
        ),
        (vec!["cleanup", "b1", "--expired"], "cannot be used with"),
    ] {
        let ran = world.run(&arguments);
        assert_eq!(ran.code, 2, "{arguments:?}: {}", ran.stderr);
        assert!(ran.stderr.contains(said), "{}", ran.stderr);
    }
    let ran = world.run(&["cleanup", "b1"]);
    assert_eq!(ran.code, 12, "{}", ran.stderr);
}

#[test]
fn a_sweep_of_this_computer_finds_nothing_where_nothing_is() {
    let world = World::with_recipes();
    for arguments in [
        ["cleanup", "--expired", "--on", "local", "--yes"],
        ["cleanup", "b1", "--on", "local", "--yes"],
    ] {
        let ran = world.run(&arguments);
        assert_eq!((ran.code, ran.stdout.as_str()), (0, ""), "{}", ran.stderr);
    }
}

#[test]
fn a_secret_does_not_come_into_a_plan() {
    let world = World::with_recipes();
    let text = std::fs::read_to_string(world.path("good.yaml")).unwrap();
    let recipe = format!("{text}\n").replace(
        "steps:",
        "steps:\n  - shell: { run: \"login correct-horse\" }",
    );
    world.write("login.yaml", recipe);
    let run = |names: &str| {
        let mut command = world.command(&["build", "login.yaml", "--on", "local"]);
        command
            .env("AMINT_SECRETS", names)
            .env("PASSWORD", "correct-horse");
        crate::command::Ran::from(command.output().unwrap(), &world.path(""))
    };
    let ran = run("PASSWORD");
    assert_eq!(ran.code, 3, "{}", ran.stderr);
    assert!(
        ran.stderr.contains("holds the value of PASSWORD"),
        "{}",
        ran.stderr
    );
    assert!(!ran.stderr.contains("correct-horse"), "{}", ran.stderr);
    assert!(!world.path(".amint").exists());
    let ran = run("PASSWORD,TOKEN");
    assert_eq!(ran.code, 2, "{}", ran.stderr);
    assert!(
        ran.stderr.contains("names TOKEN, which is not set"),
        "{}",
        ran.stderr
    );
}
