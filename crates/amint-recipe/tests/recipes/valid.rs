//! Recipes that are right.

use std::time::Duration;

use amint_recipe::recipe::{
    Action, AwsBase, AwsBuilder, Content, InstanceProfile, LocalBase, Publish, Script, VolumeKind,
};

use super::support::{expand_at, parse_at, parse_text, recipes_in, with, workspace};

#[test]
fn every_recipe_of_the_project_is_valid_and_without_warnings() {
    let mut paths = recipes_in("recipes");
    paths.extend(recipes_in("fixtures/recipes/valid"));
    paths.push(workspace("fixtures/recipes/leaky.yaml"));
    for path in paths {
        match expand_at(&path) {
            Ok(recipes) => assert_eq!(recipes[0].warnings.render(false), "", "{path:?}"),
            Err(diagnostics) => panic!("{}", diagnostics.render(false)),
        }
    }
}

#[test]
fn defaults_fill_what_is_not_said() {
    let recipe = parse_at(&workspace("fixtures/recipes/valid/minimal.yaml"))
        .1
        .unwrap();
    assert_eq!(
        recipe.base.local,
        Some(LocalBase::Debian("bookworm".into()))
    );
    assert_eq!((recipe.builder.vcpus, recipe.builder.memory_mib), (2, 1024));
    assert!(recipe.builder.network);
    assert_eq!(recipe.builder.timeout, Duration::from_secs(3600));
    assert_eq!(recipe.seal.profiles, ["marketplace-linux"]);
    assert_eq!(
        recipe.image.name.template(),
        "{{name}}-{{version}}-{{build.id}}"
    );
    assert!(recipe.steps.is_empty());
    let aws = &recipe.builder.aws;
    assert_eq!(*aws, AwsBuilder::default());
    assert_eq!(aws.region, "us-east-1");
    assert_eq!(
        aws.instance_profile,
        InstanceProfile::Named("amint-builder".into())
    );
    assert_eq!(aws.root_volume.kind, VolumeKind::Gp3);
    assert_eq!(recipe.image.publish, Publish::default());
}

#[test]
fn short_forms_mean_the_same() {
    let recipe = parse_at(&workspace("fixtures/recipes/valid/short-forms.yaml"))
        .1
        .unwrap();
    assert_eq!(recipe.version, "1.10");
    assert_eq!(recipe.variables["port"], "8080");
    let Some(LocalBase::Image { path, sha256 }) = &recipe.base.local else {
        panic!("an image")
    };
    assert!(path.is_absolute() && path.ends_with("fixtures/recipes/valid/base.qcow2"));
    assert!(sha256.starts_with("9f86d081"));
    let kinds: Vec<_> = recipe.steps.iter().map(|step| step.action.kind()).collect();
    assert_eq!(
        kinds,
        [
            "upgrade-packages",
            "install-packages",
            "reboot",
            "shell",
            "file"
        ]
    );
    let names: Vec<_> = recipe.steps.iter().map(|step| step.name.as_str()).collect();
    assert_eq!(
        names,
        [
            "upgrade-packages-1",
            "install-packages-2",
            "reboot-3",
            "shell-4",
            "file-5"
        ]
    );
}

#[test]
fn all_that_a_recipe_says_is_kept() {
    let recipe = parse_at(&workspace("fixtures/recipes/valid/everything.yaml"))
        .1
        .unwrap();
    assert!(matches!(recipe.base.aws, Some(AwsBase::SsmParameter(_))));
    assert_eq!(recipe.builder.timeout, Duration::from_secs(5400));
    assert!(!recipe.builder.network);
    assert_eq!(recipe.steps[3].timeout, Some(Duration::from_secs(90)));
    let Action::Shell(Script::File { text, .. }) = &recipe.steps[4].action else {
        panic!("a script")
    };
    assert!(text.contains("{{this}} stays"));
    let Action::File(file) = &recipe.steps[5].action else {
        panic!("a file")
    };
    assert_eq!(
        (file.mode, file.owner.as_deref(), file.group.as_deref()),
        (0o640, Some("root"), Some("0"))
    );
    let Action::File(file) = &recipe.steps[6].action else {
        panic!("a file")
    };
    let Content::File { bytes, .. } = &file.content else {
        panic!("a file's content")
    };
    assert_eq!(
        (file.mode, &bytes[..]),
        (0o644, b"\0\x01\xff\xfeamint\n".as_slice())
    );
    assert_eq!(recipe.waivers[0].expires, "2030-01-31");
}

#[test]
fn all_that_a_recipe_says_about_aws_is_kept() {
    let path = workspace("fixtures/recipes/valid/everything.yaml");
    let recipe = parse_at(&path).1.unwrap();
    let aws = &recipe.builder.aws;
    assert_eq!(aws.instance_types, ["m7i.large", "m6i.large"]);
    assert_eq!(aws.subnets[1], "subnet-0123456789abcdef1");
    assert_eq!(aws.security_groups, ["sg-0123456789abcdef0"]);
    let root = &aws.root_volume;
    assert_eq!(
        (root.size_gib, root.iops, root.throughput),
        (Some(16), Some(4000), Some(250))
    );
    assert_eq!(
        (aws.volumes[0].device.as_str(), aws.volumes[0].size_gib),
        ("/dev/sdf", 100)
    );
    assert_eq!(aws.tags["channel"], "stable");
    assert!(aws.agent.as_ref().unwrap().remove);
    assert_eq!(aws.bucket.as_deref(), Some("my-bucket"));
    assert_eq!(aws.log_group.as_deref(), Some("/amint/builds"));
    let publish = &recipe.image.publish;
    assert_eq!(publish.copy_to, ["eu-west-1", "us-gov-west-1"]);
    assert_eq!(publish.share_with.accounts, ["012345678901"]);
    assert_eq!(publish.share_with.organizations.len(), 1);
    assert_eq!(publish.share_with.organizational_units.len(), 1);
    assert_eq!(
        publish.deprecate_after,
        Some(Duration::from_secs(180 * 86_400))
    );
    assert_eq!(
        publish.parameter.as_ref().unwrap().template(),
        "/images/{{name}}/latest"
    );
    assert_eq!(publish.keep_last, Some(3));
}

#[test]
fn a_temporary_instance_profile_needs_no_boundary() {
    for (lines, boundary) in [
        ("{}", None),
        ("", None),
        (
            "{ permissions-boundary: 'arn:aws:iam::123456789012:policy/x' }",
            Some("arn:aws:iam::123456789012:policy/x"),
        ),
    ] {
        let text = with(&format!(
            "builder:\n  temporary-instance-profile: {lines}\n"
        ));
        let recipe = parse_text(&text, &[]).1.unwrap();
        let expected = InstanceProfile::Temporary {
            permissions_boundary: boundary.map(str::to_owned),
        };
        assert_eq!(recipe.builder.aws.instance_profile, expected, "{lines}");
    }
}

#[test]
fn values_for_aws_may_be_variables() {
    let text = with(
        "variables: { region: us-east-1, account: '000000000001' }\n\
         builder: { region: '{{region}}' }\n\
         image: { copy-to: [us-west-2], share-with: { accounts: ['{{account}}'] } }\n",
    );
    let recipe = parse_text(&text, &[("region", "eu-west-1")]).1.unwrap();
    assert_eq!(recipe.builder.aws.region, "eu-west-1");
    assert_eq!(recipe.image.publish.share_with.accounts, ["000000000001"]);
    // The copy's Region is now the builder's own.
    assert!(parse_text(&text, &[("region", "us-west-2")]).1.is_err());
}

#[test]
fn overrides_replace_defaults() {
    let text = with("variables: { a: 1, b: { default: 2, pattern: '^[0-9]$' } }\n");
    let recipe = parse_text(&text, &[("b", "7")]).1.unwrap();
    assert_eq!(recipe.variables["a"], "1");
    assert_eq!(recipe.variables["b"], "7");
}
