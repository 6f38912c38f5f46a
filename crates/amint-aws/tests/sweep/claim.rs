//! Two builds that want to make the same image.

use std::time::Duration;

use amint_cloud::{Claim, Cloud, ErrorKind, Owner, PublicState, ResourceKind};
use jiff::Timestamp;
use serde_json::json;

use crate::scene::{A, B, captured, launched, owner, resource};
use crate::stage::Stage;

/// With every kind of character that an image's name may have.
const NAME: &str = "demo (1) [a] x/y.z-'@_";

fn named(build: &str) -> Owner {
    Owner {
        image: NAME.to_owned(),
        ..owner(build)
    }
}

async fn claim(stage: &Stage, owner: &Owner, launched: bool) -> amint_cloud::Result<Vec<String>> {
    let owner = owner.clone();
    stage.cloud.claim(&Claim { owner, launched }).await
}

#[tokio::test]
async fn a_name_that_another_build_has_is_refused_before_the_launch() {
    let stage = Stage::new();
    assert_eq!(
        claim(&stage, &named(B), false).await.expect("free"),
        [""; 0]
    );
    let before = Timestamp::now().strftime("%F %H:").to_string();
    launched(&stage, &named(A)).await;
    // IAM would refuse a tag with all these characters.
    let role = stage.iam.get_role().role_name(format!("amint-{A}"));
    let role = role.send().await.expect("a role").role;
    let role = role.expect("a role");
    assert!(role.tags().iter().all(|tag| tag.key() != "amint:name"));
    stage.world.set("calls", &json!({}));
    let error = claim(&stage, &named(B), false).await.expect_err("taken");
    assert_eq!(error.kind, ErrorKind::Conflict);
    let text = format!("the build {A} is making the image `{NAME}` since {before}");
    assert!(error.message.starts_with(&text), "{error}");
    assert!(
        error.message.ends_with("until 2031-01-01 00:00:00 UTC"),
        "{error}"
    );
    let hint = error.hint.expect("a way out");
    assert!(
        hint.contains(&format!("`amint cleanup {A} --yes`")),
        "{hint}"
    );
    // It asks for what bears the name, and for nothing else.
    let calls = stage.world.get("calls");
    for call in calls.as_array().into_iter().flatten() {
        assert_eq!(call["params"]["Filter.1.Name"], "tag:amint:name", "{call}");
    }
    assert_eq!(calls.as_array().map(Vec::len), Some(2));

    // The older build does not mind, nor does who makes another image.
    assert_eq!(
        claim(&stage, &named(A), false).await.expect("its own"),
        [""; 0]
    );
    assert_eq!(
        claim(&stage, &owner(B), false).await.expect("free"),
        [""; 0]
    );
    stage.world.set("settings", &json!({"page": 1}));
    assert!(claim(&stage, &named(B), false).await.is_err());
}

#[tokio::test]
async fn of_two_that_are_launched_the_younger_gives_way() {
    let stage = Stage::new();
    launched(&stage, &named(B)).await;
    launched(&stage, &named(A)).await;
    stage.world.set("settings", &json!({"page": 1}));
    assert_eq!(
        claim(&stage, &named(A), true).await.expect("older"),
        [""; 0]
    );
    let error = claim(&stage, &named(B), true).await.expect_err("younger");
    assert_eq!(error.kind, ErrorKind::Conflict);
    assert!(error.message.contains(A), "{error}");
}

#[tokio::test]
async fn who_does_not_see_itself_looks_again() {
    let stage = Stage::new();
    launched(&stage, &named(A)).await;
    launched(&stage, &named(B)).await;
    stage.world.set("calls", &json!({}));
    assert!(claim(&stage, &named(A), true).await.is_ok());
    assert_eq!(stage.count("DescribeInstances"), 1);
    // Neither of them is to be seen at first, then both.
    let options = amint_aws::AwsOptions {
        pace: 0.3,
        ..amint_aws::AwsOptions::new("us-east-1")
    };
    let config = crate::stage::config(&stage.world);
    let cloud = amint_aws::AwsCloud::with_config(options, config);
    stage.world.set("lag", &json!({"seconds": 1000}));
    let younger = Claim {
        owner: named(B),
        launched: true,
    };
    let seen = async {
        tokio::time::sleep(Duration::from_millis(100)).await;
        stage.world.set("lag", &json!({"seconds": 0}));
    };
    let (claimed, ()) = tokio::join!(cloud.claim(&younger), seen);
    assert_eq!(claimed.expect_err("taken").kind, ErrorKind::Conflict);
    // Before the launch there is nothing of one's own to be seen.
    stage.world.set("lag", &json!({"seconds": 1000}));
    stage.world.set("calls", &json!({}));
    assert!(claim(&stage, &named(B), false).await.is_ok());
    assert_eq!(stage.count("DescribeInstances"), 1);
}

#[tokio::test]
async fn an_image_claims_its_name_until_it_is_finished() {
    let stage = Stage::new();
    let (builder, _) = launched(&stage, &named(A)).await;
    let image = captured(&stage, &named(A), &builder, "amint-a").await;
    let going = resource(A, ResourceKind::Builder, &builder.0);
    stage.cloud.release(&going).await.expect("it goes");
    let error = claim(&stage, &named(B), false).await.expect_err("taken");
    assert_eq!(error.kind, ErrorKind::Conflict);
    for state in [PublicState::Publishing, PublicState::Published] {
        let set = stage.cloud.set_state(&image, state, "f1").await;
        set.expect("tagged");
        assert_eq!(
            claim(&stage, &named(B), false).await.expect("free"),
            [""; 0]
        );
    }
}

#[tokio::test]
async fn a_build_whose_time_is_over_is_told_and_does_not_stand_in_the_way() {
    let stage = Stage::new();
    let late = Owner {
        expires: "2020-01-01T00:00:00Z".parse().expect("a time"),
        ..named(A)
    };
    let (builder, _) = launched(&stage, &late).await;
    for launched in [false, true] {
        let told = claim(&stage, &named(B), launched).await.expect("free");
        let [told] = told.as_slice() else {
            panic!("{told:?}");
        };
        assert!(told.contains(A) && told.contains(&builder.0), "{told}");
        assert!(told.contains("over at 2020-01-01 00:00:00 UTC"), "{told}");
        assert!(told.contains("`amint cleanup"), "{told}");
    }
    // Nor one that nothing is known of.
    let tag = aws_sdk_ec2::types::Tag::builder().key("amint:expires");
    let untag = stage.ec2.delete_tags().resources(&builder.0);
    untag.tags(tag.build()).send().await.expect("untagged");
    let told = claim(&stage, &named(B), false).await.expect("free");
    assert!(told[0].contains("nothing tells"), "{told:?}");
}
