//! `amint build`, as far as it goes without a machine.

use serde_json::Value;

use crate::command::World;

#[test]
fn a_missing_qemu_is_named() {
    let world = World::with_recipes();
    let ran = world.run(&["build", "good.yaml", "--on", "local", "--format", "plain"]);
    assert_eq!((ran.code, ran.stdout.as_str()), (4, ""), "{}", ran.stderr);
    assert!(ran.stderr.contains("qemu-system"), "{}", ran.stderr);
    assert!(ran.stderr.contains("hint: "), "{}", ran.stderr);
    assert!(!world.path("out/small-1.0.0/manifest.json").exists());
    assert!(!world.path("out/small-1.0.0/image.raw").exists());
}

#[test]
fn events_on_stdout_end_with_the_outcome() {
    let world = World::with_recipes();
    let ran = world.run(&["build", "good.yaml", "--on", "local", "--format", "json"]);
    assert_eq!(ran.code, 4, "{}", ran.stderr);
    let events: Vec<Value> = ran
        .stdout
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(events.first().unwrap()["event"], "run-started");
    let last = events.last().unwrap();
    assert_eq!(
        (&last["event"], &last["exit-code"].is_null()),
        (&"run-finished".into(), &true)
    );
    assert_eq!(last["exit_code"], 4);
}

#[test]
fn an_image_that_is_there_is_not_replaced_unasked() {
    let world = World::with_recipes();
    let image = world.write("out/small-1.0.0/image.raw", "precious");
    let ran = world.run(&["build", "good.yaml", "--on", "local"]);
    assert_eq!(ran.code, 4);
    assert_eq!(
        ran.stderr,
        "error: out/small-1.0.0 already holds an image\n\
         hint: pass --force to replace it, or --output another folder\n"
    );
    assert_eq!(std::fs::read_to_string(image).unwrap(), "precious");
}

#[test]
fn a_failed_build_leaves_the_older_image_alone() {
    let world = World::with_recipes();
    let image = world.write("kept/image.raw", "precious");
    let manifest = world.write("kept/manifest.json", "{}");
    let ran = world.run(&[
        "build",
        "good.yaml",
        "--on",
        "local",
        "--output",
        "kept",
        "--force",
    ]);
    assert_eq!(ran.code, 4, "{}", ran.stderr);
    assert_eq!(std::fs::read_to_string(image).unwrap(), "precious");
    assert_eq!(std::fs::read_to_string(manifest).unwrap(), "{}");
}

#[test]
fn a_bad_recipe_starts_nothing() {
    let world = World::with_recipes();
    let ran = world.run(&["build", "bad.yaml", "--on", "local", "--format", "json"]);
    assert_eq!((ran.code, ran.stdout.as_str()), (3, ""));
    assert!(ran.stderr.contains("bad.yaml:5:"), "{}", ran.stderr);
    assert!(!world.path(".amint").exists());
    assert!(!world.path("out").exists());
}

#[test]
fn an_output_folder_that_cannot_be_one_is_refused_before_the_work() {
    let world = World::with_recipes();
    world.write("taken", "a file");
    for output in ["taken", "taken/image"] {
        let ran = world.run(&["build", "good.yaml", "--on", "local", "--output", output]);
        assert_eq!((ran.code, ran.stdout.as_str()), (4, ""));
        assert_eq!(
            ran.stderr,
            format!(
                "error: cannot write to the output folder {output}\n\
                 caused by: not a directory\n\
                 hint: name a folder that this user can write to with --output\n"
            )
        );
    }
    assert!(!world.path(".amint").exists());
}

/// Runs a build in a folder that `mount` was done to, in a namespace of its own; nothing where that is forbidden.
fn build_in_mounted(world: &World, mount: &str) -> Option<crate::command::Ran> {
    std::fs::create_dir_all(world.path("there")).unwrap();
    let build = world.command(&[
        "build",
        "../good.yaml",
        "--on",
        "local",
        "--output",
        "../out",
    ]);
    let mut inside = std::process::Command::new("unshare");
    inside
        .args(["--user", "--map-root-user", "--mount", "sh", "-c"])
        .arg(format!("{mount} && cd there && exec \"$@\""))
        .arg("sh")
        .arg(build.get_program())
        .args(build.get_args())
        .current_dir(world.path(""))
        .env_clear()
        .env("PATH", "/usr/sbin:/usr/bin:/sbin:/bin");
    for (name, value) in build.get_envs() {
        inside.env(name, value.unwrap());
    }
    let ran = crate::command::Ran::from(inside.output().unwrap(), &world.path(""));
    // Some systems forbid user namespaces to ordinary users.
    (!ran.stderr.contains("unshare: ")).then_some(ran)
}

#[test]
fn a_read_only_working_folder_is_named_before_anything_is_made() {
    let world = World::with_recipes();
    let mount = "mount --bind there there && mount -o remount,ro,bind there";
    let Some(ran) = build_in_mounted(&world, mount) else {
        return;
    };
    assert_eq!((ran.code, ran.stdout.as_str()), (4, ""), "{}", ran.stderr);
    assert!(
        ran.stderr.contains("cannot write to .amint/builds/"),
        "{}",
        ran.stderr
    );
    assert!(
        ran.stderr.contains("hint: run amint in a folder"),
        "{}",
        ran.stderr
    );
    assert!(!world.path("out").exists());
}

#[test]
fn a_full_disk_under_the_journal_is_named_before_anything_is_made() {
    let world = World::with_recipes();
    // Room for how it was asked for, and hardly for the plan.
    let Some(ran) = build_in_mounted(&world, "mount -t tmpfs -o size=8k small there") else {
        return;
    };
    assert_eq!((ran.code, ran.stdout.as_str()), (4, ""), "{}", ran.stderr);
    assert!(
        ran.stderr.contains("o space left on device"),
        "{}",
        ran.stderr
    );
    assert!(!world.path("out").exists());
}
