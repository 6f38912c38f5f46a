//! `amint lock`, `amint build --locked`.

use crate::command::{GOOD, Ran, World};

/// A recipe with a file, locked.
fn locked() -> World {
    let world = World::new();
    let steps = "steps:\n  - file: { name: app, from: files/app.conf, to: /opt/app.conf }\n";
    world.write("r.yaml", GOOD.replace("steps:\n", steps));
    world.write("files/app.conf", "a=1\n");
    let ran = world.run(&["lock", "r.yaml"]);
    assert_eq!((ran.code, ran.stderr.as_str()), (0, ""));
    assert!(
        ran.stdout
            .starts_with("r.yaml.lock: written\n  base image for local: debian bookworm (debian-"),
        "{}",
        ran.stdout
    );
    world
}

fn text(world: &World) -> String {
    std::fs::read_to_string(world.path("r.yaml.lock")).unwrap()
}

/// `amint build` ends before it starts a machine: there is no folder for sockets.
fn build(world: &World, arguments: &[&str]) -> Ran {
    let mut command = world.command(&["build", "r.yaml"]);
    let long = world.path(&"x".repeat(120));
    std::fs::create_dir_all(&long).unwrap();
    command.args(arguments).env("XDG_RUNTIME_DIR", &long);
    Ran::from(command.output().unwrap(), world.path("x").parent().unwrap())
}

/// The exit code of a build that got past its lock file.
const WENT_ON: i32 = 4;

#[test]
fn a_recipe_is_locked_once() {
    let world = locked();
    let before = text(&world);
    assert!(before.contains("\n  files/app.conf: sha256:"), "{before}");
    assert!(before.contains("\nprofile: marketplace-linux@"), "{before}");
    assert!(
        before.contains("    base: { id: debian-bookworm-"),
        "{before}"
    );
    let ran = world.run(&["lock", "r.yaml"]);
    assert_eq!(
        (ran.code, ran.stdout.as_str()),
        (0, "r.yaml.lock: nothing moved\n")
    );
    assert_eq!(text(&world), before);
    // Nothing else is left beside it.
    let names = std::fs::read_dir(world.path("")).unwrap();
    let names = names.map(|one| one.unwrap().file_name().into_string().unwrap());
    assert_eq!(names.filter(|name| name.starts_with("r.yaml")).count(), 2);
}

#[test]
fn what_moved_is_told_and_renewed() {
    let world = locked();
    assert_eq!(build(&world, &["--locked"]).code, WENT_ON);
    world.write("files/app.conf", "a=2\n");

    let check = world.run(&["lock", "--check", "r.yaml"]);
    assert_eq!(check.code, 17, "{}", check.stderr);
    assert!(
        check
            .stdout
            .starts_with("r.yaml.lock: stale\n  files/app.conf changed: sha256 "),
        "{}",
        check.stdout
    );
    let refused = build(&world, &["--locked"]);
    assert_eq!(refused.code, 17);
    assert!(
        refused
            .stderr
            .starts_with("error: r.yaml.lock is stale: files/app.conf changed: sha256 "),
        "{}",
        refused.stderr
    );
    assert!(
        refused
            .stderr
            .ends_with("hint: `amint lock` renews it; read what it changes\n")
    );
    // Who does not insist is told.
    let warned = build(&world, &[]);
    assert_eq!(warned.code, WENT_ON);
    assert!(
        warned
            .stderr
            .starts_with("warning: r.yaml.lock is stale: files/app.conf")
    );

    let before = text(&world);
    let ran = world.run(&["lock", "r.yaml", "--format", "json"]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    let report = ran.json();
    assert_eq!(report["written"], true);
    assert_eq!(report["moved"][0]["what"], "file");
    assert_eq!(report["moved"][0]["path"], "files/app.conf");
    let after = text(&world);
    let changed = before
        .lines()
        .zip(after.lines())
        .filter(|(one, other)| one != other);
    assert_eq!(changed.count(), 1, "one line for one file");
    assert_eq!(build(&world, &["--locked"]).code, WENT_ON);
}

#[test]
fn everything_that_moved_is_told_at_once() {
    let world = locked();
    world.write("files/app.conf", "a=2\n");
    let recipe = std::fs::read_to_string(world.path("r.yaml")).unwrap();
    let recipe = recipe
        .replace("debian: bookworm", "debian: trixie")
        .replace("seal:\n", "seal:\n  profile: shared-ami\n");
    world.write("r.yaml", recipe);
    let ran = build(&world, &["--locked"]);
    assert_eq!(ran.code, 17);
    for moved in [
        "profile marketplace-linux@",
        "files/app.conf changed",
        "the recipe asks for another base image on local: debian bookworm -> debian trixie",
    ] {
        assert!(ran.stderr.contains(moved), "{moved}: {}", ran.stderr);
    }
}

#[test]
fn a_missing_or_broken_lock_file_is_named() {
    let world = World::new();
    world.write("r.yaml", GOOD);
    let ran = build(&world, &["--locked"]);
    assert_eq!(
        (ran.code, ran.stderr.as_str()),
        (
            17,
            "error: there is no r.yaml.lock\nhint: `amint lock` writes it; commit it with the recipe\n"
        )
    );
    assert_eq!(build(&world, &[]).code, WENT_ON);
    world.write("r.yaml.lock", "<<<<<<< HEAD\namint-lock: 1\n");
    for arguments in [["build", "r.yaml"], ["lock", "r.yaml"], ["plan", "r.yaml"]] {
        let ran = world.run(&arguments);
        assert_eq!(ran.code, 3, "{arguments:?}");
        assert_eq!(
            ran.stderr,
            "error: r.yaml.lock is no lock file\ncaused by: line 1 marks a merge conflict\n\
             hint: remove it, and have `amint lock` write it anew\n"
        );
    }
}

#[test]
fn a_first_check_finds_it_missing() {
    let world = World::new();
    world.write("r.yaml", GOOD);
    let ran = world.run(&["lock", "--check", "r.yaml"]);
    assert_eq!(ran.code, 17, "{}", ran.stderr);
    assert!(!world.path("r.yaml.lock").exists());
}

#[test]
fn the_other_target_keeps_its_base_image() {
    let world = World::new();
    let both = GOOD.replace("base:\n", "base:\n  aws: { id: ami-0123456789abcdef0 }\n");
    world.write("r.yaml", &both);
    let ran = world.run(&["lock", "r.yaml", "--on", "local"]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    let aws = "  aws:\n    asked: \"id ami-0123456789abcdef0 in us-east-1\"\n    \
               base: { id: ami-0123456789abcdef0, name: mine }\n";
    let here = text(&world);
    world.write(
        "r.yaml.lock",
        here.replace("bases:\n", &format!("bases:\n{aws}")),
    );
    let with_both = text(&world);
    let ran = world.run(&["lock", "r.yaml", "--on", "local"]);
    assert_eq!(ran.stdout, "r.yaml.lock: nothing moved\n");
    // Nobody is asked who is not needed.
    let ran = world.run(&["lock", "r.yaml", "--keep-base"]);
    assert_eq!(
        (ran.code, ran.stdout.as_str()),
        (0, "r.yaml.lock: nothing moved\n")
    );
    assert_eq!(text(&world), with_both);
    // What the recipe does not have any more goes.
    world.write("r.yaml", GOOD);
    let ran = world.run(&["lock", "r.yaml"]);
    assert_eq!(ran.code, 0);
    assert!(
        ran.stdout
            .contains("base image for aws: mine (ami-0123456789abcdef0) is not used any more"),
        "{}",
        ran.stdout
    );
    assert_eq!(text(&world), here);
}

#[test]
fn without_credentials_a_base_image_on_aws_cannot_be_locked() {
    let world = World::with_aws_recipe();
    let ran = world.run(&["lock", "aws.yaml"]);
    assert_eq!((ran.code, ran.stdout.as_str()), (11, ""), "{}", ran.stderr);
    assert!(
        ran.stderr
            .starts_with("error: cannot find the base image\n"),
        "{}",
        ran.stderr
    );
    assert!(!world.path("aws.yaml.lock").exists());
}

#[test]
fn a_plan_says_what_it_is_locked_to() {
    let world = locked();
    let open = {
        let other = World::new();
        let recipe = std::fs::read_to_string(world.path("r.yaml")).unwrap();
        other.write("r.yaml", recipe);
        other.write("files/app.conf", "a=1\n");
        other.run(&["plan", "r.yaml", "--format", "json"]).json()
    };
    let plan = world.run(&["plan", "r.yaml", "--format", "json"]).json();
    assert_eq!(plan["outlook"]["lock"]["present"], true);
    assert_eq!(plan["outlook"]["base-image"]["id"], plan["locked"]["id"]);
    // Whoever is locked to the base image that would be found anyway makes the same image.
    assert_ne!(plan["digest"], open["digest"]);
    assert_eq!(
        plan["outlook"]["fingerprint"],
        open["outlook"]["fingerprint"]
    );
    assert_eq!(plan["outlook"]["fingerprint"], plan["digest"]);
    assert_eq!(open["outlook"]["lock"]["present"], false);

    let shown = world.run(&["plan", "r.yaml"]).stdout;
    assert!(shown.contains("\n            resolved           debian bookworm (debian-bookworm-"));
    assert!(shown.contains(", as locked\n"), "{shown}");
    assert!(
        shown.ends_with("\nlock file   r.yaml.lock: nothing moved\n"),
        "{shown}"
    );
    world.write("files/app.conf", "a=2\n");
    let shown = world.run(&["plan", "r.yaml"]).stdout;
    assert!(
        shown.contains("\n            files/app.conf changed: sha256 "),
        "{shown}"
    );
}

/// The results of a build that is as good as what the recipe would make, as far as anybody looks at them.
fn built(world: &World, size: usize) {
    let plan = world.run(&["plan", "r.yaml", "--format", "json"]).json();
    let manifest = serde_json::json!({
        "fingerprint": plan["outlook"]["fingerprint"],
        "image": { "location": "elsewhere", "size": size },
    });
    world.write("out/small-1.0.0/manifest.json", manifest.to_string());
}

#[test]
fn what_was_built_here_is_not_built_again() {
    let world = locked();
    world.write("out/small-1.0.0/image.raw", "disk");
    built(&world, 4);
    let ran = build(&world, &["--skip-if-current"]);
    assert_eq!(
        (ran.code, ran.stdout.as_str()),
        (
            0,
            "image: [folder]/out/small-1.0.0/image.raw\n\
             manifest: [folder]/out/small-1.0.0/manifest.json\n\
             current: nothing was built\n"
        ),
        "{}",
        ran.stderr
    );
    assert!(!world.path(".amint").exists(), "nothing was begun");
    // The lock file is no part of what makes it current.
    std::fs::remove_file(world.path("r.yaml.lock")).unwrap();
    assert_eq!(build(&world, &["--skip-if-current"]).code, 0);
    let events = build(&world, &["--skip-if-current", "--format", "json"]).stdout;
    let kinds: Vec<String> = events
        .lines()
        .map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap())
        .map(|event| event["event"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(kinds, ["run-started", "image-current", "run-finished"]);
}

#[test]
fn what_is_not_current_is_built() {
    let world = locked();
    let taken = |world: &World| {
        let ran = build(world, &["--skip-if-current"]);
        assert_eq!((ran.code, ran.stdout.as_str()), (4, ""), "{}", ran.stderr);
        ran.stderr
            .contains("out/small-1.0.0 already holds an image")
    };
    // Nothing was built yet: the build begins, and finds no folder for its sockets.
    assert!(!taken(&world));
    world.write("out/small-1.0.0/image.raw", "disk");
    built(&world, 5);
    assert!(taken(&world), "another size");
    built(&world, 4);
    world.write("files/app.conf", "a=2\n");
    assert!(taken(&world), "another file");
    world.write("files/app.conf", "a=1\n");
    assert_eq!(build(&world, &["--skip-if-current"]).code, 0);
    std::fs::remove_file(world.path("out/small-1.0.0/image.raw")).unwrap();
    std::os::unix::fs::symlink("/dev/null", world.path("out/small-1.0.0/image.raw")).unwrap();
    assert!(taken(&world), "a link");
    world.write("out/small-1.0.0/manifest.json", "{");
    assert!(taken(&world), "no manifest");
}

#[test]
fn an_expired_waiver_makes_nothing_current() {
    let world = World::new();
    let waiver = "waivers:\n  - { rule: MP-CLEAN-002, reason: why, expires: 2020-01-31 }\n";
    world.write("r.yaml", format!("{GOOD}{waiver}"));
    world.write("out/small-1.0.0/image.raw", "disk");
    built(&world, 4);
    let ran = build(&world, &["--skip-if-current", "--force"]);
    assert_ne!(ran.code, 0, "{}", ran.stdout);
}

#[test]
fn each_cell_of_a_matrix_has_a_base_image() {
    let world = World::new();
    let recipe = GOOD
        .replace(
            "version: 1.0.0\n",
            "version: 1.0.0\nmatrix: { release: [bookworm, trixie] }\n",
        )
        .replace("debian: bookworm", "debian: \"{{release}}\"")
        .replace("{{version}}-{{build.id}}", "{{release}}-{{build.id}}");
    world.write("r.yaml", &recipe);
    let ran = world.run(&["lock", "r.yaml"]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    let all = text(&world);
    for cell in ["bookworm", "trixie"] {
        let key = format!("\n  \"local, release={cell}\":\n    asked: \"debian {cell}\"\n");
        assert!(all.contains(&key), "{all}");
    }
    // One cell alone leaves the other as it is.
    let stale = all.replace("id: debian-trixie-", "id: debian-trixie-0");
    world.write("r.yaml.lock", &stale);
    let ran = world.run(&["lock", "r.yaml", "--var", "release=bookworm"]);
    assert_eq!(ran.stdout, "r.yaml.lock: nothing moved\n", "{}", ran.stderr);
    let ran = world.run(&["lock", "r.yaml"]);
    assert!(
        ran.stdout
            .contains("base image for local, release=trixie: "),
        "{}",
        ran.stdout
    );
    assert_eq!(text(&world), all);

    let plans = world.run(&["plan", "r.yaml", "--format", "json"]).json();
    let plans = plans.as_array().unwrap();
    assert_eq!(plans.len(), 2);
    for plan in plans {
        assert_eq!(
            plan["locked"]["name"],
            format!("debian {}", plan["matrix"]["release"].as_str().unwrap())
        );
        assert_eq!(plan["outlook"]["fingerprint"], plan["digest"]);
    }
    // One warning for all of them.
    world.write(
        "r.yaml",
        recipe.replace("seal:\n", "seal:\n  profile: shared-ami\n"),
    );
    let ran = build(&world, &[]);
    assert_eq!(
        ran.stderr.matches("warning: r.yaml.lock is stale").count(),
        1,
        "{}",
        ran.stderr
    );
}

#[test]
fn a_lock_file_cannot_steer_the_terminal() {
    let world = locked();
    let hostile = text(&world).replace("\"debian bookworm\"\n", "\"debian \\u001b[31mred\\nx\"\n");
    world.write("r.yaml.lock", &hostile);
    for ran in [
        build(&world, &["--locked"]),
        build(&world, &[]),
        world.run(&["plan", "r.yaml"]),
        world.run(&["lock", "--check", "r.yaml"]),
    ] {
        let shown = format!("{}{}", ran.stdout, ran.stderr);
        assert!(!shown.contains('\u{1b}'), "{shown:?}");
        assert!(shown.contains(r"\u{1b}[31mred\nx"), "{shown:?}");
    }
}
