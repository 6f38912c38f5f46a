//! What must last, or be free, until the build ends.

use std::time::{Duration, SystemTime};

use amint_aws::AwsCloud;
use amint_cloud::{Cloud, ErrorKind};
use aws_sdk_ec2::config::Credentials;
use serde_json::json;

use crate::support::*;
use crate::world::World;

#[tokio::test]
async fn credentials_and_parameters_outlast_the_build() {
    let world = World::start();
    make_profile(&world).await;
    let request = request(AL2023, spec(&["m7i.large"]));
    let within = async |minutes: u64| {
        let end = SystemTime::now() + Duration::from_secs(minutes * 60 + 30);
        let token = Some("token".to_owned());
        let credentials = Credentials::new("testing", "testing", token, Some(end), "test");
        let cloud = AwsCloud::with_config(options("us-east-1"), config(&world, credentials));
        cloud.preflight(&request).await.expect("a preflight")
    };
    let soon = within(3).await;
    assert_problems(&soon, &["the credentials end in 3 min"]);
    assert_eq!(soon.problems[0].kind, ErrorKind::Credentials);
    let late = within(30).await;
    assert_problems(&late, &[]);
    assert!(
        late.warnings
            .iter()
            .any(|one| one.contains("role-duration-seconds"))
    );
    assert!(
        within(61)
            .await
            .warnings
            .iter()
            .all(|one| !one.contains("credentials"))
    );

    let ssm = aws_sdk_ssm::Client::new(&config(&world, keys()));
    let text = ssm.put_parameter().name("/images/newest").value("text");
    let text = text.r#type(aws_sdk_ssm::types::ParameterType::String);
    text.send().await.expect("a parameter");
    let mut named = request.clone();
    named.publish.parameter = Some("/images/newest".to_owned());
    let preflight = cloud(&world).preflight(&named).await.expect("a preflight");
    assert_problems(
        &preflight,
        &["the parameter `/images/newest` is there and names no image"],
    );
    assert_eq!(preflight.problems[0].kind, ErrorKind::Conflict);

    // Throttling ends it: the engine asks again, later.
    let throttle =
        json!([{ "action": "DescribeInstanceTypes", "kind": "throttle", "occurrence": 1 }]);
    world.set("faults", &throttle);
    let error = cloud(&world)
        .preflight(&request)
        .await
        .expect_err("throttled");
    assert_eq!(error.kind, ErrorKind::Throttled);
    let again = cloud(&world)
        .preflight(&request)
        .await
        .expect("the next time");
    assert_problems(&again, &[]);
}
