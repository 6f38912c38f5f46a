//! What a builder needs beside itself. Each is found again by its name and its build's tag.
//!
//! - `group`: a security group that lets nothing in. `role`: what the builder may do; `profile` lends it.

mod group;
mod profile;
mod role;

use std::collections::BTreeMap;

use amint_cloud::{CloudError, ErrorKind, ResourceKind, Result, SupportRequest};
use aws_sdk_iam::types::Tag;

use crate::AwsOptions;
use crate::clients::Clients;
use crate::{names, tags};

pub(crate) async fn create(
    clients: &Clients,
    options: &AwsOptions,
    kind: ResourceKind,
    request: &SupportRequest,
) -> Result<String> {
    match kind {
        ResourceKind::SecurityGroup => group::create(clients, request).await,
        ResourceKind::Role => role::create(clients, options, request).await,
        ResourceKind::InstanceProfile => profile::create(clients, request).await,
        other => Err(CloudError::other(format!(
            "a {} is not made for a builder",
            other.name()
        ))),
    }
}

/// As IAM has them.
fn iam_tags(tags: &BTreeMap<String, String>) -> Result<Vec<Tag>> {
    let tag = |(key, value): (&String, &String)| Tag::builder().key(key).value(value).build();
    let tags: std::result::Result<_, _> = tags.iter().map(tag).collect();
    tags.map_err(|error| CloudError::other("the tags are not complete").caused_by(error))
}

/// Whether something of IAM's is the build's own.
fn is_ours(path: &str, tags: &[Tag], build: &str) -> bool {
    let tag = |tag: &Tag| tag.key() == tags::BUILD && tag.value() == build;
    path == names::IAM_PATH && tags.iter().any(tag)
}

fn taken(kind: &str, name: &str) -> CloudError {
    CloudError::new(
        ErrorKind::Conflict,
        format!("the {kind} {name} exists and is not this build's"),
    )
    .hint("rename or delete it, or start a new build, which has another name")
}
