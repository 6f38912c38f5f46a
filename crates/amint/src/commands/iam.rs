//! `amint iam`: the policies that the recipe's build on AWS needs, and the one that cleaning up needs.

use std::path::Path;

use amint_aws::policy::{self, IamDocuments, PolicyInput};
use amint_engine::request;
use amint_event::ExitClass;
use amint_plan::{BuildPlan, Machine, Target};
use amint_recipe::PLACEHOLDER_BUILD_ID;

use crate::cli::Iam;
use crate::error::CommandError;
use crate::{output, recipe};

/// A policy is for every build of the recipe, in all cells of its matrix: the placeholder stands for a build's id.
pub(super) fn run(arguments: &Iam) -> Result<ExitClass, CommandError> {
    let Some(path) = &arguments.recipe else {
        // Without a recipe there is `--cleanup`.
        output::print_json(&policy::cleanup_document(&arguments.region))?;
        return Ok(ExitClass::Success);
    };
    let variables = &arguments.variables;
    let plans = recipe::plans(path, variables, Some(Target::Aws), PLACEHOLDER_BUILD_ID)?;
    let all = plans.iter().map(|plan| documents(path, plan));
    let all = all.collect::<Result<Vec<_>, _>>()?;
    let Some(documents) = policy::union(all) else {
        return Err(CommandError::PoliciesDiffer { path: path.clone() });
    };
    output::print_json(&documents)?;
    Ok(ExitClass::Success)
}

/// The policies of one image.
fn documents(path: &Path, plan: &BuildPlan) -> Result<IamDocuments, CommandError> {
    let input = input(plan).ok_or_else(|| CommandError::NotForAws {
        path: path.to_owned(),
    })?;
    Ok(policy::documents(&input))
}

/// What the policies of the plan's builds depend on; nothing when they are not on AWS.
pub(super) fn input(plan: &BuildPlan) -> Option<PolicyInput> {
    let amint_cloud::Machine::Instance(machine) = request::machine(plan) else {
        return None;
    };
    let Machine::Aws(aws) = &plan.builder.machine else {
        return None;
    };
    Some(PolicyInput {
        region: aws.region.clone(),
        base: Some(request::base(plan)),
        machine: *machine,
        publish: request::publication(plan),
        secrets: request::secrets(plan),
        bucket: aws.bucket.clone(),
        log_group: aws.log_group.clone(),
        ..PolicyInput::default()
    })
}
