//! Whole builds that succeed, and everything that can be seen of them from outside.

use std::process::Stdio;

use serde_json::{Value, json};

use crate::account::{Account, Inventory};
use crate::command::{Folder, lines};
use crate::recipes::{BASE, PUBLISHED, Recipe, TEMPORARY};

const HOME: &str = "us-east-1";
const AWAY: &str = "eu-west-1";

/// Lines of `builder` that ask for everything, with the instance profile that is there.
const BUILDER: &str = "  instance-types: [m7i.large, m6i.large]
  instance-profile: amint-builder
  timeout: 45m
  root-volume: { size: 10, iops: 4000, throughput: 250 }
  volumes: [{ device: /dev/sdf, size: 2 }]
  tags: { cost-center: \"4711\" }";

/// The calls of an action that were meant.
fn real<'a>(calls: &'a [Value], action: &str) -> Vec<&'a Value> {
    let is = |call: &&Value| call["action"] == action && call["params"]["DryRun"].is_null();
    calls.iter().filter(is).collect()
}

/// The tags that a call gives to what it makes.
fn tags_of(call: &Value) -> Vec<(String, String)> {
    let params = call["params"].as_object().unwrap();
    let keys = params.iter().filter(|(name, _)| {
        name.contains("Tag") && (name.ends_with(".Key") || name.ends_with("Key"))
    });
    let value = |name: &str| {
        params[&name.replace(".Key", ".Value")]
            .as_str()
            .unwrap()
            .to_owned()
    };
    keys.map(|(name, key)| (key.as_str().unwrap().to_owned(), value(name)))
        .collect()
}

/// What every resource bears from the call that creates it.
fn assert_tagged(call: &Value) {
    let tags = tags_of(call);
    for key in [
        "amint:build",
        "amint:recipe",
        "amint:state",
        "amint:expires",
    ] {
        assert!(tags.iter().any(|(k, _)| k == key), "{key} in {call}");
    }
}

fn assert_clean(snapshot: &Value) {
    assert_eq!(snapshot["Encrypted"], false, "{snapshot}");
    assert_eq!(snapshot["Tags"]["amint:state"], "published", "{snapshot}");
    assert!(snapshot["Tags"]["amint:expires"].is_null(), "{snapshot}");
}

fn assert_published(image: &Value) {
    assert_eq!(image["ImdsSupport"], "v2.0", "{image}");
    assert_eq!(image["EnaSupport"], true, "{image}");
    assert_eq!(image["Public"], false, "{image}");
    assert_eq!(image["Description"], "A trial.", "{image}");
    assert_eq!(image["Tags"]["team"], "images", "{image}");
    assert_eq!(image["Tags"]["amint:recipe"], "trial", "{image}");
    assert_eq!(image["Tags"]["amint:state"], "published", "{image}");
    assert!(image["Tags"]["amint:expires"].is_null(), "{image}");
    assert!(image["DeprecationTime"].is_string(), "{image}");
    let shared: Vec<&Value> = image["LaunchPermissions"]
        .as_array()
        .unwrap()
        .iter()
        .collect();
    assert_eq!(shared.len(), 3, "{image}");
    assert!(
        shared.iter().any(|one| one["UserId"] == "111122223333"),
        "{image}"
    );
    assert!(
        shared.iter().all(|one| one["Group"].is_null()),
        "never public: {image}"
    );
}

#[test]
fn everything_that_was_asked_for_is_made() {
    let (account, folder) = (Account::new(), Folder::new());
    let recipe = Recipe {
        builder: BUILDER,
        image: PUBLISHED,
        ..Recipe::default()
    };
    let ran = folder.build(&account, &recipe.text(), &[]);
    ran.exits(0);
    let calls = account.calls();
    let now = account.resources();

    the_builder(&now, &calls);
    let (id, image) = now.only(HOME, "images");
    assert_published(&image);
    let mappings = image["BlockDeviceMappings"].as_array().unwrap();
    assert_eq!(mappings.len(), 2, "{image}");
    let sizes: Vec<_> = mappings.iter().map(|m| &m["Ebs"]["VolumeSize"]).collect();
    assert_eq!(sizes, [10, 2], "{image}");
    let snapshots = now.all(HOME, "snapshots");
    assert_eq!(snapshots.len(), 2, "{snapshots:?}");
    snapshots.values().for_each(assert_clean);
    let (_, copy) = now.only(AWAY, "images");
    assert_published(&copy);
    let copies = now.all(AWAY, "snapshots");
    assert_eq!(copies.len(), 2);
    copies.values().for_each(assert_clean);
    let (name, parameter) = now.only(HOME, "parameters");
    assert_eq!(
        (name.as_str(), &parameter["Value"]),
        ("/images/trial", &json!(id))
    );
    account.assert_only(&[
        "images in eu-west-1",
        "snapshots in eu-west-1",
        "snapshots in eu-west-1",
        "images in us-east-1",
        "parameters in us-east-1",
        "snapshots in us-east-1",
        "snapshots in us-east-1",
    ]);

    assert!(
        ran.stdout.contains(&format!("image: {id}")),
        "{}",
        ran.stdout
    );
    let manifest = folder.manifest("trial").to_string();
    assert!(
        manifest.contains(&id) && manifest.contains(BASE),
        "{manifest}"
    );
    every_resource_is_tagged_when_it_is_made(&calls);
    it_is_shared_last(&calls);
}

/// As boto3 sees it afterwards, and as it was asked for.
fn the_builder(now: &Inventory, calls: &[Value]) {
    let (id, builder) = now.only(HOME, "instances");
    assert_eq!(builder["State"]["Name"], "terminated");
    assert_eq!(builder["MetadataOptions"]["HttpTokens"], "required");
    assert!(builder["KeyName"].is_null(), "{builder}");
    assert_eq!(builder["Tags"]["cost-center"], "4711", "{builder}");
    assert!(now.all(HOME, "key-pairs").is_empty());

    let launches = real(calls, "RunInstances");
    let [launch] = launches.as_slice() else {
        panic!("{} launches", launches.len());
    };
    let params = launch["params"].as_object().unwrap();
    assert!(params["ClientToken"].as_str().unwrap().len() <= 64);
    assert_eq!(params["InstanceInitiatedShutdownBehavior"], "terminate");
    assert_eq!(params["MetadataOptions.HttpTokens"], "required");
    assert_eq!(params["IamInstanceProfile.Name"], "amint-builder");
    assert!(!params.contains_key("KeyName") && !params.contains_key("InstanceMarketOptions"));
    for disk in 1..=2 {
        let kept = format!("BlockDeviceMapping.{disk}.Ebs.DeleteOnTermination");
        assert_eq!(params[&kept], "true", "{launch}");
    }
    assert_eq!(params["BlockDeviceMapping.1.Ebs.Throughput"], "250");
    // A script that begins with `shutdown -P`, in base64.
    let given = params["UserData"].as_str().unwrap();
    assert!(
        given.starts_with(
            "IyEvYmluL3NoCiMgYW1pbnQ6IHRoZSB0aW1lIG9mIHRoaXMgYnVpbGRlci4Kc2h1dGRvd24gLVAg"
        ),
        "{given}"
    );

    // Nobody comes in, and nobody stops it from outside.
    assert!(real(calls, "AuthorizeSecurityGroupIngress").is_empty());
    assert!(real(calls, "StopInstances").is_empty());
    let behaviors: Vec<_> = real(calls, "ModifyInstanceAttribute")
        .iter()
        .filter_map(|call| call["params"]["InstanceInitiatedShutdownBehavior.Value"].as_str())
        .collect();
    assert_eq!(behaviors.last(), Some(&"stop"), "{behaviors:?} of {id}");
    let position = |action: &str| calls.iter().rposition(|call| call["action"] == action);
    let stops = calls
        .iter()
        .position(|call| call["params"]["InstanceInitiatedShutdownBehavior.Value"] == "stop");
    let read_back = calls
        .iter()
        .rposition(|call| call["action"] == "DescribeInstanceAttribute");
    assert!(stops < read_back, "it is read back after the change");
    assert!(
        read_back < position("SendCommand"),
        "only the seal is sent after that"
    );
}

fn every_resource_is_tagged_when_it_is_made(calls: &[Value]) {
    for (action, kinds) in [
        (
            "RunInstances",
            ["instance", "volume", "network-interface"].as_slice(),
        ),
        ("CreateSecurityGroup", ["security-group"].as_slice()),
        ("CreateImage", ["image", "snapshot"].as_slice()),
        ("RegisterImage", ["image"].as_slice()),
        ("CopyImage", ["image", "snapshot"].as_slice()),
    ] {
        let made = real(calls, action);
        assert!(!made.is_empty(), "{action}");
        for call in made {
            assert_tagged(call);
            let params = call["params"].as_object().unwrap();
            let tagged: Vec<_> = params
                .iter()
                .filter(|(name, _)| name.ends_with(".ResourceType"))
                .map(|(_, kind)| kind.as_str().unwrap())
                .collect();
            assert_eq!(tagged, kinds, "{call}");
        }
    }
}

/// `publishing` before the first share and copy, `published` after the last.
fn it_is_shared_last(calls: &[Value]) {
    let position = |is: &dyn Fn(&Value) -> bool| calls.iter().position(is).expect("such a call");
    let state = |wanted: &'static str| {
        move |call: &Value| {
            call["action"] == "CreateTags"
                && call["params"]["Tag.1.Key"] == "amint:state"
                && call["params"]["Tag.1.Value"] == wanted
        }
    };
    let shares = |call: &Value| {
        let params = call["params"].as_object().unwrap();
        params
            .keys()
            .any(|key| key.starts_with("LaunchPermission."))
    };
    let publishing = position(&state("publishing"));
    let published = position(&state("published"));
    let first_share = position(&shares);
    let last_share = calls.iter().rposition(shares).unwrap();
    let last_block = calls
        .iter()
        .rposition(|call| call["action"] == "GetSnapshotBlock");
    let named = position(&|call| call["action"] == "PutParameter");
    assert!(last_block < Some(publishing), "the inspection comes first");
    assert!(publishing < position(&|call| call["action"] == "CopyImage"));
    assert!(publishing < first_share);
    assert!(last_share < published && named < published);
}

#[test]
fn a_temporary_profile_lives_as_long_as_the_build() {
    let (account, folder) = (Account::new(), Folder::new());
    account.set("lag", &json!({"iam": 0.3}));
    let recipe = Recipe {
        builder: TEMPORARY,
        ..Recipe::default()
    };
    folder.build(&account, &recipe.text(), &[]).exits(0);
    let calls = account.calls();
    for action in ["CreateRole", "CreateInstanceProfile"] {
        let made = real(&calls, action);
        let [call] = made.as_slice() else {
            panic!("{} × {action}", made.len());
        };
        assert_eq!(call["params"]["Path"], "/amint/");
        assert_tagged(call);
    }
    let boundary = &real(&calls, "CreateRole")[0]["params"]["PermissionsBoundary"];
    assert_eq!(boundary, "arn:aws:iam::123456789012:policy/boundary");
    account.assert_only(&["images in us-east-1", "snapshots in us-east-1"]);
}

#[test]
fn older_images_go_with_their_snapshots_and_those_in_use_stay() {
    let (account, folder) = (Account::new(), Folder::new());
    let recipe = Recipe {
        image: "  name: \"{{name}}-{{build.id}}\"\n  keep-last: 2",
        ..Recipe::default()
    };
    let build = || {
        let ran = folder.build(&account, &recipe.text(), &["--force"]);
        ran.exits(0);
        let image = ran
            .stdout
            .lines()
            .find_map(|line| line.strip_prefix("image: "));
        (image.unwrap().to_owned(), ran)
    };
    let (first, _) = build();
    // Ages are told by the second.
    std::thread::sleep(std::time::Duration::from_millis(1100));
    let (second, _) = build();
    assert_eq!(account.resources().all(HOME, "images").len(), 2);
    std::thread::sleep(std::time::Duration::from_millis(1100));
    let (third, ran) = build();
    let images = account.resources().all(HOME, "images");
    assert!(!images.contains_key(&first), "{}", ran.stderr);
    assert!(images.contains_key(&second) && images.contains_key(&third));
    assert_eq!(account.resources().all(HOME, "snapshots").len(), 2);
    // Retiring comes after the record, and after everything temporary has gone.
    let calls = account.actions();
    let last = |action: &str| calls.iter().rposition(|one| one == action);
    assert!(last("DeleteSecurityGroup") < last("DeregisterImage"));

    let run = json!({"ImageId": second, "InstanceType": "m7i.large", "MinCount": 1, "MaxCount": 1});
    account.boto3("ec2", "run_instances", run);
    std::thread::sleep(std::time::Duration::from_millis(1100));
    let (_, ran) = build();
    ran.says(&[&format!("{second} (trial-"), "stays: the instance i-"]);
    assert!(
        account
            .resources()
            .all(HOME, "images")
            .contains_key(&second)
    );
}

/// An id is in the journal before the next call is made, whatever that is: it may be one that never ends.
#[test]
fn an_id_is_journalled_before_anything_is_waited_for() {
    let (account, folder) = (Account::new(), Folder::new());
    let recipe = Recipe {
        builder: TEMPORARY,
        image: PUBLISHED,
        ..Recipe::default()
    };
    folder.write("recipe.yaml", recipe.text());
    let mut command = folder.command(&account, &["build", "recipe.yaml"]);
    let mut child = command.stderr(Stdio::null()).spawn().unwrap();
    let mut seen = std::collections::BTreeSet::new();
    while child.try_wait().unwrap().is_none() {
        let calls = account.calls();
        // Its folder is there before it is.
        let journal = folder.journals().pop().map(std::fs::read_to_string);
        let journal = lines_so_far(&journal.and_then(Result::ok).unwrap_or_default());
        for (action, kind) in [
            ("CreateSecurityGroup", "security-group"),
            ("RunInstances", "builder"),
            ("CreateImage", "image"),
            ("CopyImage", "image"),
        ] {
            let is = |call: &Value| {
                call["action"] == action
                    && call["params"]["DryRun"].is_null()
                    && call["status"].is_number()
            };
            let Some(at) = calls.iter().position(is) else {
                continue;
            };
            if at + 1 == calls.len() {
                continue;
            }
            let made = |call: &Value| match kind {
                "image" => ["CreateImage", "RegisterImage", "CopyImage"]
                    .iter()
                    .any(|one| call["action"] == *one),
                _ => is(call),
            };
            let expected = calls[..=at].iter().filter(|call| made(call)).count();
            let of_kind = |entry: &&Value| entry["record"] == "acquired" && entry["kind"] == kind;
            let acquired = journal.iter().filter(of_kind).count();
            assert!(acquired >= expected, "{action}: {journal:#?}");
            seen.insert(action);
        }
    }
    assert_eq!(child.wait().unwrap().code(), Some(0));
    assert!(seen.len() >= 4, "{seen:?}");
    let journal = folder.journal();
    let position = |record: &str, kind: &str| {
        journal
            .iter()
            .position(|entry| entry["record"] == record && entry["kind"] == kind)
    };
    for kind in [
        "role",
        "instance-profile",
        "security-group",
        "builder",
        "image",
        "snapshot",
    ] {
        let (intent, acquired) = (position("intent", kind), position("acquired", kind));
        assert!(
            intent.is_some() && intent < acquired,
            "{kind}: {journal:#?}"
        );
    }
    assert_eq!(journal.last().unwrap()["record"], "finished");
}

/// The last line may be half written.
fn lines_so_far(text: &str) -> Vec<Value> {
    let end = text.rfind('\n').map_or(0, |end| end + 1);
    lines(&text[..end])
}
