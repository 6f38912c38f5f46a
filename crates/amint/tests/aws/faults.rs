//! What goes wrong on the wire, case by case: `faults.json` says what happens and what must come of it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use serde::Deserialize;
use serde_json::Value;

use crate::account::{Account, Inventory, REGIONS};
use crate::command::{Folder, Ran};
use crate::recipes::{PUBLISHED, Recipe, TEMPORARY};

/// Cases at the same time: most of them wait.
const WORKERS: usize = 5;

/// One entry of the table.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
struct Case {
    name: String,
    /// What is posted to the server's control, by where.
    world: BTreeMap<String, Value>,
    #[serde(default)]
    recipe: Kind,
    /// What waits are multiplied with.
    #[serde(default = "fast")]
    pace: f64,
    /// The exit code; 0 means that there is an image.
    exit: i32,
    /// What stderr tells.
    #[serde(default)]
    says: Vec<String>,
    /// What stays besides an image that was asked for, as [`Account::left`] names it.
    #[serde(default)]
    left: Vec<String>,
    /// How many instances there have been.
    #[serde(default = "one")]
    builders: usize,
    /// How often an action is called; dry runs count.
    #[serde(default)]
    calls: BTreeMap<String, usize>,
}

fn one() -> usize {
    1
}

fn fast() -> f64 {
    0.02
}

/// What is built.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Kind {
    /// With what is there.
    #[default]
    Plain,
    /// With a temporary role, copies, shares and a parameter.
    Everything,
    /// On one instance type alone.
    OneType,
    /// With a builder that may take little time.
    Short,
    /// With a step that fails.
    Failing,
}

impl Kind {
    fn text(&self) -> String {
        let plain = Recipe::default();
        let recipe = match self {
            Kind::Plain => plain,
            Kind::Everything => Recipe {
                builder: TEMPORARY,
                image: PUBLISHED,
                ..plain
            },
            Kind::OneType => Recipe {
                builder: "  instance-types: [m7i.large]",
                ..plain
            },
            Kind::Short => Recipe {
                builder: "  timeout: 1m",
                ..plain
            },
            Kind::Failing => Recipe {
                steps: "  - shell: { name: broken, run: exit 3 }",
                ..plain
            },
        };
        recipe.text()
    }

    /// What a build that succeeds leaves.
    fn made(&self) -> &[&str] {
        match self {
            Kind::Everything => &[
                "images in eu-west-1",
                "snapshots in eu-west-1",
                "images in us-east-1",
                "parameters in us-east-1",
                "snapshots in us-east-1",
            ],
            _ => &["images in us-east-1", "snapshots in us-east-1"],
        }
    }
}

impl Case {
    fn run(&self) {
        let (account, folder) = (Account::new(), Folder::new());
        for (what, value) in &self.world {
            account.set(what, value);
        }
        folder.write("recipe.yaml", self.recipe.text());
        let mut command = folder.command(&account, &["build", "recipe.yaml"]);
        let ran = folder.run(command.env("AMINT_PACE", self.pace.to_string()));
        // What happens from now on is no part of the case.
        account.set("faults", &Value::Array(Vec::new()));
        ran.exits(self.exit);
        let says: Vec<&str> = self.says.iter().map(String::as_str).collect();
        ran.says(&says);
        self.assert_outcome(&account, &folder, &ran);
        for (action, count) in &self.calls {
            assert_eq!(account.count(action), *count, "{action}: {}", ran.stderr);
        }
        self.assert_once(&account.resources(), &ran);
    }

    fn assert_outcome(&self, account: &Account, folder: &Folder, ran: &Ran) {
        let left: Vec<&str> = self.left.iter().map(String::as_str).collect();
        if self.exit == 0 {
            let mut made = self.recipe.made().to_vec();
            made.extend(&left);
            account.assert_only(&made);
            assert!(ran.stdout.contains("verdict: clean"), "{}", ran.stdout);
            folder.manifest("trial");
            return;
        }
        ran.is_readable();
        account.assert_only(&left);
        assert_eq!(ran.stdout, "");
        assert!(!folder.path("out").exists(), "{}", ran.stderr);
    }

    /// Nothing is made or run twice.
    fn assert_once(&self, now: &Inventory, ran: &Ran) {
        for region in REGIONS {
            let mut comments = BTreeSet::new();
            for command in now.all(region, "commands").values() {
                let comment = command["Comment"].as_str().unwrap().to_owned();
                // Looking at a log changes nothing, and is done as often as it is needed.
                if comment.starts_with("amint reads the log of ") {
                    continue;
                }
                assert!(
                    comments.insert(comment.clone()),
                    "{comment} is sent twice: {}",
                    ran.stderr
                );
            }
        }
        let builders = now.all("us-east-1", "instances").len();
        assert_eq!(builders, self.builders, "{}", ran.stderr);
    }
}

#[test]
fn every_fault_has_its_outcome() {
    let mut cases: Vec<Case> = serde_json::from_str(include_str!("faults.json")).unwrap();
    // One that failed is run again with AMINT_TEST_CASE=<part of its name>.
    if let Some(wanted) = std::env::var_os("AMINT_TEST_CASE") {
        cases.retain(|case| case.name.contains(wanted.to_str().unwrap()));
    }
    let (next, failed) = (AtomicUsize::new(0), Mutex::new(Vec::new()));
    std::thread::scope(|scope| {
        for _ in 0..WORKERS {
            scope.spawn(|| {
                while let Some(case) = cases.get(next.fetch_add(1, Ordering::SeqCst)) {
                    let run = std::panic::AssertUnwindSafe(|| case.run());
                    if std::panic::catch_unwind(run).is_err() {
                        failed.lock().unwrap().push(case.name.as_str());
                    }
                }
            });
        }
    });
    let failed = failed.into_inner().unwrap();
    assert!(
        failed.is_empty(),
        "{} of {} cases: {failed:#?}",
        failed.len(),
        cases.len()
    );
}
