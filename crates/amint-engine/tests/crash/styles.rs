//! A build on a machine and one on an account, with all that each can do.

use amint_cloud::sim::{Reply, SimClock, SimCloud, SimOptions};
use amint_cloud::{Placement, ResourceKind};
use amint_plan::{Action, BuildPlan, Secret, SecretSource, Step};

use crate::lab::Lab;
use crate::{build, disk};

/// Of a key that nobody has the other half of.
const KEY: &str = include_str!("../engine/public-key.pem");

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Style {
    Machine,
    Account,
}

pub(crate) const STYLES: [Style; 2] = [Style::Machine, Style::Account];

impl Style {
    /// The build, which nobody has begun. Use it inside of a simulation.
    pub(crate) fn lab(self, folder: &std::path::Path) -> Lab {
        let clock = SimClock::start();
        let mut options = SimOptions::new(disk::small());
        options.account = self == Style::Account;
        options.placements = vec![Placement::default(), Placement::default()];
        let cloud = SimCloud::new(clock, options);
        build::answer(&cloud);
        let mut plan = build::plan(1).expect("there is a profile");
        plan.steps.push(step(
            2,
            Action::Upload {
                to: "/opt/app.conf".to_owned(),
                owner: None,
                group: None,
                mode: 0o644,
                sha256: "e".repeat(64),
                size: 4,
                content: b"a=1\n".to_vec(),
            },
        ));
        plan.steps.push(step(3, Action::Reboot));
        if self == Style::Machine {
            cloud.reply("-key", Reply::exit(0, KEY));
            with_secret(&mut plan);
        }
        if self == Style::Account {
            plan.steps.push(build::large_file(4));
            plan = build::published(plan);
        }
        Lab::new(plan, cloud, clock, folder.join("manifest.json"))
    }

    /// What is there when the build has succeeded.
    pub(crate) fn result(self) -> &'static [ResourceKind] {
        match self {
            Style::Machine => &[ResourceKind::Image],
            // Its copy in another region, and what it was registered from.
            Style::Account => &[
                ResourceKind::Image,
                ResourceKind::Image,
                ResourceKind::Snapshot,
            ],
        }
    }
}

/// Steps on both sides of the reboot read a secret.
fn with_secret(plan: &mut BuildPlan) {
    let source = SecretSource::Environment {
        name: "TOKEN".to_owned(),
    };
    plan.secrets = vec![Secret {
        name: "token".to_owned(),
        source,
    }];
    let script = "login \"$(cat /run/amint/secrets/token)\"".to_owned();
    let login = Action::Run { script };
    plan.steps[0].actions = vec![login.clone()];
    plan.steps.push(step(4, login));
}

fn step(index: usize, action: Action) -> Step {
    Step {
        index,
        name: format!("step {index}"),
        kind: "shell".to_owned(),
        timeout_seconds: 600,
        actions: vec![action],
    }
}
