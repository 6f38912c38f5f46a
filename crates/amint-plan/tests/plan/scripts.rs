//! The built-in steps' scripts: checked by shellcheck, and run where that can be done without a machine.

use std::fs;
use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Command, ExitStatus, Stdio};

use amint_plan::Action;

use super::support::{plan, with, workspace};

/// All scripts of a recipe's plan, those that it uploads included.
fn scripts(lines: &str) -> Vec<String> {
    let plan = plan(&with(lines));
    plan.steps
        .iter()
        .flat_map(|step| &step.actions)
        .filter_map(|action| match action {
            Action::Run { script } => Some(script.clone()),
            Action::Upload {
                content,
                mode: 0o755,
                ..
            } => Some(String::from_utf8(content.clone()).unwrap()),
            _ => None,
        })
        .collect()
}

const BUILT_IN: &str = "steps:
  - upgrade-packages: {}
  - install-packages: [nginx, libstdc++6, curl=7.88.1-10]
  - first-boot-secret: { name: admin, command: /opt/x/set-password --user=admin }
";

#[test]
fn scripts_are_clean_to_shellcheck() {
    for script in scripts(BUILT_IN) {
        let mut child = Command::new("shellcheck")
            .args(["--shell=sh", "-"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("shellcheck is installed");
        child
            .stdin
            .take()
            .unwrap()
            .write_all(script.as_bytes())
            .unwrap();
        let output = child.wait_with_output().unwrap();
        let report = String::from_utf8_lossy(&output.stdout);
        assert!(output.status.success(), "{script}\n{report}");
    }
}

#[test]
fn packages_are_arguments_of_the_script() {
    let script = &scripts("steps: [{ install-packages: [nginx, g++] }]\n")[0];
    assert!(
        script.starts_with("#!/bin/sh\nset -- nginx g++\n"),
        "{script}"
    );
    assert!(script.contains("install -- \"$@\""));
}

#[test]
fn a_shell_step_stops_at_the_first_failure() {
    let script = &scripts("steps: [{ shell: { run: \"false\\necho on\" } }]\n")[0];
    let output = Command::new("sh").arg("-c").arg(script).output().unwrap();
    assert!(!output.status.success());
    assert!(output.stdout.is_empty());
}

#[test]
fn the_unit_waits_for_the_first_boot_of_an_instance() {
    let plan = plan(&with(BUILT_IN));
    let Action::Upload {
        to, content, mode, ..
    } = &plan.steps[2].actions[1]
    else {
        panic!("the unit")
    };
    assert_eq!(
        (to.as_str(), *mode),
        ("/etc/systemd/system/amint-first-boot-admin.service", 0o644)
    );
    insta::assert_snapshot!(String::from_utf8_lossy(content), @r#"
    [Unit]
    Description=Make this machine's secret admin
    After=local-fs.target
    ConditionPathExists=!/var/lib/amint/first-boot/admin.done
    ConditionPathExists=!/etc/systemd/system/amint-deadman.timer

    [Service]
    Type=oneshot
    RemainAfterExit=yes
    ExecStart=/usr/libexec/amint/first-boot-secret admin 32 /opt/x/set-password --user=admin
    UMask=0077
    TimeoutStartSec=5min
    StandardInput=null
    StandardOutput=null
    StandardError=null

    [Install]
    WantedBy=multi-user.target
    "#);
    let Action::Run { script } = &plan.steps[2].actions[2] else {
        panic!("the command that enables it")
    };
    assert_eq!(script, "systemctl enable amint-first-boot-admin.service\n");
}

/// Runs the script of a first boot with its folder moved to `root`.
fn first_boot(root: &Path, command: &str) -> ExitStatus {
    let path = workspace("crates/amint-plan/scripts/first-boot-secret.sh");
    let script = fs::read_to_string(path).unwrap();
    let script = script.replace("/var/lib/amint", &root.to_string_lossy());
    let program = root.join("command");
    fs::write(&program, format!("#!/bin/sh\n{command}\n")).unwrap();
    fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).unwrap();
    Command::new("sh")
        .args(["-c", &script, "first-boot-secret", "admin", "32"])
        .arg(&program)
        .arg("word")
        .current_dir(root)
        .status()
        .unwrap()
}

#[test]
fn a_secret_is_made_handed_over_and_kept_for_root_alone() {
    let mut secrets = Vec::new();
    for _ in 0..2 {
        let root = tempfile::tempdir().unwrap();
        let status = first_boot(
            root.path(),
            "IFS= read -r line; printf '%s %s' \"$line\" \"$*\" > got",
        );
        assert!(status.success());
        let secret = fs::read_to_string(root.path().join("secrets/admin")).unwrap();
        let word = secret.strip_suffix('\n').unwrap();
        assert_eq!(word.len(), 32);
        assert!(word.bytes().all(|byte| byte.is_ascii_alphanumeric()));
        let got = fs::read_to_string(root.path().join("got")).unwrap();
        assert_eq!(got, format!("{word} word"));
        let mode = |path: &str| {
            root.path()
                .join(path)
                .metadata()
                .unwrap()
                .permissions()
                .mode()
                & 0o777
        };
        assert_eq!((mode("secrets"), mode("secrets/admin")), (0o700, 0o600));
        assert!(root.path().join("first-boot/admin.done").exists());
        secrets.push(secret);
    }
    assert_ne!(secrets[0], secrets[1]);
}

#[test]
fn a_command_that_fails_leaves_no_secret_and_is_tried_again() {
    let root = tempfile::tempdir().unwrap();
    assert!(!first_boot(root.path(), "cat > got; exit 3").success());
    let left: Vec<_> = fs::read_dir(root.path().join("secrets")).unwrap().collect();
    assert!(left.is_empty(), "{left:?}");
    assert!(!root.path().join("first-boot/admin.done").exists());
    let first = fs::read_to_string(root.path().join("got")).unwrap();

    assert!(first_boot(root.path(), "cat > got").success());
    let second = fs::read_to_string(root.path().join("got")).unwrap();
    assert_ne!(first, second);
    assert_eq!(
        fs::read_to_string(root.path().join("secrets/admin")).unwrap(),
        second
    );
}
