//! The scripts are run by a real shell.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::process::Command;

use super::*;

fn sh(script: &str) {
    let output = Command::new("sh").args(["-c", script]).output();
    let output = output.expect("there is a shell");
    let error = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{error}\n{script}");
}

#[test]
fn parts_become_the_file_in_its_place() {
    let folder = tempfile::tempdir().expect("a folder");
    let content: Vec<u8> = (0..10_000_u32).map(|n| (n * 7 % 251) as u8).collect();
    for length in [0, 1, 2, 3, 999, 1000, 1001, 10_000] {
        let to = folder.path().join(format!("a folder/it's-{length}"));
        let user = String::from_utf8(Command::new("id").arg("-un").output().unwrap().stdout);
        let file = FileUpload {
            to: to.display().to_string(),
            owner: Some(user.unwrap().trim().to_owned()),
            group: None,
            mode: 0o640,
            content: content[..length].to_vec(),
        };
        let upload = folder.path().join("upload").display().to_string();
        let partial = format!("{upload}/token");
        let mut scripts = in_parts(&file, 1000, &partial);
        assert_eq!(scripts.len(), length.div_ceil(1000).max(1));
        // A command whose answer was lost may run twice.
        scripts.insert(0, scripts[0].clone());
        scripts
            .last_mut()
            .unwrap()
            .push_str(&install(&file, &partial));
        for script in scripts {
            sh(&script
                .replace("/run/amint/upload ", &format!("{upload} "))
                .replace("/run/amint/upload\n", &format!("{upload}\n")));
        }
        assert_eq!(fs::read(&to).unwrap(), file.content);
        assert_eq!(to.metadata().unwrap().permissions().mode() & 0o7777, 0o640);
        assert!(!fs::exists(&partial).unwrap());
    }
}
