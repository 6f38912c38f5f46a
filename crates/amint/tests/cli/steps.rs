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

#[test]
fn checks_are_listed_and_explained_too() {
    let world = World::new();
    let ran = world.run(&["steps"]);
    assert!(ran.stdout.contains("\noperating-system "), "{}", ran.stdout);
    let ran = world.run(&["steps", "operating-system"]);
    assert!(ran.stdout.contains("rule     MP-SEC-002"), "{}", ran.stdout);
    let check = world
        .run(&["steps", "operating-system", "--format", "json"])
        .json();
    assert_eq!(check["stage"], "inspection");
    assert_eq!(check.get("script"), None);
}

#[test]
fn conflicts_of_profiles_are_told_with_both_rules_and_what_choosing_means() {
    let world = World::new();
    let ran = world.run(&["steps", "--conflicts"]);
    assert_eq!((ran.code, ran.stderr.as_str()), (0, ""));
    for part in [
        "root-password\n",
        "profile  marketplace-linux, shared-ami\n",
        "rules    CIS-ACCT-007\n",
        "chosen   root is locked; a CIS audit reports",
        "logs\n",
    ] {
        assert!(ran.stdout.contains(part), "no {part:?} in {}", ran.stdout);
    }
    let all = world
        .run(&["steps", "--conflicts", "--format", "json"])
        .json();
    assert_eq!(all[0]["topic"], "root-password");
    assert_eq!(all[0]["sides"][1]["profiles"][0], "cis-hygiene");
    assert_eq!(all[0]["sides"][1]["rules"][0], "CIS-ACCT-007");
    assert_eq!(world.run(&["steps", "--conflicts", "clear-logs"]).code, 2);
}
