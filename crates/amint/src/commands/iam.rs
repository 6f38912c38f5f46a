//! `amint iam`: the policies that the recipe's build on AWS needs, and the one that cleaning up needs.

use amint_aws::policy::{self, PolicyInput};
use amint_engine::request;
use amint_event::ExitClass;
use amint_plan::{Machine, Target};
use amint_recipe::PLACEHOLDER_BUILD_ID;

use crate::cli::Iam;
use crate::error::CommandError;
use crate::{output, recipe};

/// A policy is for every build of the recipe: the placeholder stands for a build's id.
pub(super) fn run(arguments: &Iam) -> Result<ExitClass, CommandError> {
    let Some(path) = &arguments.recipe else {
        // Without a recipe there is `--cleanup`.
        output::print_json(&policy::cleanup_document(&arguments.region))?;
        return Ok(ExitClass::Success);
    };
    let variables = &arguments.variables;
    let plan = recipe::plan(path, variables, Some(Target::Aws), PLACEHOLDER_BUILD_ID)?;
    let amint_cloud::Machine::Instance(machine) = request::machine(&plan) else {
        return Err(CommandError::NotForAws { path: path.clone() });
    };
    let Machine::Aws(aws) = &plan.builder.machine else {
        return Err(CommandError::NotForAws { path: path.clone() });
    };
    let documents = policy::documents(&PolicyInput {
        region: aws.region.clone(),
        base: Some(request::base(&plan)),
        machine: *machine,
        publish: request::publication(&plan),
        bucket: aws.bucket.clone(),
        log_group: aws.log_group.clone(),
        ..PolicyInput::default()
    });
    output::print_json(&documents)?;
    Ok(ExitClass::Success)
}
