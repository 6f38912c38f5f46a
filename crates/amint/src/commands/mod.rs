//! One command a file. Each returns the class of its exit code, or an error that is shown once.

mod build;
mod builds;
mod cleanup;
mod diff;
pub(crate) mod explain;
#[cfg(feature = "aws")]
mod iam;
pub(crate) mod init;
mod inspect;
mod lock;
mod plan;
mod resume;
mod schema;
mod steps;
mod validate;

use amint_event::ExitClass;

use crate::cli::{Arguments, Command};
use crate::error::CommandError;

/// Does what the arguments ask for.
pub(crate) fn run(arguments: Arguments) -> Result<ExitClass, CommandError> {
    match arguments.command {
        Command::Init(init) => init::run(&init),
        Command::Validate(validate) => validate::run(&validate),
        Command::Plan(plan) => plan::run(&plan),
        Command::Lock(lock) => lock::run(&lock),
        Command::Diff(diff) => diff::run(&diff),
        Command::Build(build) => build::run(&build, arguments.verbose),
        Command::Resume(resume) => resume::run(&resume, arguments.verbose),
        Command::Cleanup(cleanup) => cleanup::run(&cleanup),
        Command::Builds(builds) => builds::run(&builds),
        #[cfg(feature = "aws")]
        Command::Iam(iam) => iam::run(&iam),
        Command::Inspect(inspect) => inspect::run(&inspect),
        Command::Explain(explain) => explain::run(&explain),
        Command::Steps(steps) => steps::run(&steps),
        Command::Schema(schema) => schema::run(&schema),
    }
}
