//! What a builder needs beside itself. Each is found again by its name and its build's tag.
//!
//! - `group`: a security group that lets nothing in. `role`: what the builder may do; `profile` lends it.

mod group;
mod profile;
mod role;

use std::collections::BTreeMap;
use std::time::Duration;

use amint_cloud::{CloudError, ErrorKind, ResourceKind, Result, SupportRequest};
use aws_sdk_iam::types::Tag;

use crate::AwsOptions;
use crate::clients::Clients;
use crate::patience::patiently;
use crate::{names, tags};

pub(crate) use group::DESCRIPTION as GROUP_DESCRIPTION;

/// How many times, a second apart, something is tried with what was made a moment ago.
const LOOKS: u32 = 6;

pub(crate) async fn create(
    clients: &Clients,
    options: &AwsOptions,
    kind: ResourceKind,
    request: &SupportRequest,
) -> Result<String> {
    match kind {
        ResourceKind::SecurityGroup => group::create(clients, request).await,
        ResourceKind::Role => role::create(clients, options, request).await,
        ResourceKind::InstanceProfile => profile::create(clients, options, request).await,
        other => Err(CloudError::other(format!(
            "a {} is not made for a builder",
            other.name()
        ))),
    }
}

/// Does something to what was made in IAM a moment ago.
async fn when_known<T, F>(options: &AwsOptions, what: &str, attempt: impl Fn() -> F) -> Result<T>
where
    F: Future<Output = Result<T>>,
{
    let gap = Duration::from_secs_f64(options.pace);
    let done = patiently(LOOKS, gap, attempt).await?;
    done.ok_or_else(|| {
        let message = format!("the {what} is not known everywhere yet");
        CloudError::new(ErrorKind::AnswerLost, message)
    })
}

/// As IAM has them: without the image's name, which may hold characters that IAM takes in no tag.
fn iam_tags(tags: &BTreeMap<String, String>) -> Result<Vec<Tag>> {
    let tag = |(key, value): (&String, &String)| Tag::builder().key(key).value(value).build();
    let tags = tags.iter().filter(|(key, _)| *key != tags::NAME);
    let tags: std::result::Result<_, _> = tags.map(tag).collect();
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
