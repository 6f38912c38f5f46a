//! What people and programs leave behind, and what is left of it.

use std::collections::BTreeSet;
use std::path::Path;

use crate::mint::search;
use crate::world::{World, repository};

/// The numbers of the traces that the recipe plants.
const TRACES: std::ops::RangeInclusive<u32> = 1..=44;

/// Every text of a trace that is on the disk.
fn left(disk: &Path) -> BTreeSet<String> {
    let needles: Vec<String> = TRACES.map(|number| format!("trace-{number:02}-")).collect();
    // Salts have no hyphens.
    let salts = ["trace18salt", "trace19salt"].map(str::to_owned);
    let needles: Vec<String> = needles.into_iter().chain(salts).collect();
    let bytes: Vec<&[u8]> = needles.iter().map(String::as_bytes).collect();
    let found = search(disk, &bytes);
    found
        .into_iter()
        .map(|(offset, text)| format!("{text} at {offset}"))
        .collect()
}

#[test]
fn of_forty_kinds_of_traces_none_is_left_in_any_byte() {
    let recipe = repository("fixtures/recipes/traces.yaml");
    let text = std::fs::read_to_string(&recipe).unwrap();
    for number in TRACES {
        assert!(
            text.contains(&format!("trace{number:02}salt"))
                || text.contains(&format!("trace-{number:02}-"))
        );
    }
    let world = World::new();
    let built = world.run(&recipe, &[]);
    assert_eq!(built.rules(), Vec::<&str>::new());
    assert_eq!(built.code, 0, "{}", built.stderr);
    world.assert_nothing_left();
    assert_eq!(left(&world.path("out/image.raw")), BTreeSet::new());
}
