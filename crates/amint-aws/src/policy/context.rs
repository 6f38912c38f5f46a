//! What the conditions of the policies ask about.

use std::collections::BTreeMap;

use super::PolicyInput;
use super::input::ec2_service;

/// The values that a build's calls will have, for a simulation of them; `tags` are those of what it makes.
pub(crate) fn context(
    input: &PolicyInput,
    tags: &BTreeMap<String, String>,
) -> Vec<(String, String)> {
    let mut values = vec![
        ("aws:RequestedRegion".to_owned(), input.region.clone()),
        ("ec2:CreateAction".to_owned(), "RunInstances".to_owned()),
        (
            "iam:PassedToService".to_owned(),
            ec2_service(&input.region).to_owned(),
        ),
    ];
    if let Some(boundary) = input.boundary() {
        values.push(("iam:PermissionsBoundary".to_owned(), boundary.to_owned()));
    }
    for (key, value) in tags {
        let holders = [
            "aws:RequestTag",
            "aws:ResourceTag",
            "ec2:ResourceTag",
            "ssm:resourceTag",
        ];
        values.extend(holders.map(|holder| (format!("{holder}/{key}"), value.clone())));
    }
    values
}
