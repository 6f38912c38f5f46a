//! Plans that are locked to a base image, and images that are as good as what a build would make.

use amint_cloud::sim::{self, Fault, SimClock, SimCloud, SimOptions};
use amint_cloud::{Cloud, ErrorKind, ImageId, PublicState};
use amint_engine::{AskError, Asking, CallError, Cancel};
use amint_event::ExitClass;
use amint_plan::{Base, BuildPlan, LockedBase};

use crate::support::{Simulation, full_plan, published_plan, sealed};

fn locked(plan: BuildPlan, id: &str) -> BuildPlan {
    plan.locked_to(LockedBase {
        id: id.to_owned(),
        name: "debian-bookworm".to_owned(),
        owner: None,
        created: None,
    })
}

#[test]
fn a_build_starts_from_the_image_that_it_is_locked_to_or_not_at_all() {
    let simulated = Simulation::new(locked(full_plan(), "sim-debian-bookworm")).run();
    assert_eq!(
        simulated.exit(),
        ExitClass::Success,
        "{}",
        simulated.chain()
    );
    let simulated = Simulation::new(locked(full_plan(), "sim-debian-trixie")).run();
    assert_eq!(simulated.exit(), ExitClass::Recipe, "{}", simulated.chain());
    let said = simulated.chain();
    assert!(
        said.contains(
            "the lock file binds to the base image debian-bookworm (sim-debian-trixie), and there is \
             debian-bookworm (sim-debian-bookworm)"
        ),
        "{said}"
    );
    assert!(
        !simulated.calls.contains(&"launch"),
        "{:?}",
        simulated.calls
    );
}

#[test]
fn a_locked_image_that_is_gone_is_told_as_such() {
    let plan = locked(full_plan(), "sim-debian-bookworm");
    let missing = Fault::FailBefore(ErrorKind::NotFound);
    let simulated = Simulation::new(plan)
        .fault_always("find_base", missing)
        .run();
    let said = simulated.chain();
    assert_eq!(simulated.exit(), ExitClass::NotFound, "{said}");
    assert!(
        said.contains("the base image sim-debian-bookworm of the lock file is gone"),
        "{said}"
    );
}

#[test]
fn image_and_manifest_bear_the_fingerprint() {
    let plan = published_plan();
    let expected = plan.fingerprint("sim-debian-bookworm");
    let simulated = Simulation::on_account(plan).run();
    assert_eq!(simulated.publicity.len(), 2);
    for publicity in simulated.publicity.values() {
        assert_eq!(publicity.fingerprint.as_ref(), Some(&expected));
    }
    let manifest = std::fs::read(&simulated.manifest_path).unwrap();
    let manifest: serde_json::Value = serde_json::from_slice(&manifest).unwrap();
    assert_eq!(manifest["fingerprint"], expected);
    assert_eq!(manifest["plan"], "d".repeat(64));
}

/// A cloud on which nothing goes wrong, and what is asked of it.
fn ask<T>(work: impl AsyncFnOnce(&SimCloud, Asking<'_>) -> T) -> (T, Vec<&'static str>) {
    sim::run(async {
        let clock = SimClock::start();
        let cloud = SimCloud::new(clock, SimOptions::new(sealed()));
        let cancel = Cancel::new();
        let answer = work(&cloud, Asking::new(&cloud, &clock, &cancel)).await;
        (answer, cloud.calls())
    })
    .expect("a runtime")
}

#[test]
fn only_a_base_image_that_the_plan_does_not_tell_is_asked_for() {
    let open = full_plan();
    let fingerprint = open.fingerprint("sim-debian-bookworm");
    let literal = BuildPlan {
        base: Base::AwsId {
            id: "ami-1".to_owned(),
        },
        ..full_plan()
    };
    for (plan, expected, calls) in [
        (
            locked(full_plan(), "sim-debian-bookworm"),
            &fingerprint,
            &[][..],
        ),
        (open.clone(), &fingerprint, &["find_base"]),
        (literal, &open.fingerprint("ami-1"), &[]),
    ] {
        let (answer, asked) = ask(async |_, asking| asking.fingerprint(&plan).await.unwrap());
        assert_eq!((&answer, asked.as_slice()), (expected, calls));
    }
}

#[test]
fn an_image_that_is_gone_is_not_current() {
    let (found, calls) = ask(async |cloud, asking| {
        let current = async || asking.current("f1").await.unwrap().is_some();
        let image = ImageId("nowhere".to_owned());
        let published = cloud.set_state(&image, PublicState::Published, "f1").await;
        published.unwrap();
        // It is said to be, and is not there.
        current().await
    });
    assert_eq!((found, calls), (false, vec!["set_state", "current_image"]));
}

#[test]
fn a_question_is_asked_again_when_the_cloud_has_too_many() {
    let (answer, calls) = ask(async |cloud, asking| {
        cloud.fail("current_image", 1, Fault::FailBefore(ErrorKind::Throttled));
        asking.current("f1").await
    });
    assert!(answer.unwrap().is_none());
    assert_eq!(calls, ["current_image", "current_image"]);
    let (answer, _) = ask(async |cloud, asking| {
        let denied = ErrorKind::Denied { action: None };
        cloud.fail_always("current_image", Fault::FailBefore(denied));
        asking.current("f1").await
    });
    let error = answer.unwrap_err();
    assert_eq!(error.to_string(), "cannot look for a current image");
    let AskError::Call {
        source: CallError::Cloud(error),
        ..
    } = error
    else {
        panic!("{error:?}")
    };
    assert_eq!(error.kind, ErrorKind::Denied { action: None });
}
