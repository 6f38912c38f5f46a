//! The clouds that builds run on. Builds in one region of an account share its look-ups and its limits.

use amint_cloud::Cloud;
use amint_local::{LocalCloud, LocalOptions};
use amint_plan::{BuildPlan, Machine};
#[cfg(feature = "aws")]
use {
    amint_aws::{AwsCloud, AwsOptions},
    amint_plan::AwsMachine,
    std::collections::BTreeMap,
    tokio::sync::Mutex,
};

use crate::builds::Request;
use crate::error::CommandError;
use crate::folders;

/// Hands out clouds.
#[derive(Default)]
pub(crate) struct Clouds {
    #[cfg(feature = "aws")]
    regions: Mutex<BTreeMap<String, AwsCloud>>,
}

impl Clouds {
    /// The cloud that the plan is for. Nothing is asked yet.
    pub(crate) async fn of(
        &self,
        plan: &BuildPlan,
        request: &Request,
    ) -> Result<Box<dyn Cloud>, CommandError> {
        match &plan.builder.machine {
            Machine::Local(_) => Ok(Box::new(local(request)?)),
            #[cfg(feature = "aws")]
            Machine::Aws(machine) => Ok(Box::new(self.aws(machine, plan).await?)),
            #[cfg(not(feature = "aws"))]
            Machine::Aws(_) => Err(CommandError::WithoutAws),
        }
    }

    /// The cloud that the plan is for, for questions only: nothing of this computer is needed.
    pub(crate) async fn to_ask(&self, plan: &BuildPlan) -> Result<Box<dyn Cloud>, CommandError> {
        match &plan.builder.machine {
            Machine::Local(_) => Ok(Box::new(LocalCloud::new(LocalOptions::default()))),
            #[cfg(feature = "aws")]
            Machine::Aws(machine) => Ok(Box::new(self.aws(machine, plan).await?)),
            #[cfg(not(feature = "aws"))]
            Machine::Aws(_) => Err(CommandError::WithoutAws),
        }
    }

    #[cfg(feature = "aws")]
    async fn aws(&self, machine: &AwsMachine, plan: &BuildPlan) -> Result<AwsCloud, CommandError> {
        let options = AwsOptions {
            bucket: machine.bucket.clone(),
            copy_regions: plan.image.publish.copy_to.clone(),
            log_group: machine.log_group.clone(),
            pace: pace()?,
            ..AwsOptions::new(&machine.region)
        };
        let mut regions = self.regions.lock().await;
        let cloud = match regions.get(&machine.region) {
            Some(cloud) => cloud,
            None => {
                let cloud = AwsCloud::new(options.clone()).await;
                regions.entry(machine.region.clone()).or_insert(cloud)
            }
        };
        Ok(cloud.for_build(options))
    }
}

/// This computer.
pub(crate) fn local(request: &Request) -> Result<LocalCloud, CommandError> {
    Ok(LocalCloud::new(LocalOptions {
        cache_dir: folders::cache()?,
        runtime_dir: folders::runtime()?,
        output_dir: request.output.clone(),
        cold: request.cold,
        overwrite: request.force,
    }))
}

/// The whole account, seen from one region.
#[cfg(feature = "aws")]
pub(crate) async fn account(region: &str) -> Result<AwsCloud, CommandError> {
    let options = AwsOptions {
        pace: pace()?,
        ..AwsOptions::new(region)
    };
    Ok(AwsCloud::new(options).await)
}

/// What every wait between two questions is multiplied with: less than 1 for an emulator of AWS, which needs no patience.
#[cfg(feature = "aws")]
fn pace() -> Result<f64, CommandError> {
    let Some(value) = std::env::var_os("AMINT_PACE") else {
        return Ok(1.0);
    };
    let number = value.to_str().and_then(|text| text.parse::<f64>().ok());
    match number {
        Some(pace) if (0.001..=100.0).contains(&pace) => Ok(pace),
        _ => Err(CommandError::Pace(value)),
    }
}
