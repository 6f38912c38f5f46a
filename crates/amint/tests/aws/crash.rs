//! Builds that are killed with SIGKILL at a record of their journal, and what the next commands make of them.

use std::collections::BTreeSet;
use std::path::Path;
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::account::Account;
use crate::command::Folder;
use crate::recipes::{PUBLISHED, Recipe, TEMPORARY};

/// No build takes longer to come to a record.
const LONGEST: Duration = Duration::from_secs(60);

/// Everything that an account can be asked for. Its one step fails when it runs a second time.
fn recipe() -> String {
    let recipe = Recipe {
        builder: TEMPORARY,
        image: PUBLISHED,
        ..Recipe::default()
    };
    recipe.text()
}

/// What is there once it has succeeded.
const RESULT: [&str; 5] = [
    "images in eu-west-1",
    "images in us-east-1",
    "parameters in us-east-1",
    "snapshots in eu-west-1",
    "snapshots in us-east-1",
];

fn records(path: &Path) -> usize {
    let text = std::fs::read(path).unwrap_or_default();
    text.iter().filter(|byte| **byte == b'\n').count()
}

/// Starts a build and kills it when its journal has so many lines; whether it had as many.
fn killed_at(account: &Account, folder: &Folder, lines: usize) -> bool {
    folder.write("recipe.yaml", recipe());
    let mut command = folder.command(account, &["build", "recipe.yaml"]);
    // Nobody reads them, and a pipe that is full would stop it.
    command.stdout(std::process::Stdio::null());
    command.stderr(std::process::Stdio::null());
    let mut child = command.spawn().unwrap();
    let start = Instant::now();
    loop {
        let written = folder.journals().first().map_or(0, |path| records(path));
        if written >= lines {
            child.kill().unwrap();
            child.wait().unwrap();
            return true;
        }
        if child.try_wait().unwrap().is_some() {
            return false;
        }
        assert!(start.elapsed() < LONGEST, "it hangs at line {written}");
        std::thread::sleep(Duration::from_micros(300));
    }
}

fn id(folder: &Folder) -> String {
    let path = folder.journals().pop().unwrap();
    let build = path.parent().unwrap().file_name().unwrap();
    build.to_str().unwrap().to_owned()
}

/// Nothing is there but images that are public or were about to be, with what goes with them.
fn assert_nothing_or_public(account: &Account, context: &str) {
    let mut left = Vec::new();
    for _ in 0..50 {
        left = account.left();
        let now = account.resources();
        let regions = ["us-east-1", "eu-west-1"];
        let images = regions.iter().flat_map(|region| now.all(region, "images"));
        let ours = images.filter(|(_, image)| !image["Tags"]["amint:build"].is_null());
        let states: Vec<Value> = ours
            .map(|(_, image)| image["Tags"]["amint:state"].clone())
            .collect();
        let public = states
            .iter()
            .all(|one| one == "publishing" || one == "published");
        let with_images = |kind: &String| {
            let kinds = ["images", "snapshots", "parameters"];
            !states.is_empty() && kinds.iter().any(|one| kind.starts_with(one))
        };
        if public && left.iter().all(with_images) {
            return;
        }
        std::thread::sleep(Duration::from_millis(100));
    }
    panic!("{context}: there is {left:?}");
}

/// Every third record, beginning with `first`; each with an account and a folder of its own.
fn every_third(first: usize, then: impl Fn(&Account, &Folder, &str)) {
    for (kills, lines) in (first..).step_by(3).enumerate() {
        let (account, folder) = (Account::new(), Folder::new());
        let killed = killed_at(&account, &folder, lines);
        if !killed {
            assert!(kills > 8, "{kills} kills");
            return;
        }
        then(&account, &folder, &format!("killed at line {lines}"));
    }
}

#[test]
fn it_is_gone_on_with() {
    every_third(1, |account, folder, context| {
        let id = id(folder);
        let ran = folder.run(&mut folder.command(account, &["resume", &id]));
        let ended = folder.journal().last().unwrap()["record"] == "finished";
        if ran.code == 14 && ran.stderr.contains("has ended") {
            // It was killed in its very last moment.
            assert!(ended, "{context}");
        } else {
            assert_eq!(ran.code, 0, "{context}: {}", ran.stderr);
            assert!(
                ran.stdout.contains("verdict: clean"),
                "{context}: {}",
                ran.stdout
            );
        }
        account.assert_only(&RESULT);
        // One builder, and each image once: captured, registered, copied.
        assert_eq!(folder.manifest("trial")["inspection"]["verdict"], "clean");
        let calls = account.calls().into_iter();
        let tokens: BTreeSet<String> = calls
            .filter(|call| call["action"] == "RunInstances" && call["params"]["DryRun"].is_null())
            .map(|call| call["params"]["ClientToken"].to_string())
            .collect();
        assert_eq!(tokens.len(), 1, "{context}: {tokens:?}");
    });
}

#[test]
fn it_is_cleaned_up_by_its_journal() {
    every_third(2, |account, folder, context| {
        let id = id(folder);
        let shown = folder.run(&mut folder.command(account, &["cleanup", &id]));
        assert_eq!(shown.code, 0, "{context}: {}", shown.stderr);
        for _ in 0..2 {
            let ran = folder.run(&mut folder.command(account, &["cleanup", &id, "--yes"]));
            assert_eq!(ran.code, 0, "{context}: {}", ran.stderr);
        }
        assert_nothing_or_public(account, context);
        let builds = folder.run(&mut folder.command(account, &["builds", "--format", "json"]));
        let builds: Value = serde_json::from_str(&builds.stdout).unwrap();
        if builds[0]["state"] == "died" {
            // What was about to be published stays, and is finished by the next process.
            assert!(
                ran_out_of_reach(&shown.stderr),
                "{context}: {}",
                shown.stderr
            );
            let ran = folder.run(&mut folder.command(account, &["resume", &id]));
            assert_eq!(ran.code, 0, "{context}: {}", ran.stderr);
            account.assert_only(&RESULT);
        }
    });
}

/// Whether a clean-up said that it leaves something alone.
fn ran_out_of_reach(stderr: &str) -> bool {
    stderr.contains("is being published") || stderr.contains("it is published")
}

#[test]
fn it_is_swept_without_a_journal() {
    every_third(3, |account, folder, context| {
        std::fs::remove_dir_all(folder.path(".amint")).unwrap();
        // Somebody else's.
        let group = serde_json::json!({"GroupName": "theirs", "Description": "no tag of ours"});
        account.boto3("ec2", "create_security_group", group);
        let arguments = ["cleanup", "--older-than", "1ms", "--on", "aws", "--yes"];
        let ran = folder.run(&mut folder.command(account, &arguments));
        assert_eq!(ran.code, 0, "{context}: {}", ran.stderr);
        let groups = account.resources().all("us-east-1", "security-groups");
        let theirs = groups
            .iter()
            .find(|(_, group)| group["GroupName"] == "theirs");
        let (id, _) = theirs.unwrap_or_else(|| panic!("{context}: theirs is gone"));
        let gone = serde_json::json!({"GroupId": id});
        account.boto3("ec2", "delete_security_group", gone);
        assert_nothing_or_public(account, context);
    });
}

/// What is not over stays, and what was published stays for ever.
#[test]
fn a_sweep_leaves_what_is_not_over() {
    let (account, folder) = (Account::new(), Folder::new());
    assert!(!killed_at(&account, &folder, 1000), "it ends by itself");
    account.assert_only(&RESULT);
    std::fs::remove_dir_all(folder.path("out")).unwrap();
    assert!(
        killed_at(&account, &Folder::new(), 18),
        "another one dies at work"
    );
    let before = account.left();
    assert_ne!(before, RESULT);
    let sweep = ["cleanup", "--expired", "--on", "aws", "--yes"];
    let ran = folder.run(&mut folder.command(&account, &sweep));
    assert_eq!((ran.code, ran.stdout.as_str()), (0, ""), "{}", ran.stderr);
    assert!(
        ran.stderr.contains("its time is not over"),
        "{}",
        ran.stderr
    );
    assert_eq!(account.left(), before);
    let old = ["cleanup", "--older-than", "1ms", "--on", "aws", "--yes"];
    let ran = folder.run(&mut folder.command(&account, &old));
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    assert!(ran.stderr.contains("it is published"), "{}", ran.stderr);
    account.assert_only(&RESULT);
}
