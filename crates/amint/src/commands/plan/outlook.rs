//! What a plan leads to: which base image it means today, what it makes, what that takes.

use std::time::Duration;

use amint_cloud::{BaseImage, SystemClock};
use amint_engine::{Asking, Cancel};
use amint_plan::forecast::{self, Cost, PhaseMinutes, Resource};
use amint_plan::lock::{LockedBase, Moved};
use amint_plan::{BuildPlan, Machine};
use amint_recipe::Recipe;
use serde::Serialize;

use crate::clouds::Clouds;
use crate::error::{self, CommandError};
use crate::locks::Bound;

/// How long a cloud may take to say which image the base image is: a plan is worth having without.
const PATIENCE: Duration = Duration::from_secs(5);

/// Everything that is told of a plan beside itself.
#[derive(Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(super) struct Outlook {
    /// What the lock file is good for.
    pub(super) lock: Lock,
    /// The base image that a build would start from, where that is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) base_image: Option<LockedBase>,
    /// Why it is not known, or whether it is still what the lock file says is not.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) not_resolved: Option<String>,
    /// What all images have in common that are as good as the one that would be made.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) fingerprint: Option<String>,
    /// What a build makes.
    pub(super) resources: Vec<Resource>,
    /// The IAM actions that it needs.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) permissions: Vec<&'static str>,
    /// How long each phase is assumed to take.
    pub(super) phases: Vec<PhaseMinutes>,
    /// The sum of that.
    pub(super) minutes: f64,
    /// What it costs, on AWS.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) cost: Option<Cost>,
}

/// What the lock file is good for.
#[derive(Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(super) struct Lock {
    /// Whether there is one.
    pub(super) present: bool,
    /// What is not any more as it says.
    pub(super) moved: Vec<Moved>,
    /// The same in words.
    pub(super) messages: Vec<String>,
}

/// The recipe's plan as a build would go by it, and what it leads to.
pub(super) fn of(
    recipe: &Recipe,
    plan: BuildPlan,
    offline: bool,
) -> Result<(BuildPlan, Outlook), CommandError> {
    let (plan, moved) = match Bound::read(recipe, plan.clone())? {
        Some(bound) => (bound.plan, Some(bound.moved)),
        None => (plan, None),
    };
    let (found, not_resolved) = match look(&plan, offline)? {
        Ok(found) => (Some(found), None),
        Err(why) => (None, Some(why)),
    };
    let base_gib = found.as_ref().and_then(|found| found.disk_gib);
    let base_image = found.as_ref().map(amint_engine::identity);
    let base_image = base_image.or_else(|| plan.locked.clone());
    let id = base_image.as_ref().map(|base| base.id.as_str());
    let fingerprint = id.or(plan.known_base()).map(|id| plan.fingerprint(id));
    let phases = forecast::minutes(&plan);
    let messages = moved.iter().flatten().map(ToString::to_string);
    let outlook = Outlook {
        lock: Lock {
            present: moved.is_some(),
            messages: messages.collect(),
            moved: moved.unwrap_or_default(),
        },
        base_image,
        not_resolved,
        fingerprint,
        resources: forecast::resources(&plan),
        permissions: permissions(&plan),
        minutes: forecast::total_minutes(&phases),
        cost: forecast::cost(&plan, &phases, base_gib),
        phases,
    };
    Ok((plan, outlook))
}

/// The base image as its cloud knows it, or why that is not known.
fn look(plan: &BuildPlan, offline: bool) -> Result<Result<BaseImage, String>, CommandError> {
    if offline && matches!(plan.builder.machine, Machine::Aws(_)) {
        return Ok(Err("nobody was asked (--offline)".to_owned()));
    }
    let runtime = tokio::runtime::Runtime::new()
        .map_err(|error| CommandError::System("start the asynchronous runtime", error))?;
    Ok(runtime.block_on(async {
        let look = async {
            let cloud = Clouds::default().to_ask(plan).await?;
            let (clock, cancel) = (SystemClock::default(), Cancel::new());
            let found = Asking::new(cloud.as_ref(), &clock, &cancel)
                .base(plan)
                .await;
            Ok::<_, CommandError>(found?)
        };
        match tokio::time::timeout(PATIENCE, look).await {
            Ok(found) => found.map_err(|error| error::one_line(&error)),
            Err(_) => Err(format!("no answer within {} s", PATIENCE.as_secs())),
        }
    }))
}

#[cfg(feature = "aws")]
fn permissions(plan: &BuildPlan) -> Vec<&'static str> {
    let input = crate::commands::iam::input(plan);
    input.map_or_else(Vec::new, |input| amint_aws::policy::actions(&input))
}

/// The table is the AWS adapter's, which this program was built without.
#[cfg(not(feature = "aws"))]
fn permissions(_: &BuildPlan) -> Vec<&'static str> {
    Vec::new()
}
