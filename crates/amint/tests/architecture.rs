//! The crates' edges, held: who may use whom, and what is found in one place only.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// What each crate may use of this workspace. `amint` wires everything together and may use all.
///
/// `amint-event` is the vocabulary between the engine and the renderers; `amint-local` reads the
/// disks of its own machine through `amint-inspect`, whose block sources the port speaks.
const EDGES: [(&str, &[&str]); 10] = [
    ("amint-aws", &["amint-cloud", "amint-inspect"]),
    ("amint-cloud", &["amint-inspect"]),
    (
        "amint-engine",
        &[
            "amint-cloud",
            "amint-event",
            "amint-harden",
            "amint-inspect",
            "amint-manifest",
            "amint-plan",
        ],
    ),
    ("amint-event", &[]),
    ("amint-harden", &["amint-inspect"]),
    ("amint-inspect", &[]),
    ("amint-local", &["amint-cloud", "amint-inspect"]),
    ("amint-manifest", &[]),
    ("amint-plan", &["amint-harden", "amint-recipe"]),
    ("amint-recipe", &[]),
];

/// External crates that only some crates may name, by the start of their names; the longest that fits counts.
const CONFINED: [(&str, &[&str]); 7] = [
    ("aws-", &["amint-aws"]),
    // No part of the SDK: it encrypts secrets for builders.
    ("aws-lc-rs", &["amint-engine"]),
    ("clap", &["amint"]),
    ("indicatif", &["amint"]),
    ("qapi", &["amint-local"]),
    ("tracing-subscriber", &["amint"]),
    ("ext4-view", &["amint-inspect"]),
];

/// The longest file that is still one thing.
const LONGEST_FILE: usize = 500;

fn crates() -> Vec<PathBuf> {
    let crates = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let mut folders: Vec<PathBuf> = fs::read_dir(crates)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.join("Cargo.toml").is_file())
        .collect();
    folders.sort();
    folders
}

fn name(folder: &Path) -> &str {
    folder.file_name().unwrap().to_str().unwrap()
}

/// The names in the `[dependencies]` and `[build-dependencies]` tables, optional ones included.
/// What tests use is free: a test of the engine needs a simulated cloud, whatever ships.
fn dependencies(folder: &Path) -> BTreeSet<String> {
    let manifest = fs::read_to_string(folder.join("Cargo.toml")).unwrap();
    let mut inside = false;
    let mut names = BTreeSet::new();
    for line in manifest.lines().map(str::trim) {
        if let Some(table) = line.strip_prefix('[') {
            let table = table.trim_end_matches(']');
            inside = table.ends_with("dependencies") && !table.ends_with("dev-dependencies");
            // `[dependencies.name]` is a dependency by itself.
            names.extend(
                table
                    .split_once("dependencies.")
                    .map(|(_, name)| name.to_owned()),
            );
        } else if inside && let Some((key, _)) = line.split_once(['.', '=', ' ']) {
            names.insert(key.trim_matches('"').to_owned());
        }
    }
    names
}

/// All Rust files of a crate's `src`, with their text.
fn sources(folder: &Path) -> Vec<(PathBuf, String)> {
    let mut found = Vec::new();
    let mut folders = vec![folder.join("src")];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let text = fs::read_to_string(&path).unwrap();
                found.push((path, text));
            }
        }
    }
    found
}

/// The lines of a source that are code, as far as a glance can tell.
fn code(text: &str) -> impl Iterator<Item = &str> {
    text.lines()
        .filter(|line| !line.trim_start().starts_with("//"))
}

#[test]
fn folders_and_crates_have_the_same_names() {
    for folder in crates() {
        let manifest = fs::read_to_string(folder.join("Cargo.toml")).unwrap();
        let expected = format!("name = \"{}\"", name(&folder));
        assert!(
            manifest.lines().any(|line| line == expected),
            "{}",
            folder.display()
        );
    }
}

#[test]
fn crates_use_only_what_they_may() {
    let edges: BTreeMap<&str, &[&str]> = EDGES.into();
    for folder in crates().iter().filter(|folder| name(folder) != "amint") {
        let name = name(folder);
        let allowed = edges
            .get(name)
            .unwrap_or_else(|| panic!("{name} is not in the table"));
        for used in dependencies(folder)
            .iter()
            .filter(|used| used.starts_with("amint"))
        {
            assert!(
                allowed.contains(&used.as_str()),
                "{name} must not use {used}"
            );
        }
    }
}

#[test]
fn some_libraries_stay_where_they_belong() {
    for folder in crates() {
        for used in dependencies(&folder) {
            let fitting = CONFINED.iter().filter(|(start, _)| used.starts_with(start));
            let Some((_, owners)) = fitting.max_by_key(|(start, _)| start.len()) else {
                continue;
            };
            assert!(
                owners.contains(&name(&folder)),
                "{} must not use {used}",
                name(&folder)
            );
        }
    }
}

#[test]
fn renderers_know_events_only() {
    let amint = Path::new(env!("CARGO_MANIFEST_DIR"));
    let renderers = amint.join("src/render");
    let mut seen = 0;
    for (path, text) in sources(amint)
        .iter()
        .filter(|(path, _)| path.starts_with(&renderers))
    {
        seen += 1;
        for foreign in ["amint_engine", "amint_cloud", "amint_local", "amint_plan"] {
            let found = code(text).any(|line| line.contains(foreign));
            assert!(!found, "{} must not name {foreign}", path.display());
        }
    }
    assert!(seen >= 4, "the renderers have moved: {seen} found");
}

#[test]
fn only_the_command_prints() {
    for folder in crates().iter().filter(|folder| name(folder) != "amint") {
        for (path, text) in sources(folder) {
            // Prints of unit tests are captured by the test harness.
            let shipped = text
                .split("#[cfg(test)]\nmod tests {")
                .next()
                .unwrap_or_default();
            for word in [
                "println!",
                "eprintln!",
                " print!",
                " eprint!",
                "io::stdout",
                "io::stderr",
            ] {
                let found = code(shipped).any(|line| line.contains(word));
                assert!(!found, "{} must not use {word}", path.display());
            }
        }
    }
}

#[test]
fn no_file_is_two_things() {
    for folder in crates() {
        for (path, text) in sources(&folder) {
            let lines = text.lines().count();
            assert!(
                lines <= LONGEST_FILE,
                "{} has {lines} lines",
                path.display()
            );
        }
    }
}

#[test]
fn the_table_reads_manifests_as_cargo_does() {
    let folder = tempfile::tempdir().unwrap();
    let manifest = "[package]\nname = \"x\"\n[dependencies]\na.workspace = true\nb = \"1\"\n\
                    \"c\" = { path = \"c\" }\n[dependencies.d]\nversion = \"1\"\n\
                    [dev-dependencies]\ne = \"1\"\n[target.'cfg(unix)'.dependencies]\nf = \"1\"\n";
    fs::write(folder.path().join("Cargo.toml"), manifest).unwrap();
    let names: Vec<String> = dependencies(folder.path()).into_iter().collect();
    assert_eq!(names, ["a", "b", "c", "d", "f"]);
}

#[test]
fn the_readme_has_every_exit_code() {
    let readme =
        fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("../../README.md")).unwrap();
    for class in amint_event::ExitClass::ALL {
        let row = format!("| {} | {} |", class.code(), class.meaning());
        assert!(readme.contains(&row), "{row}");
    }
}

#[test]
fn the_readme_has_every_class_of_the_diff() {
    let readme =
        fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("../../README.md")).unwrap();
    for class in amint_plan::Class::ALL {
        let row = format!("| {} | {} |", class.word(), class.meaning());
        assert!(readme.contains(&row), "{row}");
    }
}
