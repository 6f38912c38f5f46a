//! Questions about many things at once. By filter, not by id: an unknown id fails a whole question.

use std::collections::HashMap;

use amint_cloud::{BuilderState, ImageState, Result};
use aws_sdk_ec2::types::Filter;
use aws_sdk_ssm::types::{InstanceInformationStringFilter, PingStatus};

use crate::error::Explain;
use crate::watch::batch::Found;
use crate::watch::state;

/// The most values of a filter that EC2 takes (Filtering in the EC2 API reference: 200).
const FILTER: usize = 200;
/// The most values of a filter that DescribeInstanceInformation takes (SSM API reference: 100).
const AGENTS: usize = 100;

/// What is known about an image.
#[derive(Clone, Debug)]
pub(super) struct Seen {
    pub(super) state: ImageState,
    /// The snapshots that it consists of, as far as it names them.
    pub(super) snapshots: Vec<String>,
}

fn filter(name: &str, ids: &[String]) -> Filter {
    Filter::builder()
        .name(name)
        .set_values(Some(ids.to_vec()))
        .build()
}

pub(super) async fn builders(
    ec2: aws_sdk_ec2::Client,
    ids: Vec<String>,
) -> Result<Found<BuilderState>> {
    let mut found = HashMap::new();
    for ids in ids.chunks(FILTER) {
        let mut token = None;
        loop {
            let ask = ec2
                .describe_instances()
                .filters(filter("instance-id", ids))
                .set_next_token(token);
            let answer = ask.send().await.explain("ec2:DescribeInstances")?;
            for instance in answer.reservations().iter().flat_map(|r| r.instances()) {
                let name = instance.state().and_then(|state| state.name());
                if let Some(id) = instance.instance_id() {
                    found.insert(id.to_owned(), state::builder(name));
                }
            }
            token = answer.next_token.filter(|token| !token.is_empty());
            if token.is_none() {
                break;
            }
        }
    }
    Ok(found)
}

pub(super) async fn agents(ssm: aws_sdk_ssm::Client, ids: Vec<String>) -> Result<Found<bool>> {
    let mut found = HashMap::new();
    for ids in ids.chunks(AGENTS) {
        let filter = InstanceInformationStringFilter::builder()
            .key("InstanceIds")
            .set_values(Some(ids.to_vec()))
            .build()
            .map_err(|error| amint_cloud::CloudError::other(error.to_string()))?;
        let mut token = None;
        loop {
            let ask = ssm
                .describe_instance_information()
                .filters(filter.clone())
                .max_results(50)
                .set_next_token(token);
            let answer = ask.send().await;
            let answer = answer.explain("ssm:DescribeInstanceInformation")?;
            for agent in answer.instance_information_list() {
                if let Some(id) = agent.instance_id() {
                    let online = agent.ping_status() == Some(&PingStatus::Online);
                    found.insert(id.to_owned(), online);
                }
            }
            token = answer.next_token.filter(|token| !token.is_empty());
            if token.is_none() {
                break;
            }
        }
    }
    Ok(found)
}

pub(super) async fn images(ec2: aws_sdk_ec2::Client, ids: Vec<String>) -> Result<Found<Seen>> {
    let mut found = HashMap::new();
    for ids in ids.chunks(FILTER) {
        let ask = ec2.describe_images().filters(filter("image-id", ids));
        let ask = ask.include_deprecated(true);
        let mut pages = ask.into_paginator().send();
        while let Some(answer) = pages.next().await {
            let answer = answer.explain("ec2:DescribeImages")?;
            for image in answer.images() {
                let mappings = image.block_device_mappings().iter();
                let snapshots = mappings.filter_map(|mapping| mapping.ebs()?.snapshot_id());
                let seen = Seen {
                    state: state::image(image),
                    snapshots: snapshots.map(str::to_owned).collect(),
                };
                if let Some(id) = image.image_id() {
                    found.insert(id.to_owned(), seen);
                }
            }
        }
    }
    Ok(found)
}

pub(super) async fn snapshots(
    ec2: aws_sdk_ec2::Client,
    ids: Vec<String>,
) -> Result<Found<ImageState>> {
    let mut found = HashMap::new();
    for ids in ids.chunks(FILTER) {
        let ask = ec2.describe_snapshots().filters(filter("snapshot-id", ids));
        let mut pages = ask.into_paginator().send();
        while let Some(answer) = pages.next().await {
            let answer = answer.explain("ec2:DescribeSnapshots")?;
            for snapshot in answer.snapshots() {
                if let Some(id) = snapshot.snapshot_id() {
                    found.insert(id.to_owned(), state::snapshot(snapshot));
                }
            }
        }
    }
    Ok(found)
}
