//! `amint iam`: the policies that the recipe's build on AWS needs.

use amint_event::ExitClass;

use crate::cli::Iam;
use crate::error::CommandError;

pub(super) fn run(_arguments: &Iam) -> Result<ExitClass, CommandError> {
    Ok(ExitClass::Success)
}
