//! Lock files and fingerprints.

use std::collections::BTreeMap;

use amint_plan::lock::{LockError, LockedEntry};
use amint_plan::{BuildPlan, LockFile, LockedBase, Target, resolve};
use amint_recipe::Recipe;
use proptest::prelude::*;

use super::diff_table::check_both_ways;
use super::support::{BUILD, recipe, recipe_at};

const AWS: &str = "amint: 1\nname: test\nversion: 1.0.0\n\
                   base: { aws: { ssm-parameter: /aws/x }, local: { debian: bookworm } }\n\
                   steps:\n  - shell: { script: files/install.sh }\n  \
                   - file: { from: files/blob.bin, to: /opt/blob }\n";

pub(crate) fn base(id: &str) -> LockedBase {
    LockedBase {
        id: id.to_owned(),
        name: "debian-12-amd64-20261103-2287".to_owned(),
        owner: Some("136693071363".to_owned()),
        created: Some("2026-11-03T00:00:00.000Z".to_owned()),
    }
}

fn plan(recipe: &Recipe) -> BuildPlan {
    resolve(recipe, Target::Aws, BUILD).unwrap()
}

fn lock(recipe: &Recipe, id: &str) -> LockFile {
    let plan = plan(recipe);
    let mut lock = LockFile::of(recipe, &plan);
    lock.add(&plan, base(id));
    lock
}

#[test]
fn the_text_is_one_line_a_fact() {
    let recipe = recipe(AWS);
    let mut lock = lock(&recipe, "ami-0a1b2c3d4e5f60001");
    lock.catalogue = "c".repeat(64);
    insta::assert_snapshot!(lock.to_string());
}

#[test]
fn a_newer_base_image_changes_one_line() {
    let recipe = recipe(AWS);
    let old = lock(&recipe, "ami-1").to_string();
    let new = lock(&recipe, "ami-2").to_string();
    let differ = |(old, new): &(&str, &str)| old != new;
    let lines: Vec<_> = old.lines().zip(new.lines()).filter(differ).collect();
    assert_eq!(old.lines().count(), new.lines().count());
    let [(old, new)] = lines.as_slice() else {
        panic!("{lines:?}")
    };
    assert!(
        old.contains("ami-1") && new.contains("ami-2"),
        "{old} {new}"
    );
}

#[test]
fn a_lock_holds_as_long_as_nothing_moved() {
    let recipe_then = recipe(AWS);
    let lock = lock(&recipe_then, "ami-1");
    let words = |text: &str| {
        let recipe = recipe(text);
        let moved = lock.stale(&recipe, &plan(&recipe));
        moved.iter().map(ToString::to_string).collect::<Vec<_>>()
    };
    assert_eq!(words(AWS), [""; 0]);
    // A step of the recipe's own text, or a file less, is for whoever reads the recipe.
    let text = AWS.replace("  - shell: { script: files/install.sh }\n", "");
    assert_eq!(words(&text), [""; 0]);
    assert_eq!(
        words(&AWS.replace("/aws/x", "/aws/y")),
        [
            "the recipe asks for another base image on aws: ssm-parameter /aws/x in us-east-1 -> \
          ssm-parameter /aws/y in us-east-1"
        ]
    );
    let elsewhere = format!("{AWS}builder: {{ region: eu-west-1 }}\n");
    assert_eq!(words(&elsewhere).len(), 1, "{:?}", words(&elsewhere));
    assert_eq!(
        words(&format!("{AWS}seal: {{ profile: shared-ami }}\n")),
        ["profile marketplace-linux@3 -> shared-ami@1"]
    );

    let here = resolve(&recipe_then, Target::Local, BUILD).unwrap();
    let moved = lock.stale(&recipe_then, &here);
    assert_eq!(moved[0].to_string(), "no base image is locked for local");
    assert_eq!(lock.base(&here), None);

    let mut other = lock.clone();
    other.files.insert("files/blob.bin".into(), "0".repeat(64));
    other.files.remove("files/install.sh");
    other.catalogue = "1".repeat(64);
    let moved = other.stale(&recipe_then, &plan(&recipe_then));
    let words: Vec<_> = moved.iter().map(ToString::to_string).collect();
    assert!(
        words[0].starts_with("hardening catalogue 111111111111 -> "),
        "{words:?}"
    );
    assert!(
        words[1].starts_with("files/blob.bin changed: sha256 000000000000 -> "),
        "{words:?}"
    );
    assert_eq!(words[2], "files/install.sh is new");
}

#[test]
fn the_answer_to_another_question_is_not_used() {
    let then = recipe(AWS);
    let lock = lock(&then, "ami-1");
    assert_eq!(lock.base(&plan(&then)).unwrap().id, "ami-1");
    let now = recipe(&AWS.replace("/aws/x", "/aws/y"));
    assert_eq!(lock.base(&plan(&now)), None);
}

#[test]
fn a_locked_plan_has_the_fingerprint_of_what_it_makes() {
    let recipe = recipe_at("recipes/ubuntu-nginx.yaml");
    let open = plan(&recipe);
    assert_eq!(open.known_base(), None);
    let locked = open.clone().locked_to(base("ami-1"));
    assert_eq!(locked.known_base(), Some("ami-1"));
    assert_ne!(locked.digest, open.digest);
    // Whoever looked the same base image up makes the same image.
    assert_eq!(open.fingerprint("ami-1"), locked.digest);
    assert_eq!(locked.fingerprint("ami-1"), locked.digest);
    assert_ne!(open.fingerprint("ami-2"), locked.digest);
    // The build's identity is no part of it.
    let another = resolve(&recipe, Target::Aws, "another").unwrap();
    assert_eq!(another.fingerprint("ami-1"), locked.digest);
    // A name is a fact about the image, and not what it is.
    let renamed = LockedBase {
        name: "other".to_owned(),
        ..base("ami-1")
    };
    assert_eq!(open.clone().locked_to(renamed).digest, locked.digest);

    let json = serde_json::to_value(&locked).unwrap();
    assert_eq!(json["locked"]["id"], "ami-1");
    let read: BuildPlan = serde_json::from_value(json).unwrap();
    assert_eq!((read.digest, read.locked), (locked.digest, locked.locked));
    let json = serde_json::to_value(&open).unwrap();
    assert_eq!(
        json.get("locked"),
        None,
        "plans without a lock keep their digests"
    );
}

#[test]
fn another_locked_image_is_a_difference_whatever_tells_it_apart() {
    let plan = |base: LockedBase| plan(&recipe(AWS)).locked_to(base);
    let of = |owner: &str| LockedBase {
        owner: Some(owner.to_owned()),
        ..base("ami-2")
    };
    let made = |year: &str| LockedBase {
        created: Some(format!("{year}-01-01T00:00:00.000Z")),
        ..base("ami-2")
    };
    let nameless = LockedBase {
        created: None,
        ..base("ami-2")
    };
    for (new, expected) in [
        (base("ami-1"), &[][..]),
        (base("ami-2"), &["DIFF-BASE-005"]),
        (nameless, &["DIFF-BASE-005"]),
        (of("210987654321"), &["DIFF-BASE-001"]),
        (made("2020"), &["DIFF-BASE-003"]),
        (made("2030"), &["DIFF-BASE-004"]),
    ] {
        let diff = check_both_ways(&plan(base("ami-1")), &plan(new));
        let ids: Vec<_> = diff.changes.iter().map(|change| change.rule.id).collect();
        assert_eq!(ids, expected, "{diff:#?}");
    }
    let unlocked = check_both_ways(&plan(base("ami-1")), &super::lock::plan(&recipe(AWS)));
    assert_eq!(unlocked.changes[0].rule.id, "DIFF-LOCK-001");
}

#[test]
fn what_is_no_lock_file_is_refused() {
    let good = lock(&recipe(AWS), "ami-1").to_string();
    for (text, expected) in [
        (String::new(), "missing field `amint-lock`"),
        (
            "amint-lock: 2\nnew: 1\n".to_owned(),
            "it has the format 2, and this amint knows 1",
        ),
        (
            good.replace("catalogue:", "catalog:"),
            "unknown field `catalog`",
        ),
        (
            good.replace("sha256:", "sha1:"),
            "expected sha256: and 64 hexadecimal digits",
        ),
        (
            good.replace("    asked:", "    aksed:"),
            "unknown field `aksed`",
        ),
        (
            good.replace("id: ami-1,", "id: ami-1, id: ami-2,"),
            "duplicate field `id`",
        ),
        (good.replace("id: ami-1,", ""), "missing field `id`"),
        (
            good.replace("2026-11-03T00:00:00.000Z", "zzz"),
            "`zzz` is no time",
        ),
        (
            good.replace("  files/install.sh:", "  files/blob.bin:"),
            "\"files/blob.bin\" stands there twice",
        ),
        (
            "<<<<<<< HEAD\n".to_owned() + &good,
            "line 1 marks a merge conflict",
        ),
        ("x".to_owned(), "expected a lock file"),
        (
            "a: &a [x]\nb: [*a]\n".repeat(80_000),
            "it is larger than 1 MiB",
        ),
    ] {
        let error = LockFile::parse(&text).unwrap_err().to_string();
        assert!(error.contains(expected), "{expected}: {error}");
    }
    let deep = format!("amint-lock: 1\nprofile: {}", "[".repeat(100_000));
    assert!(matches!(LockFile::parse(&deep), Err(LockError::Text(_))));
}

fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        any::<String>(),
        "[a-z0-9:#{}\\[\\],&*!|>'\"%@` \n\t\u{7f}\u{85}\u{2028}\u{feff}-]{0,12}",
        Just("true".to_owned()),
        Just("1e3".to_owned()),
        Just("~".to_owned()),
    ]
}

fn any_lock() -> impl Strategy<Value = LockFile> {
    let digest = || "[0-9a-f]{64}";
    let optional = || proptest::option::of(text());
    let time = || "20[0-9]{2}-1[0-2]-[0-2][0-9]T[01][0-9]:[0-5][0-9]:[0-5][0-9](\\.[0-9]{3})?Z";
    let time = proptest::option::of(time());
    let base = (text(), text(), optional(), time);
    let base = base.prop_map(|(id, name, owner, created)| LockedBase {
        id,
        name,
        owner,
        created,
    });
    let entry = (text(), base).prop_map(|(asked, base)| LockedEntry { asked, base });
    let files = proptest::collection::btree_map(text(), digest(), 0..4);
    let bases = proptest::collection::btree_map(text(), entry, 0..3);
    (text(), digest(), files, bases).prop_map(|(profile, catalogue, files, bases)| LockFile {
        profile,
        catalogue,
        files,
        bases,
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(500))]
    #[test]
    fn what_is_written_is_read(lock in any_lock()) {
        let text = lock.to_string();
        let read = LockFile::parse(&text);
        prop_assert!(read.is_ok(), "{:?} in {}", read, text);
        prop_assert_eq!(read.unwrap(), lock);
    }

    #[test]
    fn any_text_is_read_or_refused(text in any::<String>()) {
        let _ = LockFile::parse(&text);
        let _ = LockFile::parse(&format!("amint-lock: 1\nprofile: a\n{text}"));
    }

    #[test]
    fn nothing_moves_from_a_lock_to_itself(one in any_lock(), other in any_lock()) {
        prop_assert_eq!(one.moved_to(&one), vec![]);
        let both = (one.moved_to(&other), other.moved_to(&one));
        prop_assert_eq!(both.0.len(), both.1.len());
        prop_assert_eq!(both.0.is_empty(), one == other);
    }
}

#[test]
fn plans_of_one_recipe_share_a_file() {
    let recipe = recipe(AWS);
    let mut all = lock(&recipe, "ami-1");
    let here = resolve(&recipe, Target::Local, BUILD).unwrap();
    let mut local = LockFile::of(&recipe, &here);
    local.add(
        &here,
        LockedBase {
            owner: None,
            created: None,
            ..base("debian-bookworm-1")
        },
    );
    local.files = BTreeMap::from([("more".to_owned(), "0".repeat(64))]);
    all.merge(local);
    assert_eq!(all.base(&here).unwrap().id, "debian-bookworm-1");
    assert_eq!(all.base(&plan(&recipe)).unwrap().id, "ami-1");
    assert_eq!(all.files.len(), 3);
    assert_eq!(LockFile::parse(&all.to_string()).unwrap(), all);
}
