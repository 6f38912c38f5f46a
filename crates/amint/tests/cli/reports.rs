//! The reports of an inspection: `--format sarif`, `--format junit`, `--report`, and waivers in each of them.

use serde_json::{Value, json};

use crate::command::{GOOD, World};
use crate::disk::{CLEAN, ext4};

/// Names that mean something else in XML, in JSON and on a terminal.
const HOSTILE: &str = "home/<&'\"> {0}[x](1)\u{1b}[31m/.bash_history";
const WAIVED: &str = "
waivers:
  - { rule: MP-CLEAN-002, path: /root/**, reason: \"the demo needs it\", expires: 2999-12-31 }
";

/// Several findings, of which one is about a hostile name.
fn violated() -> World {
    let world = World::new();
    let mut files = CLEAN.to_vec();
    files[0].1 =
        "root:x:0:0:root:/root:/bin/sh\nodd:x:1:1::/home/<&'\"> {0}[x](1)\u{1b}[31m:/bin/sh\n";
    files.push(("root/.bash_history", "mysql -p hunter2\n"));
    files.push((
        "root/.ssh/authorized_keys",
        "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI odd\n",
    ));
    files.push((HOSTILE, "ls\n"));
    ext4(&world, &files);
    world
}

pub(crate) fn assert_valid_sarif(log: &Value) {
    let schema = include_str!("../../../../fixtures/sarif/sarif-schema-2.1.0.json");
    // The brackets of one published pattern do not match, which the validator takes ill.
    let schema = schema.replace("[a-zA-Z]{2}]?$", "[a-zA-Z]{2}$");
    let schema: Value = serde_json::from_str(&schema).unwrap();
    let validator = jsonschema::options()
        .should_validate_formats(true)
        .build(&schema)
        .unwrap();
    let errors: Vec<String> = validator.iter_errors(log).map(|e| e.to_string()).collect();
    assert!(errors.is_empty(), "{errors:#?}");
}

/// Without what grows with the catalogue and what depends on the version of mke2fs.
fn stable(text: &str) -> String {
    let passed = |line: &str| line.starts_with("    <testcase") && line.ends_with("/>");
    let varies = ["searched for", "not seen", "read ", "\"written\""];
    let lines = text
        .lines()
        .filter(|line| !passed(line) && !varies.iter().any(|word| line.contains(word)));
    let lines: Vec<&str> = lines.collect();
    let tests = text.matches("<testcase").count();
    lines
        .join("\n")
        .replace(&format!("tests=\"{tests}\""), "tests=[all]")
}

#[test]
fn every_finding_explains_itself() {
    let ran = violated().run(&["inspect", "disk.raw"]);
    assert_eq!((ran.code, ran.stderr.as_str()), (9, ""));
    insta::assert_snapshot!(stable(&ran.stdout));
}

#[test]
fn a_clean_disk_in_each_format() {
    let world = World::new();
    ext4(&world, &CLEAN);
    insta::assert_snapshot!(
        "clean_text",
        stable(&world.run(&["inspect", "disk.raw"]).stdout)
    );
    let ran = world.run(&["inspect", "disk.raw", "--format", "junit"]);
    assert_eq!(ran.code, 0);
    roxmltree::Document::parse(&ran.stdout).unwrap();
    insta::assert_snapshot!("clean_junit", stable(&ran.stdout));
    let ran = world.run(&["inspect", "disk.raw", "--format", "sarif"]);
    assert_eq!(ran.code, 0);
    assert_valid_sarif(&ran.json());
    assert_eq!(ran.json()["runs"][0]["results"], json!([]));
}

#[test]
fn programs_are_told_why() {
    let report = violated()
        .run(&["inspect", "disk.raw", "--format", "json"])
        .json();
    for finding in report["findings"].as_array().unwrap() {
        for key in [
            "rule", "severity", "path", "message", "title", "why", "source",
        ] {
            assert!(finding[key].is_string(), "{key} in {finding}");
        }
    }
}

#[test]
fn code_scanning_is_told_where_in_the_recipe() {
    let world = violated();
    world.write("recipes/demo.yaml", GOOD);
    std::fs::create_dir(world.path(".git")).unwrap();
    let ran = world.run(&[
        "inspect",
        "disk.raw",
        "--recipe",
        "recipes/demo.yaml",
        "--format",
        "sarif",
    ]);
    assert_eq!((ran.code, ran.stderr.as_str()), (9, ""));
    let log = ran.json();
    assert_valid_sarif(&log);
    let run = &log["runs"][0];
    assert_eq!(run["properties"]["verdict"], "violations");
    let seal = 1 + GOOD.lines().position(|line| line == "seal:").unwrap();
    let results = run["results"].as_array().unwrap();
    assert!(results.len() >= 3, "{results:#?}");
    for result in results {
        let physical = &result["locations"][0]["physicalLocation"];
        assert_eq!(physical["artifactLocation"]["uri"], "recipes/demo.yaml");
        assert_eq!(physical["region"]["startLine"], seal);
    }
    let hostile = results.iter().find(|result| {
        result["locations"][0]["logicalLocations"][0]["fullyQualifiedName"] == format!("/{HOSTILE}")
    });
    let message = hostile.unwrap()["message"]["text"].as_str().unwrap();
    assert!(message.contains(r"{{0}}\[x\](1)"), "{message}");
    assert!(!ran.stdout.contains("hunter2"));
    // The same disk is told in the same words.
    let again = [
        "inspect",
        "disk.raw",
        "--recipe",
        "recipes/demo.yaml",
        "--format",
        "sarif",
    ];
    let again = world.run(&again).json();
    assert!(again["runs"][0]["results"] == run["results"]);
}

#[test]
fn test_reports_are_well_formed_whatever_a_disk_says() {
    let ran = violated().run(&["inspect", "disk.raw", "--format", "junit"]);
    assert_eq!((ran.code, ran.stderr.as_str()), (9, ""));
    let tree = roxmltree::Document::parse(&ran.stdout).unwrap();
    let failed: Vec<&str> = tree
        .descendants()
        .filter(|node| node.has_tag_name("failure"))
        .filter_map(|node| node.attribute("type"))
        .collect();
    assert_eq!(failed, ["MP-SSH-003", "MP-CLEAN-002"]);
    assert!(!ran.stdout.contains('\u{1b}'));
}

#[test]
fn what_is_waived_is_shown_with_its_reason_in_every_format() {
    let world = World::new();
    let mut files = CLEAN.to_vec();
    files.push(("root/.bash_history", "ls\n"));
    ext4(&world, &files);
    world.write("demo.yaml", format!("{GOOD}{WAIVED}"));
    let run = |format: &str| {
        let ran = world.run(&[
            "inspect",
            "disk.raw",
            "--recipe",
            "demo.yaml",
            "--format",
            format,
        ]);
        assert_eq!((ran.code, ran.stderr.as_str()), (0, ""), "{format}");
        ran
    };
    insta::assert_snapshot!("waived_text", stable(&run("text").stdout));

    let report = run("json").json();
    assert_eq!(report["verdict"], "waived");
    let waiver = json!({ "reason": "the demo needs it", "expires": "2999-12-31" });
    let finding = &report["findings"][0];
    assert_eq!(
        (&finding["waived"], &finding["waiver"]),
        (&json!(true), &waiver)
    );

    let log = run("sarif").json();
    assert_valid_sarif(&log);
    let suppression = &log["runs"][0]["results"][0]["suppressions"][0];
    assert_eq!(suppression["justification"], "the demo needs it");

    let junit = run("junit").stdout;
    let tree = roxmltree::Document::parse(&junit).unwrap();
    let mut skipped = tree
        .descendants()
        .filter(|node| node.has_tag_name("skipped"));
    assert!(skipped.any(|node| {
        node.attribute("message")
            .unwrap()
            .contains("the demo needs it")
    }));
    assert!(!tree.descendants().any(|node| node.has_tag_name("failure")));
}

#[test]
fn an_expired_waiver_is_an_error() {
    let world = World::new();
    ext4(&world, &CLEAN);
    let waived = WAIVED.replace("2999", "2020");
    world.write("demo.yaml", format!("{GOOD}{waived}"));
    let ran = world.run(&["inspect", "disk.raw", "--recipe", "demo.yaml"]);
    assert_eq!((ran.code, ran.stdout.as_str()), (3, ""));
    assert_eq!(
        ran.stderr,
        "error: the recipe has an expired waiver: MP-CLEAN-002 at /root/** on 2020-12-31\n\
         hint: mend what it accepts and remove it, or decide anew and set a later `expires`\n"
    );
    let plan = world.run(&["plan", "demo.yaml"]).stdout;
    let told = "  MP-CLEAN-002 at /root/**, until 2020-12-31 (expired): the demo needs it\n";
    assert!(plan.contains(told), "{plan}");
}

#[test]
fn an_unread_disk_passes_in_no_format() {
    let world = World::new();
    std::fs::create_dir(world.path("folder")).unwrap();
    let ran = world.run(&["inspect", "folder", "--format", "sarif"]);
    assert_eq!(ran.code, 10);
    assert_valid_sarif(&ran.json());
    let invocation = &ran.json()["runs"][0]["invocations"][0];
    assert_eq!(invocation["executionSuccessful"], false);
    let ran = world.run(&["inspect", "folder", "--format", "junit"]);
    assert_eq!(ran.code, 10);
    insta::assert_snapshot!("unread_junit", ran.stdout);
}

#[test]
fn reports_are_written_beside_the_result() {
    let world = violated();
    let ran = world.run(&[
        "inspect",
        "disk.raw",
        "--report",
        "sarif=a.sarif",
        "--report",
        "junit=a.xml",
    ]);
    assert_eq!(ran.code, 9);
    assert!(ran.stdout.ends_with("disk.raw: violations\n"));
    let read = |name| std::fs::read_to_string(world.path(name)).unwrap();
    assert_valid_sarif(&serde_json::from_str(&read("a.sarif")).unwrap());
    roxmltree::Document::parse(&read("a.xml")).unwrap();

    let variable = ["inspect", "disk.raw", "--var", "channel=edge"];
    assert_eq!(world.run(&variable).code, 2, "without a recipe");
    for wrong in ["xml=a", "sarif", "sarif="] {
        assert_eq!(
            world.run(&["inspect", "disk.raw", "--report", wrong]).code,
            2
        );
    }
    let ran = world.run(&["inspect", "disk.raw", "--report", "sarif=missing/a.sarif"]);
    assert_eq!((ran.code, ran.stdout.as_str()), (4, ""));
    assert!(
        ran.stderr
            .starts_with("error: cannot write the report missing/a.sarif\n")
    );
}

#[test]
fn a_build_that_fails_is_reported_as_unread() {
    let world = World::with_recipes();
    let ran = world.run(&[
        "build",
        "good.yaml",
        "--on",
        "local",
        "--report",
        "sarif=out.sarif",
        "--report",
        "junit=out.xml",
    ]);
    // There is no qemu on the path.
    assert_eq!(ran.code, 4, "{}", ran.stderr);
    let read = |name| std::fs::read_to_string(world.path(name)).unwrap();
    let log: Value = serde_json::from_str(&read("out.sarif")).unwrap();
    assert_valid_sarif(&log);
    let run = &log["runs"][0];
    assert_eq!(run["automationDetails"]["id"], "amint/small/");
    let told = &run["invocations"][0]["toolExecutionNotifications"][0];
    let place = &told["locations"][0]["physicalLocation"];
    assert_eq!(place["artifactLocation"]["uri"], "good.yaml");
    let text = told["message"]["text"].as_str().unwrap();
    assert!(
        text.starts_with("the build ended before its disk had a verdict: "),
        "{text}"
    );
    let junit = read("out.xml");
    let tree = roxmltree::Document::parse(&junit).unwrap();
    assert_eq!(tree.root_element().attribute("errors"), Some("1"));

    let ran = world.run(&["build", "good.yaml", "--report", "sarif=missing/out.sarif"]);
    assert_eq!(ran.code, 4);
    assert!(
        ran.stderr.contains("cannot write the report"),
        "{}",
        ran.stderr
    );
}
