//! How long a build will take.
//!
//! The table below is of assumptions, not of measurements: nobody has run these builds on AWS yet. The delays of EC2 (an
//! instance that starts, stops, becomes an image) are of the order that AWS documents and that `scripts/bench aws` injects;
//! that script prints what amint adds to them, and `scripts/bench local` what each phase takes on this computer.
//! Whoever has measured a build changes the table.

use serde::Serialize;

use crate::machine::Machine;
use crate::plan::{BuildPlan, Step};

/// How long a part of a build is assumed to take.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct PhaseMinutes {
    /// The phase, as events name it.
    pub phase: &'static str,
    /// Minutes.
    pub minutes: f64,
}

/// Minutes of each phase on AWS, and on this computer with a saved machine. Those of `customize` are by step.
const PHASES: [(&str, f64, f64); 9] = [
    ("preflight", 0.2, 0.0),
    ("launch", 0.5, 0.05),
    ("connect", 1.0, 0.05),
    ("check", 0.2, 0.05),
    ("seal", 1.0, 0.1),
    ("capture", 4.0, 0.0),
    ("scrub", 1.5, 0.05),
    ("inspect", 1.5, 0.1),
    ("publish", 0.2, 0.0),
];

/// Minutes of a step on AWS and on this computer, by its kind. A script may do anything: it is taken for a short one.
const STEPS: [(&str, f64, f64); 6] = [
    ("file", 0.05, 0.01),
    ("shell", 0.5, 0.05),
    ("install-packages", 0.7, 0.7),
    ("upgrade-packages", 2.0, 2.0),
    ("reboot", 0.8, 0.8),
    ("first-boot-secret", 0.1, 0.03),
];

/// Copies to other Regions are made side by side.
const COPIES: f64 = 6.0;

/// What a build by this plan is assumed to take, phase by phase.
pub fn minutes(plan: &BuildPlan) -> Vec<PhaseMinutes> {
    let on_aws = matches!(plan.builder.machine, Machine::Aws(_));
    let mut all = Vec::new();
    for (phase, aws, local) in PHASES {
        let mut minutes = if on_aws { aws } else { local };
        if phase == "publish" && !plan.image.publish.copy_to.is_empty() {
            minutes += COPIES;
        }
        all.push(PhaseMinutes { phase, minutes });
        if phase == "connect" {
            let minutes = plan.steps.iter().map(|one| step(one, on_aws)).sum();
            let phase = "customize";
            all.push(PhaseMinutes { phase, minutes });
        }
    }
    all
}

fn step(step: &Step, on_aws: bool) -> f64 {
    let known = STEPS.iter().find(|(kind, ..)| *kind == step.kind);
    let most = to_minutes(step.timeout_seconds);
    known.map_or(most, |(_, aws, local)| {
        most.min(if on_aws { *aws } else { *local })
    })
}

fn to_minutes(seconds: u64) -> f64 {
    std::time::Duration::from_secs(seconds).as_secs_f64() / 60.0
}

/// All of it together, in minutes.
pub fn total_minutes(phases: &[PhaseMinutes]) -> f64 {
    phases.iter().map(|one| one.minutes).sum()
}

/// For how long the builder is there, in minutes: from its launch to the end of its capture.
pub(super) fn of_builder(phases: &[PhaseMinutes]) -> f64 {
    let without = ["preflight", "scrub", "inspect", "publish"];
    let held = phases.iter().filter(|one| !without.contains(&one.phase));
    held.map(|one| one.minutes).sum()
}
