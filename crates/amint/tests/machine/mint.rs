//! Recipes to images, and cheats to refusals.

use std::fs::File;
use std::io::Read;

use serde_json::Value;

use crate::world::{World, repository};

/// What the demo's steps leave behind on purpose.
const TRACES: [&[u8]; 5] = [
    b"correct-horse",
    b"battery-staple",
    b"staple-battery",
    b"notes of the day",
    b"demo@example.com",
];

/// Where on a disk any of `needles` is; the disk is read byte by byte.
pub(crate) fn search(disk: &std::path::Path, needles: &[&[u8]]) -> Vec<(u64, String)> {
    let mut file = File::open(disk).unwrap();
    let longest = needles.iter().map(|needle| needle.len()).max().unwrap();
    let mut window = Vec::new();
    let mut buffer = vec![0; 4 << 20];
    let mut start = 0_u64;
    let mut found = Vec::new();
    loop {
        let length = file.read(&mut buffer).unwrap();
        if length == 0 {
            return found;
        }
        let zeros = buffer[..length].iter().all(|byte| *byte == 0);
        window.extend_from_slice(&buffer[..length]);
        if !zeros {
            let text = bstr(&window);
            for needle in needles {
                let needle = bstr(needle);
                found.extend(
                    text.match_indices(&needle)
                        .map(|(at, _)| (start + at as u64, needle.clone())),
                );
            }
        }
        let keep = window.len().min(longest - 1);
        start += (window.len() - keep) as u64;
        window.drain(..window.len() - keep);
    }
}

/// Bytes as a string of one char each, so that they can be searched as text.
fn bstr(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| char::from(*byte)).collect()
}

#[test]
fn the_demo_becomes_a_clean_image_with_its_manifest() {
    let world = World::new();
    let built = world.run(&repository("recipes/demo.yaml"), &[]);
    assert_eq!(built.code, 0, "{}", built.stderr);
    assert_eq!(built.rules(), Vec::<&str>::new());
    world.assert_nothing_left();

    let image = world.path("out/image.raw");
    assert_eq!(search(&image, &TRACES), vec![]);

    let bytes = std::fs::read(world.path("out/manifest.json")).unwrap();
    let manifest = amint_manifest::verify(&bytes).unwrap();
    let json: Value = serde_json::from_slice(&bytes).unwrap();
    let schema = jsonschema::validator_for(&amint_manifest::schema()).unwrap();
    assert!(schema.is_valid(&json));
    assert_eq!(manifest.recipe.name, "demo");
    assert_eq!(manifest.steps.len(), 7);

    // An auditor reads the same from the image alone, and the digest that the manifest names.
    let inspected = world
        .command(&["inspect", "out/image.raw", "--format", "json", "--digest"])
        .output()
        .unwrap();
    assert_eq!(inspected.status.code(), Some(0));
    let report: Value = serde_json::from_slice(&inspected.stdout).unwrap();
    assert_eq!(report["verdict"], "clean");
    assert_eq!(report["findings"], Value::Array(Vec::new()));
    assert_eq!(report["digest"], json["image"]["digest"]);

    // A second build would replace it only when asked to.
    let again = world.run(&repository("recipes/demo.yaml"), &[]);
    assert_eq!(again.code, 4, "{}", again.stderr);
    assert!(again.stderr.contains("--force"), "{}", again.stderr);
    assert!(image.exists());
}

#[test]
fn a_recipe_that_cheats_gets_no_image() {
    let world = World::new();
    let built = world.run(&repository("fixtures/recipes/leaky.yaml"), &[]);
    assert_eq!(built.code, 9, "{}", built.stderr);
    let rules = built.rules();
    for rule in ["MP-CLEAN-002", "MP-SEC-006", "MP-SSH-003"] {
        assert!(rules.contains(&rule), "{rule} is not in {rules:?}");
    }
    world.assert_no_image();
}

#[test]
fn a_package_is_installed_from_the_mirror_after_a_reboot_into_the_disk_s_own_kernel() {
    let world = World::new();
    let built = world.run(&repository("recipes/debian-nginx.yaml"), &["--cold"]);
    assert_eq!(built.code, 0, "{}\n{:?}", built.stderr, built.events.last());
    world.assert_nothing_left();
}
