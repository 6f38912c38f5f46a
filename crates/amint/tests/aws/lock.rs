//! Lock files, plans and images that need not be built again.

use serde_json::{Value, json};

use crate::account::Account;
use crate::command::{Folder, Ran};
use crate::recipes::{BASE, Recipe};

/// Another base image of `fixtures/aws/images.json`, newer for the tests' parameter.
const NEWER: &str = "ami-0a1b2c3d4e5f60001";
const HOME: &str = "us-east-1";
/// A parameter of the tests' own that names the base image.
const PARAMETER: &str = "/bases/newest";

fn recipe() -> String {
    Recipe {
        base: "{ ssm-parameter: /bases/newest }",
        ..Recipe::default()
    }
    .text()
}

fn name_base(account: &Account, id: &str) {
    let put = json!({"Name": PARAMETER, "Value": id, "Type": "String", "Overwrite": true});
    account.boto3("ssm", "put_parameter", put);
}

/// Runs the command on `recipe.yaml`; the calls that it made are what is recorded afterwards.
fn run(account: &Account, folder: &Folder, arguments: &[&str]) -> Ran {
    account.set("calls", &json!({}));
    folder.run(&mut folder.command(account, arguments))
}

fn lock_text(folder: &Folder) -> String {
    std::fs::read_to_string(folder.path("recipe.yaml.lock")).unwrap()
}

/// The image's id in the results.
fn image(ran: &Ran) -> String {
    let mut lines = ran.stdout.lines();
    let line = lines.find_map(|line| line.strip_prefix("image: "));
    line.unwrap_or_else(|| panic!("{}", ran.stdout)).to_owned()
}

#[test]
fn a_locked_image_is_built_on_and_found_again_in_one_call() {
    let (account, folder) = (Account::new(), Folder::new());
    name_base(&account, BASE);
    folder.write("recipe.yaml", recipe());
    run(&account, &folder, &["lock", "recipe.yaml"]).exits(0);
    assert_eq!(account.actions(), ["GetParameter", "DescribeImages"]);
    let locked = lock_text(&folder);
    for fact in [
        "asked: \"ssm-parameter /bases/newest in us-east-1\"",
        "base: { id: ami-0ed094fb1304fd857, name: al2023-ami-2023.11.20260427.1-kernel-6.1-x86_64, owner: \"",
        "created: \"20",
    ] {
        assert!(locked.contains(fact), "{fact}: {locked}");
    }

    // A newer one is nothing to a build.
    name_base(&account, NEWER);
    let ran = run(&account, &folder, &["build", "recipe.yaml", "--locked"]);
    ran.exits(0).says(&[
        "base image al2023-ami-2023.",
        "(ami-0ed094fb1304fd857), as locked",
    ]);
    assert_eq!(account.count("GetParameter"), 0);
    let id = image(&ran);
    let manifest = folder.manifest("trial");
    assert_eq!(manifest["base-image"]["id"], BASE);
    assert!(manifest["base-image"]["created"].is_string(), "{manifest}");
    let images = account.resources().all(HOME, "images");
    assert_eq!(
        images[&id]["Tags"]["amint:fingerprint"],
        manifest["fingerprint"]
    );
    assert_eq!(
        manifest["fingerprint"], manifest["plan"],
        "the plan is locked"
    );

    // One call, and nobody is asked who that is.
    let again = run(
        &account,
        &folder,
        &["build", "recipe.yaml", "--skip-if-current"],
    );
    again.exits(0);
    assert_eq!(account.actions(), ["DescribeImages"]);
    let manifest = folder.path("out/trial-1.0.0/manifest.json");
    let manifest = manifest.canonicalize().unwrap();
    let expected = format!(
        "image: {id}\nmanifest: {}\ncurrent: nothing was built\n",
        manifest.display()
    );
    assert_eq!(again.stdout, expected);
    // Programs hear the same in the protocol of builds.
    let arguments = [
        "build",
        "recipe.yaml",
        "--skip-if-current",
        "--format",
        "json",
    ];
    let events = run(&account, &folder, &arguments);
    let events: Vec<Value> = events
        .stdout
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let kinds: Vec<_> = events
        .iter()
        .map(|one| one["event"].as_str().unwrap())
        .collect();
    assert_eq!(kinds, ["run-started", "image-current", "run-finished"]);
    assert_eq!(
        (&events[1]["id"], &events[2]["exit_code"]),
        (&json!(id), &json!(0))
    );

    // Whoever looks the same base image up has an image as good, for one call more.
    std::fs::remove_file(folder.path("recipe.yaml.lock")).unwrap();
    name_base(&account, BASE);
    let open = run(
        &account,
        &folder,
        &["build", "recipe.yaml", "--skip-if-current"],
    );
    open.exits(0);
    assert_eq!(image(&open), id);
    let expected = ["GetParameter", "DescribeImages", "DescribeImages"];
    assert_eq!(account.actions(), expected);
    // From another base image, or by another recipe, it is not.
    name_base(&account, NEWER);
    let other = run(
        &account,
        &folder,
        &["build", "recipe.yaml", "--skip-if-current"],
    );
    other.exits(4).says(&["already holds an image"]);
    assert_eq!(account.count("RunInstances"), 0);

    // What is withdrawn is not current.
    name_base(&account, BASE);
    let tag = json!({"Resources": [id], "Tags": [{"Key": "amint:state", "Value": "captured"}]});
    account.boto3("ec2", "create_tags", tag);
    run(
        &account,
        &folder,
        &["build", "recipe.yaml", "--skip-if-current"],
    )
    .exits(4);
}

#[test]
fn a_newer_base_image_is_one_line() {
    let (account, folder) = (Account::new(), Folder::new());
    name_base(&account, BASE);
    folder.write("recipe.yaml", recipe());
    run(&account, &folder, &["lock", "recipe.yaml"]).exits(0);
    let before = lock_text(&folder);
    run(&account, &folder, &["lock", "--check", "recipe.yaml"]).exits(0);
    name_base(&account, NEWER);

    let check = run(&account, &folder, &["lock", "--check", "recipe.yaml"]);
    check.exits(17);
    let moved = "  base image for aws: al2023-ami-2023.11.20260427.1-kernel-6.1-x86_64 (ami-0ed094fb1304fd857 of ";
    assert!(check.stdout.contains(moved), "{}", check.stdout);
    assert_eq!(lock_text(&folder), before);
    // The one that is locked is kept on request, and nobody is asked.
    run(&account, &folder, &["lock", "--keep-base", "recipe.yaml"]).exits(0);
    assert_eq!(account.actions(), [""; 0]);

    run(&account, &folder, &["lock", "recipe.yaml"]).exits(0);
    let after = lock_text(&folder);
    let lines = before.lines().zip(after.lines());
    let changed: Vec<_> = lines.filter(|(before, after)| before != after).collect();
    assert_eq!(changed.len(), 1, "{changed:?}");
    assert!(changed[0].1.contains(NEWER), "{changed:?}");
}

#[test]
fn a_locked_base_image_that_is_gone_or_another_is_refused() {
    let (account, folder) = (Account::new(), Folder::new());
    name_base(&account, BASE);
    folder.write("recipe.yaml", recipe());
    run(&account, &folder, &["lock", "recipe.yaml"]).exits(0);
    let good = lock_text(&folder);
    let gone = "ami-0fffffffffffffff0";
    folder.write("recipe.yaml.lock", good.replace(BASE, gone));
    let ran = run(&account, &folder, &["build", "recipe.yaml"]);
    ran.exits(12).says(&[
        "the base image ami-0fffffffffffffff0 of the lock file is gone",
        "`amint lock` looks the base image up anew",
    ]);
    // A name that people trust is not enough.
    folder.write(
        "recipe.yaml.lock",
        good.replace("id: ami-0ed094fb1304fd857", &format!("id: {NEWER}")),
    );
    let ran = run(&account, &folder, &["build", "recipe.yaml"]);
    ran.exits(3).says(&[
        "the lock file binds to the base image al2023-ami-",
        "and there is debian-12-amd64-",
    ]);
    assert_eq!(account.count("RunInstances"), 0);
    account.assert_only(&["parameters in us-east-1"]);
}

#[test]
fn a_plan_looks_the_base_image_up_and_knows_its_price() {
    let (account, folder) = (Account::new(), Folder::new());
    name_base(&account, BASE);
    folder.write("recipe.yaml", recipe());
    let ran = run(&account, &folder, &["plan", "recipe.yaml"]);
    ran.exits(0);
    assert_eq!(account.actions(), ["GetParameter", "DescribeImages"]);
    let resolved =
        format!("resolved           al2023-ami-2023.11.20260427.1-kernel-6.1-x86_64 ({BASE} of ");
    assert!(ran.stdout.contains(&resolved), "{}", ran.stdout);
    assert!(!ran.stdout.contains("unknown"), "{}", ran.stdout);
    assert!(ran.stdout.contains("ssm                "), "{}", ran.stdout);
    run(&account, &folder, &["plan", "recipe.yaml", "--offline"]).exits(0);
    assert_eq!(account.actions(), [""; 0]);

    account.set("deny", &json!({"actions": ["ssm:GetParameter"]}));
    let ran = run(&account, &folder, &["plan", "recipe.yaml"]);
    ran.exits(0);
    assert!(
        ran.stdout
            .contains("not resolved       cannot find the base image: "),
        "{}",
        ran.stdout
    );
}
