//! Look-ups that all builds share.

use std::time::{Duration, Instant};

use amint_cloud::{BuilderId, BuilderState, Cloud, ErrorKind, ImageId, SnapshotId};
use serde_json::json;

use crate::stage::{Stage, until};

#[tokio::test]
async fn one_question_is_about_all_builders() {
    let stage = Stage::new();
    let mut request = stage.supported(crate::stage::launch_request()).await;
    let mut builders = Vec::new();
    for attempt in 1..=5 {
        request.attempt = attempt;
        builders.push(
            stage
                .cloud
                .launch(&request, &|_| {})
                .await
                .expect("launched"),
        );
    }
    stage.world.set("calls", &json!({}));
    let start = Instant::now();
    let mut polls = tokio::task::JoinSet::new();
    for builder in builders {
        let cloud = stage.cloud.clone();
        polls.spawn(async move {
            let mut asked = 0;
            while start.elapsed() < Duration::from_secs(2) {
                asked += 1;
                let state = cloud.builder_state(&builder).await.expect("a state");
                assert!(matches!(
                    state,
                    BuilderState::Pending | BuilderState::Running
                ));
                tokio::time::sleep(Duration::from_millis(40)).await;
            }
            asked
        });
    }
    let asked: usize = polls.join_all().await.into_iter().sum();
    let calls = stage.count("DescribeInstances");
    assert!(calls * 2 < asked, "{calls} calls, asked {asked} times");
}

#[tokio::test]
async fn what_is_not_there_is_not_found_for_its_asker_alone() {
    let stage = Stage::new();
    let (builder, _) = stage.launched().await;
    let unknown = BuilderId("i-00000000000000000".to_owned());
    let (there, missing) = tokio::join!(
        stage.cloud.builder_state(&builder),
        stage.cloud.builder_state(&unknown)
    );
    assert!(there.is_ok());
    assert_eq!(missing.expect_err("unknown").kind, ErrorKind::NotFound);
    let image = ImageId("ami-00000000000000000@eu-west-1".to_owned());
    let state = stage.cloud.image_state(&image).await;
    assert_eq!(state.expect_err("unknown").kind, ErrorKind::NotFound);
    let snapshot = SnapshotId("snap-00000000000000000".to_owned());
    let state = stage.cloud.snapshot_state(&snapshot).await;
    assert_eq!(state.expect_err("unknown").kind, ErrorKind::NotFound);
}

#[tokio::test]
async fn a_new_builder_is_not_found_for_a_moment() {
    let stage = Stage::new();
    let request = stage.supported(crate::stage::launch_request()).await;
    stage.world.set("lag", &json!({"seconds": 2}));
    // The group was made a moment ago too: asked again, the launch works.
    let mut launched = None;
    until("the group is known", async || {
        match stage.cloud.launch(&request, &|_| {}).await {
            Ok(builder) => launched = Some(builder),
            Err(error) => assert_eq!(error.kind, ErrorKind::NotFound),
        }
        launched.is_some()
    })
    .await;
    let builder = launched.expect("launched");
    let state = stage.cloud.builder_state(&builder).await;
    assert_eq!(state.expect_err("not yet").kind, ErrorKind::NotFound);
    stage.until_state(&builder, BuilderState::Running).await;
}
