//! Builds that go wrong: a clear error, its own exit code, nothing left behind.

use std::process::Command;

use crate::world::{Built, World};

#[test]
fn a_step_that_fails_is_named_with_its_last_output() {
    let world = World::new();
    let recipe = world.recipe("- shell: { name: break it, run: \"echo the reason; exit 3\" }");
    let built = world.run(&recipe, &[]);
    assert_eq!(built.code, 7, "{}", built.stderr);
    assert!(built.stderr.contains("break it"), "{}", built.stderr);
    assert!(built.stderr.contains("the reason"), "{}", built.stderr);
    world.assert_no_image();
}

#[test]
fn a_step_that_hangs_ends_at_its_timeout() {
    let world = World::new();
    let recipe = world
        .recipe("- shell: { name: wait forever, timeout: 3s, run: \"echo before; sleep 600\" }");
    let built = world.run(&recipe, &[]);
    assert_eq!(built.code, 7, "{}", built.stderr);
    for part in ["wait forever", "3 s", "before"] {
        assert!(
            built.stderr.contains(part),
            "{part:?} is not in {}",
            built.stderr
        );
    }
    world.assert_no_image();
}

#[test]
fn a_base_image_that_does_not_boot_fails_with_the_console_s_tail() {
    let world = World::new();
    // A kernel and nothing else: it panics for want of an init.
    let tree = world.path("tree");
    std::fs::create_dir_all(tree.join("boot")).unwrap();
    let base = world.recipe("- shell: { run: \"true\" }");
    let bases = crate::world::shared_cache().join("bases");
    if !bases.exists() {
        assert_eq!(world.run(&base, &[]).code, 0);
        std::fs::remove_dir_all(world.path("out")).unwrap();
    }
    let kernel = std::fs::read_dir(bases)
        .unwrap()
        .map(|entry| entry.unwrap().path().join("vmlinuz"))
        .find(|path| path.exists())
        .unwrap();
    std::fs::copy(kernel, tree.join("boot/vmlinuz-1")).unwrap();
    let disk = world.path("empty.raw");
    let mke2fs = ["/usr/sbin/mke2fs", "/sbin/mke2fs"];
    let mke2fs = mke2fs
        .iter()
        .find(|path| std::path::Path::new(path).exists())
        .unwrap();
    let made = Command::new(mke2fs)
        .args(["-q", "-t", "ext4", "-d"])
        .args([&tree, &disk])
        .arg("64M")
        .status();
    assert!(made.unwrap().success());
    let summed = Command::new("sha256sum").arg(&disk).output().unwrap();
    let sha256 = String::from_utf8(summed.stdout).unwrap()[..64].to_owned();
    let recipe = world.write(
        "silent.yaml",
        format!(
            "amint: 1\nname: silent\nversion: 1.0.0\n\
             base: {{ local: {{ image: empty.raw, sha256: {sha256} }} }}\n\
             builder: {{ network: none, timeout: 1m }}\n\
             steps:\n- shell: {{ run: \"true\" }}\nimage: {{ name: silent }}\n"
        ),
    );
    let built = world.run(&recipe, &[]);
    assert_eq!(built.code, 8, "{}", built.stderr);
    assert!(built.stderr.contains("Kernel panic"), "{}", built.stderr);
    world.assert_no_image();
}

#[test]
fn a_full_disk_is_named_and_cleaned_up() {
    let world = World::new();
    let recipe = world.recipe(
        "- shell: { name: fill, run: \"for n in 1 2 3 4 5; do cp -r /usr /copy$n; done\" }",
    );
    std::fs::create_dir(world.path("small")).unwrap();
    // A small file system of our own, in a namespace of our own.
    let mut inside = Command::new("unshare");
    let command = world.build(&recipe, &[]);
    inside
        .args(["--user", "--map-root-user", "--mount", "sh", "-c"])
        .arg("mount -t tmpfs -o size=2200m small small && exec \"$@\"")
        .arg("sh")
        .arg(command.get_program())
        .args(command.get_args().map(|argument| {
            if argument == world.path("out") {
                world.path("small/out").into()
            } else {
                argument.to_owned()
            }
        }))
        .current_dir(world.path(""))
        .env_clear()
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped());
    for (name, value) in command.get_envs() {
        inside.env(name, value.unwrap());
    }
    let built = Built::of(inside.spawn().unwrap());
    if built.events.is_empty() {
        // Some systems forbid user namespaces to ordinary users.
        assert!(built.stderr.contains("unshare"), "{}", built.stderr);
        return;
    }
    assert_eq!(built.code, 4, "{}", built.stderr);
    assert!(
        built.stderr.contains("disk.raw cannot be written"),
        "{}",
        built.stderr
    );
    world.assert_no_image();
}

#[test]
fn a_builder_is_kept_for_a_look_when_asked() {
    let world = World::new();
    let recipe = world.recipe("- shell: { name: break it, run: \"exit 3\" }");
    let built = world.run(&recipe, &["--on-error", "keep"]);
    assert_eq!(built.code, 7, "{}", built.stderr);
    assert!(built.stderr.contains("console.sock"), "{}", built.stderr);
    let build = built.events[0]["build"].as_str().unwrap();
    let pid = std::fs::read_to_string(world.path(&format!("amint/{build}/qemu.pid"))).unwrap();
    let line = std::fs::read(format!("/proc/{}/cmdline", pid.trim())).unwrap();
    assert!(String::from_utf8_lossy(&line).contains(build));
    let pid = rustix::process::Pid::from_raw(pid.trim().parse().unwrap()).unwrap();
    rustix::process::kill_process(pid, rustix::process::Signal::KILL).unwrap();
}

#[test]
fn another_base_than_the_recipe_names_is_refused() {
    let world = World::new();
    world.write("disk.raw", vec![0; 1 << 20]);
    let recipe = world.write(
        "wrong.yaml",
        format!(
            "amint: 1\nname: wrong\nversion: 1.0.0\n\
             base: {{ local: {{ image: disk.raw, sha256: {} }} }}\nsteps:\n- shell: {{ run: \"true\" }}\n\
             image: {{ name: wrong }}\n",
            "0".repeat(64)
        ),
    );
    let built = world.run(&recipe, &[]);
    assert_eq!(built.code, 3, "{}", built.stderr);
    assert!(
        built.stderr.contains("disk.raw has SHA-256 30e14955"),
        "{}",
        built.stderr
    );
    world.assert_no_image();
}
