//! `amint inspect`.

use std::process::Command;

use serde_json::json;

use crate::command::{Ran, World};
use crate::disk::{CLEAN, ext4};

#[test]
fn a_clean_disk_is_clean() {
    let world = World::new();
    ext4(&world, &CLEAN);
    let ran = world.run(&["inspect", "disk.raw"]);
    assert_eq!((ran.code, ran.stderr.as_str()), (0, ""), "{}", ran.stdout);
    assert!(ran.stdout.ends_with("disk.raw: clean\n"), "{}", ran.stdout);

    let report = world
        .run(&["inspect", "disk.raw", "--format", "json"])
        .json();
    assert_eq!(
        (&report["verdict"], &report["findings"]),
        (&json!("clean"), &json!([]))
    );
    assert_eq!(report["scope"]["size"], 16 << 20);
    assert_eq!(report.get("digest"), None);
}

#[test]
fn a_planted_history_is_found() {
    let world = World::new();
    let mut files = CLEAN.to_vec();
    files.push(("root/.bash_history", "mysql -p hunter2\n"));
    ext4(&world, &files);
    let ran = world.run(&["inspect", "disk.raw", "--format", "json"]);
    assert_eq!((ran.code, ran.stderr.as_str()), (9, ""));
    let report = ran.json();
    assert_eq!(report["verdict"], "violations");
    let finding = &report["findings"][0];
    assert_eq!(
        (&finding["rule"], &finding["severity"], &finding["path"]),
        (
            &json!("MP-CLEAN-002"),
            &json!("error"),
            &json!("/root/.bash_history")
        )
    );
    assert!(!ran.stdout.contains("hunter2"), "{}", ran.stdout);

    let ran = world.run(&["inspect", "disk.raw"]);
    assert_eq!(ran.code, 9);
    assert!(
        ran.stdout
            .contains("error MP-CLEAN-002 /root/.bash_history: "),
        "{}",
        ran.stdout
    );
    assert!(
        ran.stdout.ends_with("disk.raw: violations\n"),
        "{}",
        ran.stdout
    );
}

#[test]
fn application_logs_must_be_empty_where_they_are_named() {
    let world = World::new();
    let mut files = CLEAN.to_vec();
    files.push(("opt/demo/logs/demo.log", "started\n"));
    ext4(&world, &files);
    assert_eq!(world.run(&["inspect", "disk.raw"]).code, 0);
    let named = ["inspect", "disk.raw", "--application-log", "/opt/demo/logs"];
    let ran = world.run(&named);
    assert_eq!(ran.code, 9, "{}", ran.stdout);
    assert!(
        ran.stdout.contains("/opt/demo/logs/demo.log"),
        "{}",
        ran.stdout
    );
}

#[test]
fn the_digest_does_not_depend_on_holes() {
    let world = World::new();
    let disk = ext4(&world, &CLEAN);
    // Reading and writing the whole file fills its holes with zeros.
    world.write("dense.raw", std::fs::read(disk).unwrap());
    let digest = |name| {
        let report = world
            .run(&["inspect", name, "--digest", "--format", "json"])
            .json();
        report["digest"].as_str().unwrap().to_owned()
    };
    assert_eq!(digest("disk.raw"), digest("dense.raw"));
}

#[test]
fn a_truncated_disk_is_not_clean() {
    let world = World::new();
    let disk = ext4(&world, &CLEAN);
    std::fs::File::options()
        .write(true)
        .open(disk)
        .unwrap()
        .set_len(1 << 20)
        .unwrap();
    let ran = world.run(&["inspect", "disk.raw", "--format", "json"]);
    assert!([9, 10].contains(&ran.code), "{}", ran.code);
    assert_ne!(ran.json()["verdict"], "clean");
}

#[test]
fn random_bytes_are_not_clean() {
    let world = World::new();
    // A fixed pattern without any structure (a linear congruential generator's high bytes).
    let mut state = 1_u64;
    let bytes: Vec<u8> = (0..4 << 20)
        .map(|_| {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1);
            (state >> 56) as u8
        })
        .collect();
    world.write("noise.raw", bytes);
    let ran = world.run(&["inspect", "noise.raw", "--format", "json"]);
    assert!([9, 10].contains(&ran.code), "{}", ran.code);
    assert_ne!(ran.json()["verdict"], "clean");
}

#[test]
fn what_is_no_disk_has_no_verdict() {
    let world = World::new();
    world.write("disk.vmdk", [b"KDMV".as_slice(), &[0; 600]].concat());
    world.write("disk.qcow2", [b"QFI\xfb".as_slice(), &[0; 600]].concat());
    std::fs::create_dir(world.path("folder")).unwrap();
    for (disk, reason) in [
        (
            "missing.raw",
            "error: cannot open the disk missing.raw\ncaused by: No such file",
        ),
        ("folder", "error: folder is not a disk"),
        ("disk.vmdk", "convert it with `qemu-img convert"),
        (
            "disk.qcow2",
            "error: cannot open the qcow2 image disk.qcow2\ncaused by: it has version 0",
        ),
    ] {
        let ran = world.run(&["inspect", disk, "--format", "json"]);
        assert_eq!(ran.code, 10, "{disk}");
        assert!(ran.stderr.contains(reason), "{disk}: {}", ran.stderr);
        let causes = ran.stderr.trim_end().trim_start_matches("error: ");
        let error = causes.replace("\ncaused by: ", ": ");
        assert_eq!(
            ran.json(),
            json!({ "verdict": "unread", "error": error, "findings": [], "scope": {} })
        );
        assert_eq!(world.run(&["inspect", disk]).stdout, "");
    }
}

#[test]
fn a_qcow2_image_is_read_like_the_disk_in_it() {
    let world = World::new();
    ext4(&world, &CLEAN);
    let converted = Command::new("qemu-img")
        .args(["convert", "-c", "-O", "qcow2", "disk.raw", "disk.qcow2"])
        .current_dir(world.path("."))
        .status();
    assert!(converted.expect("qemu-img").success());
    let ran = world.run(&["inspect", "disk.qcow2"]);
    assert_eq!((ran.code, ran.stderr.as_str()), (0, ""), "{}", ran.stdout);
    assert!(
        ran.stdout
            .contains("not seen: what the qcow2 file holds beside its disk"),
        "{}",
        ran.stdout
    );

    let mut alone = world.command(&["inspect", "disk.qcow2"]);
    let output = alone.env("PATH", world.path(".")).output().expect("amint");
    let ran = Ran::from(output, &world.path("."));
    assert_eq!(ran.code, 10);
    assert!(
        ran.stderr
            .contains("the program qemu-img is missing, which reads it: install qemu-utils"),
        "{}",
        ran.stderr
    );
}

#[test]
fn wrong_expectations_are_usage_errors() {
    let world = World::new();
    ext4(&world, &CLEAN);
    let ran = world.run(&["inspect", "disk.raw", "--application-log", "opt/demo/logs"]);
    assert_eq!(ran.code, 2);
    assert!(
        ran.stderr.contains("opt/demo/logs is not an absolute path"),
        "{}",
        ran.stderr
    );
    let ran = world.run(&["inspect", "disk.raw", "--profile", "none"]);
    assert_eq!(ran.code, 2);
    assert!(
        ran.stderr.contains("hint: there is: marketplace-linux"),
        "{}",
        ran.stderr
    );
}

#[test]
fn the_secrets_of_this_process_are_looked_for_and_never_shown() {
    let world = World::new();
    let mut files = CLEAN.to_vec();
    // printf %s swordfish-42 | base64
    files.push(("opt/product/settings", "token: c3dvcmRmaXNoLTQy\n"));
    ext4(&world, &files);
    let output = world
        .command(&["inspect", "disk.raw"])
        .env("AMINT_SECRETS", "DATABASE_PASSWORD")
        .env("DATABASE_PASSWORD", "swordfish-42")
        .output()
        .unwrap();
    let stdout = String::from_utf8(output.stdout).unwrap();
    assert_eq!(output.status.code(), Some(9), "{stdout}");
    let expected = "error MP-SEC-008 /opt/product/settings: \
                    still on the disk: the secret DATABASE_PASSWORD (base64) (a file)";
    assert!(stdout.starts_with(expected), "{stdout}");
    assert!(!stdout.contains("swordfish"), "{stdout}");
}
