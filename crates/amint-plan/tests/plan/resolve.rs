//! What plans hold.

use amint_plan::{Action, Base, BuildPlan, PlanError, Target, resolve};

use super::support::{BUILD, plan, recipe, recipe_at, with};

fn outline(plan: &BuildPlan) -> String {
    let mut lines = Vec::new();
    for step in &plan.steps {
        lines.push(format!(
            "{} {} ({}, {} s)",
            step.index, step.name, step.kind, step.timeout_seconds
        ));
        for action in &step.actions {
            lines.push(match action {
                Action::Run { script } => {
                    format!("    run {:?}", script.lines().next().unwrap_or_default())
                }
                Action::Upload {
                    to,
                    owner,
                    group,
                    mode,
                    size,
                    ..
                } => {
                    format!("    upload {to} {mode:04o} {owner:?} {group:?} {size} bytes")
                }
                Action::Reboot => "    reboot".to_owned(),
            });
        }
    }
    lines.join("\n")
}

#[test]
fn steps_become_actions() {
    let plan = resolve(
        &recipe_at("fixtures/recipes/valid/everything.yaml"),
        Target::Local,
        BUILD,
    )
    .unwrap();
    insta::assert_snapshot!(outline(&plan), @r##"
    1 bring it up to date (upgrade-packages, 1200 s)
        run "#!/bin/sh"
    2 web server (install-packages, 600 s)
        run "#!/bin/sh"
    3 new kernel (reboot, 300 s)
        reboot
    4 say what this is (shell, 90 s)
        run "set -eu"
    5 from a script (shell, 60 s)
        run "set -eu"
    6 the configuration (file, 60 s)
        upload /etc/everything.conf 0640 Some("root") Some("0") 57 bytes
    7 file-7 (file, 1800 s)
        upload /opt/everything/blob 0644 None None 10 bytes
    8 admin-password (first-boot-secret, 60 s)
        upload /usr/libexec/amint/first-boot-secret 0755 None None 1262 bytes
        upload /etc/systemd/system/amint-first-boot-admin-password.service 0644 None None 494 bytes
        run "systemctl enable amint-first-boot-admin-password.service"
    "##);
    assert_eq!(
        plan.seal.profile,
        amint_harden::profile("marketplace-linux")
            .unwrap()
            .reference()
    );
    assert_eq!(plan.seal.application_logs, ["/opt/everything/logs"]);
    assert_eq!(plan.image.tags["channel"], "stable");
    assert_eq!(plan.builder.timeout_seconds, 5400);
}

#[test]
fn the_seal_lists_the_profile_in_its_order() {
    let plan = plan(&with(""));
    let profile = amint_harden::profile("marketplace-linux").unwrap();
    let ids: Vec<_> = plan
        .seal
        .steps
        .iter()
        .map(|step| step.id.as_str())
        .collect();
    let expected: Vec<_> = profile.steps.iter().map(|step| step.id).collect();
    assert_eq!(ids, expected);
    assert!(plan.seal.steps.iter().all(|step| step.sha256.len() == 64));
}

#[test]
fn content_is_carried_byte_for_byte_with_its_digest() {
    let plan = plan(&with(
        "steps: [{ file: { from: files/blob.bin, to: /opt/blob } }]\n",
    ));
    let Action::Upload {
        content,
        sha256,
        size,
        ..
    } = &plan.steps[0].actions[0]
    else {
        panic!("an upload")
    };
    assert_eq!(content, b"\0\x01\xff\xfeamint\n");
    assert_eq!(*size, 10);
    assert_eq!(
        sha256,
        "2ceaa294cd7676bac59c8ddc4c28ecb424ac449b20bfc57670bd8514484f62d7"
    );
}

#[test]
fn a_base_image_keeps_its_path() {
    let plan = plan(
        "amint: 1\nname: test\nversion: 1.0.0\nbase:\n  local:\n    image: /srv/base.raw\n    \
         sha256: 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08\n",
    );
    let Base::Image { path, .. } = &plan.base else {
        panic!("an image")
    };
    assert_eq!(path, std::path::Path::new("/srv/base.raw"));
}

#[test]
fn a_recipe_for_aws_alone_has_no_plan_here() {
    let error = resolve(
        &recipe_at("fixtures/recipes/valid/aws-only.yaml"),
        Target::Local,
        BUILD,
    )
    .unwrap_err();
    assert!(matches!(error, PlanError::NoLocalBase));
    assert_eq!(
        error.to_string(),
        "the recipe has no base image for this machine"
    );
    assert!(error.hint().unwrap().contains("local"));
}

#[test]
fn a_build_id_that_is_no_word_is_refused() {
    let error = resolve(&recipe(&with("")), Target::Local, "../escape").unwrap_err();
    assert!(matches!(error, PlanError::Render(_)));
}

#[test]
fn waivers_are_carried_in_order() {
    let plan = plan(&with(
        "waivers:\n  - { rule: MP-SSH-003, reason: why, expires: 2030-01-31 }\n  \
         - { rule: MP-CLEAN-002, path: /home/**, reason: how, expires: 2031-12-01 }\n",
    ));
    let json = serde_json::to_value(&plan).unwrap();
    assert_eq!(
        json["waivers"],
        serde_json::json!([
            { "rule": "MP-SSH-003", "reason": "why", "expires": "2030-01-31" },
            { "rule": "MP-CLEAN-002", "path": "/home/**", "reason": "how", "expires": "2031-12-01" },
        ])
    );
    assert_eq!(serde_json::from_value::<BuildPlan>(json).unwrap(), plan);
}

#[test]
fn a_plan_from_before_there_were_waivers_is_read() {
    let plan = plan(&with(""));
    let json = serde_json::to_string(&plan).unwrap();
    assert!(!json.contains("waivers"));
    assert_eq!(serde_json::from_str::<BuildPlan>(&json).unwrap(), plan);
}

#[test]
fn what_cannot_be_waived_has_no_plan() {
    for (rule, cause) in [
        ("MP-XYZ-001", "there is no rule `MP-XYZ-001`"),
        (
            "AMINT-SEAL-001",
            "the rule `AMINT-SEAL-001` guards the proof itself",
        ),
    ] {
        let waiver = format!("waivers: [{{ rule: {rule}, reason: why, expires: 2030-01-31 }}]\n");
        let error = resolve(&recipe(&with(&waiver)), Target::Local, BUILD).unwrap_err();
        assert_eq!(
            error.to_string(),
            format!("a waiver of `{rule}` cannot be used")
        );
        let source = std::error::Error::source(&error).map(ToString::to_string);
        assert_eq!(source.as_deref(), Some(cause));
        assert!(error.hint().is_some());
    }
}

#[test]
fn several_profiles_are_one_list_once_their_conflicts_are_decided() {
    let both = "seal:\n  profiles: [marketplace-linux, cis-hygiene]\n";
    let error = resolve(&recipe(&with(both)), Target::Local, BUILD).unwrap_err();
    let (text, hint) = (error.to_string(), error.hint().unwrap());
    assert!(
        text.contains("MP-SSH-007") && text.contains("CIS-ACCT-007"),
        "{text}"
    );
    assert!(hint.contains("root-password: cis-hygiene"), "{hint}");
    let decided =
        format!("{both}  choices: {{ root-password: marketplace-linux, logs: cis-hygiene }}\n");
    let plan = resolve(&recipe(&with(&decided)), Target::Local, BUILD).unwrap();
    let has = |id: &str| plan.seal.steps.iter().any(|step| step.id == id);
    assert!(has("lock-root-password") && has("set-file-modes") && !has("clear-logs"));
    let profile = amint_harden::by_reference(&plan.seal.profile).unwrap();
    assert_eq!(profile.reference(), plan.seal.profile);
}
