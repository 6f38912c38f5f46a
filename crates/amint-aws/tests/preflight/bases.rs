//! Base images and the instance types that run them.

use amint_cloud::{Cloud, ErrorKind};

use serde_json::json;

use crate::support::*;
use crate::world::World;

#[tokio::test]
async fn base_images_are_judged() {
    let world = World::start();
    make_profile(&world).await;
    let cloud = cloud(&world);
    let check = async |base: &str, name: &str| {
        let request = request(base, spec(&[name]));
        cloud.preflight(&request).await.expect("a preflight")
    };
    let arm = check(AL2023_ARM, "m7g.large").await;
    assert_problems(&arm, &[]);
    assert!(!arm.placements.is_empty());

    let old = check(DEBIAN_OLD, "m7i.large").await;
    assert_problems(&old, &[]);
    assert!(
        old.warnings.iter().any(|one| one.contains("days old")),
        "{:?}",
        old.warnings
    );

    let unknown = check("ami-0fffffffffffffff0", "m7i.large").await;
    assert_problems(
        &unknown,
        &["there is no base image ami-0fffffffffffffff0 in us-east-1"],
    );
    assert_eq!(unknown.problems[0].kind, ErrorKind::NotFound);

    let nowhere = check(AL2023, "x9.huge").await;
    assert_problems(
        &nowhere,
        &["the instance type x9.huge is not offered in us-east-1a"],
    );
    assert_eq!(nowhere.problems[0].kind, ErrorKind::NoCapacity);

    let mut both = request(AL2023, spec(&["x9.huge", "m7i.large"]));
    both.image.name = "a*b".to_owned();
    let both = cloud.preflight(&both).await.expect("a preflight");
    assert_problems(&both, &["`a*b` cannot be the name of an image"]);
    assert!(
        both.warnings
            .iter()
            .any(|one| one.contains("x9.huge is not offered"))
    );
    assert!(!both.placements.is_empty());

    world.set("settings", &json!({ "allowed_images": "enabled" }));
    let strange = check(APPLIANCE, "m7i.large").await;
    assert_problems(
        &strange,
        &[
            "bears the product code",
            "Allowed AMIs does not admit the base image",
        ],
    );
    let amazon = check(AL2023, "m7i.large").await;
    assert_problems(&amazon, &[]);
    let mut hidden = request(AL2023, spec(&["m7i.large"]));
    hidden.base = None;
    let hidden = cloud.preflight(&hidden).await.expect("a preflight");
    assert_problems(&hidden, &[]);
    assert!(
        hidden
            .warnings
            .iter()
            .any(|one| one.contains("hides the base image"))
    );
    assert!(!hidden.placements.is_empty());
}
