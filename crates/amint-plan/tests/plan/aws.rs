//! Plans for AWS.

use amint_plan::{Base, BuildPlan, InstanceProfile, Machine, PlanError, Target, resolve};

use super::support::{BUILD, recipe, recipe_at, with};

const AWS: &str =
    "amint: 1\nname: test\nversion: 1.0.0\nbase: { aws: { id: ami-0123456789abcdef0 } }\n";

fn plan(lines: &str) -> BuildPlan {
    resolve(&recipe(&format!("{AWS}{lines}")), Target::Aws, BUILD).unwrap()
}

#[test]
fn every_way_to_find_a_base_image_is_planned() {
    for (written, expected) in [
        (
            "{ id: ami-0123456789abcdef0 }",
            Base::AwsId {
                id: "ami-0123456789abcdef0".into(),
            },
        ),
        (
            "{ ssm-parameter: /aws/service/x }",
            Base::AwsParameter {
                name: "/aws/service/x".into(),
            },
        ),
        (
            "{ owner: amazon, name: 'al2023-*' }",
            Base::AwsNewest {
                owner: "amazon".into(),
                name: "al2023-*".into(),
            },
        ),
    ] {
        let text = AWS.replace("{ id: ami-0123456789abcdef0 }", written);
        let plan = resolve(&recipe(&text), Target::Aws, BUILD).unwrap();
        assert_eq!(plan.base, expected);
    }
}

#[test]
fn defaults_are_resolved() {
    let plan = plan("");
    let json = serde_json::to_value(&plan).unwrap();
    assert_eq!(
        json["builder"],
        serde_json::json!({
            "timeout-seconds": 3600,
            "machine": { "aws": {
                "region": "us-east-1",
                "instance-types": ["m7i.large", "m6i.large", "m5.large"],
                "instance-profile": { "named": "amint-builder" },
                "root-volume": { "kind": "gp3" },
            } },
        })
    );
    assert_eq!(json["image"]["imds-v2"], true);
    assert_eq!(json["image"].get("publish"), None);
    assert_eq!(serde_json::from_value::<BuildPlan>(json).unwrap(), plan);
}

#[test]
fn all_that_the_recipe_says_is_planned() {
    let recipe = recipe_at("fixtures/recipes/valid/everything.yaml");
    let plan = resolve(&recipe, Target::Aws, BUILD).unwrap();
    let json = serde_json::to_value(&plan).unwrap();
    let parts = serde_json::json!({
        "base": json["base"],
        "builder": json["builder"],
        "image": json["image"],
    });
    insta::assert_snapshot!(
        "everything_on_aws",
        serde_json::to_string_pretty(&parts).unwrap()
    );
    // The contents of files are left out of every written form.
    let read: BuildPlan = serde_json::from_value(json.clone()).unwrap();
    assert_eq!(serde_json::to_value(&read).unwrap(), json);
}

#[test]
fn a_temporary_instance_profile_may_be_bounded() {
    let arn = "arn:aws:iam::123456789012:policy/x";
    for (boundary, lines) in [
        (None, "{}".to_owned()),
        (Some(arn), format!("{{ permissions-boundary: '{arn}' }}")),
    ] {
        let plan = plan(&format!(
            "builder: {{ temporary-instance-profile: {lines} }}\n"
        ));
        let Machine::Aws(machine) = &plan.builder.machine else {
            panic!("a machine on AWS")
        };
        let expected = InstanceProfile::Temporary {
            permissions_boundary: boundary.map(str::to_owned),
        };
        assert_eq!(machine.instance_profile, expected);
        let json = serde_json::to_value(&plan).unwrap();
        assert_eq!(serde_json::from_value::<BuildPlan>(json).unwrap(), plan);
    }
}

#[test]
fn the_parameter_is_rendered_for_the_build() {
    let plan = plan("image: { ssm-parameter: '/images/{{name}}/{{build.id}}' }\n");
    let parameter = plan.image.publish.parameter.unwrap();
    assert_eq!(parameter, format!("/images/test/{BUILD}"));
}

#[test]
fn a_recipe_for_this_machine_alone_has_no_plan_on_aws() {
    let error = resolve(&recipe(&with("")), Target::Aws, BUILD).unwrap_err();
    assert!(matches!(error, PlanError::NoAwsBase));
    assert_eq!(error.to_string(), "the recipe has no base image for AWS");
    assert!(error.hint().unwrap().contains("aws"));
}

#[test]
fn a_plan_for_this_machine_says_nothing_about_aws() {
    let everything = recipe_at("fixtures/recipes/valid/everything.yaml");
    let plan = resolve(&everything, Target::Local, BUILD).unwrap();
    assert!(matches!(plan.builder.machine, Machine::Local(_)));
    let json = serde_json::to_value(&plan).unwrap();
    assert_eq!(
        json["builder"],
        serde_json::json!({
            "timeout-seconds": 5400,
            "machine": { "local": { "vcpus": 4, "memory-mib": 2048, "network": false } },
        })
    );
    let keys: Vec<_> = json["image"].as_object().unwrap().keys().collect();
    assert_eq!(keys, ["description", "name", "tags"]);
}

#[test]
fn targets_have_digests_of_their_own_and_all_that_is_done_counts() {
    let base = "amint: 1\nname: test\nversion: 1.0.0\n\
                base: { local: { debian: bookworm }, aws: { owner: self, name: x } }\n";
    let local = resolve(&recipe(base), Target::Local, BUILD).unwrap().digest;
    let mut digests = vec![local.clone()];
    for lines in [
        "",
        "builder: { region: eu-west-1 }\n",
        "builder: { instance-types: [m7i.large] }\n",
        "builder: { root-volume: { size: 9 } }\n",
        "builder: { temporary-instance-profile: {} }\n",
        "builder: { tags: { a: b } }\n",
        "builder: { bucket: abc }\n",
        "image: { copy-to: [eu-west-1] }\n",
        "image: { share-with: { accounts: ['123456789012'] } }\n",
        "image: { deprecate-after: 1d }\n",
        "image: { ssm-parameter: /a }\n",
        "image: { keep-last: 1 }\n",
    ] {
        let recipe = recipe(&format!("{base}{lines}"));
        digests.push(resolve(&recipe, Target::Aws, BUILD).unwrap().digest);
        // What only concerns AWS does not change what is made here.
        let here = resolve(&recipe, Target::Local, BUILD).unwrap().digest;
        assert_eq!(here, local, "{lines}");
    }
    let distinct: std::collections::BTreeSet<_> = digests.iter().collect();
    assert_eq!(distinct.len(), digests.len());
}

#[test]
fn a_large_file_needs_a_bucket() {
    let size = (1 << 20) + 1;
    let text = |lines: &str| {
        // Half a line more than fits into a recipe cannot be written there: the variable doubles it.
        let half = "x".repeat(size / 2);
        format!(
            "{AWS}variables: {{ half: {half} }}\nsteps:\n  \
             - file: {{ content: '{{{{half}}}}{{{{half}}}}y', to: /opt/large }}\n{lines}"
        )
    };
    let error = resolve(&recipe(&text("")), Target::Aws, BUILD).unwrap_err();
    assert!(matches!(&error, PlanError::FileNeedsBucket { .. }));
    assert_eq!(
        error.to_string(),
        "`/opt/large` has 1048577 bytes, and without `builder.bucket` a file on AWS may have 1048576"
    );
    assert!(error.hint().unwrap().contains("builder.bucket"));

    let with_bucket = text("builder: { bucket: my-bucket }\n");
    assert!(resolve(&recipe(&with_bucket), Target::Aws, BUILD).is_ok());
    let just_fits = text("").replace("}}y'", "}}'");
    assert!(resolve(&recipe(&just_fits), Target::Aws, BUILD).is_ok());
    let here = text("").replace(
        "{ aws: { id: ami-0123456789abcdef0 } }",
        "{ local: { debian: bookworm } }",
    );
    assert!(resolve(&recipe(&here), Target::Local, BUILD).is_ok());
}
