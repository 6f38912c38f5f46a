//! The scripts as they run, on a machine that is made up in a folder.

use std::fs::{self, File};
use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Command, Stdio};

use super::*;

/// A machine whose files are in a folder; everything is fine with it.
struct Machine(tempfile::TempDir);

impl Machine {
    fn new() -> Self {
        let machine = Self(tempfile::tempdir().expect("a temporary folder"));
        machine.systemctl("running");
        machine
    }

    fn path(&self, path: &str) -> std::path::PathBuf {
        self.0.path().join(path.trim_start_matches('/'))
    }

    fn write(&self, path: &str, content: &str) {
        let path = self.path(path);
        fs::create_dir_all(path.parent().unwrap_or(Path::new("/"))).expect("a folder");
        fs::write(path, content).expect("a file");
    }

    fn systemctl(&self, state: &str) {
        self.write("bin/systemctl", &format!("#!/bin/sh\necho {state}\n"));
        let executable = fs::Permissions::from_mode(0o755);
        fs::set_permissions(self.path("bin/systemctl"), executable).expect("a file");
    }

    /// Asks; returns the exit code and what is missing.
    fn ask(&self, previous: Option<&str>) -> (Option<i32>, String) {
        let root = self.0.path().display();
        let mut script = script(previous, None);
        for folder in [
            "/run/cloud-init",
            "/etc/systemd",
            "/usr/lib/systemd",
            "/lib/systemd",
            "/var/lib",
        ] {
            script = script.replace(&format!(" {folder}"), &format!(" {root}{folder}"));
        }
        let path = std::env::var("PATH").unwrap_or_default();
        let output = Command::new("sh")
            .args(["-c", &script])
            .env("PATH", format!("{root}/bin:{path}"))
            .output()
            .expect("there is a shell");
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(text.starts_with("boot-id "), "{text}");
        let missing = text.lines().find_map(|line| line.strip_prefix("missing: "));
        (output.status.code(), missing.unwrap_or_default().to_owned())
    }
}

fn boot_id() -> String {
    let id = fs::read_to_string("/proc/sys/kernel/random/boot_id").expect("Linux has it");
    id.trim().to_owned()
}

#[test]
fn a_machine_that_has_booted_is_ready() {
    assert_eq!(Machine::new().ask(None), (Some(0), String::new()));
    assert_eq!(
        Machine::new().ask(Some("another-boot")),
        (Some(0), String::new())
    );
}

#[test]
fn a_boot_that_has_not_finished_is_missing() {
    let machine = Machine::new();
    for state in ["starting", "initializing", ""] {
        machine.systemctl(state);
        let (exit_code, missing) = machine.ask(None);
        assert_eq!(exit_code, Some(75));
        assert!(
            missing.starts_with("the boot has not finished"),
            "{missing}"
        );
    }
    for state in ["running", "degraded"] {
        machine.systemctl(state);
        assert_eq!(machine.ask(None).0, Some(0), "{state}");
    }
}

#[test]
fn the_boot_from_before_a_reboot_is_not_the_one_that_is_waited_for() {
    let (exit_code, missing) = Machine::new().ask(Some(&boot_id()));
    assert_eq!(
        (exit_code, missing.as_str()),
        (Some(75), "the reboot has not happened yet")
    );
}

#[test]
fn cloud_init_is_waited_for_where_it_is_there_and_not_disabled() {
    let machine = Machine::new();
    machine.write("/usr/lib/systemd/system/cloud-final.service", "[Unit]\n");
    assert_eq!(
        machine.ask(None),
        (Some(75), "cloud-init has not finished".to_owned())
    );
    for done in ["/run/cloud-init/result.json", "/run/cloud-init/disabled"] {
        machine.write(done, "");
        assert_eq!(machine.ask(None).0, Some(0), "{done}");
        fs::remove_file(machine.path(done)).expect("a file");
    }
    let mask = machine.path("/etc/systemd/system/cloud-final.service");
    fs::create_dir_all(mask.parent().expect("a folder")).expect("a folder");
    std::os::unix::fs::symlink("/dev/null", mask).expect("a link");
    assert_eq!(machine.ask(None).0, Some(0), "masked");
}

#[test]
fn a_package_lock_that_is_held_is_missing() {
    let machine = Machine::new();
    let lock = "/var/lib/dpkg/lock-frontend";
    machine.write(lock, "");
    assert_eq!(machine.ask(None).0, Some(0), "there, but nobody holds it");
    let held = File::open(machine.path(lock)).expect("a file");
    held.lock().expect("nobody else has it");
    let (exit_code, missing) = machine.ask(None);
    assert_eq!(exit_code, Some(75));
    assert!(
        missing.starts_with("package locks are held") && missing.contains(lock),
        "{missing}"
    );
    drop(held);
    assert_eq!(machine.ask(None).0, Some(0), "released");
}

#[test]
fn the_first_question_prepares_the_machine_before_it_asks() {
    let script = script(None, Some(Timestamp::UNIX_EPOCH));
    let order = [
        "apt-daily.timer",
        "1970-01-01 00:00:00 UTC",
        "echo prepared",
        "is-system-running",
    ];
    let places: Vec<_> = order
        .iter()
        .map(|part| script.find(part).expect(part))
        .collect();
    assert!(places.is_sorted(), "{places:?}\n{script}");
}

#[test]
fn the_scripts_are_shellcheck_clean() {
    for script in [
        script(None, None),
        script(Some("x"), Some(Timestamp::UNIX_EPOCH)),
    ] {
        let mut shellcheck = Command::new("shellcheck")
            // What runs in the parts' own shells is checked there.
            .args(["--shell=sh", "-"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("shellcheck is installed");
        let mut stdin = shellcheck.stdin.take().expect("a pipe");
        stdin.write_all(script.as_bytes()).expect("it reads");
        drop(stdin);
        let output = shellcheck.wait_with_output().expect("it ends");
        let problems = String::from_utf8_lossy(&output.stdout);
        assert!(output.status.success(), "{problems}");
    }
}
