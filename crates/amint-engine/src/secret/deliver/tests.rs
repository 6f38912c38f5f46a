//! Both sides together: the scripts run in real shells, with this machine's `openssl`.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command as Process;

use amint_cloud::SecretValue;
use proptest::prelude::*;

use super::*;

/// Runs a script with `/run` elsewhere; its exit code and what it printed.
fn sh(run: &Path, script: &str) -> (Option<i32>, String) {
    let script = script.replace("/run/", &format!("{}/", run.display()));
    let output = Process::new("sh").args(["-c", &script]).output();
    let output = output.expect("there is a shell");
    let printed = [output.stdout, output.stderr].concat();
    let printed = String::from_utf8_lossy(&printed).into_owned();
    (output.status.code(), printed)
}

/// A folder in the place of `/run`, and the key that was made in it.
fn keyed() -> (tempfile::TempDir, PublicKey) {
    let run = tempfile::tempdir().expect("a folder");
    let (code, printed) = sh(
        run.path(),
        &MAKE_KEY.replace("-c %T /run", "-c %T /dev/shm"),
    );
    assert_eq!(code, Some(0), "{printed}");
    let key = PublicKey::find(&printed).expect("a key");
    (run, key)
}

fn secret(name: &str, value: &str) -> Secret {
    Secret {
        name: name.to_owned(),
        value: SecretValue::new(value.to_owned()),
    }
}

fn received(run: &Path, name: &str) -> String {
    let path = run.join("amint/secrets").join(name);
    let mode = fs::metadata(&path).expect("it is there").permissions();
    assert_eq!(mode.mode() & 0o777, 0o600, "root's alone");
    fs::read_to_string(path).expect("text")
}

#[test]
fn what_is_sent_is_received_and_the_key_is_gone() {
    let (run, key) = keyed();
    let long: String = (0..LARGEST)
        .map(|at| char::from(b'!' + (at % 90) as u8))
        .collect();
    let all = [
        secret("token", "hunter22"),
        secret("pem", "-----BEGIN-----\nline\n-----END-----\n\n"),
        secret("large", &long),
        secret("other", &long),
    ];
    let scripts = scripts(&key, &all.iter().collect::<Vec<_>>()).expect("scripts");
    assert!(scripts.len() > 1, "no command may be too long");
    for script in &scripts {
        assert!(
            script.len() < MOST + RECEIVE.len() + 100,
            "{}",
            script.len()
        );
        assert!(!script.contains("hunter22") && !script.contains("-----BEGIN"));
        let (code, printed) = sh(run.path(), script);
        assert_eq!((code, printed.as_str()), (Some(0), ""));
    }
    for one in &all {
        assert_eq!(received(run.path(), &one.name), one.value.expose());
    }
    assert!(!run.path().join("amint/exchange").exists());
    let folder = fs::metadata(run.path().join("amint/secrets")).expect("it is there");
    assert_eq!(folder.permissions().mode() & 0o777, 0o700);
}

#[test]
fn what_was_encrypted_to_another_key_is_refused_and_leaves_nothing() {
    let (run, _) = keyed();
    let (_, other) = keyed();
    let one = secret("token", "hunter22");
    let scripts = scripts(&other, &[&one]).expect("scripts");
    let (code, printed) = sh(run.path(), &scripts[0]);
    assert_ne!(code, Some(0), "{printed}");
    assert!(!run.path().join("amint/exchange").exists());
    assert!(!run.path().join("amint/secrets/token").exists());
}

#[test]
fn what_is_missing_is_named() {
    let run = tempfile::tempdir().expect("a folder");
    let script = format!("command() {{ return 1; }}\n{MAKE_KEY}");
    let (code, printed) = sh(run.path(), &script);
    let error = failed("make a key", code.expect("an exit code"), &printed);
    assert_eq!(error.to_string(), "the builder lacks openssl");
    assert!(
        error
            .hint()
            .is_some_and(|hint| hint.contains("install-packages"))
    );
    // A folder of a disk in the place of /run.
    let script = MAKE_KEY.replace("$(stat -f -c %T /run)", "ext2/ext3");
    let (code, printed) = sh(run.path(), &script);
    let error = failed("make a key", code.expect("an exit code"), &printed);
    assert_eq!(error.to_string(), "the builder lacks a /run in memory");
    let error = failed("make a key", 1, "some: trouble\n");
    assert_eq!(
        error.to_string(),
        "the builder could not make a key (exit code 1)"
    );
}

#[test]
fn scripts_are_clean() {
    for script in [MAKE_KEY, RECEIVE] {
        let checked = Process::new("shellcheck")
            .args(["--shell=sh", "-"])
            .stdin(std::process::Stdio::piped())
            .stdout(std::process::Stdio::piped())
            .spawn();
        let mut checked = checked.expect("shellcheck is installed");
        let mut input = checked.stdin.take().expect("piped");
        std::io::Write::write_all(&mut input, script.as_bytes()).expect("written");
        drop(input);
        let output = checked.wait_with_output().expect("it ends");
        let told = String::from_utf8_lossy(&output.stdout);
        assert!(output.status.success(), "{told}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]
    #[test]
    fn openssl_reads_back_any_text(value in "[^\\x00]{1,700}") {
        // One key for all: making it takes longest.
        static KEYED: std::sync::OnceLock<(tempfile::TempDir, PublicKey)> = std::sync::OnceLock::new();
        let (run, key) = KEYED.get_or_init(keyed);
        let one = secret("value", &value);
        let scripts = scripts(key, &[&one]).expect("scripts");
        let script = scripts.concat().replace("rm -rf /run/amint/exchange\n", "");
        let (code, printed) = sh(run.path(), &script);
        prop_assert_eq!(code, Some(0), "{}", printed);
        prop_assert_eq!(received(run.path(), "value"), value);
    }
}
