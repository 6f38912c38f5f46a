//! Credentials that don't work, and regions that are none.

use amint_aws::AwsCloud;
use amint_cloud::{Cloud, ErrorKind};
use serde_json::json;

use crate::support::*;
use crate::world::World;

#[tokio::test]
async fn who_asks_and_where_is_checked_first() {
    let world = World::start();
    let at = |region: &str| AwsCloud::with_config(options(region), config(&world, keys()));
    for (region, part) in [
        ("us-east", "`us-east` is not the name of an AWS region"),
        (
            "ap-east-1",
            "the region `ap-east-1` is not enabled for the account",
        ),
    ] {
        let error = at(region).identity().await.expect_err(region);
        assert_eq!(error.kind, ErrorKind::Unfit, "{error}");
        assert_eq!(error.message, part);
        assert!(error.hint.is_some());
    }

    let expired = json!([{
        "action": "GetCallerIdentity", "kind": "error", "occurrence": "always",
        "code": "ExpiredToken", "message": "The security token included in the request is expired", "status": 403,
    }]);
    world.set("faults", &expired);
    let error = at("us-east-1").identity().await.expect_err("expired");
    assert_eq!(error.kind, ErrorKind::Credentials);
    assert!(error.message.contains("is expired"), "{error}");
    assert!(
        error
            .hint
            .is_some_and(|hint| hint.contains("aws sso login"))
    );
    world.set("faults", &json!([]));

    // A region that is none has no address.
    let nobody = config(&world, keys())
        .into_builder()
        .endpoint_url("http://127.0.0.1:1")
        .build();
    let error = AwsCloud::with_config(options("us-east-1"), nobody);
    let error = error.identity().await.expect_err("nobody listens");
    assert_eq!(error.kind, ErrorKind::AnswerLost);
    assert!(
        error
            .hint
            .is_some_and(|hint| hint.contains("`us-east-1` is a region"))
    );

    let mut nobody = config(&world, keys()).into_builder();
    nobody.set_credentials_provider(None);
    let error = AwsCloud::with_config(options("us-east-1"), nobody.build());
    let error = error.identity().await.expect_err("no credentials");
    assert_eq!(error.kind, ErrorKind::Credentials, "{error}");
    assert!(
        error.message.contains("no usable AWS credentials"),
        "{error}"
    );
}
