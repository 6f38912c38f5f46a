//! The policy for who cleans up.

use serde_json::Value;

use super::PolicyInput;
use super::input::partition;
use super::pipeline::policy;
use super::table::{self, Row};

/// What `amint cleanup` needs, whatever recipes there are and wherever they built: it finds everything that is amint's,
/// and releases what bears a build's tag or is at amint's path in IAM, but no published image. A parameter is not taken
/// back by this, nor are files in a bucket deleted: which those are, only a recipe and a journal say. They are released
/// by the journal, with the recipe's own policy; for files whose journal is lost the bucket needs a lifecycle rule. For
/// all regions of the partition that `region` is in.
pub fn cleanup_document(region: &str) -> Value {
    cleanup_document_in(partition(region))
}

/// The command that prints the policy with this action: most are needed by builds too.
pub(crate) fn printed_by(action: &str) -> &'static str {
    let has = |rows: &[Row]| rows.iter().any(|row| row.actions.contains(&action));
    match has(table::CLEANUP) && !has(table::TABLE) {
        true => "amint iam --cleanup",
        false => "amint iam RECIPE",
    }
}

/// For a partition: `aws`, `aws-cn`, `aws-us-gov`.
fn cleanup_document_in(partition: &str) -> Value {
    // As regions begin there, so that its ARNs are that partition's and mean all of its regions.
    let region = match partition {
        "aws-cn" => "cn-*",
        "aws-us-gov" => "us-gov-*",
        "aws-iso" => "us-iso-*",
        "aws-iso-b" => "us-isob-*",
        "aws-eusc" => "eusc-*",
        _ => "*",
    };
    let input = PolicyInput {
        region: region.to_owned(),
        ..PolicyInput::default()
    };
    policy(table::CLEANUP.iter(), &input)
}
