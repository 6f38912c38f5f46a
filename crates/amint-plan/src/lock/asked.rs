//! What a recipe asks for as its base image, in one line: an answer is only good for the question.

use crate::machine::Machine;
use crate::plan::{Base, BuildPlan};

/// In the recipe's words, with the Region on AWS: the same name means another image elsewhere.
pub(crate) fn asked(plan: &BuildPlan) -> String {
    let what = match &plan.base {
        Base::Debian { release } => format!("debian {release}"),
        // Where it lies differs from one computer to the next; its digest does not.
        Base::Image { sha256, .. } => format!("image sha256:{sha256}"),
        Base::AwsId { id } => format!("id {id}"),
        Base::AwsParameter { name } => format!("ssm-parameter {name}"),
        Base::AwsNewest { owner, name } => format!("newest {name} of {owner}"),
    };
    match &plan.builder.machine {
        Machine::Local(_) => what,
        Machine::Aws(machine) => format!("{what} in {}", machine.region),
    }
}

/// The key of a plan in the lock file: where it builds, and the cell of the recipe's matrix, as in
/// `aws, architecture=arm64`. A recipe has one plan for each.
pub(crate) fn key(plan: &BuildPlan) -> String {
    let target = match &plan.builder.machine {
        Machine::Local(_) => "local",
        Machine::Aws(_) => "aws",
    };
    let cell = plan.matrix.iter();
    let cell: String = cell
        .map(|(axis, value)| format!(", {axis}={value}"))
        .collect();
    format!("{target}{cell}")
}
