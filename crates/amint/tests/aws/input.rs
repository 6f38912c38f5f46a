//! What is asked for and cannot be: one sentence that names it, the way out, a code of its own, and nothing made.

use serde_json::json;

use crate::account::Account;
use crate::command::{Folder, Ran};
use crate::recipes::{ARM, BASE, PUBLISHED, Recipe};

/// Builds what cannot be built in this account.
fn refused(account: &Account, recipe: &Recipe<'_>, code: i32, says: &[&str]) -> Ran {
    let folder = Folder::new();
    let ran = folder.build(account, &recipe.text(), &[]);
    ran.exits(code).says(says).is_readable();
    account.assert_only(&[]);
    assert!(account.resources().all("us-east-1", "instances").is_empty());
    assert!(!folder.path("out").exists());
    ran
}

fn builder(lines: &str) -> Recipe<'_> {
    Recipe {
        builder: lines,
        ..Recipe::default()
    }
}

fn base(aws: &str) -> Recipe<'_> {
    Recipe {
        base: aws,
        ..Recipe::default()
    }
}

#[test]
fn without_credentials() {
    let (account, folder) = (Account::new(), Folder::new());
    folder.write("recipe.yaml", Recipe::default().text());
    let mut command = folder.bare(&["build", "recipe.yaml"]);
    let ran = folder.run(command.env("AWS_ENDPOINT_URL", account.endpoint()));
    ran.exits(11)
        .says(&["no usable AWS credentials", "hint: sign in"])
        .is_readable();
    assert!(account.actions().is_empty(), "{:?}", account.actions());
}

#[test]
fn with_a_profile_that_is_not_configured() {
    let (account, folder) = (Account::new(), Folder::new());
    folder.write("recipe.yaml", Recipe::default().text());
    let mut command = folder.bare(&["build", "recipe.yaml"]);
    command.env("AWS_ENDPOINT_URL", account.endpoint());
    let ran = folder.run(command.env("AWS_PROFILE", "nobody"));
    ran.exits(11)
        .says(&["no usable AWS credentials", "AWS_PROFILE"])
        .is_readable();
}

#[test]
fn with_credentials_that_are_wrong() {
    let account = Account::new();
    account.set(
        "faults",
        &json!([{"action": "GetCallerIdentity", "kind": "error", "occurrence": "always", "status": 403,
            "code": "InvalidClientTokenId", "message": "The security token included in the request is invalid."}]),
    );
    let says = ["InvalidClientTokenId", "hint: sign in again"];
    refused(&account, &Recipe::default(), 11, &says);
}

#[test]
fn where_nobody_answers() {
    let (account, folder) = (Account::new(), Folder::new());
    folder.write("recipe.yaml", Recipe::default().text());
    let mut command = folder.command(&account, &["build", "recipe.yaml"]);
    let ran = folder.run(command.env("AWS_ENDPOINT_URL", "http://127.0.0.1:1"));
    ran.exits(4)
        .says(&["AWS could not be reached", "AWS_ENDPOINT_URL"])
        .is_readable();
}

#[test]
fn in_regions_that_are_none() {
    let account = Account::new();
    let recipe = builder("  region: us-esat-1");
    refused(&account, &recipe, 4, &["`us-esat-1`", "hint: "]);
    let recipe = Recipe {
        image: "  name: trial\n  copy-to: [us-west-9]",
        ..Recipe::default()
    };
    refused(
        &account,
        &recipe,
        3,
        &["`us-west-9`", "hint: correct `image.copy-to`"],
    );
}

#[test]
fn without_the_permissions_every_missing_one_is_named() {
    let account = Account::new();
    let denied = [
        "ec2:RunInstances",
        "ec2:CreateImage",
        "ec2:RegisterImage",
        "ec2:CopyImage",
        "ssm:SendCommand",
        "ssm:PutParameter",
        "ebs:StartSnapshot",
        "ebs:GetSnapshotBlock",
        "ec2:TerminateInstances",
    ];
    account.set("deny", &json!({ "actions": denied }));
    let recipe = Recipe {
        image: PUBLISHED,
        ..Recipe::default()
    };
    let mut says = denied.to_vec();
    says.push("hint: `amint iam RECIPE` prints the policy");
    refused(&account, &recipe, 11, &says);
}

#[test]
fn from_base_images_that_are_not_there() {
    let account = Account::new();
    for (aws, says) in [
        (
            "{ id: ami-0123456789abcdef0 }",
            ["ami-0123456789abcdef0", "hint: ids differ by region"],
        ),
        (
            "{ ssm-parameter: /aws/service/nothing }",
            ["/aws/service/nothing", "hint: list the public ones"],
        ),
        (
            "{ owner: amazon, name: \"nothing-like-it-*\" }",
            ["nothing-like-it-*", "hint: `owner` is an account's number"],
        ),
    ] {
        refused(&account, &base(aws), 12, &says);
    }
}

#[test]
fn on_a_type_that_the_base_does_not_fit() {
    let account = Account::new();
    let arm = format!("{{ id: {ARM} }}");
    let recipe = Recipe {
        base: &arm,
        builder: "  instance-types: [m7i.large]",
        ..Recipe::default()
    };
    refused(&account, &recipe, 3, &["m7i.large", "arm64", "m7g.large"]);
    let recipe = builder("  instance-types: [m7g.large]");
    refused(&account, &recipe, 3, &["m7g.large", "x86_64", "m7i.large"]);
    let recipe = builder("  instance-types: [m99.huge]");
    refused(&account, &recipe, 5, &["m99.huge", "hint: correct"]);
}

#[test]
fn under_a_name_that_is_taken() {
    let (account, folder) = (Account::new(), Folder::new());
    let copy = json!({"SourceImageId": BASE, "SourceRegion": "us-east-1", "Name": "trial-1"});
    let made = account.boto3("ec2", "copy_image", copy);
    let recipe = Recipe {
        image: "  name: trial-1",
        ..Recipe::default()
    };
    let taken = made["ImageId"].as_str().unwrap();
    let ran = folder.build(&account, &recipe.text(), &[]);
    ran.exits(13)
        .says(&["trial-1", taken, "hint: raise `version`"])
        .is_readable();
    account.assert_only(&["images in us-east-1", "snapshots in us-east-1"]);
}

#[test]
fn in_an_account_that_encrypts_everything() {
    let account = Account::new();
    account.set("settings", &json!({"ebs_encryption": true}));
    let says = [
        "EBS encryption by default is on in us-east-1",
        "hint: `aws ec2 disable-ebs-encryption-by-default --region us-east-1`",
    ];
    refused(&account, &Recipe::default(), 3, &says);
}

#[test]
fn without_a_default_vpc() {
    let account = Account::new();
    let vpcs = account.boto3("ec2", "describe_vpcs", json!({}));
    let vpc = &vpcs["Vpcs"][0]["VpcId"];
    let filter = json!({"Filters": [{"Name": "vpc-id", "Values": [vpc]}]});
    let subnets = account.boto3("ec2", "describe_subnets", filter);
    for subnet in subnets["Subnets"].as_array().unwrap() {
        let which = json!({"SubnetId": subnet["SubnetId"]});
        account.boto3("ec2", "delete_subnet", which);
    }
    account.boto3("ec2", "delete_vpc", json!({ "VpcId": vpc }));
    let says = [
        "there is no default VPC in us-east-1",
        "hint: name one in `builder.subnets`",
    ];
    refused(&account, &Recipe::default(), 12, &says);
}

#[test]
fn with_a_profile_or_subnet_that_is_not_there() {
    let account = Account::new();
    let recipe = builder("  instance-profile: nobody-made-it");
    refused(&account, &recipe, 12, &["`nobody-made-it`", "amint iam"]);
    let recipe = builder("  subnets: [subnet-0123456789abcdef0]");
    refused(
        &account,
        &recipe,
        12,
        &["subnet-0123456789abcdef0", "hint: correct"],
    );
}

#[test]
fn of_many_problems_none_is_kept_back() {
    let account = Account::new();
    account.set("settings", &json!({"ebs_encryption": true}));
    account.set("deny", &json!({"actions": ["ssm:SendCommand"]}));
    let recipe = Recipe {
        base: "{ id: ami-0123456789abcdef0 }",
        builder: "  instance-profile: nobody-made-it\n  subnets: [subnet-0123456789abcdef0]",
        image: "  name: trial\n  copy-to: [us-west-9]",
        ..Recipe::default()
    };
    let folder = Folder::new();
    let ran = folder.build(&account, &recipe.text(), &[]);
    let named = [
        "ami-0123456789abcdef0",
        "nobody-made-it",
        "subnet-0123456789abcdef0",
        "us-west-9",
        "EBS encryption by default",
        "ssm:SendCommand",
        "6 things are in the way",
    ];
    ran.says(&named).is_readable();
    let hints = ran.stderr.lines().filter(|l| l.starts_with("  hint: "));
    assert_eq!(hints.count(), 6, "{}", ran.stderr);
    assert_ne!(ran.code, 0);
    account.assert_only(&[]);
}

#[test]
fn on_spot_or_with_two_profiles_no_call_is_made() {
    let account = Account::new();
    for (lines, says) in [
        ("  spot: true", "a Spot instance cannot be sealed"),
        (
            "  instance-profile: one\n  temporary-instance-profile: {}",
            "cannot be given together",
        ),
    ] {
        let folder = Folder::new();
        folder.write("recipe.yaml", builder(lines).text());
        for command in ["validate", "build"] {
            let mut command = folder.command(&account, &[command, "recipe.yaml"]);
            folder.run(&mut command).exits(3).says(&[says]);
        }
    }
    assert!(account.actions().is_empty(), "{:?}", account.actions());
}

#[test]
fn a_large_file_needs_a_bucket() {
    let (account, folder) = (Account::new(), Folder::new());
    folder.write("large.bin", vec![b'x'; (1 << 20) + 1]);
    let recipe = Recipe {
        steps: "  - file: { name: large, from: large.bin, to: /opt/large.bin }",
        ..Recipe::default()
    };
    let ran = folder.build(&account, &recipe.text(), &[]);
    ran.exits(3)
        .says(&["large", "`builder.bucket`"])
        .is_readable();
    account.assert_only(&[]);
}
