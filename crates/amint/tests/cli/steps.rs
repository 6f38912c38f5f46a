//! `amint steps`.

use crate::command::World;

#[test]
fn all_steps_are_listed() {
    let ran = World::new().run(&["steps"]);
    assert_eq!((ran.code, ran.stderr.as_str()), (0, ""));
    for id in [
        "lock-root-password",
        "disable-root-ssh",
        "clear-package-cache",
    ] {
        assert!(
            ran.stdout.lines().any(|line| line.starts_with(id)),
            "{}",
            ran.stdout
        );
    }
}

#[test]
fn a_step_is_explained_with_its_script() {
    let ran = World::new().run(&["steps", "lock-root-password"]);
    assert_eq!(ran.code, 0);
    for part in ["why ", "rule     MP-SSH-007", "script:", "passwd -l root"] {
        assert!(ran.stdout.contains(part), "no {part:?} in {}", ran.stdout);
    }
}

#[test]
fn programs_get_the_same() {
    let world = World::new();
    let step = world
        .run(&["steps", "disable-root-ssh", "--format", "json"])
        .json();
    assert_eq!(
        (&step["id"], &step["stage"]),
        (&"disable-root-ssh".into(), &"attached".into())
    );
    assert!(
        step["rules"]
            .as_array()
            .unwrap()
            .iter()
            .any(|rule| rule["id"] == "MP-SSH-002")
    );
    let all = world.run(&["steps", "--format", "json"]).json();
    assert!(all.as_array().unwrap().contains(&step));
}

#[test]
fn a_misspelt_step_is_recognised() {
    let ran = World::new().run(&["steps", "lock-root-pasword"]);
    assert_eq!((ran.code, ran.stdout.as_str()), (2, ""));
    assert_eq!(
        ran.stderr,
        "error: there is no hardening step named lock-root-pasword\n\
         hint: did you mean lock-root-password?\n"
    );
}
