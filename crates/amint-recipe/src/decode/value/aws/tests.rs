use super::*;
use crate::decode::value::tests::check;

#[test]
fn regions() {
    check(
        region,
        &[
            "us-east-1",
            "ap-southeast-10",
            "us-gov-west-1",
            "cn-north-1",
            "us-isob-east-1",
            "eusc-de-east-1",
        ],
        &[
            "",
            "us",
            "us-east",
            "us-1",
            "US-EAST-1",
            "us-east-1 ",
            "us_east_1",
            "us-east-100",
            "us--1",
            "-east-1",
        ],
    );
    let zone = region("us-east-1a").unwrap_err();
    assert_eq!(zone.hint, "this is one of its zones: write `us-east-1`");
}

#[test]
fn instance_types() {
    check(
        instance_type,
        &[
            "m7i.large",
            "m7i-flex.large",
            "u-6tb1.112xlarge",
            "c7i.metal-24xl",
        ],
        &[
            "",
            "m7i",
            "m7i.",
            ".large",
            "M7i.large",
            "m7i.large.x",
            "m7i large",
            "-m.large",
        ],
    );
}

#[test]
fn ids() {
    check(
        subnet,
        &["subnet-01234567", "subnet-0123456789abcdef0"],
        &[
            "",
            "subnet-",
            "subnet-012345678",
            "subnet-0123456G",
            "sg-01234567",
            "subnet-ABCDEF01",
        ],
    );
    check(
        security_group,
        &["sg-0123456789abcdef0"],
        &["sg-0", "default"],
    );
    check(
        image_id,
        &["ami-0123456789abcdef0"],
        &["ami-latest", "al2023"],
    );
}

#[test]
fn accounts_and_owners() {
    check(
        account,
        &["123456789012", "000000000000"],
        &[
            "",
            "12345678901",
            "1234567890123",
            "1234-5678-9012",
            "self",
            "１２３４５６７８９０１２",
        ],
    );
    check(
        owner,
        &["self", "amazon", "aws-marketplace", "123456789012"],
        &["", "fedora", "Amazon", "12345"],
    );
}

#[test]
fn name_patterns() {
    check(
        name_pattern,
        &["al2023-ami-2023.*-x86_64", "debian-12-amd64-????"],
        &["", "a\nb", "a\u{e9}", "{a,b}"],
    );
}

#[test]
fn parameters() {
    check(
        read_parameter,
        &["/aws/service/debian/release/12/latest/amd64", "name:3"],
        &["", "/a b", "/a*"],
    );
    check(
        written_parameter,
        &[
            "/images/demo/latest",
            "latest",
            "/a/b/c/d/e/f/g/h/i/j/k/l/m/n/o",
        ],
        &[
            "",
            "/",
            "/a/",
            "//a",
            "images/demo",
            "/aws/images",
            "/AWS/images",
            "ssm-image",
            "/ssmimages",
            "/a b",
            "/a:1",
            "/a/b/c/d/e/f/g/h/i/j/k/l/m/n/o/p",
            "/\u{e9}",
        ],
    );
    assert!(written_parameter(&format!("/{}", "a".repeat(950))).is_err());
}

#[test]
fn buckets_and_log_groups() {
    check(
        bucket,
        &["my-bucket", "my.bucket.1", "abc"],
        &[
            "",
            "ab",
            "My-Bucket",
            "s3://my-bucket",
            "my_bucket",
            "-abc",
            "abc.",
            "a..b",
            "192.168.0.1",
        ],
    );
    assert!(bucket(&"a".repeat(64)).is_err());
    check(
        log_group,
        &["/amint/builds", "a#b.c_d-e"],
        &["", "aws/x", "a b", "a:b", "\u{e9}"],
    );
    assert!(log_group(&"a".repeat(513)).is_err());
}

#[test]
fn package_urls() {
    check(
        package_url,
        &[
            "https://s3.us-east-1.amazonaws.com/amazon-ssm-us-east-1/latest/debian_amd64/amazon-ssm-agent.deb",
            "https://example.com:8443/a%20b/agent.rpm",
        ],
        &[
            "",
            "http://example.com/agent.deb",
            "https://",
            "https:///agent.deb",
            "https://example.com/agent.tar.gz",
            "https://agent.deb",
            "https://me@example.com/agent.deb",
            "https://example.com/agent.deb?x=y",
            "https://example.com/$(reboot).deb",
            "https://example.com/a b.deb",
            "https://-o.example.com/agent.deb",
            "file:///agent.deb",
        ],
    );
}

#[test]
fn numbers_of_days() {
    for (text, expected) in [
        ("180d", Some(180)),
        ("1d", Some(1)),
        ("26w", Some(182)),
        ("1w3d", Some(10)),
        ("3650d", Some(3650)),
        ("3651d", None),
        ("0d", None),
        ("24h", None),
        ("180", None),
        ("1d1w", None),
        ("", None),
        ("99999999999999999999w", None),
        ("9999999999999999w", None),
    ] {
        let days = days(text).ok().map(|span| span.as_secs() / (24 * 3600));
        assert_eq!(days, expected, "{text:?}");
    }
}

#[test]
fn devices() {
    check(
        device,
        &["/dev/sdf", "/dev/sdp", "/dev/xvdb", "/dev/xvdz"],
        &[
            "",
            "sdf",
            "/dev/sda",
            "/dev/sda1",
            "/dev/sdq",
            "/dev/xvda",
            "/dev/sdf1",
            "/dev/nvme1n1",
        ],
    );
}

#[test]
fn tags() {
    for (key, value) in [
        ("team", "images"),
        ("cost center", "a/b=c+d@e:f"),
        ("\u{e9}", ""),
    ] {
        assert_eq!(tag(key, value), Ok(()), "{key:?}");
    }
    let long = "a".repeat(129);
    for (key, value) in [
        ("", "x"),
        ("aws:x", "x"),
        ("AWS:x", "x"),
        ("amint:build", "x"),
        ("a*", "x"),
        ("a", "<x>"),
        (long.as_str(), "x"),
    ] {
        assert!(tag(key, value).is_err(), "{key:?}");
    }
}
