//! Large files, by way of a bucket.

#[path = "support/account.rs"]
#[allow(dead_code, reason = "other tests use the rest")]
mod account;
#[path = "support/world.rs"]
#[allow(dead_code, reason = "other tests use the rest")]
mod world;

use account::Account;
use amint_cloud::{Cloud, ErrorKind};

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
