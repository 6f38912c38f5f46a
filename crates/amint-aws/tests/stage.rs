//! Large files, by way of a bucket.

#[path = "support/account.rs"]
#[allow(dead_code, reason = "other tests use the rest")]
mod account;
#[path = "support/world.rs"]
#[allow(dead_code, reason = "other tests use the rest")]
mod world;

use account::Account;
use amint_aws::{AwsCloud, AwsOptions};
use amint_cloud::{Cloud, ErrorKind, Resource, ResourceKind};

#[tokio::test]
async fn a_large_file_is_laid_down_in_the_bucket() {
    let account = Account::new();
    let content = vec![b'x'; 3 << 20];
    let missing = account
        .cloud
        .stage_file("build-1", "file-1", &content)
        .await;
    let missing = missing.expect_err("there is no bucket");
    assert_eq!(missing.kind, ErrorKind::NotFound, "{missing}");
    http("PUT", &account.world.endpoint, "/files");
    let script = account
        .cloud
        .stage_file("build-1", "file-1", &content)
        .await
        .expect("laid down");
    let url = format!(
        "url='{}/files/amint/build-1/file-1'",
        account.world.endpoint
    );
    assert!(script.starts_with(&url), "{}", &script[..200]);

    // As the builder runs it, with the role's credentials from its metadata service.
    let metadata = metadata();
    let fetch = |script: &str, to: &std::path::Path| {
        std::process::Command::new("sh")
            .args(["-c", script, "sh"])
            .arg(to)
            .env_clear()
            .env("PATH", "/usr/local/bin:/usr/bin:/bin")
            .env("AWS_EC2_METADATA_SERVICE_ENDPOINT", &metadata)
            .output()
            .expect("sh runs")
    };
    let to = account.file("fetched");
    let output = fetch(&script, &to);
    assert!(output.status.success(), "{output:?}");
    assert_eq!(std::fs::read(&to).expect("it is there"), content);

    let other = account
        .cloud
        .stage_file("build-1", "file-1", b"something else");
    other.await.expect("laid down");
    let to = account.file("refused");
    let output = fetch(&script, &to);
    let text = String::from_utf8_lossy(&output.stderr);
    assert!(text.contains("is not what was laid down there"), "{text}");
    assert!(!to.exists() && !account.file("refused.part").exists());
}

/// A file of `build-1`, as its journal names it.
fn staged(cloud: &AwsCloud, token: &str) -> Resource {
    let id = cloud
        .staged_name("build-1", token)
        .expect("it has a bucket");
    Resource {
        build: "build-1".to_owned(),
        kind: ResourceKind::StagedFile,
        id,
    }
}

#[tokio::test]
async fn a_file_is_deleted_under_the_name_that_was_told_before() {
    let account = Account::new();
    let cloud = &account.cloud;
    let file = staged(cloud, "file-1");
    assert_eq!(file.id, "s3://files/amint/build-1/file-1");
    // Without the bucket there is nothing in it.
    cloud.release(&file).await.expect("it is gone");
    http("PUT", &account.world.endpoint, "/files");
    for token in ["file-1", "file-2"] {
        let laid_down = cloud.stage_file("build-1", token, b"content").await;
        laid_down.expect("laid down");
    }
    assert_eq!(
        objects(&account),
        ["amint/build-1/file-1", "amint/build-1/file-2"]
    );
    // Another process knows the name alone, and asks twice.
    let other = AwsCloud::with_config(AwsOptions::new("us-east-1"), account.config.clone());
    for _ in 0..2 {
        other.release(&file).await.expect("it is gone");
        assert_eq!(objects(&account), ["amint/build-1/file-2"]);
    }
    assert_eq!(other.staged_name("build-1", "file-1"), None);
}

#[tokio::test]
async fn a_file_that_may_not_be_deleted_or_is_not_the_builds_stays() {
    let account = Account::new();
    let cloud = &account.cloud;
    http("PUT", &account.world.endpoint, "/files");
    let laid_down = cloud.stage_file("build-1", "file-1", b"content").await;
    laid_down.expect("laid down");
    let file = staged(cloud, "file-1");
    let another = Resource {
        build: "build-2".to_owned(),
        ..file.clone()
    };
    let error = cloud.release(&another).await.expect_err("not its own");
    assert!(
        error.message.contains("is no file of the build build-2"),
        "{error}"
    );

    // What S3 says, and what that is; a bucket of another region is one that nothing was put into.
    let answers = [
        ("AccessDenied", 403, "allow s3:DeleteObject"),
        ("PermanentRedirect", 301, "must be one in us-east-1"),
        ("SlowDown", 503, ""),
    ];
    let mut kinds = Vec::new();
    for (code, status, hint) in answers {
        let fault = serde_json::json!([{
            "action": "DELETE", "service": "s3", "kind": "error", "code": code, "message": "no", "status": status
        }]);
        account.world.set("faults", &fault);
        let error = cloud.release(&file).await.expect_err("refused");
        assert!(
            error
                .message
                .starts_with("s3:DeleteObject: bucket files: no"),
            "{error}"
        );
        assert!(error.hint.unwrap_or_default().contains(hint));
        kinds.push(error.kind);
    }
    let action = Some("s3:DeleteObject".to_owned());
    let expected = [
        ErrorKind::Denied { action },
        ErrorKind::Unfit,
        ErrorKind::Throttled,
    ];
    assert_eq!(kinds, expected);
    assert_eq!(objects(&account), ["amint/build-1/file-1"]);
    // The answer is lost: it is gone, and asking again finds nothing.
    let fault = serde_json::json!([{"action": "DELETE", "service": "s3", "kind": "drop-after"}]);
    account.world.set("faults", &fault);
    let error = cloud.release(&file).await.expect_err("no answer");
    assert_eq!(error.kind, ErrorKind::AnswerLost);
    assert_eq!(objects(&account), [""; 0]);
    cloud.release(&file).await.expect("it is gone");
}

/// The keys in the bucket.
fn objects(account: &Account) -> Vec<String> {
    let listing = http("GET", &account.world.endpoint, "/files?list-type=2");
    let keys = listing.split("<Key>").skip(1);
    keys.map(|rest| rest.split('<').next().unwrap_or_default().to_owned())
        .collect()
}

/// An instance's metadata service, for as long as the test runs.
fn metadata() -> String {
    use std::io::{BufRead, BufReader, Write};
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("its address");
    std::thread::spawn(move || {
        for stream in listener.incoming().map_while(Result::ok) {
            let lines = BufReader::new(&stream).lines().map_while(Result::ok);
            let head: Vec<String> = lines.take_while(|line| !line.is_empty()).collect();
            let wants = |text: &str| head.iter().any(|line| line.contains(text));
            let allowed = wants("X-aws-ec2-metadata-token: abc");
            let body = match head.first().map(String::as_str) {
                Some("PUT /latest/api/token HTTP/1.1") => "abc",
                Some("GET /latest/meta-data/iam/security-credentials/ HTTP/1.1") if allowed => {
                    "builder"
                }
                Some("GET /latest/meta-data/iam/security-credentials/builder HTTP/1.1")
                    if allowed =>
                {
                    "{\n  \"AccessKeyId\" : \"ASIA1\",\n  \"SecretAccessKey\" : \"a/b+c\",\n  \
                     \"Token\" : \"t//o==\"\n}"
                }
                _ => "",
            };
            let (status, length) = (if body.is_empty() { 401 } else { 200 }, body.len());
            let _ = write!(
                &stream,
                "HTTP/1.1 {status} X\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{body}"
            );
        }
    });
    format!("http://{address}")
}

/// S3 by hand: there is no SDK for it here.
fn http(method: &str, endpoint: &str, path: &str) -> String {
    use std::io::{Read, Write};
    let address = endpoint.trim_start_matches("http://");
    let mut stream = std::net::TcpStream::connect(address).expect("the server listens");
    let credential = "Credential=testing/20260101/us-east-1/s3/aws4_request";
    write!(
        stream,
        "{method} {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\nContent-Length: 0\r\n\
         Authorization: AWS4-HMAC-SHA256 {credential}, SignedHeaders=host, Signature=0\r\n\r\n"
    )
    .expect("sent");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).expect("an answer");
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer:.300}");
    answer
}
