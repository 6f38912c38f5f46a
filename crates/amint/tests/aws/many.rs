//! Several recipes in one process.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::account::Account;
use crate::command::{Folder, lines};
use crate::recipes::{ONCE, Recipe};

const NAMES: [&str; 3] = ["alpha", "beta", "gamma"];

/// Writes three recipes; the one called `broken` has a step that fails.
fn recipes(folder: &Folder, broken: Option<&str>) {
    for name in NAMES {
        let fails = broken == Some(name);
        let recipe = Recipe {
            name,
            steps: if fails {
                "  - shell: { name: broken, run: exit 1 }"
            } else {
                ONCE
            },
            ..Recipe::default()
        };
        folder.write(&format!("{name}.yaml"), recipe.text());
    }
}

fn command(folder: &Folder, account: &Account, options: &[&str]) -> std::process::Command {
    let mut command = folder.command(account, &["build"]);
    command.args(NAMES.map(|name| format!("{name}.yaml")));
    command.args(["--jobs", "3"]).args(options);
    command
}

/// Look-ups of states, while something is waited for.
fn describes(account: &Account) -> usize {
    [
        "DescribeInstances",
        "DescribeImages",
        "DescribeSnapshots",
        "DescribeInstanceInformation",
    ]
    .into_iter()
    .map(|action| account.count(action))
    .sum()
}

#[test]
fn three_builds_are_minted_and_share_their_look_ups() {
    let (account, folder) = (Account::new(), Folder::new());
    let delays = serde_json::json!({"run": 1, "image": 2, "stop": 1});
    account.set("delays", &delays);
    folder
        .build(&account, &Recipe::default().text(), &[])
        .exits(0);
    let alone = describes(&account);
    account.set("calls", &serde_json::json!({}));

    recipes(&folder, None);
    let ran = folder.run(&mut command(&folder, &account, &[]));
    ran.exits(0);
    let together = describes(&account);
    assert!(together < 3 * alone, "{together} together, {alone} alone");
    let images = account.resources().all("us-east-1", "images");
    for name in NAMES {
        let label = format!("{name}: image: ");
        let mut told = ran
            .stdout
            .lines()
            .filter_map(|line| line.strip_prefix(&label));
        let id = told.next().unwrap();
        assert_eq!(images[id]["Tags"]["amint:recipe"], name);
        assert!(
            ran.stdout.contains(&format!("{name}: verdict: clean")),
            "{}",
            ran.stdout
        );
        assert!(folder.manifest(name).to_string().contains(id));
        let lines = ran.stderr.lines();
        assert!(
            lines.filter(|line| line.contains(name)).count() > 20,
            "{}",
            ran.stderr
        );
    }
}

#[test]
fn one_that_fails_does_not_take_the_others_along() {
    let (account, folder) = (Account::new(), Folder::new());
    recipes(&folder, Some("beta"));
    let ran = folder.run(&mut command(&folder, &account, &[]));
    ran.exits(7)
        .says(&["beta: error: the step `broken` failed"]);
    assert!(!ran.stdout.contains("beta: image"), "{}", ran.stdout);
    account.assert_only(&[
        "images in us-east-1",
        "images in us-east-1",
        "snapshots in us-east-1",
        "snapshots in us-east-1",
    ]);
    assert!(folder.path("out/alpha-1.0.0/manifest.json").exists());
    assert!(!folder.path("out/beta-1.0.0").exists());
    assert!(folder.path("out/gamma-1.0.0/manifest.json").exists());
}

#[test]
fn the_events_of_each_build_keep_their_protocol() {
    let (account, folder) = (Account::new(), Folder::new());
    recipes(&folder, Some("gamma"));
    let ran = folder.run(&mut command(&folder, &account, &["--format", "json"]));
    ran.exits(7);
    let mut builds: BTreeMap<String, Vec<Value>> = BTreeMap::new();
    for event in lines(&ran.stdout) {
        let build = event["build"].as_str().unwrap().to_owned();
        builds.entry(build).or_default().push(event);
    }
    assert_eq!(builds.len(), 3);
    let mut recipes = Vec::new();
    for events in builds.values() {
        assert_eq!(events[0]["event"], "run-started");
        recipes.push(events[0]["recipe"].as_str().unwrap());
        let count = |kind: &str| events.iter().filter(|e| e["event"] == kind).count();
        assert_eq!(count("run-finished"), 1);
        assert_eq!(events.last().unwrap()["event"], "run-finished");
        assert_eq!(count("phase-started"), count("phase-finished"));
        assert_eq!(count("step-started"), count("step-finished"));
        let numbers: Vec<u64> = events.iter().filter_map(|e| e["seq"].as_u64()).collect();
        assert!(
            numbers.windows(2).all(|pair| pair[0] < pair[1]),
            "{numbers:?}"
        );
    }
    recipes.sort_unstable();
    assert_eq!(recipes, NAMES);
}

/// The cells of a matrix are builds of one recipe, and `keep-last` counts in each by itself.
#[test]
fn the_images_of_a_matrix_are_kept_apart() {
    let (account, folder) = (Account::new(), Folder::new());
    let steps = "amint-steps: 1\nparameters: { channel: {} }\nsteps:\n  - shell: { run: \"echo {{channel}}\" }\n";
    folder.write("say.yaml", steps);
    let recipe = Recipe {
        name: "pair",
        steps: "  - include: { file: say.yaml, with: { channel: \"{{channel}}\" } }",
        image: "  description: '{{channel}} of {{date \"%F\"}}'\n  keep-last: 1",
        ..Recipe::default()
    };
    let text = format!("{}matrix: {{ channel: [stable, edge] }}\n", recipe.text());
    folder.write("pair.yaml", text);
    let build = || {
        let mut command = folder.command(&account, &["build", "pair.yaml", "--jobs", "2"]);
        let ran = folder.run(command.arg("--force"));
        ran.exits(0);
        ["stable", "edge"].map(|channel| {
            let label = format!("pair/{channel}: image: ");
            let mut lines = ran.stdout.lines();
            let id = lines.find_map(|line| line.strip_prefix(&label));
            id.unwrap_or_else(|| panic!("{}", ran.stdout)).to_owned()
        })
    };
    let first = build();
    let images = account.resources().all("us-east-1", "images");
    for (id, channel) in first.iter().zip(["stable", "edge"]) {
        let tags = &images[id]["Tags"];
        assert_eq!(tags["amint:recipe"], format!("pair/{channel}"));
        let name = tags["amint:name"].as_str().unwrap();
        assert!(
            name.starts_with(&format!("pair-1.0.0-{channel}-")),
            "{name}"
        );
        assert!(
            folder
                .path(&format!("out/pair-1.0.0-{channel}/manifest.json"))
                .exists()
        );
    }
    // Ages are told by the second.
    std::thread::sleep(std::time::Duration::from_millis(1100));
    let second = build();
    let left = account.resources().all("us-east-1", "images");
    let left: Vec<&String> = left.keys().collect();
    assert_eq!(left.len(), 2, "{left:?}");
    assert!(second.iter().all(|id| left.contains(&id)), "{left:?}");
}
