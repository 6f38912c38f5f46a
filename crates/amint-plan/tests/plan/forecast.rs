//! What plans lead to.

use amint_plan::forecast::cost::sum;
use amint_plan::forecast::{Lifetime, cost, minutes, resources, total_minutes};
use amint_plan::{BuildPlan, Target, resolve};

use super::support::{BUILD, recipe, recipe_at, with};

const AWS: &str =
    "amint: 1\nname: test\nversion: 1.0.0\nbase: { aws: { id: ami-0123456789abcdef0 } }\n";

fn aws(lines: &str) -> BuildPlan {
    resolve(&recipe(&format!("{AWS}{lines}")), Target::Aws, BUILD).unwrap()
}

fn kinds(plan: &BuildPlan, lifetime: Lifetime) -> Vec<&'static str> {
    let all = resources(plan).into_iter();
    let fitting = all.filter(|one| one.lifetime == lifetime);
    fitting.map(|one| one.kind).collect()
}

#[test]
fn what_is_made_follows_from_the_plan() {
    let least = aws("");
    assert_eq!(
        kinds(&least, Lifetime::Build),
        ["security group", "instance", "root volume", "first image"]
    );
    assert_eq!(kinds(&least, Lifetime::Stays), ["image", "manifest"]);

    let everything = recipe_at("fixtures/recipes/valid/everything.yaml");
    let most = resolve(&everything, Target::Aws, BUILD).unwrap();
    let made = kinds(&most, Lifetime::Build);
    assert!(made.contains(&"volume"), "{made:?}");
    let stays = kinds(&most, Lifetime::Stays);
    for kind in ["copy of the image", "SSM parameter", "log streams"] {
        assert!(stays.contains(&kind), "{kind}: {stays:?}");
    }

    let own = aws(
        "builder: { security-groups: [sg-0123456789abcdef0], temporary-instance-profile: {} }\n",
    );
    assert_eq!(
        kinds(&own, Lifetime::Build),
        [
            "IAM role",
            "instance profile",
            "instance",
            "root volume",
            "first image"
        ]
    );
    let here = resolve(&recipe(&with("")), Target::Local, BUILD).unwrap();
    assert_eq!(kinds(&here, Lifetime::Build), ["QEMU machine", "disk"]);
}

#[test]
fn steps_and_copies_take_time() {
    let total = |lines: &str| total_minutes(&minutes(&aws(lines)));
    let least = total("");
    assert!(least > 1.0, "{least}");
    assert!(total("steps: [{ upgrade-packages: {} }]\n") > least);
    assert!(total("image: { copy-to: [eu-west-1] }\n") > least);
    // No step takes longer than it may.
    let short = total("steps: [{ upgrade-packages: { timeout: 6s } }]\n");
    assert!((short - least - 0.1).abs() < 1e-9, "{short} {least}");
    let here = resolve(&recipe(&with("")), Target::Local, BUILD).unwrap();
    assert!(total_minutes(&minutes(&here)) < least);
}

#[test]
fn what_is_not_known_is_not_guessed() {
    let unknown = |plan: &BuildPlan, gib| {
        let cost = cost(plan, &minutes(plan), gib).unwrap();
        let items = cost.build.into_iter().chain(cost.month);
        let why = items.filter_map(|one| one.unknown);
        why.collect::<std::collections::BTreeSet<_>>()
            .into_iter()
            .collect::<Vec<_>>()
    };
    assert_eq!(unknown(&aws(""), Some(8)), [""; 0]);
    assert_eq!(
        unknown(&aws("builder: { root-volume: { size: 8 } }\n"), None),
        [""; 0]
    );
    assert_eq!(
        unknown(&aws(""), None),
        ["the size of the base image's disk is not known"]
    );
    assert_eq!(
        unknown(&aws("builder: { instance-types: [m99.large] }\n"), Some(8)),
        ["no price for m99.large"]
    );
    assert_eq!(
        unknown(&aws("builder: { region: eu-west-1 }\n"), Some(8)),
        ["no prices for eu-west-1"]
    );
    let here = resolve(&recipe(&with("")), Target::Local, BUILD).unwrap();
    assert_eq!(cost(&here, &minutes(&here), Some(8)), None);
}

#[test]
fn more_costs_more() {
    let total = |lines: &str| {
        let plan = aws(lines);
        let (dollars, all) = sum(&cost(&plan, &minutes(&plan), Some(8)).unwrap().build);
        assert!(all, "{lines}");
        dollars
    };
    let least = total("");
    // A builder of ten cents an hour for some minutes, and a few thousand blocks.
    assert!((0.01..0.10).contains(&least), "{least}");
    assert!(total("builder: { instance-types: [m7i.4xlarge] }\n") > least);
    assert!(total("builder: { root-volume: { size: 100 } }\n") > least);
    assert!(total("builder: { volumes: [{ device: /dev/sdf, size: 50 }] }\n") > least);
    assert!(total("steps: [{ reboot: {} }]\n") > least);
}
