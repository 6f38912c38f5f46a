//! Images: found, captured, registered, copied, shared, named in a parameter, retired.

#[path = "support/account.rs"]
#[allow(dead_code, reason = "other tests use the rest")]
mod account;
#[path = "support/world.rs"]
#[allow(dead_code, reason = "other tests use the rest")]
mod world;

use std::collections::BTreeMap;
use std::time::Duration;

use account::{Account, BASE, capture, described, owner, spec};
use amint_cloud::{
    BaseQuery, Cloud, CopyRequest, ErrorKind, ImageId, OlderImage, ParameterChange, PublicState,
    RegisterRequest, Resource, ResourceKind, Sharing,
};
use aws_sdk_ec2::types::{Image, Tag};
use serde_json::json;

fn tags(tags: &[Tag]) -> BTreeMap<&str, &str> {
    tags.iter()
        .filter_map(|tag| Some((tag.key()?, tag.value()?)))
        .collect()
}

fn snapshot(image: &Image) -> &str {
    let ebs = image.block_device_mappings()[0].ebs();
    ebs.and_then(|ebs| ebs.snapshot_id()).expect("a snapshot")
}

#[tokio::test]
async fn bases_are_found_by_id_parameter_and_name() {
    let account = Account::new();
    let find = async |query: BaseQuery| account.cloud.find_base(&query, &account::quiet).await;
    let id = |id: &str| BaseQuery::Id { id: id.to_owned() };
    let parameter = |name: &str| BaseQuery::Parameter {
        name: name.to_owned(),
    };
    let newest = |owner: &str, name: &str| BaseQuery::Newest {
        owner: owner.to_owned(),
        name: name.to_owned(),
    };
    let base = find(id(BASE)).await.expect("it is there");
    let name = "al2023-ami-2023.11.20260427.1-kernel-6.1-x86_64";
    assert_eq!((base.id.as_str(), base.name.as_str()), (BASE, name));
    assert_eq!(base.label(), format!("{name} ({BASE})"));
    assert!(base.owner.is_some() && base.created.is_some() && base.disk_gib.is_some());
    let path = "/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-x86_64";
    assert_eq!(find(parameter(path)).await.expect("a parameter").id, BASE);
    let debian = find(newest("debian", "debian-12-amd64-*"))
        .await
        .expect("Debian");
    assert_eq!(debian.id, "ami-0a1b2c3d4e5f60001");

    let ssm = aws_sdk_ssm::Client::new(&account.config);
    let put = ssm.put_parameter().name("/not-an-image").value("{}");
    let put = put.r#type("String".into()).send().await;
    put.expect("a parameter");
    for (query, kind, text) in [
        (
            id("ami-0123456789abcdef0"),
            ErrorKind::NotFound,
            "us-east-1",
        ),
        (parameter("/missing"), ErrorKind::NotFound, "/missing"),
        (
            parameter("/not-an-image"),
            ErrorKind::Unfit,
            "/not-an-image",
        ),
        (
            newest("debian", "slackware-*"),
            ErrorKind::NotFound,
            "slackware-*",
        ),
        (
            BaseQuery::Debian {
                release: "bookworm".to_owned(),
            },
            ErrorKind::Unfit,
            "this machine",
        ),
    ] {
        let error = find(query).await.expect_err("no such base");
        assert_eq!(error.kind, kind, "{error}");
        assert!(error.to_string().contains(text), "{error}");
        assert!(error.hint.is_some(), "{error}");
    }
}

#[tokio::test]
async fn a_capture_is_asked_for_again_and_is_the_same() {
    let account = Account::new();
    let builder = account.builder(&[(0, b"text")]).await;
    account.world.set(
        "faults",
        &json!([{"action": "CreateImage", "kind": "drop-after", "occurrence": 1, "times": 1}]),
    );
    let request = capture(builder.clone(), "captured");
    let lost = account
        .cloud
        .capture(&request)
        .await
        .expect_err("the answer was lost");
    assert_eq!(lost.kind, ErrorKind::AnswerLost);
    let image = account.cloud.capture(&request).await.expect("it is found");
    assert_eq!(
        account.cloud.capture(&request).await.expect("the same"),
        image
    );
    account.available(&account.ec2, &image.0).await;
    let shown = described(&account.ec2, &image.0).await;
    assert_eq!(
        (shown.name(), shown.description()),
        (Some("captured"), Some("a collector"))
    );
    let expected = BTreeMap::from([
        ("amint:build", "build-1"),
        ("amint:expires", "2030-01-01T00:00:00Z"),
        ("amint:name", "demo"),
        ("amint:recipe", "collector"),
        ("amint:state", "captured"),
        ("team", "blue"),
    ]);
    assert_eq!(tags(shown.tags()), expected);
    let snapshots = account
        .ec2
        .describe_snapshots()
        .snapshot_ids(snapshot(&shown));
    let snapshots = snapshots.send().await.expect("a list");
    assert_eq!(tags(snapshots.snapshots()[0].tags()), expected);

    let mut other = capture(builder, "captured");
    other.owner = owner("build-2");
    let error = account
        .cloud
        .capture(&other)
        .await
        .expect_err("the name is taken");
    assert_eq!(error.kind, ErrorKind::Conflict);
    assert!(error.to_string().contains(&image.0), "{error}");
}

#[tokio::test]
async fn an_image_is_registered_and_published_in_two_regions() {
    let account = Account::new();
    let source = account.legacy("source", &[(0, b"text")]).await;
    let request = RegisterRequest {
        owner: owner("build-1"),
        image: source,
        replaced: Vec::new(),
        spec: spec("sealed"),
    };
    let image = account.cloud.register(&request).await.expect("an image");
    assert_eq!(
        account.cloud.register(&request).await.expect("the same"),
        image
    );
    account.available(&account.ec2, &image.0).await;
    let shown = described(&account.ec2, &image.0).await;
    assert_eq!(
        shown.imds_support().map(|value| value.as_str()),
        Some("v2.0")
    );
    assert_eq!(
        shown.boot_mode().map(|value| value.as_str()),
        Some("legacy-bios")
    );
    assert_eq!(
        (shown.ena_support(), shown.root_device_name()),
        (Some(true), Some("/dev/xvda"))
    );
    let found = account
        .ec2
        .describe_snapshots()
        .snapshot_ids(snapshot(&shown));
    let found = found.send().await.expect("a list");
    let on_snapshot = tags(found.snapshots()[0].tags());
    assert_eq!(on_snapshot.get("amint:image"), Some(&image.0.as_str()));
    assert_eq!(on_snapshot.get("team"), Some(&"blue"));

    let cloud = &account.cloud;
    cloud
        .set_state(&image, PublicState::Publishing, "f1")
        .await
        .expect("tagged");
    let request = CopyRequest {
        owner: owner("build-1"),
        image: image.clone(),
        region: "eu-west-1".to_owned(),
        spec: spec("sealed"),
    };
    account.world.set(
        "faults",
        &json!([{"action": "CopyImage", "kind": "drop-after", "occurrence": 1, "times": 1}]),
    );
    let lost = cloud.copy(&request).await.expect_err("the answer was lost");
    assert_eq!(lost.kind, ErrorKind::AnswerLost);
    let copy = cloud.copy(&request).await.expect("a copy");
    let there = account.ec2_in("eu-west-1");
    let id = copy
        .0
        .strip_suffix("@eu-west-1")
        .expect("it says where")
        .to_owned();
    account.available(&there, &id).await;
    let own = there
        .describe_images()
        .owners("self")
        .send()
        .await
        .expect("a list");
    assert_eq!(own.images().len(), 1);
    cloud.finish_copy(&copy, &request).await.expect("finished");

    let sharing = Sharing {
        accounts: vec!["111122223333".to_owned(), "444455556666".to_owned()],
        organizations: vec!["arn:aws:organizations::123456789012:organization/o-1".to_owned()],
        organizational_units: vec!["arn:aws:organizations::123456789012:ou/o-1/ou-1".to_owned()],
    };
    let at = "2031-05-06T07:08:59Z".parse().expect("a time");
    for one in [&image, &copy] {
        cloud.share(one, &sharing).await.expect("shared");
        cloud.deprecate(one, at).await.expect("deprecated");
        cloud
            .set_state(one, PublicState::Published, "f1")
            .await
            .expect("published");
    }
    for (ec2, id) in [(&account.ec2, &image.0), (&there, &id)] {
        let shown = described(ec2, id).await;
        let expected = BTreeMap::from([
            ("amint:build", "build-1"),
            ("amint:fingerprint", "f1"),
            ("amint:name", "demo"),
            ("amint:recipe", "collector"),
            ("amint:state", "published"),
            ("team", "blue"),
        ]);
        assert_eq!(tags(shown.tags()), expected);
        assert_eq!(
            shown.imds_support().map(|value| value.as_str()),
            Some("v2.0")
        );
        assert_eq!(shown.public(), Some(false));
        let time = shown.deprecation_time().expect("it is deprecated");
        assert!(time.starts_with("2031-05-06T07:08:00"), "{time}");
        let permissions = ec2.describe_image_attribute().image_id(id);
        let permissions = permissions
            .attribute("launchPermission".into())
            .send()
            .await;
        let permissions = permissions
            .expect("permissions")
            .launch_permissions
            .unwrap_or_default();
        assert_eq!(permissions.len(), 4, "{permissions:?}");
        assert!(permissions.iter().all(|one| one.group().is_none()));
    }
    let published = cloud.publish(&image).await.expect("it is there");
    assert_eq!((published.location, published.size), (image.0, 8 << 30));
    assert_eq!(published.format, "ami");
}

#[tokio::test]
async fn an_encrypted_copy_is_refused() {
    let account = Account::new();
    let image = account.captured("plain", &[(0, b"text")]).await;
    account
        .world
        .set("settings", &json!({"ebs_encryption": true}));
    let request = CopyRequest {
        owner: owner("build-1"),
        image,
        region: "eu-west-1".to_owned(),
        spec: spec("plain"),
    };
    let copy = account.cloud.copy(&request).await.expect("a copy");
    let id = copy.0.split('@').next().expect("an id");
    account.available(&account.ec2_in("eu-west-1"), id).await;
    let error = account
        .cloud
        .finish_copy(&copy, &request)
        .await
        .expect_err("encrypted");
    assert_eq!(error.kind, ErrorKind::Unfit);
    assert!(error.to_string().contains("eu-west-1"), "{error}");
}

#[tokio::test]
async fn a_parameter_names_the_newest_image() {
    let account = Account::new();
    let first = account.captured("first", &[(0, b"text")]).await;
    let second = ImageId(BASE.to_owned());
    let (cloud, name) = (&account.cloud, "/images/newest");
    let becomes = async |image: &ImageId| {
        for _ in 0..100 {
            if cloud.parameter(name).await.expect("an answer").as_deref() == Some(&image.0) {
                return;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        panic!("{name} does not become {}", image.0);
    };
    let change = |image: &ImageId, before: Option<&ImageId>| ParameterChange {
        name: name.to_owned(),
        image: image.clone(),
        before: before.map(|image| image.0.clone()),
    };
    assert_eq!(cloud.parameter(name).await.expect("an answer"), None);
    let made = change(&first, None);
    for _ in 0..2 {
        let set = cloud.set_parameter(&owner("build-1"), &made).await;
        set.expect("made, and the same when it is asked for again");
        becomes(&first).await;
    }

    let changed = change(&second, Some(&first));
    let set = cloud.set_parameter(&owner("build-2"), &changed).await;
    set.expect("changed");
    becomes(&second).await;

    // Taken back by what was written down before the change, and only where nobody else has changed it.
    let resource = |change: &ParameterChange| Resource {
        build: "build-2".to_owned(),
        kind: ResourceKind::Parameter,
        id: change.to_string(),
    };
    cloud.release(&resource(&made)).await.expect("left alone");
    becomes(&second).await;
    cloud.release(&resource(&changed)).await.expect("restored");
    becomes(&first).await;

    // SSM answers 200 and never makes it the value.
    let missing = change(&ImageId("ami-0123456789abcdef0".to_owned()), Some(&first));
    let set = cloud.set_parameter(&owner("build-3"), &missing).await;
    set.expect("taken");
    tokio::time::sleep(Duration::from_millis(500)).await;
    becomes(&first).await;
    cloud.release(&resource(&made)).await.expect("removed");
    for _ in 0..100 {
        if cloud.parameter(name).await.expect("an answer").is_none() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("{name} is still there");
}

#[tokio::test]
async fn only_what_is_published_is_current() {
    let account = Account::new();
    let cloud = &account.cloud;
    let current = async || cloud.current_image("f1").await.expect("an answer");
    let request = capture(account.builder(&[(0, b"text")]).await, "build-1");
    let image = cloud.capture(&request).await.expect("an image");
    account.available(&account.ec2, &image.0).await;
    assert!(current().await.is_none());
    for (state, fingerprint, expected) in [
        (PublicState::Publishing, "f1", false),
        (PublicState::Published, "f2", false),
        (PublicState::Published, "f1", true),
    ] {
        let set = cloud.set_state(&image, state, fingerprint).await;
        set.expect("tagged");
        let found = current().await;
        assert_eq!(found.is_some(), expected, "{state:?} {fingerprint}");
        assert!(found.is_none_or(|found| found.location == image.0));
    }
    let owner = owner("build-1");
    cloud.withdraw(&image, &owner).await.expect("withdrawn");
    assert!(current().await.is_none());
}

#[tokio::test]
async fn older_images_go_unless_somebody_needs_them() {
    let account = Account::new();
    let (cloud, ec2) = (&account.cloud, &account.ec2);
    let mut images = Vec::new();
    for build in ["free", "used", "protected", "shared", "borrowed"] {
        let mut request = capture(account.builder(&[(0, b"text")]).await, build);
        request.owner = owner(build);
        let image = cloud.capture(&request).await.expect("an image");
        account.available(ec2, &image.0).await;
        cloud
            .set_state(&image, PublicState::Published, "f1")
            .await
            .expect("published");
        images.push(image.0);
    }
    let [free, used, protected, shared, borrowed] = &images[..] else {
        panic!("five");
    };
    let run = ec2
        .run_instances()
        .image_id(used)
        .instance_type("m7i.large".into());
    run.min_count(1)
        .max_count(1)
        .send()
        .await
        .expect("an instance");
    let protect = ec2
        .enable_image_deregistration_protection()
        .image_id(protected);
    protect.send().await.expect("protected");
    let of = async |image: &str| snapshot(&described(ec2, image).await).to_owned();
    let share = ec2
        .modify_snapshot_attribute()
        .snapshot_id(of(shared).await);
    let share = share
        .attribute("createVolumePermission".into())
        .operation_type("add".into())
        .user_ids("111122223333");
    share.send().await.expect("shared");
    let mappings = described(ec2, borrowed).await.block_device_mappings;
    let borrow = ec2
        .register_image()
        .name("borrower")
        .architecture("x86_64".into());
    let borrow = borrow
        .root_device_name("/dev/xvda")
        .set_block_device_mappings(mappings);
    borrow.send().await.expect("another image");

    let older = cloud
        .older_images(&owner("this-build"), None)
        .await
        .expect("a list");
    let reason = |id: &str| {
        let image: &OlderImage = older
            .iter()
            .find(|one| one.id.0 == id)
            .expect("it is listed");
        image.stays.clone().unwrap_or_default()
    };
    assert_eq!(older.len(), 5);
    assert_eq!(reason(free), "");
    assert!(reason(used).contains("runs from it"), "{}", reason(used));
    assert!(
        reason(protected).contains("protected"),
        "{}",
        reason(protected)
    );
    assert!(reason(shared).contains("is shared"), "{}", reason(shared));
    assert!(
        reason(borrowed).contains("uses its snapshot"),
        "{}",
        reason(borrowed)
    );
    let own = cloud
        .older_images(&owner("free"), None)
        .await
        .expect("a list");
    assert_eq!(own.len(), 4);

    let disk = of(free).await;
    let free = ImageId(free.clone());
    cloud.retire(&free).await.expect("gone");
    cloud.retire(&free).await.expect("gone already");
    let left = ec2.describe_snapshots().snapshot_ids(disk).send().await;
    assert!(left.is_err(), "{left:?}");
    assert_eq!(
        cloud
            .older_images(&owner("this-build"), None)
            .await
            .expect("a list")
            .len(),
        4
    );
}
