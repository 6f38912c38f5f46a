//! Two builds that want the same output folder.

use amint_cloud::{Claim, Cloud, ErrorKind, ResourceKind};

use crate::errand;
use crate::support::{Place, owner, release};

fn claim(build: &str) -> Claim {
    Claim {
        owner: owner(build),
        launched: false,
    }
}

#[tokio::test]
async fn the_second_one_is_told_who_is_first() {
    let place = Place::new();
    let (first, second) = (place.cloud(), place.cloud());
    assert_eq!(
        first.claim(&claim("c1")).await.unwrap(),
        Vec::<String>::new()
    );
    first.claim(&claim("c1")).await.unwrap();
    for cloud in [&first, &second] {
        let error = cloud.claim(&claim("c2")).await.unwrap_err();
        assert_eq!(error.kind, ErrorKind::Conflict);
        assert!(error.message.contains("build c1"), "{error}");
    }
    drop(first);
    assert_eq!(place.left(), Vec::<String>::new());
    second.claim(&claim("c2")).await.unwrap();
    drop(second);
    assert_eq!(place.left(), Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_killed_build_keeps_nobody_out_although_its_machine_runs() {
    let place = Place::new();
    errand::leave(&place, "c3", "claim");
    assert!(!place.processes().is_empty());
    let cloud = place.cloud();
    let warnings = cloud.claim(&claim("c4")).await.unwrap();
    assert_eq!(warnings.len(), 1);
    assert!(warnings[0].contains("build c3"), "{warnings:?}");
    drop(cloud);

    // The build itself goes on as if nothing had been.
    let cloud = place.cloud();
    let warnings = cloud.claim(&claim("c3")).await.unwrap();
    assert_eq!(warnings, Vec::<String>::new());
    release(&cloud, "c3", ResourceKind::Builder).await;
    drop(cloud);
    assert_eq!(place.left(), Vec::<String>::new());
}
