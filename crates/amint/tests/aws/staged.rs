//! Files that are too large for commands go by way of a bucket, and none stays there.

use std::process::Stdio;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::account::Account;
use crate::command::Folder;
use crate::recipes::Recipe;
use crate::stop::stopped;

const RESULT: [&str; 2] = ["images in us-east-1", "snapshots in us-east-1"];

fn recipe() -> Recipe<'static> {
    Recipe {
        builder: "  instance-types: [m7i.large]\n  bucket: files",
        steps: "  - file: { name: large, from: large.bin, to: /opt/large.bin }",
        ..Recipe::default()
    }
}

/// An account with the bucket, and a folder with the recipe and its file.
fn scene() -> (Account, Folder) {
    let (account, folder) = (Account::new(), Folder::new());
    account.boto3("s3", "create_bucket", json!({"Bucket": "files"}));
    folder.write("large.bin", vec![b'x'; (1 << 20) + 1]);
    folder.write("recipe.yaml", recipe().text());
    (account, folder)
}

fn objects(account: &Account) -> Vec<String> {
    let objects = account.resources().all("us-east-1", "objects");
    objects.into_keys().collect()
}

/// Waits until the file is in the bucket, and says where.
fn laid_down(account: &Account) -> String {
    let start = Instant::now();
    loop {
        if let Some(object) = objects(account).pop() {
            return object;
        }
        assert!(start.elapsed() < Duration::from_secs(60), "never");
        std::thread::sleep(Duration::from_millis(50));
    }
}

/// From now on this is what comes of the builder's fetching, and of nothing else.
fn fetching(account: &Account, mut fault: Value) {
    for (key, value) in [
        ("action", json!("GET")),
        ("service", json!("s3")),
        ("where", json!({"x-id": "GetObject"})),
        ("occurrence", json!("always")),
    ] {
        fault[key] = value;
    }
    account.set("faults", &json!([fault]));
}

/// Kills a build whose file lies in the bucket; returns its id.
fn killed(account: &Account, folder: &Folder) -> String {
    // Long enough to be killed in, and the command goes on without its process.
    fetching(account, json!({"kind": "slow", "seconds": 8}));
    let mut command = folder.command(account, &["build", "recipe.yaml"]);
    command.stdout(Stdio::null()).stderr(Stdio::null());
    let mut child = command.spawn().unwrap();
    let object = laid_down(account);
    child.kill().unwrap();
    child.wait().unwrap();
    account.set("faults", &json!([]));
    let build = object.strip_prefix("s3://files/amint/").unwrap();
    build.split('/').next().unwrap().to_owned()
}

#[test]
fn a_large_file_arrives_and_leaves_nothing_in_the_bucket() {
    let (account, folder) = scene();
    let ran = folder.build(&account, &recipe().text(), &[]);
    ran.exits(0);
    account.assert_only(&RESULT);
    assert_eq!(account.count("DELETE"), 1, "as soon as it is in its place");
    let upload = &folder.manifest("trial")["steps"][0]["actions"][0];
    assert_eq!(upload["size"], (1 << 20) + 1, "{upload}");
    // Known before it was put, and gone before the step had an end.
    let journal = folder.journal();
    let records = journal
        .iter()
        .filter(|one| one["kind"] == "staged-file" || one["record"] == "step-finished");
    let records: Vec<&Value> = records.map(|one| &one["record"]).collect();
    assert_eq!(records, ["intent", "acquired", "released", "step-finished"]);
}

#[test]
fn a_builder_that_cannot_fetch_it_leaves_nothing_in_the_bucket() {
    for options in [&[][..], &["--on-error", "keep"]] {
        let (account, folder) = scene();
        let denied = json!({"kind": "error", "code": "AccessDenied", "status": 403});
        fetching(&account, denied);
        let ran = folder.build(&account, &recipe().text(), options);
        ran.exits(7).says(&["could not be fetched: may the role"]);
        assert_eq!((account.count("PUT"), objects(&account)), (2, vec![]));
    }
}

#[test]
fn an_interrupt_meanwhile_leaves_nothing_in_the_bucket() {
    let (account, folder) = scene();
    fetching(&account, json!({"kind": "hang"}));
    let acquired = |event: &Value| {
        let is = event["event"] == "resource-acquired" && event["kind"] == "staged file";
        if is {
            laid_down(&account);
        }
        is
    };
    let (code, events, stderr) = stopped(&account, &folder, &recipe(), acquired, None);
    assert_eq!(code, 130, "{stderr}");
    let released =
        |event: &&Value| event["event"] == "resource-released" && event["kind"] == "staged file";
    assert_eq!(events.iter().filter(released).count(), 1);
    account.assert_only(&[]);
}

/// Nobody could delete what nobody put there, and that is no second problem.
#[test]
fn a_bucket_that_refuses_it_is_the_only_problem() {
    let (account, folder) = scene();
    let denied = json!([{
        "action": "*", "service": "s3", "kind": "error", "code": "AccessDenied", "status": 403, "occurrence": "always",
    }]);
    account.set("faults", &denied);
    let ran = folder.build(&account, &recipe().text(), &[]);
    ran.says(&["s3:PutObject: bucket files"]).is_readable();
    assert!(!ran.stderr.contains("cleanup"), "{}", ran.stderr);
    assert_eq!(account.count("DELETE"), 0);
    account.set("faults", &json!([]));
    account.assert_only(&[]);
}

#[test]
fn a_process_that_dies_meanwhile_leaves_it_to_the_next_one() {
    let (account, folder) = scene();
    let build = killed(&account, &folder);
    let ran = folder.run(&mut folder.command(&account, &["resume", &build]));
    ran.exits(0);
    account.assert_only(&RESULT);

    let (account, folder) = scene();
    let build = killed(&account, &folder);
    let shown = folder.run(&mut folder.command(&account, &["cleanup", &build]));
    assert!(shown.stdout.contains("staged file"), "{}", shown.stdout);
    let ran = folder.run(&mut folder.command(&account, &["cleanup", &build, "--yes"]));
    ran.exits(0);
    account.assert_only(&[]);
}

/// No list tells that it is amint's: that is the bucket's own rules' business.
#[test]
fn without_its_journal_it_is_not_found() {
    let (account, folder) = scene();
    killed(&account, &folder);
    std::fs::remove_dir_all(folder.path(".amint")).unwrap();
    let sweep = ["cleanup", "--older-than", "1ms", "--on", "aws", "--yes"];
    folder.run(&mut folder.command(&account, &sweep)).exits(0);
    account.assert_only(&["objects in us-east-1"]);
}
