//! What a killed process leaves, found and released by another one.

use std::fs;
use std::time::{Duration, Instant};

use amint_cloud::{Cloud, ResourceKind};
use serde_json::json;

use crate::errand::{self, Process};
use crate::support::{PATIENCE, Place, owner, release, write_record};

/// Releases all that a sweep finds, and looks for what it has missed.
async fn sweep(place: &Place) {
    let cloud = place.cloud();
    for owned in cloud.owned(None).await.unwrap() {
        cloud.release(&owned.resource).await.unwrap();
    }
    assert_eq!(place.processes(), Vec::<Vec<String>>::new());
    assert_eq!(cloud.owned(None).await.unwrap(), []);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sweep_finds_a_builder_and_releases_it_for_good() {
    let place = Place::new();
    errand::leave(&place, "s1", "");
    let cloud = place.cloud();
    assert_eq!(cloud.owned(Some("s2")).await.unwrap(), []);
    let owned = cloud.owned(Some("s1")).await.unwrap();
    assert_eq!(owned, cloud.owned(None).await.unwrap());
    assert_eq!(owned.len(), 1);
    assert_eq!(owned[0].resource.kind, ResourceKind::Builder);
    assert_eq!(owned[0].recipe.as_deref(), Some("test"));
    assert!(owned[0].expires.unwrap() > owned[0].created.unwrap());
    assert_eq!(
        cloud.resources("s1").await.unwrap(),
        [owned[0].resource.clone()]
    );
    release(&place.cloud(), "s1", ResourceKind::Builder).await;
    assert_eq!(place.processes(), Vec::<Vec<String>>::new());
    assert_eq!(place.left(), Vec::<String>::new());
    release(&place.cloud(), "s1", ResourceKind::Builder).await;
    release(&place.cloud(), "s1", ResourceKind::Image).await;
    assert_eq!(place.left(), Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_launch_killed_at_any_instant_leaves_nothing_behind_a_sweep() {
    let place = Place::new();
    for step in 0..10 {
        let build = format!("k{step}");
        let mut process = Process::start(&place, &build, owner(&build).expires, "");
        process.wait_launching();
        tokio::time::sleep(Duration::from_millis(step * step * 15)).await;
        process.kill();
        sweep(&place).await;
        // A record of nothing stays until its time is over: somebody might be about to launch.
        release(&place.cloud(), &build, ResourceKind::Builder).await;
        assert_eq!(place.left(), Vec::<String>::new(), "{build}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_machine_that_is_to_be_saved_ends_with_its_process() {
    let place = Place::without_saved_machines();
    let mut process = Process::start(&place, "s3", owner("s3").expires, "");
    process.wait_launching();
    let saving = || {
        let processes = place.processes();
        processes.iter().any(|line| line[0].contains("qemu"))
    };
    while !saving() {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    // Nobody else may remove what is in use.
    place.cloud().owned(None).await.unwrap();
    assert!(saving());
    process.kill();
    place.wait_quiet(Instant::now() + PATIENCE).await;
    sweep(&place).await;
    release(&place.cloud(), "s3", ResourceKind::Builder).await;
    assert_eq!(place.left(), Vec::<String>::new());
    let cache = fs::read_dir(&place.options.cache_dir).unwrap().flatten();
    let unfinished = cache
        .filter(|entry| entry.file_name().to_string_lossy().starts_with('.'))
        .count();
    assert_eq!(unfinished, 0);
}

#[tokio::test]
async fn a_process_that_has_the_machine_s_old_number_lives_on() {
    let place = Place::new();
    write_record(&place, "s4", |_| ());
    let runtime = place.options.runtime_dir.join("s4");
    fs::create_dir_all(&runtime).unwrap();
    let mut other = tokio::process::Command::new("sleep")
        .arg("600")
        .kill_on_drop(true)
        .spawn()
        .unwrap();
    fs::write(runtime.join("qemu.pid"), other.id().unwrap().to_string()).unwrap();
    sweep(&place).await;
    assert!(other.try_wait().unwrap().is_none());
    assert_eq!(place.left(), Vec::<String>::new());
}

#[tokio::test]
async fn damaged_records_are_passed_over() {
    let place = Place::new();
    let precious = place.folder.path().join("precious");
    fs::create_dir(&precious).unwrap();
    write_record(&place, "s5", |record| {
        record["place"]["runtime"] = json!(precious)
    });
    write_record(&place, "s6", |record| {
        record["place"]["work"] = json!(precious)
    });
    write_record(&place, "s7", |record| record["version"] = json!(2));
    fs::write(place.record("s8"), "{").unwrap();
    fs::create_dir_all(place.options.runtime_dir.join("s8")).unwrap();
    let owned = place.cloud().owned(None).await.unwrap();
    assert_eq!(owned.len(), 1);
    assert_eq!(owned[0].resource.build, "s8");
    assert_eq!(owned[0].expires, None);
    for build in ["s5", "s6", "s7", "s8"] {
        release(&place.cloud(), build, ResourceKind::Builder).await;
    }
    assert!(precious.exists());
    assert!(!place.options.runtime_dir.join("s8").exists());
}

#[tokio::test]
async fn a_published_image_is_nobody_s_to_release() {
    let place = Place::new();
    let image = place.options.output_dir.join("image.raw");
    write_record(&place, "s9", |record| record["publishing"] = json!(true));
    fs::create_dir_all(place.options.output_dir.join(".amint-s9")).unwrap();
    fs::write(&image, "published").unwrap();

    // Killed between the renaming and the removal of the folder.
    let id = amint_cloud::ImageId("s9".into());
    let published = place.cloud().publish(&id).await.unwrap();
    assert_eq!(published.size, 9);
    assert_eq!(place.left(), ["image.raw"]);
    assert_eq!(place.cloud().publish(&id).await.unwrap(), published);
    assert_eq!(place.cloud().owned(None).await.unwrap(), []);
    release(&place.cloud(), "s9", ResourceKind::Image).await;
    assert_eq!(place.left(), ["image.raw"]);

    // Another build's image is not replaced unasked.
    write_record(&place, "s10", |_| ());
    let work = place.options.output_dir.join(".amint-s10");
    fs::create_dir_all(&work).unwrap();
    fs::write(work.join("image.raw"), "another").unwrap();
    let id = amint_cloud::ImageId("s10".into());
    let error = place.cloud().publish(&id).await.unwrap_err();
    assert_eq!(error.kind, amint_cloud::ErrorKind::Conflict);
    assert_eq!(fs::read_to_string(&image).unwrap(), "published");
    sweep(&place).await;
    assert_eq!(place.left(), ["image.raw"]);
}
