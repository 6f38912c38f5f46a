//! Large files, by way of a bucket.

use amint_cloud::{CloudError, ErrorKind, Resource, Result};
use sha2::{Digest, Sha256};

use crate::clients::Clients;
use crate::s3::{self, Object};

/// What a builder runs to fetch an object, after the lines that say which.
const FETCH: &str = include_str!("stage.sh");

/// How an object is told apart from what else is named.
const SCHEME: &str = "s3://";

/// Where a file will be; nothing where it can't be.
pub(crate) fn name(bucket: Option<&str>, build: &str, token: &str) -> Option<String> {
    let bucket = bucket.filter(|bucket| check(bucket).is_ok())?;
    Some(format!("{SCHEME}{bucket}/{}", key(build, token)))
}

/// The bucket and the key of a file that was laid down for the build. A journal is only a file: what is not the
/// build's own is nobody's to delete.
pub(crate) fn place(resource: &Resource) -> Result<(&str, &str)> {
    let place = resource.id.strip_prefix(SCHEME);
    let place = place.and_then(|place| place.split_once('/'));
    let own = |(bucket, file): &(&str, &str)| {
        let token = file.strip_prefix(&folder(&resource.build));
        check(bucket).is_ok() && token.is_some_and(|token| safe(token) == token)
    };
    place.filter(own).ok_or_else(|| {
        let Resource { id, build, .. } = resource;
        CloudError::other(format!("`{id}` is no file of the build {build}"))
    })
}

fn key(build: &str, token: &str) -> String {
    format!("{}{}", folder(build), safe(token))
}

fn folder(build: &str) -> String {
    format!("amint/{}/", safe(build))
}

pub(crate) async fn stage(
    clients: &Clients,
    bucket: Option<&str>,
    build: &str,
    token: &str,
    content: &[u8],
) -> Result<String> {
    let Some(bucket) = bucket else {
        let text = format!(
            "a file of {} is too large for a command",
            size(content.len())
        );
        return Err(CloudError::new(ErrorKind::Unfit, text)
            .hint("set `builder.bucket` to a bucket that the builder may read"));
    };
    check(bucket)?;
    let key = key(build, token);
    let object = Object {
        region: &clients.region,
        bucket,
        key: &key,
    };
    s3::put(&clients.config, &object, content).await?;
    let endpoint = s3::endpoint(&clients.config, &clients.region);
    Ok(script(&object, &endpoint, content))
}

/// Nothing in it needs quoting by more than `'`: names and URLs are of safe characters, and checked.
fn script(object: &Object<'_>, endpoint: &str, content: &[u8]) -> String {
    let Object {
        region,
        bucket,
        key,
    } = object;
    let digest = Sha256::digest(content);
    let sha256: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
    let url = object.url(endpoint);
    // AWS's own endpoint is the CLI's default.
    let endpoint = match endpoint.contains(".amazonaws.com") {
        true => "",
        false => endpoint,
    };
    let quoted = |text: &str| format!("'{}'", text.replace('\'', "'\\''"));
    format!(
        "url={}\nobject={}\nendpoint={}\nregion={}\nsha256={}\n{FETCH}",
        quoted(&url),
        quoted(&format!("{SCHEME}{bucket}/{key}")),
        quoted(endpoint),
        quoted(region),
        quoted(&sha256),
    )
}

/// The names that S3 gives general purpose buckets.
fn check(bucket: &str) -> Result<()> {
    let known = |byte: u8| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.');
    match (3..=63).contains(&bucket.len()) && bucket.bytes().all(known) {
        true => Ok(()),
        false => Err(CloudError::new(
            ErrorKind::Unfit,
            format!("`{bucket}` is not the name of a bucket"),
        )
        .hint("a name has 3 to 63 lowercase letters, digits, dots and hyphens")),
    }
}

/// As part of a URL. What has other characters gets a digest, so that it stays itself.
fn safe(text: &str) -> String {
    let known = |character: char| character.is_ascii_alphanumeric() || "-_".contains(character);
    if !text.is_empty() && text.chars().all(known) {
        return text.to_owned();
    }
    let digest = Sha256::digest(text);
    let digest: String = digest
        .iter()
        .take(8)
        .map(|byte| format!("{byte:02x}"))
        .collect();
    let rest: String = text.chars().filter(|character| known(*character)).collect();
    format!("{rest}-{digest}")
}

fn size(bytes: usize) -> String {
    match bytes >> 20 {
        0 => format!("{bytes} bytes"),
        mib => format!("{mib} MiB"),
    }
}

#[cfg(test)]
mod tests {
    use amint_cloud::ResourceKind;

    use super::*;

    #[test]
    fn keys_have_only_what_a_url_takes() {
        assert_eq!(safe("step-3_file"), "step-3_file");
        let odd = safe("../a b");
        assert!(
            odd.starts_with("ab-") && !odd.contains(['.', '/', ' ']),
            "{odd}"
        );
        assert_ne!(odd, safe("a b"));
        assert!(!safe("").is_empty());
    }

    #[test]
    fn what_a_name_says_is_where_the_file_is_and_no_other_file_is_the_builds() {
        let resource = |id: &str| Resource {
            build: "b 1".to_owned(),
            kind: ResourceKind::StagedFile,
            id: id.to_owned(),
        };
        let id = name(Some("files"), "b 1", "step-02-1").expect("a name");
        let staged = resource(&id);
        let (bucket, file) = place(&staged).expect("it is the build's");
        assert_eq!(
            (bucket, file),
            ("files", key("b 1", "step-02-1").as_str()),
            "{id}"
        );
        assert_eq!(name(None, "b", "t"), None);
        assert_eq!(name(Some("no/bucket"), "b", "t"), None);
        let own = folder("b 1");
        for other in [
            "files".to_owned(),
            "s3://files".to_owned(),
            "s3://files/backup".to_owned(),
            "s3://files/amint/other/t".to_owned(),
            format!("s3://a'b/{own}t"),
            format!("s3://files/{own}"),
            format!("s3://files/{own}../../backup"),
            format!("s3://files/{own}t?versionId=1"),
        ] {
            assert!(place(&resource(&other)).is_err(), "{other}");
        }
    }

    #[test]
    fn only_a_bucket_is_a_bucket() {
        assert!(check("my.files-1").is_ok());
        for bucket in [
            "",
            "ab",
            "Files",
            "a/b",
            "a'b",
            "https://x",
            &"x".repeat(64),
        ] {
            assert!(check(bucket).is_err(), "{bucket}");
        }
    }

    #[test]
    fn the_script_says_what_to_fetch() {
        let object = Object {
            region: "us-east-1",
            bucket: "files",
            key: "amint/b/t",
        };
        let text = script(&object, "https://s3.us-east-1.amazonaws.com", b"");
        let head: Vec<&str> = text.lines().take(5).collect();
        let expected = [
            "url='https://s3.us-east-1.amazonaws.com/files/amint/b/t'",
            "object='s3://files/amint/b/t'",
            "endpoint=''",
            "region='us-east-1'",
            "sha256='e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'",
        ];
        assert_eq!(head, expected);
    }
}
